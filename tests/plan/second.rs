//! The second opinion on boards: what it rests on, and which of two dates is to be gone by.

use chrono::Duration;
use vayu::domain::Sprint;
use vayu::domain::agent::parse_windows;
use vayu::domain::command::AgentField;
use vayu::domain::policy::ReviewPolicy;
use vayu::plan::prospect::{GoBy, MODEL, Prospect};
use vayu::service::forecast::score;

use super::reviews::Desk;
use super::*;

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.judged(ReviewPolicy::Never);
    desk
}

/// One task a day for so many working days.
fn worked(desk: &mut Desk, days: usize) {
    for _ in 0..days {
        desk.hand_in();
        desk.sleep();
    }
}

fn said(told: &Prospect) -> String {
    let rows = told.rows(&[], &|at| at.format("%-d %b").to_string());
    let lines: Vec<String> = rows.iter().map(|row| format!("{}: {}", row.label, row.words)).collect();
    lines.join("\n")
}

#[test]
fn the_pace_begins_where_the_team_became_what_it_is() {
    let mut desk = desk();
    worked(&mut desk, 20);
    let joined = desk.now().date_naive();
    for name in ["cleo", "dora"] {
        let availability = parse_windows("mon-fri 09:00-17:00").unwrap();
        let new = NewAgent { kind: AgentKind::Human, availability, ..named(name, "rust:4") };
        desk.say(Command::AddAgent(Box::new(new)));
    }
    worked(&mut desk, 6);
    let (sprint, _) = desk.sprint("Next", 12);
    assert_eq!(desk.prospect(&sprint).pace, None, "six days are too few to go by, and the others are of another team");
    worked(&mut desk, 4);
    let told = desk.prospect(&sprint);
    let pace = told.pace.unwrap();
    assert_eq!((pace.basis.days, pace.basis.done), (10, 10));
    assert_eq!(pace.basis.since.map(|at| at.date_naive()), Some(joined));
    // One a day, where three people can do as many in four days or so.
    assert!(pace.differs && said(&told).contains("10 tasks in 10 working days since 30 Jun, when the team changed"));
}

#[test]
fn somebody_more_or_less_in_a_large_team_changes_nothing() {
    let mut desk = desk();
    for name in ["cleo", "dora", "emil"] {
        desk.say(Command::AddAgent(Box::new(NewAgent { kind: AgentKind::Human, ..named(name, "rust:4") })));
    }
    worked(&mut desk, 10);
    desk.say(Command::AddAgent(Box::new(NewAgent { kind: AgentKind::Human, ..named("fay", "rust:4") })));
    worked(&mut desk, 5);
    let (sprint, _) = desk.sprint("Next", 12);
    let basis = desk.prospect(&sprint).pace.unwrap().basis;
    assert_eq!((basis.days, basis.since), (15, None));
}

#[test]
fn what_usually_comes_on_top_is_counted_by_the_pace() {
    let mut desk = desk();
    for number in 1..=3 {
        let (sprint, mut tasks) = desk.sprint(&format!("S{number}"), 4);
        desk.say(Command::StartSprint { sprint_id: sprint.sprint_id });
        tasks.push(desk.task_of(&sprint));
        for task_id in tasks {
            desk.do_it(task_id);
            desk.sleep();
        }
        let (next, _) = desk.sprint(&format!("Next {number}"), 4);
        let before = desk.prospect(&next).pace;
        desk.say(Command::CloseSprint { sprint_id: sprint.sprint_id, carry_to: None });
        if number < 3 {
            assert!(before.is_none_or(|pace| pace.basis.growth < 1e-9), "two sprints are too few to say");
            continue;
        }
        let (before, told) = (before.unwrap(), desk.prospect(&next));
        let after = told.pace.unwrap();
        assert!((after.basis.growth - 0.25).abs() < 1e-9, "{after:?}");
        // One a day: the fifth comes a day later.
        assert!(after.p80_at > before.p80_at, "{before:?} {after:?}");
        assert!(said(&told).contains("15 tasks in 15 working days, 25 % more to come as in earlier sprints"));
    }
}

/// Closed sprints of one task, for each of which both ways had told a date so many hours too late.
fn judged(desk: &mut Desk, sprints: usize, forecast: i64, pace: i64) {
    for number in 0..sprints {
        let (sprint, tasks) = desk.sprint(&format!("S{number}"), 1);
        desk.say(Command::StartSprint { sprint_id: sprint.sprint_id });
        let told = desk.now();
        desk.do_it(tasks[0]);
        let late = |hours| desk.now() + Duration::hours(hours);
        // What an older version wrote knows nothing of a pace.
        let mut noted = serde_json::json!({
            "at": told, "model": "played-1", "inputs": "", "p50_at": told, "p80_at": late(forecast), "chance": 0.9,
            "tasks": 1, "n": 0
        });
        if number > 0 {
            noted["model"] = MODEL.into();
            noted["pace_p80_at"] = late(pace).to_rfc3339().into();
        }
        plant(desk, &sprint, &noted);
        desk.say(Command::CloseSprint { sprint_id: sprint.sprint_id, carry_to: None });
        desk.sleep();
    }
}

