//! Questions to the human: what is asked, which ways there are, which one is suggested, what happens otherwise.

use chrono::{Duration, DurationRound as _};

use super::survey::{Over, Worry, able, last_worker};
use crate::domain::attempt::{Attempt, Failure};
use crate::domain::command::NewEscalation;
use crate::domain::escalation::Choice;
use crate::domain::task::Blocker;
use crate::domain::words::{cut, work};
use crate::domain::{AgentStatus, Escalation, EscalationKind, EscalationState, Remedy, Status, Task, Timestamp};
use crate::plan::assign::Unfit;
use crate::plan::course::Done;
use crate::store::view::AgentRow;

/// Topic: all retries have failed.
pub const RETRIES: &str = "retries";
/// Topic: nobody on the team has the skill.
pub const NO_SKILL: &str = "no_skill";
/// Topic: a deadline cannot be kept.
pub const DEADLINE: &str = "deadline";
/// Topic: the same thing stands in the way again, or something that no time cures.
pub const BLOCKER: &str = "blocker";
/// Topic: a person holds a task and has not been heard of for the length of the lease.
pub const SILENT: &str = "silent";

/// Topic: too many workers died in a short time.
pub const BREAKER: &str = "breaker";

/// Dates that are offered are full quarters of an hour.
const QUARTER: Duration = Duration::minutes(15);
/// The same question is not asked again within this time, whatever became of it.
const AGAIN_HOURS: i64 = 24;

/// False if the question stands already, or was settled lately in the same words.
pub fn is_new(new: &NewEscalation, history: &[Escalation], now: Timestamp) -> bool {
    let stands = |ask: &Escalation| ask.topic == new.topic && ask.state == EscalationState::Open;
    !history.iter().any(stands) && !was_answered(new, history, now)
}

/// True if the question was answered lately in the same words.
pub fn was_answered(new: &NewEscalation, history: &[Escalation], now: Timestamp) -> bool {
    let lately = |ask: &Escalation| ask.closed_at.is_some_and(|at| now - at < Duration::hours(AGAIN_HOURS));
    let same = |ask: &Escalation| ask.topic == new.topic && ask.question == new.question;
    history.iter().any(|ask| ask.state == EscalationState::Answered && lately(ask) && same(ask))
}

fn choice(label: impl Into<String>, detail: impl Into<String>, remedy: Remedy) -> Choice {
    Choice { label: label.into(), detail: detail.into(), remedy }
}

fn question(topic: &str, task: &Task, question: String) -> NewEscalation {
    NewEscalation {
        kind: EscalationKind::Decision,
        task_id: Some(task.task_id),
        topic: topic.into(),
        question,
        context: String::new(),
        impact: held_up(task),
        choices: Vec::new(),
        recommended: Some(0),
        otherwise: String::new(),
    }
}

/// What waits for the task, in words.
fn held_up(task: &Task) -> String {
    let points = task.metadata.story_points.map(|points| format!(", {points}p")).unwrap_or_default();
    match task.dependencies.blocking.len() {
        0 => format!("holds this task only{points}"),
        1 => format!("holds this task{points}, and 1 more waits for it"),
        n => format!("holds this task{points}, and {n} more wait for it"),
    }
}

/// All retries have failed.
pub fn retries_spent(worry: &Worry, team: &[AgentRow]) -> NewEscalation {
    let task = &worry.task;
    let tried = worry.attempts.len();
    let times = if tried == 1 { "once".to_owned() } else { format!("{tried} times") };
    let how = match worry.attempts.first().and_then(|attempt| attempt.failure) {
        Some(Failure::Refused) => "Its worker says that it cannot be done".to_owned(),
        Some(Failure::Unknown) => "It failed in a way that no rule knows".to_owned(),
        _ => format!("It has failed {times} and has no retries left"),
    };
    let mut choices = Vec::new();
    if let Some(other) = other_worker(worry, team) {
        let failed_with = team.iter().find(|row| Some(row.agent.agent_id) == last_worker(worry));
        let detail = failed_with.map(|row| format!("{} had it last", row.agent.name)).unwrap_or_default();
        choices.push(choice(
            format!("Give it to {}", other.agent.name),
            detail,
            Remedy::Reassign { agent_id: other.agent.agent_id },
        ));
    }
    choices.push(choice("Try once more", "one more attempt, by whoever suits", Remedy::Retry));
    choices.push(choice("Cancel it", "what waits for it stays blocked", Remedy::Cancel));
    choices.push(choice(
        "Leave it as failed",
        "it keeps its place in the lane until somebody takes it up by hand or cancels it",
        Remedy::Leave,
    ));
    NewEscalation {
        context: worry.attempts.iter().take(3).map(attempt_line).collect::<Vec<_>>().join("\n"),
        choices,
        otherwise: "it stays failed, and what waits for it does not begin".into(),
        ..question(RETRIES, task, format!("{how}. What now?"))
    }
}

