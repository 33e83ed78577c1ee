//! Events to new rows: the only place where rows change.

use super::command::{AgentField, Patch, Report, TaskField};
use super::escalation::EscalationState;
use super::event::Event;
use super::facts::{Facts, Parts};
use super::id::{AgentId, TaskId};
use super::record::{Record, RecordId};
use super::risk::number_after;
use super::sprint::SprintState;
use super::task::Task;
use super::{Agent, Policy, Status, Timestamp, Transition};

/// Artifacts of a task that are kept.
const MAX_ARTIFACTS: usize = 500;
/// Named outputs of a task that are kept.
const MAX_OUTPUTS: usize = 200;
/// Transcripts of a task that are remembered.
const MAX_LOGS: usize = 100;

/// Applies the events of one change and stamps every row that they touched: its revision goes up by one.
///
/// # Errors
/// Only when a restored row cannot be read, which means that the log was written by something else.
pub fn apply_change(facts: &mut Facts, events: &[Event], at: Timestamp) -> Result<(), serde_json::Error> {
    for event in events {
        apply(facts, event, at)?;
    }
    stamp(facts, at);
    Ok(())
}

/// Raises the revision of every touched row.
pub(super) fn stamp(facts: &mut Facts, at: Timestamp) {
    let verbatim = std::mem::take(&mut facts.verbatim);
    for id in facts.touched.clone().difference(&verbatim) {
        match *id {
            RecordId::Task(id) => {
                if let Some(task) = facts.tasks.get_mut(&id) {
                    task.rev += 1;
                    task.updated_at = at;
                }
            }
            RecordId::Attempt(id) => raise(facts.attempts.get_mut(&id).map(|row| &mut row.rev)),
            RecordId::Agent(id) => raise(facts.agents.get_mut(&id).map(|row| &mut row.rev)),
            RecordId::Sprint(id) => raise(facts.sprints.get_mut(&id).map(|row| &mut row.rev)),
            RecordId::Plan(id) => raise(facts.plans.get_mut(&id).map(|row| &mut row.rev)),
            RecordId::Proposal(id) => raise(facts.proposals.get_mut(&id).map(|row| &mut row.rev)),
            RecordId::Baseline(id) => raise(facts.baselines.get_mut(&id).map(|row| &mut row.rev)),
            RecordId::Outcome(id) => raise(facts.outcomes.get_mut(&id).map(|row| &mut row.rev)),
            RecordId::Escalation(id) => raise(facts.escalations.get_mut(&id).map(|row| &mut row.rev)),
            RecordId::Comment(_) | RecordId::Policy => {}
        }
    }
}

fn raise(rev: Option<&mut u64>) {
    if let Some(rev) = rev {
        *rev += 1;
    }
}

/// Applies one event.
pub(super) fn apply(facts: &mut Facts, event: &Event, at: Timestamp) -> Result<(), serde_json::Error> {
    facts.touched.extend(event.records().first().copied());
    if let Event::Restored { patch, .. } = event {
        return restore(facts, patch);
    }
    apply_to_task(facts, event, at);
    apply_to_work(facts, event, at);
    apply_to_team(facts, event, at);
    apply_to_plan(facts, event);
    apply_to_question(facts, event, at);
    Ok(())
}

