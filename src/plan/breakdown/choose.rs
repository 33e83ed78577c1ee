//! Which playbooks an objective calls for: its verb counts most, then what it is about, then what comes with that, then
//! the rest of its words.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::past::alike;
use super::playbook::{Library, Playbook};
use crate::plan::objectives::Objective;

/// What a verb alone counts: `migrate` says more about the work than what is migrated.
const VERB: u32 = 8;
/// What the last word of a part counts more: an *import screen* is a screen, not an import.
const ENDS: u32 = 1;

/// Words that say nothing about the work.
const FILLERS: &[&str] = &["a", "an", "the", "our", "my", "your", "all", "some", "any", "these", "this"];
/// Words after which something comes along.
const COMPANIONS: &[&str] = &["with", "including", "incl", "plus"];
/// Words after which it is said for whom, where or why; what is done stands before them.
#[rustfmt::skip]
const ASIDES: &[&str] = &[
    "for", "to", "in", "on", "of", "from", "into", "across", "at", "via", "through", "per", "against", "about", "by",
    "when", "using", "before", "until", "so", "because", "after", "as", "that", "which", "who", "within", "between",
    "over", "under", "without", "than", "during", "if", "why", "where",
];

/// The playbooks of one objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice<'a> {
    /// The one that gives the work its shape.
    pub main: &'a Playbook,
    /// Those that join it.
    pub extra: Vec<&'a Playbook>,
}

/// What was proposed for the objective; else what the team did before that is like it; else the playbook that its words
/// call for most loudly, and those that join it.
///
/// # Panics
/// Never with a library that holds at least one playbook, as every library does.
pub fn choose<'a>(objective: &Objective, library: &'a Library) -> Choice<'a> {
    if let Some(main) = library.proposed(objective) {
        return Choice { main, extra: Vec::new() };
    }
    let choice = by_words(objective, library);
    match alike(objective, &choice.main.name, library.past()) {
        Some(known) => Choice { main: &known.book, extra: Vec::new() },
        None => choice,
    }
}

/// The playbook that the objective's words call for most loudly, and those that join it.
pub(super) fn by_words<'a>(objective: &Objective, library: &'a Library) -> Choice<'a> {
    let words = Words::of(objective);
    let mut calls: Vec<Call> = library.books().iter().map(|book| words.call(book)).collect();
    // Stable: among equals the library's order decides, the user's own first.
    calls.sort_by_key(|call| (Reverse(call.strong), Reverse(call.weak), call.at));
    let fallback = library.books().iter().find(|book| book.fallback);
    let first = calls.first().expect("a library holds the built-in playbooks");
    let main = if first.at == usize::MAX { fallback.unwrap_or(first.book) } else { first.book };
    let joins = |call: &&Call| call.named && call.book.joins.is_some() && call.book.name != main.name;
    let extra = calls.iter().filter(joins).map(|call| call.book).collect();
    Choice { main, extra }
}

/// How an objective calls for a playbook.
struct Call<'a> {
    book: &'a Playbook,
    /// By what is done and what it is done to.
    strong: u32,
    /// By the other words.
    weak: u32,
    /// Where it is mentioned first.
    at: usize,
    /// It is named as something to be done of its own.
    named: bool,
}

/// Where a word stands, from what says most about the work to what says least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// What is done.
    Verb,
    /// What it is done to.
    Head,
    /// What comes with that.
    Companion,
    /// For whom, where, why.
    Aside,
}

impl Place {
    /// What the first word of a phrase counts here.
    fn weight(self) -> u32 {
        if self == Self::Verb { VERB } else { self.more() }
    }

    /// What each further word of it counts.
    fn more(self) -> u32 {
        match self {
            Self::Verb | Self::Head => 3,
            Self::Companion => 2,
            Self::Aside => 1,
        }
    }
}

struct Word {
    stem: String,
    place: Place,
    /// The last one of its part: of `import screen and tests`, `screen` and `tests`.
    ends: bool,
}

/// The words of an objective, in order.
struct Words(Vec<Word>);

