//! Which part of the screen is for what. Pure: the same answer for drawing, for clicks and for paging.

use ratatui::layout::Rect;

/// Below this size there is one line of words only.
const LEAST: (u16, u16) = (22, 6);
/// Below this height the header goes.
const HEADER_FROM: u16 = 10;
/// Below this height the rows for toasts and keys go.
const FOOTER_FROM: u16 = 16;
/// From this height on there is air between header and content.
const AIRY_FROM: u16 = 30;

/// The parts of the screen; those without room are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Areas {
    /// Project, tabs, state.
    pub header: Rect,
    /// Who waits for the human.
    pub strip: Rect,
    /// The screen itself.
    pub body: Rect,
    /// What just happened.
    pub toast: Rect,
    /// What the keys do.
    pub hints: Rect,
}

/// True if there is room for a single line only.
pub fn is_tiny(width: u16, height: u16) -> bool {
    width < LEAST.0 || height < LEAST.1
}

/// The parts of a screen of this size; `asked`: somebody waits.
pub fn areas(width: u16, height: u16, asked: bool) -> Areas {
    let mut rest = Rect { x: 0, y: 0, width, height };
    let mut top = |rows: u16| {
        let rows = rows.min(rest.height);
        let area = Rect { height: rows, ..rest };
        rest = Rect { y: rest.y + rows, height: rest.height - rows, ..rest };
        area
    };
    let header = top(u16::from(height >= HEADER_FROM));
    let strip = top(u16::from(asked));
    top(u16::from(height >= AIRY_FROM));
    let footer = height >= FOOTER_FROM;
    let body = Rect { height: rest.height.saturating_sub(2 * u16::from(footer)), ..rest };
    let row = |n: u16| Rect { y: (body.bottom() + n).min(height), height: u16::from(footer), ..rest };
    Areas { header, strip, body, toast: row(0), hints: row(1) }
}

/// `area` without a column on either side.
pub fn inset(area: Rect, columns: u16) -> Rect {
    Rect { x: area.x + columns.min(area.width), width: area.width.saturating_sub(2 * columns), ..area }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_keeps_twenty_of_twenty_four_rows() {
        let areas = areas(80, 24, true);
        assert_eq!(areas.body, Rect { x: 0, y: 2, width: 80, height: 20 });
        assert_eq!((areas.toast.y, areas.hints.y), (22, 23));
    }

    #[test]
    fn no_part_ever_leaves_the_screen() {
        for width in 0..40 {
            for height in 0..40 {
                for asked in [false, true] {
                    let Areas { header, strip, body, toast, hints } = areas(width, height, asked);
                    for area in [header, strip, body, toast, hints] {
                        assert!(area.right() <= width && area.bottom() <= height, "{width}x{height} {area:?}");
                    }
                }
            }
        }
    }
}
