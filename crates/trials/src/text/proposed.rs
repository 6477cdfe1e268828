//! May a proposed criterion be believed? Whoever proposes one, a model too, must find it in the words: every number and
//! every name of the expression must stand in the span, and a denial only where the words deny.

use super::Reader;
use super::number::NUMBERS;
use super::tag::{What, tag};
use super::token::{Token, tokens};
use super::words::Sense;
use concilium_criteria::eligibility::{Ask, Expr, Range, Span, TextSpan, TherapyRef};
use concilium_knowledge::PriorTherapy;
use concilium_terms::lexicon::{Kind, Writing};

/// A criterion somebody read in a text, not yet believed.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    /// What it is said to ask.
    pub expr: Expr,
    /// The words it is said to stand in.
    pub span: TextSpan,
}

/// Why a proposal is not taken: each reason names what of it does not stand in the words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not in the words: {}", reasons.join("; "))]
pub struct Refused {
    /// Reasons, never empty.
    pub reasons: Vec<String>,
}

impl Reader<'_> {
    /// Holds a proposal against the words of its span.
    ///
    /// # Errors
    /// The span is no part of the text, or a number, a name or a denial of the expression does not stand in it.
    pub fn check(&self, text: &str, proposed: &Proposed) -> Result<Expr, Refused> {
        let span = proposed.span;
        let Some(words) = text.get(span.start..span.end).filter(|words| !words.trim().is_empty()) else {
            return Err(Refused { reasons: vec!["the span is no part of the text".to_owned()] });
        };
        let mut reasons = vec![];
        self.numbers(words, &proposed.expr, &mut reasons);
        self.names(words, &proposed.expr, &mut reasons);
        self.denials(words, &proposed.expr, &mut reasons);
        if reasons.is_empty() { Ok(proposed.expr.clone()) } else { Err(Refused { reasons }) }
    }

    fn numbers(&self, words: &str, expr: &Expr, reasons: &mut Vec<String>) {
        let written: Vec<f64> = tokens(words, 0, words.len()).iter().filter_map(Token::number).collect();
        for ask in expr.asks() {
            for number in numbers_of(ask) {
                let spelled =
                    NUMBERS.iter().any(|(word, n)| *n == number && words.to_lowercase().contains(word));
                if !spelled && !written.iter().any(|n| (n - number).abs() < 1e-9) {
                    reasons.push(format!("the number {number}"));
                }
            }
        }
    }

    fn names(&self, words: &str, expr: &Expr, reasons: &mut Vec<String>) {
        let mentions = self.lexicon.find(words, Writing::Prose);
        let named = |kind: Kind, id: &str| {
            mentions
                .iter()
                .any(|mention| mention.candidates.iter().any(|entry| entry.kind == kind && &*entry.id == id))
        };
        let tools = self.tools();
        let tagged = tag(&tools, words, 0, words.len());
        let therapy = |wanted: &TherapyRef| {
            tagged.tags.iter().any(|tag| matches!(&tag.what, What::Therapy(own) if own == wanted))
        };
        let key = |wanted: &str| {
            tagged.tags.iter().any(|tag| {
                matches!(&tag.what, What::Word(Sense::Condition(own) | Sense::Metastasis(own) | Sense::Analyte(own) | Sense::Reproductive(own)) if *own == wanted)
            })
        };
        for ask in expr.asks() {
            match ask {
                Ask::Disease { any_of, .. } => {
                    reasons.extend(
                        any_of
                            .iter()
                            .filter(|doid| !named(Kind::Disease, doid.as_str()))
                            .map(|doid| format!("the disease {doid}")),
                    );
                }
                Ask::Biomarker { any_of, .. } => {
                    let genes = any_of.iter().flat_map(|pattern| pattern.genes());
                    reasons.extend(
                        genes
                            .filter(|gene| !named(Kind::Gene, gene.as_str()))
                            .map(|gene| format!("the gene {gene}")),
                    );
                }
                Ask::Prior { any_of, .. }
                | Ask::Recent { any_of, .. }
                | Ask::Concomitant { any_of, .. }
                | Ask::Allergy { to: any_of } => {
                    for wanted in any_of {
                        let by_name = matches!(wanted, TherapyRef::Drug(PriorTherapy::Drug(drug)) if named(Kind::Drug, drug.as_str()));
                        if !by_name && !therapy(wanted) {
                            reasons.push("a therapy".to_owned());
                        }
                    }
                }
                Ask::Condition { any_of, .. } => {
                    reasons.extend(
                        any_of
                            .iter()
                            .filter(|wanted| !key(wanted))
                            .map(|wanted| format!("the condition {wanted}")),
                    );
                }
                Ask::Metastasis { site, .. } if !key(site) => reasons.push(format!("metastases: {site}")),
                Ask::Lab { analyte, .. } if !key(analyte) => reasons.push(format!("the analyte {analyte}")),
                Ask::Reproductive { state } if !key(state) => reasons.push(state.clone()),
                _ => {}
            }
        }
    }

    fn denials(&self, words: &str, expr: &Expr, reasons: &mut Vec<String>) {
        let tools = self.tools();
        let tagged = tag(&tools, words, 0, words.len());
        let denies = tagged
            .tags
            .iter()
            .any(|tag| tag.is(&Sense::Not) || tag.is(&Sense::Except) || tag.is(&Sense::Negative));
        match (denied(expr), denies) {
            (true, false) => reasons.push("a denial".to_owned()),
            (false, true) if expr.asks().iter().all(|ask| !matches!(ask, Ask::NotComputable { .. })) => {
                reasons.push("the words deny something the expression does not".to_owned());
            }
            _ => {}
        }
    }
}

/// `not` anywhere, or an alteration asked to be absent.
fn denied(expr: &Expr) -> bool {
    match expr {
        Expr::Ask(ask) => match &**ask {
            Ask::Biomarker { stated, .. } => *stated == concilium_criteria::eligibility::Stated::Absent,
            Ask::SecondMalignancy { except, other_exceptions, .. } => !except.is_empty() || *other_exceptions,
            _ => false,
        },
        Expr::All(of) | Expr::Any(of) | Expr::AtLeast { of, .. } => of.iter().any(denied),
        Expr::Not(_) => true,
    }
}

fn numbers_of(ask: &Ask) -> Vec<f64> {
    let range = |range: &Range| range.min.into_iter().chain(range.max).collect::<Vec<_>>();
    let span = |span: &Option<Span>| span.iter().map(|span| span.amount).collect::<Vec<_>>();
    match ask {
        Ask::Age { years } => range(years),
        Ask::Performance { points, .. } => range(points),
        Ask::Lab { value, within, .. } => [range(value), span(within)].concat(),
        Ask::Prior { lines, .. } => lines.iter().flat_map(range).collect(),
        Ask::Recent { washout, .. } => washout.spans.iter().map(|span| span.amount).collect(),
        Ask::Concomitant { prednisone_mg_over, .. } => prednisone_mg_over.iter().copied().collect(),
        Ask::Condition { within, .. } | Ask::SecondMalignancy { within, .. } => span(within),
        _ => vec![],
    }
}
