//! Which alteration, signature or stain does a clause name?

use super::number::Unit;
use super::tag::Tagger;
use super::token::{OneOf, Rows, Token};
use super::words::{Change, Sense};
use concilium_criteria::eligibility::{Ask, Expr, MarkerAsk, Range, Stated};
use concilium_terms::GeneSymbol;
use concilium_terms::hgvs::ProteinChange;
use concilium_terms::lexicon::{VariantKind, VariantMention};
use concilium_terms::pattern::{Direction, ExonChange, MarkerKind, Pattern, Signature};

static SIGNATURES: [(Signature, Rows); 4] = [
    (
        Signature::MsiHigh,
        Rows::new(&[
            "microsatellite instability high",
            "msi h",
            "msi high",
            "mismatch repair deficient",
            "dmmr",
            "deficient mismatch repair",
            "mismatch repair deficiency",
            "msih",
            "high microsatellite instability",
            "microsatellite instability high msi h",
            "mismatch repair deficient dmmr",
            "deficient dna mismatch repair",
            "deficient mismatch repair dmmr",
        ]),
    ),
    (
        Signature::TmbHigh,
        Rows::new(&[
            "tmb h",
            "tmb high",
            "high tumor mutational burden",
            "tumor mutational burden high",
            "high tmb",
        ]),
    ),
    (
        Signature::Mss,
        Rows::new(&[
            "mss",
            "microsatellite stable",
            "pmmr",
            "proficient mismatch repair",
            "mismatch repair proficient",
        ]),
    ),
    (
        Signature::Hrd,
        Rows::new(&[
            "hrd positive",
            "homologous recombination deficiency",
            "homologous recombination deficient",
            "hrd",
        ]),
    ),
];
static TRIPLE_NEGATIVE: Rows = Rows::new(&["triple negative"]);
static PROPORTION_SCORE: Rows = Rows::new(&["tumor proportion score"]);
static POSITIVE_SCORE: Rows = Rows::new(&["combined positive score"]);

/// What was said about a list of stains or genes.
enum Call {
    Positive,
    Negative,
    Low,
}

