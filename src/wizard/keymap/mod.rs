//! The one table of keys: what each does where, and the words for it. Key handling, the footer, the help page and the
//! page docs/keys.md all come from it.

use std::borrow::Cow;

mod table;
#[cfg(test)]
mod tests;

use super::key::{Code, Key};
pub use table::{STACKS, TABLE};

/// The actions that keys stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table below says in words what each one does")]
pub enum Action {
    Leave,
    Quit,
    Help,
    Back,
    Suspend,
    Palette,
    Next,
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    Filter,
    FilterDone,
    Region,
    Retry,
    SignIn,
    Toggle,
    ToggleAll,
    Sort,
    SortBackwards,
    Review,
    Overview,
    Group,
    Export,
    Accept,
    Refresh,
    FocusNext,
    FocusPrevious,
    Left,
    Right,
    OpenLink,
    IncludeToken,
    GoOn,
    Undo,
    Redo,
    Format,
    Diff,
    Edit,
    NextProblem,
    Problems,
    Fix,
    FixOne,
    Narrow,
    NextDocument,
    PreviousDocument,
    BeginAgain,
    EditExternally,
    Cut,
    Find,
    GoToLine,
    Complete,
    Yes,
    No,
    KeepDraft,
    Copy,
    CopyMessage,
    WriteFile,
    WriteAll,
    AnotherRepository,
    AnotherGrantee,
    Tick,
    TickAll,
    LeaveOut,
    WritePlan,
    TakeOut,
    DeletePolicy,
}

impl Action {
    /// Its name in the configuration file, such as `go-on`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leave => "leave",
            Self::Quit => "quit",
            Self::Help => "help",
            Self::Back => "back",
            Self::Suspend => "suspend",
            Self::Palette => "palette",
            Self::Next => "next",
            Self::Up => "up",
            Self::Down => "down",
            Self::PageUp => "page-up",
            Self::PageDown => "page-down",
            Self::First => "first",
            Self::Last => "last",
            Self::Filter => "filter",
            Self::FilterDone => "filter-done",
            Self::Region => "region",
            Self::Retry => "retry",
            Self::SignIn => "sign-in",
            Self::Toggle => "toggle",
            Self::ToggleAll => "toggle-all",
            Self::Sort => "sort",
            Self::SortBackwards => "sort-backwards",
            Self::Review => "review",
            Self::Overview => "review-all",
            Self::Group => "group",
            Self::Export => "export",
            Self::Accept => "accept",
            Self::Refresh => "refresh",
            Self::FocusNext => "focus-next",
            Self::FocusPrevious => "focus-previous",
            Self::Left => "left",
            Self::Right => "right",
            Self::OpenLink => "open-link",
            Self::IncludeToken => "include-token",
            Self::GoOn => "go-on",
            Self::Undo => "undo",
            Self::Redo => "redo",
            Self::Format => "format",
            Self::Diff => "diff",
            Self::Edit => "edit",
            Self::NextProblem => "next-problem",
            Self::Problems => "problems",
            Self::Fix => "fix",
            Self::FixOne => "fix-one",
            Self::Narrow => "narrow",
            Self::NextDocument => "next-document",
            Self::PreviousDocument => "previous-document",
            Self::BeginAgain => "begin-again",
            Self::EditExternally => "edit-externally",
            Self::Cut => "cut",
            Self::Find => "find",
            Self::GoToLine => "go-to-line",
            Self::Complete => "complete",
            Self::Yes => "yes",
            Self::No => "no",
            Self::KeepDraft => "keep-draft",
            Self::Copy => "copy",
            Self::CopyMessage => "copy-message",
            Self::WriteFile => "write-file",
            Self::WriteAll => "write-all",
            Self::AnotherRepository => "another-repository",
            Self::AnotherGrantee => "another-grantee",
            Self::Tick => "tick",
            Self::TickAll => "tick-all",
            Self::LeaveOut => "leave-out",
            Self::WritePlan => "write-plan",
            Self::TakeOut => "take-out",
            Self::DeletePolicy => "delete-policy",
        }
    }
}

