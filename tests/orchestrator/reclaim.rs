use std::os::unix::process::CommandExt;
use std::process::{Child, Command as Process, Stdio};
use std::time::Duration;

use vayu::agents::identity::{Life, end, mark, of_child};
use vayu::domain::{Actor, Agent, AgentKind, Command, Failure, Fence, Outcome, Priority, Rejection, Status};
use vayu::orchestrator::{Depth, Report};
use vayu::service::{Claimed, Error};
use vayu::store::view::{Liveness, ProcessRow};

use crate::common::{Scene, asking_for, critical, po};

#[test]
fn a_missed_heartbeat_gives_the_task_to_another() {
    let mut scene = Scene::with(|policy| policy.strategy = vayu::domain::policy::Strategy::Push);
    let (a, b) = (scene.agent("a", ""), scene.agent("b", ""));
    let task = scene.task("write");
    scene.settle();
    assert_eq!(scene.holder(task), Some("a".into()));
    let lost = scene.begin(&a);
    scene.pass(61);
    scene.greet(&b);
    scene.settle();
    assert_eq!(scene.holder(task), Some("b".into()), "not the one who lost it");
    let attempts = scene.service.read().attempts(task).expect("readable");
    assert_eq!((attempts[0].outcome, attempts[0].failure), (Some(Outcome::Lost), Some(Failure::Lost)));
    assert_eq!(scene.service.beat(lost.token, &Liveness::default()).expect("a board"), None, "the old claim is over");
}

#[test]
fn who_is_heard_of_keeps_the_task() {
    let mut scene = Scene::new();
    let a = scene.agent("a", "");
    let task = scene.task("write");
    let claimed = scene.begin(&a);
    for _ in 0..5 {
        scene.pass(40);
        scene.service.beat(claimed.token, &Liveness::default()).expect("a board").expect("held");
        scene.settle();
    }
    assert_eq!(scene.status(task), Status::Executing);
}

#[test]
fn c11_a_task_whose_worker_dies_again_and_again_is_not_tried_for_ever() {
    let mut scene = Scene::new();
    let a = scene.agent("a", "");
    let task = scene.task("crash");
    for _ in 0..4 {
        scene.greet(&a);
        scene.begin(&a);
        scene.pass(61);
        scene.settle();
    }
    assert_eq!(scene.status(task), Status::Failed);
    assert_eq!(scene.get(task).metadata.retry_count, 3);
    assert_eq!(scene.ask().topic, "retries");
}

/// A worker that ignores being asked to end.
fn stubborn(claimed: &Claimed) -> Child {
    let mut child = Process::new("sh")
        .args(["-c", "trap '' TERM; echo ready; while :; do sleep 1000 & wait; done"])
        .env(vayu::agents::identity::MARK, mark(claimed.task_id, claimed.epoch))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .expect("a shell");
    let mut line = String::new();
    let out = child.stdout.as_mut().expect("piped");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).expect("it says that it is ready");
    child
}

#[test]
fn reclaim_waits_until_the_old_process_is_seen_gone() {
    let mut scene = Scene::new();
    let (a, b) = (scene.agent("a", ""), scene.agent("b", ""));
    let task = scene.task("write");
    let claimed = scene.begin(&a);
    let mut child = stubborn(&claimed);
    let identity = of_child(child.id(), mark(claimed.task_id, claimed.epoch)).expect("it runs");
    let process =
        ProcessRow { pid: identity.pid, start_ticks: identity.start_ticks, boot_id: identity.boot_id.clone() };
    scene.service.process_started(task, claimed.epoch, &process).expect("noted");
    scene.pass(61);
    scene.greet(&b);
    for _ in 0..3 {
        let told = scene.tick(Depth::Worries);
        assert!(matches!(told[0], Report::Did { what: "end_process", .. }), "{told:?}");
        assert_eq!(scene.status(task), Status::Executing, "at most one live process per task");
    }
    let taken = Command::ClaimTask { agent_id: b.agent_id, task_id: Some(task), lease_seconds: None };
    let refused = scene.service.submit(&po(), taken).expect_err("it is held");
    assert!(matches!(refused, Error::Rejected(Rejection::Held { .. })), "{refused}");
    scene.pass(3);
    let told = scene.tick(Depth::Pulse);
    assert!(matches!(told[0], Report::Did { what: "kill_process", .. }), "{told:?}");
    child.wait().expect("killed");
    assert_eq!(end(&identity, Duration::ZERO), Life::Gone, "with all that it had started");
    let told = scene.tick(Depth::Pulse);
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(scene.status(task), Status::Queued);
    scene.begin(&b);
    assert_eq!(scene.holder(task), Some("b".into()));
}

