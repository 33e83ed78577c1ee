//! Baseline and outcome of sprints, as facts.

use std::collections::BTreeMap;

use chrono::Duration;
use vayu::domain::attempt::Failure;
use vayu::domain::command::{NewTask, Report, TaskField};
use vayu::domain::sprint::{Layout, LeftOut, Tally, TaskOutcome};
use vayu::domain::task::BlockerKind;
use vayu::domain::waits::WaitKind;
use vayu::domain::{
    Baseline, Command, Fence, Level, Priority, Record, Sprint, SprintId, SprintOutcome, SprintPlan, SprintState,
    Status, TaskId,
};
use vayu::service::Undo;

use super::plans::{layout, set, slot, sprint, start, task_in};
use super::rules::Fixture;

fn sized(fixture: &mut Fixture, sprint: SprintId, title: &str, minutes: u32, points: f64) -> TaskId {
    fixture.create_with(NewTask {
        title: title.into(),
        sprint_id: Some(sprint),
        estimate: Some(minutes),
        points: Some(points),
        ..NewTask::default()
    })
}

fn begin(fixture: &mut Fixture, id: SprintId) -> Baseline {
    fixture.run(Command::StartSprint { sprint_id: id });
    fixture.service.read().baseline(id).unwrap().unwrap()
}

fn end(fixture: &mut Fixture, id: SprintId, carry_to: Option<SprintId>) -> SprintOutcome {
    fixture.run(Command::CloseSprint { sprint_id: id, carry_to });
    fixture.service.read().outcome(id).unwrap().unwrap()
}

fn titles(tasks: &[TaskOutcome]) -> Vec<&str> {
    tasks.iter().map(|task| task.title.as_str()).collect()
}

fn put(fixture: &mut Fixture, task_id: TaskId, sprint: Option<SprintId>) {
    let changes = vec![TaskField::Sprint(sprint)];
    fixture.run(Command::EditTask { task_id, changes, expected_rev: None });
}

#[test]
fn a_baseline_tells_what_was_committed_to_by_whom_and_until_when() {
    let mut fixture = Fixture::new();
    let id = sprint(&mut fixture, "one");
    let tasks = [sized(&mut fixture, id, "a", 60, 3.0), sized(&mut fixture, id, "b", 30, 2.0)];
    let out = sized(&mut fixture, id, "c", 90, 5.0);
    let before = sized(&mut fixture, id, "done before", 30, 8.0);
    fixture.complete(before);
    let left = LeftOut { task_id: out, minutes: 90, reason: "capacity".into() };
    let slots = vec![slot(tasks[0], fixture.ada, 0), slot(tasks[1], fixture.bob, 2)];
    fixture.run(set(id, Layout { left_out: vec![left], stretch: vec![tasks[1]], ..layout(slots) }));
    let base = begin(&mut fixture, id);
    assert_eq!((base.committed, base.stretch), (Tally { tasks: 1, points: 3.0 }, Tally { tasks: 2, points: 7.0 }));
    assert_eq!((base.capacity_minutes, base.team.as_slice()), (Some(600), ["ada".to_owned(), "bob".into()].as_slice()));
    let [a, b, c] = base.tasks.as_slice() else { panic!("{base:?}") };
    assert_eq!((a.title.as_str(), a.estimate, a.remaining, a.priority), ("a", Some(60), Some(60), Priority::Normal));
    assert_eq!((a.agent.as_deref(), a.starts_at, a.stretch), (Some("ada"), Some(start()), false));
    assert_eq!((b.agent.as_deref(), b.ends_at, b.stretch), (Some("bob"), Some(start() + Duration::hours(3)), true));
    assert_eq!((c.agent.as_deref(), c.ends_at, c.stretch), (None, None, true));
    let sprint = fixture.service.read().sprint_named("one").unwrap().unwrap();
    assert_eq!(sprint.committed_points, Some(3.0));
}

