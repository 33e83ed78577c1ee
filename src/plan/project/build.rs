//! A project as a problem for the scheduler.

use std::collections::BTreeMap;

use chrono::{Datelike, Duration, NaiveDateTime, NaiveTime, TimeZone, Utc, Weekday};

use super::units::moment;
use super::{After, Agent, Instant, Mistake, Project, Quota, Stage, Task};
use crate::domain::Zone;
use crate::plan::schedule::model::{
    Activity, Calendar, Due, Hold, Kind, Link, MOST_TIME, Mode, Objective, Problem, Resource, Time, Use,
};

/// A day, in minutes.
const DAY: u32 = 24 * 60;

/// A problem with what is needed to say its answer in names.
#[derive(Debug, Clone)]
pub struct Built {
    /// The problem.
    pub problem: Problem,
    /// By resource: who or what it is.
    pub resources: Vec<String>,
    /// By activity and stage: the agent of each mode.
    pub modes: Vec<Vec<Vec<usize>>>,
    /// When the plan begins.
    pub start: Option<chrono::DateTime<Zone>>,
}

/// What is built, resource by resource.
struct Builder<'a> {
    project: &'a Project,
    zone: Zone,
    start: Option<chrono::DateTime<Zone>>,
    horizon: Time,
    resources: Vec<Resource>,
    names: Vec<String>,
    /// By agent: its allowances among the resources.
    quotas: Vec<Vec<(usize, bool)>>,
    lanes: BTreeMap<&'a str, usize>,
}

