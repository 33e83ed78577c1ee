//! What a plan needs from the board and gives back to it: the ground, the saved draft, the user's playbooks.
//!
//! It only carries: what follows from the ground is for [`crate::plan::wizard`] to say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::course::dropped;
use super::lessons::Lessons;
use super::{Done, Error, Service};
use crate::domain::{Actor, ChangeId, EscalationState, Event, Level, Sprint, SprintState, Status, Task, TaskId};
use crate::plan::assign::{Candidate, HeldWork, Record};
use crate::plan::breakdown::{Library, Mistake};
use crate::plan::capacity::{Carried, PointRule};
use crate::plan::wizard::{Draft, Ground, Offer, Outlook, Outside, Running, commands};
use crate::store::view::{ActivityFilter, ActivityRow, AgentRow, Filter, Page};
use crate::store::{Now, Read};

/// Tasks of the backlog that a plan looks at, by number.
const MOST_OFFERS: usize = 20_000;
/// Changes that are looked through before they count as news.
const CHANGES: usize = 200;
/// Finished tasks that history is read from.
const HISTORY: usize = 500;
/// Finished deliverables that breakdowns are learned from, the newest.
const PAST: usize = 100;
/// Parts of one task that are looked at.
const PARTS: usize = 100;
/// Folder of the user's playbooks beside the board.
const PLAYBOOKS: &str = "playbooks";

/// The built-in playbooks with the user's own from the board's folder.
///
/// # Errors
/// The first mistake in one of them, by file, line and key.
pub fn library(service: &Service) -> Result<Library, Mistake> {
    let own = service.folder().map(|folder| playbooks(&folder.join(PLAYBOOKS))).unwrap_or_default();
    let mut texts = Vec::new();
    for path in own {
        let file = path.display().to_string();
        let unreadable = |error: std::io::Error| Mistake {
            file: file.clone(),
            line: 1,
            key: "file".into(),
            what: error.to_string(),
        };
        let text = std::fs::read_to_string(&path).map_err(unreadable)?;
        texts.push((file, text));
    }
    Library::with(&texts)
}

/// Lets the library learn from what the team has finished.
///
/// # Errors
/// When the board cannot be read.
pub fn learn(service: &Service, library: &mut Library) -> Result<(), Error> {
    let finished = Filter {
        statuses: vec![Status::Completed],
        levels: vec![Level::Deliverable],
        archived: true,
        ..Filter::default()
    };
    let mut wholes = service.read().newest_tasks(&finished, PAST)?;
    wholes.reverse();
    for whole in wholes {
        library.learn(&whole, &below(service.read(), whole.task_id)?);
    }
    Ok(())
}

/// Everything below a task.
fn below(read: &dyn Read, whole: TaskId) -> Result<Vec<Task>, Error> {
    let mut found: Vec<Task> = Vec::new();
    let mut open = vec![whole];
    while let Some(parent) = open.pop() {
        let parts = Filter { parent: Some(parent), archived: true, ..Filter::default() };
        for task in read.list_tasks(&parts, Page { offset: 0, limit: PARTS })? {
            open.extend((task.level != Level::Task).then_some(task.task_id));
            found.push(task);
        }
    }
    Ok(found)
}

fn playbooks(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_book = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_book).collect();
    paths.sort();
    paths
}

/// Everything that a plan stands on, as it is now.
///
/// # Errors
/// When the board cannot be read.
pub fn ground(service: &Service) -> Result<Ground, Error> {
    ground_with(service, Lessons::read)
}

/// The same for a plan that was open before: the past is read again only if something has happened that teaches
/// something else.
///
/// # Errors
/// When the board cannot be read.
pub fn ground_again(service: &Service) -> Result<Ground, Error> {
    ground_with(service, Lessons::recall)
}

