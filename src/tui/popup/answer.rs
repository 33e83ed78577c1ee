//! The answer sheet: a question over the bottom of whatever screen is up. It opens only when asked to, is deaf at
//! first so that nothing typed before can answer, and holds an answer for a while before it is sent.

use std::time::Duration;

use ratatui::layout::Rect;

use super::prompt::{self, Purpose};
use super::{Popup, confirm, is_deaf, picker};
use crate::domain::{Command, EscalationId, Remedy};
use crate::store::view::EscalationRow;
use crate::tui::action::Action;
use crate::tui::effect::{Change, Effect, Effects, Write};
use crate::tui::glyph;
use crate::tui::model::{Held, Model};
use crate::tui::msg::Target;
use crate::tui::terminal::Key;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::update::{open_task, submit};
use crate::tui::widget::ink::Ink;
use crate::tui::words;

/// How long an answer can be taken back before it is sent.
const HOLD: Duration = Duration::from_secs(5);

/// The sheet, open on a question.
#[derive(Debug)]
pub struct State {
    /// Which question.
    pub id: EscalationId,
    /// The option with the cursor.
    pub index: usize,
    /// When it was opened.
    opened: Duration,
}

/// Opens the sheet on a question, or on the one that costs most to leave.
pub fn open(model: &mut Model, id: Option<EscalationId>) {
    let costliest = || model.open_asks().next().map(|row| row.escalation.escalation_id);
    match id.or_else(costliest) {
        Some(id) => show(model, id),
        None => model.decline("Nobody waits for an answer."),
    }
}

fn show(model: &mut Model, id: EscalationId) {
    let recommended = row(model, id).and_then(|row| row.escalation.recommended).unwrap_or(0);
    model.popups.retain(|popup| !matches!(popup, Popup::Answer(_)));
    model.popups.push(Popup::Answer(State { id, index: recommended, opened: model.clock.run }));
}

/// How many options the question on the sheet offers.
pub fn choices(model: &Model) -> usize {
    state(model).and_then(|state| row(model, state.id)).map_or(0, |row| row.escalation.choices.len())
}

fn row(model: &Model, id: EscalationId) -> Option<&EscalationRow> {
    model.head.asks.iter().find(|row| row.escalation.escalation_id == id)
}

fn state(model: &Model) -> Option<&State> {
    match model.popups.last() {
        Some(Popup::Answer(state)) => Some(state),
        _ => None,
    }
}

/// The question on the sheet; closes the sheet if somebody else has answered it.
fn current(model: &mut Model) -> Option<EscalationRow> {
    let id = state(model)?.id;
    let found = row(model, id).cloned();
    if found.is_none() {
        model.popups.pop();
        model.decline("Somebody else has answered this.");
    }
    found
}

/// Digits pick an option; while the sheet is deaf, every key is dropped.
pub fn key(model: &mut Model, key: Key) -> Option<Effects> {
    let opened = state(model)?.opened;
    if is_deaf(model, opened) {
        return Some(Vec::new());
    }
    let digit = key.typed()?.to_digit(10)?;
    pick(model, (digit as usize).checked_sub(1)?);
    Some(Vec::new())
}

fn pick(model: &mut Model, index: usize) {
    let Some(options) = current(model).map(|row| row.escalation.choices.len()) else { return };
    if let Some(Popup::Answer(state)) = model.popups.last_mut() {
        state.index = index.min(options.saturating_sub(1));
    }
}

/// A click on an option picks it; sending takes a key.
pub fn choose(model: &mut Model, index: usize) -> Effects {
    pick(model, index);
    Vec::new()
}

/// Runs an action of the sheet.
pub fn act(model: &mut Model, action: Action) -> Effects {
    let Some(State { id, index, .. }) = state(model) else { return Vec::new() };
    let (id, index) = (*id, *index);
    match action {
        Action::SheetDown => pick(model, index + 1),
        Action::SheetUp => pick(model, index.saturating_sub(1)),
        Action::SheetSend => return send(model),
        Action::SheetWords => prompt::open(model, Purpose::Words(id)),
        Action::SheetDelegate => prompt::open(model, Purpose::Delegate(id)),
        Action::SheetSnooze => picker::open(model, picker::Purpose::Snooze(id)),
        Action::SheetNext => next(model, id),
        Action::SheetTakeBack => take_back(model),
        Action::SheetEvidence => {
            if let Some(task) = current(model).and_then(|row| row.task) {
                open_task(model, task.task_id);
            }
        }
        Action::SheetLater => drop(model.popups.pop()),
        _ => {}
    }
    Vec::new()
}

