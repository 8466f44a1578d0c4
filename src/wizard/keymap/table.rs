//! The rows of the table, and the scopes that can hold at once.

use super::{Action, Binding, KeyScope};
use crate::wizard::key::{Code, Key};

const fn row(
    scope: KeyScope,
    action: Action,
    keys: &'static [Key],
    label: &'static str,
    help: &'static str,
    priority: u8,
) -> Binding {
    Binding { scope, action, keys, label, help, priority }
}

const ENTER: Key = Key::without_modifiers(Code::Enter);
const ESC: Key = Key::without_modifiers(Code::Esc);
const TAB: Key = Key::without_modifiers(Code::Tab);
const BACKTAB: Key = Key::without_modifiers(Code::BackTab);
const UP: Key = Key::without_modifiers(Code::Up);
const DOWN: Key = Key::without_modifiers(Code::Down);
const LEFT: Key = Key::without_modifiers(Code::Left);
const RIGHT: Key = Key::without_modifiers(Code::Right);
const PAGE_UP: Key = Key::without_modifiers(Code::PageUp);
const PAGE_DOWN: Key = Key::without_modifiers(Code::PageDown);
const HOME: Key = Key::without_modifiers(Code::Home);
const END: Key = Key::without_modifiers(Code::End);
const SPACE: Key = Key::of_char(' ');

