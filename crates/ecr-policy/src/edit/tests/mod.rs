mod odd_layout;

use crate::Condition;
use crate::text::{format, minify};
use proptest::prelude::*;

use super::*;
use crate::access::{Who, table};
use crate::canonical::same_meaning;
use crate::delta::delta;
use crate::ecr::AccountId;
use crate::lint::{CheckOptions, check};
use crate::testing::{actions, conditions, document, principal};

const A: &str = "arn:aws:iam::111111111111:root";
const B: &str = "arn:aws:iam::333333333333:role/ci";

fn pull(principals: &[&str]) -> Wanted {
    Wanted {
        sid: "EcrGrantPull".to_owned(),
        principals: WantedPrincipals::Aws(principals.iter().map(ToString::to_string).collect()),
        actions: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"].map(str::to_owned).to_vec(),
        conditions: Vec::new(),
    }
}

fn granted(text: Option<&str>, wanted: &Wanted) -> Edited {
    grant(text, std::slice::from_ref(wanted)).unwrap()
}

#[test]
fn a_new_document_is_laid_out_with_two_blanks() {
    let edited = granted(None, &pull(&[A]));
    assert_eq!(
        edited.text,
        r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "EcrGrantPull",
      "Effect": "Allow",
      "Principal": {
        "AWS": [
          "arn:aws:iam::111111111111:root"
        ]
      },
      "Action": [
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer"
      ]
    }
  ]
}"#
    );
    assert_eq!((edited.changed, edited.touched), (true, vec![0]));
    assert_eq!(granted(Some(" \n"), &pull(&[A])).text, edited.text);
}

#[test]
fn the_second_grantee_joins_our_statement_and_the_same_one_changes_nothing() {
    let one = granted(None, &pull(&[A])).text;
    let two = granted(Some(&one), &pull(&[B, A, "111111111111"]));
    assert_eq!(two.touched, [0]);
    assert_eq!(two.text, one.replace(&format!("\"{A}\""), &format!("\"{A}\",\n          \"{B}\"")));
    let again = granted(Some(&two.text), &pull(&["111111111111", B]));
    assert_eq!((again.text, again.changed, again.touched), (two.text, false, Vec::new()));
}

#[test]
fn ecrs_own_printing_is_followed() {
    let stored = "{\n  \"Version\" : \"2008-10-17\",\n  \"Statement\" : [ {\n    \"Sid\" : \"x\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {\n      \"AWS\" : \"arn:aws:iam::444444444444:root\"\n    },\n    \"Action\" : [ \"ecr:BatchGetImage\", \"ecr:GetDownloadUrlForLayer\" ]\n  } ]\n}";
    let edited = granted(Some(stored), &pull(&[A]));
    let added = ", {\n    \"Sid\" : \"EcrGrantPull\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {\n      \"AWS\" : [ \"arn:aws:iam::111111111111:root\" ]\n    },\n    \"Action\" : [ \"ecr:BatchGetImage\", \"ecr:GetDownloadUrlForLayer\" ]\n  }";
    assert_eq!(edited.text, stored.replace("  } ]\n}", &format!("  }}{added} ]\n}}")));
    let joined = granted(Some(&edited.text), &pull(&[B]));
    assert_eq!(joined.text, edited.text.replace(&format!("[ \"{A}\" ]"), &format!("[ \"{A}\", \"{B}\" ]")));
}

#[test]
fn a_single_object_becomes_a_list_and_keeps_its_bytes() {
    let stored = "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"ecr:PutImage\"}}";
    let edited = granted(Some(stored), &pull(&[A]));
    assert_eq!(
        edited.text,
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"ecr:PutImage\"},{\"Sid\":\"EcrGrantPull\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"arn:aws:iam::111111111111:root\"]},\"Action\":[\"ecr:BatchGetImage\",\"ecr:GetDownloadUrlForLayer\"]}]}"
    );
    assert_eq!(edited.touched, [1]);
}

#[test]
fn an_empty_list_is_written_into_though_ecr_would_refuse_it() {
    let (start, end) = ("{\n    \"Statement\"", ",\n    \"Id\": \"x\"\n}\n");
    for (before, list, first, last) in [
        ("{\"Version\":\"2012-10-17\",\"Statement\":", "[]}", "[{\"Sid\":", "]}]}"),
        ("{ \"Statement\": ", "[ ] }", "[ { \"Sid\": ", "] } ] }"),
        (
            &format!("{start}: "),
            &format!("[]{end}"),
            "[\n        {\n            \"Sid\"",
            &format!("        }}\n    ]{end}"),
        ),
        (
            &format!("{start}: "),
            &format!("[\n    ]{end}"),
            "[\n        {\n            \"Sid\"",
            &format!("        }}\n    ]{end}"),
        ),
        (&format!("{start} : "), &format!("[ ]{end}"), "[ {\n        \"Sid\" : ", &format!("    }} ]{end}")),
    ] {
        let edited = granted(Some(&[before, list].concat()), &pull(&[A]));
        assert!(edited.changed && edited.touched == [0], "{}", edited.text);
        assert!(edited.text.starts_with(&[before, first].concat()) && edited.text.ends_with(last), "{}", edited.text);
        assert_eq!(Policy::read(&edited.text).unwrap().statements.len(), 1);
    }
    for other in ["{}", "{\"Statement\":[],\"Statements\":[]}", "{\"Statement\":[[]]}", "{\"Statement\":{}}"] {
        assert!(grant(Some(other), &[pull(&[A])]).is_err(), "{other}");
    }
}

