//! Draws the team: a table of everybody, and the chosen one at large below it.

use ratatui::layout::Rect;

use crate::domain::{AgentStatus, Status, Timestamp};
use crate::store::view::{AgentRow, Held};
use crate::tui::glyph;
use crate::tui::layout::inset;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::screen::{activity, board};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::ink::{Ink, Row};
use crate::tui::words;

/// Most lines of the log beside an agent; all of it is a screen of its own.
const RECENT: usize = 14;

/// Columns of the table and the width from which each is shown.
struct Columns {
    name: u16,
    state: u16,
    week: bool,
    done: bool,
}

impl Columns {
    fn of(width: u16) -> Self {
        let wide = width >= 100;
        let state = if width < 56 { 0 } else { 11 + 2 * u16::from(wide) };
        Self { name: if wide { 13 } else { 11 }, state, week: wide, done: width >= 70 }
    }
}

/// Draws the agents into `area`.
pub fn view(model: &Model, area: Rect, ink: &mut Ink) {
    let area = inset(area, 1);
    if area.height < 4 {
        return draw_table(model, area, ink);
    }
    let shown = model.agents.shown().len() as u16;
    let table = Rect { height: (shown + 4).min(area.height * 2 / 3).max(6).min(area.height), ..area };
    draw_table(model, table, ink);
    let rest = Rect { y: table.bottom(), height: area.height - table.height, ..area };
    if rest.height >= 4 {
        draw_chosen(model, rest, ink);
    }
}

fn draw_table(model: &Model, area: Rect, ink: &mut Ink) {
    let rows = model.agents.shown();
    if rows.is_empty() {
        return draw_empty(model, area, ink);
    }
    draw_sum(&rows, area, ink);
    let columns = Columns::of(area.width);
    let head = Rect { y: area.y + 1, height: 1.min(area.height.saturating_sub(1)), ..area };
    if head.height > 0 {
        draw_head(&columns, head, ink);
        ink.line(area.x, area.y + 2, area.width, glyph::LINE, Role::Faint);
    }
    let fits = usize::from(area.height.saturating_sub(3)).max(1);
    let top = model.agents.index.saturating_sub(fits - 1);
    for (n, row) in rows.iter().enumerate().skip(top).take(fits) {
        let place = Rect { y: area.y + 3 + (n - top) as u16, height: 1, ..area };
        if place.y < area.bottom() {
            draw_row(row, &columns, place, model.clock.wall, ink);
            ink.target(place, Target::Entry(n));
            if n == model.agents.index {
                let whole = Rect { x: area.x - 1, width: area.width + 2, ..place };
                ink.select(whole);
                ink.line(whole.x, place.y, 1, glyph::CURSOR, Role::Accent);
            }
        }
    }
}

/// What an agent is up to: sign, word and colour.
pub fn standing(row: &AgentRow) -> (&'static str, String, Role) {
    let held = row.current_tasks.first();
    if row.current_tasks.iter().any(|held| held.asked) {
        return (glyph::ASK, "needs you".into(), Role::Ask);
    }
    match (row.status, held) {
        (AgentStatus::Draining, _) => (glyph::DRAINING, "draining".into(), Role::Muted),
        (AgentStatus::Offline, None) => (glyph::AWAY, "offline".into(), Role::Muted),
        (AgentStatus::Offline, Some(_)) => (glyph::AWAY, "not heard of".into(), Role::Danger),
        (_, None) => (glyph::status(Status::Created), "idle".into(), Role::Muted),
        (_, Some(Held { status: Status::Executing, retries: n @ 1.., .. })) => {
            (glyph::RETRY, format!("try {}", n + 1), Role::Warn)
        }
        (_, Some(held)) => {
            (glyph::status(held.status), word(held.status).into(), board::status_role(held.status, false))
        }
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Executing => "working",
        Status::Assigned => "starting",
        Status::Reviewing => "reviewing",
        other => other.as_str(),
    }
}

