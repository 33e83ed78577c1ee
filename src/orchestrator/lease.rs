//! One leader among all processes that share a board: a short lease with a number that rises with every leader. The
//! number is checked inside each of the leader's transactions, so that a leader who was asleep cannot act any more.

use crate::domain::{Actor, Command, Rejection};
use crate::service::{Done, Error, Service};
use crate::store::view::LeaderRow;

/// A claim to the lead, held or not.
#[derive(Debug)]
pub struct Lead {
    holder: String,
    lease_ms: i64,
    held: Option<Held>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    epoch: u64,
    renewed_ms: i64,
    boot_id: String,
}

/// Who leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// This one, in this epoch.
    Leads(u64),
    /// Another one.
    Follows(LeaderRow),
    /// Nobody yet: another one was quicker, and is not known by name.
    Waits,
}

impl Lead {
    /// For a process that calls itself `name`; the lease is in milliseconds of the board's clock.
    pub fn new(name: &str, lease_ms: i64) -> Self {
        let unique = uuid::Uuid::new_v4().simple().to_string();
        Self { holder: format!("{name} {}.{}", std::process::id(), &unique[..6]), lease_ms, held: None }
    }

    /// The name under which it leads.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// The epoch in which it leads, as far as it knows.
    pub fn epoch(&self) -> Option<u64> {
        self.held.as_ref().map(|held| held.epoch)
    }

    /// Takes the lead if nobody has it, and renews it when a third of the lease is over. Cheap in between.
    ///
    /// # Errors
    /// When the board cannot be read or written.
    pub fn keep(&mut self, service: &mut Service) -> Result<Standing, Error> {
        let now = service.now();
        let fresh = |held: &&Held| held.boot_id == now.boot_id && now.boot_ms - held.renewed_ms < self.lease_ms / 3;
        if let Some(held) = self.held.as_ref().filter(fresh) {
            return Ok(Standing::Leads(held.epoch));
        }
        let other = service.read().leader(&now)?.filter(|leader| !leader.expired && leader.holder != self.holder);
        if let Some(other) = other {
            self.held = None;
            return Ok(Standing::Follows(other));
        }
        let epoch = service.lead(&self.holder, self.lease_ms)?;
        self.held = epoch.map(|epoch| Held { epoch, renewed_ms: now.boot_ms, boot_id: now.boot_id });
        Ok(epoch.map_or(Standing::Waits, Standing::Leads))
    }

    /// Does what a leader does, as one change: refused if it leads no more when the transaction begins.
    ///
    /// # Errors
    /// As for [`Service::submit`]; when the lead is lost, [`Lead::epoch`] is `None` afterwards.
    pub fn submit(&mut self, service: &mut Service, actor: &Actor, commands: &[Command]) -> Result<Done, Error> {
        let Some(held) = self.held.clone() else { return Err(deposed(&self.holder)) };
        let now = service.now();
        let mut leads = true;
        let holder = &self.holder;
        let done = service.guarded(actor, commands, None, &mut |tx| {
            leads = tx.check_leader(holder, held.epoch, &now)?;
            if leads { Ok(()) } else { Err(deposed(holder)) }
        });
        if !leads {
            self.held = None;
        }
        done
    }

    /// Makes sure that it still leads in the epoch in which it made up its mind, for deeds that no transaction guards.
    ///
    /// # Errors
    /// A conflict when the lead is lost, [`Lead::epoch`] is `None` then; or when the board cannot be read or written.
    pub fn assert_held(&mut self, service: &mut Service) -> Result<(), Error> {
        let before = self.epoch();
        match self.keep(service)? {
            Standing::Leads(epoch) if Some(epoch) == before => Ok(()),
            _ => {
                self.held = None;
                Err(deposed(&self.holder))
            }
        }
    }

    /// Gives the lead back, so that another one takes it at once.
    ///
    /// # Errors
    /// When the board cannot be written; the lease runs out then.
    pub fn step_down(&mut self, service: &mut Service) -> Result<(), Error> {
        match self.held.take() {
            Some(_) => service.step_down(&self.holder),
            None => Ok(()),
        }
    }
}

fn deposed(holder: &str) -> Error {
    let how = "another process has taken it over".to_owned();
    Rejection::Conflict { what: format!("the lead of {holder}"), how }.into()
}
