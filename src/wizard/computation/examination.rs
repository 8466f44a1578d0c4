//! Examines the text of a policy: the plan for it, the findings, and what stops the save.

use std::sync::Arc;

use super::size_fixes;
use crate::ecr::text::with_commas;
use crate::ecr::{Identity, POLICY_LIMIT};
use crate::plan::{self, Baseline, Loss, Planned, Request, Target, Verdict};
use crate::policy::access::{Class, Unproved};
use crate::policy::canonical::same_meaning;
use crate::policy::{Finding, Severity};

/// The stored text of a repository, read, with the plan for the request alone: every edited text is examined beside it.
#[derive(Debug, PartialEq, Eq)]
pub struct Basis {
    baseline: Baseline,
    request: Request,
    caller: Option<Identity>,
    granted: Planned,
    granted_text: String,
}

impl Basis {
    /// Returns the plan for the request alone.
    pub fn granted_plan(&self) -> &Planned {
        &self.granted
    }

    /// Returns the text that the request alone gives.
    pub fn granted_text(&self) -> &str {
        &self.granted_text
    }

    /// Tells whether the stored policy can be read, so that the grant can be added to it.
    pub fn is_readable(&self) -> bool {
        self.baseline.is_readable()
    }

    /// Examines a text, which is read once for all of it.
    fn examine_text(&self, text: &str) -> Examination {
        let examined = self.baseline.examine_text(text);
        let planned = if text == self.granted_text {
            self.granted.clone()
        } else {
            let mut planned = self.baseline.plan_text(text, &examined, self.caller.as_ref());
            planned.blocked = plan::blocked_rows(&planned, &self.request);
            planned
        };
        let (mut findings, class, unproved) = match planned.verdict {
            // A plan without a write was not checked: what is stored may have findings all the same.
            Verdict::AlreadyGranted => (examined.findings, examined.policy.and(examined.class), examined.unproved),
            _ => (planned.findings.clone(), planned.class, planned.unproved),
        };
        let counts = Counts::count_findings(&findings);
        size_fixes::list_offers(&mut findings, &planned.offers, text);
        let is_by_hand = planned.is_by_hand(&self.granted);
        Examination { obstacle: find_obstacle(&planned), findings, counts, class, unproved, is_by_hand, planned }
    }
}

/// All that follows from a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// The plan for the repository with this text.
    pub planned: Planned,
    /// Every finding, in the order of the text.
    pub findings: Vec<Finding>,
    /// The number of findings of each kind.
    pub counts: Counts,
    /// The class of the text; `None`: it cannot be read.
    pub class: Option<Class>,
    /// The reason that this is not proved; none: it is.
    pub unproved: Option<Unproved>,
    /// The reason that ECR would refuse the text, and the place where it has one.
    pub obstacle: Option<(Option<usize>, String)>,
    /// Tells whether the text says something else than the request alone comes to.
    pub is_by_hand: bool,
}

/// A stored text that a grant is to be added to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preparation {
    /// The repository with what it has stored.
    pub target: Target,
    /// The request.
    pub request: Request,
    /// The identity that will write.
    pub caller: Option<Identity>,
    /// A text changed by hand that the document has.
    pub edited: Option<String>,
}

/// A document at its beginning.
#[derive(Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The basis for every further text.
    pub basis: Arc<Basis>,
    /// The examination of the text that the request gives.
    pub examination: Examination,
    /// The text changed by hand, where it means what is stored: nothing is left of the change.
    pub stored_by_now: Option<String>,
}

impl Preparation {
    pub(super) fn carry_out(&self) -> Prepared {
        let Self { target, request, caller, edited } = self.clone();
        let means_stored = |text: &String| target.stored.as_deref().is_some_and(|stored| same_meaning(stored, text));
        let stored_by_now = edited.filter(means_stored);
        let baseline = Baseline::of(target);
        let granted = baseline.plan_request(&request, caller.as_ref());
        let granted_text = granted.text.clone().or_else(|| granted.stored.clone()).unwrap_or_default();
        let basis = Arc::new(Basis { baseline, request, caller, granted, granted_text });
        Prepared { examination: basis.examine_text(&basis.granted_text), basis, stored_by_now }
    }
}

