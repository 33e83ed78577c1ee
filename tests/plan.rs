//! Planning: from three sentences to a started sprint, and back by one undo.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command as Process, Output, Stdio};
use std::sync::Arc;

use chrono::{TimeZone, Utc};
use proptest::prelude::*;
use serde_json::Value;
use vayu::agents::roles::Roles;
use vayu::domain::agent::parse_skills;
use vayu::domain::command::{NewAgent, NewTask};
use vayu::domain::sprint::Allotment;
use vayu::domain::task::Dependency;
use vayu::domain::{Actor, AgentKind, Command, Level, Priority, SprintState, Status, TaskId, Zone};
use vayu::plan::breakdown::{Library, break_down};
use vayu::plan::objectives::objectives;
use vayu::plan::wizard::{AT_ONCE, Draft, Ground, Outlook, THOROUGH, fill, leaves};
use vayu::service::env::{CountedIds, FrozenClock};
use vayu::service::{Service, Undo, planning};
use vayu::store::sqlite::Board;
use vayu::store::view::{Filter, Page};

#[path = "plan/breakdown.rs"]
mod breakdown;
#[path = "plan/focus.rs"]
mod focus;
#[path = "plan/history.rs"]
mod history;
#[cfg(feature = "models")]
#[path = "shared/model_server.rs"]
mod model_server;
#[cfg(feature = "models")]
#[path = "plan/models.rs"]
mod models;
#[path = "plan/office.rs"]
mod office;
#[path = "plan/reviews.rs"]
mod reviews;
#[path = "plan/second.rs"]
mod second;
#[path = "plan/spending.rs"]
mod spending;

const THREE: &str = "We need to implement user authentication for our API, add real-time notifications, and improve our testing coverage";

fn owner() -> Actor {
    Actor::human("po")
}

/// A board in memory on Monday 2 June 2025, 08:00, with the team of the dialogue.
fn board() -> Service {
    let clock = FrozenClock::at(Utc.with_ymd_and_hms(2025, 6, 2, 8, 0, 0).single().unwrap());
    let store = Board::in_memory().unwrap();
    let mut service = Service::with(Box::new(store), Arc::new(clock), Box::new(CountedIds::seeded(1)));
    agent(&mut service, "cto", "architecture:5,security:3,api:4");
    agent(&mut service, "backend", "backend:4,api:4,sql:3");
    agent(&mut service, "qa", "testing:4,ci:3");
    service
}

fn agent(service: &mut Service, name: &str, skills: &str) {
    service.submit(&owner(), Command::AddAgent(Box::new(named(name, skills)))).unwrap();
}

fn named(name: &str, skills: &str) -> NewAgent {
    NewAgent {
        name: name.into(),
        kind: AgentKind::Ai,
        role: Some(name.into()),
        skills: parse_skills(skills).unwrap(),
        wip_limit: 1,
        availability: Vec::new(),
        time_zone: Zone::default(),
        cost_per_hour: None,
        also: Vec::new(),
    }
}

fn task(service: &mut Service, title: &str, alter: impl FnOnce(&mut NewTask)) -> TaskId {
    let mut new = NewTask { title: title.into(), backlog: true, ..NewTask::default() };
    alter(&mut new);
    service.submit(&owner(), Command::CreateTask(Box::new(new))).unwrap().task().unwrap()
}

fn tasks(service: &Service) -> Vec<vayu::domain::Task> {
    let mut tasks = Vec::new();
    let all = &mut |task| {
        tasks.push(task);
        Ok(())
    };
    service.read().each_task(&Filter::default(), Page::ALL, all).unwrap();
    tasks
}

fn planned(service: &Service, text: &str) -> (Draft, Ground) {
    let (ground, library) = (planning::ground(service).unwrap(), Library::built_in());
    let mut ids = CountedIds::seeded(7);
    let mut draft = Draft::new(ground.now, &mut ids);
    draft.set_objectives(text, &library, &ground, &mut ids);
    (draft, ground)
}

fn texts(outlook: &Outlook) -> String {
    outlook.checks.iter().map(|check| check.text.as_str()).collect::<Vec<_>>().join("\n")
}

