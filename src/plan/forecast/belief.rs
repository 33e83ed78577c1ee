//! What a team's history says about its tasks: how long they take against what was thought, how often they come back
//! and what questions cost. It must never see more of the truth than was written down.

use super::chance::Chance;
use super::known::{Basis, WEIGHT};
use super::learn::{Draw, MOST_GROUPS, Prior, Seen, learn};

/// States of the world that are drawn from what the history allows.
const DRAWS: usize = 400;
/// Tasks that are looked back on.
const MOST_TASKS: usize = 2000;

/// Work in general: a tenth more than was thought at the median, twice as much in one of eight.
const WORK: Prior = Prior { middle: 0.1, weight: WEIGHT, spread: 0.6, shared: [0.1, 0.1] };
/// Reviews in general.
const REVIEW: Prior = Prior { middle: 0.0, weight: WEIGHT, spread: 0.5, shared: [0.02, 0.02] };
/// An answer takes three quarters of a working hour at the median.
const ANSWER: Prior = Prior { middle: 3.8, weight: WEIGHT, spread: 1.0, shared: [0.02, 0.02] };
/// The second pass takes a third of the first at the median, and spreads by so much.
const REDO: Prior = Prior { middle: -1.1, weight: WEIGHT, spread: 0.6, shared: [0.02, 0.02] };
/// One review of five sends back.
const SENT_BACK: f64 = 0.2;
/// One task of seven asks.
const ASKS: f64 = 0.15;
/// The second look takes half of the first.
pub const LOOK_AGAIN: f64 = 0.5;
/// After so many refusals somebody sits down with it.
const MOST_ROUNDS: u32 = 3;

/// A task that was worked on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// Who did it, as an index of the resource.
    pub agent: Option<usize>,
    /// In which sprint, counted from 0.
    pub sprint: usize,
    /// Minutes of work that it was thought to take.
    pub thought: f64,
    /// Minutes of work on it until it was handed in first; never waiting.
    pub took: f64,
    /// False if it was not handed in: it takes longer than that.
    pub ended: bool,
    /// How often it was sent back; none if nobody kept count.
    pub sent_back: Option<u32>,
    /// True once a review has let it pass; before that it may be sent back again.
    pub passed: bool,
    /// Minutes of work after it was sent back, in all.
    pub redone: Option<f64>,
    /// True while it is worked on again, or waits for that: it takes longer than that.
    pub redoing: bool,
    /// Questions that it waited for; none if nobody kept count.
    pub asks: Option<u32>,
}

/// What is known of a team.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Tasks, the latest last.
    pub tasks: Vec<Past>,
    /// Working minutes that answers took.
    pub answers: Vec<f64>,
    /// Minutes that reviews were thought to take, and took, in the hours that a plan gives reviews.
    pub reviews: Vec<(f64, f64)>,
    /// The sprint that is foretold, counted like those of the tasks; its own tasks say most about it.
    pub sprint: usize,
}

/// One state of the world that the history allows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Belief {
    /// Logarithm of what work takes at the median, against what was thought.
    pub middle: f64,
    /// Standard deviation of that logarithm from task to task.
    pub spread: f64,
    /// By agent: what its tasks have in common.
    pub agents: Vec<f64>,
    /// The same as `middle` and `spread` for reviews.
    pub review: (f64, f64),
    /// By agent: the chance that a review sends its work back.
    pub sent_back: Vec<f64>,
    /// How often a task is sent back at most.
    pub rounds: u32,
    /// Logarithm of the share of the work that a second pass takes at the median, and its standard deviation.
    pub redo: (f64, f64),
    /// Share of the first review that a further one takes.
    pub look_again: f64,
    /// Questions for each task.
    pub asks: f64,
    /// Logarithm of the working minutes that an answer takes at the median, and its standard deviation.
    pub answer: (f64, f64),
}

/// What is believed: states of the world as likely as each other, and what they rest on.
#[derive(Debug, Clone, PartialEq)]
pub struct Beliefs {
    states: Vec<Belief>,
    /// What they rest on.
    pub basis: Basis,
    /// Reviews that they rest on.
    pub reviews: usize,
}

impl Beliefs {
    /// These states, each as likely as the others.
    pub fn given(states: Vec<Belief>) -> Self {
        let states = if states.is_empty() { vec![Belief::default()] } else { states };
        Self { states, basis: Basis::of(0, 0, 0), reviews: 0 }
    }

