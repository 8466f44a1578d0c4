//! AWS account ids: twelve digits, kept as text, because a leading zero counts.

use std::fmt;
use std::str::FromStr;

/// A twelve-digit AWS account id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct AccountId(String);

/// The reasons why a text is no account id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountIdProblem {
    /// The text has another number of digits than twelve.
    #[error("an account id has 12 digits, this has {0}")]
    Length(usize),
    /// The text holds something else than digits, blanks and hyphens.
    #[error("an account id holds digits only")]
    NotDigits,
}

impl AccountId {
    /// Reads `111111111111`, and the forms people paste: `1111-1111-1111` and `1111 1111 1111`.
    pub fn parse(text: &str) -> Result<Self, AccountIdProblem> {
        let digits: String = text.trim().chars().filter(|c| !matches!(c, '-' | ' ')).collect();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AccountIdProblem::NotDigits);
        }
        if digits.len() != 12 {
            return Err(AccountIdProblem::Length(digits.len()));
        }
        Ok(Self(digits))
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ids that AWS's samples use; nobody's own.
    pub fn is_sample(&self) -> bool {
        matches!(self.0.as_str(), "000000000000" | "123456789012")
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AccountId {
    type Err = AccountIdProblem;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_forms_people_paste() {
        for text in ["111111111111", "1111-1111-1111", " 1111 1111 1111 "] {
            assert_eq!(AccountId::parse(text).unwrap().as_str(), "111111111111");
        }
        assert_eq!(AccountId::parse("012345678901").unwrap().as_str(), "012345678901");
    }

    #[test]
    fn says_what_is_wrong_with_the_rest() {
        assert_eq!(AccountId::parse("11111111111"), Err(AccountIdProblem::Length(11)));
        assert_eq!(AccountId::parse("1111111111111"), Err(AccountIdProblem::Length(13)));
        assert_eq!(AccountId::parse("vendor"), Err(AccountIdProblem::NotDigits));
        assert_eq!(AccountId::parse(""), Err(AccountIdProblem::NotDigits));
    }
}
