//! What is done to cards, and what the screen says about it.

use std::time::Duration;

use vayu::domain::{Command, Status};
use vayu::tui::model::Flags;

use crate::payments::{self, asha, create, new_task};
use crate::seat::Seat;

fn seat() -> Seat {
    Seat::before(payments::board(), (120, 36))
}

fn status(seat: &Seat, number: i64) -> Status {
    let id = seat.service.read().resolve(&format!("#{number}").parse().unwrap()).unwrap();
    seat.service.read().task(id).unwrap().unwrap().status
}

#[test]
fn the_cursor_goes_along_with_the_card_it_moves() {
    let mut seat = seat();
    seat.press(">");
    assert_eq!(status(&seat, 1), Status::Queued);
    seat.expect("#1 moved to Ready");
    assert_eq!(seat.model.board.lane, 1);
    assert_eq!(seat.model.board.card().unwrap().number.0, 1);
    seat.press("u");
    assert_eq!(status(&seat, 1), Status::Created);
    seat.expect("Taken back");
    seat.press("U");
    assert_eq!(status(&seat, 1), Status::Queued);
}

#[test]
fn the_cursor_goes_back_with_a_card_that_is_taken_back() {
    let mut seat = seat();
    let card = seat.model.board.card().unwrap().task_id;
    seat.press("> u");
    seat.expect("Taken back: made ready #1 Weekly digest");
    assert_eq!(seat.model.board.card().unwrap().task_id, card);
    seat.press("p 0").expect("Priority P0");
}

#[test]
fn a_range_begins_at_a_card() {
    let mut seat = Seat::before(payments::empty(), (120, 36));
    seat.press("v").expect("No card has the cursor");
    seat.press("n").type_in("First").press("<enter>").reject("selected");
}

#[test]
fn work_in_progress_asks_who_does_it() {
    let mut seat = seat();
    seat.press("l >");
    seat.expect("who does it?").expect("builder-3");
    seat.type_in("ravi").press("<enter>");
    assert_eq!(status(&seat, 8), Status::Assigned);
    seat.expect("#8 to ravi");
}

#[test]
fn what_cannot_be_done_says_what_could() {
    let mut seat = seat();
    seat.press("l L <esc> < <");
    seat.press("l l l l C");
    seat.expect("!");
    assert_eq!(status(&seat, 8), Status::Created);
}

#[test]
fn a_card_that_somebody_holds_is_taken_only_after_a_yes() {
    let mut seat = seat();
    seat.press("l l j <");
    seat.expect("builder-1 holds it").expect("y yes");
    seat.listen().press("<enter>");
    seat.expect("Left as it is");
    assert_eq!(status(&seat, 15), Status::Executing);
    seat.press("<").listen().press("y");
    assert_eq!(status(&seat, 15), Status::Queued);
}

#[test]
fn a_new_task_is_written_down_and_gets_the_cursor() {
    let mut seat = seat();
    seat.press("n").type_in("Ünïcode ␣ title").press("<enter>");
    seat.expect("Written down").expect("Ünïcode");
    assert_eq!(seat.model.board.card().unwrap().title, "Ünïcode ␣ title");
}

#[test]
fn a_title_not_sent_is_kept() {
    let mut seat = seat();
    seat.press("n").type_in("Half a thought").press("<esc>");
    seat.reject("Half a thought");
    seat.press("n");
    seat.expect("Half a thought");
}

#[test]
fn several_cards_change_as_one() {
    let mut seat = seat();
    seat.press("x x").expect("2 selected");
    seat.press("p 0");
    seat.expect("Priority P0").reject("selected");
    let urgent = || seat.screen().matches(" P0").count();
    assert!(urgent() >= 2);
    seat.press("u");
    assert_eq!(seat.screen().matches("#1 P2").count(), 1);
    assert_eq!(seat.screen().matches("#2 P2").count(), 1);
}

