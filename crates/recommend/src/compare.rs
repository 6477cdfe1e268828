//! Which regimens were compared with one another inside a statement, and which of them did better?
//!
//! Clinical rules, section 4: a comparison inside a statement orders the two. The regimen that did worse says so in
//! its own "against", whatever sections the two stand in.

use crate::disease;
use crate::plan::BeatenBy;
use crate::weigh::{Standing, Weighed};
use concilium_case::Case;
use concilium_evidence::{EvidenceLevel, Regimen};
use concilium_knowledge::{Knowledge, Setting};
use concilium_terms::{DrugName, StatementKey};

/// A comparison that a regimen won.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Won {
    /// The regimen that did worse.
    pub beaten: Vec<DrugName>,
    /// Statement that holds the comparison.
    pub key: StatementKey,
    level: EvidenceLevel,
    effect: String,
    /// Why it is only shown; it orders the two where there is no reason.
    pub only_shown: Option<&'static str>,
}

/// Comparisons of level A/B statements for a regimen that count for this patient, strongest first.
pub(crate) fn won(regimen: &Regimen, weighed: &Weighed, case: &Case, knowledge: &Knowledge) -> Vec<Won> {
    let counting = weighed.support.iter().filter(|s| s.standing == Standing::Counts);
    let strong = counting.map(|s| s.judged.statement).filter(|s| s.level <= EvidenceLevel::B);
    let mut found: Vec<Won> = strong
        .filter_map(|statement| knowledge.settings.get(&statement.key).map(|setting| (statement, setting)))
        .flat_map(|(statement, setting)| {
            let beaten = comparators(&setting.comparator, regimen, knowledge);
            let others = beaten.into_iter().filter(|beaten| *beaten != regimen.components);
            others.map(move |beaten| Won {
                beaten,
                key: statement.key.clone(),
                level: statement.level,
                effect: setting.effect.clone(),
                only_shown: unsettled(setting, case),
            })
        })
        .collect();
    found.sort_by(|a, b| (a.level, &a.key, &a.beaten).cmp(&(b.level, &b.key, &b.beaten)));
    found.dedup();
    found
}

/// A study that leaves open whether it took patients like this one cannot say which of the two is better for her.
fn unsettled(setting: &Setting, case: &Case) -> Option<&'static str> {
    let open = disease::says_brain(&setting.population) && !studied_with_brain(setting);
    (open && disease::has_brain_metastases(case))
        .then_some("the study does not say whether it took patients with CNS metastases")
}

/// Does the population of the row name patients with metastases of the central nervous system?
pub(crate) fn studied_with_brain(setting: &Setting) -> bool {
    let population = setting.population.to_lowercase();
    disease::says_brain(&population)
        && !["not said", "not stated", "excluded"].iter().any(|w| population.contains(w))
}

/// Does it say that it left them out?
pub(crate) fn excludes_brain(setting: &Setting) -> bool {
    disease::says_brain(&setting.population) && setting.population.to_lowercase().contains("excluded")
}

/// What beat these components, one entry a winner: `winners` are names with what they won.
pub(crate) fn beaten_by(components: &[DrugName], winners: &[(String, Vec<Won>)]) -> Vec<BeatenBy> {
    let over = |(name, won): &(String, Vec<Won>)| {
        let of: Vec<&Won> = won.iter().filter(|won| won.beaten == components).collect();
        let strongest = of.first()?;
        Some(BeatenBy {
            by: name.clone(),
            statements: of.iter().map(|won| won.key.clone()).collect(),
            effect: strongest.effect.clone(),
            only_shown: match of.iter().find(|won| won.only_shown.is_none()) {
                Some(_) => None,
                None => strongest.only_shown.map(str::to_owned),
            },
        })
    };
    winners.iter().filter_map(over).collect()
}