fn ground_with(
    service: &Service,
    lessons: impl Fn(&Service, &[Sprint]) -> Result<Lessons, Error>,
) -> Result<Ground, Error> {
    let (read, now) = (service.read(), service.now());
    let asked = asked(read, &now)?;
    let tasks = backlog(read)?;
    let offered: BTreeSet<TaskId> = tasks.iter().map(|task| task.task_id).collect();
    let mut outside = BTreeMap::new();
    let mut offers = Vec::new();
    for task in &tasks {
        offers.push(offer(read, task, &offered, &mut outside, &asked)?);
    }
    super::estimates::guess(read, &now, &tasks, &mut offers)?;
    let rule = point_rule(read)?;
    let rows = read.agents(&now)?;
    let lost = dropped(read, &now, &rows)?.into_iter().map(|row| row.agent.agent_id).collect();
    let team: Result<Vec<Candidate>, Error> = rows.into_iter().map(|row| candidate(read, row, &rule)).collect();
    let sprints = read.sprints()?;
    let Lessons { habits, money, tokens, done } = lessons(service, &sprints)?;
    let running = |sprint| running(read, sprint);
    Ok(Ground {
        now: now.wall,
        team: team?,
        offers,
        outside,
        policy: read.policy()?,
        rule,
        carried: carried(read, &sprints)?,
        done,
        habits,
        money,
        tokens,
        lost,
        newest: sprints.iter().max_by_key(|sprint| sprint.number).map(|sprint| sprint.name.clone()),
        next_sprint: sprints.iter().map(|sprint| sprint.number).max().unwrap_or(0) + 1,
        active: sprints.into_iter().find(|sprint| sprint.state == SprintState::Active).map(running).transpose()?,
        next_task: read.next_number()?,
    })
}

/// The sprint that runs, with those places of its plan whose tasks nobody has begun.
fn running(read: &dyn Read, sprint: Sprint) -> Result<Running, Error> {
    let waits = |status| matches!(status, Status::Created | Status::Queued | Status::Blocked);
    let mut taken = read.plan(sprint.sprint_id)?.map(|plan| plan.layout.slots).unwrap_or_default();
    let mut open = BTreeSet::new();
    for id in taken.iter().map(|slot| slot.task_id).collect::<BTreeSet<_>>() {
        open.extend(read.task(id)?.filter(|task| waits(task.status)).map(|_| id));
    }
    taken.retain(|slot| open.contains(&slot.task_id));
    Ok(Running { sprint, taken })
}

/// What was said about everybody's time in the last sprint that has a plan.
fn carried(read: &dyn Read, sprints: &[Sprint]) -> Result<Option<Carried>, Error> {
    let mut begun: Vec<&Sprint> = sprints.iter().filter(|sprint| sprint.state != SprintState::Planned).collect();
    begun.sort_by_key(|sprint| std::cmp::Reverse(sprint.number));
    for sprint in begun {
        if let Some(plan) = read.plan(sprint.sprint_id)? {
            let (name, from, to) = (sprint.name.clone(), sprint.starts_at, sprint.ends_at);
            return Ok(Some(Carried { sprint: name, from, to, allotted: plan.layout.allotted }));
        }
    }
    Ok(None)
}

/// True if something that a plan stands on may have changed since; talk and progress do not count.
///
/// # Errors
/// When the board cannot be read.
pub fn has_moved(service: &Service, since: ChangeId) -> Result<bool, Error> {
    happened(service, since, |event| !matches!(event, Event::CommentAdded { .. } | Event::TaskProgressed { .. }))
}

/// True if something may have been finished since, or may be finished no longer: then there is something to [`learn`].
///
/// # Errors
/// When the board cannot be read.
pub fn has_finished(service: &Service, since: ChangeId) -> Result<bool, Error> {
    happened(service, since, |event| match event {
        Event::TaskStepped { from, to, .. } => [from, to].contains(&&Status::Completed),
        Event::TaskImported { .. } | Event::RecordImported { .. } | Event::Restored { .. } => true,
        _ => false,
    })
}

/// True if such an event may have happened since.
///
/// # Errors
/// When the board cannot be read.
pub(super) fn happened(service: &Service, since: ChangeId, is_one: impl Fn(&Event) -> bool) -> Result<bool, Error> {
    let filter = ActivityFilter { after: Some(since), limit: CHANGES, ..ActivityFilter::default() };
    let rows = service.read().activity(&filter)?;
    // Of a large change only a few events are shown.
    let may_be = |row: &ActivityRow| row.event_count != row.events.len() as u64 || row.events.iter().any(&is_one);
    Ok(rows.len() == CHANGES || rows.iter().any(may_be))
}

/// Tasks with an open question.
fn asked(read: &dyn Read, now: &Now) -> Result<BTreeSet<TaskId>, Error> {
    let open = read.escalations(false, now)?.into_iter().map(|row| row.escalation);
    Ok(open.filter(|ask| ask.state == EscalationState::Open).filter_map(|ask| ask.task_id).collect())
}

fn backlog(read: &dyn Read) -> Result<Vec<Task>, Error> {
    let filter = Filter {
        statuses: vec![Status::Created, Status::Queued, Status::Blocked],
        levels: vec![Level::Task],
        no_sprint: true,
        ..Filter::default()
    };
    Ok(read.list_tasks(&filter, Page { offset: 0, limit: MOST_OFFERS })?)
}

