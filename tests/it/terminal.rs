//! The terminal around the program: the program's effects on it, and its answers to the terminal, the shell and an
//! editor.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::journeys::{name_release, to_account, to_actions, to_editor, to_policy, to_repositories};
use crate::support::pty::Pty;

/// Opens the wizard at its first screen.
fn start_wizard(home: &Path, args: &[&str], env: &[(&str, &str)]) -> Pty {
    let mut all = vec!["--demo"];
    all.extend(args);
    let mut pty = Pty::start_wizard_with(&all, 80, 24, home, env);
    to_account(&mut pty);
    pty
}

/// Opens the wizard at the policy of the guide's repository.
fn at_policy(home: &Path, env: &[(&str, &str)]) -> Pty {
    let mut pty = start_wizard(home, &[], env);
    to_repositories(&mut pty);
    to_actions(&mut pty);
    name_release(&mut pty);
    to_policy(&mut pty);
    to_editor(&mut pty);
    pty
}

fn send_signal(process: u32, name: &str) {
    let ended = std::process::Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap();
    assert!(ended.success());
}

/// Waits until a condition holds.
fn wait_for(holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("waited in vain");
}

/// Waits until the terminal is the shell's again, and checks every mode that could be left on.
fn is_as_before(pty: &mut Pty) {
    wait_for(|| pty.with_screen(|screen| !screen.alternate_screen()));
    pty.with_screen(|screen| {
        assert!(!screen.alternate_screen(), "still on the alternate screen");
        assert!(!screen.bracketed_paste(), "bracketed paste is still on");
        assert!(!screen.hide_cursor(), "the cursor is still hidden");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse is still ours");
        assert!(!screen.inverse() && !screen.bold() && screen.fgcolor() == vt100::Color::Default, "still painting");
    });
    let bytes = pty.sent_bytes();
    let count = |mark: &[u8]| bytes.windows(mark.len()).filter(|window| *window == mark).count();
    assert!(count(b"\x1b[?2026h") > 0, "frames are sent as a whole");
    assert!(count(b"\x1b[?2026l") >= count(b"\x1b[?2026h"), "the picture is held");
    assert_eq!(count(b"\x1b[6n"), 0, "the terminal was asked for its cursor");
}

#[test]
fn every_way_out_gives_the_terminal_back() {
    for (way, code) in [("q", 0), ("Ctrl-C", 0), ("TERM", 143), ("HUP", 129), ("INT", 130)] {
        for args in [&[][..], &["--mouse"]] {
            let home = tempfile::tempdir().unwrap();
            let mut pty = start_wizard(home.path(), args, &[]);
            assert!(!pty.is_cooked());
            match way {
                "q" | "Ctrl-C" => {
                    pty.press_keys(way);
                }
                name => send_signal(pty.process_id(), name),
            }
            assert_eq!(pty.exit_code(), code, "{way}");
            assert!(pty.is_cooked(), "raw mode is still on after {way}");
            is_as_before(&mut pty);
        }
    }
}

#[test]
fn ctrl_z_stops_for_the_shell_and_fg_draws_all_again() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start_shell(80, 24, home.path());
    pty.type_text(&format!("{} --demo\r", env!("CARGO_BIN_EXE_ecr-grant")));
    to_account(&mut pty);
    for _ in 0..2 {
        pty.press_keys("Ctrl-Z").wait_for("shell$");
        is_as_before(&mut pty);
        pty.type_text("echo in-$((40+2))\r").wait_for("in-42").type_text("fg\r");
        to_account(&mut pty);
        pty.wait_for("1 Account").wait_for("Enter sign in").wait_gone("in-42");
    }
    // It still listens.
    pty.press_keys("?")
        .wait_for("Keys: Account")
        .press_keys("Esc")
        .wait_gone("Keys: Account")
        .press_keys("q")
        .wait_for("shell$");
    is_as_before(&mut pty);
    pty.type_text("exit\r");
    pty.exit_code();
}

