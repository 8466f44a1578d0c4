//! The file of accepted findings, as it was read last, and whoever works with it.

use super::form::AcceptanceForm;
use crate::ecr::text::make_visible;
use crate::ecr::{Failure, day_of};
use crate::review::{Acceptance, AcceptedFindings};
use crate::wizard::{Effect, Model, Remote, RequestId, Tone, WizardSettings};

/// The knowledge of the file of accepted findings.
#[derive(Debug, Default)]
pub struct AcceptedFile {
    /// The text; the inner `None`: there is no file yet.
    text: Remote<Option<String>>,
    /// The reason why the text is no list of accepted findings.
    fault: Option<String>,
    /// The name of whoever works here: nobody asked before a dialog was opened.
    user: Remote<String>,
}

impl AcceptedFile {
    /// Returns the text as it was read last; none: there is no file yet, or it is not read.
    pub fn text(&self) -> Option<&str> {
        self.text.known_value().and_then(Option::as_deref)
    }

    /// Returns the path in words.
    pub fn path_words(&self, settings: &WizardSettings) -> String {
        make_visible(&settings.accepted.path.display().to_string())
    }

    /// Tells whether the file is there.
    pub fn exists(&self) -> bool {
        self.text().is_some()
    }

    /// Returns why nothing can be added to it.
    pub fn why_unusable(&self, settings: &WizardSettings) -> Option<String> {
        if let Some(failure) = self.text.last_failure() {
            return Some(failure.to_string());
        }
        self.fault.as_ref().map(|fault| {
            format!("{} is no list of accepted findings: {fault}; mend it first", self.path_words(settings))
        })
    }

    pub(super) fn user(&self) -> Option<&str> {
        self.user.known_value().map(String::as_str)
    }

    pub(super) fn take_user(&mut self, id: RequestId, user: &str) -> Option<String> {
        self.user.take_answer(id, Ok(user.to_owned())).then(|| user.to_owned())
    }
}

/// Begins to read the file where a review is shown and nobody read it before.
pub(in crate::wizard) fn begin_read(model: &mut Model) -> Vec<Effect> {
    let is_shown = model.repository.overview().is_some() || model.repository.review().is_some();
    if is_shown && model.accepted.text == Remote::NotAsked { read_again(model) } else { Vec::new() }
}

/// Reads the file anew.
pub(in crate::wizard) fn read_again(model: &mut Model) -> Vec<Effect> {
    let (id, now) = (model.next_request(), model.now);
    model.accepted.text.begin_request(id, now);
    vec![Effect::ReadAccepted { id, path: model.settings.accepted.path.clone() }]
}

/// Asks once who works here.
pub(super) fn find_user(model: &mut Model) -> Option<Effect> {
    if model.accepted.user != Remote::NotAsked {
        return None;
    }
    if model.settings.demo {
        // Nothing of the user's is read then.
        model.accepted.user = Remote::Ready("demo".to_owned());
        return None;
    }
    let (id, now) = (model.next_request(), model.now);
    model.accepted.user.begin_request(id, now);
    Some(Effect::FindUser(id))
}

/// Takes the text that was read; a late one changes nothing. True: it is another one than before.
pub(super) fn take_read(model: &mut Model, id: RequestId, read: Result<Option<String>, Failure>) -> bool {
    let before = model.accepted.text().map(str::to_owned);
    if !model.accepted.text.take_answer(id, read) {
        return false;
    }
    // The same text was told about before.
    let is_other = model.accepted.text().map(str::to_owned) != before || model.accepted.text.last_failure().is_some();
    if is_other {
        mark_findings(model);
        if let Some(why) = model.accepted.why_unusable(&model.settings) {
            model.set_notice(Tone::Bad, why);
        }
    }
    is_other
}

/// Takes the text that was written.
pub(super) fn hold_text(model: &mut Model, text: Option<String>) {
    model.accepted.text = Remote::Ready(text);
    mark_findings(model);
}

/// Marks what the text accepts in the rows of the review.
fn mark_findings(model: &mut Model) {
    let read = AcceptedFindings::read_text(model.accepted.text().unwrap_or_default(), &day_of(model.unix_now()));
    let list = match read {
        Ok(list) => {
            model.accepted.fault = None;
            list
        }
        Err(fault) => {
            model.accepted.fault = Some(make_visible(fault.trim()));
            AcceptedFindings::default()
        }
    };
    model.repository.accept_findings(list);
}

/// Begins to write the file's text with an entry more.
pub(super) fn write(model: &mut Model, form: &mut AcceptanceForm, entry: Acceptance, text: String) -> Vec<Effect> {
    let id = model.next_request();
    let (path, before) = (model.settings.accepted.path.clone(), model.accepted.text().map(str::to_owned));
    form.begin_write(id, entry, text.clone());
    vec![Effect::WriteAccepted { id, path, before, text }]
}
