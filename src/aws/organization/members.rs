//! The accounts of an organization. Source: AWS Organizations API Reference, `ListAccounts`.

use serde_json::{Value, json};

use super::{JsonAsker, next_page, text_of};
use crate::ecr::{AccountId, Failure, MemberAccount};

/// The accounts of the organization that the caller's account manages, or is a delegated administrator of.
#[derive(Debug)]
pub struct Members {
    pub(in crate::aws) asker: JsonAsker,
}

const OPERATION: &str = "ListAccounts";

impl Members {
    /// Reads all accounts, in the order that AWS gives. `organizations:ListAccounts` allows it.
    pub async fn list_accounts(&self) -> Result<Vec<MemberAccount>, Failure> {
        let mut accounts = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut input = json!({ "MaxResults": 20 });
            if let (Some(fields), Some(token)) = (input.as_object_mut(), &token) {
                fields.insert("NextToken".to_owned(), token.as_str().into());
            }
            let answer = self.asker.ask(OPERATION, &input).await?;
            let page = answer.get("Accounts").and_then(Value::as_array);
            let page = page.ok_or_else(|| self.asker.without_part(OPERATION, "accounts"))?;
            for account in page {
                let id = text_of(account, "Id").and_then(|id| AccountId::parse(id).ok());
                let id = id.ok_or_else(|| self.asker.without_part(OPERATION, "account id"))?;
                let name = text_of(account, "Name").unwrap_or_default().to_owned();
                // `Status` is deprecated in favour of `State`; an account that has neither is asked all the same.
                let state = text_of(account, "State").or_else(|| text_of(account, "Status"));
                accounts.push(MemberAccount { id, name, is_active: state.is_none_or(|state| state == "ACTIVE") });
            }
            token = next_page(token.as_deref(), &answer, OPERATION)?;
            if token.is_none() {
                return Ok(accounts);
            }
        }
    }
}
