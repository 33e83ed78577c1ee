//! Draws from the distributions that forecasts are made of. It must never know what they stand for.

use crate::plan::normal::{above, quantile};
use crate::plan::schedule::random::Random;

/// A sequence of draws that follows from a seed alone.
#[derive(Debug, Clone)]
pub struct Chance(Random);

impl Chance {
    /// The sequence of a seed.
    #[cfg(test)]
    pub fn new(seed: u64) -> Self {
        Self::of(seed, 0, 0)
    }

    /// A sequence of its own for each run and thing, so that what happens to one does not shift the draws of another.
    #[inline]
    pub fn of(seed: u64, run: u64, thing: u64) -> Self {
        let mixed = Random::new(seed).number() ^ run.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        Self(Random::new(Random::new(mixed).number() ^ thing.wrapping_mul(0xA076_1D64_78BD_642F)))
    }

    /// Above 0 and below 1.
    #[inline]
    pub fn share(&mut self) -> f64 {
        self.0.share() + 0.5 / (1_u64 << 53) as f64
    }

    /// The normal distribution with mean 0 and standard deviation 1.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        quantile(self.share())
    }

    /// The same, given that it is above `least`.
    #[inline]
    pub fn normal_above(&mut self, least: f64) -> f64 {
        let beyond = above(least.clamp(-37.0, 37.0));
        (-quantile((self.share() * beyond).max(1e-300))).max(least)
    }

    /// The gamma distribution with mean `shape` and scale 1 (Marsaglia and Tsang 2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let share = self.share();
            return self.gamma(shape + 1.0) * share.powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.share().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// The beta distribution, from 0 to 1 with mean `a / (a + b)`.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (yes, no) = (self.gamma(a), self.gamma(b));
        yes / (yes + no).max(1e-300)
    }

    /// How often something happens that happens `mean` times on average (Knuth); at most 50 times.
    pub fn count(&mut self, mean: f64) -> u32 {
        if mean <= 0.0 {
            return 0;
        }
        let (limit, mut product, mut count) = ((-mean).exp(), self.share(), 0);
        while product > limit && count < 50 {
            product *= self.share();
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_mean_and_the_spread_that_they_should() {
        let mut chance = Chance::new(1);
        let mut moments = |draw: &mut dyn FnMut(&mut Chance) -> f64| {
            let draws: Vec<f64> = (0..40_000).map(|_| draw(&mut chance)).collect();
            let mean = draws.iter().sum::<f64>() / 40_000.0;
            (mean, (draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 40_000.0).sqrt())
        };
        let near = |(mean, spread): (f64, f64), m: f64, s: f64| {
            assert!((mean - m).abs() < 0.03 && (spread - s).abs() < 0.03, "{mean} {spread}, not {m} {s}");
        };
        near(moments(&mut Chance::normal), 0.0, 1.0);
        near(moments(&mut |chance| chance.normal_above(1.0)), 1.525, 0.446);
        near(moments(&mut |chance| chance.gamma(0.5)), 0.5, 0.707);
        near(moments(&mut |chance| chance.gamma(3.0)), 3.0, 1.732);
        near(moments(&mut |chance| chance.beta(2.0, 6.0)), 0.25, 0.144);
        near(moments(&mut |chance| f64::from(chance.count(0.4))), 0.4, 0.632);
    }

    #[test]
    fn what_lies_beyond_anything_likely_is_still_drawn_beyond_it() {
        let mut chance = Chance::new(2);
        for least in [6.0, 12.0, 30.0, 50.0] {
            let draw = chance.normal_above(least);
            assert!(draw >= least && draw < least + 2.0, "{least}: {draw}");
        }
    }
}
