//! I: how many instructions the program needs, counted by valgrind: the same on every day, whatever else a machine does.

use std::time::Duration;

use crate::Outcome;
use crate::ground::Ground;
use crate::line::{Line, Unit};
use crate::program::{Program, installed};
use crate::screen::Screen;

/// Keys of the longer and of the shorter walk; what each costs is their difference.
const WALKS: [usize; 2] = [20, 100];
/// Under the counter everything takes fifty times as long.
const SETTLE: Duration = Duration::from_secs(3);

/// I: a command, a list, a key, on a small and on a large board.
pub fn counted(ground: &Ground) -> Outcome<Vec<Line>> {
    let Some(valgrind) = installed("valgrind") else {
        return Ok(vec![Line::skipped("I", "instructions", "valgrind is not here")]);
    };
    let counter =
        |tasks| Ok::<_, Box<dyn std::error::Error>>(Counter { vayu: ground.board(tasks)?, valgrind: valgrind.clone() });
    let (small, large) = (counter(1_000)?, counter(100_000)?);
    let mut lines = Vec::new();
    for (what, args, most) in [
        ("create a task", &["task", "create", "one more thing"][..], 1.3),
        ("list all", &["task", "list"], 110.0),
        ("list all as JSON", &["task", "list", "--json"], 110.0),
    ] {
        lines.extend(pair(what, small.command(args)?, large.command(args)?, most));
    }
    lines.extend(pair("a key on the board", small.key()?, large.key()?, 1.3));
    Ok(lines)
}

fn pair(what: &str, at_1k: f64, at_100k: f64, most: f64) -> [Line; 2] {
    let line = |size, count| Line::new("I", format!("{what} at {size}"), count, Unit::MillionInstructions);
    [line("1k", at_1k), line("100k", at_100k).at_most(most, "its own at 1k", Some(at_1k))]
}

/// vayu under the counter.
struct Counter {
    vayu: Program,
    valgrind: std::path::PathBuf,
}

impl Counter {
    fn program(&self) -> Program {
        Program { path: self.valgrind.clone(), ..self.vayu.clone() }
    }

    fn args<'a>(&'a self, out: &'a str, args: &[&'a str]) -> Outcome<Vec<&'a str>> {
        let vayu = self.vayu.path.to_str().ok_or("a path that is no text")?;
        Ok([&["--tool=callgrind", "--log-file=/dev/null", out, vayu], args].concat())
    }

    /// Millions of a command, from its start to its end.
    fn command(&self, args: &[&str]) -> Outcome<f64> {
        let file = self.vayu.folder.join("counted");
        let out = format!("--callgrind-out-file={}", file.display());
        self.program().run(&self.args(&out, args)?)?;
        total(&file)
    }

    /// Millions of one key in a walk up and down.
    fn key(&self) -> Outcome<f64> {
        let [few, many] = WALKS;
        Ok((self.walk(many)? - self.walk(few)?) / (many - few) as f64)
    }

    fn walk(&self, keys: usize) -> Outcome<f64> {
        let file = self.vayu.folder.join("counted");
        let out = format!("--callgrind-out-file={}", file.display());
        let mut screen = Screen::start(&self.program(), &self.args(&out, &[])?)?;
        screen.until(|screen| screen.text().contains('#'))?;
        screen.rest(SETTLE)?;
        screen.type_in("l")?;
        screen.until(|screen| screen.cursor().1.contains('#'))?;
        screen.rest(SETTLE)?;
        for n in 0..keys {
            screen.step(if n % 10 < 5 { "j" } else { "k" })?;
        }
        screen.quit("q")?;
        total(&file)
    }
}

/// What the counter wrote down, in millions.
fn total(file: &std::path::Path) -> Outcome<f64> {
    let text = std::fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")));
    let count: f64 = line.and_then(|line| line.split_whitespace().next()).ok_or("the counter says nothing")?.parse()?;
    Ok(count / 1e6)
}
