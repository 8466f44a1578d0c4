//! The settings of a registry that are read once for a review: the scope of its policy, and its creation templates.

use std::collections::HashSet;

use aws_sdk_ecr::types as sdk;

use super::Registry;
use crate::ecr::{CreationTemplate, Failure, TemplateOccasion};

/// The setting for the requests that the registry policy counts in.
const SCOPE: &str = "REGISTRY_POLICY_SCOPE";
/// The most pages that are read: a registry has far fewer templates.
const MOST_PAGES: usize = 100;

impl Registry {
    /// Returns the value of `REGISTRY_POLICY_SCOPE`; `None`: AWS tells none. `GetAccountSetting` has no field for an account: it
    /// answers for the caller's own. AWS is asked once, as for the registry policy.
    pub async fn read_policy_scope(&self) -> Result<Option<String>, Failure> {
        super::keep_answer(&self.inner.scope, self.ask_policy_scope()).await
    }

    async fn ask_policy_scope(&self) -> Result<Option<String>, Failure> {
        self.is_own_registry().await?;
        let request = self.inner.client.get_account_setting().name(SCOPE);
        let answer = self.send_read("GetAccountSetting", None, || request.clone().send()).await?;
        Ok(answer.value)
    }

    /// Returns the creation templates, all pages. `DescribeRepositoryCreationTemplates` answers for the caller's own account.
    pub async fn read_creation_templates(&self) -> Result<Vec<CreationTemplate>, Failure> {
        const OPERATION: &str = "DescribeRepositoryCreationTemplates";
        self.is_own_registry().await?;
        let (mut templates, mut next) = (Vec::new(), None);
        let mut tokens: HashSet<String> = HashSet::new();
        for _ in 0..MOST_PAGES {
            let request = self.inner.client.describe_repository_creation_templates().set_next_token(next);
            let answer = self.send_read(OPERATION, None, || request.clone().send()).await?;
            self.is_about(OPERATION, answer.registry_id(), None)?;
            templates.extend(answer.repository_creation_templates().iter().map(convert_template));
            next = answer.next_token.filter(|token| !token.is_empty());
            match &next {
                None => return Ok(templates),
                Some(token) if !tokens.insert(token.clone()) => break,
                Some(_) => {}
            }
        }
        Err(self.false_answer(OPERATION, "has no end"))
    }
}

fn convert_template(template: &sdk::RepositoryCreationTemplate) -> CreationTemplate {
    CreationTemplate {
        prefix: template.prefix().unwrap_or_default().to_owned(),
        applied_for: template.applied_for().iter().map(|kind| TemplateOccasion::parse(kind.as_str())).collect(),
        policy: template.repository_policy().filter(|text| !text.trim().is_empty()).map(str::to_owned),
    }
}
