//! R23, R24 and R28: large things work or are refused by a stated limit; a reader that stays does not make the log grow
//! without a word; a board that is copied while many write is whole.

use std::sync::atomic::{AtomicBool, Ordering};

use vayu::domain::command::NewTask;
use vayu::domain::task::Dependency;
use vayu::domain::{Actor, Command, Level, TaskId};
use vayu::service::Service;
use vayu::store::sqlite::Board;
use vayu::store::view::Filter;

use super::team::Home;
use super::{seed, size};

fn po() -> Actor {
    Actor::human("po")
}

fn create(service: &mut Service, new: NewTask) -> TaskId {
    service.submit(&po(), Command::CreateTask(Box::new(new))).unwrap().task().unwrap()
}

fn named(title: String) -> NewTask {
    NewTask { title, ..NewTask::default() }
}

#[test]
fn r23_a_long_chain_and_a_wide_fan_are_walked_without_a_stack() {
    seed("R23", 0);
    let home = Home::new();
    let mut service = home.service();
    let length = size(1_500, 10_000);
    let ids: Vec<TaskId> = (0..length).map(|_| service.task_id()).collect();
    let link = |n: usize| {
        let blocked_by = n.checked_sub(1).map(|before| Dependency::sequential(ids[before])).into_iter().collect();
        Command::CreateTask(Box::new(NewTask { task_id: Some(ids[n]), blocked_by, ..named(format!("link {n}")) }))
    };
    service.submit_all(&po(), &(0..length).map(link).collect::<Vec<_>>()).unwrap();
    let circle = Command::AddDependency { task_id: ids[0], dependency: Dependency::sequential(ids[length - 1]) };
    let refusal = service.submit(&po(), circle).unwrap_err().to_string();
    assert!(refusal.len() < 2_000, "a circle of {length} is named in {} bytes", refusal.len());
    let fan = create(&mut service, named("hub".into()));
    let spokes: Vec<Command> = (0..length)
        .map(|n| {
            let blocked_by = vec![Dependency::sequential(fan)];
            Command::CreateTask(Box::new(NewTask { blocked_by, ..named(format!("spoke {n}")) }))
        })
        .collect();
    service.submit_all(&po(), &spokes).unwrap();
    service.submit(&po(), Command::CancelTask { task_id: fan, reason: None }).unwrap();
    assert!(service.read().task_detail(fan, &service.now()).unwrap().is_some());
    home.ok(&["task", "status", "1"]);
}

#[test]
fn r23_a_deep_tree_rolls_up_to_its_root() {
    seed("R23", 0);
    let home = Home::new();
    let mut service = home.service();
    let depth = size(300, 10_000);
    let mut whole = None;
    for n in 0..depth {
        let new = NewTask { level: Some(Level::Package), parent_id: whole, ..named(format!("level {n}")) };
        match service.submit(&po(), Command::CreateTask(Box::new(new))) {
            Ok(done) => whole = done.task(),
            Err(error) => {
                let said = error.to_string();
                assert!(said.contains("deep"), "refused by no stated limit: {said}");
                break;
            }
        }
    }
    let leaf = create(&mut service, NewTask { parent_id: whole, ..named("leaf".into()) });
    service.submit(&po(), Command::CancelTask { task_id: leaf, reason: None }).unwrap();
    home.ok(&["task", "status", "1"]);
    home.ok(&["task", "list", "--limit", "5"]);
}

#[test]
fn r24_a_reader_that_stays_is_named_by_the_doctor_and_the_log_shrinks_after_it() {
    seed("R24", 0);
    let home = Home::new();
    let mut service = home.service();
    let reader = rusqlite::Connection::open(home.board()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM tasks;").unwrap();
    let wal = home.board().with_file_name("board.db-wal");
    let length = || std::fs::metadata(&wal).map_or(0, |wal| wal.len());
    let text = "x".repeat(100_000);
    while length() < 65 << 20 {
        let commands: Vec<Command> = (0..100)
            .map(|n| {
                let new = NewTask { description: text.clone(), ..named(format!("task {n}")) };
                Command::CreateTask(Box::new(new))
            })
            .collect();
        service.submit_all(&po(), &commands).unwrap();
    }
    let (_, found) = home.json(&["doctor"]);
    let wal_check = found["checks"].as_array().unwrap().iter().find(|check| check["name"] == "wal").unwrap().clone();
    assert_eq!(wal_check["state"], "warn", "{wal_check}");
    reader.execute_batch("COMMIT").unwrap();
    service.tidy().unwrap();
    assert!(length() < 17 << 20, "{} bytes are left", length());
}

#[test]
fn r28_a_board_that_is_copied_under_sixteen_writers_is_whole_and_comes_back() {
    seed("R28", 0);
    let home = Home::new();
    let end = AtomicBool::new(false);
    let copies: Vec<_> = std::thread::scope(|scope| {
        for writer in 0..16 {
            let (home, end) = (&home, &end);
            scope.spawn(move || {
                let mut service = home.service();
                for n in 0.. {
                    if end.load(Ordering::SeqCst) {
                        return;
                    }
                    create(&mut service, named(format!("{writer}/{n}")));
                }
            });
        }
        let copies = (0..size(4, 40)).map(|n| {
            let copy = home.path().join(format!("copy-{n}.db"));
            home.service().backup(&copy).unwrap();
            copy
        });
        let copies = copies.collect();
        end.store(true, Ordering::SeqCst);
        copies
    });
    for copy in &copies {
        let service = Service::new(Box::new(Board::at(copy).open().unwrap()));
        assert_eq!(service.check().unwrap(), Vec::<String>::new());
        assert_eq!(service.audit(3).unwrap().differences, []);
    }
    let last = Service::new(Box::new(Board::at(copies.last().unwrap()).open().unwrap()));
    home.ok(&["restore", copies.last().unwrap().to_str().unwrap(), "--yes"]);
    let (now, then) = (home.service(), last);
    let count = |service: &Service| {
        let summary = service.read().summary(&Filter::default(), &service.now()).unwrap();
        summary.lanes.iter().map(|lane| lane.total).collect::<Vec<_>>()
    };
    assert_eq!(count(&now), count(&then));
    assert_eq!(now.read().head().unwrap(), then.read().head().unwrap());
}
