//! Does a note say that it is so, of whom, and as of the past?
//!
//! Cues reach over a clause, after ConText (Harkema and others, J Biomed Inform 2009;42:839-851): a cue speaks of what
//! stands behind or before it until a word that ends its reach, a semicolon, or the sentence's end. Where the reach of
//! a bare "no" over commas cannot be told, the finding is neither present nor absent.

use crate::mention::{About, Assertion, Context, CueKind, CueSpan, Finding};
use crate::text::{Note, Section};
use crate::token::Tokens;
use crate::words;
use concilium_terms::lexicon::{Lexicon, Writing};
use std::cell::OnceCell;

/// One cue in a sentence; bytes of the note.
#[derive(Clone, Debug)]
pub(crate) struct Cue {
    start: usize,
    end: usize,
    /// Id of the table: `negated>`, `stop`.
    id: Box<str>,
}

/// A sentence with its cues.
pub(crate) struct Scope<'t> {
    tokens: Tokens<'t>,
    section: Section,
    cues: Vec<Cue>,
}

/// The scopes of a note's sentences, each made when first asked for.
pub(crate) struct Scopes<'n, 't> {
    note: &'n Note<'t>,
    lexicon: &'n Lexicon,
    made: Vec<OnceCell<Scope<'t>>>,
}

impl<'n, 't> Scopes<'n, 't> {
    pub fn new(note: &'n Note<'t>, lexicon: &'n Lexicon) -> Scopes<'n, 't> {
        Scopes { note, lexicon, made: note.sentences.iter().map(|_| OnceCell::new()).collect() }
    }

    pub fn of(&self, sentence: usize) -> &Scope<'t> {
        self.made[sentence].get_or_init(|| Scope::new(self.note, sentence, self.lexicon))
    }
}

/// Most tokens from a finding to a cue behind it.
const BEHIND: usize = 8;