#[test]
fn without_a_shell_to_come_back_from_ctrl_z_stops_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = start_wizard(home.path(), &[], &[]);
    pty.press_keys("Ctrl-Z").wait_for("no shell could continue");
    pty.press_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

#[test]
fn stopped_and_continued_from_outside_it_takes_the_terminal_again() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = start_wizard(home.path(), &[], &[]);
    let enters = |pty: &Pty| String::from_utf8_lossy(&pty.sent_bytes()).matches("\x1b[?1049h").count();
    assert_eq!(enters(&pty), 1);
    send_signal(pty.process_id(), "STOP");
    send_signal(pty.process_id(), "CONT");
    pty.wait_until("a new picture", |text| text.contains("release-owner"));
    wait_for(|| enters(&pty) == 2);
    pty.press_keys("?").wait_for("Keys: Account").press_keys("Esc").wait_gone("Keys: Account").press_keys("q");
    assert_eq!(pty.exit_code(), 0);
}

/// Writes a program that stands for the user's editor.
fn write_script(home: &Path, body: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = home.join("my editor");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!("'{}'", path.display())
}

#[test]
fn the_users_editor_changes_the_policy_and_undo_takes_it_back() {
    let home = tempfile::tempdir().unwrap();
    // It looks at what it was given, leaves the terminal in disorder, and changes the file.
    let body = "ls -ln \"$2\" | cut -c1-10 > mode; echo \"$1 $2\" > args; stty raw -echo; printf '\\033[?1000h\\033[7m'\n\
                sed -i s/EcrGrantPull/FromMyEditor/ \"$2\"";
    let editor = format!("{} --wait", write_script(home.path(), body));
    let mut pty = at_policy(
        home.path(),
        &[("PATH", "/usr/bin:/bin"), ("EDITOR", &editor), ("TMPDIR", home.path().to_str().unwrap())],
    );
    pty.press_keys("Ctrl-E").wait_for("FromMyEditor").wait_for("taken from your editor");
    assert!(pty.with_screen(
        |screen| screen.alternate_screen() && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    ));
    assert_eq!(std::fs::read_to_string(home.path().join("mode")).unwrap().trim(), "-rw-------");
    let args = std::fs::read_to_string(home.path().join("args")).unwrap();
    let (flag, file) = args.trim().split_once(' ').unwrap();
    assert!(flag == "--wait" && file.ends_with("/policy.json"), "{args}");
    assert!(!Path::new(file).exists(), "the file is still there");
    pty.press_keys("Ctrl-U").wait_for("EcrGrantPull");
    // Nothing of it went to the editor, and the keys are ours.
    pty.press_keys("Ctrl-C").wait_for("What you entered is not saved.").press_keys("y");
    assert_eq!(pty.exit_code(), 0);
    is_as_before(&mut pty);
}

