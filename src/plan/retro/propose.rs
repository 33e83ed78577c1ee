//! From facts to changes: one rule each, with the least that counts as evidence.

use std::collections::BTreeMap;

use super::{Change, Facts, Proposal};
use crate::domain::Policy;
use crate::domain::attempt::Failure;
use crate::domain::policy::ReviewPolicy;
use crate::domain::waits::WaitKind;
use crate::domain::words::{self, count, span, work};
use crate::plan::estimate::quantile::median;

/// Fewest observations that a change is proposed from.
const LEAST: usize = 3;
/// Fewest tasks with estimate and actual that say anything about estimates.
const LEAST_COMPARED: u32 = 5;
/// Estimates that are off by less than this factor are good ones.
const OFF: f64 = 1.25;
/// A cause of waiting counts from this share of all waiting on, and from so many minutes.
const MUCH: (f64, u64) = (0.2, 120);
/// Share of reviews that may send work back.
const REWORK: f64 = 0.25;
/// Share of the commitment that may come on top of it later.
const ADDED: f64 = 0.2;
/// Share of the commitment that should be kept.
const KEPT: f64 = 0.8;
/// Minutes that an answer may take.
const ANSWER: f64 = 240.0;
/// Examples that are named.
const NAMED: usize = 3;

type Rule = fn(&Facts, &Policy) -> Option<(String, Vec<String>, Change)>;

/// The rules, what weighs most first.
const RULES: [Rule; 9] = [commitment, scope, estimates, review, answers, rework, lanes, lost, blockers];

pub fn all(facts: &Facts, policy: &Policy) -> Vec<Proposal> {
    let found = RULES.iter().filter_map(|rule| rule(facts, policy));
    let numbered = found.zip(1..);
    numbered
        .map(|((title, evidence, change), number)| Proposal {
            number,
            title,
            evidence,
            change,
            accepted: None,
            settled: false,
        })
        .collect()
}

fn setting(policy: &Policy, says: impl Into<String>, set: impl FnOnce(&mut Policy)) -> Change {
    let mut policy = policy.clone();
    set(&mut policy);
    Change::Setting { says: says.into(), policy: Box::new(policy) }
}

fn commitment(facts: &Facts, _: &Policy) -> Option<(String, Vec<String>, Change)> {
    let kept = facts.predictability?;
    let share = kept.points.or(kept.tasks).filter(|share| *share < KEPT)?;
    let what = if kept.points.is_some() { "points" } else { "tasks" };
    let mut evidence = vec![format!("{:.0} % of the {what} of the commitment were done", share * 100.0)];
    let recent = &facts.velocity[facts.velocity.len().saturating_sub(3)..];
    let lowest = recent.iter().copied().reduce(f64::min).filter(|points| *points > 0.0 && recent.len() == 3);
    let title = match lowest {
        Some(points) => {
            let each: Vec<String> = recent.iter().map(f64::to_string).collect();
            evidence.push(format!("the last three sprints did {} points", each.join(", ")));
            format!(
                "Commit to {} in the next sprint, the least of the last three; the rest is stretch",
                words::points(points)
            )
        }
        None => "Commit to less in the next sprint, and put the rest under stretch".to_owned(),
    };
    if let Some(chance) = facts.chance {
        evidence.push(format!("its forecast had said {:.0} %", chance * 100.0));
    }
    Some((title, evidence, Change::Task))
}

fn scope(facts: &Facts, policy: &Policy) -> Option<(String, Vec<String>, Change)> {
    let share = f64::from(facts.added.tasks) / f64::from(facts.committed.tasks.max(1));
    if share <= ADDED || facts.added.tasks < LEAST as u32 || facts.committed.tasks == 0 {
        return None;
    }
    let evidence =
        vec![format!("{} came on top of {} after the start", count(facts.added.tasks, "task"), facts.committed.tasks)];
    if policy.sprint_only {
        let title = "Keep room for what comes unplanned: plan the next sprint by so much less";
        return Some((title.to_owned(), evidence, Change::Task));
    }
    let change = setting(policy, "sprint_only: only tasks of the active sprint are handed out", |policy| {
        policy.sprint_only = true;
    });
    Some(("Hand out only what is in the sprint".to_owned(), evidence, change))
}

fn estimates(facts: &Facts, _: &Policy) -> Option<(String, Vec<String>, Change)> {
    let sums = facts.estimates;
    let times = sums.actual as f64 / sums.estimated.max(1) as f64;
    if sums.compared < LEAST_COMPARED || (1.0 / OFF..OFF).contains(&times) {
        return None;
    }
    let mut evidence = vec![format!("{} took {times:.1} times the estimate, in sum", count(sums.compared, "task"))];
    evidence.extend(facts.compared.iter().take(NAMED).map(|task| {
        let by = task.by.as_ref().map_or(String::new(), |name| format!(" by {name}"));
        let (estimate, actual) = (work(task.estimate), work(task.actual));
        format!("{} {}: {estimate} estimated{by}, {actual} measured", task.number, task.title)
    }));
    let way = if times > 1.0 { "too low" } else { "too high" };
    let title = format!("Go through the estimates of the backlog: those of this sprint were {way}");
    Some((title, evidence, Change::Task))
}

