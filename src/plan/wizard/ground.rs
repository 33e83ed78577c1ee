//! What a plan stands on: the team, the backlog and the settings as the face read them; and both kinds of tasks, those
//! that are there and those that the draft would make, as one list.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Draft, Sizes};
use crate::domain::sprint::Slot;
use crate::domain::task::{Complexity, Requirements};
use crate::domain::{Agent, AgentId, Policy, Priority, Sprint, Status, TaskId, TaskNumber, Timestamp};
use crate::plan::assign::Candidate;
use crate::plan::breakdown::Piece;
use crate::plan::capacity::{Carried, Habits, PointRule};
use crate::plan::estimate::judge::{Guess, TASK};
use crate::plan::estimate::spend::Rates;
use crate::plan::normal::quantile;

/// A task of the backlog that could go in.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Id.
    pub task_id: TaskId,
    /// Short number.
    pub number: TaskNumber,
    /// Title.
    pub title: String,
    /// State.
    pub status: Status,
    /// Urgency.
    pub priority: Priority,
    /// Estimate.
    pub minutes: Option<u32>,
    /// Story points.
    pub points: Option<f64>,
    /// Minutes that are undercut and exceeded in one of ten cases each, where its size was said as a range.
    pub range: Option<[u32; 2]>,
    /// What history says of its size where nobody did.
    pub guess: Option<Guess>,
    /// What it needs.
    pub requirements: Requirements,
    /// Looks.
    pub complexity: Complexity,
    /// Since when it waits.
    pub since: Timestamp,
    /// When it has to be done.
    pub deadline: Option<Timestamp>,
    /// When it may begin at the earliest.
    pub not_before: Option<Timestamp>,
    /// Predecessors that are not met.
    pub after: Vec<TaskId>,
    /// Why it cannot begin, apart from predecessors: a question or a blocker.
    pub held_up: Option<String>,
    /// The milestone that it counts for.
    pub milestone: Option<String>,
}

/// A task that something on offer waits for, and that is not on offer itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// `#42`.
    pub label: String,
    /// Why it cannot be counted on: `is still escalated`, `failed`; none: it is under way.
    pub trouble: Option<String>,
}

/// The sprint that runs while the next one is planned.
#[derive(Debug, Clone)]
pub struct Running {
    /// The sprint.
    pub sprint: Sprint,
    /// What its plan still takes of everybody's time, apart from what they have in hand.
    pub taken: Vec<Slot>,
}

/// What a plan stands on.
#[derive(Debug, Clone)]
pub struct Ground {
    /// Now.
    pub now: Timestamp,
    /// The team.
    pub team: Vec<Candidate>,
    /// The backlog: open tasks that are in no sprint and in nobody's hands.
    pub offers: Vec<Offer>,
    /// Predecessors that are not on offer.
    pub outside: BTreeMap<TaskId, Outside>,
    /// The board's settings.
    pub policy: Policy,
    /// What a story point is.
    pub rule: PointRule,
    /// What was said about everybody's time in the last sprint.
    pub carried: Option<Carried>,
    /// How everybody works, as far as that was seen.
    pub habits: Habits,
    /// What a minute of work costs.
    pub money: Rates,
    /// How many tokens it takes.
    pub tokens: Rates,
    /// Story points that each of the last sprints did, oldest first; none until three were closed.
    pub done: Vec<f64>,
    /// The sprint that runs.
    pub active: Option<Running>,
    /// Programs that stopped in the middle of their work and were not heard of since.
    pub lost: Vec<AgentId>,
    /// Name of the newest sprint.
    pub newest: Option<String>,
    /// Number of the next sprint.
    pub next_sprint: i64,
    /// Number of the next task.
    pub next_task: TaskNumber,
}

impl Ground {
    /// The records of the team.
    pub fn agents(&self) -> Vec<&Agent> {
        self.team.iter().map(|member| &member.agent).collect()
    }
}

/// A task that is or could be in the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Job {
    /// Id.
    pub task_id: TaskId,
    /// Number it has, or will probably get.
    pub number: TaskNumber,
    /// `#51`, or `+3` for the third one that the plan would make.
    pub label: String,
    /// Title.
    pub title: String,
    /// Urgency.
    pub priority: Priority,
    /// Estimate.
    pub minutes: Option<u32>,
    /// Story points.
    pub points: Option<f64>,
    /// Minutes that are undercut and exceeded in one of ten cases each, where its size was said as a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[u32; 2]>,
    /// What history says of its size where nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guess: Option<Guess>,
    /// What it needs.
    pub requirements: Requirements,
    /// Looks.
    #[serde(skip)]
    pub complexity: Complexity,
    /// Since when it waits.
    #[serde(skip)]
    pub since: Timestamp,
    /// When it has to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// When it may begin at the earliest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Tasks that come first and are not done.
    pub after: Vec<TaskId>,
    /// Whether it goes in.
    pub picked: bool,
    /// If it goes in: only if there is time, nobody commits to it.
    pub stretch: bool,
    /// Objective it was made for, from 0; none: it is from the backlog.
    pub objective: Option<usize>,
    /// What it would take and nobody has.
    pub lacks: Option<String>,
    /// Why it cannot begin, apart from predecessors.
    pub held_up: Option<String>,
    /// The milestone that it counts for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milestone: Option<String>,
}

