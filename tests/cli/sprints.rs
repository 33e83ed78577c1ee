//! `vayu sprint report`, `close` and `status`, by the real program.

use super::common::Home;

/// A sprint with one task done, one left over, one added and one taken out.
fn ended() -> Home {
    let home = Home::new();
    for (title, points) in [("Card payments", "3"), ("Receipts", "5"), ("Refunds", "2")] {
        home.ok(["task", "create", title, "--points", points, "--estimate", "2h"]);
    }
    home.ok(["sprint", "create", "One", "--goal", "Take money", "--capacity", "30h"]);
    home.ok(["task", "edit", "1", "2", "3", "--sprint", "One"]);
    home.ok(["sprint", "start"]);
    home.ok(["task", "edit", "3", "--sprint", "none"]);
    home.ok(["task", "create", "Logo", "--points", "1", "--sprint", "One"]);
    home.ok(["task", "complete", "1", "--force"]);
    home.ok(["sprint", "create", "Two"]);
    home
}

fn report(home: &Home) -> [String; 2] {
    [home.ok(["sprint", "report", "One"]), home.ok(["sprint", "report", "One", "--json"])]
}

#[test]
fn closing_a_sprint_prints_its_report() {
    let home = ended();
    let status = home.ok(["sprint", "status"]);
    assert!(status.contains("3 tasks, 10 points; added 1 task, 1 point, removed 1 task, 2 points"), "{status}");
    let closed = home.ok(["sprint", "close", "--carry-to", "Two"]);
    assert_eq!(closed, home.ok(["sprint", "report"]));
    for words in [
        "  goal        Take money",
        "  planned     3 tasks, 10 points; capacity 30h",
        "  done        1 of 3 tasks, 3 of 10 points; added 0 of 1",
        "  predictable 33 % of the tasks, 30 % of the points",
        "  added       1 task, 1 point",
        "  removed     1 task, 2 points",
        "  left over   2 tasks, 6 points",
        "#2     Receipts  2h left, to Two, 5p",
        "  velocity    no velocity yet: 1 closed sprint on record, 3 are needed",
        "  estimates   ",
        "  flow        ",
        "  waited for  ",
    ] {
        assert!(closed.contains(words), "`{words}` is not in\n{closed}");
    }
    assert!(closed.lines().all(|line| line.chars().count() <= 80), "{closed}");
    assert!(!closed.contains('\x1b'));
    let json = home.json(["sprint", "report", "1"]);
    assert_eq!((&json["state"], &json["done"]["committed"]["points"]), (&"closed".into(), &3.0.into()));
    assert_eq!(json["velocity"]["points"], serde_json::Value::Null);
    let status = home.ok(["sprint", "status", "One"]);
    assert!(status.contains("baseline    3 tasks, 10 points; added 1 task, 1 point, removed"), "{status}");
    assert_eq!(home.json(["sprint", "status", "Two"])["tasks"], 2);
}

#[test]
fn no_later_edit_changes_the_report_and_corrections_are_listed_apart() {
    let home = ended();
    home.ok(["task", "create", "Gone", "--sprint", "One"]);
    home.ok(["task", "complete", "5", "--force"]);
    let log = home.json(["log", "--task", "5"]);
    let changes: Vec<String> = log.as_array().unwrap().iter().map(|row| row["change"].to_string()).collect();
    home.ok(["sprint", "close", "--carry-to", "Two"]);
    let before = report(&home);
    assert!(home.ok(["sprint", "report", "--corrections"]).contains("nothing was changed"));
    home.ok(["task", "edit", "1", "--sprint", "Two", "--points", "8", "--estimate", "9h", "--title", "x"]);
    home.ok(["task", "reopen", "1"]);
    home.ok(["task", "edit", "2", "--sprint", "One", "--points", "1"]);
    home.ok(["task", "cancel", "2"]);
    home.ok(["task", "edit", "4", "--archive", "true"]);
    // A task is deleted by taking back that it was written down.
    for change in changes.iter().rev() {
        home.ok(["undo", change]);
    }
    home.vayu(["task", "status", "5"]).code(1);
    home.ok(["sprint", "start", "Two"]);
    home.ok(["task", "complete", "1", "--force"]);
    home.ok(["sprint", "close", "Two"]);
    assert_eq!(report(&home), before);
    let told = home.ok(["sprint", "report", "One", "--corrections"]);
    assert!(
        told.contains("#1     Card payments: moved out of the sprint, points 3 → 8, estimate 120m → 540m"),
        "{told}"
    );
    assert!(told.contains("#5     Gone: deleted"), "{told}");
    assert_eq!(home.json(["sprint", "report", "One", "--corrections"])["corrections"].as_array().unwrap().len(), 2);
    // What an earlier sprint completed counts there.
    let two = home.json(["sprint", "report", "Two"]);
    assert_eq!(two["done"]["counted_before"]["tasks"], 1);
    assert_eq!(two["velocity"]["sprints"][1]["done"]["tasks"], 0);
}

