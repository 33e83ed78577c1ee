//! One tick: from what was seen to what is to be done, each step with its reason. Pure.

use std::collections::BTreeSet;

use chrono::Duration;

use super::asks::{self, BLOCKER, BREAKER, DEADLINE, NO_SKILL, RETRIES, SILENT};
use super::survey::{Over, Survey, UnderWay, Work, Worries, Worry, able};
use super::{BREAKER_LIMIT, BREAKER_MINUTES};
use crate::agents::identity::{Identity, Life};
use crate::domain::command::NewEscalation;
use crate::domain::task::AssignmentMethod;
use crate::domain::words::cut;
use crate::domain::{Command, Escalation, Fence, Policy, Remedy, Status, Task, TaskId, TaskNumber, Timestamp};
use crate::plan::assign::{assign, unfit};
use crate::plan::course::{Advice, Ahead, Done};
use crate::plan::risk::{Leg, earliest_finish, longest_chain};
use crate::service::course::{PLAN, proposals, question};
use crate::store::view::AgentRow;

/// A process whose claim has ended may wind up for this long before it is ended.
const WIND_UP_MS: i64 = 30_000;
/// Why the brake halts a board.
const HALT: &str = "too many workers died in a short time";
/// Time to spare before a question about a deadline is taken back.
const SPARE: Duration = Duration::minutes(10);
/// Between asking a process to end and killing it.
const GRACE_MS: i64 = 2_000;

/// Something to be done, and why.
#[derive(Debug)]
pub struct Step {
    /// What.
    pub deed: Deed,
    /// The task it is about.
    pub number: Option<TaskNumber>,
    /// Why, in words.
    pub why: String,
}

/// What is to be done.
#[derive(Debug)]
pub enum Deed {
    /// Change the board, all of it or nothing.
    Submit(Vec<Command>),
    /// Note that a process was seen gone.
    Forget(TaskId, u64),
    /// Ask a process to end.
    AskToEnd(Identity),
    /// End a process that was asked in vain.
    Kill(Identity),
}

fn submit(command: Command, number: Option<TaskNumber>, why: impl Into<String>) -> Step {
    Step { deed: Deed::Submit(vec![command]), number, why: why.into() }
}

/// What is to be done, in order.
pub fn tick(survey: &Survey) -> Vec<Step> {
    let mut steps: Vec<Step> = survey.over.iter().flat_map(|over| reclaim(over, survey.now.wall)).collect();
    let halted = survey.policy.halted.is_some();
    steps.extend(survey.due.iter().filter(|_| !halted).map(retry));
    if let Some(work) = survey.work.as_ref().filter(|_| !halted) {
        steps.extend(hand_out(work, &survey.policy, survey.now.wall));
    }
    if let Some(worries) = &survey.worries {
        steps.extend(brake(worries, &survey.policy));
        steps.extend(worries.way.as_ref().and_then(|way| keep_plan(way, &worries.board_history, survey.now.wall)));
        steps.extend(withdraw(worries, survey));
        steps.extend(raise(worries, survey));
    }
    steps
}

/// What to do about a claim whose lease is over, or a process whose claim has ended.
fn reclaim(over: &Over, now: Timestamp) -> Vec<Step> {
    let row = &over.row;
    let number = Some(row.number);
    if row.human && !over.is_orphan() {
        let ask = asks::silent_person(over);
        let new = asks::is_new(&ask, &over.history, now);
        return new
            .then(|| submit(Command::Escalate(Box::new(ask)), number, "its lease is over"))
            .into_iter()
            .collect();
    }
    match over.life {
        Some(Life::Alive) | None if over.dawn => Vec::new(),
        Some(Life::Alive) => end_process(over).into_iter().collect(),
        // Nobody can tell from here whether it still works: the board says that reclaim waits.
        Some(Life::OutOfSight) => Vec::new(),
        Some(Life::Gone) | None => give_up(over),
    }
}

/// A process that lives on although its claim is over is asked to end, then ended; until it is gone, reclaim waits.
fn end_process(over: &Over) -> Option<Step> {
    let identity = over.identity()?;
    let waited = over.seen_ms - if over.is_orphan() { WIND_UP_MS } else { 0 };
    let (deed, why) = match waited {
        ..0 => return None,
        0..GRACE_MS => (Deed::AskToEnd(identity), "reclaim waits: its claim is over, its process is asked to end"),
        GRACE_MS.. => (Deed::Kill(identity), "reclaim waits: its process did not end when asked and is killed"),
    };
    Some(Step { deed, number: Some(over.row.number), why: why.into() })
}

/// The process is gone: so are its record and the claim.
fn give_up(over: &Over) -> Vec<Step> {
    let row = &over.row;
    let number = Some(row.number);
    let mut steps = Vec::new();
    if row.process.is_some() {
        let why = "its process has been seen gone".to_owned();
        steps.push(Step { deed: Deed::Forget(row.task_id, row.epoch), number, why });
    }
    if !over.is_orphan() {
        let reason = format!("{} was not heard of for the length of its lease", over.holder);
        let command = Command::ExpireClaim { task_id: row.task_id, epoch: row.epoch, reason: reason.clone() };
        steps.push(submit(command, number, reason));
    }
    steps
}

