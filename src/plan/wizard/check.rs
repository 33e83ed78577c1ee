//! What to look at before a sprint starts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Draft, Ground, Job, Outlook};
use crate::domain::deps::{Edges, chains};
use crate::domain::words::{count, hours, listed};
use crate::domain::{AgentKind, TaskId, Timestamp};
use crate::plan::breakdown::UNCLEAR;
use crate::plan::capacity::{BUSY, Load};

/// Kinds of lack that are named; the others are counted.
const LACKS: usize = 3;
/// Names in one line; the others are counted.
const NAMED: usize = 3;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The sprint cannot start like this.
    Stop,
    /// Look at it.
    Warn,
    /// As it should be.
    Fine,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// How grave.
    pub weight: Weight,
    /// Which task it is about.
    pub task_id: Option<TaskId>,
    /// In words, with what to do.
    pub text: String,
    /// Stops only the start: the plan can be kept.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub start_only: bool,
}

impl Check {
    fn new(weight: Weight, task_id: Option<TaskId>, text: impl Into<String>) -> Self {
        Self { weight, task_id, text: text.into(), start_only: false }
    }
}

/// All findings, the gravest first.
pub(super) fn checks(draft: &Draft, ground: &Ground, outlook: &Outlook) -> Vec<Check> {
    let picked: Vec<&Job> = outlook.jobs.iter().filter(|job| job.picked).collect();
    let mut found = frame(draft, ground, &picked);
    // Without a team nothing fits, and that has been said.
    if !ground.team.is_empty() {
        found.extend(room(outlook, ground));
        found.extend(agents(outlook, ground));
        found.extend(lost(outlook, ground));
        found.extend(busy(outlook));
        found.extend(guesses(outlook));
        found.extend(left_out(&picked, outlook));
        found.extend(deadlines(&picked, outlook));
    }
    found.extend(wording(draft, ground));
    found.extend(waits(&picked, outlook, ground));
    found.extend(missing(&picked));
    found.push(circles(&picked));
    found.push(sizes(&picked));
    found.sort_by_key(|check| check.weight);
    found
}

/// Dates, the running sprint, the team, and whether there is anything to do.
fn frame(draft: &Draft, ground: &Ground, picked: &[&Job]) -> Vec<Check> {
    let mut found = Vec::new();
    if draft.ends_at <= draft.starts_at.max(ground.now) {
        found.push(Check::new(Weight::Stop, None, "it would be over before it begins: change its dates"));
    }
    if picked.is_empty() {
        found.push(Check::new(Weight::Stop, None, "nothing is in the plan: pick tasks, or write objectives"));
    }
    if let Some(active) = &ground.active {
        let text = format!(
            "{} still runs: close it first (`vayu sprint close`), or keep this plan for later",
            active.sprint.name
        );
        found.push(Check { start_only: true, ..Check::new(Weight::Stop, None, text) });
    }
    if ground.team.is_empty() {
        found.push(Check::new(
            Weight::Warn,
            None,
            "nobody is on the team: `vayu agent add NAME --skills …` adds somebody",
        ));
    }
    found
}

/// What was typed and is no task, calls for no playbook, or may be meant otherwise.
fn wording(draft: &Draft, ground: &Ground) -> Vec<Check> {
    let limit = |limit: &String| format!("no tasks are made of \"{limit}\": keep it in mind");
    let whole = draft.pieces.iter().filter(|piece| piece.playbook == UNCLEAR && piece.is_task());
    let unclear = whole.map(|piece| {
        let ask = "say what shall be done to what, as in \"add search to the shop\"";
        format!("\"{}\" calls for no playbook and is one task of unknown size: {ask}", piece.title)
    });
    let doubts = draft.objectives.iter().flat_map(|objective| {
        let date = objective.due.and_then(|due| due.doubt(ground.now));
        objective.doubts.iter().cloned().chain(date).map(|doubt| format!("\"{}\": {doubt}", objective.title))
    });
    let texts = draft.limits.iter().map(limit).chain(unclear).chain(doubts);
    texts.map(|text| Check::new(Weight::Warn, None, text)).collect()
}

