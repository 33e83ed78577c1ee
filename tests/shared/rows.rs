//! What must hold on every board at every time, read from its rows.

use std::collections::{BTreeMap, BTreeSet};

use vayu::domain::{
    Attempt, Baseline, Escalation, EscalationId, EscalationState, Level, Proposal, Record, Sprint, SprintId,
    SprintOutcome, SprintState, Status, Task, TaskId,
};
use vayu::service::Service;
use vayu::store::view::Filter;

/// The rows of a board that the rules are about.
pub struct Rows {
    pub tasks: BTreeMap<TaskId, Task>,
    pub attempts: Vec<Attempt>,
    pub sprints: Vec<Sprint>,
    pub baselines: BTreeMap<SprintId, Baseline>,
    pub outcomes: BTreeMap<SprintId, SprintOutcome>,
    pub proposals: Vec<Proposal>,
    pub escalations: BTreeMap<EscalationId, Escalation>,
}

impl Rows {
    /// Reads them.
    pub fn of(service: &Service) -> Self {
        let mut rows = Self {
            tasks: BTreeMap::new(),
            attempts: Vec::new(),
            sprints: Vec::new(),
            baselines: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            proposals: Vec::new(),
            escalations: BTreeMap::new(),
        };
        service
            .read()
            .each_record(&mut |record| {
                match record {
                    Record::Task(task) => drop(rows.tasks.insert(task.task_id, *task)),
                    Record::Attempt(attempt) => rows.attempts.push(*attempt),
                    Record::Sprint(sprint) => rows.sprints.push(*sprint),
                    Record::Baseline(base) => drop(rows.baselines.insert(base.sprint_id, *base)),
                    Record::Outcome(outcome) => drop(rows.outcomes.insert(outcome.sprint_id, *outcome)),
                    Record::Proposal(proposal) => rows.proposals.push(*proposal),
                    Record::Escalation(ask) => drop(rows.escalations.insert(ask.escalation_id, *ask)),
                    _ => {}
                }
                Ok(())
            })
            .expect("a board that can be read");
        rows
    }

    /// Panics with the first rule that does not hold. `imported` tells tasks that came as they were elsewhere, where a
    /// closed whole may have open parts.
    pub fn check(&self, service: &Service, imported: &dyn Fn(&Task) -> bool) {
        for task in self.tasks.values() {
            self.check_work(task);
            self.check_waiting(task);
            self.check_parts(task, imported);
        }
        self.check_sprints();
        self.check_questions();
        self.check_lanes(service);
        let express = self.tasks.values().filter(|task| task.expedite && !task.status.is_closed()).count();
        assert!(express <= 1, "{express} tasks are expedited");
    }

    fn check_work(&self, task: &Task) {
        let open = self.attempts.iter().filter(|a| a.task_id == task.task_id && a.ended_at.is_none()).count();
        let executing = usize::from(task.status == Status::Executing);
        assert_eq!(open, executing, "{} is {} with {open} open attempts", task.number, task.status);
        if task.claim.is_some() {
            assert!(task.status.is_held(), "{} is {} and claimed", task.number, task.status);
        }
        if task.status.is_held() {
            assert!(task.agent().is_some(), "{} is {} by nobody", task.number, task.status);
            assert_eq!(task.level, Level::Task);
        }
        assert!(task.metadata.retry_count <= task.metadata.max_retries, "{} was retried too often", task.number);
        assert!(task.execution.progress <= 100);
    }

    fn check_waiting(&self, task: &Task) {
        let unmet = task.dependencies.blocked_by.iter().any(|edge| !edge.met_by(self.tasks[&edge.task_id].status));
        let blocked = task.status == Status::Blocked;
        assert!(!blocked || unmet || task.blocker.is_some(), "{} is blocked by nothing", task.number);
        let could_begin = matches!(task.status, Status::Created | Status::Queued);
        assert!(!(could_begin && unmet), "{} is {} and waits for others", task.number, task.status);
        assert!(!self.reaches_itself(task.task_id), "{} waits for itself", task.number);
    }

