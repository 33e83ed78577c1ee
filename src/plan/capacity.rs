//! What the team can do between two dates: minutes and story points per agent and per skill, people and programs apart.
//!
//! The rule, which is shown with every figure: declared working hours of programs count in full, those of people by
//! three quarters, because the rest goes to talk, review and interruptions. Whoever declares no hours is planned with
//! three quarters of eight hours, people from Monday to Friday, programs every day: what a program makes has to be read
//! by somebody. What an agent has in hand already is taken off.
//!
//! A later model of focus and absence replaces [`hours`]; everything else takes its windows and share as they come.

use std::collections::BTreeMap;

use chrono::{Datelike, Duration, NaiveDate, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

use crate::domain::agent::merged;
use crate::domain::{Agent, AgentId, AgentKind, Timestamp, Window, Zone};
use crate::plan::assign::{Candidate, situation::USUAL_MINUTES};

/// Minutes that a story point stands for as long as history says nothing.
pub const USUAL_POINT: u32 = 120;
/// Finished tasks that history needs before it is believed.
const ENOUGH: usize = 5;
/// Share of working hours that goes into tasks.
const FOCUS: f64 = 0.75;
/// Days that are looked at; longer sprints are cut.
const MOST_DAYS: i64 = 400;
/// Minutes that clocks skip at most: a whole day where a country crossed the date line.
const LONGEST_GAP: i64 = 24 * 60;

/// When an agent is planned to work, and how much of that goes into tasks.
#[derive(Debug, Clone, PartialEq)]
pub struct Hours {
    /// Weekly windows in the agent's own time zone.
    pub windows: Vec<Window>,
    /// Share of them that goes into tasks, above 0 to 1.
    pub share: f64,
    /// True if the agent has declared no hours itself.
    pub assumed: bool,
}

/// An agent's hours by the rule of this module.
pub fn hours(agent: &Agent) -> Hours {
    let share = if agent.kind == AgentKind::Human || agent.availability.is_empty() { FOCUS } else { 1.0 };
    let assumed = agent.availability.is_empty();
    let windows = if assumed { usual_days(agent.kind) } else { agent.availability.clone() };
    Hours { windows, share, assumed }
}

fn usual_days(kind: AgentKind) -> Vec<Window> {
    let last = if kind == AgentKind::Human { 5 } else { 7 };
    let mut day = Weekday::Mon;
    (0..last)
        .map(|_| {
            let window = Window { day, from_minute: 9 * 60, to_minute: 17 * 60 };
            day = day.succ();
            window
        })
        .collect()
}

/// Working spans of an agent between two instants, in order and without overlaps.
pub fn spans(agent: &Agent, windows: &[Window], from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    // A day of slack: the agent's days are not the board's.
    let days = ((to - from).num_days() + 2).clamp(0, MOST_DAYS);
    let spans = spans_from(agent, windows, from, days).take_while(|(start, _)| *start < to);
    spans.map(|(start, end)| (start, end.min(to))).collect()
}

/// Working spans of an agent from an instant on, in order and without overlaps, over so many days.
pub fn spans_from(
    agent: &Agent,
    windows: &[Window],
    from: Timestamp,
    days: i64,
) -> impl Iterator<Item = (Timestamp, Timestamp)> + use<> {
    let (windows, zone) = (merged(windows), agent.time_zone.clone());
    let first = from.with_timezone(&zone).date_naive();
    let dates = (0..days).filter_map(move |offset| first.checked_add_signed(Duration::days(offset)));
    dates.flat_map(move |date| {
        let today = windows.iter().filter(|window| window.day == date.weekday());
        let span = |w: &Window| Some((instant(&zone, date, w.from_minute)?, instant(&zone, date, w.to_minute)?));
        let ahead = today.filter_map(span).map(|(start, end)| (start.max(from), end));
        ahead.filter(|(start, end)| start < end).collect::<Vec<_>>()
    })
}

/// The instant of a local time; of one that the clocks skip, the end of the gap.
fn instant(zone: &Zone, date: NaiveDate, minute: u16) -> Option<Timestamp> {
    let local = date.and_time(NaiveTime::MIN) + Duration::minutes(i64::from(minute));
    (0..=LONGEST_GAP)
        .find_map(|later| (local + Duration::minutes(later)).and_local_timezone(zone.clone()).earliest())
        .map(|time| time.to_utc())
}

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
        let because = format!("{} h a point, as nothing has been finished yet", USUAL_POINT / 60);
        Self { minutes: USUAL_POINT, because }
    }
}

