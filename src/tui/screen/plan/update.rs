//! Keys, clicks and typed lines of the plan. Every change is saved as a draft.

use chrono::{Duration, NaiveDate};

use super::consult;
use super::split;
use super::state::{Care, Entry, Field, News, PlanSeen};
use crate::domain::{TaskId, Timestamp};
use crate::plan::breakdown::Library;
use crate::plan::wizard::{Draft, Outlook, Step, THOROUGH, fill, midnight};
use crate::service::env::RandomIds;
use crate::service::{Service, planning};
use crate::text;
use crate::tui::action::{Action, Scope};
use crate::tui::data::Wanted;
use crate::tui::effect::{Change, Effect, Effects, Improve, Job, Write};
use crate::tui::model::Model;
use crate::tui::msg::{Msg, Target};
use crate::tui::popup::prompt::{self, Purpose};
use crate::tui::screen::Screen;
use crate::tui::update::open_task;

/// Where keys are looked up.
pub fn scopes(_model: &Model) -> &'static [Scope] {
    &[Scope::Plan, Scope::Everywhere]
}

/// What the plan needs to see: its ground, if something has changed since it was read.
pub fn want(model: &Model, wanted: &mut Wanted) {
    wanted.plan = (!model.plan.rests(model.clock.run)).then_some(model.plan.head);
}

/// Takes what was read; what is being planned stays, but for tasks that are no longer there.
pub fn see(model: &mut Model, seen: PlanSeen) {
    let now = model.clock.run;
    let state = &mut model.plan;
    let (library, wrong) = seen.library;
    let first = state.head.is_none();
    (state.head, state.read_at) = (Some(seen.head), now);
    state.library = Some(library);
    let draft = state.draft.get_or_insert_with(|| Box::new(seen.draft.clone()));
    if !state.touched {
        **draft = Draft { step: draft.step, ..seen.draft.clone() };
    }
    draft.refresh(&seen.ground);
    let stands = **draft == seen.draft;
    state.ground = Some(Box::new(seen.ground));
    // What follows was computed for the draft as it was saved; what was typed since, or has gone, calls for another.
    if stands {
        state.take(seen.outlook);
    } else {
        state.look();
    }
    if let Some(wrong) = wrong.filter(|_| first) {
        model.complain(wrong);
    }
}

/// Runs an action of the plan.
pub fn act(model: &mut Model, action: Action) -> Effects {
    let at = model.plan.index();
    match action {
        Action::Down => model.plan.go_to(at + 1),
        Action::Up => model.plan.go_to(at.saturating_sub(1)),
        Action::HalfDown | Action::PageDown => model.plan.go_to(at + 10),
        Action::HalfUp | Action::PageUp => model.plan.go_to(at.saturating_sub(10)),
        Action::First => model.plan.go_to(0),
        Action::Last => model.plan.go_to(usize::MAX),
        Action::PlanNext | Action::Right => return step(model, Step::next),
        Action::PlanPrevious | Action::Left => return step(model, Step::previous),
        Action::PlanPick => return pick(model),
        Action::PlanEstimate => return estimate(model),
        Action::PlanFill => return fill_up(model),
        Action::PlanSplit => return split::ask(model),
        Action::PlanSort => sort(model),
        Action::PlanChanges => model.plan.shows_changes = !model.plan.shows_changes,
        Action::Open => return open(model),
        _ => {}
    }
    model.plan.look_aside();
    Vec::new()
}

/// Another order of the tasks; the cursor stays on its task.
fn sort(model: &mut Model) {
    if model.plan.step() != Step::Tasks {
        return model.decline("Tasks are sorted in step 4.");
    }
    let job = model.plan.job();
    model.plan.sort = model.plan.sort.next();
    if let Some(id) = job {
        model.plan.follow(id);
    }
}

/// Opens another step. To look is no change, so the draft is not saved for it.
fn step(model: &mut Model, go: impl FnOnce(Step) -> Step) -> Effects {
    if let Some(draft) = &mut model.plan.draft {
        draft.step = go(draft.step);
        model.plan.look();
    }
    Vec::new()
}

