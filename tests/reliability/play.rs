//! R10: three actors do whatever comes to their minds on a real board, and the model says what must come of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use vayu::domain::attempt::Failure;
use vayu::domain::command::{NewAgent, NewTask, Report};
use vayu::domain::task::Dependency;
use vayu::domain::{Actor, AgentId, ClaimToken, Command, Fence, Priority, Status, Task, TaskId};
use vayu::service::env::{CountedIds, FrozenClock};
use vayu::service::{Done, Error, Service};
use vayu::store::sqlite::Board;
use vayu::store::view::Liveness;

use super::chance::{property, size};
use super::model::{Card, HANDS, Model, Op, Outcome, Who};
use super::rows::Rows;

/// Longest game.
const OPS: usize = 200;

fn op() -> impl Strategy<Value = Op> {
    let task = || 0..12_usize;
    let agent = || prop_oneof![Just(Who::Ada), Just(Who::Bob)];
    let anybody = || prop_oneof![4 => Just(Who::Owner), 1 => Just(Who::Ada), 1 => Just(Who::Bob)];
    let work = || (agent(), task());
    let rarely = || prop::bool::weighted(0.2);
    prop_oneof![
        6 => (prop::option::weighted(0.3, 0..6_u8), any::<bool>(), rarely(), prop::option::of(task()))
            .prop_map(|(key, critical, backlog, after)| Op::Create { key, critical, backlog, after }),
        2 => (task(), task()).prop_map(|(task, on)| Op::Depend { task, on }),
        1 => (task(), task()).prop_map(|(task, on)| Op::Undepend { task, on }),
        2 => task().prop_map(Op::Ready),
        8 => agent().prop_map(Op::ClaimAny),
        4 => work().prop_map(|(who, task)| Op::Claim(who, task)),
        2 => work().prop_map(|(who, task)| Op::Beat(who, task)),
        6 => work().prop_map(|(who, task)| Op::Start(who, task)),
        3 => (work(), 0..=102_u8).prop_map(|((who, task), percent)| Op::Progress(who, task, percent)),
        3 => work().prop_map(|(who, task)| Op::Pause(who, task)),
        3 => work().prop_map(|(who, task)| Op::Resume(who, task)),
        8 => work().prop_map(|(who, task)| Op::Submit(who, task)),
        4 => work().prop_map(|(who, task)| Op::Fail(who, task)),
        2 => (anybody(), task()).prop_map(|(who, task)| Op::Release(who, task)),
        4 => (anybody(), task(), any::<bool>()).prop_map(|(who, task, passed)| Op::Review { who, task, passed }),
        2 => task().prop_map(Op::Retry),
        1 => task().prop_map(Op::Cancel),
        2 => (anybody(), task()).prop_map(|(who, task)| Op::Reopen(who, task)),
        4 => (1..60_u8).prop_map(|seconds| Op::Wait { seconds }),
    ]
}

/// The board that is played on.
struct Table {
    _folder: tempfile::TempDir,
    service: Service,
    clock: FrozenClock,
    agents: BTreeMap<Who, AgentId>,
    tasks: Vec<TaskId>,
    tokens: BTreeMap<(Who, usize), ClaimToken>,
}

