//! How are measurements said as a structured report? TID 1500 with one TID 1411 group for each region, in a Comprehensive
//! 3D SR: value with unit, the segment it was measured in, the identifiers that follow a lesion over time, the algorithm.

use crate::compose::{
    Code, MANUFACTURER, MODEL, Made, begin, decimal, file, item, reference, references, sequence, text, uid,
    whole,
};
use crate::error::DicomError;
use crate::segmentation::Object;
use crate::series::Series;
use concilium_imaging::Unit;
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

/// One number.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// What was measured.
    pub concept: Code,
    /// The number.
    pub value: f64,
    /// Its unit, in UCUM.
    pub unit: Code,
    /// What of the algorithm's parameters holds for this number only.
    pub parameters: Vec<String>,
}

/// What was measured in one region.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Number of the segment.
    pub segment: u32,
    /// Tracking ID and UID.
    pub tracking: (String, String),
    /// What it is, where somebody said it.
    pub kind: Option<Code>,
    /// Where it is, where somebody said it.
    pub site: Option<Code>,
    /// The numbers.
    pub measurements: Vec<Measurement>,
}

/// What computed the numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Algorithm {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its settings.
    pub parameters: Vec<String>,
}

/// A unit of UCUM for a unit as the lists of features write it: `I` is the image's own unit of intensity.
pub fn unit(written: &str, image: Unit) -> Code {
    let own = image.ucum();
    let (value, meaning) = match written {
        "1" => ("1".to_owned(), "no units".to_owned()),
        "mm" => ("mm".to_owned(), "millimeter".to_owned()),
        "mm²" => ("mm2".to_owned(), "square millimeter".to_owned()),
        "mm³" => ("mm3".to_owned(), "cubic millimeter".to_owned()),
        "1/mm" => ("/mm".to_owned(), "per millimeter".to_owned()),
        "I" => (own.to_owned(), image.name().to_owned()),
        "I²" if own == "1" => ("1".to_owned(), "no units".to_owned()),
        "I²" => (format!("({own})2"), format!("{} squared", image.name())),
        "I·mm³" if own == "1" => ("mm3".to_owned(), "cubic millimeter".to_owned()),
        "I·mm³" => (format!("{own}.mm3"), format!("{} cubic millimeter", image.name())),
        other => (other.to_owned(), other.to_owned()),
    };
    Code { value, scheme: "UCUM".to_owned(), meaning }
}

/// How an item belongs to the one above it.
#[derive(Clone, Copy)]
enum Tie {
    Contains,
    ConceptModifier,
    ObservationContext,
}

/// A content item without its value.
fn content(tie: Option<Tie>, kind: &str, concept: &Code) -> InMemDicomObject {
    let mut object = item(&[(tags::VALUE_TYPE, kind)]);
    if let Some(tie) = tie {
        let word = match tie {
            Tie::Contains => "CONTAINS",
            Tie::ConceptModifier => "HAS CONCEPT MOD",
            Tie::ObservationContext => "HAS OBS CONTEXT",
        };
        text(&mut object, tags::RELATIONSHIP_TYPE, word);
    }
    sequence(&mut object, tags::CONCEPT_NAME_CODE_SEQUENCE, vec![concept.item()]);
    object
}

fn dcm(value: &str, meaning: &str) -> Code {
    Code::new(value, "DCM", meaning)
}

fn words(tie: Tie, concept: &Code, value: &str) -> InMemDicomObject {
    let mut object = content(Some(tie), "TEXT", concept);
    text(&mut object, tags::TEXT_VALUE, value);
    object
}

fn coded(tie: Tie, concept: &Code, value: &Code) -> InMemDicomObject {
    let mut object = content(Some(tie), "CODE", concept);
    sequence(&mut object, tags::CONCEPT_CODE_SEQUENCE, vec![value.item()]);
    object
}

fn identified(tie: Tie, concept: &Code, value: &str) -> InMemDicomObject {
    let mut object = content(Some(tie), "UIDREF", concept);
    text(&mut object, tags::UID, value);
    object
}

