//! Agents as real processes: frozen, orphaned, disowned, and dead at once.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command as Process, Stdio};

use chrono::Duration;
use portable_pty::CommandBuilder;
use rustix::process::{Pid, Signal};
use serde_json::Value;
use vayu::agents::identity::{self, Identity, Life};
use vayu::domain::{Actor, AgentKind, Command, Lane, Status};
use vayu::orchestrator::{Depth, Report};
use vayu::service::Claimed;
use vayu::store::view::{Card, Filter, LaneWindow, Page, ProcessRow};

use crate::common::{Home, await_that};
use crate::room::Room;
use crate::scene::Scene;

/// A worker that ignores being asked to end, and stands still.
fn frozen(claimed: &Claimed) -> (Child, Identity) {
    let mark = identity::mark(claimed.task_id, claimed.epoch);
    let mut child = Process::new("sh")
        .args(["-c", "trap '' TERM; echo ready; while :; do sleep 1000 & wait; done"])
        .env(identity::MARK, &mark)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut String::new()).unwrap();
    rustix::process::kill_process(Pid::from_child(&child), Signal::STOP).unwrap();
    let identity = identity::of_child(child.id(), mark).unwrap();
    (child, identity)
}

fn card(scene: &Scene, claimed: &Claimed) -> Card {
    let page = Page { offset: 0, limit: 10 };
    let lanes = Lane::ALL.iter().map(|lane| LaneWindow { lane: *lane, filter: Filter::default(), page });
    let mut cards = lanes.flat_map(|window| scene.service.read().window(&window, &scene.service.now()).unwrap());
    cards.find(|card| card.task_id == claimed.task_id).unwrap()
}

#[test]
fn c06_a_frozen_agent_keeps_others_out_until_it_is_gone_and_the_user_sees_that_reclaim_waits() {
    let mut scene = Scene::new();
    let (first, second) = (scene.agent("first", AgentKind::Ai), scene.agent("second", AgentKind::Ai));
    let task = scene.task("contested");
    let claimed = scene.begin(first);
    let (mut child, old) = frozen(&claimed);
    let process = ProcessRow { pid: old.pid, start_ticks: old.start_ticks, boot_id: old.boot_id.clone() };
    scene.service.process_started(task, claimed.epoch, &process).unwrap();
    assert!(!card(&scene, &claimed).reclaim_waits, "its lease has not ended yet");
    scene.pass(61);
    scene.greet(second);
    let (mut waited, mut taken) = (0, false);
    for _ in 0..20 {
        let told = scene.tick(Depth::Worries);
        if told.iter().any(|report| matches!(report, Report::Did { what: "kill_process", .. })) {
            child.wait().unwrap();
        }
        let alive = identity::life(&old) != Life::Gone;
        if alive {
            waited += 1;
            let detail = scene.service.read().task_detail(task, &scene.service.now()).unwrap().unwrap();
            assert!(detail.waits.iter().any(|why| why.starts_with("reclaim waits")), "{:?}", detail.waits);
            assert!(card(&scene, &claimed).reclaim_waits, "the board says so, too");
        }
        let claim = Command::ClaimTask { agent_id: second, task_id: Some(task), lease_seconds: None };
        let claim = scene.service.submit(&Actor::agent("second"), claim);
        assert!(!alive || claim.is_err(), "two processes would work on one task");
        taken |= claim.is_ok();
        scene.clock.advance(Duration::milliseconds(500));
    }
    assert!(waited >= 4, "it was given time to end: {waited}");
    assert!(taken && scene.status(task) == Status::Assigned, "the second one has it in the end");
    assert!(!card(&scene, &claimed).reclaim_waits);
}

/// A program in the background, which is killed when the test ends.
struct Background(Child, PathBuf);

