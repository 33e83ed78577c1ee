//! How large something is by its words: the median and what it stays within in four of five cases.

use super::ordinal::Ordinal;
use super::quantile::{conformal, median};
use super::text::{Sparse, Vocabulary, likeness};

/// The newest observation counts twice as much as one that is half of the history older.
const HALF_LIFE: f64 = 0.5;
/// Observations that are looked at as the most alike.
const NEIGHBOURS: usize = 20;
/// Fewer observations give the median, whatever their words.
const LEAST: usize = 40;
/// Parts that are foretold in turn from what lies before them.
const PARTS: usize = 5;

/// A text to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// Its title.
    pub title: &'a str,
    /// Everything else; may be empty.
    pub body: &'a str,
}

/// A size with its reasons, in the unit of what it was learned from.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// As likely more as less.
    pub p50: f64,
    /// Not exceeded in four of five cases; never below `p50`.
    pub p80: f64,
    /// What it leans on: places in the history and how alike they are, the most alike first.
    pub like: Vec<(usize, f64)>,
}

/// Which median was the better one where the truth is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Centre {
    /// Of the whole history.
    History,
    /// By the words.
    Words,
}

/// What was learned from a history of sizes.
///
/// Words say little about sizes and a median is hard to beat (Tawosi, Moussa and Sarro 2022), so they are used only
/// where, inside the history itself, each part foretold from what lies before it came out better than by the median.
#[derive(Debug, Clone)]
pub struct Sizes {
    leaf: Leaf,
    middle: f64,
    centre: Centre,
    /// The share of its own chances up to which an answer has to go, so that it holds in four of five cases.
    reach: f64,
}

impl Sizes {
    /// Learns from texts with their sizes, oldest first. `None` without any, or if there are not as many sizes.
    pub fn learn(texts: &[Words], sizes: &[f64]) -> Option<Self> {
        if texts.len() != sizes.len() {
            return None;
        }
        let middle = median(sizes)?;
        let (mut by_words, mut by_history, mut levels) = (0.0, 0.0, Vec::new());
        for (from, to) in parts(sizes.len()) {
            let past = Leaf::learn(&texts[..from], &sizes[..from]);
            let plain = median(&sizes[..from])?;
            for (text, size) in texts[from..to].iter().zip(&sizes[from..to]) {
                let chances = past.chances(&past.nearest(text), text);
                by_words += (past.within(&chances, 0.5) - size).abs();
                by_history += (plain - size).abs();
                levels.push(past.below(&chances, *size));
            }
        }
        let centre = if by_words < by_history { Centre::Words } else { Centre::History };
        Some(Self {
            leaf: Leaf::learn(texts, sizes),
            middle,
            centre,
            reach: conformal(&levels, 0.8).unwrap_or(0.8 - 1e-9),
        })
    }

    /// Judges a text.
    pub fn estimate(&self, text: &Words) -> Estimate {
        let like = self.leaf.nearest(text);
        let chances = self.leaf.chances(&like, text);
        let p50 = match self.centre {
            Centre::History => self.middle,
            Centre::Words => self.leaf.within(&chances, 0.5),
        };
        Estimate { p50, p80: self.leaf.beyond(&chances, self.reach).max(p50), like }
    }

    /// Whether words helped inside the history; if not, every median is that of the history.
    pub fn listens(&self) -> bool {
        self.centre == Centre::Words
    }
}

/// The second half of a history in parts; none of a short one.
fn parts(count: usize) -> impl Iterator<Item = (usize, usize)> {
    let edge = move |part: usize| count / 2 + (count - count / 2) * part / PARTS;
    (0..PARTS).filter(move |_| count >= LEAST).map(move |part| (edge(part), edge(part + 1)))
}

/// Chances of sizes from one stretch of history: half by ordinal regression, half by the most alike.
#[derive(Debug, Clone)]
struct Leaf {
    known: Vocabulary,
    rows: Vec<Sparse>,
    sizes: Vec<f64>,
    trust: Vec<f64>,
    ladder: Ordinal,
}

impl Leaf {
    fn learn(texts: &[Words], sizes: &[f64]) -> Self {
        let known = Vocabulary::of(texts);
        let rows: Vec<Sparse> = texts.iter().map(|text| known.read(text)).collect();
        let age = |at: usize| (sizes.len() - at) as f64 / sizes.len() as f64;
        let trust: Vec<f64> = (0..sizes.len()).map(|at| 0.5_f64.powf(age(at) / HALF_LIFE)).collect();
        let ladder = Ordinal::fit(&rows, sizes, &trust, known.features());
        Self { known, rows, sizes: sizes.to_vec(), trust, ladder }
    }

