//! What the board knows about sizes: its finished and unfinished work as history, and one task judged by it.
//!
//! It only gathers: what follows from the past is for [`crate::plan::estimate`] to say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;

use super::Error;
use super::course::dropped;
use crate::domain::attempt::Outcome;
use crate::domain::command::TaskField;
use crate::domain::task::ReviewStatus;
use crate::domain::{
    Actor, ActorKind, Agent, AgentId, AgentKind, Attempt, Days, Event, Lane, Level, RecordId, Status, Task, TaskId,
    TaskNumber, Timestamp, Window, Zone, hours,
};
use crate::plan::estimate::Words;
use crate::plan::estimate::judge::{Answer, Ask, Judge, Past};
use crate::plan::estimate::pace::Worker;
use crate::plan::estimate::said::{Said, Source};
use crate::plan::estimate::survival::Spell;
use crate::plan::wizard::Offer;
use crate::store::view::{ActivityFilter, ActivityRow, Filter, LaneWindow, Page};
use crate::store::{Now, Read};

/// Tasks that history is read from, the newest.
const MOST: usize = 1_000;
/// Tasks done that a plan's guesses are from, the newest.
const GUESSED_FROM: usize = 300;
/// Changes of a task that are looked through.
pub(super) const CHANGES: usize = 200;
/// States of work that has been begun and has not ended.
const OPEN: [Status; 5] = [Status::Executing, Status::Paused, Status::Reviewing, Status::Rejected, Status::Failed];

/// A task of the past with what was read about it.
#[derive(Debug, Clone)]
struct Memory {
    task: Task,
    said: Option<(Source, f64)>,
    took: Spell,
    worker: Option<Worker>,
    cost: Option<f64>,
    tokens: Option<f64>,
    passed: Option<bool>,
}

/// Everybody on the board, and when people work.
#[derive(Debug, Clone)]
pub(super) struct Team {
    agents: BTreeMap<AgentId, Agent>,
    /// Programs that stopped in the middle of their work, with when they were heard of last.
    silent: BTreeMap<AgentId, Timestamp>,
    holidays: Vec<Days>,
}

impl Team {
    pub fn read(read: &dyn Read, now: &Now) -> Result<Self, Error> {
        let rows = read.agents(now)?;
        let mut silent = BTreeMap::new();
        for row in dropped(read, now, &rows)? {
            silent.extend(row.last_heartbeat.map(|heard| (row.agent.agent_id, heard)));
        }
        let agents = rows.into_iter().map(|row| (row.agent.agent_id, row.agent)).collect();
        Ok(Self { agents, silent, holidays: read.policy()?.holidays })
    }

    pub fn holidays(&self) -> &[Days] {
        &self.holidays
    }

    pub fn get(&self, id: AgentId) -> Option<&Agent> {
        self.agents.get(&id)
    }

    pub fn members(&self) -> impl Iterator<Item = &Agent> {
        self.agents.values()
    }

    pub fn named(&self, name: &str) -> Option<&Agent> {
        self.agents.values().find(|agent| agent.name == name)
    }

    /// When an attempt ended: of one that has not, the present, or when the program that is at it was heard of last.
    pub fn end(&self, attempt: &Attempt, now: Timestamp) -> Timestamp {
        let heard = self.silent.get(&attempt.agent_id).copied().unwrap_or(now);
        attempt.ended_at.unwrap_or_else(|| heard.min(now).max(attempt.started_at))
    }

    /// Minutes of an attempt that were work so far; what was lost has to be done again.
    pub fn worked(&self, attempt: &Attempt, now: Timestamp) -> f64 {
        match (attempt.outcome, attempt.worked) {
            (Some(Outcome::Lost), _) => 0.0,
            (_, Some(minutes)) => f64::from(minutes),
            _ => self.elapsed(attempt, now),
        }
    }

    /// The same to the second, by the hours that are theirs now.
    pub fn elapsed(&self, attempt: &Attempt, now: Timestamp) -> f64 {
        match attempt.outcome {
            Some(Outcome::Lost) => 0.0,
            _ => self.minutes(attempt.agent_id, attempt.started_at, self.end(attempt, now)),
        }
    }

    /// Minutes in which somebody was at work between two instants.
    pub fn minutes(&self, id: AgentId, from: Timestamp, to: Timestamp) -> f64 {
        let all = || (to - from).num_seconds().max(0);
        let seconds = self.get(id).map_or_else(all, |agent| hours::worked(agent, &self.holidays, from, to));
        seconds as f64 / 60.0
    }

