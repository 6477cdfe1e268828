//! Which passages stand beside each option? Asked after ranking; what they say moves nothing.
//!
//! Curated ones are of documents whose statements the option cites. The others are found, by words and where a model is
//! set by meaning, for the option and, as a question of its own, against it: there words of failure must stand in the
//! passage, whichever leg found it. A found passage stands on a side only where it speaks of this tumour; a result of
//! more drugs than the option's is no support for it. The rest is set aside with its reason.

use crate::texts::{Hit, Legs, Query, Retrieval};
use concilium_graph::PassageUse;
use concilium_knowledge::Knowledge;
use concilium_recommend::{Cited, OptionPassages, Plan, PlanOption, Quote};
use concilium_retrieval::claim::{REGIMEN, Together, is_contrary, speaks_of, together};
use concilium_retrieval::fusion::Leg;
use concilium_retrieval::search::CONTRARY_QUERY;
use concilium_retrieval::{Field, Filter};
use concilium_terms::lexicon::{Kind, Lexicon, Writing};
use concilium_terms::{Doid, StatementKey};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Curated passages of one side at most.
const CURATED: usize = 6;
/// Found passages of one side at most.
const FOUND: usize = 3;
/// Passages set aside for what they speak of, at most.
const ASIDE: usize = 4;
/// Passages looked at before the choice.
const LOOKED_AT: usize = 30;
/// A text on a tumour this far above the patient's still speaks of it.
const STEPS_UP: u32 = 2;

/// Disease Ontology: cancer. What speaks of it, or of what stands above it, speaks of no tumour of a kind.
const CANCER: &str = "DOID:162";
/// Disease Ontology: carcinoma, adenocarcinoma, squamous cell carcinoma: of no organ.
const OF_NO_ORGAN: [&str; 3] = ["DOID:305", "DOID:299", "DOID:1749"];

/// Fills the plan's passages; gives what was left out, for the caller to say.
pub(crate) fn fill(plan: &mut Plan, knowledge: &Knowledge, texts: &Retrieval) -> Vec<String> {
    let mut desk = Desk { texts, knowledge, notices: BTreeSet::new(), asked: vec![], answers: None };
    let subject = Subject::of(plan, knowledge);
    let all = |desk: &mut Desk| -> BTreeMap<String, OptionPassages> {
        let of = |option: &PlanOption| (option.id.clone(), of_option(plan, option, &subject, desk));
        plan.options.iter().map(of).collect()
    };
    // The first round collects the questions of the whole plan, the second reads the answers.
    all(&mut desk);
    desk.answer();
    plan.literature = all(&mut desk);
    let names: Vec<String> = texts.corpora().into_keys().collect();
    let by = match texts.model() {
        Some(model) => format!("words and by meaning ({})", model.name),
        None => "words".to_owned(),
    };
    plan.literature_notes = vec![format!(
        "passages from {}; those found by {by} are not curated and count for nothing",
        names.join(", ")
    )];
    desk.notices.into_iter().collect()
}

/// Where questions are asked: all of a plan at once, because many cost little more than one. No question depends on
/// the answer to another.
struct Desk<'t> {
    texts: &'t Retrieval,
    knowledge: &'t Knowledge,
    notices: BTreeSet<String>,
    asked: Vec<Query>,
    /// In the order asked, each once it is there.
    answers: Option<VecDeque<Vec<Hit>>>,
}

impl Desk<'_> {
    /// Nothing while questions are being collected, then the answer.
    fn ask(&mut self, query: &Query) -> Vec<Hit> {
        match &mut self.answers {
            Some(answers) => answers.pop_front().unwrap_or_default(),
            None => {
                self.asked.push(query.clone());
                vec![]
            }
        }
    }

    fn answer(&mut self) {
        let vectors = !self.texts.is_lexical_by_choice();
        let matters =
            |notice: &String| notice.starts_with("left out") || vectors && notice.starts_with("no vectors");
        let mut answers = VecDeque::new();
        for answer in self.texts.search_each(&self.asked) {
            // An error: nothing to search for, an option without any known name.
            let answer = answer.unwrap_or_default();
            self.notices.extend(answer.notices.into_iter().filter(matters));
            answers.push_back(answer.hits);
        }
        self.answers = Some(answers);
    }
}

