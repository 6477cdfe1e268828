//! What did the laboratory call a receptor, a protein, a signature or a gene test?

use super::{ratio_words, value_words};
use crate::codes::{GENE_TESTS, MARKERS, Of, REPORT_DOCUMENTS};
use crate::cx::Cx;
use crate::element::{self, all_words, concept, concepts, quantity, words};
use crate::genes;
use crate::json::Json;
use crate::read::genomics;
use concilium_case::{Alteration, AlterationKind, Marker, MarkerCall, MarkerName, Presence, SignatureName};
use concilium_terms::code::system::LOINC;
use concilium_terms::hgvs::ProteinChange;
use concilium_terms::{Code, GeneSymbol};

/// A marker by its code, or by its words when it has no known code.
pub fn read(cx: &mut Cx, codes: &[Code]) -> bool {
    if REPORT_DOCUMENTS.iter().any(|code| element::has(codes, code)) {
        return document(cx, codes);
    }
    let row = element::find(codes, MARKERS, |row| row.0);
    let Some((name, method)) = row.map(|row| (row.1.name(), row.2)).or_else(|| by_words(codes)) else {
        return false;
    };
    trap(cx, codes, &name);
    if row.is_none() && codes.iter().any(|c| c.system == LOINC) {
        cx.doubt(
            "code",
            "a LOINC code that is not in the table of markers; read by its words",
            "check the code",
        );
    }
    let json = cx.json();
    let value = json.one("valueQuantity").and_then(quantity);
    let score = score(json);
    let call = call(cx, json, &name);
    if call.is_none() && value.is_none() && score.is_none() {
        cx.doubt(
            "value[x]",
            "no call, score or number can be read; the marker stays unknown",
            "send the result",
        );
    }
    let method = method_of(json, codes, method);
    let marker = Marker { meta: cx.meta(""), name, method, call, score, value, specimen: cx.specimen() };
    cx.facts.markers.push(marker);
    for (index, part) in json.all("component").iter().enumerate() {
        super::component(cx, part, index);
    }
    true
}

/// A report about PD-L1 is text, never a percentage.
fn document(cx: &mut Cx, codes: &[Code]) -> bool {
    let json = cx.json();
    if json.get("valueQuantity").is_some() {
        let what =
            "this code names a PD-L1 report document; its number is not read as a tumour proportion score";
        cx.doubt("valueQuantity", what, "use LOINC 83053-9 for the tumour proportion score");
    }
    match json.str("valueString") {
        Some(text) => cx.document("valueString", words(codes), text),
        None => super::other(cx, codes),
    }
    true
}

/// Several projects use 85329-1 (ER percent) for Ki-67: words that contradict the code are said.
fn trap(cx: &mut Cx, codes: &[Code], name: &MarkerName) {
    let said = all_words(codes);
    let is_ki67 = said.contains("ki-67") || said.contains("ki67");
    if is_ki67 && *name != MarkerName::Ki67 {
        let what = format!("the words say Ki-67, the code says {name:?}; the code is followed");
        cx.doubt("code", what, "LOINC 85329-1 is ER percent; use 85330-9 for Ki-67");
    }
    if said.contains("pd-l1") && *name != MarkerName::PdL1 {
        cx.doubt(
            "code",
            format!("the words say PD-L1, the code says {name:?}; the code is followed"),
            "correct the code",
        );
    }
}

/// Reports without a known code name their markers in words.
fn by_words(codes: &[Code]) -> Option<(MarkerName, &'static str)> {
    let said = all_words(codes);
    let any = |list: &[&str]| list.iter().any(|word| said.contains(word));
    // A shed receptor in serum is another test.
    if any(&["serum", "plasma", "antibod"]) {
        return None;
    }
    let of = if any(&["mutational burden", "mutation burden"]) || said == "tmb" {
        Of::Tmb.name()
    } else if any(&["msi status", "microsatellite", "mismatch repair"]) || said == "msi" {
        Of::Msi.name()
    } else if any(&["homologous recombination defici", "hrd "]) || said == "hrd" {
        MarkerName::Signature(SignatureName::Hrd)
    } else if any(&["estrogen receptor", "oestrogen receptor"]) {
        Of::Er.name()
    } else if any(&["progesterone receptor"]) {
        Of::Pr.name()
    } else if any(&["her2", "her-2", "erbb2 ihc"]) && !any(&["mutation", "variant"]) {
        Of::Her2.name()
    } else if any(&["pd-l1", "pdl1"]) {
        Of::PdL1.name()
    } else if any(&["ki-67", "ki67"]) {
        Of::Ki67.name()
    } else {
        return None;
    };
    Some((of, ""))
}

