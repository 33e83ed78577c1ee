//! What each verb does when all goes well, and what it says when it does not.

use super::common::{Home, texts};

#[test]
fn a_role_that_has_no_file_is_warned_about_with_those_that_do() {
    let home = Home::new();
    let added = home.vayu(["agent", "add", "z", "--role", "wizard"]).code(0);
    assert!(added.err.contains("`wizard`") && added.err.contains("backend-dev, "), "{added:?}");
    let known = home.vayu(["agent", "add", "y", "--role", "qa"]).code(0);
    assert_eq!(known.err, "");
    let help = home.ok(["agent", "add", "--help"]);
    assert!(help.contains("of programs every day at 75 %") && !help.contains("[default: always]"), "{help}");
    home.vayu(["agent", "add", "x", "--availability", "mon 09:00-09:00"]).code(2).says("ends when it begins");
}

#[test]
fn the_five_lines_work_as_written() {
    let home = Home::new();
    home.ok(["agent", "add", "desktop"]);
    let made =
        home.json(["task", "create", "--type", "research", "--priority", "high", "Analyze performance bottlenecks"]);
    assert_eq!(made["title"], "Analyze performance bottlenecks");
    assert_eq!(made["type"], "research");
    let id = made["task_id"].as_str().unwrap();
    assert!(home.ok(["task", "status", "--id", id]).contains("Analyze performance bottlenecks"));
    assert_eq!(home.ok(["task", "list", "--status", "executing"]), "");
    home.ok(["task", "start", id]);
    assert!(home.ok(["task", "list", "--status", "executing"]).contains("Analyze"));
    home.ok(["agent", "list", "--available"]);
    assert!(home.ok(["agent", "workload", "--id", "desktop"]).contains("desktop"));
}

#[test]
fn a_person_walks_a_task_from_backlog_to_done() {
    let home = Home::new();
    let task = home.json(["task", "create", "Write", "the", "ledger", "--backlog"])["number"].to_string();
    let n: i64 = task.parse().unwrap();
    assert_eq!(home.status(n), "created");
    home.ok(["task", "ready", &task]);
    assert_eq!(home.status(n), "queued");
    home.ok(["task", "start", &task]);
    home.ok(["task", "progress", &task, "--percent", "40", "--step", "reading"]);
    assert_eq!(home.field(n, "execution")["progress"], 40);
    home.ok(["task", "pause", &task, "--reason", "lunch"]);
    assert_eq!(home.status(n), "paused");
    home.ok(["task", "resume", &task]);
    home.ok(["task", "submit", &task, "--summary", "written"]);
    assert_eq!(home.status(n), "completed");
    home.ok(["task", "reopen", &task]);
    assert_eq!(home.status(n), "created");
}

#[test]
fn starting_a_task_is_one_change_and_one_undo() {
    let home = Home::new();
    home.ok(["agent", "add", "po", "--kind", "human"]);
    let task = home.task("Write the ledger");
    home.ok(["task", "start", &task.to_string()]);
    assert_eq!(home.status(task), "executing");
    home.ok(["undo"]);
    assert_eq!(home.status(task), "queued");
    home.ok(["redo"]);
    assert_eq!(home.status(task), "executing");
}

#[test]
fn an_agent_claims_reports_and_hands_in_by_its_token() {
    let home = Home::new();
    home.ok(["agent", "add", "builder", "--skills", "rust:4"]);
    let task = home.task("Build it");
    let token = home.claim(task, "builder");
    let by = |verb: &str| home.vayu(["task", verb, &task.to_string(), "--claim", &token]).code(0);
    by("start");
    by("heartbeat");
    by("progress");
    by("complete");
    assert_eq!(home.status(task), "completed");
    home.vayu(["task", "heartbeat", "--claim", &token]).code(5).says("lost");
}

