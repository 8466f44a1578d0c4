//! The policy of a registry, which ECR evaluates for each request beside the repository's own.
//!
//! Its Deny statements count wherever access is worked out. Whether its Allow statements alone let outsiders in is not
//! documented: they are told, and never counted. Source: ECR user guide, registry permissions (scope V2).

use std::sync::Arc;

use super::access::table_for;
use super::access::{AccessRow, Class};
use super::evaluate::{Answer, Decision, Request, evaluate};
use super::explain::actions_words;
use super::lint::unreadable_findings;
use super::model::document::{Effect, Origin, Policy, Resource, Statement};
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Region, RepositoryRef, action};
use crate::model::actions::ActionSet;
use crate::syntax::parse;
use crate::text::glob::glob;

/// The policy of a registry, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RegistryPolicy {
    /// Nobody asked for it: the policy at hand came without its registry.
    #[default]
    NotAsked,
    /// The registry has none.
    Absent,
    /// As it is stored.
    Known(Arc<Stored>),
    /// It cannot be read, for this reason: a clause.
    Unreadable(String),
}

/// A registry policy that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    text: String,
    policy: Policy,
    /// The reason why the scope of the policy could not be read; none: it was, or nobody asked.
    unread_scope: Option<String>,
}

/// The actions of AWS's own samples of a registry policy: replication and pull through caches.
const COPYING: [&str; 3] = ["BatchImportUpstreamImage", "CreateRepository", "ReplicateImage"];

/// Tells how sure it is that a statement is about a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Concerns {
    Surely,
    /// A variable in the statement's `Resource` decides.
    Perhaps,
    No,
}