    /// When somebody could have seen to what waited for them: in their hours; if that was outside of all of them, as long
    /// as it took, a working day at most. A program is there whenever it runs; who is not on the team keeps usual hours.
    pub fn there(&self, name: &str, from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let spans = match self.named(name) {
            Some(agent) if agent.kind != AgentKind::Human => return vec![(from, to.max(from))],
            Some(agent) => hours::between(agent, &hours::windows(agent), &agent.days_off(&self.holidays), from, to),
            None => {
                let days = (to - from).num_days() + 2;
                let usual = hours::usual(AgentKind::Human);
                let spans = hours::spans(&Zone::default(), &usual, &self.holidays, from, days);
                spans.take_while(|span| span.0 < to).map(|span| (span.0, span.1.min(to))).collect()
            }
        };
        let outside = || vec![(from, to.clamp(from, from + Duration::seconds(hours::LONG_DAY)))];
        if spans.is_empty() { outside() } else { spans }
    }

    /// Minutes of that.
    pub fn waited(&self, name: &str, from: Timestamp, to: Timestamp) -> f64 {
        self.there(name, from, to).iter().map(|(from, to)| (*to - *from).num_seconds() as f64 / 60.0).sum()
    }

    /// Minutes of a working day of theirs.
    pub fn day(&self, name: &str) -> f64 {
        let days: BTreeSet<u32> = self.windows(name).iter().map(|window| window.day.num_days_from_monday()).collect();
        (self.week(name) * 60.0 / days.len().max(1) as f64).max(1.0)
    }

    /// Hours of a week of theirs.
    pub fn week(&self, name: &str) -> f64 {
        let windows = self.windows(name);
        let minutes = windows.iter().map(|window| f64::from(window.to_minute.saturating_sub(window.from_minute)));
        minutes.sum::<f64>() / 60.0
    }

    /// Weekly windows of somebody; usual ones of who is not on the team.
    fn windows(&self, name: &str) -> Vec<Window> {
        self.named(name).map_or_else(|| hours::usual(AgentKind::Human), hours::windows)
    }

    fn worker(&self, id: AgentId, model: Option<&String>, task: &Task) -> Option<Worker> {
        let agent = self.get(id)?;
        let skills = &task.requirements.capabilities;
        let skill = skills.iter().max_by_key(|(_, level)| **level).map(|(skill, _)| skill.clone());
        let (profile, kind) = (agent.name.clone(), agent.kind.to_string());
        Some(Worker { profile, model: model.cloned().unwrap_or_default(), kind, skill: skill.unwrap_or_default() })
    }
}

/// The past of a board, and what was learned from it.
#[derive(Debug, Clone)]
pub struct History {
    numbers: Vec<(TaskNumber, String)>,
    judge: Judge,
    team: Team,
}

impl History {
    /// Reads the board's past and learns from it: some tenths of a second for a thousand tasks, so never for each frame.
    ///
    /// # Errors
    /// When the board cannot be read.
    pub fn read(read: &dyn Read, now: &Now) -> Result<Self, Error> {
        let team = Team::read(read, now)?;
        let mut memories = Vec::new();
        for task in begun(read, now, MOST)? {
            memories.extend(remember(read, task, &team, now.wall)?);
        }
        memories.sort_by_key(|one| (one.task.execution.ended_at.unwrap_or(now.wall), one.task.number));
        let past: Vec<Past> = memories.iter().map(Memory::past).collect();
        let judge = Judge::learn(&past);
        let numbers = memories.iter().map(|one| (one.task.number, one.task.title.clone())).collect();
        Ok(Self { numbers, judge, team })
    }

    /// What a task will take, by whom if that is given.
    ///
    /// # Errors
    /// When the board cannot be read.
    pub fn estimate(&self, read: &dyn Read, task: &Task, by: Option<AgentId>) -> Result<Told, Error> {
        let said = said(read, task)?;
        let by = by.or(task.agent());
        let model = |id| self.team.get(id).and_then(|agent| agent.model.as_ref());
        let worker = by.and_then(|id| self.team.worker(id, model(id), task));
        let ask = Ask {
            words: Words { title: &task.title, body: &task.description },
            said: said.as_ref().map(|(source, said)| (source, *said)),
            points: task.metadata.story_points,
            worker: worker.as_ref(),
        };
        let answer = self.judge.estimate(&ask);
        let like = answer.like.iter().take(LIKE).map(|&(at, near)| Like {
            number: self.numbers[at].0,
            title: self.numbers[at].1.clone(),
            near,
        });
        Ok(Told { task_id: task.task_id, number: task.number, like: like.collect(), answer })
    }
}

