//! A terminal with a program in it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long a test waits for what should be there in milliseconds; only a failure takes as long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs `$0 board` as a job until it has ended; the numbers are what shells say of a job that has stopped.
const JOB: &str = r#""$0" board; s=$?
while [ $s -ge 145 ] && [ $s -le 148 ]; do echo STOPPED; read x; fg >/dev/null; s=$?; done
echo ENDED $s; read x"#;

/// What came from the program, and what it looks like.
struct Output {
    bytes: Vec<u8>,
    screen: vt100::Parser,
    ended: bool,
    closing: bool,
}

/// A terminal of 100 columns and 30 rows.
pub struct Room {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    output: Arc<(Mutex<Output>, Condvar)>,
    found: String,
    job: Option<u32>,
}

/// The `vayu` that was built for this test run.
pub fn vayu() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vayu"));
    command.env_remove("VAYU_BOARD").env_remove("VAYU_AS").env("VAYU_USER", "asha");
    command
}

/// A new board with one task on it.
pub fn board() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(vayu().arg("init").current_dir(folder.path()).output().unwrap().status.success());
    create(folder.path(), "The first task");
    folder
}

/// Writes down a task from another process.
pub fn create(folder: &Path, title: &str) {
    assert!(vayu().args(["task", "create", title]).current_dir(folder).output().unwrap().status.success());
}

