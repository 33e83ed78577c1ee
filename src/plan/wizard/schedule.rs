//! Who would do what when: the picked tasks as a project for the scheduler, and its plan in people and dates.
//!
//! One task at a time for everybody; work that is looked at afterwards is looked at by a person, in the part of their
//! day that does not go into tasks. The dates are those of a plan without surprises; a forecast is another matter.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use serde::Serialize;

use super::{Ground, Job};
use crate::domain::agent::Window;
use crate::domain::sprint::{self, Layout, Stage};
use crate::domain::{AgentId, AgentKind, Priority, TaskId, Timestamp};
use crate::plan::assign::{Candidate, suits};
use crate::plan::capacity::{Hours, hours, spans};
use crate::plan::project::{self, After, Answer, Built, Instant, Project, Span, build};
use crate::plan::schedule::{Budget, solve};

/// Steps of the scheduler for a plan that is shown while keys are pressed, and for one that is taken.
pub const AT_ONCE: u64 = 1;
/// See [`AT_ONCE`].
pub const THOROUGH: u64 = 4_000;
/// Steps differ by chance, which follows from this: the same work gives the same schedule.
const SEED: u64 = 1;
/// What a person reviews takes this share of the work, within these bounds in minutes.
const REVIEW_SHARE: u32 = 4;
const REVIEW_BOUNDS: (u32, u32) = (15, 240);
/// What a missed deadline weighs beside an hour that the same task waits.
const DEADLINE: u32 = 10;

/// What is to be scheduled.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// The picked tasks.
    pub jobs: &'a [&'a Job],
    /// Team and settings.
    pub ground: &'a Ground,
    /// Minutes set by hand, what is in hand included; who is not among them works by its hours.
    pub by_hand: &'a BTreeMap<AgentId, u32>,
    /// First instant.
    pub from: Timestamp,
    /// End of the sprint; nothing is planned beyond it.
    pub to: Timestamp,
}

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
    /// Why, in a word that programs know: `capacity:ana`, `deadline`, `predecessor:#4`, `no_skill`, `waits`, `value`.
    pub reason: String,
    /// The same in words.
    pub why: String,
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
            left_out: self.left_out.iter().map(left_out).collect(),
            terms: self.terms.clone(),
        }
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

/// Schedules the work in so many steps. Deterministic: the same work and steps give the same schedule.
///
/// # Panics
/// Never: a project that is made here makes sense.
pub fn schedule(work: &Work, steps: u64) -> Schedule {
    let mut left_out = hopeless(work);
    let gone: BTreeSet<TaskId> = left_out.iter().map(|out| out.task_id).collect();
    let open: Vec<&Job> = work.jobs.iter().copied().filter(|job| !gone.contains(&job.task_id)).collect();
    if open.is_empty() || work.from >= work.to {
        return Schedule { left_out, ..Schedule::default() };
    }
    let team = Team::of(work);
    let project = team.project(work, &open);
    let mut built = build(&project).expect("hours, names and dates of a board make sense");
    prefer_who_suits(&mut built, &open, &team);
    let mut budget = Budget { steps, stop: &mut || false };
    let found = solve(&built.problem, SEED, &mut budget, &mut |_| {}).expect("a board has no circles by now");
    let answer = Answer::of(&project, &built, &found).expect("what was planned can be read");
    let slots = team.slots(&answer, &open, work);
    left_out.extend(answer.left_out.iter().filter_map(|out| Team::left_out(out, &open, work)));
    let terms = terms(&answer, &project);
    Schedule { ends_at: slots.iter().map(Slot::done_at).max(), slots, left_out, terms, proved: answer.proved }
}

/// The terms of a plan by name, times their weights.
fn terms(answer: &Answer, project: &Project) -> BTreeMap<String, i64> {
    let weights = project.objective.unwrap_or_default();
    let terms = [
        ("finish", weights.finish, answer.terms.finish),
        ("waiting", weights.lateness, answer.terms.lateness),
        ("suitability", weights.cost, answer.terms.cost),
    ];
    terms.into_iter().map(|(name, weight, term)| (name.to_owned(), i64::from(weight) * term)).collect()
}

/// What nobody can do, what waits for something outside, what waits for either, and what waits for itself.
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
                found.push(LeftOut { task_id: job.task_id, minutes, reason, why });
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

fn hopes_not(work: &Work, job: &Job, picked: &BTreeSet<TaskId>, gone: &BTreeSet<TaskId>) -> Option<(String, String)> {
    let because = |reason: &str, why: String| Some((reason.to_owned(), why));
    let mut able = work.ground.team.iter().filter(|member| takes_work(work, member)).peekable();
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

fn takes_work(work: &Work, member: &Candidate) -> bool {
    !member.agent.draining && work.by_hand.get(&member.agent.agent_id) != Some(&0)
}

/// Who can be planned with: everybody who works on tasks, then the same people as those who look at results.
struct Team<'a> {
    members: Vec<Member<'a>>,
}

