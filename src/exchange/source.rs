//! The stream behind an import: unpacked, cut into lines with numbers, and bounded.

use std::fs::{File, FileType};
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

/// Longest line in bytes; longer ones are skipped. More than the longest description takes in JSON.
pub const MAX_LINE: usize = 64 << 20;
/// Most bytes of a format that has to be read as one whole.
pub const MAX_WHOLE: u64 = 2 << 30;

/// Why a stream could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file or pipe failed.
    #[error("cannot read {name}: {error}")]
    Io {
        /// File name.
        name: String,
        /// What the system said.
        error: io::Error,
    },
    /// The text is not what it should be; nothing was taken from it.
    #[error("{name}:{line}:{column}: {what}; nothing was imported")]
    Malformed {
        /// File name.
        name: String,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
        /// What is wrong and what was expected.
        what: String,
    },
}

impl ReadError {
    /// A failed read of `name`.
    pub fn io(name: &str, error: io::Error) -> Self {
        Self::Io { name: name.to_owned(), error }
    }
}

/// Opens a file, or standard input for `-`; `watch` is told how many bytes of how many (0: unknown) were read.
///
/// # Errors
/// When there is no such file or it may not be read.
pub fn open<'a>(path: &str, watch: impl FnMut(u64, u64) + 'a) -> Result<Box<dyn BufRead + 'a>, ReadError> {
    let failed = |error| ReadError::io(path, error);
    let (raw, size): (Box<dyn Read>, u64) = if path == "-" {
        (Box::new(io::stdin()), 0)
    } else {
        let file = File::open(path).map_err(failed)?;
        let found = file.metadata().map_err(failed)?;
        if is_device(found.file_type()) && !file.is_terminal() {
            // Some of them never end.
            return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "it is a device, not a file")));
        }
        let size = found.len();
        (Box::new(file), size)
    };
    unpacked(Watched { raw, watch, read: 0, size }).map_err(failed)
}

fn is_device(found: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    found.is_char_device() || found.is_block_device()
}

/// A stream that tells how far it was read.
struct Watched<R, W> {
    raw: R,
    watch: W,
    read: u64,
    size: u64,
}

impl<R: Read, W: FnMut(u64, u64)> Read for Watched<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.raw.read(buffer)?;
        self.read += read as u64;
        (self.watch)(self.read, self.size);
        Ok(read)
    }
}

/// The stream itself, or what a gzip stream (known by its first bytes, whatever the file is called) holds.
///
/// # Errors
/// When the first bytes cannot be read.
pub fn unpacked<'a>(raw: impl Read + 'a) -> io::Result<Box<dyn BufRead + 'a>> {
    let mut input = BufReader::with_capacity(1 << 16, raw);
    if input.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(input))));
    }
    Ok(Box::new(input))
}

/// The bare name of a file, without folders and without `.gz`.
pub fn name_of(path: &str) -> String {
    let name = Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned());
    name.strip_suffix(".gz").map(str::to_owned).unwrap_or(name)
}

/// Calls `each` with every line that is not blank, its number from 1, and its text or the reason why it is none.
///
/// # Errors
/// Only when the stream itself fails.
pub fn each_line(
    name: &str,
    mut input: impl BufRead,
    mut each: impl FnMut(usize, Result<&str, String>),
) -> Result<(), ReadError> {
    let mut buffer = Vec::new();
    for number in 1.. {
        buffer.clear();
        let most = MAX_LINE as u64 + 1;
        let read = input.by_ref().take(most).read_until(b'\n', &mut buffer).map_err(|e| ReadError::io(name, e))?;
        if read == 0 {
            break;
        }
        if buffer.len() > MAX_LINE && !buffer.ends_with(b"\n") {
            finish_line(&mut input).map_err(|e| ReadError::io(name, e))?;
            each(number, Err(format!("the line is longer than {MAX_LINE} bytes")));
            continue;
        }
        let line = if number == 1 { without_mark(&buffer) } else { &buffer };
        match std::str::from_utf8(line) {
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => each(number, Ok(text.trim_end_matches(['\n', '\r']))),
            Err(error) => each(number, Err(format!("column {}: not UTF-8", error.valid_up_to() + 1))),
        }
    }
    Ok(())
}

fn finish_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// Line breaks in `bytes`.
pub fn breaks(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

/// The bytes without a UTF-8 byte order mark.
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The whole stream as text.
///
/// # Errors
/// When it fails, is too long, or is not UTF-8.
pub fn whole(name: &str, input: impl BufRead) -> Result<String, ReadError> {
    let mut bytes = Vec::new();
    input.take(MAX_WHOLE + 1).read_to_end(&mut bytes).map_err(|e| ReadError::io(name, e))?;
    if bytes.len() as u64 > MAX_WHOLE {
        let error = io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {MAX_WHOLE} bytes"));
        return Err(ReadError::io(name, error));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let (line, column) = place(good);
        ReadError::Malformed { name: name.to_owned(), line, column, what: "not UTF-8".into() }
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Line and column of the byte after `before`, both from 1.
fn place(before: &[u8]) -> (usize, usize) {
    let line = breaks(before) + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<(usize, Result<String, String>)> {
        let mut seen = Vec::new();
        each_line("x", bytes, |number, line| seen.push((number, line.map(str::to_owned))))
            .expect("memory does not fail");
        seen
    }

    #[test]
    fn blank_lines_marks_and_carriage_returns_are_no_text() {
        let seen = lines(b"\xef\xbb\xbfone\r\n\n  \ntwo");
        assert_eq!(seen, [(1, Ok("one".into())), (4, Ok("two".into()))]);
    }

    #[test]
    fn a_line_that_is_not_utf8_is_named_with_its_column() {
        let seen = lines(b"ok\nab\xffcd\nend");
        assert_eq!(seen[1], (2, Err("column 3: not UTF-8".into())));
        assert_eq!(seen[2], (3, Ok("end".into())));
    }

    #[test]
    fn gzip_is_known_by_its_first_bytes() {
        use std::io::Write;
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(b"hello").expect("memory does not fail");
        let packed = packer.finish().expect("memory does not fail");
        let text = whole("x", unpacked(io::Cursor::new(packed)).expect("readable")).expect("text");
        assert_eq!(text, "hello");
    }

    #[test]
    fn bad_bytes_in_a_whole_are_placed() {
        let error = whole("tasks.csv", &b"a,b\ncd\xff"[..]).expect_err("not text");
        assert_eq!(error.to_string(), "tasks.csv:2:3: not UTF-8; nothing was imported");
    }
}
