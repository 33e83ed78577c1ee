//! Gradient boosting of a quantile.

use super::quantile::weighted;
use super::tree::{Bins, Ground, Tree};
use crate::plan::schedule::random::Random;

/// Trees of one ensemble.
const TREES: usize = 150;
/// How far each tree goes.
const RATE: f64 = 0.05;
/// Rows that each tree sees.
const SHARE: f64 = 0.6;
/// Ensembles that are averaged.
const ENSEMBLES: u64 = 3;

/// A quantile by features: trees that each mend what those before left over (Friedman 2001 and 2002). Splits follow
/// clipped residuals, so that no outlier rules; leaves take the quantile itself.
#[derive(Debug, Clone)]
pub struct Boost {
    bins: Bins,
    start: f64,
    /// Each tree with what its leaves add.
    trees: Vec<(Tree, Vec<f64>)>,
}

/// What is learned from: features, value and weight (above 0) by row, and there is one row at least.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Features, as many in each row.
    pub features: &'a [Vec<f64>],
    /// What is to be foretold.
    pub values: &'a [f64],
    /// How much each counts.
    pub trust: &'a [f64],
}

impl Boost {
    /// Learns the quantile `level` (0 to 1).
    pub fn fit(rows: Rows, level: f64, seed: u64) -> Self {
        let bins = Bins::of(rows.features);
        let binned: Vec<Vec<u8>> = rows.features.iter().map(|row| bins.row(row)).collect();
        let all: Vec<usize> = (0..rows.values.len()).collect();
        let start = rows.quantile(&all, &vec![0.0; all.len()], level);
        let mut trees = Vec::new();
        for ensemble in 0..ENSEMBLES {
            let mut random = Random::new(seed ^ (ensemble << 32));
            let mut now = vec![start; all.len()];
            for _ in 0..TREES {
                let seen: Vec<usize> = all.iter().copied().filter(|_| random.share() < SHARE).collect();
                let pull = rows.pull(&seen, &now, level);
                let ground = Ground { rows: &binned, pull: &pull, trust: rows.trust };
                let (tree, leaves) = Tree::grow(ground, &seen, &mut random);
                let adds: Vec<f64> = leaves.iter().map(|leaf| RATE * rows.quantile(leaf, &now, level)).collect();
                for (now, row) in now.iter_mut().zip(&binned) {
                    *now += adds[tree.leaf(row)];
                }
                trees.push((tree, adds));
            }
        }
        Self { bins, start, trees }
    }

    /// The quantile for a row of features.
    pub fn predict(&self, row: &[f64]) -> f64 {
        let row = self.bins.row(row);
        let sum: f64 = self.trees.iter().map(|(tree, adds)| adds[tree.leaf(&row)]).sum();
        self.start + sum / ENSEMBLES as f64
    }
}

impl Rows<'_> {
    /// The quantile of what is left over; 0 of no rows.
    fn quantile(&self, of: &[usize], now: &[f64], level: f64) -> f64 {
        let mut left: Vec<(f64, f64)> = of.iter().map(|&at| (self.values[at] - now[at], self.trust[at])).collect();
        weighted(&mut left, level).unwrap_or(0.0)
    }

    /// Where each row would like to go: what is left over, clipped at its 80 % quantile, by the side it is on.
    fn pull(&self, seen: &[usize], now: &[f64], level: f64) -> Vec<f64> {
        let mut size: Vec<(f64, f64)> =
            seen.iter().map(|&at| ((self.values[at] - now[at]).abs(), self.trust[at])).collect();
        let clip = weighted(&mut size, 0.8).unwrap_or(1.0).max(1e-9);
        let left = self.values.iter().zip(now).map(|(value, now)| (value - now).clamp(-clip, clip));
        left.map(|left| left * if left > 0.0 { level } else { 1.0 - level }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_spread_that_grows_are_found_and_the_same_seed_gives_the_same() {
        let mut random = Random::new(3);
        let features: Vec<Vec<f64>> = (0..400).map(|_| vec![random.share(), random.share()]).collect();
        let values: Vec<f64> = features.iter().map(|row| 10.0 * row[0] + random.share()).collect();
        let rows = Rows { features: &features, values: &values, trust: &[1.0; 400] };
        let found = Boost::fit(rows, 0.9, 1);
        let held = features.iter().zip(&values).filter(|(row, value)| found.predict(row) >= **value).count();
        assert!((330..=395).contains(&held), "{held} of 400");
        assert!(found.predict(&[0.9, 0.5]) > found.predict(&[0.1, 0.5]) + 5.0);
        let again = Boost::fit(rows, 0.9, 1);
        assert!(features.iter().all(|row| found.predict(row).to_bits() == again.predict(row).to_bits()));
    }
}
