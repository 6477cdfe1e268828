//! Questions with labels: what is asked, and what would be right?

use super::lab::Lab;
use super::{EvalError, Result};
use crate::compare::drawn;
use crate::metrics::{Judged, Measure};
use crate::read::beir::Beir;
use crate::read::bioasq::{Question as Asked, pmid};
use crate::read::topics::Topic;
use crate::read::{Broken, bioasq as bioasq_file, civic_pm, topics};
use concilium_evidence::passage::DocumentId;
use concilium_knowledge::{Knowledge, Statement};
use concilium_terms::lexicon::{Kind, Lexicon, Writing};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

/// A question with its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Id.
    pub id: String,
    /// As it is asked.
    pub text: String,
    /// What is right, and what is known to be wrong.
    pub judged: Judged,
    /// Questions of one group ask the same and stay in one half.
    pub group: String,
}

/// Questions to one corpus.
#[derive(Clone, Debug)]
pub struct Task {
    /// Name.
    pub name: String,
    /// What is asked of what, and what to keep in mind.
    pub about: String,
    /// Questions that have a relevant document in the corpus.
    pub questions: Vec<Question>,
    /// What is measured; the first one decides.
    pub measures: Vec<Measure>,
    /// Measured again on lists of judged documents only.
    pub condensed: bool,
    /// What the labels call a document, where it is not its id.
    pub units: HashMap<DocumentId, String>,
    /// How much it counts in tuning: 1 a set, shared where a set asks in two ways; 0 where the program does not ask so.
    pub share: f64,
    /// Passages looked at.
    pub depth: usize,
    /// The best value of the first measure that can be reached, where it is not 1.
    pub ceiling: Option<f64>,
}

/// TREC Precision Medicine 2017 on publications that CIViC cites: as the program asks, and with the patient's age and sex.
///
/// # Errors
/// A file of labels is missing or cannot be read.
pub fn trec_pm(data: &Path, lab: &Lab, broken: &mut Vec<Broken>) -> Result<Vec<Task>> {
    let eval = data.join("eval");
    let read = civic_pm::read(&eval.join("trecpm2017_on_civic_pmids.tsv"))?;
    broken.extend(read.broken);
    let found = topics::read(&eval.join("trec_pm_2017").join("topics2017.xml"))?;
    broken.extend(found.broken);
    let mut units = HashMap::new();
    for (id, head) in lab.heads() {
        if let Some(pmid) = head.ids.iter().find(|id| id.starts_with("pmid:")) {
            units.insert(id.clone(), pmid.clone());
        }
    }
    let held: BTreeSet<&String> = units.values().collect();
    let task = |name: &str, about: &str, ask: &dyn Fn(&Topic) -> String| {
        let question = |topic: &Topic| {
            let judged = read.value.qrels.get(&topic.id)?;
            let judged: Judged =
                judged.iter().filter(|(id, _)| held.contains(id)).map(|(id, g)| (id.clone(), *g)).collect();
            let id = format!("trec-pm-2017-{}", topic.id);
            let question = Question { group: id.clone(), id, text: ask(topic), judged };
            question.judged.values().any(|grade| 0 < *grade).then_some(question)
        };
        Task {
            name: name.to_owned(),
            about: about.to_owned(),
            questions: found.value.iter().filter_map(question).collect(),
            measures: vec![
                Measure::Ndcg(10),
                Measure::Precision(5),
                Measure::Precision(10),
                Measure::Recall(10),
                Measure::ReciprocalRank,
            ],
            condensed: true,
            units: units.clone(),
            share: 0.0,
            depth: 1000,
            ceiling: None,
        }
    };
    let own = task(
        "TREC PM 2017 on CIViC",
        "Disease, genes and variants → publications, each by its best CIViC statement. The labels are on the articles, the \
         texts are the curators' sentences on them; what was not judged counts as wrong except in the condensed lists.",
        &|topic| format!("{} {}", topic.disease, alterations(&topic.gene)),
    );
    let whole = task(
        "TREC PM 2017 on CIViC, age and sex too",
        "The same with the demographics of the topic in the question, which the program does not ask with.",
        &|topic| format!("{} {} {}", topic.disease, alterations(&topic.gene), topic.demographic),
    );
    let own = Task { share: 1.0, ..own };
    Ok(vec![filled(own, "trec-pm-2017")?, filled(whole, "trec-pm-2017")?])
}

