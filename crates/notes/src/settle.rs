//! Which reading of a span stands?
//!
//! No two mentions read one span in two ways: they lie apart, or one lies wholly inside another of a class that may
//! hold it (`HER2-positive` inside a breast cancer's name).

use crate::mention::{Finding, Mention};

/// The mentions that stand, in order.
pub(crate) fn settle(mut proposed: Vec<Mention>) -> Vec<Mention> {
    proposed.sort_by_key(key);
    let mut kept: Vec<Mention> = vec![];
    for mention in proposed {
        if kept.iter().all(|other| agree(other, &mention)) {
            kept.push(mention);
        }
    }
    kept.sort_by_key(|mention| (mention.start, mention.end, mention.finding.class()));
    kept
}

/// Stronger readings first: values before names, longer before shorter, and the authored list before the release's.
fn key(mention: &Mention) -> (u8, usize, u8, usize) {
    let length = usize::MAX - (mention.end - mention.start);
    let kind = match mention.finding {
        Finding::Condition { .. } => 0,
        _ => 1,
    };
    (rank(&mention.finding), length, kind, mention.start)
}

fn rank(finding: &Finding) -> u8 {
    match finding {
        Finding::Age { .. } | Finding::Performance { .. } => 0,
        Finding::Alteration { .. } => 1,
        Finding::Stage { .. } => 2,
        Finding::Marker { .. } => 3,
        Finding::Lab { .. } => 4,
        Finding::Response { .. } | Finding::Line { .. } | Finding::Trial => 5,
        Finding::Disease { .. } | Finding::Condition { .. } => 6,
        Finding::Metastasis { .. } => 5,
        Finding::Drug { .. } | Finding::Procedure { .. } => 6,
        Finding::Sex { .. } => 8,
    }
}

fn agree(a: &Mention, b: &Mention) -> bool {
    let apart = a.end <= b.start || b.end <= a.start;
    apart || holds(a, b) || holds(b, a)
}

/// May `outer` hold `inner`?
fn holds(outer: &Mention, inner: &Mention) -> bool {
    let inside = outer.start <= inner.start
        && inner.end <= outer.end
        && (outer.start, outer.end) != (inner.start, inner.end);
    let may = matches!(
        (&outer.finding, &inner.finding),
        (
            Finding::Disease { .. },
            Finding::Marker { .. } | Finding::Metastasis { .. } | Finding::Alteration { .. }
        )
    );
    inside && may
}
