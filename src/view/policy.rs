//! The screen of step 4, Policy.

mod names;
mod prompt;
mod text;

pub(super) use prompt::draw as prompt;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::page;
use super::theme::{Role, Sign, Theme};
use super::widgets::{failure, line, lines, rule, span, waiting, wrap};
use crate::ecr::POLICY_LIMIT;
use crate::ecr::text::{fit, fit_end, visible};
use crate::policy::explain::change_words;
use crate::policy::{Finding, Severity};
use crate::wizard::policy::{self, Difference, Document, Draft, NEARLY_FULL, grouped};
use crate::wizard::{Action, Model, Scope, Size, layout};

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    // The body's own height: the frame may be ahead of the model's size.
    let height = area.height.saturating_add(layout::HEAD_ROWS + layout::FOOT_ROWS);
    let rows = policy::rows(Size { columns: area.width, rows: height });
    let [title, body, rule_row, problem, access] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(rows.rule),
        Constraint::Length(rows.problem),
        Constraint::Length(rows.access),
    ])
    .areas(area);
    let step = &model.policy;
    let Some(document) = step.document() else {
        let words = "There is no document yet: go back and choose a repository and who receives access.";
        let text = wrap(words, usize::from(area.width).saturating_sub(2));
        lines(frame, body, text.iter().map(|t| line(theme, Role::Plain, format!(" {t}"))).collect());
        return;
    };
    title_row(frame, title, model, document, theme);
    let Some(draft) = document.draft() else {
        not_there(frame, body, model, document, theme);
        return;
    };
    match step.difference() {
        Some(difference) if difference.page.is_empty() => {
            lines(frame, body, vec![line(theme, Role::Plain, " nothing differs from what is stored")]);
        }
        Some(Difference { page: rows, first, .. }) => {
            page::draw(frame, body, rows.rows(), *first, None, model.now, theme);
        }
        None => {
            let caret = text::draw(frame, body, draft, step.prompt(), model.overlay.is_none(), theme);
            if let (Some(caret), Some(completion)) = (caret, step.completion()) {
                names::draw(frame, body, caret, completion, theme);
            }
        }
    }
    if rule_row.height > 0 {
        rule(frame, rule_row, "", theme);
    }
    problem_rows(frame, problem, model, document, draft, theme);
    access_rows(frame, access, draft, theme);
}

/// Which document it is, what it is, and how long it is, in the rule above it.
fn title_row(frame: &mut Frame, area: Rect, model: &Model, document: &Document, theme: Theme) {
    let width = usize::from(area.width);
    rule(frame, area, "", theme);
    let step = &model.policy;
    let dash = theme.sign(Sign::Rule);
    let mut right: Vec<Span<'static>> = Vec::new();
    if let Some(draft) = document.draft() {
        if let Some(Difference { added, removed, .. }) = step.difference() {
            right.push(Span::raw(" "));
            right.push(span(theme, Role::Added, format!("+{added}")));
            right.push(Span::raw(" "));
            right.push(span(theme, Role::Removed, format!("-{removed}")));
            right.push(Span::raw(" "));
        }
        right.push(meter(draft.size, theme));
    }
    let right_width: usize = right.iter().map(Span::width).sum();
    let many = step.documents().len();
    let count = if many > 1 { format!("{} of {many} ", step.current() + 1) } else { String::new() };
    let state = format!(" {} {} ", theme.sign(Sign::Between), state_words(document, step.difference().is_some()));
    let name = visible(document.repository().name.as_str());
    let room = width.saturating_sub(right_width + 6 + count.width());
    // The name may be cut at its beginning; what kind of document it is matters as much.
    let name_room = room.saturating_sub(state.width()).max(12.min(room));
    let name = fit_end(&name, name_room, theme.ascii);
    let state = fit(&state, room.saturating_sub(name.width()), theme.ascii);
    let left = vec![
        span(theme, Role::Dim, format!("{dash}{dash} ")),
        span(theme, Role::Plain, count),
        span(theme, Role::Strong, name),
        span(theme, Role::Dim, state),
    ];
    lines(frame, area, vec![Line::from(left)]);
    let right_width = u16::try_from(right_width).unwrap_or(u16::MAX).min(area.width);
    let x = area.right().saturating_sub(right_width.saturating_add(1)).max(area.x);
    lines(frame, Rect { x, width: right_width, ..area }, vec![Line::from(right)]);
}