/// The screen or overlay in which a binding holds. The model names its scopes innermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyScope {
    /// Everywhere.
    Global,
    /// Everywhere but where letters are text.
    Commands,
    /// Any list.
    List,
    /// The filter line of a list.
    FilterLine,
    /// The list of Regions.
    Regions,
    /// Step 1.
    Account,
    /// Step 2.
    Repository,
    /// Step 3, anywhere.
    Actions,
    /// Step 3, in the list of recipes or the checklist.
    Checklist,
    /// Step 4.
    Policy,
    /// Step 4, while a policy is not there to be edited.
    PolicyRead,
    /// Step 4, where what changes is looked at.
    PolicyView,
    /// Step 4, while text is selected.
    Selection,
    /// Step 4, where the text is edited.
    Editor,
    /// Step 4, where a text to find is typed.
    FindLine,
    /// Step 4, where a line to go to is typed.
    LineNumber,
    /// Step 4, while names are offered.
    Completion,
    /// Step 4, in the list of what the checks found.
    Problems,
    /// Step 4, while a fix that changes access waits for an answer.
    FixPreview,
    /// Step 5, in the plan for several repositories, before the answer.
    Plan,
    /// Step 5, in the rows of several repositories.
    SaveRows,
    /// Step 5, before the answer.
    Confirm,
    /// Step 5, where the word is typed.
    TypedConfirm,
    /// Step 5, after the writes.
    Outcome,
    /// Step 6.
    Permissions,
    /// The review of what is stored now.
    Review,
    /// The review of all repositories.
    Overview,
    /// The grantees of all repositories.
    Grantees,
    /// The accounts and Regions of a review.
    Registries,
    /// The findings of a repository that can be accepted.
    OpenFindings,
    /// The reason, the name and the end of an acceptance.
    Acceptance,
    /// The help page.
    HelpPage,
    /// The list of all actions.
    Palette,
    /// The question before leaving.
    LeaveQuestion,
    /// The question whether to go on with a draft.
    DraftQuestion,
    /// The question about a pasted text.
    PasteQuestion,
}

