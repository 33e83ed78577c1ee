//! A running sprint as the replanner sees it, and the proposals that come of it.
//!
//! It only carries: what becomes of a plan is for [`crate::plan::course`] to say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;

use super::planning::{candidate, offer, point_rule};
use super::{Done, Error, Service};
use crate::domain::command::NewEscalation;
use crate::domain::sprint::{GRACE, Layout, Stage};
use crate::domain::{
    Actor, AgentId, AgentKind, AgentStatus, Command, EscalationKind, Event, Level, RecordId, Rejection, Remedy, Sprint,
    SprintId, Status, Task, TaskId, Timestamp, Transition,
};
use crate::plan::capacity::{Habit, PointRule};
use crate::plan::course::{Advice, Ahead, Course, Progress};
use crate::plan::estimate::spend::Rates;
use crate::plan::wizard::{Ground, Job};
use crate::store::view::{ActivityFilter, AgentRow, Filter, Page};
use crate::store::{Now, Read};

/// Topic of a question: the plan of the sprint does not hold any more.
pub const PLAN: &str = "plan";
/// Looks at a plan whose proposal changes under them.
const LOOKS: usize = 5;
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
    let all = read.list_tasks(&everything(sprint), Page::ALL)?;
    let members: BTreeSet<TaskId> = all.iter().map(|task| task.task_id).collect();
    let tasks: Vec<Task> = all.iter().filter(|task| task.is_card() && !task.status.is_closed()).cloned().collect();
    layout.slots.retain(|slot| members.contains(&slot.task_id));
    let inside: BTreeSet<TaskId> = tasks.iter().map(|task| task.task_id).collect();
    let mut outside = BTreeMap::new();
    let mut offers = Vec::new();
    for task in &tasks {
        offers.push(offer(read, task, &inside, &mut outside, &BTreeSet::new())?);
    }
    super::estimates::guess(read, now, &tasks, &mut offers)?;
    let mut items: Vec<_> =
        tasks.iter().zip(&offers).map(|(task, offer)| (Job::of(offer), progress(task, now.wall))).collect();
    let rule = point_rule(read)?;
    let held_up = held_up(read, now, sprint, &mut items)?;
    let worked = worked(&all, &rule);
    let late = late(&layout, &items, now.wall);
    let (mut gone, mut rows) = (Vec::new(), Vec::new());
    for row in read.agents(now)? {
        if is_lost(read, now, &row, &late)? { gone.push(row) } else { rows.push(row) }
    }
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
        done: Vec::new(),
        money: Rates::default(),
        tokens: Rates::default(),
        // What was learned since is for the next plan.
        habits: layout.learned.iter().map(|(id, learned)| (*id, Habit::agreed(learned))).collect(),
        active: None,
        lost: Vec::new(),
        newest: None,
        next_sprint: 0,
        next_task: read.next_number()?,
    };
    let open = read.proposal(sprint.sprint_id)?;
    let lost: Vec<_> = gone.into_iter().map(|row| (row.agent.agent_id, row.agent.name)).collect();
    let is_back = before.as_ref().is_some_and(|before| is_back(before, &layout, &ground));
    let event = !lost.is_empty() || is_back || happened(read, sprint.sprint_id)?;
    let (starts_at, ends_at) = (sprint.starts_at, sprint.ends_at);
    Ok(Course { ground, starts_at, ends_at, items, held_up, worked, layout, before, event, lost, members, open })
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

fn everything(sprint: &Sprint) -> Filter {
    Filter { sprint: Some(sprint.sprint_id), archived: true, ..Filter::default() }
}

/// Tasks that cannot go on, with why: something stands in the way, or they wait for what is not in the sprint. What is
/// in somebody's hands there holds them up until it should be done.
fn held_up(
    read: &dyn Read,
    now: &Now,
    sprint: &Sprint,
    items: &mut [(Job, Progress)],
) -> Result<BTreeMap<TaskId, String>, Error> {
    let inside: BTreeSet<TaskId> = items.iter().map(|(job, _)| job.task_id).collect();
    let (mut held_up, mut sprints) = (BTreeMap::new(), None);
    for (job, progress) in items {
        if matches!(progress, Progress::InReview { .. }) {
            continue;
        }
        held_up.extend(job.held_up.clone().map(|why| (job.task_id, why)));
        if *progress != Progress::Waits {
            continue;
        }
        let outside: Vec<TaskId> = job.after.iter().copied().filter(|on| !inside.contains(on)).collect();
        for on in cards(read, outside)? {
            if inside.contains(&on.task_id) {
                job.after.push(on.task_id);
            } else if let Some(end) = expected(&on, now.wall) {
                job.not_before = job.not_before.max(Some(end));
            } else {
                let all = match sprints.take() {
                    Some(all) => all,
                    None => read.sprints()?,
                };
                held_up.entry(job.task_id).or_insert_with(|| waits_for(&all, sprint, &on));
                sprints = Some(all);
            }
        }
    }
    Ok(held_up)
}

