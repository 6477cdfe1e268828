//! Which criteria does a cut text hold? Lists become alternatives or criteria of their own, as their first line says;
//! headings of cohorts and phases go with what stands below them.

use super::clause;
use super::lists::{
    COHORT, Joined, asks_nothing, cohort_label, conditional, explicit_all, is_label, label_of, leading_label,
    names_criteria, quantifier,
};
use super::structure::{Item, LONGEST, Structure, structure};
use super::tag::{Tag, Tools, What, tag};
use super::token::OneOf;
use super::words::Sense;
use concilium_criteria::eligibility::{Coverage, Criterion, Expr, Role, TextSpan};

/// What was read of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// Criteria in the order of the text.
    pub criteria: Vec<Criterion>,
    /// Lines that only say what follows: section headings, first lines of lists.
    pub headings: Vec<TextSpan>,
}

/// What holds for everything below a heading.
#[derive(Clone, Debug, Default)]
struct Under {
    heading: Option<String>,
    applies_to: Vec<String>,
    /// Words of a short first line that name what is spoken of: `Age`, `Performance status`.
    label: Option<String>,
    /// Asked only where this holds.
    guard: Option<Expr>,
    before: String,
    after: String,
    denied: bool,
    /// The first line denies: without its words a child says the opposite.
    frame_only: bool,
}

struct Walk<'a, 'k> {
    tools: &'a Tools<'k>,
    text: &'a str,
    read: Read,
    numbers: [usize; 2],
    /// Letters within a numbered item.
    part: Option<usize>,
}

/// Reads a whole text.
pub(crate) fn read(tools: &Tools, text: &str) -> Read {
    if LONGEST < text.len() {
        let span = TextSpan { start: 0, end: text.len() };
        let expr = Expr::not_computable("a text of more than 1 MB");
        let criterion = Criterion {
            id: "in-1".into(),
            role: Role::Inclusion,
            expr,
            span: Some(span),
            applies_to: vec![],
            heading: None,
        };
        return Read { criteria: vec![criterion], headings: vec![] };
    }
    let Structure { items, headings } = structure(text);
    let mut walk =
        Walk { tools, text, read: Read { criteria: vec![], headings }, numbers: [0, 0], part: None };
    let mut under = Under::default();
    for item in alternatives(text, adopted(text, items)) {
        if item.children.is_empty()
            && let Some(label) = cohort_label(text, &item)
        {
            // A heading line holds until the next.
            walk.read.headings.push(item.span);
            under = Under { heading: Some(label.clone()), applies_to: vec![label], ..Under::default() };
            continue;
        }
        walk.top(&item, &under);
    }
    walk.read.headings.sort();
    walk.read
}

/// Lines that end with a colon take the bullets behind them.
fn adopted(text: &str, items: Vec<Item>) -> Vec<Item> {
    let mut found: Vec<Item> = vec![];
    for item in items {
        let Some(last) = found.last_mut() else {
            found.push(item);
            continue;
        };
        let opens = text[..last.span.end].trim_end().ends_with(':') && last.section == item.section;
        let fits = opens && last.is_paragraph() && !item.is_paragraph();
        if fits && cohort_label(text, last).is_none() {
            last.children.push(item);
        } else {
            found.push(item);
        }
    }
    found
}

/// Neighbours joined by `or` at the end of one or the start of the next, or by a line that says nothing else, become
/// one item whose children are the alternatives.
fn alternatives(text: &str, items: Vec<Item>) -> Vec<Item> {
    let mut found: Vec<Item> = vec![];
    let mut joining = false;
    for mut item in items {
        item.children = alternatives(text, std::mem::take(&mut item.children));
        let words = text[item.span.start..item.span.end].trim();
        let bare: String = words.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let starts = bare == "or"
            || words.starts_with("OR ")
            || words.to_lowercase().starts_with("or,")
            || words.starts_with("or ")
            || words.starts_with("Or ");
        let ends = |words: &str| {
            [" or", " OR", " or,", " OR,", "/or"]
                .iter()
                .any(|end| words.trim_end_matches(['-', ' ']).ends_with(end))
        };
        let open = ends(words) || bare == "or";
        match found.last_mut().filter(|last| (starts || joining) && last.section == item.section) {
            Some(last) => last.join(item),
            None => found.push(item),
        }
        joining = open;
    }
    found
}

