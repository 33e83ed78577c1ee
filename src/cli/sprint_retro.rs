//! `vayu sprint retro`: what a closed sprint teaches, and its proposals made tasks or settings.

use serde::Serialize;

use super::context::Context;
use super::forecast::foretold;
use super::output::one_line;
use super::sprint::{NameArgs, line};
use super::sprint_report::{last_closed, tally};
use super::{Failure, Outcome, values};
use crate::domain::Sprint;
use crate::domain::words::{self, span, work};
use crate::plan::estimate::quantile::median;
use crate::plan::retro::{Change, Facts, Proposal};
use crate::service::retro::{self, Retro};
use crate::text;

/// Columns of what stands beside a label.
const BESIDE: usize = 66;
/// Lines that one fact may take.
const MOST_LINES: usize = 4;
/// Lines of a list that are shown.
const SHOWN: usize = 3;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    name: NameArgs,
    /// Make this proposal a task of the backlog or a setting
    #[arg(long, value_name = "N")]
    accept: Option<usize>,
}

pub fn run(args: &Args, cx: &mut Context) -> Result<Outcome, Failure> {
    let sprint = match args.name.given() {
        Some(name) => cx.sprint(name)?,
        None => last_closed(cx)?,
    };
    if let Some(number) = args.accept {
        return accept(cx, &sprint, number);
    }
    let retro = retro::retro(cx.read(), &sprint)?;
    cx.out.print(&retro, || describe(cx, &sprint, &retro))?;
    Ok(Outcome::Done)
}

/// A proposal that was made so.
#[derive(Debug, Serialize)]
struct Accepted {
    accepted: Proposal,
    /// The task that it became.
    task: Option<String>,
}

fn accept(cx: &mut Context, sprint: &Sprint, number: usize) -> Result<Outcome, Failure> {
    let (accepted, done) = retro::accept(&mut cx.service, &cx.actor, sprint, number)?;
    let task = done.task().map(|id| cx.task(&id.into())).transpose()?.map(|task| task.number.to_string());
    let accepted = Accepted { accepted, task };
    cx.out.print(&accepted, || match (&accepted.task, &accepted.accepted.change) {
        (Some(task), _) => format!("{task} {}", one_line(&accepted.accepted.title, 200)),
        (None, Change::Setting { says, .. }) => format!("set {}", one_line(says, 200)),
        (None, Change::Task) => one_line(&accepted.accepted.title, 200),
    })?;
    Ok(Outcome::Done)
}

fn describe(cx: &Context, sprint: &Sprint, retro: &Retro) -> String {
    let mut page = Page { text: vec![line(cx, sprint)] };
    page.facts(&retro.facts);
    let nothing = || "none was made; `vayu forecast` makes one and writes it down".to_owned();
    page.row("forecast", &retro.foretold.as_ref().map_or_else(nothing, foretold));
    match retro.proposals.as_slice() {
        [] => page.row("proposals", "none: nothing that was written down speaks for a change"),
        proposals => {
            page.row("proposals", "--accept N makes one a task or a setting");
            for proposal in proposals {
                page.proposal(proposal);
            }
        }
    }
    page.text.join("\n")
}

struct Page {
    text: Vec<String>,
}

impl Page {
    fn row(&mut self, label: &str, words: &str) {
        for (at, words) in text::wrap(words, BESIDE, MOST_LINES).into_iter().enumerate() {
            self.text.push(format!("  {:<12}{words}", if at == 0 { label } else { "" }));
        }
    }

    fn list(&mut self, label: &str, lines: &[String]) {
        for (at, words) in lines.iter().take(SHOWN).enumerate() {
            self.text.push(format!("  {:<12}{}", if at == 0 { label } else { "" }, one_line(words, BESIDE)));
        }
        if lines.len() > SHOWN {
            self.text.push(format!("{:14}… and {} more; --json has them", "", lines.len() - SHOWN));
        }
    }

