//! The whole state of the wizard.

use std::borrow::Cow;
use std::collections::HashMap;

use super::acceptance::AcceptedFile;
use super::account::AccountStep;
use super::actions::ActionsStep;
use super::draft::Keeping;
use super::event::Size;
use super::keymap::{Action, KeyScope, Keymap};
use super::palette::Palette;
use super::pasted::PasteState;
use super::permissions::PermissionsStep;
use super::policy::{KeptEdits, PolicyStep};
use super::question::QuestionState;
use super::remote::RequestId;
use super::repository::RepositoryStep;
use super::save::SaveStep;
use super::session::{
    Lead, Notice, Overlay, Prefill, RegistryPolicies, Replications, Signed, Slowdowns, Tone, UnopenedAddress,
};
use super::settings::WizardSettings;
use super::step::Step;
use super::stored_policies::StoredPolicies;
use crate::ecr::{AccountNames, Address, Ownership, Repository, RepositoryRef, Tag};
use crate::plan::RepositorySelector;

/// The whole state.
#[derive(Debug)]
pub struct Model {
    /// The settings that flags decide.
    pub settings: WizardSettings,
    /// The keys that hold.
    pub keymap: Keymap,
    /// The values of the command line; each is taken when it is used.
    pub prefill: Prefill,
    /// The answers that steps are passed with.
    pub lead: Lead,
    /// The terminal's size.
    pub size: Size,
    /// Milliseconds since the start.
    pub now: u64,
    /// The step that is shown.
    pub step: Step,
    /// The overlay over it.
    pub overlay: Option<Overlay>,
    /// The list of all actions, as it was opened last.
    pub palette: Palette,
    /// The sentence above the footer.
    pub notice: Option<Notice>,
    /// The identity: set when Account is left.
    pub signed: Option<Signed>,
    /// The policies of the registries that were looked at.
    pub registry_policies: RegistryPolicies,
    /// The names of accounts: the configuration's, and behind Account those of other accounts' profiles too.
    pub account_names: AccountNames,
    /// The policies of repositories, as they were read last.
    pub stored_policies: StoredPolicies,
    /// The file of accepted findings.
    pub accepted: AcceptedFile,
    /// The replication of the registries that were looked at.
    pub replications: Replications,
    /// The slowdowns that AWS asks for.
    pub slowdowns: Slowdowns,
    /// The code that owns the repositories that are to be written.
    pub owners: HashMap<RepositoryRef, Ownership>,
    /// The chosen repositories: set when Repository is left.
    pub chosen: Vec<Repository>,
    /// Step 1.
    pub account: AccountStep,
    /// Step 2.
    pub repository: RepositoryStep,
    /// Step 3.
    pub actions: ActionsStep,
    /// Step 4.
    pub policy: PolicyStep,
    /// The documents of step 4 that were changed by hand and are not shown there now.
    pub kept_edits: KeptEdits,
    /// Step 5.
    pub save: SaveStep,
    /// Step 6, and the review of what is stored.
    pub permissions: PermissionsStep,
    /// The open question, and whether it is on the screen.
    pub question: QuestionState,
    /// What is open of a pasted text.
    pub pasted: PasteState,
    /// The address that no browser took, while it is being copied.
    pub unopened: Option<UnopenedAddress>,
    /// The draft that is kept in case the program is killed.
    pub draft: Keeping,
    /// The report for the scrollback after the end.
    pub done: Vec<String>,
    next_id: u64,
}

impl Model {
    /// Returns the moment, in seconds since 1970.
    pub fn unix_now(&self) -> i64 {
        let passed = i64::try_from(self.now / 1000).unwrap_or(i64::MAX);
        self.settings.started_at.saturating_add(passed)
    }

    /// The state at the start.
    pub fn new(settings: WizardSettings, prefill: Prefill, size: Size) -> Self {
        Self {
            account_names: settings.account_names.clone(),
            settings,
            keymap: Keymap::default(),
            prefill,
            lead: Lead::default(),
            size,
            now: 0,
            step: Step::Account,
            overlay: None,
            palette: Palette::default(),
            notice: None,
            signed: None,
            registry_policies: RegistryPolicies::default(),
            stored_policies: StoredPolicies::default(),
            accepted: AcceptedFile::default(),
            replications: Replications::default(),
            slowdowns: Slowdowns::default(),
            owners: HashMap::new(),
            chosen: Vec::new(),
            account: AccountStep::default(),
            repository: RepositoryStep::default(),
            actions: ActionsStep::default(),
            policy: PolicyStep::default(),
            kept_edits: KeptEdits::default(),
            save: SaveStep::default(),
            permissions: PermissionsStep::default(),
            question: QuestionState::default(),
            pasted: PasteState::default(),
            unopened: None,
            draft: Keeping::default(),
            done: Vec::new(),
            next_id: 0,
        }
    }

