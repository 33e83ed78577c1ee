//! What was tried: attempts begin and end, fail, and are planned again.

use super::{Draft, Event, Fence, Ruling, TaskId, Transition};
use crate::domain::attempt::{Attempt, Failure, Outcome};
use crate::domain::command::Report;
use crate::domain::hours;
use crate::domain::id::{AgentId, AttemptId};

impl Draft<'_, '_> {
    pub(super) fn open_attempt(&mut self, id: TaskId, agent_id: AgentId, workspace: Option<String>) -> Ruling {
        let attempt = Attempt {
            attempt_id: AttemptId(self.cx.ids.next()),
            rev: 0,
            task_id: id,
            epoch: self.facts.task(id)?.epoch,
            agent_id,
            started_at: self.at(),
            ended_at: None,
            worked: None,
            outcome: None,
            failure: None,
            exit_code: None,
            last_lines: Vec::new(),
            summary: None,
            hand_over: None,
            open_points: Vec::new(),
            cost: None,
            tokens: None,
            model: self.facts.agents.get(&agent_id).and_then(|agent| agent.model.clone()),
            session: None,
            workspace,
        };
        self.emit(Event::AttemptStarted { attempt: Box::new(attempt) })
    }

    pub(super) fn close_attempt(
        &mut self,
        id: TaskId,
        outcome: Outcome,
        failure: Option<Failure>,
        report: &Report,
    ) -> Ruling {
        let Some(attempt) = self.facts.open_attempt(id) else { return Ok(()) };
        let (attempt_id, worked) = (attempt.attempt_id, Some(self.worked(attempt, outcome)));
        // Words of a program: what is no name is not believed, and the report stands.
        let model = report.model.clone().filter(|model| super::team::check_model(model).is_ok());
        let report = Box::new(Report { model, ..report.clone() });
        self.emit(Event::AttemptEnded { attempt_id, task_id: id, outcome, failure, report, worked })
    }

    /// Minutes of an attempt that were work: what was lost has to be done again.
    fn worked(&self, attempt: &Attempt, outcome: Outcome) -> u32 {
        let Some(agent) = self.facts.agents.get(&attempt.agent_id).filter(|_| outcome != Outcome::Lost) else {
            return 0;
        };
        let seconds = hours::worked(agent, &self.facts.policy.holidays, attempt.started_at, self.at());
        ((seconds + 30) / 60).try_into().unwrap_or(u32::MAX)
    }

    pub(super) fn fail_task(&mut self, id: TaskId, fence: Fence, failure: Failure, report: &Report) -> Ruling {
        self.pass_fence(id, fence)?;
        self.bring_to_execution(id, fence)?;
        self.step(id, Transition::Fail, report.summary.clone())?;
        self.close_attempt(id, Outcome::Failed, Some(failure), report)?;
        self.end_claim(id, "failed")?;
        self.plan_retry(id, failure)
    }

    fn plan_retry(&mut self, id: TaskId, failure: Failure) -> Ruling {
        let task = self.facts.task(id)?;
        let (done, allowed) = (task.metadata.retry_count, task.metadata.max_retries);
        if !failure.may_retry() || (failure.counts() && done >= allowed) {
            return Ok(());
        }
        let count = done + u32::from(failure.counts());
        let fraction = self.cx.ids.fraction();
        let seconds = if failure.counts() {
            self.facts.policy.retry_delay(count, fraction)
        } else {
            f64::from(self.facts.policy.retry_cap_seconds)
        };
        let retry_at = self.at() + chrono::Duration::milliseconds((seconds * 1000.0) as i64);
        self.emit(Event::RetryPlanned { task_id: id, retry_at, retry_count: count })
    }

    pub(super) fn retry_task(&mut self, id: TaskId) -> Ruling {
        self.make_ready(id, Transition::Retry, None)?;
        if self.facts.task(id)?.assignment.is_some() {
            self.emit(Event::TaskAssigned { task_id: id, assignment: None })?;
        }
        self.block_if_unmet(id)
    }
}
