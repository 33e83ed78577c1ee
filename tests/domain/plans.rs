//! The plan of a sprint and proposals to change it, as facts.

use std::collections::BTreeMap;

use chrono::Duration;
use vayu::domain::command::{AgentField, NewEscalation, NewSprint, NewTask, TaskField};
use vayu::domain::sprint::{Alternative, Layout, LeftOut, Price, Slot, Stage};
use vayu::domain::{
    Actor, AgentId, Command, Escalation, EscalationKind, Permission, Proposal, Rejection, SprintId, SprintPlan, TaskId,
    Timestamp,
};
use vayu::service::Undo;

use super::rules::Fixture;

pub fn start() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

pub fn sprint(fixture: &mut Fixture, name: &str) -> SprintId {
    let new = NewSprint {
        sprint_id: None,
        name: Some(name.into()),
        goal: String::new(),
        starts_at: start(),
        ends_at: start() + Duration::days(10),
        objectives: Vec::new(),
        capacity_minutes: Some(600),
    };
    fixture.run(Command::CreateSprint(Box::new(new)));
    fixture.service.read().sprint_named(name).unwrap().unwrap().sprint_id
}

pub fn task_in(fixture: &mut Fixture, sprint: SprintId, title: &str) -> TaskId {
    fixture.create_with(NewTask { title: title.into(), sprint_id: Some(sprint), ..NewTask::default() })
}

pub fn slot(task_id: TaskId, agent: AgentId, hour: i64) -> Slot {
    let starts_at = start() + Duration::hours(hour);
    let ends_at = starts_at + Duration::hours(1);
    Slot { task_id, stage: Stage::Work, agent_id: Some(agent), starts_at, ends_at, minutes: 60 }
}

pub fn layout(slots: Vec<Slot>) -> Layout {
    let terms = BTreeMap::from([("finish".to_owned(), 60 * slots.len() as i64)]);
    Layout { slots, terms, ..Layout::default() }
}

pub fn set(sprint_id: SprintId, layout: Layout) -> Command {
    Command::SetPlan { sprint_id, layout: Box::new(layout) }
}

fn propose(sprint_id: SprintId, layouts: Vec<Layout>) -> Command {
    let option = |(n, layout)| Alternative {
        label: format!("way {n}"),
        layout,
        price: Price { lateness: 30, finish: -15, ..Price::default() },
        ..Alternative::default()
    };
    let options = layouts.into_iter().enumerate().map(option).collect();
    Command::ProposePlan { sprint_id, cause: "ada is ill".into(), options, question: None }
}

/// The same with a question to the human.
fn ask(sprint_id: SprintId, layouts: Vec<Layout>) -> Command {
    let Command::ProposePlan { cause, options, .. } = propose(sprint_id, layouts) else { unreachable!() };
    let new = NewEscalation {
        kind: EscalationKind::Decision,
        task_id: None,
        topic: "plan".into(),
        question: "ada is ill. Change the plan?".into(),
        context: String::new(),
        impact: String::new(),
        choices: Vec::new(),
        recommended: None,
        otherwise: String::new(),
    };
    Command::ProposePlan { sprint_id, cause, options, question: Some(Box::new(new)) }
}

fn open(fixture: &Fixture, sprint_id: SprintId) -> Proposal {
    fixture.service.read().proposal(sprint_id).unwrap().expect("an open proposal")
}

/// Takes an option of the open proposal.
fn accept(fixture: &Fixture, sprint_id: SprintId, option: usize) -> Command {
    Command::AcceptPlan { sprint_id, proposal_id: open(fixture, sprint_id).proposal_id, option }
}

fn questions(fixture: &Fixture) -> Vec<Escalation> {
    let rows = fixture.service.read().escalations(false, &fixture.service.now()).unwrap();
    rows.into_iter().map(|row| row.escalation).collect()
}

fn plan(fixture: &Fixture, id: SprintId) -> Option<SprintPlan> {
    fixture.service.read().plan(id).unwrap()
}

/// A sprint of two tasks, planned for ada.
fn planned() -> (Fixture, SprintId, [TaskId; 2]) {
    let mut fixture = Fixture::new();
    let id = sprint(&mut fixture, "one");
    let tasks = [task_in(&mut fixture, id, "first"), task_in(&mut fixture, id, "second")];
    let slots = vec![slot(tasks[0], fixture.ada, 0), slot(tasks[1], fixture.ada, 1)];
    fixture.run(set(id, layout(slots)));
    (fixture, id, tasks)
}

