//! What the board knows already: the tasks of one source, and the links around the few that change.

use std::collections::{HashMap, HashSet};

use crate::domain::{AgentId, Level, Status, Task, TaskId};
use crate::exchange::incoming::Remark;
use crate::exchange::order::Seat;
use crate::service::Service;
use crate::store::{Read, Result};

/// A task that came in before, as much of it as an import looks at.
#[derive(Debug, Clone)]
pub struct Row {
    /// Id.
    pub id: TaskId,
    /// Level.
    pub level: Level,
    /// State.
    pub status: Status,
    /// Somebody is at it, or it waits for a judgement.
    pub held: bool,
    /// Reason of its blocker.
    pub blocker: Option<String>,
    /// Fingerprints of the last import.
    pub seen: String,
}

/// Tasks of one source by key.
pub struct Known(HashMap<String, Row>);

impl Known {
    pub fn load(read: &dyn Read, source: &str) -> Result<Self> {
        let mut rows = HashMap::new();
        read.each_imported(source, &mut |task| {
            let held = task.claim.is_some() || task.status.is_held() || task.status == Status::Reviewing;
            let (id, level, status) = (task.task_id, task.level, task.status);
            if let Some(external) = task.external {
                let blocker = task.blocker.map(|blocker| blocker.reason);
                rows.insert(external.key, Row { id, level, status, held, blocker, seen: external.seen });
            }
            Ok(())
        })?;
        Ok(Self(rows))
    }

    pub fn get(&self, key: &str) -> Option<&Row> {
        self.0.get(key)
    }

    pub fn seat(&self, key: &str) -> Option<Seat> {
        self.get(key).map(|row| Seat { id: row.id, level: row.level, held: row.held })
    }
}

/// Agents by name.
pub fn agents(service: &Service) -> Result<HashMap<String, AgentId>> {
    let rows = service.read().agents(&service.now())?;
    Ok(rows.into_iter().map(|row| (row.agent.name, row.agent.agent_id)).collect())
}

/// Tasks on the board and the links between them, read when they are asked for, and the edges that the import adds.
pub struct Board<'a> {
    read: &'a dyn Read,
    links: HashMap<TaskId, Links>,
}

#[derive(Debug, Clone, Default)]
struct Links {
    parent: Option<TaskId>,
    waits: Vec<TaskId>,
}

impl<'a> Board<'a> {
    pub fn new(read: &'a dyn Read) -> Self {
        Self { read, links: HashMap::new() }
    }

    pub fn task(&self, id: TaskId) -> Result<Option<Task>> {
        self.read.task(id)
    }

    fn links(&mut self, id: TaskId) -> Result<&mut Links> {
        if !self.links.contains_key(&id) {
            let links = self.read.task(id)?.map(|task| Links {
                parent: task.parent_id,
                waits: task.dependencies.blocked_by.iter().map(|edge| edge.task_id).collect(),
            });
            self.links.insert(id, links.unwrap_or_default());
        }
        Ok(self.links.entry(id).or_default())
    }

    /// Predecessors of a task.
    pub fn waits_of(&mut self, id: TaskId) -> Result<Vec<TaskId>> {
        Ok(self.links(id)?.waits.clone())
    }

    /// Takes note of an edge that is added.
    pub fn add_wait(&mut self, id: TaskId, on: TaskId) {
        self.links.entry(id).or_default().waits.push(on);
    }

    /// Takes note of a task that is new.
    pub fn add_task(&mut self, id: TaskId, parent: Option<TaskId>, waits: Vec<TaskId>) {
        self.links.insert(id, Links { parent, waits });
    }

    /// Takes note of a task's new whole.
    pub fn set_parent(&mut self, id: TaskId, parent: Option<TaskId>) -> Result<()> {
        self.links(id)?.parent = parent;
        Ok(())
    }

    /// Whether `part` is somewhere within `whole`.
    pub fn is_within(&mut self, part: TaskId, whole: TaskId) -> Result<bool> {
        let mut seen = HashSet::new();
        let mut next = self.links(part)?.parent;
        while let Some(at) = next.filter(|at| seen.insert(*at)) {
            if at == whole {
                return Ok(true);
            }
            next = self.links(at)?.parent;
        }
        Ok(false)
    }

    /// Whether `on` waits for `id`, directly or through others.
    pub fn closes_circle(&mut self, id: TaskId, on: TaskId) -> Result<bool> {
        let mut seen = HashSet::from([on]);
        let mut open = vec![on];
        while let Some(at) = open.pop() {
            if at == id {
                return Ok(true);
            }
            open.extend(self.waits_of(at)?.into_iter().filter(|next| seen.insert(*next)));
        }
        Ok(false)
    }

    /// Remarks that are not on the board yet.
    pub fn news(&self, id: TaskId, remarks: &[Remark]) -> Result<Vec<Remark>> {
        if remarks.is_empty() {
            return Ok(Vec::new());
        }
        let ours = self.read.comments(id)?;
        let timed: HashSet<_> = ours.iter().map(|c| (c.author.as_str(), c.at, c.text.as_str())).collect();
        let said: HashSet<_> = ours.iter().map(|c| (c.author.as_str(), c.text.as_str())).collect();
        let known = |remark: &Remark| match remark.at {
            Some(at) => timed.contains(&(remark.author.as_str(), at, remark.text.as_str())),
            None => said.contains(&(remark.author.as_str(), remark.text.as_str())),
        };
        Ok(remarks.iter().filter(|remark| !known(remark)).cloned().collect())
    }
}
