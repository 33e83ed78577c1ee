//! Real backlogs, where they are present: `VAYU_BENCH_DATA`, or `bench-data` beside the checkout.

use std::path::PathBuf;

use serde_json::Value;
use vayu::domain::{Level, Status};
use vayu::exchange::{self, Columns, Kind, Options, source};
use vayu::service::Undo;

use super::{all, board, by_key, po};

fn backlog(name: &str) -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/bench-data");
    let folder = std::env::var_os("VAYU_BENCH_DATA").map_or(beside, PathBuf::from);
    let path = folder.join("backlogs").join(name);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

/// What the file itself says, counted without the code under test.
struct Truth {
    issues: Vec<Value>,
    closed: usize,
    inside: usize,
    outside: usize,
    remarks: usize,
}

fn truth(path: &str) -> Truth {
    let text = source::whole(path, source::open(path, |_, _| {}).unwrap()).unwrap();
    let issues: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&str> = issues.iter().map(|issue| issue["id"].as_str().unwrap()).collect();
    let links = issues.iter().flat_map(|issue| issue["dependencies"].as_array().cloned().unwrap_or_default());
    let (mut inside, mut outside) = (0, 0);
    for link in links {
        if ids.contains(&link["depends_on_id"].as_str().unwrap()) {
            inside += 1;
        } else {
            outside += 1;
        }
    }
    let closed = issues.iter().filter(|issue| issue["status"] == "closed").count();
    let remarks = issues.iter().map(|issue| issue["comments"].as_array().map_or(0, Vec::len)).sum();
    Truth { issues, closed, inside, outside, remarks }
}

#[test]
fn real_backlogs_come_in_to_the_last_link() {
    for name in ["beads_viewer_39.jsonl", "cass_116.jsonl", "beads_602.jsonl.gz"] {
        let Some(path) = backlog(name) else { continue };
        let path = path.to_str().unwrap();
        let truth = truth(path);
        let mut service = board();
        let read =
            || exchange::read(Kind::Beads, name, source::open(path, |_, _| {}).unwrap(), &Columns::default()).unwrap();

        let report = exchange::import(&mut service, &po(), read(), Options::default(), &mut |_, _| {}).unwrap();
        assert_eq!(report.tasks.created, truth.issues.len(), "{name}");
        assert_eq!(report.skipped.len(), truth.outside, "{name}: {:?}", report.skipped);
        assert_eq!(report.comments, truth.remarks, "{name}");
        let tasks = by_key(&service);
        let parts = tasks.values().filter(|task| task.parent_id.is_some()).count();
        assert_eq!(report.parents + report.implied_parents, parts, "{name}");
        assert_eq!(report.links(), truth.inside, "{name}");

        let count = |status: Status| tasks.values().filter(|task| task.status == status).count();
        assert_eq!(count(Status::Completed), truth.closed, "{name}");
        assert_eq!(count(Status::Created) + count(Status::Blocked), truth.issues.len() - truth.closed, "{name}");
        for issue in &truth.issues {
            let task = &tasks[issue["id"].as_str().unwrap()];
            assert_eq!(task.title, issue["title"].as_str().unwrap().trim());
            let created = chrono::DateTime::parse_from_rfc3339(issue["created_at"].as_str().unwrap()).unwrap();
            assert_eq!(task.created_at.timestamp_micros(), created.timestamp_micros());
            assert!(task.level != Level::Task || !tasks.values().any(|part| part.parent_id == Some(task.task_id)));
        }

        let again = exchange::import(&mut service, &po(), read(), Options::default(), &mut |_, _| {}).unwrap();
        assert_eq!((again.change, again.tasks.unchanged), (None, truth.issues.len()), "{name}: {again:?}");
        assert_eq!(again.skipped.len(), truth.outside, "{name}");

        service.undo(&po(), Undo::Own).unwrap();
        assert_eq!(all(&service).len(), 0, "{name}: one import is one undo");
    }
}

#[test]
fn numbers_follow_the_file() {
    let Some(path) = backlog("cass_116.jsonl") else { return };
    let path = path.to_str().unwrap();
    let mut service = board();
    let batch = exchange::read(Kind::Beads, "x", source::open(path, |_, _| {}).unwrap(), &Columns::default()).unwrap();
    exchange::import(&mut service, &po(), batch, Options::default(), &mut |_, _| {}).unwrap();
    let keys: Vec<String> = all(&service).into_iter().map(|task| task.external.unwrap().key).collect();
    let ids: Vec<String> = truth(path).issues.iter().map(|issue| issue["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(keys, ids);
}
