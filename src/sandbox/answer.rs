//! Answers on the wire: JSON and XML bodies, AWS's errors, request ids.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// The answer to a request, as the connection sees it.
#[derive(Debug)]
pub enum WireAnswer {
    /// An HTTP response.
    Response(Response<Bytes>),
    /// The connection breaks before a response.
    Broken,
    /// No answer ever comes: only the client's own time limit ends it.
    Silence,
}

/// The two protocols of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// AWS JSON 1.1: ECR.
    Json,
    /// Query requests and XML answers: STS.
    Query,
}

/// An error as AWS words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AwsError {
    pub status: StatusCode,
    pub code: String,
    pub message: String,
}

impl AwsError {
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// Builds an error of status 400. ECR answers nearly every fault of the caller with it, AccessDenied included.
    pub fn bad_request(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// Builds ECR's error for a parameter that it does not take.
    pub fn bad_parameter(name: &str, constraint: &str) -> Self {
        Self::bad_request(
            "InvalidParameterException",
            format!("Invalid parameter at '{name}' failed to satisfy constraint: '{constraint}'"),
        )
    }

    pub fn access_denied(caller: &str, operation: &str, resource: &str, reason: &str) -> Self {
        Self::bad_request(
            "AccessDeniedException",
            format!("User: {caller} is not authorized to perform: ecr:{operation} on resource: {resource} {reason}"),
        )
    }
}

/// Returns AWS's reason where the caller's own policies do not allow an action.
pub(super) fn no_identity_policy(operation: &str) -> String {
    format!("because no identity-based policy allows the ecr:{operation} action")
}

/// Returns AWS's reason where the owner of the resource does not allow an action.
pub(super) fn no_resource_policy(operation: &str) -> String {
    format!("because no resource-based policy allows the ecr:{operation} action")
}

/// A body of an operation that worked.
pub(super) enum Body {
    Json(Value),
    Xml(String),
}

/// Writes seconds as AWS JSON writes a time: a number with a fraction.
#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit the 52 bits for millions of years")]
pub(super) fn timestamp(seconds: i64) -> Value {
    json!(seconds as f64)
}

/// Builds the response to an operation.
pub(super) fn build_response(protocol: Protocol, outcome: Result<Body, AwsError>, request_id: &str) -> Response<Bytes> {
    let (status, kind, body) = match (outcome, protocol) {
        (Ok(Body::Json(value)), _) => (StatusCode::OK, JSON, value.to_string()),
        (Ok(Body::Xml(text)), _) => (StatusCode::OK, XML, text),
        (Err(error), Protocol::Json) => {
            let mut body = json!({ "__type": error.code });
            if let (Some(fields), false) = (body.as_object_mut(), error.message.is_empty()) {
                fields.insert("message".to_owned(), Value::String(error.message));
            }
            (error.status, JSON, body.to_string())
        }
        (Err(error), Protocol::Query) => (error.status, XML, xml_error(&error, request_id)),
    };
    plain_response(status, kind, body, request_id)
}

/// Builds a response of any kind.
pub(super) fn plain_response(
    status: StatusCode,
    kind: &'static str,
    body: String,
    request_id: &str,
) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

const JSON: &str = "application/x-amz-json-1.1";
const XML: &str = "text/xml";
pub(super) const STS_NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

fn xml_error(error: &AwsError, request_id: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"{STS_NAMESPACE}\">\n  <Error>\n    <Type>Sender</Type>\n    <Code>{}</Code>\n    \
         <Message>{}</Message>\n  </Error>\n  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n",
        escape_xml(&error.code),
        escape_xml(&error.message)
    )
}

/// Escapes a text for an XML element; U+FFFD stands for characters that XML 1.0 cannot hold.
pub(super) fn escape_xml(text: &str) -> String {
    let is_foreign = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}');
    let text = text.replace(is_foreign, "\u{fffd}");
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