/// The table.
#[rustfmt::skip]
pub static TABLE: &[Binding] = &[
    row(KeyScope::Global, Action::Help, &[Key::without_modifiers(Code::F(1))], "help", "shows what each key does here", 15),
    row(KeyScope::Global, Action::Back, &[ESC], "back", "closes the innermost thing, then goes back one step; the draft stays", 70),
    row(KeyScope::Global, Action::Leave, &[Key::with_ctrl('c')], "leave", "leaves; asks first when something would be lost", 0),
    row(KeyScope::Global, Action::Suspend, &[Key::with_ctrl('z')], "suspend", "stops the program for the shell; `fg` comes back", 0),
    row(KeyScope::Global, Action::Palette, &[Key::with_ctrl('p')], "commands", "lists all commands by name, with their keys", 5),
    row(KeyScope::Commands, Action::Help, &[Key::of_char('?')], "help", "shows what each key does here", 20),
    row(KeyScope::Commands, Action::Quit, &[Key::of_char('q')], "quit", "leaves; asks first when something would be lost", 10),

    row(KeyScope::List, Action::Up, &[UP, Key::of_char('k')], "up", "one row up", 0),
    row(KeyScope::List, Action::Down, &[DOWN, Key::of_char('j')], "down", "one row down", 0),
    row(KeyScope::List, Action::PageUp, &[PAGE_UP, Key::with_ctrl('b')], "page up", "one page up", 0),
    row(KeyScope::List, Action::PageDown, &[PAGE_DOWN, Key::with_ctrl('f')], "page down", "one page down", 0),
    row(KeyScope::List, Action::First, &[HOME, Key::of_char('g')], "first", "the first row", 0),
    row(KeyScope::List, Action::Last, &[END, Key::of_char('G')], "last", "the last row", 0),

    row(KeyScope::FilterLine, Action::FilterDone, &[ENTER], "keep filter", "takes the only row that matches; with more of them keeps the filter and goes back to the list", 95),
    row(KeyScope::FilterLine, Action::Up, &[UP], "up", "one row up", 0),
    row(KeyScope::FilterLine, Action::Down, &[DOWN], "down", "one row down", 0),
    row(KeyScope::FilterLine, Action::PageUp, &[PAGE_UP], "page up", "one page up", 0),
    row(KeyScope::FilterLine, Action::PageDown, &[PAGE_DOWN], "page down", "one page down", 0),

    row(KeyScope::Regions, Action::Next, &[ENTER], "choose", "takes the Region", 95),
    row(KeyScope::Regions, Action::Up, &[UP], "up", "one row up", 0),
    row(KeyScope::Regions, Action::Down, &[DOWN], "down", "one row down", 0),
    row(KeyScope::Regions, Action::PageUp, &[PAGE_UP], "page up", "one page up", 0),
    row(KeyScope::Regions, Action::PageDown, &[PAGE_DOWN], "page down", "one page down", 0),

    row(KeyScope::Account, Action::Next, &[ENTER], "go on", "signs in with the chosen row and shows who you are; again: goes on", 95),
    row(KeyScope::Account, Action::Filter, &[Key::of_char('/')], "filter", "filters by name, account, role or Region", 60),
    row(KeyScope::Account, Action::Region, &[Key::of_char('R')], "Region", "changes the Region", 55),
    row(KeyScope::Account, Action::SignIn, &[Key::of_char('l')], "log in", "runs `aws sso login` (or `aws login`) for the chosen profile, or for the one that its role begins with", 50),
    row(KeyScope::Account, Action::Retry, &[Key::of_char('r')], "try again", "asks again after a failure, in place", 45),

    row(KeyScope::Repository, Action::Next, &[ENTER], "go on", "goes on with the marked repositories, or with the chosen one where the filter shows no marked one", 95),
    row(KeyScope::Repository, Action::Toggle, &[SPACE], "mark", "marks the repository, or takes the mark away", 65),
    row(KeyScope::Repository, Action::ToggleAll, &[Key::of_char('a')], "mark all", "marks all shown that hold the filter's words as typed, or takes their marks away", 40),
    row(KeyScope::Repository, Action::Filter, &[Key::of_char('/')], "filter", "filters by name and by who can pull; an image URI or ARN goes straight to its repository", 60),
    row(KeyScope::Repository, Action::Review, &[Key::of_char('v')], "view policy", "shows who has access now and why; from there the policy is edited, mended or deleted", 55),
    row(KeyScope::Repository, Action::Overview, &[Key::of_char('V')], "review all", "reviews all repositories: who can do what, the worst first, with findings; again: the list alone", 45),
    row(KeyScope::Repository, Action::Sort, &[Key::of_char('s')], "sort", "sorts by name, by age, or by who can pull", 35),
    row(KeyScope::Repository, Action::Region, &[Key::of_char('R')], "Region", "lists another Region of this account", 30),
    row(KeyScope::Repository, Action::Refresh, &[Key::of_char('r')], "refresh", "lists again; after a failure: tries again", 25),

    row(KeyScope::Actions, Action::Next, &[ENTER], "go on", "goes on to the policy; on a problem, goes to it", 95),
    row(KeyScope::Actions, Action::GoOn, &[Key::with_ctrl('s')], "go on", "goes on to the policy", 0),
    row(KeyScope::Actions, Action::FocusNext, &[TAB], "next field", "goes to the next field", 65),
    row(KeyScope::Actions, Action::FocusPrevious, &[BACKTAB], "field before", "goes to the field before", 0),
    row(KeyScope::Actions, Action::Fix, &[Key::without_modifiers(Code::F(2))], "take the role", "puts the role of a session in its place", 62),
    row(KeyScope::Checklist, Action::Toggle, &[SPACE], "mark", "takes the recipe, or marks the action", 60),
    row(KeyScope::Checklist, Action::OpenLink, &[Key::of_char('o')], "open link", "opens the documentation of the chosen row", 50),
    row(KeyScope::Checklist, Action::IncludeToken, &[Key::of_char('t')], "token", "puts GetAuthorizationToken into the policy anyway, where it does nothing", 30),

    row(KeyScope::Policy, Action::GoOn, &[Key::with_ctrl('s')], "go on", "goes on to saving, when ECR would take the document", 95),
    row(KeyScope::Policy, Action::Diff, &[Key::without_modifiers(Code::F(4))], "diff", "closes the editor and shows what changes against the stored text", 65),
    row(KeyScope::Policy, Action::Fix, &[Key::without_modifiers(Code::F(2))], "fix", "mends the problem at the caret, or the first one, and all others of its kind; what changes access is shown first", 60),
    row(KeyScope::Policy, Action::Narrow, &[Key::with_ctrl('n')], "narrow", "cuts the statement at the caret down to what a pull needs, or else those that are new or changed; shows first what goes and why", 25),
    row(KeyScope::Policy, Action::Format, &[Key::without_modifiers(Code::F(3))], "format", "formats the whole document", 50),
    row(KeyScope::Policy, Action::NextProblem, &[Key::without_modifiers(Code::F(8))], "problem", "goes to the next problem", 55),
    row(KeyScope::Policy, Action::Problems, &[Key::without_modifiers(Code::F(9))], "findings", "lists all that the checks found; what stops the save comes first", 52),
    row(KeyScope::Policy, Action::Undo, &[Key::with_ctrl('u')], "undo", "takes the last change back", 40),
    row(KeyScope::Policy, Action::Redo, &[Key::with_ctrl('r')], "redo", "makes the change again", 35),
    row(KeyScope::Policy, Action::NextDocument, &[Key::without_modifiers(Code::F(6))], "next repository", "shows the document of the next repository", 45),
    row(KeyScope::Policy, Action::PreviousDocument, &[Key::without_modifiers(Code::F(5))], "repository before", "shows the document of the repository before", 0),
    row(KeyScope::Policy, Action::BeginAgain, &[Key::without_modifiers(Code::F(7))], "begin again", "gives up what was changed by hand: the stored policy with the grant added", 30),
    row(KeyScope::Policy, Action::EditExternally, &[Key::with_ctrl('e')], "your editor", "opens the text in $VISUAL or $EDITOR; when it ends, the text is taken from there", 20),
    row(KeyScope::PolicyRead, Action::Retry, &[Key::of_char('r')], "try again", "reads the stored policy again", 80),
    row(KeyScope::PolicyView, Action::GoOn, &[ENTER], "go on", "goes on to saving, when ECR would take the document", 96),
    row(KeyScope::PolicyView, Action::Edit, &[Key::of_char('e')], "edit", "begins the editor", 66),
    row(KeyScope::Selection, Action::Copy, &[Key::with_ctrl('c')], "copy", "hands the selected text to the terminal's clipboard", 90),
    row(KeyScope::Selection, Action::Cut, &[Key::with_ctrl('x')], "cut", "as copy, and takes the text away", 85),

    row(KeyScope::Editor, Action::Find, &[Key::with_ctrl('f')], "find", "finds a text; what is selected is looked for", 33),
    row(KeyScope::Editor, Action::GoToLine, &[Key::with_ctrl('g')], "line", "goes to a line, or to a place such as 12:5", 31),
    row(KeyScope::Editor, Action::Complete, &[Key::with_ctrl(' ')], "names", "offers the names that can stand at the caret; inside a string Tab does so too", 37),
    row(KeyScope::Completion, Action::Next, &[ENTER, TAB], "take", "writes the chosen name", 98),
    row(KeyScope::Completion, Action::Up, &[UP], "up", "one row up", 0),
    row(KeyScope::Completion, Action::Down, &[DOWN], "down", "one row down", 0),
    row(KeyScope::Completion, Action::PageUp, &[PAGE_UP], "page up", "one page up", 0),
    row(KeyScope::Completion, Action::PageDown, &[PAGE_DOWN], "page down", "one page down", 0),
    row(KeyScope::Completion, Action::Back, &[ESC], "close", "closes the list; what is typed stays", 96),
    row(KeyScope::Problems, Action::Next, &[ENTER], "go there", "closes the list and stays at the place of the finding", 95),
    row(KeyScope::Problems, Action::Fix, &[Key::without_modifiers(Code::F(2))], "fix", "mends the chosen finding and all others of its kind; what changes access is shown first", 80),
    row(KeyScope::Problems, Action::FixOne, &[Key::of_char('o')], "this one alone", "mends the chosen finding alone", 70),
    row(KeyScope::Problems, Action::Back, &[ESC, Key::without_modifiers(Code::F(9))], "close", "closes the list; the caret goes back to where it was", 85),
    row(KeyScope::FixPreview, Action::Next, &[ENTER, Key::without_modifiers(Code::F(2))], "apply the fix", "applies the fix", 95),
    row(KeyScope::FixPreview, Action::Back, &[ESC], "leave as it is", "leaves the text as it is", 90),
    row(KeyScope::FindLine, Action::Down, &[ENTER, DOWN, Key::with_ctrl('f')], "next", "goes to the next match; from the last to the first", 95),
    row(KeyScope::FindLine, Action::Up, &[UP], "before", "goes to the match before", 90),
    row(KeyScope::FindLine, Action::Back, &[ESC], "close", "closes the line; the match stays selected", 70),
    row(KeyScope::LineNumber, Action::Next, &[ENTER], "go", "goes there", 95),
    row(KeyScope::LineNumber, Action::Back, &[ESC], "close", "closes the line; the caret stays where it was", 70),

    row(KeyScope::Plan, Action::Tick, &[SPACE], "tick", "ticks the repository, so that it is written, or takes the tick away", 65),
    row(KeyScope::Plan, Action::Fix, &[Key::without_modifiers(Code::F(2))], "mend", "mends what stops the write: takes deleted roles and users out, takes the layout out of a text that is too long, or reads again; else goes to the document", 62),
    row(KeyScope::Plan, Action::TickAll, &[Key::of_char('A')], "all of this kind", "mends all repositories that are stopped by the same kind of thing; elsewhere ticks all that can be written, or takes the ticks away", 45),
    row(KeyScope::Plan, Action::LeaveOut, &[Key::of_char('x')], "leave out", "takes the repository out of the plan", 42),
    row(KeyScope::SaveRows, Action::Right, &[RIGHT], "unfold", "unfolds a row that stands for several repositories", 38),
    row(KeyScope::SaveRows, Action::Left, &[LEFT], "fold", "folds it again", 0),
    row(KeyScope::Confirm, Action::WritePlan, &[Key::of_char('w')], "save plan", "saves the plan in a new file in this folder, which `ecr-grant apply` takes", 32),
    row(KeyScope::Confirm, Action::Yes, &[Key::of_char('y')], "save", "saves what is shown", 95),
    row(KeyScope::Confirm, Action::No, &[Key::of_char('n')], "do not save", "goes back to the policy; nothing is written", 80),
    row(KeyScope::Confirm, Action::Next, &[ENTER], "chosen answer", "gives the chosen answer (No at first)", 0),
    row(KeyScope::Confirm, Action::Left, &[LEFT], "other answer", "chooses the other answer", 0),
    row(KeyScope::Confirm, Action::Right, &[RIGHT], "other answer", "chooses the other answer", 30),
    row(KeyScope::Confirm, Action::Toggle, &[TAB, SPACE], "text", "shows the text difference of the repository, or hides it", 40),
    row(KeyScope::TypedConfirm, Action::Next, &[ENTER], "save", "saves when the word is typed in full", 95),
    row(KeyScope::TypedConfirm, Action::Up, &[UP], "up", "scrolls up", 0),
    row(KeyScope::TypedConfirm, Action::Down, &[DOWN], "down", "scrolls down", 0),
    row(KeyScope::TypedConfirm, Action::PageUp, &[PAGE_UP], "page up", "scrolls a page up", 0),
    row(KeyScope::TypedConfirm, Action::PageDown, &[PAGE_DOWN], "page down", "scrolls a page down", 0),
    row(KeyScope::TypedConfirm, Action::Toggle, &[TAB], "text", "shows the text difference of the repository, or hides it", 40),
    row(KeyScope::TypedConfirm, Action::WritePlan, &[Key::with_ctrl('o')], "save plan", "saves the plan in a new file in this folder, which `ecr-grant apply` takes", 32),
    row(KeyScope::Outcome, Action::Next, &[ENTER], "go on", "goes on to the permissions view; after a change underneath: confirms again", 95),
    row(KeyScope::Outcome, Action::Retry, &[Key::of_char('r')], "try again", "goes on with what failed and what was not begun, with a confirmation", 60),
    row(KeyScope::Outcome, Action::Undo, &[Key::of_char('u')], "undo", "plans to take back what was just written, and asks", 50),
    row(KeyScope::Outcome, Action::WritePlan, &[Key::of_char('w')], "save plan", "saves the plan in a new file in this folder, while nothing of it is written", 32),
    row(KeyScope::Outcome, Action::Toggle, &[TAB, SPACE], "text", "shows the text difference of the repository, or hides it", 40),

    row(KeyScope::Permissions, Action::Copy, &[Key::of_char('c')], "copy", "hands the chosen part to the terminal's clipboard", 65),
    row(KeyScope::Permissions, Action::CopyMessage, &[Key::of_char('m')], "message", "copies a message for whoever acts next: the puller, or who writes what is only planned", 64),
    row(KeyScope::Permissions, Action::WriteFile, &[Key::of_char('w')], "write file", "writes the chosen part to a file in this folder", 60),
    row(KeyScope::Permissions, Action::WriteAll, &[Key::of_char('W')], "write all", "writes all parts to one Markdown file in this folder", 40),
    row(KeyScope::Permissions, Action::AnotherRepository, &[Key::of_char('a')], "another repository", "begins again at Repository, with the same account", 55),
    row(KeyScope::Permissions, Action::AnotherGrantee, &[Key::of_char('n')], "another grantee", "begins again at Actions, with the same repositories", 50),
    row(KeyScope::Permissions, Action::Undo, &[Key::of_char('u')], "undo", "plans to take back what was just written, and asks", 52),
    row(KeyScope::Permissions, Action::FocusNext, &[TAB, RIGHT, Key::of_char('l')], "next part", "goes to the next part", 68),
    row(KeyScope::Permissions, Action::FocusPrevious, &[BACKTAB, LEFT, Key::of_char('h')], "part before", "goes to the part before", 0),
    row(KeyScope::Permissions, Action::NextDocument, &[SPACE, Key::without_modifiers(Code::F(6))], "next repository", "shows the next repository", 67),
    row(KeyScope::Permissions, Action::PreviousDocument, &[Key::without_modifiers(Code::F(5))], "repository before", "shows the repository before", 0),

    row(KeyScope::Review, Action::Edit, &[Key::of_char('e')], "edit", "edits the stored policy as it is, with nothing added", 68),
    row(KeyScope::Review, Action::TakeOut, &[Key::of_char('x')], "take out", "takes the grantee of the chosen row out of the policy, after the plan and a question", 66),
    row(KeyScope::Review, Action::Fix, &[Key::without_modifiers(Code::F(2))], "mend", "mends the chosen finding, or the first that has a fix, and shows what changes", 64),
    row(KeyScope::Review, Action::DeletePolicy, &[Key::of_char('D')], "delete policy", "deletes the whole policy, after the plan and a typed word", 56),
    row(KeyScope::Review, Action::NextDocument, &[Key::of_char('n'), Key::without_modifiers(Code::F(6))], "next repository", "shows the next repository of the list", 60),
    row(KeyScope::Review, Action::PreviousDocument, &[Key::of_char('p'), Key::without_modifiers(Code::F(5))], "repository before", "shows the repository before", 0),
    row(KeyScope::Review, Action::Toggle, &[ENTER, SPACE], "one by one", "shows the parties of a folded row one by one, or folds them again", 58),
    row(KeyScope::Review, Action::Copy, &[Key::of_char('c')], "copy", "hands the policy's text to the terminal's clipboard", 50),
    row(KeyScope::Review, Action::Refresh, &[Key::of_char('r')], "read again", "reads the policy again", 40),

    row(KeyScope::Overview, Action::Review, &[ENTER], "open", "shows who has access to the repository now and why; from there its policy is changed", 96),
    row(KeyScope::Overview, Action::Group, &[TAB], "grantees", "turns the review round: each grantee with what it reaches, of the repositories that are shown", 66),
    row(KeyScope::Overview, Action::Next, &[Key::of_char('g')], "grant", "goes on to a grant with the marked repositories, or with the chosen one", 58),
    row(KeyScope::Overview, Action::Filter, &[Key::of_char('/')], "filter", "filters by name, account, Region, class, grantee, right, action, finding or any text, such as class:public or finding:S101", 60),
    row(KeyScope::Overview, Action::Toggle, &[SPACE], "mark", "marks the repository, or takes the mark away", 50),
    row(KeyScope::Overview, Action::ToggleAll, &[Key::of_char('a')], "mark all", "marks all shown that hold the filter's words in their names, or takes their marks away", 30),
    row(KeyScope::Overview, Action::Sort, &[Key::of_char('s')], "sort", "sorts by the worst, by name, or by age", 35),
    row(KeyScope::Overview, Action::Export, &[Key::of_char('x')], "export", "writes what is shown to a new CSV file in this folder", 33),
    row(KeyScope::Overview, Action::Region, &[Key::of_char('R')], "Region", "reviews another Region of this account", 32),
    row(KeyScope::Overview, Action::Refresh, &[Key::of_char('r')], "refresh", "reads all again; after a failure: tries again", 28),
    row(KeyScope::Overview, Action::Overview, &[Key::of_char('V')], "list alone", "shows the list of repositories without the review", 25),
    row(KeyScope::Grantees, Action::Next, &[ENTER], "its repositories", "shows the repositories that the grantee reaches", 96),
    row(KeyScope::Grantees, Action::TakeOut, &[Key::of_char('x')], "take out", "takes the grantee out of all policies of the shown repositories that name it, after the plan and a question", 68),
    row(KeyScope::Grantees, Action::Group, &[TAB], "repositories", "shows the accounts and Regions where the review covers several, else the repositories again", 66),
    row(KeyScope::Registries, Action::Next, &[ENTER], "its repositories", "shows the repositories of the account and Region", 96),
    row(KeyScope::Registries, Action::Group, &[TAB], "repositories", "shows the repositories again", 66),
    row(KeyScope::Registries, Action::Refresh, &[Key::of_char('r')], "refresh", "signs in and reads everything again", 28),

    row(KeyScope::Palette, Action::Next, &[ENTER], "do it", "carries out the chosen action", 95),
    row(KeyScope::Palette, Action::Up, &[UP], "up", "one row up", 0),
    row(KeyScope::Palette, Action::Down, &[DOWN], "down", "one row down", 0),
    row(KeyScope::Palette, Action::PageUp, &[PAGE_UP], "page up", "one page up", 0),
    row(KeyScope::Palette, Action::PageDown, &[PAGE_DOWN], "page down", "one page down", 0),

    row(KeyScope::LeaveQuestion, Action::Yes, &[Key::of_char('y')], "leave", "leaves; the draft is lost", 95),
    row(KeyScope::LeaveQuestion, Action::KeepDraft, &[Key::of_char('k')], "keep", "leaves and keeps the draft; the next start without arguments offers it", 92),
    row(KeyScope::LeaveQuestion, Action::No, &[Key::of_char('n'), ENTER], "stay", "stays", 90),

    row(KeyScope::DraftQuestion, Action::Yes, &[ENTER, Key::of_char('g')], "go on", "goes on with the draft, at the step where it was", 95),
    row(KeyScope::DraftQuestion, Action::No, &[Key::of_char('n')], "start anew", "starts anew; the draft is discarded", 90),
    row(KeyScope::DraftQuestion, Action::Back, &[ESC], "later", "starts anew; the draft stays, and the next start offers it again", 85),

    row(KeyScope::PasteQuestion, Action::Next, &[ENTER], "take it", "does what the chosen answer says", 95),
    row(KeyScope::PasteQuestion, Action::Back, &[ESC], "leave it", "takes nothing from the pasted text", 90),
];