#[test]
fn nothing_ready_is_exit_code_three_and_says_why() {
    let home = Home::new();
    home.ok(["agent", "add", "builder", "--skills", "rust:2"]);
    home.vayu(["task", "claim", "--agent", "builder"]).code(3).says("nothing is ready for builder");
    home.ok(["task", "create", "Hard", "--skills", "rust:5"]);
    home.vayu(["task", "claim", "--agent", "builder"]).code(3).says("rust");
    home.vayu(["undo", "--as", "nobody"]).code(3).says("nothing to undo");
    home.vayu(["redo"]).code(3).says("nothing to redo");
}

#[test]
fn dependencies_hold_back_and_a_circle_is_named() {
    let home = Home::new();
    let (a, b, c) = (home.task("a"), home.task("b"), home.task("c"));
    home.ok(["task", "depend", &b.to_string(), "--on", &a.to_string()]);
    home.ok(["task", "depend", &c.to_string(), "--on", &b.to_string()]);
    assert_eq!(home.status(c), "blocked");
    home.vayu(["task", "depend", &a.to_string(), "--on", &c.to_string()]).code(4).says("waits for #3 waits for #2");
    home.ok(["task", "complete", &a.to_string()]);
    assert_eq!(home.status(b), "queued");
    home.ok(["task", "undepend", &c.to_string(), "--on", &b.to_string()]);
    assert_eq!(home.status(c), "queued");
}

#[test]
fn several_tasks_get_a_result_each() {
    let home = Home::new();
    home.task("one");
    home.task("two");
    let run = home.vayu(["task", "cancel", "1", "2", "77", "--json"]).code(1);
    let results = run.json();
    assert_eq!(
        results.as_array().unwrap().iter().map(|row| row["ok"].as_bool().unwrap()).collect::<Vec<_>>(),
        [true, true, false]
    );
    assert_eq!(results[0]["result"]["status"], "cancelled");
    assert!(results[2]["error"].as_str().unwrap().contains("no task `#77`"));
}

#[test]
fn a_task_goes_by_number_id_and_first_digits() {
    let home = Home::new();
    let id = home.json(["task", "create", "one"])["task_id"].as_str().unwrap().to_owned();
    for name in ["1", "#1", &id, &id[..13], &id.replace('-', "")[..14]] {
        assert_eq!(home.json(["task", "status", name])["task_id"], id.as_str(), "{name}");
    }
    home.vayu(["task", "status", "ffff"]).code(1).says("no task `ffff`");
    home.vayu(["task", "status", "hello"]).code(2).says("is not a task");
    home.vayu(["task", "status"]).code(2).says("say which task");
}

#[test]
fn agents_join_change_and_drain() {
    let home = Home::new();
    let hours = ["--availability", "mon-fri 09:00-17:00", "--time-zone", "Europe/Berlin"];
    let mut add = vec!["agent", "add", "ann", "--kind", "human", "--role", "qa", "--skills", "rust:4,sql"];
    add.extend(hours);
    let ann = home.json(add.iter().chain(&["--cost", "40.5", "--wip-limit", "2"]));
    assert_eq!(ann["skills"]["sql"], 3);
    assert_eq!(ann["availability"].as_array().unwrap().len(), 5);
    home.vayu(["agent", "add", "ann"]).code(4).says("there is an agent `ann` already");
    home.vayu(["agent", "add", "bob", "--time-zone", "Mars/Base"]).code(2).says("no time zone");
    home.vayu(["agent", "add", "bob", "--skills", "rust:9"]).code(2).says("1 to 5");
    home.vayu(["agent", "add", "bob", "--availability", "whenever"]).code(2).says("mon-fri 09:00-17:00");
    let id = ann["agent_id"].as_str().unwrap();
    let edited =
        home.json(["agent", "edit", id, "--rename", "anna", "--add-skills", "go:2", "--availability", "always"]);
    assert_eq!(edited["name"], "anna");
    assert_eq!(edited["skills"]["go"], 2);
    assert_eq!(texts(&home.json(["agent", "list", "--available"]), "name"), ["anna"]);
    assert_eq!(home.json(["agent", "drain", "anna"])["status"], "draining");
    assert_eq!(home.json(["agent", "list", "--available"]).as_array().unwrap().len(), 0);
    assert_eq!(home.json(["agent", "drain", "anna", "--off"])["draining"], false);
    home.vayu(["agent", "workload", "nobody"]).code(1).says("no agent `nobody`");
}

