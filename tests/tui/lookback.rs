//! What a closed sprint teaches, seen from the board.

use chrono::Duration;
use vayu::domain::command::{NewSprint, TaskField};
use vayu::domain::{Actor, Command, SprintId};

use crate::payments;
use crate::seat::Seat;

fn say(seat: &mut Seat, command: Command) {
    seat.service.submit(&Actor::human("asha"), command).unwrap();
}

fn close(seat: &mut Seat, sprint_id: SprintId) {
    say(seat, Command::CloseSprint { sprint_id, carry_to: None });
}

#[test]
fn a_digit_makes_a_proposal_of_the_retrospective_a_task_once() {
    let mut seat = Seat::before(payments::board(), (120, 36));
    seat.press("g r").expect("no sprint is closed yet").press("<esc>");
    let running = seat.service.read().sprints().unwrap().remove(0).sprint_id;
    close(&mut seat, running);
    let starts_at = seat.service.now().wall;
    let sprint_id = SprintId(uuid::Uuid::from_u128(15));
    let new = NewSprint {
        sprint_id: Some(sprint_id),
        name: Some("Sprint 15".into()),
        goal: String::new(),
        starts_at,
        ends_at: starts_at + Duration::days(7),
        objectives: Vec::new(),
        capacity_minutes: None,
    };
    say(&mut seat, Command::CreateSprint(Box::new(new)));
    for number in ["#1", "#2"] {
        let task_id = seat.service.read().resolve(&number.parse().unwrap()).unwrap();
        let changes = vec![TaskField::Sprint(Some(sprint_id))];
        say(&mut seat, Command::EditTask { task_id, changes, expected_rev: None });
    }
    say(&mut seat, Command::StartSprint { sprint_id });
    close(&mut seat, sprint_id);
    let count = |seat: &Seat| seat.service.read().next_number().unwrap().0;
    let before = count(&seat);
    seat.press("g r").expect("Retrospective of Sprint 15").expect("What it speaks for").expect("Commit to less");
    seat.press("1").expect("is in the backlog; u takes it back").expect("it has become #");
    assert_eq!(count(&seat), before + 1);
    seat.press("1");
    assert_eq!(count(&seat), before + 1, "once is enough");
    seat.press("<esc> <esc> u g r").reject("it has become #");
}
