use proptest::prelude::*;

use super::*;
use crate::ecr::Problem;

const HOST: &str = "222222222222.dkr.ecr.eu-west-2.amazonaws.com";
const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn read(text: &str) -> PastedText {
    PastedText::read(&text.replace("HOST", HOST))
}

/// `owner Region name[:tag]`, each repository of a text.
fn repositories(read: &PastedText) -> Vec<String> {
    let tag = |named: &NamedRepository| named.tag.as_ref().map(|tag| format!(":{tag}")).unwrap_or_default();
    let one = |named: &NamedRepository| {
        let at = &named.reference;
        format!("{} {} {}{}", at.account, at.region, at.name, tag(named))
    };
    read.repositories.iter().map(one).collect()
}

fn grantees(read: &PastedText) -> Vec<String> {
    read.grantees.iter().map(ToString::to_string).collect()
}

#[test]
fn every_form_of_an_address_is_read_as_its_repository() {
    let plain = "222222222222 eu-west-2 vendorapp";
    let tagged = "222222222222 eu-west-2 vendorapp:1.2";
    let cases: &[(&str, &str)] = &[
        ("HOST/vendorapp", plain),
        ("HOST/vendorapp:1.2", tagged),
        ("HOST/vendorapp:1.2!", tagged),
        ("docker pull HOST/vendorapp:1.2", tagged),
        ("$ sudo podman pull docker://HOST/vendorapp:1.2", tagged),
        ("skopeo copy docker://HOST/vendorapp:1.2 dir:/tmp/x", tagged),
        ("FROM --platform=linux/amd64 HOST/vendorapp:1.2 AS base", tagged),
        ("https://HOST/v2/vendorapp/manifests/1.2", tagged),
        (
            "https://eu-west-2.console.aws.amazon.com/ecr/repositories/private/222222222222/vendorapp?region=eu-west-2",
            plain,
        ),
        (
            "https://console.aws.amazon.com/ecr/repositories/private/222222222222/vendorapp/_/image/x?region=eu-west-2",
            plain,
        ),
        ("[our image](https://HOST/v2/vendorapp/manifests/1.2)", tagged),
        ("[HOST/vendorapp:1.2](https://HOST/v2/vendorapp/manifests/1.2)", tagged),
        ("**HOST/vendorapp:1.2**", tagged),
        ("image:HOST/vendorapp:1.2", tagged),
        ("Please use \u{201c}HOST/vendorapp:1.2\u{201d}.", tagged),
        ("<https://HOST/vendorapp|HOST/vendorapp>", plain),
        ("```\ndocker pull HOST/vendorapp:1.2\n```", tagged),
        ("> docker pull HOST/vendorapp:1.2\r\n> \r\n", tagged),
        ("docker pull HOST/vend=\r\norapp:1.2", tagged),
        (
            "https://eu-west-2.console.aws.amazon.com/ecr/repositories/private/222222222222/vendorapp?region=3Deu-west-2",
            plain,
        ),
        ("arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp", plain),
    ];
    for (text, expected) in cases {
        let read = read(text);
        assert_eq!(repositories(&read), [*expected], "{text}");
        assert_eq!(grantees(&read), [] as [&str; 0], "{text}: the id in an address is the owner");
    }
    let digest = read(&format!("HOST/vendorapp@{DIGEST}"));
    assert_eq!(repositories(&digest), [plain]);
}

#[test]
fn a_mail_names_the_repository_and_who_pulls() {
    let mail = "Hi Ana,\r\n\r\nplease let our account 1111-1111-1111 (ticket #202611281234) pull\r\n\
                <HOST/vendorapp:1.2>, and tell us when it is done. Our cluster runs in eu-central-1.\r\n\r\n--\r\nBo, +441234567890\r\n";
    let mail = read(mail);
    assert_eq!(repositories(&mail), ["222222222222 eu-west-2 vendorapp:1.2"]);
    assert_eq!(grantees(&mail), ["111111111111"]);
    assert_eq!(mail.regions, [Region::parse("eu-central-1").unwrap()]);
    assert!(!mail.is_bare && mail.policy.is_none() && mail.error.is_none());
    // The owner's id beside its own address is no grantee.
    let both = read("Registry account: 222222222222. Image: HOST/vendorapp. Puller: 1111 1111 1111.");
    assert_eq!(grantees(&both), ["111111111111"]);
}

