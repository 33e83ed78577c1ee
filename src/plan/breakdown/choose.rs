//! Which playbooks an objective calls for: its verb counts most, then what it is about, then what comes with that, then
//! the rest of its words; when and why count for nothing.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::past::alike;
use super::playbook::{Library, Playbook};
use super::work;
pub(super) use super::work::is_act;
use crate::plan::objectives::{Objective, SIDES};

/// What a verb alone counts: `migrate` says more about the work than what is migrated.
const VERB: u32 = 11;
/// What the last word of a part counts more: an *import screen* is a screen, not an import.
const ENDS: u32 = 1;

/// Words that say nothing about the work.
const FILLERS: &[&str] = &[
    "a", "an", "the", "our", "my", "your", "all", "some", "any", "these", "this", "their", "his", "her", "its", "two",
    "three", "four", "five", "several", "many",
];
/// Words after which something comes along.
const COMPANIONS: &[&str] = &["with", "including", "incl", "plus"];
/// Words after which it is said for whom, where or why; what is done stands before them.
#[rustfmt::skip]
const ASIDES: &[&str] = &[
    "for", "to", "in", "on", "of", "from", "into", "across", "at", "via", "through", "per", "against", "about", "by",
    "using", "as", "that", "which", "who", "within", "between", "over", "under", "without", "than", "why", "where", "how", "whether", "what",
];
/// Verbs that give somebody a way to do something; what that is says more.
const CAUSES: &[&str] = &["let", "allow", "enable", "help", "permit"];

/// Verbs that say little: in what, or with what, says more than what.
const LIGHT: &[&str] = &["run", "use", "put", "move"];
/// Words after which that stands.
const MEANS: &[&str] = &["in", "into", "with", "behind", "to", "on"];

/// The playbooks of one objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice<'a> {
    /// The one that gives the work its shape.
    pub main: &'a Playbook,
    /// Those that join it.
    pub extra: Vec<&'a Playbook>,
    /// It is work that a playbook knows.
    pub understood: bool,
}

impl<'a> Choice<'a> {
    fn alone(main: &'a Playbook) -> Self {
        Self { main, extra: Vec::new(), understood: true }
    }
}

/// What was proposed for the objective; else what the team did before that is like it; else the playbook that its words
/// call for most loudly, and those that join it.
///
/// # Panics
/// Never with a library that holds at least one playbook, as every library does.
pub fn choose<'a>(objective: &Objective, library: &'a Library) -> Choice<'a> {
    if let Some(main) = library.proposed(objective) {
        return Choice::alone(main);
    }
    let choice = by_words(objective, library);
    match alike(objective, &choice.main.name, library.past()) {
        Some(known) => Choice::alone(&known.book),
        None => choice,
    }
}

/// The playbook that the objective's words call for most loudly, and those that join it.
pub(super) fn by_words<'a>(objective: &Objective, library: &'a Library) -> Choice<'a> {
    let words = Words::of(objective);
    let mut calls: Vec<Call> = library.books().iter().map(|book| words.call(book)).collect();
    // Stable: among equals the library's order decides, the user's own first. What serves everything waits for the others.
    calls.sort_by_key(|call| (Reverse(call.strong), Reverse(call.weak), call.at));
    let called = calls.iter().find(|call| call.at != usize::MAX && !call.book.fallback);
    let understood = calls.iter().any(|call| call.at != usize::MAX && library.is_own(call.book))
        || work::is_known(objective, called.is_some(), calls.iter().any(|call| call.book.fallback && call.named));
    let fallback = calls.iter().find(|call| call.book.fallback);
    let main = called.or(fallback).or(calls.first()).expect("a library holds the built-in playbooks").book;
    let joins = |call: &&Call| call.named && call.book.joins.is_some() && call.book.name != main.name;
    let extra = calls.iter().filter(joins).map(|call| call.book).collect();
    Choice { main, extra, understood }
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
struct Words {
    words: Vec<Word>,
    /// They tell what users shall be able to do.
    theirs: bool,
}

