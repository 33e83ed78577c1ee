//! The words by which wishes, their weight and their size are known.

use crate::domain::Priority;

/// Words that start a wish.
#[rustfmt::skip]
pub(super) const VERBS: &[&str] = &[
    "accept", "add", "adopt", "allow", "analyse", "analyze", "anonymise", "anonymize", "archive", "assess", "attract",
    "audit", "authenticate", "authorize", "automate", "backfill", "benchmark", "bring", "build", "bump", "centralize",
    "change", "charge", "check", "clean", "collect", "compare", "complete", "configure", "connect", "consolidate",
    "containerize", "convert", "create", "cut", "decommission", "decouple", "define", "delete", "deliver", "deploy",
    "deprecate", "design", "detect", "develop", "disable", "discontinue", "do", "document", "drop", "eliminate",
    "enable", "encrypt", "enhance", "ensure", "establish", "evaluate", "expand", "explore", "export", "expose",
    "extend", "extract", "find", "finish", "fix", "follow", "generate", "get", "give", "grow", "handle", "harden",
    "have", "host", "implement", "import", "improve", "increase", "ingest", "initialize", "install", "instrument",
    "integrate", "internationalise", "internationalize", "introduce", "investigate", "isolate", "keep", "launch",
    "let", "localise", "localize", "lower", "maintain", "make", "measure", "merge", "migrate", "modernize",
    "modularize", "monitor", "move", "notify", "offer", "onboard", "optimise", "optimize", "paginate", "parallelize",
    "patch", "pay", "personalize", "plan", "polish", "port", "predict", "prepare", "prevent", "profile", "protect",
    "prototype", "provide", "publish", "put", "reach", "rebrand", "rebuild", "recover", "redesign", "redirect",
    "reduce", "refactor", "refine", "refund", "release", "remind", "remove", "rename", "repair", "replace", "research",
    "resolve", "respond", "restore", "restructure", "retire", "revamp", "review", "rework", "rewrite", "roll",
    "rotate", "run", "scale", "secure", "send", "set", "ship", "shorten", "show", "shrink", "simplify", "speed",
    "split", "standardise", "standardize", "start", "stop", "streamline", "strengthen", "sunset", "support", "switch",
    "sync", "teach", "test", "tidy", "track", "train", "translate", "try", "tune", "turn", "unblock", "unify",
    "untangle", "update", "upgrade", "use", "validate", "verify", "visualise", "visualize", "wire", "write",
];

/// Openings that say who wants it, not what; the longest that fits is taken off.
#[rustfmt::skip]
pub(super) const LEADS: &[&str] = &[
    "we need to", "we also need to", "we must", "we have to", "we want to", "we would like to", "we'd like to",
    "we should", "we could", "we will", "we'll", "we are going to", "we plan to", "we aim to", "i need to",
    "i want to", "i would like to", "i'd like to", "i think we should", "i need you to", "i want you to",
    "you should", "you must", "the team should", "the team must", "the team needs to", "our goal is to",
    "the goal is to", "goal is to", "the aim is to", "the plan is to", "this sprint we", "in this sprint we",
    "it would be nice to", "it would be great to", "it would be good to", "it is critical to",
    "it is critical that we", "it is urgent to", "it is urgent that we", "it's critical that we",
    "it's urgent that we", "it is important to", "it's important to", "it is important that we",
    "i want to be able to", "we want to be able to", "i need to be able to", "we need to be able to", "need to",
    "needs to", "must", "have to", "should", "could", "want to", "please", "let's", "let us", "nice to have",
    "if time permits", "if there is time", "if possible", "maybe", "perhaps", "also", "then", "finally", "and", "to",
    "as well as", "plus", "ideally", "eventually", "urgently", "additionally", "lastly", "afterwards", "after that",
];

/// Openings only where a mark follows, as in `urgent: …`; without one they belong to the wish.
#[rustfmt::skip]
pub(super) const LABELS: &[&str] = &[
    "critical", "urgent", "important", "optional", "high", "low", "medium", "normal", "p0", "p1", "p2", "p3",
    "must have", "should have", "could have", "high priority", "low priority", "first", "firstly", "second",
    "secondly", "third", "thirdly", "next", "hi", "hello", "well", "so", "ok", "okay", "asap", "goal", "goals",
    "objective", "objectives",
];

/// Words that decide a priority, the most urgent first.
#[rustfmt::skip]
pub(super) const URGENCY: &[(Priority, &[&str])] = &[
    (Priority::Critical, &[
        "critical", "urgent", "urgently", "asap", "immediately", "emergency", "blocker", "outage", "p0",
        "right away", "right now",
    ]),
    (Priority::Low, &[
        "nice to have", "would be nice", "would be great", "would be good", "if time permits", "if there is time",
        "if possible", "maybe", "perhaps", "optional", "optionally", "eventually", "someday", "low priority",
        "could have", "we could", "could", "ideally", "p3", "low:", "(low", "when there is time", "not urgent",
    ]),
    (Priority::High, &[
        "must", "must have", "need", "needs", "need to", "have to", "has to", "important", "essential", "required",
        "crucial", "vital", "high priority", "top priority", "p1", "high:", "(high", "as soon as possible",
        "security hole", "vulnerability", "data loss",
    ]),
    (Priority::Normal, &[
        "should", "should have", "p2",
    ]),
];

/// Words by which an objective sounds small or large.
pub(super) const SMALL: &[&str] = &["small", "quick", "quickly", "simple", "minor", "just", "tiny", "little", "basic"];
#[rustfmt::skip]
pub(super) const LARGE: &[&str] = &[
    "whole", "entire", "complete", "full", "large", "big", "huge", "major", "comprehensive", "rewrite", "rebuild",
    "overhaul", "from scratch", "everywhere", "end-to-end",
];

/// Where the short subject ends: what follows says for whom, when or why.
pub(super) const TAILS: &[&str] = &[
    " for ",
    " with ",
    " so that ",
    " because ",
    " in order to ",
    " to let ",
    " before ",
    " until ",
    " by ",
    " when ",
    " using ",
    " including ",
    " plus ",
];