/// The patient's tumour, and what lies little above it.
struct Subject {
    tumour: String,
    doids: Vec<String>,
    /// Itself and its ancestors, as far as they name a tumour of an organ or a kind of its own.
    own: BTreeSet<Doid>,
    doid: Option<Doid>,
}

impl Subject {
    fn of(plan: &Plan, knowledge: &Knowledge) -> Subject {
        let above = match plan.patient.doid.as_str() {
            "" => vec![],
            doid => knowledge.diseases.ancestors(&Doid::new(doid)).into_iter().collect(),
        };
        let general = knowledge.diseases.ancestors(&Doid::new(CANCER));
        let general = |doid: &Doid| general.contains_key(doid) || OF_NO_ORGAN.contains(&doid.as_str());
        let doid = Some(plan.patient.doid.as_str()).filter(|doid| !doid.is_empty()).map(Doid::new);
        let own = above.iter().map(|(doid, _)| doid).filter(|doid| !general(doid)).cloned();
        let own = own.chain(doid.clone()).collect();
        let near = above.into_iter().filter(|(_, steps)| *steps <= STEPS_UP);
        let mut doids: Vec<String> = near.map(|(doid, _)| doid.to_string()).collect();
        doids.extend((!plan.patient.doid.is_empty()).then(|| plan.patient.doid.clone()));
        Subject { tumour: plan.patient.tumour.clone(), doids, own, doid }
    }

    /// Why these diseases are not the patient's tumour, an ancestor or a descendant of it. Where the tumour is not known
    /// nothing can be told apart.
    fn another_tumour(&self, named: &[Doid], knowledge: &Knowledge) -> Option<String> {
        let own = self.doid.as_ref()?;
        let is_this = |doid: &Doid| self.own.contains(doid) || knowledge.diseases.is_a(doid, own);
        if named.iter().any(is_this) {
            return None;
        }
        let cancer = Doid::new(CANCER);
        let tumour =
            |doid: &&Doid| knowledge.diseases.is_a(doid, &cancer) && !knowledge.diseases.is_a(own, doid);
        let others: Vec<String> =
            named.iter().filter(tumour).map(|doid| knowledge.diseases.name(doid)).collect();
        Some(match others.as_slice() {
            [] => "does not name this tumour".to_owned(),
            others => format!("about another tumour: {}", others.join(", ")),
        })
    }
}

fn of_option(plan: &Plan, option: &PlanOption, subject: &Subject, desk: &mut Desk) -> OptionPassages {
    let mut found = OptionPassages::default();
    let question = question(plan, option, subject);
    let mut used = BTreeSet::new();
    for (cited, is_for) in [(&option.for_, true), (&option.against, false)] {
        for quote in curated(cited, &question, desk) {
            used.insert(quote.key.clone());
            let side = if is_for { &mut found.for_ } else { &mut found.against };
            place(quote, side, &mut found.set_aside, CURATED);
        }
    }
    // Against first: what speaks of failure is never shown as found for.
    let mut aside: Vec<Quote> = vec![];
    for is_for in [false, true] {
        for quote in searched(option, &question, subject, is_for, desk) {
            if !used.insert(quote.key.clone()) {
                continue;
            }
            let side = if is_for { &mut found.found_for } else { &mut found.found_against };
            match wrong_subject(&quote, option, subject, is_for, desk) {
                None => place(quote, side, &mut found.set_aside, FOUND),
                Some(why) if aside.len() < ASIDE => {
                    let flags = [why].into_iter().chain(quote.flags).collect();
                    aside.push(Quote { flags, ..quote });
                }
                Some(_) => {}
            }
        }
    }
    found.set_aside.extend(aside);
    found
}

/// Why a found passage says nothing of this option in this tumour.
fn wrong_subject(
    quote: &Quote,
    option: &PlanOption,
    subject: &Subject,
    is_for: bool,
    desk: &Desk,
) -> Option<String> {
    let named = speaks_of(desk.texts.lexicon(), &quote.title, &quote.text);
    let diseases = named.iter().filter(|(kind, _)| *kind == Kind::Disease).map(|(_, id)| Doid::new(id));
    let another = subject.another_tumour(&diseases.collect::<Vec<_>>(), desk.knowledge);
    another.or_else(|| is_for.then(|| of_other_drugs(quote, option, desk)).flatten())
}

