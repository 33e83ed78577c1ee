//! A running sprint as the replanner sees it, and the proposals that come of it.
//!
//! It only carries: what becomes of a plan is for [`crate::plan::course`] to say.

use std::collections::{BTreeMap, BTreeSet};

use super::planning::{candidate, offer, point_rule};
use super::{Done, Error, Service};
use crate::domain::command::NewEscalation;
use crate::domain::sprint::{GRACE, Layout, Stage};
use crate::domain::{
    Actor, AgentId, AgentKind, AgentStatus, Command, Event, RecordId, Rejection, Sprint, SprintId, Status, Task,
    TaskId, Timestamp, Transition,
};
use crate::plan::course::{Advice, Ahead, Course, Progress};
use crate::plan::wizard::{Ground, Job};
use crate::store::view::{ActivityFilter, AgentRow, Filter, Page};
use crate::store::{Now, Read};

/// Changes that are looked through before they count as an event.
const CHANGES: usize = 200;

/// The sprint as it stands; without a plan, its layout is empty.
///
/// # Errors
/// When the board cannot be read.
pub fn course(read: &dyn Read, now: &Now, sprint: &Sprint) -> Result<Course, Error> {
    let plan = read.plan(sprint.sprint_id)?;
    let before = plan.as_ref().and_then(|plan| plan.before.as_deref().cloned());
    let mut layout = plan.map(|plan| plan.layout).unwrap_or_default();
    let (tasks, members) = tasks_of(read, sprint)?;
    layout.slots.retain(|slot| members.contains(&slot.task_id));
    let inside: BTreeSet<TaskId> = tasks.iter().map(|task| task.task_id).collect();
    let mut outside = BTreeMap::new();
    let mut items = Vec::new();
    for task in &tasks {
        let offer = offer(read, task, &inside, &mut outside, &BTreeSet::new())?;
        items.push((Job::of(&offer), progress(task, now.wall)));
    }
    let rule = point_rule(read)?;
    let late = late(&layout, &items, now.wall);
    let (gone, mut rows): (Vec<AgentRow>, Vec<AgentRow>) =
        read.agents(now)?.into_iter().partition(|row| is_lost(row, &late));
    // What somebody held who is lost has to be begun again.
    let gone_ids: BTreeSet<AgentId> = gone.iter().map(|row| row.agent.agent_id).collect();
    for (_, progress) in &mut items {
        if matches!(progress, Progress::Begun { agent_id, .. } if gone_ids.contains(agent_id)) {
            *progress = Progress::Waits;
        }
    }
    for row in &mut rows {
        // What they hold of this sprint stands among its tasks.
        row.current_tasks.retain(|held| !inside.contains(&held.task_id));
    }
    let ground = Ground {
        now: now.wall,
        team: rows.into_iter().map(|row| candidate(read, row, &rule)).collect::<Result<_, _>>()?,
        offers: Vec::new(),
        outside,
        policy: read.policy()?,
        rule,
        carried: None,
        active: None,
        next_sprint: 0,
        next_task: read.next_number()?,
    };
    let open = read.proposal(sprint.sprint_id)?;
    let lost: Vec<_> = gone.into_iter().map(|row| (row.agent.agent_id, row.agent.name)).collect();
    let is_back = before.as_ref().is_some_and(|before| is_back(before, &layout, &ground));
    let event = !lost.is_empty() || is_back || happened(read, sprint.sprint_id)?;
    Ok(Course { ground, ends_at: sprint.ends_at, items, layout, before, event, lost, members, open })
}

/// Whether somebody is there again whom the last change took all work from.
fn is_back(before: &Layout, layout: &Layout, ground: &Ground) -> bool {
    let agents = |layout: &Layout| layout.slots.iter().filter_map(|slot| slot.agent_id).collect::<BTreeSet<_>>();
    let (then, now) = (agents(before), agents(layout));
    ground.team.iter().any(|member| then.contains(&member.agent.agent_id) && !now.contains(&member.agent.agent_id))
}

/// Whether anything was changed since the plan was made that it stands on; work that goes on is no change.
fn happened(read: &dyn Read, sprint_id: SprintId) -> Result<bool, Error> {
    let filter = |record, after, limit| ActivityFilter { after, record, limit, ..ActivityFilter::default() };
    let made = read.activity(&filter(Some(RecordId::Plan(sprint_id)), None, 1))?;
    let Some(made) = made.first() else { return Ok(true) };
    let since = read.activity(&filter(None, Some(made.change), CHANGES))?;
    Ok(since.len() == CHANGES
        || since.iter().any(|row| row.event_count > row.events.len() as u64 || !row.events.iter().all(goes_on)))
}

