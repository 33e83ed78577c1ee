//! The chance that work passes its review the first time: the larger it is, the less.

use std::collections::BTreeMap;

/// What is believed before anything is known: an hour's work passes in four of five cases, a day's in seven of ten.
const BELIEF: Curve = Curve { level: 1.4, slope: -0.25 };
/// How firmly level and slope of all agents are held to that belief, as one over a variance.
const FIRM: [f64; 2] = [1.0, 8.0];
/// The same for one agent, held to what is true of all.
const OWN: [f64; 2] = [2.0, 16.0];
/// Minutes of the size at which the level is read.
const USUAL: f64 = 60.0;
/// Steps to the best curve; it is found in a few.
const STEPS: usize = 30;

/// Below this chance a task had better be split.
pub const SPLIT: f64 = 0.5;

/// A review that was the first one of its task.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Whose work it was.
    pub agent: String,
    /// How large, in active minutes, above 0.
    pub minutes: f64,
    /// Whether it was accepted.
    pub passed: bool,
}

/// The chance by size: a logistic curve over the logarithm (Cox 1958).
#[derive(Debug, Clone, Copy, PartialEq)]
struct Curve {
    /// Log odds at the usual size.
    level: f64,
    /// Change of the log odds where the size is 2.718 times as large.
    slope: f64,
}

/// What was learned from first reviews.
#[derive(Debug, Clone, PartialEq)]
pub struct Passing {
    all: Curve,
    agents: BTreeMap<String, Curve>,
}

impl Passing {
    /// Learns what is true of all, and then, held to that, of each agent.
    pub fn learn(judged: &[Judged]) -> Self {
        let every: Vec<&Judged> = judged.iter().collect();
        let all = BELIEF.learn(&every, FIRM);
        let mut names: Vec<&str> = judged.iter().map(|one| one.agent.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let of = |name: &str| every.iter().copied().filter(|one| one.agent == name).collect::<Vec<_>>();
        let own = |name: &str| all.learn(&of(name), OWN);
        Self { all, agents: names.into_iter().map(|name| (name.to_owned(), own(name))).collect() }
    }

    /// The chance (0 to 1) that work of so many minutes passes the first time; without an agent or with an unknown one,
    /// that of all.
    pub fn chance(&self, agent: Option<&str>, minutes: f64) -> f64 {
        agent.and_then(|name| self.agents.get(name)).unwrap_or(&self.all).chance(minutes)
    }
}

impl Curve {
    fn chance(self, minutes: f64) -> f64 {
        1.0 / (1.0 + (-(self.level + self.slope * size(minutes))).exp())
    }

    /// The best curve for what was judged, held to this one (Newton's method on the penalised likelihood).
    fn learn(self, judged: &[&Judged], firm: [f64; 2]) -> Self {
        let mut now = self;
        for _ in 0..STEPS {
            let mut pull = [firm[0] * (self.level - now.level), firm[1] * (self.slope - now.slope)];
            let [mut a, mut b, mut c] = [firm[0], 0.0, firm[1]];
            for one in judged {
                let (chance, size) = (now.chance(one.minutes), size(one.minutes));
                let (off, weight) = (f64::from(u8::from(one.passed)) - chance, chance * (1.0 - chance));
                pull[0] += off;
                pull[1] += off * size;
                a += weight;
                b += weight * size;
                c += weight * size * size;
            }
            let whole = a * c - b * b;
            let step = [(c * pull[0] - b * pull[1]) / whole, (a * pull[1] - b * pull[0]) / whole];
            // Far from the goal a whole step may lead beyond it.
            let short = (2.0 / (step[0].abs() + step[1].abs()).max(2.0)).min(1.0);
            now = Self { level: now.level + short * step[0], slope: now.slope + short * step[1] };
            if step[0].abs() + step[1].abs() < 1e-9 {
                break;
            }
        }
        now
    }
}

fn size(minutes: f64) -> f64 {
    (minutes.max(1.0) / USUAL).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::schedule::random::Random;

    #[test]
    fn a_planted_curve_is_found_and_a_weaker_agent_is_told_apart() {
        let mut random = Random::new(6);
        let judged: Vec<Judged> = (0..600)
            .map(|at| {
                let (agent, level) = if at % 3 == 0 { ("weak", 0.0) } else { ("good", 2.0) };
                let minutes = 20.0 + 460.0 * random.share();
                let passed = random.share() < Curve { level, slope: -0.8 }.chance(minutes);
                Judged { agent: agent.into(), minutes, passed }
            })
            .collect();
        let known = Passing::learn(&judged);
        for (agent, level) in [("good", 2.0), ("weak", 0.0)] {
            for minutes in [40.0, 120.0, 400.0] {
                let (told, truth) = (known.chance(Some(agent), minutes), Curve { level, slope: -0.8 }.chance(minutes));
                assert!((told - truth).abs() < 0.1, "{agent} {minutes}: {told} {truth}");
            }
        }
        assert!(known.chance(Some("weak"), 400.0) < SPLIT);
        let new = known.chance(Some("new"), 120.0);
        assert!(new > known.chance(Some("weak"), 120.0) && new < known.chance(Some("good"), 120.0));
    }

    #[test]
    fn one_failure_does_not_condemn_and_nothing_known_is_a_belief() {
        let cold = Passing::learn(&[]);
        assert!((cold.chance(None, 60.0) - 0.80).abs() < 0.01 && cold.chance(None, 480.0) < cold.chance(None, 60.0));
        let once = Passing::learn(&[Judged { agent: "a".into(), minutes: 60.0, passed: false }]);
        assert!(once.chance(Some("a"), 60.0) > SPLIT);
    }

    #[test]
    fn only_successes_and_strange_sizes_stay_within_reason() {
        let judged: Vec<Judged> =
            (0..500).map(|at| Judged { agent: "a".into(), minutes: f64::from(at) * 1e4, passed: true }).collect();
        let known = Passing::learn(&judged);
        for minutes in [0.0, 1.0, 1e9] {
            let chance = known.chance(Some("a"), minutes);
            assert!(chance.is_finite() && chance > 0.0 && chance <= 1.0);
        }
    }
}
