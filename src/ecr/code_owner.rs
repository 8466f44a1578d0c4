//! Tools of infrastructure as code that own a repository, as its tags tell: `assets/code-owners.json`.

use std::sync::LazyLock;

use ecr_policy::text::glob::glob_ignoring_case;

use super::Failure;

/// The tag that names a resource within its `CloudFormation` template.
const LOGICAL_ID: &str = "aws:cloudformation:logical-id";

/// The values by which a tag says that a tool does not own the resource.
const DENIALS: [&str; 4] = ["false", "no", "none", "0"];

/// The form of code in which a policy is handed to a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CodeForm {
    /// `aws_ecr_repository_policy`.
    Terraform,
    /// `RepositoryPolicyText` of `AWS::ECR::Repository`.
    CloudFormation,
    /// `addToResourcePolicy` of a repository, in TypeScript.
    Cdk,
    /// `aws.ecr.RepositoryPolicy`, in TypeScript.
    Pulumi,
    /// `RepositoryPolicy` of Upbound's provider for ECR.
    Crossplane,
    /// `policy` of ACK's `Repository`.
    Ack,
}

/// The weight of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// AWS alone can set such a tag.
    Proves,
    /// Anybody can set it.
    Hints,
}

/// The tool that owns a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeOwner {
    /// The tool, such as `Terraform`.
    pub tool: &'static str,
    /// Its name of what holds the repository, such as a stack's.
    pub name: Option<String>,
    /// The tag that tells, key and value.
    pub tag: (String, String),
    /// The form in which the tool takes a policy.
    pub form: CodeForm,
    /// The name of the repository within a `CloudFormation` template.
    pub logical_id: Option<String>,
    noun: Option<&'static str>,
    run: &'static str,
}

/// The knowledge of the code that owns a repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Ownership {
    /// The tags were not read.
    #[default]
    NotAsked,
    /// The tags could not be read: why.
    NotKnown(String),
    /// No tag tells of code, which is no proof that there is none.
    Untold,
    /// A tag hints at a tool.
    Hinted(CodeOwner),
    /// A tag that only AWS can set proves it.
    Proved(CodeOwner),
}

impl Ownership {
    /// Takes the tags of a repository, keys and values.
    pub fn of_tags(tags: &[(String, String)]) -> Self {
        let find = |certainty: Certainty| {
            let mut rows = TABLE.rows.iter().filter(move |row| row.certainty == certainty);
            rows.find_map(|row| Some((row, row.find_tag(tags)?)))
        };
        let hint = find(Certainty::Hints);
        let owner = |row: &'static OwnerRow, tag: &(String, String)| {
            // A tool that works by the proved one knows a form of its own.
            let through = hint.filter(|(hint, _)| hint.through.as_deref() == Some(&row.tool));
            CodeOwner {
                tool: &row.tool,
                name: row.name_in(&tag.1),
                tag: tag.clone(),
                form: through.map_or(row.form, |(hint, _)| hint.form),
                logical_id: tags.iter().find(|(key, _)| key == LOGICAL_ID).map(|(_, value)| value.clone()),
                noun: row.noun.as_deref(),
                run: &row.run,
            }
        };
        match (find(Certainty::Proves), hint) {
            (Some((row, tag)), _) => Self::Proved(owner(row, tag)),
            (None, Some((row, tag))) => Self::Hinted(owner(row, tag)),
            (None, None) => Self::Untold,
        }
    }

    /// Takes what a read of the tags answered.
    pub fn of_read(read: Result<Vec<(String, String)>, Failure>) -> Self {
        read.map_or_else(|failure| Self::NotKnown(failure.what), |tags| Self::of_tags(&tags))
    }

    /// Returns the owner, proved or hinted at.
    pub fn owner(&self) -> Option<&CodeOwner> {
        match self {
            Self::Hinted(owner) | Self::Proved(owner) => Some(owner),
            Self::NotAsked | Self::NotKnown(_) | Self::Untold => None,
        }
    }

    /// Returns the owner that a tag proves.
    pub fn proved_owner(&self) -> Option<&CodeOwner> {
        match self {
            Self::Proved(owner) => Some(owner),
            Self::NotAsked | Self::NotKnown(_) | Self::Untold | Self::Hinted(_) => None,
        }
    }

    /// Returns the certainty in one word for programs.
    pub fn certainty_name(&self) -> &'static str {
        match self {
            Self::NotAsked => "not-asked",
            Self::NotKnown(_) => "not-known",
            Self::Untold => "untold",
            Self::Hinted(_) => "hinted",
            Self::Proved(_) => "proved",
        }
    }

    /// Returns what must be known before a write, as a clause. None: nothing.
    pub fn words(&self) -> Option<String> {
        match self {
            Self::NotAsked | Self::Untold => None,
            Self::NotKnown(why) => Some(format!("not known whether code owns it, its tags cannot be read: {why}")),
            Self::Proved(owner) => Some(format!("owned by {}: its next {} may undo this", owner.words(), owner.run)),
            Self::Hinted(owner) => {
                let (key, value) = &owner.tag;
                Some(format!(
                    "its tag {key} = {value} hints that {} owns it: the next {} may undo this",
                    owner.words(),
                    owner.run
                ))
            }
        }
    }
}

impl CodeOwner {
    /// Returns the owner in words, such as `the CloudFormation stack registry`.
    pub fn words(&self) -> String {
        let noun = self.noun.unwrap_or(self.tool);
        self.name.as_ref().map_or_else(|| noun.to_owned(), |name| format!("{noun} {name}"))
    }
}

