//! The file: many processes, damage, permissions, copies, notices.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use vayu::domain::command::{NewSprint, TaskField};
use vayu::domain::{Actor, Command, Fence, Rejection, SprintId, Status, TaskId};
use vayu::service::notify::Listener;
use vayu::service::{Error, Service};
use vayu::store::sqlite::{Board, SCHEMA, side_folder};
use vayu::store::view::{Filter, Page, ProcessRow};
use vayu::store::{Store, StoreError};

use super::old_board::to_first_schema;
use super::{add_agent, create, po};

struct Home {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("project/.vayu/board.db");
        drop(Board::at(&path).create().unwrap());
        Self { _folder: folder, path }
    }

    fn open(&self) -> Service {
        Service::new(Box::new(Board::at(&self.path).open().unwrap()))
    }

    fn refusal(&self) -> StoreError {
        match Board::at(&self.path).open() {
            Err(error) => error,
            Ok(_) => panic!("opened"),
        }
    }
}

/// Outside any connection of this process, so that no lock is dropped.
fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[test]
fn thirty_two_claimers_never_win_the_same_task() {
    const TASKS: usize = 200;
    let home = Home::new();
    let mut service = home.open();
    let agents: Vec<_> = (0..32).map(|n| add_agent(&mut service, &format!("a{n}"))).collect();
    for n in 0..TASKS {
        create(&mut service, &format!("task {n}"));
    }
    let start = Arc::new(Barrier::new(agents.len()));
    let workers: Vec<_> = agents
        .into_iter()
        .map(|agent_id| {
            let (start, mut service) = (Arc::clone(&start), home.open());
            std::thread::spawn(move || {
                start.wait();
                let mut won: Vec<TaskId> = Vec::new();
                loop {
                    let claim = Command::ClaimTask { agent_id, task_id: None, lease_seconds: None };
                    match service.submit(&Actor::agent("worker"), claim) {
                        Ok(done) => won.extend(done.claimed.map(|claimed| claimed.task_id)),
                        Err(Error::Rejected(Rejection::NothingReady { .. })) => return won,
                        Err(error) => panic!("{error}"),
                    }
                }
            })
        })
        .collect();
    let mut times: BTreeMap<TaskId, usize> = BTreeMap::new();
    for id in workers.into_iter().flat_map(|worker| worker.join().unwrap()) {
        *times.entry(id).or_default() += 1;
    }
    assert_eq!(times.len(), TASKS);
    assert!(times.values().all(|count| *count == 1));
    let filter = Filter { statuses: vec![Status::Assigned], ..Filter::default() };
    assert_eq!(service.read().list_cards(&filter, Page::ALL).unwrap().len(), TASKS);
}

#[test]
fn r30_a_hundred_parallel_creates_are_all_stored_with_unique_numbers() {
    let home = Home::new();
    let start = Arc::new(Barrier::new(100));
    let workers: Vec<_> = (0..100)
        .map(|n| {
            let (start, path) = (Arc::clone(&start), home.path.clone());
            std::thread::spawn(move || {
                start.wait();
                let mut service = Service::new(Box::new(Board::at(path).open().unwrap()));
                create(&mut service, &format!("task {n}"))
            })
        })
        .collect();
    let ids: Vec<TaskId> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
    let service = home.open();
    let mut numbers: Vec<i64> = ids.iter().map(|id| service.read().task(*id).unwrap().unwrap().number.0).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=100).collect::<Vec<_>>());
}

#[test]
fn r26_a_newer_board_is_refused_and_left_untouched() {
    let home = Home::new();
    let conn = rusqlite::Connection::open(&home.path).unwrap();
    conn.pragma_update(None, "user_version", SCHEMA + 1).unwrap();
    conn.close().unwrap();
    let before = bytes(&home.path);
    assert!(matches!(home.refusal(), StoreError::Newer { .. }));
    assert_eq!(bytes(&home.path), before);
}

#[test]
fn r26_a_board_of_the_first_schema_is_brought_up_to_date_after_a_backup() {
    let home = Home::new();
    let mut service = home.open();
    let task_id = create(&mut service, "kept");
    let changes = vec![vayu::domain::command::TaskField::Milestone(Some("v1".into()))];
    service.submit(&po(), Command::EditTask { task_id, changes, expected_rev: None }).unwrap();
    drop(service);
    to_first_schema(&home.path);
    assert_eq!(home.open().read().milestones().unwrap()[0].name, "v1");
    let titles: Vec<_> = home.open().read().list_cards(&Filter::default(), Page::ALL).unwrap();
    assert_eq!(titles.iter().map(|card| card.title.as_str()).collect::<Vec<_>>(), ["kept"]);
    let backups = std::fs::read_dir(home.path.with_file_name("backups")).unwrap().count();
    drop(home.open());
    assert_eq!((backups, std::fs::read_dir(home.path.with_file_name("backups")).unwrap().count()), (1, 1));
}