#[test]
fn an_editor_that_fails_dies_or_is_missing_leaves_the_text() {
    for (body, words) in [
        ("echo broken > \"$1\"; exit 3", "did not succeed"),
        ("kill -KILL $$", "did not succeed"),
        ("rm \"$1\"", "could not be read"),
        ("true", "changed nothing"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let editor = write_script(home.path(), body);
        let mut pty = at_policy(home.path(), &[("PATH", "/usr/bin:/bin"), ("VISUAL", &editor)]);
        pty.press_keys("Ctrl-E").wait_for(words).wait_for("EcrGrantPull");
    }
    let home = tempfile::tempdir().unwrap();
    let mut pty = at_policy(home.path(), &[("PATH", "/usr/bin:/bin"), ("EDITOR", "no-such-editor -w")]);
    pty.press_keys("Ctrl-E").wait_for("could not be started").wait_for("EcrGrantPull");
}

#[test]
fn an_interrupt_meant_for_the_editor_does_not_end_the_program() {
    let home = tempfile::tempdir().unwrap();
    let editor = write_script(home.path(), "echo editing-now; trap 'exit 0' INT; while :; do sleep 0.05; done");
    let mut pty = at_policy(home.path(), &[("PATH", "/usr/bin:/bin"), ("EDITOR", &editor)]);
    pty.press_keys("Ctrl-E").wait_for("editing-now").press_keys("Ctrl-C").wait_for("EcrGrantPull");
    pty.press_keys("F4").wait_for("e edit").press_keys("e").wait_for("F4 diff");
}

#[test]
fn ten_thousand_bytes_are_pasted_exactly_and_are_one_step() {
    let home = tempfile::tempdir().unwrap();
    let editor = write_script(home.path(), "cat \"$1\" > seen");
    let mut pty = at_policy(home.path(), &[("PATH", "/usr/bin:/bin"), ("EDITOR", &editor)]);
    pty.press_keys("Ctrl-E").wait_for("changed nothing");
    let before = std::fs::read_to_string(home.path().join("seen")).unwrap();
    let lines: Vec<String> = (0..250).map(|n| format!("  \"line {n:03}\": \"é {}\",", "x".repeat(20))).collect();
    let text = lines.join("\n") + "\n";
    assert!(text.len() > 10_000);
    pty.paste_text(&text).wait_for("line 249");
    pty.press_keys("Ctrl-E").wait_for("changed nothing");
    let after = std::fs::read_to_string(home.path().join("seen")).unwrap();
    let at = after.find(&text).expect("the pasted text is in it, byte for byte");
    assert_eq!(format!("{}{}", &after[..at], &after[at + text.len()..]), before);
    pty.press_keys("Ctrl-U").wait_gone("line 249").press_keys("Ctrl-E").wait_for("changed nothing");
    assert_eq!(std::fs::read_to_string(home.path().join("seen")).unwrap(), before);
}

#[test]
fn the_caret_is_the_terminals_cursor() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = at_policy(home.path(), &[]);
    pty.type_text("XYZ").wait_for("XYZ");
    let (before, after) = pty.with_screen(|screen| {
        let (row, column) = screen.cursor_position();
        assert!(!screen.hide_cursor());
        let cell = |column: u16| screen.cell(row, column).map(|cell| cell.contents().to_owned()).unwrap_or_default();
        (cell(column - 1), cell(column))
    });
    assert_eq!(before, "Z");
    assert_ne!(after, "Z");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells in /proc")]
fn nothing_wakes_an_idle_program() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = start_wizard(home.path(), &[], &[]);
    to_repositories(&mut pty);
    pty.wait_until("every policy", |text| !text.contains("who can pull:"));
    std::thread::sleep(Duration::from_millis(1500));
    let before = pty.count_wakes(|_| true);
    let bytes = pty.sent_bytes().len();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(pty.count_wakes(|_| true), before, "something woke it");
    assert_eq!(pty.sent_bytes().len(), bytes, "something was drawn");
}

#[test]
fn the_background_is_asked_once_and_the_answer_is_no_key() {
    let asked = |pty: &Pty| String::from_utf8_lossy(&pty.sent_bytes()).matches("\x1b]11;?").count();
    let has = |pty: &Pty, colour: u8| {
        pty.with_screen(|screen| {
            let mut cells = (0..24).flat_map(|row| (0..80).filter_map(move |column| screen.cell(row, column)));
            cells.any(|cell| cell.fgcolor() == vt100::Color::Idx(colour))
        })
    };
    for (answer, accent) in [("ffff/ffff/ffff", 4), ("1e1e/1e1e/2e2e", 14)] {
        let home = tempfile::tempdir().unwrap();
        let mut pty = start_wizard(home.path(), &[], &[]);
        assert!(has(&pty, 6), "cyan until the terminal has told");
        pty.type_text(&format!("\x1b]11;rgb:{answer}\x1b\\"));
        wait_for(|| has(&pty, accent));
        assert!(!has(&pty, 6));
        assert_eq!(asked(&pty), 1);
        // No letter of it was a command.
        pty.wait_for("release-owner").press_keys("q");
        assert_eq!(pty.exit_code(), 0);
    }
    for (args, env) in [
        (&[][..], ("NO_COLOR", "1")),
        (&["--plain=false"][..], ("TERM", "dumb")),
        (&["--theme", "dark"][..], ("A", "b")),
    ] {
        let home = tempfile::tempdir().unwrap();
        let pty = start_wizard(home.path(), args, &[env]);
        assert_eq!(asked(&pty), 0, "{args:?} {env:?}");
    }
}

