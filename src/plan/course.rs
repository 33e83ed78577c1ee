//! What becomes of a running sprint's plan: what no longer holds, the ways to go on, and whether to ask.
//!
//! It owns the way from the board's tasks to the replanner and back. It must never change a plan: it makes the
//! proposal that somebody decides on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, DurationRound as _};

use super::project::{Built, Project};
use super::replan::{
    self, Choice, Facts, Kind, Options, Outlook, Reason, Replanned, Stand, Standing, Stood, is_worth_asking,
};
use super::schedule::model::{Begun, Due, Problem, Time};
use super::schedule::plan::{Place, Plan};
use super::team::{Basis, Team, Work, review_minutes};
use super::wizard::{Ground, Job};
use crate::domain::id::ProposalId;
use crate::domain::sprint::{
    Allotment, Alternative, GRACE, Layout, LeftOut, MAX_OPTIONS, Move, Price, Proposal, Slot, Stage,
};
use crate::domain::{ActorKind, Agent, AgentId, TaskId, Timestamp};

/// Days after the sprint's end that are looked at, so that what comes too late has a date, too.
const OVERTIME_DAYS: i64 = 28;
/// An open proposal gives way to another one if that ends so much earlier or later, or if its own begins lie so far back.
const SAME: Duration = Duration::hours(4);
/// Tasks that are named; the others are counted.
const NAMED: usize = 5;

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

