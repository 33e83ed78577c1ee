//! Many processes on one board.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::{Arc, Barrier};

use vayu::bootstrap;
use vayu::domain::command::{NewTask, Report};
use vayu::domain::{Actor, AgentId, Command, Fence, Lane, Rejection, Status, TaskId};
use vayu::service::{Error, Service};
use vayu::store::view::{Filter, Page};

use crate::common::{Home, Run};
use crate::size;

/// Names of so many agents, who are on the board.
fn team(home: &Home, count: usize) -> Vec<AgentId> {
    let service = bootstrap::open(&home.board()).unwrap();
    let add = |n| home.ok(["agent", "add", &format!("a{n}")]);
    (0..count).for_each(|n| drop(add(n)));
    (0..count).map(|n| service.read().agent_named(&format!("a{n}")).unwrap().unwrap().agent_id).collect()
}

fn create(service: &mut Service, count: usize) {
    let new = |n| Command::CreateTask(Box::new(NewTask { title: format!("task {n}"), ..NewTask::default() }));
    let commands: Vec<_> = (0..count).map(new).collect();
    service.submit_all(&Actor::human("po"), &commands).unwrap();
}

#[test]
fn c01_of_sixteen_processes_that_claim_one_task_one_wins_and_the_others_learn_who_and_until_when() {
    let home = Home::new();
    team(&home, 16);
    home.task("wanted");
    let claim = |n| {
        let mut command = home.command(["task", "claim", "1", "--agent", &format!("a{n}")]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> = (0..16).map(claim).collect();
    let runs: Vec<Run> = children.into_iter().map(|child| child.wait_with_output().unwrap().into()).collect();
    assert_eq!(runs.iter().filter(|run| run.code == 0).count(), 1);
    let task = home.json(["task", "status", "1"]);
    let (holder, until) = (task["agent"].as_str().unwrap(), task["lease_until"].as_str().unwrap());
    for run in runs.into_iter().filter(|run| run.code != 0) {
        run.code(4).says(&format!("#1 is held by {holder} until {}", &until[..16]));
    }
}

/// Cards in progress, each of which was claimed once.
fn in_progress(service: &Service) -> BTreeSet<TaskId> {
    let filter = Filter { statuses: Lane::InProgress.statuses().collect(), ..Filter::default() };
    let cards = service.read().list_cards(&filter, Page::ALL).unwrap();
    cards.into_iter().map(|card| card.task_id).collect()
}

#[test]
fn c04_sixteen_at_once_never_fill_a_lane_beyond_its_limit_nor_take_a_task_twice() {
    let home = Home::new();
    home.ok(["config", "set", "wip.in_progress=3"]);
    let agents = team(&home, 16);
    let mut service = bootstrap::open(&home.board()).unwrap();
    let all = size(40, 200);
    create(&mut service, all * 3);
    let mut taken: BTreeMap<TaskId, usize> = BTreeMap::new();
    for _ in 0..all {
        let start = Arc::new(Barrier::new(agents.len()));
        let next = |agent_id: AgentId| {
            let (start, mut service) = (Arc::clone(&start), bootstrap::open(&home.board()).unwrap());
            std::thread::spawn(move || {
                start.wait();
                let claim = Command::ClaimTask { agent_id, task_id: None, lease_seconds: None };
                match service.submit(&Actor::agent("worker"), claim) {
                    Ok(done) => done.claimed,
                    Err(Error::Rejected(Rejection::NothingReady { .. })) => None,
                    Err(error) => panic!("{error}"),
                }
            })
        };
        let threads: Vec<_> = agents.iter().map(|agent| next(*agent)).collect();
        let claims: Vec<_> = threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(claims.len(), 3);
        assert_eq!(in_progress(&service), claims.iter().map(|claim| claim.task_id).collect());
        for claim in claims {
            *taken.entry(claim.task_id).or_default() += 1;
            let (task_id, fence) = (claim.task_id, Fence::Token(claim.token));
            service
                .submit(&Actor::agent("worker"), Command::SubmitTask { task_id, fence, report: Report::default() })
                .unwrap();
        }
    }
    assert_eq!(taken.len(), all * 3);
    assert!(taken.values().all(|times| *times == 1));
}

#[test]
fn c04_sixteen_processes_keep_to_the_limit_too() {
    let home = Home::new();
    home.ok(["config", "set", "wip.in_progress=3"]);
    team(&home, 16);
    create(&mut bootstrap::open(&home.board()).unwrap(), 100);
    for round in 0..size(3, 30) {
        let next = |n| {
            home.command(["task", "claim", "--agent", &format!("a{n}"), "--json"])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let children: Vec<_> = (0..16).map(next).collect();
        let runs: Vec<Run> = children.into_iter().map(|child| child.wait_with_output().unwrap().into()).collect();
        let (won, lost): (Vec<_>, Vec<_>) = runs.into_iter().partition(|run| run.code == 0);
        assert_eq!(won.len(), 3, "round {round}");
        for run in lost {
            run.code(3).says("In progress is full (3 of 3)");
        }
        for run in won {
            let claimed = run.json();
            let (id, token) =
                (claimed["task"]["task_id"].as_str().unwrap(), claimed["claim"]["token"].as_str().unwrap());
            home.ok(["task", "submit", id, "--claim", token]);
        }
    }
}

/// What each process of the race does: claims and completes, while it also backs up, checks and opens the board anew.
const EACH: usize = 25;

/// Set for the processes that take part in a race: the board, and which agent they are.
const RACER: &str = "VAYU_TEST_RACER";

#[test]
#[ignore = "started by c31 as a process of its own"]
fn racer() {
    let Some(given) = std::env::var_os(RACER) else { return };
    let given = given.into_string().unwrap();
    let (name, board) = given.split_once(' ').unwrap();
    let board = PathBuf::from(board);
    let mut service = bootstrap::open(&board).unwrap();
    let agent = service.read().agent_named(name).unwrap().unwrap();
    let actor = Actor::agent(name);
    for n in 0..EACH {
        let claim = Command::ClaimTask { agent_id: agent.agent_id, task_id: None, lease_seconds: None };
        let claimed = service.submit(&actor, claim).unwrap().claimed.unwrap();
        beside(&board, &service, name, n);
        let (task_id, fence) = (claimed.task_id, Fence::Token(claimed.token));
        service
            .submit(&actor, Command::CompleteTask { task_id, fence, agent_id: None, report: Report::default() })
            .unwrap();
    }
}

/// What a program does with a board's file besides working on it; none of it may drop the locks of this process.
fn beside(board: &Path, service: &Service, name: &str, n: usize) {
    match n % 5 {
        0 => drop(bootstrap::open(board).unwrap().read().head().unwrap()),
        1 => drop(service.another().unwrap()),
        2 => assert_eq!(service.check().unwrap(), Vec::<String>::new()),
        3 if n == 3 => service.backup(&board.with_file_name(format!("{name}.copy"))).unwrap(),
        _ => _ = std::fs::metadata(board).unwrap().len(),
    }
}

#[test]
fn c31_processes_that_come_and_go_leave_the_board_whole_and_lose_nothing() {
    for round in 0..size(2, 20) {
        let home = Home::new();
        team(&home, 16);
        create(&mut bootstrap::open(&home.board()).unwrap(), 16 * EACH);
        let racer = |n| {
            let mut command = Process::new(std::env::current_exe().unwrap());
            command
                .args(["--exact", "races::racer", "--ignored", "--quiet"])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            command.env(RACER, format!("a{n} {}", home.board().display())).spawn().unwrap()
        };
        let racers: Vec<_> = (0..16).map(racer).collect();
        for racer in racers {
            let output = racer.wait_with_output().unwrap();
            assert!(output.status.success(), "round {round}: {}", String::from_utf8_lossy(&output.stdout));
        }
        let service = bootstrap::open(&home.board()).unwrap();
        assert_eq!(service.check().unwrap(), Vec::<String>::new(), "round {round}");
        let filter = Filter { statuses: vec![Status::Completed], ..Filter::default() };
        let done = service.read().list_cards(&filter, Page::ALL).unwrap();
        assert_eq!(done.len(), 16 * EACH, "round {round}");
        let workers: BTreeSet<AgentId> = done.iter().filter_map(|card| card.agent_id).collect();
        assert_eq!(workers.len(), 16, "round {round}");
        for n in 0..16 {
            let copy = bootstrap::open(&home.board().with_file_name(format!("a{n}.copy"))).unwrap();
            assert_eq!(copy.check().unwrap(), Vec::<String>::new(), "round {round}");
        }
    }
}
