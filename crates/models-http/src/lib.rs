//! The questions of `models` asked of a server that speaks the OpenAI chat interface (llama.cpp, vLLM, Ollama and others).
//!
//! Case data goes to that server, so it must be on this machine unless the site says otherwise ([`Reach`]). Every wait is
//! bounded, every answer too; what is broken, late or refused is an error that says what to do, never a hang.

mod address;
mod stream;
#[cfg(test)]
mod tests;

pub use address::{BadAddress, Reach};

use concilium_models::{ChatAsk, ChatModel, ChatReply, ModelError, ModelId, Stop};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Where and how to ask.
#[derive(Clone, Debug)]
pub struct Options {
    /// Base address up to and without `/chat/completions`: `http://127.0.0.1:8080/v1`.
    pub address: String,
    /// The model's name at that server.
    pub model: String,
    /// Bearer key; none where the server asks for none.
    pub key: Option<String>,
    /// May the address be another machine's?
    pub reach: Reach,
    /// Longest silence before an answer and between two portions of it.
    pub silence: Duration,
    /// Longest time for one answer, tries included.
    pub whole: Duration,
    /// How often one question is asked when the server is busy or fails.
    pub tries: u32,
}

impl Options {
    /// A server on this machine: 60 s of silence, 5 min for an answer, three tries.
    pub fn local(address: &str, model: &str) -> Options {
        Options {
            address: address.trim_end_matches('/').to_owned(),
            model: model.to_owned(),
            key: None,
            reach: Reach::ThisMachine,
            silence: Duration::from_secs(60),
            whole: Duration::from_secs(300),
            tries: 3,
        }
    }
}

/// A model behind a server.
pub struct ServerModel {
    id: ModelId,
    options: Options,
    agent: ureq::Agent,
    /// Cleared when the server refuses a schema: then it is asked without, and the reply is judged all the same.
    takes_schema: AtomicBool,
}

impl ServerModel {
    /// Checks the address; asks nothing yet.
    ///
    /// # Errors
    /// The address is none, or another machine's while only this one is allowed.
    pub fn new(options: Options) -> Result<ServerModel, BadAddress> {
        let tls = address::check(&options.address, options.reach)?;
        let silence = Some(options.silence);
        let agent = ureq::Agent::config_builder()
            .https_only(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_resolve(silence)
            .timeout_connect(silence)
            .timeout_send_request(silence)
            .timeout_send_body(silence)
            .timeout_recv_response(silence)
            .timeout_per_read(silence)
            .user_agent(concat!("concilium/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        let id = ModelId { name: options.model.clone(), sha256: String::new() };
        Ok(ServerModel { id, options, agent, takes_schema: AtomicBool::new(true) })
    }

    fn body(&self, ask: &ChatAsk) -> Value {
        let mut body = json!({
            "model": self.options.model,
            "messages": [{ "role": "system", "content": ask.system }, { "role": "user", "content": ask.user }],
            "stream": true,
            "stream_options": { "include_usage": true },
            "temperature": 0,
            "seed": ask.seed,
            "max_tokens": ask.most_tokens,
        });
        if self.takes_schema.load(Ordering::Relaxed) {
            body["response_format"] = json!({
                "type": "json_schema",
                "json_schema": { "name": "answer", "strict": true, "schema": ask.schema },
            });
        }
        body
    }

    fn once(&self, ask: &ChatAsk, until: Instant, stop: Stop) -> Result<ChatReply, Failed> {
        let mut request = self
            .agent
            .post(format!("{}/chat/completions", self.options.address))
            .header("content-type", "application/json")
            .header("accept", "text/event-stream");
        if let Some(key) = &self.options.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let response = request.send(self.body(ask).to_string()).map_err(|error| Failed::lost(&error))?;
        match response.status().as_u16() {
            200 => {}
            // The server may not know `response_format`; asked again without, it answers or refuses for good.
            400 | 422 if self.takes_schema.swap(false, Ordering::Relaxed) => {
                return Err(Failed::again("refuses a schema"));
            }
            status @ (408 | 429 | 500..=599) => return Err(Failed::again(&format!("answers {status}"))),
            status @ (401 | 403) => return Err(Failed::gone(&format!("answers {status}: check its key"))),
            404 => {
                return Err(Failed::gone(
                    "answers 404: check the address (it ends in /v1) and the model's name",
                ));
            }
            status => return Err(Failed::gone(&format!("answers {status}"))),
        }
        let kind = response
            .headers()
            .get("content-type")
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or("")
            .to_owned();
        let body = response.into_body().into_reader();
        match kind.starts_with("text/event-stream") {
            true => stream::events(body, until, stop),
            false => stream::whole(body, until, stop),
        }
    }

    fn error(&self, failed: Failed) -> ModelError {
        let model = self.options.model.clone();
        match failed {
            Failed::Stopped => ModelError::Stopped,
            Failed::Gone(what) => ModelError::Gone { model, what },
            Failed::Again(what) | Failed::Bad(what) => ModelError::Engine { model, what },
        }
    }
}

impl ChatModel for ServerModel {
    fn id(&self) -> &ModelId {
        &self.id
    }

    /// A server that takes the schema may still not keep to it: replies are judged as if it did not.
    fn constrains(&self) -> bool {
        false
    }

    fn answer(&self, ask: &ChatAsk, stop: Stop) -> Result<ChatReply, ModelError> {
        let until = Instant::now() + self.options.whole;
        let mut pause = Duration::from_millis(250);
        let mut tries = 1;
        loop {
            if stop() {
                return Err(ModelError::Stopped);
            }
            match self.once(ask, until, stop) {
                Ok(reply) => return Ok(reply),
                Err(Failed::Again(_)) if tries < self.options.tries && Instant::now() + pause < until => {
                    tries += 1;
                    wait(pause, stop);
                    pause *= 2;
                }
                Err(failed) => return Err(self.error(failed)),
            }
        }
    }
}

/// Why a try gave nothing.
#[derive(Debug)]
pub(crate) enum Failed {
    /// May go better the next time.
    Again(String),
    /// Nothing answers there.
    Gone(String),
    /// The answer is no answer.
    Bad(String),
    Stopped,
}

impl Failed {
    fn again(what: &str) -> Failed {
        Failed::Again(format!("the server {what}"))
    }

    fn gone(what: &str) -> Failed {
        Failed::Gone(format!("the server {what}"))
    }

    /// A connection that cannot be made is not tried again; its words hold an address, never a question.
    fn lost(error: &ureq::Error) -> Failed {
        Failed::Gone(format!("{error}; is the server running?"))
    }
}

/// Sleeps in short portions, so that a stop is heard.
fn wait(pause: Duration, stop: Stop) {
    let until = Instant::now() + pause;
    while Instant::now() < until && !stop() {
        std::thread::sleep(Duration::from_millis(20).min(pause));
    }
}
