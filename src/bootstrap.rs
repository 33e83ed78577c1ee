//! The composition root: which board, which adapter, which actor. The only place that knows all layers.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::domain::{Actor, AgentKind};
use crate::service::{Error, Service};
use crate::store::StoreError;
use crate::store::sqlite::Board;

/// Folder of a board inside a project.
pub const FOLDER: &str = ".vayu";
/// File of a board inside its folder.
pub const FILE: &str = "board.db";

/// The board that is meant: the given path, else the nearest `.vayu/board.db` at or above `from`.
///
/// # Errors
/// [`StoreError::NoBoard`] when there is none, [`StoreError::NotOwn`] when the nearest belongs to another user.
pub fn find_board(given: Option<&Path>, from: &Path) -> Result<PathBuf, StoreError> {
    if let Some(path) = given {
        return Ok(if path.is_dir() { board_in(path) } else { path.to_owned() });
    }
    let found = from.ancestors().map(|folder| folder.join(FOLDER).join(FILE)).find(|path| path.exists());
    let path = found.ok_or(StoreError::NoBoard)?;
    if is_own(&path) && path.parent().is_some_and(is_own) { Ok(path) } else { Err(StoreError::NotOwn(path)) }
}

/// A board that lies by chance above the present folder is trusted only if this user has made it: its roles and tasks
/// say what agents run.
fn is_own(path: &Path) -> bool {
    let user = rustix::process::geteuid().as_raw();
    std::fs::metadata(path).is_ok_and(|found| found.uid() == user)
}

/// A folder may be named in place of the file: the project's, or the board's own.
fn board_in(folder: &Path) -> PathBuf {
    let inside = folder.join(FOLDER).join(FILE);
    if inside.exists() || !folder.join(FILE).exists() { inside } else { folder.join(FILE) }
}

/// Opens the board at `path`.
///
/// # Errors
/// What [`Board::open`] says.
pub fn open(path: &Path) -> Result<Service, Error> {
    Ok(Service::new(Box::new(Board::at(path).open()?)))
}

/// The actor behind `name`: a program if the board knows one of this name, else a person.
///
/// # Errors
/// When the board cannot be read.
pub fn actor(service: &Service, name: Option<&str>) -> Result<Actor, Error> {
    let Some(name) = name else { return Ok(Actor::human(user_name())) };
    let known = service.read().agent_named(name)?;
    Ok(match known {
        Some(agent) if agent.kind == AgentKind::Ai => Actor::agent(agent.name),
        Some(agent) => Actor::human(agent.name),
        None => Actor::human(name),
    })
}

/// The folder of the user's own themes, keys and roles: `VAYU_CONFIG`, else after the XDG convention.
pub fn config_folder() -> Option<PathBuf> {
    let given = std::env::var_os("VAYU_CONFIG").map(PathBuf::from).filter(|path| path.is_absolute());
    given.or_else(|| user_folder("XDG_CONFIG_HOME", ".config"))
}

/// The folder for what vayu makes for the user, such as worktrees, after the XDG convention.
pub fn data_folder() -> Option<PathBuf> {
    user_folder("XDG_DATA_HOME", ".local/share")
}

fn user_folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = set(variable).or_else(|| set("HOME").map(|home| home.join(below_home)))?;
    Some(base.join("vayu"))
}

/// The login name of whoever runs this.
pub fn user_name() -> String {
    ["VAYU_USER", "USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()))
        .unwrap_or_else(|| "human".into())
}

/// Puts the backup `from` in the place of the board at `path`; says where the present board was kept.
///
/// # Errors
/// What [`Board::restore`] says; nothing has changed then.
pub fn restore(path: &Path, from: &Path) -> Result<Option<PathBuf>, Error> {
    Ok(Board::at(path).restore(from)?)
}
