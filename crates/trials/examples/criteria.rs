//! How much of what trials ask is logic, which words stand in the way, and which computed criteria are to be judged by
//! hand?
//!
//! `survey FILES… [--oncology] [--sample N --seed S] [--draw N --draw-seed S] [--unread]`: shares and reading speed; `--draw` prints
//! computed criteria drawn by the seed with bytes, words and logic; `--unread` every criterion that is not computed, with
//! the words no table knows and the row of meanings the frames saw.

use concilium_criteria::eligibility::{Coverage, Role};
use concilium_trials::Trial;
use concilium_trials::survey::{Chosen, Statistics, draw, trials};
use concilium_trials::text::Reader;
use std::time::Instant;

#[derive(Default)]
struct Asked {
    files: Vec<String>,
    chosen: Chosen,
    draw: usize,
    draw_seed: u64,
    unread: bool,
}

fn asked() -> Result<Asked, String> {
    let mut asked = Asked::default();
    let mut words = std::env::args().skip(1);
    let number = |word: Option<String>, of: &str| {
        word.and_then(|word| word.parse::<u64>().ok()).ok_or(format!("{of} takes a number"))
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--oncology" => asked.chosen.words = Chosen::ONCOLOGY.map(str::to_owned).to_vec(),
            "--sample" => asked.chosen.sample = number(words.next(), &word)? as usize,
            "--seed" => asked.chosen.seed = number(words.next(), &word)?,
            "--draw" => asked.draw = number(words.next(), &word)? as usize,
            "--draw-seed" => asked.draw_seed = number(words.next(), &word)?,
            "--unread" => asked.unread = true,
            _ => asked.files.push(word),
        }
    }
    if asked.files.is_empty() { Err("name files of trials".to_owned()) } else { Ok(asked) }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let asked = asked()?;
    let knowledge = concilium_knowledge::builtin()?;
    let reader = Reader::new(&knowledge);
    let started = Instant::now();
    let (found, refused) = trials(&asked.files, &reader)?;
    let (seconds, all) = (started.elapsed().as_secs_f64(), found.len());
    let found = asked.chosen.of(found);
    shares(&Statistics::of(&found, refused));
    println!("{all} trials read in {seconds:.2} s: {:.0} a second", all as f64 / seconds);
    for drawn in draw(&found, asked.draw, asked.draw_seed) {
        let words = &drawn.trial.eligibility_text[drawn.span.start..drawn.span.end];
        let role = if drawn.criterion.role == Role::Inclusion { "in" } else { "ex" };
        println!(
            "{}\t{}\t{}\t{}\t{role}\n  {}\n  {}",
            drawn.trial.id,
            drawn.criterion.id,
            drawn.span.start,
            drawn.span.end,
            words.split_whitespace().collect::<Vec<_>>().join(" "),
            drawn.criterion.expr
        );
    }
    if asked.unread {
        found.iter().for_each(|trial| unread(&reader, trial));
    }
    Ok(())
}

fn shares(found: &Statistics) {
    let all = found.criteria.all().max(1) as f64;
    println!("{} trials, {} criteria, {} records refused", found.trials, found.criteria.all(), found.refused);
    for (name, count) in [
        ("computed", found.criteria.computed),
        ("partly", found.criteria.partly),
        ("for a person", found.criteria.for_a_person),
        ("not computable", found.criteria.not),
        ("read whole, by facts or a person", found.read_whole),
    ] {
        println!("{count:7} {:5.1} %  {name}", 100.0 * count as f64 / all);
    }
}

fn unread(reader: &Reader, trial: &Trial) {
    for criterion in trial.criteria.iter().filter(|c| c.expr.coverage() != Coverage::Computed) {
        let Some(words) = criterion.span.and_then(|s| trial.eligibility_text.get(s.start..s.end)) else {
            continue;
        };
        println!(
            "{}\t{}\t{:?}\t{}\t{}\t{}\t{}",
            trial.id,
            criterion.id,
            criterion.expr.coverage(),
            words.split_whitespace().collect::<Vec<_>>().join(" "),
            criterion.expr,
            reader.unread(words).join("|"),
            reader.rows(words).join(" // ")
        );
    }
}
