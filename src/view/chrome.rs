//! Draws the parts of every screen: the rail of steps, the identity line, the notice line, and the footer of keys.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;
use unicode_width::UnicodeWidthStr as _;

use super::theme::{Role, Sign, Theme};
use super::widgets::{draw_lines, draw_popup, draw_rule, role_line, role_span, wrap_lines, wrap_rows};
use crate::ecr::text::{fit_width, make_visible};
use crate::wizard::layout::rail_name;
use crate::wizard::{Action, KeyScope, Model, Overlay, Step, Tone, draft};

/// The rail, the identity line and a rule.
pub fn draw_head(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let [rail_row, who_row, rule_row] = Layout::vertical([Constraint::Length(1); 3]).areas(area);
    draw_lines(frame, rail_row, vec![rail_line(model, rail_row.width, theme)]);
    draw_lines(frame, who_row, vec![identity_line(model, who_row.width, theme)]);
    draw_rule(frame, rule_row, "", theme);
}

fn rail_line(model: &Model, width: u16, theme: Theme) -> Line<'static> {
    let between = format!(" {} ", theme.sign_text(Sign::Between));
    let mut parts = vec![Span::raw(" ")];
    for (at, step) in Step::ALL.into_iter().enumerate() {
        if at > 0 {
            parts.push(role_span(theme, Role::Dim, &between));
        }
        let text = rail_name(step);
        parts.push(match step.cmp(&model.step) {
            std::cmp::Ordering::Less => role_span(theme, Role::Plain, text),
            std::cmp::Ordering::Equal => Span::styled(text, theme.role_style(Role::Accent).underlined()),
            std::cmp::Ordering::Greater => role_span(theme, Role::Dim, text),
        });
    }
    let whole = Line::from(parts);
    if whole.width() <= usize::from(width) {
        return whole;
    }
    Line::from(vec![
        role_span(theme, Role::Dim, format!(" {}/{} ", model.step.number(), Step::ALL.len())),
        role_span(theme, Role::Accent, model.step.title()),
    ])
}

/// Account, role, profile and Region; badges at the right end are never cut.
fn identity_line(model: &Model, width: u16, theme: Theme) -> Line<'static> {
    let mut badges: Vec<Span<'static>> = Vec::new();
    let settings = &model.settings;
    for (on, word) in [(settings.demo, "DEMO"), (settings.read_only, "READ-ONLY"), (settings.dry_run, "DRY RUN")] {
        if on {
            badges.push(Span::raw(" "));
            badges.push(role_span(theme, Role::Badge, format!(" {word} ")));
        }
    }
    if let Some(endpoint) = model.endpoint() {
        // Never without account and Region beside it, never cut away: its head tells the most.
        let others: usize = badges.iter().map(Span::width).sum();
        let beside = model.signed.as_ref().map_or(0, |_| ACCOUNT_AND_REGION);
        let most = usize::from(width).saturating_sub(others + beside + 3).max(10);
        let words = fit_width(&format!("NOT AWS: {}", make_visible(endpoint)), most, theme.ascii);
        badges.push(Span::raw(" "));
        badges.push(role_span(theme, Role::Badge, format!(" {words} ")));
    }
    let taken: usize = badges.iter().map(Span::width).sum();
    let room = usize::from(width).saturating_sub(taken + 1);
    let dot = format!(" {} ", theme.sign_text(Sign::Between));
    let survey = model.repository.shown_survey().filter(|_| model.step == Step::Repository);
    let (lead, rest) = match (survey, &model.signed) {
        (Some(survey), _) => {
            let rest = match survey.elsewhere() {
                Some(elsewhere) => format!("not from ECR: {}", make_visible(&elsewhere.origin().words())),
                None => "each repository has its own".to_owned(),
            };
            (super::overview::survey_words(survey), format!("{dot}{rest}"))
        }
        (None, Some(signed)) => (
            format!("{}{dot}{}", signed.owner_account(), signed.region),
            format!(
                "{}{dot}{}{dot}{}",
                settings
                    .account_names
                    .name_of(signed.owner_account())
                    .map(|name| format!("{dot}{name}"))
                    .unwrap_or_default(),
                make_visible(&signed.identity.short_name()),
                make_visible(&signed.source.id.to_string())
            ),
        ),
        (None, None) => (String::new(), "no account chosen yet".to_owned()),
    };
    let lead = fit_width(&lead, room, theme.ascii);
    let rest = fit_width(&rest, room.saturating_sub(lead.width()), theme.ascii);
    let pad = room.saturating_sub(lead.width() + rest.width());
    let mut parts = vec![Span::raw(" "), role_span(theme, Role::Strong, lead), role_span(theme, Role::Dim, rest)];
    parts.push(Span::raw(" ".repeat(pad)));
    parts.extend(badges);
    Line::from(parts)
}

