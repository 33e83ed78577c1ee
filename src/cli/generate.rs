//! `vayu completions` and `vayu man`: what shells and `man` need, from the same table as `--help`.

use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use serde_json::json;

use super::output::Output;
use super::{Cli, Failure, Global, Outcome};

#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

pub fn completions(args: &CompletionsArgs, global: &Global) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "vayu", &mut script);
    if global.json {
        let script = String::from_utf8_lossy(&script);
        Output::new(true, global.color)
            .print(&json!({ "shell": args.shell.to_string(), "script": script }), String::new)?;
    } else {
        stdout().lock().write_all(&script)?;
    }
    Ok(Outcome::Done)
}

#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Write all pages into this folder [default: the main page to standard output]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub fn man(args: &ManArgs, global: &Global) -> Result<Outcome, Failure> {
    let out = Output::new(global.json, global.color);
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Cli::command()).render(&mut page)?;
        out.print(&json!({ "page": String::from_utf8_lossy(&page) }), || String::from_utf8_lossy(&page).into_owned())?;
        return Ok(Outcome::Done);
    };
    let pages = write_pages(folder)?;
    let shown = folder.display().to_string();
    out.print(&json!({ "folder": shown, "pages": pages }), || format!("{} pages in {shown}", pages.len()))?;
    Ok(Outcome::Done)
}

fn write_pages(folder: &Path) -> Result<Vec<String>, Failure> {
    let failed = |error: std::io::Error| Failure::World(format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
    let entries = std::fs::read_dir(folder).map_err(failed)?.flatten();
    let mut pages: Vec<_> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("vayu") && name.ends_with(".1"))
        .collect();
    pages.sort();
    Ok(pages)
}