    /// From a history, for so many agents.
    pub fn learn(history: &History, agents: usize, seed: u64) -> Self {
        let (past, first) = window(history);
        let mut chance = Chance::of(seed, 1, 0);
        let groups = [history.sprint.saturating_sub(first) + 1, agents.min(MOST_GROUPS)];
        let seen: Vec<Seen> = past.iter().filter_map(|task| task.seen(first, groups)).collect();
        let work = learn(&seen, &WORK, groups, DRAWS, &mut chance);
        let reviews: Vec<Seen> = history.reviews.iter().filter_map(|one| Some(by_itself(ratio(*one)?, true))).collect();
        let review = learn(&reviews, &REVIEW, [1, 0], DRAWS, &mut chance);
        let redone: Vec<Seen> = past.iter().filter_map(|task| task.share_redone()).collect();
        let redo = learn(&redone, &REDO, [1, 0], DRAWS, &mut chance);
        let answers: Vec<Seen> = history.answers.iter().map(|took| by_itself(took.max(1.0).ln(), true)).collect();
        let answer = learn(&answers, &ANSWER, [1, 0], DRAWS, &mut chance);
        let counts = Counts::of(&past, agents);
        let state = |at: usize| {
            let spread = |draw: &Draw| (draw.middle + draw.sprints[0], draw.spread);
            Belief {
                middle: work[at].middle + work[at].sprints[groups[0] - 1],
                spread: work[at].spread,
                agents: everybody(&work[at], agents, &mut chance),
                review: spread(&review[at]),
                sent_back: counts.sent_back(&mut chance),
                rounds: MOST_ROUNDS,
                redo: spread(&redo[at]),
                look_again: LOOK_AGAIN,
                asks: counts.asks(&mut chance),
                answer: spread(&answer[at]),
            }
        };
        let states = (0..DRAWS).map(state).collect();
        let unfinished = seen.iter().filter(|one| !one.ended).count();
        let mut sprints: Vec<usize> = seen.iter().map(|one| one.sprint).collect();
        sprints.sort_unstable();
        sprints.dedup();
        Self { states, basis: Basis::of(seen.len(), unfinished, sprints.len()), reviews: reviews.len() }
    }

    /// The state of the world in a run.
    pub fn of_run(&self, run: u64) -> &Belief {
        &self.states[(run % self.states.len() as u64) as usize]
    }

    /// The share of what was thought that a review takes at the median.
    pub fn typical_review(&self) -> f64 {
        let sum: f64 = self.states.iter().map(|state| state.review.0).sum();
        (sum / self.states.len() as f64).exp()
    }

    /// The share of what was thought that a task takes at a quantile (0 to 1), for everybody and any sprint.
    pub fn typical(&self, level: f64) -> f64 {
        let mut all: Vec<f64> = Vec::new();
        for (run, state) in self.states.iter().enumerate() {
            let mut chance = Chance::of(2, run as u64, 0);
            all.extend((0..10).map(|_| state.middle + state.spread * chance.normal()));
        }
        all.sort_by(f64::total_cmp);
        all[((all.len() as f64 * level) as usize).min(all.len() - 1)].exp()
    }
}

impl Belief {
    /// What all tasks of an agent have in common; 0 for who is not known.
    pub(super) fn agent(&self, who: usize) -> f64 {
        self.agents.get(who).copied().unwrap_or(0.0)
    }

    pub(super) fn sent_back(&self, who: usize) -> f64 {
        self.sent_back.get(who).or(self.sent_back.last()).copied().unwrap_or(0.0)
    }
}

impl Past {
    fn seen(&self, first: usize, groups: [usize; 2]) -> Option<Seen> {
        let value = ratio((self.thought, self.took))?;
        let agent = self.agent.filter(|agent| *agent < groups[1]);
        Some(Seen { value, ended: self.ended, sprint: (self.sprint - first).min(groups[0] - 1), agent })
    }

    /// Logarithm of the share of the first pass that each further one took.
    fn share_redone(&self) -> Option<Seen> {
        let rounds = self.sent_back.filter(|rounds| *rounds > 0 && self.ended)?;
        Some(by_itself(ratio((self.took * f64::from(rounds), self.redone?))?, !self.redoing))
    }

    /// How much of the task was there to ask about: all of it if it was handed in.
    fn exposure(&self) -> f64 {
        if self.ended { 1.0 } else { (self.took / self.thought.max(1.0)).min(1.0) }
    }
}

/// The latest tasks, of the latest sprints, and the first of these.
fn window(history: &History) -> (Vec<&Past>, usize) {
    let first = (history.sprint + 1).saturating_sub(MOST_GROUPS);
    let recent = history.tasks.iter().filter(|task| task.sprint >= first && task.sprint <= history.sprint);
    let mut recent: Vec<&Past> = recent.collect();
    recent.drain(..recent.len().saturating_sub(MOST_TASKS));
    (recent, first)
}

/// Logarithm of the second against the first, where both are more than nothing.
fn ratio((thought, took): (f64, f64)) -> Option<f64> {
    let sound = |minutes: f64| minutes.is_finite() && minutes > 0.0;
    (sound(thought) && sound(took)).then(|| (took / thought).ln())
}

