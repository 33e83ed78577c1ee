//! R15: the wall clock jumps, and the calendar is long. Leases follow the boot clock, order follows the log, and nobody
//! is told of a negative age.

use std::process::Stdio;
use std::sync::Arc;

use chrono::{Duration, Utc};
use vayu::domain::command::NewTask;
use vayu::domain::{Actor, Command, Fence};
use vayu::service::Service;
use vayu::service::env::{CountedIds, FrozenClock};
use vayu::store::sqlite::Board;
use vayu::store::view::{ActivityFilter, Liveness};

use super::seed;
use super::team::Home;

fn create(service: &mut Service, title: &str) {
    let new = NewTask { title: title.into(), ..NewTask::default() };
    service.submit(&Actor::human("po"), Command::CreateTask(Box::new(new))).unwrap();
}

/// What a verb prints.
fn says(home: &Home, args: &[&str]) -> String {
    let output = home.command(args).stdout(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn r15_a_board_from_the_future_shows_no_negative_age() {
    let home = Home::new();
    let clock = FrozenClock::at(Utc::now() + Duration::days(1));
    let store = Box::new(Board::at(home.board()).open().unwrap());
    let mut service = Service::with(store, Arc::new(clock), Box::new(CountedIds::seeded(15)));
    create(&mut service, "from tomorrow");
    home.ok(&["agent", "add", "ada"]);
    home.ok(&["task", "claim", "--agent", "ada"]);
    for args in [&["task", "status", "1"][..], &["task", "list"], &["log"], &["agent", "list"], &["board"]] {
        let said = says(&home, args);
        let negative = said.split(|c: char| c.is_whitespace() || c == '(').find(|word| {
            let mut chars = word.chars();
            chars.next() == Some('-') && chars.next().is_some_and(|c| c.is_ascii_digit())
        });
        assert_eq!(negative, None, "{args:?}: {said}");
    }
}

#[test]
fn r15_the_log_is_in_the_order_of_what_happened_whatever_the_clock_said() {
    let mut random = fastrand::Rng::with_seed(seed("R15", 15));
    let clock = FrozenClock::at(Utc::now());
    let store = Box::new(Board::in_memory().unwrap());
    let mut service = Service::with(store, Arc::new(clock.clone()), Box::new(CountedIds::seeded(15)));
    for n in 0..40 {
        let jump = *random.choice(&[3600, -3600, 86_400, -86_400, -300, 1]).unwrap();
        clock.set_wall(service.now().wall + Duration::seconds(jump));
        create(&mut service, &format!("task {n}"));
    }
    let rows = service.read().activity(&ActivityFilter { limit: 100, ..ActivityFilter::default() }).unwrap();
    let titles: Vec<String> = rows.iter().rev().filter_map(|row| row.title.clone()).collect();
    assert_eq!(titles, (0..40).map(|n| format!("task {n}")).collect::<Vec<_>>());
}

#[test]
fn r15_a_lease_neither_ends_nor_lasts_by_the_wall_clock() {
    let clock = FrozenClock::at(Utc::now());
    let store = Box::new(Board::in_memory().unwrap());
    let mut service = Service::with(store, Arc::new(clock.clone()), Box::new(CountedIds::seeded(15)));
    create(&mut service, "held");
    let po = Actor::human("po");
    service.submit(&po, Command::AddAgent(Box::new(super::race::agent_named("ada")))).unwrap();
    let agent_id = service.read().agent_named("ada").unwrap().unwrap().agent_id;
    let claim = Command::ClaimTask { agent_id, task_id: None, lease_seconds: Some(60) };
    let claimed = service.submit(&Actor::agent("ada"), claim).unwrap().claimed.unwrap();
    let expired = |service: &Service| service.read().leases(&service.now()).unwrap()[0].expired;
    for jump in [Duration::days(1), Duration::days(-2), Duration::days(20_000), Duration::minutes(-5)] {
        clock.set_wall(service.now().wall + jump);
        assert!(!expired(&service), "a jump of {jump} ended the lease");
        assert!(service.beat(claimed.token, &Liveness::default()).unwrap().is_some());
    }
    clock.advance(Duration::seconds(61));
    clock.set_wall(service.now().wall - Duration::days(3));
    assert!(expired(&service), "the lease lasts because the wall clock was set back");
    let give_back = Command::ReleaseTask { task_id: claimed.task_id, fence: Fence::Token(claimed.token), reason: None };
    service.submit(&Actor::agent("ada"), give_back).unwrap();
}

#[test]
fn r15_dates_beyond_2038_and_on_leap_days_are_kept() {
    let home = Home::new();
    for (n, day) in ["2028-02-29", "2038-01-20", "2100-03-01", "9999-12-31"].iter().enumerate() {
        home.ok(&["task", "create", day, "--deadline", day]);
        let said = says(&home, &["task", "status", &(n + 1).to_string()]);
        assert!(said.contains(&format!("end of {day}")), "{said}");
    }
    let (code, _) = home.json(&["task", "create", "never", "--deadline", "2027-02-29"]);
    assert_eq!(code, 2);
}
