//! ECR: `DescribeRepositories`, `DescribeRegistry`, `ListTagsForResource`, `GetAuthorizationToken`.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::answer::{AwsError, timestamp};
use super::ask::Ask;
use super::registries::{Registries, StoredRepository};
use crate::ecr::{AccountId, Arn, RepositoryRef};

/// An authorization token is valid for 12 hours.
const TOKEN_SECONDS: i64 = 12 * 3600;

/// Builds the error for a repository that does not exist; text: facts 4.1.
pub(super) fn not_found(reference: &RepositoryRef) -> AwsError {
    AwsError::bad_request(
        "RepositoryNotFoundException",
        format!(
            "The repository with name '{}' does not exist in the registry with id '{}'",
            reference.name, reference.account
        ),
    )
}

/// Answers `DescribeRepositories`: by name, or page by page in the order of names.
pub(super) fn describe_repositories(registries: &Registries, ask: &Ask<'_>) -> Result<Value, AwsError> {
    let owner = ask.registry_id()?;
    let arn = |name: &str| format!("arn:{}:ecr:{}:{owner}:repository/{name}", ask.region.partition(), ask.region);
    if let Some(names) = ask.get_texts("repositoryNames")? {
        if names.is_empty() || names.len() > 100 {
            return Err(AwsError::bad_parameter("repositoryNames", "must have length between 1 and 100"));
        }
        // The API model says that they cannot be combined; AWS's own words for it are not known.
        if ask.get_value("nextToken").is_some() || ask.get_value("maxResults").is_some() {
            return Err(AwsError::bad_request(
                "InvalidParameterException",
                "Invalid parameter: 'nextToken' and 'maxResults' cannot be used with 'repositoryNames'",
            ));
        }
        let mut found = Vec::new();
        for text in names {
            let name = Ask::repository_name("repositoryNames", text)?;
            ask.authorize_caller(&owner, &arn(text))?;
            let reference = RepositoryRef { account: owner.clone(), region: ask.region.clone(), name };
            let repository = registries.find_repository(&reference).ok_or_else(|| not_found(&reference))?;
            found.push(repository_json(&reference, repository));
        }
        return Ok(json!({ "repositories": found }));
    }
    ask.authorize_caller(&owner, &arn("*"))?;
    let size = ask.page_size()?;
    let after = page_start(ask, "")?;
    let mut page = Vec::new();
    let mut last = None;
    if let Some(registry) = registries.get(&owner, ask.region) {
        let from = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        for repository in registry.repositories.range::<String, _>((from, std::ops::Bound::Unbounded)).map(|(_, r)| r) {
            if page.len() == size {
                return Ok(json!({ "repositories": page, "nextToken": page_token(ask, "", last.unwrap_or_default()) }));
            }
            let Ok(name) = Ask::repository_name("repositoryName", &repository.name) else { continue };
            let reference = RepositoryRef { account: owner.clone(), region: ask.region.clone(), name };
            page.push(repository_json(&reference, repository));
            last = Some(repository.name.as_str());
        }
    }
    Ok(json!({ "repositories": page }))
}

fn repository_json(reference: &RepositoryRef, repository: &StoredRepository) -> Value {
    let encryption = match &repository.encryption {
        None => json!({ "encryptionType": "AES256" }),
        Some(encryption) => match &encryption.key {
            None => json!({ "encryptionType": encryption.kind }),
            Some(key) => json!({ "encryptionType": encryption.kind, "kmsKey": key }),
        },
    };
    let mut shown = json!({
        "repositoryArn": reference.arn().to_string(),
        "registryId": reference.account.as_str(),
        "repositoryName": repository.name,
        "repositoryUri": reference.uri(),
        "createdAt": timestamp(repository.created),
        "imageTagMutability": repository.mutability,
        "imageScanningConfiguration": { "scanOnPush": repository.scan_on_push },
        "encryptionConfiguration": encryption,
    });
    if let (Some(fields), false) = (shown.as_object_mut(), repository.exclusions.is_empty()) {
        let filters: Vec<Value> =
            repository.exclusions.iter().map(|f| json!({ "filterType": "WILDCARD", "filter": f })).collect();
        fields.insert("imageTagMutabilityExclusionFilters".to_owned(), Value::Array(filters));
    }
    shown
}

