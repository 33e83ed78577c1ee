//! P1, P2, P13, P14: programs that run to their end.

use std::process::Child;
use std::time::Instant;

use vayu::domain::Lane;
use vayu::service::Service;
use vayu::store::sqlite::Board;
use vayu::store::view::{Filter, LaneWindow, Page};

use crate::Outcome;
use crate::ground::Ground;
use crate::line::{Line, Unit};
use crate::measure::{ROUNDS, Rounds, median, ms};
use crate::peers::Taskwarrior;
use crate::program::Program;

const PEER: &str = "taskwarrior";

/// P1: writing down one task.
pub fn create(ground: &Ground) -> Outcome<Vec<Line>> {
    let (small, small_peer) = (ground.board(1_000)?, ground.taskwarrior(1_000)?);
    let (large, large_peer) = (ground.board(100_000)?, ground.taskwarrior(100_000)?);
    let (mut vayu, mut peer) = (Rounds::<2>::default(), Rounds::<2>::default());
    let times = ground.options.some(5, 11);
    for _ in 0..ROUNDS {
        vayu.add([add(&small, times)?, add(&large, times)?]);
        if let (Some(small), Some(large)) = (&small_peer, &large_peer) {
            peer.add([add_there(small, times)?, add_there(large, 2)?]);
        }
    }
    let [at_1k, at_100k] = vayu.medians().unwrap_or_default();
    Ok(vec![
        Line::new("P1", "create a task at 1k", at_1k, Unit::Ms).at_most(1.0, PEER, peer.median(0)),
        Line::new("P1", "create a task at 100k", at_100k, Unit::Ms).at_most(1.3, "its own at 1k", Some(at_1k)),
        Line::new("P1", "create a task at 100k", at_100k, Unit::Ms).at_most(0.1, PEER, peer.median(1)),
    ])
}

/// The median of so many calls.
fn add(vayu: &Program, times: usize) -> Outcome<f64> {
    let times = (0..times).map(|_| vayu.time(&["task", "create", "one more thing"])).collect::<Outcome<Vec<_>>>()?;
    Ok(median(&times))
}

fn add_there(peer: &Taskwarrior, times: usize) -> Outcome<f64> {
    let times = (0..times).map(|_| peer.cli.time(&["add", "one more thing"])).collect::<Outcome<Vec<_>>>()?;
    Ok(median(&times))
}

/// P2: listing tasks.
pub fn list(ground: &Ground) -> Outcome<Vec<Line>> {
    let mut lines = Vec::new();
    for (tasks, name, share) in [(10_000, "10k", 1.0 / 3.0), (100_000, "100k", 0.2)] {
        let (vayu, peer) = (ground.board(tasks)?, ground.taskwarrior(tasks)?);
        let (mut here, mut there) = (Rounds::<1>::default(), Rounds::<1>::default());
        for _ in 0..ROUNDS {
            here.add([vayu.time(&["task", "list"])?]);
            if let Some(peer) = &peer {
                there.add([peer.cli.time(&["rc.verbose=nothing", "list"])?]);
            }
        }
        let time = here.median(0).unwrap_or_default();
        lines.push(Line::new("P2", format!("list all {name}"), time, Unit::Ms).at_most(share, PEER, there.median(0)));
    }
    lines.push(windowed(ground)?);
    Ok(lines)
}

/// The first fifty, of many and of few.
fn windowed(ground: &Ground) -> Outcome<Line> {
    let (tasks, name) = if ground.options.full { (1_000_000, "1M") } else { (100_000, "100k") };
    let (small, large) = (ground.board(1_000)?, ground.board(tasks)?);
    let mut rounds = Rounds::<2>::default();
    for _ in 0..3 * ROUNDS {
        rounds.add([&small, &large].map(|vayu| vayu.time(&["task", "list", "--limit", "50"]).unwrap_or(f64::NAN)));
    }
    let [of_few, of_many] = rounds.medians().unwrap_or_default();
    let line = Line::new("P2", format!("list 50 at {name}"), of_many, Unit::Ms);
    Ok(line.at_most(2.0, "its own at 1k", Some(of_few)))
}

/// P13: bringing in many tasks, and opening a large board.
pub fn import(ground: &Ground) -> Outcome<Vec<Line>> {
    let (tasks, name) = ground.options.some((10_000, "10k"), (100_000, "100k"));
    let [time, raw] = ground.import(tasks, ROUNDS)?;
    let import = Line::new("P13", format!("import {name} tasks"), time, Unit::Ms).at_most(3.0, "raw load", Some(raw));
    if !ground.options.full {
        return Ok(vec![import, Line::skipped("P13", "open 1M to the first window", "needs --full")]);
    }
    let board = ground.board(1_000_000)?.folder.join(".vayu/board.db");
    let times = (0..5 * ROUNDS).map(|_| open(&board)).collect::<Outcome<Vec<_>>>()?;
    Ok(vec![import, Line::new("P13", "open 1M to the first window", median(&times), Unit::Ms).within(20.0)])
}

fn open(board: &std::path::Path) -> Outcome<f64> {
    let start = Instant::now();
    let service = Service::new(Box::new(Board::at(board).open()?));
    let now = service.now();
    service.read().summary(&Filter::default(), &now)?;
    for lane in Lane::ALL {
        let page = Page { offset: 0, limit: 64 };
        service.read().window(&LaneWindow { lane: *lane, filter: Filter::default(), page }, &now)?;
    }
    Ok(ms(start.elapsed()))
}

/// P14: sixteen at once.
pub fn parallel(ground: &Ground) -> Outcome<Vec<Line>> {
    let (vayu, peer) = (ground.board(1_000)?, ground.taskwarrior(1_000)?);
    let (mut here, mut there, mut lost) = (Rounds::<1>::default(), Rounds::<1>::default(), 0);
    for round in 0..ground.options.some(ROUNDS, 3 * ROUNDS) {
        let words: Vec<String> = (0..16).map(|n| format!("atonce{round}q{n}q")).collect();
        here.add([together(&vayu, &["task", "create"], &words)?]);
        lost += stored(&vayu, &words)?;
        if let Some(peer) = &peer {
            there.add([together(&peer.cli, &["add"], &words)?]);
        }
    }
    let time = here.median(0).unwrap_or_default();
    Ok(vec![
        Line::new("P14", "16 creates at once", time, Unit::Ms).at_most(1.0, PEER, there.median(0)),
        Line::new("P14", "16 creates at once: tasks lost", f64::from(lost), Unit::Plain).within(0.0),
    ])
}

/// Starts the program once for each word at the same moment; milliseconds until the last one has ended.
fn together(program: &Program, args: &[&str], words: &[String]) -> Outcome<f64> {
    let start = Instant::now();
    let start_one = |word: &String| program.command(&[args, &[word]].concat()).spawn();
    let children: Vec<Child> = words.iter().map(start_one).collect::<Result<_, _>>()?;
    for mut child in children {
        if !child.wait()?.success() {
            return Err("one of those at once has failed".into());
        }
    }
    Ok(ms(start.elapsed()))
}

/// How many of the words are no title of a task.
fn stored(vayu: &Program, words: &[String]) -> Outcome<u32> {
    let mut missing = 0;
    for word in words {
        let found = vayu.output(&["task", "list", "--search", word])?;
        missing += u32::from(!found.contains(word.as_str()));
    }
    Ok(missing)
}
