//! Filling a plan up to its capacity, and what would leave if it were too full.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, Ground, Job, Outlook, jobs};
use crate::domain::{TaskId, Timestamp};

/// Picks tasks by priority, then by value for size, with what they wait for, as long as they fit under `limit` story
/// points. What is picked already stays. Returns what was added.
pub fn fill(draft: &mut Draft, ground: &Ground, limit: f64) -> Vec<TaskId> {
    let jobs = jobs(draft, ground);
    let by_id: BTreeMap<TaskId, &Job> = jobs.iter().map(|job| (job.task_id, job)).collect();
    let mut picked: BTreeSet<TaskId> = jobs.iter().filter(|job| job.picked).map(|job| job.task_id).collect();
    let mut used: f64 = jobs.iter().filter(|job| job.picked).map(|job| job.size(&ground.rule)).sum();
    let mut added = Vec::new();
    let mut order: Vec<&Job> = jobs.iter().filter(|job| !job.picked).collect();
    order.sort_by_key(|job| job.priority);
    for job in order {
        let Some(group) = with_predecessors(job, &by_id, &picked, draft.ends_at) else { continue };
        let size: f64 = group.iter().map(|id| by_id[id].size(&ground.rule)).sum();
        if !group.is_empty() && used + size <= limit + 1e-9 {
            used += size;
            picked.extend(group.iter().copied());
            added.extend(group);
        }
    }
    for id in &added {
        draft.pick(*id, true);
    }
    added
}

/// The task and everything on offer that it waits for and that is not picked; `None` if something among it is held up,
/// waits for what is not on offer, or may not begin before the `end`.
fn with_predecessors(
    job: &Job,
    by_id: &BTreeMap<TaskId, &Job>,
    picked: &BTreeSet<TaskId>,
    end: Timestamp,
) -> Option<BTreeSet<TaskId>> {
    let mut group = BTreeSet::new();
    let mut open = vec![job.task_id];
    while let Some(id) = open.pop() {
        if picked.contains(&id) || group.contains(&id) {
            continue;
        }
        let in_time = |job: &Job| job.not_before.is_none_or(|at| at < end);
        let job = by_id.get(&id).filter(|job| job.held_up.is_none() && in_time(job))?;
        group.insert(id);
        open.extend(job.after.iter().copied());
    }
    Some(group)
}

/// What would have to leave for the plan to fit, if this task stays: the least worthy picked tasks that nothing picked
/// waits for, in the order of leaving. Empty while there is room.
pub fn leaves(outlook: &Outlook, ground: &Ground, stays: TaskId) -> Vec<TaskId> {
    let rule = &ground.rule;
    let mut over = outlook.points - outlook.limit;
    let this = outlook.jobs.iter().find(|job| job.task_id == stays);
    over += this.filter(|job| !job.picked).map_or(0.0, |job| job.size(rule));
    let mut picked: Vec<&Job> = outlook.jobs.iter().filter(|job| job.picked && job.task_id != stays).collect();
    let mut gone = Vec::new();
    while over > 1e-9 {
        let needed: BTreeSet<TaskId> =
            picked.iter().copied().chain(this).flat_map(|job| job.after.iter().copied()).collect();
        let free = picked.iter().enumerate().filter(|(_, job)| !needed.contains(&job.task_id));
        let least = free.min_by(|(_, a), (_, b)| {
            b.priority.cmp(&a.priority).then(a.worth(rule).total_cmp(&b.worth(rule))).then(b.number.cmp(&a.number))
        });
        let Some((at, job)) = least else { break };
        over -= job.size(rule);
        gone.push(job.task_id);
        picked.remove(at);
    }
    gone
}