/// Turns a project into a problem.
pub fn build(project: &Project) -> Result<Built, Mistake> {
    let zone = zone(project.zone.as_deref(), "zone")?;
    let mut builder = Builder {
        project,
        start: start(project, &zone)?,
        zone,
        horizon: 0,
        resources: Vec::new(),
        names: Vec::new(),
        quotas: Vec::new(),
        lanes: BTreeMap::new(),
    };
    builder.horizon = builder.horizon()?;
    builder.agents()?;
    builder.lanes()?;
    let paths = builder.paths();
    let index = index(project)?;
    let mut activities = Vec::new();
    let mut modes = Vec::new();
    for (at, task) in project.tasks.iter().enumerate() {
        let (activity, agents) = builder.activity(task, &index, &paths[at])?;
        activities.push(activity);
        modes.push(agents);
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
    problem.check().map_err(|fault| Mistake::new("tasks", "", named(&fault.to_string(), project)))?;
    Ok(Built { problem, resources: builder.names, modes, start: builder.start })
}

/// The scheduler counts activities; people name tasks.
fn named(fault: &str, project: &Project) -> String {
    let number = fault.strip_prefix("activity ").and_then(|rest| rest.split(' ').next()).and_then(|at| at.parse().ok());
    match number.and_then(|at: usize| project.tasks.get(at)) {
        Some(task) => format!("task `{}`: {fault}", task.name),
        None => fault.to_owned(),
    }
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

fn index(project: &Project) -> Result<BTreeMap<&str, usize>, Mistake> {
    let mut index = BTreeMap::new();
    for (at, task) in project.tasks.iter().enumerate() {
        if index.insert(task.name.as_str(), at).is_some() {
            return Err(Mistake::new(format!("tasks[{at}].name"), &task.name, "another task has that name already"));
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
        Ok((latest + 5 * work + 28 * u64::from(DAY)).min(u64::from(MOST_TIME) / 4) as Time)
    }

    /// Minutes from the start.
    fn time(&self, instant: &Instant, key: &str) -> Result<Time, Mistake> {
        let minutes = match instant {
            Instant::After(span) => i64::from(span.0),
            Instant::At(local) => self.since_start(*local, &self.zone, key)?,
        };
        let fits = |minutes: &Time| *minutes < MOST_TIME / 2;
        let wrong = || Mistake::new(key, "", "lies before the start of the plan, or centuries behind it");
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

    fn add(&mut self, name: String, resource: Resource) -> usize {
        self.names.push(name);
        self.resources.push(resource);
        self.resources.len() - 1
    }

    fn agents(&mut self) -> Result<(), Mistake> {
        for (at, agent) in self.project.agents.iter().enumerate() {
            if self.project.agents[..at].iter().any(|other| other.name == agent.name) {
                return Err(Mistake::new(
                    format!("agents[{at}].name"),
                    &agent.name,
                    "another agent has that name already",
                ));
            }
            if !(agent.focus > 0.0 && agent.focus <= 1.0) {
                let key = format!("agents[{at}].focus");
                return Err(Mistake::new(key, agent.focus.to_string(), "a share above 0 to 1"));
            }
            let calendar = self.calendar(agent, &format!("agents[{at}]"))?;
            self.add(agent.name.clone(), Resource { kind: Kind::Pool { capacity: agent.at_once }, calendar });
        }
        for agent in &self.project.agents {
            let quotas = agent.quotas.iter().map(|quota| {
                let name = format!("quota of {}", agent.name);
                let resource = Resource { kind: kind(*quota, self.horizon), calendar: Calendar::default() };
                (self.add(name, resource), quota.rolling)
            });
            let quotas = quotas.collect();
            self.quotas.push(quotas);
        }
        Ok(())
    }

    fn calendar(&self, agent: &Agent, key: &str) -> Result<Calendar, Mistake> {
        let mut open = if agent.hours.is_empty() { vec![(0, i64::from(self.horizon) + 1)] } else { Vec::new() };
        let there = zone(agent.zone.as_deref().or(self.project.zone.as_deref()), &format!("{key}.zone"))?;
        for text in &agent.hours {
            let key = format!("{key}.hours");
            let wrong = || Mistake::new(&key, text, "no hours; try `mon-fri 09:00-17:00`");
            let (days, from, to) = hours(text).ok_or_else(wrong)?;
            let first = self
                .start
                .as_ref()
                .ok_or_else(|| Mistake::new(&key, text, "hours need `start` at the top of the project"))?;
            let first = first.with_timezone(&there).date_naive() - Duration::days(1);
            for day in (0..i64::from(self.horizon / DAY) + 3).map(|day| first + Duration::days(day)) {
                if days.contains(&day.weekday()) {
                    let until = if to > from { day } else { day + Duration::days(1) };
                    open.push((
                        self.since_start(day.and_time(from), &there, &key)?,
                        self.since_start(until.and_time(to), &there, &key)?,
                    ));
                }
            }
        }
        for (from, to) in &agent.away {
            let key = format!("{key}.away");
            cut(&mut open, i64::from(self.time(from, &key)?), i64::from(self.time(to, &key)?));
        }
        let always = agent.hours.is_empty() && agent.away.is_empty();
        Ok(if always { Calendar::default() } else { Calendar { open: merged(open) } })
    }

    fn lanes(&mut self) -> Result<(), Mistake> {
        for (at, lane) in self.project.lanes.iter().enumerate() {
            let resource = self.add(format!("lane {}", lane.name), Resource::pool(lane.limit));
            if self.lanes.insert(&lane.name, resource).is_some() {
                return Err(Mistake::new(
                    format!("lanes[{at}].name"),
                    &lane.name,
                    "another lane has that name already",
                ));
            }
        }
        Ok(())
    }

    /// By task: what it takes so that no two tasks work on the same paths. One resource for each pair that may overlap.
    fn paths(&mut self) -> Vec<Vec<usize>> {
        let tasks = &self.project.tasks;
        let mut paths = vec![Vec::new(); tasks.len()];
        for one in 0..tasks.len() {
            for other in one + 1..tasks.len() {
                let mut pairs =
                    tasks[one].touches.iter().flat_map(|path| tasks[other].touches.iter().map(move |to| (path, to)));
                if let Some((path, _)) = pairs.find(|(path, to)| overlap(path, to)) {
                    let resource = self.add(format!("path {path}"), Resource::pool(1));
                    paths[one].push(resource);
                    paths[other].push(resource);
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
    ) -> Result<(Activity, Vec<Vec<usize>>), Mistake> {
        let key = |what: &str| format!("task `{}`: {what}", task.name);
        let date =
            |date: &Option<Instant>, what: &str| date.as_ref().map(|date| self.time(date, &key(what))).transpose();
        let mut activity = Activity {
            release: date(&task.not_before, "not_before")?.unwrap_or(0),
            due: date(&task.due, "due")?.map(|at| Due { at, weight: task.weight }),
            deadline: date(&task.deadline, "deadline")?,
            pin: date(&task.pinned, "pinned")?,
            value: task.value,
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
        let mut agents = Vec::new();
        for (at, stage) in task.stages.iter().enumerate() {
            let able = self.able(stage, &key("stages"))?;
            let modes = able.iter().map(|&agent| self.mode(stage, agent, paths)).collect();
            activity.stages.push(crate::plan::schedule::model::Stage { modes });
            agents.push(able);
            if let Some(lane) = &stage.lane {
                let wrong = || Mistake::new(key("lane"), lane, "no lane has that name; add it to `lanes`");
                let resource = *self.lanes.get(lane.as_str()).ok_or_else(wrong)?;
                activity.holds.push(Hold { resource, after: at.checked_sub(1), until: at });
            }
        }
        Ok((activity, agents))
    }

    /// Who may do a stage.
    fn able(&self, stage: &Stage, key: &str) -> Result<Vec<usize>, Mistake> {
        let agents = &self.project.agents;
        if let Some(name) = stage.agents.iter().find(|name| agents.iter().all(|agent| agent.name != **name)) {
            return Err(Mistake::new(key, name, "no agent has that name"));
        }
        let able = agents.iter().enumerate().filter(|(_, agent)| {
            let named = stage.agents.is_empty() || stage.agents.contains(&agent.name);
            let level = |skill: &String| agent.skills.get(skill).is_some_and(|&level| level >= stage.level);
            named && stage.skill.as_ref().is_none_or(level)
        });
        Ok(able.map(|(at, _)| at).collect())
    }

    fn mode(&self, stage: &Stage, agent: usize, paths: &[usize]) -> Mode {
        let of = &self.project.agents[agent];
        let mut uses = vec![Use { resource: agent, amount: 1 }];
        uses.extend(self.quotas[agent].iter().map(|&(resource, rolling)| {
            // Rolling allowances are taken as a whole, the others minute by minute.
            Use { resource, amount: if rolling { stage.effort.0 } else { 1 } }
        }));
        uses.extend(paths.iter().map(|&resource| Use { resource, amount: 1 }));
        let cost = of.cost_per_hour * i64::from(stage.effort.0) / 60;
        let duration = (f64::from(stage.effort.0) / of.focus).ceil() as Time;
        Mode { duration, cost, uses, resumes: of.resumes }
    }
}

fn kind(quota: Quota, horizon: Time) -> Kind {
    match quota.every {
        None => Kind::Quota { amount: quota.amount.0, every: horizon.max(1) },
        Some(every) if quota.rolling => Kind::Rolling { amount: quota.amount.0, length: every.0 },
        Some(every) => Kind::Quota { amount: quota.amount.0, every: every.0 },
    }
}

/// Whether two paths may mean the same file, by what stands before their first wildcard.
fn overlap(one: &str, other: &str) -> bool {
    let fixed = |path: &str| path.split(['*', '?', '[', '{']).next().unwrap_or_default().to_owned();
    let exact = |path: &str, fixed: &str| fixed.len() == path.len();
    let (head, tail) = (fixed(one), fixed(other));
    match (exact(one, &head), exact(other, &tail)) {
        (true, true) => head == tail || head.starts_with(&format!("{tail}/")) || tail.starts_with(&format!("{head}/")),
        (true, false) => head.starts_with(&tail),
        (false, true) => tail.starts_with(&head),
        (false, false) => head.starts_with(&tail) || tail.starts_with(&head),
    }
}

/// `mon-fri 09:00-17:00`, `sat,sun 10:00-12:00`.
fn hours(text: &str) -> Option<(Vec<Weekday>, NaiveTime, NaiveTime)> {
    let (days, times) = text.trim().split_once(' ')?;
    let (from, to) = times.trim().split_once('-')?;
    let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
    let mut all = Vec::new();
    for part in days.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut day, last): (Weekday, Weekday) = (first.parse().ok()?, last.parse().ok()?);
        all.push(day);
        while day != last {
            day = day.succ();
            all.push(day);
        }
    }
    // Midnight at the end is written as 24:00.
    let to = if to.trim() == "24:00" { NaiveTime::MIN } else { time(to)? };
    Some((all, time(from)?, to))
}

fn cut(open: &mut Vec<(i64, i64)>, from: i64, to: i64) {
    let pieces = open.iter().flat_map(|&(begin, end)| [(begin, end.min(from)), (begin.max(to), end)]);
    *open = pieces.filter(|(begin, end)| begin < end).collect();
}

/// Spans in order and apart, from the start of the plan on.
fn merged(mut spans: Vec<(i64, i64)>) -> Vec<(Time, Time)> {
    spans.sort_unstable();
    let mut open: Vec<(Time, Time)> = Vec::new();
    for (from, to) in spans.into_iter().filter(|(_, to)| *to > 0) {
        let (from, to) = (from.max(0) as Time, to as Time);
        match open.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => open.push((from, to)),
        }
    }
    // Nobody is there at all: a span that is over before anything begins would mean always.
    if open.is_empty() { vec![(MOST_TIME - 2, MOST_TIME - 1)] } else { open }
}