impl PointRule {
    /// The median over finished tasks, given as points and minutes; the usual number as long as they are few.
    pub fn learned(finished: &[(f64, u32)]) -> Self {
        let rate = |(points, minutes): &(f64, u32)| f64::from(*minutes) / points;
        let mut rates: Vec<f64> = finished.iter().filter(|(points, min)| *points > 0.0 && *min > 0).map(rate).collect();
        if rates.len() < ENOUGH {
            let because = format!("{} h a point, until {ENOUGH} tasks with points are done", USUAL_POINT / 60);
            return Self { because, ..Self::default() };
        }
        rates.sort_by(f64::total_cmp);
        let minutes = (rates[rates.len() / 2].round() as u32).max(1);
        Self { minutes, because: format!("{minutes} min a point, the median of {} finished tasks", rates.len()) }
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

/// What one agent can do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// Who.
    pub agent_id: AgentId,
    /// Name.
    pub name: String,
    /// Person or program.
    pub kind: AgentKind,
    /// Minutes in the span by its hours, or as set by hand.
    pub minutes: u32,
    /// Minutes already taken by what it has in hand.
    pub held_minutes: u32,
    /// Minutes left.
    pub free_minutes: u32,
    /// Story points of what is left.
    pub points: f64,
    /// Where the minutes come from, in words.
    pub because: String,
}

/// What can be done in one skill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SkillShare {
    /// The skill.
    pub skill: String,
    /// Free minutes of all who have it; those with several skills count in each.
    pub minutes: u32,
    /// Story points of that.
    pub points: f64,
    /// Who has it, best first, with the level.
    pub agents: Vec<(String, u8)>,
}

/// What the team can do.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Capacity {
    /// By agent: people first, each by name.
    pub agents: Vec<Share>,
    /// By skill, the scarcest first.
    pub skills: Vec<SkillShare>,
    /// Free minutes of people.
    pub people_minutes: u32,
    /// Free minutes of programs.
    pub program_minutes: u32,
    /// Free minutes of all.
    pub minutes: u32,
    /// Minutes in all, held ones included.
    pub gross_minutes: u32,
    /// Story points of the free minutes.
    pub points: f64,
}

/// What a demand runs out of first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Binding {
    /// `testing`, or `everyone`.
    pub what: String,
    /// Minutes wanted.
    pub wanted: u32,
    /// Minutes there.
    pub there: u32,
}

impl Binding {
    /// Wanted over there, in percent; 999 if nothing is there.
    pub fn percent(&self) -> u32 {
        (u64::from(self.wanted) * 100).checked_div(u64::from(self.there)).map_or(999, |percent| percent.min(999) as u32)
    }
}

/// What the team can do from `from` (now, if that is later) to `to`. Minutes set by hand replace those of the hours;
/// agents that take nothing new have none left.
pub fn capacity(
    team: &[Candidate],
    from: Timestamp,
    to: Timestamp,
    by_hand: &BTreeMap<AgentId, u32>,
    rule: &PointRule,
) -> Capacity {
    let mut agents: Vec<Share> =
        team.iter().map(|member| share(member, from, to, by_hand.get(&member.agent.agent_id).copied(), rule)).collect();
    agents.sort_by(|a, b| (a.kind != AgentKind::Human, &a.name).cmp(&(b.kind != AgentKind::Human, &b.name)));
    let sum = |kind| agents.iter().filter(|share| share.kind == kind).map(|share| share.free_minutes).sum();
    let (people_minutes, program_minutes) = (sum(AgentKind::Human), sum(AgentKind::Ai));
    let minutes = people_minutes + program_minutes;
    Capacity {
        skills: skill_shares(team, &agents, rule),
        gross_minutes: agents.iter().map(|share| share.minutes).sum(),
        points: rule.points(minutes),
        people_minutes,
        program_minutes,
        minutes,
        agents,
    }
}