impl Walk<'_, '_> {
    fn top(&mut self, item: &Item, under: &Under) {
        self.numbers[usize::from(item.role == Role::Exclusion)] += 1;
        self.part = None;
        self.item(item, under, 0);
    }

    fn words(&self, span: TextSpan) -> &str {
        &self.text[span.start..span.end]
    }

    fn item(&mut self, item: &Item, under: &Under, depth: usize) {
        if item.children.is_empty() && !item.joined && asks_nothing(self.words(item.span)) {
            self.read.headings.push(item.span);
            return;
        }
        if item.joined {
            let whole = TextSpan { start: item.span.start, end: item.end() };
            let expr = self.either(item, under);
            self.emit(whole, item.role, expr, under);
            return;
        }
        if item.children.is_empty() {
            if self.opens(item)
                && self.clause(item.span, item.role, &Under::default()).coverage() != Coverage::ForAPerson
            {
                // A first line whose list stands elsewhere.
                self.read.headings.push(item.span);
                return;
            }
            let (span, inner) = self.own_heading(item.span, under);
            let (joined, ..) = quantifier(self.words(span));
            let listless = matches!(joined, Joined::Any | Joined::None | Joined::AtLeast(_))
                && !self.words(span).contains([':', ';', ',']);
            let expr = match listless {
                true => Expr::not_computable("a first line without its list"),
                false => self.clause(span, item.role, &inner),
            };
            self.emit(item.span, item.role, expr, &inner);
            return;
        }
        let whole = TextSpan { start: item.span.start, end: item.end() };
        if 12 < depth {
            self.emit(whole, item.role, Expr::not_computable("lists nested too deep"), under);
            return;
        }
        if self.notes(item) {
            let expr = self.with_notes(item, under);
            self.emit(whole, item.role, expr, under);
            return;
        }
        self.list(item, whole, under, depth);
    }

    /// Alternatives joined line by line.
    fn either(&self, item: &Item, under: &Under) -> Expr {
        let bare = |child: &&Item| {
            let word: String = self.words(child.span).chars().filter(|c| c.is_alphanumeric()).collect();
            !word.eq_ignore_ascii_case("or") && !word.is_empty()
        };
        let parts: Vec<Expr> = item
            .children
            .iter()
            .filter(bare)
            .map(|child| match child.children.is_empty() {
                true => self.clause(child.span, child.role, under),
                false => Expr::not_computable("a list inside an alternative"),
            })
            .collect();
        // What one line says may go on in the next.
        match parts.iter().any(|part| part.coverage() == Coverage::Not) {
            true => Expr::not_computable("alternatives no rule reads"),
            false => Expr::Any(parts),
        }
    }

    /// `Phase 2 only: …`, `… (Part B only)`.
    fn own_heading(&self, span: TextSpan, under: &Under) -> (TextSpan, Under) {
        let words = self.words(span);
        let with =
            |label: String| Under { heading: Some(label.clone()), applies_to: vec![label], ..under.clone() };
        if let Some(colon) = words.find(':').filter(|at| *at < 80)
            && let Some(label) = label_of(&words[..colon])
            && !words[colon + 1..].trim().is_empty()
        {
            return (TextSpan { start: span.start + colon + 1, end: span.end }, with(label));
        }
        // `Patients with solid tumors: albumin ≥ 2 g/dL`.
        if let Some(colon) = words.find(':').filter(|at| *at < 80)
            && under.guard.is_none()
            && !words[colon + 1..].trim().is_empty()
            && let Some(guard) = self.guard(TextSpan { start: span.start, end: span.start + colon })
        {
            let inner = Under { guard: Some(guard), ..under.clone() };
            return (TextSpan { start: span.start + colon + 1, end: span.end }, inner);
        }
        if let Some((label, behind)) = leading_label(words) {
            return (TextSpan { start: span.start + behind, end: span.end }, with(label));
        }
        let end = words.trim_end().trim_end_matches('.');
        if let Some(inner) = end.strip_suffix(')')
            && let Some(open) = inner.rfind('(')
            && let Some(label) = label_of(&inner[open + 1..])
            && !inner[..open].trim().is_empty()
        {
            return (TextSpan { start: span.start, end: span.start + open }, with(label));
        }
        (span, under.clone())
    }

