//! `decide`: facts and a command in, events or a rejection out. One file per family of commands.

mod ask;
mod attempt;
mod bounds;
mod claim;
mod create;
mod edit;
mod flow;
mod import;
mod permit;
mod plan;
mod restore;
mod review;
mod sprint;
mod team;
mod work;

use super::apply::{apply, stamp};
use super::command::{Command, Fence};
use super::event::Event;
use super::facts::Facts;
use super::id::{ClaimToken, TaskId};
use super::lifecycle::{self, Status, Transition};
use super::rejection::Rejection;
use super::task::{Claim, Task};
use super::{Cx, Timestamp};

/// A claim that this decision gives out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The task.
    pub task_id: TaskId,
    /// The public part.
    pub claim: Claim,
    /// The worker's proof.
    pub token: ClaimToken,
}

/// What was decided: events, and the rows as they are after them.
#[derive(Debug)]
pub struct Decision {
    /// What happened, in order; empty when nothing had to.
    pub events: Vec<Event>,
    /// The facts with the events applied and stamped.
    pub facts: Facts,
    /// Claims given out.
    pub granted: Option<Granted>,
}

/// Decides about one command. Pure: the same facts, circumstances and command give the same events.
///
/// # Errors
/// The rule that said no; nothing has happened then.
pub fn decide(facts: Facts, cx: &mut Cx, command: &Command) -> Result<Decision, Rejection> {
    let mut draft = Draft { facts, events: Vec::new(), granted: None, cx };
    draft.run(command)?;
    draft.settle_lanes()?;
    let Draft { mut facts, events, granted, cx } = draft;
    stamp(&mut facts, cx.at);
    Ok(Decision { events, facts, granted })
}

/// A decision in the making: every event is applied at once, so that later rules see its effect.
struct Draft<'a, 'c> {
    facts: Facts,
    events: Vec<Event>,
    granted: Option<Granted>,
    cx: &'a mut Cx<'c>,
}

type Ruling = Result<(), Rejection>;

impl Draft<'_, '_> {
    fn run(&mut self, command: &Command) -> Ruling {
        self.permit(command)?;
        bounds::check(command)?;
        match command {
            Command::CreateTask(new) => self.create_task(new),
            Command::ImportTask(task) => self.import_task(task),
            Command::ImportRecord(record) => self.import_record(record),
            Command::EditTask { task_id, changes, expected_rev } => self.edit_task(*task_id, changes, *expected_rev),
            Command::MoveTask { task_id, lane, agent_id, fence } => self.move_task(*task_id, *lane, *agent_id, *fence),
            Command::QueueTask { task_id } => self.queue_task(*task_id),
            Command::AssignTask { task_id, agent_id, method, why, fence } => {
                self.assign_task(*task_id, *agent_id, *method, why.clone(), *fence)
            }
            Command::ClaimTask { agent_id, task_id, lease_seconds } => {
                self.claim_task(*agent_id, *task_id, *lease_seconds)
            }
            Command::StartTask { task_id, fence, workspace } => self.start_task(*task_id, *fence, workspace.clone()),
            Command::ReportProgress { task_id, fence, progress, step, artifacts } => {
                self.report_progress(*task_id, *fence, *progress, step.clone(), artifacts)
            }
            Command::PauseTask { task_id, fence, reason } => self.pause_task(*task_id, *fence, reason.clone()),
            Command::ResumeTask { task_id, fence } => self.resume_task(*task_id, *fence),
            Command::BlockTask { task_id, fence, kind, reason } => self.block_task(*task_id, *fence, *kind, reason),
            Command::UnblockTask { task_id } => self.unblock_task(*task_id),
            Command::SubmitTask { task_id, fence, report } => self.submit_task(*task_id, *fence, report),
            Command::ReviewTask { task_id, passed, feedback, score } => {
                self.review_task(*task_id, *passed, feedback.clone(), *score)
            }
            Command::CompleteTask { task_id, fence, agent_id, report } => {
                self.complete_task(*task_id, *fence, *agent_id, report)
            }
            Command::FailTask { task_id, fence, failure, report } => self.fail_task(*task_id, *fence, *failure, report),
            Command::ReleaseTask { task_id, fence, reason } => self.release_task(*task_id, *fence, reason.clone()),
            Command::ExpireClaim { task_id, epoch, reason } => self.expire_claim(*task_id, *epoch, reason),
            Command::CancelTask { task_id, reason } => self.cancel_task(*task_id, reason.clone()),
            Command::ReopenTask { task_id } => self.reopen_task(*task_id),
            Command::RetryTask { task_id } => self.retry_task(*task_id),
            Command::AddDependency { task_id, dependency } => self.add_dependency(*task_id, dependency),
            Command::RemoveDependency { task_id, on } => self.remove_dependency(*task_id, *on),
            Command::Comment { task_id, text, author, at } => self.comment(*task_id, text, author.clone(), *at),
            Command::AddAgent(new) => self.add_agent(new),
            Command::EditAgent { agent_id, changes } => self.edit_agent(*agent_id, changes),
            Command::CreateSprint(new) => self.create_sprint(new),
            Command::StartSprint { sprint_id } => self.start_sprint(*sprint_id),
            Command::CloseSprint { sprint_id, carry_to } => self.close_sprint(*sprint_id, *carry_to),
            Command::SetPlan { sprint_id, layout } => self.set_plan(*sprint_id, layout),
            Command::ProposePlan { sprint_id, cause, options, question } => {
                self.propose_plan(*sprint_id, cause, options, question.as_deref())
            }
            Command::AcceptPlan { sprint_id, proposal_id, option } => {
                self.accept_plan(*sprint_id, *proposal_id, *option)
            }
            Command::DropProposal { sprint_id, proposal_id, reason } => {
                self.drop_proposal(*sprint_id, *proposal_id, reason.as_deref())
            }
            Command::Escalate(new) => self.escalate(new),
            Command::AnswerEscalation { escalation_id, choice, words } => {
                self.answer_escalation(*escalation_id, *choice, words.clone())
            }
            Command::SnoozeEscalation { escalation_id, until } => self.snooze_escalation(*escalation_id, *until),
            Command::DelegateEscalation { escalation_id, to } => self.delegate_escalation(*escalation_id, to),
            Command::WithdrawEscalation { escalation_id } => self.withdraw_escalation(*escalation_id),
            Command::Configure(policy) => self.configure(policy),
            Command::Halt { seen, why } => self.halt(seen.as_deref(), why.as_deref()),
            Command::Restore { change, patches, .. } => self.restore(*change, patches),
        }
    }