fn share(member: &Candidate, from: Timestamp, to: Timestamp, by_hand: Option<u32>, rule: &PointRule) -> Share {
    let agent = &member.agent;
    let (minutes, because) = match by_hand {
        Some(minutes) => (minutes, "set by hand".into()),
        None => by_hours(agent, from, to),
    };
    let held_minutes: u32 = member.held.iter().map(|held| held.minutes).sum();
    let free = if agent.draining { 0 } else { minutes.saturating_sub(held_minutes) };
    Share {
        agent_id: agent.agent_id,
        name: agent.name.clone(),
        kind: agent.kind,
        minutes,
        held_minutes,
        free_minutes: free,
        points: rule.points(free),
        because: if agent.draining { "takes nothing new".into() } else { because },
    }
}

fn by_hours(agent: &Agent, from: Timestamp, to: Timestamp) -> (u32, String) {
    let hours = hours(agent);
    let long: i64 =
        spans(agent, &hours.windows, from, to).iter().map(|(start, end)| (*end - *start).num_minutes()).sum();
    let percent = (hours.share * 100.0).round() as u32;
    let because = match (hours.assumed, agent.kind) {
        (true, AgentKind::Human) => format!("no hours set: {percent}% of 8 h, Monday to Friday"),
        (true, AgentKind::Ai) => format!("no hours set: {percent}% of 8 h a day"),
        (false, AgentKind::Human) => format!("{percent}% of its hours"),
        (false, AgentKind::Ai) => "its hours".into(),
    };
    ((long as f64 * hours.share).round() as u32, because)
}

fn skill_shares(team: &[Candidate], shares: &[Share], rule: &PointRule) -> Vec<SkillShare> {
    let mut skills: BTreeMap<&String, SkillShare> = BTreeMap::new();
    for member in team {
        let free = shares.iter().find(|share| share.agent_id == member.agent.agent_id).map_or(0, |s| s.free_minutes);
        for (skill, level) in &member.agent.skills {
            let entry = skills.entry(skill).or_insert_with(|| SkillShare {
                skill: skill.clone(),
                minutes: 0,
                points: 0.0,
                agents: Vec::new(),
            });
            entry.minutes += free;
            entry.agents.push((member.agent.name.clone(), *level));
        }
    }
    let mut skills: Vec<SkillShare> = skills.into_values().collect();
    for share in &mut skills {
        share.points = rule.points(share.minutes);
        share.agents.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    }
    skills.sort_by(|a, b| a.minutes.cmp(&b.minutes).then(a.skill.cmp(&b.skill)));
    skills
}

