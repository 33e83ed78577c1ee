//! How the time of a task went, read from what happened to it: work, or waiting and for what.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::event::Event;
use super::lane::Lane;
use super::lifecycle::Status;
use super::task::{BlockerKind, ReviewKind, Task};
use super::waits::WaitKind;
use super::{Record, Timestamp};

/// Where the seconds of a task went, by the clock: nights count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spent {
    /// Seconds in which it was worked on or checked by a command.
    pub active: u64,
    /// Seconds in which it waited, by what for.
    pub waits: BTreeMap<WaitKind, u64>,
}

/// How a task stands, as far as its time is concerned.
#[derive(Debug, Clone, Copy)]
struct Stand {
    status: Status,
    blocker: Option<BlockerKind>,
    queue: Option<Lane>,
    judge: Option<ReviewKind>,
}

/// What a moment counts as.
enum Spell {
    Active,
    Waits(WaitKind),
    Over,
}

/// How the time between two instants went. `past` holds the events of one task with their times, in order; nothing is
/// known of the time before the first of them.
pub fn spent(past: &[(Timestamp, Event)], from: Timestamp, to: Timestamp) -> Spent {
    let mut spent = Spent::default();
    let mut stand: Option<Stand> = None;
    let mut since = from;
    for (at, event) in past {
        let at = (*at).clamp(from, to.max(from));
        spent.add(stand, since, at);
        since = since.max(at);
        stand = after(stand, event);
    }
    spent.add(stand, since, to);
    spent
}

impl Spent {
    fn add(&mut self, stand: Option<Stand>, from: Timestamp, to: Timestamp) {
        let seconds = u64::try_from((to - from).num_seconds()).unwrap_or(0);
        match stand.map_or(Spell::Over, Stand::spell) {
            Spell::Active => self.active += seconds,
            Spell::Waits(kind) if seconds > 0 => *self.waits.entry(kind).or_default() += seconds,
            Spell::Waits(_) | Spell::Over => {}
        }
    }
}

impl Stand {
    fn of(task: &Task) -> Self {
        Self {
            status: task.status,
            blocker: task.blocker.as_ref().map(|blocker| blocker.kind),
            queue: task.admission.as_ref().map(|admission| admission.lane),
            judge: task.review.as_ref().map(|review| review.kind),
        }
    }

    fn spell(self) -> Spell {
        Spell::Waits(match self.status {
            Status::Executing => return Spell::Active,
            // A command takes up a review at once; of people and agents nobody knows when they begin.
            Status::Reviewing if self.judge == Some(ReviewKind::Automated) => return Spell::Active,
            Status::Completed | Status::Cancelled => return Spell::Over,
            _ if self.queue.is_some() => WaitKind::Lane,
            Status::Reviewing => WaitKind::Review,
            Status::Created => WaitKind::Start,
            Status::Queued | Status::Assigned | Status::Rejected => WaitKind::Agent,
            Status::Failed => WaitKind::Retry,
            Status::Blocked => self.blocker.map_or(WaitKind::Predecessor, what_blocks),
            Status::Paused => self.blocker.map_or(WaitKind::Start, what_blocks),
        })
    }

    /// Lays the fields of a row that was put back over it.
    fn patched(self, fields: &Map<String, Value>) -> Self {
        let kind = |name: &str, key: &str, old: Option<String>| match fields.get(name) {
            Some(field) => field.get(key).and_then(Value::as_str).map(str::to_owned),
            None => old,
        };
        let word = |word: &str| word.to_owned();
        Self {
            status: fields.get("status").and_then(Value::as_str).and_then(|s| s.parse().ok()).unwrap_or(self.status),
            blocker: kind("blocker", "kind", self.blocker.map(|b| word(b.as_str()))).and_then(|b| b.parse().ok()),
            queue: kind("admission", "lane", self.queue.map(|l| word(l.as_str()))).and_then(|l| l.parse().ok()),
            judge: kind("review", "kind", self.judge.map(|j| word(j.as_str()))).and_then(|j| j.parse().ok()),
        }
    }
}

fn what_blocks(kind: BlockerKind) -> WaitKind {
    match kind {
        BlockerKind::Dependency => WaitKind::Predecessor,
        BlockerKind::Input => WaitKind::Answer,
        BlockerKind::Capability => WaitKind::Skill,
        BlockerKind::Transient => WaitKind::Time,
    }
}

fn after(stand: Option<Stand>, event: &Event) -> Option<Stand> {
    let none = Stand { status: Status::Created, blocker: None, queue: None, judge: None };
    let stand = match event {
        Event::TaskCreated { task } | Event::TaskImported { task } => return Some(Stand::of(task)),
        Event::RecordImported { row } => match &**row {
            Record::Task(task) => return Some(Stand::of(task)),
            _ => stand,
        },
        Event::Restored { patch, .. } => return Some(stand.unwrap_or(none).patched(patch.fields.as_ref()?)),
        Event::TaskStepped { from, .. } => Some(stand.unwrap_or(Stand { status: *from, ..none })),
        _ => stand,
    };
    let stand = stand?;
    Some(match event {
        Event::TaskStepped { to, .. } => Stand { status: *to, ..stand },
        Event::BlockerSet { blocker, .. } => Stand { blocker: blocker.as_ref().map(|blocker| blocker.kind), ..stand },
        Event::AdmissionQueued { admission, .. } => Stand { queue: Some(admission.lane), ..stand },
        Event::AdmissionEnded { .. } => Stand { queue: None, ..stand },
        Event::ReviewSet { review, .. } => Stand { judge: review.as_ref().map(|review| review.kind), ..stand },
        _ => stand,
    })
}
