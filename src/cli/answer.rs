//! `vayu answer`: a person's word on a question.

use super::context::Context;
use super::inbox::{question, show};
use super::output::one_line;
use super::{Failure, Outcome, values};
use crate::domain::escalation::Choice;
use crate::domain::{Command, Escalation};

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("instead").args(["snooze", "delegate", "withdraw"]))]
pub struct Args {
    /// The question: ASK-3
    #[arg(value_name = "ASK", value_parser = values::ask)]
    ask: i64,
    /// Take this option: its number, counted from 1, or its words, or the first of them
    #[arg(long, short, value_name = "N|WORDS", conflicts_with = "instead")]
    choice: Option<String>,
    /// Answer in words, or add them to the choice
    #[arg(value_name = "WORDS", conflicts_with = "instead")]
    words: Vec<String>,
    /// Ask again later: +2h, tomorrow, 2026-12-24
    #[arg(long, value_name = "TIME")]
    snooze: Option<String>,
    /// Let this person answer
    #[arg(long, value_name = "NAME")]
    delegate: Option<String>,
    /// It is of no interest any more
    #[arg(long)]
    withdraw: bool,
}

pub fn run(args: &Args, cx: &mut Context) -> Result<Outcome, Failure> {
    let ask = question(cx, args.ask)?;
    let escalation_id = ask.escalation_id;
    let command = if let Some(until) = &args.snooze {
        let until = values::time(until, cx.service.now().wall, false).map_err(Failure::Usage)?;
        Command::SnoozeEscalation { escalation_id, until }
    } else if let Some(to) = &args.delegate {
        Command::DelegateEscalation { escalation_id, to: to.trim().to_owned() }
    } else if args.withdraw {
        Command::WithdrawEscalation { escalation_id }
    } else {
        let (choice, words) = answer(args, &ask)?;
        Command::AnswerEscalation { escalation_id, choice, words }
    };
    cx.submit(command)?;
    show(cx, &question(cx, args.ask)?)
}

/// The option that was taken, counted from 0, and the words that go along with it.
fn answer(args: &Args, ask: &Escalation) -> Result<(Option<usize>, Option<String>), Failure> {
    let words = Some(args.words.join(" ")).filter(|words| !words.is_empty());
    let Some(choice) = &args.choice else {
        return Ok((words.as_deref().and_then(|said| named(said, ask)), words));
    };
    let number = choice.trim().parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let offered = number.filter(|number| *number < ask.choices.len());
    // A number that is none of theirs is refused by the board, with those that are.
    match offered.or_else(|| named(choice, ask)).or_else(|| begun(choice, ask)).or(number) {
        Some(taken) => Ok((Some(taken), words)),
        None => Err(Failure::Usage(choices(choice, ask))),
    }
}

/// The option with these words.
fn named(said: &str, ask: &Escalation) -> Option<usize> {
    let said = said.trim().to_lowercase();
    ask.choices.iter().position(|choice| choice.label.to_lowercase() == said)
}

/// The one option that begins with these words.
fn begun(said: &str, ask: &Escalation) -> Option<usize> {
    let said = said.trim().to_lowercase();
    let begins = |choice: &Choice| {
        let rest = choice.label.to_lowercase().strip_prefix(&said).map(str::to_owned);
        rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    let mut fitting = ask.choices.iter().enumerate().filter(|(_, choice)| !said.is_empty() && begins(choice));
    let first = fitting.next().map(|(at, _)| at);
    first.filter(|_| fitting.next().is_none())
}

fn choices(said: &str, ask: &Escalation) -> String {
    if ask.choices.is_empty() {
        return format!("{0} gives no choice; answer it in words: `vayu answer {0} WORDS…`", ask.label());
    }
    let ways = ask.choices.iter().enumerate().map(|(at, choice)| format!("{} {}", at + 1, one_line(&choice.label, 80)));
    let ways: Vec<String> = ways.collect();
    format!("`{}` is none of the choices of {}: {}", one_line(said, 80), ask.label(), ways.join(", "))
}
