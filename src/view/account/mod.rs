//! Step 1: every source of credentials on a row, and who the chosen one is.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::Drawn;
use super::theme::{Role, Sign, Theme};
use super::widgets::{
    chosen_row, divide_area, draw_bar, draw_divider, draw_field, draw_lines, draw_rule, failure_and_keys,
    failure_lines, fixed_width, full_width, inner_area, marked_spans, name_spans, role_line, role_span, waiting_line,
    wrap_lines,
};
use crate::ecr::text::{fit_end, make_visible};
use crate::ecr::{AccountNames, SignInKind, Source, SourceId, Verified};
use crate::wizard::account::{AccountStep, ListLine, RowGroup, body_shape, leads_to, wants_region};
use crate::wizard::age::ago;
use crate::wizard::layout::Shape;
use crate::wizard::{Action, KeyScope, Model, Remote, Size, layout};

/// The columns of the list; a width of 0 leaves one out. Each is as wide as what stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SourceColumns {
    name: usize,
    kind: usize,
    /// The id, and its name where the widest has room.
    account: usize,
    role: usize,
    region: usize,
    /// Cells between two columns.
    gap: usize,
}

impl SourceColumns {
    /// Cells before the name.
    const LEAD: usize = 4;
    const ACCOUNT: usize = 12;

    /// Names tell rows apart: what else there is gives way to them, the role first, because names often hold it. All rows
    /// count, shown or not: nothing moves while a filter is typed.
    fn for_width(width: usize, step: &AccountStep, names: &AccountNames) -> Self {
        let widest = |least: usize, of: &dyn Fn(&Source) -> usize| {
            step.all_sources().iter().map(of).max().unwrap_or_default().max(least)
        };
        let name = widest("Sign in with".len(), &|s| make_visible(&s.id.to_string()).width());
        let kind = widest("How".len(), &|s| s.kind.as_words().width());
        let role = widest("Role".len(), &|s| {
            let [_, _, role, _] = step.row_columns(s);
            if s.problem.is_some() { 0 } else { make_visible(&role).width() }
        });
        let region = widest(12, &|s| step.region_of(s).map_or(0, |r| r.as_str().width()));
        // The last cell is the bar's.
        let mut left = width.saturating_sub(Self::LEAD + 1 + Self::ACCOUNT + 1);
        let mut take = |wanted: usize, least: usize, name: usize| {
            let given = wanted.min(left.saturating_sub(name + 1));
            if given < least {
                return 0;
            }
            left -= given + 1;
            given
        };
        let region = take(region, region, name.min(20));
        let kind = take(kind, kind, name.min(32));
        let role = take(role, 8.min(role), name);
        let columns = 2 + [kind, role, region].iter().filter(|w| **w > 0).count();
        let spare = left.saturating_sub(name);
        let gap = 1 + usize::from(spare >= columns);
        let wide = widest(Self::ACCOUNT, &|s| account_words(step, s, names).width());
        let is_wide = wide - Self::ACCOUNT + columns * (gap - 1) <= spare;
        Self { name: name.min(left), kind, account: if is_wide { wide } else { Self::ACCOUNT }, role, region, gap }
    }
}

/// Returns the account of a source with its name beside it, as far as both are known.
fn account_words(step: &AccountStep, source: &Source, names: &AccountNames) -> String {
    let id = step.account_of(source).map(ToString::to_string).unwrap_or_default();
    names.beside_ids(&id).into_owned()
}

impl SourceColumns {
    /// Cells from the account on, with the gaps between the columns.
    fn after_kind(&self) -> usize {
        let shown = [self.role, self.region].into_iter().filter(|width| *width > 0);
        self.account + shown.map(|width| self.gap + width).sum::<usize>()
    }
}

/// The step's row in the table of drawings.
pub(super) const DRAWN: Drawn = Drawn { draw, prompt: |_, _, _, _| false, notice_rows: 3 };

