//! Keys, clicks and typed lines of the plan. Every change is saved as a draft.

use std::sync::Arc;

use super::consult;
use super::split;
use super::state::{Care, Entry, Field, Filling, News, PlanSeen, State};
use super::typing::ask;
use super::view;
use crate::domain::sprint::Allotment;
use crate::domain::{AgentId, TaskId};
use crate::plan::prospect::Promise;
use crate::plan::wizard::{self, Draft, Ground, Outlook, Step, THOROUGH};
use crate::service::env::RandomIds;
use crate::service::{Service, planning};
use crate::tui::action::{Action, Scope};
use crate::tui::data::Wanted;
use crate::tui::effect::{Change, Effect, Effects, Improve, Job, Look, Planned, Write};
use crate::tui::model::Model;
use crate::tui::msg::{Failure, Msg, Target};
use crate::tui::screen::Screen;
use crate::tui::update::open_task;
use crate::tui::words;

/// Tasks that are named; the others are counted.
const NAMED: usize = 3;

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
    let (mut library, wrong) = seen.library;
    let first = state.head.is_none();
    (state.head, state.read_at) = (Some(seen.head), now);
    if let Some(known) = state.library.as_ref().filter(|_| !seen.learned) {
        library.remember(known);
    }
    state.library = Some(Arc::new(library));
    let draft = state.draft.get_or_insert_with(|| Box::new(seen.draft.clone()));
    if !state.touched {
        **draft = Draft { step: draft.step, ..seen.draft.clone() };
    }
    let gone = draft.refresh(&seen.ground);
    let stands = **draft == seen.draft;
    let before = state.ground.replace(Arc::new(seen.ground));
    // What follows was computed for the draft as it was saved; what was typed since, or has gone, calls for another.
    state.take(seen.outlook, Care::Quick);
    if !stands {
        state.look();
    }
    if let Some(wrong) = wrong.filter(|_| first) {
        model.complain(wrong);
    }
    // What somebody has just done themselves is said already.
    let quiet = model.toast.is_none();
    if let Some(said) = before.filter(|_| quiet).and_then(|before| left(&before, &gone)) {
        model.say(said);
    }
}

/// What others have taken out of the plan: tasks that were begun, finished, put away or planned elsewhere meanwhile.
fn left(before: &Ground, gone: &[TaskId]) -> Option<String> {
    let number = |id: &TaskId| before.offers.iter().find(|offer| offer.task_id == *id).map(|offer| offer.number);
    let names: Vec<String> = gone.iter().filter_map(number).map(|number| number.to_string()).collect();
    let verb = if gone.len() == 1 { "has" } else { "have" };
    (!names.is_empty()).then(|| {
        format!("{} {verb} left the plan: others have begun or moved what they are about", words::listed(&names, NAMED))
    })
}

/// Runs an action of the plan.
pub fn act(model: &mut Model, action: Action) -> Effects {
    // Why the key before did nothing is no news any more.
    model.toast.take_if(|toast| !toast.good && toast.until.is_some());
    if model.plan.step() == Step::Start
        && let Some(by) = lines(action)
    {
        let most = view::hidden(model);
        model.plan.scroll = model.plan.scroll.min(most).saturating_add_signed(by).min(most);
        return Vec::new();
    }
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
        Action::PlanStretch => return stretch(model),
        Action::PlanEstimate => return estimate(model),
        Action::PlanFill => fill_up(model),
        Action::PlanPromise => return promise(model),
        Action::PlanSplit => return split::ask(model),
        Action::PlanSort => sort(model),
        Action::PlanChanges => model.plan.shows_changes = !model.plan.shows_changes,
        Action::Open => return open(model),
        _ => {}
    }
    Vec::new()
}

