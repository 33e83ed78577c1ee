//! What frees a task that waits for another, and what it says while nothing does.

use crate::common::Home;

/// Two tasks, the second of which waits for the first.
fn pair() -> Home {
    let home = Home::new();
    home.ok(["agent", "add", "builder"]);
    home.task("parent");
    home.ok(["task", "create", "child", "--depends-on", "1"]);
    home
}

#[track_caller]
fn waits(home: &Home, words: &str) {
    assert_eq!(home.status(2), "blocked");
    let waits = home.field(2, "waits");
    assert!(waits.to_string().contains(words), "`{words}` is not in {waits}");
    assert!(home.ok(["task", "status", "2"]).contains(words), "people read it, too");
}

#[test]
fn c13_a_child_of_rejected_work_waits_until_the_work_is_accepted() {
    let home = pair();
    home.ok(["config", "set", "review=always"]);
    home.ok(["task", "start", "1"]);
    home.ok(["task", "submit", "1"]);
    waits(&home, "#1 comes first and is reviewing");
    home.ok(["task", "review", "1", "--reject", "--feedback", "tests are missing"]);
    waits(&home, "#1 comes first");
    home.ok(["task", "start", "1"]);
    home.ok(["task", "submit", "1"]);
    home.ok(["task", "review", "1", "--pass"]);
    assert_eq!(home.status(2), "queued");
}

#[test]
fn c13_a_child_of_failed_work_says_what_frees_it() {
    let home = pair();
    home.ok(["task", "start", "1"]);
    home.ok(["task", "fail", "1", "--kind", "refused", "--reason", "cannot be done"]);
    waits(&home, "#1 failed; it frees this only when it is completed, or `undepend` it");
    home.ok(["task", "undepend", "2", "--on", "1"]);
    assert_eq!(home.status(2), "queued");
}

#[test]
fn c13_a_child_of_cancelled_work_is_never_freed_by_it() {
    let home = pair();
    home.ok(["task", "cancel", "1"]);
    waits(&home, "#1 was cancelled and never frees this; reopen it or `undepend` it");
    home.vayu(["task", "claim", "2", "--agent", "builder"]).code(4).says("#2");
    home.ok(["task", "reopen", "1"]);
    home.ok(["task", "ready", "1"]);
    waits(&home, "#1 comes first and is queued");
    home.ok(["task", "complete", "1"]);
    assert_eq!(home.status(2), "queued");
}

#[test]
fn c13_a_child_of_archived_work_is_never_freed_by_it() {
    let home = pair();
    home.ok(["task", "edit", "1", "--archive", "true"]);
    waits(&home, "#1 is archived and never frees this; bring it back or `undepend` it");
    home.ok(["task", "edit", "1", "--archive", "false"]);
    waits(&home, "#1 comes first and is queued");
    home.ok(["task", "complete", "1"]);
    assert_eq!(home.status(2), "queued");
}

#[test]
fn c13_a_condition_holds_a_child_until_somebody_says_that_it_holds() {
    let home = Home::new();
    home.task("parent");
    home.task("child");
    home.ok(["task", "depend", "2", "--on", "1", "--kind", "conditional", "--condition", "the tests pass"]);
    home.ok(["task", "complete", "1"]);
    waits(&home, "nobody said that `the tests pass` holds");
    home.ok(["task", "depend", "2", "--on", "1", "--kind", "conditional", "--condition", "the tests pass", "--holds"]);
    assert_eq!(home.status(2), "queued");
}
