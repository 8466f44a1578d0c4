use std::fs::{self, File};
use std::path::Path;

use super::*;
use crate::ecr::{AccountId, Arn, Identity, Region, RepositoryName, RepositoryRef};

const WHEN: i64 = 1_795_429_882;
const DAY: i64 = 86_400;

fn repository_named(name: &str) -> RepositoryRef {
    RepositoryRef {
        account: AccountId::parse("222222222222").unwrap(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse(name).unwrap(),
    }
}

fn planned_write(name: &str, old: Option<&str>, new: Option<&str>, when: i64) -> PlannedWrite {
    PlannedWrite {
        repository: repository_named(name),
        endpoint: None,
        caller: Some(Identity {
            account: AccountId::parse("222222222222").unwrap(),
            arn: Arn::parse("arn:aws:iam::222222222222:role/owner").unwrap(),
        }),
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
        when,
    }
}

fn outcome_named(name: &str) -> SettledOutcome {
    SettledOutcome { name: name.to_owned(), request_id: Some("id-1".to_owned()), words: None }
}

/// Makes a change with one write for each name, all written.
fn make_change(journal: &Journal, names: &[&str], when: i64) -> String {
    let change = journal.begin_change(ChangeStart::default());
    for name in names {
        let write = change.prepare_write(&planned_write(name, Some("{}"), None, when)).unwrap();
        change.settle_write(&write, outcome_named("written"));
    }
    change.end_change().unwrap();
    change.id().to_owned()
}

fn list_names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn ids(history: &History) -> Vec<&str> {
    history.changes.iter().map(|change| change.id.as_str()).collect()
}

#[test]
fn texts_come_back_byte_for_byte_with_who_where_when_and_the_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open_in(folder.path());
    let text = "{\n  \"Version\" : \"2012-10-17\",\t\"odd\": \"\\u0000 ü 漢 \u{1f600} \u{202e}\"\r\n}  ";
    let start = ChangeStart { planned: Some(2), command: Some("ecr-grant grant x".to_owned()), undoes: None };
    let change = journal.begin_change(start);
    let planned = PlannedWrite {
        endpoint: Some("http://localhost:1".to_owned()),
        ..planned_write("team/vendorapp", Some(text), None, WHEN)
    };
    let write = change.prepare_write(&planned).unwrap();
    let name = write.path.file_name().unwrap().to_str().unwrap();
    assert_eq!(name, format!("20261123T103122Z_{}.jsonl", change.id()));
    let read = journal.read_history().unwrap();
    assert_eq!(read.damaged, []);
    let [running] = read.changes.as_slice() else { panic!("{read:?}") };
    assert_eq!((running.state, running.writes[0].outcome.clone()), (ChangeState::Running, None));
    change.settle_write(&write, outcome_named("written"));
    let failed = SettledOutcome { name: "refused".to_owned(), request_id: None, words: Some("no".to_owned()) };
    change.note_unsent(&repository_named("other"), failed.clone());
    change.end_change().unwrap();
    let read = journal.read_history().unwrap();
    let [ended] = read.changes.as_slice() else { panic!("{read:?}") };
    assert_eq!((ended.state, ended.when, ended.planned), (ChangeState::Ended, WHEN, Some(2)));
    assert_eq!(ended.command, "ecr-grant grant x");
    assert_eq!(ended.caller.as_deref(), Some("arn:aws:iam::222222222222:role/owner"));
    assert_eq!(
        ended.writes,
        [WriteEntry {
            repository: repository_named("team/vendorapp"),
            endpoint: Some("http://localhost:1".to_owned()),
            when: WHEN,
            old: Some(text.to_owned()),
            new: None,
            outcome: Some(outcome_named("written")),
        }]
    );
    assert_eq!(ended.unsent, [UnsentEntry { repository: repository_named("other"), outcome: failed }]);
    assert!(change.prepare_write(&planned).is_err(), "nothing is added behind the end");
}

