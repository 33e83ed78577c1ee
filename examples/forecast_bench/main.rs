//! Foretells when work is done: reads a team, a history and tasks, and prints quantiles in working hours, the chance of
//! the goal and what moves the date most, as one JSON value.

mod read;

use std::path::PathBuf;

use clap::Parser;
use color_eyre::eyre::{Context, OptionExt, Result, eyre};
use read::{Asked, NamedGoal};
use serde_json::{Value, json};
use vayu::plan::forecast::{
    Beliefs, Clock, Goal, Lever, Question, Risk, Runs, Simulation, WhatIf, sensitivities, what_ifs, working_hours,
};
use vayu::plan::project::{Built, Instant, Project, Span, build};
use vayu::plan::schedule::model::{Begun, Time};
use vayu::plan::schedule::plan::Plan;
use vayu::plan::schedule::{Budget, solve};

/// Foretell when work is done
#[derive(Debug, Parser)]
struct Args {
    /// Team, history and tasks (docs/forecast-format.md)
    file: PathBuf,
    /// How often the plan is played out
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    runs: u64,
    /// Where chance begins
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Steps of the search for the plan
    #[arg(long, value_name = "N", default_value_t = 400)]
    steps: u64,
    /// Try out as well what would help to reach the goal
    #[arg(long)]
    what_ifs: bool,
}

/// A year and a half: nothing sensible takes longer beside its own length.
const ROOM: u32 = 550 * 24 * 60;
const QUANTILES: [f64; 6] = [0.1, 0.5, 0.8, 0.85, 0.9, 0.95];

fn main() -> Result<()> {
    let args = Args::parse();
    let file = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file).wrap_err_with(|| file.clone())?;
    let asked = read::read(&text).wrap_err_with(|| file.clone())?;
    let answer = answer(&asked, &args).wrap_err(file)?;
    println!("{}", serde_json::to_string_pretty(&answer)?);
    Ok(())
}

fn answer(asked: &Asked, args: &Args) -> Result<Value> {
    let (mut built, plan) = planned(&asked.project, args)?;
    mark_begun(&mut built, &plan, &asked.worked);
    let index = |name: &String| {
        let found = asked.project.tasks.iter().position(|task| task.name == *name);
        found.ok_or_else(|| eyre!("no open task is called `{name}`"))
    };
    let mut question = Question::about(&asked.project, &built, &plan);
    question.spreads.clone_from(&asked.spreads);
    question.worked.clone_from(&asked.worked);
    for risk in &asked.risks {
        let activities = risk.tasks.iter().map(index).collect::<Result<_>>()?;
        question.risks.push(Risk { name: risk.name.clone(), chance: risk.chance, minutes: risk.minutes, activities });
    }
    let beliefs = Beliefs::learn(&asked.history, asked.project.agents.len(), args.seed);
    let mut simulation = Simulation::new(&question, &beliefs, args.seed)?;
    simulation.run(args.runs);
    let mut goals = Vec::new();
    for goal in &asked.goals {
        let activities = goal.tasks.iter().map(index).collect::<Result<Vec<usize>>>()?;
        if let Some(by) = date(goal, asked, &built)? {
            goals.push((goal.name.clone(), Goal { activities, by }));
        }
    }
    let clock = working_hours(&built.problem);
    let ways = match goals.first().filter(|_| args.what_ifs) {
        Some((_, goal)) => what_ifs(&question, &beliefs, goal, 0.8, args.seed)?,
        None => Vec::new(),
    };
    Ok(json!({
        "runs": args.runs,
        "seed": args.seed,
        "unit": "working hours",
        "quantiles": quantiles(&simulation.runs, |time| json!(hours(clock.between(0, time)))),
        "elapsed_hours": quantiles(&simulation.runs, |time| json!(hours(time))),
        "dates": built.start.as_ref().map(|_| quantiles(&simulation.runs, |time| json!(built.date(time)))),
        "plan": { "working_hours": hours(clock.between(0, finish(&plan))) },
        "goal": goals.first().map(|goal| told(goal, &simulation.runs, &clock)),
        "milestones": goals.iter().skip(1).map(|goal| told(goal, &simulation.runs, &clock)).collect::<Vec<_>>(),
        "at_least": goals.first().map(|(_, goal)| at_least(&simulation.runs, goal.by)),
        "sensitivities": sensitive(&simulation, asked),
        "what_ifs": ways.iter().map(|way| way_out(way, asked, &built)).collect::<Vec<_>>(),
        "left_out": left_out(&plan, &asked.project),
        "known": {
            "n": beliefs.basis.n,
            "unfinished": beliefs.basis.unfinished,
            "sprints": beliefs.basis.sprints,
            "weight": beliefs.basis.weight,
            "basis": beliefs.basis.word(),
            "typical": { "p50": beliefs.typical(0.5), "p80": beliefs.typical(0.8) },
            "data_alone": QUANTILES.iter().map(|&q| (label(q), json!(beliefs.basis.carries(q)))).collect::<serde_json::Map<_, _>>(),
        },
    }))
}

