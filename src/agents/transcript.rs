//! What a command wrote, kept within bounds: the beginning and the end as a file, the last lines in memory.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes kept of the beginning.
    pub head: u64,
    /// Bytes kept of the end, at least; at most twice as many.
    pub tail: u64,
    /// Lines kept in memory.
    pub lines: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { head: 1 << 20, tail: 1 << 20, lines: 20 }
    }
}

/// Longest line kept in memory, in characters.
const LINE_CHARS: usize = 400;

/// The transcript of one run while it is written.
///
/// The beginning goes into the file itself. What follows goes into a second file which, once full, is put aside and
/// begun anew, so that at any time the end is on disk, also when the program is killed. [`Transcript::finish`] joins
/// them.
#[derive(Debug)]
pub struct Transcript {
    path: PathBuf,
    bounds: Bounds,
    file: BufWriter<File>,
    /// Bytes in the file being written.
    filled: u64,
    /// Bytes put aside and thrown away since.
    dropped: u64,
    /// True once the beginning is full.
    in_tail: bool,
    /// The last lines as they came, cut to what their plain text can need.
    last: VecDeque<Vec<u8>>,
    /// The first failure to write; nothing is written any more after it.
    failed: Option<io::Error>,
}

impl Transcript {
    /// Begins a transcript at `path`, in place of an older one. The file can be read by its owner only.
    pub fn create(path: &Path, bounds: Bounds) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        remove_if_there(&part(path, "old"))?;
        remove_if_there(&part(path, "new"))?;
        Ok(Self {
            path: path.to_owned(),
            bounds,
            file: private(path)?,
            filled: 0,
            dropped: 0,
            in_tail: false,
            last: VecDeque::new(),
            failed: None,
        })
    }

    /// Adds a line, without its line break. A full disk does not end the run: the last lines are kept all the same.
    pub fn line(&mut self, line: &[u8]) {
        self.remember(line);
        self.aside(line);
    }

    /// Adds a line to the file only: the last lines do not show it.
    pub fn aside(&mut self, line: &[u8]) {
        if self.failed.is_none()
            && let Err(error) = self.store(line)
        {
            self.failed = Some(error);
        }
    }

    /// Adds a remark by vayu itself.
    pub fn remark(&mut self, text: &str) {
        self.line(format!("vayu: {text}").as_bytes());
    }

    /// The last lines that held anything, oldest first, as plain text.
    pub fn last_lines(&self) -> Vec<String> {
        self.last.iter().map(|line| plain(line, LINE_CHARS)).filter(|line| !line.is_empty()).collect()
    }

    /// Puts what was added on disk, for others to read.
    pub fn flush(&mut self) {
        if self.failed.is_none() {
            self.failed = self.file.flush().err();
        }
    }

    /// Joins beginning and end in one file, and tells the first failure to write if there was one.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush();
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if !self.in_tail {
            return Ok(());
        }
        let mut whole = OpenOptions::new().append(true).open(&self.path)?;
        if self.dropped > 0 {
            writeln!(whole, "vayu: {} bytes left out here", self.dropped)?;
        }
        for path in [part(&self.path, "old"), part(&self.path, "new")] {
            if let Some(mut file) = open_if_there(&path)? {
                io::copy(&mut file, &mut whole)?;
            }
            remove_if_there(&path)?;
        }
        Ok(())
    }

    fn remember(&mut self, line: &[u8]) {
        let line = &line[..line.len().min(plain_reach(LINE_CHARS))];
        if line.trim_ascii().is_empty() {
            return;
        }
        // The buffer of the line that falls out is used again: a chatty command costs no allocations.
        let full = self.last.len() >= self.bounds.lines.max(1);
        let mut slot = if full { self.last.pop_front().unwrap_or_default() } else { Vec::new() };
        slot.clear();
        slot.extend_from_slice(line);
        self.last.push_back(slot);
    }

    fn store(&mut self, line: &[u8]) -> io::Result<()> {
        let bytes = line.len() as u64 + 1;
        let room = if self.in_tail { self.bounds.tail } else { self.bounds.head };
        if self.filled > 0 && self.filled + bytes > room {
            self.turn_over()?;
        }
        self.filled += bytes;
        self.file.write_all(line)?;
        self.file.write_all(b"\n")
    }

    fn turn_over(&mut self) -> io::Result<()> {
        let (old, new) = (part(&self.path, "old"), part(&self.path, "new"));
        self.file.flush()?;
        if self.in_tail {
            self.dropped += fs::metadata(&old).map_or(0, |meta| meta.len());
            fs::rename(&new, &old)?;
        }
        self.in_tail = true;
        self.filled = 0;
        self.file = private(&new)?;
        Ok(())
    }
}

/// The last lines of a transcript, finished or not, oldest first, as plain text; reads no more than 64 KiB of a file.
pub fn last_lines(path: &Path, count: usize) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    for path in [path.to_owned(), part(path, "old"), part(path, "new")] {
        if let Some(mut file) = open_if_there(&path)? {
            let from = file.metadata()?.len().saturating_sub(1 << 16);
            file.seek(SeekFrom::Start(from))?;
            let mut bytes = Vec::new();
            file.take(1 << 16).read_to_end(&mut bytes)?;
            lines.extend(bytes.split(|byte| *byte == b'\n').map(|line| plain(line, LINE_CHARS)));
        }
    }
    lines.retain(|line| !line.is_empty());
    Ok(lines.split_off(lines.len().saturating_sub(count)))
}

