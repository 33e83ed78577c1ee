//! A plan in names and dates.

use serde::Serialize;

use super::{Built, Project, gap};
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
    /// What would have to be there longer for the rest, the most first.
    pub gaps: Vec<gap::Gap>,
    /// What the plan is worth.
    pub score: Score,
    /// No plan is worth less.
    pub bound: Score,
    /// True if there is no better plan.
    pub proved: bool,
    /// What the value is made of, before weights.
    pub terms: Terms,
    /// The same times the weights; together they are the value of the score.
    pub weighted: Terms,
    /// Working minutes of what is planned.
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
    /// Who; a team is joined by ` + `.
    pub agent: String,
    /// Who, one by one.
    pub team: Vec<String>,
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
    ///
    /// # Errors
    /// The fault of a problem that cannot be planned.
    pub fn of(project: &Project, built: &Built, found: &Found) -> Result<Self, Fault> {
        let bound = bindings(&built.problem, &found.plan);
        let known = left_out(&built.problem, &found.plan)?;
        let mut tasks: Vec<Planned> = Vec::new();
        let (mut planned, mut left) = (0, 0);
        for (at, place) in found.plan.places.iter().enumerate() {
            let minutes = project.tasks[at].minutes();
            if let (Some(place), Some(binding)) = (place, bound[at]) {
                planned += minutes;
                tasks.push(Planned {
                    task: project.tasks[at].name.clone(),
                    stages: steps(project, built, at, place),
                    because: because(project, built, binding),
                });
            } else {
                left += minutes;
            }
        }
        tasks.sort_by_key(|task| task.stages.first().map_or(0, |step| step.start));
        Ok(Self {
            tasks,
            left_out: reasons(project, built, found, &known),
            gaps: gap::gaps(project, built, &found.plan, &known),
            score: found.plan.score,
            bound: found.bound,
            proved: found.is_proved(),
            terms: found.plan.terms(&built.problem),
            weighted: found.plan.terms(&built.problem).times(&built.problem.objective),
            minutes_planned: planned,
            minutes_left_out: left,
        })
    }
}

fn steps(project: &Project, built: &Built, at: usize, place: &Place) -> Vec<Step> {
    let slots = place.slots.iter().enumerate().map(|(stage, slot)| {
        let crew = &built.crews[at][stage][slot.mode];
        let team: Vec<String> = crew.iter().map(|&agent| project.agents[agent].name.clone()).collect();
        Step {
            stage: project.tasks[at].stages[stage].name.clone(),
            agent: team.join(" + "),
            team,
            minutes: project.tasks[at].stages[stage].effort.0,
            start: slot.start,
            end: slot.end,
            starts_at: built.date(slot.start),
            ends_at: built.date(slot.end),
        }
    });
    slots.collect()
}

fn reasons(project: &Project, built: &Built, found: &Found, known: &[(usize, Reason)]) -> Vec<LeftOut> {
    let out = found.plan.places.iter().enumerate().filter(|(_, place)| place.is_none());
    let reason = |at: usize| match known.iter().find(|(one, _)| *one == at).map(|(_, reason)| *reason) {
        Some(Reason::NobodyCan) => "no_skill".to_owned(),
        Some(Reason::Predecessor(before)) => format!("predecessor:{}", project.tasks[before].name),
        Some(Reason::Budget(resource)) => format!("budget:{}", built.label(project, resource)),
        Some(Reason::Deadline) => "deadline".to_owned(),
        Some(Reason::Capacity(resource)) => format!("capacity:{}", gap::place(project, built, at, resource)),
        None => "value".to_owned(),
    };
    let left = out.map(|(at, _)| LeftOut {
        task: project.tasks[at].name.clone(),
        reason: reason(at),
        required: project.tasks[at].optional_value().is_none(),
    });
    left.collect()
}

/// What keeps a task from beginning earlier, in words.
pub(super) fn because(project: &Project, built: &Built, binding: Binding) -> String {
    match binding {
        Binding::Release => "it may not begin earlier".to_owned(),
        Binding::Pin => "it is pinned".to_owned(),
        Binding::Begun => "it has begun".to_owned(),
        Binding::After(before) => format!("it waits for {}", project.tasks[before].name),
        Binding::Taken { resource, by } => {
            format!("{} has {} until then", project.tasks[by].name, built.label(project, resource))
        }
        Binding::Closed(resource) => format!("{} is not there before", built.label(project, resource)),
        Binding::Room => "there is no room for all of it earlier".to_owned(),
    }
}