#[test]
fn a_range_follows_the_cursor() {
    let mut seat = seat();
    seat.press("v j j").expect("3 selected");
    seat.press("<esc>").reject("selected");
}

#[test]
fn a_card_in_the_hand_is_dropped_or_left() {
    let mut seat = seat();
    seat.press("m l").expect("Moving the card");
    seat.press("<esc>").reject("Moving the card");
    assert_eq!(status(&seat, 1), Status::Created);
    seat.press("m l <enter>");
    assert_eq!(status(&seat, 1), Status::Queued);
}

#[test]
fn sizes_labels_and_titles_are_typed() {
    let mut seat = seat();
    seat.press("= <c-u>").type_in("13").press("<enter>").expect("13p");
    seat.press("=").press("<c-u>").type_in("lots").press("<enter>").expect("is no size: write 4h");
    seat.press("<esc> #").type_in("api, db").press("<enter>");
    seat.press("e <c-u>").type_in("Another title").press("<enter>").expect("Another title");
    let id = seat.model.board.card().unwrap().task_id;
    assert_eq!(seat.service.read().task(id).unwrap().unwrap().metadata.tags, ["api", "db"]);
}

#[test]
fn a_long_title_is_never_cut_by_changing_it() {
    let mut seat = seat();
    let long = "word ".repeat(100) + "end";
    let id = create(&mut seat.service, new_task(&long));
    seat.notice().press("/").type_in("word").press("<enter> l e").expect("open the card");
    seat.press("<enter> e").type_in("!").press("<enter>");
    assert_eq!(seat.service.read().task(id).unwrap().unwrap().title, format!("{long}!"));
}

#[test]
fn a_card_is_blocked_with_a_reason_and_freed() {
    let mut seat = seat();
    seat.press("l b <enter>").expect("Type a reason");
    seat.type_in("waits for the bank").press("<enter>");
    assert_eq!(status(&seat, 8), Status::Blocked);
    seat.press("g g h k").press("/").type_in("Idempotency").press("<enter>");
    seat.expect("waits for the bank");
    seat.press("b");
    assert_eq!(status(&seat, 8), Status::Queued);
}

#[test]
fn cancelling_asks_first_and_enter_is_not_a_yes() {
    let mut seat = seat();
    seat.press("X").expect("This cancels #1").press("<enter>");
    assert_eq!(status(&seat, 1), Status::Created);
    seat.press("X X");
    assert_eq!(status(&seat, 1), Status::Created);
    seat.press("X y");
    assert_eq!(status(&seat, 1), Status::Cancelled);
}

#[test]
fn a_dependency_is_named_by_number() {
    let mut seat = seat();
    seat.press("l d").type_in("#1").press("<enter>");
    assert_eq!(status(&seat, 8), Status::Blocked);
    seat.press("h /").type_in("Idempotency").press("<enter>").expect("waits #1");
    seat.press("d").type_in("#999").press("<enter>").expect("no task");
}

#[test]
fn the_cursor_stays_on_its_card_when_others_come() {
    let mut seat = seat();
    seat.press("j j");
    let card = seat.model.board.card().unwrap().task_id;
    let mut urgent = new_task("Comes first");
    urgent.priority = Some(vayu::domain::Priority::Critical);
    urgent.backlog = true;
    create(&mut seat.service, urgent);
    seat.notice().expect("Comes first");
    assert_eq!(seat.model.board.card().unwrap().task_id, card);
}

#[test]
fn the_cursor_keeps_its_place_when_its_card_goes() {
    let mut seat = seat();
    seat.press("j");
    let (card, row) = (seat.model.board.card().unwrap().task_id, seat.model.board.current().index);
    seat.service.submit(&asha(), Command::QueueTask { task_id: card }).unwrap();
    seat.notice();
    assert_ne!(seat.model.board.card().unwrap().task_id, card);
    assert_eq!(seat.model.board.current().index, row);
    assert_eq!(seat.model.board.lane, 0);
}

