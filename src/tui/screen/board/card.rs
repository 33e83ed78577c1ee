//! One card, in as many lines as the density allows.

use ratatui::layout::Rect;

use super::state::Density;
use crate::domain::{Lane, Status, Timestamp};
use crate::store::view::Card;
use crate::tui::glyph;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::ink::Ink;
use crate::tui::words;

/// What the board knows about a card beyond its row.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks {
    /// It has the cursor.
    pub cursor: bool,
    /// It is selected.
    pub selected: bool,
    /// It is on its way into this lane.
    pub moving: Option<Lane>,
}

/// The sign and the colour of a card's state.
pub fn sign(card: &Card) -> (&'static str, Role) {
    if card.asked_since.is_some() {
        return (glyph::ASK, Role::Ask);
    }
    let sign = match card.status {
        Status::Failed if card.retry_at.is_some() => glyph::RETRY,
        status => glyph::status(status),
    };
    (sign, role(card.status, card.retry_at.is_some()))
}

/// The colour of a state.
pub fn role(status: Status, retries: bool) -> Role {
    match status {
        Status::Created | Status::Cancelled => Role::Muted,
        Status::Blocked => Role::Blocked,
        Status::Queued | Status::Assigned | Status::Executing => Role::Doing,
        Status::Paused | Status::Rejected => Role::Warn,
        Status::Failed if retries => Role::Warn,
        Status::Failed => Role::Danger,
        Status::Reviewing => Role::Review,
        Status::Completed => Role::Done,
    }
}

/// Draws a card. `area` begins with the column of the cursor's bar.
pub fn draw(card: &Card, marks: Marks, density: Density, area: Rect, now: Timestamp, ink: &mut Ink) {
    let inner = Rect { x: area.x + 1.min(area.width), width: area.width.saturating_sub(2), ..area };
    if density == Density::Compact {
        draw_line(card, marks, inner, now, ink);
    } else {
        draw_block(card, marks, density, inner, now, ink);
    }
    if marks.cursor {
        ink.select(area);
        ink.line_down(area.x, area.y, area.height, glyph::CURSOR, Role::Accent);
    }
}

fn draw_line(card: &Card, marks: Marks, area: Rect, now: Timestamp, ink: &mut Ink) {
    let mut row = ink.row_of(area);
    put_head(&mut row, card, marks);
    let since = card.asked_since.unwrap_or(card.since);
    row.put_right(&words::age(since, now), if card.asked_since.is_some() { Role::Ask } else { Role::Muted });
    if let Some(agent) = &card.agent {
        row.gap_right(1).put_right(&text::clip(agent, 6), Role::Muted);
    }
    row.gap(1).gap_right(1);
    row.put(&card.title, if marks.cursor { Role::Text.bold() } else { Role::Text.into() });
}

/// Sign, number and priority.
fn put_head(row: &mut crate::tui::widget::ink::Row, card: &Card, marks: Marks) {
    let (sign, role) = sign(card);
    if marks.selected {
        row.put(glyph::CHOSEN, Role::Accent.bold());
    } else {
        row.put(sign, role);
    }
    let number = card.number.to_string();
    row.gap(1).put(&number, if marks.cursor { Role::Text.bold() } else { Role::Muted.into() });
    row.gap(1).put(card.priority.label(), Role::priority(card.priority.rank()));
}

fn draw_block(card: &Card, marks: Marks, density: Density, area: Rect, now: Timestamp, ink: &mut Ink) {
    let mut row = ink.row_of(area);
    put_head(&mut row, card, marks);
    if let Some((what, role)) = remark(card, now) {
        row.gap(1).put(&what, role.bold());
    }
    if let Some(size) = size(card) {
        row.put_right(&size, Role::Muted);
    }
    let indent = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
    let title = if marks.cursor { Role::Text.bold() } else { Role::Text.into() };
    let lines = text::wrap(&card.title, usize::from(indent.width), 2);
    for (n, line) in lines.iter().enumerate() {
        ink.put(indent.x, indent.y + 1 + n as u16, indent.width, line, title);
    }
    // Cards are of one height; what is free lies below, not in between.
    let foot = indent.y + 1 + lines.len().max(1) as u16;
    draw_foot(card, marks, Rect { y: foot, height: 1, ..indent }, ink);
    if density == Density::Roomy {
        draw_labels(card, Rect { y: indent.y + 4, height: 1, ..indent }, ink);
        draw_dates(card, Rect { y: indent.y + 5, height: 1, ..indent }, now, ink);
    }
}

/// What is unusual about a card, in a word.
fn remark(card: &Card, now: Timestamp) -> Option<(String, Role)> {
    if let Some(since) = card.asked_since {
        return Some((words::age(since, now), Role::Ask));
    }
    match card.status {
        Status::Failed if card.retry_at.is_some() => Some((format!("try {}", card.retries + 1), Role::Warn)),
        Status::Failed => Some(("failed".into(), Role::Danger)),
        Status::Paused => Some(("paused".into(), Role::Warn)),
        Status::Rejected => Some(("sent back".into(), Role::Warn)),
        Status::Cancelled => Some(("cancelled".into(), Role::Muted)),
        Status::Executing if card.retries > 0 => Some((format!("try {}", card.retries + 1), Role::Warn)),
        _ if card.deadline.is_some_and(|at| at < now && card.lane != Lane::Done) => Some(("late".into(), Role::Danger)),
        _ => None,
    }
}

fn size(card: &Card) -> Option<String> {
    card.points.map(words::points).or(card.estimate.map(words::work))
}

/// Who does it and how far it is, or what it waits for.
fn draw_foot(card: &Card, marks: Marks, area: Rect, ink: &mut Ink) {
    let mut row = ink.row_of(area);
    let started = card.progress > 0 && !card.status.is_closed();
    if started || card.status == Status::Executing {
        let (full, empty) = words::bar(card.progress, 5);
        row.put_right(&empty, Role::Faint).put_right(&full, sign(card).1).gap_right(1);
    }
    let (what, role) = match marks.moving {
        Some(lane) => (format!("→ {}", lane.title()), Role::Accent),
        None => standing(card),
    };
    row.put(&what, role);
}

/// Who has a card, or what it waits for.
fn standing(card: &Card) -> (String, Role) {
    if let (Some(lane), Some(place)) = (card.queue_lane, card.queue_place) {
        return (format!("{} for {}", words::place(place.into()), lane.title()), Role::Warn);
    }
    if card.reclaim_waits {
        return ("reclaim waits".into(), Role::Warn);
    }
    if let [first, rest @ ..] = card.waits_for.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(" +{}", rest.len()) };
        return (format!("waits {first}{more}"), Role::Blocked);
    }
    if let Some(blocker) = &card.blocker {
        return (text::clip(blocker, 80), Role::Blocked);
    }
    (text::clip(card.agent.as_deref().unwrap_or("unassigned"), 80), Role::Muted)
}

fn draw_labels(card: &Card, area: Rect, ink: &mut Ink) {
    let mut row = ink.row_of(area);
    for tag in &card.tags {
        if row.room() == 0 {
            break;
        }
        row.put(&format!("#{} ", text::clip(tag, 20)), Role::Link);
    }
}

fn draw_dates(card: &Card, area: Rect, now: Timestamp, ink: &mut Ink) {
    let mut row = ink.row_of(area);
    if let Some(deadline) = card.deadline {
        row.put(
            &format!("due {} ", words::until(deadline, now)),
            if deadline < now { Role::Danger } else { Role::Muted },
        );
    }
    row.put(&format!("{} {}", card.status, words::standing(card.status, card.since, now)), Role::Muted);
}
