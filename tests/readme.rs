//! The tutorial of the README works as it stands there: every command of it runs, in order, in one shell.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::path::Path;
use std::process::{Command, Stdio};

/// The blocks that are marked as shell.
fn tutorial() -> String {
    let page = include_str!("../README.md");
    let blocks: Vec<&str> = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 5, "the README has a tutorial");
    blocks.join("\n")
}

#[test]
fn the_tutorial_ends_with_all_its_tasks_done() {
    let home = tempfile::tempdir().unwrap();
    let shop = home.path().join("shop");
    let script = tutorial().replace("/tmp/shop", shop.to_str().unwrap());
    let program = Path::new(env!("CARGO_BIN_EXE_vayu")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    // Job control, so that `kill %1` means what it means to a reader; whatever is left ends with the shell.
    let script = format!("set -euo pipefail; set -m; trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}\nwait");
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("PATH", path.clone())
        .env("HOME", home.path())
        .env_remove("VAYU_BOARD")
        .env_remove("VAYU_AS")
        .current_dir(home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let logs: String = ["orchestrate", "ada", "bob", "eve"]
        .iter()
        .map(|name| std::fs::read_to_string(shop.join(format!("{name}.log"))).unwrap_or_default())
        .collect();
    assert!(output.status.success(), "{}\n{out}\n{err}\n{logs}", output.status);
    let done = Command::new(env!("CARGO_BIN_EXE_vayu"))
        .args(["task", "list", "--status", "completed", "--level", "task", "--json"])
        .current_dir(&shop)
        .output()
        .unwrap();
    let done: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(done.as_array().unwrap().len(), 5, "{out}\n{err}");
}
