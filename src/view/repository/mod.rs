//! Step 2: the repositories of the registry, who can pull each, and what is known of the chosen one.

mod details;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::Drawn;
use super::theme::{Role, Sign, Theme};
use super::widgets::{
    chosen_row, divide_area, draw_bar, draw_divider, draw_field, draw_lines, draw_rule, failure_and_keys, fixed_width,
    full_width, inner_area, marked_spans, progress_bar, role_line, role_span, slowdown_line, waiting_line, wrap_lines,
};
use crate::ecr::text::{fit_width, with_commas};
use crate::ecr::{FailureKind, RepositoryName};
use crate::policy::access::Class;
use crate::wizard::fuzzy::Fuzzy;
use crate::wizard::layout::{columns_beside, has_details};
use crate::wizard::repository::order::{Order, Sort};
use crate::wizard::repository::reads::PullAccess;
use crate::wizard::repository::row::RepositoryRow;
use crate::wizard::repository::{ListingState, body_shape, shown_trouble};
use crate::wizard::slowness::listing_slowdown;
use crate::wizard::{Action, KeyScope, Model, Size};

/// The columns of the list. 4 cells come before the name, 1 is between columns.
struct RepositoryColumns {
    name: usize,
    who: usize,
    created: usize,
}

impl RepositoryColumns {
    fn for_width(width: usize) -> Self {
        // The last cell is the bar's, with one before it.
        let width = width.saturating_sub(2);
        let created = if width >= 70 { 10 } else { 0 };
        let left = width.saturating_sub(4 + 1 + if created > 0 { created + 2 } else { 0 });
        // The usual words are seen whole: "no policy: only your account".
        let name = (left * 52 / 100).min(left.saturating_sub(28)).max(left * 9 / 20);
        Self { name, who: left - name, created }
    }
}

/// The word for a row whose policy is being read.
pub(super) const READING: &str = "reading";

/// The step's row in the table of drawings.
pub(super) const DRAWN: Drawn = Drawn { draw, prompt: |_, _, _, _| false, notice_rows: 3 };

fn draw(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    draw_step(frame, area, model, theme);
    super::acceptance::draw_dialog(frame, area, model, theme);
}

fn draw_step(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let step = &model.repository;
    if let Some(review) = step.review() {
        super::review::draw(frame, area, model, review, theme);
        return;
    }
    if let Some(picker) = step.regions() {
        let whose = model.signed.as_ref().map(|s| format!("of account {}?", s.owner_account())).unwrap_or_default();
        super::regions::draw(frame, area, picker, &whose, theme);
        return;
    }
    let shape = body_shape(model);
    let wide = has_details(Size { columns: area.width, rows: area.height });
    let beside = if wide { columns_beside(model.step, area.width) } else { 0 };
    let places = divide_area(area, shape, beside);
    let columns = RepositoryColumns::for_width(usize::from(places.list.width));
    draw_head(frame, places.head, model, &columns, theme);
    let grantees = step.overview().and_then(|overview| overview.grantees());
    match grantees {
        _ if super::overview::has_registries_shown(model) => {
            super::overview::draw_registries(frame, places.list, model, theme);
        }
        Some(list) => super::overview::draw_grantees(frame, places.list, list, &model.account_names, theme),
        None if step.overview().is_some() && !step.rows().shown_indexes().is_empty() => {
            super::overview::draw_rows(frame, places.list, model, theme);
        }
        None => draw_list(frame, places.list, model, &columns, theme),
    }
    if shape.rule {
        draw_rule(frame, places.rule, "", theme);
    }
    let below = places.below;
    if shown_trouble(model).is_some() {
        draw_lines(frame, below, trouble_lines(model, usize::from(below.width), usize::from(below.height), theme));
    } else if step.overview().is_some() {
        draw_lines(frame, below, overview_lines(model, below, theme));
    } else if let Some(row) = step.chosen_row() {
        draw_lines(frame, below, details::short_lines(row, model, below.width.into(), below.height.into(), theme));
    }
    if wide && step.overview().is_some() {
        draw_divider(frame, places.beside, theme);
        draw_lines(frame, places.beside, overview_lines(model, places.beside, theme));
    } else if let Some(row) = step.chosen_row().filter(|_| wide) {
        let place = places.beside;
        draw_divider(frame, place, theme);
        draw_lines(
            frame,
            place,
            details::long_lines(row, model, usize::from(place.width), usize::from(place.height), theme),
        );
    }
}

