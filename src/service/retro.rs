//! The retrospective of a closed sprint: its facts gathered from books, log and questions, and proposals made so.
//!
//! It only carries: what speaks for a change is for [`crate::plan::retro`] to say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::estimates::{changes_of, estimated, judgement};
use super::forecast::{Judged, judge};
use super::sprints::report;
use super::{Done, Error, Service};
use crate::domain::command::NewTask;
use crate::domain::sprint::{Baseline, Report, Tally, TaskOutcome};
use crate::domain::{Actor, Command, Escalation, Event, Policy, RecordId, Rejection, Sprint, Timestamp};
use crate::plan::retro::{Asked, Change, Compared, Facts, Proposal, SentBack, Stuck, proposals};
use crate::store::Read;
use crate::store::view::{ActivityFilter, ActivityRow, Filter, Page};

/// Label of tasks that come of a retrospective.
pub const LABEL: &str = "retro";
/// Tasks with that label that are looked through.
const MOST: usize = 1_000;
/// Changes of settings that are read at once.
const SETTINGS: usize = 50;

/// What a closed sprint teaches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Retro {
    /// What happened.
    pub facts: Facts,
    /// What had been foretold, and what came; none: nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foretold: Option<Judged>,
    /// What follows from it.
    pub proposals: Vec<Proposal>,
}

/// The retrospective of a closed sprint.
///
/// # Errors
/// As for [`report`].
pub fn retro(read: &dyn Read, sprint: &Sprint) -> Result<Retro, Error> {
    let report = report(read, sprint)?;
    let Some(outcome) = read.outcome(sprint.sprint_id)? else {
        return Err(Rejection::Invalid(format!("nothing was written down about {}", sprint.name)).into());
    };
    let baseline = read.baseline(sprint.sprint_id)?;
    let span = (sprint.started_at.unwrap_or(sprint.starts_at), sprint.closed_at.unwrap_or(outcome.written_at));
    let mut gathered = Gathered::default();
    for task in outcome.tasks.iter().chain(&outcome.added) {
        gathered.task(read, task, baseline.as_ref(), span)?;
    }
    gathered.asked(read.questions(None)?, None, span);
    let foretold = judge(read, sprint)?;
    let of_all = foretold.as_ref().filter(|judged| judged.told.is_of_all());
    let facts = gathered.facts(&report, of_all.map(|judged| judged.told.chance));
    // Under the settings of that time, so that accepting one does not change the others.
    let then = policy_at(read, span.1)?;
    let mut proposals = proposals(&facts, &then);
    let filter = Filter { tags: vec![LABEL.to_owned()], archived: true, ..Filter::default() };
    read.each_task(&filter, Page { offset: 0, limit: MOST }, &mut |made| {
        let same = |proposal: &&mut Proposal| proposal.change == Change::Task && made.title == title(proposal);
        if made.description.starts_with(&origin(sprint))
            && let Some(proposal) = proposals.iter_mut().find(same)
        {
            proposal.accepted = Some(made.number);
        }
        Ok(())
    })?;
    let now = fields(&read.policy()?);
    for proposal in &mut proposals {
        if let Change::Setting { policy, .. } = &proposal.change {
            let before = fields(&then);
            proposal.settled = changed(&then, policy).iter().any(|(name, _)| now.get(name) != before.get(name));
        }
    }
    Ok(Retro { facts, foretold, proposals })
}

/// Makes a proposal so: a task of the backlog, or other settings; one undo takes it back.
///
/// # Errors
/// When there is no proposal of this number, or as for [`Service::submit`].
pub fn accept(service: &mut Service, actor: &Actor, sprint: &Sprint, number: usize) -> Result<(Proposal, Done), Error> {
    let seen = service.read().policy()?;
    let retro = retro(service.read(), sprint)?;
    let then = policy_at(service.read(), sprint.closed_at.unwrap_or(service.now().wall))?;
    let count = retro.proposals.len();
    let found = retro.proposals.into_iter().find(|proposal| proposal.number == number);
    let proposal = found.ok_or_else(|| {
        let hint = Some(format!("there are {count}; `vayu sprint retro` lists them"));
        Rejection::NotFound { what: "proposal", name: number.to_string(), hint }
    })?;
    if let Some(task) = proposal.accepted {
        let how = format!("it has become {task} already");
        return Err(Rejection::Conflict { what: format!("proposal {number}"), how }.into());
    }
    if proposal.settled {
        let how = format!("the settings were changed since {} was closed; `vayu config` shows them", sprint.name);
        return Err(Rejection::Conflict { what: format!("proposal {number}"), how }.into());
    }
    let done = match &proposal.change {
        Change::Task => service.submit(actor, Command::CreateTask(Box::new(task(&proposal, sprint))))?,
        Change::Setting { policy, .. } => {
            service.configure(actor, &seen, &with(&seen, &then, policy))?.ok_or_else(|| {
                let how = "somebody changed them just now; look at the proposals again".to_owned();
                Rejection::Conflict { what: "the settings".into(), how }
            })?
        }
    };
    Ok((proposal, done))
}

