//! P7: how much memory a process holds.

use super::paint::memory_of_board;
use crate::Outcome;
use crate::ground::Ground;
use crate::line::{Line, Unit};
use crate::measure::{ROUNDS, Rounds};

/// P7: the board and the commands.
pub fn resident(ground: &Ground) -> Outcome<Vec<Line>> {
    let (middle, large) = (ground.board(10_000)?, ground.board(100_000)?);
    let huge = ground.options.full.then(|| ground.board(1_000_000)).transpose()?;
    let (mut boards, mut commands, mut many) = (Rounds::<2>::default(), Rounds::<2>::default(), Rounds::<1>::default());
    for _ in 0..ROUNDS {
        boards.add([memory_of_board(&middle)?, memory_of_board(&large)?]);
        commands.add([middle.peak(&["task", "create", "one more thing"])?, large.peak(&["task", "list"])?]);
        huge.as_ref().map(memory_of_board).transpose()?.into_iter().for_each(|held| many.add([held]));
    }
    let [at_10k, at_100k] = boards.medians().unwrap_or_default();
    let [create, list] = commands.medians().unwrap_or_default();
    let line = |what: &str, held| Line::new("P7", what, held, Unit::Mb);
    Ok(vec![
        line("the board at 10k, after a walk", at_10k).within(30.0),
        line("the board at 100k, after a walk", at_100k).within(60.0),
        many.median(0).map_or_else(
            || Line::skipped("P7", "the board at 1M, after a walk", "needs --full"),
            |held| line("the board at 1M, after a walk", held).within(60.0),
        ),
        line("create a task at 10k, peak", create).within(12.0),
        line("list 100k tasks, peak", list).within(12.0),
    ])
}
