//! How a period of work will end, from its state while it runs: a median and the range that holds in four of five cases.

use std::collections::HashMap;

use super::boost::{Boost, Rows};
use super::quantile::{conformal, median};
use crate::plan::schedule::random::Random;

/// Parts of the history that are foretold in turn from the others.
const PARTS: usize = 10;
/// Stretches of the later half that are foretold in turn from what lies before them.
const STRETCHES: usize = 4;
/// Cases of all groups that a group's own record is mixed with.
const PRIOR: f64 = 3.0;
/// The levels that are learned.
const LEVELS: [f64; 3] = [0.1, 0.5, 0.9];

/// One period: whose it is, what it looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Whose record it belongs to: a board, a team.
    pub group: String,
    /// Cases with the same twin tell the same story, as when two boards show one sprint; none of them is foretold from
    /// another, or the ranges would promise too much.
    pub twin: String,
    /// When it took place, in any unit that rises.
    pub when: f64,
    /// How large it is, in the unit of the outcome, 0 or more; errors grow with it.
    pub size: f64,
    /// What is known about it, as many numbers for each case.
    pub fields: Vec<f64>,
}

/// What an outcome will be, in its own unit; `p10 <= p50 <= p90`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Below it in one of ten cases.
    pub p10: f64,
    /// As likely more as less.
    pub p50: f64,
    /// Above it in one of ten cases.
    pub p90: f64,
}

/// What was learned from periods that ended.
///
/// Quantiles are boosted in relative terms, weighted so that it is the absolute error that becomes small, and moved by
/// what cases that were not learned from missed them by, in widths of their ranges (conformalised quantile regression,
/// Romano, Patterson and Candès 2019; its folds, Vovk 2015).
#[derive(Debug, Clone)]
pub struct Outcomes {
    forest: Forest,
    /// How far the ends are moved outward, in widths, for a case among those that were learned from.
    among: [f64; 2],
    /// The same for one that is later than all of them: what was true may not be true any more.
    later: [f64; 2],
    latest: f64,
}

impl Outcomes {
    /// Learns from cases with their outcomes. With `records` it leans on what became of a group's other cases: better
    /// for groups that it knows, worse for others. `None` without cases, or where the numbers of fields differ.
    pub fn learn(cases: &[Case], outcomes: &[f64], records: bool, seed: u64) -> Option<Self> {
        let fields = cases.first()?.fields.len();
        if cases.len() != outcomes.len() || cases.iter().any(|case| case.fields.len() != fields) {
            return None;
        }
        let all: Vec<usize> = (0..cases.len()).collect();
        let forest = Forest::learn(cases, outcomes, &all, records, seed)?;
        let learn = |known: &[usize]| Forest::learn(cases, outcomes, known, records, seed);
        let misses = |rounds: Vec<(Vec<usize>, Vec<usize>)>| {
            let mut misses = Misses::default();
            for (known, held) in rounds {
                if let Some(forest) = learn(&known) {
                    misses.add(&forest, cases, outcomes, &held);
                }
            }
            misses
        };
        let among = misses(folds(cases, seed)).margins([0.0; 2]);
        let later = misses(forward(cases)).margins(among);
        let latest = cases.iter().map(|case| case.when).fold(f64::NEG_INFINITY, f64::max);
        Some(Self { forest, among, later, latest })
    }

    /// Foretells a case; `None` if it has not as many fields as those that were learned from.
    pub fn foretell(&self, case: &Case) -> Option<Range> {
        if case.fields.len() != self.forest.fields {
            return None;
        }
        let [low, middle, high] = self.forest.predict(case);
        let width = self.forest.width(case, low, high);
        let margins = if case.when > self.latest { self.later } else { self.among };
        let (p10, p90) = (low - margins[0] * width, high + margins[1] * width);
        Some(Range { p10: p10.min(middle), p50: middle, p90: p90.max(middle) })
    }
}

/// By how much outcomes were beyond the ends of their ranges, in widths; negative: within.
#[derive(Debug, Default)]
struct Misses {
    under: Vec<f64>,
    over: Vec<f64>,
}

impl Misses {
    fn add(&mut self, forest: &Forest, cases: &[Case], outcomes: &[f64], held: &[usize]) {
        for &at in held {
            let [low, _, high] = forest.predict(&cases[at]);
            let width = forest.width(&cases[at], low, high);
            self.under.push((low - outcomes[at]) / width);
            self.over.push((outcomes[at] - high) / width);
        }
    }

