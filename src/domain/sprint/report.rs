//! What a closed sprint says about itself, from what was written down at its start and its close alone: nothing that
//! happened later can change it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Baseline, BaselineTask, Sprint, SprintOutcome, Tally, TaskOutcome};
use crate::domain::Status;
use crate::domain::id::{SprintId, TaskId, TaskNumber};
use crate::domain::waits::WaitKind;

/// Sprints that a velocity looks back on, this one included.
pub const LOOKED_BACK: usize = 6;
/// Fewest sprints that make a velocity.
pub const FEWEST_SPRINTS: usize = 3;
/// Fewest tasks whose flow is told as one number.
pub const FEWEST_TASKS: usize = 10;

/// A closed sprint with what was written down about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Books {
    /// The sprint.
    pub sprint: Sprint,
    /// What it set out to do; none if an older version began it, or nobody did.
    pub baseline: Option<Baseline>,
    /// What became of it.
    pub outcome: SprintOutcome,
}

/// A task in a list of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// The task.
    pub task_id: TaskId,
    /// Its number then.
    pub number: TaskNumber,
    /// The beginning of its title then.
    pub title: String,
    /// Its story points.
    pub points: Option<f64>,
    /// True if the sprint completed it.
    pub done: bool,
    /// Minutes that were left of it.
    pub remaining: Option<u32>,
    /// Where it went.
    pub carried_to: Option<SprintId>,
}

/// What was done, in parts that do not overlap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct DoneWork {
    /// Of what was committed to.
    pub committed: Tally,
    /// Of the stretch.
    pub stretch: Tally,
    /// Of what came later; without a baseline: all of it.
    pub added: Tally,
    /// Among them what an earlier sprint had completed already: it counts for velocity there.
    pub counted_before: Tally,
}

/// Done of the commitment as a share of the commitment, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Predictability {
    /// By count; none if nothing was committed to.
    pub tasks: Option<f64>,
    /// By story points; none if the commitment had none.
    pub points: Option<f64>,
}

/// What one sprint completed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pace {
    /// The sprint's number.
    pub sprint: i64,
    /// Its name.
    pub name: String,
    /// What counts for velocity: each task in the sprint that completed it first.
    pub done: Tally,
    /// Its capacity in minutes.
    pub capacity_minutes: Option<u32>,
}

/// From the lowest to the highest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// Lowest.
    pub low: f64,
    /// Highest.
    pub high: f64,
}

/// What sprints complete: a range, never a mean alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Velocity {
    /// The last sprints, this one included, oldest first.
    pub sprints: Vec<Pace>,
    /// Story points a sprint; none below three sprints.
    pub points: Option<Range>,
    /// Tasks a sprint; none below three sprints.
    pub tasks: Option<Range>,
    /// True if not all of them had the same team.
    pub team_changed: bool,
    /// Points (tasks, where nothing has points) per hour of capacity, if the team changed and all capacities are known.
    pub per_hour: Option<Range>,
    /// Closed sprints before this one that nothing was written down about.
    pub unrecorded: usize,
}

/// Estimates against what was measured, over the tasks done that have both, each at least a minute: what is completed
/// by hand was not measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Estimates {
    /// Tasks done.
    pub done: u32,
    /// Those of them with an estimate and a measured effort.
    pub compared: u32,
    /// Sum of their estimates in minutes.
    pub estimated: u64,
    /// Sum of their measured minutes.
    pub actual: u64,
}

/// How the time of one task done went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlowLine {
    /// Its number then.
    pub number: TaskNumber,
    /// The beginning of its title then.
    pub title: String,
    /// Minutes of work.
    pub active: u64,
    /// Minutes of waiting.
    pub waiting: u64,
}

/// How the time of the tasks done went, within the sprint and by the clock.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Flow {
    /// Tasks that are counted.
    pub tasks: usize,
    /// Minutes of work, in sum.
    pub active: u64,
    /// Minutes of waiting, in sum.
    pub waiting: u64,
    /// Work as a share of both sums, 0 to 1; none below ten tasks.
    pub efficiency: Option<f64>,
    /// The tasks one by one, where they are too few for one number.
    pub listed: Vec<FlowLine>,
}

/// Waiting for one cause, over all tasks of the sprint.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Waited {
    /// What for.
    pub cause: WaitKind,
    /// Minutes, by the clock.
    pub minutes: u64,
}