    /// A child speaks of what is let in, or calls itself a note.
    fn notes(&self, item: &Item) -> bool {
        item.children.iter().any(|child| {
            let lower = self.words(child.span).to_lowercase();
            let note = ["note", "exception", "however", "nb:", "n.b."]
                .iter()
                .any(|word| lower.trim_start().starts_with(word));
            let tagged = tag(self.tools, self.text, child.span.start, child.span.end);
            let verdict = ["not allowed", "not eligible", "ineligible", "not permitted", "excluded"]
                .iter()
                .any(|word| lower.contains(word));
            let first = tagged.tags.iter().any(|tag| tag.is(&Sense::Allowed));
            let limited = tagged.tags.iter().any(|tag| matches!(tag.what, What::Limit(_)));
            note || first && !limited && !verdict && !self.opens(item)
        })
    }

    fn opens(&self, item: &Item) -> bool {
        self.words(item.span).trim_end().ends_with(':')
    }

    /// The item as sentences of one criterion.
    fn with_notes(&self, item: &Item, under: &Under) -> Expr {
        let own = self.clause(item.span, item.role, under);
        let open = || Expr::not_computable("notes no rule reads");
        match item.role {
            Role::Inclusion if own.coverage() == Coverage::Not => own,
            Role::Exclusion if own.coverage() == Coverage::Not => own,
            // A note may widen or narrow: neither lets in nor keeps out.
            Role::Inclusion | Role::Exclusion if self.only_allows(item) => match item.role {
                Role::Inclusion => Expr::Any(vec![own, open()]),
                Role::Exclusion => Expr::All(vec![own, open()]),
            },
            Role::Inclusion | Role::Exclusion => open(),
        }
    }

    fn only_allows(&self, item: &Item) -> bool {
        item.children.iter().all(|child| {
            let tagged = tag(self.tools, self.text, child.span.start, child.span.end);
            tagged.tags.iter().any(|tag| tag.is(&Sense::Allowed)) && child.children.is_empty()
        })
    }

