//! Changes to a project that make room: more hours, a skill, a later date, a rule given up.

use serde::Serialize;

use super::units::Span;
use super::{Agent, Instant, Project, Stage};
use crate::domain::words::work;

/// A day, in minutes.
const DAY: u32 = 24 * 60;

/// Something that could be otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "change")]
pub enum Change {
    /// Others than those named may do a stage.
    Others {
        /// Tasks.
        tasks: Vec<String>,
        /// Name of the stage.
        stage: String,
    },
    /// A task may end later than its deadline.
    Deadline {
        /// Task.
        task: String,
        /// So many minutes later.
        minutes: u32,
    },
    /// An agent is there longer.
    Hours {
        /// Agent.
        agent: String,
        /// Minutes, in all or by day or window.
        minutes: u32,
        /// True if they are added to each day or window.
        each: bool,
    },
    /// A resource has more to give.
    Resource {
        /// Resource.
        resource: String,
        /// Units, or minutes of an allowance.
        amount: u64,
    },
    /// An agent has a skill.
    Skill {
        /// Agent.
        agent: String,
        /// Skill.
        skill: String,
        /// Level.
        level: u32,
    },
    /// A lane holds one task more.
    Lane {
        /// Lane.
        lane: String,
    },
    /// The whole may end later.
    Ends {
        /// So many minutes later.
        minutes: u32,
    },
    /// There is another agent.
    Agent {
        /// Who can do what this one can.
        like: String,
    },
    /// A task takes less.
    Shorter {
        /// Task.
        task: String,
        /// Minutes less.
        minutes: u32,
    },
    /// A task may begin and be done by whom the plan says.
    Unpin {
        /// Task.
        task: String,
    },
    /// A task may begin before its date.
    Earlier {
        /// Task.
        task: String,
    },
    /// A task does not wait for another.
    Unlink {
        /// Task.
        task: String,
        /// What it waits for.
        after: String,
    },
    /// A task is not done.
    Leave {
        /// Task.
        task: String,
    },
}

impl Change {
    /// How much it asks for: of two changes with the same effect the smaller one is better.
    pub fn rank(&self) -> usize {
        match self {
            Self::Others { .. } => 0,
            Self::Deadline { .. } => 1,
            Self::Hours { .. } => 2,
            Self::Resource { .. } => 3,
            Self::Lane { .. } => 4,
            Self::Skill { .. } => 5,
            Self::Unlink { .. } | Self::Earlier { .. } | Self::Unpin { .. } => 6,
            Self::Ends { .. } => 7,
            Self::Shorter { .. } => 8,
            Self::Agent { .. } => 9,
            Self::Leave { .. } => 10,
        }
    }

    /// The change in words.
    pub fn text(&self) -> String {
        match self {
            Self::Others { tasks, stage } => format!("let others do the {stage} of {}", tasks.join(", ")),
            Self::Deadline { task, minutes } => format!("deadline of {task} {} later", work(*minutes)),
            Self::Hours { agent, minutes, each } => {
                format!("{agent} {} more{}", work(*minutes), if *each { " a day" } else { "" })
            }
            Self::Resource { resource, amount } => format!("{amount} more of {resource}"),
            Self::Lane { lane } => format!("one more in lane {lane}"),
            Self::Skill { agent, skill, level } => format!("{skill} {level} for {agent}"),
            Self::Ends { minutes } => format!("the end {} later", work(*minutes)),
            Self::Agent { like } => format!("another agent like {like}"),
            Self::Shorter { task, minutes } => format!("{task} {} shorter", work(*minutes)),
            Self::Unpin { task } => format!("{task} not pinned"),
            Self::Earlier { task } => format!("{task} may begin at once"),
            Self::Unlink { task, after } => format!("{task} does not wait for {after}"),
            Self::Leave { task } => format!("without {task}"),
        }
    }

    /// The project with the change.
    #[must_use]
    pub fn applied(&self, project: &Project) -> Project {
        let mut project = project.clone();
        match self {
            Self::Others { tasks, stage } => {
                let stages = project.tasks.iter_mut().filter(|task| tasks.contains(&task.name));
                stages.flat_map(|task| &mut task.stages).filter(|one| one.name == *stage).for_each(Stage::open_to_all);
            }
            Self::Deadline { task, minutes } => {
                for task in project.tasks.iter_mut().filter(|one| one.name == *task) {
                    task.deadline = task.deadline.take().map(|date| date.later(*minutes));
                }
            }
            Self::Hours { agent, minutes, .. } => {
                project.agents.iter_mut().filter(|one| one.name == *agent).for_each(|one| one.stay_longer(*minutes));
            }
            Self::Resource { resource, amount } => {
                for one in project.resources.iter_mut().filter(|one| one.name == *resource) {
                    one.budget = one.budget.map(|budget| budget.saturating_add(*amount));
                    one.quotas
                        .iter_mut()
                        .for_each(|quota| quota.amount.0 = quota.amount.0.saturating_add(most(*amount)));
                    let alone = one.budget.is_none() && one.quotas.is_empty();
                    let units = one.units.or(alone.then_some(1));
                    one.units = units.map(|units| if alone { units.saturating_add(most(*amount)) } else { units });
                }
            }
            Self::Skill { agent, skill, level } => {
                for one in project.agents.iter_mut().filter(|one| one.name == *agent) {
                    one.skills.insert(skill.clone(), *level);
                }
            }
            Self::Lane { lane } => {
                project
                    .lanes
                    .iter_mut()
                    .filter(|one| one.name == *lane)
                    .for_each(|one| one.limit = one.limit.saturating_add(1));
            }
            Self::Ends { minutes } => project.ends = project.ends.take().map(|date| date.later(*minutes)),
            Self::Agent { like } => add_agent(&mut project, like),
            Self::Shorter { task, minutes } => shorten(&mut project, task, *minutes),
            Self::Unpin { task } => {
                for one in project.tasks.iter_mut().filter(|one| one.name == *task) {
                    one.pinned = None;
                    one.stages.iter_mut().for_each(|stage| stage.pinned_to = None);
                }
            }
            Self::Earlier { task } => {
                project.tasks.iter_mut().filter(|one| one.name == *task).for_each(|one| one.not_before = None);
            }
            Self::Unlink { task, after } => {
                let tasks = project.tasks.iter_mut().filter(|one| one.name == *task);
                tasks.for_each(|one| one.after.retain(|link| link.task() != after));
            }
            Self::Leave { task } => {
                project.tasks.retain(|one| one.name != *task);
                project.tasks.iter_mut().for_each(|one| one.after.retain(|link| link.task() != task));
            }
        }
        project
    }
}

