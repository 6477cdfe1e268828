//! The language of eligibility: text and JSON read back, bounds hold, errors say where.

use concilium_criteria::eligibility::{
    Anchor, Ask, ConditionState, Criterion, DiseaseExtent, Expr, Judgement, LesionState, MarkerAsk,
    PriorOutcome, Range, Role, Span, SpanRule, SpanUnit, Stated, TextSpan, TherapyRef, UnitOf, Washout,
    bounds, read_json,
};
use concilium_knowledge::PriorTherapy;
use concilium_terms::hgvs::{Build, CodingChange, GenomicChange, ProteinChange};
use concilium_terms::pattern::{Direction, ExonChange, MarkerKind, Pattern, Signature};
use concilium_terms::{ClassId, Doid, DrugName, GeneSymbol};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn phrase() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,12}", "\\PC{0,8}", "[\n\t\u{2028}\u{7f}\"\\\\a]{0,6}"]
}

/// Ids are trimmed when made.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z-]{0,8}",
        "[!-~]{1,6}",
        "[!-~]{1,4}  ?[!-~]{1,4}",
        "within|and|or|not|x|in|any|to|confirmed"
    ]
}

fn names() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(name(), 1..4)
}

/// As people write numbers; the JSON reader is exact for these, not for the last bit of every other.
fn decimal() -> impl Strategy<Value = f64> {
    (-100_000..100_000).prop_map(|hundredths| f64::from(hundredths) / 100.0)
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![decimal(), Just(1e12), Just(1.0)]
}

fn range() -> impl Strategy<Value = Range> {
    (-9_999..9_999, 0..5_000, any::<bool>(), any::<bool>(), 0..3).prop_map(
        |(low, width, above, below, ends)| {
            let (low, high) = (f64::from(low) / 100.0, f64::from(low + width) / 100.0);
            let equal = low == high && ends == 2;
            Range {
                min: (ends != 1).then_some(low),
                above_min: ends != 1 && above && !equal,
                max: (ends != 0).then_some(high),
                below_max: ends != 0 && below && !equal,
            }
        },
    )
}

fn span() -> impl Strategy<Value = Span> {
    let units = vec![
        SpanUnit::Hours,
        SpanUnit::Days,
        SpanUnit::Weeks,
        SpanUnit::Months,
        SpanUnit::Years,
        SpanUnit::HalfLives,
    ];
    ((1..10_000).prop_map(|n| f64::from(n) / 10.0), select(units))
        .prop_map(|(amount, unit)| Span { amount, unit })
}

fn gene() -> impl Strategy<Value = GeneSymbol> {
    select(vec!["EGFR", "HLA-A", "NKX2-1", "TERT", "C11orf95"]).prop_map(GeneSymbol::new)
}