    fn list(&mut self, item: &Item, whole: TextSpan, under: &Under, depth: usize) {
        let (joined, before, after) = quantifier(self.words(item.span));
        let (start, end) = (item.span.start, item.span.end);
        let before_span = TextSpan { start, end: start + before };
        let after_span = TextSpan { start: start + after, end };
        if let Some(label) =
            label_of(self.words(item.span).trim().trim_end_matches(':')).filter(|_| self.opens(item))
        {
            let inner = Under { heading: Some(label.clone()), applies_to: vec![label], ..under.clone() };
            return self.children_apart(item, item.span, &inner, depth);
        }
        if self.opens(item) && names_criteria(self.words(item.span)) {
            let label = self.words(item.span).trim().trim_end_matches(':').replace('\\', "");
            let cohort = COHORT.iter().any(|name| label.to_lowercase().contains(name));
            let applies_to = if cohort { vec![label.clone()] } else { under.applies_to.clone() };
            let inner = Under { heading: Some(label), applies_to, ..under.clone() };
            return self.children_apart(item, item.span, &inner, depth);
        }
        let vacuous = self.vacuous(before_span) && self.vacuous(after_span)
            || self.opens(item) && self.only_opens(item, &[before_span, after_span], false);
        let with = Under {
            label: self.label(item.span),
            before: if vacuous {
                String::new()
            } else {
                self.words(before_span).trim().trim_end_matches(':').to_owned()
            },
            after: if vacuous {
                String::new()
            } else {
                self.words(after_span).trim().trim_end_matches(':').to_owned()
            },
            ..under.clone()
        };
        match (item.role, joined) {
            (Role::Inclusion, Joined::Any | Joined::AtLeast(_)) => {
                let expr = self.alternatives(item, joined, &with, vacuous);
                self.emit(whole, item.role, expr, under);
            }
            (Role::Exclusion, Joined::All | Joined::AtLeast(_))
                if joined != Joined::All || explicit_all(self.words(item.span)) =>
            {
                let expr = self.together(item, joined, &with, vacuous);
                self.emit(whole, item.role, expr, under);
            }
            (_, Joined::None) if vacuous || item.role == Role::Inclusion => {
                let denied = Under { denied: item.role == Role::Inclusion, ..with };
                self.children_apart(item, item.span, &denied, depth);
            }
            (_, Joined::None) => self.emit(whole, item.role, Expr::not_computable("a denied list"), under),
            _ if vacuous => self.children_apart(item, item.span, &with, depth),
            // `Pregnancy:`, `Concurrent medication:`: a label that only says what the lines are about.
            (Role::Exclusion, Joined::Listed) if self.opens(item) && self.only_names(item) => {
                let plain = Under { before: String::new(), after: String::new(), ..with };
                self.children_apart(item, item.span, &plain, depth);
            }
            // `Treatment with any of the following:`, each with its own span.
            _ if self.opens(item) && self.only_opens(item, &[before_span, after_span], true) => {
                self.children_apart(item, item.span, &with, depth);
            }
            _ => self.with_content(item, whole, under, &with, joined, depth),
        }
    }

