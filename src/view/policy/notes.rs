//! Draws the rows below the text: how far it opens the repository and what was found, the problem at hand, who gains and
//! who loses, and a fix before it is applied.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::super::theme::{Role, Sign, Theme};
use super::super::widgets::{draw_lines, role_line, role_span, wrap_rows};
use super::{look, ruled};
use crate::ecr::text::{fit_width, make_visible};
use crate::plan::{GainTone, Verdict, gain_tone};
use crate::policy::access::Class;
use crate::policy::explain::change_words_at;
use crate::policy::{AccessRow, Change, Delta, Finding, Severity};
use crate::wizard::policy::{Counts, EditedText, FixEffect, FixPreview, RepositoryDocument};
use crate::wizard::remote::PATIENCE;
use crate::wizard::{Action, KeyScope, Model};

/// The rule below the text: how far the policy opens the repository, and how much was found.
pub fn rule_row(frame: &mut Frame, area: Rect, model: &Model, draft: &EditedText, theme: Theme) {
    let width = usize::from(area.width);
    let right = count_spans(draft.counts, model, width / 2, theme);
    let taken: usize = right.iter().map(Span::width).sum();
    let (role, words) = match draft.class {
        None => (Role::Dim, "access unknown: it cannot be read".to_owned()),
        Some(Class::Public) => {
            (Role::Bad, format!("{} {}", theme.sign_text(Sign::Warn), Class::Public.words_with(draft.unproved)))
        }
        Some(class) => (Role::Plain, class.words_with(draft.unproved)),
    };
    let waited = model.policy.checking_since().map(|since| model.now.saturating_sub(since));
    let (role, words) = match waited.filter(|waited| *waited >= PATIENCE) {
        Some(waited) => (Role::Accent, format!("{} {}", theme.spinner_sign(waited), checking_words(model))),
        None => (role, words),
    };
    let words = fit_width(&words, width.saturating_sub(taken + 7), theme.ascii);
    ruled(frame, area, vec![role_span(theme, role, format!("{words} "))], right, theme);
}

/// Returns what is waited for, where it takes long enough to be told.
fn checking_words(model: &Model) -> String {
    if model.policy.goes_on() {
        let back = model.key_name(KeyScope::Global, Action::Back);
        return format!("checking... then on to Save; {back} stays here");
    }
    "checking... below is what holds for the text before".to_owned()
}

/// The counts, the gravest first, as many as there is room for, and the key of the list.
fn count_spans(counts: Counts, model: &Model, room: usize, theme: Theme) -> Vec<Span<'static>> {
    if counts.count_all() == 0 {
        return Vec::new();
    }
    let role = if counts.stops > 0 {
        Role::Bad
    } else if counts.count_all() > counts.advice {
        Role::Warn
    } else {
        Role::Dim
    };
    let listed = model.policy.draft().map_or(0, |draft| draft.findings.len());
    // While the list is open, which row of it is chosen; otherwise the key that opens it.
    let (key_role, key) = match model.policy.problems() {
        Some(open) => (Role::Strong, format!("{} of {}", open.cursor.selected + 1, listed)),
        None => (Role::Key, model.key_name(KeyScope::Policy, Action::Problems)),
    };
    let room = room.saturating_sub(key.width() + 3);
    let mut parts = vec![Span::raw(" ")];
    let mut used = 0;
    for (at, words) in counts.count_words().into_iter().enumerate() {
        let lead = if at == 0 { String::new() } else { format!(" {} ", theme.sign_text(Sign::Between)) };
        let needed = lead.width() + words.width();
        if at > 0 && used + needed > room {
            break;
        }
        used += needed;
        parts.push(role_span(theme, Role::Dim, lead));
        parts.push(role_span(theme, if at == 0 { role } else { Role::Plain }, words));
    }
    parts.push(Span::raw("  "));
    parts.push(role_span(theme, key_role, key));
    parts.push(Span::raw(" "));
    parts
}

