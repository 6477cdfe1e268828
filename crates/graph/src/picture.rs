//! How does a board see the paths of one option at a glance?
//!
//! Left to right: patient | fact | profile | statement | option. Solid is for, dashed is against; the words say so
//! too, so nothing is lost without colour. No ids, no styles, no scripts: the drawing can stand in any page.

use crate::export::xml;
use crate::graph::CaseGraph;
use crate::paths::{Path, Side};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Most paths drawn; what is left out is counted in words.
const MOST_PATHS: usize = 12;
/// Columns: left edge and width in user units of a drawing 760 wide.
const COLUMNS: [(f64, f64); 5] = [(2.0, 56.0), (80.0, 148.0), (252.0, 156.0), (432.0, 154.0), (610.0, 148.0)];
const WIDTH: f64 = 760.0;
const ROW: f64 = 39.0;
const BOX_HEIGHT: f64 = 32.0;
const TOP: f64 = 24.0;
const HEADINGS: [&str; 5] = ["Patient", "Fact", "Profile", "Statement", "Option"];
/// Mean advance of a letter at font size 11.5 in the usual sans-serif faces, a little on the safe side.
const LETTER: f64 = 6.1;

impl CaseGraph {
    /// A drawing of the option's counting paths as an SVG element. Without any it says so.
    pub fn svg(&self, option: &str) -> String {
        let (all_for, all_against) = (self.paths_for(option), self.paths_against(option));
        let (shown_for, shown_against) = shares(all_for.len(), all_against.len());
        let more = (all_for.len() - shown_for, all_against.len() - shown_against);
        let mut paths: Vec<Path> = all_for.into_iter().take(shown_for).collect();
        paths.extend(all_against.into_iter().take(shown_against));
        paths.sort_by(|a, b| {
            (a.side, &a.facts, &a.profile, &a.level, &a.statement).cmp(&(
                b.side,
                &b.facts,
                &b.profile,
                &b.level,
                &b.statement,
            ))
        });
        Drawing::of(self, option, paths, more).svg()
    }
}

/// Both sides get up to half; what one side does not need goes to the other.
fn shares(n_for: usize, n_against: usize) -> (usize, usize) {
    let half = MOST_PATHS / 2;
    let against = n_against.min(half.max(MOST_PATHS.saturating_sub(n_for)));
    (n_for.min(MOST_PATHS - against), against)
}

/// A box: column, middle height, words; dashed when everything through it speaks against.
struct Placed {
    column: usize,
    middle: f64,
    label: String,
    detail: String,
    dashed: bool,
}

/// A line from the right edge of one box to the left edge of another.
struct Joint {
    from: (usize, f64),
    to: (usize, f64),
    dashed: bool,
}

struct Drawing {
    option: String,
    counts: (usize, usize),
    more: (usize, usize),
    boxes: Vec<Placed>,
    joints: Vec<Joint>,
    height: f64,
}

impl Drawing {
    fn of(graph: &CaseGraph, option: &str, paths: Vec<Path>, more: (usize, usize)) -> Drawing {
        let n_for = paths.iter().filter(|path| path.side == Side::For).count();
        let counts = (n_for, paths.len() - n_for);
        let name = graph
            .node(&format!("option:{option}"))
            .map_or_else(|| option.to_owned(), |node| node.label.clone());
        let mut drawing = Drawing {
            option: name,
            counts,
            more,
            boxes: vec![],
            joints: vec![],
            height: TOP + ROW * paths.len().max(1) as f64,
        };
        if !paths.is_empty() {
            drawing.place(graph, &paths);
        }
        drawing
    }

