//! The drawing surface: turns changed cells into few bytes and sends each frame as one write inside synchronized
//! output, or nothing at all when nothing changed.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// Something to draw on: takes bytes and knows its size.
pub trait Surface {
    /// Sends a frame in one piece.
    fn send(&mut self, frame: &[u8]) -> io::Result<()>;
    /// Columns and rows.
    fn size(&self) -> io::Result<Size>;
}

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
/// Blanks from this number on are erased rather than printed.
const ERASE: u16 = 8;
/// Attributes that show on a blank.
const ON_BLANK: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

/// What is sent before the next character decides how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    const PLAIN: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };
}

/// A cell that is not what it was, and where.
type Change<'a> = (u16, u16, &'a Cell);

/// A ratatui backend over a [`Surface`].
#[derive(Debug)]
pub struct Canvas<S> {
    surface: S,
    frame: Vec<u8>,
    pen: Pen,
    at: Option<Position>,
    columns: u16,
    cursor: Option<Position>,
    wanted_cursor: Option<Position>,
    blanks: Option<(Position, u16)>,
    last_write: Duration,
}

impl<S: Surface> Canvas<S> {
    /// A canvas on an empty screen.
    pub fn new(surface: S) -> Self {
        Self {
            surface,
            frame: Vec::with_capacity(16 << 10),
            pen: Pen::PLAIN,
            at: None,
            columns: 0,
            cursor: None,
            wanted_cursor: None,
            blanks: None,
            last_write: Duration::ZERO,
        }
    }

    /// How long the terminal took to accept the last frame.
    pub fn last_write(&self) -> Duration {
        self.last_write
    }

    /// Forgets what is known about the terminal's pen and cursor, as after somebody else has drawn.
    pub fn forget(&mut self) {
        self.frame.clear();
        self.frame.extend_from_slice(b"\x1b[m");
        (self.pen, self.at, self.cursor, self.blanks) = (Pen::PLAIN, None, None, None);
    }

    fn put_all(&mut self, cells: &[Change]) {
        for (x, y, cell) in cells {
            self.put(*x, *y, cell);
        }
        self.end_blanks();
    }

    fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        if is_blank(cell) {
            self.put_blank(x, y);
            return;
        }
        self.end_blanks();
        self.go_to(Position { x, y });
        self.set_pen(self.pen_for(cell));
        self.frame.extend_from_slice(cell.symbol().as_bytes());
        self.at = after(cell.symbol(), x, y, self.columns);
    }

    /// The pen for this cell, keeping what does not show.
    fn pen_for(&self, cell: &Cell) -> Pen {
        let wanted = Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        if cell.symbol() != " " || wanted.modifier.intersects(ON_BLANK) || self.pen.modifier.intersects(ON_BLANK) {
            return wanted;
        }
        Pen { bg: wanted.bg, ..self.pen }
    }

    fn put_blank(&mut self, x: u16, y: u16) {
        match &mut self.blanks {
            Some((start, count)) if start.y == y && start.x + *count == x => *count += 1,
            _ => {
                self.end_blanks();
                self.blanks = Some((Position { x, y }, 1));
            }
        }
    }

    fn end_blanks(&mut self) {
        let Some((start, count)) = self.blanks.take() else { return };
        self.go_to(start);
        if self.pen.bg != Color::Reset || self.pen.modifier.intersects(ON_BLANK) {
            self.set_pen(Pen { bg: Color::Reset, modifier: self.pen.modifier - ON_BLANK, ..self.pen });
        }
        if start.x + count >= self.columns && count > 2 {
            self.frame.extend_from_slice(b"\x1b[K");
        } else if count >= ERASE {
            self.sequence(&[count], b'X');
        } else {
            self.frame.extend(std::iter::repeat_n(b' ', usize::from(count)));
            self.at = (start.x + count < self.columns).then_some(Position { x: start.x + count, y: start.y });
        }
    }

    fn go_to(&mut self, to: Position) {
        match self.at {
            Some(at) if at == to => return,
            Some(at) if at.y == to.y && at.x < to.x => self.sequence(&[to.x - at.x], b'C'),
            Some(at) if at.y.checked_add(1) == Some(to.y) && to.x == 0 => self.frame.extend_from_slice(b"\r\n"),
            _ if to.x == 0 => self.sequence(&[to.y + 1], b'H'),
            _ => self.sequence(&[to.y + 1, to.x + 1], b'H'),
        }
        self.at = Some(to);
    }

    /// `CSI numbers last`; a single 1 is left out, being the default.
    fn sequence(&mut self, numbers: &[u16], last: u8) {
        self.frame.extend_from_slice(b"\x1b[");
        if numbers != [1] {
            push_numbers(&mut self.frame, numbers);
        }
        self.frame.push(last);
    }

    fn set_pen(&mut self, to: Pen) {
        if self.pen == to {
            return;
        }
        let (mut change, mut fresh) = (Vec::new(), Vec::new());
        change_pen(&mut change, self.pen, to);
        if to != Pen::PLAIN {
            fresh.push(0);
            change_pen(&mut fresh, Pen::PLAIN, to);
        }
        let mut short = Vec::new();
        let mut long = Vec::new();
        push_numbers(&mut short, &change);
        push_numbers(&mut long, &fresh);
        self.frame.extend_from_slice(b"\x1b[");
        self.frame.extend_from_slice(if short.len() <= long.len() { &short } else { &long });
        self.frame.push(b'm');
        self.pen = to;
    }

    fn end_cursor(&mut self) {
        if let (Some(to), true) = (self.wanted_cursor, self.wanted_cursor != self.cursor || !self.frame.is_empty()) {
            self.go_to(to);
        }
        match (self.cursor, self.wanted_cursor) {
            (None, Some(_)) => self.frame.extend_from_slice(b"\x1b[?25h"),
            (Some(_), None) => self.frame.extend_from_slice(b"\x1b[?25l"),
            _ => {}
        }
        self.cursor = self.wanted_cursor;
    }
}

