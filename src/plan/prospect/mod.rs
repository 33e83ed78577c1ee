//! How a sprint on the board will probably end: its plan as it stands, played out with what the team's history says.
//!
//! It owns the way from the board's tasks to a forecast and back. It must never change a plan.

mod deadline;
mod milestone;
mod pace;
mod promise;
mod risk;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::Duration;
use serde::Serialize;

pub use deadline::Due;
pub use milestone::{ByPace, Milestone, OpenPart};
use pace::Pace;
pub use pace::{Duel, GoBy, Paced, SecondOpinion};
pub use promise::Promise;
pub use risk::Threat;
pub use words::{Row, Tone, delay, percent};

use super::course::{Course, Progress};
use super::forecast::{
    Basis, Beliefs, Goal, History, LOOK_AGAIN, Lever, Pass, Past, Question, Runs, Simulation, WhatIf, sensitivities,
    what_ifs,
};
use super::project::{Ground, Means};
use super::schedule::model::{Fault, Time};
use super::schedule::plan::{Place, Plan};
use super::schedule::{Budget, improve};
use super::team::reviews_a_day;
use crate::domain::{Risk, TaskId, Timestamp};

/// Names what a forecast was made by, in the log.
pub const MODEL: &str = "played-2";
/// Ends of tasks that are remembered at most, over all runs: 160 MB.
const MOST_RECORDS: u64 = 20_000_000;
/// Days after the end of the sprint that runs may take.
const OVERTIME_DAYS: i64 = 180;
/// The chance that a date and a goal are told with, and that what would help should lead to.
pub const WANTED: f64 = 0.8;
/// Steps of the search for places of what came after the plan.
const STEPS: u64 = 100;
/// Tasks that move the date most, and are told.
const MOVERS: usize = 3;

/// A task that was worked on, as the board knows it.
#[derive(Debug, Clone, Default)]
pub struct Deed {
    /// The task.
    pub task_id: Option<TaskId>,
    /// Name of whoever did it.
    pub agent: Option<String>,
    /// Model and version that they did it with; none while they are at it, or where nobody said so.
    pub model: Option<String>,
    /// Number of its sprint; 0 if it was in none.
    pub sprint: i64,
    /// What is known about it; agent and sprint are filled in here.
    pub past: Past,
}

impl Deed {
    fn version(&self) -> Option<(&str, &str)> {
        Some((self.agent.as_deref()?, self.model.as_deref()?))
    }
}

/// A result that somebody has judged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reviewed {
    /// Name of the person; none: a program, whose time is not shared out.
    pub by: Option<String>,
    /// Minutes that a plan gives the first look at it.
    pub thought: f64,
    /// Whether it had been sent back before.
    pub again: bool,
    /// Its part of the time that passed before verdicts at one sitting, above 0 to 1.
    pub part: f64,
    /// That time, in working days of the person.
    pub long: f64,
    /// By day: minutes of that time, and those in which the person had any result to judge.
    pub days: Vec<(f64, f64)>,
}

/// What the team did so far.
#[derive(Debug, Clone, Default)]
pub struct Deeds {
    /// Tasks, the latest last.
    pub tasks: Vec<Deed>,
    /// When tasks were done, measured or not.
    pub done_at: Vec<Timestamp>,
    /// Hours a week that the team had from an instant on, oldest first, the last one with those that it has now; nothing
    /// where that is not known.
    pub crew: Vec<(Timestamp, f64)>,
    /// Tasks that came on top of each that was planned in closed sprints; 0 where too few were closed.
    pub growth: f64,
    /// How the forecast and the pace did on closed sprints.
    pub record: Option<Duel>,
    /// Working minutes that answers took.
    pub answers: Vec<f64>,
    /// Results that somebody has judged; not those that still wait.
    pub reviews: Vec<Reviewed>,
    /// Share of the open hours in which somebody was at tasks while there were some, by name; of others nothing is known.
    pub focus: BTreeMap<String, f64>,
    /// Number of the sprint that is foretold.
    pub sprint: i64,
    /// Its first instant: nothing begins earlier.
    pub starts_at: Option<Timestamp>,
    /// What is open of each milestone on the whole board.
    pub milestones: Vec<OpenPart>,
    /// What may come in between, by name.
    pub risks: Vec<Risk>,
}

