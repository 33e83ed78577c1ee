//! P3, P6, P10: what the board shows by itself.

use std::path::Path;
use std::time::{Duration, Instant};

use super::keys::at_ready_lane;
use crate::Outcome;
use crate::ground::Ground;
use crate::line::{Line, Unit};
use crate::measure::{ROUNDS, Rounds, ms, percentile};
use crate::program::{Program, cpu_ms, installed, memory};
use crate::screen::Screen;

/// How often the board looks by itself whether somebody has written, in milliseconds.
const POLL: f64 = 200.0;

/// P3: the first picture.
pub fn first(ground: &Ground) -> Outcome<Vec<Line>> {
    let (small, middle, large) = (ground.board(1_000)?, ground.board(10_000)?, ground.board(100_000)?);
    let huge = ground.options.full.then(|| ground.board(1_000_000)).transpose()?;
    let (mut here, mut many) = (Rounds::<4>::default(), Rounds::<1>::default());
    let (mut there, mut text) = (Rounds::<1>::default(), Rounds::<1>::default());
    let peer = ground.taskwarrior(10_000)?.and_then(|peer| peer.tui);
    for _ in 0..ground.options.some(ROUNDS, 2 * ROUNDS + 1) {
        let ([frame, at_1k], [_, at_10k], [_, at_100k]) = (board(&small)?, board(&middle)?, board(&large)?);
        here.add([frame, at_1k, at_10k, at_100k]);
        huge.as_ref().map(board).transpose()?.into_iter().for_each(|[_, time]| many.add([time]));
        less(ground)?.into_iter().for_each(|time| text.add([time]));
        if let Some(peer) = &peer {
            there.add([Screen::start(peer, &[])?.first(|screen| screen.text().contains(" n1"))?]);
        }
    }
    let [frame, at_1k, at_10k, at_100k] = here.medians().unwrap_or_default();
    let own =
        |what: &str, time, times| Line::new("P3", what, time, Unit::Ms).at_most(times, "its own at 1k", Some(at_1k));
    Ok(vec![
        Line::new("P3", "first frame", frame, Unit::Ms).at_most(5.0, "less", text.median(0)),
        Line::new("P3", "first cards at 10k", at_10k, Unit::Ms).at_most(0.125, "taskwarrior-tui", there.median(0)),
        own("first cards at 100k", at_100k, 1.5),
        many.median(0).map_or_else(
            || Line::skipped("P3", "first cards at 1M", "needs --full"),
            |time| own("first cards at 1M", time, 2.0),
        ),
    ])
}

/// Milliseconds to the frame of the board and to the first cards.
fn board(vayu: &Program) -> Outcome<[f64; 2]> {
    let mut screen = Screen::start(vayu, &[])?;
    let frame = screen.first(|screen| screen.text().contains("Ready"))?;
    let cards = screen.first(|screen| screen.text().contains(" n") && screen.text().contains('#'))?;
    screen.quit("q")?;
    Ok([frame, cards.max(frame)])
}

fn less(ground: &Ground) -> Outcome<Option<f64>> {
    let Some(path) = installed("less") else { return Ok(None) };
    let folder = ground.folder("less")?;
    let lines: Vec<String> = (0..10_000).map(|n| crate::boards::task(n).title).collect();
    std::fs::write(folder.join("tasks.txt"), lines.join("\n"))?;
    let mut screen = Screen::start(&Program::new(&path, &folder), &["tasks.txt"])?;
    Ok(Some(screen.first(|screen| screen.text().contains(" n1"))?))
}

/// P6: nothing happens.
pub fn idle(ground: &Ground) -> Outcome<Vec<Line>> {
    let time = ground.options.some(Duration::from_secs(4), Duration::from_secs(12));
    let [bytes, share] = quiet(&ground.board(10_000)?, time, |screen| screen.text().contains('#'))?;
    let peer = match ground.taskwarrior(1_000)?.and_then(|peer| peer.tui) {
        Some(peer) => Some(quiet(&peer, time, |screen| screen.text().contains(" n1"))?[1]),
        None => None,
    };
    Ok(vec![
        Line::new("P6", "bytes while nothing happens", bytes, Unit::BytesPerSecond).within(0.0),
        Line::new("P6", "processor while nothing happens", share, Unit::Percent).within(0.5),
        Line::new("P6", "processor while nothing happens", share, Unit::Percent).at_most(1.0, "taskwarrior-tui", peer),
    ])
}