fn refusal(fixture: &mut Fixture, command: Command) -> String {
    let po = fixture.po.clone();
    fixture.refused(&po, command).to_string()
}

#[test]
fn a_plan_takes_the_place_of_the_one_before_and_names_it() {
    let (mut fixture, id, tasks) = planned();
    let first = plan(&fixture, id).unwrap();
    assert_eq!((first.from, first.made_by.name.as_str(), first.layout.value()), (None, "po", 120));
    fixture.run(set(id, layout(vec![slot(tasks[0], fixture.bob, 3)])));
    let second = plan(&fixture, id).unwrap();
    assert_eq!((second.from, second.layout.slots.len()), (Some(first.plan_id), 1));
    fixture.service.undo(&fixture.po.clone(), Undo::Own).unwrap();
    assert_eq!(plan(&fixture, id).unwrap().layout, first.layout);
    assert_eq!(plan(&fixture, id).unwrap().plan_id, first.plan_id);
    fixture.service.undo(&fixture.po.clone(), Undo::Own).unwrap();
    assert_eq!(plan(&fixture, id), None);
    fixture.service.redo(&fixture.po.clone(), false).unwrap();
    assert_eq!(plan(&fixture, id).unwrap().layout, first.layout);
    assert_eq!(fixture.service.audit(10).unwrap().differences, []);
}

#[test]
fn a_plan_names_only_tasks_of_its_sprint_and_agents_of_the_board() {
    let (mut fixture, id, tasks) = planned();
    let stranger = fixture.create("stranger", &[]);
    let (ada, nobody) = (fixture.ada, AgentId(uuid::Uuid::from_u128(99)));
    let why = refusal(&mut fixture, set(id, layout(vec![slot(stranger, ada, 0)])));
    assert!(why.contains("is not a task of one"), "{why}");
    let left = LeftOut { task_id: stranger, minutes: 5, reason: "capacity".into() };
    let why = refusal(&mut fixture, set(id, Layout { left_out: vec![left], ..Layout::default() }));
    assert!(why.contains("is not a task of one"), "{why}");
    let why = refusal(&mut fixture, set(id, Layout { stretch: vec![stranger], ..Layout::default() }));
    assert!(why.contains("is not a task of one"), "{why}");
    let why = refusal(&mut fixture, set(id, layout(vec![slot(tasks[0], nobody, 0)])));
    assert!(why.contains("no agent"), "{why}");
}

#[test]
fn a_plan_that_contradicts_itself_is_refused() {
    let (mut fixture, id, tasks) = planned();
    let ada = fixture.ada;
    let twice = vec![slot(tasks[0], ada, 0), slot(tasks[0], ada, 4)];
    assert!(refusal(&mut fixture, set(id, layout(twice))).contains("twice"));
    let back = Slot { ends_at: start() - Duration::hours(1), ..slot(tasks[0], ada, 0) };
    assert!(refusal(&mut fixture, set(id, layout(vec![back]))).contains("ends before"));
    let far = Slot { ends_at: chrono::DateTime::<chrono::Utc>::MAX_UTC, ..slot(tasks[0], ada, 0) };
    assert!(refusal(&mut fixture, set(id, layout(vec![far]))).contains("the year 262142"));
    let left = LeftOut { task_id: tasks[0], minutes: 5, reason: "capacity".into() };
    let both = Layout { left_out: vec![left], ..layout(vec![slot(tasks[0], ada, 0)]) };
    assert!(refusal(&mut fixture, set(id, both)).contains("left out"));
    let left = LeftOut { task_id: tasks[1], minutes: 5, reason: "x".repeat(5_000) };
    let long = Layout { left_out: vec![left], ..Layout::default() };
    assert!(refusal(&mut fixture, set(id, long)).contains("5000 bytes"));
}

