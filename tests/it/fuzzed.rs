//! The properties of the fuzz targets, run with a bounded number of inputs that are made from their seeds.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

#[path = "../../fuzz/properties/mod.rs"]
mod properties;

/// Pieces of files, addresses and requests, and near misses of them.
const PIECES: [&[u8]; 32] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"=",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\0",
    b"\x01",
    b"\x1b[2J",
    "\u{202e}".as_bytes(),
    "\u{9b}6n".as_bytes(),
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"0",
    b"-1",
    b"1e999",
    b"18446744073709551616",
    b"null",
    b"true",
    b"[]",
    b"arn:aws:iam::111111111111:root",
    b"222222222222",
    b".",
    b"/",
    b" ",
    b"~",
];

/// A change of one place: the place, the length that goes, and the bytes that come.
type Change = (prop::sample::Index, prop::sample::Index, Vec<u8>);

fn any_change() -> impl Strategy<Value = Change> {
    let piece = prop::sample::select(PIECES.to_vec()).prop_map(<[u8]>::to_vec);
    let more = prop_oneof![3 => piece, 2 => prop::collection::vec(any::<u8>(), 0..8), 1 => Just(Vec::new())];
    (any::<prop::sample::Index>(), any::<prop::sample::Index>(), more)
}

/// Generates seeds with a few changes, sometimes behind another seed's beginning, and random bytes.
fn any_input(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let begin = prop::option::weighted(0.2, (prop::sample::select(seeds.clone()), any::<prop::sample::Index>()));
    let bent = (prop::sample::select(seeds), prop::collection::vec(any_change(), 0..4), begin).prop_map(
        |(seed, changes, begin)| {
            let mut bytes = seed;
            for (at, long, piece) in changes {
                let at = at.index(bytes.len() + 1);
                let end = (at + long.index(12)).min(bytes.len());
                bytes.splice(at..end, piece);
            }
            if let Some((other, cut)) = begin {
                bytes.splice(0..0, other.get(..cut.index(other.len() + 1)).unwrap_or_default().to_vec());
            }
            bytes
        },
    );
    prop_oneof![9 => bent, 1 => prop::collection::vec(any::<u8>(), 0..64)]
}

fn check_property(name: &str, cases: u32) {
    let (_, property) = properties::ALL.into_iter().find(|(other, _)| *other == name).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    for seed in &seeds {
        property(seed);
    }
    // The same inputs every time, but for a long run.
    let (cases, rng_seed) = if std::env::var_os("ECR_GRANT_LONG").is_some() {
        (cases * 50, RngSeed::Random)
    } else {
        (cases, RngSeed::Fixed(20_261_123))
    };
    let mut runner = TestRunner::new(Config { cases, rng_seed, failure_persistence: None, ..Config::default() });
    let result = runner.run(&any_input(seeds), |bytes| {
        property(&bytes);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn any_text_is_an_address_a_grantee_or_refused_in_words() {
    check_property("addresses", 3000);
}

#[test]
fn any_answer_of_aws_is_read_by_its_types_or_refused_in_words() {
    check_property("answers", 300);
}

#[test]
fn a_write_of_any_policy_is_kept_as_it_was_and_any_file_is_a_change_or_told() {
    check_property("changes", 200);
}

#[test]
fn any_configuration_is_taken_or_refused_at_its_lines() {
    check_property("configuration", 1000);
}

#[test]
fn any_file_of_a_draft_is_gone_on_with_clean_or_refused() {
    check_property("drafts", 200);
}

#[test]
fn any_bytes_in_the_files_of_profiles_are_rows_shown_clean_or_refused() {
    check_property("profiles", 300);
}

#[test]
fn whatever_is_sent_to_the_sandbox_it_answers_in_whole_responses() {
    check_property("sandbox-http", 200);
}
