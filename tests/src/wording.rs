//! Can a model put anything into a plan's words that its records do not hold? (`grounded`)
//!
//! Engines are scripted: one that tells the truth in all three ways, one that lies, one that is gone, one that obeys
//! whatever stands in the data. The plan's bytes never change.

use crate::support::{ENGINE, case, plan};
use concilium_engine::language::Wording;
use concilium_engine::recommend::{Plan, Section};
use concilium_grounding::How;
use concilium_models::{ChatAsk, ChatModel, ChatReply, ModelError, ModelId, Stop, never};
use std::sync::Mutex;

/// Answers by a function of the question and keeps what it was asked.
struct Scripted<F> {
    id: ModelId,
    script: F,
    asked: Mutex<Vec<ChatAsk>>,
}

fn scripted<F>(script: F) -> Scripted<F> {
    let id = ModelId { name: "scripted".into(), sha256: String::new() };
    Scripted { id, script, asked: Mutex::default() }
}

impl<F: Fn(&ChatAsk) -> Result<String, ModelError> + Send + Sync> ChatModel for Scripted<F> {
    fn id(&self) -> &ModelId {
        &self.id
    }
    fn constrains(&self) -> bool {
        false
    }
    fn answer(&self, ask: &ChatAsk, _: Stop) -> Result<ChatReply, ModelError> {
        self.asked.lock().expect("one thread").push(ask.clone());
        (self.script)(ask).map(|text| ChatReply { text, ..ChatReply::default() })
    }
}

fn words(plan: &Plan, model: &dyn ChatModel) -> Wording {
    ENGINE.word(plan, Some(model), &mut |_, _, _| {}, &never)
}

#[track_caller]
fn melanoma() -> Plan {
    plan(&case("C-melanoma")).expect("a plan").plan
}

/// Every sentence shown names the bytes that carry it, and no option is missing.
#[track_caller]
fn whole(plan: &Plan, wording: &Wording) {
    let open =
        plan.options.iter().filter(|one| matches!(one.section, Section::ToDiscuss | Section::Conditional));
    assert_eq!(wording.options.len(), open.take(12).count());
    assert!(wording.options.values().all(|one| !one.sentences.is_empty()));
    let shown = wording.options.values().flat_map(|one| &one.sentences);
    assert!(shown.into_iter().all(|one| !one.carried_by.is_empty()));
}

#[test]
fn without_a_model_the_records_speak() {
    let plan = melanoma();
    let wording = ENGINE.word(&plan, None, &mut |_, _, _| {}, &never);
    whole(&plan, &wording);
    assert!(wording.options.values().flat_map(|one| &one.sentences).all(|one| one.how == How::Rendered));
}

#[test]
fn true_sentences_are_shown_and_lies_are_withheld_with_their_reasons() {
    let plan = melanoma();
    let lies = [
        r#"{"text": "Imatinib supports sensitivity in melanoma.", "evidence": ["E1"]}"#,
        r#"{"text": "99 % of patients are cured.", "evidence": ["E1"]}"#,
        r#"{"text": "It should be given at once.", "evidence": ["E77"]}"#,
        r#"{"text": "It works.", "evidence": []}"#,
        r#"{"quote": "E1", "start": 5, "end": 999999}"#,
    ];
    let model = scripted(|_: &ChatAsk| {
        Ok(format!("Sure:\n```json\n{{\"sentences\": [{{\"record\": \"E1\"}}, {}]}}\n```", lies.join(",")))
    });
    let wording = words(&plan, &model);
    whole(&plan, &wording);
    for worded in wording.options.values() {
        assert_eq!(worded.withheld.len(), lies.len());
        assert!(worded.withheld.iter().all(|one| !one.reasons.is_empty()));
        let shown: Vec<&str> = worded.sentences.iter().map(|one| one.text.as_str()).collect();
        assert!(
            !shown.iter().any(|text| text.contains("matinib supports sens") || text.contains("99 %")),
            "{shown:?}"
        );
    }
}

#[test]
fn a_model_that_is_gone_is_asked_once_and_the_words_are_whole() {
    let plan = melanoma();
    let model =
        scripted(|_: &ChatAsk| Err(ModelError::Gone { model: "scripted".into(), what: "nobody".into() }));
    let wording = words(&plan, &model);
    whole(&plan, &wording);
    assert_eq!(model.asked.lock().expect("one thread").len(), 1);
    assert!(wording.notices.iter().any(|notice| notice.contains("not asked again")), "{:?}", wording.notices);
}

#[test]
fn kept_replies_give_the_same_words_and_the_plan_stays_as_it_is() {
    let plan = melanoma();
    let before = serde_json::to_string(&plan).expect("JSON");
    let model = scripted(|_: &ChatAsk| {
        Ok(r#"{"sentences": [{"record": "E1"}, {"text": "No.", "evidence": ["E1"]}]}"#.into())
    });
    let wording = words(&plan, &model);
    assert_eq!(ENGINE.again(&plan, &wording), wording);
    assert_eq!(serde_json::to_string(&plan).expect("JSON"), before);
}

#[test]
fn the_question_holds_no_name_and_no_identifier() {
    for name in ["A-lung", "B-colorectal", "C-melanoma"] {
        let plan = plan(&case(name)).expect("a plan").plan;
        let model = scripted(|_: &ChatAsk| Ok(r#"{"sentences": []}"#.into()));
        words(&plan, &model);
        let asked = model.asked.lock().expect("one thread");
        assert!(!asked.is_empty());
        let surname = plan.patient.name.split_whitespace().nth(1).expect("a surname").to_owned();
        for ask in asked.iter() {
            assert!(!ask.user.contains(&surname), "{name}: the question holds the surname");
            assert!(
                !ask.user.contains(&plan.patient.birth_date),
                "{name}: the question holds the birth date"
            );
            for identifier in &plan.patient.identifiers {
                let value = identifier.rsplit('|').next().expect("a value");
                assert!(!ask.user.contains(value), "{name}: the question holds an identifier");
            }
        }
    }
}
