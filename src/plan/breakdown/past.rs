//! What the team has done before: a finished deliverable with the tasks that it took, as a playbook for the next one
//! like it.

use std::collections::{BTreeMap, BTreeSet};

use super::choose::matter;
use super::playbook::{Play, Playbook};
use crate::domain::task::Complexity;
use crate::domain::words::{cut, hours};
use crate::domain::{Level, Status, Task, TaskId, TaskNumber};
use crate::plan::objectives::Objective;

/// Fewer finished tasks than this teach nothing.
const FEWEST: usize = 2;
/// More tasks than this are more than one objective.
const MOST: usize = 60;
/// Fewer measured minutes than this mean that somebody only ticked it off.
const MEASURED: u32 = 5;
/// Minutes of a task that nobody measured or estimated.
const USUAL: u32 = 120;
/// From this share of common words on, two objectives are alike; each word counts by how rare it is.
const ALIKE: f64 = 0.5;
/// Longest title that is quoted, in characters.
const QUOTED: usize = 60;

/// A finished deliverable.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    words: BTreeSet<String>,
    /// Name of the playbook that its words call for.
    pub(super) sort: String,
    /// Its tasks, with the sizes that they turned out to have.
    pub(super) book: Playbook,
}

impl Past {
    /// What there is to learn from a deliverable and everything below it; `sort` names the playbook that its words call
    /// for. None: too few of its tasks were finished, or too many.
    pub(super) fn of(whole: &Task, parts: &[Task], objective: &Objective, sort: &str) -> Option<Self> {
        let done = |part: &&Task| part.level == Level::Task && part.status == Status::Completed;
        let tasks = in_order(parts.iter().filter(done).collect());
        if !(FEWEST..=MOST).contains(&tasks.len()) {
            return None;
        }
        let packages: Vec<&Task> = parts.iter().filter(|part| part.level == Level::Package).collect();
        let plays: Vec<Play> = tasks.iter().map(|task| play(task, &tasks, &packages, objective)).collect();
        let book = Playbook {
            name: format!("like-{}", whole.number.0),
            origin: origin(whole, &tasks),
            title: whole.title.clone(),
            summary: String::new(),
            matches: Vec::new(),
            fallback: false,
            joins: None,
            inside: false,
            kind: whole.kind,
            deliverable: "{title}".into(),
            packages: packages.iter().map(|part| (key(part.number), template(&part.title, objective))).collect(),
            plays,
        };
        Some(Self { words: matter(objective), sort: sort.to_owned(), book })
    }
}

/// The past deliverable that resembles the objective most, the newest among equals; none: none is alike.
pub(super) fn alike<'a>(objective: &Objective, sort: &str, past: &'a [Past]) -> Option<&'a Past> {
    let words = matter(objective);
    let weight = |word: &String| {
        let known = past.iter().filter(|past| past.words.contains(word)).count();
        (1.0 + (past.len() as f64 + 1.0) / (known as f64 + 1.0)).ln()
    };
    let share = |known: &Past| {
        let common: f64 = words.intersection(&known.words).map(weight).sum();
        let all: f64 = words.union(&known.words).map(weight).sum();
        if all > 0.0 { common / all } else { 0.0 }
    };
    let scored = past.iter().filter(|known| known.sort == sort).map(|known| (share(known), known));
    scored.filter(|(share, _)| *share >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

/// What comes first, first; else by number.
fn in_order(mut rest: Vec<&Task>) -> Vec<&Task> {
    rest.sort_by_key(|task| task.number);
    let mut ordered: Vec<&Task> = Vec::new();
    while !rest.is_empty() {
        let waits = |task: &Task| {
            let blocked_by = &task.dependencies.blocked_by;
            blocked_by.iter().any(|edge| rest.iter().any(|other| other.task_id == edge.task_id))
        };
        let free = rest.iter().position(|task| !waits(task)).unwrap_or(0);
        ordered.push(rest.remove(free));
    }
    ordered
}

fn play(task: &Task, tasks: &[&Task], packages: &[&Task], objective: &Objective) -> Play {
    let factor = objective.size.factor();
    let minutes = f64::from(minutes(task)) / factor;
    let numbers: BTreeMap<TaskId, TaskNumber> = tasks.iter().map(|task| (task.task_id, task.number)).collect();
    let before = task.dependencies.blocked_by.iter().filter_map(|edge| numbers.get(&edge.task_id));
    let package = packages.iter().find(|package| task.parent_id == Some(package.task_id));
    Play {
        key: key(task.number),
        package: package.map(|package| key(package.number)),
        title: template(&task.title, objective),
        description: template(&task.description, objective),
        category: task.category,
        skills: task.requirements.capabilities.clone(),
        role: task.requirements.roles.first().cloned(),
        minutes: minutes.round() as u32,
        points: task.metadata.story_points.map(|points| points / factor),
        complexity: task.metadata.complexity.unwrap_or(Complexity::Moderate),
        acceptance: task.acceptance.iter().map(|criterion| template(&criterion.text, objective)).collect(),
        after: before.map(|number| key(*number)).collect(),
        does: false,
    }
}

fn key(number: TaskNumber) -> String {
    number.0.to_string()
}

fn measured(task: &Task) -> Option<u32> {
    task.metadata.actual_duration.filter(|minutes| *minutes >= MEASURED)
}

fn minutes(task: &Task) -> u32 {
    measured(task).or(task.metadata.estimated_duration).unwrap_or(USUAL).max(1)
}

/// `like #12 "Add search", which took 14 h`, or for which 14 h were estimated where not all of it was measured.
fn origin(whole: &Task, tasks: &[&Task]) -> String {
    let size = hours(tasks.iter().map(|task| f64::from(minutes(task))).sum::<f64>());
    let is_known = tasks.iter().all(|task| measured(task).is_some());
    let how = if is_known { "which took" } else { "estimated at" };
    format!("like {} \"{}\", {how} {size}", whole.number, cut(&whole.title, QUOTED))
}

/// The text with what the objective was about left open, where it stands as words of its own. What only looks like a
/// template is text.
fn template(text: &str, objective: &Objective) -> String {
    let subject = objective.subject.to_ascii_lowercase();
    let text = text.replace("{subject}", "(subject)").replace("{title}", "(title)");
    let lower = text.to_ascii_lowercase();
    let border = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in lower.match_indices(&subject).filter(|_| !subject.is_empty()) {
        let end = at + found.len();
        if border(lower[..at].chars().next_back()) && border(lower[end..].chars().next()) {
            out.push_str(&text[from..at]);
            out.push_str("{subject}");
            from = end;
        }
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::objectives::objectives;

    #[test]
    fn a_subject_is_left_open_only_where_it_stands_as_a_word() {
        let objective = objectives("Add API").remove(0);
        assert_eq!(template("Rapid prototype of the API", &objective), "Rapid prototype of the {subject}");
        assert_eq!(template("Fill {title} with {subject}", &objective), "Fill (title) with (subject)");
    }
}
