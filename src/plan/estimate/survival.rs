//! How long something takes, learned also from what has not ended yet.
//!
//! Who looks at ended work only sees the short half of it: the long tasks still run when the history is read.

/// One piece of work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spell {
    /// How long it took or, if it has not ended, had taken when it was last seen; above 0, in any unit.
    pub time: f64,
    /// False if it runs, rests or was given up: it would have taken longer than that.
    pub ended: bool,
}

/// The share that takes longer than any time (Kaplan and Meier 1958).
#[derive(Debug, Clone, PartialEq)]
pub struct Survival {
    /// Times at which something ended, rising, with the share that takes longer.
    steps: Vec<(f64, f64)>,
}

impl Survival {
    /// Learns from work that ended and work that did not. `None` if nothing ended.
    pub fn of(spells: &[Spell]) -> Option<Self> {
        let mut steps: Vec<(f64, f64)> = Vec::new();
        let mut left = 1.0;
        let order = order(spells);
        for (place, &at) in order.iter().enumerate() {
            let Spell { time, ended } = spells[at];
            if ended {
                left *= 1.0 - 1.0 / (order.len() - place) as f64;
                match steps.last_mut().filter(|last| last.0 >= time) {
                    Some(last) => last.1 = left,
                    None => steps.push((time, left)),
                }
            }
        }
        (!steps.is_empty()).then_some(Self { steps })
    }

    /// The share (0 to 1) that takes longer than `time`.
    pub fn beyond(&self, time: f64) -> f64 {
        let passed = self.steps.partition_point(|step| step.0 <= time);
        passed.checked_sub(1).map_or(1.0, |last| self.steps[last].1)
    }

    /// The time within which the share `level` (0 to 1) is done; `None` if nothing was watched for so long.
    pub fn quantile(&self, level: f64) -> Option<f64> {
        let found = self.steps.iter().find(|step| step.1 <= 1.0 - level + 1e-12);
        found.map(|step| step.0)
    }

    /// The same for work that has taken `age` already and has not ended, counted from its beginning.
    pub fn given(&self, age: f64, level: f64) -> Option<f64> {
        self.quantile(1.0 - (1.0 - level) * self.beyond(age)).filter(|time| *time > age)
    }
}

/// How much each spell counts, so that quantiles of the ended ones alone are those of all: each that has not ended gives
/// its share to those that took longer (Efron 1967). 0 for what has not ended; where the longest of all has not, the
/// shares do not add up to 1, as nothing is known beyond it.
pub fn shares(spells: &[Spell]) -> Vec<f64> {
    let mut shares = vec![0.0; spells.len()];
    let mut each = 1.0 / spells.len() as f64;
    let order = order(spells);
    for (place, &at) in order.iter().enumerate() {
        if spells[at].ended {
            shares[at] = each;
        } else {
            each += each / (order.len() - place - 1).max(1) as f64;
        }
    }
    shares
}

/// By time; what ended at a time comes before what was last seen at it.
fn order(spells: &[Spell]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..spells.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (spells[a], spells[b]);
        a.time.total_cmp(&b.time).then(b.ended.cmp(&a.ended))
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::estimate::quantile::weighted;
    use crate::plan::estimate::spread::Spread;
    use crate::plan::schedule::random::Random;
    use proptest::prelude::*;

    fn spell(time: f64, ended: bool) -> Spell {
        Spell { time, ended }
    }

    /// Tasks that began at any time within five medians, as they stand at the end of them.
    fn window(count: usize, seed: u64) -> Vec<Spell> {
        let mut random = Random::new(seed);
        let truth = Spread { middle: 0.0, deviation: 0.8 };
        let one = |_| {
            let (takes, seen) = (truth.quantile(random.share().max(1e-9)), 5.0 * random.share());
            spell(takes.min(seen), takes <= seen)
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn the_curve_of_a_textbook_is_drawn() {
        // Six of leukaemia's remission times (Freireich et al. 1963), two of them last seen in remission.
        let spells = [(6.0, true), (6.0, true), (6.0, false), (7.0, true), (9.0, false), (10.0, true)];
        let curve = Survival::of(&spells.map(|(time, ended)| spell(time, ended))).unwrap();
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(curve.beyond(5.9), 1.0) && close(curve.beyond(6.0), 4.0 / 6.0));
        assert!(close(curve.beyond(8.0), 4.0 / 9.0) && close(curve.beyond(10.0), 0.0));
        assert_eq!(curve.quantile(0.5), Some(7.0));
        assert_eq!(curve.given(7.0, 0.5), Some(10.0));
    }

    #[test]
    fn with_unfinished_work_the_upper_size_is_within_eight_percent_and_without_it_far_too_low() {
        let truth = Spread { middle: 0.0, deviation: 0.8 }.quantile(0.8);
        for seed in 0..20 {
            let spells = window(2_000, seed);
            let told = Survival::of(&spells).and_then(|curve| curve.quantile(0.8)).unwrap();
            assert!((told / truth - 1.0).abs() < 0.08, "{told} of {truth}");
            let mut ended: Vec<(f64, f64)> = spells.iter().filter(|s| s.ended).map(|s| (s.time, 1.0)).collect();
            assert!(weighted(&mut ended, 0.8).unwrap() < 0.85 * truth);
        }
    }

    #[test]
    fn nothing_that_ended_gives_no_curve_and_nothing_watched_for_long_gives_no_quantile() {
        assert_eq!(Survival::of(&[]), None);
        assert_eq!(Survival::of(&[spell(3.0, false)]), None);
        let curve = Survival::of(&[spell(1.0, true), spell(2.0, false)]).unwrap();
        assert_eq!((curve.quantile(0.5), curve.quantile(0.8)), (Some(1.0), None));
    }

    proptest! {
        #[test]
        fn quantiles_by_shares_are_those_of_the_curve(
            spells in prop::collection::vec((1..40_u8, any::<bool>()), 1..60), level in 0.05..0.95_f64,
        ) {
            let spells: Vec<Spell> = spells.into_iter().map(|(time, ended)| spell(f64::from(time), ended)).collect();
            let shares = shares(&spells);
            let sum: f64 = shares.iter().sum();
            prop_assert!(sum <= 1.0 + 1e-9);
            if let Some(curve) = Survival::of(&spells) {
                let mut pairs: Vec<(f64, f64)> = spells.iter().map(|s| s.time).zip(shares).collect();
                let told = weighted(&mut pairs, (level / sum).min(1.0));
                if level < sum - 1e-9 {
                    prop_assert_eq!(told, curve.quantile(level));
                }
            }
        }
    }
}
