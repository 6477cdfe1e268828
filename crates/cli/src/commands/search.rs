//! Free search of passages.

use super::Done;
use crate::args::{Cli, SearchArgs};
use crate::{backends, output};
use concilium_engine::Settings;
use concilium_engine::settings::RetrievalSettings;
use concilium_engine::texts::{Hit, Hits, Legs, Query};
use std::process::ExitCode;

/// Answers a query from every indexed corpus, or from those named.
pub fn search(cli: &Cli, settings: Settings, args: &SearchArgs) -> Done {
    let retrieval = if args.lexical_only { RetrievalSettings::default() } else { settings.retrieval.clone() };
    let engine = backends::engine(Settings { retrieval, ..settings })?;
    for name in &args.corpus {
        concilium_engine::corpus::show(&engine.settings.corpora, name)?;
    }
    let chosen = |name: &String| args.corpus.is_empty() || args.corpus.contains(name);
    let corpora = engine.open_texts(&|corpus| chosen(&corpus.about().name))?;
    let query = Query {
        filter: corpora.filter(&args.filter)?,
        limit: args.limit,
        per_document: args.per_document,
        per_claim: args.per_claim,
        legs: if args.lexical_only { Legs::Lexical } else { Legs::All },
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
    words += &format!("   corpus {}, {access}, [{}]\n", head.corpus, hit.passage.section);
    words.extend(hit.flags.iter().map(|flag| format!("   ! {flag}\n")));
    words += &format!("   because of {}\n", hit.because());
    words + &format!("   {}\n\n", hit.passage.text.replace('\n', "\n   "))
}
