//! `vayu plan why` and `why-not`: questions about the plan of the running sprint, answered in words and dates.

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::output::one_line;
use crate::cli::{Failure, Outcome};
use crate::domain::words::{count, span};
use crate::domain::{Agent, AgentId, Rejection, Sprint, Task, TaskRef, Timestamp};
use crate::plan::course::{Course, Progress};
use crate::plan::project::{Instead, Trial, Why, WhyNot};
use crate::plan::schedule::model::{Fault, Time};
use crate::plan::team::Basis;
use crate::service::course::{course, unsound};

/// Steps of the search for what else would be possible; the same question gets the same answer.
const STEPS: u64 = 2_000;
/// Tasks that are named; the others are counted.
const NAMED: usize = 5;
/// Columns of an answer.
const WIDTH: usize = 400;

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

/// An answer, and the same in words.
#[derive(Serialize)]
struct Told<T> {
    #[serde(flatten)]
    answer: T,
    words: Vec<String>,
}

pub fn why(args: &WhyArgs, cx: &Context) -> Result<Outcome, Failure> {
    let asked = Asked::about(&args.task, cx)?;
    let label = asked.task.number.to_string();
    let mut why = asked.tried(|plan, trial| plan.ground().why(&label, trial))?.ok_or_else(|| asked.unknown())?;
    if why.earlier.as_ref().is_some_and(costs_nothing) {
        why.because = Some("the plan says so, and nothing keeps it from an earlier begin".into());
    }
    let mut words = Vec::new();
    if let Some(fact) = asked.fact(cx)? {
        words.push(format!("{label}: {fact}"));
        (why.because, why.earlier) = (Some(fact), None);
    } else {
        words.extend(asked.reasons(&why));
    }
    tell(cx, why, words)
}

pub fn why_not(args: &WhyNotArgs, cx: &Context) -> Result<Outcome, Failure> {
    let asked = Asked::about(&args.task, cx)?;
    let label = asked.task.number.to_string();
    let agent = cx.agent(&args.agent)?;
    let why_not = asked.tried(|plan, trial| plan.ground().why_not(&label, &agent.name, trial))?;
    let none = || WhyNot { impossible: Some("absent".into()), ..WhyNot::of(&label, &agent.name) };
    let mut why_not = why_not.unwrap_or_else(none);
    let words = match asked.fact(cx)?.filter(|_| asked.holder() != Some(agent.agent_id)) {
        Some(fact) => {
            (why_not.impossible, why_not.instead) = (Some("fact".into()), None);
            fact
        }
        None => asked.otherwise(&why_not, &agent),
    };
    let words = format!("{label} by {}: {words}", agent.name);
    tell(cx, why_not, vec![words])
}

/// What is asked about.
struct Asked {
    sprint: Sprint,
    task: Task,
    course: Course,
    plan: Basis,
}

impl Asked {
    fn about(task: &TaskRef, cx: &Context) -> Result<Self, Failure> {
        let sprint = cx.sprint("active")?;
        let id = cx.task_id(task)?;
        let unknown = || Rejection::NotFound { what: "task", name: id.to_string(), hint: None };
        let task = cx.read().task(id)?.ok_or_else(unknown)?;
        let course = course(cx.read(), &cx.service.now(), &sprint)?;
        let plan = course.explained().map_err(|why| unsound(&sprint, &why))?;
        let asked = Self { sprint, task, course, plan };
        if asked.progress().is_some() { Ok(asked) } else { Err(asked.unknown()) }
    }

    /// It is not open in the sprint.
    fn unknown(&self) -> Failure {
        let (number, sprint) = (self.task.number, &self.sprint.name);
        let why = if self.task.sprint_id == Some(self.sprint.sprint_id) {
            format!("{number} is {}: {sprint} plans nothing for it", self.task.status)
        } else {
            format!("{number} is not in {sprint}, so its plan says nothing about it")
        };
        Rejection::Invalid(why).into()
    }

    fn progress(&self) -> Option<Progress> {
        let items = &self.course.items;
        items.iter().find(|(job, _)| job.task_id == self.task.task_id).map(|(_, progress)| *progress)
    }

    fn holder(&self) -> Option<AgentId> {
        match self.progress()? {
            Progress::Waits => None,
            Progress::Begun { agent_id, .. } => Some(agent_id),
            Progress::InReview { agent_id, .. } => agent_id,
        }
    }