fn draw(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let step = &model.account;
    if let Some(picker) = step.regions() {
        let whose = step.chosen_source().map(|s| format!("for {}?", s.id)).unwrap_or_default();
        super::regions::draw(frame, area, picker, &whose, theme);
        return;
    }
    if step.all_sources().is_empty() {
        draw_nothing(frame, area, model, theme);
        return;
    }
    let size = Size { columns: area.width, rows: area.height + layout::HEAD_ROWS + layout::FOOT_ROWS };
    let mut shape = body_shape(size);
    let told = |width: u16, rows: u16| {
        step.chosen_source().map_or_else(Vec::new, |s| detail_lines(model, s, width.into(), rows, theme))
    };
    // What to do about a failure must be seen whole: the list gives way, down to the chosen row; to AWS's own words it
    // leaves what it can spare.
    if shape.below > 0 && step.chosen_source().is_some_and(|s| step.attempt_of(&s.id).last_failure().is_some()) {
        let rows = |rows: u16| u16::try_from(told(area.width.saturating_sub(2), rows).len()).unwrap_or(u16::MAX);
        let (ours, all) = (rows(0), rows(u16::MAX));
        let more = |needed: u16, kept: u16| needed.saturating_sub(shape.below).min(shape.list.saturating_sub(kept));
        let more = more(ours, 1).max(more(all, 6));
        shape = Shape { list: shape.list - more, below: shape.below + more, ..shape };
    }
    let beside = if shape.below == 0 && area.width >= 60 { layout::columns_beside(model.step, area.width) } else { 0 };
    let places = divide_area(area, shape, beside);
    let columns = SourceColumns::for_width(usize::from(places.list.width), step, &model.settings.account_names);
    draw_head(frame, places.head, model, &columns, theme);
    draw_list(frame, places.list, model, &columns, theme);
    let name = step.chosen_source().map(|s| make_visible(&s.id.to_string())).unwrap_or_default();
    if shape.rule {
        let room = usize::from(places.rule.width).saturating_sub(8);
        draw_rule(frame, places.rule, &fit_end(&name, room, theme.ascii), theme);
    }
    let mut out = Vec::new();
    let place = if beside > 0 { places.beside } else { places.below };
    if beside > 0 && step.chosen_source().is_some() {
        draw_divider(frame, place, theme);
        out.extend(
            wrap_lines(&name, usize::from(place.width)).into_iter().map(|text| role_line(theme, Role::Strong, text)),
        );
    }
    let rows = place.height.saturating_sub(u16::try_from(out.len()).unwrap_or(u16::MAX));
    out.extend(told(place.width, rows));
    draw_lines(frame, place, out);
}

/// No row at all: still looking, nothing there, or it could not be read.
fn draw_nothing(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let area = Rect { x: area.x + area.width.min(1), width: area.width.saturating_sub(2), ..area };
    let width = usize::from(area.width);
    let mut out = vec![Line::default()];
    match model.account.sources() {
        Remote::NotAsked => {}
        Remote::Loading { since, .. } => {
            out.push(waiting_line("reading profiles", model.now.saturating_sub(*since), theme));
        }
        Remote::Failed { failure: why, .. } => {
            out.extend(failure_lines(why, width, theme));
            out.push(Line::default());
            out.push(hint_line(&model.key_name(KeyScope::Account, Action::Retry), "tries again", theme));
        }
        Remote::Ready(_) => {
            out.push(role_line(theme, Role::Strong, "No AWS credentials on this machine"));
            out.push(Line::default());
            let words = "There is no profile in the AWS config and credentials files, no key in the environment, and no \
                         role of a container or an instance.";
            out.extend(wrap_lines(words, width).into_iter().map(|text| role_line(theme, Role::Plain, text)));
            out.push(Line::default());
            out.push(role_line(theme, Role::Plain, "Make a profile, with SSO or with access keys:"));
            out.push(role_line(theme, Role::Accent, "    aws configure sso"));
            out.push(role_line(theme, Role::Accent, "    aws configure"));
            out.push(role_line(theme, Role::Plain, "Or look around first, without an account:"));
            out.push(role_line(theme, Role::Accent, "    ecr-grant --demo"));
            out.push(Line::default());
            out.push(hint_line(&model.key_name(KeyScope::Account, Action::Retry), "reads the files again", theme));
        }
    }
    draw_lines(frame, area, out);
}