/// Changes the draft, computes what follows and saves it.
pub(super) fn change(model: &mut Model, change: impl FnOnce(&mut Draft)) -> Effects {
    let Some(draft) = &mut model.plan.draft else { return Vec::new() };
    change(draft);
    model.plan.touched = true;
    model.plan.look();
    save(model)
}

fn save(model: &Model) -> Effects {
    let Some(draft) = model.plan.draft.as_ref().filter(|_| !model.flags.read_only) else { return Vec::new() };
    let what = Change::Draft(planning::draft_name(&model.actor.name), Some(draft.save()));
    vec![Effect::Write(Box::new(Write::new(what, "")))]
}

fn pick(model: &mut Model) -> Effects {
    let Some(id) = model.plan.job() else {
        model.decline("Tasks are picked in step 4.");
        return Vec::new();
    };
    change(model, |draft| draft.pick(id, !draft.is_picked(id)))
}

fn estimate(model: &mut Model) -> Effects {
    match (model.plan.current(), model.plan.job()) {
        (_, Some(id)) => ask(model, Field::Size(id)),
        (Some(Entry::Type(field)), None) => ask(model, field),
        _ => model.decline("There is nothing to estimate here."),
    }
    Vec::new()
}

fn fill_up(model: &mut Model) -> Effects {
    let (Some(ground), Some(outlook)) = (model.plan.ground.clone(), &model.plan.outlook) else { return Vec::new() };
    let limit = outlook.limit;
    let mut added = 0;
    let effects = change(model, |draft| added = fill(draft, &ground, limit).len());
    match added {
        0 => model.decline("Nothing more fits that can begin."),
        added => model.say(format!("{added} picked, the most urgent first")),
    }
    effects
}

/// What Enter does: type, open, go on, or start.
fn open(model: &mut Model) -> Effects {
    match model.plan.current() {
        Some(Entry::Type(field)) => ask(model, field),
        Some(Entry::Aim(_)) => ask(model, Field::Objectives),
        Some(Entry::Job(_) | Entry::Slot(_)) => open_job(model),
        Some(Entry::Go) => return start(model),
        None => {}
    }
    Vec::new()
}

fn open_job(model: &mut Model) {
    let Some(id) = model.plan.job() else { return };
    let draft = model.plan.draft.as_ref();
    if draft.is_some_and(|draft| draft.pieces.iter().any(|piece| piece.task_id == id)) {
        model.decline("This task is written down when the sprint starts.");
    } else {
        open_task(model, id);
    }
}

/// Opens the line for a field, with what stands there.
fn ask(model: &mut Model, field: Field) {
    let Some(draft) = &model.plan.draft else { return };
    let last = draft.ends_at - Duration::microseconds(1);
    let text = match field {
        Field::Name => draft.name.clone(),
        Field::Goal => draft.goal.clone(),
        Field::Starts => draft.starts_at.format("%Y-%m-%d").to_string(),
        Field::Ends => last.format("%Y-%m-%d").to_string(),
        Field::Hours(id) => {
            draft.by_hand.get(&id).map(|minutes| format!("{}", f64::from(*minutes) / 60.0)).unwrap_or_default()
        }
        Field::Points => draft.points.map(|points| points.to_string()).unwrap_or_default(),
        Field::Objectives => draft.text.clone(),
        Field::Size(_) => String::new(),
    };
    prompt::open_with(model, Purpose::Plan(field), &text);
}

