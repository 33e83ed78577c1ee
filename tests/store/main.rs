//! What every store must do (`contract`), and what a file shared by many processes must withstand (`file`).
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod contract;
mod file;
#[path = "../shared/old_board.rs"]
mod old_board;

use std::collections::BTreeMap;

use vayu::domain::command::{NewAgent, NewTask};
use vayu::domain::task::Dependency;
use vayu::domain::{Actor, AgentId, AgentKind, Command, TaskId, Zone};
use vayu::service::Service;

fn po() -> Actor {
    Actor::human("po")
}

fn create(service: &mut Service, title: &str) -> TaskId {
    create_after(service, title, &[])
}

fn create_after(service: &mut Service, title: &str, on: &[TaskId]) -> TaskId {
    let new = NewTask {
        title: title.into(),
        blocked_by: on.iter().copied().map(Dependency::sequential).collect(),
        ..NewTask::default()
    };
    service.submit(&po(), Command::CreateTask(Box::new(new))).unwrap().task().unwrap()
}

fn add_agent(service: &mut Service, name: &str) -> AgentId {
    let new = NewAgent {
        name: name.into(),
        kind: AgentKind::Ai,
        role: None,
        skills: BTreeMap::new(),
        wip_limit: 1_000,
        availability: Vec::new(),
        time_zone: Zone::default(),
        cost_per_hour: None,
        also: Vec::new(),
    };
    service.submit(&po(), Command::AddAgent(Box::new(new))).unwrap();
    service.read().agent_named(name).unwrap().unwrap().agent_id
}
