//! How much a forecast rests on.

use serde::Serialize;

/// Tasks that weigh as much as what is believed without any.
pub const WEIGHT: f64 = 8.0;

/// The fewest observations from which alone a quantile can be told: with fewer it would lie beyond the largest. 4 for
/// 80 %, 6 for 85 %, 9 for 90 %, 19 for 95 %.
pub fn fewest(level: f64) -> usize {
    let rank = |n: usize| ((n as f64 + 1.0) * level - 1e-9).ceil() as usize;
    (1..10_000).find(|&n| rank(n) <= n).unwrap_or(10_000)
}

/// What a forecast rests on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Basis {
    /// Tasks of the history that were looked at.
    pub n: usize,
    /// Those of them that had not ended: they took at least so long.
    pub unfinished: usize,
    /// Sprints that they are from.
    pub sprints: usize,
    /// The share that history has in what is believed of a typical task, 0 to 1: n / (n + 8).
    pub weight: f64,
}

impl Basis {
    /// Of so many tasks.
    pub fn of(n: usize, unfinished: usize, sprints: usize) -> Self {
        Self { n, unfinished, sprints, weight: n as f64 / (n as f64 + WEIGHT) }
    }

    /// Whether history alone could tell this quantile; otherwise it rests on what teams are like in general.
    pub fn carries(&self, level: f64) -> bool {
        self.n - self.unfinished.min(self.n) >= fewest(level)
    }

    /// `prior`, `prior and data` or `data`.
    pub fn word(&self) -> &'static str {
        match self.n {
            0 => "prior",
            1..=19 => "prior and data",
            _ => "data",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_observations_tell_no_high_quantile() {
        assert_eq!([0.8, 0.85, 0.9, 0.95].map(fewest), [4, 6, 9, 19]);
        assert!(!Basis::of(3, 0, 1).carries(0.8) && Basis::of(4, 0, 1).carries(0.8));
        assert!(!Basis::of(8, 6, 1).carries(0.8), "what has not ended does not count");
        assert!((Basis::of(8, 0, 1).weight - 0.5).abs() < 1e-12);
    }
}
