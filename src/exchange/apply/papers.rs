//! What belongs to sprints, on its way in: agents by the ids that they have here, and nothing about tasks or agents that
//! are not there.

use super::records::Sieve;
use crate::domain::sprint::{Layout, Move, Slot};
use crate::domain::{AgentId, Record};
use crate::store::Result as Stored;

impl Sieve<'_> {
    pub(super) fn all_papers(&mut self) -> Stored<Vec<Record>> {
        let mut kept = Vec::new();
        for (line, mut record) in std::mem::take(&mut self.papers) {
            let sprint = match &record {
                Record::Plan(plan) => plan.sprint_id,
                Record::Proposal(proposal) => proposal.sprint_id,
                Record::Baseline(baseline) => baseline.sprint_id,
                Record::Outcome(outcome) => outcome.sprint_id,
                _ => continue,
            };
            if !self.sprint_ids.contains(&sprint) {
                self.skip(line, record.id().kind(), "its sprint is not there");
                continue;
            }
            self.fit(&mut record)?;
            kept.push(record);
        }
        // A proposal names the plan that it would change.
        kept.sort_by_key(|record| matches!(record, Record::Proposal(_)));
        Ok(kept)
    }

    fn fit(&self, record: &mut Record) -> Stored<()> {
        match record {
            Record::Plan(plan) => self.fit_layout(&mut plan.layout),
            Record::Proposal(proposal) => proposal.options.iter_mut().try_for_each(|option| {
                option.moves.iter_mut().for_each(|step| self.fit_move(step));
                self.fit_layout(&mut option.layout)
            }),
            _ => Ok(()),
        }
    }

    fn fit_layout(&self, layout: &mut Layout) -> Stored<()> {
        let mut slots = Vec::with_capacity(layout.slots.len());
        for slot in std::mem::take(&mut layout.slots) {
            if self.exists(slot.task_id)? {
                slots.push(Slot { agent_id: self.agent_here(slot.agent_id), ..slot });
            }
        }
        layout.slots = slots;
        let mut left_out = Vec::with_capacity(layout.left_out.len());
        for left in std::mem::take(&mut layout.left_out) {
            if self.exists(left.task_id)? {
                left_out.push(left);
            }
        }
        layout.left_out = left_out;
        let mut stretch = Vec::with_capacity(layout.stretch.len());
        for task in std::mem::take(&mut layout.stretch) {
            if self.exists(task)? {
                stretch.push(task);
            }
        }
        layout.stretch = stretch;
        Ok(())
    }

    fn fit_move(&self, step: &mut Move) {
        step.agent_from = self.agent_here(step.agent_from);
        step.agent_to = self.agent_here(step.agent_to);
    }

    fn agent_here(&self, theirs: Option<AgentId>) -> Option<AgentId> {
        let ours = theirs.map(|id| self.renamed.get(&id).copied().unwrap_or(id));
        ours.filter(|id| self.agent_ids.contains(id))
    }
}
