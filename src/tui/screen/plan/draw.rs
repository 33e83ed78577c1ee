//! The six steps, each as a list with a cursor and some words about what has it.

use ratatui::layout::Rect;

use super::state::{Entry, Field, Filling};
use super::view::{dates, is_empty, sign};
use super::{advice, capacity};
use crate::domain::{TaskId, Timestamp};
use crate::plan::wizard::{Aim, Draft, Ground, Job, Outlook, Step, Weight};
use crate::tui::action::Action;
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::popup::Popup;
use crate::tui::popup::prompt::{self, Purpose};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::ink::{Ink, Row};
use crate::tui::widget::page::Page;
use crate::tui::words;

/// Rows below a list that say more about the entry with the cursor, where there are so many at least.
const WORDS: [(u16, u16); 2] = [(24, 8), (11, 5)];
/// Cells of the label before a field.
const LABEL: u16 = 11;
/// Most lines of objectives that are looked at.
const MOST_LINES: usize = 100;
/// From this height of the screen's body on, lines are typed where they stand.
const IN_PLACE_FROM: u16 = 16;

/// Everything that drawing the plan needs.
pub(super) struct Sheet<'a> {
    pub(super) model: &'a Model,
    pub(super) draft: &'a Draft,
    pub(super) ground: &'a Ground,
    pub(super) outlook: &'a Outlook,
}

/// Draws the present step.
pub(super) fn step(sheet: &Sheet, area: Rect, ink: &mut Ink) {
    let title = heading(sheet);
    ink.row_of(Rect { height: 1, ..area }).put(&title.0, Role::Accent.bold()).put_right(&title.1, Role::Muted);
    let whole = area;
    let area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if sheet.draft.step == Step::Start {
        let (page, most) = last_look_on(sheet, whole);
        return page.draw(area, sheet.model.plan.scroll.min(most), ink);
    }
    let words = WORDS.iter().find(|(height, _)| area.height >= *height).map_or(0, |(_, words)| *words);
    let list = Rect { height: area.height - words, ..area };
    let entries = sheet.model.plan.entries();
    if entries.is_empty() {
        return empty(sheet, list, ink);
    }
    let at = sheet.model.plan.index();
    let rows = |n: usize| rows(sheet, entries[n], list);
    // The cursor's entry and as many before it as there is room for.
    let (mut top, mut used) = (at, rows(at));
    while top > 0 && used + rows(top - 1) <= list.height {
        top -= 1;
        used += rows(top);
    }
    let mut y = list.y;
    for (n, entry) in entries.iter().enumerate().skip(top) {
        if y >= list.bottom() {
            break;
        }
        let place = Rect { y, height: rows(n).min(list.bottom() - y), ..list };
        y = place.bottom();
        draw_entry(sheet, *entry, place, ink);
        if n == at {
            type_in_place(sheet, place, ink);
        }
        ink.target(place, Target::Entry(n));
        if n == at {
            let whole = Rect { x: place.x - 1, width: place.width + 1, ..place };
            ink.select(whole);
            ink.line(whole.x, place.y, 1, glyph::CURSOR, Role::Accent);
        }
    }
    if words > 0 {
        ink.line(area.x, list.bottom(), area.width, glyph::LINE, Role::Faint);
        let below = Rect { y: list.bottom() + 1, height: words - 1, ..area };
        match in_place(sheet.model) {
            Some(prompt) => about_typing(prompt, below, ink),
            None => more(sheet, entries.get(at).copied(), below, ink),
        }
    }
}

/// How many rows an entry takes: objectives are read again as they were typed, everything else is a line.
fn rows(sheet: &Sheet, entry: Entry, list: Rect) -> u16 {
    match entry {
        Entry::Type(Field::Objectives) => objectives(sheet, list.width, list.height / 2).len().max(1) as u16,
        _ => 1,
    }
}

