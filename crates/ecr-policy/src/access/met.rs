//! A request that was found, with the values of its keys.

use std::borrow::Cow;
use std::rc::Rc;

use super::exact::{Cast, Values};
use crate::condition::Known;
use crate::evaluate::Caller;

/// A request that is as wanted.
#[derive(Debug, Clone)]
pub(super) struct Met {
    pub caller: Caller,
    /// The ARN of a session's role with its path, which the session's own ARN has lost.
    pub role: Option<String>,
    /// The account that owns the repository.
    pub owner: Rc<str>,
    pub cast: Cast,
    pub values: Vec<(Rc<str>, Values)>,
    /// Tells whether the caller's own policies allow everything, or nothing.
    pub own_policies: bool,
}

impl Met {
    /// The caller as `can` and the cases file write it.
    pub fn principal(&self) -> String {
        match &self.caller {
            Caller::Service(name) => name.clone(),
            other => other.arn().map_or_else(|| "anonymous".to_owned(), ToString::to_string),
        }
    }

    /// The values of a key; none: the request lacks it.
    pub fn values(&self, key: &str) -> Option<Vec<String>> {
        match self.values.iter().find(|(k, _)| **k == *key) {
            Some((_, values)) => values.as_ref().map(|values| values.to_vec()),
            None => self.told(key),
        }
    }

    /// The value of a key that has just one.
    pub(super) fn value(&self, key: &str) -> Option<Cow<'_, str>> {
        match self.values.iter().find(|(k, _)| **k == *key) {
            Some((_, Some(values))) => match &**values {
                [only] => Some(Cow::Borrowed(only)),
                _ => None,
            },
            Some((_, None)) => None,
            None => match self.told(key)?.as_slice() {
                [only] => Some(Cow::Owned(only.clone())),
                _ => None,
            },
        }
    }

    /// Returns the caller's value of a key that nothing asked for.
    fn told(&self, key: &str) -> Option<Vec<String>> {
        match (key, &self.role) {
            ("aws:principalarn", Some(role)) => Some(vec![role.clone()]),
            ("aws:resourceaccount", _) => Some(vec![self.owner.to_string()]),
            _ => match self.caller.known(key) {
                Known::Values(values) => Some(values),
                Known::Absent | Known::Unknown => None,
            },
        }
    }
}
