//! The board in a terminal: screens, keys, mouse and themes over the queries of the service.
//!
//! This layer owns what is shown and which key means what; it must never hold rules of the domain or a copy of the
//! board, wait for the store while drawing, or let text from outside reach the terminal raw.

pub mod action;
pub mod data;
pub mod editor;
pub mod effect;
pub mod glyph;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod msg;
pub mod popup;
mod run;
pub mod screen;
pub mod source;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;
pub mod widget;
pub mod words;
pub mod worker;

pub use crate::text;
pub use effect::Keep;
pub use run::{Background, Error, Options, run};
