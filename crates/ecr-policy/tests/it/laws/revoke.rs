//! The laws of a revoke, and of a grant that is taken back.

use ecr_policy::canonical::same_meaning;
use ecr_policy::delta::delta;
use ecr_policy::ecr::Grantee;
use ecr_policy::edit::{Why, grant, revoke};
use ecr_policy::{RevokeOptions, Wanted};
use proptest::prelude::*;

use super::cases;
use super::compare::{is_within, reaching, read, stops, stops_no_more, with, without};
use super::generate::{pick, policy};
use super::grant::{GRANTEES, wanted};

pub(super) fn options() -> impl Strategy<Value = RevokeOptions> {
    any::<(bool, bool)>().prop_map(|(and_principals, own)| RevokeOptions { and_principals, and_lambdas_own: own })
}

/// The laws of a revoke.
pub(super) fn revoke_holds(text: &str, grantee: &Grantee, options: RevokeOptions) -> Result<(), TestCaseError> {
    let old = read(text);
    let revoked = revoke(Some(text), std::slice::from_ref(grantee), options).unwrap();
    prop_assert_eq!(revoked.changed, revoked.text.as_deref() != Some(text));
    let new = revoked.text.as_deref().map(read);
    if let (Some(rest), Some(new)) = (&revoked.text, &new) {
        prop_assert!(is_within(rest, text), "more than deletions: {rest}");
        prop_assert!(stops_no_more(&stops(text), &stops(rest)), "a new error: {rest}");
        let stay: Vec<usize> = (0..old.statements.len()).filter(|at| !revoked.emptied.contains(at)).collect();
        prop_assert_eq!(stay.len(), new.statements.len());
        for (now, before) in stay.iter().enumerate() {
            let same = old.statements[*before].span.text_in(text) == new.statements[now].span.text_in(rest);
            prop_assert_eq!(same, !revoked.touched.contains(&now), "statement {}: {}", before, rest);
        }
        let again = revoke(Some(rest), std::slice::from_ref(grantee), options).unwrap();
        prop_assert!(!again.changed, "revoked twice: {rest}");
    }
    let change = delta(Some(&old), new.as_ref());
    prop_assert!(change.gains.is_empty(), "{change:?}: {:?}", revoked.text);
    let without = without(grantee);
    let besides = delta(Some(&with(Some(&old), &without)), Some(&with(new.as_ref(), &without)));
    prop_assert!(besides.is_empty(), "somebody else loses: {besides:?}: {:?}", revoked.text);

    // What the grantee keeps is told. Which accounts are in an organization is not in the text.
    let kept = delta(Some(&with(new.as_ref(), &reaching(grantee))), new.as_ref());
    let in_the_text = !matches!(grantee, Grantee::Organization(_) | Grantee::OrgUnit(_) | Grantee::Everyone);
    let told = !revoked.still.is_empty() || revoked.left.iter().any(|left| left.why == Why::LambdasOwn);
    prop_assert!(told || kept.is_empty() || !in_the_text, "kept untold: {kept:?}: {:?}", revoked.text);
    Ok(())
}

/// A grant to somebody who is not in the text, taken back.
pub(super) fn back_and_forth_holds(
    text: &str,
    name: &str,
    asked: &Wanted,
    options: RevokeOptions,
) -> Result<(), TestCaseError> {
    let grantee = [Grantee::parse(name).unwrap()];
    if revoke(Some(text), &grantee, RevokeOptions { and_lambdas_own: true, ..options }).unwrap().changed {
        return Ok(());
    }
    let given_text = grant(Some(text), std::slice::from_ref(asked)).unwrap().text;
    let back = revoke(Some(&given_text), &grantee, options).unwrap().text;
    let Some(back) = back else {
        prop_assert!(read(text).statements.is_empty(), "all of it went");
        return Ok(());
    };
    let was_list = read(text).statement_is_list;
    prop_assert!(back == text || (!was_list && same_meaning(&back, text)), "{given_text}\nback to\n{back}");
    Ok(())
}

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn a_revoke_takes_from_nobody_else_and_gives_nobody_anything(
        text in policy(), grantee in pick(GRANTEES), options in options()
    ) {
        revoke_holds(&text, &Grantee::parse(&grantee).unwrap(), options)?;
    }

    #[test]
    fn a_grant_that_is_revoked_leaves_the_bytes_from_before(text in policy(), (name, wanted) in wanted(), options in options()) {
        back_and_forth_holds(&text, &name, &wanted, options)?;
    }
}
