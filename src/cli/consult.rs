//! Asks the configured language model how objectives break down, and says where playbooks had to do.

use std::io::{IsTerminal, stderr};
use std::sync::atomic::AtomicBool;

use serde::Serialize;

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
pub fn consult(text: &str, ground: &Ground, library: &mut Library) -> Option<Consulted> {
    let wishes = objectives(text);
    if wishes.is_empty() {
        return None;
    }
    let settings = match Settings::from_environment() {
        Ok(settings) => settings?,
        Err(unset) => return Some(Consulted { name: Settings::wanted(), trouble: Some(unset.to_string()) }),
    };
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
    Some(Consulted { name: settings.name, trouble })
}
