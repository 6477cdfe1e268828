//! A server that answers as servers do, well and badly, on loopback.

use crate::{Options, ServerModel};
use concilium_models::{ChatAsk, ChatModel, ModelError, never};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Serves these responses, one a connection, then nothing; gives what was asked.
fn serve(responses: Vec<Vec<u8>>) -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/v1", listener.local_addr().expect("an address"));
    let (asked, asks) = channel();
    std::thread::spawn(move || {
        for response in responses {
            let Ok((mut stream, _)) = listener.accept() else { return };
            if asked.send(request(&stream)).is_err() || stream.write_all(&response).is_err() {
                return;
            }
        }
    });
    (address, asks)
}

/// Body of a request.
fn request(stream: &TcpStream) -> Value {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a head");
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    serde_json::from_slice(&body).expect("JSON")
}

fn status(code: u16) -> Vec<u8> {
    format!("HTTP/1.1 {code} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
}

/// A stream of these lines, closed behind them.
fn stream(lines: &[&str]) -> Vec<u8> {
    let body: String = lines.iter().map(|line| format!("data: {line}\n\n")).collect();
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

const HELLO: &str = r#"{"choices":[{"delta":{"content":"{\"sentences\""}}]}"#;
const REST: &str = r#"{"choices":[{"delta":{"content":": []}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":4}}"#;

fn ask() -> ChatAsk {
    ChatAsk {
        system: "say".into(),
        user: "this".into(),
        schema: json!({ "type": "object" }),
        seed: 7,
        most_tokens: 50,
    }
}

fn model(address: &str) -> ServerModel {
    let silence = Duration::from_millis(400);
    let options = Options { silence, whole: Duration::from_secs(5), ..Options::local(address, "m") };
    ServerModel::new(options).expect("loopback")
}

/// What these responses become: words and whether they were cut, or a part of the error.
#[track_caller]
fn check(responses: Vec<Vec<u8>>, want: Result<(&str, bool), &str>) {
    let (address, _asks) = serve(responses);
    match (model(&address).answer(&ask(), &never), want) {
        (Ok(reply), Ok((text, cut))) => assert_eq!((reply.text.as_str(), reply.cut), (text, cut)),
        (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
        (got, want) => panic!("{got:?} instead of {want:?}"),
    }
}

#[test]
fn a_stream_is_read_to_its_end() {
    let (address, asks) = serve(vec![stream(&[HELLO, REST, "[DONE]"])]);
    let reply = model(&address).answer(&ask(), &never).expect("an answer");
    assert_eq!((reply.text.as_str(), reply.cut), ("{\"sentences\": []}", false));
    assert_eq!((reply.tokens_read, reply.tokens_written), (Some(9), Some(4)));
    let asked = asks.recv().expect("a question");
    assert_eq!(asked["seed"], 7);
    assert_eq!(asked["response_format"]["json_schema"]["schema"]["type"], "object");
}

#[test]
fn servers_that_are_busy_or_know_no_schema_are_asked_again() {
    let (address, asks) = serve(vec![status(429), status(400), stream(&[HELLO, REST, "[DONE]"])]);
    assert!(model(&address).answer(&ask(), &never).is_ok());
    let asked: Vec<bool> = asks.iter().map(|ask| ask.get("response_format").is_some()).collect();
    assert_eq!(asked, [true, true, false]);
}

#[test]
fn an_answer_without_stream_is_read_whole() {
    let body = r#"{"choices":[{"message":{"content":"{}"},"finish_reason":"length"}]}"#;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    check(vec![(head + body).into_bytes()], Ok(("{}", true)));
}

#[test]
fn what_is_broken_is_named() {
    check(vec![stream(&[HELLO])], Ok(("{\"sentences\"", true)));
    check(vec![stream(&[])], Err("empty"));
    check(vec![stream(&["{"])], Err("no JSON"));
    check(vec![stream(&[r#"{"error": {"message": "secret words"}}"#])], Err("reports an error"));
    check(vec![status(401)], Err("key"));
    check(vec![status(404)], Err("ends in /v1"));
    check(vec![status(500), status(500), status(503)], Err("503"));
    check(
        vec![b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]".to_vec()],
        Err("empty"),
    );
    check(vec![b"nonsense\r\n\r\n".to_vec()], Err("does not answer"));
}

#[test]
fn endless_words_end() {
    let word = "x".repeat(8000);
    let event = json!({ "choices": [{ "delta": { "content": word } }] }).to_string();
    let (address, _asks) = serve(vec![stream(&vec![event.as_str(); 600])]);
    let reply = model(&address).answer(&ask(), &never).expect("an answer");
    assert!(reply.cut && reply.text.len() < 300_000, "{}", reply.text.len());
}

#[test]
fn nobody_there_is_gone_and_silence_ends() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let gone = model(&format!("http://127.0.0.1:{port}/v1")).answer(&ask(), &never);
    assert!(matches!(gone, Err(ModelError::Gone { .. })), "{gone:?}");
    // Accepts and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/v1", silent.local_addr().expect("an address"));
    assert!(matches!(model(&address).answer(&ask(), &never), Err(ModelError::Gone { .. })));
}

#[test]
fn a_stop_is_heard() {
    let (address, _asks) = serve(vec![stream(&[HELLO, REST, "[DONE]"])]);
    assert!(matches!(model(&address).answer(&ask(), &|| true), Err(ModelError::Stopped)));
}
