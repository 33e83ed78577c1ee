//! What lies over a screen: questions to the user, lists to choose from, the answer sheet.
//!
//! A popup owns what is typed into it; the last one opened has the keys, and Esc always closes it without harm.

pub mod answer;
pub mod clash;
pub mod confirm;
pub mod forecast;
pub mod palette;
pub mod picker;
pub mod prompt;
pub mod retro;

use std::time::Duration;

use ratatui::layout::Rect;

use super::action::Scope;
use super::data::Wanted;
use super::effect::Effects;
use super::model::Model;
use super::terminal::{Code, Key};
use super::widget::ink::Ink;

/// Keys in this time after a popup has come up by itself, or asks for much, are not heard.
const DEAF: Duration = Duration::from_millis(300);

/// True as long as keys may have been meant for what was there before.
fn is_deaf(model: &Model, since: Duration) -> bool {
    model.clock.run < since + DEAF
}

/// Something over the screen.
#[derive(Debug)]
pub enum Popup {
    /// A line to type.
    Prompt(prompt::State),
    /// A list to choose from.
    Picker(picker::State),
    /// All actions, or those that work here.
    Palette(palette::State),
    /// A question that y answers.
    Confirm(confirm::State),
    /// The answer sheet.
    Answer(answer::State),
    /// Two texts for one task.
    Clash(clash::State),
    /// How the running sprint will probably end.
    Forecast(forecast::State),
    /// What the sprint that was closed last teaches.
    Retro(retro::State),
}

impl Popup {
    /// True while keys are typed into it.
    pub fn is_typing(&self) -> bool {
        !matches!(self, Self::Answer(_) | Self::Confirm(_) | Self::Clash(_) | Self::Forecast(_) | Self::Retro(_))
    }

    /// Where keys are looked up that it does not take itself.
    pub fn scopes(&self) -> &'static [Scope] {
        match self {
            Self::Answer(_) => &[Scope::Answer],
            _ => &[],
        }
    }

    /// Adds what it needs to see.
    pub fn want(&self, wanted: &mut Wanted) {
        if let Self::Picker(state) = self {
            picker::want(state, wanted);
        }
    }
}

/// Gives a key to the topmost popup; `None` if that leaves it to the key table.
pub fn key(model: &mut Model, key: Key) -> Option<Effects> {
    match model.popups.last()? {
        Popup::Prompt(_) => Some(prompt::key(model, key)),
        Popup::Picker(_) => Some(picker::key(model, key)),
        Popup::Palette(_) => Some(palette::key(model, key)),
        Popup::Confirm(_) => Some(confirm::key(model, key)),
        Popup::Answer(_) => answer::key(model, key),
        Popup::Clash(_) => Some(clash::key(model, key)),
        Popup::Forecast(_) => Some(forecast::key(model, key)),
        Popup::Retro(_) => Some(retro::key(model, key)),
    }
}

/// Gives pasted text to the topmost popup.
pub fn paste(model: &mut Model, text: &str) -> Effects {
    match model.popups.last_mut() {
        Some(Popup::Prompt(state)) => state.field.paste(text),
        Some(Popup::Picker(state)) => state.query.paste(text),
        Some(Popup::Palette(state)) => state.query.paste(text),
        _ => {}
    }
    prompt::typed(model);
    Vec::new()
}

/// A click on an entry of the topmost popup.
pub fn click(model: &mut Model, choice: usize) -> Effects {
    match model.popups.last() {
        Some(Popup::Picker(_)) => picker::choose(model, choice),
        Some(Popup::Palette(_)) => palette::choose(model, choice),
        Some(Popup::Answer(_)) => answer::choose(model, choice),
        _ => Vec::new(),
    }
}

/// Draws everything that lies over the screen.
pub fn view(model: &Model, area: Rect, ink: &mut Ink) {
    for popup in &model.popups {
        match popup {
            Popup::Prompt(state) => prompt::view(model, state, area, ink),
            Popup::Picker(state) => picker::view(model, state, area, ink),
            Popup::Palette(state) => palette::view(model, state, area, ink),
            Popup::Confirm(state) => confirm::view(state, area, ink),
            Popup::Answer(state) => answer::view(model, state, area, ink),
            Popup::Clash(state) => clash::view(model, state, area, ink),
            Popup::Forecast(state) => forecast::view(model, state, area, ink),
            Popup::Retro(state) => retro::view(state, area, ink),
        }
    }
}

/// Rows that a key goes down at once.
const PAGE: usize = 10;

/// Scrolls a text of so many lines; true if the key closes it instead.
fn scrolls(key: Key, scroll: &mut usize, lines: usize) -> bool {
    match (key.typed(), key.code) {
        (Some('j'), _) | (_, Code::Down) => *scroll += 1,
        (Some('k'), _) | (_, Code::Up) => *scroll = scroll.saturating_sub(1),
        (Some(' '), _) | (_, Code::PageDown) => *scroll += PAGE,
        (_, Code::PageUp) => *scroll = scroll.saturating_sub(PAGE),
        (Some('q'), _) | (_, Code::Esc) => return true,
        (_, Code::Char('c')) if key.ctrl => return true,
        _ => {}
    }
    *scroll = (*scroll).min(lines.saturating_sub(1));
    false
}

/// The place of a popup of this size at the bottom of `area`, cleared, with a line and a title above it.
fn sheet(area: Rect, rows: u16, title: &str, note: &str, ink: &mut Ink) -> Rect {
    use super::glyph;
    use super::msg::Target;
    use super::theme::Role;
    let height = (rows + 1).min(area.height);
    let place = Rect { y: area.bottom() - height, height, ..area };
    ink.clear(place);
    ink.target(place, Target::Nothing);
    ink.line(place.x, place.y, place.width, glyph::THICK, Role::Accent);
    let mut row = ink.row(place.x + 1, place.y, place.width.saturating_sub(2));
    row.put(" ", Role::Text).put(title, Role::Accent.bold()).put(" ", Role::Text);
    if !note.is_empty() {
        row.gap_right(1).put_right(&format!(" {note} "), Role::Muted);
    }
    Rect {
        x: place.x + 2.min(place.width),
        y: place.y + 1,
        width: place.width.saturating_sub(3),
        height: height.saturating_sub(1),
    }
}
