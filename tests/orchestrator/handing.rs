use vayu::domain::policy::Strategy;
use vayu::domain::{Failure, Lane, Priority, Status};
use vayu::orchestrator::Depth;
use vayu::plan::assign::{Phase, Why};

use crate::common::{Scene, asking_for, critical};

#[test]
fn hybrid_pushes_critical_work_and_leaves_the_rest_to_be_taken() {
    let mut scene = Scene::new();
    let (normal, urgent) = (scene.task("normal"), scene.task_with("urgent", critical));
    scene.agent("a", "");
    scene.settle();
    assert_eq!(scene.holder(urgent), Some("a".into()));
    scene.agent("b", "");
    scene.settle();
    assert_eq!(scene.status(normal), Status::Queued);
}

#[test]
fn push_fills_everybody_to_their_limit_and_no_further() {
    let mut scene = Scene::with(|policy| policy.strategy = Strategy::Push);
    let tasks: Vec<_> = (0..5).map(|n| scene.task(&format!("t{n}"))).collect();
    scene.agent("a", "");
    scene.agent("b", "");
    scene.settle();
    let given = tasks.iter().filter(|task| scene.status(**task) == Status::Assigned).count();
    assert_eq!(given, 2);
}

#[test]
fn a_limit_of_the_lane_holds_for_what_is_pushed() {
    let mut scene = Scene::with(|policy| {
        policy.strategy = Strategy::Push;
        policy.wip.insert(Lane::InProgress, 2);
    });
    for n in 0..4 {
        scene.task(&format!("t{n}"));
        scene.agent(&format!("a{n}"), "");
    }
    scene.settle();
    let summary = scene.service.read().summary(&vayu::store::view::Filter::default(), &scene.service.now());
    let lanes = summary.expect("readable").lanes;
    assert_eq!(lanes.iter().find(|lane| lane.lane == Lane::InProgress).map(|lane| lane.total), Some(2));
}

#[test]
fn why_somebody_got_a_task_is_kept_with_it() {
    let mut scene = Scene::new();
    scene.agent("best", "rust:5");
    scene.agent("junior", "rust:2,css:2");
    scene.agent("cobol", "cobol:5");
    let absent = scene.agent("absent", "rust:5");
    scene.service.absent(absent.agent_id).expect("noted");
    let task = scene.task_with("urgent", |new| {
        critical(new);
        asking_for("rust:2")(new);
    });
    scene.settle();
    let why = scene.get(task).assignment.expect("assigned").why.expect("a reason");
    let why: Why = serde_json::from_value(why).expect("the stored shape");
    assert_eq!((why.chosen.as_str(), why.because.as_str()), ("best", "critical work is pushed"));
    let phase = |name: &str| why.candidates.iter().find(|c| c.agent == name).map(|c| (c.phase, c.lost.clone()));
    assert_eq!(phase("cobol"), Some((Phase::Capability, Some("has no rust".into()))));
    assert_eq!(phase("absent"), Some((Phase::Availability, Some("is offline".into()))));
    assert!(phase("junior").is_some_and(|(phase, lost)| phase == Phase::Decision && lost.is_some()));
}

#[test]
fn nothing_starves() {
    let mut scene = Scene::new();
    let old = scene.task_with("old", |new| new.priority = Some(Priority::Low));
    scene.sleep(73 * 3600);
    let fresh = scene.task_with("fresh", critical);
    scene.agent("a", "");
    scene.settle();
    assert_eq!(scene.holder(old), Some("a".into()), "it has waited longest of those that count as critical");
    assert_eq!(scene.status(fresh), Status::Queued);
}

#[test]
fn a_failed_task_is_queued_when_its_time_has_come_and_not_before() {
    let mut scene = Scene::new();
    let a = scene.agent("a", "");
    let task = scene.task("flaky");
    let mut expected = 10.0;
    for retry in 1..=3 {
        let claimed = scene.begin(&a);
        scene.fail(&a, &claimed, Failure::Exit);
        let delay = scene.get(task).retry_at.expect("a retry") - scene.service.now().wall;
        let seconds = delay.num_milliseconds() as f64 / 1000.0;
        assert!((expected * 0.9..=expected * 1.1).contains(&seconds), "retry {retry}: {seconds} s");
        scene.clock.advance(delay - chrono::Duration::seconds(1));
        scene.tick(Depth::Pulse);
        assert_eq!(scene.status(task), Status::Failed);
        scene.pass(1);
        scene.tick(Depth::Pulse);
        assert_eq!(scene.status(task), Status::Queued);
        assert_eq!(scene.get(task).metadata.retry_count, retry);
        expected *= 2.0;
        scene.greet(&a);
    }
}

#[test]
fn a_tick_on_a_board_where_nothing_is_to_be_done_changes_nothing() {
    let mut scene = Scene::new();
    scene.task("waits for somebody");
    scene.settle();
    let head = scene.service.read().head().expect("readable");
    for _ in 0..20 {
        scene.sleep(30);
        assert!(scene.tick(Depth::Worries).is_empty());
    }
    assert_eq!(scene.service.read().head().expect("readable"), head);
}

#[test]
fn a_task_that_asks_for_nothing_is_not_held_up_by_many_that_nobody_can_do() {
    let mut scene = Scene::with(|policy| policy.strategy = Strategy::Push);
    for n in 0..150 {
        scene.task_with(&format!("cobol {n}"), asking_for("cobol:3"));
    }
    let last = scene.task("plain");
    scene.agent("a", "rust:3");
    scene.settle();
    assert_eq!(scene.holder(last), Some("a".into()));
    assert_eq!(scene.ask().topic, "no_skill", "and there is one question, not 150");
}