fn draw_sum(rows: &[&AgentRow], area: Rect, ink: &mut Ink) {
    let mut row = ink.row_of(area);
    row.put(&words::count(rows.len(), "agent"), Role::Title);
    let mut sums: Vec<(&str, String, Role, usize)> = Vec::new();
    for agent in rows {
        let (sign, word, role) = standing(agent);
        let word = if word.starts_with("try") { "retrying".into() } else { word };
        match sums.iter_mut().find(|(_, known, _, _)| *known == word) {
            Some((.., count)) => *count += 1,
            None => sums.push((sign, word, role, 1)),
        }
    }
    let busy: usize = rows.iter().map(|row| row.current_tasks.len()).sum();
    let room: u32 = rows.iter().map(|row| row.agent.wip_limit.max(1)).sum();
    let percent = busy * 100 / (room as usize).max(1);
    row.put_right(&format!("busy {percent}%"), Role::Text).gap_right(2);
    for (sign, word, role, count) in sums {
        let word = if count > 1 { word.replacen("needs ", "need ", 1) } else { word };
        if !row.gap(3).put_whole(&format!("{sign} {count} {word}"), role) {
            break;
        }
    }
}

fn draw_head(columns: &Columns, area: Rect, ink: &mut Ink) {
    let mut row = ink.row_of(area);
    row.gap(2).put(&text::pad("agent", usize::from(columns.name)), Role::Muted);
    row.put(
        &if columns.state > 0 { text::pad("state", usize::from(columns.state)) } else { String::new() },
        Role::Muted,
    )
    .put("task", Role::Muted);
    put_right_columns(&mut row, columns, ["  load", "  done", "  7 days", "    for"], [Role::Muted; 4]);
}

/// The columns on the right: load, done, week, for.
fn put_right_columns(row: &mut Row, columns: &Columns, texts: [&str; 4], roles: [Role; 4]) {
    let shown = [true, columns.done, columns.week, true];
    let widths = [6, 6, 10, 7];
    for n in 0..4 {
        if shown[n] {
            row.put_right(&text::pad_left(texts[n], widths[n]), roles[n]);
        }
    }
    row.gap_right(1);
}

fn draw_row(agent: &AgentRow, columns: &Columns, area: Rect, now: Timestamp, ink: &mut Ink) {
    let (sign, word, role) = standing(agent);
    let held = agent.current_tasks.first();
    let load = agent.load_percent();
    let (load, load_role) =
        if load >= 100 { (format!("{load}%!"), Role::Danger) } else { (format!("{load}%"), Role::Muted) };
    let since = held.map_or_else(|| "—".into(), |held| words::age(held.since, now));
    let done = agent.metrics.submitted.to_string();
    let mut row = ink.row_of(area);
    row.put(sign, role).gap(1);
    row.put(&text::pad(&agent.agent.name, usize::from(columns.name - 1)), Role::Text).gap(1);
    if columns.state > 0 {
        row.put(&text::pad(&word, usize::from(columns.state - 1)), role).gap(1);
    }
    let texts = [load.as_str(), &done, &sparkline(agent.metrics.last_week), &since];
    put_right_columns(&mut row, columns, texts, [load_role, Role::Muted, Role::Chart1, Role::Muted]);
    match held {
        Some(held) => row.put(&format!("{} {}", held.number, text::clip(&held.title, 200)), Role::Text),
        None => row.put(agent.agent.role.as_deref().unwrap_or("—"), Role::Muted),
    };
}

/// Seven days as seven bars.
fn sparkline(days: [u32; 7]) -> String {
    let most = days.into_iter().max().unwrap_or(0).max(1);
    let bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    days.into_iter().map(|day| bars[(day * 7 / most) as usize]).collect()
}

fn draw_chosen(model: &Model, area: Rect, ink: &mut Ink) {
    let Some(agent) = model.agents.current() else { return };
    ink.line(area.x, area.y, area.width, glyph::LINE, Role::Faint);
    let mut row = ink.row(area.x + 1, area.y, area.width.saturating_sub(2));
    row.put(&format!(" {} ", text::clip(&agent.agent.name, 40)), Role::Accent.bold());
    let split = if area.width >= 100 { area.width / 2 } else { 0 };
    let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
    if split > 0 {
        draw_facts(model, agent, Rect { width: split - 2, ..body }, ink);
        ink.line_down(area.x + split - 1, body.y, body.height, glyph::DOWN, Role::Faint);
        draw_recent(model, Rect { x: area.x + split + 1, width: area.width - split - 1, ..body }, ink);
    } else {
        draw_recent(model, body, ink);
    }
}

