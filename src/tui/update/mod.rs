//! What a message does to the model. Pure: no IO, no clock, no waiting; what is to be done outside comes back as
//! effects.

mod everywhere;
pub mod filter;
pub mod fuzzy;
mod keys;
mod mouse;
pub mod verbs;
pub mod writing;

use std::time::Duration;

use crate::domain::{Command, EscalationId, Event as Happened, Rejection, TaskId};
use crate::service::Done;
use crate::store::view::EscalationRow;

use super::action::{Action, Scope};
use super::data::Seen;
use super::effect::{Change, Effect, Effects, Write};
use super::model::Model;
use super::msg::{Clock, Failure, Msg};
use super::popup::{answer, confirm, forecast, retro};
use super::screen::{self, task};
use super::terminal::{Event, Input, Reply};
use super::text;

pub use everywhere::available;

/// Handles a message at a time.
pub fn update(model: &mut Model, clock: Clock, msg: Msg) -> Effects {
    model.clock = clock;
    let mut effects = handle(model, msg);
    // Answers on their way must not wait for as long as another program has the terminal.
    if effects.iter().any(|effect| matches!(effect, Effect::Edit(_) | Effect::Suspend)) {
        effects.splice(..0, answer::send_due(model, true));
    }
    effects.extend(pass_time(model));
    effects.extend(screen::plan::improve(model));
    if !model.is_typing() {
        let asked = model.open_asks().next().is_some();
        model.strip = asked;
    }
    effects
}

fn handle(model: &mut Model, msg: Msg) -> Effects {
    match msg {
        Msg::Terminal(event) => terminal(model, event),
        Msg::Size(width, height) => {
            model.size = (width, height);
            Vec::new()
        }
        Msg::Tick => Vec::new(),
        Msg::Changed => {
            model.stale = true;
            Vec::new()
        }
        Msg::Seen(Ok(seen)) => see(model, *seen),
        Msg::Seen(Err(failure)) => {
            model.head.trouble = Some(failure.to_string());
            Vec::new()
        }
        Msg::Done(write, Ok(done)) => finished(model, &write, &done),
        Msg::Told(Ok(said)) => {
            model.say(said);
            Vec::new()
        }
        Msg::Told(Err(failure)) => {
            model.complain(failure.to_string());
            Vec::new()
        }
        Msg::Done(write, Err(failure)) => refused(model, *write, &failure),
        Msg::Edited(writing, ended) => writing::edited(model, *writing, ended),
        Msg::Texted(writing, done) => writing::sent(model, *writing, done),
        Msg::Gathered(ids) => {
            screen::board::gathered(model, ids);
            Vec::new()
        }
        Msg::Plan(news) => screen::plan::news(model, news),
        Msg::Retro(found) => {
            retro::see(model, found);
            Vec::new()
        }
        Msg::Foretold { advises, found } => forecast::see(model, advises, found),
        Msg::Broken(what) => {
            model.complain(what);
            vec![Effect::Quit]
        }
    }
}

/// Takes what was read. Somebody new who asks rings once, but never before the first look.
fn see(model: &mut Model, seen: Seen) -> Effects {
    let first = model.head.summary.is_none();
    let known: Vec<EscalationId> = model.head.asks.iter().map(|row| row.escalation.escalation_id).collect();
    let before = model.open_asks().count();
    screen::see(model, seen);
    let new = |row: &EscalationRow| !first && !known.contains(&row.escalation.escalation_id);
    let loud = |row: &EscalationRow| !model.focus.0 || row.holds_tasks > 0;
    let ring = model.open_asks().find(|row| new(row) && loud(row)).map(|row| {
        let who = text::clip(&row.escalation.asked_by, 30);
        Effect::Ring(format!("{} {who}: {}", row.label, text::clip(&row.escalation.question, 120)))
    });
    let after = model.open_asks().count();
    let title = (first || before != after).then_some(Effect::Title(after));
    ring.into_iter().chain(title).collect()
}

