//! A language model that breaks objectives down, played by a script on this machine: what it is sent, what is made of
//! its answers, and that planning goes on without it.

use std::sync::atomic::AtomicBool;

use vayu::models::{Question, Trouble, ask};

use super::model_server::{Server, Turn, anthropic, breakdown, openai};
use super::*;

const KEY: &str = "sk-very-secret";

/// A board with one agent, in a folder.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(vayu(folder.path(), &["init"], "").status.success());
    let agent = ["agent", "add", "Grace Hopper", "--skills", "backend:4", "--role", "backend-dev"];
    assert!(vayu(folder.path(), &agent, "").status.success());
    folder
}

fn plan(model: &str, server: &Server, extra: &[&str]) -> Output {
    let folder = folder();
    let args = ["sprint", "plan", "--objective", "Add search", "--dry-run"];
    let vars =
        [("VAYU_MODEL", model), ("VAYU_MODEL_URL", &server.url), ("VAYU_MODEL_KEY", KEY), ("VAYU_MODEL_SECONDS", "30")];
    let args: Vec<&str> = args.iter().chain(extra).copied().collect();
    vayu_with(folder.path(), &args, "", &vars)
}

#[test]
fn a_models_breakdown_is_taken_and_what_the_team_lacks_is_said() {
    let server = Server::playing(vec![openai(&breakdown())]);
    let output = plan("openai::m", &server, &["--json"]);
    let plan = json(&output);
    assert_eq!(plan["aims"][0]["leans_on"], "by the language model m");
    assert_eq!(plan["language_model"]["trouble"], Value::Null);
    let titles: Vec<&str> = plan["jobs"].as_array().unwrap().iter().filter_map(|job| job["title"].as_str()).collect();
    assert_eq!(titles, ["Do the groundwork", "Do the magic"]);
    assert_eq!(plan["jobs"][1]["lacks"], "nobody has sorcery; anyone may take it");

    let (head, body) = server.heard().remove(0);
    assert!(head.starts_with("POST /v1/chat/completions ") && head.contains(KEY));
    assert_eq!(body["response_format"]["type"], "json_schema");
    assert_eq!(body["response_format"]["json_schema"]["strict"], true);
    let sent = body.to_string();
    assert!(sent.contains("Add search") && sent.contains("backend") && !sent.contains("Grace"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains(KEY));
}

#[test]
fn anthropic_and_ollama_are_asked_in_their_own_ways() {
    let server = Server::playing(vec![anthropic(&breakdown())]);
    assert_eq!(json(&plan("anthropic::m", &server, &["--json"]))["aims"][0]["leans_on"], "by the language model m");
    let (head, body) = server.heard().remove(0);
    assert!(head.starts_with("POST /v1/messages ") && head.to_lowercase().contains("x-api-key"));
    assert!(body["output_config"]["format"].is_object(), "{body}");

    let server = Server::playing(vec![openai(&breakdown())]);
    assert_eq!(json(&plan("ollama::m:8b", &server, &["--json"]))["language_model"]["trouble"], Value::Null);
    let (head, body) = server.heard().remove(0);
    assert!(head.starts_with("POST /v1/chat/completions ") && body["model"] == "m:8b");
}

#[test]
fn an_answer_that_cannot_be_used_is_mended_once() {
    let wrong = breakdown().replace("\"minutes\":90", "\"minutes\":0");
    let server = Server::playing(vec![openai(&wrong), openai(&breakdown())]);
    assert_eq!(json(&plan("openai::m", &server, &["--json"]))["aims"][0]["leans_on"], "by the language model m");
    let second = server.heard().remove(1).1["messages"].to_string();
    assert!(second.contains("This cannot be used: objective 1: task `groundwork`: 0 minutes"), "{second}");
}

#[test]
fn whatever_the_model_does_playbooks_stand_in_and_it_is_said() {
    let echo = format!("{{\"error\": \"bad key {KEY}\\u001b[2J\"}}");
    let never = vec![openai("I cannot do that."), openai("{}")];
    for (script, said) in [
        (never, "its answer could not be used, even after it was told why"),
        (vec![Turn::Says(401, echo)], "answers 401"),
        (vec![Turn::Says(302, "{}".into())], "answers 302"),
        (vec![Turn::Says(200, "<html>".into())], "does not answer in JSON"),
        (vec![Turn::Says(200, "{}".into())], "of no help"),
    ] {
        let output = plan("openai::m", &Server::playing(script), &[]);
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("by the playbook search") && text.contains(said), "{text}");
        assert!(text.contains("playbooks were used") && !text.contains(KEY) && !text.contains('\u{1b}'), "{text}");
    }
    let text = String::from_utf8(plan("openai::m", &Server::nobody(), &[]).stdout).unwrap();
    assert!(text.contains("cannot be reached"), "{text}");
}

