//! What somebody said about a size, and what it turned out to mean: whose hours are longer than hours.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::spread::{BELIEF, Spread};
use super::survival::Spell;
use crate::domain::command::TaskField;
use crate::domain::words::hours;

/// Minutes of a day of work.
const DAY: f64 = 480.0;
/// Days of a week of work.
const WEEK: f64 = 5.0;
/// Largest size that is understood, in minutes or points.
const MOST: f64 = 1e7;
/// What a number without a range is believed to be worth before anything is known: it is the median, and twice as large or
/// half in one case of five.
const UNKNOWN: Spread = Spread { middle: 0.0, deviation: 0.55 };

/// A size as somebody said it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Active minutes: as likely more as less.
    Minutes(f64),
    /// Active minutes, from what is undercut to what is exceeded in one of ten cases each.
    Between(f64, f64),
    /// Story points.
    Points(f64),
    /// Nothing, on purpose: history shall say.
    Unknown,
}

impl std::str::FromStr for Said {
    type Err = String;

    /// Reads `4h`, `90m`, `2 days` (of 8 hours), `3-8h`, `30m-2h`, `5p`, `5 points` and `?`.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text == "?" {
            return Ok(Self::Unknown);
        }
        let wrong = || format!("`{text}` is no size: write 4h, 3-8h (10 to 90 %), 5p or ?");
        let said = match text.split_once(['-', '–']) {
            Some((low, high)) => {
                let (high, unit) = split(high);
                let (low, own) = split(low);
                let factor = |unit| minutes_of(unit).ok_or_else(wrong);
                let own = factor(if own.is_empty() { unit } else { own })?;
                Self::Between(number(low).ok_or_else(wrong)? * own, number(high).ok_or_else(wrong)? * factor(unit)?)
            }
            None => match (points(text), split(text)) {
                (Some(points), _) => Self::Points(points),
                (None, (size, unit)) => {
                    Self::Minutes(number(size).zip(minutes_of(unit)).map(|(n, of)| n * of).ok_or_else(wrong)?)
                }
            },
        };
        said.checked(text)
    }
}

impl Said {
    fn checked(self, text: &str) -> Result<Self, String> {
        let fits = |size: f64| size > 0.0 && size <= MOST;
        match self {
            Self::Between(low, high) if low > high => Err(format!("`{text}`: the smaller end comes first")),
            Self::Minutes(size) | Self::Points(size) if !fits(size) => Err(format!("`{text}` is out of range")),
            Self::Between(low, high) if !fits(low) || !fits(high) => Err(format!("`{text}` is out of range")),
            said => Ok(said),
        }
    }

    /// The active minutes that it says, with the range where it has one; none for points and for nothing.
    fn minutes(self) -> Option<Spread> {
        match self {
            Self::Minutes(minutes) => Some(Spread { middle: minutes.ln(), deviation: UNKNOWN.deviation }),
            Self::Between(low, high) => Some(Spread::within(low, high)),
            Self::Points(_) | Self::Unknown => None,
        }
    }

    /// The median that it says, in whole minutes; none for points and for nothing.
    pub fn median(self) -> Option<u32> {
        self.minutes().map(|spread| spread.median().round() as u32)
    }

    /// Both ends in whole minutes, where it is a range.
    pub fn range(self) -> Option<[u32; 2]> {
        if let Self::Between(low, high) = self {
            Some([low, high].map(|end| end.round().max(1.0) as u32))
        } else {
            None
        }
    }

    /// What it changes of a task; points leave an estimate in minutes as it is.
    pub fn changes(self) -> Vec<TaskField> {
        if let Self::Points(points) = self {
            return vec![TaskField::Points(Some(points))];
        }
        let range = self.range().map(|range| TaskField::EstimateRange(Some(range)));
        std::iter::once(TaskField::Estimate(self.median())).chain(range).collect()
    }

    /// The story points that it says.
    pub fn points(self) -> Option<f64> {
        if let Self::Points(points) = self { Some(points) } else { None }
    }
}

/// Story points from `3p`, `0.5 pts`, `8sp` or `5 points`; none from anything else.
pub fn points(text: &str) -> Option<f64> {
    let (size, unit) = split(text);
    let is_points = matches!(unit, "p" | "pt" | "pts" | "sp" | "point" | "points" | "story points");
    is_points.then(|| number(size)).flatten()
}

