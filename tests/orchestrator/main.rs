//! The orchestrator over real SQLite with a frozen clock: the lead, lost work, retries, handing out, questions.

mod asking;
mod common;
mod demo;
mod following;
mod handing;
mod lead;
mod reclaim;
mod replanning;
