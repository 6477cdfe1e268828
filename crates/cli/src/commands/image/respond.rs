//! How did lesions change over exams, and by which criteria is it a response?

use crate::args::{Cli, ImageRespondArgs, ResponseCriteria};
use crate::commands::Done;
use crate::output;
use concilium_engine::imaging::{self, Responded};
use concilium_engine::input::gather;
use concilium_engine::{Engine, Settings, store};
use concilium_imaging::follow::{Delta, delta};
use concilium_imaging::radiomics::ibsi;
use concilium_imaging::response::Criteria;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

pub(super) fn invent(cli: &Cli, folder: &Path) -> Done {
    let folders = imaging::invent(folder)?;
    folders.iter().for_each(|folder| output::say(cli, &format!("invented exam: {}", folder.display())));
    if cli.json {
        output::json(&folders)?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn respond(cli: &Cli, settings: Settings, args: &ImageRespondArgs) -> Done {
    let patient = match args.patient.as_slice() {
        [] => None,
        records => {
            let now = crate::commands::as_of(None)?;
            Some(Engine::new(settings)?.case(&gather(records)?, now)?.patient)
        }
    };
    let visits: Result<Vec<_>, _> = args.exams.iter().map(|folder| imaging::read_visit(folder)).collect();
    let responded = imaging::respond(visits?, &criteria(&args.criteria), !args.no_align)?;
    let mut json = serde_json::to_value(&responded)?;
    if args.delta {
        json["delta"] = serde_json::to_value(deltas(&responded)?)?;
    }
    let text = imaging::text(&responded);
    if let Some(folder) = &args.out {
        let fhir = imaging::fhir(&responded, patient.as_ref())?;
        let files = [
            ("response.json", store::json(&json)),
            ("response.txt", text.clone()),
            ("response.html", imaging::page(&fhir)?),
            ("findings.fhir.json", fhir),
        ];
        for (name, words) in &files {
            store::write(&folder.join(name), words.as_bytes())?;
        }
        output::say(cli, &format!("written: {}", folder.join("response.html").display()));
    }
    if cli.json {
        output::json(&json)?;
    } else {
        output::text(&output::plain(&text))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn criteria(named: &[ResponseCriteria]) -> Vec<Criteria> {
    let one = |named: &ResponseCriteria| match named {
        ResponseCriteria::Recist => vec![Criteria::Recist],
        ResponseCriteria::Irecist => vec![Criteria::Irecist],
        ResponseCriteria::Rano => vec![Criteria::Rano],
        ResponseCriteria::Mrecist => vec![Criteria::Mrecist],
        ResponseCriteria::Percist => vec![Criteria::Percist],
        ResponseCriteria::Volumetric => vec![Criteria::Volumetric],
        ResponseCriteria::All => Criteria::ALL.to_vec(),
    };
    let mut all: Vec<Criteria> = named.iter().flat_map(one).collect();
    all.sort();
    all.dedup();
    all
}

/// Features of each lesion that is there at two exams: the last beside the first.
fn deltas(responded: &Responded) -> Result<BTreeMap<&str, Vec<Delta>>, concilium_imaging::ImagingError> {
    let mut all = BTreeMap::new();
    for lesion in &responded.followup.lesions {
        let mut there = (0..lesion.exams.len()).filter(|&at| !lesion.exams[at].parts.is_empty());
        let (first, last) = (there.next(), there.next_back());
        if let Some(exams) = first.zip(last) {
            let found = delta(&responded.visits, lesion, exams.into(), &ibsi::Settings::default())?;
            all.extend(found.map(|found| (lesion.id.as_str(), found)));
        }
    }
    Ok(all)
}
