//! Something that stands between a real store and whoever uses it, and may fail in its place.

use std::path::{Path, PathBuf};

use vayu::store::{Durability, Ending, Opener, Read, Result, Store, Write};

/// What is done in one transaction.
pub type Work<'a> = &'a mut dyn FnMut(&mut dyn Write) -> Ending;

/// What stands there; every further handle to the board gets the same.
pub trait Between: Clone + Send + 'static {
    /// Before something is read.
    fn reading(&self) {}

    /// In the place of a write.
    fn write(&self, inner: &mut dyn Store, durability: Durability, work: Work) -> Result<()> {
        inner.write(durability, work)
    }

    /// Whether others hear of changes.
    fn is_heard(&self) -> bool {
        true
    }
}

/// A real store behind it.
pub struct Behind<B> {
    pub inner: Box<dyn Store>,
    pub between: B,
}

impl<B: Between> Store for Behind<B> {
    fn read(&self) -> &dyn Read {
        self.between.reading();
        self.inner.read()
    }

    fn write(&mut self, durability: Durability, work: Work) -> Result<()> {
        self.between.write(self.inner.as_mut(), durability, work)
    }

    fn version(&self) -> Result<i64> {
        self.inner.version()
    }

    fn opener(&self) -> Opener {
        let (open, between) = (self.inner.opener(), self.between.clone());
        Box::new(move || Ok(Box::new(Self { inner: open()?, between: between.clone() })))
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

    fn folder(&self) -> Option<PathBuf> {
        self.inner.folder().filter(|_| self.between.is_heard())
    }
}
