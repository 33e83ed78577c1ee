//! Playbooks: what a kind of objective takes, as data. Read from TOML; a mistake is named by file, line and key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;
use toml::Spanned;

use super::choose::by_words;
use super::past::Past;
use crate::domain::agent::parse_skills;
use crate::domain::task::{Category, Complexity};
use crate::domain::{Task, TaskKind};
use crate::plan::objectives::{Objective, objectives};

/// Longest estimate of one task of a playbook in minutes: two working weeks.
const LONGEST: u32 = 4800;

/// Where a playbook goes when an objective calls for it beside its main one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Joins {
    /// Its tasks come first.
    Before,
    /// Its tasks come last.
    After,
}

/// One task of a playbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Play {
    /// Name within the playbook.
    pub key: String,
    /// Key of the package that it is a part of.
    pub package: Option<String>,
    /// Title; `{subject}` stands for what the objective is about.
    pub title: String,
    /// Further text, with the same placeholders.
    pub description: String,
    /// What it does for the project.
    pub category: Category,
    /// Skills and levels that it takes, the main one first by level.
    pub skills: BTreeMap<String, u8>,
    /// Role that usually does it.
    pub role: Option<String>,
    /// Usual effort in minutes.
    pub minutes: u32,
    /// Usual size in story points; none: by its minutes, as the team counts.
    pub points: Option<f64>,
    /// Looks.
    pub complexity: Complexity,
    /// When it is done.
    pub acceptance: Vec<String>,
    /// Keys of the tasks that come first.
    pub after: Vec<String>,
    /// It is what was asked for: where the objective says what is done, that is its title.
    pub does: bool,
}

/// What a kind of objective takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Playbook {
    /// File name without its ending.
    pub name: String,
    /// Title.
    pub title: String,
    /// What it is for.
    pub summary: String,
    /// Where it comes from, in words: `by the playbook search`.
    pub origin: String,
    /// Words and phrases by which objectives call for it, lower case.
    pub matches: Vec<String>,
    /// Serves objectives that nothing else fits.
    pub fallback: bool,
    /// How it joins another playbook; none: it never does.
    pub joins: Option<Joins>,
    /// Work on the product, never what its users do with it: what they shall be able to do does not call for it.
    pub inside: bool,
    /// Sort of work.
    pub kind: TaskKind,
    /// Title of the whole.
    pub deliverable: String,
    /// Packages: key and title, in order.
    pub packages: Vec<(String, String)>,
    /// Tasks, in order.
    pub plays: Vec<Play>,
}

/// A mistake in a playbook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {key}: {what}")]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The key.
    pub key: String,
    /// What is wrong and what would be right.
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBook {
    title: String,
    #[serde(default)]
    summary: String,
    #[serde(rename = "match")]
    matches: Vec<String>,
    #[serde(default)]
    fallback: bool,
    joins: Option<Joins>,
    #[serde(default)]
    inside: bool,
    kind: Option<TaskKind>,
    deliverable: String,
    #[serde(default)]
    package: Vec<RawPackage>,
    #[serde(default)]
    task: Vec<RawPlay>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPackage {
    key: Spanned<String>,
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPlay {
    key: Spanned<String>,
    package: Option<Spanned<String>>,
    title: Spanned<String>,
    #[serde(default)]
    description: String,
    category: Option<Category>,
    skills: Option<Spanned<String>>,
    role: Option<String>,
    estimate: Spanned<u32>,
    points: Spanned<f64>,
    complexity: Option<Complexity>,
    #[serde(default)]
    acceptance: Vec<String>,
    #[serde(default)]
    after: Vec<Spanned<String>>,
    #[serde(default)]
    does: bool,
}

/// A file's name and text, for naming places in it.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn mistake(&self, at: usize, key: &str, what: impl Into<String>) -> Mistake {
        let before = self.text.get(..at.min(self.text.len())).unwrap_or(self.text);
        Mistake { file: self.file.into(), line: 1 + before.matches('\n').count(), key: key.into(), what: what.into() }
    }

    /// What the TOML reader says; the key is the one on the line.
    fn unreadable(&self, error: &toml::de::Error) -> Mistake {
        let at = error.span().map_or(0, |span| span.start);
        let start = self.text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let key = line.split('=').next().unwrap_or_default().trim().trim_matches(['[', ']']);
        self.mistake(at, if key.is_empty() { "toml" } else { key }, error.message())
    }
}

