//! Decides whether a request is allowed: the one place where the rules of evaluation stand.
//!
//! `statement_match` tells which requests a statement speaks of, `caller` who asks, and this file what follows: an explicit
//! Deny wins; otherwise the repository's account and the caller's account both have a say. Where AWS's documentation leaves a
//! reading open, the answer is worked out under every reading; it is `unsure` when they differ.
//! Source: IAM user guide, policy evaluation logic (single account, cross-account); ECR user guide, repository policies.

mod caller;
mod role_path;
mod statement_match;

use super::condition::{Known, Truth, variable_names};
use super::model::document::{Effect, Origin, Policy, Statement};
use crate::ecr::{Arn, RepositoryRef, action};

pub use caller::Caller;
pub(crate) use caller::known_of_service;
pub(crate) use role_path::hangs_on_path;
pub use statement_match::Part;
pub(crate) use statement_match::{Asked, applies, speaks_of};

/// The answer of the policies in the caller's own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityPolicies {
    /// They allow everything.
    All,
    /// They allow nothing.
    None,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The caller.
    pub caller: Caller,
    /// The action, without `ecr:`.
    pub action: String,
    /// The repository's ARN; its account owns the repository.
    pub repository: Arn,
    /// The answer of the caller's own policies.
    pub identity: IdentityPolicies,
    /// The condition keys of the request, in small letters, with their values; a key that is not here is absent.
    pub context: Vec<(String, Vec<String>)>,
    /// Tells whether the role's ARN in the context is worked out from a session, which does not tell the role's path.
    pub lacks_path: bool,
}

/// The answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Allowed.
    Allow,
    /// A Deny statement takes it.
    ExplicitDeny,
    /// Nothing allows it.
    ImplicitDeny,
    /// ECR would refuse the policy.
    Refused,
}

impl Answer {
    /// Its name in output for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::ExplicitDeny => "deny-explicit",
            Self::ImplicitDeny => "deny-implicit",
            Self::Refused => "error",
        }
    }
}

/// An answer with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The answer; under the better reading where AWS's documentation leaves one open.
    pub answer: Answer,
    /// The reasons why another answer is possible, where AWS's documentation leaves one open. Empty: the answer is sure.
    pub unsure: Vec<String>,
    /// The Allow statements that speak of the request, from 1.
    pub allow: Vec<usize>,
    /// The Deny statements that speak of the request, from 1.
    pub deny: Vec<usize>,
    /// The Deny statements of the registry policy that speak of it, by their numbers there.
    pub registry_deny: Vec<usize>,
    /// The rule that led to the answer, what is out of sight, and what ECR would refuse.
    pub notes: Vec<String>,
    /// For each statement, the first part of it that does not match the request.
    pub parts: Vec<Part>,
}