fn add_agent(project: &mut Project, like: &str) {
    let Some(mut twin) = project.agents.iter().find(|agent| agent.name == like).cloned() else { return };
    let taken = |name: &str| project.agents.iter().any(|agent| agent.name == name);
    let mut name = format!("{like} 2");
    while taken(&name) {
        name.push('+');
    }
    twin.name.clone_from(&name);
    project.agents.push(twin);
    let stages = project.tasks.iter_mut().flat_map(|task| &mut task.stages);
    let lists =
        stages.flat_map(|stage| stage.team.iter_mut().map(|place| &mut place.agents).chain([&mut stage.agents]));
    for list in lists.filter(|list| list.iter().any(|one| one == like)) {
        list.push(name.clone());
    }
}

/// Takes minutes from the longest stages.
fn shorten(project: &mut Project, task: &str, minutes: u32) {
    for task in project.tasks.iter_mut().filter(|one| one.name == task) {
        let mut left = minutes;
        while let Some(stage) = task.stages.iter_mut().filter(|_| left > 0).max_by_key(|stage| stage.effort.0) {
            let piece = left.min(stage.effort.0);
            stage.effort.0 -= piece;
            left = if piece == 0 { 0 } else { left - piece };
        }
    }
}

impl Stage {
    pub(super) fn open_to_all(&mut self) {
        self.agents.clear();
        self.team.iter_mut().for_each(|place| place.agents.clear());
    }

    /// Whether only some may do it, by name.
    pub(super) fn is_named(&self) -> bool {
        !self.agents.is_empty() || self.team.iter().any(|place| !place.agents.is_empty())
    }
}

impl Agent {
    /// Adds minutes to its allowances, else to its hours, else takes them from its time away.
    fn stay_longer(&mut self, minutes: u32) {
        if !self.quotas.is_empty() {
            self.quotas.iter_mut().for_each(|quota| quota.amount.0 = quota.amount.0.saturating_add(minutes));
        } else if !self.hours.is_empty() {
            self.hours.iter_mut().for_each(|text| *text = longer(text, minutes));
        } else if let Some((from, _)) = self.away.first_mut() {
            *from = from.clone().later(minutes);
            self.away.retain(|(from, to)| from != to);
        }
    }

    /// Whether it can do and has the same as another.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let same_time = self.hours == other.hours && self.quotas == other.quotas && self.away == other.away;
        let same_place = self.zone == other.zone && self.shares == other.shares && self.resumes == other.resumes;
        let same_size = self.at_once == other.at_once && self.cost_per_hour == other.cost_per_hour;
        let as_fast = self.focus.total_cmp(&other.focus).is_eq();
        self.skills == other.skills && as_fast && same_time && same_place && same_size
    }

    /// What could be added to its time at once: minutes, and whether to each day or window. None if it is always there.
    pub(super) fn more_hours(&self) -> Option<(u32, bool)> {
        const HOUR: u32 = 60;
        let short = self.quotas.iter().any(|quota| quota.every.is_some_and(|Span(every)| every <= 24 * HOUR));
        if short || (self.quotas.is_empty() && !self.hours.is_empty()) {
            return Some((HOUR, true));
        }
        (!self.quotas.is_empty() || !self.away.is_empty()).then_some((8 * HOUR, false))
    }
}

impl Instant {
    fn later(self, minutes: u32) -> Self {
        match self {
            Self::After(span) => Self::After(Span(span.0.saturating_add(minutes))),
            Self::At(local) => Self::At(local + chrono::Duration::minutes(i64::from(minutes))),
        }
    }
}

/// An amount in as many bits as there are for it.
fn most(amount: u64) -> u32 {
    u32::try_from(amount).unwrap_or(u32::MAX)
}

/// Weekly hours that end later, around the clock at most; those that are no hours stay as they are.
fn longer(text: &str, minutes: u32) -> String {
    let parts = || {
        let (days, times) = text.trim().split_once(' ')?;
        let (from, to) = times.split_once('-')?;
        Some((days, from.trim(), clock(from)?, clock(to)?))
    };
    let Some((days, from, begin, end)) = parts() else { return text.to_owned() };
    // What ends when it begins, or before, ends on the next day.
    let length = if end > begin { end - begin } else { end + DAY - begin };
    let end = begin + length.saturating_add(minutes).min(DAY);
    let end = if end > DAY { end - DAY } else { end };
    format!("{days} {from}-{:02}:{:02}", end / 60, end % 60)
}

/// Minutes since midnight.
fn clock(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour * 60 + minute <= DAY).then_some(hour * 60 + minute)
}
