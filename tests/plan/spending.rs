//! Models and money: what agents worked with and what it cost, on a real board.

use chrono::Duration;
use vayu::domain::command::{AgentField, Report};
use vayu::domain::policy::{Policy, ReviewPolicy};
use vayu::domain::{AgentId, Fence};
use vayu::service::estimates::History;

use super::*;

struct Lab {
    service: Service,
    clock: FrozenClock,
    bot: AgentId,
}

impl Lab {
    fn new() -> Self {
        let clock = FrozenClock::at(Utc.with_ymd_and_hms(2025, 6, 2, 9, 0, 0).single().unwrap());
        let store = Board::in_memory().unwrap();
        let mut service = Service::with(Box::new(store), Arc::new(clock.clone()), Box::new(CountedIds::seeded(1)));
        agent(&mut service, "bot", "");
        let policy = Policy { review: ReviewPolicy::Never, ..service.read().policy().unwrap() };
        service.submit(&owner(), Command::Configure(Box::new(policy))).unwrap();
        let bot = service.read().agent_named("bot").unwrap().unwrap().agent_id;
        Self { service, clock, bot }
    }

    fn model(&mut self, name: Option<&str>) {
        let changes = vec![AgentField::Model(name.map(str::to_owned))];
        self.service.submit(&owner(), Command::EditAgent { agent_id: self.bot, changes }).unwrap();
    }

    /// A task that was thought to take an hour.
    fn run(&mut self, minutes: i64, report: Report) -> TaskId {
        let new = |new: &mut NewTask| (new.estimate, new.backlog) = (Some(60), false);
        let task_id = task(&mut self.service, "Ledger", new);
        let claim = Command::ClaimTask { agent_id: self.bot, task_id: Some(task_id), lease_seconds: None };
        self.service.submit(&owner(), claim).unwrap();
        self.service.submit(&owner(), Command::StartTask { task_id, fence: Fence::Force, workspace: None }).unwrap();
        self.clock.advance(Duration::minutes(minutes));
        self.service.submit(&owner(), Command::SubmitTask { task_id, fence: Fence::Force, report }).unwrap();
        task_id
    }

    fn model_of(&self, task: TaskId) -> Option<String> {
        self.service.read().attempts(task).unwrap()[0].model.clone()
    }

    /// Median and spread of an hour's task in the hands of the bot, and why.
    fn judged(&mut self) -> (f64, f64, String) {
        let id = task(&mut self.service, "Ledger", |new| new.estimate = Some(60));
        let history = History::read(self.service.read(), &self.service.now()).unwrap();
        let task = self.service.read().task(id).unwrap().unwrap();
        let answer = history.estimate(self.service.read(), &task, Some(self.bot)).unwrap().answer;
        (answer.p50, answer.p80 / answer.p50, answer.because.join("; "))
    }

    fn planned(&mut self, tasks: usize) -> Outlook {
        let picks: Vec<TaskId> =
            (0..tasks).map(|_| task(&mut self.service, "Ledger", |new| new.estimate = Some(60))).collect();
        let ground = planning::ground(&self.service).unwrap();
        let mut draft = Draft::new(ground.now, &mut CountedIds::seeded(7));
        for id in picks {
            draft.pick(id, true);
        }
        Outlook::of(&draft, &ground, AT_ONCE)
    }
}

#[test]
fn an_attempt_keeps_the_model_that_it_was_begun_with_unless_the_worker_says_another() {
    let mut lab = Lab::new();
    let before = lab.run(60, Report::default());
    lab.model(Some("large-4"));
    let one = lab.run(60, Report::default());
    lab.model(Some("large-5"));
    let two = lab.run(60, Report { model: Some("large-5-mini".into()), tokens: Some(900), ..Report::default() });
    let three = lab.run(60, Report { model: Some("no\nname".into()), ..Report::default() });
    let models = [before, one, two, three].map(|task| lab.model_of(task));
    assert_eq!(models.each_ref().map(Option::as_deref), [None, Some("large-4"), Some("large-5-mini"), Some("large-5")]);
    assert_eq!(lab.service.read().attempts(two).unwrap()[0].tokens, Some(900));
    let changes = vec![AgentField::Model(Some(" ".into()))];
    lab.service.submit(&owner(), Command::EditAgent { agent_id: lab.bot, changes }).unwrap_err();
    lab.model(Some("large-6"));
    lab.service.undo(&owner(), Undo::Own).unwrap();
    assert_eq!(lab.service.read().agent_named("bot").unwrap().unwrap().model.as_deref(), Some("large-5"));
    assert_eq!(lab.service.audit(3).unwrap().differences, [], "the log leads to the same rows");
}

#[test]
fn who_works_with_a_new_model_is_as_fast_as_with_the_one_before_and_less_certainly_so() {
    let mut lab = Lab::new();
    for at in 0..12 {
        let slow = task(&mut lab.service, "Ledger", |new| (new.estimate, new.backlog) = (Some(60), false));
        lab.service.submit(&owner(), Command::CancelTask { task_id: slow, reason: None }).unwrap();
        lab.model(Some("large-4"));
        lab.run(if at % 2 == 0 { 25 } else { 36 }, Report::default());
    }
    let known = lab.judged();
    assert!(known.2.contains("bot with large-4 takes "), "{known:?}");
    lab.model(Some("large-5"));
    let new = lab.judged();
    assert!((new.0 / known.0 - 1.0).abs() < 0.01 && new.1 > known.1, "{known:?} {new:?}");
    assert!(!new.2.contains("large-5"), "nothing of it is known yet: {new:?}");
    for _ in 0..12 {
        lab.run(90, Report::default());
    }
    let learned = lab.judged();
    assert!(learned.2.contains("bot with large-5 takes ") && learned.0 > 1.5 * known.0, "{known:?} {learned:?}");
}

#[test]
fn a_plan_says_what_it_costs_as_soon_as_four_tasks_have_said_so() {
    let mut lab = Lab::new();
    assert_eq!(lab.planned(0).spending.told(), None);
    assert_eq!(lab.planned(3).spending.told().as_deref(), Some("no cost known yet"));
    let spent = |tokens| Report { cost: Some(2.0), tokens, ..Report::default() };
    for tokens in [None, Some(120_000)].repeat(4) {
        lab.run(60, spent(tokens));
    }
    let spending = lab.planned(5).spending;
    let (cost, tokens) = (spending.cost.clone().unwrap(), spending.tokens.clone().unwrap());
    assert_eq!((cost.count, cost.tasks, tokens.count), (8, 5, 4));
    // Five tasks of an hour at the median, of which some take much longer: more than ten at the median of the sum.
    assert!((10.0..14.5).contains(&cost.p50) && cost.p80 > 1.1 * cost.p50, "{cost:?}");
    assert!((tokens.p50 / cost.p50 / 60_000.0 - 1.0).abs() < 0.1, "{tokens:?}");
    assert!(cost.exceeds(cost.p80) > 0.19 && cost.exceeds(cost.p80) < 0.21 && cost.exceeds(1.0) > 0.99);
    let told = spending.told().unwrap();
    assert!(told.contains("in four of five cases (from 8 tasks); ") && told.contains("k tokens, "), "{told}");
}
