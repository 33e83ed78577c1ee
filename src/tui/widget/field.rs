//! A field to type into, with the editing keys that people know from their shell.

use std::ops::Range;

use ratatui::layout::Rect;
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

    /// Draws the field into `height` rows and puts the cursor. Of several lines, long ones are wrapped; a single one is
    /// shifted so that the cursor can be seen.
    pub fn draw(&self, ink: &mut Ink, x: u16, y: u16, width: u16, height: u16) {
        if self.lines {
            return self.draw_wrapped(ink, Rect { x, y, width, height });
        }
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

    /// As many rows above the cursor as there is room for, then those below.
    fn draw_wrapped(&self, ink: &mut Ink, place: Rect) {
        let cursor = self.area.cursor();
        let (line, at) = (cursor.0, cursor.1);
        // One cell is the cursor's at the end of a full row.
        let width = usize::from(place.width).saturating_sub(1).max(1);
        let chars = |line: &String| line.chars().collect::<Vec<char>>();
        let rows_of = |line: &String| {
            let chars = chars(line);
            let text = |part: Range<usize>| (part.clone(), chars[part].iter().collect::<String>());
            wrapped(&chars, width).into_iter().map(text).collect::<Vec<_>>()
        };
        let lines = self.area.lines();
        let mut rows = rows_of(&lines[line]);
        let mut here = rows.iter().rposition(|(part, _)| part.start <= at).unwrap_or(0);
        let (part, shown) = rows[here].clone();
        for before in lines[..line].iter().rev() {
            if here >= usize::from(place.height) {
                break;
            }
            let above = rows_of(before);
            here += above.len();
            rows.splice(0..0, above);
        }
        for after in &lines[line + 1..] {
            if rows.len() >= here + usize::from(place.height) {
                break;
            }
            rows.extend(rows_of(after));
        }
        let top = (here + 1).saturating_sub(usize::from(place.height));
        for (n, (_, row)) in rows.iter().skip(top).take(usize::from(place.height)).enumerate() {
            ink.put(place.x, place.y + n as u16, place.width, &text::safe(row.trim_end(), width * 4), Role::Text);
        }
        let before: String = shown.chars().take(at - part.start).collect();
        let column = text::width(&text::safe(&before, usize::MAX >> 8)).min(width);
        ink.set_cursor(place.x + column as u16, place.y + (here - top) as u16);
    }
}

/// Pieces of a line that fit into `width` cells, broken at spaces where there are any; spaces at an end hang over it.
fn wrapped(line: &[char], width: usize) -> Vec<Range<usize>> {
    let cells =
        |c: &char| if c.is_ascii_graphic() { 1 } else { text::width(&text::safe(&c.to_string(), usize::MAX >> 8)) };
    let (mut rows, mut start, mut space, mut used) = (Vec::new(), 0, 0, 0);
    for (at, c) in line.iter().enumerate() {
        if *c == ' ' {
            (space, used) = (at + 1, used + 1);
            continue;
        }
        if used + cells(c) > width && at > start {
            let end = if space > start { space } else { at };
            rows.push(start..end);
            (start, used) = (end, line[end..at].iter().map(cells).sum());
        }
        used += cells(c);
    }
    rows.push(start..line.len());
    rows
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
    fn several_lines_are_wrapped_at_spaces_and_nothing_is_lost() {
        let rows = |text: &str, width| {
            let chars: Vec<char> = text.chars().collect();
            wrapped(&chars, width).into_iter().map(|row| chars[row].iter().collect::<String>()).collect::<Vec<_>>()
        };
        assert_eq!(rows("add search and fix it", 10), ["add search ", "and fix it"]);
        assert_eq!(rows("abcdefghij kl", 4), ["abcd", "efgh", "ij ", "kl"]);
        assert_eq!(rows("漢字漢字", 5), ["漢字", "漢字"]);
        assert_eq!(rows("ab 漢字漢字", 6), ["ab ", "漢字漢", "字"]);
        assert_eq!(rows("", 5), [""]);
    }

    #[test]
    fn a_long_line_is_shown_around_its_cursor() {
        assert_eq!(around("abcdefghij", 10, 5), ("ghij".into(), 4));
        assert_eq!(around("abcdefghij", 0, 5), ("abcde".into(), 0));
        assert_eq!(around("漢字漢字", 4, 5), ("漢字".into(), 4));
        assert_eq!(around("", 0, 0), (String::new(), 0));
    }
}