fn room(outlook: &Outlook, ground: &Ground) -> Vec<Check> {
    let over = outlook.points - outlook.limit;
    let mut found = Vec::new();
    if over > 1e-9 {
        let text = format!("{} of {}p: {}p over capacity", short(outlook.points), short(outlook.limit), short(over));
        found.push(Check::new(Weight::Warn, None, text));
    }
    if let Some(most) =
        ground.done.iter().copied().reduce(f64::max).filter(|most| *most > 0.0 && outlook.points > *most + 1e-9)
    {
        let (each, most) = (ground.done.len(), short(most));
        let text = format!("{}p are committed to: the last {each} sprints did {most}p at most", short(outlook.points));
        found.push(Check::new(Weight::Warn, None, text));
    }
    match &outlook.binding {
        Some(binding) if binding.percent() > 100 && binding.what != "everyone" => {
            let text = format!(
                "{} runs out first: {} wanted, {} there, {} missing",
                binding.what,
                hours(binding.wanted),
                hours(binding.there),
                hours(binding.gap)
            );
            found.push(Check::new(Weight::Warn, None, text));
        }
        _ => {}
    }
    found
}

/// Points with at most one digit after the point.
pub(super) fn short(points: f64) -> String {
    // Nothing is 0, never -0.
    let rounded = (points * 10.0).round() / 10.0 + 0.0;
    format!("{rounded}")
}

/// Who got more than they have time for.
fn agents(outlook: &Outlook, ground: &Ground) -> Vec<Check> {
    let load = outlook.schedule.load();
    let over = |share: &crate::plan::capacity::Share| {
        let planned = load.get(&share.agent_id).copied().unwrap_or(0);
        planned.checked_sub(share.free_minutes).filter(|over| *over > 0)
    };
    let say = |(name, over): (&str, u32)| {
        let text = format!("{name} is {} over ({}p)", hours(over), short(ground.rule.points(over)));
        Check::new(Weight::Warn, None, text)
    };
    outlook.capacity.agents.iter().filter_map(|share| Some((share.name.as_str(), over(share)?))).map(say).collect()
}

/// Programs that are planned for, and that nobody has heard of since they stopped in the middle of their work.
fn lost(outlook: &Outlook, ground: &Ground) -> Option<Check> {
    let load = outlook.schedule.load();
    let planned = outlook.capacity.agents.iter().filter(|share| load.contains_key(&share.agent_id));
    let lost: Vec<&str> =
        planned.filter(|share| ground.lost.contains(&share.agent_id)).map(|share| share.name.as_str()).collect();
    (!lost.is_empty()).then(|| {
        let text = format!(
            "stopped in the middle of their work and not heard of since: {}; start them again, or leave them out (step 2, --team)",
            listed(&lost, NAMED)
        );
        Check::new(Weight::Warn, None, text)
    })
}

/// People whose time is planned so full that what comes to them waits.
fn busy(outlook: &Outlook) -> Vec<Check> {
    let say = |load: &Load| {
        let (who, what) = (&load.agent, load.stage.title());
        let wait = match load.wait_minutes {
            Some(minutes) if minutes < load.there => {
                format!("a task waits about {} of it for its turn", hours(minutes))
            }
            _ => "whatever comes on top waits beyond the sprint".into(),
        };
        Check::new(Weight::Warn, None, format!("{who}'s time for {what} is {}% planned: {wait}", load.percent))
    };
    outlook.loads.iter().filter(|load| load.percent > BUSY).map(say).collect()
}

/// People whose hours nobody has said: they are neither none nor all.
fn guesses(outlook: &Outlook) -> Option<Check> {
    let people = outlook.capacity.agents.iter().filter(|share| share.kind == AgentKind::Human);
    let guessed = people.filter(|share| share.source.is_guess() && share.minutes > 0);
    let names: Vec<&str> = guessed.map(|share| share.name.as_str()).collect();
    let text = format!("working hours not known: {}; usual ones count", listed(&names, NAMED));
    (!names.is_empty()).then(|| Check::new(Weight::Warn, None, text))
}

/// Picked tasks that wait for what is not in the plan, or cannot begin.
fn waits(picked: &[&Job], outlook: &Outlook, ground: &Ground) -> Vec<Check> {
    let inside: BTreeSet<TaskId> = picked.iter().map(|job| job.task_id).collect();
    let known: BTreeMap<TaskId, &Job> = outlook.jobs.iter().map(|job| (job.task_id, job)).collect();
    let mut found = Vec::new();
    for job in picked {
        if let Some(why) = &job.held_up {
            found.push(Check::new(Weight::Warn, Some(job.task_id), format!("{} {why}", job.label)));
        }
        for on in job.after.iter().filter(|on| !inside.contains(on)) {
            let (label, why) = match (known.get(on), ground.outside.get(on)) {
                (Some(job), _) => (name(job), "which is not picked".to_owned()),
                (None, Some(outside)) => (outside.label.clone(), under_way(outside.trouble.as_deref())),
                (None, None) => continue,
            };
            let text = format!("{} waits on {label}, {why}", name(job));
            found.push(Check::new(Weight::Warn, Some(job.task_id), text));
        }
    }
    found
}

