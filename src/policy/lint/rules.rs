//! The table of checks. Ids, severities and what stops a save follow the project's list of checks; sources are the IAM
//! user guide (grammar of the policy language), the ECR user guide (repository policies), and IAM Access Analyzer.

use super::Severity::{Error, Security, Warning};
use super::{Check, Rule, Run, Severity, content, foreign, risk, shape, text};

/// After these the model would not say what the text says.
pub(super) const STOPS_READING: &[&str] =
    &["E001", "E002", "E003", "E004", "E005", "E006", "E007", "E008", "E010", "E011", "E012"];

/// What is said to be missing; not said while the text is no JSON, unless there is a fix.
pub(super) const ABSENCES: &[&str] = &["E003", "E004", "E005", "E006", "E007", "E008"];

const fn row(
    id: &'static str,
    severity: Severity,
    stops: bool,
    run: Run,
    what: &'static str,
    why: &'static str,
) -> Check {
    Check { rule: Rule { id, severity, stops, what, why }, run }
}

const E: Severity = Error;
const S: Severity = Security;
const W: Severity = Warning;

/// All checks.
pub(super) static CHECKS: &[Check] = &[
    row("E001", E, true, Run::Text(text::is_json), "text that is not JSON", "ECR takes a policy only as JSON."),
    row(
        "E002",
        E,
        true,
        Run::Text(text::no_key_twice),
        "a key that is there twice",
        "AWS refuses it, and programs differ in which one they keep.",
    ),
    row(
        "E003",
        E,
        true,
        Run::Text(shape::known_elements),
        "an element that the policy language does not have",
        "ECR refuses an element that it does not know; letter case counts.",
    ),
    row(
        "E004",
        E,
        true,
        Run::Text(shape::types),
        "a value of the wrong JSON type",
        "ECR refuses an element of another type.",
    ),
    row("E005", E, true, Run::Text(shape::has_statement), "no statement", "A policy is its statements."),
    row(
        "E006",
        E,
        true,
        Run::Statement(shape::effect),
        "an effect that is missing, or neither Allow nor Deny",
        "The effect is exactly Allow or Deny.",
    ),
    row(
        "E007",
        E,
        true,
        Run::Statement(shape::has_action),
        "a statement without actions",
        "A statement names the actions that it is about.",
    ),
    row(
        "E008",
        E,
        true,
        Run::Statement(shape::has_principal),
        "a statement without a principal",
        "A repository policy says who; a policy without a principal belongs to an IAM role or user.",
    ),
    row(
        "E009",
        E,
        true,
        Run::Text(shape::version),
        "an unknown version of the policy language",
        "There are two versions of the policy language.",
    ),
    row(
        "E010",
        E,
        true,
        Run::Statement(shape::no_contraries),
        "an element together with its contrary, such as Action and NotAction",
        "A statement has one of the two.",
    ),
    row(
        "E011",
        E,
        true,
        Run::Statement(shape::principal_form),
        "a principal that is neither \"*\" nor an object",
        "A principal is \"*\" or an object such as {\"AWS\": ...}.",
    ),
    row(
        "E012",
        E,
        true,
        Run::Statement(shape::principal_types),
        "an unknown type of principal",
        "The types are AWS, Service, Federated and CanonicalUser; letter case counts.",
    ),
    row(
        "E013",
        E,
        true,
        Run::Statement(content::principal_wildcard),
        "a wildcard inside a principal",
        "ECR takes no wildcard inside a principal ARN: grant the account, or one role by its whole ARN.",
    ),
    row(
        "E014",
        E,
        true,
        Run::Statement(content::service_form),
        "a service that is not written as services are",
        "A service is named like lambda.amazonaws.com, in small letters.",
    ),
    row(
        "E015",
        E,
        true,
        Run::Statement(content::foreign_principal),
        "a principal of a type that ECR does not take",
        "Federated principals belong in trust policies, canonical users in S3: on ECR they mean nobody.",
    ),
    row(
        "E016",
        E,
        true,
        Run::Statement(shape::no_resource),
        "Resource or NotResource",
        "A repository policy is about its own repository: ECR refuses Resource.",
    ),
    row(
        "E017",
        E,
        true,
        Run::Statement(content::action_form),
        "an action that is not service:name",
        "An action is service:name, one in each string.",
    ),
    row(
        "E018",
        E,
        false,
        Run::Statement(content::action_known),
        "an ECR action that does not exist",
        "A name that ECR does not have gives nothing.",
    ),
    row(
        "E019",
        E,
        true,
        Run::Statement(content::operator),
        "a condition operator that does not exist",
        "ECR refuses a condition operator that does not exist.",
    ),
    row(
        "E025",
        E,
        true,
        Run::Statement(content::null_operator),
        "Null with IfExists, or with a value that is neither true nor false",
        "Null tests whether a key is there: its values are true and false, and it takes no IfExists.",
    ),
    row(
        "E029",
        E,
        true,
        Run::Text(text::size),
        "more characters than ECR takes",
        "ECR takes 10,240 characters, white space counted.",
    ),
    row(
        "E030",
        E,
        true,
        Run::Statement(content::aws_principal),
        "a principal that AWS does not take, such as a placeholder",
        "ECR refuses a principal that is no account, role, user or session.",
    ),
    row(
        "S101",
        S,
        false,
        Run::Statement(risk::public),
        "access for everyone",
        "Every AWS account in the world can use what is granted to everyone.",
    ),
    row(
        "S103",
        S,
        false,
        Run::Statement(risk::allow_with_not_principal),
        "Allow with NotPrincipal",
        "An Allow with NotPrincipal gives to everyone else in the world.",
    ),
    row(
        "S105",
        S,
        false,
        Run::Statement(risk::open_service),
        "a service without a condition on whose behalf it calls",
        "Without a source condition the service may act for anybody's resources: the confused deputy.",
    ),
    row(
        "S107",
        S,
        false,
        Run::Statement(risk::takeover),
        "the policy, deletion or expiry in the hands of others",
        "Who may change the policy or delete images holds the repository.",
    ),
    row(
        "W203",
        W,
        false,
        Run::Statement(content::action_elsewhere),
        "an action that a repository policy never controls",
        "A repository policy never controls it: it gives nothing here.",
    ),
    row(
        "W204",
        W,
        false,
        Run::Statement(content::pull_set),
        "half of what a pull needs",
        "A pull needs both BatchGetImage and GetDownloadUrlForLayer.",
    ),
    row(
        "W206",
        W,
        true,
        Run::Statement(content::orphan),
        "a role or user that is deleted",
        "The role or user is gone, nobody can use it, and ECR refuses the next save while it is there.",
    ),
    row(
        "W225",
        W,
        true,
        Run::Text(foreign::is_bare),
        "a policy inside something else: a string, the output of a command, a template",
        "ECR takes the policy itself, as an object: what is around it makes it another document.",
    ),
];
