//! What may not be taken back for a while.

use super::moves::Move;

/// Until which turn what is forbidden.
#[derive(Debug, Clone)]
pub struct Tabu {
    stages: usize,
    machines: usize,
    /// By stage and machine: going back there.
    machine: Vec<u32>,
    /// By two stages: the first coming before the second.
    order: Vec<u32>,
}

impl Tabu {
    /// Nothing is forbidden.
    pub fn new(stages: usize, machines: usize) -> Self {
        Self { stages, machines, machine: vec![0; stages * machines], order: vec![0; stages * stages] }
    }

    /// Whether a move to another machine, or past the stages in `passed`, is forbidden.
    pub fn forbids(&self, to: Move, machine: Option<u32>, passed: &[u32], turn: u32) -> bool {
        match machine {
            Some(machine) => self.machine[to.stage as usize * self.machines + machine as usize] > turn,
            None => passed.iter().any(|&one| self.order[self.pair(to, one, passed, false)] > turn),
        }
    }

    /// Forbids the way back from a move: to the machine it left, or past the same stages.
    pub fn forbid(&mut self, to: Move, left: Option<u32>, passed: &[u32], until: u32) {
        if let Some(machine) = left {
            self.machine[to.stage as usize * self.machines + machine as usize] = until;
            return;
        }
        for &one in passed {
            let pair = self.pair(to, one, passed, true);
            self.order[pair] = until;
        }
    }

    /// The two stages whose order a move makes, or, `back`, the order that was before.
    fn pair(&self, to: Move, one: u32, passed: &[u32], back: bool) -> usize {
        let to_the_end = passed.contains(&to.left);
        let (first, second) = if to_the_end == back { (to.stage, one) } else { (one, to.stage) };
        first as usize * self.stages + second as usize
    }
}
