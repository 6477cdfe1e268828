//! What does the text of one criterion ask? Sentences are read one by one; what no frame has a use for is kept as not
//! computable, joined so that it can neither let in nor keep out by itself.

use super::frame::{Mode, adjective, cut, second_malignancy, whole};
use super::tag::{Tag, Tagged, Tools, What, tag};
use super::token::Rows;
use super::words::{Sense, StateWord};
use concilium_criteria::eligibility::{Ask, Coverage, Expr, Judgement, Role};

const NO_RULE: &str = "no rule for these words";
const MODIFIER: &str = "a qualification no rule reads";

/// One sentence, read.
struct Sentence {
    expr: Expr,
    /// Says that something is let in.
    allows: bool,
    /// Its bytes.
    start: usize,
    end: usize,
}

/// Reads `text[from..to]` as one criterion.
pub(crate) fn read(tools: &Tools, text: &str, from: usize, to: usize, role: Role) -> Expr {
    let mode = Mode { exclusion: role == Role::Exclusion, negated: false };
    let mut read: Vec<Sentence> = vec![];
    for (start, end) in sentences(text, from, to) {
        if let Some(sentence) = sentence(tools, text, start, end, mode) {
            let last = read.last_mut().filter(|_| sentence.allows);
            match last.and_then(|last| Some((excepting(tools, text, last, &sentence, mode)?, last))) {
                Some((expr, last)) => {
                    (last.expr, last.end) = (expr, sentence.end);
                }
                None => read.push(sentence),
            }
        }
    }
    joined(read, role)
}

/// `Other malignancies within 3 years. Patients with basal cell carcinoma are eligible`: what the second sentence lets in
/// is an exception of the first.
fn excepting(tools: &Tools, text: &str, first: &Sentence, next: &Sentence, mode: Mode) -> Option<Expr> {
    if first.expr.coverage() != Coverage::Computed {
        return None;
    }
    let second = matches!(&first.expr, Expr::Ask(ask) if matches!(**ask, Ask::SecondMalignancy { .. }));
    let lab = first.expr.asks().iter().all(|ask| matches!(ask, Ask::Lab { .. }));
    let tagged = tag(tools, text, first.start, next.end);
    let (tags, excluded) = without_verdict(&tagged);
    if excluded {
        return None;
    }
    if second && mode.exclusion {
        let start = tagged.tokens.partition_point(|token| token.start < next.start);
        let cut = tags.iter().position(|tag| start <= tag.from)?;
        let mut whole = tags;
        whole.insert(cut, Tag { from: start, to: start + 1, what: What::Word(Sense::Except) });
        let double = whole[..cut].iter().any(|tag| tag.is(&Sense::Except));
        let names = whole[cut..].iter().any(|tag| matches!(tag.what, What::Disease(_)));
        return second_malignancy(&tagged, &whole, mode).filter(|_| names && !double);
    }
    (lab && !mode.exclusion).then(|| clean(&tagged, &tags, mode))?
}

fn joined(mut read: Vec<Sentence>, role: Role) -> Expr {
    if read.is_empty() {
        return Expr::not_computable("nothing a criterion asks for");
    }
    let first = read.remove(0);
    let mut expr = first.expr;
    for next in read {
        let understood = next.expr.coverage() == Coverage::Computed;
        expr = match role {
            // What is let in beside it widens; what is asked beside it narrows.
            Role::Inclusion if next.allows => {
                Expr::Any(flat_any(expr, Expr::not_computable("an exception no rule reads")))
            }
            Role::Inclusion => Expr::All(flat_all(expr, next.expr)),
            Role::Exclusion if next.allows => {
                Expr::All(flat_all(expr, Expr::not_computable("an exception no rule reads")))
            }
            Role::Exclusion if understood => Expr::Any(flat_any(expr, next.expr)),
            Role::Exclusion if all_judged(&expr) && all_judged(&next.expr) => expr,
            // It may widen or narrow: neither can be said.
            Role::Exclusion => Expr::not_computable("a second sentence no rule reads"),
        };
    }
    expr
}

fn all_judged(expr: &Expr) -> bool {
    expr.coverage() == Coverage::ForAPerson
}

fn flat_all(first: Expr, next: Expr) -> Vec<Expr> {
    match first {
        Expr::All(mut parts) => {
            parts.push(next);
            parts
        }
        other => vec![other, next],
    }
}

fn flat_any(first: Expr, next: Expr) -> Vec<Expr> {
    match first {
        Expr::Any(mut parts) => {
            parts.push(next);
            parts
        }
        other => vec![other, next],
    }
}

