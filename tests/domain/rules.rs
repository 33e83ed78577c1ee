//! Single rules, as facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use vayu::domain::attempt::Failure;
use vayu::domain::command::{AgentField, NewAgent, NewTask, Report, TaskField};
use vayu::domain::task::{AssignmentMethod, BlockerKind, Dependency, Task};
use vayu::domain::{
    Actor, AgentId, AgentKind, Command, Fence, Lane, Level, Permission, Policy, Priority, Rejection, Status, TaskId,
    Zone,
};
use vayu::service::env::{CountedIds, FrozenClock};
use vayu::service::{Claimed, Error, Service, Undo};
use vayu::store::sqlite::Board;

pub struct Fixture {
    pub service: Service,
    pub clock: FrozenClock,
    pub po: Actor,
    pub ada: AgentId,
    pub bob: AgentId,
}

impl Fixture {
    pub fn new() -> Self {
        let start: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
        let clock = FrozenClock::at(start);
        let store = Board::in_memory().unwrap();
        let service = Service::with(Box::new(store), Arc::new(clock.clone()), Box::new(CountedIds::seeded(1)));
        let nobody = AgentId(uuid::Uuid::nil());
        let mut fixture = Self { service, clock, po: Actor::human("po"), ada: nobody, bob: nobody };
        fixture.ada = fixture.agent("ada");
        fixture.bob = fixture.agent("bob");
        fixture
    }

    pub fn agent(&mut self, name: &str) -> AgentId {
        let new = NewAgent {
            name: name.into(),
            kind: AgentKind::Ai,
            role: None,
            skills: BTreeMap::from([("rust".to_owned(), 3)]),
            wip_limit: 2,
            availability: Vec::new(),
            time_zone: Zone::default(),
            cost_per_hour: None,
            also: Vec::new(),
        };
        self.run(Command::AddAgent(Box::new(new)));
        self.service.read().agent_named(name).unwrap().unwrap().agent_id
    }

    pub fn run(&mut self, command: Command) {
        self.service.submit(&self.po.clone(), command).unwrap();
    }

    pub fn refused(&mut self, actor: &Actor, command: Command) -> Rejection {
        match self.service.submit(actor, command) {
            Err(Error::Rejected(rejection)) => rejection,
            other => panic!("not refused: {other:?}"),
        }
    }

    pub fn create(&mut self, title: &str, on: &[TaskId]) -> TaskId {
        self.create_with(NewTask {
            title: title.into(),
            blocked_by: on.iter().copied().map(Dependency::sequential).collect(),
            ..NewTask::default()
        })
    }

    pub fn create_with(&mut self, new: NewTask) -> TaskId {
        self.service.submit(&self.po.clone(), Command::CreateTask(Box::new(new))).unwrap().task().unwrap()
    }

    pub fn claim(&mut self, agent: AgentId, task: TaskId) -> Claimed {
        let command = Command::ClaimTask { agent_id: agent, task_id: Some(task), lease_seconds: Some(60) };
        self.service.submit(&Actor::agent("worker"), command).unwrap().claimed.unwrap()
    }

    pub fn task(&self, id: TaskId) -> Task {
        self.service.read().task(id).unwrap().unwrap()
    }

    pub fn status(&self, id: TaskId) -> Status {
        self.task(id).status
    }

    pub fn limit(&mut self, lane: Lane, limit: u32) {
        self.run(Command::Configure(Box::new(Policy { wip: BTreeMap::from([(lane, limit)]), ..Policy::default() })));
    }

    pub fn complete(&mut self, id: TaskId) {
        let agent_id = Some(self.ada);
        self.run(Command::CompleteTask { task_id: id, fence: Fence::Force, agent_id, report: Report::default() });
    }
}

#[test]
fn a_task_waits_for_its_predecessor_and_is_ready_with_its_completion() {
    let mut fixture = Fixture::new();
    let first = fixture.create("first", &[]);
    let second = fixture.create("second", &[first]);
    assert_eq!(fixture.status(second), Status::Blocked);
    fixture.complete(first);
    assert_eq!(fixture.status(second), Status::Queued);
}

