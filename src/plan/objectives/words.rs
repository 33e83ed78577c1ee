//! The words by which wishes, their weight and their size are known.

use crate::domain::Priority;

/// Most words of those who shall be able to do something.
pub(super) const WHO: usize = 6;

/// Words that start a wish.
#[rustfmt::skip]
pub(super) const VERBS: &[&str] = &[
    "accept", "add", "adopt", "allow", "analyse", "analyze", "anonymise", "anonymize", "archive", "assess", "attract",
    "audit", "authenticate", "authorize", "automate", "backfill", "benchmark", "bring", "build", "bump", "centralize",
    "change", "charge", "check", "clean", "collect", "compare", "complete", "configure", "connect", "consolidate",
    "containerize", "convert", "create", "cut", "decommission", "decouple", "define", "delete", "deliver", "deploy",
    "deduplicate", "delight", "deprecate", "design", "detect", "develop", "disable", "discontinue", "do", "document", "drop", "eliminate",
    "enable", "encrypt", "enhance", "ensure", "establish", "evaluate", "expand", "explore", "export", "expose",
    "extend", "extract", "find", "finish", "fix", "follow", "generate", "get", "give", "grow", "handle", "harden",
    "have", "hire", "host", "implement", "import", "improve", "increase", "ingest", "initialize", "install", "instrument",
    "integrate", "internationalise", "internationalize", "introduce", "investigate", "isolate", "keep", "kill", "launch",
    "let", "localise", "localize", "lower", "maintain", "make", "measure", "merge", "migrate", "modernize",
    "modularize", "monitor", "move", "notify", "offer", "onboard", "organise", "organize", "optimise", "optimize", "paginate", "parallelize",
    "patch", "pay", "personalize", "plan", "polish", "port", "predict", "prepare", "prevent", "profile", "protect",
    "prototype", "provide", "publish", "put", "reach", "rebrand", "rebuild", "recover", "recruit", "redesign", "redirect",
    "reduce", "refactor", "refine", "refund", "release", "remind", "remove", "renew", "rename", "repair", "replace", "research",
    "resolve", "respond", "restore", "restructure", "retire", "retry", "revamp", "revoke", "review", "rework", "rewrite", "roll",
    "rotate", "run", "scale", "scrap", "secure", "send", "set", "ship", "shorten", "show", "shrink", "shut", "simplify", "speed",
    "split", "standardise", "standardize", "start", "stop", "streamline", "strengthen", "sunset", "support", "switch",
    "sync", "teach", "test", "tidy", "track", "train", "translate", "try", "tune", "turn", "unblock", "unify", "uninstall",
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
    "it would be nice if", "it would be great if", "it would be good if", "it would be cool if", "it'd be nice if",
    "i want to be able to", "we want to be able to", "i need to be able to", "we need to be able to", "need to",
    "needs to", "must", "have to", "should", "could", "want to", "please", "let's", "let us", "nice to have",
    "if time permits", "if there is time", "if possible", "maybe", "perhaps", "also", "then", "finally", "and", "to",
    "as well as", "plus", "ideally", "eventually", "urgently", "additionally", "lastly", "afterwards", "after that",
    "we need a way to", "i need a way to", "it would be cool to", "it would be cool if we could",
    "would be cool if we could", "it would be nice if we could", "would be nice if we could",
    "it would be great if we could", "would be nice to", "would be great to", "can we", "could we", "can you", "could you", "shall we", "don't forget to", "do not forget to",
    "make it possible to", "it must be possible to", "it should be possible to", "it has to be possible to",
];

/// Openings of what shall not be done.
#[rustfmt::skip]
pub(super) const NEGATIONS: &[&str] = &[
    "don't", "dont", "do not", "never", "not", "no changes to", "no change to", "avoid", "we don't want to",
    "we do not want to", "we won't", "we don't", "we do not",
];

/// Verbs after which a negation is a wish: `don't let guests see prices`.
pub(super) const PERMITS: &[&str] = &["let", "allow", "permit", "lose"];

/// Verbs of what nobody does on purpose: not to is a wish, too.
#[rustfmt::skip]
pub(super) const MISHAPS: &[&str] = &[
    "lose", "leak", "miss", "crash", "fail", "hang", "freeze", "corrupt", "overcharge", "undercharge", "oversell",
    "overbook", "mislay", "misplace", "spam", "mislead",
];
/// The same of acts, by what is said about them.
#[rustfmt::skip]
pub(super) const MISTAKES: &[&str] = &[
    " duplicate ", " duplicates ", " double ", " again ", " any more ", " anymore ", " twice ", " by mistake ", " by accident ", " accidentally ", " too late ", " the wrong ", " to strangers ",
];
/// What may stand at the end of what shall not happen, and says only that it has.
#[rustfmt::skip]
pub(super) const ONCE_MORE: &[&str] = &[" ever again", " once again", " again", " any more", " anymore", " any longer"];
/// The same in front of its verb.
pub(super) const ADVERBS: &[&str] = &["again", "ever", "accidentally", "simply", "just", "silently"];
/// What is used, offered or made until that is ended: not to do so any more is to take it away.
#[rustfmt::skip]
pub(super) const KEPT_UP: &[&str] = &[
    "accept", "build", "collect", "deliver", "deploy", "develop", "host", "maintain", "offer", "pay", "print",
    "provide", "publish", "run", "sell", "send", "ship", "store", "support", "track", "use",
];
/// What nobody wants.
#[rustfmt::skip]
pub(super) const FAULTS: &[&str] = &[
    "abuse", "attacks", "bots", "complaints", "crash", "crashes", "downtime", "duplicates", "errors", "failures",
    "fraud", "leak", "leaks", "loss", "losses", "outage", "outages", "spam", "spammers", "theft",
];