fn hint_line(key: &str, words: &str, theme: Theme) -> Line<'static> {
    Line::from(vec![role_span(theme, Role::Key, key), role_span(theme, Role::Plain, format!(" {words}"))])
}

fn draw_head(frame: &mut Frame, area: Rect, model: &Model, columns: &SourceColumns, theme: Theme) {
    let step = &model.account;
    let [lead, filter, names] = Layout::vertical([Constraint::Length(1); 3]).areas(area);
    let narrowing = step.filter().is_narrowing() || step.filter().open;
    if area.height < 3 {
        if narrowing {
            draw_filter(frame, lead, model, theme);
        } else {
            draw_lines(frame, lead, vec![lead_line(model, theme)]);
        }
        return;
    }
    draw_lines(frame, lead, vec![lead_line(model, theme)]);
    draw_filter(frame, filter, model, theme);
    let SourceColumns { name, kind, account, role, region, gap } = *columns;
    let titles = [("Sign in with", name), ("How", kind), ("Account", account), ("Role", role), ("Region", region)];
    let shown = titles.into_iter().filter(|(_, width)| *width > 0);
    let text: Vec<String> = shown.map(|(title, width)| fixed_width(title, width, theme.ascii)).collect();
    let text = format!("{}{}", " ".repeat(SourceColumns::LEAD), text.join(&" ".repeat(gap)));
    draw_lines(frame, names, vec![role_line(theme, Role::Dim, text)]);
}

fn lead_line(model: &Model, theme: Theme) -> Line<'static> {
    let question = role_span(theme, Role::Strong, " Whose registry is it?");
    let told = match &model.prefill.target {
        Some(target) => {
            let words = format!("  {} of account {} in {}", target.name, target.account, target.region);
            model.settings.account_names.beside_ids(&words).into_owned()
        }
        None => "  choose a row, or paste an image URI".to_owned(),
    };
    let role = if model.prefill.target.is_some() { Role::Accent } else { Role::Dim };
    Line::from(vec![question, role_span(theme, role, told)])
}

fn draw_filter(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let step = &model.account;
    let narrowing = step.filter().is_narrowing() || step.filter().open;
    if !narrowing {
        let unusable = step.all_sources().iter().filter(|source| source.problem.is_some()).count();
        let count = match step.all_sources().len() - unusable {
            0 => "no way to sign in".to_owned(),
            1 => "1 way to sign in".to_owned(),
            n => format!("{n} ways to sign in"),
        };
        let filter = model.key_name(KeyScope::Account, Action::Filter);
        let mut parts = vec![role_span(theme, Role::Dim, format!(" {count}; "))];
        if unusable > 0 {
            let rows = if unusable == 1 { "1 row".to_owned() } else { format!("{unusable} rows") };
            parts.push(role_span(theme, Role::Warn, format!("{rows} cannot be used")));
            parts.push(role_span(theme, Role::Dim, "; "));
        }
        parts.push(role_span(theme, Role::Dim, format!("{filter} filters")));
        draw_lines(frame, area, vec![Line::from(parts)]);
        return;
    }
    let count = format!("{} of {} ", step.rows().len(), step.all_sources().len());
    let width = u16::try_from(count.width()).unwrap_or_default();
    let [typed, counted] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(width)]).areas(area);
    let typed = Rect { x: typed.x + typed.width.min(1), width: typed.width.saturating_sub(1), ..typed };
    draw_field(frame, typed, "/", &step.filter().field, step.filter().open, theme);
    draw_lines(frame, counted, vec![role_line(theme, Role::Dim, count)]);
}

