//! Which language model is asked, where, and with which key: from the environment of the user alone. A board is a file
//! that others may have made, and must not be able to send anybody's key anywhere.

use std::fmt;
use std::time::Duration;

/// Environment variable with the model, as `PROVIDER::NAME`.
const MODEL: &str = "VAYU_MODEL";
/// Environment variable with the address, for a server of one's own.
const URL: &str = "VAYU_MODEL_URL";
/// Environment variable with the key.
const KEY: &str = "VAYU_MODEL_KEY";
/// Environment variable with the seconds that an answer may take.
const LIMIT: &str = "VAYU_MODEL_SECONDS";
/// Seconds that an answer may take if nothing is said.
const USUAL_SECONDS: u64 = 90;

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// `OpenAI`, or any server that speaks its language.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// Ollama, by its OpenAI-compatible door, which knows schemas.
    Ollama,
}

impl Provider {
    fn named(name: &str) -> Option<Self> {
        match name {
            "openai" => Some(Self::OpenAi),
            "anthropic" => Some(Self::Anthropic),
            "ollama" => Some(Self::Ollama),
            _ => None,
        }
    }

    /// Where it is reached if no address is given, and the variable that usually holds its key; none: it needs none.
    fn usual(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::OpenAi => ("https://api.openai.com/v1/", Some("OPENAI_API_KEY")),
            Self::Anthropic => ("https://api.anthropic.com/v1/", Some("ANTHROPIC_API_KEY")),
            Self::Ollama => ("http://localhost:11434/v1/", None),
        }
    }
}

/// A key, which is never shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub(super) struct Key(pub(super) String);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "Key(none)" } else { "Key(…)" })
    }
}

/// A configured language model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Who answers.
    pub provider: Provider,
    /// Name of the model, as the provider knows it.
    pub name: String,
    /// Address, with a slash at its end.
    pub url: String,
    /// How long a plan waits for all answers together.
    pub limit: Duration,
    pub(super) key: Key,
}

/// What is wrong with the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {what}")]
pub struct Unset {
    variable: &'static str,
    what: String,
}

fn wrong(variable: &'static str, what: impl Into<String>) -> Unset {
    Unset { variable, what: what.into() }
}

impl Settings {
    /// The model that this process's environment names; none: it names none.
    ///
    /// # Errors
    /// A variable whose value makes no sense, or a key that is missing.
    pub fn from_environment() -> Result<Option<Self>, Unset> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// The model that this process's environment asks for, as it stands there.
    pub fn wanted() -> String {
        std::env::var(MODEL).unwrap_or_default()
    }

    /// As [`Self::from_environment`], with the variables looked up by `get`.
    ///
    /// # Errors
    /// As there.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Unset> {
        let get = |name: &str| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let Some(model) = get(MODEL) else { return Ok(None) };
        let named = model.split_once("::").and_then(|(who, name)| Some((Provider::named(who)?, name.trim())));
        let (provider, name) = named.filter(|(_, name)| is_name(name)).ok_or_else(|| {
            wrong(MODEL, "write openai::NAME, anthropic::NAME or ollama::NAME, with the name of a model")
        })?;
        let (usual_url, usual_key) = provider.usual();
        let own_url = get(URL).map(|url| address(&url)).transpose()?;
        // The key for one place is not sent to another.
        let usual_key = usual_key.filter(|_| own_url.is_none());
        let key = get(KEY).or_else(|| get(usual_key?));
        if let (Some(usual), None) = (usual_key, &key) {
            return Err(wrong(usual, format!("{model} needs a key: set {usual} or {KEY}")));
        }
        let url = own_url.unwrap_or_else(|| usual_url.into());
        if key.is_some() && url.starts_with("http://") && !is_here(&url) {
            return Err(wrong(URL, "a key goes to another machine by https only"));
        }
        let limit = Duration::from_secs(get(LIMIT).map_or(Ok(USUAL_SECONDS), |text| seconds(&text))?);
        Ok(Some(Self { provider, name: name.into(), url, limit, key: Key(key.unwrap_or_default()) }))
    }

    /// True if the model runs on this machine.
    pub fn is_here(&self) -> bool {
        is_here(&self.url)
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 200 && name.chars().all(|c| c.is_ascii_graphic())
}

