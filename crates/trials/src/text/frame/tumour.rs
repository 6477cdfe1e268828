//! Which tumour, how far, measurable or not, with which markers?

use super::{Mode, stage, words};
use crate::text::number::{Limit, Unit};
use crate::text::tag::{SOLID, Tag, Tagged, What};
use crate::text::words::{Sense, StateWord};
use concilium_criteria::eligibility::{Ask, DiseaseExtent, Expr};
use concilium_terms::Doid;

/// Disease Ontology: cancer; hematologic cancer, which a solid tumour is not.
const CANCER: &str = "DOID:162";
const BLOOD: &str = "DOID:2531";

/// `measurable disease by RECIST 1.1`.
pub(super) fn measurable(tags: &[Tag]) -> Option<Expr> {
    let (mut measurable, mut evaluable) = (false, false);
    for tag in tags {
        match &tag.what {
            What::Word(Sense::Measurable) => measurable = true,
            What::Word(Sense::Evaluable) => evaluable = true,
            What::Word(Sense::Or | Sense::OwnDisease) | What::Slash | What::Comma => {}
            What::Limit(Limit { range, unit: Unit::None })
                if range.min == Some(1.0) && range.max.is_none() => {}
            What::Word(Sense::And) if measurable || evaluable => {}
            _ => return None,
        }
    }
    (measurable || evaluable).then(|| Expr::ask(Ask::Measurable { by: None, evaluable_enough: evaluable }))
}

/// `histologically confirmed, locally advanced or metastatic NSCLC with EGFR mutation`.
pub(super) fn disease(tagged: &Tagged, tags: &[Tag], mode: Mode) -> Option<Expr> {
    let mut found = Tumour::default();
    let mut depth = 0;
    for tag in tags {
        match &tag.what {
            What::Open => depth += 1,
            What::Close => {
                depth -= 1;
                found.includes = false;
            }
            // `ovarian cancer (including fallopian tube carcinoma)`: those too.
            What::Word(Sense::Examples) if found.only_term() => {
                (found.includes, found.joint) = (true, Some(Joint::Or));
            }
            what => found.take(what, depth)?,
        }
    }
    if depth != 0 || found.is_empty() {
        return None;
    }
    let words = words(tagged, tags);
    found.finish(words, mode)
}

#[derive(Default)]
struct Tumour {
    terms: Vec<Doid>,
    confirmed: bool,
    /// Terms that must not hold beside: squamous histology, blood cancers beside a solid tumour.
    not: Vec<Doid>,
    /// Inside brackets that name what the term includes.
    includes: bool,
    /// Alternatives, each of extents that hold together.
    extents: Vec<Vec<&'static [DiseaseExtent]>>,
    stages: Vec<Expr>,
    markers: Vec<Expr>,
    /// A joint since the last extent; `None`: none.
    joint: Option<Joint>,
    or_between_terms: bool,
    and_between_terms: bool,
    marker_before: bool,
    own: bool,
    after_term: bool,
    extent_behind: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    And,
    Or,
    Comma,
}

impl Tumour {
    /// A term stands alone, without a marker or exclusion that could be said of it alone.
    fn only_term(&self) -> bool {
        self.after_term && self.terms.len() == 1 && self.markers.is_empty() && self.not.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.extents.is_empty() && self.stages.is_empty() && !self.confirmed
    }