/// The number and the unit behind it.
fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_alphabetic() || c == ' ');
    (digits, text[digits.len()..].trim())
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Minutes of a unit; a number without one is minutes.
fn minutes_of(unit: &str) -> Option<f64> {
    Some(match unit {
        "m" | "min" | "mins" | "minute" | "minutes" | "" => 1.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 60.0,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => WEEK * DAY,
        _ => return None,
    })
}

/// Where a size came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A person, by name.
    Person(String),
    /// A language model, by name and version.
    Model(String),
    /// A playbook, by name.
    Playbook(String),
    /// What was measured before.
    History,
}

impl Source {
    /// As it stands beside an estimate: `history`, `playbook NAME`, `model NAME`, or the name of a person.
    pub fn word(&self) -> String {
        match self {
            Self::Person(name) => name.clone(),
            Self::Model(name) => format!("model {name}"),
            Self::Playbook(name) => format!("playbook {name}"),
            Self::History => "history".to_owned(),
        }
    }

    /// From such a word; whatever is none of them is a person.
    pub fn of(word: &str) -> Self {
        match word.split_once(' ') {
            Some(("model", name)) => Self::Model(name.to_owned()),
            Some(("playbook", name)) => Self::Playbook(name.to_owned()),
            _ if word == "history" => Self::History,
            _ => Self::Person(word.to_owned()),
        }
    }
}

/// A size that was said, and how long the work took or has taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Who said it.
    pub source: Source,
    /// What was said, in minutes; above 0.
    pub said: f64,
    /// What was measured, in active minutes.
    pub took: Spell,
}

/// What the sizes of each source are worth.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sources {
    /// Actual over said, with the number of tasks it is from.
    known: BTreeMap<Source, (Spread, usize)>,
    /// The same over all sources: what a new one is believed to be.
    all: Option<Spread>,
}

impl Sources {
    /// Learns from sizes with what became of them: first what is true of all, then, held to that, of each source.
    pub fn learn(kept: &[Kept]) -> Self {
        let ratio = |kept: &Kept| Spell { time: kept.took.time / kept.said, ended: kept.took.ended };
        let sound: Vec<&Kept> = kept.iter().filter(|kept| kept.said > 0.0 && kept.took.time > 0.0).collect();
        let ratios: Vec<Spell> = sound.iter().copied().map(ratio).collect();
        let all = Spread::learn(&ratios, UNKNOWN, BELIEF);
        let mut by_source: BTreeMap<Source, Vec<Spell>> = BTreeMap::new();
        for (kept, ratio) in sound.iter().zip(ratios) {
            by_source.entry(kept.source.clone()).or_default().push(ratio);
        }
        let one = |(source, ratios): (Source, Vec<Spell>)| {
            let ended = ratios.iter().filter(|spell| spell.ended).count();
            (source, (Spread::learn(&ratios, all, BELIEF), ended))
        };
        Self { known: by_source.into_iter().map(one).collect(), all: (!sound.is_empty()).then_some(all) }
    }

    /// What the work will take, in active minutes, if this source says so; none for points and for nothing.
    pub fn judge(&self, source: &Source, said: Said) -> Option<Spread> {
        let stated = said.minutes()?;
        let (learned, count) = self.known.get(source).copied().unwrap_or((self.all.unwrap_or(UNKNOWN), 0));
        // A range says how sure its author is; with time, what was measured says it better.
        let trust = count as f64 / (count as f64 + BELIEF);
        let own = if matches!(said, Said::Between(..)) { stated.deviation } else { learned.deviation };
        let deviation = (trust * learned.deviation.powi(2) + (1.0 - trust) * own.powi(2)).sqrt();
        Some(Spread { middle: stated.middle + learned.middle, deviation })
    }

    /// Tasks that ended of which this source had said something.
    pub fn count(&self, source: &Source) -> usize {
        self.known.get(source).map_or(0, |known| known.1)
    }

