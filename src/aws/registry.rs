//! One registry: the operations of ECR that the program uses, each with its pace and its failures in words.

use std::sync::Arc;

use crate::ecr::{AccountId, Context, Failure, FailureKind, Repository, RepositoryName, RepositoryRef};

/// A page of `DescribeRepositories`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The repositories, as AWS ordered them.
    pub repositories: Vec<Repository>,
    /// The token of the next page; none: this was the last.
    pub next: Option<String>,
}

/// An image of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// `sha256:...`.
    pub digest: String,
    /// Its tags; none: untagged.
    pub tags: Vec<String>,
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
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    context: Context,
    owner: AccountId,
}

fn not_yet<T>() -> Result<T, Failure> {
    Err(Failure::new(FailureKind::Defect, "not there yet", "wait"))
}

#[expect(clippy::unused_async, reason = "asks soon")]
impl Registry {
    pub(super) fn skeleton(context: Context, owner: AccountId) -> Self {
        Self { inner: Arc::new(Inner { context, owner }) }
    }

    /// The credentials and the Region that requests go out with.
    pub fn context(&self) -> &Context {
        &self.inner.context
    }

    /// The account that owns the registry.
    pub fn owner(&self) -> &AccountId {
        &self.inner.owner
    }

    /// The full reference of a repository of this registry.
    pub fn reference(&self, name: &RepositoryName) -> RepositoryRef {
        RepositoryRef {
            account: self.inner.owner.clone(),
            region: self.inner.context.region.clone(),
            name: name.clone(),
        }
    }

    /// A page of repositories; `max` is held to 1 to 1,000 (source: the ECR API model).
    pub async fn page(&self, _token: Option<String>, _max: i32) -> Result<Page, Failure> {
        not_yet()
    }

    /// One repository by its name.
    pub async fn describe(&self, _name: &RepositoryName) -> Result<Repository, Failure> {
        not_yet()
    }

    /// The repository's policy as AWS stores it; none: it has none.
    pub async fn policy(&self, _name: &RepositoryName) -> Result<Option<String>, Failure> {
        not_yet()
    }

    /// Replaces the repository's policy, never with `force`, and answers with the text as stored. Sent once: after a
    /// failure that `FailureKind::is_passing` nobody knows whether it was done.
    pub async fn set_policy(&self, _name: &RepositoryName, _text: &str) -> Result<String, Failure> {
        not_yet()
    }

    /// Deletes the repository's policy and answers with the text that was there; none: there was none. Sent once.
    pub async fn delete_policy(&self, _name: &RepositoryName) -> Result<Option<String>, Failure> {
        not_yet()
    }

    /// The repository's resource tags, key and value.
    pub async fn tags(&self, _name: &RepositoryName) -> Result<Vec<(String, String)>, Failure> {
        not_yet()
    }

    /// At most `limit` images, those pushed last first, as far as one page of `DescribeImages` (1,000) shows them.
    pub async fn images(&self, _name: &RepositoryName, _limit: usize) -> Result<Vec<Image>, Failure> {
        not_yet()
    }

    /// The registry's own policy; none: it has none.
    pub async fn registry_policy(&self) -> Result<Option<String>, Failure> {
        not_yet()
    }
}
