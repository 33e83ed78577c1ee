//! R1: many claimers, one board, no task twice and nobody starved.

use std::collections::BTreeMap;
use std::sync::{Arc, Barrier};

use serde_json::Value;
use vayu::domain::command::{NewAgent, NewTask};
use vayu::domain::{Actor, AgentId, AgentKind, Command, Rejection, Zone};
use vayu::service::{Error, Service};
use vayu::store::view::{Filter, Page};

use super::size;
use super::team::Home;

const CLAIMERS: usize = 32;

fn fill(service: &mut Service, tasks: usize) {
    let task = |n| Command::CreateTask(Box::new(NewTask { title: format!("task {n}"), ..NewTask::default() }));
    for chunk in (0..tasks).collect::<Vec<_>>().chunks(1000) {
        let commands: Vec<Command> = chunk.iter().map(|n| task(*n)).collect();
        service.submit_all(&Actor::human("po"), &commands).unwrap();
    }
}

pub fn agent_named(name: &str) -> NewAgent {
    NewAgent {
        name: name.into(),
        kind: AgentKind::Ai,
        role: None,
        skills: BTreeMap::new(),
        wip_limit: 100_000,
        availability: Vec::new(),
        time_zone: Zone::default(),
        cost_per_hour: None,
        also: Vec::new(),
    }
}

pub fn agent(service: &mut Service, name: &str) -> AgentId {
    service.submit(&Actor::human("po"), Command::AddAgent(Box::new(agent_named(name)))).unwrap();
    service.read().agent_named(name).unwrap().unwrap().agent_id
}

/// Claims until nothing is left; the numbers of the tasks won.
fn claim_all(service: &mut Service, agent_id: AgentId) -> Vec<String> {
    let mut won = Vec::new();
    loop {
        let claim = Command::ClaimTask { agent_id, task_id: None, lease_seconds: Some(3600) };
        match service.submit(&Actor::agent("claimer"), claim) {
            Ok(done) => won.extend(done.claimed.map(|claimed| claimed.task_id.to_string())),
            Err(Error::Rejected(Rejection::NothingReady { .. })) => return won,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Every task once, and the unluckiest claimer has a quarter of the luckiest one's share at least.
fn judge(name: &str, tasks: usize, won: &[Vec<String>]) {
    let mut all: Vec<&String> = won.iter().flatten().collect();
    let claims = all.len();
    all.sort_unstable();
    all.dedup();
    let (least, most) = (won.iter().map(Vec::len).min().unwrap(), won.iter().map(Vec::len).max().unwrap());
    println!("{name}: {claims} claims of {tasks} tasks, least {least}, most {most} of a claimer");
    assert_eq!((claims, all.len()), (tasks, tasks), "every task is claimed once");
    assert!(least * 4 >= most, "unfair: {least} against {most}");
}

#[test]
fn r1_thirty_two_handles_claim_every_task_once_and_fairly() {
    let (home, tasks) = (Home::new(), size(3_200, 20_000));
    let mut service = home.service();
    fill(&mut service, tasks);
    let agents: Vec<AgentId> = (0..CLAIMERS).map(|n| agent(&mut service, &format!("agent-{n}"))).collect();
    let start = Arc::new(Barrier::new(CLAIMERS));
    let threads: Vec<_> = agents
        .into_iter()
        .map(|id| {
            let (mut service, start) = (home.service(), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                claim_all(&mut service, id)
            })
        })
        .collect();
    let won: Vec<Vec<String>> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    judge("R1, library", tasks, &won);
    let claimed = service.audit(3).unwrap();
    assert_eq!(claimed.differences, []);
}

#[test]
fn r1_processes_claim_every_task_once_and_fairly() {
    let (home, tasks, claimers) = (Home::new(), size(240, 2_000), 8);
    let mut service = home.service();
    fill(&mut service, tasks);
    for n in 0..claimers {
        agent(&mut service, &format!("agent-{n}"));
    }
    let start = Barrier::new(claimers);
    let won: Vec<Vec<String>> = std::thread::scope(|scope| {
        let claimer = |n: usize| {
            let (home, start) = (&home, &start);
            move || {
                start.wait();
                let name = format!("agent-{n}");
                let mut won = Vec::new();
                loop {
                    match home.json(&["task", "claim", "--agent", &name]) {
                        (0, claimed) => won.push(claimed["task"]["task_id"].as_str().unwrap().to_owned()),
                        (3, Value::Null) => return won,
                        other => panic!("{other:?}"),
                    }
                }
            }
        };
        let threads: Vec<_> = (0..claimers).map(|n| scope.spawn(claimer(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    judge("R1, processes", tasks, &won);
}

/// Without the queue before the lock, who has it takes it again while the others nap.
#[test]
fn r1_who_has_just_written_lets_those_go_first_who_waited() {
    const WRITERS: usize = 8;
    let (home, rounds) = (Home::new(), size(40, 400));
    let start = Barrier::new(WRITERS);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (mut service, start) = (home.service(), &start);
            scope.spawn(move || {
                start.wait();
                for _ in 0..rounds {
                    let task = NewTask { title: format!("writer {writer}"), ..NewTask::default() };
                    service.submit(&Actor::human("po"), Command::CreateTask(Box::new(task))).unwrap();
                }
            });
        }
    });
    let mut order = home.service().read().list_cards(&Filter::default(), Page::ALL).unwrap();
    order.sort_by_key(|card| card.number);
    // Towards the end some have nothing to write any more; as long as all have, nobody should write twice in a row.
    let all_want = &order[..order.len() / 2];
    let again = all_want.windows(2).filter(|two| two[0].title == two[1].title).count();
    println!(
        "R1: of {} writes while {WRITERS} wanted to, {again} came from who had written just before",
        all_want.len()
    );
    assert!(again * 4 < all_want.len(), "who writes keeps the others waiting: {again} of {}", all_want.len());
}
