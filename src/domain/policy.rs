//! Settings of a board that every process must agree on; they live in the store, not in a user's files.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::days::Days;
use super::lane::Lane;
use super::risk::Risk;
use super::task::Priority;
use super::vocabulary::words;

words! {
    /// Who moves work to agents.
    pub enum Strategy {
        /// The orchestrator assigns.
        Push = "push",
        /// Agents take.
        Pull = "pull",
        /// Critical tasks are assigned, the others taken.
        Hybrid = "hybrid",
    }
}

words! {
    /// What an assignment tries to make best.
    pub enum Objective {
        /// The most skilled agent.
        Expertise = "expertise",
        /// Even load.
        Balance = "balance",
        /// The earliest finish.
        Deadline = "deadline",
        /// The lowest cost.
        Cost = "cost",
        /// A mix of all.
        Balanced = "balanced",
    }
}

words! {
    /// Which submitted tasks wait for a judgement.
    pub enum ReviewPolicy {
        /// None.
        Never = "never",
        /// Those of critical priority.
        Critical = "critical",
        /// All.
        Always = "always",
    }
}

/// Board settings. Every field has a default, so that older boards open in newer programs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Project name for the header.
    pub project: String,
    /// Who moves work.
    pub strategy: Strategy,
    /// What assignment tries to make best.
    pub objective: Objective,
    /// Limits on admitted cards by lane; missing: no limit.
    pub wip: BTreeMap<Lane, u32>,
    /// Which work waits for the user's word.
    pub review: ReviewPolicy,
    /// Lease of a claim in seconds, 5 to 86,400.
    pub lease_seconds: u32,
    /// First retry delay in seconds; doubles with every retry.
    pub retry_base_seconds: u32,
    /// Longest retry delay in seconds.
    pub retry_cap_seconds: u32,
    /// Hours in the queue that raise a task by one priority; 0: no aging.
    pub aging_hours: u32,
    /// Why no program gets work; none: work goes on. Set by hand, or when too many workers died in a short time.
    pub halted: Option<String>,
    /// Whether only tasks of the active sprint are handed out while one runs.
    pub sprint_only: bool,
    /// Days on which no person works, each by the calendar of their own time zone.
    pub holidays: Vec<Days>,
    /// What may come in between, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<Risk>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            project: String::new(),
            strategy: Strategy::Hybrid,
            objective: Objective::Balanced,
            wip: BTreeMap::new(),
            review: ReviewPolicy::Critical,
            lease_seconds: 60,
            retry_base_seconds: 10,
            retry_cap_seconds: 3600,
            aging_hours: 24,
            halted: None,
            sprint_only: false,
            holidays: Vec::new(),
            risks: Vec::new(),
        }
    }
}

impl Policy {
    /// True if work of this priority waits for the user's word.
    pub fn wants_review(&self, priority: Priority) -> bool {
        match self.review {
            ReviewPolicy::Never => false,
            ReviewPolicy::Critical => priority == Priority::Critical,
            ReviewPolicy::Always => true,
        }
    }

    /// Names of the settings that are others in `other`, in words.
    pub fn changed_in(&self, other: &Self) -> Vec<String> {
        let fields = |policy: &Self| match serde_json::to_value(policy) {
            Ok(Value::Object(fields)) => fields,
            _ => unreachable!("settings serialize to an object"),
        };
        let (before, after) = (fields(self), fields(other));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let differs = |name: &&&String| before.get(**name) != after.get(**name);
        names.iter().filter(differs).map(|name| name.replace('_', " ")).collect()
    }

    /// Seconds to wait before retry number `retry` (1 for the first): doubling from the base to the cap, with a jitter
    /// of a tenth either way; `fraction` is in `0.0..1.0`.
    pub fn retry_delay(&self, retry: u32, fraction: f64) -> f64 {
        let doubled = f64::from(self.retry_base_seconds) * 2f64.powi(retry.saturating_sub(1).min(30) as i32);
        doubled.min(f64::from(self.retry_cap_seconds)) * (0.9 + 0.2 * fraction)
    }

    /// Priority after aging, as a rank where lower is more urgent; never more than three priorities up.
    pub fn aged_rank(&self, priority: Priority, hours_queued: f64) -> f64 {
        let rank = f64::from(priority.rank());
        if self.aging_hours == 0 {
            return rank;
        }
        rank - (hours_queued.max(0.0) / f64::from(self.aging_hours)).min(3.0)
    }

    /// Why work like this is handed out by the orchestrator, or `None` if agents take it by themselves.
    pub fn pushes(&self, priority: Priority, expedite: bool, hours_queued: f64) -> Option<&'static str> {
        match self.strategy {
            Strategy::Push => Some("the board pushes all work"),
            Strategy::Hybrid if expedite => Some("it is expedited"),
            Strategy::Hybrid if priority == Priority::Critical => Some("critical work is pushed"),
            Strategy::Hybrid if self.aged_rank(priority, hours_queued) <= 0.0 => {
                Some("it has waited long enough to count as critical")
            }
            Strategy::Pull | Strategy::Hybrid => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_delay_doubles_up_to_the_cap() {
        let policy = Policy::default();
        assert!((policy.retry_delay(1, 0.5) - 10.0).abs() < 1e-9);
        assert!((policy.retry_delay(3, 0.5) - 40.0).abs() < 1e-9);
        assert!((policy.retry_delay(30, 1.0) - 3960.0).abs() < 1e-9);
    }

    #[test]
    fn what_changed_has_a_name() {
        let policy = Policy { project: "Payments".into(), lease_seconds: 90, ..Policy::default() };
        assert_eq!(Policy::default().changed_in(&policy), ["lease seconds", "project"]);
        assert_eq!(policy.changed_in(&policy), Vec::<String>::new());
    }

    #[test]
    fn an_old_low_task_overtakes_a_fresh_normal_one() {
        let policy = Policy::default();
        assert!(policy.aged_rank(Priority::Low, 25.0) < policy.aged_rank(Priority::Normal, 0.0));
    }
}