#[test]
fn three_sentences_become_a_running_sprint_and_one_undo_takes_it_back() {
    let mut service = board();
    let before = (tasks(&service), service.read().sprints().unwrap());
    let (draft, ground) = planned(&service, THREE);
    let outlook = Outlook::of(&draft, &ground, THOROUGH);
    assert_eq!(outlook.stops(true).count(), 0, "{}", texts(&outlook));
    let done = planning::commit(&mut service, &owner(), &draft, &outlook, true).unwrap();
    assert!(done.change.is_some());

    let sprint = service.read().sprint_named("active").unwrap().unwrap();
    assert_eq!((sprint.name.as_str(), sprint.state, sprint.objectives.len()), ("Sprint 1", SprintState::Active, 3));
    let plan = service.read().plan(sprint.sprint_id).unwrap().unwrap();
    assert_eq!(plan.layout.slots.len(), outlook.schedule.slots.len());
    assert_eq!(plan.layout.ends_at(), outlook.schedule.ends_at);
    let all = tasks(&service);
    let work: Vec<_> = all.iter().filter(|task| task.level == Level::Task).collect();
    assert!(work.len() >= 9);
    assert!(work.iter().all(|task| task.sprint_id == Some(sprint.sprint_id) && task.parent_id.is_some()));
    assert!(work.iter().any(|task| task.status == Status::Queued), "the first tasks are ready");
    assert!(work.iter().any(|task| task.status == Status::Blocked), "the others wait for them");
    assert_eq!(all.iter().filter(|task| task.level == Level::Deliverable).count(), 3);

    service.undo(&owner(), Undo::Own).unwrap();
    assert_eq!((tasks(&service), service.read().sprints().unwrap()), before);
    service.redo(&owner(), false).unwrap();
    assert_eq!(tasks(&service).len(), all.len());
}

#[test]
fn the_dialogue_gives_sensible_priorities_tasks_and_people() {
    let service = board();
    let (draft, ground) = planned(&service, THREE);
    let outlook = Outlook::of(&draft, &ground, THOROUGH);
    let priorities: Vec<Priority> = outlook.aims.iter().map(|aim| aim.objective.priority).collect();
    assert_eq!(priorities, [Priority::High, Priority::Normal, Priority::Normal]);
    let books: Vec<&str> = outlook.aims.iter().map(|aim| aim.playbook.as_str()).collect();
    assert_eq!(books, ["authentication", "notifications", "testing"]);
    assert!(outlook.aims.iter().all(|aim| (3.0..=12.0).contains(&aim.effort)));
    let who = |words: &str| {
        let job = outlook.jobs.iter().find(|job| job.title.contains(words)).unwrap();
        outlook.schedule.slot(job.task_id).unwrap().work.agent.clone()
    };
    assert_eq!(who("Design user authentication"), "cto");
    assert_eq!(who("middleware"), "backend");
    assert_eq!(who("Test user authentication"), "qa");
    assert!(texts(&outlook).contains("nobody has frontend"), "{}", texts(&outlook));
    assert!(outlook.jobs.iter().all(|job| !job.requirements.capabilities.contains_key("frontend")));
}

#[test]
fn the_schedule_keeps_order_hours_and_one_task_at_a_time() {
    let service = board();
    let (draft, ground) = planned(&service, THREE);
    let outlook = Outlook::of(&draft, &ground, THOROUGH);
    assert!(outlook.schedule.left_out.is_empty());
    for job in &outlook.jobs {
        let slot = outlook.schedule.slot(job.task_id).unwrap();
        for on in &job.after {
            assert!(
                outlook.schedule.slot(*on).unwrap().done_at() <= slot.work.starts_at,
                "{} begins too early",
                job.title
            );
        }
        let overlap = |other: &&vayu::plan::wizard::Slot| {
            other.work.agent_id == slot.work.agent_id
                && other.task_id != slot.task_id
                && other.work.starts_at < slot.work.ends_at
                && slot.work.starts_at < other.work.ends_at
        };
        assert!(outlook.schedule.slots.iter().find(overlap).is_none());
    }
}

#[test]
fn a_plan_made_within_a_minute_begins_with_the_next_one() {
    let service = board();
    let (mut draft, ground) = planned(&service, THREE);
    draft.starts_at = ground.now + chrono::Duration::seconds(3659);
    let outlook = Outlook::of(&draft, &ground, AT_ONCE);
    let first = outlook.schedule.slots.iter().map(|slot| slot.work.starts_at).min();
    assert_eq!(first, Some(ground.now + chrono::Duration::minutes(61)));
}

#[test]
fn a_full_plan_says_by_how_much_and_what_would_leave() {
    let mut service = board();
    let urgent = task(&mut service, "Ledger", |new| (new.priority, new.points) = (Some(Priority::High), Some(8.0)));
    let small = task(&mut service, "Logo", |new| (new.priority, new.points) = (Some(Priority::Low), Some(2.0)));
    let (mut draft, ground) = planned(&service, "");
    draft.points = Some(9.0);
    draft.pick(urgent, true);
    draft.pick(small, true);
    let outlook = Outlook::of(&draft, &ground, THOROUGH);
    assert!(texts(&outlook).contains("10 of 9p: 1p over capacity"), "{}", texts(&outlook));
    assert_eq!(leaves(&draft, &ground, outlook.limit, urgent), [small]);
}

#[test]
fn filling_takes_what_is_worth_most_with_what_it_waits_for_and_stops_at_capacity() {
    let mut service = board();
    let base = task(&mut service, "Base", |new| (new.priority, new.points) = (Some(Priority::Low), Some(3.0)));
    let top = task(&mut service, "Top", |new| {
        (new.priority, new.points) = (Some(Priority::High), Some(5.0));
        new.blocked_by = vec![Dependency::sequential(base)];
    });
    let next = task(&mut service, "Next", |new| new.points = Some(2.0));
    let large = task(&mut service, "Large", |new| new.points = Some(40.0));
    let (mut draft, ground) = planned(&service, "");
    let added: BTreeSet<TaskId> = fill(&mut draft, &ground, 10.0).into_iter().collect();
    assert_eq!(added, BTreeSet::from([base, top, next]));
    assert!(!draft.is_picked(large));
}

