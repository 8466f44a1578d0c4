//! Risks for the owner of the repository.

use super::super::{Check, Concern, PolicyKind, Run, condition, principals, risk};
use super::{PLAIN, Rule, Severity};

const SECURITY: Rule = Rule { severity: Severity::Security, stops: false, ..PLAIN };

pub(super) static CHECKS: &[Check] = &[
    Check {
        run: Run::Statement(risk::check_public),
        rule: Rule {
            id: "S101",
            name: "public-access",
            what: "access for everyone",
            why: "Every AWS account in the world can use what is granted to everyone.",
            example: example!("S101-public-access/fires.json"),
            needs_valid_condition: true,
            concern: Some(Concern::Public),
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(condition::open_condition),
        rule: Rule {
            id: "S102",
            name: "open-condition",
            what: "access for everyone under a condition that keeps nobody out",
            why: "Every AWS account in the world can meet such a condition.",
            example: example!("S102-open-condition/fires.json"),
            needs_valid_condition: true,
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(risk::allow_with_not_principal),
        rule: Rule {
            id: "S103",
            name: "allow-not-principal",
            what: "Allow with NotPrincipal",
            why: "An Allow with NotPrincipal gives to everyone else in the world.",
            example: example!("S103-allow-not-principal/fires.json"),
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(condition::every_value),
        rule: Rule {
            id: "S104",
            name: "for-all-values-without-key",
            what: "ForAllValues in an Allow, without a test that the key is there",
            why: "ForAllValues holds for a request that lacks the key.",
            example: example!("S104-for-all-values-without-key/fires.json"),
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(risk::open_service),
        rule: Rule {
            id: "S105",
            name: "service-without-source",
            what: "a service without a condition on whose behalf it calls",
            why: "Without a source condition the service may act for anybody's resources: the confused deputy.",
            example: example!("S105-service-without-source/fires.json"),
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(condition::key_of_others),
        rule: Rule {
            id: "S106",
            name: "caller-key-for-service",
            what: "a service with a condition on a key that calls of services lack",
            why: "A service has no organization, account or network of its own: the condition does not say what was meant.",
            example: example!("S106-caller-key-for-service/fires.json"),
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(risk::check_takeover),
        rule: Rule {
            id: "S107",
            name: "management-by-others",
            what: "the policy, deletion or expiry in the hands of others",
            why: "Who may change the policy or delete images holds the repository.",
            example: example!("S107-management-by-others/fires.json"),
            concern: Some(Concern::Management),
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(condition::unpaired_address),
        rule: Rule {
            id: "S108",
            name: "private-address-without-network",
            what: "a private address without the network that it is in",
            why: "Private addresses repeat in every network, also in those of others.",
            example: example!("S108-private-address-without-network/fires.json"),
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(condition::private_address),
        rule: Rule {
            id: "S109",
            name: "private-source-address",
            what: "a private range as the address that a call comes from",
            why: "The address of a call is public, so that a private range never matches.",
            example: example!("S109-private-source-address/fires.json"),
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(risk::wide_push),
        rule: Rule {
            id: "S110",
            name: "wide-push",
            what: "push by everyone, or by a whole organization",
            why: "Whoever may push can put an image of theirs under your tags.",
            example: example!("S110-wide-push/fires.json"),
            concern: Some(Concern::WidePush),
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(risk::allow_with_not_action),
        rule: Rule {
            id: "S111",
            name: "allow-not-action",
            what: "Allow with NotAction",
            why: "It gives all actions but those named, also what ECR adds later.",
            example: example!("S111-allow-not-action/fires.json"),
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(condition::open_source),
        rule: Rule {
            id: "S112",
            name: "source-of-any-account",
            what: "a source that fits the resources of every account",
            why: "Anybody can then have the service act for them: the confused deputy.",
            example: example!("S112-source-of-any-account/fires.json"),
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(risk::lock_out),
        rule: Rule {
            id: "S113",
            name: "owner-lockout",
            what: "a Deny that shuts the owner's account out of the policy",
            why: "ECR takes it only with force, and then nobody in the account can change the policy back.",
            example: example!("S113-owner-lockout/fires.json"),
            kind: Some(PolicyKind::Repository),
            ..SECURITY
        },
    },
    Check {
        run: Run::Statement(principals::from_elsewhere),
        rule: Rule {
            id: "S114",
            name: "misplaced-principal",
            what: "a principal of another partition, or of the account of samples",
            why: "It gives nothing to whom it was meant for, and samples' accounts are somebody else's.",
            example: example!("S114-misplaced-principal/fires.json"),
            ..SECURITY
        },
    },
];
