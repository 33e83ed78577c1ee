//! What `--fix` does: only what can be known to be right, and what it did in words. What is made anew from the tasks comes
//! first; a backup takes the board's place only if that does not help.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::checks::{Check, Remedy};
use super::surroundings::open_to_others;
use crate::agents::runner;
use crate::bootstrap;
use crate::cli::{Failure, backup};
use crate::service::{Error, Service};
use crate::store::StoreError;
use crate::store::sqlite::side_folder;

/// First words of the names of files that were set aside, not kept to come back to.
const ASIDE: [&str; 3] = ["damaged", "before-restore", "before-fix"];

/// Does what the findings ask for; says what was done. Asks `may_restore` before this backup takes the board's place.
///
/// # Errors
/// When something cannot be mended; what was done before it stays done.
pub fn apply(
    board: &Path,
    found: &[Check],
    may_restore: impl FnOnce(&Path) -> Result<bool, Failure>,
) -> Result<Vec<String>, Failure> {
    let remedies: BTreeSet<Remedy> = found.iter().filter_map(|check| check.remedy).collect();
    let mut did = Vec::new();
    if remedies.contains(&Remedy::Protect) {
        did.push(protect(board)?);
    }
    if remedies.contains(&Remedy::Derive) || remedies.contains(&Remedy::Restore) {
        did.extend(derive(board)?);
    }
    if remedies.contains(&Remedy::Restore) && !is_whole(board) {
        did.extend(restore(board, may_restore)?);
        return Ok(did);
    }
    for (remedy, mend) in [(Remedy::Recover, recover as fn(&mut Service) -> _), (Remedy::Sweep, sweep)] {
        if remedies.contains(&remedy) {
            did.push(mend(&mut bootstrap::open(board)?)?);
        }
    }
    Ok(did)
}

fn is_whole(board: &Path) -> bool {
    bootstrap::open(board).and_then(|service| service.check()).is_ok_and(|damage| damage.is_empty())
}

fn protect(board: &Path) -> Result<String, Failure> {
    for path in open_to_others(board) {
        let refused = |error| Failure::World(format!("{}: {error}", path.display()));
        let mode = std::fs::metadata(&path).map_err(refused)?.permissions().mode();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode & 0o700)).map_err(refused)?;
    }
    Ok("only you may read the board and its backups now".into())
}

/// Nothing where the damage is such that it cannot be done.
fn derive(board: &Path) -> Result<Vec<String>, Failure> {
    let Ok(mut service) = bootstrap::open(board) else { return Ok(Vec::new()) };
    let kept = backup::beside_board(&service, "before-fix")?;
    service.backup(&kept)?;
    match service.mend() {
        Err(Error::Store(StoreError::Damaged(_) | StoreError::Corrupt { .. })) => Ok(Vec::new()),
        mended => {
            mended?;
            let kept = format!("kept the board as it was: {}", kept.display());
            Ok(vec![kept, "made anew from the tasks: indexes, counts, arrows, search".into()])
        }
    }
}

fn recover(service: &mut Service) -> Result<String, Failure> {
    let folder = service.folder().unwrap_or_default();
    let recovered = runner::recover(service, &folder).map_err(|error| Failure::World(error.to_string()))?;
    let each = recovered.iter().map(|run| format!("{} of {}: {}", run.number, run.agent, run.how));
    Ok(format!("runs brought to an end: {}", each.collect::<Vec<_>>().join("; ")))
}

fn sweep(service: &mut Service) -> Result<String, Failure> {
    let swept = runner::sweep_runs(service, &service.folder().unwrap_or_default())?;
    Ok(format!("{} outworn runs removed, {} KiB", swept.runs, swept.bytes >> 10))
}

/// The newest backup that is in good order takes the board's place; damaged ones before it are named.
fn restore(board: &Path, may: impl FnOnce(&Path) -> Result<bool, Failure>) -> Result<Option<String>, Failure> {
    backup::refuse_while_at_work(board)?;
    let files = backups(board);
    let folder = side_folder(board).join("backups");
    let newest = files.first().ok_or_else(|| Failure::World(format!("there is no backup in {}", folder.display())))?;
    if !may(newest)? {
        return Ok(None);
    }
    let mut passed = String::new();
    for file in &files {
        match bootstrap::restore(board, file) {
            Ok(kept) => {
                let kept = kept.map(|kept| format!("; the damaged board is kept: {}", kept.display()));
                let restart = "; restart the boards, runners and orchestrators that were open";
                return Ok(Some(format!("restored {}{}{passed}{restart}", file.display(), kept.unwrap_or_default())));
            }
            Err(Error::Store(error)) if error.is_about(file) => {
                let _infallible = write!(passed, "; passed over {}: {error}", file.display());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::World(format!("no backup in {} helps{passed}", folder.display())))
}

/// The user's own backups, newest first.
pub fn backups(board: &Path) -> Vec<PathBuf> {
    let user = rustix::process::geteuid().as_raw();
    let entries = std::fs::read_dir(side_folder(board).join("backups")).into_iter().flatten().flatten();
    let mut dated: Vec<(SystemTime, PathBuf)> = entries
        .filter(|entry| {
            let name = entry.file_name();
            let aside = ASIDE.iter().any(|word| name.to_string_lossy().starts_with(word));
            !aside && Path::new(&name).extension().is_some_and(|extension| extension == "db")
        })
        .filter_map(|entry| {
            let found = entry.metadata().ok().filter(|found| found.is_file() && found.uid() == user)?;
            Some((found.modified().ok()?, entry.path()))
        })
        .collect();
    dated.sort_by(|one, other| other.cmp(one));
    dated.into_iter().map(|(_, path)| path).collect()
}