#[test]
fn three_that_matter_go_in_before_one_that_matters_more_and_takes_the_room_of_all() {
    let mut service = board();
    let sized = |priority, points| move |new: &mut NewTask| (new.priority, new.points) = (Some(priority), Some(points));
    let critical = task(&mut service, "Rewrite", sized(Priority::Critical, 10.0));
    let high = ["A", "B", "C"].map(|title| task(&mut service, title, sized(Priority::High, 3.0)));
    let (mut draft, ground) = planned(&service, "");
    let added: BTreeSet<TaskId> = fill(&mut draft, &ground, 10.0).into_iter().collect();
    assert_eq!(added, BTreeSet::from(high));
    assert!(!draft.is_picked(critical));
}

#[test]
fn a_plan_is_filled_with_what_somebody_has_the_skill_and_the_time_for() {
    let mut service = board();
    let needs = |skill: &str| {
        let skills = parse_skills(skill).unwrap();
        move |new: &mut NewTask| {
            (new.estimate, new.requirements.capabilities) = (Some(120), skills.clone());
        }
    };
    let tests: Vec<TaskId> = (0..4).map(|_| task(&mut service, "Test", needs("testing:4"))).collect();
    let nobody = task(&mut service, "Paint", needs("painting:1"));
    let build = task(&mut service, "Build", needs("backend:3"));
    let (mut draft, ground) = planned(&service, "");
    let qa = service.read().agent_named("qa").unwrap().unwrap().agent_id;
    draft.by_hand.insert(qa, Allotment::of_work(250));
    let limit = Outlook::of(&draft, &ground, AT_ONCE).limit;
    let added = fill(&mut draft, &ground, limit);
    assert_eq!(added.iter().filter(|id| tests.contains(id)).count(), 2, "of four hours ten minutes");
    assert!(added.contains(&build) && !added.contains(&nobody));
}

#[test]
fn what_is_done_if_there_is_time_makes_room_for_the_commitment_and_counts_apart() {
    let mut service = board();
    let hour = |new: &mut NewTask| (new.estimate, new.points) = (Some(60), Some(0.5));
    let tasks: Vec<TaskId> = (0..4).map(|n| task(&mut service, &format!("T{n}"), hour)).collect();
    let (mut draft, ground) = planned(&service, "");
    let only: BTreeSet<_> = [service.read().agent_named("qa").unwrap().unwrap().agent_id].into();
    draft.only(&ground, &only);
    draft.by_hand.extend(only.iter().map(|qa| (*qa, Allotment::of_work(180))));
    for (at, id) in tasks.iter().enumerate() {
        draft.commit_to(*id, at >= 2);
    }
    let outlook = Outlook::of(&draft, &ground, THOROUGH);
    assert!((outlook.points - 1.0).abs() < 1e-9 && (outlook.stretch_points - 1.0).abs() < 1e-9);
    let left: Vec<TaskId> = outlook.schedule.left_out.iter().map(|out| out.task_id).collect();
    assert!(left.len() == 1 && tasks[..2].contains(&left[0]), "a task that nobody committed to gives way");
    assert!(!texts(&outlook).contains("no place"), "{}", texts(&outlook));
    planning::commit(&mut service, &owner(), &draft, &outlook, true).unwrap();
    let sprint = service.read().sprint_named("active").unwrap().unwrap();
    let plan = service.read().plan(sprint.sprint_id).unwrap().unwrap().layout;
    assert_eq!(plan.stretch.iter().collect::<BTreeSet<_>>(), tasks[..2].iter().collect());
    assert_eq!(plan.allotted.len(), 3, "the next sprint begins with it");
    let baseline = service.read().baseline(sprint.sprint_id).unwrap().unwrap();
    assert_eq!((baseline.committed.tasks, baseline.stretch.tasks), (2, 2));
}

#[test]
fn what_would_bring_the_rest_in_is_tried_and_named() {
    let mut service = board();
    let hours =
        |new: &mut NewTask| (new.estimate, new.requirements.capabilities) = (Some(240), parse_skills("ci:1").unwrap());
    let ids: Vec<TaskId> = (0..3).map(|n| task(&mut service, &format!("T{n}"), hours)).collect();
    let (mut draft, ground) = planned(&service, "");
    for id in &ids {
        draft.pick(*id, true);
    }
    let qa = service.read().agent_named("qa").unwrap().unwrap().agent_id;
    draft.by_hand.insert(qa, Allotment::of_work(500));
    let outlook = Outlook::advised(&draft, &ground, &mut || false, &mut |_| {}).unwrap();
    assert_eq!(outlook.schedule.left_out.len(), 1);
    assert_eq!(outlook.schedule.gaps[0].resource, "qa");
    let best = outlook.advice.levers.iter().find(|lever| lever.recommended).expect("something helps");
    assert_eq!(best.comes, [outlook.schedule.left_out[0].task_id], "{}", best.text);
}