/// Somebody able who has not failed at it, present ones first.
fn other_worker<'a>(worry: &Worry, team: &'a [AgentRow]) -> Option<&'a AgentRow> {
    let tried = |row: &AgentRow| worry.attempts.iter().any(|attempt| attempt.agent_id == row.agent.agent_id);
    let free = able(team, &worry.task).into_iter().filter(|row| !row.agent.draining && !tried(row));
    free.min_by_key(|row| (row.status == AgentStatus::Offline, row.load_percent(), row.agent.name.clone()))
}

fn attempt_line(attempt: &Attempt) -> String {
    let failure = attempt.failure.map(|failure| format!(" ({failure})")).unwrap_or_default();
    let outcome = attempt.outcome.map_or("open", crate::domain::Outcome::as_str);
    let last = attempt.summary.as_deref().or(attempt.last_lines.last().map(String::as_str)).unwrap_or_default();
    format!("{} {outcome}{failure}: {}", attempt.started_at.format("%H:%M"), cut(last, 200))
}

/// Nobody on the team has the skill.
pub fn no_skill(unfit: &Unfit, team: &[AgentRow]) -> NewEscalation {
    let ready = unfit.ready;
    let asked: Vec<String> =
        ready.requirements.capabilities.iter().map(|(skill, level)| format!("{skill} {level}")).collect();
    let roles = ready.requirements.roles.join(" or ");
    let wanted = match (asked.is_empty(), roles.is_empty()) {
        (false, true) => asked.join(", "),
        (true, _) => format!("the role {roles}"),
        (false, false) => format!("{} in the role {roles}", asked.join(", ")),
    };
    let mut choices = Vec::new();
    let closest = team.iter().find(|row| Some(row.agent.agent_id) == unfit.closest && !row.agent.draining);
    if let Some(row) = closest {
        let remedy = Remedy::Reassign { agent_id: row.agent.agent_id };
        choices.push(choice(format!("Give it to {} all the same", row.agent.name), unfit.missing.clone(), remedy));
    }
    choices.push(choice("Let anybody do it", "drops what it asks for", Remedy::DropRequirements));
    choices.push(choice("Leave it until somebody joins", "`vayu agent add` or `vayu agent run`", Remedy::Leave));
    choices.push(choice("Cancel it", "", Remedy::Cancel));
    let recommended = choices.iter().position(|choice| choice.remedy == Remedy::Leave);
    let others = match unfit.alike {
        0 => String::new(),
        1 => ", and 1 more task that asks for the same".into(),
        n => format!(", and {n} more tasks that ask for the same"),
    };
    NewEscalation {
        kind: EscalationKind::Decision,
        task_id: Some(ready.task_id),
        topic: NO_SKILL.into(),
        question: format!("Nobody on the team can do this: it asks for {wanted}. What now?"),
        context: closest.map(|row| format!("Closest is {}: {}.", row.agent.name, unfit.missing)).unwrap_or_default(),
        impact: format!("holds this task{others}"),
        choices,
        recommended,
        otherwise: "it waits until somebody with the skill joins".into(),
    }
}

