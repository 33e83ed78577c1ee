//! The plan screen: six steps, a draft that stays, one change at the end.

use super::payments;
use super::seat::Seat;
use vayu::domain::SprintState;
use vayu::plan::wizard::Step;
use vayu::service::planning;

const THREE: &str =
    "We need to implement user authentication, add real-time notifications, and improve our testing coverage";

fn seat() -> Seat {
    let mut seat = Seat::before(payments::empty(), (120, 36));
    seat.press("3").expect("Goal & dates");
    seat
}

#[test]
fn three_sentences_typed_into_the_plan_become_a_sprint_that_one_undo_takes_back() {
    let mut seat = seat();
    seat.press("j <enter>").type_in("Users can sign in").press("<enter>").expect("Users can sign in");
    seat.press("<tab> <tab>").expect("what do you want to achieve?");
    seat.press("<enter>").type_in(THREE).press("<enter>").expect("Implement user authentication");
    seat.press("<tab>").expect("[x] +1").expect("nobody is on the team");
    seat.press("<tab> <tab>").expect("one undo takes back");
    seat.press("<enter>").expect("Sprint 1 started");
    assert_eq!(seat.service.read().sprints().unwrap()[0].state, SprintState::Active);
    seat.press("u").expect("Taken back");
    assert!(seat.service.read().sprints().unwrap().is_empty());
}

#[test]
fn picking_sizing_and_steps_are_saved_as_a_draft() {
    let mut seat = seat();
    payments::create(
        &mut seat.service,
        vayu::domain::command::NewTask { backlog: true, ..payments::new_task("Rotate the logs") },
    );
    seat.notice().press("] ] ]").expect("[ ] #1").expect("?");
    seat.press("x").expect("[x] #1").press("=").type_in("3").press("<enter>").expect("3p");
    let draft = planning::draft(&seat.service).unwrap().unwrap();
    assert_eq!((draft.picks.len(), draft.sizes.len(), draft.step), (1, 1, Step::Tasks));
}

#[test]
fn an_empty_plan_does_not_start_and_says_why() {
    let mut seat = seat();
    seat.press("<tab> <tab> <tab>")
        .expect("No tasks to pick")
        .press("<tab> <tab> <enter>")
        .expect("nothing is in the plan");
    assert!(seat.service.read().sprints().unwrap().is_empty());
}

#[test]
fn the_plan_fits_every_size() {
    let mut seat = seat();
    seat.press("<tab> <tab> <enter>").type_in(THREE).press("<enter>");
    for _ in 0..6 {
        for size in [(1, 1), (22, 6), (44, 20), (60, 12), (80, 24), (101, 5), (120, 36), (200, 60)] {
            seat.resize(size).screen();
        }
        seat.press("<tab> j j w");
    }
}