fn method_of(json: &Json, codes: &[Code], of_code: &str) -> Option<String> {
    let stated = format!(
        "{} {}",
        all_words(codes),
        json.one("method").map(|m| all_words(&concept(m))).unwrap_or_default()
    );
    let any = |list: &[&str]| list.iter().any(|word| stated.contains(word));
    let by_words = if any(&["immune stain", "immunohisto", "ihc"]) {
        "ihc"
    } else if any(&["fish", "in situ hybrid"]) {
        "ish"
    } else if any(&["sequencing", "ngs"]) {
        "ngs"
    } else if any(&["pcr"]) {
        "pcr"
    } else {
        ""
    };
    [of_code, by_words].into_iter().find(|m| !m.is_empty()).map(str::to_owned)
}

/// `3+`, `IHC 1+`, a ratio: kept as written, no call is made from it.
fn score(json: &Json) -> Option<String> {
    let ratio = json.one("valueRatio").map(ratio_words);
    let coded = json.one("valueCodeableConcept").map(|v| words(&concept(v)));
    let written = json.str("valueString").map(str::to_owned).or(json.str("valueInteger").map(str::to_owned));
    ratio.or_else(|| [written, coded].into_iter().flatten().find(|words| is_score(words)))
}

fn is_score(words: &str) -> bool {
    let plus = ["0", "1+", "2+", "3+"];
    words.split([' ', '(', ')', ',', ';', '/']).any(|word| plus.contains(&word)) || words.contains('%')
}

/// The lab's own call: coded value, words, interpretation, reason of absence. Never from a number.
fn call(cx: &mut Cx, json: &Json, name: &MarkerName) -> Option<MarkerCall> {
    if json.get("dataAbsentReason").is_some() {
        return Some(MarkerCall::Failed);
    }
    let value = json.one("valueCodeableConcept").map(concept).unwrap_or_default();
    let written = json.str("valueString").unwrap_or("").to_owned();
    let boolean =
        json.bool("valueBoolean").map(|yes| if yes { MarkerCall::Positive } else { MarkerCall::Negative });
    let stated = of_codes(&value, name).or_else(|| of_words(&written.to_lowercase(), name)).or(boolean);
    let marks = concepts(json, "interpretation");
    let interpreted = of_interpretation(&marks, name);
    if let (Some(stated), Some(interpreted)) = (stated, interpreted)
        && stated != interpreted
    {
        cx.doubt(
            "interpretation",
            "value and interpretation disagree; the value is followed",
            "ask the laboratory",
        );
    }
    let other = is_score(&words(&value)) || named_change(&words(&value)).is_some();
    if stated.is_none() && !value.is_empty() && !other {
        let code = value.iter().map(|c| c.code.as_str()).find(|code| !code.is_empty()).unwrap_or("in words");
        let what = format!("the answer ({code}) is not known here; no call is read");
        cx.doubt("valueCodeableConcept", what, "send positive or negative as a LOINC or SNOMED answer");
    }
    stated.or(interpreted)
}

/// Answer codes: LOINC as in the mCODE examples, SNOMED qualifiers; else the words.
fn of_codes(value: &[Code], name: &MarkerName) -> Option<MarkerCall> {
    let known: &[(&str, MarkerCall)] = &[
        ("LA6576-8", MarkerCall::Positive),
        ("LA6577-6", MarkerCall::Negative),
        ("LA9633-4", MarkerCall::Positive),
        ("LA9634-2", MarkerCall::Negative),
        ("10828004", MarkerCall::Positive),
        ("260385009", MarkerCall::Negative),
        ("52101004", MarkerCall::Positive),
        ("2667000", MarkerCall::Negative),
        ("42425007", MarkerCall::Equivocal),
        ("LA26203-2", MarkerCall::Positive),
    ];
    let by_code = element::find(value, known, |row| row.0).map(|row| row.1);
    by_code.or_else(|| of_words(&all_words(value), name))
}

