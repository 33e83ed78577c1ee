//! A text with headings, laid out for a width and scrolled.

use ratatui::layout::Rect;

use super::ink::{Ink, Look};
use crate::tui::glyph;
use crate::tui::text;
use crate::tui::theme::Role;

/// Lines of one text; more cannot be scrolled to.
const LONGEST: usize = 2000;

/// A piece of a line with its look.
type Piece = (String, Look);

/// A text made of lines.
#[derive(Debug, Default)]
pub struct Page {
    width: usize,
    lines: Vec<Vec<Piece>>,
    sections: Vec<usize>,
}

impl Page {
    /// An empty page of this width.
    pub fn new(width: u16) -> Self {
        Self { width: usize::from(width), ..Self::default() }
    }

    /// Begins a section.
    pub fn heading(&mut self, title: &str) -> &mut Self {
        if !self.lines.is_empty() {
            self.blank();
        }
        self.sections.push(self.lines.len());
        self.line(title, Role::Accent.bold())
    }

    /// An empty line.
    pub fn blank(&mut self) -> &mut Self {
        self.lines.push(Vec::new());
        self
    }

    /// One line.
    pub fn line(&mut self, line: &str, look: impl Into<Look>) -> &mut Self {
        self.lines.push(vec![(text::clip(line, self.width), look.into())]);
        self
    }

    /// One line of several pieces.
    pub fn pieces(&mut self, pieces: impl IntoIterator<Item = Piece>) -> &mut Self {
        self.lines.push(pieces.into_iter().collect());
        self
    }

    /// Text in as many lines as it takes, `indent` cells from the edge, after a `sign` on the first.
    pub fn text(&mut self, sign: (&str, Role), indent: usize, body: &str, look: impl Into<Look>) -> &mut Self {
        let look = look.into();
        let width = self.width.saturating_sub(indent).max(1);
        for (n, line) in text::wrap(body, width, LONGEST).into_iter().enumerate() {
            let first = text::pad(if n == 0 { sign.0 } else { "" }, indent);
            self.lines.push(vec![(first, sign.1.into()), (line, look)]);
        }
        self
    }

    /// A paragraph.
    pub fn paragraph(&mut self, body: &str, look: impl Into<Look>) -> &mut Self {
        self.text(("", Role::Text), 0, body, look)
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The lines at which sections begin.
    pub fn sections(&self) -> &[usize] {
        &self.sections
    }

    /// Draws the page from line `scroll` on.
    pub fn draw(&self, area: Rect, scroll: usize, ink: &mut Ink) {
        for (n, line) in self.lines.iter().skip(scroll).take(usize::from(area.height)).enumerate() {
            let mut row = ink.row(area.x, area.y + n as u16, area.width);
            for (piece, look) in line {
                row.put(piece, *look);
            }
        }
        let below = self.lines.len().saturating_sub(scroll + usize::from(area.height));
        if below > 0 && area.height > 2 {
            let y = area.bottom() - 1;
            ink.clear(Rect { y, height: 1, ..area });
            ink.put(
                area.x,
                y,
                area.width,
                &format!("{} {}", glyph::DRAINING, crate::domain::words::count(below, "more line")),
                Role::Muted.italic(),
            );
        }
    }
}
