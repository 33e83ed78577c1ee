//! A board's people and tasks as a project for the scheduler.
//!
//! One task at a time for everybody; work that is looked at afterwards is looked at by a person, in the part of their
//! day that does not go into tasks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;

use super::assign::{Candidate, suits};
use super::capacity::{Hours, hours, spans};
use super::project::{self, After, Built, Instant, Mistake, Project, Span, build};
use super::schedule::model::Objective;
use super::schedule::plan::Terms;
use super::wizard::{Ground, Job};
use crate::domain::{AgentId, AgentKind, Priority, TaskId, Timestamp, Window};

/// What a person reviews takes this share of the work, within these bounds in minutes.
const REVIEW_SHARE: u32 = 4;
const REVIEW_BOUNDS: (u32, u32) = (15, 240);
/// What a missed deadline weighs beside an hour that the same task waits.
const DEADLINE: u32 = 10;

/// Dates further away than so many minutes make no difference: ten years.
const FARTHEST: i64 = 10 * 366 * 24 * 60;

/// What is to be scheduled.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// The picked tasks.
    pub jobs: &'a [&'a Job],
    /// Team and settings.
    pub ground: &'a Ground,
    /// Minutes set by hand, what is in hand included; who is not among them works by its hours.
    pub by_hand: &'a BTreeMap<AgentId, u32>,
    /// Who is at a task already: they stay the ones who can do it, also where they take nothing new.
    pub at_work: &'a BTreeMap<TaskId, AgentId>,
    /// First instant.
    pub from: Timestamp,
    /// End of the sprint; nothing is planned beyond it.
    pub to: Timestamp,
}

/// Whether an agent takes new work at all.
pub fn takes_work(work: &Work, member: &Candidate) -> bool {
    !member.agent.draining && work.by_hand.get(&member.agent.agent_id) != Some(&0)
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
    hours: Hours,
    /// Looks at results; otherwise works on tasks.
    pub reviews: bool,
    /// Takes new work.
    takes_new: bool,
    /// When what it has in hand is done.
    busy_until: Option<Timestamp>,
    /// Minutes left of those set by hand.
    left: Option<u32>,
}

impl<'a> Team<'a> {
    /// Everybody who takes work or is at some, then every person who takes work as somebody who looks at results.
    pub fn of(work: &Work<'a>) -> Self {
        let busy: BTreeSet<AgentId> = work.at_work.values().copied().collect();
        let takes = |member: &&Candidate| takes_work(work, member);
        let workers = work.ground.team.iter().filter(|one| takes(one) || busy.contains(&one.agent.agent_id));
        let mut members: Vec<Member> = workers.map(|candidate| Member::at_work(candidate, work)).collect();
        let people = work.ground.team.iter().filter(takes).filter(|one| one.agent.kind == AgentKind::Human);
        for candidate in people {
            let mut reviewer = Member::at_reviews(candidate);
            while members.iter().any(|member| member.key == reviewer.key) {
                reviewer.key.push('\'');
            }
            members.push(reviewer);
        }
        Self { members }
    }

    /// Whether somebody is there for a stage of a task that nobody has begun.
    pub fn takes(&self, agent: AgentId, reviews: bool) -> bool {
        let is_theirs = |member: &&Member| member.candidate.agent.agent_id == agent && member.reviews == reviews;
        self.members.iter().any(|member| is_theirs(&member) && member.takes_new)
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
        let minutes = |at: Timestamp| Instant::After(Span((at - work.from).num_minutes().clamp(0, FARTHEST) as u32));
        let labels: BTreeMap<TaskId, &str> = open.iter().map(|job| (job.task_id, job.label.as_str())).collect();
        let tasks: Vec<project::Task> = open.iter().map(|job| self.task(work, job, &labels, &minutes)).collect();
        let weights: u32 = open.iter().map(|job| weight(job.priority).pow(2)).sum();
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
        // By the square, so that what is urgent waits for little else.
        let urgency = weight * weight;
        project::Task {
            name: job.label.clone(),
            value: Some(i64::from(weight)),
            after: job.after.iter().filter_map(|on| labels.get(on)).map(|on| After::Task((*on).to_owned())).collect(),
            not_before: job.not_before.map(minutes),
            due: Some(job.deadline.map_or(Instant::After(Span(0)), minutes)),
            weight: if job.deadline.is_some() { urgency * DEADLINE } else { urgency },
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
        let holder = work.at_work.get(&job.task_id);
        let mut stages = vec![stage("work", effort, &|member| {
            let suits = member.takes_new && member.candidate.agent.misfit(&job.requirements).is_none();
            !member.reviews && (suits || holder == Some(&member.candidate.agent.agent_id))
        })];
        let anybody = self.members.iter().any(|member| member.reviews);
        if anybody && work.ground.policy.wants_review(job.priority) {
            stages.push(stage("review", review_minutes(effort), &|member| member.reviews));
        }
        stages
    }
}

impl<'a> Member<'a> {
    fn at_work(candidate: &'a Candidate, work: &Work) -> Self {
        let hours = hours(&candidate.agent);
        let held: u32 = candidate.held.iter().map(|held| held.minutes).sum();
        let by_hand = work.by_hand.get(&candidate.agent.agent_id);
        let left = by_hand.map(|minutes| minutes.saturating_sub(held));
        let (key, takes_new) = (candidate.agent.name.clone(), takes_work(work, candidate));
        let mut member = Self { candidate, key, hours, reviews: false, takes_new, busy_until: None, left };
        // What is in hand comes first.
        member.busy_until = (held > 0).then(|| member.end_of(work, held));
        member
    }

    /// A person in the part of the day that goes into reviews and answers.
    fn at_reviews(candidate: &'a Candidate) -> Self {
        let hours = hours(&candidate.agent);
        let hours = Hours { share: 1.0 - hours.share, ..hours };
        let key = format!("{} review", candidate.agent.name);
        Self { candidate, key, hours, reviews: true, takes_new: true, busy_until: None, left: None }
    }

    /// Name in the project.
    pub fn name(&self) -> String {
        self.key.clone()
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
            mode.cost =
                (f64::from(mode.duration) * (best - score) * f64::from(weight(job.priority).pow(2))).round() as i64;
        }
    }
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
