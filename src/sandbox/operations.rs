//! The operations that the sandbox has, for its help and for its answer to any other operation.

/// ECR's operations.
pub const ECR_OPERATIONS: [&str; 15] = [
    "DeleteRegistryPolicy",
    "DeleteRepositoryPolicy",
    "DescribeImages",
    "DescribeRegistry",
    "DescribeRepositories",
    "DescribeRepositoryCreationTemplates",
    "GetAccountSetting",
    "GetAuthorizationToken",
    "GetRegistryPolicy",
    "GetRepositoryPolicy",
    "ListImages",
    "ListTagsForResource",
    "PutAccountSetting",
    "PutRegistryPolicy",
    "SetRepositoryPolicy",
];

/// AWS Config's operations.
pub const CONFIG_OPERATIONS: [&str; 3] = [
    "DescribeConfigurationAggregatorSourcesStatus",
    "DescribeConfigurationAggregators",
    "SelectAggregateResourceConfig",
];

/// The operations of AWS Organizations.
pub const ORGANIZATIONS_OPERATIONS: [&str; 1] = ["ListAccounts"];

/// STS's operations.
pub const STS_OPERATIONS: [&str; 2] = ["AssumeRole", "GetCallerIdentity"];

/// The longest name of an operation that an answer repeats, in characters.
const LONGEST: usize = 64;

/// Builds the answer to an operation that is missing; it lists those that exist.
pub(super) fn missing_operation(service: &str, operation: &str, there: &[&str]) -> String {
    let name: String = operation.chars().filter(char::is_ascii_alphanumeric).take(LONGEST).collect();
    let named = if name.is_empty() { "such operation".to_owned() } else { name };
    format!("the sandbox of ecr-grant has no {named} of {service}; it has {}", there.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_those_that_the_service_answers() {
        let quoted = |text: &'static str, from: &str, to: &str| -> Vec<&'static str> {
            let (_, rest) = text.split_once(from).unwrap();
            let (body, _) = rest.split_once(to).unwrap();
            let mut names: Vec<&str> = body
                .lines()
                .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" =>").map(|(name, _)| name))
                .filter(|name| !name.is_empty())
                .collect();
            names.sort_unstable();
            names
        };
        let ecr = quoted(include_str!("service.rs"), "match ask.operation {", "_ =>");
        assert_eq!(ecr, ECR_OPERATIONS);
        let sts = quoted(include_str!("sts.rs"), "match operation {", "other =>");
        assert_eq!(sts, STS_OPERATIONS);
        let config = quoted(include_str!("config_service/mod.rs"), "match ask.operation {", "_ =>");
        assert_eq!(config, CONFIG_OPERATIONS);
        let organizations = quoted(include_str!("organizations.rs"), "match ask.operation {", "_ =>");
        assert_eq!(organizations, ORGANIZATIONS_OPERATIONS);
    }

    #[test]
    fn an_operation_that_is_not_there_is_told_with_those_that_are() {
        let told = missing_operation("ECR", "CreateRepository", &ECR_OPERATIONS);
        assert!(told.starts_with("the sandbox of ecr-grant has no CreateRepository of ECR; it has Delete"), "{told}");
        let odd = missing_operation("ECR", &"<x>\u{1b}".repeat(100_000), &["A"]);
        assert!(odd.len() < 200 && !odd.contains('<'), "{odd}");
    }
}
