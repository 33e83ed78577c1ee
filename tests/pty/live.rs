//! What others do is seen without a key, and nothing is drawn while nothing happens.

use std::time::Duration;

use vayu::domain::command::{NewAgent, NewTask};
use vayu::domain::{Actor, AgentKind, Command, Fence, Priority, Zone};
use vayu::service::{Claimed, Service};
use vayu::store::view::Liveness;

use crate::room::{Room, board, create};

#[test]
fn what_another_process_commits_appears_without_a_key() {
    let folder = board();
    let mut room = Room::with_board(folder.path());
    create(folder.path(), "Written elsewhere");
    room.until("Written elsewhere");
    room.press("q");
    assert_eq!(room.end(), 0);
}

#[test]
fn two_boards_show_the_same() {
    let folder = board();
    let (mut one, other) = (Room::with_board(folder.path()), Room::with_board(folder.path()));
    one.press("nTyped in one\r");
    one.until("Typed in one");
    other.until("Typed in one");
}

#[test]
fn typing_is_never_cut_short_by_what_others_do() {
    let folder = board();
    let mut room = Room::with_board(folder.path());
    room.press("n");
    room.until("New task");
    for n in 0..5 {
        room.press(&format!("word{n} "));
        create(folder.path(), &format!("Noise {n}"));
    }
    room.until("word0 word1 word2 word3 word4");
    room.press("\r");
    room.until("Written down");
}

#[test]
fn an_idle_board_writes_nothing() {
    let folder = board();
    let room = Room::with_board(folder.path());
    room.until("live");
    std::thread::sleep(Duration::from_millis(600));
    let before = room.count();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(room.count(), before);
}

#[test]
fn c30_twenty_busy_agents_that_nobody_looks_at_bring_no_byte() {
    let folder = board();
    let mut service = vayu::bootstrap::open(&folder.path().join(".vayu/board.db")).unwrap();
    let busy: Vec<_> = (0..20).map(|n| at_work(&mut service, n)).collect();
    let mut room = Room::with_board(folder.path());
    room.until("busywork");
    // Shows nothing but the first task, in a lane of its own.
    room.press("/first\r");
    room.until_without("busywork");
    std::thread::sleep(Duration::from_millis(600));
    let before = room.count();
    for percent in 1..=10 {
        for claimed in &busy {
            let said = Command::ReportProgress {
                task_id: claimed.task_id,
                fence: Fence::Token(claimed.token),
                progress: Some(percent),
                step: None,
                artifacts: Vec::new(),
            };
            service.submit(&Actor::human("asha"), said).unwrap();
            service.beat(claimed.token, &Liveness::default()).unwrap();
        }
    }
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(room.count(), before);
    room.press("\x1b");
    room.until("▰▱▱▱▱");
}

/// An agent that has begun a task of its own.
fn at_work(service: &mut Service, n: usize) -> Claimed {
    let agent = NewAgent {
        name: format!("agent-{n}"),
        kind: AgentKind::Ai,
        role: None,
        skills: std::collections::BTreeMap::new(),
        wip_limit: 1,
        availability: Vec::new(),
        time_zone: Zone::default(),
        cost_per_hour: None,
        also: Vec::new(),
    };
    let owner = Actor::human("asha");
    let name = agent.name.clone();
    service.submit(&owner, Command::AddAgent(Box::new(agent))).unwrap();
    let agent_id = service.read().agent_named(&name).unwrap().unwrap().agent_id;
    let task = NewTask { title: format!("busywork {n}"), priority: Some(Priority::Critical), ..NewTask::default() };
    let task_id = service.submit(&owner, Command::CreateTask(Box::new(task))).unwrap().task();
    let claim = Command::ClaimTask { agent_id, task_id, lease_seconds: Some(600) };
    let claimed = service.submit(&owner, claim).unwrap().claimed.unwrap();
    let start = Command::StartTask { task_id: claimed.task_id, fence: Fence::Token(claimed.token), workspace: None };
    service.submit(&owner, start).unwrap();
    claimed
}

#[test]
fn an_undo_is_one_key_and_the_next_process_sees_it() {
    let folder = board();
    let mut room = Room::with_board(folder.path());
    room.press("nSoon gone\r");
    room.until("Written down");
    room.press("u");
    room.until("Taken back");
    let list = crate::room::vayu().args(["task", "list"]).current_dir(folder.path()).output().unwrap();
    assert!(!String::from_utf8_lossy(&list.stdout).contains("Soon gone"));
}

#[test]
fn a_model_that_is_not_set_right_does_not_keep_the_board_shut() {
    let folder = board();
    let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_vayu"));
    command.arg("board");
    command.cwd(folder.path());
    command.env("VAYU_MODEL", "openai::m");
    command.env_remove("OPENAI_API_KEY");
    let room = Room::with(command);
    room.until("The first task");
    room.until("No language model: OPENAI_API_KEY");
}
