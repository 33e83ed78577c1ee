//! The board in a terminal: screens, keys, mouse and themes over the queries of the service.
//!
//! This layer owns what is shown and which key means what; it must never hold rules of the domain or a copy of the
//! board, wait for the store while drawing, or let text from outside reach the terminal raw.

pub mod glyph;
pub mod source;
pub mod terminal;
pub mod theme;

pub use crate::text;
