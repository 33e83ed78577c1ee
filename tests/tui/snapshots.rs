//! Every screen at three sizes, as text.

use std::time::Duration;

use vayu::domain::command::TaskField;
use vayu::domain::{Command, Risk, TaskNumber, TaskRef};
use vayu::service::Service;
use vayu::service::env::FrozenClock;

use crate::payments;
use crate::seat::Seat;

const SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (44, 20)];

/// Compares a screen with how it was, at every size.
fn compare(name: &str, script: &str) {
    compare_on(payments::board, name, script);
}

fn compare_on(board: fn() -> (Service, FrozenClock), name: &str, script: &str) {
    for (width, height) in SIZES {
        let mut seat = Seat::before(board(), (width, height));
        // Popups that are deaf at first hear the keys that follow a pause.
        for (n, part) in script.split("wait").enumerate() {
            if n > 0 {
                seat.pass(Duration::from_millis(500));
            }
            seat.press(part);
        }
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), seat.screen());
    }
}

#[test]
fn board() {
    compare("board", "l l");
}

#[test]
fn board_with_compact_cards() {
    compare("board_compact", "z z");
}

#[test]
fn board_with_roomy_cards() {
    compare("board_roomy", "z");
}

#[test]
fn board_with_a_peek() {
    compare("board_peek", "l l ␣");
}

#[test]
fn board_with_a_selection() {
    compare("board_selection", "x x");
}

#[test]
fn board_with_a_card_in_the_hand() {
    compare("board_grab", "m l");
}

#[test]
fn task() {
    compare("task", "l l <enter>");
}

#[test]
fn agents() {
    compare("agents", "2 j j");
}

#[test]
fn plan() {
    compare("plan", "3");
}

#[test]
fn every_step_of_a_plan() {
    for (step, keys) in
        [("2", "3 ]"), ("3", "3 ] ]"), ("4", "3 ] ] ] x j x"), ("5", "3 ] ] ] x j x ]"), ("6", "3 ] ] ] x j x ] ]")]
    {
        compare(&format!("plan_{step}"), keys);
    }
}

#[test]
fn inbox() {
    compare("inbox", "4");
}

#[test]
fn activity() {
    compare("activity", "7 j");
}

#[test]
fn help() {
    compare("help", "?");
}

#[test]
fn commands() {
    compare("commands", ": a s s");
}

#[test]
fn forecast() {
    compare("forecast", "F");
}

/// Two milestones, of which one reaches beyond the sprint, and a risk for everybody.
fn dated() -> (Service, FrozenClock) {
    let (mut service, clock) = payments::board();
    for (number, name) in [(1, "Digest"), (3, "Ledger"), (5, "Ledger")] {
        let task_id = service.read().resolve(&TaskRef::Number(TaskNumber(number))).unwrap();
        let mut changes = vec![TaskField::Milestone(Some(name.into()))];
        changes.extend((number == 3).then_some(TaskField::Sprint(None)));
        service.submit(&payments::asha(), Command::EditTask { task_id, changes, expected_rev: None }).unwrap();
    }
    let mut policy = service.read().policy().unwrap();
    let name = "The bank's sandbox is down".into();
    policy.risks = vec![Risk { number: 1, name, chance: 30, minutes: [480, 1440], task_id: None, sprint_id: None }];
    service.submit(&payments::asha(), Command::Configure(Box::new(policy))).unwrap();
    (service, clock)
}

#[test]
fn forecast_with_milestones_and_risks() {
    compare_on(dated, "forecast_milestones", "F");
}

#[test]
fn answer_sheet() {
    compare("answer", "! wait j");
}

#[test]
fn who_does_it() {
    compare("assign", "a");
}

#[test]
fn a_line_to_type() {
    compare("prompt", "n A");
}

#[test]
fn chord_explained() {
    compare("chord", "g wait");
}

#[test]
fn question_before_cancelling() {
    compare("confirm", "X");
}

#[test]
fn empty_board() {
    for (width, height) in SIZES {
        let seat = Seat::before(payments::empty(), (width, height));
        insta::assert_snapshot!(format!("empty_{width}x{height}"), seat.screen());
    }
}