#[test]
fn a_full_lane_lets_the_card_wait_and_says_so() {
    let (mut service, clock) = payments::board();
    for n in 0..4 {
        create(&mut service, new_task(&format!("Fill {n}")));
    }
    let mut seat = Seat::with(service, clock, (120, 36), Flags::default());
    seat.press(">").expect("Ready is full: the card waits for room").expect("1st for Ready");
}

#[test]
fn a_read_only_board_changes_nothing() {
    let (service, clock) = payments::board();
    let mut seat = Seat::with(service, clock, (120, 36), Flags { read_only: true, ..Flags::default() });
    let head = seat.service.read().head().unwrap();
    seat.expect("read-only");
    for keys in ["> <esc>", "< <esc>", "n x <enter> <esc>", "a <esc>", "p 0", "u", "U", "D", "X y", "m l <enter>", "C"]
    {
        seat.press(keys);
    }
    assert_eq!(seat.service.read().head().unwrap(), head);
}

#[test]
fn a_toast_goes_by_itself_and_an_error_stays_until_it_was_seen() {
    let mut seat = seat();
    seat.press(">").expect("#1 moved to Ready");
    seat.pass(Duration::from_secs(5)).reject("moved to");
    seat.press("l l l l C").expect("! #");
    seat.pass(Duration::from_mins(1)).expect("! #");
    seat.press("<esc>").reject("! #");
}

#[test]
fn the_task_page_shows_why_and_what_depends() {
    let mut seat = seat();
    seat.press("/").type_in("Back-fill").press("<enter> <enter>");
    seat.expect("Why it does not move").expect("Waits for").expect("#17 Parse workflow YAML");
    seat.press("c").type_in("Any news?").press("<enter>").expect("Thread").expect("Any news?");
    seat.press("<esc>").expect("/Back-fill");
}

#[test]
fn the_number_of_a_card_is_copied() {
    let mut seat = seat();
    seat.press("y y y m");
    assert_eq!(seat.copied, ["#1", "- [ ] #1 Weekly digest email for product owners"]);
}

#[test]
fn q_goes_back_and_then_ends() {
    let mut seat = seat();
    seat.press("<enter> q");
    assert!(!seat.ended);
    seat.press("q");
    assert!(seat.ended);
}

#[test]
fn an_action_is_found_by_its_name() {
    let mut seat = seat();
    seat.press(":").type_in("compl").press("<enter>");
    seat.expect("#1");
    seat.press("<esc> ?").type_in("agents").expect("Go to the agents").press("<enter>").expect("7 agents");
}

#[test]
fn one_change_is_taken_back_from_the_log() {
    let mut seat = seat();
    seat.press("> 7").expect("made ready #1");
    seat.press("u").expect("Taken back");
    assert_eq!(status(&seat, 1), Status::Created);
}

#[test]
fn what_somebody_types_never_takes_a_card_away() {
    let mut seat = seat();
    seat.press("l l j").hold_back().press("< h h n").type_in("yearl").tell();
    seat.type_in("y report").expect("builder-1 holds it").reject("y yes");
    assert_eq!(status(&seat, 15), Status::Executing);
    seat.press("<enter>").expect("yearly report");
}

#[test]
fn keys_on_their_way_do_not_answer_a_question_that_comes_late() {
    let mut seat = seat();
    seat.press("l l j").hold_back().press("<").tell().press("y e y").expect("y yes");
    assert_eq!(status(&seat, 15), Status::Executing);
    seat.listen().press("y");
    assert_eq!(status(&seat, 15), Status::Queued);
}

#[test]
fn a_begun_chord_is_no_yes() {
    let mut seat = seat();
    seat.press("l l j").hold_back().press("< y").tell().listen().press("y").expect("Copied #15");
    assert_eq!(status(&seat, 15), Status::Executing);
}

