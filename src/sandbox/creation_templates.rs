//! ECR: `DescribeRepositoryCreationTemplates`. The templates are data in the shape of the SDK's model; the sandbox makes no
//! repository by them.

use serde_json::{Value, json};

use super::answer::AwsError;
use super::ask::Ask;
use super::registries::Registries;
use super::repositories::{page_start, page_token};

/// Tells one list of a registry from another in its page tokens.
const LIST: &str = "templates";

/// Answers with the templates of the caller's registry: by prefix, or page by page in the order of prefixes.
pub(super) fn describe_templates(registries: &Registries, ask: &Ask<'_>) -> Result<Value, AwsError> {
    ask.authorize_caller(&ask.caller.account, "*")?;
    let stored = registries.get(&ask.caller.account, ask.region).map(|registry| registry.templates.as_slice());
    let prefix_of = |template: &Value| template.get("prefix").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut templates: Vec<Value> = stored.unwrap_or_default().to_vec();
    templates.sort_by_key(prefix_of);
    if let Some(prefixes) = ask.get_texts("prefixes")? {
        for prefix in &prefixes {
            if !templates.iter().any(|template| prefix_of(template) == *prefix) {
                // AWS's own words for a prefix without a template are not known.
                return Err(AwsError::bad_request(
                    "TemplateNotFoundException",
                    format!("There is no repository creation template with the prefix '{prefix}'"),
                ));
            }
        }
        templates.retain(|template| prefixes.contains(&prefix_of(template).as_str()));
    }
    let size = ask.page_size()?;
    if let Some(after) = page_start(ask, LIST)? {
        templates.retain(|template| prefix_of(template) > after);
    }
    let mut answer = json!({ "registryId": ask.caller.account.as_str() });
    if templates.len() > size {
        templates.truncate(size);
        let last = templates.last().map(prefix_of).unwrap_or_default();
        if let Some(fields) = answer.as_object_mut() {
            fields.insert("nextToken".to_owned(), page_token(ask, LIST, &last).into());
        }
    }
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("repositoryCreationTemplates".to_owned(), templates.into());
    }
    Ok(answer)
}
