//! Which specimen, from where, taken when?

use crate::cx::Cx;
use crate::element::{all_words, concept, date};
use concilium_case::Specimen;
use concilium_terms::{Code, PartialDate};

/// Reads a Specimen.
pub fn read(cx: &mut Cx) {
    let json = cx.json();
    let kinds = json.one("type").map(concept).unwrap_or_default();
    let sites = json.path("collection.bodySite").map(concept).unwrap_or_default();
    let (plasma, blood) = fluid(&kinds);
    let mut meta = cx.meta("");
    let processed = json.path("processing.timeDateTime").and_then(|t| PartialDate::parse(t.text()?).ok());
    meta.when = meta.when.or(processed).or_else(|| date(json, "receivedTime"));
    if json.str("status") == Some("unsatisfactory") {
        cx.doubt(
            "status",
            "the specimen was unsatisfactory; results from it may have failed",
            "take a new specimen",
        );
    }
    let (kind, site) = (kinds.into_iter().next(), sites.into_iter().next());
    let specimen = Specimen { meta, kind, site, plasma, blood };
    cx.facts.specimens.push(specimen);
}

/// Plasma, blood that is not plasma. Codes of HL7 v2 table 0487; whole blood holds leucocytes and is no plasma.
fn fluid(kinds: &[Code]) -> (bool, bool) {
    let words = all_words(kinds);
    let any = |list: &[&str]| list.iter().any(|word| words.contains(word));
    let coded = |list: &[&str]| kinds.iter().any(|kind| list.contains(&kind.code.as_str()));
    let plasma = coded(&["PLAS"])
        || any(&[
            "plasma",
            "cfdna",
            "cell-free",
            "cell free",
            "ctdna",
            "circulating tumor dna",
            "liquid biopsy",
        ]);
    let blood =
        coded(&["BLD", "WB", "BLDV", "PLR", "SER"]) || any(&["blood", "serum", "leukocyte", "leucocyte"]);
    (plasma, blood && !plasma)
}
