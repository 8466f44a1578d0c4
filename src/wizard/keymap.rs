//! The one table of keys: what each does where, and the words for it. Key handling, the footer, the help page and the
//! README's section all come from it.

use super::key::{Code, Key};

/// What a key means, wherever it is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table below says in words what each one does")]
pub enum Action {
    Leave,
    Quit,
    Help,
    Back,
    Suspend,
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
    Review,
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
    NextProblem,
    Fix,
    NextDocument,
    PreviousDocument,
    BeginAgain,
    Cut,
    Find,
    GoToLine,
    Yes,
    No,
    Copy,
    WriteFile,
    WriteAll,
    AnotherRepository,
    AnotherGrantee,
}

/// Where a binding holds. The model names its scopes innermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
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
    /// Step 4, while text is selected.
    Selection,
    /// Step 4, where the text is edited.
    Editor,
    /// Step 4, where a text to find is typed.
    FindLine,
    /// Step 4, where a line to go to is typed.
    LineNumber,
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
    /// The help page.
    HelpPage,
    /// The question before leaving.
    LeaveQuestion,
}

impl Scope {
    /// The heading of the scope in help and README.
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
            Self::Selection => "Policy: selected text",
            Self::Editor => "Policy: editor",
            Self::FindLine => "Policy: finding",
            Self::LineNumber => "Policy: going to a line",
            Self::Confirm => "Save: yes or no",
            Self::TypedConfirm => "Save: typed confirmation",
            Self::Outcome => "Save: outcome",
            Self::Permissions => "Permissions",
            Self::Review => "Review",
            Self::HelpPage => "Help",
            Self::LeaveQuestion => "Leaving",
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Binding {
    /// Where it holds.
    pub scope: Scope,
    /// What it means.
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

const fn row(
    scope: Scope,
    action: Action,
    keys: &'static [Key],
    label: &'static str,
    help: &'static str,
    priority: u8,
) -> Binding {
    Binding { scope, action, keys, label, help, priority }
}

const ENTER: Key = Key::plain(Code::Enter);
const ESC: Key = Key::plain(Code::Esc);
const TAB: Key = Key::plain(Code::Tab);
const BACKTAB: Key = Key::plain(Code::BackTab);
const UP: Key = Key::plain(Code::Up);
const DOWN: Key = Key::plain(Code::Down);
const LEFT: Key = Key::plain(Code::Left);
const RIGHT: Key = Key::plain(Code::Right);
const PAGE_UP: Key = Key::plain(Code::PageUp);
const PAGE_DOWN: Key = Key::plain(Code::PageDown);
const HOME: Key = Key::plain(Code::Home);
const END: Key = Key::plain(Code::End);
const SPACE: Key = Key::char(' ');

/// The table.
#[rustfmt::skip]
pub static TABLE: &[Binding] = &[
    row(Scope::Global, Action::Help, &[Key::plain(Code::F(1))], "help", "shows what each key does here", 15),
    row(Scope::Global, Action::Back, &[ESC], "back", "closes the innermost thing, then goes back one step; the draft stays", 70),
    row(Scope::Global, Action::Leave, &[Key::ctrl('c')], "leave", "leaves; asks first when something would be lost", 0),
    row(Scope::Global, Action::Suspend, &[Key::ctrl('z')], "suspend", "stops the program for the shell; `fg` comes back", 0),
    row(Scope::Commands, Action::Help, &[Key::char('?')], "help", "shows what each key does here", 20),
    row(Scope::Commands, Action::Quit, &[Key::char('q')], "quit", "leaves; asks first when something would be lost", 10),

    row(Scope::List, Action::Up, &[UP, Key::char('k')], "up", "one row up", 0),
    row(Scope::List, Action::Down, &[DOWN, Key::char('j')], "down", "one row down", 0),
    row(Scope::List, Action::PageUp, &[PAGE_UP, Key::ctrl('b')], "page up", "one page up", 0),
    row(Scope::List, Action::PageDown, &[PAGE_DOWN, Key::ctrl('f')], "page down", "one page down", 0),
    row(Scope::List, Action::First, &[HOME, Key::char('g')], "first", "the first row", 0),
    row(Scope::List, Action::Last, &[END, Key::char('G')], "last", "the last row", 0),

    row(Scope::FilterLine, Action::FilterDone, &[ENTER], "keep filter", "keeps the filter and goes back to the list", 95),
    row(Scope::FilterLine, Action::Up, &[UP], "up", "one row up", 0),
    row(Scope::FilterLine, Action::Down, &[DOWN], "down", "one row down", 0),
    row(Scope::FilterLine, Action::PageUp, &[PAGE_UP], "page up", "one page up", 0),
    row(Scope::FilterLine, Action::PageDown, &[PAGE_DOWN], "page down", "one page down", 0),

    row(Scope::Regions, Action::Next, &[ENTER], "choose", "takes the Region", 95),
    row(Scope::Regions, Action::Up, &[UP], "up", "one row up", 0),
    row(Scope::Regions, Action::Down, &[DOWN], "down", "one row down", 0),
    row(Scope::Regions, Action::PageUp, &[PAGE_UP], "page up", "one page up", 0),
    row(Scope::Regions, Action::PageDown, &[PAGE_DOWN], "page down", "one page down", 0),

    row(Scope::Account, Action::Next, &[ENTER], "go on", "signs in with the chosen row and shows who you are; again: goes on", 95),
    row(Scope::Account, Action::Filter, &[Key::char('/')], "filter", "filters by name, account, role or Region", 60),
    row(Scope::Account, Action::Region, &[Key::char('R')], "Region", "changes the Region", 55),
    row(Scope::Account, Action::SignIn, &[Key::char('l')], "log in", "runs `aws sso login` (or `aws login`) for the chosen profile", 50),
    row(Scope::Account, Action::Retry, &[Key::char('r')], "try again", "asks again after a failure, in place", 45),

    row(Scope::Repository, Action::Next, &[ENTER], "go on", "goes on with the marked repositories, or with the chosen one", 95),
    row(Scope::Repository, Action::Toggle, &[SPACE], "mark", "marks the repository, or takes the mark away", 65),
    row(Scope::Repository, Action::ToggleAll, &[Key::char('a')], "mark all", "marks all that the filter shows, or takes their marks away", 40),
    row(Scope::Repository, Action::Filter, &[Key::char('/')], "filter", "filters by name; an image URI or ARN goes straight to its repository", 60),
    row(Scope::Repository, Action::Review, &[Key::char('v')], "view policy", "shows who has access now and why, read only", 55),
    row(Scope::Repository, Action::Sort, &[Key::char('s')], "sort", "sorts by name, by age, or by who can pull", 35),
    row(Scope::Repository, Action::Region, &[Key::char('R')], "Region", "lists another Region of this account", 30),
    row(Scope::Repository, Action::Refresh, &[Key::char('r')], "refresh", "lists again; after a failure: tries again", 25),

    row(Scope::Actions, Action::Next, &[ENTER], "go on", "goes on to the policy; on a problem, goes to it", 95),
    row(Scope::Actions, Action::GoOn, &[Key::ctrl('s')], "go on", "goes on to the policy", 0),
    row(Scope::Actions, Action::FocusNext, &[TAB], "next field", "goes to the next field", 65),
    row(Scope::Actions, Action::FocusPrevious, &[BACKTAB], "field before", "goes to the field before", 0),
    row(Scope::Checklist, Action::Toggle, &[SPACE], "mark", "takes the recipe, or marks the action", 60),
    row(Scope::Checklist, Action::OpenLink, &[Key::char('o')], "open link", "opens the documentation of the chosen row", 50),
    row(Scope::Checklist, Action::IncludeToken, &[Key::char('t')], "token", "puts GetAuthorizationToken into the policy anyway, where it does nothing", 30),

    row(Scope::Policy, Action::GoOn, &[Key::ctrl('s')], "go on", "goes on to saving, when ECR would take the document", 95),
    row(Scope::Policy, Action::Diff, &[Key::plain(Code::F(4))], "diff", "shows what changes against the stored text, or the editor again", 65),
    row(Scope::Policy, Action::Fix, &[Key::plain(Code::F(2))], "fix", "applies the fix of the problem at the caret, or of the first one", 60),
    row(Scope::Policy, Action::Format, &[Key::plain(Code::F(3))], "format", "formats the whole document", 50),
    row(Scope::Policy, Action::NextProblem, &[Key::plain(Code::F(8))], "problem", "goes to the next problem", 55),
    row(Scope::Policy, Action::Undo, &[Key::ctrl('u')], "undo", "takes the last change back", 40),
    row(Scope::Policy, Action::Redo, &[Key::ctrl('r')], "redo", "makes the change again", 35),
    row(Scope::Policy, Action::NextDocument, &[Key::plain(Code::F(6))], "next repository", "shows the document of the next repository", 45),
    row(Scope::Policy, Action::PreviousDocument, &[Key::plain(Code::F(5))], "repository before", "shows the document of the repository before", 0),
    row(Scope::Policy, Action::BeginAgain, &[Key::plain(Code::F(7))], "begin again", "gives up what was changed by hand: the stored policy with the grant added", 30),
    row(Scope::PolicyRead, Action::Retry, &[Key::char('r')], "try again", "reads the stored policy again", 80),
    row(Scope::Selection, Action::Copy, &[Key::ctrl('c')], "copy", "hands the selected text to the terminal's clipboard", 90),
    row(Scope::Selection, Action::Cut, &[Key::ctrl('x')], "cut", "as copy, and takes the text away", 85),

    row(Scope::Editor, Action::Find, &[Key::ctrl('f')], "find", "finds a text; what is selected is looked for", 33),
    row(Scope::Editor, Action::GoToLine, &[Key::ctrl('g')], "line", "goes to a line, or to a place such as 12:5", 31),
    row(Scope::FindLine, Action::Down, &[ENTER, DOWN, Key::ctrl('f')], "next", "goes to the next match; from the last to the first", 95),
    row(Scope::FindLine, Action::Up, &[UP], "before", "goes to the match before", 90),
    row(Scope::FindLine, Action::Back, &[ESC], "close", "closes the line; the match stays selected", 70),
    row(Scope::LineNumber, Action::Next, &[ENTER], "go", "goes there", 95),
    row(Scope::LineNumber, Action::Back, &[ESC], "close", "closes the line; the caret stays where it was", 70),

    row(Scope::Confirm, Action::Yes, &[Key::char('y')], "save", "saves what is shown", 95),
    row(Scope::Confirm, Action::No, &[Key::char('n')], "do not save", "goes back to the policy; nothing is written", 80),
    row(Scope::Confirm, Action::Next, &[ENTER], "chosen answer", "gives the chosen answer (No at first)", 0),
    row(Scope::Confirm, Action::Left, &[LEFT], "other answer", "chooses the other answer", 0),
    row(Scope::Confirm, Action::Right, &[RIGHT], "other answer", "chooses the other answer", 30),
    row(Scope::Confirm, Action::Toggle, &[SPACE, TAB], "text", "shows the text difference of the repository, or hides it", 40),
    row(Scope::TypedConfirm, Action::Next, &[ENTER], "save", "saves when the word is typed in full", 95),
    row(Scope::TypedConfirm, Action::Up, &[UP], "up", "scrolls up", 0),
    row(Scope::TypedConfirm, Action::Down, &[DOWN], "down", "scrolls down", 0),
    row(Scope::TypedConfirm, Action::PageUp, &[PAGE_UP], "page up", "scrolls a page up", 0),
    row(Scope::TypedConfirm, Action::PageDown, &[PAGE_DOWN], "page down", "scrolls a page down", 0),
    row(Scope::TypedConfirm, Action::Toggle, &[TAB], "text", "shows the text difference of the repository, or hides it", 40),
    row(Scope::Outcome, Action::Next, &[ENTER], "go on", "goes on to the permissions view; after a change underneath: confirms again", 95),
    row(Scope::Outcome, Action::Retry, &[Key::char('r')], "try again", "tries the failed ones again, with a confirmation", 60),
    row(Scope::Outcome, Action::Toggle, &[SPACE, TAB], "text", "shows the text difference of the repository, or hides it", 40),

    row(Scope::Permissions, Action::Copy, &[Key::char('c')], "copy", "hands the chosen part to the terminal's clipboard", 65),
    row(Scope::Permissions, Action::WriteFile, &[Key::char('w')], "write file", "writes the chosen part to a file in this folder", 60),
    row(Scope::Permissions, Action::WriteAll, &[Key::char('W')], "write all", "writes all parts to one Markdown file in this folder", 40),
    row(Scope::Permissions, Action::AnotherRepository, &[Key::char('a')], "another repository", "begins again at Repository, with the same account", 55),
    row(Scope::Permissions, Action::AnotherGrantee, &[Key::char('n')], "another grantee", "begins again at Actions, with the same repositories", 50),
    row(Scope::Permissions, Action::FocusNext, &[TAB, RIGHT, Key::char('l')], "next part", "goes to the next part", 68),
    row(Scope::Permissions, Action::FocusPrevious, &[BACKTAB, LEFT, Key::char('h')], "part before", "goes to the part before", 0),
    row(Scope::Permissions, Action::NextDocument, &[SPACE, Key::plain(Code::F(6))], "next repository", "shows the next repository", 67),
    row(Scope::Permissions, Action::PreviousDocument, &[Key::plain(Code::F(5))], "repository before", "shows the repository before", 0),

    row(Scope::Review, Action::Copy, &[Key::char('c')], "copy", "hands the policy's text to the terminal's clipboard", 50),
    row(Scope::Review, Action::Refresh, &[Key::char('r')], "read again", "reads the policy again", 40),

    row(Scope::LeaveQuestion, Action::Yes, &[Key::char('y')], "leave", "leaves; the draft is lost", 95),
    row(Scope::LeaveQuestion, Action::No, &[Key::char('n'), ENTER], "stay", "stays", 90),
];

/// What a key means in these scopes, innermost first.
pub fn resolve(key: Key, scopes: &[Scope]) -> Option<Action> {
    scopes.iter().find_map(|scope| {
        TABLE.iter().find(|binding| binding.scope == *scope && binding.keys.contains(&key)).map(|b| b.action)
    })
}

/// The rows that hold in these scopes, innermost first, each key once.
pub fn bindings(scopes: &[Scope]) -> impl Iterator<Item = &'static Binding> {
    scopes.iter().flat_map(|scope| TABLE.iter().filter(move |b| b.scope == *scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_scope() {
        for (at, a) in TABLE.iter().enumerate() {
            for b in TABLE.iter().skip(at + 1).filter(|b| b.scope == a.scope) {
                for key in a.keys {
                    assert!(!b.keys.contains(key), "{key} means {:?} and {:?} in {:?}", a.action, b.action, a.scope);
                }
            }
        }
    }

    #[test]
    fn nothing_needs_alt_or_a_key_that_terminals_confuse() {
        for binding in TABLE {
            for key in binding.keys {
                assert!(!key.alt, "{key}");
                let confused = ['h', 'i', 'j', 'm', '['].map(Key::ctrl);
                assert!(!confused.contains(key), "{key} is Backspace, Tab, Enter or Esc on older terminals");
            }
        }
    }

    #[test]
    fn inner_scopes_win() {
        let scopes = [Scope::Permissions, Scope::List, Scope::Commands, Scope::Global];
        assert_eq!(resolve(Key::char('n'), &scopes), Some(Action::AnotherGrantee));
        assert_eq!(resolve(Key::char('j'), &scopes), Some(Action::Down));
        assert_eq!(resolve(Key::plain(Code::F(1)), &scopes), Some(Action::Help));
        assert_eq!(resolve(Key::char('z'), &scopes), None);
    }
}
