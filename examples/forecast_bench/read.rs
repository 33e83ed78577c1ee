//! A forecast question as people and programs write it down: the project format of `vayu plan solve`, looser, with a
//! history and a goal (`docs/forecast-format.md`).

use color_eyre::eyre::{Context, OptionExt, Result, bail, ensure};
use serde_json::{Map, Value, json};
use vayu::plan::forecast::{History, Past};
use vayu::plan::project::Project;

/// Keys of a project; everything else at the top is about the forecast.
const PROJECT: [&str; 7] = ["start", "zone", "ends", "objective", "resources", "lanes", "agents"];
/// Words for a task that has not ended.
const OPEN: [&str; 9] =
    ["running", "paused", "cancelled", "canceled", "open", "executing", "in_progress", "in progress", "unfinished"];

/// What stands in a file.
pub struct Asked {
    pub project: Project,
    /// By task: minutes of work that have gone into it already.
    pub worked: Vec<Option<f64>>,
    /// By task: spread of its size where that was given as a range.
    pub spreads: Vec<Option<f64>>,
    pub history: History,
    pub goals: Vec<NamedGoal>,
    pub risks: Vec<NamedRisk>,
}

/// Something to be done by a date.
pub struct NamedGoal {
    pub name: String,
    pub tasks: Vec<String>,
    /// As it is written; none means the end of the project.
    pub by: Option<Value>,
}

/// Something that may happen.
pub struct NamedRisk {
    pub name: String,
    pub chance: f64,
    pub minutes: (f64, f64),
    pub tasks: Vec<String>,
}

/// Reads a file's JSON.
pub fn read(text: &str) -> Result<Asked> {
    let whole: Value = serde_json::from_str(text).wrap_err("this is no JSON")?;
    let whole = whole.as_object().ok_or_eyre("expected an object with `agents` and `tasks`")?;
    let mut project: Map<String, Value> =
        whole.iter().filter(|(key, _)| PROJECT.contains(&key.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect();
    let agents = list(whole, &["agents", "team"]).ok_or_eyre("nobody is there: `agents` is missing")?;
    let agents: Vec<Value> = agents.iter().enumerate().map(|(at, agent)| member(agent, at)).collect::<Result<_>>()?;
    let written = list(whole, &["tasks"]).ok_or_eyre("nothing is to be done: `tasks` is missing")?;
    let (mut tasks, mut worked, mut spreads) = (Vec::new(), Vec::new(), Vec::new());
    for (at, one) in written.iter().enumerate() {
        if is_done(one) {
            continue;
        }
        let (task, spread) = task(one, at)?;
        tasks.push(task);
        spreads.push(spread);
        worked.push(minutes(one, &["worked", "spent", "elapsed"]).filter(|worked| *worked > 0.0));
    }
    drop_done(&mut tasks, written);
    project.insert("agents".into(), even(agents).into());
    let history = history(whole, &project, tasks.len())?;
    project.insert("tasks".into(), tasks.into());
    let project: Project = serde_json::from_value(project.into()).wrap_err("this is no project")?;
    let risks = list(whole, &["risks"]).unwrap_or_default().iter().map(risk).collect::<Result<_>>()?;
    Ok(Asked { project, worked, spreads, history, goals: goals(whole)?, risks })
}

fn get<'a>(of: &'a Value, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().find_map(|key| of.get(key)).filter(|value| !value.is_null())
}

fn list<'a>(of: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a [Value]> {
    keys.iter().find_map(|key| of.get(*key)?.as_array()).map(Vec::as_slice)
}

