use super::*;

fn short(text: &str) -> Vec<(String, Priority)> {
    objectives(text).into_iter().map(|objective| (objective.title, objective.priority)).collect()
}

fn titles(text: &str) -> Vec<String> {
    objectives(text).into_iter().map(|objective| objective.title).collect()
}

#[test]
fn one_sentence_holds_three_objectives() {
    let text = "We need to implement user authentication for our API, add real-time notifications, and improve our testing coverage";
    assert_eq!(
        short(text),
        [
            ("Implement user authentication for our API".to_owned(), Priority::High),
            ("Add real-time notifications".to_owned(), Priority::Normal),
            ("Improve testing coverage".to_owned(), Priority::Normal),
        ]
    );
    let subjects: Vec<_> = objectives(text).into_iter().map(|objective| objective.subject).collect();
    assert_eq!(subjects, ["user authentication", "real-time notifications", "testing coverage"]);
}

#[test]
fn wording_decides_the_priority() {
    assert_eq!(short("Urgent: fix the login crash"), [("Fix the login crash".to_owned(), Priority::Critical)]);
    assert_eq!(short("P1: add search")[0].1, Priority::High);
    assert_eq!(short("It would be nice to have dark mode")[0].1, Priority::Low);
    assert_eq!(short("Dark mode would be nice."), [("Dark mode".to_owned(), Priority::Low)]);
    assert_eq!(short("We should tidy up. Maybe add charts")[1].1, Priority::Low);
    let all = short("We must fix the leak, ship the release and, if time permits, polish the icons");
    assert_eq!(all.iter().map(|one| one.1).collect::<Vec<_>>(), [Priority::High, Priority::High, Priority::Low]);
}

#[test]
fn lists_are_read_item_by_item_and_headings_are_not_wishes() {
    let text =
        "Goals for June:\n\n1. Import boards from CSV, XML and JSON\n2) [ ] Speed up search\n- Weekly digest email";
    assert_eq!(titles(text), ["Import boards from CSV, XML and JSON", "Speed up search", "Weekly digest email"]);
}

#[test]
fn a_wrapped_sentence_stays_one() {
    let text = "Make the settlement of merchants in three new currencies\npossible on the same day";
    assert_eq!(titles(text).len(), 1);
}

#[test]
fn words_of_size_are_heard() {
    assert_eq!(objectives("Rewrite the billing engine from scratch")[0].size, Size::Large);
    assert_eq!(objectives("Quick fix for the footer")[0].size, Size::Small);
}

#[test]
fn a_word_that_belongs_to_the_wish_is_no_label() {
    assert_eq!(
        short("High availability for the ledger"),
        [("High availability for the ledger".into(), Priority::Normal)]
    );
    assert_eq!(titles("Next.js for the web board"), ["Next.js for the web board"]);
}

#[test]
fn stories_frames_and_abbreviations_are_read_as_they_are_meant() {
    assert_eq!(titles("As a merchant, I want to export statements so that I can file taxes").len(), 1);
    assert_eq!(titles("As an admin I want to be able to pause shops"), ["Pause shops"]);
    assert_eq!(titles("For this sprint: add search and fix the login"), ["Add search", "Fix the login"]);
    assert_eq!(titles("Add exports (e.g. CSV). Fix the footer"), ["Add exports (e.g. CSV)", "Fix the footer"]);
    assert_eq!(titles("API: add limits"), ["API: add limits"]);
}

#[test]
fn a_verb_that_is_meant_as_a_thing_begins_no_wish() {
    assert_eq!(titles("Add filters, search and export").len(), 1);
    assert_eq!(titles("Add load tests and monitoring of the queue").len(), 1);
    assert_eq!(titles("Add filters and start monitoring the queue").len(), 2);
}

#[test]
fn what_shall_not_be_done_is_a_limit_and_no_wish() {
    for (text, wishes, limits) in [
        ("Don't change the checkout.", vec![], vec!["Don't change the checkout"]),
        ("Add search, but do not touch the API", vec!["Add search"], vec!["Do not touch the API"]),
        (
            "We must not change prices. Leave the footer as it is",
            vec![],
            vec!["Not change prices", "Leave the footer as it is"],
        ),
        ("Don’t forget to add search", vec!["Add search"], vec![]),
        ("Don't let guests see prices", vec!["Keep guests from seeing prices"], vec![]),
        ("Customers must not lose their cart", vec!["Keep customers from losing their cart"], vec![]),
    ] {
        let reading = Reading::of(text);
        let found: Vec<&str> = reading.objectives.iter().map(|objective| objective.title.as_str()).collect();
        assert_eq!((found, reading.limits), (wishes, limits.into_iter().map(str::to_owned).collect()), "{text}");
    }
}

