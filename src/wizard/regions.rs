//! The list of Regions, shared by Account and Repository. Letters filter it; a Region that the list does not know is
//! taken as typed when it has the shape of one, because AWS opens Regions faster than programs are released.

use super::field::Field;
use super::keymap::Action;
use super::list::Cursor;
use super::{Key, fuzzy, layout};
use crate::ecr::{Partition, Region};

/// Rows above the list: what it is for, the field, a hint.
pub const HEAD_ROWS: u16 = 3;

/// The rows of the list of Regions at a size.
pub fn list_rows(size: super::Size) -> usize {
    usize::from(layout::body_rows(size).saturating_sub(HEAD_ROWS))
}

/// An open list of Regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionPicker {
    /// The partition that the account is in, where that is known: no other Region will do.
    pub partition: Option<Partition>,
    /// The Region that holds now.
    pub current: Option<Region>,
    /// The typed text.
    pub field: Field,
    /// The Regions that match, best first.
    pub rows: Vec<Region>,
    /// The chosen one.
    pub cursor: Cursor,
    height: usize,
}

/// The state of the list after a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// It is still open.
    Open,
    /// It was left without a choice.
    Closed,
    /// This one was chosen.
    Region(Region),
}

impl RegionPicker {
    /// Opens the list on the current Region. `height`: the rows that are shown.
    pub fn open_at(partition: Option<Partition>, current: Option<Region>, height: usize) -> Self {
        let mut picker =
            Self { partition, current, field: Field::default(), rows: Vec::new(), cursor: Cursor::default(), height };
        picker.apply_filter();
        let at = picker.current.as_ref().and_then(|now| picker.rows.iter().position(|r| r == now));
        picker.cursor.select_row(at.unwrap_or_default(), picker.rows.len(), picker.height);
        picker
    }

    /// Carries out an action of the list.
    pub fn do_action(&mut self, action: Action) -> Picked {
        match action {
            Action::Back => return Picked::Closed,
            Action::Next => {
                if let Some(region) = self.rows.get(self.cursor.selected) {
                    return Picked::Region(region.clone());
                }
            }
            _ => {
                self.cursor.move_by(action, self.rows.len(), self.height);
            }
        }
        Picked::Open
    }

    /// Types a key into the field.
    pub fn type_key(&mut self, key: Key) {
        let before = self.field.text().to_owned();
        if self.field.take_key(key) && self.field.text() != before {
            self.apply_filter();
        }
    }

    /// Takes the first line of a pasted text as what is looked for.
    pub fn paste_text(&mut self, text: &str) {
        let line = text.trim().lines().next().unwrap_or_default();
        self.field = Field::with_text(line.chars().filter(|c| !c.is_control()).take(64).collect::<String>());
        self.apply_filter();
    }

    /// Chooses the row that is shown in a row of the body, from 0.
    pub(super) fn choose_shown(&mut self, row: u16) {
        let shown = self.cursor.shown_rows(self.rows.len(), self.height);
        let at = row.checked_sub(HEAD_ROWS).map(usize::from).and_then(|at| shown.into_iter().nth(at));
        if let Some(at) = at {
            self.cursor.select_row(at, self.rows.len(), self.height);
        }
    }

    /// Takes another height.
    pub fn fit_height(&mut self, height: usize) {
        self.height = height;
        self.cursor.settle_in(self.rows.len(), height);
    }

    /// Returns why what is typed is no Region to choose, where nothing matches it.
    pub fn typed_problem(&self) -> Option<String> {
        if !self.rows.is_empty() {
            return None;
        }
        match (Region::parse(self.field.text()), self.partition) {
            (Ok(region), Some(partition)) => Some(format!(
                "{region} is in the partition {}, this account is in {partition}: an account reaches its own partition only",
                region.partition()
            )),
            _ => Some("no Region matches; a Region looks like eu-west-2".to_owned()),
        }
    }