    fn nearest(&self, text: &Words) -> Vec<(usize, f64)> {
        let row = self.known.read(text);
        let mut all: Vec<(usize, f64)> = self.rows.iter().map(|other| likeness(other, &row)).enumerate().collect();
        all.sort_by(|one, other| other.1.total_cmp(&one.1).then(other.0.cmp(&one.0)));
        all.truncate(NEIGHBOURS);
        all.retain(|near| near.1 > 0.0);
        all
    }

    /// The chance of each step of the ladder or a smaller one.
    fn chances(&self, like: &[(usize, f64)], text: &Words) -> Vec<f64> {
        let mut chances = self.ladder.chances(&self.known.read(text));
        let total: f64 = like.iter().map(|&(at, near)| near * self.trust[at]).sum();
        if total > 0.0 {
            for (chance, level) in chances.iter_mut().zip(&self.ladder.levels) {
                let within = like.iter().filter(|near| self.sizes[near.0] <= *level);
                let share = within.map(|&(at, near)| near * self.trust[at]).sum::<f64>() / total;
                *chance = f64::midpoint(*chance, share);
            }
        }
        chances
    }

    /// The smallest step that is reached with this chance.
    fn within(&self, chances: &[f64], level: f64) -> f64 {
        let at = chances.iter().position(|chance| *chance >= level).unwrap_or(chances.len() - 1);
        self.ladder.levels[at]
    }

    /// The chance of anything smaller than a size.
    fn below(&self, chances: &[f64], size: f64) -> f64 {
        let smaller = self.ladder.levels.partition_point(|level| *level < size);
        smaller.checked_sub(1).map_or(0.0, |at| chances[at])
    }

    /// The largest step such that the chance of anything smaller is at most `level`: it holds for exactly those whose
    /// [`Leaf::below`] is at most that (distributional conformal prediction, Chernozhukov, Wüthrich and Zhu 2021).
    fn beyond(&self, chances: &[f64], level: f64) -> f64 {
        let at = chances.iter().position(|chance| *chance > level).unwrap_or(chances.len() - 1);
        self.ladder.levels[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planted(count: usize, telling: bool, spread: usize) -> (Vec<String>, Vec<f64>) {
        let mut random = crate::plan::schedule::random::Random::new(5);
        let row = |_| {
            let large = random.share() < 0.5;
            let (word, other) = if large { ("migrate", "database") } else { ("typo", "label") };
            let title = if telling { format!("{word} {other}") } else { "something to do".to_owned() };
            (title, if large { 8.0 } else { 1.0 } + random.below(spread) as f64)
        };
        (0..count).map(row).unzip()
    }

    fn learned(titles: &[String], sizes: &[f64]) -> Option<Sizes> {
        let texts: Vec<Words> = titles.iter().map(|title| Words { title, body: "" }).collect();
        Sizes::learn(&texts, sizes)
    }

    #[test]
    fn telling_words_are_listened_to_and_named() {
        let (titles, sizes) = planted(120, true, 2);
        let known = learned(&titles, &sizes).unwrap();
        assert!(known.listens());
        let small = known.estimate(&Words { title: "typo in a label", body: "" });
        let large = known.estimate(&Words { title: "migrate the database", body: "" });
        assert!(small.p50 <= 2.0 && large.p50 >= 8.0, "{small:?} {large:?}");
        assert!(large.like.iter().all(|near| sizes[near.0] >= 8.0));
    }

    #[test]
    fn words_that_say_nothing_leave_the_median() {
        let (titles, sizes) = planted(30, false, 2);
        let known = learned(&titles, &sizes).unwrap();
        assert!(!known.listens());
        assert_eq!(Some(known.estimate(&Words { title: "anything", body: "" }).p50), median(&sizes));
    }

    #[test]
    fn the_upper_size_holds_in_four_of_five_cases() {
        let (titles, sizes) = planted(800, true, 40);
        let known = learned(&titles[..400], &sizes[..400]).unwrap();
        let held = |(title, size): (&String, &f64)| known.estimate(&Words { title, body: "" }).p80 >= *size;
        let hits = titles[400..].iter().zip(&sizes[400..]).filter(|pair| held(*pair)).count();
        // Two and a half standard deviations: 400 rows judged by margins from 200.
        assert!((286..=354).contains(&hits), "{hits} of 400");
    }

    #[test]
    fn nothing_is_learned_from_nothing_and_one_size_is_an_answer() {
        assert!(Sizes::learn(&[], &[]).is_none());
        let known = learned(&["only".to_owned()], &[5.0]).unwrap();
        let answer = known.estimate(&Words { title: "", body: "" });
        assert_eq!((answer.p50, answer.p80), (5.0, 5.0));
    }
}
