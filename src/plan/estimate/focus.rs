//! How much of the time that is there goes into the work: what makes an effort a date.

/// Minutes of working time that the belief counts as much as: a day.
const BELIEF_MINUTES: f64 = 480.0;

/// Working time of somebody, and what was done in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worked {
    /// Minutes of work that were measured.
    pub active: f64,
    /// Minutes of working time in which there was something to do; waiting for others is not among them.
    pub open: f64,
    /// Tasks that they went into.
    pub tasks: usize,
}

/// Active over open time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Focus {
    /// The share, above 0 and at most 1.
    pub share: f64,
    /// Tasks that it is learned from.
    pub count: usize,
}

impl Focus {
    /// Learns the share as a ratio of sums, held to a belief (above 0, at most 1) by a day of work: a mean of ratios
    /// would let the short tasks rule.
    pub fn learn(worked: &[Worked], belief: f64) -> Self {
        let sound = worked.iter().filter(|one| one.active > 0.0 && one.open > 0.0);
        let start = (belief * BELIEF_MINUTES, BELIEF_MINUTES, 0);
        let add = |sum: (f64, f64, usize), one: &Worked| {
            (sum.0 + one.active.min(one.open), sum.1 + one.open, sum.2 + one.tasks)
        };
        let (active, open, count) = sound.fold(start, add);
        Self { share: (active / open).clamp(0.05, 1.0), count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::estimate::spread::Spread;
    use crate::plan::schedule::random::Random;

    #[test]
    fn a_planted_focus_of_six_tenths_gives_elapsed_times_that_are_right() {
        for seed in 0..10 {
            let mut random = Random::new(seed);
            let mut draw =
                |deviation: f64| Spread { middle: 0.0, deviation }.quantile(random.share().clamp(1e-9, 1.0 - 1e-9));
            let mut task = || {
                let active = 120.0 * draw(0.6);
                Worked { active, open: active / (0.6 * draw(0.05)).min(1.0), tasks: 1 }
            };
            let known: Vec<Worked> = (0..200).map(|_| task()).collect();
            let new: Vec<Worked> = (0..200).map(|_| task()).collect();
            let focus = Focus::learn(&known, 0.75);
            let forecast: f64 = new.iter().map(|one| one.active / focus.share).sum();
            let actual: f64 = new.iter().map(|one| one.open).sum();
            assert!((0.97..=1.03).contains(&(forecast / actual)), "{}", forecast / actual);
        }
    }

    #[test]
    fn nothing_measured_leaves_the_belief_and_nonsense_is_left_out() {
        assert_eq!(Focus::learn(&[], 0.75), Focus { share: 0.75, count: 0 });
        let nonsense = [Worked { active: 0.0, open: 5.0, tasks: 1 }, Worked { active: 5.0, open: 0.0, tasks: 1 }];
        assert_eq!(Focus::learn(&nonsense, 0.75).count, 0);
        assert!(Focus::learn(&[Worked { active: 9e9, open: 1.0, tasks: 1 }; 9], 0.75).share <= 1.0);
    }
}
