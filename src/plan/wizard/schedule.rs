//! Who would do what when: the picked tasks as a project for the scheduler, and its plan in people and dates.
//!
//! The dates are those of a plan without surprises; a forecast is another matter.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use serde::Serialize;

use super::Job;
use crate::domain::sprint::{self, Layout, Stage};
use crate::domain::{AgentId, TaskId, Timestamp};
use crate::plan::capacity::Part;
use crate::plan::project::{self, Answer};
use crate::plan::schedule::{Budget, solve};
use crate::plan::team::{Basis, Member, Team, Work, terms};

/// Steps of the scheduler for a plan that is shown while keys are pressed, and for one that is taken.
pub const AT_ONCE: u64 = 1;
/// See [`AT_ONCE`].
pub const THOROUGH: u64 = 4_000;
/// Steps differ by chance, which follows from this: the same work gives the same schedule.
const SEED: u64 = 1;

/// A span of somebody's time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Turn {
    /// Who.
    pub agent_id: AgentId,
    /// Name of that agent.
    pub agent: String,
    /// Begin.
    pub starts_at: Timestamp,
    /// End; closed hours lie between.
    pub ends_at: Timestamp,
    /// Minutes of work.
    pub minutes: u32,
}

/// One task's place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slot {
    /// The task.
    pub task_id: TaskId,
    /// Who works on it when.
    #[serde(flatten)]
    pub work: Turn,
    /// Who looks at the result when; none: nobody has to, or nobody on the team is a person.
    pub review: Option<Turn>,
    /// Why this agent, and why not earlier.
    pub why: String,
}

impl Slot {
    /// When it is done, review included.
    pub fn done_at(&self) -> Timestamp {
        self.review.as_ref().unwrap_or(&self.work).ends_at
    }
}

/// A task without a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The task.
    pub task_id: TaskId,
    /// Minutes of work that are left out with it.
    pub minutes: u32,
    /// Why, in a word that programs know: `capacity:ana`, `deadline`, `predecessor:#4`, `no_skill`, `waits`,
    /// `impossible`, `value`.
    pub reason: String,
    /// The same in words.
    pub why: String,
    /// Room and time are not what is missing: nobody can do it, or it cannot begin.
    #[serde(skip)]
    pub hopeless: bool,
}

impl LeftOut {
    /// Why, in a word or two.
    pub fn briefly(&self) -> String {
        let (word, about) = self.reason.split_once(':').unwrap_or((&self.reason, ""));
        match word {
            "capacity" => format!("{about} full"),
            "predecessor" => format!("after {about}"),
            "no_skill" => "nobody can".into(),
            "deadline" => "too late".into(),
            "not_before" => "too early".into(),
            "waits" => "waits".into(),
            "impossible" => "impossible".into(),
            "nobody" => "nobody".into(),
            _ => "no room".into(),
        }
    }
}

/// Time that is missing for what is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Whose, and for what: `mira review`.
    pub resource: String,
    /// Minutes that are missing.
    pub minutes: u32,
}

/// Who would do what when.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Schedule {
    /// Places, by begin.
    pub slots: Vec<Slot>,
    /// Tasks without a place.
    pub left_out: Vec<LeftOut>,
    /// When the last of them ends.
    pub ends_at: Option<Timestamp>,
    /// Whose time is missing for what is left out, the most first.
    pub gaps: Vec<Gap>,
    /// What the plan is worth, term by term and weighted: they sum up to its value, the smaller the better.
    pub terms: BTreeMap<String, i64>,
    /// True if no plan is better.
    pub proved: bool,
}