/// The report of a closed sprint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The sprint.
    #[serde(flatten)]
    pub sprint: Sprint,
    /// True if what it set out to do was written down.
    pub has_baseline: bool,
    /// What was committed to.
    pub committed: Tally,
    /// What was to be done if there was time.
    pub stretch: Tally,
    /// How many of both were left over from earlier sprints.
    pub carried_in: usize,
    /// The team at the start.
    pub team: Vec<String>,
    /// What was done.
    pub done: DoneWork,
    /// How much of the commitment was kept; none without a baseline.
    pub predictability: Option<Predictability>,
    /// What came later.
    pub added: Vec<Line>,
    /// What was taken out.
    pub removed: Vec<Line>,
    /// What was given up.
    pub cancelled: Vec<Line>,
    /// What was left over.
    pub left_over: Vec<Line>,
    /// Name of the sprint that it went to.
    pub carried_to: Option<String>,
    /// What the last sprints completed.
    pub velocity: Velocity,
    /// Estimates against measured effort.
    pub estimates: Estimates,
    /// Work and waiting of what was done.
    pub flow: Flow,
    /// Waiting of all tasks by cause, the longest first.
    pub waits: Vec<Waited>,
}

impl Books {
    fn all(&self) -> impl Iterator<Item = &TaskOutcome> {
        self.outcome.tasks.iter().chain(&self.outcome.added)
    }

    fn base(&self, id: TaskId) -> Option<&BaselineTask> {
        self.baseline.iter().flat_map(|base| &base.tasks).find(|task| task.task_id == id)
    }

    /// Points as they were committed to, else as they were at the end.
    fn points(&self, task: &TaskOutcome) -> Option<f64> {
        self.base(task.task_id).map_or(task.points, |base| base.points)
    }

    fn done(&self) -> impl Iterator<Item = &TaskOutcome> {
        self.all().filter(|task| task.done)
    }

    fn tally<'a>(&self, tasks: impl Iterator<Item = &'a TaskOutcome>) -> Tally {
        tasks.fold(Tally::default(), |sum, task| sum.and(self.points(task)))
    }

    fn line(&self, task: &TaskOutcome) -> Line {
        Line {
            task_id: task.task_id,
            number: task.number,
            title: task.title.clone(),
            points: self.points(task),
            done: task.done,
            remaining: task.remaining,
            carried_to: task.carried_to,
        }
    }
}

impl Report {
    /// The report of `books`. `earlier` are the sprints closed before, oldest first; of `unrecorded` more nothing was
    /// written down.
    pub fn of(books: &Books, earlier: &[Books], unrecorded: usize) -> Self {
        let lines = |tasks: Vec<&TaskOutcome>| tasks.into_iter().map(|task| books.line(task)).collect::<Vec<_>>();
        let base = books.baseline.as_ref();
        let (committed, stretch) = base.map_or_else(Default::default, |base| (base.committed, base.stretch));
        let done = done_work(books, earlier);
        Self {
            sprint: books.sprint.clone(),
            has_baseline: base.is_some(),
            committed,
            stretch,
            carried_in: base.map_or(0, |base| base.tasks.iter().filter(|task| task.carried_from.is_some()).count()),
            team: base.map(|base| base.team.clone()).unwrap_or_default(),
            done,
            predictability: base.map(|base| predictability(base.committed, done.committed)),
            added: lines(books.outcome.added.iter().collect()),
            removed: lines(books.outcome.removed.iter().collect()),
            cancelled: lines(books.all().filter(|task| task.status == Some(Status::Cancelled)).collect()),
            left_over: lines(books.all().filter(|task| task.is_left_over()).collect()),
            carried_to: books.outcome.carried_to.clone(),
            velocity: velocity(books, earlier, unrecorded),
            estimates: estimates(books),
            flow: flow(books),
            waits: waits(books),
        }
    }
}

fn done_work(books: &Books, earlier: &[Books]) -> DoneWork {
    let stretch = |task: &&TaskOutcome| books.base(task.task_id).map(|base| base.stretch);
    let before = done_before(earlier);
    DoneWork {
        committed: books.tally(books.done().filter(|task| stretch(task) == Some(false))),
        stretch: books.tally(books.done().filter(|task| stretch(task) == Some(true))),
        added: books.tally(books.done().filter(|task| stretch(task).is_none())),
        counted_before: books.tally(books.done().filter(|task| before.contains(&task.task_id))),
    }
}

fn done_before(earlier: &[Books]) -> BTreeSet<TaskId> {
    earlier.iter().flat_map(Books::done).map(|task| task.task_id).collect()
}