#[test]
fn a_change_that_sent_nothing_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open_in(folder.path());
    let change = journal.begin_change(ChangeStart::default());
    change.note_unsent(&repository_named("ab"), outcome_named("already-there"));
    assert!(!journal.changes_folder().exists());
    let write = change.prepare_write(&planned_write("ab", None, Some("{}"), WHEN)).unwrap();
    change.withdraw_write(&write);
    change.end_change().unwrap();
    assert_eq!(list_names(&journal.changes_folder()), [""; 0]);
    let other = journal.begin_change(ChangeStart::default());
    let withdrawn = other.prepare_write(&planned_write("ab", None, Some("{}"), WHEN)).unwrap();
    other.withdraw_write(&withdrawn);
    other.prepare_write(&planned_write("cd", None, Some("{}"), WHEN)).unwrap();
    other.end_change().unwrap();
    let read = journal.read_history().unwrap();
    let names: Vec<&str> = read.changes[0].writes.iter().map(|write| write.repository.name.as_str()).collect();
    assert_eq!((names, read.changes[0].writes[0].outcome_name()), (vec!["cd"], "unknown"));
}

#[test]
fn threads_share_a_change_and_every_write_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open_in(folder.path());
    let change = journal.begin_change(ChangeStart::default());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let change = change.clone();
            scope.spawn(move || {
                for at in 0..25 {
                    let name = format!("app-{thread}-{at}");
                    let write = change.prepare_write(&planned_write(&name, Some("{}"), None, WHEN)).unwrap();
                    change.settle_write(&write, outcome_named(&name));
                }
            });
        }
    });
    change.end_change().unwrap();
    let read = journal.read_history().unwrap();
    assert_eq!((read.damaged.len(), read.changes.len()), (0, 1));
    let mut names: Vec<&str> = read.changes[0].writes.iter().map(|write| write.repository.name.as_str()).collect();
    assert!(read.changes[0].writes.iter().all(|write| write.outcome_name() == write.repository.name.as_str()));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 200);
}

#[test]
fn a_change_without_an_end_is_interrupted_and_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open_in(folder.path());
    let ended = make_change(&journal, &["ab"], WHEN);
    let change = journal.begin_change(ChangeStart::default());
    let write = change.prepare_write(&planned_write("cd", None, Some("{}"), WHEN + 1)).unwrap();
    let id = change.id().to_owned();
    assert_eq!(journal.take_interrupted(), [], "its program lives");
    drop(change);
    // The kill may have come in the middle of a line.
    for tail in ["{\"record\":\"outcome\",\"write\":1,\"wh", ""] {
        let before = fs::read_to_string(&write.path).unwrap();
        fs::write(&write.path, format!("{before}{tail}")).unwrap();
        let read = journal.read_history().unwrap();
        assert_eq!((ids(&read), read.damaged.len()), (vec![id.as_str(), ended.as_str()], 0));
        assert_eq!(read.changes[0].state, ChangeState::Interrupted);
        let told = journal.take_interrupted();
        assert_eq!(told.iter().map(|change| change.id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
        assert_eq!(journal.take_interrupted(), []);
        let read = journal.read_history().unwrap();
        assert_eq!((read.changes[0].state, read.damaged.len()), (ChangeState::Interrupted, 0));
        assert_eq!(read.changes[0].writes.len(), 1);
        fs::write(&write.path, before).unwrap();
    }
}

#[test]
fn changes_of_the_same_second_come_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open_in(folder.path());
    let made: Vec<String> = (0..12).map(|_| make_change(&journal, &["ab"], WHEN)).collect();
    let read = journal.read_history().unwrap();
    assert!(made.iter().rev().eq(ids(&read)), "{made:?} {read:?}");
}

