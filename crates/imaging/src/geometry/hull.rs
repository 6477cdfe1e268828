//! What is the convex hull of points with whole coordinates? Exact: orientation is decided in integers.

use std::collections::{BTreeMap, HashMap};

/// Points grouped by their coordinate along `axis`.
pub fn planes(points: &[[i32; 3]], axis: usize) -> Vec<Vec<[i32; 3]>> {
    let mut planes: BTreeMap<i32, Vec<[i32; 3]>> = BTreeMap::new();
    points.iter().for_each(|point| planes.entry(point[axis]).or_default().push(*point));
    planes.into_values().collect()
}

/// Corners of the hull of points that lie in one plane across `axis` (Andrew's monotone chain).
pub fn planar(points: &[[i32; 3]], axis: usize) -> Vec<[i32; 3]> {
    let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
    let mut sorted = points.to_vec();
    sorted.sort_unstable_by_key(|point| (point[u], point[v]));
    sorted.dedup();
    if sorted.len() < 3 {
        return sorted;
    }
    let turn = |a: &[i32; 3], b: &[i32; 3], c: &[i32; 3]| {
        i64::from(b[u] - a[u]) * i64::from(c[v] - a[v]) - i64::from(b[v] - a[v]) * i64::from(c[u] - a[u])
    };
    let chain = |points: &mut dyn Iterator<Item = &[i32; 3]>| {
        let mut chain: Vec<[i32; 3]> = Vec::new();
        for point in points {
            while chain.len() > 1 && turn(&chain[chain.len() - 2], &chain[chain.len() - 1], point) <= 0 {
                chain.pop();
            }
            chain.push(*point);
        }
        chain.pop();
        chain
    };
    let mut hull = chain(&mut sorted.iter());
    hull.extend(chain(&mut sorted.iter().rev()));
    hull
}

fn normal(a: [i32; 3], b: [i32; 3], c: [i32; 3]) -> [i64; 3] {
    let side = |to: [i32; 3]| -> [i64; 3] { std::array::from_fn(|i| i64::from(to[i] - a[i])) };
    let (p, q) = (side(b), side(c));
    [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]]
}

struct Face {
    corners: [usize; 3],
    normal: [i64; 3],
    level: i64,
}

impl Face {
    fn new(points: &[[i32; 3]], corners: [usize; 3]) -> Face {
        let normal = normal(points[corners[0]], points[corners[1]], points[corners[2]]);
        Face { corners, normal, level: height(normal, points[corners[0]]) }
    }

    fn sees(&self, point: [i32; 3]) -> bool {
        height(self.normal, point) > self.level
    }
}

fn height(normal: [i64; 3], point: [i32; 3]) -> i64 {
    (0..3).map(|i| normal[i] * i64::from(point[i])).sum()
}

/// Four points that span space, as the first faces; `None` when all lie in a plane.
fn first(points: &[[i32; 3]]) -> Option<Vec<Face>> {
    let (a, b) = (0, points.iter().position(|p| *p != points[0])?);
    let c = (0..points.len()).find(|&c| normal(points[a], points[b], points[c]) != [0; 3])?;
    let base = Face::new(points, [a, b, c]);
    let d = points.iter().position(|p| height(base.normal, *p) != base.level)?;
    let (b, c) = if base.sees(points[d]) { (c, b) } else { (b, c) };
    Some([[a, b, c], [a, d, b], [b, d, c], [c, d, a]].map(|corners| Face::new(points, corners)).into())
}

/// Volume in mm³ and area in mm² of the hull of doubled indices; zeros when they lie in a plane.
pub fn convex(points: &[[i32; 3]], spacing: [f64; 3]) -> (f64, f64) {
    let mut points = points.to_vec();
    // Far points first: most others are then inside at once. The order is the points' own, never the input's.
    let n = points.len().max(1) as i64;
    let centre: [i64; 3] = std::array::from_fn(|i| points.iter().map(|p| i64::from(p[i])).sum::<i64>() / n);
    let far = |p: &[i32; 3]| (0..3).map(|i| (i64::from(p[i]) - centre[i]).pow(2)).sum::<i64>();
    points.sort_unstable_by_key(|p| (std::cmp::Reverse(far(p)), *p));
    points.dedup();
    let Some(mut faces) = (points.len() > 3).then(|| first(&points)).flatten() else { return (0.0, 0.0) };
    for (at, &point) in points.iter().enumerate() {
        let mut edges: HashMap<(usize, usize), ()> = HashMap::new();
        let mut kept = Vec::with_capacity(faces.len());
        for face in faces {
            if !face.sees(point) {
                kept.push(face);
                continue;
            }
            let [a, b, c] = face.corners;
            for (from, to) in [(a, b), (b, c), (c, a)] {
                if edges.remove(&(to, from)).is_none() {
                    edges.insert((from, to), ());
                }
            }
        }
        kept.extend(edges.into_keys().map(|(from, to)| Face::new(&points, [from, to, at])));
        faces = kept;
    }
    // A fixed order of summation: the map's own must not show in the last digit.
    faces.sort_unstable_by_key(|face| face.corners);
    measure(&points, &faces, spacing)
}

fn measure(points: &[[i32; 3]], faces: &[Face], spacing: [f64; 3]) -> (f64, f64) {
    let place =
        |at: usize| -> [f64; 3] { std::array::from_fn(|i| f64::from(points[at][i]) / 2.0 * spacing[i]) };
    let (mut volume, mut area) = (0.0, 0.0);
    for face in faces {
        let [a, b, c] = face.corners.map(place);
        let side = |to: [f64; 3]| -> [f64; 3] { std::array::from_fn(|i| to[i] - a[i]) };
        let (p, q) = (side(b), side(c));
        let n = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
        volume += (0..3).map(|i| n[i] * a[i]).sum::<f64>() / 6.0;
        area += n.iter().map(|part| part * part).sum::<f64>().sqrt() / 2.0;
    }
    (volume, area)
}
