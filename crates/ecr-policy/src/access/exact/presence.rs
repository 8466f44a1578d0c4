//! Finds the keys of a group that a request may have together.

use super::cast::Tells;
use super::component::{Ask, Components};
use super::keys::{Group, KeyGroup};
use crate::condition::Family;
use crate::ecr::condition::{ValueKind, find_key};

/// The keys of a group that a request has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Presence {
    Absent,
    /// The key is there, and has no value.
    Empty,
    Present,
    /// Of two keys this one alone.
    Only(&'static str),
    /// The values of one row, which a variable takes.
    Row(usize),
}

/// The ways in which a group may be there, the usual one first.
pub(super) fn presences(all: &Components, group: &KeyGroup, ask: &Ask) -> Vec<Presence> {
    use Presence::{Absent, Only, Present};
    let tells = |key: &str| ask.cast.tells(key);
    let is_asked = |key: &str| group.keys.iter().any(|k| **k == *key);
    match &group.group {
        Group::Caller if is_asked("aws:username") && matches!(tells("aws:username"), Tells::MayRead(_)) => {
            vec![Absent, Present]
        }
        Group::Caller => vec![Present],
        Group::Time => rows(all, group, ask, vec![Present]),
        Group::Organization(begin) if tells(&format!("{begin}orgid")) == Tells::Absent => vec![Absent],
        Group::Source if !ask.cast.is_service() => vec![Absent],
        Group::Source if is_asked("aws:sourcearn") && is_asked("aws:sourceaccount") => {
            vec![Absent, Present, Only("aws:sourcearn"), Only("aws:sourceaccount")]
        }
        Group::Organization(_) | Group::Source => vec![Absent, Present],
        Group::Single(key) => match tells(key) {
            Tells::Absent => vec![Absent],
            Tells::Fixed(_) | Tells::Reads(_) => vec![Present],
            Tells::MayRead(_) | Tells::Free => {
                let mut list = match &**key {
                    "aws:viaawsservice" => vec![Present],
                    // A call has an address more often than not; other keys are rather missing.
                    "aws:sourceip" => vec![Present, Absent],
                    _ => vec![Absent, Present],
                };
                // AWS's guide: `Null` counts a key without any value as absent.
                let asks_null = ask.conds.iter().filter_map(|(c, _)| all.space.conds.get(*c));
                let mut asks_null = asks_null.filter(|c| c.key == **key && c.family() == Some(Family::Null));
                if group.is_many(all.space) && asks_null.next().is_none() {
                    list.push(Presence::Empty);
                }
                rows(all, group, ask, list)
            }
        },
    }
}

/// Each row for itself, where a variable takes its text.
fn rows(all: &Components, group: &KeyGroup, ask: &Ask, list: Vec<Presence>) -> Vec<Presence> {
    let is_variable = ask
        .conds
        .iter()
        .filter_map(|(c, _)| all.space.conds.get(*c))
        .any(|c| group.keys.iter().any(|key| c.variables.iter().any(|v| **v == **key)));
    let Some(listing) = group.listing(all.space).filter(|_| is_variable) else { return list };
    // Texts of an order without end cannot be tried one by one: `Present` stays and is said to be open.
    let is_bool = group.keys.iter().all(|key| find_key(key).is_some_and(|k| k.kind == ValueKind::Bool));
    let each = (0..listing.listed.rows.len()).filter(|row| listing.ranks.get(*row).is_some_and(|r| *r <= ask.limit));
    let mut list = list;
    let each: Vec<Presence> = each.take_while(|row| is_bool || *row < 4).map(Presence::Row).collect();
    if is_bool {
        list.retain(|p| *p != Presence::Present);
        list.extend(each);
    } else {
        let at = list.iter().position(|p| *p == Presence::Present).unwrap_or(0);
        list.splice(at..at, each);
    }
    list
}