/// The objectives as they were typed, in lines; of many, the last one says that there are more.
fn objectives(sheet: &Sheet, width: u16, most: u16) -> Vec<String> {
    let width = usize::from(width.saturating_sub(LABEL)).max(1);
    let typed = sheet.draft.text.lines().flat_map(|line| text::wrap(line, width, MOST_LINES));
    let mut lines: Vec<String> = typed.take(MOST_LINES).collect();
    let most = usize::from(most).max(1);
    if lines.len() > most {
        lines.truncate(most);
        lines[most - 1] = text::clip(&format!("{} …", lines[most - 1]), width);
    }
    lines
}

/// The line that is being typed into a row of the plan: those of one row are, where there is room to say what is wrong.
pub fn in_place(model: &Model) -> Option<&prompt::State> {
    match model.popups.last() {
        Some(Popup::Prompt(state)) => match state.purpose {
            Purpose::Plan(Field::Objectives) => None,
            Purpose::Plan(_) => Some(state).filter(|_| model.areas().body.height >= IN_PLACE_FROM),
            _ => None,
        },
        _ => None,
    }
}

/// Draws the line that is being typed over what stands there.
fn type_in_place(sheet: &Sheet, place: Rect, ink: &mut Ink) {
    let Some(state) = in_place(sheet.model) else { return };
    let (indent, width) = match state.purpose {
        // The title beside it stays.
        Purpose::Plan(Field::Size(_)) => (12, 5),
        Purpose::Plan(Field::Title(_)) => {
            let before = if sheet.draft.step == Step::Tasks { label_width(sheet) as u16 + 13 } else { 29 };
            (before, place.width.saturating_sub(before))
        }
        _ => (LABEL, place.width.saturating_sub(LABEL)),
    };
    let field = Rect { x: place.x + indent, width, ..place };
    ink.clear(field);
    state.field.draw(ink, field.x, field.y, field.width, 1);
}

/// What is asked for, and what was wrong with what was sent.
fn about_typing(state: &prompt::State, area: Rect, ink: &mut Ink) {
    let Purpose::Plan(field) = state.purpose else { return };
    let mut page = Page::new(area.width);
    page.paragraph(field.title(), Role::Text);
    match &state.wrong {
        Some(wrong) => page.paragraph(wrong, Role::Danger),
        None => page.line("⏎ saves  Esc keeps the draft", Role::Muted),
    };
    page.draw(area, 0, ink);
}

/// The step's name, and what stands to the right of it.
fn heading(sheet: &Sheet) -> (String, String) {
    let outlook = sheet.outlook;
    let right = match sheet.draft.step {
        Step::Goal => "⏎ changes".into(),
        Step::Capacity => "tasks, reviews, answers · ⏎ sets by hand".into(),
        Step::Objectives => format!("{} in all", words::points(outlook.aims.iter().map(|aim| aim.effort).sum())),
        Step::Tasks => {
            let picked = outlook.jobs.iter().filter(|job| job.picked).count();
            let filling = if sheet.model.plan.filling == Filling::Idle { "" } else { "filling … · " };
            format!("{filling}{picked} of {} picked · by {}", outlook.jobs.len(), sheet.model.plan.sort.title())
        }
        Step::Schedule => match outlook.schedule.left_out.len() {
            0 => words::count(outlook.schedule.slots.len(), "task"),
            out => format!("{}, {out} without a place", words::count(outlook.schedule.slots.len(), "task")),
        },
        Step::Start => String::new(),
    };
    (sheet.draft.step.title().into(), right)
}

fn empty(sheet: &Sheet, area: Rect, ink: &mut Ink) {
    let key = sheet.model.keys.key_of(Action::PlanPrevious);
    let said = match sheet.draft.step {
        Step::Tasks if is_empty(sheet.ground, sheet.outlook) => {
            format!("No tasks to pick: the backlog is empty. {key} goes back to the objectives, which make some.")
        }
        Step::Schedule => format!("Nothing to schedule. Nothing is picked, or nobody can take it. {key} goes back."),
        _ => "Nothing here.".into(),
    };
    let mut page = Page::new(area.width);
    page.blank().paragraph(&said, Role::Muted);
    page.draw(area, 0, ink);
}

