//! What do findings in images add to the patient line? Lesions and response of the newest exam; nothing is ranked by them.

use concilium_case::{Case, FindingKind, ImagingFinding};

fn day(finding: &ImagingFinding) -> String {
    let day = finding.meta.when.as_ref().map_or("undated", |when| when.day_text());
    let confirmed = if finding.confirmed { "" } else { ", not confirmed by a person" };
    format!("{day}{confirmed}")
}

/// `measured in images (2026-05-26, not confirmed by a person): L1 lung 37.5 mm, N1 liver 17.5 mm (new)`.
pub fn lesions(case: &Case) -> Option<String> {
    let newest = case.facts.newest_images();
    let there = |finding: &&&ImagingFinding| {
        finding.kind == FindingKind::LongestDiameter
            && finding.value.as_ref().is_some_and(|size| size.value > 0.0)
    };
    let mut found: Vec<&ImagingFinding> = newest.iter().filter(there).copied().collect();
    found.sort_by(|a, b| (&a.lesion, &a.meta.id).cmp(&(&b.lesion, &b.meta.id)));
    let words = |finding: &&ImagingFinding| {
        let size =
            finding.value.as_ref().map(|size| format!("{} {}", size.text, size.unit)).unwrap_or_default();
        let named = [finding.lesion.as_deref(), finding.site.as_deref(), Some(size.as_str())];
        let new = if finding.role.as_deref() == Some("new") { " (new)" } else { "" };
        named.into_iter().flatten().collect::<Vec<_>>().join(" ") + new
    };
    let sizes: Vec<String> = found.iter().map(words).collect();
    let first = found.first()?;
    Some(format!("measured in images ({}): {}", day(first), sizes.join(", ")))
}

/// Sites of lesions of the newest exam.
pub fn sites(case: &Case) -> Vec<String> {
    case.facts.newest_images().iter().filter_map(|finding| finding.site.clone()).collect()
}

/// `RECIST 1.1 by measurement: PD (2026-05-26, not confirmed by a person)`: preliminary responses; a confirmed one
/// is a statement of disease status.
pub fn responses(case: &Case) -> Vec<String> {
    let newest = case.facts.newest_images();
    let of = |finding: &&&ImagingFinding| finding.kind == FindingKind::Response && !finding.confirmed;
    let words = |finding: &&ImagingFinding| {
        let (role, text) = (finding.role.as_deref()?, finding.text.as_deref()?);
        Some(format!("{role} by measurement: {text} ({})", day(finding)))
    };
    let mut found: Vec<&ImagingFinding> = newest.iter().filter(of).copied().collect();
    found.sort_by_key(|finding| (finding.role.as_deref() != Some("RECIST 1.1"), finding.role.clone()));
    found.iter().filter_map(words).collect()
}
