//! What becomes of a sprint's plan when something happens to it.

use chrono::Duration;
use vayu::domain::agent::parse_windows;
use vayu::domain::command::{AgentField, Report, TaskField};
use vayu::domain::days::parse_days;
use vayu::domain::sprint::{Allotment, Alternative, Layout, Stage};
use vayu::domain::task::{BlockerKind, Dependency};
use vayu::domain::{
    Actor, Agent, AgentId, AgentKind, Command, Escalation, Fence, Level, Priority, Proposal, SprintId, TaskId,
};
use vayu::orchestrator::Depth;
use vayu::plan::course::{Advice, Ahead};
use vayu::service::course::{advise, ahead, course, look_and_advise};
use vayu::service::planning::ground;

use crate::common::{Scene, asking_for, critical, po};
use crate::following::plan;

/// Three agents, two tasks of an hour each for two of them, the third has nothing.
fn running() -> (Scene, [Agent; 3], [TaskId; 4], SprintId) {
    let mut scene = Scene::new();
    let team = ["a1", "a2", "a3"].map(|name| scene.agent(name, ""));
    let hour = |scene: &mut Scene, title: &str| scene.task_with(title, |new| new.estimate = Some(60));
    let tasks = ["one", "two", "three", "four"].map(|title| hour(&mut scene, title));
    let sprint =
        plan(&mut scene, &[(tasks[0], &team[0]), (tasks[1], &team[1]), (tasks[2], &team[0]), (tasks[3], &team[1])]);
    (scene, team, tasks, sprint)
}

/// The second agent drops something that is in no sprint and falls silent, the others are heard of.
fn lose(scene: &mut Scene, team: &[Agent; 3]) {
    let other = scene.task("other");
    scene.begin_this(&team[1], other);
    scene.pass(120);
    for agent in [&team[0], &team[2]] {
        scene.greet(agent);
    }
    scene.tick(Depth::Pulse);
    scene.submit(&po(), Command::CancelTask { task_id: other, reason: None });
}

/// Somebody does a task and hands it in.
fn hand_in(scene: &mut Scene, agent: &Agent, task: TaskId) {
    let claimed = scene.begin_this(agent, task);
    let (fence, report) = (Fence::Token(claimed.token), Report::default());
    scene.submit(&Actor::agent(&agent.name), Command::SubmitTask { task_id: task, fence, report });
}

#[test]
fn who_hands_in_and_falls_silent_is_counted_on_until_the_next_task_is_late() {
    let mut scene = Scene::new();
    let ada = scene.agent_of_kind("ada", "", AgentKind::Ai);
    let tasks = ["one", "two"].map(|title| scene.task_with(title, |new| new.estimate = Some(60)));
    let sprint = plan(&mut scene, &[(tasks[0], &ada), (tasks[1], &ada)]);
    hand_in(&mut scene, &ada, tasks[0]);
    scene.pass(300);
    scene.settle();
    assert_eq!((proposal(&scene, sprint), seen(&scene, sprint).cause.as_str()), (None, ""));
    scene.pass(90 * 60);
    scene.settle();
    let ahead = seen(&scene, sprint);
    assert!(ahead.cause.starts_with("ada is not there for #2"), "{}", ahead.cause);
    assert_eq!((ahead.carried_ends_at, ahead.options.len()), (None, 0), "nobody else could do it");
}

#[test]
fn who_drops_their_work_is_lost_until_they_are_heard_of() {
    let (mut scene, team, tasks, sprint) = running();
    scene.begin_this(&team[1], tasks[1]);
    scene.pass(100);
    scene.greet(&team[0]);
    scene.greet(&team[2]);
    assert!(seen(&scene, sprint).cause.contains("a2 is not there for"), "its lease is over");
    scene.tick(Depth::Pulse);
    assert!(seen(&scene, sprint).cause.contains("a2 is not there for"), "its attempt is lost");
    scene.greet(&team[1]);
    scene.sleep(100);
    assert_eq!(seen(&scene, sprint).cause, "", "a sign of life since");
}

fn proposal(scene: &Scene, sprint: SprintId) -> Option<Proposal> {
    scene.service.read().proposal(sprint).expect("readable")
}

