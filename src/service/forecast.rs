//! What a forecast needs from the board, the log of forecasts that were shown, and how good they were.
//!
//! It only carries: what follows is for [`crate::plan::prospect`] and [`crate::plan::forecast`] to say. The log is no part
//! of the board's history: it is kept like a draft, by sprint, and undo leaves it alone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::course::{course, unsound};
use super::estimates::{CHANGES, Team, begun, changes_of, estimated};
use super::habits::Seen;
use super::planning::point_rule;
use super::reviews::reviewed;
use super::{Error, Service};
use crate::domain::sprint::{FEWEST_SPRINTS, LOOKED_BACK, Stage};
use crate::domain::{
    Agent, Escalation, Outcome, Policy, Rejection, Risk, Sprint, SprintId, SprintState, Status, Task, TaskId, Timestamp,
};
use crate::plan::capacity::PointRule;
use crate::plan::course::Course;
use crate::plan::forecast::Past;
use crate::plan::forecast::score::{Hits, brier, brier_of_base_rate, expectation, pinball};
use crate::plan::prospect::{Deed, Deeds, Duel, GoBy, How, MODEL, OpenPart, Promise, Prospect};
use crate::plan::team::review_minutes;
use crate::plan::wizard::{AT_ONCE, Draft, Ground, Outlook};
use crate::store::view::{ActivityRow, MilestoneRow};
use crate::store::{Now, Read};

/// Finished tasks that history is read from.
const HISTORY: usize = 500;
/// Open tasks of a sprint that is looked at over and over at most.
const MOST_TASKS: usize = 1_000;
/// Runs without which a forecast is too rough to be held to it.
const FEWEST_RUNS: u64 = 500;
/// Closed sprints that are judged, the newest.
const MOST_SPRINTS: usize = 60;
/// Who was there longer ago makes no difference to the pace.
const LOOKS_BACK: Duration = Duration::days(100);
/// Forecasts of one sprint that are kept; the first one and the latest.
const KEPT: usize = 200;

/// Everything that a forecast is made of, read from the board.
#[derive(Debug, Clone)]
pub struct Asked {
    course: Course,
    deeds: Deeds,
}

impl Asked {
    /// What cannot go on, and what waits for that; none of it is counted.
    pub fn waits(&self) -> Vec<String> {
        self.course.waits()
    }

    /// The forecast; none where nothing is open that somebody can do. Takes a while: nothing for an event loop.
    ///
    /// # Errors
    /// What keeps the sprint from being planned at all.
    pub fn prospect(&self, how: How) -> Result<Option<Prospect>, String> {
        Prospect::of(&self.course, &self.deeds, how)
    }
}

/// Reads what a forecast of a sprint needs.
///
/// # Errors
/// When it is closed already, or the board cannot be read.
pub fn ask(read: &dyn Read, now: &Now, sprint: &Sprint) -> Result<Asked, Error> {
    if sprint.state == SprintState::Closed {
        let why = format!("{} is closed; `vayu sprint report` shows how it ended", sprint.name);
        return Err(Rejection::Invalid(why).into());
    }
    asked(read, now, sprint, course(read, now, sprint)?)
}

fn asked(read: &dyn Read, now: &Now, sprint: &Sprint, course: Course) -> Result<Asked, Error> {
    let deeds = Deeds {
        starts_at: Some(sprint.starts_at).filter(|_| sprint.state == SprintState::Planned),
        sprint: sprint.number,
        risks: risks(&course.ground.policy, sprint.sprint_id),
        ..deeds(read, now, &course)?
    };
    Ok(Asked { course, deeds })
}

/// How a sprint that is still being planned would probably end; none where nothing is planned. Takes its time: nothing for
/// an event loop.
///
/// # Errors
/// When the board cannot be read, or the sprint cannot be planned at all.
pub fn of_draft(
    read: &dyn Read,
    now: &Now,
    draft: &Draft,
    ground: &Ground,
    outlook: &Outlook,
    how: How,
) -> Result<Option<Prospect>, Error> {
    let course = Course::of_draft(draft, ground, outlook);
    if course.items.len() > MOST_TASKS {
        return Ok(None);
    }
    let deeds = deeds_of_draft(read, now, draft, ground, &course)?;
    Asked { course, deeds }.prospect(how).map_err(|why| unplannable(&why))
}

