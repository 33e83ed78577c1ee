//! `vayu risk`: what may come in between, by name, so that forecasts count on it.

use clap::Subcommand;
use serde::Serialize;

use super::context::Context;
use super::output::one_line;
use super::{Failure, Outcome, values};
use crate::domain::risk::Risk;
use crate::domain::{ChangeId, Event, Policy, Rejection, TaskRef};
use crate::plan::prospect::delay;
use crate::text;

/// How often a change by somebody else in between is taken in before giving up.
const TRIES: usize = 16;
/// Columns of titles.
const TITLE: usize = 30;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write a risk down; from now on forecasts count on it
    Add(AddArgs),
    /// List the risks
    List,
    /// Change a risk
    Edit(EditArgs),
    /// Strike a risk out: it has happened, or cannot happen any more
    Remove(NameArgs),
}

#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// What would happen
    #[arg(value_name = "NAME")]
    name: String,
    /// How likely that is, in percent
    #[arg(long, value_name = "PERCENT", value_parser = chance)]
    chance: u8,
    /// Work or waiting that it takes if it happens: 2d, 1d-3d (10 to 90 %), in days of 8 hours
    #[arg(long, value_name = "TIME", value_parser = minutes)]
    delay: [u32; 2],
    /// The task whose work grows by it [default: everybody waits]
    #[arg(long, value_name = "TASK", conflicts_with = "sprint")]
    task: Option<TaskRef>,
    /// The sprint that it is about [default: whichever one is looked at]
    #[arg(long, value_name = "SPRINT")]
    sprint: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct NameArgs {
    /// Its number or name: R1, 1
    #[arg(value_name = "RISK")]
    risk: String,
}

#[derive(Debug, clap::Args)]
pub struct EditArgs {
    #[command(flatten)]
    which: NameArgs,
    /// What would happen
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// How likely that is, in percent
    #[arg(long, value_name = "PERCENT", value_parser = chance)]
    chance: Option<u8>,
    /// What it takes: 2d, 1d-3d
    #[arg(long, value_name = "TIME", value_parser = minutes)]
    delay: Option<[u32; 2]>,
    /// The task that it is about, or `none`
    #[arg(long, value_name = "TASK")]
    task: Option<String>,
    /// The sprint that it is about, or `none`
    #[arg(long, value_name = "SPRINT")]
    sprint: Option<String>,
}

pub fn run(verb: &Verb, cx: &mut Context) -> Result<Outcome, Failure> {
    match verb {
        Verb::Add(args) => add(args, cx),
        Verb::List => list(cx),
        Verb::Edit(args) => edit(args, cx),
        Verb::Remove(args) => remove(args, cx),
    }
}

/// A risk with the names of what it is about.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    risk: Risk,
    /// Number of the task.
    task: Option<String>,
    /// Title of the task.
    title: Option<String>,
    /// Name of the sprint.
    sprint: Option<String>,
    /// The change that one undo takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<ChangeId>,
}

impl Shown {
    fn of(cx: &Context, risk: Risk, change: Option<ChangeId>) -> Result<Self, Failure> {
        let task = risk.task_id.map(|id| cx.read().task(id)).transpose()?.flatten();
        let sprints = if risk.sprint_id.is_some() { cx.read().sprints()? } else { Vec::new() };
        let sprint = sprints.into_iter().find(|sprint| Some(sprint.sprint_id) == risk.sprint_id);
        Ok(Self {
            task: task.as_ref().map(|task| task.number.to_string()),
            title: task.map(|task| task.title),
            sprint: sprint.map(|sprint| sprint.name),
            risk,
            change,
        })
    }

    fn line(&self) -> String {
        let about = match (&self.task, &self.sprint) {
            (Some(task), _) => format!("{task} {}", one_line(self.title.as_deref().unwrap_or_default(), TITLE)),
            (None, Some(sprint)) => format!("everybody in {}", one_line(sprint, TITLE)),
            (None, None) if self.risk.task_id.is_some() || self.risk.sprint_id.is_some() => "what is gone".into(),
            (None, None) => "everybody".into(),
        };
        let Risk { number, name, chance, minutes, .. } = &self.risk;
        let name = text::pad(name, TITLE);
        format!("{:<4}{name}  {chance:>2} %  {:<12}{about}", format!("R{number}"), delay(*minutes))
    }
}

fn list(cx: &Context) -> Result<Outcome, Failure> {
    let risks = cx.read().policy()?.risks;
    let shown: Vec<Shown> = risks.into_iter().map(|risk| Shown::of(cx, risk, None)).collect::<Result<_, _>>()?;
    let lines: Vec<String> = shown.iter().map(Shown::line).collect();
    let none = || "no risk is written down; `vayu risk add` does it".to_owned();
    cx.out.print(&shown, || if lines.is_empty() { none() } else { lines.join("\n") })?;
    Ok(Outcome::Done)
}

