//! Jobs on a cohort: a coordinator's day.

mod words;

use super::stop::{STOP, stop_on_ctrl_c};
use super::trials::found;
use super::{Done, as_of};
use crate::args::{Cli, CohortCommand, SetArgs, WorklistArgs};
use crate::output;
use concilium_engine::cohort::{
    self as c, Command, DoNotContact, MatchKey, NextAction, State, Store, Wanted,
};
use concilium_engine::terms::AsOf;
use concilium_engine::trials::Trials;
use concilium_engine::{Engine, Settings};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;

/// Runs one job.
pub fn cohort(cli: &Cli, settings: Settings, command: &CohortCommand) -> Done {
    // A job that only reads makes no store.
    let makes = matches!(command, CohortCommand::Import { .. });
    if !makes && !settings.cohort.is_file() {
        let path = settings.cohort.display();
        return Err(format!("{path}: no cohort yet; see `concilium cohort import --help`").into());
    }
    let engine = Engine::new(settings)?;
    let mut store = c::open(&engine)?;
    match command {
        CohortCommand::Import { inputs, as_of: given } => {
            import(cli, &engine, &mut store, inputs, &as_of(given.as_ref())?)
        }
        CohortCommand::Screen { as_of: given, patient, again } => {
            let asked = c::Asked { patients: patient.clone(), again: *again };
            screen(cli, &engine, &mut store, &as_of(given.as_ref())?, &asked)
        }
        CohortCommand::List { patient, trial, all, as_of: given } => {
            list(cli, &engine, &store, patient.as_deref(), trial.as_deref(), *all, &as_of(given.as_ref())?)
        }
        CohortCommand::Show { patient, trial, as_of: given } => {
            show(cli, &engine, &store, patient, trial, &as_of(given.as_ref())?)
        }
        CohortCommand::Worklist(args) => worklist(cli, &store, args),
        CohortCommand::Set(args) => set(cli, &mut store, args),
        CohortCommand::Contact { patient, not, by, .. } => {
            contact(cli, &mut store, patient, not.as_deref(), by)
        }
        CohortCommand::Alerts { seen, by, all } => alerts(cli, &mut store, seen.as_deref(), by, *all),
        CohortCommand::Report => report(cli, &store),
        CohortCommand::Export { csv, fhir, as_of: given } => {
            export(cli, &engine, &store, csv.as_deref(), fhir.as_deref(), &as_of(given.as_ref())?)
        }
    }
}

fn import(cli: &Cli, engine: &Engine, store: &mut Store, inputs: &[PathBuf], at: &AsOf) -> Done {
    stop_on_ctrl_c()?;
    let bar = output::progress(cli, 0);
    let report = c::import(engine, store, inputs, at, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
        !STOP.load(Ordering::Relaxed)
    })?;
    bar.finish_and_clear();
    if cli.json {
        output::json(&report)?;
    } else {
        output::text(&output::plain(&words::imported(&report)))?;
    }
    let lost = report.sources.iter().any(|source| 0 < source.refused);
    Ok(ended(cli, report.stopped, lost))
}

/// What was done before a stop stays done.
fn ended(cli: &Cli, stopped: bool, lost: bool) -> ExitCode {
    if stopped {
        output::say(cli, "stopped; what was done is kept, and the same command goes on");
    }
    match (stopped, lost) {
        (true, _) => ExitCode::from(1),
        (false, true) => ExitCode::from(3),
        (false, false) => ExitCode::SUCCESS,
    }
}

fn screen(cli: &Cli, engine: &Engine, store: &mut Store, at: &AsOf, asked: &c::Asked) -> Done {
    let trials = Trials::open(&engine.settings.trials)?.all()?;
    if trials.is_empty() {
        return Err(c::CohortError::NoTrials.into());
    }
    stop_on_ctrl_c()?;
    let bar = output::progress(cli, 0);
    let report = c::screen(engine, store, &trials, at, asked, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
        !STOP.load(Ordering::Relaxed)
    })?;
    bar.finish_and_clear();
    if cli.json {
        output::json(&report)?;
    } else {
        output::text(&output::plain(&words::screened(&report)))?;
    }
    Ok(ended(cli, report.stopped, !report.problems.is_empty()))
}

