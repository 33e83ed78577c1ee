//! Files that nobody would write by mistake: they are planned or refused, in time, and nothing turns round.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use vayu::plan::project::{Answer, Ground, Mistake, Project, Trial, build, conflicts, levers};

use crate::project::{answer, read};
use crate::properties::solved;

fn refused(text: &str) -> Mistake {
    build(&read(text)).unwrap_err()
}

fn two_tasks(head: &str, task: &str) -> String {
    let tasks = ["t", "u"].map(|name| format!("[[tasks]]\nname = \"{name}\"\n{task}\n"));
    format!("{head}\n{}", tasks.concat())
}

#[test]
fn a_budget_of_billions_is_not_overdrawn() {
    let project = read(
        r#"
        agents = [{ name = "a" }]
        resources = [{ name = "tokens", budget = 4_000_000_000 }]
        [[tasks]]
        name = "t"
        stages = [
            { name = "x", effort = "1h", uses = { tokens = 3_000_000_000 } },
            { name = "y", effort = "1h", uses = { tokens = 3_000_000_000 } },
        ]
        "#,
    );
    assert_eq!(answer(&project).left_out[0].reason, "budget:tokens");
}

#[test]
fn billions_of_units_are_not_in_use_twice() {
    let head = "agents = [{ name = \"a\" }, { name = \"b\" }]\nresources = [{ name = \"gpu\", units = 4_000_000_000 }]";
    let task = "stages = [{ effort = \"1h\", uses = { gpu = 3_000_000_000 } }]";
    let answer = answer(&read(&two_tasks(head, task)));
    assert_eq!(answer.tasks.iter().map(|task| task.stages[0].end).max(), Some(120), "one after the other");
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let agents = "agents = [{ name = \"a\" }]";
    let value = "value = 9_000_000_000_000_000_000\nstages = [{ effort = \"1h\" }]";
    assert!(refused(&two_tasks(agents, value)).message.contains("too large"));
    let least = "value = -9_223_372_036_854_775_808\nstages = [{ effort = \"1h\" }]";
    assert!(refused(&two_tasks(agents, least)).message.contains("too large"));
    let weights = format!("objective = {{ lateness = 4_000_000_000 }}\n{agents}");
    let late = "due = \"0m\"\nweight = 4_000_000_000\nstages = [{ effort = \"1d\" }]";
    assert!(refused(&two_tasks(&weights, late)).message.contains("too large"));
    let dear = "agents = [{ name = \"a\", cost_per_hour = 9_000_000_000_000_000_000 }]";
    let mistake = refused(&two_tasks(dear, "stages = [{ effort = \"3h\" }]"));
    assert_eq!(mistake.message, "more money than can be counted");
}

#[test]
fn a_start_outside_the_calendar_is_refused() {
    for start in ["+262142-12-31T20:00", "-262143-01-01T00:00", "1969-12-31T23:59", "+10000-01-01T00:00"] {
        let text = format!("start = \"{start}\"\nagents = [{{ name = \"a\", hours = [\"mon-sun 09:00-17:00\"] }}]");
        let mistake = refused(&two_tasks(&text, "stages = [{ effort = \"3h\" }]"));
        assert_eq!((mistake.key.as_str(), mistake.found.as_str()), ("start", start));
    }
}

#[test]
fn an_allowance_of_too_many_windows_is_refused() {
    let text = "ends = \"18000d\"\nagents = [{ name = \"a\", quotas = [{ amount = \"1m\", every = \"1m\" }] }]";
    let mistake = refused(&two_tasks(text, "not_before = \"17000d\"\nstages = [{ effort = \"8h\" }]"));
    assert_eq!((mistake.key.as_str(), mistake.found.as_str()), ("agents[0].quotas", "1m"));
}

#[test]
fn work_in_very_many_windows_of_two_allowances_is_planned() {
    let quotas = "quotas = [{ amount = \"1m\", every = \"2m\" }, { amount = \"4000h\" }]";
    let text = format!("ends = \"130d\"\nagents = [{{ name = \"a\", {quotas} }}]");
    assert!(answer_of(&two_tasks(&text, "stages = [{ effort = \"700h\" }]")).left_out.is_empty());
}

/// Planned without the checker, who goes by the minute.
fn answer_of(text: &str) -> Answer {
    let project = read(text);
    let built = build(&project).unwrap();
    Answer::of(&project, &built, &solved(&built.problem, 1, 10)).unwrap()
}

/// Mostly something harmless, now and then something that is not.
fn mostly<T: Clone + std::fmt::Debug + 'static>(harmless: Vec<T>, absurd: Vec<T>) -> impl Strategy<Value = T> {
    prop_oneof![19 => select(harmless), 1 => select(absurd)]
}

fn time() -> impl Strategy<Value = &'static str> {
    let absurd = vec!["400d", "20000d", "90000d", "4294967295m", "1970-01-01T00:00", "9999-12-31T23:59"];
    mostly(vec!["0m", "1m", "90m", "8h", "3d", "2026-03-29T02:30"], absurd)
}

fn length() -> impl Strategy<Value = &'static str> {
    mostly(vec!["0m", "1m", "90m", "8h", "3d"], vec!["400d", "20000d", "90000d", "4294967295m"])
}

fn number() -> impl Strategy<Value = u32> {
    mostly(vec![1, 2, 100], vec![0, 3_000_000_000, u32::MAX])
}

fn value() -> impl Strategy<Value = i64> {
    mostly(vec![-1, 0, 3, 1 << 40], vec![i64::MIN, 1 << 60, i64::MAX])
}

