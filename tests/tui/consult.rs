//! A language model beside the plan screen: playbooks at once, its tasks when they come.

use std::sync::Arc;

use super::model_server::{Server, Turn, breakdown, openai};
use super::payments;
use super::seat::Seat;

/// A seat at the objectives of a plan, with a model that says this.
fn seat(server: &Server) -> Seat {
    let mut seat = Seat::before(payments::empty(), (120, 36));
    seat.model.language_model = Some(Arc::new(server.settings("30")));
    seat.press("3").press("<tab> <tab>").expect("what do you want to achieve?");
    seat
}

fn wish(seat: &mut Seat) -> &mut Seat {
    seat.press("<enter>").type_in("Add search").press("<enter>")
}

#[test]
fn the_models_tasks_replace_those_of_the_playbook() {
    let mut seat = seat(&Server::playing(vec![openai(&breakdown())]));
    wish(&mut seat).expect("2 tasks by the language model").press("<tab>").expect("Do the groundwork");
    let kept = seat.service.read().draft("plan:asha").unwrap().unwrap();
    assert!(kept.contains("Do the groundwork"), "it is there again when the board is opened");
}

#[test]
fn the_answer_to_a_question_that_was_given_up_says_nothing_and_spoils_nothing() {
    let refusal = Turn::Says(401, "{}".into());
    let mut seat = seat(&Server::playing(vec![refusal, openai(&breakdown())]));
    seat.hold_back();
    wish(&mut seat);
    for msg in seat.late.replace(Vec::new()).unwrap() {
        seat.take(msg);
    }
    seat.press("<enter> <c-u>").type_in("Add charts").press("<enter>");
    // The answer to the first question comes after the second one was asked.
    let (old, rest): (Vec<_>, Vec<_>) = seat
        .late
        .replace(Vec::new())
        .unwrap()
        .into_iter()
        .partition(|msg| format!("{msg:?}").starts_with("Plan(Proposed"));
    assert_eq!(old.len(), 1);
    rest.into_iter().chain(old).for_each(|msg| seat.take(msg));
    seat.reject("of no help").expect("asking m for better ones");
    seat.tell();
    seat.expect("2 tasks by the language model");
}

#[test]
fn playbooks_stay_where_the_model_is_of_no_help() {
    let mut seat = seat(&Server::nobody());
    wish(&mut seat).expect("The language model was of no help").press("<tab>").expect("Build the index for search");
}

#[test]
fn what_was_changed_meanwhile_stays() {
    let mut seat = seat(&Server::playing(vec![openai(&breakdown())]));
    seat.hold_back();
    wish(&mut seat);
    let drafted = seat.late.replace(Vec::new()).unwrap();
    for msg in drafted {
        seat.take(msg);
    }
    seat.expect("asking m for better ones").press("<tab> x").expect("[ ] +1");
    seat.tell();
    seat.expect("Build the index for search").reject("Do the groundwork");
}
