//! A plan in lines for people.

use std::fmt::Write as _;

use super::Report;
use super::advice::Advice;
use crate::cli::output::one_line;
use crate::domain::words;
use crate::plan::project::{Instead, Planned, Why, WhyNot};

/// Width of names and reasons in the text.
const WIDTH: usize = 60;

/// The whole in lines.
pub fn describe(report: &Report) -> String {
    let mut text = String::new();
    let answer = &report.answer;
    for task in &answer.tasks {
        describe_task(&mut text, task);
    }
    for task in &answer.left_out {
        let _ = writeln!(text, "left out: {} ({})", one_line(&task.task, WIDTH), one_line(&task.reason, WIDTH));
    }
    for gap in &answer.gaps {
        let _ = writeln!(text, "{} lacks {}", one_line(&gap.resource, WIDTH), words::hours(gap.missing as f64));
    }
    let proved = if answer.proved { ", and there is no better plan" } else { "" };
    let _ = writeln!(
        text,
        "{} planned, {} left out; value left out {}, at least {}; score {}, at least {}{proved}",
        words::hours(answer.minutes_planned as f64),
        words::hours(answer.minutes_left_out as f64),
        answer.score.lost,
        answer.bound.lost,
        answer.score.value,
        answer.bound.value,
    );
    advise(&mut text, &report.advice);
    for why in &report.why {
        explain(&mut text, why);
    }
    for why_not in &report.why_not {
        explain_not(&mut text, why_not);
    }
    text
}

/// What it would cost if an agent did a task, or why that cannot be.
fn explain_not(text: &mut String, why_not: &WhyNot) {
    let (task, agent) = (one_line(&why_not.task, WIDTH), one_line(&why_not.agent, WIDTH));
    let _ = match (&why_not.impossible, &why_not.instead) {
        (_, Some(instead)) => writeln!(text, "{task} by {agent}: {}", price(instead)),
        (Some(why), None) => writeln!(text, "{task} by {agent}: cannot be ({})", one_line(why, WIDTH)),
        (None, None) => writeln!(text, "{task} by {agent}: so it is"),
    };
}

/// Why a task begins when it does, and what an earlier begin would cost.
fn explain(text: &mut String, why: &Why) {
    let task = one_line(&why.task, WIDTH);
    let because = why.because.as_deref().map_or("it is left out".to_owned(), |because| one_line(because, WIDTH));
    let _ = writeln!(text, "{task}: {because}");
    let _ = match &why.earlier {
        Some(instead) => writeln!(text, "{task} earlier: {}", price(instead)),
        None => writeln!(text, "{task} earlier: cannot be, even before everything else"),
    };
}

/// What something else would cost, term by term.
fn price(instead: &Instead) -> String {
    let change = &instead.change;
    let terms = &change.weighted;
    let parts = [
        ("tasks that have to be done", change.missing),
        ("value left out", change.lost),
        ("finish", terms.finish),
        ("lateness", terms.lateness),
        ("cost", terms.cost),
        ("balance", terms.balance),
        ("changes", terms.stability),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(_, by)| *by != 0).map(|(name, by)| format!("{name} {by:+}")).collect();
    let change = if parts.is_empty() { "nothing lost".to_owned() } else { parts.join(", ") };
    let others = |what: &str, names: &[String]| {
        if names.is_empty() { String::new() } else { format!("; {what} {}", names.join(", ")) }
    };
    let (moves, goes) = (others("moves", &instead.moves), others("drives out", &instead.goes));
    let clock = || format!("{}:{:02}", instead.start / 60, instead.start % 60);
    let at = instead.starts_at.clone().unwrap_or_else(clock);
    one_line(&format!("at {at}, {change}{goes}{moves}"), 4 * WIDTH)
}

fn advise(text: &mut String, advice: &Advice) {
    if let Some(whole) = &advice.everything {
        let when = whole.ends_at.clone().or(whole.ends.map(words::hours));
        let _ = match (when, whole.days) {
            (Some(when), Some(days)) => writeln!(text, "everything takes until {when} at least, {days} days"),
            _ => writeln!(text, "there is not enough for everything, whenever it may end"),
        };
    }
    for conflict in &advice.conflicts {
        let certain = if conflict.proved { "cannot" } else { "seem not to" };
        let _ = writeln!(text, "{}: these {certain} go together:", one_line(&conflict.task, WIDTH));
        for requirement in &conflict.requirements {
            let _ = writeln!(text, "    {}", one_line(requirement, WIDTH));
        }
        for lever in &conflict.relaxations {
            let _ = writeln!(text, "    would do: {} (value kept {})", one_line(&lever.text, WIDTH), lever.kept);
        }
    }
    for lever in &advice.levers {
        let mark = if lever.recommended { " <- recommended" } else { "" };
        let helps = if lever.gain > 0 || !lever.comes.is_empty() { "would help" } else { "would not help" };
        let _ = writeln!(text, "{helps}: {} (value kept {}){mark}", one_line(&lever.text, WIDTH), lever.kept);
    }
    for pin in &advice.pins {
        let drives = if pin.goes.is_empty() { String::new() } else { format!(", drives out {}", pin.goes.join(", ")) };
        let takes =
            if pin.needs.is_empty() { String::new() } else { format!(", takes along {}", pin.needs.join(", ")) };
        let rest = one_line(&format!("costs value {}{drives}{takes}", pin.value), 2 * WIDTH);
        let _ = writeln!(text, "the pin of {} {rest}", one_line(&pin.task, WIDTH));
    }
}

fn describe_task(text: &mut String, task: &Planned) {
    for step in &task.stages {
        let clock = |minutes: u32| format!("{}:{:02}", minutes / 60, minutes % 60);
        let from = step.starts_at.clone().unwrap_or_else(|| clock(step.start));
        let to = step.ends_at.clone().unwrap_or_else(|| clock(step.end));
        let (name, stage, agent) =
            (one_line(&task.task, WIDTH), one_line(&step.stage, WIDTH), one_line(&step.agent, WIDTH));
        let _ = writeln!(text, "{from} to {to}  {name}: {stage} by {agent}");
    }
    let _ = writeln!(text, "    since {}", one_line(&task.because, WIDTH));
}
