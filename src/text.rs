//! Text from outside, made fit for a terminal, on the board and on the command line alike: nothing in it can command
//! the terminal, reorder the line or change its height, and nothing here reads further than what can be seen.

pub mod json;

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Combining marks kept on one character; more would climb out of their line.
const MARKS: usize = 2;
/// Characters looked at for each visible cell, so that a megabyte of invisible ones costs nothing.
const LOOK: usize = 16;

/// Columns that a text made by this module takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// `text` as one line of at most `columns` cells; what does not fit ends in an ellipsis.
pub fn clip(text: &str, columns: usize) -> String {
    // Most text is plain, and lists show a lot of it.
    if text.len() <= columns && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    let mut line = String::new();
    let mut room = columns;
    let mut ends = Vec::new();
    let mut pieces = Pieces::new(text, columns);
    for piece in pieces.by_ref() {
        let piece = if piece.is_break { Piece::new(" ", 1) } else { piece };
        if piece.width > room {
            return with_ellipsis(line, &ends, columns);
        }
        room -= piece.width;
        line.push_str(&piece.text);
        ends.push((line.len(), columns - room));
    }
    if pieces.gave_up { with_ellipsis(line, &ends, columns) } else { line }
}

/// `text` as one line of exactly `columns` cells, filled up with spaces.
pub fn pad(text: &str, columns: usize) -> String {
    let mut line = clip(text, columns);
    let missing = columns.saturating_sub(width(&line));
    line.extend(std::iter::repeat_n(' ', missing));
    line
}

/// `text` as one line of exactly `columns` cells, filled up with spaces on the left.
pub fn pad_left(text: &str, columns: usize) -> String {
    let line = clip(text, columns);
    format!("{}{line}", " ".repeat(columns.saturating_sub(width(&line))))
}

/// `text` broken at spaces into at most `lines` lines of at most `columns` cells; more ends in an ellipsis. Line
/// breaks of the text are kept; words longer than a line are cut.
pub fn wrap(text: &str, columns: usize, lines: usize) -> Vec<String> {
    if columns == 0 || lines == 0 {
        return Vec::new();
    }
    Wrapping::new(columns, lines).fill(text)
}

/// `text` with everything dangerous replaced or dropped, line breaks kept, at most `limit` cells of it.
pub fn safe(text: &str, limit: usize) -> String {
    Pieces::new(text, limit).scan(limit, take_while_room).collect()
}

fn take_while_room<'a>(room: &mut usize, piece: Piece<'a>) -> Option<Cow<'a, str>> {
    *room = room.checked_sub(piece.width.max(1))?;
    Some(if piece.is_break { Cow::Borrowed("\n") } else { piece.text })
}

/// Cuts `line` so that an ellipsis fits into `columns`; `ends` are byte lengths and widths after each piece.
fn with_ellipsis(mut line: String, ends: &[(usize, usize)], columns: usize) -> String {
    if columns == 0 {
        return String::new();
    }
    let keep = ends.iter().rev().find(|(_, width)| *width < columns).map_or(0, |(bytes, _)| *bytes);
    line.truncate(keep);
    let kept = line.trim_end().len();
    line.truncate(kept);
    line.push('…');
    line
}

/// Lines being filled with words.
struct Wrapping {
    columns: usize,
    lines: usize,
    done: Vec<String>,
    line: String,
    word: String,
}

impl Wrapping {
    fn new(columns: usize, lines: usize) -> Self {
        Self { columns, lines, done: Vec::new(), line: String::new(), word: String::new() }
    }

    fn fill(mut self, text: &str) -> Vec<String> {
        let mut pieces = Pieces::new(text, self.columns * self.lines);
        for piece in pieces.by_ref() {
            match &*piece.text {
                _ if piece.is_break => self.end_paragraph(),
                " " => self.end_word(true),
                piece_text => self.grow_word(piece_text, piece.width),
            }
            if self.done.len() > self.lines {
                return self.cut();
            }
        }
        self.end_word(false);
        if !self.line.is_empty() || self.done.is_empty() {
            self.end_line();
        }
        if self.done.len() > self.lines || pieces.gave_up { self.cut() } else { self.done }
    }

    fn grow_word(&mut self, piece: &str, piece_width: usize) {
        if piece_width > self.columns {
            return;
        }
        if width(&self.word) + piece_width > self.columns {
            self.end_word(false);
        }
        self.word.push_str(piece);
    }

    fn end_word(&mut self, spaced: bool) {
        if width(&self.line) + width(&self.word) > self.columns {
            self.end_line();
        }
        self.line.push_str(&std::mem::take(&mut self.word));
        let room = width(&self.line) < self.columns;
        if spaced && room && !self.line.is_empty() {
            self.line.push(' ');
        } else if spaced && !room {
            self.end_line();
        }
    }

    fn end_paragraph(&mut self) {
        self.end_word(false);
        self.end_line();
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.done.push(line.trim_end().to_owned());
    }

    /// The allowed lines, the last one marked as going on.
    fn cut(mut self) -> Vec<String> {
        self.done.truncate(self.lines);
        if let Some(last) = self.done.last_mut() {
            *last = mark_cut(last, self.columns);
        }
        self.done
    }
}

/// `line` with an ellipsis after the last whole word that leaves room for one.
fn mark_cut(line: &str, columns: usize) -> String {
    let whole = if width(line) < columns { Some(line) } else { line.rsplit_once(' ').map(|(words, _)| words) };
    whole.map_or_else(|| clip(&format!("{line}…"), columns), |words| format!("{words}…"))
}

/// One character with its marks, as it may be shown.
struct Piece<'a> {
    text: Cow<'a, str>,
    width: usize,
    is_break: bool,
}

