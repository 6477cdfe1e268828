//! From logic to one line.

use super::super::ask::{Ask, MarkerAsk, PriorOutcome, Range, Span, SpanRule, TherapyRef, UnitOf, Washout};
use super::super::expr::{Criterion, Expr, Role};
use super::super::words::Worded;
use super::lex::{is_word, quote};
use super::pattern;
use concilium_knowledge::PriorTherapy;

/// Words that end an optional unit, and so need quotes as one.
pub(super) const RESERVED: [&str; 6] = ["x", "within", "and", "or", "not", "in"];

/// One expression.
pub(super) fn expr(expr: &Expr) -> String {
    match expr {
        Expr::Ask(asked) => ask(asked),
        Expr::Not(inner) => format!("not {}", part(inner)),
        Expr::All(of) => infix("and", "all of", of),
        Expr::Any(of) => infix("or", "any of", of),
        Expr::AtLeast { n, of } => format!("at least {n} of ({})", listed(of)),
    }
}

fn infix(sign: &str, prefix: &str, of: &[Expr]) -> String {
    match of.len() {
        0 | 1 => format!("{prefix} ({})", listed(of)),
        _ => of.iter().map(part).collect::<Vec<_>>().join(&format!(" {sign} ")),
    }
}

fn listed(of: &[Expr]) -> String {
    of.iter().map(expr).collect::<Vec<_>>().join("; ")
}

/// In brackets where it would be torn apart.
fn part(inner: &Expr) -> String {
    match inner {
        Expr::All(of) | Expr::Any(of) if 2 <= of.len() => format!("({})", expr(inner)),
        Expr::All(_) | Expr::Any(_) | Expr::Ask(_) | Expr::Not(_) | Expr::AtLeast { .. } => expr(inner),
    }
}

/// One criterion.
pub(super) fn criterion(criterion: &Criterion) -> String {
    let mut text = word(&criterion.id);
    if !criterion.applies_to.is_empty() {
        text += &format!(" for {}", list(&criterion.applies_to));
    }
    if let Some(span) = criterion.span {
        text += &format!(" at {}-{}", span.start, span.end);
    }
    if let Some(heading) = &criterion.heading {
        text += &format!(" under {}", quote(heading));
    }
    let role = match criterion.role {
        Role::Inclusion => "inclusion:",
        Role::Exclusion => "exclusion:",
    };
    format!("{text} {role} {}", expr(&criterion.expr))
}

fn ask(ask: &Ask) -> String {
    match ask {
        Ask::Age { years } => format!("age {} years", range(years)),
        Ask::Sex { female } => format!("sex {}", if *female { "female" } else { "male" }),
        Ask::Disease { any_of, words, confirmed } => {
            let terms = list(any_of.iter().map(|doid| doid.as_str()));
            join(&[&format!("disease {terms}"), &named(words), flag(*confirmed, "confirmed")])
        }
        Ask::Stage { groups, scale } => join(&[&format!("stage {}", list(groups)), &by(scale.as_deref())]),
        Ask::Category { of, any_of } => format!("category {} {}", word(of), list(any_of)),
        Ask::Extent { any_of } => format!("extent {}", list(any_of.iter().map(|extent| extent.word()))),
        Ask::Metastasis { site, state } => format!("metastasis {} {}", word(site), state.word()),
        Ask::Measurable { by: criteria, evaluable_enough } => {
            let kind = if *evaluable_enough { "evaluable disease" } else { "measurable disease" };
            join(&[kind, &by(criteria.as_deref())])
        }
        Ask::Biomarker { any_of, stated, germline, words } => {
            let patterns = list(any_of.iter().map(pattern::write));
            let origin = germline.map_or("", |germline| if germline { "germline" } else { "somatic" });
            join(&[&format!("biomarker {} {patterns}", stated.word()), origin, &named(words)])
        }
        Ask::Marker(asked) => marker(asked),
        Ask::Performance { scale, points } => format!("performance {} {}", word(scale), range(points)),
        Ask::Lab { analyte, value, unit, within } => lab(analyte, value, unit, within.as_ref()),
        Ask::Prior { any_of, lines, intent, outcome } => {
            prior(any_of, lines.as_ref(), intent.as_deref(), *outcome)
        }
        Ask::Recent { any_of, washout } => format!("recent({}, {})", refs(any_of), washed(washout)),
        Ask::Concomitant { any_of, prednisone_mg_over } => {
            let over = prednisone_mg_over.map(|mg| format!("over {mg} mg prednisone")).unwrap_or_default();
            join(&[&format!("taking {}", refs(any_of)), &over])
        }
        Ask::Allergy { to } => format!("allergy {}", refs(to)),
        Ask::Condition { any_of, state, within, known } => join(&[
            &format!("condition {} {}", list(any_of), state.word()),
            &within_span(within.as_ref()),
            flag(*known, "known"),
        ]),
        Ask::SecondMalignancy { within, active, except, other_exceptions } => join(&[
            "second malignancy",
            &within_span(within.as_ref()),
            flag(*active, "active"),
            &excepted(except.iter().map(|doid| doid.as_str())),
            flag(*other_exceptions, "other exceptions"),
        ]),
        Ask::Reproductive { state } => format!("reproductive {}", word(state)),
        Ask::Judgement { about, words } => join(&[&format!("judgement {}", about.word()), &named(words)]),
        Ask::NotComputable { why } => format!("not-computable {}", quote(why)),
    }
}

