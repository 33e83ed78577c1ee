//! `vayu doctor`: is everything in order, what to do where it is not, and with `--fix` doing it.

mod checks;
mod fixes;
mod surroundings;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::output::{Output, one_line};
use super::{Failure, Global, Outcome, backup};
use crate::bootstrap;
use crate::service::Error;
use crate::store::StoreError;
use crate::store::sqlite::Board;
use checks::{Check, State};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Mend what can be mended, after a backup
    #[arg(long)]
    fix: bool,
    /// Do not ask before a backup takes the place of a damaged board
    #[arg(long, short, requires = "fix")]
    yes: bool,
}

/// What the doctor found.
#[derive(Serialize)]
struct Findings {
    /// Version of this program.
    version: &'static str,
    /// The board's file.
    board: PathBuf,
    /// True when nothing is broken; warnings do not count.
    ok: bool,
    /// What was mended just now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixed: Vec<String>,
    /// Each check, as it is after that.
    checks: Vec<Check>,
}

pub fn run(args: &Args, global: &Global) -> Result<Outcome, Failure> {
    let board = bootstrap::find_board(global.board.as_deref(), &std::env::current_dir()?)?;
    let mut checks = look(&board);
    let mut fixed = Vec::new();
    if args.fix {
        fixed = fixes::apply(&board, &checks, |file| Ok(args.yes || backup::confirmed(&board, file, global)?))?;
        if !fixed.is_empty() {
            checks = look(&board);
        }
    }
    let ok = checks.iter().all(|check| check.state != State::Bad);
    let findings = Findings { version: env!("CARGO_PKG_VERSION"), board, ok, fixed, checks };
    let out = Output::new(global.json, global.color);
    out.print(&findings, || text(out, &findings, args.fix))?;
    Ok(if ok { Outcome::Done } else { Outcome::Partly(1) })
}

fn look(board: &Path) -> Vec<Check> {
    let mut checks = surroundings::all(board);
    match bootstrap::open(board) {
        Ok(service) => checks.extend(checks::all(board, &service)),
        Err(Error::Store(error)) if is_damage(&error) => checks.push(checks::damaged("open", error.to_string())),
        Err(error) => checks.push(Check::bad("open", error.to_string())),
    }
    checks
}

fn is_damage(error: &StoreError) -> bool {
    match error {
        StoreError::Corrupt { .. } | StoreError::Damaged(_) => true,
        StoreError::Foreign(path) => Board::at(path).is_ours(),
        _ => false,
    }
}

fn text(out: Output, findings: &Findings, fix: bool) -> String {
    let mut lines: Vec<String> =
        findings.fixed.iter().map(|what| format!("{}  {}", out.style("32", "mended"), one_line(what, 1000))).collect();
    if fix && lines.is_empty() {
        let mendable = findings.checks.iter().any(|check| check.remedy.is_some());
        let well = findings.checks.iter().all(|check| check.state == State::Ok);
        lines.push(match (mendable, well) {
            (true, _) => "nothing was changed".into(),
            (false, true) => "nothing is to be mended".into(),
            (false, false) => "nothing here that vayu can mend by itself".into(),
        });
    }
    lines.extend(findings.checks.iter().map(|check| line(out, check)));
    lines.join("\n")
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
