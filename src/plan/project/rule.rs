//! The requirements of a project one by one, so that each can be given up.

use super::{Change, Member, Project, Stage};
use crate::domain::words::work;

/// A requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rule {
    /// A task takes as long as it takes.
    Effort { task: String, minutes: u64 },
    /// A task ends by its deadline.
    Deadline { task: String },
    /// Everything ends by the end of the project.
    Ends,
    /// Only who has a skill does what needs it.
    Skill { skill: String, level: u32 },
    /// Only those named do a stage.
    Named { task: String, stage: usize },
    /// A task begins when it was set to.
    Pinned { task: String },
    /// A stage is done by whom it was given to.
    Given { task: String, stage: usize },
    /// An agent is there at its hours and within its allowances only.
    Time { agent: String },
    /// A resource has no more than it has.
    Resource { resource: String, most: u32 },
    /// A task begins no earlier than its date.
    NotBefore { task: String },
    /// A task waits for another.
    After { task: String, before: String },
    /// Tasks on the same paths take turns.
    Paths { task: String },
    /// A lane holds so many.
    Lane { lane: String },
}

impl Rule {
    /// Every requirement of a project, those first that people would rather hear of.
    pub fn all(project: &Project) -> Vec<Self> {
        let name = |task: &super::Task| task.name.clone();
        let tasks = || project.tasks.iter();
        let mut rules: Vec<Self> =
            tasks().map(|task| Self::Effort { task: name(task), minutes: task.minutes() }).collect();
        rules.extend(tasks().filter(|task| task.deadline.is_some()).map(|task| Self::Deadline { task: name(task) }));
        let mut skills: Vec<Self> = tasks().flat_map(|task| &task.stages).flat_map(skills).collect();
        skills.dedup();
        for skill in skills {
            if !rules.contains(&skill) {
                rules.push(skill);
            }
        }
        rules.extend(tasks().filter(|task| task.pinned.is_some()).map(|task| Self::Pinned { task: name(task) }));
        for task in tasks() {
            for (stage, one) in task.stages.iter().enumerate() {
                let given = one.pinned_to.as_ref().map(|_| Self::Given { task: name(task), stage });
                rules.extend(one.is_named().then(|| Self::Named { task: name(task), stage }).into_iter().chain(given));
            }
        }
        rules.extend(project.ends.as_ref().map(|_| Self::Ends));
        let timed = project.agents.iter().filter(|agent| agent.more_hours().is_some());
        rules.extend(timed.map(|agent| Self::Time { agent: agent.name.clone() }));
        rules.extend(project.resources.iter().map(|resource| {
            let asked = tasks().flat_map(|task| &task.stages).filter_map(|stage| stage.uses.get(&resource.name));
            let most = asked.fold(0_u32, |sum, &units| sum.saturating_add(units)).max(80 * 60);
            Self::Resource { resource: resource.name.clone(), most }
        }));
        rules.extend(tasks().filter(|task| task.not_before.is_some()).map(|task| Self::NotBefore { task: name(task) }));
        for task in tasks() {
            let links = task.after.iter().map(|after| after.task().to_owned());
            rules.extend(links.map(|before| Self::After { task: name(task), before }));
        }
        rules.extend(project.lanes.iter().map(|lane| Self::Lane { lane: lane.name.clone() }));
        rules.extend(tasks().filter(|task| !task.touches.is_empty()).map(|task| Self::Paths { task: name(task) }));
        rules
    }

    /// The task whose work it is about.
    pub fn task(&self) -> Option<&str> {
        if let Self::Effort { task, .. } = self { Some(task) } else { None }
    }

    /// The requirement in words.
    pub fn text(&self, project: &Project) -> String {
        let stage = |task: &str, stage: usize| {
            let found = project.tasks.iter().find(|one| one.name == task).map(|one| &one.stages[stage]);
            found.map_or(String::new(), |stage| stage.name.clone())
        };
        match self {
            Self::Effort { task, minutes } => format!("{task} takes {}", work(*minutes)),
            Self::Deadline { task } => format!("deadline of {task}"),
            Self::Ends => "the end of the project".to_owned(),
            Self::Skill { skill, level } => {
                let able =
                    project.agents.iter().filter(|agent| agent.skills.get(skill).is_some_and(|have| have >= level));
                let able: Vec<&str> = able.map(|agent| agent.name.as_str()).collect();
                let who =
                    if able.is_empty() { "nobody has".to_owned() } else { format!("only {} has", able.join(", ")) };
                format!("{who} {skill} {level}")
            }
            Self::Named { task, stage: at } => format!("{} of {task} is for those named only", stage(task, *at)),
            Self::Pinned { task } => format!("{task} is pinned"),
            Self::Given { task, stage: at } => format!("{} of {task} was given to an agent", stage(task, *at)),
            Self::Time { agent } => format!("hours of {agent}"),
            Self::Resource { resource, .. } => format!("no more of {resource}"),
            Self::NotBefore { task } => format!("{task} may not begin before its date"),
            Self::After { task, before } => format!("{task} waits for {before}"),
            Self::Paths { task } => format!("paths of {task}"),
            Self::Lane { lane } => format!("limit of lane {lane}"),
        }
    }