/// Talk, progress, and steps of work as a plan expects them.
fn goes_on(event: &Event) -> bool {
    match event {
        Event::TaskStepped { by, .. } => {
            use Transition::{Assign, Pass, Queue, Resume, Start, Submit, Unblock};
            matches!(by, Assign | Pass | Queue | Resume | Start | Submit | Unblock)
        }
        Event::TaskProgressed { .. }
        | Event::CommentAdded { .. }
        | Event::AdmissionQueued { .. }
        | Event::AdmissionEnded { .. }
        | Event::TaskAssigned { .. }
        | Event::TaskClaimed { .. }
        | Event::ClaimEnded { .. }
        | Event::AttemptStarted { .. }
        | Event::AttemptEnded { .. }
        | Event::ReviewSet { .. }
        | Event::SprintStarted { .. }
        | Event::BaselineTaken { .. }
        | Event::PlanProposed { .. }
        | Event::ProposalEnded { .. }
        | Event::EscalationRaised { .. }
        | Event::EscalationAnswered { .. }
        | Event::EscalationSnoozed { .. }
        | Event::EscalationDelegated { .. }
        | Event::EscalationWithdrawn { .. } => true,
        _ => false,
    }
}

/// The open tasks of the sprint, and the names of all that are in it.
fn tasks_of(read: &dyn Read, sprint: &Sprint) -> Result<(Vec<Task>, BTreeSet<TaskId>), Error> {
    let filter = Filter { sprint: Some(sprint.sprint_id), archived: true, ..Filter::default() };
    let tasks = read.list_tasks(&filter, Page::ALL)?;
    let members = tasks.iter().map(|task| task.task_id).collect();
    let is_open = |task: &Task| task.is_card() && !task.status.is_closed();
    Ok((tasks.into_iter().filter(is_open).collect(), members))
}

fn progress(task: &Task, now: Timestamp) -> Progress {
    let Some(assignment) = &task.assignment else { return Progress::Waits };
    let since = task.execution.started_at.unwrap_or(assignment.assigned_at).min(now);
    match task.status {
        Status::Assigned | Status::Executing | Status::Paused => {
            Progress::Begun { agent_id: assignment.primary_agent, since, percent: task.execution.progress }
        }
        Status::Reviewing => {
            let until = task.updated_at.clamp(since, now.max(since));
            Progress::InReview { agent_id: Some(assignment.primary_agent), since, until }
        }
        _ => Progress::Waits,
    }
}

/// A program that fell silent, or that signed off and should have begun something. A person who is away comes back by
/// their hours.
fn is_lost(row: &AgentRow, late: &BTreeSet<AgentId>) -> bool {
    let gone = row.agent.kind == AgentKind::Ai && row.status == AgentStatus::Offline;
    gone && (row.last_heartbeat.is_some() || late.contains(&row.agent.agent_id))
}

/// Whose planned work should have begun and has not.
fn late(layout: &Layout, items: &[(Job, Progress)], now: Timestamp) -> BTreeSet<AgentId> {
    let waits = |id| items.iter().any(|(job, far)| job.task_id == id && *far == Progress::Waits);
    let due = layout.slots.iter().filter(|slot| slot.stage == Stage::Work && slot.starts_at + GRACE < now);
    due.filter(|slot| waits(slot.task_id)).filter_map(|slot| slot.agent_id).collect()
}

/// Does what follows from the look ahead about proposals. Nothing changes about the plan itself.
///
/// # Errors
/// As for [`Service::submit`].
pub fn advise(service: &mut Service, actor: &Actor, sprint: &Sprint, ahead: &Ahead) -> Result<Option<Done>, Error> {
    let commands = proposals(sprint, ahead, None);
    if commands.is_empty() { Ok(None) } else { service.submit_all(actor, &commands).map(Some) }
}

/// The commands that follow from a look ahead, to be done as one change; with a question, the human is asked about what
/// is proposed.
pub fn proposals(sprint: &Sprint, ahead: &Ahead, question: Option<NewEscalation>) -> Vec<Command> {
    let sprint_id = sprint.sprint_id;
    let ends = ahead.advice.ends().zip(ahead.open);
    let drop = ends.map(|(why, proposal_id)| {
        let reason = Some(why.to_owned());
        Command::DropProposal { sprint_id, proposal_id, reason }
    });
    let propose = matches!(ahead.advice, Advice::Propose | Advice::Replace).then(|| {
        let (cause, options) = (ahead.cause.clone(), ahead.options.clone());
        Command::ProposePlan { sprint_id, cause, options, question: question.map(Box::new) }
    });
    drop.into_iter().chain(propose).collect()
}

/// Looks ahead for a sprint.
///
/// # Errors
/// When the board cannot be read, or the sprint cannot be planned, as when tasks wait for themselves.
pub fn ahead(service: &Service, sprint: &Sprint) -> Result<Ahead, Error> {
    let course = course(service.read(), &service.now(), sprint)?;
    course.ahead().map_err(|fault| Rejection::Invalid(format!("{} cannot be planned: {fault}", sprint.name)).into())
}