impl KeyScope {
    /// Its name in the configuration file, such as `filter-line`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Commands => "commands",
            Self::List => "list",
            Self::FilterLine => "filter-line",
            Self::Regions => "regions",
            Self::Account => "account",
            Self::Repository => "repository",
            Self::Actions => "actions",
            Self::Checklist => "checklist",
            Self::Policy => "policy",
            Self::PolicyRead => "policy-read",
            Self::PolicyView => "policy-view",
            Self::Selection => "selection",
            Self::Editor => "editor",
            Self::FindLine => "find-line",
            Self::LineNumber => "line-number",
            Self::Completion => "completion",
            Self::Problems => "problems",
            Self::FixPreview => "fix-preview",
            Self::Plan => "plan",
            Self::SaveRows => "save-rows",
            Self::Confirm => "confirm",
            Self::TypedConfirm => "typed-confirm",
            Self::Outcome => "outcome",
            Self::Permissions => "permissions",
            Self::Review => "review",
            Self::Overview => "overview",
            Self::Grantees => "grantees",
            Self::Registries => "registries",
            Self::OpenFindings => "open-findings",
            Self::Acceptance => "acceptance",
            Self::HelpPage => "help-page",
            Self::Palette => "palette",
            Self::LeaveQuestion => "leave-question",
            Self::DraftQuestion => "draft-question",
            Self::PasteQuestion => "paste-question",
        }
    }

    /// Tells whether a key types or edits a text wherever this scope holds, or in a place of it.
    fn types(self, key: Key) -> bool {
        let many_lines =
            matches!(self, Self::Global | Self::Policy | Self::Editor | Self::Completion | Self::Selection);
        let has_text = many_lines
            || matches!(
                self,
                Self::FilterLine
                    | Self::Regions
                    | Self::Actions
                    | Self::Acceptance
                    | Self::FindLine
                    | Self::LineNumber
                    | Self::Palette
                    | Self::TypedConfirm
            );
        has_text
            && match key.code {
                Code::Char(_) => key.typed_char().is_some(),
                Code::Backspace | Code::Delete | Code::Left | Code::Right | Code::Home | Code::End => true,
                Code::Up | Code::Down | Code::PageUp | Code::PageDown | Code::Enter | Code::Tab => many_lines,
                _ => false,
            }
    }

    /// The heading of the scope in help and in docs/keys.md.
    pub fn title(self) -> &'static str {
        match self {
            Self::Global => "Everywhere",
            Self::Commands => "Wherever letters are not text",
            Self::List => "Lists",
            Self::FilterLine => "Filter",
            Self::Regions => "Choosing a Region",
            Self::Account => "Account",
            Self::Repository => "Repository",
            Self::Actions => "Actions",
            Self::Checklist => "Actions: recipe and checklist",
            Self::Policy => "Policy",
            Self::PolicyRead => "Policy: reading",
            Self::PolicyView => "Policy: view of what changes",
            Self::Selection => "Policy: selected text",
            Self::Editor => "Policy: editor",
            Self::FindLine => "Policy: finding",
            Self::LineNumber => "Policy: going to a line",
            Self::Completion => "Policy: names that are offered",
            Self::Problems => "Policy: list of findings",
            Self::FixPreview => "Policy: a fix that changes access",
            Self::Plan => "Save: plan for several repositories",
            Self::SaveRows => "Save: rows of several repositories",
            Self::Confirm => "Save: yes or no",
            Self::TypedConfirm => "Save: typed confirmation",
            Self::Outcome => "Save: outcome",
            Self::Permissions => "Permissions",
            Self::Review => "Review",
            Self::Overview => "Review of all repositories",
            Self::Grantees => "Review of all repositories: grantees",
            Self::Registries => "Review of all repositories: accounts and Regions",
            Self::OpenFindings => "Accepting: findings of a repository",
            Self::Acceptance => "Accepting: reason, name and end",
            Self::HelpPage => "Help",
            Self::Palette => "All commands",
            Self::LeaveQuestion => "Leaving",
            Self::DraftQuestion => "Starting with a draft",
            Self::PasteQuestion => "Question about a pasted text",
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Binding {
    /// The scope in which it holds.
    pub scope: KeyScope,
    /// Its meaning.
    pub action: Action,
    /// The keys, the one to show first.
    pub keys: &'static [Key],
    /// A word or two for the footer.
    pub label: &'static str,
    /// A clause for the help page.
    pub help: &'static str,
    /// The footer shows the highest first and drops the lowest when it is narrow; 0: help page only.
    pub priority: u8,
}

/// The keys that hold: those of the table, or the user's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    /// For each row of the table.
    keys: Vec<Cow<'static, [Key]>>,
    /// Tells whether sentences name an action by the word to type for it, where nobody presses keys.
    names_words: bool,
}

/// A row of the table with the keys that hold for it.
#[derive(Debug, Clone, Copy)]
pub struct Bound<'a> {
    /// The row; its keys are the usual ones.
    pub row: &'static Binding,
    /// The keys that hold, the one to show first.
    pub keys: &'a [Key],
}

/// Keys of the user's own for an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The place.
    pub scope: KeyScope,
    /// The actions.
    pub action: Action,
    /// In place of the usual keys.
    pub keys: Vec<Key>,
}

/// The reason why an override is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The override, from 0.
    pub at: usize,
    /// The one of its keys, from 0; `None`: the whole.
    pub key: Option<usize>,
    /// The reason, as a clause.
    pub words: String,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { keys: TABLE.iter().map(|row| Cow::Borrowed(row.keys)).collect(), names_words: false }
    }
}

