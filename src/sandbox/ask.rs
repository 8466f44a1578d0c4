//! An ECR operation with its input: reads the members of the input and decides who may call.

use serde_json::{Map, Value};

use super::answer::{AwsError, no_identity_policy, no_resource_policy};
use super::identities::SandboxCaller;
use super::policy_validation;
use super::registries::Lag;
use crate::ecr::{AccountId, Arn, Region, RepositoryName, RepositoryRef};
use crate::policy::RegistryPolicy;

/// An ECR operation with its input.
pub(super) struct Ask<'a> {
    pub operation: &'a str,
    pub caller: &'a SandboxCaller,
    pub region: &'a Region,
    /// Seconds since 1970-01-01 UTC.
    pub now: i64,
    pub lag: Lag,
    /// The policy of the registry that is asked.
    pub registry_policy: RegistryPolicy,
    /// The organization of the caller's account.
    pub organization: Option<String>,
    pub input: Map<String, Value>,
}

impl Ask<'_> {
    fn serialization_error(found: &Value, wanted: &str) -> AwsError {
        let kind = match found {
            Value::Null => "NULL_VALUE",
            Value::Bool(_) => "BOOLEAN_VALUE",
            Value::Number(_) => "NUMBER_VALUE",
            Value::String(_) => "STRING_VALUE",
            Value::Array(_) => "START_ARRAY",
            Value::Object(_) => "START_OBJECT",
        };
        AwsError::bad_request("SerializationException", format!("{kind} can not be converted to {wanted}"))
    }

    pub fn get_value(&self, name: &str) -> Option<&Value> {
        self.input.get(name).filter(|v| !v.is_null())
    }

    pub fn get_text(&self, name: &str) -> Result<Option<&str>, AwsError> {
        self.get_value(name).map(|v| v.as_str().ok_or_else(|| Self::serialization_error(v, "a String"))).transpose()
    }

    /// Returns a required member. Clients check for missing members before they send, so AWS's own text is not known.
    pub fn required_text(&self, name: &str) -> Result<&str, AwsError> {
        self.get_text(name)?.ok_or_else(|| AwsError::bad_parameter(name, "must not be null"))
    }

    pub fn get_flag(&self, name: &str) -> Result<bool, AwsError> {
        self.get_value(name).map_or(Ok(false), |v| v.as_bool().ok_or_else(|| Self::serialization_error(v, "a Boolean")))
    }

    pub fn get_list(&self, name: &str) -> Result<Option<&Vec<Value>>, AwsError> {
        self.get_value(name).map(|v| v.as_array().ok_or_else(|| Self::serialization_error(v, "a List"))).transpose()
    }

    pub fn get_texts(&self, name: &str) -> Result<Option<Vec<&str>>, AwsError> {
        let Some(list) = self.get_list(name)? else { return Ok(None) };
        list.iter()
            .map(|v| v.as_str().ok_or_else(|| Self::serialization_error(v, "a String")))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// Reads `maxResults`: 1 to 1000; 100 where it is left out. AWS's own words for another number are not known.
    pub fn page_size(&self) -> Result<usize, AwsError> {
        let Some(value) = self.get_value("maxResults") else { return Ok(100) };
        let number = value.as_i64().ok_or_else(|| Self::serialization_error(value, "an Integer"))?;
        match usize::try_from(number) {
            Ok(size @ 1..=1000) => Ok(size),
            Ok(0) | Err(_) => Err(AwsError::bad_parameter("maxResults", "must be greater than or equal to 1")),
            Ok(_) => Err(AwsError::bad_parameter("maxResults", "must be less than or equal to 1000")),
        }
    }

    /// Returns the registry that is asked for: `registryId`, or the caller's own.
    pub fn registry_id(&self) -> Result<AccountId, AwsError> {
        let Some(text) = self.get_text("registryId")? else { return Ok(self.caller.account.clone()) };
        match AccountId::parse(text) {
            Ok(account) if account.as_str() == text => Ok(account),
            _ => Err(AwsError::bad_parameter("registryId", "must satisfy regular expression '[0-9]{12}'")),
        }
    }

    /// Returns the repository that `repositoryName` and `registryId` name; it may not exist.
    pub fn repository_ref(&self) -> Result<RepositoryRef, AwsError> {
        let name = Self::repository_name("repositoryName", self.required_text("repositoryName")?)?;
        Ok(RepositoryRef { account: self.registry_id()?, region: self.region.clone(), name })
    }

    /// Reads a repository's name by the pattern of the API model.
    pub fn repository_name(member: &str, text: &str) -> Result<RepositoryName, AwsError> {
        RepositoryName::parse(text).map_err(|_| {
            AwsError::bad_parameter(
                member,
                "must satisfy regular expression '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*'",
            )
        })
    }

    /// Authorizes the operation by the registry policy, the caller's own policies, and then the account. No account
    /// reaches into another's registry here.
    pub fn authorize_caller(&self, owner: &AccountId, resource: &str) -> Result<(), AwsError> {
        let refuse = |reason| Err(AwsError::access_denied(&self.caller.arn, self.operation, resource, reason));
        if self.is_denied_by_registry(resource) {
            refuse("with an explicit deny in a resource-based policy")
        } else if self.caller.denied.iter().any(|d| d == self.operation) {
            refuse(&no_identity_policy(self.operation))
        } else if *owner != self.caller.account {
            refuse(&no_resource_policy(self.operation))
        } else {
            Ok(())
        }
    }

    /// Tells whether a Deny of the registry policy covers the operation on a repository; `resource` is its ARN.
    fn is_denied_by_registry(&self, resource: &str) -> bool {
        let named = Arn::parse(resource).and_then(|arn| {
            Some(RepositoryRef { account: arn.account_id()?, region: self.region.clone(), name: arn.repository()? })
        });
        named.is_some_and(|repository| {
            let denies = self.registry_policy.around(None, &repository);
            policy_validation::is_denied(&denies, self.organization.as_deref(), self.caller, self.operation)
        })
    }
}