impl Playbook {
    /// Reads a playbook; `file` is its path, whose last part without the ending is its name.
    ///
    /// # Errors
    /// The first mistake in it.
    pub fn parse(file: &str, text: &str) -> Result<Self, Mistake> {
        let source = Source { file, text };
        let raw: RawBook = toml::from_str(text).map_err(|error| source.unreadable(&error))?;
        if raw.task.is_empty() {
            return Err(source.mistake(0, "task", "a playbook has at least one [[task]]"));
        }
        let packages = packages(&source, raw.package)?;
        let plays = plays(&source, raw.task, &packages)?;
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file).trim_end_matches(".toml");
        Ok(Self {
            name: name.to_owned(),
            origin: format!("by the playbook {name}"),
            title: raw.title,
            summary: raw.summary,
            matches: raw
                .matches
                .iter()
                .map(|word| word.trim().to_lowercase())
                .filter(|word| !word.is_empty())
                .collect(),
            fallback: raw.fallback,
            joins: raw.joins,
            inside: raw.inside,
            kind: raw.kind.unwrap_or(TaskKind::UserRequest),
            deliverable: raw.deliverable,
            packages,
            plays,
        })
    }
}

fn packages(source: &Source, raw: Vec<RawPackage>) -> Result<Vec<(String, String)>, Mistake> {
    let mut packages: Vec<(String, String)> = Vec::new();
    for package in raw {
        let (at, key) = (package.key.span().start, package.key.into_inner());
        if packages.iter().any(|(known, _)| *known == key) {
            return Err(source.mistake(at, "key", format!("there is a package `{key}` already")));
        }
        packages.push((key, package.title));
    }
    Ok(packages)
}

/// Tasks name only tasks above them, so their edges cannot close a circle.
fn plays(source: &Source, raw: Vec<RawPlay>, packages: &[(String, String)]) -> Result<Vec<Play>, Mistake> {
    let mut known = BTreeSet::new();
    let mut plays = Vec::new();
    for task in raw {
        let at = task.key.span().start;
        let play = play(source, task, packages, &known)?;
        if !known.insert(play.key.clone()) {
            return Err(source.mistake(at, "key", format!("there is a task `{}` already", play.key)));
        }
        plays.push(play);
    }
    Ok(plays)
}

fn play(
    source: &Source,
    raw: RawPlay,
    packages: &[(String, String)],
    known: &BTreeSet<String>,
) -> Result<Play, Mistake> {
    check_sizes(source, &raw)?;
    if let Some(package) = &raw.package
        && !packages.iter().any(|(key, _)| key == package.get_ref())
    {
        let what = format!("no [[package]] has the key `{}`", package.get_ref());
        return Err(source.mistake(package.span().start, "package", what));
    }
    if let Some(after) = raw.after.iter().find(|after| !known.contains(after.get_ref())) {
        let what = format!("no task `{}` above this one; put what comes first, first", after.get_ref());
        return Err(source.mistake(after.span().start, "after", what));
    }
    let skills = match &raw.skills {
        Some(text) => parse_skills(text.get_ref()).map_err(|what| source.mistake(text.span().start, "skills", what))?,
        None => BTreeMap::new(),
    };
    Ok(Play {
        key: raw.key.into_inner(),
        package: raw.package.map(Spanned::into_inner),
        title: raw.title.into_inner(),
        description: raw.description,
        category: raw.category.unwrap_or(Category::Execution),
        skills,
        role: raw.role,
        minutes: raw.estimate.into_inner(),
        points: Some(raw.points.into_inner()),
        complexity: raw.complexity.unwrap_or(Complexity::Moderate),
        acceptance: raw.acceptance,
        after: raw.after.into_iter().map(Spanned::into_inner).collect(),
        does: raw.does,
    })
}

