//! Plans of sprints and proposals to change them.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use chrono::Datelike as _;

use super::{Draft, Event, Rejection, Ruling, TaskId};
use crate::domain::command::{NewEscalation, TaskField};
use crate::domain::escalation::{Choice, Escalation, EscalationState, Remedy};
use crate::domain::id::{PlanId, ProposalId, SprintId};
use crate::domain::sprint::{
    Alternative, Layout, MAX_OPTIONS, MAX_SLOTS, MAX_WORDS, Proposal, Sprint, SprintPlan, SprintState,
};

/// Years that a plan may speak of: sums of times and lengths stay far from the ends of what a date can be.
const YEARS: RangeInclusive<i32> = 1970..=9999;

impl Draft<'_, '_> {
    pub(super) fn set_plan(&mut self, id: SprintId, layout: &Layout) -> Ruling {
        self.check_layout(id, layout)?;
        self.drop_if_open(id, "the plan was made anew")?;
        self.replace_plan(id, layout, None)
    }

    pub(super) fn propose_plan(
        &mut self,
        id: SprintId,
        cause: &str,
        options: &[Alternative],
        question: Option<&NewEscalation>,
    ) -> Ruling {
        if options.is_empty() || options.len() > MAX_OPTIONS {
            return Err(Rejection::Invalid(format!(
                "a proposal offers 1 to {MAX_OPTIONS} options, not {}",
                options.len()
            )));
        }
        check_words(options.iter().map(|option| &option.label).chain([&cause.to_owned()]))?;
        options.iter().try_for_each(|option| self.check_layout(id, &option.layout))?;
        if let Some(open) = self.facts.proposals.get(&id) {
            let (name, since) = (&self.open_sprint(id)?.name, open.made_at.format("%Y-%m-%d %H:%M"));
            let why = format!("{name} has an open proposal of {since} already; accept or drop it first");
            return Err(Rejection::Invalid(why));
        }
        let proposal_id = ProposalId(self.cx.ids.next());
        let question = question.map(|new| self.asked(new, id, proposal_id, options)).transpose()?;
        let current = self.facts.plans.get(&id);
        let before = current.map(|plan| plan.layout.clone()).unwrap_or_default();
        let moved = |option: &Alternative| Alternative { moves: before.moves_to(&option.layout), ..option.clone() };
        let proposal = Proposal {
            sprint_id: id,
            proposal_id,
            question: question.as_ref().map(|ask| ask.escalation_id),
            rev: 0,
            from: current.map(|plan| plan.plan_id),
            made_at: self.at(),
            made_by: self.cx.actor.clone(),
            cause: cause.to_owned(),
            options: options.iter().map(moved).collect(),
        };
        self.emit(Event::PlanProposed { proposal: Box::new(proposal) })?;
        question.map_or(Ok(()), |ask| self.emit(Event::EscalationRaised { escalation: Box::new(ask) }))
    }

    /// The question about a proposal: its ways, and to go on as planned.
    fn asked(
        &mut self,
        new: &NewEscalation,
        sprint_id: SprintId,
        proposal_id: ProposalId,
        options: &[Alternative],
    ) -> Result<Escalation, Rejection> {
        let choice = |label: &str, detail: &str, remedy| Choice { label: label.into(), detail: detail.into(), remedy };
        let accept = |(option, way): (usize, &Alternative)| {
            choice(&way.label, &way.price.in_words(), Remedy::AcceptPlan { sprint_id, proposal_id, option })
        };
        let stays = Remedy::DropProposal { sprint_id, proposal_id };
        let stays = choice("Leave the plan as it is", "what cannot be done as planned comes later or not", stays);
        let choices = options.iter().enumerate().map(accept).chain([stays]).collect();
        self.question(&NewEscalation { choices, recommended: Some(0), ..new.clone() })
    }

    pub(super) fn accept_plan(&mut self, id: SprintId, seen: ProposalId, option: usize) -> Ruling {
        let proposal = self.open_proposal(id, seen)?;
        let Some(chosen) = proposal.options.get(option) else {
            let count = proposal.options.len();
            return Err(Rejection::Invalid(format!("the proposal has no option {}; it has {count}", option + 1)));
        };
        let layout = chosen.layout.clone();
        // Tasks may have left the sprint since.
        self.check_layout(id, &layout)?;
        let before = self.facts.plans.get(&id).map(|plan| Box::new(plan.layout.clone()));
        self.end_proposal(id, Some(option), None)?;
        self.replace_plan(id, &layout, before)
    }

    pub(super) fn drop_proposal(&mut self, id: SprintId, seen: ProposalId, reason: Option<&str>) -> Ruling {
        check_words(reason.map(str::to_owned).as_ref())?;
        self.open_proposal(id, seen)?;
        self.end_proposal(id, None, reason)
    }

    /// A proposal does not outlive the plan that it would change.
    pub(super) fn drop_if_open(&mut self, id: SprintId, reason: &str) -> Ruling {
        if self.facts.proposals.contains_key(&id) { self.end_proposal(id, None, Some(reason)) } else { Ok(()) }
    }

    /// What is proposed about a task cannot be done once the task has left the sprint.
    pub(super) fn leave_proposal(&mut self, task: TaskId, changes: &[TaskField]) -> Ruling {
        let Some(from) = self.facts.task(task)?.sprint_id else { return Ok(()) };
        let leaves = changes.iter().any(|change| matches!(change, TaskField::Sprint(to) if *to != Some(from)));
        let named = self.facts.proposals.get(&from).is_some_and(|open| open.names(task));
        if leaves && named { self.drop_if_open(from, "a task that it is about has left the sprint") } else { Ok(()) }
    }

