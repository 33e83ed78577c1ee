//! What goes out comes in again.

use std::collections::BTreeMap;
use std::sync::Arc;

use vayu::domain::command::{NewEscalation, NewSprint, NewTask, Report as Work, TaskField};
use vayu::domain::escalation::{Choice, EscalationKind, Remedy};
use vayu::domain::sprint::{Alternative, Layout, LeftOut, Slot, Stage};
use vayu::domain::task::{Criterion, Dependency, Requirements};
use vayu::domain::{
    AgentId, Command, Fence, Lane, Level, Policy, Priority, Record, SprintId, Status, Task, TaskId, Timestamp,
};
use vayu::exchange::{self, Columns, Kind, Options};
use vayu::service::env::{FrozenClock, RandomIds};
use vayu::service::{Service, Undo};
use vayu::store::sqlite::Board;
use vayu::store::view::Filter;

use super::formats::add_agent;
use super::{all, board, po};

fn written(service: &Service, kind: Kind) -> String {
    let mut out = Vec::new();
    exchange::export(kind, service, &Filter::default(), &mut out, &mut |_, _| {}).unwrap();
    String::from_utf8(out).unwrap()
}

fn rows(service: &Service) -> Vec<Record> {
    let mut rows = Vec::new();
    service
        .read()
        .each_record(&mut |record| {
            rows.push(record);
            Ok(())
        })
        .unwrap();
    rows
}

fn create(service: &mut Service, new: NewTask) -> TaskId {
    service.submit(&po(), Command::CreateTask(Box::new(new))).unwrap().task().unwrap()
}

/// A plan for the sprint and a proposal to change it.
fn plan(service: &mut Service, sprint_id: SprintId, task_id: TaskId, ana: AgentId) {
    let (starts_at, ends_at) = (then(), then() + chrono::Duration::hours(2));
    let slot = Slot { task_id, stage: Stage::Work, agent_id: Some(ana), starts_at, ends_at, minutes: 90 };
    let layout = Layout { slots: vec![slot], terms: BTreeMap::from([("finish".into(), 120)]), ..Layout::default() };
    let left = LeftOut { task_id, minutes: 90, reason: "capacity:ana".into() };
    let other = Layout { left_out: vec![left], ..Layout::default() };
    let options = vec![Alternative { label: "leave it".into(), layout: other, ..Alternative::default() }];
    service.submit(&po(), Command::SetPlan { sprint_id, layout: Box::new(layout) }).unwrap();
    service
        .submit(&po(), Command::ProposePlan { sprint_id, cause: "ana is ill".into(), options, question: None })
        .unwrap();
}

/// A board with something of everything: a tree, edges, work done, work in hand, questions, a sprint with a plan, settings.
fn busy() -> Service {
    let store = Box::new(Board::in_memory().unwrap());
    let mut service = Service::with(store, Arc::new(FrozenClock::at(then())), Box::new(RandomIds));
    let policy = Policy { project: "shop".into(), wip: [(Lane::Review, 3)].into(), ..Policy::default() };
    service.submit(&po(), Command::Configure(Box::new(policy))).unwrap();
    let ana = add_agent(&mut service, "ana");
    let now = service.now().wall;
    let sprint = NewSprint {
        sprint_id: None,
        name: None,
        goal: "pay".into(),
        starts_at: now,
        ends_at: now + chrono::Duration::days(14),
        objectives: vec!["cards".into()],
        capacity_minutes: Some(600),
    };
    service.submit(&po(), Command::CreateSprint(Box::new(sprint))).unwrap();
    let sprint = service.read().sprint_named("1").unwrap().unwrap().sprint_id;
    let whole = create(
        &mut service,
        NewTask {
            title: "Checkout".into(),
            description: "All of it.".into(),
            level: Some(Level::Package),
            ..NewTask::default()
        },
    );
    let first = create(
        &mut service,
        NewTask {
            title: "Pay #1 by `card` & Acceptance: =1+1".into(),
            description: "Line one\n\n- [ ] no part\n# no heading\n  indented".into(),
            parent_id: Some(whole),
            priority: Some(Priority::Critical),
            estimate: Some(90),
            points: Some(3.0),
            tags: vec!["money".into(), "bug".into()],
            acceptance: vec![
                Criterion { text: "is quick".into(), met: true },
                Criterion { text: "is safe".into(), met: false },
            ],
            deadline: Some(now + chrono::Duration::days(3)),
            requirements: Requirements {
                capabilities: BTreeMap::from([("rust".into(), 4)]),
                ..Requirements::default()
            },
            sprint_id: Some(sprint),
            ..NewTask::default()
        },
    );
    let second = create(
        &mut service,
        NewTask {
            title: "Receipt".into(),
            parent_id: Some(whole),
            blocked_by: vec![Dependency::sequential(first)],
            ..NewTask::default()
        },
    );
    let third = create(
        &mut service,
        NewTask { title: "Price list".into(), priority: Some(Priority::High), ..NewTask::default() },
    );
    let comment =
        Command::Comment { task_id: first, text: "half-even?".into(), author: Some("eve".into()), at: Some(now) };
    service.submit(&po(), comment).unwrap();
    plan(&mut service, sprint, first, ana);
    service.submit(&po(), Command::StartSprint { sprint_id: sprint }).unwrap();
    work(&mut service, ana, third);
    let claim = Command::ClaimTask { agent_id: ana, task_id: None, lease_seconds: None };
    service
        .submit(
            &po(),
            Command::EditTask {
                task_id: first,
                changes: vec![TaskField::Requirements(Requirements { team_size: 1, ..Requirements::default() })],
                expected_rev: None,
            },
        )
        .unwrap();
    let token = service.submit(&po(), claim).unwrap().claimed.unwrap().token;
    let start = Command::StartTask { task_id: first, fence: Fence::Token(token), workspace: Some("w".into()) };
    service.submit(&po(), start).unwrap();
    let ask = NewEscalation {
        kind: EscalationKind::Question,
        task_id: Some(first),
        topic: "rounding".into(),
        question: "How?".into(),
        context: String::new(),
        impact: String::new(),
        choices: vec![Choice {
            label: "ana".into(),
            detail: String::new(),
            remedy: Remedy::Reassign { agent_id: ana },
        }],
        recommended: Some(0),
        otherwise: "waits".into(),
    };
    service.submit(&po(), Command::Escalate(Box::new(ask))).unwrap();
    service.submit(&po(), Command::CancelTask { task_id: second, reason: None }).unwrap();
    service
}

