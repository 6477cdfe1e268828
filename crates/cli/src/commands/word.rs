//! Which words may stand beside a plan?

use super::Done;
use super::explain::stored;
use super::stop::{STOP, stop_on_ctrl_c};
use crate::args::{Cli, WordArgs};
use crate::{backends, output};
use concilium_engine::Settings;
use concilium_engine::language::{Wording, model, write_words};
use concilium_engine::store::read_json;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

/// Words a stored plan: by a model server where one is named, else in the records' own sentences.
pub fn word(cli: &Cli, mut settings: Settings, args: &WordArgs) -> Done {
    let plan = stored(&args.plan, &settings)?;
    if let Some(server) = &args.server {
        settings.language.server.clone_from(server);
    }
    if let Some(name) = &args.model {
        settings.language.model.clone_from(name);
    }
    let language = settings.language.clone();
    let engine = backends::engine(settings)?;
    let wording = match &args.again {
        Some(kept) => {
            let kept: Wording = read_json(kept)?;
            if kept.run != plan.manifest.run {
                return Err("these words are of another plan: give the plan they were made from".into());
            }
            engine.again(&plan, &kept)
        }
        None => {
            stop_on_ctrl_c()?;
            let model = model(&language)?;
            let mut progress = |at: usize, of: usize, name: &str| {
                output::say(cli, &format!("words {} of {of}: {name}", at + 1));
            };
            let stop = || STOP.load(Ordering::Relaxed);
            engine.word(&plan, model.as_deref(), &mut progress, &stop)
        }
    };
    wording.notices.iter().for_each(|notice| output::say(cli, notice));
    if let Some(folder) = &args.out {
        write_words(&plan, &wording, folder)?;
        output::say(cli, &format!("words: {}", folder.join("wording.html").display()));
    }
    if cli.json {
        output::json(&wording)?;
    } else {
        output::text(&output::plain(&concilium_engine::report::wording::markdown(&plan, &wording)))?;
    }
    Ok(ExitCode::SUCCESS)
}