#[test]
fn the_outcome_tells_added_and_removed_apart_and_leftovers_go_on_as_carry_over() {
    let mut fixture = Fixture::new();
    let (id, next) = (sprint(&mut fixture, "one"), sprint(&mut fixture, "two"));
    let done = sized(&mut fixture, id, "done", 60, 3.0);
    let left = sized(&mut fixture, id, "left", 100, 5.0);
    let gone = sized(&mut fixture, id, "gone", 60, 1.0);
    begin(&mut fixture, id);
    put(&mut fixture, gone, None);
    sized(&mut fixture, id, "added", 30, 2.0);
    fixture.complete(done);
    let claim = fixture.claim(fixture.ada, left);
    let fence = Fence::Token(claim.token);
    fixture.run(Command::StartTask { task_id: left, fence, workspace: None });
    let (step, artifacts) = (None, Vec::new());
    fixture.run(Command::ReportProgress { task_id: left, fence, progress: Some(40), step, artifacts });
    let outcome = end(&mut fixture, id, Some(next));
    assert_eq!(titles(&outcome.tasks), ["done", "left"]);
    assert_eq!((titles(&outcome.added), titles(&outcome.removed)), (vec!["added"], vec!["gone"]));
    assert!(outcome.tasks[0].done && outcome.tasks[0].done_at.is_some() && outcome.tasks[0].remaining.is_none());
    let leftover = &outcome.tasks[1];
    assert_eq!((leftover.status, leftover.remaining), (Some(Status::Executing), Some(60)));
    assert_eq!((leftover.carried_to, leftover.is_left_over()), (Some(next), true));
    let task = fixture.task(left);
    assert_eq!(
        (task.sprint_id, task.carry.map(|carry| (carry.from, carry.remaining))),
        (Some(next), Some((id, Some(60))))
    );
    let base = begin(&mut fixture, next);
    assert_eq!(base.tasks.iter().map(|task| task.title.as_str()).collect::<Vec<_>>(), ["left", "added"]);
    assert_eq!(
        (base.tasks[0].carried_from, base.tasks[0].estimate, base.tasks[0].remaining),
        (Some(id), Some(100), Some(60))
    );
    assert_eq!(base.committed, Tally { tasks: 2, points: 7.0 });
}

#[test]
fn without_a_next_sprint_leftovers_remember_where_they_come_from() {
    let mut fixture = Fixture::new();
    let id = sprint(&mut fixture, "one");
    let left = sized(&mut fixture, id, "left", 100, 5.0);
    begin(&mut fixture, id);
    let outcome = end(&mut fixture, id, None);
    assert_eq!((outcome.tasks[0].carried_to, fixture.task(left).sprint_id), (None, None));
    let later = sprint(&mut fixture, "later");
    put(&mut fixture, left, Some(later));
    assert_eq!(begin(&mut fixture, later).tasks[0].carried_from, Some(id));
}

#[test]
fn time_is_told_as_work_and_as_waiting_by_cause() {
    let mut fixture = Fixture::new();
    let id = sprint(&mut fixture, "one");
    let critical = NewTask { title: "a".into(), priority: Some(Priority::Critical), ..NewTask::default() };
    let task_id = fixture.create_with(NewTask { sprint_id: Some(id), ..critical });
    let wait = |fixture: &Fixture, minutes| fixture.clock.advance(Duration::minutes(minutes));
    wait(&fixture, 500);
    begin(&mut fixture, id);
    wait(&fixture, 10);
    let claim = fixture.claim(fixture.ada, task_id);
    let fence = Fence::Token(claim.token);
    fixture.run(Command::StartTask { task_id, fence, workspace: None });
    wait(&fixture, 20);
    fixture.run(Command::BlockTask { task_id, fence, kind: BlockerKind::Input, reason: "which?".into() });
    wait(&fixture, 30);
    fixture.run(Command::UnblockTask { task_id });
    let fence = Fence::Token(fixture.claim(fixture.ada, task_id).token);
    fixture.run(Command::StartTask { task_id, fence, workspace: None });
    wait(&fixture, 5);
    fixture.run(Command::SubmitTask { task_id, fence, report: Report::default() });
    wait(&fixture, 40);
    assert_eq!(fixture.status(task_id), Status::Reviewing);
    fixture.run(Command::ReviewTask { task_id, passed: true, feedback: None, score: None });
    wait(&fixture, 600);
    let outcome = end(&mut fixture, id, None);
    let told = &outcome.tasks[0];
    assert_eq!((told.active_seconds, told.actual), (25 * 60, Some(25)));
    let waits = [(WaitKind::Answer, 30 * 60), (WaitKind::Review, 40 * 60), (WaitKind::Agent, 10 * 60)];
    assert_eq!(told.waiting_seconds, BTreeMap::from(waits));
}

