//! STS: `GetCallerIdentity` and `AssumeRole`, as query requests with XML answers.

use http::StatusCode;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::answer::{AwsError, STS_NAMESPACE, escape_xml};
use super::identities::{RoleRejection, SandboxCaller};
use super::operations::{STS_OPERATIONS, missing_operation};
use super::state::ServiceState;

/// STS's message where a role's trust policy asks for MFA (facts 4.3).
pub(super) const MFA_MISSING: &str =
    "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.";

/// Answers an operation; `fields` are those of the form.
pub(super) fn perform_operation(
    state: &mut ServiceState,
    operation: &str,
    fields: &[(String, String)],
    caller: &SandboxCaller,
    now: i64,
    request_id: &str,
) -> Result<String, AwsError> {
    match operation {
        // Needs no permission.
        "GetCallerIdentity" => Ok(xml_document(operation, &identity_xml(caller), request_id)),
        "AssumeRole" => {
            assume_role(state, fields, caller, now).map(|inner| xml_document(operation, &inner, request_id))
        }
        "" => Err(AwsError::bad_request("MissingAction", "Could not find operation in the request")),
        other => {
            let version = find_field(fields, "Version").unwrap_or("NO_VERSION_SPECIFIED");
            let version: String = version.chars().take(32).collect();
            let named: String = other.chars().take(64).collect();
            let there = missing_operation("STS", other, &STS_OPERATIONS);
            Err(AwsError::bad_request(
                "InvalidAction",
                format!("Could not find operation {named} for version {version}: {there}"),
            ))
        }
    }
}

fn xml_document(operation: &str, inner: &str, request_id: &str) -> String {
    format!(
        "<{operation}Response xmlns=\"{STS_NAMESPACE}\">\n  <{operation}Result>\n{inner}  </{operation}Result>\n  \
         <ResponseMetadata>\n    <RequestId>{request_id}</RequestId>\n  </ResponseMetadata>\n</{operation}Response>\n"
    )
}

fn identity_xml(caller: &SandboxCaller) -> String {
    format!(
        "    <Arn>{}</Arn>\n    <UserId>{}</UserId>\n    <Account>{}</Account>\n",
        escape_xml(&caller.arn),
        escape_xml(&caller.user_id),
        caller.account
    )
}

fn find_field<'f>(fields: &'f [(String, String)], name: &str) -> Option<&'f str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn assume_role(
    state: &mut ServiceState,
    fields: &[(String, String)],
    caller: &SandboxCaller,
    now: i64,
) -> Result<String, AwsError> {
    let role = required_field(fields, "RoleArn", "roleArn", 20..=2048)?;
    let session = required_field(fields, "RoleSessionName", "roleSessionName", 2..=64)?;
    if !session.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
        return Err(invalid_value(
            session,
            "roleSessionName",
            "Member must satisfy regular expression pattern: [\\w+=,.@-]*",
        ));
    }
    let seconds = match find_field(fields, "DurationSeconds") {
        None => 3600,
        Some(text) => {
            let number: i64 = text.parse().map_err(|_| AwsError::bad_request("MalformedInput", "Invalid Argument"))?;
            if number < 900 {
                let constraint = "Member must have value greater than or equal to 900";
                return Err(invalid_value(text, "durationSeconds", constraint));
            } else if number > 43_200 {
                return Err(invalid_value(
                    text,
                    "durationSeconds",
                    "Member must have value less than or equal to 43200",
                ));
            }
            number
        }
    };
    let mfa = find_field(fields, "SerialNumber").is_some()
        && find_field(fields, "TokenCode").is_some_and(|c| c.len() == 6 && c.bytes().all(|b| b.is_ascii_digit()));
    let expires = now.saturating_add(seconds);
    let number = state.number;
    let made = state.people.assume_role(role, session, mfa, expires, now, number).map_err(|problem| {
        let message = match problem {
            RoleRejection::NotAllowed => {
                format!("User: {} is not authorized to perform: sts:AssumeRole on resource: {role}", caller.arn)
            }
            RoleRejection::MfaMissing => MFA_MISSING.to_owned(),
        };
        AwsError::new(StatusCode::FORBIDDEN, "AccessDenied", message)
    })?;
    let until = OffsetDateTime::from_unix_timestamp(expires).ok().and_then(|t| t.format(&Rfc3339).ok());
    Ok(format!(
        "    <AssumedRoleUser>\n      <AssumedRoleId>{}</AssumedRoleId>\n      <Arn>{}</Arn>\n    </AssumedRoleUser>\n    \
         <Credentials>\n      <AccessKeyId>{}</AccessKeyId>\n      <SecretAccessKey>{}</SecretAccessKey>\n      \
         <SessionToken>{}</SessionToken>\n      <Expiration>{}</Expiration>\n    </Credentials>\n",
        escape_xml(&made.caller.user_id),
        escape_xml(&made.caller.arn),
        made.key_id,
        made.secret,
        made.token,
        until.unwrap_or_default()
    ))
}

fn required_field<'f>(
    fields: &'f [(String, String)],
    name: &str,
    shown: &str,
    length: std::ops::RangeInclusive<usize>,
) -> Result<&'f str, AwsError> {
    let Some(value) = find_field(fields, name) else {
        return Err(AwsError::bad_request(
            "ValidationError",
            format!(
                "1 validation error detected: Value at '{shown}' failed to satisfy constraint: Member must not be null"
            ),
        ));
    };
    let count = value.chars().count();
    if count < *length.start() {
        Err(invalid_value(
            value,
            shown,
            &format!("Member must have length greater than or equal to {}", length.start()),
        ))
    } else if count > *length.end() {
        Err(invalid_value(value, shown, &format!("Member must have length less than or equal to {}", length.end())))
    } else {
        Ok(value)
    }
}

fn invalid_value(value: &str, member: &str, rule: &str) -> AwsError {
    AwsError::bad_request(
        "ValidationError",
        format!("1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {rule}"),
    )
}