#[test]
fn a_deadline_that_cannot_be_kept_says_what_stands_against_it() {
    let mut service = board();
    let due = Utc.with_ymd_and_hms(2025, 6, 2, 12, 0, 0).single().unwrap();
    let late = task(&mut service, "Late", |new| (new.estimate, new.deadline) = (Some(600), Some(due)));
    let (mut draft, ground) = planned(&service, "");
    draft.pick(late, true);
    let outlook = Outlook::advised(&draft, &ground, &mut || false, &mut |_| {}).unwrap();
    let clash = &outlook.advice.conflicts[0];
    assert_eq!(clash.task_id, late);
    assert!(!clash.requirements.is_empty() && !clash.ways.is_empty(), "{clash:?}");
}

#[test]
fn people_who_are_planned_full_are_warned_about_with_the_wait() {
    let mut service = board();
    let mira = NewAgent { kind: AgentKind::Human, ..named("mira", "legal:3") };
    service.submit(&owner(), Command::AddAgent(Box::new(mira))).unwrap();
    let legal = |new: &mut NewTask| {
        (new.estimate, new.requirements.capabilities) = (Some(300), parse_skills("legal:2").unwrap());
    };
    let ids: Vec<TaskId> = (0..11).map(|n| task(&mut service, &format!("T{n}"), legal)).collect();
    let (mut draft, ground) = planned(&service, "");
    for id in &ids {
        draft.pick(*id, true);
    }
    let outlook = Outlook::of(&draft, &ground, THOROUGH);
    let load = outlook.loads.iter().find(|load| load.agent == "mira").unwrap();
    assert!((81..100).contains(&load.percent) && load.wait_minutes.unwrap() > 4 * 300, "{load:?}");
    assert!(texts(&outlook).contains("mira's time for tasks is 9"), "{}", texts(&outlook));
}

#[test]
fn what_waits_outside_the_plan_and_what_is_not_estimated_is_pointed_out() {
    let mut service = board();
    let base = task(&mut service, "Base", |_| {});
    let top = task(&mut service, "Top", |new| {
        new.priority = Some(Priority::High);
        new.blocked_by = vec![Dependency::sequential(base)];
    });
    let (mut draft, ground) = planned(&service, "");
    draft.pick(top, true);
    let outlook = Outlook::of(&draft, &ground, THOROUGH);
    let said = texts(&outlook);
    assert!(said.contains("#2 waits on #1, which is not picked"), "{said}");
    assert!(said.contains("not estimated: #2"), "{said}");
    draft.resize(top, Some(60), None);
    draft.pick(base, true);
    let said = texts(&Outlook::of(&draft, &ground, THOROUGH));
    assert!(said.contains("not estimated: #1; what they take is a guess"), "{said}");
    draft.resize(base, Some(60), None);
    let said = texts(&Outlook::of(&draft, &ground, THOROUGH));
    assert!(said.contains("all estimated") && !said.contains("waits on"), "{said}");
}

#[test]
fn a_draft_is_kept_on_the_board_and_goes_on_where_it_was_left() {
    let mut service = board();
    let (mut draft, _) = planned(&service, THREE);
    draft.goal = "Users can sign in".into();
    draft.step = vayu::plan::wizard::Step::Tasks;
    let first = draft.pieces.iter().find(|piece| piece.is_task()).unwrap().task_id;
    draft.pick(first, false);
    service.keep_draft(&planning::draft_name("po"), Some(&draft.save())).unwrap();
    let mut back = planning::draft(&service, "po").unwrap().unwrap();
    assert_eq!(back, draft);
    let (ground, library) = (planning::ground(&service).unwrap(), Library::built_in());
    let more = format!("{THREE}. Fix the footer");
    back.set_objectives(&more, &library, &ground, &mut CountedIds::seeded(9));
    assert_eq!(back.objectives.len(), 4);
    assert!(!back.is_picked(first), "what was decided about an objective that stayed is kept");
}

#[test]
fn a_running_sprint_stops_the_start_but_not_the_plan() {
    let mut service = board();
    for start in [true, false] {
        let (draft, ground) = planned(&service, if start { "Add search" } else { "Add filters" });
        let outlook = Outlook::of(&draft, &ground, THOROUGH);
        assert_eq!(outlook.stops(true).count(), usize::from(!start), "{}", texts(&outlook));
        let draft = Draft {
            sprint_id: vayu::domain::SprintId(uuid::Uuid::from_u128(u128::from(start))),
            ..fresh(draft, &ground, start)
        };
        let outlook = Outlook::of(&draft, &ground, THOROUGH);
        planning::commit(&mut service, &owner(), &draft, &outlook, start).unwrap();
    }
    let states: Vec<_> = service.read().sprints().unwrap().iter().map(|sprint| sprint.state).collect();
    assert_eq!(states, [SprintState::Planned, SprintState::Active]);
}

