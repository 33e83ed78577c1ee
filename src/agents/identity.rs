//! Which processes belong to a run, whether they still live, and how they are ended.
//!
//! A number alone names no process: numbers are given out again, differ between containers, and a run is more than one
//! process. A run is recognized by the group it was started in, by when its first process was started, and by a mark
//! in the environment that every descendant inherits, also one that has left the group.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use super::system::{self, Nearness, Process};
use crate::domain::TaskId;

/// The environment variable that marks every process of a run.
pub const MARK: &str = "VAYU_RUN";

/// How long killed processes may take to disappear before they are reported as still there.
const AFTER_KILL: Duration = Duration::from_secs(10);

/// Enough to recognize the processes of one run, also after the program that started them is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Id of the first process, which is also the id of its process group.
    pub pid: i32,
    /// When the first process was started, in ticks since boot.
    pub start_ticks: u64,
    /// Boot of the host and name of the process table in which `pid` counts, as [`system::place`] gives them.
    pub boot_id: String,
    /// Value of [`MARK`] in the environment of the run. Empty: no run, but the one process alone.
    pub mark: String,
}

/// Whether anything of a run is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// At least one process lives.
    Alive,
    /// All have been seen gone.
    Gone,
    /// It ran in a container that cannot be looked into from here.
    OutOfSight,
}

/// The mark of the run that works on `task` under the claim with this fencing number.
pub fn mark(task: TaskId, epoch: u64) -> String {
    format!("{task}.{epoch}")
}

/// The identity of a child that was just started with this mark; none if it has been collected already.
pub fn of_child(pid: u32, mark: String) -> Option<Identity> {
    let pid = i32::try_from(pid).ok()?;
    let start_ticks = system::process(pid)?.start;
    Some(Identity { pid, start_ticks, boot_id: system::place(), mark })
}

/// The identity of the program that calls this.
pub fn own() -> Identity {
    let pid = rustix::process::getpid().as_raw_nonzero().get();
    let start_ticks = system::process(pid).map_or(0, |process| process.start);
    Identity { pid, start_ticks, boot_id: system::place(), mark: String::new() }
}

/// Whether anything of the run is left.
pub fn life(identity: &Identity) -> Life {
    match system::nearness(&identity.boot_id) {
        Nearness::Past => Life::Gone,
        Nearness::Beside if members(identity).is_empty() => Life::OutOfSight,
        _ if members(identity).is_empty() => Life::Gone,
        _ => Life::Alive,
    }
}

/// False only if every process of the run has been seen gone.
pub fn is_alive(identity: &Identity) -> bool {
    life(identity) != Life::Gone
}

/// Asks all processes of the run to end (SIGTERM) and wakes stopped ones, so that they can.
pub fn ask_to_end(identity: &Identity) {
    signal_all(identity, &[Signal::TERM, Signal::CONT]);
}

/// Stops all processes of the run where they are (SIGSTOP), or lets them go on (SIGCONT).
pub fn suspend(identity: &Identity, suspended: bool) {
    signal_all(identity, &[if suspended { Signal::STOP } else { Signal::CONT }]);
}

/// Ends all processes of the run at once (SIGKILL).
pub fn kill(identity: &Identity) {
    signal_all(identity, &[Signal::KILL]);
}

/// Asks the run to end, kills it after `grace`, and says what is left of it then. Blocks until it is gone, at most
/// `grace` and ten seconds.
pub fn end(identity: &Identity, grace: Duration) -> Life {
    ask_to_end(identity);
    if await_gone(identity, grace) {
        return Life::Gone;
    }
    let until = Instant::now() + AFTER_KILL;
    while Instant::now() < until {
        // Again in every round: a process may have started another between the look and the blow.
        kill(identity);
        if await_gone(identity, Duration::from_millis(100)) {
            return Life::Gone;
        }
    }
    life(identity)
}

/// Waits until nothing of the run is left; false if something is after `patience`.
fn await_gone(identity: &Identity, patience: Duration) -> bool {
    let until = Instant::now() + patience;
    loop {
        let members = members(identity);
        let left = until.saturating_duration_since(Instant::now());
        if members.is_empty() || left.is_zero() {
            return members.is_empty() && life(identity) == Life::Gone;
        }
        let known: Vec<Process> = members.iter().map(|member| member.process).collect();
        system::await_end_of_one(&known, left);
    }
}

/// A living process of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    /// The process.
    pub process: Process,
    /// Whether it is proven to be of the run, and not of another that was given the same group number later.
    proven: bool,
}

/// The living processes of a run.
pub(super) fn members(identity: &Identity) -> Vec<Member> {
    let numbers_count = system::nearness(&identity.boot_id) == Nearness::Here;
    let first = system::process(identity.pid).filter(|_| numbers_count);
    // While the first process is there, ended or not, nobody else can be given the number of its group.
    let original = first.is_some_and(|process| process.start == identity.start_ticks);
    let replaced = first.is_some() && !original;
    if identity.mark.is_empty() {
        let itself = |process: &Process| original && process.pid == identity.pid;
        let found = system::processes().into_iter().find(itself);
        return found.map(|process| Member { process, proven: true }).into_iter().collect();
    }
    let entry = format!("{MARK}={}", identity.mark);
    let member = |process: Process| {
        let itself = original && process.pid == identity.pid;
        let grouped = numbers_count && !replaced && (process.group == identity.pid || itself);
        let later = process.start >= identity.start_ticks || !numbers_count;
        let marked = later && system::was_started_with(process.pid, &entry);
        (grouped || marked).then_some(Member { process, proven: marked || (grouped && original) })
    };
    system::processes().into_iter().filter_map(member).collect()
}

/// The living processes in the group of a run whose first process has not been collected yet. Cheaper than [`members`].
pub(super) fn grouped(identity: &Identity) -> Vec<Process> {
    let mut processes = system::processes();
    processes.retain(|process| process.group == identity.pid);
    processes
}

fn signal_all(identity: &Identity, signals: &[Signal]) {
    for member in members(identity).iter().filter(|member| member.proven) {
        for signal in signals {
            system::signal(&member.process, *signal);
        }
    }
}
