//! What does a CTML document say? Steps, arms and dose levels with match trees of `and`, `or`, `genomic` and `clinical`.

use super::{Origin, ctgov};
use crate::model::{Arm, ArmStatus, RegistryStatus, Standing, StatusSource, Trial};
use concilium_criteria::eligibility::{Ask, Criterion, Expr, MarkerAsk, Range, Role, Stated};
use concilium_terms::hgvs::ProteinChange;
use concilium_terms::pattern::{ExonChange, Pattern, Signature};
use concilium_terms::{Doid, GeneSymbol, PartialDate};
use serde_json::{Map, Value};

/// Deepest nesting of a match tree.
const DEPTH: usize = 64;

/// A document in JSON.
pub(super) fn json(origin: &Origin, raw: &[u8]) -> Result<Trial, String> {
    let value: Value = serde_json::from_slice(raw).map_err(|_| "broken JSON".to_owned())?;
    trial(origin, &value, raw)
}

/// A document as a value.
pub(super) fn trial(origin: &Origin, document: &Value, raw: &[u8]) -> Result<Trial, String> {
    let id = ["nct_id", "protocol_no", "protocol_id"]
        .iter()
        .find_map(|name| word(&document[*name]))
        .ok_or("neither nct_id nor protocol_no")?;
    let protocol = word(&document["protocol_no"]).filter(|number| *number != id);
    let list = list_of(&document["treatment_list"], "step").ok_or("no treatment_list")?;
    let mut tree = Tree { origin, arms: vec![], criteria: vec![] };
    for (number, step) in list.iter().enumerate() {
        let code = word(&step["step_code"]).unwrap_or_else(|| (number + 1).to_string());
        tree.step(&format!("step {code}"), step)?;
    }
    if tree.arms.is_empty() {
        tree.arms.push(ctgov::unnamed_arm());
    }
    let updated = word(&document["last_updated"]).unwrap_or_default();
    let mut conditions = vec![];
    tumours(document, &mut conditions, 0);
    Ok(Trial {
        id,
        other_ids: protocol.into_iter().collect(),
        title: word(&document["long_title"]).or_else(|| word(&document["short_title"])).unwrap_or_default(),
        phase: word(&document["phase"]).unwrap_or_default(),
        conditions,
        status: Standing {
            status: status(document),
            as_of: PartialDate::parse(&updated).ok(),
            by: StatusSource::Site,
        },
        arms: tree.arms,
        sites: vec![],
        eligibility_text: String::new(),
        criteria: tree.criteria,
        source: origin.source("ctml", &updated, raw),
    })
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A list, or one member where a list belongs; `None` when the parent lacks.
fn list_of<'v>(parent: &'v Value, name: &str) -> Option<Vec<&'v Value>> {
    match &parent[name] {
        Value::Array(members) => Some(members.iter().collect()),
        Value::Object(_) => Some(vec![&parent[name]]),
        _ => parent.is_object().then(Vec::new),
    }
}

fn status(document: &Value) -> RegistryStatus {
    let summary = &document["_summary"]["status"][0]["value"];
    let said = word(&document["status"]).or_else(|| word(summary)).unwrap_or_default().to_lowercase();
    match said.as_str() {
        "open to accrual" | "open" | "recruiting" => RegistryStatus::Recruiting,
        "closed to accrual" | "closed" => RegistryStatus::ActiveNotRecruiting,
        "suspended" => RegistryStatus::Suspended,
        _ => RegistryStatus::Unknown,
    }
}

fn tumours(value: &Value, found: &mut Vec<String>, depth: usize) {
    if DEPTH < depth {
        return;
    }
    match value {
        Value::Object(map) => {
            if let Some(name) = map
                .get("oncotree_primary_diagnosis")
                .and_then(Value::as_str)
                .filter(|name| !name.starts_with('!'))
                && !found.iter().any(|known| known == name)
            {
                found.push(name.to_owned());
            }
            map.values().for_each(|inner| tumours(inner, found, depth + 1));
        }
        Value::Array(list) => list.iter().for_each(|inner| tumours(inner, found, depth + 1)),
        _ => {}
    }
}

struct Tree<'o, 'a> {
    origin: &'o Origin<'a>,
    arms: Vec<Arm>,
    criteria: Vec<Criterion>,
}