impl Words {
    fn of(objective: &Objective) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let mut place = if objective.verb.is_empty() { Place::Head } else { Place::Verb };
        for raw in objective.title.split_whitespace() {
            let lower = raw.to_lowercase();
            let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
            let opens = opening(bare);
            if opens.is_some() || bare == "and" {
                end(&mut words);
            }
            place = opens.unwrap_or(place);
            if !FILLERS.contains(&bare) {
                words.extend(parts(bare).map(|stem| Word { stem, place, ends: false }));
            }
            if raw.ends_with(',') {
                end(&mut words);
            }
            if place == Place::Verb {
                place = Place::Head;
            }
        }
        end(&mut words);
        Self(words)
    }

    fn call<'a>(&self, book: &'a Playbook) -> Call<'a> {
        let mut call = Call { book, strong: 0, weak: 0, at: usize::MAX, named: false };
        let phrases: BTreeSet<Vec<String>> = book.matches.iter().map(|phrase| parts(phrase).collect()).collect();
        for at in phrases.iter().filter_map(|phrase| self.place_of(phrase).map(|at| at..at + phrase.len())) {
            let Some([first, rest @ ..]) = self.0.get(at.clone()) else { continue };
            let ends = rest.last().unwrap_or(first).ends && first.place != Place::Aside;
            let weight = first.place.weight() + first.place.more() * rest.len() as u32 + u32::from(ends) * ENDS;
            if matches!(first.place, Place::Verb | Place::Head) {
                call.strong += weight;
            } else {
                call.weak += weight;
            }
            call.named |= ends;
            call.at = call.at.min(at.start);
        }
        call
    }

    /// Where the phrase stands first.
    fn place_of(&self, phrase: &[String]) -> Option<usize> {
        let is_it = |window: &[Word]| window.iter().zip(phrase).all(|(word, part)| word.stem == *part);
        self.0.windows(phrase.len().max(1)).position(is_it).filter(|_| !phrase.is_empty())
    }
}

/// What begins with this word, if something does.
fn opening(word: &str) -> Option<Place> {
    if COMPANIONS.contains(&word) { Some(Place::Companion) } else { ASIDES.contains(&word).then_some(Place::Aside) }
}

/// The words of an objective that say what it is about, each once: not what is done to it.
pub(super) fn matter(objective: &Objective) -> BTreeSet<String> {
    let links = |stem: &str| stem == "and" || opening(stem).is_some();
    let words = Words::of(objective).0.into_iter();
    words.filter(|word| word.place != Place::Verb && !links(&word.stem)).map(|word| word.stem).collect()
}

fn end(words: &mut [Word]) {
    if let Some(last) = words.last_mut() {
        last.ends = true;
    }
}

fn parts(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(stem)
}