impl Schedule {
    /// The place of a task.
    pub fn slot(&self, id: TaskId) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.task_id == id)
    }

    /// Takes out all other tasks.
    pub(super) fn keep(&mut self, picked: &BTreeSet<TaskId>) {
        self.slots.retain(|slot| picked.contains(&slot.task_id));
        self.left_out.retain(|out| picked.contains(&out.task_id));
        self.ends_at = self.slots.iter().map(Slot::done_at).max();
    }

    /// The same as the record that the board keeps.
    pub fn layout(&self) -> Layout {
        let part = |task_id, stage, turn: &Turn| sprint::Slot {
            task_id,
            stage,
            agent_id: Some(turn.agent_id),
            starts_at: turn.starts_at,
            ends_at: turn.ends_at,
            minutes: turn.minutes,
        };
        let parts = |slot: &Slot| {
            let review = slot.review.as_ref().map(|turn| part(slot.task_id, Stage::Review, turn));
            [part(slot.task_id, Stage::Work, &slot.work)].into_iter().chain(review).collect::<Vec<_>>()
        };
        let left_out =
            |out: &LeftOut| sprint::LeftOut { task_id: out.task_id, minutes: out.minutes, reason: out.reason.clone() };
        Layout {
            slots: self.slots.iter().flat_map(parts).collect(),
            stretch: Vec::new(),
            allotted: BTreeMap::new(),
            learned: BTreeMap::new(),
            left_out: self.left_out.iter().map(left_out).collect(),
            terms: self.terms.clone(),
        }
    }

    /// Everybody's turns, with the part of the work that each is of.
    pub fn turns(&self) -> impl Iterator<Item = (AgentId, Part, u32)> + Clone {
        self.slots.iter().flat_map(|slot| {
            let review = slot.review.as_ref().map(|turn| (turn.agent_id, Part::Review, turn.minutes));
            [(slot.work.agent_id, Part::Work, slot.work.minutes)].into_iter().chain(review)
        })
    }

    /// Planned minutes of work by agent.
    pub fn load(&self) -> BTreeMap<AgentId, u32> {
        let mut load = BTreeMap::new();
        for slot in &self.slots {
            *load.entry(slot.work.agent_id).or_default() += slot.work.minutes;
        }
        load
    }
}

/// Schedules the work. Deterministic, unless it is stopped: the same work and steps give the same schedule. Beside it,
/// what was planned, for questions about it; none where there was nothing to plan.
///
/// # Panics
/// Never: what makes no sense as a whole is left out as a whole.
pub fn schedule(work: &Work, budget: &mut Budget) -> (Schedule, Option<Basis>) {
    let mut left_out = hopeless(work);
    let gone: BTreeSet<TaskId> = left_out.iter().map(|out| out.task_id).collect();
    let open: Vec<&Job> = work.jobs.iter().copied().filter(|job| !gone.contains(&job.task_id)).collect();
    if open.is_empty() || work.from >= work.to {
        return (Schedule { left_out, ..Schedule::default() }, None);
    }
    let team = Team::of(work);
    let (project, built) = match team.built(work, &open) {
        Ok(built) => built,
        Err(mistake) => {
            left_out.extend(open.iter().map(|job| unplannable(job, &mistake.message, work)));
            return (Schedule { left_out, ..Schedule::default() }, None);
        }
    };
    let found = solve(&built.problem, SEED, budget, &mut |_| {}).expect("it was checked when it was built");
    let answer = Answer::of(&project, &built, &found).expect("what was planned can be read");
    let slots = slots(&team, &answer, &open, work);
    left_out.extend(answer.left_out.iter().filter_map(|out| unplaced(out, &open, work)));
    let terms = terms(built.problem.objective, answer.terms);
    let ends_at = slots.iter().map(Slot::done_at).max();
    let gaps = answer.gaps.iter().map(|gap| missing(&team, gap)).collect();
    let schedule = Schedule { ends_at, slots, left_out, gaps, terms, proved: answer.proved };
    (schedule, Some(Basis { project, built, plan: found.plan }))
}

/// A gap in the time that goes into the work, not in open hours.
fn missing(team: &Team, gap: &project::Gap) -> Gap {
    let member = team.members.iter().find(|member| member.name() == gap.of && !member.reviews);
    let share = member.map_or(1.0, Member::share);
    Gap { resource: gap.of.clone(), minutes: (gap.missing as f64 * share).round() as u32 }
}

