//! What does the reader make of one clause? A row a clause: role, words, logic; the words are invented.

use concilium_criteria::eligibility::Role;
use concilium_trials::text::Reader;

/// `CONCILIUM_WRITE_CLAUSES=1` writes what is read now; then every changed row is read by a person.
const WRITE: &str = "CONCILIUM_WRITE_CLAUSES";

#[test]
fn clauses_read_as_their_rows_say() {
    let knowledge = concilium_knowledge::builtin().expect("the pack loads");
    let reader = Reader::new(&knowledge);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clauses.tsv");
    let table = std::fs::read_to_string(&path).expect("the table stands beside this file");
    let (mut wrong, mut written, mut rows) = (vec![], String::new(), 0);
    for line in table.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let (role, clause) = (cells[0], cells[1]);
        let read =
            reader.clause(clause, if role == "in" { Role::Inclusion } else { Role::Exclusion }).to_string();
        let expected = cells.get(2).copied().unwrap_or("");
        if read != expected {
            wrong.push(format!("{clause}\n  is      {read}\n  and not {expected}"));
        }
        written += &format!("{role}\t{clause}\t{read}\n");
        rows += 1;
    }
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, written).expect("the table can be written");
        return;
    }
    assert!(150 <= rows, "{rows} rows");
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}
