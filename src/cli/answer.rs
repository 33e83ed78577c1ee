//! `vayu answer`: a person's word on a question.

use super::context::Context;
use super::inbox::{question, show};
use super::{Failure, Outcome, values};
use crate::domain::{Command, Escalation};

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("instead").args(["snooze", "delegate", "withdraw"]))]
pub struct Args {
    /// The question: ASK-3
    #[arg(value_name = "ASK", value_parser = values::ask)]
    ask: i64,
    /// Take this option, counted from 1; its name in words will do as well
    #[arg(long, short, value_name = "N", conflicts_with = "instead", value_parser = clap::value_parser!(u16).range(1..))]
    choice: Option<u16>,
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
        Command::DelegateEscalation { escalation_id, to: to.clone() }
    } else if args.withdraw {
        Command::WithdrawEscalation { escalation_id }
    } else {
        let (choice, words) = answer(args, &ask);
        Command::AnswerEscalation { escalation_id, choice, words }
    };
    cx.submit(command)?;
    show(cx, &question(cx, args.ask)?)
}

/// The option that was taken, counted from 0, and the words that go along with it.
fn answer(args: &Args, ask: &Escalation) -> (Option<usize>, Option<String>) {
    let words = Some(args.words.join(" ")).filter(|words| !words.is_empty());
    if let Some(number) = args.choice {
        return (Some(usize::from(number) - 1), words);
    }
    let said = words.as_deref().map(str::to_lowercase);
    match ask.choices.iter().position(|choice| Some(choice.label.to_lowercase()) == said) {
        Some(named) => (Some(named), words),
        None => (None, words),
    }
}
