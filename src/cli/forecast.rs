//! `vayu forecast`: when a sprint will probably be done, and how good such forecasts were.

use clap::Subcommand;
use serde::Serialize;

use super::context::Context;
use super::output::one_line;
use super::{Failure, Outcome};
use crate::domain::words::count;
use crate::domain::{Rejection, Sprint, SprintState, Timestamp};
use crate::plan::prospect::{Duel, GoBy, How, Prospect, Row, percent};
use crate::service::course::unsound;
use crate::service::forecast::{self, Judged, Score};
use crate::text::wrap;

/// Columns of what stands beside a label.
const BESIDE: usize = 66;
/// Lines that one fact may take.
const MOST_LINES: usize = 4;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    /// Its number, name or id [default: the active one, else the only planned one]
    #[arg(value_name = "SPRINT")]
    sprint: Option<String>,
    /// How often the plan is played out
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    runs: u64,
    /// Where chance begins: the same seed gives the same forecast
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// How good the forecasts of closed sprints were
    Score,
}

pub fn run(args: &Args, mut cx: Context) -> Result<Outcome, Failure> {
    if matches!(args.verb, Some(Verb::Score)) {
        let score = forecast::score(cx.read())?;
        cx.out.print(&score, || tell_score(&score))?;
        return Ok(Outcome::Done);
    }
    let sprint = asked(args.sprint.as_deref(), &cx)?;
    let asked = forecast::ask(cx.read(), &cx.service.now(), &sprint)?;
    let how = How { runs: args.runs, seed: args.seed, advises: true };
    let Some(prospect) = asked.prospect(how).map_err(|why| unsound(&sprint, &why))? else {
        return Err(Rejection::Invalid(format!("nothing is open in {} that somebody can do", sprint.name)).into());
    };
    forecast::note(&mut cx.service, &sprint, &prospect)?;
    let told = Told { sprint: sprint.name.clone(), waits: asked.waits(), prospect };
    cx.out.print(&told, || tell(&cx, &sprint, &told))?;
    Ok(Outcome::Done)
}

/// What is told as one value.
#[derive(Serialize)]
struct Told {
    sprint: String,
    /// What cannot go on, and what waits for that.
    waits: Vec<String>,
    #[serde(flatten)]
    prospect: Prospect,
}

fn asked(name: Option<&str>, cx: &Context) -> Result<Sprint, Failure> {
    if let Some(name) = name {
        return cx.sprint(name);
    }
    let sprints = cx.read().sprints()?;
    let active = sprints.iter().find(|sprint| sprint.state == SprintState::Active);
    let mut planned = sprints.iter().filter(|sprint| sprint.state == SprintState::Planned);
    match (active, planned.next(), planned.next()) {
        (Some(active), _, _) => Ok(active.clone()),
        (None, Some(only), None) => Ok(only.clone()),
        _ => cx.sprint("active"),
    }
}

/// An instant for people; UTC.
fn day(at: Timestamp) -> String {
    at.format("%a %-d %b %H:%M UTC").to_string()
}

/// The dates and the chance in one line, and those of milestones in another.
pub fn briefly(told: &Prospect) -> String {
    let milestones = told.chances_briefly().map(|chances| format!("\n  {}", one_line(&chances, 120)));
    told.briefly(&day) + &milestones.unwrap_or_default()
}

fn tell(cx: &Context, sprint: &Sprint, Told { prospect, waits, .. }: &Told) -> String {
    let mut text = vec![cx.out.style("1", &one_line(&sprint.name, 60))];
    for Row { label, words, .. } in prospect.rows(waits, &day) {
        for (at, words) in wrap(&words, BESIDE, MOST_LINES).into_iter().enumerate() {
            text.push(format!("  {:<12}{words}", if at == 0 { label } else { "" }));
        }
    }
    text.join("\n")
}

fn tell_score(score: &Score) -> String {
    if score.sprints.is_empty() {
        return "no sprint with a forecast is closed yet; `vayu forecast` makes one and writes it down".into();
    }
    let mut text: Vec<String> = score.sprints.iter().map(line).collect();
    if let Some(hits) = score.p80 {
        let (low, high) = hits.range;
        text.push(format!(
            "\nthe 80 % date held {} of {} times (between {} and {}): {}",
            hits.hits,
            hits.n,
            percent(low),
            percent(high),
            score.verdict
        ));
    }
    if score.unknown > 0 {
        let sprints = count(score.unknown as u64, "sprint");
        text.push(format!(
            "{sprints} cannot be judged: closed before that date with something left over, or the date was of a part"
        ));
    }
    for (model, hits) in &score.models {
        text.push(format!("  made by {model}: {} of {} times", hits.hits, hits.n));
    }
    let loss = |duel: Duel, other: &str| {
        let (sprints, own, than) = (count(duel.n, "sprint"), duel.forecast, duel.other);
        format!("loss of the 80 % date over {sprints}: forecast {own:.1} h, {other} {than:.1} h (less is better)")
    };
    text.extend(score.pace.map(|duel| loss(duel, "tasks done a day")));
    text.extend(score.base.map(|duel| loss(duel, "what sprints before took")));
    text.extend(score.go_by.map(|best| match best {
        GoBy::Forecast => "so far the forecast is the one to go by".to_owned(),
        GoBy::Pace => "so far the pace, tasks done a day, is the one to go by".to_owned(),
    }));
    if let (Some(brier), Some(base)) = (score.brier, score.brier_base) {
        text.push(format!(
            "chances of the goal: Brier score {brier:.2}, of always telling how often it was reached {base:.2} (0 is best)"
        ));
    }
    text.join("\n")
}

fn line(one: &Judged) -> String {
    format!("{:>3}  {}  {}", one.sprint, one_line(&one.name, 40), foretold(one))
}

/// What was foretold, and what came.
pub fn foretold(one: &Judged) -> String {
    let ended = one.done_at.map_or_else(|| "not all was done".into(), |at| format!("done {}", day(at)));
    let held = match one.by_p80 {
        Some(true) => ": held",
        Some(false) => ": missed",
        None => "",
    };
    let by = one.told.p80_at.map_or_else(|| "far off".into(), day);
    let told = &one.told;
    let part = match told.without {
        0 => String::new(),
        out => format!(" for {} of {}", told.tasks, told.tasks + out),
    };
    // What could not go on kept all of the goal from being reached.
    let of = if told.is_of_all() { "" } else { &part };
    format!("goal {}{of}, 80 % by {by}{part}; {ended}{held}", percent(told.chance))
}