#[test]
fn a_cancelled_or_failed_predecessor_frees_nobody() {
    let mut fixture = Fixture::new();
    let (cancelled, failed) = (fixture.create("a", &[]), fixture.create("b", &[]));
    let waits = fixture.create("c", &[cancelled]);
    let waits_too = fixture.create("d", &[failed]);
    fixture.run(Command::CancelTask { task_id: cancelled, reason: None });
    let claim = fixture.claim(fixture.ada, failed);
    let (fence, report) = (Fence::Token(claim.token), Report::default());
    fixture.run(Command::FailTask { task_id: failed, fence, failure: Failure::Refused, report });
    assert_eq!(fixture.status(waits), Status::Blocked);
    assert_eq!(fixture.status(waits_too), Status::Blocked);
}

#[test]
fn a_refused_circle_is_named() {
    let mut fixture = Fixture::new();
    let a = fixture.create("a", &[]);
    let b = fixture.create("b", &[a]);
    let c = fixture.create("c", &[b]);
    let command = Command::AddDependency { task_id: a, dependency: Dependency::sequential(c) };
    let refusal = fixture.refused(&fixture.po.clone(), command).to_string();
    assert!(refusal.contains("#1 waits for #3 waits for #2 waits for #1"), "{refusal}");
}

#[test]
fn a_refused_step_names_the_state_and_what_would_be_allowed() {
    let mut fixture = Fixture::new();
    let task = fixture.create("a", &[]);
    let command = Command::ReviewTask { task_id: task, passed: true, feedback: None, score: None };
    let refusal = fixture.refused(&fixture.po.clone(), command).to_string();
    assert!(refusal.contains("queued") && refusal.contains("assign"), "{refusal}");
}

#[test]
fn a_late_word_from_a_worker_that_lost_its_claim_is_refused() {
    let mut fixture = Fixture::new();
    let task = fixture.create("a", &[]);
    let old = fixture.claim(fixture.ada, task);
    fixture.run(Command::StartTask { task_id: task, fence: Fence::Token(old.token), workspace: None });
    fixture.clock.advance(Duration::seconds(61));
    let reason = "no heartbeat".to_owned();
    fixture.run(Command::ExpireClaim { task_id: task, epoch: old.epoch, reason });
    let new = fixture.claim(fixture.bob, task);
    assert!(new.epoch > old.epoch);
    let late = Command::SubmitTask { task_id: task, fence: Fence::Token(old.token), report: Report::default() };
    let refusal = fixture.refused(&Actor::agent("ada"), late);
    assert!(matches!(refusal, Rejection::Fenced { .. }), "{refusal}");
    assert!(fixture.service.beat(old.token, &vayu::store::view::Liveness::default()).unwrap().is_none());
    assert!(fixture.service.beat(new.token, &vayu::store::view::Liveness::default()).unwrap().is_some());
}

#[test]
fn a_claim_cannot_be_expired_while_its_lease_runs() {
    let mut fixture = Fixture::new();
    let task = fixture.create("a", &[]);
    let claim = fixture.claim(fixture.ada, task);
    fixture.clock.advance(Duration::seconds(59));
    let command = Command::ExpireClaim { task_id: task, epoch: claim.epoch, reason: "early".into() };
    assert!(matches!(fixture.refused(&Actor::system("o"), command), Rejection::Conflict { .. }));
}

#[test]
fn r15_the_wall_clock_does_not_end_a_lease() {
    let mut fixture = Fixture::new();
    let task = fixture.create("a", &[]);
    let claim = fixture.claim(fixture.ada, task);
    let later = fixture.service.now().wall + Duration::days(1);
    fixture.clock.set_wall(later);
    let command = Command::ExpireClaim { task_id: task, epoch: claim.epoch, reason: "clock".into() };
    assert!(matches!(fixture.refused(&Actor::system("o"), command), Rejection::Conflict { .. }));
}

#[test]
fn a_card_waits_for_room_in_a_full_lane_and_enters_when_there_is_some() {
    let mut fixture = Fixture::new();
    fixture.limit(Lane::InProgress, 1);
    let (a, b) = (fixture.create("a", &[]), fixture.create("b", &[]));
    for task_id in [a, b] {
        let (agent_id, method) = (fixture.ada, AssignmentMethod::Assigned);
        fixture.run(Command::AssignTask { task_id, agent_id, method, why: None, fence: Fence::None });
    }
    assert_eq!(fixture.status(a), Status::Assigned);
    assert_eq!(fixture.status(b), Status::Queued);
    assert_eq!(fixture.task(b).admission.map(|admission| admission.lane), Some(Lane::InProgress));
    fixture.complete(a);
    assert_eq!(fixture.status(b), Status::Assigned);
    assert_eq!(fixture.task(b).admission, None);
}