#[test]
fn the_mouse_is_the_terminals_own_unless_asked_for() {
    for (args, is_ours) in [(&[][..], false), (&["--mouse"][..], true)] {
        let home = tempfile::tempdir().unwrap();
        let pty = start_wizard(home.path(), args, &[]);
        assert_eq!(pty.with_screen(|screen| screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None), is_ours);
    }
}

#[test]
fn what_no_terminal_would_take_goes_to_a_file() {
    let copied = |env: &[(&str, &str)], words: &str| {
        let home = tempfile::tempdir().unwrap();
        let mut pty = at_policy(home.path(), env);
        pty.type_text("AB\x1b[1;2D\x1b[1;2D").press_keys("Ctrl-C").wait_for(words);
        let file = std::fs::read_to_string(home.path().join("ecr-grant-copy.txt")).ok();
        (String::from_utf8_lossy(&pty.sent_bytes()).into_owned(), file)
    };
    let (bytes, file) = copied(&[("SSH_TTY", "/dev/pts/9")], "sent to the terminal");
    assert!(bytes.contains("\x1b]52;c;QUI=\x1b\\") && file.is_none());
    let (bytes, _) = copied(&[("TMUX", "/tmp/tmux-1000/default,1,0")], "sent to the terminal");
    assert!(bytes.contains("\x1bPtmux;\x1b\x1b]52;c;QUI="));
    let (bytes, file) = copied(&[("TERM", "linux")], "written to ecr-grant-copy.txt");
    assert!(!bytes.contains("\x1b]52") && file.as_deref() == Some("AB"));
}