    /// The first line says something of its own.
    fn with_content(
        &mut self,
        item: &Item,
        whole: TextSpan,
        under: &Under,
        with: &Under,
        joined: Joined,
        depth: usize,
    ) {
        let tagged = tag(self.tools, self.text, item.span.start, item.span.end);
        let has = |sense: &Sense| tagged.tags.iter().any(|tag| tag.is(sense));
        if has(&Sense::Except) || has(&Sense::Not) && item.role == Role::Exclusion {
            let own = self.clause(item.span, item.role, under);
            let open = Expr::not_computable("exceptions no rule reads");
            let known = has(&Sense::Except) && !has(&Sense::Not) && own.coverage() == Coverage::Partly;
            let expr = match (known, item.role) {
                (false, _) => open,
                (true, _) => own,
            };
            return self.emit(whole, item.role, expr, under);
        }
        let opening = self.words(item.span).trim().to_lowercase();
        let denies = [
            "no ",
            "not ",
            "without",
            "absence",
            "none",
            "free of",
            "must not",
            "do not",
            "does not",
            "patients must not",
            "never",
            "have no",
            "has no",
        ];
        if item.role == Role::Inclusion
            && (has(&Sense::Not) || denies.iter().any(|word| opening.starts_with(word)))
        {
            let inner = Under { frame_only: true, ..with.clone() };
            return self.children_apart(item, item.span, &inner, depth);
        }
        let examples = has(&Sense::Examples);
        let own = self.clause(item.span, item.role, under);
        let defined = ["defined", "evidenced", "indicated", "demonstrated"]
            .iter()
            .any(|word| self.words(item.span).to_lowercase().contains(word));
        let plain = Under { before: String::new(), after: String::new(), ..with.clone() };
        if let Some(guard) = self.guard(item.span) {
            let inner = Under { guard: Some(guard), ..plain };
            return self.children_apart(item, item.span, &inner, depth);
        }
        let conditional = conditional(self.words(item.span));
        match (item.role, own.coverage()) {
            // `Clinically significant cardiac disease, including:` keeps out by itself.
            (Role::Exclusion, Coverage::Computed) if examples || !self.opens(item) => {
                self.emit(item.span, item.role, own, under);
                self.children(item, &plain, depth);
            }
            (Role::Inclusion, Coverage::Computed | Coverage::ForAPerson | Coverage::Partly)
                if !conditional && (!defined || own.coverage() == Coverage::Computed) =>
            {
                self.emit(item.span, item.role, own, under);
                self.children(item, &plain, depth);
            }
            (Role::Inclusion, _)
                if !conditional
                    && (self.opens(item) && self.words(item.span).split_whitespace().count() <= 14
                        || self.label(item.span).is_some()) =>
            {
                self.children_apart(item, item.span, &plain, depth);
            }
            (Role::Exclusion, _) if self.each_with_frame(item, with) => {
                self.children_apart(item, item.span, with, depth)
            }
            (Role::Exclusion, _) if defined && joined != Joined::All => {
                self.children_apart(item, item.span, &plain, depth)
            }
            // `adequate marrow and organ function within 2 weeks of the start, as defined below:`
            (Role::Inclusion, _)
                if !conditional
                    && ["adequate", "laboratory", "acceptable"]
                        .iter()
                        .any(|word| self.words(item.span).to_lowercase().contains(word)) =>
            {
                self.children_apart(item, item.span, &plain, depth);
            }
            (Role::Inclusion, _) if !conditional && !self.opens(item) => {
                self.emit(item.span, item.role, own, under);
                self.children(item, &plain, depth);
            }
            (Role::Exclusion, _) if !self.opens(item) => {
                self.emit(item.span, item.role, own, under);
                self.children(item, &plain, depth);
            }
            // A child that is understood with the words of the first line needs no more of it.
            (Role::Exclusion, _)
                if joined != Joined::All
                    && item.children.iter().all(|child| child.children.is_empty())
                    && item
                        .children
                        .iter()
                        .any(|child| self.framed(child.span, child.role, with).is_some()) =>
            {
                let inner = Under { frame_only: true, ..with.clone() };
                self.children_apart(item, item.span, &inner, depth);
            }
            _ => {
                let inner =
                    Under { guard: Some(Expr::not_computable("the first line of the list")), ..plain };
                self.children_apart(item, item.span, &inner, depth);
            }
        }
    }

    /// Every child is understood once the words of the first line stand round it.
    fn each_with_frame(&self, item: &Item, with: &Under) -> bool {
        item.children
            .iter()
            .all(|child| child.children.is_empty() && self.framed(child.span, child.role, with).is_some())
    }

    fn framed(&self, span: TextSpan, role: Role, with: &Under) -> Option<Expr> {
        if with.before.is_empty() && with.after.is_empty() {
            return None;
        }
        let made =
            format!("{} {} {}", with.before, self.words(span).trim_end_matches([';', '.', ',']), with.after);
        let expr = clause::read(self.tools, &made, 0, made.len(), role);
        (expr.coverage() == Coverage::Computed).then_some(expr)
    }

    /// `For patients with hepatocellular carcinoma:`.
    fn guard(&self, span: TextSpan) -> Option<Expr> {
        let words = self.words(span).trim().trim_end_matches(':').to_owned();
        let lower = words.to_lowercase();
        let inner = [
            "for patients with ",
            "for participants with ",
            "for subjects with ",
            "patients with ",
            "in patients with ",
            "participants with ",
            "subjects with ",
            "if patients have ",
            "for patients who have ",
        ];
        let cut = inner.iter().find(|start| lower.starts_with(**start))?.len();
        let expr = clause::read(self.tools, &words, cut, words.len(), Role::Inclusion);
        // Of a solid tumour it is said that it is none of blood.
        let plain = !expr.to_string().replace("not disease [DOID:2531]", "").contains("not ");
        (expr.coverage() == Coverage::Computed && plain).then_some(expr)
    }

