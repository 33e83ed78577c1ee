//! Adding agents to the team and changing them.

use std::collections::BTreeMap;

use super::list::{line, row};
use super::run::{role_folders, unknown};
use crate::agents::roles::Roles;
use crate::cli::bulk;
use crate::cli::context::Context;
use crate::cli::output::warn;
use crate::cli::{Failure, Outcome, values};
use crate::domain::agent::{AgentKind, Division, Window, parse_skills, parse_windows};
use crate::domain::command::{AgentField, NewAgent};
use crate::domain::days::parse_days;
use crate::domain::{Agent, Command, Days, Permission, Zone};

/// Tasks at once of a person who says nothing about it.
pub const PERSON_LIMIT: u32 = 5;

#[derive(Debug, clap::Args)]
pub struct AddArgs {
    /// Name, unique on this board
    #[arg(value_name = "NAME", required_unless_present = "name_option")]
    name: Option<String>,
    /// The same as an option
    #[arg(long = "name", value_name = "NAME", conflicts_with = "name")]
    name_option: Option<String>,
    /// Role, as backend-dev or qa
    #[arg(long)]
    role: Option<String>,
    /// Skills with a level from 1 to 5, as rust:4,sql:2
    #[arg(long, default_value = "", value_parser = parse_skills, hide_default_value = true)]
    skills: BTreeMap<String, u8>,
    /// Tasks at once [default: 1 for a program, 5 for a person]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    wip_limit: Option<u32>,
    /// human or ai
    #[arg(long, default_value = "ai")]
    kind: AgentKind,
    /// When it works, as "mon-fri 09:00-17:00" (repeat) [default: takes tasks at any time; plans count on 09:00-17:00, of
    /// programs every day at 75 %, of people from Monday to Friday]
    #[arg(long, value_name = "SPAN", value_parser = parse_windows)]
    availability: Vec<Vec<Window>>,
    /// Time zone of its working hours, as Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = values::zone)]
    time_zone: Zone,
    /// Cost per hour in the board's currency
    #[arg(long, value_name = "N", value_parser = values::amount)]
    cost: Option<f64>,
    /// Model and version that it works with, as large-4.1: who works with a new one is judged anew
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    #[command(flatten)]
    time: TimeArgs,
}

/// What somebody's hours go into, and when there are none.
#[derive(Debug, clap::Args)]
struct TimeArgs {
    /// Days off, as 2026-12-24 or 2026-12-24..2027-01-01 (repeat; replaces all); `none`
    #[arg(long, value_name = "DAYS", value_parser = parse_days)]
    away: Vec<Vec<Days>>,
    /// Percent of a person's hours that go into looking at results [default: 20]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    reviews: Option<u8>,
    /// Percent of a person's hours that go into answers [default: 5]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    answers: Option<u8>,
    /// Percent of the other hours that go into tasks [default: what was seen in earlier sprints, until then 100]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    focus: Option<u8>,
}

impl TimeArgs {
    /// What changes, from what it was.
    fn changes(&self, was: Division) -> Vec<AgentField> {
        let division = Division {
            reviews: self.reviews.or(was.reviews),
            answers: self.answers.or(was.answers),
            focus: self.focus.or(was.focus),
        };
        let away = (!self.away.is_empty()).then(|| AgentField::Away(self.away.concat()));
        away.into_iter().chain((division != was).then_some(AgentField::Division(division))).collect()
    }
}

pub fn add(args: &AddArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let name = args.name.clone().or_else(|| args.name_option.clone()).unwrap_or_default();
    let mut also = args.time.changes(Division::default());
    also.extend(args.model.clone().map(|model| AgentField::Model(Some(model))));
    let permissions = args.role.as_deref().and_then(|role| permissions_of(cx, role));
    also.extend(permissions.map(|permissions| AgentField::Permissions(Some(permissions))));
    let new = NewAgent {
        name: name.clone(),
        kind: args.kind,
        role: args.role.clone(),
        skills: args.skills.clone(),
        wip_limit: args.wip_limit.unwrap_or(if args.kind == AgentKind::Human { PERSON_LIMIT } else { 1 }),
        availability: args.availability.concat(),
        time_zone: args.time_zone.clone(),
        cost_per_hour: args.cost,
        also,
    };
    cx.doubt_skills(&args.skills)?;
    cx.submit(Command::AddAgent(Box::new(new)))?;
    let added = row(cx, cx.agent(&name)?.agent_id)?;
    cx.out.print(&added, || line(cx, &added))?;
    Ok(Outcome::Done)
}

/// What the file of a role allows, if there is one that says so; a role without a file is warned about.
fn permissions_of(cx: &Context, role: &str) -> Option<Vec<Permission>> {
    let folders = role_folders(cx.service.folder().as_deref());
    let (roles, _told_when_it_is_run) = Roles::load(&folders);
    let known = roles.get(role);
    if known.is_none() {
        warn(&unknown(role, &roles, &folders));
    }
    known?.permissions.clone()
}