/// A passage that names the option's drugs only beside others, or only as given before.
fn of_other_drugs(quote: &Quote, option: &PlanOption, desk: &Desk) -> Option<String> {
    let of_option: BTreeSet<String> =
        option.regimen.components.iter().map(|drug| drug.as_str().to_owned()).collect();
    let treats = |id: &String| {
        let row = desk.knowledge.drugs.get(&concilium_terms::DrugName::new(id));
        of_option.contains(id) || row.is_some_and(concilium_knowledge::Drug::makes_a_line)
    };
    let mut said: Vec<Together> = [&quote.title, &quote.text]
        .into_iter()
        .flat_map(|text| together(desk.texts.lexicon(), text))
        .collect();
    for one in &mut said {
        let regimens = &desk.knowledge.drugs.regimens;
        let parts = |id: &String| match id.strip_prefix(REGIMEN).and_then(|name| regimens.get(name)) {
            Some(regimen) => regimen.components.iter().map(|drug| drug.as_str().to_owned()).collect(),
            None => vec![id.clone()],
        };
        one.drugs = one.drugs.iter().flat_map(parts).filter(treats).collect();
    }
    said.retain(|one| !one.drugs.is_empty());
    if said.iter().any(|one| !one.earlier && one.drugs.is_subset(&of_option)) {
        return None;
    }
    let names = |drugs: &BTreeSet<String>| drugs.iter().cloned().collect::<Vec<_>>().join(" + ");
    let wider = said.iter().find(|one| !one.earlier && one.drugs.is_superset(&of_option));
    let before = said.iter().any(|one| one.earlier && !one.drugs.is_disjoint(&of_option));
    match wider {
        Some(wider) => Some(format!("combination: the result is of {}", names(&wider.drugs))),
        None => before.then(|| "given before: the result is of another therapy".to_owned()),
    }
}

/// Only current sources stand on a side.
fn place(quote: Quote, side: &mut Vec<Quote>, set_aside: &mut Vec<Quote>, most: usize) {
    if quote.standing != Default::default() {
        if set_aside.iter().all(|other| other.key != quote.key) {
            set_aside.push(quote);
        }
    } else if side.len() < most {
        side.push(quote);
    }
}

/// Regimen, alterations and tumour in words.
fn question(plan: &Plan, option: &PlanOption, subject: &Subject) -> String {
    let drugs = option.regimen.components.iter().map(|drug| drug.as_str().to_owned());
    let supporting = plan.alterations.iter().filter(|verdict| verdict.supports.contains(&option.id));
    let best = option.for_.first().and_then(|cited| plan.evidence.get(&cited.key));
    let about = supporting.map(|verdict| verdict.label.clone()).chain(best.map(|item| item.profile.clone()));
    let words: Vec<String> = drugs.chain(about).chain([subject.tumour.clone()]).collect();
    // What stands for an operator in a query is only a sign in a name.
    words.join(" ").replace(['"', ':'], " ")
}

/// Passages of the documents these statements were curated from, in the order of the statements.
fn curated(cited: &[Cited], question: &str, desk: &mut Desk) -> Vec<Quote> {
    if cited.is_empty() {
        return vec![];
    }
    let keys: Vec<String> = cited.iter().map(|one| one.key.as_str().to_owned()).collect();
    let query = |text: &str| Query {
        filter: Filter::AnyOf(Field::Statement, keys.clone()),
        limit: LOOKED_AT,
        per_document: 1,
        legs: Legs::Lexical,
        ..Query::new(text)
    };
    // The passage of each document that answers best; the first where none answers.
    let mut hits = desk.ask(&query(question));
    let listed = desk.ask(&query(""));
    let known: BTreeSet<String> = hits.iter().map(|hit| hit.head.id.0.clone()).collect();
    hits.extend(listed.into_iter().filter(|hit| !known.contains(&hit.head.id.0)));
    let place = |key: &StatementKey| cited.iter().position(|one| one.key == *key);
    let mut quotes: Vec<(usize, Quote)> = hits
        .into_iter()
        .map(|hit| {
            let statements: Vec<StatementKey> =
                hit.head.statements.iter().filter(|key| place(key).is_some()).cloned().collect();
            let first = statements.iter().filter_map(place).min().unwrap_or(usize::MAX);
            (first, quote(hit, statements, vec![]))
        })
        .collect();
    quotes.sort_by_key(|(first, _)| *first);
    quotes.into_iter().map(|(_, quote)| quote).collect()
}

