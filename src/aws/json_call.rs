//! Signed calls of AWS JSON 1.1 to services whose clients are too large for the few operations that are needed. The
//! HTTP stack, the timeouts and the kinds of errors are those of the SDK's own clients.

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_async::rt::sleep::default_async_sleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::timeout::TimeoutConfig;
use serde_json::Value;

/// An error that a service answered, by its code.
#[derive(Debug)]
pub(super) struct JsonError {
    metadata: ErrorMetadata,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.metadata, f)
    }
}

impl std::error::Error for JsonError {}

impl ProvideErrorMetadata for JsonError {
    fn meta(&self) -> &ErrorMetadata {
        &self.metadata
    }
}

/// A service's address, and what its signatures name.
#[derive(Debug, Clone)]
pub(super) struct JsonEndpoint {
    /// The name in signatures, such as `config`.
    pub signing_name: &'static str,
    /// The prefix of `X-Amz-Target`, such as `StarlingDoveService`.
    pub target: &'static str,
    /// The Region in signatures.
    pub region: String,
    /// The URL.
    pub url: String,
}

/// A service, and the way to it.
#[derive(Debug, Clone)]
pub(super) struct JsonService {
    /// The address.
    pub endpoint: JsonEndpoint,
    /// The HTTP client.
    pub client: SharedHttpClient,
    /// The longest waits.
    pub timeouts: TimeoutConfig,
}

/// A call before it is signed.
#[derive(Debug)]
struct UnsignedCall {
    operation: &'static str,
    body: String,
    credentials: Credentials,
    /// The moment of the signature.
    at: SystemTime,
}

impl JsonService {
    /// Sends one call and returns the answer; it is never sent again here.
    pub(super) async fn send_call(
        &self,
        operation: &'static str,
        input: &Value,
        credentials: Credentials,
    ) -> Result<Value, SdkError<JsonError, HttpResponse>> {
        let endpoint = self.endpoint.clone();
        let mut builder = Operation::builder()
            .service_name(self.endpoint.signing_name)
            .operation_name(operation)
            .http_client(self.client.clone())
            .endpoint_url(&self.endpoint.url)
            // The request is signed when it is built: `no_auth` leaves it so.
            .no_auth()
            .no_retry()
            .timeout_config(self.timeouts.clone())
            .time_source(SystemTimeSource::new());
        if let Some(sleep) = default_async_sleep() {
            builder = builder.sleep_impl(sleep);
        }
        let call = builder
            .serializer(move |call: UnsignedCall| endpoint.build_request(&call))
            .deserializer(read_answer)
            .build();
        let unsigned = UnsignedCall { operation, body: input.to_string(), credentials, at: SystemTime::now() };
        Box::pin(call.invoke(unsigned)).await
    }
}

impl JsonEndpoint {
    /// Builds the signed request. Its path stays relative: the endpoint is put before it.
    fn build_request(&self, call: &UnsignedCall) -> Result<HttpRequest, BoxError> {
        let target = format!("{}.{}", self.target, call.operation);
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let identity = call.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.signing_name)
            .time(call.at)
            .settings(SigningSettings::default())
            .build()?
            .into();
        // A path in the URL is a part of what is signed; where there is none, it is `/`.
        let uri: http::Uri = self.url.parse()?;
        let base = uri.path().trim_end_matches('/');
        let signed_url = format!("{}://{}{base}/", uri.scheme_str().unwrap_or("https"), authority_of(&uri));
        let signable = SignableRequest::new(
            "POST",
            signed_url.as_str(),
            headers.into_iter(),
            SignableBody::Bytes(call.body.as_bytes()),
        )?;
        let (signed, _) = sign(signable, &parameters)?.into_parts();
        let mut request = http::Request::builder().method("POST").uri("/");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut request = request.body(SdkBody::from(call.body.as_str()))?;
        signed.apply_to_request_http1x(&mut request);
        Ok(HttpRequest::try_from(request)?)
    }
}

/// Returns host and port as the client sends them in `Host`: the port of the scheme is left out.
fn authority_of(uri: &http::Uri) -> String {
    let host = uri.host().unwrap_or_default();
    let usual = if uri.scheme_str() == Some("http") { 80 } else { 443 };
    match uri.port_u16() {
        Some(port) if port != usual => format!("{host}:{port}"),
        _ => host.to_owned(),
    }
}

/// Reads an answer: its JSON, or the code and the message of an error.
fn read_answer(response: &HttpResponse) -> Result<Value, OrchestratorError<JsonError>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return serde_json::from_slice(body).map_err(|error| OrchestratorError::other(BoxError::from(error)));
    }
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let header = response.headers().get("x-amzn-errortype");
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = header.or_else(|| text("__type")).or_else(|| text("code")) {
        metadata = metadata.code(code.rsplit('#').next().unwrap_or(code));
    }
    if let Some(message) = text("message").or_else(|| text("Message")) {
        metadata = metadata.message(message);
    }
    Err(OrchestratorError::operation(JsonError { metadata: metadata.build() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    fn endpoint_at(url: &str) -> JsonEndpoint {
        JsonEndpoint {
            signing_name: "config",
            target: "StarlingDoveService",
            region: "eu-west-2".to_owned(),
            url: url.to_owned(),
        }
    }

    /// The signatures are botocore's `SigV4Auth` for the same request at 2026-11-23 00:00 UTC.
    #[test]
    fn a_call_is_signed_as_botocore_signs_it() {
        for (url, signature) in [
            (
                "https://config.eu-west-2.amazonaws.com",
                "0f393484446316985b21bad7d0ff723316a42b1b9f6305e1dd923e022040a5c7",
            ),
            ("http://127.0.0.1:5555", "9a2c4e4e1e9abcd3f5795f4fe281670b010468a382d4fdfcbb47bc5dfd14327c"),
            ("http://localhost/base/", "6b9961048cf17ea681abf72168cc0416f17582963be987531ebc66a3a4c62a14"),
        ] {
            let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
            let call = UnsignedCall {
                operation: "DescribeConfigurationAggregators",
                body: r#"{"Limit":1}"#.to_owned(),
                credentials: Credentials::new("AKIDEXAMPLE", secret, Some("session-token".to_owned()), None, "test"),
                at: UNIX_EPOCH + Duration::from_hours(498_720),
            };
            let request = endpoint_at(url).build_request(&call).unwrap();
            let authorization = request.headers().get("authorization").unwrap();
            assert!(authorization.ends_with(&format!("Signature={signature}")), "{url}: {authorization}");
        }
    }

    #[test]
    fn an_error_is_read_with_its_code_and_its_words() {
        let answer = |body: &'static str| {
            let mut response = HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body));
            response.headers_mut().insert("content-type", "application/x-amz-json-1.1");
            let failed = read_answer(&response).unwrap_err();
            let error = failed.as_operation_error().unwrap();
            (error.code().map(str::to_owned), error.message().map(str::to_owned))
        };
        let text = |text: &str| Some(text.to_owned());
        let read = answer(r#"{"__type":"com.amazonaws.config#InvalidLimitException","message":"too many"}"#);
        assert_eq!(read, (text("InvalidLimitException"), text("too many")));
        assert_eq!(answer(r#"{"__type":"X","Message":"y"}"#), (text("X"), text("y")));
        assert_eq!(answer("<html>"), (None, None));
    }
}
