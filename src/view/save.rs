//! The screen of the step.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::theme::Theme;
use crate::wizard::Model;

pub(super) fn draw(_frame: &mut Frame, _area: Rect, _model: &Model, _theme: Theme) {}