fn exact() -> impl Strategy<Value = Pattern> {
    let proteins =
        select(vec!["T790M", "E746_A750del", "D770_N771insSVD", "P191fs", "Q61*", "L747_P753delinsS"])
            .prop_map(|text| ProteinChange::parse(text).expect("a change"));
    let codings = select(vec!["1799T>A", "2235_2249del"])
        .prop_map(|change| CodingChange { transcript: "NM_004333".into(), change: change.into() });
    let loci =
        select(vec![("A", "T"), ("", "ACG"), ("AC", "")]).prop_map(|(reference, alternate)| GenomicChange {
            build: Build::GRCh37,
            chromosome: "7".into(),
            position: 140_453_136,
            reference: reference.into(),
            alternate: alternate.into(),
        });
    let several = |most| prop::collection::vec(0u64..99, 0..most);
    (
        gene(),
        prop::collection::vec(proteins, 0..3),
        prop::collection::vec(codings, 0..2),
        prop::collection::vec(loci, 0..2),
        several(3),
    )
        .prop_map(|(gene, proteins, codings, loci, clinvar)| Pattern::Exact {
            gene,
            proteins,
            codings,
            loci,
            clinvar,
        })
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let exon = (
        gene(),
        1..30u32,
        0..3u32,
        select(vec![
            ExonChange::Deletion,
            ExonChange::Insertion,
            ExonChange::Mutation,
            ExonChange::Frameshift,
        ]),
        option::of((1..500u32, 500..900u32)),
    )
        .prop_map(|(gene, first, more, change, residues)| Pattern::Exon {
            gene,
            first,
            last: first + more,
            change,
            residues,
        });
    let of_gene = (gene(), 0..9).prop_map(|(gene, kind)| match kind {
        0 => Pattern::Mutation { gene },
        1 => Pattern::Activating { gene },
        2 => Pattern::LossOfFunction { gene },
        3 => Pattern::Truncating { gene },
        4 => Pattern::Amplification { gene },
        5 => Pattern::Loss { gene },
        6 => Pattern::Deletion { gene },
        7 => Pattern::Wildtype { gene },
        _ => Pattern::Duplication { gene },
    });
    let fusion = (option::of(gene()), option::of(gene()), any::<bool>())
        .prop_map(|(five, three, rearrangement)| Pattern::Fusion { five, three, rearrangement });
    let marker = (
        gene(),
        select(vec![MarkerKind::Expression, MarkerKind::Methylation, MarkerKind::CopyNumber]),
        select(vec![Direction::High, Direction::Low, Direction::Present, Direction::Absent]),
    )
        .prop_map(|(gene, what, direction)| Pattern::Marker { gene, what, direction });
    let signature = select(vec![
        Signature::MsiHigh,
        Signature::TmbHigh,
        Signature::Hrd,
        Signature::Mss,
        Signature::TmbLow,
    ]);
    prop_oneof![
        exact(),
        exon,
        of_gene,
        fusion,
        marker,
        (gene(), 1..2000u32).prop_map(|(gene, residue)| Pattern::Codon { gene, reference: 'D', residue }),
        gene().prop_map(|gene| Pattern::Splice { gene, name: "exon14skipping".into() }),
        signature.prop_map(|signature| Pattern::Signature { signature }),
        (option::of(gene()), "[a-z*,\\[]{1,6}( [a-z]{1,3})?")
            .prop_map(|(gene, name)| Pattern::Opaque { gene, name }),
    ]
}

fn therapy() -> impl Strategy<Value = TherapyRef> {
    prop_oneof![
        name().prop_map(|name| TherapyRef::Drug(PriorTherapy::Drug(DrugName::new(name)))),
        name().prop_map(|name| TherapyRef::Drug(PriorTherapy::Class(ClassId::new(name)))),
        Just(TherapyRef::Drug(PriorTherapy::AnySystemic)),
        Just(TherapyRef::Investigational),
        option::of(name()).prop_map(TherapyRef::Radiotherapy),
        option::of(name()).prop_map(TherapyRef::Transplant),
        select(vec![
            TherapyRef::MajorSurgery,
            TherapyRef::TumourSurgery,
            TherapyRef::CellTherapy,
            TherapyRef::LiveVaccine,
            TherapyRef::Transfusion,
            TherapyRef::GrowthFactor,
        ]),
        phrase().prop_map(TherapyRef::Unresolved),
    ]
}

fn therapies() -> impl Strategy<Value = Vec<TherapyRef>> {
    prop::collection::vec(therapy(), 1..4)
}

