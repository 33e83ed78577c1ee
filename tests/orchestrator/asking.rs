use chrono::Duration;
use vayu::domain::command::NewTask;
use vayu::domain::task::BlockerKind;
use vayu::domain::{Actor, Command, Escalation, EscalationState, Failure, Fence, Remedy, Status, TaskId};

use crate::common::{Scene, asking_for, po};

fn fail_for_good(scene: &mut Scene) -> TaskId {
    let a = scene.agent("a", "");
    let task = scene.task_with("hopeless", |new| new.max_retries = Some(0));
    let claimed = scene.begin(&a);
    scene.fail(&a, &claimed, Failure::Exit);
    task
}

#[test]
fn spent_retries_are_asked_about_once_with_ways_out() {
    let mut scene = Scene::new();
    let task = fail_for_good(&mut scene);
    scene.agent("b", "");
    scene.settle();
    scene.settle();
    let ask = scene.ask();
    assert_eq!((ask.topic.as_str(), ask.task_id), ("retries", Some(task)));
    assert!((2..=4).contains(&ask.choices.len()));
    assert_eq!(ask.choices[ask.recommended.expect("a suggestion")].label, "Give it to b");
    assert!(ask.context.contains("failed (exit): boom"), "{}", ask.context);
    assert!(!ask.impact.is_empty() && !ask.otherwise.is_empty());
}

#[test]
fn an_answer_is_carried_out_and_the_next_failure_is_a_new_question() {
    let mut scene = Scene::new();
    let task = fail_for_good(&mut scene);
    scene.settle();
    scene.answer("Try once more");
    assert_eq!(scene.status(task), Status::Queued);
    let a = scene.service.read().agent_named("a").expect("readable").expect("there");
    let claimed = scene.begin(&a);
    scene.pass(1);
    scene.fail(&a, &claimed, Failure::Exit);
    scene.settle();
    assert!(scene.ask().question.contains("2 times"), "{}", scene.ask().question);
}

#[test]
fn what_is_to_be_left_is_left() {
    let mut scene = Scene::new();
    let task = fail_for_good(&mut scene);
    scene.settle();
    scene.answer("Leave");
    scene.sleep(7 * 24 * 3600);
    scene.settle();
    assert!(scene.asks().is_empty());
    assert_eq!(scene.status(task), Status::Failed);
}

#[test]
fn a_question_that_somebody_settled_by_hand_is_taken_back() {
    let mut scene = Scene::new();
    let task = fail_for_good(&mut scene);
    scene.settle();
    let ask = scene.ask();
    scene.submit(&po(), Command::RetryTask { task_id: task });
    scene.settle();
    assert!(scene.asks().is_empty());
    let after = scene.service.read().escalation_numbered(ask.number).expect("readable").expect("there");
    assert_eq!(after.state, EscalationState::Withdrawn);
}

#[test]
fn what_nobody_can_do_is_asked_once_for_all_alike_and_taken_back_when_somebody_joins() {
    let mut scene = Scene::new();
    scene.agent("a", "rust:3");
    for n in 0..3 {
        scene.task_with(&format!("cobol {n}"), asking_for("cobol:2"));
    }
    scene.settle();
    let ask = scene.ask();
    assert_eq!(ask.topic, "no_skill");
    assert!(ask.impact.contains("2 more tasks"), "{}", ask.impact);
    assert!((2..=4).contains(&ask.choices.len()));
    scene.agent("grace", "cobol:5");
    scene.settle();
    assert!(scene.asks().is_empty());
}

#[test]
fn skills_can_be_waived_by_the_answer() {
    let mut scene = Scene::new();
    scene.agent("a", "rust:3");
    let task = scene.task_with("cobol", asking_for("cobol:2"));
    scene.settle();
    scene.answer("anybody");
    assert!(scene.get(task).requirements.capabilities.is_empty());
    scene.settle();
    assert!(scene.asks().is_empty());
}

#[test]
fn a_board_without_a_team_asks_nothing() {
    let mut scene = Scene::new();
    scene.task_with("cobol", asking_for("cobol:2"));
    scene.settle();
    assert!(scene.asks().is_empty());
}

/// Two tasks of 90 minutes, one after the other, the second wanted in two hours.
fn too_late(scene: &mut Scene) -> TaskId {
    let first = scene.task_with("first", |new| new.estimate = Some(90));
    let deadline = scene.service.now().wall + Duration::hours(2);
    scene.task_with("second", |new| {
        new.estimate = Some(90);
        new.deadline = Some(deadline);
        new.blocked_by = vec![vayu::domain::task::Dependency::sequential(first)];
    })
}

#[test]
fn a_deadline_that_the_chain_before_it_breaks_is_asked_about() {
    let mut scene = Scene::new();
    scene.agent("a", "");
    let task = too_late(&mut scene);
    scene.settle();
    let ask = scene.ask();
    assert_eq!((ask.topic.as_str(), ask.task_id), ("deadline", Some(task)));
    assert!(ask.context.contains("3h of work is left"), "{}", ask.context);
    scene.answer("Move the deadline");
    assert!(scene.get(task).deadline.expect("moved") >= scene.service.now().wall + Duration::minutes(180));
    scene.settle();
    assert!(scene.asks().is_empty());
}

