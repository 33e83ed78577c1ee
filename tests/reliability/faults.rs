//! A store whose writes fail as a seed says: before they begin, half-way, or after the commit, when nobody is told of
//! its success any more.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vayu::store::sqlite::SqliteStore;
use vayu::store::{Durability, Ending, Read, Result, Store, StoreError, Write};

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

/// A real store behind faults.
pub struct Faulty {
    pub inner: SqliteStore,
    pub faults: Faults,
}

impl Store for Faulty {
    fn read(&self) -> &dyn Read {
        self.inner.read()
    }

    fn write(&mut self, durability: Durability, work: &mut dyn FnMut(&mut dyn Write) -> Ending) -> Result<()> {
        let failed = || StoreError::Io { path: PathBuf::from("board.db"), source: io::Error::other("injected") };
        match self.faults.next() {
            None => self.inner.write(durability, work),
            Some(Fault::Busy) => Err(StoreError::Busy(Duration::from_secs(20))),
            Some(Fault::Full) => Err(StoreError::Full),
            Some(Fault::Lost) => {
                self.inner.write(durability, &mut |tx| {
                    work(tx);
                    Ending::Rollback
                })?;
                Err(failed())
            }
            Some(Fault::Late) => {
                self.inner.write(durability, work)?;
                Err(failed())
            }
        }
    }

    fn version(&self) -> Result<i64> {
        self.inner.version()
    }

    fn another(&self) -> Result<Box<dyn Store>> {
        self.inner.another()
    }

    fn tidy(&mut self) -> Result<()> {
        self.inner.tidy()
    }

    fn backup(&self, to: &Path) -> Result<()> {
        self.inner.backup(to)
    }

    fn check(&self) -> Result<Vec<String>> {
        self.inner.check()
    }

    fn drift(&self) -> Result<Vec<String>> {
        self.inner.drift()
    }

    fn mend(&mut self) -> Result<()> {
        self.inner.mend()
    }

    fn kind(&self) -> String {
        self.inner.kind()
    }

    /// No notices: everything happens in the order that the seed says.
    fn folder(&self) -> Option<PathBuf> {
        None
    }
}