fn check_sizes(source: &Source, raw: &RawPlay) -> Result<(), Mistake> {
    if !(1..=LONGEST).contains(raw.estimate.get_ref()) {
        let what = format!("an estimate is 1 to {LONGEST} minutes; split what takes longer");
        return Err(source.mistake(raw.estimate.span().start, "estimate", what));
    }
    if !(0.0..=100.0).contains(raw.points.get_ref()) {
        return Err(source.mistake(raw.points.span().start, "points", "story points are 0 to 100"));
    }
    if raw.title.get_ref().trim().is_empty() {
        return Err(source.mistake(raw.title.span().start, "title", "a task has a title"));
    }
    Ok(())
}

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../assets/playbooks/", $name)))),+]
    };
}

/// The playbooks that are part of the program: file name and text; what serves everything comes last.
pub const BUILT_IN: &[(&str, &str)] = built_in![
    "accessibility.toml",
    "ai-feature.toml",
    "api-endpoint.toml",
    "authentication.toml",
    "background-jobs.toml",
    "backup-restore.toml",
    "bug-fix.toml",
    "ci-pipeline.toml",
    "cli-command.toml",
    "data-migration.toml",
    "data-pipeline.toml",
    "dependency-upgrade.toml",
    "deprecation.toml",
    "design-system.toml",
    "documentation.toml",
    "experiment.toml",
    "import-export.toml",
    "incident-follow-up.toml",
    "infrastructure.toml",
    "integration.toml",
    "internationalization.toml",
    "leaked-secret.toml",
    "load-test.toml",
    "ml-model.toml",
    "mobile-app.toml",
    "notifications.toml",
    "observability.toml",
    "payment.toml",
    "performance.toml",
    "prevention.toml",
    "privacy.toml",
    "refactoring.toml",
    "release.toml",
    "reporting.toml",
    "research-spike.toml",
    "search.toml",
    "security-hardening.toml",
    "team-onboarding.toml",
    "testing.toml",
    "ui-screen.toml",
    "user-onboarding.toml",
    "feature.toml",
];

/// Read once: a face asks for them whenever the board has moved.
static READ: LazyLock<Vec<Playbook>> = LazyLock::new(|| {
    let read = |(file, text): &(&str, &str)| Playbook::parse(file, text).expect("a test reads every built-in playbook");
    BUILT_IN.iter().map(read).collect()
});

/// A set of playbooks to choose from.
#[derive(Debug, Clone, PartialEq)]
pub struct Library {
    books: Vec<Playbook>,
    /// How many of them, from the first on, are the user's own.
    own: usize,
    past: Vec<Past>,
    proposed: Vec<(Objective, Playbook)>,
}

impl Library {
    /// The built-in playbooks with the user's own, given as path and text: one of the same name takes the other's place.
    ///
    /// # Errors
    /// The first mistake in any of them.
    pub fn with(own: &[(String, String)]) -> Result<Self, Mistake> {
        let mut books = Vec::new();
        for (file, text) in own {
            books.push(Playbook::parse(file, text)?);
        }
        let replaced = |book: &&Playbook| books.iter().any(|own: &Playbook| own.name == book.name);
        let own = books.len();
        let rest: Vec<Playbook> = READ.iter().filter(|book| !replaced(book)).cloned().collect();
        books.extend(rest);
        Ok(Self { books, own, past: Vec::new(), proposed: Vec::new() })
    }

    /// The built-in playbooks alone.
    pub fn built_in() -> Self {
        Self { books: READ.clone(), own: 0, past: Vec::new(), proposed: Vec::new() }
    }

    /// Learns from a finished deliverable and everything below it; of several that are alike, the last one counts.
    pub fn learn(&mut self, whole: &Task, parts: &[Task]) {
        let Some(objective) = objectives(&whole.title).into_iter().next() else { return };
        let sort = by_words(&objective, self).main.name.clone();
        self.past.extend(Past::of(whole, parts, &objective, &sort));
    }

    /// Knows of the past what another library has learned.
    pub fn remember(&mut self, other: &Self) {
        self.past.clone_from(&other.past);
    }

    /// Takes over what was made for one objective alone, by whoever knows more than playbooks; it goes before all else.
    pub fn propose(&mut self, objective: Objective, book: Playbook) {
        self.proposed.push((objective, book));
    }

