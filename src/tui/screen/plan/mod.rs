//! The plan of the next sprint, in six steps that can be opened in any order.
//!
//! It owns what is typed and chosen in the plan; capacity, breakdown, schedule and checks are computed by
//! [`crate::plan::wizard`], and nothing is made before the last step.

mod advice;
mod capacity;
mod consult;
mod draw;
mod split;
mod state;
mod typing;
mod update;
mod view;

pub use draw::in_place;
pub use state::{Care, Entry, Field, News, Otherwise, PlanSeen, State};
pub use typing::typed;
pub use update::{act, click, improve, news, scopes, see, want};
pub use view::view;