fn draw_entry(sheet: &Sheet, entry: Entry, place: Rect, ink: &mut Ink) {
    if entry == Entry::Type(Field::Objectives) && !sheet.draft.text.trim().is_empty() {
        ink.put(place.x, place.y, LABEL, "In words", Role::Muted);
        for (line, y) in objectives(sheet, place.width, place.height).iter().zip(place.y..) {
            ink.put(place.x + LABEL, y, place.width.saturating_sub(LABEL), line, Role::Text);
        }
        return;
    }
    let mut row = ink.row_of(place);
    match entry {
        Entry::Type(Field::Hours(id)) => {
            if let Some(share) = sheet.outlook.capacity.agents.iter().find(|share| share.agent_id == id) {
                capacity::agent(sheet, share, &mut row);
            }
        }
        Entry::Type(field) => typed(sheet, field, &mut row),
        Entry::Aim(at) => sheet.outlook.aims.get(at).into_iter().for_each(|one| aim(one, &mut row)),
        Entry::Job(at) => sheet.outlook.jobs.get(at).into_iter().for_each(|one| job(sheet, one, &mut row)),
        Entry::Slot(at) => slot(sheet, at, &mut row),
        Entry::Out(at) => out(sheet, at, &mut row),
        Entry::Go => {}
    }
}

fn typed(sheet: &Sheet, field: Field, row: &mut Row) {
    let draft = sheet.draft;
    let or = |text: &str, other: &str| if text.trim().is_empty() { other.to_owned() } else { text.to_owned() };
    let last = draft.ends_at - chrono::Duration::microseconds(1);
    let days = (last.date_naive() - draft.starts_at.date_naive()).num_days() + 1;
    let (label, value) = match field {
        Field::Name => ("Name", draft.display_name(sheet.ground)),
        Field::Goal => ("Goal", or(&draft.goal, "what shall be true at the end?")),
        Field::Starts => ("First day", draft.starts_at.format("%a %-d %b %Y").to_string()),
        Field::Ends => ("Last day", format!("{}  {}", last.format("%a %-d %b %Y"), words::count(days, "day"))),
        Field::Points => ("At most", limit(sheet)),
        Field::Objectives => ("In words", "what do you want to achieve? ⏎ writes it down".into()),
        Field::Hours(_) | Field::Title(_) | Field::Size(_) => return,
    };
    row.put(&text::pad(label, usize::from(LABEL)), Role::Muted).put(&value, Role::Text);
}

fn limit(sheet: &Sheet) -> String {
    let limit = words::points((sheet.outlook.limit * 10.0).round() / 10.0);
    let because = if sheet.draft.points.is_some() { "set by hand" } else { &sheet.ground.rule.because };
    format!("{limit}  {because}")
}

fn aim(aim: &Aim, row: &mut Row) {
    let priority = aim.objective.priority;
    row.put(priority.label(), Role::priority(priority.rank())).gap(1);
    row.put(&text::pad_left(&words::points(aim.effort), 5), Role::Text).gap(1);
    row.put_right(&words::count(aim.tasks, "task"), Role::Muted).gap_right(1);
    row.put(&aim.objective.title, Role::Text);
}

fn job(sheet: &Sheet, job: &Job, row: &mut Row) {
    let (mark, role) = match (job.picked, job.stretch) {
        (true, false) => ("[x] ", Role::Done),
        (true, true) => ("[~] ", Role::Doing),
        (false, _) => ("[ ] ", Role::Muted),
    };
    row.put(mark, role);
    row.put(&text::pad(&job.label, label_width(sheet)), Role::Muted);
    row.put(job.priority.label(), Role::priority(job.priority.rank()));
    let size = match (job.points, job.minutes) {
        (Some(points), _) => words::points(points),
        (None, Some(minutes)) => words::work(minutes),
        (None, None) => "?".into(),
    };
    row.put(&text::pad_left(&size, 6), Role::Text).gap(1);
    if let Some(on) = job.after.first() {
        let more = if job.after.len() > 1 { "+" } else { "" };
        let label = label(sheet, *on);
        row.put_right(&format!("{label}{more}"), Role::Blocked).gap_right(1);
    }
    row.put(&job.title, if job.picked { Role::Text } else { Role::Muted });
}