/// Lower case without the ending of a plural.
fn stem(word: &str) -> String {
    let lower = word.to_lowercase();
    let cut = |ending: &str| lower.strip_suffix(ending).filter(|stem| stem.len() > 2);
    if let Some(stem) = cut("ies") {
        return format!("{stem}y");
    }
    let hissing = |stem: &&str| ["x", "ch", "sh", "ss"].iter().any(|sound| stem.ends_with(sound));
    if let Some(stem) = cut("es").filter(hissing) {
        return stem.to_owned();
    }
    cut("s").filter(|stem| !stem.ends_with('s')).map_or(lower.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::objectives::objectives;

    fn books(text: &str) -> Vec<String> {
        let library = Library::built_in();
        let objective = objectives(text).remove(0);
        let choice = choose(&objective, &library);
        std::iter::once(choice.main).chain(choice.extra).map(|book| book.name.clone()).collect()
    }

    /// At least three sentences for each playbook, as people would type them.
    #[rustfmt::skip]
    const SENTENCES: &[(&str, &[&str])] = &[
        ("accessibility", &["Make the checkout accessible for screen readers", "Fix accessibility issues in the forms", "Reach WCAG AA on all pages"]),
        ("ai-feature", &["Add an AI assistant that answers questions about invoices", "Build a chatbot for support", "Offer LLM summaries of long threads"]),
        ("api-endpoint", &["Merchant statement API", "Add an endpoint for partial orders", "Expose a GraphQL API for partners"]),
        ("authentication", &["Implement user authentication for our API", "Let users sign in with Google", "Add two-factor login"]),
        ("background-jobs", &["Move thumbnails into a job queue", "Add a scheduler for nightly tasks", "Introduce background workers for mails"]),
        ("backup-restore", &["Set up backups of the database", "Write a disaster recovery plan", "Automate failover to the second site"]),
        ("bug-fix", &["Fix the login crash", "Fix broken links in the footer", "Resolve the memory leak in the worker"]),
        ("ci-pipeline", &["Set up CI for the monorepo", "Speed up the build pipeline", "Add linters and a merge queue"]),
        ("cli-command", &["Add a CLI for operators", "Add a command to list tenants", "Provide shell completion"]),
        ("data-migration", &["Migrate accounts to PostgreSQL", "Backfill missing country codes", "Move customers to the new database schema"]),
        ("data-pipeline", &["Build an ETL from the shop into the warehouse", "Ingest clickstream events", "Set up Kafka streaming of orders"]),
        ("dependency-upgrade", &["Upgrade React to 19", "Bump outdated dependencies", "Update the framework version"]),
        ("deprecation", &["Deprecate the v1 endpoints", "Remove the old editor", "Retire the legacy importer"]),
        ("design-system", &["Create a design system", "Build a component library for all teams", "Introduce design tokens"]),
        ("documentation", &["Write a tutorial for newcomers", "Document the plugin interface", "Improve the readme and the user guide"]),
        ("experiment", &["Run an A/B test on the price page", "Put the editor behind a feature flag", "Start an experiment with shorter trials"]),
        ("feature", &["Multi-currency ledger", "Let merchants pause their shop", "Add wish lists"]),
        ("import-export", &["Import boards from CSV", "Add PDF export of offers", "Support bulk upload of products"]),
        ("incident-follow-up", &["Follow up on the outage of last Friday", "Write the postmortem of the lost orders", "Find the root cause of the downtime"]),
        ("infrastructure", &["Deploy to Kubernetes", "Move hosting to another cloud", "Create a staging environment"]),
        ("integration", &["Integrate Stripe", "Sync contacts with Salesforce", "Connect the board to Slack"]),
        ("internationalization", &["Translate the app into German", "Offer the shop in French and Spanish", "Add localization of mails"]),
        ("load-test", &["Load test the checkout", "Run a stress test of the gateway before Black Friday", "Do capacity planning for the launch"]),
        ("ml-model", &["Train a churn model", "Add product recommendations", "Predict delivery times"]),
        ("mobile-app", &["Build an Android app for couriers", "Add offline mode to the mobile app", "Ship the iOS app"]),
        ("notifications", &["Add real-time notifications", "Send weekly digest emails", "Notify customers about delays by SMS"]),
        ("observability", &["Add tracing to all services", "Set up monitoring and alerting", "Instrument the queue with metrics"]),
        ("payment", &["Accept card payments", "Add invoicing for enterprise customers", "Handle refunds and chargebacks"]),
        ("performance", &["Speed up the search endpoint", "Reduce page load time", "Optimize slow queries"]),
        ("privacy", &["Make the product GDPR compliant with a cookie banner", "Add an audit log", "Let users delete their personal data"]),
        ("refactoring", &["Refactor the billing module", "Pay down technical debt in the parser", "Split the monolith"]),
        ("release", &["Release version 2.0", "Launch the beta", "Publish the release candidate"]),
        ("reporting", &["Add a sales dashboard", "Build monthly usage reports", "Show KPIs to managers"]),
        ("research-spike", &["Investigate why the API is slow", "Evaluate vector databases", "Prototype voice input"]),
        ("search", &["Add full-text search", "Improve search ranking for products", "Add filters and autocomplete to the catalogue"]),
        ("security-hardening", &["Harden the admin area", "Fix the vulnerabilities from the pentest", "Encrypt backups and rotate secrets"]),
        ("team-onboarding", &["Improve the developer experience", "Onboard new developers faster", "Provide dev containers for local setup"]),
        ("testing", &["Improve our testing coverage", "Get rid of flaky tests", "Fix the flaky tests", "Write end-to-end tests for signup"]),
        ("ui-screen", &["Redesign the settings page", "Add dark mode", "Build a form for returns"]),
        ("user-onboarding", &["Improve onboarding of trial users", "Build a product tour", "Create a setup wizard for shops"]),
    ];

    #[test]
    fn plain_sentences_find_their_playbook() {
        let library = Library::built_in();
        let mut wrong = Vec::new();
        for book in library.books() {
            let known = SENTENCES.iter().find(|(name, _)| *name == book.name);
            let (name, sentences) = known.unwrap_or_else(|| panic!("no sentences for {}", book.name));
            assert!(sentences.len() >= 3, "{name}");
            let found = sentences.iter().map(|text| (text, books(text).remove(0)));
            wrong.extend(found.filter(|(_, found)| found != name).map(|(text, found)| format!("{text}: {found}")));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_second_playbook_joins_where_the_objective_names_it() {
        assert_eq!(books("Build an import screen with documentation and tutorial"), ["ui-screen", "documentation"]);
        assert_eq!(books("Add card payments including load tests"), ["payment", "load-test"]);
        assert_eq!(
            books("Add order search, data migration and monitoring"),
            ["search", "data-migration", "observability"]
        );
    }

    #[test]
    fn a_word_in_passing_brings_nothing_along() {
        assert_eq!(books("Add a release notes page"), ["ui-screen"]);
        assert_eq!(books("Add search to the documentation"), ["search"]);
        assert_eq!(books("Add a dashboard"), ["reporting"]);
    }

    #[test]
    fn plurals_are_found() {
        for (many, one) in [("Dashboards", "dashboard"), ("queries", "query"), ("crashes", "crash"), ("KPIs", "kpi")] {
            assert_eq!(stem(many), stem(one));
        }
    }
}