/// How a forecast is made.
#[derive(Debug, Clone, Copy)]
pub struct How {
    /// Runs.
    pub runs: u64,
    /// Where chance begins.
    pub seed: u64,
    /// Whether to say what moves the date, and what would help.
    pub advises: bool,
}

/// How a sprint will probably end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prospect {
    /// Open tasks that are looked at: what was committed to, and what somebody has begun.
    pub tasks: usize,
    /// Open tasks that are done if there is time; no date depends on them.
    pub stretch: usize,
    /// Open tasks that are not: the plan leaves them out, nobody can do them, or they cannot go on.
    pub without_place: Vec<TaskId>,
    /// Those of them that cannot go on, blocked or behind what is.
    pub stuck: Vec<TaskId>,
    /// What stands in their way, in short; none if nothing does.
    pub barrier: Option<String>,
    /// When the last of them ends by the plan, if nothing comes in between; none where nobody made one.
    pub plan_at: Option<Timestamp>,
    /// When all of them are done with a chance of one half; none if that is more than half a year after the sprint.
    pub p50_at: Option<Timestamp>,
    /// The same with a chance of 80 %.
    pub p80_at: Option<Timestamp>,
    /// The 80 % date by how many tasks were done a day so far; none where that is too little to go by.
    pub pace: Option<SecondOpinion>,
    /// Which of the two dates did better on the closed sprints; none where there is one date only, or fewer than five were
    /// judged.
    pub go_by: Option<GoBy>,
    /// How the two did on these; none where nothing was judged.
    pub record: Option<Duel>,
    /// End of the sprint.
    pub goal_at: Timestamp,
    /// The chance that all that are looked at are done by then, 0 to 1.
    pub chance: f64,
    /// The same for all that was committed to; none while some of that cannot go on or has no place.
    pub chance_of_all: Option<f64>,
    /// How many of them are done by then at least with a chance of 80 %.
    pub done_p80: usize,
    /// Deadlines of tasks that are looked at, the least likely to be kept first.
    pub deadlines: Vec<Due>,
    /// When milestones are reached: those that the sprint has a part of, then others.
    pub milestones: Vec<Milestone>,
    /// How many more there are.
    pub more_milestones: usize,
    /// What may come in between by name, with what it costs; what costs most first.
    pub risks: Vec<Threat>,
    /// What moves the date most.
    pub movers: Vec<Mover>,
    /// What would help, the best way first; nothing where the goal is likely enough.
    pub ways: Vec<Way>,
    /// Tasks that were finished lately, whether it could be measured what they took or not.
    pub finished: usize,
    /// What it rests on.
    pub basis: Basis,
    /// What a task takes at the median and in 80 of 100 cases, against its estimate.
    pub typical: (f64, f64),
    /// Reviews that were measured.
    pub reviews: usize,
    /// What a review takes at the median, against what a plan gives it.
    pub typical_review: f64,
    /// Runs: as many as were asked for, or as there is room to remember.
    pub runs: u64,
    /// Where chance began.
    pub seed: u64,
    /// Names everything that went in: the same number means the same question.
    pub inputs: String,
}

/// A task that moves the date.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mover {
    /// The task.
    pub task_id: TaskId,
    /// Its number.
    pub label: String,
    /// Its title.
    pub title: String,
    /// Minutes by which the 80 % date would come earlier if it took no more than its median.
    pub gain_minutes: i64,
    /// Share of the runs in which the end hung on it.
    pub critical: f64,
}

/// Something that would help.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Way {
    /// In a few words.
    pub what: String,
    /// Tasks that it is about, what waits for them included.
    pub tasks: Vec<TaskId>,
    /// The chance of the goal with it, 0 to 1.
    pub chance: f64,
    /// It is enough, or helps much.
    pub recommended: bool,
}

impl Prospect {
    /// Looks ahead; none where nothing is open that somebody can do.
    ///
    /// # Errors
    /// What keeps the sprint from being planned at all, such as tasks that wait for themselves.
    pub fn of(course: &Course, deeds: &Deeds, how: How) -> Result<Option<Self>, String> {
        let explained = course.explained_until(OVERTIME_DAYS)?;
        let ground = explained.ground();
        let plan = completed(course, &ground)?;
        if plan.places.iter().all(Option::is_none) {
            return Ok(None);
        }
        let told = Told { course, ground, plan: &plan, deeds };
        told.prospect(how).map(Some).map_err(|fault| fault.to_string())
    }
}

