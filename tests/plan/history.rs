//! What a team's past says about its next sprint: measured as people work, in the order in which it happened.

use chrono::Duration;
use vayu::domain::Fence;
use vayu::domain::command::{Report, TaskField};
use vayu::domain::policy::ReviewPolicy;
use vayu::plan::prospect::Prospect;

use super::office::Office;
use super::*;

/// Everything that she hands in is judged.
fn office() -> Office {
    Office::new(ReviewPolicy::Always, 5)
}

impl Office {
    fn hand_in(&mut self, task_id: TaskId, after: Duration) {
        self.clock.advance(after);
        self.say(Command::SubmitTask { task_id, fence: Fence::Force, report: Report::default() });
    }

    fn judge(&mut self, task_id: TaskId, passed: bool) {
        let feedback = (!passed).then(|| "not yet".to_owned());
        self.say(Command::ReviewTask { task_id, passed, feedback, score: None });
    }

    /// A task of two hours that takes two hours, is sent back, and is mended in twelve minutes.
    fn sent_back_once(&mut self) {
        let id = self.task(120);
        self.begin(id);
        self.hand_in(id, Duration::hours(2));
        self.judge(id, false);
        self.begin(id);
        self.hand_in(id, Duration::minutes(12));
        self.judge(id, true);
    }

    /// A task that counts for a milestone.
    fn task_of(&mut self, minutes: u32, milestone: &str) -> TaskId {
        let task_id = self.task(minutes);
        let changes = vec![TaskField::Milestone(Some(milestone.into()))];
        self.say(Command::EditTask { task_id, changes, expected_rev: None });
        task_id
    }

    /// A sprint of a week with one task of four hours.
    fn foretold(&mut self) -> Prospect {
        let id = self.task(240);
        self.foretold_of(&[id])
    }

    /// A sprint of a week with these tasks.
    fn foretold_of(&mut self, tasks: &[TaskId]) -> Prospect {
        let sprint = self.sprint_of("Next", 7, tasks);
        self.prospect(&sprint, 500)
    }
}

#[test]
fn a_second_pass_is_not_taken_for_the_first() {
    let mut week = office();
    for day in 0..10 {
        week.clock.set_wall(Utc.with_ymd_and_hms(2025, 6, 2 + day + day / 5 * 2, 9, 0, 0).single().unwrap());
        week.sent_back_once();
    }
    let told = week.foretold();
    assert_eq!((told.basis.n, told.basis.unfinished), (10, 0));
    assert!((0.6..1.2).contains(&told.typical.0), "{:?}", told.typical);
}

#[test]
fn nights_are_no_work() {
    let mut week = office();
    let id = week.task(120);
    week.clock.set_wall(Utc.with_ymd_and_hms(2025, 6, 2, 16, 0, 0).single().unwrap());
    week.begin(id);
    week.hand_in(id, Duration::hours(18));
    let task = week.service.read().task(id).unwrap().unwrap();
    assert_eq!(task.metadata.actual_duration, Some(120), "an hour on Monday, one on Tuesday");
    assert_eq!(week.service.read().attempts(id).unwrap()[0].worked, Some(120));
    let ana = week.service.read().agents(&week.service.now()).unwrap().remove(0);
    assert_eq!(ana.metrics.mean_minutes, Some(120.0));
}

#[test]
fn who_works_at_night_has_worked() {
    let mut week = office();
    let id = week.task(60);
    week.clock.set_wall(Utc.with_ymd_and_hms(2025, 6, 2, 20, 0, 0).single().unwrap());
    week.begin(id);
    week.hand_in(id, Duration::minutes(90));
    assert_eq!(week.service.read().task(id).unwrap().unwrap().metadata.actual_duration, Some(90));
}

#[test]
fn an_estimate_that_was_changed_to_what_it_took_does_not_count_as_foresight() {
    let mut week = office();
    for day in 0..5 {
        week.clock.set_wall(Utc.with_ymd_and_hms(2025, 6, 2 + day, 9, 0, 0).single().unwrap());
        let id = week.task(120);
        week.begin(id);
        week.hand_in(id, Duration::hours(6));
        week.judge(id, true);
        let changes = vec![TaskField::Estimate(Some(360))];
        week.say(Command::EditTask { task_id: id, changes, expected_rev: None });
    }
    let told = week.foretold();
    assert!(told.typical.0 > 1.15, "{:?}", told.typical);
}

#[test]
fn an_evening_counts_until_the_next_morning_and_never_less_the_longer_it_lasts() {
    let at = |day, hour, minute| Utc.with_ymd_and_hms(2025, 6, day, hour, minute, 0).single().unwrap();
    let week = office();
    let ana = week.service.read().agent_named("ana").unwrap().unwrap();
    let worked = |from, to| vayu::domain::hours::worked(&ana, &[], from, to) / 60;
    assert_eq!(worked(at(6, 18, 0), at(9, 8, 59)), 480);
    assert_eq!(worked(at(6, 18, 0), at(9, 9, 5)), 485);
    assert_eq!(worked(at(3, 16, 50), at(3, 22, 0)), 10);
    assert_eq!(worked(at(3, 17, 0), at(3, 22, 0)), 300);
}

#[test]
fn what_was_begun_and_taken_back_is_open_again() {
    let mut week = office();
    let id = week.task(120);
    week.begin(id);
    week.hand_in(id, Duration::minutes(30));
    let worked = |week: &Office| week.service.read().attempts(id).unwrap()[0].worked;
    assert_eq!(worked(&week), Some(30));
    week.service.undo(&owner(), Undo::Own).unwrap();
    assert_eq!(worked(&week), None);
    week.service.redo(&owner(), false).unwrap();
    assert_eq!(worked(&week), Some(30));
}

