//! `AccessDenied`: the denied caller, action and resource, and the side that can change it.
//!
//! Source of the pattern and of the reasons: the IAM user guide's page on access denied messages, and threads
//! (facts/ecr.md 4.2): `User: ARN is not authorized to perform: ACTION on resource: ARN because no TYPE policy allows
//! the ACTION action`, or `... with an explicit deny in a TYPE policy`, sometimes followed by the policy's ARN.

/// A denial, read from AWS's words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Denied {
    /// The ARN of the caller.
    pub caller: Option<String>,
    /// The action, such as `ecr:SetRepositoryPolicy`.
    pub action: Option<String>,
    /// The resource's ARN, or `*`.
    pub resource: Option<String>,
    /// The policy that is in the way.
    pub reason: Option<DenialReason>,
}

/// The kind of the policy that is in the way, and its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DenialReason {
    /// The kind of policy.
    pub policy: PolicyKind,
    /// True where it denies; false where it only does not allow.
    pub explicit: bool,
}

/// The kinds of policies that AWS names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// The caller's own.
    Identity,
    /// The repository's, or the registry's.
    Resource,
    /// An organization's service control policy.
    ServiceControl,
    /// An organization's resource control policy.
    ResourceControl,
    /// The caller's permissions boundary.
    Boundary,
    /// The policy of the caller's session.
    Session,
    /// The policy of a VPC endpoint.
    Endpoint,
}

impl Denied {
    /// Reads AWS's message; a part that is missing stays empty.
    pub fn read_message(message: &str) -> Self {
        let action = text_between(message, "perform: ", &[" ", ","]).map(trim_end);
        let resource = text_between(message, "on resource: ", &[" because", " with an", " "]).map(trim_end);
        let caller = text_between(message, "User: ", &[" is not"]).map(str::to_owned);
        Self { caller, action, resource, reason: find_reason(message) }
    }
}

fn trim_end(text: &str) -> String {
    text.trim_end_matches(['.', ',']).to_owned()
}

/// Returns the text between `start` and the first of `ends`, or the end of the message.
fn text_between<'a>(message: &'a str, start: &str, ends: &[&str]) -> Option<&'a str> {
    let (_, rest) = message.split_once(start)?;
    let rest = rest.lines().next().unwrap_or_default();
    let end = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
    let found = rest.get(..end)?.trim();
    (!found.is_empty()).then_some(found)
}

fn find_reason(message: &str) -> Option<DenialReason> {
    let (explicit, words) = if let Some(words) = text_between(message, "explicit deny in a", &[" policy", " boundary"])
    {
        (true, words.trim_start_matches("n ").trim())
    } else {
        (false, text_between(message, "because no ", &[" policy", " boundary"])?)
    };
    let policy = match words {
        "identity-based" => PolicyKind::Identity,
        "resource-based" => PolicyKind::Resource,
        "service control" => PolicyKind::ServiceControl,
        "resource control" => PolicyKind::ResourceControl,
        "permissions" => PolicyKind::Boundary,
        "session" => PolicyKind::Session,
        "VPC endpoint" => PolicyKind::Endpoint,
        _ => return None,
    };
    Some(DenialReason { policy, explicit })
}

