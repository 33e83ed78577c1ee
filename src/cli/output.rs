//! Results as text for people or as one JSON value for programs. Text from outside never reaches the terminal raw.

use std::io::{self, BufWriter, IsTerminal, Write};

use serde::Serialize;

use super::{Color, Failure};
use crate::domain::{Priority, Status};
use crate::text;

/// Where results go and in what shape.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// One JSON value instead of text.
    pub json: bool,
    /// Whether text is coloured.
    pub color: bool,
}

impl Output {
    /// By options and environment: `NO_COLOR` and pipes mean no colour.
    pub fn new(json: bool, color: Color) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !plain && !dumb && io::stdout().is_terminal(),
        };
        Self { json, color }
    }

    /// Prints `value` as JSON, or the lines that `text` makes of it.
    ///
    /// # Errors
    /// When nobody reads any more, or the disk behind stdout is full.
    pub fn print<T: Serialize + ?Sized>(self, value: &T, text: impl FnOnce() -> String) -> Result<(), Failure> {
        let mut out = BufWriter::new(io::stdout().lock());
        if self.json {
            text::json::write(&mut out, value)?;
            out.write_all(b"\n")?;
        } else {
            let text = text();
            out.write_all(text.as_bytes())?;
            if !text.is_empty() && !text.ends_with('\n') {
                out.write_all(b"\n")?;
            }
        }
        Ok(out.flush()?)
    }

    /// A line of text for people only.
    ///
    /// # Errors
    /// When nobody reads any more.
    pub fn say(self, line: &str) -> Result<(), Failure> {
        if self.json {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        Ok(writeln!(out, "{line}")?)
    }

    /// The text in an SGR style (`1` bold, `2` dim, `31` red, …), where colour is used.
    pub fn style(self, sgr: &str, text: &str) -> String {
        if self.color { format!("\x1b[{sgr}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A state in its colour.
    pub fn status(self, status: Status) -> String {
        let sgr = match status {
            Status::Executing | Status::Assigned => "36",
            Status::Completed => "32",
            Status::Failed | Status::Rejected => "31",
            Status::Blocked | Status::Paused => "33",
            Status::Reviewing => "35",
            Status::Created | Status::Queued | Status::Cancelled => "0",
        };
        self.style(sgr, &format!("{status:<9}"))
    }

    /// A priority in its colour.
    pub fn priority(self, priority: Priority) -> String {
        let sgr = if priority <= Priority::High { "1" } else { "0" };
        self.style(sgr, priority.label())
    }
}

/// Writes a JSON array item by item, so that a million rows cost no memory.
pub struct JsonList<W: Write> {
    out: W,
    any: bool,
}

impl<W: Write> JsonList<W> {
    /// Opens the array.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn open(mut out: W) -> Result<Self, Failure> {
        out.write_all(b"[")?;
        Ok(Self { out, any: false })
    }

    /// Adds an item.
    ///
    /// # Errors
    /// When the output fails.
    pub fn push<T: Serialize>(&mut self, item: &T) -> Result<(), Failure> {
        self.out.write_all(if self.any { b",\n" } else { b"\n" })?;
        self.any = true;
        Ok(text::json::write(&mut self.out, item)?)
    }

    /// Closes the array.
    ///
    /// # Errors
    /// When the output fails.
    pub fn close(mut self) -> Result<(), Failure> {
        self.out.write_all(if self.any { b"\n]\n" } else { b"]\n" })?;
        Ok(self.out.flush()?)
    }
}

/// Text from outside as one line of at most `columns` cells, safe for a terminal.
pub fn one_line(text: &str, columns: usize) -> String {
    text::clip(text, columns)
}

/// Like [`one_line`], whole and with line breaks kept.
pub fn lines(text: &str) -> String {
    text::safe(text, usize::MAX)
}

/// Says on stderr what somebody should know about what is done all the same.
pub fn warn(what: &str) {
    // Nobody reads it: then nobody needs it.
    let _ = writeln!(io::stderr(), "vayu: {}", text::clip(what, 400));
}

/// Says on stderr why a command failed.
pub fn report(failure: &Failure, json: bool) {
    if matches!(failure, Failure::ClosedPipe) {
        return;
    }
    let message = lines(&failure.to_string());
    let mut out = io::stderr().lock();
    let _nobody_listens = if json {
        let code = failure.exit_code();
        writeln!(out, "{}", serde_json::json!({ "error": { "message": message, "exit_code": code } }))
    } else {
        writeln!(out, "vayu: {message}")
    };
}
