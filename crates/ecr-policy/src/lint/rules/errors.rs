//! The rules for errors. ECR refuses the text, unless a rule says otherwise.

use super::super::{Check, Concern, PolicyKind, Run, actions, condition, document, principals, registry_policy, shape};
use super::{PLAIN, Rule, Severity};
use crate::model::ReadProblemKind;

const ERROR: Rule = Rule { severity: Severity::Error, stops: true, ..PLAIN };

pub(super) static CHECKS: &[Check] = &[
    Check {
        run: Run::Text(document::is_json),
        rule: Rule {
            id: "E001",
            name: "not-json",
            what: "text that is not JSON",
            why: "ECR takes a policy only as JSON.",
            example: example!("E001-not-json/fires.txt"),
            fix_unwraps: true,
            is_of_long_texts: true,
            is_syntax: true,
            never_excused: true,
            read_problem: Some(ReadProblemKind::NotJson),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(shape::duplicate_keys),
        rule: Rule {
            id: "E002",
            name: "duplicate-key",
            what: "a key that is there twice",
            why: "AWS refuses it, and programs differ in which one they keep.",
            example: example!("E002-duplicate-key/fires.json"),
            is_of_long_texts: true,
            read_problem: Some(ReadProblemKind::DuplicateKey),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(shape::known_elements),
        rule: Rule {
            id: "E003",
            name: "unknown-element",
            what: "an element that the policy language does not have",
            why: "ECR refuses an element that it does not know; letter case counts.",
            example: example!("E003-unknown-element/fires.json"),
            is_absence: true,
            is_of_long_texts: true,
            read_problem: Some(ReadProblemKind::UnknownElement),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(shape::check_types),
        rule: Rule {
            id: "E004",
            name: "wrong-type",
            what: "a value of the wrong JSON type",
            why: "ECR refuses an element of another type.",
            example: example!("E004-wrong-type/fires.json"),
            is_absence: true,
            is_of_long_texts: true,
            read_problem: Some(ReadProblemKind::WrongType),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(shape::has_statement),
        rule: Rule {
            id: "E005",
            name: "no-statement",
            what: "no statement",
            why: "A policy is its statements.",
            example: example!("E005-no-statement/fires.json"),
            is_absence: true,
            is_of_long_texts: true,
            fix_unwraps: true,
            read_problem: Some(ReadProblemKind::NoStatement),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(shape::check_effect),
        rule: Rule {
            id: "E006",
            name: "invalid-effect",
            what: "an effect that is missing, or neither Allow nor Deny",
            why: "The effect is exactly Allow or Deny.",
            example: example!("E006-invalid-effect/fires.json"),
            is_absence: true,
            read_problem: Some(ReadProblemKind::InvalidEffect),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(shape::has_action),
        rule: Rule {
            id: "E007",
            name: "no-action",
            what: "a statement without actions",
            why: "A statement names the actions that it is about.",
            example: example!("E007-no-action/fires.json"),
            is_absence: true,
            read_problem: Some(ReadProblemKind::NoAction),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(shape::has_principal),
        rule: Rule {
            id: "E008",
            name: "no-principal",
            what: "a statement without a principal",
            why: "A repository policy says who; a policy without a principal belongs to an IAM role or user.",
            example: example!("E008-no-principal/fires.json"),
            is_absence: true,
            read_problem: Some(ReadProblemKind::NoPrincipal),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(shape::check_version),
        rule: Rule {
            id: "E009",
            name: "unknown-version",
            what: "an unknown version of the policy language",
            why: "There are two versions of the policy language.",
            example: example!("E009-unknown-version/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(shape::no_contraries),
        rule: Rule {
            id: "E010",
            name: "contrary-elements",
            what: "an element together with its contrary, such as Action and NotAction",
            why: "A statement has one of the two.",
            example: example!("E010-contrary-elements/fires.json"),
            read_problem: Some(ReadProblemKind::ContraryElements),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(shape::principal_form),
        rule: Rule {
            id: "E011",
            name: "malformed-principal",
            what: "a principal that is neither \"*\" nor an object",
            why: "A principal is \"*\" or an object such as {\"AWS\": ...}.",
            example: example!("E011-malformed-principal/fires.json"),
            read_problem: Some(ReadProblemKind::PrincipalForm),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(shape::principal_types),
        rule: Rule {
            id: "E012",
            name: "unknown-principal-type",
            what: "an unknown type of principal",
            why: "The types are AWS, Service, Federated and CanonicalUser; letter case counts.",
            example: example!("E012-unknown-principal-type/fires.json"),
            read_problem: Some(ReadProblemKind::PrincipalType),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(principals::principal_wildcard),
        rule: Rule {
            id: "E013",
            name: "wildcard-principal",
            what: "a wildcard inside a principal",
            why: "ECR takes no wildcard inside a principal ARN: grant the account, or one role by its whole ARN.",
            example: example!("E013-wildcard-principal/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(principals::service_form),
        rule: Rule {
            id: "E014",
            name: "malformed-service",
            what: "a service that is not written as services are",
            why: "A service is named like lambda.amazonaws.com, in small letters.",
            example: example!("E014-malformed-service/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(principals::foreign_principal),
        rule: Rule {
            id: "E015",
            name: "unsupported-principal-type",
            what: "a principal of a type that ECR does not take",
            why: "Federated principals belong in trust policies, canonical users in S3: on ECR they mean nobody.",
            example: example!("E015-unsupported-principal-type/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(shape::no_resource),
        rule: Rule {
            id: "E016",
            name: "resource-element",
            what: "Resource or NotResource",
            why: "A repository policy is about its own repository: ECR refuses Resource.",
            example: example!("E016-resource-element/fires.json"),
            kind: Some(PolicyKind::Repository),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(actions::action_form),
        rule: Rule {
            id: "E017",
            name: "malformed-action",
            what: "an action that is not service:name",
            why: "An action is service:name, one in each string.",
            example: example!("E017-malformed-action/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(actions::action_known),
        rule: Rule {
            id: "E018",
            name: "impossible-action",
            stops: false,
            what: "an ECR action whose name no action can have, or that another action allows",
            why: "A name that ECR does not have gives nothing.",
            example: example!("E018-impossible-action/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(condition::known_operator),
        rule: Rule {
            id: "E019",
            name: "unknown-operator",
            what: "a condition operator that does not exist",
            why: "ECR refuses a condition operator that does not exist.",
            example: example!("E019-unknown-operator/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(condition::key_form),
        rule: Rule {
            id: "E020",
            name: "incomplete-condition-key",
            stops: false,
            what: "a condition key without its prefix, or a tag's key without the tag",
            why: "ECR does not know what to compare: the condition is not the one that was meant.",
            example: example!("E020-incomplete-condition-key/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(condition::key_known),
        rule: Rule {
            id: "E021",
            name: "invalid-condition-key",
            stops: false,
            what: "a condition key that is misspelt, of nobody's prefix, or that AWS has given up",
            why: "No request has the key: the condition holds never, or always.",
            example: example!("E021-invalid-condition-key/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(condition::readable_values),
        rule: Rule {
            id: "E022",
            name: "unreadable-condition-value",
            stops: false,
            what: "a condition value that its operator cannot read, or an operator that does not suit its key",
            why: "A value that cannot be read matches nothing.",
            example: example!("E022-unreadable-condition-value/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(condition::both_booleans),
        rule: Rule {
            id: "E023",
            name: "true-and-false",
            stops: false,
            what: "true and false for the same condition key",
            why: "A condition that always holds tells nobody apart.",
            example: example!("E023-true-and-false/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(condition::key_of_many_values),
        rule: Rule {
            id: "E024",
            name: "missing-set-operator",
            stops: false,
            what: "a condition key of several values without ForAnyValue or ForAllValues",
            why: "AWS does not say how several values are compared without a set operator.",
            example: example!("E024-missing-set-operator/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(condition::null_form),
        rule: Rule {
            id: "E025",
            name: "invalid-null-test",
            what: "Null with IfExists, or with a value that is neither true nor false",
            why: "Null tests whether a key is there: its values are true and false, and it takes no IfExists.",
            example: example!("E025-invalid-null-test/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(condition::identifier_form),
        rule: Rule {
            id: "E026",
            name: "malformed-identifier",
            stops: false,
            what: "an account, organization, path, VPC or endpoint that is not written as one, inside an ARN too",
            why: "No request has such a value.",
            example: example!("E026-malformed-identifier/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(condition::variable_form),
        rule: Rule {
            id: "E027",
            name: "malformed-variable",
            stops: false,
            what: "a variable that is malformed, or stands where none is read",
            why: "It is not replaced: the value matches nothing that was meant.",
            example: example!("E027-malformed-variable/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(condition::variable_of_old_version),
        rule: Rule {
            id: "E028",
            name: "variable-in-old-version",
            stops: false,
            what: "a variable in a policy whose version has none",
            why: "Variables are read only under Version 2012-10-17: here the text is compared as it stands.",
            example: example!("E028-variable-in-old-version/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Text(document::check_size),
        rule: Rule {
            id: "E029",
            name: "too-long",
            what: "more characters than ECR takes",
            why: "ECR takes 10,240 characters, white space counted.",
            example: example!("E029-too-long/fires.json"),
            is_of_long_texts: true,
            concern: Some(Concern::Length),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(principals::aws_principal),
        rule: Rule {
            id: "E030",
            name: "invalid-aws-principal",
            what: "a principal that AWS does not take, such as a placeholder",
            why: "ECR refuses a principal that is no account, role, user or session.",
            example: example!("E030-invalid-aws-principal/fires.json"),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(registry_policy::resource_missing),
        rule: Rule {
            id: "E031",
            name: "missing-resource",
            what: "a statement of a registry policy without Resource",
            why: "A registry policy names the repositories that it is about: ECR refuses a statement without Resource.",
            example: example!("E031-missing-resource/fires.json"),
            is_absence: true,
            kind: Some(PolicyKind::Registry),
            ..ERROR
        },
    },
    Check {
        run: Run::Statement(registry_policy::resource_form),
        rule: Rule {
            id: "E032",
            name: "malformed-resource",
            what: "a Resource of a registry policy that names no repositories of ECR",
            why: "A Resource is \"*\" or an ARN such as arn:aws:ecr:eu-west-2:222222222222:repository/*.",
            example: example!("E032-malformed-resource/fires.json"),
            kind: Some(PolicyKind::Registry),
            ..ERROR
        },
    },
];
