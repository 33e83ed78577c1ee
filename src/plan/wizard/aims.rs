//! What the objectives of a plan come to: each with its effort, and what there is to say about all of them.

use serde::Serialize;

use super::Draft;
use super::check::short;
use crate::domain::{Level, Priority};
use crate::plan::breakdown::Piece;
use crate::plan::capacity::PointRule;
use crate::plan::objectives::Objective;

/// More objectives than this are not one sprint's.
const MANY: usize = 5;
/// From this share of the effort on, one objective is most of the sprint.
const MOST: f64 = 0.6;

/// An objective with what it takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Aim {
    /// The objective.
    #[serde(flatten)]
    pub objective: Objective,
    /// Story points of its tasks.
    pub effort: f64,
    /// Minutes of its tasks.
    pub minutes: u32,
    /// Tasks made for it.
    pub tasks: usize,
    /// Name of the main playbook.
    pub playbook: String,
    /// What its breakdown leans on, in words: a playbook, past work of the team, a language model.
    pub leans_on: String,
}

/// The objectives of a draft, in order.
pub(super) fn aims(draft: &Draft, rule: &PointRule) -> Vec<Aim> {
    let size = |piece: &Piece| piece.points.or(piece.minutes.map(|minutes| rule.points(minutes)));
    let aim = |(at, objective): (usize, &Objective)| {
        let own: Vec<&Piece> = draft.pieces.iter().filter(|piece| piece.objective == at).collect();
        let tasks: Vec<&&Piece> = own.iter().filter(|piece| piece.is_task()).collect();
        let root = own.iter().find(|piece| piece.level == Level::Deliverable);
        Aim {
            objective: objective.clone(),
            effort: tasks.iter().filter_map(|piece| size(piece)).sum(),
            minutes: tasks.iter().filter_map(|piece| piece.minutes).fold(0, u32::saturating_add),
            tasks: tasks.len(),
            playbook: root.map(|piece| piece.playbook.clone()).unwrap_or_default(),
            leans_on: root.map(|piece| piece.description.clone()).unwrap_or_default(),
        }
    };
    draft.objectives.iter().enumerate().map(aim).collect()
}

/// What there is to say about the objectives as a whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Analysis {
    /// How many there are.
    pub objectives: usize,
    /// How many are of high or critical priority.
    pub urgent: usize,
    /// Story points of all of them.
    pub effort: f64,
    /// Whether that is a good mix, in words.
    pub balance: String,
    /// Whether they fit into what the team can do, in words.
    pub room: String,
    /// The same as a fact.
    pub fits: bool,
}

impl Analysis {
    /// Of these objectives, when so many story points can be done; none: there are no objectives.
    pub(super) fn of(aims: &[Aim], limit: f64) -> Option<Self> {
        let effort: f64 = aims.iter().map(|aim| aim.effort).sum();
        let fits = effort <= limit + 1e-9;
        let (want, have) = (short(effort), short(limit));
        let room = if fits {
            format!("fits: {want}p of {have}p")
        } else {
            format!("does not fit: {want}p of {have}p, {}p must leave", short(effort - limit))
        };
        let urgent = aims.iter().filter(|aim| is_urgent(aim)).count();
        let whole = Self { objectives: aims.len(), urgent, effort, balance: balance(aims, effort), room, fits };
        (!aims.is_empty()).then_some(whole)
    }
}

fn is_urgent(aim: &Aim) -> bool {
    aim.objective.priority <= Priority::High
}

/// The first thing that a planner would object to, or that there is nothing.
fn balance(aims: &[Aim], effort: f64) -> String {
    let share = |aim: &Aim| if effort > 0.0 { aim.effort / effort } else { 0.0 };
    let urgent: f64 = aims.iter().filter(|aim| is_urgent(aim)).map(share).sum();
    let same = aims.iter().all(|aim| aim.objective.priority == aims[0].objective.priority);
    let largest = aims.iter().find(|aim| share(aim) >= MOST).filter(|_| aims.len() > 1);
    if aims.len() == 1 {
        "one objective: everything goes into it".into()
    } else if aims.iter().all(is_urgent) {
        "everything is urgent: say which may give way".into()
    } else if aims.len() > MANY {
        format!("{} objectives are many for one sprint: say which may give way", aims.len())
    } else if same {
        "all of the same priority: say which matters most".into()
    } else if let Some(aim) = largest {
        format!("{:.0} % of the effort goes into \"{}\"", share(aim) * 100.0, aim.objective.title)
    } else if urgent >= 0.8 {
        format!("{:.0} % of the effort is urgent: little can give way", urgent * 100.0)
    } else {
        "good mix of priorities".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::objectives::objectives;

    fn said(text: &str, efforts: &[f64], limit: f64) -> Analysis {
        let aim = |(objective, effort): (Objective, &f64)| Aim {
            objective,
            effort: *effort,
            minutes: 0,
            tasks: 1,
            playbook: String::new(),
            leans_on: String::new(),
        };
        let aims: Vec<Aim> = objectives(text).into_iter().zip(efforts).map(aim).collect();
        Analysis::of(&aims, limit).expect("objectives")
    }

    #[test]
    fn a_mix_of_priorities_that_fits_is_praised() {
        let three = said("P1: fix the leak. Add search. Maybe write a guide", &[5.0, 6.0, 3.0], 20.0);
        assert_eq!((three.objectives, three.urgent, three.fits), (3, 1, true));
        assert_eq!(three.balance, "good mix of priorities");
        assert_eq!(three.room, "fits: 14p of 20p");
    }

    #[test]
    fn what_a_planner_would_object_to_is_said() {
        assert_eq!(
            said("Urgent: fix the leak. P1: add search", &[1.0, 1.0], 9.0).balance,
            "everything is urgent: say which may give way"
        );
        assert_eq!(
            said("Add search. Add charts", &[1.0, 1.0], 9.0).balance,
            "all of the same priority: say which matters most"
        );
        assert_eq!(
            said("We must add search. Maybe add charts", &[1.0, 9.0], 10.0).balance,
            "90 % of the effort goes into \"Add charts\""
        );
        let over = said("We must add search. Maybe add charts", &[5.0, 6.0], 9.0);
        assert_eq!((over.fits, over.room.as_str()), (false, "does not fit: 11p of 9p, 2p must leave"));
    }

    #[test]
    fn nothing_is_said_about_nothing() {
        assert!(Analysis::of(&[], 9.0).is_none());
    }
}
