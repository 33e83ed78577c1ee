//! Questions: they never take keys from somebody, and answers can be taken back.

use std::time::Duration;

use vayu::domain::command::NewEscalation;
use vayu::domain::escalation::{EscalationKind, EscalationState};
use vayu::domain::{Actor, Command};

use crate::payments;
use crate::seat::Seat;

fn seat() -> Seat {
    Seat::before(payments::board(), (120, 36))
}

fn awake(seat: &mut Seat) -> &mut Seat {
    seat.pass(Duration::from_millis(400))
}

fn state(seat: &Seat, number: i64) -> EscalationState {
    seat.service.read().escalation_numbered(number).unwrap().unwrap().state
}

/// Somebody asks something else.
fn another_ask(seat: &mut Seat) {
    let ask = NewEscalation {
        kind: EscalationKind::Question,
        task_id: None,
        topic: "key".into(),
        question: "Staging key has expired: rotate?".into(),
        context: String::new(),
        impact: String::new(),
        choices: Vec::new(),
        recommended: None,
        otherwise: String::new(),
    };
    seat.service.submit(&Actor::agent("builder-4"), Command::Escalate(Box::new(ask))).unwrap();
    seat.notice();
}

#[test]
fn the_strip_names_who_waits_and_what_it_costs() {
    seat().expect("3 need you").expect("ASK-3").expect("holds 2 tasks, 8p").expect("! answer");
}

#[test]
fn typed_ahead_keys_answer_nothing() {
    let mut seat = seat();
    seat.press("! 2 <enter> <enter>");
    assert!(seat.model.held.is_empty());
    seat.expect("Round half-even");
}

#[test]
fn an_answer_is_held_and_can_be_taken_back() {
    let mut seat = seat();
    awake(seat.press("!")).press("2 <enter>");
    assert_eq!(state(&seat, 3), EscalationState::Open);
    seat.expect("u takes it back").expect("2 need you");
    awake(&mut seat).press("u").expect("waits again").expect("3 need you");
    seat.pass(Duration::from_secs(6));
    assert_eq!(state(&seat, 3), EscalationState::Open);
}

#[test]
fn an_answer_goes_after_its_time() {
    let mut seat = seat();
    awake(seat.press("!")).press("2 <enter>");
    seat.pass(Duration::from_secs(6));
    assert_eq!(state(&seat, 3), EscalationState::Answered);
    let ask = seat.service.read().escalation_numbered(3).unwrap().unwrap();
    assert_eq!(ask.choice, Some(1));
}

#[test]
fn an_answer_on_its_way_goes_when_the_board_closes() {
    let mut seat = seat();
    awake(seat.press("!")).press("<enter>");
    awake(&mut seat).press("<esc> q");
    assert!(seat.ended);
    assert_eq!(state(&seat, 3), EscalationState::Answered);
}

#[test]
fn an_ask_never_takes_keys_from_somebody_who_types() {
    let mut seat = seat();
    seat.press("n").type_in("Fix the ");
    another_ask(&mut seat);
    seat.type_in("login! 1").press("<enter>");
    assert_eq!(seat.model.board.card().unwrap().title, "Fix the login! 1");
    assert!(seat.model.held.is_empty());
    assert_eq!(state(&seat, 3), EscalationState::Open);
}

#[test]
fn a_first_ask_does_not_shift_the_row_of_somebody_who_types() {
    let mut seat = Seat::before(payments::empty(), (80, 24));
    seat.press("n").type_in("Fix");
    let before = seat.model.areas();
    another_ask(&mut seat);
    assert_eq!(seat.model.areas(), before);
    seat.expect("1 need you");
    seat.press("<esc>");
    assert_ne!(seat.model.areas(), before);
}

#[test]
fn an_answer_in_words_is_sent_as_typed() {
    let mut seat = seat();
    awake(seat.press("!")).press("r").type_in("Ask the bank").press("<enter>");
    seat.pass(Duration::from_secs(6));
    let ask = seat.service.read().escalation_numbered(3).unwrap().unwrap();
    assert_eq!(ask.answer.as_deref(), Some("Ask the bank"));
}

#[test]
fn an_answer_that_destroys_needs_a_yes() {
    let mut seat = seat();
    awake(seat.press("!")).press("3 <enter>").expect("cancels #17").press("<enter>");
    assert_eq!(state(&seat, 3), EscalationState::Open);
    awake(&mut seat).press("3 <enter> y");
    assert_eq!(state(&seat, 3), EscalationState::Answered);
}

