//! What becomes of a running sprint's plan: what no longer holds, the ways to go on, and whether to ask.
//!
//! It owns the way from the board's tasks to the replanner and back. It must never change a plan: it makes the
//! proposal that somebody decides on.

mod judge;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, DurationRound as _};

use crate::domain::id::ProposalId;
use crate::domain::sprint::{Alternative, Layout, LeftOut, MAX_OPTIONS, Price, Proposal, Slot, Stage};
use crate::domain::{AgentId, TaskId, Timestamp};
use crate::plan::project::{Built, Project};
use crate::plan::replan::{self, Choice, Facts, Options, Outlook, Replanned, Stand, Standing, Stood, is_worth_asking};
use crate::plan::schedule::model::{Begun, Due, Problem, Time};
use crate::plan::schedule::plan::{Place, Plan};
use crate::plan::team::{Basis, Team, Work, review_minutes};

use crate::plan::wizard::{self, Draft, Ground, Job, layout};

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

    /// Ways that win something against carrying on, and that no other one beats; if there are none, one that loses
    /// nothing: the plan with the dates that are left to it.
    fn worth_offering<'c>(&self, carried: &Choice, choices: &'c [Choice]) -> Vec<&'c Choice> {
        let others = || choices.iter().filter(|choice| !choice.changes_nothing());
        let mut winners: Vec<&Choice> = others().filter(|choice| self.wins(carried, choice) == Some(true)).collect();
        let figures: Vec<[i64; 6]> = winners.iter().map(|choice| self.figures(choice)).collect();
        let mut beaten = beaten(&figures).into_iter();
        winners.retain(|_| !beaten.next().unwrap_or(false));
        // To drop what has no place anyhow is not a way to go on.
        let moves = |choice: &Choice| !choice.moves.is_empty() || !choice.comes.is_empty();
        let equal = |choice: &&Choice| {
            choice.changed_agents() == 0 && moves(choice) && self.wins(carried, choice) == Some(false)
        };
        if winners.is_empty() { others().find(equal).into_iter().collect() } else { winners }
    }

    /// What is told about a way, the less the better: tasks without a place, deadlines missed, tasks late, the end, tasks
    /// that go to others, tasks that change.
    fn figures(&self, choice: &Choice) -> [i64; 6] {
        let (out, missed, late) =
            (self.left_out(&choice.plan), self.missed_by(&choice.plan).len(), self.late(&choice.plan));
        let counts = [out, missed, late, choice.changed_agents(), choice.moves.len()].map(|count| count as i64);
        let [out, missed, late, hands, moves] = counts;
        [out, missed, late, i64::from(choice.finish), hands, moves]
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

    /// The whole plan as it would be; what is done stays in it.
    fn layout(&self, built: &Built, choice: &Choice) -> Layout {
        let before = &self.course.layout;
        let mut layout = Layout {
            slots: before.slots.iter().filter(|slot| !self.course.is_open(slot.task_id)).cloned().collect(),
            stretch: before.stretch.iter().copied().filter(|id| self.course.is_open(*id)).collect(),
            left_out: Vec::new(),
            allotted: before.allotted.clone(),
            learned: before.learned.clone(),
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

/// Which ways another one beats: it is as good in every figure, and better in one.
fn beaten(figures: &[[i64; 6]]) -> Vec<bool> {
    let better =
        |one: &[i64; 6], other: &[i64; 6]| one != other && one.iter().zip(other).all(|(one, other)| one <= other);
    figures.iter().map(|own| figures.iter().any(|other| better(other, own))).collect()
}

#[cfg(test)]
mod tests {
    use super::beaten;

    #[test]
    fn a_way_that_is_worse_in_all_that_is_told_is_beaten() {
        // More without a place, more deadlines missed, more late, later, more to others, more changes.
        let (balanced, fewest, sooner) = ([-6, 0, 5, 3960, 8, 14], [-6, 0, 4, -140, 5, 11], [-6, 0, 4, -600, 9, 15]);
        assert_eq!(beaten(&[balanced, fewest, sooner]), [true, false, false]);
        assert_eq!(beaten(&[fewest, fewest]), [false, false], "of two that are alike none beats the other");
    }
}
