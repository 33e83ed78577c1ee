//! Moving about on the board, selecting, picking up and dropping cards.

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use super::state::{Grab, LaneState, Range};
use crate::domain::{Lane, TaskId};
use crate::service::{Error, Service};
use crate::store::view::{Card, LaneWindow, Page};
use crate::tui::action::Action;
use crate::tui::data::Wanted;
use crate::tui::effect::{Effect, Effects, Job};
use crate::tui::model::Model;
use crate::tui::msg::{Failure, Msg, Target};
use crate::tui::popup::prompt::{self, Purpose};
use crate::tui::update::{open_task, verbs};

/// Most cards that are selected at once.
const MOST_SELECTED: usize = 1000;
/// Windows begin at multiples of this many cards, so that a step of the cursor seldom needs a new one.
const STRIDE: usize = 16;

/// Runs an action of the board.
pub fn act(model: &mut Model, action: Action) -> Effects {
    let page = model.board.capacity(area(model)).max(1);
    match action {
        Action::Down => step(model, 1),
        Action::Up => step(model, -1),
        Action::HalfDown => step(model, page.div_ceil(2) as isize),
        Action::HalfUp => step(model, -(page.div_ceil(2) as isize)),
        Action::PageDown => step(model, page as isize),
        Action::PageUp => step(model, -(page as isize)),
        Action::First => go_to(model, 0),
        Action::Last => go_to(model, usize::MAX),
        Action::Left => go_to_lane(model, model.board.lane.saturating_sub(1)),
        Action::Right => go_to_lane(model, model.board.lane + 1),
        Action::Open => {
            if let Some(id) = model.board.card().map(|card| card.task_id) {
                open_task(model, id);
            }
        }
        Action::Peek => model.board.peek = !model.board.peek,
        Action::Density => set_density(model),
        Action::New => prompt::open(model, Purpose::NewTask(Lane::ALL[model.board.lane])),
        Action::Select => select(model),
        Action::SelectRange => select_range(model),
        Action::SelectAll => return select_all(model),
        Action::GrabCard => pick_up(model),
        Action::GrabLeft => carry(model, -1),
        Action::GrabRight => carry(model, 1),
        Action::GrabCancel => model.board.grab = None,
        Action::GrabDrop => return drop_card(model),
        _ => {}
    }
    extend_range(model)
}

fn area(model: &Model) -> Rect {
    model.areas().body
}

fn step(model: &mut Model, by: isize) {
    let at = model.board.current().index;
    go_to(model, at.saturating_add_signed(by));
}

fn go_to(model: &mut Model, index: usize) {
    let capacity = model.board.capacity(area(model));
    let lane = model.board.lane;
    model.board.lanes[lane].go_to(index, capacity);
}

fn go_to_lane(model: &mut Model, lane: usize) {
    let from = model.board.current();
    let row = from.index.saturating_sub(from.top);
    let lane = lane.min(Lane::ALL.len() - 1);
    if lane == model.board.lane {
        return;
    }
    model.board.lane = lane;
    // The eye stays on its row.
    let index = model.board.current().top + row;
    go_to(model, index);
}

fn set_density(model: &mut Model) {
    model.board.density = model.board.density.next();
    let capacity = model.board.capacity(area(model));
    model.board.lanes.iter_mut().for_each(|lane| lane.show(capacity));
    model.say(format!("{} cards", model.board.density.word()));
}

fn select(model: &mut Model) {
    let Some(id) = model.board.card().map(|card| card.task_id) else { return };
    if !model.board.selected.remove(&id) {
        model.board.selected.insert(id);
    }
    model.board.range = None;
    step(model, 1);
}

fn select_range(model: &mut Model) {
    let Some(from) = model.board.card().map(|card| card.task_id) else {
        return model.decline("No card has the cursor.");
    };
    if model.board.range.take().is_none() {
        let (lane, place) = (model.board.lane, model.board.current().index);
        model.board.range = Some(Range { lane, from, place, before: model.board.selected.clone() });
    }
}

