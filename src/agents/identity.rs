//! Which processes belong to a run, whether they still live, and how they are ended.
//!
//! A number alone names no process: numbers are given out again, differ between containers, and a run is more than one
//! process. A run is recognized by the group it was started in, by when its first process was started, and by a mark
//! in the environment that every descendant inherits, also one that has left the group.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use super::census::Census;
use super::system::{self, Seen};
use crate::domain::TaskId;

/// The environment variable that marks every process of a run.
pub const MARK: &str = "VAYU_RUN";

/// How long killed processes may take to disappear before they are reported as still there.
const AFTER_KILL: Duration = Duration::from_secs(10);
/// How long is waited for killed processes before the blow is repeated.
const BETWEEN_BLOWS: Duration = Duration::from_millis(50);

/// What ends a process.
pub(super) const KILL: [Signal; 1] = [Signal::KILL];

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
    /// That cannot be told from here or at the moment: it ran in a container that cannot be looked into, or the process
    /// table could not be read, or changed too fast.
    OutOfSight,
}

/// The mark of the run that works on `task` under the claim with this fencing number.
pub fn mark(task: TaskId, epoch: u64) -> String {
    format!("{task}.{epoch}")
}

/// The identity of a child that was just started with this mark; none if it has been collected already.
pub fn of_child(pid: u32, mark: String) -> Option<Identity> {
    let pid = i32::try_from(pid).ok()?;
    let (Seen::Living(process) | Seen::Ended(process)) = system::look_at(pid).ok()? else { return None };
    Some(Identity { pid, start_ticks: process.start, boot_id: system::place().ok()?, mark })
}

/// The identity of the program that calls this. If the system does not tell who it is, nobody will take it for gone.
pub fn own() -> Identity {
    static OWN: OnceLock<Identity> = OnceLock::new();
    if let Some(known) = OWN.get() {
        return known.clone();
    }
    let pid = rustix::process::getpid().as_raw_nonzero().get();
    match u32::try_from(pid).ok().and_then(|pid| of_child(pid, String::new())) {
        Some(own) => OWN.get_or_init(|| own).clone(),
        None => Identity { pid, start_ticks: 0, boot_id: system::NOWHERE.to_owned(), mark: String::new() },
    }
}

/// Whether anything of the run is left.
pub fn life(identity: &Identity) -> Life {
    Census::of(identity).life()
}

/// False only if every process of the run has been seen gone.
pub fn is_alive(identity: &Identity) -> bool {
    life(identity) != Life::Gone
}

/// Asks all processes of the run to end (SIGTERM) and wakes stopped ones, so that they can.
pub fn ask_to_end(identity: &Identity) {
    Census::of(identity).ask_to_end();
}

/// Ends all processes of the run at once (SIGKILL).
pub fn kill(identity: &Identity) {
    Census::of(identity).signal(&KILL);
}

/// Asks the run to end, kills it after `grace`, and says what is left of it then. Blocks until it is gone, at most
/// `grace` and ten seconds; not at all if it cannot be seen from here.
pub fn end(identity: &Identity, grace: Duration) -> Life {
    let mut census = Census::of(identity);
    if census.life() == Life::OutOfSight && !census.is_here() {
        return Life::OutOfSight;
    }
    census.ask_to_end();
    if census.await_gone(grace) {
        return Life::Gone;
    }
    let until = Instant::now() + AFTER_KILL;
    while Instant::now() < until {
        // Again in every round: a process may have started another between the look and the blow.
        census.signal(&KILL);
        if census.await_gone(BETWEEN_BLOWS) {
            return Life::Gone;
        }
    }
    census.life()
}