fn ask_of_disease() -> impl Strategy<Value = Ask> {
    let doids = names().prop_map(|names| names.iter().map(Doid::new).collect::<Vec<_>>());
    let extents =
        select(vec![DiseaseExtent::LocallyAdvanced, DiseaseExtent::Metastatic, DiseaseExtent::Untreated]);
    let states = select(vec![
        LesionState::Any,
        LesionState::Symptomatic,
        LesionState::TreatedStable,
        LesionState::Treated,
        LesionState::Stable,
    ]);
    prop_oneof![
        range().prop_map(|years| Ask::Age { years }),
        any::<bool>().prop_map(|female| Ask::Sex { female }),
        (doids, phrase(), any::<bool>()).prop_map(|(any_of, words, confirmed)| Ask::Disease {
            any_of,
            words,
            confirmed
        }),
        (names(), option::of(phrase())).prop_map(|(groups, scale)| Ask::Stage { groups, scale }),
        (phrase(), names()).prop_map(|(of, any_of)| Ask::Category { of, any_of }),
        prop::collection::vec(extents, 1..4).prop_map(|any_of| Ask::Extent { any_of }),
        (phrase(), states).prop_map(|(site, state)| Ask::Metastasis { site, state }),
        (option::of(phrase()), any::<bool>())
            .prop_map(|(by, evaluable_enough)| Ask::Measurable { by, evaluable_enough }),
        (
            prop::collection::vec(pattern(), 1..4),
            select(vec![Stated::Present, Stated::Absent]),
            option::of(any::<bool>()),
            phrase(),
        )
            .prop_map(|(any_of, stated, germline, words)| Ask::Biomarker {
                any_of,
                stated,
                germline,
                words
            }),
        (name(), option::of(phrase()), option::of(range()), option::of(phrase())).prop_map(
            |(name, call, score, score_unit)| Ask::Marker(MarkerAsk::Named { name, call, score, score_unit })
        ),
        (gene(), any::<bool>(), option::of(range()), option::of(phrase())).prop_map(
            |(gene, positive, score, score_unit)| Ask::Marker(MarkerAsk::Gene {
                gene,
                positive,
                score,
                score_unit
            })
        ),
    ]
}

fn ask_of_state() -> impl Strategy<Value = Ask> {
    let unit = prop_oneof![
        phrase().prop_map(UnitOf::Ucum),
        select(vec!["10*9/L", "mL/min", "x", "within", ""]).prop_map(|unit| UnitOf::Ucum(unit.into())),
        Just(UnitOf::TimesUpperLimit),
        Just(UnitOf::TimesLowerLimit),
        Just(UnitOf::WithinLimits),
    ];
    let states = select(vec![
        ConditionState::Ever,
        ConditionState::Active,
        ConditionState::Uncontrolled,
        ConditionState::EverSevere,
        ConditionState::NeedingTreatment,
        ConditionState::EverNeedingTreatment,
    ]);
    let doids = prop::collection::vec(name().prop_map(Doid::new), 0..3);
    let judged = select(vec![Judgement::Consent, Judgement::StandardExhausted, Judgement::Other]);
    prop_oneof![
        (phrase(), range()).prop_map(|(scale, points)| Ask::Performance { scale, points }),
        (phrase(), range(), unit, option::of(span())).prop_map(|(analyte, value, unit, within)| {
            let empty = Range { min: None, above_min: false, max: None, below_max: false };
            let value = if unit == UnitOf::WithinLimits { empty } else { value };
            Ask::Lab { analyte, value, unit, within }
        }),
        (names(), states, option::of(span()), any::<bool>())
            .prop_map(|(any_of, state, within, known)| Ask::Condition { any_of, state, within, known }),
        (option::of(span()), any::<bool>(), doids, any::<bool>()).prop_map(
            |(within, active, except, other_exceptions)| Ask::SecondMalignancy {
                within,
                active,
                except,
                other_exceptions
            }
        ),
        phrase().prop_map(|state| Ask::Reproductive { state }),
        (judged, phrase()).prop_map(|(about, words)| Ask::Judgement { about, words }),
        phrase().prop_map(|why| Ask::NotComputable { why }),
    ]
}

