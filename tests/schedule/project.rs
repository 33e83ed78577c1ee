//! The documented format of a project.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use vayu::plan::project::{Answer, Change, Means, Project, build};

use crate::checker::faults;
use crate::properties::solved;

fn example() -> Project {
    let page = include_str!("../../docs/plan-format.md");
    toml::from_str(page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap()).unwrap()
}

pub fn read(text: &str) -> Project {
    toml::from_str(text).unwrap()
}

pub fn answer(project: &Project) -> Answer {
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

/// Tasks of so many hours that all touch the same files, in the hands of one agent with an allowance of ten hours.
fn on_the_same_files(tasks: &[(&str, u32, &str)]) -> Project {
    let mut text = "ends = \"10d\"\n[[agents]]\nname = \"bot\"\nquotas = [{ amount = \"10h\" }]\n".to_owned();
    for (name, hours, more) in tasks {
        let _ = write!(
            text,
            "[[tasks]]\nname = \"{name}\"\n{more}\ntouches = [\"src/**\"]\nstages = [{{ effort = \"{hours}h\" }}]\n"
        );
    }
    read(&text)
}

#[test]
fn an_allowance_is_spent_once_by_work_that_needs_files_as_well() {
    let both = answer(&on_the_same_files(&[("A", 5, "deadline = \"10h\""), ("B", 5, "deadline = \"5h\"")]));
    assert!(both.left_out.is_empty(), "{:?}", both.left_out);
    let most = answer(&on_the_same_files(&[("A", 6, "value = 7"), ("B", 5, "value = 5"), ("C", 5, "value = 5")]));
    let mut kept: Vec<&str> = most.tasks.iter().map(|task| task.task.as_str()).collect();
    kept.sort_unstable();
    assert_eq!(kept, ["B", "C"]);
}

#[test]
fn a_team_draws_once_on_the_account_that_its_stage_uses() {
    let team = read(
        r#"
        ends = "1d"
        agents = [{ name = "a" }, { name = "b" }]
        resources = [{ name = "account", quotas = [{ amount = "4h" }] }]
        [[tasks]]
        name = "t"
        stages = [{ effort = "4h", team = [{ agents = ["a"] }, { agents = ["b"] }], uses = { account = 1 } }]
        "#,
    );
    assert!(answer(&team).left_out.is_empty());
}

#[test]
fn a_folder_and_what_is_in_it_overlap_however_they_are_written() {
    let overlap = |one: &str, other: &str| {
        let tasks = [("one", one), ("other", other)].map(|(name, path)| {
            format!("[[tasks]]\nname = \"{name}\"\ntouches = [\"{path}\"]\nstages = [{{ effort = \"2h\" }}]\n")
        });
        let built = build(&read(&format!("agents = [{{ name = \"a\" }}]\n{}", tasks.concat()))).unwrap();
        built.means.iter().any(|means| matches!(means, Means::Path(..)))
    };
    let file = "src/parser/lex.rs";
    for folder in
        ["src/parser/", "src/parser", "./src/parser", "src//parser/**", "src/pars*", "src/*/lex.rs", ".", "**"]
    {
        assert!(overlap(folder, file) && overlap(file, folder), "{folder}");
    }
    assert!(overlap("src/parser", "src/parser/**") && overlap("src/parser/", "src/parser"));
    for other in ["src/parse", "src/parser2/lex.rs", "src/parser/lex", "src/parser2/**", "docs/*"] {
        assert!(!overlap(other, file) && !overlap(file, other), "{other}");
    }
}

#[test]
fn who_was_busy_until_closing_time_is_why_it_begins_in_the_morning() {
    let bot = "[[agents]]\nname = \"bot\"\nhours = [\"mon-fri 09:00-17:00\"]\n";
    let task =
        |name: &str, hours: u32| format!("[[tasks]]\nname = \"{name}\"\nstages = [{{ effort = \"{hours}h\" }}]\n");
    let start = "start = \"2026-03-02T09:00\"\n";
    let both = answer(&read(&format!("{start}{bot}{}{}after = [\"first\"]\n", task("first", 8), task("x", 8))));
    assert_eq!(both.tasks[1].because, "it waits for first");
    let both = answer(&read(&format!("{start}{bot}{}{}", task("one", 8), task("other", 8))));
    let second = both.tasks.iter().find(|task| task.stages[0].start > 600).unwrap();
    let first = both.tasks.iter().find(|task| task.stages[0].start < 600).unwrap();
    assert_eq!(second.because, format!("{} has bot until then", first.task));
}

/// By pair of tasks, whether they take turns.
fn turns(paths: &[&str]) -> BTreeSet<(usize, usize)> {
    let tasks = paths.iter().enumerate().map(|(n, path)| {
        format!("[[tasks]]\nname = \"{n}\"\ntouches = [\"{path}\"]\nstages = [{{ effort = \"2h\" }}]\n")
    });
    let built = build(&read(&format!("agents = [{{ name = \"a\" }}]\n{}", tasks.collect::<String>()))).unwrap();
    let is_path = |at: usize| matches!(built.means[at], Means::Path(..));
    let uses = |task: usize| {
        let uses = built.problem.activities[task].stages[0].modes[0].uses.iter().map(|used| used.resource);
        uses.filter(|at| is_path(*at)).collect::<BTreeSet<_>>()
    };
    let pairs = (0..paths.len()).flat_map(|one| (one + 1..paths.len()).map(move |other| (one, other)));
    pairs.filter(|(one, other)| !uses(*one).is_disjoint(&uses(*other))).collect()
}

#[test]
fn among_many_paths_just_those_that_overlap_take_turns() {
    let paths = ["a", "a*", "ab", "a/b", "a/b/c.rs", "a/d*", "b/**", "b/x", "b/y", "c", "c"];
    let expected = [(0, 1), (0, 3), (0, 4), (0, 5), (1, 2), (1, 3), (1, 4), (1, 5), (3, 4), (6, 7), (6, 8), (9, 10)];
    assert_eq!(turns(&paths), BTreeSet::from(expected));
}

#[test]
fn a_thousand_tasks_on_one_folder_share_one_turn() {
    let tasks = "[[tasks]]\nname = \"#\"\ntouches = [\"src/**\"]\nstages = [{ effort = \"1h\" }]\n";
    let tasks: String = (0..1000).map(|n| tasks.replace('#', &n.to_string())).collect();
    let built = build(&read(&format!("agents = [{{ name = \"a\" }}]\n{tasks}"))).unwrap();
    assert_eq!(built.means.iter().filter(|means| matches!(means, Means::Path(..))).count(), 1);
}

#[test]
fn an_hour_more_a_day_is_an_hour_more_around_midnight_too() {
    let longer = |hours: &str, minutes: u32| {
        let mut project = read(&format!("agents = [{{ name = \"a\", hours = [\"{hours}\"] }}]\ntasks = []"));
        project = Change::Hours { agent: "a".to_owned(), minutes, each: true }.applied(&project);
        project.agents[0].hours[0].clone()
    };
    assert_eq!(longer("mon-fri 09:00-17:00", 60), "mon-fri 09:00-18:00");
    assert_eq!(longer("mon-sun 22:00-20:30", 60), "mon-sun 22:00-21:30");
    assert_eq!(longer("mon-sun 22:00-21:30", 60), "mon-sun 22:00-22:00", "around the clock");
    assert_eq!(longer("mon-fri 09:00-23:30", 60), "mon-fri 09:00-00:30");
    assert_eq!(longer("mon-fri 00:00-24:00", 60), "mon-fri 00:00-24:00");
}
