//! The errors that pulls end with: their meaning, and the side that can mend them.
//!
//! Sources: facts on the registry's answers and on how docker, containerd, ECS, Lambda and Kubernetes word them; AWS's
//! page on errors of docker commands with ECR; the IAM user guide on access denied messages.

use crate::ecr::{Arn, Denied, PolicyKind};

/// The side that has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The owner of the repository.
    Owner,
    /// Whoever pulls.
    Puller,
    /// The administrators of an organization.
    Organization,
    /// One of the two: the error does not tell which.
    Unknown,
}

impl Side {
    /// Returns who has to act, as a clause for the owner.
    pub fn words(self) -> &'static str {
        match self {
            Self::Owner => "the owner's side (yours) has to act",
            Self::Puller => "the puller's side has to act",
            Self::Organization => "the administrators of the organization have to act",
            Self::Unknown => "it does not tell which side has to act",
        }
    }
}

/// An error of a pull.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullError {
    /// `is not authorized to perform`, with all that AWS said.
    Denied(Denied),
    /// `no basic auth credentials`: nobody logged in to the registry.
    NotLoggedIn,
    /// `Your authorization token has expired`.
    TokenExpired,
    /// `name unknown`, `RepositoryNotFoundException`.
    NoRepository,
    /// `manifest unknown`: the repository answered, the image is not in it.
    NoImage,
    /// `toomanyrequests`.
    Throttled,
    /// `Lambda does not have permission to access the ECR image`.
    Lambda,
    /// `403 Forbidden` without a reason, as the answer to a HEAD has none; `pull access denied` alone.
    Refused,
    /// The registry was not reached.
    Unreachable,
    /// `ImagePullBackOff` or `ErrImagePull` without the reason.
    Waiting,
}

/// The words of each error that has words of its own, in small letters; the first row that fits counts.
const WORDS: &[(&str, PullError)] = &[
    ("no basic auth credentials", PullError::NotLoggedIn),
    ("authorization token has expired", PullError::TokenExpired),
    ("name unknown", PullError::NoRepository),
    ("repositorynotfoundexception", PullError::NoRepository),
    ("does not exist in the registry with id", PullError::NoRepository),
    ("manifest unknown", PullError::NoImage),
    ("imagenotfoundexception", PullError::NoImage),
    ("requested image not found", PullError::NoImage),
    ("toomanyrequests", PullError::Throttled),
    ("lambda does not have permission to access the ecr image", PullError::Lambda),
    ("403 forbidden", PullError::Refused),
    ("pull access denied", PullError::Refused),
    ("access denied exception", PullError::Refused),
    ("no such host", PullError::Unreachable),
    ("i/o timeout", PullError::Unreachable),
    ("tls handshake timeout", PullError::Unreachable),
    ("connection refused", PullError::Unreachable),
    ("imagepullbackoff", PullError::Waiting),
    ("errimagepull", PullError::Waiting),
];

impl PullError {
    /// Finds the error of a text: the one that says most. `None`: there is none.
    pub fn find_in(text: &str) -> Option<Self> {
        const DENIED: &str = "is not authorized to perform";
        // Terminals and mails break a message in the middle.
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(at) = flat.find(DENIED) {
            let before = flat.get(..at).unwrap_or_default();
            let from = before.rfind("User: ").unwrap_or(at);
            return Some(Self::Denied(Denied::read_message(flat.get(from..).unwrap_or_default())));
        }
        let lower = flat.to_ascii_lowercase();
        WORDS.iter().find(|(words, _)| lower.contains(words)).map(|(_, error)| error.clone())
    }

    /// Returns the ARN of the caller that was denied.
    pub fn caller(&self) -> Option<Arn> {
        let Self::Denied(denied) = self else { return None };
        Arn::parse(denied.caller.as_deref()?.trim_matches(['"', '\'', '`']))
    }

    /// Returns the denied action, such as `ecr:BatchGetImage`.
    pub fn action(&self) -> Option<&str> {
        let Self::Denied(denied) = self else { return None };
        denied.action.as_deref()
    }

