//! `vayu task status`: one task with everything known about it.

use std::fmt::Write as _;

use super::Ids;
use crate::cli::context::Context;
use crate::cli::output::{lines, one_line};
use crate::cli::{Failure, Outcome, values};
use crate::domain::words;
use crate::domain::{Attempt, Rejection, Timestamp};
use crate::exchange::text::as_a_day;
use crate::store::view::{Link, TaskDetail};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    ids: Ids,
}

pub fn run(args: &Args, cx: &Context) -> Result<Outcome, Failure> {
    let refs = args.ids.all()?;
    let now = cx.service.now();
    let mut details = Vec::new();
    for task in &refs {
        let id = cx.task_id(task)?;
        details.push(cx.read().task_detail(id, &now)?.ok_or_else(|| Rejection::no_task(id))?);
    }
    let text = |detail: &TaskDetail| describe(cx, detail, now.wall);
    match details.as_slice() {
        [one] => cx.out.print(one, || text(one))?,
        many => cx.out.print(many, || many.iter().map(text).collect::<Vec<_>>().join("\n"))?,
    }
    Ok(Outcome::Done)
}

fn describe(cx: &Context, detail: &TaskDetail, now: Timestamp) -> String {
    let task = &detail.task;
    let mut text = cx.out.style("1", &format!("{} {}", task.number, one_line(&task.title, 400)));
    let mut row = |name: &str, value: String| {
        if !value.is_empty() {
            let _infallible = write!(text, "\n  {name:<12} {value}");
        }
    };
    row("status", format!("{}, {} priority", task.status, task.priority));
    row("id", task.task_id.to_string());
    row("agent", detail.agent.as_deref().map(|name| one_line(name, 80)).unwrap_or_default());
    row("progress", progress(detail));
    row("lease until", detail.lease_until.map(|at| at.format("%H:%M:%S UTC").to_string()).unwrap_or_default());
    row("estimate", estimate(detail));
    row("spent", spent(&detail.attempts));
    row("deadline", task.deadline.map(deadline).unwrap_or_default());
    row("milestone", task.milestone_id.as_deref().map(|name| one_line(name, 80)).unwrap_or_default());
    row("skills", skills(detail));
    row("labels", one_line(&task.metadata.tags.join(", "), 200));
    row("part of", links(&detail.parents));
    row("needs", links(&detail.predecessors));
    row("frees", links(&detail.successors));
    row("parts", links(&detail.parts));
    row("why it waits", detail.waits.iter().map(|why| one_line(why, 300)).collect::<Vec<_>>().join("; "));
    row("created", format!("{} ago by {}", values::ago(task.created_at, now), one_line(&task.requester.id, 80)));
    text.push('\n');
    text.push_str(&body(detail, now));
    text
}

fn body(detail: &TaskDetail, now: Timestamp) -> String {
    let mut text = String::new();
    if !detail.task.description.is_empty() {
        let _infallible = write!(text, "\n{}\n", lines(&detail.task.description));
    }
    for criterion in &detail.task.acceptance {
        let _infallible =
            write!(text, "\n  [{}] {}", if criterion.met { 'x' } else { ' ' }, one_line(&criterion.text, 400));
    }
    for ask in &detail.escalations {
        let _infallible = write!(text, "\n  {} {}", ask.label(), one_line(&ask.question, 400));
    }
    for comment in &detail.comments {
        let (author, ago) = (one_line(&comment.author, 80), values::ago(comment.at, now));
        let _infallible = write!(text, "\n  {author}, {ago} ago: {}", lines(&comment.text));
    }
    for (index, attempt) in detail.attempts.iter().enumerate() {
        let outcome = attempt.outcome.map_or("running".into(), |outcome| outcome.to_string());
        let summary =
            attempt.summary.as_deref().map(|summary| format!(": {}", one_line(summary, 300))).unwrap_or_default();
        let _infallible = write!(text, "\n  attempt {} {outcome}{summary}", detail.attempts.len() - index);
        for line in last_lines(attempt).filter(|_| index == 0) {
            let _infallible = write!(text, "\n    │ {}", one_line(line, 300));
        }
    }
    text
}

/// What a failed attempt wrote at last.
fn last_lines(attempt: &Attempt) -> impl Iterator<Item = &String> {
    const LINES: usize = 5;
    let failed = attempt.failure.is_some();
    attempt.last_lines.iter().skip(attempt.last_lines.len().saturating_sub(LINES)).filter(move |_| failed)
}

fn progress(detail: &TaskDetail) -> String {
    if let Some(sum) = &detail.roll_up {
        return format!("{} of {}, {:.0} %", sum.completed, words::count(sum.tasks, "task"), sum.progress);
    }
    let execution = &detail.task.execution;
    match &execution.current_step {
        Some(step) => format!("{} %, {}", execution.progress, one_line(step, 120)),
        None if execution.progress > 0 => format!("{} %", execution.progress),
        None => String::new(),
    }
}

fn estimate(detail: &TaskDetail) -> String {
    let metadata = &detail.task.metadata;
    let range = metadata.estimate_range.map(|[low, high]| format!(" ({low} to {high})")).unwrap_or_default();
    let minutes = metadata.estimated_duration.map(|minutes| format!("{minutes} min{range}"));
    let points = metadata.story_points.map(words::points);
    minutes.into_iter().chain(points).collect::<Vec<_>>().join(", ")
}

/// What all attempts cost; nothing where nobody said so.
fn spent(attempts: &[Attempt]) -> String {
    let cost = attempts.iter().filter_map(|one| one.cost).reduce(|a, b| a + b);
    let tokens = attempts.iter().filter_map(|one| one.tokens).reduce(u64::saturating_add);
    values::spent(cost, tokens).unwrap_or_default()
}

fn skills(detail: &TaskDetail) -> String {
    let needs = &detail.task.requirements;
    let skills = needs.capabilities.iter().map(|(skill, level)| format!("{skill}:{level}"));
    one_line(&skills.chain(needs.roles.iter().cloned()).collect::<Vec<_>>().join(", "), 200)
}

fn links(links: &[Link]) -> String {
    let text = |link: &Link| format!("{} {} ({})", link.number, one_line(&link.title, 60), link.status);
    links.iter().take(20).map(text).collect::<Vec<_>>().join("\n               ")
}

/// A deadline that is the end of a day is told as that day, as it was typed.
fn deadline(at: Timestamp) -> String {
    let day = as_a_day(at);
    if day == at { at.format("%Y-%m-%d %H:%M UTC").to_string() } else { format!("end of {} UTC", day.date_naive()) }
}