    /// `Ana's 4 h are 6 h at the median, n = 23`; as long as nothing that it said has ended, what all others are worth.
    pub fn told(&self, source: &Source) -> String {
        let (ratio, count) = match (self.known.get(source), self.all) {
            (Some((ratio, count)), _) if *count > 0 => (ratio, count),
            (_, Some(all)) => {
                return format!(
                    "as others said it before: their 4 h are {} at the median",
                    hours(240.0 * all.median())
                );
            }
            _ => return "as it was said; nothing measured yet".to_owned(),
        };
        let whose = match source {
            Source::Person(name) => format!("{name}'s"),
            Source::Model(name) => format!("{name}'s (a model's)"),
            Source::Playbook(name) => format!("playbook {name}'s"),
            Source::History => "history's".to_owned(),
        };
        format!("{whose} 4 h are {} at the median, n = {count}", hours(240.0 * ratio.median()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::schedule::random::Random;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<Said>();
        assert_eq!(read("4h"), Ok(Said::Minutes(240.0)));
        assert_eq!(read(" 1.5 h "), Ok(Said::Minutes(90.0)));
        assert_eq!(read("90m"), Ok(Said::Minutes(90.0)));
        assert_eq!(read("2d"), Ok(Said::Minutes(960.0)));
        assert_eq!(read("3-8h"), Ok(Said::Between(180.0, 480.0)));
        assert_eq!(read("30m-2h"), Ok(Said::Between(30.0, 120.0)));
        assert_eq!(read("5p"), Ok(Said::Points(5.0)));
        assert_eq!((read("5 story points"), read("2 days")), (Ok(Said::Points(5.0)), Ok(Said::Minutes(960.0))));
        assert_eq!(read("?"), Ok(Said::Unknown));
    }

    #[test]
    fn what_is_no_size_is_refused_with_what_would_be_one() {
        for text in ["", "h", "4x", "-4h", "0h", "8-3h", "3-8p", "1e99h", "NaNh", "inf", "4h5", "\u{1b}[31m", "3--8h"] {
            assert!(text.parse::<Said>().is_err(), "{text:?}");
        }
        assert!("4x".parse::<Said>().unwrap_err().contains("3-8h"));
    }

    fn kept(name: &str, said: f64, took: f64) -> Kept {
        Kept { source: Source::Person(name.into()), said, took: Spell { time: took, ended: true } }
    }

    #[test]
    fn who_is_known_to_take_half_as_long_again_is_told_so() {
        let mut random = Random::new(2);
        let mut known = Vec::new();
        for at in 0..60 {
            let said = 60.0 + 300.0 * random.share();
            let luck = Spread { middle: 0.0, deviation: 0.3 }.quantile(random.share().max(1e-6));
            let (name, times) = if at % 2 == 0 { ("Ana", 1.5) } else { ("Ben", 1.0) };
            known.push(kept(name, said, said * times * luck));
        }
        let sources = Sources::learn(&known);
        let judged = |name: &str| sources.judge(&Source::Person(name.into()), Said::Minutes(240.0)).unwrap().median();
        assert!((judged("Ana") / 360.0 - 1.0).abs() < 0.12, "{}", judged("Ana"));
        assert!((judged("Ben") / 240.0 - 1.0).abs() < 0.12, "{}", judged("Ben"));
        let told = sources.told(&Source::Person("Ana".into()));
        assert!(told.starts_with("Ana's 4 h are ") && told.ends_with(" h at the median, n = 30"), "{told}");
        let others = sources.told(&Source::Person("Cem".into()));
        assert!(others.starts_with("as others said it before: their 4 h are "), "{others}");
        assert_eq!(Sources::learn(&[]).told(&Source::History), "as it was said; nothing measured yet");
    }

    #[test]
    fn a_range_is_believed_until_history_knows_better() {
        let ana = Source::Person("Ana".into());
        let narrow = Said::Between(180.0, 200.0);
        let new = Sources::default().judge(&ana, narrow).unwrap();
        assert!((new.deviation - Spread::within(180.0, 200.0).deviation).abs() < 1e-9);
        let wild: Vec<Kept> = (0..80).map(|at| kept("Ana", 100.0, if at % 2 == 0 { 30.0 } else { 300.0 })).collect();
        assert!(Sources::learn(&wild).judge(&ana, narrow).unwrap().deviation > 0.8);
        assert_eq!(Sources::default().judge(&ana, Said::Unknown), None);
    }
}