#[test]
fn tabs_and_carriage_returns_are_followed() {
    let stored = format(&granted(None, &pull(&["444444444444"])).text.replace("EcrGrant", "")).unwrap();
    let stored = stored.replace("  ", "\t").replace('\n', "\r\n");
    let edited = granted(Some(&stored), &pull(&[A]));
    assert!(edited.text.contains("\t\t},\r\n\t\t{\r\n\t\t\t\"Sid\": \"EcrGrantPull\",\r\n"), "{:?}", edited.text);
    assert_eq!(edited.text.matches('\n').count(), edited.text.matches("\r\n").count());
}

#[test]
fn any_depth_of_indentation_is_followed_and_none_too() {
    for (unit, nl) in
        [("", "\n"), (" ", "\r"), ("  ", "\n"), ("   ", "\r\n"), ("    ", "\n"), ("        ", "\n"), ("\t", "\r")]
    {
        let laid_out = |text: &str| {
            let line = |line: &str| {
                let bare = line.trim_start();
                unit.repeat((line.len() - bare.len()) / 2) + bare
            };
            text.lines().map(line).collect::<Vec<_>>().join(nl)
        };
        let theirs = granted(None, &pull(&["444444444444"])).text.replace("EcrGrant", "");
        let both = granted(Some(&theirs), &pull(&[A])).text;
        for end in ["", nl, "  ", "\t\n\n"] {
            let edited = granted(Some(&(laid_out(&theirs) + end)), &pull(&[A]));
            assert_eq!(edited.text, laid_out(&both) + end, "{unit:?} {nl:?} {end:?}");
        }
    }
}

