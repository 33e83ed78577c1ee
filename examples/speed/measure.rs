//! Arithmetic of measured times. All times are in milliseconds.

use std::time::Duration;

/// Rounds of which the median is taken.
pub const ROUNDS: usize = 3;

/// As milliseconds.
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The value that `share` (0 to 1) of the values do not exceed; 0 for none.
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}

/// The middle value.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

/// Several figures of each round, and the median over the rounds of each of them.
#[derive(Debug, Default)]
pub struct Rounds<const N: usize>(Vec<[f64; N]>);

impl<const N: usize> Rounds<N> {
    /// Notes the figures of a round.
    pub fn add(&mut self, figures: [f64; N]) {
        self.0.push(figures);
    }

    /// The medians; none when there was no round.
    pub fn medians(&self) -> Option<[f64; N]> {
        let column = |n| median(&self.0.iter().map(|figures| figures[n]).collect::<Vec<_>>());
        (!self.0.is_empty()).then(|| std::array::from_fn(column))
    }

    /// The median of one of them.
    pub fn median(&self, n: usize) -> Option<f64> {
        self.medians().map(|medians| medians[n])
    }
}