impl Request {
    /// Reads a request. `principal` as in [`Caller::parse`]; `action` with its prefix `ecr:`; `repository` an ARN.
    /// `Err`: what cannot be understood, in words.
    pub fn new(
        principal: &str,
        action: &str,
        repository: &str,
        identity: IdentityPolicies,
        context: Vec<(String, Vec<String>)>,
    ) -> Result<Self, String> {
        let arn = Arn::parse(repository).filter(|arn| arn.repository().is_some() && arn.account_id().is_some());
        let known = arn.and_then(|arn| arn.known_partition().map(|partition| (arn, partition)));
        let (arn, partition) = known.ok_or_else(|| format!("`{repository}` is no ARN of an ECR repository"))?;
        let caller = Caller::parse(principal, partition)?;
        let name = action.split_once(':').filter(|(service, _)| service.eq_ignore_ascii_case("ecr")).map(|(_, n)| n);
        let name = name.filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_alphanumeric()));
        let name = name.ok_or_else(|| format!("`{action}` is no action of ECR, such as ecr:BatchGetImage"))?;
        let mut request = Self {
            caller,
            action: action::find_action(name).map_or_else(|| name.to_owned(), |found| found.name.clone()),
            repository: arn,
            identity,
            context: Vec::new(),
            lacks_path: false,
        };
        for (key, values) in context {
            request.add(&key, values);
        }
        Ok(request)
    }

    /// Adds values of a condition key; letter case of the key does not count.
    pub fn add(&mut self, key: &str, values: Vec<String>) {
        let key = key.to_ascii_lowercase();
        match self.context.iter_mut().find(|(k, _)| *k == key) {
            Some((_, there)) => there.extend(values),
            None => self.context.push((key, values)),
        }
    }

    /// Adds what the caller itself tells of the condition keys that the policy asks for and nobody gave.
    pub fn add_what_the_caller_tells(&mut self, policy: &Policy) {
        for key in asked_keys(policy) {
            if let (None, Known::Values(values)) = (self.given_values(&key), self.caller.known(&key)) {
                self.lacks_path |= key == role_path::ROLE_KEY && matches!(self.caller, Caller::Session(_));
                self.context.push((key, values));
            }
        }
    }

    /// Adds what the repository tells of the condition keys that the policy asks for and nobody gave: its account, its
    /// Region, and for a caller of that account the organization too. Source: IAM user guide, global condition keys.
    pub fn add_what_the_repository_tells(&mut self, policy: &Policy) {
        let of_caller = |key: &str| self.given_values(key).filter(|_| self.of_same_account()).cloned();
        let told = |key: &str| match key {
            "aws:resourceaccount" => Some(vec![self.repository.account.clone()]),
            "aws:requestedregion" => Some(vec![self.repository.region.clone()]).filter(|region| region != &[""]),
            "aws:resourceorgid" => of_caller("aws:principalorgid"),
            "aws:resourceorgpaths" => of_caller("aws:principalorgpaths"),
            _ => None,
        };
        let missing = asked_keys(policy).into_iter().filter(|key| self.given_values(key).is_none());
        let found: Vec<_> = missing.filter_map(|key| Some((told(&key)?, key))).map(|(v, key)| (key, v)).collect();
        self.context.extend(found);
    }

    /// Returns the condition keys that the policy asks for, in conditions and in variables, and the request does not have,
    /// as the policy writes them.
    pub fn absent_keys(&self, policy: &Policy) -> Vec<String> {
        let mut absent: Vec<String> = Vec::new();
        for key in policy.statements.iter().flat_map(keys_of) {
            let there = absent.iter().any(|known| known.eq_ignore_ascii_case(key));
            if !there && self.given_values(&key.to_ascii_lowercase()).is_none() {
                absent.push(key.to_owned());
            }
        }
        absent
    }

    /// Returns the repository that it is about. None: its ARN names no Region.
    pub fn repository_ref(&self) -> Option<RepositoryRef> {
        let region = self.repository.region.parse().ok()?;
        Some(RepositoryRef { account: self.repository.account_id()?, region, name: self.repository.repository()? })
    }

    fn given_values(&self, key: &str) -> Option<&Vec<String>> {
        self.context.iter().find(|(k, _)| k == key).map(|(_, values)| values)
    }

    /// The name under which the action is authorised.
    fn authorised_as(&self) -> &str {
        action::authorised_as(&self.action).unwrap_or(&self.action)
    }

    fn of_same_account(&self) -> bool {
        let owner = &self.repository;
        self.caller.arn().is_some_and(|arn| arn.account == owner.account && arn.partition == owner.partition)
    }
}