#[test]
fn every_place_that_one_change_frees_is_taken_by_the_next_in_line() {
    let mut fixture = Fixture::new();
    fixture.limit(Lane::Ready, 7);
    let parent =
        fixture.create_with(NewTask { level: Some(Level::Package), title: "all of it".into(), ..NewTask::default() });
    let part = |fixture: &mut Fixture, n| {
        fixture.create_with(NewTask { title: format!("part {n}"), parent_id: Some(parent), ..NewTask::default() })
    };
    for n in 0..7 {
        part(&mut fixture, n);
    }
    let waiting: Vec<TaskId> = (0..9).map(|n| fixture.create(&format!("later {n}"), &[])).collect();
    assert!(waiting.iter().all(|id| fixture.status(*id) == Status::Created));
    fixture.run(Command::CancelTask { task_id: parent, reason: None });
    let queued: Vec<bool> = waiting.iter().map(|id| fixture.status(*id) == Status::Queued).collect();
    assert_eq!(queued, [true, true, true, true, true, true, true, false, false]);
}

#[test]
fn an_expedited_card_passes_the_limit_and_there_is_only_one() {
    let mut fixture = Fixture::new();
    fixture.limit(Lane::InProgress, 1);
    let (a, b, c) = (fixture.create("a", &[]), fixture.create("b", &[]), fixture.create("c", &[]));
    fixture.claim(fixture.ada, a);
    let express = |task_id| Command::EditTask { task_id, changes: vec![TaskField::Expedite(true)], expected_rev: None };
    fixture.run(express(b));
    assert!(matches!(fixture.refused(&fixture.po.clone(), express(c)), Rejection::ExpediteTaken { .. }));
    fixture.claim(fixture.bob, b);
    assert_eq!(fixture.status(b), Status::Assigned);
}

#[test]
fn critical_work_waits_for_the_users_word() {
    let mut fixture = Fixture::new();
    let task =
        fixture.create_with(NewTask { title: "a".into(), priority: Some(Priority::Critical), ..NewTask::default() });
    let claim = fixture.claim(fixture.ada, task);
    let submit = Command::SubmitTask { task_id: task, fence: Fence::Token(claim.token), report: Report::default() };
    fixture.service.submit(&Actor::agent("ada"), submit).unwrap();
    assert_eq!(fixture.status(task), Status::Reviewing);
    let now = fixture.service.now();
    let asks = fixture.service.read().escalations(false, &now).unwrap();
    let escalation_id = asks[0].escalation.escalation_id;
    let by_agent = Command::AnswerEscalation { escalation_id, choice: Some(0), words: None };
    assert!(matches!(fixture.refused(&Actor::agent("ada"), by_agent.clone()), Rejection::HumansOnly(_)));
    fixture.run(by_agent);
    assert_eq!(fixture.status(task), Status::Completed);
}

#[test]
fn rejected_work_goes_back_to_its_author_with_the_feedback() {
    let mut fixture = Fixture::new();
    let priority = Some(Priority::Critical);
    let task = fixture.create_with(NewTask { title: "a".into(), priority, ..NewTask::default() });
    let claim = fixture.claim(fixture.ada, task);
    fixture.run(Command::SubmitTask { task_id: task, fence: Fence::Token(claim.token), report: Report::default() });
    let feedback = Some("tests are missing".to_owned());
    fixture.run(Command::ReviewTask { task_id: task, passed: false, feedback: feedback.clone(), score: None });
    let task = fixture.task(task);
    assert_eq!((task.status, task.agent()), (Status::Assigned, Some(fixture.ada)));
    assert_eq!(task.review.and_then(|review| review.feedback), feedback);
}