#[test]
fn r26_a_sprint_that_an_older_version_began_has_no_baseline_and_is_closed_all_the_same() {
    let home = Home::new();
    let mut service = home.open();
    let sprint_id = begin_sprint(&mut service);
    drop(service);
    to_first_schema(&home.path);
    // The first version wrote nothing down when a sprint began.
    let conn = rusqlite::Connection::open(&home.path).unwrap();
    conn.execute("DELETE FROM events WHERE doc LIKE '{\"event\":\"baseline_taken\"%'", []).unwrap();
    conn.close().unwrap();
    let mut service = home.open();
    assert_eq!(service.read().baseline(sprint_id).unwrap(), None);
    assert_eq!(service.audit(10).unwrap().differences, []);
    service.submit(&po(), Command::CloseSprint { sprint_id, carry_to: None }).unwrap();
    let outcome = service.read().outcome(sprint_id).unwrap().unwrap();
    assert_eq!((outcome.tasks.len(), outcome.added.len(), outcome.removed.len()), (1, 0, 0));
    assert_eq!(service.audit(10).unwrap().differences, []);
}

fn begin_sprint(service: &mut Service) -> SprintId {
    let task_id = create(service, "kept");
    let starts_at = service.now().wall;
    let sprint = NewSprint {
        sprint_id: None,
        name: None,
        goal: String::new(),
        starts_at,
        ends_at: starts_at + chrono::Duration::days(7),
        objectives: Vec::new(),
        capacity_minutes: None,
    };
    service.submit(&po(), Command::CreateSprint(Box::new(sprint))).unwrap();
    let sprint_id = service.read().sprint_named("1").unwrap().unwrap().sprint_id;
    let changes = vec![TaskField::Sprint(Some(sprint_id))];
    service.submit(&po(), Command::EditTask { task_id, changes, expected_rev: None }).unwrap();
    service.submit(&po(), Command::StartSprint { sprint_id }).unwrap();
    sprint_id
}

#[test]
fn r14_a_file_of_another_program_is_refused_and_left_untouched() {
    let home = Home::new();
    std::fs::remove_file(&home.path).unwrap();
    let conn = rusqlite::Connection::open(&home.path).unwrap();
    conn.execute_batch("CREATE TABLE tasks (id)").unwrap();
    conn.close().unwrap();
    let before = bytes(&home.path);
    assert!(matches!(home.refusal(), StoreError::Foreign(_)));
    assert_eq!(bytes(&home.path), before);
}

#[test]
fn r14_text_an_empty_file_and_a_torn_header_are_refused_with_a_reason() {
    for damage in [b"not a database, surely".to_vec(), Vec::new(), vec![0; 4096]] {
        let home = Home::new();
        std::fs::write(&home.path, &damage).unwrap();
        let refusal = home.refusal();
        assert!(matches!(refusal, StoreError::Foreign(_) | StoreError::Corrupt { .. }), "{refusal}");
        assert_eq!(bytes(&home.path), damage);
    }
}

#[test]
fn a_schema_that_says_something_else_is_found_and_one_that_was_upgraded_is_as_a_new_one() {
    let home = Home::new();
    to_first_schema(&home.path);
    let store = Board::at(&home.path).open().unwrap();
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    drop(store);
    let conn = rusqlite::Connection::open(&home.path).unwrap();
    conn.execute_batch(
        "CREATE TABLE added_by_others (n); PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, 'archived = 0', 'archived = 1') WHERE name = 'tasks_milestone';",
    )
    .unwrap();
    drop(conn);
    let found = Board::at(&home.path).open().unwrap().check().unwrap();
    assert_eq!(found, ["tasks_milestone of its schema is not as it was made"]);
}

#[test]
fn a_title_that_is_shown_otherwise_than_it_was_written_down_is_found() {
    let home = Home::new();
    let mut service = home.open();
    create(&mut service, "whole");
    drop(service);
    assert_eq!(Board::at(&home.path).open().unwrap().drift().unwrap(), Vec::<String>::new());
    rusqlite::Connection::open(&home.path).unwrap().execute("UPDATE tasks SET title = 'hole'", []).unwrap();
    let found = Board::at(&home.path).open().unwrap().drift().unwrap();
    assert_eq!(found, ["tasks that are shown otherwise than they are written down: 1"]);
    let mut store = Board::at(&home.path).open().unwrap();
    store.mend().unwrap();
    assert_eq!(store.drift().unwrap(), Vec::<String>::new());
    let service = Service::new(Box::new(store));
    assert_eq!(service.read().list_cards(&Filter::default(), Page::ALL).unwrap()[0].title, "whole");
}