/// What happens to a task as a record.
fn apply_to_task(facts: &mut Facts, event: &Event, at: Timestamp) {
    match event {
        Event::TaskCreated { task } => {
            facts.next_task = facts.next_task.max(task.number.0 + 1);
            insert_task(facts, (**task).clone());
        }
        Event::TaskImported { task } => {
            facts.next_task = facts.next_task.max(task.number.0 + 1);
            remove_task(facts, task.task_id);
            insert_task(facts, (**task).clone());
        }
        Event::RecordImported { row } => bring_in(facts, (**row).clone()),
        Event::TaskEdited { task_id, changes } => change(facts, *task_id, |task| {
            for field in changes {
                edit(task, field, at);
            }
        }),
        Event::TaskStepped { task_id, by, to, .. } => change(facts, *task_id, |task| step(task, *by, *to, at)),
        Event::AdmissionQueued { task_id, admission } => {
            if let Some(load) = facts.lanes.get_mut(&admission.lane) {
                load.waiting.push(*task_id);
            }
            change(facts, *task_id, |task| task.admission = Some(admission.clone()));
        }
        Event::AdmissionEnded { task_id, .. } => {
            for load in facts.lanes.values_mut() {
                load.waiting.retain(|waiting| waiting != task_id);
            }
            change(facts, *task_id, |task| task.admission = None);
        }
        Event::TaskAssigned { task_id, assignment } => {
            change(facts, *task_id, |task| task.assignment = assignment.as_deref().cloned());
        }
        Event::TaskClaimed { task_id, claim } => change(facts, *task_id, |task| {
            task.epoch = claim.epoch;
            task.claim = Some(claim.clone());
        }),
        Event::ClaimEnded { task_id, .. } => change(facts, *task_id, |task| task.claim = None),
        Event::TaskProgressed { task_id, progress, step, artifacts } => change(facts, *task_id, |task| {
            task.execution.progress = *progress;
            task.execution.current_step.clone_from(step);
            keep_newest(&mut task.execution.artifacts, artifacts, MAX_ARTIFACTS);
        }),
        Event::BlockerSet { task_id, blocker } => change(facts, *task_id, |task| {
            let before = std::mem::replace(&mut task.blocker, blocker.clone());
            task.last_blocker = before.or(task.last_blocker.take());
        }),
        Event::RetryPlanned { task_id, retry_at, retry_count } => change(facts, *task_id, |task| {
            task.retry_at = Some(*retry_at);
            task.metadata.retry_count = *retry_count;
        }),
        Event::ReviewSet { task_id, review } => change(facts, *task_id, |task| task.review.clone_from(review)),
        _ => {}
    }
}

/// What happens to attempts, edges and remarks.
fn apply_to_work(facts: &mut Facts, event: &Event, at: Timestamp) {
    match event {
        Event::AttemptStarted { attempt } => {
            facts.attempts.insert(attempt.attempt_id, (**attempt).clone());
            touch_task(facts, attempt.task_id, |task| {
                task.execution.started_at.get_or_insert(at);
            });
        }
        Event::AttemptEnded { attempt_id, task_id, outcome, failure, report, worked } => {
            if let Some(attempt) = facts.attempts.get_mut(attempt_id) {
                attempt.ended_at = Some(at);
                attempt.worked = *worked;
                attempt.outcome = Some(*outcome);
                attempt.failure = *failure;
                tell(attempt, report);
            }
            let clock =
                facts.attempts.get(attempt_id).map_or(0, |attempt| (at - attempt.started_at).num_seconds().max(0));
            let worked = worked.unwrap_or(clock as u32 / 60);
            touch_task(facts, *task_id, |task| take_report(task, report, worked));
        }
        Event::DependencyAdded { task_id, dependency } => {
            facts.edges.entry(*task_id).or_default().push(dependency.task_id);
            let successors = facts.successors.entry(dependency.task_id).or_default();
            if !successors.contains(task_id) {
                successors.push(*task_id);
            }
            change(facts, *task_id, |task| {
                task.dependencies.blocked_by.retain(|edge| edge.task_id != dependency.task_id);
                task.dependencies.blocked_by.push(dependency.clone());
            });
        }
        Event::DependencyRemoved { task_id, on } => {
            if let Some(successors) = facts.successors.get_mut(on) {
                successors.retain(|successor| successor != task_id);
            }
            change(facts, *task_id, |task| task.dependencies.blocked_by.retain(|edge| edge.task_id != *on));
        }
        Event::CommentAdded { comment } => {
            facts.comments.insert(comment.comment_id, (**comment).clone());
        }
        _ => {}
    }
}

/// What happens to agents, sprints and settings.
fn apply_to_team(facts: &mut Facts, event: &Event, at: Timestamp) {
    match event {
        Event::AgentAdded { agent } => {
            facts.agents.insert(agent.agent_id, (**agent).clone());
        }
        Event::AgentEdited { agent_id, changes } => {
            if let Some(agent) = facts.agents.get_mut(agent_id) {
                for field in changes {
                    edit_agent(agent, field);
                }
            }
        }
        Event::SprintCreated { sprint } => {
            facts.next_sprint = facts.next_sprint.max(sprint.number + 1);
            facts.sprints.insert(sprint.sprint_id, (**sprint).clone());
        }
        Event::SprintStarted { sprint_id, committed_points } => {
            if let Some(sprint) = facts.sprints.get_mut(sprint_id) {
                sprint.state = SprintState::Active;
                sprint.started_at = Some(at);
                sprint.committed_points = Some(*committed_points);
            }
        }
        Event::SprintClosed { sprint_id } => {
            if let Some(sprint) = facts.sprints.get_mut(sprint_id) {
                sprint.state = SprintState::Closed;
                sprint.closed_at = Some(at);
            }
        }
        Event::PolicyChanged { policy, .. } => set_policy(facts, (**policy).clone()),
        _ => {}
    }
}