#[test]
fn an_agents_question_pauses_its_task_and_the_answer_gives_it_back() {
    let mut fixture = Fixture::new();
    let task = fixture.create("a", &[]);
    let claim = fixture.claim(fixture.ada, task);
    let fence = Fence::Token(claim.token);
    fixture.run(Command::StartTask { task_id: task, fence, workspace: None });
    let (kind, reason) = (BlockerKind::Input, "Half-even or half-up?".to_owned());
    let block = Command::BlockTask { task_id: task, fence, kind, reason };
    fixture.service.submit(&Actor::agent("ada"), block).unwrap();
    assert_eq!(fixture.status(task), Status::Paused);
    let now = fixture.service.now();
    let ask = fixture.service.read().escalations(false, &now).unwrap().remove(0).escalation;
    let words = Some("half-even".to_owned());
    fixture.run(Command::AnswerEscalation { escalation_id: ask.escalation_id, choice: None, words });
    let after = fixture.task(task);
    assert_eq!((after.status, after.agent(), after.blocker), (Status::Assigned, Some(fixture.ada), None));
    let detail = fixture.service.read().task_detail(task, &now).unwrap().unwrap();
    assert!(detail.comments.iter().any(|comment| comment.text.contains("half-even")));
}

#[test]
fn a_goal_is_completed_by_its_last_part_and_taken_up_again_with_a_new_one() {
    let mut fixture = Fixture::new();
    let level = Some(Level::Package);
    let package = fixture.create_with(NewTask { title: "p".into(), level, ..NewTask::default() });
    let part = |title: &str| NewTask { title: title.into(), parent_id: Some(package), ..NewTask::default() };
    let a = fixture.create_with(part("a"));
    fixture.complete(a);
    assert_eq!(fixture.status(package), Status::Completed);
    fixture.create_with(part("b"));
    assert_eq!(fixture.status(package), Status::Created);
}

#[test]
fn r9_undo_is_refused_when_somebody_built_on_the_change() {
    let mut fixture = Fixture::new();
    let task = fixture.create("a", &[]);
    let edit = |title: &str| Command::EditTask {
        task_id: task,
        changes: vec![TaskField::Title(title.into())],
        expected_rev: None,
    };
    fixture.run(edit("mine"));
    fixture.service.submit(&Actor::human("ravi"), edit("theirs")).unwrap();
    let refusal = fixture.service.undo(&fixture.po.clone(), Undo::Own).unwrap_err().to_string();
    assert!(refusal.contains("by ravi"), "{refusal}");
    assert_eq!(fixture.task(task).title, "theirs");
    fixture.service.undo(&Actor::human("ravi"), Undo::Own).unwrap();
    fixture.service.undo(&fixture.po.clone(), Undo::Own).unwrap();
    assert_eq!(fixture.task(task).title, "a");
}

#[test]
fn the_loser_of_a_race_is_told_what_changed() {
    let mut fixture = Fixture::new();
    let task = fixture.create("a", &[]);
    let rev = fixture.task(task).rev;
    let edit = |title: &str| Command::EditTask {
        task_id: task,
        changes: vec![TaskField::Title(title.into())],
        expected_rev: Some(rev),
    };
    fixture.run(edit("first"));
    let refusal = fixture.refused(&fixture.po.clone(), edit("second"));
    assert!(matches!(refusal, Rejection::Conflict { .. }), "{refusal}");
}

#[test]
fn a_repeated_request_gets_the_first_answer_and_makes_nothing() {
    let mut fixture = Fixture::new();
    let commands = [Command::CreateTask(Box::new(NewTask { title: "once".into(), ..NewTask::default() }))];
    let po = fixture.po.clone();
    let first = fixture.service.submit_request(&po, &commands, Some("key-1")).unwrap();
    let second = fixture.service.submit_request(&po, &commands, Some("key-1")).unwrap();
    assert_eq!(first.task(), second.task());
    assert!(second.repeated);
}

#[test]
fn an_old_task_overtakes_younger_ones_of_higher_priority() {
    let mut fixture = Fixture::new();
    let priority = Some(Priority::Low);
    let old = fixture.create_with(NewTask { title: "old".into(), priority, ..NewTask::default() });
    fixture.clock.advance(Duration::hours(50));
    fixture.create("young", &[]);
    let choose = Command::ClaimTask { agent_id: fixture.ada, task_id: None, lease_seconds: None };
    let done = fixture.service.submit(&Actor::agent("ada"), choose).unwrap();
    assert_eq!(done.claimed.map(|claimed| claimed.task_id), Some(old));
}