/// How much of a sprint that is still being planned can be promised. Takes its time: nothing for an event loop.
///
/// # Errors
/// When the board cannot be read, or the sprint cannot be planned at all.
pub fn promise(read: &dyn Read, now: &Now, draft: &Draft, ground: &Ground, how: How) -> Result<Promise, Error> {
    let outlook = Outlook::of(draft, ground, AT_ONCE);
    let picked = outlook.jobs.iter().filter(|job| job.picked).count();
    if picked > MOST_TASKS {
        return Err(Rejection::Invalid(format!("{picked} tasks are too many to play out; pick fewer")).into());
    }
    let deeds = deeds_of_draft(read, now, draft, ground, &Course::of_draft(draft, ground, &outlook))?;
    Promise::of(draft, ground, &deeds, how).map_err(|why| unplannable(&why))
}

fn deeds_of_draft(read: &dyn Read, now: &Now, draft: &Draft, ground: &Ground, course: &Course) -> Result<Deeds, Error> {
    Ok(Deeds {
        starts_at: Some(draft.starts_at),
        sprint: ground.next_sprint,
        risks: risks(&ground.policy, draft.sprint_id),
        ..deeds(read, now, course)?
    })
}

fn unplannable(why: &str) -> Error {
    Rejection::Invalid(format!("the sprint cannot be planned: {why}")).into()
}

/// What may come in between in a sprint.
fn risks(policy: &Policy, sprint: SprintId) -> Vec<Risk> {
    policy.risks.iter().filter(|risk| risk.sprint_id.is_none_or(|about| about == sprint)).cloned().collect()
}

/// What the team did so far: finished tasks, those that somebody is at, and those of the sprint that have changed hands.
fn deeds(read: &dyn Read, now: &Now, course: &Course) -> Result<Deeds, Error> {
    let (rule, team, sprints) = (point_rule(read)?, Team::read(read, now)?, read.sprints()?);
    let number = |task: &Task| {
        let own = sprints.iter().find(|sprint| Some(sprint.sprint_id) == task.sprint_id);
        own.map_or(0, |sprint| sprint.number)
    };
    let mut seen = Seen::new(&team, &sprints, now.wall);
    let (mut tasks, mut answers, mut looks) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut all = begun(read, now, HISTORY)?;
    let known: BTreeSet<TaskId> = all.iter().map(|task| task.task_id).collect();
    for (job, _) in course.items.iter().filter(|(job, _)| !known.contains(&job.task_id)) {
        all.extend(read.task(job.task_id)?.filter(|task| task.execution.started_at.is_some()));
    }
    let looked_at = all.iter().map(|task| task.task_id).collect();
    let is_done = |task: &&Task| task.status == Status::Completed;
    let done_at = all.iter().filter(is_done).filter_map(|task| task.execution.ended_at).collect();
    for task in all {
        let mut attempts = read.attempts(task.task_id)?;
        attempts.sort_by_key(|attempt| attempt.started_at);
        let (log, mut asked) = (changes_of(read, task.task_id)?, read.questions(Some(task.task_id))?);
        asked.retain(Escalation::is_question);
        seen.task(&attempts, &log, &asked);
        let begun = attempts.first().map(|first| first.started_at);
        let thought = thought(&task, &log, begun, &rule);
        looks.insert(task.task_id, look_at(thought));
        if task.status == Status::Cancelled {
            continue;
        }
        answers.extend(asked.iter().filter_map(|ask| answered(ask, &team)));
        let worked: Vec<(f64, Option<Outcome>)> =
            attempts.iter().map(|one| (team.worked(one, now.wall), one.outcome)).collect();
        let Some(past) = past(&task, thought, &worked, asked.len() as u32) else { continue };
        let agent = attempts.first().and_then(|first| Some(team.get(first.agent_id)?.name.clone()));
        let model = attempts.first().filter(|first| first.ended_at.is_some()).and_then(|first| first.model.clone());
        let deed = Deed { task_id: Some(task.task_id), agent, model, sprint: number(&task), past };
        tasks.push((task.execution.ended_at.unwrap_or(now.wall), deed));
    }
    seen.others(read, &looked_at)?;
    for verdict in &seen.verdicts {
        if !looks.contains_key(&verdict.task_id)
            && let Some(task) = read.task(verdict.task_id)?
        {
            looks.insert(task.task_id, look_at(thought(&task, &[], None, &rule)));
        }
    }
    let reviews = reviewed(&seen.verdicts, &team, &looks);
    tasks.sort_by_key(|(at, _)| *at);
    let tasks = tasks.into_iter().map(|(_, deed)| deed).collect();
    let part = |row: MilestoneRow| OpenPart { name: row.name, open: row.open, due_at: row.due_at };
    let milestones = read.milestones()?.into_iter().map(part).collect();
    Ok(Deeds {
        tasks,
        done_at,
        crew: crew(read, now, &team, &sprints)?,
        growth: growth(read, &sprints)?,
        record: against_pace(&judged(read, &sprints)?),
        answers,
        reviews,
        focus: seen.focus(),
        milestones,
        ..Deeds::default()
    })
}

