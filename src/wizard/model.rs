//! The whole state of the wizard.

use std::borrow::Cow;
use std::collections::HashMap;

use super::event::Size;
use super::keymap::{Action, KeyScope, Keymap};
use super::remote::RequestId;
use super::settings::WizardSettings;
use super::step::Step;
use super::{account, actions, draft, palette, permissions, policy, question, repository, save};
use crate::ecr::{
    AccountId, ActionInfo, Address, Context, Grantee, Identity, Recipe, Region, Repository, RepositoryRef, Source, Tag,
};
use crate::plan::Choice;
use crate::policy::RegistryPolicy;

/// What the command line filled in beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prefill {
    /// The profile to sign in with at once.
    pub source: Option<crate::ecr::SourceId>,
    /// The Region.
    pub region: Option<Region>,
    /// Repositories by name or pattern, waiting for the list.
    pub names: Vec<Choice>,
    /// Where an image URI or ARN leads: owner, Region, repository.
    pub target: Option<RepositoryRef>,
    /// The tag of that image URI.
    pub tag: Option<Tag>,
    /// Who receives access.
    pub grantees: Vec<Grantee>,
    /// The recipe.
    pub recipe: Option<&'static Recipe>,
    /// Actions of one's own choice, in place of the recipe's; empty: the recipe's.
    pub actions: Vec<&'static ActionInfo>,
    /// Where it will be pulled.
    pub puller_region: Option<Region>,
}

impl Prefill {
    /// Adds the repositories that somebody chose: names and patterns, and where an address leads.
    #[must_use]
    pub fn with_repositories(mut self, choices: Vec<Choice>) -> Self {
        for choice in choices {
            match choice {
                Choice::Exact { reference, tag } => (self.target, self.tag) = (Some(reference), tag),
                Choice::All | Choice::Name(_) | Choice::Glob(_) => self.names.push(choice),
            }
        }
        self
    }
}

/// Who we are and where: known after Account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Which credentials.
    pub source: Source,
    /// Whose they are.
    pub identity: Identity,
    /// Which Region.
    pub region: Region,
    /// The endpoints that are not AWS's own, in words.
    pub endpoint: Option<String>,
}

impl Signed {
    /// Returns what a request needs.
    pub fn context(&self) -> Context {
        Context { source: self.source.id.clone(), region: self.region.clone() }
    }

    /// The account that owns the registry.
    pub fn owner(&self) -> &AccountId {
        &self.identity.account
    }
}

/// Something that lies over the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// The help page, scrolled by so many rows.
    Help {
        /// Rows scrolled.
        scroll: usize,
    },
    /// The question before leaving.
    Leave,
    /// The list of all actions.
    Palette,
    /// The question whether to go on with a draft.
    Draft,
}

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something went as asked.
    Good,
    /// Something to know.
    Plain,
    /// Something did not go.
    Bad,
}

/// A sentence above the footer, until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How it is meant.
    pub tone: Tone,
    /// The sentence, without a full stop.
    pub text: String,
}

/// The whole state.
#[derive(Debug)]
pub struct Model {
    /// What the flags decide.
    pub settings: WizardSettings,
    /// The keys that hold.
    pub keymap: Keymap,
    /// What the command line filled in; taken as it is used.
    pub prefill: Prefill,
    /// The terminal's size.
    pub size: Size,
    /// Milliseconds since the start.
    pub now: u64,
    /// The step that is shown.
    pub step: Step,
    /// What lies over it.
    pub overlay: Option<Overlay>,
    /// The list of all actions, as it was opened last.
    pub palette: palette::Palette,
    /// The sentence above the footer.
    pub notice: Option<Notice>,
    /// Who we are: set when Account is left.
    pub signed: Option<Signed>,
    /// The policies of the registries that were looked at.
    pub registry_policies: RegistryPolicies,
    /// The chosen repositories: set when Repository is left.
    pub chosen: Vec<Repository>,
    /// Step 1.
    pub account: account::AccountStep,
    /// Step 2.
    pub repository: repository::RepositoryStep,
    /// Step 3.
    pub actions: actions::ActionsStep,
    /// Step 4.
    pub policy: policy::PolicyStep,
    /// Step 5.
    pub save: save::SaveStep,
    /// Step 6, and the review of what is stored.
    pub permissions: permissions::PermissionsStep,
    /// The open question, and whether it is on the screen.
    pub question: question::QuestionState,
    /// What is kept in case that the program is killed.
    pub draft: draft::Keeping,
    /// What was done, for the scrollback after the end.
    pub done: Vec<String>,
    next_id: u64,
}

