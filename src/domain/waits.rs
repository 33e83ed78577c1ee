//! "Why does this not move?": every reason for which a card waits, each with what would free it.

use std::collections::BTreeMap;

use super::agent::AgentStatus;
use super::attempt::Failure;
use super::facts::LaneLoad;
use super::id::{SprintId, TaskNumber};
use super::lane::Lane;
use super::lifecycle::Status;
use super::task::{BlockerKind, Level, ReviewKind, Task};
use super::vocabulary::words;
use super::words::listed;
use super::{Agent, Policy, Timestamp};

words! {
    /// What a card waits for, in one word: for filters, counts and narrow places.
    pub enum WaitKind {
        /// Another task.
        Predecessor = "predecessor",
        /// Room in a lane.
        Lane = "lane",
        /// Somebody's word.
        Answer = "answer",
        /// A judgement of what was handed in.
        Review = "review",
        /// A time.
        Time = "time",
        /// The next try after a failure.
        Retry = "retry",
        /// A quota.
        Quota = "quota",
        /// The end of an old worker's process.
        Reclaim = "reclaim",
        /// An agent who can do it.
        Skill = "skill",
        /// An agent with room, or one that is there.
        Agent = "agent",
        /// Somebody who hands out work.
        Orchestrator = "orchestrator",
        /// A person's decision to begin.
        Start = "start",
    }
}

/// One reason for which a card waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// In one word.
    pub kind: WaitKind,
    /// In a sentence: what it waits for, and what frees it.
    pub why: String,
}

/// A predecessor that does not meet its edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// Its number.
    pub number: TaskNumber,
    /// Its state.
    pub status: Status,
    /// Put away.
    pub archived: bool,
    /// The condition that nobody has said to hold, for a completed predecessor of a conditional edge.
    pub condition: Option<String>,
}

/// A member of the team.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// The record.
    pub agent: &'a Agent,
    /// Derived state.
    pub status: AgentStatus,
    /// Tasks in hand.
    pub load: u32,
}

/// The circumstances of one card.
#[derive(Debug)]
pub struct Standing<'a> {
    /// The card.
    pub task: &'a Task,
    /// Its predecessors that are not met.
    pub unmet: Vec<Unmet>,
    /// Labels of the open questions about it.
    pub asks: Vec<String>,
    /// Lanes that have a limit.
    pub lanes: BTreeMap<Lane, LaneLoad>,
    /// What its last attempt failed by.
    pub last_failure: Option<Failure>,
    /// True while the process of a worker whose claim or lease is over has not been seen gone.
    pub haunted: bool,
    /// The team.
    pub team: Vec<Member<'a>>,
    /// The active sprint.
    pub sprint: Option<SprintId>,
    /// Whether anybody orchestrates.
    pub orchestrated: bool,
    /// The settings.
    pub policy: &'a Policy,
    /// Now.
    pub at: Timestamp,
}

/// Every reason for which the card waits, what stands nearest first; empty when it moves or has ended.
pub fn waits(standing: &Standing) -> Vec<Wait> {
    let task = standing.task;
    if task.level != Level::Task || task.status.is_closed() {
        return Vec::new();
    }
    if task.archived_at.is_some() {
        return vec![wait(WaitKind::Start, "it is archived; bring it back to work on it")];
    }
    let mut reasons = Reasons { standing, found: Vec::new() };
    reasons.of_state();
    reasons.found
}

fn wait(kind: WaitKind, why: impl Into<String>) -> Wait {
    Wait { kind, why: why.into() }
}

struct Reasons<'a> {
    standing: &'a Standing<'a>,
    found: Vec<Wait>,
}

