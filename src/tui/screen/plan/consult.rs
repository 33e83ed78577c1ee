//! The language model beside the plan: asked when objectives were typed, taken if nothing was changed meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::News;
use super::update::save;
use crate::models::{Question, ask};
use crate::plan::breakdown::Piece;
use crate::plan::wizard::Draft;
use crate::service::env::RandomIds;
use crate::tui::effect::{Aside, Effect, Effects};
use crate::tui::model::Model;
use crate::tui::msg::Msg;
use crate::tui::words;

/// What a language model made of the objectives.
#[derive(Debug)]
pub struct Proposal {
    /// Which question was asked.
    asked: Arc<AtomicBool>,
    /// The tasks when it was asked.
    before: Vec<Piece>,
    /// The plan with its tasks; why there are none.
    after: Result<Box<Draft>, String>,
}

/// Asks the model, if one is configured; a question that is still open is given up.
pub fn begin(model: &mut Model) -> Effects {
    give_up(model);
    let state = &mut model.plan;
    let (Some(settings), Some(draft), Some(ground)) = (&model.language_model, &state.draft, &state.ground) else {
        return Vec::new();
    };
    let Some(library) = state.library.clone().filter(|_| !draft.objectives.is_empty()) else { return Vec::new() };
    let (settings, draft, ground) = (Arc::clone(settings), draft.clone(), ground.clone());
    let stop = Arc::new(AtomicBool::new(false));
    state.asking = Some(Arc::clone(&stop));
    let asked = Arc::clone(&stop);
    let said = format!("asking {} for better ones", settings.name);
    let run = move || {
        let question = Question::new(draft.objectives.clone(), &ground.agents());
        let before = draft.pieces.clone();
        let answer = ask(&settings, &question, &stop).map_err(|trouble| trouble.to_string());
        let after = answer.map(|found| {
            let mut library = (*library).clone();
            for one in found {
                library.propose(one.objective, one.book);
            }
            let text = draft.text.clone();
            let mut fresh = Draft { text: String::new(), objectives: Vec::new(), pieces: Vec::new(), ..*draft };
            fresh.set_objectives(&text, &library, &ground, &mut RandomIds);
            Box::new(fresh)
        });
        Msg::Plan(News::Proposed(Proposal { asked, before, after }))
    };
    model.say(format!("{} by playbooks, {said}", draft_tasks(model)));
    vec![Effect::Aside(Aside { name: "model", run: Box::new(run) })]
}

fn draft_tasks(model: &Model) -> String {
    let pieces = model.plan.draft.iter().flat_map(|draft| &draft.pieces);
    words::count(pieces.filter(|piece| piece.is_task()).count(), "task")
}

/// Nobody waits for the answer any more.
pub fn give_up(model: &mut Model) {
    if let Some(stop) = model.plan.asking.take() {
        stop.store(true, Ordering::Relaxed);
    }
}

/// Takes the tasks over if they were not changed meanwhile; the answer to a question that was given up is no news.
pub fn done(model: &mut Model, proposal: Proposal) -> Effects {
    let Proposal { asked, before, after } = proposal;
    if model.plan.asking.take_if(|asking| Arc::ptr_eq(asking, &asked)).is_none() {
        return Vec::new();
    }
    let unchanged = model.plan.draft.as_ref().is_some_and(|own| own.pieces == before);
    match (after, &mut model.plan.draft) {
        (Ok(draft), Some(own)) if unchanged => {
            (own.objectives, own.pieces) = (draft.objectives, draft.pieces);
            model.plan.touched = true;
            model.plan.look();
            model.say(format!("{} by the language model, yours to change in step 4", draft_tasks(model)));
            return save(model);
        }
        (Err(why), _) if unchanged => {
            model.say(format!("The language model was of no help: {why}. The tasks are by playbooks."));
        }
        _ => {}
    }
    Vec::new()
}
