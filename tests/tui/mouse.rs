//! The mouse means what is seen.

use std::time::Duration;

use vayu::domain::Status;
use vayu::tui::terminal::{Button, Input, MouseKind};

use crate::payments;
use crate::seat::Seat;

fn seat() -> Seat {
    Seat::before(payments::board(), (120, 36))
}

#[test]
fn a_click_chooses_and_a_double_click_opens() {
    let mut seat = seat();
    let at = seat.find("Settle webhooks");
    seat.click(at);
    assert_eq!(seat.model.board.card().unwrap().number.0, 9);
    assert!(seat.model.task.is_none());
    seat.pass(Duration::from_secs(1)).click(at);
    assert!(seat.model.task.is_none());
    seat.click(at);
    assert!(seat.model.task.is_some());
}

#[test]
fn tabs_hints_and_the_strip_are_buttons() {
    let mut seat = seat();
    let tab = seat.find("Agents");
    seat.click(tab).expect("7 agents");
    let strip = seat.find("need you");
    seat.click(strip).expect("1 of 3");
    seat.press("<esc>").pass(Duration::from_secs(1)).press("<esc> 1");
    let hint = seat.find("new");
    seat.click(hint).expect("New task");
}

#[test]
fn a_card_is_dragged_into_another_lane() {
    let mut seat = seat();
    let (from, to) = (seat.find("Weekly digest"), seat.find("Settle webhooks"));
    seat.mouse(MouseKind::Down(Button::Left), from).mouse(MouseKind::Drag(Button::Left), to);
    seat.expect("Moving the card");
    seat.mouse(MouseKind::Up(Button::Left), to).expect("#1 moved to Ready");
}

#[test]
fn a_click_that_only_brings_the_window_to_the_front_does_nothing() {
    let mut seat = seat();
    let at = seat.find("Settle webhooks");
    seat.input(Input::Focus(true));
    seat.click(at);
    assert_eq!(seat.model.board.card().unwrap().number.0, 1);
    seat.pass(Duration::from_millis(200)).click(at);
    assert_eq!(seat.model.board.card().unwrap().number.0, 9);
}

#[test]
fn the_mouse_can_be_handed_back_to_the_terminal() {
    let mut seat = seat();
    let at = seat.find("Settle webhooks");
    seat.press("M").click(at);
    assert_eq!(seat.model.board.card().unwrap().number.0, 1);
    seat.press("M").click(at);
    assert_eq!(seat.model.board.card().unwrap().number.0, 9);
}

#[test]
fn the_wheel_scrolls_what_is_under_it() {
    let (mut service, clock) = payments::board();
    for n in 0..40 {
        let mut new = payments::new_task(&format!("More {n}"));
        new.backlog = true;
        payments::create(&mut service, new);
    }
    let mut seat = Seat::before((service, clock), (120, 36));
    let at = seat.find("Weekly digest");
    seat.mouse(MouseKind::Wheel(true), at).mouse(MouseKind::Wheel(true), at);
    assert_eq!(seat.model.board.lanes[0].top, 2);
    seat.mouse(MouseKind::Wheel(false), at);
    assert_eq!(seat.model.board.lanes[0].top, 1);
}

#[test]
fn a_popup_keeps_clicks_from_what_lies_below() {
    let mut seat = seat();
    let card = seat.find("Settle webhooks");
    seat.press("X").click(card).press("<esc>");
    assert_eq!(seat.model.board.card().unwrap().number.0, 1);
    let id = seat.model.board.card().unwrap().task_id;
    assert_eq!(seat.service.read().task(id).unwrap().unwrap().status, Status::Created);
}

#[test]
fn a_click_does_not_drop_a_card_that_a_key_picked_up() {
    let mut seat = seat();
    seat.press("m l").expect("Moving the card");
    let at = seat.find("Settle webhooks");
    seat.click(at).expect("Moving the card");
    let id = seat.model.board.grab.unwrap().card;
    assert_eq!(seat.service.read().task(id).unwrap().unwrap().status, Status::Created);
    seat.press("<enter>").expect("#1 moved to Ready");
}

#[test]
fn a_function_key_that_looks_like_an_answer_changes_no_letters() {
    use vayu::tui::glyph::Charset;
    use vayu::tui::terminal::Reply;
    let mut seat = seat();
    seat.input(Input::Reply(Reply::End));
    seat.input(Input::Reply(Reply::Cursor(4, 0)));
    assert_eq!(seat.model.looks.charset, Charset::Unicode);
}
