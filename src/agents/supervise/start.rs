//! Starting: the command is created, recognized, and held until somebody has written down that it exists.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::listen::{self, Source};
use super::{Order, Phase, Run, Shared, Usage};
use crate::agents::census::Census;
use crate::agents::identity::{self, Identity, MARK};

/// Waits for one line, then becomes the command, with nothing to read. If nobody lets it go, it ends and has done
/// nothing. The text is constant: program and arguments are handed over as arguments.
const GATE: &str = r#"IFS= read -r _ || exit 125; exec "$@" </dev/null"#;

/// Signs not yet taken in; a command that says more is held up until they are.
const BACKLOG: usize = 256;

/// Why a command could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no such program.
    #[error("there is no program `{0}`; give its path, or put its folder on PATH")]
    NoProgram(String),
    /// The file is no program.
    #[error("{} is not executable; `chmod +x` makes it so", .0.display())]
    NotExecutable(PathBuf),
    /// The system refused.
    #[error("{} cannot be started: {source}", program.display())]
    System {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The file that `program` means: a path from here, or a name to be found in the folders of `search`, a `PATH`.
pub fn find_program(program: &OsStr, search: Option<&OsStr>) -> Result<PathBuf, StartError> {
    let unknown = || StartError::NoProgram(program.to_string_lossy().into_owned());
    if program.is_empty() {
        return Err(unknown());
    }
    if Path::new(program).components().count() > 1 || program.as_encoded_bytes().contains(&b'/') {
        let path = std::path::absolute(program).map_err(|_| unknown())?;
        return match (path.is_file(), is_executable(&path)) {
            (true, true) => Ok(path),
            (true, false) => Err(StartError::NotExecutable(path)),
            (false, _) => Err(unknown()),
        };
    }
    let folders = search.map(std::env::split_paths).into_iter().flatten();
    let found = folders.map(|folder| folder.join(program)).find(|path| is_executable(path)).ok_or_else(unknown)?;
    // The command starts in another folder, where a relative path would mean another program.
    std::path::absolute(found).map_err(|_| unknown())
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// A command that exists but has not begun: dropping it ends it without a trace.
#[derive(Debug)]
pub struct AtTheGate {
    run: Run,
    gate: ChildStdin,
}

impl AtTheGate {
    /// Creates the command's process.
    pub fn start(order: Order) -> Result<Self, StartError> {
        let program = order.program.clone();
        Self::spawn(order).map_err(|source| StartError::System { program, source })
    }

    fn spawn(order: Order) -> io::Result<Self> {
        let mut child = Command::new("/bin/sh")
            .args(["-c", GATE, "vayu-gate"])
            .arg(&order.program)
            .args(&order.args)
            .current_dir(&order.folder)
            .env_clear()
            .envs(order.env)
            .env(MARK, &order.mark)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(gate), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else {
            unreachable!("all three streams were asked for");
        };
        let identity = identity::of_child(child.id(), order.mark)
            .ok_or_else(|| io::Error::other("its process cannot be seen in the process table"))?;
        let shared = Arc::new(Shared { transcript: Mutex::new(Some(order.transcript)), written: AtomicU64::new(0) });
        let (tell, heard) = sync_channel(BACKLOG);
        let pid = identity.pid;
        let now = Instant::now();
        let run = Run {
            child,
            census: Census::of(&identity),
            limits: order.limits,
            heard,
            shared: Arc::clone(&shared),
            began: now,
            suspended_at: None,
            phase: Phase::Working,
            stopped: None,
            exited: false,
            gone_at: None,
            open_streams: 2,
            sampled_at: now,
            cpu: Duration::ZERO,
            usage: Usage::default(),
            finished: false,
        };
        listen::to_stream(stdout, Source::Output, Arc::clone(&shared), tell.clone())?;
        listen::to_stream(stderr, Source::Error, shared, tell.clone())?;
        listen::for_exit(pid, tell)?;
        Ok(Self { run, gate })
    }

    /// How its processes are recognized.
    pub fn identity(&self) -> &Identity {
        self.run.identity()
    }

    /// Lets the command begin.
    pub fn let_go(mut self) -> io::Result<Run> {
        self.gate.write_all(b"\n")?;
        self.run.began = Instant::now();
        Ok(self.run)
    }
}
