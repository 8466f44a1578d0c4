//! Everything that can happen to the wizard.

use super::computation::Computed;
use super::key::Key;
use super::remote::RequestId;
use super::settings::Background;
use crate::ecr::Replication;
pub use crate::ecr::Verified;
use crate::ecr::{
    AccountId, Context, Failure, MemberAccount, Ownership, PolicySlowdowns, Region, Repository, RepositoryName,
    RepositoryRef, Source, SourceId, Tags,
};
use crate::plan::{Outcome, Progress, RepositorySelector};
use crate::policy::RegistryPolicy;
use crate::review::{ReadEvent, RegistryFacts};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// A text was pasted, in one piece, line ends as `\n`.
    Paste(String),
    /// The terminal has another size.
    Resized(Size),
    /// The wheel was turned by one notch (`--mouse`).
    Wheel {
        /// Away from the user.
        up: bool,
    },
    /// The left button was pressed at a cell, both from 0 (`--mouse`).
    Click {
        /// The column.
        column: u16,
        /// The row.
        row: u16,
    },
    /// Something of the step was chosen by what it is, where nobody sees rows to move to.
    Chosen(Choice),
    /// The terminal told whether its background is light or dark.
    Background(Background),
    /// Time went on: milliseconds since the start. Sent before every other event, and while something is animated.
    Clock(u64),
    /// The frame of the state before this event is out, and every key that was pressed before it was dropped or taken.
    Drawn,
    /// Nothing has happened for a while, as `draft::due` asked; or the program ends: what is not saved is kept.
    Quiet,
    /// A request was answered.
    Answer(RequestId, Box<Answer>),
}

/// A choice of the step by what it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Signs in with a source, and goes on with it.
    Source(SourceId),
    /// Takes another Region: for the chosen source, or for the list of repositories.
    Region(Region),
    /// Chooses these repositories, and no others.
    Repositories(Vec<RepositorySelector>),
    /// Writes these repositories of a plan, and no others.
    Ticked(Vec<RepositoryName>),
    /// Mends what stops the write to a repository of a plan.
    Mended(RepositoryName),
}

/// Columns and rows of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// All sources of credentials.
    Sources(Result<Vec<Source>, Failure>),
    /// The identity of a source, and the Region that holds for it.
    Verified(Result<Verified, Failure>),
    /// A page of repositories; more follow under the same number unless it is the last.
    Page {
        /// The repositories of this page.
        repositories: Vec<Repository>,
        /// Tells whether the list is complete with it.
        last: bool,
    },
    /// The listing ended early.
    ListingFailed(Failure),
    /// There is no listing, because the account has not enabled the Region.
    NotEnabled(Failure),
    /// The stored policy of a repository; `None`: there is none.
    Policy(RepositoryRef, Result<Option<String>, Failure>),
    /// The policy of the registry of an account in a Region; it comes before the first `Answer::Policy` of that registry.
    RegistryPolicy(AccountId, Region, RegistryPolicy),
    /// A part of what a review reads from elsewhere than ECR. A failure ends it too.
    Elsewhere {
        /// The part, or why there is none.
        read: Result<Vec<ReadEvent>, Failure>,
        /// Tells whether nothing more comes.
        is_last: bool,
    },
    /// The accounts of the organization.
    Members(Result<Vec<MemberAccount>, Failure>),
    /// The facts of a registry that a review covers.
    RegistryRead(Result<Box<RegistryFacts>, Failure>),
    /// The replication of the registry of an account in a Region.
    Replication(AccountId, Region, Replication),
    /// The operations on policies that AWS asks to slow down, in the registry of an account that is asked with these
    /// credentials. It comes under [`RequestId::OF_NEWS`].
    Slowdowns(Context, AccountId, PolicySlowdowns),
    /// The code that owns a repository, by its tags; it comes before the `Answer::Policy` that was asked for a write.
    Ownership(RepositoryRef, Ownership),
    /// The answer of `DescribeRepositories` about one repository.
    Described(Result<Repository, Failure>),
    /// The tags of the newest images of a repository, newest first.
    Tags(RepositoryRef, Result<Tags, Failure>),
    /// The outcome of a write.
    Saved(RepositoryRef, Outcome),
    /// Other news of a save.
    Saving(SaveNews),
    /// The result of a computation; a failure is a defect of this program.
    Computed(Result<Computed, Failure>),
    /// The login program ended.
    SignedIn(Result<(), Failure>),
    /// The user's own editor ended; `None`: it changed nothing.
    Edited(Result<Option<String>, Failure>),
    /// A text was handed to the terminal's clipboard, or could not be.
    Copied(Result<CopyReport, Failure>),
    /// A file was written; its path as people write it.
    FileWritten(Result<String, Failure>),
    /// The text of the file of accepted findings; none: there is no file.
    AcceptedRead(Result<Option<String>, Failure>),
    /// The file of accepted findings was written, or keeps its text.
    AcceptedWritten(Result<(), Failure>),
    /// The name of whoever works here; empty: nobody knows.
    UserFound(String),
    /// A plan was written; the file's name.
    PlanWritten(Result<String, Failure>),
    /// The draft could not be kept. That it was kept nobody tells.
    DraftNotKept(Failure),
    /// Tells whether the draft is on the disk and left for the next start.
    DraftLeft(Result<(), Failure>),
    /// An address was handed to the desktop's browser, or could not be.
    Opened(String, Result<(), Failure>),
}

/// The certainty of a copy: the terminal never answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyReport {
    /// The text was sent to the terminal as OSC 52; whether it took it, nobody can know.
    SentToTerminal,
    /// This terminal is known to take nothing: the text was written to a file of this name.
    WrittenTo(String),
}

/// The news of a save beside the outcomes of its writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveNews {
    /// The id of the change of the journal that its writes are in.
    Started(String),
    /// The write of a repository began.
    Begun(RepositoryRef),
    /// The write of a repository waits for something, in words.
    Noticed(RepositoryRef, String),
    /// The counts so far.
    Moved(Progress),
    /// All writes that were begun have ended; those without an outcome were not begun. The failure is that of the journal,
    /// where one of its lines could not be written.
    Over(Option<Failure>),
}
