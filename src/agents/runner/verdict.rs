//! From what a run said and how it ended to the word that the board is given.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::agents::protocol::Directive;
use crate::agents::supervise::{Ending, Stop, signal_name};
use crate::domain::attempt::Failure;
use crate::domain::command::Report;
use crate::domain::task::BlockerKind;
use crate::domain::{ClaimToken, Command, Fence, TaskId};

/// The exit code by which a command says that a quota is used up.
const QUOTA: i32 = 75;
/// Most bytes of a summary or hand-over.
const TEXT: usize = 32 << 10;
/// Most open points, artifacts or outputs of one run.
pub(super) const ITEMS: usize = 200;
/// Most remarks that one run may put on its task.
const NOTES: usize = 50;

/// The last word about a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// The work is handed in.
    Submit {
        /// With this.
        report: Report,
    },
    /// The attempt failed.
    Fail {
        /// In this way.
        failure: Failure,
        /// With this.
        report: Report,
    },
    /// Something stands in the way.
    Block {
        /// Of this kind.
        kind: BlockerKind,
        /// In words.
        reason: String,
        /// What else was said, for the task's thread.
        remark: Option<String>,
    },
    /// The task is given back as it was found.
    Release {
        /// Why.
        reason: String,
    },
}

impl Verdict {
    /// The commands that tell the board; one change.
    pub fn commands(&self, task_id: TaskId, token: ClaimToken) -> Vec<Command> {
        let fence = Fence::Token(token);
        match self {
            Self::Submit { report } => vec![Command::SubmitTask { task_id, fence, report: report.clone() }],
            Self::Fail { failure, report } => {
                vec![Command::FailTask { task_id, fence, failure: *failure, report: report.clone() }]
            }
            Self::Block { kind, reason, remark } => {
                let remark = remark.clone().map(|text| Command::Comment { task_id, text, author: None, at: None });
                let block = Command::BlockTask { task_id, fence, kind: *kind, reason: reason.clone() };
                remark.into_iter().chain([block]).collect()
            }
            Self::Release { reason } => {
                vec![Command::ReleaseTask { task_id, fence, reason: Some(reason.clone()) }]
            }
        }
    }

    /// In words, for whoever watches.
    pub fn words(&self) -> String {
        match self {
            Self::Submit { .. } => "handed in".into(),
            Self::Fail { report, failure } => {
                let why = report.summary.as_deref().unwrap_or_default();
                format!("failed ({failure}): {}", crate::text::clip(why, 200))
            }
            Self::Block { kind, reason, .. } => format!("blocked ({kind}): {}", crate::text::clip(reason, 200)),
            Self::Release { reason } => format!("given back: {}", crate::text::clip(reason, 200)),
        }
    }

    /// True if the attempt did what it could.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Submit { .. } | Self::Block { .. } | Self::Fail { failure: Failure::Quota, .. })
    }
}

/// What a run has said so far, within bounds.
#[derive(Debug, Default)]
pub(super) struct Account {
    report: Report,
    declared: Option<Declared>,
    notes: usize,
    /// True once it said anything at all.
    pub spoke: bool,
}

/// A verdict that the command itself announced.
#[derive(Debug)]
enum Declared {
    Block(BlockerKind, String),
    Fail(String),
}

/// What of a word concerns the board at once.
#[derive(Debug, PartialEq)]
pub(super) enum AtOnce {
    /// Progress, step, artifact.
    Progress {
        /// 0 to 100.
        percent: Option<u8>,
        /// In a few words.
        step: Option<String>,
        /// A result.
        artifact: Option<String>,
    },
    /// A remark.
    Note(String),
    /// It was not accepted, and why.
    Refused(String),
}

impl Account {
    /// Takes in one word; returns what the board is to know before the end.
    pub fn hear(&mut self, directive: Directive, workspace: &Path) -> Option<AtOnce> {
        self.spoke = true;
        let progress = |percent, step| Some(AtOnce::Progress { percent, step, artifact: None });
        match directive {
            Directive::Progress { percent, step } => return progress(Some(percent), step),
            Directive::Step(step) => return progress(None, Some(step)),
            Directive::Artifact(path) => return Some(self.artifact(&path, workspace)),
            Directive::Note(text) => return self.note(text),
            Directive::Output { name, value } => {
                if self.report.outputs.len() < ITEMS || self.report.outputs.contains_key(&name) {
                    self.report.outputs.insert(name, value);
                }
            }
            Directive::Summary(text) => append(&mut self.report.summary, &text),
            Directive::HandOver(text) => append(&mut self.report.hand_over, &text),
            Directive::Open(text) => add(&mut self.report.open_points, text),
            Directive::Cost(cost) => self.report.cost = Some(cost),
            Directive::Tokens(count) => self.report.tokens = Some(count),
            Directive::Model(name) => self.report.model = Some(name),
            Directive::Block { kind, reason } => self.declared = Some(Declared::Block(kind, reason)),
            Directive::Fail(reason) => self.declared = Some(Declared::Fail(reason)),
        }
        None
    }