impl RegistryPolicy {
    /// Takes what a registry has stored; `None`: it has no policy.
    pub fn of(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::Absent };
        let parsed = parse(text);
        match Policy::read_tree(&parsed) {
            Ok(policy) => Self::Known(Arc::new(Stored { text: text.to_owned(), policy, unread_scope: None })),
            Err(_) => Self::Unreadable(unreadable_findings(text, &parsed).first().map_or_else(
                || "it is no policy that this program understands".to_owned(),
                |finding| finding.message.clone(),
            )),
        }
    }

    /// Takes the outcome of a read: what is stored, or why that is not known, a clause.
    pub fn of_read(read: Result<Option<String>, String>) -> Self {
        read.map_or_else(Self::Unreadable, |text| Self::of(text.as_deref()))
    }

    /// Notes that the scope of the policy could not be read, for this reason: a clause. The policy counts as in the documented
    /// scope, and says so.
    #[must_use]
    pub fn with_unread_scope(self, why: &str) -> Self {
        match self {
            Self::Known(stored) => {
                Self::Known(Arc::new(Stored { unread_scope: Some(why.to_owned()), ..(*stored).clone() }))
            }
            other => other,
        }
    }

    /// Returns the text that is stored; `None` where there is none, or none that could be read.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Known(stored) => Some(&stored.text),
            Self::NotAsked | Self::Absent | Self::Unreadable(_) => None,
        }
    }

    /// Takes the text of a file. The error says why that is no policy.
    pub fn of_file(text: &str) -> Result<Self, String> {
        match Self::of(Some(text)) {
            Self::Unreadable(why) => Err(why),
            read => Ok(read),
        }
    }

    /// Returns all that decides about a repository: its own policy (`None`: it has none), then the registry's Deny
    /// statements about it. The indexes of the repository's own statements stay as they are.
    pub fn around(&self, policy: Option<&Policy>, repository: &RepositoryRef) -> Policy {
        let mut all = policy.cloned().unwrap_or_else(Policy::empty);
        all.statements.extend(self.statements_about(repository, Concerns::Surely, Effect::Deny));
        all
    }

    /// Tells whether a Deny statement of the registry is about a repository, surely or perhaps.
    pub fn denies(&self, repository: &RepositoryRef) -> bool {
        [Concerns::Surely, Concerns::Perhaps]
            .into_iter()
            .any(|concerns| self.statements_about(repository, concerns, Effect::Deny).next().is_some())
    }

    /// Says what must be known of the registry policy beside the access that is worked out: a clause each. Empty: its
    /// Deny statements are all counted, and it allows nobody outside anything.
    pub fn note_words(&self, repository: &RepositoryRef) -> Vec<String> {
        let unread = self.unread_words(&repository.account, &repository.region);
        unread.into_iter().chain(self.perhaps_denied_words(repository)).chain(self.opening_words(repository)).collect()
    }

    /// Says that it, or its scope, cannot be read, and what follows: the same for all repositories of the account and Region.
    pub fn unread_words(&self, account: &AccountId, region: &Region) -> Option<String> {
        if let Self::Known(stored) = self {
            let why = stored.unread_scope.as_deref()?;
            return Some(format!(
                "the scope of the registry policy of {account} in {region} could not be read ({}): its Deny statements are \
                 counted, and would void nothing under an older scope",
                make_visible(why)
            ));
        }
        let Self::Unreadable(why) = self else { return None };
        Some(format!(
            "the registry policy of {account} in {region} could not be read ({}): a Deny there would void what a \
             repository grants",
            make_visible(why)
        ))
    }

    /// Says which Deny statements hang on a variable, so that they are not counted: a clause each.
    pub fn perhaps_denied_words(&self, repository: &RepositoryRef) -> Vec<String> {
        let words = |statement: Statement| {
            format!(
                "{} names repositories by a variable: it may deny what the repository grants",
                statement.display_name(0)
            )
        };
        self.statements_about(repository, Concerns::Perhaps, Effect::Deny).map(words).collect()
    }

    /// Says what its Allow statements may give to others than the owner's account: a clause each.
    pub fn opening_words(&self, repository: &RepositoryRef) -> Vec<String> {
        let also = self.openings_for(repository).into_iter().map(|(row, statements)| {
            format!(
                "{} may also open it to {}: {}",
                statements.join(", "),
                row.who.words(),
                actions_words(&row.effective())
            )
        });
        also.collect()
    }

    /// Tells whether its Allow statements may give more on a repository to others than the owner's account than images
    /// that are copied in, which is what most registry policies are for.
    pub fn may_open(&self, repository: &RepositoryRef) -> bool {
        self.openings_for(repository).iter().any(|(row, _)| row.remaining().any(|name| !COPYING.contains(&name)))
    }

    /// Finds who outside the owner's account may be let in by the registry's Allow statements, with the names of these.
    fn openings_for(&self, repository: &RepositoryRef) -> Vec<(AccessRow, Vec<String>)> {
        let statements: Vec<Statement> = [Concerns::Surely, Concerns::Perhaps]
            .into_iter()
            .flat_map(|concerns| self.statements_about(repository, concerns, Effect::Allow))
            .collect();
        if statements.is_empty() {
            return Vec::new();
        }
        let denying = self.statements_about(repository, Concerns::Surely, Effect::Deny);
        let statements = statements.into_iter().chain(denying).collect();
        let policy = Policy { statements, ..Policy::empty() };
        let is_open = |row: &AccessRow| !matches!(row.class, Class::OwnAccount | Class::None);
        let rows = table_for(&policy, Some(&repository.account)).rows.into_iter().filter(is_open);
        let named = |row: AccessRow| {
            let statements = row.statements.iter().filter_map(|at| Some(policy.statements.get(*at)?.display_name(*at)));
            let statements = statements.collect();
            (row, statements)
        };
        rows.map(named).collect()
    }

    /// Finds the statements with an effect that are about a repository and about actions on repositories.
    fn statements_about(
        &self,
        repository: &RepositoryRef,
        concerns: Concerns,
        effect: Effect,
    ) -> impl Iterator<Item = Statement> + '_ {
        let statements = match self {
            Self::Known(stored) => stored.policy.statements.as_slice(),
            Self::NotAsked | Self::Absent | Self::Unreadable(_) => &[],
        };
        let arn = repository.arn().to_string();
        let is_about = move |(_, statement): &(usize, &Statement)| {
            statement.effect == effect
                && concerns_of(statement.resource.as_ref(), &arn) == concerns
                && ActionSet::of(&statement.actions).iter().any(is_on_repositories)
        };
        let of_registry =
            |(at, statement): (usize, &Statement)| Statement { origin: Origin::Registry(at), ..statement.clone() };
        statements.iter().enumerate().filter(is_about).map(of_registry)
    }
}

