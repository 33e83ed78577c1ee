//! A board as a team of seven would have it in the middle of a sprint.

use chrono::TimeDelta;
use vayu::domain::command::{NewAgent, NewEscalation, NewSprint, NewTask, Report};
use vayu::domain::escalation::{Choice, EscalationKind, Remedy};
use vayu::domain::task::Dependency;
use vayu::domain::{
    Actor, AgentId, AgentKind, ClaimToken, Command, Fence, Lane, Priority, RecordId, SprintId, TaskId, Timestamp, Zone,
};
use vayu::service::Service;
use vayu::service::env::{CountedIds, FrozenClock};
use vayu::store::sqlite::Board;
use vayu::store::view::Liveness;

/// The person who looks at the board.
pub fn asha() -> Actor {
    Actor::human("asha")
}

/// An empty board and its clock.
pub fn empty() -> (Service, FrozenClock) {
    let clock = FrozenClock::at("2026-05-27T14:05:00Z".parse::<Timestamp>().unwrap());
    let store = Board::in_memory().unwrap();
    let ids = Box::new(CountedIds::seeded(7));
    let mut service = Service::with(Box::new(store), std::sync::Arc::new(clock.clone()), ids);
    let mut policy = service.read().policy().unwrap();
    policy.project = "Payments".into();
    policy.wip = [(Lane::Ready, 6), (Lane::InProgress, 4), (Lane::Review, 3)].into();
    service.submit(&asha(), Command::Configure(Box::new(policy))).unwrap();
    (service, clock)
}

/// The board of the team.
pub fn board() -> (Service, FrozenClock) {
    let (service, clock) = empty();
    let mut team = Team { service, agents: Vec::new(), sprint: None };
    team.plan();
    team.hire();
    team.fill();
    team.ask();
    clock.advance(TimeDelta::minutes(14));
    team.service.lead("elsewhere", 86_400_000).unwrap();
    for (_, id) in team.agents.clone() {
        team.service.present(id, &Liveness::default()).unwrap();
    }
    (team.service, clock)
}

/// A new task as tests write it down.
pub fn new_task(title: &str) -> NewTask {
    NewTask { title: title.into(), ..NewTask::default() }
}

/// A new program as tests add it.
pub fn new_agent(name: &str) -> NewAgent {
    NewAgent {
        name: name.into(),
        kind: AgentKind::Ai,
        role: Some("backend-dev".into()),
        skills: [("rust".to_owned(), 4), ("sql".to_owned(), 2)].into(),
        wip_limit: 2,
        availability: Vec::new(),
        time_zone: Zone::default(),
        cost_per_hour: None,
        also: Vec::new(),
    }
}

/// Writes down a task.
pub fn create(service: &mut Service, new: NewTask) -> TaskId {
    service.submit(&asha(), Command::CreateTask(Box::new(new))).unwrap().task().unwrap()
}

struct Team {
    service: Service,
    agents: Vec<(String, AgentId)>,
    sprint: Option<SprintId>,
}

impl Team {
    fn plan(&mut self) {
        let now = self.service.now().wall;
        let sprint = NewSprint {
            sprint_id: None,
            name: Some("Sprint 14".into()),
            goal: "Merchants in 3 new currencies can settle the same day.".into(),
            starts_at: now - TimeDelta::days(5) - TimeDelta::hours(3),
            ends_at: now + TimeDelta::days(4),
            objectives: vec!["Multi-currency settlement".into(), "Fewer chargebacks".into()],
            capacity_minutes: Some(9600),
        };
        let done = self.service.submit(&asha(), Command::CreateSprint(Box::new(sprint))).unwrap();
        let Some(RecordId::Sprint(sprint_id)) = done.records.first().copied() else { panic!("no sprint") };
        self.service.submit(&asha(), Command::StartSprint { sprint_id }).unwrap();
        self.sprint = Some(sprint_id);
    }

    fn hire(&mut self) {
        let programs = ["builder-1", "builder-2", "builder-3", "builder-4", "checker-1"];
        for name in programs.into_iter().chain(["asha", "ravi"]) {
            let kind = if programs.contains(&name) { AgentKind::Ai } else { AgentKind::Human };
            let role = Some(if name == "checker-1" { "qa" } else { "backend-dev" }.into());
            let new = NewAgent { kind, role, ..new_agent(name) };
            let done = self.service.submit(&asha(), Command::AddAgent(Box::new(new))).unwrap();
            let Some(RecordId::Agent(id)) = done.records.first().copied() else { panic!("no agent") };
            self.agents.push((name.into(), id));
        }
    }

    fn agent(&self, name: &str) -> AgentId {
        self.agents.iter().find(|(known, _)| known == name).unwrap().1
    }