fn by_itself(value: f64, ended: bool) -> Seen {
    Seen { value, ended, sprint: 0, agent: None }
}

/// The effects of all agents; those of whom nothing was learned are drawn.
fn everybody(draw: &Draw, agents: usize, chance: &mut Chance) -> Vec<f64> {
    let mut effects = draw.agents.clone();
    effects.extend((effects.len()..agents).map(|_| draw.shared[1] * chance.normal()));
    effects
}

/// How often things happened, by agent; the last entry is what nobody in particular did.
struct Counts {
    /// Times sent back, times passed.
    reviews: Vec<(f64, f64)>,
    /// Questions, tasks.
    asked: (f64, f64),
    /// Whether anybody kept count of either.
    keeps: (bool, bool),
}

impl Counts {
    fn of(past: &[&Past], agents: usize) -> Self {
        let mut reviews = vec![(0.0, 0.0); agents + 1];
        let mut asked = (0.0, 0.0);
        for task in past {
            let own = &mut reviews[task.agent.filter(|agent| *agent < agents).unwrap_or(agents)];
            if let Some(times) = task.sent_back {
                *own = (own.0 + f64::from(times), own.1 + f64::from(u8::from(task.passed)));
            }
            if let Some(asks) = task.asks {
                asked = (asked.0 + f64::from(asks), asked.1 + task.exposure());
            }
        }
        // What a team never wrote down is in the minutes that it did write down.
        let counted = |kept: fn(&&Past) -> bool| past.is_empty() || past.iter().any(kept);
        let keeps = (counted(|task| task.sent_back.is_some()), counted(|task| task.asks.is_some()));
        Self { reviews, asked, keeps }
    }

    fn sent_back(&self, chance: &mut Chance) -> Vec<f64> {
        if !self.keeps.0 {
            return vec![0.0; self.reviews.len()];
        }
        let all = self.reviews.iter().fold((0.0, 0.0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
        let team = chance.beta(WEIGHT * SENT_BACK + all.0, WEIGHT * (1.0 - SENT_BACK) + all.1).clamp(0.001, 0.999);
        let own = |own: &(f64, f64)| chance.beta(WEIGHT * team + own.0, WEIGHT * (1.0 - team) + own.1);
        self.reviews.iter().map(own).collect()
    }

    fn asks(&self, chance: &mut Chance) -> f64 {
        if self.keeps.1 { chance.gamma(WEIGHT * ASKS + self.asked.0) / (WEIGHT + self.asked.1) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(sprint: usize, ratio: f64) -> Past {
        Past { agent: Some(0), sprint, thought: 60.0, took: 60.0 * ratio, ended: true, ..Past::default() }
    }

    #[test]
    fn without_history_it_says_what_teams_are_like() {
        let beliefs = Beliefs::learn(&History::default(), 3, 1);
        assert_eq!((beliefs.basis.n, beliefs.basis.word()), (0, "prior"));
        let (middle, high) = (beliefs.typical(0.5), beliefs.typical(0.8));
        assert!((1.0..1.25).contains(&middle) && (1.6..2.2).contains(&high), "{middle} {high}");
    }

    #[test]
    fn the_more_is_known_the_narrower_it_gets() {
        let known = |n: usize| {
            let tasks = (0..n).map(|at| task(at / 10, [0.8, 1.0, 1.25][at % 3])).collect();
            Beliefs::learn(&History { tasks, sprint: n / 10, ..History::default() }, 1, 1)
        };
        let width = |n: usize| known(n).typical(0.8) / known(n).typical(0.2);
        assert!(width(0) > width(10) && width(10) > width(100), "{} {} {}", width(0), width(10), width(100));
    }

    #[test]
    fn what_a_team_does_not_count_is_not_added_to_its_minutes() {
        let tasks: Vec<Past> = (0..20).map(|_| task(0, 1.0)).collect();
        let beliefs = Beliefs::learn(&History { tasks, sprint: 1, ..History::default() }, 1, 1);
        assert!(beliefs.of_run(3).sent_back(0).abs() < 1e-12 && beliefs.of_run(3).asks.abs() < 1e-12);
    }

    #[test]
    fn who_is_sent_back_more_often_will_be() {
        let done = |agent, times| Past { agent: Some(agent), sent_back: Some(times), passed: true, ..task(0, 1.0) };
        let tasks: Vec<Past> = (0..60).map(|at| done(at % 2, u32::from(at % 2 == 0))).collect();
        let beliefs = Beliefs::learn(&History { tasks, sprint: 1, ..History::default() }, 2, 1);
        let mean = |who| (0..400).map(|run| beliefs.of_run(run).sent_back(who)).sum::<f64>() / 400.0;
        assert!(mean(0) > 0.4 && mean(1) < 0.15, "{} {}", mean(0), mean(1));
    }
}
