//! The single checks of a board. Each looks at one thing and says in a sentence how it is.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::Serialize;

use super::fixes;
use crate::agents::runner;
use crate::domain::AgentStatus;
use crate::domain::words;
use crate::service::Service;
use crate::service::notify::Listener;
use crate::store::sqlite::{behind_links, with_suffix};

/// Bytes of a write-ahead log beyond which somebody seems to keep it from being folded in.
const LARGE_WAL: u64 = 64 << 20;

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// In order.
    Ok,
    /// Good to know.
    Warn,
    /// Broken.
    Bad,
}

/// What `--fix` does about a finding, in the order in which it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Puts the newest good backup in the place of the board; nothing else then.
    Restore,
    /// Keeps others on this host from reading the board.
    Protect,
    /// Makes anew what is derived from the rows.
    Derive,
    /// Brings the runs of dead runners to an end.
    Recover,
    /// Removes what finished runs have left and has had its time.
    Sweep,
}

/// What one check found.
#[derive(Debug, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it is.
    pub state: State,
    /// In a sentence.
    pub says: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// What `--fix` does about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
}

impl Check {
    /// All is well.
    pub fn ok(name: &'static str, says: impl Into<String>) -> Self {
        Self { name, state: State::Ok, says: says.into(), fix: None, remedy: None }
    }

    /// Good to know, and what to do about it.
    pub fn warn(name: &'static str, says: impl Into<String>, fix: &str) -> Self {
        Self { state: State::Warn, fix: Some(fix.into()), ..Self::ok(name, says) }
    }

    /// This helps against it, and `--fix` does it.
    pub fn with(self, remedy: Remedy) -> Self {
        Self { remedy: Some(remedy), ..self }
    }

    /// Something is broken; the sentence says what helps.
    pub fn bad(name: &'static str, says: impl Into<String>) -> Self {
        Self { state: State::Bad, ..Self::ok(name, says) }
    }
}

/// Everything about an open board.
pub fn all(board: &Path, service: &Service) -> Vec<Check> {
    let mut checks = vec![wal(board), integrity(service)];
    for check in [drift, log, orchestrator, claims, team, inbox] {
        checks.push(check(service).unwrap_or_else(|error| Check::bad("board", error.to_string())));
    }
    checks.extend([notices(service), runs(service), leftovers(service), backups(board)]);
    checks
}

fn wal(board: &Path) -> Check {
    let size = std::fs::metadata(with_suffix(&behind_links(board.to_owned()), "-wal"))
        .map(|metadata| metadata.size())
        .unwrap_or_default();
    let says = format!("{} KiB not yet folded into the file", size / 1024);
    if size > LARGE_WAL {
        return Check::warn("wal", says, "a process reads for long; close boards that are not needed");
    }
    Check::ok("wal", says)
}

fn integrity(service: &Service) -> Check {
    match service.check() {
        Ok(problems) if problems.is_empty() => Check::ok("integrity", format!("{}: no damage found", service.kind())),
        Ok(problems) => damaged("integrity", problems.join("; ")),
        Err(error) => Check::bad("integrity", error.to_string()),
    }
}

/// The file itself is damaged.
pub fn damaged(name: &'static str, says: String) -> Check {
    let fix = "`vayu doctor --fix` makes anew what can be made from the tasks, else puts the newest good backup in the board's \
               place and keeps the damaged one";
    Check { fix: Some(fix.into()), ..Check::bad(name, says) }.with(Remedy::Restore)
}

fn drift(service: &Service) -> Found {
    let found = service.drift()?;
    if found.is_empty() {
        return Ok(Check::ok("derived", "indexes, counts, arrows and search agree with the tasks"));
    }
    let fix = Some("`vayu doctor --fix` makes them anew from the tasks".into());
    Ok(Check { fix, ..Check::bad("derived", found.join("; ")) }.with(Remedy::Derive))
}

/// Differences between log and tables that are named.
const NAMED: usize = 5;

fn log(service: &Service) -> Found {
    let audit = service.audit(NAMED)?;
    if audit.differences.is_empty() {
        let says = format!(
            "{} replayed, {} as it says",
            words::count(audit.changes, "change"),
            words::count(audit.rows, "row")
        );
        return Ok(Check::ok("log", says));
    }
    let named = audit.differences.iter().map(|(id, what)| format!("{id}: {what}"));
    let says = format!("the tables differ from the log: {}", named.collect::<Vec<_>>().join("; "));
    let fix = Some("`vayu backup`, then `vayu restore` the newest backup in which they agree".into());
    Ok(Check { fix, ..Check::bad("log", says) })
}

