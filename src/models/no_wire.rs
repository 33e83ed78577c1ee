//! What stands for the way to a provider in a program that was built without one.

use serde_json::Value;

use super::{Patience, Settings, Trouble};

/// Refuses.
pub(super) fn say(_: &Settings, _: &str, _: Value, _: &[String], patience: &Patience<'_>) -> Result<String, Trouble> {
    patience.lasts()?;
    Err(Trouble::Absent)
}
