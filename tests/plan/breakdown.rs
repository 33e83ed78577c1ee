//! From wishes to tasks: the dialogue of a planning, what the team did before, foreign and hostile text.

use super::*;
use vayu::domain::command::{Fence, Report};

/// Plans the text, starts the sprint and completes all of it.
fn worked_off(service: &mut Service, text: &str, alter: impl FnOnce(&mut Draft)) {
    let (mut draft, ground) = planned(service, text);
    alter(&mut draft);
    let outlook = Outlook::of(&draft, &ground, AT_ONCE);
    planning::commit(service, &owner(), &draft, &outlook, true).unwrap();
    let agent_id = Some(ground.agents()[0].agent_id);
    for piece in draft.pieces.iter().filter(|piece| piece.is_task()) {
        let (fence, report) = (Fence::Force, Report::default());
        let complete = Command::CompleteTask { task_id: piece.task_id, fence, agent_id, report };
        service.submit(&owner(), complete).unwrap();
    }
    let close = Command::CloseSprint { sprint_id: draft.sprint_id, carry_to: None };
    service.submit(&owner(), close).unwrap();
}

/// A plan of the text that knows what the team has done before.
fn learned(service: &Service, text: &str) -> (Draft, Outlook) {
    let (ground, mut library) = (planning::ground(service).unwrap(), Library::built_in());
    planning::learn(service, &mut library).unwrap();
    let mut ids = CountedIds::seeded(11);
    let mut draft = Draft::new(ground.now, &mut ids);
    draft.set_objectives(text, &library, &ground, &mut ids);
    let outlook = Outlook::of(&draft, &ground, AT_ONCE);
    (draft, outlook)
}

#[test]
fn what_the_team_did_before_proposes_itself_with_the_sizes_that_it_took() {
    let mut service = board();
    worked_off(&mut service, "Add order search", |draft| {
        let id = |words: &str| draft.pieces.iter().find(|piece| piece.title.contains(words)).unwrap().task_id;
        let (index, shown) = (id("Build the index"), id("Show order search"));
        draft.resize(index, Some(600), Some(5.0));
        draft.pieces.retain(|piece| piece.task_id != shown);
        draft.pieces.iter_mut().for_each(|piece| piece.after.retain(|on| *on != shown));
    });
    let (draft, outlook) = learned(&service, "Add search for customer orders");
    assert_eq!(outlook.aims[0].leans_on, "like #1 \"Add order search\", estimated at 17 h");
    assert_eq!(draft.pieces.iter().filter(|piece| piece.is_task()).count(), 4);
    let index = draft.pieces.iter().find(|piece| piece.title.starts_with("Build the index")).unwrap();
    assert_eq!((index.minutes, index.points), (Some(600), Some(5.0)));
    assert_eq!(index.title, "Build the index for search for customer orders and keep it fresh");
    assert!(!index.acceptance.is_empty() && !index.after.is_empty());
}

#[test]
fn there_is_something_to_learn_only_when_something_was_finished() {
    let mut service = board();
    let finished = |service: &Service, since| planning::has_finished(service, since).unwrap();
    let before = service.read().head().unwrap();
    task(&mut service, "Ledger", |_| {});
    assert!(!finished(&service, before));
    worked_off(&mut service, "Add order search", |_| {});
    assert!(finished(&service, before));
    let after = service.read().head().unwrap();
    task(&mut service, "Digest", |_| {});
    assert!(!finished(&service, after));
    service.undo(&owner(), Undo::Own).unwrap();
    assert!(finished(&service, after), "what was undone may have been the end of something");
    let newest = service.read().newest_tasks(&Filter::default(), 2).unwrap();
    assert!(newest.len() == 2 && newest[0].number > newest[1].number);
}

#[test]
fn other_work_is_not_taken_for_the_same() {
    let mut service = board();
    worked_off(&mut service, "Add order search", |_| {});
    for text in ["Fix order search", "Add order notifications", "Add full-text search for merchants and shops"] {
        let (_, outlook) = learned(&service, text);
        assert!(outlook.aims[0].leans_on.starts_with("by the playbook"), "{text}: {}", outlook.aims[0].leans_on);
    }
}

