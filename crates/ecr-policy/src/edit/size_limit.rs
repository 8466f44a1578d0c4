//! Finds ways to shorten a grant that would make a policy longer than ECR takes. None is done unasked.

use super::{EditProblem, Joins, grant_by, read_policy};
use crate::ecr::{AccountId, POLICY_LIMIT};
use crate::model::Wanted;
use crate::model::document::{Policy, statement_words};
use crate::text::minify;

/// A way to make a grant fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The text that it comes to, at most `ecr::POLICY_LIMIT` characters.
    pub text: String,
    /// Its length in characters.
    pub length: usize,
    /// The statements of others that the grantees would join, by index and Sid; none: each keeps to itself.
    pub joined: Vec<(usize, Option<String>)>,
    /// Tells whether the layout goes: blanks and line ends between the tokens.
    pub minified: bool,
}

impl Offer {
    /// Returns what it does, as a command.
    pub fn command_words(&self) -> String {
        let joined: Vec<String> = self.joined.iter().map(|(at, sid)| statement_words(*at, sid.as_deref())).collect();
        match (self.joined.is_empty(), self.minified) {
            (true, _) => "remove white space".to_owned(),
            (false, false) => format!("join {}", joined.join(" and ")),
            (false, true) => format!("join {}, remove white space", joined.join(" and ")),
        }
    }

    /// Returns what it does and how long the text is then, in one clause.
    pub fn words(&self) -> String {
        let joined: Vec<String> = self.joined.iter().map(|(at, sid)| statement_words(*at, sid.as_deref())).collect();
        let join = format!("joined to {}, which allows the same", joined.join(" and "));
        let way = match (self.joined.is_empty(), self.minified) {
            (true, _) => "without its layout".to_owned(),
            (false, false) => join,
            (false, true) => format!("{join}, and without its layout"),
        };
        format!("{way}, it would have {}", self.length)
    }
}

