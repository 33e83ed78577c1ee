//! The user's editor in the board's terminal: its keys are its own, and whatever happens, the terminal is as it was
//! found and no text is lost.

use std::path::Path;

use crate::room::{Room, board, vayu};

/// An editor that reads a line in an ordinary terminal and makes it the text. An interrupt is noticed and survived.
const LINE: &str = r#"trap 'echo CAUGHT' INT
echo EDITING
while ! read line; do :; done
printf '%s\n' "$line" > "$1""#;

/// Opens the editor on the text of the first task.
fn edit(folder: &Path, editor: &str) -> Room {
    let mut room = Room::with_shell(folder, editor);
    room.press("l\r");
    room.until("Why it does not move");
    room.press("E");
    room
}

fn text(folder: &Path) -> String {
    let output = vayu().args(["task", "status", "1", "--json"]).current_dir(folder).output().unwrap();
    let task: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    task["description"].as_str().unwrap().to_owned()
}

#[track_caller]
fn leave(mut room: Room) {
    room.assert_taken();
    room.press("qq");
    room.until("ENDED 0");
    room.assert_restored();
}

#[test]
fn what_was_written_in_the_editor_is_the_text() {
    let folder = board();
    let mut room = edit(folder.path(), LINE);
    room.until("EDITING");
    room.assert_restored();
    room.press("A new text\r");
    room.until("Text of #1 changed");
    assert_eq!(text(folder.path()), "A new text");
    leave(room);
}

#[test]
fn an_interrupt_typed_into_the_editor_is_the_editors() {
    let folder = board();
    let mut room = edit(folder.path(), LINE);
    room.until("EDITING");
    room.press("\x03");
    room.until("CAUGHT");
    room.press("Still here\r");
    room.until("Text of #1 changed");
    leave(room);
}

#[test]
fn an_interrupt_that_ends_the_editor_does_not_end_the_board() {
    for key in ["\x03", "\x1c"] {
        let folder = board();
        let mut room = edit(folder.path(), "echo EDITING; read line; echo lost > \"$1\"");
        room.until("EDITING");
        room.press(key);
        room.until("nothing was changed");
        assert_eq!(text(folder.path()), "");
        leave(room);
    }
}

#[test]
fn an_editor_that_is_suspended_takes_the_board_along_and_back() {
    let folder = board();
    let mut room = edit(folder.path(), LINE);
    room.until("EDITING");
    room.press("\x1a");
    room.until("STOPPED");
    room.press("\r");
    room.press("After a break\r");
    room.until("Text of #1 changed");
    assert_eq!(text(folder.path()), "After a break");
    leave(room);
}

#[test]
fn an_editor_that_gives_up_changes_nothing() {
    let folder = board();
    let mut room = edit(folder.path(), "echo half > \"$1\"; exit 3");
    room.until("The editor ended with code 3: nothing was changed");
    room.until("Yours is kept in");
    assert_eq!(text(folder.path()), "");
    room.assert_taken();
    room.press("qq");
    room.until("The text of #1 was not sent; it is kept in");
    room.until("ENDED 0");
    room.assert_restored();
}

#[test]
fn an_editor_that_leaves_the_terminal_in_a_mess_harms_nobody() {
    let folder = board();
    let mess = r"stty raw -echo; printf '\033[?1049h\033[?1000h\033[?25l'; kill -KILL $$";
    let room = edit(folder.path(), mess);
    room.until("ended from outside");
    leave(room);
}

#[test]
fn an_editor_that_is_not_there_is_named() {
    let folder = board();
    let mut room = Room::with_editor(folder.path(), "no-such-editor --wait");
    room.press("l\r");
    room.until("Why it does not move");
    room.press("E");
    room.until("The editor `no-such-editor --wait` could not be run");
    leave(room);
}

#[test]
fn a_signal_ends_the_editor_and_the_board_and_keeps_the_text() {
    let stubborn = "trap '' TERM HUP; stty raw; echo half > \"$1\"; echo EDITING; while :; do sleep 1; done";
    let raw = "stty raw; echo half > \"$1\"; echo EDITING; read line";
    for (signal, editor) in [("TERM", raw), ("HUP", raw), ("TERM", stubborn)] {
        let folder = board();
        let room = edit(folder.path(), editor);
        room.until("EDITING");
        room.signal(signal);
        room.until("The text of #1 was not sent; it is kept in");
        room.until("ENDED 0");
        room.assert_restored();
        assert_eq!(text(folder.path()), "");
    }
}

#[test]
fn a_real_editor_writes_and_gives_up() {
    if std::process::Command::new("vim").arg("--version").output().is_err() {
        return;
    }
    let folder = board();
    let mut room = Room::with_editor(folder.path(), "vim -u NONE -N");
    room.press("l\r");
    room.until("Why it does not move");
    room.press("E");
    room.until("~");
    room.press("iWritten in vim\x1b");
    room.until("Written in vim");
    room.press("\x1a");
    room.until("STOPPED");
    room.press("\r:wq\r");
    room.until("Text of #1 changed");
    assert_eq!(text(folder.path()), "Written in vim");
    room.press("E");
    room.until("~");
    room.press("dd:cq\r");
    room.until("nothing was changed");
    assert_eq!(text(folder.path()), "Written in vim");
    leave(room);
}
