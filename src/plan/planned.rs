//! Tells what will happen to each repository.

use super::baseline::Baseline;
use super::lasting::Lasting;
use super::removal::Removal;
use super::request::Request;
use super::undo_notes::UndoNotes;
use super::write::Write;
use crate::ecr::{AccessEnd, AccountId, Failure, Identity, Ownership, POLICY_LIMIT, RepositoryRef};
use crate::policy::canonical::{same_access, same_meaning};
use crate::policy::explain::change_words_at;
use crate::policy::lockout::{Gives, allowing_statements, denying_statements};
use crate::policy::model::actions::ActionSet;
use crate::policy::{
    AccessRow, Change, Class, Delta, Effect, Finding, Offer, Policy, PrincipalKind, RegistryPolicy, Severity,
    Statement, Unproved, Who, have_ended, in_force, statement_end,
};

/// One repository, with the policy that it has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The repository.
    pub repository: RepositoryRef,
    /// Its policy as AWS stores it; none: it has none.
    pub stored: Option<String>,
    /// The policy of its registry.
    pub registry: RegistryPolicy,
    /// The moment for which it is planned, in seconds since 1970: what has ended by then is no access, and no Deny. None:
    /// nothing has ended.
    pub now: Option<i64>,
}

impl Target {
    /// Returns all statements that decide around a policy of the repository, as they do from the moment on.
    pub(super) fn deciding_around(&self, policy: Option<&Policy>) -> Policy {
        let all = self.registry.around(policy, &self.repository);
        self.now.map_or_else(|| all.clone(), |now| in_force(&all, now))
    }
}

/// The verdict on a repository's policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It will be written, once confirmed.
    Write,
    /// Everything asked for is there already: nothing will be written.
    AlreadyGranted,
    /// It must not be written like this: ECR would refuse it, for these reasons.
    Refused(Vec<Finding>),
    /// It would stop the caller from ever changing the policy again.
    LocksOut(Loss),
    /// A Deny statement, here or in the registry policy, surely voids all that is asked for: nothing will be written.
    Blocked,
    /// It would have this many characters, more than ECR takes (`ecr::POLICY_LIMIT`).
    TooLong(usize),
    /// The configuration forbids to write this repository: why, as a clause.
    ReadOnly(String),
    /// The stored policy could not be read, so that nothing is planned.
    Unread(Failure),
}

/// The statement that takes a right from the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// A new Deny, the statement of the new text with this index.
    Denied(usize),
    /// The caller is of another account than the repository, and nothing in the new text allows it any more.
    NotAllowed,
}

impl Loss {
    /// Says that the policy could not be changed again, as a clause.
    pub fn lockout_words(self) -> String {
        match self {
            Self::Denied(index) => format!("statement {} would lock you out of this policy", index + 1),
            Self::NotAllowed => "nothing in it would let you, of another account, change this policy again".to_owned(),
        }
    }
}

