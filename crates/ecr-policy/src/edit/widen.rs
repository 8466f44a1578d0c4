//! Widening a statement of ours: a second grant for the same grantees adds actions to it, in place of a second statement
//! that says the first one over again.

use super::{Effect, Policy, Statement, is_list, join_strings, principal_list};
use crate::condition::normal_all;
use crate::ecr::action;
use crate::model::Wanted;
use crate::model::actions::ActionSet;
use crate::model::grant::principal_entries;
use crate::syntax::Node;
use crate::text::layout::Layout;

/// Adds the wanted actions to the first statement of ours that speaks of nobody but wanted grantees, under the same
/// conditions. Returns its index; `None`: there is none, and the text is as it was.
pub(super) fn widen_ours(
    text: &mut String,
    (policy, nodes): (&Policy, &[Node]),
    wanted: &Wanted,
    layout: &Layout,
) -> Option<usize> {
    let at = policy.statements.iter().zip(nodes).position(|(statement, node)| can_widen(statement, node, wanted))?;
    let statement = policy.statements.get(at)?;
    let there = ActionSet::of(&statement.actions);
    let patterns: Vec<String> = statement.actions.patterns.iter().map(|p| p.value.to_ascii_lowercase()).collect();
    // An action that no repository policy controls is in no set: there its name decides.
    let is_there = |name: &String| {
        let bare = name.strip_prefix("ecr:").unwrap_or(name);
        let known = action::find_action(bare).map_or(bare, |info| info.name.as_str());
        there.contains(known) || patterns.contains(&name.to_ascii_lowercase())
    };
    let added: Vec<String> = wanted.actions.iter().filter(|name| !is_there(name)).cloned().collect();
    let list = &nodes.get(at)?.get("Action")?.value;
    if added.is_empty() {
        return None;
    }
    join_strings(text, list, &added, layout);
    Some(at)
}

fn can_widen(statement: &Statement, node: &Node, wanted: &Wanted) -> bool {
    let wanted_kinds: Vec<_> = principal_entries(&wanted.principals).into_iter().map(|(_, kind)| kind).collect();
    let is_wanted = |kind| wanted_kinds.iter().any(|wanted| wanted.same_as(kind));
    statement.is_ours()
        && statement.effect == Effect::Allow
        && !statement.principals.negated
        && !statement.actions.negated
        && statement.resource.is_none()
        && principal_list(node, &wanted.principals).is_some_and(is_list)
        && !statement.principals.entries.is_empty()
        && statement.principals.entries.iter().all(|entry| is_wanted(&entry.kind))
        && normal_all(&statement.conditions) == normal_all(&wanted.conditions)
}

#[cfg(test)]
mod tests {
    use crate::edit::grant;
    use crate::lint::{CheckOptions, check};
    use crate::model::{Wanted, WantedPrincipals};

    fn wanted(sid: &str, accounts: &[&str], actions: &[&str]) -> Wanted {
        Wanted {
            sid: sid.to_owned(),
            principals: WantedPrincipals::Aws(accounts.iter().map(|id| format!("arn:aws:iam::{id}:root")).collect()),
            actions: actions.iter().map(|name| format!("ecr:{name}")).collect(),
            conditions: Vec::new(),
        }
    }

    const PULL: &[&str] = &["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"];
    const MORE: &[&str] = &["BatchCheckLayerAvailability", "BatchGetImage", "DescribeImages", "GetDownloadUrlForLayer"];

    fn first() -> String {
        grant(None, &[wanted("EcrGrantPull", &["111111111111"], PULL)]).unwrap().text
    }

    #[test]
    fn a_second_grant_for_the_same_grantee_widens_our_statement_and_is_no_warning() {
        let text = first();
        let edited = grant(Some(&text), &[wanted("EcrGrantRelease", &["111111111111"], MORE)]).unwrap();
        assert_eq!(edited.touched, [0]);
        assert_eq!(edited.text, text.replace("Layer\"\n      ]", "Layer\",\n        \"ecr:DescribeImages\"\n      ]"));
        let before = check(&text, &CheckOptions::default()).len();
        assert_eq!(check(&edited.text, &CheckOptions::default()).len(), before, "{}", edited.text);
    }

    #[test]
    fn a_further_grantee_joins_the_widened_statement() {
        let edited =
            grant(Some(&first()), &[wanted("EcrGrantRelease", &["111111111111", "333333333333"], MORE)]).unwrap();
        assert_eq!(
            (edited.touched.as_slice(), edited.text.matches("\"Sid\"").count()),
            ([0].as_slice(), 1),
            "{}",
            edited.text
        );
        assert!(edited.text.contains("333333333333"));
    }

    #[test]
    fn a_statement_that_speaks_of_somebody_else_or_is_another_s_is_not_widened() {
        let both = grant(Some(&first()), &[wanted("EcrGrantPull", &["333333333333"], PULL)]).unwrap().text;
        let theirs = first().replace("EcrGrantPull", "Team");
        for text in [both, theirs] {
            let edited = grant(Some(&text), &[wanted("EcrGrantRelease", &["111111111111"], MORE)]).unwrap();
            assert_eq!(edited.touched, [1], "{}", edited.text);
        }
    }
}