#[test]
fn what_was_taken_back_did_not_take_time() {
    let mut fixture = Fixture::new();
    let id = sprint(&mut fixture, "one");
    let task_id = task_in(&mut fixture, id, "a");
    begin(&mut fixture, id);
    let claim = fixture.claim(fixture.ada, task_id);
    let fence = Fence::Token(claim.token);
    fixture.run(Command::StartTask { task_id, fence, workspace: None });
    fixture.clock.advance(Duration::minutes(10));
    let po = fixture.po.clone();
    fixture.service.undo(&po, Undo::Own).unwrap();
    assert_eq!(fixture.status(task_id), Status::Assigned);
    fixture.clock.advance(Duration::minutes(20));
    let outcome = end(&mut fixture, id, None);
    assert_eq!(outcome.tasks[0].active_seconds, 600);
    assert_eq!(outcome.tasks[0].waiting_seconds, BTreeMap::from([(WaitKind::Agent, 1200)]));
}

#[test]
fn nothing_that_happens_later_changes_a_closed_sprint() {
    let mut fixture = Fixture::new();
    let (id, next) = (sprint(&mut fixture, "one"), sprint(&mut fixture, "two"));
    let done = sized(&mut fixture, id, "done", 60, 3.0);
    let left = sized(&mut fixture, id, "left", 100, 5.0);
    begin(&mut fixture, id);
    let added = sized(&mut fixture, id, "added", 30, 2.0);
    fixture.complete(done);
    let outcome = end(&mut fixture, id, Some(next));
    let baseline = fixture.service.read().baseline(id).unwrap();
    put(&mut fixture, done, Some(next));
    let changes = vec![TaskField::Title("x".into()), TaskField::Points(Some(9.0)), TaskField::Estimate(Some(1))];
    fixture.run(Command::EditTask { task_id: done, changes, expected_rev: None });
    fixture.run(Command::ReopenTask { task_id: done });
    let changes = vec![TaskField::Archived(true), TaskField::Sprint(Some(id))];
    fixture.run(Command::EditTask { task_id: left, changes, expected_rev: None });
    fixture.run(Command::CancelTask { task_id: added, reason: None });
    assert_eq!(fixture.service.read().baseline(id).unwrap(), baseline);
    assert_eq!(fixture.service.read().outcome(id).unwrap(), Some(outcome));
    let po = fixture.po.clone();
    assert!(fixture.refused(&po, Command::StartSprint { sprint_id: id }).to_string().contains("closed already"));
}

#[test]
fn what_is_no_task_any_more_was_taken_out() {
    let mut fixture = Fixture::new();
    let id = sprint(&mut fixture, "one");
    let grown = sized(&mut fixture, id, "grown", 60, 3.0);
    begin(&mut fixture, id);
    let changes = vec![TaskField::Level(Level::Package)];
    fixture.run(Command::EditTask { task_id: grown, changes, expected_rev: None });
    let outcome = end(&mut fixture, id, None);
    assert_eq!((titles(&outcome.tasks), titles(&outcome.removed)), (vec![], vec!["grown"]));
}

