//! A queue before the write lock. SQLite has none: processes that poll for its lock starve each other, and of a hundred
//! some wait for seconds while the lock is free. Here only who stands at the front polls, and lets the next one come to
//! the front when it has the lock. Only order depends on the queue, never what is right: who does not get to the front
//! in time polls like anybody else.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

/// How long the front is waited for: whoever stands there may have been stopped, and then all poll.
const PATIENCE: Duration = Duration::from_secs(3);

/// The queue of a board. It is the lock (flock(2)) of the folder that belongs to the board; where there is no such
/// folder, nobody queues.
pub(super) struct Queue {
    folder: Option<PathBuf>,
    lock: Option<Arc<File>>,
}

/// Held while this process stands at the front.
pub(super) struct Turn(Option<Arc<File>>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(lock) = &self.0 {
            // It ends with the descriptor at the latest.
            let _ = lock.unlock();
        }
    }
}

impl Queue {
    /// The queue at this folder; none for a board in memory.
    pub fn at(folder: Option<PathBuf>) -> Self {
        Self { folder, lock: None }
    }

    /// Waits for a turn, in the order of arrival as far as the system keeps it.
    pub fn turn(&mut self) -> Turn {
        if self.lock.is_none() {
            self.lock = self.folder.as_deref().and_then(open);
        }
        let Some(lock) = &self.lock else { return Turn(None) };
        let turn = match lock.try_lock() {
            Ok(()) => Some(Arc::clone(lock)),
            Err(TryLockError::WouldBlock) => wait(Arc::clone(lock), PATIENCE),
            Err(TryLockError::Error(_)) => None,
        };
        if turn.is_none() {
            // Somebody may still wait on this descriptor; the next turn is asked for by another.
            self.lock = None;
        }
        Turn(turn)
    }
}

/// Nothing but a folder: a second descriptor of the database file would end SQLite's own locks when it is closed.
fn open(folder: &Path) -> Option<Arc<File>> {
    let opened = rustix::fs::open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    opened.map(|folder| Arc::new(File::from(folder))).ok()
}

/// Waits on a thread of its own: the system's wait has no end, ours has.
fn wait(lock: Arc<File>, patience: Duration) -> Option<Arc<File>> {
    let settled = Arc::new(AtomicBool::new(false));
    let (tell, told) = channel();
    let waiter = {
        let (lock, settled) = (Arc::clone(&lock), Arc::clone(&settled));
        move || {
            let got = block_on(&lock);
            if settled.swap(true, Ordering::AcqRel) {
                // Nobody waits any more; the lock goes with the descriptor, here.
                drop(lock);
            } else {
                // Heard: whoever waits has not settled it.
                let _ = tell.send(got);
            }
        }
    };
    thread::Builder::new().name("turn".into()).spawn(waiter).ok()?;
    let got = match told.recv_timeout(patience) {
        Err(RecvTimeoutError::Timeout) if settled.swap(true, Ordering::AcqRel) => told.recv().ok()?,
        told => told.ok()?,
    };
    got.then_some(lock)
}

fn block_on(lock: &File) -> bool {
    loop {
        match lock.lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done.is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(folder: &Path) -> Queue {
        Queue::at(Some(folder.to_owned()))
    }

    #[test]
    fn one_has_the_turn_and_the_next_gets_it_after() {
        let folder = tempfile::tempdir().unwrap();
        let (mut first, mut second) = (queue(folder.path()), queue(folder.path()));
        let turn = first.turn();
        let path = folder.path().to_owned();
        let (tell, told) = channel();
        let next = thread::spawn(move || {
            let turn = second.turn();
            tell.send(()).unwrap();
            turn.0.is_some()
        });
        assert!(told.recv_timeout(Duration::from_millis(50)).is_err(), "two have the turn in {}", path.display());
        drop(turn);
        assert!(next.join().unwrap());
    }

    #[test]
    fn who_waits_too_long_goes_without_and_takes_nothing_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = queue(folder.path());
        let turn = first.turn();
        assert!(wait(open(folder.path()).unwrap(), Duration::from_millis(20)).is_none());
        drop(turn);
        // The one that gave up gets the lock now and lets it go.
        assert!(wait(open(folder.path()).unwrap(), Duration::from_mins(1)).is_some());
    }

    #[test]
    fn where_there_is_no_folder_nobody_waits() {
        assert!(Queue::at(None).turn().0.is_none());
        assert!(queue(Path::new("/nowhere/at/all")).turn().0.is_none());
    }
}
