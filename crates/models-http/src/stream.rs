//! How is an answer read, whole or piece by piece?

use crate::Failed;
use concilium_models::{ChatReply, Stop};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::time::Instant;

/// Bytes of an answer that are read, mark-up of the stream included.
const LONGEST: u64 = 4 << 20;
/// Bytes of words that are kept.
const MOST_WORDS: usize = 256 << 10;

/// Server-sent events: `data: {…}` a line, `data: [DONE]` at the end. A stream that ends without one was cut.
pub(crate) fn events(body: impl Read, until: Instant, stop: Stop) -> Result<ChatReply, Failed> {
    let mut reply = ChatReply { cut: true, ..ChatReply::default() };
    let mut lines = BufReader::new(body.take(LONGEST));
    let mut line = Vec::new();
    loop {
        if stop() {
            return Err(Failed::Stopped);
        }
        if until < Instant::now() {
            break;
        }
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            // Silence or a cut line: what came so far is judged; nothing came, nothing is kept.
            Err(_) if !reply.text.is_empty() => break,
            Err(error) => return Err(Failed::Again(format!("the stream broke: {}", error.kind()))),
        }
        let Some(data) = line.strip_prefix(b"data:") else { continue };
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            return finished(reply);
        }
        let Ok(event) = serde_json::from_slice::<Value>(data) else {
            return Err(Failed::Bad("the stream holds an event that is no JSON".into()));
        };
        if event.get("error").is_some() {
            return Err(Failed::Bad("the server reports an error in mid-answer".into()));
        }
        take(&mut reply, &event, "/choices/0/delta/content");
        if MOST_WORDS < reply.text.len() {
            break;
        }
    }
    finished(reply)
}

/// One JSON object, from servers that do not stream.
pub(crate) fn whole(body: impl Read, until: Instant, stop: Stop) -> Result<ChatReply, Failed> {
    let mut bytes = vec![];
    let mut body = body.take(LONGEST);
    let mut portion = [0; 8192];
    loop {
        if stop() {
            return Err(Failed::Stopped);
        }
        if until < Instant::now() {
            return Err(Failed::Bad("the answer did not end in time".into()));
        }
        match body.read(&mut portion) {
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(&portion[..length]),
            Err(error) => return Err(Failed::Again(format!("the answer broke off: {}", error.kind()))),
        }
    }
    let Ok(answer) = serde_json::from_slice::<Value>(&bytes) else {
        return Err(Failed::Bad("the server's answer is no JSON".into()));
    };
    let mut reply = ChatReply { cut: true, ..ChatReply::default() };
    take(&mut reply, &answer, "/choices/0/message/content");
    finished(reply)
}

/// Adds what an event says: words, why it ended, tokens.
fn take(reply: &mut ChatReply, event: &Value, words: &str) {
    if let Some(words) = event.pointer(words).and_then(Value::as_str) {
        reply.text.push_str(words);
    }
    if let Some(reason) = event.pointer("/choices/0/finish_reason").and_then(Value::as_str) {
        reply.cut = reason != "stop";
    }
    let count = |name| event.pointer(name).and_then(Value::as_u64);
    reply.tokens_read = count("/usage/prompt_tokens").or(reply.tokens_read);
    reply.tokens_written = count("/usage/completion_tokens").or(reply.tokens_written);
}

fn finished(reply: ChatReply) -> Result<ChatReply, Failed> {
    if reply.text.trim().is_empty() {
        return Err(Failed::Bad("the answer is empty".into()));
    }
    Ok(reply)
}
