//! A project as people write it down, on its own, without a board: tasks, stages, agents, hours, allowances, dates.
//!
//! It owns the documented format (`docs/plan-format.md`), turns it into a problem for the scheduler and a plan back into
//! names and dates. It must never plan anything itself.

mod answer;
mod build;
mod change;
mod conflict;
mod gap;
mod levers;
mod rule;
mod units;
mod whole;
mod why;

use crate::domain::words::near;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

pub use answer::{Answer, LeftOut, Planned, Step};
pub use build::{Built, Crew, Means, build};
pub use change::Change;
pub use conflict::{Conflict, Price, conflicts, prices};
pub use gap::Gap;
pub use levers::{Ground, Lever, Trial, levers};
pub use units::{Instant, Span};
pub use whole::Whole;
pub use why::{Instead, Why, WhyNot};

/// Everything that is to be planned.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// When the plan begins, as local time: `2026-03-02T09:00`. Dates and opening hours need it.
    pub start: Option<String>,
    /// Time zone of the dates, and of agents that name none; UTC if there is none.
    pub zone: Option<String>,
    /// Nothing may end later.
    pub ends: Option<Instant>,
    /// What makes a plan better than another; the end of the last task and lateness alike if there is none.
    #[serde(default)]
    pub objective: Option<Weights>,
    /// Who does the work.
    pub agents: Vec<Agent>,
    /// What else the work needs: machines, accounts, tokens, money.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// Lanes with limits.
    #[serde(default)]
    pub lanes: Vec<Lane>,
    /// The work.
    pub tasks: Vec<Task>,
}

/// Weights of the objective.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Weights {
    /// Each minute until the last task ends.
    pub finish: u32,
    /// Each minute of lateness, times the weight of the task.
    pub lateness: u32,
    /// Each unit of money.
    pub cost: u32,
    /// Each minute between the busiest and the idlest agent.
    pub balance: u32,
}

/// Somebody who does stages, one at a time.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// Name.
    pub name: String,
    /// Skills with their levels.
    #[serde(default)]
    pub skills: BTreeMap<String, u32>,
    /// Weekly hours, such as `mon-fri 09:00-17:00`. None means always.
    #[serde(default)]
    pub hours: Vec<String>,
    /// Time zone of the hours.
    pub zone: Option<String>,
    /// Times away.
    #[serde(default)]
    pub away: Vec<(Instant, Instant)>,
    /// Allowances of working time.
    #[serde(default)]
    pub quotas: Vec<Quota>,
    /// Resources of which each stage takes one unit, such as the account that agents share.
    #[serde(default)]
    pub shares: Vec<String>,
    /// Stages that are done at the same time, at most.
    #[serde(default = "one")]
    pub at_once: u32,
    /// Share of the working time that goes into stages, above 0 to 1: half of it makes a stage last twice as long.
    #[serde(default = "whole")]
    pub focus: f64,
    /// Money for an hour of work.
    #[serde(default)]
    pub cost_per_hour: i64,
    /// False if a stage has to fit between two closed hours.
    #[serde(default = "yes")]
    pub resumes: bool,
}

/// Something that is no agent and that work needs: it is in use by so many at a time, or spent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Name.
    pub name: String,
    /// Units in use at the same time, at most; one if nothing else limits it, without end otherwise.
    pub units: Option<u32>,
    /// Units to spend, once and for all.
    pub budget: Option<u64>,
    /// Weekly hours, such as `mon-fri 09:00-17:00`. None means always.
    #[serde(default)]
    pub hours: Vec<String>,
    /// Time zone of the hours.
    pub zone: Option<String>,
    /// Times at which it is not there.
    #[serde(default)]
    pub away: Vec<(Instant, Instant)>,
    /// Allowances of working time, for all that use it together.
    #[serde(default)]
    pub quotas: Vec<Quota>,
}

/// An allowance of working time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Working time.
    pub amount: Span,
    /// Per so much time, from the start of the plan on; none means in all.
    pub every: Option<Span>,
    /// In any window of that length, whenever it begins.
    #[serde(default)]
    pub rolling: bool,
}

/// A lane that holds only so many tasks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// Name.
    pub name: String,
    /// Tasks at most.
    pub limit: u32,
}

