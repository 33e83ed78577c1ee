//! Cleaning up after runners that died: their processes are ended, their results told, their tasks given back.

use std::path::Path;
use std::time::Duration;

use super::note::Note;
use super::{RunError, Verdict};
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

/// Brings the runs of dead runners on this host to an end. A run whose processes cannot be ended is left as it is.
///
/// # Errors
/// When the board cannot be written; what was not done then is done the next time.
pub fn recover(service: &mut Service, board: &Path) -> Result<Vec<Recovered>, RunError> {
    let mut recovered = Vec::new();
    for note in Note::abandoned(board) {
        let (number, agent) = (note.run.number, note.run.agent.clone());
        if let Some(how) = bring_to_an_end(service, note)? {
            recovered.push(Recovered { number, agent, how });
        }
    }
    Ok(recovered)
}

fn bring_to_an_end(service: &mut Service, note: Note) -> Result<Option<String>, RunError> {
    let run = &note.run;
    if let Some(process) = &run.process {
        if identity::end(process, GRACE) != Life::Gone {
            return Ok(None);
        }
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
    Ok(Some(how))
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