/// What happened and was not meant to, in the past, and what that is called.
#[rustfmt::skip]
pub(super) const EVENTS: &[(&[&str], &str)] = &[
    (&["crashed"], "crash"), (&["failed"], "failure"), (&["leaked"], "leak"), (&["broke", "into"], "break-in"), (&["broke"], "breakdown"),
    (&["hung"], "hang"), (&["froze"], "freeze"), (&["expired"], "expiry"), (&["collapsed"], "collapse"),
    (&["overflowed"], "overflow"), (&["died"], "failure"), (&["lost"], "loss"), (&["vanished"], "loss"),
    (&["disappeared"], "loss"), (&["went", "down"], "outage"), (&["went", "offline"], "outage"),
    (&["went", "missing"], "loss"), (&["got", "lost"], "loss"), (&["got", "stuck"], "jam"), (&["got", "into"], ""), (&["timed", "out"], "time-out"),
    (&["ran", "full"], "overflow"), (&["ran", "out"], ""), (&["did", "not"], ""), (&["didn't"], ""), (&["stopped", "working"], "failure"), (&["fell", "over"], "failure"),
    (&["got", "hacked"], "break-in"), (&["was", "hacked"], "break-in"), (&["were", "hacked"], "break-in"),
    (&["was", "down"], "outage"), (&["were", "down"], "outage"), (&["was", "offline"], "outage"),
    (&["were", "offline"], "outage"), (&["was", "unavailable"], "outage"), (&["were", "unavailable"], "outage"),
    (&["was", "unreachable"], "outage"), (&["was", "lost"], "loss"), (&["were", "lost"], "loss"),
    (&["was", "broken"], "failure"), (&["were", "broken"], "failure"), (&["was", "leaked"], "leak"),
    (&["were", "leaked"], "leak"), (&["was", "stolen"], "theft"), (&["were", "stolen"], "theft"),
    (&["was", "corrupted"], "corruption"), (&["were", "corrupted"], "corruption"),
];
/// What figures did, and what that is called.
pub(super) const TURNS: &[(&str, &str)] = &[
    ("dropped", "drop"),
    ("fell", "fall"),
    ("declined", "decline"),
    ("decreased", "decrease"),
    ("sank", "fall"),
    ("rose", "rise"),
    ("increased", "increase"),
    ("doubled", "doubling"),
];
/// Words before which nothing has happened yet.
#[rustfmt::skip]
pub(super) const NOT_YET: &[&str] = &[
    "that", "which", "who", "must", "should", "shall", "may", "can", "could", "will", "would", "not", "never", "no", "nobody",
    "and", "or", "get", "gets", "be", "is", "are", "to",
];
/// Words by which something is told of as past.
#[rustfmt::skip]
pub(super) const PAST: &[&str] = &[
    "yesterday", "ago", "twice", "times", "again", "recently",
];

/// What is done to something that shall stay as it is, and how it is then.
#[rustfmt::skip]
pub(super) const TOUCHED: &[(&str, &str)] = &[
    ("touch", "touched"), ("change", "changed"), ("alter", "altered"), ("modify", "modified"), ("rename", "renamed"),
    ("rewrite", "rewritten"), ("replace", "replaced"), ("move", "moved"),
];

/// Ends by which a text says that something stays: `leave the checkout alone`.
#[rustfmt::skip]
pub(super) const UNTOUCHED: &[&str] = &[
    " alone", " as it is", " as they are", " as is", " unchanged", " untouched",
];

/// Words that begin a part of a sentence that says when or why, not what.
#[rustfmt::skip]
pub(crate) const SIDES: &[&str] = &[
    "before", "until", "till", "because", "when", "whenever", "so", "after", "if", "since", "while", "during",
    "unless", "once", "although",
];

/// What people do with the things that they use, beside the [`VERBS`]: after "let users" and the like.
#[rustfmt::skip]
pub(super) const ACTS: &[&str] = &[
    "approve", "ask", "assign", "attach", "block", "book", "browse", "buy", "call", "cancel", "chat", "checkout",
    "choose", "click", "comment", "contact", "copy", "customize", "decide", "download", "drag", "edit", "end", "enter",
    "filter", "hide", "invite", "join", "leave", "listen", "load", "log", "login", "look", "open", "order", "pause",
    "pick", "play", "post", "print", "rate", "read", "receive", "register", "rename", "reorder", "reply", "report",
    "request", "reset", "resume", "return", "save", "scan", "schedule", "search", "see", "select", "sell", "share",
    "sign", "sort", "store", "submit", "subscribe", "tag", "talk", "transfer", "undo", "unlock", "unsubscribe",
    "upload", "view", "vote", "watch", "withdraw", "work",
];

