//! Which downloads lie in a folder? Files are recognised by their names, as the sources publish them.

use crate::error::{Error, Result, io};
use std::path::{Path, PathBuf};

/// Downloads of one release. Only the evidence table and its companions are needed; the rest is used when present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourcePaths {
    /// `…ClinicalEvidenceSummaries.tsv`
    pub evidence: Option<PathBuf>,
    /// `…MolecularProfileSummaries.tsv`; absent in the 2021 layout.
    pub profiles: Option<PathBuf>,
    /// `…VariantSummaries.tsv`; absent in the 2021 layout.
    pub variants: Option<PathBuf>,
    /// `…AssertionSummaries.tsv`
    pub assertions: Option<PathBuf>,
    /// `DO_cancer_slim.obo`, `NCIthesaurus.obo`; the first names the terms.
    pub ontologies: Vec<PathBuf>,
    /// `oncotree….json`
    pub oncotree: Option<PathBuf>,
    /// `human_protein_coding_genes….tsv`
    pub genes: Option<PathBuf>,
    /// `…_translation.json`
    pub definitions: Vec<PathBuf>,
    /// `phenotype/….json`
    pub phenotypes: Vec<PathBuf>,
}

impl SourcePaths {
    /// Searches `folder` and below. With several CIViC folders the one with profile tables is taken, then the last
    /// by name.
    ///
    /// # Errors
    /// An unreadable folder, or no CIViC evidence table in it.
    pub fn find(folder: &Path) -> Result<SourcePaths> {
        let files = files_below(folder)?;
        let ends = |suffix: &str| {
            files.iter().filter(|file| name(file).ends_with(suffix)).cloned().collect::<Vec<_>>()
        };
        let starts =
            |prefix: &str, suffix: &str| ends(suffix).into_iter().find(|file| name(file).starts_with(prefix));
        let evidence =
            newest_evidence(ends("ClinicalEvidenceSummaries.tsv")).ok_or_else(|| Error::MissingFile {
                folder: folder.display().to_string(),
                wanted: "…ClinicalEvidenceSummaries.tsv".to_owned(),
                remedy: "download a CIViC release (https://civicdb.org/releases)".to_owned(),
            })?;
        let beside = |suffix: &str| sibling(&evidence, suffix, &files);
        Ok(SourcePaths {
            profiles: beside("MolecularProfileSummaries.tsv"),
            variants: beside("-VariantSummaries.tsv"),
            assertions: beside("AssertionSummaries.tsv"),
            ontologies: ["DO_cancer_slim.obo", "NCIthesaurus.obo"].iter().flat_map(|n| ends(n)).collect(),
            oncotree: starts("oncotree", ".json"),
            genes: starts("human_protein_coding_genes", ".tsv"),
            definitions: ends("_translation.json"),
            phenotypes: ends(".json").into_iter().filter(|file| folder_name(file) == "phenotype").collect(),
            evidence: Some(evidence),
        })
    }
}

fn newest_evidence(mut files: Vec<PathBuf>) -> Option<PathBuf> {
    let has_profiles = |file: &PathBuf| {
        let folder = file.parent().and_then(|folder| std::fs::read_dir(folder).ok());
        let names =
            folder.into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.into_iter().any(|name| name.ends_with("MolecularProfileSummaries.tsv"))
    };
    files.sort_by_cached_key(|file| (has_profiles(file), file.clone()));
    files.pop()
}

fn sibling(of: &Path, suffix: &str, files: &[PathBuf]) -> Option<PathBuf> {
    files.iter().find(|file| file.parent() == of.parent() && name(file).ends_with(suffix)).cloned()
}

/// File name as text; empty when it is not UTF-8.
pub(crate) fn name(file: &Path) -> &str {
    file.file_name().and_then(|name| name.to_str()).unwrap_or("")
}

fn folder_name(file: &Path) -> &str {
    file.parent().map(name).unwrap_or("")
}

/// All files below a folder, sorted.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = vec![];
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).map_err(io(folder.display()))? {
            let path = entry.map_err(io(folder.display()))?.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}
