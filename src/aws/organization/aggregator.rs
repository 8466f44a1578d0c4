//! An aggregator of AWS Config: what it covers, and the ECR resources that it recorded. Source: AWS Config API Reference,
//! `SelectAggregateResourceConfig` and `DescribeConfigurationAggregatorSourcesStatus`.

use serde_json::{Value, json};

use super::{JsonAsker, next_page, text_of};
use crate::ecr::{AccountId, Failure, FailureKind, Region};

/// A type of resource that is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// A repository, with its policy.
    Repository,
    /// The policy of a registry.
    RegistryPolicy,
    /// A template for repositories that are made later.
    CreationTemplate,
    /// The replication of a registry.
    Replication,
}

impl ResourceKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Repository, Self::RegistryPolicy, Self::CreationTemplate, Self::Replication];

    /// Returns the name of the type at AWS Config.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Repository => "AWS::ECR::Repository",
            Self::RegistryPolicy => "AWS::ECR::RegistryPolicy",
            Self::CreationTemplate => "AWS::ECR::RepositoryCreationTemplate",
            Self::Replication => "AWS::ECR::ReplicationConfiguration",
        }
    }

    fn expression(self) -> String {
        let kind = self.type_name();
        let field = match self {
            Self::Repository => "configuration.RepositoryPolicyText",
            Self::RegistryPolicy => "configuration.PolicyText",
            Self::CreationTemplate => "configuration",
            Self::Replication => "configuration.ReplicationConfiguration",
        };
        // A field that is not named is not returned, and no test for a missing one exists.
        format!(
            "SELECT accountId, awsRegion, arn, resourceName, configurationItemCaptureTime, recordingFrequency, {field} \
             WHERE resourceType = '{kind}' AND configurationItemStatus IN ('ResourceDiscovered', 'OK')"
        )
    }
}

/// A resource as AWS Config recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedResource {
    /// The account that owns it.
    pub account: AccountId,
    /// Its Region.
    pub region: Region,
    /// Its name: that of the repository.
    pub name: String,
    /// The configuration; a policy in it is an object, `{}` where there is none. Key order, duplicate keys and size are
    /// lost on the way.
    pub configuration: Value,
    /// The time of the record, in RFC 3339, where it is told.
    pub captured: Option<String>,
}

/// One account and Region of the aggregator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceStatus {
    /// The account; none: the source is the whole organization.
    pub account: Option<AccountId>,
    /// The Region, where it is told.
    pub region: Option<Region>,
    /// Tells whether the last update went well.
    pub is_current: bool,
    /// The time of the last update, in seconds since 1970-01-01 UTC.
    pub updated: Option<i64>,
    /// AWS's code of the last failure.
    pub problem: Option<String>,
}

/// The reach of the aggregator's data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// All accounts and Regions that it is to read.
    pub sources: Vec<SourceStatus>,
}

impl Coverage {
    /// Returns how many of them were read well the last time.
    pub fn count_current(&self) -> usize {
        self.sources.iter().filter(|source| source.is_current).count()
    }

    /// Returns the time of the oldest data, in seconds since 1970-01-01 UTC.
    pub fn oldest_update(&self) -> Option<i64> {
        self.sources.iter().filter_map(|source| source.updated).min()
    }
}

/// An aggregator, asked with one source's credentials.
#[derive(Debug)]
pub struct Aggregator {
    pub(in crate::aws) asker: JsonAsker,
    pub(in crate::aws) name: String,
}

const SELECT: &str = "SelectAggregateResourceConfig";
const SOURCES: &str = "DescribeConfigurationAggregatorSourcesStatus";
/// The largest page (source: the API model).
const PAGE: u32 = 100;

