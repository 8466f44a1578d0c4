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
