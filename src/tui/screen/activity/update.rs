//! Going through the log and taking one change back.

use super::state::Entry;
use crate::domain::{ChangeId, Event, RecordId};
use crate::store::view::{ActivityFilter, ActivityRow};
use crate::tui::action::Action;
use crate::tui::data::Wanted;
use crate::tui::effect::{Change, Effects};
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::screen::agents;
use crate::tui::update::{change, open_task};

/// Runs an action of the log.
pub fn act(model: &mut Model, action: Action) -> Effects {
    let at = model.activity.index;
    let page = usize::from(model.areas().body.height.saturating_sub(2)).max(1);
    match action {
        Action::Down => go_to(model, at + 1),
        Action::Up => go_to(model, at.saturating_sub(1)),
        Action::HalfDown => go_to(model, at + page / 2),
        Action::HalfUp => go_to(model, at.saturating_sub(page / 2)),
        Action::PageDown => go_to(model, at + page),
        Action::PageUp => go_to(model, at.saturating_sub(page)),
        Action::First => go_to(model, 0),
        Action::Last => go_to(model, usize::MAX),
        Action::Open => open(model),
        Action::UndoThis => return undo(model),
        Action::Follow => {
            model.activity.follow = !model.activity.follow;
            model.say(if model.activity.follow { "Follows the newest entry" } else { "Stays where it is" });
        }
        _ => {}
    }
    Vec::new()
}

fn go_to(model: &mut Model, index: usize) {
    model.activity.go_to(index);
    model.activity.follow = model.activity.index == 0;
}

fn open(model: &mut Model) {
    let task = model.activity.current().and_then(|entry| task_of(&entry.row));
    match task {
        Some(id) => open_task(model, id),
        None => model.decline("This entry is not about a task."),
    }
}

/// The task that a change is about.
fn task_of(row: &ActivityRow) -> Option<crate::domain::TaskId> {
    let records = row.events.iter().flat_map(Event::records);
    records.into_iter().find_map(|id| if let RecordId::Task(id) = id { Some(id) } else { None })
}

fn undo(model: &mut Model) -> Effects {
    let Some(entry) = model.activity.current() else { return Vec::new() };
    let (id, said) = (entry.row.change, format!("Taken back: {}", entry.words));
    change(model, Change::UndoThis(id), said)
}

/// A click chooses; a double click opens the task.
pub fn click(model: &mut Model, target: &Target, twice: bool) -> Effects {
    if let Target::Entry(index) = target {
        go_to(model, *index);
        if twice {
            open(model);
        }
    }
    Vec::new()
}

/// The newest stretch of the log, as far as was scrolled.
pub fn want(model: &Model, wanted: &mut Wanted) {
    wanted.activity = Some(ActivityFilter { limit: model.activity.limit, ..ActivityFilter::default() });
}

/// Takes a stretch that was read; the cursor stays on its entry unless it follows.
pub fn see(model: &mut Model, filter: &ActivityFilter, rows: Vec<ActivityRow>) {
    let rows = rows.into_iter().map(Entry::of).collect();
    if let Some(actor) = &filter.actor {
        return agents::see_recent(model, actor, rows);
    }
    let state = &mut model.activity;
    state.rows = rows;
    state.loaded = true;
    let place = |id: ChangeId| state.shown().iter().position(|entry| entry.row.change == id);
    let index = if state.follow { 0 } else { state.chosen.and_then(place).unwrap_or(state.index) };
    state.index = index;
    state.chosen = state.shown().get(index).map(|entry| entry.row.change);
}