#[test]
fn a_reason_that_was_refused_is_kept() {
    let mut seat = seat();
    let card = seat.model.board.card().unwrap().task_id;
    seat.press("b").type_in("waits for the bank, which answers on Monday");
    seat.service.submit(&asha(), Command::CancelTask { task_id: card, reason: None }).unwrap();
    seat.press("<enter>").expect("What you typed is kept");
    seat.press("<esc>");
    let reopen = Command::ReopenTask { task_id: card };
    seat.service.submit(&asha(), reopen).unwrap();
    seat.notice();
    seat.press("/").type_in("Weekly").press("<enter> b").expect("waits for the bank, which answers on Monday");
    seat.press("<enter>").expect("Blocked").press("b b").reject("Monday");
}

#[test]
fn a_title_refused_by_a_busy_board_is_kept() {
    use vayu::tui::msg::{Failure, Msg};
    let mut seat = seat();
    seat.press("n").type_in("Half a thought").hold_back().press("<enter>");
    let Some(Msg::Done(write, _)) = seat.late.take().unwrap().pop() else { panic!("nothing was written") };
    seat.take(Msg::Done(write, Err(Failure::World("the board is busy".into()))));
    seat.expect("the board is busy").press("<esc> n").expect("Half a thought");
}

#[test]
fn selected_cards_move_from_their_own_lane() {
    let mut seat = seat();
    seat.press("x").expect("1 selected").press("l l <");
    assert_eq!(status(&seat, 1), Status::Created);
    seat.expect("There is no lane beyond this one").expect("1 selected").press(">");
    assert_eq!(status(&seat, 1), Status::Queued);
    seat.reject("1 selected");
}

#[test]
fn selected_cards_of_several_lanes_do_not_move() {
    let mut seat = seat();
    let head = seat.service.read().head().unwrap();
    seat.press("x l x >").expect("are in several lanes").expect("2 selected");
    assert_eq!(seat.service.read().head().unwrap(), head);
}

#[test]
fn a_selection_lasts_until_it_is_changed() {
    let mut seat = seat();
    seat.press("l l v j <").expect("holds it").expect("2 selected");
    seat.listen().press("<esc>").expect("2 selected");
}

#[test]
fn blocked_and_other_cards_are_not_changed_alike() {
    let mut seat = seat();
    seat.press("x b").type_in("waits").press("<enter>").expect("Blocked");
    seat.press("/").type_in("e").press("<enter> V b").expect("Some of the selected cards are blocked");
}

#[test]
fn labels_are_added_to_several_cards_and_replace_nothing() {
    let mut seat = seat();
    let tags = |seat: &Seat, n: usize| {
        let id = seat.model.board.lanes[0].cards[n].task_id;
        seat.service.read().task(id).unwrap().unwrap().metadata.tags
    };
    seat.press("#").type_in("api").press("<enter> j #").type_in("db").press("<enter> k");
    seat.press("x x #").expect("Labels to add").reject("api, ").type_in("urgent, db").press("<enter>");
    assert_eq!(
        (tags(&seat, 0), tags(&seat, 1)),
        (vec!["api".into(), "urgent".into(), "db".into()], vec!["db".into(), "urgent".into()])
    );
    seat.expect("2 cards labelled").reject("selected").press("u");
    assert_eq!((tags(&seat, 0), tags(&seat, 1)), (vec!["api".into()], vec!["db".into()]));
}

#[test]
fn the_cursor_of_a_list_stays_on_its_entry_when_others_come() {
    let mut seat = seat();
    seat.press("a <down>");
    let chosen = seat.screen();
    let before = seat.service.read().agents(&seat.service.now()).unwrap();
    let new = payments::new_agent("aaa");
    seat.service.submit(&asha(), Command::AddAgent(Box::new(new))).unwrap();
    seat.notice().expect("aaa");
    assert!(chosen.contains(&before[1].agent.name));
    seat.press("<enter>").expect(&format!("#1 to {}", before[1].agent.name));
}

