//! The review of what is stored in one repository, read only.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::theme::Theme;
use crate::wizard::Model;
use crate::wizard::review::Review;

pub(super) fn draw(_frame: &mut Frame, _area: Rect, _model: &Model, _review: &Review, _theme: Theme) {}