fn next(model: &mut Model, id: EscalationId) {
    let ids: Vec<EscalationId> = model.open_asks().map(|row| row.escalation.escalation_id).collect();
    let at = ids.iter().position(|known| *known == id).map_or(0, |at| at + 1);
    if let Some(next) = ids.get(at % ids.len().max(1)) {
        show(model, *next);
    }
}

fn send(model: &mut Model) -> Effects {
    let Some(State { index, .. }) = state(model) else { return Vec::new() };
    let index = *index;
    let Some(row) = current(model) else { return Vec::new() };
    let Some(choice) = row.escalation.choices.get(index) else {
        prompt::open(model, Purpose::Words(row.escalation.escalation_id));
        return Vec::new();
    };
    if choice.remedy == Remedy::Cancel {
        let question = format!("{}: {} cancels {}.", row.label, text::clip(&choice.label, 80), about(&row));
        let answer = Change::Commands(vec![command(&held(model, &row, Some(index), None))]);
        let write = Write::new(answer, format!("{} answered", row.label));
        confirm::open(model, question, write);
        return Vec::new();
    }
    let said = format!("{}: {}", row.label, text::clip(&choice.label, 60));
    hold(model, &row, Some(index), None, &said)
}

fn about(row: &EscalationRow) -> String {
    row.task.as_ref().map_or_else(|| "it".into(), |task| format!("{} {}", task.number, text::clip(&task.title, 80)))
}

/// Answers in words.
pub fn send_words(model: &mut Model, id: EscalationId, words: String) -> Effects {
    let Some(row) = row(model, id).cloned() else {
        let lost = text::clip(&words, 400);
        model.complain(format!("Somebody else has answered this meanwhile. You had written: {lost}"));
        model.drafts.insert(Purpose::Words(id), words);
        return Vec::new();
    };
    let said = format!("{}: {}", row.label, text::clip(&words, 60));
    hold(model, &row, None, Some(words), &said)
}

fn held(model: &Model, row: &EscalationRow, choice: Option<usize>, words: Option<String>) -> Held {
    let until = model.clock.run + HOLD;
    Held { escalation: row.escalation.escalation_id, label: row.label.clone(), choice, words, until }
}

/// Keeps the answer for a while, and goes on to the next question.
fn hold(model: &mut Model, row: &EscalationRow, choice: Option<usize>, words: Option<String>, said: &str) -> Effects {
    if model.flags.read_only {
        return submit(model, Vec::new(), "");
    }
    let held = held(model, row, choice, words);
    model.held.push(held);
    let opened = state(model).is_some();
    model.popups.retain(|popup| !matches!(popup, Popup::Answer(_)));
    let next = model.open_asks().next().map(|row| row.escalation.escalation_id).filter(|_| opened);
    if let Some(id) = next {
        show(model, id);
    }
    model.toast = Some(crate::tui::model::Toast {
        text: format!("{said} · u takes it back"),
        good: true,
        until: Some(model.clock.run + HOLD),
    });
    Vec::new()
}

/// Takes back the answer that was sent last, if it has not gone yet.
pub fn take_back(model: &mut Model) {
    match model.held.pop() {
        Some(held) => {
            model.say(format!("{} waits again", held.label));
            show(model, held.escalation);
        }
        None => model.decline("No answer is on its way."),
    }
}

fn command(held: &Held) -> Command {
    Command::AnswerEscalation { escalation_id: held.escalation, choice: held.choice, words: held.words.clone() }
}

/// Sends the answers whose time has come; all of them when the board closes.
pub fn send_due(model: &mut Model, all: bool) -> Effects {
    let now = model.clock.run;
    let (due, held): (Vec<Held>, Vec<Held>) =
        std::mem::take(&mut model.held).into_iter().partition(|held| all || held.until <= now);
    model.held = held;
    due.iter()
        .map(|held| {
            let mut write = Write::new(Change::Commands(vec![command(held)]), format!("{} answered", held.label));
            write.typed = held.words.clone().map(|words| (Purpose::Words(held.escalation), words));
            Effect::Write(Box::new(write))
        })
        .collect()
}