fn meter(size: usize, theme: Theme) -> Span<'static> {
    let words = format!("{} of {}", grouped(size), grouped(POLICY_LIMIT));
    match size {
        n if n > POLICY_LIMIT => span(theme, Role::Bad, format!(" {} {words} ", theme.sign(Sign::Failed))),
        n if n >= NEARLY_FULL => span(theme, Role::Warn, format!(" {} {words} ", theme.sign(Sign::Warn))),
        _ => span(theme, Role::Plain, format!(" {words} ")),
    }
}

fn state_words(document: &Document, difference: bool) -> &'static str {
    let stored = document.stored().value().is_some_and(Option::is_some);
    let Some(draft) = document.draft() else { return "today's policy" };
    match (difference, draft.is_granted(), draft.is_by_hand()) {
        (true, ..) if stored => "what changes against what is stored",
        (true, ..) => "nothing is stored yet: all of it is new",
        (_, true, false) => "already granted: nothing to save",
        (_, true, true) => "changed by hand, means what is stored",
        _ if !draft.is_readable() => "today's policy cannot be read",
        (_, _, true) => "changed by hand",
        _ if stored => "today's policy with the grant added",
        _ => "a new policy",
    }
}

/// Loading, or the failure.
fn not_there(frame: &mut Frame, area: Rect, model: &Model, document: &Document, theme: Theme) {
    let area = Rect { x: area.x.saturating_add(1), width: area.width.saturating_sub(1), ..area };
    if let Some(why) = document.failure() {
        lines(frame, area, failure(why, usize::from(area.width), theme));
    } else if let Some(since) = document.stored().loading_since() {
        let waited = model.now.saturating_sub(since);
        lines(frame, area, vec![waiting("reading the stored policy", waited, theme)]);
    }
}

/// The finding at the caret or the first that stops the save: where and what, why, and the fix.
fn problem_rows(frame: &mut Frame, area: Rect, model: &Model, document: &Document, draft: &Draft, theme: Theme) {
    let width = usize::from(area.width).saturating_sub(1);
    let rows = usize::from(area.height);
    let mut out = Vec::new();
    match draft.finding() {
        // A remark must not hide that the whole is too long, or would lock the caller out.
        Some(finding) if finding.stops || draft.obstacle().is_none() => {
            out.extend(finding_lines(finding, model, draft, width, rows, theme));
        }
        _ => out.extend(all_is_well(model, document, draft, width, theme)),
    }
    out.truncate(rows);
    lines(frame, area, out);
}

fn finding_lines(
    finding: &Finding,
    model: &Model,
    draft: &Draft,
    width: usize,
    rows: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let (role, sign) = look(finding.severity, finding.stops);
    let place = draft.position(finding.span.start);
    let stops = draft.findings.iter().filter(|f| f.stops).count();
    let others = match (stops, draft.findings.len()) {
        (_, 1) => String::new(),
        (0, all) => format!(" (1 of {all}, {})", model.key(Scope::Policy, Action::NextProblem)),
        (stops, all) if stops == all => format!(" ({all} problems)"),
        (stops, all) => format!(" ({stops} of {all} stop the save)"),
    };
    let head = format!(" {} {}:{} ", theme.sign(sign), place.line, place.column);
    let room = width.saturating_sub(head.width());
    let mut message = wrap(&finding.message, room.saturating_sub(others.width()));
    // The first row and the fix come before the whole of the message and of the reason.
    let fix_rows = usize::from(finding.fix.is_some() && rows > 1);
    let message_rows = if rows >= 4 { 2 } else { 1 };
    if message.len() > message_rows {
        message = wrap(&finding.message, room);
        let rest = message.split_off((message_rows - 1).min(message.len())).join(" ");
        message.push(fit(&rest, room.saturating_sub(others.width()), theme.ascii));
    }
    let mut out: Vec<Line<'static>> = Vec::new();
    let last = message.len().saturating_sub(1);
    for (at, text) in message.into_iter().enumerate() {
        let lead = if at == 0 { head.clone() } else { " ".repeat(head.width()) };
        let mut parts = vec![span(theme, role, lead), span(theme, Role::Strong, text)];
        if at == last {
            parts.push(span(theme, Role::Dim, &others));
        }
        out.push(Line::from(parts));
    }
    let why_rows = rows.saturating_sub(out.len() + fix_rows);
    if why_rows > 0 && !finding.why.is_empty() {
        let mut why = wrap(&finding.why, width.saturating_sub(3));
        if why.len() > why_rows {
            let rest = why.split_off(why_rows - 1).join(" ");
            why.push(fit(&rest, width.saturating_sub(3), theme.ascii));
        }
        out.extend(why.iter().map(|t| line(theme, Role::Dim, format!("   {t}"))));
    }
    if let Some(fix) = finding.fix.as_ref().filter(|_| fix_rows > 0) {
        let access = if fix.changes_access { " (changes who has access)" } else { "" };
        let key = model.key(Scope::Policy, Action::Fix);
        let room = width.saturating_sub(3 + key.width());
        let title = fit(&format!(" {}{access}", visible(&fix.title)), room, theme.ascii);
        out.push(Line::from(vec![Span::raw("   "), span(theme, Role::Key, key), span(theme, Role::Plain, title)]));
    }
    out
}

