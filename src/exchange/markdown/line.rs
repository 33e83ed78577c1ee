//! One line of Markdown: heading, bullet with or without a box, text; and code fences.

use super::State;

/// A bullet or numbered item.
#[derive(Debug, Clone, Copy)]
pub struct Bullet<'a> {
    /// Columns before it, tabs to the next multiple of four.
    pub indent: usize,
    /// What its box says; none without a box.
    pub mark: Option<State>,
    /// The text after it.
    pub text: &'a str,
}

/// A line outside of code.
pub enum Line<'a> {
    /// `## Title`
    Heading { depth: usize, title: &'a str },
    /// `- [ ] text`
    Bullet(Bullet<'a>),
    /// Anything else.
    Text { indent: usize },
}

impl<'a> Line<'a> {
    pub fn of(line: &'a str) -> Self {
        let (indent, rest) = indent(line);
        if indent < 4
            && let Some(heading) = heading(rest)
        {
            return heading;
        }
        match item(rest) {
            Some(text) => {
                let (mark, text) = boxed(text);
                Self::Bullet(Bullet { indent, mark, text })
            }
            None => Self::Text { indent },
        }
    }
}

fn indent(line: &str) -> (usize, &str) {
    let mut columns = 0;
    for (at, c) in line.char_indices() {
        match c {
            ' ' => columns += 1,
            '\t' => columns = columns / 4 * 4 + 4,
            _ => return (columns, &line[at..]),
        }
    }
    (columns, "")
}

fn heading(text: &str) -> Option<Line<'_>> {
    let depth = text.bytes().take_while(|byte| *byte == b'#').count();
    let title = text[depth..].strip_prefix([' ', '\t'])?.trim();
    let open = title.trim_end_matches('#');
    let title = if open.ends_with([' ', '\t']) { open.trim_end() } else { title };
    ((1..=6).contains(&depth) && !title.is_empty()).then_some(Line::Heading { depth, title })
}

/// The text after a list mark.
fn item(text: &str) -> Option<&str> {
    let after = text.strip_prefix(['-', '*', '+']).or_else(|| {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        (1..=9).contains(&digits).then(|| text[digits..].strip_prefix(['.', ')'])).flatten()
    });
    after?.strip_prefix([' ', '\t']).map(str::trim)
}

/// The box before a text, if there is one.
fn boxed(text: &str) -> (Option<State>, &str) {
    let boxes = [
        ("[ ]", State::Open),
        ("[]", State::Open),
        ("[/]", State::Open),
        ("[x]", State::Done),
        ("[X]", State::Done),
        ("[-]", State::Dropped),
        ("[~]", State::Dropped),
        ("[!]", State::Blocked),
    ];
    let found = boxes.iter().find_map(|(mark, state)| Some((*state, text.strip_prefix(mark)?)));
    match found {
        Some((state, rest)) if rest.is_empty() || rest.starts_with([' ', '\t']) => (Some(state), rest.trim()),
        _ => (None, text),
    }
}

/// What follows `Acceptance:` and its like; empty when the criteria stand below.
pub fn criteria_label(text: &str) -> Option<&str> {
    let plain = text.trim_start_matches(['*', '_']);
    let labels = ["acceptance criteria", "acceptance", "definition of done", "done when", "criteria"];
    let label =
        labels.iter().find(|label| plain.get(..label.len()).is_some_and(|head| head.eq_ignore_ascii_case(label)))?;
    let rest = plain[label.len()..].trim_start_matches(['*', '_']);
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix(':')? };
    Some(rest.trim_start_matches(['*', '_']).trim())
}

/// Whether the reader would take the line for something else than text.
fn is_special(line: &str) -> bool {
    let fenced = ["```", "~~~"].iter().any(|mark| line.trim_start().starts_with(mark));
    fenced
        || match Line::of(line) {
            Line::Heading { .. } => true,
            Line::Bullet(bullet) => bullet.mark.is_some() || criteria_label(bullet.text).is_some(),
            Line::Text { .. } => false,
        }
}

/// The lines of a text with a backslash before those that the reader would take for something else.
pub fn guard(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(|line| {
        let bare = line.trim_start();
        if is_special(line) || is_special(bare.trim_start_matches('\\')) {
            format!("{}\\{bare}", &line[..line.len() - bare.len()])
        } else {
            line.to_owned()
        }
    })
}

/// The line without that backslash.
pub fn unguard(line: &str) -> String {
    let bare = line.trim_start();
    match bare.strip_prefix('\\') {
        Some(rest) if is_special(rest.trim_start_matches('\\')) => {
            format!("{}{rest}", &line[..line.len() - bare.len()])
        }
        _ => line.to_owned(),
    }
}

/// Whether the line belongs to a code fence, which `open` remembers.
pub fn in_fence(open: &mut Option<(char, usize)>, line: &str) -> bool {
    let text = line.trim_start();
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'));
    let length = mark.map_or(0, |mark| text.chars().take_while(|c| *c == mark).count());
    match (*open, mark) {
        (None, Some(mark)) if length >= 3 => {
            *open = Some((mark, length));
            true
        }
        (None, _) => false,
        (Some((fence, least)), Some(mark)) if fence == mark && length >= least => {
            *open = None;
            true
        }
        (Some(_), _) => true,
    }
}

/// The lines without the indent that all of them share.
pub fn unindent(lines: &[(usize, String)]) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let texts = || lines.iter().map(|(_, line)| line.as_str());
    let shared = texts().filter(|line| !line.is_empty()).map(indent).min().unwrap_or(0);
    let cut: Vec<&str> = texts().map(|line| line.get(shared..).unwrap_or(line)).collect();
    cut.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_need_a_space_and_marks_a_text() {
        assert!(matches!(Line::of("- [x](http://x)"), Line::Bullet(Bullet { mark: None, .. })));
        assert!(matches!(
            Line::of("  12) [X] y"),
            Line::Bullet(Bullet { mark: Some(State::Done), indent: 2, text: "y" })
        ));
        assert!(matches!(Line::of("#tag"), Line::Text { .. }));
        assert!(matches!(Line::of("-no list"), Line::Text { .. }));
        assert!(matches!(Line::of("### A ##"), Line::Heading { depth: 3, title: "A" }));
        assert!(matches!(Line::of("# C#"), Line::Heading { title: "C#", .. }));
    }

    #[test]
    fn guarded_lines_are_text_and_come_back_as_they_were() {
        for text in ["- [ ] a", "  # b", "plain", "- plain", "```sh", "\\- [ ] c", "- Acceptance: d", "    1. [x] e"] {
            let guarded: Vec<String> = guard(text).collect();
            assert!(!is_special(&guarded[0]), "{text}");
            assert_eq!(unguard(&guarded[0]), text);
        }
    }

    #[test]
    fn labels_of_criteria_are_known_in_their_usual_dress() {
        for text in
            ["Acceptance:", "**Acceptance criteria**:", "done when: it runs", "Definition of Done", "*Criteria:*"]
        {
            assert!(criteria_label(text).is_some(), "{text}");
        }
        assert_eq!(criteria_label("Acceptance: a; b"), Some("a; b"));
        assert_eq!(criteria_label("Acceptance tests are written"), None);
        assert_eq!(criteria_label("é"), None);
    }
}
