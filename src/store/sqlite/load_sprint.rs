//! Loading what a decision needs of sprints: their members, plans and books.

use rusqlite::params;

use super::Db;
use super::papers::Paper;
use super::rows::{Key, optional, record};
use crate::domain::{Facts, Proposal, Sprint, SprintId, TaskId};
use crate::store::{Now, Result};

pub(super) const ACTIVE_SPRINT: &str = "SELECT doc FROM sprints WHERE state = 'active' LIMIT 1";
pub(super) const LAST_CLOSED_SPRINT: &str = "SELECT doc FROM sprints WHERE state = 'closed'
    ORDER BY json_extract(doc, '$.closed_at') DESC, number DESC LIMIT 1";

impl Db {
    pub(super) fn load_sprint(&self, facts: &mut Facts, id: SprintId) -> Result<()> {
        let mut statement = self.conn.prepare_cached("SELECT doc FROM sprints WHERE id = ?1")?;
        if let Some(doc) = optional(statement.query_row([Key(id.0)], |row| row.get::<_, String>(0)))? {
            facts.sprints.insert(id, record(&doc)?);
        }
        Ok(())
    }

    pub(super) fn active_sprint(&self) -> Result<Option<Sprint>> {
        self.one_sprint(ACTIVE_SPRINT)
    }

    fn one_sprint(&self, sql: &str) -> Result<Option<Sprint>> {
        let doc = optional(self.conn.prepare_cached(sql)?.query_row([], |row| row.get::<_, String>(0)))?;
        doc.map(|doc| record(&doc)).transpose()
    }

    pub(super) fn load_one_sprint(&self, facts: &mut Facts, sql: &str) -> Result<()> {
        if let Some(sprint) = self.one_sprint(sql)? {
            facts.sprints.insert(sprint.sprint_id, sprint);
        }
        Ok(())
    }

    pub(super) fn load_scope(&self, facts: &mut Facts, id: SprintId, now: &Now) -> Result<()> {
        self.load_sprint_plan(facts, id)?;
        let members = self.members_of(id)?;
        for member in &members {
            self.load_task(facts, *member, now)?;
        }
        facts.scope.insert(id, members);
        Ok(())
    }

    fn members_of(&self, id: SprintId) -> Result<Vec<TaskId>> {
        self.ids("SELECT id FROM tasks WHERE sprint = ?1 ORDER BY number", params![Key(id.0)])
    }

    pub(super) fn load_sprint_plan(&self, facts: &mut Facts, id: SprintId) -> Result<()> {
        self.load_sprint(facts, id)?;
        facts.scope.insert(id, self.members_of(id)?);
        facts.baselines.extend(self.paper(Paper::Baseline, id)?.map(|baseline| (id, baseline)));
        facts.outcomes.extend(self.paper(Paper::Outcome, id)?.map(|outcome| (id, outcome)));
        facts.plans.extend(self.paper(Paper::Plan, id)?.map(|plan| (id, plan)));
        let Some(proposal) = self.paper::<Proposal>(Paper::Proposal, id)? else { return Ok(()) };
        let slots = proposal.options.iter().flat_map(|option| &option.layout.slots);
        slots.filter_map(|slot| slot.agent_id).try_for_each(|agent| self.load_agent(facts, agent))?;
        if let Some(ask) = proposal.question {
            facts.escalations.extend(self.escalation(ask)?.map(|found| (ask, found)));
        }
        facts.proposals.insert(id, proposal);
        Ok(())
    }

    pub(super) fn load_sprint_of(&self, facts: &mut Facts, id: TaskId) -> Result<()> {
        let mut statement = self.conn.prepare_cached("SELECT sprint FROM tasks WHERE id = ?1")?;
        let sprint = optional(statement.query_row([Key(id.0)], |row| row.get::<_, Option<Key>>(0)))?.flatten();
        sprint.map_or(Ok(()), |sprint| self.load_sprint_plan(facts, SprintId(sprint.0)))
    }

    pub(super) fn load_sprint_past(&self, facts: &mut Facts, id: SprintId, now: &Now) -> Result<()> {
        let planned = facts.baselines.get(&id).map(|base| base.tasks.clone()).unwrap_or_default();
        for task in &planned {
            self.load_task(facts, task.task_id, now)?;
        }
        let members = facts.scope.get(&id).cloned().unwrap_or_default();
        facts.past = self.past_of(&members)?;
        Ok(())
    }
}
