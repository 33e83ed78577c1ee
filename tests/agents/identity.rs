//! Recognizing and ending what a run has left behind.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use vayu::agents::{self, Identity, Life};

use super::common::await_that;

/// A shell in a group of its own, marked as a run, and a folder where it leaves notes.
struct Run {
    child: Child,
    identity: Identity,
    folder: tempfile::TempDir,
}

impl Run {
    fn start(script: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = format!("test.{}", folder.path().display());
        let child = Command::new("sh")
            .args(["-c", script])
            .current_dir(folder.path())
            .env(agents::identity::MARK, &mark)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("sh starts");
        let identity = agents::identity::of_child(child.id(), mark).expect("it was just started");
        Self { child, identity, folder }
    }

    fn await_note(&self, name: &str) {
        let path = self.folder.path().join(name);
        await_that(&format!("{name} is there"), || path.exists());
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        agents::end(&self.identity, Duration::ZERO);
        let _ = self.child.wait();
    }
}

#[test]
fn a_run_lives_until_its_last_process_is_gone() {
    let mut run = Run::start("sleep 1000 & touch ready");
    run.child.wait().expect("the shell ends at once");
    run.await_note("ready");
    assert_eq!(agents::life(&run.identity), Life::Alive);
    assert_eq!(agents::end(&run.identity, Duration::from_secs(30)), Life::Gone);
    assert!(!agents::is_alive(&run.identity));
}

#[test]
fn a_detached_grandchild_is_noticed_and_ended() {
    let mut run = Run::start("setsid sh -c 'touch ready; exec sleep 1000' & wait");
    run.await_note("ready");
    let group = rustix::process::Pid::from_raw(run.identity.pid).expect("a process id");
    rustix::process::kill_process_group(group, rustix::process::Signal::KILL).expect("the group is there");
    run.child.wait().expect("it was killed");
    assert_eq!(agents::life(&run.identity), Life::Alive);
    assert_eq!(agents::end(&run.identity, Duration::from_secs(30)), Life::Gone);
}

#[test]
fn a_run_that_ignores_the_request_is_killed() {
    let run = Run::start("trap '' TERM; touch ready; while :; do sleep 1; done");
    run.await_note("ready");
    assert_eq!(agents::end(&run.identity, Duration::from_millis(100)), Life::Gone);
}

#[test]
fn a_stopped_run_is_alive_and_can_be_ended() {
    let run = Run::start("touch ready; kill -STOP $$; sleep 1000");
    run.await_note("ready");
    assert_eq!(agents::life(&run.identity), Life::Alive);
    assert_eq!(agents::end(&run.identity, Duration::from_secs(30)), Life::Gone);
}

#[test]
fn another_process_with_the_same_number_is_neither_taken_for_the_run_nor_harmed() {
    let mut run = Run::start("exec sleep 1000");
    let former =
        Identity { start_ticks: run.identity.start_ticks + 1, mark: "test.former".into(), ..run.identity.clone() };
    assert_eq!(agents::life(&former), Life::Gone);
    assert_eq!(agents::end(&former, Duration::ZERO), Life::Gone);
    assert!(run.child.try_wait().expect("a child").is_none());
}

#[test]
fn nothing_is_left_of_a_run_of_another_boot() {
    let run = Run::start("exec sleep 1000");
    let former = Identity { boot_id: "another-boot".into(), ..run.identity.clone() };
    assert_eq!(agents::life(&former), Life::Gone);
}

/// Set for the program that is to look without being able to: the run as JSON.
const BLIND: &str = "VAYU_TEST_BLIND";

/// Runs this test once more as a program of its own, which may open no file and so cannot see any process.
#[test]
fn who_cannot_look_takes_nothing_for_gone() {
    if let Ok(identity) = std::env::var(BLIND) {
        let identity: Identity = serde_json::from_str(&identity).expect("a run");
        let former = Identity { boot_id: "another-boot".into(), ..identity.clone() };
        let limits = rustix::process::getrlimit(rustix::process::Resource::Nofile);
        let none = rustix::process::Rlimit { current: Some(0), ..limits };
        rustix::process::setrlimit(rustix::process::Resource::Nofile, none).expect("allowed");
        let seen = [agents::life(&identity), agents::life(&former), agents::end(&identity, Duration::ZERO)];
        let own = agents::identity::own();
        rustix::process::setrlimit(rustix::process::Resource::Nofile, limits).expect("allowed");
        assert_eq!(seen, [Life::OutOfSight; 3]);
        assert!(agents::is_alive(&own));
        return;
    }
    let run = Run::start("exec sleep 1000");
    let itself = std::env::current_exe().expect("this program");
    let output = Command::new(itself)
        .args(["--exact", "identity::who_cannot_look_takes_nothing_for_gone", "--nocapture"])
        .env(BLIND, serde_json::to_string(&run.identity).expect("text"))
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    assert_eq!(agents::life(&run.identity), Life::Alive);
}