/// The line that begins what comes of a sprint's retrospective.
fn origin(sprint: &Sprint) -> String {
    format!("From the retrospective of {}:\n", sprint.name)
}

/// The settings as they were then: what somebody has changed since is settled, whatever was seen before that.
fn policy_at(read: &dyn Read, at: Timestamp) -> Result<Policy, Error> {
    let mut filter = ActivityFilter { record: Some(RecordId::Policy), limit: SETTINGS, ..ActivityFilter::default() };
    loop {
        let rows = read.activity(&filter)?;
        let standing = rows.iter().filter(|row| row.at <= at && row.undone_by.is_none());
        let set = standing.flat_map(|row| row.events.iter().rev()).find_map(|event| match event {
            Event::PolicyChanged { policy, .. } => Some(Policy::clone(policy)),
            _ => None,
        });
        filter.before = rows.last().map(|row| row.change);
        if set.is_some() || rows.len() < SETTINGS {
            return Ok(set.unwrap_or_default());
        }
    }
}

fn fields(policy: &Policy) -> serde_json::Map<String, serde_json::Value> {
    match serde_json::to_value(policy) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    }
}

/// What these settings have that those had not; of what they lack, nothing.
fn changed(before: &Policy, after: &Policy) -> Vec<(String, Option<serde_json::Value>)> {
    let (before, after) = (fields(before), fields(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changes = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    changes.map(|name| (name.clone(), after.get(name).cloned())).collect()
}

/// Settings with what is changed between two others.
fn with(now: &Policy, before: &Policy, after: &Policy) -> Policy {
    let mut set = fields(now);
    for (name, value) in changed(before, after) {
        match value {
            Some(value) => drop(set.insert(name, value)),
            None => drop(set.remove(&name)),
        }
    }
    serde_json::from_value(set.into()).expect("fields of settings are settings")
}

fn title(proposal: &Proposal) -> String {
    proposal.title.chars().take(200).collect()
}

fn task(proposal: &Proposal, sprint: &Sprint) -> NewTask {
    let evidence = proposal.evidence.iter().map(|line| format!("- {line}\n"));
    NewTask {
        title: title(proposal),
        description: format!("{}{}", origin(sprint), evidence.collect::<String>()),
        tags: vec![LABEL.to_owned()],
        backlog: true,
        ..NewTask::default()
    }
}

/// What is read task by task.
#[derive(Debug, Default)]
struct Gathered {
    compared: Vec<Compared>,
    stuck: Vec<Stuck>,
    reviewed: u32,
    sent_back: Vec<SentBack>,
    failures: BTreeMap<crate::domain::Failure, u32>,
    asked: Vec<Asked>,
    cost: Option<f64>,
    tokens: Option<u64>,
}

impl Gathered {
    fn task(
        &mut self,
        read: &dyn Read,
        task: &TaskOutcome,
        base: Option<&Baseline>,
        span: (Timestamp, Timestamp),
    ) -> Result<(), Error> {
        let log = changes_of(read, task.task_id)?;
        let attempts = read.attempts(task.task_id)?;
        let begun = attempts.iter().map(|attempt| attempt.started_at).min();
        for attempt in attempts.iter().filter(|one| one.ended_at.is_some_and(|at| (span.0..=span.1).contains(&at))) {
            self.cost = attempt.cost.map_or(self.cost, |cost| Some(self.cost.unwrap_or(0.0) + cost));
            self.tokens =
                attempt.tokens.map_or(self.tokens, |count| Some(self.tokens.unwrap_or(0).saturating_add(count)));
        }
        let by = estimated(&log, begun).map(|said| said.0.word());
        let planned = base.and_then(|base| base.tasks.iter().find(|one| one.task_id == task.task_id));
        let estimate = planned.map_or(task.estimate, |one| one.estimate).filter(|minutes| *minutes > 0);
        if let (true, Some(estimate), Some(actual)) = (task.done, estimate, task.actual.filter(|minutes| *minutes > 0))
        {
            let (number, title) = (task.number, task.title.clone());
            self.compared.push(Compared { number, title, estimate, actual, by });
        }
        let within = |row: &&ActivityRow| (span.0..=span.1).contains(&row.at);
        self.events(task, &log.iter().filter(within).flat_map(|row| &row.events).collect::<Vec<_>>());
        self.asked(read.questions(Some(task.task_id))?, Some(task), span);
        Ok(())
    }

    /// Takes what happened to a task during the sprint.
    fn events(&mut self, task: &TaskOutcome, events: &[&Event]) {
        let (mut sent_back, mut judged, mut stuck) = (0, 0, BTreeMap::<String, u32>::new());
        for event in events {
            judged += u32::from(judgement(event).is_some());
            sent_back += u32::from(judgement(event) == Some(false));
            match event {
                Event::BlockerSet { blocker: Some(blocker), .. } => {
                    *stuck.entry(blocker.reason.clone()).or_default() += 1;
                }
                Event::AttemptEnded { failure: Some(failure), .. } => *self.failures.entry(*failure).or_default() += 1,
                _ => {}
            }
        }
        let (number, title) = (task.number, &task.title);
        self.reviewed += u32::from(judged > 0);
        if sent_back > 0 {
            self.sent_back.push(SentBack { number, title: title.clone(), times: sent_back });
        }
        let line = |(reason, times)| Stuck { number, title: title.clone(), reason, times };
        self.stuck.extend(stuck.into_iter().map(line));
    }

    fn asked(&mut self, asks: Vec<Escalation>, task: Option<&TaskOutcome>, span: (Timestamp, Timestamp)) {
        let asks = asks.into_iter().filter(|ask| (span.0..=span.1).contains(&ask.raised_at));
        let asks = asks.filter(Escalation::is_question);
        self.asked.extend(asks.map(|ask| Asked {
            label: ask.label(),
            task: task.map(|task| task.number),
            minutes:
                ask.answered_by.as_ref().and(ask.closed_at).map(|at| (at - ask.raised_at).num_minutes().max(0) as u64),
            topic: ask.topic,
            by: ask.asked_by,
            answered_by: ask.answered_by,
        }));
    }

    fn facts(mut self, report: &Report, chance: Option<f64>) -> Facts {
        let off = |task: &Compared| (f64::from(task.actual) / f64::from(task.estimate)).ln().abs();
        self.compared.sort_by(|one, other| off(other).total_cmp(&off(one)).then(one.number.cmp(&other.number)));
        self.stuck.sort_by_key(|stuck| (std::cmp::Reverse(stuck.times), stuck.number));
        self.sent_back.sort_by_key(|sent| (std::cmp::Reverse(sent.times), sent.number));
        let done = [report.done.committed, report.done.stretch, report.done.added];
        let sum = |sum: Tally, part: Tally| Tally { tasks: sum.tasks + part.tasks, points: sum.points + part.points };
        Facts {
            sprint: report.sprint.number,
            name: report.sprint.name.clone(),
            committed: report.committed,
            done: done.into_iter().fold(Tally::default(), sum),
            added: report.added.iter().fold(Tally::default(), |sum, task| sum.and(task.points)),
            predictability: report.predictability,
            velocity: report.velocity.sprints.iter().map(|pace| pace.done.points).collect(),
            estimates: report.estimates,
            compared: self.compared,
            waits: report.waits.iter().filter(|waited| waited.minutes > 0).copied().collect(),
            stuck: self.stuck,
            reviewed: self.reviewed,
            sent_back: self.sent_back,
            failures: self.failures,
            asked: self.asked,
            cost: self.cost,
            tokens: self.tokens,
            chance,
        }
    }
}