/// What has to be done so that these are: they themselves, or the open parts of those that have some.
fn cards(read: &dyn Read, mut open: Vec<TaskId>) -> Result<Vec<Task>, Error> {
    let mut cards = Vec::new();
    while let Some(id) = open.pop() {
        let Some(task) = read.task(id)? else { continue };
        let of_it = Filter { parent: Some(id), ..Filter::default() };
        let parts = if task.level == Level::Task { Vec::new() } else { read.list_tasks(&of_it, Page::ALL)? };
        let before = open.len();
        open.extend(parts.iter().filter(|part| !part.status.is_closed()).map(|part| part.task_id));
        cards.extend((open.len() == before).then_some(task));
    }
    Ok(cards)
}

/// When work that somebody is at should be done, if nothing stands in its way.
fn expected(task: &Task, now: Timestamp) -> Option<Timestamp> {
    let goes_on = matches!(task.status, Status::Assigned | Status::Executing | Status::Reviewing);
    let minutes = i64::from(task.remaining_minutes().unwrap_or(0));
    (goes_on && task.blocker.is_none()).then(|| now + Duration::minutes(minutes))
}

fn waits_for(sprints: &[Sprint], sprint: &Sprint, on: &Task) -> String {
    let of = sprints.iter().find(|one| Some(one.sprint_id) == on.sprint_id);
    let how = match (&on.blocker, of) {
        (Some(blocker), _) => format!("is blocked: {}", blocker.reason),
        (None, _) if matches!(on.status, Status::Cancelled | Status::Failed) => format!("is {}", on.status),
        (None, Some(other)) if other.sprint_id != sprint.sprint_id => format!("is in {}", other.name),
        (None, Some(_)) => format!("is {}", on.status),
        (None, None) => "is in no sprint".to_owned(),
    };
    format!("waits for {}, which {how}", on.number)
}

/// Minutes by agent of what they have handed in, and of their part of what they are at.
fn worked(tasks: &[Task], rule: &PointRule) -> BTreeMap<AgentId, u32> {
    let mut worked = BTreeMap::new();
    for task in tasks.iter().filter(|task| task.is_card()) {
        let Some(agent_id) = task.agent() else { continue };
        let thought = rule.work_minutes(task.metadata.estimated_duration, task.metadata.story_points);
        let minutes = match task.status {
            Status::Completed | Status::Reviewing => task.metadata.actual_duration.unwrap_or(thought),
            Status::Executing | Status::Paused => thought * u32::from(task.execution.progress.min(100)) / 100,
            _ => 0,
        };
        *worked.entry(agent_id).or_default() += minutes;
    }
    worked
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

/// A program that is not heard of and has dropped what it was at, or should have begun something. Silence alone is no
/// loss: who works by single commands is heard of only while they work. A person who is away comes back by their hours.
fn is_lost(read: &dyn Read, now: &Now, row: &AgentRow, late: &BTreeSet<AgentId>) -> Result<bool, Error> {
    if row.agent.kind != AgentKind::Ai || row.status != AgentStatus::Offline {
        return Ok(false);
    }
    Ok(late.contains(&row.agent.agent_id) || has_dropped(read, now, row)?)
}

/// Programs that have stopped in the middle of their work and gave no sign of life since.
pub(super) fn dropped<'a>(read: &dyn Read, now: &Now, rows: &'a [AgentRow]) -> Result<Vec<&'a AgentRow>, Error> {
    let mut found = Vec::new();
    for row in rows.iter().filter(|row| row.agent.kind == AgentKind::Ai && row.status == AgentStatus::Offline) {
        found.extend(has_dropped(read, now, row)?.then_some(row));
    }
    Ok(found)
}

/// Whether somebody has stopped in the middle of their work and gave no sign of life since.
fn has_dropped(read: &dyn Read, now: &Now, row: &AgentRow) -> Result<bool, Error> {
    let is_over = |task| {
        let leases = read.leases(now)?.into_iter();
        Ok::<_, Error>(leases.filter(|lease| lease.task_id == task).any(|lease| lease.expired))
    };
    for held in row.current_tasks.iter().filter(|held| held.status == Status::Executing) {
        if is_over(held.task_id)? {
            return Ok(true);
        }
    }
    Ok(row.dropped_at.is_some_and(|at| row.last_heartbeat < Some(at)))
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
    let open = service.read().proposal(sprint.sprint_id)?;
    // What the human is asked about stays a question to the human.
    let asked = open.and_then(|open| open.question).is_some();
    let question = asked.then(|| question(sprint, ahead, service.now().wall));
    let commands = proposals(sprint, ahead, question);
    if commands.is_empty() { Ok(None) } else { service.submit_all(actor, &commands).map(Some) }
}

