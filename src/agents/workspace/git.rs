//! Calling git: by argument list, with a scrubbed environment, and without the repository's hooks.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Git could not do what was asked of it.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It could not be run.
    #[error("git cannot be run: {0}; install it, or give the agent a folder with --folder")]
    NotRun(#[from] std::io::Error),
    /// It said no.
    #[error("`git {command}` failed in {}: {said}", at.display())]
    Refused {
        /// The command, without its operands.
        command: String,
        /// Where.
        at: PathBuf,
        /// What git said.
        said: String,
    },
    /// The branch is in use elsewhere.
    #[error(
        "branch {branch} is checked out at {}, which vayu did not make; switch that tree to another branch",
        at.display()
    )]
    Elsewhere {
        /// The branch.
        branch: String,
        /// Where it is checked out.
        at: PathBuf,
    },
}

/// Git, called in one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Git<'a> {
    at: &'a Path,
}

impl<'a> Git<'a> {
    /// For calls in this folder.
    pub fn at(folder: &'a Path) -> Self {
        Self { at: folder }
    }

    /// Runs git and returns what it printed, without the final line break.
    pub fn run<S: AsRef<OsStr>>(self, args: &[S]) -> Result<Vec<u8>, GitError> {
        let output = self.output(args)?;
        if output.status.success() {
            let mut text = output.stdout;
            if text.last() == Some(&b'\n') {
                text.pop();
            }
            return Ok(text);
        }
        Err(GitError::Refused {
            command: args.iter().take(2).map(|arg| arg.as_ref().to_string_lossy()).collect::<Vec<_>>().join(" "),
            at: self.at.to_owned(),
            said: last_words(&output.stderr),
        })
    }

    /// Runs git and returns what it printed, or nothing if it said no.
    pub fn ask<S: AsRef<OsStr>>(self, args: &[S]) -> Result<Option<String>, GitError> {
        match self.run(args) {
            Ok(text) => Ok(Some(String::from_utf8_lossy(&text).into_owned())),
            Err(GitError::Refused { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn output<S: AsRef<OsStr>>(self, args: &[S]) -> Result<Output, GitError> {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os() {
            // A GIT_DIR of whoever started vayu, for example in a hook, would lead into another repository.
            if name.as_bytes().starts_with(b"GIT_") {
                command.env_remove(name);
            }
        }
        let output = command
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            // Large files stay pointers: fetching them is the agent's decision.
            .env("GIT_LFS_SKIP_SMUDGE", "1")
            .args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"])
            // Whether a tree holds work is asked of git: a setting that hides new files must not hide them from vayu.
            .args(["-c", "status.showUntrackedFiles=all"])
            .arg("-C")
            .arg(self.at)
            .args(args)
            .stdin(Stdio::null())
            .output()?;
        Ok(output)
    }
}

/// The end of an error message, on one line and without control characters.
fn last_words(stderr: &[u8]) -> String {
    let lines = stderr.split(|byte| *byte == b'\n').map(|line| crate::agents::transcript::plain(line, 300));
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join("; ")
}

/// Bytes that git printed as a path.
pub(super) fn path(bytes: &[u8]) -> PathBuf {
    OsStr::from_bytes(bytes).into()
}