fn sentence(tools: &Tools, text: &str, from: usize, to: usize, mode: Mode) -> Option<Sentence> {
    let tagged = tag(tools, text, from, to);
    if tagged.tokens.is_empty() {
        return None;
    }
    let judged = tools.words.judged(tagged.pieces());
    if tagged.tags.is_empty() {
        let expr = judged.map_or_else(
            || Expr::not_computable("nothing a criterion asks for"),
            |about| judgement(&tagged, about),
        );
        return Some(Sentence { expr, allows: false, start: from, end: to });
    }
    let (tags, excluded) = without_verdict(&tagged);
    let tags = without_people(&tagged, tags);
    let allows = tags.iter().any(|tag| tag.is(&Sense::Allowed)) && !excluded;
    // `… are excluded` among what must be met.
    let turned = excluded && !mode.exclusion;
    let own = if turned { Mode { exclusion: true, negated: false } } else { mode };
    let found = clean(&tagged, &tags, own);
    let expr = match found {
        Some(expr) => expr,
        None if allows && permission(&tagged, &tags, own) => {
            if own.exclusion {
                Expr::Any(vec![])
            } else {
                Expr::All(vec![])
            }
        }
        None if allows => Expr::not_computable("says what is allowed: may widen another criterion"),
        None => match judged {
            Some(about) => {
                return Some(Sentence { expr: judgement(&tagged, about), allows, start: from, end: to });
            }
            None => partly(&tagged, &tags, own),
        },
    };
    let expr = if turned { Expr::Not(Box::new(expr)) } else { expr };
    Some(Sentence { expr, allows, start: from, end: to })
}

/// A row that is understood whole, brackets that only repeat left out.
fn clean(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    whole(tagged, tags, mode).or_else(|| {
        let plain = without_repetitions(tagged, tags);
        (plain.len() < tags.len()).then(|| whole(tagged, &plain, mode))?
    })
}

/// Without `(ANC)`: one word of capitals in brackets, or the same name again.
fn without_repetitions(tagged: &Tagged, tags: &[Tag]) -> Vec<Tag> {
    let mut kept: Vec<Tag> = vec![];
    let mut at = 0;
    while at < tags.len() {
        if matches!(tags[at].what, What::Open) {
            let close = (at + 1..tags.len()).find(|end| matches!(tags[*end].what, What::Close));
            let length = close.map_or(0, |close| close - at);
            let inside = &tags[at + 1..at + length.max(1)];
            let last = kept.last();
            let sure = |tag: &Tag| tag.is(&Sense::Confirmed) || tag.is(&Sense::Positive);
            let again = |tag: &Tag| last.is_some_and(|last| same_meaning(&last.what, &tag.what));
            let same = inside.iter().all(|tag| sure(tag) || again(tag)) && !inside.iter().all(sure);
            let abbreviation = tagged.pieces().abbreviation(tags[at].from).is_some();
            let harmless = inside.iter().all(|tag| matches!(tag.what, What::Unknown)) || same;
            if let Some(close) = close.filter(|_| same || inside.is_empty() || abbreviation && harmless) {
                at = close + 1;
                continue;
            }
        }
        kept.push(tags[at].clone());
        at += 1;
    }
    kept
}

fn same_meaning(one: &What, two: &What) -> bool {
    match (one, two) {
        (What::Word(a), What::Word(b)) => a == b,
        (What::Therapy(a), What::Therapy(b)) => a == b,
        (What::Disease(a), What::Disease(b)) => a == b,
        (What::Biomarker(Expr::Ask(a)), What::Biomarker(Expr::Ask(b))) => match (&**a, &**b) {
            (Ask::Biomarker { any_of, stated, .. }, Ask::Biomarker { any_of: again, stated: also, .. }) => {
                any_of == again && stated == also
            }
            (a, b) => a == b,
        },
        _ => false,
    }
}

/// The tags without `are excluded`, and whether it stood there.
fn without_verdict(tagged: &Tagged) -> (Vec<Tag>, bool) {
    static VERDICTS: Rows = Rows::new(&[
        "should be excluded from",
        "will be excluded from",
        "must be excluded from",
        "are excluded from",
        "is excluded from",
        "are excluded",
        "is excluded",
        "will be excluded",
        "should be excluded",
        "must be excluded",
        "are not eligible",
        "is not eligible",
        "are ineligible",
        "is ineligible",
        "not eligible",
        "ineligible",
        "are not allowed",
        "is not allowed",
        "not allowed",
        "not permitted",
        "excluded",
    ]);
    let pieces = tagged.pieces();
    let found = (0..tagged.tokens.len()).find_map(|at| {
        // Inside brackets it is said of what stands there.
        let depth = tagged.tokens[..at]
            .iter()
            .fold(0_i32, |depth, token| depth + i32::from(token.is('(')) - i32::from(token.is(')')));
        let next = pieces.longest(at, &VERDICTS).filter(|_| depth <= 0)?;
        Some(at..next)
    });
    let Some(verdict) = found else { return (tagged.tags.clone(), false) };
    let outside = |tag: &&Tag| tag.to <= verdict.start || verdict.end <= tag.from;
    (tagged.tags.iter().filter(outside).cloned().collect(), true)
}

