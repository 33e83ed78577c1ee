//! The report of a closed sprint, over sprints whose numbers are known.

use chrono::Duration;
use vayu::domain::command::{NewTask, TaskField};
use vayu::domain::sprint::{Layout, Range, Report, Tally};
use vayu::domain::waits::WaitKind;
use vayu::domain::{Command, Fence, SprintId, TaskId};
use vayu::service::sprints;

use super::plans::{set, sprint};
use super::rules::Fixture;

fn work(fixture: &mut Fixture, sprint: SprintId, points: &[f64]) -> Vec<TaskId> {
    let new = |points: &f64| NewTask {
        title: format!("{points}"),
        sprint_id: Some(sprint),
        points: Some(*points),
        estimate: Some(60),
        ..NewTask::default()
    };
    points.iter().map(|points| fixture.create_with(new(points))).collect()
}

/// Waits ten minutes, works thirty, and is done.
fn finish(fixture: &mut Fixture, task_id: TaskId) {
    fixture.clock.advance(Duration::minutes(10));
    let claim = fixture.claim(fixture.ada, task_id);
    let fence = Fence::Token(claim.token);
    fixture.run(Command::StartTask { task_id, fence, workspace: None });
    fixture.clock.advance(Duration::minutes(30));
    fixture.run(Command::SubmitTask { task_id, fence, report: vayu::domain::command::Report::default() });
}

fn close(fixture: &mut Fixture, sprint_id: SprintId, carry_to: Option<SprintId>) -> Report {
    fixture.clock.advance(Duration::minutes(1));
    fixture.run(Command::CloseSprint { sprint_id, carry_to });
    let read = fixture.service.read();
    let sprint = read.sprints().unwrap().into_iter().find(|sprint| sprint.sprint_id == sprint_id).unwrap();
    sprints::report(read, &sprint).unwrap()
}

/// A sprint of so many tasks of one point each, of which so many are done.
fn pass(fixture: &mut Fixture, name: &str, tasks: usize, done: usize) -> Report {
    let id = sprint(fixture, name);
    let all = work(fixture, id, &vec![1.0; tasks]);
    fixture.run(Command::StartSprint { sprint_id: id });
    all.iter().take(done).for_each(|task| finish(fixture, *task));
    close(fixture, id, None)
}

#[test]
fn velocity_is_a_range_and_none_below_three_sprints() {
    let mut fixture = Fixture::new();
    assert_eq!(pass(&mut fixture, "one", 4, 4).velocity.points, None);
    assert_eq!(pass(&mut fixture, "two", 4, 2).velocity.tasks, None);
    let third = pass(&mut fixture, "three", 4, 3).velocity;
    assert_eq!(third.points, Some(Range { low: 2.0, high: 4.0 }));
    assert_eq!(third.tasks, Some(Range { low: 2.0, high: 4.0 }));
    assert_eq!((third.team_changed, third.per_hour), (false, None));
    fixture.agent("cy");
    let fourth = pass(&mut fixture, "four", 4, 1).velocity;
    assert!(fourth.team_changed);
    // Ten hours of capacity each.
    assert_eq!(fourth.per_hour, Some(Range { low: 0.1, high: 0.4 }));
}

#[test]
fn a_leftover_counts_once_where_it_ends() {
    let mut fixture = Fixture::new();
    let (one, two) = (sprint(&mut fixture, "one"), sprint(&mut fixture, "two"));
    let tasks = work(&mut fixture, one, &[3.0, 5.0]);
    fixture.run(Command::StartSprint { sprint_id: one });
    finish(&mut fixture, tasks[0]);
    let first = close(&mut fixture, one, Some(two));
    assert_eq!(first.done.committed, Tally { tasks: 1, points: 3.0 });
    assert_eq!(
        first.left_over.iter().map(|line| (line.points, line.remaining)).collect::<Vec<_>>(),
        [(Some(5.0), Some(60))]
    );
    fixture.run(Command::StartSprint { sprint_id: two });
    finish(&mut fixture, tasks[1]);
    let second = close(&mut fixture, two, None);
    assert_eq!((second.carried_in, second.committed), (1, Tally { tasks: 1, points: 5.0 }));
    let each: Vec<f64> = second.velocity.sprints.iter().map(|pace| pace.done.points).collect();
    assert_eq!(each, [3.0, 5.0]);
}

#[test]
fn predictability_is_of_the_commitment_and_what_came_later_counts_apart() {
    let mut fixture = Fixture::new();
    let id = sprint(&mut fixture, "one");
    let tasks = work(&mut fixture, id, &[1.0, 3.0, 4.0, 8.0]);
    fixture.run(set(id, Layout { stretch: vec![tasks[3]], ..Layout::default() }));
    fixture.run(Command::StartSprint { sprint_id: id });
    let added = work(&mut fixture, id, &[20.0]);
    let changes = vec![TaskField::Points(Some(100.0))];
    fixture.run(Command::EditTask { task_id: tasks[1], changes, expected_rev: None });
    for task in [tasks[0], tasks[1], tasks[3], added[0]] {
        finish(&mut fixture, task);
    }
    let changes = vec![TaskField::Sprint(None)];
    fixture.run(Command::EditTask { task_id: tasks[2], changes, expected_rev: None });
    let report = close(&mut fixture, id, None);
    assert_eq!((report.committed, report.stretch), (Tally { tasks: 3, points: 8.0 }, Tally { tasks: 1, points: 8.0 }));
    assert_eq!(report.done.committed, Tally { tasks: 2, points: 4.0 }, "by the points that were committed to");
    assert_eq!((report.done.stretch.points, report.done.added.points), (8.0, 20.0));
    let share = report.predictability.unwrap();
    assert_eq!((share.tasks, share.points), (Some(2.0 / 3.0), Some(0.5)));
    assert_eq!((report.removed.len(), report.added.len(), report.velocity.sprints[0].done.points), (1, 1, 32.0));
}

#[test]
fn flow_is_a_ratio_of_sums_and_below_ten_tasks_a_list() {
    let mut fixture = Fixture::new();
    let few = pass(&mut fixture, "few", 2, 2);
    assert_eq!((few.flow.efficiency, few.flow.listed.len()), (None, 2));
    assert_eq!((few.flow.listed[0].active, few.flow.listed[0].waiting), (30, 10));
    assert_eq!((few.flow.listed[1].active, few.flow.listed[1].waiting), (30, 50));
    let many = pass(&mut fixture, "many", 10, 10);
    // The n-th of ten waits 10 minutes and 40 for each before it.
    let waiting = (0..10).map(|n| 10 + 40 * n).sum::<u64>();
    assert_eq!((many.flow.active, many.flow.waiting, many.flow.listed.len()), (300, waiting, 0));
    assert_eq!(many.flow.efficiency, Some(300.0 / (300 + waiting) as f64));
    assert_eq!(many.waits.iter().map(|w| (w.cause, w.minutes)).collect::<Vec<_>>(), [(WaitKind::Agent, waiting)]);
    assert_eq!((many.estimates.compared, many.estimates.estimated, many.estimates.actual), (10, 600, 300));
}