/// The weekly hours of the team as it changed: it is who was there when the latest sprint was begun, with who joined since.
/// When somebody left is not written down; that counts from now on. Everybody counts by the hours that they keep now.
fn crew(read: &dyn Read, now: &Now, team: &Team, sprints: &[Sprint]) -> Result<Vec<(Timestamp, f64)>, Error> {
    let mut starts = Vec::new();
    for sprint in sprints.iter().filter(|sprint| sprint.started_at.is_some_and(|at| at >= now.wall - LOOKS_BACK)) {
        starts.extend(read.baseline(sprint.sprint_id)?.map(|base| (base.taken_at, base.team)));
    }
    starts.sort_unstable();
    let here: Vec<&Agent> = team.members().filter(|agent| !agent.draining).collect();
    let mut times: Vec<Timestamp> = starts.iter().map(|start| start.0).collect();
    times.extend(here.iter().map(|agent| agent.created_at));
    times.sort_unstable();
    let then = |at: Timestamp| {
        let begun = starts.iter().rfind(|start| start.0 <= at);
        let (since, known) = begun.map_or((None, &[][..]), |start| (Some(start.0), start.1.as_slice()));
        let joined = here.iter().filter(|agent| agent.created_at <= at && Some(agent.created_at) > since);
        let names = known.iter().map(String::as_str).chain(joined.map(|agent| agent.name.as_str()));
        (at, names.collect::<BTreeSet<&str>>().into_iter().map(|name| team.week(name)).sum())
    };
    let present = (now.wall, here.iter().map(|agent| team.week(&agent.name)).sum());
    Ok(times.into_iter().map(then).chain([present]).collect())
}

/// Tasks that came on top of each that was planned, less what was taken out, over the latest closed sprints; 0 below three
/// of them.
fn growth(read: &dyn Read, sprints: &[Sprint]) -> Result<f64, Error> {
    let mut closed: Vec<&Sprint> = sprints.iter().filter(|sprint| sprint.state == SprintState::Closed).collect();
    closed.sort_by_key(|sprint| std::cmp::Reverse((sprint.closed_at, sprint.number)));
    let (mut count, mut planned, mut more) = (0, 0.0, 0.0);
    for sprint in closed.into_iter().take(LOOKED_BACK) {
        if let (Some(base), Some(outcome)) = (read.baseline(sprint.sprint_id)?, read.outcome(sprint.sprint_id)?) {
            count += 1;
            planned += base.tasks.len() as f64;
            more += outcome.added.len() as f64 - outcome.removed.len() as f64;
        }
    }
    Ok(if count < FEWEST_SPRINTS || planned < 1.0 { 0.0 } else { more.max(0.0) / planned })
}

/// Working minutes that an answer took: by the hours of whoever gave it; of one that took longer than half a day and was
/// given by nobody on the team, two thirds were night.
fn answered(ask: &Escalation, team: &Team) -> Option<f64> {
    let (by, at) = (ask.answered_by.as_ref()?, ask.closed_at?);
    let minutes = match team.named(by) {
        Some(_) => team.waited(by, ask.raised_at, at),
        None => match (at - ask.raised_at).num_minutes() as f64 {
            minutes if minutes > 720.0 => minutes / 3.0,
            minutes => minutes,
        },
    };
    Some(minutes.max(1.0))
}

