//! Keys and pastes: into fields where somebody types, else through the key table.

use super::run;
use crate::tui::action::Action;
use crate::tui::effect::Effects;
use crate::tui::keymap::Meaning;
use crate::tui::model::Model;
use crate::tui::popup::{self, Popup, prompt};
use crate::tui::terminal::{Code, Key};

/// A key.
pub fn key(model: &mut Model, key: Key, told: Option<char>) -> Effects {
    if let Some(effects) = popup::key(model, key) {
        return effects;
    }
    look_up(model, key, told)
}

fn look_up(model: &mut Model, key: Key, told: Option<char>) -> Effects {
    let scopes = model.scopes();
    let mut pressed = std::mem::take(&mut model.pressed.0);
    if key.code == Code::Esc && !pressed.is_empty() {
        return Vec::new();
    }
    pressed.push(model.keys.latin_if_unbound(scopes, &pressed, key, told));
    match model.keys.meaning(scopes, &pressed) {
        Meaning::Action(action) => run(model, action),
        Meaning::Prefix => {
            if pressed.len() == 1 {
                model.pressed.1 = model.clock.run;
            }
            model.pressed.0 = pressed;
            Vec::new()
        }
        Meaning::Nothing => Vec::new(),
    }
}

/// Pasted text goes into the field; where there is none, it becomes a new task if that is confirmed by Enter.
pub fn paste(model: &mut Model, text: &str) -> Effects {
    match model.popups.last() {
        Some(popup) if popup.is_typing() => popup::paste(model, text),
        Some(_) => Vec::new(),
        None => {
            run(model, Action::New);
            if let Some(Popup::Prompt(state)) = model.popups.last_mut() {
                state.field.paste(text.trim());
                prompt::typed(model);
            }
            Vec::new()
        }
    }
}