#[test]
fn what_is_damaged_is_told_and_left_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open_in(folder.path()).with_limits(Limits { days: 0, mebibytes: 0 });
    let id = make_change(&journal, &["ab", "cd"], WHEN);
    let path = journal.read_history().unwrap().changes[0].path.clone();
    let whole = fs::read_to_string(&path).unwrap();
    let bent = whole.replacen("{\"record\":\"outcome\"", "\0\u{1b}[2J\"outcome\"", 1);
    fs::write(&path, &bent).unwrap();
    let other = |name: &str, content: &[u8]| {
        fs::write(journal.changes_folder().join(name), content).unwrap();
        fs::read(journal.changes_folder().join(name)).unwrap()
    };
    let lost = [
        ("20200101T000000Z_0000000001.jsonl", b"".as_slice()),
        ("20200101T000000Z_0000000002.jsonl", b"\xff\xfe\n"),
        ("20200101T000000Z_0000000003.jsonl", b"{\"record\":\"end\",\"when\":1}\n"),
        ("20200101T000000Z_0000000004.jsonl", whole.replace("change 1", "change 9").as_bytes()),
        ("20200101T000000Z_0000000005.jsonl", whole.as_bytes()),
        ("20200101T000000Z_0000000006.jsonl", b"{\"record\":\"change\""),
    ]
    .map(|(name, content)| (name, other(name, content)));
    fs::create_dir(journal.changes_folder().join("20200101T000000Z_0000000007.jsonl")).unwrap();
    // Everything that is not damaged may go by these limits; a new change prunes.
    let newer = make_change(&journal, &["ab", "cd"], WHEN + 1);
    let read = journal.read_history().unwrap();
    assert_eq!(ids(&read), [newer.as_str(), id.as_str()]);
    let damage: Vec<String> = read.damaged.iter().map(Damage::words).collect();
    assert_eq!(damage.len(), 8, "{damage:#?}");
    assert!(damage.iter().all(|words| !words.contains('\u{1b}')));
    assert!(damage.iter().any(|words| words.contains(&format!("{id}.jsonl, line 3: "))), "{damage:#?}");
    assert_eq!(read.changes[1].writes.iter().map(WriteEntry::outcome_name).collect::<Vec<_>>(), ["unknown", "written"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), bent);
    for (name, content) in lost {
        assert_eq!(fs::read(journal.changes_folder().join(name)).unwrap(), content, "{name} was changed");
    }
}

#[test]
fn what_a_later_version_adds_is_passed_over_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open_in(folder.path());
    let id = make_change(&journal, &["ab"], WHEN);
    let path = journal.read_history().unwrap().changes[0].path.clone();
    let known = journal.read_history().unwrap();
    let later = fs::read_to_string(&path)
        .unwrap()
        .replace("{\"record\"", "{\"later\":{\"deep\":[1]},\"record\"")
        .replacen('\n', "\n{\"record\":\"approval\",\"by\":[\"ana\"]}\n", 1);
    fs::write(&path, &later).unwrap();
    let read = journal.read_history().unwrap();
    assert_eq!((ids(&read), read.damaged.len()), (vec![id.as_str()], 0));
    assert_eq!(read.changes[0].writes, known.changes[0].writes);
    make_change(&journal, &["ab"], WHEN + 1);
    assert_eq!(journal.take_interrupted(), []);
    assert_eq!(fs::read_to_string(&path).unwrap(), later);
}

