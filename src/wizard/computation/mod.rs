//! Work of the engine that may take longer than a key may wait. A screen asks for it as data, a thread carries it out, and
//! the result comes back as an answer with the number of the request.

pub mod change_to_plan;
pub mod deciding;
pub mod examination;
pub mod existing_access;
pub mod fixes;
mod memory;
pub mod mending;
pub mod pull_access;
pub mod remaking;
pub mod size_fixes;

use std::sync::Arc;

use crate::plan::{ExistingAccess, Planned};
use crate::review::{Analyst, KnownParties, RegistryEntry, RegistryFacts};
use change_to_plan::ChangeToPlan;
use deciding::{DecidingPolicies, HeldPolicies, HeldToRead, PoliciesToRead};
use examination::{Examination, NextGrant, Preparation, Prepared, TextToExamine};
use existing_access::AccessToFind;
use fixes::{FixEffect, FixToWeigh, Narrowed, TextToNarrow};
pub use memory::AnalysisMemory;
use mending::PlanToMend;
use pull_access::{FoundAccess, StoredPolicy};
use remaking::{EditToRemake, RemadeEdit};

/// Work to be carried out, with all that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Computation {
    /// Reads a stored policy and adds the grant to it.
    Prepare(Box<Preparation>),
    /// Examines an edited text.
    Examine(TextToExamine),
    /// Adds the grant to a text that was mended.
    Grant(Box<NextGrant>),
    /// Finds out what a fix does to who has access.
    Weigh(FixToWeigh),
    /// Finds what narrowing cuts from a text.
    Narrow(TextToNarrow),
    /// Reads the policies that decide about a repository.
    Read(Box<PoliciesToRead>),
    /// Reads what a repository has after a write, beside what was asked for.
    ReadHeld(Box<HeldToRead>),
    /// Makes an edit again on another text.
    Remake(Box<EditToRemake>),
    /// Mends what stops the write of a repository.
    Mend(Box<PlanToMend>),
    /// Plans a change of a repository from what is stored there.
    PlanChange(Box<ChangeToPlan>),
    /// Finds who can pull from a repository.
    FindAccess {
        /// The policy.
        policy: Box<StoredPolicy>,
        /// The parties that are known; none: nobody said who is.
        known: Option<Arc<KnownParties>>,
        /// The moment, in seconds since 1970.
        now: i64,
    },
    /// Reviews what stands around the repositories of a registry.
    ReviewRegistry {
        /// The facts of the registry.
        facts: Box<RegistryFacts>,
        /// The moment, in seconds since 1970.
        now: i64,
    },
    /// Finds what the parties of a request have already.
    FindExisting(AccessToFind),
}

/// The result of a computation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Computed {
    /// Of [`Computation::Prepare`].
    Prepared(Arc<Prepared>),
    /// Of [`Computation::Examine`].
    Examined(Arc<Examination>),
    /// Of [`Computation::Grant`].
    Granted(Arc<Planned>),
    /// Of [`Computation::Weigh`].
    Weighed(FixEffect),
    /// Of [`Computation::Narrow`].
    Narrowed(Narrowed),
    /// Of [`Computation::Read`].
    Read(Arc<DecidingPolicies>),
    /// Of [`Computation::ReadHeld`].
    Held(Arc<HeldPolicies>),
    /// Of [`Computation::Remake`].
    Remade(Arc<RemadeEdit>),
    /// Of [`Computation::Mend`] and of [`Computation::PlanChange`].
    Planned(Arc<Planned>),
    /// Of [`Computation::FindAccess`].
    Access(FoundAccess),
    /// Of [`Computation::ReviewRegistry`].
    Registry(Arc<RegistryEntry>),
    /// Of [`Computation::FindExisting`]: of each policy what each grantee has.
    Existing(Vec<Vec<ExistingAccess>>),
}

impl Computation {
    /// Tells whether somebody waits for the result at the screen, or else it is worked out ahead.
    pub fn is_waited_for(&self) -> bool {
        !matches!(self, Self::FindAccess { .. } | Self::ReviewRegistry { .. })
    }

    /// Carries the work out. It takes as long as the engine takes for the texts.
    pub fn carry_out(&self) -> Computed {
        self.carry_out_with(&mut AnalysisMemory::default())
    }

    /// Carries the work out with what is remembered of the works before.
    pub fn carry_out_with(&self, memory: &mut AnalysisMemory) -> Computed {
        match self {
            Self::Prepare(preparation) => Computed::Prepared(Arc::new(preparation.carry_out())),
            Self::Examine(text) => Computed::Examined(Arc::new(text.carry_out())),
            Self::Grant(next) => Computed::Granted(Arc::new(next.carry_out())),
            Self::Weigh(fix) => Computed::Weighed(fix.carry_out()),
            Self::Narrow(text) => Computed::Narrowed(text.carry_out()),
            Self::Read(policies) => Computed::Read(Arc::new(policies.read_all())),
            Self::ReadHeld(held) => Computed::Held(Arc::new(held.read_all())),
            Self::Remake(edit) => Computed::Remade(Arc::new(edit.remake())),
            Self::Mend(plan) => Computed::Planned(Arc::new(plan.mend())),
            Self::PlanChange(change) => Computed::Planned(Arc::new(change.plan())),
            Self::FindAccess { policy, known, now } => {
                Computed::Access(policy.find_access(memory.analyst_at(known.as_ref(), *now), *now))
            }
            Self::ReviewRegistry { facts, now } => {
                let mut analyst = Analyst::default().at_moment(*now);
                Computed::Registry(Arc::new(RegistryEntry::review(facts.as_ref().clone(), &mut analyst)))
            }
            Self::FindExisting(access) => Computed::Existing(access.find_all()),
        }
    }
}