fn quota() -> impl Strategy<Value = String> {
    (length(), proptest::option::of(length()), any::<bool>()).prop_map(|(amount, every, rolling)| {
        let every = every.map_or(String::new(), |every| format!(", every = \"{every}\", rolling = {rolling}"));
        format!("{{ amount = \"{amount}\"{every} }}")
    })
}

fn agent() -> impl Strategy<Value = String> {
    let hours = ["", "\"mon-fri 09:00-17:00\"", "\"sat 22:00-21:30\"", "\"sun-mon 00:00-00:00\""];
    let hours = mostly(hours.to_vec(), vec!["\"x\"", "\"mon 25:00-26:00\""]);
    let zone = mostly(vec!["UTC", "Europe/Berlin", "Pacific/Apia"], vec!["Nowhere"]);
    let focus = mostly(vec!["1.0", "0.5"], vec!["1e-300", "nan", "0.0"]);
    let money = mostly(vec![0, 60], vec![i64::MIN, i64::MAX, 1 << 50]);
    (hours, zone, focus, vec(quota(), 0..2), number(), money, vec((time(), time()), 0..2)).prop_map(
        |(hours, zone, focus, quotas, at_once, money, away)| {
            let away: Vec<String> = away.iter().map(|(from, to)| format!("[\"{from}\", \"{to}\"]")).collect();
            format!(
                "hours = [{hours}]\nzone = \"{zone}\"\nfocus = {focus}\nquotas = [{}]\nat_once = {at_once}\n\
                 cost_per_hour = {money}\naway = [{}]\n",
                quotas.join(", "),
                away.join(", ")
            )
        },
    )
}

fn task() -> impl Strategy<Value = String> {
    let path = select(vec!["", ".", "/", "src/**", "../x", "src/[", "a"]);
    let dates = (proptest::option::of(time()), proptest::option::of(time()), proptest::option::of(time()));
    (dates, proptest::option::of(value()), number(), path, length(), number(), any::<bool>()).prop_map(
        |((before, due, deadline), value, weight, path, effort, units, team)| {
            let date = |key: &str, at: Option<&str>| at.map_or(String::new(), |at| format!("{key} = \"{at}\"\n"));
            let value = value.map_or(String::new(), |value| format!("value = {value}\n"));
            let team = if team { ", team = [{}, {}]" } else { "" };
            format!(
                "{}{}{}{value}weight = {weight}\ntouches = [\"{path}\"]\n\
                 stages = [{{ effort = \"{effort}\", lane = \"L\", uses = {{ r = {units}, b = {units} }}{team} }}]\n",
                date("not_before", before),
                date("due", due),
                date("deadline", deadline)
            )
        },
    )
}

fn file() -> impl Strategy<Value = String> {
    let start = mostly(vec!["2026-03-02T09:00"], vec!["1970-01-01T00:00", "9999-12-31T23:59", "x"]);
    let head = (start, proptest::option::of(time()), number(), number(), (number(), number(), quota()));
    (head, vec(agent(), 1..4), vec(task(), 1..6)).prop_map(|(head, agents, tasks)| {
        let (start, ends, weight, limit, (units, budget, quota)) = head;
        let ends = ends.map_or(String::new(), |ends| format!("ends = \"{ends}\"\n"));
        let named = |(kind, prefix): (&str, &str), all: &[String]| -> String {
            let one = |(at, text): (usize, &String)| format!("[[{kind}]]\nname = \"{prefix}{at}\"\n{text}");
            all.iter().enumerate().map(one).collect()
        };
        format!(
            "start = \"{start}\"\nobjective = {{ finish = 1, lateness = {weight}, cost = {weight} }}\n{ends}\
             lanes = [{{ name = \"L\", limit = {limit} }}]\n\
             resources = [{{ name = \"r\", units = {units}, quotas = [{quota}] }}, {{ name = \"b\", budget = {budget} }}]\n\
             {}{}",
            named(("agents", "a"), &agents),
            named(("tasks", "t"), &tasks)
        )
    })
}

/// Plans a file and asks what stands in the way and what would help, if it makes sense at all.
fn plan(text: &str) {
    let Ok(project) = toml::from_str::<Project>(text) else { return };
    let Ok(built) = build(&project) else { return };
    let found = solved(&built.problem, 1, 10);
    let answer = Answer::of(&project, &built, &found).unwrap();
    assert_eq!(answer.tasks.len() + answer.left_out.len(), project.tasks.len());
    let ground = Ground { project: &project, built: &built, plan: &found.plan };
    let mut looks = 0;
    let mut stop = || {
        looks += 1;
        looks > 200
    };
    let mut trial = Trial { seed: 1, steps: 5, stop: &mut stop };
    levers(ground, &mut trial).unwrap();
    // What goes beyond what can be counted when a rule is given up is said to do so.
    let _ = conflicts(ground, &mut trial);
}

#[test]
fn what_a_rule_leaves_without_an_end_can_still_be_counted() {
    plan(
        "start = \"2026-03-02T09:00\"\nlanes = [{ name = \"L\", limit = 1 }]\n\
         resources = [{ name = \"r\", units = 1, quotas = [{ amount = \"0m\" }] }, { name = \"b\", budget = 1 }]\n\
         [[agents]]\nname = \"a0\"\n[[agents]]\nname = \"a1\"\naway = [[\"0m\", \"0m\"]]\n\
         [[tasks]]\nname = \"t0\"\nstages = [{ effort = \"400d\", lane = \"L\", uses = { r = 1, b = 1 } }]\n",
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_file_is_planned_or_refused(text in file()) {
        plan(&text);
    }
}
