//! The plan screen: six steps, a draft that stays, one change at the end.

use std::sync::Arc;
use std::time::Duration;

use super::payments;
use super::seat::Seat;
use vayu::domain::command::{NewAgent, NewTask};
use vayu::domain::{Actor, AgentKind, Command, Priority, SprintState};
use vayu::plan::wizard::{Draft, Step};
use vayu::tui::effect::Improve;
use vayu::tui::msg::Msg;
use vayu::tui::screen::plan::{Care, News};

const THREE: &str =
    "We need to implement user authentication, add real-time notifications, and improve our testing coverage";

fn draft(seat: &Seat, actor: &str) -> Option<Draft> {
    seat.service.read().draft(&format!("plan:{actor}")).unwrap().as_deref().and_then(Draft::restore)
}

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
    seat.press("3").reject("Users can sign in");
    seat.press("1 u").expect("Taken back");
    assert!(seat.service.read().sprints().unwrap().is_empty());
    seat.press("3").expect("Users can sign in").press("] ]").expect("Implement user authentication");
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
    let draft = draft(&seat, "asha").unwrap();
    assert_eq!((draft.picks.len(), draft.sizes.len(), draft.step), (1, 1, Step::Tasks));
}

#[test]
fn a_new_size_shows_as_it_was_said_and_its_field_leaves_the_title_alone() {
    let mut seat = seat();
    backlog(&mut seat, &[("Rotate the logs", 3.0)]);
    seat.press("g g x").expect("3p Rotate the logs").expect("3/");
    seat.press("=").type_in("40h").expect("40h").expect(" Rotate the logs");
    seat.press("<enter>").expect("40h Rotate the logs").reject("3p Rotate").expect("20/");
}

#[test]
fn objectives_wrap_while_they_are_typed_and_afterwards() {
    let mut seat = seat();
    seat.resize((80, 24));
    let text = "Let customers pay by card before the end of the season. Make the search of products and shops faster. \
                Translate the mails and the help pages into Italian.";
    let all = |seat: &mut Seat| {
        for words in ["Let customers", "season.", "Make the", "faster.", "Translate", "Italian."] {
            seat.expect(words);
        }
    };
    seat.press("<tab> <tab> <enter>").type_in(text);
    all(&mut seat);
    seat.press("<enter>");
    all(&mut seat);
}

#[test]
fn a_date_that_was_said_is_shown_as_it_was_understood() {
    let mut seat = seat();
    seat.press("<tab> <tab> <enter>").type_in("Add search by 4 December").press("<enter> j");
    seat.expect("to be done by Fri 4 Dec").press("<tab> G").expect("to be done by Fri 4 Dec");
}

#[test]
fn why_a_key_did_nothing_is_gone_with_the_next_one() {
    let mut seat = seat();
    seat.press("<tab> <tab> <enter>").type_in("Add search").press("<enter> <tab>");
    seat.press("S").expect("This task is written down").press("j").reject("This task is written down");
}