    /// Statements and profiles get their rows first; the other columns settle at the mean of what they join.
    fn place(&mut self, graph: &CaseGraph, paths: &[Path]) {
        let rows: Vec<f64> = (0..paths.len()).map(|at| TOP + ROW * (at as f64 + 0.5)).collect();
        let profiles =
            middles(paths.iter().zip(&rows).map(|(path, y)| ((path.profile.as_str(), path.side), *y)));
        let facts = middles(
            paths.iter().zip(&rows).flat_map(|(path, y)| path.facts.iter().map(move |f| (f.as_str(), *y))),
        );
        let bottom = facts.values().chain(profiles.values()).copied().fold(self.height - ROW / 2.0, f64::max);
        self.height = bottom + ROW / 2.0;
        let centre = (TOP + self.height) / 2.0;
        self.put(0, centre, "Patient", "", false);
        for (fact, y) in &facts {
            let against_only =
                paths.iter().filter(|p| p.facts.iter().any(|f| f == fact)).all(|p| p.side == Side::Against);
            self.put_node(graph, 1, *y, fact, against_only);
            self.join((0, centre), (1, *y), against_only);
        }
        for ((profile, side), y) in &profiles {
            self.put_node(graph, 2, *y, profile, *side == Side::Against);
        }
        for (path, y) in paths.iter().zip(&rows) {
            self.place_path(graph, path, *y, profiles[&(path.profile.as_str(), path.side)], &facts, centre);
        }
        self.joints.sort_by(|a, b| {
            (a.from.0, a.to.0)
                .cmp(&(b.from.0, b.to.0))
                .then(a.from.1.total_cmp(&b.from.1))
                .then(a.to.1.total_cmp(&b.to.1))
        });
        self.joints.dedup_by(|a, b| a.from == b.from && a.to == b.to && a.dashed == b.dashed);
        let option = self.option.clone();
        self.put(4, centre, &option, "", false);
    }

    fn place_path(
        &mut self,
        graph: &CaseGraph,
        path: &Path,
        row: f64,
        profile: f64,
        facts: &BTreeMap<&str, f64>,
        centre: f64,
    ) {
        let dashed = path.side == Side::Against;
        for fact in &path.facts {
            self.join((1, facts[fact.as_str()]), (2, profile), dashed);
        }
        self.join((2, profile), (3, row), dashed);
        self.join((3, row), (4, centre), dashed);
        let (key, level) = graph
            .node(&path.statement)
            .map_or_else(Default::default, |n| (n.label.clone(), n.detail.clone()));
        let side = if dashed { "against" } else { "for" };
        self.put(3, row, &format!("{key} {side}"), &level, dashed);
    }

    fn put_node(&mut self, graph: &CaseGraph, column: usize, middle: f64, id: &str, dashed: bool) {
        if let Some(node) = graph.node(id) {
            self.put(column, middle, &node.label, &node.detail, dashed);
        }
    }

    fn put(&mut self, column: usize, middle: f64, label: &str, detail: &str, dashed: bool) {
        self.boxes.push(Placed {
            column,
            middle,
            label: label.to_owned(),
            detail: detail.to_owned(),
            dashed,
        });
    }

    fn join(&mut self, from: (usize, f64), to: (usize, f64), dashed: bool) {
        self.joints.push(Joint { from, to, dashed });
    }

    fn svg(&self) -> String {
        let note = self.note();
        let height = self.height + if note.is_empty() { 4.0 } else { 22.0 };
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" font-family=\"Arial, Helvetica, sans-serif\" font-size=\"11.5\" fill=\"#111\">\n"
        );
        let _ = writeln!(
            out,
            "<title>Paths to {}</title>\n<desc>{}</desc>",
            xml(&self.option),
            xml(&self.description())
        );
        for ((left, _), heading) in COLUMNS.iter().zip(HEADINGS) {
            let _ = writeln!(
                out,
                "<text x=\"{left}\" y=\"13\" font-weight=\"bold\" font-size=\"11\">{heading}</text>"
            );
        }
        self.joints.iter().for_each(|joint| out.push_str(&line(joint)));
        self.boxes.iter().for_each(|one| out.push_str(&boxed(one)));
        if !note.is_empty() {
            let _ = writeln!(out, "<text x=\"2\" y=\"{}\">{}</text>", self.height + 13.0, xml(&note));
        }
        out.push_str("</svg>\n");
        out
    }

    fn description(&self) -> String {
        let (n_for, n_against) = self.counts;
        let mut words = format!("{n_for} paths for (solid), {n_against} against (dashed).");
        for one in self.boxes.iter().filter(|one| one.column == 3) {
            let _ = write!(words, " {} {}.", one.label, one.detail);
        }
        words
    }

    fn note(&self) -> String {
        match (self.counts, self.more) {
            ((0, 0), _) => "No counting statement joins a fact of this patient to this option.".to_owned(),
            (_, (0, 0)) => String::new(),
            (_, (more_for, more_against)) => {
                format!(
                    "+{} more: {more_for} for, {more_against} against (all are listed with the option)",
                    more_for + more_against
                )
            }
        }
    }
}

