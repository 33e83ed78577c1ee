//! A plan, laid out so that it can be played out quickly: indices, clocks and what every stage takes.

use super::clock::Clock;
use super::{Pass, Question, Role, working_hours};
use crate::plan::schedule::model::{Activity, Calendar, Fault, Kind, Mode, Problem, Time, Use};
use crate::plan::schedule::plan::Place;

/// A plan that can be played out.
#[derive(Debug)]
pub struct World {
    /// By activity of the problem; none for what the plan leaves out.
    pub jobs: Vec<Option<Job>>,
    /// By activity: who waits for it, and how long after its end.
    pub waiting: Vec<Vec<(usize, Time)>>,
    /// By resource of the problem.
    pub pools: Vec<Pool>,
    /// Opening hours, by number.
    pub clocks: Vec<Clock>,
    /// Everybody who does something; the number of resources stands for nobody in particular.
    pub doers: Vec<usize>,
    /// The clock of answers.
    pub answers: usize,
    /// The clock of everybody together.
    pub hours: usize,
    /// Nothing begins earlier.
    pub from: Time,
}

/// How a resource is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// Units that come back, perhaps after a while.
    Units { capacity: u32, after: Time },
    /// Units per window.
    Quota { amount: u32, every: Time },
    /// Units that never come back.
    Budget { amount: u64 },
}

/// An activity in the plan.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// Its stages.
    pub steps: Vec<Part>,
    /// Activities it waits for that are in the plan and not over.
    pub waits: u32,
    /// It waits for something that is never done.
    pub never: bool,
    /// Not before.
    pub release: Time,
    /// Its turn in the plan.
    pub turn: u32,
    /// Room that it takes up beyond its stages.
    pub holds: Vec<Held>,
    /// Stages that are over; all of them: it ended then.
    pub over: usize,
    /// When the last of those ended.
    pub ended: Time,
    /// The stage behind those is running: minutes of work that have gone into it.
    pub running: Option<f64>,
    /// It was sent back already.
    pub pass: Option<Pass>,
    /// The running stage waits for an answer.
    pub asking: bool,
    /// Own spread of the size.
    pub spread: Option<f64>,
    /// Its size is what such tasks took.
    pub measured: bool,
}

/// A stage in the hands of whom it was planned for.
#[derive(Debug, Clone)]
pub struct Part {
    /// Work or review.
    pub role: Role,
    /// Who.
    pub who: usize,
    /// When everything for it is there.
    pub clock: usize,
    /// Minutes that it was thought to take.
    pub minutes: f64,
    /// Units taken while it lasts.
    pub units: Vec<Use>,
    /// Units used by the minute.
    pub quotas: Vec<Use>,
    /// Units spent.
    pub spends: Vec<Use>,
}

/// Room in a lane.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// The lane.
    pub pool: usize,
    /// From the end of this stage; none: from the beginning.
    pub after: Option<usize>,
    /// To the end of this one.
    pub until: usize,
}

impl World {
    /// Lays a question out.
    ///
    /// # Errors
    /// The fault of a problem that makes no sense.
    pub fn of(question: &Question) -> Result<Self, Fault> {
        let problem = question.problem;
        problem.check()?;
        let mut world = Self {
            jobs: Vec::new(),
            waiting: vec![Vec::new(); problem.activities.len()],
            pools: problem.resources.iter().map(|resource| pool(&resource.kind)).collect(),
            clocks: Vec::new(),
            doers: Vec::new(),
            answers: 0,
            hours: 0,
            from: question.from,
        };
        let answers = question.answers.and_then(|who| problem.resources.get(who));
        world.answers = world.clock(answers.iter().map(|resource| &resource.calendar));
        world.hours = world.numbered(working_hours(problem));
        let turns = turns(question);
        for (at, place) in question.plan.places.iter().enumerate() {
            let job = place.as_ref().map(|place| world.job(question, at, place, turns[at]));
            world.jobs.push(job);
        }
        world.link(problem);
        let parts = world.jobs.iter().flatten().flat_map(|job| &job.steps);
        world.doers = parts.map(|part| part.who.min(problem.resources.len())).collect();
        world.doers.sort_unstable();
        world.doers.dedup();
        Ok(world)
    }

