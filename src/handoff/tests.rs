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
        until: None,
        owner: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        puller_region: None,
        tag: None,
        profile: None,
        caller: AccountId::parse("222222222222").ok(),
        policies: Vec::new(),
        is_written: true,
        is_by_hand: false,
        changes: Vec::new(),
        endpoint: None,
        owner_side: OwnerSide::Done,
        account_names: AccountNames::default(),
    }
}

/// The policy of the repository `vendorapp`.
fn stored_policy(text: &str) -> Vec<(RepositoryRef, Option<String>)> {
    vec![(repository_in("vendorapp", "eu-west-2").reference, Some(text.to_owned()))]
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
    input.policies = stored_policy("{\"Sid\": \"it's $HOME\"}");
    input.profile = Some("my profile".to_owned());
    assert_eq!(
        section_body(&input, "aws-cli"),
        "aws ecr set-repository-policy --registry-id 222222222222 --repository-name vendorapp --region eu-west-2 \
         --profile='my profile' \\\n  --policy-text file:///dev/stdin <<'POLICY'\n{\"Sid\": \"it's $HOME\"}\nPOLICY"
    );
    input.repositories.push(repository_in("team/app", "eu-west-2"));
    let command = section_body(&input, "aws-cli");
    assert_eq!(command.matches("set-repository-policy").count(), 1, "each text goes to its own repository: {command}");
    input.policies.push((repository_in("team/app", "eu-west-2").reference, Some("{\"Sid\": \"other\"}".to_owned())));
    input.policies.push((repository_in("team/old", "eu-west-2").reference, None));
    let command = section_body(&input, "aws-cli");
    let lines: Vec<&str> = command.split("aws ecr ").skip(1).collect();
    assert!(lines[0].contains("vendorapp") && lines[0].contains("HOME"), "{command}");
    assert!(lines[1].contains("team/app") && lines[1].contains("other"), "{command}");
    assert!(lines[2].starts_with("delete-repository-policy") && lines[2].contains("team/old"), "{command}");
}

#[test]
fn nothing_in_a_policy_ends_the_text_of_its_command() {
    let mut input = kit_input("pull", &["111111111111"], &["vendorapp"]);
    for (text, end) in [("{\nPOLICY\n}", "POLICY_"), ("POLICY\r\nPOLICY_", "POLICY__"), (" POLICY\nxPOLICY", "POLICY")]
    {
        input.policies = stored_policy(text);
        let command = section_body(&input, "aws-cli");
        assert_eq!(policy_of_command(&command), text.replace('\r', ""), "{command}");
        assert!(command.contains(&format!("<<'{end}'\n")), "{command}");
    }
}

