//! What follows from a draft: capacity, schedule, what runs out first, how busy people are, and what to look at.

use std::collections::BTreeMap;

use chrono::{Duration, DurationRound};
use serde::Serialize;

use super::advice::{self, Advice};
use super::aims::{self, Aim, Analysis};
use super::check::{self, Check, Weight};
use super::schedule::{self, Schedule, THOROUGH};
use super::spend::Spending;
use super::{Draft, Ground, Job, jobs};
use crate::domain::TaskId;
use crate::plan::capacity::{Binding, Capacity, Demand, Load, capacity, loads};
use crate::plan::schedule::Budget;
use crate::plan::team::{Basis, Work, review_minutes};

/// What follows from a draft.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outlook {
    /// What the team can do.
    pub capacity: Capacity,
    /// The objectives.
    pub aims: Vec<Aim>,
    /// What there is to say about them; none: there are none.
    pub analysis: Option<Analysis>,
    /// New tasks, then the backlog's, in the order of value for size.
    pub jobs: Vec<Job>,
    /// Story points that may be committed to.
    pub limit: f64,
    /// Story points of what is committed to.
    pub points: f64,
    /// Story points of what is done if there is time.
    pub stretch_points: f64,
    /// Minutes of what is committed to.
    pub minutes: u32,
    /// What the commitment runs out of first.
    pub binding: Option<Binding>,
    /// Who would do what when.
    pub schedule: Schedule,
    /// How busy that makes people.
    pub loads: Vec<Load>,
    /// What the commitment will cost.
    pub spending: Spending,
    /// What to look at before going on, the gravest first.
    pub checks: Vec<Check>,
    /// What would let more in, and what cannot be had together; empty until it was looked for.
    pub advice: Advice,
}

impl Outlook {
    /// Everything that follows from the draft on this ground, with a schedule that took so many steps ([`super::AT_ONCE`],
    /// [`THOROUGH`]).
    pub fn of(draft: &Draft, ground: &Ground, steps: u64) -> Self {
        Self::planned(draft, ground, &mut Budget { steps, stop: &mut || false }).0
    }

    /// As [`Self::of`], with all the steps that a plan gets, and then with advice; `on_plan` sees it before there is any.
    /// `None` when `stop` said that nobody wants it any more.
    pub fn advised(
        draft: &Draft,
        ground: &Ground,
        stop: &mut dyn FnMut() -> bool,
        on_plan: &mut dyn FnMut(&Self),
    ) -> Option<Self> {
        let (mut outlook, basis) = Self::planned(draft, ground, &mut Budget { steps: THOROUGH, stop });
        if let Some(basis) = basis.filter(|_| !stop() && advice::is_wanted(&outlook)) {
            on_plan(&outlook);
            outlook.advice = advice::advice(&basis, &outlook, stop);
        }
        (!stop()).then_some(outlook)
    }

    /// What follows from the draft if everything that still goes in keeps its place: at once, for as long as nobody has
    /// planned anew. What has come in has no place yet.
    #[must_use]
    pub fn unplanned(&self, draft: &Draft, ground: &Ground) -> Self {
        let jobs = jobs(draft, ground);
        let mut schedule = self.schedule.clone();
        schedule.keep(&jobs.iter().filter(|job| job.picked).map(|job| job.task_id).collect());
        Self { spending: self.spending.clone(), ..Self::around(draft, ground, jobs, schedule) }
    }

    fn planned(draft: &Draft, ground: &Ground, budget: &mut Budget) -> (Self, Option<Basis>) {
        let jobs = jobs(draft, ground);
        let picked: Vec<&Job> = jobs.iter().filter(|job| job.picked).collect();
        let (schedule, basis) = schedule::schedule(&work(draft, ground, &picked), budget);
        let spending = Spending::of(&committed(&jobs).collect::<Vec<_>>(), &schedule, ground);
        (Self { spending, ..Self::around(draft, ground, jobs, schedule) }, basis)
    }

    /// What follows from the draft and a schedule.
    fn around(draft: &Draft, ground: &Ground, jobs: Vec<Job>, schedule: Schedule) -> Self {
        let picked: Vec<&Job> = jobs.iter().filter(|job| job.picked).collect();
        let capacity = capacity(&ground.team, &work(draft, ground, &picked).frame(), &ground.rule);
        let points = |stretch: bool| {
            let own = picked.iter().filter(|job| job.stretch == stretch);
            own.map(|job| job.size(&ground.rule)).sum::<f64>()
        };
        let loads = loads(&capacity, &schedule.turns());
        let mut outlook = Self {
            limit: draft.points.unwrap_or(capacity.points),
            points: points(false),
            stretch_points: points(true),
            minutes: committed(&jobs).map(|job| job.work_minutes(&ground.rule)).fold(0, u32::saturating_add),
            spending: Spending::default(),
            binding: capacity.binding(&demand(committed(&jobs), ground, &capacity)),
            loads,
            aims: aims::aims(draft, &ground.rule),
            analysis: None,
            capacity,
            schedule,
            checks: Vec::new(),
            advice: Advice::default(),
            jobs,
        };
        outlook.analysis = Analysis::of(&outlook.aims, outlook.limit);
        outlook.checks = check::checks(draft, ground, &outlook);
        outlook
    }

    /// The reasons for which the sprint cannot be made as it is, or cannot `start`.
    pub fn stops(&self, start: bool) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(move |check| check.weight == Weight::Stop && (start || !check.start_only))
    }

    /// What is promised and has no place, as only room is missing.
    pub fn crowded_out(&self) -> impl Iterator<Item = &Job> {
        let crowded = self.schedule.left_out.iter().filter(|out| !out.hopeless);
        crowded.filter_map(|out| self.job(out.task_id)).filter(|job| job.is_committed())
    }

    /// A task by its id.
    pub fn job(&self, id: TaskId) -> Option<&Job> {
        self.jobs.iter().find(|job| job.task_id == id)
    }
}

/// What is promised.
fn committed(jobs: &[Job]) -> impl Iterator<Item = &Job> {
    jobs.iter().filter(|job| job.is_committed())
}

/// These tasks in the time of the draft.
pub(super) fn work<'a>(draft: &'a Draft, ground: &'a Ground, jobs: &'a [&'a Job]) -> Work<'a> {
    // Plans count in minutes: what begins within one begins with the next, so that hours begin on time.
    let from = draft.starts_at.max(ground.now);
    let (from, to) = (from.duration_round_up(Duration::minutes(1)).unwrap_or(from), draft.ends_at);
    let at_work = const { &BTreeMap::new() };
    Work { jobs, ground, by_hand: &draft.by_hand, at_work, from, to, running: None, limit: None, stays: None }
}

/// What tasks take, with their reviews where somebody can look at them.
fn demand<'a>(jobs: impl Iterator<Item = &'a Job>, ground: &Ground, capacity: &Capacity) -> Demand {
    let mut demand = Demand::default();
    for job in jobs {
        let minutes = job.work_minutes(&ground.rule);
        let reviewed = capacity.review_minutes > 0 && ground.policy.wants_review(job.priority);
        demand.add(&job.requirements.capabilities, minutes, if reviewed { review_minutes(minutes) } else { 0 });
    }
    demand
}