#[test]
fn two_of_a_kind_are_both_told() {
    let text = read("HOST/one:1 and HOST/two:1 for 111111111111 or arn:aws:iam::333333333333:role/ci");
    assert_eq!(repositories(&text), ["222222222222 eu-west-2 one:1", "222222222222 eu-west-2 two:1"]);
    assert_eq!(grantees(&text), ["111111111111", "arn:aws:iam::333333333333:role/ci"]);
    // Two tags of one repository are one repository without a tag.
    assert_eq!(repositories(&read("docker tag HOST/one:1 HOST/one:2")), ["222222222222 eu-west-2 one"]);
}

#[test]
fn a_text_without_any_of_it_is_plain() {
    for text in ["", "vendorapp", "team/*", "hello there", "1234", "call +441234567890", "see #123456789012"] {
        assert!(read(text).is_plain(), "{text}");
    }
    for bare in ["vendorapp", "111111111111", "111111111111, 333333333333\n"] {
        assert!(read(bare).is_bare, "{bare}");
    }
    assert!(!read("account 111111111111").is_bare);
}

const POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["111111111111"]}, "Action": "ecr:BatchGetImage"}]}"#;

#[test]
fn a_policy_is_taken_out_of_whatever_it_stands_in() {
    let fenced = format!("Hello,\n\nuse this:\n\n```json\n{POLICY}\n```\nThanks");
    let headers = format!("From: bo\nTo: ana\n\n{POLICY}\n");
    let output = format!("{{\"registryId\": \"222222222222\", \"policyText\": {}}}", serde_json::json!(POLICY));
    for text in [POLICY, &fenced, &headers, &output] {
        let read = read(text);
        let policy = read.policy.as_deref().unwrap_or_else(|| panic!("{text}"));
        assert!(crate::policy::canonical::same_meaning(policy, POLICY), "{policy}");
        assert_eq!(grantees(&read), ["111111111111"]);
    }
    assert_eq!(read("{\"a\": 1}").policy, None);
}

#[test]
fn errors_tell_their_side_and_their_values() {
    let denied = |end: &str| {
        format!(
            "Error response from daemon: pull access denied for HOST/vendorapp, repository does not exist or may require \
             'docker login': denied: User: arn:aws:sts::111111111111:assumed-role/node/i-1 is not authorized\nto perform: \
             ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp {end}"
        )
    };
    let cases: Vec<(String, Side, &str)> = vec![
        (denied("because no resource-based policy allows the ecr:BatchGetImage action"), Side::Owner, "no repository"),
        (denied("because no identity-based policy allows the ecr:BatchGetImage action"), Side::Puller, "that identity"),
        (denied("with an explicit deny in a resource-based policy"), Side::Owner, "denies it"),
        (denied("with an explicit deny in a service control policy"), Side::Organization, "organization denies"),
        (denied("with an explicit deny in a resource control policy"), Side::Organization, "organization denies"),
        (denied(""), Side::Unknown, "without a reason"),
        ("Get \"https://HOST/v2/vendorapp/manifests/1\": no basic auth credentials".into(), Side::Puller, "logged in"),
        ("denied: Your authorization token has expired. Reauthenticate and try again.".into(), Side::Puller, "12 hours"),
        (
            "CannotPullContainerError: failed to resolve ref HOST/vendorapp:1: unexpected status from HEAD request to \
             https://HOST/v2/vendorapp/manifests/1: 403 Forbidden"
                .into(),
            Side::Unknown,
            "gave no reason",
        ),
        (
            "RepositoryNotFoundException: The repository with name 'vendorap' does not exist in the registry with id '222222222222'"
                .into(),
            Side::Puller,
            "no repository of that name",
        ),
        ("manifest unknown: Requested image not found".into(), Side::Unknown, "access is there"),
        ("toomanyrequests: Rate exceeded".into(), Side::Puller, "too many"),
        ("Lambda does not have permission to access the ECR image. Check the ECR permissions.".into(), Side::Owner, "Lambda"),
        ("pod/web-1  0/1  ImagePullBackOff  0  3m".into(), Side::Unknown, "Kubernetes waits"),
        ("dial tcp: lookup HOST: no such host".into(), Side::Puller, "network"),
        (
            "AccessDeniedException: User: arn:aws:iam::111111111111:user/ci is not authorized to perform: \
             ecr:GetAuthorizationToken on resource: * because no identity-based policy allows it"
                .into(),
            Side::Puller,
            "GetAuthorizationToken",
        ),
    ];
    for (text, side, words) in &cases {
        let read = read(text);
        let error = read.error.unwrap_or_else(|| panic!("{text}"));
        assert_eq!(error.side(), *side, "{text}");
        assert!(error.meaning().contains(words), "{words}: {}", error.meaning());
        assert!(error.sentence().contains(side.words()));
    }
    let text = read(&cases[0].0);
    assert_eq!(text.error.as_ref().and_then(PullError::action), Some("ecr:BatchGetImage"));
    assert_eq!(repositories(&text), ["222222222222 eu-west-2 vendorapp"]);
    // A session as its role and as its account: the error does not tell the path of the role.
    assert_eq!(grantees(&text), ["arn:aws:iam::111111111111:role/node", "111111111111"]);
    assert_eq!(read(&cases[9].0).missing, RepositoryName::parse("vendorap").ok());
    assert_eq!(grantees(&read(&cases[15].0)), ["arn:aws:iam::111111111111:user/ci"]);
}

