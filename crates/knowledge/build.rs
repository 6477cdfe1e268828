//! Which tables are part of the program? All of `knowledge/`: the compiled pack and the authored tables, each with
//! the hash of its bytes, so that nothing is hashed when a program starts.

use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() {
    let manifest_dir = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    let root = manifest_dir.join("../../knowledge");
    let mut code =
        String::from("/// Files of the pack and the authored tables.\nstatic EMBEDDED: &[Embedded] = &[\n");
    for path in tables(&root) {
        let inside = path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/");
        let name = inside.strip_prefix("pack/").map_or_else(|| format!("authored/{inside}"), str::to_owned);
        let bytes = std::fs::read(&path).expect("a listed file is readable");
        let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let file = path.display().to_string();
        writeln!(code, "    Embedded {{ name: {name:?}, hash: {hash:?}, text: include_str!({file:?}) }},")
            .expect("text");
    }
    code.push_str("];\n");
    std::fs::write(out.join("embedded.rs"), code).expect("cargo's own folder is writable");
}

/// Tables and the manifest below `folder`, sorted; every folder is watched, so that new files are seen.
fn tables(folder: &Path) -> Vec<PathBuf> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            // A site's layers are never part of a program that is handed on.
            assert!(
                name != "layers",
                "{}: a site's layers are never built in; move the folder",
                path.display()
            );
            found.extend(tables(&path));
        } else if name.ends_with(".tsv") || name == "manifest.json" {
            found.push(path);
        }
    }
    found.sort();
    found
}