fn container(
    tie: Option<Tie>,
    concept: &Code,
    template: Option<&str>,
    inside: Vec<InMemDicomObject>,
) -> InMemDicomObject {
    let mut object = content(tie, "CONTAINER", concept);
    text(&mut object, tags::CONTINUITY_OF_CONTENT, "SEPARATE");
    if let Some(template) = template {
        let named = item(&[(tags::MAPPING_RESOURCE, "DCMR"), (tags::TEMPLATE_IDENTIFIER, template)]);
        sequence(&mut object, tags::CONTENT_TEMPLATE_SEQUENCE, vec![named]);
    }
    sequence(&mut object, tags::CONTENT_SEQUENCE, inside);
    object
}

/// Writes what was measured in the segments of `regions` on a series.
pub fn write(
    series: &Series,
    regions: &Object,
    findings: &[Finding],
    algorithm: &Algorithm,
    made: &Made,
) -> Result<Vec<u8>, DicomError> {
    if let Some(at) = findings.iter().position(|finding| finding.measurements.is_empty()) {
        return Err(DicomError::file("new report", format!("finding {} has no measurement", at + 1)));
    }
    let numbers = findings.iter().flat_map(|finding| &finding.measurements).all(|m| m.value.is_finite());
    if findings.is_empty() || !numbers {
        return Err(DicomError::file("new report", "has no finding, or a number that is not finite"));
    }
    let said = format!("{findings:?}{algorithm:?}");
    let named = |what| uid(&[what, &regions.sop_instance, &said, &made.day, &made.time, &made.version]);
    let (own_series, instance) = (named("report series"), named("report"));
    let mut object =
        begin(&series.header, uids::COMPREHENSIVE3_DSR_STORAGE, "SR", [&own_series, &instance], made);
    for (tag, value) in [
        (tags::COMPLETION_FLAG, "COMPLETE"),
        (tags::VERIFICATION_FLAG, "UNVERIFIED"),
        (tags::PRELIMINARY_FLAG, "FINAL"),
    ] {
        text(&mut object, tag, value);
    }
    for tag in [tags::REFERENCED_PERFORMED_PROCEDURE_STEP_SEQUENCE, tags::PERFORMED_PROCEDURE_CODE_SEQUENCE] {
        sequence(&mut object, tag, Vec::new());
    }
    sequence(
        &mut object,
        tags::CURRENT_REQUESTED_PROCEDURE_EVIDENCE_SEQUENCE,
        vec![evidence(series, regions)],
    );
    for element in root(series, regions, findings, algorithm, made) {
        object.put(element);
    }
    file(object)
}

/// Every object the report speaks of, by study and series.
fn evidence(series: &Series, regions: &Object) -> InMemDicomObject {
    let mut pictures = references(series.source.frames.iter(), tags::REFERENCED_SOP_SEQUENCE);
    text(&mut pictures, tags::SERIES_INSTANCE_UID, &series.source.series);
    let mut drawn = item(&[(tags::SERIES_INSTANCE_UID, &regions.series)]);
    let named = vec![reference(&regions.sop_class, &regions.sop_instance)];
    sequence(&mut drawn, tags::REFERENCED_SOP_SEQUENCE, named);
    let mut study = item(&[(tags::STUDY_INSTANCE_UID, &series.source.study)]);
    sequence(&mut study, tags::REFERENCED_SERIES_SEQUENCE, vec![drawn, pictures]);
    study
}

fn root(
    series: &Series,
    regions: &Object,
    findings: &[Finding],
    algorithm: &Algorithm,
    made: &Made,
) -> InMemDicomObject {
    let device = uid(&["device", MANUFACTURER, MODEL, &made.version]);
    let context = Tie::ObservationContext;
    let groups = findings.iter().map(|finding| group(series, regions, finding, algorithm)).collect();
    let inside = vec![
        coded(
            Tie::ConceptModifier,
            &dcm("121049", "Language of Content Item and Descendants"),
            &Code::new("en", "RFC5646", "English"),
        ),
        coded(context, &dcm("121005", "Observer Type"), &dcm("121007", "Device")),
        identified(context, &dcm("121012", "Device Observer UID"), &device),
        words(context, &dcm("121013", "Device Observer Name"), MODEL),
        words(context, &dcm("121014", "Device Observer Manufacturer"), MANUFACTURER),
        words(context, &dcm("121015", "Device Observer Model Name"), &format!("{MODEL} {}", made.version)),
        coded(
            Tie::ConceptModifier,
            &dcm("121058", "Procedure reported"),
            &procedure(&series.source.modality),
        ),
        container(Some(Tie::Contains), &dcm("126010", "Imaging Measurements"), None, groups),
    ];
    container(None, &dcm("126000", "Imaging Measurement Report"), Some("1500"), inside)
}

