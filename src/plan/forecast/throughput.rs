//! How many by when, from how many were done each day before: a second opinion that knows nothing of tasks and agents.
//!
//! All chances are exact sums, never drawn. Days on which nothing was done count like all others; days on which nobody
//! works must not be among them.

/// Fewer days than this say so little that the counts themselves are in doubt.
pub const FEWEST_DAYS: usize = 7;
/// Days that are looked ahead at most.
pub const FARTHEST: usize = 2000;
/// Tasks that are counted at most.
const MOST: usize = 20_000;

/// The chance of each number, from 0 on; the last one stands for so many or more.
type Chances = Vec<f64>;

/// Tasks done on each working day of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throughput {
    days: Vec<u32>,
}

impl Throughput {
    /// From counts by working day, the oldest first, zeros included. None where nothing was ever done.
    pub fn of(days: &[u32]) -> Option<Self> {
        days.iter().any(|count| *count > 0).then(|| Self { days: days.to_vec() })
    }

    /// Days that it is from.
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Never: there is a day on which something was done.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The chance that at least so many are done in so many days, 0 to 1.
    pub fn at_least(&self, count: usize, days: usize) -> f64 {
        if count == 0 {
            return 1.0;
        }
        self.after(days, count.min(MOST)).last().copied().unwrap_or(0.0)
    }

    /// The largest number that is done in so many days with at least this confidence (0 to 1).
    pub fn how_many(&self, days: usize, confidence: f64) -> usize {
        let most = self.days.iter().max().map_or(0, |most| *most as usize * days).min(MOST);
        let chances = self.after(days, most.max(1));
        let mut sum = 0.0;
        for (count, chance) in chances.iter().enumerate().rev() {
            sum += chance;
            if sum >= confidence - 1e-12 {
                return count;
            }
        }
        0
    }

    /// The first day by which so many are done with at least this confidence (0 to 1); none if that is years away.
    pub fn when(&self, count: usize, confidence: f64) -> Option<usize> {
        let mut high = 1;
        while self.at_least(count, high) < confidence - 1e-12 {
            high *= 2;
            if high > FARTHEST {
                return None;
            }
        }
        let mut low = high / 2;
        while low + 1 < high {
            let middle = low.midpoint(high);
            if self.at_least(count, middle) < confidence - 1e-12 { low = middle } else { high = middle }
        }
        Some(high)
    }

    /// True if so many a day were never done over that many days of the past, or the past is shorter.
    pub fn never_reached(&self, count: usize, days: usize) -> bool {
        let sum = |days: &[u32]| days.iter().map(|count| *count as usize).sum::<usize>();
        !self.days.windows(days.max(1)).any(|window| sum(window) >= count)
    }

    /// The chance of each number after so many days.
    fn after(&self, days: usize, most: usize) -> Chances {
        if self.days.len() < FEWEST_DAYS { self.uncertain(days, most) } else { self.repeated(days, most) }
    }

    /// Each day is one of the past, as likely as any other: powers by squaring.
    fn repeated(&self, days: usize, most: usize) -> Chances {
        let mut one = vec![0.0; most + 1];
        for &count in &self.days {
            one[(count as usize).min(most)] += 1.0 / self.days.len() as f64;
        }
        let mut sum = vec![0.0; most + 1];
        sum[0] = 1.0;
        let mut left = days;
        while left > 0 {
            if left % 2 == 1 {
                sum = both(&sum, &one);
            }
            left /= 2;
            if left > 0 {
                one = both(&one, &one);
            }
        }
        sum
    }

    /// How likely each day of the past is, is in doubt as well: all ways to share the days out among those of the past
    /// are as likely as each other (Bayesian bootstrap, Rubin 1981, summed up instead of drawn).
    fn uncertain(&self, days: usize, most: usize) -> Chances {
        // By days so far, then by tasks so far.
        let mut ways = vec![vec![0.0; most + 1]; days + 1];
        ways[0][0] = 1.0;
        for &count in &self.days {
            let count = count as usize;
            for day in 1..=days {
                let (before, after) = ways.split_at_mut(day);
                let (from, to) = (&before[day - 1], &mut after[0]);
                for (done, chance) in from.iter().enumerate().filter(|(_, chance)| **chance > 0.0) {
                    to[(done + count).min(most)] += chance;
                }
            }
        }
        let last = ways.pop().unwrap_or_default();
        let all: f64 = last.iter().sum();
        last.iter().map(|chance| chance / all).collect()
    }
}