/// By how many lines an action scrolls a text.
fn lines(action: Action) -> Option<isize> {
    match action {
        Action::Down => Some(1),
        Action::Up => Some(-1),
        Action::HalfDown | Action::PageDown => Some(10),
        Action::HalfUp | Action::PageUp => Some(-10),
        Action::First => Some(isize::MIN),
        Action::Last => Some(isize::MAX),
        _ => None,
    }
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

/// Opens another step. To look is no change, so nothing is computed or saved for it.
fn step(model: &mut Model, go: impl FnOnce(Step) -> Step) -> Effects {
    if let Some(draft) = &mut model.plan.draft {
        draft.step = go(draft.step);
    }
    model.plan.scroll = 0;
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

pub(super) fn save(model: &Model) -> Effects {
    let Some(draft) = model.plan.draft.as_ref().filter(|_| !model.flags.read_only) else { return Vec::new() };
    let what = Change::Draft(planning::draft_name(&model.actor.name), Some(draft.save()));
    vec![Effect::Write(Box::new(Write::new(what, "")))]
}

fn pick(model: &mut Model) -> Effects {
    if let Some(Entry::Type(Field::Hours(id))) = model.plan.current() {
        return take_part(model, id);
    }
    let Some(id) = model.plan.job() else {
        model.decline("Tasks are picked in step 4.");
        return Vec::new();
    };
    change(model, |draft| draft.pick(id, !draft.is_picked(id)))
}

/// Takes somebody out of the sprint, or in again.
fn take_part(model: &mut Model, id: AgentId) -> Effects {
    change(model, |draft| {
        if draft.by_hand.remove(&id) != Some(Allotment::NONE) {
            draft.by_hand.insert(id, Allotment::NONE);
        }
    })
}

/// Commits to a task, or does it only if there is time.
fn stretch(model: &mut Model) -> Effects {
    let Some(id) = model.plan.job() else {
        model.decline("What is done if there is time is marked in step 4.");
        return Vec::new();
    };
    change(model, |draft| draft.commit_to(id, draft.stretch.contains(&id)))
}

fn estimate(model: &mut Model) -> Effects {
    match (model.plan.current(), model.plan.job()) {
        (_, Some(id)) => ask(model, Field::Size(id)),
        (Some(Entry::Type(field)), None) => ask(model, field),
        _ => model.decline("There is nothing to estimate here."),
    }
    Vec::new()
}

/// Has the scheduler look for what adds the most; it is picked when that is found.
fn fill_up(model: &mut Model) {
    if model.plan.draft.is_some() && model.plan.filling == Filling::Idle {
        model.plan.filling = Filling::Wanted;
    }
}

/// Picks what was found to add the most.
fn filled(model: &mut Model, added: &[TaskId]) -> Effects {
    // Whatever else was asked for came to nothing: the plan will be another one.
    (model.plan.filling, model.plan.care, model.plan.asked) = (Filling::Idle, Care::Rough, None);
    let offered = |id: &&TaskId| model.plan.outlook.as_ref().is_some_and(|outlook| outlook.job(**id).is_some());
    let added: Vec<TaskId> = added.iter().filter(offered).copied().collect();
    if added.is_empty() {
        model.decline("Nothing more fits that can begin.");
        return Vec::new();
    }
    let effects = change(model, |draft| added.iter().for_each(|id| draft.pick(*id, true)));
    model.say(format!("{} picked: what is worth most and fits", added.len()));
    effects
}

/// Has it looked for how much of the plan is done in time with a good chance.
fn promise(model: &mut Model) -> Effects {
    let state = &model.plan;
    let (Some(draft), Some(ground), Some(outlook)) = (&state.draft, &state.ground, &state.outlook) else {
        return Vec::new();
    };
    if !outlook.jobs.iter().any(wizard::Job::is_committed) {
        model.decline("Nothing is picked yet: x picks a task, A fills the sprint.");
        return Vec::new();
    }
    let planned = (Draft::clone(draft), Arc::clone(ground));
    model.say("Playing the plan out to see what of it holds …");
    vec![Effect::Foretell(Look::Promise(Box::new(planned)))]
}

/// Leaves to chance what was found not to hold.
fn promised(model: &mut Model, draft: &Draft, found: Result<Promise, Failure>) -> Effects {
    let stands = model.plan.draft.as_ref().is_some_and(|own| is_same_plan(own, draft));
    match found {
        Err(failure) => model.complain(failure.to_string()),
        // What was changed meanwhile calls for another look, if anybody wants it.
        Ok(_) if !stands => model.decline("The plan was changed meanwhile: promise again what holds."),
        Ok(found) if found.kept + found.stretch.len() == 0 => model.decline("None of it can be done as it is."),
        Ok(found) if found.kept == 0 => {
            model.decline("None of it holds with 80 %: make it smaller, or the sprint longer.");
        }
        Ok(found) if found.stretch.is_empty() && found.hopeless > 0 => {
            let out = words::count(found.hopeless, "task");
            model.say(format!("What can be done holds with 80 %; {out} cannot be done as it is"));
        }
        Ok(found) if found.stretch.is_empty() => model.say("All that is promised holds: 80 % or more."),
        Ok(found) => {
            let all = found.kept + found.stretch.len();
            let effects = change(model, |draft| found.stretch.iter().for_each(|id| draft.commit_to(*id, false)));
            model.say(format!("{} of {} promised, the others if there is time", found.kept, words::count(all, "task")));
            return effects;
        }
    }
    Vec::new()
}

/// What Enter does: type, open, go on, or start.
fn open(model: &mut Model) -> Effects {
    match model.plan.current() {
        Some(Entry::Type(field)) => ask(model, field),
        Some(Entry::Aim(_)) => ask(model, Field::Objectives),
        Some(Entry::Job(_) | Entry::Slot(_) | Entry::Out(_)) => open_job(model),
        Some(Entry::Go) => return start(model),
        None => {}
    }
    Vec::new()
}

fn open_job(model: &mut Model) {
    let Some(id) = model.plan.job() else { return };
    let draft = model.plan.draft.as_ref();
    if draft.is_some_and(|draft| draft.pieces.iter().any(|piece| piece.task_id == id)) {
        ask(model, Field::Title(id));
    } else {
        open_task(model, id);
    }
}

/// Objectives need fresh ids for their tasks, so they are read on the worker's side.
pub(super) fn read_objectives(model: &mut Model, text: &str) -> Effects {
    let state = &model.plan;
    let (Some(draft), Some(ground), Some(library)) = (&state.draft, &state.ground, &state.library) else {
        return Vec::new();
    };
    let (mut draft, ground, library) = (draft.clone(), ground.clone(), library.clone());
    let (text, keeps) = (text.to_owned(), !model.flags.read_only);
    let name = planning::draft_name(&model.actor.name);
    let run = move |service: &mut Service| {
        draft.set_objectives(&text, &library, &ground, &mut RandomIds);
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
    let (draft, ground) = (draft.clone(), ground.clone());
    let known = (state.care == Care::Thorough).then(|| outlook.clone());
    let said = format!("{} {}", draft.display_name(&ground), if waits { "kept as planned" } else { "started" });
    let actor = model.actor.clone();
    let run = move |service: &mut Service| {
        let outlook = known.unwrap_or_else(|| Box::new(Outlook::of(&draft, &ground, THOROUGH)));
        let made = planning::commit(service, &actor, &draft, &outlook, !waits);
        Msg::Plan(News::Made(made.map(|_| said).map_err(Into::into)))
    };
    vec![Effect::Compute(Job { name: "start", run: Box::new(run) })]
}

/// Has the planner look for what takes longer than a key may, if something is missing and nobody looks for it yet.
pub fn improve(model: &mut Model) -> Option<Effect> {
    let state = &mut model.plan;
    if model.screen != Screen::Plan {
        return None;
    }
    let (draft, ground) = (state.draft.as_deref()?, state.ground.as_ref()?);
    let limit = state.outlook.as_ref()?.limit;
    let fill = (state.filling == Filling::Wanted).then_some(limit);
    let (aside, better, quick) = (state.question(), state.care < Care::Improving, state.care == Care::Rough);
    if fill.is_none() && aside.is_none() && !better {
        return None;
    }
    let (draft, ground, head) = (draft.clone(), Arc::clone(ground), state.head?);
    if fill.is_some() {
        // The plan will be another one.
        state.filling = Filling::Asked;
    } else {
        state.asked = aside.or(state.asked);
        state.care = if better { Care::Improving } else { state.care };
    }
    Some(Effect::Improve(Box::new(Improve { draft, ground, head, fill, aside, quick, better })))
}

/// Has it looked at how the plan would probably end, unless that is known.
fn foretell(state: &State) -> Effects {
    let (None, Some(draft), Some(ground), Some(outlook)) =
        (&state.prospect, &state.draft, &state.ground, &state.outlook)
    else {
        return Vec::new();
    };
    let (draft, ground, outlook) = (Draft::clone(draft), Arc::clone(ground), Outlook::clone(outlook));
    vec![Effect::Foretell(Look::Draft(Box::new(Planned { draft, ground, outlook })))]
}

/// Takes what a computation came to.
pub fn news(model: &mut Model, news: News) -> Effects {
    match news {
        News::Filled(added) => return filled(model, &added),
        News::Aside(aside) => {
            // What was changed meanwhile has asked for another.
            if model.plan.asked == Some(aside.task_id) {
                model.plan.aside = Some(aside);
            }
        }
        News::Planned { head, draft, outlook, care } => {
            let state = &mut model.plan;
            // What was changed meanwhile has called for another.
            let stands = state.head == Some(head) && state.draft.as_ref().is_some_and(|own| is_same_plan(own, &draft));
            // A plan that is begun again because of another question is none the worse for it.
            if stands && care >= state.care {
                state.outlook = Some(outlook);
                // The same plan with advice ends as it would without.
                if care > std::mem::replace(&mut state.care, care) && care == Care::Thorough {
                    return foretell(state);
                }
            }
        }
        News::Foretold { draft, prospect } => {
            let state = &mut model.plan;
            if state.draft.as_ref().is_some_and(|own| is_same_plan(own, &draft)) {
                state.prospect = prospect;
            }
        }
        News::Promised { draft, found } => return promised(model, &draft, found),
        News::Drafted(draft) => {
            // What was picked or typed meanwhile stays: only the objectives are taken over.
            if let Some(own) = &mut model.plan.draft {
                (own.text, own.limits) = (draft.text, draft.limits);
                (own.objectives, own.pieces) = (draft.objectives, draft.pieces);
                model.plan.touched = true;
            }
            model.plan.look();
            let tasks =
                model.plan.draft.as_ref().map_or(0, |draft| draft.pieces.iter().filter(|p| p.is_task()).count());
            if tasks > 0 {
                model.say(format!("{} made, yours to change in step 4", words::count(tasks, "task")));
            }
            return consult::begin(model);
        }
        News::Proposed(proposal) => return consult::done(model, proposal),
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