/// Minutes that a task was thought to take before it was begun; 0 where nobody said so. Of a long log the beginning is
/// not read, and of some tasks none of it.
fn thought(task: &Task, log: &[ActivityRow], begun: Option<Timestamp>, rule: &PointRule) -> f64 {
    let sizes = &task.metadata;
    let now = sizes.estimated_duration.filter(|_| log.is_empty() || log.len() >= CHANGES).map(f64::from);
    let said = estimated(log, begun).map(|said| said.1).or(now);
    said.unwrap_or_else(|| sizes.story_points.map_or(0.0, |points| f64::from(rule.minutes_of(points))))
}

/// Minutes that a plan gives the review of a task that was thought to take so long; the usual ones where nobody said so.
fn look_at(thought: f64) -> f64 {
    let effort = if thought > 0.0 { thought } else { f64::from(PointRule::default().work_minutes(None, None)) };
    f64::from(review_minutes(effort.round() as u32))
}

/// A task as history, from the working minutes of its attempts, oldest first; none where nothing was measured.
fn past(task: &Task, thought: f64, worked: &[(f64, Option<Outcome>)], asks: u32) -> Option<Past> {
    let done = task.status == Status::Completed;
    let handed_in = worked.iter().position(|one| one.1 == Some(Outcome::Submitted));
    let (first, again) = worked.split_at(handed_in.map_or(worked.len(), |at| at + 1));
    let sum = |attempts: &[(f64, Option<Outcome>)]| attempts.iter().map(|one| one.0).sum::<f64>();
    // What came from elsewhere has a measure and no attempts.
    let brought = || task.metadata.actual_duration.filter(|_| done && worked.is_empty()).map_or(0.0, f64::from);
    let took = if worked.is_empty() { brought() } else { sum(first) };
    let submitted = worked.iter().filter(|one| one.1 == Some(Outcome::Submitted)).count() as u32;
    (took > 0.0).then(|| Past {
        agent: None,
        sprint: 0,
        thought,
        took,
        ended: done || handed_in.is_some(),
        // What was handed in last was let pass, or may be sent back yet.
        sent_back: Some(submitted.saturating_sub(u32::from(done || task.status == Status::Reviewing))),
        passed: done,
        redone: Some(sum(again)),
        redoing: !done && task.status != Status::Reviewing,
        asks: Some(asks),
    })
}

/// Somebody's turn at a task, as it is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Number of the task.
    pub label: String,
    /// Its title.
    pub title: String,
    /// Who; none: whoever is free.
    pub agent: Option<String>,
    /// Whether they look at what another one did.
    pub reviews: bool,
    /// When it begins and ends.
    pub span: (Timestamp, Timestamp),
}

/// The active sprint as it will probably go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Foretold {
    /// Its name.
    pub sprint: String,
    /// How it will probably end; none where nothing is open that somebody can do.
    pub prospect: Option<Prospect>,
    /// What cannot go on, and what waits for that.
    pub waits: Vec<String>,
    /// What the plan that stands has ahead, in its order.
    pub turns: Vec<Turn>,
}

/// Looks ahead for the active sprint; none where there is none. The first
/// forecast after its start is written down if this may be. Takes its time: nothing for an event loop.
///
/// # Errors
/// When the board cannot be read, or the sprint cannot be planned at all or is too large for that at any time.
pub fn look(service: &mut Service, how: How, writes: bool) -> Result<Option<Foretold>, Error> {
    let now = service.now();
    let sprints = service.read().sprints()?;
    let Some(sprint) = sprints.into_iter().find(|sprint| sprint.state == SprintState::Active) else { return Ok(None) };
    let course = course(service.read(), &now, &sprint)?;
    if course.items.len() > MOST_TASKS {
        let why = format!("{} has {} open tasks; `vayu forecast` looks ahead for it", sprint.name, course.items.len());
        return Err(Rejection::Invalid(why).into());
    }
    let asked = asked(service.read(), &now, &sprint, course)?;
    let prospect = asked.prospect(how).map_err(|why| unsound(&sprint, &why))?;
    if let Some(prospect) = prospect.as_ref().filter(|_| writes) {
        note_first(service, &sprint, prospect)?;
    }
    let mut turns: Vec<Turn> = asked.turns().filter(|turn| turn.span.1 > now.wall).collect();
    turns.sort_by_key(|turn| turn.span);
    Ok(Some(Foretold { sprint: sprint.name, prospect, waits: asked.waits(), turns }))
}