/// What to say when no finding is at hand.
fn all_is_well(model: &Model, document: &Document, draft: &Draft, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let go_on = model.key(Scope::Policy, Action::GoOn);
    let one = |role, sign, words: &str| {
        vec![Line::from(vec![
            span(theme, role, format!(" {} ", theme.sign(sign))),
            span(theme, Role::Plain, fit(words, width.saturating_sub(3), theme.ascii)),
        ])]
    };
    let mut out = match draft.obstacle() {
        Some((_, words)) => one(Role::Bad, Sign::Failed, &words),
        None if draft.is_granted() && document.stored().value().is_some_and(Option::is_some) => {
            let words = format!("already granted: nothing to save; {go_on} goes on to what is left to do");
            one(Role::Good, Sign::Ok, &words)
        }
        None => one(Role::Good, Sign::Ok, &format!("no problem stops the save: {go_on} goes on")),
    };
    if let Some(finding) = draft.remark() {
        // Further rows than this one would hide what comes next.
        out.extend(finding_lines(finding, model, draft, width, 1, theme));
    }
    if draft.is_by_hand() {
        let key = model.key(Scope::Policy, Action::BeginAgain);
        let words = format!("   changed by hand; {key} begins again from the stored policy with the grant added");
        out.push(line(theme, Role::Dim, fit(&words, width, theme.ascii)));
    }
    out
}

fn look(severity: Severity, stops: bool) -> (Role, Sign) {
    match (severity, stops) {
        (_, true) | (Severity::Error, _) => (Role::Bad, Sign::Failed),
        (Severity::Security | Severity::Warning, _) => (Role::Warn, Sign::Warn),
        (Severity::Advice, _) => (Role::Accent, Sign::Bullet),
    }
}

/// Who gains and who loses, and what a Deny statement may void.
fn access_rows(frame: &mut Frame, area: Rect, draft: &Draft, theme: Theme) {
    let width = usize::from(area.width).saturating_sub(1);
    let rows = usize::from(area.height);
    let delta = &draft.planned.delta;
    let mut out: Vec<Line<'static>> = Vec::new();
    if let Some(row) = draft.planned.blocked.first() {
        let statement = row.blocked.first().map_or(0, |at| at + 1);
        let words = format!(
            " {} statement {statement} denies, and may void what {} gets",
            theme.sign(Sign::Warn),
            row.who.words()
        );
        out.push(line(theme, Role::Warn, fit(&visible(&words), width, theme.ascii)));
    }
    let left = rows.saturating_sub(out.len());
    let changes: Vec<(Role, &str, String)> = delta
        .losses
        .iter()
        .map(|change| (Role::Removed, "-", change_words(change)))
        .chain(delta.gains.iter().map(|change| (Role::Added, "+", change_words(change))))
        .collect();
    let unreadable = draft.planned.delta.is_empty() && draft.obstacle().is_some();
    if changes.is_empty() {
        let words =
            if unreadable { "who gains is known when the problem is mended" } else { "nobody gains, nobody loses" };
        out.push(line(theme, Role::Dim, format!("   {words}")));
    }
    let hidden = changes.len().saturating_sub(left);
    let shown = if hidden > 0 { left.saturating_sub(1) } else { left };
    let only_gains = delta.losses.is_empty();
    let last = changes.len().min(shown).saturating_sub(1);
    // One change alone has all the rows for its words, where one row is too short for them.
    let end = if only_gains { "; nobody loses" } else { "" };
    if let [(role, sign, words)] = changes.as_slice()
        && left > 1
        && visible(words).width() + end.width() + 3 > width
    {
        let mut text = wrap(&format!("{}{end}", visible(words)), width.saturating_sub(3));
        if text.len() > left {
            let rest = text.split_off(left - 1).join(" ");
            text.push(fit(&rest, width.saturating_sub(3), theme.ascii));
        }
        for (at, text) in text.into_iter().enumerate() {
            let lead = if at == 0 { format!(" {sign} ") } else { "   ".to_owned() };
            out.push(Line::from(vec![span(theme, *role, lead), span(theme, Role::Strong, text)]));
        }
        lines(frame, area, out);
        return;
    }
    for (at, (role, sign, words)) in changes.iter().take(shown).enumerate() {
        let end = if only_gains && hidden == 0 && at == last { "; nobody loses" } else { "" };
        let room = width.saturating_sub(3 + end.width());
        out.push(Line::from(vec![
            span(theme, *role, format!(" {sign} ")),
            span(theme, Role::Strong, fit(&visible(words), room, theme.ascii)),
            span(theme, Role::Dim, end),
        ]));
    }
    if hidden > 0 && left > 0 {
        let (gains, losses) = (delta.gains.len(), delta.losses.len());
        let more = changes.len() - shown;
        let words = format!("   and {more} more: {gains} gain, {losses} lose");
        out.push(line(theme, if losses > 0 { Role::Removed } else { Role::Dim }, fit(&words, width, theme.ascii)));
    }
    out.truncate(rows);
    lines(frame, area, out);
}

