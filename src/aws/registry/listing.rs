//! A listing of all repositories, checked against the request. It ends whatever the server answers.

use std::collections::HashSet;

use super::{Registry, RepositoryPage};
use crate::ecr::{Failure, FailureKind, Repository, RepositoryName};

/// The size of a page. A thousand repositories with the longest names can pass the limit of a body.
const PAGE: i32 = 500;
/// The number of empty pages in a row that a server may send while it still searches.
const MOST_EMPTY: usize = 20;

/// All repositories of a registry, page by page.
#[derive(Debug)]
pub struct RepositoryListing {
    registry: Registry,
    next: Option<String>,
    ended: bool,
    empty: usize,
    tokens: HashSet<String>,
    names: HashSet<RepositoryName>,
}

impl Registry {
    /// Begins a listing. Sends nothing yet.
    pub fn list_all(&self) -> RepositoryListing {
        RepositoryListing {
            registry: self.clone(),
            next: None,
            ended: false,
            empty: 0,
            tokens: HashSet::new(),
            names: HashSet::new(),
        }
    }
}

impl RepositoryListing {
    /// Reads the next page; none after the last one. Each repository comes once. A repeated page token, or a page
    /// without a new repository, is the server's fault and ends the listing.
    pub async fn next_page(&mut self) -> Result<Option<RepositoryPage>, Failure> {
        if self.ended {
            return Ok(None);
        }
        // A failure ends the listing too.
        self.ended = true;
        let RepositoryPage { repositories, next } = Box::pin(self.registry.read_page(self.next.take(), PAGE)).await?;
        let is_empty = repositories.is_empty();
        let fresh: Vec<Repository> =
            repositories.into_iter().filter(|found| self.names.insert(found.name().clone())).collect();
        if let Some(token) = &next {
            self.empty += usize::from(is_empty);
            if !self.tokens.insert(token.clone()) {
                return Err(self.endless_failure("the same page token twice"));
            }
            if self.empty > MOST_EMPTY || (fresh.is_empty() && !is_empty) {
                return Err(self.endless_failure("pages that hold nothing new"));
            }
            self.ended = false;
        }
        self.next.clone_from(&next);
        Ok(Some(RepositoryPage { repositories: fresh, next }))
    }

    fn endless_failure(&self, how: &str) -> Failure {
        let place = self.registry.endpoint_words();
        Failure::new(
            FailureKind::Server,
            format!("{place} answered the list of repositories with {how}: the list is incomplete"),
            "check the endpoint, and whether a proxy stands in between",
        )
    }
}