#[test]
fn workload_tells_what_is_in_hand_and_what_is_left() {
    let home = Home::new();
    home.ok(["agent", "add", "desktop", "--wip-limit", "4"]);
    home.ok(["task", "create", "Half done", "--estimate", "2h", "--points", "3"]);
    let token = home.claim(1, "desktop");
    home.ok(["task", "progress", "1", "--percent", "50", "--claim", &token]);
    let load = home.json(["agent", "workload", "--id", "desktop"]);
    assert_eq!(load["current_tasks"][0]["number"], 1);
    assert_eq!(load["load_percent"], 25);
    assert_eq!(load["remaining_minutes"], 60);
    assert!(home.ok(["agent", "workload", "desktop"]).contains("about 1h of estimated work left, 3 points"));
}

#[test]
fn a_sprint_is_planned_runs_and_ends() {
    let home = Home::new();
    home.vayu(["sprint", "status"]).code(1).says("vayu sprint plan");
    home.ok(["task", "create", "In", "--backlog", "--points", "5"]);
    home.task("Out");
    let sprint = home.json(["sprint", "create", "--goal", "Ship it", "--objective", "a", "--objective", "b"]);
    assert_eq!(sprint["name"], "Sprint 1");
    home.ok(["task", "edit", "1", "--sprint", "Sprint 1"]);
    let started = home.json(["sprint", "start"]);
    assert_eq!((&started["state"], &started["committed_points"]), (&"active".into(), &5.0.into()));
    assert_eq!(home.status(1), "queued");
    assert!(home.ok(["sprint", "status"]).contains("day 1 of 14"));
    home.ok(["sprint", "create", "Next"]);
    home.vayu(["sprint", "start", "Next"]).code(4).says("still active");
    home.ok(["sprint", "close", "--carry-to", "Next"]);
    assert_eq!(home.json(["sprint", "status", "Next"])["tasks"], 1);
    assert_eq!(texts(&home.json(["sprint", "list"]), "state"), ["planned", "closed"]);
    home.vayu(["sprint", "create", "--starts", "2026-05-02", "--ends", "2026-05-01"])
        .code(4)
        .says("ends after it starts");
}

#[test]
fn a_question_holds_its_task_until_it_is_answered() {
    let home = Home::new();
    home.ok(["agent", "add", "builder"]);
    let task = home.task("Round amounts");
    let token = home.claim(task, "builder");
    home.ok(["task", "start", "1", "--claim", &token]);
    let mut ask = vec!["ask", "1", "Half-even or half-up?", "--option", "half-even", "--option", "half-up"];
    ask.extend(["--recommend", "1", "--as", "builder", "--claim", &token]);
    assert_eq!(home.json(&ask)["label"], "ASK-1");
    assert_eq!(home.status(task), "paused");
    let inbox = home.ok(["inbox"]);
    assert!(inbox.contains("ASK-1") && inbox.contains("1  half-even  (suggested)"), "{inbox}");
    home.vayu(["answer", "ASK-1", "--choice", "3"]).code(4).says("choices 1 to 2");
    home.vayu(["answer", "ASK-1"]).code(4).says("choose one");
    home.vayu(["answer", "ASK-1", "--choice", "1", "--as", "builder"]).code(4).says("only a human");
    let answer = home.json(["answer", "ask-1", "--choice", "2", "as", "the", "tests", "expect"]);
    assert_eq!((&answer["state"], &answer["answer"]), (&"answered".into(), &"as the tests expect".into()));
    assert_eq!(home.status(task), "assigned");
    home.vayu(["answer", "1", "again"]).code(4).says("answered by po already");
    assert_eq!(home.json(["inbox"]).as_array().unwrap().len(), 0);
    assert_eq!(home.json(["inbox", "--all"]).as_array().unwrap().len(), 1);
}

