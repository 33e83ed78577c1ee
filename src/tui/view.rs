//! Draws the whole screen: what is around every screen here, the rest by the screens themselves. Drawing changes
//! nothing, and costs what is visible.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::Timestamp;

use super::action::{self, Action, Scope};
use super::glyph;
use super::layout::{self, Areas};
use super::model::{Model, Toast};
use super::msg::Target;
use super::popup;
use super::screen::{self, Screen, TABS};
use super::text;
use super::theme::Role;
use super::update::filter;
use super::widget::ink::{Ink, Row};
use super::words;

/// From this width on names are written out.
const ROOMY: u16 = 100;
/// Cells that the tabs take up with short names, and a little more.
const SHORT_TABS: u16 = 40;
/// Below this width only the present tab is named.
const NARROW: u16 = 60;
/// Most lines of a complaint.
const TOAST_LINES: usize = 3;

/// Draws everything; returns where the cursor belongs.
pub fn view(model: &Model, buffer: &mut Buffer) -> Option<Position> {
    let cursor = draw(model, buffer).0;
    model.looks.charset.apply(buffer);
    cursor
}

/// What can be clicked, topmost last.
pub fn targets(model: &Model) -> Vec<(Rect, Target)> {
    let mut buffer = Buffer::empty(Rect { x: 0, y: 0, width: model.size.0, height: model.size.1 });
    draw(model, &mut buffer).1
}

fn draw(model: &Model, buffer: &mut Buffer) -> (Option<Position>, Vec<(Rect, Target)>) {
    let size = buffer.area;
    let mut ink = Ink::new(buffer, &model.looks.theme);
    if layout::is_tiny(size.width, size.height) {
        draw_tiny(model, size, &mut ink);
        return ink.finish();
    }
    let areas = layout::areas(size.width, size.height, model.strip);
    screen::view(model, areas.body, &mut ink);
    draw_header(model, areas.header, &mut ink);
    draw_strip(model, areas.strip, &mut ink);
    draw_hints(model, areas.hints, &mut ink);
    let over = Rect { height: areas.hints.y.max(areas.body.bottom()).saturating_sub(areas.body.y), ..areas.body };
    popup::view(model, over, &mut ink);
    draw_chord(model, areas.body, &mut ink);
    draw_toast(model, &areas, &mut ink);
    ink.finish()
}

/// One line for a window that has room for no more.
fn draw_tiny(model: &Model, size: Rect, ink: &mut Ink) {
    let asks = model.open_asks().count();
    let what = if asks > 0 { format!("vayu: {asks} need you") } else { "vayu: all is well".into() };
    ink.put(0, 0, size.width, &what, if asks > 0 { Role::Ask } else { Role::Text });
}

fn draw_header(model: &Model, area: Rect, ink: &mut Ink) {
    if area.height == 0 {
        return;
    }
    let mut row = ink.row(area.x + 1, area.y, area.width.saturating_sub(2));
    put_state(model, &mut row);
    row.gap_right(2);
    row.put("vayu", Role::Accent.bold()).gap(1);
    // Names are written out where there is room for all of them and for some of the project.
    let asks = model.open_asks().count();
    let count = if asks > 0 { format!(" {asks}").len() } else { 0 };
    let long: usize = TABS.iter().map(|(_, _, name, _)| name.len() + 4).sum::<usize>() - 2 + count;
    if area.width >= ROOMY && usize::from(row.room()) >= long + 26 {
        row.gap(1);
        put_project(model, &mut row, long + 2);
    } else if area.width >= NARROW {
        put_sprint_short(model, &mut row);
    }
    let roomy = usize::from(row.room()) >= long;
    for (screen, action, name, short) in TABS {
        let present = model.screen == screen;
        if area.width >= NARROW || present {
            put_tab(model, &mut row, action, if roomy || present { name } else { short }, present, roomy);
        }
    }
    ink.wash(area, Role::Header);
}

/// Project and sprint, as far as they leave `tabs` cells for what follows.
fn put_project(model: &Model, row: &mut Row, tabs: usize) {
    let Some(summary) = &model.head.summary else { return };
    let mut room = usize::from(row.room()).saturating_sub(tabs);
    let project = text::clip(&summary.project, room.min(24));
    if !project.is_empty() {
        room = room.saturating_sub(text::width(&project) + 1);
        row.put(&project, Role::Title).gap(1);
    }
    if let Some(sprint) = summary.sprint.as_ref().filter(|_| room > 12) {
        let (day, days) = words::sprint_day(sprint, model.clock.wall);
        let day = format!("day {day}/{days}");
        let name = text::clip(&sprint.name, room.saturating_sub(day.len() + 6).min(20));
        if !project.is_empty() {
            row.put(glyph::STEP, Role::Faint).gap(1);
        }
        row.put(&name, Role::Text).gap(2).put(&day, Role::Muted);
        put_forecast(model, row, usize::from(row.room()).saturating_sub(tabs));
    }
    row.gap(2);
}

