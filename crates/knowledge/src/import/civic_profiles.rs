//! What must hold for a CIViC molecular profile? Only AND, OR, NOT and parentheses of its name are read; leaves are
//! found by the ids the profile lists, never by guessing at a name.

use super::{Imported, Strictness, Tally};
use crate::error::{Refusal, Result};
use crate::tsv::{Comments, Row, Table, split_list};
use concilium_evidence::{Leaf, Profile, ProfileExpr};
use std::collections::BTreeMap;

const COLUMNS: &[&str] = &["name", "molecular_profile_id", "variant_ids"];

/// Reads the profile table, sorted by id. `leaves` are those of the variant table.
///
/// # Errors
/// A missing column; in strict mode the first profile that does not resolve.
pub fn import(file: &str, text: &str, leaves: &[Leaf], strictness: Strictness) -> Result<Imported<Profile>> {
    let table = Table::parse(file, text, Comments::None, COLUMNS)?;
    let names: BTreeMap<u64, &str> = leaves.iter().map(|leaf| (leaf.id, leaf.name.as_str())).collect();
    let mut tally = Tally::new("profiles", strictness);
    for row in table.rows() {
        tally.row(&row, "molecular_profile_id", |row| Ok(vec![profile(row, &names)?]))?;
    }
    let mut imported = tally.finish();
    imported.rows.sort_by_key(|profile: &Profile| profile.id);
    Ok(imported)
}

fn profile(row: &Row, names: &BTreeMap<u64, &str>) -> std::result::Result<Profile, Refusal> {
    let mut leaves = vec![];
    for id in split_list(row.get("variant_ids"), ',') {
        let known = id.parse().ok().and_then(|id: u64| names.get(&id).map(|name| (id, *name)));
        let leaf = known.ok_or_else(|| {
            row.refuse(
                "variant_ids",
                &format!("no variant `{id}`"),
                "use profiles and variants of one release",
            )
        })?;
        leaves.push(leaf);
    }
    let expr = parse(row.get("name"), &leaves).map_err(|why| {
        row.refuse("name", &why, "expected variant names joined by AND, OR, NOT and parentheses")
    })?;
    Ok(Profile { id: row.needed_number("molecular_profile_id")?, name: row.get("name").to_owned(), expr })
}

/// Reads `name` over `leaves` (id, name). AND binds closer than OR.
///
/// # Errors
/// What was found where a variant name or an operator was expected, or a listed variant the name does not mention.
pub fn parse(name: &str, leaves: &[(u64, &str)]) -> std::result::Result<ProfileExpr, String> {
    let mut parser = Parser { depth: 0, rest: name.trim(), leaves };
    let expr = parser.or()?;
    if !parser.rest.is_empty() {
        return Err(format!("`{}` is left over", parser.rest));
    }
    let mentioned = expr.leaves();
    match leaves.iter().find(|(id, _)| !mentioned.contains(id)) {
        Some((id, _)) => Err(format!("variant `{id}` is listed and not mentioned")),
        None => Ok(expr),
    }
}

/// Parentheses inside parentheses; CIViC needs one.
const DEEPEST: usize = 32;

struct Parser<'a> {
    depth: usize,
    rest: &'a str,
    leaves: &'a [(u64, &'a str)],
}

impl Parser<'_> {
    fn or(&mut self) -> std::result::Result<ProfileExpr, String> {
        let mut parts = vec![self.and()?];
        while self.eat("OR") {
            parts.push(self.and()?);
        }
        Ok(one_or(parts, ProfileExpr::Or))
    }

    fn and(&mut self) -> std::result::Result<ProfileExpr, String> {
        let mut parts = vec![self.unary()?];
        while self.eat("AND") {
            parts.push(self.unary()?);
        }
        Ok(one_or(parts, ProfileExpr::And))
    }

    /// `NOT`s before a leaf or a group; a loop, so that a long row of them does not deepen the stack.
    fn unary(&mut self) -> std::result::Result<ProfileExpr, String> {
        let mut negations = 0;
        while self.leaf_here().is_none() && self.eat("NOT") {
            negations += 1;
        }
        let inner = match self.leaf() {
            Some(leaf) => leaf,
            None => self.group()?,
        };
        // A double negation is none.
        Ok(if negations % 2 == 0 { inner } else { ProfileExpr::Not(Box::new(inner)) })
    }

    fn group(&mut self) -> std::result::Result<ProfileExpr, String> {
        let open =
            self.rest.strip_prefix('(').ok_or_else(|| format!("`{}` names no listed variant", self.rest))?;
        self.rest = open.trim_start();
        self.depth += 1;
        if DEEPEST < self.depth {
            return Err("too many parentheses".to_owned());
        }
        let inner = self.or()?;
        self.depth -= 1;
        let close = self.rest.strip_prefix(')').ok_or_else(|| format!("no `)` before `{}`", self.rest))?;
        self.rest = close.trim_start();
        Ok(inner)
    }

    /// The longest listed name that stands here as a whole: `BRAF V600` is not read out of `BRAF V600E`.
    fn leaf_here(&self) -> Option<(u64, usize)> {
        let stands = |name: &str| {
            let after = self.rest.strip_prefix(name)?;
            (after.is_empty() || after.starts_with([' ', ')'])).then_some(name.len())
        };
        self.leaves
            .iter()
            .filter_map(|(id, name)| Some((*id, stands(name)?)))
            .max_by_key(|(_, length)| *length)
    }

    fn leaf(&mut self) -> Option<ProfileExpr> {
        let (id, length) = self.leaf_here()?;
        self.rest = self.rest[length..].trim_start();
        Some(ProfileExpr::Leaf(id))
    }

    fn eat(&mut self, word: &str) -> bool {
        let after = self.rest.strip_prefix(word).filter(|after| after.starts_with([' ', '(']));
        if let Some(after) = after {
            self.rest = after.trim_start();
        }
        after.is_some()
    }
}

fn one_or(mut parts: Vec<ProfileExpr>, many: fn(Vec<ProfileExpr>) -> ProfileExpr) -> ProfileExpr {
    if parts.len() == 1 { parts.remove(0) } else { many(parts) }
}

/// Writes an expression over ids: `1269 AND ( 12 OR 563 )`; `parse_ids` reads it back.
pub fn to_ids(expr: &ProfileExpr) -> String {
    let inner = |part: &ProfileExpr| match part {
        ProfileExpr::Leaf(_) => to_ids(part),
        ProfileExpr::And(_) | ProfileExpr::Or(_) | ProfileExpr::Not(_) => format!("( {} )", to_ids(part)),
    };
    let joined = |parts: &[ProfileExpr], word: &str| parts.iter().map(inner).collect::<Vec<_>>().join(word);
    match expr {
        ProfileExpr::Leaf(id) => id.to_string(),
        ProfileExpr::And(parts) => joined(parts, " AND "),
        ProfileExpr::Or(parts) => joined(parts, " OR "),
        ProfileExpr::Not(part) => format!("NOT {}", inner(part)),
    }
}

/// Reads what `to_ids` wrote.
///
/// # Errors
/// As `parse`.
pub fn parse_ids(text: &str) -> std::result::Result<ProfileExpr, String> {
    if let Ok(id) = text.parse() {
        return Ok(ProfileExpr::Leaf(id));
    }
    let numbers: Vec<&str> = text.split([' ', '(', ')']).filter(|word| word.parse::<u64>().is_ok()).collect();
    let leaves: Vec<(u64, &str)> =
        numbers.iter().filter_map(|word| Some((word.parse().ok()?, *word))).collect();
    parse(text, &leaves)
}