fn address(url: &str) -> Result<String, Unset> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let plain = url.chars().all(|c| c.is_ascii_graphic()) && !host.is_empty() && !host.contains('@');
    if !plain {
        return Err(wrong(URL, "write an address such as https://models.example.com/v1/"));
    }
    Ok(if url.ends_with('/') { url.to_owned() } else { format!("{url}/") })
}

fn is_here(url: &str) -> bool {
    let host = url.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default();
    let name = if host.starts_with('[') { host.split(']').next() } else { host.split(':').next() };
    matches!(name, Some("localhost" | "127.0.0.1" | "[::1"))
}

fn seconds(text: &str) -> Result<u64, Unset> {
    let seconds = text.parse().ok().filter(|seconds| (1..=3600).contains(seconds));
    seconds.ok_or_else(|| wrong(LIMIT, "seconds are a whole number from 1 to 3600"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Option<Settings>, String> {
        let get = |name: &str| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Settings::read(get).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn nothing_is_asked_unless_a_model_is_named() {
        assert_eq!(read(&[("OPENAI_API_KEY", "k"), (URL, "https://x.example")]), Ok(None));
        assert_eq!(read(&[(MODEL, " ")]), Ok(None));
    }

    #[test]
    fn each_provider_has_its_usual_place_and_key() {
        let openai = read(&[(MODEL, "openai::m"), ("OPENAI_API_KEY", "k")]).expect("valid").expect("set");
        assert_eq!((openai.url.as_str(), openai.key.0.as_str()), ("https://api.openai.com/v1/", "k"));
        let ollama = read(&[(MODEL, "ollama::llama3:8b")]).expect("valid").expect("set");
        assert!(ollama.is_here() && ollama.key.0.is_empty() && ollama.name == "llama3:8b");
        assert!(read(&[(MODEL, "anthropic::m")]).expect_err("no key").contains("ANTHROPIC_API_KEY"));
    }

    #[test]
    fn a_providers_key_is_not_sent_to_another_address() {
        let own = [(MODEL, "openai::m"), (URL, "https://models.example.com/v1"), ("OPENAI_API_KEY", "k")];
        let own = read(&own).expect("valid").expect("set");
        assert_eq!((own.url.as_str(), own.key.0.as_str()), ("https://models.example.com/v1/", ""));
    }

    #[test]
    fn a_key_leaves_the_machine_by_https_only() {
        let vars = [(MODEL, "openai::m"), (URL, "http://models.example.com/"), (KEY, "k")];
        assert!(read(&vars).expect_err("refused").contains("https only"));
        for here in ["http://localhost:8080", "http://127.0.0.1:8080/v1/", "http://[::1]:8080/"] {
            assert!(read(&[(MODEL, "openai::m"), (URL, here), (KEY, "k")]).is_ok(), "{here}");
        }
        assert!(read(&[(MODEL, "openai::m"), (URL, "http://localhost.evil.example/"), (KEY, "k")]).is_err());
        assert!(read(&[(MODEL, "openai::m"), (URL, "http://localhost@evil.example/"), (KEY, "k")]).is_err());
    }

    #[test]
    fn a_key_is_never_shown() {
        let set = read(&[(MODEL, "openai::m"), (KEY, "sk-secret")]).expect("valid").expect("set");
        assert!(!format!("{set:?}").contains("secret"));
    }

    #[test]
    fn nonsense_is_named_by_its_variable() {
        for (vars, variable) in [
            (vec![(MODEL, "gpt")], MODEL),
            (vec![(MODEL, "acme::m")], MODEL),
            (vec![(MODEL, "openai::")], MODEL),
            (vec![(MODEL, "ollama::m"), (URL, "ftp://x")], URL),
            (vec![(MODEL, "ollama::m"), (LIMIT, "soon")], LIMIT),
        ] {
            assert!(read(&vars).expect_err("refused").starts_with(variable), "{vars:?}");
        }
    }
}