fn question(scene: &Scene) -> Option<Escalation> {
    scene.asks().into_iter().find(|ask| ask.topic == "plan")
}

fn worker(scene: &Scene, sprint: SprintId, task: TaskId) -> Option<String> {
    let plan = scene.service.read().plan(sprint).expect("readable").expect("a plan");
    let agent = plan.layout.slots_of(task, Stage::Work).next()?.agent_id?;
    scene.service.read().agent_named(&agent.to_string()).expect("readable").map(|agent| agent.name)
}

fn answer(scene: &mut Scene, choice: usize) {
    let escalation_id = question(scene).expect("a question").escalation_id;
    scene.submit(&po(), Command::AnswerEscalation { escalation_id, choice: Some(choice), words: None });
}

#[test]
fn a_plan_that_holds_raises_no_question() {
    let (mut scene, _, _, sprint) = running();
    scene.settle();
    assert_eq!((proposal(&scene, sprint), question(&scene)), (None, None));
}

#[test]
fn when_an_agent_is_lost_others_are_proposed_for_its_tasks_and_the_answer_makes_it_so() {
    let (mut scene, team, tasks, sprint) = running();
    lose(&mut scene, &team);
    scene.settle();
    let open = proposal(&scene, sprint).expect("a proposal");
    assert_eq!(open.cause, "a2 is not there for #2, #4");
    let moved: Vec<TaskId> =
        open.options[0].moves.iter().filter(|step| step.agent_from != step.agent_to).map(|step| step.task_id).collect();
    assert_eq!(moved, [tasks[1], tasks[3]], "nobody else's work changes hands");
    assert_eq!(worker(&scene, sprint, tasks[1]), Some("a2".into()), "nothing is changed before somebody said so");

    answer(&mut scene, 0);
    scene.settle();
    assert_eq!((proposal(&scene, sprint), question(&scene)), (None, None));
    for task in [tasks[1], tasks[3]] {
        assert_ne!(worker(&scene, sprint, task), Some("a2".into()));
    }
    assert_eq!(worker(&scene, sprint, tasks[0]), Some("a1".into()));
}

#[test]
fn when_the_agent_is_back_the_proposal_and_its_question_are_taken_back() {
    let (mut scene, team, tasks, sprint) = running();
    lose(&mut scene, &team);
    scene.settle();
    assert!(proposal(&scene, sprint).is_some());
    scene.greet(&team[1]);
    scene.settle();
    assert_eq!((proposal(&scene, sprint), question(&scene)), (None, None));
    assert_eq!(worker(&scene, sprint, tasks[1]), Some("a2".into()));
}

#[test]
fn a_proposal_that_changes_between_the_look_and_the_deed_is_read_again() {
    let (mut scene, team, _, sprint) = running();
    lose(&mut scene, &team);
    scene.settle();
    let first = proposal(&scene, sprint).expect("a proposal").proposal_id;
    let mut other = scene.service.another().expect("a handle");
    let sprints = scene.service.read().sprints().expect("readable");
    let mut looks = 0;
    let mut judge = |seen: &mut Ahead| {
        looks += 1;
        if looks == 1 {
            // Somebody else is quicker.
            let theirs = Ahead { advice: Advice::Replace, ..seen.clone() };
            advise(&mut other, &po(), &sprints[0], &theirs).expect("accepted");
            seen.advice = Advice::Replace;
        }
    };
    let (seen, done) = look_and_advise(&mut scene.service, &po(), &sprints[0], &mut judge).expect("looked again");
    let second = proposal(&scene, sprint).expect("a proposal").proposal_id;
    assert_eq!((looks, seen.open, done.is_none()), (2, Some(second), true));
    assert_ne!(first, second);
}

#[test]
fn who_leaves_the_plan_as_it_is_is_not_asked_again_at_once() {
    let (mut scene, team, tasks, sprint) = running();
    lose(&mut scene, &team);
    scene.settle();
    let last = proposal(&scene, sprint).expect("a proposal").options.len();
    answer(&mut scene, last);
    scene.settle();
    assert_eq!((proposal(&scene, sprint), question(&scene)), (None, None));
    assert_eq!(worker(&scene, sprint, tasks[1]), Some("a2".into()));
}

