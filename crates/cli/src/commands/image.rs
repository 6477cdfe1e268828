//! Jobs on images.

use super::Done;
use crate::args::{Cli, ImageCommand, ImageMeasureArgs, ImageProfile, ImageRespondArgs, ResponseCriteria};
use crate::output;
use concilium_engine::imaging::{self, Responded};
use concilium_engine::input::gather;
use concilium_engine::{Engine, Settings, store};
use concilium_imaging::follow::{Delta, delta};
use concilium_imaging::radiomics::{Value, features, ibsi, pyradiomics};
use concilium_imaging::response::Criteria;
use concilium_imaging::{Mask, Volume, file};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

/// Runs one job.
pub fn image(cli: &Cli, settings: Settings, command: &ImageCommand) -> Done {
    match command {
        ImageCommand::Inspect { files } => inspect(cli, files),
        ImageCommand::Convert { from, to, nifti2 } => convert(cli, from, to, *nifti2),
        ImageCommand::Measure(args) => measure(cli, args),
        ImageCommand::Respond(args) => respond(cli, settings, args),
        ImageCommand::Invent { folder } => invent(cli, folder),
    }
}

fn invent(cli: &Cli, folder: &Path) -> Done {
    let folders = imaging::invent(folder)?;
    folders.iter().for_each(|folder| output::say(cli, &format!("invented exam: {}", folder.display())));
    if cli.json {
        output::json(&folders)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn respond(cli: &Cli, settings: Settings, args: &ImageRespondArgs) -> Done {
    let patient = match args.patient.as_slice() {
        [] => None,
        records => {
            let now = super::as_of(None)?;
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

fn inspect(cli: &Cli, files: &[std::path::PathBuf]) -> Done {
    let mut all = Vec::new();
    for path in files {
        let volume = file::read(path)?;
        let (grid, extent) = (volume.grid(), volume.extent()?);
        all.push(serde_json::json!({
            "file": path.display().to_string(),
            "shape_zyx": grid.shape(),
            "spacing_mm_zyx": grid.spacing_mm(),
            "origin_mm_lps_xyz": grid.origin_mm(),
            "directions_lps_zyx": grid.directions(),
            "type": volume.voxels().kind(),
            "minimum": extent.minimum,
            "maximum": extent.maximum,
            "mean": extent.mean,
        }));
    }
    if cli.json {
        output::json(&all)?;
        return Ok(ExitCode::SUCCESS);
    }
    let words = |one: &serde_json::Value| {
        let part = |key: &str| one[key].to_string();
        format!(
            "{}\n  shape [z, y, x] {}, spacing {} mm, {}\n  origin (x, y, z) LPS {} mm, directions {}\n  values {} to {}, \
             mean {}\n",
            one["file"].as_str().unwrap_or_default(),
            part("shape_zyx"),
            part("spacing_mm_zyx"),
            one["type"].as_str().unwrap_or_default(),
            part("origin_mm_lps_xyz"),
            part("directions_lps_zyx"),
            part("minimum"),
            part("maximum"),
            part("mean")
        )
    };
    output::text(&output::plain(&all.iter().map(words).collect::<String>()))?;
    Ok(ExitCode::SUCCESS)
}

fn convert(cli: &Cli, from: &Path, to: &Path, nifti2: bool) -> Done {
    let format = match file::Format::of(to)? {
        file::Format::Nifti1 if nifti2 => file::Format::Nifti2,
        format => format,
    };
    file::write(to, &file::read(from)?, format)?;
    output::say(cli, &format!("written to {}", to.display()));
    if cli.json {
        output::json(&serde_json::json!({ "written": to.display().to_string() }))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn load(args: &ImageMeasureArgs) -> Result<(Volume, Volume), Box<dyn std::error::Error>> {
    // Both at once: unpacking the image is most of the time.
    std::thread::scope(|scope| {
        let labels = scope.spawn(|| file::read(&args.mask));
        let image = file::read(&args.image)?;
        let labels = labels.join().map_err(|_| "reading the mask stopped")??;
        Ok((image, labels))
    })
}

fn measure(cli: &Cli, args: &ImageMeasureArgs) -> Done {
    let text = match &args.settings {
        Some(path) => {
            std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?
        }
        None => String::new(),
    };
    let name = args.mask.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut diagnostics = Vec::new();
    let values = match args.profile {
        ImageProfile::Ibsi => {
            let settings = ibsi::Settings::parse(&text)?;
            let (image, labels) = load(args)?;
            ibsi::measure(&image, &Mask::from_labels(&name, &labels, args.label.unwrap_or(1))?, &settings)?
        }
        ImageProfile::Pyradiomics => {
            let settings = pyradiomics::Settings::parse(&text)?;
            let (image, labels) = load(args)?;
            let mask = Mask::from_labels(&name, &labels, args.label.unwrap_or(settings.label))?;
            diagnostics = pyradiomics::diagnostics(&image, &mask)?;
            pyradiomics::measure(&image, &mask, &settings)?
        }
    };
    if cli.json {
        let profile = format!("{:?}", args.profile).to_lowercase();
        let diagnostics: serde_json::Map<_, _> =
            diagnostics.into_iter().map(|(k, v)| (k, v.into())).collect();
        output::json(
            &serde_json::json!({ "profile": profile, "diagnostics": diagnostics, "features": values }),
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let table = table(&diagnostics, &values);
    match &args.out {
        Some(path) => std::fs::write(path, table).map_err(|error| format!("{}: {error}", path.display()))?,
        None => output::text(&table)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Comma-separated: feature, value (empty where there is none), unit (IBSI profile; `I` is the image's own).
fn table(diagnostics: &[(String, String)], values: &[Value]) -> String {
    let unit = |name: &str| {
        let of = |feature: &&features::Feature| {
            name.strip_prefix(feature.tag).is_some_and(|rest| features::SUFFIXES.contains(&rest))
        };
        features::FEATURES.iter().find(of).map_or("", |feature| feature.unit)
    };
    let head = diagnostics.iter().map(|(name, value)| format!("{name},\"{value}\",\n"));
    let rows = values.iter().map(|value| {
        let number = value.value.map(|number| number.to_string()).unwrap_or_default();
        format!("{},{number},{}\n", value.name, unit(&value.name))
    });
    std::iter::once("feature,value,unit\n".to_owned()).chain(head).chain(rows).collect()
}
