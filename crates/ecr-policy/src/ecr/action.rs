//! The table of ECR's IAM actions, `assets/actions.json`: what each allows, its access level, and what it can do to the
//! owner when somebody else holds it. Source: the service authorization reference of Amazon ECR.

use std::sync::LazyLock;

/// IAM's access level of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
pub enum AccessLevel {
    /// Lists things.
    List,
    /// Reads content or settings.
    Read,
    /// Changes content or settings.
    Write,
    /// Changes tags.
    Tagging,
    /// Changes who has access.
    #[serde(rename = "Permissions management")]
    PermissionsManagement,
}

impl AccessLevel {
    /// IAM's own words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Tagging => "Tagging",
            Self::PermissionsManagement => "Permissions",
        }
    }
}

/// The risk for the owner when another party holds an action, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Acts on the whole registry; a repository policy never controls it.
    Account,
    /// Needed for a pull.
    Pull,
    /// Shows names, tags, sizes, settings.
    Browse,
    /// Shows who else has access.
    Leak,
    /// Changes settings.
    Settings,
    /// Puts images in, possibly over existing tags.
    Push,
    /// Makes images or the repository vanish, or can.
    Delete,
    /// Changes the policy itself: hands over the repository.
    Policy,
}

impl Risk {
    /// One word for a column; empty where there is nothing to warn of.
    pub fn short_word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Pull | Self::Browse => "",
            Self::Leak => "leaks",
            Self::Settings => "settings",
            Self::Push => "push",
            Self::Delete => "deletes",
            Self::Policy => "takes over",
        }
    }

    /// Tells whether granting it asks for a typed confirmation.
    pub fn is_dangerous(self) -> bool {
        self >= Self::Push
    }
}

/// One action of the table.
#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
pub struct ActionInfo {
    /// The name without prefix, such as `BatchGetImage`.
    pub name: String,
    /// IAM's access level.
    pub level: AccessLevel,
    /// The risk for the owner.
    pub risk: Risk,
    scope: Scope,
    api: bool,
    /// The words for what it allows: one clause without a full stop.
    pub words: String,
}

#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scope {
    Repository,
    Registry,
}

impl ActionInfo {
    /// The name as a policy writes it, `ecr:BatchGetImage`.
    pub fn iam_name(&self) -> String {
        format!("ecr:{}", self.name)
    }

    /// Tells whether a repository policy can control it at all; the rest are account-level.
    pub fn is_repository_level(&self) -> bool {
        self.scope == Scope::Repository
    }

    /// The reference page; actions that are permissions only (no API operation of that name) share one page.
    pub fn documentation_url(&self) -> String {
        if self.api {
            format!("https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_{}.html", self.name)
        } else {
            "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html"
                .to_owned()
        }
    }
}

/// The actions that a pull calls. Source: ECR user guide, IAM permissions for pulling an image.
pub const PULL: &[&str] = &["BatchGetImage", "GetDownloadUrlForLayer"];

/// The actions that a push calls. Source: ECR user guide, IAM permissions for pushing an image.
pub const PUSH: &[&str] =
    &["PutImage", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "BatchCheckLayerAvailability"];

/// Returns what only a push calls. `BatchCheckLayerAvailability` is in the usual sets of a pull too, so that a party may
/// have it before it may push.
pub fn only_of_push() -> impl Iterator<Item = &'static str> {
    PUSH.iter().copied().filter(|name| find_action(name).is_some_and(|info| info.risk == Risk::Push))
}

/// All actions, pull first, in the order in which the screens list them.
pub fn all_actions() -> &'static [ActionInfo] {
    &TABLE.actions
}

/// The actions that a repository policy can control.
pub fn repository_level() -> impl Iterator<Item = &'static ActionInfo> {
    all_actions().iter().filter(|a| a.is_repository_level())
}

/// Finds an action by name, with or without `ecr:`; letter case does not count, as in IAM.
pub fn find_action(name: &str) -> Option<&'static ActionInfo> {
    let bare = match name.split_once(':') {
        Some((service, bare)) if service.eq_ignore_ascii_case("ecr") => bare,
        Some(_) => return None,
        None => name,
    };
    all_actions().iter().find(|a| a.name.eq_ignore_ascii_case(bare))
}

/// The action under which a call of the API that is none of its own is authorised; letter case does not count.
/// Source: API model of `ListImageReferrers`.
pub fn authorised_as(call: &str) -> Option<&'static str> {
    call.eq_ignore_ascii_case("ListImageReferrers").then_some("BatchGetImage")
}

#[derive(serde::Deserialize)]
struct ActionTable {
    actions: Vec<ActionInfo>,
}

static TABLE: LazyLock<ActionTable> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../assets/actions.json")).unwrap_or(ActionTable { actions: Vec::new() })
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        assert_eq!(all_actions().len(), 64);
        assert_eq!(repository_level().count(), 35);
        let mut names: Vec<_> = all_actions().iter().map(|a| &a.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 64);
    }

    #[test]
    fn finds_names_as_iam_does() {
        assert_eq!(find_action("ecr:batchgetimage").unwrap().name, "BatchGetImage");
        assert_eq!(find_action("PutImage").unwrap().risk, Risk::Push);
        assert!(find_action("s3:GetObject").is_none());
        assert!(find_action("ecr:ListImage").is_none());
        assert!(!find_action("GetAuthorizationToken").unwrap().is_repository_level());
        for name in ["Start", "Stop"].map(|verb| format!("ecr:{verb}ReplicationBackfill")) {
            assert!(!find_action(&name).unwrap().is_repository_level(), "{name}");
        }
    }

    #[test]
    fn a_pull_and_a_push_are_what_the_table_and_the_recipes_say() {
        let risks = |set: &[&str]| set.iter().map(|name| find_action(name).unwrap().risk).collect::<Vec<_>>();
        assert!(risks(PULL).iter().all(|risk| *risk == Risk::Pull));
        assert!(risks(PUSH).iter().all(|risk| matches!(risk, Risk::Push | Risk::Pull)));
        assert!(only_of_push().eq(PUSH[..4].iter().copied()));
        let of_recipe = |name: &str| -> Vec<&str> {
            let recipe = crate::ecr::recipe::find_recipe(name).unwrap();
            recipe.repository_actions().map(|action| action.name.as_str()).collect()
        };
        for recipe in crate::ecr::recipe::all_recipes().iter().filter(|recipe| !recipe.is_custom()) {
            assert!(PULL.iter().all(|name| of_recipe(&recipe.name).contains(name)), "{}", recipe.name);
        }
        let (both, written) = (of_recipe("push-pull"), [PULL, PUSH].concat());
        assert!(both.iter().all(|name| written.contains(name)) && both.len() == written.len(), "{both:?}");
    }

    #[test]
    fn danger_begins_with_push() {
        assert!(Risk::Push.is_dangerous() && Risk::Policy.is_dangerous());
        assert!(!Risk::Leak.is_dangerous() && !Risk::Pull.is_dangerous());
    }
}