/// Draws the sheet over the bottom of `area`.
pub fn view(model: &Model, state: &State, area: Rect, ink: &mut Ink) {
    let Some(row) = row(model, state.id) else { return };
    let ask = &row.escalation;
    let width = usize::from(area.width.saturating_sub(4));
    let question = text::wrap(&ask.question, width, 3);
    let context = if ask.context.trim().is_empty() { Vec::new() } else { text::wrap(&ask.context, width, 4) };
    let rows = (question.len() + context.len() + ask.choices.len() + 3) as u16;
    let inner = open_sheet(model, row, area, rows, ink);
    let mut y = inner.y;
    let lines = question.iter().map(|line| (line, Role::Title)).chain(context.iter().map(|line| (line, Role::Text)));
    for (line, role) in lines {
        if y < inner.bottom() {
            ink.put(inner.x, y, inner.width, line, role);
        }
        y += 1;
    }
    for (n, choice) in ask.choices.iter().enumerate() {
        let place = Rect { x: inner.x - 1, y, width: inner.width, height: 1 };
        if y < inner.bottom() {
            draw_option(n, &choice.label, &note(choice, ask.recommended == Some(n)), place, n == state.index, ink);
        }
        y += 1;
    }
    draw_ways(model, inner.x, y, inner, ink);
    draw_stakes(row, inner.x, y + 1, inner, ink);
}

fn open_sheet(model: &Model, row: &EscalationRow, area: Rect, rows: u16, ink: &mut Ink) -> Rect {
    let height = (rows + 1).min(area.height);
    let place = Rect { y: area.bottom() - height, height, ..area };
    ink.clear(place);
    ink.target(place, Target::Nothing);
    ink.line(place.x, place.y, place.width, glyph::THICK, Role::Ask);
    let ids: Vec<EscalationId> = model.open_asks().map(|row| row.escalation.escalation_id).collect();
    let at = ids.iter().position(|id| *id == row.escalation.escalation_id).map_or(0, |at| at + 1);
    let mut line = ink.row(place.x + 1.min(place.width), place.y, place.width.saturating_sub(2));
    let keys = &model.keys;
    let (next, later) = (keys.key_of(Action::SheetNext), keys.key_of(Action::SheetLater));
    line.put(&format!(" {} ", row.label), Role::Ask.bold());
    let on = row.task.as_ref().map(|task| format!("on {} ", task.number)).unwrap_or_default();
    line.put(&format!("{} {on}", text::clip(&row.escalation.asked_by, 30)), Role::Muted);
    line.put_right(&format!(" {at} of {}  {next} next  {later} later ", ids.len()), Role::Muted);
    Rect { x: place.x + 2, y: place.y + 1, width: place.width.saturating_sub(3), height: height.saturating_sub(1) }
}

fn note(choice: &crate::domain::escalation::Choice, recommended: bool) -> String {
    let mut parts = if recommended { vec!["suggested"] } else { Vec::new() };
    parts.extend((!choice.detail.trim().is_empty()).then_some(choice.detail.as_str()));
    text::clip(&parts.join(" · "), 200)
}

fn draw_option(n: usize, label: &str, note: &str, place: Rect, chosen: bool, ink: &mut Ink) {
    let mut row = ink.row(place.x + 1, place.y, place.width.saturating_sub(1));
    row.put(&format!("{} ", n + 1), Role::Key).gap(1);
    let room = usize::from(row.room());
    let label_width = text::width(&text::clip(label, room)).max(room / 2).min(room);
    row.put(&text::pad(label, label_width.min(48)), if chosen { Role::Text.bold() } else { Role::Text.into() });
    row.gap(2).put(note, if note.starts_with("suggested") { Role::Done } else { Role::Muted });
    ink.target(place, Target::Choice(n));
    if chosen {
        ink.select(place);
        ink.line(place.x, place.y, 1, glyph::CURSOR, Role::Accent);
    }
}

fn draw_ways(model: &Model, x: u16, y: u16, inner: Rect, ink: &mut Ink) {
    if y >= inner.bottom() {
        return;
    }
    let ways = [Action::SheetWords, Action::SheetDelegate, Action::SheetSnooze, Action::SheetEvidence];
    let mut row = ink.row(x, y, inner.width);
    for action in ways {
        let start = row.x();
        row.put(&model.keys.key_of(action), Role::Key).gap(1).put(action.entry().title, Role::Muted);
        row.target_from(start, Target::Action(action)).gap(4);
    }
}

/// What waits, and what happens without an answer.
fn draw_stakes(row: &EscalationRow, x: u16, y: u16, inner: Rect, ink: &mut Ink) {
    if y >= inner.bottom() {
        return;
    }
    let mut parts =
        vec![format!("holds {}, {}", words::count(row.holds_tasks, "task"), words::points(row.holds_points))];
    for text in [&row.escalation.impact, &row.escalation.otherwise] {
        if !text.trim().is_empty() {
            parts.push(text::clip(text, 200));
        }
    }
    ink.put(x, y, inner.width, &parts.join(" · "), Role::Muted);
}