#[test]
fn a_sprint_that_is_not_closed_has_no_report() {
    let home = Home::new();
    home.vayu(["sprint", "report"]).code(4).says("vayu sprint close");
    home.ok(["sprint", "create", "One"]);
    home.vayu(["sprint", "report", "One"]).code(4).says("One is planned");
    home.vayu(["sprint", "report", "nowhere"]).code(1).says("no sprint");
}

#[test]
fn a_sprint_that_never_started_says_so() {
    let home = Home::new();
    home.ok(["sprint", "create", "One"]);
    let closed = home.ok(["sprint", "close", "One"]);
    assert!(closed.contains("planned     nothing: it was never started"), "{closed}");
    assert!(closed.contains("no velocity yet: 0 closed sprints on record"), "{closed}");
}

/// The end of the proposal's id, as it is told.
fn shown(text: &str) -> String {
    let (_, of) = text.split_once("--of ").expect("a proposal");
    of.chars().take(4).collect()
}

#[test]
fn a_plan_that_loses_its_agent_is_made_anew_only_when_somebody_says_so() {
    let home = Home::new();
    home.ok(["agent", "add", "bot", "--skills", "rust:4"]);
    home.ok(["task", "create", "Parser", "--estimate", "2h"]);
    home.ok(["sprint", "create", "One", "--days", "10"]);
    home.ok(["task", "edit", "1", "--sprint", "One"]);
    home.ok(["sprint", "start"]);
    let first = home.ok(["sprint", "replan"]);
    assert!(first.contains("there is no plan yet") && first.contains("nobody to bot"), "{first}");
    home.vayu(["sprint", "replan", "--accept", "--of", "0000"]).code(4).says("is not the open one");
    home.ok(["sprint", "replan", "--accept"]);
    home.vayu(["sprint", "replan", "--accept"]).code(4).says("no open proposal");
    assert!(home.ok(["sprint", "replan"]).contains("the plan holds"));
    assert!(home.ok(["plan", "why", "1"]).starts_with("#1: "));
    let who = home.ok(["plan", "show", "--agent", "bot"]);
    assert!(who.starts_with("One  1 stage, until ") && who.contains("bot") && who.contains("Parser"), "{who}");
    assert_eq!(home.json(["plan", "show"])["slots"][0]["agent"], "bot");
    assert_eq!(home.ok(["plan", "why-not", "1", "bot"]), "#1 by bot: so it is\n");

    home.ok(["agent", "add", "ana", "--skills", "rust:2"]);
    let instead = home.json(["plan", "why-not", "1", "ana"]);
    assert!(instead["instead"]["change"].is_object(), "{instead}");
    home.ok(["agent", "drain", "bot"]);
    let looked = home.ok(["sprint", "replan", "--dry-run"]);
    assert!(looked.contains("bot to ana") && looked.contains("nothing was changed"), "{looked}");
    let told = home.json(["sprint", "replan"]);
    assert_eq!(told["proposal"]["options"][0]["moves"].as_array().map(Vec::len), Some(1), "{told}");
    home.ok(["sprint", "replan", "--drop"]);
    let second = home.ok(["sprint", "replan"]);
    home.ok(["sprint", "replan", "--accept", "1", "--of", &shown(&second)]);
    assert!(home.ok(["sprint", "replan"]).contains("the plan holds"));
    home.ok(["undo"]);
    assert!(home.ok(["sprint", "replan", "--dry-run"]).contains("bot to ana"));
}

