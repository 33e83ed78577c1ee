//! A board in a file, an orchestrator on it, and a clock that moves when it is told to.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Duration, TimeZone, Utc};
use vayu::domain::command::{NewAgent, NewTask, Report};
use vayu::domain::{Actor, AgentId, AgentKind, Command, Fence, Status, TaskId, Zone};
use vayu::orchestrator::{Depth, Options, Orchestrator, Report as Told};
use vayu::service::env::{CountedIds, FrozenClock};
use vayu::service::{Claimed, Done, Service};
use vayu::store::sqlite::Board;
use vayu::store::view::Liveness;

pub fn po() -> Actor {
    Actor::human("po")
}

pub struct Scene {
    _folder: tempfile::TempDir,
    pub clock: FrozenClock,
    pub service: Service,
    orchestrator: Orchestrator,
}

impl Scene {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = FrozenClock::at(Utc.with_ymd_and_hms(2025, 6, 4, 12, 0, 0).single().unwrap());
        let store = Board::at(folder.path().join("board.db")).create().unwrap();
        let service = Service::with(Box::new(store), Arc::new(clock.clone()), Box::new(CountedIds::seeded(9)));
        let orchestrator = Orchestrator::new(service.another().unwrap(), &Options::named("test"));
        Self { _folder: folder, clock, service, orchestrator }
    }

    /// Does something as the product owner.
    pub fn submit(&mut self, command: Command) -> Done {
        self.service.submit(&po(), command).unwrap()
    }

    /// An agent who is there.
    pub fn agent(&mut self, name: &str, kind: AgentKind) -> AgentId {
        let new = NewAgent {
            name: name.into(),
            kind,
            role: None,
            skills: BTreeMap::new(),
            wip_limit: 2,
            availability: Vec::new(),
            time_zone: Zone::default(),
            cost_per_hour: None,
            also: Vec::new(),
        };
        self.submit(Command::AddAgent(Box::new(new)));
        let id = self.service.read().agent_named(name).unwrap().unwrap().agent_id;
        self.greet(id);
        id
    }

    pub fn greet(&mut self, agent: AgentId) {
        self.service.present(agent, &Liveness::default()).unwrap();
    }

    pub fn task(&mut self, title: &str) -> TaskId {
        let new = NewTask { title: title.into(), ..NewTask::default() };
        self.submit(Command::CreateTask(Box::new(new))).task().unwrap()
    }

    /// Claims what is ready and starts it.
    pub fn begin(&mut self, agent_id: AgentId) -> Claimed {
        let claim = Command::ClaimTask { agent_id, task_id: None, lease_seconds: None };
        let claimed = self.submit(claim).claimed.unwrap();
        let (task_id, fence) = (claimed.task_id, Fence::Token(claimed.token));
        self.submit(Command::StartTask { task_id, fence, workspace: None });
        claimed
    }

    pub fn submit_by(&mut self, name: &str, claimed: &Claimed) {
        let (task_id, fence) = (claimed.task_id, Fence::Token(claimed.token));
        let command = Command::SubmitTask { task_id, fence, report: Report::default() };
        self.service.submit(&Actor::agent(name), command).unwrap();
    }

    /// What the orchestrator does in one round.
    pub fn tick(&mut self, depth: Depth) -> Vec<Told> {
        let mut told = Vec::new();
        self.orchestrator.tick(depth, &mut |report| told.push(report)).unwrap();
        told
    }

    /// Time goes by with the orchestrator awake.
    pub fn pass(&mut self, seconds: i64) {
        for _ in 0..seconds {
            self.clock.advance(Duration::seconds(1));
            self.orchestrator.stand().unwrap();
        }
    }

    pub fn status(&self, id: TaskId) -> Status {
        self.service.read().task(id).unwrap().unwrap().status
    }
}