#[test]
fn old_changes_go_but_never_the_newest_text_of_a_repository() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open_in(folder.path()).with_limits(Limits { days: 10, mebibytes: 1 });
    let now = change::unix_time();
    let oldest = make_change(&journal, &["ab"], now - 30 * DAY);
    let only_text = make_change(&journal, &["ab", "cd"], now - 20 * DAY);
    assert_eq!(ids(&journal.read_history().unwrap()), [only_text.as_str()], "{oldest} had an older text of ab");
    let recent = make_change(&journal, &["ab"], now - 2 * DAY);
    assert_eq!(ids(&journal.read_history().unwrap()), [recent.as_str(), only_text.as_str()], "the only text of cd");
    // A change that is being made may yet go by itself: it stands for nobody's text.
    let running = journal.begin_change(ChangeStart::default());
    let write = running.prepare_write(&planned_write("cd", None, None, now)).unwrap();
    journal.prune_old(now);
    assert_eq!(ids(&journal.read_history().unwrap()), [running.id(), recent.as_str(), only_text.as_str()]);
    running.withdraw_write(&write);
    running.end_change().unwrap();
    // By size the oldest go first, as long as others have a newer text.
    let large = "x".repeat(600 * 1024);
    let made: Vec<String> = (0..4)
        .map(|at| {
            let change = journal.begin_change(ChangeStart::default());
            change.prepare_write(&planned_write("ab", Some(&large), None, now - 100 + at)).unwrap();
            change.end_change().unwrap();
            change.id().to_owned()
        })
        .collect();
    assert_eq!(ids(&journal.read_history().unwrap()), [made[3].as_str(), only_text.as_str()]);
}

#[test]
fn a_change_of_another_process_is_never_pruned_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let first = Journal::open_in(folder.path());
    let running = first.begin_change(ChangeStart::default());
    running.prepare_write(&planned_write("ab", None, None, WHEN - 5000 * DAY)).unwrap();
    let second = Journal::open_in(folder.path()).with_limits(Limits { days: 0, mebibytes: 0 });
    make_change(&second, &["ab"], WHEN);
    assert!(ids(&second.read_history().unwrap()).contains(&running.id()));
    assert_eq!(second.take_interrupted(), []);
    let write = running.prepare_write(&planned_write("cd", None, None, WHEN)).unwrap();
    running.settle_write(&write, outcome_named("written"));
    running.end_change().unwrap();
    let read = second.read_history().unwrap();
    assert_eq!(read.changes.iter().map(|change| change.writes.len()).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn what_a_crash_left_without_a_name_goes_when_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open_in(folder.path());
    make_change(&journal, &["ab"], WHEN);
    let half = |name: &str, age: u64| {
        let file = File::create(journal.changes_folder().join(name)).unwrap();
        file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(age)).unwrap();
        file
    };
    drop((half(".old.new", 7200), half(".young.new", 1)));
    let held = half(".held.new", 7200);
    held.lock().unwrap();
    make_change(&journal, &["ab"], WHEN + 1);
    let left = list_names(&journal.changes_folder());
    assert_eq!(left[..2], [".held.new", ".young.new"]);
    assert_eq!((left.len(), journal.read_history().unwrap().damaged.len()), (4, 0));
}

#[test]
fn a_backup_of_an_older_version_reads_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open_in(folder.path());
    disk::make_folder(&journal.backups_folder()).unwrap();
    let kept = |when: i64| {
        format!(
            r#"{{"format":"ecr-grant backup 1","when":{when},"time":"","account":"222222222222","region":"eu-west-2","repository":"team/app","policy":"{{ \u202e}}"}}"#
        )
    };
    for (name, content) in [("a.json", kept(7)), ("b.json", kept(9)), ("torn.json", "{\"format\":".to_owned())] {
        fs::write(journal.backups_folder().join(name), content).unwrap();
    }
    fs::write(journal.backups_folder().join(".half.new"), "{").unwrap();
    let read = journal.read_history().unwrap();
    assert_eq!(read.backups.iter().map(|backup| backup.when).collect::<Vec<_>>(), [9, 7]);
    assert_eq!(read.backups[0].policy.as_deref(), Some("{ \u{202e}}"));
    assert_eq!(read.backups[0].repository, repository_named("team/app"));
    assert_eq!(read.damaged.len(), 1);
    // They go like changes: the newest text of the repository stays.
    let strict = journal.with_limits(Limits { days: 1, mebibytes: 0 });
    strict.prune_old(WHEN);
    assert_eq!(list_names(&strict.backups_folder()), [".half.new", "b.json", "torn.json"]);
}

