//! Who takes what where a sprint has a plan.

use chrono::Duration;
use vayu::domain::command::{NewSprint, TaskField};
use vayu::domain::policy::Strategy;
use vayu::domain::sprint::{Layout, Slot, Stage};
use vayu::domain::{Agent, Command, Priority, RecordId, SprintId, Status, TaskId};
use vayu::plan::assign::Why;

use crate::common::{Scene, critical, po};

/// Starts a sprint with these tasks planned, each an hour after the one before, from now on.
pub fn plan(scene: &mut Scene, tasks: &[(TaskId, &Agent)]) -> SprintId {
    let now = scene.service.now().wall;
    let new = NewSprint {
        sprint_id: None,
        name: None,
        goal: String::new(),
        starts_at: now,
        ends_at: now + Duration::days(5),
        objectives: Vec::new(),
        capacity_minutes: None,
    };
    let made = scene.submit(&po(), Command::CreateSprint(Box::new(new)));
    let sprint = |id: &RecordId| if let RecordId::Sprint(id) = id { Some(*id) } else { None };
    let sprint_id = made.records.iter().find_map(sprint).expect("a sprint");
    for (task_id, _) in tasks {
        let changes = vec![TaskField::Sprint(Some(sprint_id))];
        scene.submit(&po(), Command::EditTask { task_id: *task_id, changes, expected_rev: None });
    }
    let slot = |(at, (task_id, agent)): (usize, &(TaskId, &Agent))| Slot {
        task_id: *task_id,
        stage: Stage::Work,
        agent_id: Some(agent.agent_id),
        starts_at: now + Duration::hours(at as i64),
        ends_at: now + Duration::hours(at as i64 + 1),
        minutes: 60,
    };
    let layout = Layout { slots: tasks.iter().enumerate().map(slot).collect(), ..Layout::default() };
    scene.submit(&po(), Command::SetPlan { sprint_id, layout: Box::new(layout) });
    scene.submit(&po(), Command::StartSprint { sprint_id });
    sprint_id
}

fn because(scene: &Scene, task: TaskId) -> String {
    let why = scene.get(task).assignment.expect("assigned").why.expect("a reason");
    serde_json::from_value::<Why>(why).expect("the stored shape").because
}

#[test]
fn who_asks_for_work_gets_what_the_plan_gives_them_in_its_order() {
    let mut scene = Scene::with(|policy| policy.strategy = Strategy::Pull);
    let (ana, bot) = (scene.agent("ana", ""), scene.agent("bot", ""));
    let [one, two, three] = ["one", "two", "three"].map(|title| scene.task(title));
    plan(&mut scene, &[(three, &bot), (two, &ana), (one, &ana)]);
    assert_eq!(scene.claim(&ana).task_id, two);
    assert_eq!(scene.claim(&bot).task_id, three);
}

#[test]
fn what_has_left_the_sprint_is_given_out_by_its_plan_no_more() {
    let mut scene = Scene::with(|policy| {
        policy.strategy = Strategy::Pull;
        policy.sprint_only = true;
    });
    let ana = scene.agent("ana", "");
    let [left, stays] = ["left", "stays"].map(|title| scene.task(title));
    plan(&mut scene, &[(left, &ana), (stays, &ana)]);
    let changes = vec![TaskField::Sprint(None)];
    scene.submit(&po(), Command::EditTask { task_id: left, changes, expected_rev: None });
    assert_eq!(scene.claim(&ana).task_id, stays);
}

#[test]
fn what_is_planned_for_somebody_who_is_there_is_kept_for_them_until_they_are_late() {
    let mut scene = Scene::with(|policy| policy.strategy = Strategy::Pull);
    let (ana, bot) = (scene.agent("ana", ""), scene.agent("bot", ""));
    let [first, second] = ["first", "second"].map(|title| scene.task(title));
    plan(&mut scene, &[(first, &ana), (second, &ana)]);
    scene.begin(&ana);
    let take = Command::ClaimTask { agent_id: bot.agent_id, task_id: None, lease_seconds: None };
    let refused = scene.service.submit(&vayu::domain::Actor::agent("bot"), take).expect_err("kept for ana");
    assert!(refused.to_string().contains("planned for others, who are there"), "{refused}");
    scene.sleep(76 * 60);
    for agent in [&ana, &bot] {
        scene.greet(agent);
    }
    assert_eq!(scene.claim(&bot).task_id, second, "it should have begun a quarter of an hour ago");
}

#[test]
fn what_is_planned_for_somebody_who_is_away_is_anybodys() {
    let mut scene = Scene::with(|policy| policy.strategy = Strategy::Pull);
    let (ana, bot) = (scene.agent("ana", ""), scene.agent("bot", ""));
    let task = scene.task("task");
    plan(&mut scene, &[(task, &ana)]);
    scene.service.absent(ana.agent_id).expect("noted");
    assert_eq!(scene.claim(&bot).task_id, task);
}

#[test]
fn what_turns_up_critical_in_the_sprint_comes_before_the_plan() {
    let mut scene = Scene::with(|policy| policy.strategy = Strategy::Pull);
    let ana = scene.agent("ana", "");
    let planned = scene.task("planned");
    let sprint_id = plan(&mut scene, &[(planned, &ana)]);
    let fire = scene.task_with("fire", |new| {
        new.priority = Some(Priority::Critical);
        new.sprint_id = Some(sprint_id);
    });
    assert_eq!(scene.claim(&ana).task_id, fire);
}

#[test]
fn what_is_handed_out_follows_the_plan_and_says_so() {
    let mut scene = Scene::with(|policy| policy.strategy = Strategy::Push);
    let (ana, bot) = (scene.agent("ana", ""), scene.agent("bot", ""));
    let [one, two] = ["one", "two"].map(|title| scene.task(title));
    plan(&mut scene, &[(one, &bot), (two, &ana)]);
    scene.settle();
    assert_eq!((scene.holder(one), scene.holder(two)), (Some("bot".into()), Some("ana".into())));
    assert_eq!(because(&scene, one), "the board pushes all work, as planned");
}

#[test]
fn a_departure_from_the_plan_is_said_with_its_reason() {
    let mut scene = Scene::new();
    let (ana, bot) = (scene.agent("ana", ""), scene.agent("bot", ""));
    let [first, second] = ["first", "second"].map(|title| scene.task_with(title, critical));
    plan(&mut scene, &[(first, &ana), (second, &ana)]);
    scene.settle();
    assert_eq!(scene.holder(first), Some("ana".into()));
    assert_eq!(scene.status(second), Status::Queued, "bot is free, but ana is there");
    scene.sleep(76 * 60);
    for agent in [&ana, &bot] {
        scene.greet(agent);
    }
    scene.settle();
    assert_eq!(scene.holder(second), Some("bot".into()));
    assert_eq!(because(&scene, second), "critical work is pushed; the plan had ana for it, who is late or away");
}
