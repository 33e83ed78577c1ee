//! The lines by which a command tells how it goes: `::vayu progress 40 running tests`. Written down in `docs/agents.md`.

use serde_json::Value;

use crate::domain::task::BlockerKind;

/// What every such line begins with.
pub const PREFIX: &str = "::vayu";

/// Longest text of one line, in characters; the rest is cut off.
const TEXT_CHARS: usize = 4_000;
/// Longest step, in characters.
const STEP_CHARS: usize = 200;
/// Longest name of an output, in characters.
const NAME_CHARS: usize = 100;

/// One thing that a command says.
#[derive(Debug, Clone, PartialEq)]
pub enum Directive {
    /// How far it is, and what it is doing.
    Progress {
        /// 0 to 100.
        percent: u8,
        /// In a few words.
        step: Option<String>,
    },
    /// What it is doing.
    Step(String),
    /// A file or address that came out of it.
    Artifact(String),
    /// A named result for those who build on this task.
    Output {
        /// Name.
        name: String,
        /// JSON, or else the text as it stands.
        value: Value,
    },
    /// What was done.
    Summary(String),
    /// What the next one must know.
    HandOver(String),
    /// Something that is still open.
    Open(String),
    /// A remark on the task.
    Note(String),
    /// What the attempt cost so far, in the board's currency.
    Cost(f64),
    /// Tokens that a language model has read and written for it so far.
    Tokens(u64),
    /// Model and version that does it.
    Model(String),
    /// It cannot go on, and why: the verdict once the command has ended.
    Block {
        /// What kind of obstacle.
        kind: BlockerKind,
        /// In words; for `input` the question.
        reason: String,
    },
    /// It cannot be done: the verdict once the command has ended.
    Fail(String),
}

/// Reads one line of output. `None` for ordinary output; an error says what is wrong with a line that is meant for vayu.
pub fn parse(line: &str) -> Option<Result<Directive, String>> {
    let rest = line.trim_end().strip_prefix(PREFIX)?;
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let (word, text) = split_word(rest);
    Some(directive(word, text))
}

fn directive(word: &str, text: &str) -> Result<Directive, String> {
    match word {
        "progress" => progress(text),
        "step" => said(word, text, STEP_CHARS).map(Directive::Step),
        "artifact" => said(word, text, TEXT_CHARS).map(Directive::Artifact),
        "output" => output(text),
        "summary" => said(word, text, TEXT_CHARS).map(Directive::Summary),
        "handover" => said(word, text, TEXT_CHARS).map(Directive::HandOver),
        "open" => said(word, text, TEXT_CHARS).map(Directive::Open),
        "note" => said(word, text, TEXT_CHARS).map(Directive::Note),
        "cost" => cost(text),
        "tokens" => tokens(text),
        "model" => said(word, text, NAME_CHARS).map(Directive::Model),
        "block" => block(text),
        "fail" => said(word, text, TEXT_CHARS).map(Directive::Fail),
        other => Err(format!("`{}` is no word of the progress lines", cut(other, 40))),
    }
}

fn progress(text: &str) -> Result<Directive, String> {
    let (number, step) = split_word(text);
    let percent: f64 = number
        .trim_end_matches('%')
        .parse()
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| format!("progress is a number from 0 to 100, not `{}`", cut(number, 40)))?;
    Ok(Directive::Progress { percent: percent as u8, step: said("progress", step, STEP_CHARS).ok() })
}

fn output(text: &str) -> Result<Directive, String> {
    let (name, value) = text.split_once('=').ok_or("an output is NAME=VALUE")?;
    let name = said("output", name, NAME_CHARS)?;
    let value = cut(value.trim(), TEXT_CHARS);
    let value = serde_json::from_str(&value).unwrap_or(Value::String(value));
    Ok(Directive::Output { name, value })
}

fn cost(text: &str) -> Result<Directive, String> {
    let amount = text.parse().ok().filter(|cost: &f64| cost.is_finite() && *cost >= 0.0);
    amount.map(Directive::Cost).ok_or_else(|| format!("a cost is a number, not `{}`", cut(text, 40)))
}

fn tokens(text: &str) -> Result<Directive, String> {
    let count = text.trim().replace('_', "").parse();
    count.map(Directive::Tokens).map_err(|_| format!("tokens are a whole number, not `{}`", cut(text, 40)))
}

fn block(text: &str) -> Result<Directive, String> {
    let (kind, reason) = split_word(text);
    let kind = kind.parse().map_err(|why| format!("block KIND REASON: {why}"))?;
    Ok(Directive::Block { kind, reason: said("block", reason, TEXT_CHARS)? })
}

fn said(word: &str, text: &str, max: usize) -> Result<String, String> {
    match cut(text.trim(), max) {
        text if text.is_empty() => Err(format!("`{word}` without a text")),
        text => Ok(text),
    }
}

fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

fn split_word(text: &str) -> (&str, &str) {
    let text = text.trim();
    text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(line: &str) -> Directive {
        parse(line).expect("a line for vayu").expect("understood")
    }

    #[test]
    fn each_word_is_understood() {
        let step = |text: &str| Some(text.to_owned());
        assert_eq!(
            read("::vayu progress 40 running tests"),
            Directive::Progress { percent: 40, step: step("running tests") }
        );
        assert_eq!(read("::vayu progress 99.9%"), Directive::Progress { percent: 99, step: None });
        assert_eq!(read("::vayu  step   linking \r"), Directive::Step("linking".into()));
        assert_eq!(read("::vayu artifact out/a b.txt"), Directive::Artifact("out/a b.txt".into()));
        assert_eq!(read("::vayu output n=3"), Directive::Output { name: "n".into(), value: 3.into() });
        assert_eq!(read("::vayu output url=a=b"), Directive::Output { name: "url".into(), value: "a=b".into() });
        assert_eq!(read("::vayu summary done"), Directive::Summary("done".into()));
        assert_eq!(read("::vayu handover see x"), Directive::HandOver("see x".into()));
        assert_eq!(read("::vayu open docs"), Directive::Open("docs".into()));
        assert_eq!(read("::vayu note hm"), Directive::Note("hm".into()));
        assert_eq!(read("::vayu cost 0.25"), Directive::Cost(0.25));
        assert_eq!(read("::vayu tokens 120_000"), Directive::Tokens(120_000));
        assert_eq!(read("::vayu model large-4.1"), Directive::Model("large-4.1".into()));
        let question = Directive::Block { kind: BlockerKind::Input, reason: "which rounding?".into() };
        assert_eq!(read("::vayu block input which rounding?"), question);
        assert_eq!(read("::vayu fail no such file"), Directive::Fail("no such file".into()));
    }

    #[test]
    fn ordinary_output_is_left_alone() {
        for line in ["", "vayu progress 4", " ::vayu progress 4", "::vayuprogress 4", "::other x"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[test]
    fn what_is_not_understood_says_why() {
        for line in [
            "::vayu",
            "::vayu dance",
            "::vayu progress",
            "::vayu progress 101",
            "::vayu progress -1",
            "::vayu progress NaN",
            "::vayu step",
            "::vayu output x",
            "::vayu output =3",
            "::vayu cost inf",
            "::vayu tokens -1",
            "::vayu tokens 1e6",
            "::vayu model",
            "::vayu block maybe x",
            "::vayu block input",
        ] {
            let why = parse(line).expect("a line for vayu").expect_err(line);
            assert!(!why.is_empty());
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in ".*", word in "(progress|output|block|cost|step|artifact|[a-z]*)") {
            let _ = parse(&text);
            let _ = parse(&format!("::vayu {word} {text}"));
        }
    }
}
