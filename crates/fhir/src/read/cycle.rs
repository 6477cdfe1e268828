//! Do entries refer to themselves in a circle?

use crate::input::Input;
use concilium_case::{Facts, Issue, Level, Place, Source};

static FOLLOWED: &[&str] =
    &["hasMember", "derivedFrom", "partOf", "result", "basedOn", "replaces", "priorPrescription"];

/// Reports each entry that reaches itself; nothing is followed further than one step when reading, so none hangs.
pub fn check(input: &Input, facts: &mut Facts) {
    let targets: Vec<Vec<usize>> = (0..input.entries.len()).map(|at| targets(input, at)).collect();
    // 0 not visited, 1 on the path, 2 done.
    let mut colour = vec![0u8; targets.len()];
    for start in 0..targets.len() {
        if colour[start] != 0 {
            continue;
        }
        let mut path = vec![(start, 0)];
        colour[start] = 1;
        while let Some((at, next)) = path.last().copied() {
            let Some(&to) = targets[at].get(next) else {
                colour[at] = 2;
                path.pop();
                continue;
            };
            if let Some(step) = path.last_mut() {
                step.1 += 1;
            }
            match colour[to] {
                0 => {
                    colour[to] = 1;
                    path.push((to, 0));
                }
                1 => report(input, at, to, facts),
                _ => {}
            }
        }
    }
}

fn targets(input: &Input, at: usize) -> Vec<usize> {
    let json = input.entries[at].json;
    let references = FOLLOWED.iter().flat_map(|key| json.all(key));
    let linked = json.all("link").iter().filter_map(|link| link.one("other"));
    references.chain(linked).filter_map(|reference| input.resolve(at, reference)).collect()
}

fn report(input: &Input, at: usize, to: usize, facts: &mut Facts) {
    let place = Place::Resource { resource: input.entries[at].id.clone(), element: String::new() };
    facts.issues.push(Issue {
        level: Level::Doubtful,
        source: Source { file: input.file.to_owned(), place },
        what: format!("references run in a circle back to {}", input.entries[to].id),
        remedy: "remove one of the references".into(),
    });
}
