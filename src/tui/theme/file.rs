//! Theme files: a palette of colours in three qualities, and a look for every role.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier};
use toml::Spanned;
use toml::de::DeValue;

use super::colour::{Colour, parse_full, parse_named};
use super::role::Role;
use crate::tui::source::{Mistake, Source, entries};

/// The background a theme is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Dark backgrounds.
    Dark,
    /// Light backgrounds.
    Light,
    /// Whatever the terminal has.
    Any,
}

/// How one role looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    /// Text colour.
    pub fg: Colour,
    /// Background.
    pub bg: Colour,
    /// Bold, underlined, reversed, italic.
    pub modifier: Modifier,
}

/// A theme as its file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeFile {
    /// Its name.
    pub name: String,
    /// Which background it is for.
    pub kind: Kind,
    /// A look for every role.
    pub paints: BTreeMap<Role, Paint>,
}

type Palette = BTreeMap<String, Colour>;

impl ThemeFile {
    /// Reads a theme; `base` finds the theme that it builds upon.
    pub fn parse(name: &str, source: &Source, base: impl Fn(&str) -> Option<ThemeFile>) -> Result<Self, Mistake> {
        let table = source.table()?;
        let mut theme = Self { name: name.to_owned(), kind: Kind::Any, paints: BTreeMap::new() };
        if let Some(value) = table.get("base") {
            let base_name = source.text_of("base", value)?;
            let found = base(base_name);
            let found =
                found.ok_or_else(|| source.mistake("base", &value.span(), format!("no theme `{base_name}`")))?;
            theme = Self { name: theme.name, ..found };
        }
        let mut palette = Palette::from([("default".to_owned(), Colour::DEFAULT)]);
        if let Some(value) = table.get("colours") {
            palette.extend(parse_palette(source, value)?);
        }
        for (key, value) in entries(&table) {
            match key {
                "base" | "colours" => {}
                "for" => theme.kind = parse_kind(source, value)?,
                "roles" => theme.parse_roles(source, value, &palette)?,
                _ => return Err(source.mistake(key, &value.span(), "unknown; known are base, for, colours, roles")),
            }
        }
        theme.check_complete(source)?;
        Ok(theme)
    }

    fn parse_roles(&mut self, source: &Source, value: &Spanned<DeValue>, palette: &Palette) -> Result<(), Mistake> {
        for (key, value) in source.entries("roles", value)? {
            let role = Role::named(key).ok_or_else(|| {
                let known: Vec<_> = Role::ALL.iter().map(|(_, name)| *name).collect();
                source.mistake(key, &value.span(), format!("no such role; known are {}", known.join(", ")))
            })?;
            self.paints.insert(role, parse_paint(source, key, value, palette)?);
        }
        Ok(())
    }

    fn check_complete(&self, source: &Source) -> Result<(), Mistake> {
        match Role::ALL.iter().find(|(role, _)| !self.paints.contains_key(role)) {
            Some((_, name)) => {
                let what = "has no look; give it one, or build upon a theme with base = \"vayu-dark\"";
                Err(source.mistake(name, &(0..0), what))
            }
            None => Ok(()),
        }
    }
}

fn parse_kind(source: &Source, value: &Spanned<DeValue>) -> Result<Kind, Mistake> {
    match source.text_of("for", value)? {
        "dark" => Ok(Kind::Dark),
        "light" => Ok(Kind::Light),
        "any" => Ok(Kind::Any),
        _ => Err(source.mistake("for", &value.span(), "a theme is for \"dark\", \"light\" or \"any\" backgrounds")),
    }
}

fn parse_palette(source: &Source, value: &Spanned<DeValue>) -> Result<Palette, Mistake> {
    let colours = source.entries("colours", value)?;
    colours.into_iter().map(|(key, value)| Ok((key.to_owned(), parse_colour(source, key, value)?))).collect()
}

fn parse_colour(source: &Source, key: &str, value: &Spanned<DeValue>) -> Result<Colour, Mistake> {
    let wrong = || source.mistake(key, &value.span(), "a colour is [\"#5cc8f5\", 81, \"cyan\"]: full, of 256, of 16");
    if let Some(name) = value.get_ref().as_str() {
        let own = parse_named(name).ok_or_else(wrong)?;
        return Ok(Colour { full: own, indexed: own, named: own });
    }
    let parts = value.get_ref().as_array().filter(|parts| parts.len() == 3).ok_or_else(wrong)?;
    let part = |n: usize| parts.get(n).map(Spanned::get_ref);
    let full = part(0).and_then(DeValue::as_str).and_then(parse_full).ok_or_else(wrong)?;
    let indexed = part(1).and_then(DeValue::as_integer).and_then(|n| n.as_str().parse().ok()).ok_or_else(wrong)?;
    let named = part(2).and_then(DeValue::as_str).and_then(parse_named).ok_or_else(wrong)?;
    Ok(Colour { full, indexed: Color::Indexed(indexed), named })
}

fn parse_paint(source: &Source, key: &str, value: &Spanned<DeValue>, palette: &Palette) -> Result<Paint, Mistake> {
    let mut paint = Paint { fg: Colour::DEFAULT, bg: Colour::DEFAULT, modifier: Modifier::empty() };
    for (property, value) in source.entries(key, value)? {
        let modifier = match property {
            "fg" => {
                paint.fg = find_colour(source, key, value, palette)?;
                continue;
            }
            "bg" => {
                paint.bg = find_colour(source, key, value, palette)?;
                continue;
            }
            "bold" => Modifier::BOLD,
            "underline" => Modifier::UNDERLINED,
            "reverse" => Modifier::REVERSED,
            "italic" => Modifier::ITALIC,
            _ => {
                let what = format!("unknown `{property}`; known are fg, bg, bold, underline, reverse, italic");
                return Err(source.mistake(key, &value.span(), what));
            }
        };
        paint.modifier.set(modifier, source.bool_of(property, value)?);
    }
    Ok(paint)
}

fn find_colour(source: &Source, key: &str, value: &Spanned<DeValue>, palette: &Palette) -> Result<Colour, Mistake> {
    let name = source.text_of(key, value)?;
    palette.get(name).copied().ok_or_else(|| {
        let known: Vec<_> = palette.keys().map(String::as_str).collect();
        source.mistake(key, &value.span(), format!("no colour `{name}` in [colours]; known are {}", known.join(", ")))
    })
}
