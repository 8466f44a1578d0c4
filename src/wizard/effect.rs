//! Everything that the wizard asks the outside to do, as data.

use std::path::PathBuf;

use super::computation::Computation;
use super::draft::Draft;
use super::remote::RequestId;
use super::session::ReviewOrigin;
use crate::ecr::{AccountId, Context, Login, Region, RepositoryName, RepositoryRef, SourceId};
use crate::plan::{PlanFile, Write};

/// Something that the wizard asks the runtime to do: effects as data.
///
/// The policy language has an `Effect` too, Allow or Deny: [`crate::policy::Effect`]. Both keep the name that their field
/// gives them; no file of the wizard imports both under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// List the sources of credentials: `Answer::Sources`.
    LoadSources(RequestId),
    /// Ask STS who a source is: `Answer::Verified`. No Region: the source's own.
    Verify {
        /// The request.
        id: RequestId,
        /// The credentials.
        source: SourceId,
        /// The Region, where one was chosen.
        region: Option<Region>,
    },
    /// List the repositories of a registry: `Answer::Page` until the last, or `Answer::ListingFailed`, or
    /// `Answer::NotEnabled` where a home is given.
    ListRepositories {
        /// The request.
        id: RequestId,
        /// The credentials and the Region.
        context: Context,
        /// The account that owns the registry.
        owner: AccountId,
        /// The Region in which the credentials were signed in: a failure is asked there if its cause is that the account has not
        /// enabled the Region of the list. None: it is not asked.
        home: Option<Region>,
    },
    /// Describe one repository: `Answer::Described`.
    Describe {
        /// The request.
        id: RequestId,
        /// The credentials and the Region.
        context: Context,
        /// The account that owns the registry.
        owner: AccountId,
        /// The repository.
        name: RepositoryName,
    },
    /// Read the stored policy of a repository: `Answer::RegistryPolicy`, then `Answer::Policy`.
    ReadPolicy {
        /// The request.
        id: RequestId,
        /// The credentials and the Region.
        context: Context,
        /// The repository.
        repository: RepositoryRef,
        /// Tells whether it is to be written: `Answer::Ownership` comes before the policy then.
        for_write: bool,
    },
    /// Read where a registry copies images to: `Answer::Replication`.
    ReadReplication {
        /// The request.
        id: RequestId,
        /// The credentials and the Region.
        context: Context,
        /// The account that owns the registry.
        owner: AccountId,
    },
    /// Read a review from elsewhere than ECR: an `Answer::Elsewhere` for each part, the last one marked.
    ReadElsewhere {
        /// The request.
        id: RequestId,
        /// The place.
        origin: ReviewOrigin,
        /// The credentials and the Region, where AWS is asked.
        context: Option<Context>,
    },
    /// Read the accounts of the organization: `Answer::Members`.
    ListMembers {
        /// The request.
        id: RequestId,
        /// The credentials and the Region.
        context: Context,
    },
    /// Read what stands around the repositories of a registry, for a review: `Answer::RegistryRead`.
    ReadRegistry {
        /// The request.
        id: RequestId,
        /// The credentials and the Region.
        context: Context,
        /// The account that owns the registry.
        owner: AccountId,
    },
    /// Read the tags of the newest images: `Answer::Tags`.
    ReadTags {
        /// The request.
        id: RequestId,
        /// The credentials and the Region.
        context: Context,
        /// The repository.
        repository: RepositoryRef,
    },
    /// Carry out confirmed writes, several at once, as one change of the journal: an `Answer::Saved` for each that was
    /// begun, other news of the save around them, and `SaveNews::Over` as the last one.
    Save {
        /// The request.
        id: RequestId,
        /// The credentials and the Region.
        context: Context,
        /// The texts to write.
        writes: Vec<Write>,
        /// The id of the change that they take back, where they do.
        undoes: Option<String>,
    },
    /// Let no further write of a save begin. Those under way end and are told.
    StopSave(RequestId),
    /// Carry out work of the engine beside the key loop: `Answer::Computed`.
    Compute {
        /// The request.
        id: RequestId,
        /// The work.
        computation: Computation,
    },
    /// Stop a request that is no longer wanted. A write is never stopped, and neither is a computation that has begun.
    Cancel(RequestId),
    /// Hand the terminal to a login program: `Answer::SignedIn`.
    SignIn {
        /// The request.
        id: RequestId,
        /// The login, and its profile.
        login: Login,
    },
    /// Hand the terminal to `$VISUAL` or `$EDITOR` with this text: `Answer::Edited`.
    EditExternally {
        /// The request.
        id: RequestId,
        /// The text.
        text: String,
    },
    /// Put a text on the clipboard: `Answer::Copied`.
    Copy {
        /// The request.
        id: RequestId,
        /// The text.
        text: String,
    },
    /// Write files into the current folder, never over existing ones: `Answer::FileWritten`.
    WriteFile {
        /// The request.
        id: RequestId,
        /// The file's name, without a folder.
        name: String,
        /// The text to write.
        text: String,
    },
    /// Read the file of accepted findings: `Answer::AcceptedRead`.
    ReadAccepted {
        /// The request.
        id: RequestId,
        /// The file.
        path: PathBuf,
    },
    /// Write the file of accepted findings, where it still has the text from before: `Answer::AcceptedWritten`.
    WriteAccepted {
        /// The request.
        id: RequestId,
        /// The file.
        path: PathBuf,
        /// The text that was read; none: there was no file.
        before: Option<String>,
        /// The new text.
        text: String,
    },
    /// Find out who works here, as git and the system know: `Answer::UserFound`.
    FindUser(RequestId),
    /// Write a plan into the current folder, never over an existing file, with the time of now: `Answer::PlanWritten`.
    WritePlan {
        /// The request.
        id: RequestId,
        /// The file's name, without a folder.
        name: String,
        /// The plan.
        plan: Box<PlanFile>,
    },
    /// Open an address in the desktop's browser: `Answer::Opened`.
    OpenUrl {
        /// The request.
        id: RequestId,
        /// The address.
        url: String,
    },
    /// Keep what is not saved yet, in place of what was kept before: `Answer::DraftNotKept` where that does not go.
    SaveDraft {
        /// The request.
        id: RequestId,
        /// The draft to keep.
        draft: Box<Draft>,
    },
    /// Keep what is not saved yet and leave it for the next start: `Answer::DraftLeft`. No draft: what was kept before.
    KeepAndLeave {
        /// The request.
        id: RequestId,
        /// The draft to keep.
        draft: Option<Box<Draft>>,
    },
    /// Remove what was kept: it is saved, or not wanted.
    ForgetDraft,
    /// Leave what was kept as it is, for the next start; what is kept from now on is another draft.
    LeaveDraft,
    /// Keep, for the order of the list at the next start, that a source signed in.
    NoteSignIn(SourceId),
    /// Stop the program for the shell (Ctrl-Z).
    Suspend,
    /// End the program; the summary stays in the scrollback.
    Quit {
        /// Lines for the normal screen.
        summary: Vec<String>,
    },
}
