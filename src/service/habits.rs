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
use crate::domain::{AgentId, Attempt, Event, Sprint, Status, Task, Timestamp};
use crate::plan::capacity::{Delay, Era, Habit, Habits, Stint};
use crate::plan::estimate::spend::{Rates, Spent};
use crate::store::view::ActivityRow;
use crate::store::{Now, Read};

/// Days that are looked back.
const DAYS: i64 = 183;
/// Tasks that are looked at, the newest.
const MOST: usize = 300;

/// What a minute of work costs, in money and in tokens, by the newest tasks.
///
/// # Errors
/// When the board cannot be read.
pub(super) fn rates(read: &dyn Read, now: &Now, team: &Team) -> Result<(Rates, Rates), Error> {
    let (mut money, mut tokens) = (Vec::new(), Vec::new());
    for task in begun(read, now, MOST)? {
        for attempt in read.attempts(task.task_id)?.into_iter().filter(|attempt| attempt.ended_at.is_some()) {
            let spent = |cost| (attempt.agent_id, Spent { minutes: team.worked(&attempt, now.wall), cost });
            money.extend(attempt.cost.map(spent));
            tokens.extend(attempt.tokens.map(|count| spent(count as f64)));
        }
    }
    Ok((Rates::learn(&money), Rates::learn(&tokens)))
}

/// How everybody works, from the sprints of the last half year; nothing before the first one ran.
///
/// # Errors
/// When the board cannot be read.
pub(super) fn habits(read: &dyn Read, now: &Now, team: &Team) -> Result<Habits, Error> {
    let since = now.wall - Duration::days(DAYS);
    let mut eras: Vec<Era> = read.sprints()?.iter().filter_map(|sprint| era(sprint, now.wall)).collect();
    eras.retain(|era| era.to > since && era.from < era.to);
    eras.sort_by_key(|era| era.from);
    let Some(first) = eras.first().map(|era| era.from) else { return Ok(Habits::new()) };
    let mut seen = Seen::default();
    let ended_before = |task: &Task| task.execution.ended_at.is_some_and(|at| at < first);
    for task in begun(read, now, MOST)?.into_iter().filter(|task| !ended_before(task)) {
        let attempts = read.attempts(task.task_id)?;
        if !attempts.is_empty() {
            let log = changes_of(read, task.task_id)?;
            seen.attempts(&attempts, &log, now.wall);
            seen.judged(&log, team, since);
        }
    }
    for ask in read.escalations(true, now)?.into_iter().map(|row| row.escalation).filter(|ask| ask.raised_at >= since) {
        if let (true, Some(by), Some(at)) = (ask.is_question(), &ask.answered_by, ask.closed_at) {
            seen.waited(team, by, (ask.raised_at, at), |waits| &mut waits.1);
        }
    }
    Ok(seen.habits(team, &eras))
}

/// A sprint that ran, up to now if it still does.
fn era(sprint: &Sprint, now: Timestamp) -> Option<Era> {
    Some(Era { name: sprint.name.clone(), from: sprint.started_at?, to: sprint.closed_at.unwrap_or(now) })
}

#[derive(Default)]
struct Seen {
    stints: BTreeMap<AgentId, Vec<Stint>>,
    /// Minutes that results and questions waited for somebody.
    waits: BTreeMap<AgentId, (Vec<u32>, Vec<u32>)>,
}

impl Seen {
    /// What was lost has to be done again, and says nothing about hours.
    fn attempts(&mut self, attempts: &[Attempt], log: &[ActivityRow], now: Timestamp) {
        for attempt in attempts.iter().filter(|attempt| attempt.outcome != Some(Outcome::Lost)) {
            let stint = Stint {
                task_id: attempt.task_id,
                since: takeable(log, attempt.started_at),
                from: attempt.started_at,
                to: attempt.ended_at.unwrap_or(now),
                stopped: attempt.failure == Some(Failure::Quota),
            };
            self.stints.entry(attempt.agent_id).or_default().push(stint);
        }
    }

    /// From handed in to judged, by the hours of whoever judged.
    fn judged(&mut self, log: &[ActivityRow], team: &Team, since: Timestamp) {
        let mut handed_in = None;
        for row in log {
            for event in &row.events {
                let Event::ReviewSet { review: Some(review), .. } = event else { continue };
                match (review.status, handed_in.take()) {
                    (ReviewStatus::Pending, _) => handed_in = Some(row.at),
                    (_, Some(at)) if at >= since => {
                        self.waited(team, &row.actor.name, (at, row.at), |waits| &mut waits.0);
                    }
                    _ => {}
                }
            }
        }
    }

    fn waited(
        &mut self,
        team: &Team,
        by: &str,
        (from, to): (Timestamp, Timestamp),
        of: impl Fn(&mut (Vec<u32>, Vec<u32>)) -> &mut Vec<u32>,
    ) {
        let Some(agent) = team.named(by) else { return };
        let minutes = team.minutes(agent.agent_id, from, to).round().max(1.0) as u32;
        of(self.waits.entry(agent.agent_id).or_default()).push(minutes);
    }

    fn habits(mut self, team: &Team, eras: &[Era]) -> Habits {
        let ids: BTreeSet<AgentId> = self.stints.keys().chain(self.waits.keys()).copied().collect();
        let habit = |id: AgentId| {
            let agent = team.get(id)?;
            let stints = self.stints.remove(&id).unwrap_or_default();
            let (reviews, answers) = self.waits.remove(&id).unwrap_or_default();
            let habit = Habit::learn(agent, team.holidays(), eras, &stints);
            Some((id, Habit { reviews: Delay::of(reviews), answers: Delay::of(answers), ..habit }))
        };
        ids.into_iter().filter_map(habit).collect()
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