/// The scopes that can hold at once, innermost first.
#[rustfmt::skip]
pub static STACKS: &[&[KeyScope]] = &[
    &[KeyScope::Account, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::FilterLine, KeyScope::Global],
    &[KeyScope::Regions, KeyScope::Global],
    &[KeyScope::Repository, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::Overview, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::Grantees, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::Registries, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::Review, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::Actions, KeyScope::Global],
    &[KeyScope::Checklist, KeyScope::Actions, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::PolicyRead, KeyScope::Policy, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::PolicyView, KeyScope::Policy, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::Selection, KeyScope::Editor, KeyScope::Policy, KeyScope::Global],
    &[KeyScope::Editor, KeyScope::Policy, KeyScope::Global],
    &[KeyScope::Completion, KeyScope::Editor, KeyScope::Policy, KeyScope::Global],
    &[KeyScope::Problems, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::FixPreview, KeyScope::Global],
    &[KeyScope::FindLine, KeyScope::Selection, KeyScope::Global],
    &[KeyScope::FindLine, KeyScope::Global],
    &[KeyScope::LineNumber, KeyScope::Global],
    &[KeyScope::Confirm, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::Plan, KeyScope::SaveRows, KeyScope::Confirm, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::Plan, KeyScope::SaveRows, KeyScope::Outcome, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::SaveRows, KeyScope::Outcome, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::SaveRows, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::TypedConfirm, KeyScope::Global],
    &[KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::Outcome, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::Permissions, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::HelpPage, KeyScope::List, KeyScope::Commands, KeyScope::Global],
    &[KeyScope::Palette, KeyScope::Global],
    &[KeyScope::LeaveQuestion, KeyScope::Global],
    &[KeyScope::DraftQuestion, KeyScope::Global],
    &[KeyScope::PasteQuestion, KeyScope::List, KeyScope::Global],
];