impl Keymap {
    /// The table with keys of the user's own in place of some of its own.
    pub fn rebound(overrides: &[Override]) -> Result<Self, Vec<Clash>> {
        let mut map = Self::default();
        let mut clashes = Vec::new();
        let place = |scope, action| TABLE.iter().position(|row| row.scope == scope && row.action == action);
        // Which override each row has.
        let mut from: Vec<Option<usize>> = vec![None; TABLE.len()];
        for (at, wanted) in overrides.iter().enumerate() {
            let Some(row) = place(wanted.scope, wanted.action) else {
                let words = format!("there is no `{}` in [keys.{}]", wanted.action.name(), wanted.scope.name());
                clashes.push(Clash { at, key: None, words });
                continue;
            };
            if wanted.keys.is_empty() {
                clashes.push(Clash { at, key: None, words: "an action needs at least one key".to_owned() });
            }
            if let Some(keys) = map.keys.get_mut(row) {
                *keys = Cow::Owned(wanted.keys.clone());
            }
            if let Some(from) = from.get_mut(row) {
                *from = Some(at);
            }
            let usual = TABLE.get(row).map(|row| row.keys).unwrap_or_default();
            for (number, key) in wanted.keys.iter().enumerate() {
                let why = if let Some(why) = key.why_confused() {
                    why
                } else if wanted.scope.types(*key) && !usual.contains(key) {
                    "here it is for typing and editing text"
                } else {
                    continue;
                };
                clashes.push(Clash { at, key: Some(number), words: format!("{key} cannot be bound: {why}") });
            }
        }
        // One reason is enough for a key.
        for clash in map.conflicts(overrides, &from) {
            if !clashes.iter().any(|said| (said.at, said.key) == (clash.at, clash.key)) {
                clashes.push(clash);
            }
        }
        if clashes.is_empty() { Ok(map) } else { Err(clashes) }
    }

    /// Keys that mean two things in scopes that hold together, where the table does not mean it so.
    fn conflicts(&self, overrides: &[Override], from: &[Option<usize>]) -> Vec<Clash> {
        let mut clashes = Vec::new();
        for (here, own) in TABLE.iter().zip(from).filter_map(|(row, at)| Some((row, (*at)?))) {
            let Some(wanted) = overrides.get(own) else { continue };
            for ((there, keys), other) in TABLE.iter().zip(&self.keys).zip(from) {
                // Of two overrides the later one is told.
                if there.action == here.action || !together(here.scope, there.scope) || other.is_some_and(|o| o > own) {
                    continue;
                }
                for (number, key) in wanted.keys.iter().enumerate() {
                    let is_usual = here.keys.contains(key) && there.keys.contains(key);
                    if keys.contains(key) && !is_usual {
                        let (action, scope) = (there.action.name(), there.scope.name());
                        let words = format!("{key} means `{action}` in [keys.{scope}] at the same time");
                        clashes.push(Clash { at: own, key: Some(number), words });
                    }
                }
            }
        }
        clashes
    }

    /// The usual keys for a wizard whose answers are typed: sentences name the word of an action in place of its key.
    pub fn in_words() -> Self {
        Self { names_words: true, ..Self::default() }
    }

    /// Returns a key that means an action in these scopes, innermost first; `None`: no key does.
    pub fn key_for(&self, action: Action, scopes: &[KeyScope]) -> Option<Key> {
        let rows = self.bindings(scopes).filter(|bound| bound.row.action == action);
        rows.flat_map(|bound| bound.keys).copied().find(|key| self.resolve(*key, scopes) == Some(action))
    }

    /// Returns what a key means in these scopes, innermost first.
    pub fn resolve(&self, key: Key, scopes: &[KeyScope]) -> Option<Action> {
        self.bindings(scopes).find(|bound| bound.keys.contains(&key)).map(|bound| bound.row.action)
    }

    /// The rows that hold in these scopes, innermost first.
    pub fn bindings(&self, scopes: &[KeyScope]) -> impl Iterator<Item = Bound<'_>> {
        scopes.iter().flat_map(|scope| self.rows().filter(move |bound| bound.row.scope == *scope))
    }

    /// All rows, in the table's order.
    pub fn rows(&self) -> impl Iterator<Item = Bound<'_>> {
        TABLE.iter().zip(&self.keys).map(|(row, keys)| Bound { row, keys })
    }

    /// The key to name for an action of a scope.
    pub fn key(&self, scope: KeyScope, action: Action) -> String {
        if self.names_words {
            return format!("`{}`", action.name());
        }
        let bound = self.rows().find(|bound| bound.row.scope == scope && bound.row.action == action);
        bound.and_then(|bound| bound.keys.first()).map(Key::to_string).unwrap_or_default()
    }
}

/// Tells whether two scopes can hold at once.
fn together(a: KeyScope, b: KeyScope) -> bool {
    a == b || STACKS.iter().any(|stack| stack.contains(&a) && stack.contains(&b))
}