fn retry(task: &Task) -> Step {
    let (count, most) = (task.metadata.retry_count, task.metadata.max_retries);
    let why = format!("retry {count} of {most} is due");
    submit(Command::RetryTask { task_id: task.task_id }, Some(task.number), why)
}

/// Takes back what was handed out to agents who left, and hands out what is pushed.
fn hand_out(work: &Work, policy: &Policy, now: Timestamp) -> Vec<Step> {
    let back = work.stranded.iter().map(|stranded| {
        let reason = Some(stranded.why.clone());
        let command = Command::ReleaseTask { task_id: stranded.task.task_id, fence: Fence::None, reason };
        submit(command, Some(stranded.task.number), stranded.why.clone())
    });
    let out = assign(&work.situation, policy, now).into_iter().map(|proposal| {
        let (number, line) = (proposal.why.task, proposal.why.line());
        let command = Command::AssignTask {
            task_id: proposal.task_id,
            agent_id: proposal.agent_id,
            method: AssignmentMethod::Assigned,
            why: serde_json::to_value(&proposal.why).ok(),
            fence: Fence::None,
        };
        submit(command, Some(number), line)
    });
    back.chain(out).collect()
}

/// Halts the board when too many workers die, and lets it go on when the human said so.
fn brake(worries: &Worries, policy: &Policy) -> Vec<Step> {
    let set = |why: Option<&str>, because: &str| {
        let why = why.map(str::to_owned);
        submit(Command::Halt { seen: policy.halted.clone(), why }, None, because)
    };
    match policy.halted.as_deref() {
        Some(HALT) if asks::may_go_on(&worries.board_history) => vec![set(None, "the human said so")],
        // Who halted the board by hand lets it go on by hand.
        Some(_) => Vec::new(),
        None if worries.misfires < BREAKER_LIMIT => Vec::new(),
        None => {
            let question = asks::breaker(worries.misfires, BREAKER_MINUTES);
            vec![submit(Command::Escalate(Box::new(question)), None, HALT), set(Some(HALT), HALT)]
        }
    }
}

/// Follows the plan of the sprint with proposals, each with its question to the human: where the plan does not hold any
/// more, a change is proposed; a proposal that has lost its reason is taken back. Never two at a time.
fn keep_plan(way: &UnderWay, history: &[Escalation], now: Timestamp) -> Option<Step> {
    let question = question(&way.sprint, &way.ahead, now);
    let answered = asks::was_answered(&question, history, now);
    let advice = match way.ahead.advice {
        Advice::Propose if answered => Advice::Leave,
        Advice::Replace if answered => Advice::Withdraw,
        advice => advice,
    };
    let ahead = Ahead { advice, ..way.ahead.clone() };
    let commands = proposals(&way.sprint, &ahead, Some(question));
    let why = match advice {
        Advice::Withdraw => advice.ends().unwrap_or_default().to_owned(),
        _ => ahead.cause,
    };
    (!commands.is_empty()).then_some(Step { deed: Deed::Submit(commands), number: None, why })
}

/// Questions that do not matter any more.
fn withdraw(worries: &Worries, survey: &Survey) -> Vec<Step> {
    let settled = worries.asks.iter().filter_map(|(row, task)| {
        let why = settled(&row.escalation, task.as_ref(), worries, survey)?;
        let command = Command::WithdrawEscalation { escalation_id: row.escalation.escalation_id };
        Some(submit(command, task.as_ref().map(|task| task.number), why))
    });
    settled.collect()
}

/// Why a question of ours does not matter any more.
fn settled(ask: &Escalation, task: Option<&Task>, worries: &Worries, survey: &Survey) -> Option<&'static str> {
    if ask.topic == PLAN {
        // It ends with its proposal; only one that came from elsewhere can be left over.
        let stands = worries.way.as_ref().is_some_and(|way| way.question == Some(ask.escalation_id));
        return (!stands).then_some("the plan holds again, or was changed");
    }
    if ask.topic == BREAKER {
        return survey.policy.halted.is_none().then_some("the board is not halted any more");
    }
    let task = task?;
    match ask.topic.as_str() {
        RETRIES => (task.status != Status::Failed).then_some("it is not failed any more"),
        NO_SKILL if task.status != Status::Queued => Some("it does not wait for anybody any more"),
        NO_SKILL => (!able(&worries.team, task).is_empty()).then_some("somebody can do it now"),
        BLOCKER => task.blocker.is_none().then_some("nothing stands in the way any more"),
        SILENT => {
            let holds = survey.over.iter().any(|over| over.row.task_id == task.task_id && over.row.human);
            (!holds).then_some("the claim has been renewed or given back")
        }
        DEADLINE => {
            let worry = worries.due.iter().find(|worry| worry.task.task_id == task.task_id)?;
            if is_past(ask, survey.now.wall) {
                return Some("the date that it offers has passed");
            }
            in_time(ask, worry, survey, &worries.team).then_some("the deadline was moved or can be kept")
        }
        _ => None,
    }
}

