//! `--json` prints exactly one value, whatever the verb.

use serde_json::Value;

use super::common::Home;

/// Every verb once, in an order in which each has something to do.
const VERBS: &[&str] = &[
    "agent add builder --skills rust:4",
    "agent list",
    "agent workload --id builder",
    "agent workload",
    "agent edit builder --wip-limit 5",
    "task create one",
    "task create two --depends-on 1",
    "task create three --backlog",
    "task list",
    "task status 1",
    "task ready",
    "task ready 3",
    "task edit 1 --priority high",
    "task depend 3 --on 1",
    "task undepend 3 --on 1",
    "task comment 1 hello",
    "task assign 1 --to builder",
    "task release 1",
    "task claim 1 --agent builder",
    "task block 1 --reason unclear --force",
    "task unblock 1",
    "task start 3",
    "task progress 3 --percent 30",
    "task pause 3",
    "task resume 3",
    "task fail 3 --reason broken",
    "task retry 3",
    "task move 3 --to done",
    "task reopen 3",
    "task cancel 3",
    "task complete 1 --force",
    "task start 2",
    "task submit 2",
    "task create four --priority critical",
    "task start 4",
    "task submit 4",
    "inbox",
    "inbox 1",
    "task review 4 --pass",
    "task create five",
    "ask 5 Which",
    "answer 2 --snooze +1h",
    "answer 2 this one",
    "sprint create",
    "sprint start",
    "sprint status",
    "sprint list",
    "sprint close",
    "sprint report",
    "sprint report --corrections",
    "log",
    "undo",
    "redo",
    "config",
    "config get review",
    "config set review always",
    "risk add slips --chance 20 --delay 1d",
    "risk list",
    "risk edit R1 --chance 30",
    "risk remove R1",
    "doctor",
    "backup",
    "board",
    "agent drain builder",
    "completions bash",
    "man",
];

#[test]
fn every_verb_prints_one_json_value() {
    let home = Home::new();
    for verb in VERBS {
        let mut command = home.command(verb.split(' '));
        let output = command.arg("--json").output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "vayu {verb}: {err}");
        let value: Value = serde_json::from_str(&out).unwrap_or_else(|why| panic!("vayu {verb}: {why}: {out}"));
        assert!(value.is_object() || value.is_array(), "vayu {verb}: {value}");
        assert_eq!(err, "", "vayu {verb}");
    }
}

#[test]
fn failures_are_one_json_value_on_standard_error() {
    let home = Home::new();
    for (args, code) in [
        ("task status 77", 1),
        ("task create one --priority someday", 2),
        ("frobnicate", 2),
        ("undo --as nobody", 3),
        ("sprint create --ends 2020-01-01", 4),
        ("task heartbeat --claim 6c8a7f6e-0000-4000-8000-000000000000", 5),
    ] {
        let run = home.vayu(args.split(' ').chain(["--json"])).code(code);
        assert_eq!(run.out, "", "vayu {args}");
        let error: Value = serde_json::from_str(&run.err).unwrap_or_else(|why| panic!("vayu {args}: {why}: {run:?}"));
        assert_eq!(error["error"]["exit_code"], code, "vayu {args}");
    }
}

#[test]
fn claim_prints_the_task_and_its_proof() {
    let home = Home::new();
    home.ok(["agent", "add", "builder"]);
    home.task("one");
    let claimed = home.json(["task", "claim", "--agent", "builder", "--lease", "90"]);
    assert_eq!(claimed["task"]["number"], 1);
    assert_eq!(claimed["claim"]["epoch"], 1);
    assert!(claimed["claim"]["token"].is_string() && claimed["claim"]["expires_at"].is_string());
}

#[test]
fn a_claims_token_is_in_no_view_log_or_export() {
    let home = Home::new();
    home.ok(["agent", "add", "builder"]);
    home.task("one");
    let claimed = home.json(["task", "claim", "--agent", "builder"]);
    let token = claimed["claim"]["token"].as_str().unwrap().to_owned();
    for verb in ["task status 1", "task list", "log", "agent list", "agent workload", "board", "doctor"] {
        let told = home.json(verb.split(' ')).to_string();
        assert!(!told.contains(&token), "vayu {verb} tells the token");
    }
    assert!(!home.ok(["export", "--to", "vayu"]).contains(&token));
}

#[test]
fn an_empty_list_is_an_empty_array() {
    let home = Home::new();
    for verb in [
        "task list",
        "task ready",
        "agent list",
        "agent workload",
        "sprint list",
        "risk list",
        "inbox",
        "log --by nobody",
    ] {
        assert_eq!(home.json(verb.split(' ')), Value::Array(Vec::new()), "vayu {verb}");
    }
}