fn draw_facts(model: &Model, agent: &AgentRow, area: Rect, ink: &mut Ink) {
    let record = &agent.agent;
    let skills: Vec<String> = record.skills.iter().map(|(skill, level)| format!("{skill} {level}")).collect();
    let heard = agent
        .last_heartbeat
        .map_or_else(|| "nothing runs".into(), |at| format!("{} ago", words::age(at, model.clock.wall)));
    let usage = agent.cpu_usage.map(|cpu| format!("cpu {cpu:.0} %  memory {:.0} %", agent.memory_usage.unwrap_or(0.0)));
    let metrics = &agent.metrics;
    let mean = metrics.mean_minutes.map(|minutes| format!(", {} each", words::work(minutes as u64)));
    let model_named = record.model.as_ref().map(|model| format!(", with {model}")).unwrap_or_default();
    let role = format!("{}{model_named}", record.role.clone().unwrap_or_else(|| record.kind.to_string()));
    let facts = [
        ("role", role),
        ("skills", if skills.is_empty() { "any work that asks for none".into() } else { skills.join(", ") }),
        ("hours", record.timetable().unwrap_or_else(|| "not said".into())),
        ("has", format!("{} of {}", agent.current_tasks.len(), words::count(record.wip_limit, "task"))),
        ("success", format!("{} done, {} failed{}", metrics.submitted, metrics.failed, mean.unwrap_or_default())),
        ("heard of", usage.map_or(heard.clone(), |usage| format!("{heard}  {usage}"))),
    ];
    for (n, (name, value)) in facts.iter().enumerate().take(usize::from(area.height)) {
        let mut row = ink.row(area.x, area.y + n as u16, area.width);
        row.put(&text::pad(name, 10), Role::Muted).put(value, Role::Text);
    }
    let top = area.y + facts.len() as u16 + 1;
    for (n, held) in agent.current_tasks.iter().enumerate() {
        let y = top + n as u16;
        if y >= area.bottom() {
            break;
        }
        let mut row = ink.row(area.x, y, area.width);
        row.put(glyph::status(held.status), board::status_role(held.status, false)).gap(1);
        row.put_right(&format!("{} %", held.progress), Role::Muted).gap_right(1);
        row.put(&format!("{} {}", held.number, text::clip(&held.title, 200)), Role::Text);
    }
}

fn draw_recent(model: &Model, area: Rect, ink: &mut Ink) {
    if model.agents.recent.is_empty() {
        ink.put(area.x, area.y, area.width, "Nothing yet.", Role::Muted);
    }
    let shown = || model.agents.recent.iter().take(usize::from(area.height).min(RECENT));
    let times = activity::Times::of(model, shown());
    let mut before = None;
    for (n, entry) in shown().enumerate() {
        // A task that the line above has named is not named again.
        let again = entry.row.task.is_some() && before == entry.row.task;
        before = entry.row.task;
        let place = Rect { y: area.y + n as u16, height: 1, ..area };
        let mut line = ink.row_of(place);
        line.put(&times.tell(model, entry), Role::Muted).gap(1);
        let undone = entry.row.undone_by.is_some();
        line.put_right(if undone { "undone" } else { "" }, Role::Warn).gap_right(1);
        let look = if undone { Role::Muted } else { Role::Text };
        line.put(if again { &entry.short } else { &entry.words }, look);
    }
}

fn draw_empty(model: &Model, area: Rect, ink: &mut Ink) {
    if !model.agents.loaded {
        return;
    }
    let lines = if model.agents.filter.is_empty() {
        [
            "No agents yet.",
            "People and programs that do tasks stand here.",
            "vayu agent add NAME adds one; vayu agent run … starts one.",
        ]
    } else {
        ["Nobody matches.", "Names, roles and skills are looked at.", "Esc shows all again."]
    };
    for (n, line) in lines.iter().enumerate() {
        ink.put(area.x, area.y + 1 + n as u16, area.width, line, if n == 0 { Role::Title } else { Role::Muted });
    }
}
