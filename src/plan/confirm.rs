//! Decides how a plan must be confirmed: by a plain yes, or by a typed word where a slip would hurt.

use super::planned::Planned;
use crate::policy::explain::dangers_of_gain;
use crate::policy::lint::Concern;
use crate::policy::{Change, Danger, Finding, Severity};

/// The confirmation that a plan asks of the user before anything is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// Yes or no.
    Plain,
    /// A word to type.
    Typed {
        /// The word: the repository's name, or how many repositories (`12 repositories`): what people are wrong about
        /// is which repository, or how many.
        word: String,
        /// The reasons, worst first.
        reasons: Vec<Reason>,
    },
}

impl Confirmation {
    /// Returns what to type and what it stands for, in one clause.
    pub fn what_to_type(&self) -> String {
        match self {
            Self::Plain => "type y to go on".to_owned(),
            Self::Typed { word, .. } if word.contains(' ') => {
                format!("type `{word}` to go on: that is how many policies change")
            }
            Self::Typed { word, .. } => format!("type the repository's name, `{word}`, to go on"),
        }
    }

    /// Tells whether what was typed confirms; blanks around it do not count, letter case counts for a typed word.
    pub fn is_confirmed_by(&self, typed: &str) -> bool {
        match self {
            Self::Plain => matches!(typed.trim().to_ascii_lowercase().as_str(), "y" | "yes"),
            Self::Typed { word, .. } => typed.trim() == word,
        }
    }

    /// Returns why a word must be typed; empty for a plain confirmation.
    pub fn all_reasons(&self) -> &[Reason] {
        match self {
            Self::Plain => &[],
            Self::Typed { reasons, .. } => reasons,
        }
    }

    /// Returns the reasons that no finding of [`Planned::risk_findings`] states: they are told where those are listed.
    pub fn reasons_beside_findings(&self) -> impl Iterator<Item = &Reason> {
        self.all_reasons().iter().filter(|reason| reason.peril != Peril::Risk)
    }

    /// Tells whether the findings of [`Planned::risk_findings`] are the only reasons for a typed word.
    pub fn is_for_findings_alone(&self) -> bool {
        !self.all_reasons().is_empty() && self.reasons_beside_findings().next().is_none()
    }
}

/// The dangers of a plan, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Peril {
    /// Everyone gains something.
    Public,
    /// Somebody gains the right to change the policy.
    PolicyManagement,
    /// Somebody gains the right to delete.
    Delete,
    /// Somebody gains the right to push.
    Push,
    /// A check finds a security risk in what is added, beyond what the other perils stand for.
    Risk,
    /// Somebody loses access.
    Removal,
    /// Code owns the repository for certain: its next run may undo the write.
    OwnedByCode,
}

impl Peril {
    /// All perils, worst first.
    pub const ALL: [Self; 7] =
        [Self::Public, Self::PolicyManagement, Self::Delete, Self::Push, Self::Risk, Self::Removal, Self::OwnedByCode];

    /// The flag that lets a command go on.
    pub fn flag_name(self) -> &'static str {
        match self {
            Self::Public => "--allow-public",
            Self::PolicyManagement => "--allow-policy-management",
            Self::Delete => "--allow-delete",
            Self::Push => "--allow-push",
            Self::Risk => "--allow-risk",
            Self::Removal => "--allow-removal",
            Self::OwnedByCode => "--allow-owned-by-code",
        }
    }

    fn gain_clause(self) -> &'static str {
        match self {
            Self::Public => "gains access: public, anybody with an AWS account counts",
            Self::PolicyManagement => "could change this policy and so take over the repository",
            Self::Delete => "could make images or the repository vanish",
            Self::Push => "could put images in, over existing tags where tags are mutable",
            Self::Risk => "is a security risk in what is added",
            Self::Removal => "loses access",
            Self::OwnedByCode => "owns what is written, and its next run may undo it",
        }
    }

    /// The changes of a plan that this peril is in: who gains it, and whom the added statements name for it behind a Deny.
    fn is_in(self, plan: &Planned) -> Vec<&Change> {
        let danger_of = match self {
            Self::Public => Danger::Public,
            Self::PolicyManagement => Danger::PolicyManagement,
            Self::Delete => Danger::Delete,
            Self::Push => Danger::Push,
            Self::Risk | Self::OwnedByCode => return Vec::new(),
            Self::Removal if plan.names_losses() => return Vec::new(),
            // Nobody can use a deleted principal.
            Self::Removal => return plan.delta.losses.iter().filter(|change| !change.who.is_deleted()).collect(),
        };
        plan.delta
            .gains
            .iter()
            .chain(&plan.stated)
            .filter(|change| dangers_of_gain(change).contains(&danger_of))
            .collect()
    }
}

