//! Showing less, and knowing that less is shown.

use crate::payments;
use crate::seat::Seat;

fn seat() -> Seat {
    Seat::before(payments::board(), (120, 36))
}

#[test]
fn cards_are_filtered_while_one_types_and_the_header_tells() {
    let mut seat = seat();
    seat.press("/").type_in("ledger").expect("Multi-currency").reject("Weekly digest");
    seat.press("<enter>").expect("/ledger").expect("hidden").expect("Esc");
    seat.press("<esc>").expect("Weekly digest").reject("hidden");
}

#[test]
fn a_leading_mark_shows_the_rest() {
    let mut seat = seat();
    seat.press("/").type_in("!ledger").press("<enter>").reject("Multi-currency ledger").expect("Weekly digest");
}

#[test]
fn esc_while_typing_shows_all_again() {
    let mut seat = seat();
    seat.press("/").type_in("zzz").expect("Nothing matches").press("<esc>").expect("Weekly digest");
}

#[test]
fn mine_is_what_is_assigned_to_me() {
    let mut seat = seat();
    seat.press(",").expect("Statement PDF").reject("Weekly digest").expect("mine");
    seat.press(",").expect("Weekly digest");
}

#[test]
fn mine_says_when_one_is_no_agent() {
    let mut seat = Seat::before(payments::empty(), (120, 36));
    seat.press(",").expect("asha is no agent of this board");
}

#[test]
fn agents_are_filtered_by_name_role_and_skill() {
    let mut seat = seat();
    seat.press("2 /").type_in("qa").press("<enter>").expect("checker-1").reject("builder-1");
}

#[test]
fn nothing_is_said_before_it_was_read() {
    let (service, clock) = payments::board();
    let seat = Seat::with(service, clock, (120, 36), vayu::tui::model::Flags::default());
    let fresh = vayu::tui::model::Model::new(
        (120, 36),
        payments::asha(),
        vayu::tui::model::Flags::default(),
        seat.model.looks.clone(),
        seat.model.keys.clone(),
        seat.model.clock,
    );
    let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 120, 36));
    vayu::tui::view::view(&fresh, &mut buffer);
    let text: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
    assert!(text.contains("Backlog …") && text.contains("In progress"), "{text}");
    assert!(!text.contains("No tasks") && !text.contains("nobody orchestrates"), "{text}");
}