#[test]
fn questions_about_the_plan_are_answered_in_words_and_dates() {
    let home = Home::new();
    for (name, skills) in [("bot", "rust:4"), ("ana", "rust:2"), ("leo", "design:3")] {
        home.ok(["agent", "add", name, "--skills", skills]);
    }
    for title in ["Parser", "Printer", "Prover"] {
        home.ok(["task", "create", title, "--estimate", "4h", "--skills", "rust:3"]);
    }
    home.vayu(["sprint", "replan"]).code(1).says("`vayu sprint plan`");
    home.ok(["sprint", "create", "One", "--days", "10"]);
    home.ok(["task", "edit", "1", "2", "3", "--sprint", "One"]);
    home.ok(["task", "create", "Elsewhere"]);
    home.ok(["sprint", "start"]);
    home.ok(["sprint", "replan"]);
    home.ok(["sprint", "replan", "--accept"]);
    let plan = home.json(["plan", "show"]);
    let last = plan["slots"][2]["number"].as_i64().expect("a number").to_string();

    let why = home.ok(["plan", "why", &last]);
    assert!(why.contains("begins ") && why.contains("bot until then"), "{why}");
    assert!(why.contains("earlier: would begin ") && why.contains(" would wait longer ("), "{why}");
    let json = home.json(["plan", "why", &last]);
    assert!(json["earlier"]["starts_at"].is_string() && json["words"].is_array(), "{json}");
    let not = home.ok(["plan", "why-not", "1", "leo"]);
    assert_eq!(not, "#1 by leo: cannot be: has no rust\n");
    for text in [why, not] {
        assert!(!["finish", "lateness", "cost", "value"].iter().any(|word| text.contains(word)), "{text}");
    }
    home.vayu(["plan", "why", "4"]).code(4).says("#4 is not in One");

    home.claim(1, "bot");
    assert!(home.ok(["plan", "why", "1"]).starts_with("#1: it has begun; bot holds it since "));
    assert!(home.ok(["plan", "why-not", "1", "ana"]).contains("it has begun; bot holds it since "));
    home.ok(["task", "block", "2", "--reason", "contract not signed"]);
    assert_eq!(home.ok(["plan", "why", "2"]), "#2: it is blocked: contract not signed\n");
    assert!(home.ok(["sprint", "status"]).contains("waits       #2 is blocked: contract not signed"));
    assert!(home.ok(["sprint", "replan", "--dry-run"]).contains("  #2 is blocked: contract not signed"));
    assert!(home.ok(["forecast"]).contains("waits       #2 is blocked: contract not signed"));
    home.ok(["task", "complete", "1", "--force"]);
    home.vayu(["plan", "why", "1"]).code(4).says("#1 is completed");
}

#[test]
fn a_change_of_the_plan_says_what_it_wins_and_shows_what_is_to_be_decided() {
    let home = Home::new();
    for name in ["bot1", "bot2"] {
        home.ok(["agent", "add", name]);
    }
    for title in ["One", "Two", "Three", "Four"] {
        home.ok(["task", "create", title, "--estimate", "4h"]);
    }
    home.ok(["sprint", "create", "One", "--days", "10"]);
    home.ok(["task", "edit", "1", "2", "3", "4", "--sprint", "One"]);
    home.ok(["sprint", "start"]);
    home.ok(["sprint", "replan"]);
    home.ok(["sprint", "replan", "--accept"]);
    let first = home.json(["plan", "show", "--agent", "bot1"])["slots"][0]["number"].clone();
    let first = first.as_i64().expect("a number");
    home.claim(first, "bot1");
    home.ok(["agent", "drain", "bot1"]);
    let told = home.ok(["sprint", "replan"]);
    assert!(told.contains("than if nobody decided, "), "{told}");
    let to_another = told.lines().position(|line| line.contains("bot1 to bot2")).expect("a move");
    assert!(!told.lines().take(to_another).any(|line| line.starts_with("     #")), "those come first: {told}");
    assert!(!told.contains(&format!("     #{first} ")), "it has begun: {told}");
    home.ok(["agent", "edit", "bot2", "--away", "2020-01-01..2099-01-01"]);
    home.vayu(["sprint", "replan", "--accept"]).code(4).says("bot2 is ");
    let again = home.ok(["sprint", "replan"]);
    assert!(!again.contains("bot1 to bot2"), "{again}");
}