    /// The number of the hours in which all of these are open.
    fn clock<'a>(&mut self, calendars: impl Iterator<Item = &'a Calendar>) -> usize {
        self.numbered(Clock::all(calendars))
    }

    fn numbered(&mut self, clock: Clock) -> usize {
        let found = self.clocks.iter().position(|one| *one == clock);
        found.unwrap_or_else(|| {
            self.clocks.push(clock);
            self.clocks.len() - 1
        })
    }

    fn job(&mut self, question: &Question, at: usize, place: &Place, turn: u32) -> Job {
        let activity = &question.problem.activities[at];
        let steps = place.slots.iter().enumerate().map(|(stage, slot)| {
            let mode = &activity.stages[stage].modes[slot.mode];
            self.part(question.problem, mode, question.role(at, stage))
        });
        let steps: Vec<Part> = steps.collect();
        let holds = activity.holds.iter();
        let mut job = Job {
            waits: 0,
            never: false,
            release: activity.release.max(activity.pin.unwrap_or(0)).max(question.from),
            turn,
            holds: holds.map(|hold| Held { pool: hold.resource, after: hold.after, until: hold.until }).collect(),
            over: activity.begun.iter().take_while(|begun| begun.left == 0).count(),
            ended: 0,
            running: None,
            pass: question.passes.get(at).copied().flatten(),
            asking: question.asking.get(at).copied().unwrap_or(false),
            spread: question.spreads.get(at).copied().flatten(),
            measured: question.measured.get(at).copied().unwrap_or(false),
            steps,
        };
        job.ended = job.over.checked_sub(1).map_or(0, |last| activity.begun[last].now);
        job.running = self.running(question, at, &job);
        job
    }

    /// Minutes of work in the stage that has begun and not ended.
    fn running(&self, question: &Question, at: usize, job: &Job) -> Option<f64> {
        let begun = question.problem.activities[at].begun.get(job.over)?;
        let told = question.worked.get(at).copied().flatten();
        let passed = || self.clocks[job.steps[job.over].clock].between(begun.start, begun.now);
        Some(told.unwrap_or_else(|| f64::from(passed())))
    }

    fn part(&mut self, problem: &Problem, mode: &Mode, role: Role) -> Part {
        let clock = self.clock(mode.uses.iter().map(|used| &problem.resources[used.resource].calendar));
        let of = |wanted: fn(&Pool) -> bool| {
            mode.uses.iter().filter(|used| wanted(&self.pools[used.resource])).copied().collect::<Vec<Use>>()
        };
        Part {
            role,
            who: mode.uses.first().map_or(usize::MAX, |used| used.resource),
            clock,
            minutes: f64::from(mode.duration),
            units: of(|pool| matches!(pool, Pool::Units { .. })),
            quotas: of(|pool| matches!(pool, Pool::Quota { .. })),
            spends: of(|pool| matches!(pool, Pool::Budget { .. })),
        }
    }

    /// Who waits for whom; what is over holds nobody up.
    fn link(&mut self, problem: &Problem) {
        for (at, activity) in problem.activities.iter().enumerate() {
            for link in activity.waits_for() {
                let before = self.jobs[link.activity].as_ref();
                let over = before.filter(|job| job.is_over()).map(|job| job.ended + link.lag);
                let missing = before.is_none();
                let Some(job) = self.jobs[at].as_mut() else { continue };
                job.never |= missing;
                if let Some(end) = over {
                    job.release = job.release.max(end);
                } else {
                    job.waits += 1;
                    self.waiting[link.activity].push((at, link.lag));
                }
            }
        }
    }

    /// The same without some activities, and whatever waits for them.
    pub fn without(&self, gone: &[usize]) -> Vec<bool> {
        let mut out = vec![false; self.jobs.len()];
        let mut open = gone.to_vec();
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut out[at], true) {
                open.extend(self.waiting[at].iter().map(|(next, _)| *next));
            }
        }
        out
    }
}

impl Job {
    /// Whether somebody has begun it.
    pub fn is_begun(&self) -> bool {
        self.over > 0 || self.running.is_some() || self.pass.is_some()
    }

    /// Whether there is nothing left to do.
    pub fn is_over(&self) -> bool {
        self.over == self.steps.len()
    }
}

fn pool(kind: &Kind) -> Pool {
    match *kind {
        Kind::Pool { capacity } => Pool::Units { capacity, after: 0 },
        Kind::Rolling { amount, length } => Pool::Units { capacity: amount, after: length },
        Kind::Quota { amount, every } => Pool::Quota { amount, every },
        Kind::Budget { amount } => Pool::Budget { amount },
    }
}

/// By activity: its place in the order in which the plan begins them.
fn turns(question: &Question) -> Vec<u32> {
    let start = |at: usize| question.plan.places[at].as_ref().map_or(Time::MAX, Place::start);
    let pinned = |activity: &Activity| activity.pin.is_none();
    let mut order: Vec<usize> = (0..question.plan.places.len()).collect();
    order.sort_by_key(|&at| (start(at), pinned(&question.problem.activities[at]), at));
    let mut turns = vec![0; order.len()];
    for (turn, at) in order.into_iter().enumerate() {
        turns[at] = turn as u32;
    }
    turns
}