pub(super) fn offer(
    read: &dyn Read,
    task: &Task,
    offered: &BTreeSet<TaskId>,
    outside: &mut BTreeMap<TaskId, Outside>,
    asked: &BTreeSet<TaskId>,
) -> Result<Offer, Error> {
    let mut after = Vec::new();
    for edge in &task.dependencies.blocked_by {
        if !offered.contains(&edge.task_id) && !outside.contains_key(&edge.task_id) {
            match read.task(edge.task_id)? {
                Some(on) if edge.met_by(on.status) => continue,
                Some(on) => outside.insert(edge.task_id, beyond(&on, asked)),
                None => continue,
            };
        }
        after.push(edge.task_id);
    }
    Ok(Offer {
        task_id: task.task_id,
        number: task.number,
        title: task.title.chars().take(200).collect(),
        status: task.status,
        priority: task.priority,
        // What is in hand counts by its progress; of everything else only what is left is planned.
        minutes: if task.agent().is_some() { task.metadata.estimated_duration } else { task.remaining_minutes() },
        points: task.metadata.story_points,
        range: task.metadata.estimate_range,
        guess: None,
        requirements: task.requirements.clone(),
        complexity: task.metadata.complexity.unwrap_or(crate::domain::task::Complexity::Moderate),
        since: task.queued_at.unwrap_or(task.created_at),
        deadline: task.deadline,
        not_before: task.not_before,
        after,
        held_up: held_up(task, asked),
        milestone: task.milestone_id.clone(),
    })
}

fn held_up(task: &Task, asked: &BTreeSet<TaskId>) -> Option<String> {
    if asked.contains(&task.task_id) {
        return Some("is still escalated".into());
    }
    task.blocker.as_ref().map(|blocker| format!("is blocked: {}", blocker.reason))
}

fn beyond(task: &Task, asked: &BTreeSet<TaskId>) -> Outside {
    let ended = matches!(task.status, Status::Cancelled | Status::Failed).then(|| format!("is {}", task.status));
    Outside { label: task.number.to_string(), trouble: held_up(task, asked).or(ended) }
}

/// An agent as a plan sees it; what it holds counts by what is left of its size.
pub(super) fn candidate(read: &dyn Read, row: AgentRow, rule: &PointRule) -> Result<Candidate, Error> {
    let mut held = Vec::new();
    for holding in &row.current_tasks {
        let Some(task) = read.task(holding.task_id)? else { continue };
        held.push(HeldWork::of(&task, holding.progress, rule));
    }
    let metrics = &row.metrics;
    let record = Record { submitted: metrics.submitted, failed: metrics.failed, mean_minutes: metrics.mean_minutes };
    Ok(Candidate {
        record,
        held,
        present: true,
        cpu_usage: row.cpu_usage,
        memory_usage: row.memory_usage,
        agent: row.agent,
    })
}

/// What a story point took so far.
///
/// # Errors
/// When the board cannot be read.
pub fn point_rule(read: &dyn Read) -> Result<PointRule, Error> {
    let filter = Filter { statuses: vec![Status::Completed], levels: vec![Level::Task], ..Filter::default() };
    let sizes = |task: Task| Some((task.metadata.story_points?, task.metadata.actual_duration.unwrap_or(0)));
    let finished: Vec<_> = read.newest_tasks(&filter, HISTORY)?.into_iter().filter_map(sizes).collect();
    Ok(PointRule::learned(&finished))
}

/// Under which name somebody's draft is kept: two people who plan do not write over each other.
pub fn draft_name(actor: &str) -> String {
    format!("plan:{actor}")
}

/// The draft that this person has saved, unless it has become a sprint. It is there again when that is undone.
///
/// # Errors
/// When the board cannot be read.
pub fn draft(service: &Service, actor: &str) -> Result<Option<Draft>, Error> {
    let Some(draft) = service.read().draft(&draft_name(actor))?.as_deref().and_then(Draft::restore) else {
        return Ok(None);
    };
    let made = service.read().sprints()?.iter().any(|sprint| sprint.sprint_id == draft.sprint_id);
    Ok((!made).then_some(draft))
}

/// Makes the plan so, as one change that one undo takes back.
///
/// # Errors
/// As for [`Service::submit`].
pub fn commit(
    service: &mut Service,
    actor: &Actor,
    draft: &Draft,
    outlook: &Outlook,
    start: bool,
) -> Result<Done, Error> {
    service.submit_all(actor, &commands(draft, outlook, start))
}