    fn at(&self) -> Timestamp {
        self.cx.at
    }

    /// Records that `event` happened and makes it so.
    fn emit(&mut self, event: Event) -> Ruling {
        apply(&mut self.facts, &event, self.cx.at)
            .map_err(|why| Rejection::Invalid(format!("the log holds a row that cannot be read: {why}")))?;
        self.events.push(event);
        Ok(())
    }

    /// Takes one step of the life cycle, if the table has it.
    fn step(&mut self, id: TaskId, by: Transition, reason: Option<String>) -> Ruling {
        let task = self.facts.task(id)?;
        let from = task.status;
        let to = lifecycle::target(from, by).ok_or(Rejection::NoSuchStep { number: task.number, from, by })?;
        self.emit(Event::TaskStepped { task_id: id, by, from, to, reason })
    }

    /// The task, if it is one that is worked on.
    fn card(&self, id: TaskId) -> Result<&Task, Rejection> {
        let task = self.facts.task(id)?;
        if task.level == super::Level::Task {
            Ok(task)
        } else {
            Err(Rejection::NotATask { number: task.number, level: task.level })
        }
    }

    fn status(&self, id: TaskId) -> Result<Status, Rejection> {
        Ok(self.facts.task(id)?.status)
    }

    /// Refuses whoever is not the holder of a held task.
    fn pass_fence(&self, id: TaskId, fence: Fence) -> Ruling {
        let task = self.facts.task(id)?;
        let fenced = |why: String| Err(Rejection::Fenced { number: task.number, why });
        let Some(claim) = &task.claim else {
            return match fence {
                Fence::Token(_) => fenced(format!("your claim has ended; the task is {}", task.status)),
                Fence::None | Fence::Force => Ok(()),
            };
        };
        let holder = self.facts.agent_name(claim.agent_id);
        match fence {
            Fence::Force if self.cx.actor.is_human() => Ok(()),
            Fence::Force => Err(Rejection::HumansOnly("override a claim")),
            Fence::Token(token) => match self.facts.leases.get(&id) {
                Some(lease) if lease.epoch == claim.epoch && lease.token == token => Ok(()),
                _ => fenced(format!("{holder} holds it now (epoch {})", claim.epoch)),
            },
            Fence::None if self.cx.actor.is_human() && holder == self.cx.actor.name => Ok(()),
            Fence::None => {
                let until = self.facts.leases.get(&id).and_then(|lease| lease.until);
                let until = until.map(|at| format!(" until {}", at.format("%H:%M:%S"))).unwrap_or_default();
                fenced(format!("{holder} holds it{until}; pass its --claim, or --force as a human"))
            }
        }
    }
}