/// The policies of registries, each of which counts for all repositories of an account and Region.
#[derive(Debug, Default)]
pub struct RegistryPolicies(HashMap<(AccountId, Region), RegistryPolicy>);

impl RegistryPolicies {
    /// Takes what a registry has now.
    pub fn put(&mut self, owner: AccountId, region: Region, policy: RegistryPolicy) {
        self.0.insert((owner, region), policy);
    }

    /// Returns the policy of a registry, as far as it is known.
    pub fn of(&self, owner: &AccountId, region: &Region) -> RegistryPolicy {
        self.0.get(&(owner.clone(), region.clone())).cloned().unwrap_or_default()
    }

    /// Returns the policy of the registry in which a repository stands.
    pub fn around(&self, repository: &RepositoryRef) -> RegistryPolicy {
        self.of(&repository.account, &repository.region)
    }
}

impl Model {
    /// The state at the start.
    pub fn new(settings: WizardSettings, prefill: Prefill, size: Size) -> Self {
        Self {
            settings,
            keymap: Keymap::default(),
            prefill,
            size,
            now: 0,
            step: Step::Account,
            overlay: None,
            palette: palette::Palette::default(),
            notice: None,
            signed: None,
            registry_policies: RegistryPolicies::default(),
            chosen: Vec::new(),
            account: account::AccountStep::default(),
            repository: repository::RepositoryStep::default(),
            actions: actions::ActionsStep::default(),
            policy: policy::PolicyStep::default(),
            save: save::SaveStep::default(),
            permissions: permissions::PermissionsStep::default(),
            question: question::QuestionState::default(),
            draft: draft::Keeping::default(),
            done: Vec::new(),
            next_id: 0,
        }
    }

    /// A fresh number for a request.
    pub fn request(&mut self) -> RequestId {
        self.next_id += 1;
        RequestId(self.next_id)
    }

    /// The key to name for an action of a scope.
    pub fn key(&self, scope: KeyScope, action: Action) -> String {
        self.keymap.key(scope, action)
    }

    /// Sets the sentence above the footer.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.notice = Some(Notice { tone, text: text.into() });
    }

    /// The scopes of keys that hold now, innermost first.
    pub fn scopes(&self) -> Vec<KeyScope> {
        match self.overlay {
            Some(Overlay::Help { .. }) => {
                return vec![KeyScope::HelpPage, KeyScope::List, KeyScope::Commands, KeyScope::Global];
            }
            Some(Overlay::Leave) => return vec![KeyScope::LeaveQuestion, KeyScope::Global],
            Some(Overlay::Palette) => return vec![KeyScope::Palette, KeyScope::Global],
            Some(Overlay::Draft) => return vec![KeyScope::DraftQuestion, KeyScope::Global],
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
    pub fn label(&self, row: &super::keymap::Binding) -> Cow<'static, str> {
        (self.step.screen().label)(self, row.scope, row.action).unwrap_or(Cow::Borrowed(row.label))
    }

    /// Tells whether leaving now would lose something that the user made.
    pub fn is_dirty(&self) -> bool {
        self.save.is_writing()
            || self.draft.is_resuming()
            || (self.step < Step::Permissions
                && !(self.step == Step::Save && self.save.is_done())
                && (self.policy.is_edited() || self.actions.is_dirty()))
    }

    /// Returns whether a question is open whose frame is not out yet: whatever was pressed so far is no answer to it.
    pub fn has_unseen_question(&self) -> bool {
        question::is_unseen(self)
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
    match Choice::parse(text) {
        Ok(Choice::Exact { reference, tag }) => Some((reference, tag)),
        _ => None,
    }
}

/// Says why an address that was pasted leads to no repository; `None` for a text that is no address.
pub fn address_problem(text: &str) -> Option<String> {
    Address::read(text)?;
    Choice::parse(text).err().map(|problem| problem.to_string())
}
