//! Wholes and parts as a forest: circles cut, heights, and who is within whom.

use super::End;

/// Heights and nesting of all tasks.
pub struct Forest {
    height: Vec<usize>,
    /// When a walk over the forest enters and leaves each task: what is entered in between is within it.
    enter: Vec<usize>,
    leave: Vec<usize>,
}

impl Forest {
    /// Of parents without circles.
    pub fn of(parents: &[Option<End>]) -> Self {
        let mut parts: Vec<Vec<usize>> = vec![Vec::new(); parents.len()];
        let mut roots = Vec::new();
        for (at, parent) in parents.iter().enumerate() {
            match parent {
                Some(End::File(whole)) => parts[*whole].push(at),
                _ => roots.push(at),
            }
        }
        let empty = || vec![0; parents.len()];
        let mut forest = Self { height: empty(), enter: empty(), leave: empty() };
        let mut clock = 0;
        let mut open: Vec<(usize, usize)> = Vec::new();
        for root in roots {
            open.push((root, 0));
            while let Some((at, next)) = open.last_mut() {
                let at = *at;
                if *next == 0 {
                    forest.enter[at] = clock;
                    clock += 1;
                }
                if let Some(part) = parts[at].get(*next).copied() {
                    *next += 1;
                    open.push((part, 0));
                    continue;
                }
                forest.leave[at] = clock;
                open.pop();
                if let Some((whole, _)) = open.last() {
                    forest.height[*whole] = forest.height[*whole].max(forest.height[at] + 1);
                }
            }
        }
        forest
    }

    /// Levels of parts below a task.
    pub fn height(&self, at: usize) -> usize {
        self.height[at]
    }

    /// Whether `part` is somewhere within `whole`.
    pub fn is_within(&self, part: usize, whole: usize) -> bool {
        part != whole && self.enter[whole] < self.enter[part] && self.enter[part] < self.leave[whole]
    }
}

/// Cuts every circle of parents at one place; returns who lost its parent, and the circle.
pub fn break_circles(parents: &mut [Option<End>]) -> Vec<(usize, Vec<usize>)> {
    let mut walk = vec![usize::MAX; parents.len()];
    let mut cut = Vec::new();
    for start in 0..parents.len() {
        let mut at = start;
        while walk[at] == usize::MAX {
            walk[at] = start;
            match parents[at] {
                Some(End::File(whole)) if walk[whole] == start => {
                    let mut circle = vec![whole];
                    let mut step = whole;
                    while let Some(End::File(next)) = parents[step].filter(|_| step != at) {
                        circle.push(next);
                        step = next;
                    }
                    circle.push(whole);
                    parents[at] = None;
                    cut.push((at, circle));
                }
                Some(End::File(whole)) => at = whole,
                _ => {}
            }
        }
    }
    cut
}
