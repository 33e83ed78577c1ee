//! `vayu plan solve`, by the real program.

use std::process::{Command, Output};

fn example() -> &'static str {
    include_str!("../../docs/plan-format.md").split("```toml\n").nth(1).unwrap().split("```").next().unwrap()
}

fn solve(text: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("project.toml");
    std::fs::write(&file, text).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_vayu"));
    program.args(["plan", "solve", "--steps", "500"]).args(more).arg(&file).current_dir(folder.path());
    program.env_remove("VAYU_BOARD").env_remove("VAYU_AS").output().unwrap()
}

#[test]
fn the_documented_file_is_solved_without_a_board() {
    let output = solve(example(), &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["left_out"][0]["reason"], "no_skill");
    assert_eq!(answer["tasks"][0]["task"], "parser");
    assert_eq!(answer, serde_json::from_slice::<serde_json::Value>(&solve(example(), &["--json"]).stdout).unwrap());
}

#[test]
fn people_read_who_does_what_when() {
    let text = String::from_utf8(solve(example(), &[]).stdout).unwrap();
    assert!(text.contains("parser: work by bot") && text.contains("left out: logo (no_skill)"), "{text}");
}

#[test]
fn what_has_to_be_done_and_does_not_fit_ends_with_4() {
    let late = example().replace("deadline = \"2026-03-06T12:00\"", "deadline = \"2026-03-03T10:00\"");
    let output = solve(&late, &["--json"]);
    assert_eq!(output.status.code(), Some(4));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["left_out"][0]["reason"], "deadline");
}

#[test]
fn a_mistake_names_file_line_and_key() {
    let output = solve(&example().replace("agents = [\"mira\"], lane", "agents = [\"mia\"], lane"), &[]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    let line = example().lines().position(|line| line.contains("lane = \"Review\"")).unwrap() + 1;
    assert!(
        error.contains(&format!("project.toml:{line}: task `parser`: stages: `mia`: no agent has that name")),
        "{error}"
    );
    let output = solve(&example().replace("weight = 2", "wieght = 2"), &[]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("wieght") && error.contains("line"), "{error}");
}
