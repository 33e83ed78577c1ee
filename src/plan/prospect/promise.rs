//! How much of a plan in the making can be promised.

use std::collections::{BTreeMap, BTreeSet};

use super::super::forecast::Beliefs;
use super::super::wizard::{Draft, Ground, Job, Outlook, THOROUGH};
use super::{Course, Deeds, How, Told, WANTED, completed};
use crate::domain::TaskId;

/// Steps of the scheduler for each plan that is tried.
const STEPS: u64 = 100;
/// Tasks that stand in the way of the others and are passed over.
const PASSED_OVER: usize = 3;

/// What of a commitment is done by the end of the sprint with a chance of [`WANTED`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Promise {
    /// Tasks that stay promised.
    pub kept: usize,
    /// Tasks that should be done only if there is time.
    pub stretch: Vec<TaskId>,
    /// Tasks that were not looked at: nobody can do them, or they cannot begin.
    pub hopeless: usize,
}

impl Promise {
    /// Looks for the most urgent tasks, each with what it waits for, that hold together with a chance of [`WANTED`]; up to
    /// three that are too large for that are passed over, with what waits for them. The others are scheduled into the
    /// room that is left. What nobody can do, or cannot begin, stays as it is. Plays the plan out once for each halving of
    /// the number of tasks.
    ///
    /// # Errors
    /// What keeps the sprint from being planned at all.
    pub fn of(draft: &Draft, ground: &Ground, deeds: &Deeds, how: How) -> Result<Self, String> {
        let outlook = Outlook::of(draft, ground, STEPS);
        let order = order(&outlook);
        let hopeless = outlook.jobs.iter().filter(|job| job.is_committed()).count() - order.len();
        let mut attempt = Attempt { draft, ground, deeds, how, order: &order, beliefs: None };
        let (mut kept, mut rest) = (Vec::new(), order.clone());
        for _ in 0..=PASSED_OVER {
            let most = attempt.most(&kept, &rest)?;
            kept.extend(rest.drain(..most));
            if rest.is_empty() {
                break;
            }
            let too_large = rest.remove(0);
            let waiting = waiting_for(too_large, &outlook);
            rest.retain(|id| !waiting.contains(id));
        }
        // The plan that is made in the end is another one than those that were tried.
        while !kept.is_empty() && !attempt.holds(&kept, THOROUGH)? {
            kept.pop();
        }
        let stretch = order.iter().filter(|id| !kept.contains(id)).copied().collect();
        Ok(Self { kept: kept.len(), stretch, hopeless })
    }
}

/// A plan that is tried with fewer and fewer tasks promised.
struct Attempt<'a> {
    draft: &'a Draft,
    ground: &'a Ground,
    deeds: &'a Deeds,
    how: How,
    order: &'a [TaskId],
    beliefs: Option<Beliefs>,
}

impl Attempt<'_> {
    /// How many of the first tasks hold beside those that are kept already.
    fn most(&mut self, kept: &[TaskId], tasks: &[TaskId]) -> Result<usize, String> {
        // What is kept holds; more than all never does.
        let (mut low, mut high) = (0, tasks.len() + 1);
        while high - low > 1 {
            // All of it first: mostly nothing has to leave.
            let count = if high > tasks.len() { tasks.len() } else { low.midpoint(high) };
            if self.holds(&[kept, &tasks[..count]].concat(), STEPS)? {
                low = count;
            } else {
                high = count;
            }
        }
        Ok(low)
    }

    fn holds(&mut self, kept: &[TaskId], steps: u64) -> Result<bool, String> {
        let kept: BTreeSet<TaskId> = kept.iter().copied().collect();
        let mut tried = self.draft.clone();
        self.order.iter().filter(|id| !kept.contains(id)).for_each(|id| tried.commit_to(*id, false));
        let outlook = Outlook::of(&tried, self.ground, steps);
        if outlook.crowded_out().next().is_some() {
            return Ok(false);
        }
        let course = Course::of_draft(&tried, self.ground, &outlook);
        Ok(chance(&course, self.deeds, self.how, &mut self.beliefs)? >= WANTED)
    }
}

/// What waits for a task, over others as well.
fn waiting_for(first: TaskId, outlook: &Outlook) -> BTreeSet<TaskId> {
    let mut found = BTreeSet::from([first]);
    loop {
        let waits = |job: &&Job| !found.contains(&job.task_id) && job.after.iter().any(|on| found.contains(on));
        let more: Vec<TaskId> = outlook.jobs.iter().filter(waits).map(|job| job.task_id).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
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