/// Without `patients with` at the front or behind a joint.
fn without_people(tagged: &Tagged, tags: Vec<Tag>) -> Vec<Tag> {
    let people = |tag: &Tag| {
        tag.is(&Sense::If)
            && matches!(
                tagged.tokens[tag.from].norm.as_str(),
                "patient" | "participant" | "subject" | "individual"
            )
    };
    let joint = |tag: &Tag| {
        matches!(tag.what, What::Semicolon | What::Comma) || tag.is(&Sense::And) || tag.is(&Sense::Or)
    };
    let limited = tags.iter().any(|tag| matches!(tag.what, What::Limit(_)));
    let mut kept: Vec<Tag> = vec![];
    for tag in tags {
        let front = kept.is_empty() || kept.last().is_some_and(joint) && !limited;
        if !(people(&tag) && front) {
            kept.push(tag);
        }
    }
    kept
}

/// `prior steroids allowed`: asks nothing. What it says of other criteria is theirs to say.
fn permission(tagged: &Tagged, tags: &[Tag], mode: Mode) -> bool {
    let hard = [Sense::Not, Sense::If, Sense::Except, Sense::Requiring];
    let (rest, verdict): (Vec<Tag>, Vec<Tag>) =
        tags.iter().cloned().partition(|tag| !tag.is(&Sense::Allowed));
    verdict.len() == 1
        && tags.last().is_some_and(|tag| tag.is(&Sense::Allowed))
        && !rest.iter().any(|tag| hard.iter().any(|sense| tag.is(sense)))
        && clean(tagged, &rest, Mode { exclusion: true, ..mode }).is_some()
}

fn judgement(tagged: &Tagged, about: Judgement) -> Expr {
    let (Some(first), Some(last)) = (tagged.tokens.first(), tagged.tokens.last()) else {
        return Expr::not_computable(NO_RULE);
    };
    let words =
        tagged.text[first.start..last.end].split_whitespace().collect::<Vec<_>>().join(" ").replace('\\', "");
    Expr::ask(Ask::Judgement { about, words })
}