#[test]
fn a_closed_sprint_keeps_its_plan() {
    let (mut fixture, id, tasks) = planned();
    let before = plan(&fixture, id);
    fixture.run(propose(id, vec![layout(vec![slot(tasks[0], fixture.bob, 0)])]));
    fixture.run(Command::CloseSprint { sprint_id: id, carry_to: None });
    assert_eq!(fixture.service.read().proposal(id).unwrap(), None);
    let ada = fixture.ada;
    let why = refusal(&mut fixture, set(id, layout(vec![slot(tasks[0], ada, 5)])));
    assert!(why.contains("one is closed"), "{why}");
    assert_eq!(plan(&fixture, id), before);
    // What came before the close cannot be taken back around it.
    let changes =
        fixture.service.read().activity(&vayu::store::view::ActivityFilter { limit: 9, ..Default::default() });
    let made = changes.unwrap().into_iter().find(|row| row.command == "set_plan").unwrap().change;
    let po = fixture.po.clone();
    assert!(fixture.service.undo(&po, Undo::Change(made)).unwrap_err().to_string().contains("is closed"));
    // The close itself can, and the proposal is there again.
    fixture.service.undo(&po, Undo::Own).unwrap();
    assert!(fixture.service.read().proposal(id).unwrap().is_some());
}

#[test]
fn a_proposal_tells_what_changes_and_only_one_is_open() {
    let (mut fixture, id, tasks) = planned();
    let (ada, bob) = (fixture.ada, fixture.bob);
    let one = layout(vec![slot(tasks[0], ada, 0), slot(tasks[1], bob, 2)]);
    let other = layout(vec![slot(tasks[0], ada, 0)]);
    fixture.run(propose(id, vec![one, other]));
    let proposal = fixture.service.read().proposal(id).unwrap().unwrap();
    assert_eq!((proposal.cause.as_str(), proposal.options.len()), ("ada is ill", 2));
    assert_eq!(proposal.from, plan(&fixture, id).map(|plan| plan.plan_id));
    let [moved] = proposal.options[0].moves.as_slice() else { panic!("{:?}", proposal.options[0].moves) };
    assert_eq!((moved.task_id, moved.agent_from, moved.agent_to), (tasks[1], Some(ada), Some(bob)));
    assert_eq!(moved.starts_to.zip(moved.starts_from).map(|(to, from)| to - from), Some(Duration::hours(1)));
    let [gone] = proposal.options[1].moves.as_slice() else { panic!("{:?}", proposal.options[1].moves) };
    assert_eq!((gone.task_id, gone.agent_to, gone.starts_to), (tasks[1], None, None));
    let again = propose(id, vec![Layout::default()]);
    assert!(refusal(&mut fixture, again).contains("has an open proposal"));
    assert!(refusal(&mut fixture, propose(id, Vec::new())).contains("1 to 5 options"));
}

#[test]
fn accepting_a_proposal_replaces_the_plan_and_is_taken_back_with_it() {
    let (mut fixture, id, tasks) = planned();
    let before = plan(&fixture, id).unwrap();
    let chosen = layout(vec![slot(tasks[1], fixture.bob, 2)]);
    fixture.run(propose(id, vec![Layout::default(), chosen.clone()]));
    let beyond = accept(&fixture, id, 2);
    assert!(refusal(&mut fixture, beyond).contains("no option 3"));
    let second = accept(&fixture, id, 1);
    fixture.run(second.clone());
    let after = plan(&fixture, id).unwrap();
    assert_eq!((&after.layout, after.from), (&chosen, Some(before.plan_id)));
    assert_eq!(fixture.service.read().proposal(id).unwrap(), None);
    assert!(refusal(&mut fixture, second).contains("no open proposal"));
    fixture.service.undo(&fixture.po.clone(), Undo::Own).unwrap();
    assert_eq!(plan(&fixture, id).unwrap().layout, before.layout);
    assert!(fixture.service.read().proposal(id).unwrap().is_some());
    let proposal_id = open(&fixture, id).proposal_id;
    fixture.run(Command::DropProposal { sprint_id: id, proposal_id, reason: Some("she is back".into()) });
    assert_eq!(fixture.service.read().proposal(id).unwrap(), None);
    assert_eq!(fixture.service.audit(10).unwrap().differences, []);
}

#[test]
fn a_new_plan_ends_the_proposal_to_change_the_old_one() {
    let (mut fixture, id, tasks) = planned();
    fixture.run(propose(id, vec![Layout::default()]));
    fixture.run(set(id, layout(vec![slot(tasks[0], fixture.bob, 0)])));
    assert_eq!(fixture.service.read().proposal(id).unwrap(), None);
}

