//! Files of the site: headings, side files, and what is no text.

use super::{Folder, check, check_refused, documents, import};
use concilium_evidence::passage::Standing;
use expect_test::expect;

#[test]
fn markdown_is_cut_at_its_headings() {
    let text = "# Local protocol\r\n\r\nScope of this page.\r\n\r\n## Dose reduction ##\r\n\r\nHalve the dose.\r\n\
                ```\r\n# not a heading\r\n```\r\n#hashtag\r\n### Empty\r\n## Ende\r\nFür alle.\r\n";
    check(
        "protocol.md",
        text.as_bytes(),
        expect![[r#"
        plain read 1, kept 1
        file:774b3fd4c04634d7 v[] File FullText small
          types [] date  venue protocol.md ids [] language 
          Current
          [title] Local protocol
          [text] Scope of this page.
          [dose reduction] Halve the dose.
        ```
        # not a heading
        ```
        #hashtag
          [ende] Für alle.
    "#]],
    );
}

#[test]
fn the_first_line_of_a_text_is_its_title() {
    check(
        "note.txt",
        "\u{feff}\n  Note for the board \n\nFirst.\n\nSecond.\n".as_bytes(),
        expect![[r#"
        plain read 1, kept 1
        file:55596acdd528ae69 v[] File FullText small
          types [] date  venue note.txt ids [] language 
          Current
          [title] Note for the board
          [text] First.

        Second.
    "#]],
    );
    check(
        "one.txt",
        b"Only a title",
        expect![[r#"
        plain read 1, kept 1
        file:66a34d0313f374f0 v[] File FullText small
          types [] date  venue one.txt ids [] language 
          Current
          [title] Only a title
    "#]],
    );
}

#[test]
fn a_file_beside_it_says_what_the_text_does_not() {
    let folder = Folder::new();
    let beside = br#"{"title": "Guideline", "version": "3.1", "date": "2024-05", "standing": "superseded", "by": "file:new"}"#;
    folder.file("old.txt.meta.json", beside);
    import(&folder, "old.txt", b"Words of the guideline.", false).expect("an import");
    let document = documents(&folder).remove(0);
    assert_eq!(
        (document.title.as_str(), document.version.as_str(), document.date.as_str()),
        ("Guideline", "3.1", "2024-05")
    );
    assert_eq!(document.standing, Standing::Superseded(Some("file:new".into())));
    // The same text with another side file is another input, and the later one counts.
    folder.file("old.txt.meta.json", br#"{"title": "Guideline", "version": "3.1", "date": "2024-06"}"#);
    import(&folder, "old.txt", b"Words of the guideline.", false).expect("an import");
    let newer = documents(&folder);
    assert_eq!((newer.len(), newer[0].date.as_str(), &newer[0].standing), (1, "2024-06", &Standing::Current));
}

#[track_caller]
fn check_beside(json: &[u8], expect: &str) {
    let folder = Folder::new();
    folder.file("a.txt.meta.json", json);
    let error = import(&folder, "a.txt", b"Words.", false).expect_err("refused");
    assert!(error.contains(expect), "{error}");
}

#[test]
fn a_wrong_side_file_is_refused_by_name_and_place() {
    check_beside(b"{\"titel\": \"x\"}", "its .meta.json is wrong at line 1");
    check_beside(b"{\"date\": \"May 2024\"}", "write 2024, 2024-03 or 2024-03-11");
    check_beside(b"{\"standing\": \"old\"}", "write current, superseded, retracted or concern");
}

#[test]
fn what_is_no_text_is_refused() {
    check_refused("a.txt", b"caf\xe9", "a.txt: not UTF-8 at byte 3; convert it to UTF-8 (iconv)");
    check_refused("a.txt", b" \n\t\n", "a.txt: there is no text in it; give the document itself");
    check_refused(
        "a.txt",
        b"%PDF-1.7 ...",
        "a.txt: a PDF file; save its text as .txt or .md and import that",
    );
    check_refused(
        "a.html",
        b"\n<HTML><body>x</body></HTML>",
        "a.html: a web page (HTML); save its text as .txt or .md, or import the publisher's JATS XML",
    );
}
