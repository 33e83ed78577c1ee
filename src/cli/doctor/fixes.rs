//! What `--fix` does: only what can be known to be right, after a backup, and what it did in words.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::checks::{Check, Remedy};
use super::surroundings::open_to_others;
use crate::agents::runner;
use crate::bootstrap;
use crate::cli::{Failure, backup};
use crate::service::Service;
use crate::store::sqlite::side_folder;

/// Does what the findings ask for; says what was done. Asks `may_restore` before a backup takes the board's place.
///
/// # Errors
/// When something cannot be mended; what was done before it stays done.
pub fn apply(
    board: &Path,
    found: &[Check],
    may_restore: impl FnOnce() -> Result<bool, Failure>,
) -> Result<Vec<String>, Failure> {
    let mut remedies: BTreeSet<Remedy> = found.iter().filter_map(|check| check.remedy).collect();
    if remedies.contains(&Remedy::Restore) {
        return if may_restore()? { restore_newest(board).map(|did| vec![did]) } else { Ok(Vec::new()) };
    }
    let mut did = Vec::new();
    if remedies.remove(&Remedy::Protect) {
        did.push(protect(board)?);
    }
    if remedies.is_empty() {
        return Ok(did);
    }
    let mut service = bootstrap::open(board)?;
    let kept = backup::beside_board(&service)?;
    service.backup(&kept)?;
    did.push(format!("kept the board as it was: {}", kept.display()));
    for remedy in remedies {
        did.push(mend(&mut service, remedy)?);
    }
    Ok(did)
}

fn protect(board: &Path) -> Result<String, Failure> {
    for path in open_to_others(board) {
        let refused = |error| Failure::World(format!("{}: {error}", path.display()));
        let mode = std::fs::metadata(&path).map_err(refused)?.permissions().mode();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode & 0o700)).map_err(refused)?;
    }
    Ok("only you may read the board now".into())
}

fn mend(service: &mut Service, remedy: Remedy) -> Result<String, Failure> {
    let folder = service.folder().unwrap_or_default();
    Ok(match remedy {
        Remedy::Restore | Remedy::Protect => unreachable!("done before the board is opened"),
        Remedy::Derive => {
            service.mend()?;
            "indexes, counts, arrows and search made anew".into()
        }
        Remedy::Recover => {
            let recovered = runner::recover(service, &folder).map_err(|error| Failure::World(error.to_string()))?;
            let each = recovered.iter().map(|run| format!("{} of {}: {}", run.number, run.agent, run.how));
            format!("runs brought to an end: {}", each.collect::<Vec<_>>().join("; "))
        }
        Remedy::Sweep => {
            let swept = runner::sweep_runs(service, &folder)?;
            format!("{} outworn runs removed, {} KiB", swept.runs, swept.bytes >> 10)
        }
    })
}

/// The newest backup that is in good order takes the board's place.
fn restore_newest(board: &Path) -> Result<String, Failure> {
    let mut refused = Vec::new();
    for file in backups(board) {
        match bootstrap::restore(board, &file) {
            Ok(kept) => {
                let kept = kept.map(|kept| format!("; the damaged board is kept: {}", kept.display()));
                return Ok(format!("restored {}{}", file.display(), kept.unwrap_or_default()));
            }
            Err(error) => refused.push(format!("{}: {error}", file.display())),
        }
    }
    let none = format!("no backup in {} helps", side_folder(board).join("backups").display());
    Err(Failure::World(if refused.is_empty() { none } else { format!("{none}: {}", refused.join("; ")) }))
}

/// Newest first. What was set aside as damaged is none.
fn backups(board: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(side_folder(board).join("backups")).into_iter().flatten().flatten();
    let aside = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with("damaged");
    let files = entries.filter(|entry| {
        !aside(&entry.file_name()) && entry.path().extension().is_some_and(|extension| extension == "db")
    });
    let mut dated: Vec<(SystemTime, PathBuf)> =
        files.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    dated.sort_by(|one, other| other.cmp(one));
    dated.into_iter().map(|(_, path)| path).collect()
}
