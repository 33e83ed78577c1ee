//! Draws a task: what it is, where it stands and why, what it depends on, what was tried and said.

use ratatui::layout::Rect;

use crate::domain::attempt::Attempt;
use crate::domain::task::{Assignment, Requirements};
use crate::domain::{Status, Timestamp};
use crate::store::view::{Link, TaskDetail};
use crate::tui::glyph;
use crate::tui::layout::inset;
use crate::tui::model::Model;
use crate::tui::screen::board;
use crate::tui::theme::Role;
use crate::tui::widget::ink::Ink;
use crate::tui::widget::page::Page;
use crate::tui::words;

/// Attempts that are shown; older ones are in the log.
const ATTEMPTS: usize = 20;

/// Draws the task that is open.
pub fn view(model: &Model, area: Rect, ink: &mut Ink) {
    let Some(state) = &model.task else { return };
    let area = inset(area, 1);
    match page(model) {
        Some(page) => page.draw(area, state.scroll, ink),
        None if state.loaded => {
            ink.put(area.x, area.y + area.height / 3, area.width, "This task is gone. Esc goes back.", Role::Muted);
        }
        None => {}
    }
}

/// Draws a task into any area.
pub fn draw(model: &Model, detail: &TaskDetail, area: Rect, scroll: usize, ink: &mut Ink) {
    lay_out(detail, area.width, model.clock.wall).draw(area, scroll, ink);
}

/// The page of the task that is open, once it is known.
pub fn page(model: &Model) -> Option<Page> {
    let state = model.task.as_ref()?;
    let detail = model.detail.as_ref().filter(|detail| detail.task.task_id == state.id)?;
    Some(lay_out(detail, inset(model.areas().body, 1).width, model.clock.wall))
}

fn lay_out(detail: &TaskDetail, width: u16, now: Timestamp) -> Page {
    let mut page = Page::new(width);
    title(&mut page, detail, now);
    facts(&mut page, detail, now);
    waits(&mut page, detail);
    if !detail.task.description.trim().is_empty() {
        page.heading("Text").paragraph(&detail.task.description, Role::Text);
    }
    acceptance(&mut page, detail);
    links(&mut page, detail);
    thread(&mut page, detail, now);
    attempts(&mut page, &detail.attempts, now);
    page
}

fn title(page: &mut Page, detail: &TaskDetail, now: Timestamp) {
    let task = &detail.task;
    let asked = !detail.escalations.is_empty();
    let role = board::status_role(task.status, task.retry_at.is_some());
    let (sign, role) = if asked { (glyph::ASK, Role::Ask) } else { (glyph::status(task.status), role) };
    let size = task.metadata.story_points.map(words::points).or(task.metadata.estimated_duration.map(words::work));
    page.pieces([
        (format!("{sign} "), role.into()),
        (format!("{} ", task.number), Role::Title.into()),
        (format!("{} ", task.priority.label()), Role::priority(task.priority.rank()).into()),
        (format!("{} ", task.status), role.into()),
        (words::standing(task.status, task.updated_at, now), Role::Muted.into()),
        (size.map(|size| format!("  {size}")).unwrap_or_default(), Role::Muted.into()),
    ]);
    page.paragraph(&task.title, Role::Title);
}

/// A named value on a line of its own.
fn fact(page: &mut Page, name: &str, value: &str) {
    page.text((name, Role::Muted), 12, value, Role::Text);
}

fn facts(page: &mut Page, detail: &TaskDetail, now: Timestamp) {
    let task = &detail.task;
    page.blank();
    fact(page, "agent", &agent(detail, now));
    if task.execution.progress > 0 || task.status == Status::Executing {
        let (full, empty) = words::bar(task.execution.progress, 10);
        let step = task.execution.current_step.as_deref().unwrap_or_default();
        fact(page, "progress", &format!("{full}{empty} {} %  {step}", task.execution.progress));
    }
    if let Some(deadline) = task.deadline {
        fact(page, "wanted", &words::until(deadline, now));
    }
    if let Some(milestone) = &task.milestone_id {
        fact(page, "milestone", milestone);
    }
    if !task.metadata.tags.is_empty() {
        fact(page, "labels", &task.metadata.tags.join(", "));
    }
    if let Some(needs) = requirements(&task.requirements) {
        fact(page, "needs", &needs);
    }
    if task.metadata.retry_count > 0 {
        fact(page, "retries", &format!("{} of {}", task.metadata.retry_count, task.metadata.max_retries));
    }
    if let Some(roll_up) = &detail.roll_up {
        let done = format!("{} of {} done, {:.0} %", roll_up.completed, roll_up.tasks, roll_up.progress);
        fact(page, "parts", &done);
    }
    if let Some(why) = task.assignment.as_ref().and_then(why) {
        fact(page, "because", &why);
    }
}

