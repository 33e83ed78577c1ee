//! Output that is read slowly or not to its end.

use std::io::Read;
use std::os::fd::AsFd;
use std::process::{ChildStdout, Stdio};

use serde_json::Value;
use vayu::domain::command::NewTask;
use vayu::domain::{Actor, Command};

use crate::common::{Home, Run, await_that};

/// A board with so many tasks that its list does not fit any pipe.
fn filled(tasks: usize) -> Home {
    let home = Home::new();
    let mut service = vayu::bootstrap::open(&home.board()).unwrap();
    let text = "words that make the record longer ".repeat(8);
    let create = |n| NewTask { title: format!("task {n}"), description: text.clone(), ..NewTask::default() };
    let commands: Vec<_> = (0..tasks).map(|n| Command::CreateTask(Box::new(create(n)))).collect();
    service.submit_all(&Actor::human("po"), &commands).unwrap();
    home
}

/// Waits until the writer can write no more: what lies in the pipe does not grow, though it is not read.
fn await_full(out: &ChildStdout) {
    let waiting = |out: &ChildStdout| rustix::io::ioctl_fionread(out.as_fd()).unwrap();
    await_that("the pipe is full", || waiting(out) >= 60_000);
}

#[test]
fn c03_a_slow_reader_gets_the_whole_list_and_a_closed_pipe_ends_it_quietly() {
    let home = filled(5_000);
    let list =
        || home.command(["task", "list", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut slow = list();
    await_full(slow.stdout.as_ref().unwrap());
    assert!(slow.try_wait().unwrap().is_none(), "it waits for its reader");
    let mut whole = String::new();
    slow.stdout.take().unwrap().read_to_string(&mut whole).unwrap();
    let tasks: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(tasks.as_array().unwrap().len(), 5_000);
    assert!(slow.wait().unwrap().success());

    let mut closed = list();
    await_full(closed.stdout.as_ref().unwrap());
    drop(closed.stdout.take());
    let run = Run::from(closed.wait_with_output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (0, ""));
}
