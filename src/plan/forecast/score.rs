//! How good forecasts were, once the truth is known.

use serde::Serialize;

use crate::plan::estimate::quantile::conformal;

/// What a forecast of a quantile (0 to 1) costs: falling short counts `level`, going beyond the rest. 0 is best.
pub fn pinball(level: f64, told: f64, truth: f64) -> f64 {
    if truth >= told { (truth - told) * level } else { (told - truth) * (1.0 - level) }
}

/// What a range that should miss in a share `alpha` of the cases costs: its width, and each miss by its distance.
pub fn interval(alpha: f64, (low, high): (f64, f64), truth: f64) -> f64 {
    (high - low) + 2.0 / alpha * ((low - truth).max(0.0) + (truth - high).max(0.0))
}

/// Mean of (chance - outcome)²; 0 is best, 0.25 what a coin gets. None of nothing.
pub fn brier(told: &[(f64, bool)]) -> Option<f64> {
    let sum: f64 = told.iter().map(|(chance, held)| (chance - f64::from(u8::from(*held))).powi(2)).sum();
    (!told.is_empty()).then(|| sum / told.len() as f64)
}

/// The Brier score of always telling how often it held in all.
pub fn brier_of_base_rate(told: &[(f64, bool)]) -> Option<f64> {
    let share = told.iter().filter(|(_, held)| *held).count() as f64 / told.len().max(1) as f64;
    (!told.is_empty()).then_some(share * (1.0 - share))
}

/// Where a share lies with 95 % confidence when it was seen `hits` times of `n` (Wilson 1927). Anywhere, of nothing.
pub fn wilson(hits: usize, n: usize) -> (f64, f64) {
    const Z: f64 = 1.96;
    if n == 0 {
        return (0.0, 1.0);
    }
    let (count, share) = (n as f64, hits as f64 / n as f64);
    let middle = share + Z * Z / (2.0 * count);
    let half = Z * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
    let whole = 1.0 + Z * Z / count;
    (((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0))
}

/// The value that the next one stays at or below with chance `level`: the k-th smallest, k = ceil((n + 1) level). None
/// where there are too few to say.
pub fn expectation(values: &[f64], level: f64) -> Option<f64> {
    (values.len() >= super::fewest(level)).then(|| conformal(values, level)).flatten()
}

/// The range of five or more values, in which the median lies with 93.75 % or more (Hubbard 2010). None of fewer.
pub fn rule_of_five(values: &[f64]) -> Option<(f64, f64)> {
    let low = values.iter().copied().min_by(f64::total_cmp)?;
    let high = values.iter().copied().max_by(f64::total_cmp)?;
    (values.len() >= 5).then_some((low, high))
}

/// The chance that a plan holds by how often such plans held: (k + 1) / (n + 2).
pub fn reference_class(held: usize, n: usize) -> f64 {
    (held as f64 + 1.0) / (n as f64 + 2.0)
}

/// Forecasts of one quantile against what came.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Hits {
    /// The quantile, 0 to 1.
    pub level: f64,
    /// How often the truth stayed at or below it.
    pub hits: usize,
    /// Of so many.
    pub n: usize,
    /// Where the share may lie, with 95 % confidence.
    pub range: (f64, f64),
}

impl Hits {
    /// By whether each forecast held; none of nothing.
    pub fn of(level: f64, held: &[bool]) -> Option<Self> {
        let (hits, n) = (held.iter().filter(|held| **held).count(), held.len());
        (n > 0).then(|| Self { level, hits, n, range: wilson(hits, n) })
    }

    /// What can be said in a word; below twenty nobody can call it good.
    pub fn verdict(&self) -> &'static str {
        match self.range {
            (low, _) if low > self.level => "too careful",
            (_, high) if high < self.level => "too hopeful",
            _ if self.n < 20 => "too few to say",
            _ => "holds",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent((low, high): (f64, f64)) -> (f64, f64) {
        ((low * 100.0).round(), (high * 100.0).round())
    }

    #[test]
    fn few_hits_leave_wide_doubt() {
        assert_eq!(percent(wilson(8, 10)), (49.0, 94.0));
        assert_eq!(percent(wilson(16, 20)), (58.0, 92.0));
        assert_eq!(percent(wilson(40, 50)), (67.0, 89.0));
        assert_eq!(percent(wilson(160, 200)), (74.0, 85.0));
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }

    #[test]
    fn what_falls_short_of_a_high_quantile_costs_most() {
        assert!((pinball(0.8, 10.0, 15.0) - 4.0).abs() < 1e-12);
        assert!((pinball(0.8, 15.0, 10.0) - 1.0).abs() < 1e-12);
        assert!((interval(0.2, (2.0, 5.0), 6.0) - 13.0).abs() < 1e-12);
        assert!((interval(0.2, (2.0, 5.0), 4.0) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn chances_are_judged_beside_the_base_rate() {
        let told = [(0.9, true), (0.8, true), (0.2, false), (0.6, false)];
        assert!((brier(&told).unwrap() - 0.1125).abs() < 1e-12);
        assert!((brier_of_base_rate(&told).unwrap() - 0.25).abs() < 1e-12);
        assert_eq!(brier(&[]), None);
    }

    #[test]
    fn an_expectation_is_the_kth_smallest_and_nothing_of_too_few() {
        let times: Vec<f64> = (1..=11).map(f64::from).collect();
        assert_eq!(expectation(&times, 0.8), Some(10.0));
        assert_eq!(expectation(&times[..4], 0.8), Some(4.0));
        assert_eq!((expectation(&times[..3], 0.8), expectation(&times, 0.95)), (None, None));
        assert_eq!(rule_of_five(&times[..5]), Some((1.0, 5.0)));
        assert_eq!(rule_of_five(&times[..4]), None);
        assert!((reference_class(3, 4) - 4.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn nobody_is_well_calibrated_below_twenty() {
        let held = |hits: usize, n: usize| (0..n).map(|at| at < hits).collect::<Vec<bool>>();
        let verdict = |hits, n| Hits::of(0.8, &held(hits, n)).unwrap().verdict();
        assert_eq!(verdict(8, 10), "too few to say");
        assert_eq!(verdict(16, 20), "holds");
        assert_eq!(verdict(4, 15), "too hopeful");
        assert_eq!(verdict(200, 200), "too careful");
    }
}