/// Cells of the longest number there is, and one between it and what follows.
fn label_width(sheet: &Sheet) -> usize {
    sheet.ground.next_task.to_string().len().max(4) + 1
}

/// How another task is named in a line.
fn label(sheet: &Sheet, id: TaskId) -> String {
    let inside = sheet.outlook.jobs.iter().find(|job| job.task_id == id);
    let outside = || sheet.ground.outside.get(&id).map(|outside| outside.label.clone());
    inside.map(|job| job.label.clone()).or_else(outside).unwrap_or_default()
}

fn slot(sheet: &Sheet, at: usize, row: &mut Row) {
    let Some(slot) = sheet.outlook.schedule.slots.get(at) else { return };
    let local = slot.work.starts_at.with_timezone(&sheet.model.zone);
    row.put(&text::pad(&local.format("%a %-d %b %H:%M").to_string(), 17), Role::Muted);
    row.put(&text::pad(&slot.work.agent, 11), Role::Accent).gap(1);
    row.put_right(&words::work(slot.work.minutes), Role::Muted).gap_right(1);
    let job = sheet.outlook.jobs.iter().find(|job| job.task_id == slot.task_id);
    row.put(job.map_or("", |job| job.title.as_str()), Role::Text);
}

/// A task that has no place.
fn out(sheet: &Sheet, at: usize, row: &mut Row) {
    let Some(out) = sheet.outlook.schedule.left_out.get(at) else { return };
    let job = sheet.outlook.job(out.task_id);
    let stretch = job.is_some_and(|job| job.stretch);
    row.put(&text::pad("no place", 17), if stretch { Role::Muted } else { Role::Warn });
    row.put(&text::pad(&out.briefly(), 11), Role::Muted).gap(1);
    row.put_right(&words::work(out.minutes), Role::Muted).gap_right(1);
    row.put(job.map_or("", |job| job.title.as_str()), Role::Muted);
}

/// Some words about the entry with the cursor.
fn more(sheet: &Sheet, entry: Option<Entry>, area: Rect, ink: &mut Ink) {
    let mut page = Page::new(area.width);
    match entry {
        Some(Entry::Job(at)) => sheet.outlook.jobs.get(at).into_iter().for_each(|job| about(sheet, job, &mut page)),
        Some(Entry::Slot(at)) => {
            if let Some(slot) = sheet.outlook.schedule.slots.get(at) {
                let end = slot.done_at().with_timezone(&sheet.model.zone);
                page.line(&format!("until {}", end.format("%a %-d %b %H:%M")), Role::Text);
                page.paragraph(&format!("{}: {}", slot.work.agent, slot.why), Role::Muted);
            }
        }
        Some(Entry::Out(at)) => {
            if let Some(out) = sheet.outlook.schedule.left_out.get(at) {
                advice::about(sheet, out, &mut page);
            }
        }
        Some(Entry::Type(Field::Hours(id))) => capacity::about(sheet, id, &mut page),
        Some(Entry::Type(Field::Points)) => capacity::first(sheet, &mut page),
        Some(Entry::Aim(at)) => {
            if let Some(aim) = sheet.outlook.aims.get(at) {
                let because = match &aim.objective.because {
                    Some(word) => format!("by its wording: \"{word}\""),
                    None => "as nothing in it says how urgent it is".to_owned(),
                };
                page.line(&format!("{} {because}", aim.objective.priority.label()), Role::Text);
                if let Some(due) = due_of(sheet, at) {
                    page.line(&format!("to be done by {}", day_before(due)), Role::Text);
                }
                page.line(&format!("tasks {}; .vayu/playbooks holds your own", aim.leans_on), Role::Muted);
            }
        }
        Some(Entry::Type(Field::Objectives)) => {
            for limit in &sheet.draft.limits {
                page.line(&format!("no tasks are made of \"{limit}\""), Role::Warn);
            }
            if let Some(analysis) = &sheet.outlook.analysis {
                page.paragraph(&format!("{}; {}", analysis.balance, analysis.room), Role::Text);
            }
            page.paragraph(
                "Write as you would say it, several at once. Must, urgent and nice to have set the priority.",
                Role::Muted,
            );
        }
        _ => {
            let rule = &sheet.ground.rule.because;
            page.paragraph(
                &format!(
                    "Hours of people, until sprints say more: three quarters for tasks, a fifth for reviews; {rule}."
                ),
                Role::Muted,
            );
        }
    }
    page.draw(area, 0, ink);
}

