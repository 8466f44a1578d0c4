//! The properties of the fuzz targets, over their seeds, the sample policies, and both with places of them changed.

use std::path::Path;

use serde_json::Value;

use crate::dice::{Dice, is_long};
use crate::properties;

/// Words of policies, and pieces that spoil one; U+0001 stands between the parts of an input.
const PIECES: &[&str] = &[
    "",
    ",",
    "\"",
    "}",
    "{",
    "[",
    "]",
    ":",
    " ",
    "\\",
    "null",
    "\"*\"",
    "*",
    "?",
    "\u{1}",
    "\u{1}222222222222",
    "${aws:username}",
    "\"NotPrincipal\"",
    "\"Principal\"",
    "\"NotAction\"",
    "\"Action\"",
    "\"Allow\"",
    "\"Deny\"",
    "\"allow\"",
    "\"2008-10-17\"",
    "\"2012-10-17\"",
    "\"Version\"",
    "\"version\"",
    "\"Resource\"",
    "\"resource\"",
    "\"NotResource\"",
    "\"AWS\"",
    "\"Service\"",
    "\"StringNotLike\"",
    "\"StringLike\"",
    "\"StringEquals\"",
    "\"ForAllValues:StringLike\"",
    "\"Null\"",
    "\"ArnLike\"",
    "\"IpAddress\"",
    "\"ecr:BatchGetImage\"",
    "\"ecr:*\"",
    "\"111111111111\"",
    "\"arn:aws:iam::111111111111:root\"",
    "\"aws:PrincipalArn\"",
    "\"aws:SourceAccount\"",
    "\"lambda.amazonaws.com\"",
];

fn seeds() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/policy");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let seeds = paths.iter().map(|path| std::fs::read_to_string(path).unwrap());
    let samples = include_str!("../cases/policies.jsonl").lines().map(|line| {
        let sample: Value = serde_json::from_str(line).unwrap();
        sample["text"].as_str().unwrap().to_owned()
    });
    seeds.chain(samples).collect()
}

/// The texts of the fixtures of all rules.
fn fixtures() -> Vec<String> {
    let folders = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint")).unwrap();
    let mut paths: Vec<_> = folders
        .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|e| e.unwrap().path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending != "snap"));
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// A string of a text, or a few characters, with something else in its place.
fn bend(dice: &mut Dice, text: &mut String) {
    let quotes: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
    let (start, end) = if quotes.len() > 2 && !dice.is_one_in(4) {
        let at = dice.roll(quotes.len() - 1);
        (quotes[at], quotes[at + 1] + 1)
    } else {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let at = dice.roll(places.len());
        (places[at], places[(at + dice.roll(4)).min(places.len() - 1)])
    };
    text.replace_range(start..end, dice.pick(PIECES));
}

fn hold(name: &str, seeds: &[String], cases: usize) {
    let (_, property) = properties::ALL.into_iter().find(|(other, _)| *other == name).unwrap();
    for seed in seeds {
        property(seed);
    }
    let mut dice = Dice::new(0x5eed_2000 + name.len() as u64);
    for _ in 0..if is_long() { cases * 60 } else { cases } {
        let mut text = dice.pick_text(seeds);
        if dice.is_one_in(8) {
            text = format!("{text}\u{1}{}", dice.pick_text(seeds));
        }
        (0..=dice.roll(4)).for_each(|_| bend(&mut dice, &mut text));
        property(&text);
    }
}

#[test]
fn any_text_is_read_as_another_reader_reads_it() {
    hold("parse", &seeds(), 2_000);
}

#[test]
fn any_text_is_checked_and_its_fixes_keep_their_laws() {
    hold("check", &seeds(), 300);
}

/// The text of a fixture alone, and between statements that a fix must not forget: a wider grant, a fence, a registry's.
fn between_others(text: &str) -> Vec<String> {
    let others = [
        r#"{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}"#,
        r#"{"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}}}"#,
        r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::333333333333:root"}, "Action": "ecr:*", "Resource": "arn:aws:ecr:eu-west-2:222222222222:repository/a/*"}"#,
    ];
    let lists = ["\"Statement\": [", "\"Statement\":["];
    let list = lists.into_iter().find(|list| text.contains(list));
    let with = |other: &&str| list.map(|list| text.replacen(list, &format!("{list}{other},"), 1));
    std::iter::once(text.to_owned()).chain(others.iter().filter_map(with)).collect()
}

#[test]
fn no_fix_of_any_rule_changes_access_unless_it_says_so() {
    let texts = fixtures().into_iter().filter(|text| text.len() < 4_000);
    let texts: Vec<String> = texts.flat_map(|text| between_others(&text)).collect();
    for (at, text) in texts.iter().enumerate() {
        // The length of a text stands for the kind of policy, the end of an input for the owner.
        for (at, owner) in ["", "\u{1}\u{1}222222222222", "\u{1}\u{1}111111111111"]
            .into_iter()
            .enumerate()
            .skip(at % 3)
            .take(if is_long() { 3 } else { 1 })
        {
            let padding = if at % 2 == 0 { 0 } else { 256 - text.len() % 256 };
            properties::check::check_text(&format!("{text}{}{owner}", " ".repeat(padding)));
        }
    }
    hold("check", &texts, 150);
}

#[test]
fn any_text_is_evaluated_as_the_policy_in_it() {
    hold("evaluate", &seeds(), 500);
}

#[test]
fn any_text_is_edited_by_the_laws_of_edits() {
    hold("edit", &seeds(), 200);
}

#[test]
fn any_two_texts_are_compared_as_requests_show() {
    hold("delta", &seeds(), 500);
}

#[test]
fn each_property_has_a_target_and_each_target_a_property() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let mut targets: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    targets.sort();
    let mut names: Vec<&str> = properties::ALL.iter().map(|(name, _)| *name).collect();
    // Its inputs are rolls of dice; `agreement` tests it.
    names.push("agreement");
    names.sort_unstable();
    assert_eq!(targets, names);
}