    /// What was made for this objective alone, the last one of several.
    pub(super) fn proposed(&self, objective: &Objective) -> Option<&Playbook> {
        self.proposed.iter().rev().find(|(known, _)| known == objective).map(|(_, book)| book)
    }

    /// True for a playbook of the user's own.
    pub(super) fn is_own(&self, book: &Playbook) -> bool {
        self.books[..self.own].iter().any(|own| own.name == book.name)
    }

    /// What the team has done before.
    pub(super) fn past(&self) -> &[Past] {
        &self.past
    }

    /// The playbooks, the user's own first.
    pub fn books(&self) -> &[Playbook] {
        &self.books
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = "title = \"T\"\nmatch = [\"tea\"]\ndeliverable = \"{title}\"\n\n[[task]]\nkey = \"a\"\ntitle = \"A\"\nestimate = 30\npoints = 1\n";

    fn mistake(text: &str) -> String {
        Playbook::parse(".vayu/playbooks/tea.toml", text).expect_err("a mistake").to_string()
    }

    #[test]
    fn every_built_in_playbook_reads_and_says_when_each_task_is_done() {
        let library = Library::built_in();
        assert!(library.books().len() == BUILT_IN.len() && BUILT_IN.len() >= 25);
        assert_eq!(library.books().iter().filter(|book| book.fallback).count(), 1);
        for book in library.books() {
            assert!(book.plays.len() >= 3 && !book.matches.is_empty() && !book.summary.is_empty(), "{}", book.name);
            for play in &book.plays {
                let whole = !play.acceptance.is_empty() && !play.skills.is_empty() && play.role.is_some();
                assert!(whole, "{}: {}", book.name, play.key);
                assert!(play.title.contains("{subject}"), "{}: {} does not say of what", book.name, play.key);
            }
        }
    }

    #[test]
    fn sizes_are_those_of_a_day_or_less_and_points_go_with_minutes() {
        for book in Library::built_in().books() {
            let hours = book.plays.iter().map(|play| play.minutes).sum::<u32>() / 60;
            assert!((4..=24).contains(&hours), "{}: {hours} h", book.name);
            for play in &book.plays {
                let per_point = f64::from(play.minutes) / play.points.expect("a file says points");
                assert!((30..=480).contains(&play.minutes), "{}: {}: {} min", book.name, play.key, play.minutes);
                assert!((80.0..=150.0).contains(&per_point), "{}: {}: {per_point} min a point", book.name, play.key);
            }
        }
    }

    #[test]
    fn something_can_begin_at_once_and_something_ends_it() {
        for book in Library::built_in().books() {
            let begins = book.plays.iter().filter(|play| play.after.is_empty()).count();
            let awaited: BTreeSet<&String> = book.plays.iter().flat_map(|play| &play.after).collect();
            let ends = book.plays.iter().filter(|play| !awaited.contains(&play.key)).count();
            assert!(begins >= 1 && ends >= 1 && begins < book.plays.len(), "{}", book.name);
        }
    }

    #[test]
    fn a_mistake_names_file_line_and_key() {
        assert_eq!(
            mistake(&BOOK.replace("30", "0")),
            ".vayu/playbooks/tea.toml:8: estimate: an estimate is 1 to 4800 minutes; split what takes longer"
        );
        assert!(mistake(&format!("{BOOK}skils = \"rust:3\"\n")).starts_with(".vayu/playbooks/tea.toml:10: skils: "));
        assert!(mistake(&format!("{BOOK}skills = \"rust:9\"\n")).contains("tea.toml:10: skills: "));
        assert!(mistake(&format!("{BOOK}after = [\"b\"]\n")).contains("tea.toml:10: after: no task `b` above"));
        assert!(mistake("title = \n").contains("tea.toml:1: title: "));
        assert!(mistake("title=\"x\"\nmatch=[]\ndeliverable=\"d\"\n").contains("task: a playbook has at least one"));
    }

    #[test]
    fn a_users_playbook_takes_the_place_of_the_built_in_one() {
        let own = [(".vayu/playbooks/testing.toml".to_owned(), BOOK.to_owned())];
        let library = Library::with(&own).expect("valid");
        assert_eq!(library.books().len(), BUILT_IN.len());
        assert_eq!(library.books()[0].matches, ["tea"]);
    }
}
