//! Why a task is where it is, and what it would cost otherwise, in names.

use serde::Serialize;

use super::answer::because;
use super::{Ground, Trial};
use crate::plan::schedule::force::{Change, Forced, earlier, in_other_ways};
use crate::plan::schedule::model::{Fault, Time};
use crate::plan::schedule::plan::Place;
use crate::plan::schedule::{Budget, bindings};

/// Why a task begins when it does.
#[derive(Debug, Clone, Serialize)]
pub struct Why {
    /// The task.
    pub task: String,
    /// When it begins, in minutes from the start of the plan; none if it is left out.
    pub start: Option<Time>,
    /// The same as a date, where the project has a start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<String>,
    /// What keeps it from beginning earlier; none if it is left out.
    pub because: Option<String>,
    /// What it would cost if it went before everything else; none if it could not begin earlier even so.
    pub earlier: Option<Instead>,
}

/// What it would cost if a task were done by an agent.
#[derive(Debug, Clone, Serialize)]
pub struct WhyNot {
    /// The task.
    pub task: String,
    /// The agent.
    pub agent: String,
    /// Why that cannot be: `no_skill`, `no_room`; none if it can.
    pub impossible: Option<String>,
    /// True if the agent does it already.
    pub already: bool,
    /// What it would cost; none if it cannot be or is so already.
    pub instead: Option<Instead>,
}

/// A plan with a wish fulfilled, beside the plan that stands.
#[derive(Debug, Clone, Serialize)]
pub struct Instead {
    /// When the task would begin.
    pub start: Time,
    /// When it would end.
    pub end: Time,
    /// The same as dates, where the project has a start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<String>,
    /// The same as dates, where the project has a start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<String>,
    /// What changes: more than nothing is worse.
    pub change: Change,
    /// Other tasks that would be done by others, or begin at another time.
    pub moves: Vec<String>,
    /// Those of them that would begin later.
    pub later: Vec<String>,
    /// Those of them that would begin earlier.
    pub earlier: Vec<String>,
    /// Those of them that others would do.
    pub others: Vec<String>,
    /// Tasks that would come in.
    pub comes: Vec<String>,
    /// Tasks that would go out.
    pub goes: Vec<String>,
}

impl WhyNot {
    /// Nothing is known yet.
    pub fn of(task: &str, agent: &str) -> Self {
        Self { task: task.to_owned(), agent: agent.to_owned(), impossible: None, already: false, instead: None }
    }
}

impl Ground<'_> {
    /// Why a task begins when it does, and what it would cost if it began earlier. None if no task has that name.
    ///
    /// # Errors
    /// The fault that keeps the project from being planned at all.
    pub fn why(&self, task: &str, trial: &mut Trial) -> Result<Option<Why>, Fault> {
        let Some(at) = self.project.tasks.iter().position(|one| one.name == task) else { return Ok(None) };
        let problem = &self.built.problem;
        let binding = bindings(problem, self.plan)[at];
        let mut budget = Budget { steps: trial.steps, stop: trial.stop };
        let forced = earlier(problem, self.plan, at, &mut budget)?;
        let start = self.plan.places[at].as_ref().map(Place::start);
        Ok(Some(Why {
            task: task.to_owned(),
            start,
            starts_at: start.and_then(|start| self.built.date(start)),
            because: binding.map(|binding| because(self.project, self.built, binding)),
            earlier: forced.and_then(|forced| self.instead(at, &forced)),
        }))
    }

    /// What it would cost if an agent did a task: all of its stages that the agent can do. None if no task or agent has
    /// that name.
    ///
    /// # Errors
    /// The fault that keeps the project from being planned at all.
    pub fn why_not(&self, task: &str, agent: &str, trial: &mut Trial) -> Result<Option<WhyNot>, Fault> {
        let index = self.project.tasks.iter().position(|one| one.name == task);
        let who = self.project.agents.iter().position(|one| one.name == agent);
        let (Some(at), Some(who)) = (index, who) else { return Ok(None) };
        let crews = &self.built.crews[at];
        let allowed = |stage: usize, mode: usize| crews[stage][mode].contains(&who);
        let able = |stage: usize| (0..crews[stage].len()).any(|mode| allowed(stage, mode));
        let mut answer = WhyNot::of(task, agent);
        if !(0..crews.len()).any(able) {
            answer.impossible = Some("no_skill".to_owned());
            return Ok(Some(answer));
        }
        let slots = self.plan.places[at].as_ref().map(|place| &place.slots);
        let has = |stage: usize| slots.is_some_and(|slots| allowed(stage, slots[stage].mode));
        answer.already = (0..crews.len()).all(|stage| !able(stage) || has(stage));
        if answer.already {
            return Ok(Some(answer));
        }
        let mut budget = Budget { steps: trial.steps, stop: trial.stop };
        let forced = in_other_ways(&self.built.problem, self.plan, at, &allowed, &mut budget)?;
        answer.instead = self.instead(at, &forced);
        answer.impossible = answer.instead.is_none().then(|| "no_room".to_owned());
        Ok(Some(answer))
    }

    fn instead(&self, at: usize, forced: &Forced) -> Option<Instead> {
        let place = forced.plan.places[at].as_ref()?;
        let names = |wanted: &dyn Fn(bool, bool) -> bool| {
            let others = forced.moved.iter().filter(|&&one| one != at);
            let there = |plan: &crate::plan::schedule::plan::Plan, one: usize| plan.places[one].is_some();
            let wanted = others.filter(|&&one| wanted(there(self.plan, one), there(&forced.plan, one)));
            wanted.map(|&one| self.project.tasks[one].name.clone()).collect()
        };
        let both = |wanted: &dyn Fn(&Place, &Place) -> bool| {
            let others = forced.moved.iter().filter(|&&one| one != at);
            let places = |one: usize| self.plan.places[one].as_ref().zip(forced.plan.places[one].as_ref());
            let wanted = others.filter(|&&one| places(one).is_some_and(|(before, after)| wanted(before, after)));
            wanted.map(|&one| self.project.tasks[one].name.clone()).collect()
        };
        let modes = |place: &Place| place.slots.iter().map(|slot| slot.mode).collect::<Vec<_>>();
        Some(Instead {
            start: place.start(),
            end: place.end(),
            starts_at: self.built.date(place.start()),
            ends_at: self.built.date(place.end()),
            change: forced.change,
            moves: both(&|_, _| true),
            later: both(&|before, after| after.start() > before.start()),
            earlier: both(&|before, after| after.start() < before.start()),
            others: both(&|before, after| modes(before) != modes(after)),
            comes: names(&|before, after| !before && after),
            goes: names(&|before, after| before && !after),
        })
    }
}
