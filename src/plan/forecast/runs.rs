//! Many runs of one world, and what they say: dates, chances, counts. More runs can be added at any time.

use super::belief::Beliefs;
use super::clock::NEVER;
use super::play::{Player, Twist};
use super::world::World;
use super::{Goal, Question, Risk};
use crate::plan::schedule::model::{Fault, Time};

/// A question that is being answered: each further run makes the answer finer.
#[derive(Debug)]
pub struct Simulation<'a> {
    pub(super) world: World,
    pub(super) risks: Vec<Risk>,
    pub(super) beliefs: &'a Beliefs,
    pub(super) seed: u64,
    /// What has come out so far.
    pub runs: Runs,
}

/// What came out of runs.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    tasks: usize,
    /// By activity: whether it counts for the end of the whole.
    planned: Vec<bool>,
    /// By run: when the last activity ended.
    pub finishes: Vec<Time>,
    /// By run, then activity: when it ended.
    ends: Vec<Time>,
    /// By run, then activity: minutes that it took.
    minutes: Vec<f32>,
    /// By activity: in how many runs the end hung on it.
    critical: Vec<u32>,
}

impl<'a> Simulation<'a> {
    /// Lays a question out; nothing has been played yet.
    ///
    /// # Errors
    /// The fault of a problem that makes no sense.
    pub fn new(question: &Question, beliefs: &'a Beliefs, seed: u64) -> Result<Self, Fault> {
        let world = World::of(question)?;
        let runs = Runs::of(&world, &Twist::default());
        Ok(Self { world, risks: question.risks.clone(), beliefs, seed, runs })
    }

    /// Plays so many more runs.
    pub fn run(&mut self, count: u64) {
        let first = self.runs.finishes.len() as u64;
        let mut runs = std::mem::take(&mut self.runs);
        self.play(&mut runs, first..first + count, self.seed, &Twist::default());
        self.runs = runs;
    }

    /// By activity: whether it leaves when these do, as one of them or because it waits for one.
    pub fn without(&self, gone: &[usize]) -> Vec<bool> {
        self.world.without(gone)
    }

    /// The same luck with something different.
    pub(super) fn with(&self, twist: &Twist, count: u64, seed: u64) -> Runs {
        let mut runs = Runs::of(&self.world, twist);
        self.play(&mut runs, 0..count, seed, twist);
        runs
    }

    fn play(&self, runs: &mut Runs, which: std::ops::Range<u64>, seed: u64, twist: &Twist) {
        let mut player = Player::new(&self.world, &self.risks);
        for run in which {
            player.play(self.beliefs.of_run(run), seed, run, twist);
            runs.add(&player);
        }
    }
}

impl Runs {
    fn of(world: &World, twist: &Twist) -> Self {
        let out = |at: usize| twist.out.get(at).copied().unwrap_or(false);
        let planned = world.jobs.iter().enumerate().map(|(at, job)| job.is_some() && !out(at));
        let tasks = world.jobs.len();
        Self { tasks, planned: planned.collect(), critical: vec![0; tasks], ..Self::default() }
    }

    fn add(&mut self, player: &Player) {
        let ends = player.ends.iter().zip(&self.planned).filter(|(_, planned)| **planned);
        self.finishes.push(ends.map(|(end, _)| *end).max().unwrap_or(0));
        self.ends.extend(&player.ends);
        self.minutes.extend(&player.minutes);
        for (count, critical) in self.critical.iter_mut().zip(&player.critical) {
            *count += u32::from(*critical);
        }
    }

    /// Number of runs.
    pub fn count(&self) -> usize {
        self.finishes.len()
    }

    /// When everything is done with a chance from 0 to 1; none if that is not known to happen, or nothing was played.
    pub fn quantile(&self, level: f64) -> Option<Time> {
        quantile(self.finishes.clone(), level)
    }

    /// The same for some activities.
    pub fn quantile_of(&self, activities: &[usize], level: f64) -> Option<Time> {
        quantile(self.by_run().map(|ends| activities.iter().map(|&at| ends[at]).max().unwrap_or(0)).collect(), level)
    }

    /// The chance that a goal is reached, 0 to 1: all its activities are done by its date.
    pub fn chance(&self, goal: &Goal) -> f64 {
        let all = goal.activities.is_empty();
        let asked: Vec<usize> = if all { self.planned_ones() } else { goal.activities.clone() };
        let kept = |ends: &&[Time]| asked.iter().all(|&at| ends[at] <= goal.by);
        self.by_run().filter(kept).count() as f64 / self.count().max(1) as f64
    }

    /// By number of activities, from 0 on: the chance that at least so many of the plan are done by a date.
    pub fn at_least(&self, by: Time) -> Vec<f64> {
        let planned = self.planned_ones();
        let mut done = vec![0_u32; planned.len() + 1];
        for ends in self.by_run() {
            done[planned.iter().filter(|&&at| ends[at] <= by).count()] += 1;
        }
        let mut sum = 0;
        let mut chances: Vec<f64> = done
            .iter()
            .rev()
            .map(|count| {
                sum += count;
                f64::from(sum) / self.count().max(1) as f64
            })
            .collect();
        chances.reverse();
        chances
    }

    /// How many are done by a date at least with a chance from 0 to 1.
    pub fn count_by(&self, by: Time, level: f64) -> usize {
        self.at_least(by).iter().rposition(|chance| *chance >= level).unwrap_or(0)
    }

    /// Share of the runs in which the end of the whole hung on an activity.
    pub fn criticality(&self, activity: usize) -> f64 {
        f64::from(self.critical[activity]) / self.count().max(1) as f64
    }

    /// By run: when an activity ended.
    pub fn ends_of(&self, activity: usize) -> impl Iterator<Item = Time> + '_ {
        self.by_run().map(move |ends| ends[activity])
    }

    /// By run: minutes that an activity took, work and review.
    pub(super) fn minutes_of(&self, activity: usize) -> impl Iterator<Item = f64> + '_ {
        self.minutes.chunks(self.tasks.max(1)).map(move |minutes| f64::from(minutes[activity]))
    }

    /// Activities of the plan.
    pub(super) fn planned_ones(&self) -> Vec<usize> {
        (0..self.tasks).filter(|&at| self.planned[at]).collect()
    }

    fn by_run(&self) -> impl Iterator<Item = &[Time]> {
        self.ends.chunks(self.tasks.max(1))
    }
}

/// The smallest time that is not exceeded with a chance; none if it never comes.
fn quantile(mut times: Vec<Time>, level: f64) -> Option<Time> {
    let rank = ((times.len() as f64 * level - 1e-9).ceil().max(1.0) as usize).min(times.len()).checked_sub(1)?;
    let (_, found, _) = times.select_nth_unstable(rank);
    Some(*found).filter(|time| *time < NEVER - 1)
}
