//! An AWS that answers at once, for the tests of what the wizard does by itself.

use super::event::Verified;
use super::testing::{give_answer, test_failure, test_identity, test_region, test_repository, test_source};
use super::{Answer, Effect, Model, RequestId};
use crate::ecr::{Failure, FailureKind, Source};

/// AWS as the tests want it.
pub struct World {
    /// Who a source is.
    pub verified: Box<dyn Fn() -> Result<Verified, Failure>>,
    /// The sources of credentials.
    pub sources: Vec<Source>,
    /// The repositories that are there.
    pub there: Vec<&'static str>,
    /// The policy of each of them.
    pub stored: Option<&'static str>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            verified: Box::new(|| {
                Ok(Verified {
                    identity: test_identity(),
                    region: test_region("us-east-1"),
                    endpoint: None,
                    ignored: Vec::new(),
                })
            }),
            sources: vec![test_source("other"), test_source("platform")],
            there: vec!["data/feature-store", "vendorapp", "worker"],
            stored: None,
        }
    }
}

impl World {
    /// The answer to an effect that asks for one.
    pub fn answer(&self, effect: &Effect) -> Option<(RequestId, Answer)> {
        Some(match effect {
            Effect::LoadSources(id) => (*id, Answer::Sources(Ok(self.sources.clone()))),
            Effect::Verify { id, .. } => (*id, Answer::Verified((self.verified)())),
            Effect::ListRepositories { id, .. } => {
                let repositories = self.there.iter().map(|name| test_repository(name)).collect();
                (*id, Answer::Page { repositories, last: true })
            }
            Effect::Describe { id, name, .. } => {
                let known = self.there.contains(&name.as_str());
                let gone = || test_failure(FailureKind::RepositoryNotFound);
                (*id, Answer::Described(if known { Ok(test_repository(name.as_str())) } else { Err(gone()) }))
            }
            Effect::ReadPolicy { id, repository, .. } => {
                (*id, Answer::Policy(repository.clone(), Ok(self.stored.map(str::to_owned))))
            }
            _ => return None,
        })
    }

    /// Answers everything that is asked for; the effects that nobody answers.
    pub fn serve(&self, model: &mut Model, effects: Vec<Effect>) -> Vec<Effect> {
        let (mut open, mut rest) = (effects, Vec::new());
        while !open.is_empty() {
            let mut next = Vec::new();
            for effect in open {
                match self.answer(&effect) {
                    Some((id, answer)) => next.extend(give_answer(model, id, answer)),
                    None => rest.push(effect),
                }
            }
            open = next;
        }
        rest
    }
}
