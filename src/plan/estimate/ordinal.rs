//! The chance of each size by features: a size is a step on a ladder, not a number to multiply.

use super::slope::descend;
use super::text::Sparse;

/// Steps at most; more values than that are put to the nearest of as many quantiles.
const STEPS: usize = 16;
/// How strongly the answer is held to that without any features, in observations.
const RIDGE: f64 = 3.0;

/// Chances of the steps of a ladder: proportional odds (`McCullagh` 1980), every threshold judged by the logistic loss
/// (Rennie and Srebro 2005), which bounds the absolute error in steps; held to the plain shares by a ridge.
#[derive(Debug, Clone)]
pub struct Ordinal {
    /// The steps, from the smallest.
    pub levels: Vec<f64>,
    cuts: Vec<f64>,
    weights: Vec<f64>,
}

impl Ordinal {
    /// Learns from rows with as many `features` at most; `values` and `trust` belong to the rows, and there is one at least.
    pub fn fit(rows: &[Sparse], values: &[f64], trust: &[f64], features: usize) -> Self {
        let levels = ladder(values);
        let step: Vec<usize> = values.iter().map(|&value| nearest(&levels, value)).collect();
        let cuts = levels.len() - 1;
        let total: f64 = trust.iter().sum();
        let below = |cut: usize| step.iter().zip(trust).filter(|pair| *pair.0 <= cut).map(|pair| pair.1).sum::<f64>();
        let start = (0..cuts).map(|cut| ((below(cut) + 0.5) / (total - below(cut) + 0.5)).ln());
        let start: Vec<f64> = start.chain(std::iter::repeat_n(0.0, features)).collect();
        let mut at = descend(start, |at, slope| loss(rows, &step, trust, cuts, at, slope));
        let weights = at.split_off(cuts);
        Self { levels, cuts: at, weights }
    }

    /// The chance (0 to 1) of each step or a smaller one.
    pub fn chances(&self, row: &Sparse) -> Vec<f64> {
        let score = dot(&self.weights, row);
        let mut most = 0.0;
        let rising = self.cuts.iter().map(|cut| {
            most = chance(cut - score).max(most);
            most
        });
        rising.chain([1.0]).collect()
    }
}

/// The distinct values, or quantiles where they are too many.
fn ladder(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut levels = sorted.clone();
    levels.dedup();
    if levels.len() > STEPS {
        levels = (0..STEPS).map(|step| sorted[(2 * step + 1) * sorted.len() / (2 * STEPS)]).collect();
        levels.dedup();
    }
    levels
}

fn nearest(levels: &[f64], value: f64) -> usize {
    let above = levels.partition_point(|level| *level < value).min(levels.len() - 1);
    let lower = above > 0 && value - levels[above - 1] < (levels[above] - value).abs();
    above - usize::from(lower)
}

/// The loss of parameters, thresholds before weights, and its slope.
fn loss(rows: &[Sparse], step: &[usize], trust: &[f64], cuts: usize, at: &[f64], slope: &mut [f64]) -> f64 {
    slope.fill(0.0);
    let mut loss = 0.0;
    for ((row, &step), &trust) in rows.iter().zip(step).zip(trust) {
        let score = dot(&at[cuts..], row);
        let mut pull = 0.0;
        for cut in 0..cuts {
            let (odds, below) = (at[cut] - score, step <= cut);
            loss += trust * surprise(if below { odds } else { -odds });
            let off = trust * (chance(odds) - f64::from(u8::from(below)));
            slope[cut] += off;
            pull -= off;
        }
        for &(feature, value) in row {
            slope[cuts + feature as usize] += pull * value;
        }
    }
    for (weight, slope) in at[cuts..].iter().zip(&mut slope[cuts..]) {
        loss += 0.5 * RIDGE * weight * weight;
        *slope += RIDGE * weight;
    }
    loss
}

fn dot(weights: &[f64], row: &Sparse) -> f64 {
    row.iter().map(|&(feature, value)| weights[feature as usize] * value).sum()
}

fn chance(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
}

/// Minus the logarithm of the chance, without overflow.
fn surprise(odds: f64) -> f64 {
    (-odds).max(0.0) + (-odds.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telling_feature_moves_the_chances_and_no_feature_gives_the_shares() {
        let rows: Vec<Sparse> = (0..60).map(|at| if at % 2 == 0 { vec![(0, 1.0)] } else { vec![] }).collect();
        let values: Vec<f64> = (0..60).map(|at| if at % 2 == 0 { 8.0 } else { 1.0 }).collect();
        let told = Ordinal::fit(&rows, &values, &[1.0; 60], 1);
        assert!(told.chances(&vec![(0, 1.0)])[0] < 0.3);
        assert!(told.chances(&vec![])[0] > 0.7);
        let blind = Ordinal::fit(&vec![vec![]; 60], &values, &[1.0; 60], 0);
        assert!((blind.chances(&vec![])[0] - 0.5).abs() < 0.01);
    }

    #[test]
    fn many_values_become_few_steps_in_order() {
        let values: Vec<f64> = (0..1_000).map(|at| f64::from(at) * 1.7).collect();
        let levels = ladder(&values);
        assert_eq!(levels.len(), STEPS);
        assert!(levels.is_sorted());
        assert_eq!(nearest(&[1.0, 2.0, 5.0], 3.0), 1);
        assert_eq!(nearest(&[1.0, 2.0, 5.0], 99.0), 2);
    }
}
