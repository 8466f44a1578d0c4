//! Kits of real grants.

use super::*;

use crate::ecr::{Encryption, RepositoryName, RepositoryRef, recipe};

fn repository_in(name: &str, region: &str) -> Repository {
    let reference = RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse(region).unwrap(),
        name: RepositoryName::parse(name).unwrap(),
    };
    Repository { reference, created: None, encryption: None, tag_mutability: None, scan_on_push: None }
}

fn kit_input(recipe: &str, grantees: &[&str], names: &[&str]) -> KitInput {
    let recipe = recipe::find_recipe(recipe).unwrap();
    KitInput {
        repositories: names.iter().map(|name| repository_in(name, "eu-west-2")).collect(),
        grantees: grantees.iter().map(|g| Grantee::parse(g).unwrap()).collect(),
        recipe,
        actions: recipe.repository_actions().collect(),
        owner: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        puller_region: None,
        tag: None,
        profile: None,
        caller: AccountId::parse("222222222222").ok(),
        policy_text: None,
        owner_side: OwnerSide::Done,
    }
}

#[test]
fn a_grant_that_is_not_in_effect_is_never_called_done() {
    let words = |owner_side| {
        let input = KitInput { owner_side, ..kit_input("pull", &["111111111111"], &["vendorapp"]) };
        build_kit(&input).find_section("notes").unwrap().purpose_words().to_owned()
    };
    assert!(words(OwnerSide::Done).starts_with("Owner side done. "), "{}", words(OwnerSide::Done));
    let reasons = vec!["pull is blocked by statement 1 (Ban)".to_owned()];
    let not = words(OwnerSide::NotDone(reasons.clone()));
    assert!(not.starts_with("Owner side not done: pull is blocked by statement 1 (Ban). "), "{not}");
    let unproved = words(OwnerSide::Unproved(reasons));
    assert!(unproved.starts_with("Owner side unproved: "), "{unproved}");
}

fn section_keys(input: &KitInput) -> Vec<&'static str> {
    build_kit(input).sections.iter().map(KitSection::key).collect()
}

fn section_body(input: &KitInput, key: &str) -> String {
    build_kit(input).find_section(key).unwrap_or_else(|| panic!("no section {key}")).body().to_owned()
}

#[test]
fn a_kit_for_release_holds_the_guides_lines_with_real_values() {
    let mut input = kit_input("release", &["111111111111"], &["vendorapp"]);
    input.tag = Tag::parse("1.4.2");
    assert_eq!(
        section_body(&input, "release-template"),
        "services:\n- name: \"vendorapp\"\n  image: \"222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:1.4.2\"\n  \
         has_repo: false\n  static: false"
    );
    let steps = section_body(&input, "release-integration");
    assert!(steps.contains("Registry host name: 222222222222.dkr.ecr.eu-west-2.amazonaws.com\n"), "{steps}");
    assert!(steps.contains("AWS IAM ID is 111111111111"), "{steps}");
    assert_eq!(
        section_body(&input, "pull"),
        "aws ecr get-login-password --region eu-west-2 | docker login --username AWS --password-stdin \
         222222222222.dkr.ecr.eu-west-2.amazonaws.com\n\
         docker pull 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:1.4.2"
    );
    assert_eq!(
        section_body(&input, "ecr-grant"),
        "ecr-grant grant 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp --to 111111111111 --recipe release"
    );
}

#[test]
fn only_the_recipe_of_release_brings_its_parts() {
    for recipe in recipe::all_recipes() {
        let keys = section_keys(&kit_input(&recipe.name, &["111111111111"], &["vendorapp"]));
        let has_parts = keys.iter().any(|key| key.starts_with("release"));
        assert_eq!(has_parts, recipe.name == "release", "{}: {keys:?}", recipe.name);
    }
}