    fn artifact(&mut self, path: &str, workspace: &Path) -> AtOnce {
        let Some(path) = within(path, workspace) else {
            return AtOnce::Refused("an artifact is an address or a path inside the folder of the task".into());
        };
        if self.report.artifacts.contains(&path) {
            return AtOnce::Progress { percent: None, step: None, artifact: None };
        }
        add(&mut self.report.artifacts, path.clone());
        AtOnce::Progress { percent: None, step: None, artifact: Some(path) }
    }

    fn note(&mut self, text: String) -> Option<AtOnce> {
        self.notes += 1;
        match self.notes {
            0..=NOTES => Some(AtOnce::Note(text)),
            n if n == NOTES + 1 => Some(AtOnce::Refused(format!("more than {NOTES} notes; the rest is only here"))),
            _ => None,
        }
    }

    /// The verdict on a run that ended like this, unless its claim was lost.
    pub fn verdict(self, ending: &Ending, log: &Path) -> Option<Verdict> {
        let mut report = Report {
            exit_code: ending.code,
            last_lines: ending.last_lines.clone(),
            log: Some(log.to_string_lossy().into_owned()),
            ..self.report
        };
        let fail = |failure, why: String, mut report: Report| {
            append_first(&mut report.summary, why);
            Some(Verdict::Fail { failure, report })
        };
        match (ending.stopped, self.declared) {
            (Some(Stop::ClaimLost), _) => None,
            (Some(Stop::Asked), _) => Some(Verdict::Release { reason: "the runner was stopped".into() }),
            (Some(stop @ Stop::Time), _) => fail(Failure::Timeout, stop.to_string(), report),
            (Some(stop @ (Stop::Output | Stop::Memory)), _) => fail(Failure::Limit, stop.to_string(), report),
            (None, Some(Declared::Block(kind, reason))) => {
                let remark = [report.summary, report.hand_over].into_iter().flatten().collect::<Vec<_>>().join("\n\n");
                Some(Verdict::Block { kind, reason, remark: Some(remark).filter(|remark| !remark.is_empty()) })
            }
            (None, Some(Declared::Fail(reason))) => fail(Failure::Refused, reason, report),
            (None, None) => match (ending.code, ending.signal) {
                (Some(0), _) => {
                    report.summary = report.summary.or_else(|| report.last_lines.last().cloned());
                    Some(Verdict::Submit { report })
                }
                (Some(QUOTA), _) => fail(Failure::Quota, "a quota is used up".into(), report),
                (Some(code), _) => fail(Failure::Exit, format!("exit code {code}"), report),
                (None, Some(signal)) => fail(Failure::Signal, format!("ended by {}", signal_name(signal)), report),
                (None, None) => fail(Failure::Unknown, "its processes could not be ended".into(), report),
            },
        }
    }
}

/// The path as it stands in the folder, or an address; nothing if it leads out of the folder.
fn within(path: &str, workspace: &Path) -> Option<String> {
    if ["https://", "http://"].iter().any(|scheme| path.starts_with(scheme)) {
        return Some(path.to_owned());
    }
    // An address of another kind is no path, either: `file://` would lead out of the folder.
    if path.contains('\0') || path.contains("://") {
        return None;
    }
    let relative = Path::new(path);
    let relative = if relative.is_absolute() { relative.strip_prefix(workspace).ok()? } else { relative };
    let mut clean = PathBuf::new();
    for part in relative.components() {
        match part {
            Component::Normal(part) => clean.push(part),
            Component::CurDir => {}
            Component::ParentDir if clean.pop() => {}
            _ => return None,
        }
    }
    let clean = clean.to_str()?;
    (!clean.is_empty()).then(|| clean.to_owned())
}

fn add(list: &mut Vec<String>, text: String) {
    if list.len() < ITEMS {
        list.push(text);
    }
}

fn append(text: &mut Option<String>, more: &str) {
    let text = text.get_or_insert_default();
    if text.len() + more.len() < TEXT {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(more);
    }
}

