//! Which specimen, from where, taken when?

use crate::cx::Cx;
use crate::element::{all_words, concept, date};
use concilium_case::Specimen;
use concilium_terms::PartialDate;

/// Reads a Specimen.
pub fn read(cx: &mut Cx) {
    let json = cx.json();
    let kinds = json.one("type").map(concept).unwrap_or_default();
    let sites = json.path("collection.bodySite").map(concept).unwrap_or_default();
    let words = all_words(&kinds);
    let blood_codes = ["BLD", "PLAS", "WB", "BLDV", "PLR", "SER"]; // HL7 v2 table 0487
    let plasma = kinds.iter().any(|c| blood_codes.contains(&c.code.as_str()))
        || ["blood", "plasma", "serum", "cell-free", "ctdna"].iter().any(|word| words.contains(word));
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
    let specimen = Specimen { meta, kind: kinds.into_iter().next(), site: sites.into_iter().next(), plasma };
    cx.facts.specimens.push(specimen);
}