/// Draws the finding at the caret or the first that stops the save: where and what, why, and the fix. Returns how many rows
/// of the area it leaves free.
pub fn draw_problem(
    frame: &mut Frame,
    area: Rect,
    model: &Model,
    document: &RepositoryDocument,
    draft: &EditedText,
    theme: Theme,
) -> u16 {
    let rows = usize::from(area.height);
    let width = usize::from(area.width).saturating_sub(1);
    // A remark must not hide that the whole is too long, gives nothing, or would lock the caller out.
    let about_the_whole =
        matches!(draft.planned.verdict, Verdict::TooLong(_) | Verdict::LocksOut(_) | Verdict::Blocked);
    let mut out = match draft.spoken_finding() {
        Some(finding) if finding.stops || !about_the_whole => finding_lines(finding, model, draft, width, rows, theme),
        _ => all_is_well(model, document, draft, (width, rows), theme),
    };
    out.truncate(rows);
    let free = area.height.saturating_sub(u16::try_from(out.len()).unwrap_or(u16::MAX));
    draw_lines(frame, area, out);
    free
}

fn finding_lines(
    finding: &Finding,
    model: &Model,
    draft: &EditedText,
    width: usize,
    rows: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let (role, sign) = look(finding.severity, finding.stops);
    let place = draft.position_of(finding.span.start);
    let head = format!(" {} {}:{} ", theme.sign_text(sign), place.line, place.column);
    // The first row and the fix come before the whole of the message and of the reason.
    let fix_rows = usize::from(finding.fix.is_some() && rows > 1);
    // Where nobody edits, the whole message comes before the reason.
    let least = if model.policy.is_viewing() { 2 + fix_rows } else { 3 + fix_rows };
    let is_roomy = rows >= least;
    let message_rows = if is_roomy { 2 } else { 1 };
    let mut out: Vec<Line<'static>> = Vec::new();
    let message = wrap_rows(&finding.message, width.saturating_sub(head.width()), message_rows, theme);
    for (at, text) in message.into_iter().enumerate() {
        let lead = if at == 0 { head.clone() } else { " ".repeat(head.width()) };
        out.push(Line::from(vec![role_span(theme, role, lead), role_span(theme, Role::Strong, text)]));
    }
    let why_rows = rows.saturating_sub(out.len() + fix_rows);
    if why_rows > 0 && !finding.why.is_empty() {
        let why = wrap_rows(finding.why, width.saturating_sub(3), why_rows, theme);
        out.extend(why.iter().map(|t| role_line(theme, Role::Dim, format!("   {t}"))));
    }
    if fix_rows > 0 {
        out.extend(fix_line(finding, model, draft, KeyScope::Policy, width, theme));
    }
    out
}

/// The key and what its fix does; none where there is none.
pub fn fix_line(
    finding: &Finding,
    model: &Model,
    draft: &EditedText,
    scope: KeyScope,
    width: usize,
    theme: Theme,
) -> Option<Line<'static>> {
    let (fix, _) = draft.kind_fix(finding)?;
    let key = model.key_name(scope, Action::Fix);
    let access = if fix.changes_access { " (changes access: shown first)" } else { "" };
    let room = width.saturating_sub(3 + key.width() + 1 + access.width());
    let title = format!(" {}", fit_width(&make_visible(&fix.title), room, theme.ascii));
    Some(Line::from(vec![
        Span::raw("   "),
        role_span(theme, Role::Key, key),
        role_span(theme, Role::Plain, title),
        role_span(theme, Role::Dim, access),
    ]))
}