/// The draft with task ids of its own.
fn fresh(mut draft: Draft, ground: &Ground, first: bool) -> Draft {
    if first {
        return draft;
    }
    let (text, library) = (std::mem::take(&mut draft.text), Library::built_in());
    draft.objectives.clear();
    draft.set_objectives(&text, &library, ground, &mut CountedIds::seeded(99));
    draft
}

#[test]
fn a_task_that_is_left_out_stays_in_the_backlog_and_is_waited_for() {
    let mut service = board();
    let (mut draft, ground) = planned(&service, "Add wish lists");
    let id = |words: &str| draft.pieces.iter().find(|piece| piece.title.starts_with(words)).unwrap().task_id;
    let (build, test) = (id("Build"), id("Test"));
    draft.pick(build, false);
    let outlook = Outlook::of(&draft, &ground, THOROUGH);
    assert!(outlook.schedule.left_out.iter().any(|out| out.task_id == test && out.reason == "waits"));
    assert!(texts(&outlook).contains("\"Test wish lists\" waits on \"Build wish lists\", which is not picked"));
    planning::commit(&mut service, &owner(), &draft, &outlook, true).unwrap();
    let left = service.read().task(build).unwrap().unwrap();
    assert_eq!((left.sprint_id, left.status), (None, Status::Blocked));
    assert!(left.parent_id.is_some(), "it is still a part of its objective");
    let waits = service.read().task(test).unwrap().unwrap().dependencies.blocked_by;
    assert_eq!(waits, [Dependency::sequential(build)]);
}

#[test]
fn a_new_size_takes_the_place_of_the_old_one() {
    let mut service = board();
    let ledger = task(&mut service, "Ledger", |new| (new.estimate, new.points) = (Some(60), Some(3.0)));
    let (mut draft, ground) = planned(&service, "Add wish lists");
    draft.pick(ledger, true);
    let own = draft.pieces.iter().find(|piece| piece.is_task()).unwrap().task_id;
    for id in [ledger, own] {
        draft.resize(id, Some(2400), None);
        let outlook = Outlook::of(&draft, &ground, AT_ONCE);
        let job = outlook.job(id).unwrap();
        assert_eq!((job.minutes, job.points, job.size(&ground.rule)), (Some(2400), None, 20.0));
    }
    draft.resize(ledger, None, Some(5.0));
    let outlook = Outlook::of(&draft, &ground, AT_ONCE);
    assert_eq!(outlook.job(ledger).unwrap().work_minutes(&ground.rule), 600);
    planning::commit(&mut service, &owner(), &draft, &outlook, true).unwrap();
    let metadata = service.read().task(ledger).unwrap().unwrap().metadata;
    assert_eq!((metadata.estimated_duration, metadata.story_points), (None, Some(5.0)));
}

#[test]
fn the_next_sprint_begins_after_the_running_one_and_leaves_it_its_time() {
    let mut service = board();
    let (draft, ground) = planned(&service, "Add wish lists");
    let outlook = Outlook::of(&draft, &ground, THOROUGH);
    let (taken, ends_at) = (outlook.schedule.load(), draft.ends_at);
    planning::commit(&mut service, &owner(), &draft, &outlook, true).unwrap();
    let ground = planning::ground(&service).unwrap();
    let mut next = Draft::next(&ground, &mut CountedIds::seeded(5));
    // It ended with a Sunday.
    assert_eq!((next.starts_at, next.starts_at.to_string()), (ends_at, "2025-06-16 00:00:00 UTC".to_owned()));
    assert_eq!(next.ends_at - next.starts_at, chrono::Duration::days(14));
    (next.starts_at, next.ends_at) = (draft.starts_at, draft.ends_at);
    let over = Outlook::of(&next, &ground, AT_ONCE);
    for share in &over.capacity.agents {
        let before = outlook.capacity.agents.iter().find(|one| one.agent_id == share.agent_id).unwrap();
        assert_eq!(before.minutes - share.minutes, taken.get(&share.agent_id).copied().unwrap_or(0), "{}", share.name);
    }
}

#[test]
fn hours_set_by_hand_bound_what_is_scheduled() {
    let mut service = board();
    let hours = |new: &mut NewTask| new.estimate = Some(60);
    let ids: Vec<TaskId> = (0..30).map(|n| task(&mut service, &format!("T{n}"), hours)).collect();
    let (mut draft, ground) = planned(&service, "");
    for id in ids {
        draft.pick(id, true);
    }
    let of = |name: &str| ground.agents().into_iter().find(|agent| agent.name == name).unwrap().agent_id;
    let hours = |name, minutes| (of(name), Allotment::of_work(minutes));
    draft.by_hand.extend([hours("cto", 0), hours("qa", 150)]);
    let outlook = Outlook::of(&draft, &ground, THOROUGH);
    let load = outlook.schedule.load();
    let minutes = ["cto", "backend", "qa"].map(|name| load.get(&of(name)).copied().unwrap_or(0));
    assert_eq!(minutes, [0, 28 * 60, 120]);
    draft.by_hand.extend(["cto", "backend", "qa"].map(|name| hours(name, 0)));
    let nobody = Outlook::of(&draft, &ground, THOROUGH).schedule;
    assert_eq!((nobody.slots.len(), nobody.left_out.len()), (0, 30));
}

