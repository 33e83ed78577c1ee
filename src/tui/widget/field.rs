//! A field to type into, with the editing keys that people know from their shell.

use ratatui_textarea::{CursorMove, Input, Key as AreaKey, TextArea};

use super::ink::Ink;
use crate::tui::terminal::{Code, Key};
use crate::tui::text;
use crate::tui::theme::Role;

/// Longest text in bytes that a field takes.
const LONGEST: usize = 256 << 10;

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// It changed the text or moved the cursor.
    Taken,
    /// It wants the text sent.
    Send,
    /// It wants the field closed.
    Close,
    /// It is none of the field's keys.
    Left,
}

/// A text being typed: one line, or several.
#[derive(Debug, Clone)]
pub struct Field {
    area: TextArea<'static>,
    lines: bool,
}

impl Field {
    /// A field of one line that holds `text`; line breaks in it become spaces.
    pub fn line(text: &str) -> Self {
        Self::with(vec![text.replace(['\n', '\r'], " ")], false)
    }

    /// A field of several lines.
    pub fn lines(text: &str) -> Self {
        Self::with(text.lines().map(str::to_owned).collect(), true)
    }

    fn with(text: Vec<String>, lines: bool) -> Self {
        let mut area = TextArea::new(text);
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        Self { area, lines }
    }

    /// What stands in it.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// True if nothing stands in it.
    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Typed {
        match (key.code, key.ctrl) {
            (Code::Enter, false) => Typed::Send,
            (Code::Char('o'), true) if self.lines => {
                self.area.insert_newline();
                Typed::Taken
            }
            (Code::Esc, _) | (Code::Char('c'), true) => Typed::Close,
            (Code::Char('u'), true) => {
                self.area.delete_line_by_head();
                Typed::Taken
            }
            (Code::Up | Code::Down, _) | (Code::Char('n' | 'p'), true) if !self.lines => Typed::Left,
            _ => self.edit(key),
        }
    }

    fn edit(&mut self, key: Key) -> Typed {
        let Some(code) = area_key(key.code) else { return Typed::Left };
        if self.text_length() < LONGEST || key.typed().is_none() {
            self.area.input(Input { key: code, ctrl: key.ctrl, alt: key.alt, shift: key.shift });
        }
        Typed::Taken
    }

    fn text_length(&self) -> usize {
        self.area.lines().iter().map(String::len).sum()
    }

    /// Takes pasted text as text, whatever it holds.
    pub fn paste(&mut self, pasted: &str) {
        let room = LONGEST.saturating_sub(self.text_length());
        let end = (0..=room.min(pasted.len())).rev().find(|at| pasted.is_char_boundary(*at)).unwrap_or(0);
        let pasted = &pasted[..end];
        let pasted = if self.lines { pasted.to_owned() } else { pasted.replace(['\n', '\r'], " ") };
        self.area.insert_str(pasted);
    }

    /// Draws the field into `height` rows and puts the cursor; long lines are shifted so that it can be seen.
    pub fn draw(&self, ink: &mut Ink, x: u16, y: u16, width: u16, height: u16) {
        let cursor = self.area.cursor();
        let top = (cursor.0 + 1).saturating_sub(usize::from(height));
        for (row, line) in self.area.lines().iter().enumerate().skip(top).take(usize::from(height)) {
            let y = y + (row - top) as u16;
            let at = if row == cursor.0 { cursor.1 } else { 0 };
            let (shown, column) = around(line, at, usize::from(width));
            ink.put(x, y, width, &shown, Role::Text);
            if row == cursor.0 {
                ink.set_cursor(x + column as u16, y);
            }
        }
    }
}

/// The part of a line around its character number `at` that fits into `width` cells, and the column of that character.
fn around(line: &str, at: usize, width: usize) -> (String, usize) {
    let chars: Vec<char> = line.chars().collect();
    let cells = |part: &[char]| text::width(&text::safe(&part.iter().collect::<String>(), usize::MAX >> 8));
    // What is far before the cursor cannot be seen; looking at it would make long lines slow.
    let mut start = at.saturating_sub(width);
    while start < at && cells(&chars[start..at]) >= width {
        start += 1;
    }
    let end = (at + width).min(chars.len());
    let shown: String = chars[start..end].iter().collect();
    (text::safe(&shown, width * 4), cells(&chars[start..at]))
}

fn area_key(code: Code) -> Option<AreaKey> {
    Some(match code {
        Code::Char(c) => AreaKey::Char(c),
        Code::Backspace => AreaKey::Backspace,
        Code::Delete => AreaKey::Delete,
        Code::Home => AreaKey::Home,
        Code::End => AreaKey::End,
        Code::Up => AreaKey::Up,
        Code::Down => AreaKey::Down,
        Code::Left => AreaKey::Left,
        Code::Right => AreaKey::Right,
        Code::Enter => AreaKey::Enter,
        Code::Esc | Code::Tab | Code::Insert | Code::PageUp | Code::PageDown | Code::F(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn type_into(field: &mut Field, text: &str) {
        for c in text.chars() {
            assert_eq!(field.key(Key::char(c)), Typed::Taken);
        }
    }

    #[test]
    fn what_is_typed_stands_there() {
        let mut field = Field::line("Fix ");
        type_into(&mut field, "login");
        field.key(Key::plain(Code::Backspace));
        assert_eq!(field.text(), "Fix logi");
        field.key(Key::ctrl('u'));
        assert!(field.is_empty());
    }

    #[test]
    fn a_paste_into_one_line_stays_one_line() {
        let mut field = Field::line("");
        field.paste("one\ntwo\x1b[31m");
        assert_eq!(field.text(), "one two\x1b[31m");
    }

    #[test]
    fn a_long_line_is_shown_around_its_cursor() {
        assert_eq!(around("abcdefghij", 10, 5), ("ghij".into(), 4));
        assert_eq!(around("abcdefghij", 0, 5), ("abcde".into(), 0));
        assert_eq!(around("漢字漢字", 4, 5), ("漢字".into(), 4));
        assert_eq!(around("", 0, 0), (String::new(), 0));
    }
}