/// The numbers of the risks that go are not given again.
fn set_policy(facts: &mut Facts, policy: Policy) {
    let before = number_after(&facts.policy.risks, facts.next_risk);
    facts.next_risk = number_after(&policy.risks, before);
    facts.policy = policy;
}

/// What happens to plans, baselines and outcomes.
fn apply_to_plan(facts: &mut Facts, event: &Event) {
    match event {
        Event::BaselineTaken { baseline } => drop(facts.baselines.insert(baseline.sprint_id, (**baseline).clone())),
        Event::OutcomeWritten { outcome } => drop(facts.outcomes.insert(outcome.sprint_id, (**outcome).clone())),
        Event::PlanSet { plan } => drop(facts.plans.insert(plan.sprint_id, (**plan).clone())),
        Event::PlanProposed { proposal } => drop(facts.proposals.insert(proposal.sprint_id, (**proposal).clone())),
        Event::ProposalEnded { sprint_id, .. } => drop(facts.proposals.remove(sprint_id)),
        _ => {}
    }
}

/// What happens to questions.
fn apply_to_question(facts: &mut Facts, event: &Event, at: Timestamp) {
    match event {
        Event::EscalationRaised { escalation } => {
            facts.next_escalation = facts.next_escalation.max(escalation.number + 1);
            facts.escalations.insert(escalation.escalation_id, (**escalation).clone());
        }
        Event::EscalationAnswered { escalation_id, choice, answer, by, .. } => {
            if let Some(escalation) = facts.escalations.get_mut(escalation_id) {
                escalation.state = EscalationState::Answered;
                escalation.closed_at = Some(at);
                escalation.choice = *choice;
                escalation.answer.clone_from(answer);
                escalation.answered_by = Some(by.clone());
            }
        }
        Event::EscalationSnoozed { escalation_id, until } => {
            if let Some(escalation) = facts.escalations.get_mut(escalation_id) {
                escalation.snoozed_until = Some(*until);
            }
        }
        Event::EscalationDelegated { escalation_id, to } => {
            if let Some(escalation) = facts.escalations.get_mut(escalation_id) {
                escalation.delegated_to = Some(to.clone());
            }
        }
        Event::EscalationWithdrawn { escalation_id } => {
            if let Some(escalation) = facts.escalations.get_mut(escalation_id) {
                escalation.state = EscalationState::Withdrawn;
                escalation.closed_at = Some(at);
            }
        }
        _ => {}
    }
}

/// Changes one task and keeps what is derived from it in step: lane loads, agents' loads, parts of its parent.
fn change(facts: &mut Facts, id: TaskId, alter: impl FnOnce(&mut Task)) {
    let Some(mut task) = remove_task(facts, id) else { return };
    alter(&mut task);
    insert_task(facts, task);
}

fn touch_task(facts: &mut Facts, id: TaskId, alter: impl FnOnce(&mut Task)) {
    facts.touched.insert(RecordId::Task(id));
    change(facts, id, alter);
}

fn insert_task(facts: &mut Facts, task: Task) {
    count(facts, &task, 1);
    facts.tasks.insert(task.task_id, task);
}

fn remove_task(facts: &mut Facts, id: TaskId) -> Option<Task> {
    let task = facts.tasks.remove(&id)?;
    count(facts, &task, -1);
    Some(task)
}

fn count(facts: &mut Facts, task: &Task, by: i32) {
    if task.is_card()
        && let Some(load) = facts.lanes.get_mut(&task.lane())
    {
        load.count = load.count.saturating_add_signed(by);
    }
    if let Some(agent) = holder(task)
        && let Some(load) = facts.load.get_mut(&agent)
    {
        *load = load.saturating_add_signed(by);
    }
    if let Some(claim) = &task.claim
        && let Some(claimed) = facts.claimed.get_mut(&claim.agent_id)
    {
        *claimed = claimed.saturating_add_signed(by);
    }
    if let Some(parts) = task.parent_id.and_then(|parent| facts.parts.get_mut(&parent)) {
        count_part(parts, task, by);
    }
}

