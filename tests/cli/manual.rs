//! Help, completions and manual pages.

use super::common::{Home, program};

#[test]
fn the_first_help_fits_a_screen_and_names_every_verb() {
    let home = Home::bare();
    let help = home.ok(["-h"]);
    let verbs = [
        "init",
        "board",
        "task",
        "agent",
        "sprint",
        "inbox",
        "answer",
        "ask",
        "risk",
        "log",
        "undo",
        "redo",
        "config",
        "orchestrate",
        "doctor",
        "backup",
        "restore",
        "completions",
        "man",
    ];
    for verb in verbs {
        let named = help.lines().any(|line| line.trim_start().starts_with(&format!("{verb} ")));
        assert!(named, "{verb} is not in\n{help}");
    }
    assert!(help.lines().count() <= 48, "{} lines", help.lines().count());
}

#[test]
fn every_verb_has_help_and_every_option_a_description() {
    let home = Home::bare();
    let verbs = [
        "task create",
        "task list",
        "task claim",
        "agent add",
        "sprint create",
        "answer",
        "ask",
        "config set",
        "risk add",
        "risk edit",
        "restore",
    ];
    for verb in verbs {
        let help = home.ok(verb.split(' ').chain(["--help"]));
        assert!(help.contains("Usage: vayu "), "{verb}");
        let lines: Vec<&str> = help.lines().collect();
        for (line, next) in
            lines.iter().zip(lines.iter().skip(1)).filter(|(line, _)| line.trim_start().starts_with("--"))
        {
            let described = line.trim().contains("  ") || !next.trim().is_empty();
            assert!(described, "{verb}: {line}");
        }
    }
}

#[test]
fn completions_know_the_verbs_in_every_shell() {
    let home = Home::bare();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.ok(["completions", shell]);
        assert!(script.contains("workload") && script.contains("heartbeat"), "{shell}");
    }
    home.vayu(["completions", "csh"]).code(2).says("bash");
}

#[test]
fn manual_pages_are_written_for_every_verb() {
    let home = Home::bare();
    assert!(home.ok(["man"]).contains(".TH vayu 1"));
    let pages = home.json(["man", "pages"]);
    for page in ["vayu.1", "vayu-task-create.1", "vayu-agent-workload.1", "vayu-restore.1"] {
        assert!(pages["pages"].as_array().unwrap().contains(&page.into()), "{page} is not in {pages}");
        assert!(home.path().join("pages").join(page).exists(), "{page}");
    }
}

#[test]
fn help_into_a_closed_pipe_ends_quietly() {
    let home = Home::bare();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = program(home.path()).arg("--help").stdout(writer).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.code().is_some(), "no signal, no panic");
}
