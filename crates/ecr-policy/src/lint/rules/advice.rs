//! The rules for advice.

use super::super::{Check, Run, condition, names, principals};
use super::{PLAIN, Rule, Severity};

const ADVICE: Rule = Rule { severity: Severity::Advice, stops: false, ..PLAIN };

pub(super) static CHECKS: &[Check] = &[
    Check {
        run: Run::Text(names::sid_empty),
        rule: Rule {
            id: "I301",
            name: "empty-sid",
            what: "an empty Sid",
            why: "A name tells what the statement is for.",
            example: example!("I301-empty-sid/fires.json"),
            ..ADVICE
        },
    },
    Check {
        run: Run::Statement(condition::host_bits),
        rule: Rule {
            id: "I302",
            name: "host-bits",
            what: "a range of addresses with more bits than count",
            why: "The range is a wider one than it seems to name.",
            example: example!("I302-host-bits/fires.json"),
            ..ADVICE
        },
    },
    Check {
        run: Run::Statement(principals::own_account),
        rule: Rule {
            id: "I303",
            name: "own-account",
            what: "the own account among the grantees",
            why: "In the same account an identity policy is enough: this entry adds nothing.",
            example: example!("I303-own-account/fires.json"),
            ..ADVICE
        },
    },
    Check {
        run: Run::Statement(principals::bare_account),
        rule: Rule {
            id: "I304",
            name: "bare-account",
            what: "an account as a bare number",
            why: "Tools that compare texts see a difference where there is none.",
            example: example!("I304-bare-account/fires.json"),
            ..ADVICE
        },
    },
];