impl Asked {
    /// The plan that stands, as far as it is about what is open.
    fn turns(&self) -> impl Iterator<Item = Turn> {
        let stuck = self.course.stuck();
        let name = |id| self.course.ground.team.iter().find(|one| Some(one.agent.agent_id) == id);
        self.course.layout.slots.iter().filter_map(move |slot| {
            let (job, _) = self.course.items.iter().find(|(job, _)| job.task_id == slot.task_id)?;
            if stuck.contains(&job.task_id) {
                return None;
            }
            Some(Turn {
                label: job.label.clone(),
                title: job.title.clone(),
                agent: name(slot.agent_id).map(|one| one.agent.name.clone()),
                reviews: slot.stage == Stage::Review,
                span: (slot.starts_at, slot.ends_at),
            })
        })
    }
}

/// A forecast that was shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Noted {
    /// When.
    pub at: Timestamp,
    /// What it was made by.
    pub model: String,
    /// Names everything that went in.
    pub inputs: String,
    /// When all is done with a chance of one half.
    pub p50_at: Option<Timestamp>,
    /// The same with a chance of 80 %.
    pub p80_at: Option<Timestamp>,
    /// The same by the team's pace; none if nobody could say.
    #[serde(default)]
    pub pace_p80_at: Option<Timestamp>,
    /// The chance that all is done by the end of the sprint, 0 to 1, as it was shown: 0 while something could not go on.
    pub chance: f64,
    /// Open tasks at that time that were looked at.
    pub tasks: usize,
    /// Tasks that were committed to and that neither dates nor chance were about: without a place, or held up.
    #[serde(default)]
    pub without: usize,
    /// Tasks that it rests on.
    pub n: usize,
}

impl Noted {
    /// Whether the chance was that of all that was committed to.
    pub fn is_of_all(&self) -> bool {
        self.without == 0 || self.chance <= 0.0
    }
}

fn log_name(sprint: &Sprint) -> String {
    format!("forecast:{}", sprint.sprint_id)
}

/// The first forecast of a sprint that was shown after its start, or else before it; none where there was none, or where
/// another version wrote it down in its own way.
fn first(read: &dyn Read, sprint: &Sprint) -> Result<Option<Noted>, Error> {
    let log = entries(read.draft(&log_name(sprint))?.as_deref());
    let noted = log.into_iter().filter_map(|entry| serde_json::from_value::<Noted>(entry).ok());
    // What was told when it should have been over was no forecast of its end.
    let mut noted = noted.filter(|noted| noted.at < sprint.ends_at).peekable();
    let before = noted.peek().cloned();
    // What was told while the plan was still being made is not what people went by.
    Ok(noted.find(|noted| Some(noted.at) >= sprint.started_at).or(before))
}

