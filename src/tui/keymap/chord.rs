//! How keys are written in files, and which key of a Latin layout a letter of another one shares its place with.

use crate::tui::terminal::{Code, Key};

/// Reads a sequence of keys, such as `g g` or `ctrl-d`; the error says what is wrong.
pub fn parse_sequence(text: &str) -> Result<Vec<Key>, String> {
    let keys = text.split_whitespace().map(parse_key).collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() { Err("no key; write j, enter, ctrl-d or \"g g\"".into()) } else { Ok(keys) }
}

fn parse_key(text: &str) -> Result<Key, String> {
    let mut key = Key::char(' ');
    let mut rest = text;
    while let Some((held, after)) = rest.split_once('-').filter(|(held, after)| !held.is_empty() && !after.is_empty()) {
        match held.to_ascii_lowercase().as_str() {
            "ctrl" | "c" => key.ctrl = true,
            "alt" | "a" => key.alt = true,
            "shift" | "s" => key.shift = true,
            _ => return Err(format!("`{text}`: only ctrl-, alt- and shift- can be held")),
        }
        rest = after;
    }
    key.code = parse_code(rest).ok_or_else(|| format!("`{text}` is no key; write j, enter, pgdn, f1 or ctrl-d"))?;
    if let (Code::Char(c), true) = (key.code, key.shift) {
        key.code = Code::Char(c.to_uppercase().next().unwrap_or(c));
        key.shift = false;
    }
    Ok(key)
}

fn parse_code(text: &str) -> Option<Code> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return Some(Code::Char(c));
    }
    let lower = text.to_ascii_lowercase();
    if let Some(number) = lower.strip_prefix('f').and_then(|number| number.parse().ok()) {
        return (1..=24).contains(&number).then_some(Code::F(number));
    }
    Some(match lower.as_str() {
        "space" => Code::Char(' '),
        "enter" | "return" => Code::Enter,
        "esc" | "escape" => Code::Esc,
        "tab" => Code::Tab,
        "backspace" => Code::Backspace,
        "delete" => Code::Delete,
        "insert" => Code::Insert,
        "home" => Code::Home,
        "end" => Code::End,
        "pgup" => Code::PageUp,
        "pgdn" => Code::PageDown,
        "up" => Code::Up,
        "down" => Code::Down,
        "left" => Code::Left,
        "right" => Code::Right,
        _ => return None,
    })
}

/// A sequence as hints and help show it: `gg`, `Ctrl-d`, `⏎`.
pub fn show_sequence(keys: &[Key]) -> String {
    keys.iter().map(|key| show(*key)).collect()
}

fn show(key: Key) -> String {
    match key.code {
        Code::Enter => "⏎".into(),
        Code::Char(' ') => "␣".into(),
        _ => key.to_string(),
    }
}

/// Letters of the Cyrillic and Greek layouts, and the Latin keys in their places.
const LAYOUTS: &[(&str, &str)] = &[
    ("йцукенгшщзхъфывапролджэячсмитьбюіїєґ", "qwertyuiop[]asdfghjkl;'zxcvbnm,.s]'\\"),
    ("ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮІЇЄҐ", "QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>S}\"|"),
    ("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm"),
    ("ΕΡΤΥΘΙΟΠΑΣΔΦΓΗΞΚΛΖΧΨΩΒΝΜ", "ERTYUIOPASDFGHJKLZXCVBNM"),
];

/// The key of a Latin layout in the same place; `told` is what the terminal says about it.
pub fn latin(key: Key, told: Option<char>) -> Option<Key> {
    let Code::Char(typed) = key.code else { return None };
    let known = || {
        let pairs = LAYOUTS.iter().flat_map(|(theirs, latin)| theirs.chars().zip(latin.chars()));
        pairs.into_iter().find(|(theirs, _)| *theirs == typed).map(|(_, latin)| latin)
    };
    let base = told.map(|c| if typed.is_uppercase() { c.to_ascii_uppercase() } else { c }).or_else(known)?;
    Some(Key { code: Code::Char(base), ..key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_people_write_them() {
        assert_eq!(parse_sequence("g g"), Ok(vec![Key::char('g'), Key::char('g')]));
        assert_eq!(parse_sequence("ctrl-d"), Ok(vec![Key::ctrl('d')]));
        assert_eq!(parse_sequence("-"), Ok(vec![Key::char('-')]));
        assert_eq!(parse_sequence("ctrl--"), Ok(vec![Key::ctrl('-')]));
        assert_eq!(parse_sequence("Shift-Tab"), Ok(vec![Key { shift: true, ..Key::plain(Code::Tab) }]));
        assert!(parse_sequence("hyper-x").is_err());
        assert!(parse_sequence("ctrl-").is_err());
        assert!(parse_sequence("").is_err());
    }

    #[test]
    fn letters_of_other_layouts_share_places_with_latin_ones() {
        assert_eq!(latin(Key::char('о'), None), Some(Key::char('j')));
        assert_eq!(latin(Key::char('Д'), None), Some(Key::char('L')));
        assert_eq!(latin(Key::char('ב'), Some('c')), Some(Key::char('c')));
        assert_eq!(latin(Key::char('漢'), None), None);
        for (theirs, latin) in LAYOUTS {
            assert_eq!(theirs.chars().count(), latin.chars().count());
        }
    }
}