fn marker(asked: &MarkerAsk) -> String {
    match asked {
        MarkerAsk::Named { name, call, score, score_unit } => {
            let call = call.as_ref().map(|call| format!("is {}", word(call))).unwrap_or_default();
            join(&[&format!("marker {}", word(name)), &call, &scored(score.as_ref(), score_unit.as_deref())])
        }
        MarkerAsk::Gene { gene, positive, score, score_unit } => {
            let sign = if *positive { "positive" } else { "negative" };
            let asked = format!("protein {} is {sign}", word(gene.as_str()));
            join(&[&asked, &scored(score.as_ref(), score_unit.as_deref())])
        }
    }
}

fn scored(score: Option<&Range>, unit: Option<&str>) -> String {
    let score = score.map(|score| format!("score {}", range(score))).unwrap_or_default();
    let unit = unit.map(|unit| format!("in {}", word(unit))).unwrap_or_default();
    join(&[&score, &unit])
}

fn lab(analyte: &str, value: &Range, unit: &UnitOf, within: Option<&Span>) -> String {
    let unit = match unit {
        UnitOf::WithinLimits => {
            return join(&[&format!("lab {} within limits", word(analyte)), &within_span(within)]);
        }
        UnitOf::TimesUpperLimit => "x ULN".to_owned(),
        UnitOf::TimesLowerLimit => "x LLN".to_owned(),
        UnitOf::Ucum(unit) if unit.is_empty() => String::new(),
        UnitOf::Ucum(unit) if RESERVED.contains(&unit.as_str()) => quote(unit),
        UnitOf::Ucum(unit) => word(unit),
    };
    join(&[&format!("lab {} {}", word(analyte), range(value)), &unit, &within_span(within)])
}

fn prior(
    any_of: &[TherapyRef],
    lines: Option<&Range>,
    intent: Option<&str>,
    outcome: PriorOutcome,
) -> String {
    let lines = lines.map(|lines| format!("lines {}", range(lines))).unwrap_or_default();
    let intent = intent.map(|intent| format!("intent {}", word(intent))).unwrap_or_default();
    let outcome = match outcome {
        PriorOutcome::Received => String::new(),
        other => format!("outcome {}", other.word()),
    };
    join(&[&format!("prior {}", refs(any_of)), &lines, &intent, &outcome])
}

