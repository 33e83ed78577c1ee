//! Opening hours: from weekly hours and times away to spans of minutes from the start of the plan.

use chrono::Duration;

use super::{Builder, DAY, zone};
use crate::domain::Timestamp;
use crate::domain::agent::parse_windows;
use crate::domain::hours::spans;
use crate::plan::project::{Instant, Mistake};
use crate::plan::schedule::model::{Calendar, MOST_TIME, Time};

/// When something is there, as it is written down.
pub(super) struct There<'a> {
    pub hours: &'a [String],
    pub zone: Option<&'a str>,
    pub away: &'a [(Instant, Instant)],
}

impl Builder<'_> {
    pub(super) fn calendar(&self, there: &There, key: &str) -> Result<Calendar, Mistake> {
        let mut open = if there.hours.is_empty() { vec![(0, i64::from(self.horizon) + 1)] } else { Vec::new() };
        for text in there.hours {
            self.weekly(text, there, key, &mut open)?;
        }
        for (from, to) in there.away {
            let key = format!("{key}.away");
            cut(&mut open, i64::from(self.time(from, &key)?), i64::from(self.time(to, &key)?));
        }
        let always = there.hours.is_empty() && there.away.is_empty();
        Ok(if always { Calendar::default() } else { Calendar { open: merged(open) } })
    }

    /// The spans of one line of weekly hours.
    fn weekly(&self, text: &str, there: &There, key: &str, open: &mut Vec<(i64, i64)>) -> Result<(), Mistake> {
        let zone = zone(there.zone.or(self.project.zone.as_deref()), &format!("{key}.zone"))?;
        let key = format!("{key}.hours");
        let windows =
            parse_windows(text).map_err(|_| Mistake::new(&key, text, "no hours; try `mon-fri 09:00-17:00`"))?;
        let undated = || Mistake::new(&key, text, "hours need `start` at the top of the project");
        let start = self.start.as_ref().ok_or_else(undated)?.to_utc();
        let (from, days) = (start - Duration::days(1), i64::from(self.horizon / DAY) + 3);
        let minutes = |at: Timestamp| (at - start).num_minutes();
        open.extend(spans(&zone, &windows, &[], from, days).map(|(opens, closes)| (minutes(opens), minutes(closes))));
        Ok(())
    }
}

fn cut(open: &mut Vec<(i64, i64)>, from: i64, to: i64) {
    let pieces = open.iter().flat_map(|&(begin, end)| [(begin, end.min(from)), (begin.max(to), end)]);
    *open = pieces.filter(|(begin, end)| begin < end).collect();
}

/// Spans in order and apart, from the start of the plan on.
fn merged(mut spans: Vec<(i64, i64)>) -> Vec<(Time, Time)> {
    spans.sort_unstable();
    let mut open: Vec<(Time, Time)> = Vec::new();
    for (from, to) in spans.into_iter().filter(|(_, to)| *to > 0) {
        let (from, to) = (from.max(0) as Time, to as Time);
        match open.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => open.push((from, to)),
        }
    }
    // Nobody is there at all: a span that is over before anything begins would mean always.
    if open.is_empty() { vec![(MOST_TIME - 2, MOST_TIME - 1)] } else { open }
}