/// What becomes of a plan.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// Tasks that cannot stay where they are.
    pub hit: Vec<TaskId>,
    /// When the last task ends if nobody decides; none: nothing has a place any more.
    pub carried_ends_at: Option<Timestamp>,
    /// What happened, in words; empty if the plan holds.
    pub cause: String,
    /// What cannot go on, and what waits for that, in sentences; it has no place in any way.
    pub waits: Vec<String>,
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
        let by_hand = self.by_hand(to);
        let (from, at_work, limit, stays) = (self.origin(), &self.at_work(), None, None);
        let work = Work { jobs: &jobs, ground: &self.ground, by_hand: &by_hand, at_work, from, to, limit, stays };
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

    /// What was said about everybody's time in the sprint: tasks get what is left of it, and reviews as much on a day as
    /// before.
    fn by_hand(&self, to: Timestamp) -> BTreeMap<AgentId, Allotment> {
        let length = (self.ends_at - self.starts_at).num_minutes().max(1);
        let longer = |minutes: u32| i64::from(minutes) * (to - self.origin()).num_minutes() / length;
        let longer = |minutes: u32| u32::try_from(longer(minutes)).unwrap_or(u32::MAX);
        let left = |(id, said): (&AgentId, &Allotment)| {
            let worked = self.worked.get(id).copied().unwrap_or(0);
            // Who has none left is still there for reviews.
            let work = said.work.map(|minutes| minutes.saturating_sub(worked).max(1));
            let left = Allotment { work, review: said.review.map(longer), answers: said.answers };
            (*id, if *said == Allotment::NONE { *said } else { left })
        };
        self.layout.allotted.iter().map(left).collect()
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
    fn stuck(&self) -> BTreeSet<TaskId> {
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

    /// Why a task cannot go on, if it cannot.
    pub fn holds_up(&self, task: TaskId) -> Option<String> {
        if let Some(why) = self.held_up.get(&task) {
            return Some(why.clone());
        }
        let stuck = self.stuck();
        let (job, _) = self.items.iter().find(|(job, _)| job.task_id == task && stuck.contains(&task))?;
        let before = self.items.iter().filter(|(one, _)| job.after.contains(&one.task_id));
        let labels: Vec<&str> =
            before.filter(|(one, _)| stuck.contains(&one.task_id)).map(|(one, _)| one.label.as_str()).collect();
        Some(format!("waits for {}", labels.join(", ")))
    }

    /// What cannot go on, and what waits for that: `#5 is blocked: no contract`, `#6, #7 wait for that`.
    pub fn waits(&self) -> Vec<String> {
        let stuck = self.stuck();
        let jobs = || self.items.iter().map(|(job, _)| job);
        let mut told: Vec<String> =
            jobs().filter_map(|job| Some(format!("{} {}", job.label, self.held_up.get(&job.task_id)?))).collect();
        let behind = |job: &&Job| stuck.contains(&job.task_id) && !self.held_up.contains_key(&job.task_id);
        let labels: Vec<&str> = jobs().filter(behind).map(|job| job.label.as_str()).collect();
        if !labels.is_empty() {
            told.push(format!("{} {} for that", listed(&labels), if labels.len() == 1 { "waits" } else { "wait" }));
        }
        told
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

/// A course in the scheduler's terms.
struct View<'a> {
    course: &'a Course,
    team: &'a Team<'a>,
    origin: Timestamp,
    stuck: BTreeSet<TaskId>,
}

impl View<'_> {
    fn time(&self, at: Timestamp) -> Time {
        (at - self.origin).num_minutes().max(0) as Time
    }

    fn date(&self, time: Time) -> Timestamp {
        self.origin + Duration::minutes(i64::from(time))
    }

    /// Nobody can do what cannot go on.
    fn mark_stuck(&self, built: &mut Built) {
        for at in (0..self.course.items.len()).filter(|&at| self.is_stuck(at)) {
            built.problem.activities[at].stages.iter_mut().for_each(|stage| stage.modes.clear());
            built.crews[at].iter_mut().for_each(Vec::clear);
        }
    }

    fn is_stuck(&self, at: usize) -> bool {
        self.stuck.contains(&self.course.items[at].0.task_id)
    }

    /// The problem with the dates that count in a sprint: its end for whatever has no earlier one, and deadlines that are
    /// to be kept as long as they can be.
    fn dated(&self, problem: &Problem, goal: Time) -> Problem {
        let mut problem = problem.clone();
        for ((job, progress), activity) in self.course.items.iter().zip(&mut problem.activities) {
            match job.deadline {
                None => activity.due = activity.due.map(|due| Due { at: goal, ..due }),
                Some(at) if at > self.course.ground.now && *progress == Progress::Waits => {
                    activity.deadline = Some(self.time(at));
                }
                Some(_) => {}
            }
        }
        problem
    }

    /// Tasks that end after their deadlines, by when each ends.
    fn missed(&self, end: impl Fn(usize) -> Option<Timestamp>) -> Vec<usize> {
        let items = self.course.items.iter().enumerate();
        let misses = |(at, (job, _)): &(usize, &(Job, Progress))| {
            job.deadline.is_some_and(|deadline| end(*at).is_some_and(|end| end > deadline))
        };
        items.filter(misses).map(|(at, _)| at).collect()
    }

    fn missed_by(&self, plan: &Plan) -> Vec<usize> {
        self.missed(|at| plan.places[at].as_ref().map(|place| self.date(place.end())))
    }

    fn missed_in(&self, layout: &Layout) -> Vec<usize> {
        self.missed(|at| {
            let task = self.course.items[at].0.task_id;
            layout.slots.iter().filter(|slot| slot.task_id == task).map(|slot| slot.ends_at).max()
        })
    }

    /// Tasks that end after their deadlines or the end of the sprint.
    fn late(&self, plan: &Plan) -> usize {
        let end = |at: usize| plan.places[at].as_ref().map(|place| self.date(place.end()));
        let items = self.course.items.iter().enumerate();
        let due = |job: &Job| job.deadline.map_or(self.course.ends_at, |date| date.min(self.course.ends_at));
        items.filter(|(at, (job, _))| end(*at).is_some_and(|end| end > due(job))).count()
    }

    /// What has begun is a fact, whoever the plan had for it.
    fn mark_begun(&self, built: &mut Built) {
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
    fn mode(&self, built: &Built, at: usize, stage: usize, agent: Option<AgentId>) -> Option<usize> {
        let is_theirs = |member: &usize| Some(self.team.members[*member].candidate.agent.agent_id) == agent;
        built.crews.get(at)?.get(stage)?.iter().position(|crew| crew.first().is_some_and(is_theirs))
    }

    /// What becomes of the plan.
    fn replanned(&self, built: &Built, standing: &Standing, goal: Time) -> Result<Replanned, String> {
        let course = self.course;
        let before = course.before.iter().map(|layout| self.standing(built, layout)).collect();
        let facts = Facts { now: self.time(course.ground.now), event: course.event, before, ..Facts::default() };
        let options = Options { goal: Some(goal), ..Options::default() };
        let dated = self.dated(&built.problem, goal);
        replan::replan(&dated, standing, &facts, &options).map_err(|fault| fault.to_string())
    }

    /// What a plan says of all tasks.
    fn standing(&self, built: &Built, layout: &Layout) -> Standing {
        let items = self.course.items.iter().enumerate();
        Standing { activities: items.map(|(at, (job, _))| self.stood(built, layout, at, job)).collect() }
    }

    /// What a plan says of a task.
    fn stood(&self, built: &Built, layout: &Layout, at: usize, job: &Job) -> Stood {
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
            carried_ends_at: (carried.finish > 0).then(|| self.date(carried.finish)),
            cause,
            waits: self.course.waits(),
            advice: self.advice(built, asks, &options),
            options,
            open: self.course.open.as_ref().map(|open| open.proposal_id),
            is_old: self.course.open.iter().any(|open| self.is_old(open)),
        }
    }

    /// Ways that win something against carrying on; if there are none, one that loses nothing: the plan with the dates
    /// that are left to it.
    fn worth_offering<'c>(&self, carried: &Choice, choices: &'c [Choice]) -> Vec<&'c Choice> {
        let others = || choices.iter().filter(|choice| !choice.changes_nothing());
        let winners: Vec<&Choice> = others().filter(|choice| self.wins(carried, choice) == Some(true)).collect();
        let equal = |choice: &&Choice| choice.changed_agents() == 0 && self.wins(carried, choice) == Some(false);
        if winners.is_empty() { others().find(equal).into_iter().collect() } else { winners }
    }

    /// Whether a way is better than another one in any respect; none if it is only worse.
    fn wins(&self, carried: &Choice, choice: &Choice) -> Option<bool> {
        let terms = |of: &Choice| {
            let out = self.left_out(&of.plan) as i64;
            let (missed, late) = (self.missed_by(&of.plan).len() as i64, self.late(&of.plan) as i64);
            [out, missed, late, of.lateness, i64::from(of.finish)]
        };
        let (to, from) = (terms(choice), terms(carried));
        let wins = to.iter().zip(from).any(|(to, from)| *to < from);
        (wins || to == from).then_some(wins)
    }

    /// Tasks that could go on and have no place.
    fn left_out(&self, plan: &Plan) -> usize {
        (0..plan.places.len()).filter(|&at| plan.places[at].is_none() && !self.is_stuck(at)).count()
    }

    /// Whether it is news that these deadlines are missed: as the plan stands they are kept, or a way keeps one.
    fn is_news(&self, missed: &[usize], carried: &Choice, choices: &[&Choice]) -> bool {
        let known = self.missed_in(&self.course.layout);
        let keeps = |choice: &&Choice| {
            choice.leaves.len() <= carried.leaves.len() && self.missed_by(&choice.plan).len() < missed.len()
        };
        missed.iter().any(|at| !known.contains(at)) || choices.iter().any(keeps)
    }

    fn advice(&self, built: &Built, asks: bool, options: &[Alternative]) -> Advice {
        let Some(open) = &self.course.open else {
            return if asks && !options.is_empty() { Advice::Propose } else { Advice::Leave };
        };
        // What a person has asked for is theirs to drop, as long as it can be done.
        let theirs = open.made_by.kind != ActorKind::System;
        if open.options.iter().any(|way| self.obstacle(built, way).is_some()) {
            return if !options.is_empty() && (asks || theirs) { Advice::Replace } else { Advice::Withdraw };
        }
        match (open.options.first(), options.first()) {
            (Some(was), Some(best)) if asks => {
                let ends = was.layout.ends_at().zip(best.layout.ends_at());
                let alike = ends.is_none_or(|(was, best)| (was - best).abs() < SAME);
                let has = |slot: &Slot| was.layout.slots_of(slot.task_id, slot.stage).next().is_some();
                let as_good = was.misses.len() <= best.misses.len();
                if alike && as_good && best.layout.slots.iter().all(has) { Advice::Leave } else { Advice::Replace }
            }
            _ if theirs => Advice::Leave,
            _ => Advice::Withdraw,
        }
    }

    /// Why a way that was proposed cannot be gone any more. That its begin has just passed is no matter: what is proposed
    /// to begin at once would be another proposal with every look.
    fn obstacle(&self, built: &Built, way: &Alternative) -> Option<String> {
        let items = self.course.items.iter().enumerate();
        let index: BTreeMap<TaskId, usize> = items.map(|(at, (job, _))| (job.task_id, at)).collect();
        let slots = way.layout.slots.iter();
        let blocks = slots.map(|slot| (index.get(&slot.task_id), slot)).find_map(|(at, slot)| match at {
            Some(&at) => self.keeps_from(built, at, slot),
            // What is done needs no decision any more.
            None if self.course.members.contains(&slot.task_id) => None,
            None => Some("a task has left the sprint".to_owned()),
        });
        let news = || {
            let missed = self.missed_in(&way.layout);
            let label = |at: &&usize| !way.misses.contains(&self.course.items[**at].0.task_id);
            missed.iter().find(label).map(|at| format!("{} would miss its deadline", self.course.label(*at)))
        };
        blocks.or_else(news)
    }

    fn keeps_from(&self, built: &Built, at: usize, slot: &Slot) -> Option<String> {
        let (job, progress) = &self.course.items[at];
        let (label, who, stage) = (&job.label, self.name(slot.agent_id), usize::from(slot.stage == Stage::Review));
        if self.is_stuck(at) {
            return Some(format!("{label} {}", self.course.holds_up(job.task_id)?));
        }
        match *progress {
            Progress::Begun { agent_id, .. } if stage == 0 => {
                return (slot.agent_id != Some(agent_id)).then(|| format!("somebody else is at {label}"));
            }
            Progress::InReview { .. } if stage == 0 => return None,
            _ => {}
        }
        if self.mode(built, at, stage, slot.agent_id).is_none() {
            return slot.agent_id.map(|_| format!("{who} is not there for {label}"));
        }
        if *progress == Progress::Waits && self.course.ground.now - slot.starts_at >= SAME {
            return Some(format!("{label} should have begun long ago"));
        }
        let agent = self.course.ground.agents().into_iter().find(|agent| Some(agent.agent_id) == slot.agent_id)?;
        let is_away = self.is_away(agent, slot);
        // Hours that nobody has declared keep nobody from anything.
        let counts = is_away || !agent.availability.is_empty();
        let how = if is_away { "is away" } else { "has too little time" };
        (counts && !self.has_time(built, at, slot)).then(|| format!("{who} {how} when {label} is planned"))
    }

    /// Whether a day off lies in that time.
    fn is_away(&self, agent: &Agent, slot: &Slot) -> bool {
        let day = |at: Timestamp| at.with_timezone(&agent.time_zone).date_naive();
        let off = agent.days_off(&self.course.ground.policy.holidays);
        off.iter().any(|days| days.first <= day(slot.ends_at) && day(slot.starts_at) <= days.last)
    }

    /// Whether whoever is to do it is there for so long in that time.
    fn has_time(&self, built: &Built, at: usize, slot: &Slot) -> bool {
        let stage = usize::from(slot.stage == Stage::Review);
        let Some(mode) = self.mode(built, at, stage, slot.agent_id) else { return false };
        let Some(used) = built.problem.activities[at].stages[stage].modes[mode].uses.first() else { return true };
        let open = &built.problem.resources[used.resource].calendar.open;
        let (start, end) = (self.time(slot.starts_at), self.time(slot.ends_at));
        let there = |&(from, to): &(Time, Time)| to.min(end).saturating_sub(from.max(start));
        let member = built.crews[at][stage][mode].first().map(|&member| &self.team.members[member]);
        let share = member.filter(|member| !member.reviews).map_or(1.0, |member| member.share());
        let wanted = (f64::from(slot.minutes) / share) as Time;
        open.is_empty() || open.iter().map(there).sum::<Time>() + GRACE.num_minutes() as Time >= wanted
    }

    fn name(&self, agent: Option<AgentId>) -> &str {
        let team = self.course.ground.team.iter().map(|member| (member.agent.agent_id, member.agent.name.as_str()));
        let lost = self.course.lost.iter().map(|(id, name)| (*id, name.as_str()));
        team.chain(lost).find(|(id, _)| Some(*id) == agent).map_or("somebody", |(_, name)| name)
    }

    /// Whether something should have begun that a proposal lets begin.
    fn is_old(&self, open: &Proposal) -> bool {
        let waits = self.course.items.iter().filter(|(_, progress)| *progress == Progress::Waits);
        let waits: BTreeSet<TaskId> = waits.map(|(job, _)| job.task_id).collect();
        let mut slots = open.options.iter().flat_map(|option| &option.layout.slots);
        slots.any(|slot| waits.contains(&slot.task_id) && slot.starts_at + GRACE < self.course.ground.now)
    }

    /// What happened, in a sentence that names the tasks: who is not there for them, what comes noticeably later, what has
    /// nobody, what would end too late, what is new. Empty if the plan holds but for minutes.
    fn cause(
        &self,
        standing: &Standing,
        replanned: &Replanned,
        goal: Time,
        missed: &[usize],
        best: Option<&Alternative>,
    ) -> String {
        if self.course.layout.slots.is_empty() && !self.course.items.is_empty() {
            return "there is no plan yet".into();
        }
        let mut open: BTreeSet<usize> = (0..self.course.items.len()).collect();
        let mut parts = Vec::new();
        let mut tell = |open: &mut BTreeSet<usize>, tasks: Vec<usize>, words: &dyn Fn(&str) -> String| {
            let tasks: Vec<usize> = tasks.into_iter().filter(|at| open.remove(at)).collect();
            if !tasks.is_empty() {
                parts.push(words(&self.named(&tasks)));
            }
        };
        let hit = |wanted: &dyn Fn(usize) -> bool| replanned.hit.iter().copied().filter(|&at| wanted(at)).collect();
        for (absent, name, what) in self.absent() {
            tell(&mut open, hit(&|at| self.planned_for(at) == Some(absent)), &|tasks| format!("{name} {what} {tasks}"));
        }
        let carried = &replanned.carried;
        let place = |at: usize| carried.plan.places[at].as_ref();
        let grace = GRACE.num_minutes() as Time;
        let is_late = |at: usize| place(at).zip(standing.start(at)).is_some_and(|(to, was)| to.start() > was + grace);
        tell(&mut open, hit(&is_late), &|tasks| format!("{tasks} cannot begin as planned"));
        let gone = |nobody: bool| {
            let gone = carried.leaves.iter().filter(|(_, why)| matches!(why, Some(Reason::NobodyCan)) == nobody);
            gone.map(|(at, _)| *at).collect()
        };
        tell(&mut open, gone(true), &|tasks| format!("nobody is there for {tasks}"));
        tell(&mut open, gone(false), &|tasks| format!("nobody has time for {tasks}"));
        let whose = if missed.len() == 1 { "misses its deadline" } else { "miss their deadlines" };
        tell(&mut (0..self.course.items.len()).collect(), missed.to_vec(), &|tasks| format!("{tasks} {whose}"));
        if standing.finish() <= goal {
            let over = open.iter().copied().filter(|&at| place(at).is_some_and(|place| place.end() > goal)).collect();
            tell(&mut open, over, &|tasks| format!("{tasks} would end after the sprint"));
        }
        let comes = replanned.best().comes.iter().copied().filter(|at| !carried.comes.contains(at)).collect();
        tell(&mut open, comes, &|tasks| format!("{tasks} came in and has no place yet"));
        if parts.is_empty() && best.is_some_and(|best| self.comes_back(best)) {
            parts.push("what the last change was made for is over".into());
        }
        parts.join("; ")
    }

    /// Who had a part in the plan and does not take it, with what is to be said about it.
    fn absent(&self) -> impl Iterator<Item = (AgentId, &str, &'static str)> {
        let lost = self.course.lost.iter().map(|(id, name)| (*id, name.as_str(), "is not there for"));
        let team = self.course.ground.team.iter().map(|member| &member.agent);
        let draining = team
            .filter(|agent| agent.draining)
            .map(|agent| (agent.agent_id, agent.name.as_str(), "takes nothing new, so not"));
        lost.chain(draining)
    }

    /// Whether everybody would have what they had before the last change.
    fn comes_back(&self, best: &Alternative) -> bool {
        let hands = |step: &Move| self.course.is_open(step.task_id) && step.agent_from != step.agent_to;
        let differs = |other: &Layout| other.moves_to(&best.layout).iter().any(hands);
        self.course.before.as_ref().is_some_and(|before| !differs(before) && differs(&self.course.layout))
    }

    fn planned_for(&self, at: usize) -> Option<AgentId> {
        self.course.layout.slots_of(self.course.items[at].0.task_id, Stage::Work).next()?.agent_id
    }

    fn named(&self, tasks: &[usize]) -> String {
        listed(&tasks.iter().map(|&at| self.course.label(at)).collect::<Vec<_>>())
    }

    fn alternative(&self, built: &Built, carried: &Choice, choice: &Choice) -> Alternative {
        let price = Price {
            lateness: choice.lateness - carried.lateness,
            finish: i64::from(choice.finish) - i64::from(carried.finish),
            late: self.late(&choice.plan) as i64 - self.late(&carried.plan) as i64,
            left_out: self.left_out(&choice.plan) as i64 - self.left_out(&carried.plan) as i64,
        };
        let misses = self.missed_by(&choice.plan);
        Alternative {
            label: self.label(choice, &misses),
            layout: self.layout(built, choice),
            price,
            misses: misses.iter().map(|&at| self.course.items[at].0.task_id).collect(),
            moves: Vec::new(),
        }
    }

    /// A way to go on in a few words.
    fn label(&self, choice: &Choice, misses: &[usize]) -> String {
        let hands = choice.changed_agents();
        let times = choice.moves.iter().filter(|step| !step.other_agent).count();
        let count = |tasks: usize| if tasks == 1 { "1 task".to_owned() } else { format!("{tasks} tasks") };
        let mut parts = Vec::new();
        if hands > 0 {
            parts.push(format!("{} to others", count(hands)));
        }
        if times > 0 {
            parts.push(format!("{} at another time", count(times)));
        }
        if !choice.leaves.is_empty() {
            let names: Vec<&str> = choice.leaves.iter().take(NAMED).map(|(at, _)| self.course.label(*at)).collect();
            let more = if choice.leaves.len() > NAMED { " and more" } else { "" };
            parts.push(format!("without {}{more}", names.join(", ")));
        }
        if !choice.comes.is_empty() {
            parts.push(format!("{} more", count(choice.comes.len())));
        }
        if parts.is_empty() {
            parts.push("as planned".into());
        }
        let what = match choice.kind {
            Kind::FewestChanges => "fewest changes: ",
            Kind::Sooner => "sooner: ",
            Kind::DatesMove => "later: ",
            Kind::KeepsDates => "on time: ",
            Kind::TasksLeave => "less: ",
            Kind::Balanced => "",
        };
        let dates = match misses.len() {
            0 => String::new(),
            1 => format!("; misses the deadline of {}", self.named(misses)),
            _ => format!("; misses the deadlines of {}", self.named(misses)),
        };
        let ends = self.date(choice.finish).format("%a %-d %b %H:%M UTC");
        format!("{what}{}; done {ends}{dates}", parts.join(", "))
    }

    /// The whole plan as it would be; what is done stays in it.
    fn layout(&self, built: &Built, choice: &Choice) -> Layout {
        let before = &self.course.layout;
        let mut layout = Layout {
            slots: before.slots.iter().filter(|slot| !self.course.is_open(slot.task_id)).cloned().collect(),
            stretch: before.stretch.iter().copied().filter(|id| self.course.is_open(*id)).collect(),
            left_out: Vec::new(),
            allotted: before.allotted.clone(),
            terms: super::team::terms(built.problem.objective, choice.plan.terms(&built.problem)),
        };
        for (at, ((job, _), place)) in self.course.items.iter().zip(&choice.plan.places).enumerate() {
            let (task_id, minutes) = (job.task_id, job.work_minutes(&self.course.ground.rule));
            let Some(place) = place else {
                let waits = self.course.holds_up(task_id).filter(|_| self.is_stuck(at));
                let reason = waits.map_or_else(|| "replan".into(), |why| format!("{WAITS}: {why}"));
                layout.left_out.push(LeftOut { task_id, minutes, reason });
                continue;
            };
            layout.slots.extend(place.slots.iter().enumerate().map(|(stage, slot)| Slot {
                task_id,
                stage: if stage == 0 { Stage::Work } else { Stage::Review },
                agent_id: self.agent(built, at, stage, slot.mode),
                starts_at: self.date(slot.start),
                ends_at: self.date(slot.end),
                minutes: if stage == 0 { minutes } else { review_minutes(minutes) },
            }));
        }
        layout.slots.sort_by_key(|slot| (slot.starts_at, slot.task_id, slot.stage != Stage::Work));
        layout
    }

    fn agent(&self, built: &Built, at: usize, stage: usize, mode: usize) -> Option<AgentId> {
        let member = *built.crews.get(at)?.get(stage)?.get(mode)?.first()?;
        Some(self.team.members[member].candidate.agent.agent_id)
    }
}

fn listed(labels: &[&str]) -> String {
    match labels.len().saturating_sub(NAMED) {
        0 => labels.join(", "),
        more => format!("{} and {more} more", labels[..NAMED].join(", ")),
    }
}