/// Tells the plan what history says of sizes that nobody gave. `offers` are made of `tasks`, in the same order. Reads
/// only what is done, without its log, and nothing if every task has a size.
///
/// # Errors
/// When the board cannot be read.
pub fn guess(read: &dyn Read, now: &Now, tasks: &[Task], offers: &mut [Offer]) -> Result<(), Error> {
    let is_open = |offer: &Offer| offer.minutes.is_none() && offer.points.is_none();
    if !offers.iter().any(is_open) {
        return Ok(());
    }
    let done = ended(read, now, GUESSED_FROM)?;
    let past: Vec<Past> = done.iter().filter_map(plain).collect();
    let judge = Judge::learn(&past);
    for (task, offer) in tasks.iter().zip(offers).filter(|pair| is_open(pair.1)) {
        let words = Words { title: &task.title, body: &task.description };
        offer.guess = judge.estimate(&Ask { words, said: None, points: None, worker: None }).guess();
    }
    Ok(())
}

/// What ended last, oldest first.
fn ended(read: &dyn Read, now: &Now, most: usize) -> Result<Vec<Task>, Error> {
    let filter = Filter { levels: vec![Level::Task], archived: true, ..Filter::default() };
    let window = LaneWindow { lane: Lane::Done, filter, page: Page { offset: 0, limit: most } };
    let mut tasks = Vec::new();
    for card in read.window(&window, now)? {
        tasks.extend(read.task(card.task_id)?);
    }
    tasks.reverse();
    Ok(tasks)
}

/// A task done by itself.
fn plain(task: &Task) -> Option<Past<'_>> {
    let minutes = f64::from(task.metadata.actual_duration.filter(|_| task.status == Status::Completed)?);
    Some(Past {
        words: Words { title: &task.title, body: &task.description },
        said: None,
        points: task.metadata.story_points,
        took: Spell { time: minutes, ended: true },
        worker: None,
        cost: None,
        tokens: None,
        passed: None,
    })
}

/// Tasks that are named as alike.
const LIKE: usize = 5;

/// A task of the past that an estimate leans on.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Like {
    /// Its number.
    pub number: TaskNumber,
    /// Its title.
    pub title: String,
    /// How alike, 0 to 1.
    pub near: f64,
}

/// What a task will take.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Told {
    /// The task.
    pub task_id: TaskId,
    /// Its number.
    pub number: TaskNumber,
    /// What history says.
    #[serde(flatten)]
    pub answer: Answer,
    /// The tasks that it leans on, the most alike first.
    #[serde(rename = "similar")]
    pub like: Vec<Like>,
}

impl Memory {
    fn past(&self) -> Past<'_> {
        Past {
            words: Words { title: &self.task.title, body: &self.task.description },
            said: self.said.clone(),
            points: self.task.metadata.story_points,
            took: self.took,
            worker: self.worker.clone(),
            cost: self.cost,
            tokens: self.tokens,
            passed: self.passed,
        }
    }
}

/// Work that was begun, ended or not: the newest that ended, oldest first, then what is open.
pub(super) fn begun(read: &dyn Read, now: &Now, most: usize) -> Result<Vec<Task>, Error> {
    let filter = Filter { statuses: OPEN.to_vec(), levels: vec![Level::Task], ..Filter::default() };
    let mut tasks = ended(read, now, most)?;
    tasks.extend(read.list_tasks(&filter, Page { offset: 0, limit: most })?);
    Ok(tasks)
}