/// True if the date that a question offers has passed, or if it offers none that stays the same while it waits.
fn is_past(ask: &Escalation, now: Timestamp) -> bool {
    ask.choices.iter().any(|choice| match choice.remedy {
        Remedy::MoveDeadline { to } => to <= now,
        Remedy::Postpone { .. } => true,
        _ => false,
    })
}

/// True if the question is about another deadline, or if there is time to spare: a close call is not taken back and
/// asked again with every report of progress.
fn in_time(ask: &Escalation, worry: &Worry, survey: &Survey, team: &[AgentRow]) -> bool {
    match (lateness(worry, survey, team), worry.task.deadline) {
        (Some(question), _) => question.question != ask.question,
        (None, None) => true,
        (None, Some(deadline)) => {
            let finish = minutes_left(worry).and_then(|minutes| finish(worry, minutes, survey, team));
            finish.is_some_and(|finish| deadline - finish.first >= SPARE)
        }
    }
}

fn minutes_left(worry: &Worry) -> Option<u64> {
    let legs = worry.chain.iter().map(|row| Leg {
        task_id: row.task_id,
        minutes: row.estimate.unwrap_or(0) * u32::from(100 - row.progress.min(100)) / 100,
        waits_for: row.waits_for.clone(),
    });
    longest_chain(worry.task.task_id, &legs.collect::<Vec<_>>())
}

/// When it can be done at the earliest, and when it will be. What is in the plan of the sprint is done by that, with all
/// that its planner knows; of everything else only the longest chain and the hours of those who could do it are known.
fn finish(worry: &Worry, minutes: u64, survey: &Survey, team: &[AgentRow]) -> Option<Done> {
    let way = survey.worries.as_ref().and_then(|worries| worries.way.as_ref());
    if let Some(done) = way.and_then(|way| way.ahead.done.get(&worry.task.task_id)) {
        return Some(*done);
    }
    let able: Vec<_> = able(team, &worry.task).into_iter().map(|row| &row.agent).collect();
    let first = earliest_finish(minutes, &able, &survey.policy.holidays, survey.now.wall)?;
    Some(Done { first, likely: first })
}

/// The question about a deadline that cannot be kept.
fn lateness(worry: &Worry, survey: &Survey, team: &[AgentRow]) -> Option<NewEscalation> {
    let now = survey.now.wall;
    let deadline = worry.task.deadline.filter(|_| !worry.task.status.is_closed())?;
    let minutes = minutes_left(worry)?;
    let finish = finish(worry, minutes, survey, team);
    let late = deadline <= now || finish.is_none_or(|finish| finish.first > deadline);
    late.then(|| asks::deadline(worry, deadline, minutes, finish, now))
}

/// New questions, and blockers that have passed.
fn raise(worries: &Worries, survey: &Survey) -> Vec<Step> {
    let now = survey.now.wall;
    let mut steps = Vec::new();
    for worry in &worries.spent {
        steps.extend(ask(asks::retries_spent(worry, &worries.team), worry, now, "its retries are spent"));
    }
    steps.extend(worries.passing.iter().filter_map(|task| unblock(task, &survey.policy, now)));
    for worry in &worries.stuck {
        let question = asks::blocked_again(worry);
        let why = "what stands in the way does not pass by itself";
        steps.extend(question.and_then(|question| ask(question, worry, now, why)));
    }
    for worry in &worries.due {
        let question = lateness(worry, survey, &worries.team);
        steps.extend(question.and_then(|question| ask(question, worry, now, "its deadline cannot be kept")));
    }
    steps.extend(no_skill(worries, now));
    steps
}

fn ask(question: NewEscalation, worry: &Worry, now: Timestamp, why: &str) -> Option<Step> {
    let new = asks::is_new(&question, &worry.history, now);
    new.then(|| submit(Command::Escalate(Box::new(question)), Some(worry.task.number), why))
}

/// What passes by itself is tried again after a while, once.
fn unblock(task: &Task, policy: &Policy, now: Timestamp) -> Option<Step> {
    let blocker = task.blocker.as_ref()?;
    let wait = Duration::milliseconds((policy.retry_delay(blocker.count, 0.5) * 1000.0) as i64);
    let command = Command::UnblockTask { task_id: task.task_id };
    let why = format!("`{}` should have passed", cut(&blocker.reason, 80));
    (now - blocker.since >= wait).then(|| submit(command, Some(task.number), why))
}

/// One question for each set of skills that nobody has.
fn no_skill(worries: &Worries, now: Timestamp) -> Vec<Step> {
    let standing: BTreeSet<&str> = worries.asks.iter().map(|(row, _)| row.escalation.question.as_str()).collect();
    let found = unfit(&worries.unfit).into_iter().filter_map(|unfit| {
        let question = asks::no_skill(&unfit, &worries.team);
        let history = worries.unfit_history.get(&unfit.ready.task_id).map_or(&[][..], Vec::as_slice);
        let new = !standing.contains(question.question.as_str()) && asks::is_new(&question, history, now);
        let number = Some(unfit.ready.number);
        new.then(|| submit(Command::Escalate(Box::new(question)), number, "nobody on the team can do it"))
    });
    found.collect()
}
