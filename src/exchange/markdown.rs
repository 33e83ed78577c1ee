//! Markdown check lists: headings hold tasks together, check boxes are tasks, nested boxes are parts of them.
//!
//! Plain text and plain bullets below something describe it; what stands below `Acceptance:` (or `Done when:`) are its
//! criteria. A title may carry `#tag`, `@agent`, `!high`, `~2h`, `(3p)`, `due:2024-01-31`, `after:^id` and `^id`.

mod line;
mod mark;
mod slip;

pub use line::guard;
pub use mark::escape;

use std::collections::HashMap;
use std::io::BufRead;

use super::incoming::{Batch, Incoming, State};
use super::source::{self, ReadError};
use super::{Kind, text};
use line::{Bullet, Line};

/// Reads a Markdown file.
///
/// # Errors
/// When the stream fails.
pub fn read(name: &str, input: impl BufRead) -> Result<Batch, ReadError> {
    let mut outline = Outline { name, ..Outline::default() };
    let mut fence = None;
    source::each_line(name, input, |number, line| match line {
        Err(reason) => outline.batch_skips.push((number, reason)),
        Ok(line) if line::in_fence(&mut fence, line) => outline.describe(number, usize::MAX, line),
        Ok(line) => outline.take(number, line),
    })?;
    Ok(outline.finish())
}

/// A heading or box, and whether it is one that comes in.
struct Node {
    task: Incoming,
    /// Headings come in only when something below them does.
    wanted: bool,
    parent: Option<usize>,
    /// Lines that describe it, with their numbers: gaps between them are blank.
    text: Vec<(usize, String)>,
}

/// What a line further in belongs to.
#[derive(Clone, Copy)]
enum Below {
    /// A task of its own.
    Node(usize),
    /// The list of criteria of a task.
    Criteria(Option<usize>),
}

#[derive(Default)]
struct Outline<'a> {
    name: &'a str,
    nodes: Vec<Node>,
    /// Open headings: their depth, and what stands below them.
    headings: Vec<(usize, Below)>,
    /// Open bullets: their indent, and what stands below them.
    bullets: Vec<(usize, Below)>,
    /// How often a key has been given out.
    keys: HashMap<String, u32>,
    batch_skips: Vec<(usize, String)>,
}