/// Which kind of scan was measured (CID 100).
fn procedure(modality: &str) -> Code {
    match modality {
        "CT" => Code::new("25045-6", "LN", "CT unspecified body region"),
        "MR" => Code::new("25056-3", "LN", "MRI unspecified body region"),
        "PT" => Code::new("44136-0", "LN", "PET unspecified body region"),
        _ => Code::new("363679005", "SCT", "Imaging procedure"),
    }
}

fn group(series: &Series, regions: &Object, finding: &Finding, algorithm: &Algorithm) -> InMemDicomObject {
    let (id, uid) = &finding.tracking;
    let mut inside = vec![
        words(Tie::ObservationContext, &dcm("112039", "Tracking Identifier"), id),
        identified(Tie::ObservationContext, &dcm("112040", "Tracking Unique Identifier"), uid),
    ];
    if let Some(kind) = &finding.kind {
        inside.push(coded(Tie::Contains, &dcm("121071", "Finding"), kind));
    }
    let mut segment = content(Some(Tie::Contains), "IMAGE", &dcm("121191", "Referenced Segment"));
    let mut named = reference(&regions.sop_class, &regions.sop_instance);
    whole(&mut named, tags::REFERENCED_SEGMENT_NUMBER, finding.segment as u16);
    sequence(&mut segment, tags::REFERENCED_SOP_SEQUENCE, vec![named]);
    inside.push(segment);
    let source = dcm("121232", "Source series for segmentation");
    inside.push(identified(Tie::Contains, &source, &series.source.series));
    if let Some(site) = &finding.site {
        inside.push(coded(Tie::ConceptModifier, &Code::new("363698007", "SCT", "Finding Site"), site));
    }
    inside.extend(algorithm_items(algorithm));
    inside.extend(finding.measurements.iter().map(|measurement| number(measurement, algorithm)));
    container(Some(Tie::Contains), &dcm("125007", "Measurement Group"), Some("1411"), inside)
}

fn algorithm_items(algorithm: &Algorithm) -> Vec<InMemDicomObject> {
    let tie = Tie::ConceptModifier;
    let parameter = |value: &String| words(tie, &dcm("111002", "Algorithm Parameters"), value);
    let mut items = vec![
        words(tie, &dcm("111001", "Algorithm Name"), &algorithm.name),
        words(tie, &dcm("111003", "Algorithm Version"), &algorithm.version),
    ];
    items.extend(algorithm.parameters.iter().map(parameter));
    items
}

fn number(measurement: &Measurement, algorithm: &Algorithm) -> InMemDicomObject {
    let mut object = content(Some(Tie::Contains), "NUM", &measurement.concept);
    let mut value = item(&[(tags::NUMERIC_VALUE, &decimal(measurement.value))]);
    // The decimal string has 16 characters; the number itself stands beside it.
    value.put(DataElement::new(tags::FLOATING_POINT_VALUE, VR::FD, PrimitiveValue::from(measurement.value)));
    sequence(&mut value, tags::MEASUREMENT_UNITS_CODE_SEQUENCE, vec![measurement.unit.item()]);
    sequence(&mut object, tags::MEASURED_VALUE_SEQUENCE, vec![value]);
    if !measurement.parameters.is_empty() {
        let own = Algorithm { parameters: measurement.parameters.clone(), ..algorithm.clone() };
        sequence(&mut object, tags::CONTENT_SEQUENCE, algorithm_items(&own));
    }
    object
}
