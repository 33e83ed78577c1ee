//! R6: what fails is tried again after a growing pause, ends at its limit with every error kept, can be taken up again,
//! and keeps nobody else from working.

use std::sync::Arc;

use chrono::{Duration, Utc};
use vayu::domain::attempt::Failure;
use vayu::domain::command::{NewTask, Report};
use vayu::domain::{Actor, AgentId, Command, Fence, Priority, Status, Task, TaskId};
use vayu::orchestrator::{Depth, Options, Orchestrator};
use vayu::service::env::{CountedIds, FrozenClock};
use vayu::service::{Claimed, Service};
use vayu::store::sqlite::Board;
use vayu::store::view::Liveness;

use super::seed;
use super::team::Home;

struct Scene {
    _home: Home,
    clock: FrozenClock,
    service: Service,
    orchestrator: Orchestrator,
    ada: AgentId,
}

impl Scene {
    fn new(seed: u64) -> Self {
        let home = Home::new();
        let clock = FrozenClock::at(Utc::now());
        let open = |who| {
            let store = Box::new(Board::at(home.board()).open().unwrap());
            Service::with(store, Arc::new(clock.clone()), Box::new(CountedIds::seeded(seed * 10 + who)))
        };
        let mut service = open(0);
        let orchestrator = Orchestrator::new(open(1), &Options::named("proof"));
        service.submit(&po(), Command::AddAgent(Box::new(super::race::agent_named("ada")))).unwrap();
        let ada = service.read().agent_named("ada").unwrap().unwrap().agent_id;
        Self { _home: home, clock, service, orchestrator, ada }
    }

    fn create(&mut self, title: &str, priority: Priority) -> TaskId {
        let new = NewTask { title: title.into(), priority: Some(priority), ..NewTask::default() };
        self.service.submit(&po(), Command::CreateTask(Box::new(new))).unwrap().task().unwrap()
    }

    fn claim(&mut self, task_id: Option<TaskId>) -> Option<Claimed> {
        self.service.present(self.ada, &Liveness::default()).unwrap();
        let claim = Command::ClaimTask { agent_id: self.ada, task_id, lease_seconds: Some(60) };
        let claimed = self.service.submit(&ada(), claim).ok()?.claimed?;
        let fence = Fence::Token(claimed.token);
        let start = Command::StartTask { task_id: claimed.task_id, fence, workspace: None };
        self.service.submit(&ada(), start).unwrap();
        Some(claimed)
    }

    fn fail(&mut self, claimed: &Claimed, line: &str) {
        let report = Report { last_lines: vec![line.into()], ..Report::default() };
        let fence = Fence::Token(claimed.token);
        let fail = Command::FailTask { task_id: claimed.task_id, fence, failure: Failure::Exit, report };
        self.service.submit(&ada(), fail).unwrap();
    }

    fn hand_in(&mut self, claimed: &Claimed) {
        let fence = Fence::Token(claimed.token);
        let submit = Command::SubmitTask { task_id: claimed.task_id, fence, report: Report::default() };
        self.service.submit(&ada(), submit).unwrap();
    }

    /// The orchestrator's rounds for so long.
    fn pass(&mut self, seconds: i64) {
        for _ in 0..=seconds.div_euclid(5) {
            self.clock.advance(Duration::seconds(5));
            self.orchestrator.tick(Depth::Worries, &mut |_| {}).unwrap();
        }
    }

    fn task(&self, id: TaskId) -> Task {
        self.service.read().task(id).unwrap().unwrap()
    }
}

fn po() -> Actor {
    Actor::human("po")
}

fn ada() -> Actor {
    Actor::agent("ada")
}

#[test]
fn r6_pauses_grow_within_a_tenth_and_end_at_the_limit_with_every_error_kept() {
    let mut scene = Scene::new(seed("R6", 6));
    let id = scene.create("always fails", Priority::Normal);
    let (base, tries) = (f64::from(scene.service.read().policy().unwrap().retry_base_seconds), 4);
    for attempt in 1..=tries {
        let claimed = scene.claim(Some(id)).expect("its time has come");
        scene.fail(&claimed, &format!("error {attempt}"));
        let task = scene.task(id);
        let Some(at) = task.retry_at else {
            assert_eq!(attempt, tries, "given up too early");
            break;
        };
        let pause = (at - scene.service.now().wall).num_milliseconds() as f64 / 1000.0;
        let planned = base * 2_f64.powi(attempt - 1);
        assert!((0.9 * planned..=1.1 * planned).contains(&pause), "retry {attempt} after {pause} s, not {planned} s");
        assert!(scene.claim(Some(id)).is_none(), "taken before its pause is over");
        scene.pass(pause.ceil() as i64);
    }
    scene.pass(10_000);
    let task = scene.task(id);
    assert_eq!((task.status, task.metadata.retry_count), (Status::Failed, task.metadata.max_retries));
    let attempts = scene.service.read().attempts(id).unwrap();
    let errors: Vec<&str> = attempts.iter().rev().map(|attempt| attempt.last_lines[0].as_str()).collect();
    assert_eq!(errors, ["error 1", "error 2", "error 3", "error 4"]);
    assert_eq!(
        scene.service.read().escalations(false, &scene.service.now()).unwrap().len(),
        1,
        "the human is asked once"
    );
}

#[test]
fn r6_what_was_given_up_can_be_taken_up_again() {
    let mut scene = Scene::new(seed("R6", 6));
    let id = scene.create("fails, then works", Priority::Normal);
    for _ in 0..4 {
        let claimed = scene.claim(Some(id)).expect("its time has come");
        scene.fail(&claimed, "no");
        scene.pass(100);
    }
    assert_eq!(scene.task(id).status, Status::Failed);
    let ask = scene.service.read().escalations(false, &scene.service.now()).unwrap()[0].escalation.clone();
    let again = Command::AnswerEscalation { escalation_id: ask.escalation_id, choice: Some(0), words: None };
    scene.service.submit(&po(), again).unwrap();
    scene.pass(10);
    let claimed = scene.claim(Some(id)).expect("queued again");
    scene.hand_in(&claimed);
    assert_eq!(scene.task(id).status, Status::Completed);
}

#[test]
fn r6_a_poison_task_starves_nobody() {
    let mut scene = Scene::new(seed("R6", 6));
    let poison = scene.create("poison", Priority::Critical);
    let others: Vec<TaskId> = (0..10).map(|n| scene.create(&format!("plain {n}"), Priority::Low)).collect();
    for _ in 0..40 {
        if let Some(claimed) = scene.claim(None) {
            if claimed.task_id == poison { scene.fail(&claimed, "poison") } else { scene.hand_in(&claimed) }
        }
        scene.pass(5);
    }
    assert_eq!(scene.task(poison).status, Status::Failed);
    assert!(others.iter().all(|id| scene.task(*id).status == Status::Completed));
}
