//! The board cannot be written while agents work: their results are kept and told when it can be again.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use vayu::agents::runner::{Control, Options, Report, Wish, recover, run};
use vayu::domain::Status;
use vayu::domain::attempt::Outcome;
use vayu::orchestrator;
use vayu::service::Service;
use vayu::store::sqlite::Board;
use vayu::store::{Durability, Store, StoreError};

use super::between::{Behind, Between, Work};
use super::chance::size;
use super::common::await_that;
use super::process::FIRST_STAYS;
use super::team::{Runner, Team};

/// A store whose writes fail while this is set.
#[derive(Clone)]
struct Down(Arc<AtomicBool>);

impl Between for Down {
    fn write(&self, inner: &mut dyn Store, durability: Durability, work: Work) -> Result<(), StoreError> {
        if self.0.load(Ordering::SeqCst) {
            return Err(StoreError::Busy(Duration::from_secs(20)));
        }
        inner.write(durability, work)
    }
}

fn flaky(team: &Team) -> (Service, Arc<AtomicBool>) {
    let down = Arc::new(AtomicBool::new(false));
    let inner: Box<dyn Store> = Box::new(Board::at(team.board()).open().expect("a board"));
    (Service::new(Box::new(Behind { inner, between: Down(Arc::clone(&down)) })), down)
}

const SCRIPT: &str = "touch \"$1/began\"; while [ ! -e \"$1/go\" ]; do sleep 0.05; done
    echo '::vayu summary done in the dark'; touch \"$1/ended\"";

/// The note of the only open run, once it holds the result.
fn kept_result(team: &Team) -> (PathBuf, serde_json::Value) {
    let folder = team.path(".vayu/runs/open");
    let mut found = None;
    await_that("the result is kept", || {
        // Beside it there may be a draft of it for a moment.
        let mut paths = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let Some(path) = paths.find(|path| path.extension().is_some_and(|name| name == "json")) else { return false };
        let text = std::fs::read(&path).unwrap_or_default();
        let note: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
        let has = note["verdict"].is_object();
        found = Some((path, note));
        has
    });
    found.expect("found")
}

#[test]
fn r5_a_result_is_kept_and_told_when_the_board_can_be_written_again() {
    let mut team = Team::new();
    let id = team.task("dark");
    let (service, down) = flaky(&team);
    let runner = Runner::start(service, Options { max_tasks: Some(1), lease_seconds: Some(5), ..team.options(SCRIPT) });
    team.await_note("began");
    down.store(true, Ordering::SeqCst);
    await_that("the runner warns", || {
        runner
            .reports()
            .iter()
            .any(|report| matches!(report, Report::Warning { what } if what.contains("heartbeats fail")))
    });
    std::fs::write(team.path("go"), "").expect("written");
    kept_result(&team);
    assert_eq!(team.read(id).status, Status::Executing);
    down.store(false, Ordering::SeqCst);
    assert_eq!(runner.end().failed, 0);
    assert_eq!(team.read(id).status, Status::Completed);
    assert_eq!(team.detail(id).attempts[0].summary.as_deref(), Some("done in the dark"));
    assert_eq!(std::fs::read_dir(team.path(".vayu/runs/open")).expect("a folder").count(), 0);
}

#[test]
fn r5_a_result_that_could_not_be_told_is_told_by_the_next_runner() {
    let mut team = Team::new();
    let id = team.task("dark");
    let (service, down) = flaky(&team);
    let mut runner = Runner::start(service, Options { max_tasks: Some(1), ..team.options(SCRIPT) });
    team.await_note("began");
    team.await_status(id, Status::Executing);
    down.store(true, Ordering::SeqCst);
    std::fs::write(team.path("go"), "").expect("written");
    let (path, _) = kept_result(&team);
    runner.control.want(Wish::Stop);
    runner.join().expect("it could work");
    // The runner was a thread of this test: as if its process had ended.
    let mut note: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).expect("kept")).expect("JSON");
    note["runner"]["start_ticks"] = 1.into();
    std::fs::write(&path, note.to_string()).expect("written");
    let board = team.path(".vayu");
    let recovered = recover(&mut team.service, &board).expect("the board can be written");
    assert_eq!(recovered.len(), 1);
    assert_eq!(team.read(id).status, Status::Completed);
    assert_eq!(team.detail(id).attempts[0].summary.as_deref(), Some("done in the dark"));
    assert!(!path.exists());
    assert!(recover(&mut team.service, &board).expect("nothing to do").is_empty());
}

