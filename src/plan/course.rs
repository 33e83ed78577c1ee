//! What becomes of a running sprint's plan: what no longer holds, the ways to go on, and whether to ask.
//!
//! It owns the way from the board's tasks to the replanner and back. It must never change a plan: it makes the
//! proposal that somebody decides on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;

use super::project::{Built, Project};
use super::replan::{self, Choice, Facts, Kind, Options, Outlook, Replanned, Stand, Standing, Stood, is_worth_asking};
use super::schedule::model::{Begun, Time};
use super::schedule::plan::{Place, Plan};
use super::team::{Basis, Team, Work, review_minutes};
use super::wizard::{Ground, Job};
use crate::domain::id::ProposalId;
use crate::domain::sprint::{
    Allotment, Alternative, GRACE, Layout, LeftOut, MAX_OPTIONS, Move, Price, Proposal, Slot, Stage,
};
use crate::domain::{ActorKind, AgentId, TaskId, Timestamp};

/// Days after the sprint's end that are looked at, so that what comes too late has a date, too.
const OVERTIME_DAYS: i64 = 28;
/// An open proposal gives way to another one if that ends so much earlier or later, or if its own begins lie so far back.
const SAME: Duration = Duration::hours(4);
/// Tasks that are named; the others are counted.
const NAMED: usize = 5;

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
    /// End of the sprint: when everything should be done.
    pub ends_at: Timestamp,
    /// The open tasks of the sprint, with how far each is.
    pub items: Vec<(Job, Progress)>,
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
    /// Ways to go on, the recommended one first; none if nothing can be done about it.
    pub options: Vec<Alternative>,
    /// The proposal that nobody has decided on.
    pub open: Option<ProposalId>,
    /// What to do about it.
    pub advice: Advice,
}

impl Course {
    /// Looks ahead.
    ///
    /// # Errors
    /// What keeps the sprint from being planned at all, such as tasks that wait for themselves.
    pub fn ahead(&self) -> Result<Ahead, String> {
        self.seen(OVERTIME_DAYS, |view, _, built| {
            let standing = view.standing(&built, &self.layout);
            let goal = view.time(self.ends_at);
            let before = self.before.iter().map(|layout| view.standing(&built, layout)).collect();
            let facts = Facts { now: view.time(self.ground.now), event: self.event, before, ..Facts::default() };
            let options = Options { goal: Some(goal), ..Options::default() };
            let replanned =
                replan::replan(&built.problem, &standing, &facts, &options).map_err(|fault| fault.to_string())?;
            Ok(view.told(&built, &standing, &replanned, goal))
        })?
    }

    /// The plan as it stands with the problem that it solves, for questions about it.
    ///
    /// # Errors
    /// As for [`Self::ahead`].
    pub fn explained(&self) -> Result<Basis, String> {
        self.explained_until(OVERTIME_DAYS)
    }

    /// The same, with so many days after the sprint's end in which something may still be done.
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
        let (by_hand, to) = (self.apart(), self.ends_at + Duration::days(overtime_days));
        let (from, at_work, limit, stays) = (self.origin(), &self.at_work(), None, None);
        let work = Work { jobs: &jobs, ground: &self.ground, by_hand: &by_hand, at_work, from, to, limit, stays };
        let team = Team::of(&work);
        let (project, mut built) = team.built(&work, &jobs).map_err(|mistake| mistake.message)?;
        let view = View { course: self, team: &team, origin: work.origin() };
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

    /// Who takes no part in the sprint. Hours that were set for the whole of it say nothing about what is left of it.
    fn apart(&self) -> BTreeMap<AgentId, Allotment> {
        let apart = |(_, allotted): &(&AgentId, &Allotment)| **allotted == Allotment::NONE;
        self.layout.allotted.iter().filter(apart).map(|(id, allotted)| (*id, *allotted)).collect()
    }

    /// The first instant that the plan or anything at work has to do with.
    fn origin(&self) -> Timestamp {
        let planned = self.layout.slots.iter().map(|slot| slot.starts_at);
        let begun = self.items.iter().filter_map(|(_, progress)| match progress {
            Progress::Waits => None,
            Progress::Begun { since, .. } | Progress::InReview { since, .. } => Some(*since),
        });
        planned.chain(begun).fold(self.ground.now, Timestamp::min)
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
}

impl View<'_> {
    fn time(&self, at: Timestamp) -> Time {
        (at - self.origin).num_minutes().max(0) as Time
    }