#[test]
fn a_task_that_leaves_the_sprint_ends_the_proposal_and_the_question_about_it() {
    let (mut fixture, id, tasks) = planned();
    fixture.run(ask(id, vec![layout(vec![slot(tasks[0], fixture.bob, 0)])]));
    let edit =
        |task_id, sprint| Command::EditTask { task_id, changes: vec![TaskField::Sprint(sprint)], expected_rev: None };
    fixture.run(edit(tasks[1], None));
    assert_eq!(open(&fixture, id).options.len(), 1, "it is not about that task");
    fixture.run(edit(tasks[0], Some(id)));
    assert_eq!(questions(&fixture).len(), 1, "it has not left");
    fixture.run(edit(tasks[0], None));
    assert_eq!(fixture.service.read().proposal(id).unwrap(), None);
    assert_eq!(questions(&fixture), []);
    assert_eq!(fixture.service.audit(10).unwrap().differences, []);
}

#[test]
fn the_answer_to_the_question_about_a_proposal_is_the_decision() {
    let (mut fixture, id, tasks) = planned();
    let chosen = layout(vec![slot(tasks[1], fixture.bob, 2)]);
    fixture.run(ask(id, vec![Layout::default(), chosen.clone()]));
    let question = questions(&fixture).remove(0);
    let labels: Vec<&str> = question.choices.iter().map(|choice| choice.label.as_str()).collect();
    assert_eq!(labels, ["way 0", "way 1", "Leave the plan as it is"]);
    assert_eq!(open(&fixture, id).question, Some(question.escalation_id));
    let answer = |n| Command::AnswerEscalation { escalation_id: question.escalation_id, choice: Some(n), words: None };
    fixture.run(answer(1));
    assert_eq!(plan(&fixture, id).unwrap().layout, chosen);
    assert_eq!(fixture.service.read().proposal(id).unwrap(), None);
    fixture.service.undo(&fixture.po.clone(), Undo::Own).unwrap();
    let again: Vec<_> = questions(&fixture).into_iter().map(|ask| ask.escalation_id).collect();
    assert_eq!(again, [question.escalation_id], "one undo takes back the answer and what it did");
    fixture.run(answer(2));
    assert_eq!(plan(&fixture, id).unwrap().layout.slots.len(), 2);
    assert_eq!(fixture.service.read().proposal(id).unwrap(), None);
}

#[test]
fn a_word_about_one_proposal_never_decides_on_another() {
    let (mut fixture, id, tasks) = planned();
    fixture.run(ask(id, vec![layout(vec![slot(tasks[0], fixture.bob, 0)])]));
    let (first, question) = (accept(&fixture, id, 0), questions(&fixture).remove(0));
    let Command::AcceptPlan { proposal_id, .. } = first else { unreachable!() };
    fixture.run(Command::DropProposal { sprint_id: id, proposal_id, reason: None });
    assert_eq!(questions(&fixture), [], "the question ends with the proposal");
    fixture.run(ask(id, vec![Layout::default()]));
    assert!(refusal(&mut fixture, first).contains("another one has taken its place"));
    let drop = Command::DropProposal { sprint_id: id, proposal_id, reason: None };
    assert!(refusal(&mut fixture, drop).contains("another one has taken its place"));
    let late = Command::AnswerEscalation { escalation_id: question.escalation_id, choice: Some(0), words: None };
    assert!(refusal(&mut fixture, late).contains("withdrawn already"));
    assert_eq!(open(&fixture, id).options[0].layout, Layout::default());
}

#[test]
fn an_agent_plans_only_if_its_role_says_so() {
    let (mut fixture, id, tasks) = planned();
    let ada = fixture.ada;
    fixture.run(propose(id, vec![Layout::default()]));
    let proposal_id = open(&fixture, id).proposal_id;
    let changes = vec![AgentField::Permissions(Some(vec![Permission::Work]))];
    fixture.run(Command::EditAgent { agent_id: ada, changes });
    let actor = Actor::agent("ada");
    let commands = [
        set(id, layout(vec![slot(tasks[0], ada, 0)])),
        propose(id, vec![Layout::default()]),
        Command::AcceptPlan { sprint_id: id, proposal_id, option: 0 },
        Command::DropProposal { sprint_id: id, proposal_id, reason: None },
    ];
    for command in commands {
        assert!(matches!(fixture.refused(&actor, command), Rejection::NotPermitted { .. }));
    }
}