/// Mean of the rows each key touches, then pushed apart so that boxes of a column never overlap.
fn middles<'a, K: Ord + Clone + 'a>(touched: impl Iterator<Item = (K, f64)>) -> BTreeMap<K, f64> {
    let mut sums: BTreeMap<K, (f64, f64)> = BTreeMap::new();
    for (key, y) in touched {
        let sum = sums.entry(key).or_insert((0.0, 0.0));
        *sum = (sum.0 + y, sum.1 + 1.0);
    }
    let mut wanted: Vec<(f64, K)> = sums.into_iter().map(|(key, (total, n))| (total / n, key)).collect();
    wanted.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    let mut lowest = TOP + ROW / 2.0;
    let mut settled = BTreeMap::new();
    for (y, key) in wanted {
        let y = y.max(lowest);
        lowest = y + ROW;
        settled.insert(key, y);
    }
    settled
}

fn line(joint: &Joint) -> String {
    let (left, width) = COLUMNS[joint.from.0];
    let (x1, x2) = (left + width, COLUMNS[joint.to.0].0);
    let (y1, y2, bend) = (joint.from.1, joint.to.1, (x1 + x2) / 2.0);
    let dash = if joint.dashed { " stroke-dasharray=\"5 3\"" } else { "" };
    format!(
        "<path d=\"M{x1:.1} {y1:.1} C{bend:.1} {y1:.1} {bend:.1} {y2:.1} {x2:.1} {y2:.1}\" fill=\"none\" stroke=\"#333\" stroke-width=\"1.2\"{dash}/>\n"
    )
}

fn boxed(one: &Placed) -> String {
    let (left, width) = COLUMNS[one.column];
    let top = one.middle - BOX_HEIGHT / 2.0;
    let dash = if one.dashed { " stroke-dasharray=\"5 3\"" } else { "" };
    let letters = ((width - 10.0) / LETTER) as usize;
    let full = [one.label.as_str(), &one.detail]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ");
    let mut out = format!("<g><title>{}</title>", xml(&full));
    let _ = write!(
        out,
        "<rect x=\"{left}\" y=\"{top:.1}\" width=\"{width}\" height=\"{BOX_HEIGHT}\" rx=\"3\" fill=\"#fff\" stroke=\"#333\"{dash}/>"
    );
    let lines = two_lines(&one.label, &one.detail, letters);
    let first = one.middle + if lines.len() == 2 { -2.5 } else { 4.0 };
    for (at, text) in lines.iter().enumerate() {
        let _ = write!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            left + 5.0,
            first + 13.0 * at as f64,
            xml(text)
        );
    }
    out.push_str("</g>\n");
    out
}

/// A long label takes both lines; a short one leaves the second to the detail. Cut text ends in "…" and stands whole in the title.
fn two_lines(label: &str, detail: &str, letters: usize) -> Vec<String> {
    if label.chars().count() <= letters {
        let second = (!detail.is_empty()).then(|| cut(detail, letters));
        return std::iter::once(label.to_owned()).chain(second).collect();
    }
    let head: String = label.chars().take(letters).collect();
    let at = head.rfind(' ').filter(|at| head.len() < at * 2).unwrap_or(head.len());
    vec![label[..at].trim_end().to_owned(), cut(label[at..].trim_start(), letters)]
}

fn cut(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    text.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}
