//! What was typed and chosen in the plan.

/// The state of the plan screen.
#[derive(Debug, Clone, Default)]
pub struct State {}