#[test]
fn a_close_stands_once_a_later_sprint_is_closed() {
    let mut fixture = Fixture::new();
    let (one, two) = (sprint(&mut fixture, "one"), sprint(&mut fixture, "two"));
    begin(&mut fixture, one);
    fixture.clock.advance(Duration::hours(1));
    end(&mut fixture, one, None);
    let close = fixture.service.read().head().unwrap();
    begin(&mut fixture, two);
    fixture.clock.advance(Duration::hours(1));
    end(&mut fixture, two, None);
    let po = fixture.po.clone();
    let why = fixture.service.undo(&po, Undo::Change(close)).unwrap_err().to_string();
    assert!(why.contains("two was closed since"), "{why}");
    // The other way round both are taken back.
    fixture.service.undo(&po, Undo::Own).unwrap();
    assert_eq!(fixture.service.read().outcome(two).unwrap(), None);
}

#[test]
fn what_comes_in_does_not_change_a_closed_sprint() {
    let mut fixture = Fixture::new();
    let id = sprint(&mut fixture, "one");
    let task = sized(&mut fixture, id, "a", 60, 3.0);
    fixture.run(set(id, layout(vec![slot(task, fixture.ada, 0)])));
    begin(&mut fixture, id);
    end(&mut fixture, id, None);
    let sprint = fixture.service.read().sprint_named("one").unwrap().unwrap();
    let plan = fixture.service.read().plan(id).unwrap().unwrap();
    let other = Sprint { rev: 99, goal: "another".into(), state: SprintState::Active, ..sprint.clone() };
    fixture.run(Command::ImportRecord(Box::new(Record::Sprint(Box::new(other)))));
    let other = SprintPlan { rev: 99, layout: layout(Vec::new()), ..plan.clone() };
    fixture.run(Command::ImportRecord(Box::new(Record::Plan(Box::new(other)))));
    assert_eq!(fixture.service.read().sprint_named("one").unwrap(), Some(sprint));
    assert_eq!(fixture.service.read().plan(id).unwrap(), Some(plan));
}

#[test]
fn start_and_close_are_taken_back_with_what_they_wrote_down() {
    let mut fixture = Fixture::new();
    let id = sprint(&mut fixture, "one");
    let left = sized(&mut fixture, id, "left", 100, 5.0);
    let baseline = begin(&mut fixture, id);
    end(&mut fixture, id, None);
    let po = fixture.po.clone();
    fixture.service.undo(&po, Undo::Own).unwrap();
    assert_eq!(fixture.service.read().outcome(id).unwrap(), None);
    assert_eq!((fixture.task(left).sprint_id, fixture.task(left).carry), (Some(id), None));
    assert_eq!(fixture.service.read().baseline(id).unwrap(), Some(baseline.clone()));
    fixture.service.undo(&po, Undo::Own).unwrap();
    assert_eq!(fixture.service.read().baseline(id).unwrap(), None);
    fixture.service.redo(&po, false).unwrap();
    assert_eq!(fixture.service.read().baseline(id).unwrap().map(|base| base.tasks), Some(baseline.tasks));
    assert_eq!(fixture.service.audit(10).unwrap().differences, []);
}

#[test]
fn a_failed_task_waits_for_its_retry_and_a_reopened_one_is_no_carry_over() {
    let mut fixture = Fixture::new();
    let id = sprint(&mut fixture, "one");
    let task_id = sized(&mut fixture, id, "a", 60, 1.0);
    begin(&mut fixture, id);
    let claim = fixture.claim(fixture.ada, task_id);
    let fence = Fence::Token(claim.token);
    fixture.run(Command::StartTask { task_id, fence, workspace: None });
    let report = Report::default();
    fixture.run(Command::FailTask { task_id, fence, failure: Failure::Refused, report });
    fixture.clock.advance(Duration::minutes(7));
    let outcome = end(&mut fixture, id, None);
    assert_eq!(outcome.tasks[0].waiting_seconds, BTreeMap::from([(WaitKind::Retry, 420)]));
    assert!(fixture.task(task_id).carry.is_some());
    fixture.run(Command::ReopenTask { task_id });
    assert_eq!(fixture.task(task_id).carry, None);
}