    fn margins(&self, without: [f64; 2]) -> [f64; 2] {
        [conformal(&self.under, 0.9).unwrap_or(without[0]), conformal(&self.over, 0.9).unwrap_or(without[1])]
    }
}

/// What is learned from and what is foretold, so that each case is foretold once from the others.
fn folds(cases: &[Case], seed: u64) -> Vec<(Vec<usize>, Vec<usize>)> {
    let parts = parts(cases, seed);
    (0..PARTS).map(|part| (0..cases.len()).partition(|at| parts[*at] != part)).collect()
}

/// The same for the later half, each stretch of it foretold from what lies before.
fn forward(cases: &[Case]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut times: Vec<f64> = cases.iter().map(|case| case.when).collect();
    times.sort_by(f64::total_cmp);
    let edge = |stretch: usize| times[(times.len() - 1) * (STRETCHES + stretch) / (2 * STRETCHES)];
    let within = |from: f64, to: f64| (0..cases.len()).filter(move |at| (from..to).contains(&cases[*at].when));
    let stretch = |at: usize| {
        let to = if at + 1 == STRETCHES { f64::INFINITY } else { edge(at + 1) };
        (within(f64::NEG_INFINITY, edge(at)).collect(), within(edge(at), to).collect())
    };
    (0..STRETCHES).map(stretch).collect()
}

/// A part for each case, the same for twins.
fn parts(cases: &[Case], seed: u64) -> Vec<usize> {
    let mut twins: Vec<&str> = cases.iter().map(|case| case.twin.as_str()).collect();
    twins.sort_unstable();
    twins.dedup();
    let mut random = Random::new(seed);
    for at in (1..twins.len()).rev() {
        twins.swap(at, random.below(at + 1));
    }
    let place: HashMap<&str, usize> = twins.iter().enumerate().map(|(at, twin)| (*twin, at % PARTS)).collect();
    cases.iter().map(|case| place[case.twin.as_str()]).collect()
}

/// The boosted quantiles with the records that they lean on.
#[derive(Debug, Clone)]
struct Forest {
    quantiles: Vec<Boost>,
    records: Option<Records>,
    /// What is added to each size, so that an empty period has a spread, too.
    ground: f64,
    fields: usize,
}

impl Forest {
    fn learn(cases: &[Case], outcomes: &[f64], from: &[usize], records: bool, seed: u64) -> Option<Self> {
        let sizes: Vec<f64> = from.iter().map(|&at| cases[at].size).collect();
        let ground = Some(0.25 * median(&sizes)?).filter(|ground| *ground > 0.0).unwrap_or(1.0);
        let records = records.then(|| Records::of(cases, outcomes, from));
        let fields = cases.first()?.fields.len();
        let mut forest = Self { quantiles: Vec::new(), records, ground, fields };
        let features: Vec<Vec<f64>> = from.iter().map(|&at| forest.features(&cases[at])).collect();
        let trust: Vec<f64> = sizes.iter().map(|size| size + ground).collect();
        let values: Vec<f64> = from.iter().zip(&trust).map(|(&at, trust)| outcomes[at] / trust).collect();
        let rows = Rows { features: &features, values: &values, trust: &trust };
        forest.quantiles = LEVELS.iter().map(|&level| Boost::fit(rows, level, seed)).collect();
        Some(forest)
    }

    fn features(&self, case: &Case) -> Vec<f64> {
        let record = self.records.as_ref().map(|records| records.features(case));
        case.fields.iter().copied().chain([case.size]).chain(record.into_iter().flatten()).collect()
    }

    /// The quantiles, in order.
    fn predict(&self, case: &Case) -> [f64; 3] {
        let row = self.features(case);
        let mut found = [0, 1, 2].map(|at: usize| self.quantiles[at].predict(&row) * (case.size + self.ground));
        found.sort_by(f64::total_cmp);
        found
    }

    /// The width of a range, never quite nothing.
    fn width(&self, case: &Case, low: f64, high: f64) -> f64 {
        (high - low).max(0.05 * (case.size + self.ground))
    }
}

