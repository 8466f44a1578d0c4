//! The state of the terminal after a defect in the loop itself.

use std::io::Read as _;
use std::sync::Arc;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::*;
use crate::aws::AwsAccess;
use crate::journal::Limits;
use crate::sandbox;
use crate::wizard::Prefill;
use crate::wizard::keymap::Keymap;

#[tokio::test]
async fn a_panic_of_the_loop_is_a_failure_with_its_words() {
    let ended = catch_panics(async { panic!("the drawing went wrong") }).await;
    let failure = ended.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Defect);
    assert!(failure.what.contains("the drawing went wrong"), "{}", failure.what);
}

fn demo_start(state_dir: std::path::PathBuf) -> Start {
    let service = Arc::new(sandbox::Service::demo(sandbox::Clock::System));
    let access = AwsAccess::with_sources(Vec::new(), sandbox::connector(service, Duration::ZERO));
    Start {
        access,
        settings: WizardSettings { demo: true, ..WizardSettings::default() },
        prefill: Prefill::default(),
        keymap: Keymap::default(),
        mouse: true,
        plain: false,
        has_arguments: false,
        state_dir,
        limits: Limits::default(),
    }
}

#[tokio::test]
#[ignore = "run by the next test as a program in a terminal"]
async fn the_loop_with_a_defect() {
    let home = tempfile::tempdir().unwrap();
    let defect = async {
        // By now the screen is drawn, and the keys are listened to.
        tokio::time::sleep(Duration::from_millis(50)).await;
        panic!("the drawing went wrong")
    };
    let inside = async {
        tokio::select! {
            biased;
            ended = run_inside(demo_start(home.path().to_owned())) => ended,
            () = defect => unreachable!(),
        }
    };
    let failure = Box::pin(catch_panics(inside)).await.unwrap_err();
    println!("said: {}", failure.what);
}

#[test]
fn after_a_panic_of_the_loop_the_terminal_is_the_shells_again() {
    let size = PtySize { rows: 24, cols: 80, ..PtySize::default() };
    let pair = native_pty_system().openpty(size).unwrap();
    let modes = || format!("{:?}", pair.master.get_termios());
    let before = modes();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "runtime::run::tests::the_loop_with_a_defect", "--ignored", "--nocapture"]);
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).unwrap();
    let mut output = pair.master.try_clone_reader().unwrap();
    // Our end of it stays open, so that the modes can be read at the end; the reader is left to itself.
    let (send, came) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = output.read(&mut buffer) {
            if send.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    let mut bytes = Vec::new();
    let shown = |bytes: &[u8]| {
        let mut parser = vt100::Parser::default();
        parser.process(bytes);
        parser
    };
    while !String::from_utf8_lossy(&bytes).contains("test result") {
        bytes.extend(came.recv_timeout(Duration::from_secs(30)).unwrap());
    }
    assert!(child.wait().unwrap().success());
    let leave = b"\x1b[?1049l";
    let left = bytes.windows(leave.len()).position(|window| window == leave).unwrap();
    let drawn = shown(&bytes[..left]);
    assert!(drawn.screen().alternate_screen() && drawn.screen().contents().contains("1 Account"), "nothing was drawn");
    let parser = shown(&bytes);
    let screen = parser.screen();
    assert!(screen.contents().contains("said: this program has a defect"), "{}", screen.contents());
    assert!(screen.contents().contains("the drawing went wrong"), "{}", screen.contents());
    assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
    assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    assert_eq!(modes(), before, "raw mode is still on");
}