/// Returns the place where a page begins: `nextToken` of the page before holds it. `list` tells the lists of one
/// registry apart.
pub(super) fn page_start(ask: &Ask<'_>, list: &str) -> Result<Option<String>, AwsError> {
    let Some(token) = ask.get_text("nextToken")? else { return Ok(None) };
    // AWS's own words for a token that it did not give are not known.
    let refuse = || AwsError::bad_parameter("nextToken", "must be a token of a previous response");
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| refuse())?;
    let text = String::from_utf8(bytes).map_err(|_| refuse())?;
    let place = text.strip_prefix(&token_head(ask, list)?).ok_or_else(refuse)?;
    Ok(Some(place.to_owned()))
}

/// Returns the opaque `nextToken` for a page that goes on after `place`.
pub(super) fn page_token(ask: &Ask<'_>, list: &str, place: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{}{place}", token_head(ask, list).unwrap_or_default()))
}

fn token_head(ask: &Ask<'_>, list: &str) -> Result<String, AwsError> {
    Ok(format!("{}\n{}\n{}\n{list}\n", ask.operation, ask.registry_id()?, ask.region))
}

/// Answers `DescribeRegistry`.
pub(super) fn describe_registry(registries: &Registries, ask: &Ask<'_>) -> Result<Value, AwsError> {
    ask.authorize_caller(&ask.caller.account, "*")?;
    let replication = registries.get(&ask.caller.account, ask.region).and_then(|r| r.replication.clone());
    Ok(json!({
        "registryId": ask.caller.account.as_str(),
        "replicationConfiguration": replication.unwrap_or_else(|| json!({ "rules": [] })),
    }))
}

/// Answers `ListTagsForResource`.
pub(super) fn list_tags(registries: &Registries, ask: &Ask<'_>) -> Result<Value, AwsError> {
    let text = ask.required_text("resourceArn")?;
    let named = Arn::parse(text).and_then(|arn| {
        let reference =
            RepositoryRef { account: arn.account_id()?, region: arn.region.parse().ok()?, name: arn.repository()? };
        (reference.arn() == arn).then_some(reference)
    });
    // AWS's own words for something that is no repository's ARN, or one of another Region, are not known.
    let reference = named
        .filter(|r| r.region == *ask.region)
        .ok_or_else(|| AwsError::bad_parameter("resourceArn", "must be the ARN of a repository in this Region"))?;
    ask.authorize_caller(&reference.account, text)?;
    let repository = registries.find_repository(&reference).ok_or_else(|| not_found(&reference))?;
    let tags: Vec<Value> = repository.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    Ok(json!({ "tags": tags }))
}

/// Answers `GetAuthorizationToken`: `AWS:` and a password that opens nothing.
pub(super) fn get_token(ask: &Ask<'_>) -> Result<Value, AwsError> {
    ask.authorize_caller(&ask.caller.account, "*")?;
    let accounts = match ask.get_texts("registryIds")? {
        None => vec![ask.caller.account.clone()],
        Some(ids) if ids.is_empty() || ids.len() > 10 => {
            return Err(AwsError::bad_parameter("registryIds", "must have length between 1 and 10"));
        }
        Some(ids) => ids
            .into_iter()
            .map(|id| {
                AccountId::parse(id)
                    .map_err(|_| AwsError::bad_parameter("registryIds", "must satisfy regular expression '[0-9]{12}'"))
            })
            .collect::<Result<_, _>>()?,
    };
    let expires = ask.now.saturating_add(TOKEN_SECONDS);
    let data: Vec<Value> = accounts
        .iter()
        .map(|account| {
            let host = format!("{account}.dkr.ecr.{}.{}", ask.region, ask.region.partition().registry_suffix());
            json!({
                "authorizationToken": BASE64_STANDARD.encode(format!("AWS:sandbox-password-{expires}")),
                "expiresAt": timestamp(expires),
                "proxyEndpoint": format!("https://{host}"),
            })
        })
        .collect();
    Ok(json!({ "authorizationData": data }))
}