/// The plan for one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The repository.
    pub repository: RepositoryRef,
    /// The policy that the plan was made from; none: there is none.
    pub stored: Option<String>,
    /// The policy of the registry, whose Deny statements count in all that follows.
    pub registry: RegistryPolicy,
    /// The moment for which it was planned, in seconds since 1970; none: nothing has ended.
    pub now: Option<i64>,
    /// Tells whether that policy can be read, or there is none.
    pub was_readable: bool,
    /// The new text; none: the policy is deleted.
    pub text: Option<String>,
    /// The model of the new text; none: there is no text, or it cannot be read.
    pub policy: Option<Policy>,
    /// The verdict.
    pub verdict: Verdict,
    /// The gains and losses.
    pub delta: Delta,
    /// The gains of the added statements if no Deny and no condition held them back; empty where `delta` says the same.
    pub stated: Vec<Change>,
    /// Indexes, in the new text, of the statements that are new or were changed.
    pub touched: Vec<usize>,
    /// Everything that the checks found in the new text.
    pub findings: Vec<Finding>,
    /// The findings that the stored text did not have.
    pub added: Vec<Finding>,
    /// The class of the new text; none: it cannot be read, or nothing will be written.
    pub class: Option<Class>,
    /// The reason that the class, the widest that is not excluded, is not proved; none: it is.
    pub unproved: Option<Unproved>,
    /// Access that was asked for and that a Deny statement of the new text, or of the registry policy, may void: never
    /// to be reported as done. Indexes of statements are those of [`Planned::deciding_policy`].
    pub blocked: Vec<AccessRow>,
    /// The rights over the policy that the caller may lose. It is written all the same: whoever may set the policy can
    /// take it back.
    pub kept_from: Vec<(&'static str, Loss)>,
    /// For a grant that is too long: the ways to make it fit. None of them is taken unasked.
    pub offers: Vec<Offer>,
    /// For a grant that nothing else makes fit: how many accounts one statement for their organization would stand for,
    /// were they of one. It would fit.
    pub organization_accounts: Option<usize>,
    /// For a grant with an end where nothing is missing: how long the access lasts already. None: another change.
    pub lasts: Option<Lasting>,
    /// For a grant: the end that is asked for. None: none, or another change.
    pub asked_end: Option<AccessEnd>,
    /// For a revoke: the parts that go, and whatever lets the grantees in all the same. None: another change.
    pub removal: Option<Removal>,
    /// The deleted roles and users that go along, a clause each.
    pub deleted: Vec<String>,
    /// Tells whether the white space between the tokens goes, because the text would not fit with it.
    pub is_compacted: bool,
    /// For an undo: how the change is taken back. None: another change.
    pub undo: Option<UndoNotes>,
    /// The code that owns the repository, as its tags tell.
    pub ownership: Ownership,
}

impl Planned {
    /// Tells whether what somebody gains or loses has ended by the moment of the plan.
    pub fn has_ended(&self, change: &Change) -> bool {
        self.now.is_some_and(|now| have_ended(&change.conditions, now))
    }

    /// Returns a gain or a loss in words behind a label for its direction; what has ended is told as of nobody.
    pub fn change_words(&self, change: &Change) -> String {
        change_words_at(change, self.now)
    }

    /// Tells whether something will be written.
    pub fn will_write(&self) -> bool {
        self.verdict == Verdict::Write
    }

    /// Returns all statements that decide once the new text is stored, as they do from the moment of the plan on: its own,
    /// then the Deny statements of the registry policy. None: the text cannot be read.
    pub fn deciding_policy(&self) -> Option<Policy> {
        let around = |policy: Option<&Policy>| {
            let all = self.registry.around(policy, &self.repository);
            self.now.map_or_else(|| all.clone(), |now| in_force(&all, now))
        };
        match &self.text {
            None => Some(around(None)),
            Some(_) => self.policy.as_ref().map(|policy| around(Some(policy))),
        }
    }

    /// The write that the plan comes to; none where nothing will be written.
    pub fn to_write(&self) -> Option<Write> {
        self.will_write().then(|| Write {
            repository: self.repository.clone(),
            based_on: self.stored.clone(),
            text: self.text.clone(),
            until: self.given_end(),
        })
    }

    /// Returns the soonest end of the access that the plan gives: the one asked for, and those of new or changed statements
    /// that had not ended when it was made. What has ended by then was written like that on purpose.
    fn given_end(&self) -> Option<AccessEnd> {
        let now = self.now.filter(|_| !self.names_losses());
        let statements = self.policy.as_ref().map(|policy| policy.statements.as_slice()).unwrap_or_default();
        let touched = self.touched.iter().filter_map(|at| statements.get(*at)).filter(|s| s.effect == Effect::Allow);
        let ends = touched.filter_map(statement_end).filter(|end| now.is_some_and(|now| !end.is_past(now)));
        ends.chain(self.asked_end).min()
    }

    /// Tells whether access may go that we cannot name: the whole policy goes, or one that we cannot read is replaced.
    pub fn takes_the_unknown(&self) -> bool {
        let is_named = self.names_losses();
        self.will_write() && (self.text.is_none() && !is_named || !self.was_readable)
    }

    /// Tells whether the stored policy names a deleted role or user: ECR refuses every text that does.
    pub fn names_deleted(&self) -> bool {
        let policy = self.stored.as_deref().and_then(|text| Policy::read(text).ok());
        let mut principals = policy.iter().flat_map(|policy| &policy.statements).flat_map(|s| &s.principals.entries);
        principals.any(|principal| matches!(principal.kind, PrincipalKind::Orphan(_)))
    }