/// What became of each group's cases, each by its twin: outcome and size.
#[derive(Debug, Clone)]
struct Records {
    groups: HashMap<String, Vec<(String, f64, f64)>>,
    everyone: [f64; 3],
}

impl Records {
    fn of(cases: &[Case], outcomes: &[f64], from: &[usize]) -> Self {
        let mut groups: HashMap<String, Vec<(String, f64, f64)>> = HashMap::new();
        let mut everyone = [0.0; 3];
        for &at in from {
            let (case, outcome) = (&cases[at], outcomes[at]);
            groups.entry(case.group.clone()).or_default().push((case.twin.clone(), outcome, case.size));
            for (sum, value) in everyone.iter_mut().zip([outcome, case.size, outcome.abs()]) {
                *sum += value / from.len() as f64;
            }
        }
        Self { groups, everyone }
    }

    /// The means of outcome, size and error of the group's other cases, shrunk to those of everyone, and what they say
    /// about a case of this size. A twin is left out: the future would tell on itself.
    fn features(&self, case: &Case) -> [f64; 6] {
        let others = self.groups.get(&case.group).into_iter().flatten().filter(|other| other.0 != case.twin);
        let (mut sums, mut count) = (self.everyone.map(|mean| PRIOR * mean), PRIOR);
        for (_, outcome, size) in others {
            count += 1.0;
            for (sum, value) in sums.iter_mut().zip([*outcome, *size, outcome.abs()]) {
                *sum += value;
            }
        }
        let [outcome, size, error] = sums.map(|sum| sum / count);
        let (reached, share) = (outcome + size, (outcome + size) / (size + self.everyone[1] + 1e-9));
        [outcome, error, reached, share, reached - case.size, share * case.size]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(count: usize) -> (Vec<Case>, Vec<f64>) {
        let mut random = Random::new(11);
        let row = |at: usize| {
            let (size, done) = (5.0 + 40.0 * random.share(), random.share());
            let twin = at.to_string();
            let outcome = (done - 1.0) * size + 0.3 * size * (random.share() - 0.5);
            (
                Case { group: (at % 3).to_string(), twin, when: at as f64, size, fields: vec![done, random.share()] },
                outcome,
            )
        };
        (0..count).map(row).unzip()
    }

    #[test]
    fn ranges_hold_in_about_four_of_five_new_cases_and_medians_beat_the_median() {
        let (cases, outcomes) = planted(300);
        let known = Outcomes::learn(&cases[..200], &outcomes[..200], true, 1).unwrap();
        let plain = median(&outcomes[..200]).unwrap();
        let (mut held, mut error, mut by_plain) = (0, 0.0, 0.0);
        for (case, outcome) in cases[200..].iter().zip(&outcomes[200..]) {
            let told = known.foretell(case).unwrap();
            assert!(told.p10 <= told.p50 && told.p50 <= told.p90);
            held += i32::from(told.p10 <= *outcome && *outcome <= told.p90);
            error += (told.p50 - outcome).abs();
            by_plain += (plain - outcome).abs();
        }
        assert!((68..=92).contains(&held), "{held} of 100");
        assert!(error < 0.5 * by_plain, "{error} {by_plain}");
    }

    #[test]
    fn twins_are_in_one_part_and_never_in_each_others_record() {
        let (mut cases, outcomes) = planted(20);
        cases[7].twin = cases[4].twin.clone();
        cases[7].group = cases[4].group.clone();
        let parts = parts(&cases, 1);
        assert_eq!(parts[7], parts[4]);
        let mut told = outcomes.clone();
        told[7] += 1_000.0;
        let mean = |outcomes: &[f64]| {
            let mut records = Records::of(&cases, outcomes, &(0..20).collect::<Vec<_>>());
            records.everyone = [0.0; 3];
            records.features(&cases[4]).map(f64::to_bits)
        };
        assert_eq!(mean(&outcomes), mean(&told));
    }

    #[test]
    fn nothing_and_uneven_fields_are_refused() {
        assert!(Outcomes::learn(&[], &[], true, 1).is_none());
        let (mut cases, outcomes) = planted(3);
        let known = Outcomes::learn(&cases, &outcomes, false, 1).unwrap();
        cases[1].fields.pop();
        assert!(known.foretell(&cases[1]).is_none());
        assert!(Outcomes::learn(&cases, &outcomes, false, 1).is_none());
    }
}
