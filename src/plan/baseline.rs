//! Reads what is stored in a repository once, and makes plans from it.

use std::sync::OnceLock;

use super::denied;
use super::lasting::how_long;
use super::planned::{Loss, Planned, Target, Verdict, is_widened, may_lose};
use super::removal::Removal;
use super::request::{Request, wanted_statements};
use super::stated::stated_gains;
use crate::ecr::{Failure, Grantee, Identity, Ownership, POLICY_LIMIT, RepositoryRef};
use crate::policy::access::table_at;
use crate::policy::canonical::{same_access, same_meaning_of_read};
use crate::policy::delta::delta_for;
use crate::policy::edit::{Offer, Removed, RevokeOptions, Revoked, grant_for, remove_deleted, remove_expired, revoke};
use crate::policy::lint::{Examined, check_read, examine_beside, is_too_long, unreadable_findings};
use crate::policy::syntax::{Parsed, parse};
use crate::policy::text::minify;
use crate::policy::{CheckOptions, Delta, EditProblem, Edited, Finding, Policy, RegistryPolicy, Span, denies_in_force};

/// The most characters behind `o-` in the id of an organization (source: the API of AWS Organizations).
const LONGEST_ORGANIZATION: usize = 32;

/// The text that a repository has stored, read once: every plan for the repository is made from it.
#[derive(Debug)]
pub struct Baseline {
    target: Target,
    options: CheckOptions,
    stored: Option<Stored>,
    /// The stored text without deleted principals; none: it is taken as it is, or names none.
    cleaned: Option<Revoked>,
}

/// A stored text with its tree and its model.
#[derive(Debug)]
struct Stored {
    text: String,
    parsed: Parsed,
    /// None: it cannot be read.
    policy: Option<Policy>,
    /// Made when first asked for.
    findings: OnceLock<Vec<Finding>>,
}

impl Stored {
    fn read_from(text: &str) -> Self {
        let parsed = parse(text);
        let policy = Policy::read_tree(&parsed).ok();
        Self { text: text.to_owned(), parsed, policy, findings: OnceLock::new() }
    }
}

/// Everything else is worked out of the target.
impl PartialEq for Baseline {
    fn eq(&self, other: &Self) -> bool {
        self.target == other.target
    }
}

impl Eq for Baseline {}

impl Baseline {
    /// Reads what is stored.
    pub fn of(target: Target) -> Self {
        let options = CheckOptions {
            owner: Some(target.repository.account.clone()),
            partition: Some(target.repository.region.partition()),
            stored: None,
            now: target.now,
            ..CheckOptions::default()
        };
        let stored = target.stored.as_deref().map(Stored::read_from);
        Self { target, options, stored, cleaned: None }
    }

    /// Tells whether the stored policy can be read, or there is none.
    pub fn is_readable(&self) -> bool {
        self.stored.as_ref().is_none_or(|stored| stored.policy.is_some())
    }

    /// Reads and checks a text that is to be stored; a statement that is stored already stops nothing.
    pub fn examine_text(&self, text: &str) -> Examined {
        examine_beside(text, &self.options, self.stored.as_ref().map(|stored| &stored.parsed))
    }

    /// Plans to add a request.
    pub fn plan_request(&self, request: &Request, caller: Option<&Identity>) -> Planned {
        let edited = grant_for(self.base_text(), &wanted_statements(request), Some(&request.owner));
        let mut planned = match edited {
            Ok(Edited { text, changed: true, touched, offers }) => {
                let examined = self.examine_text(&text);
                Planned { offers, ..self.judge_text(&text, &examined, touched, caller) }
            }
            Ok(Edited { changed: false, .. }) => {
                Planned { lasts: how_long(self.base_text(), request), ..self.plan_base(caller) }
            }
            Err(EditProblem::Unreadable(findings)) => self.plan_unreadable(findings),
        };
        if matches!(planned.verdict, Verdict::TooLong(_)) && planned.offers.is_empty() {
            planned.organization_accounts = self.fitting_organization(request);
        }
        planned.deleted = self.deleted_words();
        planned.asked_end = request.until;
        denied::note_denials(&mut planned, request);
        planned
    }