#[test]
fn what_is_said_beside_a_wish_leaves_the_title() {
    let text = "We must fix the export by Friday (2h), it's blocking sales. Add search. This is urgent.";
    assert_eq!(
        short(text),
        [("Fix the export".to_owned(), Priority::Critical), ("Add search".to_owned(), Priority::Critical)]
    );
    let export = objectives(text).remove(0);
    assert_eq!((export.minutes, export.because.as_deref()), (Some(120), Some("blocking")));
    assert!(export.due.is_some());
}

#[test]
fn when_and_why_in_front_come_after_the_wish() {
    assert_eq!(
        titles("Before Black Friday, let customers pay by card"),
        ["Let customers pay by card before Black Friday"]
    );
    assert_eq!(titles("By Friday, add search and fix the login"), ["Add search", "Fix the login"]);
    assert_eq!(
        titles("Customers must be able to return goods and get refunds"),
        ["Let customers return goods and get refunds"]
    );
}

#[test]
fn somebody_with_a_verb_of_their_own_begins_a_wish_of_its_own() {
    for (text, wishes) in [
        (
            "We must let customers give a box as a gift before 3 December, and users complain that the login is slow.",
            ["Let customers give a box as a gift", "Speed up the login"],
        ),
        ("Add search and customers cannot log in", ["Add search", "Fix that customers cannot log in"]),
        ("Let guests pay by card, and the export takes too long", ["Let guests pay by card", "Speed up the export"]),
        (
            "Add dark mode, but the checkout is broken on phones",
            ["Add dark mode", "Fix that the checkout is broken on phones"],
        ),
        (
            "Users complain that the login is slow and the search is broken",
            ["Speed up the login", "Fix that the search is broken"],
        ),
        (
            "Build a form for returns, and merchants need statements",
            ["Build a form for returns", "Give merchants statements"],
        ),
        (
            "Translate the mails and editors must be able to preview them",
            ["Translate the mails", "Let editors preview them"],
        ),
        ("Couriers need an app, and the map is too slow", ["Give couriers an app", "Speed up the map"]),
        (
            "Managers want monthly reports, and the boxes must not arrive late",
            ["Give managers monthly reports", "Keep the boxes from arriving late"],
        ),
        ("Add gift cards and orders get lost", ["Add gift cards", "Fix that orders get lost"]),
        (
            "Improve the docs, and support says that invoices are missing",
            ["Improve the docs", "Fix that invoices are missing"],
        ),
        (
            "Customers must be able to return goods, and our warehouse needs a scanner app",
            ["Let customers return goods", "Give our warehouse a scanner app"],
        ),
    ] {
        assert_eq!(titles(text), wishes, "{text}");
    }
}

#[test]
fn an_and_within_what_is_told_begins_no_wish() {
    for text in [
        "Customers and merchants must be able to pay by card",
        "Users complain that the login and the search are slow",
        "Warn me when the disk is full and the backup is broken",
        "Build an app that couriers and drivers can use",
        "Find out why the search is slow and the login is broken",
        "Fix hangs, memory leaks and crashes",
        "Add a page where customers and merchants can see orders",
        "Make the shop fast, so users can pay and leave",
        "Fix it before the shop opens and users complain about it",
        "Check what customers want and merchants need",
        "Add filters, search and export",
        "Fix the login, which is broken",
    ] {
        assert_eq!(titles(text).len(), 1, "{text}: {:?}", titles(text));
    }
}