impl Outline<'_> {
    fn take(&mut self, number: usize, text: &str) {
        match Line::of(text) {
            Line::Heading { depth, title } => self.heading(number, depth, title),
            Line::Bullet(bullet) => self.bullet(number, &bullet, text),
            Line::Text { indent } => {
                if indent == 0 {
                    self.bullets.clear();
                }
                self.describe(number, indent, text);
            }
        }
    }

    fn heading(&mut self, number: usize, depth: usize, title: &str) {
        self.bullets.clear();
        self.headings.retain(|(open, _)| *open < depth);
        let below = match line::criteria_label(title) {
            Some(_) => Below::Criteria(self.heading_node()),
            None => Below::Node(self.add(number, title, State::Open, self.heading_node(), false)),
        };
        self.headings.push((depth, below));
    }

    fn bullet(&mut self, number: usize, bullet: &Bullet, line: &str) {
        self.bullets.retain(|(indent, _)| *indent < bullet.indent);
        let above = self.bullets.last().or(self.headings.last()).map(|(_, below)| *below);
        if let Some(Below::Criteria(owner)) = above {
            return self.criterion(owner, bullet);
        }
        let owner = self.bullet_node().or(self.heading_node());
        if let Some(rest) = line::criteria_label(bullet.text) {
            self.bullets.push((bullet.indent, Below::Criteria(owner)));
            rest.split(';').for_each(|part| self.criterion(owner, &Bullet { text: part.trim(), ..*bullet }));
            return;
        }
        match bullet.mark {
            None => self.describe(number, bullet.indent, line),
            Some(_) if bullet.text.trim().is_empty() => {
                self.batch_skips.push((number, "a check box without text".into()));
            }
            Some(state) => {
                let node = self.add(number, bullet.text, state, owner, true);
                self.bullets.push((bullet.indent, Below::Node(node)));
            }
        }
    }

    fn heading_node(&self) -> Option<usize> {
        self.headings.iter().rev().find_map(|(_, below)| match below {
            Below::Node(node) => Some(*node),
            Below::Criteria(_) => None,
        })
    }

    fn bullet_node(&self) -> Option<usize> {
        self.bullets.iter().rev().find_map(|(_, below)| match below {
            Below::Node(node) => Some(*node),
            Below::Criteria(_) => None,
        })
    }

    fn criterion(&mut self, owner: Option<usize>, bullet: &Bullet) {
        let (Some(owner), false) = (owner, bullet.text.trim().is_empty()) else { return };
        let met = bullet.mark == Some(State::Done);
        let criterion = crate::domain::task::Criterion { text: bullet.text.trim().to_owned(), met };
        self.nodes[owner].task.fields.acceptance.push(criterion);
        self.want(Some(owner));
    }

    /// Text further in than a box describes the box, other text the heading.
    fn describe(&mut self, number: usize, indent: usize, line: &str) {
        let open = self.bullets.iter().rev().find(|(at, _)| *at < indent).or(self.headings.last());
        if let Some((_, Below::Node(node))) = open.copied() {
            let text = &mut self.nodes[node].text;
            if text.last().is_some_and(|(last, _)| last + 1 < number) {
                text.push((number - 1, String::new()));
            }
            text.push((number, line::unguard(line.trim_end())));
        }
    }

    fn add(&mut self, number: usize, title: &str, state: State, parent: Option<usize>, wanted: bool) -> usize {
        let mut task = Incoming::new(String::new(), number, String::new());
        task.fields.state = state;
        mark::read(&mut task, title, self.name);
        if task.key.is_empty() {
            task.key = self.key(&task.fields.title, parent);
        }
        task.parent_named = true;
        self.nodes.push(Node { task, wanted: false, parent, text: Vec::new() });
        let node = self.nodes.len() - 1;
        if wanted {
            self.want(Some(node));
        }
        node
    }

    /// The first of several equal titles is known by the title alone, others by their place as well.
    fn key(&mut self, title: &str, parent: Option<usize>) -> String {
        let plain = format!("{}:{}", self.name, title.to_lowercase());
        let within =
            parent.map(|parent| format!("{} in {}", plain, self.nodes[parent].task.fields.title.to_lowercase()));
        for key in [Some(plain.clone()), within].into_iter().flatten() {
            if self.keys.insert(key.clone(), 1).is_none() {
                return key;
            }
        }
        let count = self.keys.entry(plain.clone()).or_default();
        *count += 1;
        format!("{plain} ~{count}")
    }

    /// A node comes in together with everything above it.
    fn want(&mut self, mut node: Option<usize>) {
        while let Some(at) = node.filter(|at| !self.nodes[*at].wanted) {
            self.nodes[at].wanted = true;
            node = self.nodes[at].parent;
        }
    }

    fn finish(self) -> Batch {
        let mut batch = Batch::new(Kind::Markdown);
        let keys: Vec<String> = self.nodes.iter().map(|node| node.task.key.clone()).collect();
        for node in self.nodes.into_iter().filter(|node| node.wanted) {
            let mut task = node.task;
            task.parent = node.parent.map(|parent| keys[parent].clone());
            if task.fields.ended_at.is_some() && task.fields.state == State::Open {
                task.fields.state = State::Done;
            }
            task.fields.description = text::some(Some(line::unindent(&node.text)));
            batch.incoming.push(task);
        }
        for (line, reason) in self.batch_skips {
            batch.skip(line, "line", reason);
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Vec<Incoming> {
        read("todo.md", text.as_bytes()).expect("memory does not fail").incoming
    }

    fn shape(tasks: &[Incoming]) -> Vec<(&str, Option<&str>)> {
        let title = |key: &String| tasks.iter().find(|task| task.key == *key).map_or("?", |task| &task.fields.title);
        tasks.iter().map(|task| (task.fields.title.as_str(), task.parent.as_ref().map(title))).collect()
    }

    #[test]
    fn headings_and_nesting_become_wholes_and_parts() {
        let tasks =
            file("# Shop\nintro\n## Empty\nprose\n## Pay\n- [ ] Card\n  - [x] form\n  - [ ] server\n1. [-] Cash\n");
        assert_eq!(
            shape(&tasks),
            [
                ("Shop", None),
                ("Pay", Some("Shop")),
                ("Card", Some("Pay")),
                ("form", Some("Card")),
                ("server", Some("Card")),
                ("Cash", Some("Pay"))
            ]
        );
        assert_eq!(tasks[0].fields.description.as_deref(), Some("intro"));
        assert_eq!(tasks[3].fields.state, State::Done);
        assert_eq!(tasks[5].fields.state, State::Dropped);
    }

    #[test]
    fn criteria_and_description_are_no_tasks() {
        let tasks = file(
            "- [ ] Sign in\n  by mail\n  - a note\n  - Acceptance:\n    - [x] wrong password is refused\n    - slow attempts\n- [ ] Other\n",
        );
        assert_eq!(shape(&tasks), [("Sign in", None), ("Other", None)]);
        assert_eq!(tasks[0].fields.description.as_deref(), Some("by mail\n- a note"));
        let criteria: Vec<_> = tasks[0].fields.acceptance.iter().map(|c| (c.text.as_str(), c.met)).collect();
        assert_eq!(criteria, [("wrong password is refused", true), ("slow attempts", false)]);
    }

    #[test]
    fn a_story_with_criteria_only_is_a_task() {
        let tasks = file("## Export\ntext\n### Acceptance criteria\n- [ ] opens in a spreadsheet\n");
        assert_eq!(shape(&tasks), [("Export", None)]);
        assert_eq!(tasks[0].fields.acceptance.len(), 1);
    }

    #[test]
    fn code_is_left_alone() {
        let tasks = file("# A\n```\n- [ ] not a task\n```\n- [ ] a task\n");
        assert_eq!(shape(&tasks), [("A", None), ("a task", Some("A"))]);
        assert_eq!(tasks[0].fields.description.as_deref(), Some("```\n- [ ] not a task\n```"));
    }

    #[test]
    fn equal_titles_keep_apart_and_marks_do_not_change_who_is_who() {
        let before = file("# A\n- [ ] Test\n# B\n- [ ] Test\n");
        let after = file("# A\n- [x] Test #qa ~2h\n# B\n- [ ] Test\n");
        assert_eq!(before[1].key, after[1].key);
        assert_ne!(before[1].key, before[3].key);
    }
}