    /// Counts the accounts of a request that one organization could stand for, where the grant would fit then, without
    /// its layout if need be.
    fn fitting_organization(&self, request: &Request) -> Option<usize> {
        let is_account = |grantee: &&Grantee| matches!(grantee, Grantee::Account { .. });
        let count = request.grantees.iter().filter(is_account).count();
        if count < 2 {
            return None;
        }
        let others = request.grantees.iter().filter(|grantee| !is_account(grantee)).cloned();
        let organization = Grantee::Organization(format!("o-{}", "x".repeat(LONGEST_ORGANIZATION)));
        let request = Request { grantees: others.chain([organization]).collect(), ..request.clone() };
        let edited = grant_for(self.base_text(), &wanted_statements(&request), Some(&request.owner)).ok()?;
        let fits = |text: &str| text.chars().count() <= POLICY_LIMIT;
        (fits(&edited.text) || minify(&edited.text).is_some_and(|text| fits(&text))).then_some(count)
    }

    /// Returns the deleted principals that go, a clause each.
    fn deleted_words(&self) -> Vec<String> {
        self.cleaned.iter().flat_map(|cleaned| &cleaned.removed).map(Removed::words).collect()
    }

    /// Plans to store a text; `examined` is what [`Self::examine_text`] made of it.
    pub fn plan_text(&self, text: &str, examined: &Examined, caller: Option<&Identity>) -> Planned {
        let is_same = |stored: &Stored| same_meaning_of_read((&stored.text, &stored.parsed), (text, &examined.parsed));
        if self.stored.as_ref().is_some_and(is_same) {
            return self.nothing_to_do();
        }
        let old = self.old_policy();
        let is_old = |s| old.is_some_and(|old| old.statements.iter().any(|o| same_access(o, s)));
        let statements = examined.policy.iter().flat_map(|policy| &policy.statements).enumerate();
        let touched = statements.filter(|(_, s)| !is_old(*s)).map(|(i, _)| i).collect();
        self.judge_text(text, examined, touched, caller)
    }

    /// Plans to remove the policy.
    pub fn plan_removal(&self, caller: Option<&Identity>) -> Planned {
        if self.stored.is_none() {
            return self.nothing_to_do();
        }
        let (target, old) = (&self.target, self.old_policy());
        let around = |policy: Option<&Policy>| self.saying_around(policy);
        let mut planned = self.plan_nothing(None, Verdict::Write);
        planned.kept_from = self.kept_from(None, caller, &[("SetRepositoryPolicy", "setting")]);
        planned.delta = delta_for(Some(&around(old)), Some(&around(None)), Some(&target.repository.account));
        planned
    }

    /// Takes deleted roles and users out of the stored text before anything is planned: ECR refuses a text that names one.
    #[must_use]
    pub fn without_deleted(mut self) -> Self {
        self.cleaned = remove_deleted(self.target.stored.as_deref()).ok().filter(|cleaned| cleaned.changed);
        self
    }

    /// Returns the text that edits begin from: the stored one, or the one without deleted principals.
    fn base_text(&self) -> Option<&str> {
        match &self.cleaned {
            Some(cleaned) => cleaned.text.as_deref(),
            None => self.target.stored.as_deref(),
        }
    }

    /// Plans an edit that left the base as it is: there is nothing to do, unless deleted principals go.
    fn plan_base(&self, caller: Option<&Identity>) -> Planned {
        match self.cleaned.as_ref().map(|cleaned| cleaned.text.as_deref()) {
            Some(Some(text)) => self.judge_text(text, &self.examine_text(text), Vec::new(), caller),
            Some(None) => self.plan_removal(caller),
            None => self.nothing_to_do(),
        }
    }

    /// Plans a request, and lays the text out without white space where nothing else makes it fit. AWS prints a stored
    /// policy in its own layout, so that nobody's layout is lost.
    pub fn plan_request_to_fit(&self, request: &Request, caller: Option<&Identity>) -> Planned {
        let planned = self.plan_request(request, caller);
        let is_layout = |offer: &&Offer| offer.joined.is_empty() && offer.minified;
        let (Verdict::TooLong(_), Some(offer)) = (&planned.verdict, planned.offers.iter().find(is_layout)) else {
            return planned;
        };
        let examined = self.examine_text(&offer.text);
        let fitted = self.judge_text(&offer.text, &examined, planned.touched.clone(), caller);
        let (deleted, asked_end) = (planned.deleted.clone(), planned.asked_end);
        let mut fitted = Planned { deleted, asked_end, is_compacted: true, ..fitted };
        denied::note_denials(&mut fitted, request);
        fitted
    }

