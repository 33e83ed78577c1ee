//! Who is meant by a name: an agent of the board, or somebody who has done something on it.

use std::collections::BTreeSet;

use crate::domain::words::{listed, near};
use crate::domain::{Actor, ActorKind, Command, Rejection};
use crate::service::Error;
use crate::store::view::ActivityFilter;
use crate::store::{Now, Read};

/// Changes of the log that are looked at for the names of those who have done something.
const LATELY: usize = 500;
/// Names that are told.
const SHOWN: usize = 12;

/// Refuses to leave a question to somebody whom nobody here knows. Where nobody is on the team, any name will do.
pub(super) fn check_delegation(read: &dyn Read, now: &Now, actor: &Actor, command: &Command) -> Result<(), Error> {
    let Command::DelegateEscalation { to, .. } = command else { return Ok(()) };
    let team = read.agents(now)?;
    let by_them = ActivityFilter { actor: Some(to.clone()), limit: 1, ..ActivityFilter::default() };
    let is_agent = team.iter().any(|row| row.agent.name == *to);
    if team.is_empty() || is_agent || *to == actor.name || !read.activity(&by_them)?.is_empty() {
        return Ok(());
    }
    let lately = ActivityFilter { limit: LATELY, ..ActivityFilter::default() };
    let acted = read.activity(&lately)?.into_iter().map(|row| row.actor);
    let acted = acted.filter(|actor| actor.kind != ActorKind::System).map(|actor| actor.name);
    let known: BTreeSet<String> = team.into_iter().map(|row| row.agent.name).chain(acted).collect();
    let known: Vec<String> = known.into_iter().collect();
    let hint = match near(to, &known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known are {}", listed(&known, SHOWN)),
    };
    Err(Rejection::NotFound { what: "agent or person", name: to.clone(), hint: Some(hint) }.into())
}
