//! What every verb works with: the open board, the actor, the output.

use std::collections::{BTreeMap, BTreeSet};

use super::agent::PERSON_LIMIT;
use super::output::{Output, one_line, warn};
use super::{Failure, Global};
use crate::bootstrap;
use crate::domain::command::NewAgent;
use crate::domain::words::near;
use crate::domain::{
    Actor, Agent, AgentId, AgentKind, ChangeId, Command, Fence, Rejection, Sprint, Task, TaskId, TaskRef, Zone,
};
use crate::service::{Done, Service, Undo};
use crate::store::Read;

/// An open board and who stands before it.
pub struct Context {
    /// The board.
    pub service: Service,
    /// Who acts.
    pub actor: Actor,
    /// Where results go.
    pub out: Output,
    /// The options as given.
    pub global: Global,
    /// The change by which the actor joined the team just now.
    joined: Option<ChangeId>,
}

impl Context {
    /// Opens the board that the options mean.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub fn open(global: Global) -> Result<Self, Failure> {
        let here = std::env::current_dir()?;
        let path = bootstrap::find_board(global.board.as_deref(), &here)?;
        let service = bootstrap::open(&path)?;
        let actor = bootstrap::actor(&service, global.actor.as_deref())?;
        let out = Output::new(global.json, global.color);
        Ok(Self { service, actor, out, global, joined: None })
    }

    /// Queries.
    pub fn read(&self) -> &dyn Read {
        self.service.read()
    }

    /// Does one thing as the actor.
    ///
    /// # Errors
    /// As for [`Service::submit`].
    pub fn submit(&mut self, command: Command) -> Result<Done, Failure> {
        Ok(self.service.submit(&self.actor, command)?)
    }

    /// The id behind a loose reference.
    ///
    /// # Errors
    /// When no task or several match.
    pub fn task_id(&self, task: &TaskRef) -> Result<TaskId, Failure> {
        Ok(self.read().resolve(task)?)
    }

    /// The task behind a loose reference.
    ///
    /// # Errors
    /// When no task or several match.
    pub fn task(&self, task: &TaskRef) -> Result<Task, Failure> {
        let id = self.task_id(task)?;
        self.read().task(id)?.ok_or_else(|| Rejection::no_task(id).into())
    }

    /// The agent of this name or id.
    ///
    /// # Errors
    /// When there is none.
    pub fn agent(&self, name: &str) -> Result<Agent, Failure> {
        if let Some(agent) = self.read().agent_named(name)? {
            return Ok(agent);
        }
        let team = self.read().agents(&self.service.now())?;
        let hint = match near(name, team.iter().map(|row| &row.agent.name)) {
            Some(meant) => format!("did you mean `{meant}`? `vayu agent list` shows the team"),
            None => "`vayu agent list` shows the team, `vayu agent add NAME` adds to it".to_owned(),
        };
        Err(Rejection::NotFound { what: "agent", name: name.to_owned(), hint: Some(hint) }.into())
    }

    /// Asks on stderr whether another skill was meant, where one is new to the team and near one that somebody has.
    ///
    /// # Errors
    /// When the board cannot be read.
    pub fn doubt_skills(&self, skills: &BTreeMap<String, u8>) -> Result<(), Failure> {
        let team = self.read().agents(&self.service.now())?;
        let known: BTreeSet<&String> = team.iter().flat_map(|row| row.agent.skills.keys()).collect();
        for skill in skills.keys().filter(|skill| !known.contains(skill)) {
            if let Some(meant) = near(skill, known.iter().copied()) {
                warn(&format!(
                    "nobody has had the skill `{}` so far; did you mean `{}`?",
                    one_line(skill, 40),
                    one_line(meant, 40)
                ));
            }
        }
        Ok(())
    }

    /// The sprint of this number, name or id.
    ///
    /// # Errors
    /// When there is none.
    pub fn sprint(&self, name: &str) -> Result<Sprint, Failure> {
        if let Some(sprint) = self.read().sprint_named(name)? {
            return Ok(sprint);
        }
        let hint = match name {
            "active" if self.read().sprints()?.is_empty() => {
                "there is none yet; `vayu sprint plan` makes one with its plan"
            }
            "active" => "none is running; `vayu sprint start NAME` starts one",
            _ => "`vayu sprint list` shows them",
        };
        Err(Rejection::NotFound { what: "sprint", name: name.to_owned(), hint: Some(hint.into()) }.into())
    }

    /// The actor as a member of the team; people who act under the name of their account for the first time join it. Another
    /// name that nobody on the team has is a slip.
    ///
    /// # Errors
    /// When the board cannot be written, or nobody has the name that was given.
    pub fn self_agent(&mut self) -> Result<AgentId, Failure> {
        if let Some(agent) = self.read().agent_named(&self.actor.name)? {
            return Ok(agent.agent_id);
        }
        if self.global.actor.is_some() && !self.read().agents(&self.service.now())?.is_empty() {
            return Ok(self.agent(&self.actor.name)?.agent_id);
        }
        let new = NewAgent {
            name: self.actor.name.clone(),
            kind: AgentKind::Human,
            role: None,
            skills: BTreeMap::new(),
            wip_limit: PERSON_LIMIT,
            availability: Vec::new(),
            time_zone: Zone::default(),
            cost_per_hour: None,
            also: Vec::new(),
        };
        self.joined = self.submit(Command::AddAgent(Box::new(new)))?.change;
        Ok(self.agent(&self.actor.name.clone())?.agent_id)
    }

    /// A command that was refused leaves nobody on the team who came with it.
    pub fn part(&mut self) {
        if let Some(joined) = self.joined.take() {
            let _still_there_if_they_did_something_meanwhile = self.service.undo(&self.actor, Undo::Change(joined));
        }
    }

    /// The named agent, or the actor itself.
    ///
    /// # Errors
    /// When the named agent does not exist.
    pub fn agent_or_self(&mut self, name: Option<&str>) -> Result<AgentId, Failure> {
        match name {
            Some(name) => Ok(self.agent(name)?.agent_id),
            None => self.self_agent(),
        }
    }
}

/// Options by which a worker proves its claim.
#[derive(Debug, Clone, clap::Args)]
pub struct FenceArgs {
    /// The worker's claim token
    #[arg(long, env = "VAYU_CLAIM", value_name = "TOKEN", hide_env_values = true)]
    pub claim: Option<uuid::Uuid>,
    /// Override whoever holds the task (people only; logged)
    #[arg(long, conflicts_with = "claim")]
    pub force: bool,
}

impl FenceArgs {
    /// The proof as the domain takes it.
    pub fn fence(&self) -> Fence {
        match (self.force, self.claim) {
            (true, _) => Fence::Force,
            (false, Some(token)) => Fence::Token(crate::domain::ClaimToken(token)),
            (false, None) => Fence::None,
        }
    }
}
