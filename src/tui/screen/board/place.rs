//! Where lanes and cards go: the same answer for drawing, paging and reading.

use ratatui::layout::Rect;

use super::state::{Density, State};
use crate::domain::Lane;

/// Lanes are never narrower.
const LEAST_LANE: u16 = 22;
/// Below this width there is one lane.
const SEVERAL_FROM: u16 = 60;
/// From this width on the peek stands beside the lanes.
const BESIDE_FROM: u16 = 120;
/// From this width on the peek is always open.
const ALWAYS_FROM: u16 = 160;

/// The places of a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The names of all lanes, when not all are drawn.
    pub strip: Option<Rect>,
    /// Drawn lanes with their columns, separator included.
    pub lanes: Vec<(usize, Rect)>,
    /// First row of cards.
    pub top: u16,
    /// Rows for cards, the line that says how many more there are included.
    pub rows: u16,
    /// How much of a card there is room for.
    pub density: Density,
    /// A look at the card that has the cursor.
    pub peek: Option<Rect>,
}

impl Places {
    /// Whole cards that fit into a lane.
    pub fn fitting(&self) -> usize {
        match self.density {
            // The last row says how many more there are.
            Density::Compact => usize::from(self.rows.saturating_sub(1)),
            density => usize::from((self.rows + 1) / density.pitch()),
        }
    }
}

impl Density {
    /// Rows of a card with the air below it.
    pub fn pitch(self) -> u16 {
        match self {
            Self::Compact => 1,
            Self::Normal => 5,
            Self::Roomy => 7,
        }
    }

    /// Rows of a card alone.
    pub fn rows(self) -> u16 {
        self.pitch().saturating_sub(1).max(1)
    }
}

impl State {
    /// The places of this board in `area`.
    pub fn places(&self, area: Rect) -> Places {
        let (area, peek) = self.split_peek(area);
        let shown = lanes_in(area.width);
        let first = self.first_shown(shown);
        let strip = (shown < Lane::ALL.len()).then_some(Rect { height: 1.min(area.height), ..area });
        // The heads take two rows: a name and a line; with a strip above, the line alone is left.
        let head = 2.min(area.height);
        let places = columns(area, shown);
        let lanes = places.into_iter().enumerate().map(|(i, place)| (first + i, place)).collect();
        let rows = area.height - head;
        let density = if rows < self.density.rows() { Density::Compact } else { self.density };
        Places { strip, lanes, top: area.y + head, rows, density, peek }
    }

    fn split_peek(&self, area: Rect) -> (Rect, Option<Rect>) {
        if area.width >= ALWAYS_FROM || (self.peek && area.width >= BESIDE_FROM) {
            let width = (area.width / 3).clamp(36, 60);
            let peek = Rect { x: area.right() - width, width, ..area };
            return (Rect { width: area.width - width, ..area }, Some(peek));
        }
        if self.peek && area.height >= 14 {
            let height = (area.height / 2).min(12);
            let peek = Rect { y: area.bottom() - height, height, ..area };
            return (Rect { height: area.height - height, ..area }, Some(peek));
        }
        (area, None)
    }

    /// The first lane that is drawn when `shown` of them are: the one with the cursor stays in the middle if it can.
    fn first_shown(&self, shown: usize) -> usize {
        let looked_at = self.grab.map_or(self.lane, |grab| grab.lane);
        looked_at.saturating_sub(shown / 2).min(Lane::ALL.len() - shown)
    }

    /// Cards that fit into a lane.
    pub fn capacity(&self, area: Rect) -> usize {
        let places = self.places(area);
        places.fitting().max(1)
    }
}

fn lanes_in(width: u16) -> usize {
    if width < SEVERAL_FROM { 1 } else { usize::from(width / LEAST_LANE).clamp(1, Lane::ALL.len()) }
}

/// `count` columns side by side, each with a separator at its right edge; the first has a margin before it, and the
/// last one's separator would stand just outside.
fn columns(area: Rect, count: usize) -> Vec<Rect> {
    let margin = 1.min(area.width);
    let (width, count) = (area.width - margin + 1, count as u16);
    let edge = |n: u16| area.x + margin + (u32::from(width) * u32::from(n) / u32::from(count)) as u16;
    (0..count).map(|n| Rect { x: edge(n), width: edge(n + 1) - edge(n), ..area }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: u16, lane: usize) -> Vec<usize> {
        let state = State { lane, ..State::default() };
        state.places(Rect::new(0, 0, width, 30)).lanes.into_iter().map(|(lane, _)| lane).collect()
    }

    #[test]
    fn as_many_lanes_as_can_be_read() {
        assert_eq!(shown(120, 0), [0, 1, 2, 3, 4]);
        assert_eq!(shown(80, 2), [1, 2, 3]);
        assert_eq!(shown(80, 4), [2, 3, 4]);
        assert_eq!(shown(44, 3), [3]);
    }

    #[test]
    fn no_lane_is_narrower_than_a_title_needs() {
        for width in 22..300 {
            let places = State::default().places(Rect::new(0, 0, width, 30));
            assert!(places.lanes.iter().all(|(_, lane)| lane.width >= LEAST_LANE - 1), "{width}");
        }
    }
}
