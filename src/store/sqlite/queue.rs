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
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

/// How long the front is waited for. Whoever stands there may have been stopped; leases must not end over that.
const TURN: Duration = Duration::from_secs(1);

/// The queue of a board. It is the lock (flock(2)) of the folder that belongs to the board; where there is no such
/// folder, nobody queues.
pub(super) struct Queue {
    folder: Option<PathBuf>,
    lock: Option<Arc<File>>,
    /// Waits still, although nobody waits for it; until it has come to the front, this handle queues no more.
    late: Option<JoinHandle<()>>,
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
        Self { folder, lock: None, late: None }
    }

    /// Waits for a turn, in the order of arrival as far as the system keeps it.
    pub fn turn(&mut self) -> Turn {
        if self.late.as_ref().is_some_and(|late| !late.is_finished()) {
            return Turn(None);
        }
        self.late = None;
        if self.lock.is_none() {
            self.lock = self.folder.as_deref().and_then(open);
        }
        let Some(lock) = self.lock.take() else { return Turn(None) };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => match wait(&lock, TURN) {
                Ok(()) => {}
                Err(late) => {
                    self.late = late;
                    return Turn(None);
                }
            },
            Err(TryLockError::Error(_)) => return Turn(None),
        }
        self.lock = Some(Arc::clone(&lock));
        Turn(Some(lock))
    }
}

/// Nothing but a folder: a second descriptor of the database file would end SQLite's own locks when it is closed.
fn open(folder: &Path) -> Option<Arc<File>> {
    let opened = rustix::fs::open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    opened.map(|folder| Arc::new(File::from(folder))).ok()
}

/// Waits on a thread of its own: the system's wait has no end, ours has. An error is the thread that waits on.
fn wait(lock: &Arc<File>, patience: Duration) -> Result<(), Option<JoinHandle<()>>> {
    let settled = Arc::new(AtomicBool::new(false));
    let (tell, told) = channel();
    let waiter = {
        let (lock, settled) = (Arc::clone(lock), Arc::clone(&settled));
        move || {
            let got = block_on(&lock);
            if settled.swap(true, Ordering::AcqRel) {
                // Nobody waits any more. It ends with the descriptor at the latest.
                let _ = lock.unlock();
            } else {
                // Heard: whoever waits has not settled it.
                let _ = tell.send(got);
            }
        }
    };
    let late = thread::Builder::new().name("turn".into()).spawn(waiter).map_err(|_| None)?;
    let got = match told.recv_timeout(patience) {
        Err(RecvTimeoutError::Timeout) if settled.swap(true, Ordering::AcqRel) => told.recv().unwrap_or(false),
        Err(RecvTimeoutError::Timeout) => return Err(Some(late)),
        told => told.unwrap_or(false),
    };
    if got { Ok(()) } else { Err(None) }
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
    fn who_waits_too_long_goes_without_once_and_queues_again_after() {
        let folder = tempfile::tempdir().unwrap();
        let (mut first, mut second) = (queue(folder.path()), queue(folder.path()));
        let turn = first.turn();
        assert!(second.turn().0.is_none(), "the front is held");
        let waits = second.late.as_ref().map(|late| late.thread().id()).unwrap();
        assert!(second.turn().0.is_none());
        assert_eq!(second.late.as_ref().map(|late| late.thread().id()), Some(waits), "one thread waits, not two");
        drop(turn);
        second.late.take().unwrap().join().unwrap();
        assert!(second.turn().0.is_some());
    }

    #[test]
    fn where_there_is_no_folder_nobody_waits() {
        assert!(Queue::at(None).turn().0.is_none());
        assert!(queue(Path::new("/nowhere/at/all")).turn().0.is_none());
    }
}