impl Words {
    fn of(objective: &Objective) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let verb = stem(&objective.verb);
        // The one act that is told in three words.
        let title = objective.title.replacen("Get rid of ", "Remove ", 1);
        let mut place = Place::Head;
        // `Checkout: show dates` is about dates.
        let label = title.split_once(": ").filter(|_| !verb.is_empty()).map_or(0, |(label, _)| label.len());
        let label = if stem(&title[..label]).starts_with(&verb) { 0 } else { label };
        // What is to be prevented or made faster is told in other words: `Keep boxes from arriving late`.
        let unsaid = !verb.is_empty() && !parts(&title).any(|word| word == verb);
        for (at, raw) in title[label..].split_whitespace().enumerate() {
            let lower = raw.to_lowercase();
            let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
            if SIDES.contains(&bare) {
                break;
            }
            let bare = if unsaid && at == 0 { objective.verb.as_str() } else { bare };
            let is_verb = !verb.is_empty() && stem(bare) == verb && !words.iter().any(|word| word.place == Place::Verb);
            // Who shall be able to do it says little about what is to be done.
            let opens = if is_verb {
                Some(Place::Verb)
            } else if at == 0 && CAUSES.contains(&bare) {
                Some(Place::Aside)
            } else if LIGHT.contains(&verb.as_str()) && MEANS.contains(&bare) {
                Some(Place::Head)
            } else {
                opening(bare)
            };
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
        let theirs =
            objective.title.split(' ').next().is_some_and(|first| CAUSES.contains(&first.to_lowercase().as_str()));
        Self { words, theirs }
    }

    fn call<'a>(&self, book: &'a Playbook) -> Call<'a> {
        let mut call = Call { book, strong: 0, weak: 0, at: usize::MAX, named: false };
        let called = |place: Place| !(book.inside && self.theirs && place == Place::Verb);
        let phrases: BTreeSet<Vec<String>> = book.matches.iter().map(|phrase| parts(phrase).collect()).collect();
        for at in phrases.iter().filter_map(|phrase| self.place_of(phrase).map(|at| at..at + phrase.len())) {
            let Some([first, rest @ ..]) = self.words.get(at.clone()) else { continue };
            if !called(first.place) {
                continue;
            }
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
        self.words.windows(phrase.len().max(1)).position(is_it).filter(|_| !phrase.is_empty())
    }
}

/// What begins with this word, if something does.
fn opening(word: &str) -> Option<Place> {
    if COMPANIONS.contains(&word) { Some(Place::Companion) } else { ASIDES.contains(&word).then_some(Place::Aside) }
}