/// Encodes a text as mails do, its lines at most so long.
fn quoted_printable(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\r\n"));
        let mut column = 0;
        for byte in line.bytes() {
            let sign =
                if byte == b'=' || !byte.is_ascii() { format!("={byte:02X}") } else { char::from(byte).to_string() };
            if column + sign.len() > width {
                out.push_str("=\r\n");
                column = 0;
            }
            column += sign.len();
            out.push_str(&sign);
        }
        out.push_str(end);
    }
    out
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{1,8}((/|-|_|\\.)[a-z0-9]{2,6}){0,2}"
}

/// An address with its tag, where its form has one.
fn address() -> impl Strategy<Value = (String, String, Option<String>)> {
    (name(), "[a-z0-9][a-z0-9._-]{0,6}[a-z0-9]", 0..7_usize).prop_map(|(name, tag, form)| match form {
        0 => (format!("{HOST}/{name}"), name, None),
        1 => (format!("{HOST}/{name}:{tag}"), name, Some(tag)),
        2 => (format!("https://{HOST}/v2/{name}/manifests/{tag}"), name, Some(tag)),
        3 => (format!("docker://{HOST}/{name}:{tag}"), name, Some(tag)),
        4 => (format!("arn:aws:ecr:eu-west-2:222222222222:repository/{name}"), name, None),
        5 => {
            let page = format!("ecr/repositories/private/222222222222/{name}?region=eu-west-2");
            (format!("https://eu-west-2.console.aws.amazon.com/{page}"), name, None)
        }
        _ => (format!("{HOST}/{name}@{DIGEST}"), name, None),
    })
}

/// What people and programs put around an address; `@` stands for it.
const AROUND: [&str; 14] = [
    "@",
    "docker pull @",
    "<@>",
    "\"@\"",
    "'@',",
    "(@).",
    "`@`",
    "[here](@)",
    "**@**",
    "image: @;",
    "see @!",
    "> @",
    "\u{ab}@\u{bb}",
    "\u{201c}@\u{201d}",
];

