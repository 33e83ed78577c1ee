//! Made-up tasks: the same on every machine, in words that repeat as words do.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use serde_json::json;

use crate::Outcome;

/// What titles and texts are made of. Each is in about every eighth title; the first one stands for a common word.
pub const WORDS: [&str; 24] = [
    "scheduler",
    "invoice",
    "login",
    "timeout",
    "cache",
    "export",
    "sidebar",
    "webhook",
    "upload",
    "billing",
    "search",
    "parser",
    "avatar",
    "session",
    "report",
    "printer",
    "archive",
    "consent",
    "metric",
    "gateway",
    "coupon",
    "ledger",
    "tooltip",
    "mailbox",
];

/// A task as it goes into every program that is compared.
pub struct Made {
    /// From 0.
    pub n: usize,
    /// Three words and a number that no other task has.
    pub title: String,
    /// Twenty words.
    pub text: String,
    /// Whether it is done.
    pub done: bool,
}

/// Task number `n`.
pub fn task(n: usize) -> Made {
    let mut dice = fastrand::Rng::with_seed(n as u64 + 1);
    let mut words = |count: usize| (0..count).map(|_| WORDS[dice.usize(0..WORDS.len())]).collect::<Vec<_>>().join(" ");
    Made { n, title: format!("{} n{n}", words(3)), text: words(20), done: n % 4 == 3 }
}

/// Writes so many tasks as JSON Lines that vayu imports.
pub fn write(file: &Path, tasks: usize) -> Outcome<()> {
    let mut out = BufWriter::new(File::create(file)?);
    for made in (0..tasks).map(task) {
        let line = json!({
            "id": format!("made-{}", made.n),
            "title": made.title,
            "description": made.text,
            "status": if made.done { "closed" } else { "open" },
            "priority": made.n % 4,
            "issue_type": "task",
            "created_at": "2026-01-05T09:00:00Z",
        });
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}
