//! The plan of the next sprint, in six steps that can be opened in any order.
//!
//! It owns what is typed and chosen in the plan; capacity, breakdown, schedule and checks are computed by
//! [`crate::plan::wizard`], and nothing is made before the last step.

mod consult;
mod draw;
mod split;
mod state;
mod update;
mod view;

pub use draw::in_place;
pub use state::{Care, Entry, Field, News, PlanSeen, State, name_after};
pub use update::{act, click, improve, news, scopes, see, typed, want};
pub use view::view;
