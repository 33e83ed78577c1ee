//! What becomes of a sprint's plan when something happens to it.

use vayu::domain::sprint::Stage;
use vayu::domain::{Agent, Command, Escalation, Proposal, SprintId, TaskId};

use crate::common::{Scene, po};
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

/// The second agent falls silent, the others are heard of.
fn lose(scene: &mut Scene, team: &[Agent; 3]) {
    scene.sleep(120);
    for agent in [&team[0], &team[2]] {
        scene.greet(agent);
    }
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
