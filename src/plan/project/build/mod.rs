//! A project as a problem for the scheduler: who and what is there when, and what each task asks of it.
//!
//! It owns the translation and the way back from indices to names. It must never judge a plan.

mod hours;
mod stage;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, NaiveDateTime, TimeZone, Utc};

use super::units::moment;
use super::{After, Instant, Mistake, Project, Quota, Task};
use crate::domain::Zone;
use crate::domain::words::work;
use crate::plan::schedule::model::{
    Activity, Calendar, Due, Fault, Hold, Kind, Link, Objective, Problem, Resource, Stage, Time,
};
use hours::There;

/// A day, in minutes.
const DAY: u32 = 24 * 60;

/// Nothing is planned that long after the start: fifty years.
const FARTHEST: Time = 50 * 366 * DAY;

/// Values add up to no more than this.
const MOST_VALUE: u64 = i64::MAX as u64 / 4;

/// More windows of an allowance than these are refused: tables are laid out for them.
const MOST_WINDOWS: u32 = 100_000;

/// Agents who do a stage together, by index; mostly one.
pub type Crew = Vec<usize>;

/// A problem with what is needed to say its answer in names.
#[derive(Debug, Clone)]
pub struct Built {
    /// The problem.
    pub problem: Problem,
    /// By resource of the problem: what it stands for.
    pub means: Vec<Means>,
    /// By activity and stage: the agents of each mode.
    pub crews: Vec<Vec<Vec<Crew>>>,
    /// When the plan begins.
    pub start: Option<chrono::DateTime<Zone>>,
}

/// What a resource of the problem stands for in the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// An agent, in person or by an allowance; index.
    Agent(usize),
    /// A resource, itself or its allowance; index.
    Resource(usize),
    /// A lane; index.
    Lane(usize),
    /// A path that several tasks touch, as one of them calls it; index of the task and of the path in it.
    Path(usize, usize),
}

impl Built {
    /// What people call a resource of the problem.
    pub fn label(&self, project: &Project, resource: usize) -> String {
        match self.means[resource] {
            Means::Agent(at) => project.agents[at].name.clone(),
            Means::Resource(at) => project.resources[at].name.clone(),
            Means::Lane(at) => format!("lane {}", project.lanes[at].name),
            Means::Path(task, path) => format!("path {}", project.tasks[task].touches[path]),
        }
    }

    /// A time of the plan as a date, where the project has a start.
    pub fn date(&self, time: Time) -> Option<String> {
        let at = self.start.clone()? + Duration::minutes(i64::from(time));
        Some(at.format("%Y-%m-%dT%H:%M%:z").to_string())
    }
}

/// What is built, resource by resource.
struct Builder<'a> {
    project: &'a Project,
    zone: Zone,
    start: Option<chrono::DateTime<Zone>>,
    horizon: Time,
    resources: Vec<Resource>,
    means: Vec<Means>,
    /// What each agent, resource and lane of the project has become.
    parts: BTreeMap<Means, Vec<usize>>,
}

/// Turns a project into a problem.
///
/// # Errors
/// The first mistake in the project, with the keys that lead to it.
pub fn build(project: &Project) -> Result<Built, Mistake> {
    let zone = zone(project.zone.as_deref(), "zone")?;
    let mut builder = Builder {
        project,
        start: start(project, &zone)?,
        zone,
        horizon: 0,
        resources: Vec::new(),
        means: Vec::new(),
        parts: BTreeMap::new(),
    };
    builder.horizon = builder.horizon()?;
    builder.agents()?;
    builder.others()?;
    builder.lanes()?;
    let paths = builder.paths();
    let index = index(project.tasks.iter().map(|task| task.name.as_str()), "tasks")?;
    let mut activities = Vec::new();
    let mut crews = Vec::new();
    for (at, task) in project.tasks.iter().enumerate() {
        let (activity, able) = builder.activity(task, &index, &paths[at])?;
        activities.push(activity);
        crews.push(able);
    }
    let weights = project.objective.unwrap_or(super::Weights { finish: 1, lateness: 1, ..Default::default() });
    let objective = Objective {
        finish: weights.finish,
        lateness: weights.lateness,
        cost: weights.cost,
        balance: weights.balance,
        stability: 0,
    };
    let problem = Problem { resources: builder.resources, activities, objective, horizon: builder.horizon };
    // Those that have to be done have their worth, too: reports add it up.
    let worth = project.tasks.iter().filter_map(|task| task.value).map(i64::unsigned_abs);
    let counted = worth.fold(0, u64::saturating_add) <= MOST_VALUE;
    problem.check().and(if counted { Ok(()) } else { Err(Fault::TooMuch) }).map_err(|fault| named(&fault, project))?;
    Ok(Built { problem, means: builder.means, crews, start: builder.start })
}

