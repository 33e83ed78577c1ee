//! Risks with a name: which of them concern a sprint, and what each costs it.

use serde::Serialize;

use super::Told;
use crate::domain::Risk as Named;
use crate::plan::course::Progress;
use crate::plan::forecast::{Goal, Risk, Simulation, costs};

/// Something that may come in between, and what that means for the sprint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Threat {
    /// Number of the risk on its board.
    pub number: u32,
    /// What would happen.
    pub name: String,
    /// How likely that is, 0 to 1.
    pub chance: f64,
    /// Minutes of work that it takes, from what is undercut to what is exceeded in one of ten cases each.
    pub minutes: [u32; 2],
    /// Number of the task that it is about; none: of the whole sprint.
    pub task: Option<String>,
    /// Minutes by which the 80 % date would come earlier if it were ruled out, played again with the same luck; none where
    /// that date is far off.
    pub gain_minutes: Option<i64>,
    /// How much likelier the goal would be then, -1 to 1.
    pub goal_gain: f64,
}

impl<'a> Told<'a> {
    /// The risks that concern what is open, with the task that each is about. What is handed in is past its own.
    fn risks(&self) -> impl Iterator<Item = (&'a Named, Option<usize>)> {
        let (course, plan, deeds) = (self.course, self.plan, self.deeds);
        deeds.risks.iter().filter_map(move |risk| {
            let Some(task_id) = risk.task_id else { return Some((risk, None)) };
            let is_hit = |at: &usize| {
                let (job, progress) = &course.items[*at];
                job.task_id == task_id && plan.places[*at].is_some() && !matches!(progress, Progress::InReview { .. })
            };
            (0..course.items.len()).find(is_hit).map(|at| (risk, Some(at)))
        })
    }

    /// The same as they are played.
    pub(super) fn played_risks(&self) -> Vec<Risk> {
        let played = |(risk, at): (&Named, Option<usize>)| Risk {
            name: risk.name.clone(),
            chance: f64::from(risk.chance) / 100.0,
            minutes: (f64::from(risk.minutes[0]), f64::from(risk.minutes[1])),
            activities: at.into_iter().collect(),
        };
        self.risks().map(played).collect()
    }

    /// What each of them costs, the dearest first.
    pub(super) fn threats(&self, simulation: &Simulation, goal: &Goal) -> Vec<Threat> {
        let costs = costs(simulation, goal);
        let mut threats: Vec<Threat> = self
            .risks()
            .zip(costs)
            .map(|((risk, at), cost)| Threat {
                number: risk.number,
                name: risk.name.clone(),
                chance: f64::from(risk.chance) / 100.0,
                minutes: risk.minutes,
                task: at.map(|at| self.course.items[at].0.label.clone()),
                gain_minutes: cost.gain,
                goal_gain: cost.goal,
            })
            .collect();
        threats.sort_by(|a, b| b.gain_minutes.cmp(&a.gain_minutes).then(b.goal_gain.total_cmp(&a.goal_gain)));
        threats
    }
}