/// Minutes waited for a cause and its share of all waiting, if that is much.
fn much(facts: &Facts, cause: WaitKind) -> Option<String> {
    let all: u64 = facts.waits.iter().map(|waited| waited.minutes).sum();
    let minutes = facts.waits.iter().find(|waited| waited.cause == cause)?.minutes;
    let share = minutes as f64 / all as f64;
    (minutes >= MUCH.1 && share >= MUCH.0)
        .then(|| format!("{} of waiting, {:.0} % of all, was for {cause}", span(minutes), share * 100.0))
}

fn review(facts: &Facts, policy: &Policy) -> Option<(String, Vec<String>, Change)> {
    let evidence = vec![much(facts, WaitKind::Review)?, format!("reviewed: {}", count(facts.reviewed, "task"))];
    let clean = facts.sent_back.len() as f64 <= 0.1 * f64::from(facts.reviewed);
    if policy.review == ReviewPolicy::Always && clean {
        let change = setting(policy, "review: only critical tasks wait for a person", |policy| {
            policy.review = ReviewPolicy::Critical;
        });
        return Some(("Let only critical tasks wait for a person's review".to_owned(), evidence, change));
    }
    Some(("Agree on who else reviews, and on hours for it".to_owned(), evidence, Change::Task))
}

fn answers(facts: &Facts, _: &Policy) -> Option<(String, Vec<String>, Change)> {
    let minutes: Vec<f64> =
        facts.asked.iter().filter_map(|asked| asked.minutes).map(|minutes| minutes as f64).collect();
    let slow = median(&minutes).filter(|median| *median > ANSWER && minutes.len() >= LEAST);
    let waited = much(facts, WaitKind::Answer);
    if slow.is_none() && waited.is_none() || facts.asked.is_empty() {
        return None;
    }
    let mut evidence: Vec<String> = waited.into_iter().collect();
    let answer = |median: f64| format!("an answer took {} at the median, n = {}", span(median as u64), minutes.len());
    evidence.extend(slow.map(answer));
    let (topic, times) = most(facts.asked.iter().map(|asked| asked.topic.as_str()))?;
    evidence.push(format!("{times} of {} about {topic}", count(facts.asked.len(), "question")));
    let title = format!("Write down what agents may decide by themselves about {topic}");
    Some((title, evidence, Change::Task))
}

fn most<'a>(words: impl Iterator<Item = &'a str>) -> Option<(&'a str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    words.for_each(|word| *counts.entry(word).or_default() += 1);
    counts.into_iter().max_by_key(|(word, count)| (*count, std::cmp::Reverse(*word)))
}

fn rework(facts: &Facts, _: &Policy) -> Option<(String, Vec<String>, Change)> {
    let sent = facts.sent_back.len();
    let share = sent as f64 / f64::from(facts.reviewed.max(1));
    if sent < LEAST || share < REWORK {
        return None;
    }
    let mut evidence = vec![format!("{sent} of {} reviewed tasks were sent back", facts.reviewed)];
    let line = |task: &super::SentBack| format!("{} {}, {}", task.number, task.title, count(task.times, "time"));
    evidence.extend(facts.sent_back.iter().take(NAMED).map(line));
    Some(("Sharpen acceptance criteria before work begins, and split large tasks".to_owned(), evidence, Change::Task))
}

fn lanes(facts: &Facts, _: &Policy) -> Option<(String, Vec<String>, Change)> {
    let title = "Look at the limits of the lanes: finished parts waited for room in the next one".to_owned();
    Some((title, vec![much(facts, WaitKind::Lane)?], Change::Task))
}

fn lost(facts: &Facts, policy: &Policy) -> Option<(String, Vec<String>, Change)> {
    let times = facts.failures.get(&Failure::Lost).copied().filter(|times| *times as usize >= LEAST)?;
    let evidence = vec![format!("{times} attempts ended because their worker was not heard of any more")];
    let longer = (policy.lease_seconds * 2).min(86_400);
    if longer == policy.lease_seconds {
        return None;
    }
    let title = format!("Wait longer for a silent worker: {longer} s instead of {} s", policy.lease_seconds);
    let change = setting(policy, format!("lease_seconds: {longer}"), |policy| policy.lease_seconds = longer);
    Some((title, evidence, change))
}

fn blockers(facts: &Facts, _: &Policy) -> Option<(String, Vec<String>, Change)> {
    let times: u32 = facts.stuck.iter().map(|stuck| stuck.times).sum();
    let first = facts.stuck.first().filter(|_| times as usize >= LEAST)?;
    let line = |stuck: &super::Stuck| {
        format!("{} {}: {}, {}", stuck.number, stuck.title, stuck.reason, count(stuck.times, "time"))
    };
    let evidence = facts.stuck.iter().take(NAMED).map(line).collect();
    Some((format!("Remove what stood in the way most: {}", first.reason), evidence, Change::Task))
}