#[test]
fn an_option_is_taken_by_its_name_as_well() {
    let home = Home::new();
    home.task("Round amounts");
    home.ok(["ask", "1", "Half-even or half-up?", "--option", "half-even", "--option", "half-up"]);
    let answer = home.json(["answer", "ASK-1", "Half-Up"]);
    assert_eq!((&answer["choice"], &answer["answer"]), (&1.into(), &"Half-Up".into()));
}

#[test]
fn a_question_can_be_put_off_passed_on_and_withdrawn() {
    let home = Home::new();
    home.task("one");
    home.ok(["ask", "1", "Which?", "--go-on"]);
    assert_eq!(home.status(1), "queued", "the task goes on");
    assert_eq!(home.json(["answer", "1", "--delegate", "ann"])["delegated_to"], "ann");
    home.ok(["answer", "1", "--snooze", "+2h"]);
    assert_eq!(home.json(["inbox"]).as_array().unwrap().len(), 0);
    assert_eq!(home.json(["answer", "1", "--withdraw"])["state"], "withdrawn");
    home.vayu(["answer", "1", "--snooze", "someday"]).code(2).says("is no time");
    home.vayu(["answer", "7", "yes"]).code(1).says("no question `ASK-7`");
}

#[test]
fn the_log_tells_who_did_what_and_undo_takes_it_back() {
    let home = Home::new();
    home.task("one");
    home.ok(["task", "edit", "1", "--priority", "high"]);
    home.ok(["--as", "ann", "task", "comment", "1", "looks good"]);
    let log = home.ok(["log"]);
    for words in [
        "po            wrote down #1 one",
        "changed priority to P1 of #1 one",
        "ann           said about #1 one: looks good",
    ] {
        assert!(log.contains(words), "{words:?} is not in\n{log}");
    }
    assert_eq!(home.json(["log", "--by", "ann"]).as_array().unwrap().len(), 1);
    assert_eq!(home.json(["log", "--task", "1", "--limit", "2"]).as_array().unwrap().len(), 2);
    let undone = home.json(["undo"]);
    assert_eq!(undone["tasks"][0], 1);
    assert_eq!(home.field(1, "priority"), "normal");
    home.ok(["redo"]);
    assert_eq!(home.field(1, "priority"), "high");
    home.ok(["undo", "--any"]);
    assert!(home.field(1, "comments").as_array().unwrap().is_empty());
    let create = home.json(["log"])[1]["change"].to_string();
    home.vayu(["undo", &create]).code(4).says("came after it");
    home.vayu(["undo", "999"]).code(4).says("no such change");
}

#[test]
fn settings_are_listed_read_and_checked() {
    let home = Home::new();
    assert_eq!(home.json(["config", "get", "strategy"])["value"], "hybrid");
    home.ok(["config", "set", "wip.in_progress=4", "review=always", "lease-seconds=120"]);
    assert_eq!(home.ok(["config", "get", "wip.in_progress"]), "4\n");
    home.ok(["config", "set", "wip.in_progress", "none"]);
    assert_eq!(home.ok(["config", "get", "wip.in_progress"]), "none\n");
    home.vayu(["config", "set", "lease_seconds", "2"]).code(2).says("5 to 86400");
    home.vayu(["config", "set", "strategy", "chaos"]).code(2).says("push, pull, hybrid");
    home.vayu(["config", "get", "colour"]).code(2).says("there are: project, strategy");
    home.ok(["agent", "add", "builder"]);
    home.vayu(["config", "set", "review", "never", "--as", "builder"]).code(4).says("only a human");
    assert_eq!(home.ok(["config", "get", "review"]), "always\n");
}