/// `KRAS (G13D), AKT1(E17K)` → `KRAS G13D AKT1 E17K`.
fn alterations(gene: &str) -> String {
    gene.replace(['(', ')', ','], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A question must have a right answer, and there must be questions.
fn filled(task: Task, set: &'static str) -> Result<Task> {
    if task.questions.is_empty() { Err(EvalError::Empty { set }) } else { Ok(task) }
}

/// The questions of BioASQ on cancer.
///
/// # Errors
/// The file is missing or cannot be read.
pub fn bioasq_questions(data: &Path, broken: &mut Vec<Broken>) -> Result<Vec<Asked>> {
    let folder = data.join("literature").join("bioasq");
    let read = bioasq_file::read(&folder.join("bioasq_7b-11b_oncology_subset.json"))?;
    broken.extend(read.broken);
    Ok(read.value)
}

/// Question → documents whose golden snippets answer it.
///
/// # Errors
/// No question.
pub fn bioasq(questions: &[Asked]) -> Result<Task> {
    let question = |asked: &Asked| {
        let ids = asked.snippets.iter().filter_map(|snippet| pmid(&snippet.document));
        let judged = ids.map(|pmid| (format!("pmid:{pmid}"), 1)).collect();
        let id = format!("bioasq-{}", asked.id);
        Question { group: id.clone(), id, text: asked.body.clone(), judged }
    };
    let task = Task {
        name: "BioASQ oncology".to_owned(),
        about: "Question → documents. The corpus holds golden snippets only, no other text of PubMed, so that every number \
                is higher than it would be there: for comparing systems, not for saying how good one is."
            .to_owned(),
        questions: questions.iter().map(question).collect(),
        measures: vec![Measure::Ndcg(10), Measure::ReciprocalRank, Measure::Recall(10)],
        condensed: false,
        units: HashMap::new(),
        share: 1.0,
        depth: 150,
        ceiling: None,
    };
    filled(task, "bioasq")
}

/// Questions of a BEIR folder.
///
/// # Errors
/// No question has a relevant text.
pub fn beir(beir: &Beir) -> Result<Task> {
    let question = |(id, judged): (&String, &Judged)| {
        let text = beir.queries.get(id)?.clone();
        let question = Question { group: id.clone(), id: id.clone(), text, judged: judged.clone() };
        judged.values().any(|grade| 0 < *grade).then_some(question)
    };
    let task = Task {
        name: "BEIR folder".to_owned(),
        about: "Question → texts, each by its best passage.".to_owned(),
        questions: beir.qrels.iter().filter_map(question).collect(),
        measures: vec![
            Measure::Ndcg(10),
            Measure::Recall(100),
            Measure::AveragePrecision,
            Measure::ReciprocalRank,
        ],
        condensed: false,
        units: HashMap::new(),
        share: 1.0,
        depth: 1000,
        ceiling: None,
    };
    filled(task, "beir")
}

/// What a predictive statement is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    pub profile: String,
    pub disease: String,
    /// Sorted; those of substitutes all in one.
    pub drugs: Vec<String>,
}

impl Claim {
    pub fn of(knowledge: &Knowledge, statement: &Statement) -> Option<Claim> {
        let profile = knowledge.profile(statement.profile)?.name.clone();
        let regimen = statement.regimen.as_ref()?;
        let drugs: Vec<String> = regimen.components.iter().map(|drug| drug.as_str().to_owned()).collect();
        let whole = !drugs.is_empty() && !statement.disease_name.is_empty();
        whole.then(|| Claim { profile, disease: statement.disease_name.clone(), drugs })
    }

    /// Drugs, alteration, tumour: as the program asks for an option.
    pub fn words(&self) -> String {
        format!("{} {} {}", self.drugs.join(" "), self.profile, self.disease)
    }
}

/// Claims of predictive statements by key.
pub(super) fn claims(knowledge: &Knowledge) -> BTreeMap<String, Claim> {
    let mut found: BTreeMap<String, Claim> = BTreeMap::new();
    for statement in &knowledge.statements {
        let Some(claim) = Claim::of(knowledge, statement) else { continue };
        found
            .entry(statement.key.as_str().to_owned())
            .and_modify(|other| {
                other.drugs.extend(claim.drugs.iter().cloned());
                other.drugs.sort();
                other.drugs.dedup();
            })
            .or_insert(claim);
    }
    found
}

/// Each predictive statement asked for by alteration, tumour and drugs: in its own names, and in other names of the same.
///
/// # Errors
/// The corpus holds none of the release's statements.
pub fn known_items(knowledge: &Knowledge, lab: &Lab, seed: u64) -> Result<Vec<Task>> {
    let claims = claims(knowledge);
    let held = |key: &str| lab.heads().contains_key(&DocumentId(format!("civic:{key}")));
    let held: BTreeMap<&String, &Claim> = claims.iter().filter(|(key, _)| held(key)).collect();
    let mut alike: BTreeMap<&Claim, usize> = BTreeMap::new();
    held.values().for_each(|claim| *alike.entry(claim).or_default() += 1);
    let claims: Vec<(&String, &Claim)> = held.into_iter().collect();
    // Where n statements are about the same, nobody can know which is meant: the mean of 1/1 … 1/n.
    let best = |n: usize| (1..=n).map(|place| 1.0 / place as f64).sum::<f64>() / n.max(1) as f64;
    let reachable: f64 = claims.iter().map(|(_, claim)| best(alike.get(claim).copied().unwrap_or(1))).sum();
    let ceiling = reachable / claims.len().max(1) as f64;
    let question = |key: &str, claim: &Claim, text: String| {
        let judged = Judged::from([(format!("civic:{key}"), 1)]);
        Question { id: key.to_owned(), text, judged, group: claim.words() }
    };
    let task = |name: &str, about: String, questions: Vec<Question>, ceiling| Task {
        name: name.to_owned(),
        about,
        questions,
        measures: vec![Measure::ReciprocalRank, Measure::Recall(10)],
        condensed: false,
        units: HashMap::new(),
        share: 0.5,
        depth: 150,
        ceiling,
    };
    let own = claims.iter().map(|(key, claim)| question(key, claim, claim.words())).collect();
    let own = task(
        "Known item in CIViC",
        "Drugs, alteration and tumour of a predictive statement, as the release names them → that statement. Several \
         statements are about the same: see the most that can be reached."
            .to_owned(),
        own,
        Some(ceiling),
    );
    let others = Others::of(&lab.lexicon);
    let renamed: Vec<Question> = claims
        .iter()
        .filter_map(|(key, claim)| Some(question(key, claim, others.words(&lab.lexicon, claim, key, seed)?)))
        .collect();
    let about = "The same with genes and drugs under another of their names where there is one (those without any are left \
                 out); which one is decided by the seed.";
    let renamed = task("Known item in CIViC, other names", about.to_owned(), renamed, None);
    Ok(vec![filled(own, "known-item")?, filled(renamed, "known-item")?])
}

/// Other names of genes and drugs that mean one thing only.
struct Others<'l>(BTreeMap<(Kind, &'l str), Vec<&'l str>>);

