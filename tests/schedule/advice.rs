//! What would help, what stands in the way and why: the over-constrained sprint and the reviewer who is the bottleneck.

use std::fmt::Write as _;

use vayu::plan::project::{
    Answer, Built, Change, Conflict, Ground, Lever, Price, Project, Trial, Whole, build, conflicts, levers, prices,
};
use vayu::plan::schedule::{Budget, Found, solve};

use crate::checker::faults;
use crate::scenarios::TASKS;

const STEPS: u64 = 1500;

/// Two agents with hours and an allowance, and twelve tasks; `more` is added to a task, such as a deadline.
pub fn sprint(more: &[(&str, &str)]) -> Project {
    let mut text = r#"
        ends = "48h"
        [[agents]]
        name = "ana"
        skills = { backend = 4, frontend = 2 }
        away = [["40h", "100h"]]
        [[agents]]
        name = "bot"
        skills = { backend = 3, frontend = 4 }
        quotas = [{ amount = "24h" }]
    "#
    .to_owned();
    for (name, hours, value, skill, level, before) in TASKS {
        let after = if before.is_empty() { String::new() } else { format!("\"{before}\"") };
        let more = |key: &str| more.iter().find(|(task, what)| *task == name && what.starts_with(key));
        let deadline = more("deadline").map_or("", |more| more.1);
        let pin = more("pinned_to").map_or(String::new(), |more| format!(", {}", more.1));
        let _ = write!(
            text,
            "[[tasks]]\nname = \"{name}\"\nvalue = {value}\nafter = [{after}]\n{deadline}\n\
             stages = [{{ effort = \"{hours}h\", skill = \"{skill}\", level = {level}{pin} }}]\n"
        );
    }
    toml::from_str(&text).unwrap()
}

pub fn planned(project: &Project) -> (Built, Found) {
    let built = build(project).unwrap();
    let found = solve(&built.problem, 1, &mut Budget { steps: STEPS, stop: &mut || false }, &mut |_| {}).unwrap();
    assert_eq!(faults(&built.problem, &found.plan), Vec::<String>::new());
    (built, found)
}

fn tried(project: &Project) -> Vec<Lever> {
    let (built, found) = planned(project);
    let ground = Ground { project, built: &built, plan: &found.plan };
    levers(ground, &mut Trial { seed: 1, steps: STEPS, stop: &mut || false }).unwrap()
}

#[test]
fn levers_stand_by_the_value_that_they_keep() {
    let levers = tried(&sprint(&[]));
    let place = |text: &str| levers.iter().position(|lever| lever.text == text).unwrap();
    let [dba, ana, bot] = ["dba 3 for bot", "ana 8h more", "bot 8h more"].map(place);
    assert_eq!([dba, ana, bot].map(|at| levers[at].kept), [61, 60, 58]);
    assert!(dba < ana && ana < bot);
    assert!(levers[dba].recommended, "more than any other change but hiring");
    assert_eq!(levers[ana].comes, ["F3"]);
}

#[test]
fn more_never_keeps_less() {
    for (task, deadline) in [("A3", "deadline = \"30h\""), ("F2", "deadline = \"12h\""), ("B2", "deadline = \"9h\"")] {
        let project = sprint(&[(task, deadline)]);
        let (built, found) = planned(&project);
        let had = built.problem.activities.iter().filter_map(|task| task.value).sum::<i64>() - found.plan.score.lost;
        let ground = Ground { project: &project, built: &built, plan: &found.plan };
        let levers = levers(ground, &mut Trial { seed: 3, steps: 20, stop: &mut || false }).unwrap();
        assert!(!levers.is_empty() && levers.iter().all(|lever| lever.kept >= had && lever.gain == lever.kept - had));
    }
}

fn conflicts_of(project: &Project) -> Vec<Conflict> {
    let (built, found) = planned(project);
    let ground = Ground { project, built: &built, plan: &found.plan };
    conflicts(ground, &mut Trial { seed: 1, steps: STEPS, stop: &mut || false }).unwrap()
}

#[test]
fn a_deadline_too_early_names_what_it_collides_with_and_what_would_do() {
    // How urgent it is makes no difference to how much later would do.
    let conflicts = conflicts_of(&sprint(&[("A3", "deadline = \"30h\"\nurgency = 64")]));
    assert_eq!(conflicts.len(), 1);
    let conflict = &conflicts[0];
    let set = ["A1 takes 8h", "A2 takes 12h", "A3 takes 12h", "deadline of A3", "only ana has backend 4"];
    assert_eq!((conflict.task.as_str(), &conflict.requirements[..]), ("A3", &set.map(str::to_owned)[..]));
    assert!(conflict.proved);
    assert_eq!(conflict.kept, 54);
    let smallest = &conflict.relaxations[0];
    assert_eq!((smallest.text.as_str(), smallest.kept, smallest.gain), ("deadline of A3 2h later", 55, 1));
    assert!(conflict.relaxations.len() <= 5 && conflict.relaxations.iter().all(|one| one.comes.contains(&"A3".into())));
}

#[test]
fn a_deadline_that_can_be_met_is_no_conflict() {
    let project = sprint(&[("A3", "deadline = \"32h\"")]);
    let (_, found) = planned(&project);
    let starts = (0..3).map(|task| found.plan.places[task].as_ref().unwrap().start() / 60);
    assert_eq!(starts.collect::<Vec<_>>(), [0, 8, 20]);
    assert_eq!(81 - found.plan.score.lost, 55);
    assert!(conflicts_of(&project).is_empty());
}

