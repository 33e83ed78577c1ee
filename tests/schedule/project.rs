//! The documented format of a project.

use vayu::plan::project::{Answer, Project, build};

use crate::checker::faults;
use crate::properties::solved;

fn example() -> Project {
    let page = include_str!("../../docs/plan-format.md");
    toml::from_str(page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap()).unwrap()
}

fn answer(project: &Project) -> Answer {
    let built = build(project).unwrap();
    let found = solved(&built.problem, 1, 2000);
    assert_eq!(faults(&built.problem, &found.plan), Vec::<String>::new());
    Answer::of(project, &built, &found).unwrap()
}

#[test]
fn the_documented_example_is_planned() {
    let answer = answer(&example());
    let names: Vec<&str> = answer.tasks.iter().map(|task| task.task.as_str()).collect();
    assert_eq!(names, ["parser", "errors", "announcement", "handover"]);
    assert_eq!((answer.left_out[0].task.as_str(), answer.left_out[0].reason.as_str()), ("logo", "no_skill"));
    assert_eq!((answer.minutes_planned, answer.minutes_left_out), (14 * 60, 2 * 60));
    let parser = &answer.tasks[0].stages;
    assert_eq!(parser[0].starts_at.as_deref(), Some("2026-03-02T09:00+01:00"));
    assert_eq!(parser[1].agent, "mira");
}

#[test]
fn a_team_works_at_the_same_time() {
    let answer = answer(&example());
    let handover = answer.tasks.iter().find(|task| task.task == "handover").unwrap();
    assert_eq!(handover.stages[0].team, ["mira", "bot"]);
    assert_eq!(handover.stages[0].agent, "mira + bot");
}

#[test]
fn a_budget_is_never_overdrawn_and_a_shared_account_counts_for_all() {
    let mut project = example();
    project.tasks.retain(|task| ["parser", "errors"].contains(&task.name.as_str()));
    project.resources[1].budget = Some(399_999);
    let left = answer(&project).left_out;
    assert_eq!((left[0].task.as_str(), left[0].reason.as_str()), ("parser", "budget:tokens"));
    let mut project = example();
    project.resources[0].quotas[0].every = None;
    project.agents[0].skills.remove("rust");
    project.tasks.retain(|task| task.name == "parser");
    let left = answer(&project).left_out;
    assert_eq!((left[0].task.as_str(), left[0].reason.as_str()), ("parser", "capacity:account work"));
}

#[test]
fn paths_that_overlap_are_worked_on_in_turn() {
    let mut project = example();
    project.tasks[1].after.clear();
    let answer = answer(&project);
    let span = |name: &str| {
        let task = answer.tasks.iter().find(|task| task.task == name).unwrap();
        (task.stages[0].start, task.stages[task.stages.len() - 1].end)
    };
    let (parser, errors) = (span("parser"), span("errors"));
    assert!(parser.1 <= errors.0 || errors.1 <= parser.0, "{parser:?} {errors:?}");
}

#[test]
fn a_name_that_is_not_there_is_named() {
    let mut project = example();
    project.tasks[0].stages[1].agents = vec!["nobody".to_owned()];
    let mistake = build(&project).unwrap_err();
    assert_eq!((mistake.found.as_str(), mistake.message.as_str()), ("nobody", "no agent has that name"));
}

#[test]
fn hours_in_another_zone_are_hours_there() {
    let mut project = example();
    project.agents[0].zone = Some("America/New_York".to_owned());
    project.tasks.retain(|task| task.name == "announcement");
    project.tasks[0].not_before = None;
    let answer = answer(&project);
    assert_eq!(answer.tasks[0].stages[0].starts_at.as_deref(), Some("2026-03-02T15:00+01:00"));
    assert_eq!(answer.tasks[0].because, "mira is not there before");
}
