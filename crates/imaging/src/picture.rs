//! What does a lesion look like, and how did the sums go? A slice with the contour as PNG, a timeline as plain SVG.

use crate::follow::{At, Followup, Tracked, Visit};
use crate::lesion::{self, Size};
use crate::response::{Category, Timeline};
use crate::{ImagingError, IndexBox};
use std::fmt::Write;

/// Width and height of a picture, pixels.
pub const PIXELS: usize = 144;
/// Grey levels of a picture; the colours of contour and axes come after them.
const GREYS: usize = 120;
const CONTOUR: u8 = GREYS as u8;
const AXIS: u8 = CONTOUR + 1;
const GHOST: u8 = CONTOUR + 2;
/// Contour, axes, and where a lesion was that is gone.
const COLOURS: [[u8; 3]; 3] = [[255, 140, 0], [120, 220, 255], [255, 255, 0]];
/// Half the width of a picture at least, mm.
const LEAST_HALF_MM: f64 = 30.0;

/// The slice with the longest diameter of a lesion at one exam, seen from the feet (the patient's left is right), with
/// its contour and both axes, as PNG. Where the lesion is not there: the place where it was, marked by a cross.
///
/// # Errors
/// Values that are no numbers.
pub fn slice(
    followup: &Followup,
    visit: &Visit,
    lesion: &Tracked,
    exam: usize,
) -> Result<Vec<u8>, ImagingError> {
    let at = &lesion.exams[exam];
    let widest = lesion.exams.iter().flat_map(|at| &at.parts).map(|part| part.longest_mm).fold(0.0, f64::max);
    let half = LEAST_HALF_MM.max(0.8 * widest);
    let grid = visit.image.grid();
    let axis = lesion::axial(grid).axis;
    // The lesion's own centre here, else where the first exam with it saw it.
    let centre = match at.parts.first() {
        Some(part) => part.centre_mm,
        None => followup.place(lesion, exam),
    };
    let mut middle = grid.index(centre);
    middle[axis] = at.parts.first().map_or(middle[axis].round(), |part| part.slice as f64);
    let view = View::new(visit, axis, middle, half);
    let mut pixels = view.greys(visit)?;
    match at.parts.is_empty() {
        true => cross(&mut pixels),
        false => {
            contour(&mut pixels, &view, at);
            at.parts.iter().for_each(|part| axes(&mut pixels, &view, part));
        }
    }
    Ok(png(&pixels))
}

/// How pixels lie in a slice.
struct View {
    grid: crate::Grid,
    /// Axes of `[z, y, x]` that run right and down in the picture, and the sign they run with.
    right: (usize, f64),
    down: (usize, f64),
    middle: [f64; 3],
    pixel_mm: f64,
}

impl View {
    fn new(visit: &Visit, axis: usize, middle: [f64; 3], half_mm: f64) -> View {
        let grid = visit.image.grid().clone();
        let directions = grid.directions();
        let [a, b] = [(axis + 1) % 3, (axis + 2) % 3];
        // Right is the axis that runs nearest to the patient's left, down the other, towards the back.
        let (right, down) = if directions[a][0].abs() > directions[b][0].abs() { (a, b) } else { (b, a) };
        let sign = |axis: usize, part: usize| if directions[axis][part] < 0.0 { -1.0 } else { 1.0 };
        let (right, down) = ((right, sign(right, 0)), (down, sign(down, 1)));
        View { grid, right, down, middle, pixel_mm: 2.0 * half_mm / PIXELS as f64 }
    }

    fn index(&self, row: usize, column: usize) -> [f64; 3] {
        let spacing = self.grid.spacing_mm();
        let mm = |at: usize| (at as f64 + 0.5 - PIXELS as f64 / 2.0) * self.pixel_mm;
        let mut index = self.middle;
        index[self.right.0] += self.right.1 * mm(column) / spacing[self.right.0];
        index[self.down.0] += self.down.1 * mm(row) / spacing[self.down.0];
        index
    }

