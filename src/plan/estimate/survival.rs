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

/// How much each spell counts, so that quantiles of the ended ones alone are those of all: each that has not ended gives
/// its share to those that took longer (Efron 1967, for the curve of Kaplan and Meier 1958). 0 for what has not ended; where
/// the longest of all has not, the shares do not add up to 1, as nothing is known beyond it.
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
        // Six of leukaemia's remission times (Freireich et al. 1963), two of them last seen in remission: beyond 6 weeks
        // are 4/6 of all, beyond 7 are 4/9.
        let spells = [(6.0, true), (6.0, true), (6.0, false), (7.0, true), (9.0, false), (10.0, true)];
        let told = shares(&spells.map(|(time, ended)| spell(time, ended)));
        let right = [1.0 / 6.0, 1.0 / 6.0, 0.0, 2.0 / 9.0, 0.0, 4.0 / 9.0];
        assert!(told.iter().zip(right).all(|(told, right)| (told - right).abs() < 1e-12), "{told:?}");
    }

    #[test]
    fn with_unfinished_work_the_upper_size_is_within_eight_percent_and_without_it_far_too_low() {
        let truth = Spread { middle: 0.0, deviation: 0.8 }.quantile(0.8);
        for seed in 0..20 {
            let spells = window(2_000, seed);
            let shares = shares(&spells);
            let sum: f64 = shares.iter().sum();
            let mut all: Vec<(f64, f64)> = spells.iter().map(|spell| spell.time).zip(shares).collect();
            let told = weighted(&mut all, 0.8 / sum).unwrap();
            assert!((told / truth - 1.0).abs() < 0.08, "{told} of {truth}");
            let mut ended: Vec<(f64, f64)> = spells.iter().filter(|s| s.ended).map(|s| (s.time, 1.0)).collect();
            assert!(weighted(&mut ended, 0.8).unwrap() < 0.85 * truth);
        }
    }

    #[test]
    fn what_is_known_of_nobody_counts_for_nobody() {
        assert!(shares(&[]).is_empty());
        assert_eq!(shares(&[spell(3.0, false)]), [0.0]);
        assert_eq!(shares(&[spell(1.0, true), spell(2.0, false)]), [0.5, 0.0], "nothing is known beyond 2");
    }

    proptest! {
        #[test]
        fn shares_are_of_what_ended_and_grow_with_time(
            spells in prop::collection::vec((1..40_u8, any::<bool>()), 1..60),
        ) {
            let spells: Vec<Spell> = spells.into_iter().map(|(time, ended)| spell(f64::from(time), ended)).collect();
            let shares = shares(&spells);
            prop_assert!(shares.iter().sum::<f64>() <= 1.0 + 1e-9);
            let mut known: Vec<(f64, f64)> = Vec::new();
            for (spell, share) in spells.iter().zip(shares) {
                prop_assert_eq!(spell.ended, share > 0.0);
                known.extend(spell.ended.then_some((spell.time, share)));
            }
            known.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
            prop_assert!(known.windows(2).all(|pair| pair[0].1 <= pair[1].1 + 1e-12));
        }
    }
}