/// Takes a line that was typed for a field.
///
/// # Errors
/// What is wrong with it.
pub fn typed(model: &mut Model, field: Field, text: &str) -> Result<Effects, String> {
    let now = model.clock.wall;
    let number = |text: &str, most: f64| {
        let value = text.trim_end_matches(['p', 'h']).trim().parse::<f64>().ok().filter(|n| (0.0..=most).contains(n));
        value.ok_or(format!("A number from 0 to {most}."))
    };
    Ok(match field {
        Field::Name => change(model, |draft| text.clone_into(&mut draft.name)),
        Field::Goal => change(model, |draft| text.clone_into(&mut draft.goal)),
        Field::Starts => {
            let at = day(text, now)?;
            let at = if at == midnight(now) { now } else { at };
            change(model, |draft| draft.starts_at = at)
        }
        Field::Ends => {
            let from = model.plan.draft.as_ref().map_or(now, |draft| draft.starts_at);
            let at = last_day(text, from, now)?;
            change(model, |draft| draft.ends_at = at)
        }
        Field::Hours(id) if text.is_empty() => change(model, |draft| draft.by_hand.retain(|known, _| *known != id)),
        Field::Hours(id) => {
            let minutes = (number(text, 10_000.0)? * 60.0).round() as u32;
            change(model, |draft| _ = draft.by_hand.insert(id, minutes))
        }
        Field::Points if text.is_empty() => change(model, |draft| draft.points = None),
        Field::Points => {
            let points = number(text, 100_000.0)?;
            change(model, |draft| draft.points = Some(points))
        }
        Field::Objectives => read_objectives(model, text),
        Field::Size(id) => sized(model, id, text)?,
    })
}

fn sized(model: &mut Model, id: TaskId, text: &str) -> Result<Effects, String> {
    let (minutes, points) = prompt::size(text)?;
    Ok(change(model, |draft| draft.resize(id, minutes, points)))
}

/// A day: a date, `today`, `tomorrow`, `+3d`; its first instant.
fn day(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let wrong = || "Write 2026-12-24, today, tomorrow or +3d.".to_owned();
    let days = match text {
        "today" => Some(0),
        "tomorrow" => Some(1),
        _ => text.strip_prefix('+').and_then(|rest| rest.trim_end_matches('d').parse::<u16>().ok()).map(i64::from),
    };
    if let Some(days) = days {
        return Ok(midnight(now) + Duration::days(days));
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong())?;
    Ok(date.and_time(chrono::NaiveTime::MIN).and_utc())
}

/// The first instant after the last day; `10d` counts from the first one.
fn last_day(text: &str, from: Timestamp, now: Timestamp) -> Result<Timestamp, String> {
    let length = text.strip_suffix('d').and_then(|days| days.parse::<u16>().ok()).filter(|days| *days > 0);
    match length {
        Some(days) if !text.starts_with('+') => Ok(midnight(from) + Duration::days(i64::from(days))),
        _ => Ok(day(text, now)? + Duration::days(1)),
    }
}

/// Objectives need fresh ids for their tasks, so they are read on the worker's side.
fn read_objectives(model: &mut Model, text: &str) -> Effects {
    let state = &model.plan;
    let (Some(draft), Some(ground), Some(library)) = (&state.draft, &state.ground, &state.library) else {
        return Vec::new();
    };
    let (mut draft, ground, library) = (draft.clone(), ground.clone(), library.clone());
    let (text, keeps) = (text.to_owned(), !model.flags.read_only);
    let name = planning::draft_name(&model.actor.name);
    let run = move |service: &mut Service| {
        draft.set_objectives(&text, &library, &ground.agents(), &mut RandomIds);
        if keeps && let Err(error) = service.keep_draft(&name, Some(&draft.save())) {
            return Msg::Plan(News::Made(Err(error.into())));
        }
        Msg::Plan(News::Drafted(draft))
    };
    vec![Effect::Compute(Job { name: "objectives", run: Box::new(run) })]
}