fn terminal(model: &mut Model, event: Event) -> Effects {
    match event {
        Event::Input(Input::Key(key, told)) => keys::key(model, key, told),
        Event::Input(Input::Mouse(mouse)) => mouse::mouse(model, mouse),
        Event::Input(Input::Paste(text)) => keys::paste(model, &text),
        Event::Input(Input::Focus(focused)) => {
            model.focus = (focused, model.clock.run);
            Vec::new()
        }
        Event::Input(Input::Reply(reply)) => replied(model, reply),
        Event::Resized => Vec::new(),
        Event::Suspend => vec![Effect::Suspend],
        Event::Continued => vec![Effect::Resume],
        Event::Ended | Event::Gone => quit(model),
    }
}

fn replied(model: &mut Model, reply: Reply) -> Effects {
    match reply {
        Reply::Background(colour) => {
            model.looks.wardrobe.set_background(colour);
            model.looks.theme = model.looks.wardrobe.theme();
            Vec::new()
        }
        // The answer to a line character written in the first column: where it ends tells its width. What comes after
        // all answers is a function key that looks the same.
        Reply::Cursor(2.., _) if !model.head.met && model.looks.charset == super::glyph::Charset::Unicode => {
            model.looks.charset = super::glyph::Charset::Wide;
            vec![Effect::Redraw]
        }
        Reply::Kitty => vec![Effect::Kitty],
        Reply::Dark(_) => vec![Effect::Say("\x1b]11;?\x1b\\".into())],
        Reply::End => {
            model.head.met = true;
            Vec::new()
        }
        Reply::Cursor(..) | Reply::Foreground(_) => Vec::new(),
    }
}

/// Does what time alone brings about.
fn pass_time(model: &mut Model) -> Effects {
    let now = model.clock.run;
    if model.toast.as_ref().is_some_and(|toast| toast.until.is_some_and(|until| until <= now)) {
        model.toast = None;
    }
    if now >= model.looked + super::model::LOOK_AGAIN {
        model.stale = true;
    }
    if model.stale {
        model.looked = now;
    }
    answer::send_due(model, false)
}

/// Ends; answers on their way are sent first.
pub fn quit(model: &mut Model) -> Effects {
    let mut effects = answer::send_due(model, true);
    effects.push(Effect::Quit);
    effects
}

/// Runs an action, or says why it cannot be done here.
pub fn run(model: &mut Model, action: Action) -> Effects {
    if let Err(why) = available(model, action) {
        model.decline(why);
        return Vec::new();
    }
    if !matches!(action, Action::Quit | Action::Cancel) {
        model.quit_asked = false;
    }
    match action.entry().scope {
        Scope::Everywhere => everywhere::act(model, action),
        Scope::Card => verbs::act(model, action),
        Scope::Answer => answer::act(model, action),
        _ => screen::act(model, action),
    }
}

/// Opens a task over the screen that is up.
pub fn open_task(model: &mut Model, id: TaskId) {
    model.popups.clear();
    if model.task.as_ref().is_none_or(|task| task.id != id) {
        model.task = Some(task::State::new(id));
    }
}

/// Makes a change of commands, and says what was done when it is.
pub fn submit(model: &mut Model, commands: Vec<Command>, said: impl Into<String>) -> Effects {
    change(model, Change::Commands(commands), said)
}

/// Makes a change, and says what was done when it is.
pub fn change(model: &mut Model, what: Change, said: impl Into<String>) -> Effects {
    write(model, Write::new(what, said))
}

/// Makes a change, unless nothing may be changed.
pub fn write(model: &mut Model, write: Write) -> Effects {
    if model.flags.read_only {
        model.decline("This board was opened read-only.");
        return Vec::new();
    }
    vec![Effect::Write(Box::new(write))]
}

