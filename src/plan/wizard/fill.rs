//! Filling a plan with what is worth most, and what would leave if it were too full: both asked of the scheduler.

use std::collections::{BTreeMap, BTreeSet};

use super::outlook::work;
use super::schedule::schedule;
use super::{Draft, Ground, Job, jobs};
use crate::domain::{TaskId, Timestamp};
use crate::plan::schedule::Budget;
use crate::plan::team::Work;

/// Steps of the scheduler for what goes in, and for what leaves.
const FILL: u64 = 1_000;
const LEAVE: u64 = 200;
/// Tasks that are considered for a place: so many times what there is room for, within these bounds.
const CHOICE: f64 = 3.0;
const LEAST: usize = 60;
const MOST: usize = 400;

/// Picks what adds the most value (8, 4, 2, 1 by urgency) under skills, hours, reviews and predecessors, as long as the
/// commitment stays within `limit` story points. What is picked already stays. Returns what was added.
///
/// It is an orienteering problem with resources: the scheduler takes optional tasks with values, and searches.
pub fn fill(draft: &mut Draft, ground: &Ground, limit: f64) -> Vec<TaskId> {
    let jobs = jobs(draft, ground);
    let choice = choice(&jobs, ground, limit, draft.ends_at);
    let open: Vec<&Job> = jobs.iter().filter(|job| job.picked || choice.contains(&job.task_id)).collect();
    let work = Work { limit: Some(limit), ..work(draft, ground, &open) };
    let (found, _) = schedule(&work, &mut Budget { steps: FILL, stop: &mut || false });
    let added =
        within(&jobs, found.slots.iter().map(|slot| slot.task_id).filter(|id| choice.contains(id)), ground, limit);
    for id in &added {
        draft.pick(*id, true);
    }
    added
}

/// As many of these, in their order, as stay within the limit beside everything that is committed to, whether that has
/// a place or not; nothing without what it waits for.
fn within(jobs: &[Job], added: impl Iterator<Item = TaskId>, ground: &Ground, limit: f64) -> Vec<TaskId> {
    let size = |job: &Job| job.size(&ground.rule);
    let mut sum: f64 = jobs.iter().filter(|job| job.is_committed()).map(size).sum();
    let by_id: BTreeMap<TaskId, &Job> = jobs.iter().map(|job| (job.task_id, job)).collect();
    let mut within: Vec<TaskId> = Vec::new();
    for job in added.map(|id| by_id[&id]) {
        let ready = job.after.iter().all(|on| within.contains(on) || by_id.get(on).is_none_or(|on| on.picked));
        if ready && sum + size(job) <= limit + 1e-9 {
            sum += size(job);
            within.push(job.task_id);
        }
    }
    within
}

/// What may come in: the most valuable for its size first, each with what it waits for.
fn choice(jobs: &[Job], ground: &Ground, limit: f64, end: Timestamp) -> BTreeSet<TaskId> {
    let by_id: BTreeMap<TaskId, &Job> = jobs.iter().map(|job| (job.task_id, job)).collect();
    let size = |id: &TaskId| by_id[id].size(&ground.rule);
    let used: f64 = jobs.iter().filter(|job| job.is_committed()).map(|job| job.size(&ground.rule)).sum();
    let enough = (limit - used).max(0.0) * CHOICE;
    let mut order: Vec<&Job> = jobs.iter().filter(|job| !job.picked).collect();
    order.sort_by(|a, b| b.worth(&ground.rule).total_cmp(&a.worth(&ground.rule)));
    let (mut choice, mut sum) = (BTreeSet::new(), 0.0);
    for job in order {
        if choice.len() >= MOST || (choice.len() >= LEAST && sum >= enough) {
            break;
        }
        let group = with_predecessors(job, &by_id, end).unwrap_or_default();
        for id in group {
            if choice.insert(id) {
                sum += size(&id);
            }
        }
    }
    choice
}

/// The task and everything on offer that it waits for and that is not picked; `None` if something among it is held up,
/// waits for what is not on offer, or may not begin before the `end`.
fn with_predecessors(job: &Job, by_id: &BTreeMap<TaskId, &Job>, end: Timestamp) -> Option<BTreeSet<TaskId>> {
    let mut group = BTreeSet::new();
    let mut open = vec![job.task_id];
    while let Some(id) = open.pop() {
        let job = by_id.get(&id)?;
        if job.picked || group.contains(&id) {
            continue;
        }
        if job.held_up.is_some() || job.not_before.is_some_and(|at| at >= end) {
            return None;
        }
        group.insert(id);
        open.extend(job.after.iter().copied());
    }
    Some(group)
}

/// What of the commitment would have no place within `limit` story points if this task were planned for certain, with
/// what it waits for. Empty while there is room for all of it.
pub fn leaves(draft: &Draft, ground: &Ground, limit: f64, stays: TaskId) -> Vec<TaskId> {
    let jobs = jobs(draft, ground);
    let by_id: BTreeMap<TaskId, &Job> = jobs.iter().map(|job| (job.task_id, job)).collect();
    let group = by_id.get(&stays).and_then(|job| with_predecessors(job, &by_id, draft.ends_at)).unwrap_or_default();
    let open: Vec<&Job> = jobs.iter().filter(|job| job.picked || group.contains(&job.task_id)).collect();
    let work = Work { limit: Some(limit), stays: Some(stays), ..work(draft, ground, &open) };
    let (found, _) = schedule(&work, &mut Budget { steps: LEAVE, stop: &mut || false });
    let out = found.left_out.iter().filter(|out| !out.hopeless && out.task_id != stays);
    out.map(|out| out.task_id).filter(|id| by_id[id].is_committed()).collect()
}