/// Answers until the answer counts: the last of many sizes draws the question anew, and an answer from before is dropped.
fn confirm_after_storm(pty: &mut Pty) {
    for _ in 0..10 {
        pty.press_keys("y");
        let end = Instant::now() + Duration::from_secs(3);
        while Instant::now() < end {
            if pty.screen_text().contains("backup") {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    panic!("no answer counts; the screen shows:\n{}", pty.screen_text());
}

#[test]
fn every_step_can_be_any_size() {
    let sizes = [(1, 1), (2, 50), (300, 100), (39, 9), (40, 10), (60, 16), (300, 1), (1, 100), (120, 40), (100, 30)];
    let home = tempfile::tempdir().unwrap();
    let mut pty = Pty::start_wizard(&["--demo"], 100, 30, home.path());
    let storm = |pty: &mut Pty| {
        for (columns, rows) in sizes {
            pty.resize_to(columns, rows);
            std::thread::sleep(Duration::from_millis(15));
        }
    };
    to_account(&mut pty);
    storm(&mut pty);
    to_repositories(&mut pty);
    storm(&mut pty);
    to_actions(&mut pty);
    storm(&mut pty);
    name_release(&mut pty);
    to_policy(&mut pty);
    storm(&mut pty);
    crate::journeys::to_save(&mut pty);
    storm(&mut pty);
    confirm_after_storm(&mut pty);
    storm(&mut pty);
    crate::journeys::to_permissions(&mut pty);
    storm(&mut pty);
    pty.wait_for("What is left to do").press_keys("q");
    assert_eq!(pty.exit_code(), 0);
    is_as_before(&mut pty);
}

#[test]
fn without_a_terminal_it_says_what_to_use_in_its_place() {
    let home = tempfile::tempdir().unwrap();
    let mut command = crate::support::clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
    command.arg("--demo");
    let refused = crate::support::run(command);
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stderr.contains("ecr-grant show"), "{}", refused.stderr);
    assert_eq!(refused.stdout, "", "something was drawn into a pipe");
    // In a terminal, but with its input closed, or its output in a pipe.
    let mut pty = Pty::start_shell(100, 30, home.path());
    let program = env!("CARGO_BIN_EXE_ecr-grant");
    for redirected in ["<&-", "</dev/null", "| cat"] {
        pty.type_text(&format!("clear; {program} --demo {redirected}\r"))
            .wait_for("needs a terminal")
            .wait_for("shell$");
    }
    pty.type_text("exit\r");
    pty.exit_code();
}

#[test]
fn a_terminal_that_is_closed_ends_the_program() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = start_wizard(home.path(), &[], &[]);
    pty.hang_up();
    // The signal comes first, or the next drawing fails.
    assert!([129, 4].contains(&pty.exit_code()));
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells in /proc")]
fn a_terminal_that_goes_away_without_a_signal_ends_the_program_at_once() {
    let home = tempfile::tempdir().unwrap();
    // A program that another test starts at the wrong moment may hold our end of the terminal: then it is not closed.
    for _ in 0..3 {
        let mut pty = Pty::start_without_signals(&["--demo"], 80, 24, home.path());
        to_account(&mut pty);
        let before = pty.processor_time();
        pty.hang_up();
        let (before, _) = before.expect("the system tells");
        let ended = (0..500).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            pty.processor_time().is_some_and(|(_, runs)| !runs)
        });
        let spent = pty.processor_time().expect("the system tells").0 - before;
        assert!(spent < 1000, "{spent} ms of processor time: it was spinning");
        if ended {
            // As if the signal had come; or drawing failed first.
            return assert!([129, 4].contains(&pty.exit_code()));
        }
    }
    panic!("it waits for keys that cannot come");
}

#[test]
fn a_name_that_is_offered_is_written_into_the_policy() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--demo", "--profile", "release-owner", "vendorapp", "--to", "111111111111"];
    let mut pty = Pty::start_wizard(&args, 80, 24, home.path());
    crate::journeys::await_policy(&mut pty);
    to_editor(&mut pty);
    // What was found is selected, so that typing puts something in its place.
    pty.press_keys("Ctrl-F").type_text("GetDownloadUrlForLayer").wait_for("\"ecr:GetDownload").press_keys("Esc");
    pty.type_text("Desc").wait_for("\"ecr:Desc\"");
    // Terminals send Ctrl-Space as Ctrl-@.
    pty.press_keys("Ctrl-@")
        .wait_for("1 of 5")
        .press_keys("Enter")
        .wait_gone("1 of 5")
        .wait_for("\"ecr:DescribeImages\"");
}