#[test]
fn what_another_statement_gives_already_is_no_edit() {
    let other = |principal: &str, action: &str, condition: &str| {
        format!(
            r#"{{"Statement":[{{"Sid":"theirs","Effect":"Allow","Principal":{principal},"Action":{action}{condition}}}]}}"#
        )
    };
    let org = r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-aaaaaaaaaa"}}"#;
    for (text, changed) in [
        (other(r#"{"AWS":"111111111111"}"#, "\"ecr:*\"", ""), false),
        (
            other("\"*\"", "\"ecr:Batch*\"", "")
                .replace("}]}", r#"},{"Effect":"Allow","Principal":"*","Action":"ecr:GetDownloadUrlForLayer"}]}"#),
            false,
        ),
        (other(r#"{"AWS":"111111111111"}"#, "\"ecr:BatchGetImage\"", ""), true),
        (other(r#"{"AWS":"111111111111"}"#, "\"ecr:*\"", org), true),
        (other(r#"{"AWS":"arn:aws:iam::111111111111:role/x"}"#, "\"ecr:*\"", ""), true),
    ] {
        assert_eq!(granted(Some(&text), &pull(&[A])).changed, changed, "{text}");
    }
    let mut bound = pull(&["*"]);
    bound.conditions.push(Condition {
        operator: "StringEquals".to_owned(),
        key: "aws:PrincipalOrgID".to_owned(),
        values: vec!["o-aaaaaaaaaa".to_owned()],
    });
    assert!(!granted(Some(&other("\"*\"", "\"ecr:*\"", org)), &bound).changed);
    assert!(granted(Some(&other("\"*\"", "\"ecr:*\"", &org.replace("o-a", "o-b"))), &bound).changed);
}

#[test]
fn anothers_statement_is_never_joined_and_a_taken_sid_gets_a_number() {
    let theirs = granted(None, &pull(&["444444444444"])).text.replace("EcrGrantPull", "Vendor");
    let edited = granted(Some(&theirs), &pull(&[A]));
    assert_eq!(edited.touched, [1]);
    let mut push = pull(&[B]);
    push.actions = vec!["ecr:PutImage".to_owned()];
    let numbered = granted(Some(&edited.text), &push);
    assert!(numbered.text.contains("\"EcrGrantPull2\""), "{}", numbered.text);
    let foreign_form = edited.text.replace(&format!("[\n          \"{A}\"\n        ]"), &format!("\"{A}\""));
    assert_eq!(granted(Some(&foreign_form), &pull(&[B])).touched, [2], "only a list of principals is joined");
}

#[test]
fn what_cannot_be_read_is_not_edited() {
    let Err(EditProblem::Unreadable(findings)) = grant(Some("{\"Statement\": [}"), &[pull(&[A])]) else { panic!() };
    assert_eq!(findings[0].id, "E001");
}

#[test]
fn format_and_minify_keep_line_ends_numbers_and_escapes() {
    let text = "{\"a\":[],\r\n\"b\":{},\"c\":[1.50,\"\\u0041\"]}\r\n";
    let pretty = format(text).unwrap();
    assert_eq!(
        pretty,
        "{\r\n  \"a\": [],\r\n  \"b\": {},\r\n  \"c\": [\r\n    1.50,\r\n    \"\\u0041\"\r\n  ]\r\n}\r\n"
    );
    assert_eq!(minify(&pretty).unwrap(), "{\"a\":[],\"b\":{},\"c\":[1.50,\"\\u0041\"]}");
    assert!(format("{").is_none() && minify("{,}").is_none());
}

fn wanted() -> impl Strategy<Value = Wanted> {
    (prop::collection::vec(principal(), 1..4), actions(), conditions()).prop_map(|(who, mut actions, conditions)| {
        actions.sort();
        let principals = WantedPrincipals::Aws(who.into_iter().map(str::to_owned).collect());
        Wanted { sid: "EcrGrantPull".to_owned(), principals, actions, conditions }
    })
}

fn has(policy: &Policy, wanted: &Wanted) -> bool {
    let given = table(policy, &AccountId::parse("222222222222").unwrap());
    let fresh = granted(None, wanted).text;
    let asked = table(&Policy::read(&fresh).unwrap(), &AccountId::parse("222222222222").unwrap());
    asked.rows.iter().all(|row| {
        row.actions.iter().all(|action| {
            given.rows.iter().any(|g| {
                let within_organization = matches!(&g.who, Who::Organization(id) if row.conditions.iter().any(|c| {
                    c.operator == "StringEquals" && c.key == "aws:PrincipalOrgID" && c.values == [id.as_str()]
                }));
                (g.who == row.who || g.who == Who::Everyone || within_organization)
                    && g.actions.contains(action)
                    && normal_all(&g.conditions).iter().all(|c| normal_all(&row.conditions).contains(c))
            })
        })
    })
}

proptest! {
    #![proptest_config(crate::testing::fixed_cases(300))]

    #[test]
    fn a_grant_gives_what_was_asked_to_whom_it_was_asked_and_touches_nothing_else(text in document(), wanted in wanted()) {
        let edited = granted(Some(&text), &wanted);
        let old = Policy::read(&text).unwrap();
        let new = Policy::read(&edited.text).unwrap();
        prop_assert!(has(&new, &wanted), "{}", edited.text);
        prop_assert_eq!(edited.changed, edited.text != text);

        // Every other statement keeps its bytes, in order.
        for (at, statement) in old.statements.iter().enumerate() {
            if !edited.touched.contains(&at) {
                prop_assert_eq!(new.statements[at].span.text_in(&edited.text), statement.span.text_in(&text));
            }
        }
        // Nobody loses, and only who was asked for gains.
        let change = delta(Some(&old), Some(&new));
        prop_assert!(change.losses.is_empty(), "{change:?}");
        let alone = Policy::read(&granted(None, &wanted).text).unwrap();
        let asked = delta(None, Some(&alone)).gains;
        for gain in &change.gains {
            let expected = asked.iter().any(|a| {
                a.who == gain.who && normal_all(&a.conditions) == normal_all(&gain.conditions) && gain.actions.iter().all(|x| a.actions.contains(x))
            });
            prop_assert!(expected, "{gain:?} was not asked for");
        }
        // What was inserted is all that differs.
        let kept = text.len();
        let prefix = text.bytes().zip(edited.text.bytes()).take_while(|(a, b)| a == b).count();
        prop_assert!(edited.text.len() >= kept && prefix <= kept);
    }

    #[test]
    fn a_grant_twice_is_a_grant_once(text in document(), wanted in wanted()) {
        let once = granted(Some(&text), &wanted).text;
        let twice = granted(Some(&once), &wanted);
        prop_assert!(!twice.changed && twice.touched.is_empty(), "{once}");
    }

    #[test]
    fn a_grant_makes_no_finding_that_stops(text in document(), wanted in wanted()) {
        let stops = |text: &str| check(text, &CheckOptions::default()).iter().filter(|f| f.stops).count();
        prop_assert!(stops(&granted(Some(&text), &wanted).text) <= stops(&text));
    }

    #[test]
    fn new_sids_are_unique(text in document(), wanted in wanted()) {
        let edited = granted(Some(&text), &wanted);
        let policy = Policy::read(&edited.text).unwrap();
        let old = Policy::read(&text).unwrap().statements.len();
        for added in policy.statements.iter().skip(old) {
            let sid = &added.sid.as_ref().unwrap().value;
            prop_assert_eq!(policy.statements.iter().filter(|s| s.sid.as_ref().is_some_and(|t| t.value == *sid)).count(), 1);
        }
    }

    #[test]
    fn format_and_minify_keep_the_meaning(text in document()) {
        let pretty = format(&text).unwrap();
        let small = minify(&text).unwrap();
        prop_assert!(same_meaning(&text, &pretty) && same_meaning(&text, &small));
        let value = |t: &str| serde_json::from_str::<serde_json::Value>(t).unwrap();
        prop_assert_eq!(value(&text), value(&pretty));
        prop_assert_eq!(value(&text), value(&small));
        prop_assert_eq!(format(&pretty).unwrap(), pretty.clone());
        prop_assert_eq!(minify(&pretty).unwrap(), small);
    }
}
