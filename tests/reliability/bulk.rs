//! R23, R24 and R28: large things work or are refused by a stated limit; a reader that stays does not make the log grow
//! without a word; a board that is copied while many write is whole.

use std::io::Read as _;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use vayu::domain::command::{NewTask, Report};
use vayu::domain::task::Dependency;
use vayu::domain::{Actor, Command, Fence, Level, Status, TaskId};
use vayu::service::Service;
use vayu::store::sqlite::Board;
use vayu::store::view::{Filter, Page};

use super::size;
use super::team::Home;

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
    service.submit(&po(), Command::AddAgent(Box::new(super::race::agent_named("ada")))).unwrap();
    let agent_id = service.read().agent_named("ada").unwrap().map(|agent| agent.agent_id);
    let (fence, report) = (Fence::Force, Report::default());
    service.submit(&po(), Command::CompleteTask { task_id: fan, fence, agent_id, report }).unwrap();
    let free = Filter { statuses: vec![Status::Queued], ..Filter::default() };
    let queued = service.read().list_cards(&free, Page::ALL).unwrap();
    let spokes = queued.iter().filter(|card| card.title.starts_with("spoke")).count();
    assert_eq!(spokes, length, "all spokes are free at once");
    home.ok(&["task", "status", "1"]);
}

#[test]
fn r23_a_deep_tree_rolls_up_to_its_root() {
    let home = Home::new();
    let mut service = home.service();
    let depth = size(300, 10_000);
    let package = |n, parent_id| NewTask { level: Some(Level::Package), parent_id, ..named(format!("level {n}")) };
    let root = create(&mut service, package(0, None));
    let lowest = (1..depth).fold(root, |whole, n| create(&mut service, package(n, Some(whole))));
    let leaf = create(&mut service, NewTask { parent_id: Some(lowest), ..named("leaf".into()) });
    service.submit(&po(), Command::AddAgent(Box::new(super::race::agent_named("ada")))).unwrap();
    let agent_id = service.read().agent_named("ada").unwrap().map(|agent| agent.agent_id);
    let (fence, report) = (Fence::Force, Report::default());
    service.submit(&po(), Command::CompleteTask { task_id: leaf, fence, agent_id, report }).unwrap();
    assert_eq!(service.read().task(root).unwrap().unwrap().status, Status::Completed);
    home.ok(&["task", "status", "1"]);
    home.ok(&["task", "list", "--limit", "5"]);
}

#[test]
fn r24_a_reader_that_stays_is_named_by_the_doctor_and_the_log_shrinks_after_it() {
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

/// Writes down tasks until the end.
fn write_until(home: &Home, end: &AtomicBool, writer: usize) {
    let mut service = home.service();
    for n in 0.. {
        if end.load(Ordering::SeqCst) {
            return;
        }
        create(&mut service, named(format!("{writer}/{n}")));
    }
}

#[test]
fn r28_a_board_that_is_copied_under_sixteen_writers_is_whole_and_comes_back() {
    let home = Home::new();
    let end = AtomicBool::new(false);
    let copies: Vec<_> = std::thread::scope(|scope| {
        for writer in 0..16 {
            let (home, end) = (&home, &end);
            scope.spawn(move || write_until(home, end, writer));
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

#[test]
fn r24_a_list_that_nobody_reads_on_does_not_keep_the_log_from_shrinking() {
    let home = Home::new();
    let mut service = home.service();
    let text = "x".repeat(10_000);
    let fill = |service: &mut Service, count| {
        let commands: Vec<Command> = (0..count)
            .map(|n| {
                let new = NewTask { description: text.clone(), ..named(format!("task {n}")) };
                Command::CreateTask(Box::new(new))
            })
            .collect();
        service.submit_all(&po(), &commands).unwrap();
    };
    fill(&mut service, 1_500);
    let mut list = home.command(&["task", "list", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 1];
    list.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    for _ in 0..4 {
        fill(&mut service, 1_000);
    }
    service.tidy().unwrap();
    let wal = home.board().with_file_name("board.db-wal");
    let left = std::fs::metadata(&wal).map_or(0, |wal| wal.len());
    assert!(left < 17 << 20, "{left} bytes are held up by a reader of a pipe");
    list.kill().unwrap();
    list.wait().unwrap();
}

#[test]
fn r28_an_audit_under_writers_finds_no_difference() {
    let home = Home::new();
    let end = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (home, end) = (&home, &end);
            scope.spawn(move || write_until(home, end, writer));
        }
        let service = home.service();
        for _ in 0..size(20, 200) {
            let found = service.audit(3).unwrap().differences;
            if !found.is_empty() {
                end.store(true, Ordering::SeqCst);
            }
            assert_eq!(found, []);
        }
        end.store(true, Ordering::SeqCst);
    });
}
