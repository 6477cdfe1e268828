//! How fast is a VCF read, beside `bcftools view` of the same file?
//!
//! Measured: lines a second of `concilium_genomics::read_vcf` (plain text in memory to facts with genes, protein
//! changes and fractions), and of the whole process `bcftools view -Ou` (parse and write uncompressed BCF, thrown
//! away), in turn within one run; the file is in the page cache. The two jobs differ: the peer does not read
//! annotations, we do not write. Corpus: 200,000 invented annotated lines, three annotations each, seed 7.
//! Peer: bcftools, skipped with a word when it is not installed. Target: none stated.
//! Run: `cargo bench -p concilium-benches --bench vcf_read`

use concilium_benches::process::{version_of, whole_run};
use concilium_benches::timing::in_turn_s;
use concilium_benches::{engine, is_quick, line, vcf};
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;

const SEED: u64 = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let engine = engine()?;
    let (lines, rounds) = if is_quick() { (500, 1) } else { (200_000, 5) };
    let text = vcf::annotated(lines, SEED, &engine.knowledge);
    let file = std::env::temp_dir().join(format!("concilium-bench-{}.vcf", std::process::id()));
    std::fs::write(&file, &text)?;

    let options = concilium_genomics::Options::new(&engine.knowledge);
    let facts = concilium_genomics::read_vcf("bench.vcf", text.as_bytes(), &options)?;
    line("corpus", format!("{lines} lines, {:.1} MB", text.len() as f64 / 1e6), "");
    line("facts; issues", format!("{}; {}", facts.alterations.len(), facts.issues.len()), "");
    drop(facts);

    let peer = version_of("bcftools");
    let ours = || {
        let bytes = std::fs::read(&file).unwrap_or_default();
        drop(black_box(concilium_genomics::read_vcf("bench.vcf", &bytes, &options)));
    };
    let theirs = || {
        if peer.is_some() {
            view(&file)
        }
    };
    let (ours_s, theirs_s) = in_turn_s(rounds, ours, theirs);
    let rate = |seconds: f64| (lines * rounds) as f64 / seconds;
    line("read_vcf, lines a second", format!("{:.0}", rate(ours_s)), "");
    match peer {
        Some(version) => {
            line(&format!("{version} view -Ou, lines a second"), format!("{:.0}", rate(theirs_s)), "");
            line("ratio to the peer", format!("{:.2}", theirs_s / ours_s), "");
        }
        None => println!("bcftools not installed: no peer in this run"),
    }
    std::fs::remove_file(&file)?;
    Ok(())
}

fn view(file: &Path) {
    if whole_run(Command::new("bcftools").args(["view", "-Ou"]).arg(file)).is_none() {
        println!("bcftools could not read the file: its rate is void");
    }
}
