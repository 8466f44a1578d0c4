//! A write to any repository is kept in the file of its change, with a name that file systems take, and reads as what was
//! kept. Any other file there is read as a change, or told as damaged in words, and left as it is.

use std::cell::OnceCell;

use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};
use ecr_grant::journal::{ChangeStart, ChangeState, Journal, PlannedWrite, SettledOutcome, WriteEntry};
use serde_json::Value;

use super::{Bytes, is_readable, is_told, text_or_bent};

const GOOD: &str = include_str!("../seeds/changes/whole.json");
/// The longest name that file systems take, in bytes.
const LONGEST_NAME: usize = 255;
const REGIONS: [&str; 4] = ["eu-west-2", "us-gov-west-1", "ap-southeast-99", "us-isob-east-1"];

thread_local! {
    static FOLDER: OnceCell<tempfile::TempDir> = const { OnceCell::new() };
}

/// Holds the property for the bytes of a file, and for the name, time and policy that they are taken for.
pub fn check_bytes(data: &[u8]) {
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| tempfile::tempdir().expect("a folder for the journal"));
        let journal = Journal::open_in(folder.path());
        keep_write(&journal, data);
        std::fs::create_dir_all(journal.changes_folder()).expect("a folder");
        let file = journal.changes_folder().join("20261123T103122Z_7f3a09c2d1.jsonl");
        let content = text_or_bent(data, GOOD).map_or(data.to_vec(), |text| to_lines(&text).into_bytes());
        std::fs::write(&file, &content).expect("a file");
        let read = journal.read_history().expect("a folder of ours");
        assert!(read.changes.len() + read.damaged.len() > 0, "a file is neither read nor told");
        for damage in &read.damaged {
            is_readable(&damage.words());
        }
        for write in read.changes.into_iter().flat_map(|change| change.writes) {
            let WriteEntry { repository, old, when, .. } = write;
            check_kept(&journal, &repository, old.as_deref(), when, 1);
        }
        assert_eq!(std::fs::read(&file).expect("the file"), content, "a reader changed the file");
        std::fs::remove_file(&file).expect("the file");
    });
}

/// Returns a list of records as the lines of a file; any other text as it is.
fn to_lines(text: &str) -> String {
    match serde_json::from_str(text) {
        Ok(Value::Array(records)) => records.iter().map(|record| record.to_string() + "\n").collect(),
        _ => text.to_owned(),
    }
}

fn keep_write(journal: &Journal, data: &[u8]) {
    let mut bytes = Bytes(data);
    // Up to the year 9999 every second, and all others now and then.
    let when =
        if bytes.next() % 8 == 0 { bytes.next_number() } else { bytes.next_number().rem_euclid(253_402_300_800) };
    let (region, account) = (REGIONS[bytes.next_below(REGIONS.len())], format!("{:012}", bytes.next_below(usize::MAX)));
    let text = String::from_utf8_lossy(bytes.rest_bytes());
    let (name, policy) = text.split_once('\n').map_or((&*text, None), |(name, policy)| (name, Some(policy)));
    let Ok(name) = RepositoryName::parse(name) else { return };
    let repository = RepositoryRef {
        account: AccountId::parse(&account).expect("twelve digits"),
        region: Region::parse(region).expect("a Region"),
        name,
    };
    check_kept(journal, &repository, policy, when, 0);
}

/// Keeps a write, reads it, and removes it. `others`: how many files stand in the folder.
fn check_kept(journal: &Journal, repository: &RepositoryRef, policy: Option<&str>, when: i64, others: usize) {
    let count = || std::fs::read_dir(journal.changes_folder()).map_or(0, Iterator::count);
    assert_eq!(count(), others, "the last input left files");
    let planned = PlannedWrite {
        repository: repository.clone(),
        endpoint: None,
        caller: None,
        old: policy.map(str::to_owned),
        new: policy.map(|policy| format!("{policy}{policy}")),
        when,
    };
    let change = journal.begin_change(ChangeStart::default());
    let prepared = match change.prepare_write(&planned) {
        Ok(prepared) => prepared,
        Err(failure) => {
            // Years that a date does not hold.
            assert!(!(0..253_402_300_800).contains(&when), "{failure}");
            assert_eq!(count(), others);
            return is_told(&failure);
        }
    };
    let name = prepared.path.file_name().and_then(|name| name.to_str()).expect("a name of ASCII");
    // The file is written under another name first: `.` before it, `.new` for `.jsonl`.
    assert!(name.len() < LONGEST_NAME && name.bytes().all(|b| b.is_ascii_graphic() && b != b'\\'), "{name}");
    let outcome = SettledOutcome { name: "written".to_owned(), request_id: None, words: None };
    change.settle_write(&prepared, outcome.clone());
    let read = journal.read_history().expect("a folder of ours");
    let entry = read.changes.iter().find(|entry| entry.id == change.id()).expect("it can be read");
    assert_eq!((entry.state, entry.when, &entry.path), (ChangeState::Running, when, &prepared.path));
    let PlannedWrite { repository, old, new, .. } = planned;
    assert_eq!(
        entry.writes,
        [WriteEntry { repository, endpoint: None, when, old, new, outcome: Some(outcome) }],
        "what was kept is not what is read"
    );
    assert_eq!(count(), others + 1, "something half-done is left");
    std::fs::remove_file(&prepared.path).expect("the file");
}
