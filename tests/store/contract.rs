//! One suite for every adapter.

use vayu::domain::command::{NewTask, Report, TaskField};
use vayu::domain::{Command, Fence, Lane, Priority, Status, TaskId, TaskRef};
use vayu::service::{Service, Undo};
use vayu::store::sqlite::Board;
use vayu::store::view::{ActivityFilter, Filter, LaneWindow, Page};

use super::{add_agent, create, create_after, po};

macro_rules! contract {
    ($($name:ident),+ $(,)?) => {
        mod memory {
            $(#[test] fn $name() { super::$name(super::Service::new(Box::new(super::Board::in_memory().unwrap()))); })+
        }
        mod sqlite_file {
            $(#[test] fn $name() {
                let folder = tempfile::tempdir().unwrap();
                let store = super::Board::at(folder.path().join(".vayu/board.db")).create().unwrap();
                super::$name(super::Service::new(Box::new(store)));
            })+
        }
    };
}

contract!(
    a_task_is_found_by_number_id_and_prefix,
    an_ambiguous_prefix_is_refused,
    lanes_are_windows_in_order,
    a_window_far_down_a_lane_is_the_same_from_either_end,
    filters_show_and_invert,
    r20_search_takes_what_people_type_for_words,
    every_beginning_of_a_word_finds_it_and_nothing_else,
    the_summary_counts_what_the_filter_shows,
    what_is_put_away_hides_nothing_and_a_number_is_found,
    a_detail_names_both_sides_of_an_edge,
    the_log_tells_what_happened_newest_first,
    agents_show_what_they_hold,
    undo_brings_back_a_removed_edge_and_the_words_of_a_title,
    r19_hostile_text_is_kept_to_the_byte,
    drafts_are_kept_by_name,
    milestones_count_what_is_open_of_them,
    one_leader_at_a_time_with_rising_epochs,
);

fn window(service: &Service, lane: Lane, offset: usize, limit: usize) -> Vec<String> {
    let window = LaneWindow { lane, filter: Filter::default(), page: Page { offset, limit } };
    service.read().window(&window, &service.now()).unwrap().into_iter().map(|card| card.title).collect()
}

fn a_task_is_found_by_number_id_and_prefix(mut service: Service) {
    let id = create(&mut service, "a");
    let digits = id.0.simple().to_string();
    for name in ["#1".to_owned(), "1".into(), id.to_string(), digits.clone(), digits[..31].to_owned()] {
        let task: TaskRef = name.parse().unwrap();
        assert_eq!(service.read().resolve(&task).unwrap(), id, "{name}");
    }
    assert!(service.read().resolve(&"#2".parse().unwrap()).is_err());
}

fn an_ambiguous_prefix_is_refused(mut service: Service) {
    for n in [0x0198_aaaa_0000, 0x0198_aaaa_0001_u128] {
        let task_id = Some(vayu::domain::TaskId(uuid::Uuid::from_u128(n << 80)));
        let new = NewTask { title: "t".into(), task_id, ..NewTask::default() };
        service.submit(&po(), Command::CreateTask(Box::new(new))).unwrap();
    }
    let refusal = service.read().resolve(&"0198aaaa000".parse().unwrap()).unwrap_err().to_string();
    assert!(refusal.contains("write more digits"), "{refusal}");
    assert!(service.read().resolve(&"0198aaaa0001".parse().unwrap()).is_ok());
}

fn lanes_are_windows_in_order(mut service: Service) {
    for (title, priority) in [("low", Priority::Low), ("first", Priority::High), ("second", Priority::High)] {
        let new = NewTask { title: title.into(), priority: Some(priority), ..NewTask::default() };
        service.submit(&po(), Command::CreateTask(Box::new(new))).unwrap();
    }
    assert_eq!(window(&service, Lane::Ready, 0, 10), ["first", "second", "low"]);
    assert_eq!(window(&service, Lane::Ready, 1, 1), ["second"]);
    assert!(window(&service, Lane::Done, 0, 10).is_empty());
}

