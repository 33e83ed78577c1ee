//! A course in the scheduler's terms: its dates as minutes, its plans as standings, what has begun as a fact, and which of
//! its tasks end too late.

use std::collections::BTreeSet;

use chrono::Duration;

use super::{Course, Progress, WAITS};
use crate::domain::sprint::{Layout, Stage};
use crate::domain::{AgentId, TaskId, Timestamp};
use crate::plan::project::Built;
use crate::plan::replan::{self, Facts, Options, Replanned, Stand, Standing, Stood};
use crate::plan::schedule::model::{Begun, Due, Problem, Time};
use crate::plan::schedule::plan::Plan;
use crate::plan::team::Team;
use crate::plan::wizard::Job;

/// A course in the scheduler's terms.
pub(super) struct View<'a> {
    pub(super) course: &'a Course,
    pub(super) team: &'a Team<'a>,
    pub(super) origin: Timestamp,
    pub(super) stuck: BTreeSet<TaskId>,
}

impl View<'_> {
    pub(super) fn time(&self, at: Timestamp) -> Time {
        (at - self.origin).num_minutes().max(0) as Time
    }

    pub(super) fn date(&self, time: Time) -> Timestamp {
        self.origin + Duration::minutes(i64::from(time))
    }

    /// Nobody can do what cannot go on.
    pub(super) fn mark_stuck(&self, built: &mut Built) {
        for at in (0..self.course.items.len()).filter(|&at| self.is_stuck(at)) {
            built.problem.activities[at].stages.iter_mut().for_each(|stage| stage.modes.clear());
            built.crews[at].iter_mut().for_each(Vec::clear);
        }
    }

    pub(super) fn is_stuck(&self, at: usize) -> bool {
        self.stuck.contains(&self.course.items[at].0.task_id)
    }

    /// The problem with the dates that count in a sprint: its end for whatever has no earlier one, and deadlines that are
    /// to be kept as long as they can be.
    pub(super) fn dated(&self, problem: &Problem, goal: Time) -> Problem {
        let mut problem = problem.clone();
        for ((job, progress), activity) in self.course.items.iter().zip(&mut problem.activities) {
            match job.deadline {
                None => activity.due = Some(Due { at: goal, weight: activity.urgency }),
                Some(at) if at > self.course.ground.now && *progress == Progress::Waits => {
                    activity.deadline = Some(self.time(at));
                }
                Some(_) => {}
            }
        }
        problem
    }

    /// Tasks that end after their deadlines, by when each ends.
    pub(super) fn missed(&self, end: impl Fn(usize) -> Option<Timestamp>) -> Vec<usize> {
        let items = self.course.items.iter().enumerate();
        let misses = |(at, (job, _)): &(usize, &(Job, Progress))| {
            job.deadline.is_some_and(|deadline| end(*at).is_some_and(|end| end > deadline))
        };
        items.filter(misses).map(|(at, _)| at).collect()
    }

    pub(super) fn missed_by(&self, plan: &Plan) -> Vec<usize> {
        self.missed(|at| plan.places[at].as_ref().map(|place| self.date(place.end())))
    }

    pub(super) fn missed_in(&self, layout: &Layout) -> Vec<usize> {
        self.missed(|at| {
            let task = self.course.items[at].0.task_id;
            layout.slots.iter().filter(|slot| slot.task_id == task).map(|slot| slot.ends_at).max()
        })
    }

    /// Tasks that end after their deadlines or the end of the sprint.
    pub(super) fn late(&self, plan: &Plan) -> usize {
        let end = |at: usize| plan.places[at].as_ref().map(|place| self.date(place.end()));
        let items = self.course.items.iter().enumerate();
        let due = |job: &Job| job.deadline.map_or(self.course.ends_at, |date| date.min(self.course.ends_at));
        items.filter(|(at, (job, _))| end(*at).is_some_and(|end| end > due(job))).count()
    }

    /// What has begun is a fact, whoever the plan had for it.
    pub(super) fn mark_begun(&self, built: &mut Built) {
        let now = self.time(self.course.ground.now);
        for (at, (_, progress)) in self.course.items.iter().enumerate() {
            let begun = match *progress {
                Progress::Waits => None,
                Progress::Begun { agent_id, since, percent } => self.mode(built, at, 0, Some(agent_id)).map(|mode| {
                    let whole = built.problem.activities[at].stages[0].modes[mode].duration;
                    let left = (u64::from(whole) * u64::from(100 - percent.min(100)) / 100).max(1) as Time;
                    Begun { mode, start: self.time(since).min(now), now, left }
                }),
                Progress::InReview { agent_id, since, until } => {
                    let until = self.time(until).min(now);
                    let mode = self.mode(built, at, 0, agent_id).or((!built.crews[at][0].is_empty()).then_some(0));
                    mode.map(|mode| Begun { mode, start: self.time(since).min(until), now: until, left: 0 })
                }
            };
            built.problem.activities[at].begun = begun.into_iter().collect();
        }
    }

    /// Which way to do a stage is this agent's.
    pub(super) fn mode(&self, built: &Built, at: usize, stage: usize, agent: Option<AgentId>) -> Option<usize> {
        let is_theirs = |member: &usize| Some(self.team.members[*member].candidate.agent.agent_id) == agent;
        built.crews.get(at)?.get(stage)?.iter().position(|crew| crew.first().is_some_and(is_theirs))
    }

    /// What becomes of the plan.
    pub(super) fn replanned(&self, built: &Built, standing: &Standing, goal: Time) -> Result<Replanned, String> {
        let course = self.course;
        let before = course.before.iter().map(|layout| self.standing(built, layout)).collect();
        let facts = Facts { now: self.time(course.ground.now), event: course.event, before, ..Facts::default() };
        let options = Options { goal: Some(goal), ..Options::default() };
        let dated = self.dated(&built.problem, goal);
        replan::replan(&dated, standing, &facts, &options).map_err(|fault| fault.to_string())
    }

    /// What a plan says of all tasks.
    pub(super) fn standing(&self, built: &Built, layout: &Layout) -> Standing {
        let items = self.course.items.iter().enumerate();
        Standing { activities: items.map(|(at, (job, _))| self.stood(built, layout, at, job)).collect() }
    }

    /// What a plan says of a task.
    pub(super) fn stood(&self, built: &Built, layout: &Layout, at: usize, job: &Job) -> Stood {
        if self.is_stuck(at) {
            return Stood::Out;
        }
        let stand = |(stage, kind): (usize, Stage)| {
            let slot = layout.slots_of(job.task_id, kind).next()?;
            let mode = self.mode(built, at, stage, slot.agent_id);
            Some(Stand { mode, start: self.time(slot.starts_at), end: self.time(slot.ends_at) })
        };
        let stages = [Stage::Work, Stage::Review].into_iter().take(built.crews[at].len()).enumerate();
        // A review that came later, with a person or another urgency, leaves the work where it is.
        let stands: Vec<Stand> = stages.map_while(stand).collect();
        if !stands.is_empty() {
            return Stood::At(stands);
        }
        // What was left out because it could not go on, and now can, wants a place.
        let is_out = layout.left_out.iter().any(|out| out.task_id == job.task_id && !out.reason.starts_with(WAITS));
        if is_out { Stood::Out } else { Stood::New }
    }
}
