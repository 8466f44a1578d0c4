//! Screens say what is not proved, and it counts as the danger that it may be.

use crate::ecr::OwnerSide;
use crate::policy::RegistryPolicy;
use crate::view::testing::draw_snapshot;
use crate::wizard::permissions::Shown;
use crate::wizard::repository::reads::PullAccess;
use crate::wizard::save::How;
use crate::wizard::testing::{
    UNPROVED_POLICY, edit_text, give_answer, hold_policies, policy_model, press_key, set_access, signed_model,
    test_reference, test_repository,
};
use crate::wizard::{Answer, Code, Effect, Key, Model, Step};

/// A snapshot at both sizes; the screen says that something is not proved.
fn both(name: &str, mut model: Model) {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let drawn = draw_snapshot(&mut model, columns, rows);
        assert!(drawn.contains("unproved"), "{name} at {columns}x{rows} does not say so:\n{drawn}");
        insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), drawn);
    }
}

#[test]
fn in_the_policy_and_before_it_is_saved() {
    let mut model = policy_model(None);
    edit_text(&mut model, UNPROVED_POLICY);
    assert!(model.policy.draft().unwrap().unproved.is_some());
    both("policy", model);
    let mut model = policy_model(None);
    edit_text(&mut model, UNPROVED_POLICY);
    press_key(&mut model, Key::with_ctrl('s'));
    assert_eq!(model.step, Step::Save);
    both("save", model);
}

#[test]
fn in_the_list_of_repositories_and_in_the_review() {
    let mut model = signed_model();
    let access =
        PullAccess::of_policy(Some(UNPROVED_POLICY), &test_reference("vendorapp"), &RegistryPolicy::NotAsked, 0);
    set_access(&mut model, "vendorapp", access);
    press_key(&mut model, Key::without_modifiers(Code::End));
    both("repository", model);
    let mut model = signed_model();
    let effects = press_key(&mut model, Key::of_char('v'));
    let Some(Effect::ReadPolicy { id, repository, .. }) = effects.first() else { panic!("{effects:?}") };
    let answer = Answer::Policy(repository.clone(), Ok(Some(UNPROVED_POLICY.to_owned())));
    give_answer(&mut model, *id, answer);
    both("review", model);
}

#[test]
fn in_the_permissions() {
    let mut model = policy_model(None);
    model.step = Step::Permissions;
    let shown = Shown {
        repository: test_repository("vendorapp"),
        text: Some(UNPROVED_POLICY.to_owned()),
        before: None,
        registry: RegistryPolicy::NotAsked,
        how: How::Saved,
        changes: Vec::new(),
        is_by_hand: false,
        planned_side: Some(OwnerSide::Done),
        lacks: None,
    };
    hold_policies(&mut model, vec![shown], None);
    press_key(&mut model, Key::without_modifiers(Code::Tab));
    both("permissions", model);
}