#[test]
fn a_full_lane_queues_and_lifting_its_limit_lets_everyone_in() {
    let home = Home::new();
    home.ok(["config", "set", "wip.ready=2"]);
    for n in 0..12 {
        home.task(&format!("task {n}"));
    }
    assert!(home.ok(["board"]).contains("Ready  2 of 2"));
    home.ok(["config", "set", "wip.ready=none"]);
    assert!(home.ok(["board"]).contains("Ready  12"), "{}", home.ok(["board"]));
}

#[test]
fn the_board_is_plain_text_where_there_is_no_terminal() {
    let home = Home::new();
    assert!(home.ok([] as [&str; 0]).contains("no tasks yet"));
    home.ok(["config", "set", "wip.in_progress=4"]);
    home.ok(["task", "create", "Parse the workflow", "--points", "5", "--priority", "critical"]);
    home.ok(["task", "create", "Then run it", "--depends-on", "1"]);
    home.ok(["task", "start", "1"]);
    let board = home.ok(["board"]);
    for line in ["Payments", "In progress  1 of 4, 5 points", "#1 P0 Parse the workflow  executing, po, 5p", "needs #1"]
    {
        assert!(board.contains(line), "{line:?} is not in\n{board}");
    }
    assert_eq!(home.ok(["--plain"]), board);
    assert_eq!(home.json(["board"])["lanes"][2]["cards"][0]["number"], 1);
}

#[test]
fn a_folder_without_a_board_says_how_to_get_one() {
    let home = Home::bare();
    home.vayu(["task", "list"]).code(1).says("`vayu init` makes one");
    home.vayu([] as [&str; 0]).code(1).says("`vayu init` makes one");
    home.vayu(["task", "list", "--board", "elsewhere.db"]).code(1).says("there is no board at elsewhere.db");
    home.ok(["init"]);
    home.vayu(["init"]).code(1).says("already");
    let below = home.path().join("src/deep");
    std::fs::create_dir_all(&below).unwrap();
    home.ok(["task", "create", "one"]);
    let listed = super::common::program(&below).args(["task", "list"]).output().unwrap();
    assert!(String::from_utf8(listed.stdout).unwrap().contains("one"), "the board above is found");
}

#[test]
fn the_same_request_key_makes_one_task() {
    let home = Home::new();
    let first = home.json(["task", "create", "Pay", "--idempotency-key", "k1"]);
    let second = home.json(["task", "create", "Pay again", "--idempotency-key", "k1"]);
    assert_eq!(first["task_id"], second["task_id"]);
    assert_eq!(home.json(["task", "list"]).as_array().unwrap().len(), 1);
}

#[test]
fn what_a_role_file_allows_holds_for_the_agents_of_that_role() {
    let home = Home::new();
    std::fs::create_dir(home.path().join(".vayu/roles")).unwrap();
    let file = home.path().join(".vayu/roles/intern.toml");
    std::fs::write(&file, "title = 'Intern'\npermissions = ['work']\n").unwrap();
    home.ok(["agent", "add", "tom", "--role", "intern"]);
    home.task("theirs");
    home.vayu(["task", "create", "more", "--as", "tom"])
        .code(4)
        .says("tom may not write down new tasks: its role intern allows work; a person can do it");
    home.ok(["agent", "edit", "tom", "--role", "none"]);
    home.ok(["task", "create", "more", "--as", "tom"]);
    home.ok(["agent", "run", "--name", "tom", "--role", "intern", "--once", "--", "true"]);
    home.vayu(["task", "edit", "2", "--title", "x", "--as", "tom"]).code(0);
    home.vayu(["task", "edit", "1", "--priority", "low", "--as", "po"]).code(0);
    home.vayu(["task", "create", "again", "--as", "tom"]).code(4).says("its role intern");
    std::fs::write(&file, "title = 'Intern'\n").unwrap();
    home.ok(["agent", "run", "--name", "tom", "--once", "--", "true"]);
    home.ok(["task", "create", "again", "--as", "tom"]);
}