struct Member<'a> {
    candidate: &'a Candidate,
    hours: Hours,
    reviews: bool,
    /// When what it has in hand is done.
    busy_until: Option<Timestamp>,
    /// Minutes left of those set by hand.
    left: Option<u32>,
}

impl<'a> Team<'a> {
    fn of(work: &Work<'a>) -> Self {
        let takes = work.ground.team.iter().filter(|member| takes_work(work, member));
        let workers = takes.map(|candidate| Member::at_work(candidate, work));
        let people = work.ground.team.iter().filter(|member| member.agent.kind == AgentKind::Human);
        let reviewers = people.map(Member::at_reviews);
        Self { members: workers.chain(reviewers).collect() }
    }

    fn project(&self, work: &Work, open: &[&Job]) -> Project {
        let minutes = |at: Timestamp| Instant::After(Span((at - work.from).num_minutes().max(0) as u32));
        let labels: BTreeMap<TaskId, &str> = open.iter().map(|job| (job.task_id, job.label.as_str())).collect();
        let tasks: Vec<project::Task> = open.iter().map(|job| self.task(work, job, &labels, &minutes)).collect();
        let weights: u32 = open.iter().map(|job| weight(job.priority)).sum();
        Project {
            start: Some(work.from.format("%Y-%m-%dT%H:%M").to_string()),
            zone: None,
            ends: Some(minutes(work.to)),
            // The end of the whole and the end of each count alike.
            objective: Some(project::Weights { finish: weights, lateness: 1, cost: 1, balance: 0 }),
            agents: self.members.iter().map(|member| member.agent(&minutes)).collect(),
            resources: Vec::new(),
            lanes: Vec::new(),
            tasks,
        }
    }

    fn task(
        &self,
        work: &Work,
        job: &Job,
        labels: &BTreeMap<TaskId, &str>,
        minutes: &dyn Fn(Timestamp) -> Instant,
    ) -> project::Task {
        let effort = job.work_minutes(&work.ground.rule);
        let weight = weight(job.priority);
        project::Task {
            name: job.label.clone(),
            value: Some(i64::from(weight)),
            after: job.after.iter().filter_map(|on| labels.get(on)).map(|on| After::Task((*on).to_owned())).collect(),
            not_before: job.not_before.map(minutes),
            due: Some(job.deadline.map_or(Instant::After(Span(0)), minutes)),
            weight: if job.deadline.is_some() { weight * DEADLINE } else { weight },
            deadline: None,
            pinned: None,
            touches: Vec::new(),
            stages: self.stages(work, job, effort),
        }
    }

    fn stages(&self, work: &Work, job: &Job, effort: u32) -> Vec<project::Stage> {
        let stage = |name: &str, effort: u32, able: &dyn Fn(&Member) -> bool| project::Stage {
            name: name.to_owned(),
            effort: Span(effort),
            agents: self.members.iter().filter(|member| able(member)).map(Member::name).collect(),
            ..project::Stage::default()
        };
        let mut stages = vec![stage("work", effort, &|member| {
            !member.reviews && member.candidate.agent.misfit(&job.requirements).is_none()
        })];
        let anybody = self.members.iter().any(|member| member.reviews);
        if anybody && work.ground.policy.wants_review(job.priority) {
            let minutes = (effort / REVIEW_SHARE).clamp(REVIEW_BOUNDS.0, REVIEW_BOUNDS.1);
            stages.push(stage("review", minutes, &|member| member.reviews));
        }
        stages
    }

    fn slots(&self, answer: &Answer, open: &[&Job], work: &Work) -> Vec<Slot> {
        let slot = |planned: &project::Planned| {
            let job = open.iter().find(|job| job.label == planned.task)?;
            let mut turns = planned.stages.iter().map(|step| self.turn(step, work));
            Some(Slot {
                task_id: job.task_id,
                work: turns.next()??,
                review: turns.next().flatten(),
                why: self.why(job, planned),
            })
        };
        answer.tasks.iter().filter_map(slot).collect()
    }

    fn turn(&self, step: &project::Step, work: &Work) -> Option<Turn> {
        let member = self.members.iter().find(|member| member.name() == step.agent)?;
        Some(Turn {
            agent_id: member.candidate.agent.agent_id,
            agent: member.candidate.agent.name.clone(),
            starts_at: work.from + Duration::minutes(i64::from(step.start)),
            ends_at: work.from + Duration::minutes(i64::from(step.end)),
            minutes: step.minutes,
        })
    }

