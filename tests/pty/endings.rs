//! However the board ends, the terminal is as it was found.

use std::time::Duration;

use portable_pty::CommandBuilder;
use vayu::domain::Actor;

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
    for way in ["key", "signal"] {
        if way == "key" {
            room.press("\x1a");
        } else {
            room.signal("TSTP");
        }
        room.until("STOPPED");
        room.assert_restored();
        room.forget();
        room.press("\r");
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
fn r18_a_panic_in_any_thread_is_reported_on_a_terminal_as_it_was() {
    let folder = board();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["endings::child_that_panics", "--exact", "--ignored", "--nocapture"]);
    command.env("VAYU_TEST_BOARD", folder.path().join(".vayu/board.db"));
    let mut room = Room::with(command);
    room.until("The first task");
    room.press("!");
    room.until_said("the background has fallen over");
    assert_ne!(room.end(), 0);
    room.assert_restored();
}

/// Not a test of its own: the program that the test above runs. It falls over as soon as the board is drawn.
#[test]
#[ignore = "run by another test"]
fn child_that_panics() {
    let Some(path) = std::env::var_os("VAYU_TEST_BOARD") else { return };
    let service = vayu::bootstrap::open(std::path::Path::new(&path)).unwrap();
    let mut options = vayu::tui::Options::new(Actor::human("asha"));
    options.background = Some(Box::new(|_| {
        std::thread::sleep(Duration::from_millis(700));
        panic!("the background has fallen over");
    }));
    let ended = vayu::tui::run(service, options);
    assert!(ended.is_ok(), "{ended:?}");
}

#[test]
fn r18_without_a_terminal_the_board_says_what_works() {
    let folder = board();
    let output = crate::room::vayu().arg("board").current_dir(folder.path()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("The first task"));
}