    fn take(&mut self, what: &What, depth: i32) -> Option<()> {
        let joint = std::mem::take(&mut self.joint);
        match what {
            What::Word(Sense::Confirmed) if self.terms.is_empty() && !self.own => self.confirmed = true,
            What::Word(Sense::Known) => {}
            // `metastatic stage`
            What::Word(Sense::Stage) if !self.extents.is_empty() && self.terms.is_empty() => {}
            What::Word(Sense::State(StateWord::Ever)) => return None,
            What::Word(Sense::Extent(_)) if joint == Some(Joint::Or) && !self.stages.is_empty() => {
                return None;
            }
            What::Word(Sense::Extent(extent)) => {
                if self.after_term && (joint.is_some() && !self.extent_behind) && depth == 0 {
                    // `breast cancer, or metastatic colon cancer`: of which is it said?
                    return None;
                }
                if self.after_term {
                    if !self.extent_behind && !self.extents.is_empty() {
                        return None;
                    }
                    self.extent_behind = true;
                }
                match (joint, self.extents.last_mut()) {
                    (None | Some(Joint::And), Some(group)) => group.push(extent),
                    _ => self.extents.push(vec![extent]),
                }
            }
            What::Stage(groups, scale) => {
                if self.after_term && joint == Some(Joint::Or)
                    || joint == Some(Joint::Or) && !self.extents.is_empty()
                {
                    return None;
                }
                self.stages.push(stage(groups, scale));
            }
            What::Disease(doid) if doid.as_str() == SOLID => {
                if self.after_term {
                    return None;
                }
                self.terms.push(Doid::new(CANCER));
                self.not.push(Doid::new(BLOOD));
                self.after_term = true;
            }
            What::Disease(doid) => {
                if self.after_term {
                    match joint {
                        Some(_) if self.includes => {}
                        Some(Joint::And) => self.and_between_terms = true,
                        Some(_) => self.or_between_terms = true,
                        // `NSCLC (adenocarcinoma)`, `melanoma skin cancer`: the same thing said twice is not sure.
                        None if depth == 0 => return None,
                        None => return None,
                    }
                }
                if self.extent_behind {
                    return None;
                }
                self.terms.push(doid.clone());
                self.after_term = true;
            }
            What::Word(Sense::Malignancy) if !self.after_term => {
                self.terms.push(Doid::new(CANCER));
                self.after_term = true;
            }
            What::Biomarker(expr) => {
                if joint == Some(Joint::Or) && (!self.markers.is_empty() || self.after_term) {
                    return None;
                }
                self.marker_before |= !self.after_term;
                self.markers.push(expr.clone());
            }
            What::Word(Sense::OwnDisease) => {
                self.own = true;
                self.after_term |= !self.terms.is_empty() || !self.extents.is_empty();
            }
            What::Word(Sense::Measurable) if self.after_term && joint != Some(Joint::Or) => {
                self.markers.push(Expr::ask(Ask::Measurable { by: None, evaluable_enough: false }));
            }
            What::Word(Sense::Or) => self.joint = Some(Joint::Or),
            What::Slash => self.joint = Some(Joint::Or),
            What::Word(Sense::And) => self.joint = Some(Joint::And),
            What::Comma => self.joint = Some(joint.unwrap_or(Joint::Comma)),
            _ => return None,
        }
        Some(())
    }

    fn finish(mut self, words: String, mode: Mode) -> Option<Expr> {
        if self.terms.is_empty() && (self.confirmed || self.extents.is_empty() && self.stages.is_empty()) {
            return None;
        }
        // Of which of several tumours is the marker asked?
        if 1 < self.terms.len() && !self.markers.is_empty() {
            return None;
        }
        if self.and_between_terms && !mode.lists() && !self.or_between_terms {
            return None;
        }
        let mut parts = vec![];
        if !self.terms.is_empty() {
            self.terms.dedup();
            parts.push(Expr::ask(Ask::Disease { any_of: self.terms, words, confirmed: self.confirmed }));
        }
        if !self.not.is_empty() && (self.or_between_terms || mode.exclusion || mode.negated) {
            return None;
        }
        parts.extend(self.not.iter().map(|doid| {
            let ask = Ask::Disease { any_of: vec![doid.clone()], words: String::new(), confirmed: false };
            Expr::Not(Box::new(Expr::ask(ask)))
        }));
        parts.extend(extent(&self.extents));
        parts.extend(self.stages);
        parts.extend(self.markers);
        Some(if parts.len() == 1 { parts.remove(0) } else { Expr::All(parts) })
    }
}

fn extent(groups: &[Vec<&'static [DiseaseExtent]>]) -> Option<Expr> {
    let ask = |any_of: Vec<DiseaseExtent>| Expr::ask(Ask::Extent { any_of });
    if groups.iter().all(|group| group.len() == 1) {
        let mut any_of: Vec<DiseaseExtent> =
            groups.iter().flatten().flat_map(|extent| extent.iter().copied()).collect();
        any_of.sort_unstable();
        any_of.dedup();
        return (!any_of.is_empty()).then(|| ask(any_of));
    }
    let all = |group: &Vec<&'static [DiseaseExtent]>| match group.as_slice() {
        [only] => ask(only.to_vec()),
        several => Expr::All(several.iter().map(|extent| ask(extent.to_vec())).collect()),
    };
    let mut groups: Vec<Expr> = groups.iter().map(all).collect();
    Some(if groups.len() == 1 { groups.remove(0) } else { Expr::Any(groups) })
}