    /// A fresh number for a request.
    pub fn next_request(&mut self) -> RequestId {
        self.next_id += 1;
        RequestId(self.next_id)
    }

    /// The key to name for an action of a scope.
    pub fn key_name(&self, scope: KeyScope, action: Action) -> String {
        self.keymap.key(scope, action)
    }

    /// Sets the sentence above the footer.
    pub fn set_notice(&mut self, tone: Tone, text: impl Into<String>) {
        self.notice = Some(Notice { tone, text: text.into() });
    }

    /// Sets the sentence above the footer, and lets the one that stands there follow it.
    pub(super) fn add_notice(&mut self, tone: Tone, text: &str) {
        let text = self.notice.take().map_or_else(|| text.to_owned(), |before| format!("{text}; {}", before.text));
        self.set_notice(tone, text);
    }

    /// The scopes of keys that hold now, innermost first.
    pub fn key_scopes(&self) -> Vec<KeyScope> {
        match self.overlay {
            Some(Overlay::Help { .. }) => {
                return vec![KeyScope::HelpPage, KeyScope::List, KeyScope::Commands, KeyScope::Global];
            }
            Some(Overlay::Leave) => return vec![KeyScope::LeaveQuestion, KeyScope::Global],
            Some(Overlay::Palette) => return vec![KeyScope::Palette, KeyScope::Global],
            Some(Overlay::Draft) => return vec![KeyScope::DraftQuestion, KeyScope::Global],
            Some(Overlay::Pasted) => return vec![KeyScope::PasteQuestion, KeyScope::List, KeyScope::Global],
            None => {}
        }
        self.step_scopes()
    }

    /// The scopes of the step alone, whatever lies over it.
    pub fn step_scopes(&self) -> Vec<KeyScope> {
        let mut scopes = (self.step.screen().scopes)(self);
        scopes.push(KeyScope::Global);
        scopes
    }

    /// Returns why an action does nothing here, in words for the help page and the notice line; `None`: it works.
    pub fn why_off(&self, action: Action) -> Option<String> {
        (self.step.screen().why_off)(self, action)
    }

    /// Returns what the footer calls an action here: its own name, or what it comes to where the model is.
    pub fn binding_label(&self, row: &super::keymap::Binding) -> Cow<'static, str> {
        (self.step.screen().label)(self, row.scope, row.action).unwrap_or(Cow::Borrowed(row.label))
    }

    /// Tells whether what steps 4 to 6 are about comes without a grantee of step 3: an undo, or a change of a review.
    pub fn is_without_grant(&self) -> bool {
        self.save.is_begun_change() || self.policy.edits_stored()
    }

    /// Tells whether leaving now would lose something that the user made.
    pub fn is_dirty(&self) -> bool {
        self.kept_edits.count() > 0 || self.has_work_at_hand()
    }

    /// Tells whether what the steps show is something that the user made and did not save: a draft keeps that.
    pub fn has_work_at_hand(&self) -> bool {
        self.save.is_writing()
            || self.draft.is_resuming()
            || ((self.step < Step::Permissions || *self.save.phase() == super::save::Phase::ReadOnly)
                && !(self.step == Step::Save && self.save.is_done())
                && (self.policy.is_edited() || self.actions.is_dirty()))
    }

    /// Returns when the oldest request that somebody waits for was asked: what the spinner shows. `None`: nothing
    /// moves.
    pub fn waiting_since(&self) -> Option<u64> {
        (self.step.screen().waiting_since)(self)
    }

    /// Returns the endpoints to show that are not AWS's own, in words: those of the row that is chosen on the first
    /// step, later those of the account that is signed in.
    pub fn endpoint(&self) -> Option<&str> {
        (self.step.screen().endpoint)(self)
    }

    /// Returns the endpoints of who is signed in; before that, those that hold for all.
    pub(super) fn signed_endpoint(&self) -> Option<&str> {
        self.signed.as_ref().map_or(&self.settings.endpoint, |signed| &signed.endpoint).as_deref()
    }
}

/// Returns what a pasted or given text leads to, where it is an image URI or the ARN of a repository.
pub fn target_of(text: &str) -> Option<(RepositoryRef, Option<Tag>)> {
    match RepositorySelector::parse(text) {
        Ok(RepositorySelector::Exact { reference, tag }) => Some((reference, tag)),
        _ => None,
    }
}

/// Says why an address that was pasted leads to no repository; `None` for a text that is no address.
pub fn address_problem(text: &str) -> Option<String> {
    Address::find_in(text)?;
    RepositorySelector::parse(text).err().map(|problem| problem.to_string())
}