impl<S: Surface> Backend for Canvas<S> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.columns = self.size()?.width;
        let cells: Vec<Change> = content.collect();
        let (begun, from) = (self.frame.len(), (self.pen, self.at));
        self.put_all(&cells);
        let (in_order, after) = (self.frame.split_off(begun), (self.pen, self.at));
        // Where looks alternate, going about from place to place takes fewer bytes than changing the pen.
        (self.pen, self.at) = from;
        self.put_all(&by_pen(&cells));
        if self.frame.len() - begun >= in_order.len() {
            self.frame.truncate(begun);
            self.frame.extend_from_slice(&in_order);
            (self.pen, self.at) = after;
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.wanted_cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.at.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.wanted_cursor = Some(position.into());
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.blanks = None;
        self.set_pen(Pen::PLAIN);
        self.frame.extend_from_slice(b"\x1b[2J");
        Ok(())
    }

    fn clear_region(&mut self, _region: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        self.surface.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.end_cursor();
        if self.frame.is_empty() {
            return Ok(());
        }
        let frame = [BEGIN, &self.frame, END].concat();
        self.frame.clear();
        let start = Instant::now();
        let sent = self.surface.send(&frame);
        self.last_write = start.elapsed();
        sent
    }
}

/// Makes the cells behind wide characters unlike any blank, so that they are drawn once the character is gone: not
/// every terminal clears the half that was not overwritten.
pub fn mark_second_halves(buffer: &mut Buffer) {
    for i in 1..buffer.content.len() {
        if !buffer.content[i - 1].symbol().is_ascii() && buffer.content[i - 1].symbol().width() > 1 {
            buffer.content[i].set_symbol("½");
        }
    }
}

/// The same cells with those of one look together. Blanks go with the text that they follow, if its ground is theirs.
fn by_pen<'a>(cells: &[Change<'a>]) -> Vec<Change<'a>> {
    let mut looks: Vec<Option<Pen>> = vec![None];
    let mut before: Option<(Position, usize)> = None;
    let group = |(x, y, cell): &Change| {
        let ground = |look: &Option<Pen>| look.is_some_and(|pen| pen.bg == cell.bg);
        let follows = before.filter(|(at, group)| at.y == *y && at.x + 1 == *x && ground(&looks[*group]));
        let group = match follows {
            Some((_, group)) if cell.symbol() == " " && !cell.modifier.intersects(ON_BLANK) => group,
            _ if is_blank(cell) => 0,
            _ => {
                let look = Some(Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier });
                looks.iter().position(|known| *known == look).unwrap_or_else(|| {
                    looks.push(look);
                    looks.len() - 1
                })
            }
        };
        before = Some((Position { x: *x, y: *y }, group));
        group
    };
    let mut sorted: Vec<(usize, Change)> = cells.iter().map(group).zip(cells.iter().copied()).collect();
    sorted.sort_by_key(|(group, _)| *group);
    sorted.into_iter().map(|(_, cell)| cell).collect()
}

fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(ON_BLANK)
}

/// Where the cursor is after printing; `None` where terminals disagree.
fn after(symbol: &str, x: u16, y: u16, columns: u16) -> Option<Position> {
    let mut chars = symbol.chars();
    let trusted = chars.next().is_some_and(is_trusted) && chars.next().is_none();
    let x = x + symbol.width() as u16;
    (trusted && x < columns).then_some(Position { x, y })
}

/// Characters that every terminal draws one cell wide.
fn is_trusted(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a1}'..='\u{2ff}' | '\u{370}'..='\u{52f}' | '\u{2010}'..='\u{27bf}')
}

fn change_pen(codes: &mut Vec<u16>, from: Pen, to: Pen) {
    let (gone, mut come) = (from.modifier - to.modifier, to.modifier - from.modifier);
    let weight = Modifier::BOLD | Modifier::DIM;
    if gone.intersects(weight) {
        codes.push(22);
        come |= to.modifier & weight;
    }
    let offs =
        [(Modifier::ITALIC, 23), (Modifier::UNDERLINED, 24), (Modifier::REVERSED, 27), (Modifier::CROSSED_OUT, 29)];
    codes.extend(offs.iter().filter(|(modifier, _)| gone.contains(*modifier)).map(|(_, code)| *code));
    let ons = [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::ITALIC, 3),
        (Modifier::UNDERLINED, 4),
        (Modifier::REVERSED, 7),
        (Modifier::CROSSED_OUT, 9),
    ];
    codes.extend(ons.iter().filter(|(modifier, _)| come.contains(*modifier)).map(|(_, code)| *code));
    if from.fg != to.fg {
        push_colour(codes, to.fg, 30);
    }
    if from.bg != to.bg {
        push_colour(codes, to.bg, 40);
    }
}

fn push_colour(codes: &mut Vec<u16>, colour: Color, base: u16) {
    let named = |n: u8| if n < 8 { base + u16::from(n) } else { base + 52 + u16::from(n) };
    match colour {
        Color::Reset => codes.push(base + 9),
        Color::Rgb(r, g, b) => codes.extend([base + 8, 2, r.into(), g.into(), b.into()]),
        Color::Indexed(n) if n >= 16 => codes.extend([base + 8, 5, n.into()]),
        Color::Indexed(n) => codes.push(named(n)),
        Color::Black => codes.push(named(0)),
        Color::Red => codes.push(named(1)),
        Color::Green => codes.push(named(2)),
        Color::Yellow => codes.push(named(3)),
        Color::Blue => codes.push(named(4)),
        Color::Magenta => codes.push(named(5)),
        Color::Cyan => codes.push(named(6)),
        Color::Gray => codes.push(named(7)),
        Color::DarkGray => codes.push(named(8)),
        Color::LightRed => codes.push(named(9)),
        Color::LightGreen => codes.push(named(10)),
        Color::LightYellow => codes.push(named(11)),
        Color::LightBlue => codes.push(named(12)),
        Color::LightMagenta => codes.push(named(13)),
        Color::LightCyan => codes.push(named(14)),
        Color::White => codes.push(named(15)),
    }
}