/// A text to be examined beside its basis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextToExamine {
    /// The stored policy, and the one that the request alone gives.
    pub basis: Arc<Basis>,
    /// The text.
    pub text: String,
}

impl TextToExamine {
    pub(super) fn carry_out(&self) -> Examination {
        self.basis.examine_text(&self.text)
    }
}

/// A mended text that the grant is to be added to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextGrant {
    /// The repository with the mended text.
    pub target: Target,
    /// The request.
    pub request: Request,
    /// The identity that will write.
    pub caller: Option<Identity>,
}

impl NextGrant {
    pub(super) fn carry_out(&self) -> Planned {
        plan::plan_grant(&self.target, &self.request, self.caller.as_ref())
    }
}

/// Finds why ECR would not take a text, and where, when it is somewhere; `None`: it would.
fn find_obstacle(planned: &Planned) -> Option<(Option<usize>, String)> {
    match &planned.verdict {
        Verdict::Write | Verdict::AlreadyGranted => None,
        Verdict::Unread(failure) => Some((None, failure.to_string())),
        Verdict::Blocked => Some((None, planned.denied_words().join("; "))),
        Verdict::Refused(findings) => {
            let first = findings.iter().find(|f| f.stops).or(findings.first());
            Some(first.map_or((None, planned.in_words()), |f| (Some(f.span.start), f.message.clone())))
        }
        Verdict::TooLong(length) => {
            let ways = planned.ways_to_fit();
            let words =
                format!("{} characters: ECR takes at most {}{ways}", with_commas(*length), with_commas(POLICY_LIMIT));
            Some((None, words))
        }
        Verdict::ReadOnly(why) => Some((None, why.clone())),
        Verdict::LocksOut(loss @ Loss::NotAllowed) => Some((None, loss.lockout_words())),
        Verdict::LocksOut(loss @ Loss::Denied(at)) => {
            let policy = planned.policy.as_ref();
            let start = policy.and_then(|p| p.statements.get(*at).map(|s| s.span.start));
            Some((start, format!("{}: ECR refuses that", loss.lockout_words())))
        }
    }
}

/// The number of findings of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Findings that stop the save.
    pub stops: usize,
    /// Errors with which the save may go on.
    pub errors: usize,
    /// Risks for the owner.
    pub security: usize,
    /// Likely mistakes.
    pub warnings: usize,
    /// Advice.
    pub advice: usize,
}

impl Counts {
    /// Counts findings.
    pub fn count_findings(findings: &[Finding]) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            let count = match finding.severity {
                _ if finding.stops => &mut counts.stops,
                Severity::Error => &mut counts.errors,
                Severity::Security => &mut counts.security,
                Severity::Warning => &mut counts.warnings,
                Severity::Advice => &mut counts.advice,
            };
            *count += 1;
        }
        counts
    }

    /// Counts findings in a text that is stored already, so that none stops a save, without the advice.
    pub fn count_grave(findings: &[Finding]) -> Self {
        let grave = findings.iter().filter(|finding| finding.severity > Severity::Advice);
        let stored: Vec<Finding> = grave.map(|finding| Finding { stops: false, ..finding.clone() }).collect();
        Self::count_findings(&stored)
    }

    /// All of them.
    pub fn count_all(self) -> usize {
        self.stops + self.errors + self.security + self.warnings + self.advice
    }

    /// The counts in words, the gravest first: `2 stop the save`, `1 warning`.
    pub fn count_words(self) -> Vec<String> {
        let many = |n: usize, one: &str, more: &str| format!("{n} {}", if n == 1 { one } else { more });
        [
            (self.stops, many(self.stops, "stops the save", "stop the save")),
            (self.errors, many(self.errors, "error", "errors")),
            (self.security, many(self.security, "risk", "risks")),
            (self.warnings, many(self.warnings, "warning", "warnings")),
            (self.advice, format!("{} advice", self.advice)),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(_, words)| words)
        .collect()
    }
}
