//! How everybody worked in the sprints that ran: who was at what when, when it could have been taken up, how long others
//! waited for a word, and what it cost.
//!
//! It only gathers: what follows is for [`crate::plan::capacity`] to say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;

use super::Error;
use super::estimates::{Team, begun, changes_of};
use crate::domain::attempt::{Failure, Outcome};
use crate::domain::task::ReviewStatus;
use crate::domain::{AgentId, Attempt, Escalation, Event, Sprint, Status, Task, Timestamp};
use crate::plan::capacity::{Delay, Era, Habit, Habits, Stint};
use crate::plan::estimate::spend::{Rates, Spent};
use crate::store::view::ActivityRow;
use crate::store::{Now, Read};

/// Days that are looked back.
const DAYS: i64 = 183;
/// Tasks that are looked at, the newest.
const MOST: usize = 300;

/// What was seen of a team's work, task by task.
pub(super) struct Seen<'a> {
    team: &'a Team,
    now: Timestamp,
    since: Timestamp,
    eras: Vec<Era>,
    stints: BTreeMap<AgentId, Vec<Stint>>,
    /// Minutes that results and questions waited for somebody.
    waits: BTreeMap<AgentId, (Vec<u32>, Vec<u32>)>,
    money: Vec<(AgentId, Spent)>,
    tokens: Vec<(AgentId, Spent)>,
}

/// The work of a team by its newest tasks.
///
/// # Errors
/// When the board cannot be read.
pub(super) fn seen<'a>(read: &dyn Read, now: &Now, team: &'a Team, sprints: &[Sprint]) -> Result<Seen<'a>, Error> {
    let mut seen = Seen::new(team, sprints, now.wall);
    for task in begun(read, now, MOST)? {
        let attempts = read.attempts(task.task_id)?;
        if seen.wants(&task) && !attempts.is_empty() {
            let log = changes_of(read, task.task_id)?;
            seen.task(&attempts, &log, &read.questions(Some(task.task_id))?);
        } else {
            seen.task(&attempts, &[], &[]);
        }
    }
    Ok(seen)
}

/// A sprint that ran, up to now if it still does.
fn era(sprint: &Sprint, now: Timestamp) -> Option<Era> {
    Some(Era { name: sprint.name.clone(), from: sprint.started_at?, to: sprint.closed_at.unwrap_or(now) })
}

impl<'a> Seen<'a> {
    /// Nothing yet, of the sprints of the last half year.
    pub fn new(team: &'a Team, sprints: &[Sprint], now: Timestamp) -> Self {
        let since = now - Duration::days(DAYS);
        let mut eras: Vec<Era> = sprints.iter().filter_map(|sprint| era(sprint, now)).collect();
        eras.retain(|era| era.to > since && era.from < era.to);
        eras.sort_by_key(|era| era.from);
        let (stints, waits) = (BTreeMap::new(), BTreeMap::new());
        Self { team, now, since, eras, stints, waits, money: Vec::new(), tokens: Vec::new() }
    }

    /// Whether what happened to a task says something about the sprints that ran.
    fn wants(&self, task: &Task) -> bool {
        let first = self.eras.first().map(|era| era.from);
        first.is_some_and(|first| task.execution.ended_at.is_none_or(|ended| ended >= first))
    }

    /// Takes in what happened to a task, its log oldest first.
    pub fn task(&mut self, attempts: &[Attempt], log: &[ActivityRow], asks: &[Escalation]) {
        for attempt in attempts {
            self.attempt(attempt, log);
        }
        self.judged(log);
        let since = self.since;
        for ask in asks.iter().filter(|ask| ask.is_question() && ask.raised_at >= since) {
            if let (Some(by), Some(at)) = (&ask.answered_by, ask.closed_at) {
                self.waited(by, (ask.raised_at, at), |waits| &mut waits.1);
            }
        }
    }

