//! What becomes of a running sprint's plan: what no longer holds, the ways to go on, and whether to ask.
//!
//! It owns the way from the board's tasks to the replanner and back. It must never change a plan: it makes the
//! proposal that somebody decides on.

mod judge;
mod terms;
mod ways;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, DurationRound as _};

use crate::domain::id::ProposalId;
use crate::domain::sprint::{Alternative, Layout, MAX_OPTIONS, Proposal};
use crate::domain::{AgentId, TaskId, Timestamp};
use crate::plan::project::{Built, Project};
use crate::plan::replan::{Choice, Outlook, Replanned, Stand, Standing, Stood, is_worth_asking};
use crate::plan::schedule::model::Time;
use crate::plan::schedule::plan::{Place, Plan};
use crate::plan::team::{Basis, Team, Work};
use crate::plan::wizard::{self, Draft, Ground, Job, layout};
use terms::View;

/// Days after the sprint's end that are looked at, so that what comes too late has a date, too.
const OVERTIME_DAYS: i64 = 28;
/// An open proposal gives way to another one if that ends so much earlier or later, or if its own begins lie so far back.
const SAME: Duration = Duration::hours(4);

/// How the reason begins why something was left out that could not go on.
pub const WAITS: &str = "waits";

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nobody is at it.
    Waits,
    /// Somebody is at it.
    Begun {
        /// Who.
        agent_id: AgentId,
        /// Since when.
        since: Timestamp,
        /// Percent done.
        percent: u8,
    },
    /// It is handed in and waits for a judgement.
    InReview {
        /// Who did it, if that is known.
        agent_id: Option<AgentId>,
        /// When the work began.
        since: Timestamp,
        /// When it was handed in.
        until: Timestamp,
    },
}

/// A sprint under way: what stands and what is so.
#[derive(Debug, Clone)]
pub struct Course {
    /// Team and settings, with the present; what somebody holds of this sprint is not in hand there.
    pub ground: Ground,
    /// First instant of the sprint.
    pub starts_at: Timestamp,
    /// End of the sprint: when everything should be done.
    pub ends_at: Timestamp,
    /// The open tasks of the sprint, with how far each is.
    pub items: Vec<(Job, Progress)>,
    /// Those that cannot go on, whoever is there: `is blocked: no contract`, `waits for #9, which is in no sprint`.
    pub held_up: BTreeMap<TaskId, String>,
    /// Minutes that somebody has worked for the sprint.
    pub worked: BTreeMap<AgentId, u32>,
    /// The plan that stands.
    pub layout: Layout,
    /// The plan that stood before somebody accepted a change of it.
    pub before: Option<Layout>,
    /// Whether anything has happened since the plan was made but time, and work that went as planned.
    pub event: bool,
    /// Agents who had a part in the plan and are not in the team any more, by name.
    pub lost: Vec<(AgentId, String)>,
    /// Everything that is in the sprint, done or not.
    pub members: BTreeSet<TaskId>,
    /// A proposal that nobody has decided on.
    pub open: Option<Proposal>,
}

/// What should be done about the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Nothing.
    Leave,
    /// Ask whether to go on like this.
    Propose,
    /// Take the question back.
    Withdraw,
    /// Take the question back and ask another.
    Replace,
}

impl Advice {
    /// Why an open proposal is taken back, if it is.
    pub fn ends(self) -> Option<&'static str> {
        match self {
            Self::Leave | Self::Propose => None,
            Self::Withdraw => Some("there is no reason for it any more"),
            Self::Replace => Some("things have changed since"),
        }
    }
}

/// When a task would be done, by everybody's hours, skills and other work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// In the way to go on that does it first.
    pub first: Timestamp,
    /// In the plan as it goes on if nobody decides, or else in the suggested way.
    pub likely: Timestamp,
}

/// What becomes of a plan.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// Tasks that cannot stay where they are.
    pub hit: Vec<TaskId>,
    /// When the last task ends if nobody decides; none: nothing has a place any more.
    pub carried_ends_at: Option<Timestamp>,
    /// When each open task that has a place would be done.
    pub done: BTreeMap<TaskId, Done>,
    /// What happened, in words; empty if the plan holds.
    pub cause: String,
    /// What cannot go on, and what waits for that, in sentences; it has no place in any way.
    pub waits: Vec<String>,
    /// The same as tasks.
    pub stuck: Vec<TaskId>,
    /// Ways to go on, the recommended one first; none if nothing can be done about it.
    pub options: Vec<Alternative>,
    /// The proposal that nobody has decided on.
    pub open: Option<ProposalId>,
    /// What to do about it.
    pub advice: Advice,
    /// Whether something that the open proposal lets begin should have begun already.
    pub is_old: bool,
}