#[test]
fn a_deadline_moves_to_the_date_that_was_read_and_a_date_that_has_passed_is_offered_no_more() {
    let mut scene = Scene::new();
    scene.agent("a", "");
    let task = too_late(&mut scene);
    scene.settle();
    let first = scene.ask();
    let date = |ask: &Escalation| match ask.choices[0].remedy {
        Remedy::MoveDeadline { to } => to,
        ref other => panic!("{other:?}"),
    };
    assert_eq!(first.choices[0].label, format!("Move the deadline to {}", date(&first).format("%a %-d %b %H:%M UTC")));
    // Nobody answers until the date is over.
    scene.sleep((date(&first) - scene.service.now().wall).num_seconds() + 60);
    let answer = Command::AnswerEscalation { escalation_id: first.escalation_id, choice: Some(0), words: None };
    let refused = scene.service.submit(&po(), answer).expect_err("refused").to_string();
    assert!(refused.contains("that date has passed"), "{refused}");
    scene.settle();
    let second = scene.ask();
    assert_ne!(second.escalation_id, first.escalation_id);
    assert!(date(&second) > scene.service.now().wall);
    scene.sleep(600);
    scene.answer("Move the deadline");
    assert_eq!(scene.get(task).deadline, Some(date(&second)));
}

#[test]
fn a_deadline_that_can_be_kept_is_nobodys_question() {
    let mut scene = Scene::new();
    scene.agent("a", "");
    let deadline = scene.service.now().wall + Duration::hours(2);
    scene.task_with("easy", |new| {
        new.estimate = Some(90);
        new.deadline = Some(deadline);
    });
    scene.settle();
    assert!(scene.asks().is_empty());
    scene.pass(3600);
    scene.settle();
    assert_eq!(scene.ask().topic, "deadline", "an hour later nobody has begun");
}

#[test]
fn a_deadline_moved_by_hand_settles_the_question() {
    let mut scene = Scene::new();
    scene.agent("a", "");
    let task = too_late(&mut scene);
    scene.settle();
    let later = scene.service.now().wall + Duration::days(2);
    let changes = vec![vayu::domain::command::TaskField::Deadline(Some(later))];
    scene.submit(&po(), Command::EditTask { task_id: task, changes, expected_rev: None });
    scene.settle();
    assert!(scene.asks().is_empty());
}

fn block(scene: &mut Scene, task: TaskId, kind: BlockerKind, reason: &str) {
    let command = Command::BlockTask { task_id: task, fence: Fence::None, kind, reason: reason.into() };
    scene.submit(&Actor::agent("a"), command);
}

#[test]
fn c10_what_passes_by_itself_is_tried_again_once_and_then_asked_about() {
    let mut scene = Scene::new();
    let task = scene.task("fetch");
    block(&mut scene, task, BlockerKind::Transient, "the network is down");
    scene.settle();
    assert_eq!(scene.status(task), Status::Blocked);
    scene.pass(11);
    scene.settle();
    assert_eq!(scene.status(task), Status::Queued);
    assert!(scene.asks().is_empty());
    block(&mut scene, task, BlockerKind::Transient, "the network is down");
    scene.pass(3600);
    scene.settle();
    assert_eq!(scene.status(task), Status::Blocked, "the same reason twice goes to the human");
    assert_eq!(scene.ask().topic, "blocker");
    scene.answer("go on");
    assert_eq!(scene.status(task), Status::Queued);
}

#[test]
fn the_last_of_many_stuck_tasks_is_asked_about_and_what_passes_behind_them_passes() {
    let mut scene = Scene::new();
    for n in 0..51 {
        let task = scene.task(&format!("needs a licence {n}"));
        block(&mut scene, task, BlockerKind::Capability, "no licence");
    }
    let transient = scene.task("fetch");
    scene.pass(1);
    block(&mut scene, transient, BlockerKind::Transient, "the network is down");
    scene.pass(11);
    scene.settle();
    assert_eq!(scene.asks().len(), 51);
    assert_eq!(scene.status(transient), Status::Queued);
}

#[test]
fn a_task_that_waits_for_another_is_asked_about_anew_when_it_is_stuck_anew() {
    let mut scene = Scene::new();
    let first = scene.task("first");
    let after = vec![vayu::domain::task::Dependency::sequential(first)];
    let task = scene.task_with("second", |new| new.blocked_by = after);
    block(&mut scene, task, BlockerKind::Capability, "no licence");
    scene.settle();
    scene.answer("go on");
    assert_eq!(scene.status(task), Status::Blocked, "it still waits for the first");
    scene.pass(1);
    block(&mut scene, task, BlockerKind::Capability, "no licence");
    scene.settle();
    assert_eq!(scene.ask().task_id, Some(task));
}

#[test]
fn the_last_of_many_deadlines_is_looked_at() {
    let mut scene = Scene::new();
    scene.agent("a", "");
    let deadline = Some(scene.service.now().wall + Duration::hours(1));
    let commands: Vec<Command> = (0..201)
        .map(|n| {
            let title = format!("late {n}");
            Command::CreateTask(Box::new(NewTask { title, deadline, ..NewTask::default() }))
        })
        .collect();
    scene.service.submit_all(&po(), &commands).expect("accepted");
    scene.pass(3601);
    scene.settle();
    assert_eq!(scene.asks().len(), 201);
}

#[test]
fn a_task_with_an_open_question_of_its_worker_waits() {
    let mut scene = Scene::new();
    let a = scene.agent("a", "");
    let task = scene.task("round");
    let claimed = scene.begin(&a);
    let fence = Fence::Token(claimed.token);
    let reason = "half-even or half-up?".to_owned();
    let block = Command::BlockTask { task_id: task, fence, kind: BlockerKind::Input, reason };
    scene.submit(&Actor::agent("a"), block);
    for _ in 0..5 {
        scene.sleep(3600);
        scene.settle();
    }
    assert_eq!(scene.status(task), Status::Paused);
    assert_eq!(scene.ask().topic, "input");
}
