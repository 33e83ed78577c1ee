//! A lock on a folder in which agents work, for where there is no worktree: it holds as long as any process that was
//! noted in it lives, whatever became of the program that noted it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::slug;
use crate::agents::identity::{self, Identity};
use crate::store::sqlite::private_folder;
use crate::text;

/// Who is in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Note {
    /// In words.
    who: String,
    /// The processes that keep it.
    processes: Vec<Identity>,
}

/// Somebody else is in the folder.
#[derive(Debug, thiserror::Error)]
#[error("{} is in use by {who} (process {pid}); wait for it, or give this agent another --folder", folder.display())]
pub struct Busy {
    /// The folder.
    pub folder: PathBuf,
    /// Who is there.
    pub who: String,
    /// One of its processes.
    pub pid: i32,
}

/// A lock could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else has it.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The folder cannot be used.
    #[error("the lock at {} cannot be used: {source}", path.display())]
    Io {
        /// The lock's file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A lock that is held. Dropping it gives it back.
#[derive(Debug)]
pub struct FolderLock {
    path: PathBuf,
    note: Note,
}

impl FolderLock {
    /// Takes the lock on `folder` for the process `keeper`; a file in the folder `locks` says so, also to those who come
    /// later. Whoever uses the same `locks` is kept out, by whatever name they call the folder.
    pub fn take(folder: &Path, locks: &Path, who: &str, keeper: &Identity) -> Result<Self, LockError> {
        let note = Note { who: who.to_owned(), processes: vec![keeper.clone()] };
        let path = path_of(folder, locks).map_err(|source| LockError::Io { path: locks.to_owned(), source })?;
        let failed = |source| LockError::Io { path: path.clone(), source };
        let _others_wait = hold(&path).map_err(failed)?;
        let found = read(&path).map_err(failed)?;
        if let Some(process) = found.processes.iter().find(|process| identity::is_alive(process)) {
            return Err(Busy { folder: folder.to_owned(), who: found.who, pid: process.pid }.into());
        }
        write(&path, &note).map_err(failed)?;
        Ok(Self { path, note })
    }

    /// Notes that this process keeps the folder as well, until it is gone.
    pub fn also(&mut self, process: &Identity) -> Result<(), LockError> {
        self.note.processes.truncate(1);
        self.note.processes.push(process.clone());
        let failed = |source| LockError::Io { path: self.path.clone(), source };
        let _others_wait = hold(&self.path).map_err(failed)?;
        write(&self.path, &self.note).map_err(failed)
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // What lives on keeps the folder, and is judged by whoever comes next.
        let mut note = std::mem::take(&mut self.note);
        note.processes = note.processes.into_iter().skip(1).filter(identity::is_alive).collect();
        if let Ok(_others_wait) = hold(&self.path) {
            // Left as it is, the note ends with this process anyway.
            let _ = if note.processes.is_empty() { fs::remove_file(&self.path) } else { write(&self.path, &note) };
        }
    }
}

/// The note on a folder: readable, and another one for each folder.
fn path_of(folder: &Path, locks: &Path) -> io::Result<PathBuf> {
    private_folder(locks)?;
    let real = folder.canonicalize()?;
    let name = real.file_name().map(|name| slug(&name.to_string_lossy())).unwrap_or_default();
    Ok(locks.join(format!("{name}-{:016x}.json", text::fingerprint(real.as_os_str().as_encoded_bytes()))))
}

/// Keeps others from looking at the note, or writing it, in the same moment.
fn hold(path: &Path) -> io::Result<File> {
    let file = private().truncate(false).open(path.with_extension("lock"))?;
    file.lock()?;
    Ok(file)
}

/// What the note says. One that cannot be understood is not taken for a free folder.
fn read(path: &Path) -> io::Result<Note> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Note::default()),
        read => read?,
    };
    let unclear = |error| format!("it cannot be understood ({error}); remove it if no agent works in that folder");
    serde_json::from_slice(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, unclear(error)))
}

/// Whole or not at all.
fn write(path: &Path, note: &Note) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = private().truncate(true).open(&draft)?;
    file.write_all(&serde_json::to_vec(note)?)?;
    file.sync_data()?;
    fs::rename(draft, path)
}

fn private() -> fs::OpenOptions {
    let mut options = File::options();
    options.create(true).write(true).mode(0o600);
    options
}