impl DenialReason {
    /// Returns the policy and its effect as the end of a sentence.
    pub fn as_words(self) -> &'static str {
        match (self.policy, self.explicit) {
            (PolicyKind::Identity, false) => "no policy of that identity allows it",
            (PolicyKind::Identity, true) => "a policy of that identity denies it",
            (PolicyKind::Resource, false) => "no repository or registry policy allows it",
            (PolicyKind::Resource, true) => "the repository's or the registry's own policy denies it",
            (PolicyKind::ServiceControl, false) => "no service control policy of the organization allows it",
            (PolicyKind::ServiceControl, true) => "a service control policy of the organization denies it",
            (PolicyKind::ResourceControl, false) => "no resource control policy of the organization allows it",
            (PolicyKind::ResourceControl, true) => "a resource control policy of the organization denies it",
            (PolicyKind::Boundary, false) => "the permissions boundary does not allow it",
            (PolicyKind::Boundary, true) => "the permissions boundary denies it",
            (PolicyKind::Session, false) => "the policy of the session does not allow it",
            (PolicyKind::Session, true) => "the policy of the session denies it",
            (PolicyKind::Endpoint, false) => "the policy of the VPC endpoint does not allow it",
            (PolicyKind::Endpoint, true) => "the policy of the VPC endpoint denies it",
        }
    }

    /// Returns the next step: the person who can change it.
    pub fn next_step(self, action: &str) -> String {
        match (self.policy, self.explicit) {
            (PolicyKind::Identity | PolicyKind::Boundary, _) => format!(
                "ask who manages the permissions of that role or user to allow {action}, or choose another account or role"
            ),
            (PolicyKind::Resource, false) => {
                "check the repository's name, account and Region: AWS says the same about a \
                repository that does not exist; in another account its owner has to allow it"
                    .to_owned()
            }
            (PolicyKind::Resource, true) => {
                "use an identity that the Deny spares, and change that statement there".to_owned()
            }
            (PolicyKind::ServiceControl | PolicyKind::ResourceControl, _) => {
                "ask the administrators of the organization: nobody in the account can allow it".to_owned()
            }
            (PolicyKind::Session, _) => format!("sign in with a session whose policy allows {action}"),
            (PolicyKind::Endpoint, _) => {
                format!("ask who runs the VPC endpoint to allow {action}, or go another way than through it")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_is_read_with_its_reason() {
        let denied = Denied::read_message(
            "User: arn:aws:sts::222222222222:assumed-role/Dev/ana is not authorized to perform: ecr:SetRepositoryPolicy \
             on resource: arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp because no identity-based policy \
             allows the ecr:SetRepositoryPolicy action",
        );
        assert_eq!(denied.caller.as_deref(), Some("arn:aws:sts::222222222222:assumed-role/Dev/ana"));
        assert_eq!(denied.action.as_deref(), Some("ecr:SetRepositoryPolicy"));
        assert_eq!(denied.resource.as_deref(), Some("arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp"));
        assert_eq!(denied.reason, Some(DenialReason { policy: PolicyKind::Identity, explicit: false }));
    }

    #[test]
    fn every_reason_that_aws_names_is_known() {
        let allow = "User: a is not authorized to perform: ecr:X on resource: * because no";
        let deny = "User: a is not authorized to perform: ecr:X on resource: * with an explicit deny in a";
        for (policy, words, article) in [
            (PolicyKind::Identity, "identity-based policy", "n"),
            (PolicyKind::Resource, "resource-based policy", ""),
            (PolicyKind::ServiceControl, "service control policy", ""),
            (PolicyKind::ResourceControl, "resource control policy", ""),
            (PolicyKind::Boundary, "permissions boundary", ""),
            (PolicyKind::Session, "session policy", ""),
            (PolicyKind::Endpoint, "VPC endpoint policy", ""),
        ] {
            let read = |text: String| Denied::read_message(&text).reason;
            assert_eq!(
                read(format!("{allow} {words} allows the ecr:X action")),
                Some(DenialReason { policy, explicit: false })
            );
            assert_eq!(
                read(format!("{deny}{article} {words}")),
                Some(DenialReason { policy, explicit: true }),
                "{words}"
            );
            let with_arn = format!("{deny}{article} {words}: arn:aws:organizations::1:policy/o-1/p-1");
            assert_eq!(read(with_arn), Some(DenialReason { policy, explicit: true }));
        }
    }

    #[test]
    fn an_old_message_without_a_reason_still_names_the_action() {
        let denied = Denied::read_message(
            "User: arn:aws:iam::222222222222:user/ana is not authorized to perform: ecr:ListImages",
        );
        assert_eq!(denied.action.as_deref(), Some("ecr:ListImages"));
        assert_eq!((denied.resource, denied.reason), (None, None));
        assert_eq!(Denied::read_message("Access Denied"), Denied::default());
        assert_eq!(Denied::read_message(""), Denied::default());
    }
}