#[test]
fn r14_a_truncated_board_is_an_error_and_no_crash() {
    let home = Home::new();
    let mut service = home.open();
    for n in 0..200 {
        create(&mut service, &format!("task {n}"));
    }
    drop(service);
    let whole = bytes(&home.path);
    std::fs::write(&home.path, &whole[..whole.len() / 2]).unwrap();
    let listed = Board::at(&home.path).open().map(|store| {
        let service = Service::new(Box::new(store));
        service.read().list_cards(&Filter::default(), Page::ALL).map(|cards| cards.len())
    });
    assert!(!matches!(listed, Ok(Ok(200))), "{listed:?}");
}

#[test]
fn r25_only_the_owner_may_read_a_board() {
    let home = Home::new();
    let mut service = home.open();
    create(&mut service, "secret");
    for name in ["board.db", "board.db-wal", "board.db-shm"] {
        let mode = std::fs::metadata(home.path.with_file_name(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let folder = std::fs::metadata(home.path.parent().unwrap()).unwrap().permissions().mode();
    assert_eq!(folder & 0o777, 0o700);
}

#[test]
fn a_second_init_does_not_replace_the_board() {
    let home = Home::new();
    create(&mut home.open(), "kept");
    assert!(matches!(Board::at(&home.path).create(), Err(StoreError::Exists(_))));
    let service = home.open();
    assert_eq!(service.read().list_cards(&Filter::default(), Page::ALL).unwrap().len(), 1);
}

#[test]
fn a_backup_taken_while_others_write_is_whole() {
    let home = Home::new();
    let writers: Vec<_> = (0..4)
        .map(|n| {
            let mut service = home.open();
            std::thread::spawn(move || {
                for i in 0..25 {
                    create(&mut service, &format!("{n}/{i}"));
                }
            })
        })
        .collect();
    let copy = home.path.with_file_name("copy.db");
    home.open().backup(&copy).unwrap();
    for writer in writers {
        writer.join().unwrap();
    }
    let store = Board::at(&copy).open().unwrap();
    assert!(store.check().unwrap().is_empty());
    let copied = Service::new(Box::new(store));
    let tasks = copied.read().list_cards(&Filter::default(), Page::ALL).unwrap().len() as i64;
    assert_eq!(copied.read().head().unwrap().0, tasks, "one change for each task that the copy has");
}

#[test]
fn a_long_write_ahead_log_is_given_back_at_rest() {
    let home = Home::new();
    let mut service = home.open();
    let log = home.path.with_file_name("board.db-wal");
    let size = || std::fs::metadata(&log).map_or(0, |log| log.len());
    service.keep_draft("long", Some(&"x".repeat(20 << 20))).unwrap();
    assert!(size() > 16 << 20);
    service.tidy().unwrap();
    assert_eq!(size(), 0);
}

#[test]
fn a_listener_hears_of_a_commit_and_the_version_tells_it_too() {
    let home = Home::new();
    let (mut reader, mut writer) = (home.open(), home.open());
    let listener = Listener::at(home.path.parent().unwrap()).unwrap();
    assert!(!reader.changed().unwrap());
    create(&mut writer, "news");
    assert!(listener.wait(Duration::from_secs(10)));
    assert!(reader.changed().unwrap());
    assert!(!reader.changed().unwrap());
}

#[test]
fn a_socket_that_nobody_listens_on_is_cleared_away() {
    let home = Home::new();
    let folder = home.path.parent().unwrap().join("notices");
    let listener = Listener::at(home.path.parent().unwrap()).unwrap();
    let stale = folder.join("stale");
    drop(std::os::unix::net::UnixDatagram::bind(&stale).unwrap());
    create(&mut home.open(), "news");
    assert!(!stale.exists());
    assert!(listener.wait(Duration::from_secs(10)));
    drop(listener);
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
}

#[test]
fn a_file_among_the_sockets_is_neither_read_nor_removed() {
    let home = Home::new();
    let folder = home.path.parent().unwrap().join("notices");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("mail.txt"), "mine").unwrap();
    create(&mut home.open(), "news");
    assert_eq!(std::fs::read_to_string(folder.join("mail.txt")).unwrap(), "mine");
}

#[test]
fn a_board_has_one_folder_of_its_own_by_whatever_name_it_is_opened() {
    let home = Home::new();
    let own = home.path.parent().unwrap().canonicalize().unwrap();
    let link = home.path.parent().unwrap().with_file_name("linked.db");
    std::os::unix::fs::symlink(&home.path, &link).unwrap();
    assert_eq!(home.open().folder(), Some(own.clone()));
    assert_eq!(side_folder(&link), own);
    for (file, folder) in [(".vayu/other.db", ".vayu/other.db.d"), ("board.db", "board.db.d"), ("x", "x.d")] {
        let path = own.with_file_name(file);
        drop(Board::at(&path).create().unwrap());
        let side = own.with_file_name(folder);
        assert_eq!(Board::at(&path).open().unwrap().folder(), Some(side.clone()));
        let kept = Board::at(&path).restore(&home.path).unwrap().unwrap();
        assert!(kept.starts_with(side.join("backups")), "{}", kept.display());
    }
}

#[test]
fn r13_a_full_disk_refuses_the_write_and_keeps_the_rest() {
    let home = Home::new();
    let mut service = home.open();
    create(&mut service, "kept");
    drop(service);
    let conn = rusqlite::Connection::open(&home.path).unwrap();
    let pages: i64 = conn.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    conn.pragma_update(None, "max_page_count", pages).unwrap();
    let full = conn.execute("INSERT INTO drafts VALUES ('x', zeroblob(1000000))", []).unwrap_err();
    assert!(matches!(StoreError::from(full), StoreError::Full));
    conn.close().unwrap();
    let mut service = home.open();
    create(&mut service, "after");
    assert_eq!(service.read().list_cards(&Filter::default(), Page::ALL).unwrap().len(), 2);
}

#[test]
fn a_damaged_board_that_is_reached_by_a_link_is_restored_where_its_file_is() {
    let home = Home::new();
    let mut service = home.open();
    create(&mut service, "kept");
    let copy = home.path.with_file_name("copy.db");
    service.backup(&copy).unwrap();
    drop(service);
    std::fs::write(&home.path, "SQLite format 3\0 and then nothing that makes sense").unwrap();
    std::fs::write(vayu::store::sqlite::with_suffix(&home.path, "-wal"), "what was not yet folded in").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("board.db");
    std::os::unix::fs::symlink(&home.path, &link).unwrap();
    let kept = Board::at(&link).restore(&copy).unwrap().expect("the damaged file is kept");
    assert!(bytes(&kept).starts_with(b"SQLite format 3\0 and then"), "the damaged file, not the link to it");
    assert!(link.is_symlink(), "the link stays a link");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1, "nothing is left beside the link");
    for path in [&home.path, &link] {
        let service = Service::new(Box::new(Board::at(path).open().unwrap()));
        let cards = service.read().list_cards(&Filter::default(), Page::ALL).unwrap();
        assert_eq!(cards.into_iter().map(|card| card.title).collect::<Vec<_>>(), ["kept"]);
    }
}

#[test]
fn no_fencing_number_is_given_out_twice_across_a_restore() {
    let home = Home::new();
    let mut service = home.open();
    let copy = home.path.with_file_name("copy.db");
    let (task, agent) = (create(&mut service, "one"), add_agent(&mut service, "ada"));
    service.backup(&copy).unwrap();
    let claim = |service: &mut Service| {
        let command = Command::ClaimTask { agent_id: agent, task_id: Some(task), lease_seconds: Some(60) };
        service.submit(&Actor::agent("ada"), command)
    };
    let before = claim(&mut service).unwrap().claimed.unwrap();
    let process = ProcessRow { pid: 4_000_000, start_ticks: 1, boot_id: service.now().boot_id };
    service.process_started(task, before.epoch, &process).unwrap();
    Board::at(&home.path).restore(&copy).unwrap();
    assert!(claim(&mut service).is_err(), "the process of the worker before has not been seen gone");
    service.process_gone(task, before.epoch).unwrap();
    let after = claim(&mut service).unwrap().claimed.unwrap();
    assert!(after.epoch > before.epoch, "{} after {}", after.epoch, before.epoch);
    let late = Command::ReleaseTask { task_id: task, fence: Fence::Token(before.token), reason: None };
    assert!(service.submit(&Actor::agent("ada"), late).is_err());
}

#[test]
fn what_is_written_while_a_board_is_restored_is_in_the_copy_that_is_kept_or_in_the_board() {
    let home = Home::new();
    let service = home.open();
    let copy = home.path.with_file_name("copy.db");
    service.backup(&copy).unwrap();
    let end = Arc::new(AtomicBool::new(false));
    let writer = std::thread::spawn({
        let (mut service, end) = (home.open(), Arc::clone(&end));
        move || {
            let mut made = Vec::new();
            while !end.load(Ordering::SeqCst) {
                made.push(create(&mut service, "meanwhile"));
                std::thread::sleep(Duration::from_millis(2));
            }
            made
        }
    });
    let kept: Vec<_> = (0..5).map(|_| Board::at(&home.path).restore(&copy).unwrap().unwrap()).collect();
    end.store(true, Ordering::SeqCst);
    let made = writer.join().unwrap();
    let mut boards: Vec<Service> =
        kept.iter().map(|kept| Service::new(Box::new(Board::at(kept).open().unwrap()))).collect();
    boards.push(service);
    assert!(!made.is_empty());
    for id in made {
        assert!(boards.iter().any(|board| board.read().task(id).unwrap().is_some()), "{id} is nowhere");
    }
}
