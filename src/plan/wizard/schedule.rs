//! Who would do what when: the real assignment, played forward through the team's hours.
//!
//! One task at a time for everybody. The dates are those of a plan without surprises; a forecast is another matter.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use serde::Serialize;

use super::{Ground, Job};
use crate::domain::policy::Strategy;
use crate::domain::task::Complexity;
use crate::domain::{Agent, AgentId, Policy, TaskId, Timestamp};
use crate::plan::assign::{Candidate, HeldWork, Ready, Situation, Why, assign};
use crate::plan::capacity::{hours, spans};

/// Days after the end that are looked at, so that what does not fit has a date, too.
const OVERTIME_DAYS: i64 = 28;
/// Turns of the clock; far more than any plan of one sprint takes.
const MOST_TURNS: usize = 20_000;

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
    /// End of the sprint.
    pub to: Timestamp,
}

/// One task's place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slot {
    /// The task.
    pub task_id: TaskId,
    /// Who.
    pub agent_id: AgentId,
    /// Name of that agent.
    pub agent: String,
    /// Begin.
    pub starts_at: Timestamp,
    /// End.
    pub ends_at: Timestamp,
    /// Minutes of work.
    pub minutes: u32,
    /// True if it ends after the sprint.
    pub late: bool,
    /// Why this agent.
    pub why: String,
}

/// Who would do what when.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Schedule {
    /// Places, by begin.
    pub slots: Vec<Slot>,
    /// Tasks without a place, with the reason.
    pub left_out: Vec<(TaskId, String)>,
    /// When the last of them ends.
    pub ends_at: Option<Timestamp>,
}

impl Schedule {
    /// The place of a task.
    pub fn slot(&self, id: TaskId) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.task_id == id)
    }

    /// Planned minutes by agent.
    pub fn load(&self) -> BTreeMap<AgentId, u32> {
        let mut load = BTreeMap::new();
        for slot in &self.slots {
            *load.entry(slot.agent_id).or_default() += slot.minutes;
        }
        load
    }
}

/// Plays the assignment forward. Deterministic: the same work gives the same schedule.
pub fn schedule(work: &Work) -> Schedule {
    let mut play = Play::new(work);
    play.leave_out_hopeless();
    let mut now = work.from;
    for _ in 0..MOST_TURNS {
        play.turn(now);
        match play.next(now) {
            Some(next) if !play.open.is_empty() => now = next,
            _ => break,
        }
    }
    play.finish()
}

/// An agent in the play.
struct Member {
    candidate: Candidate,
    spans: Vec<(Timestamp, Timestamp)>,
    share: f64,
    busy: Option<Timestamp>,
    /// Minutes that are left of those set by hand; none: its hours are the only limit.
    left: Option<u32>,
}

impl Member {
    fn new(candidate: &Candidate, by_hand: Option<u32>, from: Timestamp, to: Timestamp) -> Self {
        let hours = hours(&candidate.agent);
        let spans = spans(&candidate.agent, &hours.windows, from, to);
        let agent = Agent { availability: hours.windows, wip_limit: 1, ..candidate.agent.clone() };
        let held: u32 = candidate.held.iter().map(|held| held.minutes).sum();
        let candidate = Candidate { agent, present: true, held: Vec::new(), ..candidate.clone() };
        let left = by_hand.map(|minutes| minutes.saturating_sub(held));
        let mut member = Self { candidate, spans, share: hours.share, busy: None, left };
        // What is in hand comes first.
        member.busy = (held > 0).then(|| member.end_of(from, held).unwrap_or(to));
        member
    }

    /// When work begun now would be done; `None`: not within the time that is looked at.
    fn end_of(&self, now: Timestamp, minutes: u32) -> Option<Timestamp> {
        let mut left = (f64::from(minutes) / self.share).ceil() as i64;
        for (start, end) in self.spans.iter().filter(|(_, end)| *end > now) {
            let start = (*start).max(now);
            let long = (*end - start).num_minutes();
            if left <= long {
                return Some(start + Duration::minutes(left));
            }
            left -= long;
        }
        None
    }
}

struct Play<'a> {
    work: &'a Work<'a>,
    policy: Policy,
    members: Vec<Member>,
    picked: BTreeSet<TaskId>,
    open: Vec<&'a Job>,
    ends: BTreeMap<TaskId, Timestamp>,
    done: Schedule,
}

impl<'a> Play<'a> {
    fn new(work: &'a Work) -> Self {
        let horizon = work.to + Duration::days(OVERTIME_DAYS);
        let team = work.ground.team.iter().filter(|member| !member.agent.draining);
        let by_hand = |id| work.by_hand.get(&id).copied();
        let member = |member: &Candidate| Member::new(member, by_hand(member.agent.agent_id), work.from, horizon);
        Self {
            policy: Policy { strategy: Strategy::Push, ..work.ground.policy.clone() },
            members: team.map(member).filter(|member| member.left != Some(0)).collect(),
            picked: work.jobs.iter().map(|job| job.task_id).collect(),
            open: work.jobs.to_vec(),
            ends: BTreeMap::new(),
            done: Schedule::default(),
            work,
        }
    }

    /// Takes out what nobody can do, what waits for something outside, and what waits for either.
    fn leave_out_hopeless(&mut self) {
        let mut gone = BTreeSet::new();
        loop {
            let reason = |job: &Job| self.hopeless(job, &gone);
            let found: Vec<(TaskId, String)> =
                self.open.iter().filter_map(|job| Some((job.task_id, reason(job)?))).collect();
            if found.is_empty() {
                return;
            }
            gone.extend(found.iter().map(|(id, _)| *id));
            self.open.retain(|job| !gone.contains(&job.task_id));
            self.done.left_out.extend(found);
        }
    }

