//! Finds out what a fix, or narrowing, does to who has access, before it is applied.

use crate::ecr::{AccountId, recipe};
use crate::policy::delta::delta_for;
use crate::policy::edit::{Cut, Kept, narrow_statements};
use crate::policy::lint::{apply_fix, is_too_long};
use crate::policy::{Delta, Fix, Policy};

/// The change of access that a fix makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FixEffect {
    /// Against the text as it is.
    Known(Delta),
    /// The text as it is cannot be read: against what is stored.
    AgainstStored(Delta),
    /// Another problem is left, so that nobody can say.
    Unknown,
}

/// A fix that is to be weighed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixToWeigh {
    /// The text as it is.
    pub text: String,
    /// Tells whether the fix makes a text fit that ECR does not take: what ECR does not take gives nobody anything.
    pub is_offer: bool,
    /// The stored text.
    pub stored: Option<String>,
    /// The fix.
    pub fix: Fix,
    /// The account that owns the repository.
    pub owner: AccountId,
}

impl FixToWeigh {
    pub(super) fn carry_out(&self) -> FixEffect {
        let text = if self.is_offer { None } else { Some(self.text.as_str()) };
        let fixed = apply_fix(&self.text, &self.fix);
        effect_of_fix(text, self.stored.as_deref(), &fixed, &self.owner)
    }
}

/// Returns what becomes of who has access: against the text where it can be read, else against what is stored.
fn effect_of_fix(text: Option<&str>, stored: Option<&str>, fixed: &str, owner: &AccountId) -> FixEffect {
    let read = |text: &str| Policy::read(text).ok();
    let against = |old: Option<&Policy>, new: &Policy| delta_for(old, Some(new), Some(owner));
    let Some(fixed) = Some(fixed).filter(|fixed| !is_too_long(fixed)).and_then(read) else { return FixEffect::Unknown };
    match (text.and_then(read), stored.map(read)) {
        (Some(now), _) => FixEffect::Known(against(Some(&now), &fixed)),
        (None, Some(None)) => FixEffect::Unknown,
        (None, stored) => FixEffect::AgainstStored(against(stored.flatten().as_ref(), &fixed)),
    }
}

/// A text whose statements are to be narrowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextToNarrow {
    /// The text.
    pub text: String,
    /// The caret: the statement around it is meant.
    pub caret: usize,
    /// The statements that are new or changed; meant where the caret is in none, and those of a grant are left out.
    pub touched: Vec<usize>,
    /// The stored text.
    pub stored: Option<String>,
    /// The account that owns the repository.
    pub owner: AccountId,
}

/// The result of narrowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Narrowed {
    /// The text cannot be read.
    Unreadable,
    /// No statement is meant.
    NoStatement,
    /// There is nothing to cut: why, as a clause.
    Nothing(String),
    /// The parts that are cut.
    Cut {
        /// The edits, with their title.
        fix: Fix,
        /// The facts to know about it, a clause a row.
        notes: Vec<String>,
        /// The change of access.
        effect: FixEffect,
    },
}

impl TextToNarrow {
    pub(super) fn carry_out(&self) -> Narrowed {
        let (Ok(policy), Some(pull)) = (Policy::read(&self.text), recipe::find_recipe("pull")) else {
            return Narrowed::Unreadable;
        };
        let chosen = self.choose_statements(&policy);
        let what = match chosen.as_slice() {
            [] => return Narrowed::NoStatement,
            [one] => format!("statement {}", one + 1),
            many => format!("{} statements", many.len()),
        };
        let Ok(narrowed) = narrow_statements(&self.text, &chosen, pull) else { return Narrowed::Unreadable };
        if !narrowed.has_changed() {
            let kept = narrowed.kept.first().map(Kept::words);
            return Narrowed::Nothing(
                kept.unwrap_or_else(|| format!("nothing to cut: {what} allows no more than a pull needs")),
            );
        }
        // What stays is for the reader to mend: it comes first.
        let notes = narrowed.kept.iter().map(Kept::words).chain(narrowed.cut.iter().map(Cut::words)).collect();
        let title = format!("narrow {what} to what a pull needs");
        let fix = Fix { title, changes_access: true, edits: narrowed.edits };
        let (text, stored, owner) = (self.text.clone(), self.stored.clone(), self.owner.clone());
        let weighed = FixToWeigh { text, is_offer: false, stored, fix: fix.clone(), owner };
        Narrowed::Cut { effect: weighed.carry_out(), fix, notes }
    }

    /// The statement at the caret; where the caret is in none, those of others that are new or changed.
    fn choose_statements(&self, policy: &Policy) -> Vec<usize> {
        let at_caret = policy.statements.iter().position(|s| (s.span.start..=s.span.end).contains(&self.caret));
        let is_others = |at: &usize| policy.statements.get(*at).is_some_and(|s| !s.is_ours());
        match at_caret {
            Some(at) => vec![at],
            None => self.touched.iter().copied().filter(is_others).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gains_by_a_fix_is_said() {
        let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}"#;
        let mended = text.replace("allow", "Allow");
        let span = |at: usize, len: usize| crate::policy::Span { start: at, end: at + len };
        let at = text.find("allow").unwrap();
        let fix = Fix {
            title: "write `Allow`".into(),
            changes_access: true,
            edits: vec![crate::policy::TextEdit { span: span(at, 5), text: "Allow".into() }],
        };
        assert_eq!(apply_fix(text, &fix), mended);
        let owner = AccountId::parse("222222222222").unwrap();
        let effect = |stored: Option<&str>, fixed: &str| effect_of_fix(Some(text), stored, fixed, &owner);
        let FixEffect::AgainstStored(delta) = effect(None, &mended) else { panic!("the text can be read") };
        assert_eq!(delta.gains.len(), 1);
        let FixEffect::AgainstStored(delta) = effect(Some(&mended), &mended) else { panic!("the text can be read") };
        assert!(delta.is_empty());
        assert_eq!(effect(None, "{"), FixEffect::Unknown);
    }

    #[test]
    fn what_a_fix_changes_is_told_for_the_repositorys_own_account() {
        let own = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "ecr:BatchGetImage"}]}"#;
        let fixed = own.replace("\"ecr:BatchGetImage\"", r#"["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]"#);
        let gains = |owner: &str| match effect_of_fix(Some(own), None, &fixed, &AccountId::parse(owner).unwrap()) {
            FixEffect::Known(delta) => delta.gains.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!((gains("222222222222"), gains("333333333333")), (0, 1), "there its own policies decide");
    }
}
