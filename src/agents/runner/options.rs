//! What a runner is started with, and what follows from it for each run.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::RunError;
use crate::agents::identity;
use crate::agents::roles::Role;
use crate::agents::supervise::Limits;
use crate::agents::workspace::{FolderLock, Occupant, Repository, Workspace};
use crate::domain::Agent;
use crate::store::sqlite::private_folder;

/// Variables that every command gets from whoever started the runner, besides `LC_*`.
const PASSED: &[&str] = &["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TERM", "TZ", "TMPDIR"];

/// Where commands work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a worktree per task if the board lives in a repository, else in a folder per task beside the board.
    PerTask {
        /// A folder of vayu's own below which worktrees are made.
        data: PathBuf,
    },
    /// All in one folder, one after the other.
    Shared {
        /// The folder.
        folder: PathBuf,
        /// Where locks on folders are kept: the same for all boards of the user.
        locks: PathBuf,
    },
}

/// What a runner is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The board's file, for the commands.
    pub board: PathBuf,
    /// Name of the agent; added to the board if it is not there.
    pub name: String,
    /// Its role, if it is to be set.
    pub role: Option<String>,
    /// Its skills, if they are to be set.
    pub skills: Option<BTreeMap<String, u8>>,
    /// Tasks at once, if that is to be set.
    pub wip_limit: Option<u32>,
    /// Model and version that the program works with, if that is to be set.
    pub model: Option<String>,
    /// The program, as [`crate::agents::supervise::find_program`] found it.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// What each run is allowed; a task's own run limit takes the place of the time.
    pub limits: Limits,
    /// Further environment variables that are passed on.
    pub pass: Vec<String>,
    /// Where commands work.
    pub place: Place,
    /// How often to look for work when nobody tells of any.
    pub poll: Duration,
    /// Ends after this many tasks.
    pub max_tasks: Option<u64>,
    /// Ends when nothing was to be done for so long.
    pub idle_exit: Option<Duration>,
    /// Lease of its claims in seconds; the board's setting if not given.
    pub lease_seconds: Option<u32>,
    /// This program, so that commands can call it.
    pub vayu: Option<PathBuf>,
}

impl Options {
    /// Where the board's file lies: what is around it is the project.
    pub(super) fn project(&self) -> &Path {
        self.board.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// How many runs there may be at once.
    pub(super) fn slots(&self, agent: &Agent) -> usize {
        match self.place {
            Place::Shared { .. } => 1,
            Place::PerTask { .. } => agent.wip_limit.max(1) as usize,
        }
    }

    /// The lock on the folder that all runs share, if they do.
    pub(super) fn lock_folder(&self) -> Result<Option<FolderLock>, RunError> {
        let Place::Shared { folder, locks } = &self.place else { return Ok(None) };
        Ok(Some(FolderLock::take(folder, locks, &self.name, &identity::own())?))
    }

    /// Where the run of this task works.
    pub(super) fn workspace(&self, board: &Path, occupant: &Occupant) -> Result<Workspace, String> {
        match &self.place {
            Place::Shared { folder, .. } => Ok(Workspace {
                folder: folder.clone(),
                worktree: None,
                remarks: vec!["This folder is shared: leave it as the next one wants to find it.".into()],
            }),
            Place::PerTask { data } => {
                match Repository::around(self.project(), data).map_err(|error| error.to_string())? {
                    Some(repository) => repository.workspace(occupant).map_err(|error| error.to_string()),
                    None => own_folder(board, occupant).map_err(|error| error.to_string()),
                }
            }
        }
    }

    /// What a command finds in its environment from whoever started the runner: no secrets but those asked for.
    pub(super) fn environment(&self, role: Option<&Role>) -> Vec<(String, OsString)> {
        let from_role = role.map(|role| role.env.iter().map(|name| name.0.as_str())).into_iter().flatten();
        let wanted: Vec<&str> =
            PASSED.iter().copied().chain(self.pass.iter().map(String::as_str)).chain(from_role).collect();
        let mut env: Vec<(String, OsString)> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| wanted.contains(&name.as_str()) || name.starts_with("LC_"))
            .collect();
        if let Some(vayu) = self.vayu.as_deref().and_then(Path::parent) {
            extend_path(&mut env, vayu);
        }
        env
    }
}

/// Puts the folder of this program at the end of `PATH`, so that commands find it if nothing else is called so.
fn extend_path(env: &mut Vec<(String, OsString)>, folder: &Path) {
    let known = env.iter_mut().find(|(name, _)| name == "PATH");
    let folders = known.as_ref().map(|(_, path)| std::env::split_paths(path).collect()).unwrap_or_default();
    let folders: Vec<PathBuf> = folders;
    // A folder with a colon in its name cannot be put on a path: then it is left out.
    if let Ok(path) = std::env::join_paths(folders.into_iter().chain([folder.to_owned()])) {
        match known {
            Some((_, value)) => *value = path,
            None => env.push(("PATH".into(), path)),
        }
    }
}

/// A folder of the task's own beside the board, the same for every attempt.
fn own_folder(board: &Path, occupant: &Occupant) -> io::Result<Workspace> {
    let folder = board.join("work").join(occupant.folder_name());
    private_folder(&folder)?;
    let remarks = vec!["This folder is yours alone; what earlier attempts left is still in it.".into()];
    Ok(Workspace { folder: std::path::absolute(folder)?, worktree: None, remarks })
}
