//! The state of the owner's side of a grant, in the words that screens, commands and the hand-over share.

/// The state of the owner's side of a grant. It is all that an owner can see: never that a pull works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerSide {
    /// The policies give what was asked for.
    Done,
    /// They do not, or a Deny takes something of it: a clause for each reason.
    NotDone(Vec<String>),
    /// Something that nobody could read or prove may take it: a clause for each.
    Unproved(Vec<String>),
    /// The write gives and takes nothing.
    Unchanged,
}

impl OwnerSide {
    /// Returns the state after another write, which nobody judged: it may be a Deny.
    pub fn beside_others() -> Self {
        Self::Unproved(vec!["somebody else wrote since: look at the statements".to_owned()])
    }

    /// Tells whether the policies give what was asked for.
    pub fn is_done(&self) -> bool {
        *self == Self::Done
    }

    /// Returns the state in words: the same everywhere.
    pub fn words(&self) -> String {
        match self {
            Self::Done => "owner side done".to_owned(),
            Self::NotDone(reasons) => format!("owner side not done: {}", reasons.join("; ")),
            Self::Unproved(reasons) => format!("owner side unproved: {}", reasons.join("; ")),
            Self::Unchanged => "nobody gains or loses anything".to_owned(),
        }
    }

    /// Returns the words that join this to a deed, such as `saved: owner side done` and `saved, but owner side not
    /// done: ...`.
    pub fn words_after(&self, deed: &str) -> String {
        let joint = if matches!(self, Self::NotDone(_) | Self::Unproved(_)) { ", but" } else { ":" };
        format!("{deed}{joint} {}", self.words())
    }

    /// Returns the state of a grant that is only planned, in words that begin with `lead`.
    pub fn words_unwritten(&self, lead: &str) -> String {
        let (words, reasons) = match self {
            Self::Done | Self::Unchanged => return lead.to_owned(),
            Self::NotDone(reasons) => ("it would not be in effect", reasons),
            Self::Unproved(reasons) => ("that it would be in effect is unproved", reasons),
        };
        format!("{lead}; {words}: {}", reasons.join("; "))
    }

    /// Adds the reasons of another state of the same grant.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Done | Self::Unchanged, other) => other,
            (side, Self::Done | Self::Unchanged) => side,
            (Self::Unproved(own), Self::Unproved(more)) => Self::Unproved([own, more].concat()),
            (Self::NotDone(own) | Self::Unproved(own), Self::NotDone(more) | Self::Unproved(more)) => {
                Self::NotDone([own, more].concat())
            }
        }
    }

    /// Returns the state of several repositories together: each reason names its repository.
    pub fn of_all(all: &[(String, Self)]) -> Self {
        let [first, _, ..] = all else { return all.first().map_or(Self::Unchanged, |(_, side)| side.clone()) };
        if all.iter().all(|(_, side)| *side == first.1) {
            return first.1.clone();
        }
        let (mut reasons, mut is_certain) = (Vec::new(), false);
        for (name, side) in all {
            match side {
                Self::Done | Self::Unchanged => {}
                Self::NotDone(more) | Self::Unproved(more) => {
                    is_certain |= matches!(side, Self::NotDone(_));
                    reasons.extend(more.iter().map(|reason| format!("{name}: {reason}")));
                }
            }
        }
        match (reasons.is_empty(), is_certain) {
            (true, _) => Self::Done,
            (false, true) => Self::NotDone(reasons),
            (false, false) => Self::Unproved(reasons),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_repository_that_is_not_done_holds_all_of_them_back() {
        let not = |reason: &str| OwnerSide::NotDone(vec![reason.to_owned()]);
        let named = |side: &OwnerSide| ("a".to_owned(), side.clone());
        let sides = [OwnerSide::Done, OwnerSide::Unchanged, not("x"), OwnerSide::Unproved(vec!["y".to_owned()])];
        for first in &sides {
            for second in &sides {
                let both = OwnerSide::of_all(&[named(first), ("b".to_owned(), second.clone())]);
                let is_held = |side: &OwnerSide| matches!(side, OwnerSide::NotDone(_) | OwnerSide::Unproved(_));
                assert_eq!(is_held(&both), is_held(first) || is_held(second), "{first:?} {second:?}: {both:?}");
                assert_eq!(OwnerSide::of_all(&[named(first)]), *first);
            }
        }
        let both = OwnerSide::of_all(&[named(&OwnerSide::Done), ("b".to_owned(), not("x"))]);
        assert_eq!(both.words_after("saved"), "saved, but owner side not done: b: x");
        assert_eq!(OwnerSide::Done.words_after("saved"), "saved: owner side done");
    }
}
