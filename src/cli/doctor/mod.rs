//! `vayu doctor`: is everything in order, and what to do where it is not.

mod checks;

use std::path::PathBuf;

use serde::Serialize;

use super::output::{Output, one_line};
use super::{Failure, Global, Outcome};
use crate::bootstrap;
use checks::{Check, State};

/// What the doctor found.
#[derive(Serialize)]
struct Findings {
    /// Version of this program.
    version: &'static str,
    /// The board's file.
    board: PathBuf,
    /// True when nothing is broken; warnings do not count.
    ok: bool,
    /// Each check.
    checks: Vec<Check>,
}

pub fn run(global: &Global) -> Result<Outcome, Failure> {
    let board = bootstrap::find_board(global.board.as_deref(), &std::env::current_dir()?)?;
    let mut checks = vec![checks::program(), checks::file(&board)];
    match bootstrap::open(&board) {
        Ok(service) => checks.extend(checks::all(&board, &service)),
        Err(error) => checks.push(Check::bad("open", error.to_string())),
    }
    let ok = checks.iter().all(|check| check.state != State::Bad);
    let findings = Findings { version: env!("CARGO_PKG_VERSION"), board, ok, checks };
    let out = Output::new(global.json, global.color);
    out.print(&findings, || findings.checks.iter().map(|check| line(out, check)).collect::<Vec<_>>().join("\n"))?;
    Ok(if ok { Outcome::Done } else { Outcome::Partly(1) })
}

fn line(out: Output, check: &Check) -> String {
    let word = match check.state {
        State::Ok => out.style("32", "ok  "),
        State::Warn => out.style("33", "note"),
        State::Bad => out.style("31", "BAD "),
    };
    let fix = check.fix.as_deref().map(|fix| format!("\n{:17}{fix}", "")).unwrap_or_default();
    format!("{word}  {:<10} {}{fix}", check.name, one_line(&check.says, 1000))
}