fn ask_of_therapy() -> impl Strategy<Value = Ask> {
    let outcome = select(vec![
        PriorOutcome::Received,
        PriorOutcome::Progressed,
        PriorOutcome::Intolerant,
        PriorOutcome::ProgressedOrIntolerant,
    ]);
    let anchors = select(vec![Anchor::FirstDose, Anchor::Consent, Anchor::Enrolment, Anchor::Screening]);
    let rules = select(vec![SpanRule::Shorter, SpanRule::Longer]);
    let washout = (prop::collection::vec(span(), 1..3), rules, anchors)
        .prop_map(|(spans, rule, before)| Washout { spans, rule, before });
    prop_oneof![
        (therapies(), option::of(range()), option::of(phrase()), outcome)
            .prop_map(|(any_of, lines, intent, outcome)| Ask::Prior { any_of, lines, intent, outcome }),
        (therapies(), washout).prop_map(|(any_of, washout)| Ask::Recent { any_of, washout }),
        (therapies(), option::of(number()))
            .prop_map(|(any_of, prednisone_mg_over)| Ask::Concomitant { any_of, prednisone_mg_over }),
        prop::collection::vec(therapy(), 0..3).prop_map(|to| Ask::Allergy { to }),
    ]
}

fn expr() -> impl Strategy<Value = Expr> {
    let ask = prop_oneof![ask_of_disease(), ask_of_state(), ask_of_therapy()].prop_map(Expr::ask);
    ask.prop_recursive(4, 24, 4, |inner| {
        let parts = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            parts.clone().prop_map(Expr::All),
            parts.clone().prop_map(Expr::Any),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
            (0..5usize, parts).prop_map(|(n, of)| Expr::AtLeast { n, of }),
        ]
    })
}

fn criterion() -> impl Strategy<Value = Criterion> {
    let span = (0..999usize, 0..999usize).prop_map(|(start, more)| TextSpan { start, end: start + more });
    (
        phrase(),
        select(vec![Role::Inclusion, Role::Exclusion]),
        expr(),
        option::of(span),
        prop::collection::vec(phrase(), 0..3),
        option::of(phrase()),
    )
        .prop_map(|(id, role, expr, span, applies_to, heading)| Criterion {
            id,
            role,
            expr,
            span,
            applies_to,
            heading,
        })
}

proptest! {
    #[test]
    fn text_reads_back(expr in expr()) {
        let text = expr.to_string();
        prop_assert!(!text.contains('\n'), "{text}");
        prop_assert_eq!(text.parse::<Expr>(), Ok(expr), "{}", text);
    }

    #[test]
    fn what_is_read_is_written_the_same_for_ever(expr in expr()) {
        let text = expr.to_string();
        let again = text.parse::<Expr>().map(|expr| expr.to_string());
        prop_assert_eq!(again, Ok(text));
    }

    #[test]
    fn criteria_read_back(criterion in criterion()) {
        let text = criterion.to_string();
        prop_assert_eq!(text.parse::<Criterion>(), Ok(criterion), "{}", text);
    }

    #[test]
    fn json_reads_back(expr in expr()) {
        let json = serde_json::to_string(&expr).expect("written");
        let back = read_json(&json);
        prop_assert_eq!(back.ok(), Some(expr), "{}", json);
    }

    #[test]
    fn json_of_a_criterion_reads_back(criterion in criterion()) {
        let json = serde_json::to_string(&criterion).expect("written");
        prop_assert_eq!(serde_json::from_str::<Criterion>(&json).ok(), Some(criterion), "{}", json);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        let _ = text.parse::<Expr>();
        let _ = text.parse::<Criterion>();
        let _ = read_json(&text);
    }

    #[test]
    fn a_damaged_line_is_read_or_refused(expr in expr(), at in any::<prop::sample::Index>(), with in "[ ()\\[\\];,\"a0<-]") {
        let mut chars: Vec<char> = expr.to_string().chars().collect();
        let at = at.index(chars.len());
        chars.splice(at..=at, with.chars());
        let text: String = chars.into_iter().collect();
        if let Err(wrong) = text.parse::<Expr>() {
            prop_assert!(1 <= wrong.column && wrong.column <= text.chars().count() + 1);
            prop_assert!(!wrong.expected.is_empty());
        }
    }
}

