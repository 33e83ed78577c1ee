//! What the past teaches: estimates from measured work, and the retrospective of a sprint.

use chrono::Duration;
use vayu::domain::command::{NewTask, Report};
use vayu::domain::policy::ReviewPolicy;
use vayu::domain::{Command, Fence, Policy, SprintId, TaskId};
use vayu::plan::estimate::Basis;
use vayu::plan::retro::Change;
use vayu::service::estimates::{History, guess};
use vayu::service::planning::ground;
use vayu::service::retro::{LABEL, accept, retro};
use vayu::store::view::{Filter, Page};

use super::plans::sprint;
use super::rules::Fixture;

/// Claims, works for so many minutes and hands in.
fn work(fixture: &mut Fixture, task_id: TaskId, minutes: i64) {
    let fence = Fence::Token(fixture.claim(fixture.ada, task_id).token);
    fixture.run(Command::StartTask { task_id, fence, workspace: None });
    fixture.clock.advance(Duration::minutes(minutes));
    fixture.run(Command::SubmitTask { task_id, fence: Fence::Force, report: Report::default() });
}

fn new(title: &str, sprint_id: Option<SprintId>, estimate: Option<u32>) -> NewTask {
    NewTask { title: title.into(), sprint_id, estimate, ..NewTask::default() }
}

fn review_all(fixture: &mut Fixture) {
    let policy = Policy { review: ReviewPolicy::Always, ..Policy::default() };
    fixture.run(Command::Configure(Box::new(policy)));
}

fn judge(fixture: &mut Fixture, task_id: TaskId, passed: bool) {
    fixture.run(Command::ReviewTask { task_id, passed, feedback: None, score: None });
}

#[test]
fn an_estimate_is_corrected_by_what_its_author_was_worth_before() {
    let mut fixture = Fixture::new();
    for at in 0..20 {
        let task = fixture.create_with(new(&format!("task {at}"), None, Some(60)));
        work(&mut fixture, task, 120);
    }
    let next = fixture.create_with(new("next", None, Some(240)));
    let history = History::read(fixture.service.read(), &fixture.service.now()).unwrap();
    let told = history.estimate(fixture.service.read(), &fixture.task(next), None).unwrap();
    assert_eq!(told.answer.basis, Basis::Said);
    assert!((420.0..500.0).contains(&told.answer.p50), "{told:?}");
    assert!(told.answer.because[0].starts_with("po's 4 h are 7."), "{told:?}");
    assert!(told.answer.because[0].ends_with("n = 20"), "{told:?}");
}

#[test]
fn a_plan_takes_what_history_says_for_a_task_without_a_size_and_says_so() {
    let mut fixture = Fixture::new();
    let bare = fixture.create_with(NewTask { backlog: true, ..new("nobody knows", None, None) });
    let before = ground(&fixture.service).unwrap();
    assert_eq!(before.offers[0].guess, None);
    for at in 0..20 {
        let task = fixture.create_with(new(&format!("task {at}"), None, None));
        work(&mut fixture, task, 200);
    }
    let after = ground(&fixture.service).unwrap();
    let offer = after.offers.iter().find(|offer| offer.task_id == bare).unwrap();
    let told = offer.guess.unwrap();
    assert_eq!((told.basis, told.count), (Basis::History, 20));
    assert!(told.p50 > 120 && told.p50 < 210 && told.p80 > told.p50, "{told:?}");
    let job = vayu::plan::wizard::Job::of(offer);
    assert_eq!(job.work_minutes(&after.rule), told.p50);
    // Who has a size keeps it.
    let sized = [fixture.task(bare)];
    let mut offers = [offer.clone()];
    (offers[0].minutes, offers[0].guess) = (Some(30), None);
    guess(fixture.service.read(), &fixture.service.now(), &sized, &mut offers).unwrap();
    assert_eq!(offers[0].guess, None);
}

