//! From an objective to a tree of tasks: playbooks are chosen and composed, skills matched to the team that is there.
//!
//! This module owns what an objective takes. It must never invent a skill that nobody has: what the team lacks is said
//! in [`Piece::lacks`]. What the team has done before and what a language model proposes take the same way: each comes in
//! as a [`playbook::Playbook`] made for one objective.

mod choose;
mod past;
pub mod playbook;
mod skills;
mod work;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use choose::{Choice, choose};
pub use playbook::{Library, Mistake, Playbook};
pub use skills::{Ask, ask};

use crate::domain::command::NewTask;
use crate::domain::task::{Category, Complexity, Criterion, Dependency, Requirements};
use crate::domain::{Agent, Ids, Level, Priority, TaskId, TaskKind, Timestamp};
use crate::plan::estimate::said::Source;
use crate::plan::objectives::Objective;
use playbook::{Joins, Play};

/// A task, package or deliverable that does not exist yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    /// Its id, chosen now so that edges can name it.
    pub task_id: TaskId,
    /// Level: deliverable, package or task.
    pub level: Level,
    /// What it is a part of.
    pub parent_id: Option<TaskId>,
    /// Title.
    pub title: String,
    /// Further text.
    pub description: String,
    /// Sort of work.
    pub kind: TaskKind,
    /// What it does for the project.
    pub category: Category,
    /// Urgency, that of its objective.
    pub priority: Priority,
    /// Skills asked for, only such as somebody has.
    pub skills: BTreeMap<String, u8>,
    /// Roles asked for, only such as somebody has.
    pub roles: Vec<String>,
    /// What it would take and nobody here has, in words.
    pub lacks: Option<String>,
    /// When it is done.
    pub acceptance: Vec<String>,
    /// Minutes of work; none: not estimated.
    pub minutes: Option<u32>,
    /// Story points; none: not estimated.
    pub points: Option<f64>,
    /// Somebody has said how large it is; otherwise the playbook does.
    #[serde(default)]
    pub sized: bool,
    /// Looks.
    pub complexity: Complexity,
    /// Tasks that come first.
    pub after: Vec<TaskId>,
    /// When it has to be done, because its objective has to be.
    #[serde(default)]
    pub deadline: Option<Timestamp>,
    /// When it may begin at the earliest, because its objective may.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
    /// Which playbook it comes from.
    pub playbook: String,
    /// Which objective it serves, from 0.
    pub objective: usize,
    /// Whether it goes into the sprint.
    pub picked: bool,
}

impl Piece {
    /// True for what is worked on; the other levels only hold it together.
    pub fn is_task(&self) -> bool {
        self.level == Level::Task
    }

    /// What an assignment asks of an agent.
    pub fn requirements(&self) -> Requirements {
        Requirements {
            capabilities: self.skills.clone(),
            roles: self.roles.clone(),
            team_size: 1,
            ..Requirements::default()
        }
    }

    /// The task to be written down; it stays in the backlog until its sprint starts.
    pub fn new_task(&self) -> NewTask {
        NewTask {
            task_id: Some(self.task_id),
            title: self.title.clone(),
            description: self.description.clone(),
            kind: Some(self.kind),
            level: Some(self.level),
            parent_id: self.parent_id,
            category: Some(self.category),
            priority: Some(self.priority),
            acceptance: self.acceptance.iter().map(|text| Criterion { text: text.clone(), met: false }).collect(),
            requirements: self.requirements(),
            blocked_by: self.after.iter().map(|on| Dependency::sequential(*on)).collect(),
            estimate: self.minutes,
            estimate_by: (!self.sized && self.minutes.is_some())
                .then(|| Source::Playbook(self.playbook.clone()).word()),
            points: self.points,
            deadline: self.deadline,
            not_before: self.not_before,
            complexity: self.is_task().then_some(self.complexity),
            tags: if self.is_task() { vec![self.playbook.clone()] } else { Vec::new() },
            backlog: true,
            ..NewTask::default()
        }
    }
}

/// Name of the playbook of what nobody understood.
pub const UNCLEAR: &str = "unclear";
/// Minutes of a task below which it is not worth being one of several.
const WORTHWHILE: f64 = 60.0;
/// The smallest size in story points.
const LEAST_POINTS: f64 = 0.5;

