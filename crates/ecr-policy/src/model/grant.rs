//! A grant as data.

use super::document::{Actions, Condition, Effect, Origin, Principals, Statement};
use super::principal::{Principal, PrincipalKind};
use crate::syntax::{Span, Spanned};

/// One statement's worth of access to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The Sid of a new statement; begins with `EcrGrant`, a number is added where it is taken.
    pub sid: String,
    /// The parties that receive access.
    pub principals: WantedPrincipals,
    /// The actions, as `ecr:Name`, sorted.
    pub actions: Vec<String>,
    /// Under which conditions.
    pub conditions: Vec<Condition>,
}

/// The parties that are to receive access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedPrincipals {
    /// Entries under `AWS`.
    Aws(Vec<String>),
    /// Entries under `Service`.
    Service(Vec<String>),
}

impl Wanted {
    /// The statement that would give it alone, without a place in a text.
    pub(crate) fn as_statement(&self) -> Statement {
        let span = Span::default();
        let entry = |(text, kind): (&str, PrincipalKind)| Principal { span, kind, text: text.to_owned() };
        Statement {
            span,
            sid: Some(Spanned { span, value: self.sid.clone() }),
            effect: Effect::Allow,
            principals: Principals {
                negated: false,
                entries: principal_entries(&self.principals).into_iter().map(entry).collect(),
                span,
            },
            actions: wanted_actions(self),
            conditions: self.conditions.clone(),
            resource: None,
            has_variables: false,
            origin: Origin::Repository,
        }
    }
}

pub(crate) fn principal_entries(principals: &WantedPrincipals) -> Vec<(&str, PrincipalKind)> {
    match principals {
        WantedPrincipals::Aws(list) => list.iter().map(|t| (t.as_str(), PrincipalKind::classify_aws(t))).collect(),
        WantedPrincipals::Service(list) => {
            list.iter().map(|t| (t.as_str(), PrincipalKind::Service(t.clone()))).collect()
        }
    }
}

pub(crate) fn wanted_actions(wanted: &Wanted) -> Actions {
    let pattern = |a: &String| Spanned { span: Span::default(), value: a.clone() };
    Actions { negated: false, patterns: wanted.actions.iter().map(pattern).collect() }
}

pub(crate) fn type_name(principals: &WantedPrincipals) -> &'static str {
    match principals {
        WantedPrincipals::Aws(_) => "AWS",
        WantedPrincipals::Service(_) => "Service",
    }
}
