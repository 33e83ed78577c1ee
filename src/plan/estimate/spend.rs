//! What work costs, in tokens or money, and the chance that a budget is exceeded.

use std::collections::BTreeMap;

use super::spread::{BELIEF, Spread};
use super::survival::Spell;
use crate::domain::{AgentId, TaskId};

/// Share of the variance of logarithms that all tasks of a plan have in common: a bad week is bad for all.
const SHARED: f64 = 0.1;
/// Fewest tasks with a known cost that a cost is told from.
pub const LEAST: usize = 4;

/// What work cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spent {
    /// Active minutes; 0 of what was lost.
    pub minutes: f64,
    /// Tokens or money.
    pub cost: f64,
}

/// The cost of a minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    rate: Spread,
    /// The number of tasks it is from.
    pub count: usize,
}

impl Rate {
    /// Learns from what was spent; `None` from fewer than [`LEAST`] tasks that cost anything: no estimate yet.
    pub fn learn(spent: &[Spent]) -> Option<Self> {
        let sound = spent.iter().filter(|one| one.minutes > 0.0 && one.cost > 0.0);
        let rates: Vec<Spell> = sound.map(|one| Spell { time: one.cost / one.minutes, ended: true }).collect();
        if rates.len() < LEAST {
            return None;
        }
        let middle = rates.iter().map(|rate| rate.time.ln()).sum::<f64>() / rates.len() as f64;
        let rate = Spread::learn(&rates, Spread { middle, deviation: 0.7 }, BELIEF);
        Some(Self { rate, count: rates.len() })
    }

    /// The cost of work that takes so many minutes.
    pub fn cost(&self, minutes: Spread) -> Spread {
        minutes.times(self.rate)
    }
}

type Tasks = BTreeMap<TaskId, Spent>;

/// What a minute takes, by whoever works it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rates {
    all: Option<Rate>,
    own: BTreeMap<AgentId, Rate>,
}

impl Rates {
    /// Learns from what attempts took, task by task: what was lost has cost something, too.
    pub fn learn(spent: &[(TaskId, AgentId, Spent)]) -> Self {
        let mut all = Tasks::new();
        let mut own: BTreeMap<AgentId, Tasks> = BTreeMap::new();
        for &(task_id, agent_id, one) in spent {
            for tasks in [&mut all, own.entry(agent_id).or_default()] {
                let sum = tasks.entry(task_id).or_insert(Spent { minutes: 0.0, cost: 0.0 });
                (sum.minutes, sum.cost) = (sum.minutes + one.minutes, sum.cost + one.cost);
            }
        }
        let of = |tasks: Tasks| Rate::learn(&tasks.into_values().collect::<Vec<_>>());
        Self { all: of(all), own: own.into_iter().filter_map(|(id, tasks)| Some((id, of(tasks)?))).collect() }
    }

    /// Of one agent, from its own work; of a program, else from that of all.
    pub fn of(&self, id: AgentId, program: bool) -> Option<Rate> {
        self.own.get(&id).copied().or_else(|| self.all.filter(|_| program))
    }

    /// Tasks that it is all from.
    pub fn count(&self) -> usize {
        self.all.map_or(0, |rate| rate.count)
    }
}

/// A number of tokens as people say it: `850`, `12k`, `3.4M`.
pub fn tokens(count: f64) -> String {
    match count {
        few if few < 1_000.0 => format!("{few:.0}"),
        some if some < 9_950.0 => format!("{:.1}k", some / 1e3),
        some if some < 999_500.0 => format!("{:.0}k", some / 1e3),
        many => format!("{:.1}M", many / 1e6),
    }
}

/// The cost of several tasks together; `None` of none. The sum of lognormal sizes is taken for lognormal with the same
/// mean and variance (Fenton 1960), the tasks' logarithms being alike to a tenth.
pub fn total(costs: &[Spread]) -> Option<Spread> {
    let mean: f64 = costs.iter().map(Spread::mean).sum();
    let mut variance = 0.0;
    for (at, one) in costs.iter().enumerate() {
        variance += one.mean().powi(2) * (one.deviation.powi(2).exp() - 1.0);
        for other in &costs[at + 1..] {
            let alike = SHARED * one.deviation * other.deviation;
            variance += 2.0 * one.mean() * other.mean() * (alike.exp() - 1.0);
        }
    }
    let square = (1.0 + variance / mean.powi(2)).ln();
    (!costs.is_empty()).then(|| Spread { middle: mean.ln() - 0.5 * square, deviation: square.sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::normal::quantile;
    use crate::plan::schedule::random::Random;

    #[test]
    fn a_cost_is_told_from_four_tasks_on() {
        let spent = [Spent { minutes: 60.0, cost: 1_200.0 }; 4];
        assert_eq!(Rate::learn(&spent[..3]), None);
        let rate = Rate::learn(&spent).unwrap();
        let hour = Spread { middle: 60.0_f64.ln(), deviation: 0.5 };
        assert!((rate.cost(hour).median() / 1_200.0 - 1.0).abs() < 1e-6);
        assert!(rate.cost(hour).deviation > 0.5);
    }

    #[test]
    fn what_was_lost_has_cost_something_and_short_runs_count() {
        let id = uuid::Uuid::from_u128;
        let (one, other) = (AgentId(id(1)), AgentId(id(2)));
        let spent = |task, agent, minutes, cost| (TaskId(id(task)), agent, Spent { minutes, cost });
        // Runs of twenty seconds at a cent, each after another agent's that was lost at two.
        let runs: Vec<_> =
            (0..6).flat_map(|at| [spent(at, other, 0.0, 0.02), spent(at, one, 1.0 / 3.0, 0.01)]).collect();
        let rates = Rates::learn(&runs);
        let minute = Spread { middle: 0.0, deviation: 0.1 };
        let cost = |rate: Option<Rate>| rate.unwrap().cost(minute).median();
        assert!((cost(rates.of(one, true)) - 0.03).abs() < 1e-9);
        assert!((cost(rates.of(other, true)) - 0.09).abs() < 1e-9, "of all, with what was lost");
        assert_eq!((rates.count(), rates.of(other, false)), (6, None));
    }

    #[test]
    fn tokens_are_told_shortly() {
        let said = [12.0, 1_240.0, 43_210.0, 999_900.0, 3_400_000.0].map(tokens);
        assert_eq!(said, ["12", "1.2k", "43k", "1.0M", "3.4M"]);
    }

    #[test]
    fn the_chance_to_exceed_a_budget_is_that_of_drawn_totals() {
        let costs: Vec<Spread> = (1..=30).map(|at| Spread { middle: f64::from(at).ln(), deviation: 0.8 }).collect();
        let whole = total(&costs).unwrap();
        let mut random = Random::new(8);
        let mut draw = || quantile(random.share().clamp(1e-9, 1.0 - 1e-9));
        let mut above = [0; 3];
        let limits = [0.5, 0.8, 0.95].map(|level| whole.quantile(level));
        for _ in 0..4_000 {
            let shared = SHARED.sqrt() * draw();
            let own = (1.0 - SHARED).sqrt();
            let sum: f64 = costs.iter().map(|c| (c.middle + c.deviation * (shared + own * draw())).exp()).sum();
            for (above, limit) in above.iter_mut().zip(limits) {
                *above += i32::from(sum > limit);
            }
        }
        for (above, asked) in above.into_iter().zip([0.5, 0.2, 0.05]) {
            let share = f64::from(above) / 4_000.0;
            assert!((share - asked).abs() < 0.03, "{share} {asked}");
        }
        assert_eq!(total(&[]), None);
    }
}
