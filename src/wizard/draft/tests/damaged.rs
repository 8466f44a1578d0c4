//! Drafts of every kind, and files that are none or were changed by somebody else.

use proptest::prelude::*;

use super::*;
use crate::ecr::text::make_visible;
use crate::ecr::unseen::classify_unseen;
use crate::ecr::{MemberRole, Tag};

fn drafts() -> impl Strategy<Value = Draft> {
    let text = "[ -~äß漢\u{1b}\u{202e}\n\t\"\\\\{}]{0,40}";
    let names = || prop::collection::vec("[a-z][a-z0-9]{1,8}(/[a-z0-9]{2,5})?", 0..4);
    let own = || {
        prop_oneof![
            text.prop_map(SourceId::Profile),
            text.prop_map(SourceId::File),
            Just(SourceId::Environment),
            Just(SourceId::WebIdentity),
            Just(SourceId::Container),
            Just(SourceId::Instance),
        ]
    };
    let member = |(base, role): (SourceId, String)| {
        let (account, home) = (AccountId::parse("333333333333").unwrap(), Region::parse("eu-west-2").unwrap());
        SourceId::Member(Box::new(MemberRole { account, role, base, home }))
    };
    let sources = prop_oneof![4 => own(), 1 => (own(), text).prop_map(member)];
    let name = |name: String| RepositoryName::parse(&name).unwrap();
    let edited =
        ("[a-z]{2,9}", text, 0..50_usize, prop::option::of(text)).prop_map(move |(repository, text, caret, stored)| {
            EditedPolicy { repository: name(repository), text, caret, stored }
        });
    let recipes = || prop::sample::select(recipe::all_recipes().iter().collect::<Vec<_>>());
    let actions =
        prop::sample::subsequence(action::all_actions().iter().collect::<Vec<_>>(), 0..=action::all_actions().len());
    (
        (
            prop::sample::select(&Step::ALL[..5]),
            sources,
            "[0-9]{12}",
            names(),
            prop::option::of("[A-Za-z0-9_][A-Za-z0-9._-]{0,20}"),
            text,
            text,
        ),
        (recipes(), prop::option::of(recipes()), actions, prop::collection::vec(edited, 0..3)),
    )
        .prop_map(
            move |((step, source, id, names, tag, grantees, puller_region), (recipe, made_from, actions, texts))| {
                Draft {
                    step,
                    source,
                    account: test_account(&id),
                    region: test_region("eu-west-2"),
                    shown: names.first().cloned().map(name),
                    edits_stored: false,
                    repositories: names.into_iter().map(name).collect(),
                    tag: tag.as_deref().and_then(Tag::parse),
                    dropped_tag: None,
                    grantees,
                    until: puller_region.clone(),
                    puller_region,
                    recipe,
                    made_from,
                    actions,
                    texts,
                }
            },
        )
}

/// Texts that a hostile file would hold.
const ODD: &[&str] = &[
    "",
    "-",
    "x\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}6n",
    "a\u{202e}b\u{200b}\u{e0041}\u{a0}",
    "../../etc",
    "$(id);`id`",
    "1.4.2",
    "*",
    "111111111111",
    "eu-west-2",
    "{\"Statement\": [{\"Sid\": \"\u{9b}\"}]}",
];

/// The text of a draft in which some values are others: of the right shape, and of nobody's making.
fn shaped() -> impl Strategy<Value = String> {
    let text = || prop_oneof![prop::sample::select(ODD).prop_map(str::to_owned), any::<String>()];
    let other = prop_oneof![
        8 => text().prop_map(serde_json::Value::from),
        1 => any::<i64>().prop_map(serde_json::Value::from),
        1 => Just(serde_json::Value::Null),
        2 => prop::collection::vec(text(), 0..3).prop_map(serde_json::Value::from),
    ];
    let free = prop::sample::select(
        &[
            "/profile",
            "/tag",
            "/grantees",
            "/puller_region",
            "/until",
            "/texts/0/text",
            "/texts/0/stored",
            "/texts/0/caret",
        ][..],
    );
    let bound = prop::sample::select(
        &["/step", "/account", "/region", "/repositories", "/actions", "/shown", "/when", "/texts/0/repository"][..],
    );
    let place = prop_oneof![5 => free, 1 => bound];
    (drafts(), prop::collection::vec((place, other), 1..4)).prop_map(|(draft, changes)| {
        let mut json: serde_json::Value = serde_json::from_str(&draft.to_text(7)).unwrap();
        for (place, other) in changes {
            // A profile is there for credentials of that kind alone.
            let is_fitting = place != "/profile" || json["profile"].is_string();
            if let (true, Some(value)) = (is_fitting, json.pointer_mut(place)) {
                *value = other;
            }
        }
        json.to_string()
    })
}

