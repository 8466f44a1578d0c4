mod adversary;
mod moment;

use proptest::prelude::*;

use super::*;

fn owner() -> AccountId {
    AccountId::parse("222222222222").unwrap()
}

fn read(statements: &str) -> AccessTable {
    let text = format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{statements}]}}");
    table(&Policy::read(&text).unwrap(), &owner())
}

fn allow(principal: &str, rest: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":["ecr:BatchGetImage"]{rest}}}"#)
}

fn under(condition: &str) -> String {
    allow("\"*\"", &format!(",\"Condition\":{{{condition}}}"))
}

#[test]
fn the_class_is_right_where_scanners_err() {
    let public = [
        allow("\"*\"", ""),
        allow(r#"{"AWS":"*"}"#, ""),
        allow("\"*\"", "").replace("[\"ecr:BatchGetImage\"]", "\"ecr:BatchGetImage\""),
        allow(r#"{"AWS":"111111111111"}"#, "").replace("Principal", "NotPrincipal"),
        allow("\"*\"", "").replace("\"Action\"", "\"NotAction\""),
        under(r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#),
        under(r#""ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#),
        under(r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#),
        under(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#),
        under(r#""IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}"#),
        under(r#""StringEquals":{"aws:username":"ana"}"#),
        under(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ci"}"#),
        under(r#""StringLike":{"aws:PrincipalOrgID":["o-aaaaaaaaaa","*"]}"#),
        under(r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-aaaa*"}"#),
    ];
    for text in public {
        assert_eq!(read(&text).class, Class::Public, "{text}");
    }
    let org = r#""StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#;
    let others = [
        (format!("{},{}", allow("\"*\"", ""), allow("\"*\"", "").replace("Allow", "Deny")), Class::None),
        (allow("\"*\"", "").replace("Allow", "Deny"), Class::None),
        (under(org), Class::Organization),
        (under(r#""StringLike":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#), Class::Organization),
        (under(r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-aaaaaaaaaa/r-ab12/*"}"#), Class::Organization),
        (under(&format!(r#"{org},"ArnLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/ci"}}"#)), Class::Organization),
        (under(r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#), Class::Network),
        (under(r#""StringEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}"#), Class::Network),
        (under(r#""StringEquals":{"aws:PrincipalAccount":"111111111111"}"#), Class::CrossAccount),
        (under(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::222222222222:role/*"}"#), Class::OwnAccount),
        (allow(r#"{"Service":"lambda.amazonaws.com"}"#, ""), Class::Service),
        (under(r#""StringEquals":{"aws:SourceAccount":"222222222222"}"#), Class::Service),
        (allow(r#"{"AWS":"arn:aws:iam::222222222222:role/ci"}"#, ""), Class::OwnAccount),
        (allow(r#"{"AWS":["222222222222","111111111111"]}"#, ""), Class::CrossAccount),
        (allow(r#"{"AWS":"AROAEXAMPLEEXAMPLEEX1"}"#, ""), Class::None),
        (allow("\"*\"", "").replace("ecr:BatchGetImage", "ecr:GetAuthorizationToken"), Class::None),
        (
            format!(
                "{},{}",
                allow("\"*\"", ""),
                r#"{"Effect":"Deny","Principal":"*","Action":"ecr:*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}}}"#
            ),
            Class::Organization,
        ),
    ];
    for (text, class) in others {
        assert_eq!(read(&text).class, class, "{text}");
    }
}

#[test]
fn rows_join_what_several_statements_give_to_the_same_party() {
    let two = format!(
        "{},{}",
        allow(r#"{"AWS":"111111111111"}"#, ""),
        allow(r#"{"AWS":"arn:aws:iam::111111111111:root"}"#, "").replace("BatchGetImage", "GetDownload*")
    );
    let table = read(&two);
    assert_eq!(table.rows.len(), 1);
    assert_eq!(table.rows[0].actions, ["BatchGetImage", "GetDownloadUrlForLayer"]);
    assert_eq!(table.rows[0].statements, [0, 1]);
    assert_eq!(table.rows[0].who.words(), "account 111111111111");
}

#[test]
fn a_deny_is_named_where_it_may_void_a_row_and_only_there() {
    let deny = |principal: &str, condition: &str| {
        format!(r#"{{"Effect":"Deny","Principal":{principal},"Action":"ecr:Batch*","Condition":{{{condition}}}}}"#)
    };
    let row = |deny: String| {
        let table = read(&format!("{},{deny}", allow(r#"{"AWS":"111111111111"}"#, "")));
        assert_eq!(table.denies.len(), 1);
        table.rows[0].clone()
    };
    let certain = row(deny("\"*\"", ""));
    assert_eq!((certain.blocked.clone(), certain.effective().len()), (vec![1], 0));
    let role_only = row(deny(r#"{"AWS":"arn:aws:iam::111111111111:role/ci"}"#, ""));
    assert_eq!((role_only.blocked.clone(), role_only.effective().len()), (vec![1], 1));
    let maybe = row(deny("\"*\"", r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#));
    assert_eq!((maybe.blocked.clone(), maybe.effective().len()), (vec![1], 1));
    for never in [
        deny("\"*\"", r#""Bool":{"aws:SecureTransport":"false"}"#),
        deny("\"*\"", r#""StringNotEquals":{"aws:PrincipalAccount":"111111111111"}"#),
        deny(r#"{"AWS":"333333333333"}"#, ""),
        deny("\"*\"", "").replace("Batch*", "PutImage"),
    ] {
        assert!(row(never.clone()).blocked.is_empty(), "{never}");
    }
    let outside = row(deny("\"*\"", r#""StringNotEquals":{"aws:PrincipalAccount":"333333333333"}"#));
    assert!(outside.effective().is_empty());
}

#[test]
fn each_organization_of_a_list_is_a_party_of_its_own() {
    let table = read(&under(
        r#""StringEquals":{"aws:PrincipalOrgID":["o-aaaaaaaaaa","o-bbbbbbbbbb"],"aws:SourceVpce":"vpce-1"}"#,
    ));
    let who: Vec<String> = table.rows.iter().map(|r| r.who.words()).collect();
    assert_eq!(who, ["organization o-aaaaaaaaaa", "organization o-bbbbbbbbbb"]);
    assert_eq!(table.rows[0].conditions.len(), 1, "the organization is said by the party");
}

#[test]
fn a_star_before_the_account_of_an_arn_opens_it_where_texts_are_compared() {
    let class =
        |operator: &str, arn: &str| read(&under(&format!(r#""{operator}":{{"aws:PrincipalArn":"{arn}"}}"#))).class;
    let (anywhere, here) = ("arn:*:*::111111111111:role/x*", "arn:aws:iam::111111111111:role/x*");
    // It fits arn:aws:iam::999999999999:role/a::111111111111:role/x, with a path as IAM takes it.
    assert_eq!(class("StringLike", anywhere), Class::Public);
    assert_eq!(class("ArnLike", anywhere), Class::CrossAccount);
    assert_eq!(class("StringLike", here), Class::CrossAccount);
}

/// The rows of facts on which scanners err: what each is, and the class that is right.
fn probes() -> Vec<(&'static str, String, Class)> {
    let deny = |condition: &str| {
        format!(r#"{{"Effect":"Deny","Principal":"*","Action":"ecr:BatchGetImage","Condition":{{{condition}}}}}"#)
    };
    let org = r#""StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#;
    let open_arn = r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ci"}"#;
    vec![
        ("everyone, action list", allow("\"*\"", ""), Class::Public),
        ("everyone, action string", allow("\"*\"", "").replace(['[', ']'], ""), Class::Public),
        ("AWS * as a string", allow(r#"{"AWS":"*"}"#, ""), Class::Public),
        (
            "NotPrincipal with Allow",
            allow(r#"{"AWS":"111111111111"}"#, "").replace("Principal", "NotPrincipal"),
            Class::Public,
        ),
        ("NotAction", allow("\"*\"", "").replace("\"Action\"", "\"NotAction\""), Class::Public),
        ("a Deny of the same action", format!("{},{}", allow("\"*\"", ""), deny("")), Class::None),
        ("Deny only", deny(""), Class::None),
        ("organization", under(org), Class::Organization),
        ("StringLike exact organization", under(&org.replace("Equals", "Like")), Class::Organization),
        ("StringLike o-*", under(r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#), Class::Public),
        ("ForAllValues organization", under(&org.replace("StringE", "ForAllValues:StringE")), Class::Public),
        ("organization IfExists", under(&org.replace("Equals", "EqualsIfExists")), Class::Public),
        (
            "two halves of all addresses",
            under(r#""IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}"#),
            Class::Public,
        ),
        ("a /24", under(r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#), Class::Network),
        ("user name", under(r#""StringEquals":{"aws:username":"ana"}"#), Class::Public),
        ("ARN open in the account", under(open_arn), Class::Public),
        (
            "organizations with a star",
            under(r#""StringLike":{"aws:PrincipalOrgID":["o-aaaaaaaaaa","*"]}"#),
            Class::Public,
        ),
        ("organization and open ARN", under(&format!("{org},{open_arn}")), Class::Organization),
        ("service without condition", allow(r#"{"Service":"lambda.amazonaws.com"}"#, ""), Class::Service),
    ]
}

#[test]
fn every_row_of_the_probe_table_has_its_class_and_its_finding() {
    use crate::lint::{CheckOptions, check};
    let single = format!(r#"{{"Version":"2012-10-17","Statement":{}}}"#, allow("\"*\"", ""));
    let one = ("Statement is one object", single, Class::Public);
    let list =
        |(name, statements, class)| (name, format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#), class);
    let rows: Vec<_> = probes().into_iter().map(list).chain([one]).collect();
    assert_eq!(rows.len(), 20);
    for (name, text, class) in rows {
        assert_eq!(table(&Policy::read(&text).unwrap(), &owner()).class, class, "{name}: {text}");
        let options = CheckOptions { owner: Some(owner()), ..CheckOptions::default() };
        let public = check(&text, &options).iter().any(|f| ["S101", "S102", "S103"].contains(&f.id));
        assert_eq!(public, class == Class::Public, "{name}: {text}");
    }
}

#[test]
fn the_class_is_right_in_every_variation() {
    let with_deny = |condition: &str| {
        let deny = r#"{"Effect":"Deny","Principal":"*","Action":"ecr:*","Condition":"#;
        format!("{},{deny}{{{condition}}}}}", allow("\"*\"", ""))
    };
    let not_org = r#""StringNotEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#;
    let cases = [
        // A Deny around everyone.
        (with_deny(not_org), Class::Organization),
        (with_deny(&not_org.replace("Equals", "EqualsIfExists")), Class::Organization),
        (
            with_deny(
                r#""StringNotEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#,
            ),
            Class::Organization,
        ),
        (with_deny(r#""StringNotEquals":{"aws:PrincipalAccount":"111111111111"}"#), Class::CrossAccount),
        (with_deny(r#""StringNotEquals":{"aws:PrincipalAccount":"222222222222"}"#), Class::OwnAccount),
        (
            with_deny(
                r#""StringNotEquals":{"aws:PrincipalAccount":"222222222222"},"Bool":{"aws:PrincipalIsAWSService":"false"}"#,
            ),
            Class::Service,
        ),
        (with_deny(r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/*"}"#), Class::CrossAccount),
        (with_deny(r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ci"}"#), Class::Public),
        (with_deny(r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#), Class::Network),
        (with_deny(r#""NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}"#), Class::Network),
        (
            with_deny(r#""NotIpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]},"Null":{"aws:SourceIp":"false"}"#),
            Class::Public,
        ),
        (with_deny(r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#), Class::Public),
        (with_deny(r#""StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}"#), Class::Network),
        (with_deny(r#""Bool":{"aws:SecureTransport":"false"}"#), Class::Public),
        (with_deny(r#""Null":{"aws:PrincipalOrgID":"true"}"#), Class::Public),
        (
            with_deny(&format!(r#"{not_org},"StringNotEqualsIfExists":{{"aws:SourceVpce":"vpce-1a2b3c4d"}}"#)),
            Class::Network,
        ),
        (
            with_deny("").replace(
                r#""Principal":"*","Action":"ecr:*""#,
                r#""NotPrincipal":{"AWS":"111111111111"},"Action":"ecr:*""#,
            ),
            Class::CrossAccount,
        ),
        (
            with_deny("").replace(
                r#""Principal":"*","Action":"ecr:*""#,
                r#""Principal":{"AWS":"111111111111"},"Action":"ecr:*""#,
            ),
            Class::Public,
        ),
        (with_deny("").replace(r#""Action":"ecr:*""#, r#""NotAction":"ecr:BatchGetImage""#), Class::Public),
        (with_deny("").replace(r#""Action":"ecr:*""#, r#""Action":"ecr:Batch?etImage""#), Class::None),
        // Conditions that let outsiders in.
        (under(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#), Class::Public),
        (under(r#""StringNotEquals":{"aws:PrincipalAccount":"111111111111"}"#), Class::Public),
        (under(r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#), Class::Public),
        (under(r#""Null":{"aws:PrincipalOrgID":"false"}"#), Class::Public),
        (under(r#""Null":{"aws:SourceVpce":"false"}"#), Class::Public),
        (under(r#""StringLike":{"aws:SourceVpce":"vpce-*"}"#), Class::Public),
        (under(r#""Bool":{"aws:SecureTransport":"true"}"#), Class::Public),
        (under(r#""StringEquals":{"aws:PrincipalTag/team":"red"}"#), Class::Public),
        (under(r#""StringEquals":{"aws:PrincipalTag/team":"${aws:username}"}"#), Class::Public),
        (under(r#""StringEquals":{"aws:PrincipalAccount":"${aws:PrincipalAccount}"}"#), Class::Public),
        (under(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:role/ci"}"#), Class::Public),
        (under(r#""ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-aaaaaaaaaa/*"}"#), Class::Public),
        (under(r#""IpAddress":{"aws:SourceIp":"::/0"}"#), Class::Public),
        (under(r#""IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/0"]}"#), Class::Public),
        (under(r#""StringEquals":{"aws:PrincipalType":"AssumedRole"}"#), Class::Public),
        (under(r#""Bool":{"aws:PrincipalIsAWSService":"false"}"#), Class::Public),
        (under(r#""DateLessThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}"#), Class::Public),
        (under(r#""StringLike":{"aws:userid":"*:deploy"}"#), Class::Public),
        (under(r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::1*:role/ci"}"#), Class::Public),
        (under(r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::11111111111?:role/ci"}"#), Class::Public),
        (under(r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:*a*"}"#), Class::Public),
        (under(r#""StringLike":{"aws:PrincipalArn":"*x:y*"}"#), Class::Public),
        (under(r#""ArnEquals":{"aws:PrincipalArn":"a*rn:aws:iam::111111111111:role/*"}"#), Class::CrossAccount),
        (under(r#""ArnLike":{"aws:SourceVpcArn":"arn:aws:ec2:*:*:vpc/*"}"#), Class::Public),
        (under(r#""StringEquals":{"aws:SourceVpce":"${aws:PrincipalTag/vpce}"}"#), Class::Public),
        (under(r#""StringEquals":{"aws:ResourceAccount":"222222222222"}"#), Class::Public),
        (under(r#""StringEquals":{"aws:ResourceOrgID":"o-aaaaaaaaaa"}"#), Class::Public),
        // Conditions that do not.
        (under(r#""StringEquals":{"aws:ResourceOrgID":"${aws:PrincipalOrgID}"}"#), Class::Organization),
        (under(r#""StringEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}"#), Class::Organization),
        (with_deny(r#""StringNotEquals":{"aws:PrincipalOrgID":"${aws:ResourceOrgID}"}"#), Class::Organization),
        (under(r#""StringEquals":{"aws:ResourceAccount":"${aws:PrincipalAccount}"}"#), Class::OwnAccount),
        (under(r#""StringEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}"#), Class::OwnAccount),
        (under(r#""StringEquals":{"aws:SourceOrgID":"${aws:ResourceOrgID}"}"#), Class::Service),
        (under(r#""StringEquals":{"aws:VpceOrgID":"${aws:ResourceOrgID}"}"#), Class::Network),
        (under(r#""ForAnyValue:StringLike":{"aws:VpceOrgPaths":"o-aaaaaaaaaa/*"}"#), Class::Network),
        (under(r#""ArnLike":{"aws:SourceVpcArn":"arn:aws:ec2:*:111111111111:vpc/*"}"#), Class::Network),
        (under(r#""StringEqualsIgnoreCase":{"aws:SourceVpce":"VPCE-1a2b3c4d"}"#), Class::Network),
        (under(r#""StringEquals":{"aws:SourceIp":"203.0.113.7"}"#), Class::Network),
        (
            under(r#""ArnLike":{"lambda:SourceFunctionArn":"arn:aws:lambda:*:111111111111:function:*"}"#),
            Class::CrossAccount,
        ),
        (
            under(r#""StringEqualsIgnoreCase":{"aws:PrincipalArn":"ARN:AWS:IAM::111111111111:ROLE/ci"}"#),
            Class::CrossAccount,
        ),
        (
            under(
                r#""ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"},"Null":{"aws:PrincipalOrgID":"false"}"#,
            ),
            Class::Organization,
        ),
        (under(r#""ForAnyValue:StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#), Class::Organization),
        (
            under(r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":["o-aaaaaaaaaa/r-ab12/*","o-bbbbbbbbbb/*"]}"#),
            Class::Organization,
        ),
        (under(r#""StringEqualsIgnoreCase":{"aws:PrincipalOrgID":"O-AAAAAAAAAA"}"#), Class::Organization),
        (
            under(r#""StringEqualsIfExists":{"aws:SourceVpce":"vpce-1a2b3c4d"},"Null":{"aws:SourceVpce":"false"}"#),
            Class::Network,
        ),
        (under(r#""IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}"#), Class::Network),
        (under(r#""StringEquals":{"aws:SourceVpc":"vpc-1a2b3c4d"}"#), Class::Network),
        (under(r#""StringEquals":{"aws:PrincipalAccount":["111111111111","222222222222"]}"#), Class::CrossAccount),
        (under(r#""StringEquals":{"aws:PrincipalAccount":"222222222222"}"#), Class::OwnAccount),
        (under(r#""StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111111111111:role/ci"}"#), Class::CrossAccount),
        (under(r#""StringLike":{"aws:userid":"AROAEXAMPLEEXAMPLEEX1:*"}"#), Class::CrossAccount),
        (under(r#""Bool":{"aws:PrincipalIsAWSService":"true"}"#), Class::Service),
        (under(r#""StringEquals":{"aws:PrincipalServiceName":"lambda.amazonaws.com"}"#), Class::Service),
        (under(r#""ArnLike":{"aws:SourceArn":"arn:aws:lambda:*:*:function:*"}"#), Class::Service),
        (under(r#""StringEquals":{"aws:SourceOrgID":"o-aaaaaaaaaa"}"#), Class::Service),
        (
            with_deny(r#""IpAddress":{"aws:SourceIp":"0.0.0.0/1"}"#).replacen(
                '}',
                r#","Condition":{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/1"]}}}"#,
                1,
            ),
            Class::Network,
        ),
        (under(r#""ArnLike":{"aws:ChatbotSourceArn":"arn:aws:chatbot::111111111111:*"}"#), Class::CrossAccount),
        // Conditions that nobody meets.
        (under(r#""StringEquals":{"PrincipalOrgID":"o-aaaaaaaaaa"}"#), Class::None),
        (under(r#""StringNotEquals":{"PrincipalOrgID":"o-aaaaaaaaaa"}"#), Class::Public),
        (under(r#""StringEquals":{"aws:ResourceAccount":"111111111111"}"#), Class::None),
        (under(r#""Bool":{"aws:SecureTransport":"false"}"#), Class::None),
        (
            under(
                r#""StringEquals":{"aws:PrincipalAccount":"111111111111"},"StringLike":{"aws:PrincipalArn":"arn:aws:iam::333333333333:*"}"#,
            ),
            Class::None,
        ),
        (
            under(r#""StringEquals":{"aws:SourceAccount":"111111111111"},"Null":{"aws:PrincipalAccount":"false"}"#),
            Class::None,
        ),
        (under(r#""Null":{"aws:username":"true"},"StringEquals":{"aws:username":"ana"}"#), Class::None),
        (under(r#""StringEquals":{"aws:PrincipalOrgID":"o-*"}"#), Class::None),
        (under(r#""StringIs":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}"#), Class::None),
        (under(r#""StringEquals":{"aws:PrincipalOrgID":[]}"#), Class::None),
        (
            allow(r#"{"AWS":"111111111111"}"#, r#","Condition":{"StringEquals":{"aws:SourceAccount":"111111111111"}}"#),
            Class::None,
        ),
        (
            allow(
                r#"{"Service":"lambda.amazonaws.com"}"#,
                r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}}"#,
            ),
            Class::None,
        ),
        // Principals.
        (allow(r#"{"AWS":"arn:aws-cn:iam::111111111111:root"}"#, ""), Class::CrossAccount),
        (allow(r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/ci/run"}"#, ""), Class::CrossAccount),
        (
            allow(
                r#"{"AWS":"111111111111"}"#,
                r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}}"#,
            ),
            Class::CrossAccount,
        ),
        (allow(r#"{"Federated":"cognito-identity.amazonaws.com"}"#, ""), Class::None),
        (allow(r#"{"AWS":"222222222222","Service":"lambda.amazonaws.com"}"#, ""), Class::Service),
        (allow("\"*\"", "").replace("ecr:BatchGetImage", "s3:GetObject"), Class::None),
        (allow("\"*\"", "").replace("ecr:BatchGetImage", "ecr:DescribeRegistry"), Class::None),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(text, class)| read(text).class != *class)
        .map(|(text, class)| format!("{:?}, not {class:?}: {text}", read(text).class))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_pattern_of_a_deny_takes_no_more_than_what_it_fits() {
    let tag = |operator: &str, values: &str| format!(r#""{operator}":{{"aws:PrincipalTag/a":[{values}]}}"#);
    let deny = |values: &str| {
        let deny = r#"{"Effect":"Deny","Principal":"*","Action":"*","Condition":"#;
        format!("{deny}{{{}}}}}", tag("StringLike", values))
    };
    for (allowed, denied, class) in [
        (r#""v?""#, r#""vq""#, Class::Public),
        (r#""v?""#, r#""vo""#, Class::Public),
        (r#""v*""#, r#""v","v?*r""#, Class::Public),
        (r#""v*""#, r#""v","vo*","va*","vs*","vf*","ve*""#, Class::Public),
        (r#""v*""#, r#""v","v?*""#, Class::None),
    ] {
        let text = format!("{},{}", under(&tag("StringLike", allowed)), deny(denied));
        assert_eq!(read(&text).class, class, "{text}");
    }
    let team = r#"{"Effect":"Deny","Principal":"*","Action":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/o*"}}}"#;
    let roles = under(r#""StringEquals":{"aws:PrincipalType":"AssumedRole"}"#);
    assert_eq!(read(&format!("{roles},{team}")).class, Class::Public, "other roles are left");
}

#[test]
fn without_an_owner_every_named_account_is_anothers() {
    let text = format!(r#"{{"Statement":[{}]}}"#, allow(r#"{"AWS":"222222222222"}"#, ""));
    let policy = Policy::read(&text).unwrap();
    assert_eq!(table_for(&policy, None).class, Class::CrossAccount);
    assert_eq!(table_for(&policy, Some(&owner())).class, Class::OwnAccount);
}

#[test]
fn each_statement_has_the_class_that_it_has_alone_behind_the_denies() {
    let text = format!(
        r#"{},{},{{"Effect":"Deny","Principal":"*","Action":"ecr:PutImage"}}"#,
        allow("\"*\"", ""),
        allow("\"*\"", "").replace("BatchGetImage", "PutImage")
    );
    assert_eq!(read(&text).of_statements, [Class::Public, Class::None, Class::None]);
}

#[test]
fn a_row_that_no_request_reaches_gives_nothing_and_names_who_takes_it() {
    let deny = r#"{"Effect":"Deny","Principal":{"AWS":"111111111111"},"Action":"*"}"#;
    let table = read(&format!("{},{deny}", allow(r#"{"AWS":"arn:aws:iam::111111111111:role/ci"}"#, "")));
    assert_eq!(
        (table.rows[0].void.as_slice(), table.rows[0].blocked.as_slice()),
        (["BatchGetImage".to_owned()].as_slice(), [1].as_slice())
    );
    let table = read(&under(r#""Bool":{"aws:SecureTransport":"false"}"#));
    assert!(table.rows[0].effective().is_empty() && table.rows[0].blocked.is_empty());
    // Two Denies that each take a part, and together all of it.
    let half = |ip: &str| {
        format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":"*","Condition":{{"{ip}":{{"aws:SourceIp":"203.0.113.0/24"}}}}}}"#
        )
    };
    let both = format!("{},{},{}", allow(r#"{"AWS":"111111111111"}"#, ""), half("IpAddress"), half("NotIpAddress"));
    assert_eq!((read(&both).rows[0].effective().len(), read(&both).class), (0, Class::None));
}

/// Principals that may be alike, beside conditions and Deny statements that tell some of them apart.
fn principals_and_tests() -> impl Strategy<Value = String> {
    let principals = prop::sample::subsequence(
        vec![
            "111111111111",
            "111111111112",
            "211111111112",
            "222222222222",
            "arn:aws-cn:iam::111111111111:root",
            "arn:aws:iam::111111111111:role/ci",
            "arn:aws:iam::111111111112:role/ci",
            "arn:aws:iam::111111111112:role/team/web",
            "arn:aws:iam::222222222222:role/ci",
            "arn:aws:iam::111111111112:user/ci",
            "arn:aws:iam::211111111112:user/eve",
        ],
        2..=8,
    );
    let test = prop::sample::select(vec![
        r#""StringLike":{"aws:PrincipalAccount":"11111111111?"}"#,
        r#""StringNotLike":{"aws:PrincipalArn":["arn:aws:iam::*2:role/c*","*:user/*"]}"#,
        r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::1*:role/*"}"#,
        r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111111111111:*"}"#,
        r#""StringEquals":{"aws:PrincipalTag/team":"${aws:PrincipalAccount}"}"#,
        r#""StringEquals":{"aws:username":"ci"}"#,
        r#""Null":{"aws:PrincipalAccount":"false"}"#,
        r#""StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#,
        r#""NumericLessThan":{"aws:PrincipalAccount":"111111111112"}"#,
        r#""StringEqualsIgnoreCase":{"aws:PrincipalArn":"ARN:AWS:IAM::211111111112:USER/EVE"}"#,
    ]);
    let whom = prop::sample::select(vec![
        r#""Principal":"*""#,
        r#""Principal":{"AWS":"111111111112"}"#,
        r#""Principal":{"AWS":"arn:aws:iam::111111111111:role/ci"}"#,
        r#""NotPrincipal":{"AWS":["111111111111","arn:aws:iam::111111111111:role/ci"]}"#,
    ]);
    (principals, test.clone(), prop::collection::vec((whom, test), 0..3)).prop_map(|(principals, test, denies)| {
        let one = |effect: &str, whom: &str, test: &str| {
            format!(r#"{{"Effect":"{effect}",{whom},"Action":"ecr:BatchGetImage","Condition":{{{test}}}}}"#)
        };
        let list: Vec<String> = principals.iter().map(|p| format!("\"{p}\"")).collect();
        let allow = one("Allow", &format!(r#""Principal":{{"AWS":[{}]}}"#, list.join(",")), test);
        let denies = denies.iter().map(|(whom, test)| one("Deny", whom, test));
        let all: Vec<String> = std::iter::once(allow).chain(denies).collect();
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(","))
    })
}

/// Statements of principals without conditions, or with one about TLS, among them principals that no request has.
fn plain_statements() -> impl Strategy<Value = String> {
    let long = |length: usize| format!(r#"{{"AWS":"arn:aws:iam::111111111111:role/{}"}}"#, "x".repeat(length));
    let mut principals: Vec<String> = [
        r#""*""#,
        r#"{"AWS":"111111111111"}"#,
        r#"{"AWS":"222222222222"}"#,
        r#"{"AWS":["111111111111","arn:aws:iam::111111111111:root","arn:aws:iam::111111111111:role/ci"]}"#,
        r#"{"AWS":"arn:aws-cn:iam::111111111111:root"}"#,
        r#"{"AWS":["arn:aws:iam::222222222222:role/ci","arn:aws-cn:iam::222222222222:role/ci"]}"#,
        r#"{"AWS":"arn:aws:iam::111111111111:role/team/ci"}"#,
        r#"{"AWS":"arn:aws:iam::111111111111:user/arn:aws"}"#,
        r#"{"AWS":["arn:aws:iam::222222222222:user/ana","arn:aws:iam::333333333333:user/a+b@c"]}"#,
        r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/ci/run"}"#,
        r#"{"AWS":"arn:aws:sts::222222222222:federated-user/ana"}"#,
        r#"{"AWS":"AROAEXAMPLEEXAMPLEEX1"}"#,
        r#"{"Federated":"cognito-identity.amazonaws.com"}"#,
        r#"{"Service":["lambda.amazonaws.com","ecs-tasks.amazonaws.com"]}"#,
        r#"{"Service":["a..amazonaws.com",".amazonaws.com","Lambda.amazonaws.com","x"]}"#,
    ]
    .map(str::to_owned)
    .to_vec();
    principals.extend([long(64), long(65)]);
    let tests = [
        "",
        "",
        r#""Bool":{"aws:SecureTransport":"false"}"#,
        r#""Bool":{"aws:SecureTransport":"true"}"#,
        r#""BoolIfExists":{"AWS:SecureTransport":["false"]}"#,
        r#""StringNotEquals":{"aws:SecureTransport":"true"}"#,
        r#""StringLike":{"aws:SecureTransport":"${aws:ViaAWSService}"}"#,
        r#""Null":{"aws:SecureTransport":"true"}"#,
        r#""ForAllValues:Bool":{"aws:SecureTransport":[]}"#,
        r#""StringEquals":{"aws:ResourceAccount":"111111111111"}"#,
    ];
    let actions =
        [r#""ecr:BatchGetImage""#, r#"["ecr:PutImage","ecr:BatchGetImage"]"#, r#""ecr:*""#, r#""ecr:NewOne""#];
    let effects = ["Allow", "Allow", "Allow", "Deny"];
    let select = |all: &[&'static str]| prop::sample::select(all.to_vec());
    let parts = (select(&effects), prop::sample::select(principals), select(&actions), select(&tests));
    prop::collection::vec(parts, 1..5).prop_map(|all| {
        let one = |(effect, who, actions, test): &(&str, String, &str, &str)| {
            format!(r#"{{"Effect":"{effect}","Principal":{who},"Action":{actions},"Condition":{{{test}}}}}"#)
        };
        let all: Vec<String> = all.iter().map(one).collect();
        format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, all.join(","))
    })
}

proptest! {
    #![proptest_config(crate::testing::fixed_cases(192))]

    #[test]
    fn principals_that_are_alike_are_judged_alike(text in principals_and_tests()) {
        let policy = Policy::read(&text).unwrap();
        for owner in [None, Some(AccountId::parse("222222222222").unwrap())] {
            prop_assert_eq!(super::rows::unlike(&policy, owner.as_ref()), None, "{}", text);
        }
    }

    #[test]
    fn answers_without_a_search_are_those_of_the_search(text in plain_statements()) {
        let policy = Policy::read(&text).unwrap();
        for owner in [None, Some(owner()), Some(AccountId::parse("111111111111").unwrap())] {
            prop_assert_eq!(super::rows::misjudged(&policy, owner.as_ref()), None, "{}", text);
        }
    }
}