fn finished(model: &mut Model, write: &Write, done: &Done) -> Effects {
    model.stale = true;
    forget_moving(model, write);
    forget_selected(model, write);
    forget_typed(model, write);
    model.board.follow = write.follow.or(created(write, done)).or(reversed(write, done)).or(model.board.follow);
    if done.change.is_none() && !matches!(write.what, Change::Draft(..)) {
        model.decline("Nothing had to change.");
        return Vec::new();
    }
    let undo = model.keys.key_of(Action::Undo);
    match &write.what {
        Change::Draft(..) => {}
        Change::Undo | Change::UndoThis(_) => {
            let redo = model.keys.key_of(Action::Redo);
            model.say(format!("{} · {redo} does it again", write.said));
        }
        _ => model.say(format!("{} · {undo} undo", outcome(model, write, done))),
    }
    Vec::new()
}

/// The cursor goes to a card that was just written down.
fn created(write: &Write, done: &Done) -> Option<TaskId> {
    let Change::Commands(commands) = &write.what else { return None };
    matches!(commands.as_slice(), [Command::CreateTask(_)]).then(|| done.task()).flatten()
}

/// The cursor goes along with a card that goes back to where it was, so that the next key means the same card.
fn reversed(write: &Write, done: &Done) -> Option<TaskId> {
    matches!(write.what, Change::Undo | Change::Redo).then(|| done.task()).flatten()
}

/// What was done, which may be other than what was wanted.
fn outcome(model: &Model, write: &Write, done: &Done) -> String {
    let other = waiting(done).or_else(|| verbs::beyond(model, &write.what, done));
    other.unwrap_or_else(|| write.said.clone())
}

/// A card that was moved into a full lane waits, and that is what must be said.
fn waiting(done: &Done) -> Option<String> {
    done.events.iter().find_map(|event| match event {
        Happened::AdmissionQueued { admission, .. } => {
            Some(format!("{} is full: the card waits for room", admission.lane.title()))
        }
        _ => None,
    })
}

fn refused(model: &mut Model, write: Write, failure: &Failure) -> Effects {
    model.stale = true;
    forget_moving(model, &write);
    let kept = keep_typed(model, &write);
    let Some((why, what)) = held(failure).zip(verbs::by_force(&write.what)) else {
        let kept = if kept { " · What you typed is kept" } else { "" };
        model.complain(format!("{failure}{kept}"));
        return Vec::new();
    };
    // The next key was meant for what is being done there.
    if model.is_typing() || !model.popups.is_empty() || !model.pressed.0.is_empty() {
        model.complain(format!("{why}; do it again to take it away"));
    } else {
        confirm::open_late(model, format!("{why}. Take it away?"), Write { what, ..write });
    }
    Vec::new()
}

/// In words, if it was refused because somebody else has the card.
fn held(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Rejected(Rejection::Held { number, holder, .. }) => Some(format!("{number} is held by {holder}")),
        Failure::Rejected(Rejection::Fenced { number, why }) => {
            // What follows the semicolon tells how to do it on the command line.
            Some(format!("{number}: {}", why.split(';').next().unwrap_or(why)))
        }
        _ => None,
    }
}

/// Keeps what was typed for a change that was refused, to be offered by the next prompt of its kind.
fn keep_typed(model: &mut Model, write: &Write) -> bool {
    let Some((purpose, text)) = write.typed.clone().filter(|(_, text)| !text.trim().is_empty()) else { return false };
    model.drafts.insert(purpose, text);
    true
}

fn forget_typed(model: &mut Model, write: &Write) {
    if let Some((purpose, text)) = &write.typed
        && model.drafts.get(purpose) == Some(text)
    {
        model.drafts.remove(purpose);
    }
}

/// What was selected and is changed is not selected any more.
fn forget_selected(model: &mut Model, write: &Write) {
    let Change::Commands(commands) = &write.what else { return };
    for id in commands.iter().filter_map(verbs::about) {
        if model.board.selected.remove(&id) {
            model.board.range = None;
        }
    }
}

fn forget_moving(model: &mut Model, write: &Write) {
    if let Change::Commands(commands) = &write.what {
        for id in commands.iter().filter_map(verbs::moved) {
            model.board.moving.remove(&id);
        }
    }
}

/// How long until something happens by itself.
pub fn patience(model: &Model, now: Duration) -> Duration {
    model.deadline().saturating_sub(now)
}