#[test]
fn many_repositories_with_long_names_fit_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let long = "a/".repeat(127) + "ab";
    let journal = Journal::open_in(folder.path());
    make_change(&journal, &[&long, "ab"], WHEN);
    assert_eq!(journal.read_history().unwrap().changes[0].writes[0].repository.name.as_str(), long);
}

#[test]
fn a_folder_that_cannot_be_made_says_that_nothing_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let change = Journal::open_in(&file).begin_change(ChangeStart::default());
    let failure = change.prepare_write(&planned_write("ab", None, None, 0)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::File);
    assert!(failure.next.contains("nothing was written"), "{failure}");
    change.end_change().unwrap();
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn open_to_all(path: &Path) {
        fs::create_dir_all(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    }

    fn refusal(journal: &Journal) -> Failure {
        let change = journal.begin_change(ChangeStart::default());
        change.prepare_write(&planned_write("ab", Some("{}"), None, 0)).unwrap_err()
    }

    #[test]
    fn only_the_user_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open_in(folder.path().join("deep/er"));
        make_change(&journal, &["ab"], 0);
        let path = journal.read_history().unwrap().changes[0].path.clone();
        assert_eq!((mode(&path), mode(&journal.changes_folder())), (0o600, 0o700));
        assert_eq!(list_names(&journal.changes_folder()).len(), 1, "nothing half-done is left");
    }

    #[test]
    fn a_folder_that_is_open_to_others_is_closed_and_one_that_is_not_ours_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        open_to_all(&state);
        open_to_all(&state.join("changes"));
        let journal = Journal::open_in(&state);
        make_change(&journal, &["ab"], 0);
        assert_eq!((mode(&state), mode(&state.join("changes"))), (0o700, 0o700));
        open_to_all(&state);
        assert_eq!(journal.read_history().unwrap().changes.len(), 1);
        assert_eq!(mode(&state), 0o700);

        let elsewhere = home.path().join("elsewhere");
        open_to_all(&elsewhere);
        for (state, link) in [("linked", "linked"), ("inner", "inner/changes")] {
            let state = home.path().join(state);
            if !link.ends_with("linked") {
                fs::create_dir(&state).unwrap();
            }
            symlink(&elsewhere, home.path().join(link)).unwrap();
            let journal = Journal::open_in(&state);
            let failure = refusal(&journal);
            assert!(failure.what.contains("is a link"), "{failure}");
            assert!(failure.next.contains("nothing was written"), "{failure}");
            assert_eq!(list_names(&elsewhere), [""; 0]);
            assert_eq!(mode(&elsewhere), 0o777, "what a link leads to is left alone");
            assert!(journal.read_history().unwrap_err().what.contains("is a link"));
            assert_eq!(journal.take_interrupted(), []);
        }
        // The root folder is another user's, unless root runs the tests; then a folder given away is.
        let foreign = home.path().join("foreign");
        open_to_all(&foreign);
        if std::os::unix::fs::chown(&foreign, Some(12345), None).is_ok() {
            let failure = refusal(&Journal::open_in(&foreign));
            assert!(failure.what.contains("belongs to another user"), "{failure}");
        }
    }

    #[test]
    fn nothing_is_prepared_behind_a_line_that_could_not_be_written() {
        // A full disk: `/dev/full` takes no byte.
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open_in(folder.path());
        let change = journal.begin_change(ChangeStart::default());
        let write = change.prepare_write(&planned_write("ab", None, None, WHEN)).unwrap();
        change.break_file(File::options().write(true).open("/dev/full").unwrap());
        let failure = change.prepare_write(&planned_write("cd", None, None, WHEN)).unwrap_err();
        assert!(failure.next.contains("nothing was written"), "{failure}");
        change.settle_write(&write, outcome_named("written"));
        let failure = change.end_change().unwrap_err();
        assert!(failure.what.contains("Not every outcome"), "{failure}");
        assert_eq!(journal.read_history().unwrap().changes[0].writes[0].outcome_name(), "unknown");
    }
}
