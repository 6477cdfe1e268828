//! How is a plan read?
//!
//! Pure: a plan in, text out. One page for the board (`html`), one for a terminal, Markdown and JSON for other tools,
//! FHIR for an electronic record.
//! Nothing is decided here; what the plan holds is said in words, and what it does not hold is said to be missing.

mod brief;
mod card;
mod case;
mod drawing;
mod fhir;
mod front;
mod gates;
mod imaging;
mod lists;
mod markdown;
mod page;
mod passages;
mod style;
mod terminal;
mod trials;
mod unreviewed;
pub mod wording;
mod words;

pub use case::case_text;
pub use concilium_fhir_write::Error as FhirError;
pub use fhir::{fhir, patient_record};
pub use imaging::{ImagingLine, ImagingPoint, imaging_lines, imaging_page};
pub use markdown::markdown;
pub use page::{content_security_policy, html, html_noticing};
pub use style::base64;
pub use terminal::terminal;

use concilium_recommend::Plan;

/// The plan itself, pretty, fields in the order of its type; ends with a line feed.
///
/// # Errors
/// When serde_json refuses a value, e.g. a number that is not finite.
pub fn json(plan: &Plan) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(plan).map(|text| text + "\n")
}

/// Text as HTML text.
pub fn escape(text: &str) -> String {
    maud::html! { (text) }.into_string()
}