fn work(service: &mut Service, agent: vayu::domain::AgentId, task_id: TaskId) {
    let claim = Command::ClaimTask { agent_id: agent, task_id: Some(task_id), lease_seconds: None };
    let token = service.submit(&po(), claim).unwrap().claimed.unwrap().token;
    let fence = Fence::Token(token);
    service.submit(&po(), Command::StartTask { task_id, fence, workspace: None }).unwrap();
    let report = Work { summary: Some("done".into()), cost: Some(1.5), ..Work::default() };
    service.submit(&po(), Command::SubmitTask { task_id, fence, report }).unwrap();
}

fn restore(service: &mut Service, text: &str) -> exchange::Report {
    let records = exchange::vayu::read("board.jsonl", text.as_bytes()).unwrap();
    exchange::import_records(service, &po(), records, &mut |_, _| {}).unwrap()
}

#[test]
fn a_board_moves_to_another_without_loss() {
    let from = busy();
    let text = written(&from, Kind::Vayu);
    let mut to = board();
    let report = restore(&mut to, &text);
    assert_eq!((report.skipped, report.warnings), (vec![], vec![]));
    assert_eq!(report.tasks.created, 4);
    assert_eq!(rows(&to), rows(&from));
    assert_eq!(written(&to, Kind::Vayu), text);

    let again = restore(&mut to, &text);
    assert_eq!((again.change, again.tasks.unchanged), (None, 4));
    to.undo(&po(), Undo::Own).unwrap();
    assert_eq!(rows(&to), rows(&board()), "one import is one undo");
    to.redo(&po(), false).unwrap();
    assert_eq!(all(&to).len(), 4);
}

#[test]
fn a_closed_sprint_comes_in_with_what_it_set_out_to_do_and_what_became_of_it() {
    let mut from = busy();
    let sprint_id = from.read().sprint_named("1").unwrap().unwrap().sprint_id;
    from.submit(&po(), Command::CloseSprint { sprint_id, carry_to: None }).unwrap();
    let mut to = board();
    restore(&mut to, &written(&from, Kind::Vayu));
    let books =
        |service: &Service| (service.read().baseline(sprint_id).unwrap(), service.read().outcome(sprint_id).unwrap());
    assert!(books(&from).0.is_some() && books(&from).1.is_some());
    assert_eq!(books(&to), books(&from));
    assert_eq!(to.audit(10).unwrap().differences, []);
    // What is written once gives way to nothing.
    let text = written(&from, Kind::Vayu).replace("\"capacity_minutes\":600", "\"capacity_minutes\":9");
    restore(&mut to, &text);
    assert_eq!(books(&to), books(&from));
}

#[test]
fn new_work_goes_on_after_a_move() {
    let mut to = board();
    restore(&mut to, &written(&busy(), Kind::Vayu));
    let id = create(&mut to, NewTask { title: "next".into(), ..NewTask::default() });
    assert_eq!(to.read().task(id).unwrap().unwrap().number.0, 5);
    let leases = to.read().leases(&to.now()).unwrap();
    assert!(leases.iter().all(|lease| lease.expired), "a claim of another board is over, so its task can be given out");
}

#[test]
fn a_board_with_tasks_of_its_own_keeps_them_and_its_numbers() {
    let mut to = board();
    create(&mut to, NewTask { title: "mine".into(), ..NewTask::default() });
    let ana = add_agent(&mut to, "ana");
    let report = restore(&mut to, &written(&busy(), Kind::Vayu));
    let tasks = all(&to);
    assert_eq!(tasks.len(), 5);
    assert_eq!(tasks[0].title, "mine");
    let done = tasks.iter().find(|task| task.title == "Price list").unwrap();
    assert_eq!(done.assignment.as_ref().unwrap().primary_agent, ana, "agents are the same by name");
    assert!(report.warnings.iter().any(|warning| warning.what == "ana"));
}