/// Columns that an account id and a Region take.
const ACCOUNT_AND_REGION: usize = 30;

/// The notice line and the footer.
pub fn draw_foot(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let [notice_row, key_row] = Layout::vertical([Constraint::Length(1); 2]).areas(area);
    let drawn = super::drawn(model.step);
    if (drawn.prompt)(frame, notice_row, model, theme) {
        // What is asked there takes the place of a notice.
    } else if let Some(notice) = &model.notice {
        let (role, sign) = match notice.tone {
            Tone::Good => (Role::Good, Sign::Ok),
            Tone::Plain => (Role::Strong, Sign::Bullet),
            Tone::Bad => (Role::Bad, Sign::Failed),
        };
        // A long one takes rows from what stands above it; only a field that is being filled in is left alone.
        let notice_text = model.account_names.beside_ids(&notice.text);
        let text = wrap_rows(&notice_text, usize::from(area.width.saturating_sub(4)), drawn.notice_rows, theme);
        let above = u16::try_from(text.len().saturating_sub(1)).unwrap_or_default().min(notice_row.y);
        let place = Rect { y: notice_row.y - above, height: above + 1, ..notice_row };
        frame.render_widget(Clear, place.intersection(frame.area()));
        let head = |at: usize| if at == 0 { theme.wide_sign(sign) } else { "  ".to_owned() };
        let row = |(at, text): (usize, &String)| role_line(theme, role, format!("{} {text}", head(at)));
        draw_lines(frame, place, text.iter().enumerate().map(row).collect());
    }
    draw_lines(frame, key_row, vec![footer_line(model, usize::from(key_row.width), theme)]);
}

/// The keys that work here, the most important first; those that find no room are in the help. The help itself and the way
/// out have their room before all others.
fn footer_line(model: &Model, width: usize, theme: Theme) -> Line<'static> {
    let scopes = model.key_scopes();
    // A question has no help page: it is its own.
    let is_asking = matches!(model.overlay, Some(Overlay::Leave | Overlay::Draft | Overlay::Pasted));
    let nothing_listed = model.overlay == Some(Overlay::Palette) && model.palette.rows.is_empty();
    let mut rows: Vec<_> = model
        .keymap
        .bindings(&scopes)
        .filter(|b| !(is_asking && b.row.action == Action::Help))
        .filter(|b| b.row.action != Action::KeepDraft || draft::can_keep(model))
        .filter(|b| !(nothing_listed && b.row.action == Action::Next))
        // Over a question, a page or the list itself the list of actions is not what is wanted.
        .filter(|b| !(model.overlay.is_some() && b.row.action == Action::Palette))
        .filter(|b| b.row.priority > 0 && (model.overlay.is_some() || model.why_off(b.row.action).is_none()))
        .collect();
    rows.sort_by_key(|b| std::cmp::Reverse(b.row.priority));
    let mut keys: Vec<(Action, String, Cow<'_, str>)> = Vec::new();
    for binding in rows {
        let Some(key) = binding.keys.first() else { continue };
        if keys.iter().all(|(action, ..)| *action != binding.row.action) {
            keys.push((binding.row.action, key.to_string(), model.binding_label(binding.row)));
        }
    }
    let needed = |key: &str, label: &str| key.width() + 1 + label.width() + 3;
    let is_kept = |action: Action| matches!(action, Action::Help | Action::Quit);
    let kept = keys.iter().filter(|(action, ..)| is_kept(*action));
    let mut reserved: usize = kept.map(|(_, key, label)| needed(key, label)).sum();
    let mut parts = vec![Span::raw(" ")];
    let mut used = 1;
    for (at, (action, key, label)) in keys.iter().enumerate() {
        let whole = needed(key, label);
        let taken = if is_kept(*action) { whole } else { 0 };
        let room = (width + 2).saturating_sub(used + reserved - taken);
        // What matters most is there in any window; its words may be cut.
        let label = if at == 0 && whole > room {
            fit_width(label, room.saturating_sub(key.width() + 4), theme.ascii)
        } else {
            label.to_string()
        };
        let needed = needed(key, &label);
        if needed > room {
            continue;
        }
        used += needed;
        reserved -= taken;
        parts.push(role_span(theme, Role::Key, key.clone()));
        parts.push(role_span(theme, Role::Plain, format!(" {label}   ")));
    }
    Line::from(parts)
}