proptest! {
    #[test]
    fn a_draft_comes_back_from_its_text_as_it_was(draft in drafts(), when in any::<i64>()) {
        prop_assert_eq!(Draft::from_text(&draft.to_text(when)), Ok((draft, when)));
    }

    #[test]
    fn a_damaged_text_is_no_draft_and_no_crash(draft in drafts(), at in any::<prop::sample::Index>(), into in any::<char>()) {
        let text = draft.to_text(7);
        let cut: String = text.chars().take(at.index(text.chars().count() - 2)).collect();
        prop_assert!(Draft::from_text(&cut).is_err());
        let at = at.index(text.chars().count());
        let bent: String = text.chars().enumerate().map(|(n, c)| if n == at { into } else { c }).collect();
        let _ = Draft::from_text(&bent);
    }

    #[test]
    fn no_text_crashes(text in prop_oneof!["\\PC{0,200}", any::<String>(), shaped()]) {
        let Ok((draft, when)) = Draft::from_text(&text) else { return Ok(()) };
        // What was taken from the file is shown, gone on with and kept again.
        let tag = draft.tag.clone();
        prop_assert!(tag.is_none_or(|tag| Tag::parse(tag.as_str()).is_some()));
        let rows: String = draft.words().into_iter().map(|(_, words)| make_visible(&words)).collect();
        prop_assert!(rows.chars().all(|c| classify_unseen(c).is_none()), "{}", rows);
        let kept = draft.to_text(when);
        prop_assert!(kept.chars().all(|c| c == '\n' || classify_unseen(c).is_none()), "{}", kept);
        let again = Draft { dropped_tag: None, ..draft.clone() };
        prop_assert_eq!(Draft::from_text(&kept), Ok((again, when)));
        prop_assert!(gone_on(draft, &World::default()).step < Step::Permissions);
    }

    #[test]
    fn many_texts_of_the_right_shape_are_drafts(texts in prop::collection::vec(shaped(), 64)) {
        let read = texts.iter().filter(|text| Draft::from_text(text).is_ok()).count();
        prop_assert!(read >= 8, "only {} of 64: the test above would look at nothing", read);
    }

    #[test]
    fn whatever_a_draft_holds_going_on_with_it_harms_nothing(draft in drafts()) {
        let model = gone_on(draft, &World::default());
        prop_assert!(model.step < Step::Permissions);
    }
}

#[test]
fn a_tag_that_is_none_is_dropped_with_a_word() {
    for tag in ["", "-x", "a b", "a\u{1b}[2J", "a\u{202e}", "$(id)", &"a".repeat(129)] {
        let mut json: serde_json::Value = serde_json::from_str(&test_draft().to_text(7)).unwrap();
        json["tag"] = tag.into();
        let (read, _) = Draft::from_text(&json.to_string()).unwrap();
        assert_eq!((read.tag.clone(), read.dropped_tag.as_deref()), (None, Some(tag)));
        let rows = read.words();
        let (_, words) = rows.iter().find(|(name, _)| *name == "Tag").unwrap();
        assert!(words.starts_with("dropped: ") && words.chars().all(|c| classify_unseen(c).is_none()), "{words}");
    }
    assert!(!test_draft().words().iter().any(|(name, _)| *name == "Tag"));
}
