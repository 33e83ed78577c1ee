//! A file that comes in again brings up to date what has changed in it, and nothing else.

use vayu::domain::command::TaskField;
use vayu::domain::{Command, Fence, Level, Priority, Status};
use vayu::exchange::{Kind, Options};
use vayu::service::Undo;

use super::{all, beads, blocks, board, bring_in, by_key, po, try_bring_in};

#[test]
fn the_same_file_twice_changes_nothing() {
    let file = beads("a", r#","comments":[{"author":"eve","text":"hm","created_at":"2024-01-01T00:00:00Z"}]"#)
        + &beads("b", &blocks("a"))
        + &beads("a.1", r#","labels":["x"],"assignee":"ana","acceptance_criteria":"fast""#);
    let mut service = board();
    bring_in(&mut service, Kind::Beads, &file);
    let head = service.read().head().unwrap();
    let again = bring_in(&mut service, Kind::Beads, &file);
    assert_eq!((again.tasks.unchanged, again.comments, again.change), (3, 0, None));
    assert_eq!(service.read().head().unwrap(), head);
}

#[test]
fn what_changed_there_changes_here_and_what_was_edited_here_stays() {
    let mut service = board();
    bring_in(&mut service, Kind::Beads, &beads("a", r#","priority":2,"labels":["x"]"#));
    let id = by_key(&service)["a"].task_id;
    let changes = vec![TaskField::Priority(Priority::Critical), TaskField::Points(Some(5.0))];
    service.submit(&po(), Command::EditTask { task_id: id, changes, expected_rev: None }).unwrap();

    let report = bring_in(&mut service, Kind::Beads, &beads("a", r#","priority":2,"labels":["x","y"]"#));
    assert_eq!(report.tasks.updated, 1);
    let task = &by_key(&service)["a"];
    assert_eq!(task.metadata.tags, ["x", "y"]);
    assert_eq!((task.priority, task.metadata.story_points), (Priority::Critical, Some(5.0)));

    bring_in(&mut service, Kind::Beads, &beads("a", r#","priority":3,"labels":["x","y"]"#));
    assert_eq!(by_key(&service)["a"].priority, Priority::Low, "it changed there last");
}

#[test]
fn what_closes_there_closes_here_and_frees_who_waits() {
    let mut service = board();
    let open = beads("a", "") + &beads("b", &blocks("a"));
    bring_in(&mut service, Kind::Beads, &open);
    assert_eq!(by_key(&service)["b"].status, Status::Blocked);

    let closed = beads("a", r#","status":"closed","closed_at":"2024-03-01T00:00:00Z""#) + &beads("b", &blocks("a"));
    bring_in(&mut service, Kind::Beads, &closed);
    let tasks = by_key(&service);
    assert_eq!((tasks["a"].status, tasks["b"].status), (Status::Completed, Status::Queued));
    assert_eq!(tasks["a"].execution.ended_at.unwrap().to_rfc3339(), "2024-03-01T00:00:00+00:00");

    bring_in(&mut service, Kind::Beads, &open);
    let tasks = by_key(&service);
    assert_eq!((tasks["a"].status, tasks["b"].status), (Status::Created, Status::Blocked), "reopened there");
}

#[test]
fn the_last_part_that_closes_there_closes_the_whole() {
    let mut service = board();
    bring_in(&mut service, Kind::Beads, &(beads("a", "") + &beads("a.1", "")));
    let mut closed = beads("a", "") + &beads("a.1", r#","status":"closed""#);
    closed.push('\n');
    bring_in(&mut service, Kind::Beads, &closed);
    assert_eq!(by_key(&service)["a"].status, Status::Completed);
}

#[test]
fn work_in_hand_here_is_not_closed_from_there() {
    let mut service = board();
    try_bring_in(&mut service, Kind::Beads, &beads("a", ""), Options { ready: true }).unwrap();
    let agent = super::formats::add_agent(&mut service, "ana");
    let claim = Command::ClaimTask { agent_id: agent, task_id: None, lease_seconds: None };
    service.submit(&po(), claim).unwrap();
    let report = bring_in(&mut service, Kind::Beads, &beads("a", r#","status":"closed""#));
    assert_eq!(by_key(&service)["a"].status, Status::Assigned);
    assert!(report.warnings[0].reason.contains("somebody works on it here"), "{:?}", report.warnings);
}

#[test]
fn a_new_edge_comes_in_and_one_that_closes_a_circle_does_not() {
    let mut service = board();
    bring_in(&mut service, Kind::Beads, &(beads("a", "") + &beads("b", &blocks("a"))));
    let tasks = by_key(&service);
    let (a, b) = (tasks["a"].task_id, tasks["b"].task_id);
    let more = beads("c", &blocks("b")) + &beads("a", "") + &beads("b", &blocks("a"));
    assert_eq!(bring_in(&mut service, Kind::Beads, &more).dependencies, 1);

    service.submit(&po(), Command::RemoveDependency { task_id: b, on: a }).unwrap();
    let depend =
        |task_id, on| Command::AddDependency { task_id, dependency: vayu::domain::task::Dependency::sequential(on) };
    service.submit(&po(), depend(a, b)).unwrap();
    let two = blocks("a").replace(']', r#",{"depends_on_id":"d","type":"blocks"}]"#);
    let report = bring_in(&mut service, Kind::Beads, &(beads("b", &two) + &beads("d", "")));
    assert_eq!(report.dependencies, 1, "b waits for d");
    assert!(report.skipped.iter().any(|s| s.reason.contains("circle")), "{:?}", report.skipped);
}

#[test]
fn circles_within_a_file_are_named_and_the_rest_comes_in() {
    let mut service = board();
    let file = beads("a", &blocks("b")) + &beads("b", &blocks("c")) + &beads("c", &blocks("a"));
    let report = bring_in(&mut service, Kind::Beads, &file);
    assert_eq!((report.tasks.created, report.dependencies), (3, 2));
    assert_eq!(report.skipped[0].line, 3);
    assert!(report.skipped[0].reason.contains("a waits for b waits for c waits for a"), "{:?}", report.skipped);
}

#[test]
fn a_task_that_gets_parts_there_becomes_a_package_here() {
    let mut service = board();
    bring_in(&mut service, Kind::Beads, &beads("a", ""));
    assert_eq!(by_key(&service)["a"].level, Level::Task);
    bring_in(&mut service, Kind::Beads, &(beads("a", "") + &beads("a.1", "")));
    let tasks = by_key(&service);
    assert_eq!(tasks["a"].level, Level::Package);
    assert_eq!(tasks["a.1"].parent_id, Some(tasks["a"].task_id));
}

#[test]
fn a_whole_and_its_part_that_wait_for_each_other_come_in() {
    let mut service = board();
    let file = beads("a", &blocks("a.1")) + &beads("a.1", &blocks("x")) + &beads("x", "");
    let report = bring_in(&mut service, Kind::Beads, &file);
    assert_eq!((report.tasks.created, report.dependencies, report.skipped.len()), (3, 2, 0), "{report:?}");
    let tasks = by_key(&service);
    assert_eq!(tasks["a"].dependencies.blocked_by[0].task_id, tasks["a.1"].task_id);
    assert_eq!(tasks["a.1"].status, Status::Blocked);
}

#[test]
fn ready_queues_what_nothing_stands_in_the_way_of() {
    let file = beads("a", "") + &beads("b", &blocks("a")) + &beads("e", r#","issue_type":"epic""#);
    let mut service = board();
    bring_in(&mut service, Kind::Beads, &file);
    try_bring_in(&mut service, Kind::Beads, &file, Options { ready: true }).unwrap();
    let mut fresh = board();
    try_bring_in(&mut fresh, Kind::Beads, &file, Options { ready: true }).unwrap();
    for service in [service, fresh] {
        let tasks = by_key(&service);
        assert_eq!(tasks["a"].status, Status::Queued);
        assert_eq!(tasks["b"].status, Status::Blocked);
        assert_eq!(tasks["e"].status, Status::Created);
    }
}

#[test]
fn ready_keeps_to_the_limit_of_the_lane() {
    let mut service = board();
    let policy = vayu::domain::Policy { wip: [(vayu::domain::Lane::Ready, 2)].into(), ..Default::default() };
    service.submit(&po(), Command::Configure(Box::new(policy))).unwrap();
    let file: String = (0..5).map(|n| beads(&format!("t{n}"), "")).collect();
    try_bring_in(&mut service, Kind::Beads, &file, Options { ready: true }).unwrap();
    let admitted = all(&service).iter().filter(|task| task.status == Status::Queued).count();
    let waiting = all(&service).iter().filter(|task| task.admission.is_some()).count();
    assert_eq!((admitted, waiting), (2, 3));
}

#[test]
fn an_import_is_undone_and_redone_as_one() {
    let mut service = board();
    let file = beads("a", "") + &beads("b", &blocks("a"));
    bring_in(&mut service, Kind::Beads, &file);
    let before = all(&service);
    bring_in(&mut service, Kind::Beads, &(beads("a", r#","status":"closed""#) + &beads("b", "") + &beads("c", "")));
    service.undo(&po(), Undo::Own).unwrap();
    let plain = |mut tasks: Vec<vayu::domain::Task>| {
        for task in &mut tasks {
            (task.rev, task.updated_at) = (0, task.created_at);
        }
        tasks
    };
    assert_eq!(plain(all(&service)), plain(before));
    service.redo(&po(), false).unwrap();
    assert_eq!(by_key(&service)["a"].status, Status::Completed);
}

#[test]
fn blocked_there_is_blocked_here_until_it_is_not() {
    let mut service = board();
    bring_in(&mut service, Kind::Beads, &beads("a", r#","status":"blocked""#));
    let task = &by_key(&service)["a"];
    assert_eq!((task.status, task.blocker.is_some()), (Status::Blocked, true));
    bring_in(&mut service, Kind::Beads, &beads("a", ""));
    assert_eq!(by_key(&service)["a"].status, Status::Queued);
    bring_in(&mut service, Kind::Beads, &beads("a", r#","status":"blocked""#));
    assert_eq!(by_key(&service)["a"].status, Status::Blocked);
}

#[test]
fn closing_what_a_worker_has_submitted_is_left_to_the_review() {
    let mut service = board();
    let file = beads("a", r#","priority":0"#);
    try_bring_in(&mut service, Kind::Beads, &file, Options { ready: true }).unwrap();
    let agent_id = super::formats::add_agent(&mut service, "ana");
    let granted = service.submit(&po(), Command::ClaimTask { agent_id, task_id: None, lease_seconds: None }).unwrap();
    let (task_id, token) = (granted.task().unwrap(), granted.claimed.unwrap().token);
    let report = vayu::domain::command::Report::default();
    service.submit(&po(), Command::SubmitTask { task_id, fence: Fence::Token(token), report }).unwrap();
    assert_eq!(by_key(&service)["a"].status, Status::Reviewing);
    let report = bring_in(&mut service, Kind::Beads, &beads("a", r#","priority":0,"status":"closed""#));
    assert_eq!((by_key(&service)["a"].status, report.warnings.len()), (Status::Reviewing, 1));
}