    /// What was lost has to be done again, and says nothing about hours.
    fn attempt(&mut self, attempt: &Attempt, log: &[ActivityRow]) {
        if attempt.ended_at.is_some() {
            let minutes = self.team.worked(attempt, self.now);
            let spent = |cost| (attempt.agent_id, Spent { minutes, cost });
            self.money.extend(attempt.cost.map(spent));
            self.tokens.extend(attempt.tokens.map(|count| spent(count as f64)));
        }
        if attempt.outcome != Some(Outcome::Lost) {
            let stint = Stint {
                task_id: attempt.task_id,
                since: takeable(log, attempt.started_at),
                from: attempt.started_at,
                to: attempt.ended_at.unwrap_or(self.now),
                stopped: attempt.failure == Some(Failure::Quota),
            };
            self.stints.entry(attempt.agent_id).or_default().push(stint);
        }
    }

    /// From handed in to judged, by the hours of whoever judged.
    fn judged(&mut self, log: &[ActivityRow]) {
        let mut handed_in = None;
        for row in log {
            for event in &row.events {
                let Event::ReviewSet { review: Some(review), .. } = event else { continue };
                match (review.status, handed_in.take()) {
                    (ReviewStatus::Pending, _) => handed_in = Some(row.at),
                    (_, Some(at)) if at >= self.since => {
                        self.waited(&row.actor.name, (at, row.at), |waits| &mut waits.0);
                    }
                    _ => {}
                }
            }
        }
    }

    fn waited(
        &mut self,
        by: &str,
        (from, to): (Timestamp, Timestamp),
        of: impl Fn(&mut (Vec<u32>, Vec<u32>)) -> &mut Vec<u32>,
    ) {
        let Some(agent) = self.team.named(by) else { return };
        let minutes = self.team.minutes(agent.agent_id, from, to).round().max(1.0) as u32;
        of(self.waits.entry(agent.agent_id).or_default()).push(minutes);
    }

    /// What a minute of work costs in money and in tokens.
    pub fn rates(&self) -> (Rates, Rates) {
        (Rates::learn(&self.money), Rates::learn(&self.tokens))
    }

    /// How everybody works; nothing before the first sprint ran.
    pub fn habits(mut self) -> Habits {
        if self.eras.is_empty() {
            return Habits::new();
        }
        let ids: BTreeSet<AgentId> = self.stints.keys().chain(self.waits.keys()).copied().collect();
        let habit = |id: AgentId| {
            let agent = self.team.get(id)?;
            let stints = self.stints.remove(&id).unwrap_or_default();
            let (reviews, answers) = self.waits.remove(&id).unwrap_or_default();
            let habit = Habit::learn(agent, self.team.holidays(), &self.eras, &stints);
            Some((id, Habit { reviews: Delay::of(reviews), answers: Delay::of(answers), ..habit }))
        };
        ids.into_iter().filter_map(habit).collect()
    }

    /// The share of the open hours that went into tasks, by name.
    pub fn focus(self) -> BTreeMap<String, f64> {
        let team = self.team;
        let named = |(id, habit): (AgentId, Habit)| Some((team.get(id)?.name.clone(), habit.focus?));
        self.habits().into_iter().filter_map(named).collect()
    }
}

/// Since when a task that was begun at a time could have been: ready, given to somebody, sent back or put aside.
fn takeable(log: &[ActivityRow], begun: Timestamp) -> Timestamp {
    let can = |status: Status| matches!(status, Status::Queued | Status::Assigned | Status::Rejected | Status::Paused);
    let mut since = None;
    for row in log.iter().filter(|row| row.at <= begun) {
        for event in &row.events {
            match event {
                Event::TaskCreated { task } | Event::TaskImported { task } => {
                    since = can(task.status).then_some(row.at);
                }
                Event::TaskStepped { to, .. } if can(*to) => since = since.or(Some(row.at)),
                // The begin itself.
                Event::TaskStepped { to: Status::Executing, .. } if row.at == begun => {}
                Event::TaskStepped { .. } => since = None,
                _ => {}
            }
        }
    }
    since.unwrap_or(begun)
}