/// Time goes by, and those who are there are heard of.
fn pass(scene: &mut Scene, minutes: i64, there: &[&Agent]) {
    for minute in 1..=minutes {
        scene.sleep(60);
        for agent in there {
            scene.greet(agent);
        }
        if minute % 15 == 0 {
            scene.settle();
        }
    }
}

fn questions(scene: &Scene) -> usize {
    scene.service.read().questions(None).expect("readable").into_iter().filter(|ask| ask.topic == "plan").count()
}

fn seen(scene: &Scene, sprint: SprintId) -> Ahead {
    let sprints = scene.service.read().sprints().expect("readable");
    let sprint = sprints.iter().find(|one| one.sprint_id == sprint).expect("there");
    ahead(&scene.service, sprint).expect("it can be planned")
}

fn drain(scene: &mut Scene, agent: &Agent) {
    let changes = vec![AgentField::Draining(true)];
    scene.submit(&po(), Command::EditAgent { agent_id: agent.agent_id, changes });
}

#[test]
fn a_question_stands_while_nobody_decides() {
    let (mut scene, team, _, sprint) = running();
    lose(&mut scene, &team);
    scene.settle();
    let first = proposal(&scene, sprint).expect("a proposal");
    let begins = first.options[0].moves.iter().filter_map(|step| step.starts_to).min().expect("a move");
    pass(&mut scene, 90, &[&team[0], &team[2]]);
    assert!(begins < scene.service.now().wall, "what was proposed to begin should have begun");
    assert_eq!(proposal(&scene, sprint), Some(first));
    assert_eq!(questions(&scene), 1);
}

#[test]
fn a_proposal_for_somebody_who_has_left_meanwhile_gives_way_in_one_change() {
    let (mut scene, team, tasks, sprint) = running();
    lose(&mut scene, &team);
    scene.settle();
    let first = proposal(&scene, sprint).expect("a proposal");
    let to = |open: &Proposal| open.options[0].moves.iter().filter_map(|step| step.agent_to).collect::<Vec<_>>();
    assert!(to(&first).contains(&team[2].agent_id), "{first:?}");
    drain(&mut scene, &team[2]);
    let before = scene.service.read().head().expect("readable");
    assert_eq!(scene.tick(Depth::Worries).len(), 1, "all of it or nothing");
    let second = proposal(&scene, sprint).expect("another one");
    assert_ne!(second.proposal_id, first.proposal_id);
    assert!(!to(&second).contains(&team[2].agent_id), "{second:?}");
    assert_eq!(question(&scene).map(|ask| ask.escalation_id), second.question);
    assert_eq!(scene.service.read().head().expect("readable").0, before.0 + 1);
    assert_eq!(worker(&scene, sprint, tasks[1]), Some("a2".into()));
}

#[test]
fn what_has_begun_stays_with_whoever_takes_nothing_new() {
    let (mut scene, team, tasks, sprint) = running();
    scene.sleep(3_600);
    for agent in &team {
        scene.greet(agent);
    }
    let claimed = scene.begin(&team[1]);
    assert_eq!(claimed.task_id, tasks[1]);
    drain(&mut scene, &team[1]);
    scene.settle();
    let open = proposal(&scene, sprint).expect("the fourth has nobody");
    assert!(open.cause.starts_with("a2 takes nothing new, so not #4"), "{}", open.cause);
    let moved = open.options[0].moves.iter().filter(|step| step.agent_from != step.agent_to);
    assert_eq!(moved.map(|step| step.task_id).collect::<Vec<_>>(), [tasks[3]]);
    for _ in 0..5 {
        scene.settle();
    }
    assert_eq!(questions(&scene), 1);
}

#[test]
fn what_a_person_has_proposed_is_theirs_to_drop() {
    let (mut scene, team, _, sprint) = running();
    let options = vec![Alternative { label: "as it is".into(), ..Alternative::default() }];
    let command = Command::ProposePlan { sprint_id: sprint, cause: "a whim".into(), options, question: None };
    scene.submit(&po(), command);
    scene.settle();
    pass(&mut scene, 15, &[&team[0], &team[1], &team[2]]);
    assert_eq!(proposal(&scene, sprint).map(|open| open.cause), Some("a whim".into()));
}