/// Puts the reason before whatever the run said itself.
fn append_first(text: &mut Option<String>, why: String) {
    *text = Some(match text.take() {
        Some(said) => format!("{why}\n{said}"),
        None => why,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(code: Option<i32>, signal: Option<i32>, stopped: Option<Stop>) -> Ending {
        let last_lines = vec!["first".into(), "last".into()];
        Ending { code, signal, stopped, last_lines, seen_gone: true, transcript: Ok(()) }
    }

    fn judged(account: Account, ending: &Ending) -> Option<Verdict> {
        account.verdict(ending, Path::new("/log"))
    }

    fn heard(lines: &[&str]) -> Account {
        let mut account = Account::default();
        for line in lines {
            let directive = crate::agents::protocol::parse(line).expect("for vayu").expect("understood");
            account.hear(directive, Path::new("/job/place"));
        }
        account
    }

    #[test]
    fn exit_code_zero_hands_in_what_was_said() {
        let account = heard(&["::vayu summary a", "::vayu summary b", "::vayu open c", "::vayu output n=3"]);
        let Some(Verdict::Submit { report }) = judged(account, &ending(Some(0), None, None)) else { panic!() };
        assert_eq!(report.summary.as_deref(), Some("a\nb"));
        assert_eq!((report.open_points.len(), report.outputs["n"].as_i64()), (1, Some(3)));
        assert_eq!(report.log.as_deref(), Some("/log"));
    }

    #[test]
    fn a_silent_command_is_summed_up_by_its_last_line() {
        let Some(Verdict::Submit { report }) = judged(Account::default(), &ending(Some(0), None, None)) else {
            panic!()
        };
        assert_eq!(report.summary.as_deref(), Some("last"));
    }

    #[test]
    fn each_way_to_fail_has_its_kind() {
        for (ending, kind) in [
            (ending(Some(2), None, None), Failure::Exit),
            (ending(Some(75), None, None), Failure::Quota),
            (ending(None, Some(9), None), Failure::Signal),
            (ending(None, Some(15), Some(Stop::Time)), Failure::Timeout),
            (ending(Some(0), None, Some(Stop::Output)), Failure::Limit),
            (ending(None, Some(9), Some(Stop::Memory)), Failure::Limit),
            (ending(None, None, None), Failure::Unknown),
        ] {
            let Some(Verdict::Fail { failure, report }) = judged(Account::default(), &ending) else {
                panic!("{ending:?}")
            };
            assert_eq!(failure, kind);
            assert_eq!(report.last_lines.len(), 2);
            assert!(report.summary.is_some());
        }
    }

    #[test]
    fn what_the_command_declares_outweighs_its_exit_code() {
        let blocked = judged(heard(&["::vayu block input which?"]), &ending(Some(0), None, None));
        assert!(matches!(blocked, Some(Verdict::Block { kind: BlockerKind::Input, .. })), "{blocked:?}");
        let failed = judged(heard(&["::vayu fail no"]), &ending(Some(0), None, None));
        assert!(matches!(failed, Some(Verdict::Fail { failure: Failure::Refused, .. })), "{failed:?}");
        let stopped = judged(heard(&["::vayu fail no"]), &ending(Some(0), None, Some(Stop::Asked)));
        assert!(matches!(stopped, Some(Verdict::Release { .. })), "{stopped:?}");
        assert_eq!(judged(Account::default(), &ending(Some(0), None, Some(Stop::ClaimLost))), None);
    }

    #[test]
    fn r21_artifacts_stay_inside_the_folder() {
        let place = Path::new("/job/place");
        assert_eq!(within("out/./a.txt", place).as_deref(), Some("out/a.txt"));
        assert_eq!(within("/job/place/b", place).as_deref(), Some("b"));
        assert_eq!(within("a/../b", place).as_deref(), Some("b"));
        assert_eq!(within("https://example.org/x", place).as_deref(), Some("https://example.org/x"));
        for path in ["../x", "/etc/passwd", "a/../../x", "/job/place/../x", "", ".", "file:///etc/passwd", "y\0"] {
            assert_eq!(within(path, place), None, "{path}");
        }
    }

    #[test]
    fn what_is_said_has_bounds() {
        let mut account = Account::default();
        for n in 0..10_000 {
            for line in ["summary", "handover", "open", "artifact", "note"] {
                let text = format!("::vayu {line} {n}-{}", "x".repeat(100));
                let directive = crate::agents::protocol::parse(&text).expect("for vayu").expect("understood");
                account.hear(directive, Path::new("/w"));
            }
        }
        assert!(account.report.summary.as_ref().is_some_and(|text| text.len() <= TEXT));
        assert_eq!((account.report.open_points.len(), account.report.artifacts.len()), (ITEMS, ITEMS));
    }

    #[test]
    fn a_verdict_survives_being_kept_in_a_file() {
        let verdict = judged(heard(&["::vayu output n=[1]"]), &ending(Some(3), None, None)).expect("a verdict");
        let kept = serde_json::to_string(&verdict).expect("text");
        assert_eq!(serde_json::from_str::<Verdict>(&kept).expect("a verdict"), verdict);
    }
}
