//! What may leave the house? Statements and sentences of the release itself, none of a site's layers.
//!
//! Whoever writes statements for others to read, embeds sentences, or sends them anywhere, asks here.

use crate::error::{Error, Result};
use crate::model::{Knowledge, LayerInfo};
use concilium_evidence::Statement;
use concilium_terms::StatementKey;

/// Statements that may leave the house.
pub fn exportable(knowledge: &Knowledge) -> impl Iterator<Item = &Statement> {
    knowledge.statements.iter().filter(|statement| layer_of(knowledge, statement).is_none())
}

/// Sentences that may leave the house, with their keys: what may be embedded, indexed elsewhere or quoted.
pub fn exportable_sentences(knowledge: &Knowledge) -> impl Iterator<Item = (&StatementKey, &str)> {
    let sentence = |key| Some((key, sentence_for_export(knowledge, key).ok()??));
    knowledge.sentences.keys().filter_map(sentence)
}

/// One sentence for others to read; `None` when the release has none.
///
/// # Errors
/// The statement is of a site's layer.
pub fn sentence_for_export<'k>(knowledge: &'k Knowledge, key: &StatementKey) -> Result<Option<&'k str>> {
    let statements = knowledge.statements_of(key);
    match statements.iter().find_map(|statement| layer_of(knowledge, statement)) {
        Some(layer) => Err(Error::NeverExported {
            key: key.to_string(),
            layer: layer.name.clone(),
            licence: layer.licence.clone(),
        }),
        None => Ok(knowledge.sentences.get(key).map(String::as_str)),
    }
}

/// The site's layer a statement belongs to.
pub fn layer_of<'k>(knowledge: &'k Knowledge, statement: &Statement) -> Option<&'k LayerInfo> {
    knowledge.manifest.layers.iter().find(|layer| layer.name == statement.layer)
}
