//! How does one file come over HTTP? From where an earlier try ended, with every wait bounded.

use std::io::Read;
use std::time::Duration;

/// A file on its way.
pub struct Coming {
    /// The bytes, from `from` on.
    pub body: Box<dyn Read>,
    /// 0 when the server begins anew.
    pub from: u64,
}

/// Asks for a file from byte `from` on. `silence` bounds the wait for an answer and for each further portion.
pub fn get(url: &str, from: u64, silence: Duration) -> Result<Coming, String> {
    let tls = url.starts_with("https:");
    if tls && cfg!(not(feature = "remote")) {
        return Err("this build speaks no TLS; build with the feature `remote`".into());
    }
    let agent = ureq::Agent::config_builder()
        .https_only(tls)
        .timeout_resolve(Some(silence))
        .timeout_connect(Some(silence))
        .timeout_send_request(Some(silence))
        .timeout_recv_response(Some(silence))
        .timeout_per_read(Some(silence))
        .user_agent(concat!("concilium/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent();
    let mut request = agent.get(url);
    if 0 < from {
        request = request.header("range", format!("bytes={from}-"));
    }
    let response = request.call().map_err(|error| error.to_string())?;
    let continues = response.status() == 206 && {
        let range = response.headers().get("content-range").and_then(|range| range.to_str().ok());
        range.is_some_and(|range| range.starts_with(&format!("bytes {from}-")))
    };
    match response.status().as_u16() {
        200 => Ok(Coming { body: Box::new(response.into_body().into_reader()), from: 0 }),
        206 if continues => Ok(Coming { body: Box::new(response.into_body().into_reader()), from }),
        206 => Err("the server answers with another part of the file than was asked for".into()),
        other => Err(format!("the server answers {other}")),
    }
}
