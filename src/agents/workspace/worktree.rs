//! Worktrees: one per task, on a branch `vayu/<number>-<slug>`, kept from attempt to attempt.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::git::{self, Git, GitError};
use super::{Occupant, Workspace, Worktree, slug};
use crate::domain::TaskId;
use crate::store::sqlite::private_folder;
use crate::text;

/// Why worktrees are locked; also the sign that vayu made them.
const REASON: &str = "vayu task";

/// A git repository with at least one commit.
#[derive(Debug, Clone)]
pub struct Repository {
    /// The top of its main working tree, or the folder of a bare one.
    top: PathBuf,
    /// The folder that all its worktrees share.
    common: PathBuf,
    /// Where worktrees are made.
    home: PathBuf,
}

/// An entry of `git worktree list`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Entry {
    path: PathBuf,
    branch: Option<String>,
    locked: Option<String>,
}

impl Repository {
    /// The repository around `folder`, if there is one with a commit; its worktrees go below `data`, a folder of
    /// vayu's own. No repository is no error, but one that git refuses to read is.
    pub fn around(folder: &Path, data: &Path) -> Result<Option<Self>, GitError> {
        let git = Git::at(folder);
        let common = match git.ask(&["rev-parse", "--path-format=absolute", "--git-common-dir"]) {
            Ok(Some(common)) => PathBuf::from(common),
            Ok(None) | Err(GitError::NotRun(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        if git.ask(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?.is_none() {
            return Ok(None);
        }
        let top = git.ask(&["rev-parse", "--path-format=absolute", "--show-toplevel"])?;
        let top = top.filter(|top| !top.is_empty()).map_or_else(|| common.clone(), PathBuf::from);
        let home = data.join("worktrees").join(home_name(&top, &common));
        Ok(Some(Self { top, common, home }))
    }

    /// The worktree of this task: the one it had, or a new one from the commit that is checked out at the top.
    pub fn workspace(&self, occupant: &Occupant) -> Result<Workspace, GitError> {
        let _others_wait = self.lock()?;
        let branch = match self.branch_of(occupant.task_id)? {
            Some(branch) => branch,
            None => self.new_branch(occupant)?,
        };
        let folder = match self.entries()?.into_iter().find(|entry| entry.branch.as_deref() == Some(&branch)) {
            Some(entry) => self.take_up(occupant, &branch, entry)?,
            None => self.add(occupant, &branch)?,
        };
        let base = self.base_of(&branch)?;
        let remarks = remarks(&folder, &branch, &base)?;
        Ok(Workspace { folder, worktree: Some(Worktree { branch, base }), remarks })
    }

    /// Removes a worktree in which nothing was done: no commit, no change, no file. True if it is gone.
    pub fn tidy(&self, workspace: &Workspace) -> Result<bool, GitError> {
        let Some(worktree) = &workspace.worktree else { return Ok(false) };
        let _others_wait = self.lock()?;
        let made_here = self.entries()?.into_iter().find(|entry| {
            entry.path == workspace.folder && entry.is_ours() && entry.branch.as_deref() == Some(&worktree.branch)
        });
        match made_here {
            Some(entry) if is_untouched(&workspace.folder, &worktree.base)? => self.remove(&entry, &worktree.branch)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Removes the worktrees of tasks for which `ended` holds, if they are clean and what is committed in them is part
    /// of what is checked out at the top; says which. The others stay.
    pub fn remove_merged(&self, ended: impl Fn(TaskId) -> bool) -> Result<Vec<PathBuf>, GitError> {
        let _others_wait = self.lock()?;
        let mut removed = Vec::new();
        for entry in self.entries()? {
            let (Some(branch), true) = (&entry.branch, self.is_at_home(&entry)) else { continue };
            let idle = entry.task().is_some_and(&ended) && self.is_merged(branch)? && is_clean(&entry.path)?;
            // One that git will not remove must not keep the others.
            if idle && self.remove(&entry, branch).is_ok() {
                removed.push(entry.path);
            }
        }
        Ok(removed)
    }

    fn is_merged(&self, branch: &str) -> Result<bool, GitError> {
        let tip = format!("refs/heads/{branch}");
        Ok(Git::at(&self.top).ask(&["merge-base", "--is-ancestor", &tip, "HEAD"])?.is_some())
    }

    /// True for one that lies where vayu makes them.
    fn is_at_home(&self, entry: &Entry) -> bool {
        // Git tells paths without symbolic links.
        let real = self.home.canonicalize();
        entry.path.starts_with(&self.home) || real.is_ok_and(|home| entry.path.starts_with(home))
    }

    /// Without force: git itself refuses if there is anything that is not committed, or not merged.
    fn remove(&self, entry: &Entry, branch: &str) -> Result<(), GitError> {
        let git = Git::at(&self.top);
        let folder = entry.path.as_os_str();
        git.run(&[OsStr::new("worktree"), "unlock".as_ref(), "--".as_ref(), folder])?;
        if let Err(error) = git.run(&[OsStr::new("worktree"), "remove".as_ref(), "--".as_ref(), folder]) {
            // It stays ours. Should this fail as well, the next one who works there locks it.
            let _ = self.lock_again(&entry.path, entry.locked.as_deref().unwrap_or(REASON));
            return Err(error);
        }
        git.ask(&["branch", "-d", "--", branch]).map(drop)
    }

    fn lock_again(&self, folder: &Path, reason: &str) -> Result<(), GitError> {
        let args = ["worktree", "lock", "--reason", reason, "--"].map(OsStr::new);
        Git::at(&self.top).run(&[&args[..], &[folder.as_os_str()]].concat()).map(drop)
    }

    /// One at a time in this repository, among all processes.
    fn lock(&self) -> Result<File, GitError> {
        let path = self.common.join("vayu.lock");
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        file.lock()?;
        Ok(file)
    }

    /// The branch that was made for this task, also if its title or number was another one then.
    fn branch_of(&self, task: TaskId) -> Result<Option<String>, GitError> {
        let git = Git::at(&self.top);
        let pattern = r"^branch\.vayu/.*\.vayutask$";
        let found = git.ask(&["config", "--local", "--get-regexp", pattern])?.unwrap_or_default();
        let wanted = task.to_string();
        let named = found.lines().filter_map(|line| line.split_once(' ')).filter(|(_, value)| *value == wanted);
        for (key, _) in named {
            let name = key.trim_start_matches("branch.").trim_end_matches(".vayutask");
            if self.has_branch(name)? {
                return Ok(Some(name.to_owned()));
            }
        }
        Ok(None)
    }

    fn has_branch(&self, name: &str) -> Result<bool, GitError> {
        let reference = format!("refs/heads/{name}");
        Ok(Git::at(&self.top).ask(&["show-ref", "--verify", "--quiet", &reference])?.is_some())
    }

    /// Begins a branch for the task at the commit that is checked out at the top, and notes whose it is.
    fn new_branch(&self, occupant: &Occupant) -> Result<String, GitError> {
        let git = Git::at(&self.top);
        let wanted = format!("vayu/{}-{}", occupant.number.0, slug(&occupant.title));
        let mut branch = wanted.clone();
        let mut others = 1;
        while self.has_branch(&branch)? {
            others += 1;
            branch = format!("{wanted}-{others}");
        }
        let base = git.run(&["rev-parse", "--verify", "HEAD^{commit}"])?;
        let base = String::from_utf8_lossy(&base).into_owned();
        git.run(&["branch", "--no-track", "--", &branch, &base])?;
        git.run(&["config", "--local", &format!("branch.{branch}.vayubase"), &base])?;
        git.run(&["config", "--local", &format!("branch.{branch}.vayutask"), &occupant.task_id.to_string()])?;
        Ok(branch)
    }

    fn base_of(&self, branch: &str) -> Result<String, GitError> {
        let noted = Git::at(&self.top).ask(&["config", "--local", "--get", &format!("branch.{branch}.vayubase")])?;
        Ok(noted.unwrap_or_default())
    }

    /// Goes on in a worktree that is there, or puts it back where its folder has vanished. The branch is known to be
    /// the task's; whose the worktree is tells its lock, or the place where it lies if it was unlocked meanwhile.
    fn take_up(&self, occupant: &Occupant, branch: &str, entry: Entry) -> Result<PathBuf, GitError> {
        if !entry.is_ours() && !self.is_at_home(&entry) {
            return Err(GitError::Elsewhere { branch: branch.to_owned(), at: entry.path });
        }
        if !entry.path.exists() {
            self.check_out(occupant, branch, &entry.path, &["--force", "--force"])?;
        } else if entry.locked.is_none() {
            self.lock_again(&entry.path, &reason_for(occupant))?;
        }
        Ok(entry.path)
    }

    fn add(&self, occupant: &Occupant, branch: &str) -> Result<PathBuf, GitError> {
        private_folder(&self.home)?;
        let wanted = branch.trim_start_matches("vayu/");
        let mut folder = self.home.join(wanted);
        let mut others = 1;
        while folder.symlink_metadata().is_ok() {
            others += 1;
            folder = self.home.join(format!("{wanted}-{others}"));
        }
        self.check_out(occupant, branch, &folder, &[])?;
        Ok(folder)
    }

    fn check_out(&self, occupant: &Occupant, branch: &str, folder: &Path, force: &[&str]) -> Result<(), GitError> {
        let reason = reason_for(occupant);
        let mut args: Vec<OsString> = ["worktree", "add", "--lock", "--reason", &reason].map(OsString::from).to_vec();
        args.extend(force.iter().map(OsString::from));
        args.extend(["--".into(), folder.into(), branch.into()]);
        Git::at(&self.top).run(&args).map(drop)
    }

    fn entries(&self) -> Result<Vec<Entry>, GitError> {
        Ok(parse_entries(&Git::at(&self.top).run(&["worktree", "list", "--porcelain", "-z"])?))
    }
}

impl Entry {
    fn is_ours(&self) -> bool {
        self.locked.as_ref().is_some_and(|reason| reason.starts_with(REASON))
    }

    /// The task for which vayu made it.
    fn task(&self) -> Option<TaskId> {
        let words = self.locked.as_ref()?.strip_prefix(REASON)?;
        words.split_whitespace().last()?.parse().ok()
    }
}

fn reason_for(occupant: &Occupant) -> String {
    format!("{REASON} {} {}", occupant.number, occupant.task_id)
}

/// Attributes end with a zero byte, entries with another one.
fn parse_entries(text: &[u8]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.split(|byte| *byte == 0) {
        let (key, value) = line.split_at(line.iter().position(|byte| *byte == b' ').unwrap_or(line.len()));
        let value = value.strip_prefix(b" ").unwrap_or_default();
        let words = || String::from_utf8_lossy(value).into_owned();
        match (key, entries.last_mut()) {
            (b"worktree", _) => entries.push(Entry { path: git::path(value), ..Entry::default() }),
            (b"branch", Some(entry)) => entry.branch = Some(words().trim_start_matches("refs/heads/").to_owned()),
            (b"locked", Some(entry)) => entry.locked = Some(words()),
            _ => {}
        }
    }
    entries
}

/// What is special about a worktree, for whoever works in it.
fn remarks(folder: &Path, branch: &str, base: &str) -> Result<Vec<String>, GitError> {
    let git = Git::at(folder);
    let mut remarks = vec![format!("This is a git worktree on branch {branch}; commit your work there.")];
    if base.is_empty() {
        return Ok(remarks);
    }
    let commits = git.ask(&["rev-list", "--count", &format!("{base}..HEAD")])?.unwrap_or_default();
    if commits != "0" && !commits.is_empty() {
        remarks.push(format!("It holds {commits} commits of an earlier attempt."));
    }
    if !git.run(&["status", "--porcelain"])?.is_empty() {
        remarks.push("It holds changes of an earlier attempt that were not committed.".into());
    }
    if folder.join(".gitmodules").exists() {
        remarks.push(
            "The repository has submodules, which are not checked out here; `git submodule update --init` does it."
                .into(),
        );
    }
    if fs::read_to_string(folder.join(".gitattributes")).is_ok_and(|text| text.contains("filter=lfs")) {
        remarks.push("Large files (LFS) are pointers here; `git lfs pull` fetches them.".into());
    }
    Ok(remarks)
}

/// True if there is no commit since `base`, no change and no file besides, ignored ones included.
fn is_untouched(folder: &Path, base: &str) -> Result<bool, GitError> {
    let git = Git::at(folder);
    let head = git.ask(&["rev-parse", "--verify", "HEAD^{commit}"])?;
    Ok(head.as_deref() == Some(base) && git.run(&["status", "--porcelain", "--ignored"])?.is_empty())
}

/// True if there is no change and no new file, ignored ones apart.
fn is_clean(folder: &Path) -> Result<bool, GitError> {
    Ok(Git::at(folder).run(&["status", "--porcelain"])?.is_empty())
}

/// Name of the folder for a repository's worktrees: readable, and different for each repository.
fn home_name(top: &Path, common: &Path) -> String {
    let name = top.file_name().map(|name| slug(&name.to_string_lossy())).unwrap_or_default();
    format!("{name}-{:016x}", text::fingerprint(common.as_os_str().as_encoded_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_worktrees_is_understood() {
        let text = b"worktree /a b\0HEAD 1\0branch refs/heads/main\0\0worktree /c\nd\0HEAD 2\0branch refs/heads/vayu/1-x\0locked vayu task #1 y\0\0worktree /e\0HEAD 3\0detached\0locked\0\0";
        let entries = parse_entries(text);
        assert_eq!(entries.len(), 3);
        assert_eq!((entries[0].path.as_path(), entries[0].branch.as_deref()), (Path::new("/a b"), Some("main")));
        assert!(entries[1].is_ours() && entries[1].path == Path::new("/c\nd"));
        assert!(!entries[2].is_ours() && entries[2].branch.is_none());
    }
}