impl Reasons<'_> {
    fn add(&mut self, kind: WaitKind, why: impl Into<String>) {
        self.found.push(wait(kind, why));
    }

    fn of_state(&mut self) {
        self.questions();
        match self.standing.task.status {
            Status::Created => self.backlog(),
            Status::Blocked => {
                self.predecessors();
                self.blocker();
            }
            Status::Queued | Status::Rejected => self.ready(),
            Status::Assigned => self.assigned(),
            Status::Paused => self.paused(),
            Status::Reviewing => self.review(),
            Status::Failed => self.failed(),
            Status::Executing => self.reclaim(),
            Status::Completed | Status::Cancelled => {}
        }
    }

    fn questions(&mut self) {
        for label in &self.standing.asks {
            self.add(WaitKind::Answer, format!("{label} is not answered yet"));
        }
    }

    fn backlog(&mut self) {
        self.predecessors();
        if !self.lane() {
            self.add(WaitKind::Start, "it is in the backlog; move it to Ready to have it done");
        }
    }

    /// True if the card stands in the queue for a lane.
    fn lane(&mut self) -> bool {
        let Some(admission) = &self.standing.task.admission else { return false };
        let Some(load) = self.standing.lanes.get(&admission.lane) else { return false };
        let place = load.waiting.iter().position(|id| *id == self.standing.task.task_id).map_or(1, |index| index + 1);
        let lane = admission.lane.title();
        let why = format!("{lane} is full ({} of {}); place {place} in its queue", load.count, load.limit);
        self.add(WaitKind::Lane, why);
        true
    }

    fn predecessors(&mut self) {
        for unmet in &self.standing.unmet {
            self.add(WaitKind::Predecessor, edge(unmet));
        }
    }

    fn blocker(&mut self) {
        let Some(blocker) = &self.standing.task.blocker else { return };
        let (kind, what) = match blocker.kind {
            BlockerKind::Dependency => (WaitKind::Predecessor, "waits for something else"),
            BlockerKind::Input => (WaitKind::Answer, "waits for somebody's word"),
            BlockerKind::Capability => (WaitKind::Skill, "nobody here can do it"),
            BlockerKind::Transient => (WaitKind::Time, "will pass"),
        };
        let times = if blocker.count > 1 { format!(" ({} times now)", blocker.count) } else { String::new() };
        self.add(kind, format!("blocked, {what}: {}{times}; unblock it when that is over", blocker.reason));
    }

    fn ready(&mut self) {
        self.held_back();
        if self.lane() {
            return;
        }
        if self.standing.policy.sprint_only
            && self.standing.sprint.is_some_and(|sprint| self.standing.task.sprint_id != Some(sprint))
        {
            self.add(WaitKind::Start, "it is not in the running sprint, and only that is handed out");
        }
        self.full_lane();
        self.takers();
    }

    /// What keeps a task from starting, whoever would do it.
    fn held_back(&mut self) {
        self.predecessors();
        if let Some(at) = self.standing.task.not_before.filter(|at| *at > self.standing.at) {
            self.add(WaitKind::Time, format!("not before {}", at.format("%Y-%m-%d %H:%M UTC")));
        }
        self.reclaim();
    }

    fn reclaim(&mut self) {
        if self.standing.haunted {
            self.add(WaitKind::Reclaim, "reclaim waits: the last worker's process has not been seen gone");
        }
    }

    fn full_lane(&mut self) {
        let Some(load) = self.standing.lanes.get(&Lane::InProgress) else { return };
        if load.count >= load.limit && !self.standing.task.expedite {
            self.add(WaitKind::Lane, format!("In progress is full ({} of {})", load.count, load.limit));
        }
    }

    /// Who could take it, and why nobody does.
    fn takers(&mut self) {
        let team = &self.standing.team;
        if let Some(why) = &self.standing.policy.halted {
            self.add(WaitKind::Orchestrator, format!("work is halted: {why}; answer the question about it to go on"));
        }
        if team.is_empty() {
            return self.add(WaitKind::Agent, "there is no agent yet; `vayu agent add NAME` or `vayu agent run`");
        }
        let fits = |member: &&Member| member.agent.misfit(&self.standing.task.requirements).is_none();
        let fitting: Vec<_> = team.iter().filter(fits).collect();
        if fitting.is_empty() {
            return self.add(WaitKind::Skill, self.nobody_fits());
        }
        let busy: Vec<_> = fitting.iter().filter_map(|member| self.unavailable(member)).collect();
        if busy.len() == fitting.len() {
            return self.add(WaitKind::Agent, format!("all who can do it are taken: {}", listed(&busy, 3)));
        }
        self.handing_out();
    }

    fn nobody_fits(&self) -> String {
        let task = self.standing.task;
        let reasons = self.standing.team.iter().filter_map(|member| {
            member.agent.misfit(&task.requirements).map(|why| format!("{} {why}", member.agent.name))
        });
        let list = reasons.take(3).collect::<Vec<_>>().join(", ");
        format!("nobody on the team can do it: {list}")
    }

    fn unavailable(&self, member: &Member) -> Option<String> {
        let name = &member.agent.name;
        if member.agent.draining {
            return Some(format!("{name} is draining"));
        }
        if member.status == AgentStatus::Offline {
            return Some(format!("{name} is offline"));
        }
        if !member.agent.works_at(self.standing.at, &self.standing.policy.holidays) {
            return Some(format!("{name} is off work"));
        }
        let limit = member.agent.wip_limit;
        (member.load >= limit).then(|| format!("{name} has {} of {limit}", member.load))
    }

    fn handing_out(&mut self) {
        let task = self.standing.task;
        let waited = self.standing.at - task.queued_at.unwrap_or(task.updated_at);
        let hours = waited.num_seconds() as f64 / 3600.0;
        let pushed = self.standing.policy.pushes(task.priority, task.expedite, hours).is_some();
        if pushed && !self.standing.orchestrated {
            self.add(WaitKind::Orchestrator, "nobody orchestrates; open a board or run `vayu orchestrate`");
        } else if !pushed && self.found.is_empty() {
            self.add(WaitKind::Agent, "it is ready; the next agent who asks for work gets the most urgent task");
        }
    }

    fn assigned(&mut self) {
        self.held_back();
        let owner = self.standing.task.agent();
        let member = self.standing.team.iter().find(|member| Some(member.agent.agent_id) == owner);
        if self.standing.task.claim.is_some() {
            return;
        }
        if let Some(member) = member {
            let away = self.unavailable(&Member { load: 0, ..member.clone() });
            let why = away.unwrap_or_else(|| format!("{} has not taken it up yet", member.agent.name));
            self.add(WaitKind::Agent, why);
        }
    }

    fn paused(&mut self) {
        let before = self.found.len();
        self.blocker();
        if self.found.len() == before && before == 0 {
            self.add(WaitKind::Start, "it is paused; resume or release it");
        }
    }

    fn review(&mut self) {
        if self.lane() {
            return;
        }
        let who = match self.standing.task.review.as_ref().map(|review| review.kind) {
            Some(ReviewKind::User) | None => "the user's word",
            Some(ReviewKind::Peer) => "another agent's review",
            Some(ReviewKind::SelfReview) => "its author's own review",
            Some(ReviewKind::Automated) => "an automatic check",
        };
        self.add(WaitKind::Review, format!("it waits for {who}"));
    }

    fn failed(&mut self) {
        let task = self.standing.task;
        let quota = self.standing.last_failure == Some(Failure::Quota);
        match task.retry_at {
            Some(at) if at > self.standing.at && quota => {
                self.add(WaitKind::Quota, format!("a quota is used up; tried again at {}", at.format("%H:%M:%S UTC")));
            }
            Some(at) if at > self.standing.at => {
                let (count, most) = (task.metadata.retry_count, task.metadata.max_retries);
                self.add(WaitKind::Retry, format!("retry {count} of {most} at {}", at.format("%H:%M:%S UTC")));
            }
            Some(_) => self.takers(),
            None => {
                let why = format!("it failed and has no retries left ({})", task.metadata.retry_count);
                self.add(WaitKind::Answer, format!("{why}; retry, reassign or cancel it"));
            }
        }
        self.held_back();
    }
}

