//! `vayu ask`: put a question to the people, with options to choose from.

use super::context::{Context, FenceArgs};
use super::inbox::show;
use super::{Failure, Outcome};
use crate::domain::command::NewEscalation;
use crate::domain::escalation::Choice;
use crate::domain::task::BlockerKind;
use crate::domain::{Command, EscalationKind, Event, Remedy, TaskId, TaskRef};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The task it is about
    #[arg(value_name = "TASK")]
    task: TaskRef,
    /// The question
    #[arg(value_name = "QUESTION", required = true)]
    question: Vec<String>,
    /// A way to answer (repeat)
    #[arg(long = "option", value_name = "TEXT")]
    options: Vec<String>,
    /// The option that you would take, counted from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    recommend: Option<u16>,
    /// What one should know to answer
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    context: String,
    /// What happens if nobody answers
    #[arg(long, value_name = "TEXT", default_value = "it waits", hide_default_value = true)]
    otherwise: String,
    /// Go on with the task meanwhile instead of handing it back until the answer is there
    #[arg(long)]
    go_on: bool,
    #[command(flatten)]
    fence: FenceArgs,
}

/// The same topic as a question by `task block`, so that one question stands about one task.
const TOPIC: &str = "input";

pub fn run(args: &Args, cx: &mut Context) -> Result<Outcome, Failure> {
    let task = cx.task(&args.task)?;
    let question = args.question.join(" ");
    let mut commands = vec![Command::Escalate(Box::new(args.escalation(task.task_id, &question)?))];
    if !args.go_on {
        let (kind, fence) = (BlockerKind::Input, args.fence.fence());
        commands.push(Command::BlockTask { task_id: task.task_id, fence, kind, reason: question });
    }
    let done = cx.service.submit_all(&cx.actor, &commands)?;
    let detail = cx.read().task_detail(task.task_id, &cx.service.now())?;
    let standing = detail.and_then(|detail| detail.escalations.into_iter().find(|ask| ask.topic == TOPIC));
    show(cx, &standing.ok_or_else(|| Failure::World("the board did not keep the question".into()))?)?;
    let raised = done.events.iter().any(|event| matches!(event, Event::EscalationRaised { .. }));
    Ok(if raised { Outcome::Done } else { Outcome::Nothing })
}

impl Args {
    fn escalation(&self, task_id: TaskId, question: &str) -> Result<NewEscalation, Failure> {
        let recommended = self.recommend.map(|number| usize::from(number) - 1);
        if recommended.is_some_and(|index| index >= self.options.len()) {
            return Err(Failure::Usage(format!("--recommend: there are {} options", self.options.len())));
        }
        let choice = |label: &String| Choice { label: label.clone(), detail: String::new(), remedy: Remedy::Answer };
        Ok(NewEscalation {
            kind: EscalationKind::Question,
            task_id: Some(task_id),
            topic: TOPIC.into(),
            question: question.to_owned(),
            context: self.context.clone(),
            impact: String::new(),
            choices: self.options.iter().map(choice).collect(),
            recommended,
            otherwise: self.otherwise.clone(),
        })
    }
}