#[test]
fn nobody_waits_longer_than_the_limit_or_than_they_want() {
    let question = Question::new(objectives("Add search"), &[]);
    let late = Server::playing(vec![Turn::Waits]);
    assert_eq!(ask(&late.settings("1"), &question, &AtomicBool::new(false)), Err(Trouble::Late(1)));
    let stopped = Server::playing(vec![Turn::Waits]);
    assert_eq!(ask(&stopped.settings("60"), &question, &AtomicBool::new(true)), Err(Trouble::Stopped));
}

#[test]
fn nothing_is_asked_without_a_model_without_objectives_or_if_told_so() {
    let server = Server::playing(vec![openai(&breakdown())]);
    assert!(json(&plan("openai::m", &server, &["--no-model", "--json"]))["language_model"].is_null());
    assert!(json(&plan("", &server, &["--json"]))["language_model"].is_null());
    assert!(server.heard().is_empty());
}

#[test]
fn a_model_that_is_not_set_right_is_said_and_playbooks_serve() {
    let server = Server::playing(Vec::new());
    let wrong = json(&plan("gpt", &server, &["--json"]));
    assert!(wrong["language_model"]["trouble"].as_str().unwrap().contains("VAYU_MODEL: write openai::NAME"));
    assert_eq!(wrong["aims"][0]["leans_on"], "by the playbook search");
    let folder = folder();
    assert!(vayu(folder.path(), &["task", "create", "Ledger", "--backlog"], "").status.success());
    let args = ["sprint", "plan", "--task", "1", "--dry-run"];
    let nothing_asked = vayu_with(folder.path(), &args, "", &[("VAYU_MODEL", "openai::m"), ("OPENAI_API_KEY", "")]);
    assert!(nothing_asked.status.success(), "{nothing_asked:?}");
}

/// Half a day said by a model for a small objective is half a day: it was told that it is small.
#[test]
fn what_a_model_says_is_scaled_once_and_counts_as_the_teams_points_do() {
    let service = board();
    let settings = Server::playing(vec![openai(&breakdown())]);
    let question = Question::new(objectives("Quick search for shops"), &[]);
    let found = ask(&settings.settings("30"), &question, &AtomicBool::new(false)).unwrap();
    let mut library = Library::built_in();
    for one in found {
        library.propose(one.objective, one.book);
    }
    let (ground, mut ids) = (planning::ground(&service).unwrap(), CountedIds::seeded(7));
    let mut draft = Draft::new(ground.now, &mut ids);
    draft.set_objectives("Quick search for shops", &library, &ground, &mut ids);
    let outlook = Outlook::of(&draft, &ground, AT_ONCE);
    let job = outlook.jobs.iter().find(|job| job.title == "Do the groundwork").unwrap();
    assert_eq!((job.minutes, job.points), (Some(90), None));
    let of_jobs: f64 = outlook.jobs.iter().map(|job| job.size(&ground.rule)).sum();
    assert!((outlook.aims[0].effort - of_jobs).abs() < 1e-9);
}