/// Returns what is to be known of the chosen row of the overview.
fn overview_lines(model: &Model, area: Rect, theme: Theme) -> Vec<Line<'static>> {
    let step = &model.repository;
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    if super::overview::has_registries_shown(model) {
        return super::overview::registry_lines(model, width, height, theme);
    }
    if let Some(list) = step.overview().and_then(|overview| overview.grantees()) {
        let chosen = list.rows.get(list.cursor.selected);
        return chosen
            .map(|row| super::overview::reach_lines(row, &model.account_names, width, height, theme))
            .unwrap_or_default();
    }
    step.chosen_row().map(|row| super::overview::detail_lines(row, model, width, height, theme)).unwrap_or_default()
}

/// Returns what went wrong, and which keys lead on.
fn trouble_lines(model: &Model, width: usize, rows: usize, theme: Theme) -> Vec<Line<'static>> {
    let Some(why) = shown_trouble(model) else { return Vec::new() };
    let key = |key: &str, words: &str| {
        [role_span(theme, Role::Key, key), role_span(theme, Role::Plain, format!(" {words}   "))]
    };
    let mut keys = Vec::new();
    if model.repository.search().search_failure().is_none() {
        keys.extend(key(&model.key_name(KeyScope::Repository, Action::Refresh), "tries again"));
        if why.kind.is_sign_in() {
            keys.extend(key(&model.key_name(KeyScope::Global, Action::Back), "goes back to sign in again"));
        }
        if why.kind == FailureKind::AccessDenied {
            keys.extend(key(&model.key_name(KeyScope::Repository, Action::Filter), "a name you know"));
        }
        keys.extend(key(&model.key_name(KeyScope::Repository, Action::Region), "another Region"));
    } else {
        keys.extend(key(&model.key_name(KeyScope::Global, Action::Back), "puts this away"));
    }
    // While a name is typed, letters are text.
    let keys = (!model.repository.filter().open).then(|| Line::from(keys));
    failure_and_keys(why, keys, width, rows, theme)
}

fn draw_head(frame: &mut Frame, area: Rect, model: &Model, columns: &RepositoryColumns, theme: Theme) {
    let [lead, filter, names] = Layout::vertical([Constraint::Length(1); 3]).areas(area);
    let step = &model.repository;
    let narrowing = step.filter().open || step.filter().is_narrowing();
    if area.height < 3 {
        let row = Rect { height: area.height.min(1), ..area };
        if narrowing {
            draw_filter(frame, row, model, theme);
        } else {
            draw_lead(frame, row, model, true, theme);
        }
        return;
    }
    draw_lead(frame, lead, model, narrowing, theme);
    draw_filter(frame, filter, model, theme);
    if step.rows().is_empty()
        && !matches!(step.listing(), ListingState::Loading { .. })
        && !super::overview::has_registries_shown(model)
    {
        return;
    }
    if step.overview().is_some() {
        super::overview::draw_names(frame, names, model, theme);
        return;
    }
    let order = step.rows().current_order();
    let head = |name: &str, sort: Sort| {
        // The usual order needs no sign.
        if order.by == sort && order != Order::default() {
            super::overview::marked_name(name, order, theme)
        } else {
            name.to_owned()
        }
    };
    let mut text = format!(
        "    {} {}",
        fixed_width(&head("Repository", Sort::Name), columns.name, theme.ascii),
        fixed_width(&head("Who can pull", Sort::Access), columns.who, theme.ascii)
    );
    if columns.created > 0 {
        text += "  ";
        text += &head("Created", Sort::Newest);
    }
    draw_lines(frame, names, vec![role_line(theme, Role::Dim, text)]);
}