fn list(
    cli: &Cli,
    engine: &Engine,
    store: &Store,
    patient: Option<&str>,
    trial: Option<&str>,
    all: bool,
    at: &AsOf,
) -> Done {
    let today = at.date();
    let rows = match (patient, trial) {
        (Some(patient), _) => c::matches_of(store, patient, today)?,
        (None, Some(trial)) => c::matches_on(store, &found(&engine.settings, trial)?.id, today)?,
        (None, None) => {
            let patients = c::patients(store, today)?;
            if cli.json {
                output::json(&patients)?;
            } else {
                output::text(&output::plain(&patients.iter().map(words::patient).collect::<String>()))?;
            }
            return Ok(ExitCode::SUCCESS);
        }
    };
    let mut rows: Vec<c::MatchRow> = rows.into_iter().filter(|row| all || words::is_shown(row)).collect();
    let trials = Trials::open(&engine.settings.trials)?.all()?;
    c::explain(engine, store, &trials, &mut rows, words::SHOWN, at)?;
    if cli.json {
        output::json(&rows)?;
    } else {
        output::text(&output::plain(&words::matches(&rows)))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(cli: &Cli, engine: &Engine, store: &Store, patient: &str, trial: &str, at: &AsOf) -> Done {
    let trial = found(&engine.settings, trial)?;
    let verdicts = c::match_of(engine, store, patient, &trial, at)?;
    let wanted =
        Wanted { patient: Some(patient.to_owned()), trial: Some(trial.id.clone()), ..Wanted::default() };
    let lines = c::worklist(store, &wanted, at.date())?;
    if cli.json {
        output::json(&serde_json::json!({ "arms": verdicts, "worklist": lines }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let trials = [trial];
    let mut said: String =
        verdicts.iter().map(|arm| super::trials::screen::arm_words(arm, &trials)).collect();
    if verdicts.is_empty() {
        said += "no arm of this trial takes patients\n";
    }
    said += &lines.iter().map(|line| words::entry(line, true)).collect::<String>();
    output::text(&output::plain(&said))?;
    Ok(ExitCode::SUCCESS)
}

fn worklist(cli: &Cli, store: &Store, args: &WorklistArgs) -> Done {
    let wanted = Wanted {
        patient: args.patient.clone(),
        trial: args.trial.clone(),
        owner: args.owner.clone(),
        states: args.state.clone(),
    };
    let mut lines = c::worklist(store, &wanted, as_of(args.as_of.as_ref())?.date())?;
    lines.retain(|line| args.all || !args.state.is_empty() || line.entry.state.is_open());
    if cli.json {
        output::json(&lines)?;
        return Ok(ExitCode::SUCCESS);
    }
    if lines.is_empty() {
        output::say(cli, "nothing on the list; `concilium cohort screen` finds matches");
    }
    let said: String = lines.iter().map(|line| words::entry(line, args.history)).collect();
    output::text(&output::plain(&said))?;
    Ok(ExitCode::SUCCESS)
}

fn set(cli: &Cli, store: &mut Store, args: &SetArgs) -> Done {
    let key = key_of(store, args)?;
    let mut commands = vec![];
    if let Some(to) = args.to {
        commands.push(Command::Move { to, reasons: args.reason.clone() });
    }
    if let Some(owner) = &args.owner {
        commands.push(Command::Assign { owner: Some(owner.clone()) });
    }
    match (args.next.as_deref(), &args.due) {
        (None, _) => {}
        (Some(""), _) => commands.push(Command::Plan { next: None }),
        (Some(what), Some(due)) => {
            let next = Some(NextAction { what: what.to_owned(), due: due.date() });
            commands.push(Command::Plan { next });
        }
        (Some(_), None) => return Err("a next action needs --due DATE".into()),
    }
    if let Some(text) = &args.note {
        commands.push(Command::Note { text: text.clone() });
    }
    if commands.is_empty() && !args.add {
        return Err("nothing to write down: give --to, --owner, --next, --note or --add".into());
    }
    let at = as_of(args.at.as_ref())?;
    if args.add {
        store.patient(&key.patient)?;
        store.found(&key)?;
    }
    // All of them or none.
    let entry = store.apply(&key, commands, &at, &args.by)?;
    if cli.json {
        output::json(&entry)?;
    } else {
        output::text(&output::plain(&words::standing(&entry)))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The entry that is meant: without an arm, the only one of its trial.
fn key_of(store: &Store, args: &SetArgs) -> Result<MatchKey, Box<dyn std::error::Error>> {
    let key = |arm: &str| MatchKey {
        patient: args.patient.clone(),
        trial: args.trial.clone(),
        arm: arm.to_owned(),
    };
    if let Some(arm) = &args.arm {
        return Ok(key(arm));
    }
    let wanted =
        Wanted { patient: Some(args.patient.clone()), trial: Some(args.trial.clone()), ..Wanted::default() };
    let listed = c::worklist(store, &wanted, as_of(None)?.date())?;
    match listed.as_slice() {
        [one] => Ok(one.entry.key.clone()),
        [] => Ok(key("")),
        several => {
            let arms: Vec<&str> = several.iter().map(|line| line.entry.key.arm.as_str()).collect();
            Err(format!(
                "several arms of {} are on the list: give --arm, one of: {}",
                args.trial,
                arms.join(" | ")
            )
            .into())
        }
    }
}

fn contact(cli: &Cli, store: &mut Store, patient: &str, not: Option<&str>, by: &str) -> Done {
    let at = as_of(None)?;
    let mark = not.map(|why| DoNotContact { by: by.to_owned(), at, why: why.to_owned() });
    store.set_do_not_contact(patient, mark.as_ref())?;
    let said = if mark.is_some() { "must not be contacted" } else { "may be contacted" };
    if cli.json {
        output::json(&serde_json::json!({ "patient": patient, "do_not_contact": mark }))?;
    } else {
        output::text(&output::plain(&format!("{patient} {said}\n")))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn alerts(cli: &Cli, store: &mut Store, seen: Option<&[String]>, by: &str, all: bool) -> Done {
    if let Some([patient, trial]) = seen {
        if by.trim().is_empty() {
            return Err("who saw it is not stated: give --by NAME".into());
        }
        let alert = store.seen(patient, trial, by)?;
        if cli.json {
            output::json(&alert)?;
        } else {
            output::text(&output::plain(&format!("{patient} / {trial}: seen by {by}\n")))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let alerts = c::alerts(store, all)?;
    if cli.json {
        output::json(&alerts)?;
        return Ok(ExitCode::SUCCESS);
    }
    if alerts.is_empty() {
        output::say(cli, "no alert");
    }
    output::text(&output::plain(&alerts.iter().map(words::alert).collect::<String>()))?;
    Ok(ExitCode::SUCCESS)
}

fn report(cli: &Cli, store: &Store) -> Done {
    let report = c::report(store, as_of(None)?.date())?;
    if cli.json {
        output::json(&report)?;
    } else {
        let said: String = report.iter().map(|(trial, one)| words::conversion(trial, one)).collect();
        output::text(&output::plain(&said))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn export(
    cli: &Cli,
    engine: &Engine,
    store: &Store,
    csv: Option<&Path>,
    fhir: Option<&Path>,
    at: &AsOf,
) -> Done {
    let lines = c::worklist(store, &Wanted::default(), at.date())?;
    let mut written = vec![];
    if let Some(path) = csv {
        written.push(concilium_engine::store::write(path, c::csv(&lines).as_bytes())?);
    }
    if let Some(path) = fhir {
        let trials = Trials::open(&engine.settings.trials)?.all()?;
        let text = c::fhir(engine, store, &lines, &trials, at)?;
        written.push(concilium_engine::store::write(path, text.as_bytes())?);
    }
    if cli.json {
        output::json(&serde_json::json!({ "entries": lines.len(), "written": written }))?;
    } else {
        let names: Vec<String> = written.iter().map(|path| path.display().to_string()).collect();
        output::text(&format!("{} entries written to {}\n", lines.len(), names.join(", ")))?;
    }
    let started = lines.iter().filter(|line| line.entry.state != State::New).count();
    output::say(cli, &format!("{started} of them are subjects of research: a person has acted"));
    Ok(ExitCode::SUCCESS)
}
