//! The signs of the board. Each stands for a word, none is an emoji, and each has a stand-in for terminals that cannot
//! draw it, or draw it two cells wide.

use ratatui::buffer::Buffer;

use crate::domain::Status;

/// Somebody waits for the human.
pub const ASK: &str = "⚑";
/// The left edge of what has the cursor.
pub const CURSOR: &str = "▌";
/// A part that is done.
pub const FULL: &str = "▰";
/// A part that is not.
pub const EMPTY: &str = "▱";
/// A part of a way.
pub const STEP: &str = "›";
/// Something chosen.
pub const CHOSEN: &str = "✓";
/// An entry without a state.
pub const DOT: &str = "·";
/// A thin line across.
pub const LINE: &str = "─";
/// A thick line across.
pub const THICK: &str = "━";
/// A thin line down.
pub const DOWN: &str = "│";

/// The sign of a state.
pub fn status(status: Status) -> &'static str {
    match status {
        Status::Created => "◌",
        Status::Blocked => "⊘",
        Status::Queued => "◍",
        Status::Assigned => "▹",
        Status::Executing => "◔",
        Status::Paused => "⊚",
        Status::Reviewing => "◕",
        Status::Rejected => "↺",
        Status::Completed => "✓",
        Status::Failed => "✗",
        Status::Cancelled => "⊗",
    }
}

/// A failed task that will be tried again.
pub const RETRY: &str = "↻";
/// An agent that takes nothing new.
pub const DRAINING: &str = "▾";
/// Somebody who is not there.
pub const AWAY: &str = "⊗";

/// How a terminal draws what is not ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// As it should.
    Unicode,
    /// Signs and lines take two cells: they are replaced, letters stay.
    Wide,
    /// Not at all.
    Ascii,
}

impl Charset {
    /// What the locale says; `var` looks an environment variable up.
    pub fn detect(var: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &&str| var(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default().to_ascii_lowercase();
        // No locale at all is the rule in containers, where every terminal on the other side speaks UTF-8.
        let utf8 = locale.is_empty() || locale == "c" || locale.contains("utf-8") || locale.contains("utf8");
        if utf8 { Self::Unicode } else { Self::Ascii }
    }

    /// Replaces what this terminal cannot draw.
    pub fn apply(self, buffer: &mut Buffer) {
        if self == Self::Unicode {
            return;
        }
        for cell in buffer.content.iter_mut().filter(|cell| !cell.symbol().is_ascii()) {
            let first = cell.symbol().chars().next().unwrap_or(' ');
            match stand_in(first) {
                Some(c) => drop(cell.set_char(c)),
                None if self == Self::Ascii => drop(cell.set_char('?')),
                None => {}
            }
        }
    }
}

/// Signs, and the ASCII characters that stand in for them.
const STAND_INS: &[(&str, &str)] = &[
    ("⚑▌│┊▏▰━▱─–—−…›▸→‹↺·", "!||||==-----~>>><<."),
    ("◌⊘◍▹◔⊚↻✗◕✓⊗▾", ".#oa>=@X%+-v"),
    ("┼└├┘┐┌⏎␣“”×", "++++++$_\"\"x"),
];

/// The ASCII character that stands in for a sign.
fn stand_in(sign: char) -> Option<char> {
    if ('▁'..='█').contains(&sign) {
        return Some('#');
    }
    STAND_INS
        .iter()
        .flat_map(|(signs, plain)| signs.chars().zip(plain.chars()))
        .find_map(|(c, plain)| (c == sign).then_some(plain))
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn every_sign_is_one_cell_and_has_a_stand_in() {
        let mut signs = vec![ASK, CURSOR, FULL, EMPTY, STEP, CHOSEN, DOT, LINE, THICK, DOWN, RETRY, DRAINING, AWAY];
        signs.extend(Status::ALL.iter().map(|s| status(*s)));
        for sign in signs {
            assert_eq!(sign.width(), 1, "{sign}");
            assert!(sign.chars().next().and_then(stand_in).is_some(), "{sign}");
        }
    }

    #[test]
    fn a_locale_without_unicode_gets_ascii_only() {
        let latin = |name: &str| (name == "LANG").then(|| "de_DE.ISO-8859-1".to_owned());
        assert_eq!(Charset::detect(latin), Charset::Ascii);
        assert_eq!(Charset::detect(|_| None), Charset::Unicode);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        buffer.set_string(0, 0, "▌⚑ 漢 ▰▱…", Style::new());
        Charset::Ascii.apply(&mut buffer);
        let text: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert!(text.is_ascii(), "{text}");
    }
}