fn count_part(parts: &mut Parts, task: &Task, by: i32) {
    match task.status {
        Status::Completed => parts.completed = parts.completed.saturating_add_signed(by),
        Status::Cancelled => {}
        _ => parts.open = parts.open.saturating_add_signed(by),
    }
}

/// The agent whose limit this task counts against.
pub(super) fn holder(task: &Task) -> Option<AgentId> {
    task.takes_time().then(|| task.agent()).flatten()
}

fn step(task: &mut Task, by: Transition, to: Status, at: Timestamp) {
    task.status = to;
    if by != Transition::Fail {
        task.retry_at = None;
    }
    if to == Status::Queued {
        task.queued_at = Some(at);
    }
    if to.is_closed() {
        task.execution.ended_at = Some(at);
        task.blocker = None;
        task.expedite = false;
    }
    if to == Status::Completed {
        task.execution.progress = 100;
    }
    if by == Transition::Reopen {
        task.execution.ended_at = None;
        task.execution.progress = 0;
        task.metadata.retry_count = 0;
        task.review = None;
        task.assignment = None;
        task.carry = None;
    }
}

fn tell(attempt: &mut super::Attempt, report: &Report) {
    attempt.exit_code = report.exit_code;
    attempt.last_lines.clone_from(&report.last_lines);
    attempt.summary.clone_from(&report.summary);
    attempt.hand_over.clone_from(&report.hand_over);
    attempt.open_points.clone_from(&report.open_points);
    (attempt.cost, attempt.tokens) = (report.cost, report.tokens);
    attempt.model = report.model.clone().or(attempt.model.take());
}

/// Adds what is new; of more than `most` the oldest go.
fn keep_newest(list: &mut Vec<String>, more: &[String], most: usize) {
    for item in more {
        list.retain(|known| known != item);
        list.push(item.clone());
    }
    list.drain(..list.len().saturating_sub(most));
}

fn take_report(task: &mut Task, report: &Report, worked: u32) {
    let execution = &mut task.execution;
    keep_newest(&mut execution.artifacts, &report.artifacts, MAX_ARTIFACTS);
    let room = MAX_OUTPUTS.saturating_sub(execution.outputs.len());
    let known = |name: &String| execution.outputs.contains_key(name);
    let (again, new): (Vec<_>, Vec<_>) = report.outputs.iter().partition(|(name, _)| known(name));
    let kept = again.into_iter().chain(new.into_iter().take(room));
    execution.outputs.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
    keep_newest(&mut execution.logs, report.log.as_slice(), MAX_LOGS);
    task.metadata.actual_duration = Some(task.metadata.actual_duration.unwrap_or(0).saturating_add(worked));
}

fn edit(task: &mut Task, field: &TaskField, at: Timestamp) {
    match field {
        TaskField::Title(value) => task.title.clone_from(value),
        TaskField::Description(value) => task.description.clone_from(value),
        TaskField::Type(value) => task.kind = *value,
        TaskField::Level(value) => task.level = *value,
        TaskField::Parent(value) => task.parent_id = *value,
        TaskField::Category(value) => task.category = *value,
        TaskField::Priority(value) => task.priority = *value,
        TaskField::Deadline(value) => task.deadline = *value,
        TaskField::NotBefore(value) => task.not_before = *value,
        TaskField::Acceptance(value) => task.acceptance.clone_from(value),
        TaskField::Requirements(value) => task.requirements = value.clone(),
        TaskField::Estimate(value) => {
            let sizes = &mut task.metadata;
            (sizes.estimated_duration, sizes.estimate_range, sizes.estimate_by) = (*value, None, None);
        }
        TaskField::EstimateBy(value) => task.metadata.estimate_by.clone_from(value),
        TaskField::EstimateRange(value) => task.metadata.estimate_range = *value,
        TaskField::Points(value) => task.metadata.story_points = *value,
        TaskField::Complexity(value) => task.metadata.complexity = *value,
        TaskField::Tags(value) => task.metadata.tags.clone_from(value),
        TaskField::MaxRetries(value) => task.metadata.max_retries = *value,
        TaskField::RunLimit(value) => task.metadata.run_limit = *value,
        TaskField::Sprint(value) => task.sprint_id = *value,
        TaskField::Carry(value) => task.carry = *value,
        TaskField::Milestone(value) => task.milestone_id.clone_from(value),
        TaskField::Expedite(value) => task.expedite = *value,
        TaskField::Archived(value) => task.archived_at = value.then_some(at),
        TaskField::External(value) => task.external.clone_from(value),
    }
}