/// What was written down, oldest first. It stays as it is, whichever version wrote it.
fn entries(log: Option<&str>) -> Vec<Value> {
    log.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Writes down that a forecast was shown; the same one twice in a row counts once, and one of few runs not at all.
///
/// # Errors
/// When the board cannot be written.
pub fn note(service: &mut Service, sprint: &Sprint, prospect: &Prospect) -> Result<(), Error> {
    write_down(service, sprint, prospect, &|entries, entry| {
        entries.last().is_none_or(|last| last["inputs"] != entry["inputs"])
    })
}

/// Writes it down if it is the first one after the start of the sprint.
fn note_first(service: &mut Service, sprint: &Sprint, prospect: &Prospect) -> Result<(), Error> {
    let is_first = |entries: &[Value]| !entries.iter().any(|entry| is_after_start(entry, sprint));
    // Most of the time it is not, and nothing has to be written.
    if !is_first(&entries(service.read().draft(&log_name(sprint))?.as_deref())) {
        return Ok(());
    }
    write_down(service, sprint, prospect, &|entries, _| is_first(entries))
}

fn is_after_start(entry: &Value, sprint: &Sprint) -> bool {
    let at = entry["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    at.is_some() && at >= sprint.started_at
}

fn write_down(
    service: &mut Service,
    sprint: &Sprint,
    prospect: &Prospect,
    wanted: &dyn Fn(&[Value], &Value) -> bool,
) -> Result<(), Error> {
    let noted = Noted {
        at: service.now().wall,
        model: MODEL.to_owned(),
        inputs: prospect.inputs.clone(),
        p50_at: prospect.p50_at,
        p80_at: prospect.p80_at,
        pace_p80_at: prospect.pace.and_then(|pace| pace.p80_at),
        chance: if prospect.stuck.is_empty() { prospect.chance } else { 0.0 },
        tasks: prospect.tasks,
        without: prospect.without_place.len(),
        n: prospect.basis.n,
    };
    let Ok(entry) = serde_json::to_value(&noted) else { return Ok(()) };
    if prospect.runs < FEWEST_RUNS {
        return Ok(());
    }
    service.change_draft(&log_name(sprint), &mut |log| {
        let mut entries = entries(log);
        if wanted(&entries, &entry) {
            entries.push(entry.clone());
        }
        if entries.len() > KEPT {
            // The first one, and the one that is judged, stay.
            let judged = entries.iter().position(|entry| is_after_start(entry, sprint)).unwrap_or(0);
            entries.remove((judged + 1).min(entries.len() - 1).max(1));
        }
        serde_json::to_string(&entries).ok()
    })
}

/// A sprint that is over, with the first forecast of it that was shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// Number of the sprint.
    pub sprint: i64,
    /// Its name.
    pub name: String,
    /// What was told.
    pub told: Noted,
    /// When its last task was done; none if something was left over.
    pub done_at: Option<Timestamp>,
    /// Whether all was done by the end of the sprint.
    pub held: bool,
    /// Whether it was done by the 80 % date; none if nobody knows, or the date was that of a part of it.
    pub by_p80: Option<bool>,
}

impl Judged {
    /// Hours from the forecast to then.
    fn hours(&self, at: Timestamp) -> f64 {
        (at - self.told.at).num_minutes() as f64 / 60.0
    }

    /// Hours that the 80 % date told, and those that it took; none where one of them is not known.
    fn p80(&self) -> Option<(f64, f64)> {
        let told = self.told.p80_at.filter(|_| self.told.without == 0)?;
        Some((self.hours(told), self.hours(self.done_at?)))
    }

    /// The same with what the pace told in the middle.
    fn both(&self) -> Option<(f64, f64, f64)> {
        let (told, took) = self.p80()?;
        Some((told, self.hours(self.told.pace_p80_at?), took))
    }
}

/// How good the forecasts were.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// Closed sprints with a forecast, oldest first.
    pub sprints: Vec<Judged>,
    /// How often the 80 % date held; none of nothing.
    pub p80: Option<Hits>,
    /// Sprints that nobody can judge it by: they were closed before that date with something left over, or the date was
    /// that of a part of their tasks.
    pub unknown: usize,
    /// What can be said of it.
    pub verdict: &'static str,
    /// The same by what the forecasts were made by, where that has changed.
    pub models: BTreeMap<String, Hits>,
    /// The 80 % dates against those by pace, over the sprints that were done.
    pub pace: Option<Duel>,
    /// Which of these two is to be gone by; none below five sprints.
    pub go_by: Option<GoBy>,
    /// The 80 % dates against always telling how long earlier sprints took, over those that were done from the fifth on.
    pub base: Option<Duel>,
    /// Brier score of the chances of the goal; 0 is best.
    pub brier: Option<f64>,
    /// The same of always telling how often goals were reached.
    pub brier_base: Option<f64>,
}