impl Course {
    /// A sprint that is still being planned, as if it began like that.
    pub fn of_draft(draft: &Draft, ground: &Ground, outlook: &wizard::Outlook) -> Self {
        let picked = outlook.jobs.iter().filter(|job| job.picked);
        let items: Vec<_> = picked.map(|job| (job.clone(), Progress::Waits)).collect();
        Self {
            ground: ground.clone(),
            starts_at: draft.starts_at,
            ends_at: draft.ends_at,
            members: items.iter().map(|(job, _)| job.task_id).collect(),
            items,
            held_up: BTreeMap::new(),
            worked: BTreeMap::new(),
            layout: layout(draft, outlook),
            before: None,
            event: false,
            lost: Vec::new(),
            open: None,
        }
    }

    /// Looks ahead.
    ///
    /// # Errors
    /// What keeps the sprint from being planned at all, such as tasks that wait for themselves.
    pub fn ahead(&self) -> Result<Ahead, String> {
        self.seen(OVERTIME_DAYS, |view, _, built| {
            let (standing, goal) = (view.standing(&built, &self.layout), view.time(self.ends_at));
            let replanned = view.replanned(&built, &standing, goal)?;
            Ok(view.told(&built, &standing, &replanned, goal))
        })?
    }

    /// The plan as it goes on if nobody decides, with the problem that it solves, for questions about it.
    ///
    /// # Errors
    /// As for [`Self::ahead`].
    pub fn explained(&self) -> Result<Basis, String> {
        self.seen(OVERTIME_DAYS, |view, project, mut built| {
            let standing = view.standing(&built, &self.layout);
            let carried = view.replanned(&built, &standing, view.time(self.ends_at))?.carried;
            let now = view.time(self.ground.now);
            for activity in built.problem.activities.iter_mut().filter(|activity| activity.begun.is_empty()) {
                activity.release = activity.release.max(now);
            }
            let plan = Plan::of(&built.problem, carried.plan.places);
            Ok(Basis { project, built, plan })
        })?
    }

    /// The plan as it stands, with so many days after the sprint's end in which something may still be done.
    ///
    /// # Errors
    /// As for [`Self::ahead`].
    pub fn explained_until(&self, overtime_days: i64) -> Result<Basis, String> {
        self.seen(overtime_days, |view, project, built| {
            let place = |(at, (job, _)): (usize, &(Job, Progress))| {
                let Stood::At(stands) = view.stood(&built, &self.layout, at, job) else { return None };
                // A stage that came later than the plan has no place that could be explained.
                if stands.len() < built.problem.activities[at].stages.len() {
                    return None;
                }
                let slot = |stand: &Stand| {
                    Some(super::schedule::plan::Slot { mode: stand.mode?, start: stand.start, end: stand.end })
                };
                Some(Place { slots: stands.iter().map(slot).collect::<Option<_>>()? })
            };
            let plan = Plan::of(&built.problem, self.items.iter().enumerate().map(place).collect());
            Basis { project, built, plan }
        })
    }

    /// The course in the scheduler's terms, with what has begun.
    fn seen<T>(&self, overtime_days: i64, see: impl FnOnce(&View, Project, Built) -> T) -> Result<T, String> {
        let jobs: Vec<&Job> = self.items.iter().map(|(job, _)| job).collect();
        let to = self.ends_at + Duration::days(overtime_days);
        let (from, at_work, limit, stays) = (self.origin(), &self.at_work(), None, None);
        let (ground, by_hand) = (&self.ground, &self.layout.allotted);
        let running = (!by_hand.is_empty()).then_some((self.starts_at, self.ends_at, &self.worked));
        let work = Work { jobs: &jobs, ground, by_hand, at_work, from, to, running, limit, stays };
        let team = Team::of(&work);
        let (project, mut built) = team.built(&work, &jobs).map_err(|mistake| mistake.message)?;
        let view = View { course: self, team: &team, origin: work.origin(), stuck: self.stuck() };
        view.mark_stuck(&mut built);
        view.mark_begun(&mut built);
        Ok(see(&view, project, built))
    }

    /// Who is at which task.
    fn at_work(&self) -> BTreeMap<TaskId, AgentId> {
        let holder = |(job, progress): &(Job, Progress)| match progress {
            Progress::Waits => None,
            Progress::Begun { agent_id, .. } => Some((job.task_id, *agent_id)),
            Progress::InReview { agent_id, .. } => agent_id.map(|agent_id| (job.task_id, agent_id)),
        };
        self.items.iter().filter_map(holder).collect()
    }

