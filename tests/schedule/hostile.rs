//! Files that nobody would write by mistake: they are planned or refused, in time, and nothing turns round.

use vayu::plan::project::{Mistake, build};

use crate::project::{answer, read};

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
    let text = "ends = \"90000d\"\nagents = [{ name = \"a\", quotas = [{ amount = \"1m\", every = \"1m\" }] }]";
    let mistake = refused(&two_tasks(text, "not_before = \"89000d\"\nstages = [{ effort = \"8h\" }]"));
    assert_eq!((mistake.key.as_str(), mistake.found.as_str()), ("agents[0].quotas", "1m"));
}