/// The pieces that the objective takes, parents before their parts and predecessors before their successors. What is not
/// understood, and what was said to be small, is one task.
pub fn break_down(
    objective: &Objective,
    number: usize,
    library: &Library,
    team: &[&Agent],
    ids: &mut dyn Ids,
) -> Vec<Piece> {
    let choice = choose(objective, library);
    let acts = choice.main.fallback && choose::is_act(objective);
    let named = format!("the {}", objective.subject);
    let has_article = !objective.subject.is_empty() && format!(" {} ", objective.title).contains(&format!(" {named} "));
    let subject = match (acts, has_article) {
        (true, _) => objective.doing(),
        (false, true) => named,
        (false, false) => objective.subject.clone(),
    };
    let mut maker = Maker { objective, subject, number, team, ids, pieces: Vec::new(), root: None };
    maker.root(choice.main);
    if !choice.understood {
        maker.unclear();
    } else if let Some(play) = small(objective, &choice) {
        maker.whole(play, choice.main);
    } else {
        maker.lay(&choice);
        share_out(objective, &mut maker.pieces);
    }
    maker.pieces
}

/// The largest part of what was said to take too little for all its parts.
fn small<'a>(objective: &Objective, choice: &Choice<'a>) -> Option<&'a Play> {
    let plays = || choice.extra.iter().chain([&choice.main]).flat_map(|book| &book.plays);
    let said = match (objective.minutes, objective.points) {
        (Some(minutes), _) => f64::from(minutes) / WORTHWHILE,
        (None, Some(points)) => points / LEAST_POINTS,
        (None, None) => return None,
    };
    let first = choice.main.plays.iter().rev().max_by_key(|play| play.minutes);
    first.filter(|_| said < plays().count() as f64)
}

/// Gives the tasks the size that was said for all of them, in their proportions.
fn share_out(objective: &Objective, pieces: &mut [Piece]) {
    let tasks = || pieces.iter().filter(|piece| piece.is_task());
    let minutes: Vec<f64> = tasks().map(|piece| f64::from(piece.minutes.unwrap_or(0))).collect();
    let share = |total, step| parts(total, &minutes, step);
    let (minutes, points) = match (objective.minutes, objective.points) {
        (Some(said), _) => (share(f64::from(said), 5.0), Vec::new()),
        (None, Some(said)) => (Vec::new(), share(said, LEAST_POINTS)),
        (None, None) => return,
    };
    for (at, piece) in pieces.iter_mut().filter(|piece| piece.is_task()).enumerate() {
        piece.minutes = minutes.get(at).map(|minutes| minutes.round() as u32);
        piece.points = points.get(at).copied();
        piece.sized = true;
    }
}

/// A total in these proportions, each part at least one step; the last one takes what is left.
fn parts(total: f64, proportions: &[f64], step: f64) -> Vec<f64> {
    let sum: f64 = proportions.iter().sum();
    let (mut so_far, mut given) = (0.0, 0.0);
    let mut out: Vec<f64> = Vec::new();
    for proportion in proportions {
        so_far += proportion;
        let part = ((total * so_far / sum.max(1.0) - given) / step).round().max(1.0) * step;
        given += part;
        out.push(part);
    }
    if let Some(last) = out.last_mut() {
        *last = (*last + total - given).max(step);
    }
    out
}

/// Lays out pieces one after the other.
struct Maker<'a> {
    objective: &'a Objective,
    /// What it is about: in a plan for whatever is built, what is done unless it is built.
    subject: String,
    number: usize,
    team: &'a [&'a Agent],
    ids: &'a mut dyn Ids,
    pieces: Vec<Piece>,
    root: Option<TaskId>,
}

