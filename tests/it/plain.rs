//! The wizard line by line: the real binary, with pipes and in a terminal, against the sandbox.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::journeys::{await_policy, confirm_save, open_as_owner, repository_named, to_save};
use crate::support::owner::OwnerHome;
use crate::support::pty::Pty;
use crate::support::served::Served;
use crate::support::{Finished, run};

/// The answers of a grant to one account, from the sign-in to the question before the write.
const TO_THE_QUESTION: [&str; 6] = ["environment variables", "vendorapp", "111111111111", "eu-west-1", "1", "1"];
/// The words at the end of a question.
const ENDS: [&str; 2] = [": ", "? "];

/// Runs a command whose input is these lines and then ends. No byte of its output is an escape.
fn run_lines(mut command: Command, lines: &[&str]) -> Finished {
    let (input, mut answers) = std::io::pipe().unwrap();
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    // So few lines fit into the pipe before anybody reads them.
    answers.write_all(text.as_bytes()).unwrap();
    drop(answers);
    command.stdin(Stdio::from(input));
    let finished = run(command);
    for output in [&finished.stdout, &finished.stderr] {
        assert!(!output.chars().any(|c| c.is_control() && c != '\n'), "{output:?}");
    }
    finished
}

pub fn answer_with(owner: &OwnerHome, arguments: &[&str], lines: &[&str]) -> Finished {
    run_lines(owner.command(&[&["--plain"], arguments].concat()), lines)
}