/// The forecast of the running sprint, in as many words as there is room for.
fn put_forecast(model: &Model, row: &mut Row, room: usize) {
    let Some(prospect) = popup::forecast::prospect(model) else { return };
    let day = |at: Timestamp| popup::forecast::day(model, at, "%-d %b");
    let all = prospect.chances_briefly().map(|chances| format!("{}, {chances}", prospect.briefly(&day)));
    let few = [prospect.briefly(&day), prospect.shortly(&day), prospect.chance_shortly()];
    let ways: Vec<String> = all.into_iter().chain(few).collect();
    if let Some(words) = ways.iter().find(|words| text::width(words) + 2 <= room) {
        let start = row.gap(2).x();
        row.put(words, popup::forecast::role(prospect.outlook()));
        row.target_from(start, Target::Action(Action::ShowForecast));
    }
}

fn put_sprint_short(model: &Model, row: &mut Row) {
    if let Some(sprint) = model.head.summary.as_ref().and_then(|summary| summary.sprint.as_ref()) {
        let (day, days) = words::sprint_day(sprint, model.clock.wall);
        row.put(&text::clip(&sprint.name, 12), Role::Text).gap(1);
        row.put(&format!("{day}/{days}d"), Role::Muted).gap(1);
        if let Some(prospect) = popup::forecast::prospect(model).filter(|_| row.room() > SHORT_TABS) {
            row.put(&prospect.chance_shortly(), popup::forecast::role(prospect.outlook())).gap(1);
        }
        row.gap(1);
    }
}

fn put_tab(model: &Model, row: &mut Row, action: Action, name: &str, present: bool, roomy: bool) {
    let start = row.x();
    let key = model.keys.key_of(action);
    if present {
        row.put(&key, Role::Accent).put(&format!(" {name}"), Role::Title.underlined());
    } else {
        row.put(&key, Role::Warn).put(if roomy { " " } else { "" }, Role::Text).put(name, Role::Muted);
    }
    let asks = model.open_asks().count();
    if action == Action::ShowInbox && asks > 0 {
        row.put(&format!(" {asks}"), Role::Ask.bold());
    }
    row.target_from(start, Target::Action(action)).gap(2);
}

/// What is special about this session, and whether the board is up to date, on the right.
fn put_state(model: &Model, row: &mut Row) {
    let head = &model.head;
    let (state, role) = match () {
        () if head.trouble.is_some() => ("offline", Role::Danger),
        () if head.summary.is_none() => ("", Role::Muted),
        () if head.is_leaderless() => ("nobody orchestrates", Role::Danger),
        () if head.slow => ("slow", Role::Warn),
        () => ("live", Role::Muted),
    };
    row.put_right(state, role);
    for (on, word, role) in [(model.flags.read_only, "read-only", Role::Warn), (model.flags.demo, "demo", Role::Accent)]
    {
        if on {
            row.gap_right(2).put_right(word, role.bold());
        }
    }
    if let Some(filter) = filter::shown(model) {
        let hidden = if model.screen == Screen::Board { filter::hidden_note(model) } else { String::new() };
        row.gap_right(2).put_right(&format!("/{}{hidden} · Esc", text::clip(&filter, 16)), Role::Warn);
    }
    let selected = model.board.selected.len();
    if selected > 0 {
        row.gap_right(2).put_right(&format!("{selected} selected"), Role::Accent.bold());
    }
}

fn draw_strip(model: &Model, area: Rect, ink: &mut Ink) {
    if area.height == 0 {
        return;
    }
    put_asks(model, area, ink);
    ink.wash(area, Role::AskBar);
    ink.target(area, Target::Action(Action::Answer));
}

fn put_asks(model: &Model, area: Rect, ink: &mut Ink) {
    let asks: Vec<_> = model.open_asks().collect();
    let Some(first) = asks.first() else { return };
    let oldest = asks.iter().map(|row| row.escalation.raised_at).min().unwrap_or(model.clock.wall);
    let (roomy, ask) = (area.width >= ROOMY, &first.escalation);
    let mut row = ink.row(area.x + 1, area.y, area.width.saturating_sub(2));
    row.put_right(" answer", Role::Muted).put_right(&model.keys.key_of(Action::Answer), Role::Key).gap_right(2);
    row.put(glyph::ASK, Role::Ask.bold()).gap(1);
    row.put(&format!("{} need you", asks.len()), Role::Ask.bold()).gap(2);
    if roomy {
        row.put(&format!("oldest {}", words::age(oldest, model.clock.wall)), Role::Muted).gap(3);
        if first.holds_tasks > 0 {
            let held =
                format!("holds {}, {}", words::count(first.holds_tasks, "task"), words::points(first.holds_points));
            row.put_right(&held, Role::Muted).gap_right(2);
        }
    }
    row.put(&first.label, Role::Title).gap(1);
    if roomy {
        row.put(&format!("{}: ", text::clip(&ask.asked_by, 20)), Role::Muted);
    }
    row.put(&format!("\"{}\"", text::clip(&ask.question, usize::from(row.room().saturating_sub(2)))), Role::Text);
}