fn edit_agent(agent: &mut Agent, field: &AgentField) {
    match field {
        AgentField::Name(value) => agent.name.clone_from(value),
        AgentField::Role(value) => agent.role.clone_from(value),
        AgentField::Permissions(value) => agent.permissions.clone_from(value),
        AgentField::Skills(value) => agent.skills.clone_from(value),
        AgentField::WipLimit(value) => agent.wip_limit = *value,
        AgentField::Availability(value) => agent.availability.clone_from(value),
        AgentField::TimeZone(value) => agent.time_zone = value.clone(),
        AgentField::Away(value) => agent.away.clone_from(value),
        AgentField::Division(value) => agent.division = *value,
        AgentField::Draining(value) => agent.draining = *value,
        AgentField::CostPerHour(value) => agent.cost_per_hour = *value,
        AgentField::Model(value) => agent.model.clone_from(value),
    }
}

fn restore(facts: &mut Facts, patch: &Patch) -> Result<(), serde_json::Error> {
    let Some(fields) = &patch.fields else {
        erase(facts, patch.id);
        return Ok(());
    };
    let current = facts.record(patch.id);
    match Record::patched(current.as_ref(), fields)? {
        Record::Task(mut task) => {
            if let Some(old) = remove_task(facts, task.task_id) {
                task.rev = old.rev;
                task.epoch = old.epoch;
            }
            insert_task(facts, *task);
        }
        row => put(facts, row),
    }
    Ok(())
}

/// A row of another board keeps its revision, unless the row that it replaces has gone further.
fn bring_in(facts: &mut Facts, mut row: Record) {
    facts.verbatim.insert(row.id());
    let old = facts.record(row.id()).map_or(0, |old| old.rev());
    if let Some(rev) = row.rev_mut().filter(|_| old > 0) {
        *rev = (*rev).max(old + 1);
    }
    if let Record::Task(task) = &row {
        facts.next_task = facts.next_task.max(task.number.0 + 1);
        remove_task(facts, task.task_id);
    }
    put(facts, row);
}

fn put(facts: &mut Facts, row: Record) {
    match row {
        Record::Task(row) => insert_task(facts, *row),
        Record::Attempt(row) => drop(facts.attempts.insert(row.attempt_id, *row)),
        Record::Agent(row) => drop(facts.agents.insert(row.agent_id, *row)),
        Record::Sprint(row) => {
            facts.next_sprint = facts.next_sprint.max(row.number + 1);
            facts.sprints.insert(row.sprint_id, *row);
        }
        Record::Escalation(row) => {
            facts.next_escalation = facts.next_escalation.max(row.number + 1);
            facts.escalations.insert(row.escalation_id, *row);
        }
        Record::Plan(row) => drop(facts.plans.insert(row.sprint_id, *row)),
        Record::Proposal(row) => drop(facts.proposals.insert(row.sprint_id, *row)),
        Record::Baseline(row) => drop(facts.baselines.insert(row.sprint_id, *row)),
        Record::Outcome(row) => drop(facts.outcomes.insert(row.sprint_id, *row)),
        Record::Comment(row) => drop(facts.comments.insert(row.comment_id, *row)),
        Record::Policy(row) => set_policy(facts, *row),
    }
}

fn erase(facts: &mut Facts, id: RecordId) {
    match id {
        RecordId::Task(id) => drop(remove_task(facts, id)),
        RecordId::Attempt(id) => drop(facts.attempts.remove(&id)),
        RecordId::Agent(id) => drop(facts.agents.remove(&id)),
        RecordId::Sprint(id) => drop(facts.sprints.remove(&id)),
        RecordId::Plan(id) => drop(facts.plans.remove(&id)),
        RecordId::Proposal(id) => drop(facts.proposals.remove(&id)),
        RecordId::Baseline(id) => drop(facts.baselines.remove(&id)),
        RecordId::Outcome(id) => drop(facts.outcomes.remove(&id)),
        RecordId::Escalation(id) => drop(facts.escalations.remove(&id)),
        RecordId::Comment(id) => drop(facts.comments.remove(&id)),
        RecordId::Policy => facts.policy = super::Policy::default(),
    }
}