    /// Tells whether nobody needs to allow the losses by a flag: the change names who loses.
    pub fn names_losses(&self) -> bool {
        self.removal.is_some() || self.undo.is_some()
    }

    /// Returns the findings to be read before the confirmation: risks, and errors that stop nothing, in what the plan adds.
    /// Screens and commands list these; reasons for a refusal stand in the verdict.
    pub fn risk_findings(&self) -> impl Iterator<Item = &Finding> {
        let is_refusal = matches!(self.verdict, Verdict::Refused(_));
        self.added.iter().filter(move |f| f.severity >= Severity::Security && !(is_refusal && f.stops))
    }

    /// Tells whether what will be written is another document than the one that the request alone comes to, so that the
    /// edit cannot be made again on another text.
    pub fn is_by_hand(&self, granted: &Self) -> bool {
        self.will_write()
            && match (&granted.text, &self.text) {
                (Some(alone), Some(text)) => alone != text && !same_meaning(alone, text),
                (alone, text) => alone != text,
            }
    }

    /// Returns what must be known of the code that owns the repository. None: nothing, or nothing will be written.
    pub fn ownership_words(&self) -> Option<String> {
        self.will_write().then(|| self.ownership.words()).flatten()
    }

    /// Tells whether two plans give and take the same: a plan that was confirmed covers another one then.
    pub fn same_change(&self, other: &Self) -> bool {
        self.repository == other.repository
            && self.text.is_some() == other.text.is_some()
            && self.delta == other.delta
            && self.stated == other.stated
            && risk_messages(self).eq(risk_messages(other))
            && voided_parties(self).eq(voided_parties(other))
    }

    /// The ways to make a grant fit that is too long, each behind a semicolon.
    pub fn ways_to_fit(&self) -> String {
        let organization = self.organization_accounts.map(|count| {
            format!(
                "; if all {count} accounts are of one organization, one statement with aws:PrincipalOrgID in their place \
                 fits, and lets in every account of it: --to o-..."
            )
        });
        let offers = self.offers.iter().map(|offer| format!("; {}", offer.words()));
        offers.chain(organization).collect::<Vec<_>>().concat()
    }

    /// Returns what the caller loses by it, each behind a semicolon.
    fn caution_words(&self) -> String {
        let clause = |(what, loss): &(&str, Loss)| match loss {
            Loss::Denied(index) => format!("; statement {} may keep you from {what} it", index + 1),
            Loss::NotAllowed => format!("; it was the policy that let you, of another account, go on {what} it"),
        };
        self.kept_from.iter().map(clause).collect::<Vec<_>>().concat()
    }

    fn is_of_ended(&self) -> bool {
        self.removal.as_ref().is_some_and(|removal| removal.is_of_ended)
    }

    /// Returns what will happen, in one clause.
    pub fn in_words(&self) -> String {
        if let Some(words) = self.undo.as_ref().and_then(|undo| undo.in_words(self.will_write(), self.text.is_none())) {
            return format!("{words}{}", self.caution_words());
        }
        match &self.verdict {
            Verdict::Write if self.text.is_none() && self.is_of_ended() => {
                format!("all access of its policy has ended, and it is removed{}", self.caution_words())
            }
            Verdict::Write if self.text.is_none() && self.removal.is_some() => {
                format!("nobody is left in its policy, which is removed{}", self.caution_words())
            }
            Verdict::Write if self.text.is_none() => format!("the whole policy is removed{}", self.caution_words()),
            Verdict::Write if self.stored.is_none() => format!("gets its first policy{}", self.caution_words()),
            Verdict::Write if self.is_compacted => {
                let length = self.text.as_deref().map_or(0, |text| text.chars().count());
                format!(
                    "its policy is changed and laid out without white space, to have {length} of at most {POLICY_LIMIT} \
                     characters{}",
                    self.caution_words()
                )
            }
            Verdict::Write => format!("its policy is changed{}", self.caution_words()),
            Verdict::AlreadyGranted if self.is_of_ended() => {
                "no access in it has ended: nothing to take out".to_owned()
            }
            Verdict::AlreadyGranted if self.removal.is_some() => {
                "no statement that allows names them: nothing to take out".to_owned()
            }
            Verdict::AlreadyGranted => match self.lasts {
                None => "already granted: nothing to write".to_owned(),
                Some(Lasting::Forever) => "nothing would change: the access is there, without an end".to_owned(),
                Some(Lasting::Until(end)) => format!("already granted, until {}: nothing to write", end.words()),
            },
            Verdict::Blocked => format!("not written: {}", self.denied_words().join("; ")),
            Verdict::Refused(findings) => {
                let first = findings.first().map_or("the policy cannot be read", |f| f.message.as_str());
                match findings.len() {
                    0 | 1 => format!("not written: {first}"),
                    n => format!("not written: {first}, and {} more", n - 1),
                }
            }
            Verdict::LocksOut(loss) => format!("not written: {}", loss.lockout_words()),
            Verdict::ReadOnly(why) => format!("not written: {why}"),
            Verdict::Unread(failure) => format!("could not be read: {}", failure.what),
            Verdict::TooLong(length) => {
                format!("not written: {length} of at most {POLICY_LIMIT} characters{}", self.ways_to_fit())
            }
        }
    }
}

