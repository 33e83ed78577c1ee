//! Backlogs from other tools and back: one reader and one writer per format, and the plan that turns what was read
//! into commands. Readers know no board, the plan knows no format, and nothing here ever looks at anything but the
//! stream it was given or acts on the board otherwise than through the service.

pub mod apply;
pub mod beads;
pub mod columns;
pub mod csv;
pub mod github;
pub mod incoming;
mod json;
pub mod markdown;
pub mod order;
pub mod source;
pub mod taskwarrior;
pub mod text;
pub mod vayu;
pub mod write;

use std::fmt;
use std::io::BufRead;
use std::str::FromStr;

pub use apply::{Options, Report, import, import_records};
pub use columns::Columns;
pub use incoming::{Batch, Incoming, Skipped};
pub use source::ReadError;
pub use write::{WriteError, export};

/// A format that tasks come in and go out by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// JSON Lines of the beads issue tracker.
    Beads,
    /// What `gh issue list --json …` prints.
    Github,
    /// A table with a header row.
    Csv,
    /// A Markdown file with check boxes.
    Markdown,
    /// What `task export` prints.
    Taskwarrior,
    /// vayu's own JSON Lines: every record, without loss.
    Vayu,
}

impl Kind {
    /// Every kind, in the order in which help lists them.
    pub const ALL: &'static [Self] =
        &[Self::Beads, Self::Github, Self::Csv, Self::Markdown, Self::Taskwarrior, Self::Vayu];

    /// The one word for it, as `--from` and `--to` take it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Beads => "beads",
            Self::Github => "github",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Taskwarrior => "taskwarrior",
            Self::Vayu => "vayu",
        }
    }
}

impl Kind {
    /// The words of all kinds.
    pub fn words() -> Vec<&'static str> {
        Self::ALL.iter().map(|kind| kind.as_str()).collect()
    }

    /// The kind that a file's name, or else its first bytes, plainly tell.
    pub fn guess(path: &str, start: &[u8]) -> Option<Self> {
        let name = source::name_of(path).to_ascii_lowercase();
        match name.rsplit_once('.').map(|(_, end)| end) {
            Some("md" | "markdown") => return Some(Self::Markdown),
            Some("csv" | "tsv") => return Some(Self::Csv),
            _ => {}
        }
        let start = String::from_utf8_lossy(&start[..start.len().min(4096)]);
        let entry = start.trim_start_matches(['\u{feff}', '[']).trim_start();
        let has = |key: &str| entry.contains(&format!("\"{key}\""));
        if !entry.starts_with('{') {
            return None;
        }
        [("record", Self::Vayu), ("issue_type", Self::Beads), ("uuid", Self::Taskwarrior), ("number", Self::Github)]
            .into_iter()
            .find_map(|(key, kind)| has(key).then_some(kind))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let wanted = word.trim().to_ascii_lowercase();
        let wanted = match wanted.as_str() {
            "gh" => "github",
            "md" => "markdown",
            "task" => "taskwarrior",
            other => other,
        };
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == wanted)
            .ok_or_else(|| format!("`{word}` is none of: {}", Self::words().join(", ")))
    }
}

/// Reads tasks of any kind but [`Kind::Vayu`], whose records [`vayu::read`] gives as they are. `name` is the file's
/// bare name: it stands in errors, and it keeps apart the tasks of two files whose format has no ids of its own.
///
/// # Errors
/// When the stream breaks off, or a format that is one whole (a JSON array, a table without a title column) cannot be
/// read. A bad line of a line format is skipped and named in [`Batch::skipped`] instead.
pub fn read(kind: Kind, name: &str, input: impl BufRead, columns: &Columns) -> Result<Batch, ReadError> {
    match kind {
        Kind::Beads => beads::read(name, input),
        Kind::Github => github::read(name, input),
        Kind::Csv => csv::read(name, input, columns),
        Kind::Markdown => markdown::read(name, input),
        Kind::Taskwarrior => taskwarrior::read(name, input),
        Kind::Vayu => Ok(Batch::new(Kind::Vayu)),
    }
}