impl<'l> Others<'l> {
    fn of(lexicon: &'l Lexicon) -> Others<'l> {
        let mut found: BTreeMap<(Kind, &str), Vec<&str>> = BTreeMap::new();
        for entry in lexicon.entries() {
            let (id, name) = (&*entry.id, &*entry.surface);
            let other = !name.to_lowercase().contains(&id.to_lowercase()) && 2 < name.len();
            let wanted = matches!(entry.kind, Kind::Gene | Kind::Drug) && other && !entry.needs_context;
            if wanted && lexicon.named(name, entry.kind).iter().all(|named| *named.id == *id) {
                found.entry((entry.kind, id)).or_default().push(name);
            }
        }
        Others(found)
    }

    /// The claim's words with each gene and drug renamed; `None` where none has another name.
    fn words(&self, lexicon: &Lexicon, claim: &Claim, key: &str, seed: u64) -> Option<String> {
        let text = claim.words();
        let (mut words, mut at, mut changed) = (String::new(), 0, false);
        for mention in lexicon.find(&text, Writing::Prose).iter().filter(|mention| !mention.nested) {
            let entry = mention.likely().filter(|entry| matches!(entry.kind, Kind::Gene | Kind::Drug));
            let names = entry.and_then(|entry| self.0.get(&(entry.kind, &*entry.id)));
            let Some((names, entry)) = names.zip(entry) else { continue };
            let chosen = drawn(&format!("{key} {}", entry.id), seed) % names.len() as u64;
            words += &text[at..mention.span.start];
            words += names[chosen as usize];
            (at, changed) = (mention.span.end, true);
        }
        changed.then(|| words + &text[at..])
    }
}

#[cfg(test)]
mod tests {
    use super::alterations;

    #[test]
    fn genes_are_asked_for_as_a_board_writes_them() {
        for (written, expected) in [
            ("KRAS (G13D), AKT1(E17K)", "KRAS G13D AKT1 E17K"),
            ("CDK4 Amplification", "CDK4 Amplification"),
            ("ABC1, DEF2 Deletion", "ABC1 DEF2 Deletion"),
        ] {
            assert_eq!(alterations(written), expected);
        }
    }
}
