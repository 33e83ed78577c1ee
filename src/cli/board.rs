//! `vayu` and `vayu board`: the board on a terminal, or as plain text where there is none.

use std::fmt::Write as _;
use std::io::{IsTerminal, stdin, stdout};

use serde::Serialize;

use super::context::Context;
use super::output::one_line;
use super::{Failure, Global, Outcome, sprint, welcome};
use crate::bootstrap;
use crate::domain::words;
use crate::domain::{Lane, Sprint};
use crate::models::Settings;
use crate::orchestrator;
use crate::service::{Error, Service};
use crate::store::StoreError;
use crate::store::view::{BoardSummary, Card, Filter, LaneSummary, LaneWindow, Page};
use crate::tui::{self, screen::Screen};

#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Print the board as text, once
    #[arg(long)]
    pub plain: bool,
    /// Change nothing from the board
    #[arg(long)]
    pub read_only: bool,
    /// Colours: a bundled theme, or a file of yours
    #[arg(long, value_name = "NAME", env = "VAYU_THEME")]
    pub theme: Option<String>,
    /// Cards of each lane, as text [default: 20, with --json all]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub cards: Option<usize>,
}

/// Cards of each lane that are printed unless more are asked for.
const CARDS: usize = 20;

/// The board as one value.
#[derive(Serialize)]
struct Board {
    project: String,
    sprint: Option<Sprint>,
    /// Questions that wait for a person.
    asks: u64,
    lanes: Vec<LaneCards>,
}

#[derive(Serialize)]
struct LaneCards {
    #[serde(flatten)]
    summary: LaneSummary,
    cards: Vec<Card>,
}

/// The board on the screen where there is one, else as text; where there is no board, how to get one.
pub fn run(args: &Args, global: &Global) -> Result<Outcome, Failure> {
    let screen = !args.plain && !global.json && has_screen();
    match Context::open(global.clone()) {
        Err(Failure::Service(Error::Store(StoreError::NoBoard))) if screen => welcome::run(global),
        opened if screen => show(args, opened?, Screen::Board),
        opened => print(args, &opened?),
    }
}

fn has_screen() -> bool {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty());
    !dumb && stdin().is_terminal() && stdout().is_terminal()
}

/// The live board. Whoever has one open stands for the lead, unless nothing may be changed from it.
pub fn show(args: &Args, cx: Context, screen: Screen) -> Result<Outcome, Failure> {
    let mut options = tui::Options::new(cx.actor.clone());
    options.screen = screen;
    if let Some(theme) = &args.theme {
        options.theme.clone_from(theme);
    }
    options.config = bootstrap::config_folder();
    options.read_only = args.read_only;
    match Settings::from_environment() {
        Ok(settings) => options.language_model = settings,
        // Nobody needs it to look at the board.
        Err(unset) => options.trouble = Some(format!("No language model: {unset}")),
    }
    if !args.read_only {
        options.background = Some(tech_lead(cx.service.another()?));
    }
    tui::run(cx.service, options).map_err(|error| match error {
        tui::Error::Service(error) => error.into(),
        other => Failure::World(other.to_string()),
    })?;
    Ok(Outcome::Done)
}

/// The orchestrator beside the board; what it does is seen on the board.
pub fn tech_lead(service: Service) -> tui::Background {
    Box::new(move |stop| {
        let started = orchestrator::spawn(service, &orchestrator::Options::named("board"), stop, |_| {});
        if let Ok(handle) = started {
            handle.run_out();
        }
    })
}

/// The board as text or JSON.
fn print(args: &Args, cx: &Context) -> Result<Outcome, Failure> {
    let now = cx.service.now();
    let BoardSummary { project, lanes, sprint, asks, .. } = cx.read().summary(&Filter::default(), &now)?;
    let limit = args.cards.unwrap_or(if cx.out.json { Page::ALL.limit } else { CARDS });
    let lanes = lanes.into_iter().map(|summary| {
        let window = LaneWindow { lane: summary.lane, filter: Filter::default(), page: Page { offset: 0, limit } };
        Ok(LaneCards { cards: cx.read().window(&window, &now)?, summary })
    });
    let board = Board { project, sprint, asks, lanes: lanes.collect::<Result<_, Failure>>()? };
    cx.out.print(&board, || describe(cx, &board))?;
    Ok(Outcome::Done)
}

fn describe(cx: &Context, board: &Board) -> String {
    let mut text = cx.out.style("1", &one_line(&board.project, 80));
    if let Some(sprint) = &board.sprint {
        let day = sprint::day_of(sprint, cx.service.now().wall).map(|day| format!(", {day}")).unwrap_or_default();
        let _infallible = write!(text, ", {}{day}", one_line(&sprint.name, 60));
    }
    match board.asks {
        0 => {}
        asks => {
            let _infallible = write!(text, "\nfor you: {}, `vayu inbox`", words::count(asks, "question"));
        }
    }
    if board.lanes.iter().all(|lane| lane.summary.total == 0) {
        text.push_str("\nno tasks yet; `vayu task create TITLE` writes one down, `vayu import` brings them in");
        return text;
    }
    for lane in &board.lanes {
        text.push_str(&lane_text(cx, lane));
    }
    text
}

fn lane_text(cx: &Context, lane: &LaneCards) -> String {
    let LaneSummary { total, points, limit, lane: which, .. } = lane.summary;
    let limit = limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
    let points = if points > 0.0 { format!(", {}", words::points(points)) } else { String::new() };
    let title = cx.out.style("1", which.title());
    let mut text = format!("\n\n{title}  {total}{limit}{points}");
    for card in &lane.cards {
        let _infallible = write!(text, "\n{}", card_line(cx, which, card));
    }
    let more = total.saturating_sub(lane.cards.len() as u64);
    if more > 0 {
        let _infallible = write!(text, "\n      and {more} more");
    }
    text
}

/// A card in words: what its lane says already is left out.
fn card_line(cx: &Context, lane: Lane, card: &Card) -> String {
    let mut tail = Vec::new();
    if lane.statuses().count() > 1 {
        tail.push(card.status.to_string());
    }
    tail.extend(card.agent.as_deref().map(|name| one_line(name, 40)));
    if card.progress > 0 && lane != Lane::Done {
        tail.push(format!("{} %", card.progress));
    }
    tail.extend(card.points.map(|points| format!("{points}p")));
    if !card.waits_for.is_empty() {
        let list: Vec<_> = card.waits_for.iter().map(ToString::to_string).collect();
        tail.push(format!("needs {}", list.join(" ")));
    }
    tail.extend(card.blocker.as_deref().map(|why| one_line(why, 60)));
    tail.extend(card.queue_lane.map(|lane| format!("waits for room in {}", lane.title())));
    if card.reclaim_waits {
        tail.push("reclaim waits".into());
    }
    if card.asked_since.is_some() {
        tail.push("asks".into());
    }
    let tail = cx.out.style("2", &format!("  {}", tail.join(", ")));
    let priority = cx.out.priority(card.priority);
    format!("{:>6} {priority} {}{}", card.number, one_line(&card.title, 100), tail.trim_end())
}