fn under_way(trouble: Option<&str>) -> String {
    trouble.map_or_else(|| "which is under way outside this plan".into(), |trouble| format!("which {trouble}"))
}

fn name(job: &Job) -> String {
    if job.objective.is_some() { format!("\"{}\"", job.title) } else { job.label.clone() }
}

/// Tasks that found no place in the schedule, one line for each reason.
fn left_out(picked: &[&Job], outlook: &Outlook) -> Vec<Check> {
    let mut reasons: BTreeMap<&str, Vec<TaskId>> = BTreeMap::new();
    let committed = |id| picked.iter().any(|job| job.task_id == id && job.is_committed());
    for out in outlook.schedule.left_out.iter().filter(|out| committed(out.task_id)) {
        reasons.entry(&out.why).or_default().push(out.task_id);
    }
    let say = |(why, ids): (&str, Vec<TaskId>)| {
        let first = picked.iter().find(|job| job.task_id == ids[0]).map(|job| name(job)).unwrap_or_default();
        let text = match ids.len() {
            1 => format!("{first} has no place: {why}"),
            n => format!("{first} and {} more have no place: {why}", n - 1),
        };
        Check::new(Weight::Warn, Some(ids[0]), text)
    };
    reasons.into_iter().map(say).collect()
}

/// Picked tasks that would end after their deadlines.
fn deadlines(picked: &[&Job], outlook: &Outlook) -> Vec<Check> {
    let wanted: BTreeMap<TaskId, (&Job, Timestamp)> =
        picked.iter().filter_map(|job| Some((job.task_id, (*job, job.deadline?)))).collect();
    let late = outlook.schedule.slots.iter().filter_map(|slot| {
        let (job, deadline) = wanted.get(&slot.task_id).filter(|(_, deadline)| slot.done_at() > *deadline)?;
        let text = format!("{} would end after its deadline ({})", name(job), deadline.format("%a %-d %b %H:%M UTC"));
        Some(Check::new(Weight::Warn, Some(slot.task_id), text))
    });
    late.collect()
}

/// Skills that nobody has, one line for each kind of lack, those of most tasks first; of many kinds the rest in one line.
fn missing(picked: &[&Job]) -> Vec<Check> {
    let mut lacks: BTreeMap<&str, usize> = BTreeMap::new();
    for lack in picked.iter().filter_map(|job| job.lacks.as_deref()) {
        *lacks.entry(lack).or_default() += 1;
    }
    let mut lacks: Vec<(&str, usize)> = lacks.into_iter().collect();
    lacks.sort_by_key(|(_, tasks)| std::cmp::Reverse(*tasks));
    let rest = lacks.split_off(lacks.len().min(LACKS));
    let mut said: Vec<String> =
        lacks.iter().map(|(lack, tasks)| format!("{lack} ({})", count(*tasks, "task"))).collect();
    if !rest.is_empty() {
        let tasks: usize = rest.iter().map(|(_, tasks)| tasks).sum();
        let want = if tasks == 1 { "wants" } else { "want" };
        said.push(format!("{} {want} skills that nobody has, or not at that level", count(tasks, "more task")));
    }
    said.into_iter().map(|text| Check::new(Weight::Warn, None, text)).collect()
}

fn circles(picked: &[&Job]) -> Check {
    let edges: Edges = picked.iter().map(|job| (job.task_id, job.after.clone())).collect();
    match chains(&edges, |_| 1) {
        Some(_) => Check::new(Weight::Fine, None, "no circular dependency"),
        None => Check::new(Weight::Stop, None, "tasks wait for one another in a circle: `vayu task undepend` opens it"),
    }
}

/// Tasks whose dates rest on a guess, the most urgent first.
fn sizes(picked: &[&Job]) -> Check {
    let mut unsized_jobs: Vec<&&Job> = picked.iter().filter(|job| job.is_unsized()).collect();
    unsized_jobs.sort_by_key(|job| job.priority);
    match unsized_jobs.first() {
        None => Check::new(Weight::Fine, None, "all estimated"),
        Some(first) => {
            let names: Vec<String> = unsized_jobs.iter().map(|job| name(job)).collect();
            let text = format!("not estimated: {}; what they take is a guess", listed(&names, NAMED));
            Check::new(Weight::Warn, Some(first.task_id), text)
        }
    }
}