/// One row of the table.
#[derive(Debug, serde::Deserialize)]
struct OwnerRow {
    tool: String,
    /// The words for what owns, before its name; none: the tool.
    noun: Option<String>,
    certainty: Certainty,
    /// The run that may undo a write.
    run: String,
    #[serde(rename = "snippet")]
    form: CodeForm,
    /// The tool by which this one works.
    through: Option<String>,
    /// Patterns of keys, without regard to letter case.
    keys: Vec<String>,
    /// The pattern of the value; none: any.
    value: Option<String>,
    /// The part of the value that is the owner's name.
    name: Option<NamePlace>,
}

#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum NamePlace {
    Value,
    /// The part between the first and the second `/` of an ARN.
    Arn,
}

impl OwnerRow {
    fn find_tag<'t>(&self, tags: &'t [(String, String)]) -> Option<&'t (String, String)> {
        tags.iter().find(|(key, value)| {
            self.keys.iter().any(|pattern| glob_ignoring_case(pattern, key))
                && match &self.value {
                    Some(pattern) => glob_ignoring_case(pattern, value),
                    None => !DENIALS.iter().any(|denial| denial.eq_ignore_ascii_case(value.trim())),
                }
        })
    }

    fn name_in(&self, value: &str) -> Option<String> {
        match self.name? {
            NamePlace::Value => Some(value.to_owned()),
            NamePlace::Arn => value.split('/').nth(1).map(str::to_owned),
        }
    }
}

#[derive(Debug, serde::Deserialize)]
struct OwnerTable {
    rows: Vec<OwnerRow>,
}

static TABLE: LazyLock<OwnerTable> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../assets/code-owners.json")).unwrap_or(OwnerTable { rows: Vec::new() })
});

#[cfg(test)]
mod tests {
    use super::*;

    /// The part of a row that tests alone read.
    #[derive(serde::Deserialize)]
    struct Extra {
        example: (String, String),
        source: String,
    }

    fn extras() -> Vec<Extra> {
        #[derive(serde::Deserialize)]
        struct Table {
            rows: Vec<Extra>,
        }
        serde_json::from_str::<Table>(include_str!("../../assets/code-owners.json")).unwrap().rows
    }

    fn tags(tags: &[(&str, &str)]) -> Vec<(String, String)> {
        tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn each_row_finds_its_example_among_others_and_proves_by_keys_of_aws_alone() {
        assert_eq!(TABLE.rows.len(), extras().len());
        for (row, extra) in TABLE.rows.iter().zip(extras()) {
            assert!(!extra.source.is_empty());
            let is_of_aws = row.keys.iter().all(|key| key.starts_with("aws:"));
            assert_eq!(row.certainty == Certainty::Proves, is_of_aws, "{row:?}");
            let among = [tags(&[("team", "payments"), ("Name", "app")]), vec![extra.example.clone()]].concat();
            let found = Ownership::of_tags(&among);
            let owner = found.owner().unwrap_or_else(|| panic!("{row:?}"));
            assert_eq!(
                (owner.tool, owner.form, &owner.tag),
                (row.tool.as_str(), row.form, &extra.example),
                "{found:?}"
            );
            assert_eq!(found.proved_owner().is_some(), is_of_aws);
            let upper = vec![(extra.example.0.to_uppercase(), extra.example.1.to_uppercase())];
            assert!(Ownership::of_tags(&upper).owner().is_some(), "{upper:?}");
            // A hint beside a proof changes no owner.
            let both = [tags(&[("aws:cloudformation:stack-name", "registry")]), vec![extra.example]].concat();
            let both = Ownership::of_tags(&both);
            assert_eq!(both.proved_owner().map(|owner| owner.tool), Some("CloudFormation"));
        }
    }

    #[test]
    fn tags_of_people_tell_of_no_code() {
        for pair in [
            ("team", "terraform"),
            ("Name", "pulumi-images"),
            ("managed-by", "ana"),
            ("cost-centre", "4410"),
            ("my-aws:cloudformation:stack-name", "x"),
            ("pci", "yes"),
            ("terraform", "false"),
            ("pulumi:stack", "None"),
        ] {
            assert_eq!(Ownership::of_tags(&tags(&[pair])), Ownership::Untold, "{pair:?}");
        }
        assert_eq!(Ownership::of_tags(&[]), Ownership::Untold);
        assert_eq!(Ownership::Untold.words(), None);
    }

    #[test]
    fn a_stack_is_named_and_its_cdk_takes_a_form_of_its_own() {
        let stack = ("aws:cloudformation:stack-name", "registry");
        let id = "arn:aws:cloudformation:eu-west-2:222222222222:stack/registry/5b3f2f60";
        let found = Ownership::of_tags(&tags(&[("aws:cloudformation:logical-id", "Images"), stack]));
        assert_eq!(
            found.words().as_deref(),
            Some("owned by the CloudFormation stack registry: its next deploy may undo this")
        );
        assert_eq!(found.owner().unwrap().logical_id.as_deref(), Some("Images"));
        assert_eq!(found.owner().unwrap().form, CodeForm::CloudFormation);
        let found = Ownership::of_tags(&tags(&[("aws:cloudformation:stack-id", id)]));
        assert_eq!(found.owner().unwrap().name.as_deref(), Some("registry"));
        let found = Ownership::of_tags(&tags(&[stack, ("aws-cdk:auto-delete-images", "true")]));
        assert_eq!((found.certainty_name(), found.owner().unwrap().form), ("proved", CodeForm::Cdk));
        let found = Ownership::of_tags(&tags(&[("ManagedBy", "Terraform Cloud")]));
        assert_eq!(
            found.words().as_deref(),
            Some("its tag ManagedBy = Terraform Cloud hints that Terraform owns it: the next apply may undo this")
        );
    }
}
