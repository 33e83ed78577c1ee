//! `vayu forecast`, by the real program.

use super::common::Home;

/// Four tasks for two agents, in a sprint of two weeks that has begun.
fn begun() -> Home {
    let home = Home::new();
    home.ok(["agent", "add", "ana"]);
    home.ok(["agent", "add", "bot"]);
    for title in ["Card payments", "Receipts", "Refunds", "Logo"] {
        home.ok(["task", "create", title, "--estimate", "6h"]);
    }
    home.ok(["sprint", "create", "One"]);
    home.ok(["task", "edit", "1", "2", "3", "4", "--sprint", "One"]);
    home
}

#[test]
fn a_sprint_has_likely_dates_and_a_chance() {
    let home = begun();
    let planned = home.json(["forecast", "--runs", "500"]);
    assert_eq!((&planned["sprint"], &planned["tasks"]), (&"One".into(), &4.into()));
    home.ok(["sprint", "start"]);
    let told = home.json(["forecast", "--runs", "500"]);
    let (even, high) = (told["p50_at"].as_str().unwrap(), told["p80_at"].as_str().unwrap());
    assert!(even < high, "{even} {high}");
    assert!(told["chance"].as_f64().unwrap() > 0.9 && told["basis"]["n"] == 0, "{told}");
    let text = home.ok(["forecast", "One"]);
    for words in [
        "  likely      ",
        "  80 %        ",
        "(from what teams are like)",
        "for all 4 tasks by",
        "no task is finished yet",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn what_would_help_is_told_where_the_goal_is_unlikely() {
    let home = begun();
    home.ok(["task", "edit", "1", "--estimate", "400h"]);
    home.ok(["sprint", "start"]);
    let told = home.json(["forecast", "--runs", "500"]);
    assert!(told["chance"].as_f64().unwrap() < 0.5, "{told}");
    assert_eq!(told["movers"][0]["label"], "#1");
    assert_eq!(told["ways"][0]["what"], "without #1");
    assert!(told["ways"][0]["chance"].as_f64().unwrap() > 0.8);
    let text = home.ok(["forecast", "--runs", "500"]);
    assert!(text.contains("  hangs on    #1 Card payments: ") && text.contains("without #1: "), "{text}");
}

#[test]
fn the_goal_is_that_of_all_tasks_and_says_what_keeps_it_from_being_reached() {
    let home = begun();
    home.ok(["task", "depend", "3", "--on", "2"]);
    home.ok(["sprint", "start"]);
    home.ok(["sprint", "replan"]);
    home.ok(["sprint", "replan", "--accept"]);
    let before = home.json(["forecast", "--runs", "500"]);
    assert_eq!((&before["chance_of_all"], &before["stuck"]), (&before["chance"], &serde_json::json!([])));
    home.ok(["task", "block", "2", "--reason", "contract not signed"]);
    let after = home.json(["forecast", "--runs", "500"]);
    assert!(after["chance_of_all"].is_null() && after["barrier"] == "#2 is blocked", "{after}");
    assert_eq!((&after["tasks"], after["stuck"].as_array().map(Vec::len)), (&2.into(), Some(2)));
    let text = home.ok(["forecast", "--runs", "500"]);
    for words in ["cannot be reached while #2 is blocked; ", "2 tasks that cannot go on"] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    let replan = home.ok(["sprint", "replan"]);
    for words in [
        "the plan holds for the rest; the last task that can go on ends ",
        "2 tasks cannot go on:",
        "#2 is blocked: contract not signed",
        "#3 waits for that",
    ] {
        assert!(replan.contains(words), "`{words}` is not in\n{replan}");
    }
}

#[test]
fn what_was_done_in_no_time_is_said_to_be_done() {
    let home = begun();
    home.ok(["sprint", "start"]);
    let claim = home.claim(1, "bot");
    home.ok(["task", "start", "1", "--claim", &claim]);
    home.ok(["task", "complete", "1", "--claim", &claim]);
    let text = home.ok(["forecast", "--runs", "500"]);
    assert!(text.contains("no finished task has taken a minute yet"), "{text}");
}

#[test]
fn forecasts_are_judged_when_the_sprint_is_over() {
    let home = begun();
    assert!(home.ok(["forecast", "score"]).contains("no sprint with a forecast is closed yet"));
    home.ok(["sprint", "start"]);
    home.ok(["forecast", "--runs", "20"]);
    assert!(home.ok(["forecast", "score"]).contains("no sprint with a forecast"), "a rough one is not written down");
    home.ok(["forecast", "--runs", "500"]);
    for task in ["1", "2", "3", "4"] {
        home.ok(["task", "complete", task, "--force"]);
    }
    home.vayu(["forecast"]).code(4);
    home.ok(["sprint", "close"]);
    home.vayu(["forecast", "One"]).code(4);
    let score = home.json(["forecast", "score"]);
    assert_eq!((&score["p80"]["hits"], &score["p80"]["n"]), (&1.into(), &1.into()), "{score}");
    assert_eq!((&score["sprints"][0]["held"], &score["unknown"]), (&true.into(), &0.into()));
    assert!(home.ok(["sprint", "retro"]).contains("  forecast    goal "), "report and retrospective agree");
    let text = home.ok(["forecast", "score"]);
    assert!(text.contains("held 1 of 1 times") && text.contains("too few to say"), "{text}");
    let report = home.ok(["sprint", "report", "One"]);
    assert!(report.contains("  forecast    goal ") && report.contains("held"), "{report}");
    assert_eq!(home.json(["sprint", "report", "One"])["forecast"]["by_p80"], true);
}

#[test]
fn a_goal_that_could_not_be_reached_is_noted_as_it_was_shown() {
    let home = begun();
    home.ok(["sprint", "start"]);
    home.ok(["task", "block", "2", "--reason", "contract not signed"]);
    assert!(home.json(["forecast", "--runs", "500"])["chance"].as_f64().unwrap() > 0.9, "of the other tasks");
    for task in ["1", "3", "4"] {
        home.ok(["task", "complete", task, "--force"]);
    }
    home.ok(["sprint", "close"]);
    let score = home.json(["forecast", "score"]);
    let told = &score["sprints"][0]["told"];
    assert_eq!((&told["chance"], &told["tasks"], &told["without"]), (&0.0.into(), &3.into(), &1.into()), "{score}");
    assert_eq!((&score["brier"], &score["unknown"], &score["p80"]), (&0.0.into(), &1.into(), &().into()), "{score}");
    let text = home.ok(["forecast", "score"]);
    assert!(text.contains("goal 0 %, 80 % by ") && text.contains(" for 3 of 4; not all was done"), "{text}");
}

#[test]
fn of_many_milestones_it_says_how_many_more_there_are() {
    let home = begun();
    for at in 1..=15 {
        home.ok(["task", "create", &format!("Step {at}"), "--backlog", "--milestone", &format!("M{at}")]);
    }
    let told = home.json(["forecast", "--runs", "500"]);
    assert_eq!((told["milestones"].as_array().map(Vec::len), &told["more_milestones"]), (Some(12), &3.into()));
    let text = home.ok(["forecast", "--runs", "500"]);
    assert!(text.contains("and 3 more milestones"), "{text}");
}

#[test]
fn milestones_have_a_date_and_a_chance() {
    let home = begun();
    home.ok(["task", "edit", "1", "2", "--milestone", "Beta"]);
    home.ok(["task", "create", "Invoices", "--backlog"]);
    home.ok(["task", "edit", "5", "--milestone", "Beta"]);
    let told = home.json(["forecast", "--runs", "500"]);
    let beta = &told["milestones"][0];
    assert_eq!((&beta["name"], &beta["tasks"], &beta["beyond"]), (&"Beta".into(), &2.into(), &1.into()));
    assert!(beta["chance"].as_f64().unwrap() >= told["chance"].as_f64().unwrap(), "{told}");
    assert!(beta["p80_at"].as_str().unwrap() <= told["p80_at"].as_str().unwrap() && beta["pace"].is_null(), "{told}");
    let text = home.ok(["forecast", "--runs", "500"]);
    for words in ["  milestone   Beta: ", " for its 2 tasks by the end of the sprint;", "Beta: 1 more task beyond"] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_risk_is_written_down_changed_taken_back_and_struck_out() {
    let home = begun();
    assert!(home.ok(["risk", "list"]).contains("no risk is written down"));
    let risk = home.json(["risk", "add", "Vendor API slips", "--chance", "20", "--delay", "1-3d", "--task", "1"]);
    assert_eq!((&risk["number"], &risk["task"], &risk["minutes"]), (&1.into(), &"#1".into(), &[480, 1440].into()));
    home.ok(["risk", "add", "Ana is ill", "--chance", "10%", "--delay", "2d", "--sprint", "One"]);
    home.vayu(["risk", "add", "ana is ILL", "--chance", "10", "--delay", "2d"]).code(4);
    home.vayu(["risk", "add", "Both", "--chance", "10", "--delay", "2d", "--task", "1", "--sprint", "One"]).code(2);
    home.vayu(["risk", "edit", "R7", "--chance", "10"]).code(1).says("vayu risk list");
    home.ok(["risk", "edit", "R1", "--chance", "40", "--name", "Vendor slips"]);
    home.ok(["undo"]);
    assert_eq!(home.json(["risk", "list"])[0]["chance"], 20);
    home.ok(["redo"]);
    let text = home.ok(["risk", "list"]);
    for words in [
        "R1  Vendor slips ",
        " 40 %  1d to 3d    #1 Card payments",
        "R2  Ana is ill ",
        " 10 %  2d          everybody in One",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    home.vayu(["risk", "edit", "1", "--chance", "40"]).code(3);
    assert!(home.ok(["risk", "edit", "1", "--sprint", "One"]).contains("everybody in One"));
    assert!(home.ok(["risk", "edit", "1", "--task", "2"]).contains("#2 Receipts"));
    home.vayu(["risk", "edit", "1", "--task", "2", "--sprint", "One"]).code(4);
    assert!(home.ok(["risk", "edit", "1", "--task", "none"]).ends_with("everybody\n"));
    assert!(home.ok(["log"]).contains("changed the settings of the board: risks"));
    home.ok(["risk", "remove", "ana is ill"]);
    assert_eq!(home.json(["risk", "list"]).as_array().unwrap().len(), 1);
    let found = home.vayu(["doctor", "--json"]).json();
    let log = found["checks"].as_array().unwrap().iter().find(|one| one["name"] == "log").unwrap();
    assert_eq!(log["state"], "ok", "what the log says is what stands: {log}");
}

#[test]
fn a_forecast_counts_on_risks_and_says_what_each_costs() {
    let home = begun();
    let plain = home.json(["forecast", "--runs", "1000"]);
    home.ok(["risk", "add", "Everybody waits", "--chance", "60", "--delay", "3d"]);
    home.ok(["risk", "add", "API slips", "--chance", "50", "--delay", "2d-4d", "--task", "2"]);
    home.ok(["risk", "add", "Elsewhere", "--chance", "50", "--delay", "2d", "--task", "4"]);
    home.ok(["task", "complete", "4", "--force"]);
    home.ok(["sprint", "create", "Two"]);
    home.ok(["risk", "add", "Later", "--chance", "50", "--delay", "2d", "--sprint", "Two"]);
    let told = home.json(["forecast", "One", "--runs", "1000"]);
    assert!(told["p80_at"].as_str().unwrap() > plain["p80_at"].as_str().unwrap(), "{told}");
    let names: Vec<&str> =
        told["risks"].as_array().unwrap().iter().map(|risk| risk["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Everybody waits", "API slips"], "not what is done, not of another sprint");
    assert!(told["risks"][0]["gain_minutes"].as_i64().unwrap() > 480, "{told}");
    let text = home.ok(["forecast", "One", "--runs", "1000"]);
    for words in [
        "  risk        R1 Everybody waits (60 %, 3d for everybody): ",
        "earlier without it",
        "R2 API slips (50 %, 2d to 4d for #2)",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    let file = home.path().join("whole.jsonl").display().to_string();
    home.ok(["export", &file, "--to", "vayu"]);
    let other = Home::new();
    other.ok(["import", &file, "--from", "vayu"]);
    assert_eq!(other.json(["risk", "list"]), home.json(["risk", "list"]), "they go where the board goes");
}

#[test]
fn a_full_plan_promises_what_holds_and_keeps_the_rest_for_when_there_is_time() {
    let home = Home::new();
    home.ok(["agent", "add", "bot"]);
    for at in 0..20 {
        let priority = if at < 4 { "high" } else { "normal" };
        home.ok(["task", "create", &format!("Part {at}"), "--estimate", "2h", "--priority", priority, "--backlog"]);
    }
    // The first of those that matter less waits for the last.
    home.ok(["task", "depend", "1", "--on", "20"]);
    let plan = ["sprint", "plan", "--fill", "--start", "+7d", "--days", "5", "--dry-run"];
    let full = home.json(plan);
    assert!(full["forecast"]["chance"].as_f64().unwrap() < 0.5, "{}", full["forecast"]);
    assert!(home.ok(plan).contains("`--likely` promises only what is done in time with 80 %"));
    let likely = home.json(plan.iter().copied().chain(["--likely"]));
    let chance = likely["forecast"]["chance"].as_f64().unwrap();
    assert!((0.8..1.0).contains(&chance), "{chance}");
    let jobs = likely["jobs"].as_array().unwrap();
    let promised = |number: i64| {
        let job = jobs.iter().find(|job| job["number"] == number).unwrap();
        job["picked"] == true && job["stretch"] == false
    };
    for number in [1, 2, 3, 4, 20] {
        assert!(promised(number), "#{number} matters, or comes before what does");
    }
    let stretch = jobs.iter().filter(|job| job["stretch"] == true).count();
    assert!(stretch > 0 && (5..=19).any(promised), "{stretch}");
}

#[test]
fn a_deadline_has_a_chance_of_its_own_beside_the_goal() {
    let home = Home::new();
    home.ok(["agent", "add", "bot"]);
    for title in ["Terms of use", "Banner", "Imprint"] {
        home.ok(["task", "create", title, "--estimate", "6h", "--backlog"]);
    }
    home.ok(["task", "edit", "2", "--deadline", "+30d"]);
    home.ok(["task", "edit", "3", "--deadline", "+1d"]);
    let plan = ["sprint", "plan", "--task", "1,2,3", "--days", "14"];
    let text = home.ok(plan.iter().chain(["--dry-run"].iter()));
    let line = text.lines().find(|line| line.contains(" by its deadline")).unwrap();
    assert!(line.contains("#3 ") && !line.contains("#2 "), "what will be kept is not worth a word there: {text}");
    home.ok(plan.iter().chain(["--start-now"].iter()));
    let told = home.json(["forecast", "--runs", "500"]);
    let due = |at: usize| (told["deadlines"][at]["label"].clone(), told["deadlines"][at]["chance"].as_f64().unwrap());
    assert_eq!((due(0).0, due(1).0), ("#3".into(), "#2".into()));
    assert!(due(0).1 < due(1).1 && due(1).1 > 0.9, "{told}");
    assert!(home.ok(["forecast", "--runs", "500"]).contains("  deadline    #3 Imprint: "));
}

#[test]
fn a_range_and_a_size_that_nobody_said_make_dates_as_wide_as_they_are() {
    let home = Home::new();
    home.ok(["agent", "add", "bot"]);
    let wide = |estimate: &str| {
        let number =
            home.json(["task", "create", "Tidal model", "--estimate", estimate, "--backlog"])["number"].to_string();
        let plan = home.json(["sprint", "plan", "--task", &number, "--days", "14", "--dry-run"]);
        let time =
            |key: &str| plan["forecast"][key].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let start = plan["starts_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let minutes = |key: &str| (time(key) - start).num_minutes() as f64;
        minutes("p80_at") / minutes("p50_at")
    };
    let (plain, range, unsaid) = (wide("1h"), wide("20m-3h"), wide("?"));
    assert!(plain < range && plain < unsaid, "{plain} {range} {unsaid}");
    assert!(wide("50m-70m") < plain, "who says a narrow range is taken at their word");
}

#[test]
fn one_task_too_large_or_that_nobody_can_do_takes_no_promise_from_the_others() {
    let home = Home::new();
    home.ok(["agent", "add", "bot", "--skills", "rust:3"]);
    let create = |title: &str, more: &[&str]| {
        let task = ["task", "create", title, "--backlog", "--estimate"];
        home.ok(task.iter().chain(more));
    };
    create("Rewrite everything", &["200h", "--priority", "critical"]);
    create("Paint the hall", &["2h", "--priority", "high", "--skills", "brush:3"]);
    create("Hang the picture", &["2h", "--priority", "high"]);
    home.ok(["task", "depend", "3", "--on", "2"]);
    create("Fix the door", &["2h"]);
    create("Fix the window", &["2h"]);
    let plan = ["sprint", "plan", "--task", "1,2,3,4,5", "--start", "+7d", "--days", "10", "--likely", "--dry-run"];
    let plan = home.json(plan);
    let stretch = |number: i64| {
        let job = plan["jobs"].as_array().unwrap().iter().find(|job| job["number"] == number).unwrap().clone();
        job["stretch"] == true
    };
    assert_eq!([1, 2, 3, 4, 5].map(stretch), [true, false, false, false, false], "{}", plan["schedule"]["left_out"]);
}
