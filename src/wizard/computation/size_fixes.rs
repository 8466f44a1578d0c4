//! A grant that is too long for ECR, and the ways to make it fit: each stands in the list of findings with its fix, so
//! that it is chosen, seen before it is done, and taken back like any other.

use crate::ecr::text::with_commas;
use crate::policy::lint::Concern;
use crate::policy::text::TextEdit;
use crate::policy::{Finding, Fix, Offer, Span};

/// Lets each way be a fix: of the finding that says how long the text is where that has none yet, else of one behind it.
/// To leave out the layout is that finding's own fix.
pub(super) fn list_offers(findings: &mut Vec<Finding>, offers: &[Offer], text: &str) {
    let Some(at) = findings.iter().position(|finding| finding.rule.concern == Some(Concern::Length)) else { return };
    let joins = offers.iter().filter(|offer| !offer.joined.is_empty());
    for (behind, offer) in joins.enumerate() {
        let Some(too_long) = findings.get_mut(at) else { return };
        let fix = fix_of_offer(offer, text);
        if too_long.fix.is_none() {
            too_long.fix = Some(fix);
        } else {
            let message = format!("or {}: {}", fix.title, offer_note(offer));
            let other = Finding { message, fix: Some(fix), ..too_long.clone() };
            findings.insert((at + 1 + behind).min(findings.len()), other);
        }
    }
}

/// The fix that an offer is. It touches another's statement: never unasked.
fn fix_of_offer(offer: &Offer, text: &str) -> Fix {
    let edits = vec![TextEdit { span: Span::new(0, text.len()), text: offer.text.clone() }];
    Fix { title: offer.command_words(), changes_access: true, edits }
}

/// Returns what there is to know about an offer, as a clause.
pub fn offer_note(offer: &Offer) -> String {
    format!("{} characters; it allows the same already", with_commas(offer.length))
}

/// The offer that a fix is, where it is one.
pub fn offer_of_fix<'o>(fix: &Fix, offers: &'o [Offer]) -> Option<&'o Offer> {
    let mut joins = offers.iter().filter(|offer| !offer.joined.is_empty());
    joins.find(|offer| fix.edits.first().is_some_and(|edit| edit.text == offer.text))
}
