//! The standard normal distribution, as far as sizes and forecasts need it.

use std::f64::consts::{PI, SQRT_2};

/// The chance that a standard normal number is above `at`, exact also far out.
pub fn above(at: f64) -> f64 {
    0.5 * libm::erfc(at / SQRT_2)
}

/// The mean of a standard normal number that is known to be above `from`.
pub fn excess(from: f64) -> f64 {
    if from > FAR {
        // Both sides of the quotient vanish; the first terms of Mills' ratio do not.
        return from + 1.0 / from - 2.0 / from.powi(3) + 10.0 / from.powi(5);
    }
    (-0.5 * from * from).exp() / (2.0 * PI).sqrt() / above(from)
}

/// Where densities are too small to be divided by each other.
const FAR: f64 = 30.0;

/// What a standard normal number stays below with a chance above 0 and below 1 (rational approximation by Acklam 2003,
/// relative error 1.2e-9).
#[inline]
pub fn quantile(chance: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    if chance < LOW {
        return tail(chance);
    }
    if chance > 1.0 - LOW {
        return -tail(1.0 - chance);
    }
    let q = chance - 0.5;
    let r = q * q;
    q * horner(&A, r) / horner(&B, r)
}

const LOW: f64 = 0.02425;

fn tail(chance: f64) -> f64 {
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416, 1.0];
    let q = (-2.0 * chance.ln()).sqrt();
    horner(&C, q) / horner(&D, q)
}

#[inline]
fn horner(terms: &[f64], x: f64) -> f64 {
    terms.iter().fold(0.0, |sum, term| sum * x + term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points() {
        for (level, at) in [(0.5, 0.0), (0.8, 0.841_621_233_6), (0.9, 1.281_551_565_5), (0.999, 3.090_232_306_2)] {
            assert!((quantile(level) - at).abs() < 1e-8 && (above(-at) - level).abs() < 1e-9);
        }
        assert!((excess(0.0) - 0.797_884_560_8).abs() < 1e-9);
        assert!((excess(FAR + 1e-9) - excess(FAR)).abs() < 1e-6);
    }

    #[test]
    fn quantiles_and_chances_are_each_others_inverse() {
        for at in [-30.0, -8.0, -5.0, -3.0, -1.0, -0.1, 0.0, 0.5, 1.2816, 2.0, 4.0] {
            assert!((quantile(above(-at)) - at).abs() < 1e-6, "{at}: {}", quantile(above(-at)));
        }
    }
}