/// The scheduler counts activities; people name tasks.
fn named(fault: &Fault, project: &Project) -> Mistake {
    if let Fault::Cycle { activity } = *fault {
        let names = circle(project, activity);
        let first = names.first().copied().unwrap_or_default();
        return Mistake::new("after", first, format!("it waits for itself: {} after {first}", names.join(" after ")));
    }
    match fault.activity().and_then(|at| project.tasks.get(at)) {
        Some(task) => Mistake::new("tasks", &task.name, fault.to_string()),
        None => Mistake::new("tasks", "", fault.to_string()),
    }
}

/// Tasks that come after each other in a circle, found from one that waits for it.
fn circle(project: &Project, from: usize) -> Vec<&str> {
    let tasks = &project.tasks;
    let index: BTreeMap<&str, usize> = tasks.iter().enumerate().map(|(at, task)| (task.name.as_str(), at)).collect();
    let before = |at: usize| tasks[at].after.iter().filter_map(|after| index.get(after.task()).copied());
    let mut bound = vec![true; tasks.len()];
    while let Some(at) = (0..tasks.len()).find(|&at| bound[at] && !before(at).any(|on| bound[on])) {
        bound[at] = false;
    }
    let mut way = vec![from];
    while let Some(next) = way.last().and_then(|&at| before(at).find(|&on| bound[on])) {
        if let Some(begin) = way.iter().position(|&at| at == next) {
            return way[begin..].iter().map(|&at| tasks[at].name.as_str()).collect();
        }
        way.push(next);
    }
    Vec::new()
}

fn zone(name: Option<&str>, key: &str) -> Result<Zone, Mistake> {
    let Some(name) = name else { return Ok(Zone::default()) };
    name.parse().map_err(|_| Mistake::new(key, name, "no such time zone; try `Europe/Madrid`"))
}

fn start(project: &Project, zone: &Zone) -> Result<Option<chrono::DateTime<Zone>>, Mistake> {
    let Some(text) = &project.start else { return Ok(None) };
    let wrong = || Mistake::new("start", text, "no date and time of this zone; try `2026-03-02T09:00`");
    let local = moment(text).ok_or_else(wrong)?;
    zone.from_local_datetime(&local).earliest().map(Some).ok_or_else(wrong)
}

/// The index of each name; a name stands for one thing only.
fn index<'a>(names: impl Iterator<Item = &'a str>, key: &str) -> Result<BTreeMap<&'a str, usize>, Mistake> {
    let mut index = BTreeMap::new();
    for (at, name) in names.enumerate() {
        if index.insert(name, at).is_some() {
            return Err(Mistake::new(format!("{key}[{at}].name"), name, "that name is taken already"));
        }
    }
    Ok(index)
}

