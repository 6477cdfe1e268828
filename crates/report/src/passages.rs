//! Which words stand behind an option? Quotes for and against with key, access and flags; without a text, the statements
//! as sentences of a closed template.

use concilium_evidence::passage::Access;
use concilium_recommend::{Cited, OptionPassages, Plan, PlanOption, Quote, sentence};
use maud::{Markup, html};

/// Quotes of one side, and sentences in their place, at most.
const SHOWN: usize = 2;
/// Letters of a quote at most; the plan holds it whole.
const LETTERS: usize = 420;

/// The box of one card.
pub(crate) fn card(plan: &Plan, option: &PlanOption) -> Markup {
    html! {
        h4 { "What texts say" }
        @for line in lines(plan, option) { p.small { (line) } }
    }
}

/// The same as lines: for first, then against, then what is set aside.
pub(crate) fn lines(plan: &Plan, option: &PlanOption) -> Vec<String> {
    let none = OptionPassages::default();
    let found = plan.literature.get(&option.id).unwrap_or(&none);
    let mut lines = side(plan, "Text for", &option.for_, &found.for_, &found.found_for);
    lines.extend(side(plan, "Text against", &option.against, &found.against, &found.found_against));
    let aside = found.set_aside.iter().take(SHOWN);
    lines.extend(aside.map(|quote| format!("Set aside, supports nothing: {}", quoted(quote))));
    let more = found.set_aside.len().saturating_sub(SHOWN);
    lines.extend((0 < more).then(|| format!("Set aside: {more} more in plan.json")));
    lines
}

fn side(plan: &Plan, title: &str, cited: &[Cited], curated: &[Quote], found: &[Quote]) -> Vec<String> {
    let quotes: Vec<&Quote> = curated.iter().chain(found).take(SHOWN).collect();
    if !quotes.is_empty() {
        let more = (curated.len() + found.len()).saturating_sub(SHOWN);
        let mut lines: Vec<String> =
            quotes.into_iter().map(|quote| format!("{title}: {}", quoted(quote))).collect();
        lines.extend((0 < more).then(|| format!("{title}: {more} more in plan.json")));
        return lines;
    }
    let why = if plan.literature.is_empty() { "no text loaded" } else { "no text found" };
    let items = cited.iter().filter_map(|one| plan.evidence.get(&one.key));
    let sentences: Vec<String> =
        items.take(SHOWN).map(|item| format!("{title} ({why}): {}", sentence(item))).collect();
    if sentences.is_empty() { vec![format!("{title}: {why}")] } else { sentences }
}

/// The words, then where they stand and what to know of them.
fn quoted(quote: &Quote) -> String {
    let cut = quote.text.char_indices().nth(LETTERS).map(|(at, _)| at);
    let words = cut.map_or_else(|| quote.text.clone(), |at| format!("{} …", &quote.text[..at]));
    let mut about = vec![quote.key.clone(), access(quote.access).to_owned()];
    about.extend((!quote.date.is_empty()).then(|| quote.date.clone()));
    about.push(match quote.statements.as_slice() {
        [] => format!("found by {}, not curated", found_by(quote)),
        keys => format!("curated for {}", crate::words::keys(keys)),
    });
    about.extend(quote.flags.iter().map(|flag| format!("! {flag}")));
    format!("“{words}” [{}]", about.join("; "))
}

/// Which legs found it, as the plan spells them.
fn found_by(quote: &Quote) -> &'static str {
    let by = |leg: &str| quote.legs.iter().any(|said| said.starts_with(leg));
    match (by("lexical"), by("vector")) {
        (true, true) => "words and meaning",
        (false, true) => "meaning alone",
        (_, false) => "words",
    }
}

fn access(access: Access) -> &'static str {
    match access {
        Access::TitleOnly => "title only",
        Access::AbstractOnly => "abstract only",
        Access::FullText => "full text",
        Access::CuratedSummary => "a curator's summary",
    }
}