impl Background {
    fn start(home: &Home, name: &str, mut command: Process) -> Self {
        let err = home.path().join(format!("{name}.err"));
        let child = command.stdout(Stdio::null()).stderr(File::create(&err).unwrap()).spawn().unwrap();
        Self(child, err)
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.1).unwrap()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn note(home: &Home, name: &str) -> String {
    let path = home.path().join(name);
    await_that(name, || path.exists());
    std::fs::read_to_string(path).unwrap().trim().to_owned()
}

fn is_running(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

/// How to give a program a host name of its own here, if this is allowed.
fn own_host_name() -> Option<Vec<&'static str>> {
    let ways = [vec!["--uts"], vec!["--uts", "--map-root-user"]];
    let allowed = |way: &Vec<&str>| {
        let tried = Process::new("unshare").args(way).args(["hostname", "tried"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    ways.into_iter().find(allowed)
}

const STAYS: &str = "echo $$ > pid.new; mv pid.new \"$1/pid\"; trap '' TERM; while :; do sleep 0.05; done";

#[test]
fn c07_a_process_is_found_and_ended_although_the_host_was_renamed_under_it() {
    let Some(unshare) = own_host_name() else {
        eprintln!("not played: a host name of one's own is not allowed here");
        return;
    };
    for runner_dies in [false, true] {
        let home = Home::new();
        home.task("renamed");
        let folder = home.path().to_str().unwrap();
        let script = "hostname before
            \"$1\" agent run --name builder --once --grace 1s -- sh -c \"$2\" agent \"$3\" &
            runner=$!
            while [ ! -e \"$3/pid\" ]; do sleep 0.05; done
            hostname after
            if [ -n \"$4\" ]; then kill -9 $runner; fi
            \"$1\" task cancel 1
            hostname > renamed.new; mv renamed.new renamed
            if [ -n \"$4\" ]; then exec \"$1\" agent run --name other --once -- true; fi
            wait $runner";
        let mut command = home.command([""; 0]);
        let vayu = command.get_program().to_owned();
        command = Process::new("unshare");
        command.args(&unshare).args(["sh", "-c", script, "host"]).arg(vayu).args([STAYS, folder]);
        command.arg(if runner_dies { "dies" } else { "" }).current_dir(home.path()).env("VAYU_USER", "po");
        command.env_remove("VAYU_BOARD").env_remove("VAYU_AS");
        let host = Background::start(&home, "host", command);
        let pid = note(&home, "pid");
        assert_eq!(note(&home, "renamed"), "after", "{}", host.said());
        await_that("the process is ended", || !is_running(&pid));
        assert_eq!(home.status(1), "cancelled");
        let service = vayu::bootstrap::open(&home.board()).unwrap();
        await_that("no process is on record", || {
            service.read().leases(&service.now()).unwrap().iter().all(|lease| lease.process.is_none())
        });
    }
}

/// The first hands its task back and writes on; whoever comes next notes whether the first one still writes.
const WRITES_ON: &str = "if mkdir \"$1/first\" 2>/dev/null; then
        trap '' TERM
        echo $$ > \"$1/pid.new\"; mv \"$1/pid.new\" \"$1/pid\"
        \"$VAYU_BIN\" task release \"$VAYU_TASK\" --reason 'not mine' && touch \"$1/released\"
        for n in $(seq 600); do echo $n > \"$VAYU_FOLDER/written\"; sleep 0.05; done
    else
        pid=$(cat \"$1/pid\")
        if [ -e /proc/$pid ] && [ \"$(cut -d' ' -f3 /proc/$pid/stat)\" != Z ]; then touch \"$1/overlap\"; fi
        echo '::vayu summary by the second'
    fi";

#[test]
fn c08_who_hands_a_task_back_and_writes_on_is_gone_before_the_next_one_starts() {
    let home = Home::new();
    home.task("disowned");
    let folder = home.path().to_str().unwrap();
    let run = |name| {
        let args = ["agent", "run", "--name", name, "--max-tasks", "1", "--poll", "1s", "--grace", "1s"];
        let mut command = home.command(args);
        command.args(["--", "sh", "-c", WRITES_ON, "agent", folder]);
        command
    };
    let _first = Background::start(&home, "first", run("first"));
    note(&home, "released");
    let mut second = Background::start(&home, "second", run("second"));
    await_that("the user sees it", || {
        let waits = home.field(1, "waits").to_string();
        waits.contains("reclaim waits")
    });
    assert!(home.ok(["board"]).contains("reclaim waits"), "on the board, too");
    home.vayu(["task", "start", "1"]).code(4).says("reclaim waits");
    assert!(second.0.wait().unwrap().success(), "{}", second.said());
    assert!(!home.path().join("overlap").exists(), "two processes wrote in one folder");
    assert_eq!(home.status(1), "completed");
    assert!(!is_running(&note(&home, "pid")));
}

/// What a face tells of a task: its state, how its attempt ended, and the last line of its agent.
fn told(task: &Value) -> (String, String, i64, String) {
    let attempt = &task["attempts"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let code = attempt["exit_code"].as_i64().unwrap_or_default();
    (text(&task["status"]), text(&attempt["outcome"]), code, text(&attempt["last_lines"][0]))
}

#[test]
fn c29_of_an_agent_that_dies_at_once_every_face_tells_the_same() {
    let home = Home::new();
    home.ok(["task", "create", "The first task", "--max-retries", "0"]);
    let args = ["agent", "run", "--name", "broken", "--once", "--", "sh", "-c", "echo 'licence expired' >&2; exit 9"];
    let run = home.vayu(args).code(1).says("exit code 9").says("licence expired");
    assert!(run.out.contains("licence expired"), "{run:?}");

    let json = home.json(["task", "status", "1"]);
    assert_eq!(told(&json), ("failed".into(), "failed".into(), 9, "licence expired".into()));
    let text = home.ok(["task", "status", "1"]);
    for word in ["failed", "exit code 9", "licence expired", "broken"] {
        assert!(text.contains(word), "`{word}` is not in {text}");
    }

    let exported = home.ok(["export", "--to", "vayu"]);
    let mut rows = exported.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let attempt = rows.find(|row| row.to_string().contains("last_lines")).unwrap().to_string();
    assert!(attempt.contains("licence expired") && attempt.contains("\"exit_code\":9"), "{attempt}");

    assert!(home.ok(["task", "list"]).contains("failed"));
    assert_eq!(home.json(["task", "list"])[0]["status"], "failed");
    let board = home.json(["board"]);
    let cards = board["lanes"].as_array().unwrap().iter().flat_map(|lane| lane["cards"].as_array().unwrap());
    assert_eq!(cards.map(|card| card["status"].clone()).collect::<Vec<_>>(), ["failed"]);
    assert!(home.ok(["board"]).contains("failed"));
    let log = home.ok(["log"]);
    assert!(log.contains("broken") && log.contains("failed"), "{log}");

    let mut command = CommandBuilder::new(home.command(["board"]).get_program());
    command.arg("board");
    command.cwd(home.path());
    let mut screen = Room::with(command);
    screen.until("The first task");
    screen.press("ll\r");
    for word in ["failed", "exit code 9", "licence expired", "broken"] {
        screen.until(word);
    }
}