impl Builder<'_> {
    /// The end of the project, or far enough for any sensible plan.
    fn horizon(&self) -> Result<Time, Mistake> {
        if let Some(ends) = &self.project.ends {
            return self.time(ends, "ends");
        }
        let work: u64 =
            self.project.tasks.iter().flat_map(|task| &task.stages).map(|stage| u64::from(stage.effort.0)).sum();
        let dates = self.project.tasks.iter().flat_map(|task| [&task.not_before, &task.pinned, &task.deadline]);
        let latest = dates.flatten().map(|date| self.time(date, "tasks")).collect::<Result<Vec<_>, _>>()?;
        let latest = u64::from(latest.into_iter().max().unwrap_or(0));
        // People work eight hours on five days of seven.
        Ok((latest + 5 * work + 28 * u64::from(DAY)).min(u64::from(FARTHEST)) as Time)
    }

    /// Minutes from the start.
    fn time(&self, instant: &Instant, key: &str) -> Result<Time, Mistake> {
        let minutes = match instant {
            Instant::After(span) => i64::from(span.0),
            Instant::At(local) => self.since_start(*local, &self.zone, key)?,
        };
        let fits = |minutes: &Time| *minutes <= FARTHEST;
        let wrong = || Mistake::new(key, "", "lies before the start of the plan, or more than fifty years behind it");
        Time::try_from(minutes).ok().filter(fits).ok_or_else(wrong)
    }

    fn since_start(&self, local: NaiveDateTime, zone: &Zone, key: &str) -> Result<i64, Mistake> {
        let Some(start) = &self.start else {
            return Err(Mistake::new(key, "", "a date needs `start` at the top of the project"));
        };
        // An hour that a clock leaves out begins when the next one does.
        let there =
            [0, 60].iter().find_map(|skip| zone.from_local_datetime(&(local + Duration::minutes(*skip))).earliest());
        let there = there.ok_or_else(|| Mistake::new(key, local.to_string(), "this time does not exist there"))?;
        Ok((there.with_timezone(&Utc) - start.with_timezone(&Utc)).num_minutes())
    }

    fn add(&mut self, means: Means, kind: Kind, calendar: Calendar) -> usize {
        let resource = self.resources.len();
        self.means.push(means);
        self.parts.entry(means).or_default().push(resource);
        self.resources.push(Resource { kind, calendar });
        resource
    }

    fn agents(&mut self) -> Result<(), Mistake> {
        let agents = &self.project.agents;
        index(agents.iter().map(|agent| agent.name.as_str()), "agents")?;
        for (at, agent) in agents.iter().enumerate() {
            if !(agent.focus > 0.0 && agent.focus <= 1.0) {
                let key = format!("agents[{at}].focus");
                return Err(Mistake::new(key, agent.focus.to_string(), "a share above 0 to 1"));
            }
            let there = There { hours: &agent.hours, zone: agent.zone.as_deref(), away: &agent.away };
            // Dates in time zones take long, and teams keep the same hours.
            let same = agents[..at]
                .iter()
                .position(|other| (&other.hours, &other.zone, &other.away) == (&agent.hours, &agent.zone, &agent.away));
            let calendar = match same {
                Some(same) => self.resources[same].calendar.clone(),
                None => self.calendar(&there, &format!("agents[{at}]"))?,
            };
            self.add(Means::Agent(at), Kind::Pool { capacity: agent.at_once }, calendar);
        }
        for (at, agent) in agents.iter().enumerate() {
            self.allow(Means::Agent(at), &agent.quotas, &format!("agents[{at}]"))?;
        }
        Ok(())
    }

    /// Resources that are no agents.
    fn others(&mut self) -> Result<(), Mistake> {
        let others = &self.project.resources;
        index(others.iter().map(|other| other.name.as_str()), "resources")?;
        for (at, other) in others.iter().enumerate() {
            let key = format!("resources[{at}]");
            let there = There { hours: &other.hours, zone: other.zone.as_deref(), away: &other.away };
            let calendar = self.calendar(&there, &key)?;
            let limited = other.budget.is_some() || !other.quotas.is_empty();
            if other.budget.is_some()
                && (other.units.is_some() || !other.quotas.is_empty() || !calendar.open.is_empty())
            {
                return Err(Mistake::new(
                    key,
                    &other.name,
                    "a budget is spent whenever work is done; it has no units, hours or quotas",
                ));
            }
            self.parts.insert(Means::Resource(at), Vec::new());
            if let Some(amount) = other.budget {
                self.add(Means::Resource(at), Kind::Budget { amount }, Calendar::default());
            }
            if other.units.is_some() || !calendar.open.is_empty() || !limited {
                let capacity = other.units.unwrap_or(if limited { u32::MAX / 2 } else { 1 });
                self.add(Means::Resource(at), Kind::Pool { capacity }, calendar);
            }
            self.allow(Means::Resource(at), &other.quotas, &key)?;
        }
        Ok(())
    }

    fn allow(&mut self, means: Means, quotas: &[Quota], key: &str) -> Result<(), Mistake> {
        for quota in quotas {
            if let Some(every) = quota.every
                && (every.0 == 0 || self.horizon / every.0 > MOST_WINDOWS)
            {
                let message =
                    format!("at most {MOST_WINDOWS} windows fit in a plan; make `every` longer or `ends` earlier");
                return Err(Mistake::new(format!("{key}.quotas"), work(every.0), message));
            }
            self.add(means, kind(*quota, self.horizon), Calendar::default());
        }
        Ok(())
    }

    fn lanes(&mut self) -> Result<(), Mistake> {
        let lanes = &self.project.lanes;
        index(lanes.iter().map(|lane| lane.name.as_str()), "lanes")?;
        for (at, lane) in lanes.iter().enumerate() {
            self.add(Means::Lane(at), Kind::Pool { capacity: lane.limit }, Calendar::default());
        }
        Ok(())
    }

    /// By task: what it takes so that no two tasks work on the same paths. One resource for each path that nothing else
    /// lies in, for all tasks that it is within reach of: any two that may overlap meet at such a path.
    fn paths(&mut self) -> Vec<Vec<usize>> {
        let mut touched: BTreeMap<Reach, BTreeMap<usize, usize>> = BTreeMap::new();
        for (at, task) in self.project.tasks.iter().enumerate() {
            for (path, text) in task.touches.iter().enumerate() {
                touched.entry(Reach::of(text)).or_default().insert(at, path);
            }
        }
        let mut paths = vec![Vec::new(); self.project.tasks.len()];
        for (inner, own) in &touched {
            if inner.holds_another(&touched) {
                continue;
            }
            let tasks: BTreeSet<usize> = inner.outer(&touched).flat_map(|tasks| tasks.keys().copied()).collect();
            if tasks.len() > 1
                && let Some((task, path)) = own.first_key_value()
            {
                let means = Means::Path(*task, *path);
                let resource = self.add(means, Kind::Pool { capacity: 1 }, Calendar::default());
                for task in tasks {
                    paths[task].push(resource);
                }
            }
        }
        paths
    }

    fn activity(
        &self,
        task: &Task,
        index: &BTreeMap<&str, usize>,
        paths: &[usize],
    ) -> Result<(Activity, Vec<Vec<Crew>>), Mistake> {
        let key = |what: &str| format!("task `{}`: {what}", task.name);
        let date =
            |date: &Option<Instant>, what: &str| date.as_ref().map(|date| self.time(date, &key(what))).transpose();
        let mut activity = Activity {
            release: date(&task.not_before, "not_before")?.unwrap_or(0),
            due: date(&task.due, "due")?.map(|at| Due { at, weight: task.weight }),
            urgency: task.urgency,
            deadline: date(&task.deadline, "deadline")?,
            pin: date(&task.pinned, "pinned")?,
            value: task.optional_value(),
            ..Activity::default()
        };
        for after in &task.after {
            let (name, lag) = match after {
                After::Task(name) => (name, 0),
                After::Lag { task, lag } => (task, lag.0),
            };
            let before =
                index.get(name.as_str()).ok_or_else(|| Mistake::new(key("after"), name, "no task has that name"))?;
            activity.after.push(Link { activity: *before, lag });
        }
        let mut able = Vec::new();
        for (at, stage) in task.stages.iter().enumerate() {
            let crews = self.crews(stage, &key("stages"))?;
            let modes = crews.iter().map(|crew| self.mode(stage, crew, paths, &key("uses")));
            activity.stages.push(Stage { modes: modes.collect::<Result<_, _>>()? });
            able.push(crews);
            if let Some(lane) = &stage.lane {
                let wrong = || Mistake::new(key("lane"), lane, "no lane has that name; add it to `lanes`");
                let lane = self.project.lanes.iter().position(|one| one.name == *lane).ok_or_else(wrong)?;
                let resource = self.parts[&Means::Lane(lane)][0];
                activity.holds.push(Hold { resource, after: at.checked_sub(1), until: at });
            }
        }
        Ok((activity, able))
    }
}