fn agent(detail: &TaskDetail, now: Timestamp) -> String {
    let Some(agent) = &detail.agent else { return "nobody".into() };
    let lease = detail.lease_until.map(|until| format!(", lease ends {}", words::until(until, now)));
    let how = detail.task.assignment.as_ref().map(|assignment| format!(", {}", assignment.assignment_method));
    format!("{agent}{}{}", how.unwrap_or_default(), lease.unwrap_or_default())
}

fn requirements(needs: &Requirements) -> Option<String> {
    let skills = needs.capabilities.iter().map(|(skill, level)| format!("{skill} {level}"));
    let all: Vec<String> = skills.chain(needs.roles.iter().cloned()).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Why this agent, if the assignment tells it in words.
fn why(assignment: &Assignment) -> Option<String> {
    let why = assignment.why.as_ref()?;
    let text = why.get("summary").or(why.get("reason")).unwrap_or(why);
    Some(text.as_str().map_or_else(|| text.to_string(), str::to_owned))
}

fn waits(page: &mut Page, detail: &TaskDetail) {
    if detail.waits.is_empty() {
        return;
    }
    page.heading("Why it does not move");
    for wait in &detail.waits {
        page.text((glyph::DOT, Role::Blocked), 2, wait, Role::Text);
    }
}

fn acceptance(page: &mut Page, detail: &TaskDetail) {
    if detail.task.acceptance.is_empty() {
        return;
    }
    page.heading("Done when");
    for criterion in &detail.task.acceptance {
        let (sign, role) = if criterion.met { ("[x]", Role::Done) } else { ("[ ]", Role::Muted) };
        page.text((sign, role), 4, &criterion.text, Role::Text);
    }
}

fn links(page: &mut Page, detail: &TaskDetail) {
    let groups = [
        ("Part of", &detail.parents),
        ("Waits for", &detail.predecessors),
        ("Holds up", &detail.successors),
        ("Parts", &detail.parts),
    ];
    for (name, links) in groups.into_iter().filter(|(_, links)| !links.is_empty()) {
        page.heading(name);
        for Link { number, title, status, .. } in links {
            page.pieces([
                (format!("{} ", glyph::status(*status)), board::status_role(*status, false).into()),
                (format!("{number} "), Role::Muted.into()),
                (title.clone(), Role::Text.into()),
                (format!("  {status}"), Role::Muted.into()),
            ]);
        }
    }
}

fn thread(page: &mut Page, detail: &TaskDetail, now: Timestamp) {
    if detail.comments.is_empty() && detail.escalations.is_empty() {
        return;
    }
    page.heading("Thread");
    for comment in &detail.comments {
        page.pieces([
            (format!("{} ", comment.author), Role::Title.into()),
            (words::age(comment.at, now), Role::Muted.into()),
        ]);
        page.text(("", Role::Text), 2, &comment.text, Role::Text);
    }
    for ask in &detail.escalations {
        let head = format!("{} {} asks", ask.label(), ask.asked_by);
        page.line(&head, Role::Ask.bold()).text(("", Role::Text), 2, &ask.question, Role::Text);
    }
}

fn attempts(page: &mut Page, attempts: &[Attempt], now: Timestamp) {
    if attempts.is_empty() {
        return;
    }
    page.heading("Attempts");
    for attempt in attempts.iter().take(ATTEMPTS) {
        let failure = attempt.failure.map(|failure| format!(" ({failure})")).unwrap_or_default();
        let line = match (attempt.ended_at, attempt.outcome) {
            (Some(ended), Some(outcome)) => {
                let took = words::age(attempt.started_at, ended);
                format!("{outcome}{failure} after {took}, {} ago", words::age(ended, now))
            }
            _ => format!("running for {}", words::age(attempt.started_at, now)),
        };
        page.line(&line, Role::Muted);
        for text in [&attempt.summary, &attempt.hand_over].into_iter().flatten() {
            page.text(("", Role::Text), 2, text, Role::Text);
        }
        for line in attempt.last_lines.iter().rev().take(3).rev() {
            page.text((glyph::DOWN, Role::Faint), 2, line, Role::Muted);
        }
    }
}