    fn reaches_itself(&self, from: TaskId) -> bool {
        let before = |id: &TaskId| self.tasks[id].dependencies.blocked_by.iter().map(|edge| edge.task_id);
        let mut seen = BTreeSet::new();
        let mut open: Vec<TaskId> = before(&from).collect();
        while let Some(id) = open.pop() {
            if id == from {
                return true;
            }
            if seen.insert(id) {
                open.extend(before(&id));
            }
        }
        false
    }

    fn check_parts(&self, task: &Task, imported: &dyn Fn(&Task) -> bool) {
        if task.level == Level::Task || task.status != Status::Completed || imported(task) {
            return;
        }
        let is_open = |part: &&Task| part.parent_id == Some(task.task_id) && !part.status.is_closed();
        let open = self.tasks.values().filter(is_open).find(|part| !imported(part));
        assert!(open.is_none(), "{} is completed, its part {:?} is not", task.number, open.map(|part| part.number));
    }

    /// A question about a proposal is open as long as that is.
    fn check_questions(&self) {
        let about = |ask: &Escalation| ask.choices.iter().any(|choice| choice.remedy.sprint().is_some());
        let open = self.escalations.values().filter(|ask| ask.state == EscalationState::Open && about(ask));
        let asked: BTreeSet<EscalationId> = self.proposals.iter().filter_map(|proposal| proposal.question).collect();
        assert_eq!(open.map(|ask| ask.escalation_id).collect::<BTreeSet<_>>(), asked);
    }

    fn check_sprints(&self) {
        for sprint in &self.sprints {
            let (baseline, outcome) = (self.baselines.get(&sprint.sprint_id), self.outcomes.get(&sprint.sprint_id));
            let closed = sprint.state == SprintState::Closed;
            assert_eq!(baseline.is_some(), sprint.started_at.is_some(), "{} and its baseline", sprint.name);
            assert_eq!(outcome.is_some(), closed, "{} is {} and its outcome", sprint.name, sprint.state);
            let open = self.proposals.iter().any(|proposal| proposal.sprint_id == sprint.sprint_id);
            assert!(!(closed && open), "{} is closed with an open proposal", sprint.name);
            if let (Some(baseline), Some(outcome)) = (baseline, outcome) {
                check_books(baseline, outcome);
            }
        }
    }

    fn check_lanes(&self, service: &Service) {
        let summary = service.read().summary(&Filter::default(), &service.now()).expect("a summary");
        for lane in &summary.lanes {
            let cards = self.tasks.values().filter(|task| task.is_card() && task.lane() == lane.lane);
            assert_eq!(cards.count() as u64, lane.total, "{} miscounted", lane.lane);
        }
    }
}

/// Each task is in one place: there from beginning to end, added, or removed.
fn check_books(baseline: &Baseline, outcome: &SprintOutcome) {
    let planned: BTreeSet<_> = baseline.tasks.iter().map(|task| task.task_id).collect();
    let kept: BTreeSet<_> = outcome.tasks.iter().map(|task| task.task_id).collect();
    let removed: BTreeSet<_> = outcome.removed.iter().map(|task| task.task_id).collect();
    assert!(kept.is_disjoint(&removed), "a task was kept and removed");
    assert_eq!(kept.union(&removed).copied().collect::<BTreeSet<_>>(), planned);
    assert!(outcome.added.iter().all(|task| !planned.contains(&task.task_id)), "a task of the baseline was added");
    assert_eq!((baseline.committed.tasks + baseline.stretch.tasks) as usize, baseline.tasks.len());
    let all = outcome.tasks.iter().chain(&outcome.added);
    assert!(all.clone().all(|task| task.done == (task.status == Some(Status::Completed))));
    assert!(
        all.clone().all(|task| task.is_left_over() || task.carried_to.is_none()),
        "what had ended was carried over"
    );
}