    fn tried<T>(&self, ask: impl FnOnce(&Basis, &mut Trial) -> Result<T, Fault>) -> Result<T, Failure> {
        let mut trial = Trial { seed: 1, steps: STEPS, stop: &mut || false };
        ask(&self.plan, &mut trial).map_err(|fault| unsound(&self.sprint, &fault.to_string()).into())
    }

    /// What is so, whatever might be planned: it cannot go on, or it has begun.
    fn fact(&self, cx: &Context) -> Result<Option<String>, Failure> {
        if let Some(why) = self.course.holds_up(self.task.task_id) {
            return Ok(Some(format!("it {why}")));
        }
        let who = |id: AgentId| cx.agent(&id.to_string()).map(|agent| agent.name);
        Ok(match self.progress() {
            Some(Progress::Begun { agent_id, since, .. }) => {
                Some(format!("it has begun; {} holds it since {}", who(agent_id)?, moment(since)))
            }
            Some(Progress::InReview { until, .. }) => {
                Some(format!("it was handed in {} and waits for a judgement", moment(until)))
            }
            Some(Progress::Waits) | None => None,
        })
    }

    fn reasons(&self, why: &Why) -> Vec<String> {
        let task = &why.task;
        let (Some(start), Some(because)) = (why.start, &why.because) else {
            return vec![format!("{task}: it has no place in the plan; `vayu sprint replan` looks for one")];
        };
        let earlier = match &why.earlier {
            Some(instead) => self.price(instead),
            None => "that cannot be, even before everything else".into(),
        };
        vec![format!("{task}: begins {}; {because}", moment(self.date(start))), format!("{task} earlier: {earlier}")]
    }

    fn otherwise(&self, why_not: &WhyNot, agent: &Agent) -> String {
        let instead = why_not.instead.as_ref().map(|instead| {
            let suits = match instead.change.terms.cost {
                0 => "",
                ..0 => "; the task suits them better",
                _ => "; the task suits them less",
            };
            format!("{}{suits}", self.price(instead))
        });
        match why_not.impossible.as_deref() {
            None => instead.unwrap_or_else(|| "so it is".into()),
            Some("absent") if agent.draining => "cannot be: takes nothing new".into(),
            Some("absent") if self.course.lost.iter().any(|(id, _)| *id == agent.agent_id) => {
                "cannot be: is not there".into()
            }
            Some("absent") => "cannot be: takes no part in the sprint".into(),
            Some("no_skill") => {
                let misfit = agent.misfit(&self.task.requirements).unwrap_or_else(|| "takes nothing new".into());
                format!("cannot be: {misfit}")
            }
            Some(_) => "cannot be: there is no time for it, even weeks after the sprint".into(),
        }
    }

    /// What something else would mean for the plan.
    fn price(&self, instead: &Instead) -> String {
        let mut parts = vec![format!("would begin {}", moment(self.date(instead.start)))];
        let finish = instead.change.terms.finish;
        if finish != 0 {
            let way = if finish > 0 { "later" } else { "earlier" };
            parts.push(format!("the sprint would end {} {way}", span(finish.unsigned_abs())));
        }
        let groups = [
            (&instead.goes, "would have no place"),
            (&instead.comes, "would have a place"),
            (&instead.later, "would wait longer"),
            (&instead.earlier, "would begin earlier"),
            (&instead.others, "would go to others"),
        ];
        let named = groups.iter().filter(|(names, _)| !names.is_empty());
        parts.extend(named.map(|(names, what)| format!("{} {what} ({})", count(names.len(), "task"), listed(names))));
        if parts.len() == 1 {
            parts.push("nothing else would change".into());
        }
        parts.join("; ")
    }

    fn date(&self, time: Time) -> Timestamp {
        let start = self.plan.built.start.as_ref().map_or(self.course.ground.now, chrono::DateTime::to_utc);
        start + chrono::Duration::minutes(i64::from(time))
    }
}

/// Whether nobody and nothing else has to give way.
fn costs_nothing(instead: &Instead) -> bool {
    let Instead { later, goes, others, change, .. } = instead;
    later.is_empty() && goes.is_empty() && others.is_empty() && change.terms.finish <= 0
}

fn moment(at: Timestamp) -> String {
    at.format("%a %-d %b %H:%M").to_string()
}

fn listed(names: &[String]) -> String {
    let more = if names.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(NAMED)].join(", "))
}

fn tell<T: Serialize>(cx: &Context, answer: T, words: Vec<String>) -> Result<Outcome, Failure> {
    let told = Told { answer, words };
    cx.out.print(&told, || told.words.iter().map(|words| one_line(words, WIDTH) + "\n").collect())?;
    Ok(Outcome::Done)
}