#[test]
fn what_must_not_happen_is_a_wish_to_prevent_it() {
    for (text, title, subject) in [
        ("The boxes must not arrive late", "Keep the boxes from arriving late", "boxes arriving late"),
        ("We should never lose an order", "Prevent losing an order", "losing an order"),
        ("Users must not see drafts", "Keep users from seeing drafts", "users seeing drafts"),
        ("No order may get lost", "Keep any order from getting lost", "any order getting lost"),
        ("Nobody should be charged twice", "Keep anybody from being charged twice", "anybody being charged twice"),
        ("We must never send a mail twice", "Prevent sending a mail twice", "sending a mail twice"),
        ("Backups mustn't fail unseen", "Keep backups from failing unseen", "backups failing unseen"),
        ("There must be no duplicate invoices", "Prevent duplicate invoices", "duplicate invoices"),
        ("Never allow guests to read tickets", "Keep guests from reading tickets", "guests reading tickets"),
        ("Make sure that orders never get lost", "Keep orders from getting lost", "orders getting lost"),
        ("Ensure no parcel goes missing", "Keep any parcel from going missing", "any parcel going missing"),
        ("Stop the queue from running full", "Stop the queue from running full", "queue running full"),
        ("The site shall not go down at night", "Keep the site from going down at night", "site going down at night"),
        ("Don't leak addresses", "Prevent leaking addresses", "leaking addresses"),
    ] {
        let reading = Reading::of(text);
        let found: Vec<_> = reading
            .objectives
            .iter()
            .map(|one| (one.title.as_str(), one.verb.as_str(), one.subject.as_str()))
            .collect();
        assert_eq!(found, [(title, "prevent", subject)], "{text}: {:?}", reading.limits);
        assert_eq!(objectives(title)[0].subject, subject, "{title}");
    }
}

#[test]
fn what_happened_is_followed_up_and_never_built() {
    for (text, subject) in [
        ("The checkout crashed three times last week", "the crash of the checkout"),
        ("The site was down for two hours yesterday", "the outage of the site"),
        ("We lost 40 orders on Friday", "the loss of 40 orders"),
        ("Our API keys leaked", "the leak of our API keys"),
        ("Customers report that the export crashed", "the crash of the export"),
        ("Half of the mails did not arrive", "\"half of the mails did not arrive\""),
        ("Last Friday's deployment broke the invoices", "the breakdown of last Friday's deployment"),
        ("A customer was charged twice yesterday", "\"a customer was charged twice yesterday\""),
    ] {
        let found = objectives(text);
        assert_eq!((found.len(), found[0].verb.as_str(), found[0].subject.as_str()), (1, "follow", subject), "{text}");
        assert_eq!(found[0].due, None, "{text}: when it happened is no deadline");
    }
    for text in
        ["Retry failed payments", "Show lost parcels on a map", "Rotate the leaked keys", "No order may get lost"]
    {
        assert_ne!(objectives(text)[0].verb, "follow", "{text}");
    }
}

#[test]
fn not_to_go_on_is_to_prevent_it_or_to_take_it_away() {
    for (text, verb, subject) in [
        ("Stop sending duplicate mails", "prevent", "sending duplicate mails"),
        ("Stop losing parcels", "prevent", "losing parcels"),
        ("We don't want to lose orders any more", "prevent", "losing orders"),
        ("We don't want orders to get lost", "prevent", "orders getting lost"),
        ("We must never again ship without tests", "prevent", "shipping without tests"),
        ("Avoid double bookings", "prevent", "double bookings"),
        ("No duplicate invoices", "prevent", "duplicate invoices"),
        ("Stop using Jenkins", "discontinue", "Jenkins"),
        ("Stop supporting old browsers", "discontinue", "old browsers"),
        ("Get rid of the old importer", "remove", "old importer"),
        ("We no longer need the staging server", "remove", "staging server"),
        ("The old API is not used any more", "remove", "old API"),
        ("Nobody needs the fax module", "remove", "fax module"),
        ("Users should no longer see the old menu", "prevent", "users seeing the old menu"),
    ] {
        let found = Reading::of(text);
        assert_eq!(found.limits, Vec::<String>::new(), "{text}");
        assert_eq!(
            (found.objectives[0].verb.as_str(), found.objectives[0].subject.as_str()),
            (verb, subject),
            "{text}"
        );
    }
    for text in ["No deployment on Fridays", "No new dependencies", "Avoid new dependencies"] {
        assert_eq!(Reading::of(text).limits, [text]);
    }
}

#[test]
fn how_the_work_is_done_stays_a_limit() {
    for text in [
        "Don't change the API",
        "The API must not change",
        "Prices must not be changed",
        "Nobody should touch the checkout",
        "We must not use new dependencies",
        "Do not rename the tables",
        "Never deploy on Fridays",
        "Avoid new dependencies",
        "We won't support tablets",
        "The old screens shall not be rewritten",
    ] {
        let reading = Reading::of(text);
        assert_eq!((reading.objectives.len(), reading.limits.len()), (0, 1), "{text}: {reading:?}");
    }
}

#[test]
fn nothing_makes_no_objective() {
    assert!(objectives(" \n--- ... \n").is_empty());
}