/// The sum of two numbers; what is more than the last one counts as the last one.
fn both(one: &[f64], other: &[f64]) -> Chances {
    let most = one.len() - 1;
    let mut sum = vec![0.0; most + 1];
    for (a, left) in one.iter().enumerate().filter(|(_, chance)| **chance > 0.0) {
        for (b, right) in other.iter().enumerate() {
            sum[(a + b).min(most)] += left * right;
        }
    }
    sum
}

/// So many tasks, grown by what usually comes on top: `growth` is found per task planned.
pub fn grown(count: usize, growth: f64) -> usize {
    (count as f64 * (1.0 + growth.max(0.0))).ceil() as usize
}

/// The first day of the past that still says something: since then the hours that the team had each day have not
/// changed by a third.
pub fn since(hours: &[f64]) -> usize {
    let Some(&now) = hours.last() else { return 0 };
    let changed = |then: &f64| (then - now).abs() > now.abs() / 3.0;
    hours.iter().rposition(changed).map_or(0, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: [u32; 10] = [0, 3, 1, 0, 2, 5, 1, 0, 2, 1];

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 6e-5, "{found}, not {expected}");
    }

    #[test]
    fn how_many_in_ten_days_is_exact() {
        let past = Throughput::of(&COUNTS).unwrap();
        near(past.at_least(10, 10), 0.8809);
        near(past.at_least(11, 10), 0.8255);
        near(past.at_least(15, 10), 0.5185);
        assert_eq!((past.how_many(10, 0.85), past.how_many(10, 0.5)), (10, 15));
    }

    #[test]
    fn when_twenty_are_done_is_exact() {
        let past = Throughput::of(&COUNTS).unwrap();
        near(past.at_least(20, 17), 0.8325);
        near(past.at_least(20, 18), 0.8840);
        near(past.at_least(20, 14), 0.5867);
        assert_eq!((past.when(20, 0.85), past.when(20, 0.5)), (Some(18), Some(14)));
    }

    #[test]
    fn days_without_anything_done_count() {
        let busy: Vec<u32> = COUNTS.iter().copied().filter(|count| *count > 0).collect();
        let past = Throughput::of(&busy).unwrap();
        near(past.at_least(17, 10), 0.8779);
        assert_eq!(past.how_many(10, 0.85), 17, "without them it would be far too many");
        assert_eq!(Throughput::of(&COUNTS).unwrap().how_many(10, 0.85), 10);
        assert_eq!(Throughput::of(&[0, 0]), None);
    }

    #[test]
    fn few_days_say_less() {
        let (few, many) = (Throughput::of(&[0, 2, 1]).unwrap(), Throughput::of(&[0, 2, 1, 0, 2, 1, 0, 2, 1]).unwrap());
        assert!(few.how_many(20, 0.85) < many.how_many(20, 0.85));
        assert!(few.at_least(32, 20) > many.at_least(32, 20), "and less that is against the improbable");
        // Two days of which one brought a task, twice: nothing, one or two are as likely as each other.
        let coin = Throughput::of(&[0, 1]).unwrap();
        near(coin.at_least(1, 2), 2.0 / 3.0);
        near(coin.at_least(2, 2), 1.0 / 3.0);
    }

    #[test]
    fn a_rate_that_was_never_reached_is_known() {
        let past = Throughput::of(&COUNTS).unwrap();
        assert!(past.never_reached(9, 3) && !past.never_reached(8, 3));
        assert!(past.never_reached(1, 11));
    }

    #[test]
    fn the_window_begins_where_the_team_became_what_it_is() {
        assert_eq!(since(&[8.0, 8.0, 24.0, 24.0, 20.0, 24.0]), 2);
        assert_eq!(since(&[24.0, 24.0]), 0);
        assert_eq!((grown(10, 0.25), grown(10, -1.0)), (13, 10));
    }
}
