//! The pen that views draw with. Whatever it writes is made safe and cut to its place, so that no view can let text
//! from outside through; what can be clicked is noted where it is drawn.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Modifier, Style};

use crate::tui::msg::Target;
use crate::tui::text;
use crate::tui::theme::{Role, Theme};

/// A pen over a frame.
#[derive(Debug)]
pub struct Ink<'a> {
    buffer: &'a mut Buffer,
    theme: &'a Theme,
    targets: Vec<(Rect, Target)>,
    cursor: Option<Position>,
}

impl<'a> Ink<'a> {
    /// A pen over `buffer` in the colours of `theme`.
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme) -> Self {
        Self { buffer, theme, targets: Vec::new(), cursor: None }
    }

    /// Where the terminal's cursor belongs, and what can be clicked, topmost last.
    pub fn finish(self) -> (Option<Position>, Vec<(Rect, Target)>) {
        (self.cursor, self.targets)
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// Notes that `area` can be clicked.
    pub fn target(&mut self, area: Rect, target: Target) {
        self.targets.push((area, target));
    }

    /// Puts the terminal's cursor.
    pub fn set_cursor(&mut self, x: u16, y: u16) {
        self.cursor = Some(Position { x, y }).filter(|at| self.buffer.area.contains(*at));
    }

    /// Writes `text` into at most `room` cells; returns how many it took.
    pub fn put(&mut self, x: u16, y: u16, room: u16, text: &str, style: impl Into<Look>) -> u16 {
        if !self.buffer.area.contains(Position { x, y }) {
            return 0;
        }
        let room = room.min(self.buffer.area.right() - x);
        let line = text::clip(text, usize::from(room));
        let style = style.into().resolve(self.theme);
        let (end, _) = self.buffer.set_stringn(x, y, &line, usize::from(room), style);
        end - x
    }

    /// A row to fill from both ends.
    pub fn row(&mut self, x: u16, y: u16, width: u16) -> Row<'_, 'a> {
        Row { ink: self, y, left: x, right: x.saturating_add(width) }
    }

    /// The first row of an area.
    pub fn row_of(&mut self, area: Rect) -> Row<'_, 'a> {
        self.row(area.x, area.y, area.width)
    }

    /// Repeats `sign` from `x` on.
    pub fn line(&mut self, x: u16, y: u16, width: u16, sign: &str, role: Role) {
        let style = self.theme.style(role);
        for x in x..x.saturating_add(width).min(self.buffer.area.right()) {
            if let Some(cell) = self.buffer.cell_mut((x, y)) {
                cell.set_symbol(sign).set_style(style);
            }
        }
    }

    /// A line down.
    pub fn line_down(&mut self, x: u16, y: u16, height: u16, sign: &str, role: Role) {
        for y in y..y.saturating_add(height) {
            self.line(x, y, 1, sign, role);
        }
    }

    /// Lays the background and modifiers of a role over an area.
    pub fn wash(&mut self, area: Rect, role: Role) {
        let style = self.theme.style(role);
        let style = Style { fg: None, ..style };
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Empties an area.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.reset();
            }
        }
        self.targets.retain(|(rect, _)| rect.intersection(area) != *rect);
    }

    /// Shows that what was drawn in this area has the cursor.
    pub fn select(&mut self, area: Rect) {
        let select = self.theme.style(Role::Select);
        let plain = self.theme.style(Role::Text).fg;
        let flat = self.theme.selects_by_reversing();
        for position in area.intersection(self.buffer.area).positions() {
            let Some(cell) = self.buffer.cell_mut(position) else { continue };
            if flat {
                (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
                cell.modifier.insert(Modifier::REVERSED);
                continue;
            }
            if Some(cell.fg) == plain || cell.fg == Color::Reset {
                cell.fg = select.fg.unwrap_or_default();
            }
            cell.bg = select.bg.unwrap_or_default();
        }
    }
}

/// A role, possibly bolder.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    role: Role,
    add: Modifier,
}

impl Look {
    fn resolve(self, theme: &Theme) -> Style {
        theme.style(self.role).add_modifier(self.add)
    }
}

impl From<Role> for Look {
    fn from(role: Role) -> Self {
        Self { role, add: Modifier::empty() }
    }
}

impl Role {
    /// The role in bold.
    pub fn bold(self) -> Look {
        Look { role: self, add: Modifier::BOLD }
    }

    /// The role in italics.
    pub fn italic(self) -> Look {
        Look { role: self, add: Modifier::ITALIC }
    }

    /// The role underlined.
    pub fn underlined(self) -> Look {
        Look { role: self, add: Modifier::UNDERLINED | Modifier::BOLD }
    }
}

/// A row that is filled from the left and from the right; what does not fit between is cut.
#[derive(Debug)]
pub struct Row<'i, 'a> {
    ink: &'i mut Ink<'a>,
    y: u16,
    left: u16,
    right: u16,
}

impl Row<'_, '_> {
    /// Cells left.
    pub fn room(&self) -> u16 {
        self.right.saturating_sub(self.left)
    }

    /// Where the next text on the left goes.
    pub fn x(&self) -> u16 {
        self.left
    }

    /// Writes on the left; after a text that had to be cut, nothing more is written.
    pub fn put(&mut self, text: &str, look: impl Into<Look>) -> &mut Self {
        let fits = self.fits(text);
        let taken = self.ink.put(self.left, self.y, self.room(), text, look);
        self.left = if fits { self.left + taken } else { self.right };
        self
    }

    /// Writes on the left only if all of it fits; says whether it did.
    pub fn put_whole(&mut self, text: &str, look: impl Into<Look>) -> bool {
        let fits = self.fits(text);
        if fits {
            self.put(text, look);
        }
        fits
    }

    fn fits(&self, text: &str) -> bool {
        let room = usize::from(self.room());
        text::width(&text::clip(text, room + 1)) <= room
    }

    /// Leaves cells free on the left.
    pub fn gap(&mut self, cells: u16) -> &mut Self {
        self.left = self.left.saturating_add(cells).min(self.right);
        self
    }

    /// Writes on the right, if there is room for all of it.
    pub fn put_right(&mut self, text: &str, look: impl Into<Look>) -> &mut Self {
        if self.fits(text) {
            let width = text::width(&text::clip(text, usize::from(self.room()))) as u16;
            self.right -= width;
            self.ink.put(self.right, self.y, width, text, look);
        }
        self
    }

    /// Leaves cells free on the right.
    pub fn gap_right(&mut self, cells: u16) -> &mut Self {
        self.right = self.right.saturating_sub(cells).max(self.left);
        self
    }

    /// Notes that what was written from `start` on can be clicked.
    pub fn target_from(&mut self, start: u16, target: Target) -> &mut Self {
        let area = Rect { x: start, y: self.y, width: self.left.saturating_sub(start), height: 1 };
        self.ink.target(area, target);
        self
    }

    /// Notes that what stands right of the free cells can be clicked, up to `end`.
    pub fn target_right(&mut self, end: u16, target: Target) -> &mut Self {
        let area = Rect { x: self.right, y: self.y, width: end.saturating_sub(self.right), height: 1 };
        self.ink.target(area, target);
        self
    }
}
