//! What a runner writes down about each run beside the board, so that another can clean up after it: whose claim it
//! works under, which processes there are, and a result that the board has not been told yet.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::agents::identity::{self, Identity};
use crate::domain::{ClaimToken, TaskId, TaskNumber};
use crate::store::sqlite::private_folder;

/// A run that has not been brought to its end on the board.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct OpenRun {
    /// The task.
    pub task_id: TaskId,
    /// Its number.
    pub number: TaskNumber,
    /// Fencing number of the claim.
    pub epoch: u64,
    /// The claim's proof.
    pub token: ClaimToken,
    /// Name of the agent.
    pub agent: String,
    /// The program that runs it.
    pub runner: Identity,
    /// The run's processes, once they are there.
    #[serde(default)]
    pub process: Option<Identity>,
    /// Where its output goes.
    #[serde(default)]
    pub log: Option<PathBuf>,
    /// The result, once there is one.
    #[serde(default)]
    pub verdict: Option<Verdict>,
}

/// The file of an open run. It stays when it is dropped: only [`Note::close`] removes it.
#[derive(Debug)]
pub(super) struct Note {
    path: PathBuf,
    /// What it says.
    pub run: OpenRun,
}

fn folder(board: &Path) -> PathBuf {
    board.join("runs").join("open")
}

impl Note {
    /// Writes it down.
    pub fn open(board: &Path, run: OpenRun) -> io::Result<Self> {
        let folder = folder(board);
        private_folder(&folder)?;
        let path = folder.join(format!("{}.json", identity::mark(run.task_id, run.epoch)));
        let note = Self { path, run };
        note.save()?;
        Ok(note)
    }

    /// Writes it down as it is now; whole or not at all.
    pub fn save(&self) -> io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt;
        let draft = self.path.with_extension("draft");
        // It holds the proof of the claim: for its owner only.
        let mut file = fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(&serde_json::to_vec(&self.run)?)?;
        file.sync_data()?;
        fs::rename(draft, &self.path)
    }

    /// The board knows all there is to know.
    pub fn close(self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// All open runs.
    pub fn all(board: &Path) -> Vec<Self> {
        let Ok(entries) = fs::read_dir(folder(board)) else { return Vec::new() };
        entries.flatten().filter_map(|entry| Self::read(entry.path())).collect()
    }

    /// The open runs of runners that have ended.
    pub fn abandoned(board: &Path) -> Vec<Self> {
        let mut notes = Self::all(board);
        notes.retain(|note| !identity::is_alive(&note.run.runner));
        notes.sort_by_key(|note| (note.run.number, note.run.epoch));
        notes
    }

    fn read(path: PathBuf) -> Option<Self> {
        if path.extension().is_none_or(|extension| extension != "json") {
            return None;
        }
        let run = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        Some(Self { path, run })
    }
}