/// One reason for a typed confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The danger.
    pub peril: Peril,
    /// The parties, actions and repositories, in one sentence without a full stop.
    pub words: String,
    /// The flag that stands for it on the command line.
    pub flag: &'static str,
}

/// The confirmation that a set of plans needs. Only what will be written counts.
pub fn needed_confirmation(planned: &[Planned]) -> Confirmation {
    let writes: Vec<&Planned> = planned.iter().filter(|p| p.will_write()).collect();
    let reasons: Vec<Reason> = Peril::ALL.into_iter().filter_map(|peril| reason_for(peril, &writes)).collect();
    if reasons.is_empty() {
        return Confirmation::Plain;
    }
    Confirmation::Typed { word: typed_word(planned), reasons }
}

/// The word of a typed confirmation: the repository's name, or how many repositories will be written.
pub fn typed_word(planned: &[Planned]) -> String {
    let writes: Vec<&Planned> = planned.iter().filter(|p| p.will_write()).collect();
    match writes.as_slice() {
        [one] => one.repository.name.to_string(),
        many => format!("{} repositories", many.len()),
    }
}

fn reason_for(peril: Peril, writes: &[&Planned]) -> Option<Reason> {
    let mut who: Vec<String> = Vec::new();
    let mut places: Vec<String> = Vec::new();
    let note = |list: &mut Vec<String>, text: String| {
        if !list.contains(&text) {
            list.push(text);
        }
    };
    for plan in writes {
        let changes = peril.is_in(plan);
        // A policy that vanishes is a removal even where we could not read whom it named.
        let vanishes = peril == Peril::Removal && plan.takes_the_unknown();
        for change in &changes {
            let is_held_back = peril != Peril::Removal
                && !plan.delta.gains.iter().any(|gain| gain.who == change.who && !plan.has_ended(gain));
            let held_back = if is_held_back { ", behind a Deny or a condition today," } else { "" };
            note(&mut who, format!("{}{held_back}", change.who.words()));
        }
        let risks = if peril == Peril::Risk { unnamed_risks(plan) } else { Vec::new() };
        for risk in &risks {
            note(&mut who, format!("{} ({})", risk.message, risk.id));
        }
        let owner = plan.ownership.proved_owner().filter(|_| peril == Peril::OwnedByCode);
        if let Some(owner) = owner {
            note(&mut who, owner.words());
        }
        if changes.is_empty() && vanishes {
            note(&mut who, "whoever the stored policy names".to_owned());
        }
        if !changes.is_empty() || vanishes || !risks.is_empty() || owner.is_some() {
            note(&mut places, plan.repository.name.to_string());
        }
    }
    if places.is_empty() {
        return None;
    }
    let words =
        format!("{} {} ({})", first_three(&who, OTHERS), peril.gain_clause(), first_three(&places, OTHER_REPOSITORIES));
    Some(Reason { peril, words, flag: peril.flag_name() })
}

