//! How are facts shown in tests: one line each, in our own words?

use concilium_case::*;
use concilium_terms::{Code, PartialDate};

/// All facts and issues of a file, one line each, grouped as in `Facts`.
pub fn lines(facts: &Facts) -> Vec<String> {
    let mut out = Vec::new();
    let f = facts;
    out.extend(f.patients.iter().map(|p| {
        format!(
            "patient {} | {} | born {} | {:?}{}",
            p.meta.id,
            words(&p.name),
            date(&p.birth_date),
            p.sex,
            tail(&p.meta)
        )
    }));
    out.extend(f.conditions.iter().map(condition));
    out.extend(f.stages.iter().map(|s| {
        let scale = format!("{:?}", s.scale).replace("Other", "").replace(['(', ')', '"'], "");
        format!(
            "stage {scale} {} [{}] of {} @ {}{}",
            s.value,
            s.basis,
            words(&s.condition),
            date(&s.meta.when),
            tail(&s.meta)
        )
    }));
    out.extend(
        f.performance
            .iter()
            .map(|p| format!("performance {:?} {} @ {}", p.scale, p.value, date(&p.meta.when))),
    );
    out.extend(f.alterations.iter().map(alteration));
    out.extend(f.regions.iter().map(|r| {
        let names = |genes: &[concilium_terms::GeneSymbol]| {
            genes.iter().map(|g| g.as_str()).collect::<Vec<_>>().join(",")
        };
        format!(
            "region {} | {} | not {} | {}",
            r.meta.id,
            names(&r.genes),
            names(&r.uncovered),
            r.ranges.join(",")
        )
    }));
    out.extend(f.markers.iter().map(marker));
    out.extend(f.pharmacogenes.iter().map(|p| {
        format!(
            "pgx {} {} {} {:?} {:?}",
            p.gene,
            words(&p.diplotype),
            words(&p.phenotype),
            p.activity,
            p.uncovered
        )
    }));
    out.extend(f.labs.iter().map(lab));
    out.extend(f.medications.iter().map(medication));
    out.extend(
        f.responses
            .iter()
            .map(|r| format!("response {:?} of {} @ {}", r.status, words(&r.condition), date(&r.meta.when))),
    );
    out.extend(f.procedures.iter().map(|p| {
        let (what, site) = (codes(&p.codes), codes(&p.sites));
        format!("procedure {what} | {site} | {} | {} @ {}", words(&p.intent), p.status, date(&p.meta.when))
    }));
    out.extend(f.radiotherapies.iter().map(|r| {
        let doses: Vec<String> = r.doses.iter().map(|d| format!("{} {}", d.text, d.unit)).collect();
        let fractions = r.fractions.map_or("?".into(), |n| n.to_string());
        let (modality, site) = (words(&r.modality), codes(&r.sites));
        format!(
            "radiotherapy {} in {fractions} | {modality} | {site} @ {} to {}",
            doses.join(" + "),
            date(&r.meta.when),
            date(&r.end)
        )
    }));
    out.extend(
        f.allergies
            .iter()
            .map(|a| format!("allergy {} active {} none {}", codes(&a.codes), a.active, a.none_known)),
    );
    out.extend(f.specimens.iter().map(|s| {
        let name = |code: &Option<Code>| code.as_ref().map_or("-".into(), |c| codes(std::slice::from_ref(c)));
        format!(
            "specimen {} | {} | {} | {} @ {}",
            s.meta.id,
            name(&s.kind),
            name(&s.site),
            if s.plasma {
                "plasma"
            } else if s.blood {
                "blood"
            } else {
                "-"
            },
            date(&s.meta.when)
        )
    }));
    out.extend(f.lab_opinions.iter().map(|o| format!("opinion {} <- {}", o.about, o.alterations.join(","))));
    out.extend(
        f.observations.iter().map(|o| format!("other {} = {}{}", codes(&o.codes), o.value, tail(&o.meta))),
    );
    out.extend(
        f.documents.iter().map(|d| format!("document {} | {} | {} bytes", d.meta.id, d.title, d.text.len())),
    );
    out
}

/// Issues of at least "doubtful", or all.
pub fn issues(facts: &Facts, notes: bool) -> Vec<String> {
    let wanted = facts.issues.iter().filter(|issue| notes || issue.level != Level::Note);
    wanted.map(|issue| format!("{:?} {} | {}", issue.level, issue.source, issue.what)).collect()
}

fn words(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or("-")
}

fn date(date: &Option<PartialDate>) -> String {
    date.as_ref().map_or("-".into(), ToString::to_string)
}

fn codes(codes: &[Code]) -> String {
    let code = |c: &Code| if c.code.is_empty() { format!("\"{}\"", c.display) } else { c.code.clone() };
    codes.iter().map(code).collect::<Vec<_>>().join("+")
}

fn tail(meta: &Meta) -> String {
    meta.retraction.as_ref().map_or(String::new(), |why| format!(" RETRACTED {why}"))
}