fn edge(unmet: &Unmet) -> String {
    let Unmet { number, status, archived, condition } = unmet;
    match (status, condition) {
        (Status::Completed, Some(condition)) => {
            format!("{number} is completed, but nobody said that `{condition}` holds")
        }
        (Status::Completed, None) => format!("{number} is completed, but its condition has not been said to hold"),
        (Status::Cancelled, _) => format!("{number} was cancelled and never frees this; reopen it or `undepend` it"),
        (Status::Failed, _) => format!("{number} failed; it frees this only when it is completed, or `undepend` it"),
        _ if *archived => format!("{number} is archived and never frees this; bring it back or `undepend` it"),
        _ => format!("{number} comes first and is {status}"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::domain::agent::{AgentKind, Division, parse_skills};
    use crate::domain::id::{AgentId, TaskId};
    use crate::domain::task::{Admission, Requester, Requirements};
    use crate::domain::{ActorKind, Priority, TaskKind, Zone};

    fn now() -> Timestamp {
        Utc.with_ymd_and_hms(2025, 6, 4, 12, 0, 0).single().expect("a date")
    }

    fn task(status: Status) -> Task {
        let value = serde_json::json!({
            "task_id": Uuid::from_u128(1), "number": 1, "title": "t", "type": TaskKind::UserRequest, "level": "task",
            "category": "execution", "status": status, "priority": Priority::Normal,
            "created_at": now(), "updated_at": now(),
            "requester": Requester { kind: ActorKind::Human, id: "po".into(), context: None },
        });
        serde_json::from_value(value).expect("a task")
    }

    fn agent(name: &str, skills: &str) -> Agent {
        Agent {
            agent_id: AgentId(Uuid::from_u128(7)),
            rev: 0,
            name: name.into(),
            kind: AgentKind::Ai,
            role: None,
            permissions: None,
            skills: parse_skills(skills).expect("skills"),
            wip_limit: 1,
            availability: Vec::new(),
            time_zone: Zone::default(),
            away: Vec::new(),
            division: Division::default(),
            draining: false,
            cost_per_hour: None,
            model: None,
            created_at: now(),
        }
    }

    fn why(task: &Task, alter: impl FnOnce(&mut Standing)) -> Vec<String> {
        let policy = Policy::default();
        let member = agent("builder", "rust:4");
        let mut standing = Standing {
            task,
            unmet: Vec::new(),
            asks: Vec::new(),
            lanes: BTreeMap::new(),
            last_failure: None,
            haunted: false,
            team: vec![Member { agent: &member, status: AgentStatus::Online, load: 0 }],
            sprint: None,
            orchestrated: true,
            policy: &policy,
            at: now(),
        };
        alter(&mut standing);
        waits(&standing).into_iter().map(|wait| wait.why).collect()
    }

    #[test]
    fn work_that_moves_or_has_ended_waits_for_nothing() {
        for status in [Status::Executing, Status::Completed, Status::Cancelled] {
            assert!(why(&task(status), |_| {}).is_empty(), "{status}");
        }
    }

    #[test]
    fn every_state_that_waits_says_why() {
        let silent = [Status::Executing, Status::Completed, Status::Cancelled, Status::Blocked, Status::Assigned];
        for status in Status::ALL.iter().filter(|status| !silent.contains(status)) {
            assert!(!why(&task(*status), |_| {}).is_empty(), "{status}");
        }
    }

    #[test]
    fn a_cancelled_predecessor_never_frees_its_child_and_says_so() {
        let edge = Unmet { number: TaskNumber(7), status: Status::Cancelled, archived: false, condition: None };
        let found = why(&task(Status::Blocked), |standing| standing.unmet = vec![edge]);
        assert_eq!(found, ["#7 was cancelled and never frees this; reopen it or `undepend` it"]);
    }

    #[test]
    fn all_reasons_are_told_not_only_the_first() {
        let task = Task { not_before: Some(now() + Duration::hours(1)), ..task(Status::Queued) };
        let found = why(&task, |standing| {
            standing.haunted = true;
            standing.team[0].status = AgentStatus::Offline;
            standing.lanes.insert(Lane::InProgress, LaneLoad { count: 4, limit: 4, waiting: Vec::new() });
        });
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(found[0], "not before 2025-06-04 13:00 UTC");
        assert_eq!(found[2], "In progress is full (4 of 4)");
        assert_eq!(found[3], "all who can do it are taken: builder is offline");
    }

    #[test]
    fn a_card_in_a_queue_names_its_place() {
        let admission = Some(Admission { lane: Lane::InProgress, since: now(), agent_id: None });
        let task = Task { admission, ..task(Status::Queued) };
        let waiting = vec![TaskId(Uuid::from_u128(9)), task.task_id];
        let load = LaneLoad { count: 2, limit: 2, waiting };
        let found = why(&task, |standing| _ = standing.lanes.insert(Lane::InProgress, load));
        assert_eq!(found, ["In progress is full (2 of 2); place 2 in its queue"]);
    }

    #[test]
    fn a_missing_skill_names_what_each_one_lacks() {
        let capabilities = parse_skills("cobol:2").expect("skills");
        let task =
            Task { requirements: Requirements { capabilities, ..Requirements::default() }, ..task(Status::Queued) };
        assert_eq!(why(&task, |_| {}), ["nobody on the team can do it: builder has no cobol"]);
    }

    #[test]
    fn nobody_orchestrating_is_said_loudly_where_work_would_be_pushed() {
        let task = Task { priority: Priority::Critical, ..task(Status::Queued) };
        let found = why(&task, |standing| standing.orchestrated = false);
        assert_eq!(found, ["nobody orchestrates; open a board or run `vayu orchestrate`"]);
        assert!(why(&task, |_| {}).is_empty(), "the next tick hands it out");
    }

    #[test]
    fn a_used_up_quota_is_not_called_a_failure() {
        let task = Task { retry_at: Some(now() + Duration::minutes(5)), ..task(Status::Failed) };
        let found = why(&task, |standing| standing.last_failure = Some(Failure::Quota));
        assert_eq!(found, ["a quota is used up; tried again at 12:05:00 UTC"]);
    }
}