/// Selects from where the range was begun to the cursor, and not what lies beyond any more.
fn extend_range(model: &mut Model) -> Effects {
    let board = &mut model.board;
    let Some(range) = board.range.as_mut().filter(|range| range.lane == board.lane) else { return Vec::new() };
    let lane = &board.lanes[board.lane];
    range.place = lane.place_of(range.from).unwrap_or(range.place);
    let (first, last) = (range.place.min(lane.index), range.place.max(lane.index));
    let before = range.before.clone();
    choose(model, first, last - first + 1, before)
}

fn select_all(model: &mut Model) -> Effects {
    let (count, before) = (model.board.current().count, model.board.selected.clone());
    choose(model, 0, count, before)
}

/// Selects a stretch of the lane besides `before`; cards that are not at hand are looked up.
fn choose(model: &mut Model, first: usize, count: usize, before: BTreeSet<TaskId>) -> Effects {
    if count > MOST_SELECTED {
        model.decline(format!("{count} cards are too many at once; at most {MOST_SELECTED} can be selected."));
        return Vec::new();
    }
    let lane = model.board.current();
    let at_hand: Vec<TaskId> =
        (first..first + count).filter_map(|index| lane.at(index)).map(|card| card.task_id).collect();
    model.board.gathering = at_hand.len() < count;
    let effects = if model.board.gathering { gather(model, first, count, before.clone()) } else { Vec::new() };
    model.board.selected = before;
    model.board.selected.extend(at_hand);
    effects
}

fn gather(model: &Model, offset: usize, limit: usize, before: BTreeSet<TaskId>) -> Effects {
    let (lane, filter) = (Lane::ALL[model.board.lane], model.board.filter.clone());
    let window = LaneWindow { lane, filter, page: Page { offset, limit } };
    let run = move |service: &mut Service| {
        let cards = service.read().window(&window, &service.now());
        let ids = cards.map(|cards| cards.iter().map(|card| card.task_id).chain(before).collect());
        Msg::Gathered(ids.map_err(|error| Error::from(error).into()))
    };
    vec![Effect::Compute(Job { name: "selection", run: Box::new(run) })]
}

/// Cards that were to be selected have been looked up, unless the selection has been given up meanwhile.
pub fn gathered(model: &mut Model, ids: Result<BTreeSet<TaskId>, Failure>) {
    if !std::mem::take(&mut model.board.gathering) {
        return;
    }
    match ids {
        Ok(ids) => model.board.selected = ids,
        Err(failure) => model.complain(failure.to_string()),
    }
}

fn pick_up(model: &mut Model) {
    model.board.grab =
        model.board.card().map(|card| card.task_id).map(|card| Grab { card, lane: model.board.lane, by_mouse: false });
}

fn carry(model: &mut Model, by: isize) {
    if let Some(grab) = &mut model.board.grab {
        grab.lane = grab.lane.saturating_add_signed(by).min(Lane::ALL.len() - 1);
    }
}

/// Drops the card that was picked up.
pub fn drop_card(model: &mut Model) -> Effects {
    match model.board.grab.take() {
        Some(Grab { card, lane, .. }) => verbs::move_cards(model, &[card], Lane::ALL[lane]),
        None => Vec::new(),
    }
}

/// The mouse pulls a card over a lane.
pub fn drag(model: &mut Model, card: TaskId, lane: usize) {
    model.board.grab = Some(Grab { card, lane, by_mouse: true });
}

/// Puts the cursor on a card that is at hand.
pub fn select_card(model: &mut Model, id: TaskId) {
    let Some((lane, index)) =
        model.board.find(id).map(|(lane, _)| lane).and_then(|lane| Some((lane, model.board.lanes[lane].place_of(id)?)))
    else {
        return;
    };
    model.board.lane = lane;
    go_to(model, index);
}

/// A click.
pub fn click(model: &mut Model, target: &Target, twice: bool) -> Effects {
    match target {
        Target::Card(id, _) => {
            select_card(model, *id);
            if twice {
                open_task(model, *id);
            }
        }
        Target::Lane(lane) => go_to_lane(model, *lane),
        _ => {}
    }
    Vec::new()
}