fn plant(desk: &mut Desk, sprint: &Sprint, noted: &Value) {
    let log = Value::from(vec![noted.clone()]).to_string();
    desk.service.change_draft(&format!("forecast:{}", sprint.sprint_id), &mut |_| Some(log.clone())).unwrap();
}

#[test]
fn from_five_sprints_on_the_date_that_did_better_is_named() {
    let mut few = desk();
    worked(&mut few, 8);
    judged(&mut few, 5, 10, 1);
    assert_eq!(score(few.service.read()).unwrap().go_by, None, "four of them had a pace");

    let mut desk = desk();
    worked(&mut desk, 8);
    judged(&mut desk, 6, 10, 1);
    let found = score(desk.service.read()).unwrap();
    let duel = found.pace.unwrap();
    assert_eq!((duel.n, found.go_by), (5, Some(GoBy::Pace)));
    assert!((duel.forecast - 2.0).abs() < 1e-9 && (duel.other - 0.2).abs() < 1e-9, "{duel:?}");
    assert_eq!(found.models.values().map(|hits| hits.n).collect::<Vec<_>>(), [1, 5]);

    let (sprint, _) = desk.sprint("Next", 3);
    let told = desk.prospect(&sprint);
    assert_eq!(told.go_by, Some(GoBy::Pace));
    let words = said(&told);
    let better = "go by: the pace: over 5 sprints its 80 % dates were the better ones (loss 0.2 h, the forecast 2.0 h)";
    assert!(words.contains("by pace: ") && words.contains(better), "{words}");
    assert!(told.shortly(&|at| at.to_rfc3339()).contains(" (by pace "));

    let board = desk.folder.path().join("board.db");
    let vars = [("VAYU_BOARD", board.to_str().unwrap())];
    let text = String::from_utf8(vayu_with(desk.folder.path(), &["forecast", "score"], "", &vars).stdout).unwrap();
    for line in [
        "  made by played-1: 1 of 1 times",
        "loss of the 80 % date over 5 sprints: forecast 2.0 h, tasks done a day 0.2 h (less is better)",
        "so far the pace, tasks done a day, is the one to go by",
    ] {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
    let json = json(&vayu_with(desk.folder.path(), &["forecast", "score", "--json"], "", &vars));
    assert_eq!((&json["go_by"], &json["pace"]["n"]), (&"pace".into(), &5.into()));
}

#[test]
fn a_forecast_writes_down_what_the_pace_said() {
    let mut desk = desk();
    worked(&mut desk, 30);
    let (sprint, _) = desk.sprint("Next", 30);
    desk.say(Command::StartSprint { sprint_id: sprint.sprint_id });
    let told = desk.prospect(&sprint);
    vayu::service::forecast::note(&mut desk.service, &sprint, &told).unwrap();
    let log = desk.service.read().draft(&format!("forecast:{}", sprint.sprint_id)).unwrap().unwrap();
    let log: Value = serde_json::from_str(&log).unwrap();
    let noted = log[0]["pace_p80_at"].as_str().unwrap().parse::<chrono::DateTime<Utc>>().unwrap();
    assert_eq!(Some(noted), told.pace.unwrap().p80_at);
    // Thirty in four weeks, where one a day was done.
    assert!(
        told.pace.unwrap().never_reached
            && said(&told).contains("30 tasks in the time that is left: so much was never done")
    );
}

#[test]
fn a_new_version_begins_where_the_team_is_and_not_with_the_luck_of_the_old_one() {
    let hours = |renewed: bool| {
        let mut desk = desk();
        let ben = desk.service.read().agent_named("ben").unwrap().unwrap().agent_id;
        let model = |desk: &mut Desk, name: &str| {
            let changes = vec![AgentField::Model(Some(name.into()))];
            desk.say(Command::EditAgent { agent_id: ben, changes });
        };
        model(&mut desk, "large-4.0");
        for _ in 0..20 {
            let task_id = desk.task();
            desk.take(task_id, 360);
            desk.sleep();
        }
        if renewed {
            model(&mut desk, "large-4.1");
        }
        let task_id = desk.task();
        desk.take(task_id, 120);
        desk.sleep();
        let (sprint, _) = desk.sprint("Next", 8);
        let told = desk.prospect(&sprint);
        (told.p50_at.unwrap() - desk.now()).num_hours()
    };
    let (same, renewed) = (hours(false), hours(true));
    assert!(renewed * 3 < same * 2, "{renewed} {same}");
}