/// Reads a command's text as a shell does: up to the first line that is the word.
fn policy_of_command(command: &str) -> String {
    let (_, rest) = command.split_once("<<'").unwrap_or_else(|| panic!("{command}"));
    let (end, rest) = rest.split_once("'\n").unwrap_or_else(|| panic!("{command}"));
    rest.lines().take_while(|line| *line != end).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_command_says_the_recipe_or_the_actions() {
    let command = |input: &KitInput| grant_command(input).unwrap();
    let mut input = kit_input("pull", &["111111111111", "*"], &["vendorapp", "team/app"]);
    assert_eq!(
        command(&input),
        "ecr-grant grant 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp \
         222222222222.dkr.ecr.eu-west-2.amazonaws.com/team/app --to 111111111111 '*' --recipe pull",
        "whose credentials the shell has is not known"
    );
    input.actions.pop();
    input.profile = Some("prod".to_owned());
    assert_eq!(
        command(&input),
        "ecr-grant grant vendorapp team/app --to 111111111111 '*' \
         --actions BatchCheckLayerAvailability,BatchGetImage --region eu-west-2 --profile=prod"
    );
    input.caller = AccountId::parse("333333333333").ok();
    let elsewhere = command(&input);
    assert!(elsewhere.contains(" 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp "), "{elsewhere}");
    assert!(elsewhere.ends_with(" --profile=prod"), "{elsewhere}");
    input.recipe = recipe::find_recipe("lambda").unwrap();
    assert!(command(&input).contains("--recipe lambda --actions BatchCheckLayerAvailability,BatchGetImage"));
}

#[test]
fn no_part_holds_what_cannot_be_seen_and_its_commands_mean_the_same() {
    let odd = "a\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}6n\r\u{202e}\u{200b}\u{e0041}\u{a0}\u{ff21}\u{7f}b";
    let mut input = kit_input("lambda", &["111111111111", "lambda.amazonaws.com"], &["vendorapp"]);
    input.profile = Some(format!("-{odd}"));
    input.policies = stored_policy(&format!("{{\"Sid\": {}}}", serde_json::json!(odd)));
    let made = build_kit(&input);
    for text in
        [made.to_markdown(), made.to_text(), grant_command(&input).unwrap(), set_policy_commands(&input).unwrap()]
    {
        let raw = text.chars().find(|c| *c != '\n' && crate::ecr::unseen::classify_unseen(*c).is_some());
        assert_eq!(raw, None, "{text}");
    }
    let command = set_policy_commands(&input).unwrap();
    let policy: serde_json::Value = serde_json::from_str(&policy_of_command(&command)).unwrap();
    assert_eq!(policy["Sid"], odd);
    let made = KitSection::new(
        "stem",
        section::Parts {
            key: "x",
            title: odd.to_owned(),
            words: odd.to_owned(),
            body: format!("{odd}\n{odd}"),
            file_name: "x.txt",
        },
    );
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
        input.policies = stored_policy("{}");
        let kit = build_kit(&input);
        let mut files: Vec<_> = kit.sections.iter().map(KitSection::file_name).collect();
        files.sort_unstable();
        files.dedup();
        assert_eq!(files.len(), kit.sections.len());
        for section in &kit.sections {
            assert!(!section.body().trim().is_empty() && !section.purpose_words().is_empty(), "{section:?}");
            let heading = format!("\n{}\n--", section.title());
            assert_eq!(kit.to_text().contains(&heading), !section.is_message(), "{}", section.key());
            if !section.is_message() {
                assert!(kit.to_markdown().contains(section.body().trim_end()), "{}", section.key());
            }
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
    input.policies = stored_policy("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": []\n}");
    insta::assert_snapshot!(build_kit(&input).to_markdown());
}

#[test]
fn the_kit_for_functions_and_an_organization_reads_well_as_text() {
    let mut input = kit_input("lambda", &["111111111111", "o-a1b2c3d4e5"], &["team/thumbnails", "team/resize"]);
    input.profile = Some("release-owner".to_owned());
    insta::assert_snapshot!(build_kit(&input).to_text());
}

const ODD_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Principal":{"AWS":["111111111111"]},"Action":"ecr:BatchGetImage","Condition":{"StringLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/${aws:PrincipalTag/team}","%{x}"]}}},{"Effect":"Deny","Principal":"*","Action":["ecr:PutImage"]}]}"#;

#[test]
fn what_would_be_written_comes_first_and_each_form_of_it_holds_the_same_document() {
    let mut input = kit_input("pull", &["111111111111"], &["vendorapp"]);
    input.policies = stored_policy(ODD_POLICY);
    let written = section_keys(&input);
    assert_eq!(written.first(), Some(&"notes"), "{written:?}");
    assert!(!written.contains(&"for-the-writer") && !written.contains(&"terraform"), "{written:?}");
    input.is_written = false;
    let keys = section_keys(&input);
    assert_eq!(keys[..6], ["for-the-writer", "ecr-grant", "aws-cli", "terraform", "cloudformation", "cdk"]);
    let kit = build_kit(&input);
    assert_eq!(kit.title, "Not written: vendorapp: pull for account 111111111111");
    assert_eq!(kit.message().map(KitSection::key), Some("for-the-writer"));
    assert!(kit.message().unwrap().purpose_words().starts_with("This is what would be written: nothing was."));

    let value = |text: &str| -> serde_json::Value {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    };
    let expected = value(ODD_POLICY);
    let between = |text: &str, from: &str, to: &str| -> String {
        let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("{from}: {text}"));
        rest.rsplit_once(to).unwrap_or_else(|| panic!("{to}: {text}")).0.to_owned()
    };
    assert_eq!(value(&policy_of_command(&section_body(&input, "for-the-writer"))), expected);
    assert_eq!(value(&policy_of_command(&section_body(&input, "aws-cli"))), expected);
    let terraform = between(&section_body(&input, "terraform"), "<<-POLICY\n", "\n  POLICY\n");
    assert_eq!(value(&terraform.replace("$${", "${").replace("%%{", "%{")), expected);
    let stack = section_body(&input, "cloudformation");
    assert!(stack.contains("RepositoryName: \"vendorapp\"\n"), "{stack}");
    assert_eq!(value(stack.split_once("RepositoryPolicyText:\n").unwrap().1), expected);
    assert_eq!(serde_json::Value::Array(cdk_statements(&section_body(&input, "cdk"))), expected["Statement"]);
}

fn cdk_statements(body: &str) -> Vec<serde_json::Value> {
    let texts = body.split("repository.addToResourcePolicy(iam.PolicyStatement.fromJson(").skip(1);
    texts.map(|part| serde_json::from_str(part.split("));").next().unwrap()).unwrap()).collect()
}

#[test]
fn each_form_holds_the_documents_of_all_repositories() {
    let mut input = kit_input("pull", &["111111111111"], &["vendorapp", "team/app"]);
    let other = ODD_POLICY.replace("111111111111", "333333333333");
    input.policies = stored_policy(ODD_POLICY);
    input.policies.push((repository_in("team/app", "eu-west-2").reference, Some(other)));
    input.is_written = false;
    let stack = section_body(&input, "cloudformation");
    assert_eq!(stack.matches("Resources:").count(), 1, "a template has its resources under one key: {stack}");
    for logical_id in ["Repository", "Repository2"] {
        assert_eq!(stack.matches(&format!("\n  {logical_id}:\n    Type:")).count(), 1, "{stack}");
    }
    let terraform = section_body(&input, "terraform");
    for name in ["\"vendorapp\" {", "\"team_app\" {"] {
        assert!(terraform.contains(&format!("resource \"aws_ecr_repository_policy\" {name}")), "{terraform}");
    }
    assert_eq!(cdk_statements(&section_body(&input, "cdk")).len(), 4);
    for key in ["for-the-writer", "aws-cli", "terraform", "cloudformation", "cdk"] {
        let body = section_body(&input, key);
        for needed in ["vendorapp", "team/app", "\"111111111111\"", "\"333333333333\""] {
            assert!(body.contains(needed), "{key} lacks {needed}: {body}");
        }
    }
}

#[test]
fn of_what_is_not_written_nothing_says_that_it_is() {
    let sides = [
        OwnerSide::Done,
        OwnerSide::Unchanged,
        OwnerSide::NotDone(vec!["pull is blocked by statement 1 (Ban)".to_owned()]),
        OwnerSide::Unproved(vec!["the registry policy cannot be read".to_owned()]),
    ];
    for grantee in ["111111111111", "o-a1b2c3d4e5", "codebuild.amazonaws.com", "*"] {
        for recipe in recipe::all_recipes() {
            for owner_side in sides.clone() {
                let mut input =
                    KitInput { owner_side, is_written: false, ..kit_input(&recipe.name, &[grantee], &["vendorapp"]) };
                input.policies = stored_policy(ODD_POLICY);
                let kit = build_kit(&input);
                assert!(!section_keys(&input).contains(&"message"), "nobody is told of a grant that is not there");
                for text in [kit.to_markdown(), kit.message().unwrap().body().to_owned()] {
                    let words = text.to_lowercase();
                    assert!(words.contains("not written") || words.contains("nothing was written"), "{text}");
                    for claim in ["granted", "side done", "side not done", "saved"] {
                        assert!(!words.contains(claim), "{claim}: {text}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_policy_that_was_edited_by_hand_is_not_said_to_come_from_the_line_of_this_program() {
    let mut input = kit_input("pull", &["111111111111"], &["vendorapp"]);
    input.policies = stored_policy(ODD_POLICY);
    input.is_by_hand = true;
    assert!(section_keys(&input).contains(&"ecr-grant"), "the grant again, in whatever is there");
    input.is_written = false;
    assert!(!section_keys(&input).contains(&"ecr-grant"), "{:?}", section_keys(&input));
    let message = section_body(&input, "for-the-writer");
    assert!(!message.contains("ecr-grant grant") && message.contains("set-repository-policy"), "{message}");
}

#[test]
fn a_change_without_a_grant_holds_the_writers_forms_alone() {
    let mut input = kit_input("pull", &[], &["vendorapp"]);
    input.actions.clear();
    input.is_written = false;
    input.policies = stored_policy(ODD_POLICY);
    assert_eq!(section_keys(&input), ["for-the-writer", "aws-cli", "terraform", "cloudformation", "cdk"]);
    input.policies[0].1 = None;
    assert_eq!(section_keys(&input), ["for-the-writer", "aws-cli"]);
    assert!(section_body(&input, "aws-cli").starts_with("aws ecr delete-repository-policy "));
}

#[test]
fn the_message_holds_all_that_the_puller_needs_and_nothing_of_the_owners() {
    let mut input = kit_input("pull", &["111111111111"], &["vendorapp", "team/app"]);
    input.tag = Tag::parse("1.4.2");
    input.policies = stored_policy(ODD_POLICY);
    input.profile = Some("owner-profile".to_owned());
    let text = section_body(&input, "message");
    let commands = section_body(&input, "pull");
    let policy = section_body(&input, "identity-policy");
    for needed in [
        "Granted: pull\n",
        "To: account 111111111111\n",
        "Repositories: vendorapp, team/app\n",
        "Owner: account 222222222222\n",
        "Region: eu-west-2\n",
        "State: owner side done\n",
        "    222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:1.4.2\n",
        "    222222222222.dkr.ecr.eu-west-2.amazonaws.com/team/app:1.4.2\n",
    ]
    .into_iter()
    .chain(commands.lines())
    .chain(policy.lines())
    {
        assert!(text.contains(needed), "{needed}: {text}");
    }
    for owners in ["owner-profile", "set-repository-policy", "PrincipalTag"] {
        assert!(!text.contains(owners), "{owners}: {text}");
    }
    input.owner_side = OwnerSide::NotDone(vec!["pull is blocked by statement 1 (Ban)".to_owned()]);
    let held = section_body(&input, "message");
    assert!(held.contains("State: owner side not done: pull is blocked by statement 1 (Ban)\n"), "{held}");
    assert!(!held.contains("side done"), "{held}");
}

#[test]
fn a_message_about_a_service_asks_for_no_identity_and_no_login() {
    let text = section_body(&kit_input("pull", &["codebuild.amazonaws.com"], &["vendorapp"]), "message");
    assert!(text.contains("To: service codebuild.amazonaws.com\n"), "{text}");
    assert!(!text.contains("Identity policy") && !text.contains("docker"), "{text}");
}

#[test]
fn the_message_and_the_title_say_when_the_access_ends() {
    let mut input = kit_input("pull", &["111111111111"], &["vendorapp"]);
    input.until = AccessEnd::of_seconds(1_800_000_000);
    let words = format!("pull, until {}\n", input.until.unwrap().words());
    let text = section_body(&input, "message");
    assert!(text.contains(&words), "{text}");
    assert!(section_body(&input, "ecr-grant").contains("--until"));
}

#[test]
fn a_tag_that_is_not_known_is_called_a_placeholder() {
    let mut input = kit_input("pull", &["111111111111"], &["vendorapp"]);
    for (tag, is_placeholder) in [(None, true), (Tag::parse(NO_TAG), true), (Tag::parse("1.4.2"), false)] {
        input.tag = tag;
        let text = section_body(&input, "message");
        assert_eq!(text.contains("Put the tag that you need in the place of"), is_placeholder, "{text}");
    }
}

#[test]
fn the_names_of_accounts_stand_beside_their_ids_in_sentences_alone() {
    let mut input = kit_input("lambda", &["111111111111"], &["vendorapp"]);
    let id = |text: &str| AccountId::parse(text).unwrap();
    let given = [(id("111111111111"), "Release".to_owned()), (id("222222222222"), "Ours".to_owned())];
    let plain = build_kit(&input);
    input.account_names = AccountNames::new(given.into_iter().collect());
    let named = build_kit(&input);
    assert_eq!(named.title, "vendorapp: pull for account 111111111111 (Release)");
    for (bare, told) in plain.sections.iter().zip(&named.sections) {
        let taken_out = told.body().replace(" (Release)", "").replace(" (Ours)", "");
        assert_eq!(taken_out, bare.body(), "{}", bare.key());
        let has_names = matches!(bare.key(), "notes" | "message");
        assert_eq!(told.body() != bare.body(), has_names, "{}: {}", bare.key(), told.body());
    }
    let message = named.message().unwrap().body();
    assert!(
        message.contains(
            "To: account 111111111111 (Release)\nRepository: vendorapp\nOwner: account 222222222222 (Ours)\n"
        )
    );
    assert!(
        named.find_section("lambda").unwrap().purpose_words().starts_with("Run in account 111111111111 (Release), in")
    );
}

#[test]
fn what_does_not_hold_is_not_called_granted_in_a_message() {
    let mut input = kit_input("pull", &["111111111111"], &["vendorapp"]);
    input.policies = stored_policy(ODD_POLICY);
    let reason = || vec!["the policy was edited by hand and does not give account 111111111111: pull".to_owned()];
    for (side, is_granted) in [
        (OwnerSide::Done, true),
        (OwnerSide::Unchanged, true),
        (OwnerSide::NotDone(reason()), false),
        (OwnerSide::Unproved(reason()), false),
    ] {
        input.owner_side = side;
        let text = section_body(&input, "message");
        assert_eq!(text.contains("Granted: "), is_granted, "{text}");
        assert_eq!(text.contains("Asked for: "), !is_granted, "{text}");
        assert!(text.find("State: ") < text.find("To: "), "the state comes first: {text}");
    }
    input.owner_side = OwnerSide::NotDone(reason());
    assert!(build_kit(&input).title.starts_with("Not in effect: "));
}

#[test]
fn the_writer_is_told_who_gains_and_loses_and_what_a_delete_is() {
    let mut input = kit_input("custom", &[], &["vendorapp"]);
    input.is_written = false;
    input.changes = vec!["loses account 555555555555: pull (3 actions)".to_owned()];
    input.policies = vec![(repository_in("vendorapp", "eu-west-2").reference, None)];
    let text = section_body(&input, "for-the-writer");
    assert!(text.contains("Change: loses account 555555555555: pull (3 actions)\n"), "{text}");
    assert!(text.contains("deletes the whole policy") && !text.contains("in place of the whole policy"), "{text}");
    input.policies = stored_policy(ODD_POLICY);
    assert!(section_body(&input, "for-the-writer").contains("in place of the whole policy"));
}

#[test]
fn each_command_goes_to_the_endpoint_that_was_read() {
    let mut input = kit_input("pull", &["111111111111"], &["vendorapp"]);
    input.policies = stored_policy(ODD_POLICY);
    for (words, url) in [
        ("http://127.0.0.1:4566", Some("http://127.0.0.1:4566")),
        ("ECR at https://ecr.lan:8443, STS at https://sts.lan", Some("https://ecr.lan:8443")),
        ("STS at https://sts.lan", None),
    ] {
        input.endpoint = Some(words.to_owned());
        for is_written in [true, false] {
            input.is_written = is_written;
            for key in ["ecr-grant", "aws-cli"] {
                let body = section_body(&input, key);
                let flag = url.map(|url| format!("--endpoint-url {url}"));
                assert_eq!(body.contains("--endpoint-url"), flag.is_some(), "{words}: {body}");
                assert!(flag.is_none_or(|flag| body.contains(&flag)), "{words}: {body}");
            }
            let message = section_body(&input, if is_written { "message" } else { "for-the-writer" });
            assert!(message.contains(&format!("Endpoint: {words}, which is not AWS\n")), "{message}");
        }
    }
}

#[test]
fn terraform_names_are_identifiers_and_differ() {
    let names = ["team/app", "team-app", "team_app", "7zip"];
    let mut input = kit_input("pull", &["111111111111"], &names);
    let policy = || Some(ODD_POLICY.to_owned());
    input.policies = names.iter().map(|name| (repository_in(name, "eu-west-2").reference, policy())).collect();
    input.is_written = false;
    let code = section_body(&input, "terraform");
    let found: Vec<&str> = code
        .lines()
        .filter_map(|line| line.strip_prefix("resource \"aws_ecr_repository_policy\" \"")?.split('"').next())
        .collect();
    assert_eq!(found, ["team_app", "team_app_2", "team_app_3", "_7zip"]);
}