#[test]
fn nobody_gets_work_that_asks_for_more_than_they_can() {
    let mut fixture = Fixture::new();
    let mut new = NewTask { title: "hard".into(), ..NewTask::default() };
    new.requirements.capabilities.insert("rust".into(), 5);
    fixture.create_with(new);
    let choose = Command::ClaimTask { agent_id: fixture.ada, task_id: None, lease_seconds: None };
    let refusal = fixture.refused(&Actor::agent("ada"), choose).to_string();
    assert!(refusal.contains("rust 3, 5 wanted"), "{refusal}");
}

#[test]
fn several_commands_are_all_or_nothing() {
    let mut fixture = Fixture::new();
    let task = fixture.create("a", &[]);
    let head = fixture.service.read().head().unwrap();
    let commands = [
        Command::EditTask { task_id: task, changes: vec![TaskField::Title("b".into())], expected_rev: None },
        Command::RetryTask { task_id: task },
    ];
    fixture.service.submit_all(&fixture.po.clone(), &commands).unwrap_err();
    assert_eq!(fixture.task(task).title, "a");
    assert_eq!(fixture.service.read().head().unwrap(), head);
}

#[test]
fn an_agent_that_was_given_more_than_its_limit_can_still_begin() {
    let mut fixture = Fixture::new();
    let (agent_id, method) = (fixture.ada, AssignmentMethod::Assigned);
    for title in ["a", "b", "c"] {
        let task_id = fixture.create(title, &[]);
        fixture.run(Command::AssignTask { task_id, agent_id, method, why: None, fence: Fence::None });
    }
    let choose = || Command::ClaimTask { agent_id, task_id: None, lease_seconds: None };
    for _ in 0..2 {
        fixture.service.submit(&Actor::agent("ada"), choose()).unwrap();
    }
    assert!(matches!(fixture.refused(&Actor::agent("ada"), choose()), Rejection::NothingReady { .. }));
}

#[test]
fn work_that_is_not_ready_yet_does_not_keep_its_agent_from_other_work() {
    let mut fixture = Fixture::new();
    let (agent_id, method) = (fixture.ada, AssignmentMethod::Assigned);
    let (waits, first) = (fixture.create("waits", &[]), fixture.create("first", &[]));
    fixture.run(Command::AssignTask { task_id: waits, agent_id, method, why: None, fence: Fence::None });
    fixture.run(Command::AddDependency { task_id: waits, dependency: Dependency::sequential(first) });
    let choose = Command::ClaimTask { agent_id, task_id: None, lease_seconds: None };
    let done = fixture.service.submit(&Actor::agent("ada"), choose).unwrap();
    assert_eq!(done.claimed.map(|claimed| claimed.task_id), Some(first));
}

#[test]
fn a_due_retry_that_has_to_wait_keeps_nobody_from_other_work() {
    let mut fixture = Fixture::new();
    let (failed, other) = (fixture.create("failed", &[]), fixture.create("other", &[]));
    let fence = Fence::Token(fixture.claim(fixture.ada, failed).token);
    fixture.run(Command::FailTask { task_id: failed, fence, failure: Failure::Exit, report: Report::default() });
    fixture.run(Command::AddDependency { task_id: failed, dependency: Dependency::sequential(other) });
    fixture.clock.advance(Duration::minutes(5));
    let choose = Command::ClaimTask { agent_id: fixture.ada, task_id: None, lease_seconds: None };
    let done = fixture.service.submit(&Actor::agent("ada"), choose).unwrap();
    assert_eq!(done.claimed.map(|claimed| claimed.task_id), Some(other));
}

#[test]
fn what_is_in_somebodys_hands_is_not_made_ready_whatever_it_waits_for() {
    let mut fixture = Fixture::new();
    let (held, other) = (fixture.create("held", &[]), fixture.create("other", &[]));
    fixture.claim(fixture.ada, held);
    fixture.limit(Lane::Ready, 1);
    for _ in 0..2 {
        let refusal = fixture.refused(&fixture.po.clone(), Command::QueueTask { task_id: held });
        assert!(matches!(refusal, Rejection::NoSuchStep { .. }), "{refusal}");
        assert_eq!(fixture.task(held).admission, None);
        fixture.run(Command::AddDependency { task_id: held, dependency: Dependency::sequential(other) });
    }
}

