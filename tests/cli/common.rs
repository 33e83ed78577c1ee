//! A board in a folder of its own and the real program on it.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Environment variables that would change what the program does.
const FOREIGN: &[&str] = &[
    "VAYU_BOARD",
    "VAYU_CONFIG",
    "VAYU_MODEL",
    "VAYU_THEME",
    "VAYU_AS",
    "VAYU_CLAIM",
    "VAYU_TASK",
    "VAYU_TASK_ID",
    "VAYU_TASK_FILE",
    "NO_COLOR",
    "CLICOLOR_FORCE",
];

/// What a run of the program printed, and how it ended.
#[derive(Debug, Clone)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("no JSON value: {why}: {self:?}"))
    }

    /// The run, which ended with this exit code.
    #[track_caller]
    pub fn code(self, wanted: i32) -> Self {
        assert_eq!(self.code, wanted, "{self:?}");
        self
    }

    /// The run, whose error message has these words in it.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "`{words}` is not in {self:?}");
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("errors are UTF-8"),
        }
    }
}

/// The program, in this folder, undisturbed by who runs the tests.
pub fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vayu"));
    command.current_dir(folder).env("VAYU_USER", "po").stdin(Stdio::null());
    for name in FOREIGN {
        command.env_remove(name);
    }
    command
}

/// A project folder with a board.
pub struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    /// A folder without a board.
    pub fn bare() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// This folder, without a board.
    pub fn in_folder(folder: tempfile::TempDir) -> Self {
        Self { folder }
    }

    /// A folder with a new board, made by the program.
    pub fn new() -> Self {
        let home = Self::bare();
        home.ok(["init", "--name", "Payments"]);
        home
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn board(&self) -> PathBuf {
        self.path().join(".vayu/board.db")
    }

    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = program(self.path());
        command.args(args);
        command
    }

    /// Runs the program.
    pub fn vayu<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Run {
        self.command(args).output().unwrap().into()
    }

    /// Runs the program, which succeeds, and gives its output.
    #[track_caller]
    pub fn ok<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> String {
        self.vayu(args).code(0).out
    }

    /// Runs the program with `--json`, and it succeeds.
    #[track_caller]
    pub fn json<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Value {
        Run::from(self.command(args).arg("--json").output().unwrap()).code(0).json()
    }

    /// Runs the program with this text on its standard input.
    pub fn fed<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>, text: &str) -> Run {
        let mut command = self.command(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let text = text.to_owned();
        let writer = std::thread::spawn(move || _ = input.write_all(text.as_bytes()));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        output.into()
    }

    /// A new task; its number.
    #[track_caller]
    pub fn task(&self, title: &str) -> i64 {
        self.json(["task", "create", title])["number"].as_i64().unwrap()
    }

    /// A field of a task, as `task status` tells it.
    #[track_caller]
    pub fn field(&self, task: i64, name: &str) -> Value {
        self.json(["task", "status", &task.to_string()])[name].clone()
    }

    #[track_caller]
    pub fn status(&self, task: i64) -> String {
        self.field(task, "status").as_str().unwrap().to_owned()
    }

    /// A task is claimed for the agent; the token.
    #[track_caller]
    pub fn claim(&self, task: i64, agent: &str) -> String {
        let claimed = self.json(["task", "claim", &task.to_string(), "--agent", agent]);
        claimed["claim"]["token"].as_str().unwrap().to_owned()
    }
}

/// The texts of an array under this key.
pub fn texts(array: &Value, key: &str) -> Vec<String> {
    let text = |row: &Value| row[key].as_str().unwrap_or_else(|| panic!("{key} of {row}")).to_owned();
    array.as_array().unwrap().iter().map(text).collect()
}

/// Waits until `condition` holds.
#[track_caller]
pub fn await_that(what: &str, mut condition: impl FnMut() -> bool) {
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while !condition() {
        assert!(std::time::Instant::now() < until, "waited in vain until {what}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
