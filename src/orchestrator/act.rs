//! Carrying out the steps of a tick: each change in a transaction of its own that only the leader gets.

use super::NAME;
use super::lease::Lead;
use super::report::Report;
use super::tick::{Deed, Step};
use crate::agents::identity::{ask_to_end, kill};
use crate::domain::{Actor, Command};
use crate::service::{Error, Service};

/// Carries out the steps and returns how many changed something; a step that a rule refuses is reported and left,
/// because somebody else was quicker. Stops when the lead is lost.
///
/// # Errors
/// When the board cannot be written.
pub(super) fn carry_out(
    service: &mut Service,
    lead: &mut Lead,
    steps: Vec<Step>,
    report: &mut dyn FnMut(Report),
) -> Result<usize, Error> {
    let mut changed = 0;
    for step in steps {
        match do_one(service, lead, &step) {
            Ok(did) => {
                changed += usize::from(did);
                report(Report::did(&step));
            }
            Err(Error::Rejected(why)) if lead.epoch().is_some() => report(Report::refused(&step, &why)),
            Err(Error::Rejected(_)) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(changed)
}

/// True if the board changed by it.
fn do_one(service: &mut Service, lead: &mut Lead, step: &Step) -> Result<bool, Error> {
    if !matches!(step.deed, Deed::Submit(_)) {
        // No transaction guards what is done to processes, so the lead is looked at right before.
        lead.assert_held(service)?;
    }
    match &step.deed {
        Deed::Submit(commands) => return submit(service, lead, commands),
        Deed::Forget(task, epoch) => return service.process_gone(*task, *epoch).map(|()| true),
        Deed::AskToEnd(identity) => ask_to_end(identity),
        Deed::Kill(identity) => kill(identity),
    }
    Ok(false)
}

fn submit(service: &mut Service, lead: &mut Lead, commands: &[Command]) -> Result<bool, Error> {
    let done = lead.submit(service, &Actor::system(NAME), commands)?;
    Ok(done.change.is_some())
}
