//! How large something is by its words: the median and what it stays within in four of five cases.

use super::leaf::Leaf;
use super::mix::{Mix, pooled};
use super::quantile::median;

/// Fewer observations give the median, whatever their words.
const LEAST: usize = 40;
/// Parts that are foretold in turn from what lies before them.
const PARTS: usize = 5;
/// The share of cases in which the upper size holds.
const HELD: f64 = 0.8;
/// For the upper size a case counts twice as much as one that is so much of the history older: sizes drift, and the
/// latest cases know best how far an answer has to go now.
const MEMORY: f64 = 0.15;

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

/// What was learned from a history of sizes.
///
/// Words say little about sizes and a median is hard to beat (Tawosi, Moussa and Sarro 2022), so four opinions are heard:
/// the whole history, its newer part, an ordinal regression on words and the most alike. How much each counts is learned
/// inside the history, each part foretold from what lies before it.
#[derive(Debug, Clone)]
pub struct Sizes {
    leaf: Leaf,
    middle: f64,
    weights: [f64; 4],
    /// The share of its own chances up to which an answer has to go, so that it holds in four of five cases.
    reach: f64,
}

impl Sizes {
    /// Learns from texts with their sizes, oldest first. `None` without any, or if there are not as many sizes.
    pub fn learn(texts: &[Words], sizes: &[f64]) -> Option<Self> {
        Self::weighted(texts, sizes, &vec![1.0; sizes.len()])
    }

    /// The same where some count more than others: `weights` are not negative, 1 at the mean.
    pub fn weighted(texts: &[Words], sizes: &[f64], weights: &[f64]) -> Option<Self> {
        if texts.len() != sizes.len() || weights.len() != sizes.len() {
            return None;
        }
        let middle = median(sizes)?;
        let (mut mix, mut seen) = (Mix::default(), Vec::new());
        for (from, to) in parts(sizes.len()) {
            let past = Leaf::learn(&texts[..from], &sizes[..from], &weights[..from]);
            for at in from..to {
                let opinions = past.opinions(&past.nearest(&texts[at]), &texts[at]);
                mix.add(past.levels(), &opinions, sizes[at], weights[at]);
                let age = (sizes.len() - at) as f64 / sizes.len() as f64;
                let below = opinions.each_ref().map(|chances| past.below(chances, sizes[at]));
                seen.push((below, weights[at] * 0.5_f64.powf(age / MEMORY)));
            }
        }
        let weighed = mix.weights();
        let pool = |below: [f64; 4]| below.iter().zip(weighed).map(|(below, weight)| below * weight).sum();
        let mut levels: Vec<(f64, f64)> = seen.into_iter().map(|(below, trust)| (pool(below), trust)).collect();
        let reach = nearest_reach(&mut levels).unwrap_or_else(|| of_few(sizes.len()));
        Some(Self { leaf: Leaf::learn(texts, sizes, weights), middle, weights: weighed, reach })
    }

    /// Judges a text.
    pub fn estimate(&self, text: &Words) -> Estimate {
        let like = self.leaf.nearest(text);
        let chances = pooled(&self.leaf.opinions(&like, text), &self.weights);
        let alone = self.weights[0] >= 1.0;
        let p50 = if alone { self.middle } else { self.leaf.within(&chances, 0.5) };
        Estimate { p50, p80: self.leaf.beyond(&chances, self.reach).max(p50), like }
    }

    /// Whether words have any say; if not, every answer is that of the history.
    pub fn listens(&self) -> bool {
        self.weights[2] + self.weights[3] > 0.1
    }
}

/// The second half of a history in parts; none of a short one.
fn parts(count: usize) -> impl Iterator<Item = (usize, usize)> {
    let edge = move |part: usize| count / 2 + (count - count / 2) * part / PARTS;
    (0..PARTS).filter(move |_| count >= LEAST).map(move |part| (edge(part), edge(part + 1)))
}

/// The level whose share of the weight at or below it is nearest to four of five: sizes are few steps, and the next one
/// above may hold nearly always. `None` of nothing.
fn nearest_reach(levels: &mut [(f64, f64)]) -> Option<f64> {
    levels.sort_by(|one, other| one.0.total_cmp(&other.0));
    let whole: f64 = levels.iter().map(|pair| pair.1).sum();
    let (mut sum, mut best) = (0.0, None);
    for (at, &(level, weight)) in levels.iter().enumerate() {
        sum += weight;
        // Of equal ones only the last says how many they are.
        let last = levels.get(at + 1).is_none_or(|next| next.0 > level);
        let off = (sum / whole - HELD).abs();
        if last && best.is_none_or(|(least, _)| off < least) {
            best = Some((off, level));
        }
    }
    best.map(|(_, level)| level)
}

/// The share up to the k-th smallest of n, k = ceil(0.8 (n + 1)), or the largest where n is too small to say.
fn of_few(count: usize) -> f64 {
    let rank = (HELD * (count as f64 + 1.0) - 1e-9).ceil().min(count as f64);
    rank / count as f64 - 1e-9
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
