//! A problem with the names that its file and the checker use.

use serde_json::{Map, Value, json};
use vayu::plan::schedule::model::Problem;
use vayu::plan::schedule::plan::Plan;

/// What a file holds.
pub struct Instance {
    /// The problem.
    pub problem: Problem,
    /// Names of the stages, activity by activity.
    pub stages: Vec<Vec<String>>,
    /// Names of the resources.
    pub resources: Vec<String>,
}

impl Instance {
    /// Activities of one stage, numbered from 1, as are the resources.
    pub fn numbered(problem: Problem) -> Self {
        let number = |at: usize| (at + 1).to_string();
        let stages = (0..problem.activities.len()).map(|at| vec![number(at)]).collect();
        let resources = (0..problem.resources.len()).map(number).collect();
        Self { problem, stages, resources }
    }

    /// A plan in the checker's format: start and agent by stage. The agent is the first resource that is used.
    pub fn plan(&self, plan: &Plan) -> Value {
        let mut stages = Map::new();
        for (at, place) in plan.places.iter().enumerate() {
            let slots = place.iter().flat_map(|place| &place.slots);
            for ((stage, slot), name) in self.problem.activities[at].stages.iter().zip(slots).zip(&self.stages[at]) {
                let agent = stage.modes[slot.mode].uses.first().map(|used| &self.resources[used.resource]);
                stages.insert(name.clone(), json!({ "start": slot.start, "agent": agent }));
            }
        }
        Value::Object(stages)
    }
}