#[test]
fn what_comes_into_the_sprint_gets_a_place_without_moving_the_rest() {
    let (mut scene, team, _, sprint) = running();
    let late = scene.task_with("late", |new| {
        new.estimate = Some(60);
        new.sprint_id = Some(sprint);
    });
    scene.settle();
    let open = proposal(&scene, sprint).expect("a proposal");
    assert_eq!(open.cause, "#5 came in and has no place yet");
    let [step] = open.options[0].moves.as_slice() else { panic!("{:?}", open.options[0].moves) };
    assert_eq!((step.task_id, step.starts_from), (late, None));
    answer(&mut scene, 0);
    scene.settle();
    assert_eq!(worker(&scene, sprint, late), Some(team[2].name.clone()), "who has nothing to do");
    assert_eq!((proposal(&scene, sprint), question(&scene)), (None, None));
}

#[test]
fn a_person_who_joins_leaves_the_work_where_it_is() {
    let (mut scene, _, tasks, sprint) = running();
    scene.agent_of_kind("mira", "", AgentKind::Human);
    let changes = vec![TaskField::Priority(Priority::Critical)];
    scene.submit(&po(), Command::EditTask { task_id: tasks[2], changes, expected_rev: None });
    let ahead = seen(&scene, sprint);
    assert_eq!((ahead.hit, ahead.cause.as_str(), ahead.options.len()), (Vec::new(), "", 0));
}

#[test]
fn nobody_who_takes_nothing_new_gets_reviews() {
    let mut scene = Scene::new();
    let bot = scene.agent("bot", "");
    let people = ["mira", "noah"].map(|name| scene.agent_of_kind(name, "", AgentKind::Human));
    let task = scene.task_with("task", critical);
    let sprint = plan(&mut scene, &[(task, &bot)]);
    let layout = Box::new(Layout::default());
    scene.submit(&po(), Command::SetPlan { sprint_id: sprint, layout });
    drain(&mut scene, &people[0]);
    let reviewers = |scene: &Scene| -> Vec<AgentId> {
        let best = seen(scene, sprint).options.remove(0).layout;
        best.slots_of(task, Stage::Review).filter_map(|slot| slot.agent_id).collect()
    };
    assert_eq!(reviewers(&scene), [people[1].agent_id]);
}

#[test]
fn agents_may_have_any_names() {
    let mut scene = Scene::new();
    let bot = scene.agent("ana review", "");
    scene.agent_of_kind("ana", "", AgentKind::Human);
    let task = scene.task_with("task", critical);
    let sprint = plan(&mut scene, &[(task, &bot)]);
    assert_eq!(seen(&scene, sprint).hit, []);
}

#[test]
fn a_sprint_that_is_overrun_is_said_with_the_tasks_that_overrun_it() {
    let (mut scene, team, tasks, sprint) = running();
    let changes = vec![TaskField::Estimate(Some(7 * 24 * 60))];
    scene.submit(&po(), Command::EditTask { task_id: tasks[0], changes, expected_rev: None });
    scene.settle();
    let open = proposal(&scene, sprint).expect("a proposal");
    assert!(open.cause.contains("#1 would end after the sprint"), "{}", open.cause);
    let last = open.options.len();
    answer(&mut scene, last);
    scene.settle();
    assert_eq!(question(&scene), None, "the same is not asked again at once");
    drain(&mut scene, &team[1]);
    scene.settle();
    let next = question(&scene).expect("something else has happened");
    assert!(next.question.contains("a2 takes nothing new"), "{}", next.question);
}

