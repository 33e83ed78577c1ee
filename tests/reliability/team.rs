//! A board in a folder and real processes on it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::Value;
use tempfile::TempDir;
use vayu::service::Service;
use vayu::store::sqlite::Board;

/// Longest wait for what must come; only a failure takes as long.
const PATIENCE: Duration = Duration::from_mins(3);

/// A folder with a board.
pub struct Home {
    folder: TempDir,
}

/// A process of the team.
pub enum Member {
    Plain(Child),
    InTerminal { child: Box<dyn portable_pty::Child + Send + Sync>, _line: Box<dyn portable_pty::MasterPty + Send> },
}

impl Home {
    pub fn new() -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        home.ok(&["init", "--name", "Proof"]);
        home
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn board(&self) -> PathBuf {
        self.path().join(".vayu/board.db")
    }

    pub fn service(&self) -> Service {
        Service::new(Box::new(Board::at(self.board()).open().unwrap()))
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vayu"));
        command.args(args).current_dir(self.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.env("VAYU_USER", "po");
        for name in ["VAYU_BOARD", "VAYU_AS", "VAYU_CLAIM", "VAYU_TASK", "VAYU_TASK_ID"] {
            command.env_remove(name);
        }
        command
    }

    /// Exit code, and standard output as JSON.
    pub fn json(&self, args: &[&str]) -> (i32, Value) {
        let output = self.command(args).arg("--json").stdout(Stdio::piped()).output().unwrap();
        (output.status.code().unwrap_or(-1), serde_json::from_slice(&output.stdout).unwrap_or_default())
    }

    pub fn ok(&self, args: &[&str]) {
        let output = self.command(args).stderr(Stdio::piped()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    pub fn start(&self, args: &[&str]) -> Member {
        Member::Plain(self.command(args).spawn().unwrap())
    }

    /// A board in a terminal of its own; what it draws is read and thrown away.
    pub fn watch(&self) -> Member {
        let size = PtySize { rows: 36, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_vayu"));
        command.cwd(self.path());
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command).unwrap();
        let mut output = pair.master.try_clone_reader().unwrap();
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Member::InTerminal { child, _line: pair.master }
    }
}

impl Member {
    pub fn id(&self) -> u32 {
        match self {
            Self::Plain(child) => child.id(),
            Self::InTerminal { child, .. } => child.process_id().unwrap(),
        }
    }

    pub fn is_alive(&mut self) -> bool {
        match self {
            Self::Plain(child) => child.try_wait().unwrap().is_none(),
            Self::InTerminal { child, .. } => child.try_wait().unwrap().is_none(),
        }
    }

    /// kill -9, and nothing else.
    pub fn kill(&mut self) {
        match self {
            Self::Plain(child) => {
                child.kill().unwrap();
                child.wait().unwrap();
            }
            Self::InTerminal { child, .. } => {
                let _it_may_have_ended = child.kill();
                child.wait().unwrap();
            }
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits until `condition` holds; tells what `explain` says if it never does.
pub fn await_that(what: &str, mut condition: impl FnMut() -> bool, explain: impl Fn() -> String) {
    let until = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < until, "waited in vain until {what}: {}", explain());
        std::thread::sleep(Duration::from_millis(50));
    }
}
