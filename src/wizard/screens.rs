//! The table of screens: one row per step, with all that the wizard asks of a step.
//!
//! A screen is two files, `wizard/X` with the state and the row `SCREEN`, and `view/X` with the drawing and the row
//! `DRAWN`. It stands in [`Step`], in `SCREENS`, in `view`'s table, and has its keys in `keymap`.

use super::screen::Screen;
use super::step::Step;
use super::{account, actions, permissions, policy, repository, save};

/// The screens, in the order of the steps.
static SCREENS: [Screen; Step::ALL.len()] =
    [account::SCREEN, repository::SCREEN, actions::SCREEN, policy::SCREEN, save::SCREEN, permissions::SCREEN];

impl Step {
    /// Returns the step's name.
    pub fn title(self) -> &'static str {
        self.screen().title
    }

    /// Returns the step's row of the table of screens.
    #[expect(clippy::indexing_slicing, reason = "the table has as many rows as there are steps")]
    pub(super) fn screen(self) -> &'static Screen {
        &SCREENS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_finds_its_own_row() {
        let titles: Vec<&str> = Step::ALL.into_iter().map(Step::title).collect();
        assert_eq!(titles, ["Account", "Repository", "Actions", "Policy", "Save", "Permissions"]);
        for step in Step::ALL {
            assert_eq!(step.title(), format!("{step:?}"));
            assert_eq!(Step::ALL.get(step as usize), Some(&step));
        }
    }
}