fn predictability(committed: Tally, done: Tally) -> Predictability {
    let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    Predictability {
        tasks: share(f64::from(done.tasks), f64::from(committed.tasks)),
        points: share(done.points, committed.points),
    }
}

fn velocity(books: &Books, earlier: &[Books], unrecorded: usize) -> Velocity {
    let mut counted = BTreeSet::new();
    let mut all: Vec<(&Books, Pace)> = Vec::new();
    // Nobody worked on a sprint that never began.
    for one in earlier.iter().chain([books]).filter(|one| one.sprint.started_at.is_some()) {
        let first = one.done().filter(|task| counted.insert(task.task_id));
        let done = one.tally(first);
        let (sprint, name) = (one.sprint.number, one.sprint.name.clone());
        all.push((one, Pace { sprint, name, done, capacity_minutes: one.sprint.capacity_minutes }));
    }
    let last = all.split_off(all.len().saturating_sub(LOOKED_BACK));
    let teams: BTreeSet<_> = last.iter().filter_map(|(one, _)| Some(&one.baseline.as_ref()?.team)).collect();
    let (team_changed, enough) = (teams.len() > 1, last.len() >= FEWEST_SPRINTS);
    let sprints: Vec<Pace> = last.into_iter().map(|(_, pace)| pace).collect();
    let ranged = |of: fn(&Pace) -> f64| range(sprints.iter().map(of)).filter(|_| enough);
    Velocity {
        points: ranged(|pace| pace.done.points),
        tasks: ranged(|pace| f64::from(pace.done.tasks)),
        per_hour: per_hour(&sprints).filter(|_| enough && team_changed),
        team_changed,
        unrecorded,
        sprints,
    }
}

fn range(values: impl Iterator<Item = f64>) -> Option<Range> {
    values.fold(None, |found: Option<Range>, value| {
        let (low, high) = found.map_or((value, value), |range| (range.low.min(value), range.high.max(value)));
        Some(Range { low, high })
    })
}

fn per_hour(sprints: &[Pace]) -> Option<Range> {
    let pointed = sprints.iter().any(|pace| pace.done.points > 0.0);
    let rate = |pace: &Pace| {
        let hours = f64::from(pace.capacity_minutes.filter(|minutes| *minutes > 0)?) / 60.0;
        Some(if pointed { pace.done.points } else { f64::from(pace.done.tasks) } / hours)
    };
    let rates: Option<Vec<f64>> = sprints.iter().map(rate).collect();
    range(rates?.into_iter())
}

fn estimates(books: &Books) -> Estimates {
    let mut sums = Estimates::default();
    for task in books.done() {
        sums.done += 1;
        let estimate = books.base(task.task_id).map_or(task.estimate, |base| base.estimate);
        let known = |minutes: Option<u32>| minutes.filter(|minutes| *minutes > 0);
        if let (Some(estimate), Some(actual)) = (known(estimate), known(task.actual)) {
            sums.compared += 1;
            sums.estimated += u64::from(estimate);
            sums.actual += u64::from(actual);
        }
    }
    sums
}

fn flow(books: &Books) -> Flow {
    let known: Vec<_> = books.done().filter(|task| task.active_seconds + task.waiting() > 0).collect();
    let active: u64 = known.iter().map(|task| task.active_seconds).sum();
    let waiting: u64 = known.iter().map(|task| task.waiting()).sum();
    let enough = known.len() >= FEWEST_TASKS;
    let line = |task: &&TaskOutcome| FlowLine {
        number: task.number,
        title: task.title.clone(),
        active: minutes(task.active_seconds),
        waiting: minutes(task.waiting()),
    };
    Flow {
        tasks: known.len(),
        active: minutes(active),
        waiting: minutes(waiting),
        efficiency: enough.then(|| active as f64 / (active + waiting) as f64),
        listed: if enough { Vec::new() } else { known.iter().map(line).collect() },
    }
}

fn waits(books: &Books) -> Vec<Waited> {
    let mut sums: BTreeMap<WaitKind, u64> = BTreeMap::new();
    for (cause, seconds) in books.all().flat_map(|task| &task.waiting_seconds) {
        *sums.entry(*cause).or_default() += seconds;
    }
    let mut waits: Vec<_> =
        sums.into_iter().map(|(cause, seconds)| Waited { cause, minutes: minutes(seconds) }).collect();
    waits.sort_by_key(|waited| std::cmp::Reverse(waited.minutes));
    waits
}

/// To the nearest minute.
fn minutes(seconds: u64) -> u64 {
    (seconds + 30) / 60
}
