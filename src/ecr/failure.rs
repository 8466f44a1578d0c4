//! Failures in words for people: what happened, to what, and the next step.

use std::fmt;

/// The kind of a failure. Exit codes and screens follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// There are no credentials where we looked.
    NoCredentials,
    /// Credentials or the SSO session have run out: signing in again helps.
    SignInExpired,
    /// AWS does not accept the keys.
    BadCredentials,
    /// A setting of the profile is wrong or missing.
    Setup,
    /// The profile asks for an MFA code, which this program does not ask for yet.
    MfaNeeded,
    /// No Region is known.
    NoRegion,
    /// AWS denies the caller the action.
    AccessDenied,
    /// AWS asks to slow down, again and again.
    Throttled,
    /// The repository does not exist there.
    RepositoryNotFound,
    /// ECR refuses the policy text without saying why.
    InvalidPolicy,
    /// ECR does not know a role or user that the policy names.
    PrincipalNotFound,
    /// The policy would stop the caller from setting another one; only `force` sets it.
    LockOut,
    /// Another parameter that AWS refuses.
    InvalidRequest,
    /// The service cannot be reached.
    Offline,
    /// No answer in time.
    Timeout,
    /// The certificate cannot be checked: no trusted roots, or a proxy's own certificate.
    Tls,
    /// The server failed, or its answer cannot be used.
    Server,
    /// This program refuses to write: `--read-only`.
    ReadOnly,
    /// A file could not be read or written.
    File,
    /// A defect of this program.
    Defect,
    /// Anything else.
    Other,
}

impl FailureKind {
    /// Tells whether the next step is to sign in, or to mend the sign-in.
    pub fn is_sign_in(self) -> bool {
        matches!(
            self,
            Self::NoCredentials
                | Self::SignInExpired
                | Self::BadCredentials
                | Self::Setup
                | Self::MfaNeeded
                | Self::NoRegion
        )
    }

    /// Tells whether the same request may work when it is simply sent again.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Throttled | Self::Offline | Self::Timeout | Self::Server)
    }
}

/// AWS's own words, to search for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsWords {
    /// The error code, such as `InvalidParameterException`.
    pub code: String,
    /// The message as AWS wrote it.
    pub message: String,
    /// The request id, for AWS's support.
    pub request_id: Option<String>,
}

/// Something that did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// The failure and its subject, in one sentence without a full stop.
    pub what: String,
    /// The next step, in one sentence without a full stop.
    pub next: String,
    /// A command that does the next step, where there is one.
    pub command: Option<String>,
    /// AWS's own words, where AWS answered.
    pub aws: Option<AwsWords>,
}

impl Failure {
    /// Builds a failure with its sentence and its next step.
    pub fn new(kind: FailureKind, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { kind, what: what.into(), next: next.into(), command: None, aws: None }
    }

    /// Adds the command that does the next step.
    #[must_use]
    pub fn with_command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    /// Adds AWS's own words.
    #[must_use]
    pub fn with_aws(mut self, code: impl Into<String>, message: impl Into<String>, request_id: Option<String>) -> Self {
        self.aws = Some(AwsWords { code: code.into(), message: message.into(), request_id });
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.next)
    }
}

impl std::error::Error for Failure {}