/// The wheel scrolls the lane under it, and leaves the cursor's lane alone.
pub fn wheel(model: &mut Model, lane: usize, down: bool) {
    let capacity = model.board.capacity(area(model));
    let lane = &mut model.board.lanes[lane];
    let most = lane.count.saturating_sub(capacity);
    lane.top = if down { (lane.top + 1).min(most) } else { lane.top.saturating_sub(1) };
    let index = lane.index.clamp(lane.top, (lane.top + capacity).saturating_sub(1).max(lane.top));
    if index != lane.index {
        let top = lane.top;
        lane.go_to(index, capacity);
        lane.top = top;
    }
}

/// The windows that can be seen, with some cards before and behind.
pub fn want(model: &Model, wanted: &mut Wanted) {
    let board = &model.board;
    wanted.filter = board.filter.clone();
    let places = board.places(area(model));
    let capacity = board.capacity(area(model));
    wanted.windows = places.lanes.iter().map(|(lane, _)| window(board, *lane, capacity)).collect();
    if places.peek.is_some() {
        wanted.task = board.card().map(|card| card.task_id);
    }
}

fn window(board: &super::State, lane: usize, capacity: usize) -> LaneWindow {
    let offset = (board.lanes[lane].top / STRIDE).saturating_sub(1) * STRIDE;
    let limit = (capacity.next_multiple_of(STRIDE)) + 3 * STRIDE;
    LaneWindow { lane: Lane::ALL[lane], filter: board.filter.clone(), page: Page { offset, limit } }
}

/// Takes windows that were read.
pub fn see(model: &mut Model, windows: Vec<(LaneWindow, Vec<Card>)>) {
    let capacity = model.board.capacity(area(model));
    for (window, cards) in windows.into_iter().filter(|(window, _)| window.filter == model.board.filter) {
        let count = model.lane_count(window.lane).unwrap_or(0) as usize;
        let lane = &mut model.board.lanes[window.lane as usize];
        lane.offset = window.page.offset;
        // Another commit may have come between counting and reading.
        lane.count = count.max(lane.offset + cards.len());
        lane.cards = cards;
        settle(lane, capacity);
        model.board.loaded = true;
    }
    forget_gone(model);
    follow(model);
}

/// The cursor stays on its card; if that has gone, on its place.
fn settle(lane: &mut LaneState, capacity: usize) {
    let place = lane.card.and_then(|id| lane.place_of(id));
    let top = lane.top;
    lane.go_to(place.unwrap_or(lane.index), capacity);
    if place.is_none() {
        lane.top = top.min(lane.count.saturating_sub(capacity));
        lane.show(capacity);
    }
}

fn forget_gone(model: &mut Model) {
    let grabbed = model.board.grab.map(|grab| grab.card);
    if grabbed.is_some_and(|id| model.board.find(id).is_none()) {
        model.board.grab = None;
    }
}

/// The cursor goes along with a card that its user has moved.
fn follow(model: &mut Model) {
    if let Some(id) = model.board.follow.filter(|id| !model.board.moving.contains_key(id)) {
        model.board.follow = None;
        select_card(model, id);
    }
}

impl super::State {
    /// Back: gives up what was begun last; false if there was nothing.
    pub fn back(&mut self) -> bool {
        if self.range.take().is_some() || !self.selected.is_empty() {
            self.selected.clear();
            self.gathering = false;
            return true;
        }
        if self.peek {
            self.peek = false;
            return true;
        }
        if self.is_filtered() {
            self.filter = crate::store::view::Filter::default();
            self.filter_text.clear();
            self.mine = false;
            return true;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrolling_keeps_the_cursor_in_sight() {
        let mut lane = LaneState { count: 100, ..LaneState::default() };
        lane.go_to(50, 10);
        assert_eq!(lane.top, 41);
        lane.go_to(45, 10);
        assert_eq!(lane.top, 41);
        lane.go_to(usize::MAX, 10);
        assert_eq!((lane.index, lane.top), (99, 90));
        lane.go_to(0, 10);
        assert_eq!((lane.index, lane.top), (0, 0));
    }
}
