//! When everything could be done at the earliest, if the plan had no end.

use serde::Serialize;

use super::gap::Gap;
use super::{Built, Mistake, Project, build};
use crate::plan::schedule::model::{Fault, Objective, Problem, Time};
use crate::plan::schedule::{bound, order};

/// A bound on the end of all tasks that somebody can do, those left out included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Whole {
    /// No plan for all of them ends earlier; minutes from the start. None if there is too little for all, whenever.
    pub ends: Option<Time>,
    /// The same as a date, where the project has a start.
    pub ends_at: Option<String>,
    /// Days until then on which whoever lacks most time is there.
    pub days: Option<u32>,
}

impl Whole {
    /// Without the end of the project and without deadlines. `gaps` are those of the plan, the widest first.
    ///
    /// # Errors
    /// A mistake in the project.
    pub fn of(project: &Project, gaps: &[Gap]) -> Result<Self, Mistake> {
        let mut all = Project { ends: None, ..project.clone() };
        for task in &mut all.tasks {
            (task.value, task.deadline) = (None, None);
        }
        let mut built = build(&all)?;
        built.problem.objective = Objective::FINISH;
        let fault = |fault: Fault| Mistake::new("tasks", "", fault.to_string());
        give_up_impossible(&mut built.problem).map_err(fault)?;
        let bound = bound(&built.problem).map_err(fault)?;
        let ends = Time::try_from(bound.value).ok().filter(|_| bound.missing == 0);
        let ends_at = ends.and_then(|ends| built.date(ends));
        Ok(Self { ends, ends_at, days: ends.map(|ends| days(&all, &built, gaps, ends)) })
    }
}

/// What nobody can do, and what waits for it, need not be done.
fn give_up_impossible(problem: &mut Problem) -> Result<(), Fault> {
    for at in order(problem)? {
        let one = &problem.activities[at];
        let waits = one.after.iter().any(|link| problem.activities[link.activity].value.is_some());
        if waits || one.stages.iter().any(|stage| stage.modes.is_empty()) {
            problem.activities[at].value = Some(0);
        }
    }
    Ok(())
}

/// Days with some time of the one who lacks most.
fn days(project: &Project, built: &Built, gaps: &[Gap], ends: Time) -> u32 {
    const DAY: Time = 24 * 60;
    let lacking = gaps.first().and_then(|gap| project.agents.iter().position(|agent| agent.name == gap.of));
    let open = lacking.map_or(&[][..], |agent| &built.problem.resources[agent].calendar.open);
    if open.is_empty() {
        return ends.div_ceil(DAY);
    }
    let day = |time: Time| match &built.start {
        Some(start) => (start.clone() + chrono::Duration::minutes(i64::from(time))).date_naive().to_string(),
        None => (time / DAY).to_string(),
    };
    let mut days: Vec<String> = open.iter().filter(|(from, _)| *from < ends).map(|&(from, _)| day(from)).collect();
    days.dedup();
    days.len() as u32
}