#[cfg(test)]
mod tests {
    use super::super::testing::snapshot;
    use crate::ecr::FailureKind;
    use crate::wizard::testing::{
        PUBLIC_POLICY, VENDOR_POLICY, answer, answer_policies, failure, paste, policy_model, policy_reading, press,
        reference, tap, type_text,
    };
    use crate::wizard::{Answer, Code, Effect, Event, Key, Model, update};

    const ORPHAN_POLICY: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "Team",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : [ "arn:aws:iam::333333333333:root", "AROAEXAMPLEEXAMPLE123" ]
    },
    "Action" : [ "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer" ]
  } ]
}"#;

    const DENY_POLICY: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "Fence",
    "Effect" : "Deny",
    "Principal" : "*",
    "Action" : "ecr:BatchGetImage",
    "Condition" : {
      "StringNotEquals" : {
        "aws:PrincipalOrgID" : "o-a1b2c3d4e5"
      }
    }
  } ]
}"#;

    fn both(name: &str, mut model: Model) {
        insta::assert_snapshot!(format!("{name}_80x24"), snapshot(&mut model, 80, 24));
        insta::assert_snapshot!(format!("{name}_120x40"), snapshot(&mut model, 120, 40));
    }

    fn f(n: u8) -> Key {
        Key::plain(Code::F(n))
    }

    #[test]
    fn reading_and_failing() {
        let (mut model, effects) = policy_reading(&["vendorapp", "data/feature-store"]);
        update(&mut model, Event::Clock(400));
        both("reading", model);
        let (mut model, _) = (policy_reading(&["vendorapp"]).0, effects);
        let Some(Effect::ReadPolicy { id, .. }) =
            policy_reading(&["vendorapp"]).1.into_iter().find(|e| matches!(e, Effect::ReadPolicy { .. }))
        else {
            panic!("nothing is read");
        };
        answer(&mut model, id, Answer::Policy(reference("vendorapp"), Err(failure(FailureKind::Offline))));
        both("failed", model);
    }

    #[test]
    fn a_new_document() {
        both("new", policy_model(None));
    }

    #[test]
    fn the_grant_added_to_todays_policy() {
        both("merged", policy_model(Some(&VENDOR_POLICY.replace("1111", "3333").replace("EcrGrant", "Team"))));
        both("public", policy_model(Some(PUBLIC_POLICY)));
    }

    #[test]
    fn already_granted() {
        both("granted", policy_model(Some(VENDOR_POLICY)));
    }

    #[test]
    fn a_grant_that_a_deny_may_void() {
        both("blocked", policy_model(Some(DENY_POLICY)));
    }

    #[test]
    fn a_slip_while_typing() {
        let mut model = policy_model(None);
        press(&mut model, Key { ctrl: true, ..Key::plain(Code::Home) });
        tap(&mut model, Code::Down);
        tap(&mut model, Code::End);
        tap(&mut model, Code::Backspace);
        both("error", model);
    }

    #[test]
    fn several_documents_and_one_with_a_refused_principal() {
        let (mut model, effects) = policy_reading(&["platform/billing-api", "vendorapp", "data/feature-store"]);
        answer_policies(&mut model, &effects, Some(ORPHAN_POLICY));
        press(&mut model, f(6));
        press(&mut model, f(8));
        both("orphan", model);
    }

    #[test]
    fn the_difference() {
        let mut model = policy_model(Some(PUBLIC_POLICY));
        press(&mut model, f(4));
        both("difference", model);
    }

    #[test]
    fn too_long() {
        let mut model = policy_model(None);
        press(&mut model, Key { ctrl: true, ..Key::plain(Code::End) });
        paste(&mut model, &" ".repeat(9_300));
        insta::assert_snapshot!("nearly_full_80x24", snapshot(&mut model, 80, 24));
        paste(&mut model, &" ".repeat(3_000));
        press(&mut model, Key::ctrl('s'));
        both("too_long", model);
    }

    #[test]
    fn a_statement_that_would_lock_the_caller_out() {
        let mut model = policy_model(None);
        press(&mut model, Key { ctrl: true, shift: true, ..Key::plain(Code::End) });
        press(&mut model, Key { ctrl: true, ..Key::plain(Code::Home) });
        press(&mut model, Key { ctrl: true, shift: true, ..Key::plain(Code::End) });
        let statement = r#"{"Sid": "Fence", "Effect": "Deny", "Principal": "*", "Action": "ecr:SetRepositoryPolicy"}"#;
        paste(&mut model, &format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{statement}]\n}}"));
        insta::assert_snapshot!("locked_out_80x24", snapshot(&mut model, 80, 24));
    }

    #[test]
    fn a_selection_and_control_characters() {
        let mut model = policy_model(None);
        paste(&mut model, "\u{1b}[2J\t\u{202e}名前\n");
        press(&mut model, Key::shift(Code::Up));
        press(&mut model, Key::shift(Code::Down));
        press(&mut model, Key::shift(Code::Down));
        insta::assert_snapshot!("selection_80x24", snapshot(&mut model, 80, 24));
    }

    #[test]
    fn finding_and_going_to_a_line() {
        let mut model = policy_model(Some(ORPHAN_POLICY));
        press(&mut model, Key::ctrl('f'));
        type_text(&mut model, "ecr:");
        both("find", model);
        let mut model = policy_model(None);
        press(&mut model, Key::ctrl('f'));
        type_text(&mut model, "nobody");
        insta::assert_snapshot!("find_nothing_80x24", snapshot(&mut model, 80, 24));
        tap(&mut model, Code::Esc);
        press(&mut model, Key::ctrl('g'));
        insta::assert_snapshot!("line_80x24", snapshot(&mut model, 80, 24));
        type_text(&mut model, "99");
        tap(&mut model, Code::Enter);
        insta::assert_snapshot!("line_wrong_60x16", snapshot(&mut model, 60, 16));
    }

    /// The caret goes to where a text begins, and past it.
    fn go_behind(model: &mut Model, text: &str) {
        press(model, Key { ctrl: true, ..Key::plain(Code::Home) });
        press(model, Key::ctrl('f'));
        press(model, Key::ctrl('u'));
        type_text(model, text);
        tap(model, Code::Esc);
        tap(model, Code::Right);
    }

    #[test]
    fn names_that_can_stand_at_the_caret() {
        let mut model = policy_model(None);
        go_behind(&mut model, "\"ecr:BatchCheckLayerAvailability\"");
        type_text(&mut model, ", \"ecr:");
        press(&mut model, Key::ctrl(' '));
        tap(&mut model, Code::Down);
        both("names_actions", model);

        let mut model = policy_model(Some(DENY_POLICY));
        go_behind(&mut model, "\"StringNotEquals\" : {");
        press(&mut model, Key::ctrl(' '));
        both("names_keys", model);

        let mut model = policy_model(None);
        go_behind(&mut model, "\"AWS\": [");
        press(&mut model, Key::ctrl(' '));
        insta::assert_snapshot!("names_principals_80x24", snapshot(&mut model, 80, 24));
        insta::assert_snapshot!("names_principals_60x16", snapshot(&mut model, 60, 16));
        for (columns, rows) in [(1, 1), (40, 10), (41, 11), (79, 20), (300, 100)] {
            assert!(!snapshot(&mut model, columns, rows).is_empty());
        }
        tap(&mut model, Code::Down);
        tap(&mut model, Code::Enter);
        insta::assert_snapshot!("names_taken_80x24", snapshot(&mut model, 80, 24));
    }

    #[test]
    fn any_size_can_be_drawn() {
        let mut model = policy_model(Some(ORPHAN_POLICY));
        for _ in 0..2 {
            for (columns, rows) in [(1, 1), (40, 10), (41, 11), (60, 16), (79, 20), (300, 100)] {
                assert!(!snapshot(&mut model, columns, rows).is_empty());
            }
            press(&mut model, f(4));
        }
        press(&mut model, f(8));
        type_text(&mut model, "x");
        insta::assert_snapshot!("error_60x16", snapshot(&mut model, 60, 16));
    }
}
