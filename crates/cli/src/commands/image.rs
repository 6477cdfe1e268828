//! Jobs on images.

mod inspect;
mod load;
mod respond;

use super::Done;
use crate::args::{Cli, ImageCommand, ImageConvertArgs, ImageMeasureArgs, ImageProfile};
use crate::output;
use concilium_dicom::segmentation::{self, NewSegment, Object};
use concilium_dicom::{Algorithm, Finding, Made, Measurement, report};
use concilium_engine::Settings;
use concilium_imaging::radiomics::{Value, features, ibsi, pyradiomics};
use concilium_imaging::{Mask, Unit, Volume, Voxels, file};
use load::{Drawing, Picture};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

/// Runs one job.
pub fn image(cli: &Cli, settings: Settings, command: &ImageCommand) -> Done {
    match command {
        ImageCommand::Inspect { files } => inspect::inspect(cli, files),
        ImageCommand::Convert(args) => convert(cli, args),
        ImageCommand::Measure(args) => measure(cli, args),
        ImageCommand::Respond(args) => respond::respond(cli, settings, args),
        ImageCommand::Invent { folder } => respond::invent(cli, folder),
    }
}

/// The clock is read here, by the program.
fn made() -> Made {
    let now = jiff::Zoned::now();
    Made {
        day: now.strftime("%Y%m%d").to_string(),
        time: now.strftime("%H%M%S").to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Does the name ask for DICOM?
fn wants_dicom(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("dcm"))
}

/// Readable by its owner only: it bears the identity of the patient.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    use std::io::Write;
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path).and_then(|mut file| file.write_all(bytes)).map_err(failed)?)
}

