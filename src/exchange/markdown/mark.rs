//! Marks in a title: `#tag`, `@agent`, `!high`, `~2h`, `(3p)`, `due:…`, `after:^id`, `^id`. What is not plainly one of
//! these stays in the title.

use super::{Incoming, slip};
use crate::domain::agent::parse_skills;
use crate::exchange::text;
use crate::plan::estimate::said;

/// Takes the marks out of `title` into the task; the rest is its title. Ids carry the file's name.
pub fn read(task: &mut Incoming, title: &str, file: &str) {
    let mut words = Vec::new();
    let title = match title.strip_prefix('\\') {
        Some(rest) if is_label(rest) => rest,
        _ => title,
    };
    let mut tokens = tokens(title).peekable();
    while let Some((token, quoted)) = tokens.next() {
        if quoted {
            words.push(token);
        } else if let Some(date) = date_sign(token) {
            if let Some(at) = tokens.peek().and_then(|(next, _)| text::instant(next)) {
                date(task, at);
                tokens.next();
            } else {
                task.warnings.push(format!("no date stands after `{token}`, so it stays in the title"));
                words.push(token);
            }
        } else if let Some(points) = tokens.peek().and_then(|(next, _)| spaced_points(token, next)) {
            task.fields.points = Some(points);
            tokens.next();
        } else if !take(task, token, file) {
            task.warnings.extend(slip::of(token));
            words.push(unescaped(token, tokens.peek().map(|(next, _)| *next)));
        }
    }
    task.fields.title = words.join(" ");
    if task.fields.title.is_empty() {
        task.fields.title = text::one_line(title);
    }
}

/// Words, and whether they stand in back quotes.
fn tokens(title: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut code = false;
    title.split_whitespace().map(move |token| {
        let quoted = code || token.contains('`');
        code ^= token.matches('`').count() % 2 == 1;
        (token, quoted)
    })
}

/// Whether the reader would not take this word for a plain one, before that other word.
fn is_mark(token: &str, next: Option<&str>) -> bool {
    let spaced = next.is_some_and(|next| spaced_points(token, next).is_some());
    spaced || date_sign(token).is_some() || take(&mut Incoming::default(), token, "")
}

/// Whether the reader would take the title for the label of a list of criteria, backslashes aside.
fn is_label(title: &str) -> bool {
    super::line::criteria_label(title.trim_start_matches('\\')).is_some()
}

fn unescaped<'a>(token: &'a str, next: Option<&str>) -> &'a str {
    match token.strip_prefix('\\') {
        Some(rest) if is_mark(rest.trim_start_matches('\\'), next) => rest,
        _ => token,
    }
}

/// The title with a backslash before each word that the reader would take for a mark.
pub fn escape(title: &str) -> String {
    let tokens: Vec<(&str, bool)> = tokens(title).collect();
    let escaped = tokens.iter().enumerate().map(|(at, (token, quoted))| {
        let next = tokens.get(at + 1).map(|(next, _)| *next);
        let mark = !quoted && is_mark(token.trim_start_matches('\\'), next);
        if mark { format!("\\{token}") } else { (*token).to_owned() }
    });
    let escaped = escaped.collect::<Vec<_>>().join(" ");
    if is_label(title) { format!("\\{escaped}") } else { escaped }
}

type SetDate = fn(&mut Incoming, crate::domain::Timestamp);

/// Signs that note-taking tools put before a date.
fn date_sign(token: &str) -> Option<SetDate> {
    Some(match token.trim_end_matches('\u{fe0f}') {
        "📅" => |task, at| task.fields.deadline = Some(text::until_its_end(at)),
        "⏳" | "🛫" => |task, at| task.fields.not_before = Some(at),
        "✅" => |task, at| task.fields.ended_at = Some(at),
        "➕" => |task, at| task.fields.created_at = Some(at),
        _ => return None,
    })
}

/// True if the token is a mark.
fn take(task: &mut Incoming, token: &str, file: &str) -> bool {
    let Some(first) = token.chars().next() else { return false };
    let rest = &token[first.len_utf8()..];
    match first {
        '#' if is_name(rest) => task.fields.tags.push(rest.to_owned()),
        '@' if is_name(rest) => task.fields.assignees.push(rest.to_owned()),
        '!' => match text::priority(rest) {
            Some(priority) if rest.len() > 1 => task.fields.priority = Some(priority),
            _ => return false,
        },
        '~' => match text::minutes(rest) {
            Some(minutes) if rest.ends_with(|c: char| c.is_ascii_alphabetic()) => task.fields.estimate = Some(minutes),
            _ => return false,
        },
        '(' => match points(rest) {
            Some(points) => task.fields.points = Some(points),
            None => return false,
        },
        '^' if is_id(rest) => task.key = format!("{file}^{rest}"),
        _ => return named(task, token, file),
    }
    true
}

