//! Which facts are one test told twice?
//!
//! Same specimen and same change is one result whoever states it (clinical rules, section 7); a business identifier
//! deduplicates. Everything that states it stays in `sources`.

use concilium_case::{Alteration, AlterationKind, Facts, Meta, Presence, Retracted};
use std::collections::BTreeSet;

/// Merges alterations of one specimen and drops repeats of one business identifier.
pub fn merge(facts: &mut Facts) -> Vec<Retracted> {
    let mut out = Vec::new();
    macro_rules! dedup { ($($field:ident),*) => { $(
        facts.$field.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
        let mut seen = BTreeSet::new();
        facts.$field.retain(|fact| keep_once(&fact.meta, stringify!($field), &mut seen, &mut out));
    )* } }
    dedup!(
        conditions,
        stages,
        performance,
        regions,
        markers,
        pharmacogenes,
        labs,
        medications,
        responses,
        procedures
    );
    name_specimens(facts);
    facts.alterations = merge_alterations(std::mem::take(&mut facts.alterations));
    out
}

/// VCF and MAF name their specimen by sample; the bundle's specimen of that id gives its full id and collection day.
fn name_specimens(facts: &mut Facts) {
    for alteration in &mut facts.alterations {
        let Some(given) = alteration.specimen.as_deref() else { continue };
        if let Some(row) = facts.specimens.iter().find(|s| bare(&s.meta.id) == bare(given)) {
            alteration.specimen = Some(row.meta.id.clone());
            alteration.meta.when = alteration.meta.when.take().or_else(|| row.meta.when.clone());
        } else if !given.starts_with("Specimen/") {
            // A sample name that no record explains says nothing of where it was taken.
            alteration.specimen = None;
        }
    }
}

/// The same business identifier with the same component part.
fn keep_once(meta: &Meta, kind: &str, seen: &mut BTreeSet<String>, out: &mut Vec<Retracted>) -> bool {
    let component = meta.id.split_once('#').map_or("", |(_, part)| part);
    let keys: Vec<String> = meta.identifiers.iter().map(|id| format!("{id}#{component}")).collect();
    let repeated = keys.iter().any(|key| seen.contains(key));
    if repeated {
        out.push(Retracted {
            id: meta.id.clone(),
            what: kind.to_owned(),
            why: "same business identifier as another record".into(),
            sources: meta.sources.clone(),
        });
    }
    seen.extend(keys);
    !repeated
}

fn merge_alterations(mut alterations: Vec<Alteration>) -> Vec<Alteration> {
    alterations.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
    let mut merged: Vec<Alteration> = Vec::new();
    for alteration in alterations {
        match merged.iter_mut().find(|known| same_test(known, &alteration)) {
            Some(known) => absorb(known, alteration),
            None => merged.push(alteration),
        }
    }
    merged
}

fn same_test(a: &Alteration, b: &Alteration) -> bool {
    let specimen = match (&a.specimen, &b.specimen) {
        (Some(x), Some(y)) => bare(x) == bare(y),
        _ => false,
    };
    specimen
        && a.gene == b.gene
        && a.presence == b.presence
        && a.presence == Presence::Present
        && same_change(a, b)
}

/// `Specimen/x` of a bundle and sample `x` of a VCF are one.
fn bare(specimen: &str) -> &str {
    specimen.rsplit('/').next().unwrap_or(specimen)
}

fn same_change(a: &Alteration, b: &Alteration) -> bool {
    match (&a.kind, &b.kind) {
        (
            AlterationKind::Small { protein: p, genomic: g, coding: c, .. },
            AlterationKind::Small { protein: q, genomic: h, coding: d, .. },
        ) => (p.is_some() && p == q) || (g.is_some() && g == h) || c.iter().any(|x| d.contains(x)),
        (x, y) => x == y,
    }
}

fn absorb(known: &mut Alteration, other: Alteration) {
    if let (
        AlterationKind::Small { protein, coding, genomic, consequence, exon, clinvar },
        AlterationKind::Small { protein: p, coding: c, genomic: g, consequence: q, exon: e, clinvar: v },
    ) = (&mut known.kind, other.kind)
    {
        *protein = protein.take().or(p);
        *genomic = genomic.take().or(g);
        *consequence = consequence.or(q);
        *exon = exon.or(e);
        coding.extend(c);
        coding.sort();
        coding.dedup();
        clinvar.extend(v);
        clinvar.sort_unstable();
        clinvar.dedup();
    }
    known.significance = known.significance.or(other.significance);
    known.effect = known.effect.or(other.effect);
    known.homozygous = known.homozygous.or(other.homozygous);
    known.vaf = known.vaf.or(other.vaf);
    known.vaf_floor = known.vaf_floor.or(other.vaf_floor);
    known.depth = known.depth.or(other.depth);
    known.assay = known.assay.take().or(other.assay);
    known.phase.extend(other.phase);
    if known.origin == concilium_case::Origin::Unknown {
        known.origin = other.origin;
    }
    known.meta.when = known.meta.when.take().or(other.meta.when);
    known.meta.issued = known.meta.issued.take().or(other.meta.issued);
    known.meta.sources.extend(other.meta.sources);
    known.meta.sources.sort();
    known.meta.sources.dedup();
}