impl Job {
    /// True if neither minutes nor points are known.
    pub fn is_unsized(&self) -> bool {
        self.minutes.is_none() && self.points.is_none()
    }

    /// Minutes by its estimate, else by its points, else by history, else the usual ones.
    pub fn work_minutes(&self, rule: &PointRule) -> u32 {
        let guess = self.guess.filter(|_| self.is_unsized()).map(|guess| guess.p50);
        rule.work_minutes(self.minutes.or(guess), self.points)
    }

    /// Standard deviation of the logarithm of its size, where more is known of that than of sizes in general: by its
    /// range (10 to 90 %), or as nobody has said a size.
    pub fn spread(&self) -> Option<f64> {
        if let Some([low, high]) = self.range.filter(|[low, high]| 0 < *low && low < high) {
            return Some((f64::from(high) / f64::from(low)).ln() / (2.0 * quantile(0.9)));
        }
        let guessed =
            |guess: Guess| (f64::from(guess.p80) / f64::from(guess.p50.max(1))).max(1.05).ln() / quantile(0.8);
        self.is_unsized().then(|| self.guess.map_or(TASK.1, guessed))
    }

    /// Story points, else by its minutes.
    pub fn size(&self, rule: &PointRule) -> f64 {
        self.points.unwrap_or_else(|| rule.points(self.work_minutes(rule)))
    }

    /// Value for size: a critical task counts eight times a low one.
    pub fn worth(&self, rule: &PointRule) -> f64 {
        let value = [8.0, 4.0, 2.0, 1.0][usize::from(self.priority.rank())];
        value / self.size(rule).max(0.25)
    }

    fn of_offer(offer: &Offer, draft: &Draft) -> Self {
        let job = Self::of(offer);
        let known = Sizes { minutes: job.minutes, points: job.points };
        let Sizes { minutes, points } = draft.sizes.get(&offer.task_id).copied().unwrap_or(known);
        Self {
            minutes,
            points,
            range: job.range.filter(|_| !draft.sizes.contains_key(&offer.task_id)),
            picked: draft.picks.contains(&offer.task_id),
            stretch: draft.stretch.contains(&offer.task_id),
            ..job
        }
    }

    /// A task that is there, as it is.
    pub fn of(offer: &Offer) -> Self {
        Self {
            task_id: offer.task_id,
            number: offer.number,
            label: offer.number.to_string(),
            title: offer.title.clone(),
            priority: offer.priority,
            minutes: offer.minutes,
            points: offer.points,
            range: offer.range,
            guess: offer.guess,
            requirements: offer.requirements.clone(),
            complexity: offer.complexity,
            since: offer.since,
            deadline: offer.deadline,
            not_before: offer.not_before,
            after: offer.after.clone(),
            picked: true,
            stretch: false,
            objective: None,
            lacks: None,
            held_up: offer.held_up.clone(),
            milestone: offer.milestone.clone(),
        }
    }

    /// True if it goes in and is promised.
    pub fn is_committed(&self) -> bool {
        self.picked && !self.stretch
    }

    fn of_piece(piece: &Piece, place: usize, number: i64, now: Timestamp) -> Self {
        Self {
            task_id: piece.task_id,
            number: TaskNumber(number),
            label: format!("+{place}"),
            title: piece.title.clone(),
            priority: piece.priority,
            minutes: piece.minutes,
            points: piece.points,
            range: None,
            guess: None,
            requirements: piece.requirements(),
            complexity: piece.complexity,
            since: now,
            deadline: piece.deadline,
            not_before: piece.not_before,
            after: piece.after.clone(),
            picked: piece.picked,
            stretch: false,
            objective: Some(piece.objective),
            lacks: piece.lacks.clone(),
            held_up: None,
            milestone: None,
        }
    }
}

/// New tasks in their order, then the backlog by priority and value for size.
pub fn jobs(draft: &Draft, ground: &Ground) -> Vec<Job> {
    let numbered = draft.pieces.iter().zip(ground.next_task.0..);
    let new = numbered.filter(|(piece, _)| piece.is_task());
    let job = |(at, (piece, number)): (usize, (&Piece, i64))| {
        let stretch = draft.stretch.contains(&piece.task_id);
        Job { stretch, ..Job::of_piece(piece, at + 1, number, ground.now) }
    };
    let mut jobs: Vec<Job> = new.enumerate().map(job).collect();
    let mut offers: Vec<Job> = ground.offers.iter().map(|offer| Job::of_offer(offer, draft)).collect();
    offers.sort_by(|a, b| {
        let worth = b.worth(&ground.rule).total_cmp(&a.worth(&ground.rule));
        a.priority.cmp(&b.priority).then(worth).then(a.number.cmp(&b.number))
    });
    jobs.extend(offers);
    jobs
}
