//! What a story point is in minutes.

use serde::{Deserialize, Serialize};

use crate::domain::words::{count, work};
use crate::plan::assign::situation::USUAL_MINUTES;

/// Minutes that a story point stands for as long as history says nothing.
pub const USUAL_POINT: u32 = 120;
/// Finished tasks that history needs before it is believed.
const ENOUGH: usize = 5;

/// How many minutes a story point stands for, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointRule {
    /// Minutes of one point, at least 1.
    pub minutes: u32,
    /// Where the number comes from.
    pub because: String,
}

impl Default for PointRule {
    fn default() -> Self {
        let because = format!("{} a point, as nothing has been finished yet", work(USUAL_POINT));
        Self { minutes: USUAL_POINT, because }
    }
}

impl PointRule {
    /// The median over finished tasks, given as points and minutes; the usual number as long as they are few.
    pub fn learned(finished: &[(f64, u32)]) -> Self {
        let rate = |(points, minutes): &(f64, u32)| f64::from(*minutes) / points;
        let mut rates: Vec<f64> = finished.iter().filter(|(points, min)| *points > 0.0 && *min > 0).map(rate).collect();
        if rates.len() < ENOUGH {
            let with_points = finished.iter().filter(|(points, _)| *points > 0.0).count();
            // What was done in seconds says nothing about a point.
            let what = if with_points < ENOUGH { "are done" } else { "have taken a minute or more" };
            let because = format!("{} a point, until {ENOUGH} tasks with points {what}", work(USUAL_POINT));
            return Self { because, ..Self::default() };
        }
        rates.sort_by(f64::total_cmp);
        let minutes = (rates[rates.len() / 2].round() as u32).max(1);
        let point = work(minutes);
        Self { minutes, because: format!("{point} a point, the median of {}", count(rates.len(), "finished task")) }
    }

    /// Points of so many minutes.
    pub fn points(&self, minutes: u32) -> f64 {
        f64::from(minutes) / f64::from(self.minutes.max(1))
    }

    /// Minutes of work by an estimate, else by story points, else the usual ones; at least 1.
    pub fn work_minutes(&self, estimate: Option<u32>, points: Option<f64>) -> u32 {
        estimate.or(points.map(|points| self.minutes_of(points))).unwrap_or(USUAL_MINUTES).max(1)
    }

    /// Minutes of so many points.
    pub fn minutes_of(&self, points: f64) -> u32 {
        (points.max(0.0) * f64::from(self.minutes)).round() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_worth_what_history_says() {
        assert_eq!(PointRule::learned(&[(1.0, 100)]).minutes, USUAL_POINT);
        let because = |minutes| PointRule::learned(&[(1.0, minutes); ENOUGH]).because;
        assert!(because(0).ends_with("until 5 tasks with points have taken a minute or more"), "{}", because(0));
        assert!(because(90).ends_with("the median of 5 finished tasks"), "{}", because(90));
        let done = [(1.0, 60), (2.0, 160), (1.0, 90), (3.0, 300), (1.0, 500)];
        assert_eq!(PointRule::learned(&done).minutes, 90);
    }
}