impl Tagger<'_, '_, '_> {
    /// The biomarker that starts here.
    pub fn biomarker(&self, at: usize) -> Option<(Expr, usize)> {
        self.signature(at).or_else(|| self.stain(at)).or_else(|| self.altered(at))
    }

    fn words_of(&self, from: usize, to: usize) -> String {
        let tokens = &self.pieces.tokens;
        match (tokens.get(from), tokens.get(to.wrapping_sub(1))) {
            (Some(first), Some(last)) if first.start <= last.end => self.pieces.text[first.start..last.end]
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .replace('\\', ""),
            _ => String::new(),
        }
    }

    fn ask(
        &self,
        any_of: Vec<Pattern>,
        stated: Stated,
        germline: Option<bool>,
        from: usize,
        to: usize,
    ) -> Expr {
        Expr::ask(Ask::Biomarker { any_of, stated, germline, words: self.words_of(from, to) })
    }

    fn signature(&self, at: usize) -> Option<(Expr, usize)> {
        let p = self.pieces;
        let one = |at: usize| {
            let ends =
                SIGNATURES.iter().filter_map(|(signature, rows)| Some((*signature, p.longest(at, rows)?)));
            ends.max_by_key(|(_, next)| *next)
        };
        let (first, mut next) = one(at)?;
        let mut found = vec![first];
        loop {
            if let Some(behind) = p.abbreviation(next) {
                next = behind;
                continue;
            }
            let mut after = next;
            while p.any(after, &["or", "and"]) || p.is(after, '/') || p.is(after, ',') || p.is(after, '(') {
                after += 1;
            }
            let Some((signature, behind)) = one(after).filter(|_| next < after) else { break };
            if signature != first {
                break;
            }
            found.push(signature);
            next = behind;
            if p.is(next, ')') {
                next += 1;
            }
        }
        while p.any(next, &["status", "positive", "tumor"]) {
            next += 1;
        }
        found.dedup();
        let any_of = found.into_iter().map(|signature| Pattern::Signature { signature }).collect();
        Some((self.ask(any_of, Stated::Present, None, at, next), next))
    }

    /// Genes with what is asked of them: `EGFR or ALK rearrangement`, `mutation in KIT`, `wild-type RAS`.
    fn altered(&self, at: usize) -> Option<(Expr, usize)> {
        let p = self.pieces;
        let mut start = at;
        let mut germline = None;
        let mut leading = vec![];
        // `germline BRCA1 mutation`, `activating EGFR mutation`
        loop {
            if p.any(start, &["germline", "somatic"]) {
                germline = Some(p.any(start, &["germline"]));
                start += 1;
            } else if p.any(start, &["deleterious", "pathogenic", "oncogenic", "actionable", "targetable"])
                && start == at + usize::from(germline.is_some())
            {
                start += 1;
            } else {
                break;
            }
        }
        if let Some((change, next)) = self.change(start) {
            leading.push(change);
            start = next;
            while p.any(start, &["in", "of", "the", "a", "for", "involving", "within", "to"]) {
                start += 1;
            }
        }
        if let Some((genes, next)) = self.gene_list(start) {
            return self.of_genes(at, genes, next, &leading, germline);
        }
        // `exon 20 insertion mutation in EGFR`, with the gene behind.
        let (_, variant) = self.names.variants.get(&at)?;
        self.variant_list(at, &variant.genes.iter().map(GeneSymbol::new).collect::<Vec<_>>())
            .filter(|_| !variant.genes.is_empty())
            .and_then(|(patterns, next)| {
                let next = self.gene_behind(next, &variant.genes)?;
                Some((self.ask(patterns, Stated::Present, germline, at, next), next))
            })
    }

    /// The gene of a change that stands before it is named behind: `V600E mutation of BRAF`.
    fn gene_behind(&self, at: usize, genes: &[String]) -> Option<usize> {
        let p = self.pieces;
        let mut next = at;
        while p.any(next, &["mutation", "in", "of", "the", "gene"]) {
            next += 1;
        }
        let (symbols, behind) = self.genes(next)?;
        let same = symbols.iter().all(|symbol| genes.iter().any(|gene| gene == symbol.as_str()));
        same.then_some(if p.any(behind, &["gene"]) { behind + 1 } else { behind })
    }

    fn gene_list(&self, at: usize) -> Option<(Vec<GeneSymbol>, usize)> {
        let p = self.pieces;
        let (mut genes, mut next) = self.genes(at)?;
        loop {
            if let Some(behind) =
                p.abbreviation(next).filter(|_| !self.names.variants.contains_key(&(next + 1)))
            {
                next = behind;
                continue;
            }
            if let Some((more, behind)) = self.numbered(&genes, next) {
                genes.push(more);
                next = behind;
                continue;
            }
            let mut after = next;
            while p.any(after, &["or", "and"]) || p.is(after, '/') || p.is(after, ',') {
                after += 1;
            }
            match self.genes(after).filter(|_| next < after) {
                Some((more, behind)) => {
                    genes.extend(more);
                    next = behind;
                }
                None => break,
            }
        }
        Some((genes, next))
    }

    /// `BRCA1/2`, `NTRK1/2/3`.
    fn numbered(&self, genes: &[GeneSymbol], at: usize) -> Option<(GeneSymbol, usize)> {
        let p = self.pieces;
        let number = p
            .tokens
            .get(at + 1)
            .filter(|token| p.is(at, '/') && token.number().is_some() && token.norm.len() == 1)?;
        let last = genes.last()?.as_str();
        let stem = last.strip_suffix(|c: char| c.is_ascii_digit())?;
        let symbol = GeneSymbol::new(format!("{stem}{}", number.norm));
        self.tools.knowledge.genes.get(&symbol).map(|_| (symbol, at + 2))
    }

    fn of_genes(
        &self,
        at: usize,
        genes: Vec<GeneSymbol>,
        behind: usize,
        leading: &[Change],
        germline: Option<bool>,
    ) -> Option<(Expr, usize)> {
        let p = self.pieces;
        let mut next = behind;
        let mut changes = leading.to_vec();
        let mut patterns = vec![];
        loop {
            while p.among(next, &OF_GENES_FILLER)
                || p.is(next, '-') && p.tokens.get(next).is_some_and(|t: &Token| t.glued) && !self.minus(next)
            {
                next += 1;
            }
            let mut after = next;
            if !(changes.is_empty() && patterns.is_empty()) {
                while p.any(after, &["or", "and"]) || p.is(after, '/') || p.is(after, ',') || p.is(after, '(')
                {
                    after += 1;
                }
            } else if p.is(after, '(') || p.any(after, &["with"]) {
                after += 1;
            }
            if self
                .names
                .mentions
                .get(&after)
                .is_some_and(|(_, mention)| mention.is(concilium_terms::lexicon::Kind::Gene))
                && !self.names.variants.contains_key(&after)
            {
                break;
            }
            if let Some((found, behind)) = self.variant_list(after, &genes) {
                patterns.extend(found);
                next =
                    if p.is(behind, ')') && p.is(after.wrapping_sub(1), '(') { behind + 1 } else { behind };
                continue;
            }
            match self.change(after).filter(|_| after == next || !changes.is_empty() || !patterns.is_empty())
            {
                Some((change, behind)) if self.change_belongs(after, next) => {
                    changes.push(change);
                    next = behind;
                }
                _ => break,
            }
        }
        // Variants say more than the word `mutation` beside them.
        if !patterns.is_empty() {
            changes.retain(|change| {
                !matches!(change, Change::Mutation | Change::Activating | Change::Alteration | Change::Loss)
            });
        }
        if changes.contains(&Change::Activating) {
            changes.retain(|change| *change != Change::Mutation);
        }
        let call = self.call(next);
        if let Some((_, behind)) = &call {
            next = *behind;
        }
        if changes.is_empty() && patterns.is_empty() {
            // `ALK-positive`, `EGFR negative`: whatever the laboratory calls so.
            let call = call.as_ref()?;
            if surface(self.raw(at)) {
                return Some((surface_markers(&genes, &call.0)?, next));
            }
            changes.push(Change::Alteration);
        }
        let stated = match call {
            Some((Call::Negative, _)) => Stated::Absent,
            Some((Call::Low, _)) => return None,
            Some((Call::Positive, _)) | None => Stated::Present,
        };
        let of_gene = |gene: &GeneSymbol| {
            changes.iter().flat_map(|change| patterns_of(gene, *change)).collect::<Vec<_>>()
        };
        // `wild-type KRAS and NRAS`, `EGFR/ALK negative`: each of them.
        if (stated == Stated::Absent || changes.contains(&Change::Wildtype))
            && 1 < genes.len()
            && patterns.is_empty()
        {
            let each = genes.iter().map(|gene| self.ask(of_gene(gene), stated, germline, at, next)).collect();
            return Some((Expr::All(each), next));
        }
        patterns.extend(genes.iter().flat_map(of_gene));
        Some((self.ask(patterns, stated, germline, at, next), next))
    }

    /// A change behind a joint is this gene's only when no other gene follows it (`EGFR mutation or ALK fusion`).
    fn change_belongs(&self, after: usize, next: usize) -> bool {
        after == next || self.genes(after).is_none()
    }

    /// A hyphen that is a minus: nothing of a word follows.
    fn minus(&self, at: usize) -> bool {
        !self
            .pieces
            .tokens
            .get(at + 1)
            .is_some_and(|token| token.glued && (token.norm.chars().all(char::is_alphanumeric)))
    }

    fn call(&self, at: usize) -> Option<(Call, usize)> {
        let p = self.pieces;
        let mut next = at;
        if p.any(next, &["status", "is", "are"]) {
            next += 1;
        }
        if p.is(next, '-') && !self.minus(next) {
            next += 1;
        }
        match self.sense_at(next) {
            Some((Sense::Positive, behind)) if !p.any(next, &["expressing"]) => {
                return Some((Call::Positive, behind));
            }
            Some((Sense::Negative, behind)) => return Some((Call::Negative, behind)),
            Some((Sense::Low, behind)) => return Some((Call::Low, behind)),
            _ => {}
        }
        let glued = p.tokens.get(at).is_some_and(|token| token.glued);
        if glued && p.is(at, '+') {
            return Some((Call::Positive, at + 1));
        }
        (glued && p.is(at, '-') && self.minus(at)).then_some((Call::Negative, at + 1))
    }

    /// Changes in a row: `exon 19 deletion or L858R`.
    fn variant_list(&self, at: usize, genes: &[GeneSymbol]) -> Option<(Vec<Pattern>, usize)> {
        let p = self.pieces;
        let (behind, first) = self.names.variants.get(&at)?;
        let mut patterns = self.variant(first, genes)?;
        let mut next = *behind;
        loop {
            while p.any(next, &["mutation", "substitution", "activating", "sensitizing"]) {
                next += 1;
            }
            let mut after = next;
            while p.any(after, &["or", "and", "exon", "a", "an", "point", "the", "21", "missense"])
                || p.is(after, '/')
                || p.is(after, ',')
                || p.is(after, '(') && self.names.variants.contains_key(&(after + 1))
            {
                after += 1;
            }
            let Some((behind, variant)) = self.names.variants.get(&after).filter(|_| next < after) else {
                break;
            };
            let own = variant.genes.is_empty()
                || variant.genes.iter().all(|gene| genes.iter().any(|g| g.as_str() == gene));
            if !own {
                break;
            }
            patterns.extend(self.variant(variant, genes)?);
            next = *behind;
            if p.is(next, ')') && (at..next).any(|inner| p.is(inner, '(')) {
                next += 1;
            }
        }
        Some((patterns, next))
    }

    fn variant(&self, variant: &VariantMention, genes: &[GeneSymbol]) -> Option<Vec<Pattern>> {
        let own: Vec<GeneSymbol> = variant.genes.iter().map(GeneSymbol::new).collect();
        let own = if own.is_empty() { genes.to_vec() } else { own };
        own.iter().map(|gene| self.pattern(gene, variant)).collect()
    }

    fn pattern(&self, gene: &GeneSymbol, variant: &VariantMention) -> Option<Pattern> {
        let gene = gene.clone();
        match variant.kind {
            VariantKind::Protein => {
                let protein = ProteinChange::parse(&variant.change).ok()?;
                Some(Pattern::Exact {
                    gene,
                    proteins: vec![protein],
                    codings: vec![],
                    loci: vec![],
                    clinvar: vec![],
                })
            }
            VariantKind::Codon => {
                let reference = variant.change.chars().next()?;
                let residue = variant.change.get(1..)?.parse().ok()?;
                Some(Pattern::Codon { gene, reference, residue })
            }
            VariantKind::Exon => self.exon(gene, &variant.change),
            VariantKind::Amplification => Some(Pattern::Amplification { gene }),
            VariantKind::Fusion => {
                let (five, three) = variant.change.split_once("::")?;
                let side = |name: &str| Some(GeneSymbol::new(name));
                Some(Pattern::Fusion { five: side(five), three: side(three), rearrangement: false })
            }
            VariantKind::Rearrangement => {
                Some(Pattern::Fusion { five: None, three: Some(gene), rearrangement: true })
            }
            VariantKind::Coding => None,
        }
    }

    fn exon(&self, gene: GeneSymbol, change: &str) -> Option<Pattern> {
        let mut words = change.split(' ').skip(1);
        let number: u32 = words.next()?.parse().ok()?;
        let change = match words.next()? {
            "deletion" => ExonChange::Deletion,
            "insertion" => ExonChange::Insertion,
            "mutation" => ExonChange::Mutation,
            "skipping" => return Some(Pattern::Splice { gene, name: format!("exon{number}skipping") }),
            _ => return None,
        };
        // Bounds of the exon as compiled from curated variants.
        let residues = self.tools.knowledge.leaves.iter().find_map(|leaf| match &leaf.pattern {
            Pattern::Exon { gene: known, first, last, residues, .. }
                if *known == gene && *first == number && *last == number =>
            {
                *residues
            }
            _ => None,
        });
        Some(Pattern::Exon { gene, first: number, last: number, change, residues })
    }

    /// `HER2-negative`, `ER and/or PR positive`, `PD-L1 TPS ≥ 50 %`.
    fn stain(&self, at: usize) -> Option<(Expr, usize)> {
        let p = self.pieces;
        if let Some(next) = p.first(at, &TRIPLE_NEGATIVE) {
            let marker = MarkerAsk::Named {
                name: "triple-negative".to_owned(),
                call: None,
                score: None,
                score_unit: None,
            };
            return Some((Expr::ask(Ask::Marker(marker)), next));
        }
        let mut open: Vec<&'static str> = vec![];
        let mut parts: Vec<Expr> = vec![];
        let (mut next, mut or) = (at, false);
        let (mut any, mut all) = (false, false);
        while let Some((Sense::Stain(name), mut behind)) = self.sense_at(next) {
            if let Some(closed) = p.abbreviation(behind) {
                behind = closed;
            }
            open.push(name);
            let mut scored = behind;
            while p.among(scored, &STAIN_FILLER) && self.call(scored).is_none() {
                scored += 1;
            }
            if let Some((score, unit, closed)) = self.score(scored, name) {
                parts.push(marker(name, None, Some(score), Some(unit)));
                open.clear();
                behind = closed;
            } else if let Some((call, closed)) = self.call(behind).or_else(|| self.call(scored)) {
                let call = match call {
                    Call::Positive => "positive",
                    Call::Negative => "negative",
                    Call::Low => "low",
                };
                let group: Vec<Expr> =
                    open.drain(..).map(|name| marker(name, Some(call), None, None)).collect();
                // `ER/PR positive` is either, `ER/PR negative` both.
                parts.push(match (group.len(), or || call == "positive") {
                    (1, _) => group.into_iter().next()?,
                    (_, true) => Expr::Any(group),
                    (_, false) => Expr::All(group),
                });
                or = false;
                behind = closed;
            }
            next = behind;
            let mut after = next;
            let mut saw_or = false;
            while p.any(after, &["or", "and"]) || p.is(after, '/') || p.is(after, ',') {
                saw_or |= p.any(after, &["or"]);
                after += 1;
            }
            if after == next && !parts.is_empty() && !p.any(after, &["her2", "er", "pr", "hr"]) {
                break;
            }
            if !matches!(self.sense_at(after), Some((Sense::Stain(_), _))) {
                break;
            }
            if open.is_empty() {
                any |= saw_or;
                all |= !saw_or;
            }
            or |= saw_or;
            next = after;
        }
        if !open.is_empty() || parts.is_empty() {
            return None;
        }
        let expr = match (parts.len(), any, all) {
            (1, ..) => parts.pop()?,
            (_, true, true) => return None,
            (_, true, false) => Expr::Any(parts),
            (_, false, _) => Expr::All(parts),
        };
        Some((expr, next))
    }

    /// `TPS ≥ 50 %`, `CPS ≥ 10`, `≥ 1 %`, `IHC 3+`.
    fn score(&self, at: usize, name: &str) -> Option<(Range, &'static str, usize)> {
        let p = self.pieces;
        let mut next = at;
        let mut unit = None;
        loop {
            if p.is(next, '(')
                || p.is(next, ',')
                || p.any(
                    next,
                    &[
                        "of",
                        "tumor",
                        "score",
                        "with",
                        "a",
                        "as",
                        "is",
                        "on",
                        "cell",
                        "by",
                        "expression",
                        "proportion_",
                    ],
                )
            {
                next += 1;
            } else if p.any(next, &["tps"]) {
                unit = Some("percent");
                next += 1;
            } else if let Some(behind) =
                p.first(next, &PROPORTION_SCORE).or_else(|| p.first(next, &POSITIVE_SCORE))
            {
                unit = Some(if p.any(next, &["combined"]) { "cps" } else { "percent" });
                next = behind;
            } else if p.any(next, &["cps"]) {
                unit = Some("cps");
                next += 1;
            } else if p.any(next, &["ihc"]) {
                unit = Some("ihc");
                next += 1;
            } else {
                break;
            }
        }
        let (limit, mut behind) = p.limit(next)?;
        let percent = limit.unit == Unit::Ucum("%");
        let unit = match (unit, percent, name) {
            (Some("ihc"), ..) => {
                if p.is(behind, '+') {
                    behind += 1;
                }
                "ihc"
            }
            (Some(unit), ..) => unit,
            (None, true, _) => "percent",
            (None, false, _) => return None,
        };
        if unit == "cps" && !(limit.unit == Unit::None || percent) || unit == "percent" && !percent {
            return None;
        }
        if p.is(behind, ')') && (at..behind).any(|inner| p.is(inner, '(')) {
            behind += 1;
        }
        Some((limit.range, unit, behind))
    }
}

