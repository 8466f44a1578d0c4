use super::*;
use crate::ecr::{Failure, FailureKind, Tags};
use crate::wizard::save::{Phase, begin_visit};
use crate::wizard::testing::{
    VENDOR_POLICY, answer_write, first_grant, give_answer, granted_before, hold_policies, press_key, pull_request,
    save_model, tap_key, test_written, to_save, type_text,
};
use crate::wizard::{Code, Event, Key, go, update};

/// At Permissions after these repositories were saved; the effects of arriving there.
fn arrived(names: &[&str]) -> (Model, Vec<Effect>) {
    let mut model = save_model(names.iter().map(|name| first_grant(name)).collect(), None);
    let mut effects = press_key(&mut model, Key::of_char('y'));
    for _ in names {
        effects = answer_write(&mut model, &effects, test_written());
    }
    let effects = tap_key(&mut model, Code::Enter);
    assert_eq!(model.step, Step::Permissions);
    (model, effects)
}

/// The same with a request, so that there is a kit.
fn with_kit() -> (Model, Vec<Effect>) {
    let (mut model, _) = arrived(&["vendorapp"]);
    let entries = model.permissions.entries.clone();
    let effects = hold_policies(&mut model, entries, Some(pull_request()));
    (model, effects)
}

fn body(model: &Model) -> String {
    let sections = &model.permissions.kit.as_ref().unwrap().sections;
    sections.iter().map(crate::handoff::KitSection::body).collect()
}