    /// The first instant that the plan, a change of it or anything at work has to do with, in whole minutes.
    fn origin(&self) -> Timestamp {
        let proposed = self.open.iter().flat_map(|open| &open.options).map(|option| &option.layout);
        let layouts = std::iter::once(&self.layout).chain(proposed);
        let planned = layouts.flat_map(|layout| &layout.slots).map(|slot| slot.starts_at);
        let begun = self.items.iter().filter_map(|(_, progress)| match progress {
            Progress::Waits => None,
            Progress::Begun { since, .. } | Progress::InReview { since, .. } => Some(*since),
        });
        let first = planned.chain(begun).fold(self.ground.now, Timestamp::min);
        first.duration_trunc(Duration::minutes(1)).unwrap_or(first)
    }

    /// Everything that is held up, and what waits for it.
    pub fn stuck(&self) -> BTreeSet<TaskId> {
        let mut stuck: BTreeSet<TaskId> = self.held_up.keys().copied().collect();
        loop {
            let waits = |(job, progress): &&(Job, Progress)| {
                *progress == Progress::Waits && job.after.iter().any(|on| stuck.contains(on))
            };
            let more: Vec<TaskId> = self.items.iter().filter(waits).map(|(job, _)| job.task_id).collect();
            let before = stuck.len();
            stuck.extend(more);
            if stuck.len() == before {
                return stuck;
            }
        }
    }

    /// Why a way that was proposed cannot be gone any more; none if it can.
    ///
    /// # Errors
    /// As for [`Self::ahead`].
    pub fn obstacle(&self, way: &Alternative) -> Result<Option<String>, String> {
        self.seen(OVERTIME_DAYS, |view, _, built| view.obstacle(&built, way))
    }

    fn is_open(&self, id: TaskId) -> bool {
        self.items.iter().any(|(job, _)| job.task_id == id)
    }

    fn label(&self, at: usize) -> &str {
        &self.items[at].0.label
    }
}

impl View<'_> {
    fn told(&self, built: &Built, standing: &Standing, replanned: &Replanned, goal: Time) -> Ahead {
        let carried = &replanned.carried;
        let mut choices = self.worth_offering(carried, &replanned.options);
        choices.sort_by_key(|choice| self.missed_by(&choice.plan).len() + choice.leaves.len());
        let mut options: Vec<Alternative> = Vec::new();
        for choice in &choices {
            let option = self.alternative(built, carried, choice);
            if options.iter().all(|known| known.layout.slots != option.layout.slots) {
                options.push(option);
            }
        }
        options.truncate(MAX_OPTIONS);
        let missed = self.missed_by(&carried.plan);
        let cause = self.cause(standing, replanned, goal, &missed, options.first());
        if cause.is_empty() && choices.iter().all(|choice| self.wins(carried, choice) != Some(true)) {
            // Minutes are no reason.
            options.clear();
        }
        let expected = Outlook { finish: standing.finish(), goal: Some(goal), ..Outlook::default() };
        let broken = !carried.leaves.is_empty() || self.is_news(&missed, carried, &choices);
        let outlook = Outlook { broken, ..Outlook::of(carried, Some(goal)) };
        let asks = is_worth_asking(&expected, &outlook, replanned);
        Ahead {
            hit: replanned.hit.iter().map(|&at| self.course.items[at].0.task_id).collect(),
            carried_ends_at: self.ends(carried),
            done: self.done(replanned),
            cause,
            waits: self.course.waits(),
            stuck: self.stuck.iter().copied().collect(),
            advice: self.advice(built, asks, &options),
            options,
            open: self.course.open.as_ref().map(|open| open.proposal_id),
            is_old: self.course.open.iter().any(|open| self.is_old(open)),
        }
    }

    fn done(&self, replanned: &Replanned) -> BTreeMap<TaskId, Done> {
        let ways = || std::iter::once(&replanned.carried).chain(&replanned.options);
        let done = |at: usize| {
            let ends = || ways().filter_map(|way| Some(self.date(way.plan.places[at].as_ref()?.end())));
            Some(Done { first: ends().min()?, likely: ends().next()? })
        };
        let items = self.course.items.iter().enumerate();
        items.filter_map(|(at, (job, _))| Some((job.task_id, done(at)?))).collect()
    }

    /// When the last task ends that is still to be done; none if none is.
    fn ends(&self, choice: &Choice) -> Option<Timestamp> {
        Some(self.date(choice.finish)).filter(|ends| *ends > self.course.ground.now)
    }
}