#[test]
fn words_alone_do_not_decide_what_needs_a_choice() {
    let home = Home::new();
    home.ok(["config", "set", "review", "always"]);
    home.ok(["agent", "add", "builder"]);
    let task = home.task("one");
    let token = home.claim(task, "builder");
    home.ok(["task", "start", &task.to_string(), "--claim", &token]);
    home.ok(["task", "submit", &task.to_string(), "--claim", &token]);
    let asks = home.json(["inbox"]);
    let number = asks[0]["number"].to_string();
    home.vayu(["answer", &number, "looks good"]).code(4).says("needs a choice");
    assert_eq!(home.json(["inbox"]).as_array().unwrap().len(), 1, "the question stands");
    home.ok(["answer", &number, "--choice", "1", "looks good"]);
    assert_eq!(home.json(["task", "status", &task.to_string()])["status"], "completed");
}

#[test]
fn a_question_about_a_backlog_card_does_not_start_it() {
    let home = Home::new();
    home.ok(["task", "create", "later", "--backlog"]);
    home.ok(["ask", "1", "Ship it?", "--option", "yes"]);
    home.ok(["answer", "1", "--choice", "1"]);
    assert_eq!(home.json(["task", "status", "1"])["status"], "created");
}

#[test]
fn a_refused_command_leaves_nobody_on_the_team() {
    let home = Home::new();
    let (before, after) = (home.task("before"), home.task("after"));
    home.ok(["task", "depend", &after.to_string(), "--on", &before.to_string()]);
    home.vayu(["task", "start", &after.to_string(), "--as", "carl"]).code(4);
    assert_eq!(home.json(["agent", "list"]), serde_json::json!([]));
}

#[test]
fn a_day_in_a_file_is_the_same_day_here_and_back() {
    let home = Home::new();
    std::fs::write(home.path().join("list.md"), "- [ ] Pay due:2026-12-24\n").unwrap();
    home.ok(["import", "list.md"]);
    assert!(home.ok(["task", "status", "1"]).contains("end of 2026-12-24"));
    assert!(home.ok(["export", "--to", "markdown"]).contains("due:2026-12-24"));
    assert!(home.ok(["export", "--to", "csv"]).contains("2026-12-24"));
    assert!(home.ok(["export", "--to", "taskwarrior"]).contains("20261224T000000Z"));
}

#[test]
fn a_priority_goes_by_every_name_that_cards_and_people_use() {
    let home = Home::new();
    for (n, name) in ["critical", "P0", "p0", "urgent"].iter().enumerate() {
        home.ok(["task", "create", "one", "-p", name]);
        assert_eq!(home.json(["task", "status", &(n + 1).to_string()])["priority"], "critical", "{name}");
    }
    home.vayu(["task", "create", "one", "-p", "P9"]).code(2).says("P0 to P3");
}

#[test]
fn what_was_taken_back_is_named_though_it_is_gone() {
    let home = Home::new();
    home.task("Write the letter");
    assert!(home.ok(["undo"]).contains("#1 Write the letter"));
}

#[test]
fn an_agent_joins_with_all_that_is_said_of_it_in_one_change() {
    let home = Home::new();
    home.ok(["agent", "add", "bot", "--model", "large-4.1", "--away", "2030-12-24"]);
    home.ok(["undo"]);
    assert_eq!(home.json(["agent", "list"]), serde_json::json!([]));
}

#[test]
fn a_skill_that_looks_misspelt_is_asked_about() {
    let home = Home::new();
    home.ok(["agent", "add", "bot", "--skills", "rust:4,review:3"]);
    home.vayu(["task", "create", "Ledger", "--skills", "rsut:3"]).code(0).says("did you mean `rust`?");
    home.vayu(["task", "edit", "1", "--skills", "reveiw"]).code(0).says("did you mean `review`?");
    home.vayu(["agent", "add", "other", "--skills", "rusty"]).code(0).says("did you mean `rust`?");
    let quiet = home.vayu(["task", "create", "Poster", "--skills", "design:3,rust:2"]);
    assert!(!quiet.err.contains("did you mean"));
    home.vayu(["agent", "edit", "bto", "--wip-limit", "2"]).code(1).says("did you mean `bot`?");
}

