//! Service principals: which AWS services pull from ECR by themselves, and who pulls in place of the others. The table
//! is `assets/services.json`; `grant --to`, the wizard and the checks all read it.

use std::sync::LazyLock;

/// The principal of AWS Lambda.
pub const LAMBDA: &str = "lambda.amazonaws.com";

/// The Sid of the statement that AWS Lambda adds by itself. Source: Lambda developer guide, permissions for images.
pub const LAMBDAS_SID: &str = "LambdaECRImageRetrievalPolicy";

/// The identity that calls ECR for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asker {
    /// The service principal itself.
    Service,
    /// An execution role, of a task, a pod or a job.
    ExecutionRole,
    /// The role that a task or container has of its own.
    TaskRole,
    /// The role of an instance.
    InstanceRole,
    /// The role of the nodes of a cluster.
    NodeRole,
    /// The role that App Runner is given for a private repository.
    AccessRole,
    /// The role that Lightsail makes for a container service.
    ContainerServiceRole,
    /// The service role of a pipeline.
    ServiceRole,
    /// A role that belongs to a service, in the registry's own account.
    ServiceLinkedRole,
}

/// The facts about a service principal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct ServiceInfo {
    /// The principal without `.amazonaws.com`, such as `lambda`.
    pub name: String,
    /// The service's own name, such as `AWS Lambda`.
    pub title: String,
    /// The identity that calls ECR.
    pub asks: Asker,
    /// The workloads for which the service itself pulls; `None` for one that does not pull by itself.
    pub runs: Option<String>,
    /// The party that pulls in place of a service that does not by itself, as a sentence.
    pub instead: Option<String>,
    /// The condition keys that AWS's own page uses with this principal.
    pub conditions: Vec<String>,
    /// The reason why the repository has to be in the Region of the workload, as a sentence; `None` where it need not
    /// be.
    pub same_region: Option<String>,
    /// AWS's page that says so.
    pub source: String,
}

impl ServiceInfo {
    /// Returns the principal's full name, such as `lambda.amazonaws.com`.
    pub fn principal_name(&self) -> String {
        format!("{}.amazonaws.com", self.name)
    }

    /// Tells whether the service pulls by itself, on behalf of an account's workloads.
    pub fn is_puller(&self) -> bool {
        self.asks == Asker::Service
    }
}

#[derive(serde::Deserialize)]
struct ServiceTable {
    services: Vec<ServiceInfo>,
}

static TABLE: LazyLock<Vec<ServiceInfo>> = LazyLock::new(|| {
    serde_json::from_str::<ServiceTable>(include_str!("../../assets/services.json"))
        .map_or_else(|_| Vec::new(), |t| t.services)
});

/// Returns every service of the table, those that pull first.
pub fn all_services() -> &'static [ServiceInfo] {
    &TABLE
}

/// Finds a service principal by its name, `lambda.amazonaws.com` or its form in China; small letters only.
pub fn find_service(principal: &str) -> Option<&'static ServiceInfo> {
    let stem = service_stem(principal)?;
    TABLE.iter().find(|info| info.name == stem)
}

/// Returns the part of a principal's name before `.amazonaws.com` or `.amazonaws.com.cn`.
pub fn service_stem(principal: &str) -> Option<&str> {
    let stem = principal.strip_suffix(".amazonaws.com").or_else(|| principal.strip_suffix(".amazonaws.com.cn"))?;
    has_name_parts(stem).then_some(stem)
}

/// Tells whether a text has the form of a service principal: parts of small letters, digits and hyphens, set apart by
/// dots, such as `lambda.amazonaws.com` or `pullthroughcache.ecr`.
pub fn is_service_form(text: &str) -> bool {
    text.contains('.') && has_name_parts(text)
}

fn has_name_parts(text: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    text.split('.').all(|part| !part.is_empty() && part.bytes().all(is_letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_either_pulls_or_names_who_pulls_in_its_stead() {
        assert!(!all_services().is_empty());
        for info in all_services() {
            assert_eq!(info.is_puller(), info.runs.is_some(), "{}", info.name);
            assert_eq!(info.is_puller(), info.instead.is_none(), "{}", info.name);
            assert!(info.instead.as_ref().is_none_or(|who| who.contains("role")), "{}", info.name);
            assert_eq!(find_service(&info.principal_name()), Some(info));
            assert_eq!(info.is_puller(), !info.conditions.is_empty(), "{}", info.name);
            assert!(info.source.starts_with("https://docs.aws.amazon.com/"), "{}", info.name);
            assert!(info.conditions.iter().all(|key| crate::ecr::condition::find_key(key).is_some()), "{}", info.name);
        }
    }

    #[test]
    fn only_the_form_of_a_service_name_has_a_stem() {
        assert_eq!(service_stem("build.apprunner.amazonaws.com"), Some("build.apprunner"));
        assert_eq!(service_stem("lambda.amazonaws.com.cn"), Some("lambda"));
        for text in ["amazonaws.com", ".amazonaws.com", "Lambda.amazonaws.com", "a..amazonaws.com", "example.com"] {
            assert_eq!(service_stem(text), None, "{text}");
        }
    }
}
