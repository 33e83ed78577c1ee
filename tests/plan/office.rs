//! A board with one person who works from nine to five on weekdays, and its clock.

use chrono::{DateTime, Duration};
use vayu::domain::agent::parse_windows;
use vayu::domain::command::{NewSprint, TaskField};
use vayu::domain::policy::{Policy, ReviewPolicy};
use vayu::domain::{AgentId, Fence, Sprint};
use vayu::plan::prospect::{How, Prospect};
use vayu::service::forecast::ask;

use super::*;

pub struct Office {
    pub service: Service,
    pub clock: FrozenClock,
    pub ana: AgentId,
}

impl Office {
    /// On Monday 2 June 2025, 09:00; she does so many tasks at once.
    pub fn new(review: ReviewPolicy, wip_limit: u32) -> Self {
        let clock = FrozenClock::at(Utc.with_ymd_and_hms(2025, 6, 2, 9, 0, 0).single().unwrap());
        let store = Board::in_memory().unwrap();
        let mut service = Service::with(Box::new(store), Arc::new(clock.clone()), Box::new(CountedIds::seeded(1)));
        let availability = parse_windows("mon-fri 09:00-17:00").unwrap();
        let ana = NewAgent { kind: AgentKind::Human, wip_limit, availability, ..named("ana", "") };
        service.submit(&owner(), Command::AddAgent(Box::new(ana))).unwrap();
        let policy = Policy { review, ..service.read().policy().unwrap() };
        service.submit(&owner(), Command::Configure(Box::new(policy))).unwrap();
        let ana = service.read().agent_named("ana").unwrap().unwrap().agent_id;
        Self { service, clock, ana }
    }

    pub fn say(&mut self, command: Command) {
        self.service.submit(&owner(), command).unwrap();
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.service.now().wall
    }

    /// A task that is thought to take so many minutes, ready.
    pub fn task(&mut self, minutes: u32) -> TaskId {
        task(&mut self.service, "Ledger", |new| (new.estimate, new.backlog) = (Some(minutes), false))
    }

    pub fn begin(&mut self, task_id: TaskId) {
        self.say(Command::ClaimTask { agent_id: self.ana, task_id: Some(task_id), lease_seconds: None });
        self.say(Command::StartTask { task_id, fence: Fence::Force, workspace: None });
    }

    /// A sprint from now on with these tasks.
    pub fn sprint_of(&mut self, name: &str, days: i64, tasks: &[TaskId]) -> Sprint {
        let now = self.now();
        let sprint = NewSprint {
            sprint_id: None,
            name: Some(name.into()),
            goal: String::new(),
            starts_at: now,
            ends_at: now + Duration::days(days),
            objectives: Vec::new(),
            capacity_minutes: None,
        };
        self.say(Command::CreateSprint(Box::new(sprint)));
        let sprint = self.service.read().sprint_named(name).unwrap().unwrap();
        for &task_id in tasks {
            let changes = vec![TaskField::Sprint(Some(sprint.sprint_id))];
            self.say(Command::EditTask { task_id, changes, expected_rev: None });
        }
        sprint
    }

    /// How the sprint would end, from so many runs.
    pub fn prospect(&self, sprint: &Sprint, runs: u64) -> Prospect {
        let asked = ask(self.service.read(), &self.service.now(), sprint).unwrap();
        asked.prospect(How { runs, seed: 1, advises: false }).unwrap().unwrap()
    }
}