/// Draws the number of repositories, their order and the number of marks; at the right the progress of reading.
/// `is_alone`: no row below it says that AWS asks to slow down.
fn draw_lead(frame: &mut Frame, area: Rect, model: &Model, is_alone: bool, theme: Theme) {
    let step = &model.repository;
    let dot = format!(" {} ", theme.sign_text(Sign::Between));
    let count = match step.rows().len() {
        1 => "1 repository".to_owned(),
        n => format!("{} repositories", with_commas(n)),
    };
    let mut parts = vec![Span::raw(" ")];
    let mut spinner = "";
    let title = match step.listing() {
        ListingState::Complete if step.rows().is_empty() => "No repositories".to_owned(),
        _ if step.rows().is_empty() => "Repositories".to_owned(),
        ListingState::Loading { since, .. } => {
            // After the number: what stands before it would move when the list is complete.
            spinner = theme.spinner_sign(model.now.saturating_sub(*since));
            format!("{count} so far")
        }
        ListingState::Failed(_) => {
            parts.extend([role_span(theme, Role::Warn, theme.sign_text(Sign::Warn)), Span::raw(" ")]);
            format!("{count}, not all")
        }
        ListingState::Complete | ListingState::NotAsked => count,
    };
    parts.push(role_span(theme, Role::Strong, title));
    if !spinner.is_empty() {
        parts.push(role_span(theme, Role::Accent, format!(" {spinner}")));
    }
    let before_order = parts.len();
    if step.rows().len() > 1 {
        parts.push(role_span(
            theme,
            Role::Dim,
            format!("{dot}{}", step.rows().current_order().in_words(step.overview().is_some())),
        ));
    }
    if step.overview().is_some() {
        let sum = super::overview::sum_words(model);
        if !sum.is_empty() {
            parts.push(role_span(theme, Role::Dim, dot.clone()));
            parts.push(role_span(theme, Role::Bad, sum));
        }
        if let Some(words) = super::overview::accepted_words(model) {
            parts.push(role_span(theme, Role::Dim, format!("{dot}{words}")));
        }
    }
    if step.rows().count_marked() > 0 {
        parts.push(role_span(theme, Role::Dim, dot));
        parts.push(role_span(
            theme,
            Role::Accent,
            format!("{} {} marked", theme.sign_text(Sign::Marked), with_commas(step.rows().count_marked())),
        ));
    }
    // Where not all has room, the order goes: the head of a column shows it too.
    let width_of = |parts: &[Span<'_>]| parts.iter().map(Span::width).sum::<usize>();
    if width_of(&parts) > usize::from(area.width) && step.rows().len() > 1 {
        parts.remove(before_order);
    }
    cut_spans(&mut parts, usize::from(area.width), theme);
    let room = usize::from(area.width).saturating_sub(width_of(&parts) + 3);
    let told = reading_spans(model, room, is_alone, theme);
    if !told.is_empty() {
        let width: usize = told.iter().map(Span::width).sum();
        parts.push(Span::raw(" ".repeat((room + 2).saturating_sub(width))));
        parts.extend(told);
    }
    draw_lines(frame, area, vec![Line::from(parts)]);
}

/// Cuts a line to a width, with a sign that it is cut.
fn cut_spans(parts: &mut Vec<Span<'static>>, width: usize, theme: Theme) {
    let mut used = 0;
    let over = parts.iter().position(|part| {
        used += part.width();
        used > width
    });
    let Some(over) = over else { return };
    parts.truncate(over + 1);
    let room = |parts: &[Span<'_>]| width.saturating_sub(parts.iter().map(Span::width).sum());
    while let Some(part) = parts.pop() {
        let left = room(parts);
        if left > 0 {
            parts.push(Span::styled(fit_width(&format!("{} ", part.content), left, theme.ascii), part.style));
            return;
        }
    }
}

/// Returns how far the reading is, in at most `room` cells. `is_alone`: no other row says that AWS asks to slow down.
fn reading_spans(model: &Model, room: usize, is_alone: bool, theme: Theme) -> Vec<Span<'static>> {
    let reads = model.repository.reads();
    // Of several registries the others are still read.
    let stopped = reads.why_stopped().filter(|_| model.repository.shown_survey().is_none());
    let words = match (model.repository.search().asked_name(), stopped) {
        (Some(name), _) => Some(format!("asking for {name}")),
        (None, Some(_)) => Some("who can pull: not known".to_owned()),
        (None, None) => None,
    };
    if let Some(words) = words {
        return if words.width() <= room { vec![role_span(theme, Role::Dim, words)] } else { Vec::new() };
    }
    let Some((done, of)) = reads.read_progress(model.repository.rows().len()) else { return Vec::new() };
    if let Some(words) = listing_slowdown(model).filter(|_| is_alone) {
        // The time gives way first, then the rate.
        let before = |sign| words.split_once(sign).map(|(before, _)| before);
        let shorter = [Some(words.as_str()), before(','), before(':')];
        if let Some(words) = shorter.into_iter().flatten().find(|words| words.width() <= room) {
            return vec![role_span(theme, Role::Warn, words)];
        }
    }
    let (told, count) = ("who can pull:", format!(" {} of {}", with_commas(done), with_commas(of)));
    let bar = format!(" {}", progress_bar(done, of, 8, theme));
    let width = told.width() + count.width();
    if width > room {
        return Vec::new();
    }
    let bar = if width + bar.width() <= room { bar } else { String::new() };
    vec![role_span(theme, Role::Dim, told), role_span(theme, Role::Accent, bar), role_span(theme, Role::Dim, count)]
}

fn draw_filter(frame: &mut Frame, area: Rect, model: &Model, theme: Theme) {
    let step = &model.repository;
    if !step.filter().open && !step.filter().is_narrowing() {
        if let Some(words) = listing_slowdown(model) {
            draw_lines(frame, area, vec![slowdown_line(&words, area.width.into(), theme)]);
            return;
        }
        let scope = if step.overview().is_some() { KeyScope::Overview } else { KeyScope::Repository };
        let filter = model.key_name(scope, Action::Filter);
        let width = usize::from(area.width);
        let loud = super::overview::unread_line(model, width, theme);
        if let Some(line) = loud.or_else(|| super::overview::around_line(model, width, theme)) {
            draw_lines(frame, area, vec![line]);
            return;
        }
        if step.overview().is_some() {
            let words = format!(" {filter} filters: any text, class:public, grantee:ID, finding:S101, right:push");
            draw_lines(frame, area, vec![role_line(theme, Role::Dim, words)]);
            return;
        }
        let words = format!(" {filter} filters; paste an image URI or ARN to go straight there");
        draw_lines(frame, area, vec![role_line(theme, Role::Dim, words)]);
        return;
    }
    let count = matched_words(model, usize::from(area.width));
    let width = u16::try_from(count.width()).unwrap_or_default();
    let [typed, counted] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(width)]).areas(area);
    let typed = Rect { x: typed.x + typed.width.min(1), width: typed.width.saturating_sub(1), ..typed };
    draw_field(frame, typed, "/", &step.filter().field, step.filter().open, theme);
    draw_lines(frame, counted, vec![role_line(theme, Role::Dim, count)]);
}