#[test]
fn a_circle_in_a_project_is_told_by_names_and_line() {
    let home = Home::bare();
    let task = |name: &str, after: &str| {
        format!("[[tasks]]\nname = \"{name}\"\nafter = [\"{after}\"]\nstages = [{{ effort = \"1h\" }}]\n")
    };
    let tasks = [("before", "roof"), ("roof", "wall"), ("wall", "roof")].map(|(name, after)| task(name, after));
    std::fs::write(home.path().join("p.toml"), format!("[[agents]]\nname = \"a\"\n{}", tasks.join(""))).unwrap();
    let run = home.vayu(["plan", "solve", "p.toml"]).code(2);
    run.clone().says("roof after wall after roof");
    run.says("p.toml:5: after");
}

#[test]
fn a_retrospective_is_told_once_the_sprint_is_closed_and_a_proposal_becomes_one_task() {
    let home = ended();
    home.vayu(["sprint", "retro"]).code(4).says("no sprint is closed yet");
    home.ok(["sprint", "close", "--carry-to", "Two"]);
    let told = home.ok(["sprint", "retro"]);
    assert!(told.contains("30 % of the points of the commitment were done"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    let made = home.json(["sprint", "retro", "One", "--accept", "1"]);
    assert_eq!(made["task"], "#5");
    assert!(home.ok(["sprint", "retro"]).contains("accepted: #5"));
    home.vayu(["sprint", "retro", "--accept", "1"]).code(4);
    home.vayu(["sprint", "retro", "--accept", "99"]).code(1);
}

#[test]
fn a_size_is_typed_as_a_range_points_or_unknown_and_estimates_say_what_they_are_from() {
    let home = Home::new();
    for (title, size) in [("Range", "3-8h"), ("Points", "5p"), ("Who knows", "?")] {
        home.ok(["task", "create", title, "--estimate", size]);
    }
    let metadata = |number: &str| home.json(["task", "status", number])["metadata"].clone();
    assert_eq!(metadata("1")["estimate_range"], serde_json::json!([180, 480]));
    assert_eq!(metadata("2")["story_points"], 5.0);
    assert!(metadata("3")["estimated_duration"].is_null());
    home.ok(["task", "edit", "1", "--estimate", "4h"]);
    assert!(metadata("1")["estimate_range"].is_null());
    home.ok(["undo"]);
    assert_eq!(metadata("1")["estimate_range"], serde_json::json!([180, 480]));
    home.vayu(["task", "edit", "1", "--estimate", "8-3h"]).code(2);
    let told = home.json(["task", "estimate", "1", "3"]);
    assert_eq!((&told[0]["result"]["basis"], &told[1]["result"]["basis"]), (&"said".into(), &"belief".into()));
    assert!((told[0]["result"]["p50"].as_f64().unwrap() - 293.9).abs() < 1.0, "{told}");
    home.ok(["task", "estimate", "3", "--set"]);
    assert_eq!(metadata("3")["estimated_duration"], 60);
}

#[test]
fn each_task_that_cannot_be_planned_is_told_with_its_own_reason() {
    let home = Home::new();
    for title in ["Gift boxes", "Ribbons", "Cards", "Stamps"] {
        home.task(title);
    }
    home.ok(["task", "complete", "1"]);
    home.ok(["task", "edit", "2", "--level", "package"]);
    home.ok(["task", "start", "3"]);
    home.ok(["task", "pause", "3"]);
    home.ok(["task", "cancel", "4"]);
    home.vayu(["sprint", "plan", "--task", "1,2,3,4", "--dry-run"])
        .code(2)
        .says("#1 is done")
        .says("#2 is a package, which is done by its parts")
        .says("#3 is paused")
        .says("#4 was cancelled");
    home.task("Paper");
    home.ok(["sprint", "plan", "--name", "Wrap", "--task", "5", "--start", "fri", "--days", "7"]);
    home.vayu(["sprint", "plan", "--task", "5", "--dry-run"]).code(2).says("#5 is in Wrap already");
}