/// Scores the first forecast of each closed sprint. One sprint is one observation.
///
/// # Errors
/// When the board cannot be read.
pub fn score(read: &dyn Read) -> Result<Score, Error> {
    let sprints = judged(read, &read.sprints()?)?;
    let held: Vec<bool> = sprints.iter().filter_map(|one| one.by_p80).collect();
    let p80 = Hits::of(0.8, &held);
    let of_all = sprints.iter().filter(|one| one.told.is_of_all());
    let chances: Vec<(f64, bool)> = of_all.map(|one| (one.told.chance, one.held)).collect();
    let pace = against_pace(&sprints);
    Ok(Score {
        verdict: p80.map_or("nothing to judge yet", |hits| hits.verdict()),
        unknown: sprints.len() - held.len(),
        p80,
        models: by_model(&sprints),
        go_by: pace.and_then(|pace| pace.go_by()),
        pace,
        base: against_base(&sprints),
        brier: brier(&chances),
        brier_base: brier_of_base_rate(&chances),
        sprints,
    })
}

/// How often the 80 % date held by what made it, where that was not always the same.
fn by_model(sprints: &[Judged]) -> BTreeMap<String, Hits> {
    let mut models: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
    for one in sprints {
        models.entry(&one.told.model).or_default().extend(one.by_p80);
    }
    let several = models.len() > 1;
    let hits = |(model, held): (&str, Vec<bool>)| Some((model.to_owned(), Hits::of(0.8, &held)?));
    models.into_iter().filter(|_| several).filter_map(hits).collect()
}

/// The 80 % dates against those of the pace.
fn against_pace(sprints: &[Judged]) -> Option<Duel> {
    duel(sprints.iter().filter_map(Judged::both))
}

/// The 80 % dates against what the sprints before took.
fn against_base(sprints: &[Judged]) -> Option<Duel> {
    let mut lengths = Vec::new();
    duel(sprints.iter().filter_map(Judged::p80).filter_map(|(told, took)| {
        let base = expectation(&lengths, 0.8);
        lengths.push(took);
        Some((told, base?, took))
    }))
}

/// Mean losses of two ways by what each told and what it took; none of nothing.
fn duel(told: impl Iterator<Item = (f64, f64, f64)>) -> Option<Duel> {
    let losses = told.map(|(forecast, other, took)| (pinball(0.8, forecast, took), pinball(0.8, other, took)));
    let (n, own, other) = losses.fold((0, 0.0, 0.0), |sum, loss| (sum.0 + 1, sum.1 + loss.0, sum.2 + loss.1));
    (n > 0).then(|| Duel { n, forecast: own / n as f64, other: other / n as f64 })
}

/// Closed sprints, oldest first, with their first forecasts and how they ended; the newest of many.
fn judged(read: &dyn Read, sprints: &[Sprint]) -> Result<Vec<Judged>, Error> {
    let mut closed: Vec<&Sprint> = sprints.iter().filter(|sprint| sprint.state == SprintState::Closed).collect();
    closed.sort_by_key(|sprint| (sprint.closed_at, sprint.number));
    let mut judged = Vec::new();
    for sprint in &closed[closed.len().saturating_sub(MOST_SPRINTS)..] {
        judged.extend(judge(read, sprint)?);
    }
    Ok(judged)
}

/// The first forecast of a sprint against how it ended; none where either is not known.
///
/// # Errors
/// When the board cannot be read.
pub fn judge(read: &dyn Read, sprint: &Sprint) -> Result<Option<Judged>, Error> {
    let (Some(told), Some(outcome)) = (first(read, sprint)?, read.outcome(sprint.sprint_id)?) else {
        return Ok(None);
    };
    let left_over = outcome.tasks.iter().chain(&outcome.added).any(crate::domain::sprint::TaskOutcome::is_left_over);
    let last = outcome.tasks.iter().chain(&outcome.added).filter_map(|task| task.done_at).max();
    let done_at = last.filter(|_| !left_over);
    let closed = sprint.closed_at.unwrap_or(outcome.written_at);
    let by_p80 = match (done_at, told.p80_at.filter(|_| told.without == 0)) {
        (Some(done), Some(p80)) => Some(done <= p80),
        (None, Some(p80)) if p80 <= closed => Some(false),
        _ => None,
    };
    let held = done_at.is_some_and(|done| done <= sprint.ends_at);
    Ok(Some(Judged { sprint: sprint.number, name: sprint.name.clone(), told, done_at, held, by_p80 }))
}