fn start() -> DateTime<Utc> {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn actor(who: Who) -> Actor {
    match who {
        Who::Owner => Actor::human("po"),
        Who::Ada => Actor::agent("ada"),
        Who::Bob => Actor::agent("bob"),
    }
}

impl Table {
    fn new() -> Self {
        let folder = super::simulate::folder();
        let clock = FrozenClock::at(start());
        let store = Board::at(folder.path().join("board.db")).create().unwrap();
        let mut service = Service::with(Box::new(store), Arc::new(clock.clone()), Box::new(CountedIds::seeded(10)));
        let mut agents = BTreeMap::new();
        for (who, name) in [(Who::Ada, "ada"), (Who::Bob, "bob")] {
            let new = NewAgent { wip_limit: HANDS as u32, ..super::race::agent_named(name) };
            service.submit(&actor(Who::Owner), Command::AddAgent(Box::new(new))).unwrap();
            agents.insert(who, service.read().agent_named(name).unwrap().unwrap().agent_id);
        }
        Self { _folder: folder, service, clock, agents, tasks: Vec::new(), tokens: BTreeMap::new() }
    }

    /// Does it on the board; what came of it.
    fn take(&mut self, op: &Op) -> Result<Done, Error> {
        let (who, command, key) = match *op {
            Op::Wait { seconds } => {
                self.clock.advance(Duration::seconds(i64::from(seconds)));
                return Ok(Done::default());
            }
            Op::Create { key, critical, backlog, after } => {
                let new = NewTask {
                    title: "a task".into(),
                    priority: critical.then_some(Priority::Critical),
                    backlog,
                    blocked_by: after.map(|n| Dependency::sequential(self.tasks[n])).into_iter().collect(),
                    ..NewTask::default()
                };
                (Who::Owner, Command::CreateTask(Box::new(new)), key.map(|key| format!("key {key}")))
            }
            ref op => {
                let (who, command) = self.command(op);
                (who, command, None)
            }
        };
        self.service.submit_request(&actor(who), &[command], key.as_deref())
    }

    fn command(&self, op: &Op) -> (Who, Command) {
        let id = |task: usize| self.tasks[task];
        let fence = |who: Who, task: usize| self.tokens.get(&(who, task)).map_or(Fence::None, |t| Fence::Token(*t));
        let owner = |command| (Who::Owner, command);
        let claim = |who: Who, task_id| {
            (who, Command::ClaimTask { agent_id: self.agents[&who], task_id, lease_seconds: Some(86_400) })
        };
        let report = Report::default();
        match *op {
            Op::Depend { task, on } => {
                owner(Command::AddDependency { task_id: id(task), dependency: Dependency::sequential(id(on)) })
            }
            Op::Undepend { task, on } => owner(Command::RemoveDependency { task_id: id(task), on: id(on) }),
            Op::Ready(task) => owner(Command::QueueTask { task_id: id(task) }),
            Op::ClaimAny(who) => claim(who, None),
            Op::Claim(who, task) => claim(who, Some(id(task))),
            Op::Start(who, t) => (who, Command::StartTask { task_id: id(t), fence: fence(who, t), workspace: None }),
            Op::Progress(who, t, percent) => {
                let (progress, artifacts) = (Some(percent), Vec::new());
                let fence = fence(who, t);
                (who, Command::ReportProgress { task_id: id(t), fence, progress, step: None, artifacts })
            }
            Op::Pause(who, t) => (who, Command::PauseTask { task_id: id(t), fence: fence(who, t), reason: None }),
            Op::Resume(who, t) => (who, Command::ResumeTask { task_id: id(t), fence: fence(who, t) }),
            Op::Submit(who, t) => (who, Command::SubmitTask { task_id: id(t), fence: fence(who, t), report }),
            Op::Fail(who, t) => {
                let failure = Failure::Exit;
                (who, Command::FailTask { task_id: id(t), fence: fence(who, t), failure, report })
            }
            Op::Release(Who::Owner, t) => {
                owner(Command::ReleaseTask { task_id: id(t), fence: Fence::Force, reason: None })
            }
            Op::Release(who, t) => (who, Command::ReleaseTask { task_id: id(t), fence: fence(who, t), reason: None }),
            Op::Review { who, task, passed } => {
                (who, Command::ReviewTask { task_id: id(task), passed, feedback: None, score: None })
            }
            Op::Retry(task) => owner(Command::RetryTask { task_id: id(task) }),
            Op::Cancel(task) => owner(Command::CancelTask { task_id: id(task), reason: None }),
            Op::Reopen(who, task) => (who, Command::ReopenTask { task_id: id(task) }),
            Op::Create { .. } | Op::Wait { .. } | Op::Beat(..) => unreachable!("no command about a task"),
        }
    }

    fn beats(&mut self, who: Who, task: usize) -> bool {
        self.service.beat(self.tokens[&(who, task)], &Liveness::default()).unwrap().is_some()
    }

    /// The card of the model that this row is.
    fn card(&self, rows: &Rows, task: &Task, like: &Card) -> Card {
        let place = |id: &TaskId| self.tasks.iter().position(|known| known == id).unwrap();
        let worker = task.agent().and_then(|id| self.agents.iter().find(|(_, agent)| **agent == id));
        let attempts = rows.attempts.iter().filter(|attempt| attempt.task_id == task.task_id);
        Card {
            status: task.status,
            critical: task.priority == Priority::Critical,
            after: task.dependencies.blocked_by.iter().map(|edge| place(&edge.task_id)).collect::<BTreeSet<_>>(),
            worker: worker.map(|(who, _)| *who).filter(|_| is_in_hands(task.status)),
            claimed: task.claim.is_some(),
            epoch: task.epoch,
            progress: task.execution.progress,
            retries: task.metadata.retry_count,
            attempts: attempts.count(),
            retry_at: like.retry_at.and(task.retry_at.map(|at| (at - start()).num_milliseconds())),
        }
    }
}

fn is_in_hands(status: Status) -> bool {
    status.is_held() || status == Status::Reviewing
}

/// Plays a game; the model has the last word about each move.
fn game(ops: &[Op]) {
    let (mut table, mut model) = (Table::new(), Model::default());
    for op in ops {
        let Some(op) = within(op, model.cards.len()) else { continue };
        let before = table.service.read().head().unwrap();
        match (model.take(&op), &op) {
            (Outcome::Open, _) => continue,
            (wanted, Op::Beat(who, task)) => assert_eq!(table.beats(*who, *task), wanted == Outcome::Done, "{op:?}"),
            (Outcome::Refused, _) => {
                let refused = table.take(&op).map(|done| done.records).expect_err(&format!("{op:?} is refused"));
                assert!(refused.rejection().is_some(), "{op:?}: {refused}");
                assert_eq!(
                    table.service.read().head().unwrap(),
                    before,
                    "{op:?} was refused and has changed something"
                );
            }
            (Outcome::Done, _) => {
                let done = table.take(&op).unwrap_or_else(|refusal| panic!("{op:?} is refused: {refusal}"));
                follow(&mut table, &mut model, &op, &done);
            }
            (Outcome::Takes(choices), Op::ClaimAny(who)) => {
                let done = table.take(&op).unwrap_or_else(|refusal| panic!("{op:?} is refused: {refusal}"));
                let claimed = done.claimed.expect("a claim");
                let task = table.tasks.iter().position(|id| *id == claimed.task_id).unwrap();
                assert!(choices.contains(&task), "{who:?} took {task}, not one of {choices:?}");
                model.grant(*who, task);
                table.tokens.insert((*who, task), claimed.token);
            }
            (outcome, op) => panic!("{op:?} cannot come to {outcome:?}"),
        }
        compare(&mut model, &table, &op);
    }
    assert_eq!(table.service.audit(3).unwrap().differences, []);
}

/// The move with its numbers taken as those of the tasks that are there; none while there are no tasks.
fn within(op: &Op, tasks: usize) -> Option<Op> {
    let mut op = op.clone();
    let all: Vec<&mut usize> = match &mut op {
        Op::Create { after, .. } => {
            *after = after.filter(|_| tasks > 0);
            after.iter_mut().collect()
        }
        Op::Depend { task, on } | Op::Undepend { task, on } => vec![task, on],
        Op::Wait { .. } | Op::ClaimAny(_) => Vec::new(),
        Op::Ready(task)
        | Op::Retry(task)
        | Op::Cancel(task)
        | Op::Claim(_, task)
        | Op::Beat(_, task)
        | Op::Start(_, task)
        | Op::Progress(_, task, _)
        | Op::Pause(_, task)
        | Op::Resume(_, task)
        | Op::Submit(_, task)
        | Op::Fail(_, task)
        | Op::Release(_, task)
        | Op::Review { task, .. }
        | Op::Reopen(_, task) => vec![task],
    };
    for number in all {
        *number = number.checked_rem(tasks)?;
    }
    Some(op)
}

/// Remembers what the board has given out.
fn follow(table: &mut Table, model: &mut Model, op: &Op, done: &Done) {
    match *op {
        Op::Create { key, .. } => {
            let id = done.task().expect("a task");
            match key.map(|key| model.keys[&key]).filter(|n| *n < table.tasks.len()) {
                Some(first) => assert_eq!((id, done.repeated), (table.tasks[first], true), "{op:?} makes another"),
                None => table.tasks.push(id),
            }
        }
        Op::Claim(who, task) => {
            table.tokens.insert((who, task), done.claimed.as_ref().expect("a claim").token);
        }
        Op::Fail(_, task) => {
            let at = table.service.read().task(table.tasks[task]).unwrap().unwrap().retry_at;
            let card = &mut model.cards[task];
            card.retry_at = card.retry_at.and(at.map(|at| (at - start()).num_milliseconds()));
            let pause =
                card.retry_at.map(|at| (at - model.now) as f64 / 10_000.0 / 2_f64.powi(card.retries as i32 - 1));
            assert!(pause.is_none_or(|pause| (0.9..=1.1).contains(&pause)), "a pause of {pause:?} times what is due");
            assert_eq!(at.is_some(), pause.is_some(), "retries are limited");
        }
        _ => {}
    }
}

fn compare(model: &mut Model, table: &Table, op: &Op) {
    let rows = Rows::of(&table.service);
    assert_eq!(rows.tasks.len(), model.cards.len(), "after {op:?}");
    let asks = table.service.read().escalations(false, &table.service.now()).unwrap();
    for (n, id) in table.tasks.iter().enumerate() {
        let (task, wanted) = (&rows.tasks[id], &model.cards[n]);
        assert_eq!(table.card(&rows, task, wanted), *wanted, "task {n} after {op:?}");
        let open = rows.attempts.iter().filter(|attempt| attempt.task_id == *id && attempt.ended_at.is_none()).count();
        assert_eq!(open, usize::from(wanted.status == Status::Executing), "open attempts of {n} after {op:?}");
        let asked = asks.iter().filter(|ask| ask.escalation.task_id == Some(*id)).count();
        assert_eq!(asked, usize::from(wanted.status == Status::Reviewing), "questions about {n} after {op:?}");
    }
}

#[test]
fn r10_three_actors_on_a_real_board_get_what_the_model_says() {
    let games = prop::collection::vec(op(), 0..=OPS);
    property("R10", 10, size(32, 4_000), &games, |ops| game(&ops));
}
