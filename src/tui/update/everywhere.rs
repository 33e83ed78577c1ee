//! Actions that work on every screen, and when an action cannot be used.

use super::{change, filter, quit, verbs};
use crate::domain::Lane;
use crate::tui::action::{Action, Scope};
use crate::tui::effect::{Change, Effect, Effects};
use crate::tui::model::Model;
use crate::tui::popup::palette::{self, Kind};
use crate::tui::popup::prompt::{self, Purpose};
use crate::tui::popup::{answer, forecast, picker, retro};
use crate::tui::screen::{self, Screen, TABS};

/// Runs an action that works everywhere.
pub fn act(model: &mut Model, action: Action) -> Effects {
    match action {
        Action::ShowBoard | Action::ShowAgents | Action::ShowPlan | Action::ShowInbox | Action::ShowActivity => {
            show(model, action);
        }
        Action::Back => return back(model),
        Action::Quit => return close_or_quit(model),
        Action::Cancel => return cancel(model),
        Action::ShowForecast => return forecast::open(model),
        Action::ShowRetro => return retro::open(model),
        Action::Answer => answer::open(model, None),
        Action::Commands => palette::open(model, Kind::Commands),
        Action::Help => palette::open(model, Kind::Keys),
        Action::Filter => open_filter(model),
        Action::Mine => mine(model),
        Action::Undo => return undo(model),
        Action::Redo => return change(model, Change::Redo, "Done again"),
        Action::CopyId | Action::CopyTitle | Action::CopyMarkdown => return verbs::copy(model, action),
        Action::Theme => picker::open(model, picker::Purpose::Theme),
        Action::Mouse => return mouse(model),
        Action::Keep => prompt::open_with(model, Purpose::Keep, "."),
        Action::Redraw => return vec![Effect::Redraw],
        Action::Suspend => return vec![Effect::Suspend],
        _ => return screen::act(model, action),
    }
    Vec::new()
}

fn show(model: &mut Model, action: Action) {
    if let Some((screen, ..)) = TABS.iter().find(|(_, tab, ..)| *tab == action) {
        model.task = None;
        model.popups.clear();
        model.screen = *screen;
    }
}

fn back(model: &mut Model) -> Effects {
    if model.toast.as_ref().is_some_and(|toast| toast.until.is_none()) {
        model.toast = None;
    } else if model.task.take().is_none() && !(model.screen == Screen::Board && model.board.back()) {
        clear_filter(model);
    }
    Vec::new()
}

fn clear_filter(model: &mut Model) {
    if filter::shown(model).is_some() {
        filter::set(model, "");
    }
}

/// Closes what is open; on a main screen, ends. Where an end would stop work for others, it takes a second time.
fn close_or_quit(model: &mut Model) -> Effects {
    if model.task.take().is_some() {
        return Vec::new();
    }
    match at_stake(model) {
        Some(stake) if !std::mem::replace(&mut model.quit_asked, true) => {
            model.decline(format!("{stake} Once more quits."));
            Vec::new()
        }
        _ => quit(model),
    }
}

/// What an end would stop for others.
fn at_stake(model: &Model) -> Option<String> {
    let lanes = model.head.summary.iter().flat_map(|summary| &summary.lanes);
    let working: u64 = lanes.filter(|lane| lane.lane == Lane::InProgress).map(|lane| lane.total).sum();
    let cards = if working == 1 { "1 card is".into() } else { format!("{working} cards are") };
    (model.flags.orchestrates && working > 0).then(|| format!("vayu hands out work here, and {cards} in progress."))
}

fn cancel(model: &mut Model) -> Effects {
    let idle = model.task.is_none() && model.board.selected.is_empty() && filter::shown(model).is_none();
    if idle && std::mem::replace(&mut model.quit_asked, true) {
        return quit(model);
    }
    if idle {
        let stake = at_stake(model).map(|stake| stake + " ").unwrap_or_default();
        model.decline(format!("{stake}{} again quits.", model.keys.key_of(Action::Cancel)));
        return Vec::new();
    }
    model.quit_asked = false;
    back(model)
}

fn open_filter(model: &mut Model) {
    let text = filter::shown(model).unwrap_or_default();
    let typed = if model.screen == Screen::Board { model.board.filter_text.clone() } else { text };
    prompt::open_with(model, Purpose::Filter, &typed);
}

fn mine(model: &mut Model) {
    if model.head.me.is_none() && !model.board.mine {
        let name = model.actor.name.clone();
        return model.decline(format!("{name} is no agent of this board; `vayu agent add {name}` adds one."));
    }
    model.board.mine = !model.board.mine;
    filter::apply(model);
}

fn undo(model: &mut Model) -> Effects {
    if model.held.is_empty() {
        return change(model, Change::Undo, "Taken back");
    }
    answer::take_back(model);
    Vec::new()
}

fn mouse(model: &mut Model) -> Effects {
    model.looks.mouse = !model.looks.mouse;
    model.say(if model.looks.mouse { "The mouse clicks and drags" } else { "The mouse selects text" });
    vec![Effect::Mouse(model.looks.mouse)]
}

/// Whether an action can be used now; the error says why not.
pub fn available(model: &Model, action: Action) -> Result<(), String> {
    let scope = action.entry().scope;
    if model.flags.read_only && changes(action) {
        return Err("This board was opened read-only.".into());
    }
    if (scope == Scope::Card || copies(action)) && verbs::subject(model).is_none() {
        return Err("No card has the cursor.".into());
    }
    if scope == Scope::Card && model.board.gathering && model.task.is_none() {
        return Err("The selected cards are being looked up; a moment.".into());
    }
    match action {
        Action::Keep if model.keep.is_none() => Err("This board is a real one; it is kept.".into()),
        Action::Answer if model.open_asks().next().is_none() => Err("Nobody waits for an answer.".into()),
        Action::New | Action::GrabCard if model.task.is_some() || model.screen != Screen::Board => {
            Err("This works on the board.".into())
        }
        Action::GrabCard if model.board.card().is_none() => Err("No card has the cursor.".into()),
        Action::Filter if model.task.is_some() || !filter::works(model) => {
            Err("This works on lists of cards, agents and changes.".into())
        }
        Action::Mine if model.task.is_some() || model.screen != Screen::Board => Err("This works on the board.".into()),
        _ => Ok(()),
    }
}

fn copies(action: Action) -> bool {
    matches!(action, Action::CopyId | Action::CopyTitle | Action::CopyMarkdown)
}

/// True for actions that change the board.
fn changes(action: Action) -> bool {
    match action.entry().scope {
        Scope::Card | Scope::Grab | Scope::Agents => true,
        Scope::Inbox => !matches!(action, Action::AnswerThis | Action::OpenTask),
        _ => matches!(
            action,
            Action::Undo | Action::Redo | Action::New | Action::GrabCard | Action::UndoThis | Action::SheetSend
        ),
    }
}
