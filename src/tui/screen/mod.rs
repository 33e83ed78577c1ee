//! The screens. Each has a folder with its state, its update and its view, and is reached only through this file.
//!
//! A screen owns what is chosen and scrolled on it; it must never draw outside its area or talk to the service.

pub mod activity;
pub mod agents;
pub mod board;
pub mod inbox;
pub mod plan;
pub mod task;

use ratatui::layout::Rect;

use super::action::{Action, Scope};
use super::data::{Seen, Wanted};
use super::effect::Effects;
use super::model::Model;
use super::msg::Target;
use super::popup::picker;
use super::widget::ink::Ink;

/// A screen with a tab and a digit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// Lanes and cards.
    Board,
    /// People and programs.
    Agents,
    /// The next sprint.
    Plan,
    /// Questions.
    Inbox,
    /// The log.
    Activity,
}

/// A tab: its screen, its digit, its name and its short name.
pub const TABS: [(Screen, Action, &str, &str); 5] = [
    (Screen::Board, Action::ShowBoard, "Board", "Bo"),
    (Screen::Agents, Action::ShowAgents, "Agents", "Ag"),
    (Screen::Plan, Action::ShowPlan, "Plan", "Pl"),
    (Screen::Inbox, Action::ShowInbox, "Inbox", "In"),
    (Screen::Activity, Action::ShowActivity, "Activity", "Ac"),
];

/// What is up: the task that is open, or else the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Up {
    Task,
    Screen(Screen),
}

fn up(model: &Model) -> Up {
    if model.task.is_some() { Up::Task } else { Up::Screen(model.screen) }
}

/// Where keys are looked up.
pub fn scopes(model: &Model) -> &'static [Scope] {
    match up(model) {
        Up::Task => &[Scope::Task, Scope::Card, Scope::Everywhere],
        Up::Screen(Screen::Board) if model.board.grab.is_some() => &[Scope::Grab],
        Up::Screen(Screen::Board) => &[Scope::Board, Scope::Card, Scope::Everywhere],
        Up::Screen(Screen::Agents) => &[Scope::Agents, Scope::Everywhere],
        Up::Screen(Screen::Inbox) => &[Scope::Inbox, Scope::Everywhere],
        Up::Screen(Screen::Activity) => &[Scope::Activity, Scope::Everywhere],
        Up::Screen(Screen::Plan) => plan::scopes(model),
    }
}

/// Runs an action that belongs to the screen, or that each screen does in its own way.
pub fn act(model: &mut Model, action: Action) -> Effects {
    match up(model) {
        Up::Task => task::act(model, action),
        Up::Screen(Screen::Board) => board::act(model, action),
        Up::Screen(Screen::Agents) => agents::act(model, action),
        Up::Screen(Screen::Plan) => plan::act(model, action),
        Up::Screen(Screen::Inbox) => inbox::act(model, action),
        Up::Screen(Screen::Activity) => activity::act(model, action),
    }
}

/// A click on something of the screen; `twice`: a double click.
pub fn click(model: &mut Model, target: &Target, twice: bool) -> Effects {
    match up(model) {
        Up::Task => task::click(model, target, twice),
        Up::Screen(Screen::Board) => board::click(model, target, twice),
        Up::Screen(Screen::Agents) => agents::click(model, target, twice),
        Up::Screen(Screen::Plan) => plan::click(model, target, twice),
        Up::Screen(Screen::Inbox) => inbox::click(model, target, twice),
        Up::Screen(Screen::Activity) => activity::click(model, target, twice),
    }
}

/// The wheel turned over something of the screen.
pub fn wheel(model: &mut Model, target: Option<&Target>, down: bool) {
    if let (Up::Screen(Screen::Board), Some(Target::Card(_, lane) | Target::Lane(lane))) = (up(model), target) {
        return board::wheel(model, *lane, down);
    }
    for _ in 0..3 {
        act(model, if down { Action::Down } else { Action::Up });
    }
}

/// Adds what the screen needs to see.
pub fn want(model: &Model, wanted: &mut Wanted) {
    match up(model) {
        Up::Task => task::want(model, wanted),
        Up::Screen(Screen::Board) => board::want(model, wanted),
        Up::Screen(Screen::Agents) => agents::want(model, wanted),
        Up::Screen(Screen::Plan) => plan::want(model, wanted),
        // What is asked is read for every screen.
        Up::Screen(Screen::Inbox) => {}
        Up::Screen(Screen::Activity) => activity::want(model, wanted),
    }
}

/// Takes what was read.
pub fn see(model: &mut Model, seen: Seen) {
    model.head.see(&seen);
    board::see(model, seen.windows);
    if let Some(rows) = seen.agents {
        agents::see(model, rows);
    }
    if let Some(detail) = seen.task {
        task::see(model, detail);
    }
    if let Some(plan) = seen.plan {
        plan::see(model, *plan);
    }
    if let Some((filter, rows)) = seen.activity {
        activity::see(model, &filter, rows);
    }
    inbox::see(model);
    picker::settle(model);
}

/// Draws what is up.
pub fn view(model: &Model, area: Rect, ink: &mut Ink) {
    match up(model) {
        Up::Task => task::view(model, area, ink),
        Up::Screen(Screen::Board) => board::view(model, area, ink),
        Up::Screen(Screen::Agents) => agents::view(model, area, ink),
        Up::Screen(Screen::Plan) => plan::view(model, area, ink),
        Up::Screen(Screen::Inbox) => inbox::view(model, area, ink),
        Up::Screen(Screen::Activity) => activity::view(model, area, ink),
    }
}