#[test]
fn a_signal_while_an_editor_has_the_terminal_ends_both_at_once_and_keeps_the_draft() {
    for (name, code) in [("TERM", 143), ("HUP", 129)] {
        let (served, home) = (crate::support::served::Served::serve_demo(), tempfile::tempdir().unwrap());
        // It has a child of its own, and neither listens.
        let body = "trap '' TERM HUP; sleep 7777 & echo $! > child; stty raw -echo; echo editing-now; wait; sleep 7777";
        let editor = write_script(home.path(), body);
        crate::support::served::Served::write_profile(home.path());
        let args = ["--endpoint-url", served.url.as_str(), "--profile", "owner", "vendorapp", "--to", "111111111111"];
        let env = [("PATH", "/usr/bin:/bin"), ("EDITOR", editor.as_str())];
        let mut pty = Pty::start_wizard_with(&args, 80, 24, home.path(), &env);
        crate::journeys::await_policy(&mut pty);
        to_editor(&mut pty);
        pty.type_text("my-own-word").wait_for("my-own-word").press_keys("Ctrl-E").wait_for("editing-now");
        let child = home.path().join("child");
        wait_for(|| std::fs::read_to_string(&child).is_ok_and(|id| id.ends_with('\n')));
        let began = std::time::Instant::now();
        send_signal(pty.process_id(), name);
        assert_eq!(pty.exit_code(), code);
        assert!(began.elapsed() < Duration::from_secs(5), "it waited for the editor");
        assert!(pty.is_cooked(), "raw mode is still on");
        is_as_before(&mut pty);
        let id = std::fs::read_to_string(&child).unwrap();
        let state = || std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
        wait_for(|| state().is_empty() || state().contains(") Z "));
        let draft = std::fs::read_to_string(home.path().join("state/ecr-grant/draft.json")).unwrap();
        assert!(draft.contains("my-own-word"), "{draft}");
    }
}

#[test]
fn the_prompt_comes_below_what_was_there_after_a_stop_and_after_an_editor() {
    let home = tempfile::tempdir().unwrap();
    let editor = write_script(home.path(), "printf '\\033[3;10r\\033[9;1H'; echo in-the-editor");
    let mut pty = Pty::start_shell(80, 24, home.path());
    pty.type_text(&format!("clear; echo above; export EDITOR=\"{editor}\"\r")).wait_for("above");
    let arguments = "--demo --profile release-owner vendorapp --to 111111111111";
    pty.type_text(&format!("{} {arguments}\r", env!("CARGO_BIN_EXE_ecr-grant"))).wait_for("Enter go on");
    pty.press_keys("Ctrl-Z")
        .wait_for("shell$")
        .type_text("echo stopped-$((40+2))\r")
        .wait_for("stopped-42")
        .type_text("fg\r");
    crate::journeys::await_policy(&mut pty);
    pty.press_keys("Ctrl-E").wait_for("changed nothing");
    pty.press_keys("Ctrl-C");
    wait_for(|| pty.with_screen(|screen| !screen.alternate_screen()));
    pty.type_text("echo after-$((40+3))\r").wait_for("after-43");
    let text = pty.screen_text();
    let line = |words: &str| text.lines().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{text}"));
    assert!(line("above") < line("stopped-42") && line("in-the-editor") < line("after-43"), "{text}");
    pty.type_text("exit\r");
    pty.exit_code();
}

#[test]
fn the_outcome_of_a_write_that_ends_while_the_program_leaves_is_told() {
    let service = ecr_grant::sandbox::Service::demo(ecr_grant::sandbox::Clock::System);
    let (served, home) =
        (crate::support::served::Served::new(service, Duration::from_millis(700)), tempfile::tempdir().unwrap());
    let mut pty = crate::journeys::open_as_owner(&served, home.path(), &["vendorapp", "--to", "111111111111"]);
    crate::journeys::await_policy(&mut pty);
    pty.press_keys("Ctrl-S")
        .wait_for("Save the policy")
        .press_keys("y")
        .wait_for("saving")
        .press_keys("Ctrl-C")
        .wait_for("A write is under way");
    pty.press_keys("y");
    assert_eq!(pty.exit_code(), 0);
    pty.wait_for("vendorapp: account 111111111111 may pull");
    assert!(!pty.screen_text().contains("not known"), "{}", pty.screen_text());
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "only Linux tells in /proc")]
fn a_terminal_closed_during_a_write_is_not_read_over_and_over() {
    let service = ecr_grant::sandbox::Service::demo(ecr_grant::sandbox::Clock::System);
    let (served, home) =
        (crate::support::served::Served::new(service, Duration::from_millis(1500)), tempfile::tempdir().unwrap());
    crate::support::served::Served::write_profile(home.path());
    let args = ["--endpoint-url", served.url.as_str(), "--profile", "owner", "vendorapp", "--to", "111111111111"];
    let mut pty = Pty::start_without_signals(&args, 100, 30, home.path());
    crate::journeys::await_policy(&mut pty);
    pty.press_keys("Ctrl-S").wait_for("Save the policy").press_keys("y").wait_for("saving");
    let (before, _) = pty.processor_time().unwrap();
    pty.hang_up();
    wait_for(|| pty.processor_time().is_some_and(|(_, runs)| !runs));
    let spent = pty.processor_time().unwrap().0 - before;
    assert!(spent < 700, "{spent} ms of processor time: it was spinning");
}

