//! `vayu backup` and `vayu restore`.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::context::Context;
use super::output::{Output, one_line};
use super::{Failure, Global, Outcome};
use crate::bootstrap;
use crate::domain::Rejection;
use crate::domain::words;
use crate::service::{Error, Service};
use crate::store::StoreError;
use crate::store::sqlite::private_folder;

#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// New file, or a folder to put one into [default: the folder `backups` of the board]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

pub fn backup(args: &BackupArgs, cx: &Context) -> Result<Outcome, Failure> {
    let file = args.place(cx)?;
    cx.service.backup(&file)?;
    let shown = std::path::absolute(&file).unwrap_or(file).display().to_string();
    let bytes = std::fs::metadata(&shown).map(|metadata| metadata.len()).unwrap_or_default();
    cx.out.print(&json!({ "file": shown, "bytes": bytes }), || {
        format!("backup: {} ({bytes} bytes)", one_line(&shown, 4096))
    })?;
    Ok(Outcome::Done)
}

impl BackupArgs {
    fn place(&self, cx: &Context) -> Result<PathBuf, Failure> {
        match &self.file {
            Some(folder) if folder.is_dir() => Ok(folder.join(new_name(&cx.service, "board"))),
            Some(file) => Ok(file.clone()),
            None => beside_board(&cx.service, "board"),
        }
    }
}

fn new_name(service: &Service, what: &str) -> String {
    format!("{what}-{}.db", service.now().wall.format("%Y%m%d-%H%M%S-%6f"))
}

/// The place for a new backup where none is said; `what` is the first word of its name.
pub fn beside_board(service: &Service, what: &str) -> Result<PathBuf, Failure> {
    let folder = service.folder().unwrap_or_default().join("backups");
    let failed = |error| Failure::World(format!("{}: {error}", folder.display()));
    private_folder(&folder).map_err(failed)?;
    Ok(folder.join(new_name(service, what)))
}

#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Restore though agents are at work; they lose their claims
    #[arg(long)]
    force: bool,
}

pub fn restore(args: &RestoreArgs, global: &Global) -> Result<Outcome, Failure> {
    let board = board_of(global)?;
    if is_same(&args.file, &board) {
        return Err(Failure::Usage("this file is the board itself; `vayu log` and `vayu undo` go back in time".into()));
    }
    if !args.force {
        refuse_while_at_work(&board)?;
    }
    if !args.yes && !confirmed(&board, &args.file, global)? {
        return Ok(Outcome::Nothing);
    }
    let kept = bootstrap::restore(&board, &args.file)?;
    let (board, kept) = (board.display().to_string(), kept.map(|kept| kept.display().to_string()));
    Output::new(global.json, global.color).print(&json!({ "board": board, "kept": kept }), || {
        let back = kept.as_deref().map(|kept| format!("\nwhat was there before: {}", one_line(kept, 4096)));
        format!("restored: {}{}", one_line(&board, 4096), back.unwrap_or_default())
    })?;
    Ok(Outcome::Done)
}

/// The board that is meant, or the place where one would be made.
fn board_of(global: &Global) -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()?;
    match bootstrap::find_board(global.board.as_deref(), &here) {
        Err(StoreError::NoBoard) => Ok(here.join(bootstrap::FOLDER).join(bootstrap::FILE)),
        found => Ok(found?),
    }
}

fn is_same(file: &Path, board: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    real(file).is_some() && real(file) == real(board)
}

/// Whoever is at work would go on without a claim, and a second one could start beside it.
pub fn refuse_while_at_work(board: &Path) -> Result<(), Failure> {
    // A board that cannot be opened or read is what one restores for.
    let Ok(busy) = bootstrap::open(board).and_then(|service| at_work(&service)) else { return Ok(()) };
    if busy.is_empty() {
        return Ok(());
    }
    let why = format!("agents are at work on {}; drain or stop them first, or pass --force", busy.join(", "));
    Err(Rejection::Conflict { what: "the board".into(), how: why }.into())
}

fn at_work(service: &Service) -> Result<Vec<String>, Error> {
    let leases = service.read().leases(&service.now())?;
    let alive = leases.iter().filter(|lease| lease.process.is_some() || (!lease.expired && !lease.human));
    Ok(alive.map(|lease| lease.number.to_string()).collect())
}

/// Asks whether the board may be replaced by this backup.
pub fn confirmed(board: &Path, file: &Path, global: &Global) -> Result<bool, Failure> {
    let shown = |path: &Path| one_line(&path.display().to_string(), 4096);
    let age = std::fs::metadata(file).and_then(|found| found.modified()).ok().and_then(|at| at.elapsed().ok());
    let age = age.map(|age| format!(", {} old", words::span(age.as_secs() / 60))).unwrap_or_default();
    if global.json || !stdin().is_terminal() {
        let what = format!("{}{age}, would take the place of the whole board", shown(file));
        return Err(Failure::Usage(format!("{what}; pass --yes if that is meant")));
    }
    let mut out = stderr().lock();
    writeln!(out, "{}{age}, takes the place of {}.", shown(file), shown(board))?;
    writeln!(out, "What came after it is lost on the board; the present board is kept among the backups.")?;
    write!(out, "Restore? [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
