//! R16 and R17: a terminal that is resized without end, and one that goes away.

use std::io::{Read, Write};
use std::num::NonZero;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::seed;
use super::team::{Home, await_that};

const VAYU: &str = env!("CARGO_BIN_EXE_vayu");

/// A board in a terminal whose screen can be read.
struct Terminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn some(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("no window is without cells")
}

impl Terminal {
    fn with(home: &Home, program: &str, args: &[&str]) -> Self {
        let pair = native_pty_system().openpty(size(30, 100)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(home.path());
        command.env("TERM", "xterm-256color");
        let child = pair.slave.spawn_command(command).unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(some(30), some(100), 0)));
        let (mut output, seen) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut bytes = [0; 16 << 10];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                seen.lock().unwrap().process(&bytes[..count]);
            }
        });
        Self { child, master: pair.master, screen }
    }

    fn resize(&self, rows: u16, cols: u16) {
        self.screen.lock().unwrap().screen_mut().set_size(some(rows), some(cols));
        self.master.resize(size(rows, cols)).unwrap();
    }

    fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    fn until(&self, words: &str) {
        await_that(words, || self.text().contains(words), || self.text());
    }
}

#[test]
fn r16_a_storm_of_sizes_leaves_the_board_alive_and_at_the_last_size() {
    let mut random = fastrand::Rng::with_seed(seed("R16", 16));
    let home = Home::new();
    home.ok(&["task", "create", "The first task"]);
    let mut terminal = Terminal::with(&home, VAYU, &["board"]);
    terminal.until("The first task");
    let mut keys = terminal.master.take_writer().unwrap();
    for screen in ["2", "3", "4", "7", "?", "\x1b", "1"] {
        keys.write_all(screen.as_bytes()).unwrap();
        for _ in 0..super::size(40, 500) {
            terminal.resize(random.u16(1..=200), random.u16(1..=500));
            std::thread::sleep(Duration::from_millis(4));
        }
    }
    terminal.resize(24, 90);
    terminal.until("The first task");
    assert!(terminal.child.try_wait().unwrap().is_none(), "the board has ended");
    terminal.child.kill().unwrap();
}

/// Ids of the boards that run in this folder.
fn boards(home: &Home) -> Vec<String> {
    let here = home.path().canonicalize().unwrap();
    let is_here = |entry: &std::fs::DirEntry| {
        let program = std::fs::read_link(entry.path().join("exe")).ok();
        let folder = std::fs::read_link(entry.path().join("cwd")).ok();
        program.is_some_and(|program| program.ends_with("vayu")) && folder.as_deref() == Some(&*here)
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.filter(is_here).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Runs the board in a pane of tmux, by this shell command, and kills the pane.
fn kill_pane_of(home: &Home, shell: &str) {
    home.ok(&["task", "create", "The first task"]);
    let socket = home.path().join("tmux");
    let tmux = |args: &[&str]| {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&socket).args(args).current_dir(home.path()).env_remove("TMUX");
        command.stdin(Stdio::null()).output().unwrap()
    };
    tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", shell]);
    let screen = || String::from_utf8_lossy(&tmux(&["capture-pane", "-p"]).stdout).into_owned();
    await_that("the board is drawn", || screen().contains("The first task"), screen);
    assert_eq!(boards(home).len(), 1);
    tmux(&["kill-pane"]);
    await_that("the board is gone", || boards(home).is_empty(), || boards(home).join(", "));
    tmux(&["kill-server"]);
}

#[test]
fn r17_a_pane_that_is_killed_takes_its_board_along() {
    kill_pane_of(&Home::new(), &format!("{VAYU} board"));
}

#[test]
fn r17_a_line_that_is_closed_ends_the_board_even_below_a_shell_that_ignores_it() {
    kill_pane_of(&Home::new(), &format!("trap '' HUP; {VAYU} board; sleep 1"));
}
