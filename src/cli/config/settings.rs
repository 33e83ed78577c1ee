//! The table of settings: what can be set, to what, and what it means.

use std::str::FromStr;

use serde_json::Value;

use crate::domain::Policy;
use crate::domain::days::parse_days;
use crate::domain::lane::Lane;

/// One setting: where it stands in the policy, what it means, which values it takes.
pub struct Setting {
    /// Name.
    pub key: &'static str,
    /// Values that it takes, for people.
    pub values: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Its value.
    pub get: fn(&Policy) -> Value,
    /// Gives it a value, or says why not.
    pub set: fn(&mut Policy, &str) -> Result<(), String>,
}

/// All settings, in the order in which they are listed.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "project",
        values: "text",
        doc: "Name in the header of the board",
        get: |policy| policy.project.clone().into(),
        set: |policy, text| name(text).map(|name| policy.project = name),
    },
    Setting {
        key: "strategy",
        values: "push, pull, hybrid",
        doc: "Who moves work: the orchestrator gives it out, agents take it, or only critical work is given out",
        get: |policy| policy.strategy.as_str().into(),
        set: |policy, text| parse(text).map(|strategy| policy.strategy = strategy),
    },
    Setting {
        key: "objective",
        values: "expertise, balance, deadline, cost, balanced",
        doc: "What an assignment tries to make best",
        get: |policy| policy.objective.as_str().into(),
        set: |policy, text| parse(text).map(|objective| policy.objective = objective),
    },
    Setting {
        key: "review",
        values: "never, critical, always",
        doc: "Which finished work waits for a person's word",
        get: |policy| policy.review.as_str().into(),
        set: |policy, text| parse(text).map(|review| policy.review = review),
    },
    Setting {
        key: "wip.ready",
        values: "1 to 10000, none",
        doc: "Most cards in Ready; what comes on top waits in a queue",
        get: |policy| limit(policy, Lane::Ready),
        set: |policy, text| set_limit(policy, Lane::Ready, text),
    },
    Setting {
        key: "wip.in_progress",
        values: "1 to 10000, none",
        doc: "Most cards in progress",
        get: |policy| limit(policy, Lane::InProgress),
        set: |policy, text| set_limit(policy, Lane::InProgress, text),
    },
    Setting {
        key: "wip.review",
        values: "1 to 10000, none",
        doc: "Most cards that wait for a person's word",
        get: |policy| limit(policy, Lane::Review),
        set: |policy, text| set_limit(policy, Lane::Review, text),
    },
    Setting {
        key: "lease_seconds",
        values: "5 to 86400",
        doc: "How long a worker keeps its task without a sign of life",
        get: |policy| policy.lease_seconds.into(),
        set: |policy, text| number(text, 5, 86_400).map(|seconds| policy.lease_seconds = seconds),
    },
    Setting {
        key: "retry_base_seconds",
        values: "0 to 86400",
        doc: "Wait before the first retry; it doubles with each one",
        get: |policy| policy.retry_base_seconds.into(),
        set: |policy, text| number(text, 0, 86_400).map(|seconds| policy.retry_base_seconds = seconds),
    },
    Setting {
        key: "retry_cap_seconds",
        values: "0 to 604800",
        doc: "Longest wait before a retry, and before a used-up quota is tried again",
        get: |policy| policy.retry_cap_seconds.into(),
        set: |policy, text| number(text, 0, 604_800).map(|seconds| policy.retry_cap_seconds = seconds),
    },
    Setting {
        key: "aging_hours",
        values: "0 to 8760",
        doc: "Hours in Ready that raise a task by one priority; 0 for never",
        get: |policy| policy.aging_hours.into(),
        set: |policy, text| number(text, 0, 8760).map(|hours| policy.aging_hours = hours),
    },
    Setting {
        key: "sprint_only",
        values: "true, false",
        doc: "While a sprint runs, hand out only its tasks",
        get: |policy| policy.sprint_only.into(),
        set: |policy, text| yes(text).map(|only| policy.sprint_only = only),
    },
    Setting {
        key: "holidays",
        values: "2026-12-24, 2026-12-24..2027-01-01, several with commas, none",
        doc: "Days on which no person works; plans leave them out",
        get: |policy| holidays(policy),
        set: |policy, text| parse_days(text).map(|days| policy.holidays = days),
    },
];

fn parse<T: FromStr<Err = String>>(text: &str) -> Result<T, String> {
    text.parse()
}

fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 200 { Err("a name has 1 to 200 bytes".into()) } else { Ok(text.to_owned()) }
}

fn number(text: &str, least: u32, most: u32) -> Result<u32, String> {
    let number = text.trim().parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("`{text}` is no number from {least} to {most}"))
}

fn yes(text: &str) -> Result<bool, String> {
    match text.trim() {
        "true" | "yes" | "on" => Ok(true),
        "false" | "no" | "off" => Ok(false),
        _ => Err(format!("`{text}` is neither true nor false")),
    }
}

fn holidays(policy: &Policy) -> Value {
    let days: Vec<String> = policy.holidays.iter().map(ToString::to_string).collect();
    if days.is_empty() { Value::Null } else { days.join(",").into() }
}

fn limit(policy: &Policy, lane: Lane) -> Value {
    policy.wip.get(&lane).copied().into()
}

fn set_limit(policy: &mut Policy, lane: Lane, text: &str) -> Result<(), String> {
    match text.trim() {
        "none" | "" => drop(policy.wip.remove(&lane)),
        text => drop(policy.wip.insert(lane, number(text, 1, 10_000)?)),
    }
    Ok(())
}