fn about(sheet: &Sheet, job: &Job, page: &mut Page) {
    page.paragraph(&format!("{} {}", job.label, job.title), Role::Title);
    let needs: Vec<String> =
        job.requirements.capabilities.iter().map(|(skill, level)| format!("{skill} {level}")).collect();
    let who = sheet.outlook.schedule.slot(job.task_id).map(|slot| format!(" · {}: {}", slot.work.agent, slot.why));
    let needs = if needs.is_empty() {
        "needs no skill in particular".to_owned()
    } else {
        format!("needs {}", needs.join(", "))
    };
    if sheet.model.plan.shows_changes {
        return changes(sheet, job, page);
    }
    page.paragraph(&format!("{needs}{}", who.unwrap_or_default()), Role::Muted);
    if let Some(lacks) = &job.lacks {
        page.text(("!", Role::Warn), 2, lacks, Role::Text);
    }
    let names: Vec<String> = job.after.iter().map(|id| name(sheet, *id)).collect();
    let due = job.deadline.map(|due| format!("to be done by {}", day_before(due)));
    let after = (!names.is_empty()).then(|| format!("after {}", names.join(", ")));
    let order: Vec<String> = due.into_iter().chain(after).collect();
    if !order.is_empty() {
        page.line(&order.join(" · "), Role::Muted);
    }
    let piece = sheet.draft.pieces.iter().find(|piece| piece.task_id == job.task_id);
    for condition in piece.into_iter().flat_map(|piece| &piece.acceptance) {
        page.text(("·", Role::Muted), 2, condition, Role::Text);
    }
}

/// When the tasks of an objective have to be done.
fn due_of(sheet: &Sheet, aim: usize) -> Option<Timestamp> {
    let own = sheet.outlook.jobs.iter().filter(|job| job.objective == Some(aim));
    own.filter_map(|job| job.deadline).max()
}

/// The last day before a deadline: `Fri 4 Dec`.
fn day_before(deadline: Timestamp) -> String {
    (deadline - chrono::Duration::microseconds(1)).format("%a %-d %b").to_string()
}

/// What becomes of the plan if this task is picked, or left out if it is in, and what leaves if it stays.
fn changes(sheet: &Sheet, job: &Job, page: &mut Page) {
    let Some(aside) = sheet.model.plan.aside.as_ref().filter(|aside| aside.task_id == job.task_id) else {
        page.line("Looking at what changes …", Role::Muted);
        return;
    };
    let (now, other) = (sheet.outlook, &aside.outlook);
    let tenth = |points: f64| words::points((points * 10.0).round() / 10.0);
    let sum = format!("{} of {}", tenth(other.points), tenth(other.limit));
    let end = |outlook: &Outlook| outlook.schedule.ends_at.map(|at| at.format("%a %-d %b").to_string());
    let said = match (end(now), end(other)) {
        (Some(before), Some(after)) if before == after => format!("{sum}, still ends {after}"),
        (Some(before), Some(after)) => format!("{sum}, ends {after} instead of {before}"),
        (None, Some(after)) => format!("{sum}, ends {after}"),
        (_, None) => sum,
    };
    let verb = if job.picked { "Left out" } else { "Picked" };
    page.text((verb, Role::Accent), verb.len() + 1, &said, Role::Text);
    if let Some(worse) = other.checks.iter().find(|check| check.weight != Weight::Fine && !now.checks.contains(check)) {
        page.text(sign(worse), 2, &worse.text, Role::Text);
    }
    let gone: Vec<String> = aside.leaves.iter().map(|id| name(sheet, *id)).collect();
    if !gone.is_empty() {
        page.text(("If it stays, out:", Role::Warn), 18, &gone.join(", "), Role::Text);
    }
}