/// What is known of a task that was begun; `None` if nothing was measured.
fn remember(read: &dyn Read, task: Task, team: &Team, now: Timestamp) -> Result<Option<Memory>, Error> {
    let attempts = read.attempts(task.task_id)?;
    let minutes = attempts.iter().map(|attempt| team.worked(attempt, now)).sum::<f64>();
    if minutes <= 0.0 {
        return Ok(None);
    }
    let log = changes_of(read, task.task_id)?;
    let last = attempts.iter().max_by_key(|attempt| attempt.started_at);
    let tokens: Vec<f64> = attempts.iter().filter_map(|attempt| attempt.tokens).map(|count| count as f64).collect();
    let costs: Vec<f64> = attempts.iter().filter_map(|attempt| attempt.cost).collect();
    Ok(Some(Memory {
        said: estimated(&log, attempts.iter().map(|attempt| attempt.started_at).min())
            .filter(|said| said.0 != Source::History),
        took: Spell { time: minutes, ended: task.status == Status::Completed },
        worker: last.and_then(|attempt| team.worker(attempt.agent_id, attempt.model.as_ref(), &task)),
        cost: (!costs.is_empty()).then(|| costs.iter().sum()),
        tokens: (!tokens.is_empty()).then(|| tokens.iter().sum()),
        passed: passed(&log),
        task,
    }))
}

/// What happened to a task, oldest first.
pub(super) fn changes_of(read: &dyn Read, task: TaskId) -> Result<Vec<ActivityRow>, Error> {
    let filter = ActivityFilter { record: Some(RecordId::Task(task)), limit: CHANGES, ..ActivityFilter::default() };
    let mut rows = read.activity(&filter)?;
    rows.retain(|row| row.undone_by.is_none());
    rows.reverse();
    Ok(rows)
}

/// The last estimate that was given before work began, and where it was from.
pub(super) fn estimated(log: &[ActivityRow], begun: Option<Timestamp>) -> Option<(Source, f64)> {
    let before = log.iter().take_while(|row| begun.is_none_or(|begun| row.at <= begun));
    let said = before.flat_map(|row| row.events.iter().filter_map(|event| Some((&row.actor, estimate_in(event)?))));
    let (actor, (minutes, by)) = said.last()?;
    let source = by.map_or_else(|| source(actor), |word| Source::of(&word));
    Some((source, f64::from(minutes?))).filter(|said| said.1 > 0.0)
}

/// The estimate that an event sets, none where it takes it away, and where it is from, if that is said.
fn estimate_in(event: &Event) -> Option<(Option<u32>, Option<String>)> {
    match event {
        Event::TaskCreated { task } | Event::TaskImported { task } => {
            Some((task.metadata.estimated_duration, task.metadata.estimate_by.clone()))
        }
        Event::TaskEdited { changes, .. } => {
            let at = changes.iter().rposition(|change| matches!(change, TaskField::Estimate(_)))?;
            let TaskField::Estimate(minutes) = changes[at] else { return None };
            let by = changes[at..].iter().find_map(|change| match change {
                TaskField::EstimateBy(by) => by.clone(),
                _ => None,
            });
            Some((minutes, by))
        }
        _ => None,
    }
}

fn source(actor: &Actor) -> Source {
    match actor.kind {
        ActorKind::Human => Source::Person(actor.name.clone()),
        ActorKind::Agent => Source::Model(actor.name.clone()),
        ActorKind::System => Source::History,
    }
}

/// What was said about a task that is to be judged; what history said it can say again.
fn said(read: &dyn Read, task: &Task) -> Result<Option<(Source, Said)>, Error> {
    let Some(minutes) = task.metadata.estimated_duration.filter(|minutes| *minutes > 0) else { return Ok(None) };
    let source = match &task.metadata.estimate_by {
        Some(word) => Source::of(word),
        None => estimated(&changes_of(read, task.task_id)?, None)
            .map_or_else(|| Source::Person(String::new()), |said| said.0),
    };
    if source == Source::History {
        return Ok(None);
    }
    let said = match task.metadata.estimate_range {
        Some([low, high]) => Said::Between(f64::from(low.max(1)), f64::from(high.max(1))),
        None => Said::Minutes(f64::from(minutes)),
    };
    Ok(Some((source, said)))
}

/// Whether the first review accepted it; `None` if nobody judged it.
fn passed(log: &[ActivityRow]) -> Option<bool> {
    log.iter().flat_map(|row| &row.events).find_map(judgement)
}

/// What a review said; handing in where nobody wants a review is none.
pub(super) fn judgement(event: &Event) -> Option<bool> {
    let Event::ReviewSet { review: Some(review), .. } = event else { return None };
    match review.status {
        ReviewStatus::Passed => Some(true),
        ReviewStatus::Failed => Some(false),
        ReviewStatus::Pending => None,
    }
}
