//! `vayu export`: the board's tasks for other tools, or the whole board for another one.

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Seek, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::progress::Bar;
use super::{Context, Failure, Outcome};
use crate::bootstrap;
use crate::domain::Status;
use crate::exchange::{self, Kind};
use crate::store::view::Filter;
use crate::text;

/// Options of `vayu export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File to write (packed if its name ends in .gz) [default: standard output]
    #[arg(value_name = "FILE")]
    file: Option<String>,
    /// Format: beads, github, csv, markdown, taskwarrior or vayu [default: by the file's name, else vayu]
    #[arg(long, value_name = "KIND")]
    to: Option<Kind>,
    /// Only tasks that have not ended (vayu: always every row)
    #[arg(long)]
    open: bool,
    /// Archived tasks, too (vayu: always every row)
    #[arg(long)]
    archived: bool,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

/// Runs the verb.
///
/// # Errors
/// When the board cannot be read or the output cannot be written.
pub fn run(args: &Args, cx: &Context) -> Result<Outcome, Failure> {
    let file = args.file.as_deref().filter(|file| *file != "-");
    let kind = args.to.or_else(|| Kind::guess(file?, b"")).unwrap_or(Kind::Vayu);
    let Some(file) = file else {
        if cx.out.json && !matches!(kind, Kind::Github | Kind::Taskwarrior) {
            return Err(Failure::Usage(format!("{kind} is not one JSON value: name a FILE, or leave out --json")));
        }
        to_stdout(args, cx, kind)?;
        return Ok(Outcome::Done);
    };
    let written = to_file(args, cx, kind, Path::new(file))?;
    let what = if kind == Kind::Vayu { "rows" } else { "tasks" };
    cx.out.print(&json!({ "file": file, "kind": kind.as_str(), what: written }), || {
        format!("{written} {what} written to {file} as {kind}")
    })?;
    Ok(Outcome::Done)
}

/// The rows of a whole board go by way of a file, so that a slow reader does not hold up the store.
fn to_stdout(args: &Args, cx: &Context, kind: Kind) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if matches!(kind, Kind::Csv | Kind::Markdown) && out.is_terminal() {
        // These have no way to spell what would command a terminal; whoever reads them there only looks.
        let mut whole = Vec::new();
        write(args, cx, kind, &mut whole)?;
        out.write_all(text::safe(&String::from_utf8_lossy(&whole), usize::MAX).as_bytes())?;
        return Ok(out.flush()?);
    }
    if kind != Kind::Vayu {
        write(args, cx, kind, &mut BufWriter::new(out))?;
        return Ok(());
    }
    let mut spool = BufWriter::new(tempfile::tempfile()?);
    write(args, cx, kind, &mut spool)?;
    let mut spool = spool.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    spool.rewind()?;
    std::io::copy(&mut spool, &mut out)?;
    Ok(out.flush()?)
}

/// A file appears whole or not at all, and is as private as the board; what a link points to is replaced, not the link.
/// A pipe or a device is written to.
fn to_file(args: &Args, cx: &Context, kind: Kind, path: &Path) -> Result<usize, Failure> {
    let failed = |error: std::io::Error| Failure::World(format!("cannot write {}: {error}", path.display()));
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let found = std::fs::metadata(&path).ok();
    let special = found.as_ref().is_some_and(|found| !found.is_file() && !found.is_dir());
    if found.is_some_and(|found| found.is_file()) {
        may_replace(&path, args.force, cx)?;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = if special { std::env::temp_dir() } else { folder.to_owned() };
    let draft = tempfile::Builder::new().prefix(".vayu-export-").tempfile_in(folder).map_err(failed)?;
    let mut out = Packed::new(draft.as_file().try_clone().map_err(failed)?, &path);
    let written = write(args, cx, kind, &mut out)?;
    out.finish().map_err(failed)?;
    if special {
        let mut target = File::options().write(true).open(&path).map_err(failed)?;
        std::io::copy(&mut draft.reopen().map_err(failed)?, &mut target).map_err(failed)?;
    } else {
        let placed = if args.force { draft.persist(&path) } else { draft.persist_noclobber(&path) };
        placed.map_err(|error| failed(error.error))?;
    }
    Ok(written)
}

fn may_replace(path: &Path, force: bool, cx: &Context) -> Result<(), Failure> {
    let shown = text::safe(&path.display().to_string(), 4096);
    let board = bootstrap::find_board(cx.global.board.as_deref(), &std::env::current_dir()?)?;
    if board.canonicalize().is_ok_and(|board| board == path) {
        return Err(Failure::Usage(format!("{shown} is the board itself")));
    }
    if !force {
        return Err(Failure::World(format!("{shown} is there already; --force replaces it")));
    }
    Ok(())
}

/// A file, packed or plain.
enum Packed {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
}

impl Packed {
    fn new(file: File, path: &Path) -> Self {
        let file = BufWriter::new(file);
        if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz")) {
            Self::Gzip(GzEncoder::new(file, Compression::default()))
        } else {
            Self::Plain(file)
        }
    }

    fn finish(self) -> std::io::Result<()> {
        let file = match self {
            Self::Plain(file) => file,
            Self::Gzip(packer) => packer.finish()?,
        };
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Gzip(packer) => packer.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Gzip(packer) => packer.flush(),
        }
    }
}

fn write(args: &Args, cx: &Context, kind: Kind, out: &mut dyn Write) -> Result<usize, Failure> {
    let open = Status::ALL.iter().copied().filter(|status| !status.is_closed());
    let statuses = if args.open { open.collect() } else { Vec::new() };
    let filter = Filter { statuses, archived: args.archived, ..Filter::default() };
    let mut steps = Bar::new("exporting", !cx.out.json).steps();
    Ok(exchange::export(kind, &cx.service, &filter, out, &mut steps)?)
}
