//! Scrolling a task's page, and going on to the next task.

use super::state::State;
use super::view;
use crate::store::view::TaskDetail;
use crate::tui::action::Action;
use crate::tui::data::Wanted;
use crate::tui::effect::Effects;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::screen::board;
use crate::tui::update::open_task;

/// Runs an action of the task screen.
pub fn act(model: &mut Model, action: Action) -> Effects {
    let page = usize::from(model.areas().body.height);
    match action {
        Action::Down => scroll(model, 1),
        Action::Up => scroll(model, -1),
        Action::HalfDown => scroll(model, page as isize / 2),
        Action::HalfUp => scroll(model, -(page as isize / 2)),
        Action::PageDown => scroll(model, page as isize),
        Action::PageUp => scroll(model, -(page as isize)),
        Action::First => scroll(model, isize::MIN),
        Action::Last => scroll(model, isize::MAX),
        Action::NextSection | Action::Right => go_to_section(model, 1),
        Action::PreviousSection | Action::Left => go_to_section(model, -1),
        Action::NextTask => go_to_task(model, Action::Down),
        Action::PreviousTask => go_to_task(model, Action::Up),
        _ => {}
    }
    Vec::new()
}

fn scroll(model: &mut Model, by: isize) {
    let most = view::page(model).map_or(0, |page| page.len().saturating_sub(usize::from(model.areas().body.height)));
    if let Some(task) = &mut model.task {
        task.scroll = task.scroll.saturating_add_signed(by).min(most);
    }
}

fn go_to_section(model: &mut Model, by: isize) {
    let (Some(page), Some(task)) = (view::page(model), &model.task) else { return };
    let starts = page.sections();
    let next = if by > 0 {
        starts.iter().find(|start| **start > task.scroll)
    } else {
        starts.iter().rev().find(|start| **start < task.scroll)
    };
    let to = next.copied().unwrap_or(if by > 0 { task.scroll } else { 0 });
    let by = to as isize - task.scroll as isize;
    scroll(model, by);
}

/// The next card of the lane, without going back to the board.
fn go_to_task(model: &mut Model, step: Action) {
    board::act(model, step);
    if let Some(id) = model.board.card().map(|card| card.task_id) {
        open_task(model, id);
    }
}

/// A click: nothing on the page can be chosen.
pub fn click(_model: &mut Model, _target: &Target, _twice: bool) -> Effects {
    Vec::new()
}

/// The task, and the lane it was opened from, so that the next one is at hand.
pub fn want(model: &Model, wanted: &mut Wanted) {
    board::want(model, wanted);
    wanted.task = model.task.as_ref().map(|task| task.id);
}

/// Takes the task that was read.
pub fn see(model: &mut Model, detail: Option<Box<TaskDetail>>) {
    if let Some(State { loaded, .. }) = &mut model.task {
        *loaded = true;
    }
    model.detail = detail;
    scroll(model, 0);
}
