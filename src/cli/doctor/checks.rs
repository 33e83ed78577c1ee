//! The single checks. Each looks at one thing and says in a sentence how it is.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use serde::Serialize;

use crate::agents::runner;
use crate::domain::AgentStatus;
use crate::service::Service;
use crate::service::notify::Listener;

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
}

impl Check {
    fn ok(name: &'static str, says: impl Into<String>) -> Self {
        Self { name, state: State::Ok, says: says.into(), fix: None }
    }

    fn warn(name: &'static str, says: impl Into<String>, fix: &str) -> Self {
        Self { name, state: State::Warn, says: says.into(), fix: Some(fix.into()) }
    }

    /// Something is broken; the sentence says what helps.
    pub fn bad(name: &'static str, says: impl Into<String>) -> Self {
        Self { name, state: State::Bad, says: says.into(), fix: None }
    }
}

/// This program and the system it runs on.
pub fn program() -> Check {
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    Check::ok("program", format!("vayu {} on {system} {machine}", env!("CARGO_PKG_VERSION")))
}

/// Size and permissions, without opening the file.
pub fn file(board: &Path) -> Check {
    let Ok(metadata) = std::fs::metadata(board) else {
        return Check::bad("file", format!("{} cannot be looked at", board.display()));
    };
    let says = format!("{}, {} KiB", board.display(), metadata.size() / 1024);
    if metadata.permissions().mode() & 0o077 != 0 {
        return Check::warn(
            "file",
            format!("{says}, others on this host may read it"),
            "chmod 600 on it, 700 on its folder",
        );
    }
    Check::ok("file", says)
}

/// Everything about an open board.
pub fn all(board: &Path, service: &Service) -> Vec<Check> {
    let mut checks = vec![wal(board), integrity(service)];
    for check in [log, orchestrator, claims, team, inbox] {
        checks.push(check(service).unwrap_or_else(|error| Check::bad("board", error.to_string())));
    }
    checks.extend([notices(service), git(board), leftovers(service), backups(service)]);
    checks
}

fn wal(board: &Path) -> Check {
    let mut name = board.as_os_str().to_owned();
    name.push("-wal");
    let size = std::fs::metadata(&name).map(|metadata| metadata.size()).unwrap_or_default();
    let says = format!("{} KiB not yet folded into the file", size / 1024);
    if size > LARGE_WAL {
        return Check::warn("wal", says, "a process reads for long; close boards that are not needed");
    }
    Check::ok("wal", says)
}

fn integrity(service: &Service) -> Check {
    match service.check() {
        Ok(problems) if problems.is_empty() => Check::ok("integrity", format!("{}: no damage found", service.kind())),
        Ok(problems) => Check {
            fix: Some("`vayu backup` what can be read, then `vayu restore` the newest good backup".into()),
            ..Check::bad("integrity", problems.join("; "))
        },
        Err(error) => Check::bad("integrity", error.to_string()),
    }
}

/// Differences between log and tables that are named.
const NAMED: usize = 5;

fn log(service: &Service) -> Found {
    let audit = service.audit(NAMED)?;
    if audit.differences.is_empty() {
        let says = format!("{} changes replayed, {} rows say the same", audit.changes, audit.rows);
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
    let says = format!("{} runs with briefs and transcripts, {} KiB", runs.len(), bytes >> 10);
    match runner::outworn(&runs, service.now().wall).len() {
        0 => Check::ok("leftovers", says),
        old => {
            let fix = "`vayu agent run` removes them when it starts; what is in use stays";
            let (days, room) = (runner::KEPT_DAYS, runner::KEPT_BYTES >> 20);
            Check::warn("leftovers", format!("{says}; {old} are older than {days} days or beyond {room} MiB"), fix)
        }
    }
}

fn git(board: &Path) -> Check {
    let absolute = std::path::absolute(board).unwrap_or_else(|_| board.to_owned());
    match absolute.ancestors().find(|folder| folder.join(".git").exists()) {
        Some(root) => Check::ok("git", format!("repository {}; agents get worktrees", root.display())),
        None => Check::ok("git", "no repository; agents get folders of their own"),
    }
}

fn backups(service: &Service) -> Check {
    let folder = service.folder().unwrap_or_default().join("backups");
    let count = std::fs::read_dir(&folder).map(|entries| entries.flatten().count()).unwrap_or_default();
    match count {
        0 => Check::warn("backups", "there is none", "`vayu backup` makes one"),
        count => Check::ok("backups", format!("{count} in {}", folder.display())),
    }
}