fn a_window_far_down_a_lane_is_the_same_from_either_end(mut service: Service) {
    let new = |n: usize| NewTask { title: format!("task {n}"), ..NewTask::default() };
    let commands: Vec<_> = (0..2_100).map(|n| Command::CreateTask(Box::new(new(n)))).collect();
    service.submit_all(&po(), &commands).unwrap();
    let all = window(&service, Lane::Ready, 0, 9_999);
    assert_eq!(all.len(), 2_100);
    for (offset, limit) in
        [(1_000, 50), (1_060, 50), (2_080, 10), (2_090, 10), (2_090, 50), (2_099, 1), (2_100, 5), (9_000, 5)]
    {
        let wanted: Vec<_> = all.iter().skip(offset).take(limit).cloned().collect();
        assert_eq!(window(&service, Lane::Ready, offset, limit), wanted, "{limit} from {offset}");
    }
}

fn filters_show_and_invert(mut service: Service) {
    let id = create(&mut service, "tagged");
    create(&mut service, "plain");
    let changes = vec![TaskField::Tags(vec!["ui".into(), "o'brien".into()])];
    service.submit(&po(), Command::EditTask { task_id: id, changes, expected_rev: None }).unwrap();
    let mut filter = Filter { tags: vec!["o'brien".into()], ..Filter::default() };
    let titles = |filter: &Filter| {
        let cards = service.read().list_cards(filter, Page::ALL).unwrap();
        cards.into_iter().map(|card| card.title).collect::<Vec<_>>()
    };
    assert_eq!(titles(&filter), ["tagged"]);
    filter.invert = true;
    assert_eq!(titles(&filter), ["plain"]);
}

fn r20_search_takes_what_people_type_for_words(mut service: Service) {
    create(&mut service, "Round half-even for \"INR\"");
    create(&mut service, "something else");
    for words in ["round INR", "rou", "half-even", "\"inr", "round OR* inr", "NEAR(round", "round -inr", "title:round"]
    {
        let found = service.read().search(words, 10);
        assert!(found.is_ok(), "{words}: {:?}", found.err());
    }
    assert_eq!(service.read().search("rou INR", 10).unwrap().len(), 1);
    assert!(service.read().search("'; DROP TABLE tasks; --", 10).unwrap().is_empty());
    assert_eq!(window(&service, Lane::Ready, 0, 10).len(), 2);
}

/// Whether the beginning is one letter, one that an index knows, or stands for few words, many or more than are looked up.
fn every_beginning_of_a_word_finds_it_and_nothing_else(mut service: Service) {
    let titles = ["Schedule", "Scheduler", "School", "s", "Sé", "München", "x-ray", "S3", "number 42"];
    let many = (0..60).map(|n| format!("many{n:02}"));
    let titles: Vec<String> = titles.into_iter().map(str::to_owned).chain(many).collect();
    for title in &titles {
        create(&mut service, title);
    }
    let found = |beginning: &str| service.read().search(beginning, 100).unwrap().len();
    for (beginning, expected) in [
        ("s", 6),
        ("S", 6),
        ("sc", 3),
        ("sch", 3),
        ("sche", 2),
        ("SCHED", 2),
        ("schedule", 2),
        ("scheduler", 1),
        ("schedulers", 0),
        ("se", 1),
        ("sé", 1),
        ("m", 61),
        ("many", 60),
        ("many1", 10),
        ("many42", 1),
        ("münch", 1),
        ("munchen", 1),
        ("4", 1),
        ("q", 0),
        ("n 4", 1),
        ("x r", 1),
        ("x s", 0),
    ] {
        assert_eq!(found(beginning), expected, "{beginning}");
    }
}

fn the_summary_counts_what_the_filter_shows(mut service: Service) {
    let new = NewTask { title: "big".into(), points: Some(8.0), ..NewTask::default() };
    service.submit(&po(), Command::CreateTask(Box::new(new))).unwrap();
    create(&mut service, "small");
    let ready = |filter: &Filter| {
        let summary = service.read().summary(filter, &service.now()).unwrap();
        let lane = summary.lanes.into_iter().find(|lane| lane.lane == Lane::Ready).unwrap();
        (lane.count, lane.total, lane.points)
    };
    assert_eq!(ready(&Filter::default()), (2, 2, 8.0));
    assert_eq!(ready(&Filter { text: "small".into(), ..Filter::default() }), (1, 2, 0.0));
}

