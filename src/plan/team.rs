//! A board's people and tasks as a project for the scheduler.
//!
//! One task at a time for everybody; work that is looked at afterwards is looked at by a person, in the part of their
//! day that goes into reviews.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, NaiveDate};

use super::assign::{Candidate, suits};
use super::capacity::{Frame, Part, Time};
use super::project::{self, After, Built, Instant, Mistake, Project, Span, build};
use super::schedule::model::Objective;
use super::schedule::plan::{Plan, Terms};
use super::wizard::{Ground, Job, midnight};
use crate::domain::hours::instant;
use crate::domain::sprint::{Allotment, Stage};
use crate::domain::{AgentId, AgentKind, Days, Priority, TaskId, Timestamp, Window};

/// What a person reviews takes this share of the work, within these bounds in minutes.
const REVIEW_SHARE: u32 = 4;
const REVIEW_BOUNDS: (u32, u32) = (15, 240);
/// What an hour after a deadline weighs beside an hour that the same task waits.
const DEADLINE: u32 = 10;

/// What follows the name of a person as somebody who looks at results, and what tells them from another of that name.
const REVIEWS: &str = " review";
const ANOTHER: char = '\'';
/// A skill that nobody has.
const NOBODY: &str = "somebody who can";
/// What the plan may take of a limit in story points, which is counted in tenths.
const POINTS: &str = "story points";
/// A task that stays whatever leaves counts so much more than one that was committed to, that than one that might come
/// in, and that than one that is done if there is time: hundreds of the one do not weigh up the other.
const TIER: i64 = 4_000;

/// Minutes of a day.
const DAY: u32 = 24 * 60;
/// Dates further away than so many minutes make no difference: ten years.
const FARTHEST: i64 = 10 * 366 * 24 * 60;

/// A plan in the scheduler's terms and in names, for questions about it.
#[derive(Debug)]
pub struct Basis {
    /// The project.
    pub project: Project,
    /// The problem that it is.
    pub built: Built,
    /// Its plan.
    pub plan: Plan,
}

impl Basis {
    /// For questions.
    pub fn ground(&self) -> project::Ground<'_> {
        project::Ground { project: &self.project, built: &self.built, plan: &self.plan }
    }
}

/// What is to be scheduled.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// The picked tasks.
    pub jobs: &'a [&'a Job],
    /// Team and settings.
    pub ground: &'a Ground,
    /// Minutes set by hand, what is in hand included; who is not among them works by its hours.
    pub by_hand: &'a BTreeMap<AgentId, Allotment>,
    /// Who is at a task already: they stay the ones who can do it, also where they take nothing new.
    pub at_work: &'a BTreeMap<TaskId, AgentId>,
    /// First instant.
    pub from: Timestamp,
    /// End of the sprint; nothing is planned beyond it.
    pub to: Timestamp,
    /// If the sprint runs: begin and end of it, for which the minutes were set, and what everybody has worked of them.
    pub running: Option<(Timestamp, Timestamp, &'a BTreeMap<AgentId, u32>)>,
    /// Story points that may be committed to; none: as many as there is time for.
    pub limit: Option<f64>,
    /// A task that stays, whatever has to leave for it.
    pub stays: Option<TaskId>,
}

impl<'a> Work<'a> {
    /// What decides on everybody's time.
    pub fn frame(&self) -> Frame<'a> {
        let (holidays, carried) = (self.ground.policy.holidays.as_slice(), self.ground.carried.as_ref());
        let taken = self.ground.active.as_ref().map_or(&[][..], |active| &active.taken);
        let (from, to) = self.running.map_or((self.from, self.to), |(from, to, _)| (from, to));
        Frame { from, to, holidays, by_hand: self.by_hand, carried, habits: &self.ground.habits, taken }
    }

    /// Where the project's time begins: allowances of a day are those of the same days, whenever a plan is made.
    pub fn origin(&self) -> Timestamp {
        midnight(self.from)
    }

    /// A time as the project counts it.
    fn minutes(&self, at: Timestamp) -> Instant {
        Instant::After(Span((at - self.origin()).num_minutes().clamp(0, FARTHEST) as u32))
    }

    /// Whether an agent takes new work at all.
    pub fn is_for(&self, member: &Candidate) -> bool {
        let said = self.by_hand.get(&member.agent.agent_id).and_then(|allotted| allotted.work);
        !member.agent.draining && said != Some(0)
    }

    /// What a task is worth: by its urgency, among those of its kind.
    fn value(&self, job: &Job) -> i64 {
        let tier = match job {
            job if self.stays == Some(job.task_id) => 3,
            Job { picked: true, stretch: false, .. } => 2,
            Job { picked: false, .. } => 1,
            Job { .. } => 0,
        };
        i64::from(weight(job.priority)) * TIER.pow(tier)
    }
}

