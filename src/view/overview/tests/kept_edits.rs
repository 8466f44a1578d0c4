//! A policy changed by hand outlives whatever else is looked at, and is written nowhere else.

use super::several::{serve, shown, whole_survey};
use crate::ecr::RepositoryRef;
use crate::view::testing::draw_snapshot;
use crate::wizard::draft::Draft;
use crate::wizard::testing::*;
use crate::wizard::{Code, Model, Overlay, Step};

const TYPED: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"ByHand","Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"ecr:BatchGetImage"}]}"#;

/// The two ways to edit a policy: with a grant added, and as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Grant,
    Stored,
}

fn find(model: &Model, name: &str, region: &str) -> RepositoryRef {
    shown(model).into_iter().find(|one| one.name.as_str() == name && one.region.as_str() == region).unwrap()
}

/// Moves to a repository of the list.
fn choose(model: &mut Model, target: &RepositoryRef) {
    tap_key(model, Code::Home);
    let at = shown(model).iter().position(|one| one == target).unwrap();
    (0..at).for_each(|_| drop(tap_key(model, Code::Down)));
    assert_eq!(model.repository.chosen_row().unwrap().repository.reference, *target);
}

/// Goes from the list to the editor of a repository.
fn open_editor(model: &mut Model, target: &RepositoryRef, kind: Kind) {
    choose(model, target);
    if kind == Kind::Stored {
        let effects = tap_key(model, Code::Enter);
        serve(model, effects, false);
        let effects = type_text(model, "e");
        serve(model, effects, false);
    } else {
        let effects = type_text(model, "g");
        serve(model, effects, false);
        if model.actions.grantee().text().is_empty() {
            type_text(model, "555555555555");
        }
        let effects = tap_key(model, Code::Enter);
        serve(model, effects, false);
    }
    assert_eq!(model.step, Step::Policy, "{:?}", model.notice);
}

/// Goes back to the list.
fn back_to_list(model: &mut Model) {
    for _ in 0..8 {
        if model.step == Step::Repository && model.repository.review().is_none() {
            return;
        }
        let effects = tap_key(model, Code::Esc);
        serve(model, effects, false);
    }
    panic!("{:?}", model.step);
}

fn shown_text(model: &Model) -> String {
    model.policy.draft().unwrap().editor.text().to_owned()
}

#[test]
fn an_edit_by_hand_is_there_again_whatever_was_looked_at_or_edited_meanwhile() {
    let others = [("vendorapp", "us-east-1"), ("data/ingest", "eu-west-2"), ("models", "eu-west-2")];
    for kind in [Kind::Grant, Kind::Stored] {
        for (name, region) in others {
            for meanwhile in ["review", "grant", "edit"] {
                let mut model = whole_survey(false);
                let edited = find(&model, "vendorapp", "eu-west-2");
                open_editor(&mut model, &edited, kind);
                edit_text(&mut model, TYPED);
                assert!(model.is_dirty());
                back_to_list(&mut model);
                let other = find(&model, name, region);
                match meanwhile {
                    "review" => {
                        choose(&mut model, &other);
                        let effects = tap_key(&mut model, Code::Enter);
                        serve(&mut model, effects, false);
                    }
                    "grant" => open_editor(&mut model, &other, Kind::Grant),
                    _ => open_editor(&mut model, &other, Kind::Stored),
                }
                if meanwhile != "review" {
                    assert_ne!(shown_text(&model), TYPED, "{kind:?} {other}");
                }
                // The text belongs to one repository, and to no other of its name.
                let kept = Draft::of(&model);
                let is_there = kept.is_some_and(|draft| draft.region != edited.region && !draft.texts.is_empty());
                assert!(!is_there && model.is_dirty(), "{kind:?} {other} {meanwhile}");
                back_to_list(&mut model);
                open_editor(&mut model, &edited, kind);
                assert_eq!(shown_text(&model), TYPED, "{kind:?} {other} {meanwhile}");
                assert!(model.signed.as_ref().unwrap().registry_place().holds(&edited));
            }
        }
    }
}

#[test]
fn leaving_says_that_no_draft_keeps_an_edit_that_is_not_at_hand() {
    let mut model = whole_survey(false);
    let edited = find(&model, "vendorapp", "eu-west-2");
    open_editor(&mut model, &edited, Kind::Grant);
    edit_text(&mut model, TYPED);
    back_to_list(&mut model);
    let other = find(&model, "vendorapp", "us-east-1");
    open_editor(&mut model, &other, Kind::Grant);
    back_to_list(&mut model);
    type_text(&mut model, "q");
    assert_eq!(model.overlay, Some(Overlay::Leave));
    let drawn = draw_snapshot(&mut model, 80, 24);
    assert!(drawn.contains("your text for 1 repository that is not chosen now"), "{drawn}");
}
