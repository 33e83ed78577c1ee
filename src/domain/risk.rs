//! What may come in between, by name: something that a team sees coming and cannot rule out.
//!
//! Risks are kept among the settings of a board, as holidays are: few, small, changed as one, and with undo, log, replay
//! and export for nothing.

use serde::{Deserialize, Serialize};

use super::Rejection;
use super::id::{SprintId, TaskId};

/// Most risks of a board.
pub const MAX_RISKS: usize = 50;
/// Most minutes of work that one takes: about a year.
const MAX_MINUTES: u32 = 120_000;

/// Something that may happen once in a sprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// Short number on its board, from 1 and never given again; of a new one 0, which asks for the next.
    pub number: u32,
    /// What would happen.
    pub name: String,
    /// How likely that is, in percent, 1 to 99.
    pub chance: u8,
    /// Minutes of work that it takes, from what is undercut to what is exceeded in one of ten cases each.
    pub minutes: [u32; 2],
    /// The task whose work grows by it; none: everybody waits for so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// The sprint that it is about; none: whichever one is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sprint_id: Option<SprintId>,
}

impl Risk {
    /// Whether it is the one that is meant: by `R3`, `3` or its name.
    pub fn is_called(&self, text: &str) -> bool {
        let text = text.trim();
        let digits = text.strip_prefix(['R', 'r']).unwrap_or(text);
        digits.parse() == Ok(self.number) || text.eq_ignore_ascii_case(&self.name)
    }

    fn check(&self) -> Result<(), Rejection> {
        let wrong = |why: String| Err(Rejection::Invalid(why));
        let [low, high] = self.minutes;
        if self.name.trim().is_empty() || self.name.len() > 200 || self.name.contains(char::is_control) {
            return wrong("a risk's name has 1 to 200 bytes and no control characters".into());
        }
        if !(1..=99).contains(&self.chance) {
            return wrong(format!("{}: a risk's chance is 1 to 99 percent", self.name));
        }
        if low > high || !(1..=MAX_MINUTES).contains(&high) {
            return wrong(format!(
                "{}: what it takes goes from less to more, and is a year of work at most",
                self.name
            ));
        }
        if self.task_id.is_some() && self.sprint_id.is_some() {
            return wrong(format!("{}: a risk is about a task or a sprint, not both", self.name));
        }
        Ok(())
    }
}

/// Numbers those that ask for one, from `next` on.
pub(super) fn number_risks(risks: &mut [Risk], mut next: u32) {
    for risk in risks.iter_mut().filter(|risk| risk.number == 0) {
        risk.number = next;
        next = next.saturating_add(1);
    }
}

/// The first number of at least `next` that is higher than those of all of these.
pub(super) fn number_after(risks: &[Risk], next: u32) -> u32 {
    risks.iter().map(|risk| risk.number.saturating_add(1)).fold(next.max(1), u32::max)
}

/// Whether these can stand together.
pub(super) fn check_risks(risks: &[Risk]) -> Result<(), Rejection> {
    if risks.len() > MAX_RISKS {
        return Err(Rejection::Invalid(format!("{} risks are too many: at most {MAX_RISKS}", risks.len())));
    }
    for (at, risk) in risks.iter().enumerate() {
        risk.check()?;
        let same = |other: &&Risk| other.number == risk.number || other.name.eq_ignore_ascii_case(&risk.name);
        if let Some(other) = risks[..at].iter().find(same) {
            return Err(Rejection::Invalid(format!("there is a risk R{} `{}` already", other.number, other.name)));
        }
    }
    Ok(())
}