/// `CD20`: a protein on the cell, which is stained and not sequenced.
fn surface(name: &str) -> bool {
    name.strip_prefix("CD").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn surface_markers(genes: &[GeneSymbol], call: &Call) -> Option<Expr> {
    let [gene] = genes else { return None };
    let positive = match call {
        Call::Positive => true,
        Call::Negative => false,
        Call::Low => return None,
    };
    Some(Expr::ask(Ask::Marker(MarkerAsk::Gene {
        gene: gene.clone(),
        positive,
        score: None,
        score_unit: None,
    })))
}

fn marker(name: &str, call: Option<&str>, score: Option<Range>, unit: Option<&str>) -> Expr {
    Expr::ask(Ask::Marker(MarkerAsk::Named {
        name: name.to_owned(),
        call: call.map(str::to_owned),
        score,
        score_unit: unit.map(str::to_owned),
    }))
}

fn patterns_of(gene: &GeneSymbol, change: Change) -> Vec<Pattern> {
    let gene = gene.clone();
    let fusion = |gene: GeneSymbol| Pattern::Fusion { five: None, three: Some(gene), rearrangement: true };
    match change {
        Change::Mutation => vec![Pattern::Mutation { gene }],
        Change::Activating => vec![Pattern::Activating { gene }],
        Change::Rearrangement => vec![fusion(gene)],
        Change::Amplification => vec![Pattern::Amplification { gene }],
        Change::Loss => vec![Pattern::Loss { gene }],
        Change::Alteration => vec![
            Pattern::Mutation { gene: gene.clone() },
            fusion(gene.clone()),
            Pattern::Amplification { gene },
        ],
        Change::Wildtype => vec![Pattern::Wildtype { gene }],
        Change::Overexpression => {
            vec![Pattern::Marker { gene, what: MarkerKind::Expression, direction: Direction::High }]
        }
        Change::Expression => {
            vec![Pattern::Marker { gene, what: MarkerKind::Expression, direction: Direction::Present }]
        }
    }
}

static OF_GENES_FILLER: OneOf = OneOf::new(
    "gene genomic genetic tumor status oncogene driver somatic oncogenic molecular chromosomal pathogenic \
     deleterious family",
);
static STAIN_FILLER: OneOf =
    OneOf::new("expression protein tumor by status tumour cell score level receptor");