pub(super) fn name(sheet: &Sheet, id: TaskId) -> String {
    let job = sheet.outlook.jobs.iter().find(|job| job.task_id == id);
    job.filter(|job| job.objective.is_some()).map_or_else(|| label(sheet, id), |job| job.title.clone())
}

/// The last step, and how many of its lines do not fit into this place.
pub(super) fn last_look_on(sheet: &Sheet, place: Rect) -> (Page, usize) {
    let page = last_look(sheet, place.width);
    // A line is the heading, and the last one says how many there are below.
    let hidden = page.len().saturating_sub(usize::from(place.height.saturating_sub(2)));
    (page, hidden)
}

/// The last step: what would be made, what to look at, and how to start.
fn last_look(sheet: &Sheet, width: u16) -> Page {
    let outlook = sheet.outlook;
    let mut page = Page::new(width);
    page.blank();
    page.paragraph(&made(sheet), Role::Text);
    page.paragraph(end_of(sheet), Role::Accent.bold());
    page.paragraph(&committed(sheet), Role::Text);
    let stretch = outlook.jobs.iter().filter(|job| job.picked && job.stretch).count();
    if stretch > 0 {
        let points = words::points((outlook.stretch_points * 10.0).round() / 10.0);
        let stretch = words::count(stretch, "task");
        page.paragraph(&format!("{stretch} ({points}) only if there is time: nobody commits to those"), Role::Text);
    }
    if let Some(spending) = outlook.spending.told() {
        page.paragraph(&format!("Costs: {spending}"), Role::Muted);
    }
    capacity::first(sheet, &mut page);
    dates(sheet, &mut page);
    page.heading("Checks");
    for check in &outlook.checks {
        page.text(sign(check), 2, &check.text, Role::Text);
    }
    advice::all(sheet, &mut page);
    page
}

/// The sprint, and where its tasks come from.
fn made(sheet: &Sheet) -> String {
    let Sheet { draft, outlook, ground, .. } = sheet;
    let of_the_plan =
        |picked: bool| outlook.jobs.iter().filter(move |job| job.objective.is_some() && job.picked == picked);
    let (all, new) = (outlook.jobs.iter().filter(|job| job.picked).count(), of_the_plan(true).count());
    let left = of_the_plan(false).count();
    let left =
        if left > 0 { format!("; {} left to the backlog", words::count(left, "new task")) } else { String::new() };
    let (name, tasks) = (draft.display_name(ground), words::count(all, "task"));
    format!("{name} with {tasks}: {new} new, {} of the backlog{left}", all - new)
}

/// What is promised, as the sprint will count it: points of tasks that have any, hours of the others; what has no place
/// is not promised.
fn committed(sheet: &Sheet) -> String {
    let Sheet { outlook, ground, .. } = sheet;
    let is_out = |job: &&Job| outlook.schedule.left_out.iter().any(|out| out.task_id == job.task_id);
    let (out, promised): (Vec<&Job>, Vec<&Job>) =
        outlook.jobs.iter().filter(|job| job.is_committed()).partition(is_out);
    let points: f64 = promised.iter().filter_map(|job| job.points).sum();
    let bare = promised.iter().filter(|job| job.points.is_none());
    let hours = bare.map(|job| job.work_minutes(&ground.rule)).fold(0, u32::saturating_add);
    let mut sizes = vec![words::points((points * 10.0).round() / 10.0)];
    sizes.extend((hours > 0).then(|| format!("{} in tasks without points", words::work(hours))));
    let out = match out.len() {
        0 => String::new(),
        n => format!("; {} without a place only if there is time", words::count(n, "task")),
    };
    format!("Committed: {}, {}{out}", words::count(promised.len(), "task"), sizes.join(" and "))
}

/// What Enter does in the last step.
fn end_of(sheet: &Sheet) -> &'static str {
    let Sheet { outlook, ground, .. } = sheet;
    match outlook.stops(true).next() {
        None => "⏎ starts the sprint: one change, which one undo takes back",
        Some(_) if ground.active.is_some() && outlook.stops(false).next().is_none() => {
            "⏎ keeps it as planned; it starts when the running sprint is closed"
        }
        Some(_) => "It cannot start like this",
    }
}