/// The ways to make a grant fit that came to a text too long: joining statements of others that allow the same, leaving
/// the layout out, and both where neither is enough.
pub(super) fn list_offers(
    old: &str,
    wanted: &[Wanted],
    plain: &str,
    owner: Option<&AccountId>,
) -> Result<Vec<Offer>, EditProblem> {
    if plain.chars().count() <= POLICY_LIMIT {
        return Ok(Vec::new());
    }
    let mut text = old.to_owned();
    let mut joined: Vec<usize> = Vec::new();
    for wanted in wanted {
        let count = Policy::read(&text).map_or(0, |policy| policy.statements.len());
        let touched = grant_by(&mut text, wanted, Joins::Anybodys, owner)?;
        joined.extend(touched.into_iter().filter(|at| *at < count));
    }
    joined.sort_unstable();
    joined.dedup();
    let (policy, _) = read_policy(&text)?;
    let others = joined.into_iter().filter_map(|at| Some((at, policy.statements.get(at)?)));
    let joined: Vec<(usize, Option<String>)> =
        others.filter(|(_, s)| !s.is_ours()).map(|(at, s)| (at, super::revoke::statement_sid(s))).collect();
    let offer = |text: String, joined: &[(usize, Option<String>)], minified: bool| {
        let length = text.chars().count();
        (length <= POLICY_LIMIT).then(|| Offer { text, length, joined: joined.to_vec(), minified })
    };
    let mut found: Vec<Offer> = Vec::new();
    if !joined.is_empty() {
        found.extend(offer(text.clone(), &joined, false));
    }
    found.extend(minify(plain).and_then(|text| offer(text, &[], true)));
    if found.is_empty() && !joined.is_empty() {
        found.extend(minify(&text).and_then(|text| offer(text, &joined, true)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::{Edited, grant};
    use super::*;
    use crate::delta::delta;
    use crate::model::WantedPrincipals;

    const THEIRS: &str = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Sid\": \"Theirs\",\n      \"Effect\": \"Allow\",\n      \"Principal\": {\n        \"AWS\": \"333333333333\"\n      },\n      \"Action\": \"ecr:BatchGetImage\"\n    }";

    fn wanted(action: &str) -> Wanted {
        Wanted {
            sid: "EcrGrantPull".to_owned(),
            principals: WantedPrincipals::Aws(vec!["arn:aws:iam::111111111111:root".to_owned()]),
            actions: vec![format!("ecr:{action}")],
            conditions: Vec::new(),
        }
    }

    /// A policy of so many characters; what fills it are letters, or blanks that a minified text does not have.
    fn stored(length: usize, blanks: bool) -> String {
        let filler = r#",{"Sid":"FILL","Effect":"Deny","Principal":{"AWS":"444444444444"},"Action":"ecr:PutImage"}"#;
        let room = length - THEIRS.len() - filler.len() + 4 - "\n  ]\n}".len();
        let filler = if blanks {
            filler.replace(":\"FILL", &format!(":{}\"FILL", " ".repeat(room - 4)))
        } else {
            filler.replace("FILL", &"x".repeat(room))
        };
        let text = format!("{THEIRS}{filler}\n  ]\n}}");
        assert_eq!(text.chars().count(), length);
        text
    }

    fn granted(text: &str, action: &str) -> Edited {
        grant(Some(text), &[wanted(action)]).unwrap()
    }

    fn said(edited: &Edited) -> Vec<String> {
        edited.offers.iter().map(|offer| offer.words().replace(&offer.length.to_string(), "N")).collect()
    }

    #[test]
    fn a_grant_that_fits_comes_without_offers() {
        assert!(granted(&stored(9_000, false), "BatchGetImage").offers.is_empty());
    }

    #[test]
    fn a_grant_that_does_not_fit_offers_to_join_a_statement_of_others_and_leaves_it_alone() {
        let text = stored(10_150, false);
        let edited = granted(&text, "BatchGetImage");
        assert!(edited.text.chars().count() > POLICY_LIMIT && edited.touched == [2], "{}", edited.text.len());
        assert_eq!(said(&edited)[0], "joined to statement 1 (Theirs), which allows the same, it would have N");
        let joined = &edited.offers[0];
        assert_eq!(
            joined.text,
            text.replace("\"333333333333\"", "[\"333333333333\", \"arn:aws:iam::111111111111:root\"]")
        );
        let change = delta(Some(&Policy::read(&text).unwrap()), Some(&Policy::read(&joined.text).unwrap()));
        assert!(change.losses.is_empty() && change.gains.len() == 1);
        // Another action: nobody's statement allows the same.
        let other = granted(&text, "PutImage");
        assert!(other.offers.iter().all(|offer| offer.joined.is_empty()), "{:?}", said(&other));
    }

    #[test]
    fn a_statement_of_ours_is_joined_before_anothers() {
        let ours = r#",{"Sid":"EcrGrantPull","Effect":"Allow","Principal":{"AWS":["555555555555"]},"Action":["ecr:BatchGetImage"]}"#;
        let text = stored(10_230 - ours.len(), false).replace("\n  ]\n}", &format!("{ours}\n  ]\n}}"));
        let edited = granted(&text, "BatchGetImage");
        assert_eq!(edited.touched, [2]);
        assert_eq!(said(&edited), ["without its layout, it would have N"], "joining another's would save nothing");
    }

    #[test]
    fn the_limit_is_one_of_characters_not_of_bytes() {
        let text = stored(9_900, false).replace('x', "漢");
        assert!(text.len() > 2 * POLICY_LIMIT && granted(&text, "BatchGetImage").offers.is_empty());
        let long = granted(&stored(10_150, false).replace('x', "漢"), "BatchGetImage");
        assert_eq!(long.offers.len(), 2, "{:?}", said(&long));
        assert!(long.offers.iter().all(|o| o.length == o.text.chars().count() && o.length <= POLICY_LIMIT));
    }

    #[test]
    fn a_layout_that_takes_the_room_is_offered_to_go() {
        let edited = granted(&stored(10_200, true), "PutImage");
        assert_eq!(said(&edited), ["without its layout, it would have N"]);
        assert_eq!(edited.offers[0].text, minify(&edited.text).unwrap());
    }

    #[test]
    fn what_cannot_fit_has_no_offer_and_both_ways_together_come_last() {
        let least = minify(&stored(10_200, false)).unwrap().len();
        assert!(granted(&stored(10_240 + 10_200 - least, false), "PutImage").offers.is_empty());
        let both = granted(&stored(10_230, false), "BatchGetImage");
        assert_eq!(
            said(&both),
            ["joined to statement 1 (Theirs), which allows the same, and without its layout, it would have N"]
        );
    }
}