#[test]
fn a_retrospective_tells_what_took_longer_and_was_sent_back_and_a_proposal_becomes_a_task() {
    let mut fixture = Fixture::new();
    review_all(&mut fixture);
    let id = sprint(&mut fixture, "one");
    let tasks: Vec<TaskId> =
        (0..6).map(|at| fixture.create_with(new(&format!("task {at}"), Some(id), Some(60)))).collect();
    fixture.run(Command::StartSprint { sprint_id: id });
    for (at, task) in tasks.iter().enumerate() {
        work(&mut fixture, *task, 100);
        if at % 2 == 0 {
            judge(&mut fixture, *task, false);
            work(&mut fixture, *task, 50);
        }
        judge(&mut fixture, *task, true);
    }
    fixture.run(Command::CloseSprint { sprint_id: id, carry_to: None });
    let sprint = fixture.service.read().sprint_named("one").unwrap().unwrap();
    let told = retro(fixture.service.read(), &sprint).unwrap();
    assert_eq!((told.facts.reviewed, told.facts.sent_back.len()), (6, 3));
    assert_eq!(told.facts.compared.len(), 6);
    assert_eq!(told.facts.compared[0].by.as_deref(), Some("po"));
    let titles: Vec<&str> = told.proposals.iter().map(|proposal| proposal.title.as_str()).collect();
    assert!(titles.iter().any(|title| title.contains("estimates")), "{titles:?}");
    let rework = told.proposals.iter().find(|proposal| proposal.title.contains("acceptance")).unwrap();
    assert_eq!(rework.evidence[0], "3 of 6 reviewed tasks were sent back");
    let (made, done) = accept(&mut fixture.service, &fixture.po.clone(), &sprint, rework.number).unwrap();
    let task = fixture.task(done.task().unwrap());
    assert_eq!((task.title, task.metadata.tags), (made.title, vec![LABEL.to_owned()]));
    assert!(task.description.contains("3 of 6 reviewed tasks"));
    let again = accept(&mut fixture.service, &fixture.po.clone(), &sprint, rework.number).unwrap_err().to_string();
    assert!(again.contains("already"), "{again}");
    let refused = accept(&mut fixture.service, &fixture.po.clone(), &sprint, 99).unwrap_err().to_string();
    assert!(refused.contains("99"), "{refused}");
}

#[test]
fn much_that_came_later_proposes_a_setting_and_accepting_it_sets_it() {
    let mut fixture = Fixture::new();
    let id = sprint(&mut fixture, "one");
    for at in 0..4 {
        fixture.create_with(new(&format!("planned {at}"), Some(id), None));
    }
    fixture.run(Command::StartSprint { sprint_id: id });
    for at in 0..3 {
        fixture.create_with(new(&format!("added {at}"), Some(id), None));
    }
    fixture.run(Command::CloseSprint { sprint_id: id, carry_to: None });
    let sprint = fixture.service.read().sprint_named("one").unwrap().unwrap();
    let told = retro(fixture.service.read(), &sprint).unwrap();
    let scope = told.proposals.iter().find(|proposal| matches!(proposal.change, Change::Setting { .. })).unwrap();
    assert_eq!(scope.evidence, ["3 tasks came on top of 4 after the start"]);
    fixture.clock.advance(chrono::Duration::hours(1));
    accept(&mut fixture.service, &fixture.po.clone(), &sprint, scope.number).unwrap();
    assert!(fixture.service.read().policy().unwrap().sprint_only);
    let mut labelled = 0;
    let filter = Filter { tags: vec![LABEL.to_owned()], ..Filter::default() };
    fixture
        .service
        .read()
        .each_task(&filter, Page::ALL, &mut |_| {
            labelled += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(labelled, 0);
    // It keeps its number, so that the same number never means another one, and is settled.
    let again = retro(fixture.service.read(), &sprint).unwrap();
    let titles = |of: &[vayu::plan::retro::Proposal]| of.iter().map(|one| one.title.clone()).collect::<Vec<_>>();
    assert_eq!(titles(&again.proposals), titles(&told.proposals));
    assert!(again.proposals[scope.number - 1].settled);
    let refused = accept(&mut fixture.service, &fixture.po.clone(), &sprint, scope.number).unwrap_err().to_string();
    assert!(refused.contains("settings were changed"), "{refused}");
}

#[test]
fn a_sprint_that_runs_has_no_retrospective_yet() {
    let mut fixture = Fixture::new();
    let id = sprint(&mut fixture, "one");
    fixture.run(Command::StartSprint { sprint_id: id });
    let sprint = fixture.service.read().sprint_named("one").unwrap().unwrap();
    assert!(retro(fixture.service.read(), &sprint).unwrap_err().to_string().contains("is active"));
}