fn of_interpretation(marks: &[Code], name: &MarkerName) -> Option<MarkerCall> {
    // HL7 v3 ObservationInterpretation: detection codes only; H, L and A are about ranges.
    let known: &[(&str, MarkerCall)] = &[
        ("POS", MarkerCall::Positive),
        ("NEG", MarkerCall::Negative),
        ("IND", MarkerCall::Equivocal),
        ("E", MarkerCall::Equivocal),
        ("DET", MarkerCall::Positive),
        ("ND", MarkerCall::Negative),
    ];
    element::find(marks, known, |row| row.0).map(|row| row.1).or_else(|| of_codes(marks, name))
}

/// A call in words. Failures first, then negations, since "not detected" contains "detected".
fn of_words(said: &str, name: &MarkerName) -> Option<MarkerCall> {
    let any = |list: &[&str]| list.iter().any(|word| said.contains(word));
    let is =
        |word: &str| said.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '+').any(|w| w == word);
    let signature = matches!(name, MarkerName::Signature(_));
    if any(&["failed", "not assess", "insufficient", "inadequate", "cannot be determined", "not evaluable"]) {
        return Some(MarkerCall::Failed);
    }
    if any(&["equivocal", "indeterminate", "borderline"]) {
        return Some(MarkerCall::Equivocal);
    }
    let mmr = *name == MarkerName::Signature(SignatureName::Msi);
    if mmr
        && (any(&["unstable", "instability-high", "deficient", "loss of"])
            || is("msi-h")
            || is("dmmr")
            || is("msi-high"))
    {
        return Some(MarkerCall::Positive);
    }
    if any(&["not detected", "negative", "absent", "not amplified", "non-amplified", "unamplified"]) {
        return Some(MarkerCall::Negative);
    }
    if mmr && (any(&["stable", "proficient", "intact"]) || is("mss") || is("pmmr")) {
        return Some(MarkerCall::Negative);
    }
    if any(&["positive", "detected", "amplified"]) || is("present") || (signature && is("high")) {
        return Some(MarkerCall::Positive);
    }
    if is("low") || is("msi-l") || is("her2-low") || is("tmb-low") {
        return Some(MarkerCall::Low);
    }
    (is("tmb-high") || is("tmb-h") || (is("high") && !signature)).then_some(MarkerCall::Positive)
}

/// A test of one gene reported as an observation of its own: rearrangement by FISH, mutation present or absent.
pub fn gene_test(cx: &mut Cx, codes: &[Code]) -> bool {
    let Some((_, gene, rearranged)) = element::find(codes, GENE_TESTS, |row| row.0) else { return false };
    let json = cx.json();
    let said = value_words(json).unwrap_or_default();
    let name = MarkerName::Other((*gene).to_owned());
    let presence = match call(cx, json, &name) {
        Some(MarkerCall::Positive) => Presence::Present,
        Some(MarkerCall::Negative) => Presence::Absent,
        Some(MarkerCall::Low | MarkerCall::Equivocal | MarkerCall::Failed) => Presence::Unknown,
        None => named_change(&said).map_or(Presence::Unknown, |_| Presence::Present),
    };
    if presence == Presence::Unknown {
        cx.doubt("value[x]", "the result of the gene test is not known", "send present or absent");
    }
    let kind = if *rearranged { fusion(gene) } else { small(&said) };
    let shown = if *rearranged { format!("{gene} rearrangement") } else { format!("{gene} mutation") };
    let label = named_change(&said).map_or(shown, |_| format!("{gene} {said}"));
    let symbol = gene.rsplit("::").next().unwrap_or(gene);
    let blank = genomics::blank(cx, "", GeneSymbol::new(symbol), label);
    cx.facts.alterations.push(Alteration { kind, presence, ..blank });
    true
}

fn named_change(said: &str) -> Option<ProteinChange> {
    ProteinChange::parse(said.trim()).ok()
}

fn fusion(gene: &str) -> AlterationKind {
    match gene.split_once("::") {
        Some((five, three)) => {
            AlterationKind::Fusion { five: genes::known(five), three: genes::known(three), oriented: true }
        }
        None => AlterationKind::Fusion { five: None, three: genes::known(gene), oriented: false },
    }
}

fn small(said: &str) -> AlterationKind {
    let Some(protein) = named_change(said) else { return AlterationKind::Other };
    let consequence = genomics::implied(&protein);
    let (coding, clinvar) = (vec![], vec![]);
    AlterationKind::Small { protein: Some(protein), coding, genomic: None, consequence, exon: None, clinvar }
}