impl Tree<'_, '_> {
    fn step(&mut self, label: &str, step: &Value) -> Result<(), String> {
        let from = self.arms.len();
        let arms = list_of(step, "arm").unwrap_or_default();
        for (number, arm) in arms.iter().enumerate() {
            let code = word(&arm["arm_code"]).unwrap_or_else(|| (number + 1).to_string());
            self.arm(&format!("{label} / {code}"), arm)?;
        }
        if arms.is_empty() {
            self.arms.push(self.leaf(label.to_owned(), step, ArmStatus::AsTrial));
        }
        self.matches(step, from)
    }

    fn arm(&mut self, label: &str, arm: &Value) -> Result<(), String> {
        let from = self.arms.len();
        let own = suspended(&arm["arm_suspended"]);
        let levels = list_of(arm, "dose_level").unwrap_or_default();
        for (number, level) in levels.iter().enumerate() {
            let code = word(&level["level_code"]).unwrap_or_else(|| (number + 1).to_string());
            let status = match (own, suspended(&level["level_suspended"])) {
                (ArmStatus::Closed, _) | (_, ArmStatus::Closed) => ArmStatus::Closed,
                (ArmStatus::Open, _) | (_, ArmStatus::Open) => ArmStatus::Open,
                (ArmStatus::AsTrial, ArmStatus::AsTrial) => ArmStatus::AsTrial,
            };
            let at = self.arms.len();
            self.arms.push(self.leaf(format!("{label} / {code}"), level, status));
            self.matches(level, at)?;
        }
        if levels.is_empty() {
            self.arms.push(self.leaf(label.to_owned(), arm, own));
        }
        self.matches(arm, from)
    }

    fn leaf(&self, label: String, value: &Value, status: ArmStatus) -> Arm {
        let described = ["arm_description", "level_description"].iter().find_map(|name| word(&value[*name]));
        let interventions: Vec<String> = described.into_iter().collect();
        let drugs = ctgov::drugs(self.origin, &interventions);
        Arm { label, kind: String::new(), drugs, interventions, status, slots: None }
    }

    /// Match trees of a node hold for every arm below it.
    fn matches(&mut self, node: &Value, from: usize) -> Result<(), String> {
        let labels: Vec<String> = self.arms[from..].iter().map(|arm| arm.label.clone()).collect();
        for tree in list_of(node, "match").unwrap_or_default() {
            let expr = self.expr(tree, 0)?;
            let id = format!("in-{}", self.criteria.len() + 1);
            let applies_to = labels.clone();
            self.criteria.push(Criterion {
                id,
                role: Role::Inclusion,
                expr,
                span: None,
                applies_to,
                heading: None,
            });
        }
        Ok(())
    }

    fn expr(&self, node: &Value, depth: usize) -> Result<Expr, String> {
        let Value::Object(map) = node else {
            return Err("a match tree with a node that is no object".to_owned());
        };
        if DEPTH < depth {
            return Err("a match tree nested too deep".to_owned());
        }
        let mut parts = vec![];
        for (name, value) in map {
            let members = || match value {
                Value::Array(members) => {
                    members.iter().map(|member| self.expr(member, depth + 1)).collect::<Result<Vec<_>, _>>()
                }
                _ => Err("`and` or `or` without a list".to_owned()),
            };
            parts.push(match (name.as_str(), value) {
                ("and", _) => Expr::All(members()?),
                ("or", _) => Expr::Any(members()?),
                ("genomic", Value::Object(leaf)) => self.genomic(leaf),
                ("clinical", Value::Object(leaf)) => self.clinical(leaf),
                _ => Expr::not_computable(format!("no rule for `{name}`")),
            });
        }
        Ok(one_or_all(parts))
    }

    fn clinical(&self, leaf: &Map<String, Value>) -> Expr {
        let asks = leaf.iter().map(|(name, value)| {
            let written = word(value).or_else(|| value.as_bool().map(|b| b.to_string())).unwrap_or_default();
            let (denied, text) = negated(&written);
            let expr = self
                .clinical_ask(name, text)
                .unwrap_or_else(|| Expr::not_computable(format!("no rule for `{name}`")));
            deny(denied, expr)
        });
        one_or_all(asks.collect())
    }