/// Returns what to say when no finding is at hand.
fn all_is_well(
    model: &Model,
    document: &RepositoryDocument,
    draft: &EditedText,
    (width, rows): (usize, usize),
    theme: Theme,
) -> Vec<Line<'static>> {
    // A row is kept for the remark.
    let most = rows.saturating_sub(usize::from(draft.gravest_remark().is_some())).max(1);
    let one = |role, sign, words: &str| {
        let texts = wrap_rows(words, width.saturating_sub(3), most, theme).into_iter().enumerate();
        let row = |(at, text): (usize, String)| {
            let sign = if at == 0 { theme.wide_sign(sign) } else { "  ".to_owned() };
            Line::from(vec![role_span(theme, role, format!("{sign} ")), role_span(theme, Role::Plain, text)])
        };
        texts.map(row).collect::<Vec<_>>()
    };
    let scope = if model.policy.is_viewing() { KeyScope::PolicyView } else { KeyScope::Policy };
    let go_on = model.key_name(scope, Action::GoOn);
    let mut out = match draft.first_obstacle() {
        Some((_, words)) => one(Role::Bad, Sign::Failed, &words),
        None if model.policy.edits_stored() && !draft.is_by_hand() => {
            let edit = model.key_name(KeyScope::PolicyView, Action::Edit);
            let words = if model.policy.is_viewing() {
                format!("nothing is changed yet; {edit} edits")
            } else {
                "nothing is changed yet".to_owned()
            };
            one(Role::Plain, Sign::Bullet, &words)
        }
        None if model.policy.edits_stored() && draft.is_granted() => {
            one(Role::Good, Sign::Ok, "it means what is stored: nothing to save")
        }
        None if draft.is_granted() && document.stored_text().known_value().is_some_and(Option::is_some) => {
            let words = format!("already granted: nothing to save; {go_on} goes on to what is left to do");
            let is_good = !is_dangerous(draft) && draft.planned.doubt_words().is_none();
            let (role, sign) = if is_good { (Role::Good, Sign::Ok) } else { (Role::Plain, Sign::Bullet) };
            one(role, sign, &words)
        }
        None if is_dangerous(draft) => {
            one(Role::Plain, Sign::Bullet, &format!("nothing stops the save: {go_on} goes on"))
        }
        None => one(Role::Good, Sign::Ok, &format!("no problem stops the save: {go_on} goes on")),
    };
    if let Some(finding) = draft.gravest_remark() {
        // Beside the editor, further rows than one would hide who gains; in the view the last one is kept for what was
        // changed by hand.
        let free = rows.saturating_sub(out.len() + usize::from(draft.is_by_hand())).max(1);
        let room = if model.policy.is_viewing() { free } else { 1 };
        out.extend(finding_lines(finding, model, draft, width, room, theme));
    }
    if draft.is_by_hand() {
        let again = model.key_name(KeyScope::Policy, Action::BeginAgain);
        let added = if model.policy.edits_stored() { "" } else { " with the grant added" };
        let words = format!("   changed by hand; {again} begins again from the stored policy{added}");
        out.push(role_line(theme, Role::Dim, fit_width(&words, width, theme.ascii)));
    }
    out
}

/// Tells whether the document is open to the public, or holds a risk or an error: no sign of success stands by it.
fn is_dangerous(draft: &EditedText) -> bool {
    let is_grave = |finding: &&Finding| matches!(finding.severity, Severity::Error | Severity::Security);
    draft.class == Some(Class::Public) || draft.findings.iter().any(|finding| is_grave(&finding))
}

/// Draws gains and losses, and the access that a Deny statement may void.
/// `above` are rows over the area that are free: a Deny statement with its conditions may take them.
pub fn draw_access(frame: &mut Frame, area: Rect, above: u16, draft: &EditedText, theme: Theme) {
    let width = usize::from(area.width).saturating_sub(1);
    let rows = usize::from(area.height + above);
    let mut out: Vec<Line<'static>> = Vec::new();
    let is_told = draft.planned.verdict == Verdict::Blocked;
    let doubts = draft.planned.denied_words().into_iter().chain(draft.planned.unknown_words());
    if let Some(denied) = doubts.take(1).next().filter(|_| !is_told) {
        let sign = theme.sign_text(Sign::Warn);
        for (at, text) in wrap_rows(&denied, width.saturating_sub(3), rows.saturating_sub(1).clamp(1, 3), theme)
            .into_iter()
            .enumerate()
        {
            let sign = if at == 0 { sign } else { " " };
            out.push(role_line(theme, Role::Warn, format!(" {sign} {text}")));
        }
    }
    let left = usize::from(area.height).max(out.len() + 1) - out.len();
    let delta = &draft.planned.delta;
    if delta.is_empty() && draft.class.is_none() {
        out.push(role_line(theme, Role::Dim, "   mend the problem to see who gains"));
    } else {
        out.extend(change_lines(delta, &draft.planned.blocked, draft.planned.now, left, width, theme));
    }
    out.truncate(rows);
    let over = u16::try_from(out.len()).unwrap_or(u16::MAX).saturating_sub(area.height).min(above);
    draw_lines(frame, Rect { y: area.y - over, height: area.height + over, ..area }, out);
}

