//! The access table against random requests: nobody has what no row says, and nobody comes in further than the class.

use ecr_policy::access::table;
use ecr_policy::ecr::AccountId;
use ecr_policy::evaluate::evaluate;
use ecr_policy::{AccessTable, Answer, Class, Decision, Policy};
use proptest::prelude::*;

use crate::requests::{Asked, OWNER, asked, cases, document, text_of};

const REPOSITORY: &str = "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp";

/// Whom a request shows to come in, by what it holds that an outsider cannot choose.
fn class_of(asked: &Asked, text: &str) -> Class {
    let Some(arn) = asked.request.caller.arn() else { return Class::Service };
    if arn.account == OWNER {
        return Class::OwnAccount;
    }
    if text.contains(&arn.account) {
        return Class::CrossAccount;
    }
    let lower = text.to_lowercase();
    let is_named = |value: &str| {
        let quoted = format!("\"{value}\"");
        text.contains(&quoted) || (lower.contains("ignorecase") && lower.contains(&quoted.to_lowercase()))
    };
    let is_in = |network: &str, addresses: &str| {
        text.contains(network) && asked.value("aws:sourceip").is_some_and(|ip| ip.starts_with(addresses))
    };
    let at_a_place = asked.value("aws:sourcevpce").is_some_and(is_named)
        || is_in("203.0.113.0/24", "203.0.113.")
        || is_in("203.0.113.7/32", "203.0.113.7")
        || is_in("2001:db8::/32", "2001:db8:");
    let is_member = asked.organization.as_ref().is_some_and(|org| {
        text.contains(&format!("\"{org}")) || is_named(org) || asked.value("aws:resourceorgid") == Some(org)
    });
    if is_member {
        Class::Organization
    } else if at_a_place {
        Class::Network
    } else {
        Class::Public
    }
}

/// What a request that reaches Allow statements shows about the table.
fn agrees(table: &AccessTable, decision: &Decision, asked: &Asked, class: Class) -> Result<(), TestCaseError> {
    let action = &asked.request.action;
    for allow in decision.allow.iter().map(|number| number - 1) {
        let rows = || table.rows.iter().filter(|row| row.statements.contains(&allow) && row.actions.contains(action));
        for deny in decision.deny.iter().map(|number| number - 1) {
            prop_assert!(rows().any(|row| row.blocked.contains(&deny)), "{deny} takes it: {asked:?} {table:?}");
        }
        if decision.answer == Answer::Allow {
            let given = |row: &&ecr_policy::AccessRow| asked.is_of(&row.who) && row.effective().contains(action);
            prop_assert!(rows().any(|row| given(&row)), "no row gives it: {asked:?} {table:?}");
            prop_assert!(table.of_statements[allow] <= class, "{class:?}: {asked:?} {table:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn nobody_has_what_no_row_says_or_comes_in_further_than_the_class(statements in document(), requests in prop::collection::vec(asked(REPOSITORY), 40)) {
        let text = text_of(&statements, "2012-10-17");
        let policy = Policy::read(&text).unwrap();
        let table = table(&policy, &AccountId::parse(OWNER).unwrap());
        for asked in &requests {
            let decision = evaluate(&policy, &asked.request);
            agrees(&table, &decision, asked, class_of(asked, &text))?;
        }
        prop_assert_eq!(table.class, table.of_statements.iter().copied().min().unwrap_or(Class::None));
    }
}