#[test]
fn a_task_is_planned_from_its_first_day_on_and_a_deadline_that_breaks_is_named() {
    let mut service = board();
    let day = |day| Utc.with_ymd_and_hms(2025, 6, day, 0, 0, 0).single().unwrap();
    let later = task(&mut service, "Later", |new| {
        (new.estimate, new.not_before, new.deadline) = (Some(60), Some(day(5)), Some(day(6)));
    });
    let late = task(&mut service, "Late", |new| {
        (new.estimate, new.not_before, new.deadline) = (Some(600), Some(day(10)), Some(day(11)));
    });
    let after_the_end = task(&mut service, "Next sprint", |new| new.not_before = Some(day(20)));
    let (mut draft, ground) = planned(&service, "");
    let added = fill(&mut draft, &ground, 1000.0);
    assert!(!added.contains(&after_the_end), "it could not begin");
    let outlook = Outlook::of(&draft, &ground, THOROUGH);
    let slot = |id| outlook.schedule.slots.iter().find(|slot| slot.task_id == id).unwrap();
    assert!(slot(later).work.starts_at >= day(5) && slot(later).done_at() <= day(6), "{:?}", slot(later));
    assert!(slot(late).work.starts_at >= day(10), "{:?}", slot(late));
    let texts = texts(&outlook);
    assert!(texts.contains("#2 would end after its deadline (Wed 11 Jun 00:00 UTC)"), "{texts}");
    assert!(!texts.contains("#1 would"), "{texts}");
    draft.pick(after_the_end, true);
    let outlook = Outlook::of(&draft, &ground, THOROUGH);
    let left_out = &outlook.schedule.left_out[0];
    assert_eq!((left_out.task_id, left_out.why.as_str()), (after_the_end, "it may not begin before the end"));
}

#[test]
fn what_is_urgent_comes_first_although_its_deadline_is_far() {
    let mut service = board();
    let day = |n: u32| Utc.with_ymd_and_hms(2025, 6, n, 0, 0, 0).single().unwrap();
    let (mut draft, _) = planned(&service, "");
    for n in 0..6 {
        let idle = task(&mut service, &format!("Tidy up {n}"), |new| new.estimate = Some(180));
        draft.pick(idle, true);
    }
    let leak = task(&mut service, "Stop the leak", |new| {
        (new.estimate, new.deadline, new.priority) = (Some(60), Some(day(10)), Some(Priority::Critical));
    });
    draft.pick(leak, true);
    let ground = planning::ground(&service).unwrap();
    let qa = ground.team.iter().find(|member| member.agent.name == "qa").unwrap().agent.agent_id;
    draft.only(&ground, &BTreeSet::from([qa]));
    let schedule = Outlook::of(&draft, &ground, THOROUGH).schedule;
    assert_eq!((schedule.slots.len(), schedule.slots[0].task_id), (7, leak));
}

#[test]
fn a_plan_that_is_full_is_not_filled_and_more_than_was_ever_done_is_said() {
    let mut service = board();
    // Nobody can do the first one, so that it takes no time; it is promised all the same.
    let wanted = task(&mut service, "Translate", |new| {
        (new.points, new.requirements.capabilities) = (Some(5.0), parse_skills("klingon:5").unwrap());
    });
    for n in 0..4 {
        task(&mut service, &format!("Small {n}"), |new| new.points = Some(2.0));
    }
    let (mut draft, mut ground) = planned(&service, "");
    draft.pick(wanted, true);
    assert_eq!(fill(&mut draft.clone(), &ground, 5.0).len(), 0);
    assert_eq!(fill(&mut draft, &ground, 9.5).len(), 2);
    ground.done = vec![7.0, 8.0, 6.0];
    let said = texts(&Outlook::of(&draft, &ground, AT_ONCE));
    assert!(said.contains("9p are committed to: the last 3 sprints did 8p at most"), "{said}");
    ground.done = vec![7.0, 9.0, 6.0];
    assert!(!texts(&Outlook::of(&draft, &ground, AT_ONCE)).contains("the last 3 sprints"));
}

#[test]
fn dates_of_another_millennium_and_sizes_of_centuries_do_no_harm() {
    let mut service = board();
    let far = Utc.with_ymd_and_hms(9999, 12, 31, 0, 0, 0).single().unwrap();
    let someday = task(&mut service, "Someday", |new| (new.estimate, new.deadline) = (Some(60), Some(far)));
    let (mut draft, ground) = planned(&service, "");
    draft.pick(someday, true);
    assert!(Outlook::of(&draft, &ground, AT_ONCE).schedule.slot(someday).is_some());
    draft.ends_at = far;
    assert!(Outlook::of(&draft, &ground, AT_ONCE).schedule.slot(someday).is_some());
    draft.resize(someday, Some(u32::MAX), None);
    let schedule = Outlook::of(&draft, &ground, AT_ONCE).schedule;
    assert_eq!((schedule.slots.len(), schedule.left_out.len()), (0, 1));
}