/// Whether nobody committed to a task, and nobody is at it.
fn is_stretch(course: &Course, at: usize) -> bool {
    let (job, progress) = &course.items[at];
    *progress == Progress::Waits && course.layout.stretch.contains(&job.task_id)
}

/// The plan that stands for what was committed to, with places for what came after it.
fn completed(course: &Course, ground: &Ground) -> Result<Plan, String> {
    let out: BTreeSet<TaskId> = course.layout.left_out.iter().map(|out| out.task_id).collect();
    let is_open = |at: usize| !out.contains(&course.items[at].0.task_id) && !is_stretch(course, at);
    let mut plan = ground.plan.clone();
    for at in (0..plan.places.len()).filter(|at| is_stretch(course, *at)) {
        plan.places[at] = None;
    }
    if (0..plan.places.len()).any(|at| plan.places[at].is_none() && is_open(at)) {
        let mut budget = Budget { steps: STEPS, stop: &mut || false };
        let found = improve(&ground.built.problem, &plan, 1, &mut budget, &mut |_| {});
        let found = found.map_err(|fault| fault.to_string())?.plan;
        for (at, place) in found.places.into_iter().enumerate() {
            if plan.places[at].is_none() && is_open(at) {
                plan.places[at] = place;
            }
        }
    }
    Ok(plan)
}

struct Told<'a> {
    course: &'a Course,
    ground: Ground<'a>,
    plan: &'a Plan,
    deeds: &'a Deeds,
}

