//! What the screen wants to know, and what was read for it. The screen declares it as data; nothing is asked for twice,
//! and nothing that cannot be seen.

use crate::domain::{AgentId, ChangeId, Sprint, TaskId};
use crate::plan::breakdown::Library;
use crate::plan::wizard::{AT_ONCE, Draft, Outlook};
use crate::service::env::RandomIds;
use crate::service::planning;
use crate::service::{Error, Service};
use crate::store::view::{
    ActivityFilter, ActivityRow, AgentRow, BoardSummary, Card, EscalationRow, Filter, LaneWindow, LeaderRow, TaskDetail,
};
use crate::tui::screen::plan::PlanSeen;

/// Everything that the present screen needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Which cards the counts are about.
    pub filter: Filter,
    /// Stretches of lanes.
    pub windows: Vec<LaneWindow>,
    /// The agents.
    pub agents: bool,
    /// One task with all that is known about it.
    pub task: Option<TaskId>,
    /// Part of the log.
    pub activity: Option<ActivityFilter>,
    /// The sprints.
    pub sprints: bool,
    /// What a plan stands on, unless this was the newest change when it was read.
    pub plan: Option<Option<ChangeId>>,
    /// Who looks: the agent of this name is "me".
    pub me: String,
}

/// What was read.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Counts, sprint, project.
    pub summary: BoardSummary,
    /// Open questions, those that cost most first.
    pub asks: Vec<EscalationRow>,
    /// Who orchestrates.
    pub leader: Option<LeaderRow>,
    /// Stretches of lanes, with their cards.
    pub windows: Vec<(LaneWindow, Vec<Card>)>,
    /// The agents, if they were wanted.
    pub agents: Option<Vec<AgentRow>>,
    /// The task, if one was wanted; `Some(None)`: there is none.
    pub task: Option<Option<Box<TaskDetail>>>,
    /// The log, if it was wanted.
    pub activity: Option<(ActivityFilter, Vec<ActivityRow>)>,
    /// The sprints, newest first, if they were wanted.
    pub sprints: Option<Vec<Sprint>>,
    /// What a plan stands on, if it was wanted and has changed.
    pub plan: Option<Box<PlanSeen>>,
    /// The one who looks, if they are an agent of this board.
    pub me: Option<AgentId>,
}

impl Wanted {
    /// Reads all of it.
    pub fn read(&self, service: &Service) -> Result<Seen, Error> {
        let (read, now) = (service.read(), service.now());
        let cards = |window: &LaneWindow| Ok((window.clone(), read.window(window, &now)?));
        let activity = |filter: &ActivityFilter| Ok::<_, Error>((filter.clone(), read.activity(filter)?));
        Ok(Seen {
            summary: read.summary(&self.filter, &now)?,
            asks: read.escalations(false, &now)?,
            leader: read.leader(&now)?,
            windows: self.windows.iter().map(cards).collect::<Result<_, Error>>()?,
            agents: self.agents.then(|| read.agents(&now)).transpose()?,
            task: self.task.map(|id| Ok::<_, Error>(read.task_detail(id, &now)?.map(Box::new))).transpose()?,
            activity: self.activity.as_ref().map(activity).transpose()?,
            sprints: self.sprints.then(|| read.sprints()).transpose()?,
            plan: self.plan.map(|known| plan(service, &self.me, known)).transpose()?.flatten(),
            me: read.agent_named(&self.me)?.map(|agent| agent.agent_id),
        })
    }
}

/// What a plan stands on, unless nothing has changed since `known`. Playbooks that cannot be read are complained about,
/// and the built-in ones serve meanwhile.
fn plan(service: &Service, me: &str, known: Option<ChangeId>) -> Result<Option<Box<PlanSeen>>, Error> {
    let head = service.read().head()?;
    if let Some(known) = known
        && (known == head || !planning::has_moved(service, known)?)
    {
        return Ok(None);
    }
    let ground = if known.is_some() { planning::ground_again(service)? } else { planning::ground(service)? };
    let draft = planning::draft(service, me)?.unwrap_or_else(|| Draft::next(&ground, &mut RandomIds));
    let mut library = match planning::library(service) {
        Ok(library) => (library, None),
        Err(mistake) => (Library::built_in(), Some(mistake.to_string())),
    };
    let learned = known.map_or(Ok(true), |known| planning::has_finished(service, known))?;
    if learned {
        planning::learn(service, &mut library.0)?;
    }
    // Here, because it takes its time on a large board, and the screen must not wait for it.
    let outlook = Outlook::of(&draft, &ground, AT_ONCE);
    Ok(Some(Box::new(PlanSeen { head, ground, draft, library, learned, outlook })))
}
