//! Backlogs come in, are brought up to date, and go out again, over real boards.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod backlogs;
mod formats;
mod round;
mod total;
mod updates;

use std::collections::BTreeMap;

use vayu::domain::{Actor, Task};
use vayu::exchange::{self, Columns, Kind, Options, Report};
use vayu::service::Service;
use vayu::store::sqlite::Board;
use vayu::store::view::{Filter, Page};

fn po() -> Actor {
    Actor::human("po")
}

fn board() -> Service {
    Service::new(Box::new(Board::in_memory().unwrap()))
}

fn try_bring_in(
    service: &mut Service,
    kind: Kind,
    text: &str,
    options: Options,
) -> Result<Report, vayu::service::Error> {
    let batch = exchange::read(kind, "file", text.as_bytes(), &Columns::default()).unwrap();
    exchange::import(service, &po(), batch, options, &mut |_, _| {})
}

fn bring_in(service: &mut Service, kind: Kind, text: &str) -> Report {
    try_bring_in(service, kind, text, Options::default()).unwrap()
}

fn all(service: &Service) -> Vec<Task> {
    let filter = Filter { archived: true, ..Filter::default() };
    service.read().list_tasks(&filter, Page::ALL).unwrap()
}

/// Tasks by the key they came in with.
fn by_key(service: &Service) -> BTreeMap<String, Task> {
    all(service).into_iter().filter_map(|task| Some((task.external.clone()?.key, task))).collect()
}

fn beads(id: &str, more: &str) -> String {
    format!("{{\"id\":\"{id}\",\"title\":\"Title of {id}\"{more}}}\n")
}

fn blocks(on: &str) -> String {
    format!(",\"dependencies\":[{{\"depends_on_id\":\"{on}\",\"type\":\"blocks\"}}]")
}
