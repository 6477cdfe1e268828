//! A filter as a tantivy query. `Filter::holds` is the meaning; a property holds both against each other.

use super::schema::{Columns, padded};
use crate::filter::{Field, Filter};
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, EmptyQuery, InvertedIndexRangeQuery, Occur, Query, TermSetQuery,
};

/// Passages that meet the filter; scores mean nothing.
pub(super) fn lower(filter: &Filter, columns: &Columns) -> Box<dyn Query> {
    let each = |parts: &[Filter], occur| parts.iter().map(|part| (occur, lower(part, columns))).collect();
    match filter {
        Filter::All => Box::new(AllQuery),
        Filter::And(parts) if parts.is_empty() => Box::new(AllQuery),
        Filter::And(parts) => Box::new(BooleanQuery::new(each(parts, Occur::Must))),
        Filter::Or(parts) if parts.is_empty() => Box::new(EmptyQuery),
        Filter::Or(parts) => Box::new(BooleanQuery::new(each(parts, Occur::Should))),
        // A query of exclusions alone finds nothing in tantivy: everything goes in first.
        Filter::Not(part) => Box::new(BooleanQuery::new(vec![
            (Occur::Must, Box::new(AllQuery)),
            (Occur::MustNot, lower(part, columns)),
        ])),
        Filter::AnyOf(_, values) if values.is_empty() => Box::new(EmptyQuery),
        Filter::AnyOf(field, values) => any_of(*field, values, columns),
        Filter::Years(from, to) => {
            let bound = |year: u16| Bound::Included(Term::from_field_text(columns.year, &padded(year)));
            // Over the terms, of which there are as many as years. The range query over fast fields of tantivy 0.27
            // overflows inside nested queries (the property of this module found it).
            Box::new(InvertedIndexRangeQuery::new(bound(from.unwrap_or(0)), bound(to.unwrap_or(u16::MAX))))
        }
    }
}

fn any_of(field: Field, values: &[String], columns: &Columns) -> Box<dyn Query> {
    Box::new(TermSetQuery::new(values.iter().map(|value| columns.facet(field, value))))
}