fn push_numbers(out: &mut Vec<u8>, numbers: &[u16]) {
    for (i, number) in numbers.iter().enumerate() {
        let separator = if i == 0 { "" } else { ";" };
        // Writing to a vector cannot fail.
        let _ = write!(out, "{separator}{number}");
    }
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::style::Style;

    use super::*;

    struct Paper(vt100::Parser, Vec<usize>);

    impl Surface for Paper {
        fn send(&mut self, frame: &[u8]) -> io::Result<()> {
            self.0.process(frame);
            self.1.push(frame.len());
            Ok(())
        }

        fn size(&self) -> io::Result<Size> {
            let (rows, columns) = self.0.screen().size();
            Ok(Size { width: columns.into(), height: rows.into() })
        }
    }

    fn terminal(columns: u16, rows: u16) -> Terminal<Canvas<Paper>> {
        let paper = Paper(vt100::Parser::new(cells(rows), cells(columns), 0), Vec::new());
        Terminal::new(Canvas::new(paper)).expect("a canvas in memory")
    }

    fn cells(count: u16) -> std::num::NonZero<u16> {
        count.try_into().expect("not zero")
    }

    fn style(random: &mut fastrand::Rng) -> Style {
        let colour = |random: &mut fastrand::Rng| match random.u8(0..4) {
            0 => Color::Reset,
            1 => Color::Indexed(random.u8(..)),
            2 => Color::Rgb(random.u8(..), random.u8(..), random.u8(..)),
            _ => Color::Green,
        };
        let all = [Modifier::BOLD, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED];
        let modifier = all.into_iter().filter(|_| random.u8(0..4) == 0).collect::<Modifier>();
        Style::new().fg(colour(random)).bg(colour(random)).add_modifier(modifier)
    }

    const TEXTS: [&str; 6] = ["abc", "          ", "漢字", "▌⚑ #4", "e\u{301}", "────────────"];

    #[test]
    fn every_frame_looks_as_drawn() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut terminal = terminal(20, 6);
        for _ in 0..200 {
            // One text a row: half a wide character is not a screen.
            let texts: Vec<_> = (0..6)
                .map(|y| (random.u16(0..20), y, TEXTS[random.usize(0..TEXTS.len())], style(&mut random)))
                .collect();
            let frame = terminal
                .draw(|frame| {
                    for (x, y, text, style) in &texts {
                        frame.buffer_mut().set_string(*x, *y, text, *style);
                    }
                    mark_second_halves(frame.buffer_mut());
                })
                .expect("drawn")
                .buffer
                .clone();
            let screen = terminal.backend().surface.0.screen();
            for (i, cell) in frame.content.iter().enumerate() {
                let (x, y) = frame.pos_of(i);
                let shown = screen.cell(y, x).expect("inside");
                if shown.is_wide_continuation() {
                    continue;
                }
                let text = if shown.has_contents() { shown.contents() } else { " " };
                assert_eq!(text, cell.symbol(), "{x},{y}");
                assert_eq!(shown.inverse(), cell.modifier.contains(Modifier::REVERSED), "{x},{y}");
                assert_eq!(shown.underline(), cell.modifier.contains(Modifier::UNDERLINED), "{x},{y}");
                assert_eq!(shown.bgcolor(), expected(cell.bg), "{x},{y} {text:?}");
                if cell.symbol() != " " {
                    assert_eq!(shown.fgcolor(), expected(cell.fg), "{x},{y} {text:?}");
                    assert_eq!(shown.bold(), cell.modifier.contains(Modifier::BOLD), "{x},{y}");
                }
            }
        }
    }

    fn expected(colour: Color) -> vt100::Color {
        match colour {
            Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
            Color::Indexed(n) => vt100::Color::Idx(n),
            Color::Green => vt100::Color::Idx(2),
            _ => vt100::Color::Default,
        }
    }

    #[test]
    fn a_frame_without_a_change_sends_nothing() {
        let mut terminal = terminal(20, 6);
        for _ in 0..3 {
            terminal.draw(|frame| frame.render_widget("hello", frame.area())).expect("drawn");
        }
        assert_eq!(terminal.backend().surface.1.len(), 1);
    }

    #[test]
    fn the_cursor_follows_the_field_and_hides_with_it() {
        let mut terminal = terminal(20, 6);
        let mut shown = Vec::new();
        for cursor in [Some((3, 2)), Some((3, 2)), Some((4, 2)), None] {
            terminal.draw(|frame| cursor.into_iter().for_each(|at| frame.set_cursor_position(at))).expect("drawn");
            let screen = terminal.backend().surface.0.screen();
            shown.push((!screen.hide_cursor()).then(|| screen.cursor_position()));
        }
        assert_eq!(shown, [Some((2, 3)), Some((2, 3)), Some((2, 4)), None]);
        assert_eq!(terminal.backend().surface.1.len(), 3);
    }
}