/// The plan for adding a request to a repository's policy.
pub fn plan_grant(target: &Target, request: &Request, caller: Option<&Identity>) -> Planned {
    Baseline::of(target.clone()).plan_request(request, caller)
}

/// The plan for an edited document; `None` removes the policy.
pub fn plan_text(target: &Target, new_text: Option<String>, caller: Option<&Identity>) -> Planned {
    let baseline = Baseline::of(target.clone());
    match new_text {
        Some(text) => baseline.plan_text(&text, &baseline.examine_text(&text), caller),
        None => baseline.plan_removal(caller),
    }
}

/// Returns the findings that were listed before the confirmation.
fn risk_messages(plan: &Planned) -> impl Iterator<Item = (&str, &str)> {
    plan.risk_findings().map(|f| (f.id, f.message.as_str()))
}

/// Returns who of those asked for is certainly denied what.
fn voided_parties(plan: &Planned) -> impl Iterator<Item = (&Who, &[String])> {
    plan.blocked.iter().map(|row| (&row.who, row.void.as_slice()))
}

/// Tells whether a changed statement gives more than before, or under other conditions, be it to the same principals:
/// what the checks say of it was confirmed of another statement. More principals or fewer actions do not count.
pub(super) fn is_widened(statement: &Statement, old: Option<&Policy>) -> bool {
    let given = ActionSet::of(&statement.actions);
    let gave_it = |other: &Statement| {
        let alike =
            Statement { principals: statement.principals.clone(), actions: statement.actions.clone(), ..other.clone() };
        given.is_within(&ActionSet::of(&other.actions)) && same_access(&alike, statement)
    };
    statement.effect == Effect::Allow && !old.is_some_and(|old| old.statements.iter().any(gave_it))
}

/// Tells whether the caller may lose an action: to a Deny statement that was not there before; or, in another
/// account than the owner's, because nothing allows it any more. A Deny that was there is AWS's to judge: the caller may
/// satisfy conditions that we cannot see, and we never send `force`. An Allow under such conditions counts only where it
/// was there before.
pub(super) fn may_lose(
    old: Option<&Policy>,
    new: Option<&Policy>,
    caller: &Identity,
    owner: &AccountId,
    action: &str,
) -> Option<Loss> {
    let account = caller.account.as_str();
    let context = [("aws:PrincipalAccount", account), ("aws:SecureTransport", "true")];
    let statement = |index: usize| new.and_then(|new| new.statements.get(index));
    let was_there = |index: usize| {
        let same = |old: &Policy| statement(index).is_some_and(|s| old.statements.iter().any(|o| same_access(o, s)));
        old.is_some_and(same)
    };
    if let Some(denied) =
        new.and_then(|new| denying_statements(new, caller, &context, action).find(|index| !was_there(*index)))
    {
        return Some(Loss::Denied(denied));
    }
    let had = |old: &Policy| allowing_statements(old, caller, &context, action).next().is_some();
    if caller.account == *owner || !old.is_some_and(had) {
        return None;
    }
    let keeps = |new: &Policy| {
        allowing_statements(new, caller, &context, action)
            .any(|(index, gives)| gives == Gives::Surely || was_there(index))
    };
    (!new.is_some_and(keeps)).then_some(Loss::NotAllowed)
}
