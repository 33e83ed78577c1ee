//! A language model played by a script: a server on this machine that says what it is told to, and keeps what it heard.
#![allow(dead_code, reason = "each test crate uses what it needs")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use vayu::models::Settings;

/// What the server does with a request.
#[derive(Clone)]
pub enum Turn {
    /// Answers with this status and body.
    Says(u16, String),
    /// Answers never.
    Waits,
}

/// A server that plays its script, one turn for each request, and keeps what it was sent.
pub struct Server {
    pub url: String,
    heard: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Server {
    pub fn playing(script: Vec<Turn>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1/", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        std::thread::spawn(move || {
            let mut waiting = Vec::new();
            for turn in script {
                let Ok((mut stream, _)) = listener.accept() else { return };
                ears.lock().unwrap().push(request(&stream));
                match turn {
                    Turn::Says(status, body) => answer(&mut stream, status, &body),
                    Turn::Waits => waiting.push(stream),
                }
            }
            // Whoever waits for an answer waits until the test has ended.
            if !waiting.is_empty() {
                std::thread::park();
            }
        });
        Self { url, heard }
    }

    /// Nobody is there.
    pub fn nobody() -> Self {
        Self { url: "http://127.0.0.1:9/v1/".into(), heard: Arc::default() }
    }

    pub fn heard(&self) -> Vec<(String, Value)> {
        self.heard.lock().unwrap().clone()
    }

    pub fn settings(&self, seconds: &str) -> Settings {
        let get = |name: &str| match name {
            "VAYU_MODEL" => Some("openai::m".to_owned()),
            "VAYU_MODEL_URL" => Some(self.url.clone()),
            "VAYU_MODEL_SECONDS" => Some(seconds.to_owned()),
            _ => None,
        };
        Settings::read(get).unwrap().unwrap()
    }
}

/// Headers and body.
fn request(stream: &TcpStream) -> (String, Value) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let length = |line: &str| line.to_lowercase().strip_prefix("content-length:").map(|n| n.trim().parse().unwrap());
    let mut body = vec![0; head.lines().find_map(length).unwrap_or(0)];
    reader.read_exact(&mut body).unwrap();
    (head, serde_json::from_slice(&body).unwrap())
}

fn answer(stream: &mut TcpStream, status: u16, body: &str) {
    let head = "Content-Type: application/json\r\nConnection: close";
    // A client that has gone does not read.
    let _gone = write!(stream, "HTTP/1.1 {status} Said\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
}

/// An answer in the language of `OpenAI`.
pub fn openai(text: &str) -> Turn {
    let message = json!({ "role": "assistant", "content": text });
    let body = json!({ "id": "1", "object": "chat.completion", "model": "m", "created": 1,
        "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 } });
    Turn::Says(200, body.to_string())
}

/// An answer in the language of Anthropic.
pub fn anthropic(text: &str) -> Turn {
    let body = json!({ "id": "1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "content": [{ "type": "text", "text": text }], "usage": { "input_tokens": 1, "output_tokens": 1 } });
    Turn::Says(200, body.to_string())
}

fn task(key: &str, skill: &str, after: &[&str]) -> Value {
    json!({ "key": key, "title": format!("Do the {key}"), "description": "", "category": "execution",
        "skills": [{ "skill": skill, "level": 3 }], "role": "", "minutes": 90, "complexity": "simple",
        "acceptance": [format!("The {key} is done")], "after": after })
}

/// A breakdown of one objective that can be used; nobody has the second task's skill.
pub fn breakdown() -> String {
    let tasks = json!([task("groundwork", "backend", &[]), task("magic", "sorcery", &["groundwork"])]);
    json!({ "breakdowns": [{ "objective": 1, "tasks": tasks }] }).to_string()
}
