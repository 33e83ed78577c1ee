//! What is work on software that a playbook can lay out, and what is not: parties, hiring and wishes that name nothing.

use crate::plan::objectives::Objective;

/// Verbs by which something comes to be that was not there: `Build {subject}` says what they say.
#[rustfmt::skip]
const BUILDS: &[&str] = &[
    "add", "build", "create", "deliver", "develop", "get", "give", "have", "implement", "introduce", "offer", "provide", "set",
    "ship", "start", "support",
];
/// Those of them by which things come to be that are no software, too: one sets up a booth and gives a workshop.
const LOOSE: &[&str] = &["create", "deliver", "get", "give", "have", "offer", "provide", "set", "start", "support"];
/// Verbs by which software changes, whatever it is.
#[rustfmt::skip]
const CHANGES: &[&str] = &[
    "allow", "automate", "change", "complete", "convert", "customize", "display", "enable", "enhance", "expand", "expose",
    "extend", "finish", "generate", "handle", "help", "let", "merge", "paginate", "permit", "personalize", "polish", "rebuild",
    "rename", "replace", "respond", "archive", "log", "rework", "send", "show", "store", "validate", "wire", "comment", "copy", "download",
    "filter", "pause", "print", "rate", "reset", "resume", "retry", "save", "search", "see", "share", "sort", "subscribe",
    "tag", "undo", "unsubscribe", "upload", "view", "vote",
];
/// What is no software, as the last word of what something is done to.
#[rustfmt::skip]
const ELSEWHERE: &[&str] = &[
    "party", "webinar", "meeting", "conference", "event", "offsite", "retreat", "workshop", "fair", "dinner", "lunch",
    "breakfast", "laptop", "desk", "chair", "office", "lawyer", "investor", "salary", "holiday", "birthday", "interview",
    "contract", "sponsor", "budget", "hackathon", "trip", "hotel", "flight", "booth", "candidate", "talk", "meetup", "questionnaire", "keynote",
];
/// Verbs of what people do with one another.
const AMONG_PEOPLE: &[&str] =
    &["hire", "recruit", "organise", "organize", "delight", "attract", "celebrate", "interview", "buy", "rent"];
/// People, as the last word of whom is taught something.
const PEOPLE: &[&str] =
    &["team", "staff", "colleagues", "people", "employees", "agents", "users", "support", "salespeople"];
/// Words that name nothing.
#[rustfmt::skip]
const NOTHING: &[&str] = &[
    "nothing", "everything", "anything", "something", "it", "this", "that", "them", "things", "thing", "stuff", "all", "us", "the", "a",
    "our", "whole", "these", "those", "better", "more", "faster", "nicer", "good", "great", "work",
];

/// True if the objective is work that can be laid out: a playbook knows it, or it is something to be built.
pub(super) fn is_known(objective: &Objective, called: bool, is_product: bool) -> bool {
    let (verb, first) = (objective.verb.as_str(), first(&objective.title));
    let builds = BUILDS.contains(&verb) || CHANGES.contains(&verb) || CHANGES.contains(&first.as_str());
    if names_nothing(objective) || (is_elsewhere(objective) && (!builds || LOOSE.contains(&verb))) {
        return false;
    }
    called || builds || is_product
}

/// True if the objective says what is done, and that is not just that something is built.
pub(super) fn is_act(objective: &Objective) -> bool {
    let told = !objective.verb.is_empty() && !BUILDS.contains(&objective.verb.as_str());
    told || objective.subject.starts_with('"')
}

fn first(title: &str) -> String {
    words(title).next().unwrap_or_default()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// `make everything better`, `fix it`
fn names_nothing(objective: &Objective) -> bool {
    // What is in quotes is the wish itself.
    let text = if objective.subject.starts_with('"') { &objective.title } else { &objective.subject };
    let doing = |word: &String| {
        *word == objective.verb || matches!(word.as_str(), "keep" | "make" | "from" | "happening" | "happen")
    };
    let ends = |word: &String| matches!(word.as_str(), "by" | "until" | "before");
    words(text).take_while(|word| !ends(word)).all(|word| NOTHING.contains(&word.as_str()) || doing(&word))
        && !objective.subject.is_empty()
}

/// A party, a webinar, somebody to be hired.
fn is_elsewhere(objective: &Objective) -> bool {
    let stops = ["for", "with", "in", "on", "at", "of", "to", "and", "by", "about", "from"];
    let head: Vec<String> = words(&objective.subject).take_while(|word| !stops.contains(&word.as_str())).collect();
    let last = head.last().map(String::as_str).unwrap_or_default();
    let one = last.strip_suffix("ies").map_or_else(|| last.trim_end_matches('s').to_owned(), |stem| format!("{stem}y"));
    AMONG_PEOPLE.contains(&objective.verb.as_str())
        || AMONG_PEOPLE.contains(&first(&objective.title).as_str())
        || ELSEWHERE.contains(&one.as_str())
        || (objective.verb == "train" && PEOPLE.contains(&last))
}
