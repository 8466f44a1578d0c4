//! The address of a repository whose owner is looked for among the rows.

use super::*;

const IMAGE: &str = "222222222222.dkr.ecr.eu-central-1.amazonaws.com/vendorapp:1.4";

#[test]
fn a_pasted_image_chooses_the_owner_and_the_region() {
    let mut model = loaded_model();
    tap_key(&mut model, Code::End);
    let effects = paste_text(&mut model, IMAGE);
    assert!(
        matches!(&effects[..], [Effect::Verify { source, region: Some(r), .. }] if *source == profile("platform") && *r == test_region("eu-central-1")),
        "{effects:?}"
    );
    assert_eq!(chosen_name(&model), "platform");
    assert_eq!(model.prefill.tag.as_ref().map(crate::ecr::Tag::as_str), Some("1.4"));
    assert_eq!(model.prefill.target.as_ref().map(|t| t.name.to_string()), Some("vendorapp".to_owned()));
}

#[test]
fn a_line_with_an_image_does_the_same_and_an_address_without_one_is_named() {
    let mut model = loaded_model();
    tap_key(&mut model, Code::End);
    let effects = paste_text(&mut model, &format!("docker pull {IMAGE}"));
    assert!(matches!(&effects[..], [Effect::Verify { region: Some(r), .. }] if *r == test_region("eu-central-1")));
    for (text, words) in [
        ("222222222222.dkr.ecr.eu-central-1.amazonaws.com", "the registry of account 222222222222"),
        ("public.ecr.aws/nginx/nginx:1", "public registry"),
        ("https://eu-west-2.console.aws.amazon.com/ecr/private-registry/repositories", "page of the console"),
    ] {
        let mut model = loaded_model();
        assert!(paste_text(&mut model, text).is_empty(), "{text}");
        assert!(model.notice.as_ref().unwrap().text.contains(words), "{text}");
        assert!(!model.account.filter.open, "{text}");
    }
}

#[test]
fn an_image_given_before_the_sources_are_there_does_the_same() {
    let (target, tag) = target_of(IMAGE).unwrap();
    let (model, effects) = loaded_with(Prefill { target: Some(target), tag, ..Prefill::default() });
    verify_id(&effects);
    assert_eq!(chosen_name(&model), "platform");
    let (target, tag) = target_of(IMAGE).unwrap();
    let (_, effects) =
        loaded_with(Prefill { source: Some(profile("legacy")), target: Some(target), tag, ..Prefill::default() });
    assert!(
        matches!(&effects[..], [Effect::Verify { source, region: Some(r), .. }] if *source == profile("legacy") && *r == test_region("eu-central-1")),
        "the flag names the profile, the image the Region: {effects:?}"
    );
}

#[test]
fn an_image_of_an_account_with_several_rows_shows_these() {
    let mut model = fresh_model();
    let Some(Effect::LoadSources(id)) = start(&mut model).pop() else { panic!() };
    let mut all = sources();
    all.push(test_source("platform-ro"));
    give_answer(&mut model, id, Answer::Sources(Ok(all)));
    assert!(paste_text(&mut model, IMAGE).is_empty());
    // Those of the owner stand first; of the others it is said why they stand below.
    assert_eq!(
        line_names(&model),
        ["platform", "platform-ro", "- account not known", "legacy", "- other accounts", "vendor-eu"]
    );
    assert_eq!(chosen_name(&model), "platform");
    assert!(model.notice.as_ref().unwrap().text.contains("one of 2"));
    // Once one of them is verified, it is the one.
    tap_key(&mut model, Code::Down);
    let id = verify_id(&tap_key(&mut model, Code::Enter));
    give_answer(&mut model, id, verified_as("222222222222"));
    assert_eq!(model.step, Step::Repository, "the account is the one that was looked for");
    // Once for the question about the name, once for the step.
    tap_key(&mut model, Code::Esc);
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Account);
    tap_key(&mut model, Code::Home);
    paste_text(&mut model, IMAGE);
    assert_eq!((chosen_name(&model).as_str(), model.account.rows.len()), ("platform-ro", 4));
    assert_eq!(model.step, Step::Repository);
}

#[test]
fn an_image_of_an_account_that_no_row_tells_is_explained() {
    let mut model = loaded_model();
    assert!(paste_text(&mut model, "arn:aws:ecr:us-east-1:333333333333:repository/team/app").is_empty());
    let words = model.notice.as_ref().unwrap().text.clone();
    assert!(words.contains("team/app belongs to account 333333333333"), "{words}");
    // A row whose account the files do not tell may be the one: it is the chosen one.
    assert_eq!(line_names(&model), ["- account not known", "legacy", "- other accounts", "platform", "vendor-eu"]);
    assert_eq!(chosen_name(&model), "legacy");
    let id = verify_id(&tap_key(&mut model, Code::Enter));
    give_answer(&mut model, id, verified_as("333333333333"));
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.signed.as_ref().map(|s| s.region.clone()), Some(test_region("us-east-1")));
}