/// Returns how many repositories the filter shows of how many; in the review how many of these are not read, and how many
/// more it may have to show.
fn matched_words(model: &Model, width: usize) -> String {
    let step = &model.repository;
    let count = format!("{} of {}", with_commas(step.rows().matched_indexes().len()), with_commas(step.rows().len()));
    if step.overview().is_none() {
        return count + " ";
    }
    let unread = step.count_unread();
    let counted = |told: &[(usize, &str)]| {
        let told = told.iter().filter(|(number, _)| *number > 0);
        let told = told.map(|(number, what)| format!(", {} {what}", with_commas(*number)));
        format!("{count}{} ", told.collect::<String>())
    };
    let whole = counted(&[(unread.shown, "not read"), (unread.unjudged(), "cannot be judged")]);
    if whole.width() <= width / 2 { whole } else { counted(&[(unread.shown + unread.unjudged(), "not known")]) }
}

fn draw_list(frame: &mut Frame, area: Rect, model: &Model, columns: &RepositoryColumns, theme: Theme) {
    let step = &model.repository;
    if step.rows().shown_indexes().is_empty() {
        let inside = inner_area(area);
        draw_lines(frame, inside, no_rows(model, usize::from(inside.width), usize::from(inside.height), theme));
        return;
    }
    let mut fuzzy = Fuzzy::new(step.filter().query_text().trim());
    let mut out = Vec::new();
    for place in step.cursor().shown_rows(step.rows().shown_indexes().len(), usize::from(area.height)) {
        let Some(row) = step.rows().row_at(place) else { continue };
        let chosen = place == step.cursor().selected;
        let name = row.repository.name().as_str();
        let marks = if step.filter().is_narrowing() { fuzzy.match_marks(name) } else { Vec::new() };
        let is_marked = step.rows().is_marked(row);
        let mut parts = vec![
            Span::raw(" "),
            role_span(theme, Role::Plain, if chosen { theme.sign_text(Sign::Chosen) } else { " " }),
            role_span(theme, Role::Accent, if is_marked { theme.sign_text(Sign::Marked) } else { " " }),
            Span::raw(" "),
        ];
        parts.extend(marked_spans(theme, Role::Plain, name, &marks, columns.name, true));
        parts.push(Span::raw(" "));
        let query = if step.filter().is_narrowing() { step.filter().query_text() } else { "" };
        if row.is_being_read() && step.reads().why_stopped_at(&row.repository.reference).is_none() {
            parts.push(role_span(theme, Role::Dim, fixed_width(READING, columns.who, theme.ascii)));
        } else {
            parts.extend(access_spans(row, model, query, columns.who, theme));
        }
        if columns.created > 0 {
            let created = row.repository.created.map(crate::ecr::day_of).unwrap_or_default();
            parts.push(role_span(
                theme,
                Role::Dim,
                format!("  {}", fixed_width(&created, columns.created, theme.ascii)),
            ));
        }
        let row = Line::from(parts);
        out.push(if chosen { chosen_row(full_width(row, area), theme) } else { row });
    }
    draw_lines(frame, area, out);
    draw_bar(frame, area, step.cursor().offset, step.rows().shown_indexes().len(), theme);
}

