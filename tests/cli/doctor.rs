//! What the doctor finds, and what it mends.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::common::{Home, await_that, texts};

/// How the doctor calls what it looked at under this name.
fn state(home: &Home, name: &str) -> String {
    let found = home.vayu(["doctor", "--json"]).json();
    let checks = found["checks"].as_array().unwrap().clone();
    checks.iter().find(|check| check["name"] == name).unwrap()["state"].as_str().unwrap().to_owned()
}

fn backups(home: &Home) -> usize {
    std::fs::read_dir(home.path().join(".vayu/backups")).map(Iterator::count).unwrap_or_default()
}

fn mended(found: &Value) -> String {
    found["fixed"].as_array().map(|fixed| fixed.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

#[test]
fn what_is_not_as_it_should_be_is_named() {
    let home = Home::new();
    assert_eq!(state(&home, "integrity"), "ok");
    assert_eq!(state(&home, "derived"), "ok");
    assert_eq!(state(&home, "file"), "ok");
    assert_eq!(state(&home, "leader"), "warn");
    home.ok(["agent", "add", "builder"]);
    home.task("one");
    home.ok(["task", "claim", "--agent", "builder", "--lease", "1"]);
    await_that("the lease is over", || state(&home, "claims") == "warn");
}

#[test]
fn where_nothing_is_wrong_nothing_is_touched() {
    let home = Home::new();
    home.vayu(["doctor", "--fix"]).code(0);
    assert_eq!(backups(&home), 0);
    home.vayu(["doctor", "--yes"]).code(2).says("--fix");
}

#[test]
fn a_board_that_others_could_read_is_closed_to_them() {
    let home = Home::new();
    std::fs::set_permissions(home.board(), PermissionsExt::from_mode(0o664)).unwrap();
    assert_eq!(state(&home, "file"), "warn");
    assert!(mended(&home.json(["doctor", "--fix"])).contains("only you"));
    let mode = std::fs::metadata(home.board()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn indexes_counts_arrows_and_search_are_made_anew_after_a_backup() {
    let home = Home::new();
    let (first, second) = (home.task("the marmot"), home.task("the other"));
    home.ok(["backup"]);
    home.task("made after the backup");
    home.ok(["task", "depend", &second.to_string(), "--on", &first.to_string()]);
    let words = home.json(["task", "list", "--search", "marmot"]);
    let counts = home.json(["board"])["lanes"].clone();
    let file = rusqlite::Connection::open(home.board()).unwrap();
    for damage in [
        "DELETE FROM words WHERE rowid = 1",
        "UPDATE words_data SET block = x'00' WHERE id > 10",
        "UPDATE lanes SET cards = cards + 7",
        "DELETE FROM lanes WHERE lane = 'ready'",
        "DELETE FROM edges",
    ] {
        file.execute_batch(damage).unwrap();
        home.vayu(["doctor", "--json"]).code(1);
        let before = backups(&home);
        let found = home.json(["doctor", "--fix", "--yes"]);
        assert!(mended(&found).contains("made anew"), "{damage}: {found}");
        assert_eq!((&found["ok"], backups(&home)), (&Value::Bool(true), before + 1), "{damage}");
    }
    drop(file);
    assert_eq!(home.json(["task", "list", "--search", "marmot"]), words);
    assert_eq!(home.json(["board"])["lanes"], counts);
    assert_eq!(home.field(second, "dependencies")["blocked_by"].as_array().unwrap().len(), 1);
    home.vayu(["task", "depend", &first.to_string(), "--on", &second.to_string()]).code(4);
}

#[test]
fn a_damaged_board_is_replaced_by_the_newest_good_backup_and_kept() {
    let home = Home::new();
    home.task("one");
    home.ok(["backup"]);
    home.task("two");
    let good = home.json(["backup"])["file"].as_str().unwrap().to_owned();
    home.task("three");
    let bad = home.path().join(".vayu/backups/newest.db");
    std::fs::write(&bad, b"scrambled").unwrap();
    std::fs::write(home.board(), b"scrambled ".repeat(1000)).unwrap();
    let found = home.vayu(["doctor", "--json"]).code(1).json();
    assert_eq!(found["ok"], false);
    home.vayu(["doctor", "--fix"]).code(2).says("--yes");
    let found = home.json(["doctor", "--fix", "--yes"]);
    assert!(mended(&found).contains(&format!("restored {good}")), "{found}");
    assert!(mended(&found).contains("passed over"), "{found}");
    assert!(mended(&found).contains("kept"), "{found}");
    assert_eq!(texts(&home.json(["task", "list"]), "title"), ["one", "two"]);
}

#[test]
fn a_damaged_board_is_not_replaced_under_agents_at_work_nor_by_what_was_set_aside() {
    let home = Home::new();
    home.ok(["backup"]);
    home.ok(["agent", "add", "builder"]);
    let task = home.task("one");
    home.claim(task, "builder");
    let file = rusqlite::Connection::open(home.board()).unwrap();
    file.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let root = "SELECT rootpage FROM sqlite_master WHERE name = 'comments'";
    let root = usize::from(file.query_row(root, [], |row| row.get::<_, u16>(0)).unwrap());
    drop(file);
    let mut damaged = std::fs::read(home.board()).unwrap();
    damaged[(root - 1) * 4096..root * 4096].fill(0x55);
    std::fs::write(home.board(), &damaged).unwrap();
    home.vayu(["doctor", "--fix", "--yes"]).code(4).says("agents are at work");
    std::fs::write(home.board(), b"scrambled ".repeat(1000)).unwrap();
    let folder = home.path().join(".vayu/backups");
    for (n, entry) in std::fs::read_dir(&folder).unwrap().enumerate() {
        std::fs::rename(entry.unwrap().path(), folder.join(format!("before-restore-{n}.db"))).unwrap();
    }
    home.vayu(["doctor", "--fix", "--yes"]).code(1).says("there is no backup");
}

#[test]
fn without_a_good_backup_a_damaged_board_stays_as_it_is() {
    let home = Home::new();
    let damaged = b"scrambled ".repeat(1000);
    std::fs::write(home.board(), &damaged).unwrap();
    home.vayu(["doctor", "--fix", "--yes"]).code(1).says("no backup");
    assert_eq!(std::fs::read(home.board()).unwrap(), damaged);
}

#[test]
fn what_a_dead_runner_has_left_is_brought_to_an_end() {
    let home = Home::new();
    home.task("long");
    let pid = home.path().join("pid");
    let script = format!("echo $$ > {}; exec sleep 600", pid.display());
    let args = ["agent", "run", "--name", "tom", "--", "sh", "-c", &script];
    let mut runner = home.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let orchestrator = home.command(["orchestrate"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut orchestrator = orchestrator.unwrap();
    await_that("the agent is at work", || std::fs::read_to_string(&pid).is_ok_and(|text| text.ends_with('\n')));
    let pid = std::fs::read_to_string(&pid).unwrap();
    let alive = || std::path::Path::new("/proc").join(pid.trim()).join("cwd").read_link().is_ok();
    for process in [&mut orchestrator, &mut runner] {
        process.kill().unwrap();
        process.wait().unwrap();
    }
    assert!(alive());
    assert_eq!(state(&home, "runs"), "warn");
    let found = home.json(["doctor", "--fix"]);
    assert!(mended(&found).contains("#1 of tom"), "{found}");
    assert!(!alive());
    assert_eq!(state(&home, "runs"), "ok");
    assert_ne!(home.status(1), "executing");
}

#[test]
fn what_old_runs_have_left_goes() {
    let home = Home::new();
    let run = home.path().join(".vayu/runs/7/1");
    std::fs::create_dir_all(&run).unwrap();
    std::fs::write(run.join("task.md"), "a brief").unwrap();
    let long_ago = SystemTime::now() - Duration::from_hours(24 * 60);
    for path in [run.join("task.md"), run.clone()] {
        std::fs::File::open(path).unwrap().set_modified(long_ago).unwrap();
    }
    assert_eq!(state(&home, "leftovers"), "warn");
    assert!(mended(&home.json(["doctor", "--fix"])).contains("1 outworn"));
    assert!(!run.exists());
    assert_eq!(state(&home, "leftovers"), "ok");
}