/// What can be said of a row that is not understood whole.
fn partly(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Expr {
    excepted(tagged, tags, mode)
        .or_else(|| with_examples(tagged, tags, mode))
        .or_else(|| qualified(tagged, tags, mode))
        .or_else(|| listed(tagged, tags, mode))
        .unwrap_or_else(|| Expr::not_computable(NO_RULE))
}

/// `E except X`: for what keeps out, X lets in; for what must be met, X is an alternative.
fn excepted(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let at = tags.iter().position(|tag| tag.is(&Sense::Except))?;
    let left = match &tags[..at] {
        [rest @ .., Tag { what: What::Open | What::Comma, .. }] => rest,
        whole => whole,
    };
    let found = clean(tagged, left, mode)?;
    let open = Expr::not_computable("an exception no rule reads");
    Some(if mode.exclusion { Expr::All(vec![found, open]) } else { Expr::Any(vec![found, open]) })
}

/// `E, such as X`: E, or an example that is not read.
fn with_examples(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let at = tags.iter().position(|tag| tag.is(&Sense::Examples))?;
    if !mode.exclusion || tags.iter().any(|tag| tag.is(&Sense::Not)) {
        return None;
    }
    let (left, open) = match &tags[..at] {
        [rest @ .., Tag { what: What::Open, .. }] => (rest, true),
        [rest @ .., Tag { what: What::Comma, .. }] => (rest, false),
        whole => (whole, false),
    };
    let rest = &tags[at + 1..];
    let close = rest.iter().position(|tag| matches!(tag.what, What::Close));
    let (examples, behind) = match (open, close) {
        (true, Some(close)) => (&rest[..close], &rest[close + 1..]),
        (true, None) => return None,
        (false, _) => (rest, &rest[..0]),
    };
    // A span behind the bracket is said of the whole; what else stands there may qualify it.
    if !behind.iter().all(|tag| matches!(tag.what, What::Window(..))) {
        return None;
    }
    // Without a bracket a span at the end of the examples is said of the whole too.
    let behind = match examples.last() {
        Some(last) if !open && matches!(last.what, What::Window(..)) => std::slice::from_ref(last),
        _ => behind,
    };
    let examples = if open { examples } else { &examples[..examples.len() - behind.len()] };
    // `history of cardiac disease, such as …`: of the examples too.
    let ever =
        |tag: &&Tag| tag.is(&Sense::State(StateWord::Ever)) || tag.is(&Sense::Prior) || tag.is(&Sense::Known);
    let before: Vec<Tag> = left.iter().filter(|tag| !tag.is(&Sense::If)).take_while(ever).cloned().collect();
    let spanned = |part: &[Tag]| clean(tagged, &[part, behind].concat(), mode);
    let found = spanned(left)?;
    let first = tagged.tokens[tags[at].from].norm.as_str();
    match spanned(&[&before, examples].concat()) {
        Some(more) => Some(Expr::Any(flat_any(found, more))),
        // What is only an example is said by the name already; one with a span or limit says more.
        None if open && ["e", "eg", "for"].contains(&first) && !bounded(examples) => Some(found),
        None => Some(Expr::Any(flat_any(found, Expr::not_computable("examples no rule reads")))),
    }
}

fn bounded(tags: &[Tag]) -> bool {
    tags.iter().any(|tag| matches!(tag.what, What::Window(..) | What::Limit(_)))
}

/// `E that requires treatment …`: E with a qualification that is not read.
fn qualified(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let at = tags.iter().position(|tag| matches!(tag.what, What::Unknown) || tag.is(&Sense::Requiring))?;
    let (left, right) = (&tags[..at], &tags[at..]);
    let joint = |tag: &Tag| {
        matches!(tag.what, What::Comma | What::Semicolon | What::Slash | What::Open | What::Colon)
            || [Sense::And, Sense::Or, Sense::Not, Sense::Except, Sense::If].iter().any(|sense| tag.is(sense))
    };
    if left.last().is_none_or(joint) || right.iter().any(joint) || left.iter().any(|tag| tag.is(&Sense::Not))
    {
        return None;
    }
    let found = clean(tagged, left, mode)?;
    Some(Expr::All(flat_all(found, Expr::not_computable(MODIFIER))))
}

/// A list some of whose members are not read.
fn listed(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let hard = |tag: &Tag| {
        [Sense::Not, Sense::Except, Sense::If, Sense::Examples, Sense::Allowed]
            .iter()
            .any(|sense| tag.is(sense))
    };
    if tags.iter().any(hard) {
        return None;
    }
    let (or, and) = (tags.iter().any(|tag| tag.is(&Sense::Or)), tags.iter().any(|tag| tag.is(&Sense::And)));
    let any = match (mode.exclusion, or, and) {
        (true, _, false) => true,
        (false, false, true) => false,
        _ => return None,
    };
    let joint = |tag: &Tag| {
        matches!(tag.what, What::Comma | What::Semicolon) || tag.is(&Sense::Or) || tag.is(&Sense::And)
    };
    let parts = cut(tags, &joint);
    if parts.len() < 2 || parts.iter().any(|part| adjective(part)) {
        return None;
    }
    let read: Vec<Option<Expr>> = parts.iter().map(|part| clean(tagged, part, mode)).collect();
    // A word before the first or behind the last may be said of all.
    let last = parts.last()?;
    let own_head = last.first().is_some_and(|tag| matches!(tag.what, What::Unknown))
        && last.iter().all(|tag| matches!(tag.what, What::Unknown));
    if read.first()?.is_none() || read.last()?.is_none() && !own_head {
        return None;
    }
    if last.iter().any(|tag| matches!(tag.what, What::Window(..))) {
        return None;
    }
    let parts = read.into_iter().map(|expr| expr.unwrap_or_else(|| Expr::not_computable(NO_RULE))).collect();
    Some(if any { Expr::Any(parts) } else { Expr::All(parts) })
}

/// Sentences of a stretch, in order, as byte ranges.
pub(crate) fn sentences(text: &str, from: usize, to: usize) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let (mut found, mut start, mut depth) = (vec![], from, 0_i32);
    for at in from..to {
        match bytes[at] {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'.' | b'?' | b'!' if depth <= 0 => {
                let rest = text.get(at + 1..to).unwrap_or("");
                let blank = rest.starts_with(char::is_whitespace);
                let next = rest.trim_start().chars().next();
                let opens =
                    next.is_some_and(|c| c.is_uppercase() || c.is_ascii_digit() || "•*-(".contains(c));
                if blank && opens && !abbreviated(&text[start..at]) {
                    found.push((start, at + 1));
                    (start, depth) = (at + 1, 0);
                }
            }
            _ => {}
        }
    }
    if start < to {
        found.push((start, to));
    }
    found
}

fn abbreviated(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    let known = [
        "e.g", "i.e", "vs", "dr", "no", "approx", "st", "ca", "incl", "max", "min", "v", "resp", "etc", "ver",
    ];
    known.iter().any(|known| word.eq_ignore_ascii_case(known))
        || word.len() == 1 && word.chars().all(char::is_alphabetic)
}