#[test]
fn an_orphan_may_wind_up_before_it_is_ended() {
    let mut scene = Scene::new();
    let a = scene.agent("a", "");
    let task = scene.task("write");
    let claimed = scene.begin(&a);
    let mut child = stubborn(&claimed);
    let identity = of_child(child.id(), mark(claimed.task_id, claimed.epoch)).expect("it runs");
    let process =
        ProcessRow { pid: identity.pid, start_ticks: identity.start_ticks, boot_id: identity.boot_id.clone() };
    scene.service.process_started(task, claimed.epoch, &process).expect("noted");
    scene.submit(&po(), Command::ReleaseTask { task_id: task, fence: Fence::Force, reason: None });
    assert!(scene.tick(Depth::Pulse).is_empty(), "it may still write down what it has");
    let waits = scene.service.read().task_detail(task, &scene.service.now()).expect("readable").expect("there").waits;
    assert!(waits.iter().any(|why| why.starts_with("reclaim waits")), "{waits:?}");
    scene.pass(31);
    assert!(matches!(scene.tick(Depth::Pulse)[0], Report::Did { what: "end_process", .. }));
    scene.pass(2);
    assert!(matches!(scene.tick(Depth::Pulse)[0], Report::Did { what: "kill_process", .. }));
    child.wait().expect("killed");
    assert_eq!(end(&identity, Duration::ZERO), Life::Gone, "with all that it had started");
    assert!(matches!(scene.tick(Depth::Pulse)[0], Report::Did { what: "process_gone", .. }));
    assert_eq!(scene.claim(&a).task_id, task);
}

#[test]
fn a_persons_work_is_not_taken_before_somebody_said_so() {
    let mut scene = Scene::new();
    let priya = scene.agent_of_kind("priya", "", AgentKind::Human);
    let task = scene.task("negotiate");
    scene.begin(&priya);
    scene.agent("a", "");
    scene.sleep(9 * 3600);
    scene.settle();
    scene.settle();
    assert_eq!(scene.status(task), Status::Executing);
    let ask = scene.ask();
    assert_eq!((ask.topic.as_str(), ask.recommended), ("silent", Some(0)));
    scene.answer("Yes");
    scene.settle();
    assert!(scene.asks().is_empty(), "said once is enough");
    scene.sleep(25 * 3600);
    scene.settle();
    scene.answer("No");
    assert_eq!(scene.status(task), Status::Queued);
}

#[test]
fn what_was_handed_to_an_agent_who_left_goes_to_another_and_a_persons_choice_stands() {
    let mut scene = Scene::new();
    let a = scene.agent("a", "rust:3");
    let pushed = scene.task_with("pushed", critical);
    scene.settle();
    assert_eq!(scene.holder(pushed), Some("a".into()));
    let c = scene.agent("c", "");
    let chosen = scene.task_with("chosen", asking_for("cobol:5"));
    let method = vayu::domain::task::AssignmentMethod::Assigned;
    let assign = Command::AssignTask { task_id: chosen, agent_id: c.agent_id, method, why: None, fence: Fence::None };
    scene.submit(&po(), assign);
    scene.service.absent(a.agent_id).expect("noted");
    scene.service.absent(c.agent_id).expect("noted");
    scene.agent("b", "");
    scene.settle();
    assert_eq!(scene.holder(pushed), Some("b".into()));
    assert_eq!(scene.holder(chosen), Some("c".into()));
    assert_eq!(scene.get(pushed).priority, Priority::Critical);
}