/// Passages nobody curated for this option.
fn searched(
    option: &PlanOption,
    question: &str,
    subject: &Subject,
    is_for: bool,
    desk: &mut Desk,
) -> Vec<Quote> {
    if option.regimen.components.is_empty() {
        return vec![];
    }
    let text = if is_for { question.to_owned() } else { format!("{question} {CONTRARY_QUERY}") };
    let drug = |name: &concilium_terms::DrugName| name.as_str().to_owned();
    let each = |name| Filter::AnyOf(Field::Drug, vec![drug(name)]);
    let drugs = match is_for {
        true => Filter::And(option.regimen.components.iter().map(each).collect()),
        false => Filter::AnyOf(Field::Drug, option.regimen.components.iter().map(drug).collect()),
    };
    let reading = desk.texts.lexicon().read(question, Writing::Query);
    let likely = reading.mentions.iter().filter_map(|mention| mention.likely());
    let genes = likely.filter(|entry| entry.kind == Kind::Gene).map(|entry| entry.id.to_string()).collect();
    let about = Filter::Or(vec![
        Filter::AnyOf(Field::Gene, genes),
        Filter::AnyOf(Field::Disease, subject.doids.clone()),
    ]);
    let no_trial = Filter::Not(Box::new(Filter::AnyOf(Field::Kind, vec!["trial".to_owned()])));
    let query = Query {
        filter: Filter::And(vec![drugs, about, no_trial]),
        limit: LOOKED_AT,
        per_document: 1,
        per_claim: 1,
        ..Query::new(&text)
    };
    let cited: BTreeSet<&StatementKey> =
        option.for_.iter().chain(&option.against).chain(&option.notes).map(|one| &one.key).collect();
    let hits = desk.ask(&query).into_iter();
    let uncited = hits.filter(|hit| !hit.head.statements.iter().any(|key| cited.contains(key)));
    uncited.filter(|hit| is_contrary(&hit.passage.text) != is_for).map(found_quote).collect()
}

fn found_quote(hit: Hit) -> Quote {
    let name = |leg| match leg {
        Leg::Lexical => "lexical",
        Leg::Vector => "vector",
    };
    let legs = hit.legs.iter().map(|leg| format!("{} {} ({:.2})", name(leg.leg), leg.rank, leg.score));
    let legs = legs.collect();
    quote(hit, vec![], legs)
}

fn quote(hit: Hit, statements: Vec<StatementKey>, legs: Vec<String>) -> Quote {
    Quote {
        key: hit.passage.key.to_string(),
        text: hit.passage.text,
        section: hit.passage.section,
        title: hit.head.title,
        venue: hit.head.venue,
        date: hit.head.date,
        corpus: hit.head.corpus,
        access: hit.head.access,
        standing: hit.head.standing,
        flags: hit.flags,
        statements,
        legs,
    }
}

/// The plan's passages as the plain values the graph takes.
pub(crate) fn uses(plan: &Plan, lexicon: &Lexicon) -> Vec<PassageUse> {
    let of = |(option, found): (&String, &OptionPassages)| {
        quotes(found).map(|quote| one_use(option, quote, lexicon)).collect::<Vec<_>>()
    };
    plan.literature.iter().flat_map(of).collect()
}

/// Every passage of an option.
pub(crate) fn quotes(found: &OptionPassages) -> impl Iterator<Item = &Quote> {
    let all = [&found.for_, &found.against, &found.found_for, &found.found_against, &found.set_aside];
    all.into_iter().flatten()
}

fn one_use(option: &str, quote: &Quote, lexicon: &Lexicon) -> PassageUse {
    let spoken_of = speaks_of(lexicon, &quote.title, &quote.text);
    let of = |kind: Kind| -> Vec<String> {
        let named = spoken_of.iter().filter(|(other, _)| *other == kind);
        named.map(|(_, name)| name.clone()).collect()
    };
    PassageUse {
        key: quote.key.clone(),
        title: quote.title.clone(),
        detail: quote.flags.join("; "),
        statements: quote.statements.clone(),
        genes: of(Kind::Gene),
        drugs: of(Kind::Drug),
        option: option.to_owned(),
    }
}
