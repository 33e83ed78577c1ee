//! P4, P5, P15: keys on the board.

use std::time::Duration;

use crate::Outcome;
use crate::ground::Ground;
use crate::line::{Line, Unit};
use crate::measure::{ROUNDS, Rounds, ms, percentile};
use crate::program::{Program, installed};
use crate::screen::Screen;
use crate::terminal::outside_updates;
use crate::writers::Writers;

/// Longer than any pause within an answer.
const SETTLE: Duration = Duration::from_millis(400);

/// A board with the cursor at the first card of the lane that is full.
pub fn at_ready_lane(vayu: &Program) -> Outcome<Screen> {
    let mut screen = Screen::start(vayu, &[])?;
    screen.until(|screen| screen.text().contains('#'))?;
    screen.rest(SETTLE)?;
    screen.type_in("l")?;
    screen.until(|screen| screen.cursor().1.contains('#'))?;
    screen.rest(SETTLE)?;
    Ok(screen)
}

/// P4: from a key to the last byte of its answer.
pub fn latency(ground: &Ground) -> Outcome<Vec<Line>> {
    let (vayu, times) = (ground.board(100_000)?, ground.options.some(40, 120));
    let htop = installed("htop").map(|path| Program::new(&path, &vayu.folder));
    let (mut here, mut there) = (Rounds::<2>::default(), Rounds::<2>::default());
    for _ in 0..ROUNDS {
        here.add(walk(&mut at_ready_lane(&vayu)?, "j", "k", times)?);
        if let Some(htop) = &htop {
            let mut screen = Screen::start(htop, &["-d", "100"])?;
            screen.rest(SETTLE)?;
            there.add(walk(&mut screen, "\x1bOB", "\x1bOA", times)?);
        }
    }
    let [p50, p99] = here.medians().unwrap_or_default();
    let [busy50, busy99] = while_others_write(&vayu, times)?;
    let line = |what: &str, time| Line::new("P4", what, time, Unit::Ms);
    Ok(vec![
        line("key to last byte at 100k, p50", p50).at_most(1.0, "htop", there.median(0)),
        line("key to last byte at 100k, p50", p50).within(3.0),
        line("key to last byte at 100k, p99", p99).at_most(2.0, "htop", there.median(1)),
        line("key to last byte at 100k, p99", p99).within(16.0),
        line("the same while 16 agents write, p50", busy50).within(3.0),
        line("the same while 16 agents write, p99", busy99).within(16.0),
    ])
}

/// Down and up again, so that a short list is enough.
fn walk(screen: &mut Screen, down: &str, up: &str, times: usize) -> Outcome<[f64; 2]> {
    let mut all = Vec::new();
    for n in 0..times {
        let answer = screen.press(if n % 10 < 5 { down } else { up })?;
        all.extend(answer.last);
    }
    Ok([percentile(&all, 0.5), percentile(&all, 0.99)])
}

/// From a key to the cursor in its new place, while bytes come all the time.
fn while_others_write(vayu: &Program, times: usize) -> Outcome<[f64; 2]> {
    let mut rounds = Rounds::<2>::default();
    let mut writers = Writers::start(&vayu.folder.join(".vayu/board.db"))?;
    let mut screen = at_ready_lane_while_others_write(vayu)?;
    for _ in 0..ROUNDS {
        let mut all = Vec::new();
        for n in 0..times {
            all.push(screen.step(if n % 10 < 5 { "j" } else { "k" })?);
            screen.idle(Duration::from_millis(fastrand::u64(8..40)))?;
        }
        rounds.add([percentile(&all, 0.5), percentile(&all, 0.99)]);
    }
    writers.check()?;
    rounds.medians().ok_or_else(|| "no round was run".into())
}

fn at_ready_lane_while_others_write(vayu: &Program) -> Outcome<Screen> {
    let mut screen = Screen::start(vayu, &[])?;
    screen.until(|screen| screen.text().contains('#'))?;
    screen.idle(SETTLE)?;
    screen.type_in("l")?;
    screen.until(|screen| screen.cursor().1.contains('#'))?;
    screen.idle(SETTLE)?;
    Ok(screen)
}

/// P5: how much is sent.
pub fn bytes(ground: &Ground) -> Outcome<Vec<Line>> {
    let vayu = ground.board(10_000)?;
    let (mut rounds, mut outside) = (Rounds::<3>::default(), 0);
    for _ in 0..ROUNDS {
        let mut screen = at_ready_lane(&vayu)?;
        let paint = first_paint(&vayu)?;
        let start = screen.bytes.len();
        let moves = sent(&mut screen, &["j"; 40])?;
        let pages = sent(&mut screen, &["\x1b[6~", "\x1b[6~", "\x1b[6~", "\x1b[5~"].repeat(8))?;
        outside = outside.max(outside_updates(&screen.bytes[start..]).0);
        rounds.add([percentile(&moves, 0.5), percentile(&pages, 0.99), paint]);
    }
    let [moves, pages, paint] = rounds.medians().unwrap_or_default();
    let line = |what: &str, bytes| Line::new("P5", what, bytes, Unit::Bytes);
    Ok(vec![
        line("a step of the cursor, p50", moves).within(500.0),
        line("a page, p99", pages).within(6_000.0),
        line("the first paint", paint).within(8_000.0),
        line("bytes outside of synchronized frames", outside as f64).within(0.0),
    ])
}

fn sent(screen: &mut Screen, keys: &[&str]) -> Outcome<Vec<f64>> {
    keys.iter().map(|key| Ok(screen.press(key)?.bytes as f64)).collect()
}

/// Bytes until the board with its first cards has come to rest.
fn first_paint(vayu: &Program) -> Outcome<f64> {
    let mut screen = Screen::start(vayu, &[])?;
    screen.until(|screen| screen.text().contains('#'))?;
    screen.rest(SETTLE)?;
    Ok(screen.bytes.len() as f64)
}

/// P15: far more keys than anybody waits for, and the end.
pub fn flood(ground: &Ground) -> Outcome<Vec<Line>> {
    const KEYS: usize = 500;
    let vayu = ground.board(100_000)?;
    let (mut rounds, mut wrong) = (Rounds::<1>::default(), 0.0);
    for _ in 0..ROUNDS {
        let mut screen = at_ready_lane(&vayu)?;
        let at = screen.type_in(&"j".repeat(KEYS))?;
        let last = screen.rest(SETTLE)?.ok_or("no key was answered")?;
        rounds.add([ms(last.saturating_duration_since(at))]);
        let flooded = screen.text();
        screen.press("gg")?;
        for _ in 0..KEYS / 20 {
            screen.press(&"j".repeat(20))?;
        }
        screen.rest(SETTLE)?;
        wrong += f64::from(u8::from(screen.text() != flooded));
    }
    let mut lines = vec![
        Line::new("P15", "500 keys at once, until all is drawn", rounds.median(0).unwrap_or_default(), Unit::Ms)
            .within(300.0),
        Line::new("P15", "500 keys at once: wrong in the end", wrong, Unit::Plain).within(0.0),
    ];
    for tasks in ground.sizes() {
        let mut rounds = Rounds::<1>::default();
        for _ in 0..ROUNDS {
            rounds.add([at_ready_lane(&ground.board(tasks)?)?.quit("q")?]);
        }
        let line = Line::new("P15", format!("quit at {tasks}"), rounds.median(0).unwrap_or_default(), Unit::Ms);
        lines.push(line.within(100.0));
    }
    Ok(lines)
}
