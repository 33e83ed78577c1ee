//! A question before something that is hard to take back. Only y says yes: never Enter, never the key that led here.

use std::time::Duration;

use ratatui::layout::Rect;

use super::{Popup, is_deaf, sheet};
use crate::tui::effect::{Effect, Effects, Write};
use crate::tui::model::Model;
use crate::tui::terminal::Key;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::ink::Ink;

/// A question and what yes does.
#[derive(Debug)]
pub struct State {
    /// What happens, with the name of what it happens to.
    pub question: String,
    /// Done on yes.
    pub write: Box<Write>,
    /// When it came up, unless a key of its user brought it up at once.
    came: Option<Duration>,
}

/// Asks about what was just pressed; the next key may well be the answer.
pub fn open(model: &mut Model, question: impl Into<String>, write: Write) {
    model.popups.push(Popup::Confirm(State { question: question.into(), write: Box::new(write), came: None }));
}

/// Asks at a time of its own; keys that were on their way already are not the answer.
pub fn open_late(model: &mut Model, question: String, write: Write) {
    let came = Some(model.clock.run);
    model.popups.push(Popup::Confirm(State { question, write: Box::new(write), came }));
}

/// y does it, anything else does not.
pub fn key(model: &mut Model, key: Key) -> Effects {
    match model.popups.last() {
        Some(Popup::Confirm(State { came: Some(came), .. })) if is_deaf(model, *came) => return Vec::new(),
        _ => {}
    }
    match model.popups.pop() {
        Some(Popup::Confirm(State { write, .. })) if key == Key::char('y') => vec![Effect::Write(write)],
        _ => {
            model.decline("Left as it is.");
            Vec::new()
        }
    }
}

/// Draws the question over the bottom of `area`.
pub fn view(state: &State, area: Rect, ink: &mut Ink) {
    let lines = text::wrap(&state.question, usize::from(area.width.saturating_sub(3)), 4);
    let inner = sheet(area, lines.len() as u16 + 2, "Sure?", "Esc no", ink);
    for (n, line) in lines.iter().enumerate().take(usize::from(inner.height)) {
        ink.put(inner.x, inner.y + n as u16, inner.width, line, Role::Text);
    }
    let y = inner.y + lines.len() as u16;
    if y < inner.bottom() {
        let mut row = ink.row(inner.x, y, inner.width);
        row.put("y", Role::Key).put(" yes   any other key: no", Role::Muted);
    }
}
