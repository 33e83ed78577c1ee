//! Keys and clicks of the plan.

use crate::tui::action::{Action, Scope};
use crate::tui::data::Wanted;
use crate::tui::effect::Effects;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::terminal::Key;

/// Where keys are looked up.
pub fn scopes(_model: &Model) -> &'static [Scope] {
    &[Scope::Everywhere]
}

/// True while keys go into a field of the plan.
pub fn is_typing(_model: &Model) -> bool {
    false
}

/// A key for the field that is typed into.
pub fn key(_model: &mut Model, _key: Key) -> Effects {
    Vec::new()
}

/// Pasted text for the field that is typed into.
pub fn paste(_model: &mut Model, _text: &str) -> Effects {
    Vec::new()
}

/// Runs an action of the plan.
pub fn act(_model: &mut Model, _action: Action) -> Effects {
    Vec::new()
}

/// A click.
pub fn click(_model: &mut Model, _target: &Target, _twice: bool) -> Effects {
    Vec::new()
}

/// What the plan needs to see.
pub fn want(_model: &Model, wanted: &mut Wanted) {
    wanted.sprints = true;
}
