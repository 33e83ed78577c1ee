//! A store whose writes fail as a seed says: before they begin, half-way, or after the commit, when nobody is told of
//! its success any more.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vayu::store::{Durability, Ending, Result, Store, StoreError};

use super::between::{Between, Work};

/// How often and with which luck writes fail; shared by all stores of one simulation.
#[derive(Clone)]
pub struct Faults {
    /// Of a thousand writes so many fail.
    rate: Arc<AtomicU32>,
    random: Arc<Mutex<fastrand::Rng>>,
}

/// What happens to one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Busy,
    Full,
    /// The disk fails before the commit: nothing of it stays.
    Lost,
    /// The disk fails, or the process, after the commit: all of it stays, and the caller hears of a failure.
    Late,
}

impl Faults {
    pub fn seeded(seed: u64) -> Self {
        Self { rate: Arc::default(), random: Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))) }
    }

    /// Lets so many of a thousand writes fail from now on.
    pub fn strike(&self, per_thousand: u32) {
        self.rate.store(per_thousand, Ordering::SeqCst);
    }

    fn next(&self) -> Option<Fault> {
        let mut random = self.random.lock().unwrap();
        let strikes = random.u32(0..1000) < self.rate.load(Ordering::SeqCst);
        strikes.then(|| *random.choice(&[Fault::Busy, Fault::Full, Fault::Lost, Fault::Late]).unwrap())
    }
}

impl Between for Faults {
    fn write(&self, inner: &mut dyn Store, durability: Durability, work: Work) -> Result<()> {
        let failed = || StoreError::Io { path: PathBuf::from("board.db"), source: io::Error::other("injected") };
        match self.next() {
            None => inner.write(durability, work),
            Some(Fault::Busy) => Err(StoreError::Busy(Duration::from_secs(20))),
            Some(Fault::Full) => Err(StoreError::Full),
            Some(Fault::Lost) => {
                inner.write(durability, &mut |tx| {
                    work(tx);
                    Ending::Rollback
                })?;
                Err(failed())
            }
            Some(Fault::Late) => {
                inner.write(durability, work)?;
                Err(failed())
            }
        }
    }

    /// No notices: everything happens in the order that the seed says.
    fn is_heard(&self) -> bool {
        false
    }
}