    fn facts(&mut self, facts: &Facts) {
        self.row("done", &format!("{}; committed to {}", tally(facts.done), tally(facts.committed)));
        if facts.added.tasks > 0 {
            self.row("added", &tally(facts.added));
        }
        self.estimates(facts);
        let waits: Vec<_> = facts.waits.iter().map(|one| format!("{} {}", one.cause, span(one.minutes))).collect();
        self.row("waited for", &if waits.is_empty() { "nothing".to_owned() } else { waits.join(", ") });
        let stuck = facts.stuck.iter();
        let stuck: Vec<_> =
            stuck.map(|one| format!("{} {} ({})", one.number, one.reason, words::count(one.times, "time"))).collect();
        self.list("in the way", &stuck);
        let (sent, reviewed) = (facts.sent_back.len(), facts.reviewed);
        self.row("rework", &format!("{sent} of {} sent back", words::count(reviewed, "reviewed task")));
        let failures: Vec<_> = facts.failures.iter().map(|(what, times)| format!("{what} {times}")).collect();
        if !failures.is_empty() {
            self.row("failures", &failures.join(", "));
        }
        if let Some(spent) = values::spent(facts.cost, facts.tokens) {
            self.row("spent", &spent);
        }
        self.asked(facts);
    }

    fn estimates(&mut self, facts: &Facts) {
        let sums = facts.estimates;
        if sums.compared == 0 {
            return self.row("estimates", "nothing to compare: no task done has an estimate and measured work");
        }
        let times = sums.actual as f64 / sums.estimated as f64;
        let (estimated, actual) = (work(sums.estimated), work(sums.actual));
        let count = words::count(sums.compared, "task");
        self.row("estimates", &format!("{estimated} estimated, {actual} measured, {times:.1} times over {count}"));
        let one = |task: &crate::plan::retro::Compared| {
            let (estimate, actual) = (work(task.estimate), work(task.actual));
            let by = task.by.as_ref().map_or(String::new(), |name| format!(" by {name}"));
            format!("{} {estimate}{by} → {actual}  {}", task.number, task.title)
        };
        self.list("", &facts.compared.iter().map(one).collect::<Vec<_>>());
    }

    fn asked(&mut self, facts: &Facts) {
        let minutes: Vec<f64> =
            facts.asked.iter().filter_map(|ask| ask.minutes).map(|minutes| minutes as f64).collect();
        let median = median(&minutes)
            .map_or(String::new(), |median| format!(", answered in {} at the median", span(median.round() as u64)));
        self.row("asked", &format!("{}{median}", words::count(facts.asked.len(), "question")));
        let one = |ask: &crate::plan::retro::Asked| {
            let answered = ask.answered_by.as_ref().map_or("nobody yet".to_owned(), Clone::clone);
            format!("{} {}: {} asked, {answered} answered", ask.label, ask.topic, ask.by)
        };
        self.list("", &facts.asked.iter().map(one).collect::<Vec<_>>());
    }

    fn proposal(&mut self, proposal: &Proposal) {
        for (at, words) in text::wrap(&one_line(&proposal.title, 400), BESIDE, 2).into_iter().enumerate() {
            let number = if at == 0 { format!("{})", proposal.number) } else { String::new() };
            self.text.push(format!("  {number:>10}  {words}"));
        }
        if proposal.settled {
            self.text.push(format!("{:14}the settings were changed since", ""));
        }
        if let Some(task) = proposal.accepted {
            self.text.push(format!("{:14}accepted: {task}", ""));
        }
        let evidence = proposal.evidence.iter();
        self.text.extend(evidence.map(|words| format!("{:14}- {}", "", one_line(words, BESIDE - 2))));
        if let Change::Setting { says, .. } = &proposal.change {
            self.text.push(format!("{:14}sets {}", "", one_line(says, BESIDE - 5)));
        }
    }
}
