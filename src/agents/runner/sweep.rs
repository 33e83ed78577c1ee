//! What finished runs leave behind, and when it goes: transcripts by age and size, worktrees once their work is merged.
//! Nothing that is in use, young or doubtful is removed.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, Utc};

use super::note::Note;
use super::{Options, Place};
use crate::agents::brief::BRIEF;
use crate::agents::workspace::Repository;
use crate::domain::{TaskId, TaskNumber, TaskRef, Timestamp};
use crate::service::{Error, Service};

/// Days for which the folder of a finished run is kept, and a worktree after its task has ended.
pub const KEPT_DAYS: i64 = 30;
/// Bytes that the folders of finished runs may take up together; the oldest go first.
pub const KEPT_BYTES: u64 = 512 << 20;
/// Hours for which a finished run is kept however large it is.
const YOUNG_HOURS: i64 = 24;

/// The folder of a run: its brief and its transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    /// Where it is.
    pub path: PathBuf,
    /// The task.
    pub number: TaskNumber,
    /// Fencing number of the claim.
    pub epoch: u64,
    /// Bytes in it.
    pub bytes: u64,
    /// When it was last written to.
    pub touched: Timestamp,
}

/// What was cleaned up.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Swept {
    /// Folders of finished runs.
    pub runs: usize,
    /// Bytes in them.
    pub bytes: u64,
    /// Worktrees of ended tasks whose work is merged.
    pub worktrees: Vec<PathBuf>,
}

impl Swept {
    /// True if there was nothing to do.
    pub fn is_empty(&self) -> bool {
        self.runs == 0 && self.worktrees.is_empty()
    }
}

/// The folders of all runs in the folder that belongs to the board, newest first.
pub fn run_folders(board: &Path) -> Vec<RunFolder> {
    let mut found = Vec::new();
    for (number, path) in numbered(&board.join("runs")) {
        let epochs = numbered(&path).into_iter();
        found.extend(epochs.filter_map(|(epoch, path)| run_folder(number as i64, epoch, path)));
    }
    found.sort_by_key(|run| std::cmp::Reverse(run.touched));
    found
}

/// Folders whose name is a number; links are none.
fn numbered(folder: &Path) -> Vec<(u64, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path()))).collect()
}

fn run_folder(number: i64, epoch: u64, path: PathBuf) -> Option<RunFolder> {
    let mut touched = fs::symlink_metadata(&path).ok()?.modified().ok()?;
    if !is_of_a_run(&path) {
        return None;
    }
    let mut bytes = 0;
    for file in fs::read_dir(&path).ok()?.flatten().filter_map(|entry| entry.metadata().ok()) {
        bytes += file.len();
        touched = touched.max(file.modified().ok()?);
    }
    Some(RunFolder { path, number: TaskNumber(number), epoch, bytes, touched: DateTime::<Utc>::from(touched) })
}

/// A run begins with its brief; a folder without one, unless it is empty, is somebody else's.
fn is_of_a_run(folder: &Path) -> bool {
    folder.join(BRIEF).is_file() || fs::read_dir(folder).is_ok_and(|mut files| files.next().is_none())
}

/// Those that may go at `now`: too old, or beyond the room there is and not young any more.
pub fn outworn(newest_first: &[RunFolder], now: Timestamp) -> Vec<&RunFolder> {
    let mut room = KEPT_BYTES;
    let mut gone = Vec::new();
    for run in newest_first {
        let age = now - run.touched;
        let fits = run.bytes <= room;
        room = room.saturating_sub(run.bytes);
        if age > Duration::days(KEPT_DAYS) || (!fits && age > Duration::hours(YOUNG_HOURS)) {
            gone.push(run);
        }
    }
    gone
}

/// Removes what is outworn. What cannot be removed stays, and is tried again the next time.
///
/// # Errors
/// When the board cannot be read.
pub(super) fn sweep(service: &Service, board: &Path, options: &Options) -> Result<Swept, Error> {
    let mut swept = sweep_runs(service, board)?;
    if let Place::PerTask { data } = &options.place {
        let ended = ended_long_ago(service)?;
        if let Ok(Some(repository)) = Repository::around(options.project(), data) {
            swept.worktrees = repository.remove_merged(ended).unwrap_or_default();
        }
    }
    Ok(swept)
}

/// Removes outworn folders of runs; worktrees stay.
///
/// # Errors
/// When the board cannot be read.
pub fn sweep_runs(service: &Service, board: &Path) -> Result<Swept, Error> {
    let mut swept = Swept::default();
    let open = Note::all(board);
    let folders = run_folders(board);
    for run in outworn(&folders, service.now().wall) {
        let noted = open.iter().any(|note| (note.run.number, note.run.epoch) == (run.number, run.epoch));
        if !noted && !is_held(service, run)? && fs::remove_dir_all(&run.path).is_ok() {
            swept.runs += 1;
            swept.bytes += run.bytes;
            // Only if it is empty.
            let _ = run.path.parent().map(fs::remove_dir);
        }
    }
    Ok(swept)
}

fn is_held(service: &Service, run: &RunFolder) -> Result<bool, Error> {
    let Ok(id) = service.read().resolve(&TaskRef::Number(run.number)) else { return Ok(false) };
    let task = service.read().task(id)?;
    Ok(task.and_then(|task| task.claim).is_some_and(|claim| claim.epoch == run.epoch))
}

/// Tells whether a task has ended long ago and no process of it is on record.
fn ended_long_ago(service: &Service) -> Result<impl Fn(TaskId) -> bool, Error> {
    let now = service.now();
    let busy: Vec<TaskId> = service.read().leases(&now)?.into_iter().map(|lease| lease.task_id).collect();
    Ok(move |id: TaskId| {
        let Ok(Some(task)) = service.read().task(id) else { return false };
        let ended = task.execution.ended_at.unwrap_or(task.updated_at);
        task.status.is_closed() && now.wall - ended > Duration::days(KEPT_DAYS) && !busy.contains(&id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(hours: i64, bytes: u64) -> RunFolder {
        let touched = Timestamp::UNIX_EPOCH - Duration::hours(hours);
        RunFolder { path: PathBuf::from(format!("{hours}")), number: TaskNumber(1), epoch: 1, bytes, touched }
    }

    #[test]
    fn old_runs_go_and_so_do_the_oldest_of_too_many_but_never_young_ones() {
        let now = Timestamp::UNIX_EPOCH;
        let gone = |runs: &[RunFolder]| -> Vec<String> {
            outworn(runs, now).iter().map(|run| run.path.display().to_string()).collect()
        };
        assert_eq!(gone(&[run(1, 10), run(29 * 24, 10), run(31 * 24, 10)]), ["744"]);
        assert_eq!(gone(&[run(1, 10), run(25, KEPT_BYTES), run(26, 1)]), ["25", "26"]);
        assert_eq!(gone(&[run(1, KEPT_BYTES), run(2, KEPT_BYTES)]), [""; 0]);
    }
}