#[test]
fn the_identity_policy_has_the_token_on_all_and_the_rest_on_the_repositories() {
    let mut input = kit_input("pull", &["111111111111"], &["vendorapp", "team/app"]);
    input.region = Region::parse("cn-north-1").unwrap();
    input.repositories = vec![repository_in("vendorapp", "cn-north-1"), repository_in("team/app", "cn-north-1")];
    // Included in the repository policy all the same: it must not show up a second time here.
    input.actions.push(crate::ecr::action::find_action("GetAuthorizationToken").unwrap());
    let policy: serde_json::Value = serde_json::from_str(&section_body(&input, "identity-policy")).unwrap();
    assert_eq!(
        policy["Statement"],
        serde_json::json!([
            {"Sid": "EcrLogin", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
            {"Sid": "EcrRepositories", "Effect": "Allow",
             "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
             "Resource": ["arn:aws-cn:ecr:cn-north-1:222222222222:repository/vendorapp",
                          "arn:aws-cn:ecr:cn-north-1:222222222222:repository/team/app"]},
        ])
    );
    assert!(
        section_body(&input, "images")
            .starts_with("222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn/vendorapp:latest\n")
    );
}

#[test]
fn each_kind_of_grantee_gets_what_it_needs_and_no_more() {
    let lambda = kit_input("lambda", &["111111111111"], &["team/thumbnails"]);
    assert!(!section_keys(&lambda).contains(&"release-template"));
    assert_eq!(
        section_body(&lambda, "lambda"),
        "aws lambda create-function --region eu-west-2 --function-name thumbnails --package-type Image \\\n  \
         --code ImageUri=222222222222.dkr.ecr.eu-west-2.amazonaws.com/team/thumbnails:latest \\\n  \
         --role arn:aws:iam::111111111111:role/FUNCTION-ROLE"
    );
    let service = kit_input("pull", &["codebuild.amazonaws.com"], &["vendorapp"]);
    for absent in ["identity-policy", "pull", "verify", "release-template", "release-integration", "lambda"] {
        assert!(!section_keys(&service).contains(&absent), "{absent}");
    }
    assert!(section_body(&service, "notes").contains("resources of account 222222222222 only"));
    let cases = [
        ("o-a1b2c3d4e5", "an account that leaves loses access"),
        ("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "AWS services are not covered"),
        ("arn:aws:iam::111111111111:role/ci", "deleted and made again"),
        ("arn:aws:iam::222222222222:role/own", "owner's own account"),
        ("arn:aws:sts::111111111111:assumed-role/ci/run-7", "exactly this name"),
        ("*", "any AWS account"),
    ];
    for (grantee, words) in cases {
        let notes = section_body(&kit_input("pull", &[grantee], &["vendorapp"]), "notes");
        assert!(notes.contains(words), "{grantee}: {notes}");
    }
}

#[test]
fn another_region_and_a_key_are_spoken_of() {
    let mut input = kit_input("pull", &["111111111111"], &["vendorapp"]);
    assert!(!section_body(&input, "notes").contains("VPC endpoint") && !section_body(&input, "notes").contains("KMS"));
    input.puller_region = Some(Region::parse("us-east-1").unwrap());
    input.repositories[0].encryption = Some(Encryption::Kms(None));
    let notes = section_body(&input, "notes");
    assert!(notes.contains("will be pulled in us-east-1: sign in to eu-west-2"), "{notes}");
    assert!(notes.contains("needs no right on the key"), "{notes}");
    input.recipe = recipe::find_recipe("release").unwrap();
    let notes = section_body(&input, "notes");
    assert!(notes.contains("in the Region of its cluster") && notes.contains("not replicated"), "{notes}");
}

#[test]
fn a_whole_policy_is_written_for_its_own_repository_only() {
    let mut input = kit_input("pull", &["111111111111"], &["vendorapp"]);
    assert!(!section_keys(&input).contains(&"aws-cli"), "no policy is known");
    input.policy_text = Some("{\"Sid\": \"it's $HOME\"}".to_owned());
    input.profile = Some("my profile".to_owned());
    let command = section_body(&input, "aws-cli");
    assert!(
        command.starts_with("aws ecr set-repository-policy --registry-id 222222222222 --repository-name vendorapp")
    );
    assert!(command.contains("--profile='my profile' \\\n  --policy-text '{"), "{command}");
    assert!(command.contains(r"it'\''s $HOME"), "{command}");
    input.repositories.push(repository_in("team/app", "eu-west-2"));
    assert!(!section_keys(&input).contains(&"aws-cli"), "one text for two repositories would take access away");
}

#[test]
fn the_command_says_the_recipe_or_the_actions() {
    let mut input = kit_input("pull", &["111111111111", "*"], &["vendorapp", "team/app"]);
    assert_eq!(
        grant_command(&input),
        "ecr-grant grant 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp \
         222222222222.dkr.ecr.eu-west-2.amazonaws.com/team/app --to 111111111111 '*' --recipe pull",
        "whose credentials the shell has is not known"
    );
    input.actions.pop();
    input.profile = Some("prod".to_owned());
    assert_eq!(
        grant_command(&input),
        "ecr-grant grant vendorapp team/app --to 111111111111 '*' \
         --actions BatchCheckLayerAvailability,BatchGetImage --region eu-west-2 --profile=prod"
    );
    input.caller = AccountId::parse("333333333333").ok();
    let elsewhere = grant_command(&input);
    assert!(elsewhere.contains(" 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp "), "{elsewhere}");
    assert!(elsewhere.ends_with(" --profile=prod"), "{elsewhere}");
    input.recipe = recipe::find_recipe("lambda").unwrap();
    assert!(grant_command(&input).contains("--recipe lambda --actions BatchCheckLayerAvailability,BatchGetImage"));
}

#[test]
fn no_part_holds_what_cannot_be_seen_and_its_commands_mean_the_same() {
    let odd = "a\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}6n\r\u{202e}\u{200b}\u{e0041}\u{a0}\u{ff21}\u{7f}b";
    let mut input = kit_input("lambda", &["111111111111", "lambda.amazonaws.com"], &["vendorapp"]);
    input.profile = Some(format!("-{odd}"));
    input.policy_text = Some(format!("{{\"Sid\": {}}}", serde_json::json!(odd)));
    let made = build_kit(&input);
    for text in [made.to_markdown(), made.to_text(), grant_command(&input), set_policy_command(&input).unwrap()] {
        let raw = text.chars().find(|c| *c != '\n' && crate::ecr::unseen::classify_unseen(*c).is_some());
        assert_eq!(raw, None, "{text}");
    }
    let command = set_policy_command(&input).unwrap();
    let (_, quoted) = command.split_once("--policy-text '").unwrap();
    let policy: serde_json::Value = serde_json::from_str(quoted.trim_end_matches('\'')).unwrap();
    assert_eq!(policy["Sid"], odd);
    let made = KitSection::new(section::Parts {
        key: "x",
        title: odd.to_owned(),
        words: odd.to_owned(),
        body: format!("{odd}\n{odd}"),
        file_name: "x.txt",
    });
    for text in [made.title(), made.purpose_words(), &made.body().replace('\n', "")] {
        assert!(text.chars().all(|c| crate::ecr::unseen::classify_unseen(c).is_none()), "{text}");
    }
    assert_eq!(made.body().lines().count(), 2);
}

#[test]
fn a_name_that_yaml_would_take_for_something_else_stays_a_text() {
    for name in ["1.0", "on", "null", "0x1f", "team/1e3"] {
        let lines = section_body(&kit_input("release", &["111111111111"], &[name]), "release-template");
        let last = name.rsplit('/').next().unwrap();
        assert!(lines.contains(&format!("- name: \"{last}\"\n  image: \"")), "{lines}");
    }
}

#[test]
fn no_section_is_empty_and_every_file_name_is_its_own() {
    for recipe in ["pull", "release", "lambda", "push-pull"] {
        let mut input = kit_input(recipe, &["111111111111", "o-a1b2c3d4e5"], &["vendorapp"]);
        input.policy_text = Some("{}".to_owned());
        let kit = build_kit(&input);
        let mut files: Vec<_> = kit.sections.iter().map(KitSection::file_name).collect();
        files.sort_unstable();
        files.dedup();
        assert_eq!(files.len(), kit.sections.len());
        for section in &kit.sections {
            assert!(!section.body().trim().is_empty() && !section.purpose_words().is_empty(), "{section:?}");
            assert!(kit.to_markdown().contains(section.body().trim_end()), "{}", section.key());
            assert!(kit.to_text().contains(&format!("\n{}\n--", section.title())), "{}", section.key());
        }
    }
}

#[test]
fn a_fence_is_longer_than_what_it_holds() {
    assert_eq!(longest_fence("no ticks"), "```");
    assert_eq!(longest_fence("a ```` b"), "`````");
}

#[test]
fn the_kit_for_release_reads_well_as_markdown() {
    let mut input = kit_input("release", &["111111111111"], &["vendorapp"]);
    input.tag = Tag::parse("1.4.2");
    input.puller_region = Some(Region::parse("us-east-1").unwrap());
    input.policy_text = Some("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": []\n}".to_owned());
    insta::assert_snapshot!(build_kit(&input).to_markdown());
}

#[test]
fn the_kit_for_functions_and_an_organization_reads_well_as_text() {
    let mut input = kit_input("lambda", &["111111111111", "o-a1b2c3d4e5"], &["team/thumbnails", "team/resize"]);
    input.profile = Some("release-owner".to_owned());
    insta::assert_snapshot!(build_kit(&input).to_text());
}