#[test]
fn a_newer_export_brings_an_older_board_up_to_date() {
    let mut from = busy();
    let mut to = board();
    restore(&mut to, &written(&from, Kind::Vayu));
    let third = all(&from).into_iter().find(|task| task.title == "Receipt").unwrap().task_id;
    let rename = vec![TaskField::Title("Receipt by mail".into())];
    from.submit(&po(), Command::EditTask { task_id: third, changes: rename, expected_rev: None }).unwrap();
    let report = restore(&mut to, &written(&from, Kind::Vayu));
    assert_eq!((report.tasks.updated, report.tasks.unchanged), (1, 3));
    assert_eq!(to.read().task(third).unwrap().unwrap().title, "Receipt by mail");
}

#[test]
fn an_edited_file_cannot_break_the_rules_of_a_board() {
    let text = written(&busy(), Kind::Vayu);
    let whole = all(&busy()).remove(0);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.push("{\"record\":\"task\"}".into());
    lines.push("no json".into());
    for line in &mut lines {
        let Ok(Record::Task(mut task)) = serde_json::from_str(line) else { continue };
        match task.number.0 {
            1 => task.parent_id = Some(task.task_id),
            2 => task.dependencies.blocked_by.push(Dependency::sequential(task.task_id)),
            3 => task.dependencies.blocked_by.push(Dependency::sequential(whole.task_id)),
            _ => task.sprint_id = Some(vayu::domain::SprintId(uuid::Uuid::from_u128(1))),
        }
        *line = serde_json::to_string(&Record::Task(task)).unwrap();
    }
    let mut to = board();
    let report = restore(&mut to, &lines.join("\n"));
    assert_eq!(report.tasks.created, 4);
    assert_eq!(report.skipped.len(), 5, "{:?}", report.skipped);
    assert!(all(&to).iter().all(|task| task.parent_id != Some(task.task_id)));
}

/// The tasks as another tool gives them back, by title.
fn through(kind: Kind) -> (BTreeMap<String, Task>, exchange::Report) {
    let text = written(&busy(), kind);
    let mut to = board();
    let batch = exchange::read(kind, "file", text.as_bytes(), &Columns::default()).unwrap();
    let report = exchange::import(&mut to, &po(), batch.clone(), Options::default(), &mut |_, _| {}).unwrap();
    let again = exchange::import(&mut to, &po(), batch, Options::default(), &mut |_, _| {}).unwrap();
    assert_eq!(again.change, None, "{kind}");
    (all(&to).into_iter().map(|task| (task.title.clone(), task)).collect(), report)
}

const FIRST: &str = "Pay #1 by `card` & Acceptance: =1+1";

#[test]
fn tasks_survive_a_trip_through_every_format() {
    let tree = [Kind::Beads, Kind::Csv, Kind::Markdown];
    for kind in [Kind::Beads, Kind::Github, Kind::Csv, Kind::Markdown, Kind::Taskwarrior] {
        let (tasks, report) = through(kind);
        assert_eq!(tasks.len(), 4, "{kind}");
        assert_eq!((report.dependencies, report.skipped.len()), (1, 0), "{kind}: {:?}", report.skipped);
        let (first, second, third) = (&tasks[FIRST], &tasks["Receipt"], &tasks["Price list"]);
        assert_eq!(third.status, Status::Completed, "{kind}");
        assert!(third.execution.ended_at.is_some() && third.created_at <= third.execution.ended_at.unwrap(), "{kind}");
        assert!(second.status.is_closed(), "{kind}");
        assert_eq!(second.dependencies.blocked_by[0].task_id, first.task_id, "{kind}");
        assert!(first.priority <= Priority::High, "{kind}");
        assert!(first.metadata.tags.contains(&"money".to_owned()), "{kind}: {:?}", first.metadata.tags);
        assert!(first.metadata.tags.contains(&"@ana".to_owned()), "{kind}: {:?}", first.metadata.tags);
        if tree.contains(&kind) {
            assert_eq!(first.parent_id, Some(tasks["Checkout"].task_id), "{kind}");
            assert_eq!(first.acceptance.len(), 2, "{kind}");
        }
        if kind != Kind::Taskwarrior && kind != Kind::Github {
            assert_eq!(first.description, "Line one\n\n- [ ] no part\n# no heading\n  indented", "{kind}");
            assert_eq!(first.metadata.estimated_duration, Some(90), "{kind}");
        }
        if matches!(kind, Kind::Csv | Kind::Markdown | Kind::Taskwarrior) {
            assert_eq!(first.metadata.story_points, Some(3.0), "{kind}");
        }
        if kind != Kind::Github {
            assert_eq!(first.deadline.map(|at| at.timestamp()), Some(deadline()), "{kind}");
        }
    }
}

/// The time of the board that tasks go out from.
fn then() -> Timestamp {
    "2025-03-03T09:00:00Z".parse().unwrap()
}

fn deadline() -> i64 {
    (then() + chrono::Duration::days(3)).timestamp()
}
