//! Small regression trees on columns cut into bins.

use crate::plan::schedule::random::Random;

/// Bins of a column at most.
const BINS: usize = 48;

/// Where columns are cut, so that a tree compares small numbers.
#[derive(Debug, Clone)]
pub struct Bins {
    ends: Vec<Vec<f64>>,
}

impl Bins {
    /// Cuts halfway between neighbours, at quantiles of the rows.
    pub fn of(rows: &[Vec<f64>]) -> Self {
        let columns = rows.first().map_or(0, Vec::len);
        Self { ends: (0..columns).map(|column| cuts(rows.iter().map(|row| row[column]).collect())).collect() }
    }

    /// The bin of each value of a row.
    pub fn row(&self, row: &[f64]) -> Vec<u8> {
        row.iter().zip(&self.ends).map(|(value, ends)| ends.partition_point(|end| end < value) as u8).collect()
    }
}

fn cuts(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    let cut = |part: usize| {
        let at = part * values.len() / BINS;
        f64::midpoint(values[at.saturating_sub(1)], values[at])
    };
    let mut ends: Vec<f64> = (1..BINS).map(cut).collect();
    ends.dedup();
    ends
}

#[derive(Debug, Clone)]
enum Node {
    Leaf(usize),
    Split { column: usize, bin: u8, low: usize, high: usize },
}

/// A tree; what a leaf says is up to whoever grew it.
#[derive(Debug, Clone)]
pub struct Tree {
    nodes: Vec<Node>,
}

/// Questions from root to leaf at most.
const DEPTH: usize = 3;
/// Rows of a leaf at least.
const LEAST: usize = 8;
/// The chance of a column to be asked about in a split.
const COLUMNS: f64 = 0.5;

/// Rows to grow from, with where each would like to go and how much it counts.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// Bins of each row.
    pub rows: &'a [Vec<u8>],
    /// What a split should tell apart.
    pub pull: &'a [f64],
    /// Above 0.
    pub trust: &'a [f64],
}

impl Tree {
    /// Grows from some of the rows by least squares; gives the rows of each leaf, too.
    pub fn grow(ground: Ground, from: &[usize], random: &mut Random) -> (Self, Vec<Vec<usize>>) {
        let (mut nodes, mut leaves) = (vec![Node::Leaf(0)], Vec::new());
        let mut open = vec![(0, from.to_vec(), 0)];
        while let Some((node, members, depth)) = open.pop() {
            let split = if depth < DEPTH { ground.split(&members, random) } else { None };
            let Some((column, bin)) = split else {
                nodes[node] = Node::Leaf(leaves.len());
                leaves.push(members);
                continue;
            };
            let (low, high) = members.iter().partition(|row| ground.rows[**row][column] <= bin);
            let at = nodes.len();
            nodes[node] = Node::Split { column, bin, low: at, high: at + 1 };
            nodes.extend([Node::Leaf(0), Node::Leaf(0)]);
            open.extend([(at, low, depth + 1), (at + 1, high, depth + 1)]);
        }
        (Self { nodes }, leaves)
    }

    /// The leaf that a row comes to.
    pub fn leaf(&self, row: &[u8]) -> usize {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf(leaf) => return leaf,
                Node::Split { column, bin, low, high } => at = if row[column] <= bin { low } else { high },
            }
        }
    }
}

/// Weight, weighted pull and number of rows.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    trust: f64,
    pull: f64,
    rows: usize,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.trust += other.trust;
        self.pull += other.pull;
        self.rows += other.rows;
    }

    fn rest(self, part: Self) -> Self {
        Self { trust: self.trust - part.trust, pull: self.pull - part.pull, rows: self.rows - part.rows }
    }

    fn worth(self) -> f64 {
        self.pull * self.pull / self.trust
    }
}

impl Ground<'_> {
    fn row(&self, at: usize) -> Sum {
        Sum { trust: self.trust[at], pull: self.trust[at] * self.pull[at], rows: 1 }
    }

    /// The column and the last bin of the lower side that tell the pulls apart best.
    fn split(&self, members: &[usize], random: &mut Random) -> Option<(usize, u8)> {
        let mut all = Sum::default();
        for &at in members {
            all.add(self.row(at));
        }
        let (mut found, mut most) = (None, all.worth() + 1e-9);
        for column in 0..self.rows.first()?.len() {
            if random.share() >= COLUMNS {
                continue;
            }
            let mut bins = [Sum::default(); BINS];
            for &at in members {
                bins[usize::from(self.rows[at][column])].add(self.row(at));
            }
            let mut low = Sum::default();
            for (bin, sum) in (0..).zip(bins) {
                low.add(sum);
                let high = all.rest(low);
                if sum.rows > 0 && low.rows >= LEAST && high.rows >= LEAST && low.worth() + high.worth() > most {
                    (found, most) = (Some((column, bin)), low.worth() + high.worth());
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_found_and_a_new_row_comes_to_its_side() {
        let rows: Vec<Vec<f64>> = (0..100).map(|at| vec![f64::from(at)]).collect();
        let bins = Bins::of(&rows);
        let binned: Vec<Vec<u8>> = rows.iter().map(|row| bins.row(row)).collect();
        let pull: Vec<f64> = (0..100).map(|at| if at < 50 { -1.0 } else { 1.0 }).collect();
        let ground = Ground { rows: &binned, pull: &pull, trust: &[1.0; 100] };
        let all: Vec<usize> = (0..100).collect();
        let grown = (0..9).map(|seed| Tree::grow(ground, &all, &mut Random::new(seed)));
        let (tree, _) = grown.max_by_key(|(_, leaves)| leaves.len()).unwrap();
        assert_ne!(tree.leaf(&bins.row(&[-5.0])), tree.leaf(&bins.row(&[500.0])));
        assert_eq!(tree.leaf(&bins.row(&[10.0])), tree.leaf(&bins.row(&[11.0])));
    }
}
