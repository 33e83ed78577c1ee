//! What others do is seen without a key, and nothing is drawn while nothing happens.

use std::time::Duration;

use crate::room::{Room, board, create};

#[test]
fn what_another_process_commits_appears_without_a_key() {
    let folder = board();
    let mut room = Room::with_board(folder.path());
    create(folder.path(), "Written elsewhere");
    room.until("Written elsewhere");
    room.press("q");
    assert_eq!(room.end(), 0);
}

#[test]
fn two_boards_show_the_same() {
    let folder = board();
    let (mut one, other) = (Room::with_board(folder.path()), Room::with_board(folder.path()));
    one.press("nTyped in one\r");
    one.until("Typed in one");
    other.until("Typed in one");
}

#[test]
fn typing_is_never_cut_short_by_what_others_do() {
    let folder = board();
    let mut room = Room::with_board(folder.path());
    room.press("n");
    room.until("New task");
    for n in 0..5 {
        room.press(&format!("word{n} "));
        create(folder.path(), &format!("Noise {n}"));
    }
    room.until("word0 word1 word2 word3 word4");
    room.press("\r");
    room.until("Written down");
}

#[test]
fn an_idle_board_writes_nothing() {
    let folder = board();
    let room = Room::with_board(folder.path());
    room.until("live");
    std::thread::sleep(Duration::from_millis(600));
    let before = room.count();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(room.count(), before);
}

#[test]
fn an_undo_is_one_key_and_the_next_process_sees_it() {
    let folder = board();
    let mut room = Room::with_board(folder.path());
    room.press("nSoon gone\r");
    room.until("Written down");
    room.press("u");
    room.until("Taken back");
    let list = crate::room::vayu().args(["task", "list"]).current_dir(folder.path()).output().unwrap();
    assert!(!String::from_utf8_lossy(&list.stdout).contains("Soon gone"));
}