    fn hopeless(&self, job: &Job, gone: &BTreeSet<TaskId>) -> Option<String> {
        if self.members.is_empty() {
            return Some("nobody takes new work".into());
        }
        if let Some(why) = &job.held_up {
            return Some(format!("it {why}"));
        }
        if job.not_before.is_some_and(|at| at >= self.work.to) {
            return Some("it may not begin before the end".into());
        }
        if job.after.iter().any(|on| gone.contains(on)) {
            return Some("what it waits for has no place".into());
        }
        if let Some(on) = job.after.iter().find(|on| !self.picked.contains(on)) {
            let outside = self.work.ground.outside.get(on);
            // What is under way elsewhere is taken to be done in time.
            let trouble = outside.map_or(Some("is not in the plan"), |outside| outside.trouble.as_deref());
            return trouble.map(|trouble| format!("what it waits for {trouble}"));
        }
        let misfits = self.members.iter().map(|member| member.candidate.agent.misfit(&job.requirements));
        let misfits: Option<Vec<String>> = misfits.collect();
        misfits.and_then(|misfits| misfits.first().cloned()).map(|first| format!("nobody can do it ({first})"))
    }

    /// Hands out what is ready now to whoever is free now.
    fn turn(&mut self, now: Timestamp) {
        for member in &mut self.members {
            member.busy = member.busy.filter(|until| *until > now);
        }
        let situation = self.situation(now);
        if situation.ready.is_empty() || situation.team.iter().all(|member| member.room() == 0) {
            return;
        }
        for proposal in assign(&situation, &self.policy, now) {
            self.place(proposal.task_id, proposal.agent_id, &proposal.why, now);
        }
    }

    fn situation(&self, now: Timestamp) -> Situation {
        let held = |member: &Member| Candidate {
            held: member.busy.map(|_| HeldWork { minutes: 60, complexity: Complexity::Moderate }).into_iter().collect(),
            ..member.candidate.clone()
        };
        let is_over = |on: &TaskId| self.ends.get(on).map_or(!self.picked.contains(on), |end| *end <= now);
        let is_ready = |job: &&&Job| job.not_before.is_none_or(|at| at <= now) && job.after.iter().all(is_over);
        Situation {
            ready: self.open.iter().filter(is_ready).map(|job| self.ready(job)).collect(),
            team: self.members.iter().map(held).collect(),
            room: None,
        }
    }

    fn ready(&self, job: &Job) -> Ready {
        let minutes = job.work_minutes(&self.work.ground.rule);
        let spent = self.members.iter().filter(|member| member.left.is_some_and(|left| left < minutes));
        Ready {
            task_id: job.task_id,
            number: job.number,
            priority: job.priority,
            requirements: job.requirements.clone(),
            queued_at: job.since,
            minutes,
            complexity: job.complexity,
            expedite: false,
            failed_with: Vec::new(),
            barred: spent.map(|member| member.candidate.agent.agent_id).collect(),
        }
    }

    fn place(&mut self, task: TaskId, agent: AgentId, why: &Why, now: Timestamp) {
        let Some(at) = self.open.iter().position(|job| job.task_id == task) else { return };
        let Some(member) = self.members.iter_mut().find(|member| member.candidate.agent.agent_id == agent) else {
            return;
        };
        let job = self.open.remove(at);
        let minutes = job.work_minutes(&self.work.ground.rule);
        let Some(ends_at) = member.end_of(now, minutes) else {
            self.done.left_out.push((task, format!("{} has no time for it", member.candidate.agent.name)));
            return;
        };
        member.busy = Some(ends_at);
        member.left = member.left.map(|left| left.saturating_sub(minutes));
        self.ends.insert(task, ends_at);
        self.done.slots.push(Slot {
            task_id: task,
            agent_id: agent,
            agent: member.candidate.agent.name.clone(),
            starts_at: now,
            ends_at,
            minutes,
            late: ends_at > self.work.to,
            why: reason(why),
        });
    }

    /// The next instant at which something changes: work ends, somebody's hours begin, or a task may begin.
    fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let ends = self.members.iter().filter_map(|member| member.busy);
        let begins = self.members.iter().filter(|member| member.busy.is_none()).filter_map(|member| {
            let first = member.spans.partition_point(|(start, _)| *start <= now);
            member.spans.get(first).map(|(start, _)| *start)
        });
        let tasks = self.open.iter().filter_map(|job| job.not_before);
        ends.chain(begins).chain(tasks).filter(|at| *at > now).min()
    }

    fn finish(mut self) -> Schedule {
        let late = self.open.iter().map(|job| (job.task_id, "there is no time left for it".to_owned()));
        self.done.left_out.extend(late);
        self.done.ends_at = self.done.slots.iter().map(|slot| slot.ends_at).max();
        self.done.slots.sort_by_key(|slot| (slot.starts_at, slot.ends_at));
        self.done
    }
}

/// Why this agent, in a few words.
fn reason(why: &Why) -> String {
    let mut able = why.candidates.iter().filter_map(|outcome| Some((outcome, outcome.scores?.decision)));
    let Some((_, best)) = able.next() else { return String::new() };
    match able.next() {
        Some((second, score)) => {
            let lost = second.lost.as_deref().unwrap_or("outdone");
            format!("suits best ({best:.2}); {} {score:.2}: {lost}", second.agent)
        }
        None => "the only one who can and is free then".into(),
    }
}
