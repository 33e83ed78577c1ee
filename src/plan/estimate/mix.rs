//! Several opinions about chances, weighed by how well each did together with the others.

/// Opinions that are weighed.
pub const OPINIONS: usize = 4;
/// Steps to the best weights; they settle in some hundreds.
const STEPS: usize = 2_000;

/// Chances of the steps of a ladder, by opinion.
pub type Opinions = [Vec<f64>; OPINIONS];

/// What was foretold and what came, summed up as far as weights need it.
///
/// Weights are those with the least ranked probability score (Epstein 1969; in units of size, so that it bounds the
/// absolute error of the median), which is a bowl over the weights: stacking (Wolpert 1992) of whole distributions.
#[derive(Debug, Clone, Default)]
pub struct Mix {
    together: [[f64; OPINIONS]; OPINIONS],
    hits: [f64; OPINIONS],
    whole: f64,
}

impl Mix {
    /// Adds one outcome: `levels` is the ladder that was foretold on, `trust` how much it counts.
    pub fn add(&mut self, levels: &[f64], opinions: &Opinions, truth: f64, trust: f64) {
        for (at, pair) in levels.windows(2).enumerate() {
            let gap = trust * (pair[1] - pair[0]);
            let within = f64::from(u8::from(truth <= pair[0]));
            self.whole += gap;
            for (one, opinion) in opinions.iter().enumerate() {
                self.hits[one] += gap * opinion[at] * within;
                for (other, beside) in opinions.iter().enumerate() {
                    self.together[one][other] += gap * opinion[at] * beside[at];
                }
            }
        }
    }

    /// The best weights: none negative, 1 in sum. Without anything to judge by, the first opinion alone.
    pub fn weights(&self) -> [f64; OPINIONS] {
        if self.whole <= 0.0 {
            return std::array::from_fn(|one| if one == 0 { 1.0 } else { 0.0 });
        }
        let mut weights = [1.0 / OPINIONS as f64; OPINIONS];
        for _ in 0..STEPS {
            // Exponentiated gradient (Kivinen and Warmuth 1997): weights stay positive by themselves.
            let slope = |one: usize| {
                let together = self.together[one].iter().zip(&weights).map(|(sum, weight)| sum * weight);
                20.0 * (together.sum::<f64>() - self.hits[one]) / self.whole
            };
            let grown: [f64; OPINIONS] = std::array::from_fn(|one| weights[one] * (-0.5 * slope(one)).exp());
            let sum: f64 = grown.iter().sum();
            weights = grown.map(|weight| weight / sum);
        }
        weights
    }
}

/// The chances of all opinions together.
pub fn pooled(opinions: &Opinions, weights: &[f64; OPINIONS]) -> Vec<f64> {
    let sum = |at: usize| opinions.iter().zip(weights).map(|(opinion, weight)| opinion[at] * weight).sum();
    (0..opinions[0].len()).map(sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_right_gets_the_say_and_who_is_right_half_of_the_time_shares_it() {
        let levels = [1.0, 2.0, 3.0];
        let sure = |low: f64| vec![low, 1.0, 1.0];
        let mut mix = Mix::default();
        assert!((mix.weights()[0] - 1.0).abs() < 1e-9);
        for _ in 0..50 {
            mix.add(&levels, &[sure(0.0), sure(1.0), sure(0.0), sure(0.0)], 1.0, 1.0);
        }
        assert!(mix.weights()[1] > 0.95, "{:?}", mix.weights());
        let mut half = Mix::default();
        for at in 0..50 {
            let truth = if at % 2 == 0 { 1.0 } else { 2.0 };
            half.add(&levels, &[sure(0.0), sure(1.0), sure(0.0), sure(0.0)], truth, 1.0);
        }
        assert!((half.weights()[1] - 0.5).abs() < 0.05, "{:?}", half.weights());
        let sum: f64 = half.weights().iter().sum();
        assert!((sum - 1.0).abs() < 1e-9);
    }
}