    fn apply_filter(&mut self) {
        let query = self.field.text().trim();
        let all: Vec<Region> = match self.partition {
            Some(partition) => partition.regions().collect(),
            None => Partition::ALL.into_iter().flat_map(Partition::regions).collect(),
        };
        let found = fuzzy::filter_rows(query, all.iter().map(Region::as_str));
        let mut rows: Vec<Region> = found.into_iter().filter_map(|at| all.get(at).cloned()).collect();
        // By its place only as it is written: too much would match loosely.
        let by_place = all.iter().filter(|region| !query.is_empty() && region.place_holds(query).is_some());
        for region in by_place {
            if !rows.contains(region) {
                rows.push(region.clone());
            }
        }
        if let Ok(typed) = Region::parse(query)
            && self.partition.is_none_or(|p| typed.partition() == p)
            && !all.contains(&typed)
        {
            rows.insert(0, typed);
        }
        // A Region in use that the table does not know has its place in the list too.
        if let Some(current) = &self.current
            && query.is_empty()
            && !rows.contains(current)
        {
            rows.insert(0, current.clone());
        }
        self.rows = rows;
        self.cursor.select_row(0, self.rows.len(), self.height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wizard::{Code, testing::test_region};

    fn typed(partition: Option<Partition>, text: &str) -> RegionPicker {
        let mut picker = RegionPicker::open_at(partition, Some(test_region("eu-west-2")), 10);
        for c in text.chars() {
            picker.type_key(Key::of_char(c));
        }
        picker
    }

    #[test]
    fn the_list_opens_on_the_current_region_and_holds_the_partition_alone() {
        let picker = RegionPicker::open_at(Some(Partition::Aws), Some(test_region("eu-west-2")), 10);
        assert_eq!(picker.rows.get(picker.cursor.selected), Some(&test_region("eu-west-2")));
        assert!(picker.cursor.shown_rows(picker.rows.len(), 10).contains(&picker.cursor.selected));
        assert!(picker.rows.iter().all(|r| r.partition() == Partition::Aws));
        let unknown = RegionPicker::open_at(None, None, 10);
        assert!(unknown.rows.contains(&test_region("cn-north-1")) && unknown.rows.contains(&test_region("us-east-1")));
    }

    #[test]
    fn a_region_is_found_by_its_place_too() {
        let mut picker = typed(Some(Partition::Aws), "lond");
        assert_eq!(picker.do_action(Action::Next), Picked::Region(test_region("eu-west-2")));
        let picker = typed(Some(Partition::Aws), "us-w");
        assert!(picker.rows.iter().all(|r| r.as_str().starts_with("us-west")), "{:?}", picker.rows);
    }

    #[test]
    fn typing_filters_and_enter_takes_the_best() {
        let mut picker = typed(Some(Partition::Aws), "usea2");
        assert_eq!(picker.do_action(Action::Next), Picked::Region(test_region("us-east-2")));
        picker.type_key(Key::without_modifiers(Code::Backspace));
        assert!(picker.rows.contains(&test_region("us-east-1")));
        assert_eq!(picker.do_action(Action::Back), Picked::Closed);
    }

    #[test]
    fn a_well_formed_region_that_the_list_does_not_know_is_taken() {
        let mut picker = typed(Some(Partition::Aws), "me-west-1");
        assert_eq!(picker.do_action(Action::Next), Picked::Region(test_region("me-west-1")));
        assert!(
            RegionPicker::open_at(Some(Partition::Aws), Some(test_region("me-west-1")), 10)
                .rows
                .contains(&test_region("me-west-1"))
        );
    }

    #[test]
    fn nonsense_and_other_partitions_are_explained() {
        let mut picker = typed(Some(Partition::Aws), "london!");
        assert_eq!(picker.do_action(Action::Next), Picked::Open);
        assert!(picker.typed_problem().unwrap().contains("eu-west-2"));
        let other = typed(Some(Partition::Aws), "cn-north-1");
        assert!(other.typed_problem().unwrap().contains("aws-cn"), "{:?}", other.rows);
    }
}