fn draw_list(frame: &mut Frame, area: Rect, model: &Model, columns: &SourceColumns, theme: Theme) {
    let step = &model.account;
    if step.rows().is_empty() {
        let back = model.key_name(KeyScope::Global, Action::Back);
        let words = [
            role_line(theme, Role::Plain, "nothing matches"),
            Line::from(vec![
                role_span(theme, Role::Key, back),
                role_span(theme, Role::Plain, "  takes the filter away"),
            ]),
        ];
        draw_lines(frame, inner_area(area), words.to_vec());
        return;
    }
    let mut out = Vec::new();
    let shown = step.shown_lines(usize::from(area.height));
    for line in &shown.lines {
        let at = match *line {
            ListLine::Row(at) => at,
            ListLine::Heading(words) => {
                out.push(heading_line(words, usize::from(area.width), theme));
                continue;
            }
        };
        let Some(source) = step.source_at(at) else { continue };
        let chosen = at == step.cursor().selected;
        let texts = step.row_columns(source);
        let marks = step.match_marks(&texts);
        let [name, account, role, region] = &texts;
        let [name_marks, account_marks, role_marks, region_marks] = &marks;
        let (state, state_role) = match step.attempt_of(&source.id) {
            Remote::NotAsked => (" ", Role::Plain),
            Remote::Loading { since, .. } => (theme.spinner_sign(model.now.saturating_sub(*since)), Role::Accent),
            Remote::Ready(_) => (theme.sign_text(Sign::Ok), Role::Good),
            Remote::Failed { .. } => (theme.sign_text(Sign::Failed), Role::Bad),
        };
        let gap = || Span::raw(" ".repeat(columns.gap));
        let mut parts = vec![
            // A word takes the blank before it.
            Span::raw(" ".repeat(2_usize.saturating_sub(state.width()))),
            role_span(theme, Role::Plain, if chosen { theme.sign_text(Sign::Chosen) } else { " " }),
            role_span(theme, state_role, state),
            Span::raw(" "),
        ];
        // Both ends of long names of profiles tell them apart; the other names are words.
        let is_name = matches!(source.id, SourceId::Profile(_) | SourceId::File(_) | SourceId::Member(_));
        parts.extend(if is_name {
            name_spans(theme, Role::Plain, name, name_marks, columns.name)
        } else {
            marked_spans(theme, Role::Plain, name, name_marks, columns.name, false)
        });
        parts.push(gap());
        if columns.kind > 0 {
            let is_none = matches!(source.kind, SignInKind::Nothing | SignInKind::Unusable);
            let kind_role = if is_none { Role::Warn } else { Role::Plain };
            parts.push(role_span(theme, kind_role, fixed_width(source.kind.as_words(), columns.kind, theme.ascii)));
            parts.push(gap());
        }
        if source.problem.is_some() {
            // The reason takes the place of what is not known.
            let rest = columns.after_kind();
            parts.extend(marked_spans(theme, Role::Plain, role, role_marks, rest, false));
            let row = Line::from(parts);
            out.push(if chosen { chosen_row(full_width(row, area), theme) } else { row });
            continue;
        }
        let account = if columns.account > SourceColumns::ACCOUNT {
            &account_words(step, source, &model.settings.account_names)
        } else {
            account
        };
        parts.extend(marked_spans(theme, Role::Plain, account, account_marks, columns.account, false));
        parts.push(gap());
        if columns.role > 0 {
            parts.extend(marked_spans(theme, Role::Plain, role, role_marks, columns.role, false));
            parts.push(gap());
        }
        if columns.region > 0 {
            parts.extend(marked_spans(theme, Role::Plain, region, region_marks, columns.region, false));
            parts.push(gap());
        }
        let row = Line::from(parts);
        out.push(if chosen { chosen_row(full_width(row, area), theme) } else { row });
    }
    draw_lines(frame, area, out);
    draw_bar(frame, area, shown.first, shown.total, theme);
}