#[test]
fn an_image_of_another_account_does_not_go_on_by_itself_and_is_left_aside_on_enter() {
    let (target, tag) = target_of(IMAGE).unwrap();
    let prefill = Prefill { source: Some(profile("vendor-eu")), target: Some(target), tag, ..Prefill::default() };
    let (mut model, effects) = loaded_with(prefill);
    give_answer(&mut model, verify_id(&effects), verified_as("111111111111"));
    assert_eq!(model.step, Step::Account);
    tap_key(&mut model, Code::Enter);
    assert_eq!((model.step, &model.prefill.target), (Step::Repository, &None));
    assert!(model.notice.unwrap().text.contains("no longer looked for"));
}

#[test]
fn a_key_id_that_hints_at_the_owner_is_asked_and_counts_only_as_aws_answers() {
    for (answered, step) in [("222222222222", Step::Repository), ("333333333333", Step::Account)] {
        let mut model = fresh_model();
        let Some(Effect::LoadSources(id)) = start(&mut model).pop() else { panic!() };
        let mut all = sources();
        all.remove(0);
        all[0].hint = Some(test_account("222222222222"));
        give_answer(&mut model, id, Answer::Sources(Ok(all)));
        let legacy = model.account.find_source(&profile("legacy")).unwrap().clone();
        assert_eq!(model.account.account_of(&legacy), None, "a hint is no account");
        assert_eq!(model.account.row_columns(&legacy)[2], "about 222222222222, from its key");
        let effects = paste_text(&mut model, IMAGE);
        give_answer(&mut model, verify_id(&effects), verified_as(answered));
        assert_eq!(model.step, step);
        assert_eq!(model.account.hint_words(&legacy), None, "what AWS says stands over it");
    }
}

#[test]
fn another_region_than_the_images_forgets_the_image() {
    let mut model = loaded_model();
    let id = verify_id(&paste_text(&mut model, IMAGE));
    give_answer(&mut model, id, verified_as("222222222222"));
    type_text(&mut model, "R");
    type_text(&mut model, "us-west-2");
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.prefill.target, None);
}

#[test]
fn another_account_or_region_drops_the_chosen_repositories_and_another_profile_does_not() {
    for (answered, chosen_region, kept) in
        [("222222222222", None, 1), ("333333333333", None, 0), ("222222222222", Some("us-east-1"), 0)]
    {
        let mut model = loaded_model();
        model.signed = Some(test_signed());
        model.chosen = vec![test_repository("vendorapp")];
        tap_key(&mut model, Code::Down);
        if let Some(name) = chosen_region {
            type_text(&mut model, "R");
            type_text(&mut model, name);
            tap_key(&mut model, Code::Enter);
        }
        let id = verify_id(&tap_key(&mut model, Code::Enter));
        give_answer(&mut model, id, verified_as(answered));
        tap_key(&mut model, Code::Enter);
        assert_eq!(model.chosen.len(), kept, "{answered} {chosen_region:?}");
    }
}

/// Returns the lines of the list by name, those between groups with a dash.
fn line_names(model: &Model) -> Vec<String> {
    let step = &model.account;
    let name = |line: &ListLine| match line {
        ListLine::Row(row) => step.source_at(*row).unwrap().id.to_string(),
        ListLine::Heading(words) => format!("- {words}"),
    };
    step.shown_lines(100).lines.iter().map(name).collect()
}

#[test]
fn the_lines_between_groups_come_with_an_address_and_go_with_it() {
    let mut model = fresh_model();
    let Some(Effect::LoadSources(id)) = start(&mut model).pop() else { panic!() };
    let mut all = sources();
    all.insert(0, unusable(profile("broken")));
    let hinted = |name: &str| Source { account: None, hint: Some(test_account("333333333333")), ..test_source(name) };
    all.extend([hinted("hinted"), Source { kind: SignInKind::Nothing, ..test_source("settings") }]);
    give_answer(&mut model, id, Answer::Sources(Ok(all)));
    let plain = ["platform", "legacy", "vendor-eu", "hinted", "broken", "settings"];
    assert_eq!(line_names(&model), plain);
    let effects = paste_text(&mut model, "333333333333.dkr.ecr.eu-west-2.amazonaws.com/team/app:1");
    let grouped = [
        "- account not known",
        "hinted",
        "legacy",
        "- other accounts",
        "platform",
        "vendor-eu",
        "- cannot be used",
        "broken",
        "settings",
    ];
    assert_eq!(line_names(&model), grouped);
    // What AWS says of a row moves it to where it belongs, and the cursor goes with it.
    give_answer(&mut model, verify_id(&effects), verified_as("444444444444"));
    assert_eq!(line_names(&model)[..5], ["- account not known", "legacy", "- other accounts", "platform", "vendor-eu"]);
    assert_eq!((chosen_name(&model).as_str(), model.step), ("hinted", Step::Account));
    let said = model.notice.as_ref().unwrap().text.clone();
    assert!(said.contains("hinted signs in to account 444444444444") && said.contains("333333333333"), "{said}");
    // Under a filter the best match stands first, and nothing divides.
    type_text(&mut model, "/e");
    assert!(line_names(&model).iter().all(|line| !line.starts_with('-')));
    tap_key(&mut model, Code::Esc);
    // Another Region is another registry: the address is given up, and the lines with it.
    tap_key(&mut model, Code::Home);
    type_text(&mut model, "R");
    type_text(&mut model, "us-west-2");
    tap_key(&mut model, Code::Enter);
    assert_eq!(line_names(&model), plain);
}