    fn add(&mut self, title: &str, priority: Priority, points: f64, backlog: bool) -> TaskId {
        let sprint_id = self.sprint;
        let new = NewTask { priority: Some(priority), points: Some(points), backlog, sprint_id, ..new_task(title) };
        create(&mut self.service, new)
    }

    fn start(&mut self, task_id: TaskId, name: &str) -> ClaimToken {
        let actor = Actor::agent(name);
        let claim =
            Command::ClaimTask { agent_id: self.agent(name), task_id: Some(task_id), lease_seconds: Some(3600) };
        let token = self.service.submit(&actor, claim).unwrap().claimed.unwrap().token;
        let fence = Fence::Token(token);
        self.service.submit(&actor, Command::StartTask { task_id, fence, workspace: None }).unwrap();
        token
    }

    fn progress(&mut self, title: &str, priority: Priority, points: f64, name: &str, percent: u8) -> TaskId {
        let task_id = self.add(title, priority, points, false);
        let fence = Fence::Token(self.start(task_id, name));
        let step = Some("writing tests".into());
        let report = Command::ReportProgress { task_id, fence, progress: Some(percent), step, artifacts: Vec::new() };
        self.service.submit(&Actor::agent(name), report).unwrap();
        task_id
    }

    fn fill(&mut self) {
        use Priority::{Critical, High, Low, Normal};
        for (title, priority, points) in [
            ("Weekly digest email for product owners", Normal, 3.0),
            ("Import boards from CSV with a preview", Normal, 5.0),
            ("Dark logo in the PDF report", Low, 2.0),
            ("Typo in the refund template", Low, 1.0),
            ("Multi-currency ledger, phase 2", Normal, 8.0),
            ("Merchant statement API", Normal, 5.0),
            ("Sandbox cards for every scheme", Low, 3.0),
        ] {
            self.add(title, priority, points, true);
        }
        self.add("Idempotency keys on the capture endpoint so that retries are safe", High, 5.0, false);
        self.add("Settle webhooks in order per merchant", Normal, 3.0, false);
        for (title, name) in [("Escrow release on delivery scan", "checker-1"), ("Chargeback evidence upload", "ravi")]
        {
            let task_id = self.add(title, Critical, 5.0, false);
            let fence = Fence::Token(self.start(task_id, name));
            self.service
                .submit(&Actor::agent(name), Command::SubmitTask { task_id, fence, report: Report::default() })
                .unwrap();
        }
        for title in ["Ledger postings are append-only", "Refund partial captures", "3-D Secure step-up flow"] {
            let task_id = self.add(title, Normal, 3.0, false);
            let fence = Fence::Token(self.start(task_id, "builder-4"));
            let report = Report { summary: Some("Done, 12 tests added".into()), ..Report::default() };
            let complete = Command::CompleteTask { task_id, fence, agent_id: None, report };
            self.service.submit(&Actor::agent("builder-4"), complete).unwrap();
        }
        self.progress("Retry policy for flaky card networks", High, 8.0, "builder-1", 40);
        self.progress("Statement PDF in the merchant locale", High, 3.0, "asha", 80);
    }

    fn ask(&mut self) {
        let task = self.progress("Parse workflow YAML with line errors", Priority::Critical, 5.0, "builder-2", 60);
        let waiting = self.add("Back-fill ledger dates before April", Priority::Normal, 3.0, false);
        let dependency = Dependency::sequential(task);
        self.service.submit(&asha(), Command::AddDependency { task_id: waiting, dependency }).unwrap();
        let choice = |label: &str, detail: &str, remedy| Choice { label: label.into(), detail: detail.into(), remedy };
        let question = NewEscalation {
            kind: EscalationKind::Question,
            task_id: Some(task),
            topic: "rounding".into(),
            question: "Round half-even or half-up for INR?".into(),
            context: "The spec says \"bank rounding\" in 4.2, the refund tests expect half-up (3 cases).".into(),
            impact: "2 agents wait, the forecast slips a day".into(),
            choices: vec![
                choice("Half-even everywhere, change 3 tests", "", Remedy::Answer),
                choice("Half-up everywhere, change the spec", "5 files", Remedy::Answer),
                choice("Do not build it", "", Remedy::Cancel),
            ],
            recommended: Some(0),
            otherwise: "at 17:00: option 1".into(),
        };
        self.service.submit(&Actor::agent("builder-2"), Command::Escalate(Box::new(question))).unwrap();
        let notice = NewEscalation {
            kind: EscalationKind::Notice,
            task_id: None,
            topic: "forecast".into(),
            question: "Forecast moved to 30 May (+1 day)".into(),
            context: String::new(),
            impact: String::new(),
            choices: Vec::new(),
            recommended: None,
            otherwise: String::new(),
        };
        self.service.submit(&Actor::system("orchestrator"), Command::Escalate(Box::new(notice))).unwrap();
    }
}
