//! What moves the end: how much hangs on each task, and what would be won if it took no longer than it should.

use serde::Serialize;

use super::Goal;
use super::clock::NEVER;
use super::play::Twist;
use super::runs::{Runs, Simulation};

/// Tasks, and risks, that are played again.
const LOOKED_AT: usize = 10;
/// Runs that ranks are compared over, and that are played again for each of those.
const RUNS: usize = 1000;

/// How much the end hangs on one activity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sensitivity {
    /// Index of the activity.
    pub activity: usize,
    /// Criticality: share of the runs in which the end hung on it.
    pub critical: f64,
    /// Schedule sensitivity (Vanhoucke 2010): criticality times its spread against that of the end.
    pub ssi: f64,
    /// Cruciality: rank correlation of what it takes with the end, without its sign.
    pub cri: f64,
    /// Minutes by which the 80 % date would be earlier if its work took its median, played again with the same luck.
    pub gain: i64,
}

/// The ten activities on which the end hangs most, the largest gain first.
pub fn sensitivities(simulation: &Simulation) -> Vec<Sensitivity> {
    let runs = &simulation.runs;
    // The few runs that end in the far future would hide all others.
    let most = runs.quantile(0.99).unwrap_or(NEVER);
    let finishes: Vec<f64> = runs.finishes.iter().map(|time| f64::from(*time.min(&most))).collect();
    let whole = deviation(&finishes).max(1e-9);
    let ssi = |at: usize| {
        let own: Vec<f64> = runs.minutes_of(at).collect();
        runs.criticality(at) * deviation(&own) / whole
    };
    let mut all: Vec<(f64, usize)> = runs.planned_ones().into_iter().map(|at| (ssi(at), at)).collect();
    all.retain(|(ssi, _)| *ssi > 0.0);
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    all.truncate(LOOKED_AT);
    let few = runs.count().min(RUNS);
    let ranks = ranks(&finishes[..few]);
    let before = simulation.with(&Twist::default(), few as u64, simulation.seed);
    let mut found: Vec<Sensitivity> = all
        .into_iter()
        .map(|(ssi, activity)| {
            let own: Vec<f64> = runs.minutes_of(activity).take(few).collect();
            let cri = correlation(&self::ranks(&own), &ranks).abs();
            Sensitivity {
                activity,
                critical: runs.criticality(activity),
                ssi,
                cri,
                gain: gain(simulation, &before, activity),
            }
        })
        .collect();
    found.sort_by_key(|one| std::cmp::Reverse(one.gain));
    found
}

/// Minutes won at the 80 % date.
fn gain(simulation: &Simulation, before: &Runs, activity: usize) -> i64 {
    let twist = Twist { median: Some(activity), ..Twist::default() };
    let after = simulation.with(&twist, before.count() as u64, simulation.seed);
    match (before.quantile(0.8), after.quantile(0.8)) {
        (Some(before), Some(after)) => i64::from(before) - i64::from(after),
        _ => 0,
    }
}

/// What a risk costs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cost {
    /// Minutes by which the 80 % date would be earlier without it; none where that date is not known.
    pub gain: Option<i64>,
    /// How much likelier the goal would be, -1 to 1.
    pub goal: f64,
}

/// What each risk of the question costs: everything is played again without it, with the same luck. Of many, the ten that
/// take the most time by their chance; of the others it is not known.
pub fn costs(simulation: &Simulation, goal: &Goal) -> Vec<Cost> {
    let few = simulation.runs.count().min(RUNS) as u64;
    let without = |spared| simulation.with(&Twist { spared, ..Twist::default() }, few, simulation.seed);
    if simulation.risks.is_empty() {
        return Vec::new();
    }
    let before = without(None);
    let expected = |risk: &usize| simulation.risks[*risk].chance * simulation.risks[*risk].minutes.1;
    let mut looked_at: Vec<usize> = (0..simulation.risks.len()).collect();
    looked_at.sort_by(|one, other| expected(other).total_cmp(&expected(one)));
    looked_at.truncate(LOOKED_AT);
    let cost = |risk| {
        if !looked_at.contains(&risk) {
            return Cost::default();
        }
        let after = without(Some(risk));
        let gain = before.quantile(0.8).zip(after.quantile(0.8));
        Cost {
            gain: gain.map(|(before, after)| i64::from(before) - i64::from(after)),
            goal: after.chance(goal) - before.chance(goal),
        }
    };
    (0..simulation.risks.len()).map(cost).collect()
}

fn deviation(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// Places in order; the same for what is the same.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    for same in order.chunk_by(|&a, &b| values[a].total_cmp(&values[b]).is_eq()) {
        let first = order.partition_point(|&at| values[at].total_cmp(&values[same[0]]).is_lt());
        let middle = first as f64 + (same.len() as f64 - 1.0) / 2.0;
        for &at in same {
            ranks[at] = middle;
        }
    }
    ranks
}

fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let count = one.len().max(1) as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (left, right) = (mean(one), mean(other));
    let together: f64 = one.iter().zip(other).map(|(a, b)| (a - left) * (b - right)).sum();
    let both = deviation(one) * deviation(other) * count;
    if both > 0.0 { together / both } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_correlation_sees_order_only() {
        let (one, other) = (ranks(&[1.0, 2.0, 3.0, 40.0]), ranks(&[0.1, 0.2, 5.0, 6.0]));
        assert!((correlation(&one, &other) - 1.0).abs() < 1e-12);
        assert_eq!(ranks(&[2.0, 1.0, 2.0]), [1.5, 0.0, 1.5]);
        assert!(correlation(&one, &ranks(&[1.0; 4])).abs() < 1e-12);
    }
}