fn draw_hints(model: &Model, area: Rect, ink: &mut Ink) {
    if area.height == 0 {
        return;
    }
    let scopes = model.scopes();
    let scope = scopes.first().copied().unwrap_or(Scope::Everywhere);
    let mut row = ink.row(area.x + 1, area.y, area.width.saturating_sub(2));
    if scopes.contains(&Scope::Everywhere) || model.popups.is_empty() {
        let end = area.right() - 1;
        row.put_right(" keys", Role::Muted).put_right(&model.keys.key_of(Action::Help), Role::Key);
        row.target_right(end, Target::Action(Action::Help)).gap_right(2);
    }
    if scopes.is_empty() {
        return;
    }
    if scope == Scope::Grab {
        row.put("Moving the card: ", Role::Accent.bold());
    }
    if scope == Scope::Answer {
        let choices = popup::answer::choices(model);
        if choices > 0 {
            row.put(&if choices > 1 { format!("1–{} ", choices.min(9)) } else { "1 ".into() }, Role::Key);
        }
    }
    for (actions, word) in action::hints(scope) {
        let start = row.x();
        if !put_hint(model, &mut row, actions, word) {
            break;
        }
        if let [action] = actions {
            row.target_from(start, Target::Action(*action));
        }
        row.gap(2);
    }
}

/// Keys and a word, if both fit.
fn put_hint(model: &Model, row: &mut Row, actions: &[Action], word: &str) -> bool {
    let keys: Vec<String> = actions.iter().map(|action| model.keys.key_of(*action)).collect();
    let letters = keys.len() > 2 && keys.iter().all(|key| key.len() == 1);
    let keys = keys.join(if letters { "" } else { " " });
    let fits = text::width(&keys) + 1 + text::width(word) <= usize::from(row.room());
    if fits {
        row.put(&keys, Role::Key).gap(1).put(word, Role::Muted);
    }
    fits
}

/// What happened last, on the right of the line above the keys; somebody who comes to ask while another types, too.
fn draw_toast(model: &Model, areas: &Areas, ink: &mut Ink) {
    // Without a row of its own, what happened is told over the last row of the content.
    let floor = Rect { y: areas.body.bottom().saturating_sub(1), height: areas.body.height.min(1), ..areas.body };
    let area = if areas.toast.height > 0 { areas.toast } else { floor };
    if area.height == 0 {
        return;
    }
    if areas.toast.height > 0 && model.is_typing() && !model.strip && model.open_asks().next().is_some() {
        let at = Rect { y: areas.header.bottom().max(areas.strip.y), height: 0, ..area };
        return draw_strip(model, if at.height > 0 { at } else { area }, ink);
    }
    let Some(Toast { text, good, .. }) = &model.toast else { return };
    let (sign, role) = if *good { (glyph::CHOSEN, Role::Done) } else { ("!", Role::Danger) };
    // What went wrong is told to the end, upwards if need be; good news fits a line.
    let most = if *good { 1 } else { TOAST_LINES.min(usize::from(area.bottom().saturating_sub(areas.body.y))) };
    let lines = text::wrap(text, usize::from(area.width.saturating_sub(4)), most);
    let width = lines.iter().map(|line| text::width(line)).max().unwrap_or(0) as u16 + 2;
    let height = lines.len() as u16;
    let x = area.right().saturating_sub(width + 1);
    let place = Rect { x, y: area.bottom().saturating_sub(height), width: (width + 1).min(area.width), height };
    ink.clear(place);
    ink.put(place.x, place.y, 2, sign, role);
    for (n, line) in lines.iter().enumerate() {
        ink.put(place.x + 2, place.y + n as u16, width, line, role);
    }
}

/// The box that explains a chord that has begun.
fn draw_chord(model: &Model, area: Rect, ink: &mut Ink) {
    if !model.explains_chord() {
        return;
    }
    let next = model.keys.continuations(model.scopes(), &model.pressed.0);
    let width = 30.min(area.width);
    let height = (next.len() as u16 + 1).min(area.height);
    let place = Rect { x: area.right() - width, y: area.bottom() - height, width, height };
    ink.clear(place);
    ink.line(place.x, place.y, width, glyph::THICK, Role::Accent);
    let begun: String = model.pressed.0.iter().map(ToString::to_string).collect();
    ink.put(place.x + 1, place.y, width, &format!(" {begun} … "), Role::Accent.bold());
    for (n, (keys, action)) in next.iter().enumerate().take(usize::from(height.saturating_sub(1))) {
        let mut row = ink.row(place.x + 1, place.y + 1 + n as u16, width.saturating_sub(2));
        row.put(&text::pad(keys, 4), Role::Key).put(action.entry().title, Role::Text);
    }
}