#[test]
fn an_agent_can_neither_start_nor_cancel_what_another_holds() {
    let mut fixture = Fixture::new();
    let (given, claimed) = (fixture.create("given", &[]), fixture.create("claimed", &[]));
    let (agent_id, method) = (fixture.ada, AssignmentMethod::Assigned);
    fixture.run(Command::AssignTask { task_id: given, agent_id, method, why: None, fence: Fence::None });
    fixture.claim(fixture.ada, claimed);
    let bob = Actor::agent("bob");
    let start = Command::StartTask { task_id: given, fence: Fence::None, workspace: None };
    assert!(matches!(fixture.refused(&bob, start), Rejection::NotReady { .. }));
    let cancel = Command::CancelTask { task_id: claimed, reason: None };
    assert!(matches!(fixture.refused(&bob, cancel), Rejection::Fenced { .. }));
}

#[test]
fn a_worker_lost_during_a_pause_does_not_keep_its_task() {
    let mut fixture = Fixture::new();
    let task = fixture.create("a", &[]);
    let claim = fixture.claim(fixture.ada, task);
    let fence = Fence::Token(claim.token);
    fixture.run(Command::StartTask { task_id: task, fence, workspace: None });
    fixture.run(Command::PauseTask { task_id: task, fence, reason: None });
    fixture.clock.advance(Duration::seconds(61));
    fixture.run(Command::ExpireClaim { task_id: task, epoch: claim.epoch, reason: "no heartbeat".into() });
    assert_eq!(fixture.status(task), Status::Queued);
}

#[test]
fn a_card_moved_to_the_backlog_stays_there() {
    let mut fixture = Fixture::new();
    fixture.limit(Lane::Ready, 1);
    let a = fixture.create("a", &[]);
    fixture.claim(fixture.ada, a);
    let b = fixture.create("b", &[]);
    fixture.run(Command::MoveTask { task_id: a, lane: Lane::Backlog, agent_id: None, fence: Fence::Force });
    assert_eq!(fixture.status(a), Status::Created);
    fixture.claim(fixture.bob, b);
    assert_eq!(fixture.status(a), Status::Created);
}

#[test]
fn r9_undo_is_refused_when_it_would_close_a_circle() {
    let mut fixture = Fixture::new();
    let (a, b) = (fixture.create("a", &[]), fixture.create("b", &[]));
    let wait = |task_id, on| Command::AddDependency { task_id, dependency: Dependency::sequential(on) };
    fixture.run(wait(a, b));
    let undepend = Command::RemoveDependency { task_id: a, on: b };
    let change = fixture.service.submit(&fixture.po.clone(), undepend).unwrap().change.unwrap();
    fixture.run(wait(b, a));
    let refusal = fixture.service.undo(&fixture.po.clone(), Undo::Change(change)).unwrap_err().to_string();
    assert!(refusal.contains("circle") || refusal.contains("came after"), "{refusal}");
    assert!(fixture.task(a).dependencies.blocked_by.is_empty());
}

#[test]
fn undo_of_a_removed_edge_does_not_block_what_has_been_freed_since() {
    let mut fixture = Fixture::new();
    let (a, b) = (fixture.create("a", &[]), fixture.create("b", &[]));
    fixture.run(Command::AddDependency { task_id: a, dependency: Dependency::sequential(b) });
    let undepend = Command::RemoveDependency { task_id: a, on: b };
    let change = fixture.service.submit(&fixture.po.clone(), undepend).unwrap().change.unwrap();
    fixture.complete(b);
    fixture.service.undo(&fixture.po.clone(), Undo::Change(change)).unwrap();
    assert_eq!(fixture.status(a), Status::Queued);
}

