//! The draft: everything entered and not saved yet, so that a wizard that was killed can be gone on with at the next
//! start.
//!
//! `Draft` is the value and its JSON, `keeping` says when it is written and asks what to do with one that is there,
//! `resume` goes on with it. Nothing secret is in it: which credentials by name, never the credentials.

mod keeping;
mod resume;
mod state;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Step;
use super::age::counted;
use crate::ecr::json::to_pretty;
use crate::ecr::text::{fit_width, make_visible};
use crate::ecr::{AccountId, ActionInfo, Recipe, Region, RepositoryName, SourceId, Tag, action, recipe};

pub(super) use keeping::{
    answer_question, keep_and_leave, keep_now, left_deliberately, left_for_later, mark_touched, not_kept,
};
pub use keeping::{can_keep, due_at, offer_draft, say_waiting};
pub(super) use resume::{
    advance_steps, goal_of_resuming, goes_beyond_account, is_of_account, leaves_account, stop_resuming, take_actions,
    take_text,
};
pub use state::{Keeping, OfferedDraft};

/// The format and its version. Another one is not read.
const FORMAT: &str = "ecr-grant draft 1";
/// Continues after the answer to go on.
pub const READ_AGAIN: &str = "Account and policy are read again first.";
/// Names that the question lists before it counts.
const NAMED: usize = 3;

/// Everything entered and not saved yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The step that was shown, Permissions excepted: there nothing is left to save.
    pub step: Step,
    /// The credentials.
    pub source: SourceId,
    /// The identity behind them.
    pub account: AccountId,
    /// In which Region.
    pub region: Region,
    /// The chosen repositories, in their order.
    pub repositories: Vec<RepositoryName>,
    /// The tag of the image URI that led there.
    pub tag: Option<Tag>,
    /// A text that the file held as a tag and that is none: it was dropped.
    pub dropped_tag: Option<String>,
    /// The text of the grantee field.
    pub grantees: String,
    /// The text of the field of the puller's Region.
    pub puller_region: String,
    /// The text of the field of the end.
    pub until: String,
    /// The recipe.
    pub recipe: &'static Recipe,
    /// The recipe that a set made by hand began with.
    pub made_from: Option<&'static Recipe>,
    /// The marked actions, in the order of the table.
    pub actions: Vec<&'static ActionInfo>,
    /// The policies that were changed by hand.
    pub texts: Vec<EditedPolicy>,
    /// The repository whose policy was shown.
    pub shown: Option<RepositoryName>,
    /// Tells whether a stored policy is edited with nothing added: then there is no grantee.
    pub edits_stored: bool,
}

/// A policy that was changed by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditedPolicy {
    /// Of which repository.
    #[serde(with = "name")]
    pub repository: RepositoryName,
    /// The text.
    pub text: String,
    /// The caret, in bytes.
    pub caret: usize,
    /// The text that was stored when it was edited; `None`: there was no policy.
    pub stored: Option<String>,
}

/// A repository's name as a string.
mod name {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::ecr::RepositoryName;

