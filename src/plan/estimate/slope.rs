//! The lowest point of a smooth convex function.

/// Steps at most; the ridge makes far fewer enough.
const STEPS: usize = 150;

/// Goes down from `at` by accelerated gradients (Nesterov 1983) with backtracking, starting afresh where the speed leads
/// up again (O'Donoghue and Candès 2015). `loss` writes the slope at a point into its second argument.
pub fn descend(mut at: Vec<f64>, mut loss: impl FnMut(&[f64], &mut [f64]) -> f64) -> Vec<f64> {
    let (mut look, mut slope, mut unused) = (at.clone(), vec![0.0; at.len()], vec![0.0; at.len()]);
    let (mut step, mut speed, mut last) = (1.0, 1.0_f64, f64::INFINITY);
    for _ in 0..STEPS {
        let here = loss(&look, &mut slope);
        let steep: f64 = slope.iter().map(|s| s * s).sum();
        if steep < 1e-10 {
            break;
        }
        step *= 1.5;
        let (next, value) = loop {
            let next: Vec<f64> = look.iter().zip(&slope).map(|(a, s)| a - step * s).collect();
            let value = loss(&next, &mut unused);
            if value <= here - 0.5 * step * steep || step < 1e-12 {
                break (next, value);
            }
            step *= 0.5;
        };
        let faster = f64::midpoint(1.0, (1.0 + 4.0 * speed * speed).sqrt());
        let carry = if value > last { 0.0 } else { (speed - 1.0) / faster };
        speed = if value > last { 1.0 } else { faster };
        look = next.iter().zip(&at).map(|(next, at)| next + carry * (next - at)).collect();
        at = next;
        if (last - value).abs() < 1e-6 * value.abs() {
            break;
        }
        last = value;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_bowl_is_descended_to_its_bottom() {
        let found = descend(vec![9.0, -7.0], |at, slope| {
            (slope[0], slope[1]) = (2.0 * (at[0] - 1.0), 40.0 * (at[1] - 2.0));
            1.0 + (at[0] - 1.0).powi(2) + 20.0 * (at[1] - 2.0).powi(2)
        });
        assert!((found[0] - 1.0).abs() < 0.05 && (found[1] - 2.0).abs() < 0.05, "{found:?}");
    }
}