/// Decides about a request under the repository's policy and its registry's. What of the latter cannot be counted makes a
/// decision unsure; what it may allow besides is a note.
pub fn evaluate_in(registry: &RegistryPolicy, policy: &Policy, request: &Request) -> Decision {
    let Some(repository) = request.repository_ref() else { return evaluate(policy, request) };
    let mut decision = evaluate(&registry.around(Some(policy), &repository), request);
    if decision.answer != Answer::ExplicitDeny {
        decision.unsure.extend(registry.perhaps_denied_words(&repository));
    }
    if decision.answer == Answer::ImplicitDeny {
        let openings = registry.opening_words(&repository);
        decision.unsure.extend(openings);
    }
    decision
}

/// Tells whether an action is on a repository, or is one that the table lacks.
fn is_on_repositories(name: &str) -> bool {
    action::find_action(name).is_none_or(action::ActionInfo::is_repository_level)
}

/// Tells whether a `Resource` is about a repository. A statement without one is about all: ECR stores none like that.
fn concerns_of(resource: Option<&Resource>, arn: &str) -> Concerns {
    let Some(resource) = resource else { return Concerns::Surely };
    let fits = |pattern: &String| match with_any_value(pattern) {
        None if glob(pattern, arn) => Concerns::Surely,
        Some(pattern) if glob(&pattern, arn) => Concerns::Perhaps,
        _ => Concerns::No,
    };
    let all: Vec<Concerns> = resource.patterns.iter().map(fits).collect();
    let fitting = if all.contains(&Concerns::Surely) {
        Concerns::Surely
    } else if all.contains(&Concerns::Perhaps) {
        Concerns::Perhaps
    } else {
        Concerns::No
    };
    match (resource.negated, fitting) {
        (false, fitting) => fitting,
        (true, Concerns::Surely) => Concerns::No,
        (true, Concerns::Perhaps) => Concerns::Perhaps,
        (true, Concerns::No) => Concerns::Surely,
    }
}