    fn alternatives(&self, item: &Item, joined: Joined, with: &Under, vacuous: bool) -> Expr {
        let mut framed_all = true;
        let mut parts = vec![];
        for child in &item.children {
            let framed = if vacuous || !child.children.is_empty() {
                None
            } else {
                self.framed(child.span, child.role, with)
            };
            framed_all &= framed.is_some();
            parts.push(framed.unwrap_or_else(|| self.whole_item(child, with)));
        }
        let list = match joined {
            Joined::AtLeast(n) => Expr::AtLeast { n, of: parts },
            _ => Expr::Any(parts),
        };
        match vacuous || framed_all {
            true => list,
            false => Expr::All(vec![self.first_line(item), list]),
        }
    }

    fn together(&self, item: &Item, joined: Joined, with: &Under, vacuous: bool) -> Expr {
        let parts: Vec<Expr> = item.children.iter().map(|child| self.whole_item(child, with)).collect();
        let list = match joined {
            Joined::AtLeast(n) => Expr::AtLeast { n, of: parts },
            _ => Expr::All(parts),
        };
        if vacuous { list } else { Expr::All(vec![self.first_line(item), list]) }
    }

    fn first_line(&self, item: &Item) -> Expr {
        let read = clause::read(self.tools, self.text, item.span.start, item.span.end, item.role);
        match read.coverage() {
            Coverage::Computed => read,
            _ => Expr::not_computable("first line of the list"),
        }
    }

    /// An item with all below it as one expression.
    fn whole_item(&self, item: &Item, under: &Under) -> Expr {
        let own =
            self.clause(item.span, item.role, &Under { label: under.label.clone(), ..Under::default() });
        if item.children.is_empty() {
            return own;
        }
        // What stands under an alternative may narrow or widen it.
        let _ = own;
        Expr::not_computable("a list inside an alternative")
    }

    fn children_apart(&mut self, item: &Item, heading: TextSpan, under: &Under, depth: usize) {
        self.read.headings.push(heading);
        self.children(item, under, depth);
    }

    fn children(&mut self, item: &Item, under: &Under, depth: usize) {
        for child in &item.children {
            self.part.get_or_insert(0);
            self.item(child, under, depth + 1);
        }
    }

    fn clause(&self, span: TextSpan, role: Role, under: &Under) -> Expr {
        let inner_role = if under.denied { Role::Exclusion } else { role };
        if let Some(expr) = self.framed(span, inner_role, under) {
            return expr;
        }
        if under.frame_only {
            return Expr::not_computable("the first line of the list");
        }
        let words = self.words(span);
        let read = clause::read(self.tools, self.text, span.start, span.end, inner_role);
        if read.coverage() != Coverage::Not {
            return read;
        }
        // `Hepatic: bilirubin ≤ 1.5 × ULN`: the label only says which part of the body.
        if let Some(colon) = words.find(':').filter(|at| is_label(&words[..*at])) {
            let inner = clause::read(self.tools, self.text, span.start + colon + 1, span.end, inner_role);
            if inner.coverage() != Coverage::Not {
                return inner;
            }
        }
        let Some(label) = &under.label else { return read };
        let made = format!("{label} {words}");
        let labelled = clause::read(self.tools, &made, 0, made.len(), inner_role);
        if labelled.coverage() == Coverage::Computed || labelled.coverage() == Coverage::ForAPerson {
            labelled
        } else {
            read
        }
    }

    fn emit(&mut self, span: TextSpan, role: Role, expr: Expr, under: &Under) {
        let expr = if under.denied { Expr::Not(Box::new(expr)) } else { expr };
        let expr = match (&under.guard, role) {
            (None, _) => expr,
            (Some(guard), Role::Inclusion) => Expr::Any(vec![negated(guard), expr]),
            (Some(guard), Role::Exclusion) => Expr::All(vec![guard.clone(), expr]),
        };
        let number = self.numbers[usize::from(role == Role::Exclusion)];
        let letters = self.part.map(|part| {
            self.part = Some(part + 1);
            letters(part)
        });
        let name = if role == Role::Inclusion { "in" } else { "ex" };
        let id = format!("{name}-{number}{}", letters.unwrap_or_default());
        let (applies_to, heading) = (under.applies_to.clone(), under.heading.clone());
        if self.part.is_none() {
            self.part = Some(0);
        }
        self.read.criteria.push(Criterion { id, role, expr, span: Some(span), applies_to, heading });
    }