fn condition(c: &Condition) -> String {
    let present = c.present.map_or(String::new(), |p| format!(" present={p}"));
    let histology =
        if c.histology.is_empty() { String::new() } else { format!(" histology {}", codes(&c.histology)) };
    let of = c.primary.as_ref().map_or(String::new(), |p| format!(" of {p}"));
    let site = if c.sites.is_empty() { String::new() } else { format!(" at {}", codes(&c.sites)) };
    let status = words(&c.clinical_status);
    let sure = if c.certainty == Certainty::Suspected { " suspected" } else { "" };
    format!(
        "condition {:?} {}{histology}{site}{of}{present}{sure} | {status} @ {}{}",
        c.role,
        codes(&c.codes),
        date(&c.meta.when),
        tail(&c.meta)
    )
}

fn kind(kind: &AlterationKind) -> String {
    match kind {
        AlterationKind::Small { protein, coding, genomic, consequence, exon, clinvar } => {
            let coding: Vec<String> =
                coding.iter().map(|c| format!("{}:c.{}", c.transcript, c.change)).collect();
            let mut parts =
                vec![format!("small {}", protein.as_ref().map_or("-".into(), ToString::to_string))];
            parts.push(coding.join(","));
            parts.extend(genomic.as_ref().map(ToString::to_string));
            parts.extend(consequence.map(|c| format!("{c:?}")));
            parts.extend(exon.map(|e| format!("exon {e}")));
            parts.extend(clinvar.iter().map(|id| format!("clinvar {id}")));
            parts.retain(|part| !part.is_empty());
            parts.join(" ")
        }
        AlterationKind::CopyNumber { call, copies } => format!("copies {call:?} {copies:?}"),
        AlterationKind::Fusion { five, three, oriented } => {
            let name =
                |g: &Option<concilium_terms::GeneSymbol>| g.as_ref().map_or("?".into(), ToString::to_string);
            format!("fusion {}::{} oriented {oriented}", name(five), name(three))
        }
        AlterationKind::Splice { name } => format!("splice {name}"),
        AlterationKind::Duplication => "duplication".into(),
        AlterationKind::Other => "untyped".into(),
    }
}

fn alteration(a: &Alteration) -> String {
    let mut parts =
        vec![format!("alteration {} | {} | {:?} {:?}", a.label, kind(&a.kind), a.presence, a.origin)];
    parts.push(format!("gene {}", a.gene));
    parts.extend(a.significance.map(|s| format!("{s:?}")));
    parts.extend(a.effect.map(|e| format!("{e:?}")));
    parts.extend(a.homozygous.map(|h| format!("homozygous {h}")));
    parts.extend(a.vaf.map(|v| format!("vaf {v:.3}")));
    parts.extend(a.depth.map(|d| format!("depth {d}")));
    parts.extend(a.specimen.clone());
    parts.extend(a.phase.iter().map(|(other, cis)| format!("phase {other} {cis:?}")));
    format!("{}{}", parts.join(" | "), tail(&a.meta))
}

fn marker(m: &Marker) -> String {
    let value = m
        .value
        .as_ref()
        .map_or("-".into(), |q| format!("{}{} {}", q.comparator.as_deref().unwrap_or(""), q.text, q.unit));
    let call = m.call.map_or("no call".into(), |c| format!("{c:?}"));
    format!(
        "marker {:?} {} | {call} | score {} | {value}{}",
        m.name,
        words(&m.method),
        words(&m.score),
        tail(&m.meta)
    )
}

fn lab(l: &Lab) -> String {
    let value = l.value.as_ref().map_or(words(&l.text).to_owned(), |q| {
        format!("{}{} {}", q.comparator.as_deref().unwrap_or(""), q.text, q.unit)
    });
    let range = match (l.low, l.high) {
        (None, None) => String::new(),
        (low, high) => format!(" ({low:?}..{high:?})"),
    };
    let name = l.analyte.clone().unwrap_or_else(|| codes(&l.codes));
    let odd = if l.implausible.is_some() { " implausible" } else { "" };
    format!("lab {name} {value}{range}{odd} @ {}{}", date(&l.meta.when), tail(&l.meta))
}

fn medication(m: &Medication) -> String {
    let mut parts = vec![format!("drug {} | {:?}", codes(&m.codes), m.exposure)];
    parts.push(format!("{} to {}", date(&m.meta.when), date(&m.end)));
    parts.extend(m.ongoing.then(|| "ongoing".to_owned()));
    parts.extend((m.state != MedicationState::Open).then(|| format!("{:?}", m.state).to_lowercase()));
    parts.extend(m.stop.map(|s| format!("stopped {s:?}")));
    parts.extend(m.intent.clone());
    parts.extend(m.reason.clone());
    parts.extend(m.about_class.as_ref().map(|c| format!("class {c}")));
    format!("{}{}", parts.join(" | "), tail(&m.meta))
}
