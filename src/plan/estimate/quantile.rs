//! Quantiles of few and of weighted values, and the margins that make a forecast keep its word.

/// The smallest value at which at least the share `level` (0 to 1) of the weight is reached; `None` without any weight.
/// The order of the pairs changes.
pub fn weighted(pairs: &mut [(f64, f64)], level: f64) -> Option<f64> {
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = pairs.iter().map(|pair| pair.1).sum();
    if total <= 0.0 {
        return None;
    }
    let mut sum = 0.0;
    for &(value, weight) in pairs.iter() {
        sum += weight;
        if sum >= level * total - 1e-12 * total {
            return Some(value);
        }
    }
    pairs.last().map(|pair| pair.0)
}

/// The median; halfway between the two in the middle of an even number. `None` of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some(f64::midpoint(*low, *high))
}

/// What the next value stays at or below with chance `level` (0 to 1), if it comes from where these came from: the k-th
/// smallest of n, k = ceil((n + 1) level), the largest where n is too small to say (split conformal prediction, Vovk,
/// Gammerman and Shafer 2005; Lei et al. 2018). `None` of nothing.
pub fn conformal(values: &[f64], level: f64) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let rank = ((values.len() as f64 + 1.0) * level - 1e-9).ceil().max(1.0) as usize;
    values.get(rank.min(values.len()).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_margin_is_the_kth_smallest_and_the_largest_of_too_few() {
        let values: Vec<f64> = (1..=9).map(f64::from).collect();
        assert_eq!(conformal(&values, 0.8), Some(8.0));
        assert_eq!(conformal(&values[..4], 0.8), Some(4.0));
        assert_eq!(conformal(&values[..2], 0.8), Some(2.0));
        assert_eq!(conformal(&[], 0.8), None);
    }

    #[test]
    fn weights_count_and_ties_in_the_middle_are_halved() {
        assert_eq!(weighted(&mut [(3.0, 1.0), (1.0, 1.0), (2.0, 5.0)], 0.5), Some(2.0));
        assert_eq!(weighted(&mut [(3.0, 0.0)], 0.5), None);
        assert_eq!(median(&[1.0, 4.0, 2.0, 3.0]), Some(2.5));
    }

    proptest! {
        #[test]
        fn a_margin_covers_at_least_its_share(values in prop::collection::vec(-1e6..1e6_f64, 1..60), level in 0.05..0.95) {
            let margin = conformal(&values, level).unwrap();
            let held = values.iter().filter(|value| **value <= margin).count();
            prop_assert!(held as f64 >= level * values.len() as f64 - 1e-6);
        }

        #[test]
        fn the_order_of_values_says_nothing(values in prop::collection::vec(-1e3..1e3_f64, 1..40)) {
            let turned: Vec<f64> = values.iter().rev().copied().collect();
            prop_assert_eq!(conformal(&values, 0.8), conformal(&turned, 0.8));
            prop_assert_eq!(median(&values), median(&turned));
        }
    }
}