#[test]
fn a_host_that_was_asleep_lets_its_workers_wake_up_first() {
    let mut scene = Scene::new();
    let (a, b) = (scene.agent("a", ""), scene.agent("b", ""));
    let (slow, dead) = (scene.task("slow"), scene.task("dead"));
    let (one, two) = (scene.begin(&a), scene.begin(&b));
    assert_eq!((one.task_id, two.task_id), (slow, dead));
    scene.settle();
    scene.sleep(600);
    scene.settle();
    assert_eq!(scene.status(slow), Status::Executing);
    scene.pass(10);
    scene.service.beat(one.token, &Liveness::default()).expect("a board").expect("it still holds it");
    scene.pass(25);
    scene.settle();
    assert_eq!((scene.status(slow), scene.status(dead)), (Status::Executing, Status::Queued));
}

#[test]
fn c11_when_workers_die_like_flies_the_board_stops_handing_out_until_somebody_says_so() {
    let (mut scene, agents) = flies();
    scene.settle();
    assert_eq!(scene.ask().topic, "breaker");
    let a = &agents[0];
    scene.greet(a);
    let claim = || Command::ClaimTask { agent_id: a.agent_id, task_id: None, lease_seconds: None };
    let refused = scene.service.submit(&Actor::agent(&a.name), claim()).expect_err("halted");
    assert!(refused.to_string().contains("work is halted"), "{refused}");
    scene.answer("Go on");
    scene.settle();
    scene.submit(&Actor::agent(&a.name), claim());
    assert!(scene.asks().is_empty());
}

/// A board on which many workers have just died, and nobody has looked yet, and those workers.
fn flies() -> (Scene, Vec<Agent>) {
    let mut scene = Scene::new();
    let agents: Vec<_> = (0..10).map(|n| scene.agent(&format!("a{n}"), "")).collect();
    for n in 0..20 {
        scene.task(&format!("t{n}"));
    }
    for agent in &agents {
        scene.begin(agent);
    }
    scene.pass(61);
    (scene, agents)
}

#[test]
fn the_brake_leaves_settings_as_somebody_changes_them_at_the_same_time() {
    let (mut scene, _) = flies();
    scene.tick(Depth::Pulse);
    let service = &mut scene.service;
    let mut rename = |report: Report| {
        if matches!(report, Report::Did { what: "escalate", .. }) {
            let seen = service.read().policy().expect("readable");
            let policy = vayu::domain::Policy { project: "renamed".into(), ..seen };
            service.submit(&po(), Command::Configure(Box::new(policy))).expect("settings");
        }
    };
    scene.orchestrator.tick(Depth::Worries, &mut rename).expect("a tick");
    let policy = scene.service.read().policy().expect("readable");
    assert_eq!((policy.project.as_str(), policy.halted.is_some()), ("renamed", true));
}

#[test]
fn who_loses_the_lead_in_the_middle_of_a_round_ends_no_more_processes() {
    let mut scene = Scene::new();
    let mut children = Vec::new();
    for name in ["a", "b"] {
        let agent = scene.agent(name, "");
        scene.task(name);
        let claimed = scene.begin(&agent);
        let child = stubborn(&claimed);
        let identity = of_child(child.id(), mark(claimed.task_id, claimed.epoch)).expect("it runs");
        let boot_id = identity.boot_id.clone();
        let process = ProcessRow { pid: identity.pid, start_ticks: identity.start_ticks, boot_id };
        scene.service.process_started(claimed.task_id, claimed.epoch, &process).expect("noted");
        children.push((child, identity));
    }
    scene.pass(61);
    let (mut other, clock) = (scene.another("other"), scene.clock.clone());
    let mut ends = 0;
    let mut take_over = |report: Report| {
        ends += usize::from(matches!(report, Report::Did { what: "end_process", .. }));
        clock.advance(chrono::Duration::seconds(6));
        other.stand().expect("a board");
    };
    scene.orchestrator.tick(Depth::Pulse, &mut take_over).expect("a tick");
    for (child, identity) in &mut children {
        vayu::agents::identity::kill(identity);
        child.wait().expect("killed");
    }
    assert_eq!(ends, 1, "the second process is the new leader's concern");
}
