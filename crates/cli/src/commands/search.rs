//! Free search of passages.

use super::Done;
use crate::args::{Cli, SearchArgs};
use crate::output;
use concilium_engine::texts::{self, Hit, Hits, Leg, Query};
use concilium_engine::{Engine, Settings};
use std::process::ExitCode;

/// Answers a query from every indexed corpus.
pub fn search(cli: &Cli, settings: Settings, args: &SearchArgs) -> Done {
    let engine = Engine::new(settings)?;
    let corpora = texts::open(&engine.settings.corpora, &engine.knowledge, &|_| true)?;
    let query = Query {
        filter: corpora.filter(&args.filter)?,
        limit: args.limit,
        per_document: args.per_document,
        ..Query::new(&args.words.join(" "))
    };
    let answer = corpora.search(&query)?;
    if cli.json {
        output::json(&answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    output::text(&output::plain(&words(&answer)))?;
    answer.notices.iter().for_each(|notice| output::say(cli, notice));
    Ok(ExitCode::SUCCESS)
}

fn words(answer: &Hits) -> String {
    match answer.hits.as_slice() {
        [] => "nothing found\n".to_owned(),
        hits => hits.iter().enumerate().map(|(at, hit)| hit_words(at + 1, hit)).collect(),
    }
}

fn hit_words(number: usize, hit: &Hit) -> String {
    let head = &hit.head;
    let about = [head.title.as_str(), &head.venue, &head.date].into_iter().filter(|part| !part.is_empty());
    let access = format!("{:?}", head.access);
    let mut words = format!("{number}. {}  {}\n", hit.passage.key, about.collect::<Vec<_>>().join(", "));
    words += &format!("   corpus {}, {access}, [{}]", head.corpus, hit.passage.section);
    let leg = |leg: &texts::LegScore| match leg.leg {
        Leg::Lexical => format!(", words {} ({:.2})", leg.rank, leg.score),
        Leg::Vector => format!(", meaning {} ({:.2})", leg.rank, leg.score),
    };
    words.extend(hit.legs.iter().map(leg));
    words.push('\n');
    words.extend(hit.flags.iter().map(|flag| format!("   ! {flag}\n")));
    let mut met: Vec<&str> = hit.matched.iter().map(|matched| matched.written.as_str()).collect();
    met.dedup();
    if !met.is_empty() {
        words += &format!("   meets: {}\n", met.join(", "));
    }
    words + &format!("   {}\n\n", hit.passage.text.replace('\n', "\n   "))
}