impl Maker<'_> {
    /// The deliverable that holds everything together.
    fn root(&mut self, book: &Playbook) {
        let (title, description) = (self.fill(&book.deliverable), book.origin.clone());
        let piece = Piece { level: Level::Deliverable, title, description, ..self.blank(book) };
        self.root = Some(self.push(piece));
    }

    /// The main playbook between those that come before it and those that come after it.
    fn lay(&mut self, choice: &Choice) {
        let joined = |joins| choice.extra.iter().copied().filter(move |book| book.joins == Some(joins));
        let mut before = Vec::new();
        for book in joined(Joins::Before) {
            before.extend(self.book(book, &[], true));
        }
        let mut ends = self.book(choice.main, &before, false);
        for book in joined(Joins::After) {
            ends = self.book(book, &ends, true);
        }
    }

    /// One playbook's tasks, which wait for `first`; returns those that nothing of it waits for.
    fn book(&mut self, book: &Playbook, first: &[TaskId], apart: bool) -> Vec<TaskId> {
        let holder = if apart { Some(self.package(book.title.clone(), book, self.root)) } else { self.root };
        let mut packages = BTreeMap::new();
        for (key, title) in &book.packages {
            let title = self.fill(title);
            packages.insert(key.as_str(), self.package(title, book, holder));
        }
        let mut known: BTreeMap<&str, TaskId> = BTreeMap::new();
        let shown = book.plays.iter().find(|play| play.does).or(book.plays.last()).map(|play| &play.key);
        for play in &book.plays {
            let after: Vec<TaskId> = play.after.iter().filter_map(|key| known.get(key.as_str()).copied()).collect();
            let after = if after.is_empty() { first.to_vec() } else { after };
            let parent = play.package.as_deref().and_then(|key| packages.get(key).copied()).or(holder);
            known.insert(&play.key, self.task(play, book, parent, after));
            if !apart && shown == Some(&play.key) {
                self.want();
            }
        }
        let awaited: Vec<&String> = book.plays.iter().flat_map(|play| &play.after).collect();
        book.plays.iter().filter(|play| !awaited.contains(&&play.key)).map(|play| known[play.key.as_str()]).collect()
    }

    /// What the objective says that is to come of it, as criteria of the last task.
    fn want(&mut self) {
        if let Some(piece) = self.pieces.last_mut() {
            piece.acceptance.splice(0..0, self.objective.wanted.iter().cloned());
        }
    }

    fn package(&mut self, title: String, book: &Playbook, parent_id: Option<TaskId>) -> TaskId {
        let piece = Piece { level: Level::Package, title, parent_id, ..self.blank(book) };
        self.push(piece)
    }

    /// One task for something that nobody understood; how large it is, nobody knows either.
    fn unclear(&mut self) {
        let Some(root) = self.pieces.first_mut() else { return };
        root.playbook = UNCLEAR.into();
        root.description = "by no playbook: say what shall be done to what".into();
        let whole = Piece { level: Level::Task, parent_id: self.root, description: String::new(), ..root.clone() };
        let task_id = TaskId(self.ids.next());
        self.push(Piece { task_id, ..whole });
        self.want();
    }

    /// One task for all of it.
    fn whole(&mut self, play: &Play, book: &Playbook) {
        let play = Play { title: "{title}".into(), description: String::new(), ..play.clone() };
        self.task(&play, book, self.root, Vec::new());
        let Some(piece) = self.pieces.last_mut() else { return };
        (piece.minutes, piece.points) =
            (self.objective.minutes, self.objective.points.filter(|_| self.objective.minutes.is_none()));
        piece.sized = true;
        self.want();
    }

    fn task(&mut self, play: &Play, book: &Playbook, parent_id: Option<TaskId>, after: Vec<TaskId>) -> TaskId {
        let Ask { skills, roles, lacks } = ask(play, self.team);
        let factor = self.objective.size.factor();
        let acts = play.does && choose::is_act(self.objective);
        let piece = Piece {
            parent_id,
            title: self.fill(if acts { "{title}" } else { &play.title }),
            description: self.fill(&play.description),
            category: play.category,
            skills,
            roles,
            lacks,
            acceptance: play.acceptance.iter().map(|text| self.fill(text)).collect(),
            minutes: Some(scaled_minutes(play.minutes, factor)),
            points: play.points.map(|points| scaled_points(points * factor)),
            complexity: play.complexity,
            after,
            ..self.blank(book)
        };
        self.push(piece)
    }

    fn blank(&mut self, book: &Playbook) -> Piece {
        Piece {
            task_id: TaskId(self.ids.next()),
            level: Level::Task,
            parent_id: None,
            title: String::new(),
            description: String::new(),
            kind: book.kind,
            category: Category::Execution,
            priority: self.objective.priority,
            skills: BTreeMap::new(),
            roles: Vec::new(),
            lacks: None,
            acceptance: Vec::new(),
            minutes: None,
            points: None,
            sized: false,
            complexity: Complexity::Moderate,
            after: Vec::new(),
            deadline: None,
            not_before: None,
            playbook: book.name.clone(),
            objective: self.number,
            picked: true,
        }
    }

    fn push(&mut self, piece: Piece) -> TaskId {
        let id = piece.task_id;
        self.pieces.push(piece);
        id
    }

    /// A template with the objective's words in it, which may look like templates themselves.
    fn fill(&self, template: &str) -> String {
        let subject = self.subject.as_str();
        // Behind a colon nothing has to be kept apart.
        let bare = subject.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(subject);
        let filled = |part: &str| {
            let part =
                &if subject.starts_with("the ") { part.replace("the {subject}", "{subject}") } else { part.to_owned() };
            let mut halves = part.splitn(2, ": {subject}");
            let first = halves.next().unwrap_or_default().replace("{subject}", subject);
            halves.next().map_or(first.clone(), |rest| format!("{first}: {bare}{}", rest.replace("{subject}", subject)))
        };
        let parts = template.split("{title}").map(filled);
        parts.collect::<Vec<_>>().join(&self.objective.title)
    }
}

/// To the quarter of an hour, at least one.
fn scaled_minutes(minutes: u32, factor: f64) -> u32 {
    ((f64::from(minutes) * factor / 15.0).round() as u32).max(1) * 15
}

/// To the half point, at least one half.
fn scaled_points(points: f64) -> f64 {
    ((points / LEAST_POINTS).round() * LEAST_POINTS).max(LEAST_POINTS)
}
