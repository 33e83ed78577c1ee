//! The way to a provider and back. The runtime that it needs lives on a thread of its own, for one answer.

use std::pin::pin;
use std::time::Duration;

use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, JsonSpec};
use genai::resolver::{AuthData, Endpoint};
use genai::{Client, ModelIden, ServiceTarget};
use serde_json::Value;

use super::{Patience, Provider, Settings, Trouble};

/// How often it is looked whether somebody wants to stop.
const BEAT: Duration = Duration::from_millis(50);
/// Most characters of a provider's own words about an error.
const WORDS: usize = 200;

/// Says everything so far, in turns that begin with the user's, and returns the model's next turn.
pub(super) fn say(
    settings: &Settings,
    rules: &str,
    schema: Value,
    talk: &[String],
    patience: &Patience<'_>,
) -> Result<String, Trouble> {
    let run = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build().map_err(|error| Trouble::Refused(error.to_string()))?;
        let said = runtime.block_on(attended(answer(settings, rules, schema, talk), patience));
        // A name that is still being looked up would hold it up.
        runtime.shutdown_background();
        said
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("model".into()).spawn_scoped(scope, run);
        let thread = thread.map_err(|error| Trouble::Refused(error.to_string()))?;
        thread.join().unwrap_or_else(|_| Err(Trouble::Refused("its thread has failed".into())))
    })
}

/// Waits for the work, as long as there is patience.
async fn attended<T>(work: impl Future<Output = Result<T, Trouble>>, patience: &Patience<'_>) -> Result<T, Trouble> {
    let mut work = pin!(work);
    loop {
        match tokio::time::timeout(BEAT, work.as_mut()).await {
            Ok(done) => return done,
            Err(_) => patience.lasts()?,
        }
    }
}

async fn answer(settings: &Settings, rules: &str, schema: Value, talk: &[String]) -> Result<String, Trouble> {
    let client = client(settings)?;
    let turn = |(at, text): (usize, &String)| match at % 2 {
        0 => ChatMessage::user(text.as_str()),
        _ => ChatMessage::assistant(text.as_str()),
    };
    let request = ChatRequest::new(talk.iter().enumerate().map(turn).collect()).with_system(rules);
    let options = ChatOptions::default().with_response_format(JsonSpec::new("breakdowns", schema));
    let said = client.exec_chat(target(settings), request, Some(&options)).await;
    let said = said.map_err(|error| refused(&error, settings))?;
    said.into_first_text().ok_or_else(|| Trouble::Refused("it answered without a word".into()))
}

/// Whom to ask where with which key. Ollama's own dialect drops the schema; its other door does not.
fn target(settings: &Settings) -> ServiceTarget {
    let kind = match settings.provider {
        Provider::OpenAi | Provider::Ollama => AdapterKind::OpenAI,
        Provider::Anthropic => AdapterKind::Anthropic,
    };
    let key = if settings.key.0.is_empty() { "none" } else { &settings.key.0 };
    ServiceTarget {
        endpoint: Endpoint::from_owned(settings.url.as_str()),
        auth: AuthData::from_single(key),
        model: ModelIden::new(kind, settings.name.as_str()),
    }
}

fn client(settings: &Settings) -> Result<Client, Trouble> {
    // Only the first choice of a process counts; that one was made before is no fault.
    let _chosen_before = rustls::crypto::ring::default_provider().install_default();
    // A redirection could carry the key elsewhere.
    let mut web = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    if settings.is_here() {
        web = web.no_proxy();
    }
    let web = web.build().map_err(|error| Trouble::Refused(error.to_string()))?;
    Client::builder().with_reqwest(web).build().map_err(|error| Trouble::Refused(error.to_string()))
}

/// What went wrong in a few words; requests, which hold the question, and keys are not among them.
fn refused(error: &genai::Error, settings: &Settings) -> Trouble {
    use genai::webc::Error as Web;
    let said = match error {
        genai::Error::WebModelCall { webc_error: Web::ResponseFailedStatus { status, body, .. }, .. } => {
            format!("{} answers {status}: {body}", settings.url)
        }
        genai::Error::WebModelCall { webc_error: Web::Reqwest(_), .. } => {
            format!("{} cannot be reached", settings.url)
        }
        genai::Error::WebModelCall { .. } => format!("{} does not answer in JSON", settings.url),
        _ => format!("{} does not answer as a model does", settings.url),
    };
    let hidden = if settings.key.0.is_empty() { said } else { said.replace(&settings.key.0, "…") };
    let plain: String = hidden.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS).collect();
    Trouble::Refused(plain.trim_end().to_owned())
}
