//! Draws the board.

use ratatui::layout::Rect;

use super::card::{self, Marks};
use super::place::Places;
use super::state::State;
use crate::domain::Lane;
use crate::store::view::LaneSummary;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::screen::task;
use crate::tui::theme::Role;
use crate::tui::widget::ink::{Ink, Row};
use crate::tui::words;

/// Draws the board into `area`.
pub fn view(model: &Model, area: Rect, ink: &mut Ink) {
    let board = &model.board;
    let places = board.places(area);
    if let Some(strip) = places.strip {
        draw_strip(model, &places, strip, ink);
    }
    let last = places.lanes.last().map(|(lane, _)| *lane);
    for (lane, place) in &places.lanes {
        draw_lane(model, *lane, *place, &places, Some(*lane) != last, ink);
    }
    if let Some(peek) = places.peek {
        draw_peek(model, peek, area, ink);
    }
    if board.loaded && board.lanes.iter().all(|lane| lane.count == 0) {
        draw_empty(model, area, ink);
    }
}

fn summary(model: &Model, lane: usize) -> Option<&LaneSummary> {
    model.head.summary.as_ref()?.lanes.iter().find(|summary| summary.lane as usize == lane)
}

/// `12`, `3/6`, `4/4!`, `40+` where more match, and whether the limit is reached.
fn count(model: &Model, lane: usize) -> (String, bool) {
    let Some(summary) = summary(model, lane) else { return ("…".into(), false) };
    let more = model.head.summary.as_ref().is_some_and(|all| all.more && summary.count > 0);
    let cards = format!("{}{}", summary.count, if more { "+" } else { "" });
    match summary.limit {
        Some(limit) if summary.total >= u64::from(limit) => (format!("{cards}/{limit}!"), true),
        Some(limit) => (format!("{cards}/{limit}"), false),
        None => (cards, false),
    }
}

/// All lanes by name, with the one that has the cursor in brackets.
fn draw_strip(model: &Model, places: &Places, area: Rect, ink: &mut Ink) {
    let mut row = ink.row(area.x + 1.min(area.width), area.y, area.width.saturating_sub(2));
    let (first, shown) = (places.lanes.first().map_or(0, |(lane, _)| *lane), places.lanes.len());
    let all = Lane::ALL.len();
    if shown > 1 {
        row.put_right(&format!("‹ {}–{} of {all} ›", first + 1, first + shown), Role::Muted).gap_right(1);
    } else {
        row.put_right(&format!("‹ {} of {all} ›", first + 1), Role::Muted).gap_right(1);
    }
    // Where there is no room for all of them, the names begin near the one that is looked at.
    let current = model.board.grab.map_or(model.board.lane, |grab| grab.lane);
    let widths: Vec<usize> =
        Lane::ALL.iter().enumerate().map(|(n, lane)| lane.title().len() + count(model, n).0.len() + 4).collect();
    let mut from = 0;
    while from < current && widths[from..=current].iter().sum::<usize>() > usize::from(row.room()) {
        from += 1;
    }
    for (n, lane) in Lane::ALL.iter().enumerate().skip(from) {
        let start = row.x();
        put_name(&mut row, lane.title(), &count(model, n), n == current);
        row.target_from(start, Target::Lane(n)).gap(1);
    }
}

fn put_name(row: &mut Row, title: &str, (count, full): &(String, bool), current: bool) {
    let (open, close) = if current { ("[", "]") } else { ("", " ") };
    let role = if current { Role::Accent.bold() } else { Role::Muted.into() };
    row.put(open, Role::Accent).put(title, role).gap(1);
    row.put(count, if *full { Role::Warn.bold() } else { role }).put(close, Role::Accent);
}

fn draw_lane(model: &Model, lane: usize, place: Rect, places: &Places, separated: bool, ink: &mut Ink) {
    let has_cursor = lane == model.board.lane;
    let held_over = model.board.grab.is_some_and(|grab| grab.lane == lane);
    ink.target(place, Target::Lane(lane));
    if separated {
        let head = u16::from(places.strip.is_some());
        let height = place.height.saturating_sub(head);
        ink.line_down(place.right().saturating_sub(1), place.y + head, height, glyph::DOWN, Role::Faint);
    }
    let width = place.width.saturating_sub(2);
    if places.strip.is_none() {
        draw_head(model, lane, Rect { width, height: 1, ..place }, has_cursor || held_over, ink);
    }
    let line = places.top.saturating_sub(1);
    let marked = has_cursor || held_over;
    let (sign, role) = if marked { (glyph::THICK, Role::Accent) } else { (glyph::LINE, Role::Faint) };
    if place.height > 1 {
        ink.line(place.x, line, width, sign, role);
    }
    let cards = Rect { y: places.top, width: place.width.saturating_sub(1), height: places.rows, ..place };
    draw_cards(model, lane, cards, places, ink);
}