#[test]
fn talk_moves_nothing_that_a_plan_stands_on() {
    let mut service = board();
    let task_id = task(&mut service, "T", |_| {});
    let before = service.read().head().unwrap();
    let comment = Command::Comment { task_id, text: "hm".into(), author: None, at: None };
    service.submit(&owner(), comment).unwrap();
    assert!(!planning::has_moved(&service, before).unwrap());
    task(&mut service, "U", |_| {});
    assert!(planning::has_moved(&service, before).unwrap());
    let before = service.read().head().unwrap();
    for _ in 0..3 {
        let policy = service.read().policy().unwrap();
        let policy = vayu::domain::Policy { project: format!("{}x", policy.project), ..policy };
        service.submit(&owner(), Command::Configure(Box::new(policy))).unwrap();
        assert!(planning::has_moved(&service, before).unwrap());
    }
}

#[test]
fn work_in_hand_counts_by_its_points() {
    let mut service = board();
    task(&mut service, "Eight hours", |new| (new.points, new.backlog) = (Some(4.0), false));
    let agent_id = service.read().agent_named("qa").unwrap().unwrap().agent_id;
    let claim = Command::ClaimTask { agent_id, task_id: None, lease_seconds: None };
    service.submit(&Actor::agent("qa"), claim).unwrap();
    let (draft, ground) = planned(&service, "");
    let shares = Outlook::of(&draft, &ground, THOROUGH).capacity.agents;
    assert_eq!(shares.iter().find(|share| share.name == "qa").unwrap().held_minutes, 8 * 60);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever somebody types, there is a breakdown whose edges lead backwards only.
    #[test]
    fn any_text_gives_a_breakdown(text in "(\\PC|[ ,.\\n\u{1b}-]|and |fix |add |urgent: |the api ){0,60}") {
        let library = Library::built_in();
        for (number, objective) in objectives(&text).iter().enumerate() {
            let pieces = break_down(objective, number, &library, &[], &mut CountedIds::seeded(3));
            let mut seen = BTreeSet::new();
            for piece in &pieces {
                prop_assert!(!piece.title.trim().is_empty());
                prop_assert!(piece.after.iter().chain(piece.parent_id.iter()).all(|id| seen.contains(id)));
                seen.insert(piece.task_id);
            }
            prop_assert!(pieces.iter().any(vayu::plan::breakdown::Piece::is_task));
        }
    }

    /// A filled plan never exceeds its limit, whatever is on offer.
    #[test]
    fn a_filled_plan_fits(sizes in prop::collection::vec((0u8..4, 1u32..20), 0..12), limit in 0u32..60) {
        let mut service = board();
        for (rank, points) in &sizes {
            let priority = Priority::from_rank(*rank);
            task(&mut service, "T", |new| (new.priority, new.points) = (Some(priority), Some(f64::from(*points))));
        }
        let (mut draft, ground) = planned(&service, "");
        fill(&mut draft, &ground, f64::from(limit));
        let outlook = Outlook::of(&draft, &ground, AT_ONCE);
        prop_assert!(outlook.points <= f64::from(limit) + 1e-9);
        let least = outlook.jobs.iter().filter(|job| !job.picked).map(|job| job.size(&ground.rule)).fold(f64::MAX, f64::min);
        prop_assert!(outlook.points + least > f64::from(limit), "another one would have fitted");
        let shares: u32 = outlook.capacity.agents.iter().map(|share| share.free_minutes).sum();
        prop_assert_eq!(outlook.capacity.minutes, shares);
    }
}

/// Runs the program on a board in this folder, with this text as standard input.
fn vayu(folder: &Path, args: &[&str], input: &str) -> Output {
    vayu_with(folder, args, input, &[])
}

/// The same with further environment variables.
fn vayu_with(folder: &Path, args: &[&str], input: &str, vars: &[(&str, &str)]) -> Output {
    let mut child = Process::new(env!("CARGO_BIN_EXE_vayu"))
        .args(args)
        .current_dir(folder)
        .env_remove("VAYU_BOARD")
        .env_remove("VAYU_AS")
        .env_remove("VAYU_MODEL")
        .envs(vars.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read; then there is nobody to write to.
    let _unread = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|why| panic!("{why}: {output:?}"))
}

