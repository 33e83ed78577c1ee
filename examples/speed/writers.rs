//! Sixteen agents that write while somebody looks: a process of its own, so that it takes no time from what is measured.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use vayu::domain::command::TaskField;
use vayu::domain::{Actor, Command as Wish, TaskId};
use vayu::service::Service;
use vayu::store::sqlite::Board;
use vayu::store::view::{Filter, Page};

use crate::Outcome;

/// The first argument of the writing process.
pub const WORKER: &str = "--writers";
/// How many write.
const WRITERS: u64 = 16;
/// How many changes they make in a second, all together.
const RATE: u64 = 100;

/// The writing process; it ends when this is dropped.
pub struct Writers(Child);

impl Writers {
    /// Starts them on a board.
    pub fn start(board: &Path) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        Ok(Self(command.arg(WORKER).arg(board).stdin(Stdio::null()).stdout(Stdio::null()).spawn()?))
    }

    /// An error when they have given up.
    pub fn check(&mut self) -> Outcome<()> {
        match self.0.try_wait()? {
            Some(status) => Err(format!("the writers have ended: {status}").into()),
            None => Ok(()),
        }
    }
}

impl Drop for Writers {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _gone_already = self.0.wait();
    }
}

/// The writing process itself: each writer remarks on and estimates tasks at the top of the board, for ever.
pub fn work(args: &[String]) -> Outcome<()> {
    let [board] = args else { return Err("the board is missing".into()) };
    let threads: Vec<_> = (0..WRITERS)
        .map(|n| {
            let board = board.clone();
            std::thread::spawn(move || write(Path::new(&board), n).map_err(|error| error.to_string()))
        })
        .collect();
    for thread in threads {
        thread.join().map_err(|_| "a writer has failed")??;
    }
    Ok(())
}

fn write(board: &Path, n: u64) -> Outcome<()> {
    let mut service = Service::new(Box::new(Board::at(board).open()?));
    let page = Page { offset: 0, limit: 200 };
    let tasks: Vec<TaskId> =
        service.read().list_cards(&Filter::default(), page)?.iter().map(|card| card.task_id).collect();
    let (actor, mut dice) = (Actor::human(format!("writer-{n}")), fastrand::Rng::with_seed(n));
    let pause = 1_000_000 * WRITERS / RATE;
    loop {
        std::thread::sleep(Duration::from_micros(dice.u64(pause / 2..pause * 3 / 2)));
        let task_id = *dice.choice(&tasks).ok_or("a board without tasks")?;
        let wish = if dice.bool() {
            Wish::Comment { task_id, text: "as far as it goes".into(), author: None, at: None }
        } else {
            let changes = vec![TaskField::Points(Some(f64::from(dice.u8(1..13))))];
            Wish::EditTask { task_id, changes, expected_rev: None }
        };
        service.submit(&actor, wish)?;
    }
}
