//! `vayu config`: the settings of a board, on which every process agrees.

mod settings;

use clap::Subcommand;
use serde::Serialize;
use serde_json::Value;

use settings::{SETTINGS, Setting};

use super::context::Context;
use super::output::one_line;
use super::{Failure, Outcome};
use crate::domain::Policy;

/// How often a change by somebody else in between is taken in before giving up.
const TRIES: usize = 16;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List all settings with what they mean
    List,
    /// Show one setting
    Get {
        /// Its name, as `vayu config list` has it
        key: String,
    },
    /// Change settings: KEY=VALUE…, or KEY VALUE
    Set {
        /// What to change
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<String>,
    },
}

pub fn run(args: &Args, cx: &mut Context) -> Result<Outcome, Failure> {
    match &args.verb {
        None | Some(Verb::List) => list(cx),
        Some(Verb::Get { key }) => get(key, cx),
        Some(Verb::Set { settings }) => set(settings, cx),
    }
}

/// A setting as it stands on this board.
#[derive(Serialize)]
struct Shown {
    key: &'static str,
    value: Value,
    default: Value,
    values: &'static str,
    doc: &'static str,
}

impl Setting {
    fn named(key: &str) -> Result<&'static Self, Failure> {
        let key = key.trim().to_ascii_lowercase().replace('-', "_");
        SETTINGS.iter().find(|setting| setting.key == key).ok_or_else(|| {
            let keys: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
            Failure::Usage(format!("there is no setting `{key}`; there are: {}", keys.join(", ")))
        })
    }

    fn shown(&self, policy: &Policy) -> Shown {
        let default = (self.get)(&Policy::default());
        Shown { key: self.key, value: (self.get)(policy), default, values: self.values, doc: self.doc }
    }
}

fn list(cx: &Context) -> Result<Outcome, Failure> {
    let policy = cx.read().policy()?;
    let rows: Vec<_> = SETTINGS.iter().map(|setting| setting.shown(&policy)).collect();
    cx.out.print(&rows, || {
        let line = |row: &Shown| {
            let doc = cx.out.style("2", &format!("{} ({})", row.doc, row.values));
            format!("{:<19} {:<12} {doc}", row.key, plain(&row.value))
        };
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Outcome::Done)
}

fn get(key: &str, cx: &Context) -> Result<Outcome, Failure> {
    let shown = Setting::named(key)?.shown(&cx.read().policy()?);
    cx.out.print(&shown, || plain(&shown.value))?;
    Ok(Outcome::Done)
}

fn set(given: &[String], cx: &mut Context) -> Result<Outcome, Failure> {
    let pairs = pairs(given)?;
    for _ in 0..TRIES {
        let seen = cx.read().policy()?;
        let mut policy = seen.clone();
        for (setting, value) in &pairs {
            (setting.set)(&mut policy, value).map_err(|why| Failure::Usage(format!("{}: {why}", setting.key)))?;
        }
        if cx.service.configure(&cx.actor, &seen, &policy)?.is_some() {
            let rows: Vec<_> = pairs.iter().map(|(setting, _)| setting.shown(&policy)).collect();
            let text = |row: &Shown| format!("{} is {}", row.key, plain(&row.value));
            cx.out.print(&rows, || rows.iter().map(text).collect::<Vec<_>>().join("\n"))?;
            return Ok(Outcome::Done);
        }
    }
    Err(Failure::World("others keep changing the settings; try again".into()))
}

/// `KEY=VALUE` several times, or `KEY VALUE` once.
fn pairs(given: &[String]) -> Result<Vec<(&'static Setting, &str)>, Failure> {
    if let [key, value] = given
        && !key.contains('=')
    {
        return Ok(vec![(Setting::named(key)?, value)]);
    }
    given
        .iter()
        .map(|pair| {
            let missing = || Failure::Usage(format!("`{pair}`: write KEY=VALUE, as lease_seconds=120"));
            let (key, value) = pair.split_once('=').ok_or_else(missing)?;
            Ok((Setting::named(key)?, value))
        })
        .collect()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::String(text) => one_line(text, 200),
        other => other.to_string(),
    }
}
