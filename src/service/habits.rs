//! How everybody worked in the sprints that ran: who was at what when, when it could have been taken up, how long others
//! waited for a word, and what it cost.
//!
//! It only gathers: what follows is for [`crate::plan::capacity`] to say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;

use super::Error;
use super::estimates::{Team, changes_of};
use super::reviews::Verdict;
use crate::domain::attempt::{Failure, Outcome};
use crate::domain::task::ReviewStatus;
use crate::domain::{AgentId, Attempt, Escalation, Event, Sprint, Status, TaskId, Timestamp};
use crate::plan::capacity::{Delay, Era, Habit, Habits, Stint};
use crate::plan::estimate::spend::{Rates, Spent};
use crate::store::view::ActivityRow;
use crate::store::{Now, Read};

/// Days that are looked back.
const DAYS: i64 = 183;
/// Tasks that are looked at, those that were at last begun last.
const MOST: usize = 300;
/// Attempts that are looked at, the newest.
const ATTEMPTS: usize = 3_000;

/// What was seen of a team's work, task by task.
pub(super) struct Seen<'a> {
    team: &'a Team,
    now: Timestamp,
    since: Timestamp,
    eras: Vec<Era>,
    stints: BTreeMap<AgentId, Vec<Stint>>,
    /// Minutes that results and questions waited for somebody.
    waits: BTreeMap<AgentId, (Vec<u32>, Vec<u32>)>,
    money: Vec<(TaskId, AgentId, Spent)>,
    tokens: Vec<(TaskId, AgentId, Spent)>,
    /// Results that were judged.
    pub verdicts: Vec<Verdict>,
}

/// The work of a team by its newest attempts.
///
/// # Errors
/// When the board cannot be read.
pub(super) fn seen<'a>(read: &dyn Read, now: &Now, team: &'a Team, sprints: &[Sprint]) -> Result<Seen<'a>, Error> {
    let mut seen = Seen::new(team, sprints, now.wall);
    seen.others(read, &BTreeSet::new())?;
    Ok(seen)
}

/// The newest attempts, by task. What is older than the first that is left out is left out, too: half a day would look
/// like leisure.
fn newest(read: &dyn Read, since: Timestamp) -> Result<BTreeMap<TaskId, Vec<Attempt>>, Error> {
    let mut tasks: BTreeMap<TaskId, Vec<Attempt>> = BTreeMap::new();
    for attempt in read.attempts_since(since, ATTEMPTS)? {
        if tasks.len() == MOST && !tasks.contains_key(&attempt.task_id) {
            break;
        }
        tasks.entry(attempt.task_id).or_default().push(attempt);
    }
    Ok(tasks)
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
        let (money, tokens, verdicts) = (Vec::new(), Vec::new(), Vec::new());
        Self { team, now, since, eras, stints, waits, money, tokens, verdicts }
    }

    /// Takes in all work of the time that is looked back but that at `known` tasks, whatever has become of it.
    ///
    /// # Errors
    /// When the board cannot be read.
    pub fn others(&mut self, read: &dyn Read, known: &BTreeSet<TaskId>) -> Result<(), Error> {
        for (task_id, attempts) in newest(read, self.since)? {
            if known.contains(&task_id) {
                continue;
            }
            if self.wants(&attempts) {
                self.task(&attempts, &changes_of(read, task_id)?, &read.questions(Some(task_id))?);
            } else {
                self.task(&attempts, &[], &[]);
            }
        }
        Ok(())
    }

    /// Whether what happened to a task says something about the sprints that ran.
    fn wants(&self, attempts: &[Attempt]) -> bool {
        let in_era = |first| attempts.iter().any(|one| one.ended_at.is_none_or(|ended| ended >= first));
        self.eras.first().is_some_and(|era| in_era(era.from))
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
            // Less than a minute is not measured; what was lost took none.
            let least = if attempt.outcome == Some(Outcome::Lost) { 0.0 } else { 1.0 };
            let minutes = self.team.elapsed(attempt, self.now).max(least);
            let spent = |cost| (attempt.task_id, attempt.agent_id, Spent { minutes, cost });
            self.money.extend(attempt.cost.map(spent));
            self.tokens.extend(attempt.tokens.map(|count| spent(count as f64)));
        }
        if attempt.outcome != Some(Outcome::Lost) {
            let stint = Stint {
                task_id: attempt.task_id,
                since: takeable(log, attempt.started_at),
                from: attempt.started_at,
                to: self.team.end(attempt, self.now),
                stopped: attempt.failure == Some(Failure::Quota),
            };
            self.stints.entry(attempt.agent_id).or_default().push(stint);
        }
    }

    /// From handed in to judged, by the hours of whoever judged.
    fn judged(&mut self, log: &[ActivityRow]) {
        let (mut handed_in, mut again) = (None, false);
        for row in log {
            for event in &row.events {
                let Event::ReviewSet { task_id, review: Some(review) } = event else { continue };
                match (review.status, handed_in.take()) {
                    (ReviewStatus::Pending, _) => handed_in = Some(row.at),
                    (_, Some(at)) if at >= self.since => {
                        let by = row.actor.name.clone();
                        self.waited(&by, (at, row.at), |waits| &mut waits.0);
                        self.verdicts.push(Verdict { task_id: *task_id, by, handed_in: at, at: row.at, again });
                    }
                    _ => {}
                }
                again |= review.status == ReviewStatus::Failed;
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
        let minutes = self.team.waited(by, from, to).round().max(1.0) as u32;
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