#[test]
fn no_tag_is_invented_and_the_newest_one_is_taken_when_it_comes() {
    let (mut model, effects) = with_kit();
    let [Effect::ReadTags { id, repository, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(body(&model).contains("vendorapp:TAG"));
    assert!(!body(&model).contains(":latest"));
    let tags = Ok(Tags::read_tags(["1.4.2", "1.4.1"]));
    give_answer(&mut model, *id, Answer::Tags(repository.clone(), tags));
    assert_eq!(model.notice, None);
    assert!(body(&model).contains("vendorapp:1.4.2"));
}

#[test]
fn what_aws_gives_as_a_tag_and_is_none_is_left_out_with_a_word() {
    let (mut model, effects) = with_kit();
    let [Effect::ReadTags { id, repository, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let tags = Tags::read_tags(["$(id)", "a\u{1b}[2J", "1.4.1"]);
    give_answer(&mut model, *id, Answer::Tags(repository.clone(), Ok(tags)));
    assert!(body(&model).contains("vendorapp:1.4.1"));
    let words = model.notice.as_ref().map(|notice| notice.text.as_str()).unwrap_or_default();
    assert_eq!(words, "AWS gave 2 tags of vendorapp that no image can have: left out; name the tag yourself");
}

#[test]
fn tags_that_cannot_be_read_change_nothing() {
    let (mut model, effects) = with_kit();
    let [Effect::ReadTags { id, repository, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let failure = Failure::new(FailureKind::AccessDenied, "you may not list images", "ask for it");
    give_answer(&mut model, *id, Answer::Tags(repository.clone(), Err(failure)));
    assert!(body(&model).contains("vendorapp:TAG"));
}

#[test]
fn the_tag_of_the_image_that_was_given_is_kept() {
    let (mut model, _) = arrived(&["vendorapp"]);
    model.prefill.tag = crate::ecr::Tag::parse("2.0");
    let entries = model.permissions.entries.clone();
    assert!(hold_policies(&mut model, entries, Some(pull_request())).is_empty());
    assert!(body(&model).contains("vendorapp:2.0"));
}

#[test]
fn parts_are_gone_through_in_a_ring() {
    let (mut model, _) = with_kit();
    let parts = model.permissions.part_titles().len();
    assert!(parts > 5);
    for _ in 0..=model.permissions.part() {
        tap_key(&mut model, Code::BackTab);
    }
    assert_eq!(model.permissions.part(), parts - 1);
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Right);
    assert_eq!(model.permissions.part(), 1);
}

#[test]
fn it_opens_on_what_somebody_must_still_do_and_otherwise_on_the_statements() {
    let opened = |grantee: &str, side: OwnerSide| {
        let (mut model, _) = arrived(&["vendorapp"]);
        let mut entries = model.permissions.entries().to_vec();
        entries[0].planned_side = Some(side);
        entries[0].text = Some(VENDOR_POLICY.replace("arn:aws:iam::111111111111:root", grantee));
        if grantee.contains(".amazonaws.com") {
            entries[0].text = Some(
                VENDOR_POLICY.replace("\"AWS\"", "\"Service\"").replace("arn:aws:iam::111111111111:root", grantee),
            );
        }
        let request =
            crate::plan::Request { grantees: vec![crate::ecr::Grantee::parse(grantee).unwrap()], ..pull_request() };
        hold_policies(&mut model, entries, Some(request));
        model.permissions.entries[0].lacks = None;
        make_kit(&mut model);
        model.permissions.part_titles()[model.permissions.part()].to_owned()
    };
    let not_done = OwnerSide::NotDone(vec!["pull is blocked by statement 1 (Ban)".to_owned()]);
    for grantee in ["111111111111", "o-a1b2c3d4e5", "arn:aws:iam::111111111111:role/ci", "*"] {
        assert_eq!(opened(grantee, OwnerSide::Done), "What is left to do", "{grantee}");
    }
    assert_eq!(opened("codebuild.amazonaws.com", OwnerSide::Done), "Statements", "nobody has to do anything");
    assert_eq!(opened("codebuild.amazonaws.com", not_done), "What is left to do");
    for (way, model) in proposals(&first_grant("vendorapp"), Some(&pull_request())) {
        assert_eq!(model.permissions.part_titles()[model.permissions.part()], "For whoever writes it", "{way}");
    }
}

#[test]
fn what_comes_later_moves_nobody_who_went_to_a_part() {
    let (mut model, effects) = with_kit();
    tap_key(&mut model, Code::BackTab);
    tap_key(&mut model, Code::BackTab);
    assert_eq!(model.permissions.part(), 0);
    let [Effect::ReadTags { id, repository, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    give_answer(&mut model, *id, Answer::Tags(repository.clone(), Ok(Tags::read_tags(["1.4.2"]))));
    assert_eq!(model.permissions.part(), 0);
}

#[test]
fn the_chosen_part_is_copied_and_written() {
    let (mut model, _) = with_kit();
    model.permissions.part = Some(0);
    let copied = press_key(&mut model, Key::of_char('c'));
    assert!(matches!(copied.as_slice(), [Effect::Copy { text, .. }] if text.trim_end() == VENDOR_POLICY));
    let file = press_key(&mut model, Key::of_char('w'));
    assert!(
        matches!(file.as_slice(), [Effect::WriteFile { name, .. }] if name == "ecr-grant-111111111111-vendorapp-policy.json")
    );
    tap_key(&mut model, Code::Tab);
    let file = press_key(&mut model, Key::of_char('w'));
    assert!(
        matches!(file.as_slice(), [Effect::WriteFile { name, .. }] if name == "ecr-grant-111111111111-vendorapp-access.txt")
    );
    for _ in 0..model.permissions.kit.as_ref().unwrap().sections.len() {
        tap_key(&mut model, Code::Tab);
        let section = model.permissions.shown_section().unwrap().clone();
        let copied = press_key(&mut model, Key::of_char('c'));
        assert!(
            matches!(copied.as_slice(), [Effect::Copy { text, .. }] if text.trim_end() == section.body().trim_end())
        );
        let file = press_key(&mut model, Key::of_char('w'));
        assert!(matches!(file.as_slice(), [Effect::WriteFile { name, .. }] if name == section.file_name()));
    }
    let all = press_key(&mut model, Key::of_char('W'));
    assert!(matches!(all.as_slice(), [Effect::WriteFile { name, text, .. }]
            if name == "ecr-grant-111111111111-handover.md" && text.starts_with("# ")));
}

#[test]
fn the_message_is_copied_from_every_part_and_only_when_it_is_known_what_holds() {
    let (mut model, _) = with_kit();
    let at = model.permissions.message_part().unwrap();
    assert_eq!(model.permissions.part_titles()[at], "Message to the puller");
    let message = model.permissions.kit().unwrap().message().unwrap().body().to_owned();
    for _ in 0..model.permissions.part_titles().len() {
        let copied = press_key(&mut model, Key::of_char('m'));
        assert!(matches!(copied.as_slice(), [Effect::Copy { text, .. }] if text.trim_end() == message), "{copied:?}");
        tap_key(&mut model, Code::Tab);
    }
    let entries = model.permissions.entries().to_vec();
    begin_with(&mut model, entries, Some(pull_request()));
    update(&mut model, Event::Clock(1));
    assert!(press_key(&mut model, Key::of_char('m')).is_empty());
    assert!(model.notice.as_ref().is_some_and(|n| n.text.contains("being checked")), "{:?}", model.notice);
}

#[test]
fn without_a_grantee_there_is_no_message() {
    let (mut model, _) = arrived(&["vendorapp"]);
    let entries = model.permissions.entries().to_vec();
    hold_policies(&mut model, entries, None);
    assert!(press_key(&mut model, Key::of_char('m')).is_empty());
    assert!(model.notice.as_ref().is_some_and(|n| n.text.starts_with("nobody received access")), "{:?}", model.notice);
}

#[test]
fn a_name_with_slashes_makes_a_plain_file_name() {
    let (mut model, _) = arrived(&["platform/billing-api"]);
    let file = press_key(&mut model, Key::of_char('w'));
    assert!(
        matches!(file.as_slice(), [Effect::WriteFile { name, .. }] if name == "ecr-grant-platform-billing-api-policy.json"),
        "{file:?}"
    );
}

#[test]
fn several_repositories_are_gone_through_and_have_no_common_tag() {
    let (mut model, effects) = arrived(&["vendorapp", "worker"]);
    assert!(effects.is_empty());
    press_key(&mut model, Key::of_char(' '));
    assert_eq!(model.permissions.shown_repository().unwrap().repository.name().as_str(), "worker");
    press_key(&mut model, Key::of_char(' '));
    assert_eq!(model.permissions.shown_repository().unwrap().repository.name().as_str(), "vendorapp");
}

#[test]
fn with_one_repository_the_next_one_is_off_and_says_why() {
    let (mut model, _) = arrived(&["vendorapp"]);
    press_key(&mut model, Key::of_char(' '));
    assert!(model.notice.is_some());
}

#[test]
fn only_what_holds_is_shown_and_the_rest_is_named() {
    let mut model = save_model(vec![first_grant("vendorapp"), granted_before("worker")], None);
    let effects = press_key(&mut model, Key::of_char('y'));
    let failure = Failure::new(FailureKind::AccessDenied, "AWS denies it", "ask for it");
    answer_write(&mut model, &effects, crate::plan::Outcome::Refused(failure));
    tap_key(&mut model, Code::Enter);
    let names: Vec<_> = model.permissions.entries.iter().map(|shown| shown.repository.name().to_string()).collect();
    assert_eq!(names, ["worker"]);
    assert_eq!(model.permissions.missing, ["vendorapp"]);
    tap_key(&mut model, Code::Esc);
    assert_eq!(model.step, Step::Save);
}

#[test]
fn the_wizard_goes_round_again_with_the_same_account() {
    let (mut model, _) = arrived(&["vendorapp"]);
    press_key(&mut model, Key::of_char('a'));
    assert_eq!(model.step, Step::Repository);
    assert!(model.signed.is_some());
    let (mut model, _) = arrived(&["vendorapp"]);
    press_key(&mut model, Key::of_char('n'));
    assert_eq!(model.step, Step::Actions);
    assert_eq!(model.chosen.len(), 1);
}

#[test]
fn quitting_leaves_a_line_for_each_repository() {
    let (mut model, _) = arrived(&["vendorapp", "worker"]);
    let left = press_key(&mut model, Key::of_char('q'));
    let [Effect::Quit { summary }] = left.as_slice() else { panic!("{left:?}") };
    assert_eq!(summary.len(), 2);
    assert!(summary[0].starts_with("vendorapp: ") && summary[0].contains("backup at /home/ana"), "{summary:?}");
}

#[test]
fn a_policy_edited_by_hand_that_lacks_what_was_asked_for_is_told_so() {
    let (mut model, _) = with_kit();
    assert!(model.permissions.entries.iter().all(|shown| shown.lacks.is_none()), "{:?}", model.permissions.entries);
    let mut entries = model.permissions.entries.clone();
    entries[0].text = Some(VENDOR_POLICY.replace("111111111111", "333333333333"));
    hold_policies(&mut model, entries, Some(pull_request()));
    let lacks = model.permissions.entries[0].lacks.clone().expect("nothing is said to be missing");
    assert!(lacks.contains("111111111111") && lacks.contains("pull"), "{lacks}");
    let shown = shown_page(&model).text().replace('\n', " ");
    let words = "Owner side not done: the policy was edited by hand and does not give account 111111111111";
    assert!(shown.starts_with(words), "{shown}");
}

#[test]
fn nothing_is_handed_on_before_it_is_known_what_the_policies_give() {
    let mut model = save_model(vec![granted_before("vendorapp")], Some(pull_request()));
    go(&mut model, Step::Permissions);
    let entries = model.permissions.entries().to_vec();
    begin_with(&mut model, entries, Some(pull_request()));
    let effects = update(&mut model, Event::Clock(1));
    let Some((id, computation)) = effects.into_iter().find_map(|effect| match effect {
        Effect::Compute { id, computation } => Some((id, computation)),
        _ => None,
    }) else {
        panic!("nothing is read")
    };
    assert!(model.permissions.kit().is_none());
    super::super::question::read(&mut model);
    assert!(update(&mut model, Event::Key(Key::of_char('W'))).is_empty());
    assert!(model.notice.as_ref().is_some_and(|n| n.text.contains("being checked")), "{:?}", model.notice);
    let computed = || Box::new(Answer::Computed(Ok(computation.carry_out())));
    update(&mut model, Event::Answer(RequestId(u64::MAX), computed()));
    assert!(model.permissions.kit().is_none(), "a late result was taken");
    update(&mut model, Event::Answer(id, computed()));
    assert!(model.permissions.kit().is_some());
}

/// At Permissions with a change that nothing wrote, by each way to get there.
fn proposals(planned: &crate::plan::Planned, request: Option<&crate::plan::Request>) -> Vec<(&'static str, Model)> {
    let by_flag = {
        let mut model = save_model(vec![planned.clone()], None);
        model.settings.read_only = true;
        begin_visit(&mut model, to_save(vec![planned.clone()], request), request.cloned());
        ("read-only", model)
    };
    let by_pattern = {
        let mut model = save_model(vec![planned.clone()], None);
        let pattern = crate::plan::ReadOnlyPattern::parse("vendor*", 1).unwrap();
        model.settings.read_only_patterns = crate::plan::ReadOnlyPatterns::of_file("f", vec![pattern]);
        begin_visit(&mut model, to_save(vec![planned.clone()], request), request.cloned());
        ("pattern", model)
    };
    let by_dry_run = {
        let mut model = save_model(vec![planned.clone()], request.cloned());
        model.settings.dry_run = true;
        let word = match model.save.phase() {
            Phase::Asking(crate::plan::Confirmation::Typed { word, .. }) => Some(word.clone()),
            _ => None,
        };
        let effects = match word {
            Some(word) => {
                type_text(&mut model, &word);
                tap_key(&mut model, Code::Enter)
            }
            None => press_key(&mut model, Key::of_char('y')),
        };
        answer_write(&mut model, &effects, crate::plan::Outcome::DryRun);
        ("dry run", model)
    };
    let all = vec![by_flag, by_pattern, by_dry_run];
    let settled = |(way, mut model): (&'static str, Model)| {
        let effects = tap_key(&mut model, Code::Enter);
        assert_eq!(model.step, Step::Permissions, "{way}");
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Save { .. })), "{way}: {effects:?}");
        let entries = model.permissions.entries().to_vec();
        hold_policies(&mut model, entries, request.cloned());
        (way, model)
    };
    all.into_iter().map(settled).collect()
}

#[test]
fn what_nothing_wrote_is_shown_for_whoever_writes_it_and_never_called_granted() {
    for (way, mut model) in proposals(&first_grant("vendorapp"), Some(&pull_request())) {
        let shown = model.permissions.shown_repository().unwrap();
        assert_eq!(shown.state_words(), (false, PROPOSAL.to_owned()), "{way}");
        assert_eq!(shown.text.as_deref(), Some(VENDOR_POLICY), "{way}");
        let titles = model.permissions.part_titles();
        for needed in ["For whoever writes it", "AWS CLI", "ecr-grant", "Terraform", "CloudFormation", "CDK"] {
            assert!(titles.contains(&needed), "{way}: {titles:?}");
        }
        for at in 0..titles.len() {
            let text = shown_page(&model).text().to_lowercase();
            for claim in ["granted", "side done", "saved"] {
                assert!(!text.contains(claim), "{way}, part {at}: {claim} in {text}");
            }
            tap_key(&mut model, Code::Tab);
        }
        let copied = press_key(&mut model, Key::of_char('m'));
        let [Effect::Copy { text, .. }] = copied.as_slice() else { panic!("{way}: {copied:?}") };
        assert!(!text.contains("--profile"), "the profile is of whoever prepares it: {text}");
        assert!(text.contains("State: nothing was written\n") && text.contains("set-repository-policy"), "{text}");
        let all = press_key(&mut model, Key::of_char('W'));
        let [Effect::WriteFile { name, text, .. }] = all.as_slice() else { panic!("{way}: {all:?}") };
        assert_eq!(name, "ecr-grant-111111111111-change.md");
        assert!(text.starts_with("> vendorapp: nothing was written\n\n# Not written: "), "{text}");
        tap_key(&mut model, Code::Esc);
        assert_eq!(model.step, Step::Save, "{way}");
    }
}

#[test]
fn a_change_that_grants_nothing_has_its_forms_for_whoever_writes_it_too() {
    for text in [Some(VENDOR_POLICY), None] {
        let planned = crate::plan::Planned { text: text.map(str::to_owned), ..first_grant("vendorapp") };
        for (way, mut model) in proposals(&planned, None) {
            let titles = model.permissions.part_titles();
            assert_eq!(titles.contains(&"Terraform"), text.is_some(), "{way}: {titles:?}");
            assert!(titles.contains(&"AWS CLI") && !titles.contains(&"What is left to do"), "{way}: {titles:?}");
            let copied = press_key(&mut model, Key::of_char('m'));
            let operation = if text.is_some() { "set-repository-policy" } else { "delete-repository-policy" };
            assert!(matches!(copied.as_slice(), [Effect::Copy { text, .. }] if text.contains(operation)), "{copied:?}");
        }
    }
}

#[test]
fn a_proposal_that_a_deny_would_void_says_so_in_every_part_that_is_handed_on() {
    let planned = crate::plan::Planned { ..first_grant("vendorapp") };
    for (way, mut model) in proposals(&planned, Some(&pull_request())) {
        let mut entries = model.permissions.entries().to_vec();
        let reason = "pull is blocked by statement 1 (Ban)";
        entries[0].planned_side = Some(OwnerSide::NotDone(vec![reason.to_owned()]));
        hold_policies(&mut model, entries, Some(pull_request()));
        let kit = model.permissions.kit().unwrap();
        assert!(kit.message().unwrap().body().contains(&format!("it would not be in effect: {reason}")), "{way}");
        for at in 2..model.permissions.part_titles().len() {
            model.permissions.part = Some(at);
            let text = shown_page(&model).text().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains("not be in effect"), "{way}, part {at}: {text}");
        }
    }
}

#[test]
fn what_is_granted_already_stays_out_of_a_proposal() {
    let mut model = save_model(vec![first_grant("vendorapp"), granted_before("worker")], Some(pull_request()));
    model.settings.read_only = true;
    let documents = to_save(vec![first_grant("vendorapp"), granted_before("worker")], Some(&pull_request()));
    begin_visit(&mut model, documents, Some(pull_request()));
    tap_key(&mut model, Code::Enter);
    let entries = model.permissions.entries().to_vec();
    assert_eq!(entries.len(), 2);
    hold_policies(&mut model, entries, Some(pull_request()));
    let message = model.permissions.kit().unwrap().message().unwrap();
    assert!(message.body().contains("vendorapp") && !message.body().contains("worker"), "{}", message.body());
    assert_eq!(model.permissions.entries()[1].state_words(), (true, "already granted: owner side done".to_owned()));
    // What is stored has the parts of the puller, and says nothing of what was not written.
    press_key(&mut model, Key::of_char(' '));
    assert_eq!(model.permissions.repository(), 1);
    let message = model.permissions.kit().unwrap().message().unwrap();
    assert!(message.body().contains("worker") && !message.body().contains("vendorapp"), "{}", message.body());
    assert!(message.body().contains("State: owner side done") && message.body().contains("docker login"));
    assert!(!shown_page(&model).text().contains("nothing was"), "{}", shown_page(&model).text());
    press_key(&mut model, Key::of_char(' '));
    assert!(model.permissions.kit().unwrap().message().unwrap().body().contains("State: nothing was written"));
}

#[test]
fn a_file_of_what_was_not_written_says_so_itself() {
    let planned = first_grant("vendorapp");
    for (way, mut model) in proposals(&planned, Some(&pull_request())) {
        for (part, name) in [(0, "vendorapp-proposed-policy.json"), (1, "vendorapp-proposed-access.txt")] {
            model.permissions.part = Some(part);
            let written = press_key(&mut model, Key::of_char('w'));
            let [Effect::WriteFile { name: of, text, .. }] = written.as_slice() else { panic!("{way}: {written:?}") };
            assert!(of.ends_with(name), "{way}: {of}");
            assert_eq!(text.contains("nothing was written"), part == 1, "{way}: {text}");
        }
        let [entry] = model.permissions.entries() else { panic!() };
        let mut entry = entry.clone();
        entry.text = None;
        hold_policies(&mut model, vec![entry], Some(pull_request()));
        model.permissions.part = Some(0);
        let text = shown_page(&model).text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("would have no policy") && !text.contains("has no policy"), "{way}: {text}");
    }
}

#[test]
fn a_click_on_the_line_of_parts_turns_to_the_part_there() {
    let (mut model, _) = with_kit();
    model.size = crate::wizard::Size { columns: 60, rows: 24 };
    assert_eq!(list_width(&model), 0);
    model.permissions.part = Some(0);
    let line = head_rows(&model) - 2;
    for row in 0..head_rows(&model) {
        model.permissions.part = Some(0);
        click_at(&mut model, 40, row);
        assert_eq!(model.permissions.part() != 0, row == line, "row {row}");
    }
}