fn what_is_put_away_hides_nothing_and_a_number_is_found(mut service: Service) {
    let open = create(&mut service, "fix the footer");
    let away: Vec<TaskId> = (0..501).map(|at| create(&mut service, &format!("fix {at}"))).collect();
    let put = |task_id| Command::EditTask { task_id, changes: vec![TaskField::Archived(true)], expected_rev: None };
    let end = |task_id| Command::CancelTask { task_id, reason: None };
    let commands: Vec<Command> = away.iter().flat_map(|id| [end(*id), put(*id)]).collect();
    service.submit_all(&po(), &commands).unwrap();
    let seen = |text: &str| {
        let filter = Filter { text: text.into(), ..Filter::default() };
        let window = LaneWindow { lane: Lane::Ready, filter, page: Page { offset: 0, limit: 9 } };
        service.read().window(&window, &service.now()).unwrap().into_iter().map(|card| card.task_id).collect::<Vec<_>>()
    };
    assert_eq!((seen("fix"), seen("1"), seen("#1")), (vec![open], vec![open], vec![open]));
}

fn a_detail_names_both_sides_of_an_edge(mut service: Service) {
    let first = create(&mut service, "first");
    let second = create_after(&mut service, "second", &[first]);
    let now = service.now();
    let detail = service.read().task_detail(second, &now).unwrap().unwrap();
    assert_eq!(detail.predecessors[0].task_id, first);
    assert!(detail.waits.iter().any(|why| why.contains("#1")), "{:?}", detail.waits);
    let detail = service.read().task_detail(first, &now).unwrap().unwrap();
    assert_eq!(detail.successors[0].task_id, second);
    assert_eq!(detail.task.dependencies.blocking, [second]);
}

fn the_log_tells_what_happened_newest_first(mut service: Service) {
    let id = create(&mut service, "a");
    let changes = vec![TaskField::Priority(Priority::High)];
    service.submit(&po(), Command::EditTask { task_id: id, changes, expected_rev: None }).unwrap();
    create(&mut service, "b");
    let all = ActivityFilter { limit: 10, ..ActivityFilter::default() };
    let commands = |filter: &ActivityFilter| {
        service.read().activity(filter).unwrap().into_iter().map(|row| row.command).collect::<Vec<_>>()
    };
    assert_eq!(commands(&all), ["create_task", "edit_task", "create_task"]);
    let record = Some(vayu::domain::RecordId::Task(id));
    assert_eq!(commands(&ActivityFilter { record, ..all }), ["edit_task", "create_task"]);
}

fn agents_show_what_they_hold(mut service: Service) {
    let agent_id = add_agent(&mut service, "ada");
    let id = create(&mut service, "a");
    let claim = Command::ClaimTask { agent_id, task_id: None, lease_seconds: None };
    let claimed = service.submit(&po(), claim).unwrap().claimed.unwrap();
    service.beat(claimed.token, &vayu::store::view::Liveness::default()).unwrap();
    let row = service.read().agents(&service.now()).unwrap().remove(0);
    assert_eq!(row.current_tasks[0].task_id, id);
    assert_eq!(row.status, vayu::domain::AgentStatus::Online);
    let fence = Fence::Token(claimed.token);
    service.submit(&po(), Command::SubmitTask { task_id: id, fence, report: Report::default() }).unwrap();
    let row = service.read().agents(&service.now()).unwrap().remove(0);
    assert_eq!((row.current_tasks.len(), row.metrics.submitted), (0, 1));
}