#[test]
fn what_an_agent_works_with_is_kept_with_its_attempts_and_goes_along() {
    let home = Home::new();
    home.ok(["agent", "add", "bot", "--model", "large-4.1"]);
    home.vayu(["agent", "edit", "bot", "--model", " "]).code(4);
    let task = home.task("Ledger");
    home.claim(task, "bot");
    let number = task.to_string();
    home.ok(["task", "start", &number, "--force"]);
    home.ok(["task", "submit", &number, "--force", "--tokens", "1200", "--cost", "0.5"]);
    assert_eq!(home.json(["agent", "edit", "bot", "--model", "large-5"])["model"], "large-5");
    assert!(home.ok(["agent", "workload", "bot"]).contains("works with large-5"));
    assert!(home.ok(["task", "show", &number]).contains("spent        0.50, 1.2k tokens"));
    let shown = home.json(["task", "show", &number]);
    let attempt = &shown["attempts"][0];
    assert_eq!((&attempt["model"], &attempt["tokens"]), (&"large-4.1".into(), &1200.into()), "{shown}");
    home.ok(["export", "all.json"]);
    let other = Home::new();
    let file = home.path().join("all.json");
    other.ok(["import", file.to_str().unwrap()]);
    let there = other.json(["task", "show", &number]);
    assert_eq!(
        (&there["attempts"][0]["model"], &there["attempts"][0]["tokens"]),
        (&attempt["model"], &attempt["tokens"])
    );
    assert_eq!(other.json(["agent", "list"])[0]["model"], "large-5");
    home.ok(["agent", "edit", "bot", "--model", "none"]);
    assert_eq!(home.json(["agent", "list"])[0].get("model"), None);
    home.ok(["undo"]);
    assert_eq!(home.json(["agent", "list"])[0]["model"], "large-5");
    home.ok(["doctor"]);
}

#[test]
fn a_plan_is_held_against_a_budget() {
    let home = Home::new();
    home.ok(["agent", "add", "bot"]);
    let plan = |home: &Home| home.json(["sprint", "plan", "--task", "1", "--budget", "5", "--dry-run"]);
    home.ok(["task", "create", "Ledger", "--estimate", "2h", "--backlog"]);
    let cold = plan(&home);
    assert_eq!(
        (&cold["budget"]["exceeded"], &cold["spending"]["cost"]),
        (&serde_json::Value::Null, &serde_json::Value::Null),
        "{cold}"
    );
    let text = home.ok(["sprint", "plan", "--task", "1", "--dry-run"]);
    assert!(text.contains("no cost known yet"), "{text}");
}

#[test]
fn a_task_is_made_found_and_shown_by_its_milestone() {
    let home = Home::new();
    let made = home.json(["task", "create", "Gift boxes", "--milestone", " Gift season "]);
    home.task("Something else");
    assert_eq!(made["milestone_id"], "Gift season");
    let listed = home.ok(["task", "list", "--milestone", "gift season"]);
    assert!(listed.contains("Gift boxes") && !listed.contains("else"), "{listed}");
    assert_eq!(home.json(["task", "list", "--milestone", "Gift"]).as_array().map(Vec::len), Some(0));
    let shown = home.ok(["task", "show", "1"]);
    assert!(shown.contains("milestone    Gift season"), "{shown}");
    home.ok(["task", "edit", "1", "--milestone", "none"]);
    assert!(!home.ok(["task", "show", "1"]).contains("milestone"));
    home.vayu(["task", "create", "Nameless", "--milestone", " "]).code(2).says("a milestone has a name");
}

