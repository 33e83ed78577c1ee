//! A lock on a folder in which agents work, for where there is no worktree: it holds as long as any process that was
//! noted in it lives, whatever became of the program that noted it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::agents::identity::{self, Identity};

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
    /// Takes the lock on `folder` for the process `keeper`; the file `path` says so, also to those who come later.
    pub fn take(folder: &Path, path: &Path, who: &str, keeper: &Identity) -> Result<Self, LockError> {
        let note = Note { who: who.to_owned(), processes: vec![keeper.clone()] };
        let failed = |source| LockError::Io { path: path.to_owned(), source };
        let mut file = open(path).map_err(failed)?;
        let found = read(&mut file).map_err(failed)?;
        if let Some(process) = found.processes.iter().find(|process| identity::is_alive(process)) {
            return Err(Busy { folder: folder.to_owned(), who: found.who, pid: process.pid }.into());
        }
        write(&mut file, &note).map_err(failed)?;
        Ok(Self { path: path.to_owned(), note })
    }

    /// Notes that this process keeps the folder as well, until it is gone.
    pub fn also(&mut self, process: &Identity) -> Result<(), LockError> {
        self.note.processes.truncate(1);
        self.note.processes.push(process.clone());
        let failed = |source| LockError::Io { path: self.path.clone(), source };
        let mut file = open(&self.path).map_err(failed)?;
        write(&mut file, &self.note).map_err(failed)
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // What lives on keeps the folder, and is judged by whoever comes next.
        let mut note = std::mem::take(&mut self.note);
        note.processes = note.processes.into_iter().skip(1).filter(identity::is_alive).collect();
        if let Ok(mut file) = open(&self.path) {
            // Left as it is, the note ends with this process anyway.
            let _ = write(&mut file, &note);
        }
    }
}

/// The lock's file, held against others who look at it in the same moment.
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let file = File::options().create(true).truncate(false).read(true).write(true).mode(0o600).open(path)?;
    file.lock()?;
    Ok(file)
}

/// What the file says; nothing if it says nothing that can be understood.
fn read(file: &mut File) -> io::Result<Note> {
    let mut text = String::new();
    file.take(1 << 16).read_to_string(&mut text)?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

fn write(file: &mut File, note: &Note) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.set_len(0)?;
    file.write_all(&serde_json::to_vec(note)?)
}