/// Who can be planned with: everybody who works on tasks, then the same people as those who look at results.
pub struct Team<'a> {
    /// In the order of the project's agents.
    pub members: Vec<Member<'a>>,
}

/// Somebody who can be planned with.
pub struct Member<'a> {
    /// The agent.
    pub candidate: &'a Candidate,
    /// Name in the project, which no other member has.
    key: String,
    time: Time,
    /// Looks at results; otherwise works on tasks.
    pub reviews: bool,
    /// Takes new work.
    takes_new: bool,
    /// When what it has in hand is done.
    busy_until: Option<Timestamp>,
    /// Minutes left of those that it has at most.
    left: Option<u32>,
}

impl<'a> Team<'a> {
    /// Everybody who takes work or is at some, then every person who takes work as somebody who looks at results.
    pub fn of(work: &Work<'a>) -> Self {
        let busy: BTreeSet<AgentId> = work.at_work.values().copied().collect();
        let takes = |one: &&Candidate| work.is_for(one) || busy.contains(&one.agent.agent_id);
        let workers = work.ground.team.iter().filter(takes);
        let mut members: Vec<Member> = workers.map(|candidate| Member::at_work(candidate, work)).collect();
        let reviewers: Vec<Member> = members.iter().filter_map(Member::at_reviews).collect();
        for mut reviewer in reviewers {
            while members.iter().any(|member| member.key == reviewer.key) {
                reviewer.key.push(ANOTHER);
            }
            members.push(reviewer);
        }
        Self { members }
    }

    /// The project of these tasks, and the problem that it is.
    ///
    /// # Errors
    /// What cannot be planned at all: tasks that wait for themselves, sizes of centuries.
    pub fn built(&self, work: &Work, open: &[&Job]) -> Result<(Project, Built), Mistake> {
        let project = self.project(work, open);
        let mut built = build(&project)?;
        prefer_who_suits(&mut built, open, self);
        Ok((project, built))
    }

