//! `vayu inbox`: what waits for a person's word.

use serde::Serialize;

use super::context::Context;
use super::output::{lines, one_line};
use super::{Failure, Outcome, values};
use crate::domain::words;
use crate::domain::{Escalation, EscalationState, Rejection};
use crate::store::view::EscalationRow;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// One question with all that is known about it: ASK-3
    #[arg(value_name = "ASK", value_parser = values::ask)]
    ask: Option<i64>,
    /// Those that are answered, withdrawn or put off, too
    #[arg(long)]
    all: bool,
}

pub fn run(args: &Args, cx: &Context) -> Result<Outcome, Failure> {
    if let Some(number) = args.ask {
        let ask = question(cx, number)?;
        return show(cx, &ask);
    }
    let rows = cx.read().escalations(args.all, &cx.service.now())?;
    cx.out.print(&rows, || match rows.as_slice() {
        [] => "nothing waits for you. Agents ask here when they cannot decide.".into(),
        rows => rows.iter().map(|row| brief(cx, row)).collect::<Vec<_>>().join("\n"),
    })?;
    Ok(Outcome::Done)
}

/// The question of this number.
///
/// # Errors
/// When there is none.
pub fn question(cx: &Context, number: i64) -> Result<Escalation, Failure> {
    let hint = Some("`vayu inbox --all` lists them".to_owned());
    let missing = || Rejection::NotFound { what: "question", name: format!("ASK-{number}"), hint };
    cx.read().escalation_numbered(number)?.ok_or_else(|| missing().into())
}

/// A question with its label.
#[derive(Serialize)]
struct Labelled<'a> {
    label: String,
    #[serde(flatten)]
    ask: &'a Escalation,
}

/// Prints one question.
///
/// # Errors
/// When nobody reads the output.
pub fn show(cx: &Context, ask: &Escalation) -> Result<Outcome, Failure> {
    let labelled = Labelled { label: ask.label(), ask };
    cx.out.print(&labelled, || describe(cx, ask))?;
    Ok(Outcome::Done)
}

fn brief(cx: &Context, row: &EscalationRow) -> String {
    let ask = &row.escalation;
    let task = row.task.as_ref().map(|task| format!(" on {}", task.number)).unwrap_or_default();
    let holds = match row.holds_tasks {
        0 => String::new(),
        1 => ", holds 1 task".to_owned(),
        many => format!(", holds {many} tasks"),
    };
    let points = if row.holds_points > 0.0 { format!(", {}", words::points(row.holds_points)) } else { String::new() };
    let ago = values::ago(ask.raised_at, cx.service.now().wall);
    let asked = one_line(&ask.asked_by, 40);
    let tail = cx.out.style("2", &format!("{asked}{task}, {ago}{holds}{points}{}", state(ask)));
    let label = cx.out.style("1", &row.label);
    let mut text = vec![format!("{label}  {}  {tail}", one_line(&ask.question, 200))];
    if ask.state == EscalationState::Open {
        text.extend(choices(ask));
    }
    text.join("\n")
}

fn describe(cx: &Context, ask: &Escalation) -> String {
    let label = cx.out.style("1", &ask.label());
    let mut text = vec![format!("{label}  {}{}", lines(&ask.question), state(ask))];
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push(format!("  {name:<12} {}", lines(value)));
        }
    };
    row("asked by", &ask.asked_by);
    row("background", &ask.context);
    row("impact", &ask.impact);
    row("unanswered", &ask.otherwise);
    row("delegated to", ask.delegated_to.as_deref().unwrap_or_default());
    row("answered by", ask.answered_by.as_deref().unwrap_or_default());
    let chosen = ask.choice.and_then(|choice| ask.choices.get(choice)).map(|choice| choice.label.as_str());
    row("chosen", chosen.unwrap_or_default());
    row("in words", ask.answer.as_deref().unwrap_or_default());
    if ask.state == EscalationState::Open {
        text.extend(choices(ask));
        text.push(how_to(ask));
    }
    text.join("\n")
}

fn state(ask: &Escalation) -> String {
    match (ask.state, ask.snoozed_until) {
        (EscalationState::Open, Some(until)) => format!(", put off until {}", until.format("%Y-%m-%d %H:%M UTC")),
        (EscalationState::Open, None) => String::new(),
        (state, _) => format!(", {state}"),
    }
}

fn choices(ask: &Escalation) -> impl Iterator<Item = String> {
    ask.choices.iter().enumerate().map(|(index, choice)| {
        let detail =
            if choice.detail.is_empty() { String::new() } else { format!("  {}", one_line(&choice.detail, 80)) };
        let hint = if ask.recommended == Some(index) { "  (suggested)" } else { "" };
        format!("    {}  {}{detail}{hint}", index + 1, one_line(&choice.label, 120))
    })
}

fn how_to(ask: &Escalation) -> String {
    let label = ask.label();
    if ask.choices.is_empty() {
        format!("  answer with `vayu answer {label} WORDS…`")
    } else {
        format!("  answer with `vayu answer {label} --choice N` or in words")
    }
}