/// What nobody can do, what waits for something outside, and what waits for either.
fn hopeless(work: &Work) -> Vec<LeftOut> {
    let picked: BTreeSet<TaskId> = work.jobs.iter().map(|job| job.task_id).collect();
    let mut found: Vec<LeftOut> = Vec::new();
    let mut gone = BTreeSet::new();
    loop {
        let before = found.len();
        for job in work.jobs {
            if !gone.contains(&job.task_id)
                && let Some((reason, why)) = hopes_not(work, job, &picked, &gone)
            {
                gone.insert(job.task_id);
                let minutes = job.work_minutes(&work.ground.rule);
                found.push(LeftOut { task_id: job.task_id, minutes, reason, why, hopeless: true });
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

fn hopes_not(work: &Work, job: &Job, picked: &BTreeSet<TaskId>, gone: &BTreeSet<TaskId>) -> Option<(String, String)> {
    let because = |reason: &str, why: String| Some((reason.to_owned(), why));
    let mut able = work.ground.team.iter().filter(|member| work.is_for(member)).peekable();
    if able.peek().is_none() {
        return because("nobody", "nobody takes new work".into());
    }
    if let Some(why) = &job.held_up {
        return because("waits", format!("it {why}"));
    }
    if job.not_before.is_some_and(|at| at >= work.to) {
        return because("not_before", "it may not begin before the end".into());
    }
    if let Some(on) = job.after.iter().find(|on| gone.contains(on)) {
        let label = work.jobs.iter().find(|job| job.task_id == *on).map(|job| job.label.clone()).unwrap_or_default();
        return because(&format!("predecessor:{label}"), "what it waits for has no place".into());
    }
    if let Some(on) = job.after.iter().find(|on| !picked.contains(on)) {
        let outside = work.ground.outside.get(on);
        // What is under way elsewhere is taken to be done in time.
        let trouble = outside.map_or(Some("is not in the plan"), |outside| outside.trouble.as_deref())?;
        return because("waits", format!("what it waits for {trouble}"));
    }
    let misfits: Option<Vec<String>> = able.map(|member| member.agent.misfit(&job.requirements)).collect();
    let first = misfits?.into_iter().next()?;
    because("no_skill", format!("nobody can do it ({first})"))
}

fn slots(team: &Team, answer: &Answer, open: &[&Job], work: &Work) -> Vec<Slot> {
    let slot = |planned: &project::Planned| {
        let job = open.iter().find(|job| job.label == planned.task)?;
        let mut turns = planned.stages.iter().map(|step| turn(team, step, work));
        Some(Slot {
            task_id: job.task_id,
            work: turns.next()??,
            review: turns.next().flatten(),
            why: why(team, job, planned),
        })
    };
    answer.tasks.iter().filter_map(slot).collect()
}

fn turn(team: &Team, step: &project::Step, work: &Work) -> Option<Turn> {
    let member = team.members.iter().find(|member| member.name() == step.agent)?;
    Some(Turn {
        agent_id: member.candidate.agent.agent_id,
        agent: member.candidate.agent.name.clone(),
        starts_at: work.origin() + Duration::minutes(i64::from(step.start)),
        ends_at: work.origin() + Duration::minutes(i64::from(step.end)),
        minutes: step.minutes,
    })
}

/// Why this agent, and why not earlier, in a few words.
fn why(team: &Team, job: &Job, planned: &project::Planned) -> String {
    let workers = team.members.iter().filter(|member| !member.reviews);
    let able = workers.filter(|member| member.candidate.agent.misfit(&job.requirements).is_none()).count();
    let who = if able == 1 { "the only one who can".to_owned() } else { format!("one of {able} who can") };
    format!("{who}; {}", planned.because)
}

fn unplannable(job: &Job, why: &str, work: &Work) -> LeftOut {
    let minutes = job.work_minutes(&work.ground.rule);
    LeftOut { task_id: job.task_id, minutes, reason: "impossible".into(), why: why.into(), hopeless: true }
}

fn unplaced(out: &project::LeftOut, open: &[&Job], work: &Work) -> Option<LeftOut> {
    let job = open.iter().find(|job| job.label == out.task)?;
    let reason = in_short(&out.reason);
    let (word, about) = reason.split_once(':').unwrap_or((&reason, ""));
    let why = match word {
        "budget" => format!("the {about} are used up"),
        "capacity" => format!("{} no time left for it", full(about, job, work)),
        "predecessor" => format!("what it waits for ({about}) has no place"),
        "no_skill" => "nobody can do it".to_owned(),
        "deadline" => "it would end too late".to_owned(),
        _ => "more urgent tasks take the time".to_owned(),
    };
    let minutes = job.work_minutes(&work.ground.rule);
    let hopeless = ["impossible", "no_skill"].contains(&reason.as_str());
    Some(LeftOut { task_id: job.task_id, minutes, why, reason, hopeless })
}

/// Who has no time: everybody who could do a task that one of them has none for.
fn full(name: &str, job: &Job, work: &Work) -> String {
    let able = work.ground.team.iter().filter(|member| work.is_for(member));
    let able = able.filter(|member| member.agent.misfit(&job.requirements).is_none());
    let names: Vec<&str> = able.map(|member| member.agent.name.as_str()).collect();
    match names.as_slice() {
        [one, .., last] if names.contains(&name) => {
            let between = &names[1..names.len() - 1];
            let first: Vec<&str> = std::iter::once(*one).chain(between.iter().copied()).collect();
            format!("{} and {last} have", first.join(", "))
        }
        _ => format!("{name} has"),
    }
}

/// A reason without the stage, which our names say already: `capacity:ana work` and `capacity:mira review review`.
fn in_short(reason: &str) -> String {
    match reason.strip_suffix(" work").or(reason.strip_suffix(" review").filter(|head| head.ends_with(" review"))) {
        Some(head) if reason.starts_with("capacity:") => head.to_owned(),
        _ => reason.to_owned(),
    }
}