#[test]
fn a_pin_has_a_price() {
    let project = sprint(&[("F3", "pinned_to = \"bot\"")]);
    let (built, found) = planned(&project);
    let ground = Ground { project: &project, built: &built, plan: &found.plan };
    let prices = prices(ground, &mut Trial { seed: 1, steps: STEPS, stop: &mut || false }).unwrap();
    let Price { task, value, goes, needs, .. } = &prices[0];
    assert_eq!((task.as_str(), *value), ("F3", 1));
    assert_eq!((&goes[..], &needs[..]), (&["A3".to_owned()][..], &["B1".to_owned()][..]));
}

/// Six agents build, Mira reviews for so many hours a day.
fn reviewed(allowance: &str, away: &str) -> Project {
    let mut text = "start = \"2026-03-02T09:00\"\nends = \"2026-03-06T17:00\"\n".to_owned();
    for builder in 1..=6 {
        let _ = writeln!(text, "[[agents]]\nname = \"r{builder}\"\nskills = {{ rust = 4 }}");
    }
    let _ = writeln!(
        text,
        "[[agents]]\nname = \"Mira\"\nhours = [\"mon-fri 09:00-17:00\"]\naway = [{away}]\n\
         quotas = [{{ amount = \"{allowance}\", every = \"1d\" }}]\n[[lanes]]\nname = \"Review\"\nlimit = 4"
    );
    for task in 0..24 {
        let _ = writeln!(
            text,
            "[[tasks]]\nname = \"{} {task}\"\nvalue = {}\nstages = [{{ effort = \"2h\", skill = \"rust\" }}, \
             {{ name = \"review\", effort = \"1h\", agents = [\"Mira\"], lane = \"Review\" }}]",
            ["urgent", "high", "medium", "low"][task / 6],
            [8, 4, 2, 1][task / 6],
        );
    }
    toml::from_str(&text).unwrap()
}

#[test]
fn the_reviewer_is_named_with_what_she_lacks() {
    let project = reviewed("4h", "");
    let (built, found) = planned(&project);
    let answer = Answer::of(&project, &built, &found).unwrap();
    assert_eq!((answer.tasks.len(), answer.left_out.len()), (20, 4));
    assert_eq!(found.bound.lost, found.plan.score.lost, "what the reviewer cannot do is known beforehand");
    for task in &answer.left_out {
        assert!(task.task.starts_with("low") && task.reason == "capacity:Mira review", "{task:?}");
    }
    assert_eq!((answer.gaps.len(), answer.gaps[0].resource.as_str(), answer.gaps[0].missing), (1, "Mira review", 240));
    let whole = Whole::of(&project, &answer.gaps).unwrap();
    assert_eq!((whole.days, whole.ends_at.as_deref()), (Some(6), Some("2026-03-09T13:00+00:00")));
}

#[test]
fn another_builder_is_not_recommended_but_time_for_review_is() {
    let levers = tried(&reviewed("4h", ""));
    let lever = |text: &str| levers.iter().find(|lever| lever.text == text).unwrap();
    let more = |lever: &Lever| (lever.comes.len() - lever.goes.len(), lever.recommended);
    assert_eq!(more(lever("another agent like r1")), (0, false));
    assert_eq!(more(lever("Mira 1h more a day")).0, 4);
    let peers = levers.iter().find(|lever| matches!(lever.change, Change::Others { .. })).unwrap();
    assert_eq!(more(peers).0, 4);
    let recommended: Vec<&str> =
        levers.iter().filter(|lever| lever.recommended).map(|lever| lever.text.as_str()).collect();
    assert!([lever("Mira 1h more a day"), peers].iter().any(|lever| recommended == [lever.text.as_str()]));
}

#[test]
fn another_agent_for_a_task_has_its_price_in_every_term() {
    let project = sprint(&[]);
    let (built, found) = planned(&project);
    let ground = Ground { project: &project, built: &built, plan: &found.plan };
    let trial = &mut Trial { seed: 1, steps: STEPS, stop: &mut || false };
    let mut ask = |task: &str, agent: &str| ground.why_not(task, agent, trial).unwrap().unwrap();
    assert_eq!(ask("A1", "bot").impossible.as_deref(), Some("no_skill"));
    assert!(ask("B2", "bot").already);
    let instead = ask("B3", "ana").instead.unwrap();
    assert_eq!(instead.change.lost, 2, "the best plan with it keeps 53: {instead:?}");
    let change = instead.change;
    let weighted = change.weighted;
    assert_eq!(
        change.value,
        weighted.finish + weighted.lateness + weighted.cost + weighted.balance + weighted.stability
    );
    let forced = ask("F3", "bot").instead.unwrap();
    assert_eq!((forced.change.lost, forced.goes.contains(&"A3".to_owned())), (1, true));
}

#[test]
fn an_earlier_start_has_its_price_and_what_cannot_be_earlier_says_so() {
    let project = sprint(&[]);
    let (built, found) = planned(&project);
    let ground = Ground { project: &project, built: &built, plan: &found.plan };
    let trial = &mut Trial { seed: 1, steps: STEPS, stop: &mut || false };
    let mut ask = |task: &str| ground.why(task, trial).unwrap().unwrap();
    let first = ask("A1");
    let last = ["F1", "F2", "B2"].into_iter().map(&mut ask).max_by_key(|why| why.start).unwrap();
    assert!(first.start == Some(0) && first.because.is_some() && first.earlier.is_none(), "{first:?}");
    let earlier = last.earlier.unwrap();
    assert!(Some(earlier.start) < last.start);
    assert!(ask("A3").because.unwrap().contains("A2"));
    assert!(ask("D1").start.is_none());
}
