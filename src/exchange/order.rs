//! How the tasks of a batch hang together: wholes and parts, who waits for whom, and an order in which they can come
//! in. Pure, and linear in the number of tasks and links: what does not fit (unknown ends, circles) is left out and named.

mod forest;
mod links;
mod sequence;

use std::collections::{HashMap, HashSet};

use super::incoming::{Batch, Incoming, Skipped, Wait};
use crate::domain::{Level, TaskId};

use forest::Forest;
pub use links::Links;

/// A task of the same source that is on the board already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// Its id.
    pub id: TaskId,
    /// Its level.
    pub level: Level,
    /// Whether somebody is at it, so that it has to stay a task.
    pub held: bool,
}

/// The other end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// The task at this position of [`Arranged::tasks`].
    File(usize),
    /// A task on the board that is not in the file.
    Board(TaskId),
}

/// A task in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The task.
    pub incoming: Incoming,
    /// Its level.
    pub level: Level,
    /// Its whole.
    pub parent: Option<End>,
    /// Its predecessors.
    pub waits: Vec<(End, Wait)>,
}

/// A batch that can come in.
#[derive(Debug, Clone, PartialEq)]
pub struct Arranged {
    /// Tasks in file order.
    pub tasks: Vec<Placed>,
    /// Positions in the order to bring them in: wholes before parts, and predecessors first wherever that allows it.
    pub order: Vec<usize>,
    /// What was left out.
    pub skipped: Vec<Skipped>,
    /// Links that are kept as words.
    pub mentioned: usize,
}

/// Puts the tasks of a batch in their places. `seat` tells which keys are on the board already.
pub fn arrange(batch: Batch, seat: &dyn Fn(&str) -> Option<Seat>) -> Arranged {
    let mut skipped = batch.skipped;
    let mut tasks = without_doubles(batch.incoming, &mut skipped);
    let index: HashMap<String, usize> = tasks.iter().enumerate().map(|(at, task)| (task.key.clone(), at)).collect();
    let find =
        |key: &str| index.get(key).map(|at| End::File(*at)).or_else(|| seat(key).map(|seat| End::Board(seat.id)));
    let mentioned = note_mentions(&mut tasks, &|key| find(key).is_some(), &mut skipped);
    let seats: Vec<Option<Seat>> = tasks.iter().map(|task| seat(&task.key)).collect();
    let parents = parents(&tasks, &seats, &find, seat, &mut skipped);
    let forest = Forest::of(&parents);
    let waits = waits(&tasks, &forest, &find, &mut skipped);
    let order = sequence::order(&parents, &waits);
    let levels: Vec<Level> = (0..tasks.len()).map(|at| level(&tasks[at], forest.height(at))).collect();
    let placed = tasks.into_iter().zip(levels).zip(parents).zip(waits);
    let tasks = placed.map(|(((incoming, level), parent), waits)| Placed { incoming, level, parent, waits }).collect();
    skipped.sort_by_key(|skipped| skipped.line);
    Arranged { tasks, order, skipped, mentioned }
}

/// Of several entries with one key the last one stands, as it is the newest.
fn without_doubles(tasks: Vec<Incoming>, skipped: &mut Vec<Skipped>) -> Vec<Incoming> {
    let mut last: HashMap<String, usize> = HashMap::with_capacity(tasks.len());
    for task in &tasks {
        last.insert(task.key.clone(), task.line);
    }
    let mut seen: HashSet<(String, usize)> = HashSet::new();
    let stands = |task: &Incoming, skipped: &mut Vec<Skipped>, seen: &mut HashSet<(String, usize)>| {
        let line = last.get(&task.key).copied().unwrap_or(task.line);
        let first = line == task.line && seen.insert((task.key.clone(), line));
        if !first {
            skipped.push(Skipped::new(task.line, &task.key, format!("line {line} has the same key and is newer")));
        }
        first
    };
    tasks.into_iter().filter(|task| stands(task, skipped, &mut seen)).collect()
}

/// Links that order no work become words; those that lead nowhere are named.
fn note_mentions(tasks: &mut [Incoming], known: &dyn Fn(&str) -> bool, skipped: &mut Vec<Skipped>) -> usize {
    let mut kept = 0;
    for task in tasks {
        for (word, key) in std::mem::take(&mut task.mentions) {
            if known(&key) {
                task.fields.notes.push(format!("{} {key}", word.replace('-', " ")));
                kept += 1;
            } else {
                skipped.push(Skipped::new(task.line, format!("{} {word} {key}", task.key), NOT_THERE));
            }
        }
    }
    kept
}

