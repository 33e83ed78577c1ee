//! Cleaning up after runners that died: their processes are ended, their results told, their tasks given back.

use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::note::Note;
use super::{RunError, Verdict, no_thread};
use crate::agents::identity::{self, Life};
use crate::agents::transcript;
use crate::domain::attempt::Failure;
use crate::domain::command::Report;
use crate::domain::{Actor, TaskNumber};
use crate::service::{Error, Service};

/// Time between the request to end and the kill.
const GRACE: Duration = Duration::from_secs(5);
/// Last lines told of a run that was cut off.
const LINES: usize = 20;

/// A run of a runner that had died.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Recovered {
    /// Its task.
    pub number: TaskNumber,
    /// Name of its agent.
    pub agent: String,
    /// What became of it.
    pub how: String,
}

/// Brings the runs of dead runners on this host to an end; all of them have the same time for it. A run whose
/// processes cannot be ended is left as it is.
///
/// # Errors
/// When the board cannot be written; what was not done then is done the next time.
pub fn recover(service: &mut Service, board: &Path) -> Result<Vec<Recovered>, RunError> {
    let mut recovered = Vec::new();
    let mut failed = None;
    for_each_ended(Note::abandoned(board), |note| {
        let (number, agent) = (note.run.number, note.run.agent.clone());
        match tell(service, note) {
            Ok(how) => recovered.push(Recovered { number, agent, how }),
            Err(error) => failed = Some(error),
        }
    })?;
    recovered.sort_by_key(|run| run.number);
    failed.map_or(Ok(recovered), Err)
}

/// The tasks whose runner on this host has died in the middle of a run; a look that costs little.
pub fn abandoned(board: &Path) -> Vec<TaskNumber> {
    Note::abandoned(board).iter().map(|note| note.run.number).collect()
}

/// Ends the processes of all these runs at once and hands over each run as soon as its own are gone.
fn for_each_ended(notes: Vec<Note>, mut then: impl FnMut(Note)) -> Result<(), RunError> {
    std::thread::scope(|scope| {
        let (tell, ended) = channel();
        for note in notes {
            let tell = tell.clone();
            let end = move || {
                let gone = |process| identity::end(process, GRACE) == Life::Gone;
                if note.run.process.as_ref().is_none_or(gone) {
                    // Heard as long as this function goes on.
                    let _ = tell.send(note);
                }
            };
            std::thread::Builder::new().name("recovery".into()).spawn_scoped(scope, end).map_err(no_thread)?;
        }
        drop(tell);
        ended.into_iter().for_each(&mut then);
        Ok(())
    })
}

/// Tells the board that the processes of this run are gone, and its result.
fn tell(service: &mut Service, note: Note) -> Result<String, RunError> {
    let run = &note.run;
    if run.process.is_some() {
        service.process_gone(run.task_id, run.epoch)?;
    }
    let verdict = run.verdict.clone().unwrap_or_else(|| cut_off(&note));
    let told = service.submit_all(&Actor::agent(run.agent.clone()), &verdict.commands(run.task_id, run.token));
    let how = match told {
        Ok(_) => verdict.words(),
        // Settled before, or given to another meanwhile: then there is nothing left to tell.
        Err(Error::Rejected(why)) => format!("its late result was refused: {why}"),
        Err(error) => return Err(error.into()),
    };
    let what = format!("the note on {} cannot be removed", run.number);
    note.close().map_err(|source| RunError::Files { what, source })?;
    Ok(how)
}

/// The verdict on a run whose runner died in the middle of it.
fn cut_off(note: &Note) -> Verdict {
    let last_lines = note.run.log.as_ref().and_then(|log| transcript::last_lines(log, LINES).ok());
    let report = Report {
        summary: Some("its runner died in the middle of it".into()),
        last_lines: last_lines.unwrap_or_default(),
        log: note.run.log.as_ref().map(|log| log.to_string_lossy().into_owned()),
        ..Report::default()
    };
    Verdict::Fail { failure: Failure::Lost, report }
}
