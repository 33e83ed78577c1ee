//! When work will be done, with the chance that it is: a plan played out many times with what may happen on the way.
//!
//! This module owns the dates that people see. It learns from what was finished how long things really take, keeps the
//! plan's order and agents, and says how much it knows. It must never plan: no run changes who does what, and none reads
//! a clock or a source of chance of its own; the same question and seed have the same answer.

mod belief;
mod chance;
mod clock;
mod known;
mod learn;
mod options;
mod play;
mod runs;
pub mod score;
mod sense;
pub mod throughput;
mod world;

pub use belief::{Belief, Beliefs, History, LOOK_AGAIN, Past};
pub use clock::{Clock, NEVER};
pub use known::{Basis, fewest};
pub use options::{Lever, WhatIf, what_ifs};
pub use runs::{Runs, Simulation};
pub use sense::{Cost, Sensitivity, costs, sensitivities};

use super::project::{Built, Means, Project};
use super::schedule::model::{Problem, Time};
use super::schedule::plan::Plan;

/// What a stage is, for what may happen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It takes more or less than was thought, and questions come up.
    Work,
    /// It may send the work before it back.
    Review,
}

/// What is to be foretold: a plan, and what is known about it beyond its problem.
///
/// Who does a stage is the first resource that its mode uses. The horizon and the opening hours of the problem should
/// reach far beyond the plan: what does not end within them is never done.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// What is done with what.
    pub problem: &'a Problem,
    /// By whom and in which order; what it leaves out is not done.
    pub plan: &'a Plan,
    /// By activity and stage; work where nothing is said.
    pub roles: Vec<Vec<Role>>,
    /// By activity: spread of its size where its estimate was a range, as standard deviation of the logarithm.
    pub spreads: Vec<Option<f64>>,
    /// By activity: whether its size is what such tasks took, and not what somebody said.
    pub measured: Vec<bool>,
    /// By activity: minutes that its running stage has been worked on already. Where nothing is said they follow from
    /// its begin and the opening hours.
    pub worked: Vec<Option<f64>>,
    /// By activity: what a review has sent back already. Its stages count from there, as do the minutes worked.
    pub passes: Vec<Option<Pass>>,
    /// By activity: whether its running stage waits for an answer.
    pub asking: Vec<bool>,
    /// Nothing that has not begun begins earlier.
    pub from: Time,
    /// Whose opening hours pass while a question waits; none means around the clock.
    pub answers: Option<usize>,
    /// What else may happen.
    pub risks: Vec<Risk>,
}

/// Something that may happen once.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    /// Name.
    pub name: String,
    /// From 0 to 1.
    pub chance: f64,
    /// Minutes that it takes, from the 10 % to the 90 % quantile.
    pub minutes: (f64, f64),
    /// The activities whose work grows by it; none means that everybody waits for so many working minutes.
    pub activities: Vec<usize>,
}

/// Work that was sent back by a review.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pass {
    /// How often.
    pub rounds: u32,
    /// Minutes of work until it was handed in first.
    pub first: f64,
}

/// Something that is to be done by a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    /// Activities; all of the plan if none is named.
    pub activities: Vec<usize>,
    /// The date.
    pub by: Time,
}

impl<'a> Question<'a> {
    /// A plan without surprises that are known by name.
    pub fn of(problem: &'a Problem, plan: &'a Plan) -> Self {
        Self {
            problem,
            plan,
            roles: Vec::new(),
            spreads: Vec::new(),
            measured: Vec::new(),
            worked: Vec::new(),
            passes: Vec::new(),
            asking: Vec::new(),
            from: 0,
            answers: None,
            risks: Vec::new(),
        }
    }

    /// The plan of a project: what is called a review may send back, and whoever reviews most answers questions.
    pub fn about(project: &Project, built: &'a Built, plan: &'a Plan) -> Self {
        let roles: Vec<Vec<Role>> = project.tasks.iter().map(roles).collect();
        let answers = answerer(&built.problem, plan, &roles).or_else(|| first_person(project, built));
        Self { roles, answers, ..Self::of(&built.problem, plan) }
    }

    fn role(&self, activity: usize, stage: usize) -> Role {
        self.roles.get(activity).and_then(|roles| roles.get(stage)).copied().unwrap_or(Role::Work)
    }
}

fn roles(task: &super::project::Task) -> Vec<Role> {
    let is_review = |stage: &super::project::Stage| stage.name.to_lowercase().contains("review");
    let role = |(at, stage)| if at > 0 && is_review(stage) { Role::Review } else { Role::Work };
    task.stages.iter().enumerate().map(role).collect()
}

/// Who does most reviews.
fn answerer(problem: &Problem, plan: &Plan, roles: &[Vec<Role>]) -> Option<usize> {
    let mut reviews = vec![0; problem.resources.len()];
    for (at, place) in plan.places.iter().enumerate() {
        for (stage, slot) in place.iter().flat_map(|place| place.slots.iter().enumerate()) {
            let who = problem.activities[at].stages[stage].modes[slot.mode].uses.first();
            if let (Some(Role::Review), Some(who)) = (roles[at].get(stage), who) {
                reviews[who.resource] += 1;
            }
        }
    }
    let most = reviews.iter().copied().max().filter(|most| *most > 0)?;
    reviews.iter().position(|count| *count == most)
}

/// Whoever keeps hours is a person, as far as a project says.
fn first_person(project: &Project, built: &Built) -> Option<usize> {
    let keeps_hours = |means: &Means| matches!(means, Means::Agent(at) if !project.agents[*at].hours.is_empty());
    built.means.iter().position(keeps_hours)
}

/// The hours of those who keep hours, together: what a working hour is. Around the clock if nobody does.
pub fn working_hours(problem: &Problem) -> Clock {
    let mut users = vec![false; problem.resources.len()];
    for mode in problem.activities.iter().flat_map(super::schedule::model::Activity::modes) {
        if let Some(who) = mode.uses.first() {
            users[who.resource] = true;
        }
    }
    let hours =
        problem.resources.iter().zip(users).filter(|(resource, used)| *used && !resource.calendar.open.is_empty());
    Clock::any(hours.map(|(resource, _)| &resource.calendar))
}