/// The condition keys of a policy and those of its variables, in small letters.
fn asked_keys(policy: &Policy) -> Vec<String> {
    let mut keys: Vec<String> = policy.statements.iter().flat_map(keys_of).map(str::to_ascii_lowercase).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// The condition keys of a statement, each before those of the variables in its values, as they are written.
fn keys_of(statement: &Statement) -> impl Iterator<Item = &str> {
    statement.conditions.iter().flat_map(|condition| {
        let texts = condition.values.iter().filter(|_| statement.has_variables);
        let names = texts.filter_map(|value| variable_names(value).ok()).flatten();
        let is_key = |name: &&str| !matches!(*name, "*" | "?" | "$");
        std::iter::once(condition.key.as_str()).chain(names.filter(is_key))
    })
}

/// Decides about a request.
pub fn evaluate(policy: &Policy, request: &Request) -> Decision {
    let lookup = |key: &str| request.given_values(key).map_or(Known::Absent, |values| Known::Values(values.clone()));
    let asked = Asked {
        caller: &request.caller,
        partition: &request.repository.partition,
        action: request.authorised_as(),
        lookup: &lookup,
    };
    let mut decision = Decision::of(Answer::ImplicitDeny);
    let mut sums = Sums::default();
    let mut doubts = Vec::new();
    for (index, statement) in policy.statements.iter().enumerate() {
        let mut applied = statement_match::applies(statement, &asked);
        if let Caller::Session(session) = &request.caller
            && request.lacks_path
            && hangs_on_path(statement, &asked, session)
        {
            applied.truth = Truth::leaning_to(applied.truth >= Truth::Likely);
            applied.doubts.push(
                "a session's ARN does not tell the path of its role, on which this hangs: give aws:PrincipalArn"
                    .to_owned(),
            );
        }
        decision.parts.push(applied.part);
        doubts.extend(applied.doubts);
        let (list, number, sum) = match (statement.effect, statement.origin) {
            (Effect::Deny, Origin::Registry(at)) => (&mut decision.registry_deny, at, &mut sums.deny),
            (Effect::Deny, Origin::Repository) => (&mut decision.deny, index, &mut sums.deny),
            (Effect::Allow, _) if applied.account_only => (&mut decision.allow, index, &mut sums.account),
            (Effect::Allow, _) => (&mut decision.allow, index, &mut sums.direct),
        };
        *sum = (*sum).max(applied.truth);
        if applied.truth >= Truth::Likely {
            list.push(number + 1);
        }
    }
    decide_answer(request, sums, &mut decision, doubts);
    decision
}

/// The result of the statements of each kind.
#[derive(Debug, Clone, Copy)]
struct Sums {
    deny: Truth,
    /// Allow statements that name the caller itself, or everyone.
    direct: Truth,
    /// Allow statements that name the caller's whole account.
    account: Truth,
}

impl Default for Sums {
    fn default() -> Self {
        Self { deny: Truth::No, direct: Truth::No, account: Truth::No }
    }
}

impl Decision {
    /// An answer without any reasons.
    pub fn of(answer: Answer) -> Self {
        Self {
            answer,
            unsure: Vec::new(),
            allow: Vec::new(),
            deny: Vec::new(),
            registry_deny: Vec::new(),
            notes: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Tells whether AWS's documentation leaves another answer open.
    pub fn is_unsure(&self) -> bool {
        !self.unsure.is_empty()
    }
}

fn decide_answer(request: &Request, sums: Sums, decision: &mut Decision, doubts: Vec<String>) {
    let under = |reading: Truth| {
        let is = |truth: Truth| truth >= reading;
        (is(sums.deny), is(sums.direct), is(sums.account))
    };
    let (deny, direct, account) = under(Truth::Likely);
    decision.answer = combine_sides(request, deny, direct, account);
    // Every reading: what is open may hold or not, each kind for itself.
    let (surely, possibly) = (under(Truth::Yes), under(Truth::Unlikely));
    let differs = [surely.0, possibly.0].iter().any(|deny| {
        [surely.1, possibly.1].iter().any(|direct| {
            [surely.2, possibly.2]
                .iter()
                .any(|account| combine_sides(request, *deny, *direct, *account) != decision.answer)
        })
    });
    if differs {
        decision.unsure = doubts;
        decision.unsure.dedup();
        if decision.unsure.is_empty() {
            decision.unsure.push("a condition cannot be read".to_owned());
        }
    }
    special_cases(request, decision);
    add_notes(request, direct, decision);
}

/// The rules. Source: IAM user guide, policy evaluation logic, within an account and across accounts.
fn combine_sides(request: &Request, deny: bool, direct: bool, account: bool) -> Answer {
    let own_policies = request.identity == IdentityPolicies::All;
    outcome(&request.caller, request.of_same_account(), own_policies, deny, (direct, account))
}

/// Returns what statements come to: whether one denies, and whether one allows the caller itself or its whole account.
pub(crate) fn outcome(
    caller: &Caller,
    same_account: bool,
    own_policies: bool,
    deny: bool,
    (direct, account): (bool, bool),
) -> Answer {
    let allowed = match caller {
        // A service has no identity policy.
        Caller::Service(_) => direct,
        // Private ECR takes signed requests only.
        Caller::Anonymous => false,
        // The root user may do everything in its account, unless it is denied.
        Caller::Root(_) if same_account => true,
        // In the own account either side is enough; naming the account only hands the decision to the caller's policies.
        _ if same_account => direct || own_policies,
        // Across accounts both sides must allow.
        _ => (direct || account) && own_policies,
    };
    match (deny, allowed) {
        (true, _) => Answer::ExplicitDeny,
        (false, true) => Answer::Allow,
        (false, false) => Answer::ImplicitDeny,
    }
}

/// Questions that the rules do not quite fit.
fn special_cases(request: &Request, decision: &mut Decision) {
    if action::find_action(&request.action).is_some_and(|a| !a.is_repository_level()) {
        // Source: service authorization reference: these actions have no resource.
        let by_caller = combine_sides(request, false, false, false);
        let own = request.caller.arn().is_some() && request.identity == IdentityPolicies::All;
        decision.answer = if own { Answer::Allow } else { by_caller };
        decision.allow.clear();
        decision.deny.clear();
        decision.registry_deny.clear();
        decision.unsure = vec![format!(
            "ecr:{} acts on a registry, never on a repository: only the caller's own policies decide, and AWS does not say \
             what it means for this repository",
            request.action
        )];
        return;
    }
    let crosses = request.caller.arn().is_some_and(|arn| arn.partition != request.repository.partition);
    if crosses && decision.answer == Answer::Allow {
        decision.answer = Answer::ImplicitDeny;
        decision
            .unsure
            .push("the caller is of another partition, and AWS documents no access across partitions".to_owned());
    }
    let is_root = matches!(request.caller, Caller::Root(_));
    if is_root && !request.of_same_account() && request.identity == IdentityPolicies::None {
        let with_policies = Request { identity: IdentityPolicies::All, ..request.clone() };
        let granted = !decision.allow.is_empty();
        if decision.answer == Answer::ImplicitDeny
            && combine_sides(&with_policies, false, granted, granted) == Answer::Allow
        {
            decision.unsure.push("a root user has no identity policies that could say no".to_owned());
        }
    }
}

/// Says which rule led to the answer and what is out of sight.
fn add_notes(request: &Request, direct: bool, decision: &mut Decision) {
    let mut note = |text: &str| decision.notes.push(text.to_owned());
    let same = request.of_same_account();
    match (decision.answer, &request.caller) {
        (Answer::ExplicitDeny, _) => note("an explicit Deny wins over everything that allows"),
        (Answer::Allow, Caller::Service(_)) => note("a service needs no identity policy"),
        (Answer::Allow, Caller::Root(_)) if same => {
            note("the root user of the owning account may do what is not denied");
        }
        (Answer::Allow, _) if same && direct => {
            note("in the owning account the repository policy alone is enough for whom it names");
        }
        (Answer::Allow, _) if same => {
            note("in the owning account the caller's identity policies are enough; they are assumed to allow it");
        }
        (Answer::Allow, _) => note("the caller's identity policies must allow it as well; they are assumed to"),
        (_, Caller::Anonymous) => note("private ECR takes no request without a signature"),
        (_, Caller::Service(_)) => {}
        _ if !decision.allow.is_empty() && request.identity == IdentityPolicies::None => note(if same {
            "naming the own account gives nothing by itself: the caller's identity policies must allow it, and they do not"
        } else {
            "across accounts the caller's identity policies must allow it as well, and they do not"
        }),
        _ => {}
    }
    if decision.answer == Answer::Allow {
        note(
            "out of sight: organization policies (SCP, RCP), permissions boundaries, session and VPC endpoint policies; \
             they can only take away",
        );
    }
    if request.authorised_as() != request.action {
        note(&format!("ecr:{} is authorised as ecr:{}", request.action, request.authorised_as()));
    } else if action::find_action(&request.action).is_none() {
        decision.notes.push(format!("ECR has no action {} that is known here", request.action));
    }
}

#[cfg(test)]
mod tests;
