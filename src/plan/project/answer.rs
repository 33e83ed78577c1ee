//! A plan in names and dates.

use chrono::Duration;
use serde::Serialize;

use super::{Built, Project};
use crate::plan::schedule::model::{Fault, Time};
use crate::plan::schedule::plan::{Place, Score, Terms};
use crate::plan::schedule::{Binding, Found, Reason, bindings, left_out};

/// The answer to a project.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// What is planned, by start.
    pub tasks: Vec<Planned>,
    /// What is left out.
    pub left_out: Vec<LeftOut>,
    /// What the plan is worth.
    pub score: Score,
    /// No plan is worth less.
    pub bound: Score,
    /// True if there is no better plan.
    pub proved: bool,
    /// What the value is made of, before weights.
    pub terms: Terms,
    /// Working minutes of what is planned and of what is not.
    pub minutes_planned: u64,
    /// Working minutes of what is left out.
    pub minutes_left_out: u64,
}

/// A task in the plan.
#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    /// Name.
    pub task: String,
    /// Its stages.
    pub stages: Vec<Step>,
    /// Why it does not begin earlier.
    pub because: String,
}

/// A stage in the plan.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// Name.
    pub stage: String,
    /// Who.
    pub agent: String,
    /// Minutes of work.
    pub minutes: u32,
    /// Minutes from the start of the plan.
    pub start: Time,
    /// Minutes from the start of the plan.
    pub end: Time,
    /// The same as dates, where the project has a start.
    pub starts_at: Option<String>,
    /// The same as dates, where the project has a start.
    pub ends_at: Option<String>,
}

/// A task that is not in the plan.
#[derive(Debug, Clone, Serialize)]
pub struct LeftOut {
    /// Name.
    pub task: String,
    /// Why: `no_skill`, `predecessor:T`, `budget:R`, `deadline`, `capacity:R` or `value`.
    pub reason: String,
    /// True if it had to be done.
    pub required: bool,
}

impl Answer {
    /// What was found, in names.
    pub fn of(project: &Project, built: &Built, found: &Found) -> Result<Self, Fault> {
        let bound = bindings(&built.problem, &found.plan);
        let mut tasks: Vec<Planned> = Vec::new();
        let (mut planned, mut left) = (0, 0);
        for (at, place) in found.plan.places.iter().enumerate() {
            let minutes: u64 = project.tasks[at].stages.iter().map(|stage| u64::from(stage.effort.0)).sum();
            if let (Some(place), Some(binding)) = (place, bound[at]) {
                planned += minutes;
                let because = because(project, built, binding);
                tasks.push(Planned {
                    task: project.tasks[at].name.clone(),
                    stages: steps(project, built, at, place),
                    because,
                });
            } else {
                left += minutes;
            }
        }
        tasks.sort_by_key(|task| task.stages.first().map_or(0, |step| step.start));
        Ok(Self {
            tasks,
            left_out: reasons(project, built, found)?,
            score: found.plan.score,
            bound: found.bound,
            proved: found.is_proved(),
            terms: found.plan.terms(&built.problem),
            minutes_planned: planned,
            minutes_left_out: left,
        })
    }
}

fn steps(project: &Project, built: &Built, at: usize, place: &Place) -> Vec<Step> {
    let date = |time: Time| {
        built
            .start
            .as_ref()
            .map(|start| (start.clone() + Duration::minutes(i64::from(time))).format("%Y-%m-%dT%H:%M%:z").to_string())
    };
    let slots = place.slots.iter().enumerate().map(|(stage, slot)| Step {
        stage: project.tasks[at].stages[stage].name.clone(),
        agent: project.agents[built.modes[at][stage][slot.mode]].name.clone(),
        minutes: project.tasks[at].stages[stage].effort.0,
        start: slot.start,
        end: slot.end,
        starts_at: date(slot.start),
        ends_at: date(slot.end),
    });
    slots.collect()
}

fn reasons(project: &Project, built: &Built, found: &Found) -> Result<Vec<LeftOut>, Fault> {
    let known = left_out(&built.problem, &found.plan)?;
    let out = found.plan.places.iter().enumerate().filter(|(_, place)| place.is_none());
    let reason = |at: usize| match known.iter().find(|(one, _)| *one == at).map(|(_, reason)| *reason) {
        Some(Reason::NobodyCan) => "no_skill".to_owned(),
        Some(Reason::Predecessor(before)) => format!("predecessor:{}", project.tasks[before].name),
        Some(Reason::Budget(resource)) => format!("budget:{}", built.resources[resource]),
        Some(Reason::Deadline) => "deadline".to_owned(),
        Some(Reason::Capacity(resource)) => format!("capacity:{}", built.resources[resource]),
        None => "value".to_owned(),
    };
    let left = out.map(|(at, _)| LeftOut {
        task: project.tasks[at].name.clone(),
        reason: reason(at),
        required: project.tasks[at].value.is_none(),
    });
    Ok(left.collect())
}

fn because(project: &Project, built: &Built, binding: Binding) -> String {
    match binding {
        Binding::Release => "it may not begin earlier".to_owned(),
        Binding::Pin => "it is pinned".to_owned(),
        Binding::Begun => "it has begun".to_owned(),
        Binding::After(before) => format!("it waits for {}", project.tasks[before].name),
        Binding::Taken { resource, by } => {
            format!("{} has {} until then", project.tasks[by].name, built.resources[resource])
        }
        Binding::Closed(resource) => format!("{} is not there before", built.resources[resource]),
        Binding::Room => "there is no room for all of it earlier".to_owned(),
    }
}
