//! May we ship every crate in the tree? No copyleft that reaches the program.

use serde_json::Value;

/// Licences that may stand alone in the tree.
const ALLOWED: [&str; 16] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "CC0-1.0",
    "Unlicense",
    "BSL-1.0",
    "MIT-0",
    "CDLA-Permissive-2.0",
    "NCSA",
];

/// Packages of `cargo metadata` without an allowed choice.
pub fn problems(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages.filter(|p| !allowed(p["license"].as_str())).map(name).collect()
}

fn name(package: &Value) -> String {
    let text = |key: &str| package[key].as_str().unwrap_or("none").to_owned();
    format!("licence of {} {}: {}", text("name"), text("version"), text("license"))
}

/// One of the alternatives must be allowed in all its parts. A file instead of an expression is looked at by hand.
fn allowed(expression: Option<&str>) -> bool {
    let Some(expression) = expression else { return false };
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    // `A AND (B OR C)` is read as `(A AND B) OR C`: stricter for the first, so A is checked apart.
    let (must, _) = plain.split_once(" AND ").unwrap_or(("", ""));
    let known = |licence: &str| ALLOWED.contains(&licence.trim());
    let choices = plain.split(" OR ").any(|choice| choice.split(" AND ").all(known));
    choices && (must.is_empty() || must.split(" OR ").any(known))
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn a_choice_must_be_allowed_in_all_its_parts() {
        for yes in ["MIT", "MIT OR Apache-2.0", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "MIT AND BSD-3-Clause"] {
            assert!(allowed(Some(yes)), "{yes}");
        }
        for no in ["GPL-3.0-or-later", "MIT AND GPL-3.0", "AGPL-3.0", "LGPL-2.1"] {
            assert!(!allowed(Some(no)), "{no}");
        }
        assert!(!allowed(None));
    }
}
