//! One stretch of history, and what it says about a new text.

use super::mix::Opinions;
use super::ordinal::Ordinal;
use super::size::Words;
use super::text::{Sparse, Vocabulary, likeness};

/// The newest observation counts twice as much as one that is half of the history older.
const HALF_LIFE: f64 = 0.5;
/// Observations that are looked at as the most alike.
const NEIGHBOURS: usize = 20;

/// Chances of sizes from one stretch of history.
#[derive(Debug, Clone)]
pub struct Leaf {
    known: Vocabulary,
    rows: Vec<Sparse>,
    sizes: Vec<f64>,
    trust: Vec<f64>,
    ladder: Ordinal,
    /// The shares of the whole history and of its newer part.
    shares: [Vec<f64>; 2],
}

impl Leaf {
    /// Learns from texts with their sizes, oldest first, and how much each counts; there is one at least.
    pub fn learn(texts: &[Words], sizes: &[f64], weights: &[f64]) -> Self {
        let known = Vocabulary::of(texts);
        let rows: Vec<Sparse> = texts.iter().map(|text| known.read(text)).collect();
        let age = |at: usize| (sizes.len() - at) as f64 / sizes.len() as f64;
        let newer = |(at, weight): (usize, &f64)| weight * 0.5_f64.powf(age(at) / HALF_LIFE);
        let trust: Vec<f64> = weights.iter().enumerate().map(newer).collect();
        let ladder = Ordinal::fit(&rows, sizes, &trust, known.features());
        let shares = [weights, &trust].map(|weights| {
            let pairs: Vec<(f64, f64)> = sizes.iter().copied().zip(weights.iter().copied()).collect();
            shares(&ladder.levels, &pairs).unwrap_or_else(|| vec![1.0; ladder.levels.len()])
        });
        Self { known, rows, sizes: sizes.to_vec(), trust, ladder, shares }
    }

    /// The steps that sizes are foretold in, from the smallest.
    pub fn levels(&self) -> &[f64] {
        &self.ladder.levels
    }

    /// The most alike: places and how alike they are, the most alike first.
    pub fn nearest(&self, text: &Words) -> Vec<(usize, f64)> {
        let row = self.known.read(text);
        let mut all: Vec<(usize, f64)> = self.rows.iter().map(|other| likeness(other, &row)).enumerate().collect();
        all.sort_by(|one, other| other.1.total_cmp(&one.1).then(other.0.cmp(&one.0)));
        all.truncate(NEIGHBOURS);
        all.retain(|near| near.1 > 0.0);
        all
    }

    /// The chance of each step or a smaller one: by the whole history, by its newer part, by words, by the most alike
    /// (by the newer part where nothing is).
    pub fn opinions(&self, like: &[(usize, f64)], text: &Words) -> Opinions {
        let pairs: Vec<(f64, f64)> = like.iter().map(|&(at, near)| (self.sizes[at], near * self.trust[at])).collect();
        let [all, newer] = self.shares.clone();
        let alike = shares(self.levels(), &pairs).unwrap_or_else(|| newer.clone());
        [all, newer, self.ladder.chances(&self.known.read(text)), alike]
    }

    /// The smallest step that is reached with this chance.
    pub fn within(&self, chances: &[f64], level: f64) -> f64 {
        let at = chances.iter().position(|chance| *chance >= level - 1e-9).unwrap_or(chances.len() - 1);
        self.levels()[at]
    }

    /// The chance of anything smaller than a size.
    pub fn below(&self, chances: &[f64], size: f64) -> f64 {
        let smaller = self.levels().partition_point(|level| *level < size);
        smaller.checked_sub(1).map_or(0.0, |at| chances[at])
    }

    /// The largest step such that the chance of anything smaller is at most `level`: it holds for exactly those whose
    /// [`Leaf::below`] is at most that (distributional conformal prediction, Chernozhukov, Wüthrich and Zhu 2021).
    pub fn beyond(&self, chances: &[f64], level: f64) -> f64 {
        let at = chances.iter().position(|chance| *chance > level).unwrap_or(chances.len() - 1);
        self.levels()[at]
    }
}

/// The share of the weight at or below each level; `None` without any weight. What is above the highest level counts
/// to it.
fn shares(levels: &[f64], pairs: &[(f64, f64)]) -> Option<Vec<f64>> {
    let total: f64 = pairs.iter().map(|pair| pair.1).sum();
    let share = |level: &f64| pairs.iter().filter(|pair| pair.0 <= *level).map(|pair| pair.1).sum::<f64>() / total;
    let mut shares: Vec<f64> = levels.iter().map(share).collect();
    *shares.last_mut()? = 1.0;
    (total > 0.0).then_some(shares)
}
