//! Pieces that views share.

pub mod field;
pub mod ink;
pub mod page;