impl Told<'_> {
    fn prospect(&self, how: How) -> Result<Prospect, Fault> {
        let (question, goal, beliefs) = (self.question(), self.goal(), self.beliefs(how.seed));
        let simulation = self.played(&question, &beliefs, how)?;
        let chance = simulation.runs.chance(&goal);
        let ways = if how.advises && chance < WANTED {
            what_ifs(&question, &beliefs, &goal, WANTED, how.seed)?
        } else {
            Vec::new()
        };
        let tasks = self.plan.places.iter().flatten().count();
        let (without_place, stuck) = (self.without_place(), self.course.stuck());
        let pace = Pace::of(self.deeds, self.course.ground.now);
        let (milestones, more_milestones) = self.milestones(&simulation.runs, pace.as_ref());
        let date = |level: f64| simulation.runs.quantile(level).and_then(|time| self.date(time));
        let by_pace = pace.as_ref().map(|pace| pace.opinion(tasks, date(WANTED), self.course.ends_at));
        Ok(Prospect {
            tasks,
            stretch: (0..self.course.items.len()).filter(|at| is_stretch(self.course, *at)).count(),
            chance_of_all: Some(chance).filter(|_| without_place.is_empty()),
            stuck: without_place.iter().copied().filter(|id| stuck.contains(id)).collect(),
            barrier: self.course.barrier(),
            without_place,
            plan_at: self.plan_at(),
            p50_at: date(0.5),
            p80_at: date(0.8),
            go_by: self.deeds.record.and_then(|record| record.go_by()).filter(|_| by_pace.is_some()),
            record: self.deeds.record,
            pace: by_pace,
            goal_at: self.course.ends_at,
            chance,
            done_p80: simulation.runs.count_by(goal.by, 0.8),
            deadlines: self.deadlines(&simulation.runs),
            milestones,
            more_milestones,
            risks: if how.advises { self.threats(&simulation, &goal) } else { Vec::new() },
            movers: if how.advises { self.movers(&simulation) } else { Vec::new() },
            ways: ways.iter().map(|way| self.way(way, &simulation)).collect(),
            typical: (beliefs.typical(0.5), beliefs.typical(0.8)),
            reviews: beliefs.reviews,
            typical_review: beliefs.typical_review(),
            finished: self.deeds.done_at.len(),
            basis: beliefs.basis,
            runs: simulation.runs.finishes.len() as u64,
            seed: how.seed,
            inputs: self.inputs(&simulation.runs),
        })
    }

    fn question(&self) -> Question<'_> {
        let mut question = Question::about(self.ground.project, self.ground.built, self.plan);
        let now = self.course.ground.now;
        question.from = self.time(self.deeds.starts_at.map_or(now, |at| at.max(now)));
        question.spreads = self.course.items.iter().map(|(job, _)| job.spread()).collect();
        question.measured = self.course.items.iter().map(|(job, _)| job.is_unsized() && job.guess.is_some()).collect();
        self.note_passes(&mut question);
        question.risks = self.played_risks();
        question
    }

    /// That all is done by the end of the sprint.
    fn goal(&self) -> Goal {
        Goal { activities: Vec::new(), by: self.time(self.course.ends_at) }
    }

    /// What the history says of the team.
    fn beliefs(&self, seed: u64) -> Beliefs {
        let means = &self.ground.built.means;
        let agents = means.iter().take_while(|means| matches!(means, Means::Agent(_))).count();
        let older = self.older();
        Beliefs::learn(&self.history(agents, &older), agents + older.len(), seed)
    }

    /// Agents with model versions that their latest work was not done with. The luck of those is not that of the present
    /// one, which begins where the team is.
    fn older(&self) -> Vec<(&str, &str)> {
        let all = || self.deeds.tasks.iter().filter_map(Deed::version);
        let latest: BTreeMap<&str, &str> = all().collect();
        let older: BTreeSet<(&str, &str)> = all().filter(|(agent, model)| latest[agent] != *model).collect();
        older.into_iter().collect()
    }

    /// As many runs as are asked for, or as there is room to remember.
    fn played<'b>(&self, question: &Question, beliefs: &'b Beliefs, how: How) -> Result<Simulation<'b>, Fault> {
        let mut simulation = Simulation::new(question, beliefs, how.seed)?;
        simulation.run(how.runs.min(MOST_RECORDS / self.plan.places.len().max(1) as u64));
        Ok(simulation)
    }

    /// How long work goes on already, and what a review has sent back.
    fn note_passes(&self, question: &mut Question) {
        for (job, _) in &self.course.items {
            let deed = self.deeds.tasks.iter().find(|deed| deed.task_id == Some(job.task_id));
            let past = deed.map(|deed| &deed.past);
            let rounds = past.and_then(|past| past.sent_back).unwrap_or(0);
            // What nobody has begun is only meant for somebody.
            let took = past.map_or(0.0, |past| if past.ended { past.redone.unwrap_or(0.0) } else { past.took });
            let open = deed.map_or(1.0, |deed| self.open(deed));
            question.worked.push(Some(took * open));
            let pass = past.filter(|_| rounds > 0).map(|past| Pass { rounds, first: past.took * open });
            question.passes.push(pass);
        }
    }

    /// Open hours that pass for each hour of work on a task: what was measured is work, what is played are hours. This is
    /// the only place where the one becomes the other.
    fn open(&self, deed: &Deed) -> f64 {
        let focus = deed.agent.as_ref().and_then(|name| self.deeds.focus.get(name));
        focus.map_or(1.0, |focus| 1.0 / focus.clamp(0.05, 1.0))
    }

    fn time(&self, at: Timestamp) -> Time {
        let start = self.ground.built.start.as_ref().map(chrono::DateTime::to_utc);
        start.map_or(0, |start| (at - start).num_minutes().max(0) as Time)
    }

    fn date(&self, time: Time) -> Option<Timestamp> {
        Some(self.ground.built.start.as_ref()?.to_utc() + Duration::minutes(i64::from(time)))
    }

    /// Names become indices, sprints are counted from the oldest on.
    fn history(&self, count: usize, older: &[(&str, &str)]) -> History {
        let mut numbers: BTreeSet<i64> = self.deeds.tasks.iter().map(|deed| deed.sprint).collect();
        numbers.remove(&self.deeds.sprint);
        let numbers: Vec<i64> = numbers.into_iter().collect();
        let agents = &self.ground.project.agents;
        let past = |deed: &Deed| {
            let agent = deed.agent.as_ref().and_then(|name| agents.iter().position(|agent| agent.name == *name));
            // Those of older versions come behind all agents.
            let version = deed.version().and_then(|one| older.iter().position(|other| *other == one));
            Past {
                agent: version.map(|version| count + version).or(agent),
                sprint: numbers.iter().position(|number| *number == deed.sprint).unwrap_or(numbers.len()),
                // The hours that a plan gives it, and those that it took; who is not planned for counts as planned rightly.
                thought: agent.map_or(deed.past.thought * self.open(deed), |at| deed.past.thought / agents[at].focus),
                took: deed.past.took * self.open(deed),
                redone: deed.past.redone.map(|minutes| minutes * self.open(deed)),
                ..deed.past.clone()
            }
        };
        let tasks = self.deeds.tasks.iter().map(past).collect();
        let (answers, reviews) = (self.deeds.answers.clone(), self.reviews());
        History { tasks, answers, reviews, sprint: numbers.len() }
    }

    /// Reviews in the hours that the plan gives people for them, so many a day: those of a day on which somebody had
    /// results to judge for longer are shared by these, and a result takes no more of them than there are in as many days
    /// as it lay there. So two days are two days when they are played, however much of a day is for reviews.
    fn reviews(&self) -> Vec<(f64, f64)> {
        let a_day = reviews_a_day(self.ground.project);
        let usual = a_day.values().sum::<f64>() / a_day.len() as f64;
        let took = |one: &Reviewed| {
            let own = one.by.as_ref().map(|name| a_day.get(name.as_str()).copied().unwrap_or(usual));
            let own = own.unwrap_or(f64::INFINITY);
            let shared = |(minutes, all): &(f64, f64)| minutes * (own / all.max(1.0)).min(1.0);
            one.part * one.days.iter().map(shared).sum::<f64>().min(own * one.long.max(1.0))
        };
        let thought = |one: &Reviewed| one.thought * if one.again { LOOK_AGAIN } else { 1.0 };
        // Where nobody looks at results in the plan, none of it is played.
        let all = self.deeds.reviews.iter().filter(|_| !a_day.is_empty());
        all.map(|one| (thought(one), took(one))).collect()
    }

    /// When the plan ends; none where nobody made one.
    fn plan_at(&self) -> Option<Timestamp> {
        let last = self.plan.places.iter().flatten().map(Place::end).max();
        last.filter(|_| !self.course.layout.slots.is_empty()).and_then(|end| self.date(end))
    }

    fn without_place(&self) -> Vec<TaskId> {
        let is_out = |at: &usize| self.plan.places[*at].is_none() && !is_stretch(self.course, *at);
        (0..self.course.items.len()).filter(is_out).map(|at| self.course.items[at].0.task_id).collect()
    }

    fn movers(&self, simulation: &Simulation) -> Vec<Mover> {
        let found = sensitivities(simulation).into_iter().take(MOVERS);
        let mover = |one: super::forecast::Sensitivity| {
            let job = &self.course.items[one.activity].0;
            Mover {
                task_id: job.task_id,
                label: job.label.clone(),
                title: job.title.clone(),
                gain_minutes: one.gain,
                critical: one.critical,
            }
        };
        found.map(mover).collect()
    }

    fn way(&self, way: &WhatIf, simulation: &Simulation) -> Way {
        let job = |at: usize| &self.course.items[at].0;
        let agent = |at: usize| self.ground.project.agents[at].name.clone();
        let (what, tasks) = match &way.lever {
            Lever::Cut(cuts) => {
                let out = simulation.without(cuts);
                let waiting =
                    (0..out.len()).filter(|at| out[*at] && !cuts.contains(at) && self.plan.places[*at].is_some());
                let waiting: Vec<usize> = waiting.collect();
                let labels =
                    |some: &[usize]| some.iter().map(|&at| job(at).label.as_str()).collect::<Vec<_>>().join(", ");
                let what = format!("without {}", labels(cuts));
                let others = || format!(" and {}, waiting for it", labels(&waiting));
                let what = if waiting.is_empty() { what } else { what + &others() };
                (what, [cuts.clone(), waiting].concat())
            }
            Lever::Swap { activity, mode } => {
                let crew = self.ground.built.crews[*activity][0][*mode].first();
                let to = crew.map_or_else(String::new, |&first| agent(first));
                (format!("{} to {to}", job(*activity).label), vec![*activity])
            }
            Lever::Add(resource) => {
                (format!("one more like {}", self.ground.built.label(self.ground.project, *resource)), Vec::new())
            }
        };
        let tasks = tasks.iter().map(|&at| job(at).task_id).collect();
        Way { what, tasks, chance: way.chance, recommended: way.recommended }
    }

    /// What comes out of the runs says as much as what went in.
    fn inputs(&self, runs: &Runs) -> String {
        let mut hasher = DefaultHasher::new();
        (MODEL, self.deeds.tasks.len(), self.plan.places.len(), &runs.finishes).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}
