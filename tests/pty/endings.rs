//! However the board ends, the terminal is as it was found.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::ThreadId;
use std::time::Duration;

use portable_pty::CommandBuilder;
use vayu::domain::Actor;
use vayu::service::Service;
use vayu::service::env::{Clock, HostClock, RandomIds};
use vayu::store::Now;
use vayu::store::sqlite::Board;
use vayu::tui::terminal::{Modes, Terminal};

use crate::between::{Behind, Between};
use crate::room::{Room, board};

#[test]
fn r18_after_q_the_terminal_is_as_it_was() {
    let folder = board();
    let mut room = Room::with_board(folder.path());
    room.assert_taken();
    room.press("q");
    assert_eq!(room.end(), 0);
    room.assert_restored();
}

#[test]
fn r18_after_a_signal_the_terminal_is_as_it_was() {
    for name in ["TERM", "INT", "HUP", "QUIT"] {
        let folder = board();
        let mut room = Room::with_board(folder.path());
        room.signal(name);
        assert_eq!(room.end(), 0, "{name}");
        room.assert_restored();
    }
}

#[test]
fn r18_a_suspended_board_gives_the_terminal_back_and_takes_it_again() {
    let folder = board();
    let mut room = Room::with_shell(folder.path(), "true");
    // Nobody hears of a STOP before it is over: only what follows it can be right.
    for way in ["key", "TSTP", "STOP"] {
        if way == "key" {
            room.press("\x1a");
        } else {
            room.signal(way);
        }
        room.until("STOPPED");
        if way != "STOP" {
            room.assert_restored();
        }
        room.forget();
        // The board had no say before a STOP: the line is raw, and Enter is what it sends.
        room.press(if way == "STOP" { "\n" } else { "\r" });
        room.until("The first task");
        room.assert_taken();
    }
    room.press("q");
    room.until("ENDED 0");
    room.assert_restored();
}

#[test]
fn where_no_shell_waits_there_is_no_way_to_suspend() {
    let folder = board();
    let mut room = Room::with_board(folder.path());
    room.press("\x1a");
    room.until("No shell started this board");
    room.press("q");
    assert_eq!(room.end(), 0);
}

#[test]
fn in_a_container_whose_shell_is_out_of_sight_the_key_does_no_harm() {
    const CONTAINER: [&str; 4] = ["unshare", "--pid", "--fork", "--kill-child"];
    let can = std::process::Command::new(CONTAINER[0]).args(&CONTAINER[1..]).arg("true").output();
    if !can.is_ok_and(|output| output.status.success()) {
        eprintln!("not run: this machine lets nobody make a process namespace");
        return;
    }
    let folder = board();
    let mut command = CommandBuilder::new(CONTAINER[0]);
    command.args(&CONTAINER[1..]);
    command.args([env!("CARGO_BIN_EXE_vayu"), "board"]);
    command.cwd(folder.path());
    let mut room = Room::with(command);
    room.until("The first task");
    room.press("\x1a");
    room.until("No shell started this board");
    room.press("q");
    assert_eq!(room.end(), 0);
}

#[test]
fn r18_a_closed_terminal_ends_the_board() {
    let folder = board();
    let mut room = Room::with_board(folder.path());
    room.close();
    room.end();
}

#[test]
fn r18_a_signal_that_means_nothing_to_a_board_changes_nothing() {
    let folder = board();
    let mut room = Room::with_board(folder.path());
    room.signal("PIPE");
    room.press("2");
    room.until("No agents yet");
    room.press("q");
    assert_eq!(room.end(), 0);
    room.assert_restored();
}

#[test]
fn r18_without_standard_input_or_output_the_terminal_is_left_alone() {
    for (closed, draws) in [("2>&-", true), ("<&-", false), (">&-", false), ("<&- >&- 2>&-", false)] {
        let folder = board();
        let mut command = CommandBuilder::new("sh");
        // The shell has kept a way to say the last word.
        command.args(["-c", &format!("exec 3>&1; \"$0\" board {closed}; echo ENDED $? >&3; read x")]);
        command.arg(env!("CARGO_BIN_EXE_vayu"));
        command.cwd(folder.path());
        let mut room = Room::with(command);
        if draws {
            room.until("The first task");
            room.assert_taken();
            room.press("q");
        }
        room.until("ENDED 0");
        if draws { room.assert_restored() } else { room.assert_untouched() }
    }
}

