//! What a plan will cost, in money and in tokens, by what work cost so far.

use serde::Serialize;

use super::{Ground, Job, Schedule};
use crate::domain::AgentKind;
use crate::domain::words::count;
use crate::plan::estimate::spend::{Rates, tokens, total};
use crate::plan::estimate::spread::Spread;

/// How widely a task spreads around the size that somebody gave it.
const SPREAD: f64 = 0.6;

/// What the commitment costs of one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bill {
    /// As likely more as less.
    pub p50: f64,
    /// Not exceeded in four of five cases.
    pub p80: f64,
    /// Runs that it is from.
    pub count: usize,
    /// Tasks that are counted: those of agents of whom it is known what their work costs.
    pub tasks: usize,
    #[serde(skip)]
    whole: Spread,
}

impl Bill {
    /// The chance that it is more than that, 0 to 1.
    pub fn exceeds(&self, budget: f64) -> f64 {
        self.whole.beyond(budget)
    }
}

/// What the commitment costs; none of what is not known yet.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Spending {
    /// In the board's currency.
    pub cost: Option<Bill>,
    /// In tokens.
    pub tokens: Option<Bill>,
    /// Whether a program does any of it.
    #[serde(skip)]
    programs: bool,
}

impl Spending {
    pub(super) fn of(jobs: &[&Job], schedule: &Schedule, ground: &Ground) -> Self {
        let kind = |job: &Job| {
            let agent_id = schedule.slot(job.task_id)?.work.agent_id;
            let member = ground.team.iter().find(|member| member.agent.agent_id == agent_id)?;
            Some((agent_id, member.agent.kind == AgentKind::Ai))
        };
        let bill = |rates: &Rates| {
            let cost = |job: &Job| {
                let (agent_id, program) = kind(job)?;
                Some(rates.of(agent_id, program)?.cost(spread(job, ground)))
            };
            let costs: Vec<Spread> = jobs.iter().filter_map(|job| cost(job)).collect();
            let whole = total(&costs)?;
            let (p50, p80) = (whole.median(), whole.quantile(0.8));
            Some(Bill { p50, p80, count: rates.count(), tasks: costs.len(), whole })
        };
        let programs = jobs.iter().any(|job| kind(job).is_some_and(|(_, program)| program));
        Self { cost: bill(&ground.money), tokens: bill(&ground.tokens), programs }
    }

    /// In a line; none where no program does anything and nothing is known.
    pub fn told(&self) -> Option<String> {
        let line = |bill: &Bill, told: &dyn Fn(f64) -> String| {
            format!("{}, {} at most in four of five cases", told(bill.p50), told(bill.p80))
        };
        let money = self.cost.as_ref().map(|bill| (line(bill, &|cost| format!("{cost:.2}")), bill.count));
        let tokens = self.tokens.as_ref().map(|bill| (line(bill, &|n| format!("{} tokens", tokens(n))), bill.count));
        let parts: Vec<String> = [money, tokens]
            .into_iter()
            .flatten()
            .map(|(line, tasks)| format!("{line} (from {})", count(tasks, "task")))
            .collect();
        match parts.as_slice() {
            [] => self.programs.then(|| "no cost known yet".to_owned()),
            parts => Some(parts.join("; ")),
        }
    }
}

/// Minutes of a task, with how sure that is.
fn spread(job: &Job, ground: &Ground) -> Spread {
    let minutes = f64::from(job.work_minutes(&ground.rule));
    match job.guess.filter(|_| job.is_unsized()) {
        Some(guess) => Spread::around(minutes, (f64::from(guess.p80) / f64::from(guess.p50)).max(1.05)),
        None => Spread { middle: minutes.ln(), deviation: SPREAD },
    }
}
