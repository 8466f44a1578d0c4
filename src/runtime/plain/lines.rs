//! Reads answers from the standard input, a line at a time and no byte further: what a child program is lent the input
//! for is still there.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _};
use std::os::fd::AsFd as _;

/// The longest answer, in bytes; the rest of a longer line is dropped.
const LONGEST: usize = 64 * 1024;

/// Waits for the next line; `None`: the input has ended. A thread of its own waits, so that nobody waits for it when the
/// program ends.
pub async fn next_line() -> Option<String> {
    let (tell, typed) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = tell.send(read_line().ok().flatten());
    });
    typed.await.ok().flatten()
}

/// Tells whether somebody types the answers.
pub fn is_typed() -> bool {
    io::stdin().is_terminal()
}

fn read_line() -> io::Result<Option<String>> {
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (mut line, mut byte) = (Vec::new(), [0_u8; 1]);
    loop {
        match input.read(&mut byte) {
            // A line that the end cut off was not sent: it is no answer.
            Ok(0) => return Ok(None),
            Ok(_) if byte == *b"\n" => return Ok(Some(String::from_utf8_lossy(&line).into_owned())),
            Ok(_) if line.len() < LONGEST => line.extend(byte),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