/// The words of an objective that say what it is about, each once: not what is done to it.
pub(super) fn matter(objective: &Objective) -> BTreeSet<String> {
    let links = |stem: &str| stem == "and" || opening(stem).is_some();
    let words = Words::of(objective).words.into_iter();
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
        ("deprecation", &["Delete Jenkins", "Stop using Jenkins", "Stop supporting old browsers", "Get rid of the old importer", "Turn off the legacy importer", "Deprecate the v1 endpoints", "Remove the old editor", "Retire the legacy importer"]),
        ("design-system", &["Create a design system", "Build a component library for all teams", "Introduce design tokens"]),
        ("documentation", &["Write a tutorial for newcomers", "Document the plugin interface", "Improve the readme and the user guide"]),
        ("experiment", &["Run an A/B test on the price page", "Put the editor behind a feature flag", "Start an experiment with shorter trials"]),
        ("feature", &["Let authors publish articles", "Let users delete comments", "Let customers upgrade their plan", "Multi-currency ledger", "Let merchants pause their shop", "Add wish lists", "Customers must be able to return goods"]),
        ("import-export", &["Import boards from CSV", "Add PDF export of offers", "Support bulk upload of products"]),
        ("incident-follow-up", &["The checkout crashed three times last week", "The site was down on Friday", "We lost 40 orders yesterday", "Payments failed last night", "Follow up on the outage of last Friday", "Write the postmortem of the lost orders", "Find the root cause of the downtime"]),
        ("infrastructure", &["Deploy to Kubernetes", "Move hosting to another cloud", "Create a staging environment"]),
        ("integration", &["Integrate Stripe", "Sync contacts with Salesforce", "Connect the board to Slack"]),
        ("internationalization", &["Translate the app into German", "Offer the shop in French and Spanish", "Add localization of mails"]),
        ("leaked-secret", &["Rotate the leaked API keys", "Revoke the stolen tokens", "Replace the compromised passwords"]),
        ("load-test", &["Load test the checkout", "Run a stress test of the gateway before Black Friday", "Do capacity planning for the launch"]),
        ("ml-model", &["Train a churn model", "Add product recommendations", "Predict delivery times"]),
        ("mobile-app", &["Build an Android app for couriers", "Add offline mode to the mobile app", "Ship the iOS app"]),
        ("notifications", &["Add real-time notifications", "Send weekly digest emails", "Notify customers about delays by SMS"]),
        ("observability", &["Add tracing to all services", "Set up monitoring and alerting", "Instrument the queue with metrics"]),
        ("payment", &["Accept card payments", "Add invoicing for enterprise customers", "Handle refunds and chargebacks"]),
        ("prevention", &["Stop sending duplicate mails", "We don't want to lose orders any more", "We must never again ship without tests", "Avoid double bookings", "Prevent double bookings", "Keep orders from getting lost", "No more lost parcels", "Improve the reliability of the queue"]),
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

    /// The same as people tell it: of others, with when and why, as a complaint.
    #[rustfmt::skip]
    const TOLD: &[(&str, &[&str])] = &[
        ("accessibility", &["Blind users must be able to use the checkout with a screen reader", "Make the shop accessible before the audit", "Meet WCAG before the law changes"]),
        ("ai-feature", &["Customers should be able to ask a chatbot about their orders", "Let support use an LLM because answers take too long", "Add an AI assistant by Friday"]),
        ("api-endpoint", &["Partners need an API for orders", "Partners must be able to read stock by a REST API", "Expose an endpoint so that the warehouse can pull orders"]),
        ("authentication", &["Users must be able to log in with a passkey", "Customers want to sign in before they pay", "Add single sign-on because enterprise customers ask for it"]),
        ("background-jobs", &["Run imports in a background job so that pages stay fast", "Add a job queue before the release", "Nightly tasks need a scheduler"]),
        ("backup-restore", &["We must be able to restore a backup within an hour", "Set up backups before the migration", "The database needs a failover"]),
        ("bug-fix", &["The checkout crashes when the cart is empty", "Customers report that the export is broken", "Fix the login before the release", "Users cannot open old invoices"]),
        ("ci-pipeline", &["Every change must run through the CI pipeline", "Set up continuous integration before the release", "The build pipeline is slow for everybody, speed up the build pipeline"]),
        ("cli-command", &["Operators must be able to list tenants on the command line", "Add a CLI because operators hate the browser", "Add a subcommand for exports"]),
        ("data-migration", &["Accounts must be migrated to PostgreSQL", "Migrate customers before the old system is switched off", "Backfill countries so that tax can be computed"]),
        ("data-pipeline", &["Orders must flow into the data warehouse", "Ingest events because analysts ask for them", "Build an ETL before the quarter ends"]),
        ("dependency-upgrade", &["Upgrade Django before support ends", "Bump the dependencies because of the audit", "Dependencies must be updated: upgrade the outdated library version"]),
        ("deprecation", &["Retire the old importer after the migration", "The v1 endpoints must be removed before summer", "Remove the beta editor because nobody uses it"]),
        ("design-system", &["All teams should be able to use one component library", "Create a design system before the redesign", "Introduce design tokens so that brands can be swapped"]),
        ("documentation", &["Newcomers must be able to read a tutorial", "Document the plugin interface before the release", "Write a runbook because on-call people are lost"]),
        ("experiment", &["Product managers should be able to run an A/B test", "Put the new checkout behind a feature flag before Black Friday", "Start an experiment when the traffic is back"]),
        ("feature", &["Merchants must be able to pause their shop", "Let customers rate products before Christmas", "Add wish lists because competitors have them"]),
        ("import-export", &["Merchants must be able to export orders as CSV", "Let accountants download a spreadsheet before the tax season", "Import boards when a team joins"]),
        ("incident-follow-up", &["Follow up on the outage before it happens again", "Write the postmortem by Friday", "Work out the root cause of the downtime"]),
        ("infrastructure", &["We need a staging environment", "Deploy the shop to Kubernetes before Black Friday", "Hosting must be moved to another cloud"]),
        ("integration", &["Sales wants to sync contacts with Salesforce", "Connect the board to Slack so that nobody misses a card", "Integrate the ERP before the launch"]),
        ("internationalization", &["French customers must be able to use the shop in French", "Translate the mails before the launch in Spain", "Users need German localization"]),
        ("leaked-secret", &["Our API keys leaked yesterday", "The leaked credentials must be revoked", "Rotate the leaked deploy key before somebody uses it"]),
        ("load-test", &["We must load test the checkout before Black Friday", "Do a stress test when the cluster is up", "Run a soak test because memory grows"]),
        ("ml-model", &["Customers should get product recommendations", "Predict churn before contracts end", "Train a classifier so that mails find their team"]),
        ("mobile-app", &["Couriers must be able to work in an Android app", "Ship the iOS app before summer", "Add offline mode to the mobile app because couriers lose signal"]),
        ("notifications", &["Customers must be notified by SMS when a parcel is late", "Send reminders before a trial ends", "Users want to get an email about each reply"]),
        ("observability", &["On-call people must be able to see alerts", "Add tracing because nobody finds slow calls", "Set up monitoring before the launch"]),
        ("payment", &["We must let customers pay by card before Black Friday", "Let customers pay by card", "Customers want to pay by invoice", "Accept SEPA when the bank agrees", "Shoppers need refunds"]),
        ("prevention", &["The boxes must not arrive late", "We should never lose an order", "Users must not see the invoices of others", "No customer may be charged twice", "Make sure that payments never fail unseen"]),
        ("performance", &["Users complain that the login is slow", "The search must not be slow", "A page must not take longer than 2 seconds", "Make the checkout faster", "The search page takes too long", "The dashboard must be faster before the release", "Customers complain about slow invoices"]),
        ("privacy", &["Users must be able to delete their personal data", "Make us GDPR compliant before the audit", "Add a cookie banner because the law asks for it"]),
        ("refactoring", &["Refactor billing before we add currencies", "Split the monolith so that teams can deploy alone", "Clean up the legacy code after the release"]),
        ("release", &["Release version 2 before the fair", "Launch the beta when tests pass", "Publish the release candidate by Friday"]),
        ("reporting", &["Managers must be able to see a sales dashboard", "Add monthly reports before the board meets", "Sales wants to see charts of revenue"]),
        ("research-spike", &["Find out why customers leave before they pay", "Evaluate vector databases before we build search", "Investigate whether the cache helps"]),
        ("search", &["Customers must be able to search products", "Let users filter the catalogue before they log in", "Users want autocomplete"]),
        ("security-hardening", &["Secrets must be rotated", "Harden the admin area before the audit", "Fix the vulnerabilities because the pentest found them"]),
        ("team-onboarding", &["New developers must get a local setup in an hour", "Improve the developer experience before new hires come", "We need dev containers"]),
        ("testing", &["Write end-to-end tests before the release", "Fix flaky tests because nobody trusts them", "We need more test coverage"]),
        ("ui-screen", &["Users want dark mode", "Redesign the settings page before the launch", "Merchants need a form for returns"]),
        ("user-onboarding", &["Trial users should get a product tour", "Improve onboarding because trials end unused", "New shops need a setup wizard"]),
    ];

    #[test]
    fn what_is_wanted_counts_whoever_wants_it_and_whenever_and_why() {
        let library = Library::built_in();
        let mut wrong = Vec::new();
        for book in library.books() {
            let (_, told) = TOLD.iter().find(|(name, _)| *name == book.name).expect("sentences for every playbook");
            let found = told.iter().map(|text| (text, books(text).remove(0)));
            wrong.extend(
                found
                    .filter(|(_, found)| *found != book.name)
                    .map(|(text, found)| format!("{}: {text}: {found}", book.name)),
            );
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_nobody_knows_is_said_to_be_unknown() {
        let library = Library::built_in();
        let understood = |text: &str| choose(&objectives(text)[0], &library).understood;
        assert!(!understood("asdf") && !understood("Frobnicate quux") && !understood("Foo bar baz"));
        assert!(understood("Add foo") && understood("Checkout") && understood("Let shoppers return the goods"));
        for text in [
            "Make everything better",
            "Grow revenue by 20% in Q1",
            "Organize the summer party",
            "Plan the launch party",
            "Prepare a webinar for customers",
            "Prepare the board meeting",
            "Hire two backend developers",
            "Order 3 laptops",
            "Delight our users",
            "Train the support team",
            "Improve things",
        ] {
            assert!(!understood(text), "{text}");
        }
    }

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
