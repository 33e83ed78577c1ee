//! Where a run works: a git worktree of its own when the board lives in a repository, else a folder with a lock.
//!
//! It must never delete what vayu did not make, nor what holds work that is not merged; whatever is doubtful is kept.

mod git;
mod lock;
mod worktree;

use std::path::PathBuf;

pub use git::GitError;
pub use lock::{Busy, FolderLock, LockError};
pub use worktree::Repository;

use crate::domain::{TaskId, TaskNumber};

/// The task for which a place is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupant {
    /// The task.
    pub task_id: TaskId,
    /// Its number.
    pub number: TaskNumber,
    /// Its title, from which a branch is named.
    pub title: String,
}

impl Occupant {
    /// A name for a folder of its own: of another task with the same number, as after a restore, it is another one.
    pub fn folder_name(&self) -> String {
        // The first digits of an id tell the time, the last ones are random.
        let id = self.task_id.0.simple().to_string();
        format!("{}-{}", self.number.0, &id[id.len() - 8..])
    }
}

/// Where a run works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The folder.
    pub folder: PathBuf,
    /// The worktree that the folder is, if it is one.
    pub worktree: Option<Worktree>,
    /// What whoever works there should know about it.
    pub remarks: Vec<String>,
}

/// A worktree of the repository in which the board lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worktree {
    /// Its branch.
    pub branch: String,
    /// The commit from which the branch was begun.
    pub base: String,
}

/// Longest slug in characters.
const SLUG: usize = 32;

/// A title as part of a name: lower-case ASCII letters and digits, joined by single dashes; never empty.
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars().map(|c| c.to_ascii_lowercase()) {
        if slug.len() >= SLUG {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "task".into() } else { slug.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r22_slugs_are_harmless_names() {
        for (title, expected) in [
            ("Parse workflow YAML", "parse-workflow-yaml"),
            ("--force; rm -rf /", "force-rm-rf"),
            ("../../etc/passwd", "etc-passwd"),
            ("日本語", "task"),
            ("", "task"),
            ("a.lock", "a-lock"),
            ("x".repeat(200).as_str(), "x".repeat(SLUG).as_str()),
        ] {
            assert_eq!(slug(title), expected);
        }
    }
}
