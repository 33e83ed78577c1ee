//! What the team can do, in lines and in words.

use ratatui::layout::Rect;

use super::draw::Sheet;
use crate::domain::{AgentId, AgentKind};
use crate::plan::capacity::{BUSY, Load, Part, Share};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::ink::{Ink, Row};
use crate::tui::widget::page::Page;
use crate::tui::words;

/// The team with what is planned for each, as many as there is room for.
pub(super) fn agents(sheet: &Sheet, area: Rect, ink: &mut Ink) {
    for (n, share) in sheet.outlook.capacity.agents.iter().take(usize::from(area.height)).enumerate() {
        let mut row = ink.row(area.x, area.y + n as u16, area.width);
        let (figures, role) = bar(sheet, share, 10, &mut row);
        row.put_right(&figures, role).gap_right(1);
    }
}

/// One line of the team: tasks, reviews and answers, each planned of what there is, and where that is known from.
pub(super) fn agent(sheet: &Sheet, share: &Share, row: &mut Row) {
    let (figures, role) = bar(sheet, share, 5, row);
    row.gap(1).put(&text::pad_left(&figures, 8), role);
    if share.kind == AgentKind::Human {
        let reviews = load(sheet, share, Part::Review);
        let planned = reviews.map_or(0, |load| load.planned);
        let role = if reviews.is_some_and(|load| load.percent > BUSY) { Role::Warn } else { Role::Text };
        let reviews = format!("{}/{}h", hours(planned), hours(share.review_minutes));
        row.put(&text::pad_left(&reviews, 8), role);
        row.put(&text::pad_left(&format!("{}h", hours(share.answer_minutes)), 5), Role::Text);
    } else {
        row.gap(13);
    }
    let guess = if share.source.is_guess() { ("?", Role::Warn) } else { (" ", Role::Muted) };
    row.gap(1).put(guess.0, guess.1).gap(1).put(&share.because, Role::Muted);
}

/// Name, bar and figures of what is planned of somebody's time for tasks.
fn bar(sheet: &Sheet, share: &Share, cells: usize, row: &mut Row) -> (String, Role) {
    let planned = sheet.outlook.schedule.load().get(&share.agent_id).copied().unwrap_or(0);
    let over = planned > share.free_minutes;
    let percent =
        (u64::from(planned) * 100).checked_div(u64::from(share.free_minutes)).unwrap_or(u64::from(over) * 100);
    let (full, empty) = words::bar(percent.min(100) as u8, cells);
    let busy = share.kind == AgentKind::Human && percent > u64::from(BUSY);
    let role = if over || busy { Role::Warn } else { Role::Doing };
    row.put(&text::pad(&share.name, 10), Role::Text).gap(1).put(&full, role).put(&empty, Role::Muted);
    let sign = if over { "!" } else { "" };
    let figures = format!("{}/{}h{sign}", hours(planned), hours(share.free_minutes));
    (figures, if over || busy { Role::Warn } else { Role::Text })
}

fn hours(minutes: u32) -> u32 {
    minutes.saturating_add(30) / 60
}

fn load<'a>(sheet: &'a Sheet, share: &Share, part: Part) -> Option<&'a Load> {
    sheet.outlook.loads.iter().find(|load| load.agent == share.name && load.stage == part)
}

/// Some words about one agent: what it can do, how busy the plan makes it, days off.
pub(super) fn about(sheet: &Sheet, id: AgentId, page: &mut Page) {
    let Some(share) = sheet.outlook.capacity.agents.iter().find(|share| share.agent_id == id) else { return };
    let Some(member) = sheet.ground.team.iter().find(|member| member.agent.agent_id == id) else { return };
    let skills: Vec<String> = member.agent.skills.iter().map(|(skill, level)| format!("{skill} {level}")).collect();
    let skills = if skills.is_empty() { "no skill in particular".into() } else { skills.join(", ") };
    page.line(&format!("{}: {skills} · {}", share.name, member.agent.time_zone), Role::Text);
    let held = (share.held_minutes > 0).then(|| format!("{} in hand", words::work(share.held_minutes)));
    let off = &member.agent.away;
    let off = (!off.is_empty()).then(|| {
        let days: Vec<String> = off.iter().map(ToString::to_string).collect();
        format!("off {}", days.join(", "))
    });
    let more: Vec<String> = [Some(share.because.clone()), share.waits(), held, off].into_iter().flatten().collect();
    page.line(&more.join(" · "), Role::Muted);
    for load in [Part::Work, Part::Review].into_iter().filter_map(|part| load(sheet, share, part)) {
        let wait = load
            .wait_minutes
            .map_or("they only pile up".into(), |wait| format!("one waits about {} of it", words::work(wait)));
        let role = if load.percent > BUSY { Role::Warn } else { Role::Muted };
        page.line(&format!("{}% of the time for {} planned: {wait}", load.percent, load.stage.title()), role);
    }
}

/// What the plan runs out of first, and by how much.
pub(super) fn first(sheet: &Sheet, page: &mut Page) {
    if let Some(binding) = &sheet.outlook.binding {
        let gap = if binding.gap > 0 { format!(", {} missing", words::work(binding.gap)) } else { String::new() };
        let (wanted, there) = (words::work(binding.wanted), words::work(binding.there));
        page.line(&format!("Runs out first: {}, {wanted} of {there}{gap}", binding.what), Role::Text);
    }
    if let Some(gap) = sheet.outlook.schedule.gaps.first() {
        let line = format!("No time for what is left out: {}, {} missing", gap.resource, words::work(gap.minutes));
        page.line(&line, Role::Warn);
    }
}
