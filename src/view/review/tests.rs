use crate::ecr::{FailureKind, Replication, ReplicationDestination, ReplicationRule};
use crate::view::testing::draw_snapshot;
use crate::wizard::testing::{
    PUBLIC_POLICY, VENDOR_POLICY, give_answer, press_key, signed_model, test_failure, test_repository,
};
use crate::wizard::{Answer, Code, Effect, Event, Key, Model, RequestId, update};

const KINDS: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "LambdaECRImageRetrievalPolicy",
    "Effect" : "Allow",
    "Principal" : { "Service" : "lambda.amazonaws.com" },
    "Action" : [ "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer" ],
    "Condition" : { "StringLike" : { "aws:sourceArn" : "arn:aws:lambda:eu-west-2:222222222222:function:*" } }
  }, {
    "Effect" : "Allow",
    "Principal" : { "AWS" : [ "arn:aws:iam::333333333333:role/ci/deploy", "AROAEXAMPLEID12345678", "*" ] },
    "Action" : "ecr:*",
    "Condition" : { "StringEquals" : { "aws:PrincipalOrgID" : [ "o-a1b2c3d4e5", "o-b1b2c3d4e5" ] } }
  }, {
    "Sid" : "NobodyElse",
    "Effect" : "Deny",
    "NotPrincipal" : { "AWS" : "arn:aws:iam::333333333333:root" },
    "NotAction" : "ecr:DescribeImages"
  } ]
}"#;

/// At Repository with the first repository's review open, its policy asked for.
fn opened() -> (Model, RequestId, crate::ecr::RepositoryRef) {
    let mut model = signed_model();
    update(&mut model, Event::Clock(1_000));
    let effects = press_key(&mut model, Key::of_char('v'));
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::ReadPolicy { id, repository, .. } => Some((*id, repository.clone())),
        _ => None,
    });
    let (id, reference) = asked.unwrap();
    (model, id, reference)
}

fn with(stored: Result<Option<&str>, crate::ecr::Failure>) -> Model {
    let (mut model, id, reference) = opened();
    give_answer(&mut model, id, Answer::Policy(reference, stored.map(|text| text.map(str::to_owned))));
    model
}

macro_rules! states {
    ($($name:ident: $model:expr;)*) => {$(
        #[test]
        fn $name() {
            let mut model: Model = $model;
            insta::assert_snapshot!(concat!(stringify!($name), "_80x24"), draw_snapshot(&mut model, 80, 24));
            insta::assert_snapshot!(concat!(stringify!($name), "_120x40"), draw_snapshot(&mut model, 120, 40));
        }
    )*};
}

states! {
    the_policy_is_read: {
        let (mut model, ..) = opened();
        update(&mut model, Event::Clock(1_400));
        model
    };
    it_is_still_being_checked: {
        let (mut model, id, reference) = opened();
        let answer = Answer::Policy(reference, Ok(Some(VENDOR_POLICY.to_owned())));
        update(&mut model, Event::Answer(id, Box::new(answer)));
        update(&mut model, Event::Clock(1_300));
        model
    };
    one_account_can_pull: with(Ok(Some(VENDOR_POLICY)));
    everyone_can_pull: with(Ok(Some(PUBLIC_POLICY)));
    there_is_no_policy: with(Ok(None));
    the_policy_cannot_be_read_from_aws: with(Err(test_failure(FailureKind::Offline)));
    the_text_is_no_policy: with(Ok(Some("{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n")));
    many_kinds_of_principals: with(Ok(Some(KINDS)));
    it_is_read_again: {
        let mut model = with(Ok(Some(VENDOR_POLICY)));
        press_key(&mut model, Key::of_char('r'));
        model
    };
}

const PARTIES: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Team", "Effect": "Allow", "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
     "Principal": {"AWS": ["111111111111", "333333333333", "444444444444", "555555555555", "666666666666",
        "AROAEXAMPLEID12345678", "AIDAEXAMPLEID12345678"]}},
    {"Sid": "Fence", "Effect": "Deny", "Action": "ecr:*", "Principal": "*",
     "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}
  ]
}
"#;

/// After a key that begins a change, with what is stored read again for it.
fn after_key(stored: &str, keys: &[Key]) -> Model {
    let mut model = with(Ok(Some(stored)));
    for key in keys {
        let effects = press_key(&mut model, *key);
        let read = effects.iter().find_map(|effect| match effect {
            Effect::ReadPolicy { id, repository, for_write: true, .. } => Some((*id, repository.clone())),
            _ => None,
        });
        if let Some((id, repository)) = read {
            give_answer(&mut model, id, Answer::Policy(repository, Ok(Some(stored.to_owned()))));
        }
    }
    model
}

const ENTER: Key = Key::without_modifiers(Code::Enter);

states! {
    equal_rows_are_folded: with(Ok(Some(PARTIES)));
    a_folded_row_is_shown_one_by_one: after_key(PARTIES, &[ENTER]);
    the_stored_policy_is_edited: after_key(VENDOR_POLICY, &[Key::of_char('e')]);
    a_finding_is_mended: after_key(PARTIES, &[Key::without_modifiers(Code::F(2))]);
    the_grantee_of_a_row_is_taken_out: after_key(PARTIES, &[ENTER, Key::of_char('x')]);
    images_are_copied_elsewhere: {
        let mut model = with(Ok(Some(VENDOR_POLICY)));
        let place = ReplicationDestination { region: "eu-central-1".into(), account: "333333333333".into() };
        let rule = ReplicationRule { destinations: vec![place], filters: Vec::new() };
        let reference = model.repository.review().unwrap().repository.reference.clone();
        let answer = Answer::Replication(reference.account, reference.region, Replication::Known(vec![rule]));
        give_answer(&mut model, RequestId(0), answer);
        model
    };
    the_policy_is_deleted: after_key(PARTIES, &[Key::of_char('D')]);
}

#[test]
fn repository_is_the_one_that_was_chosen() {
    let (model, _, reference) = opened();
    assert_eq!(model.repository.review().unwrap().repository, test_repository(reference.name.as_str()));
}
