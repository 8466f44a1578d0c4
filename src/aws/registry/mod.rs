//! One registry: the operations of ECR that the program uses, each with its pace and its failures in words.

mod enabled;
mod listing;
mod replication;
mod settings;
mod swap;

use std::error::Error;
use std::sync::Arc;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::operation::get_registry_policy::GetRegistryPolicyOutput;
use aws_sdk_ecr::operation::get_repository_policy::GetRepositoryPolicyOutput;
use aws_sdk_ecr::types as sdk;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;

pub use listing::RepositoryListing;
pub use swap::{Swap, WriteTurn, is_refusal};

use super::errors::{About, RequestOrigin, from_sdk};
use super::pace::Pace;
use super::sign_in::SignIn;
use crate::ecr::repository::Encryption;
use crate::ecr::{
    AccountId, Context, Digest, Failure, FailureKind, Identity, PolicySlowdowns, ReplicationRule, Repository,
    RepositoryName, RepositoryRef, Tags, text::make_visible,
};

/// A page of `DescribeRepositories`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryPage {
    /// The repositories, as AWS ordered them.
    pub repositories: Vec<Repository>,
    /// The token of the next page; none: this was the last.
    pub next: Option<String>,
}

/// An image of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// `sha256:...`; none: AWS gave something else.
    pub digest: Option<Digest>,
    /// Its tags; none: untagged.
    pub tags: Tags,
    /// Size in bytes, where told.
    pub size: Option<i64>,
    /// Push time in seconds since 1970-01-01 UTC, where told.
    pub pushed: Option<i64>,
    /// Last recorded pull in seconds since 1970-01-01 UTC (AWS refreshes it at least every 24 hours), where told.
    pub pulled: Option<i64>,
}

/// The registry of one account in one Region, asked with one source's credentials. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Registry {
    inner: Arc<SharedRegistry>,
}

#[derive(Debug)]
struct SharedRegistry {
    context: Context,
    owner: AccountId,
    sign_in: Arc<SignIn>,
    asker: RequestOrigin,
    client: Client,
    pace: Arc<Pace>,
    /// The answer to the one read of the replication that succeeded.
    replication: tokio::sync::Mutex<Option<Vec<ReplicationRule>>>,
    /// The answer to the one read of the registry policy.
    policy: tokio::sync::Mutex<Option<Result<Option<String>, Failure>>>,
    /// The answer to the one read of the scope of that policy.
    scope: tokio::sync::Mutex<Option<Result<Option<String>, Failure>>>,
}

/// Returns the answer that is kept, or asks and keeps it. One that credentials which ran out caused is not kept.
async fn keep_answer<T: Clone>(
    kept: &tokio::sync::Mutex<Option<Result<T, Failure>>>,
    ask: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut kept = kept.lock().await;
    if let Some(answer) = kept.as_ref() {
        return answer.clone();
    }
    let answer = ask.await;
    if answer.as_ref().err().is_none_or(|failure| !failure.kind.is_sign_in()) {
        *kept = Some(answer.clone());
    }
    answer
}