    /// Returns the side that can mend it.
    pub fn side(&self) -> Side {
        match self {
            Self::Denied(denied) => denial_side(denied),
            Self::NotLoggedIn | Self::TokenExpired | Self::NoRepository | Self::Throttled | Self::Unreachable => {
                Side::Puller
            }
            Self::Lambda => Side::Owner,
            Self::NoImage | Self::Refused | Self::Waiting => Side::Unknown,
        }
    }

    /// Returns the meaning, in one clause.
    pub fn meaning(&self) -> String {
        match self {
            Self::Denied(denied) => denial_words(denied),
            Self::NotLoggedIn => "the puller is not logged in to this registry".to_owned(),
            Self::TokenExpired => "the puller's login is older than 12 hours".to_owned(),
            Self::NoRepository => "no repository of that name is in that account and Region".to_owned(),
            Self::NoImage => "access is there, and no image has that tag or digest".to_owned(),
            Self::Throttled => "too many pulls in a short time".to_owned(),
            Self::Lambda => "the policy does not let the Lambda service pull".to_owned(),
            Self::Refused => "the registry refused the pull and gave no reason".to_owned(),
            Self::Unreachable => "the puller's network does not reach the registry".to_owned(),
            Self::Waiting => "Kubernetes waits after a pull that failed, and the reason is not in this text".to_owned(),
        }
    }

    /// Returns the next step, in one clause.
    pub fn next_step(&self) -> String {
        match self {
            Self::Denied(denied) => denial_step(denied),
            Self::NotLoggedIn | Self::TokenExpired => {
                "the puller runs `aws ecr get-login-password` with `docker login` anew; the kit of step 6 has the line".to_owned()
            }
            Self::NoRepository => "compare the name, the account and the Region of the image with those of the repository".to_owned(),
            Self::NoImage => "push that tag, or let the puller name one that is there".to_owned(),
            Self::Throttled => "the puller waits and tries again".to_owned(),
            Self::Lambda => "grant with the recipe lambda, which writes both statements".to_owned(),
            Self::Refused => {
                "see whether the puller has access here; then the puller compares login, role and image, with a GET in place of a HEAD"
                    .to_owned()
            }
            Self::Unreachable => "the puller looks at DNS, proxy, NAT and VPC endpoints".to_owned(),
            Self::Waiting => "ask for the events: kubectl describe pod NAME".to_owned(),
        }
    }

    /// Returns meaning, side and next step as one sentence without a full stop.
    pub fn sentence(&self) -> String {
        format!("{}; {}: {}", self.meaning(), self.side().words(), self.next_step())
    }
}

fn is_token(denied: &Denied) -> bool {
    denied.action.as_deref() == Some("ecr:GetAuthorizationToken")
}

fn denial_side(denied: &Denied) -> Side {
    match denied.reason.map(|reason| reason.policy) {
        Some(PolicyKind::ServiceControl | PolicyKind::ResourceControl) => Side::Organization,
        Some(PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session | PolicyKind::Endpoint) => Side::Puller,
        _ if is_token(denied) => Side::Puller,
        Some(PolicyKind::Resource) => Side::Owner,
        None => Side::Unknown,
    }
}

fn denial_words(denied: &Denied) -> String {
    let action = denied.action.as_deref().unwrap_or("the action");
    match denied.reason {
        None if is_token(denied) => format!("{action} is denied, which every login needs"),
        None => format!("{action} is denied, without a reason"),
        Some(reason) => format!("{action} is denied: {}", reason.as_words()),
    }
}

fn denial_step(denied: &Denied) -> String {
    let action = denied.action.as_deref().unwrap_or("the action");
    match denied.reason {
        _ if denial_side(denied) == Side::Puller && is_token(denied) => {
            "the puller's identity policy has to allow ecr:GetAuthorizationToken on `*`; no repository policy can"
                .to_owned()
        }
        Some(reason) if reason.policy == PolicyKind::Resource && !reason.explicit => {
            "grant it here, once the ARN names the right repository: AWS says the same of one that does not exist"
                .to_owned()
        }
        Some(reason) if reason.policy == PolicyKind::Resource => {
            "find the Deny statement in the policy of the repository or of the registry".to_owned()
        }
        Some(reason) => reason.next_step(action),
        None => "see whether the policy here allows it; if it does, the puller's own policies have to".to_owned(),
    }
}
