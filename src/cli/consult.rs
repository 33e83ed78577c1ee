//! Asks the configured language model how objectives break down, and says where playbooks had to do.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::AtomicBool;

use serde::Serialize;

use super::Failure;
use super::output::one_line;
use crate::models::{Question, Settings, ask};
use crate::plan::breakdown::Library;
use crate::plan::objectives::objectives;
use crate::plan::wizard::Ground;

/// What came of asking.
#[derive(Debug, Serialize)]
pub struct Consulted {
    /// The model.
    pub name: String,
    /// Why its breakdown was not used; none: it was.
    pub trouble: Option<String>,
}

impl Consulted {
    /// In words, if playbooks had to do.
    pub fn describe(&self) -> Option<String> {
        let why = one_line(self.trouble.as_ref()?, 200);
        Some(format!("the language model {} was of no help: {why}; playbooks were used", one_line(&self.name, 60)))
    }
}

/// Lets the model that the environment names propose breakdowns for the objectives in the text; none: it names none, or
/// there is nothing to ask.
pub fn consult(text: &str, ground: &Ground, library: &mut Library) -> Result<Option<Consulted>, Failure> {
    let settings = Settings::from_environment().map_err(|unset| Failure::Usage(unset.to_string()))?;
    let wishes = objectives(text);
    let Some(settings) = settings.filter(|_| !wishes.is_empty()) else { return Ok(None) };
    if stderr().is_terminal() {
        eprintln!("asking {} …", one_line(&settings.name, 60));
    }
    let answer = ask(&settings, &Question::new(wishes, &ground.agents()), &AtomicBool::new(false));
    let trouble = match answer {
        Ok(found) => {
            for one in found {
                library.propose(one.objective, one.book);
            }
            None
        }
        Err(trouble) => Some(trouble.to_string()),
    };
    Ok(Some(Consulted { name: settings.name, trouble }))
}