fn add(args: &AddArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let task_id = args.task.as_ref().map(|task| cx.task_id(task)).transpose()?;
    let sprint_id = args.sprint.as_ref().map(|name| cx.sprint(name)).transpose()?.map(|sprint| sprint.sprint_id);
    change(cx, &mut |policy| {
        let name = args.name.trim().to_owned();
        let risk = Risk { number: 0, name, chance: args.chance, minutes: args.delay, task_id, sprint_id };
        policy.risks.push(risk.clone());
        Ok(risk)
    })
}

fn edit(args: &EditArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let task = values::optional(args.task.as_deref(), str::parse::<TaskRef>)?;
    let task = task.map(|task| task.map(|task| cx.task_id(&task)).transpose()).transpose()?;
    let sprint = values::optional(args.sprint.as_deref(), |name| Ok(name.to_owned()))?;
    let sprint = sprint.map(|name| name.map(|name| cx.sprint(&name)).transpose()).transpose()?;
    change(cx, &mut |policy| {
        let risk = named(policy, &args.which.risk)?;
        risk.name = args.name.as_ref().map_or_else(|| risk.name.clone(), |name| name.trim().to_owned());
        risk.chance = args.chance.unwrap_or(risk.chance);
        risk.minutes = args.delay.unwrap_or(risk.minutes);
        // It is about one thing: what is said now takes the place of what was said before.
        if task.is_some() || sprint.is_some() {
            risk.task_id = task.unwrap_or(risk.task_id.filter(|_| !matches!(sprint, Some(Some(_)))));
            let kept = risk.sprint_id.filter(|_| !matches!(task, Some(Some(_))));
            risk.sprint_id = sprint.as_ref().map_or(kept, |sprint| sprint.as_ref().map(|one| one.sprint_id));
        }
        Ok(risk.clone())
    })
}

fn remove(args: &NameArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    change(cx, &mut |policy| {
        let risk = named(policy, &args.risk)?.clone();
        policy.risks.retain(|other| other.number != risk.number);
        Ok(risk)
    })
}

fn named<'a>(policy: &'a mut Policy, name: &str) -> Result<&'a mut Risk, Failure> {
    let missing = || {
        let hint = Some("`vayu risk list` shows them".into());
        Rejection::NotFound { what: "risk", name: name.to_owned(), hint }.into()
    };
    policy.risks.iter_mut().find(|risk| risk.is_called(name)).ok_or_else(missing)
}

/// Changes the risks as they are now; what others change meanwhile stays.
fn change(cx: &mut Context, alter: &mut dyn FnMut(&mut Policy) -> Result<Risk, Failure>) -> Result<Outcome, Failure> {
    for _ in 0..TRIES {
        let seen = cx.read().policy()?;
        let mut policy = seen.clone();
        let risk = alter(&mut policy)?;
        if let Some(done) = cx.service.configure(&cx.actor, &seen, &policy)? {
            let shown = Shown::of(cx, numbered(&done.events, risk), done.change)?;
            cx.out.print(&shown, || shown.line())?;
            return Ok(if done.change.is_some() { Outcome::Done } else { Outcome::Nothing });
        }
    }
    Err(Failure::World("others keep changing the settings; try again".into()))
}

/// The risk with the number that the board gave it.
fn numbered(events: &[Event], risk: Risk) -> Risk {
    let set = |event: &Event| match event {
        Event::PolicyChanged { policy, .. } => policy.risks.iter().find(|one| one.name == risk.name).cloned(),
        _ => None,
    };
    events.iter().find_map(set).unwrap_or(risk)
}

/// `20` or `20%`.
fn chance(text: &str) -> Result<u8, String> {
    let number = text.trim().trim_end_matches('%').trim_end().parse().ok();
    number
        .filter(|percent| (1..=99).contains(percent))
        .ok_or_else(|| format!("`{text}` is no chance: write percent from 1 to 99"))
}

/// `2d`, `1d-3d`, `1-3d`.
fn minutes(text: &str) -> Result<[u32; 2], String> {
    let Some((low, high)) = text.split_once('-') else { return values::minutes(text).map(|one| [one, one]) };
    let unit = high.trim().chars().last().filter(|unit| unit.is_alphabetic());
    let low = low.trim();
    let own = low.ends_with(char::is_alphabetic);
    let low = unit.filter(|_| !own).map_or_else(|| low.to_owned(), |unit| format!("{low}{unit}"));
    Ok([values::minutes(&low)?, values::minutes(high)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_one_length_or_two() {
        assert_eq!(
            [minutes("2d"), minutes("1d-3d"), minutes("1-3d"), minutes("30m - 2h")],
            [Ok([960, 960]), Ok([480, 1440]), Ok([480, 1440]), Ok([30, 120])]
        );
        assert!(minutes("soon-later").is_err() && chance("0").is_err() && chance("100").is_err());
        assert_eq!([chance("20"), chance("20 %")], [Ok(20), Ok(20)]);
    }
}
