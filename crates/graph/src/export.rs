//! How does the graph leave the program? JSON, GraphML and DOT, all sorted, all escaped.

use crate::graph::CaseGraph;
use crate::node::{Edge, Node};
use serde::Serialize;
use std::fmt::Write;

#[derive(Serialize)]
struct Whole<'a> {
    nodes: Vec<&'a Node>,
    edges: Vec<&'a Edge>,
    left_out: &'a [String],
}

impl CaseGraph {
    /// Nodes and edges, sorted, as pretty JSON.
    ///
    /// # Errors
    /// When serde_json refuses a value; the types here hold only text, so it does not.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        let whole = Whole { nodes: self.nodes().collect(), edges: self.edges(), left_out: self.left_out() };
        serde_json::to_string_pretty(&whole)
    }

    /// GraphML ("GraphML Primer", graphdrawing.org, sections 2 and 3: `key` declares what `data` carries).
    pub fn graphml(&self) -> String {
        let mut out = String::from(GRAPHML_HEAD);
        for node in self.nodes() {
            let data = [("kind", node.kind.name()), ("label", &node.label), ("detail", &node.detail)];
            let _ = writeln!(out, "    <node id=\"{}\">{}</node>", xml(&node.id), graphml_data(&data));
        }
        for (at, edge) in self.edges().into_iter().enumerate() {
            let rests_on = edge.provenance.join(" ");
            let data = [
                ("relation", edge.relation.name()),
                ("provenance", rests_on.as_str()),
                ("remark", &edge.remark),
            ];
            let ends = format!("source=\"{}\" target=\"{}\"", xml(&edge.from), xml(&edge.to));
            let _ = writeln!(out, "    <edge id=\"e{at}\" {ends}>{}</edge>", graphml_data(&data));
        }
        out.push_str("  </graph>\n</graphml>\n");
        out
    }

    /// Graphviz ("The DOT Language": quoted ids escape the quote and the backslash).
    pub fn dot(&self) -> String {
        let mut out = String::from("digraph case {\n  rankdir=LR;\n  node [shape=box];\n");
        for node in self.nodes() {
            let label = format!("{}\n{}", node.label, node.detail);
            let _ = writeln!(
                out,
                "  {} [label={}, class={}];",
                quoted(&node.id),
                quoted(label.trim()),
                quoted(node.kind.name())
            );
        }
        for edge in self.edges() {
            let style = if edge.relation == crate::Relation::Against { ", style=dashed" } else { "" };
            let label = format!("label={}{style}", quoted(edge.relation.name()));
            let _ = writeln!(out, "  {} -> {} [{label}];", quoted(&edge.from), quoted(&edge.to));
        }
        out.push_str("}\n");
        out
    }
}

const GRAPHML_HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="kind" for="node" attr.name="kind" attr.type="string"/>
  <key id="label" for="node" attr.name="label" attr.type="string"/>
  <key id="detail" for="node" attr.name="detail" attr.type="string"/>
  <key id="relation" for="edge" attr.name="relation" attr.type="string"/>
  <key id="provenance" for="edge" attr.name="provenance" attr.type="string"/>
  <key id="remark" for="edge" attr.name="remark" attr.type="string"/>
  <graph id="case" edgedefault="directed">
"#;

fn graphml_data(data: &[(&str, &str)]) -> String {
    let filled = data.iter().filter(|(_, value)| !value.is_empty());
    filled.map(|(key, value)| format!("<data key=\"{key}\">{}</data>", xml(value))).collect()
}

/// Text for XML content and double-quoted attributes. XML 1.0, section 2.2: other control characters cannot be
/// written at all and become U+FFFD.
pub(crate) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other if other.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            other if other.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
