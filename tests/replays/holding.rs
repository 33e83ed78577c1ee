//! Who holds a task, and what becomes of it when they are silent, restarted or overruled.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use chrono::Duration;
use serde_json::Value;
use vayu::domain::{Actor, AgentKind, Command, Rejection, Status};
use vayu::orchestrator::Depth;
use vayu::service::Error;

use crate::common::{Home, await_that};
use crate::scene::Scene;

#[test]
fn c02_a_task_that_another_session_holds_is_not_finished_by_accident() {
    let home = Home::new();
    home.ok(["agent", "add", "builder"]);
    home.ok(["agent", "add", "rival"]);
    let task = home.task("Build it");
    let token = home.claim(task, "builder");
    home.ok(["task", "start", "1", "--claim", &token]);
    home.vayu(["task", "complete", "1"]).code(5).says("builder holds it until").says("--force");
    home.vayu(["task", "complete", "1", "--as", "rival"]).code(5).says("builder holds it");
    home.vayu(["task", "complete", "1", "--as", "builder"]).code(5).says("builder holds it");
    home.vayu(["task", "complete", "1", "--as", "rival", "--force"]).code(4).says("only a human");
    assert_eq!(home.status(task), "executing");
    home.ok(["task", "complete", "1", "--force"]);
    assert_eq!(home.status(task), "completed");
    let log = home.ok(["log", "--limit", "1"]);
    assert!(log.contains("po") && log.contains("overriding its claim"), "{log}");
    home.vayu(["task", "complete", "1", "--claim", &token]).code(5).says("your claim has ended");
}

#[test]
fn c05_a_new_attempt_at_an_old_task_lives() {
    let mut scene = Scene::new();
    let agent = scene.agent("builder", AgentKind::Ai);
    let task = scene.task("again");
    let first = scene.begin(agent);
    scene.submit_by("builder", &first);
    assert_eq!(scene.status(task), Status::Completed);
    scene.clock.advance(Duration::days(3));
    scene.submit(Command::ReopenTask { task_id: task });
    scene.submit(Command::QueueTask { task_id: task });
    scene.greet(agent);
    let second = scene.begin(agent);
    assert!(second.epoch > first.epoch);
    scene.tick(Depth::Worries);
    scene.clock.advance(Duration::seconds(30));
    scene.tick(Depth::Worries);
    assert_eq!(scene.status(task), Status::Executing, "the new attempt is not judged by the old one's silence");
    let expire = Command::ExpireClaim { task_id: task, epoch: first.epoch, reason: "silent".into() };
    assert!(scene.service.submit(&Actor::system("vayu"), expire).is_err(), "nor can the old claim be ended again");
}

#[test]
fn c09_a_person_is_asked_before_their_work_is_taken_and_no_agent_starts_in_it() {
    let mut scene = Scene::new();
    let priya = scene.agent("priya", AgentKind::Human);
    let builder = scene.agent("builder", AgentKind::Ai);
    let task = scene.task("negotiate");
    scene.begin(priya);
    scene.clock.advance(Duration::hours(9));
    scene.greet(builder);
    for _ in 0..5 {
        scene.tick(Depth::Worries);
    }
    assert_eq!(scene.status(task), Status::Executing);
    let asks = scene.service.read().escalations(false, &scene.service.now()).unwrap();
    assert_eq!(asks.len(), 1, "{asks:?}");
    assert_eq!(asks[0].task.as_ref().unwrap().task_id, task);
    for task_id in [Some(task), None] {
        let claim = Command::ClaimTask { agent_id: builder, task_id, lease_seconds: None };
        let refused = scene.service.submit(&Actor::agent("builder"), claim).unwrap_err();
        assert!(
            matches!(refused, Error::Rejected(Rejection::Held { .. } | Rejection::NothingReady { .. })),
            "{refused}"
        );
    }
    let no = asks[0].escalation.choices.len() - 1;
    let escalation_id = asks[0].escalation.escalation_id;
    scene.submit(Command::AnswerEscalation { escalation_id, choice: Some(no), words: None });
    scene.tick(Depth::Worries);
    assert_ne!(scene.status(task), Status::Executing, "{:?}", asks[0].escalation.choices);
}

/// A card in each lane, in every state that nothing moves by itself.
fn populated() -> Home {
    let home = Home::new();
    home.ok(["agent", "add", "builder"]);
    home.ok(["task", "create", "backlog", "--backlog"]);
    home.ok(["task", "create", "ready"]);
    home.ok(["task", "create", "blocked", "--depends-on", "1"]);
    for (n, title) in [(4, "executing"), (5, "paused"), (6, "failed"), (7, "done")] {
        home.ok(["task", "create", title]);
        home.ok(["task", "start", &n.to_string()]);
    }
    home.ok(["task", "pause", "5"]);
    home.ok(["task", "fail", "6", "--kind", "refused", "--reason", "cannot be done"]);
    home.ok(["task", "complete", "7", "--summary", "all there"]);
    home.ok(["task", "create", "reviewing", "--priority", "critical"]);
    home.ok(["task", "start", "8"]);
    home.ok(["task", "submit", "8", "--summary", "please look"]);
    home.ok(["task", "create", "cancelled"]);
    home.ok(["task", "cancel", "9"]);
    home.ok(["task", "comment", "4", "half-way"]);
    home
}

/// Everything that a restart could disturb.
fn picture(home: &Home) -> (Value, Vec<Value>) {
    let tasks = home.json(["task", "list", "--archived"]);
    let details = tasks.as_array().unwrap().iter().map(|task| {
        let mut detail = home.json(["task", "status", task["task_id"].as_str().unwrap()]);
        let _who_orchestrates_differs = detail.as_object_mut().unwrap().remove("waits");
        detail
    });
    (tasks.clone(), details.collect())
}

#[test]
fn c26_nothing_moves_when_everything_is_killed_and_started_again() {
    let home = populated();
    let leads = || {
        let found = home.json(["doctor"]);
        found["checks"].as_array().unwrap().iter().any(|check| check["name"] == "leader" && check["state"] == "ok")
    };
    let run = |args: &[&str]| home.command(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut orchestrator = run(&["orchestrate"]);
    await_that("somebody leads", leads);
    let settled = picture(&home);
    let log = home.json(["log", "--limit", "1000"]);
    for _ in 0..3 {
        let mut follower = run(&["log", "--follow", "--limit", "1"]);
        BufReader::new(follower.stdout.as_mut().unwrap()).read_line(&mut String::new()).unwrap();
        for child in [&mut orchestrator, &mut follower] {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        orchestrator = run(&["orchestrate"]);
        await_that("somebody leads again", leads);
        assert_eq!(picture(&home), settled);
        assert_eq!(home.json(["log", "--limit", "1000"]), log);
    }
    orchestrator.kill().unwrap();
    orchestrator.wait().unwrap();
    assert_eq!(home.json(["doctor"])["ok"], true);
}
