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

#[test]
fn any_text_like_that_of_a_fixture_is_mended_by_the_laws_of_fixes() {
    // The length of a text stands for an owner and a kind.
    let padded = fixtures().into_iter().filter(|text| text.len() < 4_000);
    let padded = padded.flat_map(|text| [0, 1, 64].map(|more| format!("{text}{}", " ".repeat(more))));
    hold("check", &padded.collect::<Vec<_>>(), 150);
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
