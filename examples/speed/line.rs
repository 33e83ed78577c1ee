//! One line of the results: a figure, what it is held against, and whether it holds.

use std::fmt;

use serde::Serialize;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// Milliseconds.
    #[serde(rename = "ms")]
    Ms,
    /// Mebibytes.
    #[serde(rename = "MB")]
    Mb,
    /// Bytes.
    #[serde(rename = "B")]
    Bytes,
    /// Bytes in a second.
    #[serde(rename = "B/s")]
    BytesPerSecond,
    /// Per cent of a core.
    #[serde(rename = "%")]
    Percent,
    /// How many in a second.
    #[serde(rename = "/s")]
    PerSecond,
    /// Millions of instructions.
    #[serde(rename = "M instructions")]
    MillionInstructions,
    /// A plain number.
    #[serde(rename = "")]
    Plain,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ms => " ms",
            Self::Mb => " MB",
            Self::Bytes => " B",
            Self::BytesPerSecond => " B/s",
            Self::Percent => " %",
            Self::PerSecond => "/s",
            Self::MillionInstructions => " M",
            Self::Plain => "",
        })
    }
}

/// What is known in the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The bar holds.
    Held,
    /// It does not.
    NotHeld,
    /// Nothing can be said, and why.
    Skipped(String),
}

/// A figure of another program, or of vayu elsewhere, from the same run.
#[derive(Debug, Clone, Serialize)]
pub struct Anchor {
    /// Whose figure.
    pub name: String,
    /// In the unit of the line; none where it could not be had.
    pub value: Option<f64>,
}

/// One line.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Which bar, as `P1`.
    pub bar: &'static str,
    /// What was done.
    pub what: String,
    /// vayu's figure.
    pub vayu: f64,
    /// Of both figures.
    pub unit: Unit,
    /// The figure beside it.
    pub anchor: Option<Anchor>,
    /// vayu's figure as a multiple of the anchor's.
    pub ratio: Option<f64>,
    /// The bar in words.
    pub wanted: String,
    /// Whether it holds.
    pub verdict: Verdict,
}

impl Line {
    /// A figure that nothing is said about yet.
    pub fn new(bar: &'static str, what: impl Into<String>, vayu: f64, unit: Unit) -> Self {
        let (what, wanted) = (what.into(), String::new());
        Self { bar, what, vayu, unit, anchor: None, ratio: None, wanted, verdict: Verdict::Held }
    }

    /// A bar that cannot be measured here.
    pub fn skipped(bar: &'static str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { verdict: Verdict::Skipped(why.into()), ..Self::new(bar, what, 0.0, Unit::Plain) }
    }

    /// Must not exceed this.
    pub fn within(self, limit: f64) -> Self {
        let holds = self.vayu <= limit;
        let wanted = format!("≤ {}{}", number(limit), self.unit);
        self.judged(holds, wanted)
    }

    /// Must not be below this.
    pub fn reaching(self, limit: f64) -> Self {
        let holds = self.vayu >= limit;
        let wanted = format!("≥ {}{}", number(limit), self.unit);
        self.judged(holds, wanted)
    }

    /// Must not exceed so many times the anchor's figure; without that there is no verdict.
    pub fn at_most(self, times: f64, name: &str, anchor: Option<f64>) -> Self {
        self.beside(name, anchor, format!("≤ {} × {name}", number(times)), |vayu, anchor| vayu <= times * anchor)
    }

    /// Must reach so many times the anchor's figure; without that there is no verdict.
    pub fn at_least(self, times: f64, name: &str, anchor: Option<f64>) -> Self {
        self.beside(name, anchor, format!("≥ {} × {name}", number(times)), |vayu, anchor| vayu >= times * anchor)
    }

    /// With another figure beside it, for information.
    pub fn compared(self, name: &str, value: f64) -> Self {
        let anchor = Some(Anchor { name: name.to_owned(), value: Some(value) });
        Self { anchor, ratio: Some(self.vayu / value).filter(|ratio| ratio.is_finite()), ..self }
    }

    fn beside(self, name: &str, anchor: Option<f64>, wanted: String, holds: impl Fn(f64, f64) -> bool) -> Self {
        let holds = anchor.map(|anchor| holds(self.vayu, anchor));
        let ratio = anchor.filter(|anchor| *anchor > 0.0).map(|anchor| self.vayu / anchor);
        let line = Self { anchor: Some(Anchor { name: name.to_owned(), value: anchor }), ratio, ..self };
        match holds {
            Some(holds) => line.judged(holds, wanted),
            None => Self { wanted, verdict: Verdict::Skipped(format!("{name} is not here")), ..line },
        }
    }

    fn judged(self, holds: bool, wanted: String) -> Self {
        Self { wanted, verdict: if holds { Verdict::Held } else { Verdict::NotHeld }, ..self }
    }

    /// vayu's figure with its unit; nothing where it was not measured.
    pub fn figure(&self) -> String {
        if self.vayu == 0.0 && matches!(self.verdict, Verdict::Skipped(_)) && self.anchor.is_none() {
            return String::new();
        }
        format!("{}{}", number(self.vayu), self.unit)
    }

    /// The anchor's figure with its unit; nothing where there is none.
    pub fn anchor_figure(&self) -> String {
        let value = self.anchor.as_ref().and_then(|anchor| anchor.value);
        value.map(|value| format!("{}{}", number(value), self.unit)).unwrap_or_default()
    }

    /// The verdict in words.
    pub fn verdict(&self) -> String {
        match &self.verdict {
            Verdict::Held => "held".into(),
            Verdict::NotHeld => "NOT HELD".into(),
            Verdict::Skipped(why) => format!("skipped: {why}"),
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ratio = self.ratio.map(|ratio| format!("{}×", number(ratio))).unwrap_or_default();
        write!(
            f,
            "{:<4}{:<48.48} {:>12} {:>12} {ratio:>8}  {:<24} {}",
            self.bar,
            self.what,
            self.figure(),
            self.anchor_figure(),
            self.wanted,
            self.verdict()
        )
    }
}

/// With as many digits as say something.
pub fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 || value.fract() == 0.0 => format!("{value:.1}").trim_end_matches(".0").to_owned(),
        _ => format!("{value:.2}"),
    }
}

/// How many lines hold.
pub fn count(lines: &[Line]) -> String {
    let of = |wanted: fn(&Verdict) -> bool| lines.iter().filter(|line| wanted(&line.verdict)).count();
    format!(
        "{} held, {} not held, {} skipped",
        of(|verdict| *verdict == Verdict::Held),
        of(|verdict| *verdict == Verdict::NotHeld),
        of(|verdict| matches!(verdict, Verdict::Skipped(_)))
    )
}
