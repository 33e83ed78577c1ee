//! Words of a text as weighted features, and how alike two texts are.

use std::collections::HashMap;

use super::size::Words;

/// Features of one text that are not nought: number and value, in the order of their numbers.
pub type Sparse = Vec<(u32, f64)>;

/// What a word of the title counts, against one of the description.
const TITLE: f64 = 3.0;
/// Texts that a word has to be in before it counts.
const LEAST_TEXTS: usize = 3;
/// Words of a description that are read; what comes behind is log files.
const MOST_WORDS: usize = 2_000;
/// Longer words are keys and hashes.
const LONGEST_WORD: usize = 30;

/// The words that were seen often enough, each with how much its presence says.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    words: HashMap<String, (u32, f64)>,
}

impl Vocabulary {
    /// Reads texts. Rare words say more: a weight of 1 + ln((1 + texts) / (1 + texts with the word)) (Spärck Jones 1972,
    /// smoothed).
    pub fn of(texts: &[Words]) -> Self {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for text in texts {
            for word in counts(text).into_keys() {
                *seen.entry(word).or_default() += 1;
            }
        }
        let mut kept: Vec<(String, usize)> = seen.into_iter().filter(|&(_, count)| count >= LEAST_TEXTS).collect();
        kept.sort_unstable();
        let weight = |count: usize| ((1.0 + texts.len() as f64) / (1.0 + count as f64)).ln() + 1.0;
        let numbered = kept.into_iter().zip(0..);
        Self { words: numbered.map(|((word, count), number)| (word, (number, weight(count)))).collect() }
    }

    /// How many features a text has at most.
    pub fn features(&self) -> usize {
        self.words.len() + 3
    }

    /// Features of a text: its known words, together of length 1, and how long title and description are.
    pub fn read(&self, text: &Words) -> Sparse {
        let counts = counts(text);
        let known = counts.iter().filter_map(|(word, &count)| {
            self.words.get(word).map(|&(number, weight)| (number, (1.0 + f64::ln(count)) * weight))
        });
        let mut row: Sparse = known.collect();
        row.sort_unstable_by_key(|feature| feature.0);
        let length = row.iter().map(|feature| feature.1 * feature.1).sum::<f64>().sqrt();
        for feature in &mut row {
            feature.1 /= length;
        }
        row.extend((self.words.len() as u32..).zip(lengths(text)));
        row
    }
}

/// Letters and digits in a row, in lower case.
fn words(text: &str) -> impl Iterator<Item = String> {
    let parts = text.split(|c: char| !c.is_alphanumeric());
    parts.filter(|word| (2..LONGEST_WORD).contains(&word.len())).map(str::to_lowercase)
}

fn counts(text: &Words) -> HashMap<String, f64> {
    let mut counts = HashMap::new();
    for word in words(text.title).take(MOST_WORDS) {
        *counts.entry(word).or_insert(0.0) += TITLE;
    }
    for word in words(text.body).take(MOST_WORDS) {
        *counts.entry(word).or_insert(0.0) += 1.0;
    }
    counts
}

/// Logarithms of the lengths, about as large as the features of a few words, so that the same ridge suits both.
fn lengths(text: &Words) -> [f64; 3] {
    let log = |text: &str| (1.0 + text.len() as f64).ln();
    [0.15 * (log(text.body) - 5.5), 0.3 * (log(text.title) - 4.0), if text.body.trim().is_empty() { 0.3 } else { 0.0 }]
}

/// How alike two texts are: the cosine of their words, with a little for like lengths.
pub fn likeness(one: &Sparse, other: &Sparse) -> f64 {
    let (mut left, mut right, mut sum) = (one.iter().peekable(), other.iter().peekable(), 0.0);
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        match a.0.cmp(&b.0) {
            std::cmp::Ordering::Less => drop(left.next()),
            std::cmp::Ordering::Greater => drop(right.next()),
            std::cmp::Ordering::Equal => {
                sum += a.1 * b.1;
                left.next();
                right.next();
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_most_like_itself() {
        let texts = [("fix the login page", ""), ("move the login page", ""), ("login page is slow", "the page")];
        let texts = texts.map(|(title, body)| Words { title, body });
        let known = Vocabulary::of(&texts);
        let rows: Vec<Sparse> = texts.iter().map(|text| known.read(text)).collect();
        assert!(likeness(&rows[0], &rows[0]) >= likeness(&rows[0], &rows[2]));
        assert!(rows.iter().flatten().all(|feature| feature.1.is_finite()));
    }

    #[test]
    fn a_text_without_a_known_word_has_finite_features() {
        let known = Vocabulary::of(&[]);
        let row = known.read(&Words { title: "\u{1b}[31m\u{202e}", body: &"x".repeat(1_000_000) });
        assert_eq!(row.len(), known.features());
        assert!(row.iter().all(|feature| feature.1.is_finite()));
    }
}
