//! P12: search as it is typed.

use crate::Outcome;
use crate::boards::WORDS;
use crate::ground::Ground;
use crate::line::{Line, Unit};
use crate::measure::{ROUNDS, Rounds, percentile};
use crate::program::Program;
use crate::screen::Screen;

use super::keys::at_ready_lane;

/// P12: each letter of common and of rare words.
pub fn typing(ground: &Ground) -> Outcome<Vec<Line>> {
    let words = [WORDS[0], "n9912", WORDS[7], WORDS[11]];
    let mut lines = Vec::new();
    for (tasks, name, limit) in [(100_000, "100k", 10.0), (1_000_000, "1M", 30.0)] {
        let what = format!("a letter of a search at {name}, p95");
        if tasks > 100_000 && !ground.options.full {
            lines.push(Line::skipped("P12", what, "needs --full"));
            continue;
        }
        let mut rounds = Rounds::<1>::default();
        for _ in 0..ROUNDS {
            rounds.add([letters(&ground.board(tasks)?, &words)?]);
        }
        lines.push(Line::new("P12", what, rounds.median(0).unwrap_or_default(), Unit::Ms).within(limit));
    }
    Ok(lines)
}

fn letters(vayu: &Program, words: &[&str]) -> Outcome<f64> {
    let mut screen = at_ready_lane(vayu)?;
    let mut all = Vec::new();
    for word in words {
        screen.press("/")?;
        for letter in word.chars() {
            all.extend(screen.press_and_finish(&letter.to_string())?.last);
        }
        clear(&mut screen)?;
    }
    Ok(percentile(&all, 0.95))
}

fn clear(screen: &mut Screen) -> Outcome<()> {
    screen.press_and_finish("\x15")?;
    screen.press_and_finish("\r")?;
    Ok(())
}
