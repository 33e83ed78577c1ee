//! Language models: one is asked, where the user has configured one, to break objectives down, and what it answers is
//! checked like a stranger's file. This is the only room that speaks to the network; it must never be needed, never see
//! names of people or the board, and never write down or show the key.

mod answer;
mod question;
mod settings;
#[cfg_attr(not(feature = "models"), path = "no_wire.rs")]
mod wire;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

pub use answer::Breakdown;
pub use question::Question;
pub use settings::{Provider, Settings, Unset};

/// Why a language model was of no help; playbooks are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Somebody did not want to wait.
    #[error("it was stopped")]
    Stopped,
    /// The limit passed.
    #[error("it did not answer within {0} s")]
    Late(u64),
    /// It cannot be reached, or refuses.
    #[error("{0}")]
    Refused(String),
    /// Twice its answer was none that could be used.
    #[error("its answer could not be used, even after it was told why: {0}")]
    Useless(String),
    /// This program was built without the feature.
    #[error("this program was built without language models")]
    Absent,
}

/// How long somebody waits.
struct Patience<'a> {
    stop: &'a AtomicBool,
    end: Instant,
    limit: Duration,
}

impl Patience<'_> {
    fn lasts(&self) -> Result<(), Trouble> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Trouble::Stopped);
        }
        if Instant::now() < self.end { Ok(()) } else { Err(Trouble::Late(self.limit.as_secs())) }
    }
}

/// Asks the configured model to break the objectives down, once more if its first answer cannot be used. Takes as long
/// as the limit of the settings allows; never call it where somebody waits for a key.
///
/// # Errors
/// Whatever went wrong: the caller goes on with playbooks, and says so.
pub fn ask(settings: &Settings, question: &Question, stop: &AtomicBool) -> Result<Vec<Breakdown>, Trouble> {
    let patience = Patience { stop, end: Instant::now() + settings.limit, limit: settings.limit };
    let mut talk = vec![question.text()];
    let first = say(settings, &talk, &patience)?;
    let wrong = match answer::read(&first, question, settings) {
        Ok(found) => return Ok(found),
        Err(wrong) => wrong,
    };
    talk.push(first);
    talk.push(question::repair(&wrong));
    let second = say(settings, &talk, &patience)?;
    answer::read(&second, question, settings).map_err(Trouble::Useless)
}

fn say(settings: &Settings, talk: &[String], patience: &Patience) -> Result<String, Trouble> {
    wire::say(settings, &question::rules(), question::schema(), talk, patience)
}
