//! What a board stands on: program, file, disk, terminal, git. Looked at without opening the board.

use std::io::IsTerminal;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::checks::{Check, Remedy};
use crate::store::sqlite::{behind_links, side_folder, with_suffix};
use crate::tui::theme::Level;

/// Bytes below which a disk is called nearly full.
const LITTLE_ROOM: u64 = 256 << 20;
/// Fewest columns and rows in which every screen has its place.
const SMALLEST: (u16, u16) = (80, 24);

/// All of it.
pub fn all(board: &Path) -> Vec<Check> {
    vec![program(), file(board), disk(board), terminal(), git(board)]
}

fn program() -> Check {
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    Check::ok("program", format!("vayu {} on {system} {machine}", env!("CARGO_PKG_VERSION")))
}

/// Size and permissions. The file is not opened: closing it would drop the locks that SQLite holds.
fn file(board: &Path) -> Check {
    let Ok(metadata) = std::fs::metadata(board) else {
        return Check::bad("file", format!("{} cannot be looked at", board.display()));
    };
    let says = format!("{}, {} KiB", board.display(), metadata.size() / 1024);
    let open = open_to_others(board);
    if open.is_empty() {
        return Check::ok("file", says);
    }
    let names: Vec<_> = open.iter().map(|path| path.display().to_string()).collect();
    let says = format!("{says}; others on this host may read {}", names.join(", "));
    Check::warn("file", says, "chmod go= on it; `vayu doctor --fix` does that").with(Remedy::Protect)
}

/// What of the board others may read: its file, what SQLite keeps beside it, its folder and its backups.
pub fn open_to_others(board: &Path) -> Vec<PathBuf> {
    let folder = side_folder(board);
    let kept = folder.join("backups");
    let copies = std::fs::read_dir(&kept).into_iter().flatten().flatten().map(|entry| entry.path());
    let file = behind_links(board.to_owned());
    let files = ["", "-wal", "-shm"].map(|suffix| with_suffix(&file, suffix));
    let files = files.into_iter().chain(copies).chain([folder, kept.clone()]);
    let open = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    files.filter(open).collect()
}

/// A network folder is refused when the board is opened.
fn disk(board: &Path) -> Check {
    let folder = board.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match rustix::fs::statvfs(folder) {
        Err(error) => Check::bad("disk", format!("{}: {error}", folder.display())),
        Ok(found) => {
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            let says = format!("{} MiB free", free >> 20);
            if free < LITTLE_ROOM {
                return Check::warn("disk", says, "make room; the board refuses writes when there is none");
            }
            Check::ok("disk", says)
        }
    }
}

fn terminal() -> Check {
    let var = |name: &str| std::env::var(name).ok();
    let set = |name: &str| var(name).is_some_and(|value| !value.is_empty());
    let size = std::io::stderr().is_terminal().then(crossterm::terminal::size);
    let Some(Ok((columns, rows))) = size else {
        return Check::ok("terminal", "none here; `vayu board` prints the board as text then");
    };
    let colours = match Level::detect(var) {
        Level::Mono => "no colours",
        Level::Named => "16 colours",
        Level::Indexed => "256 colours",
        Level::True => "true colour",
    };
    let mut says = format!("{columns}×{rows}, {colours}");
    for (name, word) in [("TMUX", ", in tmux"), ("SSH_CONNECTION", ", over ssh")] {
        if set(name) {
            says.push_str(word);
        }
    }
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| var(name).filter(|value| !value.is_empty()));
    let utf8 = locale.is_some_and(|locale| locale.to_ascii_lowercase().replace('-', "").contains("utf8"));
    if columns < SMALLEST.0 || rows < SMALLEST.1 {
        return Check::warn("terminal", says, "from 80×24 on there is room for every screen");
    }
    if !utf8 {
        let fix = "LANG=C.UTF-8 if frames look broken";
        return Check::warn("terminal", format!("{says}; the locale does not say UTF-8"), fix);
    }
    Check::ok("terminal", says)
}

fn git(board: &Path) -> Check {
    let version = Command::new("git").arg("--version").stderr(Stdio::null()).output();
    let Ok(version) = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()) else {
        return Check::warn(
            "git",
            "not installed; agents get folders of their own",
            "install git for a worktree per task",
        );
    };
    let absolute = std::path::absolute(board).unwrap_or_else(|_| board.to_owned());
    match absolute.ancestors().find(|folder| folder.join(".git").exists()) {
        Some(root) => Check::ok("git", format!("{version}; repository {}; agents get worktrees", root.display())),
        None => Check::ok("git", format!("{version}; no repository here; agents get folders of their own")),
    }
}