    /// Row and column of a point, between pixels.
    fn place(&self, point: [f64; 3]) -> [f64; 2] {
        let (index, spacing) = (self.grid.index(point), self.grid.spacing_mm());
        let mm = |(axis, sign): (usize, f64)| sign * (index[axis] - self.middle[axis]) * spacing[axis];
        [mm(self.down), mm(self.right)].map(|mm| mm / self.pixel_mm + PIXELS as f64 / 2.0 - 0.5)
    }

    fn voxel(&self, row: usize, column: usize) -> Option<[usize; 3]> {
        let (index, shape) = (self.index(row, column).map(f64::round), self.grid.shape());
        let inside = (0..3).all(|axis| index[axis] >= 0.0 && index[axis] < shape[axis] as f64);
        inside.then(|| index.map(|at| at as usize))
    }

    /// Intensities between the 2nd and 98th percentile of the picture as grey levels.
    fn greys(&self, visit: &Visit) -> Result<Vec<u8>, ImagingError> {
        let mut values = Vec::with_capacity(PIXELS * PIXELS);
        for row in 0..PIXELS {
            for column in 0..PIXELS {
                values.push(self.voxel(row, column).and_then(|at| visit.image.at(at)));
            }
        }
        let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
        if sorted.iter().any(|value| !value.is_finite()) {
            visit.image.crop(IndexBox::all(self.grid.shape()))?;
        }
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted.get((share * sorted.len() as f64) as usize).copied().unwrap_or_default();
        let (low, high) = (at(0.02), at(0.98));
        let grey = |value: Option<f64>| {
            let share = value.map_or(0.0, |value| (value - low) / (high - low).max(f64::MIN_POSITIVE));
            (share.clamp(0.0, 1.0) * (GREYS - 1) as f64).round() as u8
        };
        Ok(values.into_iter().map(grey).collect())
    }
}

/// Pixels inside whose neighbour is outside.
fn contour(pixels: &mut [u8], view: &View, at: &At) {
    let held = |row: usize, column: usize| {
        view.voxel(row, column).is_some_and(|voxel| at.masks.iter().any(|mask| mask.holds(voxel)))
    };
    let inside: Vec<bool> = (0..PIXELS * PIXELS).map(|at| held(at / PIXELS, at % PIXELS)).collect();
    for row in 1..PIXELS - 1 {
        for column in 1..PIXELS - 1 {
            let at = row * PIXELS + column;
            let edge = [at - 1, at + 1, at - PIXELS, at + PIXELS].iter().any(|&next| !inside[next]);
            if inside[at] && edge {
                pixels[at] = CONTOUR;
            }
        }
    }
}

fn axes(pixels: &mut [u8], view: &View, part: &Size) {
    for ends in [part.longest_ends_mm, part.short_ends_mm] {
        let [from, to] = ends.map(|end| view.place(end));
        line(pixels, from, to, AXIS);
    }
}

/// Where a lesion was that is gone.
fn cross(pixels: &mut [u8]) {
    let (middle, arm) = (PIXELS as f64 / 2.0, PIXELS as f64 / 12.0);
    for (dr, dc) in [(arm, 0.0), (0.0, arm)] {
        line(pixels, [middle - dr, middle - dc], [middle + dr, middle + dc], GHOST);
    }
}

fn line(pixels: &mut [u8], from: [f64; 2], to: [f64; 2], colour: u8) {
    let steps = ((to[0] - from[0]).abs().max((to[1] - from[1]).abs()).ceil() as usize).max(1);
    for step in 0..=steps {
        let share = step as f64 / steps as f64;
        let [row, column] = [0, 1].map(|i| (from[i] + (to[i] - from[i]) * share).round());
        let inside = |at: f64| at >= 0.0 && at < PIXELS as f64;
        if inside(row) && inside(column) {
            pixels[row as usize * PIXELS + column as usize] = colour;
        }
    }
}