type Found = Result<Check, crate::service::Error>;

fn orchestrator(service: &Service) -> Found {
    let leader = service.read().leader(&service.now())?.filter(|leader| !leader.expired);
    Ok(match leader {
        Some(leader) => Check::ok("leader", format!("{} orchestrates (epoch {})", leader.holder, leader.epoch)),
        None => Check::warn("leader", "nobody orchestrates", "open a board, or run `vayu orchestrate`"),
    })
}

fn claims(service: &Service) -> Found {
    let leases = service.read().leases(&service.now())?;
    let over: Vec<_> = leases.iter().filter(|lease| lease.expired).map(|lease| lease.number.to_string()).collect();
    if over.is_empty() {
        return Ok(Check::ok("claims", format!("{} held, none overdue", leases.len())));
    }
    let says = format!("{} held; the lease is over on {}", leases.len(), over.join(", "));
    Ok(Check::warn("claims", says, "the orchestrator takes them back, once the old process is gone"))
}

fn team(service: &Service) -> Found {
    let rows = service.read().agents(&service.now())?;
    let here = rows.iter().filter(|row| matches!(row.status, AgentStatus::Online | AgentStatus::Busy)).count();
    let says = format!("{} on the team, {here} there", rows.len());
    Ok(if rows.is_empty() {
        Check::warn("team", "nobody is on the team", "`vayu agent add NAME` or `vayu agent run`")
    } else {
        Check::ok("team", says)
    })
}

fn inbox(service: &Service) -> Found {
    let asks = service.read().escalations(false, &service.now())?.len();
    Ok(match asks {
        0 => Check::ok("inbox", "nothing waits for a person"),
        asks => Check::warn("inbox", format!("{asks} wait for a person's word"), "`vayu inbox` shows them"),
    })
}

fn notices(service: &Service) -> Check {
    match service.folder().map(|folder| Listener::at(&folder)) {
        None | Some(Ok(_)) => Check::ok("notices", "boards on this host hear of changes at once"),
        Some(Err(error)) => {
            let says = format!("no socket can be made: {error}");
            Check::warn("notices", says, "boards look every quarter of a second instead; a shorter path helps")
        }
    }
}

/// What finished runs have left beside the board, and whether some of it has had its time.
fn leftovers(service: &Service) -> Check {
    let runs = service.folder().map(|folder| runner::run_folders(&folder)).unwrap_or_default();
    let bytes: u64 = runs.iter().map(|run| run.bytes).sum();
    let says = format!("{} with brief and transcript, {} KiB", words::count(runs.len(), "run"), bytes >> 10);
    match runner::outworn(&runs, service.now().wall).len() {
        0 => Check::ok("leftovers", says),
        old => {
            let fix = "`vayu agent run` and `vayu doctor --fix` remove them; what is in use stays";
            let (days, room) = (runner::KEPT_DAYS, runner::KEPT_BYTES >> 20);
            let says = format!("{says}; {old} are older than {days} days or beyond {room} MiB");
            Check::warn("leftovers", says, fix).with(Remedy::Sweep)
        }
    }
}

/// Runs whose runner on this host has died: their agents may still be at work, and nobody tells the board.
fn runs(service: &Service) -> Check {
    let abandoned = service.folder().map(|folder| runner::abandoned(&folder)).unwrap_or_default();
    if abandoned.is_empty() {
        return Check::ok("runs", "every run has its runner");
    }
    let numbers: Vec<String> = abandoned.iter().map(ToString::to_string).collect();
    let says = format!("the runner has died under {}", numbers.join(", "));
    let fix = "`vayu agent run` or `vayu doctor --fix` ends what is left of it and tells the board";
    Check::warn("runs", says, fix).with(Remedy::Recover)
}

fn backups(board: &Path) -> Check {
    match fixes::backups(board).len() {
        0 => Check::warn("backups", "there is none", "`vayu backup` makes one"),
        count => Check::ok("backups", words::count(count, "backup")),
    }
}