impl Registry {
    pub(super) fn new(
        context: Context,
        owner: AccountId,
        sign_in: Arc<SignIn>,
        config: &SdkConfig,
        pace: Arc<Pace>,
    ) -> Self {
        let asker = RequestOrigin { owner: Some(owner.clone()), ..sign_in.ecr_asker(&context.region) };
        let client = Client::new(config);
        let inner = SharedRegistry {
            context,
            owner,
            sign_in,
            asker,
            client,
            pace,
            replication: tokio::sync::Mutex::default(),
            policy: tokio::sync::Mutex::default(),
            scope: tokio::sync::Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Returns the credentials and the Region that requests go out with.
    pub fn context(&self) -> &Context {
        &self.inner.context
    }

    /// Returns the account that owns the registry.
    pub fn owner(&self) -> &AccountId {
        &self.inner.owner
    }

    /// Returns the caller, where STS was asked.
    pub async fn known_caller(&self) -> Option<Identity> {
        self.inner.sign_in.known_caller().await
    }

    /// Returns the endpoint that is asked, where it is not AWS's own.
    pub fn endpoint(&self) -> Option<&str> {
        self.inner.asker.endpoint.as_deref()
    }

    /// Returns a watch of the operations on policies that AWS asks to slow down. It changes with AWS's answers alone.
    pub fn watch_slowdowns(&self) -> tokio::sync::watch::Receiver<PolicySlowdowns> {
        self.inner.pace.watch_slowdowns()
    }

    /// Returns the full reference of a repository of this registry.
    pub fn reference_to(&self, name: &RepositoryName) -> RepositoryRef {
        RepositoryRef {
            account: self.inner.owner.clone(),
            region: self.inner.context.region.clone(),
            name: name.clone(),
        }
    }

    /// Reads a page of repositories; `max` is held to 1 to 1,000 (source: the ECR API model).
    pub async fn read_page(&self, token: Option<String>, max: i32) -> Result<RepositoryPage, Failure> {
        let request = self
            .inner
            .client
            .describe_repositories()
            .registry_id(self.owner().as_str())
            .max_results(max.clamp(1, 1000))
            .set_next_token(token);
        let answer = self.send_read("DescribeRepositories", None, || request.clone().send()).await?;
        let mut repositories = Vec::new();
        for found in answer.repositories() {
            self.is_about("DescribeRepositories", found.registry_id(), None)?;
            repositories.extend(self.convert_repository(found));
        }
        Ok(RepositoryPage { repositories, next: answer.next_token.filter(|token| !token.is_empty()) })
    }

    /// Reads one repository by its name.
    pub async fn describe_repository(&self, name: &RepositoryName) -> Result<Repository, Failure> {
        let request = self
            .inner
            .client
            .describe_repositories()
            .registry_id(self.owner().as_str())
            .repository_names(name.as_str());
        let answer = self.send_read("DescribeRepositories", Some(name), || request.clone().send()).await?;
        if answer.repositories().len() > 1 {
            return Err(self.false_answer("DescribeRepositories", "names more repositories than were asked for"));
        }
        for found in answer.repositories() {
            self.is_about("DescribeRepositories", found.registry_id(), Some((name, found.repository_name())))?;
        }
        answer.repositories().iter().find_map(|found| self.convert_repository(found)).ok_or_else(|| {
            Failure::new(
                FailureKind::RepositoryNotFound,
                format!("There is no repository {name} in account {} in {}", self.owner(), self.context().region),
                "check the name, the account and the Region",
            )
        })
    }

    /// Reads the repository's policy as AWS stores it; none: it has none. Waits for one of [`super::AT_ONCE`] places, so
    /// that thousands of calls can be made at once.
    pub async fn read_policy(&self, name: &RepositoryName) -> Result<Option<String>, Failure> {
        let _place = self.inner.pace.wait_place().await;
        self.read_policy_now(name).await
    }

    /// Reads the policy as [`Registry::read_policy`] does, without waiting for a place: for a read that somebody looks at,
    /// or that a write needs.
    pub async fn read_policy_now(&self, name: &RepositoryName) -> Result<Option<String>, Failure> {
        let request =
            self.inner.client.get_repository_policy().registry_id(self.owner().as_str()).repository_name(name.as_str());
        let answer = self
            .send_read("GetRepositoryPolicy", Some(name), || {
                let sent = request.clone().send();
                async { none_for(sent.await, "RepositoryPolicyNotFoundException") }
            })
            .await?;
        answer.map(|found| self.policy_text(name, found)).transpose()
    }

    /// Reads the repository's resource tags, key and value. Waits for one of [`super::AT_ONCE`] places, as
    /// [`Registry::read_policy`] does.
    pub async fn read_tags(&self, name: &RepositoryName) -> Result<Vec<(String, String)>, Failure> {
        let _place = self.inner.pace.wait_place().await;
        let request =
            self.inner.client.list_tags_for_resource().resource_arn(self.reference_to(name).arn().to_string());
        let answer = self.send_read("ListTagsForResource", Some(name), || request.clone().send()).await?;
        Ok(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    /// Reads at most `limit` images, the newest push first, from one page of `DescribeImages` (1,000).
    pub async fn read_images(&self, name: &RepositoryName, limit: usize) -> Result<Vec<Image>, Failure> {
        let request = self
            .inner
            .client
            .describe_images()
            .registry_id(self.owner().as_str())
            .repository_name(name.as_str())
            .max_results(1000);
        let answer = self.send_read("DescribeImages", Some(name), || request.clone().send()).await?;
        let mut images: Vec<Image> = answer.image_details.unwrap_or_default().iter().map(convert_image).collect();
        images.sort_by(|a, b| b.pushed.cmp(&a.pushed).then_with(|| a.digest.cmp(&b.digest)));
        images.truncate(limit);
        Ok(images)
    }

    /// Returns the registry's own policy, which counts for every repository; none: it has none. AWS is asked once, and
    /// again only after credentials ran out or after [`Registry::forget_registry_policy`].
    pub async fn read_registry_policy(&self) -> Result<Option<String>, Failure> {
        keep_answer(&self.inner.policy, self.ask_registry_policy()).await
    }

    /// Forgets the registry policy and its scope, so that the next calls read them anew.
    pub async fn forget_registry_policy(&self) {
        *self.inner.policy.lock().await = None;
        *self.inner.scope.lock().await = None;
    }

    /// Asks for the registry policy. `GetRegistryPolicy` has no field for an account: it answers for the caller's own.
    async fn ask_registry_policy(&self) -> Result<Option<String>, Failure> {
        self.is_own_registry().await?;
        let request = self.inner.client.get_registry_policy();
        let answer = self
            .send_read("GetRegistryPolicy", None, || {
                let sent = request.clone().send();
                async { none_for(sent.await, "RegistryPolicyNotFoundException") }
            })
            .await?;
        let text = |found: GetRegistryPolicyOutput| {
            self.is_about("GetRegistryPolicy", found.registry_id(), None)?;
            found.policy_text.ok_or_else(|| self.without_text("GetRegistryPolicy"))
        };
        answer.map(text).transpose()
    }

    /// Fails where the credentials are surely of another account than the registry's: some operations have no field for an
    /// account.
    async fn is_own_registry(&self) -> Result<(), Failure> {
        match self.inner.sign_in.known_account().await.filter(|own| own != self.owner()) {
            None => Ok(()),
            Some(own) => Err(Failure::new(
                FailureKind::AccessDenied,
                format!("AWS shows it to account {} alone, and this is account {own}", self.owner()),
                "ask the owner for it",
            )),
        }
    }

    /// Sends a read, again where that may help.
    async fn send_read<T, E, F, Fut>(
        &self,
        operation: &'static str,
        name: Option<&RepositoryName>,
        send: F,
    ) -> Result<T, Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Fn() -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.inner.sign_in.get_credentials().await?;
        let about = self.about_request(operation, name);
        let outcome = self
            .inner
            .pace
            .send_read(operation, || async { Box::pin(send()).await.map_err(|error| from_sdk(&error, &about)) })
            .await;
        self.note_expiry(outcome).await
    }

    /// Forgets credentials that AWS finds expired. Passes the outcome on.
    async fn note_expiry<T>(&self, outcome: Result<T, Failure>) -> Result<T, Failure> {
        if outcome.as_ref().is_err_and(|failure| failure.kind == FailureKind::SignInExpired) {
            self.inner.sign_in.forget_credentials().await;
        }
        outcome
    }

    fn about_request<'a>(&'a self, operation: &'static str, name: Option<&'a RepositoryName>) -> About<'a> {
        About { asker: &self.inner.asker, service: "ecr", operation, repository: name.map(RepositoryName::as_str) }
    }

    /// Returns the policy text of an answer about this repository. An answer without a text is a failure: taken for "no
    /// policy" it would let a write wipe the stored one.
    fn policy_text(&self, name: &RepositoryName, answer: GetRepositoryPolicyOutput) -> Result<String, Failure> {
        let operation = "GetRepositoryPolicy";
        self.is_about(operation, answer.registry_id(), Some((name, answer.repository_name())))?;
        answer.policy_text.ok_or_else(|| self.without_text(operation))
    }

    /// Fails where an answer names another registry or another repository than the request. An answer that names none
    /// is taken: not every server of this protocol does.
    fn is_about(
        &self,
        operation: &str,
        registry: Option<&str>,
        repository: Option<(&RepositoryName, Option<&str>)>,
    ) -> Result<(), Failure> {
        if let Some(other) = registry.filter(|id| *id != self.owner().as_str()) {
            let words = format!("names registry {}, where {} was asked", make_visible(other), self.owner());
            return Err(self.false_answer(operation, &words));
        }
        if let Some((asked, Some(named))) = repository
            && named != asked.as_str()
        {
            return Err(self.false_answer(
                operation,
                &format!("names repository {}, where {asked} was asked", make_visible(named)),
            ));
        }
        Ok(())
    }

    fn false_answer(&self, operation: &str, how: &str) -> Failure {
        Failure::new(
            FailureKind::Server,
            format!("The answer of {} to {operation} {how}", self.endpoint_words()),
            "nothing of it was used: check the endpoint, and whether a proxy stands in between",
        )
    }

    fn without_text(&self, operation: &str) -> Failure {
        self.false_answer(operation, "holds no policy")
    }

    /// Returns the endpoint that is asked, for people.
    fn endpoint_words(&self) -> &str {
        self.endpoint().unwrap_or("AWS")
    }

    fn convert_repository(&self, found: &sdk::Repository) -> Option<Repository> {
        let name = found.repository_name()?;
        let Ok(name) = RepositoryName::parse(name) else {
            tracing::warn!(name, "a repository has an unknown form of name");
            return None;
        };
        let reference = self.reference_to(&name);
        Some(Repository {
            reference,
            created: found.created_at().map(aws_smithy_types::DateTime::secs),
            encryption: found.encryption_configuration().map(convert_encryption),
            tag_mutability: found.image_tag_mutability().map(|kind| kind.as_str().to_owned()),
            scan_on_push: found.image_scanning_configuration().map(sdk::ImageScanningConfiguration::scan_on_push),
        })
    }
}

/// Turns the error of this code, which says that there is none, into an empty answer.
fn none_for<T, E>(
    outcome: Result<T, SdkError<E, HttpResponse>>,
    code: &str,
) -> Result<Option<T>, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata,
{
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.code() == Some(code) => Ok(None),
        Err(error) => Err(error),
    }
}

fn convert_encryption(found: &sdk::EncryptionConfiguration) -> Encryption {
    let key = found.kms_key().map(str::to_owned);
    match found.encryption_type() {
        sdk::EncryptionType::Aes256 => Encryption::Aes256,
        sdk::EncryptionType::Kms => Encryption::Kms(key),
        sdk::EncryptionType::KmsDsse => Encryption::KmsDsse(key),
        other => Encryption::Other(other.as_str().to_owned()),
    }
}

fn convert_image(found: &sdk::ImageDetail) -> Image {
    let tags = Tags::read_tags(found.image_tags().iter().map(String::as_str));
    let digest = Digest::parse(found.image_digest().unwrap_or_default());
    if tags.dropped > 0 || digest.is_none() {
        tracing::warn!(dropped_tags = tags.dropped, digest = ?found.image_digest(), "AWS gave an invalid tag or digest");
    }
    Image {
        digest,
        tags,
        size: found.image_size_in_bytes,
        pushed: found.image_pushed_at.map(|at| at.secs()),
        pulled: found.last_recorded_pull_time.map(|at| at.secs()),
    }
}