#[test]
fn what_was_given_back_counts_by_what_is_left_of_it() {
    let (mut scene, team, tasks, sprint) = running();
    let claimed = scene.begin(&team[0]);
    assert_eq!(claimed.task_id, tasks[0]);
    let (actor, fence) = (Actor::agent("a1"), Fence::Token(claimed.token));
    let artifacts = Vec::new();
    let done = Command::ReportProgress { task_id: tasks[0], fence, progress: Some(90), step: None, artifacts };
    scene.submit(&actor, done);
    scene.submit(&po(), Command::ReleaseTask { task_id: tasks[0], fence: Fence::Force, reason: None });
    let sprints = scene.service.read().sprints().expect("readable");
    let sprint = sprints.iter().find(|one| one.sprint_id == sprint).expect("there");
    let course = course(scene.service.read(), &scene.service.now(), sprint).expect("readable");
    let minutes: Vec<_> = course.items.iter().map(|(job, _)| job.minutes).collect();
    assert_eq!(minutes, [Some(6), Some(60), Some(60), Some(60)]);
}

#[test]
fn an_acceptance_keeps_what_stood_before_it() {
    let (mut scene, team, tasks, sprint) = running();
    let first = scene.service.read().plan(sprint).expect("readable").expect("a plan").layout;
    lose(&mut scene, &team);
    scene.settle();
    answer(&mut scene, 0);
    scene.settle();
    let changed = scene.service.read().plan(sprint).expect("readable").expect("a plan");
    assert_eq!(changed.before.as_deref(), Some(&first));
    assert_ne!(worker(&scene, sprint, tasks[1]), Some("a2".into()));
}

#[test]
fn with_no_event_the_plan_stays_as_it_is() {
    let (scene, _, _, sprint) = running();
    let ahead = seen(&scene, sprint);
    assert_eq!((ahead.hit.len(), ahead.cause.as_str()), (0, ""));
    assert!(ahead.options.iter().all(|option| option.moves.is_empty()), "{:?}", ahead.options);
}

/// What a person who asks gets proposed.
fn propose(scene: &mut Scene, sprint: SprintId) -> Proposal {
    let sprints = scene.service.read().sprints().expect("readable");
    let sprint = sprints.iter().find(|one| one.sprint_id == sprint).expect("there");
    let mut ahead = ahead(&scene.service, sprint).expect("it can be planned");
    if ahead.advice == Advice::Leave && ahead.open.is_none() {
        ahead.advice = Advice::Propose;
    }
    advise(&mut scene.service, &po(), sprint, &ahead).expect("accepted");
    proposal(scene, sprint.sprint_id).expect("a proposal")
}

fn accept(scene: &mut Scene, open: &Proposal) -> Result<vayu::service::Done, vayu::service::Error> {
    let (sprint_id, proposal_id) = (open.sprint_id, open.proposal_id);
    scene.service.submit(&po(), Command::AcceptPlan { sprint_id, proposal_id, option: 0 })
}

/// Three agents who are there, whose tasks are planned for tomorrow morning.
fn tomorrow() -> (Scene, [Agent; 3], [TaskId; 4], SprintId) {
    let (mut scene, team, tasks, sprint) = running();
    let mut layout = scene.service.read().plan(sprint).expect("readable").expect("a plan").layout;
    for (at, slot) in layout.slots.iter_mut().enumerate() {
        let nine = scene.service.now().wall + Duration::hours(21) + Duration::minutes(80 * (at as i64 / 2));
        (slot.starts_at, slot.ends_at) = (nine, nine + Duration::minutes(80));
    }
    scene.submit(&po(), Command::SetPlan { sprint_id: sprint, layout: Box::new(layout) });
    (scene, team, tasks, sprint)
}

fn edit(scene: &mut Scene, task_id: TaskId, change: TaskField) {
    scene.submit(&po(), Command::EditTask { task_id, changes: vec![change], expected_rev: None });
}

#[test]
fn work_is_never_planned_on_somebody_who_has_gone_away_since_it_was_proposed() {
    let (mut scene, team, _, sprint) = tomorrow();
    drain(&mut scene, &team[1]);
    let first = propose(&mut scene, sprint);
    let to = |open: &Proposal| open.options[0].moves.iter().filter_map(|step| step.agent_to).collect::<Vec<_>>();
    assert!(to(&first).contains(&team[2].agent_id), "{first:?}");
    let away = parse_days("2025-06-05..2025-06-20").expect("days");
    let changes = vec![AgentField::Away(away)];
    scene.submit(&po(), Command::EditAgent { agent_id: team[2].agent_id, changes });

    let refused = accept(&mut scene, &first).expect_err("refused").to_string();
    assert!(refused.contains("a3 is away when #"), "{refused}");
    assert_eq!(seen(&scene, sprint).advice, Advice::Replace);
    let second = propose(&mut scene, sprint);
    assert_ne!(second.proposal_id, first.proposal_id);
    assert!(!to(&second).contains(&team[2].agent_id), "{second:?}");
    accept(&mut scene, &second).expect("accepted");
}