/// Openings of a remark about a wish.
#[rustfmt::skip]
pub(super) const REMARKS: &[&str] = &[
    "it's ", "it is ", "its ", "this is ", "that's ", "that is ", "which is ", "they are ", "they're ", "it blocks ",
    "this blocks ", "it can ", "this can ", "it costs ", "it has ", "this has ", "both are ", "all of it is ",
];

/// Words of a remark that make it critical.
#[rustfmt::skip]
pub(super) const BURDENS: &[&str] = &[
    "blocking", "blocks", "losing money", "losing sales", "losing customers", "losing orders",
];

/// Ends of a wish that only say how urgent it is.
#[rustfmt::skip]
pub(super) const TRAILERS: &[&str] = &[
    " asap", " as soon as possible", " urgently", " immediately", " right away", " right now", " please",
    " if possible", " if time permits", " eventually", " someday", " would be nice to have", " would be nice",
    " would be great", " would be good", " would be cool", " would help",
];

/// What stands between who wants something and what: `customers must be able to pay`; the longest first.
pub(super) const MODALS: &[&[&str]] = &[
    &["must", "be", "able", "to"],
    &["should", "be", "able", "to"],
    &["shall", "be", "able", "to"],
    &["need", "to", "be", "able", "to"],
    &["want", "to", "be", "able", "to"],
    &["have", "to", "be", "able", "to"],
    &["are", "able", "to"],
    &["would", "like", "to"],
    &["need", "a", "way", "to"],
    &["want", "a", "way", "to"],
    &["needs", "to"],
    &["need", "to"],
    &["wants", "to"],
    &["want", "to"],
    &["has", "to"],
    &["have", "to"],
    &["must"],
    &["should"],
    &["shall"],
    &["can"],
    &["could"],
    &["will"],
];

/// How something is that is slow.
pub(super) const SLOW: &[&str] = &["slow", "sluggish", "laggy", "slowly"];
/// The same in several words.
pub(super) const TOO_LONG: &[&str] =
    &[" takes too long", " takes ages", " takes forever", " take too long", " takes long"];
/// How something is that is to be mended.
#[rustfmt::skip]
pub(super) const BROKEN: &[&str] = &[
    "broken", "down", "failing", "crashing", "wrong", "buggy", "unusable", "confusing", "incorrect", "unreliable",
    "unstable", "leaking", "corrupt", "corrupted", "lost", "missing", "late", "delayed", "incomplete", "inaccurate",
    "unreadable", "stuck", "unreachable", "flaky", "outdated", "insecure",
];
/// What happens in two words that is to be mended.
#[rustfmt::skip]
pub(super) const HAPPENS: &[[&str; 2]] = &[
    ["get", "lost"], ["gets", "lost"], ["get", "stuck"], ["gets", "stuck"], ["go", "missing"], ["goes", "missing"],
    ["arrive", "late"], ["arrives", "late"], ["come", "late"], ["comes", "late"], ["keeps", "crashing"],
    ["keep", "crashing"], ["keeps", "failing"], ["keep", "failing"], ["stopped", "working"], ["do", "not"],
    ["does", "not"], ["goes", "down"], ["go", "down"],
];
/// What something does that is to be mended.
#[rustfmt::skip]
pub(super) const FAILS: &[&str] = &[
    "crashes", "fails", "hangs", "freezes", "breaks", "doesn't", "leaks", "cannot", "can't", "don't", "loses",
];
/// Words by which somebody complains; `that`, `about` or `of` follows.
#[rustfmt::skip]
pub(super) const COMPLAINTS: &[&str] = &[
    "complain", "complains", "complained", "complaining", "complaints", "report", "reports", "reported", "say", "says",
    "said", "noticed", "tell", "told",
];

/// How something is made by "make it …": what is done to it.
#[rustfmt::skip]
pub(super) const MADE: &[&str] = &[
    "faster", "quicker", "better", "easier", "simpler", "cheaper", "safer", "smaller", "leaner", "clearer", "nicer",
    "shorter", "stronger", "cleaner", "lighter", "smoother", "accessible", "secure", "compliant", "responsive",
    "available", "reliable", "readable", "usable", "configurable", "scalable", "visible", "searchable", "optional",
    "fast", "safe", "simple", "robust", "more", "less", "work",
];

/// Openings only where a mark follows, as in `urgent: …`; without one they belong to the wish.
#[rustfmt::skip]
pub(super) const LABELS: &[&str] = &[
    "critical", "urgent", "not urgent", "no hurry", "important", "optional", "high", "low", "medium", "normal", "p0", "p1", "p2", "p3",
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
        "can wait", "no hurry", "no rush",
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
#[rustfmt::skip]
pub(super) const TAILS: &[&str] = &[
    " for ", " with ", " onto ", " below ", " every ", " each ", " in order to ", " to let ", " by ", " using ", " including ", " plus ", " without ",
];