    fn clinical_ask(&self, name: &str, text: &str) -> Option<Expr> {
        let marker = |name: &str| {
            let call = match text.to_lowercase().as_str() {
                "positive" | "true" => "positive",
                "negative" | "false" => "negative",
                _ => return None,
            };
            let named = MarkerAsk::Named {
                name: name.to_owned(),
                call: Some(call.to_owned()),
                score: None,
                score_unit: None,
            };
            Some(Expr::ask(Ask::Marker(named)))
        };
        match name {
            "age_numerical" => Some(Expr::ask(Ask::Age { years: range(text)? })),
            "gender" => Some(Expr::ask(Ask::Sex {
                female: match text.to_lowercase().as_str() {
                    "female" => true,
                    "male" => false,
                    _ => return None,
                },
            })),
            "oncotree_primary_diagnosis" => self.tumour(text),
            "her2_status" => marker("her2"),
            "er_status" => marker("er"),
            "pr_status" => marker("pr"),
            // The burden that counts as high differs from trial to trial; no ask holds a number of mutations.
            _ => None,
        }
    }

    fn tumour(&self, name: &str) -> Option<Expr> {
        let any_of: Vec<Doid> = match name {
            "_SOLID_" => vec![Doid::new("CIVIC:solid-tumor")],
            name => self.origin.reader.oncotree(name)?,
        };
        Some(Expr::ask(Ask::Disease { any_of, words: name.to_owned(), confirmed: false }))
    }

    fn genomic(&self, leaf: &Map<String, Value>) -> Expr {
        let text = |name: &str| leaf.get(name).and_then(word).unwrap_or_default();
        // `!` on any field asks for the absence of what the leaf describes.
        let denied = leaf.values().any(|value| value.as_str().is_some_and(|text| text.starts_with('!')));
        let field = |name: &str| negated(&text(name)).1.to_owned();
        let words: Vec<String> =
            leaf.iter().filter_map(|(name, value)| Some(format!("{name} {}", word(value)?))).collect();
        let expr = match self.pattern(&field, leaf) {
            Some((any_of, rest)) => {
                let ask = Expr::ask(Ask::Biomarker {
                    any_of,
                    stated: Stated::Present,
                    germline: germline(&field("germline")),
                    words: words.join(", "),
                });
                match rest {
                    None => ask,
                    Some(rest) => Expr::All(vec![ask, Expr::not_computable(rest)]),
                }
            }
            None => Expr::not_computable(format!(
                "no rule for genomic {}",
                leaf.keys().cloned().collect::<Vec<_>>().join(", ")
            )),
        };
        deny(denied, expr)
    }

    /// Patterns, and what of the leaf they do not say.
    fn pattern(
        &self,
        field: &dyn Fn(&str) -> String,
        leaf: &Map<String, Value>,
    ) -> Option<(Vec<Pattern>, Option<String>)> {
        let known = [
            "hugo_symbol",
            "variant_category",
            "protein_change",
            "wildcard_protein_change",
            "variant_classification",
            "exon",
            "cnv_call",
            "mmr_status",
            "ms_status",
            "fusion_partner_hugo_symbol",
            "germline",
            "display_name",
        ];
        let rest = leaf
            .keys()
            .find(|name| !known.contains(&name.as_str()))
            .map(|name| format!("no rule for `{name}`"));
        let signature = match (field("mmr_status").as_str(), field("ms_status").as_str()) {
            ("MMR-Deficient" | "Deficient (MMR-D / MSI-H)", _) | (_, "MSI-H") => Some(Signature::MsiHigh),
            ("MMR-Proficient" | "Proficient (MMR-P / MSS)", _) | (_, "MSS") => Some(Signature::Mss),
            _ => None,
        };
        if let Some(signature) = signature {
            return Some((vec![Pattern::Signature { signature }], rest));
        }
        let gene = self.origin.reader.gene(&field("hugo_symbol"))?;
        let one = |pattern: Pattern| Some((vec![pattern], rest.clone()));
        let wildcard = field("wildcard_protein_change");
        if !wildcard.is_empty() {
            let plain = wildcard.trim_start_matches("p.");
            let residue = plain.get(1..)?.parse().ok()?;
            return one(Pattern::Codon { gene, reference: plain.chars().next()?, residue });
        }
        let change = field("protein_change");
        if !change.is_empty() {
            let protein = ProteinChange::parse(&change).ok()?;
            return one(Pattern::Exact {
                gene,
                proteins: vec![protein],
                codings: vec![],
                loci: vec![],
                clinvar: vec![],
            });
        }
        match field("variant_category").as_str() {
            "Mutation" => self.mutation(gene, field, rest),
            "CNV" => one(copy_number(gene, &field("cnv_call"))?),
            "Structural Variation" | "SV" => self.fusion(gene, &field("fusion_partner_hugo_symbol"), rest),
            _ => None,
        }
    }