/// The numbers of the characters at which a word of the query stands, for marking; letter case does not count.
fn word_marks(query: &str, text: &str) -> Vec<usize> {
    let small = |text: &str| -> Vec<char> { text.chars().map(|c| c.to_ascii_lowercase()).collect() };
    let text = small(text);
    let words = query.split_whitespace().map(small).filter(|word| !word.is_empty());
    words
        .flat_map(|word| {
            let starts = text.windows(word.len()).enumerate().filter(|(_, part)| **part == word).map(|(at, _)| at);
            starts.flat_map(|at| at..at + word.len()).collect::<Vec<_>>()
        })
        .collect()
}

/// Returns who can pull, `width` cells wide: the parties outside, and behind them those of the own account, dim.
fn access_spans(row: &RepositoryRow, model: &Model, query: &str, width: usize, theme: Theme) -> Vec<Span<'static>> {
    let access = &row.access;
    let stopped = model.repository.reads().why_stopped_at(&row.repository.reference).is_some();
    let (words, role) = access_words(access, stopped, theme);
    let own = match access {
        PullAccess::Known { column, .. } => column.own.as_str(),
        _ => "",
    };
    // What the own account's parties need is not the names'.
    let for_own = if own.is_empty() { 0 } else { own.width() + 2 };
    let words = &*model.account_names.beside_ids_within(words, width.saturating_sub(for_own));
    let marks = word_marks(query, words);
    if own.is_empty() || words.width() + 3 > width {
        let words = if own.is_empty() { words.to_owned() } else { format!("{words}; {own}") };
        return marked_spans(theme, role, &words, &marks, width, false);
    }
    let mut spans = marked_spans(theme, role, words, &marks, words.width(), false);
    spans.push(role_span(theme, Role::Dim, "; "));
    spans.extend(marked_spans(theme, Role::Dim, own, &word_marks(query, own), width - words.width() - 2, false));
    spans
}

/// Returns who can pull from outside, for a column: the words, and how loud they are.
fn access_words(access: &PullAccess, stopped: bool, theme: Theme) -> (&str, Role) {
    match access {
        PullAccess::Unknown if stopped => ("not known", Role::Dim),
        PullAccess::Unknown => (theme.sign_text(Sign::More), Role::Dim),
        PullAccess::NoPolicy => (access.in_words(), Role::Dim),
        PullAccess::Known { column, only_deleted: true, .. }
        | PullAccess::Known { column, registry_may_open: true, .. } => (&column.outside, Role::Warn),
        PullAccess::Known { column, class, .. } => {
            let role = match class {
                Class::Public => Role::Bad,
                Class::Network => Role::Warn,
                Class::Organization | Class::CrossAccount | Class::Service => Role::Plain,
                Class::OwnAccount | Class::None => Role::Dim,
            };
            (&column.outside, role)
        }
        PullAccess::Unreadable | PullAccess::Failed(_) => (access.in_words(), Role::Warn),
    }
}