impl Capacity {
    /// What a demand runs out of first: a skill, or everyone. `wanted` are minutes by skill, `all` minutes in all.
    /// A necessary condition, no promise: who has several skills is counted in each. `None` where nothing is wanted.
    pub fn binding(&self, wanted: &BTreeMap<String, u32>, all: u32) -> Option<Binding> {
        let everyone = Binding { what: "everyone".into(), wanted: all, there: self.minutes };
        let there =
            |skill: &str| self.skills.iter().find(|share| share.skill == skill).map_or(0, |share| share.minutes);
        let skills = wanted.iter().map(|(skill, minutes)| Binding {
            what: skill.clone(),
            wanted: *minutes,
            there: there(skill),
        });
        std::iter::once(everyone)
            .chain(skills)
            .filter(|binding| binding.wanted > 0)
            .reduce(|most, next| if next.percent() > most.percent() { next } else { most })
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::domain::agent::{parse_skills, parse_windows};
    use crate::domain::task::Complexity;
    use crate::plan::assign::{HeldWork, Record};

    fn member(n: u128, kind: AgentKind, hours: &str, skills: &str) -> Candidate {
        let agent = Agent {
            agent_id: AgentId(Uuid::from_u128(n)),
            rev: 0,
            name: format!("a{n}"),
            kind,
            role: None,
            permissions: None,
            skills: parse_skills(skills).expect("skills"),
            wip_limit: 1,
            availability: if hours.is_empty() { Vec::new() } else { parse_windows(hours).expect("hours") },
            time_zone: Zone::default(),
            draining: false,
            cost_per_hour: None,
            created_at: Timestamp::default(),
        };
        Candidate {
            agent,
            present: true,
            held: Vec::new(),
            record: Record::default(),
            cpu_usage: None,
            memory_usage: None,
        }
    }

    fn day(day: u32) -> Timestamp {
        Utc.with_ymd_and_hms(2025, 6, day, 0, 0, 0).single().expect("a date")
    }

    /// Monday 2 June to the end of Sunday 15 June.
    fn two_weeks(team: &[Candidate]) -> Capacity {
        capacity(team, day(2), day(16), &BTreeMap::new(), &PointRule::default())
    }

    #[test]
    fn three_programs_without_hours_have_252_hours_in_two_weeks() {
        let team: Vec<_> = (1..=3).map(|n| member(n, AgentKind::Ai, "", "rust:3")).collect();
        let capacity = two_weeks(&team);
        assert_eq!(capacity.minutes, 252 * 60);
        assert_eq!(capacity.program_minutes, capacity.minutes);
        assert!((capacity.points - 126.0).abs() < 1e-9);
        assert_eq!(capacity.skills[0].minutes, 252 * 60);
    }

    #[test]
    fn declared_hours_of_people_count_by_three_quarters_and_of_programs_in_full() {
        let team = [
            member(1, AgentKind::Human, "mon-fri 09:00-17:00", ""),
            member(2, AgentKind::Ai, "mon-fri 09:00-17:00", ""),
        ];
        let capacity = two_weeks(&team);
        assert_eq!((capacity.people_minutes, capacity.program_minutes), (60 * 60, 80 * 60));
        assert_eq!(capacity.agents[0].kind, AgentKind::Human);
    }

    #[test]
    fn hours_that_overlap_count_once() {
        let mut member = member(1, AgentKind::Ai, "mon-fri 09:00-17:00", "");
        member.agent.availability.extend(parse_windows("mon-fri 12:00-17:00").expect("hours"));
        member.agent.availability.extend(parse_windows("mon 08:00-10:00").expect("hours"));
        assert_eq!(two_weeks(&[member.clone()]).minutes, 82 * 60);
        assert_eq!(member.agent.weekly_minutes(), 41 * 60);
        let spans = spans(&member.agent, &member.agent.availability, day(2), day(16));
        assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{spans:?}");
    }

    #[test]
    fn hours_that_begin_in_the_gap_of_summer_time_begin_after_it() {
        let mut member = member(1, AgentKind::Ai, "sun 02:30-06:00", "");
        member.agent.time_zone = "Europe/Berlin".parse().unwrap();
        // On 30 March 2025 clocks in Berlin go from 02:00 to 03:00, which is 01:00 UTC.
        let at = |hour| Utc.with_ymd_and_hms(2025, 3, 30, hour, 0, 0).single().expect("a date");
        let spans = spans(&member.agent, &member.agent.availability, at(0), at(12));
        assert_eq!(spans, [(at(1), at(4))]);
    }

    #[test]
    fn what_is_in_hand_is_taken_off_and_hands_win_over_hours() {
        let mut team = [member(1, AgentKind::Ai, "", ""), member(2, AgentKind::Ai, "", "")];
        team[0].held = vec![HeldWork { minutes: 600, complexity: Complexity::Simple }];
        team[1].agent.draining = true;
        let by_hand = BTreeMap::from([(team[0].agent.agent_id, 900)]);
        let capacity = capacity(&team, day(2), day(16), &by_hand, &PointRule::default());
        assert_eq!(capacity.minutes, 300);
    }

    #[test]
    fn the_skill_that_runs_out_first_is_named() {
        let team = [member(1, AgentKind::Ai, "", "rust:3"), member(2, AgentKind::Ai, "mon 09:00-10:00", "qa:3")];
        let wanted = BTreeMap::from([("rust".to_owned(), 600), ("qa".to_owned(), 180)]);
        let binding = two_weeks(&team).binding(&wanted, 780).expect("something is wanted");
        assert_eq!((binding.what.as_str(), binding.percent()), ("qa", 150));
    }

    #[test]
    fn a_point_is_worth_what_history_says() {
        assert_eq!(PointRule::learned(&[(1.0, 100)]).minutes, USUAL_POINT);
        let done = [(1.0, 60), (2.0, 160), (1.0, 90), (3.0, 300), (1.0, 500)];
        assert_eq!(PointRule::learned(&done).minutes, 90);
    }
}