    fn mutation(
        &self,
        gene: GeneSymbol,
        field: &dyn Fn(&str) -> String,
        rest: Option<String>,
    ) -> Option<(Vec<Pattern>, Option<String>)> {
        let (class, exon) = (field("variant_classification"), field("exon"));
        let change = match class.as_str() {
            "In_Frame_Del" => Some(ExonChange::Deletion),
            "In_Frame_Ins" => Some(ExonChange::Insertion),
            "" => Some(ExonChange::Mutation),
            _ => None,
        };
        match (exon.parse::<u32>(), change) {
            (Ok(number), Some(change)) => Some((
                vec![Pattern::Exon { gene, first: number, last: number, change, residues: None }],
                rest,
            )),
            _ if class.is_empty() => Some((vec![Pattern::Mutation { gene }], rest)),
            _ => Some((
                vec![Pattern::Mutation { gene }],
                rest.or(Some(format!("no rule for variant_classification {class}"))),
            )),
        }
    }

    fn fusion(
        &self,
        gene: GeneSymbol,
        partner: &str,
        rest: Option<String>,
    ) -> Option<(Vec<Pattern>, Option<String>)> {
        let side = |five: Option<GeneSymbol>, three: Option<GeneSymbol>| Pattern::Fusion {
            five,
            three,
            rearrangement: true,
        };
        match partner.to_lowercase().as_str() {
            "" | "any_gene" => Some((vec![side(None, Some(gene.clone())), side(Some(gene), None)], rest)),
            "intergenic" => Some((
                vec![side(None, Some(gene))],
                rest.or(Some("no rule for an intergenic partner".to_owned())),
            )),
            _ => {
                let partner = self.origin.reader.gene(partner)?;
                // Which side is which is not said.
                Some((
                    vec![side(Some(gene.clone()), Some(partner.clone())), side(Some(partner), Some(gene))],
                    rest,
                ))
            }
        }
    }
}

fn copy_number(gene: GeneSymbol, call: &str) -> Option<Pattern> {
    match call {
        "High Amplification" | "Amplification" | "High level amplification" => {
            Some(Pattern::Amplification { gene })
        }
        "Homozygous Deletion" | "Homozygous deletion" => Some(Pattern::Deletion { gene }),
        _ => None,
    }
}

fn germline(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" => Some(true),
        "false" | "no" => Some(false),
        _ => None,
    }
}

fn negated(text: &str) -> (bool, &str) {
    match text.strip_prefix('!') {
        Some(rest) => (true, rest.trim()),
        None => (false, text),
    }
}

fn deny(denied: bool, expr: Expr) -> Expr {
    if denied { Expr::Not(Box::new(expr)) } else { expr }
}

fn one_or_all(mut parts: Vec<Expr>) -> Expr {
    if parts.len() == 1 { parts.remove(0) } else { Expr::All(parts) }
}

/// `>=18`, `<21`, `==40`.
fn range(text: &str) -> Option<Range> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let value: f64 = text[digits..].trim().parse().ok()?;
    let (min, max) = match text[..digits].trim() {
        ">=" | "≥" => (Some(value), None),
        ">" => (Some(value), None),
        "<=" | "≤" | "<" => (None, Some(value)),
        "=" | "==" | "" => (Some(value), Some(value)),
        _ => return None,
    };
    Some(Range { min, above_min: text[..digits].trim() == ">", max, below_max: text[..digits].trim() == "<" })
}

fn suspended(value: &Value) -> ArmStatus {
    match value.as_str().map(str::to_lowercase).as_deref() {
        Some("y" | "yes") => ArmStatus::Closed,
        Some("n" | "no") => ArmStatus::Open,
        _ => match value.as_bool() {
            Some(true) => ArmStatus::Closed,
            Some(false) => ArmStatus::Open,
            None => ArmStatus::AsTrial,
        },
    }
}