/// In place of rows: still coming, none there, none that matches.
fn no_rows(model: &Model, width: usize, rows: usize, theme: Theme) -> Vec<Line<'static>> {
    let step = &model.repository;
    let place =
        model.signed.as_ref().map(|s| format!("account {} in {}", s.owner_account(), s.region)).unwrap_or_default();
    let place = model.account_names.beside_ids(&place);
    let plain =
        |text: &str| wrap_lines(text, width).into_iter().map(|t| role_line(theme, Role::Plain, t)).collect::<Vec<_>>();
    // The keys under one another, their words too.
    let keys = |rows: &[(String, String)]| {
        let widest = rows.iter().map(|(key, _)| key.width()).max().unwrap_or_default();
        let row = |(key, words): &(String, String)| {
            let words = fit_width(words, width.saturating_sub(widest + 2), theme.ascii);
            Line::from(vec![
                role_span(theme, Role::Key, fixed_width(key, widest, theme.ascii)),
                role_span(theme, Role::Plain, format!("  {words}")),
            ])
        };
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let wait = |words: &str, since: u64| {
        vec![waiting_line(
            &fit_width(words, width.saturating_sub(2), theme.ascii),
            model.now.saturating_sub(since),
            theme,
        )]
    };
    if !step.rows().is_empty() || step.filter().is_narrowing() {
        if let (Some(asked), Some(since)) = (step.search().asked_name(), step.search().waiting_since()) {
            return wait(&format!("asking AWS for {asked}"), since);
        }
        let mut out = plain(match step.listing() {
            ListingState::Failed(_) => "nothing matches of what could be listed",
            ListingState::Loading { .. } => "nothing matches of what is listed so far",
            _ => "nothing matches",
        });
        let mut ways = Vec::new();
        if step.search().search_failure().is_none() && RepositoryName::parse(step.filter().query_text().trim()).is_ok()
        {
            let enter = model.key_name(KeyScope::FilterLine, Action::FilterDone);
            ways.push((enter, format!("asks AWS for {}", step.filter().query_text().trim())));
        }
        ways.push((model.key_name(KeyScope::Global, Action::Back), "takes the filter away".to_owned()));
        out.extend(keys(&ways));
        return out;
    }
    match step.listing() {
        ListingState::Loading { since, .. } => match step.shown_survey() {
            Some(survey) => wait(&super::overview::progress_words(survey), *since),
            None => wait(&format!("listing the repositories of {place}"), *since),
        },
        ListingState::NotAsked => Vec::new(),
        ListingState::Failed(_) => trouble_lines(model, width, rows, theme),
        ListingState::Complete if step.shown_survey().is_some() => {
            let is_elsewhere = step.shown_survey().is_some_and(|survey| survey.elsewhere().is_some());
            let place = if is_elsewhere { "what" } else { "the accounts and Regions that" };
            let mut out = plain(&format!("There is no repository in {place} could be read."));
            out.push(Line::default());
            out.extend(keys(&[
                (
                    model.key_name(KeyScope::Overview, Action::Refresh),
                    if is_elsewhere { "reads it again" } else { "signs in and lists again" }.to_owned(),
                ),
                (model.key_name(KeyScope::Global, Action::Back), "chooses one account".to_owned()),
            ]));
            out
        }
        ListingState::Complete => {
            let words =
                format!("There is none of {place}. Repositories belong to one Region: perhaps yours are in another.");
            let mut out = plain(&words);
            out.push(Line::default());
            out.extend(keys(&[
                (model.key_name(KeyScope::Repository, Action::Region), "lists another Region".to_owned()),
                (model.key_name(KeyScope::Global, Action::Back), "chooses another account".to_owned()),
                (model.key_name(KeyScope::Repository, Action::Refresh), "lists again, once there is one".to_owned()),
            ]));
            out
        }
    }
}

#[cfg(test)]
mod tests;