fn part(path: &Path, which: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(which);
    name.into()
}

fn private(path: &Path) -> io::Result<BufWriter<File>> {
    use std::os::unix::fs::OpenOptionsExt;
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    Ok(BufWriter::new(file))
}

fn open_if_there(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Output as text without colours, cursor movements and other control characters, at most `max` characters of it. Of a
/// line that was overwritten in place, as progress bars do, what stood there last.
pub fn plain(line: &[u8], max: usize) -> String {
    let line = String::from_utf8_lossy(&line[..line.len().min(plain_reach(max))]);
    let shown = line.trim_end_matches(['\r', '\n']).rsplit('\r').next().unwrap_or_default();
    let mut out = String::new();
    let mut chars = shown.chars();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => skip_escape(&mut chars),
            '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    let text = out.trim_end();
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// How many bytes of a line its plain text is made of: four for each character and as much again for escapes, so that a
/// line of a megabyte is not looked at whole.
fn plain_reach(max: usize) -> usize {
    max * 8
}

/// Skips the rest of an escape sequence: up to its final letter, or, for one that carries a string, to its end.
fn skip_escape(chars: &mut std::str::Chars) {
    match chars.next() {
        Some('[') => {
            chars.find(|c| matches!(c, '\x40'..='\x7e'));
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            let mut before = ' ';
            for c in chars.by_ref() {
                if c == '\x07' || (before == '\x1b' && c == '\\') {
                    return;
                }
                before = c;
            }
        }
        Some('(' | ')' | '*' | '+' | '#' | ' ') => {
            chars.next();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcript(bounds: Bounds) -> (tempfile::TempDir, PathBuf, Transcript) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("runs/1.log");
        let transcript = Transcript::create(&path, bounds).expect("a transcript");
        (folder, path, transcript)
    }

    #[test]
    fn short_output_is_kept_whole() {
        let (_folder, path, mut transcript) = transcript(Bounds::default());
        transcript.line(b"one");
        transcript.line(b"two");
        transcript.finish().expect("no failure");
        assert_eq!(fs::read(&path).expect("the file"), b"one\ntwo\n");
    }

    #[test]
    fn of_long_output_beginning_and_end_are_kept() {
        let (folder, path, mut transcript) = transcript(Bounds { head: 100, tail: 100, lines: 3 });
        for n in 0..10_000 {
            transcript.line(format!("line {n}").as_bytes());
        }
        transcript.flush();
        assert_eq!(last_lines(&path, 2).expect("readable"), ["line 9998", "line 9999"]);
        assert_eq!(transcript.last_lines(), ["line 9997", "line 9998", "line 9999"]);
        transcript.finish().expect("no failure");
        let text = fs::read_to_string(&path).expect("the file");
        assert!(text.starts_with("line 0\nline 1\n"), "{text}");
        assert!(text.ends_with("line 9998\nline 9999\n"), "{text}");
        assert!(text.contains("bytes left out here"), "{text}");
        assert!(text.len() < 400, "{}", text.len());
        assert_eq!(fs::read_dir(folder.path().join("runs")).expect("a folder").count(), 1);
    }

    #[test]
    fn what_was_left_out_is_counted() {
        let (_folder, path, mut transcript) = transcript(Bounds { head: 10, tail: 10, lines: 1 });
        let all: Vec<String> = (0..100).map(|n| format!("{n:04}")).collect();
        for line in &all {
            transcript.line(line.as_bytes());
        }
        transcript.finish().expect("no failure");
        let text = fs::read_to_string(&path).expect("the file");
        let kept: usize = text.lines().filter(|line| !line.starts_with("vayu")).map(|line| line.len() + 1).sum();
        assert!(text.contains(&format!("vayu: {} bytes left out here", 500 - kept)), "{text}");
    }

    #[test]
    fn a_single_line_longer_than_the_bounds_is_still_written() {
        let (_folder, path, mut transcript) = transcript(Bounds { head: 4, tail: 4, lines: 1 });
        transcript.line(b"longer than four");
        transcript.finish().expect("no failure");
        assert_eq!(fs::read(&path).expect("the file"), b"longer than four\n");
    }

    #[test]
    fn lines_in_memory_hold_no_control_characters() {
        assert_eq!(plain(b"\x1b[31mred\x1b[0m \x1b]0;title\x07end\x00", 80), "red end");
        assert_eq!(plain(b"10%\r50%\r100%\r", 80), "100%");
        assert_eq!(plain(b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", 80), "link");
        assert_eq!(plain("a\u{9b}31mb".as_bytes(), 80), "a31mb");
        assert_eq!(plain(&[0xff, b'x'], 80), "\u{fffd}x");
        assert_eq!(plain(&vec![b'x'; 1 << 20], 5), "xxxxx…");
        assert_eq!(plain(b"\x1b[", 5), "");
    }

    #[test]
    fn the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, path, _transcript) = transcript(Bounds::default());
        assert_eq!(fs::metadata(path).expect("the file").permissions().mode() & 0o777, 0o600);
    }
}