    fn date(&self, time: Time) -> Timestamp {
        self.origin + Duration::minutes(i64::from(time))
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

    /// What a plan says of all tasks.
    fn standing(&self, built: &Built, layout: &Layout) -> Standing {
        let items = self.course.items.iter().enumerate();
        Standing { activities: items.map(|(at, (job, _))| self.stood(built, layout, at, job)).collect() }
    }

    /// What a plan says of a task.
    fn stood(&self, built: &Built, layout: &Layout, at: usize, job: &Job) -> Stood {
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
        let is_out = layout.left_out.iter().any(|out| out.task_id == job.task_id);
        if is_out { Stood::Out } else { Stood::New }
    }

    fn told(&self, built: &Built, standing: &Standing, replanned: &Replanned, goal: Time) -> Ahead {
        let mut options: Vec<Alternative> = Vec::new();
        for choice in replanned.options.iter().filter(|choice| !choice.changes_nothing()) {
            let option = self.alternative(built, &replanned.carried, choice);
            if options.iter().all(|known| known.layout.slots != option.layout.slots) {
                options.push(option);
            }
        }
        options.truncate(MAX_OPTIONS);
        let expected = Outlook { finish: standing.finish(), goal: Some(goal), ..Outlook::default() };
        let asks = is_worth_asking(&expected, &Outlook::of(&replanned.carried, Some(goal)), replanned);
        let carried = replanned.carried.finish;
        Ahead {
            hit: replanned.hit.iter().map(|&at| self.course.items[at].0.task_id).collect(),
            carried_ends_at: (carried > 0).then(|| self.date(carried)),
            cause: self.cause(standing, replanned, goal, options.first()),
            advice: self.advice(asks, &options),
            options,
            open: self.course.open.as_ref().map(|open| open.proposal_id),
        }
    }

    fn advice(&self, asks: bool, options: &[Alternative]) -> Advice {
        let Some(open) = &self.course.open else {
            return if asks && !options.is_empty() { Advice::Propose } else { Advice::Leave };
        };
        match (open.options.first(), options.first()) {
            (Some(was), Some(best)) if asks => {
                let ends = was.layout.ends_at().zip(best.layout.ends_at());
                let alike = ends.is_none_or(|(was, best)| (was - best).abs() < SAME);
                let has = |layout: &Layout, slot: &Slot| layout.slots_of(slot.task_id, slot.stage).next().is_some();
                let whole = best.layout.slots.iter().all(|slot| has(&was.layout, slot))
                    && was.layout.slots.iter().all(|slot| self.course.members.contains(&slot.task_id));
                let stands = alike && whole && was.moves.iter().all(|step| self.is_possible(step));
                if stands { Advice::Leave } else { Advice::Replace }
            }
            // What a person has asked for is theirs to drop.
            _ if open.made_by.kind != ActorKind::System => Advice::Leave,
            _ => Advice::Withdraw,
        }
    }

    /// Whether a change that was proposed can still be made. That its begin has just passed is no matter: what is
    /// proposed to begin at once would be another proposal with every look.
    fn is_possible(&self, step: &Move) -> bool {
        // What is done needs no decision any more.
        let Some((_, progress)) = self.course.items.iter().find(|(job, _)| job.task_id == step.task_id) else {
            return true;
        };
        let reviews = step.stage == Stage::Review;
        let is_there = step.agent_to.is_none_or(|agent| self.team.takes(agent, reviews));
        match *progress {
            Progress::Waits => is_there && step.starts_to.is_none_or(|at| self.course.ground.now - at < SAME),
            Progress::Begun { .. } | Progress::InReview { .. } if reviews => is_there,
            Progress::Begun { agent_id, .. } => step.agent_to == Some(agent_id),
            Progress::InReview { .. } => true,
        }
    }

    /// What happened, in a sentence that names the tasks: who is not there for them, what comes noticeably later, what has
    /// nobody, what would end too late, what is new. Empty if the plan holds but for minutes.
    fn cause(&self, standing: &Standing, replanned: &Replanned, goal: Time, best: Option<&Alternative>) -> String {
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
        let gone = carried.leaves.iter().map(|(at, _)| *at).collect();
        tell(&mut open, gone, &|tasks| format!("nobody is there for {tasks}"));
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
        let named: Vec<&str> = tasks.iter().take(NAMED).map(|&at| self.course.label(at)).collect();
        match tasks.len().saturating_sub(NAMED) {
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        }
    }

    fn alternative(&self, built: &Built, carried: &Choice, choice: &Choice) -> Alternative {
        let price = Price {
            lateness: choice.lateness - carried.lateness,
            finish: i64::from(choice.finish) - i64::from(carried.finish),
        };
        Alternative { label: self.label(choice), layout: self.layout(built, choice), price, moves: Vec::new() }
    }

    /// A way to go on in a few words.
    fn label(&self, choice: &Choice) -> String {
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
        format!("{what}{}; done {}", parts.join(", "), self.date(choice.finish).format("%a %-d %b %H:%M UTC"))
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
                layout.left_out.push(LeftOut { task_id, minutes, reason: "replan".into() });
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
