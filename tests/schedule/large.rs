//! A thousand tasks and forty agents with skills, hours in three time zones, allowances and reviews. The figures are
//! printed with `--nocapture`; those of a release build count.

use std::time::Instant;

use vayu::plan::project::{Project, build};
use vayu::plan::schedule::{Budget, solve};

use crate::replan::Dice;

const SKILLS: [&str; 6] = ["rust", "web", "data", "ops", "test", "docs"];

fn agent(dice: &mut Dice, at: usize) -> serde_json::Value {
    let mut skills = serde_json::Map::new();
    for _ in 0..=dice.below(2) {
        skills.insert(SKILLS[dice.below(6) as usize].to_owned(), (2 + dice.below(4)).into());
    }
    // Everything can be done by somebody.
    if at < 2 * SKILLS.len() {
        skills.insert(SKILLS[at / 2].to_owned(), 5.into());
    }
    let mut agent = serde_json::json!({ "name": format!("a{at}"), "skills": skills });
    match dice.below(10) {
        0..5 => {
            let from = 8 + dice.below(3);
            agent["hours"] = serde_json::json!([format!("mon-fri {from:02}:00-{:02}:00", from + 8)]);
            agent["zone"] = ["Europe/Madrid", "Europe/London", "America/New_York"][dice.below(3) as usize].into();
        }
        5..9 => {
            agent["quotas"] = serde_json::json!([{ "amount": format!("{}h", 6 + 3 * dice.below(3)), "every": "1d" }]);
        }
        _ => {}
    }
    agent
}

fn task(dice: &mut Dice, at: u32) -> serde_json::Value {
    let links = if at > 20 { dice.below(3) } else { 0 };
    let after: std::collections::BTreeSet<u32> = (0..links).map(|_| at - 1 - dice.below(at.min(60))).collect();
    let mut stage = |effort: u32, level: u32| {
        let skill = SKILLS[dice.below(6) as usize];
        serde_json::json!({ "effort": effort, "skill": skill, "level": level })
    };
    let mut stages = vec![stage(30 + (at * 37) % 450, 1 + at % 4)];
    if at.is_multiple_of(2) {
        stages.push(stage(30, 2 + at % 4));
    }
    let after: Vec<String> = after.iter().map(|before| format!("t{before}")).collect();
    serde_json::json!({ "name": format!("t{at}"), "after": after, "stages": stages })
}

fn team(seed: u64, tasks: u32, agents: usize) -> Project {
    let dice = &mut Dice::new(seed);
    let agents: Vec<_> = (0..agents).map(|at| agent(dice, at)).collect();
    let tasks: Vec<_> = (0..tasks).map(|at| task(dice, at)).collect();
    let all = serde_json::json!({
        "start": "2026-03-02T08:00", "zone": "Europe/Madrid", "objective": { "finish": 1 },
        "agents": agents, "tasks": tasks,
    });
    serde_json::from_value(all).unwrap()
}

#[test]
fn a_large_team_is_planned_whole_and_close_to_what_no_plan_can_beat() {
    for seed in 1..=2 {
        let project = team(seed, 1000, 40);
        let begun = Instant::now();
        let built = build(&project).unwrap();
        let read = begun.elapsed();
        let mut first = None;
        let mut on_plan = |_: &_| _ = first.get_or_insert_with(|| begun.elapsed());
        let mut budget = Budget { steps: 4, stop: &mut || false };
        let found = solve(&built.problem, seed, &mut budget, &mut on_plan).unwrap();
        let (value, bound) = (found.plan.score.value, found.bound.value);
        let gap = 100.0 * (value as f64 / bound as f64 - 1.0);
        println!("{seed}: read {read:?}, first plan {first:?}, {value} against {bound}: {gap:.1} %");
        assert_eq!((found.plan.score.missing, found.bound.missing), (0, 0));
        assert!(bound <= value && gap < 25.0, "{value} {bound}");
    }
}