#[test]
fn a_look_at_an_old_question_makes_it_a_new_one() {
    let (mut scene, team, _, sprint) = running();
    lose(&mut scene, &team);
    scene.settle();
    let first = question(&scene).expect("a question");
    scene.sleep(1_200);
    for agent in [&team[0], &team[2]] {
        scene.greet(agent);
    }
    let ahead = seen(&scene, sprint);
    assert_eq!((ahead.advice, ahead.is_old), (Advice::Leave, true));
    let sprints = scene.service.read().sprints().expect("readable");
    advise(&mut scene.service, &po(), &sprints[0], &Ahead { advice: Advice::Replace, ..ahead }).expect("accepted");
    let second = question(&scene).expect("still a question");
    assert_ne!(second.escalation_id, first.escalation_id);
    assert_eq!(proposal(&scene, sprint).expect("a proposal").question, Some(second.escalation_id));
}

#[test]
fn a_proposal_that_would_miss_a_new_deadline_gives_way() {
    let (mut scene, team, tasks, sprint) = tomorrow();
    drain(&mut scene, &team[1]);
    let first = propose(&mut scene, sprint);
    let slot = first.options[0].layout.slots_of(tasks[2], Stage::Work).next().expect("a place").clone();
    edit(&mut scene, tasks[2], TaskField::Deadline(Some(slot.ends_at - Duration::minutes(30))));
    assert!(accept(&mut scene, &first).expect_err("refused").to_string().contains("#3 would miss its deadline"));
    assert_eq!(seen(&scene, sprint).advice, Advice::Replace);
}

#[test]
fn a_deadline_that_the_plan_breaks_is_noticed_and_kept_where_it_can_be() {
    let (mut scene, _, tasks, sprint) = tomorrow();
    let deadline = scene.service.now().wall + Duration::hours(22) + Duration::minutes(30);
    edit(&mut scene, tasks[2], TaskField::Deadline(Some(deadline)));
    scene.settle();
    let open = proposal(&scene, sprint).expect("a proposal");
    assert!(open.cause.contains("#3 misses its deadline"), "{}", open.cause);
    let best = &open.options[0];
    let done = best.layout.slots_of(tasks[2], Stage::Work).map(|slot| slot.ends_at).max();
    assert!(best.misses.is_empty() && done <= Some(deadline), "{best:?}");
    assert!(best.price.late < 0, "{:?}", best.price);
}

#[test]
fn what_is_asked_about_a_deadline_is_what_the_planner_says() {
    let mut scene = Scene::new();
    let bot = scene.agent("bot", "rust:3");
    let tom = scene.agent_of_kind("tom", "design:3", AgentKind::Human);
    let hours = parse_windows("mon-wed 09:00-13:00").expect("hours");
    let changes = vec![AgentField::Availability(hours)];
    scene.submit(&po(), Command::EditAgent { agent_id: tom.agent_id, changes });
    let code = scene.task_with("code", |new| {
        new.estimate = Some(240);
        asking_for("rust:3")(new);
    });
    // Bot is done long before Monday; by Tom's hours alone both took until Tuesday.
    let noon = scene.service.now().wall + Duration::days(5);
    let draw = scene.task_with("draw", |new| {
        new.estimate = Some(60);
        new.deadline = Some(noon);
        new.blocked_by = vec![Dependency::sequential(code)];
        asking_for("design:3")(new);
    });
    let sprint = plan(&mut scene, &[(code, &bot), (draw, &tom)]);
    scene.submit(&po(), Command::SetPlan { sprint_id: sprint, layout: Box::new(Layout::default()) });
    let open = propose(&mut scene, sprint);
    accept(&mut scene, &open).expect("accepted");
    scene.settle();
    assert!(scene.asks().is_empty(), "{:?}", scene.asks());

    let done = seen(&scene, sprint).done[&draw];
    assert!(done.first < noon, "{done:?}");
    edit(&mut scene, draw, TaskField::Deadline(Some(done.first - Duration::minutes(30))));
    scene.settle();
    let asks = scene.asks();
    let ask = asks.iter().find(|ask| ask.topic == "deadline").expect("a question");
    let earliest = done.first.format("%a %-d %b %H:%M UTC at the earliest").to_string();
    assert!(ask.context.contains(&earliest), "{}", ask.context);
    let escalation_id = ask.escalation_id;
    scene.submit(&po(), Command::AnswerEscalation { escalation_id, choice: Some(0), words: None });
    scene.settle();
    let ahead = seen(&scene, sprint);
    assert!(!ahead.cause.contains("deadline"), "what was suggested is kept: {}", ahead.cause);
    assert!(scene.asks().iter().all(|ask| ask.topic != "deadline"));
}