    /// Nothing but words that carry nothing.
    fn vacuous(&self, span: TextSpan) -> bool {
        let tagged = tag(self.tools, self.text, span.start, span.end);
        tagged.tags.iter().all(|tag| {
            matches!(tag.what, What::Colon | What::Comma | What::Semicolon | What::Slash)
                || tag.is(&Sense::And)
                || tag.is(&Sense::Or)
        })
    }

    /// A short first line without a word that says how, when or whether.
    fn only_names(&self, item: &Item) -> bool {
        let tagged = tag(self.tools, self.text, item.span.start, item.span.end);
        let name = |tag: &Tag| {
            let kind = matches!(
                tag.what,
                What::Colon | What::Comma | What::Slash | What::Therapy(_) | What::Unknown
            );
            let thing = matches!(
                tag.what,
                What::Word(Sense::And | Sense::Or | Sense::Condition(_) | Sense::Reproductive(_))
            );
            kind || thing
        };
        tagged.tokens.len() <= 6
            && tagged.tags.iter().all(name)
            && !tagged.tokens.iter().any(|token| ONLY_NAMES_VERBS.holds(&token.norm))
    }

    /// Words that name what a list is about, and that its members keep out.
    fn only_opens(&self, item: &Item, spans: &[TextSpan], given: bool) -> bool {
        let plain = |span: &TextSpan| {
            let tagged = tag(self.tools, self.text, span.start, span.end);
            tagged.tags.iter().all(|tag| {
                let word = tagged.tokens[tag.from].norm.as_str();
                matches!(tag.what, What::Colon | What::Comma | What::Semicolon | What::Slash)
                    || [Sense::And, Sense::Or, Sense::If].iter().any(|sense| tag.is(sense))
                    || given && tag.is(&Sense::Given)
                    || matches!(tag.what, What::Unknown) && OPENING.holds(word)
            })
        };
        // Among what must be met, `excluded` turns the list.
        let lower = self.words(item.span).to_lowercase();
        let turns = item.role == Role::Inclusion && (lower.contains("exclu") || lower.contains("inelig"));
        !turns && spans.iter().all(plain)
    }

    /// A first line of at most four words without a number.
    fn label(&self, span: TextSpan) -> Option<String> {
        let words = self.words(span).trim().trim_end_matches(':');
        let short = words.split_whitespace().count() <= 4 && !words.bytes().any(|b| b.is_ascii_digit());
        short.then(|| words.to_owned())
    }
}

fn negated(expr: &Expr) -> Expr {
    match expr {
        // Not knowing the condition is not knowing its denial.
        Expr::Ask(ask) if matches!(**ask, concilium_criteria::eligibility::Ask::NotComputable { .. }) => {
            expr.clone()
        }
        other => Expr::Not(Box::new(other.clone())),
    }
}

fn letters(part: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap_or(0));
    if part < 26 { letter(part).to_string() } else { format!("{}{}", letter(part / 26 - 1), letter(part)) }
}

static ONLY_NAMES_VERBS: OneOf = OneOf::new("any who with of for has have had in if following");

static OPENING: OneOf = OneOf::new(
    "meet met meets apply applies cardiac cardiovascular infectious value visit exclude excluded excludes \
     exclusion exclusions ineligible general additional key main common condition treatment therapy \
     medication requirement eligibility from experience experienced participation specific considered \
     regarding organ function marrow hematologic hepatic renal available minimum therapies if chemistry \
     abnormality abnormalities comorbid fulfill fulfil satisfy should listed bloodwork defined below \
     specified timeframe characteristic show hematological biochemical haematological coagulation medical \
     respect screening true",
);
