//! What surface has a region? Marching cubes at half a voxel, and what follows from its vertices.
//!
//! A vertex lies halfway between a voxel inside and one outside, so twice its index is whole: vertices are kept as
//! doubled indices `[z, y, x]` and compared exactly. The triangles of each cube are those whose area and volume equal
//! what PyRadiomics 3.1 reports for that cube alone, measured with three anisotropic spacings.

use super::hull;

/// Triangles of a cube whose corner `[1, 1, 1]` is outside, by the bits of the corners inside (bit `4 z + 2 y + x`).
/// A letter is a vertex, `a` + `9 z + 3 y + x` in doubled offsets, three letters are a triangle, normals outwards.
/// The other half of the cases has the same triangles turned over.
#[rustfmt::skip]
const TRIANGLES: [&str; 128] = [
    "", "jdb", "bfl", "ljfjdf", "hdp", "jpbphb", "flbdph", "lpfljpphf", "fhr", "bjdhrf", "bhlhrl",
    "rjhrljjdh", "fdrdpr", "jrbjprrfb", "bdldplprl", "ljrjpr", "tvj", "tvbvdb", "bfltvj", "ltftvfvdf",
    "hdptvj", "thbtvhvph", "tvjdphflb", "ltftvfvpfphf", "fhrtvj", "tvbvdbhrf", "bhlhrltvj", "rlhlthtvhvdh",
    "fdrdprtvj", "tvbvrbvprrfb", "bdldplprltvj", "tvlvplprl", "lxt", "jdblxt", "bftfxt", "xdfxtdtjd",
    "hdplxt", "jpbphblxt", "bftfxtdph", "xtftpftjpphf", "fhrlxt", "lxthrfbjd", "bhthrtrxt", "rxhxthtjhjdh",
    "fdrdprlxt", "jrbjprrfblxt", "bdtdrtdprrxt", "jrtjprrxt", "xvlvjl", "lxbxdbxvd", "bfjfvjfxv", "xvfvdf",
    "hdpxvlvjl", "lxbxpbxvpphb", "xvfvjfjbfdph", "xvfvpfphf", "fhrxvlvjl", "xdlxvddblhrf", "bhjhrjrxjxvj",
    "rxhxdhxvd", "fdrdprxvlvjl", "lxbxvbvpbprbrfb", "bvjbxvbrxbprbdp", "xvrvpr", "pvz", "jvbvzbzpbpdb",
    "bflpvz", "lzfljzjvzzdfzpd", "hdzdvz", "jvbvzbzhb", "hlzhfllvzldvlbd", "ljfjvfvzfzhf", "fvrfhvhpvvzr",
    "rfzfbzbjzjvzpdh", "bvlbhvhpvvrlvzr", "pdhrjzrljjvz", "fvrfdvvzr", "jvbvzbzrbrfb", "bdldzldvzzrl",
    "rjzrljjvz", "tzjzpj", "tzbzpbpdb", "bfjfpjfzpftzflt", "ltftpftzppdf", "htzhdtdjt", "tzbzhb",
    "thltzhhfldjb", "ltfthftzh", "fzrftzfjtfpjfhp", "tzbzrbrfbhpd", "bhjhpjtzlzrl", "pdhtzlzrl",
    "fdrdjrjtrtzr", "tzbzrbrfb", "bdjtzlzrl", "tzlzrl", "xzlzplpvlvtl", "lxbxzbzpbpdbvtj",
    "bptbfpfxpxzppvt", "xdfxzdzpdtjv", "hlzhdldvlvtllxz", "lxbxzbzhbtjv", "dvbvtbfxhxzh", "xzfzhftjv",
    "fhlhplpvlvtlxzr", "lfbpdhxzrvtj", "bhthptpvtrxz", "pdhtjvrxz", "fvlfdvvtlxzr", "lfbxzrtjv",
    "bdtdvtxzr", "tjvxzr", "xzlzplpjl", "lxbxzbzpbpdb", "bfjfzjfxzzpj", "xdfxzdzpd", "hdzdlzdjllxz",
    "lxbxzbzhb", "xzfzhfdjb", "xzfzhf", "fhlhplpjlxzr", "xzrblfhpd", "bhjhpjxzr", "pdhxzr", "fdldjlxzr",
    "lfbxzr", "bdjxzr", "xzr",
];

/// A surface.
#[derive(Clone, Debug)]
pub struct Mesh {
    /// Area, mm².
    pub area_mm2: f64,
    /// Enclosed volume, mm³.
    pub volume_mm3: f64,
    /// Doubled indices `[z, y, x]`, each vertex once.
    pub vertices: Vec<[i32; 3]>,
}

