//! How does a blocking caller ask a server over gRPC without ever waiting longer than the timeout?

use super::Settings;
use concilium_retrieval::vectors::StoreError;
use qdrant_client::{Qdrant, QdrantError};
use std::future::Future;
use std::sync::mpsc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tonic::Code;

/// Pause before the first repetition; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(50);
/// What a caller waits beyond the timeout for a runtime that hangs itself.
const GRACE: Duration = Duration::from_millis(500);
/// Letters of a server's message that are passed on.
const LETTERS: usize = 300;

/// A client and the thread its requests run on; dropping it ends the thread.
pub(super) struct Caller {
    name: String,
    timeout: Duration,
    retries: u32,
    client: Qdrant,
    runtime: Handle,
    _end: oneshot::Sender<()>,
}

impl Caller {
    /// Connects with the first request.
    pub(super) fn new(settings: &Settings) -> Result<Caller, StoreError> {
        let name = settings.name();
        let failed = |what: String| StoreError::Failed { store: name.clone(), what };
        let mut config =
            Qdrant::from_url(&settings.url).timeout(settings.timeout).connect_timeout(settings.timeout);
        // The client's own check prints to standard output.
        config.check_compatibility = false;
        config.api_key = settings.api_key.as_ref().map(|key| key.reveal().to_owned());
        let client = config.build().map_err(|error| failed(format!("the address is not usable: {error}")))?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| failed(format!("no thread for requests: {error}")))?;
        let (end, ended) = oneshot::channel::<()>();
        let handle = runtime.handle().clone();
        let thread = std::thread::Builder::new().name("qdrant".into());
        let started = thread.spawn(move || {
            let _ = runtime.block_on(ended);
            runtime.shutdown_background();
        });
        started.map_err(|error| failed(format!("no thread for requests: {error}")))?;
        let (timeout, retries) = (settings.timeout, settings.retries);
        Ok(Caller { name, timeout, retries, client, runtime: handle, _end: end })
    }

    /// Makes the request, again while the server is unavailable; only for requests that may be made twice.
    pub(super) fn ask<T, F, R>(&self, request: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(Qdrant) -> R + Send + 'static,
        R: Future<Output = Result<T, QdrantError>> + Send,
    {
        let (send, receive) = mpsc::sync_channel(1);
        let (client, retries, timeout) = (self.client.clone(), self.retries, self.timeout);
        let task = self.runtime.spawn(async move {
            let _ = send.send(tokio::time::timeout(timeout, repeated(&client, retries, request)).await);
        });
        match receive.recv_timeout(timeout + GRACE) {
            Ok(Ok(answer)) => answer.map_err(|error| explain(&self.name, &error)),
            Ok(Err(_)) | Err(_) => {
                task.abort();
                let what = format!("no answer within {} ms", timeout.as_millis());
                Err(StoreError::Unreachable { store: self.name.clone(), what })
            }
        }
    }
}

async fn repeated<T, R>(
    client: &Qdrant,
    retries: u32,
    request: impl Fn(Qdrant) -> R,
) -> Result<T, QdrantError>
where
    R: Future<Output = Result<T, QdrantError>>,
{
    let mut pause = PAUSE;
    for _ in 0..retries {
        match request(client.clone()).await {
            Err(QdrantError::ResponseError { status }) if unavailable(&status) => {
                tokio::time::sleep(pause).await
            }
            answer => return answer,
        }
        pause *= 2;
    }
    request(client.clone()).await
}

/// Says the server that it is not there for now? The client reports a connection it could not make as internal.
fn unavailable(status: &tonic::Status) -> bool {
    status.code() == Code::Unavailable
        || (status.code() == Code::Internal && status.message().starts_with("Failed to connect"))
}

/// An error in our words. Never prints the client's own: it holds the headers of the answer.
fn explain(store: &str, error: &QdrantError) -> StoreError {
    let status = match error {
        QdrantError::ResponseError { status } | QdrantError::ResourceExhaustedError { status, .. } => status,
        other => return StoreError::Failed { store: store.into(), what: cut(&other.to_string()) },
    };
    let gone = matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled | Code::Unknown)
        || unavailable(status);
    let what = cut(status.message());
    if gone {
        return StoreError::Unreachable { store: store.into(), what };
    }
    let what = match status.code() {
        Code::Unauthenticated | Code::PermissionDenied => {
            "refuses the API key; check it and its rights".into()
        }
        code => format!("{code}: {what}"),
    };
    StoreError::Failed { store: store.into(), what }
}

fn cut(message: &str) -> String {
    message.chars().take(LETTERS).collect()
}
