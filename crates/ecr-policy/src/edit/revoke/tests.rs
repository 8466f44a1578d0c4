use super::super::remaining_access::{Reach, Why};
use super::*;
use crate::edit::Still;

const STORED: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Partners",
      "Effect": "Allow",
      "Principal": {
        "AWS": [
          "111111111111",
          "arn:aws:iam::333333333333:role/ci",
          "arn:aws:iam::111111111111:root",
          "arn:aws:iam::111111111111:role/deploy"
        ]
      },
      "Action": "ecr:BatchGetImage"
    },
    {"Sid": "One", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "ecr:*"}
  ]
}
"#;

fn grantees(texts: &[&str]) -> Vec<Grantee> {
    texts.iter().map(|text| Grantee::parse(text).unwrap()).collect()
}

fn revoked(text: &str, from: &[&str]) -> Revoked {
    revoke(Some(text), &grantees(from), RevokeOptions::default()).unwrap()
}

fn with_members(text: &str, from: &[&str]) -> Revoked {
    let options = RevokeOptions { and_principals: true, ..RevokeOptions::default() };
    revoke(Some(text), &grantees(from), options).unwrap()
}

fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

fn allow(principal: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"ecr:BatchGetImage","Condition":{{{condition}}}}}"#)
}

/// Returns what is left of a document of Allow statements, without the beginning and the end that all have.
fn rest(revoked: &Revoked) -> Option<String> {
    let inside = revoked.text.as_deref()?.strip_prefix(r#"{"Version":"2012-10-17","Statement":["#)?;
    Some(inside.strip_suffix("]}")?.to_owned())
}

#[test]
fn an_account_goes_in_every_spelling_and_takes_its_statement_along_where_it_was_alone() {
    let revoked = revoked(STORED, &["111111111111"]);
    let expected = STORED
        .replace("          \"111111111111\",\n", "")
        .replace("          \"arn:aws:iam::111111111111:root\",\n", "");
    let (head, _) = expected.split_once(",\n    {\"Sid\": \"One\"").unwrap();
    assert_eq!(revoked.text.as_deref(), Some(format!("{head}\n  ]\n}}\n").as_str()));
    assert_eq!((revoked.emptied, revoked.touched), (vec![1], vec![0]));
    let said: Vec<String> = revoked.removed.iter().map(Removed::words).collect();
    assert_eq!(
        said,
        [
            "111111111111 from statement 1 (Partners)",
            "arn:aws:iam::111111111111:root from statement 1 (Partners)",
            "arn:aws:iam::111111111111:root from statement 2 (One)",
        ]
    );
    let still: Vec<String> = revoked.still.iter().map(Still::words).collect();
    assert_eq!(
        still,
        ["statement 1 (Partners) lets arn:aws:iam::111111111111:role/deploy in, which is part of account 111111111111"]
    );
}

#[test]
fn its_roles_go_only_on_request() {
    let revoked = with_members(STORED, &["111111111111"]);
    let text = revoked.text.unwrap();
    assert!(text.contains("\"AWS\": [\n          \"arn:aws:iam::333333333333:role/ci\"\n        ]"), "{text}");
    assert!(!text.contains("111111111111") && revoked.still.is_empty());
}

#[test]
fn the_last_statement_takes_the_policy_along() {
    let revoked = revoked(STORED, &["111111111111", "arn:aws:iam::333333333333:role/ci"]);
    assert!(revoked.text.is_some());
    let all = with_members(STORED, &["111111111111", "arn:aws:iam::333333333333:role/ci"]);
    assert_eq!((all.text, all.changed, all.emptied), (None, true, vec![0, 1]));
    let single = document(&allow(r#"{"AWS":"111111111111"}"#, "")).replace(['[', ']'], "");
    assert_eq!(
        super::revoke(Some(&single), &grantees(&["111111111111"]), RevokeOptions::default()).unwrap().text,
        None
    );
}

#[test]
fn who_is_not_there_changes_nothing() {
    for text in [STORED, "", " \n"] {
        let revoked = revoked(text, &["555555555555"]);
        assert_eq!((revoked.changed, revoked.removed.len(), revoked.still.len()), (false, 0, 0));
        assert_eq!(revoked.text.as_deref(), Some(text));
    }
    assert!(matches!(
        revoke(Some("{\"Statement\": [}"), &[], RevokeOptions::default()),
        Err(EditProblem::Unreadable(_))
    ));
}

#[test]
fn a_type_of_principals_that_is_emptied_goes_and_the_others_stay() {
    let both = allow(r#"{"AWS":["111111111111"], "Service" : "codebuild.amazonaws.com"}"#, "");
    let (left, right) = (r#"{"Service" : "codebuild.amazonaws.com"}"#, r#"{"AWS":["111111111111"]}"#);
    assert_eq!(rest(&revoked(&document(&both), &["111111111111"])), Some(allow(left, "")));
    assert_eq!(rest(&revoked(&document(&both), &["codebuild.amazonaws.com"])), Some(allow(right, "")));
}

#[test]
fn services_that_act_for_the_account_go_too() {
    let lambda = r#"{"Service":"lambda.amazonaws.com"}"#;
    let arn = |id: &str| format!("\"arn:aws:lambda:eu-west-2:{id}:function:*\"");
    let of = |values: &str| document(&allow(lambda, &format!(r#""StringLike":{{"aws:sourceArn":{values}}}"#)));
    let two = of(&format!("[{}, {}]", arn("111111111111"), arn("333333333333")));
    let revoked_two = revoked(&two, &["111111111111"]);
    assert_eq!(revoked_two.text, Some(of(&format!("[{}]", arn("333333333333")))));
    assert_eq!(revoked_two.removed[0].key.as_deref(), Some("aws:sourceArn"));
    assert!(revoked_two.still.is_empty());
    assert_eq!(revoked(&of(&arn("111111111111")), &["111111111111"]).text, None);
    // The owner's account stays the only one that the service acts for.
    let both = document(&allow(
        lambda,
        r#""StringEquals":{"aws:SourceAccount":["222222222222","111111111111"]},"ArnLike":{"aws:SourceArn":"arn:aws:lambda:*:111111111111:function:*"}"#,
    ));
    assert_eq!(revoked(&both, &["111111111111"]).text, None, "nothing else gets past the second condition");
    let open = document(&allow(lambda, ""));
    let still: Vec<Reach> = revoked(&open, &["111111111111"]).still.into_iter().map(|s| s.by).collect();
    assert_eq!(still, [Reach::Service("service lambda.amazonaws.com".to_owned())]);
}

#[test]
fn an_organization_goes_out_of_its_condition_and_an_emptied_condition_takes_the_statement() {
    let org = |ids: &str| allow("\"*\"", &format!(r#""StringEquals":{{"aws:PrincipalOrgID":{ids}}}"#));
    let (a, b) = ("o-aaaaaaaaaa", "o-bbbbbbbbbb");
    let two = document(&org(&format!("[\"{a}\",\"{b}\"]")));
    assert_eq!(rest(&revoked(&two, &[b])), Some(org(&format!("[\"{a}\"]"))));
    for one in [format!("\"{a}\""), format!("[\"{a}\"]")] {
        assert_eq!(revoked(&document(&org(&one)), &[a]).text, None, "never `*` without a condition");
    }
    let unit = "o-aaaaaaaaaa/r-ab12/ou-ab12-11111111/";
    let path = document(&allow("\"*\"", &format!(r#""ForAnyValue:StringLike":{{"aws:PrincipalOrgPaths":"{unit}*"}}"#)));
    assert_eq!(revoked(&path, &[unit]).text, None);
    assert_eq!(revoked(&path, &[a]).still[0].by, Reach::Part(unit.to_owned()));
    assert_eq!(with_members(&path, &[a]).text, None);
    let other = revoked(&two, &["111111111111"]);
    assert!(!other.changed);
    assert_eq!(other.still[0].by, Reach::Organization(a.to_owned()));
}

#[test]
fn a_grant_to_an_account_of_an_organization_is_the_accounts() {
    let org = r#""StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#;
    let named = document(&allow(r#"{"AWS":"111111111111"}"#, org));
    assert!(!revoked(&named, &["o-aaaaaaaaaa"]).changed);
    let by_condition = document(&allow(
        "\"*\"",
        r#""StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa","aws:PrincipalAccount":"111111111111"}"#,
    ));
    assert!(!with_members(&by_condition, &["o-aaaaaaaaaa"]).changed);
    assert_eq!(revoked(&by_condition, &["111111111111"]).text, None);
    // Beside a name, only the `*` goes.
    let mixed = document(&allow(r#"{"AWS":["*","111111111111"]}"#, org));
    assert_eq!(rest(&revoked(&mixed, &["o-aaaaaaaaaa"])), Some(allow(r#"{"AWS":["111111111111"]}"#, org)));
}

#[test]
fn who_is_named_by_a_condition_alone_goes_like_who_is_named_as_a_principal() {
    let account = |ids: &str| document(&allow("\"*\"", &format!(r#""StringEquals":{{"aws:PrincipalAccount":{ids}}}"#)));
    assert_eq!(revoked(&account("\"111111111111\""), &["111111111111"]).text, None);
    let two = revoked(&account(r#"["111111111111","333333333333"]"#), &["111111111111"]);
    assert_eq!(two.text, Some(account(r#"["333333333333"]"#)));
    assert_eq!(two.removed[0].words(), "111111111111 from aws:PrincipalAccount of statement 1");

    let (ci, web) = ("arn:aws:iam::111111111111:role/ci", "arn:aws:iam::111111111111:role/web");
    let arn = |who: &str, arns: &[&str]| {
        document(&allow(who, &format!(r#""ArnEquals":{{"aws:PrincipalArn":{}}}"#, serde_json::json!(arns))))
    };
    // The form for a role that may be made anew: its account, held to its ARN.
    for who in ["\"*\"", r#"{"AWS":"arn:aws:iam::111111111111:root"}"#, r#"{"AWS":["111111111111","333333333333"]}"#] {
        assert_eq!(revoked(&arn(who, &[ci]), &[ci]).text, None, "{who}");
        assert_eq!(revoked(&arn(who, &[ci, web]), &[ci]).text, Some(arn(who, &[web])), "{who}");
        assert!(!revoked(&arn(who, &[web]), &[ci]).changed, "{who}");
    }
    let listed = r#"{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::333333333333:role/x"]}"#;
    let rest = r#"{"AWS":["arn:aws:iam::333333333333:role/x"]}"#;
    assert_eq!(revoked(&arn(listed, &[ci]), &[ci]).text, Some(arn(rest, &[ci])), "the role by name stays as it is");

    let whole = "arn:aws:iam::111111111111:*";
    assert_eq!(revoked(&arn("\"*\"", &[whole]), &["111111111111"]).text, None, "the whole account");
    for part in [ci, "arn:aws:iam::111111111111:role/*"] {
        let text = arn("\"*\"", &[part]);
        assert!(!revoked(&text, &["111111111111"]).changed, "{part}: a part of it goes on request");
        assert_eq!(with_members(&text, &["111111111111"]).text, None, "{part}");
    }
    let service = r#""StringEquals":{"aws:PrincipalServiceName":"lambda.amazonaws.com"}"#;
    assert_eq!(revoked(&document(&allow("\"*\"", service)), &["lambda.amazonaws.com"]).text, None);
}

#[test]
fn a_service_beside_a_name_stays_where_a_condition_on_callers_goes() {
    let org = r#""StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#;
    let all = r#"{"AWS":["*","111111111111"],"Service":"lambda.amazonaws.com"}"#;
    let left = r#"{"AWS":["111111111111"],"Service":"lambda.amazonaws.com"}"#;
    assert_eq!(rest(&revoked(&document(&allow(all, org)), &["o-aaaaaaaaaa"])), Some(allow(left, org)));
}

#[test]
fn everyone_goes_where_everyone_is_meant() {
    let public = allow("\"*\"", "");
    let org = allow(r#"{"AWS":"*"}"#, r#""StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#);
    let listed = allow(r#"{"AWS":["*","111111111111"]}"#, "");
    let text = document(&[public, org.clone(), listed].join(","));
    let revoked = revoked(&text, &["*"]);
    assert_eq!(rest(&revoked), Some([org, allow(r#"{"AWS":["111111111111"]}"#, "")].join(",")));
    assert!(revoked.still.is_empty(), "{:?}", revoked.still);
}

#[test]
fn what_reaches_a_role_without_its_name_is_told() {
    let account = allow(r#"{"AWS":"111111111111"}"#, "");
    let everyone = allow("\"*\"", r#""StringNotEquals":{"aws:PrincipalAccount":"333333333333"}"#);
    let others = allow("\"*\"", r#""StringNotEquals":{"aws:PrincipalAccount":"111111111111"}"#);
    let unnamed = allow(r#"{"AWS":"333333333333"}"#, "").replace("Principal", "NotPrincipal");
    let perhaps = allow(r#"{"AWS":"arn:aws:iam::111111111111:role/ci"}"#, "").replace("Principal", "NotPrincipal");
    let role = allow(r#"{"AWS":"arn:aws:iam::111111111111:role/ci"}"#, "");
    let session = allow(r#"{"AWS":["arn:aws:sts::111111111111:assumed-role/ci/run"]}"#, "");
    let text = document(&[account, everyone, others, unnamed, perhaps, role, session].join(","));
    let revoked = revoked(&text, &["arn:aws:iam::111111111111:role/ci"]);
    assert_eq!(revoked.emptied, [5]);
    let by: Vec<(usize, Reach)> = revoked.still.into_iter().map(|s| (s.statement, s.by)).collect();
    assert_eq!(
        by,
        [
            (0, Reach::Account(crate::ecr::AccountId::parse("111111111111").unwrap())),
            (1, Reach::Everyone),
            (3, Reach::NotPrincipal),
            (4, Reach::NotPrincipal),
            (5, Reach::Part("arn:aws:sts::111111111111:assumed-role/ci/run".to_owned())),
        ]
    );
}

#[test]
fn denies_carve_outs_and_lambdas_own_statement_are_left() {
    let deny = allow(r#"{"AWS":"111111111111"}"#, "").replace("Allow", "Deny");
    let carve = allow(r#"{"AWS":["111111111111"]}"#, "").replace("Allow", "Deny").replace("Principal", "NotPrincipal");
    let fence = allow("\"*\"", r#""StringNotEquals":{"aws:PrincipalAccount":["111111111111","222222222222"]}"#)
        .replace("Allow", "Deny");
    let lambda = allow(
        r#"{"Service":"lambda.amazonaws.com"}"#,
        r#""StringLike":{"aws:sourceArn":"arn:aws:lambda:eu-west-2:111111111111:function:*"}"#,
    )
    .replace("{\"Effect\"", "{\"Sid\":\"LambdaECRImageRetrievalPolicy\",\"Effect\"");
    let text = document(&[deny, carve, fence, lambda].join(","));
    let revoked = with_members(&text, &["111111111111"]);
    assert!(!revoked.changed);
    let left: Vec<(usize, Why)> = revoked.left.iter().map(|l| (l.statement, l.why)).collect();
    assert_eq!(left, [(0, Why::Denies), (1, Why::Spares), (2, Why::Spares), (3, Why::LambdasOwn)]);
    let asked = RevokeOptions { and_lambdas_own: true, ..RevokeOptions::default() };
    let revoked = revoke(Some(&text), &grantees(&["111111111111"]), asked).unwrap();
    assert_eq!((revoked.emptied, revoked.left.len()), (vec![3], 3));
}

#[test]
fn lambdas_sid_without_its_condition_spares_no_statement() {
    let open = allow(r#"{"Service":"lambda.amazonaws.com"}"#, "")
        .replace("{\"Effect\"", "{\"Sid\":\"LambdaECRImageRetrievalPolicy\",\"Effect\"");
    let text = document(&open);
    let revoked = revoke(Some(&text), &grantees(&["lambda.amazonaws.com"]), RevokeOptions::default()).unwrap();
    assert_eq!(revoked.emptied, [0], "{revoked:?}");
}

#[test]
fn what_still_reaches_under_conditions_is_told_as_such() {
    let text = document(&allow("\"*\"", r#""StringLike":{"aws:PrincipalAccount":"1111111111*"}"#));
    let said =
        |text: &str, who: &str| -> Vec<String> { revoked(text, &[who]).still.iter().map(Still::words).collect() };
    assert_eq!(
        said(&text, "111111111111"),
        ["statement 1, under its conditions, lets everyone in, and so account 111111111111"]
    );
    let pattern = r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/c*"}"#;
    let role = "arn:aws:iam::111111111111:role/ci";
    assert_eq!(
        said(&document(&allow(r#"{"AWS":"111111111111"}"#, pattern)), role),
        ["statement 1, under its conditions, lets the whole account 111111111111 in, and so role ci of 111111111111"]
    );
    assert_eq!(
        said(&document(&allow("\"*\"", "")), role),
        ["statement 1 lets everyone in, and so role ci of 111111111111"]
    );
}

#[test]
fn the_account_of_that_number_in_another_partition_is_another_one() {
    let both = allow(r#"{"AWS":["arn:aws-cn:iam::111111111111:root","arn:aws:iam::111111111111:root"]}"#, "");
    let left = allow(r#"{"AWS":["arn:aws-cn:iam::111111111111:root"]}"#, "");
    let one = revoked(&document(&both), &["arn:aws:iam::111111111111:root"]);
    assert_eq!((rest(&one), one.still.len()), (Some(left), 0), "{:?}", one.still);
    assert_eq!(revoked(&document(&both), &["111111111111"]).text, None);
}

#[test]
fn deleted_principals_go_from_every_statement_and_nothing_else_does() {
    let gone = "AROAEXAMPLEEXAMPLEEX1";
    let mixed =
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":["{gone}","333333333333"]}},"Action":"ecr:BatchGetImage"}}"#);
    let alone = format!(r#"{{"Effect":"Deny","Principal":{{"AWS":"{gone}"}},"Action":"ecr:*"}}"#);
    let spares = format!(r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":["{gone}","333333333333"]}},"Action":"ecr:*"}}"#);
    let spares_nobody = format!(r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":"{gone}"}},"Action":"ecr:*"}}"#);
    let kept = r#"{"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"}"#;
    let short = |text: &str| text.replace(&format!("\"{gone}\","), "");
    for (statements, left) in [
        (format!("{mixed},{kept}"), format!("{},{kept}", short(&mixed))),
        (format!("{alone},{kept}"), kept.to_owned()),
        (format!("{spares},{kept}"), format!("{},{kept}", short(&spares))),
        (format!("{spares_nobody},{kept}"), format!("{spares_nobody},{kept}")),
        (kept.to_owned(), kept.to_owned()),
    ] {
        let cleaned = remove_deleted(Some(&document(&statements))).unwrap();
        assert_eq!(cleaned.text, Some(document(&left)), "{statements}");
        assert_eq!(cleaned.changed, statements != left);
        assert!(!remove_deleted(cleaned.text.as_deref()).unwrap().changed);
    }
    let emptied = remove_deleted(Some(&document(&alone))).unwrap();
    assert_eq!((emptied.text, emptied.changed, emptied.removed.len()), (None, true, 1));
    assert!(remove_deleted(Some("no policy")).is_err());
    assert!(!remove_deleted(None).unwrap().changed);
}
