//! The demo's project as data: who works on what, what they say, what they ask.

use serde::Deserialize;

use crate::domain::agent::parse_skills;
use crate::domain::command::{NewAgent, NewTask};
use crate::domain::task::{Complexity, Requirements};
use crate::domain::{AgentKind, Priority, Zone};

/// The embedded project.
const PAYMENTS: &str = include_str!("../../assets/demo/payments.toml");

const VALID: &str = "the embedded demo project is valid; a test reads it";

/// A project with its people.
#[derive(Debug, Clone, Deserialize)]
pub struct Script {
    /// Name of the project.
    pub project: String,
    /// The product owner.
    pub owner: String,
    /// The team.
    #[serde(rename = "agent")]
    pub agents: Vec<Member>,
    /// Goals of the sprints, the oldest first; the last but one is running, the last comes next.
    #[serde(rename = "sprint")]
    pub sprints: Vec<SprintPlan>,
    /// Titles that belong to the running sprint.
    #[serde(default)]
    pub current: Vec<String>,
    /// Milestones.
    #[serde(rename = "milestone")]
    pub milestones: Vec<Milestone>,
    /// What may come in between.
    #[serde(rename = "risk")]
    pub risks: Vec<Threat>,
    /// The work.
    #[serde(rename = "epic")]
    pub epics: Vec<Epic>,
    /// What comes in meanwhile.
    pub incoming: Vec<Incoming>,
    /// Questions of agents.
    #[serde(rename = "ask")]
    pub asks: Vec<Ask>,
    /// What workers say.
    pub words: Words,
}

/// A member of the team.
#[derive(Debug, Clone, Deserialize)]
pub struct Member {
    /// Name.
    pub name: String,
    /// Person or program.
    #[serde(default = "program")]
    pub kind: AgentKind,
    /// Role.
    pub role: String,
    /// Skills with levels.
    pub skills: String,
}

fn program() -> AgentKind {
    AgentKind::Ai
}

/// A sprint's intention.
#[derive(Debug, Clone, Deserialize)]
pub struct SprintPlan {
    /// Goal.
    pub goal: String,
    /// Objectives.
    pub objectives: Vec<String>,
}

/// What several tasks count for.
#[derive(Debug, Clone, Deserialize)]
pub struct Milestone {
    /// Name.
    pub name: String,
    /// Titles of its tasks.
    pub tasks: Vec<String>,
}

/// Something that may come in between.
#[derive(Debug, Clone, Deserialize)]
pub struct Threat {
    /// What would happen.
    pub name: String,
    /// How likely, in percent.
    pub chance: u8,
    /// Hours that it takes, from what is undercut to what is exceeded in one of ten cases each.
    pub hours: [u32; 2],
    /// Title of the task that takes longer; none: everybody waits.
    pub task: Option<String>,
}

/// A bundle of tasks.
#[derive(Debug, Clone, Deserialize)]
pub struct Epic {
    /// Name.
    pub name: String,
    /// Title, skills, points, priority; a title that begins with `> ` waits for the one above.
    pub tasks: Vec<(String, String, u32, Priority)>,
}

/// A task that comes in while the demo runs.
#[derive(Debug, Clone, Deserialize)]
pub struct Incoming {
    /// Title.
    pub title: String,
    /// Skills asked for.
    pub skills: String,
    /// Story points.
    pub points: u32,
    /// Priority.
    pub priority: Priority,
}

/// A question of an agent; the first option is the suggested one.
#[derive(Debug, Clone, Deserialize)]
pub struct Ask {
    /// The question.
    pub question: String,
    /// Background.
    pub context: String,
    /// Label and what it touches.
    pub options: Vec<(String, String)>,
}

/// What workers say.
#[derive(Debug, Clone, Deserialize)]
pub struct Words {
    /// When they hand in.
    pub summaries: Vec<String>,
    /// While they work.
    pub steps: Vec<String>,
    /// In between.
    pub comments: Vec<String>,
    /// When they fail.
    pub failures: Vec<String>,
    /// When work is sent back.
    pub feedback: Vec<String>,
}

/// A task of the project, not on the board yet.
#[derive(Debug, Clone)]
pub struct Item {
    /// Index of its epic.
    pub epic: usize,
    /// Waits for the item before it.
    pub follows: bool,
    /// What goes on the board, without links.
    pub task: NewTask,
}

impl Script {
    /// The embedded project.
    ///
    /// # Panics
    /// Never: a test reads the whole project.
    pub fn payments() -> Self {
        toml::from_str(PAYMENTS).expect(VALID)
    }

    /// All tasks, epic by epic.
    pub fn items(&self) -> Vec<Item> {
        let items = self.epics.iter().enumerate().flat_map(|(epic, bundle)| {
            bundle.tasks.iter().map(move |(title, skills, points, priority)| {
                let plain = title.strip_prefix("> ");
                let title = plain.unwrap_or(title);
                let milestone = self.milestones.iter().find(|one| one.tasks.iter().any(|task| task == title));
                let milestone = milestone.map(|one| one.name.clone());
                let task = NewTask { milestone, ..new_task(title, skills, *points, *priority) };
                Item { epic, follows: plain.is_some(), task }
            })
        });
        items.collect()
    }
}

impl Member {
    /// The agent as it joins the board.
    ///
    /// # Panics
    /// Never: a test reads the whole project.
    pub fn joins(&self) -> NewAgent {
        NewAgent {
            name: self.name.clone(),
            kind: self.kind,
            role: Some(self.role.clone()),
            skills: parse_skills(&self.skills).expect(VALID),
            wip_limit: if self.kind == AgentKind::Human { 2 } else { 1 },
            availability: Vec::new(),
            time_zone: Zone::default(),
            cost_per_hour: (self.kind == AgentKind::Ai).then_some(4.0),
            also: Vec::new(),
        }
    }
}

/// A task of so many points.
///
/// # Panics
/// When the skills cannot be read.
pub fn new_task(title: &str, skills: &str, points: u32, priority: Priority) -> NewTask {
    NewTask {
        title: title.into(),
        priority: Some(priority),
        requirements: Requirements { capabilities: parse_skills(skills).expect(VALID), ..Requirements::default() },
        estimate: Some(points * 75),
        points: Some(f64::from(points)),
        complexity: Some(match points {
            0..=2 => Complexity::Simple,
            3..=5 => Complexity::Moderate,
            _ => Complexity::Complex,
        }),
        ..NewTask::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_project_is_whole() {
        let script = Script::payments();
        let items = script.items();
        assert!(items.len() >= 190, "{}", items.len());
        assert!(script.agents.iter().all(|member| !member.joins().skills.is_empty()));
        assert!(script.asks.iter().all(|ask| (2..=4).contains(&ask.options.len())));
        let able = |item: &Item| {
            let needs = &item.task.requirements.capabilities;
            let has = |member: &Member| {
                let skills = member.joins().skills;
                needs.iter().all(|(skill, level)| skills.get(skill).is_some_and(|have| have >= level))
            };
            script.agents.iter().any(has)
        };
        let unable: Vec<_> = items.iter().filter(|item| !able(item)).map(|item| &item.task.title).collect();
        assert!(unable.is_empty(), "nobody can do {unable:?}");
        let meant = script.milestones.iter().flat_map(|one| &one.tasks).chain(&script.current);
        for title in meant.chain(script.risks.iter().filter_map(|risk| risk.task.as_ref())) {
            assert!(items.iter().any(|item| item.task.title == *title), "{title}");
        }
    }
}