/// The answers up to the question, and then these.
pub fn then(more: &[&'static str]) -> Vec<&'static str> {
    [&TO_THE_QUESTION[..], more].concat()
}

/// A transcript without what differs between two runs: the time and the number in the name of a backup.
fn settled_text(owner: &OwnerHome, text: &str) -> String {
    let text = text.replace(&owner.home.path().display().to_string(), "HOME").replace(&owner.served.url, "URL");
    let mut out = String::new();
    for line in text.lines() {
        let line = match line.split_once("/changes/") {
            Some((before, _)) => format!("{before}/changes/CHANGE.jsonl"),
            None => line.to_owned(),
        };
        out += &(line.trim_end().to_owned() + "\n");
    }
    out
}

/// The part of a transcript that belongs to a step.
fn part_of(text: &str, step: &str) -> String {
    let begin = format!("Step {step}.\n");
    let parts: Vec<&str> = text.split("Step ").collect();
    let of_step = parts.iter().map(|part| format!("Step {part}")).filter(|part| part.starts_with(&begin));
    of_step.collect()
}

#[test]
fn each_step_is_told_in_sentences_and_numbers() {
    let owner = OwnerHome::new();
    let finished = answer_with(&owner, &[], &then(&["maybe", "yes", "1", "3", "5", "write", "help", "quit"]));
    let text = settled_text(&owner, finished.expect_text());
    for (name, step) in [
        ("account", "1 of 6: Account"),
        ("repository", "2 of 6: Repository"),
        ("actions", "3 of 6: Actions"),
        ("policy", "4 of 6: Policy"),
        ("save", "5 of 6: Save"),
        ("permissions", "6 of 6: Permissions"),
    ] {
        insta::assert_snapshot!(name, part_of(&text, step));
    }
    assert_eq!(owner.count_writes(), 1);
    assert!(text.lines().last().unwrap().contains("vendorapp: account 111111111111 may pull"), "{text}");
}

#[test]
fn the_same_answers_save_the_same_bytes_as_the_screens_do() {
    let before = "{\n  \"Version\": \"2008-10-17\",\n  \"Statement\": [ { \"Sid\" : \"theirs\", \"Effect\":\"Allow\",\n\
                  \"Principal\":{\"AWS\":\"arn:aws:iam::333333333333:root\"}, \"Action\":\"ecr:BatchGetImage\" } ]\n}";
    for stored in [None, Some(before)] {
        let reference = repository_named("vendorapp");
        let (screens, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
        screens.service.set_policy_directly(&reference, stored);
        let mut pty = open_as_owner(&screens, home.path(), &["vendorapp", "--to", "111111111111"]);
        await_policy(&mut pty);
        to_save(&mut pty);
        confirm_save(&mut pty);
        let owner = OwnerHome::new();
        owner.served.service.set_policy_directly(&reference, stored);
        answer_with(&owner, &[], &["1", "vendorapp", "111111111111", "", "pull", "yes", "yes"]).expect_text();
        let written = screens.service.policy_of(&reference);
        assert!(written.is_some() && written.as_deref() != stored);
        assert_eq!(owner.stored_policy("vendorapp"), written);
    }
}

#[test]
fn the_end_of_the_input_at_any_question_writes_nothing_and_leaves() {
    let owner = OwnerHome::new();
    let answers = then(&[]);
    for count in 0..=answers.len() {
        let finished = answer_with(&owner, &[], &answers[..count]);
        let text = finished.expect_text();
        // Each question ends its line, so that a program can wait for it.
        assert!(ENDS.iter().any(|end| text.trim_end_matches('\n').ends_with(end)), "{count}: {text}");
    }
    // A last line that the end cut off was not sent.
    let mut command = owner.command(&["--plain"]);
    let (input, mut typed) = std::io::pipe().unwrap();
    typed.write_all((answers.join("\n") + "\nyes").as_bytes()).unwrap();
    drop(typed);
    command.stdin(Stdio::from(input));
    assert!(run(command).expect_text().contains("Write 1 policy"));
    assert_eq!((owner.count_writes(), owner.list_backups().len()), (0, 0));
}

#[test]
fn back_help_and_quit_are_answers_to_every_question() {
    let owner = OwnerHome::new();
    let answers = then(&[]);
    for count in 0..=answers.len() {
        let with = |more: &[&'static str]| [&answers[..count], more].concat();
        let quit = answer_with(&owner, &[], &with(&["quit", "yes"]));
        assert!(quit.status.success(), "{count}");
        let help = answer_with(&owner, &[], &with(&["help"])).expect_text().to_owned();
        assert!(help.contains("`quit` leaves"), "{count}: {help}");
        // What was answered stays on the way back and forth.
        let back = answer_with(&owner, &[], &with(&["back", "back"]));
        assert!(!back.expect_text().contains("is no answer here"), "{count}: {}", back.stdout);
    }
    assert_eq!(owner.count_writes(), 0);
}

#[test]
fn a_public_grant_needs_the_typed_word() {
    let owner = OwnerHome::new();
    let public = ["1", "vendorapp", "*", "", "1", "1"];
    let wrong =
        answer_with(&owner, &[], &[&public[..], &["yes", "y", "", "1", "Vendorapp", "vendorapp-worker"]].concat());
    assert!(wrong.expect_text().contains("everyone gains access"), "{}", wrong.stdout);
    assert_eq!(owner.count_writes(), 0);
    answer_with(&owner, &[], &[&public[..], &["wrong", "vendorapp"]].concat()).expect_text();
    assert_eq!(owner.count_writes(), 1);
}

#[test]
fn read_only_and_dry_run_write_nothing_and_say_so() {
    for (flag, words) in [("--read-only", "Read-only: nothing is saved."), ("--dry-run", "Dry run")] {
        let owner = OwnerHome::new();
        let finished = answer_with(&owner, &[flag], &then(&["yes", "1", "quit"]));
        assert!(finished.expect_text().contains(words), "{flag}: {}", finished.stdout);
        for needed in ["This is what would be written\n", ". For whoever writes it\n", ". Terraform\n"] {
            assert!(finished.stdout.contains(needed), "{flag}: {needed}: {}", finished.stdout);
        }
        assert_eq!(owner.count_writes(), 0, "{flag}");
    }
}

#[test]
fn repositories_are_named_by_number_name_pattern_words_or_address() {
    let owner = OwnerHome::new();
    let address = "222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:1";
    for (answers, chosen) in [
        (&["40"][..], "vendorapp"),
        (&["vendorapp, vendorapp-worker"][..], "vendorapp, vendorapp-worker"),
        (&["vendorapp-*", ""][..], "vendorapp-migrations, vendorapp-worker"),
        (&["vendor", "1,3"][..], "vendorapp, vendorapp-worker"),
        (&[address][..], "vendorapp"),
        (&["no/such", "vendorapp"][..], "vendorapp"),
    ] {
        let finished = answer_with(&owner, &[], &[&["1"], answers].concat());
        let words = format!("Repositories: {chosen}.\n");
        assert!(finished.expect_text().contains(&words), "{answers:?}: {}", finished.stdout);
    }
    let missing = answer_with(&owner, &[], &["1", "no/such"]);
    assert!(missing.expect_text().contains("There is no repository no/such"), "{}", missing.stdout);
    let led = answer_with(&owner, &[], &[address]);
    assert!(led.expect_text().contains("Repositories: vendorapp.\n"), "{}", led.stdout);
}

#[test]
fn a_failure_is_told_with_its_next_step_and_the_question_comes_again() {
    let home = tempfile::tempdir().unwrap();
    let mut command = crate::support::clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
    command.args(["--demo", "--plain"]);
    let text = run_lines(command, &["last-week", "retry", "release-owner"]).expect_text().to_owned();
    assert_eq!(text.matches("aws sso login --profile=last-week").count(), 2, "{text}");
    assert!(text.contains("Step 2 of 6: Repository."), "{text}");
}

#[test]
fn the_editor_changes_what_is_saved() {
    let owner = OwnerHome::new();
    let mut command = owner.command(&["--plain"]);
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("EDITOR", "sed -i s/EcrGrantPull/MyOwnSid/");
    let answers = ["1", "vendorapp", "111111111111", "", "1", "edit", "1", "yes"];
    assert!(run_lines(command, &answers).expect_text().contains("MyOwnSid"));
    assert!(owner.stored_policy("vendorapp").unwrap().contains("MyOwnSid"));
}

#[test]
fn a_line_that_was_typed_before_the_question_confirms_nothing() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_as_owner(&served, home.path(), &["--plain", "vendorapp", "--to", "111111111111"]);
    pty.wait_for("Go on, edit or back?").type_text("1\nyes\n").wait_for("Write 1 policy");
    // An answer that means nothing is answered after all that was there before it.
    pty.type_text("hm\n").wait_for("Nothing was saved");
    assert_eq!(served.service.policy_of(&repository_named("vendorapp")), None);
    pty.type_text("yes\n").wait_for("saved and read back");
    assert!(served.service.policy_of(&repository_named("vendorapp")).is_some());
    assert!(!pty.sent_bytes().contains(&0x1b));
    pty.press_keys("Ctrl-C");
    assert_eq!(pty.exit_code(), 130);
}

#[test]
fn a_dumb_terminal_and_the_configuration_ask_line_by_line_and_the_flag_counts_more() {
    let plain = "Sign in with which one?";
    for (args, env, is_plain) in [
        (&["--demo"][..], &[("TERM", "dumb")][..], true),
        (&["--demo", "--plain=false"][..], &[("TERM", "dumb")][..], false),
        (&["--demo", "--plain"][..], &[][..], true),
        (&["--demo"][..], &[][..], false),
    ] {
        let home = tempfile::tempdir().unwrap();
        let mut pty = Pty::start_wizard_with(args, 100, 30, home.path(), env);
        pty.wait_for(if is_plain { plain } else { "release-owner" });
        assert_eq!(pty.is_cooked(), is_plain, "{args:?} {env:?}");
        assert_eq!(pty.sent_bytes().contains(&0x1b), !is_plain, "{args:?} {env:?}");
    }
    let served = Served::serve_demo();
    for (args, is_plain) in [(&[][..], true), (&["--plain=false"][..], false)] {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("plain.toml"), "plain = true\n").unwrap();
        let mut pty = open_as_owner(&served, home.path(), &[&["--config", "plain.toml"], args].concat());
        // The profile is named: the first question is the next one.
        pty.wait_for(if is_plain { "Which repositories?" } else { "owner" });
        assert_eq!(pty.is_cooked(), is_plain, "{args:?}");
    }
}

#[test]
fn without_a_terminal_only_the_flag_asks() {
    let owner = OwnerHome::new();
    let mut command = owner.command(&[]);
    command.env("TERM", "dumb");
    assert!(run(command).expect_failure().contains("the wizard needs a terminal"));
}

#[test]
fn several_are_saved_by_the_very_word_alone_and_no_letter_of_another_is_a_key() {
    let owner = OwnerHome::new();
    let answers = ["environment variables", "vendorapp, vendorapp-worker", "*", "eu-west-1", "1", "1"];
    let wrong = ["x", "A", " ", "y", "1 repository"];
    let finished = answer_with(&owner, &[], &[&answers[..], &wrong, &["quit"]].concat());
    assert_eq!(owner.count_writes(), 0, "{}", finished.stdout);
    assert!(finished.stdout.contains("To be written: vendorapp, vendorapp-worker."), "{}", finished.stdout);
    assert_eq!(finished.stdout.matches("Nothing was saved: type `2 repositories` exactly").count(), wrong.len());
    let finished = answer_with(&owner, &[], &[&answers[..], &wrong, &["2 repositories", "quit"]].concat());
    assert_eq!(owner.count_writes(), 2, "{}", finished.stdout);
}

/// A policy with a name that is misspelt, and a statement of somebody else that is wider than a pull.
const TO_MEND: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Team", "Effect": "Allow", "Principal": {"AWS": ["333333333333", "AROAEXAMPLEEXAMPLE123"]}, "Action": "ecr:BatchGetImage"}
  ]
}"#;

