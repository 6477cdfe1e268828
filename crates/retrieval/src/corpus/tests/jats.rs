//! JATS: front matter, sections, captions, retractions.

use super::{alone, check, check_refused};
use expect_test::expect;

fn article(kind: &str, meta: &str, rest: &str) -> String {
    format!(
        "<article xmlns:xlink=\"http://www.w3.org/1999/xlink\" xml:lang=\"en\" article-type=\"{kind}\"><front>\
         <journal-meta><journal-title-group><journal-title>Invented Oncology</journal-title></journal-title-group>\
         </journal-meta><article-meta>{meta}</article-meta></front>{rest}</article>"
    )
}

const META: &str = "<article-id pub-id-type=\"pmid\">90000001</article-id>
    <article-id pub-id-type=\"pmc\">90001</article-id><article-id pub-id-type=\"doi\">10.9999/INV.1</article-id>
    <title-group><article-title>Inventinib in <italic>EGFR</italic><sup>T790M</sup> disease</article-title></title-group>
    <contrib-group><contrib><name><surname>Nobody</surname></name></contrib></contrib-group>
    <pub-date pub-type=\"collection\"><year>2022</year></pub-date>
    <pub-date pub-type=\"epub\"><day>5</day><month>6</month><year>2023</year></pub-date>
    <abstract><title>Abstract</title><sec><title>Background:</title><p>Nothing was known.</p></sec>
      <sec><title>Results</title><p>Something is.</p></sec></abstract>
    <abstract abstract-type=\"teaser\"><p>Short.</p></abstract>";

#[test]
fn a_full_text_is_read_by_its_sections() {
    let body = "<body><p>Opening words.</p>
      <sec><title>Methods</title><p>We asked 50 patients<xref ref-type=\"bibr\"><sup>1</sup></xref>.</p>
        <sec><title>Patients</title><p>All adults.</p>
          <list><list-item><p>Age 18 or more</p></list-item><list-item><p>Consent</p></list-item></list>
          <table-wrap><label>Table 1.</label><caption><title>Baseline</title><p>Values are medians.</p></caption>
            <table><tr><td>61</td></tr></table></table-wrap></sec></sec>
      <sec><title>Results</title><p>See <fig><label>Figure 2</label><caption><p>Survival.</p></caption></fig>the figure.</p></sec>
      </body><back><ref-list><ref><mixed-citation>Never read.</mixed-citation></ref></ref-list></back>
      <sub-article><body><p>A review report.</p></body></sub-article>";
    check(
        "some.nxml",
        article("research-article", META, body).as_bytes(),
        expect![[r#"
            jats read 1, kept 1
            pmc:PMC90001 v[] Article FullText small
              types ["research-article"] date 2023-06-05 venue Invented Oncology ids ["doi:10.9999/inv.1", "pmid:90000001"] language en
              Current
              [title] Inventinib in EGFR^T790M disease
              [abstract: background] Nothing was known.
              [abstract: results] Something is.
              [abstract (teaser)] Short.
              [body] Opening words.
              [methods] We asked 50 patients.
              [methods / patients] All adults.
            Age 18 or more
            Consent
              [table 1] Baseline
            Values are medians.
              [results] See the figure.
              [figure 2] Survival.
        "#]],
    );
}

#[test]
fn without_a_body_the_access_says_so() {
    let meta = "<article-id pub-id-type=\"doi\">10.9999/x</article-id><title-group><article-title>Words</article-title></title-group>";
    let (_, documents) = alone("some.xml", article("letter", meta, "").as_bytes());
    assert_eq!(documents[0].access, concilium_evidence::passage::Access::TitleOnly);
    assert_eq!(documents[0].id.0, "doi:10.9999/x");
}

#[test]
fn retractions_are_heard_by_any_id() {
    let meta = |id: &str, more: &str| {
        format!(
            "<article-id pub-id-type=\"doi\">10.9999/{id}</article-id><article-id pub-id-type=\"pmcid\">PMC9000{id}</article-id>\
             <title-group><article-title>Words</article-title></title-group>{more}"
        )
    };
    let related = |kind: &str, doi: &str| {
        format!(
            "<related-article related-article-type=\"{kind}\" ext-link-type=\"doi\" xlink:href=\"10.9999/{doi}\"/>"
        )
    };
    let set = [
        article("research-article", &meta("1", ""), ""),
        article("retraction", &meta("2", &related("retracted-article", "1")), ""),
        article("research-article", &meta("3", &related("retraction-forward", "4")), ""),
        article("retracted-article", &meta("5", ""), ""),
        article("correction", &meta("6", &related("corrected-article", "7")), ""),
        article("research-article", &meta("8", "").replace("Words", "RETRACTED: Words"), ""),
    ];
    let file = format!("<pmc-articleset>{}</pmc-articleset>", set.concat());
    let (_, documents) = alone("some.xml", file.as_bytes());
    let standings: String = documents.iter().map(|d| format!("{} {:?}\n", d.id, d.standing)).collect();
    expect![[r#"
        pmc:PMC90001 Retracted(Some("pmc:PMC90002"))
        pmc:PMC90002 Current
        pmc:PMC90003 Retracted(Some("doi:10.9999/4"))
        pmc:PMC90005 Retracted(None)
        pmc:PMC90006 Current
        pmc:PMC90008 Retracted(None)
    "#]]
    .assert_eq(&standings);
}

#[test]
fn a_broken_article_costs_only_itself() {
    let good = |n: u8| article("letter", &META.replace("90001", &format!("9000{n}")), "");
    let file =
        format!("<pmc-articleset>{}{}{}</pmc-articleset>", good(1), good(2).replace("</sup>", ""), good(3));
    let (part, documents) = alone("some.xml", file.as_bytes());
    assert_eq!((documents.len(), part.refused_in_all()), (2, 1));
    let nameless = article("letter", "<title-group><article-title>Words</article-title></title-group>", "");
    check_refused(
        "some.xml",
        nameless.as_bytes(),
        "some.xml: none of 1 records can be kept; the first, at byte 0: neither PMC id, DOI nor PMID; is this a file of \
         format `jats`?",
    );
}
