//! What is typed after a slash: words, `#label`, `P0` to `P3`; a leading `!` shows the rest.

use crate::domain::Priority;
use crate::store::view::Filter;
use crate::tui::model::Model;
use crate::tui::screen::Screen;

/// Filters what is up by what was typed; nothing typed: shows all.
pub fn set(model: &mut Model, text: &str) {
    match model.screen {
        Screen::Agents => {
            text.trim().clone_into(&mut model.agents.filter);
            model.agents.go_to(0);
        }
        Screen::Activity => {
            text.trim().clone_into(&mut model.activity.filter);
            model.activity.go_to(0);
        }
        _ => {
            text.clone_into(&mut model.board.filter_text);
            apply(model);
        }
    }
}

/// Whether the screen that is up can be filtered.
pub fn works(model: &Model) -> bool {
    matches!(model.screen, Screen::Board | Screen::Agents | Screen::Activity)
}

/// Makes the board's filter from what was typed and from `mine`.
pub fn apply(model: &mut Model) {
    let mut filter = parse(&model.board.filter_text);
    if model.board.mine {
        filter.agent = model.head.me;
    }
    model.board.filter = filter;
}

fn parse(text: &str) -> Filter {
    let text = text.trim();
    let (invert, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
    let mut filter = Filter { invert, ..Filter::default() };
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        let priority = Priority::ALL.iter().find(|priority| priority.label().eq_ignore_ascii_case(word));
        match (word.strip_prefix('#').filter(|tag| !tag.is_empty()), priority) {
            (Some(tag), _) if !tag.chars().all(|c| c.is_ascii_digit()) => filter.tags.push(tag.to_owned()),
            (_, Some(priority)) => filter.priorities.push(*priority),
            // One letter says too little: most of a board begins some word with it.
            _ if word.len() == 1 && word.is_ascii() => {}
            _ => words.push(word),
        }
    }
    filter.text = words.join(" ");
    let empty = Filter { invert, ..Filter::default() };
    if filter == empty { Filter::default() } else { filter }
}

/// The filter of the screen that is up, for the header.
pub fn shown(model: &Model) -> Option<String> {
    let text = match model.screen {
        Screen::Agents => model.agents.filter.clone(),
        Screen::Activity => model.activity.filter.clone(),
        Screen::Board => {
            let mine = if model.board.mine { "mine " } else { "" };
            format!("{mine}{}", model.board.filter_text.trim())
        }
        _ => String::new(),
    };
    (!text.trim().is_empty()).then_some(text)
}

/// `, 31 hidden`, when the filter hides cards.
pub fn hidden_note(model: &Model) -> String {
    let hidden = model
        .head
        .summary
        .iter()
        .flat_map(|summary| &summary.lanes)
        .map(|lane| lane.total - lane.count.min(lane.total));
    if model.head.summary.as_ref().is_some_and(|summary| summary.more) {
        return " · the newest of those that match".into();
    }
    match hidden.sum::<u64>() {
        0 => String::new(),
        hidden => format!(" · {hidden} hidden"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_labels_and_priorities_are_told_apart() {
        let filter = parse("refund p0 #api");
        assert_eq!(filter.text, "refund");
        assert_eq!(filter.priorities, [Priority::Critical]);
        assert_eq!(filter.tags, ["api"]);
        assert!(parse("!refund").invert);
        assert_eq!(parse("s").text, "");
        assert_eq!(parse("  "), Filter::default());
        assert_eq!(parse("!"), Filter::default());
        assert_eq!(parse("#12").text, "#12");
    }
}
