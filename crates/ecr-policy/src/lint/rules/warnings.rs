//! Likely mistakes.

use super::super::{
    Check, PolicyKind, Run, actions, condition, incomplete_sets, ineffective, names, pasted_formats, principals,
    registry_policy, shape,
};
use super::{PLAIN, Rule, Severity};

const WARNING: Rule = Rule { severity: Severity::Warning, stops: false, ..PLAIN };

pub(super) static CHECKS: &[Check] = &[
    Check {
        run: Run::Statement(ineffective::never_matches),
        rule: Rule {
            id: "W201",
            name: "never-matches",
            what: "a statement that never matches",
            why: "It neither gives nor takes anything.",
            example: example!("W201-never-matches/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(condition::empty_condition),
        rule: Rule {
            id: "W202",
            name: "empty-condition",
            what: "a condition, operator or list of values that is empty",
            why: "It says something else than it seems to.",
            example: example!("W202-empty-condition/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(actions::action_elsewhere),
        rule: Rule {
            id: "W203",
            name: "uncontrolled-action",
            what: "an action that a repository policy never controls",
            why: "A repository policy never controls it: it gives nothing here.",
            example: example!("W203-uncontrolled-action/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(incomplete_sets::pull_set),
        rule: Rule {
            id: "W204",
            name: "incomplete-pull",
            what: "half of what a pull needs",
            why: "A pull needs both BatchGetImage and GetDownloadUrlForLayer.",
            example: example!("W204-incomplete-pull/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(incomplete_sets::push_set),
        rule: Rule {
            id: "W205",
            name: "incomplete-push",
            what: "a part of what a push needs",
            why: "A push needs InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload, PutImage and BatchCheckLayerAvailability.",
            example: example!("W205-incomplete-push/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(principals::check_orphan),
        rule: Rule {
            id: "W206",
            name: "deleted-principal",
            stops: true,
            what: "a role or user that is deleted",
            why: "The role or user is gone, nobody can use it, and ECR refuses the next save while it is there.",
            example: example!("W206-deleted-principal/fires.json"),
            never_excused: true,
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(principals::half_excepted),
        rule: Rule {
            id: "W207",
            name: "incomplete-exception",
            what: "a Deny with NotPrincipal that does not name every level",
            why: "AWS spares only who is named with the account, and a role with its session too.",
            example: example!("W207-incomplete-exception/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(condition::deny_hits_services),
        rule: Rule {
            id: "W208",
            name: "deny-hits-services",
            what: "a Deny of outsiders that also denies AWS services",
            why: "A negated operator holds where the key is missing, as it is in calls that AWS services make by themselves.",
            example: example!("W208-deny-hits-services/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Text(shape::version_missing),
        rule: Rule {
            id: "W209",
            name: "no-version",
            what: "no Version",
            why: "Without a version the old one holds, in which `${...}` is plain text.",
            example: example!("W209-no-version/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Text(shape::version_old),
        rule: Rule {
            id: "W210",
            name: "old-version",
            what: "the old version of the policy language",
            why: "In the old version `${...}` is plain text; AWS advises the new one.",
            example: example!("W210-old-version/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Text(names::sid_twice),
        rule: Rule {
            id: "W211",
            name: "duplicate-sid",
            what: "a Sid that is there twice",
            why: "Commands and people find a statement by its Sid.",
            example: example!("W211-duplicate-sid/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Text(names::sid_characters),
        rule: Rule {
            id: "W212",
            name: "sid-characters",
            what: "a Sid that IAM would refuse",
            why: "ECR is laxer than IAM: this matters where the statement is copied elsewhere.",
            example: example!("W212-sid-characters/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Text(names::check_disguised),
        rule: Rule {
            id: "W213",
            name: "disguised-characters",
            what: "characters that cannot be seen, or look like others",
            why: "The text reads as something that it is not: AWS compares the characters, people their looks.",
            example: example!("W213-disguised-characters/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(condition::wildcard_taken_literally),
        rule: Rule {
            id: "W214",
            name: "literal-wildcard",
            what: "a wildcard under an operator that has none",
            why: "Only the Like operators read * and ?: for the others they are letters.",
            example: example!("W214-literal-wildcard/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(condition::null_of_set),
        rule: Rule {
            id: "W215",
            name: "null-with-set-operator",
            what: "Null with a set operator",
            why: "AWS does not define it.",
            example: example!("W215-null-with-set-operator/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(actions::redundant_action),
        rule: Rule {
            id: "W216",
            name: "redundant-action",
            what: "an action that another one covers",
            why: "It gives nothing more: who takes it out one day has taken nothing away.",
            example: example!("W216-redundant-action/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(ineffective::redundant_principal),
        rule: Rule {
            id: "W217",
            name: "redundant-principal",
            what: "a principal that another one covers",
            why: "It gives nothing more: who takes it out one day has taken nothing away.",
            example: example!("W217-redundant-principal/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Text(ineffective::redundant),
        rule: Rule {
            id: "W218",
            name: "redundant-statement",
            what: "a statement, or a value of a condition, that another one covers",
            why: "It changes nothing: who takes it out one day has taken nothing away.",
            example: example!("W218-redundant-statement/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(condition::key_irrelevant),
        rule: Rule {
            id: "W219",
            name: "constant-condition",
            what: "a condition on the repository itself",
            why: "Every request to a repository has the same value: the condition holds for all of them or for none.",
            example: example!("W219-constant-condition/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Text(ineffective::shadowed),
        rule: Rule {
            id: "W220",
            name: "shadowed-allow",
            what: "an Allow that a Deny takes back whole",
            why: "A Deny wins over every Allow.",
            example: example!("W220-shadowed-allow/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(principals::service_does_not_pull),
        rule: Rule {
            id: "W221",
            name: "service-does-not-pull",
            what: "a service that does not pull by itself",
            why: "It gives the image to nobody who pulls it.",
            example: example!("W221-service-does-not-pull/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(condition::known_region),
        rule: Rule {
            id: "W222",
            name: "unknown-region",
            what: "a Region that is not known, or a pattern that fits none",
            why: "No request comes from a Region that does not exist.",
            example: example!("W222-unknown-region/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(condition::key_present),
        rule: Rule {
            id: "W223",
            name: "absent-condition-key",
            what: "a condition key that requests for these actions never have",
            why: "The condition holds never, or always.",
            example: example!("W223-absent-condition-key/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Text(incomplete_sets::lambda_pair),
        rule: Rule {
            id: "W224",
            name: "incomplete-lambda-pair",
            what: "half of what functions of another account need",
            why: "A function of another account needs two statements: one for the account, one for Lambda.",
            example: example!("W224-incomplete-lambda-pair/fires.json"),
            kind: Some(PolicyKind::Repository),
            ..WARNING
        },
    },
    Check {
        run: Run::Text(pasted_formats::is_bare),
        rule: Rule {
            id: "W225",
            name: "wrapped-policy",
            stops: true,
            what: "a policy inside something else: a string, the output of a command, a template",
            why: "ECR takes the policy itself, as an object: what is around it makes it another document.",
            example: example!("W225-wrapped-policy/fires.json"),
            fix_unwraps: true,
            is_of_long_texts: true,
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(actions::blank_name),
        rule: Rule {
            id: "W226",
            name: "malformed-action-name",
            what: "a blank, a comma or nothing in the name of an action",
            why: "AWS takes it and compares it as it stands: it never matches.",
            example: example!("W226-malformed-action-name/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(actions::action_listed),
        rule: Rule {
            id: "W227",
            name: "unlisted-action",
            what: "an ECR action that is not known here",
            why: "It gives nothing if it is misspelt; AWS may have it since this program was made.",
            example: example!("W227-unlisted-action/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(condition::key_listed),
        rule: Rule {
            id: "W228",
            name: "unlisted-condition-key",
            what: "a condition key that is not known here",
            why: "No request has it if it is misspelt; AWS may have it since this program was made.",
            example: example!("W228-unlisted-condition-key/fires.json"),
            ..WARNING
        },
    },
    Check {
        run: Run::Statement(registry_policy::resource_elsewhere),
        rule: Rule {
            id: "W229",
            name: "misplaced-resource",
            what: "a Resource of a registry policy in another registry",
            why: "A registry policy is about the repositories of its own account: others it never reaches.",
            example: example!("W229-misplaced-resource/fires.json"),
            kind: Some(PolicyKind::Registry),
            ..WARNING
        },
    },
];
