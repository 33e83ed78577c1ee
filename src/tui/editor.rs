//! A text of a task on its way through the user's own editor. What was typed there lies in a file until the board has
//! it, so that nothing that goes wrong on the way can lose it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use crate::domain::{TaskId, TaskNumber};

use super::terminal::Terminal;

/// A text that is taken out of a task to be edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    /// Of which task.
    pub task: TaskId,
    /// Its number.
    pub number: TaskNumber,
    /// The revision of the task that `before` was read from.
    pub rev: u64,
    /// The text on the board at that revision.
    pub before: String,
    /// The text as its writer wants it.
    pub text: String,
    /// Where it lies meanwhile; none before the first time in the editor.
    pub file: Option<PathBuf>,
}

/// How the editor ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Well; this is in [`Writing::text`].
    Well,
    /// With another exit code than 0, which means: leave everything as it was.
    GivingUp(String),
    /// It never began, or what it left cannot be read.
    Failed(String),
    /// The process was told to end meanwhile.
    CutShort,
}

/// Lets the user edit the text; returns when the editor is closed.
pub fn edit(terminal: &mut Terminal, writing: &mut Writing) -> Ended {
    let file = match lay_out(writing) {
        Ok(file) => file,
        Err(error) => return Ended::Failed(format!("No file for the text: {error}")),
    };
    let editor = wanted(|name| std::env::var(name).ok());
    let lent = terminal.lend(&mut command(&editor, &file));
    let read = std::fs::read_to_string(&file);
    let handed = std::mem::take(&mut writing.text);
    writing.text = read.as_ref().map_or(handed, |text| without_last_break(text, &writing.before));
    match (lent, read) {
        (Ok(None), _) => Ended::CutShort,
        (Ok(Some(status)), _) if !status.success() => gave_up(&editor, status),
        (Ok(_), Ok(_)) => Ended::Well,
        (Err(error), _) => not_run(&editor, &error.to_string()),
        (_, Err(error)) => Ended::Failed(format!("The text cannot be read again: {error}")),
    }
}

/// The file to edit: the one that lies there already, or a new one that only its owner can read.
fn lay_out(writing: &mut Writing) -> io::Result<PathBuf> {
    if let Some(file) = writing.file.clone().filter(|file| file.exists()) {
        return Ok(file);
    }
    let prefix = format!("vayu-{}-", writing.number.0);
    let file = tempfile::Builder::new().prefix(&prefix).suffix(".md").tempfile()?;
    std::fs::write(file.path(), &writing.text)?;
    let (_, path) = file.keep().map_err(|error| error.error)?;
    writing.file = Some(path.clone());
    Ok(path)
}

/// The editor that the user's surroundings name.
fn wanted(var: impl Fn(&str) -> Option<String>) -> String {
    let named = ["VISUAL", "EDITOR"].into_iter().find_map(|name| var(name).filter(|value| !value.trim().is_empty()));
    named.unwrap_or_else(|| "vi".into())
}

/// How to run an editor: a plain one by itself, one with shell signs in it as a shell would.
fn command(editor: &str, file: &Path) -> Command {
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, ' ' | '\t' | '-' | '_' | '.' | '/' | '+' | ':' | ',' | '@');
    let mut words = editor.split_whitespace();
    let mut command = match words.next() {
        Some(program) if editor.chars().all(plain) => {
            let mut command = Command::new(program);
            command.args(words);
            command
        }
        _ => {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("{editor} \"$@\""), "editor"]);
            command
        }
    };
    command.arg(file);
    command
}

fn gave_up(editor: &str, status: ExitStatus) -> Ended {
    match status.code() {
        // What a shell says of a program that it cannot run.
        Some(126 | 127) => not_run(editor, "no such program"),
        Some(code) => Ended::GivingUp(format!("The editor ended with code {code}")),
        None => Ended::GivingUp(format!("The editor was ended from outside ({status})")),
    }
}

fn not_run(editor: &str, why: &str) -> Ended {
    Ended::Failed(format!("The editor `{editor}` could not be run ({why}); set VISUAL or EDITOR to another"))
}

/// Editors end the last line with a break. It is not the user's, unless the text had one before.
fn without_last_break(text: &str, before: &str) -> String {
    let had = before.ends_with('\n');
    let bare = text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text));
    bare.filter(|_| !had).unwrap_or(text).to_owned()
}

/// Takes a file away that is not needed any more.
pub fn forget(file: &Path) {
    // One that is gone already is as good.
    let _ = std::fs::remove_file(file);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_break_is_the_editors() {
        assert_eq!(without_last_break("a\n", "a"), "a");
        assert_eq!(without_last_break("a\r\n", "a"), "a");
        assert_eq!(without_last_break("a\n", "a\n"), "a\n");
        assert_eq!(without_last_break("a  \n\n", "a  \n\n"), "a  \n\n");
        assert_eq!(without_last_break("", ""), "");
    }

    #[test]
    fn visual_comes_before_editor_and_empty_ones_do_not_count() {
        let var = |name: &str| Some(if name == "VISUAL" { "  " } else { "nano" }.to_owned());
        assert_eq!(wanted(var), "nano");
        assert_eq!(wanted(|_| None), "vi");
    }

    #[test]
    fn an_editor_with_quotes_is_run_by_a_shell() {
        let program = |editor| command(editor, Path::new("f")).get_program().to_owned();
        assert_eq!(program("code --wait"), "code");
        assert_eq!(program("emacsclient -a ''"), "sh");
    }
}