/// Returns the line above a group of rows; the last cell is the bar's.
fn heading_line(words: &str, width: usize, theme: Theme) -> Line<'static> {
    let dash = theme.sign_text(Sign::Rule);
    let head = format!(" {dash}{dash} {words} ");
    let rest = dash.repeat(width.saturating_sub(head.width() + 1));
    role_line(theme, Role::Dim, fit_end(&format!("{head}{rest}"), width.saturating_sub(1), theme.ascii))
}

/// Returns who the chosen source is, as far as it is known, and what to do next. Only the words about a failure keep to
/// the rows.
fn detail_lines(model: &Model, source: &Source, width: usize, rows: u16, theme: Theme) -> Vec<Line<'static>> {
    let step = &model.account;
    let plain = |text: String| {
        wrap_lines(&make_visible(&model.settings.account_names.beside_ids(&text)), width)
            .into_iter()
            .map(|t| role_line(theme, Role::Plain, t))
    };
    let mut out = Vec::new();
    match step.attempt_of(&source.id) {
        Remote::NotAsked => {
            out.extend(plain(source_sentence(source)));
            if step.group_of(source) == Some(RowGroup::Other) {
                out.extend(other_owner_lines(model, "this is another account", width, theme));
            }
            out.push(hint_line(&model.key_name(KeyScope::Account, Action::Next), "asks AWS who this is", theme));
            if let Some(when) = step.last_used(&source.id) {
                let passed = u64::try_from(model.unix_now().saturating_sub(when)).unwrap_or_default();
                out.push(role_line(theme, Role::Dim, format!("used {}", ago(passed))));
            }
        }
        Remote::Loading { since, .. } => {
            out.extend(plain(source_sentence(source)));
            let words = format!("asking AWS who this is; {} stops it", model.key_name(KeyScope::Global, Action::Back));
            out.push(waiting_line(&words, model.now.saturating_sub(*since), theme));
        }
        Remote::Failed { failure: why, .. } => {
            let keys = if wants_region(why) {
                hint_line(&model.key_name(KeyScope::Account, Action::Region), "chooses a Region", theme)
            } else if source.login.is_some() && model.why_off(Action::SignIn).is_none() {
                hint_line(&model.key_name(KeyScope::Account, Action::SignIn), "logs in from here", theme)
            } else if source.problem.is_some() {
                hint_line(&model.key_name(KeyScope::Account, Action::Retry), "reads the files again", theme)
            } else {
                hint_line(&model.key_name(KeyScope::Account, Action::Retry), "tries again", theme)
            };
            // What we say is never cut here, only AWS's own words are.
            let ours = crate::ecr::Failure { aws: None, ..why.clone() };
            let least = failure_and_keys(&ours, Some(keys.clone()), width, usize::MAX, theme).len();
            out.extend(failure_and_keys(why, Some(keys), width, least.max(rows.into()), theme));
        }
        Remote::Ready(verified) => out.extend(identity_lines(model, source, verified, width, theme)),
    }
    out
}

/// Returns who owns the repository that is looked for, and what follows from it.
fn other_owner_lines(model: &Model, follows: &str, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let Some(target) = &model.prefill.target else { return Vec::new() };
    let words = format!("{} belongs to {}: {follows}", target.name, target.account);
    let words = model.settings.account_names.beside_ids(&words).into_owned();
    let sign = theme.sign_text(Sign::Warn);
    let lines = wrap_lines(&words, width.saturating_sub(sign.width() + 1));
    let lines = lines.into_iter().map(|text| role_line(theme, Role::Warn, format!("{sign} {text}")));
    lines.collect()
}

/// Returns a key and what it does, on as many lines as that needs.
fn wrap_hint(key: &str, words: &str, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = wrap_lines(&format!("{key} {words}"), width).into_iter();
    let first = lines.next().and_then(|line| line.strip_prefix(key).map(|rest| rest.trim_start().to_owned()));
    let head = first.map(|first| hint_line(key, &first, theme));
    head.into_iter().chain(lines.map(|text| role_line(theme, Role::Plain, text))).collect()
}