fn draw_head(model: &Model, lane: usize, area: Rect, marked: bool, ink: &mut Ink) {
    let (count, full) = count(model, lane);
    let mut row = ink.row_of(area);
    row.put(Lane::ALL[lane].title(), if marked { Role::Accent.underlined() } else { Role::Title.into() });
    row.gap(1).put(&count, if full { Role::Warn.bold() } else { Role::Muted.into() });
    if let Some(points) = summary(model, lane).map(|summary| summary.points).filter(|points| *points > 0.0) {
        row.put_right(&words::points(points), Role::Muted);
    }
}

fn draw_cards(model: &Model, lane: usize, area: Rect, places: &Places, ink: &mut Ink) {
    let (board, state, density) = (&model.board, &model.board.lanes[lane], places.density);
    for n in 0..places.fitting() {
        let Some(card) = state.at(state.top + n) else { break };
        let y = area.y + n as u16 * density.pitch();
        let place = Rect { y, height: density.rows(), width: area.width.saturating_sub(1), ..area };
        card::draw(card, marks(board, lane, state.top + n, card), density, place, model.clock.wall, ink);
        ink.target(place, Target::Card(card.task_id, lane));
    }
    let more = state.count.saturating_sub(state.top + places.fitting());
    let y = area.y + places.fitting() as u16 * density.pitch();
    if more > 0 && y < area.bottom() {
        ink.put(area.x + 1, y, area.width.saturating_sub(2), &format!("+ {more} more"), Role::Muted.italic());
    }
}

fn marks(board: &State, lane: usize, index: usize, card: &crate::store::view::Card) -> Marks {
    Marks {
        cursor: board
            .grab
            .map_or(lane == board.lane && index == board.current().index, |grab| grab.card == card.task_id),
        selected: board.selected.contains(&card.task_id),
        moving: board.moving.get(&card.task_id).copied(),
    }
}

/// The card with the cursor at large.
fn draw_peek(model: &Model, area: Rect, whole: Rect, ink: &mut Ink) {
    let beside = area.x > whole.x;
    let inner = if beside {
        ink.line_down(area.x, area.y, area.height, glyph::DOWN, Role::Faint);
        Rect { x: area.x + 2, width: area.width.saturating_sub(3), ..area }
    } else {
        ink.line(area.x, area.y, area.width, glyph::LINE, Role::Faint);
        Rect { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: area.height - 1 }
    };
    ink.target(inner, Target::Nothing);
    let wanted = model.board.card().map(|card| card.task_id);
    if let Some(detail) = model.detail.as_ref().filter(|detail| Some(detail.task.task_id) == wanted) {
        task::draw(model, detail, inner, 0, ink);
    }
}

fn draw_empty(model: &Model, area: Rect, ink: &mut Ink) {
    let board = &model.board;
    let lines: [String; 3] = if board.is_filtered() {
        [
            "Nothing matches.".into(),
            "Cards that do not match are hidden, not gone.".into(),
            "Esc shows all again.".into(),
        ]
    } else {
        [
            "No tasks yet.".into(),
            "What is to be done stands here as cards.".into(),
            format!(
                "{} writes one down; `vayu import` brings a backlog.",
                model.keys.key_of(crate::tui::action::Action::New)
            ),
        ]
    };
    let y = area.y + area.height / 3;
    let room = usize::from(area.width.saturating_sub(4));
    let wrapped = lines
        .iter()
        .enumerate()
        .flat_map(|(n, line)| crate::tui::text::wrap(line, room, 3).into_iter().map(move |line| (line, n == 0)));
    for (n, (line, first)) in wrapped.enumerate() {
        let width = crate::tui::text::width(&line) as u16;
        let x = area.x + area.width.saturating_sub(width) / 2;
        let y = y + n as u16;
        if y < area.bottom() {
            ink.clear(Rect { x: x.saturating_sub(2), y, width: width + 4, height: 1 });
            ink.put(x, y, area.right().saturating_sub(x), &line, if first { Role::Title } else { Role::Muted });
        }
    }
}