#[test]
fn a_fix_is_made_by_its_number_and_one_that_changes_access_after_yes() {
    let owner = OwnerHome::new();
    owner.served.service.set_policy_directly(&repository_named("vendorapp"), Some(TO_MEND));
    let to_policy = ["1", "vendorapp", "111111111111", "", "1"];
    let told = answer_with(&owner, &[], &[&to_policy[..], &["fix 99", "quit", "yes"]].concat());
    let text = told.expect_text();
    assert!(text.contains("There is no fix `99`."), "{text}");
    let (_, after) = text.split_once(" Fix 1: ").unwrap_or_else(|| panic!("{text}"));
    let title = after.split('.').next().unwrap();
    let made = answer_with(&owner, &[], &[&to_policy[..], &["fix 1", "yes", "1", "yes", "quit"]].concat());
    assert!(made.expect_text().contains(title), "{}", made.stdout);
    assert!(made.stdout.contains(&format!("done: {title} (")), "{}", made.stdout);
    let stored = owner.stored_policy("vendorapp").unwrap();
    assert!(!stored.contains("AROA") && stored.contains("111111111111"), "{stored}");
}

#[test]
fn narrowing_is_told_before_it_is_done_and_no_leaves_the_text() {
    let home = OwnerHome::new();
    let vendor = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Vendor","Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer","ecr:PutImage"]}]}"#;
    std::fs::write(home.home.path().join("vendor.json"), vendor).unwrap();
    let edit = format!("cp {}", home.home.path().join("vendor.json").display());
    let run_with = |more: &[&str]| {
        let mut command = home.command(&["--plain"]);
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("EDITOR", &edit);
        run_lines(command, &[&["1", "vendorapp", "111111111111", "", "1", "edit"], more].concat())
    };
    let left = run_with(&["narrow", "no", "narrow", "perhaps", "quit", "yes"]);
    let text = left.expect_text();
    assert_eq!(text.matches("To do: narrow statement 1 to what a pull needs.").count(), 2, "{text}");
    assert!(text.contains("ecr:PutImage: puts images in; not needed for a pull."), "{text}");
    assert!(text.contains("account 333333333333 loses"), "{text}");
    assert!(text.contains("Nothing was changed: answer `yes` or `no`."), "{text}");
    run_with(&["narrow", "yes", "1", "yes"]).expect_text();
    let stored = home.stored_policy("vendorapp").unwrap();
    let wanted = vendor.replace(r#","ecr:PutImage""#, "");
    assert!(ecr_grant::policy::canonical::same_meaning(&stored, &wanted), "{stored}");
}

#[test]
fn what_was_written_is_taken_back_by_undo_after_a_question_of_its_own() {
    let owner = OwnerHome::new();
    let before = owner.stored_policy("vendorapp-worker");
    let grant = ["1", "vendorapp-worker", "111111111111", "", "1", "1", "yes"];
    let undone = answer_with(&owner, &[], &[&grant[..], &["1", "undo", "no", "quit"]].concat());
    assert!(undone.expect_text().contains("loses"), "{}", undone.stdout);
    assert_ne!(owner.stored_policy("vendorapp-worker"), before);
    let other = OwnerHome::new();
    let taken = answer_with(&other, &[], &[&grant[..], &["undo", "yes", "quit"]].concat());
    assert!(taken.expect_text().contains("vendorapp-worker: its policy is removed"), "{}", taken.stdout);
    let first = "\ntaken back since: vendorapp-worker: account 111111111111 may pull (owner side done)";
    assert!(taken.stdout.contains(first), "{}", taken.stdout);
    assert_eq!((other.stored_policy("vendorapp-worker"), other.count_writes()), (before, 1));
}

#[test]
fn a_plan_of_several_is_cut_down_mended_and_kept_in_a_file() {
    let owner = OwnerHome::new();
    let deleted = TO_MEND.replace(r#""333333333333", "#, "");
    for (name, policy) in [("bulk/a", None), ("bulk/b", Some(deleted.as_str())), ("bulk/c", None)] {
        let reference = OwnerHome::reference_to(name);
        owner.served.service.add_repository(&reference);
        assert!(owner.served.service.set_policy_directly(&reference, policy));
    }
    let to_plan = ["1", "bulk/*", "", "111111111111", "", "1", "1"];
    let kept = answer_with(&owner, &["--read-only"], &[&to_plan[..], &["write-plan", "quit"]].concat());
    assert!(kept.expect_text().contains("plan saved: ecr-grant apply "), "{}", kept.stdout);
    assert_eq!(owner.count_writes(), 0);
    let only =
        ["only bulk/c, bulk/b", "only no/such", "mend no/such", "mend bulk/b", "only bulk/c, bulk/b", "yes", "quit"];
    let saved = answer_with(&owner, &[], &[&to_plan[..], &only].concat());
    let text = saved.expect_text();
    assert!(text.contains("no/such is not one that can be written here."), "{text}");
    assert!(text.contains("no/such is not in this plan."), "{text}");
    assert_eq!(owner.count_writes(), 2, "{text}");
    assert_eq!(owner.stored_policy("bulk/a"), None, "{text}");
    let mended = owner.stored_policy("bulk/b").unwrap();
    assert!(mended.contains("111111111111") && !mended.contains("AROA"), "{mended}");
}

#[test]
fn what_cannot_be_gone_on_with_is_not_offered_again() {
    let owner = OwnerHome::new();
    let told = answer_with(&owner, &[], &["1", "vendorapp", "3", "", "111111111111", "", "", "", "quit", "yes"]);
    let told = told.expect_text();
    assert!(told.contains("`3` is no account id") && !told.contains("nothing keeps 3"), "{told}");
    assert_eq!(told.matches("Somebody must be named.").count(), 1, "{told}");
    assert!(told.contains("An empty line is no answer here."), "{told}");
    assert_eq!(owner.count_writes(), 0);
}

#[test]
fn single_actions_are_named_after_the_recipe_of_ones_own() {
    let owner = OwnerHome::new();
    let custom = ["1", "vendorapp", "111111111111", "", "custom"];
    let unknown = answer_with(&owner, &[], &[&custom[..], &["BatchGetImages", "quit", "yes"]].concat());
    assert!(unknown.expect_text().contains("`BatchGetImages` is no answer here."), "{}", unknown.stdout);
    let named = ["ecr:BatchGetImage, getdownloadurlforlayer", "1", "yes"];
    answer_with(&owner, &[], &[&custom[..], &named].concat()).expect_text();
    let stored = owner.stored_policy("vendorapp").unwrap();
    let policy: serde_json::Value = serde_json::from_str(&stored).unwrap();
    let actions = serde_json::json!(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]);
    assert_eq!(policy["Statement"][0]["Action"], actions, "{stored}");
}

#[test]
fn a_draft_of_the_screens_is_offered_line_by_line_and_gone_on_with() {
    let (served, home) = (Served::serve_demo(), tempfile::tempdir().unwrap());
    let mut pty = open_as_owner(&served, home.path(), &["vendorapp", "--to", "111111111111"]);
    await_policy(&mut pty);
    crate::journeys::to_editor(&mut pty);
    pty.type_text("MyOwnWords").wait_for("MyOwnWords");
    pty.hang_up();
    drop(pty);
    let kept = || std::fs::read_dir(home.path().join("state/ecr-grant")).unwrap().count();
    assert!(kept() > 0);
    let url = served.url.as_str();
    let open_plain = || Pty::start_wizard(&["--plain", "--endpoint-url", url], 100, 30, home.path());
    for (answer, then) in [("perhaps", "is no answer here"), ("3", "Sign in with which one?")] {
        let mut pty = open_plain();
        pty.wait_for("Go on where you left off? A number:");
        // The question came up by itself: what is typed at once is no answer to it.
        std::thread::sleep(std::time::Duration::from_millis(700));
        pty.type_text(&format!("{answer}\n")).wait_for(then);
    }
    let mut pty = open_plain();
    pty.wait_for("Go on where you left off? A number:");
    std::thread::sleep(std::time::Duration::from_millis(700));
    pty.type_text("go on\n").wait_for("Go on, edit or back?");
    assert!(pty.screen_text().contains("MyOwnWords"), "{}", pty.screen_text());
    assert!(!pty.sent_bytes().contains(&0x1b));
    pty.press_keys("Ctrl-C");
    assert_eq!(pty.exit_code(), 130);
}

#[test]
fn an_address_of_an_unknown_account_is_no_reason_to_go_on_with_another_one() {
    let owner = OwnerHome::new();
    let address = "999999999999.dkr.ecr.eu-west-2.amazonaws.com/team/app:1";
    let finished = answer_with(&owner, &[], &["environment variables", "back", address, "quit"]);
    let text = finished.expect_text();
    let (_, after) = text.split_once("belongs to account 999999999999").expect("the owner is told");
    assert!(!after.contains("Step 2 of 6"), "{text}");
    assert!(after.contains("not the one looked for"), "{text}");
}
