//! What differs between systems when processes are watched: this owns the view of the process table and signals.
//!
//! It must never decide which process ought to live; that is up to [`super::identity`] and its callers.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(test, not(target_os = "linux")))]
#[allow(clippy::unnecessary_wraps, reason = "the same questions everywhere, though some cannot fail there")]
mod portable;

#[cfg(target_os = "linux")]
use linux as here;
#[cfg(not(target_os = "linux"))]
use portable as here;

use std::io;
use std::sync::OnceLock;
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

/// What one look at a number of the process table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// It runs or could run again.
    Living(Process),
    /// It has ended and was not collected yet.
    Ended(Process),
    /// There is no such process; where it was listed, it has ended and was collected since.
    Vanished(i32),
    /// A part of the kernel, or somebody else's that may not be looked at.
    Foreign(i32),
}

/// What the environment of a process tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    /// It was started with the entry.
    Present,
    /// It was started without it.
    Absent,
    /// Nothing at the moment: it begins another program, or is about to end. Another look tells more.
    Unclear,
    /// Nothing: it is somebody else's.
    Hidden,
}

/// Which process table this process sees: the boot of the host and, where there are several, the table's own name.
///
/// A process id means something only together with this.
///
/// # Errors
/// When the system does not tell.
pub fn place() -> io::Result<String> {
    let place = place_parts()?;
    Ok(match &place.table {
        Some(table) => format!("{}{SEPARATOR}{table}", place.boot),
        None => place.boot.clone(),
    })
}

/// What makes up a place; it stays the same for as long as a process lives.
#[derive(Debug)]
struct Place {
    boot: String,
    table: Option<String>,
}

fn place_parts() -> io::Result<&'static Place> {
    static PLACE: OnceLock<Place> = OnceLock::new();
    if let Some(known) = PLACE.get() {
        return Ok(known);
    }
    let place = Place { boot: here::boot()?, table: here::table()? };
    Ok(PLACE.get_or_init(|| place))
}

const SEPARATOR: char = '+';

/// Stands for a place that could not be told.
pub(super) const NOWHERE: &str = "unknown";

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
///
/// # Errors
/// When the system does not tell where this is.
pub(super) fn nearness(recorded: &str) -> io::Result<Nearness> {
    let now = place_parts()?;
    let (boot, table) = match recorded.split_once(SEPARATOR) {
        Some((boot, table)) => (boot, Some(table)),
        None => (recorded, None),
    };
    Ok(if recorded == NOWHERE {
        Nearness::Beside
    } else if boot != now.boot {
        Nearness::Past
    } else if table.is_none() || table == now.table.as_deref() {
        Nearness::Here
    } else if here::sees_all(now.table.as_deref()) {
        Nearness::Within
    } else {
        Nearness::Beside
    })
}

/// All processes, looked at one after the other, the newest first where the system can say so.
///
/// # Errors
/// When the table cannot be read; an item is an error when that process cannot be looked at although it is there.
pub(super) fn listing() -> io::Result<impl Iterator<Item = io::Result<Seen>>> {
    here::listing()
}

/// The process with this id.
///
/// # Errors
/// When it cannot be known whether there is one.
pub(super) fn look_at(pid: i32) -> io::Result<Seen> {
    here::look_at(pid)
}

/// Whether the process was started with this environment entry, `NAME=VALUE`.
///
/// # Errors
/// When its environment cannot be read although it is there and ours.
pub(super) fn trace(pid: i32, entry: &str) -> io::Result<Trace> {
    here::trace(pid, entry)
}

/// The numbers of this process in the tables within this one, the nearest first; none for most.
///
/// # Errors
/// When they cannot be read although it is there.
pub(super) fn nested(pid: i32) -> io::Result<Vec<i32>> {
    here::nested(pid)
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
        let seen = [here::look_at(own), portable::look_at(own)];
        let listed = [found(here::listing(), own), found(portable::listing(), own)];
        for look in seen.into_iter().chain(listed) {
            let Ok(Seen::Living(found)) = look else { panic!("the test is running: {look:?}") };
            assert!(found.memory > 0);
            assert_eq!(found.group, nix::unistd::getpgrp().as_raw());
        }
    }

    fn found(listing: io::Result<impl Iterator<Item = io::Result<Seen>>>, pid: i32) -> io::Result<Seen> {
        let own = |seen: &io::Result<Seen>| matches!(seen, Ok(Seen::Living(process)) if process.pid == pid);
        listing?.find(own).unwrap_or(Ok(Seen::Vanished(pid)))
    }

    #[test]
    fn places_of_other_boots_are_past_and_other_tables_are_not() {
        let near = |place: &str| nearness(place).expect("the system tells");
        let boot = here::boot().expect("the system tells");
        assert_eq!(near(&place().expect("the system tells")), Nearness::Here);
        assert_eq!(near(&boot), Nearness::Here);
        assert_eq!(near("another-boot+1"), Nearness::Past);
        assert_eq!(near(NOWHERE), Nearness::Beside);
        assert!(matches!(near(&format!("{boot}+0")), Nearness::Beside | Nearness::Within));
    }
}