const NOT_THERE: &str = "the other end is neither in this file nor on the board";

fn parents(
    tasks: &[Incoming],
    seats: &[Option<Seat>],
    find: &dyn Fn(&str) -> Option<End>,
    seat: &dyn Fn(&str) -> Option<Seat>,
    skipped: &mut Vec<Skipped>,
) -> Vec<Option<End>> {
    let mut found: Vec<Option<End>> = Vec::with_capacity(tasks.len());
    for (at, task) in tasks.iter().enumerate() {
        let Some(key) = &task.parent else {
            found.push(None);
            continue;
        };
        let end = find(key);
        let reason = match end {
            None if !task.parent_named => None,
            None => Some(NOT_THERE),
            Some(End::File(whole)) if whole == at => Some("it is named as a part of itself"),
            Some(End::File(whole)) if seats[whole].is_some_and(|seat| seat.held) => {
                Some("somebody is working on the whole, so it cannot get parts now")
            }
            Some(End::Board(_)) if seat(key).is_some_and(|seat| seat.level == Level::Task) => {
                Some("the whole is a task on the board, which has no parts")
            }
            Some(_) => None,
        };
        if let Some(reason) = reason {
            skipped.push(Skipped::new(task.line, format!("{} part of {key}", task.key), reason));
        }
        found.push(end.filter(|_| reason.is_none()));
    }
    for (at, circle) in forest::break_circles(&mut found) {
        let reason = format!("that would close a circle: {}", print_circle(tasks, &circle, false, "is a part of"));
        skipped.push(Skipped::new(tasks[at].line, format!("{} is a part", tasks[at].key), reason));
    }
    found
}

fn waits(
    tasks: &[Incoming],
    forest: &Forest,
    find: &dyn Fn(&str) -> Option<End>,
    skipped: &mut Vec<Skipped>,
) -> Vec<Vec<(End, Wait)>> {
    let mut found: Vec<Vec<(End, Wait)>> = Vec::with_capacity(tasks.len());
    for (at, task) in tasks.iter().enumerate() {
        let mut kept: Vec<(End, Wait)> = Vec::new();
        let mut ends = HashSet::new();
        for wait in &task.waits {
            let what = || format!("{} waits for {}", task.key, wait.on);
            match find(&wait.on) {
                None => skipped.push(Skipped::new(task.line, what(), NOT_THERE)),
                Some(End::File(on)) if on == at => {
                    skipped.push(Skipped::new(task.line, what(), "a task cannot wait for itself"));
                }
                Some(End::File(on)) if forest.is_within(at, on) => {
                    let reason = "it is a part of that one, which is done only when all its parts are";
                    skipped.push(Skipped::new(task.line, what(), reason));
                }
                Some(end) if ends.insert(end) => kept.push((end, wait.clone())),
                Some(_) => {}
            }
        }
        found.push(kept);
    }
    for cut in sequence::break_circles(&mut found) {
        let (task, on) = (&tasks[cut.at], &tasks[cut.on]);
        let circle = print_circle(tasks, &cut.circle, cut.shortened, "waits for");
        let reason = format!("that would close a circle: {circle}");
        skipped.push(Skipped::new(task.line, format!("{} waits for {}", task.key, on.key), reason));
    }
    found
}

/// `a waits for b waits for a`; of long circles both ends.
fn print_circle(tasks: &[Incoming], circle: &[usize], shortened: bool, word: &str) -> String {
    let shortened = shortened || circle.len() > 12;
    let (head, tail) =
        if shortened { circle.split_at(circle.len().saturating_sub(4).min(8)) } else { (circle, &[][..]) };
    let tail = &tail[tail.len().saturating_sub(4)..];
    let keys = |part: &[usize]| part.iter().map(|at| tasks[*at].key.clone()).collect::<Vec<_>>();
    let mut shown = keys(head);
    if shortened {
        shown.push("…".into());
    }
    shown.extend(keys(tail));
    shown.join(&format!(" {word} "))
}

