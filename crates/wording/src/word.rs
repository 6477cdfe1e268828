//! What is said of each option, by whom, and what was withheld?

use crate::ask::{TEMPLATE, ask, heading};
use crate::records::records_of;
use concilium_grounding::{Answer, Gate, Published, Records, Reply, Said};
use concilium_models::{ChatModel, ChatReply, ModelError, ModelId, Stop};
use concilium_recommend::{Plan, PlanOption, Section};
use concilium_terms::lexicon::Lexicon;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Options that are worded at most: those of sections (1) and (2), in the plan's order.
const OPTIONS: usize = 12;

/// The words of a plan: an artefact beside it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Wording {
    /// Run of the plan it is of.
    pub run: String,
    /// The model; none: the records' own sentences.
    pub model: Option<ModelId>,
    /// sha256 of what the model was told to do.
    pub template: String,
    /// By option id.
    pub options: BTreeMap<String, Worded>,
    /// What could not be done, in words for people.
    pub notices: Vec<String>,
}

/// The words about one option.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Worded {
    /// What may be shown, each sentence with what carries it.
    pub sentences: Vec<Published>,
    /// What is not shown, and why.
    pub withheld: Vec<WithheldSentence>,
    /// Parts of the reply that could not be read.
    pub unreadable: Vec<String>,
    /// The reply as it came, for replay; none where no model was asked or none answered.
    pub reply: Option<ChatReply>,
}

/// A sentence that is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WithheldSentence {
    /// What the reply said there.
    pub said: String,
    /// Why; never empty.
    pub reasons: Vec<String>,
}

/// Told before each option: its place, how many there are, its name.
pub type Progress<'p> = &'p mut dyn FnMut(usize, usize, &str);

impl Wording {
    /// Sentences a model wrote or chose that are shown, and those that were withheld.
    pub fn counts(&self) -> (usize, usize) {
        let own = |worded: &Worded| worded.sentences.iter().filter(|one| !one.added).count();
        let shown = self.options.values().filter(|worded| worded.reply.is_some()).map(own).sum();
        let withheld =
            self.options.values().map(|worded| worded.withheld.len() + worded.unreadable.len()).sum();
        (shown, withheld)
    }
}

/// Words a plan with a model. What the model cannot do, the records' own sentences do, and a notice says it: there is
/// always a wording.
pub fn word(
    plan: &Plan,
    lexicon: &Lexicon,
    model: &dyn ChatModel,
    progress: Progress,
    stop: Stop,
) -> Wording {
    let mut wording = Wording { model: Some(model.id().clone()), ..empty(plan) };
    let options: Vec<&PlanOption> = worded(plan).collect();
    let mut lost: Option<String> = None;
    for (at, option) in options.iter().enumerate() {
        progress(at, options.len(), &option.name);
        let records = records_of(plan, option);
        let said = match &lost {
            Some(_) => None,
            None => match model.answer(&ask(plan, option, &records), stop) {
                Ok(reply) => Some(reply),
                Err(error) => {
                    wording.notices.push(format!("{}: no words of the model: {error}", option.name));
                    // A model that is gone, or a reader who stopped, is not asked again; one bad answer is.
                    lost = matches!(error, ModelError::Stopped | ModelError::Gone { .. })
                        .then(|| error.to_string());
                    None
                }
            },
        };
        let words = match said {
            Some(reply) => judged(plan, lexicon, &records, reply),
            None => of_records(&records),
        };
        wording.options.insert(option.id.clone(), words);
    }
    if let Some(error) = lost {
        wording.notices.push(format!("the model was not asked again: {error}"));
    }
    wording
}

/// The same artefact without a model: for, against and safety in the records' own sentences.
pub fn templated(plan: &Plan) -> Wording {
    let options = worded(plan).map(|option| (option.id.clone(), of_records(&records_of(plan, option))));
    Wording { options: options.collect(), ..empty(plan) }
}

/// The artefact again from the replies it kept (`replayable`): the gate judges them anew, no model is asked.
pub fn replayed(plan: &Plan, lexicon: &Lexicon, kept: &Wording) -> Wording {
    let again = |option: &PlanOption| {
        let records = records_of(plan, option);
        let reply = kept.options.get(&option.id).and_then(|worded| worded.reply.clone());
        reply.map_or_else(|| of_records(&records), |reply| judged(plan, lexicon, &records, reply))
    };
    let options = worded(plan).map(|option| (option.id.clone(), again(option))).collect();
    Wording { model: kept.model.clone(), notices: kept.notices.clone(), options, ..empty(plan) }
}

fn empty(plan: &Plan) -> Wording {
    let template = Sha256::digest(TEMPLATE.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    Wording { run: plan.manifest.run.clone(), template, ..Wording::default() }
}

fn worded(plan: &Plan) -> impl Iterator<Item = &PlanOption> {
    let open = |option: &&PlanOption| matches!(option.section, Section::ToDiscuss | Section::Conditional);
    plan.options.iter().filter(open).take(OPTIONS)
}

fn judged(plan: &Plan, lexicon: &Lexicon, records: &Records, reply: ChatReply) -> Worded {
    let gate = Gate::new(lexicon, records, &heading(plan));
    let answer = gate.judge(Reply::read(object_in(&reply.text).as_bytes()));
    let mut words = shown(answer);
    if words.sentences.iter().all(|one| one.added) {
        words.sentences = of_records(records).sentences;
    }
    words.reply = Some(reply);
    words
}

fn shown(answer: Answer) -> Worded {
    let withheld = answer.withheld.into_iter().map(|one| WithheldSentence {
        said: said(&one.said),
        reasons: one.reasons.iter().map(ToString::to_string).collect(),
    });
    Worded {
        sentences: answer.published,
        withheld: withheld.collect(),
        unreadable: answer.unreadable.iter().map(ToString::to_string).collect(),
        reply: None,
    }
}

fn said(said: &Said) -> String {
    match said {
        Said::Record(key) => format!("record {key}"),
        Said::Quote { key, start, end } => format!("bytes {start} to {end} of {key}"),
        Said::Free { text, .. } => text.clone(),
    }
}

/// Every record's own sentence; what has none is quoted beside the option anyway.
fn of_records(records: &Records) -> Worded {
    let rendered = records.iter().filter(|record| record.sentence.is_some());
    let said = rendered.map(|record| Said::Record(record.key.clone())).collect();
    let lexicon = Lexicon::default();
    let own: Records =
        Records::new(records.iter().filter(|record| record.sentence.is_some()).cloned()).unwrap_or_default();
    shown(Gate::new(&lexicon, &own, "").judge(Reply { said, unreadable: vec![] }))
}

/// The JSON object in an answer: small models put words or a fence around it.
fn object_in(text: &str) -> &str {
    match (text.find('{'), text.rfind('}')) {
        (Some(start), Some(end)) if start < end => &text[start..=end],
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::object_in;

    #[track_caller]
    fn check(text: &str, want: &str) {
        assert_eq!(object_in(text), want);
    }

    #[test]
    fn words_around_the_object_are_passed_by() {
        check("{\"sentences\": []}", "{\"sentences\": []}");
        check("Sure!\n```json\n{\"sentences\": []}\n```", "{\"sentences\": []}");
        check("no object", "no object");
        check("} {", "} {");
    }
}
