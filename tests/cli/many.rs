//! Many processes at once, and output into pipes that are slow or closed.

use std::collections::BTreeSet;
use std::io::Read;
use std::process::{Child, Stdio};

use serde_json::Value;

use super::common::{Home, Run};

/// Starts all, then waits for all.
fn together(home: &Home, each: impl IntoIterator<Item = Vec<String>>) -> Vec<Run> {
    let start = |args: Vec<String>| home.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<Child> = each.into_iter().map(start).collect();
    children.into_iter().map(|child| child.wait_with_output().unwrap().into()).collect()
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

#[test]
fn r30_parallel_creates_are_all_stored_under_numbers_of_their_own() {
    for count in [16, 100] {
        let home = Home::new();
        let runs = together(&home, (0..count).map(|n| words(&format!("task create task-{n} --json"))));
        let numbers: BTreeSet<i64> =
            runs.into_iter().map(|run| run.code(0).json()["number"].as_i64().unwrap()).collect();
        assert_eq!(numbers.len(), count);
        assert_eq!(home.json(["task", "list"]).as_array().unwrap().len(), count);
    }
}

#[test]
fn r30_parallel_creates_with_one_key_store_one_task() {
    let home = Home::new();
    let runs = together(&home, (0..16).map(|n| words(&format!("task create task-{n} --idempotency-key k --json"))));
    let ids: BTreeSet<String> = runs.into_iter().map(|run| run.code(0).json()["task_id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(home.json(["task", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn r30_parallel_creates_with_one_id_store_one_task_and_tell_the_others() {
    let home = Home::new();
    let id = "6c8a7f6e-1111-4111-8111-000000000001";
    let runs = together(&home, (0..16).map(|n| words(&format!("task create task-{n} --id {id}"))));
    let (won, lost): (Vec<_>, Vec<_>) = runs.into_iter().partition(|run| run.code == 0);
    assert_eq!(won.len(), 1);
    for run in lost {
        run.code(4).says("#1 has this id already");
    }
}

#[test]
fn of_thirty_two_claimers_one_wins_and_the_others_learn_who() {
    let home = Home::new();
    for n in 0..32 {
        home.ok(["agent", "add", &format!("a{n}")]);
    }
    home.task("wanted");
    let runs = together(&home, (0..32).map(|n| words(&format!("task claim 1 --agent a{n} --json"))));
    let (won, lost): (Vec<_>, Vec<_>) = runs.into_iter().partition(|run| run.code == 0);
    assert_eq!(won.len(), 1);
    let holder = won[0].json()["task"]["assignment"]["primary_agent"].clone();
    let holder = home.json(["agent", "workload", holder.as_str().unwrap()])["name"].as_str().unwrap().to_owned();
    assert_eq!(lost.len(), 31);
    for run in lost {
        run.code(4).says(&format!("#1 is held by {holder} until 20"));
    }
}

#[test]
fn settings_changed_by_many_at_once_are_all_kept() {
    let home = Home::new();
    let keys =
        ["wip.ready=7", "wip.in_progress=8", "wip.review=9", "lease_seconds=99", "aging_hours=5", "review=never"];
    for run in together(&home, keys.map(|pair| words(&format!("config set {pair}")))) {
        run.code(0);
    }
    let settings = home.json(["config"]);
    let value = |key: &str| settings.as_array().unwrap().iter().find(|row| row["key"] == key).unwrap()["value"].clone();
    for pair in keys {
        let (key, wanted) = pair.split_once('=').unwrap();
        assert_eq!(value(key).to_string().trim_matches('"'), wanted, "{key}");
    }
}

#[test]
fn a_closed_pipe_ends_a_list_quietly() {
    let home = Home::new();
    for n in 0..300 {
        home.fed(["task", "create", &format!("task {n}"), "-d", "-"], &"words ".repeat(500)).code(0);
        if n > 20 {
            break;
        }
    }
    let mut child =
        home.command(["task", "list", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 1];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut first).unwrap();
    drop(out);
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (0, ""));
}

#[test]
fn following_the_log_shows_what_other_processes_do() {
    use std::io::{BufRead, BufReader};
    let home = Home::new();
    let mut follower =
        home.command(["log", "--follow", "--limit", "1", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(next()["command"], "configure", "what was there before");
    home.task("one");
    home.ok(["task", "edit", "1", "--priority", "high"]);
    assert_eq!(next()["command"], "create_task");
    assert_eq!(next()["command"], "edit_task");
    follower.kill().unwrap();
    follower.wait().unwrap();
}
