//! Forecasts learn how long results lie before somebody judges them: on a board in a file, measured as people work.

use chrono::{DateTime, Datelike, Duration, Timelike};
use vayu::domain::agent::{Division, parse_windows};
use vayu::domain::command::{AgentField, NewSprint, Report, TaskField};
use vayu::domain::policy::{Policy, ReviewPolicy};
use vayu::domain::{AgentId, Fence, Sprint};
use vayu::plan::prospect::{How, Prospect};
use vayu::service::forecast::ask;

use super::*;

/// A board with ben who works and ana who judges, both from nine to five on weekdays; on Monday 2 June 2025, 09:00.
pub(super) struct Desk {
    pub service: Service,
    clock: FrozenClock,
    ben: AgentId,
    pub folder: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Self {
        let clock = FrozenClock::at(Utc.with_ymd_and_hms(2025, 6, 2, 9, 0, 0).single().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let store = Board::at(folder.path().join("board.db")).create().unwrap();
        let mut service = Service::with(Box::new(store), Arc::new(clock.clone()), Box::new(CountedIds::seeded(1)));
        let availability = || parse_windows("mon-fri 09:00-17:00").unwrap();
        let ana = NewAgent { kind: AgentKind::Human, availability: availability(), ..named("ana", "") };
        let ben = NewAgent { kind: AgentKind::Human, availability: availability(), ..named("ben", "rust:4") };
        for one in [ana, ben] {
            service.submit(&owner(), Command::AddAgent(Box::new(one))).unwrap();
        }
        let ben = service.read().agent_named("ben").unwrap().unwrap().agent_id;
        let mut desk = Self { service, clock, ben, folder };
        let division = Division { focus: None, reviews: Some(0), answers: Some(0) };
        desk.say(Command::EditAgent { agent_id: ben, changes: vec![AgentField::Division(division)] });
        desk.judged(ReviewPolicy::Always);
        desk
    }

    pub fn judged(&mut self, review: ReviewPolicy) {
        let policy = Policy { review, ..self.service.read().policy().unwrap() };
        self.say(Command::Configure(Box::new(policy)));
    }

    pub fn say(&mut self, command: Command) {
        self.service.submit(&owner(), command).unwrap();
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.service.now().wall
    }

    /// Lets so many working minutes pass; the last of a day is its evening.
    fn pass(&mut self, minutes: i64) {
        self.clock.set_wall(after(self.now(), minutes));
    }

    /// The next morning of a working day.
    pub fn sleep(&mut self) {
        let evening = self.now().date_naive().and_hms_opt(17, 0, 0).unwrap().and_utc();
        self.clock.set_wall(after(evening, 1) - Duration::minutes(1));
    }

    /// A task of two hours, whose review is planned with half an hour.
    pub fn task(&mut self) -> TaskId {
        let id = task(&mut self.service, "Parser", |new| (new.estimate, new.backlog) = (Some(120), false));
        let capabilities = parse_skills("rust:1").unwrap();
        let needs = vayu::domain::task::Requirements { capabilities, team_size: 1, ..Default::default() };
        let changes = vec![TaskField::Requirements(needs)];
        self.say(Command::EditTask { task_id: id, changes, expected_rev: None });
        id
    }

    fn begin(&mut self, task_id: TaskId) {
        self.say(Command::ClaimTask { agent_id: self.ben, task_id: Some(task_id), lease_seconds: None });
        self.say(Command::StartTask { task_id, fence: Fence::Force, workspace: None });
    }

    /// Two hours of work, handed in.
    pub fn hand_in(&mut self) -> TaskId {
        let task_id = self.task();
        self.do_it(task_id);
        task_id
    }

    pub fn do_it(&mut self, task_id: TaskId) {
        self.take(task_id, 120);
    }

    /// So many minutes of work on it, handed in.
    pub fn take(&mut self, task_id: TaskId, minutes: i64) {
        self.begin(task_id);
        self.pass(minutes);
        self.say(Command::SubmitTask { task_id, fence: Fence::Force, report: Report::default() });
    }

    fn accept(&mut self, task_id: TaskId) {
        let judged = Command::ReviewTask { task_id, passed: true, feedback: None, score: None };
        self.service.submit(&Actor::human("ana"), judged).unwrap();
    }

    /// Twenty results on as many days, each judged so many working minutes after it was handed in.
    fn used_to(minutes: i64) -> Self {
        let mut desk = Self::new();
        for _ in 0..20 {
            let task_id = desk.hand_in();
            desk.pass(minutes);
            desk.accept(task_id);
            desk.sleep();
        }
        desk
    }

    /// A sprint of four weeks with so many more tasks.
    pub fn sprint(&mut self, name: &str, tasks: usize) -> (Sprint, Vec<TaskId>) {
        let sprint = NewSprint {
            sprint_id: None,
            name: Some(name.into()),
            goal: String::new(),
            starts_at: self.now(),
            ends_at: self.now() + Duration::days(28),
            objectives: Vec::new(),
            capacity_minutes: None,
        };
        self.say(Command::CreateSprint(Box::new(sprint)));
        let sprint = self.service.read().sprint_named(name).unwrap().unwrap();
        let tasks = (0..tasks).map(|_| self.task_of(&sprint)).collect();
        (sprint, tasks)
    }

    pub fn task_of(&mut self, sprint: &Sprint) -> TaskId {
        let (task_id, changes) = (self.task(), vec![TaskField::Sprint(Some(sprint.sprint_id))]);
        self.say(Command::EditTask { task_id, changes, expected_rev: None });
        task_id
    }

    pub fn prospect(&self, sprint: &Sprint) -> Prospect {
        let asked = ask(self.service.read(), &self.service.now(), sprint).unwrap();
        asked.prospect(How { runs: 2_000, seed: 1, advises: false }).unwrap().unwrap()
    }

    /// A sprint of eight more tasks, from a Monday on.
    fn foretold(&mut self) -> Told {
        self.judged(ReviewPolicy::Always);
        self.clock.set_wall(Utc.with_ymd_and_hms(2025, 9, 1, 9, 0, 0).single().unwrap());
        let now = self.now();
        let (sprint, _) = self.sprint("Next", 8);
        let prospect = self.prospect(&sprint);
        let days = |at: Option<DateTime<Utc>>| working(now, at.unwrap()) as f64 / 480.0;
        Told { even: days(prospect.p50_at), high: days(prospect.p80_at), prospect }
    }
}

struct Told {
    /// Working days to the date with even chances, and to the one with 80 %.
    even: f64,
    high: f64,
    prospect: Prospect,
}

/// So many working minutes later.
fn after(mut now: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
    let mut seconds = minutes * 60;
    loop {
        let left = 17 * 3600 - i64::from(now.num_seconds_from_midnight());
        if left >= seconds {
            return now + Duration::seconds(seconds);
        }
        seconds -= left;
        let days = if now.weekday() == chrono::Weekday::Fri { 3 } else { 1 };
        now = (now.date_naive() + Duration::days(days)).and_hms_opt(9, 0, 0).unwrap().and_utc();
    }
}

/// Working minutes from one time to another.
fn working(mut from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
    let mut minutes = 0;
    while from < to {
        from = after(from, 1);
        minutes += 1;
    }
    minutes
}

#[test]
fn results_that_lie_three_times_as_long_as_planned_move_the_date() {
    let unknown = {
        let mut desk = Desk::new();
        desk.judged(ReviewPolicy::Never);
        for _ in 0..20 {
            desk.hand_in();
            desk.sleep();
        }
        desk.foretold()
    };
    let (planned, thrice) = (Desk::used_to(30).foretold(), Desk::used_to(90).foretold());
    assert_eq!((unknown.prospect.reviews, planned.prospect.reviews, thrice.prospect.reviews), (0, 20, 20));
    // Eight reviews of 30 minutes, 96 a day: on the third day or the fourth, whether that is known or believed.
    for told in [&unknown, &planned] {
        assert!((2.0..3.1).contains(&told.even) && told.high < 3.3, "{} {}", told.even, told.high);
    }
    // Eight of 90 minutes: on the eighth day.
    assert!((5.5..8.5).contains(&thrice.even) && thrice.high > 7.0, "{} {}", thrice.even, thrice.high);
    let rows = thrice.prospect.rows(&[], &|at| at.to_string());
    let known = &rows.last().unwrap().words;
    assert!(known.contains("; a review 2.") && known.ends_with(" x what is planned for it (20)"), "{known}");
}

#[test]
fn a_result_that_lay_for_two_days_is_played_as_two_days() {
    let mut desk = Desk::used_to(960);
    let told = desk.foretold();
    // Eight of them, one after another, held to what is usual by eight reviews.
    assert!((12.0..17.0).contains(&told.even), "{}", told.even);
}

#[test]
fn what_is_judged_at_one_sitting_shares_the_time_before() {
    let mut desk = Desk::new();
    for _ in 0..5 {
        let results = [desk.hand_in(), desk.hand_in(), desk.hand_in(), desk.hand_in()];
        desk.pass(960);
        for result in results {
            desk.accept(result);
            desk.pass(2);
        }
    }
    let told = desk.foretold();
    assert_eq!(told.prospect.reviews, 20);
    // Four results in 22 hours of hers: 264 minutes of those that are for reviews, where 120 were planned.
    assert!((1.8..3.2).contains(&told.prospect.typical_review), "{}", told.prospect.typical_review);
}

#[test]
fn the_night_is_nobodys_wait() {
    let mut desk = Desk::new();
    for _ in 0..10 {
        let task_id = desk.task();
        desk.begin(task_id);
        // Ben hands in at two in the morning, and ana judges half an hour after she came.
        let night = (desk.now().date_naive() + Duration::days(1)).and_hms_opt(2, 0, 0).unwrap().and_utc();
        desk.clock.set_wall(night);
        desk.say(Command::SubmitTask { task_id, fence: Fence::Force, report: Report::default() });
        let weekend = if night.weekday() == chrono::Weekday::Sat { 2 } else { 0 };
        desk.clock.set_wall(night + Duration::days(weekend) + Duration::minutes(450));
        desk.accept(task_id);
    }
    let told = desk.foretold();
    assert!((0.9..1.1).contains(&told.prospect.typical_review), "{}", told.prospect.typical_review);
}