/// PNG (ISO/IEC 15948) of indexed colour, eight bits.
fn png(pixels: &[u8]) -> Vec<u8> {
    let mut out = vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
    let size = (PIXELS as u32).to_be_bytes();
    chunk(&mut out, b"IHDR", &[&size[..], &size[..], &[8, 3, 0, 0, 0]].concat());
    let grey = |level: usize| [(level * 255 / (GREYS - 1)) as u8; 3];
    let palette: Vec<u8> = (0..GREYS).map(grey).chain(COLOURS).flatten().collect();
    chunk(&mut out, b"PLTE", &palette);
    let rows: Vec<u8> =
        pixels.chunks(PIXELS).flat_map(|row| std::iter::once(0).chain(row.iter().copied())).collect();
    let mut packed = flate2::read::ZlibEncoder::new(&rows[..], flate2::Compression::best());
    let mut data = vec![];
    // Reading from memory does not fail.
    let _ = std::io::Read::read_to_end(&mut packed, &mut data);
    chunk(&mut out, b"IDAT", &data);
    chunk(&mut out, b"IEND", &[]);
    out
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    out.extend(kind);
    out.extend(data);
    let mut sum = flate2::Crc::new();
    sum.update(kind);
    sum.update(data);
    out.extend(sum.sum().to_be_bytes());
}

/// One line of a plot.
#[derive(Clone, Debug)]
pub struct Plotted {
    /// Days since the first exam.
    pub days: f64,
    /// The exam's day in words.
    pub day: String,
    /// Sum; `None` where it is not evaluable.
    pub sum: Option<f64>,
    /// `PR`; empty at the baseline.
    pub category: String,
}

/// The sums of a line over time, with the bounds of response and progression where the criteria have them.
pub fn plotted(line: &Timeline) -> Vec<Plotted> {
    let first = line.points.first().map(|point| point.day);
    let day = |at: jiff::civil::Date| {
        first.and_then(|first| first.until(at).ok()).map_or(0, |span| span.get_days())
    };
    line.points
        .iter()
        .map(|point| Plotted {
            days: f64::from(day(point.day)),
            day: point.day.to_string(),
            sum: point.sum,
            category: point.overall.map_or(String::new(), |category: Category| category.short().to_owned()),
        })
        .collect()
}

/// A plot as plain SVG: shapes and words only, legible in black and white.
pub fn timeline(title: &str, unit: &str, points: &[Plotted], partial_percent: Option<f64>) -> String {
    const WIDTH: f64 = 640.0;
    const HEIGHT: f64 = 230.0;
    let [left, right, top, bottom] = [58.0, 24.0, 30.0, 46.0];
    let span = points.last().map_or(1.0, |last| last.days).max(1.0);
    let most = points.iter().filter_map(|point| point.sum).fold(0.0, f64::max).max(1.0) * 1.18;
    let x = |days: f64| left + days / span * (WIDTH - left - right);
    let y = |sum: f64| HEIGHT - bottom - sum / most * (HEIGHT - top - bottom);
    let title = escape(title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\"><title>{title}</title>"
    );
    let _ = write!(svg, "<text x=\"{left}\" y=\"16\" font-weight=\"700\">{title}</text>");
    let (x0, x1) = (left, WIDTH - right);
    let mut rule = |sum: f64, words: &str, dashes: &str| {
        let at = y(sum);
        let _ = write!(
            svg,
            "<line x1=\"{x0:.1}\" y1=\"{at:.1}\" x2=\"{x1:.1}\" y2=\"{at:.1}\" stroke=\"#8b929b\" stroke-dasharray=\"{dashes}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#4a5058\">{}</text>",
            x0 - 5.0,
            at + 4.0,
            escape(words)
        );
    };
    rule(0.0, &format!("0 {unit}"), "1 0");
    if let Some(baseline) = points.first().and_then(|first| first.sum) {
        rule(baseline, &format!("{baseline:.0}"), "2 3");
        if let Some(percent) = partial_percent {
            rule(baseline * (1.0 - percent / 100.0), &format!("−{percent:.0} %"), "6 4");
        }
    }
    let drawn: Vec<(f64, f64)> = points.iter().filter_map(|p| p.sum.map(|sum| (x(p.days), y(sum)))).collect();
    let path: String = drawn.iter().enumerate().fold(String::new(), |mut path, (at, (x, y))| {
        let _ = write!(path, "{}{x:.1} {y:.1}", if at == 0 { "M" } else { " L" });
        path
    });
    let _ = write!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"#173a5e\" stroke-width=\"2\"/>");
    for point in points {
        let at = x(point.days);
        let _ = write!(
            svg,
            "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{}\">{}</text>",
            HEIGHT - bottom + 18.0,
            anchor(point.days / span),
            escape(&point.day)
        );
        let _ = write!(
            svg,
            "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{}\" font-weight=\"700\">{}</text>",
            HEIGHT - bottom + 34.0,
            anchor(point.days / span),
            escape(if point.category.is_empty() { "baseline" } else { &point.category })
        );
        let Some(sum) = point.sum else { continue };
        let high = y(sum);
        let _ = write!(
            svg,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"7\" height=\"7\" fill=\"#173a5e\"/>\
             <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{}\">{sum:.1}</text>",
            at - 3.5,
            high - 3.5,
            high - 9.0,
            anchor(point.days / span)
        );
    }
    svg + "</svg>"
}