    /// The question about it ends with it, unless it has just been answered.
    fn end_proposal(&mut self, id: SprintId, accepted: Option<usize>, reason: Option<&str>) -> Ruling {
        let question = self.facts.proposals.get(&id).and_then(|open| open.question);
        self.emit(Event::ProposalEnded { sprint_id: id, accepted, reason: reason.map(str::to_owned) })?;
        let standing = question.and_then(|ask| self.facts.escalations.get(&ask));
        match standing.filter(|ask| ask.state == EscalationState::Open).map(|ask| ask.escalation_id) {
            Some(escalation_id) => self.emit(Event::EscalationWithdrawn { escalation_id }),
            None => Ok(()),
        }
    }

    fn replace_plan(&mut self, id: SprintId, layout: &Layout, before: Option<Box<Layout>>) -> Ruling {
        let plan = SprintPlan {
            sprint_id: id,
            rev: self.facts.plans.get(&id).map_or(0, |plan| plan.rev),
            plan_id: PlanId(self.cx.ids.next()),
            from: self.facts.plans.get(&id).map(|plan| plan.plan_id),
            made_at: self.at(),
            made_by: self.cx.actor.clone(),
            layout: layout.clone(),
            before,
        };
        self.emit(Event::PlanSet { plan: Box::new(plan) })
    }

    /// The open proposal, if it is the one that somebody has seen.
    fn open_proposal(&self, id: SprintId, seen: ProposalId) -> Result<&Proposal, Rejection> {
        let name = &self.open_sprint(id)?.name;
        let none = || Rejection::Invalid(format!("{name} has no open proposal"));
        let open = self.facts.proposals.get(&id).ok_or_else(none)?;
        if open.proposal_id == seen {
            return Ok(open);
        }
        let how = "another one has taken its place; `vayu sprint replan` shows it".to_owned();
        Err(Rejection::Conflict { what: format!("the proposal for {name}"), how })
    }

    /// The sprint, if its plan may still change.
    fn open_sprint(&self, id: SprintId) -> Result<&Sprint, Rejection> {
        let sprint = self.sprint(id)?;
        match sprint.state {
            SprintState::Closed => {
                Err(Rejection::Invalid(format!("{} is closed; its plan stays as it is", sprint.name)))
            }
            _ => Ok(sprint),
        }
    }

    fn check_layout(&self, id: SprintId, layout: &Layout) -> Ruling {
        let name = &self.open_sprint(id)?.name;
        check_shape(layout)?;
        let members: BTreeSet<_> = self.facts.scope.get(&id).into_iter().flatten().collect();
        let agents = layout.slots.iter().filter_map(|slot| slot.agent_id);
        agents.into_iter().try_for_each(|agent| self.facts.agent(agent).map(|_| ()))?;
        let placed = layout.slots.iter().map(|slot| &slot.task_id);
        let mut named = placed.chain(layout.left_out.iter().map(|left| &left.task_id)).chain(&layout.stretch);
        match named.find(|task| !members.contains(*task)) {
            Some(stranger) => {
                Err(Rejection::Invalid(format!("{stranger} is not a task of {name}; put it there first")))
            }
            None => Ok(()),
        }
    }
}

/// Whether a layout makes sense whatever the board holds.
pub(super) fn check_shape(layout: &Layout) -> Ruling {
    check_size(layout)?;
    let mut seen = BTreeSet::new();
    for slot in &layout.slots {
        if slot.ends_at < slot.starts_at {
            return Err(Rejection::Invalid("a stage of a plan ends before it begins".into()));
        }
        if let Some(far) = [slot.starts_at, slot.ends_at].into_iter().find(|at| !YEARS.contains(&at.year())) {
            return Err(Rejection::Invalid(format!("a plan cannot reach the year {}", far.year())));
        }
        if !seen.insert((slot.task_id, slot.stage, slot.agent_id)) {
            let (stage, task) = (slot.stage, slot.task_id);
            return Err(Rejection::Invalid(format!("the plan has the {stage} of {task} twice for one agent")));
        }
    }
    let planned: BTreeSet<_> = layout.slots.iter().map(|slot| &slot.task_id).collect();
    match layout.left_out.iter().find(|left| planned.contains(&left.task_id)) {
        Some(both) => {
            let task = both.task_id;
            Err(Rejection::Invalid(format!("{task} has a place in the plan and is left out of it")))
        }
        None => Ok(()),
    }
}

fn check_size(layout: &Layout) -> Ruling {
    let lists = [layout.slots.len(), layout.stretch.len(), layout.left_out.len(), layout.terms.len()];
    let most = lists.into_iter().fold(layout.allotted.len().max(layout.learned.len()), usize::max);
    if most > MAX_SLOTS {
        return Err(Rejection::Invalid(format!("{most} entries are too many for one plan: at most {MAX_SLOTS}")));
    }
    if layout.learned.values().any(|learned| matches!(learned.percent, Some(0 | 101..))) {
        return Err(Rejection::Invalid("what was learned of somebody's hours is 1 to 100 percent".into()));
    }
    check_words(layout.left_out.iter().map(|left| &left.reason).chain(layout.terms.keys()))
}

fn check_words<'a>(words: impl IntoIterator<Item = &'a String>) -> Ruling {
    match words.into_iter().map(String::len).max().filter(|bytes| *bytes > MAX_WORDS) {
        Some(bytes) => Err(Rejection::Invalid(format!("a text of a plan has {bytes} bytes, more than {MAX_WORDS}"))),
        None => Ok(()),
    }
}