#[test]
fn the_last_step_says_to_the_end_what_enter_does() {
    let mut seat = seat();
    backlog(&mut seat, &[("Rotate the logs", 3.0), ("Sweep", 1.0)]);
    seat.press("g g x ] ] <enter>").expect("Sprint 1 started").press("3").press("] ] ] x ] ]");
    seat.expect("keeps it as planned").expect("closed");
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

fn backlog(seat: &mut Seat, tasks: &[(&str, f64)]) {
    for (title, points) in tasks {
        let new = vayu::domain::command::NewTask { backlog: true, points: Some(*points), ..payments::new_task(title) };
        payments::create(&mut seat.service, new);
    }
    seat.notice().press("] ] ]").expect("Tasks");
}

#[test]
fn a_large_board_is_read_for_the_plan_only_now_and_then() {
    let mut seat = seat();
    let new = |n: usize| NewTask { backlog: true, ..payments::new_task(&format!("T{n}")) };
    let commands: Vec<Command> = (0..1001).map(|n| Command::CreateTask(Box::new(new(n)))).collect();
    seat.service.submit_all(&Actor::human("asha"), &commands).unwrap();
    seat.notice().press("] ] ]").expect("T0");
    seat.pass(Duration::from_secs(3));
    for (title, shown) in [("First", true), ("Second", false)] {
        let urgent = NewTask { backlog: true, priority: Some(Priority::Critical), ..payments::new_task(title) };
        payments::create(&mut seat.service, urgent);
        seat.notice();
        if shown {
            seat.expect(title)
        } else {
            seat.reject(title)
        };
    }
    seat.pass(Duration::from_secs(2)).expect("Second");
}

#[test]
fn a_line_of_the_plan_is_typed_where_it_stands() {
    let mut seat = seat();
    let (_, y) = seat.find("Goal  ");
    seat.press("j <enter>").type_in("Pay out faster").expect("What is the sprint for?");
    assert_eq!(seat.find("Pay out faster").1, y);
    seat.press("<enter> j <enter> <c-u>").type_in("soon").press("<enter>").expect("Write 2026-12-24");
    seat.press("<esc>").expect("Pay out faster");
    seat.resize((80, 14)).press("k <enter>").expect("What is the sprint for?").expect("keeps the draft");
}

#[test]
fn tasks_are_sorted_by_what_matters_and_the_cursor_stays_on_its_task() {
    let mut seat = seat();
    backlog(&mut seat, &[("Big one", 8.0), ("Small one", 1.0), ("Middle one", 3.0)]);
    let order = |seat: &Seat| ["Big", "Middle", "Small"].map(|name| seat.find(&format!("p {name} one")).1);
    seat.press("g g").expect("by urgency");
    seat.press("s s").expect("by size");
    let [big, middle, small] = order(&seat);
    assert!(small < middle && middle < big);
    seat.press("s").expect("by age");
    let [big, middle, small] = order(&seat);
    assert!(big < small && small < middle);
}

#[test]
fn what_changes_is_told_before_a_task_is_picked() {
    let mut seat = seat();
    backlog(&mut seat, &[("Big one", 8.0), ("Small one", 1.0)]);
    seat.press("g g x w").expect("Left out").expect("0p of");
    seat.press("j").expect("Picked 9p of");
}

#[test]
fn a_task_is_split_along_its_checklist_and_one_undo_makes_it_whole() {
    use vayu::domain::task::Criterion;
    let mut seat = seat();
    let check = |text: &str| Criterion { text: text.into(), met: false };
    let new = vayu::domain::command::NewTask {
        backlog: true,
        points: Some(5.0),
        acceptance: vec![check("one"), check("two"), check("three")],
        ..payments::new_task("Capture service")
    };
    let whole = payments::create(&mut seat.service, new);
    let next = vayu::domain::command::NewTask {
        blocked_by: vec![vayu::domain::task::Dependency::sequential(whole)],
        ..payments::new_task("Comes after")
    };
    let next = payments::create(&mut seat.service, next);
    seat.notice().press("] ] ]").expect("Capture service");
    seat.press("/").press("<esc> g g");
    while !seat.screen().contains("#1 Capture service") {
        seat.press("j");
    }
    seat.press("x S").expect("#1 is two tasks now, its checklist shared out");
    seat.expect("[x] #1").expect("[x] #3").expect("Capture service (2 of 2)");
    let task = |seat: &Seat, id| seat.service.read().task(id).unwrap().unwrap();
    assert_eq!(task(&seat, whole).acceptance.len(), 2);
    assert_eq!(task(&seat, whole).metadata.story_points, Some(3.0));
    assert_eq!(task(&seat, next).dependencies.blocked_by.len(), 2);
    seat.press("u").expect("Taken back");
    assert_eq!(task(&seat, whole).acceptance.len(), 3);
    assert_eq!(task(&seat, next).dependencies.blocked_by.len(), 1);
}

#[test]
fn two_people_who_plan_do_not_write_over_each_other() {
    let mut seat = seat();
    seat.press("<enter> <c-u>").type_in("Mine").press("<enter>").expect("Mine");
    seat.model = Seat::before(payments::empty(), (120, 36)).model;
    seat.model.actor = vayu::domain::Actor::human("ravi");
    seat.press("3").expect("Goal & dates").reject("Mine");
    seat.press("<enter> <c-u>").type_in("Theirs").press("<enter>");
    let name = |actor: &str| draft(&seat, actor).unwrap().name;
    assert_eq!([name("asha"), name("ravi")], ["Mine", "Theirs"]);
}

#[test]
fn to_look_at_a_step_saves_nothing() {
    let mut seat = seat();
    seat.press("] ] [").expect("Capacity");
    assert!(draft(&seat, "asha").is_none());
}

/// A board with a person, two programs and a backlog.
fn team() -> Seat {
    let (mut service, clock) = payments::empty();
    let policy =
        vayu::domain::Policy { review: vayu::domain::policy::ReviewPolicy::Always, ..service.read().policy().unwrap() };
    service.submit(&Actor::human("asha"), Command::Configure(Box::new(policy))).unwrap();
    for (name, kind) in [("mira", AgentKind::Human), ("bot-1", AgentKind::Ai), ("bot-2", AgentKind::Ai)] {
        let new = NewAgent { kind, ..payments::new_agent(name) };
        service.submit(&Actor::human("asha"), Command::AddAgent(Box::new(new))).unwrap();
    }
    for (title, points, priority) in [
        ("Ledger", 5.0, Priority::High),
        ("Webhooks", 3.0, Priority::High),
        ("Digest", 2.0, Priority::Normal),
        ("Logo", 8.0, Priority::Low),
    ] {
        let new =
            NewTask { backlog: true, points: Some(points), priority: Some(priority), ..payments::new_task(title) };
        payments::create(&mut service, new);
    }
    Seat::before((service, clock), (120, 36))
}

/// Puts the cursor of the tasks on this one.
fn choose(seat: &mut Seat, title: &str) {
    seat.press("g g");
    let job = |seat: &Seat| {
        let outlook = seat.model.plan.outlook.as_ref().unwrap();
        outlook.job(seat.model.plan.job().unwrap()).unwrap().title.clone()
    };
    while job(seat) != title {
        seat.press("j");
    }
}

#[test]
fn by_hand_from_nothing_to_a_started_sprint() {
    let mut seat = team();
    seat.press("3 j <enter>").type_in("Money moves once").press("<enter>");
    seat.press("j j <enter> <c-u>").type_in("10d").press("<enter>").expect("10 days");
    // Nobody has declared hours: that is marked, until somebody says so; who takes no part is taken out.
    seat.press("]").expect("hours not known").expect("? no hours set");
    seat.press("g g <enter>").type_in("20 9 2").press("<enter>").expect("0/20h").expect("set by hand");
    seat.press("j x").expect("0/0h");
    seat.press("]").press("<enter>").type_in("Fix the footer").press("<enter>").expect("Fix the footer");
    seat.press("]");
    choose(&mut seat, "Ledger");
    seat.press("x").expect("[x] #1");
    choose(&mut seat, "Logo");
    seat.press("t").expect("[~] #4").expect("+8p");
    seat.press("w").expect("Left out");
    seat.press("A").expect("picked: what is worth most and fits").expect("[x] #2").expect("[x] #3");
    seat.press("]").expect("mira");
    seat.press("]").expect("only if there is time").expect("one undo takes back").press("<enter>").expect("started");
    let sprint = seat.service.read().sprint_named("active").unwrap().unwrap();
    let baseline = seat.service.read().baseline(sprint.sprint_id).unwrap().unwrap();
    assert_eq!((baseline.stretch.tasks, sprint.goal.as_str()), (1, "Money moves once"));
    assert!(baseline.committed.tasks >= 4, "{:?}", baseline.committed);
    let plan = seat.service.read().plan(sprint.sprint_id).unwrap().unwrap().layout;
    let bot = seat.service.read().agent_named("bot-1").unwrap().unwrap().agent_id;
    assert!(plan.slots.iter().all(|slot| slot.agent_id != Some(bot)), "it takes no part");
    assert!(plan.slots.iter().any(|slot| slot.stage == vayu::domain::sprint::Stage::Review));
}

#[test]
fn only_what_holds_is_promised_by_a_key() {
    let mut seat = team();
    seat.press("3 j j j <enter> <c-u>").type_in("6d").press("<enter> ] ] ]");
    seat.press("P").expect("Nothing is picked yet");
    for title in ["Ledger", "Webhooks", "Digest"] {
        choose(&mut seat, title);
        seat.press("x");
    }
    seat.expect("P promises only what holds with");
    seat.press("P").expect("of 3 tasks promised, the others if there is time");
    let told = seat.model.plan.prospect.as_ref().unwrap().chance;
    assert!(told >= 0.8, "{told}");
    seat.reject("P promises").expect("[x] #2").expect("[~] #1").press("P").expect("All that is promised holds");
}

#[test]
fn what_has_no_place_stands_below_the_schedule_with_what_would_help() {
    let mut seat = team();
    seat.press("3 ] g g <enter>").type_in("2 6 2").press("<enter> j x j <enter>").type_in("4").press("<enter> ] ]");
    for title in ["Ledger", "Webhooks", "Digest"] {
        choose(&mut seat, title);
        seat.press("x");
    }
    seat.press("]").expect("without a place").press("G").expect("no place").expect("capacity");
    seat.expect("What would help");
}

#[test]
fn the_last_look_is_read_to_its_end_on_a_small_screen() {
    let mut seat = team();
    seat.resize((80, 18)).press("3 ] g g <enter>").type_in("2 6 2").press("<enter> j x j <enter>").type_in("4");
    seat.press("<enter> ] ]");
    for title in ["Ledger", "Webhooks", "Digest"] {
        choose(&mut seat, title);
        seat.press("x");
    }
    seat.press("] ]").expect("Committed: ").expect("without a place only if there is time").expect("more lines");
    seat.press("G").reject("more lines").expect("What would help").press("g g").expect("Committed: ");
}

#[test]
fn what_others_take_out_of_the_plan_is_said() {
    let mut seat = team();
    seat.press("3 ] ] ]");
    choose(&mut seat, "Webhooks");
    seat.press("x").expect("[x] #2");
    let task_id = seat.model.plan.job().unwrap();
    seat.service.submit(&Actor::human("ravi"), Command::CancelTask { task_id, reason: None }).unwrap();
    seat.notice().expect("#2 has left the plan").reject("[x] #2");
}

#[test]
fn a_key_is_answered_before_the_plan_is_scheduled_anew() {
    let mut seat = team();
    seat.press("3 ] ] ]");
    for title in ["Ledger", "Webhooks"] {
        choose(&mut seat, title);
        seat.press("x");
    }
    let planned = |seat: &Seat| seat.model.plan.outlook.as_ref().unwrap().schedule.slots.len();
    assert_eq!(planned(&seat), 2);
    seat.hold_back().press("x").expect("1 of 4 picked");
    assert_eq!(planned(&seat), 1, "what goes out leaves its place");
    choose(&mut seat, "Digest");
    seat.press("x").expect("2 of 4 picked");
    assert_eq!(planned(&seat), 1, "what comes in has none yet");
    seat.tell();
    assert_eq!(planned(&seat), 2);
}

#[test]
fn a_schedule_that_is_looked_for_is_given_up_for_a_newer_plan() {
    let mut seat = team();
    seat.press("3");
    backlog(&mut seat, &[("Task", 1.0); 200]);
    let ground = Arc::new(vayu::service::planning::ground(&seat.service).unwrap());
    let plan = |picks: usize| {
        let mut draft = seat.model.plan.draft.as_deref().unwrap().clone();
        ground.offers.iter().take(picks).for_each(|offer| draft.pick(offer.task_id, true));
        let head = seat.service.read().head().unwrap();
        Box::new(Improve {
            draft,
            ground: Arc::clone(&ground),
            head,
            fill: None,
            aside: None,
            quick: true,
            better: true,
        })
    };
    let (post, heard) = std::sync::mpsc::channel();
    let planner = vayu::tui::worker::plan(post).unwrap();
    let next = || match heard.recv().unwrap() {
        Msg::Plan(News::Planned { draft, care, .. }) => (draft.picks.len(), care),
        other => panic!("{other:?}"),
    };
    planner.order(plan(200));
    assert_eq!(next(), (200, Care::Improving));
    planner.order(plan(1));
    assert_eq!([next(), next()], [(1, Care::Improving), (1, Care::Thorough)]);
}

/// What one key costs the loop of the board: the model's answer and a frame, without what other threads do for it.
#[test]
#[ignore = "a measurement: cargo test --release --test tui one_key -- --ignored --nocapture"]
fn one_key_in_a_plan_with_two_thousand_tasks() {
    use vayu::tui::msg::Clock;
    use vayu::tui::terminal::{Event, Input, Key};
    let mut seat = team();
    let rank = |n: usize| Priority::from_rank((n % 4) as u8);
    let new = |n: usize| NewTask {
        backlog: true,
        points: Some((1 + n % 8) as f64),
        priority: Some(rank(n)),
        ..payments::new_task(&format!("Task {n} of a backlog that nobody has looked through for a year"))
    };
    let commands: Vec<Command> = (0..2000).map(|n| Command::CreateTask(Box::new(new(n)))).collect();
    seat.service.submit_all(&Actor::human("asha"), &commands).unwrap();
    seat.press("3 ] ] ]").expect("Task");
    let clock = Clock { wall: seat.service.now().wall, run: Duration::from_mins(1) };
    for (what, picked) in [("40 picked", 40), ("350 picked", 350)] {
        while seat.model.plan.draft.as_ref().unwrap().picks.len() < picked {
            let key = Msg::Terminal(Event::Input(Input::Key(Key::char('x'), None)));
            drop(vayu::tui::update::update(&mut seat.model, clock, key));
            drop(vayu::tui::update::update(
                &mut seat.model,
                clock,
                Msg::Terminal(Event::Input(Input::Key(Key::char('j'), None))),
            ));
        }
        for key in ['j', 'x', 's', 't', 'w', 'A', ']', '['] {
            let mut took: Vec<Duration> = (0..21)
                .map(|_| {
                    let begun = std::time::Instant::now();
                    let key = Msg::Terminal(Event::Input(Input::Key(Key::char(key), None)));
                    drop(vayu::tui::update::update(&mut seat.model, clock, key));
                    seat.buffer();
                    begun.elapsed()
                })
                .collect();
            took.sort();
            println!("{what}: {key}  median {:?}, worst {:?}", took[10], took[20]);
        }
        seat.press("[ [ [ [ [ [ ] ] ]");
    }
}

#[test]
fn a_new_task_can_be_renamed_and_says_when_it_is_done() {
    let mut seat = seat();
    seat.press("3 ] ] <enter>").type_in("Add a search box").press("<enter> ] ]");
    let title = |seat: &Seat| {
        let outlook = seat.model.plan.outlook.as_ref().unwrap();
        outlook.job(seat.model.plan.job().unwrap()).unwrap().title.clone()
    };
    seat.press("[ g g");
    let criteria = seat.model.plan.draft.as_ref().unwrap().pieces.iter().find(|piece| piece.is_task()).unwrap();
    let first = criteria.acceptance[0].split(' ').next().unwrap().to_owned();
    seat.expect(&format!("· {first}"));
    seat.press("<enter> <c-u>").type_in("Ask ten shoppers").press("<enter>").expect("Ask ten shoppers");
    assert_eq!(title(&seat), "Ask ten shoppers");
    seat.press("<enter> <c-u> <enter>").expect("A task needs a title.").press("<esc>");
    assert_eq!(title(&seat), "Ask ten shoppers");
}