/// Words at the edges stay in the picture.
fn anchor(share: f64) -> &'static str {
    if share < 0.06 {
        "start"
    } else if share > 0.94 {
        "end"
    } else {
        "middle"
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{follow, phantom};

    /// Width, height and unpacked rows of a PNG of ours, with every checksum verified.
    fn open(png: &[u8]) -> (u32, u32, Vec<u8>) {
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        let (mut at, mut data) = (8, vec![]);
        while at < png.len() {
            let length = number(at) as usize;
            let mut sum = flate2::Crc::new();
            sum.update(&png[at + 4..at + 8 + length]);
            assert_eq!(sum.sum(), number(at + 8 + length), "checksum at {at}");
            if &png[at + 4..at + 8] == b"IDAT" {
                data.extend_from_slice(&png[at + 8..at + 8 + length]);
            }
            at += 12 + length;
        }
        let mut rows = vec![];
        std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(&data[..]), &mut rows).unwrap();
        (number(16), number(20), rows)
    }

    #[test]
    fn a_picture_shows_the_contour_where_the_lesion_is_and_a_cross_where_it_was() {
        let visits = phantom::visits().unwrap();
        let visits = &visits[1..3];
        let followup = follow::follow(visits, true).unwrap();
        let gone = followup.lesions.iter().find(|l| l.exams[1].parts.is_empty()).expect("one is gone");
        let count = |exam: usize, colour: u8| {
            let png = slice(&followup, &visits[exam], gone, exam).unwrap();
            let (width, height, rows) = open(&png);
            assert_eq!((width, height), (PIXELS as u32, PIXELS as u32));
            assert!(png.len() < 20_000, "{} bytes", png.len());
            rows.chunks(PIXELS + 1).flat_map(|row| &row[1..]).filter(|&&pixel| pixel == colour).count()
        };
        assert!(count(0, CONTOUR) > 20 && count(0, AXIS) > 10 && count(0, GHOST) == 0);
        assert!(count(1, CONTOUR) == 0 && count(1, GHOST) > 10);
    }

    #[test]
    fn a_plot_names_every_day_and_escapes_words() {
        let point = |days: f64, sum: Option<f64>, category: &str| Plotted {
            days,
            day: format!("day {days}"),
            sum,
            category: category.to_owned(),
        };
        let points = [point(0.0, Some(60.0), ""), point(60.0, None, "NE"), point(120.0, Some(30.0), "PR")];
        let svg = timeline("a < b", "mm", &points, Some(30.0));
        for words in ["a &lt; b", "day 0", "day 60", "NE", "PR", "−30 %", "60.0", "30.0"] {
            assert!(svg.contains(words), "{words} is not in {svg}");
        }
        assert!(!svg.contains("NaN") && svg.ends_with("</svg>"));
        assert!(!timeline("t", "mm", &[], None).contains("NaN"));
    }
}