fn named(task: &mut Incoming, token: &str, file: &str) -> bool {
    let Some((name, value)) = token.split_once(':') else { return false };
    let date = text::instant(value);
    match (name, date) {
        ("due", Some(_)) => task.fields.deadline = date.map(text::until_its_end),
        ("start" | "wait", Some(_)) => task.fields.not_before = date,
        ("done", Some(_)) => task.fields.ended_at = date,
        ("created", Some(_)) => task.fields.created_at = date,
        ("skill" | "skills", _) => match parse_skills(value) {
            Ok(skills) if !skills.is_empty() => task.fields.skills.extend(skills),
            _ => return false,
        },
        ("after", _) => {
            let ids: Vec<_> = value.split(',').filter_map(|id| id.strip_prefix('^').filter(|id| is_id(id))).collect();
            if ids.is_empty() {
                return false;
            }
            task.warnings.extend(slip::of_ids(value, is_id));
            for id in ids {
                task.wait_for(format!("{file}^{id}"));
            }
        }
        _ => return false,
    }
    true
}

/// Begins with a letter and holds nothing that ends a sentence; `#12` is a reference, not a tag.
fn is_name(text: &str) -> bool {
    text.starts_with(char::is_alphabetic)
        && text.ends_with(char::is_alphanumeric)
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | ':' | '.'))
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

/// `3p)`, `0.5pts)`, `8sp)`.
fn points(text: &str) -> Option<f64> {
    said::points(text.strip_suffix(')')?).filter(|points| (0.0..=10_000.0).contains(points))
}

/// `(3 points)`.
fn spaced_points(token: &str, next: &str) -> Option<f64> {
    let number = token.strip_prefix('(').filter(|number| number.ends_with(|c: char| c.is_ascii_digit()))?;
    points(&format!("{number} {next}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Priority;

    fn task(title: &str) -> Incoming {
        let mut task = Incoming::new("", 1, "");
        read(&mut task, title, "f");
        task
    }

    #[test]
    fn all_marks_are_taken_out_of_the_title() {
        let task = task("Pay by card #money @ana !high (3p) ~1h30m due:2024-01-31 skill:rust:4 after:^a,^b ^c");
        let fields = &task.fields;
        assert_eq!(fields.title, "Pay by card");
        assert_eq!((fields.tags[0].as_str(), fields.assignees[0].as_str()), ("money", "ana"));
        assert_eq!((fields.priority, fields.points, fields.estimate), (Some(Priority::High), Some(3.0), Some(90)));
        assert_eq!(fields.deadline, text::instant("2024-02-01"), "until the end of the day");
        assert_eq!(fields.skills["rust"], 4);
        assert_eq!(task.key, "f^c");
        assert_eq!(task.waits.iter().map(|wait| wait.on.as_str()).collect::<Vec<_>>(), ["f^a", "f^b"]);
    }

    #[test]
    fn a_size_in_words_is_one_too() {
        for title in ["Pay by card (3 points)", "Pay (3 pts) by card", "(3p) Pay by card"] {
            let task = task(title);
            assert_eq!((task.fields.title.as_str(), task.fields.points), ("Pay by card", Some(3.0)), "{title}");
        }
    }

    #[test]
    fn what_is_not_plainly_a_mark_stays() {
        for title in [
            "Fix #12",
            "mail a@b.c",
            "C# (see p3)",
            "it is !important-ish",
            "~ 5",
            "use `#define` and `@x`",
            "a:b",
            "(3 apples)",
            "(3 points more)",
        ] {
            assert_eq!(task(title).fields.title, title);
        }
        assert_eq!(task(r"\#not-a-tag").fields.title, "#not-a-tag");
        for title in [
            "#tag",
            r"\#tag",
            "Slides (3 points) and a demo",
            r"Slides \(3 points)",
            "call @ana ~2h",
            "Acceptance: what",
            "Done when",
            r"\Criteria",
            "due:2024-01-01 ^x",
            "`#x` y",
        ] {
            assert_eq!(task(&escape(title)).fields.title, title);
        }
        assert_eq!(task("#only").fields.title, "#only");
    }

    #[test]
    fn what_looks_like_a_mark_stays_and_is_told() {
        let task = task("Typo task affter:^x !hihg due:2026-13-40 `!hihg` \\!hihg 📅 soon after:^a,b");
        assert_eq!(task.fields.title, "Typo task affter:^x !hihg due:2026-13-40 `!hihg` \\!hihg 📅 soon");
        let told: Vec<&str> = task.warnings.iter().map(|told| told.split('`').nth(1).unwrap_or_default()).collect();
        assert_eq!(told, ["affter:^x", "!hihg", "due:2026-13-40", "📅", "b"]);
        assert!(task.waits.len() == 1);
    }

    #[test]
    fn calendar_signs_carry_dates() {
        let task = task("Ship 📅 2024-05-01 ✅ 2024-04-30");
        assert_eq!(task.fields.deadline, text::instant("2024-05-02"));
        assert_eq!(task.fields.ended_at, text::instant("2024-04-30"));
    }
}
