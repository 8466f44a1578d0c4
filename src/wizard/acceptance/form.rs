//! The fields of an acceptance: reason, who, and until when.

use crate::ecr::AccessEnd;
use crate::ecr::text::make_visible;
use crate::review::Acceptance;
use crate::wizard::RequestId;
use crate::wizard::field::Field;

/// The longest text of a field that is taken, in characters.
const LONGEST: usize = 500;

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormField {
    /// The reason.
    Reason,
    /// The name of whoever accepts it.
    Who,
    /// The last day.
    Until,
}

impl FormField {
    /// The fields, in their order.
    pub const ALL: [Self; 3] = [Self::Reason, Self::Who, Self::Until];
}

/// The form.
#[derive(Debug, Clone)]
pub struct AcceptanceForm {
    entry: Acceptance,
    reason: Field,
    who: Field,
    until: Field,
    /// The field that is typed into.
    pub focus: FormField,
    /// The reason why nothing was written.
    pub problem: Option<String>,
    /// The entry under way, with the text of the whole file.
    written: Option<(RequestId, Acceptance, String)>,
}

impl AcceptanceForm {
    pub(super) fn of(entry: Acceptance, user: Option<&str>) -> Self {
        Self {
            entry,
            reason: Field::default(),
            who: user.map(Field::with_text).unwrap_or_default(),
            until: Field::default(),
            focus: FormField::Reason,
            problem: None,
            written: None,
        }
    }

    /// Returns a field.
    pub fn field(&self, which: FormField) -> &Field {
        match which {
            FormField::Reason => &self.reason,
            FormField::Who => &self.who,
            FormField::Until => &self.until,
        }
    }

    /// Tells whether the entry is being written.
    pub fn is_written(&self) -> bool {
        self.written.is_some()
    }

    /// Puts a name into an empty field.
    pub(super) fn offer_user(&mut self, user: &str) {
        if self.who.is_empty() {
            self.who = Field::with_text(user);
        }
    }

    pub(super) fn move_focus(&mut self, forward: bool) {
        let at = FormField::ALL.iter().position(|field| *field == self.focus).unwrap_or_default();
        let next = at + if forward { 1 } else { FormField::ALL.len() - 1 };
        self.focus = FormField::ALL.get(next % FormField::ALL.len()).copied().unwrap_or(self.focus);
    }

    pub(super) fn edit(&mut self, edit: impl FnOnce(&mut Field)) {
        let field = match self.focus {
            FormField::Reason => &mut self.reason,
            FormField::Who => &mut self.who,
            FormField::Until => &mut self.until,
        };
        edit(field);
        if field.text().chars().count() > LONGEST {
            *field = Field::with_text(field.text().chars().take(LONGEST).collect::<String>());
        }
        self.problem = None;
    }

    /// Returns the entry as it is typed so far. An end that cannot be read is left out.
    pub fn entry(&self, now: i64) -> Acceptance {
        let typed = |field: &Field| field.text().trim().to_owned();
        let until = self.last_day(now).ok().flatten();
        Acceptance { reason: typed(&self.reason), who: typed(&self.who), until, ..self.entry.clone() }
    }

    /// Returns the last day, `YYYY-MM-DD`; none: without an end.
    fn last_day(&self, now: i64) -> Result<Option<String>, String> {
        let text = self.until.text().trim();
        if text.is_empty() {
            return Ok(None);
        }
        let end = match (AccessEnd::parse(text, now), AccessEnd::parse(text, 0)) {
            (Ok(end), _) => end.to_string(),
            (Err(_), Ok(_)) => return Err(format!("`{}` is past; name a later day", make_visible(text))),
            (Err(_), Err(_)) => {
                let text = make_visible(text);
                return Err(format!("`{text}` is no day; write one such as 2027-03-31, or a time such as 90d or 12w"));
            }
        };
        // A moment has its time behind the day.
        if end.len() > "2027-03-31".len() {
            return Err(format!(
                "an acceptance ends with a day, such as {}",
                end.split('T').next().unwrap_or_default()
            ));
        }
        Ok(Some(end))
    }

    /// Returns the entry and the file's text with it; none: something is missing, and the focus is there.
    pub(super) fn complete(&mut self, now: i64, text: Option<&str>, file_name: &str) -> Option<(Acceptance, String)> {
        let entry = self.entry(now);
        let missing = |text: &str, field, words: &str| text.is_empty().then(|| (field, words.to_owned()));
        let fault = missing(&entry.reason, FormField::Reason, "say why it is accepted")
            .or_else(|| missing(&entry.who, FormField::Who, "say who accepts it"))
            .or_else(|| self.last_day(now).err().map(|words| (FormField::Until, words)));
        if let Some((field, words)) = fault {
            (self.focus, self.problem) = (field, Some(words));
            return None;
        }
        match entry.added_to(text, file_name) {
            Ok(text) => Some((entry, text)),
            Err(words) => {
                self.problem = Some(format!("{file_name}: {words}"));
                None
            }
        }
    }

    pub(super) fn begin_write(&mut self, id: RequestId, entry: Acceptance, text: String) {
        self.problem = None;
        self.written = Some((id, entry, text));
    }

    /// Takes the entry and the text whose write has ended; none: another one did.
    pub(super) fn take_written(&mut self, id: RequestId) -> Option<(Acceptance, String)> {
        self.written.take_if(|(asked, ..)| *asked == id).map(|(_, entry, text)| (entry, text))
    }
}
