//! Are vectors and scores those of the published architectures, and are broken folders refused by name?

mod broken;
mod embed;
mod golden;
mod reference;
mod rerank;
mod tiny;
