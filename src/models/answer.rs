//! What a language model answered, checked: sizes, order, names. Whatever is wrong is said in words that it can mend.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Question, Settings};
use crate::domain::TaskKind;
use crate::domain::agent::parse_skills;
use crate::domain::task::{Category, Complexity};
use crate::plan::breakdown::Playbook;
use crate::plan::breakdown::playbook::Play;
use crate::plan::objectives::Objective;

/// Longest answer that is read, in bytes.
const LONGEST: usize = 512 * 1024;
/// Most tasks of one objective.
const MOST_TASKS: usize = 20;
/// Most criteria of one task.
const MOST_CRITERIA: usize = 10;
/// Minutes that a task may take.
const MINUTES: std::ops::RangeInclusive<u32> = 5..=4800;
/// Longest title in characters.
const TITLE: usize = 200;
/// Longest other text in characters.
const TEXT: usize = 2_000;
/// Longest name of a skill or role in characters.
const NAME: usize = 40;

/// An objective with the tasks that a model proposes for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakdown {
    /// The objective.
    pub objective: Objective,
    /// Its tasks, in the form of a playbook made for it alone.
    pub book: Playbook,
}

#[derive(Deserialize)]
struct Raw {
    breakdowns: Vec<RawBreakdown>,
}

#[derive(Deserialize)]
struct RawBreakdown {
    objective: usize,
    tasks: Vec<RawTask>,
}

#[derive(Deserialize)]
struct RawTask {
    key: String,
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    category: Option<Category>,
    #[serde(default)]
    skills: Vec<RawSkill>,
    #[serde(default)]
    role: Option<String>,
    minutes: u32,
    #[serde(default)]
    complexity: Option<Complexity>,
    acceptance: Vec<String>,
    #[serde(default)]
    after: Vec<String>,
}

#[derive(Deserialize)]
struct RawSkill {
    skill: String,
    level: u8,
}

/// The breakdowns in an answer; what is wrong with it, for the model to mend.
pub(super) fn read(answer: &str, question: &Question, settings: &Settings) -> Result<Vec<Breakdown>, String> {
    if answer.len() > LONGEST {
        return Err("it is far too long".into());
    }
    // Some models wrap what they were asked for in words.
    let json = answer.find('{').zip(answer.rfind('}')).and_then(|(from, to)| answer.get(from..=to));
    let raw: Raw = serde_json::from_str(json.unwrap_or_default()).map_err(|error| format!("no such JSON: {error}"))?;
    let mut found: BTreeMap<usize, Breakdown> = BTreeMap::new();
    for part in raw.breakdowns {
        let at = part.objective;
        let objective = at.checked_sub(1).and_then(|at| question.objectives.get(at));
        let objective = objective.ok_or_else(|| format!("there is no objective {at}"))?.clone();
        let mut plays = plays(part.tasks).map_err(|wrong| format!("objective {at}: {wrong}"))?;
        // It was told how large the objective sounds; tasks are laid out as if nothing had been said of that.
        let factor = objective.size.factor();
        for play in &mut plays {
            play.minutes = (f64::from(play.minutes) / factor).round() as u32;
        }
        let book = book(plays, &settings.name);
        if found.insert(at, Breakdown { objective, book }).is_some() {
            return Err(format!("objective {at} has two breakdowns"));
        }
    }
    match (1..=question.objectives.len()).find(|at| !found.contains_key(at)) {
        Some(at) => Err(format!("objective {at} has no breakdown")),
        None => Ok(found.into_values().collect()),
    }
}

fn book(plays: Vec<Play>, model: &str) -> Playbook {
    Playbook {
        name: "model".into(),
        title: "Language model".into(),
        summary: String::new(),
        origin: format!("by the language model {model}"),
        matches: Vec::new(),
        fallback: false,
        joins: None,
        inside: false,
        kind: TaskKind::UserRequest,
        deliverable: "{title}".into(),
        packages: Vec::new(),
        plays,
    }
}

/// The tasks, what comes first before what waits for it.
fn plays(raw: Vec<RawTask>) -> Result<Vec<Play>, String> {
    if !(1..=MOST_TASKS).contains(&raw.len()) {
        return Err(format!("{} tasks, where 1 to {MOST_TASKS} are taken", raw.len()));
    }
    let keys: BTreeSet<String> = raw.iter().map(|task| task.key.clone()).collect();
    if keys.len() < raw.len() {
        return Err("two tasks have the same key".into());
    }
    let mut rest: Vec<Play> = raw.into_iter().map(|task| play(task, &keys)).collect::<Result<_, _>>()?;
    let mut ordered: Vec<Play> = Vec::new();
    while !rest.is_empty() {
        let free = |play: &Play| play.after.iter().all(|key| ordered.iter().any(|done| done.key == *key));
        let Some(at) = rest.iter().position(free) else {
            return Err(format!("the tasks wait for one another in a circle, `{}` among them", rest[0].key));
        };
        ordered.push(rest.remove(at));
    }
    Ok(ordered)
}