/// Makes the plan so. While another sprint runs it is kept as planned instead.
fn start(model: &mut Model) -> Effects {
    let state = &model.plan;
    let (Some(draft), Some(ground), Some(outlook)) = (&state.draft, &state.ground, &state.outlook) else {
        return Vec::new();
    };
    if model.flags.read_only {
        model.decline("This board was opened read-only.");
        return Vec::new();
    }
    let waits = ground.active.is_some();
    let stop = outlook.stops(!waits).next().map(|stop| stop.text.clone());
    if let Some(why) = stop {
        model.decline(why);
        return Vec::new();
    }
    let (draft, library, ground) = (draft.clone(), state.library.clone(), ground.clone());
    let known = (state.care == Care::Thorough).then(|| outlook.clone());
    let said = format!("{} {}", draft.display_name(&ground), if waits { "kept as planned" } else { "started" });
    let actor = model.actor.clone();
    let run = move |service: &mut Service| {
        let outlook = known.unwrap_or_else(|| {
            let library = library.unwrap_or_else(Library::built_in);
            Box::new(Outlook::of(&draft, &ground, &library, THOROUGH))
        });
        let made = planning::commit(service, &actor, &draft, &outlook, !waits);
        Msg::Plan(News::Made(made.map(|_| said).map_err(Into::into)))
    };
    vec![Effect::Compute(Job { name: "start", run: Box::new(run) })]
}

/// Has a better schedule looked for, if there may be one and nobody looks yet.
pub fn improve(model: &mut Model) -> Option<Effect> {
    let state = &mut model.plan;
    if state.care != Care::Rough || model.screen != Screen::Plan {
        return None;
    }
    let (draft, ground, library) = (state.draft.as_deref()?, state.ground.as_deref()?, state.library.as_ref()?);
    let (draft, ground, library) = (draft.clone(), ground.clone(), library.clone());
    let improve = Improve { draft, ground, library, head: state.head? };
    state.care = Care::Improving;
    Some(Effect::Improve(Box::new(improve)))
}

/// Takes what a computation came to.
pub fn news(model: &mut Model, news: News) -> Effects {
    match news {
        News::Improved { head, draft, outlook } => {
            let state = &mut model.plan;
            state.care = Care::Rough;
            // What was changed meanwhile calls for another.
            let stands = state.head == Some(head) && state.draft.as_ref().is_some_and(|own| is_same_plan(own, &draft));
            if stands {
                state.take(*outlook);
                state.care = Care::Thorough;
            }
        }
        News::Drafted(draft) => {
            // What was picked or typed meanwhile stays: only the objectives are taken over.
            if let Some(own) = &mut model.plan.draft {
                (own.text, own.objectives, own.pieces) = (draft.text, draft.objectives, draft.pieces);
                model.plan.touched = true;
            }
            model.plan.look();
            let tasks =
                model.plan.draft.as_ref().map_or(0, |draft| draft.pieces.iter().filter(|p| p.is_task()).count());
            if tasks > 0 {
                model.say(format!("{} made, yours to change in step 4", text::count(tasks, "task")));
            }
            return consult::begin(model);
        }
        News::Proposed(proposal) => consult::done(model, proposal),
        News::Made(Ok(said)) => {
            let undo = model.keys.key_of(Action::Undo);
            model.say(format!("{said} · {undo} undo"));
            model.plan = super::State::default();
            model.screen = Screen::Board;
            model.stale = true;
        }
        News::Made(Err(failure)) | News::Split(_, Err(failure)) => model.complain(failure.to_string()),
        News::Split(whole, Ok((half, said))) => return split::done(model, whole, half, &said),
    }
    Vec::new()
}

/// Whether two drafts plan the same; which step is open makes no difference.
fn is_same_plan(own: &Draft, other: &Draft) -> bool {
    *own == Draft { step: own.step, ..other.clone() }
}

/// A click chooses, a double click opens; a click on a step opens it.
pub fn click(model: &mut Model, target: &Target, twice: bool) -> Effects {
    match target {
        Target::Entry(index) => {
            model.plan.go_to(*index);
            if twice { open(model) } else { Vec::new() }
        }
        Target::Choice(number) => {
            let chosen = Step::ALL[(*number).min(5)];
            step(model, |_| chosen)
        }
        _ => Vec::new(),
    }
}