#[test]
fn a_way_says_which_deadline_it_misses() {
    let (mut scene, _, tasks, sprint) = tomorrow();
    let too_early = scene.service.now().wall + Duration::minutes(30);
    edit(&mut scene, tasks[2], TaskField::Deadline(Some(too_early)));
    let open = propose(&mut scene, sprint);
    let missing = open.options.iter().find(|option| option.misses == [tasks[2]]).expect("a way that misses it");
    assert!(missing.label.ends_with("misses the deadline of #3"), "{}", missing.label);
}

#[test]
fn nobody_without_the_skill_gets_what_nobody_is_there_for() {
    let mut scene = Scene::new();
    let bot = scene.agent("bot", "testing:3");
    scene.agent_of_kind("human", "", AgentKind::Human);
    let task = scene.task_with("test it", asking_for("testing:3"));
    let sprint = plan(&mut scene, &[(task, &bot)]);
    drain(&mut scene, &bot);
    let ahead = seen(&scene, sprint);
    assert_eq!(ahead.cause, "bot takes nothing new, so not #1");
    assert!(ahead.options.iter().all(|way| way.layout.slots.is_empty()), "{:?}", ahead.options);
}

#[test]
fn no_way_is_only_worse_than_to_carry_on() {
    let (mut scene, team, tasks, sprint) = tomorrow();
    edit(&mut scene, tasks[0], TaskField::Estimate(Some(180)));
    drain(&mut scene, &team[2]);
    let ahead = seen(&scene, sprint);
    let carried = ahead.carried_ends_at.expect("it ends");
    for way in &ahead.options {
        let wins = way.layout.ends_at() < Some(carried) || way.price.lateness < 0 || way.price.late < 0;
        assert!(wins || way.moves.is_empty(), "{way:?}");
    }
}

fn depends(scene: &mut Scene, task_id: TaskId, on: TaskId) {
    scene.submit(&po(), Command::AddDependency { task_id, dependency: Dependency::sequential(on) });
}

#[test]
fn what_is_blocked_has_no_place_and_neither_has_what_waits_for_it() {
    let (mut scene, team, tasks, sprint) = tomorrow();
    depends(&mut scene, tasks[2], tasks[0]);
    let (fence, kind) = (Fence::None, BlockerKind::Input);
    let block = Command::BlockTask { task_id: tasks[0], fence, kind, reason: "contract not signed".into() };
    scene.submit(&po(), block);
    drain(&mut scene, &team[0]);
    let ahead = seen(&scene, sprint);
    assert_eq!(ahead.waits, ["#1 is blocked: contract not signed", "#3 waits for that"]);
    assert!(!ahead.cause.contains("a1"), "{}", ahead.cause);
    assert!(ahead.options.iter().all(|way| !way.layout.slots.iter().any(|slot| slot.task_id == tasks[2])));

    // As soon as it can go on, it has its place again, or gets another one.
    scene.submit(&po(), Command::UnblockTask { task_id: tasks[0] });
    let again = seen(&scene, sprint);
    assert!(again.waits.is_empty() && again.cause.contains("a1 takes nothing new, so not #1"), "{again:?}");
}