/// Returns the security findings in what a plan adds that no other peril of the same plan stands for.
fn unnamed_risks(plan: &Planned) -> Vec<&Finding> {
    let stands_for: fn(&Finding) -> &'static [Peril] = |finding| match finding.rule.concern {
        Some(Concern::Public) => &[Peril::Public],
        Some(Concern::Management) => &[Peril::PolicyManagement, Peril::Delete],
        Some(Concern::WidePush) => &[Peril::Push],
        Some(Concern::Length) | None => &[],
    };
    // Once for all findings: there may be as many of them as changes.
    let told: Vec<Peril> = Peril::ALL.into_iter().filter(|peril| !peril.is_in(plan).is_empty()).collect();
    let is_told = |finding: &Finding| stands_for(finding).iter().any(|peril| told.contains(peril));
    plan.risk_findings().filter(|f| f.severity == Severity::Security && !is_told(f)).collect()
}

/// The words behind three parties, accounts or Regions: for one more, for several more.
const OTHERS: (&str, &str) = ("other", "others");
/// The same of repositories.
pub const OTHER_REPOSITORIES: (&str, &str) = ("other repository", "other repositories");

/// Returns the first three, and how many more.
pub fn first_three(list: &[String], (one, many): (&str, &str)) -> String {
    let first: Vec<&str> = list.iter().take(3).map(String::as_str).collect();
    match list.len().saturating_sub(3) {
        0 => first.join(", "),
        1 => format!("{} and 1 {one}", first.join(", ")),
        rest => format!("{} and {rest} {many}", first.join(", ")),
    }
}

/// The question before a write: all that the answer is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The number of policies, the account, the Region and the endpoint, as a question.
    pub what: String,
    /// The parties that gain.
    pub gains: String,
    /// The parties that lose.
    pub losses: String,
}

impl Question {
    /// Builds the question about those plans that will be written. `endpoint`: in words, where it is not AWS's own.
    pub fn about<'a>(planned: impl IntoIterator<Item = &'a Planned>, endpoint: Option<&str>) -> Self {
        let writes: Vec<&Planned> = planned.into_iter().filter(|p| p.will_write()).collect();
        let deleted = writes.iter().filter(|plan| plan.text.is_none()).count();
        let policies = |count: usize| if count == 1 { "1 policy".to_owned() } else { format!("{count} policies") };
        let what = match (writes.len() - deleted, deleted) {
            (written, 0) => format!("Write {}", policies(written)),
            (0, deleted) => format!("Delete {}", policies(deleted)),
            (written, deleted) => format!("Write {}, and delete {deleted}", policies(written)),
        };
        let accounts = named_once(writes.iter().map(|plan| plan.repository.account.to_string()));
        let regions = named_once(writes.iter().map(|plan| plan.repository.region.to_string()));
        let endpoint = endpoint.map(|endpoint| format!(", at {endpoint}, which is not AWS")).unwrap_or_default();
        // Where the losses of a policy that can be read are named, nobody else is in it.
        let is_unnamed =
            |plan: &&Planned| plan.takes_the_unknown() && (!plan.was_readable || plan.delta.losses.is_empty());
        let unknown = writes.iter().copied().any(|plan| is_unnamed(&plan));
        let unknown = unknown.then(|| "whoever the stored policy names".to_owned());
        let parties = |all: Vec<String>| if all.is_empty() { "nobody".to_owned() } else { first_three(&all, OTHERS) };
        let of = |changes: fn(&Planned) -> &Vec<Change>| {
            let of_plan = move |plan: &&'a Planned| changes(plan).iter().filter(|change| !plan.has_ended(change));
            writes.iter().flat_map(of_plan).map(|change| change.who.words())
        };
        Self {
            what: format!(
                "{what} in account {}, {}{endpoint}?",
                first_three(&accounts, OTHERS),
                first_three(&regions, OTHERS)
            ),
            gains: parties(named_once(of(|plan| &plan.delta.gains))),
            losses: parties(named_once(of(|plan| &plan.delta.losses).chain(unknown))),
        }
    }

    /// Returns who gains and who loses, in one clause.
    pub fn parties_words(&self) -> String {
        format!("gains: {}; loses: {}", self.gains, self.losses)
    }
}

/// Returns each text once, in the order of the first ones.
fn named_once(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut known = std::collections::HashSet::new();
    texts.filter(|text| known.insert(text.clone())).collect()
}
