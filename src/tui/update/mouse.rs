//! The mouse. What lies where is asked of the view, which notes it while drawing, so that a click always means what is
//! seen.

use std::time::Duration;

use ratatui::layout::{Position, Rect};

use super::run;
use crate::tui::effect::Effects;
use crate::tui::model::{Click, Model};
use crate::tui::msg::Target;
use crate::tui::popup;
use crate::tui::screen::{self, Screen, board};
use crate::tui::terminal::{Button, Mouse, MouseKind};
use crate::tui::view;

/// Two clicks within this time are a double click.
const TWICE: Duration = Duration::from_millis(400);
/// A click this soon after the window got the focus was meant for the window.
const FOCUSING: Duration = Duration::from_millis(150);

/// Something the mouse did.
pub fn mouse(model: &mut Model, mouse: Mouse) -> Effects {
    if !model.looks.mouse {
        return Vec::new();
    }
    let at = Position { x: mouse.column, y: mouse.row };
    let target = topmost(&view::targets(model), at);
    match mouse.kind {
        MouseKind::Down(Button::Left) => down(model, target),
        MouseKind::Drag(Button::Left) => {
            drag(model, target.as_ref());
            Vec::new()
        }
        MouseKind::Up(Button::Left) => up(model),
        MouseKind::Wheel(down) if model.popups.is_empty() => {
            screen::wheel(model, target.as_ref(), down);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn topmost(targets: &[(Rect, Target)], at: Position) -> Option<Target> {
    targets.iter().rev().find(|(area, _)| area.contains(at)).map(|(_, target)| target.clone())
}

fn down(model: &mut Model, target: Option<Target>) -> Effects {
    let now = model.clock.run;
    if model.focus.1 > Duration::ZERO && now < model.focus.1 + FOCUSING {
        return Vec::new();
    }
    let Some(target) = target else { return Vec::new() };
    let twice = model.click.take().is_some_and(|click| click.target == target && now < click.at + TWICE);
    if !twice {
        model.click = Some(Click { target: target.clone(), at: now });
    }
    click(model, &target, twice)
}

fn click(model: &mut Model, target: &Target, twice: bool) -> Effects {
    match target {
        Target::Action(action) => run(model, *action),
        Target::Choice(choice) => popup::click(model, *choice),
        Target::Nothing => Vec::new(),
        _ if !model.popups.is_empty() => Vec::new(),
        _ => screen::click(model, target, twice),
    }
}

/// Pulls the card that was clicked over another lane.
fn drag(model: &mut Model, over: Option<&Target>) {
    if model.board.grab.is_some_and(|grab| !grab.by_mouse) {
        return;
    }
    let on_board = model.screen == Screen::Board && model.task.is_none() && model.popups.is_empty();
    let Some(Click { target: Target::Card(card, from), .. }) = &model.click else { return };
    let (card, from) = (*card, *from);
    match over {
        Some(Target::Card(_, lane) | Target::Lane(lane))
            if on_board && (*lane != from || model.board.grab.is_some()) =>
        {
            board::drag(model, card, *lane);
        }
        _ => {}
    }
}

fn up(model: &mut Model) -> Effects {
    if model.board.grab.is_some_and(|grab| grab.by_mouse) {
        model.click = None;
        return board::drop_card(model);
    }
    Vec::new()
}