/// What one cube adds: area, volume when it stands at the origin, and the sum of its triangles' normals.
#[derive(Clone, Copy, Default)]
struct Cube {
    area: f64,
    volume: f64,
    normal: [f64; 3],
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cubes(spacing: [f64; 3]) -> Vec<Cube> {
    let vertex = |letter: u8| {
        let n = usize::from(letter - b'a');
        [n / 9, n / 3 % 3, n % 3]
            .iter()
            .zip(spacing)
            .map(|(&half, s)| half as f64 / 2.0 * s)
            .collect::<Vec<_>>()
    };
    let mut cubes = vec![Cube::default(); 256];
    for (case, letters) in TRIANGLES.iter().enumerate() {
        let mut cube = Cube::default();
        for corners in letters.as_bytes().chunks_exact(3) {
            let [a, b, c]: [[f64; 3]; 3] =
                std::array::from_fn(|i| vertex(corners[i]).try_into().unwrap_or_default());
            let side = |from: [f64; 3], to: [f64; 3]| std::array::from_fn(|i| to[i] - from[i]);
            let normal = cross(side(a, b), side(a, c));
            cube.area += dot(normal, normal).sqrt() / 2.0;
            cube.volume += dot(cross(a, b), c) / 6.0;
            (0..3).for_each(|i| cube.normal[i] += normal[i]);
        }
        cubes[case] = cube;
        cubes[255 - case] = Cube { volume: -cube.volume, normal: cube.normal.map(|n| -n), ..cube };
    }
    cubes
}

/// The surface of a region; `inside` is `[z, y, x]`. Voxels at the edge of the block count as surrounded by outside.
pub fn mesh(inside: &[bool], shape: [usize; 3], spacing: [f64; 3]) -> Mesh {
    let cubes = cubes(spacing);
    let [nz, ny, nx] = shape;
    let (mut area, mut volume, mut vertices) = (0.0, 0.0, Vec::new());
    let outside = vec![false; nx];
    let row = |z: usize, y: usize| {
        let there = (1..=nz).contains(&z) && (1..=ny).contains(&y);
        if there { &inside[((z - 1) * ny + y - 1) * nx..][..nx] } else { &outside[..] }
    };
    // Indices count from the surrounding layer of outside, as PyRadiomics pads: an open surface's volume depends on it.
    for z in 0..=nz {
        for y in 0..=ny {
            let rows = [row(z, y), row(z, y + 1), row(z + 1, y), row(z + 1, y + 1)];
            let column = |x: usize| {
                if x == 0 || x > nx {
                    return 0usize;
                }
                rows.iter().enumerate().map(|(i, row)| usize::from(row[x - 1]) << (2 * i)).sum()
            };
            let mut left = 0;
            for x in 0..=nx {
                let right = column(x + 1);
                let case = left | right << 1;
                if case != 0 && case != 255 {
                    let cube = &cubes[case];
                    let at = [z as f64 * spacing[0], y as f64 * spacing[1], x as f64 * spacing[2]];
                    area += cube.area;
                    volume += cube.volume + dot(at, cube.normal) / 6.0;
                    let first = left & 1;
                    let at = [2 * z as i32, 2 * y as i32, 2 * x as i32];
                    for (axis, bit) in [(2, right & 1), (1, left >> 2 & 1), (0, left >> 4 & 1)] {
                        if bit != first {
                            let mut vertex = at;
                            vertex[axis] += 1;
                            vertices.push(vertex);
                        }
                    }
                }
                left = right;
            }
        }
    }
    Mesh { area_mm2: area, volume_mm3: volume, vertices }
}

/// Squared distance in mm² of two doubled indices.
fn squared(a: [i32; 3], b: [i32; 3], spacing: [f64; 3]) -> f64 {
    (0..3).map(|i| (f64::from(a[i] - b[i]) / 2.0 * spacing[i]).powi(2)).sum()
}

fn widest(points: &[[i32; 3]], spacing: [f64; 3]) -> f64 {
    let mut best = 0.0f64;
    for (i, a) in points.iter().enumerate() {
        best = points[..i].iter().fold(best, |best, b| best.max(squared(*a, *b, spacing)));
    }
    best
}

impl Mesh {
    /// Vertices that are extreme in every one of their three planes: all corners of the convex hull are among them.
    pub fn extremes(&self) -> Vec<[i32; 3]> {
        let by_plane = |points: &[[i32; 3]], axis: usize| -> Vec<[i32; 3]> {
            hull::planes(points, axis).iter().flat_map(|plane| hull::planar(plane, axis)).collect()
        };
        (0..3).fold(self.vertices.clone(), |points, axis| by_plane(&points, axis))
    }

    /// Largest distance of two vertices, mm.
    pub fn diameter_mm(&self, spacing: [f64; 3]) -> f64 {
        widest(&self.extremes(), spacing).sqrt()
    }

    /// Largest distance, mm, of two vertices that share their coordinate along `axis` of `[z, y, x]`.
    pub fn planar_diameter_mm(&self, axis: usize, spacing: [f64; 3]) -> f64 {
        let planes = hull::planes(&self.vertices, axis);
        planes.iter().map(|plane| widest(&hull::planar(plane, axis), spacing)).fold(0.0, f64::max).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_voxel_is_an_octahedron() {
        let mesh = mesh(&[true], [1; 3], [2.0; 3]);
        assert!((mesh.volume_mm3 - 4.0 / 3.0).abs() < 1e-12 && mesh.vertices.len() == 6);
        assert!((mesh.area_mm2 - 8.0 * 3f64.sqrt() / 2.0).abs() < 1e-12);
        assert_eq!(mesh.diameter_mm([2.0; 3]), 2.0);
    }

    /// Value measured with PyRadiomics 3.1.4 on the same mask: cubes with two ways across that differ in volume only.
    #[test]
    fn skew_cubes_enclose_what_pyradiomics_says() {
        let inside: Vec<bool> = (0..27).map(|at| b"#.##......#..#.#.#.##.#.#.#"[at] == b'#').collect();
        let mesh = mesh(&inside, [3; 3], [1.0, 1.3, 1.7]);
        assert!((mesh.volume_mm3 - 14.457083333333332).abs() < 1e-9, "{}", mesh.volume_mm3);
    }

    #[test]
    fn a_block_is_its_volume_less_its_edges() {
        let mesh = mesh(&[true; 1000], [10; 3], [1.0; 3]);
        assert!((980.0..1000.0).contains(&mesh.volume_mm3), "{}", mesh.volume_mm3);
        let (volume, area) = hull::convex(&mesh.extremes(), [1.0; 3]);
        assert!((volume - mesh.volume_mm3).abs() < 1e-9 && (area - mesh.area_mm2).abs() < 1e-9);
    }
}