#[test]
fn a_snoozed_ask_comes_back() {
    let mut seat = seat();
    awake(seat.press("!")).press("H <enter>").expect("Asked again in 15m").expect("2 need you");
    seat.pass(Duration::from_mins(16)).expect("3 need you");
}

#[test]
fn the_next_ask_is_one_key_away() {
    let mut seat = seat();
    awake(seat.press("!")).expect("1 of 3").press("!").expect("2 of 3");
    awake(&mut seat).press("<esc>").reject("of 3 ");
}

#[test]
fn a_notice_is_put_away() {
    let mut seat = seat();
    seat.press("4 G <enter>").expect("Nothing is asked here");
    seat.press("e").expect("put away").reject("Forecast moved");
}

#[test]
fn an_ask_answered_by_somebody_else_leaves_the_sheet() {
    let mut seat = seat();
    awake(seat.press("!"));
    let id = seat.service.read().escalation_numbered(3).unwrap().unwrap().escalation_id;
    let answer = Command::AnswerEscalation { escalation_id: id, choice: Some(0), words: None };
    seat.service.submit(&Actor::human("ravi"), answer).unwrap();
    seat.notice().press("<enter>");
    seat.expect("Somebody else has answered this");
    assert!(seat.model.held.is_empty());
}

#[test]
fn somebody_new_who_asks_rings_once() {
    let mut seat = seat();
    assert!(seat.rung.is_empty(), "those who waited before are not news");
    seat.input(vayu::tui::terminal::Input::Focus(false));
    another_ask(&mut seat);
    seat.notice().pass(Duration::from_secs(10));
    assert_eq!(seat.rung, ["ASK-5 builder-4: Staging key has expired: rotate?"]);
}

#[test]
fn words_for_a_question_that_is_gone_are_not_lost() {
    let mut seat = seat();
    awake(seat.press("!")).press("r").type_in("Ask the bank first");
    let id = seat.service.read().escalation_numbered(3).unwrap().unwrap().escalation_id;
    let answer = Command::AnswerEscalation { escalation_id: id, choice: Some(0), words: None };
    seat.service.submit(&Actor::human("ravi"), answer).unwrap();
    seat.notice().press("<enter>").expect("Somebody else has answered this").expect("Ask the bank first");
}

#[test]
fn an_answer_does_not_wait_for_an_editor() {
    let mut seat = seat();
    seat.press("<enter>");
    awake(seat.press("!")).press("2 <enter>");
    awake(&mut seat).press("<esc> E");
    assert_eq!(seat.order, ["write", "editor"]);
    assert_eq!(state(&seat, 3), EscalationState::Answered);
}

#[test]
fn a_quiet_ask_does_not_silence_a_loud_one() {
    let mut seat = seat();
    let ask = |task_id, topic: &str| NewEscalation {
        kind: EscalationKind::Question,
        task_id,
        topic: topic.into(),
        question: format!("About the {topic}?"),
        context: String::new(),
        impact: String::new(),
        choices: Vec::new(),
        recommended: None,
        otherwise: String::new(),
    };
    let held = seat.service.read().resolve(&"#15".parse().unwrap()).unwrap();
    for (task, topic) in [(None, "key"), (Some(held), "network")] {
        seat.service.submit(&Actor::human("ravi"), Command::Escalate(Box::new(ask(task, topic)))).unwrap();
    }
    seat.notice();
    assert_eq!(seat.rung.len(), 1, "{:?}", seat.rung);
    assert!(seat.rung[0].contains("About the network?"));
}

#[test]
fn the_inbox_takes_an_answer_in_words_at_once() {
    let mut seat = seat();
    seat.press("4 r").expect("Answer in words").type_in("Ask the bank").press("<enter>");
    seat.pass(Duration::from_secs(6));
    assert_eq!(seat.service.read().escalation_numbered(3).unwrap().unwrap().answer.as_deref(), Some("Ask the bank"));
}

#[test]
fn a_question_is_not_left_to_somebody_whom_nobody_knows() {
    let mut seat = seat();
    seat.press("4 d").expect("Who shall answer?").type_in("biulder-1").press("<enter>").expect("did you mean");
    assert!(seat.service.read().escalation_numbered(3).unwrap().unwrap().delegated_to.is_none());
}