#[test]
fn a_review_says_how_it_is_and_a_rejection_says_why() {
    let home = Home::new();
    home.ok(["config", "set", "review=always"]);
    home.task("Gift boxes");
    home.ok(["task", "start", "1"]);
    home.ok(["task", "submit", "1"]);
    home.vayu(["task", "review", "1"])
        .code(2)
        .says("`vayu task review 1 --pass`")
        .says("`vayu task review 1 --reject --feedback");
    home.vayu(["task", "review", "1", "--reject"]).code(2).says("vayu task review 1 --reject --feedback");
    home.vayu(["task", "review", "1", "--reject", "--feedback", " "]).code(2).says("--feedback");
    assert_eq!(home.status(1), "reviewing");
    home.ok(["task", "review", "1", "--reject", "--feedback", "the ribbon is missing"]);
    assert_eq!(home.status(1), "assigned", "back to whoever did it");
}

#[test]
fn what_is_done_without_its_conditions_is_told() {
    let home = Home::new();
    home.ok([
        "task",
        "create",
        "Gift boxes",
        "--acceptance",
        "fits",
        "--acceptance",
        "closes",
        "--acceptance",
        "shines",
    ]);
    home.ok(["task", "edit", "1", "--met", "2"]);
    let done = home.ok(["task", "complete", "1"]);
    assert!(done.contains("2 of 3 conditions are not met yet") && done.contains("vayu task edit 1 --met N"), "{done}");
    home.ok(["task", "create", "Plain boxes", "--acceptance", "fits"]);
    home.ok(["task", "edit", "2", "--met", "1"]);
    assert!(!home.ok(["task", "complete", "2"]).contains("condition"));
}

#[test]
fn a_choice_is_taken_by_its_words_and_otherwise_the_choices_are_told() {
    let home = Home::new();
    home.task("Shoes");
    home.ok(["ask", "1", "Which sizes?", "--option", "EU 41", "--option", "UK 7", "--option", "UK 8 and more"]);
    home.vayu(["answer", "ASK-1", "--choice", "US 9"]).code(2).says("none of the choices of ASK-1: 1 EU 41, 2 UK 7");
    home.vayu(["answer", "ASK-1", "--choice", "uk"]).code(2).says("none of the choices");
    assert_eq!(home.json(["answer", "ASK-1", "--choice", "eu 41"])["choice"], 0);
    home.ok(["ask", "1", "Which size?", "--option", "EU 41", "--option", "UK 8 and more"]);
    assert_eq!(home.json(["answer", "ASK-2", "--choice", "UK 8"])["choice"], 1);
}

#[test]
fn a_question_is_left_to_somebody_who_is_known() {
    let home = Home::new();
    home.task("Shoes");
    home.ok(["ask", "1", "Which size?"]);
    home.ok(["answer", "ASK-1", "--delegate", "anybody"]);
    home.ok(["agent", "add", "mia", "--kind", "human"]);
    home.vayu(["answer", "ASK-1", "--delegate", "mai"])
        .code(1)
        .says("no agent or person `mai`")
        .says("did you mean `mia`?");
    home.vayu(["answer", "ASK-1", "--delegate", "somebody"]).code(1).says("known are");
    home.ok(["answer", "ASK-1", "--delegate", "mia"]);
    home.ok(["task", "create", "Gift boxes", "--as", "zoe"]);
    assert_eq!(home.json(["answer", "ASK-1", "--delegate", "zoe"])["delegated_to"], "zoe");
}

#[test]
fn the_number_of_a_risk_that_is_gone_is_not_given_again() {
    let home = Home::new();
    let add = |name: &str| home.json(["risk", "add", name, "--chance", "10", "--delay", "1d"])["number"].clone();
    assert_eq!([add("Ana is ill"), add("Bo is ill")], [1, 2]);
    home.ok(["risk", "remove", "R2"]);
    assert_eq!(add("Cy is ill"), 3);
    home.ok(["undo"]);
    assert_eq!(add("Di is ill"), 4, "nor that of one that was taken back");
}
