//! Was the allele found, on how many strands, in how many reads?

use concilium_case::Presence;

/// FORMAT and sample column of one line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sample<'l> {
    keys: &'l str,
    values: &'l str,
}

/// What the genotype says of one alternate allele.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) presence: Presence,
    pub(super) homozygous: Option<bool>,
}

impl<'l> Sample<'l> {
    pub(super) fn new(keys: &'l str, values: &'l str) -> Sample<'l> {
        Sample { keys, values }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'l str> {
        let at = self.keys.split(':').position(|name| name == key)?;
        self.values.split(':').nth(at).filter(|value| !value.is_empty() && *value != ".")
    }

    /// Allele numbers of `GT`; `None` inside for a missing one. Empty without `GT`.
    pub(super) fn alleles(&self) -> (Vec<Option<usize>>, bool) {
        let Some(text) = self.get("GT") else { return (vec![], false) };
        (text.split(['/', '|']).map(|allele| allele.parse().ok()).collect(), text.contains('|'))
    }

    /// The `number`th alternate (1-based). A line without genotype lists what was found.
    pub(super) fn found(&self, number: usize) -> Found {
        let (alleles, _) = self.alleles();
        let has = alleles.contains(&Some(number));
        let missing = alleles.contains(&None);
        match (alleles.is_empty(), has, missing) {
            (true, _, _) => Found { presence: Presence::Present, homozygous: None },
            (false, true, _) => {
                let both = alleles.len() == 2 && !missing;
                let homozygous = both.then(|| alleles.iter().all(|allele| *allele == Some(number)));
                Found { presence: Presence::Present, homozygous }
            }
            (false, false, true) => Found { presence: Presence::Unknown, homozygous: None },
            (false, false, false) => Found { presence: Presence::Absent, homozygous: None },
        }
    }

    /// Fraction of the `number`th alternate: `AF` or `VAF` as stated, `FREQ` in percent, else from `AD`.
    pub(super) fn fraction(&self, number: usize) -> Option<f64> {
        let nth = |key: &str| self.get(key)?.split(',').nth(number - 1);
        let stated = nth("AF").or_else(|| nth("VAF")).and_then(|text| text.parse::<f64>().ok());
        let percent = || nth("FREQ")?.strip_suffix('%')?.parse::<f64>().ok().map(|percent| percent / 100.0);
        stated
            .or_else(percent)
            .or_else(|| self.counted(number))
            .filter(|fraction| (0.0..=1.0).contains(fraction))
    }

    fn counted(&self, number: usize) -> Option<f64> {
        let reads: Vec<u32> =
            self.get("AD")?.split(',').map(|count| count.parse().ok()).collect::<Option<_>>()?;
        let total: f64 = reads.iter().copied().map(f64::from).sum();
        let alternate = f64::from(*reads.get(number)?);
        (1 < reads.len() && 0.0 < total).then(|| alternate / total)
    }

    /// Reads at the site.
    pub(super) fn depth(&self) -> Option<u32> {
        let summed = || {
            self.get("AD")?
                .split(',')
                .map(|count| count.parse::<u32>().ok())
                .try_fold(0_u32, |sum, count| sum.checked_add(count?))
        };
        self.get("DP").and_then(|depth| depth.parse().ok()).or_else(summed)
    }
}