#[test]
fn an_agent_does_what_its_role_allows_and_no_more() {
    let mut board = Fixture::new();
    let ada = Actor::agent("ada");
    let (mine, other) = (board.create("mine", &[]), board.create("other", &[]));
    let allow = |board: &mut Fixture, allowed: &[Permission]| {
        let changes = vec![AgentField::Permissions(Some(allowed.to_vec()))];
        board.run(Command::EditAgent { agent_id: board.ada, changes });
    };
    let title =
        |task_id| Command::EditTask { task_id, changes: vec![TaskField::Title("renamed".into())], expected_rev: None };
    board.service.submit(&ada, title(other)).expect("of whom nothing is said, everything is allowed");
    allow(&mut board, &[Permission::Work]);
    let (ada_id, bob) = (board.ada, board.bob);
    let assign = Command::AssignTask {
        task_id: other,
        agent_id: bob,
        method: AssignmentMethod::Assigned,
        why: None,
        fence: Fence::None,
    };
    let new = NewTask { title: "new".into(), ..NewTask::default() };
    let review = Command::ReviewTask { task_id: other, passed: true, feedback: None, score: None };
    let more = vec![AgentField::Permissions(None)];
    for (command, words) in [
        (Command::CreateTask(Box::new(new)), "ada may not write down new tasks: what it was given allows work"),
        (title(other), "may not change tasks of others"),
        (Command::AddDependency { task_id: other, dependency: Dependency::sequential(mine) }, "tasks of others"),
        (review, "may not judge work"),
        (assign, "may not give tasks to others"),
        (
            Command::EditAgent { agent_id: bob, changes: vec![AgentField::Draining(true)] },
            "may not change other agents",
        ),
        (Command::EditAgent { agent_id: ada_id, changes: more }, "only a human may change what an agent may do"),
    ] {
        let refused = board.refused(&ada, command).to_string();
        assert!(refused.contains(words), "{refused}");
    }
    let claim = Command::ClaimTask { agent_id: ada_id, task_id: Some(mine), lease_seconds: None };
    let claimed = board.service.submit(&ada, claim).unwrap().claimed.unwrap();
    board.service.submit(&ada, title(mine)).expect("it is its own work");
    let fence = Fence::Token(claimed.token);
    board.service.submit(&ada, Command::SubmitTask { task_id: mine, fence, report: Report::default() }).unwrap();
    allow(&mut board, &[Permission::Edit]);
    board.service.submit(&ada, title(other)).expect("now it is allowed");
    let claim = Command::ClaimTask { agent_id: ada_id, task_id: Some(other), lease_seconds: None };
    let refused = board.refused(&ada, claim).to_string();
    assert!(refused.contains("ada may not take tasks"), "{refused}");
    let claim = Command::ClaimTask { agent_id: ada_id, task_id: Some(other), lease_seconds: None };
    let po = board.po.clone();
    let refused = board.refused(&po, claim).to_string();
    assert!(refused.contains("its role does not do tasks"), "nor is it given any: {refused}");
}

#[test]
fn reports_are_bounded_and_a_task_keeps_the_newest_of_what_was_told() {
    let mut board = Fixture::new();
    let ada = Actor::agent("ada");
    let id = board.create("chatty", &[]);
    let claimed = board.claim(board.ada, id);
    let fence = Fence::Token(claimed.token);
    board.service.submit(&ada, Command::StartTask { task_id: id, fence, workspace: None }).unwrap();
    let tell =
        |artifacts: Vec<String>| Command::ReportProgress { task_id: id, fence, progress: None, step: None, artifacts };
    for round in 0..4 {
        let names = (0..200).map(|n| format!("{round}-{n}")).collect();
        board.service.submit(&ada, tell(names)).unwrap();
    }
    board.service.submit(&ada, tell(vec!["3-0".into()])).unwrap();
    let kept = board.task(id).execution.artifacts;
    assert_eq!((kept.len(), kept.first().unwrap().as_str(), kept.last().unwrap().as_str()), (500, "1-100", "3-0"));
    let refused = board.refused(&ada, tell(vec![String::new(); 201])).to_string();
    assert!(refused.contains("at most 200"), "{refused}");
    let report = Report { summary: Some("x".repeat(70_000)), ..Report::default() };
    let refused = board.refused(&ada, Command::SubmitTask { task_id: id, fence, report }).to_string();
    assert!(refused.contains("70000 bytes") && refused.contains("put it into a file"), "{refused}");
}