/// Bytes in a second and per cent of a core, median of the rounds.
fn quiet(program: &Program, time: Duration, ready: fn(&Screen) -> bool) -> Outcome<[f64; 2]> {
    let mut screen = Screen::start(program, &[])?;
    screen.until(ready)?;
    screen.idle(Duration::from_secs(1))?;
    let (pid, mut rounds) = (screen.pid()?, Rounds::default());
    for _ in 0..ROUNDS {
        let before = cpu_ms(pid).unwrap_or_default();
        let bytes = screen.idle(time / ROUNDS as u32)? as f64;
        let used = cpu_ms(pid).unwrap_or_default() - before;
        let seconds = (time / ROUNDS as u32).as_secs_f64();
        rounds.add([bytes / seconds, used / seconds / 10.0]);
    }
    rounds.medians().ok_or_else(|| "no round was run".into())
}

/// P10: somebody else has changed a card that is on screen.
pub fn news(ground: &Ground) -> Outcome<Vec<Line>> {
    let vayu = ground.board(10_000)?;
    let times = ground.options.some(20, 70);
    let mut screen = at_ready_lane(&vayu)?;
    let (mut told, mut polled) = (Rounds::<2>::default(), Rounds::<2>::default());
    for _ in 0..ROUNDS {
        told.add(p99(&mut screen, &vayu, "told", times)?);
    }
    for _ in 0..ROUNDS {
        deafen(&vayu.folder.join(".vayu/notices"))?;
        polled.add(p99(&mut screen, &vayu, "polled", times / 4)?);
    }
    let line = |what, rounds: Rounds<2>, limit| {
        let [painted, command] = rounds.medians().unwrap_or_default();
        Line::new("P10", what, painted, Unit::Ms).within(limit).compared("the command alone", command)
    };
    Ok(vec![
        line("start of a command to paint elsewhere, p99", told, 50.0),
        line("the same with its socket gone, p99", polled, POLL + 50.0),
    ])
}

/// From the start of the process that commits to the frame that shows it, and to the end of the process: what of the one
/// is not of the other is the board's.
fn p99(screen: &mut Screen, vayu: &Program, word: &str, times: usize) -> Outcome<[f64; 2]> {
    let (mut all, mut commands) = (Vec::new(), Vec::new());
    for n in 0..times {
        let title = format!("{word}{n}");
        let start = Instant::now();
        vayu.run(&["task", "edit", "5", "--title", &title])?;
        commands.push(ms(start.elapsed()));
        let painted = screen.until(|screen| screen.text().contains(&title))?;
        all.push(ms(painted.saturating_duration_since(start)));
        // Not in step with anybody's clock.
        screen.idle(Duration::from_millis(fastrand::u64(5..60)))?;
    }
    Ok([percentile(&all, 0.99), percentile(&commands, 0.99)])
}

/// Takes the sockets away on which boards listen.
fn deafen(notices: &Path) -> Outcome<()> {
    for entry in std::fs::read_dir(notices)? {
        std::fs::remove_file(entry?.path())?;
    }
    Ok(())
}

/// MB that a board of this size holds after a walk through it.
pub fn memory_of_board(vayu: &Program) -> Outcome<f64> {
    let mut screen = at_ready_lane(vayu)?;
    for key in ["\x1b[6~", "\x1b[6~", "G", "g", "g", "/", "s", "c", "h", "\x1b"] {
        screen.press(key)?;
    }
    screen.idle(Duration::from_millis(300))?;
    memory(screen.pid()?, "VmRSS:").ok_or_else(|| "the board has ended".into())
}