/// Runs the program below, which falls over in this place as soon as a file says so.
fn fall_over(place: &str) {
    let folder = board();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["endings::child_that_panics", "--exact", "--ignored", "--nocapture"]);
    command.env("VAYU_TEST_BOARD", folder.path().join(".vayu/board.db"));
    command.env("VAYU_TEST_PANIC", place);
    let mut room = Room::with(command);
    room.until("The first task");
    room.assert_taken();
    std::fs::write(trap_of(folder.path()), "").unwrap();
    room.press("2");
    room.until_said_on_the_usual_screen("has fallen over");
    assert_ne!(room.end(), 0, "{place}");
    room.assert_restored();
}

fn trap_of(folder: &Path) -> PathBuf {
    folder.join("trap")
}

#[test]
fn r18_a_panic_in_any_thread_is_reported_on_a_terminal_as_it_was() {
    for place in ["background", "worker", "loop", "draw"] {
        fall_over(place);
    }
}

#[test]
fn r18_a_panic_while_another_is_told_leaves_the_terminal_as_it_was() {
    for place in ["report", "unwinding"] {
        fall_over(place);
    }
}

/// Falls over when the file is there.
#[derive(Clone)]
struct Trap {
    file: PathBuf,
    /// Only this thread falls, or only others.
    thread: ThreadId,
    only_this: bool,
}

impl Trap {
    fn step(&self) {
        let falls = (std::thread::current().id() == self.thread) == self.only_this && self.file.exists();
        assert!(!falls, "a thread has fallen over");
    }
}

impl Between for Trap {
    fn reading(&self) {
        self.step();
    }
}

/// A clock that falls over when it is read.
struct TrappedClock(HostClock, Trap);

impl Clock for TrappedClock {
    fn now(&self) -> Now {
        self.1.step();
        self.0.now()
    }
}

/// Falls over while what went before is cleared away.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("what was left has fallen over");
    }
}

/// Not a test of its own: the program that the tests above run.
#[test]
#[ignore = "run by other tests"]
fn child_that_panics() {
    let (Some(path), Ok(place)) = (std::env::var_os("VAYU_TEST_BOARD"), std::env::var("VAYU_TEST_PANIC")) else {
        return;
    };
    let folder = Path::new(&path).parent().unwrap().parent().unwrap();
    let mut trap = Trap { file: trap_of(folder), thread: std::thread::current().id(), only_this: true };
    let inner = Board::at(&path).open().unwrap();
    if place == "draw" {
        return draw_until(&trap);
    }
    let _bomb = (place == "unwinding").then(|| Bomb);
    if place == "report" {
        std::panic::set_hook(Box::new(|_| {
            eprintln!("the report has fallen over");
            panic!("the report has fallen over");
        }));
    }
    let mut options = vayu::tui::Options::new(Actor::human("asha"));
    if place == "background" {
        let trap = Trap { only_this: false, ..trap.clone() };
        options.background = Some(Box::new(move |_| {
            loop {
                std::thread::sleep(Duration::from_millis(10));
                trap.step();
            }
        }));
    }
    let in_the_loop = ["loop", "unwinding"].contains(&place.as_str());
    let clock =
        Trap { only_this: in_the_loop, file: if in_the_loop { trap_of(folder) } else { "".into() }, ..trap.clone() };
    trap.only_this = false;
    if !["worker", "report"].contains(&place.as_str()) {
        trap.file = "".into();
    }
    let clock = Arc::new(TrappedClock(HostClock::new(), clock));
    let service = Service::with(Box::new(Behind { inner: Box::new(inner), between: trap }), clock, Box::new(RandomIds));
    let ended = vayu::tui::run(service, options);
    assert!(ended.is_ok(), "{ended:?}");
}

/// Draws by itself, and falls over in the middle of a frame.
fn draw_until(trap: &Trap) {
    let modes = Modes { mouse: true, kitty: false };
    let mut terminal = Terminal::open(modes, |_| {}).unwrap();
    loop {
        terminal
            .draw(|frame| {
                frame.buffer_mut().set_string(0, 0, "The first task", ratatui::style::Style::default());
                trap.step();
            })
            .unwrap();
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn r18_without_a_terminal_the_board_says_what_works() {
    let folder = board();
    let output = crate::room::vayu().arg("board").current_dir(folder.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("The first task"));
}
