//! `vayu init`: a new board.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::output::Output;
use super::{Failure, Global, Outcome};
use crate::bootstrap::{FILE, FOLDER};
use crate::domain::{Actor, Command, Policy};
use crate::service::Service;
use crate::store::sqlite::Board;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of the project [default: the present one]
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Project name for the header [default: the folder's name]
    #[arg(long)]
    name: Option<String>,
}

pub fn run(args: &Args, global: &Global) -> Result<Outcome, Failure> {
    let path = match (&args.folder, &global.board) {
        (None, Some(path)) if !path.is_dir() => path.clone(),
        (None, Some(folder)) | (Some(folder), _) => folder.join(FOLDER).join(FILE),
        (None, None) => Path::new(".").join(FOLDER).join(FILE),
    };
    let store = Board::at(&path).create()?;
    ignore_in_git(&path)?;
    let mut service = Service::new(Box::new(store));
    let policy = Policy { project: args.project(&path), ..Policy::default() };
    let actor = Actor::system("init");
    service.submit(&actor, Command::Configure(Box::new(policy.clone())))?;
    let shown = path.display().to_string();
    Output::new(global.json, global.color).print(&json!({ "board": shown, "project": policy.project }), || {
        format!(
            "board of `{}` made: {shown}\nnext: `vayu task create TITLE`, `vayu import`, or `vayu` for the board",
            policy.project
        )
    })?;
    Ok(Outcome::Done)
}

impl Args {
    /// A board for the present folder, named after it.
    pub fn here() -> Self {
        Self { folder: None, name: None }
    }

    fn project(&self, path: &Path) -> String {
        let folder = path.parent().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        let named = std::path::absolute(&folder).ok();
        let name = named.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        self.name.clone().or(name).unwrap_or_else(|| "project".into())
    }
}

/// A board is data of this host: its own folder tells git to leave it alone.
fn ignore_in_git(path: &Path) -> Result<(), Failure> {
    let Some(folder) = path.parent().filter(|folder| folder.ends_with(FOLDER)) else { return Ok(()) };
    Ok(std::fs::write(folder.join(".gitignore"), "*\n")?)
}