/// The question before leaving.
pub fn leave_question(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let can_keep = draft::can_keep(model);
    let words = if model.save.is_writing() {
        "A write is under way. It is not stopped by leaving; its outcome would stay unknown. Leave all the same?"
    } else if can_keep {
        "What you entered is not saved. Keep it as a draft?"
    } else {
        "What you entered is not saved. Leave and lose it?"
    };
    // A draft holds what is chosen.
    let words = match model.kept_edits.count() {
        0 => words.to_owned(),
        1 => format!("{words} No draft keeps your text for 1 repository that is not chosen now."),
        more => format!("{words} No draft keeps your texts for {more} repositories that are not chosen now."),
    };

    let width = area.width.saturating_sub(4).min(64);
    let wrapped = wrap_lines(&words, usize::from(width.saturating_sub(4)));
    let height = u16::try_from(wrapped.len()).unwrap_or(1).saturating_add(4);
    let inner = draw_popup(frame, area, width, height, "Leave?", theme);
    let mut out: Vec<Line<'static>> = wrapped.iter().map(|text| role_line(theme, Role::Plain, text)).collect();
    out.push(Line::default());
    let answers = [
        can_keep.then_some((Action::KeepDraft, "keep and leave")),
        Some((Action::Yes, if can_keep { "lose it and leave" } else { "leave" })),
        Some((Action::No, "stay")),
    ];
    let mut row = Line::default();
    for (action, words) in answers.into_iter().flatten() {
        let key = model.keymap.key(KeyScope::LeaveQuestion, action);
        row.push_span(role_span(theme, Role::Key, key));
        row.push_span(role_span(theme, Role::Plain, format!(" {words}   ")));
    }
    out.push(row);
    draw_lines(frame, inner, out);
}

/// The one honest line for a window that is too small.
pub fn too_small(frame: &mut Frame, area: Rect, theme: Theme) {
    let text = wrap_lines("please enlarge the window to 40x10 or more", usize::from(area.width));
    draw_lines(frame, area, text.iter().map(|t| role_line(theme, Role::Plain, t)).collect());
}

#[cfg(test)]
mod tests {
    use crate::view::testing::screen_text;
    use crate::wizard::testing::signed_model;
    use crate::wizard::{Action, Tone};

    #[test]
    fn a_notice_that_one_row_does_not_hold_is_read_to_its_end() {
        let mut model = signed_model();
        let long = "kit.md could not be written here: Permission denied (os error 13); start the program in a folder \
                    that you may write to";
        model.set_notice(Tone::Bad, long);
        for (columns, rows) in [(80, 24), (60, 16)] {
            model.size = crate::wizard::Size { columns, rows };
            let shown = screen_text(&model, columns, rows);
            let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(words.contains(long), "{columns}x{rows}:\n{shown}");
        }
        model.set_notice(Tone::Good, "short");
        let rows: Vec<String> = screen_text(&model, 80, 24).lines().map(str::to_owned).collect();
        assert!(rows[22].contains("short") && !rows[21].contains("short"), "{rows:#?}");
    }

    #[test]
    fn the_help_names_every_key_in_full() {
        let mut model = signed_model();
        crate::wizard::testing::enter_step(&mut model, crate::wizard::Step::Permissions);
        model.overlay = Some(crate::wizard::Overlay::Help { scroll: 0 });
        let keys: Vec<String> = model
            .keymap
            .bindings(&model.step_scopes())
            .filter(|bound| bound.row.action != Action::Help)
            .map(|bound| bound.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
            .collect();
        let shown = screen_text(&model, 120, 60);
        assert!(keys.len() > 8, "{keys:?}");
        for keys in keys {
            assert!(shown.contains(&keys), "{keys}:\n{shown}");
        }
    }

    #[test]
    fn an_endpoint_that_is_not_awss_own_stands_on_every_screen_beside_account_and_region() {
        for endpoint in
            ["http://127.0.0.1:5555", "http://10.0.0.7:80 (not encrypted)", &"https://long.example".repeat(9)]
        {
            for step in crate::wizard::Step::ALL {
                for (columns, rows) in [(60, 16), (80, 24), (140, 40)] {
                    let mut model = crate::wizard::testing::fresh_model();
                    model.settings.endpoint = Some((*endpoint).to_owned());
                    model.signed = Some(crate::wizard::Signed {
                        endpoint: Some((*endpoint).to_owned()),
                        ..crate::wizard::testing::test_signed()
                    });
                    model.step = step;
                    let text = crate::view::testing::screen_text(&model, columns, rows);
                    let row = text.lines().find(|row| row.contains("NOT AWS: ")).unwrap_or_else(|| panic!("{text}"));
                    assert!(row.contains("222222222222") && row.contains("eu-west-2"), "{row}");
                    assert!(columns < 140 || endpoint.len() > 60 || row.contains(endpoint), "{row}");
                }
            }
        }
    }
}