    /// Plans taking grantees out of the stored policy. A policy that nobody is left in is deleted.
    pub fn plan_revoke(&self, grantees: &[Grantee], options: RevokeOptions, caller: Option<&Identity>) -> Planned {
        self.plan_removed(revoke(self.base_text(), grantees, options), false, caller)
    }

    /// Plans taking out what has ended by `now`, in seconds since 1970, whoever has it.
    pub fn plan_expired(&self, now: i64, caller: Option<&Identity>) -> Planned {
        self.plan_removed(remove_expired(self.base_text(), now), true, caller)
    }

    fn plan_removed(
        &self,
        revoked: Result<Revoked, EditProblem>,
        is_of_ended: bool,
        caller: Option<&Identity>,
    ) -> Planned {
        let revoked = match revoked {
            Ok(revoked) => revoked,
            Err(EditProblem::Unreadable(findings)) => return self.plan_unreadable(findings),
        };
        let planned = match revoked.text.as_deref().filter(|_| revoked.changed) {
            Some(text) => self.judge_text(text, &self.examine_text(text), revoked.touched.clone(), caller),
            None if revoked.changed => self.plan_removal(caller),
            None => self.plan_base(caller),
        };
        let removal = Removal { is_of_ended, ..Removal::of(revoked) };
        Planned { removal: Some(removal), deleted: self.deleted_words(), ..planned }
    }

    /// Returns all statements around a policy of the repository, with the Deny statements as they decide at the moment of the
    /// plan. What has ended of an Allow counts: who would gain or lose it is told with its end.
    fn saying_around(&self, policy: Option<&Policy>) -> Policy {
        let all = self.target.registry.around(policy, &self.target.repository);
        self.target.now.map_or_else(|| all.clone(), |now| denies_in_force(&all, now))
    }

    fn old_policy(&self) -> Option<&Policy> {
        self.stored.as_ref().and_then(|stored| stored.policy.as_ref())
    }

    fn plan_nothing(&self, text: Option<String>, verdict: Verdict) -> Planned {
        let target = &self.target;
        Planned {
            repository: target.repository.clone(),
            stored: target.stored.clone(),
            registry: target.registry.clone(),
            now: target.now,
            was_readable: self.is_readable(),
            text,
            policy: None,
            verdict,
            delta: Delta::default(),
            stated: Vec::new(),
            touched: Vec::new(),
            findings: Vec::new(),
            added: Vec::new(),
            class: None,
            unproved: None,
            blocked: Vec::new(),
            kept_from: Vec::new(),
            offers: Vec::new(),
            organization_accounts: None,
            lasts: None,
            asked_end: None,
            removal: None,
            deleted: Vec::new(),
            is_compacted: false,
            undo: None,
            ownership: Ownership::NotAsked,
        }
    }

    /// Notes that what is stored could not be read: nothing is planned.
    pub fn plan_unread(repository: RepositoryRef, failure: Failure) -> Planned {
        let target = Target { repository, stored: None, registry: RegistryPolicy::NotAsked, now: None };
        let planned = Self::of(target).plan_nothing(None, Verdict::Unread(failure));
        Planned { was_readable: false, ..planned }
    }

    /// Plans to write nothing, for a reason that stands beside the plan.
    pub(super) fn refuse_change(&self) -> Planned {
        self.plan_nothing(self.target.stored.clone(), Verdict::Refused(Vec::new()))
    }

    fn nothing_to_do(&self) -> Planned {
        let policy = self.old_policy().cloned();
        Planned { policy, ..self.plan_nothing(self.target.stored.clone(), Verdict::AlreadyGranted) }
    }

    fn plan_unreadable(&self, findings: Vec<Finding>) -> Planned {
        let verdict = Verdict::Refused(findings.clone());
        Planned { findings, ..self.plan_nothing(self.target.stored.clone(), verdict) }
    }

