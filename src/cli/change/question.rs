//! The question before a write.

use crate::cli::args::{Allowed, Globals};
use crate::cli::interrupt::Interrupted;
use crate::cli::output::{ask_line, tell_line};
use crate::ecr::text::make_visible;
use crate::plan::{Confirmation, Planned, Question, needed_confirmation};

/// The consent to write.
pub(super) enum WriteConsent {
    Go,
    No,
    Refused,
}

/// Tells whether the plans may be written, by flags or by a question.
pub(super) async fn ask_allowed(
    globals: &Globals,
    allowed: &Allowed,
    planned: &[Planned],
    endpoint: Option<&str>,
    interrupted: &Interrupted,
) -> WriteConsent {
    if !planned.iter().any(Planned::will_write) || globals.read_only {
        return WriteConsent::Go;
    }
    let confirmation = needed_confirmation(planned);
    for reason in confirmation.all_reasons() {
        tell_line(&format!("warning: {}", make_visible(&reason.words)));
    }
    let missing: Vec<&str> =
        confirmation.all_reasons().iter().filter(|r| !allowed.is_allowed(r.peril)).map(|r| r.flag).collect();
    if globals.dry_run {
        if !missing.is_empty() {
            tell_line(&format!("With --yes this needs {} too.", missing.join(" ")));
        }
        return WriteConsent::Go;
    }
    if globals.yes {
        if missing.is_empty() {
            return WriteConsent::Go;
        }
        tell_line(&format!("error: --yes does not cover this: it needs {} too", missing.join(" ")));
        return WriteConsent::Refused;
    }
    if ask_confirmed(&confirmation, planned, endpoint, interrupted).await { WriteConsent::Go } else { WriteConsent::No }
}

/// Asks the question. The end of the input means No, and so does a signal.
pub(super) async fn ask_confirmed(
    confirmation: &Confirmation,
    planned: &[Planned],
    endpoint: Option<&str>,
    interrupted: &Interrupted,
) -> bool {
    let Question { what, gains, losses } = Question::about(planned, endpoint);
    tell_line(&format!("  gains  {}", make_visible(&gains)));
    tell_line(&format!("  loses  {}", make_visible(&losses)));
    let what = make_visible(&what);
    let question = match confirmation {
        Confirmation::Plain => format!("{what} [y/N]"),
        Confirmation::Typed { .. } => {
            tell_line(&what);
            format!("{}:", upper_first(&confirmation.what_to_type()))
        }
    };
    interrupted.set_asking(true);
    let typed = ask_line(&question, interrupted.wait_signal()).await;
    interrupted.set_asking(false);
    typed.is_some_and(|typed| confirmation.is_confirmed_by(&typed))
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
