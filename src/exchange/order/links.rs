//! Links between rows that are to stay as they are: which of them cannot.

use super::End;
use super::forest::{self, Forest};
use super::sequence;

/// Wholes and predecessors of all tasks, by position.
#[derive(Debug, Default)]
pub struct Links {
    parents: Vec<Option<End>>,
    waits: Vec<Vec<(End, ())>>,
}

/// Links that have to go, as pairs of positions: from whom, to whom.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cuts {
    /// Parts of circles of wholes.
    pub parents: Vec<(usize, usize)>,
    /// Waits for one's own whole.
    pub within: Vec<(usize, usize)>,
    /// Waits that close a circle.
    pub waits: Vec<(usize, usize)>,
}

impl Links {
    /// Room for so many tasks.
    pub fn with_capacity(tasks: usize) -> Self {
        Self { parents: Vec::with_capacity(tasks), waits: Vec::with_capacity(tasks) }
    }

    /// Adds the next task.
    pub fn push(&mut self, parent: Option<End>, waits: Vec<End>) {
        self.parents.push(parent);
        self.waits.push(waits.into_iter().map(|end| (end, ())).collect());
    }

    /// What has to go.
    pub fn cut(mut self) -> Cuts {
        let mut cuts = Cuts::default();
        for (at, circle) in forest::break_circles(&mut self.parents) {
            // A circle is printed from the task that `at` is a part of.
            cuts.parents.extend(circle.first().map(|whole| (at, *whole)));
        }
        let forest = Forest::of(&self.parents);
        for (at, waits) in self.waits.iter_mut().enumerate() {
            waits.retain(|(end, ())| match end {
                End::File(on) if *on == at || forest.is_within(at, *on) => {
                    cuts.within.push((at, *on));
                    false
                }
                _ => true,
            });
        }
        cuts.waits = sequence::break_circles(&mut self.waits).into_iter().map(|cut| (cut.at, cut.on)).collect();
        cuts
    }
}
