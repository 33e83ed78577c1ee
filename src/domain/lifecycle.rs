//! The one table of task states and transitions; every rule, error, help text and diagram about states reads it.

use std::fmt::Write as _;

use super::vocabulary::words;

words! {
    /// Where a task stands in its life.
    pub enum Status {
        /// Written down, not yet ready to be worked on.
        Created = "created",
        /// Waits for a dependency or for somebody's input.
        Blocked = "blocked",
        /// Ready: anyone who suits it may take it.
        Queued = "queued",
        /// Given to or claimed by an agent, not started.
        Assigned = "assigned",
        /// Being worked on: exactly one attempt is open.
        Executing = "executing",
        /// Work stopped half-way, for example because the agent asked something.
        Paused = "paused",
        /// Handed in, judgement pending.
        Reviewing = "reviewing",
        /// Judged not good enough.
        Rejected = "rejected",
        /// Done.
        Completed = "completed",
        /// The last attempt failed; it is retried when `retry_at` is set.
        Failed = "failed",
        /// Will not be done.
        Cancelled = "cancelled",
    }
}

impl Status {
    /// True for states that only a human's reopening leaves (`failed` may still be retried and is not among them).
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }

    /// True while an agent is bound to the task.
    pub fn is_held(self) -> bool {
        matches!(self, Self::Assigned | Self::Executing | Self::Paused)
    }
}

words! {
    /// A named step from one state to another.
    pub enum Transition {
        /// Make it ready.
        Queue = "queue",
        /// Back to the backlog.
        Shelve = "shelve",
        /// Something must happen first.
        Block = "block",
        /// What it waited for has happened.
        Unblock = "unblock",
        /// Give it to an agent.
        Assign = "assign",
        /// Begin work.
        Start = "start",
        /// Stop half-way.
        Pause = "pause",
        /// Go on after a pause.
        Resume = "resume",
        /// Hand in for judgement.
        Submit = "submit",
        /// The review passed.
        Pass = "pass",
        /// The review did not pass.
        Reject = "reject",
        /// The attempt failed.
        Fail = "fail",
        /// Try again after a failure.
        Retry = "retry",
        /// Take it away from its agent; it is ready for another.
        Release = "release",
        /// Do not do it.
        Cancel = "cancel",
        /// Take up what had ended.
        Reopen = "reopen",
        /// All parts of a goal, deliverable or package have ended.
        RollUp = "rollup",
    }
}

use Status as S;
use Transition as T;

/// Every permitted step: from, by, to. Nothing else is possible.
pub const TABLE: &[(Status, Transition, Status)] = &[
    (S::Created, T::Queue, S::Queued),
    (S::Created, T::Block, S::Blocked),
    (S::Created, T::Cancel, S::Cancelled),
    (S::Created, T::RollUp, S::Completed),
    (S::Blocked, T::Unblock, S::Queued),
    (S::Blocked, T::Cancel, S::Cancelled),
    (S::Blocked, T::RollUp, S::Completed),
    (S::Queued, T::Assign, S::Assigned),
    (S::Queued, T::Block, S::Blocked),
    (S::Queued, T::Shelve, S::Created),
    (S::Queued, T::Cancel, S::Cancelled),
    (S::Queued, T::RollUp, S::Completed),
    (S::Assigned, T::Start, S::Executing),
    (S::Assigned, T::Release, S::Queued),
    (S::Assigned, T::Fail, S::Failed),
    (S::Assigned, T::Cancel, S::Cancelled),
    (S::Executing, T::Submit, S::Reviewing),
    (S::Executing, T::Pause, S::Paused),
    (S::Executing, T::Fail, S::Failed),
    (S::Executing, T::Cancel, S::Cancelled),
    (S::Paused, T::Resume, S::Executing),
    (S::Paused, T::Release, S::Queued),
    (S::Paused, T::Cancel, S::Cancelled),
    (S::Reviewing, T::Pass, S::Completed),
    (S::Reviewing, T::Reject, S::Rejected),
    (S::Reviewing, T::Cancel, S::Cancelled),
    (S::Rejected, T::Assign, S::Assigned),
    (S::Rejected, T::Release, S::Queued),
    (S::Rejected, T::Cancel, S::Cancelled),
    (S::Failed, T::Retry, S::Queued),
    (S::Failed, T::Cancel, S::Cancelled),
    (S::Failed, T::Reopen, S::Created),
    (S::Completed, T::Reopen, S::Created),
    (S::Cancelled, T::Reopen, S::Created),
];

/// Where `transition` leads from `from`, if it is permitted.
pub fn target(from: Status, transition: Transition) -> Option<Status> {
    TABLE.iter().find(|(f, t, _)| *f == from && *t == transition).map(|(_, _, to)| *to)
}

/// What is permitted from `from`, in table order.
pub fn allowed(from: Status) -> impl Iterator<Item = (Transition, Status)> {
    TABLE.iter().filter(move |(f, _, _)| *f == from).map(|(_, t, to)| (*t, *to))
}

/// The table as Markdown, as the documentation shows it.
pub fn markdown() -> String {
    let mut out = String::from("| from | by | to |\n|---|---|---|\n");
    for (from, by, to) in TABLE {
        let _infallible = writeln!(out, "| {from} | {by} | {to} |");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_that_has_not_ended_can_be_cancelled() {
        for status in Status::ALL {
            let can = target(*status, Transition::Cancel).is_some();
            assert_eq!(can, !status.is_closed(), "{status}");
        }
    }

    #[test]
    fn a_step_has_one_target() {
        for (i, (from, by, _)) in TABLE.iter().enumerate() {
            assert!(!TABLE[i + 1..].iter().any(|(f, t, _)| f == from && t == by), "{from} {by} twice");
        }
    }

    #[test]
    fn work_must_be_started_before_it_is_handed_in() {
        assert_eq!(target(Status::Queued, Transition::Submit), None);
        assert_eq!(target(Status::Assigned, Transition::Submit), None);
        assert_eq!(target(Status::Executing, Transition::Submit), Some(Status::Reviewing));
    }
}