fn kind(quota: Quota, horizon: Time) -> Kind {
    match quota.every {
        None => Kind::Quota { amount: quota.amount.0, every: horizon.max(1) },
        Some(every) if quota.rolling => Kind::Rolling { amount: quota.amount.0, length: every.0 },
        Some(every) => Kind::Quota { amount: quota.amount.0, every: every.0 },
    }
}

/// What a path or glob means, by what stands before its first wildcard.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reach {
    fixed: String,
    /// Anything may follow.
    open: bool,
}

impl Reach {
    /// `./src//parser/` is `src/parser`; the folder of the project itself is nothing at all.
    fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let path = parts.join("/");
        let fixed = path.split(['*', '?', '[', '{']).next().unwrap_or_default().to_owned();
        Self { open: fixed.len() < path.len(), fixed }
    }

    /// Whether another may lie in this one: it is the same, or begins as this one does and goes on, behind a `/` if this
    /// one is a folder.
    fn covers(&self, other: &Self) -> bool {
        let rest = other.fixed.strip_prefix(&self.fixed);
        rest.is_some_and(|rest| self.open || self.fixed.is_empty() || rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether one of these lies in this one, other than by the same beginning.
    fn holds_another<T>(&self, all: &BTreeMap<Self, T>) -> bool {
        let behind = all.range(self..).map(|(other, _)| other);
        let mut near = behind.take_while(|other| other.fixed.starts_with(&self.fixed));
        near.any(|other| other.fixed != self.fixed && self.covers(other))
    }

    /// What belongs to all of these that this one lies in, itself among them.
    fn outer<'a, T>(&'a self, all: &'a BTreeMap<Self, T>) -> impl Iterator<Item = &'a T> {
        let ends = self.fixed.char_indices().map(|(at, _)| at).chain([self.fixed.len()]);
        let above = ends.flat_map(|end| [false, true].map(|open| Self { fixed: self.fixed[..end].to_owned(), open }));
        above.filter(|other| other.covers(self)).filter_map(|other| all.get(&other))
    }
}