/// A task without parts is a task; what holds tasks is a package, what holds packages a deliverable, then a goal.
fn level(task: &Incoming, height: usize) -> Level {
    let by_parts = match height {
        0 if task.fields.group => Level::Package,
        0 => Level::Task,
        1 => Level::Package,
        2 => Level::Deliverable,
        _ => Level::Goal,
    };
    // Levels are ordered from coarse to fine: a level that the source names stands unless its parts need a coarser one.
    match task.fields.level {
        Some(named) if height == 0 || named != Level::Task => named,
        _ => by_parts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Kind;

    fn task(key: &str, parent: Option<&str>, waits: &[&str]) -> Incoming {
        let mut task = Incoming::new(key, key.len(), key);
        task.parent = parent.map(str::to_owned);
        task.parent_named = true;
        for on in waits {
            task.wait_for(*on);
        }
        task
    }

    fn arranged(tasks: Vec<Incoming>) -> Arranged {
        let tasks = tasks.into_iter().enumerate().map(|(at, task)| Incoming { line: at + 1, ..task }).collect();
        arrange(Batch { kind: Kind::Beads, incoming: tasks, skipped: Vec::new() }, &|_| None)
    }

    fn position(arranged: &Arranged, key: &str) -> usize {
        let key = |at: &usize| arranged.tasks[*at].incoming.key == key;
        arranged.order.iter().position(key).expect("every task is in the order")
    }

    #[test]
    fn levels_follow_from_the_parts() {
        let found = arranged(vec![task("a", None, &[]), task("b", Some("a"), &[]), task("c", Some("b"), &[])]);
        let levels: Vec<Level> = found.tasks.iter().map(|placed| placed.level).collect();
        assert_eq!(levels, [Level::Deliverable, Level::Package, Level::Task]);
    }

    #[test]
    fn an_epic_without_parts_is_a_package() {
        let mut epic = task("e", None, &[]);
        epic.fields.group = true;
        assert_eq!(arranged(vec![epic]).tasks[0].level, Level::Package);
    }

    #[test]
    fn wholes_and_predecessors_come_in_first() {
        let found = arranged(vec![
            task("part", Some("whole"), &["later"]),
            task("whole", None, &["part"]),
            task("later", None, &[]),
        ]);
        assert_eq!(found.skipped, []);
        assert!(position(&found, "whole") < position(&found, "part"));
        assert!(position(&found, "later") < position(&found, "part"));
        assert_eq!(found.order.len(), 3);
    }

    #[test]
    fn circles_are_cut_and_printed() {
        let found = arranged(vec![task("a", None, &["b"]), task("b", None, &["c"]), task("c", None, &["a"])]);
        assert_eq!(found.skipped.len(), 1);
        assert_eq!(found.skipped[0].what, "c waits for a");
        assert!(found.skipped[0].reason.ends_with("a waits for b waits for c waits for a"), "{:?}", found.skipped);
        let found = arranged(vec![task("a", Some("b"), &[]), task("b", Some("a"), &[])]);
        assert_eq!(found.skipped.len(), 1);
    }

    #[test]
    fn a_part_does_not_wait_for_its_whole() {
        let found = arranged(vec![task("a", None, &[]), task("b", Some("a"), &[]), task("c", Some("b"), &["a"])]);
        assert_eq!(found.skipped[0].what, "c waits for a");
        assert_eq!(found.tasks[2].waits, []);
    }

    #[test]
    fn the_last_of_several_entries_stands() {
        let mut newer = task("a", None, &[]);
        newer.fields.title = "newer".into();
        let found = arranged(vec![task("a", None, &[]), newer]);
        assert_eq!(found.tasks.len(), 1);
        assert_eq!(found.tasks[0].incoming.fields.title, "newer");
        assert_eq!(found.skipped[0].line, 1);
    }

    #[test]
    fn unknown_ends_are_named_with_their_line() {
        let found = arranged(vec![task("a", Some("x"), &["y"])]);
        let what: Vec<_> = found.skipped.iter().map(|s| (s.line, s.what.as_str())).collect();
        assert_eq!(what, [(1, "a part of x"), (1, "a waits for y")]);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_takes_no_stack_and_no_square() {
        let key = |n: usize| format!("k{n}");
        let chain = (0..100_000).map(|n| {
            let mut task = Incoming::new(key(n), n + 1, "t");
            task.wait_for(key(n + 1));
            task.parent = Some(key(n + 1));
            task
        });
        let found = arranged(chain.collect());
        assert_eq!(found.order.len(), 100_000);
        assert_eq!(
            found.skipped.len(),
            100_000,
            "every wait is for the own whole, but for the last, which leads nowhere"
        );
    }
}