    fn project(&self, work: &Work, open: &[&Job]) -> Project {
        let minutes = |at: Timestamp| work.minutes(at);
        let labels: BTreeMap<TaskId, &str> = open.iter().map(|job| (job.task_id, job.label.as_str())).collect();
        let tasks: Vec<project::Task> = open.iter().map(|job| self.task(work, job, &labels, &minutes)).collect();
        let weights: u32 = open.iter().map(|job| weight(job.priority).pow(2)).sum();
        Project {
            start: Some(work.origin().format("%Y-%m-%dT%H:%M").to_string()),
            zone: None,
            ends: Some(minutes(work.to)),
            // The end of the whole and the end of each count alike.
            objective: Some(project::Weights { finish: weights, lateness: 1, cost: 1, balance: 0 }),
            agents: self.members.iter().map(|member| member.agent(work)).collect(),
            resources: work.limit.map(budget).into_iter().collect(),
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
        // By the square, so that what is urgent waits for little else; what nobody committed to waits for everything.
        let urgency = if job.stretch { 1 } else { weight(job.priority).pow(2) };
        project::Task {
            name: job.label.clone(),
            value: Some(work.value(job)),
            after: job.after.iter().filter_map(|on| labels.get(on)).map(|on| After::Task((*on).to_owned())).collect(),
            not_before: job.not_before.map(minutes),
            due: job.deadline.map(minutes),
            weight: urgency * DEADLINE,
            urgency,
            deadline: None,
            pinned: None,
            touches: Vec::new(),
            stages: self.stages(work, job, effort),
        }
    }

    fn stages(&self, work: &Work, job: &Job, effort: u32) -> Vec<project::Stage> {
        let stage = |name: &str, effort: u32, able: &dyn Fn(&Member) -> bool| {
            let agents: Vec<String> = self.members.iter().filter(|member| able(member)).map(Member::name).collect();
            // A stage that names no agents is for everybody; this one is for nobody, as nobody has its skill.
            let skill = agents.is_empty().then(|| NOBODY.to_owned());
            project::Stage { name: name.to_owned(), effort: Span(effort), agents, skill, ..project::Stage::default() }
        };
        let holder = work.at_work.get(&job.task_id);
        let mut stages = vec![stage("work", effort, &|member| {
            let suits = member.takes_new && member.candidate.agent.misfit(&job.requirements).is_none();
            !member.reviews && (suits || holder == Some(&member.candidate.agent.agent_id))
        })];
        if work.limit.is_some() && !job.stretch {
            stages[0].uses.insert(POINTS.to_owned(), tenths(job.size(&work.ground.rule)));
        }
        let anybody = self.members.iter().any(|member| member.reviews);
        if anybody && work.ground.policy.wants_review(job.priority) {
            stages.push(stage("review", review_minutes(effort), &|member| member.reviews));
        }
        stages
    }
}

impl<'a> Member<'a> {
    fn at_work(candidate: &'a Candidate, work: &Work) -> Self {
        let time = work.frame().time(&candidate.agent);
        let held: u32 = candidate.held.iter().map(|held| held.minutes).sum();
        let worked =
            work.running.and_then(|(_, _, worked)| worked.get(&candidate.agent.agent_id)).copied().unwrap_or(0);
        let left = time.limited.then(|| time.work.saturating_sub(held).saturating_sub(worked));
        // Who has used up what they have for a running sprint goes on after it.
        let used_up = work.running.filter(|_| left == Some(0)).map(|(_, to, _)| to);
        let left = left.filter(|_| used_up.is_none());
        let (key, takes_new) = (candidate.agent.name.clone(), work.is_for(candidate));
        let mut member = Self { candidate, key, time, reviews: false, takes_new, busy_until: None, left };
        // What is in hand comes first.
        member.busy_until = (held > 0).then(|| member.end_of(work, held)).max(used_up);
        member
    }

    /// A person who takes work, in the part of the day that goes into reviews.
    fn at_reviews(&self) -> Option<Self> {
        if !self.takes_new || self.candidate.agent.kind != AgentKind::Human || self.time.review == 0 {
            return None;
        }
        let (key, time) = (format!("{}{REVIEWS}", self.candidate.agent.name), self.time.clone());
        Some(Self { key, time, reviews: true, busy_until: None, left: None, ..*self })
    }

    /// Name in the project.
    pub fn name(&self) -> String {
        self.key.clone()
    }

    /// Share of its hours that goes into tasks, above 0 to 1.
    pub fn share(&self) -> f64 {
        self.time.share()
    }

    /// When work begun at once would be done, or the end of the sprint.
    fn end_of(&self, work: &Work, minutes: u32) -> Timestamp {
        let mut left = (f64::from(minutes) / self.share()).ceil() as i64;
        for (start, end) in self.time.spans(&self.candidate.agent, work.from, work.to) {
            let long = (end - start).num_minutes();
            if left <= long {
                return start + Duration::minutes(left);
            }
            left -= long;
        }
        work.to
    }

    fn agent(&self, work: &Work) -> project::Agent {
        let zone = &self.candidate.agent.time_zone;
        let midnight =
            |date: Option<NaiveDate>| date.and_then(|date| instant(zone, date, 0)).map(|at| work.minutes(at));
        let day_off = |days: &Days| Some((midnight(Some(days.first))?, midnight(days.last.succ_opt())?));
        let begin = self.busy_until.unwrap_or(work.from);
        let busy = (Instant::After(Span(0)), work.minutes(begin));
        let (frame, stage) = (work.frame(), if self.reviews { Stage::Review } else { Stage::Work });
        let taken = frame.taken_of(self.candidate.agent.agent_id).filter(|slot| slot.stage == stage);
        let taken = taken.map(|slot| (work.minutes(slot.starts_at), work.minutes(slot.ends_at)));
        project::Agent {
            name: self.name(),
            skills: BTreeMap::new(),
            hours: self.time.windows.iter().map(Window::to_string).collect(),
            zone: Some(zone.to_string()),
            away: std::iter::once(busy).chain(self.time.off.iter().filter_map(day_off)).chain(taken).collect(),
            quotas: self.quota(work).into_iter().chain(self.own_quota()).collect(),
            shares: Vec::new(),
            at_once: 1,
            cost_per_hour: 0,
            focus: if self.reviews { 1.0 } else { self.share() },
            resumes: true,
        }
    }