fn play(raw: RawTask, keys: &BTreeSet<String>) -> Result<Play, String> {
    let key = clean(&raw.key, NAME);
    let title = clean(&raw.title, TITLE);
    let acceptance: Vec<String> =
        raw.acceptance.iter().map(|text| clean(text, TEXT)).filter(|text| !text.is_empty()).collect();
    if title.is_empty() {
        return Err(format!("task `{key}` has no title"));
    }
    if !MINUTES.contains(&raw.minutes) {
        return Err(format!("task `{key}`: {} minutes, where {MINUTES:?} are taken", raw.minutes));
    }
    if !(1..=MOST_CRITERIA).contains(&acceptance.len()) {
        return Err(format!(
            "task `{key}` has {} acceptance criteria, where 1 to {MOST_CRITERIA} are taken",
            acceptance.len()
        ));
    }
    if let Some(unknown) = raw.after.iter().find(|after| !keys.contains(*after)) {
        return Err(format!("task `{key}` waits for `{}`, which is no task", clean(unknown, NAME)));
    }
    Ok(Play {
        skills: skills(&raw.skills).map_err(|wrong| format!("task `{key}`: {wrong}"))?,
        key: raw.key,
        package: None,
        title,
        description: clean(&raw.description, TEXT),
        category: raw.category.unwrap_or(Category::Execution),
        role: raw.role.map(|role| clean(&role, NAME)).filter(|role| !role.is_empty()),
        minutes: raw.minutes,
        points: None,
        complexity: raw.complexity.unwrap_or(Complexity::Moderate),
        acceptance,
        after: raw.after,
        does: false,
    })
}

fn skills(raw: &[RawSkill]) -> Result<BTreeMap<String, u8>, String> {
    let mut skills = BTreeMap::new();
    for one in raw {
        let name = clean(&one.skill, NAME).to_lowercase();
        if name.contains([',', ':']) {
            return Err(format!("`{name}` is no name of a skill"));
        }
        skills.extend(parse_skills(&format!("{name}:{}", one.level))?);
    }
    Ok(skills)
}

/// One line without control characters, not longer than this. What a template would fill in is taken literally.
fn clean(text: &str, longest: usize) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut literal = plain;
    while let Some(slot) = ["{subject}", "{title}"].into_iter().find(|slot| literal.contains(slot)) {
        literal = literal.replace(slot, "");
    }
    let words: Vec<&str> = literal.split_whitespace().collect();
    words.join(" ").chars().take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::objectives::objectives;
    use serde_json::{Value, json};

    fn task(key: &str, after: &[&str]) -> Value {
        json!({ "key": key, "title": format!("Do {key}"), "skills": [{ "skill": "Rust", "level": 3 }], "minutes": 60,
            "acceptance": ["It is done"], "after": after })
    }

    fn answered(tasks: &Value) -> Result<Vec<Breakdown>, String> {
        let settings = Settings::read(|name| (name == "VAYU_MODEL").then(|| "ollama::m".into()));
        let settings = settings.expect("valid").expect("set");
        let question = Question::new(objectives("Add search"), &[]);
        read(&json!({ "breakdowns": [{ "objective": 1, "tasks": tasks }] }).to_string(), &question, &settings)
    }

    fn refused(alter: impl FnOnce(&mut Value)) -> String {
        let mut tasks = json!([task("a", &[]), task("b", &["a"])]);
        alter(&mut tasks);
        answered(&tasks).expect_err("refused")
    }

    #[test]
    fn tasks_come_in_an_order_that_can_be_worked() {
        let found = answered(&json!([task("b", &["a"]), task("a", &[])])).expect("valid").remove(0);
        let keys: Vec<&str> = found.book.plays.iter().map(|play| play.key.as_str()).collect();
        assert_eq!((keys, found.objective.title.as_str()), (vec!["a", "b"], "Add search"));
        assert_eq!(found.book.plays[0].skills.get("rust"), Some(&3));
    }

    #[test]
    fn what_cannot_be_used_is_said_so_that_it_can_be_mended() {
        for (field, value, said) in [
            ("minutes", json!(0), "task `b`: 0 minutes"),
            ("title", json!(" \u{7} "), "task `b` has no title"),
            ("acceptance", json!([]), "0 acceptance criteria"),
            ("after", json!(["x"]), "waits for `x`, which is no task"),
            ("after", json!(["b"]), "in a circle, `b` among them"),
            ("key", json!("a"), "the same key"),
            ("skills", json!([{ "skill": "rust", "level": 9 }]), "a skill level is 1 to 5"),
            ("skills", json!([{ "skill": "a,b", "level": 1 }]), "no name of a skill"),
            ("minutes", json!("long"), "no such JSON"),
        ] {
            let wrong = refused(|tasks| tasks[1][field] = value);
            assert!(wrong.contains(said), "{wrong}");
        }
        assert!(refused(|tasks| *tasks = json!([])).contains("0 tasks"));
    }

    #[test]
    fn an_objective_without_a_breakdown_is_missed() {
        let settings = Settings::read(|name| (name == "VAYU_MODEL").then(|| "ollama::m".into()));
        let settings = settings.expect("valid").expect("set");
        let question = Question::new(objectives("Add search"), &[]);
        let said = |answer: &str| read(answer, &question, &settings).expect_err("refused");
        assert_eq!(said("{\"breakdowns\": []}"), "objective 1 has no breakdown");
        assert!(said("I cannot do that.").contains("no such JSON"));
        assert!(
            said(&json!({ "breakdowns": [{ "objective": 2, "tasks": [] }] }).to_string()).contains("no objective 2")
        );
    }

    #[test]
    fn hostile_text_comes_out_as_plain_text_of_one_line() {
        let mut one = task("a", &[]);
        one["title"] = json!("Do\u{1b}[2J\nit {subject}");
        let found = answered(&json!([one])).expect("valid");
        assert_eq!(found[0].book.plays[0].title, "Do [2J it");
    }
}