fn washed(washout: &Washout) -> String {
    let spans: Vec<String> = washout.spans.iter().map(span).collect();
    let rule = match (washout.rule, washout.spans.len()) {
        (SpanRule::Shorter, 0 | 1) => "",
        (SpanRule::Shorter, _) => ", whichever shorter",
        (SpanRule::Longer, _) => ", whichever longer",
    };
    format!("{}{rule}, before {}", spans.join(" or "), washout.before.word())
}

/// `4 weeks`, `1 week`.
pub(in super::super) fn span(span: &Span) -> String {
    let unit = span.unit.word();
    let unit = match (span.amount == 1.0, unit) {
        (true, "half-lives") => "half-life",
        (true, unit) => unit.trim_end_matches('s'),
        (false, unit) => unit,
    };
    format!("{} {unit}", span.amount)
}

/// `>= 18`, `18 to 75`, `> 1.5 to < 3`.
pub(in super::super) fn range(range: &Range) -> String {
    match (range.min, range.max) {
        (Some(min), Some(max)) => {
            let above = if range.above_min { "> " } else { "" };
            let below = if range.below_max { "< " } else { "" };
            format!("{above}{min} to {below}{max}")
        }
        (Some(min), None) => format!("{} {min}", if range.above_min { ">" } else { ">=" }),
        (None, Some(max)) => format!("{} {max}", if range.below_max { "<" } else { "<=" }),
        (None, None) => "any".to_owned(),
    }
}

fn refs(any_of: &[TherapyRef]) -> String {
    list(any_of.iter().map(one_ref))
}

/// `class:platinum`, `drug:osimertinib`, `radiotherapy:brain`.
pub(in super::super) fn one_ref(therapy: &TherapyRef) -> String {
    let with = |name: &str, detail: &Option<String>| match detail {
        Some(detail) => format!("{name}:{detail}"),
        None => name.to_owned(),
    };
    match therapy {
        TherapyRef::Drug(PriorTherapy::Drug(drug)) => format!("drug:{drug}"),
        TherapyRef::Drug(PriorTherapy::Class(class)) => format!("class:{class}"),
        TherapyRef::Drug(PriorTherapy::AnySystemic) => "any-systemic".to_owned(),
        TherapyRef::Investigational => "investigational".to_owned(),
        TherapyRef::Radiotherapy(site) => with("radiotherapy", site),
        TherapyRef::MajorSurgery => "major-surgery".to_owned(),
        TherapyRef::TumourSurgery => "tumour-surgery".to_owned(),
        TherapyRef::Transplant(kind) => with("transplant", kind),
        TherapyRef::CellTherapy => "cell-therapy".to_owned(),
        TherapyRef::LiveVaccine => "live-vaccine".to_owned(),
        TherapyRef::Transfusion => "transfusion".to_owned(),
        TherapyRef::GrowthFactor => "growth-factor".to_owned(),
        TherapyRef::Unresolved(words) => format!("unresolved:{words}"),
    }
}

fn within_span(within: Option<&Span>) -> String {
    within.map(|within| format!("within {}", span(within))).unwrap_or_default()
}

fn excepted<'t>(terms: impl ExactSizeIterator<Item = &'t str>) -> String {
    if terms.len() == 0 { String::new() } else { format!("except {}", list(terms)) }
}

fn by(name: Option<&str>) -> String {
    name.map(|name| format!("by {}", word(name))).unwrap_or_default()
}

fn named(words: &str) -> String {
    if words.is_empty() { String::new() } else { quote(words) }
}

fn flag(set: bool, name: &'static str) -> &'static str {
    if set { name } else { "" }
}

fn join(parts: &[&str]) -> String {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

fn word(text: &str) -> String {
    if is_word(text) { text.to_owned() } else { quote(text) }
}

/// Items of several words need no quotes where single blanks part them.
fn list(items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let plain = |text: &str| !text.is_empty() && text.split(' ').all(is_word);
    let item = |text: &str| if plain(text) { text.to_owned() } else { quote(text) };
    let items: Vec<String> = items.into_iter().map(|text| item(text.as_ref())).collect();
    format!("[{}]", items.join(", "))
}
