//! AWS Organizations: `ListAccounts`, for the management account alone.

use serde_json::{Value, json};

use super::answer::{AwsError, timestamp};
use super::ask::Ask;
use super::identities::People;
use super::operations::{ORGANIZATIONS_OPERATIONS, missing_operation};

/// The largest page (source: the API model).
const LARGEST: i64 = 20;
/// The time at which all accounts joined, in seconds since 1970-01-01 UTC.
const JOINED: i64 = 1_700_000_000;

/// Answers an operation.
pub(super) fn perform_operation(people: &People, ask: &Ask<'_>) -> Result<Value, AwsError> {
    match ask.operation {
        "ListAccounts" => list_accounts(people, ask),
        _ => Err(AwsError::bad_request(
            "UnknownOperationException",
            missing_operation("AWS Organizations", ask.operation, &ORGANIZATIONS_OPERATIONS),
        )),
    }
}

fn list_accounts(people: &People, ask: &Ask<'_>) -> Result<Value, AwsError> {
    let organization = people.organization_of(&ask.caller.account);
    let Some(organization) = organization.filter(|_| people.is_management(&ask.caller.account)) else {
        return Err(AwsError::bad_request(
            "AccessDeniedException",
            "You don't have permissions to access this resource.",
        ));
    };
    if ask.caller.denied.iter().any(|denied| denied == ask.operation) {
        return Err(AwsError::bad_request(
            "AccessDeniedException",
            format!("User: {} is not authorized to perform: organizations:ListAccounts on resource: *", ask.caller.arn),
        ));
    }
    let size = match ask.get_value("MaxResults").map(Value::as_i64) {
        None => LARGEST,
        Some(Some(size)) if (1..=LARGEST).contains(&size) => size,
        Some(_) => {
            return Err(AwsError::bad_request("InvalidInputException", "You provided invalid values for MaxResults."));
        }
    };
    let after = ask.get_text("NextToken")?;
    let accounts = people.member_accounts().filter(|(id, ..)| after.is_none_or(|after| *id > after));
    let mut accounts = accounts.peekable();
    let mut page = Vec::new();
    let management = ask.caller.account.as_str();
    for (id, name, status) in accounts.by_ref().take(usize::try_from(size).unwrap_or(1)) {
        page.push(json!({
            "Id": id,
            "Arn": format!("arn:aws:organizations::{management}:account/{organization}/{id}"),
            "Email": format!("{id}@example.com"),
            "Name": name,
            "Status": status,
            "State": status,
            "JoinedMethod": "CREATED",
            "JoinedTimestamp": timestamp(JOINED),
        }));
    }
    let last = page.last().and_then(|account| account.get("Id")).cloned();
    let mut answer = json!({ "Accounts": page });
    if let (Some(fields), Some(last), true) = (answer.as_object_mut(), last, accounts.peek().is_some()) {
        fields.insert("NextToken".to_owned(), last);
    }
    Ok(answer)
}
