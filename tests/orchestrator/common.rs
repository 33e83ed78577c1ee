use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Duration, TimeZone, Utc};
use tempfile::TempDir;
use vayu::domain::agent::parse_skills;
use vayu::domain::command::{NewAgent, NewTask, Report as Handed};
use vayu::domain::task::Requirements;
use vayu::domain::{
    Actor, Agent, AgentKind, Command, Escalation, Failure, Fence, Policy, Priority, Status, Task, TaskId, Zone,
};
use vayu::orchestrator::{Depth, Options, Orchestrator, Report};
use vayu::service::env::{CountedIds, FrozenClock};
use vayu::service::{Claimed, Service};
use vayu::store::sqlite::Board;
use vayu::store::view::Liveness;

/// A board with an orchestrator on it, at noon of a Wednesday, until the clock is moved.
pub struct Scene {
    pub folder: TempDir,
    pub clock: FrozenClock,
    pub service: Service,
    pub orchestrator: Orchestrator,
}

impl Scene {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(alter: impl FnOnce(&mut Policy)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("board.db");
        let clock = FrozenClock::at(Utc.with_ymd_and_hms(2025, 6, 4, 12, 0, 0).single().expect("a date"));
        let store = Board::at(&path).create().expect("a board");
        let mut service = Service::with(Box::new(store), Arc::new(clock.clone()), Box::new(CountedIds::seeded(1)));
        let mut policy = Policy::default();
        alter(&mut policy);
        service.submit(&po(), Command::Configure(Box::new(policy))).expect("settings");
        let orchestrator = Orchestrator::new(service.another().expect("a handle"), &Options::named("test"));
        Self { folder, clock, service, orchestrator }
    }

    pub fn another(&self, name: &str) -> Orchestrator {
        Orchestrator::new(self.service.another().expect("a handle"), &Options::named(name))
    }

    /// Time goes by with the orchestrator awake.
    pub fn pass(&mut self, seconds: i64) {
        const STEP: i64 = 5;
        for _ in 0..seconds / STEP {
            self.sleep(STEP);
            self.orchestrator.stand().expect("a board");
        }
        self.sleep(seconds % STEP);
    }

    /// Time goes by with everybody asleep, as on a host that is suspended.
    pub fn sleep(&self, seconds: i64) {
        self.clock.advance(Duration::seconds(seconds));
    }

    pub fn submit(&mut self, actor: &Actor, command: Command) -> vayu::service::Done {
        self.service.submit(actor, command).expect("accepted")
    }

    /// An agent who is there.
    pub fn agent(&mut self, name: &str, skills: &str) -> Agent {
        let agent = self.agent_of_kind(name, skills, AgentKind::Ai);
        self.greet(&agent);
        agent
    }

    pub fn agent_of_kind(&mut self, name: &str, skills: &str, kind: AgentKind) -> Agent {
        let new = NewAgent {
            name: name.into(),
            kind,
            role: None,
            skills: parse_skills(skills).expect("skills"),
            wip_limit: 1,
            availability: Vec::new(),
            time_zone: Zone::default(),
            cost_per_hour: None,
            also: Vec::new(),
        };
        self.submit(&po(), Command::AddAgent(Box::new(new)));
        self.service.read().agent_named(name).expect("readable").expect("added")
    }

    pub fn greet(&mut self, agent: &Agent) {
        self.service.present(agent.agent_id, &Liveness::default()).expect("noted");
    }

    pub fn task(&mut self, title: &str) -> TaskId {
        self.task_with(title, |_| {})
    }

    pub fn task_with(&mut self, title: &str, alter: impl FnOnce(&mut NewTask)) -> TaskId {
        let mut new = NewTask { title: title.into(), ..NewTask::default() };
        alter(&mut new);
        self.submit(&po(), Command::CreateTask(Box::new(new))).task().expect("created")
    }

    pub fn claim(&mut self, agent: &Agent) -> Claimed {
        let command = Command::ClaimTask { agent_id: agent.agent_id, task_id: None, lease_seconds: None };
        self.submit(&Actor::agent(&agent.name), command).claimed.expect("claimed")
    }

    /// Claims and starts.
    pub fn begin(&mut self, agent: &Agent) -> Claimed {
        let claimed = self.claim(agent);
        self.start(agent, claimed)
    }

    /// Claims and starts this one.
    pub fn begin_this(&mut self, agent: &Agent, task: TaskId) -> Claimed {
        let command = Command::ClaimTask { agent_id: agent.agent_id, task_id: Some(task), lease_seconds: None };
        let claimed = self.submit(&Actor::agent(&agent.name), command).claimed.expect("claimed");
        self.start(agent, claimed)
    }

    fn start(&mut self, agent: &Agent, claimed: Claimed) -> Claimed {
        let fence = Fence::Token(claimed.token);
        let start = Command::StartTask { task_id: claimed.task_id, fence, workspace: None };
        self.submit(&Actor::agent(&agent.name), start);
        claimed
    }

    pub fn fail(&mut self, agent: &Agent, claimed: &Claimed, failure: Failure) {
        let fence = Fence::Token(claimed.token);
        let report = Handed { last_lines: vec!["boom".into()], ..Handed::default() };
        let command = Command::FailTask { task_id: claimed.task_id, fence, failure, report };
        self.submit(&Actor::agent(&agent.name), command);
    }

    pub fn tick(&mut self, depth: Depth) -> Vec<Report> {
        let mut told = Vec::new();
        self.orchestrator.tick(depth, &mut |report| told.push(report)).expect("a tick");
        told
    }

    /// Ticks until nothing more happens.
    pub fn settle(&mut self) {
        for _ in 0..10 {
            let changed = self.orchestrator.tick(Depth::Worries, &mut |_| {}).expect("a tick");
            if changed == 0 {
                return;
            }
        }
        panic!("it never settles");
    }

    pub fn get(&self, id: TaskId) -> Task {
        self.service.read().task(id).expect("readable").expect("there")
    }

    pub fn status(&self, id: TaskId) -> Status {
        self.get(id).status
    }

    pub fn holder(&self, id: TaskId) -> Option<String> {
        let agent = self.get(id).agent()?;
        self.service.read().agent_named(&agent.to_string()).expect("readable").map(|agent| agent.name)
    }

    pub fn asks(&self) -> Vec<Escalation> {
        let rows = self.service.read().escalations(false, &self.service.now()).expect("readable");
        rows.into_iter().map(|row| row.escalation).collect()
    }

    /// The one open question.
    pub fn ask(&self) -> Escalation {
        let mut asks = self.asks();
        assert_eq!(asks.len(), 1, "{asks:#?}");
        asks.remove(0)
    }

    /// Answers the one open question with the option of this label.
    pub fn answer(&mut self, label: &str) {
        let ask = self.ask();
        let choice = ask.choices.iter().position(|choice| choice.label.contains(label)).expect("an option");
        let answer = Command::AnswerEscalation { escalation_id: ask.escalation_id, choice: Some(choice), words: None };
        self.submit(&po(), answer);
    }
}

pub fn po() -> Actor {
    Actor::human("po")
}

pub fn critical(new: &mut NewTask) {
    new.priority = Some(Priority::Critical);
}

pub fn asking_for(skills: &str) -> impl FnOnce(&mut NewTask) + use<> {
    let capabilities: BTreeMap<String, u8> = parse_skills(skills).expect("skills");
    move |new| new.requirements = Requirements { capabilities, ..Requirements::default() }
}
