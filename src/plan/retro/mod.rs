//! What a closed sprint teaches: facts, and changes that follow from them.
//!
//! It owns what counts as evidence and what is proposed for it. It must never judge a person, propose anything without
//! its evidence, or change anything itself: whoever accepts a proposal makes it a task or a setting.

mod propose;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::attempt::Failure;
use crate::domain::sprint::{Estimates, Predictability, Tally, Waited};
use crate::domain::{Policy, TaskNumber};

/// A question that was asked about work of the sprint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asked {
    /// `ASK-3`.
    pub label: String,
    /// Number of the task.
    pub task: Option<TaskNumber>,
    /// What about, in a word.
    pub topic: String,
    /// Who asked.
    pub by: String,
    /// Who answered; none: nobody has.
    pub answered_by: Option<String>,
    /// Minutes from question to answer, by the clock.
    pub minutes: Option<u64>,
}

/// Work that a review sent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SentBack {
    /// Its number.
    pub number: TaskNumber,
    /// The beginning of its title.
    pub title: String,
    /// How often.
    pub times: u32,
}

/// Estimate and actual of one task done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Its number.
    pub number: TaskNumber,
    /// The beginning of its title.
    pub title: String,
    /// Minutes that were estimated.
    pub estimate: u32,
    /// Minutes that were measured.
    pub actual: u32,
    /// Who had estimated it, as far as it is known.
    pub by: Option<String>,
}

/// What stood in the way of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stuck {
    /// Its number.
    pub number: TaskNumber,
    /// The beginning of its title.
    pub title: String,
    /// What stood in the way, in words.
    pub reason: String,
    /// How often.
    pub times: u32,
}

/// What happened in a sprint, as far as it was written down.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facts {
    /// The sprint's number.
    pub sprint: i64,
    /// Its name.
    pub name: String,
    /// What was committed to.
    pub committed: Tally,
    /// What was done of everything.
    pub done: Tally,
    /// What came later.
    pub added: Tally,
    /// How much of the commitment was kept.
    pub predictability: Option<Predictability>,
    /// Story points that each of the last sprints completed, this one last.
    pub velocity: Vec<f64>,
    /// Estimates against actuals, in sum.
    pub estimates: Estimates,
    /// The same by task, the one that is furthest off first.
    pub compared: Vec<Compared>,
    /// Waiting by cause, the longest first.
    pub waits: Vec<Waited>,
    /// What stood in the way, the most frequent first.
    pub stuck: Vec<Stuck>,
    /// Tasks that a review has judged.
    pub reviewed: u32,
    /// What reviews sent back.
    pub sent_back: Vec<SentBack>,
    /// Attempts that failed, by what.
    pub failures: BTreeMap<Failure, u32>,
    /// Who was asked what.
    pub asked: Vec<Asked>,
    /// What the runs that ended in it cost, in the board's currency; none: nobody said so.
    pub cost: Option<f64>,
    /// The same in tokens.
    pub tokens: Option<u64>,
    /// The chance (0 to 1) that had been foretold for all of it; none: nothing was foretold.
    pub chance: Option<f64>,
}

/// A change that the facts speak for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// Its number in this retrospective, from 1.
    pub number: usize,
    /// What to do, in one line.
    pub title: String,
    /// Why: what was seen.
    pub evidence: Vec<String>,
    /// What accepting it does.
    pub change: Change,
    /// The task that it has become already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<TaskNumber>,
    /// It is about settings, and those were changed since.
    pub settled: bool,
}

/// What accepting a proposal does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It becomes a task of the backlog.
    Task,
    /// The board gets other settings.
    Setting {
        /// What changes, in words.
        says: String,
        /// The settings with the change.
        #[serde(skip)]
        policy: Box<Policy>,
    },
}

/// The changes that the facts speak for under these settings, the best supported first.
pub fn proposals(facts: &Facts, policy: &Policy) -> Vec<Proposal> {
    propose::all(facts, policy)
}