/// Which agents: by position or by `--id`.
#[derive(Debug, clap::Args)]
pub struct Names {
    /// Agents, by name or id
    #[arg(value_name = "AGENT", required_unless_present = "ids")]
    names: Vec<String>,
    /// The same as an option
    #[arg(long = "id", value_name = "AGENT")]
    ids: Vec<String>,
}

impl Names {
    fn all(&self) -> Vec<String> {
        self.names.iter().chain(&self.ids).cloned().collect()
    }

    /// Changes each agent by what `changes` makes of it.
    fn edit(
        &self,
        cx: &mut Context,
        changes: impl Fn(&Context, &Agent) -> Result<Vec<AgentField>, Failure>,
    ) -> Result<Outcome, Failure> {
        let change = |cx: &mut Context, name: &String| {
            let agent = cx.agent(name)?;
            let (agent_id, changes) = (agent.agent_id, changes(cx, &agent)?);
            cx.submit(Command::EditAgent { agent_id, changes })?;
            row(cx, agent_id)
        };
        bulk::each(cx, &self.all(), change, line)
    }
}

#[derive(Debug, clap::Args)]
pub struct EditArgs {
    #[command(flatten)]
    names: Names,
    /// New name
    #[arg(long, value_name = "NAME")]
    rename: Option<String>,
    /// Role; `none`
    #[arg(long)]
    role: Option<String>,
    /// Skills with a level from 1 to 5, as rust:4,sql:2 (replaces all); `none`
    #[arg(long)]
    skills: Option<String>,
    /// Add skills or change their level
    #[arg(long, value_name = "SKILLS", value_parser = parse_skills)]
    add_skills: Option<BTreeMap<String, u8>>,
    /// Tasks at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    wip_limit: Option<u32>,
    /// When it works, as "mon-fri 09:00-17:00" (repeat; replaces all); `always`: at any time, with plans as for a new agent
    #[arg(long, value_name = "SPAN")]
    availability: Vec<String>,
    /// Time zone of its working hours
    #[arg(long, value_name = "ZONE", value_parser = values::zone)]
    time_zone: Option<Zone>,
    /// Cost per hour; `none`
    #[arg(long, value_name = "N")]
    cost: Option<String>,
    /// Model and version that it works with from now on; `none`
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Take nothing new (true) or take work again (false)
    #[arg(long, value_name = "BOOL")]
    draining: Option<bool>,
    #[command(flatten)]
    time: TimeArgs,
}

pub fn edit(args: &EditArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    args.names.edit(cx, |cx, agent| args.changes(cx, agent))
}

impl EditArgs {
    fn changes(&self, cx: &Context, agent: &Agent) -> Result<Vec<AgentField>, Failure> {
        let mut changes = Vec::new();
        changes.extend(self.rename.clone().map(AgentField::Name));
        if let Some(role) = values::optional(self.role.as_deref(), |role| Ok(role.to_owned()))? {
            let permissions = role.as_deref().and_then(|role| permissions_of(cx, role));
            changes.push(AgentField::Role(role));
            changes.push(AgentField::Permissions(permissions));
        }
        let skills = self.skills(agent)?;
        cx.doubt_skills(skills.as_ref().unwrap_or(&BTreeMap::new()))?;
        changes.extend(skills.map(AgentField::Skills));
        changes.extend(self.wip_limit.map(AgentField::WipLimit));
        changes.extend(self.hours()?.map(AgentField::Availability));
        changes.extend(self.time_zone.clone().map(AgentField::TimeZone));
        changes.extend(values::optional(self.cost.as_deref(), values::amount)?.map(AgentField::CostPerHour));
        changes.extend(values::optional(self.model.as_deref(), |name| Ok(name.to_owned()))?.map(AgentField::Model));
        changes.extend(self.draining.map(AgentField::Draining));
        changes.extend(self.time.changes(agent.division));
        if changes.is_empty() {
            return Err(Failure::Usage("say what to change; `vayu agent edit --help` lists the fields".into()));
        }
        Ok(changes)
    }

    fn skills(&self, agent: &Agent) -> Result<Option<BTreeMap<String, u8>>, Failure> {
        let replaced = match self.skills.as_deref() {
            None => None,
            Some("none") => Some(BTreeMap::new()),
            Some(text) => Some(parse_skills(text).map_err(Failure::Usage)?),
        };
        let Some(more) = &self.add_skills else { return Ok(replaced) };
        let mut skills = replaced.unwrap_or_else(|| agent.skills.clone());
        skills.extend(more.clone());
        Ok(Some(skills))
    }

    fn hours(&self) -> Result<Option<Vec<Window>>, Failure> {
        match self.availability.as_slice() {
            [] => Ok(None),
            [always] if always == "always" => Ok(Some(Vec::new())),
            spans => {
                let windows: Result<Vec<_>, _> = spans.iter().map(|span| parse_windows(span)).collect();
                Ok(Some(windows.map_err(Failure::Usage)?.concat()))
            }
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct DrainArgs {
    #[command(flatten)]
    names: Names,
    /// Take work again
    #[arg(long)]
    off: bool,
}

pub fn drain(args: &DrainArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    args.names.edit(cx, |_, _| Ok(vec![AgentField::Draining(!args.off)]))
}