#[test]
fn work_that_was_not_finished_teaches_nothing() {
    let mut service = board();
    let (draft, ground) = planned(&service, "Add order search");
    let outlook = Outlook::of(&draft, &ground, AT_ONCE);
    planning::commit(&mut service, &owner(), &draft, &outlook, true).unwrap();
    let (_, outlook) = learned(&service, "Add order search");
    assert_eq!(outlook.aims[0].leans_on, "by the playbook search");
}

/// Objectives, analysis, capacity check, breakdown, assignment: one call, without a network.
#[test]
fn the_dialogue_runs_from_one_sentence_to_assigned_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(vayu(at, &["init"], "").status.success());
    for (name, skills) in [
        ("cto", "architecture:5,security:4,planning:3"),
        ("backend", "backend:4,api:4,sql:3"),
        ("qa", "testing:4,ci:3"),
    ] {
        assert!(vayu(at, &["agent", "add", name, "--skills", skills], "").status.success());
    }
    let plan = json(&vayu(at, &["sprint", "plan", "--objectives", "-", "--dry-run", "--json"], THREE));
    let analysis = &plan["analysis"];
    assert_eq!((analysis["objectives"].as_u64(), analysis["urgent"].as_u64()), (Some(3), Some(1)));
    assert_eq!(analysis["balance"], "good mix of priorities");
    assert_eq!(analysis["fits"], true);
    let aims: Vec<(&str, &str)> = plan["aims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|aim| (aim["title"].as_str().unwrap(), aim["priority"].as_str().unwrap()))
        .collect();
    assert_eq!(
        aims,
        [
            ("Implement user authentication for our API", "high"),
            ("Add real-time notifications", "normal"),
            ("Improve testing coverage", "normal")
        ]
    );
    let slots = plan["schedule"]["slots"].as_array().unwrap();
    assert!(plan["jobs"].as_array().unwrap().len() == slots.len() && slots.len() >= 12);
    for agent in ["cto", "backend", "qa"] {
        assert!(slots.iter().any(|slot| slot["work"]["agent"] == agent || slot["agent"] == agent), "{agent} idles");
    }

    let text = vayu(at, &["sprint", "plan", "--objectives", "-", "--dry-run"], THREE);
    let text = String::from_utf8(text.stdout).unwrap();
    for said in ["3 objectives, 1 of high priority; good mix of priorities; fits: ", "by the playbook notifications"] {
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn wishes_in_any_language_become_objectives() {
    for (text, many) in [
        ("Wir müssen die Anmeldung für Händler bauen. Die Suche soll schneller werden.", 2),
        ("Añadir pagos con tarjeta; mejorar la búsqueda", 2),
        ("ユーザー認証を実装する。通知を追加する。", 2),
        ("用户认证；实时通知", 2),
        ("إضافة تسجيل الدخول", 1),
        ("Добавить поиск\nИсправить ошибки", 2),
    ] {
        let found = objectives(text);
        assert_eq!(found.len(), many, "{text}: {found:?}");
        let library = Library::built_in();
        for objective in &found {
            let pieces = break_down(objective, 0, &library, &[], &mut CountedIds::seeded(3));
            assert!(pieces.iter().any(|piece| piece.is_task() && piece.title.contains(&objective.title)), "{text}");
        }
    }
}

#[test]
fn what_is_not_understood_is_one_task_and_asks_back() {
    let service = board();
    let (draft, ground) = planned(&service, "asdf");
    let outlook = Outlook::of(&draft, &ground, AT_ONCE);
    assert_eq!(outlook.jobs.iter().map(|job| job.title.as_str()).collect::<Vec<_>>(), ["Asdf"]);
    assert!(outlook.aims[0].leans_on.contains("by no playbook"));
    assert!(
        texts(&outlook)
            .contains("\"Asdf\" calls for no playbook and is one task of unknown size: say what shall be done")
    );
}

#[test]
fn what_is_no_software_work_is_one_task_of_unknown_size() {
    let service = board();
    for text in ["Prepare the board meeting", "Make everything better", "Grow revenue by 20%", "Hire a designer"] {
        let (draft, ground) = planned(&service, text);
        let outlook = Outlook::of(&draft, &ground, AT_ONCE);
        let jobs: Vec<_> = outlook.jobs.iter().map(|job| (job.title.as_str(), job.minutes)).collect();
        assert_eq!(jobs, [(text, None)]);
        assert!(texts(&outlook).contains("say what shall be done to what"), "{}", texts(&outlook));
    }
}

/// The titles of the tasks that the text makes.
fn tasks_of(text: &str) -> Vec<String> {
    let (draft, _) = planned(&board(), text);
    draft.pieces.into_iter().filter(vayu::plan::breakdown::Piece::is_task).map(|piece| piece.title).collect()
}

#[test]
fn titles_read_well_whatever_the_wish_is() {
    for (text, title) in [
        ("Stop sending duplicate mails", "Find out what leads to sending duplicate mails"),
        ("Stop sending duplicate mails", "Stop sending duplicate mails"),
        ("Delete Jenkins", "Remove code, data, settings and pages: Jenkins"),
        ("The checkout crashed three times last week", "Mend the cause of the crash of the checkout"),
        ("Rotate the leaked API keys today", "Rotate the leaked API keys"),
        ("We must not ship without tests again", "Find out what leads to shipping without tests"),
        ("Move to Kubernetes", "Watch the move to Kubernetes and raise alarms"),
        ("Delete the personal data of inactive users", "Delete the personal data of inactive users"),
        ("Every night load the orders from SAP into the warehouse", "Take the data in: the orders from SAP"),
        ("Rename the fields", "Test renaming the fields"),
        ("Document how to restore a backup", "Outline \"document how to restore a backup\" by what readers want to do"),
        ("Let shoppers rate goods and comment on them", "Test rating goods and commenting on them"),
    ] {
        let titles = tasks_of(text);
        assert!(titles.iter().any(|found| found == title), "{text}: {titles:?}");
    }
}

#[test]
fn what_people_can_do_then_is_among_the_criteria() {
    let text = "Ship an iOS and Android app so that couriers can scan parcels and take photos offline";
    let (draft, _) = planned(&board(), text);
    let build = draft.pieces.iter().find(|piece| piece.title == "Build iOS and Android app").unwrap();
    assert_eq!(build.acceptance[..2], ["Couriers can scan parcels", "Couriers can take photos offline"]);
    let (draft, _) = planned(&board(), "The site was down yesterday. Make sure it never happens again.");
    assert_eq!(draft.objectives.len(), 1);
    let told =
        |piece: &vayu::plan::breakdown::Piece| piece.acceptance.iter().any(|text| text.contains("never happens again"));
    assert!(draft.pieces.iter().any(told));
}

#[test]
fn what_shall_not_be_done_makes_no_tasks_and_is_said() {
    let service = board();
    let (draft, ground) = planned(&service, "Don't change the checkout.");
    let outlook = Outlook::of(&draft, &ground, AT_ONCE);
    assert!(outlook.jobs.is_empty());
    assert!(texts(&outlook).contains("no tasks are made of \"Don't change the checkout\""), "{}", texts(&outlook));
}

#[test]
fn a_date_in_a_sentence_is_the_deadline_of_its_last_tasks() {
    let mut service = board();
    let (draft, ground) = planned(&service, "Add order search by Friday");
    let outlook = Outlook::of(&draft, &ground, AT_ONCE);
    planning::commit(&mut service, &owner(), &draft, &outlook, true).unwrap();
    let work: Vec<_> = tasks(&service).into_iter().filter(|task| task.level == Level::Task).collect();
    let awaited = |id| work.iter().any(|task| task.dependencies.blocked_by.iter().any(|edge| edge.task_id == id));
    let end = Utc.with_ymd_and_hms(2025, 6, 7, 0, 0, 0).single().unwrap();
    for task in &work {
        assert_eq!(task.deadline, (!awaited(task.task_id)).then_some(end), "{}", task.title);
        assert!(!task.title.contains("Friday"));
    }
}

#[test]
fn a_date_that_may_be_meant_otherwise_is_among_the_checks() {
    let service = board();
    for (text, check) in [
        ("Add order search by 1 May", "1 May has passed and was taken for that of 2026"),
        ("Add order search by 30 May 2025", "30 May 2025 has passed, so it is no deadline"),
        ("Add order search by Monday 10 June", "10 June 2025 is a Tuesday, not a Monday: the date was taken"),
        ("Add order search by 35 June", "\"35 June\" is no day of any calendar"),
        ("Add order search by 07/06/2025", "\"07/06/2025\" may be 7 June or 6 July 2025"),
    ] {
        let (draft, ground) = planned(&service, text);
        let outlook = Outlook::of(&draft, &ground, AT_ONCE);
        assert!(texts(&outlook).contains(check), "{text}: {}", texts(&outlook));
        assert_eq!(draft.objectives[0].title, "Add order search");
    }
}

#[test]
fn what_is_not_to_be_begun_before_a_day_waits_for_it() {
    let mut service = board();
    let (draft, ground) = planned(&service, "From 5 June: add order search");
    let outlook = Outlook::of(&draft, &ground, AT_ONCE);
    planning::commit(&mut service, &owner(), &draft, &outlook, true).unwrap();
    let first = Utc.with_ymd_and_hms(2025, 6, 5, 0, 0, 0).single().unwrap();
    for task in tasks(&service).into_iter().filter(|task| task.level == Level::Task) {
        let begins = task.dependencies.blocked_by.is_empty();
        assert_eq!(task.not_before, begins.then_some(first), "{}", task.title);
    }
}

#[test]
fn a_size_in_a_sentence_is_that_of_all_its_tasks() {
    let service = board();
    let sizes = |text: &str| {
        let (draft, ground) = planned(&service, text);
        let outlook = Outlook::of(&draft, &ground, AT_ONCE);
        let minutes: Vec<u32> = outlook.jobs.iter().filter_map(|job| job.minutes).collect();
        (outlook.jobs.len(), minutes.iter().sum::<u32>(), outlook.aims[0].effort)
    };
    assert_eq!(sizes("Fix the footer (2h)"), (1, 120, 1.0));
    let (many, minutes, effort) = sizes("Add order search (3 days)");
    assert!(many > 3 && minutes == 1440 && (effort - 12.0).abs() < 1e-9, "{many} {minutes} {effort}");
    let (_, _, points) = sizes("Add order search (8 points)");
    assert!((points - 8.0).abs() < 1e-9);
}

#[test]
fn hostile_wishes_reach_no_terminal_raw() {
    let folder = tempfile::tempdir().unwrap();
    assert!(vayu(folder.path(), &["init"], "").status.success());
    let text = "Add \u{1b}]0;owned\u{7}search\u{1b}[2J for {subject} and {title}, fix $(reboot) \u{202e}gnp.exe\u{0}";
    let shown = vayu(folder.path(), &["sprint", "plan", "--objectives", "-", "--dry-run"], text);
    assert!(shown.status.success(), "{shown:?}");
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{shown:?}");
}

#[test]
fn a_size_is_from_the_playbook_until_somebody_says_another() {
    let mut service = board();
    let (mut draft, ground) = planned(&service, "Add order search");
    let ids: Vec<TaskId> =
        draft.pieces.iter().filter(|piece| piece.is_task()).take(2).map(|piece| piece.task_id).collect();
    draft.resize(ids[1], Some(240), None);
    let outlook = Outlook::of(&draft, &ground, AT_ONCE);
    planning::commit(&mut service, &owner(), &draft, &outlook, true).unwrap();
    let by = |id| service.read().task(id).unwrap().unwrap().metadata.estimate_by;
    assert_eq!((by(ids[0]).as_deref(), by(ids[1])), (Some("playbook search"), None));
}