#[test]
fn ctrl_c_twice_in_a_row_quits() {
    let mut seat = seat();
    seat.press("<c-c>").expect("again quits");
    assert!(!seat.ended);
    seat.press("j <c-c>");
    assert!(!seat.ended, "something else was done between");
    seat.press("<c-c>");
    assert!(seat.ended);
}

#[test]
fn an_end_that_stops_work_takes_two_keys_on_every_screen() {
    for keys in ["q", "<c-c>"] {
        let (service, clock) = payments::board();
        let flags = Flags { orchestrates: true, ..Flags::default() };
        let mut seat = Seat::with(service, clock, (120, 36), flags);
        seat.press(keys).expect("vayu hands out work here, and 3 cards are in progress");
        assert!(!seat.ended);
        seat.press(keys);
        assert!(seat.ended);
    }
}

#[test]
fn lists_without_cards_are_not_filtered_unseen() {
    let mut seat = seat();
    for (screen, keys) in [("4", "/"), ("4", ","), ("3", "/"), ("3", ","), ("2", ",")] {
        seat.press(screen).press(keys).expect("This works on").press("<esc>");
        assert!(!seat.model.board.is_filtered() && seat.model.popups.is_empty());
    }
}

#[test]
fn a_range_shrinks_with_the_cursor() {
    let mut seat = seat();
    seat.press("v j j").expect("3 selected").press("k k").expect("1 selected");
    seat.press("<esc> x v j k").expect("2 selected");
}

#[test]
fn a_range_and_all_reach_beyond_what_is_loaded() {
    let (mut service, clock) = payments::board();
    for n in 0..200 {
        create(&mut service, vayu::domain::command::NewTask { backlog: true, ..new_task(&format!("More {n}")) });
    }
    let mut seat = Seat::before((service, clock), (120, 36));
    let all = seat.model.lane_count(vayu::domain::Lane::Backlog).unwrap();
    seat.press("v G").expect(&format!("{all} selected")).press("g g").expect("1 selected");
    seat.press("<esc> V").expect(&format!("{all} selected"));
    assert!(seat.model.board.lanes[0].cards.len() < 200);
    seat.press("p 3").expect("Priority P3");
}

#[test]
fn nothing_is_done_to_a_selection_before_all_of_it_is_known() {
    let (mut service, clock) = payments::board();
    for n in 0..200 {
        create(&mut service, vayu::domain::command::NewTask { backlog: true, ..new_task(&format!("More {n}")) });
    }
    let mut seat = Seat::before((service, clock), (120, 36));
    seat.hold_back().press("V p").expect("being looked up").tell();
    seat.press("p").expect("How urgent?");
}

#[test]
fn a_card_without_anybody_is_completed_by_naming_who_did_it() {
    let mut seat = seat();
    seat.press("C")
        .expect("Done: who did it?")
        .reject("nobody")
        .type_in("ravi")
        .press("<enter>")
        .expect("#1 completed");
    assert_eq!(status(&seat, 1), Status::Completed);
    seat.press("u h h h h m l l l l <enter>").expect("Done: who did it?").type_in("ravi").press("<enter>");
    assert_eq!(status(&seat, 1), Status::Completed);
}

#[test]
fn what_is_said_is_where_the_card_is() {
    let mut seat = seat();
    seat.press("/").type_in("Statement PDF").press("<enter> l l >");
    let number = 16;
    let title = vayu::domain::Lane::of(status(&seat, number)).title();
    seat.expect(&format!("#{number} moved to {title}"));
}

#[test]
fn the_work_of_somebody_else_is_ended_only_after_a_yes() {
    let mut seat = seat();
    seat.press("l l j C").expect("builder-1 works on #15").press("<enter>").expect("Left as it is");
    assert_eq!(status(&seat, 15), Status::Executing);
    seat.press("C y");
    assert_eq!(status(&seat, 15), Status::Completed);
}