/// A deadline cannot be kept.
pub fn deadline(
    worry: &Worry,
    deadline: Timestamp,
    minutes: u64,
    finish: Option<Done>,
    now: Timestamp,
) -> NewEscalation {
    let when = |at: Timestamp| at.format("%a %-d %b %H:%M UTC").to_string();
    let mut choices = Vec::new();
    if let Some(finish) = finish {
        // A quarter of the remaining work as a margin, and no odd minutes.
        let wanted = (finish.likely + Duration::minutes((minutes / 4).max(15) as i64)).max(deadline).max(now);
        let to = wanted.duration_trunc(QUARTER).unwrap_or(wanted) + QUARTER;
        choices.push(choice(format!("Move the deadline to {}", when(to)), "", Remedy::MoveDeadline { to }));
    }
    choices.push(choice("Drop the deadline", "", Remedy::DropDeadline));
    choices.push(choice("Cancel it", "", Remedy::Cancel));
    choices.push(choice("Leave it, it may be late", "", Remedy::Leave));
    let earliest = finish.map_or("not within a year".into(), |at| format!("{} at the earliest", when(at.first)));
    let before = worry.chain.len().saturating_sub(1);
    let chain = if before > 0 { format!(" with {before} open before it") } else { String::new() };
    NewEscalation {
        context: format!("{} of work is left{chain}: {earliest}.", work(minutes)),
        choices,
        otherwise: "work goes on and is late".into(),
        ..question(DEADLINE, &worry.task, format!("It cannot be done by {}. What now?", when(deadline)))
    }
}

/// The same thing stands in the way again, or something that no time cures; `None` if nothing does any more.
pub fn blocked_again(worry: &Worry) -> Option<NewEscalation> {
    let task = &worry.task;
    let Blocker { reason, count, .. } = task.blocker.as_ref()?;
    let mut choices = vec![choice("It is dealt with, go on", "clears what stands in the way", Remedy::Retry)];
    if task.status == Status::Paused {
        choices.push(choice("Give it to another", "the next one who suits takes it", Remedy::Release));
    }
    choices.push(choice("Cancel it", "", Remedy::Cancel));
    choices.push(choice("Leave it blocked", "", Remedy::Leave));
    let recommended = choices.iter().position(|choice| choice.remedy == Remedy::Leave);
    let shown = cut(reason, 300);
    let text = if *count > 1 {
        format!("It is blocked for the same reason, time {count}: {shown}. What now?")
    } else {
        format!("It is blocked by something that does not pass by itself: {shown}. What now?")
    };
    let otherwise = "it stays blocked".into();
    Some(NewEscalation { choices, recommended, otherwise, ..question(BLOCKER, task, text) })
}

/// A person holds a task and has not been heard of. Their work is not taken before somebody said so.
pub fn silent_person(over: &Over) -> NewEscalation {
    let name = &over.holder;
    NewEscalation {
        kind: EscalationKind::Decision,
        task_id: Some(over.row.task_id),
        topic: SILENT.into(),
        question: format!("{name} holds it, and the lease is over. Is {name} still at it?"),
        context: String::new(),
        impact: "nobody else begins it meanwhile".into(),
        choices: vec![
            choice(format!("Yes, leave it with {name}"), "", Remedy::Leave),
            choice("No, give it to another", format!("{name} loses the claim"), Remedy::Release),
            choice("Cancel it", "", Remedy::Cancel),
        ],
        recommended: Some(0),
        otherwise: format!("it stays with {name}"),
    }
}

/// Too many workers died or could not be started: the board is halted until somebody says that it may go on.
pub fn breaker(misfires: u64, minutes: i64) -> NewEscalation {
    NewEscalation {
        kind: EscalationKind::Decision,
        task_id: None,
        topic: BREAKER.into(),
        question: format!("{misfires} workers died or could not be started within {minutes} minutes. Go on?"),
        context: "Look at what the last attempts said; `vayu log` and the transcripts tell more.".into(),
        impact: "no program gets work meanwhile".into(),
        choices: vec![
            choice("Go on", "programs get work again, and the count begins anew", Remedy::Leave),
            choice("Keep it halted", "until `halted` is taken out of the board's settings", Remedy::Leave),
        ],
        recommended: None,
        otherwise: "the board stays halted".into(),
    }
}

/// True if the human's last word about a halt was to go on.
pub fn may_go_on(history: &[Escalation]) -> bool {
    let last = history.iter().find(|ask| ask.topic == BREAKER);
    last.is_some_and(|ask| ask.state == EscalationState::Answered && ask.choice == Some(0))
}
