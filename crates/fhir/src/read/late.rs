//! What do entries say about facts of other entries?

use crate::cx::Late;
use concilium_case::{Alteration, AlterationKind, Facts, Issue, Level, Significance, Source};

/// Applies what was said, in the order read.
pub fn apply(late: Vec<Late>, facts: &mut Facts) {
    for said in late {
        match said {
            Late::Histology { condition, codes } => histology(facts, &condition, codes),
            Late::Significance { variant, call, by } => significance(facts, &variant, call, by),
            Late::Effect { variant, effect } => {
                of_variant(facts, &variant, |alteration| {
                    alteration.effect = alteration.effect.or(Some(effect))
                });
            }
            Late::Names { variant, protein, coding, consequence } => {
                of_variant(facts, &variant, |alteration| {
                    if let AlterationKind::Small { protein: p, coding: c, consequence: q, .. } =
                        &mut alteration.kind
                    {
                        *p = p.take().or(protein.clone());
                        *q = q.or(consequence);
                        c.extend(coding.iter().filter(|new| !c.contains(new)).cloned().collect::<Vec<_>>());
                    }
                })
            }
            Late::Phase { variants, cis } => phase(facts, &variants, cis),
            Late::Phenotype { genotype, phenotype } => {
                let genes = facts.pharmacogenes.iter_mut().filter(|gene| gene.meta.id == genotype);
                genes.for_each(|gene| gene.phenotype = gene.phenotype.take().or(Some(phenotype.clone())));
            }
            Late::StageSummary { assessment, condition, by } => {
                for stage in facts.stages.iter_mut().filter(|stage| stage.meta.id == assessment) {
                    stage.condition = stage.condition.take().or(Some(condition.clone()));
                    stage.meta.sources.push(by.clone());
                }
            }
            Late::StageOf { members, condition } => {
                let of_group = facts.stages.iter_mut().filter(|stage| members.contains(&stage.meta.id));
                of_group
                    .for_each(|stage| stage.condition = stage.condition.take().or(Some(condition.clone())));
            }
            Late::Specimen { result, specimen } => specimens(facts, &result, &specimen),
        }
    }
}

/// Facts of one entry: its id, alone or with a part.
fn of_entry(fact: &str, entry: &str) -> bool {
    fact == entry || fact.strip_prefix(entry).is_some_and(|rest| rest.starts_with('#'))
}

fn of_variant(facts: &mut Facts, variant: &str, mut change: impl FnMut(&mut Alteration)) {
    facts.alterations.iter_mut().filter(|a| of_entry(&a.meta.id, variant)).for_each(&mut change);
}

fn histology(facts: &mut Facts, condition: &str, codes: Vec<concilium_terms::Code>) {
    for target in facts.conditions.iter_mut().filter(|c| c.meta.id == condition) {
        let new: Vec<_> = codes.iter().filter(|code| !target.histology.contains(code)).cloned().collect();
        target.histology.extend(new);
    }
}

fn significance(facts: &mut Facts, variant: &str, call: Significance, by: Source) {
    let mut differs = false;
    of_variant(facts, variant, |alteration| {
        differs |= alteration.significance.is_some_and(|first| first != call);
        alteration.significance = alteration.significance.or(Some(call));
    });
    if differs {
        let what = format!("a second, different call on the significance of {variant}; the first is kept");
        let remedy = "ask the laboratory which call holds".into();
        facts.issues.push(Issue { level: Level::Doubtful, source: by, what, remedy });
    }
}

fn phase(facts: &mut Facts, variants: &[String], cis: Option<bool>) {
    for one in variants {
        for other in variants.iter().filter(|other| *other != one) {
            of_variant(facts, one, |alteration| alteration.phase.push((other.clone(), cis)));
        }
    }
}

fn specimens(facts: &mut Facts, result: &str, specimen: &str) {
    let fill = |slot: &mut Option<String>| *slot = slot.take().or(Some(specimen.to_owned()));
    facts.alterations.iter_mut().filter(|a| of_entry(&a.meta.id, result)).for_each(|a| fill(&mut a.specimen));
    facts.regions.iter_mut().filter(|r| of_entry(&r.meta.id, result)).for_each(|r| fill(&mut r.specimen));
    facts.markers.iter_mut().filter(|m| of_entry(&m.meta.id, result)).for_each(|m| fill(&mut m.specimen));
}
