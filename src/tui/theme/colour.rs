//! Colours in three qualities, and whether a person can read one on another.

use ratatui::style::Color;

use super::Level;
use crate::tui::terminal::Rgb;

/// A colour as a theme states it: for terminals with 16 million, 256 and 16 colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Full.
    pub full: Color,
    /// Of the 256.
    pub indexed: Color,
    /// Of the 16.
    pub named: Color,
}

impl Colour {
    /// What the terminal's own text or background has.
    pub const DEFAULT: Self = Self { full: Color::Reset, indexed: Color::Reset, named: Color::Reset };

    /// The colour for a terminal of this quality.
    pub fn at(self, level: Level) -> Color {
        match level {
            Level::True => self.full,
            Level::Indexed => self.indexed,
            Level::Named => self.named,
            Level::Mono => Color::Reset,
        }
    }
}

/// `#5cc8f5`.
pub fn parse_full(text: &str) -> Option<Color> {
    let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6)?;
    let value = u32::from_str_radix(hex, 16).ok()?;
    Some(Color::Rgb((value >> 16) as u8, (value >> 8) as u8, value as u8))
}

/// A name of the 16 colours, or `default`.
pub fn parse_named(text: &str) -> Option<Color> {
    const NAMES: [&str; 16] = [
        "black",
        "red",
        "green",
        "yellow",
        "blue",
        "magenta",
        "cyan",
        "white",
        "bright-black",
        "bright-red",
        "bright-green",
        "bright-yellow",
        "bright-blue",
        "bright-magenta",
        "bright-cyan",
        "bright-white",
    ];
    if text == "default" {
        return Some(Color::Reset);
    }
    NAMES.iter().position(|name| *name == text).map(|n| Color::Indexed(n as u8))
}

/// How a terminal shows a colour; `None` for the sixteen that each user chooses.
pub fn rgb_of(colour: Color) -> Option<Rgb> {
    match colour {
        Color::Rgb(r, g, b) => Some(Rgb(r, g, b)),
        Color::Indexed(n @ 232..) => Some(Rgb(8 + 10 * (n - 232), 8 + 10 * (n - 232), 8 + 10 * (n - 232))),
        Color::Indexed(n @ 16..) => {
            let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            Some(Rgb(step((n - 16) / 36), step((n - 16) / 6 % 6), step((n - 16) % 6)))
        }
        _ => None,
    }
}

/// Relative luminance, 0 to 1.
fn luminance(Rgb(r, g, b): Rgb) -> f64 {
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// True for colours on which light text is read more easily.
pub fn is_dark(colour: Rgb) -> bool {
    luminance(colour) < 0.18
}

/// Contrast of two colours, 1 to 21.
pub fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// `colour` made lighter or darker until it stands out from `background` by at least `wanted`.
pub fn readable(colour: Rgb, background: Rgb, wanted: f64) -> Rgb {
    let towards = if is_dark(background) { 255.0 } else { 0.0 };
    let mix = |channel: u8, part: f64| (f64::from(channel) + (towards - f64::from(channel)) * part).round() as u8;
    (0..=20)
        .map(|step| f64::from(step) / 20.0)
        .map(|part| Rgb(mix(colour.0, part), mix(colour.1, part), mix(colour.2, part)))
        .find(|mixed| contrast(*mixed, background) >= wanted)
        .unwrap_or(colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_what_the_standard_says() {
        assert!((contrast(Rgb(0, 0, 0), Rgb(255, 255, 255)) - 21.0).abs() < 1e-9);
        assert!((contrast(Rgb(119, 119, 119), Rgb(255, 255, 255)) - 4.48).abs() < 0.01);
    }

    #[test]
    fn an_unreadable_colour_is_moved_until_it_can_be_read() {
        let base = Rgb(0x07, 0x36, 0x42);
        let muted = readable(Rgb(0x58, 0x6e, 0x75), base, 4.5);
        assert!(contrast(muted, base) >= 4.5);
        assert_eq!(readable(Rgb(255, 255, 255), base, 4.5), Rgb(255, 255, 255));
    }

    #[test]
    fn the_cube_of_256_colours_is_known() {
        assert_eq!(rgb_of(Color::Indexed(16)), Some(Rgb(0, 0, 0)));
        assert_eq!(rgb_of(Color::Indexed(81)), Some(Rgb(95, 215, 255)));
        assert_eq!(rgb_of(Color::Indexed(255)), Some(Rgb(238, 238, 238)));
        assert_eq!(rgb_of(Color::Indexed(4)), None);
    }
}
