//! The threads that listen to a run: one for each stream, one for its exit.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;
use std::thread;

use super::{Heard, Shared};
use crate::agents::transcript::Transcript;
use crate::agents::{protocol, system};

/// Longest line taken in whole; longer ones are cut into pieces.
const LINE: usize = 16 << 10;

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Standard output, where lines for vayu are read.
    Output,
    /// Standard error.
    Error,
}

/// Reads a stream to its end on a thread of its own.
pub(super) fn to_stream(
    mut stream: impl Read + Send + 'static,
    source: Source,
    shared: Arc<Shared>,
    tell: SyncSender<Heard>,
) -> io::Result<()> {
    thread::Builder::new().name("agent output".into()).spawn(move || {
        let mut lines = Lines::default();
        let mut buffer = vec![0; LINE];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    shared.written.fetch_add(count as u64, Ordering::Relaxed);
                    lines.push(&buffer[..count], &mut |line, whole| take(line, whole, source, &shared, &tell));
                    shared.transcript(Transcript::flush);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        lines.finish(&mut |line, whole| take(line, whole, source, &shared, &tell));
        // Whoever watched the run may have stopped listening: then nobody needs to know.
        let _ = tell.send(Heard::StreamClosed);
    })?;
    Ok(())
}

/// Tells when the first process of a run has ended.
pub(super) fn for_exit(pid: i32, tell: SyncSender<Heard>) -> io::Result<()> {
    thread::Builder::new().name("agent exit".into()).spawn(move || {
        // An error means that there is no such child any more.
        let _ = system::await_child(pid);
        let _ = tell.send(Heard::Exited);
    })?;
    Ok(())
}

/// Puts a line where it belongs: into the transcript and, if it is meant for vayu, to whoever watches the run.
fn take(line: &[u8], whole: bool, source: Source, shared: &Shared, tell: &SyncSender<Heard>) {
    let spoken = (whole && source == Source::Output && line.starts_with(protocol::PREFIX.as_bytes()))
        .then(|| protocol::parse(&String::from_utf8_lossy(line)))
        .flatten();
    match spoken {
        None => {
            shared.transcript(|transcript| transcript.line(line));
        }
        Some(Ok(directive)) => {
            shared.transcript(|transcript| transcript.aside(line));
            let _ = tell.send(Heard::Said(directive));
        }
        Some(Err(why)) => {
            shared.transcript(|transcript| {
                transcript.aside(line);
                transcript.remark(&format!("not understood: {why}"));
            });
        }
    }
}

/// Cuts a stream into lines, and lines that are too long into pieces.
#[derive(Default)]
struct Lines {
    pending: Vec<u8>,
    /// True if the beginning of the pending line has been given out already.
    torn: bool,
}

impl Lines {
    /// Gives out each line that `bytes` completes, and whether it is whole: `each(line, whole)`.
    fn push(&mut self, bytes: &[u8], each: &mut impl FnMut(&[u8], bool)) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.add(&rest[..end], each);
            each(&self.pending, !self.torn);
            self.pending.clear();
            self.torn = false;
            rest = &rest[end + 1..];
        }
        self.add(rest, each);
    }

    /// Gives out what was not ended by a line break.
    fn finish(&mut self, each: &mut impl FnMut(&[u8], bool)) {
        if !self.pending.is_empty() {
            each(&self.pending, !self.torn);
        }
    }

    fn add(&mut self, mut bytes: &[u8], each: &mut impl FnMut(&[u8], bool)) {
        while self.pending.len() + bytes.len() > LINE {
            let (fitting, rest) = bytes.split_at(LINE - self.pending.len());
            self.pending.extend_from_slice(fitting);
            each(&self.pending, false);
            self.pending.clear();
            self.torn = true;
            bytes = rest;
        }
        self.pending.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(chunks: &[&[u8]]) -> Vec<(Vec<u8>, bool)> {
        let (mut lines, mut out) = (Lines::default(), Vec::new());
        for chunk in chunks {
            lines.push(chunk, &mut |line, whole| out.push((line.to_vec(), whole)));
        }
        lines.finish(&mut |line, whole| out.push((line.to_vec(), whole)));
        out
    }

    #[test]
    fn lines_are_found_across_chunks() {
        let lines = cut(&[b"one\ntw", b"o\n\nend"]);
        let expected: [(&[u8], bool); 4] = [(b"one", true), (b"two", true), (b"", true), (b"end", true)];
        assert_eq!(lines, expected.map(|(line, whole)| (line.to_vec(), whole)));
    }

    #[test]
    fn a_huge_line_comes_in_pieces_that_are_not_taken_for_lines() {
        let huge = vec![b'x'; 3 * LINE + 5];
        let lines = cut(&[&huge, b"::vayu fail\n", b"next\n"]);
        assert_eq!(lines.len(), 5);
        assert!(lines[..4].iter().all(|(line, whole)| line.len() <= LINE && !whole));
        assert!(lines[3].0.ends_with(b"::vayu fail"));
        assert_eq!(lines[4], (b"next".to_vec(), true));
    }
}