    /// Why this agent, and why not earlier, in a few words.
    fn why(&self, job: &Job, planned: &project::Planned) -> String {
        let workers = self.members.iter().filter(|member| !member.reviews);
        let able = workers.filter(|member| member.candidate.agent.misfit(&job.requirements).is_none()).count();
        let who = if able == 1 { "the only one who can".to_owned() } else { format!("one of {able} who can") };
        format!("{who}; {}", planned.because)
    }

    fn left_out(out: &project::LeftOut, open: &[&Job], work: &Work) -> Option<LeftOut> {
        let job = open.iter().find(|job| job.label == out.task)?;
        let (word, about) = out.reason.split_once(':').unwrap_or((&out.reason, ""));
        let why = match word {
            "capacity" | "budget" => format!("{about} has no time left for it"),
            "predecessor" => format!("what it waits for ({about}) has no place"),
            "no_skill" => "nobody can do it".to_owned(),
            "deadline" => "it would end too late".to_owned(),
            _ => "more urgent tasks take the time".to_owned(),
        };
        let minutes = job.work_minutes(&work.ground.rule);
        Some(LeftOut { task_id: job.task_id, minutes, reason: out.reason.clone(), why })
    }
}

impl<'a> Member<'a> {
    fn at_work(candidate: &'a Candidate, work: &Work) -> Self {
        let hours = hours(&candidate.agent);
        let held: u32 = candidate.held.iter().map(|held| held.minutes).sum();
        let by_hand = work.by_hand.get(&candidate.agent.agent_id);
        let left = by_hand.map(|minutes| minutes.saturating_sub(held));
        let mut member = Self { candidate, hours, reviews: false, busy_until: None, left };
        // What is in hand comes first.
        member.busy_until = (held > 0).then(|| member.end_of(work, held));
        member
    }

    /// A person in the part of the day that goes into reviews and answers.
    fn at_reviews(candidate: &'a Candidate) -> Self {
        let hours = hours(&candidate.agent);
        let hours = Hours { share: 1.0 - hours.share, ..hours };
        Self { candidate, hours, reviews: true, busy_until: None, left: None }
    }

    fn name(&self) -> String {
        let name = &self.candidate.agent.name;
        if self.reviews { format!("{name} review") } else { name.clone() }
    }

    /// When work begun at once would be done, or the end of the sprint.
    fn end_of(&self, work: &Work, minutes: u32) -> Timestamp {
        let mut left = (f64::from(minutes) / self.hours.share).ceil() as i64;
        for (start, end) in spans(&self.candidate.agent, &self.hours.windows, work.from, work.to) {
            let long = (end - start).num_minutes();
            if left <= long {
                return start + Duration::minutes(left);
            }
            left -= long;
        }
        work.to
    }

    fn agent(&self, minutes: &dyn Fn(Timestamp) -> Instant) -> project::Agent {
        let quota = self.left.map(|left| project::Quota {
            amount: Span((f64::from(left) / self.hours.share).floor() as u32),
            every: None,
            rolling: false,
        });
        project::Agent {
            name: self.name(),
            skills: BTreeMap::new(),
            hours: self.hours.windows.iter().map(Window::to_string).collect(),
            zone: Some(self.candidate.agent.time_zone.to_string()),
            away: self.busy_until.map(|until| (Instant::After(Span(0)), minutes(until))).into_iter().collect(),
            quotas: quota.into_iter().collect(),
            shares: Vec::new(),
            at_once: 1,
            cost_per_hour: 0,
            focus: self.hours.share,
            resumes: true,
        }
    }
}

/// Whoever suits a task less costs more: the minutes of the task, times what is missing to the best score.
fn prefer_who_suits(built: &mut Built, open: &[&Job], team: &Team) {
    for (at, job) in open.iter().enumerate() {
        let crews = &built.crews[at][0];
        let score = |agent: usize| suits(&team.members[agent].candidate.agent, &job.requirements);
        let scores: Vec<f64> = crews.iter().flatten().map(|&agent| score(agent)).collect();
        let best = scores.iter().copied().fold(0.0, f64::max);
        for (mode, score) in built.problem.activities[at].stages[0].modes.iter_mut().zip(scores) {
            mode.cost = (f64::from(mode.duration) * (best - score) * f64::from(weight(job.priority))).round() as i64;
        }
    }
}

/// What a task counts for by its urgency: each step twice the one below.
fn weight(priority: Priority) -> u32 {
    8 >> priority.rank()
}