#[test]
fn an_end_that_an_older_version_wrote_counts_by_the_clock() {
    let mut week = office();
    let id = week.task(120);
    week.begin(id);
    week.hand_in(id, Duration::minutes(30));
    let filter = vayu::store::view::ActivityFilter { limit: 1, ..Default::default() };
    let row = week.service.read().activity(&filter).unwrap().remove(0);
    let end = row.events.iter().find(|event| matches!(event, vayu::domain::Event::AttemptEnded { .. })).unwrap();
    let mut written = serde_json::to_value(end).unwrap();
    let body = written.as_object_mut().unwrap();
    let fields =
        if body.contains_key("worked") { body } else { body.values_mut().next().unwrap().as_object_mut().unwrap() };
    assert_eq!(fields.remove("worked"), Some(30.into()));
    let old: vayu::domain::Event = serde_json::from_value(written).unwrap();
    assert!(matches!(old, vayu::domain::Event::AttemptEnded { worked: None, .. }));
}

/// One task a day has been done on nine working days, and it is the tenth.
fn steady() -> Office {
    let mut week = office();
    for day in 0..10 {
        week.clock.set_wall(Utc.with_ymd_and_hms(2025, 6, 2 + day + day / 5 * 2, 9, 0, 0).single().unwrap());
        if day < 9 {
            week.sent_back_once();
        }
    }
    week
}

#[test]
fn a_milestone_is_foretold_by_the_runs_of_the_sprint() {
    let mut week = steady();
    let (soon, late) = (week.task_of(120, "beta"), week.task_of(4800, "gamma"));
    let also = week.task_of(120, "gamma");
    let told = week.foretold_of(&[soon, late, also]);
    let [beta, gamma] = told.milestones.as_slice() else { panic!("{:?}", told.milestones) };
    assert_eq!((beta.name.as_str(), beta.tasks, beta.beyond), ("beta", 1, 0));
    assert!(beta.chance.unwrap() > 0.5 && beta.p50_at < gamma.p50_at, "{beta:?}");
    assert_eq!((gamma.tasks, gamma.pace, gamma.due_chance), (2, None, None));
    assert!(gamma.p80_at <= told.p80_at && gamma.chance.unwrap() >= told.chance, "{gamma:?}");
    assert!(told.chance < 0.1, "two weeks of work do not fit into one: {}", told.chance);
}

#[test]
fn a_task_of_the_sprint_that_nobody_can_do_is_not_beyond_it() {
    let mut week = steady();
    let (can, cannot) = (week.task_of(120, "beta"), week.task_of(60, "beta"));
    let capabilities = parse_skills("klingon:5").unwrap();
    let needs = vayu::domain::task::Requirements { capabilities, team_size: 1, ..Default::default() };
    let changes = vec![TaskField::Requirements(needs)];
    week.say(Command::EditTask { task_id: cannot, changes, expected_rev: None });
    let beta = week.foretold_of(&[can, cannot]).milestones.remove(0);
    assert_eq!((beta.tasks, beta.not_counted, beta.beyond), (1, 1, 0));
}

#[test]
fn what_the_whole_sprint_is_for_is_reached_when_the_sprint_is() {
    let mut week = steady();
    let all = [600, 700, 500].map(|minutes| week.task_of(minutes, "beta"));
    let told = week.foretold_of(&all);
    let beta = &told.milestones[0];
    assert_eq!((beta.tasks, beta.p50_at, beta.p80_at), (3, told.p50_at, told.p80_at));
    assert_eq!(beta.chance, Some(told.chance));
}

#[test]
fn a_milestone_beyond_the_sprint_is_foretold_by_the_pace_alone() {
    let at = |day| Utc.with_ymd_and_hms(2025, 6, day, 0, 0, 0).single().unwrap();
    let mut week = steady();
    let inside = [week.task_of(120, "beta"), week.task(120)];
    for deadline in [16, 18, 17] {
        let task_id = week.task_of(120, "gamma");
        let changes = vec![TaskField::Deadline(Some(at(deadline)))];
        week.say(Command::EditTask { task_id, changes, expected_rev: None });
    }
    week.task_of(60, "beta");
    let told = week.foretold_of(&inside);
    let [beta, gamma] = told.milestones.as_slice() else { panic!("{:?}", told.milestones) };
    assert_eq!((beta.tasks, beta.beyond, beta.due_at), (1, 1, None));
    assert_eq!((gamma.tasks, gamma.beyond, gamma.p80_at, gamma.chance), (0, 3, None, None));
    // Two tasks of the sprint and three of its own, one a day: Friday the 13th, 16, 17, 18 and 19 June.
    let pace = gamma.pace.unwrap();
    assert_eq!((pace.tasks, pace.basis.days, pace.basis.done), (5, 9, 9));
    assert_eq!((pace.p50_at, pace.p80_at), (Some(at(20)), Some(at(20))));
    assert_eq!((gamma.due_at, gamma.due_chance, pace.never_reached), (Some(at(18)), Some(0.0), true));
    let rows = told.rows(&[], &|at| at.format("%-d %b").to_string());
    let told: Vec<&str> = rows.iter().map(|row| row.words.as_str()).filter(|words| words.contains("gamma")).collect();
    assert_eq!(
        told,
        ["gamma: 3 tasks beyond the sprint: likely 20 Jun, 80 % by 20 Jun, if they come next (by pace: 9 tasks in \
          9 working days); 0 % by its deadline 18 Jun, and so much was never done in that time"]
    );
}

#[test]
fn without_a_milestone_there_is_no_line_about_one() {
    let told = office().foretold();
    assert_eq!((told.milestones.len(), told.chances_briefly()), (0, None));
    assert!(told.rows(&[], &|at| at.to_string()).iter().all(|row| row.label != "milestone"));
}
