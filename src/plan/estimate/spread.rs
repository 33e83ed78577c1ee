//! Sizes that spread by factors: as likely twice as much as half as much.

use super::survival::Spell;
use crate::plan::normal::{above, excess, quantile};

/// Observations that a belief held before counts as much as (weight n / (n + 8)).
pub const BELIEF: f64 = 8.0;
/// No spread is believed to be smaller, in logarithms: nobody foretells to two percent.
const LEAST: f64 = 0.02;
/// Rounds after which what has not ended is where it will stay.
const ROUNDS: usize = 200;

/// A lognormal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Logarithm of the median.
    pub middle: f64,
    /// Standard deviation of the logarithm, above 0.
    pub deviation: f64,
}

impl Spread {
    /// By the median and the factor from the median to the upper size (P80); both above 0, the factor above 1.
    pub fn around(median: f64, upper: f64) -> Self {
        Self { middle: median.ln(), deviation: (upper.ln() / quantile(0.8)).max(LEAST) }
    }

    /// By the ends of a range that holds in four of five cases, P10 to P90; both above 0.
    pub fn within(low: f64, high: f64) -> Self {
        let (low, high) = (low.min(high).ln(), low.max(high).ln());
        Self { middle: f64::midpoint(low, high), deviation: ((high - low) / (2.0 * quantile(0.9))).max(LEAST) }
    }

    /// Learns from spells, held to what was believed before, which counts as much as `weight` of them. What has not
    /// ended counts by what it will probably have taken (Dempster, Laird and Rubin 1977).
    pub fn learn(spells: &[Spell], belief: Self, weight: f64) -> Self {
        if spells.is_empty() {
            return belief;
        }
        let (mut now, count) = (belief, spells.len() as f64 + weight);
        for _ in 0..ROUNDS {
            let (mut sum, mut squares) = (weight * belief.middle, 0.0);
            let expected: Vec<(f64, f64)> = spells.iter().map(|spell| now.expected(*spell)).collect();
            sum += expected.iter().map(|pair| pair.0).sum::<f64>();
            let middle = sum / count;
            squares += weight * (belief.deviation.powi(2) + (belief.middle - middle).powi(2));
            squares += expected.iter().map(|pair| pair.1 + (pair.0 - middle).powi(2)).sum::<f64>();
            let next = Self { middle, deviation: (squares / count).sqrt().max(LEAST) };
            let moved = (next.middle - now.middle).abs() + (next.deviation - now.deviation).abs();
            now = next;
            if moved < 1e-7 {
                break;
            }
        }
        now
    }

    /// Mean and variance of the logarithm of a spell, once it will have ended.
    fn expected(&self, spell: Spell) -> (f64, f64) {
        let log = spell.time.max(1e-9).ln();
        if spell.ended {
            return (log, 0.0);
        }
        let from = (log - self.middle) / self.deviation;
        let pull = excess(from);
        let variance = (1.0 - pull * (pull - from)).clamp(0.0, 1.0);
        (self.middle + self.deviation * pull, self.deviation.powi(2) * variance)
    }

    /// The median.
    pub fn median(&self) -> f64 {
        self.middle.exp()
    }

    /// What is stayed within with chance `level`, above 0 and below 1.
    pub fn quantile(&self, level: f64) -> f64 {
        (self.middle + self.deviation * quantile(level)).exp()
    }

    /// The mean, which is above the median.
    pub fn mean(&self) -> f64 {
        (self.middle + 0.5 * self.deviation.powi(2)).exp()
    }

    /// The chance of more than `size`.
    pub fn beyond(&self, size: f64) -> f64 {
        above((size.max(1e-300).ln() - self.middle) / self.deviation)
    }

    /// The distribution of the product of two independent sizes.
    #[must_use]
    pub fn times(&self, other: Self) -> Self {
        Self { middle: self.middle + other.middle, deviation: self.deviation.hypot(other.deviation) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::schedule::random::Random;

    #[test]
    fn unfinished_work_is_not_taken_for_short_work() {
        let mut random = Random::new(4);
        let truth = Spread { middle: 1.0, deviation: 0.8 };
        let spells: Vec<Spell> = (0..2_000)
            .map(|_| {
                let (takes, seen) = (truth.quantile(random.share().max(1e-9)), 6.0 * random.share());
                Spell { time: takes.min(seen), ended: takes <= seen }
            })
            .collect();
        let found = Spread::learn(&spells, Spread { middle: 0.0, deviation: 1.0 }, BELIEF);
        assert!((found.middle - 1.0).abs() < 0.08 && (found.deviation - 0.8).abs() < 0.08, "{found:?}");
    }

    #[test]
    fn few_observations_move_a_belief_by_their_share() {
        let belief = Spread { middle: 0.0, deviation: 0.5 };
        let spells = [Spell { time: std::f64::consts::E, ended: true }; 8];
        assert!((Spread::learn(&spells, belief, BELIEF).middle - 0.5).abs() < 1e-9);
        assert_eq!(Spread::learn(&[], belief, BELIEF), belief);
    }

    #[test]
    fn a_range_gives_its_ends_back() {
        let range = Spread::within(8.0, 3.0);
        assert!((range.quantile(0.1) - 3.0).abs() < 1e-6 && (range.quantile(0.9) - 8.0).abs() < 1e-6);
        assert!((Spread::around(4.0, 1.5).quantile(0.8) - 6.0).abs() < 1e-6);
    }
}