    /// A project without the requirement.
    pub fn dropped(&self, mut project: Project) -> Project {
        let tasks = project.tasks.iter_mut();
        match self {
            Self::Effort { task, .. } => {
                let stages = tasks.filter(|one| one.name == *task).flat_map(|one| &mut one.stages);
                stages.for_each(|stage| stage.effort.0 = 0);
            }
            Self::Deadline { task } => {
                // An end of the project that was far away may now be near: others keep their date, this one has none.
                tasks.filter(|one| one.name == *task).for_each(|one| one.deadline = None);
            }
            Self::Ends => project.ends = None,
            Self::Skill { skill, level } => {
                for stage in tasks.flat_map(|one| &mut one.stages) {
                    if stage.skill.as_ref() == Some(skill) && stage.level == *level {
                        stage.skill = None;
                    }
                    let asked = |place: &&mut Member| place.skill.as_ref() == Some(skill) && place.level == *level;
                    stage.team.iter_mut().filter(asked).for_each(|place| place.skill = None);
                }
            }
            Self::Named { task, stage } => {
                tasks.filter(|one| one.name == *task).for_each(|one| one.stages[*stage].open_to_all());
            }
            Self::Pinned { task } => tasks.filter(|one| one.name == *task).for_each(|one| one.pinned = None),
            Self::Given { task, stage } => {
                tasks.filter(|one| one.name == *task).for_each(|one| one.stages[*stage].pinned_to = None);
            }
            Self::Time { agent } => {
                for one in project.agents.iter_mut().filter(|one| one.name == *agent) {
                    one.hours.clear();
                    one.away.clear();
                    one.quotas.clear();
                }
            }
            Self::Resource { resource, .. } => {
                for one in project.resources.iter_mut().filter(|one| one.name == *resource) {
                    one.hours.clear();
                    one.away.clear();
                    one.quotas.clear();
                    one.budget = None;
                    one.units = Some(u32::MAX / 2);
                }
            }
            Self::NotBefore { task } => tasks.filter(|one| one.name == *task).for_each(|one| one.not_before = None),
            Self::After { task, before } => {
                tasks.filter(|one| one.name == *task).for_each(|one| one.after.retain(|link| link.task() != before));
            }
            Self::Paths { task } => tasks.filter(|one| one.name == *task).for_each(|one| one.touches.clear()),
            Self::Lane { lane } => {
                project.lanes.iter_mut().filter(|one| one.name == *lane).for_each(|one| one.limit = u32::MAX / 2);
            }
        }
        project
    }

    /// The changes that give it up altogether.
    pub fn given_up(&self, project: &Project) -> Vec<Change> {
        match self {
            Self::Skill { skill, level } => super::levers::pupils(project, skill, *level).take(2).collect(),
            Self::Named { task, stage } => {
                let stage =
                    project.tasks.iter().find(|one| one.name == *task).map(|one| one.stages[*stage].name.clone());
                stage.map(|stage| Change::Others { tasks: vec![task.clone()], stage }).into_iter().collect()
            }
            Self::Pinned { task } | Self::Given { task, .. } => vec![Change::Unpin { task: task.clone() }],
            Self::NotBefore { task } => vec![Change::Earlier { task: task.clone() }],
            Self::After { task, before } => vec![Change::Unlink { task: task.clone(), after: before.clone() }],
            Self::Lane { lane } => vec![Change::Lane { lane: lane.clone() }],
            Self::Effort { .. }
            | Self::Deadline { .. }
            | Self::Ends
            | Self::Time { .. }
            | Self::Resource { .. }
            | Self::Paths { .. } => Vec::new(),
        }
    }
}

fn skills(stage: &Stage) -> Vec<Rule> {
    let places = stage.team.iter().map(|place| (place.skill.clone(), place.level));
    let asked = places.chain([(stage.skill.clone(), stage.level)]);
    asked.filter_map(|(skill, level)| Some(Rule::Skill { skill: skill?, level })).collect()
}
