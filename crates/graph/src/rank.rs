//! Which nodes lie nearest to these facts, for ordering an explanation?
//!
//! Personalised PageRank (Page, Brin, Motwani, Winograd 1999, "The PageRank Citation Ranking", section 6) on the graph
//! read as undirected. A reading aid: it never makes or moves a tier.

use crate::graph::CaseGraph;
use std::collections::BTreeMap;

/// Chance to go on instead of returning to the start; the value of the paper, section 2.4.
pub const DAMPING: f64 = 0.85;
/// Rounds, fixed so that the result depends on the graph alone; the rest falls below 0.85⁴⁰ ≈ 0.0015.
pub const ROUNDS: usize = 40;

impl CaseGraph {
    /// Node ids with their share, largest first, ties by id. `from` are node ids; unknown ones are passed over,
    /// and without any known one the answer is empty. The shares add up to 1.
    pub fn nearest(&self, from: &[&str]) -> Vec<(String, f64)> {
        let ids: Vec<&str> = self.nodes().map(|node| node.id.as_str()).collect();
        let place: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let mut starts: Vec<usize> = from.iter().filter_map(|id| place.get(id).copied()).collect();
        starts.sort_unstable();
        starts.dedup();
        if starts.is_empty() {
            return vec![];
        }
        let shares = walk(&self.neighbours(&place), &starts);
        let mut ranked: Vec<(String, f64)> = ids.into_iter().map(str::to_owned).zip(shares).collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        ranked
    }

    /// Undirected neighbour lists in sorted order: sums of floats then do not depend on how the graph was filled.
    fn neighbours(&self, place: &BTreeMap<&str, usize>) -> Vec<Vec<usize>> {
        let mut lists = vec![vec![]; place.len()];
        for edge in self.edges() {
            if let (Some(&a), Some(&b)) = (place.get(edge.from.as_str()), place.get(edge.to.as_str())) {
                lists[a].push(b);
                lists[b].push(a);
            }
        }
        lists.iter_mut().for_each(|list| list.sort_unstable());
        lists
    }
}

fn walk(neighbours: &[Vec<usize>], starts: &[usize]) -> Vec<f64> {
    let mut home = vec![0.0; neighbours.len()];
    starts.iter().for_each(|&at| home[at] = 1.0 / starts.len() as f64);
    let mut shares = home.clone();
    for _ in 0..ROUNDS {
        shares = step(neighbours, &home, &shares);
    }
    shares
}

/// A node without neighbours sends its share home.
fn step(neighbours: &[Vec<usize>], home: &[f64], shares: &[f64]) -> Vec<f64> {
    let lone: f64 =
        shares.iter().zip(neighbours).filter(|(_, list)| list.is_empty()).map(|(share, _)| share).sum();
    let back = 1.0 - DAMPING + DAMPING * lone;
    let mut next: Vec<f64> = home.iter().map(|h| h * back).collect();
    for (share, list) in shares.iter().zip(neighbours) {
        for &to in list {
            next[to] += DAMPING * share / list.len() as f64;
        }
    }
    next
}