/// Regimens a comparator names: `vemurafenib alone`, `dabrafenib + placebo`, `pemetrexed or docetaxel`. What holds a
/// word that is no drug (`gefitinib, medians alike`, `trametinib alone, not randomised`) names none we can place.
fn comparators(text: &str, own: &Regimen, knowledge: &Knowledge) -> Vec<Vec<DrugName>> {
    let lower = text.to_lowercase();
    if lower == "either drug alone" {
        return own.components.iter().map(|drug| vec![drug.clone()]).collect();
    }
    // Placebo stands in the place of the drug that was added.
    let lower = match lower.split_once(" with placebo") {
        Some((head, tail)) if tail.is_empty() || tail.starts_with(" for ") => head.to_owned(),
        _ => lower,
    };
    let (shared, rest) = match lower.split_once(" with ") {
        Some((shared, rest)) => (format!("{shared} + "), rest),
        None => (String::new(), lower.as_str()),
    };
    rest.split(" or ").filter_map(|one| regimen(&format!("{shared}{one}"), knowledge)).collect()
}

fn regimen(text: &str, knowledge: &Knowledge) -> Option<Vec<DrugName>> {
    let joined = text.replace(" plus ", "+").replace(" and ", "+").replace(['(', ')', ','], "+");
    let words =
        joined.split('+').map(str::trim).filter(|w| !matches!(*w, "" | "placebo" | "alone" | "monotherapy"));
    let named: Option<Vec<Vec<DrugName>>> = words
        .map(|w| w.trim_end_matches(" alone").trim_end_matches(" monotherapy"))
        .map(|w| components(w, knowledge))
        .collect();
    let regimen = Regimen::new(named?.concat(), false, false);
    (!regimen.components.is_empty()).then_some(regimen.components)
}

/// A drug, or the components of a regimen that are all named.
fn components(word: &str, knowledge: &Knowledge) -> Option<Vec<DrugName>> {
    let drug = || knowledge.drugs.resolve(word).map(|drug| vec![drug.name.clone()]);
    let named = knowledge.drugs.regimens.get(word).filter(|regimen| regimen.complete);
    drug().or_else(|| named.map(|regimen| regimen.components.clone()))
}

#[cfg(test)]
mod tests {
    use super::{comparators, studied_with_brain};
    use concilium_evidence::Regimen;
    use concilium_terms::DrugName;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let knowledge = concilium_knowledge::builtin().expect("the pack loads");
        let own = Regimen::new(vec![DrugName::new("lapatinib"), DrugName::new("trastuzumab")], false, false);
        let label = |components: Vec<DrugName>| Regimen::new(components, false, false).label();
        let found: Vec<String> = comparators(text, &own, &knowledge).into_iter().map(label).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_comparator_names_regimens_or_none() {
        check("vemurafenib alone", &["vemurafenib"]);
        check("placebo, trastuzumab and docetaxel", &["docetaxel + trastuzumab"]);
        check("vemurafenib and cobimetinib with placebo for atezolizumab", &["cobimetinib + vemurafenib"]);
        check("erlotinib with placebo", &["erlotinib"]);
        check("either drug alone", &["lapatinib", "trastuzumab"]);
        check("pemetrexed or docetaxel", &["pemetrexed", "docetaxel"]);
        check("enzalutamide or abiraterone", &["enzalutamide", "abiraterone"]);
        check("fulvestrant or an aromatase inhibitor", &["fulvestrant"]);
        check(
            "cetuximab with irinotecan or FOLFIRI",
            &["cetuximab + irinotecan", "cetuximab + fluorouracil + irinotecan + leucovorin"],
        );
        for silent in [
            "",
            "placebo",
            "none, single arm",
            "EGFR wild type",
            "gefitinib, medians alike",
            "erlotinib, difference not significant",
            "docetaxel with placebo, survival not different",
            "dabrafenib alone: difference not shown in V600K",
            "trametinib alone, not randomised",
            "encorafenib and cetuximab in the same study",
            "the three drugs among themselves",
        ] {
            check(silent, &[]);
        }
    }

    #[test]
    fn a_population_that_leaves_the_brain_open_is_none_with_it() {
        let knowledge = concilium_knowledge::builtin().expect("the pack loads");
        for (key, with) in [("EID1407", true), ("EID1411", false), ("EID11238", false)] {
            let setting = &knowledge.settings[&concilium_terms::StatementKey::new(key)];
            assert_eq!(studied_with_brain(setting), with, "{key}");
        }
    }
}