/// Returns a pattern in which `*` stands for each variable; `None`: it has no variable.
fn with_any_value(pattern: &str) -> Option<String> {
    let mut pieces = pattern.split("${");
    let first = pieces.next()?.to_owned();
    let mut is_variable = false;
    let all = pieces.fold(first, |all, piece| {
        is_variable = true;
        all + "*" + piece.split_once('}').map_or("", |(_, after)| after)
    });
    is_variable.then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    fn repository(name: &str) -> RepositoryRef {
        RepositoryRef {
            account: AccountId::parse("222222222222").unwrap(),
            region: "eu-west-2".parse().unwrap(),
            name: crate::ecr::RepositoryName::parse(name).unwrap(),
        }
    }

    fn registry(statements: &str) -> RegistryPolicy {
        RegistryPolicy::of(Some(&format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)))
    }

    fn statement(effect: &str, resource: &str, action: &str) -> String {
        format!(
            r#"{{"Sid": "Fence", "Effect": "{effect}", "Principal": {{"AWS": "arn:aws:iam::333333333333:root"}},
            "Action": "{action}", {resource}}}"#
        )
    }

    #[test]
    fn a_deny_counts_for_the_repositories_that_its_resource_names() {
        let here = "arn:aws:ecr:eu-west-2:222222222222:repository";
        let cases: [(&str, &[&str], &[&str]); 7] = [
            (r#""Resource": "*""#, &["aa", "bb/c"], &[]),
            (&format!(r#""Resource": "{here}/*""#), &["aa", "bb/c"], &[]),
            (&format!(r#""Resource": "{here}/bb/*""#), &["bb/c"], &["aa", "bb"]),
            (&format!(r#""Resource": ["{here}/aa", "{here}/??"]"#), &["aa", "zz"], &["bb/c"]),
            (r#""Resource": "arn:aws:ecr:us-east-1:222222222222:repository/*""#, &[], &["aa", "bb/c"]),
            (&format!(r#""NotResource": "{here}/aa""#), &["bb", "aa/b"], &["aa"]),
            (&format!(r#""NotResource": ["{here}/aa", "{here}/bb"]"#), &["cc"], &["aa", "bb"]),
        ];
        for (resource, counted, not) in cases {
            let policy = registry(&statement("Deny", resource, "ecr:BatchGetImage"));
            for (names, is_counted) in [(counted, 1), (not, 0)] {
                for name in names {
                    let all = policy.around(None, &repository(name));
                    assert_eq!(all.statements.len(), is_counted, "{resource} {name}");
                    assert!(all.statements.iter().all(|s| s.origin == Origin::Registry(0)));
                    assert_eq!(policy.denies(&repository(name)), is_counted == 1);
                    assert!(policy.note_words(&repository(name)).is_empty(), "{resource} {name}");
                }
            }
        }
    }

    #[test]
    fn the_repositorys_statements_keep_their_places() {
        let own = r#"{"Version": "2008-10-17", "Statement": [{"Sid": "Pull", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}"#;
        let own = Policy::read(own).unwrap();
        let both = format!(
            "{}, {}",
            statement("Allow", r#""Resource": "*""#, "ecr:CreateRepository"),
            statement("Deny", r#""Resource": "*""#, "ecr:*")
        );
        let all = registry(&both).around(Some(&own), &repository("aa"));
        let names: Vec<String> = all.statements.iter().enumerate().map(|(at, s)| s.display_name(at)).collect();
        assert_eq!(names, ["statement 1 (Pull)", "statement 2 (Fence) of the registry policy"]);
        let variables: Vec<bool> = all.statements.iter().map(|s| s.has_variables).collect();
        assert_eq!(variables, [false, true], "each by the version of its own document");
    }

    #[test]
    fn actions_on_registries_deny_nothing_on_a_repository() {
        let policy = registry(&statement("Deny", r#""Resource": "*""#, "ecr:GetAuthorizationToken"));
        assert!(policy.around(None, &repository("aa")).statements.is_empty());
    }

    #[test]
    fn a_variable_in_the_resource_may_deny_and_is_told() {
        let team = r#"["arn:aws:ecr:eu-west-2:222222222222:repository/${aws:PrincipalTag/team}/*"]"#;
        for (element, name, is_told) in
            [("Resource", "web/api", true), ("Resource", "web", false), ("NotResource", "web/api", true)]
        {
            let policy = registry(&statement("Deny", &format!(r#""{element}": {team}"#), "ecr:BatchGetImage"));
            assert!(policy.around(None, &repository(name)).statements.is_empty(), "{element} {name}");
            let notes = policy.note_words(&repository(name));
            assert_eq!(!notes.is_empty(), is_told, "{element} {name}: {notes:?}");
            assert_eq!(policy.denies(&repository(name)), is_told);
            assert!(notes.iter().all(|note| note.starts_with("statement 1 (Fence) of the registry policy names")));
        }
        // Whatever the variable is, the name does not fit: it is none of those that are spared.
        let policy = registry(&statement("Deny", &format!(r#""NotResource": {team}"#), "ecr:BatchGetImage"));
        assert_eq!(policy.around(None, &repository("web")).statements.len(), 1);
    }

    #[test]
    fn an_allow_is_told_and_never_counted() {
        let policy = registry(&statement("Allow", r#""Resource": "*""#, "ecr:BatchGetImage"));
        assert!(policy.around(None, &repository("aa")).statements.is_empty());
        assert_eq!(
            policy.note_words(&repository("aa")),
            ["statement 1 (Fence) of the registry policy may also open it to account 333333333333: BatchGetImage"]
        );
        let own = policy.text().unwrap().replace("333333333333", "222222222222");
        assert!(
            RegistryPolicy::of(Some(&own)).note_words(&repository("aa")).is_empty(),
            "the owner's own account is let in"
        );
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_reason() {
        let broken = RegistryPolicy::of(Some("{"));
        let [note] = broken.note_words(&repository("aa")).try_into().unwrap();
        assert!(note.starts_with("the registry policy of 222222222222 in eu-west-2 could not be read ("), "{note}");
        assert!(note.ends_with("a Deny there would void what a repository grants"), "{note}");
        for silent in [RegistryPolicy::NotAsked, RegistryPolicy::of(None)] {
            assert!(silent.note_words(&repository("aa")).is_empty() && !silent.denies(&repository("aa")));
        }
    }
}