/// A task.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Name.
    pub name: String,
    /// What it is worth; a task without a value, or with a pin, has to be done.
    pub value: Option<i64>,
    /// Tasks that come before.
    #[serde(default)]
    pub after: Vec<After>,
    /// Not before.
    pub not_before: Option<Instant>,
    /// When it should end.
    pub due: Option<Instant>,
    /// What each minute of lateness weighs.
    #[serde(default = "one")]
    pub weight: u32,
    /// What each minute until its end weighs, whenever it is due.
    #[serde(default)]
    pub urgency: u32,
    /// When it must end.
    pub deadline: Option<Instant>,
    /// When it begins, whatever the rest says.
    pub pinned: Option<Instant>,
    /// Paths or globs; tasks whose paths may overlap never work at the same time.
    #[serde(default)]
    pub touches: Vec<String>,
    /// Its stages, one after another.
    pub stages: Vec<Stage>,
}

impl Project {
    /// Skills that are asked for and nobody has, each with the one that was probably meant.
    pub fn doubtful_skills(&self) -> BTreeMap<&str, &str> {
        let known: BTreeSet<&String> = self.agents.iter().flat_map(|agent| agent.skills.keys()).collect();
        let stages = self.tasks.iter().flat_map(|task| &task.stages);
        let asked =
            stages.flat_map(|stage| stage.team.iter().map(|place| &place.skill).chain([&stage.skill])).flatten();
        let doubtful = asked.filter(|skill| !known.contains(skill));
        doubtful.filter_map(|skill| Some((skill.as_str(), near(skill, known.iter().copied())?))).collect()
    }
}

/// What comes before, with or without time in between.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum After {
    /// A task.
    Task(String),
    /// A task and the time that has to pass.
    Lag {
        /// The task.
        task: String,
        /// Time from its end on.
        lag: Span,
    },
}

/// A part of a task.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Name.
    #[serde(default = "work")]
    pub name: String,
    /// Working time.
    pub effort: Span,
    /// Who has this skill may do it; without one everybody may.
    pub skill: Option<String>,
    /// At this level or above.
    #[serde(default)]
    pub level: u32,
    /// Only these may do it.
    #[serde(default)]
    pub agents: Vec<String>,
    /// It was given to this agent, who does it whatever the rest says.
    pub pinned_to: Option<String>,
    /// Several do it together from its begin to its end: one for each of these.
    #[serde(default)]
    pub team: Vec<Member>,
    /// Units of resources that it takes, or spends.
    #[serde(default)]
    pub uses: BTreeMap<String, u32>,
    /// The lane that the task is in from the end of the stage before until the end of this one.
    pub lane: Option<String>,
}

/// A place in a team.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Who has this skill may take it; without one everybody may.
    pub skill: Option<String>,
    /// At this level or above.
    #[serde(default)]
    pub level: u32,
    /// Only these may take it.
    #[serde(default)]
    pub agents: Vec<String>,
}

impl After {
    /// The task that comes before.
    pub fn task(&self) -> &str {
        let (Self::Task(task) | Self::Lag { task, .. }) = self;
        task
    }
}

impl Task {
    /// Working minutes of all its stages; those of a team count once for each of it.
    pub fn minutes(&self) -> u64 {
        self.stages.iter().map(|stage| u64::from(stage.effort.0) * stage.team.len().max(1) as u64).sum()
    }

    /// Whether somebody has set who does it or when.
    pub fn is_pinned(&self) -> bool {
        self.pinned.is_some() || self.stages.iter().any(|stage| stage.pinned_to.is_some())
    }

    /// What it is worth, if it may be left out: what is pinned may not.
    pub fn optional_value(&self) -> Option<i64> {
        self.value.filter(|_| !self.is_pinned())
    }
}

fn one() -> u32 {
    1
}

fn whole() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

fn work() -> String {
    "work".to_owned()
}

/// Something in a project that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where: the keys that lead to it.
    pub key: String,
    /// What is written there.
    pub found: String,
    /// What is wrong with it and what would do.
    pub message: String,
}

impl Mistake {
    fn new(key: impl Into<String>, found: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), found: found.into(), message: message.into() }
    }
}