fn convert(cli: &Cli, args: &ImageConvertArgs) -> Done {
    let is_mask = args.on.is_some() || args.label.is_some() || wants_dicom(&args.to);
    if !is_mask {
        let picture = load::picture(&args.from, &args.series)?;
        if picture.series().is_ok_and(|series| series.burned_in) && !args.burned_in {
            return Err("(0028,0301) BurnedInAnnotation says YES: the pictures may name the patient; --burned-in writes them all the same".into());
        }
        write_volume(args, picture.volume())?;
        notes(cli, &picture);
    } else {
        let on = args.on.as_deref().ok_or("a mask needs the series it was drawn on: --on FOLDER")?;
        let picture = load::picture(on, &args.series)?;
        let drawing = load::drawing(&args.from, &picture, args.label)?;
        if wants_dicom(&args.to) {
            write_seg(&args.to, &picture, &drawing)?;
        } else {
            write_volume(args, &labels(&drawing.mask)?)?;
        }
    }
    output::say(cli, &format!("written to {}", args.to.display()));
    if cli.json {
        output::json(&serde_json::json!({ "written": args.to.display().to_string() }))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn notes(cli: &Cli, picture: &Picture) {
    if let Picture::Series(series) = picture {
        series.notes.iter().for_each(|note| output::say(cli, note));
    }
}

fn write_volume(args: &ImageConvertArgs, volume: &Volume) -> Result<(), Box<dyn Error>> {
    let format = match file::Format::of(&args.to)? {
        file::Format::Nifti1 if args.nifti2 => file::Format::Nifti2,
        format => format,
    };
    Ok(file::write(&args.to, volume, format)?)
}

/// A label map: 1 inside, 0 outside.
fn labels(mask: &Mask) -> Result<Volume, Box<dyn Error>> {
    let values = mask.whole().into_iter().map(u8::from).collect();
    Ok(Volume::new(mask.grid().clone(), Voxels::U8(values))?)
}

/// Writes the region as SEG; its object, and its number there.
fn write_seg(path: &Path, picture: &Picture, drawing: &Drawing) -> Result<(Object, u32), Box<dyn Error>> {
    let segment = NewSegment { description: drawing.description.clone(), mask: &drawing.mask };
    let written = segmentation::write(picture.series()?, &[segment], &made())?;
    put(path, &written.bytes)?;
    Ok((written.object, 1))
}

fn write_sr(
    args: &ImageMeasureArgs,
    path: &Path,
    measured: &Measured,
    object: &(Object, u32),
) -> Result<(), Box<dyn Error>> {
    let (picture, drawing) = (&measured.picture, &measured.drawing);
    let (object, segment) = object;
    let measurements =
        measured.values.iter().filter_map(|value| measurement(value, picture.unit())).collect();
    let tracking = drawing.description.tracking.clone().ok_or("the segment has no tracking identifier")?;
    let kind = Some(drawing.description.kind.clone());
    let finding = Finding { segment: *segment, tracking, kind, site: None, measurements };
    let settings = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let algorithm = Algorithm {
        name: format!("concilium {:?}", args.profile),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        parameters: args.settings.iter().map(|path| settings(path).trim().to_owned()).collect(),
    };
    put(path, &report::write(picture.series()?, object, &[finding], &algorithm, &made())?)
}

/// An IBSI feature that has a value, as a report says it; the join of slices and directions is a parameter.
fn measurement(value: &Value, unit: Unit) -> Option<Measurement> {
    let (feature, join) = named(&value.name)?;
    let parameters = if join.is_empty() { vec![] } else { vec![format!("joined {}", &join[1..])] };
    let concept = concilium_dicom::Code::new(feature.id, "IBSI", feature.name);
    Some(Measurement { concept, value: value.value?, unit: report::unit(feature.unit, unit), parameters })
}

/// The feature of a tag, and the tag's ending.
fn named(name: &str) -> Option<(&'static features::Feature, &str)> {
    features::FEATURES.iter().find_map(|feature| {
        let join = name.strip_prefix(feature.tag).filter(|join| features::SUFFIXES.contains(join))?;
        Some((feature, join))
    })
}

/// What was measured, on what.
struct Measured {
    picture: Picture,
    drawing: Drawing,
    values: Vec<Value>,
    diagnostics: Vec<(String, String)>,
}

fn load_both(args: &ImageMeasureArgs, label: Option<u32>) -> Result<(Picture, Drawing), Box<dyn Error>> {
    if !load::dicom(&args.image)? && !load::dicom(&args.mask)? {
        // Both at once: unpacking the image is most of the time.
        return std::thread::scope(|scope| {
            let labels = scope.spawn(|| file::read(&args.mask));
            let picture = load::picture(&args.image, &args.series)?;
            let labels = labels.join().map_err(|_| "reading the mask stopped")??;
            let drawing = load::plain(&args.mask, &labels, &picture, label)?;
            Ok((picture, drawing))
        });
    }
    let picture = load::picture(&args.image, &args.series)?;
    let drawing = load::drawing(&args.mask, &picture, label)?;
    Ok((picture, drawing))
}

fn measured(args: &ImageMeasureArgs, text: &str) -> Result<Measured, Box<dyn Error>> {
    let mut diagnostics = Vec::new();
    let (picture, drawing, values) = match args.profile {
        ImageProfile::Ibsi => {
            let settings = ibsi::Settings::parse(text)?;
            let (picture, drawing) = load_both(args, args.label)?;
            let values = ibsi::measure(picture.volume(), &drawing.mask, &settings)?;
            (picture, drawing, values)
        }
        ImageProfile::Pyradiomics => {
            let settings = pyradiomics::Settings::parse(text)?;
            let own = (!load::dicom(&args.mask)?).then_some(settings.label);
            let (picture, drawing) = load_both(args, args.label.or(own))?;
            diagnostics = pyradiomics::diagnostics(picture.volume(), &drawing.mask)?;
            let values = pyradiomics::measure(picture.volume(), &drawing.mask, &settings)?;
            (picture, drawing, values)
        }
    };
    Ok(Measured { picture, drawing, values, diagnostics })
}

/// Writes SEG and SR where they were asked for.
fn write_dicom(args: &ImageMeasureArgs, measured: &Measured) -> Result<(), Box<dyn Error>> {
    if args.sr.is_some() && args.profile != ImageProfile::Ibsi {
        return Err("--sr is for the IBSI profile: PyRadiomics' names have no codes".into());
    }
    let written =
        args.seg.as_ref().map(|path| write_seg(path, &measured.picture, &measured.drawing)).transpose()?;
    if let Some(path) = &args.sr {
        let object = written.or(measured.drawing.object.clone());
        let object = object.ok_or("--sr refers to a SEG: write it with --seg FILE")?;
        write_sr(args, path, measured, &object)?;
    }
    Ok(())
}

fn measure(cli: &Cli, args: &ImageMeasureArgs) -> Done {
    let text = match &args.settings {
        Some(path) => {
            std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?
        }
        None => String::new(),
    };
    let measured = measured(args, &text)?;
    notes(cli, &measured.picture);
    write_dicom(args, &measured)?;
    let Measured { values, diagnostics, .. } = measured;
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
    let unit = |name: &str| named(name).map_or("", |(feature, _)| feature.unit);
    let head = diagnostics.iter().map(|(name, value)| format!("{name},\"{value}\",\n"));
    let rows = values.iter().map(|value| {
        let number = value.value.map(|number| number.to_string()).unwrap_or_default();
        format!("{},{number},{}\n", value.name, unit(&value.name))
    });
    std::iter::once("feature,value,unit\n".to_owned()).chain(head).chain(rows).collect()
}
