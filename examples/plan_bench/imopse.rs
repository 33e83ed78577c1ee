//! iMOPSE (`.def`): tasks that need one skill at a level, resources that have skills.

use std::collections::HashMap;

use crate::instance::Instance;
use vayu::plan::schedule::model::{Activity, Link, Mode, Objective, Problem, Resource};

/// Reads an instance.
pub fn read(text: &str) -> Option<Instance> {
    let (_, rest) = text.split_once("ResourceID")?;
    let (people, tasks) = rest.split_once("TaskID")?;
    let (people, tasks) = (table(people), table(tasks));
    let skills: Vec<HashMap<&str, u32>> = people.iter().map(|row| skills(row.get(2..)?)).collect::<Option<_>>()?;
    let index: HashMap<&str, usize> = tasks.iter().enumerate().map(|(at, row)| (row[0].as_str(), at)).collect();
    let activities: Vec<Activity> = tasks.iter().map(|row| activity(row, &skills, &index)).collect::<Option<_>>()?;
    let horizon = activities.iter().map(Activity::shortest).sum();
    let resources = vec![Resource::pool(1); people.len()];
    Some(Instance {
        problem: Problem { resources, activities, objective: Objective::FINISH, horizon },
        stages: tasks.iter().map(|row| vec![row[0].clone()]).collect(),
        resources: people.iter().map(|row| row[0].clone()).collect(),
    })
}

/// A row is name, duration, skill, level and what comes before.
fn activity(row: &[String], people: &[HashMap<&str, u32>], index: &HashMap<&str, usize>) -> Option<Activity> {
    let [_, duration, skill, level, before @ ..] = row else { return None };
    let (duration, level): (u32, u32) = (duration.parse().ok()?, level.parse().ok()?);
    let able = (0..people.len()).filter(|&who| people[who].get(skill.as_str()).is_some_and(|&has| has >= level));
    let mut activity = Activity::of(able.map(|who| Mode::of(who, duration)).collect());
    for name in before {
        activity.after.push(Link { activity: *index.get(name.as_str())?, lag: 0 });
    }
    Some(activity)
}

fn table(part: &str) -> Vec<Vec<String>> {
    let rows = part.lines().skip(1).map(|row| row.replace(':', " "));
    let rows = rows.map(|row| row.split_whitespace().map(str::to_owned).collect::<Vec<String>>());
    rows.filter(|row| row.first().is_some_and(|word| !word.starts_with('='))).collect()
}

fn skills(words: &[String]) -> Option<HashMap<&str, u32>> {
    words.chunks_exact(2).map(|pair| Some((pair[0].as_str(), pair[1].parse().ok()?))).collect()
}