#[test]
fn the_command_line_plans_starts_and_takes_back() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(vayu(at, &["init"], "").status.success());
    for (name, skills) in [("cto", "architecture:4"), ("builder", "backend:4,api:3"), ("qa", "testing:4")] {
        assert!(vayu(at, &["agent", "add", name, "--skills", skills], "").status.success());
    }
    assert!(vayu(at, &["task", "create", "--backlog", "--points", "2", "Rotate the logs"], "").status.success());

    let tried = vayu(at, &["sprint", "plan", "--objectives", "-", "--dry-run", "--json"], THREE);
    assert!(json(&tried)["sprint"].is_null());
    assert_eq!(json(&vayu(at, &["sprint", "list", "--json"], "")).as_array().unwrap().len(), 0);

    let args = ["sprint", "plan", "--objectives", "-", "--task", "1", "--goal", "Sign in", "--start-now", "--json"];
    let planned = json(&vayu(at, &args, THREE));
    assert_eq!(planned["sprint"]["state"], "active");
    assert_eq!(planned["aims"].as_array().unwrap().len(), 3);
    assert!(planned["jobs"].as_array().unwrap().iter().filter(|job| job["picked"] == true).count() >= 10);
    assert!(planned["schedule"]["slots"][0]["why"].is_string());
    assert!(planned["capacity"]["minutes"].as_u64().unwrap() > 0);

    let again = vayu(at, &["sprint", "plan", "--objective", "Add search", "--start-now"], "");
    assert_eq!(again.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&again.stderr).contains("Sprint 1 still runs"));

    assert!(vayu(at, &["undo"], "").status.success());
    assert_eq!(json(&vayu(at, &["sprint", "list", "--json"], "")).as_array().unwrap().len(), 0);
    assert_eq!(json(&vayu(at, &["task", "list", "--json"], "")).as_array().unwrap().len(), 1);
}

#[test]
fn each_task_of_a_playbook_is_one_for_its_role() {
    let roles = Roles::built_in();
    for book in Library::built_in().books() {
        for play in &book.plays {
            let role = play.role.as_deref().and_then(|name| roles.get(name));
            let role = role.unwrap_or_else(|| panic!("{}: {}: no such role", book.name, play.key));
            let has = |skill: &str, level: u8| role.skills().get(skill).is_some_and(|have| *have >= level);
            let lacks = play.skills.iter().find(|(skill, level)| !has(skill, **level));
            assert!(lacks.is_none(), "{}: {}: {} lacks {lacks:?}", book.name, play.key, role.name);
        }
    }
}

#[test]
fn a_mistake_in_a_users_playbook_is_named_by_file_line_and_key() {
    let folder = tempfile::tempdir().unwrap();
    assert!(vayu(folder.path(), &["init"], "").status.success());
    let books = folder.path().join(".vayu/playbooks");
    std::fs::create_dir(&books).unwrap();
    std::fs::write(books.join("tea.toml"), "title = \"Tea\"\nmatch = 7\n").unwrap();
    let refused = vayu(folder.path(), &["sprint", "plan", "--objective", "Make tea"], "");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("tea.toml:2: match: "), "{refused:?}");
}

#[test]
fn a_part_of_the_team_is_planned_with_in_its_days_and_what_is_done_if_there_is_time_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let ok = |args: &[&str]| {
        let output = vayu(at, args, "");
        assert!(output.status.success(), "{args:?}: {output:?}");
        output
    };
    ok(&["init"]);
    ok(&["config", "set", "holidays=2031-06-09"]);
    let hours = "mon-fri 09:00-17:00";
    ok(&["agent", "add", "mira", "--kind", "human", "--availability", hours, "--reviews", "50"]);
    ok(&["agent", "add", "bot", "--availability", hours, "--away", "2031-06-03..2031-06-04"]);
    ok(&["agent", "add", "spare", "--availability", hours]);
    ok(&["task", "create", "Ledger", "--points", "3", "--backlog"]);
    ok(&["task", "create", "Digest", "--points", "2", "--backlog"]);
    let dates = ["sprint", "plan", "--start", "2031-06-02", "--end", "2031-06-13", "--dry-run", "--json"];
    let plan = json(&ok(&[&dates[..], &["--task", "1", "--stretch", "2", "--team", "mira,bot"]].concat()));
    let minutes = |name: &str, what: &str| {
        let agents = plan["capacity"]["agents"].as_array().unwrap();
        agents.iter().find(|agent| agent["name"] == name).unwrap()[what].as_u64().unwrap() / 60
    };
    // Nine days of eight hours for her; eight for the program, which knows no holidays.
    assert_eq!(
        (minutes("mira", "review_minutes"), minutes("bot", "minutes"), minutes("spare", "minutes")),
        (36, 64, 0)
    );
    assert_eq!((plan["points"].as_f64(), plan["stretch_points"].as_f64()), (Some(3.0), Some(2.0)));
    assert!(plan["capacity"]["table"].as_array().unwrap().iter().any(|row| row["stage"] == "answers"));
    let refused = vayu(at, &["agent", "edit", "mira", "--reviews", "90", "--answers", "20"], "");
    assert!(!refused.status.success());
    let none = vayu(at, &["sprint", "plan", "--resume", "--dry-run"], "");
    assert_eq!(none.status.code(), Some(2), "{none:?}");
}