#[test]
fn what_waits_for_something_outside_of_the_sprint_is_named_with_it() {
    let (mut scene, _, tasks, sprint) = tomorrow();
    let outside = scene.task("outside");
    depends(&mut scene, tasks[1], outside);
    assert_eq!(seen(&scene, sprint).waits, ["#2 waits for #5, which is in no sprint"]);
}

#[test]
fn what_waits_for_a_whole_waits_for_its_parts_in_the_sprint() {
    let (mut scene, _, tasks, sprint) = tomorrow();
    let whole = scene.task_with("whole", |new| new.level = Some(Level::Deliverable));
    edit(&mut scene, tasks[3], TaskField::Parent(Some(whole)));
    depends(&mut scene, tasks[0], whole);
    let ahead = seen(&scene, sprint);
    assert!(ahead.waits.is_empty(), "{:?}", ahead.waits);
    let best = &ahead.options.first().expect("the first comes after the fourth").layout;
    let place = |task| best.slots_of(task, Stage::Work).next().expect("a place");
    assert!(place(tasks[0]).starts_at >= place(tasks[3]).ends_at, "{best:?}");
}

#[test]
fn hours_that_somebody_has_said_hold_in_the_running_sprint() {
    let (mut scene, team, tasks, sprint) = tomorrow();
    let mut layout = scene.service.read().plan(sprint).expect("readable").expect("a plan").layout;
    layout.allotted.insert(team[0].agent_id, Allotment::of_work(60));
    scene.submit(&po(), Command::SetPlan { sprint_id: sprint, layout: Box::new(layout) });
    let best = seen(&scene, sprint).options.remove(0).layout;
    let theirs = |layout: &Layout| layout.slots.iter().filter(|slot| slot.agent_id == Some(team[0].agent_id)).count();
    assert_eq!(theirs(&best), 1, "an hour is one task of an hour");
    assert!(best.slots_of(tasks[2], Stage::Work).next().is_some(), "the other one goes to others");

    assert_eq!(scene.begin(&team[0]).task_id, tasks[0]);
    scene.sleep(3_600);
    for agent in &team {
        scene.greet(agent);
    }
    let (fence, agent_id, report) = (Fence::Force, Some(team[0].agent_id), Report::default());
    scene.submit(&po(), Command::CompleteTask { task_id: tasks[0], fence, agent_id, report });
    let best = seen(&scene, sprint).options.remove(0).layout;
    let third = best.slots_of(tasks[2], Stage::Work).next().expect("a place");
    assert_ne!(third.agent_id, Some(team[0].agent_id), "that hour is worked");
}

#[test]
fn what_nobody_sized_is_as_large_in_the_running_sprint_as_it_was_in_its_plan() {
    let mut scene = Scene::new();
    let bot = scene.agent("bot", "");
    for n in 1..=20 {
        let task = scene.task(&format!("done {n}"));
        scene.begin(&bot);
        scene.sleep(200 * 60);
        let (fence, agent_id, report) = (Fence::Force, Some(bot.agent_id), Report::default());
        scene.submit(&po(), Command::CompleteTask { task_id: task, fence, agent_id, report });
    }
    let open = scene.task_with("open", |new| new.backlog = true);
    let offered = ground(&scene.service).expect("readable").offers.remove(0);
    assert!(offered.guess.is_some());
    let sprint = plan(&mut scene, &[(open, &bot)]);
    let sprints = scene.service.read().sprints().expect("readable");
    let sprint = sprints.iter().find(|one| one.sprint_id == sprint).expect("there");
    let course = course(scene.service.read(), &scene.service.now(), sprint).expect("readable");
    assert_eq!(course.items[0].0.guess, offered.guess);
}

#[test]
fn plans_begin_and_end_with_full_minutes() {
    let (mut scene, team, _, sprint) = running();
    scene.sleep(37);
    drain(&mut scene, &team[1]);
    let ahead = seen(&scene, sprint);
    let slots: Vec<_> = ahead.options.iter().flat_map(|way| &way.layout.slots).collect();
    assert!(!slots.is_empty() && slots.iter().all(|slot| slot.ends_at.timestamp() % 60 == 0), "{slots:?}");
}
