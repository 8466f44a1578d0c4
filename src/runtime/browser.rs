//! Hands an address to the desktop's browser, where somebody would see it.

use crate::ecr::login::is_remote;
use crate::ecr::{Failure, FailureKind};

/// Opens an address. Fails where no browser is in reach or none could be started.
pub(super) async fn open_address(url: String) -> Result<(), Failure> {
    if let Some(why) = why_no_browser(|name| std::env::var(name).ok()) {
        return Err(no_browser(why, &url));
    }
    let address = url.clone();
    // The program that opens it is watched for a moment.
    let opened = tokio::task::spawn_blocking(move || open::that_detached(&address)).await;
    match opened {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(no_browser("no browser could be started", &url)),
    }
}

fn no_browser(why: &str, url: &str) -> Failure {
    Failure::new(FailureKind::Other, why, format!("open it yourself: {url}"))
}

/// Returns why a browser that is started here would be seen by nobody; none: it would be seen. A browser of one's own
/// choice (`BROWSER`) may be one that reaches through.
fn why_no_browser(variable: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"].into_iter().any(is_set);
    if has_display {
        return None;
    }
    if is_remote(&variable) {
        return Some("no browser over SSH");
    }
    // Elsewhere the desktop needs no variable; WSL opens the browser of Windows.
    let needs_display = cfg!(all(unix, not(target_os = "macos"))) && !is_set("WSL_DISTRO_NAME");
    needs_display.then_some("no browser without a display")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why_in(set: &[&str]) -> Option<&'static str> {
        why_no_browser(|asked| set.contains(&asked).then(|| "set".to_owned()))
    }

    #[test]
    fn a_browser_is_started_where_somebody_sees_it() {
        for seen in [&["DISPLAY"][..], &["WAYLAND_DISPLAY"], &["BROWSER"], &["SSH_CONNECTION", "DISPLAY"]] {
            assert_eq!(why_in(seen), None, "{seen:?}");
        }
        for remote in [&["SSH_CONNECTION"][..], &["SSH_TTY"], &["SSH_TTY", "WSL_DISTRO_NAME"]] {
            assert_eq!(why_in(remote), Some("no browser over SSH"), "{remote:?}");
        }
        assert_eq!(why_no_browser(|name| (name == "DISPLAY").then(String::new)).is_none(), why_in(&[]).is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_console_of_linux_has_none_and_wsl_has_that_of_windows() {
        assert_eq!(why_in(&[]), Some("no browser without a display"));
        assert_eq!(why_in(&["WSL_DISTRO_NAME"]), None);
    }
}