/// Returns who loses and who gains, in so many rows; what finds no room is counted. What has ended by `now`, in seconds since
/// 1970, is told as of nobody.
fn change_lines(
    delta: &Delta,
    blocked: &[AccessRow],
    now: Option<i64>,
    rows: usize,
    width: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let mut out: Vec<Line<'static>> = Vec::new();
    let count = delta.losses.len() + delta.gains.len();
    let losses = delta.losses.iter().map(|change| (Role::Removed, "-", change));
    let role_of = |change: &Change| match gain_tone(change, blocked) {
        GainTone::Danger => Role::Bad,
        GainTone::HeldBack => Role::Warn,
        GainTone::Plain => Role::Added,
    };
    let gains = delta.gains.iter().map(|change| (role_of(change), "+", change));
    // Words are made for what has room alone: there may be hundreds of changes, each with long conditions.
    let all: Vec<(Role, &str, String)> =
        losses.chain(gains).take(rows).map(|(role, sign, change)| (role, sign, change_words_at(change, now))).collect();
    if count == 0 {
        out.push(role_line(theme, Role::Dim, "   nobody gains, nobody loses"));
    }
    let hidden = count.saturating_sub(rows);
    let shown = if hidden > 0 { rows.saturating_sub(1) } else { rows };
    let only_gains = delta.losses.is_empty();
    let last = count.min(shown).saturating_sub(1);
    let end = if only_gains { "; nobody loses" } else { "" };
    // Where one row is too short for the words of a change, and there are rows enough, it has more than one.
    let whole = |at: usize, words: &str| format!("{words}{}", if at == last { end } else { "" });
    let is_cut = all.iter().enumerate().any(|(at, (_, _, words))| make_visible(&whole(at, words)).width() + 3 > width);
    if is_cut && hidden == 0 && rows > 1 {
        let texts: Vec<Vec<String>> = all
            .iter()
            .enumerate()
            .map(|(at, (_, _, words))| wrap_rows(&whole(at, words), width.saturating_sub(3), rows, theme))
            .collect();
        if texts.iter().map(Vec::len).sum::<usize>() <= rows {
            for ((role, sign, _), texts) in all.iter().zip(texts) {
                for (at, text) in texts.into_iter().enumerate() {
                    let lead = if at == 0 { format!(" {sign} ") } else { "   ".to_owned() };
                    out.push(Line::from(vec![role_span(theme, *role, lead), role_span(theme, Role::Strong, text)]));
                }
            }
            return out;
        }
    }
    for (at, (role, sign, words)) in all.iter().take(shown).enumerate() {
        let end = if only_gains && hidden == 0 && at == last { end } else { "" };
        let room = width.saturating_sub(3 + end.width());
        out.push(Line::from(vec![
            role_span(theme, *role, format!(" {sign} ")),
            role_span(theme, Role::Strong, fit_width(&make_visible(words), room, theme.ascii)),
            role_span(theme, Role::Dim, end),
        ]));
    }
    if hidden > 0 && rows > 0 {
        let (gains, losses) = (delta.gains.len(), delta.losses.len());
        let more = count - shown;
        let words = if shown == 0 {
            format!("   {gains} gain, {losses} lose")
        } else {
            format!("   and {more} more: {gains} gain, {losses} lose")
        };
        out.push(role_line(
            theme,
            if losses > 0 { Role::Removed } else { Role::Dim },
            fit_width(&words, width, theme.ascii),
        ));
    }
    out
}