/// Lines as people read them; each is in its canonical form.
#[test]
fn readable_lines() {
    for line in [
        "age >= 18 years",
        "age 18 to < 75 years",
        "sex female and not reproductive pregnant",
        "disease [DOID:3908] \"non-small cell lung cancer\" confirmed",
        "stage [IIIB, IV]",
        "stage [II] by FIGO",
        "category grade [high, 3]",
        "extent [locally-advanced, metastatic]",
        "not metastasis brain symptomatic",
        "measurable disease by \"RECIST 1.1\"",
        "biomarker present [EGFR exon 20 insertion]",
        "biomarker absent [EGFR T790M, MET amplification] somatic \"other resistance\"",
        "marker pd-l1 score >= 50 in percent",
        "marker her2 is positive or protein CLDN18 is positive score >= 75 in percent",
        "performance ecog 0 to 1",
        "lab neutrophils >= 1.5 10*9/L within 14 days",
        "lab bilirubin <= 1.5 x ULN",
        "lab albumin within limits",
        "prior [class:egfr-tki] lines 1 to 1 intent advanced outcome progressed",
        "not recent([class:chemotherapy], 4 weeks or 5 half-lives, whichever shorter, before first-dose)",
        "taking [class:systemic-corticosteroid] over 10 mg prednisone",
        "condition [hiv, hepatitis-b] active within 6 months known",
        "second malignancy within 3 years active except [DOID:2513] other exceptions",
        "allergy [drug:trastuzumab deruxtecan]",
        "at least 2 of (sex female; age > 60 years; all of ())",
        "(sex female or age > 60 years) and performance karnofsky >= 70",
        "judgement contraception \"agrees to contraception\"",
        "not-computable \"adequate tissue\"",
    ] {
        assert_eq!(line.parse::<Expr>().map(|expr| expr.to_string()), Ok(line.to_owned()));
    }
}

#[track_caller]
fn refused(text: &str, column: usize, expected: &str) {
    let wrong = text.parse::<Expr>().expect_err("is no expression");
    assert_eq!((wrong.column, wrong.expected.contains(expected)), (column, true), "{wrong}");
}

#[test]
fn errors_name_column_and_expectation() {
    refused("", 1, "a question");
    refused("age", 4, "a range");
    refused("age >= eighteen years", 8, "a number");
    refused("age >= 18", 10, "`years`");
    refused("age >= NaN years", 8, "a number");
    refused("age >= 18 years and sex female or sex male", 32, "brackets");
    refused("sex either", 5, "female or male");
    refused("biomarker present [EGFR something odd]", 20, "an alteration");
    refused("prior [wine]", 8, "a therapy");
    refused("recent([any-systemic], 4 moons, before consent)", 26, "days");
    refused("at least two of (sex male)", 10, "a whole number");
    refused("judgement consent \"open", 24, "closing quote");
    refused("lab neutrophils >= 1.5 10*9/L tomorrow", 31, "end of the line");
    refused("stage []", 1, "names nothing");
    refused("age 75 to 18 years", 1, "range");
    refused("sex male)", 9, "end of the line");
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = |levels: usize| (0..levels).fold("sex male".to_owned(), |inner, _| format!("not {inner}"));
    assert!(deep(bounds::MAX_DEPTH - 1).parse::<Expr>().is_ok());
    refused(&deep(bounds::MAX_DEPTH), 1, "levels");
    assert!("(".repeat(100_000).parse::<Expr>().is_err());
    assert!("not ".repeat(100_000).parse::<Expr>().is_err());
    let wide = vec!["sex male"; bounds::MAX_NODES].join(" and ");
    refused(&wide, 1, "parts");
    let nested = format!("{}{}{}", "{\"not\":".repeat(500), "{\"all\":[]}", "}".repeat(500));
    assert!(read_json(&nested).is_err());
    let nested = format!("{}{}{}", "{\"not\":".repeat(40), "{\"all\":[]}", "}".repeat(40));
    assert!(read_json(&nested).expect_err("too deep").to_string().contains("levels"));
}