#[test]
fn enter_never_signs_in_to_another_account_unsaid() {
    let mut model = loaded_model();
    let effects = paste_text(&mut model, IMAGE);
    give_answer(&mut model, verify_id(&effects), Answer::Verified(Err(test_failure(FailureKind::SignInExpired))));
    // Below the owner's own row, each row of another account says so before and after Enter.
    for (key, label) in [(Code::Down, "sign in"), (Code::Down, "sign in anyway")] {
        tap_key(&mut model, key);
        assert_eq!(action_label(&model, KeyScope::Account, Action::Next).unwrap(), label);
        let id = verify_id(&tap_key(&mut model, Code::Enter));
        give_answer(&mut model, id, verified_as("111111111111"));
        assert_eq!((model.step, &model.signed), (Step::Account, &None));
        let said = model.notice.take().unwrap().text;
        assert!(said.contains("signs in to account 111111111111") && said.contains("222222222222"), "{said}");
    }
}

#[test]
fn the_chosen_row_is_shown_whatever_lines_stand_between() {
    for owner in ["222222222222", "333333333333"] {
        let mut model = loaded_model();
        paste_text(&mut model, &format!("{owner}.dkr.ecr.eu-west-2.amazonaws.com/team/app:1"));
        for height in 1..8 {
            for key in [Code::Home, Code::Down, Code::Down, Code::Down, Code::Up, Code::PageUp, Code::End] {
                tap_key(&mut model, key);
                let shown = model.account.shown_lines(height);
                let chosen = ListLine::Row(model.account.cursor.selected);
                assert!(shown.lines.contains(&chosen) && shown.lines.len() <= height, "{height} {key:?}: {shown:?}");
                assert!(shown.first + shown.lines.len() <= shown.total, "{shown:?}");
            }
        }
        // A click takes the row under the pointer, and on a line between nothing.
        let lines = model.account.shown_lines(10).lines;
        for (at, line) in lines.iter().enumerate() {
            let before = model.account.cursor.selected;
            choose_shown(&mut model, at);
            let expected = if let ListLine::Row(row) = line { *row } else { before };
            assert_eq!(model.account.cursor.selected, expected);
        }
    }
}

#[test]
fn the_words_say_where_going_on_leads() {
    let name = |text: &str| RepositorySelector::parse(text).unwrap();
    let to = || vec![crate::ecr::Grantee::parse("111111111111").unwrap()];
    for (prefill, words) in [
        (Prefill::default(), "goes on to its repositories"),
        (Prefill { overview: true, ..Prefill::default() }, "goes on to the review of its repositories"),
        (Prefill { grantees: to(), ..Prefill::default() }, "goes on to its repositories"),
        (Prefill { names: vec![name("app")], ..Prefill::default() }, "goes on to step 3, Actions, if app is there"),
        (
            Prefill { names: vec![name("app")], grantees: to(), ..Prefill::default() },
            "goes on to step 4, Policy, if app is there",
        ),
        (
            Prefill { names: vec![name("app"), name("api")], grantees: to(), ..Prefill::default() },
            "goes on to step 4, Policy, if all 2 named repositories are there",
        ),
        (Prefill { target: target_of(IMAGE).map(|found| found.0), ..Prefill::default() }, "step 3, Actions, if "),
    ] {
        let (model, _) = loaded_with(prefill);
        let told = leads_to(&model, &test_identity());
        assert!(told.contains(words), "{told}: {words}");
    }
    // The address of somebody else is given up.
    let target = target_of(IMAGE).map(|found| found.0);
    let (model, _) = loaded_with(Prefill { target, ..Prefill::default() });
    let other = crate::ecr::Identity { account: test_account("444444444444"), ..test_identity() };
    assert_eq!(leads_to(&model, &other), "goes on to its repositories");
}