    pub(super) fn serialize<S: Serializer>(name: &RepositoryName, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(name.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<RepositoryName, D::Error> {
        RepositoryName::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// The JSON object of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftFile {
    format: String,
    /// The time of keeping, in seconds since 1970-01-01 UTC.
    when: i64,
    step: String,
    credentials: String,
    profile: Option<String>,
    account: String,
    region: String,
    repositories: Vec<String>,
    tag: Option<String>,
    grantees: String,
    puller_region: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    until: String,
    recipe: String,
    made_from: Option<String>,
    actions: Vec<String>,
    texts: Vec<EditedPolicy>,
    shown: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    edits_stored: bool,
}

impl Draft {
    /// As the text of a file. `when`: seconds since 1970-01-01 UTC.
    pub fn to_text(&self, when: i64) -> String {
        let strings = |names: &[RepositoryName]| names.iter().map(ToString::to_string).collect();
        let (credentials, profile) = self.source.stored_words();
        let file = DraftFile {
            format: FORMAT.to_owned(),
            when,
            step: self.step.title().to_owned(),
            credentials: credentials.to_owned(),
            profile: profile.map(Cow::into_owned),
            account: self.account.to_string(),
            region: self.region.to_string(),
            repositories: strings(&self.repositories),
            tag: self.tag.as_ref().map(ToString::to_string),
            grantees: self.grantees.clone(),
            puller_region: self.puller_region.clone(),
            until: self.until.clone(),
            recipe: self.recipe.name.clone(),
            made_from: self.made_from.map(|recipe| recipe.name.clone()),
            actions: self.actions.iter().map(|info| info.name.clone()).collect(),
            texts: self.texts.clone(),
            shown: self.shown.as_ref().map(ToString::to_string),
            edits_stored: self.edits_stored,
        };
        // Strings, numbers and lists alone: there is nothing that JSON could not hold.
        to_pretty(&file) + "\n"
    }

    /// Reads the text of a file: the draft, and when it was kept in seconds since 1970-01-01 UTC. An error says, in a
    /// clause, why it is none.
    pub fn from_text(text: &str) -> Result<(Self, i64), String> {
        let json: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if json.get("format").and_then(serde_json::Value::as_str) != Some(FORMAT) {
            return Err("its format is not known here".to_owned());
        }
        let file: DraftFile = serde_json::from_value(json).map_err(|error| error.to_string())?;
        let when = file.when;
        file.read().map(|draft| (draft, when))
    }

    /// Returns what it is, as rows of a name and words.
    pub fn words(&self) -> Vec<(&'static str, String)> {
        let mut rows = vec![
            ("Account", format!("{}, {}, {}", self.account, self.region, self.source)),
            ("Repository", listed(&self.repositories)),
            ("Grantee", if self.grantees.trim().is_empty() { "none yet".to_owned() } else { self.grantees.clone() }),
            ("Actions", format!("{}: {}", self.recipe.title, counted(self.actions.len(), "action"))),
        ];
        if self.edits_stored {
            // Nobody receives access then.
            rows.retain(|(name, _)| !matches!(*name, "Grantee" | "Actions"));
        }
        if let Some(tag) = &self.dropped_tag {
            rows.push(("Tag", format!("dropped: {} is no tag", fit_width(&make_visible(tag), 40, false))));
        }
        if !self.texts.is_empty() {
            let names: Vec<RepositoryName> = self.texts.iter().map(|edited| edited.repository.clone()).collect();
            rows.push(("By hand", format!("the policy of {}", listed(&names))));
        }
        rows
    }
}

impl DraftFile {
    fn read(self) -> Result<Draft, String> {
        let step = Step::ALL.into_iter().find(|step| step.title() == self.step && *step < Step::Permissions);
        let source = SourceId::from_stored(&self.credentials, self.profile).ok_or("it names no credentials")?;
        let of_name = |name: &str| RepositoryName::parse(name).map_err(|problem| problem.to_string());
        let recipe = |name: &str| recipe::find_recipe(name).ok_or_else(|| format!("there is no recipe {name}"));
        let mut actions = Vec::new();
        for name in &self.actions {
            actions.push(action::find_action(name).ok_or_else(|| format!("there is no action {name}"))?);
        }
        let tag = self.tag.as_deref().and_then(Tag::parse);
        let is_dropped = tag.is_none();
        Ok(Draft {
            step: step.ok_or("it names no step")?,
            source,
            account: AccountId::parse(&self.account).map_err(|problem| problem.to_string())?,
            region: Region::parse(&self.region).map_err(|problem| problem.to_string())?,
            repositories: self.repositories.iter().map(|name| of_name(name)).collect::<Result<_, _>>()?,
            tag,
            dropped_tag: self.tag.filter(|_| is_dropped),
            grantees: self.grantees,
            puller_region: self.puller_region,
            until: self.until,
            recipe: recipe(&self.recipe)?,
            made_from: self.made_from.as_deref().map(recipe).transpose()?,
            actions,
            texts: self.texts,
            shown: self.shown.as_deref().map(of_name).transpose()?,
            edits_stored: self.edits_stored,
        })
    }
}

fn listed(names: &[RepositoryName]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).map(RepositoryName::as_str).collect();
    match names.len().saturating_sub(NAMED) {
        0 if shown.is_empty() => "none yet".to_owned(),
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
