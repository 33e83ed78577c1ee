//! What everything is measured on: the program, and boards that are made when they are first asked for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::boards;
use crate::measure::{Rounds, ms};
use crate::options::Options;
use crate::peers::Taskwarrior;
use crate::program::Program;
use crate::{Outcome, raw};

/// The program, the options and all boards of a run.
pub struct Ground {
    /// How much is asked for.
    pub options: Options,
    /// The program that is measured.
    pub program: PathBuf,
    home: TempDir,
    imports: RefCell<BTreeMap<usize, Option<f64>>>,
    taskwarriors: RefCell<BTreeMap<usize, Option<Taskwarrior>>>,
}

impl Ground {
    /// An empty ground; builds the program unless one is named.
    pub fn new(options: Options) -> Outcome<Self> {
        let program = match &options.program {
            Some(program) => program.canonicalize()?,
            None => built()?,
        };
        let (imports, taskwarriors) = (RefCell::default(), RefCell::default());
        Ok(Self { options, program, home: tempfile::tempdir()?, imports, taskwarriors })
    }

    /// A folder for something that is measured.
    pub fn folder(&self, name: &str) -> Outcome<PathBuf> {
        let folder = self.home.path().join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// vayu in a folder.
    pub fn vayu(&self, folder: &Path) -> Program {
        let clean = ["VAYU_BOARD", "VAYU_AS", "VAYU_CLAIM", "VAYU_CONFIG", "TMUX"];
        let set = [("VAYU_USER", "asha"), ("HOME", self.home.path().to_str().unwrap_or_default())];
        Program::new(&self.program, folder).without(&clean).with(&set)
    }

    /// vayu before a board of so many tasks, which other bars use, too: leave it much as it was.
    pub fn board(&self, tasks: usize) -> Outcome<Program> {
        let folder = self.folder(&format!("board-{tasks}"))?;
        let vayu = self.vayu(&folder);
        if !self.imports.borrow().contains_key(&tasks) {
            let file = self.tasks_file(tasks)?;
            vayu.run(&["init", "--name", "speed"])?;
            let time = vayu.time(&["import", "--ready", file.to_str().ok_or("a path that is no text")?])?;
            self.imports.borrow_mut().insert(tasks, Some(time));
        }
        Ok(vayu)
    }

    /// How long the import of this board took, in milliseconds, with the raw load of the same texts beside it.
    pub fn import(&self, tasks: usize, rounds: usize) -> Outcome<[f64; 2]> {
        let file = self.tasks_file(tasks)?;
        let mut figures = Rounds::default();
        for _ in 0..rounds {
            let folder = self.folder("import")?;
            let vayu = self.vayu(&folder);
            vayu.run(&["init"])?;
            let time = vayu.time(&["import", "--ready", file.to_str().ok_or("a path that is no text")?])?;
            let raw = ms(raw::load(&folder.join("raw.db"), tasks)?);
            figures.add([time, raw]);
            std::fs::remove_dir_all(folder)?;
        }
        figures.medians().ok_or_else(|| "no round was run".into())
    }

    fn tasks_file(&self, tasks: usize) -> Outcome<PathBuf> {
        let file = self.home.path().join(format!("tasks-{tasks}.jsonl"));
        if !file.exists() {
            boards::write(&file, tasks)?;
        }
        Ok(file)
    }

    /// Taskwarrior with as many tasks, if it is installed.
    pub fn taskwarrior(&self, tasks: usize) -> Outcome<Option<Taskwarrior>> {
        if let Some(known) = self.taskwarriors.borrow().get(&tasks) {
            return Ok(known.clone());
        }
        let made = Taskwarrior::make(&self.folder(&format!("taskwarrior-{tasks}"))?, tasks)?;
        self.taskwarriors.borrow_mut().insert(tasks, made.clone());
        Ok(made)
    }

    /// The sizes of boards that this run looks at.
    pub fn sizes(&self) -> Vec<usize> {
        let mut sizes = vec![1_000, 10_000, 100_000];
        sizes.extend(self.options.full.then_some(1_000_000));
        sizes
    }
}

/// The release build beside this example, brought up to date where cargo is at hand.
fn built() -> Outcome<PathBuf> {
    if let Some(cargo) = std::env::var_os("CARGO") {
        let mut build = Command::new(cargo);
        build.args(["build", "--release", "--quiet", "--bin", "vayu"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        if !build.stdin(Stdio::null()).status()?.success() {
            return Err("the program could not be built".into());
        }
    }
    let here = std::env::current_exe()?;
    let folder = here.parent().and_then(Path::parent).ok_or("the example lies in the target folder")?;
    let program = folder.join("vayu");
    if program.exists() { Ok(program) } else { Err(format!("{} is not there", program.display()).into()) }
}