proptest! {
    #[test]
    fn an_address_is_read_whatever_is_around_it(
        (address, name, tag) in address(),
        around in prop::sample::select(AROUND.to_vec()),
        id in "[13-9][0-9]{11}",
        has_id in any::<bool>(),
        width in 0_usize..76,
        crlf in any::<bool>(),
    ) {
        let mut text = format!("Dear owner,\n\n{}\n", around.replace('@', &address));
        if has_id {
            text = format!("{text}for account {id}, please; owner 222222222222.\n");
        }
        if width > 8 {
            text = quoted_printable(&text, width);
        } else if crlf {
            text = text.replace('\n', "\r\n");
        }
        let read = PastedText::read(&text);
        let tag = tag.map(|tag| format!(":{tag}")).unwrap_or_default();
        prop_assert_eq!(repositories(&read), [format!("222222222222 eu-west-2 {name}{tag}")], "{}", text);
        let expected: Vec<String> = if has_id { vec![id] } else { Vec::new() };
        prop_assert_eq!(grantees(&read), expected, "{}", text);
    }

    #[test]
    fn no_text_makes_an_owner_of_its_addresses_a_grantee(words in prop::collection::vec(
        prop_oneof![
            Just("222222222222".to_owned()),
            Just(format!("{HOST}/app:1")),
            Just("arn:aws:ecr:eu-west-2:222222222222:repository/app".to_owned()),
            Just("111111111111".to_owned()),
            Just("Statement".to_owned()),
            "[ -~\n=\"]{0,6}",
        ],
        0..12,
    ), joint in prop::sample::select(vec![" ", "\n", ",", "=\n", " \"", ": "])) {
        let read = PastedText::read(&words.join(joint));
        let owners: Vec<String> = read.repositories.iter().map(|named| named.reference.account.to_string()).collect();
        for grantee in &read.grantees {
            prop_assert!(!owners.contains(&grantee.to_string()));
        }
        // Everything that is told can be granted to, or gone to.
        let again: Vec<Result<Grantee, Problem>> = read.grantees.iter().map(|g| Grantee::parse(&g.to_string())).collect();
        prop_assert!(again.iter().all(Result::is_ok), "{:?}", again);
    }
}

#[test]
fn the_actions_of_a_policy_are_those_that_its_allow_statements_give_and_the_rest_is_named() {
    let statement = |rest: &str| {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{rest}]}}"#);
        let found = AllowedActions::of_policy(&text);
        let names: Vec<String> = found.actions.iter().map(|info| info.name.clone()).collect();
        (names, found.left_out)
    };
    let allow = r#""Effect": "Allow", "Principal": {"AWS": "111111111111"}"#;
    let (names, left_out) = statement(&format!(
        r#"{{{allow}, "Action": ["ecr:BatchGetImage", "ecr:GetAuthorizationToken", "s3:GetObject"]}}"#
    ));
    assert_eq!(names, ["BatchGetImage"]);
    assert_eq!(left_out, ["ecr:GetAuthorizationToken", "s3:GetObject"]);
    let (names, left_out) = statement(&format!(
        r#"{{{allow}, "Action": ["ecr:BatchGetImag?", "s3:*", "ecr-public:*", "iam:Pass*", "ecr:GetAuth*"]}}"#
    ));
    assert_eq!(names, ["BatchGetImage"]);
    assert_eq!(left_out, ["s3:*", "ecr-public:*", "iam:Pass*", "ecr:GetAuth*"], "a star hides nothing");
    assert_eq!(statement(&format!(r#"{{{allow}, "Action": "*"}}"#)).1, Vec::<String>::new());
    let (names, left_out) = statement(&format!(
        r#"{{{allow}, "Action": "ecr:Batch*", "Condition": {{"StringEquals": {{"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}}}},
           {{"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage"}}"#
    ));
    assert!(names.iter().all(|name| name.starts_with("Batch")) && names.len() > 1, "{names:?}");
    assert_eq!(left_out, ["1 condition", "1 Deny statement"]);
    let (names, left_out) = statement(&format!(
        r#"{{{allow}, "Action": "ecr:BatchGetImage"}}, {{"Effect": "Allow", "Principal": {{"AWS": "333333333333"}}, "Action": "ecr:PutImage"}}"#
    ));
    assert_eq!(names, ["BatchGetImage", "PutImage"]);
    assert_eq!(left_out, ["which statement allows what"]);
    let (names, left_out) =
        statement(r#"{"Effect": "Allow", "NotPrincipal": {"AWS": "111111111111"}, "Action": "ecr:*"}"#);
    assert_eq!((names.len(), left_out), (0, vec!["1 statement with NotPrincipal".to_owned()]));
    assert_eq!(AllowedActions::of_policy("{"), AllowedActions::default());
}