fn warned(runner: &Runner) {
    let fails = |report: &Report| matches!(report, Report::Warning { what } if what.contains("heartbeats fail"));
    await_that("the runner warns", || runner.reports().iter().any(fails));
}

#[test]
fn r5_who_cannot_say_that_it_lives_is_warned_then_fenced_and_never_works_beside_the_next() {
    let mut team = Team::new();
    let id = team.task("contested");
    let (service, down) = flaky(&team);
    let options = |name: &str| Options {
        name: name.into(),
        max_tasks: Some(1),
        lease_seconds: Some(size(2, 20)),
        ..team.options(FIRST_STAYS)
    };
    let first = Runner::start(service, options("first"));
    team.await_note("pid");
    team.await_note("detached");
    team.await_status(id, Status::Executing);
    down.store(true, Ordering::SeqCst);
    warned(&first);
    let lead = orchestrator::Options::named("lead");
    let lead = orchestrator::spawn(team.service.another().expect("a handle"), &lead, Arc::default(), |_| {});
    let second = Runner::start(team.service.another().expect("a handle"), options("second"));
    assert_eq!(second.end().failed, 0);
    assert!(!team.path("overlap").exists(), "two processes worked on one task");
    assert_eq!(team.read(id).status, Status::Completed);
    down.store(false, Ordering::SeqCst);
    let tally = first.end();
    assert_eq!((tally.lost, tally.failed), (1, 0), "what it had to say was refused");
    let detail = team.detail(id);
    assert_eq!(detail.task.status, Status::Completed);
    assert_eq!(detail.attempts[0].summary.as_deref(), Some("by the second"));
    assert_eq!((detail.attempts.len(), detail.attempts[1].outcome), (2, Some(Outcome::Lost)));
    lead.expect("a thread").join();
}

#[test]
fn a_command_is_ended_when_the_board_is_restored_under_it_even_to_a_time_of_the_same_claim() {
    let mut team = Team::new();
    let id = team.task("lost");
    let service = Service::new(Box::new(Board::at(team.board()).open().expect("a board")));
    let mut runner =
        Runner::start(service, Options { max_tasks: Some(1), lease_seconds: Some(2), ..team.options(SCRIPT) });
    team.await_note("began");
    team.await_status(id, Status::Executing);
    let copy = team.path("copy.db");
    team.service.backup(&copy).expect("copied");
    Board::at(team.board()).restore(&copy).expect("restored");
    await_that("the run is given up", || {
        let given_up = |report: &Report| format!("{report:?}").contains("the claim is known no more");
        runner.reports().iter().any(given_up)
    });
    assert!(!team.path("ended").exists());
    runner.control.want(Wish::Stop);
    runner.join().expect("it could work");
}

#[test]
fn a_board_that_cannot_be_asked_for_a_task_is_not_one_without_tasks() {
    let mut team = Team::new();
    let id = team.task("waiting");
    let (service, down) = flaky(&team);
    let options = Options { max_tasks: Some(1), idle_exit: Some(Duration::ZERO), ..team.options("true") };
    let mut fall = |report: Report| {
        if matches!(report, Report::Registered { .. }) {
            down.store(true, Ordering::SeqCst);
        }
    };
    let tally = run(service, options, None, &Control::new(), &mut fall).expect("it could begin");
    assert!(tally.trouble.is_some_and(|why| why.contains("busy")));
    assert_eq!((tally.finished, team.read(id).status), (0, Status::Queued));
}