fn name(of: &Value, keys: &[&str]) -> Option<String> {
    match get(of, keys)? {
        Value::String(name) => Some(name.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Minutes: a number, text such as `4h`, or the same key with `_hours` and a number of hours.
fn minutes(of: &Value, keys: &[&str]) -> Option<f64> {
    let hours = |key: &&str| of.get(format!("{key}_hours"))?.as_f64().map(|hours| hours * 60.0);
    keys.iter().find_map(hours).or_else(|| length(get(of, keys)?))
}

fn length(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => {
            let (number, unit) = text.trim().split_at(text.trim().find(|c: char| c.is_alphabetic())?);
            let factor = match unit.trim() {
                "m" | "min" => 1.0,
                "h" => 60.0,
                "d" => 1440.0,
                _ => {
                    return serde_json::from_value::<vayu::plan::project::Span>(value.clone())
                        .ok()
                        .map(|s| f64::from(s.0));
                }
            };
            number.trim().parse::<f64>().ok().map(|number| number * factor)
        }
        _ => None,
    }
}

/// Somebody: a name, or an object in the words of the project format or near them.
fn member(agent: &Value, at: usize) -> Result<Value> {
    if let Value::String(name) = agent {
        return Ok(json!({ "name": name }));
    }
    let mut own = agent.as_object().cloned().ok_or_eyre(format!("agents[{at}] is neither a name nor an object"))?;
    let name = name(agent, &["name", "id"]).unwrap_or_else(|| format!("agent {}", at + 1));
    own.remove("id");
    own.insert("name".into(), name.into());
    if let Some(Value::Array(skills)) = own.get("skills").cloned() {
        let skills: Map<String, Value> =
            skills.iter().filter_map(|s| Some((s.as_str()?.to_owned(), json!(5)))).collect();
        own.insert("skills".into(), skills.into());
    }
    Ok(own.into())
}

/// Hours a day in numbers say how much of the fullest day each has: that day is what counts as working hours.
fn even(mut agents: Vec<Value>) -> Vec<Value> {
    let hours = |agent: &Value| agent.get("hours_per_day").and_then(Value::as_f64).filter(|hours| *hours > 0.0);
    let most = agents.iter().filter_map(hours).fold(0.0, f64::max);
    for agent in &mut agents {
        let share = hours(agent).map(|hours| hours / most);
        if let Some(own) = agent.as_object_mut() {
            own.remove("hours_per_day");
            if let Some(share) = share {
                own.insert("focus".into(), json!(share * own.get("focus").and_then(Value::as_f64).unwrap_or(1.0)));
            }
        }
    }
    agents
}

fn is_done(task: &Value) -> bool {
    let word = name(task, &["status", "state"]).unwrap_or_default().to_lowercase();
    ["done", "completed", "closed"].contains(&word.as_str())
}

/// A task, and the spread of its size.
fn task(task: &Value, at: usize) -> Result<(Value, Option<f64>)> {
    let name_of = name(task, &["name", "id", "key", "title"]).unwrap_or_else(|| format!("task {}", at + 1));
    if task.get("stages").is_some() {
        let mut own = task.as_object().cloned().unwrap_or_default();
        for key in ["id", "key", "title", "worked", "spent", "elapsed", "status", "state"] {
            own.remove(key);
        }
        own.insert("name".into(), name_of.into());
        return Ok((own.into(), None));
    }
    let (effort, spread) =
        effort(task).ok_or_eyre(format!("task `{name_of}` has no effort; try `\"effort\": \"4h\"`"))?;
    let mut work = json!({ "name": "work", "effort": effort });
    if let Some(agent) = name(task, &["agent", "assignee", "pinned_to"]) {
        work["agents"] = json!([agent]);
    }
    for key in ["skill", "level", "agents", "uses"] {
        if let Some(value) = task.get(key) {
            work[key] = value.clone();
        }
    }
    let mut stages = vec![work];
    if let Some(review) = get(task, &["review"]) {
        let mut stage = json!({ "name": "review" });
        let effort = length(review).or_else(|| minutes(review, &["effort", "minutes", "estimate"]));
        stage["effort"] = json!(effort.ok_or_eyre(format!("the review of `{name_of}` has no effort"))?.round() as u32);
        for (from, to) in [("agents", "agents"), ("skill", "skill"), ("level", "level")] {
            if let Some(value) = review.get(from) {
                stage[to] = value.clone();
            }
        }
        if let Some(agent) = name(review, &["agent", "reviewer"]).or_else(|| name(task, &["reviewer"])) {
            stage["agents"] = json!([agent]);
        }
        stages.push(stage);
    }
    let mut own = json!({ "name": name_of, "stages": stages });
    if let Some(after) = get(task, &["after", "depends_on", "dependencies", "blocked_by", "predecessors"]) {
        let names = after.as_array().cloned().unwrap_or_else(|| vec![after.clone()]);
        own["after"] =
            names.iter().map(|one| if one.is_number() { json!(one.to_string()) } else { one.clone() }).collect();
    }
    for key in ["value", "not_before", "due", "weight", "deadline", "pinned", "touches"] {
        if let Some(value) = task.get(key) {
            own[key] = value.clone();
        }
    }
    Ok((own, spread))
}

/// Minutes of work at the median, and their spread: `4h`, or `3-8h` from the 10 % to the 90 % quantile.
fn effort(task: &Value) -> Option<(u32, Option<f64>)> {
    const KEYS: [&str; 5] = ["effort", "estimate", "minutes", "duration", "size"];
    if let Some(hours) = task.get("hours").and_then(Value::as_f64) {
        return Some(((hours * 60.0).round() as u32, None));
    }
    let text = get(task, &KEYS).and_then(Value::as_str);
    if let Some((low, high)) = text.and_then(|text| text.split_once('-')) {
        let unit: String = high.chars().filter(|c| c.is_alphabetic()).collect();
        let low = length(&json!(low)).or_else(|| length(&json!(format!("{low}{unit}"))))?;
        let high = length(&json!(high)).filter(|high| *high > low && low > 0.0)?;
        let spread = (high / low).ln() / 2.5631;
        return Some(((low * high).sqrt().round() as u32, Some(spread))).filter(|(minutes, _)| *minutes > 0);
    }
    let found = minutes(task, &KEYS).filter(|minutes| minutes.is_finite() && *minutes >= 0.0)?;
    Some((found.round() as u32, None))
}

/// What is done holds nobody up.
fn drop_done(tasks: &mut [Value], written: &[Value]) {
    let done =
        written.iter().filter(|task| is_done(task)).filter_map(|task| name(task, &["name", "id", "key", "title"]));
    let done: Vec<String> = done.collect();
    for after in tasks.iter_mut().filter_map(|task| task.get_mut("after")?.as_array_mut()) {
        after.retain(|one| {
            let name = one.as_str().or_else(|| one.get("task")?.as_str());
            name.is_none_or(|name| !done.iter().any(|done| done == name))
        });
    }
}

fn history(whole: &Map<String, Value>, project: &Map<String, Value>, size: usize) -> Result<History> {
    let Some(history) = whole.get("history") else { return Ok(History::default()) };
    let rows = history.as_array().or_else(|| history.get("tasks")?.as_array());
    let rows = rows.ok_or_eyre("`history` is no list of tasks")?;
    let empty = Vec::new();
    let agents = project.get("agents").and_then(Value::as_array).unwrap_or(&empty);
    let agents: Vec<String> = agents.iter().filter_map(|agent| name(agent, &["name"])).collect();
    let mut sprints: Vec<String> = Vec::new();
    let batch = size.max(10);
    let mut tasks = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        // Without sprints, so many in a row as are to be done now are taken for one.
        let sprint = name(row, &["sprint", "iteration"]).unwrap_or_else(|| format!("batch {}", at / batch));
        let number = sprints.iter().position(|one| *one == sprint).unwrap_or_else(|| {
            sprints.push(sprint);
            sprints.len() - 1
        });
        tasks.push(past(row, number, &agents).wrap_err_with(|| format!("history[{at}]"))?);
    }
    let now = whole.get("sprint").and_then(|now| name(&json!({ "now": now }), &["now"]));
    let now = now.and_then(|now| sprints.iter().position(|one| *one == now)).unwrap_or(sprints.len());
    // The sprint that is foretold comes last.
    for task in &mut tasks {
        task.sprint = if task.sprint == now { sprints.len() } else { task.sprint };
    }
    let answers = list(whole, &["answers"]).or_else(|| history.get("answers")?.as_array().map(Vec::as_slice));
    let answers = answers.unwrap_or_default().iter().filter_map(length).collect();
    let reviews = rows.iter().filter_map(review).collect();
    Ok(History { tasks, answers, reviews, sprint: sprints.len() })
}

fn past(row: &Value, sprint: usize, agents: &[String]) -> Result<Past> {
    let thought =
        minutes(row, &["estimate", "estimated", "thought", "effort", "planned"]).ok_or_eyre("no `estimate`")?;
    let took = minutes(row, &["actual", "active", "minutes", "took", "duration"]).ok_or_eyre("no `actual`")?;
    ensure!(thought >= 0.0 && took >= 0.0, "lengths are never below 0");
    let word = name(row, &["status", "state"]).unwrap_or_default().to_lowercase();
    let said = get(row, &["done", "finished", "completed", "ended"]).and_then(Value::as_bool);
    let censored = get(row, &["censored"]).and_then(Value::as_bool).map(|censored| !censored);
    let ended = said.or(censored).unwrap_or(!OPEN.contains(&word.as_str()));
    let agent = name(row, &["agent", "assignee", "who"]).and_then(|name| agents.iter().position(|one| *one == name));
    let count = |keys: &[&str]| match get(row, keys) {
        Some(Value::Bool(yes)) => Some(u32::from(*yes)),
        Some(value) => value.as_u64().map(|count| count.min(100) as u32),
        None => None,
    };
    Ok(Past {
        agent,
        sprint,
        thought,
        took,
        ended,
        sent_back: count(&["sent_back", "rejections", "rework_rounds", "rejected", "reworks"]),
        passed: ended,
        redoing: false,
        redone: minutes(row, &["rework_minutes", "redone", "rework"]),
        asks: count(&["asks", "questions"]),
    })
}

/// Minutes that the review of a task was thought to take, and took.
fn review(row: &Value) -> Option<(f64, f64)> {
    let thought = minutes(row, &["review_estimate", "review_thought"]);
    thought.zip(minutes(row, &["review_actual", "review", "review_minutes"]))
}

fn goals(whole: &Map<String, Value>) -> Result<Vec<NamedGoal>> {
    let mut found = Vec::new();
    match whole.get("goal") {
        None | Some(Value::Null) => {}
        Some(goal @ Value::Object(_)) => found.push(named(goal, "goal")),
        Some(by @ (Value::String(_) | Value::Number(_))) => {
            found.push(NamedGoal { name: "goal".into(), tasks: Vec::new(), by: Some(by.clone()) });
        }
        Some(_) => bail!("`goal` is a date, a length from the start, or an object with `by` and `tasks`"),
    }
    if found.is_empty() {
        found.push(NamedGoal { name: "goal".into(), tasks: Vec::new(), by: None });
    }
    found.extend(list(whole, &["milestones"]).unwrap_or_default().iter().map(|one| named(one, "milestone")));
    Ok(found)
}

fn named(goal: &Value, otherwise: &str) -> NamedGoal {
    let tasks = goal.get("tasks").and_then(Value::as_array).cloned().unwrap_or_default();
    let hours =
        get(goal, &["by_hours", "hours"]).and_then(Value::as_f64).map(|hours| json!((hours * 60.0).round() as u32));
    NamedGoal {
        name: name(goal, &["name"]).unwrap_or_else(|| otherwise.to_owned()),
        tasks: tasks.iter().filter_map(|task| name(&json!({ "name": task }), &["name"])).collect(),
        by: hours.or_else(|| get(goal, &["by", "date", "at", "deadline"]).cloned()),
    }
}

fn risk(risk: &Value) -> Result<NamedRisk> {
    let name_of = name(risk, &["name"]).unwrap_or_else(|| "risk".into());
    let chance =
        get(risk, &["chance", "probability"]).and_then(Value::as_f64).filter(|chance| (0.0..=1.0).contains(chance));
    let chance = chance.ok_or_eyre(format!("risk `{name_of}`: `chance` is a number from 0 to 1"))?;
    let range = |value: &Value| Some((length(value.get(0)?)?, length(value.get(1)?)?));
    let written =
        get(risk, &["minutes", "impact", "delay"]).ok_or_eyre(format!("risk `{name_of}` has no `minutes`"))?;
    let minutes = range(written).or_else(|| length(written).map(|one| (one, one)));
    let minutes = minutes.ok_or_eyre(format!("risk `{name_of}`: `minutes` is a length or [low, high]"))?;
    let tasks = risk.get("tasks").and_then(Value::as_array).cloned().unwrap_or_default();
    let tasks = tasks.iter().filter_map(|task| name(&json!({ "name": task }), &["name"])).collect();
    Ok(NamedRisk { name: name_of, chance, minutes, tasks })
}
