//! A backup of any policy of any repository is a file of its own, with a name that file systems take, in the folder of
//! the backups, and reads as what was kept. Any other file there is read as a backup or refused in words.

use std::cell::OnceCell;

use ecr_grant::ecr::{AccountId, Region, RepositoryName, RepositoryRef};
use ecr_grant::journal::{Backup, Journal};

use super::{Bytes, is_told, text_or_bent};

const GOOD: &str = include_str!("../seeds/backups/whole.json");
/// The longest name that file systems take, in bytes.
const LONGEST_NAME: usize = 255;
const REGIONS: [&str; 4] = ["eu-west-2", "us-gov-west-1", "ap-southeast-99", "us-isob-east-1"];

thread_local! {
    static FOLDER: OnceCell<tempfile::TempDir> = const { OnceCell::new() };
}

/// Holds the property for the bytes of a file, and for the name, time and policy that they are taken for.
pub fn check_bytes(data: &[u8]) {
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| tempfile::tempdir().expect("a folder for the backups"));
        let journal = Journal::open_in(folder.path());
        write_backup(&journal, data);
        let file = folder.path().join("file.json");
        std::fs::write(&file, text_or_bent(data, GOOD).map_or(data.to_vec(), String::into_bytes)).expect("a file");
        match Journal::read_backup(&file) {
            Ok(Backup { repository, when, policy, .. }) => check_kept(&journal, &repository, policy.as_deref(), when),
            Err(failure) => is_told(&failure),
        }
    });
}

fn write_backup(journal: &Journal, data: &[u8]) {
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
    check_kept(journal, &repository, policy, when);
}

fn check_kept(journal: &Journal, repository: &RepositoryRef, policy: Option<&str>, when: i64) {
    let files = || match std::fs::read_dir(journal.folder()) {
        Ok(entries) => entries.map(|entry| entry.expect("an entry").path()).collect(),
        Err(_) => Vec::new(),
    };
    assert!(files().is_empty(), "the last input left {:?}", files());
    let path = match journal.write_backup(repository, policy, when) {
        Ok(path) => path,
        Err(failure) => {
            // Years that a date does not hold.
            assert!(!(0..253_402_300_800).contains(&when), "{failure}");
            assert!(files().is_empty(), "{:?}", files());
            return is_told(&failure);
        }
    };
    let second = journal.write_backup(repository, policy, when).expect("what went once goes twice");
    assert_ne!(path, second);
    for path in [&path, &second] {
        assert_eq!(path.parent(), Some(journal.folder()));
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name of ASCII");
        // The file is written under a longer name first: `.` before it, `.new` for `.json`.
        assert!(name.len() < LONGEST_NAME && name.bytes().all(|b| b.is_ascii_graphic() && b != b'\\'), "{name}");
        let whole =
            Backup { path: path.clone(), repository: repository.clone(), when, policy: policy.map(str::to_owned) };
        assert_eq!(Journal::read_backup(path).as_ref(), Ok(&whole));
        assert!(journal.list_backups().expect("the folder is there").contains(&whole));
    }
    let mut found: Vec<std::path::PathBuf> = files();
    found.sort();
    let mut expected = vec![path, second];
    expected.sort();
    assert_eq!(found, expected, "nothing half-done is left");
    for path in &expected {
        journal.remove_backup(path);
    }
}