impl Aggregator {
    /// Reads what the aggregator covers, and how old its data is.
    pub async fn read_coverage(&self) -> Result<Coverage, Failure> {
        let mut sources = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let input = self.page_input(json!({ "Limit": PAGE }), token.as_deref());
            let answer = self.asker.ask(SOURCES, &input).await.map_err(|failure| self.name_aggregator(failure))?;
            let page = answer.get("AggregatedSourceStatusList").and_then(Value::as_array);
            sources.extend(page.into_iter().flatten().map(read_status));
            token = next_page(token.as_deref(), &answer, SOURCES)?;
            if token.is_none() {
                return Ok(Coverage { sources });
            }
        }
    }

    /// Reads all resources of a kind, page by page; `take` gets each page as it comes. Pages of one kind come one after
    /// the other, since each names the next.
    pub async fn read_resources(
        &self,
        kind: ResourceKind,
        mut take: impl FnMut(Vec<RecordedResource>),
    ) -> Result<(), Failure> {
        let expression = kind.expression();
        let mut token: Option<String> = None;
        loop {
            let input = self.page_input(json!({ "Expression": expression, "MaxResults": PAGE }), token.as_deref());
            let answer = self.asker.ask(SELECT, &input).await.map_err(|failure| self.name_aggregator(failure))?;
            let page = answer.get("Results").and_then(Value::as_array);
            let page = page.ok_or_else(|| self.asker.without_part(SELECT, "results"))?;
            let read = |text: &Value| {
                text.as_str()
                    .and_then(read_resource)
                    .ok_or_else(|| self.asker.without_part(SELECT, "account or Region"))
            };
            take(page.iter().map(read).collect::<Result<_, _>>()?);
            token = next_page(token.as_deref(), &answer, SELECT)?;
            if token.is_none() {
                return Ok(());
            }
        }
    }

    fn page_input(&self, mut input: Value, token: Option<&str>) -> Value {
        if let Some(fields) = input.as_object_mut() {
            fields.insert("ConfigurationAggregatorName".to_owned(), self.name.as_str().into());
            if let Some(token) = token {
                fields.insert("NextToken".to_owned(), token.into());
            }
        }
        input
    }

    /// Says which aggregator is missing, and where it was looked for.
    fn name_aggregator(&self, failure: Failure) -> Failure {
        let code = failure.aws.as_ref().map(|aws| aws.code.as_str());
        if code != Some("NoSuchConfigurationAggregatorException") {
            return failure;
        }
        let aws = failure.aws.clone();
        let region = &self.asker.origin.region;
        let mut named = Failure::new(
            FailureKind::Setup,
            format!("There is no aggregator {} of AWS Config in {region}", self.name),
            "check its name, its account and its Region: an aggregator belongs to one Region",
        )
        .with_command(format!("aws configservice describe-configuration-aggregators --region {region}"));
        named.aws = aws;
        named
    }
}

fn read_status(status: &Value) -> SourceStatus {
    #[expect(clippy::cast_possible_truncation, reason = "a time in whole seconds")]
    let updated = status.get("LastUpdateTime").and_then(Value::as_f64).map(|seconds| seconds as i64);
    SourceStatus {
        account: text_of(status, "SourceId").and_then(|id| AccountId::parse(id).ok()),
        region: text_of(status, "AwsRegion").and_then(|region| Region::parse(region).ok()),
        is_current: text_of(status, "LastUpdateStatus") == Some("SUCCEEDED"),
        updated,
        problem: text_of(status, "LastErrorCode").map(str::to_owned),
    }
}

/// Reads a result: a JSON document in a text. `configuration` may be a text that holds JSON too.
fn read_resource(text: &str) -> Option<RecordedResource> {
    let item: Value = serde_json::from_str(text).ok()?;
    let configuration = match item.get("configuration") {
        Some(Value::String(text)) => serde_json::from_str(text).ok()?,
        Some(found) => found.clone(),
        None => Value::Null,
    };
    Some(RecordedResource {
        account: AccountId::parse(text_of(&item, "accountId")?).ok()?,
        region: Region::parse(text_of(&item, "awsRegion")?).ok()?,
        name: text_of(&item, "resourceName").unwrap_or_default().to_owned(),
        configuration,
        captured: text_of(&item, "configurationItemCaptureTime").map(str::to_owned),
    })
}