/// A policy as long as ECR takes, of which the engine has much to work out.
fn laborious_policy() -> String {
    let principals: Vec<String> = (0..255).map(|n| format!("\"100000000{n:03}\"")).collect();
    let values: Vec<String> = (200..940).map(|n| format!("\"*{n}*\"")).collect();
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":[{}]}},"Action":"ecr:*","Condition":{{"StringLike":{{"aws:PrincipalArn":[{}]}}}}}}]}}"#,
        principals.join(","),
        values.join(",")
    );
    assert!((9_500..=10_240).contains(&text.len()), "{}", text.len());
    text
}

/// Returns the number of the first frame that shows a text.
fn first_frame(bytes: &[u8], wanted: &str) -> Option<usize> {
    let mut parser = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
    let end = b"\x1b[?2026l";
    let mut from = 0;
    for frame in 0.. {
        let ends = from + bytes[from..].windows(end.len()).position(|window| window == end)? + end.len();
        parser.process(&bytes[from..ends]);
        if parser.screen().contents().contains(wanted) {
            return Some(frame);
        }
        from = ends;
    }
    None
}

/// Replaces the whole text by another one, and types two letters behind it.
fn paste_over_all(pty: &mut Pty, text: &str) {
    // Ctrl-Home, then Ctrl-Shift-End.
    pty.type_text("\x1b[1;5H\x1b[1;6F").paste_text(text).type_text("zz");
}

#[test]
fn a_key_is_on_the_screen_before_the_text_that_was_pasted_is_examined() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = at_policy(home.path(), &[]);
    paste_over_all(&mut pty, &laborious_policy());
    pty.wait_for("}zz").wait_for("1 stops the save");
    let bytes = pty.sent_bytes();
    let (echo, result) = (first_frame(&bytes, "}zz").unwrap(), first_frame(&bytes, "1 stops the save").unwrap());
    assert!(echo < result, "the key waited for the examination: frame {echo}, frame {result}");
}

#[test]
fn six_times_what_ecr_takes_is_pasted_and_the_next_keys_are_taken() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = at_policy(home.path(), &[]);
    let one = laborious_policy();
    let text = format!("[{}]", vec![one; 7].join(",\n"));
    assert!(text.len() > 64 * 1024);
    paste_over_all(&mut pty, &text);
    pty.wait_for("]zz").wait_for("of 10,240");
    let bytes = pty.sent_bytes();
    let (echo, result) = (first_frame(&bytes, "]zz").unwrap(), first_frame(&bytes, "stands inside other text"));
    assert!(result.is_none_or(|result| echo < result), "the key waited for the examination");
    pty.wait_for("stands inside other text");
}

#[test]
fn a_signal_ends_the_program_while_a_text_is_examined() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = at_policy(home.path(), &[]);
    // Its examination takes longer than all that follows here, or the test says so.
    let text = laborious_policy();
    pty.type_text("\x1b[1;5H\x1b[1;6F").paste_text(&text).wait_for("]}}}]}");
    send_signal(pty.process_id(), "TERM");
    is_as_before(&mut pty);
    assert_eq!(pty.exit_code(), 143);
    assert_eq!(first_frame(&pty.sent_bytes(), "255 risks"), None, "the signal waited for the examination");
}
