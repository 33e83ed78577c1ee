//! Texts edited in the user's own editor: what others write meanwhile is not lost, and neither is what the user wrote.

use std::path::PathBuf;

use vayu::domain::command::TaskField;
use vayu::domain::{Actor, Command, Task};
use vayu::tui::editor::Ended;

use crate::payments;
use crate::seat::Seat;

const BEFORE: &str = "One digest a week.\nOn Mondays.\n  ";

/// A seat before the page of a task with a text.
fn seat() -> Seat {
    let mut seat = Seat::before(payments::board(), (120, 36));
    seat.press("<enter>");
    write(&mut seat, "asha", TaskField::Description(BEFORE.into()));
    seat
}

fn task(seat: &Seat) -> Task {
    seat.service.read().task(seat.model.task.as_ref().unwrap().id).unwrap().unwrap()
}

/// Another process changes the task.
fn write(seat: &mut Seat, who: &str, change: TaskField) {
    let command = Command::EditTask { task_id: task(seat).task_id, changes: vec![change], expected_rev: None };
    seat.service.submit(&Actor::human(who), command).unwrap();
    seat.notice();
}

fn rewrite(seat: &mut Seat, text: &str) {
    write(seat, "ravi", TaskField::Description(text.into()));
}

fn file() -> PathBuf {
    "/tmp/vayu-text.md".into()
}

#[test]
fn what_was_edited_outside_is_on_the_board() {
    let mut seat = seat();
    seat.press("E").close_editor("On Tuesdays.", Ended::Well).expect("changed").expect("On Tuesdays.");
    assert_eq!(task(&seat).description, "On Tuesdays.");
    assert_eq!(seat.forgotten, [file()]);
    seat.press("u");
    assert_eq!(task(&seat).description, BEFORE);
}

#[test]
fn a_text_that_is_what_it_was_is_not_sent() {
    let mut seat = seat();
    let rev = task(&seat).rev;
    seat.press("E").close_editor(BEFORE, Ended::Well).expect("nothing was sent");
    assert_eq!(task(&seat).rev, rev);
    assert_eq!(seat.forgotten, [file()]);
}

#[test]
fn an_editor_that_gives_up_changes_nothing_and_the_board_says_so() {
    let mut seat = seat();
    let why = || Ended::GivingUp("The editor ended with code 1".into());
    seat.press("E").close_editor(BEFORE, why()).expect("ended with code 1: nothing was changed");
    assert_eq!(seat.forgotten, [file()]);
    seat.press("E").close_editor("Half a thought", why()).expect("kept in /tmp/vayu-text.md");
    assert_eq!(task(&seat).description, BEFORE);
    seat.press("<esc> E");
    assert_eq!(seat.writing.as_ref().unwrap().text, "Half a thought");
}

#[test]
fn a_text_that_somebody_else_has_changed_meanwhile_is_not_overwritten() {
    let mut seat = seat();
    seat.press("E");
    rewrite(&mut seat, "One digest a week.\nOn Fridays.");
    seat.close_editor("Mine", Ended::Well);
    assert_eq!(task(&seat).description, "One digest a week.\nOn Fridays.");
    seat.expect("ravi changed it").expect("- On Mondays.").expect("+ On Fridays.").expect("/tmp/vayu-text.md");
    assert!(seat.forgotten.is_empty());
    seat.press("t e y").expect("ravi changed it").listen();
    seat.press("<enter>").expect("ravi changed it");
    seat.press("<esc>").reject("ravi changed it");
    seat.press("E").expect("ravi changed it").press("y");
    assert_eq!(task(&seat).description, "Mine");
    assert_eq!(seat.forgotten, [file()]);
}

#[test]
fn after_a_clash_the_text_can_be_edited_again_or_given_up() {
    let mut seat = seat();
    seat.press("E");
    rewrite(&mut seat, "Theirs");
    seat.close_editor("Mine", Ended::Well).listen().press("e");
    let writing = seat.writing.as_ref().unwrap();
    assert_eq!((writing.text.as_str(), writing.before.as_str()), ("Mine", "Theirs"));
    rewrite(&mut seat, "Theirs again");
    seat.close_editor("Both", Ended::Well).expect("+ Theirs again").listen().press("t");
    assert_eq!(task(&seat).description, "Theirs again");
    assert_eq!(seat.forgotten, [file()]);
    seat.press("E");
    assert_eq!(seat.writing.as_ref().unwrap().text, "Theirs again");
}

#[test]
fn a_change_of_something_else_is_no_clash() {
    let mut seat = seat();
    seat.press("E");
    write(&mut seat, "ravi", TaskField::Title("Another title".into()));
    seat.close_editor("Mine", Ended::Well).expect("changed").expect("Another title");
    assert_eq!(task(&seat).description, "Mine");
}

#[test]
fn a_text_that_a_rule_refuses_is_kept() {
    let mut seat = seat();
    let huge = "x".repeat((16 << 20) + 1);
    seat.press("E").close_editor(&huge, Ended::Well).expect("Yours is kept in /tmp/vayu-text.md");
    assert_eq!(task(&seat).description, BEFORE);
    seat.press("<esc> E");
    assert_eq!(seat.writing.as_ref().unwrap().text.len(), huge.len());
}

#[test]
fn hostile_text_of_others_is_shown_harmless() {
    let mut seat = seat();
    seat.press("E");
    rewrite(&mut seat, "\x1b[2J\u{202e}boo");
    seat.close_editor("Mine", Ended::Well).expect("boo");
    assert!(!seat.screen().contains(['\x1b', '\u{202e}']));
}