impl Room {
    /// A terminal with the board of `folder` in it, once it is drawn.
    pub fn with_board(folder: &Path) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_vayu"));
        command.arg("board");
        command.cwd(folder);
        let room = Self::with(command);
        room.until("The first task");
        room
    }

    /// A terminal with a shell that runs the board as a job, and continues it, when it has stopped, at the next Enter.
    /// The board's editor is this shell script, which gets the file as `$1`.
    pub fn with_shell(folder: &Path, editor: &str) -> Self {
        let script = folder.join("editor");
        std::fs::write(&script, editor).unwrap();
        Self::with_editor(folder, &format!("sh {}", script.display()))
    }

    /// The same with an editor as `VISUAL` names it.
    pub fn with_editor(folder: &Path, editor: &str) -> Self {
        let mut command = CommandBuilder::new("sh");
        command.args(["-mc", JOB]);
        command.arg(env!("CARGO_BIN_EXE_vayu"));
        command.cwd(folder);
        command.env("VISUAL", editor);
        command.env("TMPDIR", folder);
        let mut room = Self::with(command);
        room.until("The first task");
        room.job = Some(child_of(room.pid()));
        room
    }

    /// A terminal with a program in it.
    pub fn with(mut command: CommandBuilder) -> Self {
        for name in ["VAYU_BOARD", "VAYU_AS", "NO_COLOR", "TMUX"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color");
        command.env("VAYU_USER", "asha");
        let size = PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let found = discipline(pair.master.as_ref());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let (rows, columns) = (NonZero::new(30).unwrap(), NonZero::new(100).unwrap());
        let output =
            Output { bytes: Vec::new(), screen: vt100::Parser::new(rows, columns, 0), ended: false, closing: false };
        let output = Arc::new((Mutex::new(output), Condvar::new()));
        read_all(pair.master.try_clone_reader().unwrap(), Arc::clone(&output));
        let keys = pair.master.take_writer().unwrap();
        Self { master: Some(pair.master), keys: Some(keys), child, output, found, job: None }
    }

    /// Waits until something holds for what came so far.
    #[track_caller]
    fn wait(&self, what: &str, holds: impl Fn(&Output) -> bool) {
        let (output, news) = &*self.output;
        let output = output.lock().unwrap();
        let (output, late) = news.wait_timeout_while(output, PATIENCE, |output| !holds(output)).unwrap();
        assert!(!late.timed_out(), "{what} did not come; on the screen:\n{}", output.screen.screen().contents());
    }

    /// Waits until a text is on the screen.
    #[track_caller]
    pub fn until(&self, text: &str) {
        self.wait(text, |output| output.screen.screen().contents().contains(text));
    }

    /// Waits until a text is not on the screen any more.
    #[track_caller]
    pub fn until_without(&self, text: &str) {
        self.wait(&format!("a screen without `{text}`"), |output| !output.screen.screen().contents().contains(text));
    }

    /// Waits until a text came after the last full screen was left, where it can be read afterwards.
    #[track_caller]
    pub fn until_said_on_the_usual_screen(&self, text: &str) {
        self.wait(text, |output| {
            let said = String::from_utf8_lossy(&output.bytes);
            said.rsplit_once("\x1b[?1049l").is_some_and(|(_, after)| after.contains(text))
        });
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        let writer = self.keys.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Sends a signal to the program, or to the job of the shell that is the program.
    pub fn signal(&self, name: &str) {
        let pid = self.job.unwrap_or_else(|| self.pid()).to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits until the program has ended; its exit code.
    #[track_caller]
    pub fn end(&mut self) -> u32 {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.drain();
                return status.exit_code();
            }
            std::thread::yield_now();
        }
        panic!("the program does not end; on the screen:\n{}", self.contents());
    }

    fn drain(&self) {
        if self.master.is_some() {
            // The last bytes are read when the reader meets the end.
            let (output, news) = &*self.output;
            let guard = output.lock().unwrap();
            let _ = news.wait_timeout_while(guard, Duration::from_secs(2), |output| !output.ended).unwrap();
        }
    }

    fn contents(&self) -> String {
        self.output.0.lock().unwrap().screen.screen().contents()
    }

    /// Closes the terminal, as a window is closed or a line drops.
    pub fn close(&mut self) {
        self.output.0.lock().unwrap().closing = true;
        // The reader sits in a read that holds the terminal open: one more frame sends it home.
        self.press("\x0c");
        self.wait("the last frame", |output| output.ended);
        self.keys = None;
        self.master = None;
    }

    /// Fails unless every mode that was switched on is off again and the line discipline is as it was found.
    #[track_caller]
    pub fn assert_restored(&self) {
        self.wait("the terminal as it was found", |output| {
            let modes = modes(&output.bytes);
            let left_on = modes.iter().any(|(mode, on)| *on != (*mode == 25));
            !left_on && !modes.is_empty() && !output.screen.screen().alternate_screen()
        });
        if let Some(master) = &self.master {
            assert_eq!(discipline(master.as_ref()), self.found);
        }
    }

    /// Fails if any mode was ever switched on, or the line discipline is not as it was found.
    #[track_caller]
    pub fn assert_untouched(&self) {
        assert_eq!(modes(&self.output.0.lock().unwrap().bytes), BTreeMap::new());
        let master = self.master.as_ref().expect("an open terminal");
        assert_eq!(discipline(master.as_ref()), self.found);
    }

    /// Fails unless the terminal is in use.
    #[track_caller]
    pub fn assert_taken(&self) {
        self.wait("the terminal in use", |output| {
            let modes = modes(&output.bytes);
            [1049, 2004, 1004, 1006].iter().all(|mode| modes.get(mode) == Some(&true))
        });
    }

    /// Wipes what was seen: what is on the screen after this was drawn anew.
    pub fn forget(&self) {
        self.output.0.lock().unwrap().screen.process(b"\x1b[2J");
    }

    /// How many bytes came so far.
    pub fn count(&self) -> usize {
        self.output.0.lock().unwrap().bytes.len()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// The only child of a process.
fn child_of(pid: u32) -> u32 {
    let output = Command::new("ps").args(["-o", "pid=", "--ppid", &pid.to_string()]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

fn read_all(mut reader: Box<dyn Read + Send>, output: Arc<(Mutex<Output>, Condvar)>) {
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut bytes) {
            let mut now = output.0.lock().unwrap();
            now.bytes.extend_from_slice(&bytes[..count]);
            now.screen.process(&bytes[..count]);
            let closing = now.closing;
            drop(now);
            output.1.notify_all();
            if closing {
                break;
            }
        }
        drop(reader);
        output.0.lock().unwrap().ended = true;
        output.1.notify_all();
    });
}

/// The line discipline without the speed, which Linux notes in one more place when it is set than when it was not.
fn discipline(master: &(dyn MasterPty + Send)) -> String {
    let found = master.get_termios().unwrap();
    format!("{:?} {:?} {:?} {:?}", found.input_flags, found.output_flags, found.local_flags, found.control_chars)
}

/// Private modes that were set or reset, each with its last state.
fn modes(bytes: &[u8]) -> BTreeMap<u16, bool> {
    let text = String::from_utf8_lossy(bytes);
    let mut modes = BTreeMap::new();
    for piece in text.split("\x1b[?").skip(1) {
        let digits: String = piece.chars().take_while(char::is_ascii_digit).collect();
        let last = piece[digits.len()..].chars().next();
        if let (Ok(mode), Some(on @ ('h' | 'l'))) = (digits.parse(), last) {
            modes.insert(mode, on == 'h');
        }
    }
    modes
}