/// A fix before it is applied: what it does, who gains and who loses by it, and the answers.
pub fn draw_fix(frame: &mut Frame, area: Rect, model: &Model, fix: &FixPreview, theme: Theme) {
    let width = usize::from(area.width).saturating_sub(1);
    let rows = usize::from(area.height);
    let (role, sign, lead) = match &fix.effect {
        FixEffect::Known(delta) if delta.is_empty() => (Role::Plain, Sign::Bullet, "the fix:"),
        FixEffect::AgainstStored(_) => (Role::Warn, Sign::Warn, "the fix changes access, against what is stored:"),
        FixEffect::Known(_) => (Role::Warn, Sign::Warn, "the fix changes access:"),
        FixEffect::Unknown => (Role::Warn, Sign::Warn, "the fix may change access:"),
    };
    let head = format!(" {} {lead} ", theme.sign_text(sign));
    let title = fit_width(&make_visible(&fix.title), width.saturating_sub(head.width()), theme.ascii);
    let mut out = vec![Line::from(vec![role_span(theme, role, head), role_span(theme, Role::Strong, title)])];
    let notes = fix.notes.len().min(rows.saturating_sub(4));
    let hidden = fix.notes.len() - notes;
    for (at, note) in fix.notes.iter().take(notes).enumerate() {
        let more = if at + 1 == notes && hidden > 0 { format!(" (and {hidden} more)") } else { String::new() };
        let words = fit_width(&make_visible(note), width.saturating_sub(5 + more.width()), theme.ascii);
        out.push(role_line(theme, Role::Plain, format!("   - {words}{more}")));
    }
    let left = rows.saturating_sub(2 + notes);
    match &fix.effect {
        FixEffect::Known(delta) | FixEffect::AgainstStored(delta) => {
            out.extend(change_lines(delta, &[], None, left, width, theme));
        }
        FixEffect::Unknown => {
            let words = "mend the other problems of the text to see who gains and who loses";
            let text = wrap_rows(words, width.saturating_sub(3), left, theme);
            out.extend(text.iter().map(|text| role_line(theme, Role::Plain, format!("   {text}"))));
        }
    }
    out.truncate(rows.saturating_sub(1));
    out.push(Line::from(vec![
        Span::raw("   "),
        role_span(theme, Role::Key, model.key_name(KeyScope::FixPreview, Action::Next)),
        role_span(theme, Role::Plain, " applies it   "),
        role_span(theme, Role::Key, model.key_name(KeyScope::FixPreview, Action::Back)),
        role_span(theme, Role::Plain, " leaves the text as it is"),
    ]));
    out.truncate(rows);
    draw_lines(frame, area, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::AccountId;
    use crate::policy::{Change, Who};
    use crate::wizard::WizardSettings;

    fn change(account: &str, actions: &[&str]) -> Change {
        Change {
            who: Who::Account(AccountId::parse(account).unwrap()),
            actions: actions.iter().map(|name| (*name).to_owned()).collect(),
            conditions: Vec::new(),
            witness: None,
            unproved: None,
        }
    }

    #[test]
    fn changes_have_the_rows_that_are_free_and_are_cut_where_none_is() {
        let push = ["PutImage", "InitiateLayerUpload", "DescribeImages", "ListImages"];
        let delta = Delta { gains: vec![change("111111111111", &push)], losses: vec![change("333333333333", &push)] };
        let rows = |rows: usize| -> Vec<String> {
            change_lines(&delta, &[], None, rows, 40, Theme::new(&WizardSettings::default()))
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        let (free, full) = (rows(6), rows(2));
        assert!(free.len() > 2 && free.len() <= 6, "{free:?}");
        assert!(!free.iter().any(|row| row.contains('…')), "{free:?}");
        assert_eq!(full.len(), 2);
        assert!(full.iter().all(|row| row.ends_with('…')), "{full:?}");
    }
}
