//! Draws the log.

use ratatui::layout::Rect;

use super::state::Entry;
use crate::domain::{ActorKind, Timestamp};
use crate::tui::glyph;
use crate::tui::layout::inset;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::ink::Ink;

/// From this width on it is said who is a person.
const KIND_FROM: u16 = 70;

/// Draws the log into `area`.
pub fn view(model: &Model, area: Rect, ink: &mut Ink) {
    let area = inset(area, 1);
    let state = &model.activity;
    let rows = state.shown();
    let mut head = ink.row_of(Rect { height: 1, ..area });
    head.put("Activity", Role::Title).gap(3);
    head.put(if state.follow { "newest first, follows" } else { "newest first" }, Role::Muted);
    if let Some(newest) = state.rows.first() {
        head.put_right(&format!("{} of {}", (state.index + 1).min(rows.len()), newest.row.change), Role::Muted);
    }
    if rows.is_empty() && state.loaded {
        ink.put(
            area.x,
            area.y + 2,
            area.width,
            "Nothing has happened yet. Every change by anybody stands here.",
            Role::Muted,
        );
    }
    let fits = usize::from(area.height.saturating_sub(2));
    let top = (state.index + 1).saturating_sub(fits);
    let times = Times::of(model, rows.iter().skip(top).take(fits).copied());
    for (n, entry) in rows.iter().enumerate().skip(top).take(fits) {
        let place = Rect { y: area.y + 2 + (n - top) as u16, height: 1, ..area };
        draw_entry(model, entry, times, place, ink);
        ink.target(place, Target::Entry(n));
        if n == state.index {
            let whole = Rect { x: area.x - 1, width: area.width + 2, ..place };
            ink.select(whole);
            ink.line(whole.x, place.y, 1, glyph::CURSOR, Role::Accent);
        }
    }
}

/// Draws one entry.
fn draw_entry(model: &Model, entry: &Entry, times: Times, area: Rect, ink: &mut Ink) {
    let (mut line, row) = (ink.row_of(area), &entry.row);
    line.put(&times.tell(model, entry), Role::Muted).gap(1);
    let role = if row.actor.kind == ActorKind::Human { Role::Accent } else { Role::Muted };
    line.put(&text::pad(&row.actor.name, 12), role).gap(1);
    if area.width >= KIND_FROM {
        line.put(&text::pad(kind(row.actor.kind), 7), Role::Muted).gap(1);
    }
    let undone = row.undone_by.map(|by| format!("undone by {by}"));
    line.put_right(&undone.unwrap_or_default(), Role::Warn).gap_right(1);
    let look = if row.undone_by.is_some() { Role::Muted } else { Role::Text };
    line.put(&entry.words, look);
}

/// Who did it, by sort.
fn kind(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Human => "person",
        ActorKind::Agent => "program",
        ActorKind::System => "vayu",
    }
}

/// How the times of a list are told: with the day, as soon as one of them is of another day, so that they stand below
/// each other.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    days: bool,
}

impl Times {
    /// The way that suits these entries.
    pub fn of<'a>(model: &Model, entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        Self { days: !entries.into_iter().all(|entry| is_today(model, entry)) }
    }

    /// When an entry was made.
    pub fn tell(self, model: &Model, entry: &Entry) -> String {
        let at = entry.row.at.with_timezone(&model.zone);
        match (self.days, is_today(model, entry)) {
            (false, _) => at.format("%H:%M:%S").to_string(),
            (true, true) => format!("{:>6} {}", "today", at.format("%H:%M")),
            (true, false) => at.format("%d %b %H:%M").to_string(),
        }
    }
}

fn is_today(model: &Model, entry: &Entry) -> bool {
    let day = |at: Timestamp| at.with_timezone(&model.zone).date_naive();
    day(entry.row.at) == day(model.clock.wall)
}
