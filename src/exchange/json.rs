//! JSON entries from either shape that tools print: one array, or one value per line.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, SeqAccess, Visitor};

use super::source::{self, ReadError};

/// Calls `each` with every entry and its line. Lines that cannot be read are given as errors; an array is all or nothing.
pub fn each_entry<T: DeserializeOwned>(
    name: &str,
    mut input: impl BufRead,
    mut each: impl FnMut(usize, Result<T, String>),
) -> Result<(), ReadError> {
    let skipped = skip_to_value(&mut input).map_err(|error| ReadError::io(name, error))?;
    let first = input.fill_buf().map_err(|error| ReadError::io(name, error))?.first().copied();
    if first == Some(b'[') {
        return each_in_array(name, input, skipped, &mut |line, entry| each(line, Ok(entry)));
    }
    source::each_line(name, input, |number, line| {
        let entry = line.and_then(|text| serde_json::from_str(text).map_err(|error| reason(&error)));
        each(number + skipped, entry);
    })
}

/// Consumes white space and a byte order mark before the first value; returns how many lines that were.
fn skip_to_value(input: &mut impl BufRead) -> io::Result<usize> {
    let mut lines = 0;
    loop {
        let buffer = input.fill_buf()?;
        let mark = buffer.len() - source::without_mark(buffer).len();
        let blank = mark + buffer[mark..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if blank == 0 {
            return Ok(lines);
        }
        lines += source::breaks(&buffer[..blank]);
        input.consume(blank);
    }
}

fn each_in_array<T: DeserializeOwned>(
    name: &str,
    input: impl BufRead,
    skipped: usize,
    each: &mut dyn FnMut(usize, T),
) -> Result<(), ReadError> {
    let newlines = Cell::new(skipped);
    let counted = Counted { input: input.take(source::MAX_WHOLE), newlines: &newlines };
    let mut reader = serde_json::Deserializer::from_reader(counted);
    let entries = Entries { newlines: &newlines, each, entry: PhantomData };
    reader.deserialize_seq(entries).and_then(|()| reader.end()).map_err(|error| match error.classify() {
        serde_json::error::Category::Io => ReadError::io(name, error.into()),
        _ => ReadError::Malformed {
            name: name.to_owned(),
            line: error.line() + skipped,
            column: error.column(),
            what: words(&error),
        },
    })
}

/// `column 12: what is wrong`.
pub fn reason(error: &serde_json::Error) -> String {
    format!("column {}: {}", error.column(), words(error))
}

/// The message without its place.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(words, _)| words.to_owned())
}

/// Counts the lines that have gone through it; the reader behind it takes single bytes, so the count is exact.
struct Counted<'a, R> {
    input: R,
    newlines: &'a Cell<usize>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        let lines = source::breaks(&buffer[..read]);
        self.newlines.set(self.newlines.get() + lines);
        Ok(read)
    }
}

struct Entries<'a, T> {
    newlines: &'a Cell<usize>,
    each: &'a mut dyn FnMut(usize, T),
    entry: PhantomData<T>,
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Entries<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some((line, entry)) = entries.next_element_seed(Placed(self.newlines, PhantomData::<T>))? {
            (self.each)(line, entry);
        }
        Ok(())
    }
}

/// An entry with the line on which it begins.
struct Placed<'a, T>(&'a Cell<usize>, PhantomData<T>);

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Placed<'_, T> {
    type Value = (usize, T);

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        let line = self.0.get() + 1;
        Ok((line, T::deserialize(reader)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Seen = Vec<(usize, Result<u32, String>)>;

    fn entries(text: &str) -> Result<Seen, ReadError> {
        let mut seen = Vec::new();
        each_entry("x.json", text.as_bytes(), |line, entry| seen.push((line, entry)))?;
        Ok(seen)
    }

    #[test]
    fn an_array_knows_the_line_of_every_entry() {
        let seen = entries("\n[\n 1,\n\n 2, 3\n]\n").expect("valid");
        assert_eq!(seen, [(3, Ok(1)), (5, Ok(2)), (5, Ok(3))]);
    }

    #[test]
    fn lines_stand_alone() {
        let seen = entries("1\nx\n3").expect("lines never fail as a whole");
        assert_eq!(seen, [(1, Ok(1)), (2, Err("column 1: expected value".into())), (3, Ok(3))]);
    }

    #[test]
    fn a_broken_array_is_placed_and_refused() {
        let error = entries("[1,\n2,\n x]").expect_err("broken");
        assert_eq!(error.to_string(), "x.json:3:2: expected value; nothing was imported");
    }
}