/// Returns who a verified source is, and where its requests go. The most telling first: small windows show the
/// beginning.
fn identity_lines(
    model: &Model,
    source: &Source,
    verified: &Verified,
    width: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let names = &model.settings.account_names;
    let mut account = vec![
        role_span(theme, Role::Good, format!("{} ", theme.sign_text(Sign::Ok))),
        role_span(theme, Role::Plain, "you are in account "),
        role_span(theme, Role::Strong, names.beside_ids(verified.identity.account.as_str())),
    ];
    let name = format!("as {}", make_visible(&verified.identity.short_name()));
    let used: usize = account.iter().map(Span::width).sum();
    let mut out = Vec::new();
    if used + 1 + name.width() <= width {
        account.push(role_span(theme, Role::Plain, format!(" {name}")));
        out.push(Line::from(account));
    } else {
        out.push(Line::from(account));
        out.extend(wrap_lines(&name, width).into_iter().map(|text| role_line(theme, Role::Plain, text)));
    }
    let region = model.account.region_of(source).unwrap_or_else(|| verified.region.clone());
    out.push(Line::from(vec![
        role_span(theme, Role::Plain, "Region "),
        role_span(theme, Role::Strong, region.to_string()),
        role_span(theme, Role::Dim, format!("  {} changes it", model.key_name(KeyScope::Account, Action::Region))),
    ]));
    if model.prefill.target.as_ref().is_some_and(|target| target.account != verified.identity.account) {
        out.extend(other_owner_lines(model, "going on leaves it aside", width, theme));
    }
    out.extend(wrap_hint(
        &model.key_name(KeyScope::Account, Action::Next),
        &make_visible(&leads_to(model, &verified.identity)),
        width,
        theme,
    ));
    let arn = make_visible(&verified.identity.arn.to_string());
    out.extend(wrap_lines(&arn, width).into_iter().map(|text| role_line(theme, Role::Dim, text)));
    out
}

/// Returns what the files tell about a source, in a sentence.
fn source_sentence(source: &Source) -> String {
    let role = source.role.as_deref();
    let taken = role.map_or("a role".to_owned(), |role| format!("the role {role}"));
    let via = match (&source.kind, &source.sso_session) {
        (SignInKind::Sso, session) => {
            let session = session.as_ref().map(|name| format!(", session {name}")).unwrap_or_default();
            let role = role.map(|role| format!(", as {role}")).unwrap_or_default();
            format!("signs in with SSO{session}{role}")
        }
        (SignInKind::Keys, _) => match &source.hint {
            Some(hint) => format!("signs in with access keys: about {hint}, from its key"),
            None => "signs in with access keys, which do not tell their account".to_owned(),
        },
        (SignInKind::Role, _) => format!("takes {taken}"),
        (SignInKind::RoleWithMfa, _) => format!("takes {taken}, which asks for an MFA code"),
        (SignInKind::WebIdentity, _) => format!("takes {taken} with a web identity token"),
        (SignInKind::Process, _) => "runs the program that the profile names".to_owned(),
        (SignInKind::Login, _) => "signs in with `aws login`".to_owned(),
        (SignInKind::Container, _) => "uses the role of this container".to_owned(),
        (SignInKind::Instance, _) => "uses the role of this instance".to_owned(),
        (SignInKind::Nothing, _) => "holds settings but no credentials".to_owned(),
        (SignInKind::Unusable, _) => "cannot be used".to_owned(),
    };
    match &source.id {
        SourceId::Profile(name) => format!("Profile {name} {via}."),
        SourceId::Environment => format!("The environment {via}."),
        SourceId::File(place) => format!("{place} {via}."),
        _ => format!("This {via}."),
    }
}

#[cfg(test)]
mod tests;
