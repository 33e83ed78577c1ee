//! JSON as a terminal may see it: what would command a terminal, reorder a line or hide in it is written as `\u` and four
//! digits, which means the same to whoever reads the JSON.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// Writes `value` as JSON on one line.
///
/// # Errors
/// When the value has no JSON form, or `out` fails.
pub fn write<T: Serialize + ?Sized>(out: impl Write, value: &T) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Visible))
}

/// `value` as JSON on one line.
///
/// # Errors
/// When the value has no JSON form.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    write(&mut bytes, value)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes nothing that a reader of the text would not see.
struct Visible;

impl Formatter for Visible {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = first_hidden(rest) {
            out.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}

/// Most text is plain, and lists show a lot of it.
fn first_hidden(text: &str) -> Option<(usize, char)> {
    if text.bytes().all(|byte| byte < 0x7f) {
        return None;
    }
    text.char_indices().find(|(_, c)| super::is_hidden(*c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_spelled_out_and_means_the_same() {
        let text = "plain \"quoted\" \u{1b}[2J \u{7f}\u{9b}31m \u{202e}gnp \u{2028} \u{e0041} \u{1f642} é";
        let json = to_string(text).expect("a text");
        assert!(!json.chars().any(super::super::is_hidden), "{json}");
        assert!(json.contains("\\u009b31m \\u202egnp") && json.contains("\\udb40\\udc41 \u{1f642} é"), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
    }
}