impl<'t> Scope<'t> {
    pub fn new(note: &Note<'t>, sentence: usize, lexicon: &Lexicon) -> Scope<'t> {
        let own = &note.sentences[sentence];
        let part = &note.text[own.start..own.end];
        let mut cues = vec![];
        for mention in lexicon.find(part, Writing::Prose) {
            for entry in mention.candidates {
                let (start, end) = (own.start + mention.span.start, own.start + mention.span.end);
                cues.push(Cue { start, end, id: entry.id.clone() });
            }
        }
        Scope { tokens: Tokens::new(note.text, own.start, own.end), section: own.section, cues }
    }

    /// The context of a finding at `start..end`.
    pub fn context(&self, finding: &Finding, start: usize, end: usize) -> Context {
        let mut context = Context {
            assertion: Assertion::Present,
            about: if self.section == Section::FamilyHistory { About::Family } else { About::Patient },
            history: self.section == Section::PastHistory,
            section: self.section,
            when: None,
            until: None,
            cues: vec![],
        };
        for cue in &self.cues {
            let Some(says) = words::says(&cue.id) else { continue };
            // A negative biopsy was taken.
            if matches!(finding, Finding::Procedure { .. })
                && self.words(cue).to_ascii_lowercase().contains("negative")
            {
                continue;
            }
            let reached = match cue.id.ends_with('>') {
                true => self.forward(cue, says, start),
                false => self.backward(cue, says, end),
            };
            let Some(clear) = reached.filter(|_| concerns(says, finding, cue, start, end)) else { continue };
            apply(&mut context, says, clear);
            context.cues.push(CueSpan { start: cue.start, end: cue.end, says });
        }
        if self.questioned(start, end) {
            context.assertion = weaker(context.assertion, Assertion::Possible);
        }
        if self.section == Section::Indication && !finding.states_a_value() {
            context.assertion = weaker(context.assertion, Assertion::Possible);
        }
        context
    }

    /// Does a cue before a finding reach it? `Some(false)`: perhaps.
    fn forward(&self, cue: &Cue, says: CueKind, start: usize) -> Option<bool> {
        if start < cue.end || self.ends_between(cue.end, start, says) {
            return None;
        }
        let between = self.tokens.at_or_after(cue.end)..self.tokens.at_or_after(start);
        let commas = between.clone().filter(|at| self.tokens.word(*at) == ",").count();
        match says {
            CueKind::Negated => {
                let clear = commas == 0 || &*cue.id == "negated-list>" || self.listed_with_or(cue.end, start);
                Some(clear)
            }
            // A history reaches over a list only where it is one: no verb, few words.
            CueKind::History => (between.len() <= 12).then_some(true),
            CueKind::Planned => (between.len() <= 10).then_some(true),
            CueKind::Possible => (commas == 0 && between.len() <= 10).then_some(true),
            CueKind::NotAssessed => (between.len() <= 6).then_some(true),
            CueKind::Family | CueKind::Hypothetical => Some(true),
        }
    }

    fn backward(&self, cue: &Cue, says: CueKind, end: usize) -> Option<bool> {
        if cue.start < end || self.ends_between(end, cue.start, says) {
            return None;
        }
        let between = self.tokens.at_or_after(end)..self.tokens.at_or_after(cue.start);
        let commas = between.clone().filter(|at| self.tokens.word(*at) == ",").count();
        // One word for a relative speaks of what stands before it in brackets only: `diabetes (father)`.
        let alone = says == CueKind::Family && !self.words(cue).contains(' ');
        if alone && !between.clone().rev().take(2).any(|at| self.tokens.word(at) == "(") {
            return None;
        }
        let most = match says {
            CueKind::NotAssessed => 2 * BEHIND,
            CueKind::Family => 3 * BEHIND,
            _ => BEHIND,
        };
        // "A, B and C were not tested" is a list; "A wild-type, B not tested" is none.
        let closed = between.clone().any(|at| matches!(self.tokens.word(at), "and" | "or" | "nor"));
        let listed = commas == 0 || says == CueKind::Family || says == CueKind::NotAssessed && closed;
        (between.len() <= most && listed).then_some(true)
    }

    /// Does something between two places end a reach?
    fn ends_between(&self, from: usize, to: usize, says: CueKind) -> bool {
        let list = self.tokens.at_or_after(from)..self.tokens.at_or_after(to);
        let opened = list.clone().any(|at| self.tokens.word(at) == "(");
        let closed = !opened && list.clone().any(|at| self.tokens.word(at) == ")");
        let signs = closed
            || list.clone().any(|at| match self.tokens.word(at) {
                ";" | "•" => true,
                "." => {
                    !at.checked_sub(1).is_some_and(|at| words::ABBREVIATIONS.contains(&self.tokens.word(at)))
                }
                _ => false,
            });
        let bullets = self.tokens.text.get(from..to).is_some_and(|between| between.contains(['\n', '\r']))
            && list.clone().any(|at| self.tokens.word(at) == "-");
        let stops = self.cues.iter().any(|cue| {
            let inside = from <= cue.start && cue.end <= to;
            // "s/p" and "after" begin a new clause; "history of" lists go through what only introduces.
            let ends = &*cue.id == "stop" && !(says == CueKind::Family && soft_for_family(self.words(cue)));
            // Another negation takes over.
            inside
                && (ends
                    || says == CueKind::Negated
                        && matches!(words::says(&cue.id), Some(CueKind::Possible | CueKind::Negated))
                        && cue.id.ends_with('>'))
        });
        signs || bullets || stops
    }

    fn words(&self, cue: &Cue) -> &str {
        self.tokens.text.get(cue.start..cue.end).unwrap_or("")
    }

    /// Is the list that a finding stands in closed by "or" or "nor"?
    fn listed_with_or(&self, cue: usize, start: usize) -> bool {
        let from = self.tokens.at_or_after(start);
        if (self.tokens.at_or_after(cue)..from).any(|at| matches!(self.tokens.word(at), "or" | "nor")) {
            return true;
        }
        let before = from.checked_sub(1).map_or("", |at| self.tokens.word(at));
        if matches!(before, "or" | "nor") {
            return true;
        }
        (from..self.tokens.len())
            .take_while(|at| {
                !matches!(self.tokens.word(*at), ";" | "." | "but" | "and" | "with" | "is" | "was" | "has")
            })
            .any(|at| matches!(self.tokens.word(at), "or" | "nor"))
    }

    /// `?PE`, `PE?`, `(?) metastasis`.
    fn questioned(&self, start: usize, end: usize) -> bool {
        let first = self.tokens.at_or_after(start);
        let behind = self.tokens.at_or_after(end);
        let before = (1..=3)
            .filter_map(|n| first.checked_sub(n))
            .take_while(|at| matches!(self.tokens.word(*at), "?" | "(" | ")"));
        let asked_before = before.into_iter().any(|at| self.tokens.word(at) == "?");
        let asked_behind = self.tokens.word(behind) == "?"
            || (self.tokens.word(behind) == "(" && self.tokens.word(behind + 1) == "?");
        asked_before || asked_behind
    }
}

/// "Family history is positive for hypertension": such words introduce what the family has.
fn soft_for_family(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    [
        "positive for",
        "significant for",
        "remarkable for",
        "diagnosed with",
        "due to",
        "secondary to",
        "who had",
        "who has",
        "who was",
        "had",
        "has",
        "before",
        "after",
        "when",
    ]
    .contains(&lower.as_str())
}

/// Can this cue speak of this finding?
fn concerns(says: CueKind, finding: &Finding, cue: &Cue, start: usize, end: usize) -> bool {
    let directly = cue.start == end + 1 || cue.end + 1 == start;
    match says {
        CueKind::Negated => {
            !finding.states_a_value() || (directly && matches!(finding, Finding::Stage { .. }))
        }
        CueKind::Possible => !matches!(
            finding,
            Finding::Age { .. } | Finding::Sex { .. } | Finding::Lab { .. } | Finding::Performance { .. }
        ),
        // Whom or what one plans for is no plan.
        CueKind::Planned => matches!(
            finding,
            Finding::Drug { .. } | Finding::Procedure { .. } | Finding::Trial | Finding::Line { .. }
        ),
        CueKind::Hypothetical => !finding.states_a_value(),
        CueKind::NotAssessed => match finding {
            Finding::Lab { .. } | Finding::Marker { .. } => !finding.states_a_value(),
            Finding::Alteration { .. } | Finding::Procedure { .. } | Finding::Metastasis { .. } => true,
            Finding::Disease { .. } | Finding::Condition { .. } => &*cue.id == "not-assessed<",
            _ => false,
        },
        CueKind::Family => !matches!(
            finding,
            Finding::Lab { .. }
                | Finding::Performance { .. }
                | Finding::Line { .. }
                | Finding::Drug { .. }
                | Finding::Procedure { .. }
                | Finding::Response { .. }
        ),
        CueKind::History => !matches!(
            finding,
            Finding::Age { .. } | Finding::Sex { .. } | Finding::Lab { .. } | Finding::Performance { .. }
        ),
    }
}

fn apply(context: &mut Context, says: CueKind, clear: bool) {
    match says {
        CueKind::Family => context.about = About::Family,
        CueKind::History => context.history = true,
        CueKind::Negated if clear => context.assertion = weaker(context.assertion, Assertion::Absent),
        CueKind::Negated | CueKind::Possible => {
            context.assertion = weaker(context.assertion, Assertion::Possible)
        }
        CueKind::Hypothetical => context.assertion = weaker(context.assertion, Assertion::Hypothetical),
        CueKind::Planned => context.assertion = weaker(context.assertion, Assertion::Planned),
        CueKind::NotAssessed => context.assertion = weaker(context.assertion, Assertion::NotAssessed),
    }
}

/// What two cues leave of a statement: never more than either alone. "No evidence of possible" and "possible … ruled
/// out" are no statement of absence.
pub(crate) fn weaker(a: Assertion, b: Assertion) -> Assertion {
    let rank = |assertion: Assertion| match assertion {
        Assertion::Present => 0,
        Assertion::Absent => 1,
        Assertion::Planned => 2,
        Assertion::Possible => 3,
        Assertion::Hypothetical => 4,
        Assertion::NotAssessed => 5,
    };
    if rank(a) < rank(b) { b } else { a }
}
