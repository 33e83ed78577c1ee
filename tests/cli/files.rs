//! Backups, restoring, and who may read a board.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use super::common::{Home, texts};

#[test]
fn a_backup_comes_back_and_what_was_there_is_kept() {
    let home = Home::new();
    home.task("before");
    let backup = home.json(["backup"])["file"].as_str().unwrap().to_owned();
    home.task("after");
    home.vayu(["restore", &backup]).code(2).says("--yes");
    let restored = home.json(["restore", &backup, "--yes"]);
    assert_eq!(texts(&home.json(["task", "list"]), "title"), ["before"]);
    let kept = restored["kept"].as_str().unwrap();
    home.ok(["restore", kept, "--yes"]);
    assert_eq!(texts(&home.json(["task", "list"]), "title"), ["before", "after"]);
    let mode = std::fs::metadata(kept).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_backup_replaces_no_file_and_leaves_none_behind() {
    let home = Home::new();
    std::fs::write(home.path().join("mine.db"), "precious").unwrap();
    home.vayu(["backup", "mine.db"]).code(1).says("mine.db");
    assert_eq!(std::fs::read_to_string(home.path().join("mine.db")).unwrap(), "precious");
    home.ok(["backup", "copy.db"]);
    home.vayu(["backup", "nowhere/copy.db"]).code(1).says("nowhere");
    let names: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let inside = home.path().join("folder");
    std::fs::create_dir(&inside).unwrap();
    home.ok(["backup", "folder"]);
    assert_eq!(std::fs::read_dir(&inside).unwrap().count(), 1);
}

#[test]
fn a_restored_board_shows_in_processes_that_have_it_open() {
    use std::io::{BufRead, BufReader};
    let home = Home::new();
    home.task("before");
    home.ok(["backup", "copy.db"]);
    home.task("after");
    let mut follower = home.command(["log", "--follow", "-n", "1", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    home.ok(["restore", "copy.db", "--yes"]);
    home.task("anew");
    home.task("again");
    let seen = lines.next().unwrap().unwrap();
    assert!(seen.contains("anew") || seen.contains("again"), "{seen}");
    follower.kill().unwrap();
    follower.wait().unwrap();
    assert_eq!(home.json(["doctor"])["ok"], true);
}

#[test]
fn only_a_board_in_good_order_is_restored() {
    let home = Home::new();
    home.task("one");
    home.ok(["backup", "good.db"]);
    let good = std::fs::read(home.path().join("good.db")).unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(home.path().join(name), bytes).unwrap();
    put("empty.db", b"");
    put("text.db", &b"not a database ".repeat(1000));
    put("short.db", &good[..good.len() / 2]);
    let mut flipped = good.clone();
    flipped[4096 * 3..4096 * 20].fill(0x5a);
    put("flipped.db", &flipped);
    let mut other = good.clone();
    other[68..72].copy_from_slice(b"abcd");
    put("other.db", &other);
    let mut newer = good;
    newer[60..64].copy_from_slice(&99u32.to_be_bytes());
    put("newer.db", &newer);
    for (name, words) in [
        ("empty.db", "is empty"),
        ("text.db", "is not a vayu board"),
        ("short.db", "damaged"),
        ("flipped.db", "damaged"),
        ("other.db", "is not a vayu board"),
        ("newer.db", "newer vayu"),
        ("missing.db", "No such file"),
    ] {
        home.vayu(["restore", name, "--yes"]).code(1).says(words).says(name);
        assert_eq!(home.status(1), "queued", "{name}: the board is untouched");
    }
    home.vayu(["restore", ".vayu/board.db", "--yes"]).code(2).says("the board itself");
    let entries = std::fs::read_dir(home.path().join(".vayu")).unwrap();
    let left: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| !name.starts_with('.') || name == ".gitignore"), "{left:?}");
}

#[test]
fn a_damaged_board_is_named_by_the_doctor_and_healed_by_a_backup() {
    let home = Home::new();
    home.task("one");
    home.ok(["backup", "good.db"]);
    std::fs::write(home.board(), b"scrambled ".repeat(1000)).unwrap();
    let found = home.vayu(["doctor", "--json"]).code(1).json();
    assert_eq!(found["ok"], false);
    home.vayu(["task", "list"]).code(1).says("is not a vayu board");
    home.ok(["restore", "good.db", "--yes"]);
    assert_eq!(home.status(1), "queued");
    assert_eq!(home.json(["doctor"])["ok"], true);
}

#[test]
fn where_no_board_is_a_backup_makes_one() {
    let home = Home::new();
    home.task("one");
    home.ok(["backup", "copy.db"]);
    std::fs::remove_dir_all(home.path().join(".vayu")).unwrap();
    home.ok(["restore", "copy.db", "--yes"]);
    assert_eq!(home.status(1), "queued");
}

#[test]
fn a_board_is_not_restored_under_agents_at_work() {
    let home = Home::new();
    home.ok(["backup", "copy.db"]);
    home.ok(["agent", "add", "builder"]);
    let task = home.task("one");
    home.claim(task, "builder");
    home.vayu(["restore", "copy.db", "--yes"]).code(4).says("agents are at work on #1");
    home.ok(["restore", "copy.db", "--yes", "--force"]);
    assert_eq!(home.json(["task", "list"]).as_array().unwrap().len(), 0);
}

#[test]
fn a_new_board_is_nobody_elses_business() {
    let home = Home::new();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.board()), 0o600);
    assert_eq!(mode(home.path().join(".vayu")), 0o700);
    assert_eq!(std::fs::read_to_string(home.path().join(".vayu/.gitignore")).unwrap(), "*\n");
}

#[test]
fn an_export_replaces_a_file_only_when_it_is_told_to_and_the_board_never() {
    let home = Home::new();
    home.task("one");
    let mine = home.path().join("mine.csv");
    std::fs::write(&mine, "precious").unwrap();
    home.vayu(["export", "mine.csv"]).code(1).says("--force");
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "precious");
    home.ok(["export", "mine.csv", "--force"]);
    assert!(std::fs::read_to_string(&mine).unwrap().contains("one"));
    home.vayu(["export", ".vayu/board.db", "--force"]).code(2).says("the board itself");
    assert_eq!(home.status(1), "queued");
    home.ok(["export", "/dev/null"]);
}