    /// Returns which action a text takes from the caller, and how.
    fn lost_action(&self, new: Option<&Policy>, caller: Option<&Identity>, action: &str) -> Option<Loss> {
        may_lose(self.old_policy(), new, caller?, &self.target.repository.account, action)
    }

    fn kept_from(
        &self,
        new: Option<&Policy>,
        caller: Option<&Identity>,
        of: &[(&'static str, &'static str)],
    ) -> Vec<(&'static str, Loss)> {
        of.iter().filter_map(|(action, what)| Some((*what, self.lost_action(new, caller, action)?))).collect()
    }

    /// Compares and checks a text that is not what is stored.
    fn judge_text(&self, text: &str, examined: &Examined, touched: Vec<usize>, caller: Option<&Identity>) -> Planned {
        let (target, old) = (&self.target, self.old_policy());
        let owner = &target.repository.account;
        let around = |policy: Option<&Policy>| self.saying_around(policy);
        let findings = examined.findings.clone();
        let stops: Vec<Finding> = findings.iter().filter(|f| f.stops).cloned().collect();
        let mut added = self.added_findings(&findings);
        let length = text.chars().count();
        let Some(new) = &examined.policy else {
            let read = Policy::read_tree(&examined.parsed);
            // What is stored like this already stops no save, but it cannot be read all the same.
            let is_unsaid = stops.is_empty() && read.is_err();
            let stops = if is_unsaid { unreadable_findings(text, &examined.parsed) } else { stops };
            // Of a text too long to be checked the model tells its statements all the same.
            let policy = read.ok().filter(|_| is_too_long(text));
            let verdict = if is_too_long(text) { Verdict::TooLong(length) } else { Verdict::Refused(stops) };
            let refused = self.plan_nothing(Some(text.to_owned()), verdict);
            return Planned { policy, findings, added, ..refused };
        };
        let kept_from = self.kept_from(
            Some(new),
            caller,
            &[("GetRepositoryPolicy", "reading"), ("DeleteRepositoryPolicy", "deleting")],
        );
        let verdict = if length > POLICY_LIMIT {
            Verdict::TooLong(length)
        } else if !stops.is_empty() {
            Verdict::Refused(stops)
        } else if let Some(loss) = self.lost_action(Some(new), caller, "SetRepositoryPolicy") {
            Verdict::LocksOut(loss)
        } else {
            Verdict::Write
        };
        let (before, after) = (around(old), around(Some(new)));
        let delta = delta_for(Some(&before), Some(&after), Some(owner));
        // The checks see the text alone.
        let is_alone = after.statements.len() == new.statements.len();
        let (class, unproved) = match examined.class {
            Some(_) if !is_alone => {
                let table = table_at(&after, owner, target.now).present;
                (Some(table.class), table.unproved)
            }
            class => (class, examined.unproved),
        };
        let widened: Vec<Span> = touched
            .iter()
            .filter_map(|at| new.statements.get(*at))
            .filter(|s| is_widened(s, old))
            .map(|s| s.span)
            .collect();
        let is_of_widened = |f: &&Finding| widened.iter().any(|span| (span.start..span.end).contains(&f.span.start));
        let more: Vec<Finding> =
            findings.iter().filter(is_of_widened).filter(|f| !added.contains(f)).cloned().collect();
        added.extend(more);
        let stated = stated_gains(&before, &after, &touched, owner);
        let policy = Some(new.clone());
        let empty = self.plan_nothing(Some(text.to_owned()), verdict);
        Planned { policy, delta, stated, touched, findings, added, class, unproved, kept_from, ..empty }
    }

    /// Returns the findings that the stored text does not have as often: those of what is added.
    fn added_findings(&self, findings: &[Finding]) -> Vec<Finding> {
        let of_stored = |stored: &Stored| {
            let check = || check_read(&stored.text, &stored.parsed, &self.options);
            stored.findings.get_or_init(check).clone()
        };
        let mut known = self.stored.as_ref().map(of_stored).unwrap_or_default();
        let is_new = |finding: &&Finding| {
            let same = |f: &Finding| f.id == finding.id && f.message == finding.message;
            known.iter().position(same).map(|at| known.swap_remove(at)).is_none()
        };
        findings.iter().filter(is_new).cloned().collect()
    }
}