impl<'a> Piece<'a> {
    fn new(text: impl Into<Cow<'a, str>>, width: usize) -> Self {
        Self { text: text.into(), width, is_break: false }
    }
}

/// Characters of a text, one by one, made safe.
struct Pieces<'a> {
    text: &'a str,
    looks: usize,
    gave_up: bool,
}

impl<'a> Pieces<'a> {
    fn new(text: &'a str, cells: usize) -> Self {
        Self { text, looks: cells.saturating_add(8).saturating_mul(LOOK), gave_up: false }
    }

    fn next_char(&mut self) -> Option<char> {
        let c = self.text.chars().next()?;
        if self.looks == 0 {
            self.gave_up = true;
            return None;
        }
        self.looks -= 1;
        self.text = &self.text[c.len_utf8()..];
        Some(c)
    }

    /// The marks that follow a character: the first few are kept, the rest skipped.
    fn marks(&mut self, base: char) -> Cow<'a, str> {
        let mut text = String::new();
        let mut kept = 0;
        while let Some(c) = self.text.chars().next().filter(|c| is_mark(*c) || is_dropped(*c)) {
            if self.next_char().is_none() {
                break;
            }
            if is_mark(c) && kept < MARKS {
                kept += 1;
                text.push(c);
            }
        }
        text.insert(0, base);
        Cow::Owned(text)
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            let c = self.next_char()?;
            if let Some(piece) = plain(c) {
                return Some(piece);
            }
            if !is_dropped(c) && !is_mark(c) {
                let text = self.marks(c);
                let width = width(&text);
                return Some(Piece::new(text, width));
            }
        }
    }
}

/// Characters that need a replacement, and those that need no look at what follows.
fn plain(c: char) -> Option<Piece<'static>> {
    Some(match c {
        '\n' | '\u{2028}' | '\u{2029}' => Piece { text: "\n".into(), width: 1, is_break: true },
        '\t' | '\r' | '\u{a0}' => Piece::new(" ", 1),
        '\0'..='\u{1f}' => Piece::new(format!("^{}", char::from(c as u8 + 0x40)), 2),
        '\u{7f}' => Piece::new("^?", 2),
        '\u{80}'..='\u{9f}' => Piece::new(format!("<{:02x}>", u32::from(c)), 4),
        '\u{1f1e6}'..='\u{1f1ff}' => Piece::new(char::from(b'A' + (u32::from(c) - 0x1f1e6) as u8).to_string(), 1),
        _ => return None,
    })
}

/// True for what commands a terminal, breaks or reorders a line, or cannot be seen.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || is_dropped(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Invisible characters: direction controls, joiners, selectors, tags, fillers.
fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{20e3}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_mark(c: char) -> bool {
    !c.is_ascii() && !is_dropped(c) && c.width() == Some(0)
}

/// A number for a text that stays the same over versions and machines (FNV-1a).
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_never_changes() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn escapes_are_shown_and_never_sent() {
        assert_eq!(clip("\u{1b}[2Jgone\u{9b}31m\u{7}", 80), "^[[2Jgone<9b>31m^G");
        assert_eq!(clip("two\nlines\tand tab", 80), "two lines and tab");
    }

    #[test]
    fn direction_joiners_and_selectors_are_dropped() {
        assert_eq!(clip("a\u{202e}b\u{2066}c\u{200d}d\u{fe0f}e\u{200b}f", 80), "abcdef");
    }

    #[test]
    fn a_pile_of_marks_is_cut_to_two() {
        let pile = format!("e{}x", "\u{301}".repeat(50));
        assert_eq!(clip(&pile, 80), "e\u{301}\u{301}x");
        assert_eq!(clip(&"\u{301}".repeat(9), 80), "");
    }

    #[test]
    fn flags_become_letters_of_known_width() {
        assert_eq!(clip("🇮🇳", 80), "IN");
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        assert_eq!(clip("Idempotency keys", 10), "Idempoten…");
        assert_eq!(clip("Idempotent", 10), "Idempotent");
        assert_eq!(clip("the capture endpoint", 12), "the capture…");
        assert_eq!(clip("漢字漢字", 5), "漢字…");
        assert_eq!(clip("漢字", 1), "…");
        assert_eq!(clip("abc", 0), "");
    }

    #[test]
    fn lines_break_at_spaces_and_the_last_one_says_that_more_follows() {
        assert_eq!(
            wrap("Weekly digest email for product owners", 19, 2),
            ["Weekly digest email", "for product owners"]
        );
        assert_eq!(wrap("Weekly digest email for product owners", 12, 2), ["Weekly", "digest…"]);
        assert_eq!(wrap("one\n\ntwo", 10, 9), ["one", "", "two"]);
        assert_eq!(wrap("abcdefghij", 4, 9), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4, 9), [""]);
    }

    #[test]
    fn a_megabyte_costs_no_more_than_what_is_visible() {
        let word = "x".repeat(1 << 20);
        assert_eq!(clip(&word, 4), "xxx…");
        assert_eq!(wrap(&word, 4, 2), ["xxxx", "xxx…"]);
        let nothing = "\u{200b}".repeat(1 << 20);
        assert_eq!(clip(&nothing, 4), "…");
    }

    #[test]
    fn filled_lines_have_exactly_the_width_asked_for() {
        for text in ["", "ab", "漢字漢字漢字", "a\u{301}b", "\u{1b}[31mred", "👩‍👩‍👧‍👦 family"] {
            for columns in 0..12 {
                assert_eq!(width(&pad(text, columns)), columns, "{text:?} {columns}");
                assert_eq!(width(&pad_left(text, columns)), columns, "{text:?} {columns}");
                assert!(wrap(text, columns, 3).iter().all(|line| width(line) <= columns), "{text:?} {columns}");
            }
        }
    }
}