fn undo_brings_back_a_removed_edge_and_the_words_of_a_title(mut service: Service) {
    let first = create(&mut service, "first");
    let second = create_after(&mut service, "second", &[first]);
    service.submit(&po(), Command::RemoveDependency { task_id: second, on: first }).unwrap();
    assert_eq!(service.read().task(second).unwrap().unwrap().status, Status::Queued);
    service.undo(&po(), Undo::Own).unwrap();
    assert_eq!(service.read().task(second).unwrap().unwrap().status, Status::Blocked);
    assert_eq!(service.read().task(first).unwrap().unwrap().dependencies.blocking, [second]);
    let changes = vec![TaskField::Title("renamed".into())];
    service.submit(&po(), Command::EditTask { task_id: first, changes, expected_rev: None }).unwrap();
    service.undo(&po(), Undo::Own).unwrap();
    assert_eq!(service.read().search("first", 10).unwrap().len(), 1);
    assert!(service.read().search("renamed", 10).unwrap().is_empty());
}

fn r19_hostile_text_is_kept_to_the_byte(mut service: Service) {
    let title = "\u{1b}[2J\u{9b}31m\u{202e}x\u{0}y\u{2066}'; DROP TABLE tasks;--\"";
    let id = create(&mut service, title);
    assert_eq!(service.read().task(id).unwrap().unwrap().title, title);
    let long = "x".repeat(1 << 20);
    let id = create(&mut service, &long);
    assert_eq!(service.read().task(id).unwrap().unwrap().title.len(), long.len());
    assert_eq!(window(&service, Lane::Ready, 1, 1)[0].len(), 200);
    let new = NewTask { title: "x".repeat((1 << 20) + 1), ..NewTask::default() };
    assert!(service.submit(&po(), Command::CreateTask(Box::new(new))).is_err());
}

fn drafts_are_kept_by_name(mut service: Service) {
    service.keep_draft("plan", Some("{}")).unwrap();
    assert_eq!(service.read().draft("plan").unwrap().as_deref(), Some("{}"));
    service.keep_draft("plan", None).unwrap();
    assert_eq!(service.read().draft("plan").unwrap(), None);
}

fn one_leader_at_a_time_with_rising_epochs(mut service: Service) {
    assert_eq!(service.lead("a", 60_000).unwrap(), Some(1));
    assert_eq!(service.lead("b", 60_000).unwrap(), None);
    assert_eq!(service.lead("a", 60_000).unwrap(), Some(1));
    service.step_down("a").unwrap();
    assert_eq!(service.lead("b", 60_000).unwrap(), Some(2));
}

fn milestones_count_what_is_open_of_them(mut service: Service) {
    assert_eq!(service.read().milestones().unwrap(), []);
    let due = service.now().wall + chrono::Duration::days(3);
    let tasks: Vec<TaskId> = ["a", "b", "c", "d"].map(|title| create(&mut service, title)).to_vec();
    for (&task_id, name) in tasks.iter().zip(["v1", "v1", "v2", "v1"]) {
        let changes = vec![TaskField::Milestone(Some(name.into())), TaskField::Deadline(Some(due))];
        service.submit(&po(), Command::EditTask { task_id, changes, expected_rev: None }).unwrap();
    }
    service.submit(&po(), Command::CancelTask { task_id: tasks[3], reason: None }).unwrap();
    let changes = vec![TaskField::Milestone(None)];
    service.submit(&po(), Command::EditTask { task_id: tasks[2], changes, expected_rev: None }).unwrap();
    let found = service.read().milestones().unwrap();
    assert_eq!((found.len(), found[0].name.as_str(), found[0].open, found[0].due_at), (1, "v1", 2, Some(due)));
    service.undo(&po(), Undo::Own).unwrap();
    let changes = vec![TaskField::Milestone(Some("beta".into()))];
    service.submit(&po(), Command::EditTask { task_id: tasks[1], changes, expected_rev: None }).unwrap();
    let found = service.read().milestones().unwrap();
    let named: Vec<_> = found.iter().map(|row| (row.name.as_str(), row.open)).collect();
    assert_eq!(named, [("beta", 1), ("v1", 1), ("v2", 1)], "by name");
    let changes = vec![TaskField::Archived(true)];
    service.submit(&po(), Command::EditTask { task_id: tasks[0], changes, expected_rev: None }).unwrap();
    assert_eq!(service.read().milestones().unwrap().len(), 2, "what was put away is not open");
}
