//! The question about a pasted text: what is to be known, and the answers as a list.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::theme::{Role, Sign, Theme};
use super::widgets::{chosen_row, draw_lines, draw_popup, full_width, role_line, role_span, wrap_lines};
use crate::ecr::text::{fit_width, make_visible};
use crate::wizard::Model;

/// The widest box, in cells.
const WIDEST: u16 = 92;

/// Draws the question over the step. Where there is too little room, what is to be known gives way to the answers.
pub fn draw_question(frame: &mut Frame, within: Rect, model: &Model, theme: Theme) {
    let Some(question) = model.pasted.question() else { return };
    let width = within.width.saturating_sub(2).min(WIDEST);
    let room = usize::from(width.saturating_sub(4));
    let mut told: Vec<Line<'static>> = Vec::new();
    for sentence in &question.told {
        told.extend(wrap_lines(&make_visible(sentence), room).iter().map(|text| role_line(theme, Role::Plain, text)));
    }
    told.push(Line::default());
    let count = question.choices.len();
    let height = u16::try_from(told.len() + count + 2).unwrap_or(u16::MAX).min(within.height);
    let inner = draw_popup(frame, within, width, height, &question.title, theme);
    told.truncate(usize::from(inner.height).saturating_sub(count));
    let list_rows = usize::from(inner.height).saturating_sub(told.len());
    let mut cursor = question.cursor;
    cursor.settle_in(count, list_rows);
    let mut out = told;
    for at in cursor.shown_rows(count, list_rows) {
        let Some(choice) = question.choices.get(at) else { continue };
        let is_chosen = at == cursor.selected;
        let sign = if is_chosen { theme.sign_text(Sign::Chosen) } else { " " };
        let words = fit_width(&make_visible(&choice.words), room.saturating_sub(2), theme.ascii);
        let row = Line::from(vec![Span::raw(format!("{sign} ")), role_span(theme, Role::Strong, words)]);
        out.push(if is_chosen { chosen_row(full_width(row, inner), theme) } else { row });
    }
    draw_lines(frame, inner, out);
}

#[cfg(test)]
mod tests {
    use crate::view::testing::draw_snapshot;
    use crate::wizard::Model;
    use crate::wizard::testing::{model_with_chosen, paste_text, policy_model, signed_model};

    const HOST: &str = "222222222222.dkr.ecr.eu-west-2.amazonaws.com";
    const WIDE_POLICY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Vendor", "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::333333333333:root"}, "Action": ["ecr:BatchGetImage", "ecr:PutImage"]}]}"#;

    fn drawn(name: &str, mut model: Model) {
        for (columns, rows) in [(80, 24), (120, 40)] {
            insta::assert_snapshot!(format!("{name}_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
        }
    }

    #[test]
    fn two_repositories_are_asked_about() {
        let mut model = signed_model();
        paste_text(&mut model, &format!("use {HOST}/one:1 or {HOST}/two:2 please"));
        drawn("pasted_repositories", model);
    }

    #[test]
    fn an_error_is_explained() {
        let mut model = model_with_chosen(&["vendorapp"]);
        paste_text(
            &mut model,
            "denied: User: arn:aws:sts::111111111111:assumed-role/node/i-1 is not authorized to perform: ecr:BatchGetImage \
             on resource: arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp because no resource-based policy \
             allows the ecr:BatchGetImage action",
        );
        drawn("pasted_error", model);
    }

    #[test]
    fn a_policy_is_merged_narrowed_or_put_in_the_place_of_all() {
        let mut model = policy_model(None);
        paste_text(&mut model, WIDE_POLICY);
        drawn("pasted_policy", model);
    }
}
