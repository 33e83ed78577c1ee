//! All actions by name: the command line of `:` and the keys of `?`, made from the same table.

use ratatui::layout::Rect;

use super::{Popup, sheet};
use crate::tui::action::{Action, Scope};
use crate::tui::effect::Effects;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::terminal::{Code, Key};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::update::{available, fuzzy, run};
use crate::tui::widget::field::{Field, Typed};
use crate::tui::widget::ink::Ink;

/// Entries of the command line.
const SHOWN: u16 = 12;

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What can be done, by name.
    Commands,
    /// The keys that work here, by place.
    Keys,
}

/// A palette that is open.
#[derive(Debug)]
pub struct State {
    /// What is listed.
    pub kind: Kind,
    /// What was typed.
    pub query: Field,
    /// The entry with the cursor.
    pub index: usize,
    /// The places whose actions work here.
    scopes: &'static [Scope],
}

/// Opens the palette.
pub fn open(model: &mut Model, kind: Kind) {
    let scopes = model.scopes();
    model.popups.push(Popup::Palette(State { kind, query: Field::line(""), index: 0, scopes }));
}

impl State {
    /// Actions that fit what was typed; of the same rank, inner places come first.
    fn actions(&self, model: &Model) -> Vec<Action> {
        let place = |action: &Action| self.scopes.iter().position(|scope| *scope == action.entry().scope);
        let mut all: Vec<Action> = Action::ALL.iter().copied().filter(|action| place(action).is_some()).collect();
        all.sort_by_key(place);
        fuzzy::best(&self.query.text(), all, |action| {
            let entry = action.entry();
            format!("{} {} {}", entry.title, entry.id, model.keys.keys_of(*action).join(" "))
        })
    }
}

/// A key for the palette.
pub fn key(model: &mut Model, key: Key) -> Effects {
    let Some(Popup::Palette(state)) = model.popups.last_mut() else { return Vec::new() };
    let at = state.index;
    match (state.query.key(key), key.code, key.ctrl) {
        (Typed::Taken, ..) => go_to(model, 0),
        (Typed::Send, ..) => return choose(model, at),
        (Typed::Close, ..) => drop(model.popups.pop()),
        (_, Code::Down | Code::Tab, _) | (_, Code::Char('n'), true) => go_to(model, at + 1),
        (_, Code::Up, _) | (_, Code::Char('p'), true) => go_to(model, at.saturating_sub(1)),
        (_, Code::PageDown, _) => go_to(model, at + 10),
        (_, Code::PageUp, _) => go_to(model, at.saturating_sub(10)),
        _ => {}
    }
    Vec::new()
}

fn go_to(model: &mut Model, index: usize) {
    let Some(Popup::Palette(state)) = model.popups.last() else { return };
    let most = state.actions(model).len().saturating_sub(1);
    if let Some(Popup::Palette(state)) = model.popups.last_mut() {
        state.index = index.min(most);
    }
}

/// Runs an entry.
pub fn choose(model: &mut Model, index: usize) -> Effects {
    let Some(Popup::Palette(state)) = model.popups.last() else { return Vec::new() };
    let Some(action) = state.actions(model).get(index).copied() else { return Vec::new() };
    model.popups.pop();
    run(model, action)
}

/// Draws the palette over the bottom of `area`.
pub fn view(model: &Model, state: &State, area: Rect, ink: &mut Ink) {
    let actions = state.actions(model);
    let (title, rows) = match state.kind {
        Kind::Commands => ("Command", SHOWN + 1),
        Kind::Keys => ("Keys", area.height.saturating_sub(1)),
    };
    let inner = sheet(area, rows, title, "type to find  ⏎ runs  Esc", ink);
    ink.put(inner.x, inner.y, 2, "› ", Role::Accent);
    state.query.draw(ink, inner.x + 2, inner.y, inner.width.saturating_sub(3), 1.min(inner.height));
    let fits = usize::from(inner.height.saturating_sub(1));
    let top = (state.index + 1).saturating_sub(fits);
    if actions.is_empty() && fits > 0 {
        ink.put(inner.x, inner.y + 1, inner.width, "Nothing matches.", Role::Muted);
    }
    for (n, action) in actions.iter().enumerate().skip(top).take(fits) {
        let place = Rect { x: inner.x - 1, y: inner.y + 1 + (n - top) as u16, width: inner.width, height: 1 };
        draw_action(model, *action, place, ink);
        ink.target(place, Target::Choice(n));
        if n == state.index {
            ink.select(place);
        }
    }
}

/// Cells of an action's title; the longest fits.
const TITLE: usize = 26;

fn draw_action(model: &Model, action: Action, area: Rect, ink: &mut Ink) {
    let entry = action.entry();
    let refused = available(model, action).err();
    let mut row = ink.row(area.x + 1, area.y, area.width);
    let keys = model.keys.keys_of(action).join(" ");
    row.put(&text::pad(&keys, 12), Role::Key).gap(1);
    let (title, role) = if refused.is_some() { (Role::Muted, Role::Muted) } else { (Role::Text, Role::Muted) };
    row.put(&text::pad(entry.title, TITLE), title).gap(1);
    row.put(refused.as_deref().unwrap_or(entry.help), role);
}
