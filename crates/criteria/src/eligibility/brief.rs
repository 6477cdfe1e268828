//! What remains of a verdict when its words are left out?
//!
//! Truth and the kinds of the reasons that decide are all that labels, counts and lists need. They join by the same
//! tables as verdicts do, so that whatever is compiled for speed answers as the reference does and asks it for the words.

use super::ask::Ask;
use super::judge::{Context, Options, age_in_years, judge_ask};
use super::time::days_of;
use super::view::Shown;
use crate::verdict::{NotTested, Verdict, Why};
use concilium_case::Case;
use concilium_knowledge::Knowledge;
use concilium_terms::Truth;
use jiff::civil::Date;

/// A set of kinds of reasons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kinds(u16);

/// In the order in which `shown_open` meets them.
const NOT_TESTED: [NotTested; 8] = [
    NotTested::NeverDone,
    NotTested::Ordered,
    NotTested::Failed,
    NotTested::TooOld,
    NotTested::NotCovered,
    NotTested::Uncertain,
    NotTested::Doubtful,
    NotTested::Elsewhere,
];
const CONFLICTING: u16 = 1 << 8;
const NOT_COMPUTABLE: u16 = 1 << 9;
const NOT_APPLICABLE: u16 = 1 << 10;
const JUDGEMENT: u16 = 1 << 11;
const NOT_RECORDED: u16 = 1 << 12;
/// Met or not met, for a time or for good.
const DECIDED: u16 = 1 << 13;

impl Kinds {
    /// How many bits a set takes.
    pub const BITS: u32 = 14;

    /// One kind.
    pub fn of(why: &Why) -> Kinds {
        Kinds(match why {
            Why::NotTested(how) => {
                let at = NOT_TESTED.iter().position(|other| other == how).unwrap_or_default();
                1 << at
            }
            Why::Conflicting => CONFLICTING,
            Why::NotComputable => NOT_COMPUTABLE,
            Why::NotApplicable => NOT_APPLICABLE,
            Why::NeedsJudgement => JUDGEMENT,
            Why::NotRecorded => NOT_RECORDED,
            Why::Met | Why::MetUntil { .. } | Why::NotMet { .. } => DECIDED,
        })
    }

    /// Both together.
    pub fn with(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    /// As a number below 2^[`Kinds::BITS`].
    pub fn bits(self) -> u16 {
        self.0
    }

    /// Back from the number.
    pub fn from_bits(bits: u16) -> Kinds {
        Kinds(bits & ((1 << Kinds::BITS) - 1))
    }

    fn has(self, bit: u16) -> bool {
        self.0 & bit != 0
    }
}

/// Truth and the kinds of the reasons that decide it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Brief {
    /// The truth.
    pub truth: Truth,
    /// Kinds of the deciding leaves.
    pub kinds: Kinds,
}

impl Brief {
    /// One leaf.
    pub fn leaf(truth: Truth, why: &Why) -> Brief {
        Brief { truth, kinds: Kinds::of(why) }
    }

    /// Holds.
    pub const fn met() -> Brief {
        Brief { truth: Truth::True, kinds: Kinds(DECIDED) }
    }

    /// Cannot be computed.
    pub const fn not_computable() -> Brief {
        Brief { truth: Truth::Open, kinds: Kinds(NOT_COMPUTABLE) }
    }

    /// A verdict without its words.
    pub fn of(verdict: &Verdict) -> Brief {
        let kinds = verdict.leaves.iter().map(|leaf| Kinds::of(&leaf.why));
        Brief { truth: verdict.truth, kinds: kinds.fold(Kinds::default(), Kinds::with) }
    }

    /// As [`Verdict::all`].
    pub fn all(parts: impl Iterator<Item = Brief> + Clone) -> Brief {
        Brief::joined(Truth::all(parts.clone().map(|part| part.truth)), parts)
    }

    /// As [`Verdict::any`].
    pub fn any(parts: impl Iterator<Item = Brief> + Clone) -> Brief {
        Brief::joined(Truth::any(parts.clone().map(|part| part.truth)), parts)
    }

