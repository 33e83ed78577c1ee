//! `vayu plan why` and `why-not`: questions about the plan of the running sprint.

use super::describe::{explain, explain_not};
use crate::cli::context::Context;
use crate::cli::{Failure, Outcome};
use crate::domain::{Rejection, TaskRef};
use crate::plan::project::Trial;
use crate::plan::team::Basis;
use crate::service::course::course;

/// Steps of the search for what else would be possible; the same question gets the same answer.
const STEPS: u64 = 2_000;

#[derive(Debug, clap::Args)]
pub struct WhyArgs {
    /// The task
    task: TaskRef,
}

#[derive(Debug, clap::Args)]
pub struct WhyNotArgs {
    /// The task
    task: TaskRef,
    /// Who might do it
    agent: String,
}

pub fn why(args: &WhyArgs, cx: &Context) -> Result<Outcome, Failure> {
    let label = label(&args.task, cx)?;
    let why = asked(cx, |plan, trial| plan.ground().why(&label, trial))?;
    let why = why.ok_or_else(|| not_planned(&label))?;
    cx.out.print(&why, || {
        let mut text = String::new();
        explain(&mut text, &why);
        text
    })?;
    Ok(Outcome::Done)
}

pub fn why_not(args: &WhyNotArgs, cx: &Context) -> Result<Outcome, Failure> {
    let label = label(&args.task, cx)?;
    let agent = cx.agent(&args.agent)?;
    let why_not = asked(cx, |plan, trial| plan.ground().why_not(&label, &agent.name, trial))?;
    let why_not = why_not.ok_or_else(|| not_planned(&label))?;
    cx.out.print(&why_not, || {
        let mut text = String::new();
        explain_not(&mut text, &why_not);
        text
    })?;
    Ok(Outcome::Done)
}

fn label(task: &TaskRef, cx: &Context) -> Result<String, Failure> {
    let id = cx.task_id(task)?;
    let task = cx.read().task(id)?;
    Ok(task.map(|task| task.number.to_string()).unwrap_or_default())
}

fn asked<T>(
    cx: &Context,
    ask: impl FnOnce(&Basis, &mut Trial) -> Result<T, crate::plan::schedule::model::Fault>,
) -> Result<T, Failure> {
    let sprint = cx.sprint("active")?;
    let course = course(cx.read(), &cx.service.now(), &sprint)?;
    let unsound = |why: String| Failure::from(Rejection::Invalid(format!("{} cannot be planned: {why}", sprint.name)));
    let explained = course.explained().map_err(unsound)?;
    let mut trial = Trial { seed: 1, steps: STEPS, stop: &mut || false };
    ask(&explained, &mut trial).map_err(|fault| unsound(fault.to_string()))
}

fn not_planned(label: &str) -> Failure {
    let why = format!("{label} is not open in the running sprint, so its plan says nothing about it");
    Rejection::Invalid(why).into()
}