/// The plan whose order and agents are kept, on calendars that reach far beyond it.
fn planned(project: &Project, args: &Args) -> Result<(Built, Plan)> {
    let solved = |project: &Project| -> Result<(Built, Plan)> {
        let built = build(project).map_err(|wrong| eyre!("{}: `{}`: {}", wrong.key, wrong.found, wrong.message))?;
        let mut budget = Budget { steps: args.steps, stop: &mut || false };
        let plan = solve(&built.problem, args.seed, &mut budget, &mut |_| {})?.plan;
        Ok((built, plan))
    };
    let work: u64 = project.tasks.iter().map(vayu::plan::project::Task::minutes).sum();
    let far = u32::try_from(work.saturating_mul(10)).unwrap_or(u32::MAX).saturating_add(ROOM).min(1 << 24);
    let wide = Project { ends: Some(Instant::After(Span(far))), ..project.clone() };
    let (built, plan) = solved(&wide)?;
    if project.ends.is_some() {
        let (_, within) = solved(project)?;
        // What has to be done is done, late if need be.
        if within.score.missing == 0 {
            return Ok((built, within));
        }
    }
    Ok((built, plan))
}

/// What has been worked on goes on with whom the plan has for it.
fn mark_begun(built: &mut Built, plan: &Plan, worked: &[Option<f64>]) {
    for ((activity, place), worked) in built.problem.activities.iter_mut().zip(&plan.places).zip(worked) {
        if let (Some(slot), Some(_)) = (place.as_ref().and_then(|place| place.slots.first()), worked) {
            activity.begun = vec![Begun { mode: slot.mode, start: 0, now: 0, left: 1 }];
        }
    }
}

/// When a goal is to be reached; none if nobody says.
fn date(goal: &NamedGoal, asked: &Asked, built: &Built) -> Result<Option<Time>> {
    let instant = match &goal.by {
        Some(by) => serde_json::from_value(by.clone()).wrap_err_with(|| format!("`by` of `{}`", goal.name))?,
        None => match &asked.project.ends {
            Some(ends) => ends.clone(),
            None => return Ok(None),
        },
    };
    match instant {
        Instant::After(span) => Ok(Some(span.0)),
        Instant::At(local) => {
            let start = built.start.as_ref().ok_or_eyre("a date needs `start` at the top")?;
            let minutes = (local - start.naive_local()).num_minutes();
            Ok(Some(Time::try_from(minutes).wrap_err_with(|| format!("`{}` lies before the start", goal.name))?))
        }
    }
}

fn label(level: f64) -> String {
    format!("p{:.0}", level * 100.0)
}

fn hours(minutes: Time) -> f64 {
    (f64::from(minutes) / 0.6).round() / 100.0
}

fn quantiles(runs: &Runs, shown: impl Fn(Time) -> Value) -> Value {
    let all = QUANTILES.iter().map(|&level| (label(level), runs.quantile(level).map_or(Value::Null, &shown)));
    all.collect::<serde_json::Map<_, _>>().into()
}

fn finish(plan: &Plan) -> Time {
    plan.places.iter().flatten().map(vayu::plan::schedule::plan::Place::end).max().unwrap_or(0)
}

fn told((name, goal): &(String, Goal), runs: &Runs, clock: &Clock) -> Value {
    json!({ "name": name, "by_working_hours": hours(clock.between(0, goal.by)), "chance": runs.chance(goal) })
}

/// How many are done by the goal at least, with these chances.
fn at_least(runs: &Runs, by: Time) -> Value {
    json!({ "p50": runs.count_by(by, 0.5), "p80": runs.count_by(by, 0.8), "p90": runs.count_by(by, 0.9) })
}

fn sensitive(simulation: &Simulation, asked: &Asked) -> Value {
    let rows = sensitivities(simulation).into_iter().map(|one| {
        json!({
            "task": asked.project.tasks[one.activity].name,
            "critical": one.critical,
            "ssi": one.ssi,
            "cri": one.cri,
            "gain_hours": one.gain as f64 / 60.0,
        })
    });
    rows.collect()
}

fn way_out(way: &WhatIf, asked: &Asked, built: &Built) -> Value {
    let name = |&at: &usize| asked.project.tasks[at].name.clone();
    let what = match &way.lever {
        Lever::Cut(cuts) => json!({ "cut": cuts.iter().map(name).collect::<Vec<_>>() }),
        Lever::Swap { activity, mode } => {
            let crew = &built.crews[*activity][0][*mode];
            let crew: Vec<&String> = crew.iter().map(|&agent| &asked.project.agents[agent].name).collect();
            json!({ "swap": name(activity), "to": crew })
        }
        Lever::Add(resource) => json!({ "add": built.label(&asked.project, *resource) }),
    };
    json!({ "what": what, "chance": way.chance, "value_lost": way.lost })
}

fn left_out(plan: &Plan, project: &Project) -> Vec<String> {
    let out = plan.places.iter().zip(&project.tasks).filter(|(place, _)| place.is_none());
    out.map(|(_, task)| task.name.clone()).collect()
}