    /// Reviews take so much of each day at most; tasks what is left of a limit, if there is one, until the running sprint
    /// is over.
    fn quota(&self, work: &Work) -> Option<project::Quota> {
        let amount = if self.reviews { self.time.a_day(Part::Review) } else { f64::from(self.left?) / self.share() };
        let sprint = work.running.map(|(_, to, _)| Span((to - work.origin()).num_minutes().clamp(1, FARTHEST) as u32));
        let every = if self.reviews { Some(Span(DAY)) } else { sprint };
        Some(project::Quota { amount: Span(amount.floor() as u32), every, rolling: false })
    }

    /// What its own quota lets a program do a day.
    fn own_quota(&self) -> Option<project::Quota> {
        let a_day = f64::from(self.time.a_day_most.filter(|_| !self.reviews)?) / self.share();
        Some(project::Quota { amount: Span(a_day.ceil().max(1.0) as u32), every: Some(Span(DAY)), rolling: false })
    }
}

/// What may be committed to, to be spent once.
fn budget(limit: f64) -> project::Resource {
    project::Resource {
        name: POINTS.to_owned(),
        units: None,
        budget: Some((limit * 10.0 + 1e-6).max(0.0).floor() as u64),
        hours: Vec::new(),
        zone: None,
        away: Vec::new(),
        quotas: Vec::new(),
    }
}

/// Story points as the budget counts them.
fn tenths(points: f64) -> u32 {
    (points * 10.0 - 1e-6).max(0.0).ceil() as u32
}

/// Whoever suits a task less costs more: the minutes of the task, times what is missing to the best score.
fn prefer_who_suits(built: &mut Built, open: &[&Job], team: &Team) {
    for (at, job) in open.iter().enumerate() {
        let crews = &built.crews[at][0];
        let score = |agent: usize| suits(&team.members[agent].candidate.agent, &job.requirements);
        let scores: Vec<f64> = crews.iter().flatten().map(|&agent| score(agent)).collect();
        let best = scores.iter().copied().fold(0.0, f64::max);
        for (mode, score) in built.problem.activities[at].stages[0].modes.iter_mut().zip(scores) {
            mode.cost =
                (f64::from(mode.duration) * (best - score) * f64::from(weight(job.priority).pow(2))).round() as i64;
        }
    }
}

/// Minutes a day that a plan gives each person for reviews, by name.
pub fn reviews_a_day(project: &Project) -> BTreeMap<&str, f64> {
    let given = |agent: &'_ project::Agent| agent.quotas.first().map(|quota| f64::from(quota.amount.0));
    let person = |agent: &'_ project::Agent| agent.name.trim_end_matches(ANOTHER).strip_suffix(REVIEWS).map(str::len);
    // Those who look at results come after all who work.
    project.agents.iter().filter_map(|agent| Some((&agent.name[..person(agent)?], given(agent)?))).collect()
}

/// Minutes that the judgement of so much work takes.
pub fn review_minutes(effort: u32) -> u32 {
    (effort / REVIEW_SHARE).clamp(REVIEW_BOUNDS.0, REVIEW_BOUNDS.1)
}

/// The terms of a plan by name, times their weights: they sum up to its value.
pub fn terms(weight: Objective, terms: Terms) -> BTreeMap<String, i64> {
    let terms = [
        ("finish", weight.finish, terms.finish),
        ("waiting", weight.lateness, terms.lateness),
        ("suitability", weight.cost, terms.cost),
    ];
    terms.into_iter().map(|(name, weight, term)| (name.to_owned(), i64::from(weight) * term)).collect()
}

/// What a task counts for by its urgency: each step twice the one below.
fn weight(priority: Priority) -> u32 {
    8 >> priority.rank()
}