/// Looks ahead and does what follows from the look, as whoever asks judges it. Where the proposal changes between the
/// look and the deed, it looks again; if that goes on, the last look is told and nothing is done.
///
/// # Errors
/// As for [`ahead`] and [`Service::submit`].
pub fn look_and_advise(
    service: &mut Service,
    actor: &Actor,
    sprint: &Sprint,
    judge: &mut dyn FnMut(&mut Ahead),
) -> Result<(Ahead, Option<Done>), Error> {
    for _ in 0..LOOKS {
        let mut seen = ahead(service, sprint)?;
        judge(&mut seen);
        match advise(service, actor, sprint, &seen) {
            Ok(done) => return Ok((seen, done)),
            Err(refused @ Error::Rejected(_)) => {
                let open = service.read().proposal(sprint.sprint_id)?.map(|open| open.proposal_id);
                if open == seen.open {
                    return Err(refused);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok((ahead(service, sprint)?, None))
}

/// The question whether to change the plan; its answers are the ways that are proposed.
pub fn question(sprint: &Sprint, ahead: &Ahead, now: Timestamp) -> NewEscalation {
    let late = ahead.carried_ends_at.filter(|ends| *ends > sprint.ends_at.max(now));
    let late = late.map(|ends| format!("If nobody decides it ends on {}.", ends.format("%a %-d %b %H:%M UTC")));
    NewEscalation {
        kind: EscalationKind::Decision,
        task_id: None,
        topic: PLAN.into(),
        question: format!("{}: {}. Change the plan?", sprint.name, ahead.cause),
        context: format!("{} `vayu sprint replan` shows every move.", late.unwrap_or_default()).trim().into(),
        impact: String::new(),
        choices: Vec::new(),
        recommended: None,
        otherwise: "the plan stays as it is".into(),
    }
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

/// Refuses an acceptance of what cannot be done any more: between a question and its answer the world goes on.
///
/// # Errors
/// What keeps the plan from being changed like this, or when the board cannot be read.
pub(super) fn check_acceptance(read: &dyn Read, now: &Now, command: &Command) -> Result<(), Error> {
    let (sprint_id, seen, option) = match command {
        Command::AcceptPlan { sprint_id, proposal_id, option } => (*sprint_id, *proposal_id, *option),
        Command::AnswerEscalation { escalation_id, choice: Some(choice), .. } => {
            let asked = read.escalations(false, now)?.into_iter().map(|row| row.escalation);
            let ask = asked.into_iter().find(|ask| ask.escalation_id == *escalation_id);
            let remedy = ask.and_then(|ask| Some(ask.choices.get(*choice)?.remedy.clone()));
            let Some(Remedy::AcceptPlan { sprint_id, proposal_id, option }) = remedy else { return Ok(()) };
            (sprint_id, proposal_id, option)
        }
        _ => return Ok(()),
    };
    let Some(sprint) = read.sprints()?.into_iter().find(|sprint| sprint.sprint_id == sprint_id) else { return Ok(()) };
    let open = read.proposal(sprint_id)?.filter(|open| open.proposal_id == seen);
    let Some(way) = open.as_ref().and_then(|open| open.options.get(option)) else { return Ok(()) };
    // What cannot be planned at all is refused elsewhere.
    match course(read, now, &sprint)?.obstacle(way) {
        Ok(Some(why)) => {
            let how = format!("{why}; `vayu sprint replan` shows what can be done now");
            Err(Rejection::Conflict { what: "this change of the plan".into(), how }.into())
        }
        Ok(None) | Err(_) => Ok(()),
    }
}

/// Looks ahead for a sprint.
///
/// # Errors
/// When the board cannot be read, or the sprint cannot be planned, as when tasks wait for themselves.
pub fn ahead(service: &Service, sprint: &Sprint) -> Result<Ahead, Error> {
    let course = course(service.read(), &service.now(), sprint)?;
    course.ahead().map_err(|why| unsound(sprint, &why).into())
}

/// What to say of a sprint that cannot be planned at all.
pub fn unsound(sprint: &Sprint, why: &str) -> Rejection {
    Rejection::Invalid(format!("{} cannot be planned: {why}", sprint.name))
}
