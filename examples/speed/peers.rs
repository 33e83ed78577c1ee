//! Other programs with the same tasks.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use crate::program::{Program, installed};
use crate::{Outcome, boards};

/// Taskwarrior before a store of its own, and its terminal board if that is installed.
#[derive(Debug, Clone)]
pub struct Taskwarrior {
    /// The program.
    pub cli: Program,
    /// The board.
    pub tui: Option<Program>,
}

impl Taskwarrior {
    /// Fills a store; none when Taskwarrior is not installed.
    pub fn make(folder: &Path, tasks: usize) -> Outcome<Option<Self>> {
        let Some(path) = installed("task") else { return Ok(None) };
        let (settings, data) = (folder.join("rc"), folder.join("data"));
        std::fs::create_dir_all(&data)?;
        let data = data.display();
        let text = format!("data.location={data}\nconfirmation=off\nverbose=nothing\nnews.version=9.9.9\n");
        std::fs::write(&settings, text)?;
        let env = [
            ("TASKRC", settings.to_str().ok_or("a path that is no text")?),
            ("TASKDATA", &data.to_string()),
            ("HOME", folder.to_str().ok_or("a path that is no text")?),
        ];
        fill(&folder.join("data"), tasks)?;
        let cli = Program::new(&path, folder).with(&env);
        let found: usize = cli.output(&["count"])?.trim().parse()?;
        if found != tasks {
            return Err(format!("taskwarrior counts {found} tasks of {tasks}").into());
        }
        let tui = installed("taskwarrior-tui").map(|path| Program::new(&path, folder).with(&env));
        Ok(Some(Self { cli, tui }))
    }
}

/// Writes the tasks in the form in which Taskwarrior 2 keeps them.
fn fill(data: &Path, tasks: usize) -> Outcome<()> {
    let mut out = BufWriter::new(File::create(data.join("pending.data"))?);
    for made in (0..tasks).map(boards::task) {
        let id = uuid::Uuid::from_u128(made.n as u128 + 1);
        writeln!(
            out,
            r#"[description:"{}" entry:"1767600000" modified:"1767600000" status:"pending" uuid:"{id}"]"#,
            made.title
        )?;
    }
    Ok(out.flush()?)
}
