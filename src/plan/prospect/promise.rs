//! How much of a plan in the making can be promised.

use std::collections::{BTreeMap, BTreeSet};

use super::super::forecast::Beliefs;
use super::super::wizard::{Draft, Ground, Job, Outlook};
use super::{Course, Deeds, How, Told, WANTED, completed};
use crate::domain::TaskId;

/// Steps of the scheduler for each plan that is tried.
const STEPS: u64 = 100;

/// What of a commitment is done by the end of the sprint with a chance of [`WANTED`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Promise {
    /// Tasks that stay promised.
    pub kept: usize,
    /// Tasks that should be done only if there is time.
    pub stretch: Vec<TaskId>,
}

impl Promise {
    /// Looks for the most urgent tasks, each with what it waits for, that hold together: as many as there are with a chance
    /// of [`WANTED`]. The others are scheduled into the room that is left. What nobody can do, or waits for something
    /// outside, is not looked at. Plays the plan out once for each halving of the number of tasks.
    ///
    /// # Errors
    /// What keeps the sprint from being planned at all.
    pub fn of(draft: &Draft, ground: &Ground, deeds: &Deeds, how: How) -> Result<Self, String> {
        let outlook = Outlook::of(draft, ground, STEPS);
        let order = order(&outlook);
        let mut beliefs = None;
        let mut holds = |kept: usize| {
            let mut tried = draft.clone();
            order[kept..].iter().for_each(|id| tried.commit_to(*id, false));
            let outlook = Outlook::of(&tried, ground, STEPS);
            if outlook.crowded_out().next().is_some() {
                return Ok::<_, String>(false);
            }
            let course = Course::of_draft(&tried, ground, &outlook);
            Ok(chance(&course, deeds, how, &mut beliefs)? >= WANTED)
        };
        // Nothing always holds; more than all never does.
        let (mut low, mut high) = (0, order.len() + 1);
        while high - low > 1 {
            // All of it first: mostly nothing has to leave.
            let kept = if high > order.len() { order.len() } else { low.midpoint(high) };
            if holds(kept)? {
                low = kept;
            } else {
                high = kept;
            }
        }
        Ok(Self { kept: low, stretch: order[low..].to_vec() })
    }
}

/// What is promised and can have a place, the most urgent first, nothing before what it waits for.
fn order(outlook: &Outlook) -> Vec<TaskId> {
    let crowded: BTreeSet<TaskId> = outlook.crowded_out().map(|job| job.task_id).collect();
    let can = |job: &&Job| outlook.schedule.slot(job.task_id).is_some() || crowded.contains(&job.task_id);
    let mut jobs: Vec<&Job> = outlook.jobs.iter().filter(|job| job.is_committed()).filter(can).collect();
    jobs.sort_by_key(|job| job.priority);
    let by_id: BTreeMap<TaskId, &Job> = jobs.iter().map(|job| (job.task_id, *job)).collect();
    let (mut order, mut known) = (Vec::new(), BTreeSet::new());
    for job in jobs {
        // Depth first: what comes first is put down when all that it waits for has been.
        let mut open = vec![(job, false)];
        while let Some((job, ready)) = open.pop() {
            if ready {
                order.push(job.task_id);
            } else if known.insert(job.task_id) {
                open.push((job, true));
                open.extend(job.after.iter().filter_map(|on| Some((*by_id.get(on)?, false))));
            }
        }
    }
    order
}

/// The chance that everything promised is done by the end of the sprint.
fn chance(course: &Course, deeds: &Deeds, how: How, beliefs: &mut Option<Beliefs>) -> Result<f64, String> {
    let explained = course.explained_until(super::OVERTIME_DAYS)?;
    let ground = explained.ground();
    let plan = completed(course, &ground)?;
    let told = Told { course, ground, plan: &plan, deeds };
    // What was learned does not depend on what is planned.
    let beliefs = beliefs.get_or_insert_with(|| told.beliefs(how.seed));
    let simulation = told.played(&told.question(), beliefs, how).map_err(|fault| fault.to_string())?;
    Ok(simulation.runs.chance(&told.goal()))
}
