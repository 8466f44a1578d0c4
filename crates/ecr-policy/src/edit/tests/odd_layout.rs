//! Grants into texts written in odd but valid ways: the promise holds for every byte, whatever the hand that wrote it.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use crate::canonical::same_meaning;
use crate::delta::delta;
use crate::edit::grant;
use crate::lint::{CheckOptions, apply_fix, check};
use crate::model::Wanted;
use crate::model::WantedPrincipals;
use crate::model::document::Policy;
use crate::testing::{actions, conditions, document, principal};

/// Writes a value with blanks and escapes of choice; `dice` is asked for each.
fn odd(value: &Value, dice: &mut impl FnMut() -> u8, out: &mut String) {
    fn blank(dice: &mut impl FnMut() -> u8, out: &mut String) {
        let blanks = ["", "", "", " ", "\n", "\r\n", "\t", "\r", "  \n\t", "\n\n"];
        out.push_str(blanks[usize::from(dice()) % blanks.len()]);
    }
    fn text(text: &str, dice: &mut impl FnMut() -> u8, out: &mut String) {
        out.push('"');
        for c in text.chars() {
            match (dice() % 24, c) {
                (0, c) if (c as u32) < 0x10000 => write!(out, "\\u{:04x}", c as u32).unwrap(),
                (1, '/') => out.push_str("\\/"),
                (_, '"' | '\\') => {
                    out.push('\\');
                    out.push(c);
                }
                _ => out.push(c),
            }
        }
        out.push('"');
    }
    match value {
        Value::String(s) => text(s, dice, out),
        Value::Array(list) => {
            out.push('[');
            blank(dice, out);
            for (at, element) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                    blank(dice, out);
                }
                odd(element, dice, out);
                blank(dice, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            blank(dice, out);
            for (at, (name, element)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                    blank(dice, out);
                }
                text(name, dice, out);
                blank(dice, out);
                out.push(':');
                blank(dice, out);
                odd(element, dice, out);
                blank(dice, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn oddly_written() -> impl Strategy<Value = String> {
    (document(), prop::collection::vec(any::<u8>(), 1..400), any::<bool>()).prop_map(|(text, dice, sids)| {
        let mut value: Value = serde_json::from_str(&text).unwrap();
        if sids {
            value["Statement"].as_array_mut().into_iter().flatten().for_each(|s| {
                s["Sid"] = "Ünï \"c\" \\ 漢 {[,:]}".into();
            });
        }
        let mut at = 0;
        let mut next = || {
            at += 1;
            dice[at % dice.len()].wrapping_add((at / dice.len()) as u8)
        };
        let mut out = String::new();
        odd(&value, &mut next, &mut out);
        out
    })
}

fn wanted() -> impl Strategy<Value = Vec<Wanted>> {
    let one = (prop::collection::vec(principal(), 1..4), actions(), conditions(), any::<bool>()).prop_map(
        |(who, mut actions, conditions, service)| {
            actions.sort();
            let principals = if service {
                WantedPrincipals::Service(vec!["lambda.amazonaws.com".to_owned(), "codebuild.amazonaws.com".to_owned()])
            } else {
                WantedPrincipals::Aws(who.into_iter().map(str::to_owned).collect())
            };
            Wanted { sid: "EcrGrantPull".to_owned(), principals, actions, conditions }
        },
    );
    prop::collection::vec(one, 1..4)
}

proptest! {
    #![proptest_config(crate::testing::fixed_cases(300))]

    #[test]
    fn an_oddly_written_text_keeps_its_bytes(text in oddly_written(), wanted in wanted()) {
        prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "the test's own writer: {text}");
        let old = Policy::read(&text).unwrap();
        let edited = grant(Some(&text), &wanted).unwrap();
        prop_assert!(serde_json::from_str::<Value>(&edited.text).is_ok(), "{}", edited.text);
        let new = Policy::read(&edited.text).unwrap();
        for (at, statement) in old.statements.iter().enumerate() {
            if !edited.touched.contains(&at) {
                prop_assert_eq!(new.statements[at].span.text_in(&edited.text), statement.span.text_in(&text));
            }
        }
        // What was there is there, in order: only insertions.
        let mut left = edited.text.chars();
        prop_assert!(text.chars().all(|c| left.any(|d| d == c)), "{}", edited.text);
        prop_assert!(delta(Some(&old), Some(&new)).losses.is_empty());
        let again = grant(Some(&edited.text), &wanted).unwrap();
        prop_assert!(!again.changed, "{}", edited.text);
        let small = crate::minify(&edited.text).unwrap();
        let pretty = crate::format(&edited.text).unwrap();
        prop_assert!(same_meaning(&small, &edited.text) && same_meaning(&pretty, &edited.text));
        prop_assert_eq!(same_meaning(&text, &edited.text), !edited.changed);
    }

    #[test]
    fn a_spoiled_text_is_checked_mended_and_refused_without_a_panic(text in oddly_written(), wanted in wanted(), at in any::<prop::sample::Index>(), len in 0usize..9, with in "[\\[\\]{}:,\"a1*#= \u{feff}\u{a0}\u{fffd}ü漢\r\n\t\\\\]{0,4}") {
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        chars.splice(at..(at + len).min(chars.len()), with.chars());
        let spoiled: String = chars.into_iter().collect();
        let options = CheckOptions { stored: Some(text), ..CheckOptions::default() };
        for finding in check(&spoiled, &options) {
            prop_assert!(spoiled.get(finding.span.start..finding.span.end).is_some());
            if let Some(fix) = &finding.fix {
                let _ = check(&apply_fix(&spoiled, fix), &options);
            }
        }
        if let Ok(edited) = grant(Some(&spoiled), &wanted) {
            prop_assert!(serde_json::from_str::<Value>(&edited.text).is_ok() || spoiled.trim().is_empty(), "{spoiled}");
        }
        let _ = (crate::format(&spoiled), crate::minify(&spoiled), same_meaning(&spoiled, "{}"));
    }
}