    /// As [`Verdict::at_least`].
    pub fn at_least(n: usize, parts: impl Iterator<Item = Brief> + Clone) -> Brief {
        Brief::joined(Truth::at_least(n, parts.clone().map(|part| part.truth)), parts)
    }

    /// As [`Verdict::not`].
    #[allow(clippy::should_implement_trait)] // beside `all` and `any`, as `Verdict` has it
    pub fn not(self) -> Brief {
        Brief { truth: self.truth.not(), ..self }
    }

    /// The parts that agree with the result decide it.
    fn joined(truth: Truth, parts: impl Iterator<Item = Brief>) -> Brief {
        let deciding = parts.filter(|part| part.truth == truth);
        Brief { truth, kinds: deciding.map(|part| part.kinds).fold(Kinds::default(), Kinds::with) }
    }

    /// What people see, unless it is false: then the days decide.
    pub fn shown(self) -> Option<Shown> {
        match self.truth {
            Truth::True if self.kinds.0 == NOT_APPLICABLE => Some(Shown::NotApplicable),
            Truth::True => Some(Shown::Met),
            Truth::Open => Some(self.shown_open()),
            Truth::False => None,
        }
    }

    fn shown_open(self) -> Shown {
        let tested = NOT_TESTED.iter().enumerate().find(|(at, _)| self.kinds.has(1 << at));
        match tested {
            _ if self.kinds.has(CONFLICTING) => Shown::Conflicting,
            Some((_, how)) => Shown::NotTested(*how),
            None if self.kinds.has(NOT_COMPUTABLE) => Shown::NotComputable,
            None if self.kinds.has(JUDGEMENT) => Shown::NeedsJudgement,
            None if self.kinds.has(NOT_RECORDED) => Shown::NotRecorded,
            None => Shown::NotComputable,
        }
    }

    /// As [`routine`](super::routine).
    pub fn routine(self) -> bool {
        self.truth == Truth::Open && self.kinds.0 & !(JUDGEMENT | NOT_RECORDED) == 0
    }
}

/// One ask answered, without words.
pub fn brief_ask(ask: &Ask, keeps_out: bool, case: &Case, knowledge: &Knowledge, options: &Options) -> Brief {
    if let Some(constant) = ask.constant() {
        return constant;
    }
    let context = Context::new(case, knowledge, options, keeps_out);
    match ask {
        Ask::Age { years } => age_in_years(&context, years),
        _ => Brief::of(&judge_ask(&context, ask)),
    }
}

/// One ask answered, with the days on which the answer says it may change.
pub fn dated_brief(
    ask: &Ask,
    keeps_out: bool,
    case: &Case,
    knowledge: &Knowledge,
    options: &Options,
) -> (Brief, Vec<Date>) {
    let verdict = judge_ask(&Context::new(case, knowledge, options, keeps_out), ask);
    (Brief::of(&verdict), days_of(&verdict))
}

impl Ask {
    /// The answer, where it is the same for every patient.
    pub fn constant(&self) -> Option<Brief> {
        match self {
            Ask::Judgement { .. } => Some(Brief::leaf(Truth::Open, &Why::NeedsJudgement)),
            Ask::NotComputable { .. } => Some(Brief::leaf(Truth::Open, &Why::NotComputable)),
            _ => None,
        }
    }

    /// Can the answer to the same facts be another one on a later day?
    pub fn is_dated(&self) -> bool {
        match self {
            Ask::Age { .. }
            | Ask::Performance { .. }
            | Ask::Lab { .. }
            | Ask::Recent { .. }
            | Ask::Reproductive { .. } => true,
            Ask::Condition { within, .. } | Ask::SecondMalignancy { within, .. } => within.is_some(),
            Ask::Sex { .. }
            | Ask::Disease { .. }
            | Ask::Stage { .. }
            | Ask::Category { .. }
            | Ask::Extent { .. }
            | Ask::Metastasis { .. }
            | Ask::Measurable { .. }
            | Ask::Biomarker { .. }
            | Ask::Marker(_)
            | Ask::Prior { .. }
            | Ask::Concomitant { .. }
            | Ask::Allergy { .. }
            | Ask::Judgement { .. }
            | Ask::NotComputable { .. } => false,
        }
    }
}
