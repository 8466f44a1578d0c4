//! The service as an HTTP connector: the whole AWS SDK runs above it, and nothing below.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use super::{Service, WireAnswer};

/// Builds an HTTP client for the AWS SDK that asks the service and no network. Each answer takes `latency`. It needs a
/// tokio runtime with time.
pub fn connector(service: Arc<Service>, latency: Duration) -> SharedHttpClient {
    SharedHttpClient::new(Connector { service, latency, limit: None })
}

#[derive(Debug, Clone)]
struct Connector {
    service: Arc<Service>,
    latency: Duration,
    /// The SDK's limit for the time until an answer.
    limit: Option<Duration>,
}

impl HttpClient for Connector {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self { limit: settings.read_timeout(), ..self.clone() })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            let limit = this.limit;
            let answered = this.answer_request(request);
            match limit {
                None => answered.await,
                Some(limit) => match tokio::time::timeout(limit, answered).await {
                    Ok(outcome) => outcome,
                    Err(elapsed) => Err(ConnectorError::timeout(elapsed.into())),
                },
            }
        })
    }
}

impl Connector {
    async fn answer_request(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let user = |e: Box<dyn std::error::Error + Send + Sync>| ConnectorError::user(e);
        let (parts, body) = request.try_into_http1x().map_err(|e| user(e.into()))?.into_parts();
        let body: Bytes = body.collect().await.map_err(user)?.to_bytes();
        let request = http::Request::from_parts(parts, body);
        let answer = answer_after(&self.service, &request, self.latency).await;
        match answer {
            WireAnswer::Response(response) => {
                HttpResponse::try_from(response.map(SdkBody::from)).map_err(|e| ConnectorError::other(e.into(), None))
            }
            WireAnswer::Broken => Err(ConnectorError::io("the connection was closed before an answer came".into())),
            WireAnswer::Silence => std::future::pending().await,
        }
    }
}

/// Answers a request `latency` after it came: half of the time on the way there, half on the way back; the service acts in
/// between.
pub(super) async fn answer_after(service: &Service, request: &http::Request<Bytes>, latency: Duration) -> WireAnswer {
    let came = Instant::now();
    pause_until(came, latency / 2).await;
    let (answer, delay) = service.answer_timed(request);
    pause_until(came, latency + delay).await;
    answer
}

/// Waits until so long after a moment. The timer rounds up to whole milliseconds: half of one less is right on average. A time
/// of zero returns at once, of which it would make a millisecond.
async fn pause_until(came: Instant, time: Duration) {
    const HALF: Duration = Duration::from_micros(500);
    if !time.is_zero() {
        tokio::time::sleep_until(came + time.saturating_sub(HALF)).await;
    }
}
