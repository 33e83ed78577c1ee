//! What differs between systems when processes are watched: this owns the view of the process table and signals.
//!
//! It must never decide which process ought to live; that is up to [`super::identity`] and its callers.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(test, not(target_os = "linux")))]
mod portable;

#[cfg(target_os = "linux")]
use linux as here;
#[cfg(not(target_os = "linux"))]
use portable as here;

use std::io;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

/// One line of the process table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Process {
    /// Process id.
    pub pid: i32,
    /// Id of its process group.
    pub group: i32,
    /// When it was started, in the system's own unit; with the id it names one process of this boot.
    pub start: u64,
    /// Resident memory in bytes.
    pub memory: u64,
    /// Processor time used so far.
    pub cpu: Duration,
}

/// Which process table this process sees: the boot of the host and, where there are several, the table's own name.
///
/// A process id means something only together with this.
pub fn place() -> String {
    match here::table() {
        Some(table) => format!("{}{SEPARATOR}{table}", here::boot()),
        None => here::boot(),
    }
}

const SEPARATOR: char = '+';

/// How a recorded place relates to the one this process is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nearness {
    /// The same process table.
    Here,
    /// Another process table of this boot, which this process cannot look into.
    Beside,
    /// Another process table of this boot, whose processes show up in this one, too, under other numbers.
    Within,
    /// Another boot: nothing of it is left.
    Past,
}

/// Compares a recorded place with the present one.
pub(super) fn nearness(recorded: &str) -> Nearness {
    let now = place();
    let boot = |place: &str| place.split(SEPARATOR).next().unwrap_or_default().to_owned();
    if recorded == now || recorded == boot(&now) {
        Nearness::Here
    } else if boot(recorded) != boot(&now) {
        Nearness::Past
    } else if here::sees_all() {
        Nearness::Within
    } else {
        Nearness::Beside
    }
}

/// All processes that run or could run again; those that have ended and were not collected yet are left out.
pub(super) fn processes() -> Vec<Process> {
    here::processes()
}

/// The process with this id, running or ended and not collected yet.
pub(super) fn process(pid: i32) -> Option<Process> {
    here::process(pid)
}

/// True if the process was started with this environment entry, `NAME=VALUE`; false if that cannot be seen.
pub(super) fn was_started_with(pid: i32, entry: &str) -> bool {
    here::was_started_with(pid, entry)
}

/// Sends a signal to exactly this process; one that has ended, or whose number now belongs to another, is left alone.
pub(super) fn signal(process: &Process, signal: Signal) {
    here::signal(process, signal);
}

/// Returns when one of these processes has ended, or after `patience`.
pub(super) fn await_end_of_one(processes: &[Process], patience: Duration) {
    here::await_end_of_one(processes, patience);
}

/// Memory of the host in bytes, if that can be known.
pub(super) fn total_memory() -> Option<u64> {
    here::total_memory()
}

/// Waits until a child has ended and leaves it uncollected, so that its number stays taken.
pub(super) fn await_child(pid: i32) -> io::Result<()> {
    let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::InvalidInput)?;
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    loop {
        match rustix::process::waitid(WaitId::Pid(pid), options) {
            Err(rustix::io::Errno::INTR) => {}
            outcome => return outcome.map(drop).map_err(io::Error::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_sees_itself_in_both_views() {
        let own = rustix::process::getpid().as_raw_nonzero().get();
        for table in [here::processes(), portable::processes()] {
            let found = table.iter().find(|process| process.pid == own).expect("the test is running");
            assert!(found.memory > 0);
            assert_eq!(found.group, rustix::process::getpgrp().as_raw_nonzero().get());
        }
    }

    #[test]
    fn places_of_other_boots_are_past_and_other_tables_are_not() {
        assert_eq!(nearness(&place()), Nearness::Here);
        assert_eq!(nearness(&here::boot()), Nearness::Here);
        assert_eq!(nearness("another-boot+1"), Nearness::Past);
        let beside = format!("{}+0", here::boot());
        assert!(matches!(nearness(&beside), Nearness::Beside | Nearness::Within));
    }
}
