//! Text laid out in rows that a screen scrolls through. The state machine must know how many rows there are to know
//! where scrolling ends, so the rows are made here; the drawing gives them colours and signs.

use std::ops::Range;

use similar::{Algorithm, ChangeTag, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};
use unicode_width::UnicodeWidthStr as _;

use super::keymap::Action;
use crate::ecr::text::{make_visible, with_commas, wrap_lines};
use crate::ecr::{AccountNames, Failure, POLICY_LIMIT, wrap_named};
use crate::policy::text::format;

/// The tone of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ink {
    /// Ordinary text.
    Plain,
    /// Text that can be overlooked.
    Dim,
    /// The most important part.
    Strong,
    /// Something to act on.
    Accent,
    /// Success.
    Good,
    /// A warning.
    Warn,
    /// A failure or a danger.
    Bad,
    /// Added in a difference.
    Added,
    /// Removed in a difference.
    Removed,
}

/// A sign of one cell before a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// It went well.
    Ok,
    /// It failed.
    Failed,
    /// It wants a second look.
    Warn,
    /// One of a list.
    Bullet,
    /// Under way since this time of the model's clock, in milliseconds.
    Waiting(u64),
    /// Not begun.
    Open,
    /// Somebody gains.
    Gain,
    /// Somebody loses.
    Loss,
}

impl Mark {
    fn default_ink(self) -> Ink {
        match self {
            Self::Ok => Ink::Good,
            Self::Failed => Ink::Bad,
            Self::Warn => Ink::Warn,
            Self::Bullet | Self::Open => Ink::Dim,
            Self::Waiting(_) => Ink::Accent,
            Self::Gain => Ink::Added,
            Self::Loss => Ink::Removed,
        }
    }

    /// The sign in a text without colours.
    fn text_sign(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "x",
            Self::Warn => "!",
            Self::Bullet => "*",
            Self::Waiting(_) | Self::Open => ".",
            Self::Gain => "+",
            Self::Loss => "-",
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageRow {
    /// Blank cells before it.
    pub indent: usize,
    /// A sign before the text, with how it is meant.
    pub mark: Option<(Mark, Ink)>,
    /// The text, control characters made visible already.
    pub parts: Vec<(Ink, String)>,
    /// The one of several things that it belongs to.
    pub owner: Option<usize>,
}

impl PageRow {
    /// The row without colours.
    pub fn plain_text(&self) -> String {
        let mut text = " ".repeat(self.indent);
        if let Some((mark, _)) = self.mark {
            text.push_str(mark.text_sign());
            text.push(' ');
        }
        for (_, part) in &self.parts {
            text.push_str(part);
        }
        text.trim_end().to_owned()
    }
}

/// A cell of a table.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'t> {
    /// The tone of its text.
    pub ink: Ink,
    /// Its text.
    pub text: &'t str,
    /// The cells of its column.
    pub width: usize,
}

/// A page that is kept as long as what it was made of.
#[derive(Debug)]
pub struct KeptPage<K> {
    made_of: K,
    page: TextPage,
}

impl<K: PartialEq> KeptPage<K> {
    /// Makes the page anew where it is of something else.
    pub fn keep(kept: &mut Option<Self>, made_of: K, make: impl FnOnce() -> TextPage) {
        if kept.as_ref().is_none_or(|kept| kept.made_of != made_of) {
            *kept = Some(Self { made_of, page: make() });
        }
    }

    /// Returns the page, where it is made of this.
    pub fn page_of<'k>(kept: &'k Option<Self>, made_of: &K) -> Option<&'k TextPage> {
        kept.as_ref().filter(|kept| kept.made_of == *made_of).map(|kept| &kept.page)
    }
}

/// Rows of at most `width` cells.
#[derive(Debug, Clone, Default)]
pub struct TextPage {
    width: usize,
    /// The names that stand behind account ids in its sentences.
    names: AccountNames,
    /// The lines around a difference.
    context: usize,
    /// The moment, in seconds since 1970, at which a condition on the time is told; none: as it stands.
    moment: Option<i64>,
    owner: Option<usize>,
    rows: Vec<PageRow>,
    /// The rows that say who gains and who loses.
    changes: Vec<usize>,
    /// The rows that stand for several things, each with the first of those.
    folds: Vec<(usize, usize)>,
}

impl TextPage {
    /// An empty page.
    pub fn new(width: usize) -> Self {
        Self { width, context: CONTEXT_LINES, ..Self::default() }
    }

    /// Puts names behind the account ids of the sentences that follow.
    #[must_use]
    pub fn with_names(mut self, names: &AccountNames) -> Self {
        self.names = names.clone();
        self
    }

    /// Tells conditions on the time as they are at a moment, in seconds since 1970.
    #[must_use]
    pub fn at_moment(mut self, now: i64) -> Self {
        self.moment = Some(now);
        self
    }

    /// Returns the moment at which conditions on the time are told; none: they are told as they stand.
    pub fn moment(&self) -> Option<i64> {
        self.moment
    }

    /// Shows so many lines around the differences that follow.
    #[must_use]
    pub fn with_context(mut self, lines: usize) -> Self {
        self.context = lines;
        self
    }

    /// Returns the names that stand behind account ids.
    pub fn account_names(&self) -> &AccountNames {
        &self.names
    }

    /// The rows.
    pub fn all_rows(&self) -> &[PageRow] {
        &self.rows
    }

    /// The places of the rows that say who gains and who loses.
    pub fn change_rows(&self) -> &[usize] {
        &self.changes
    }

    /// Notes that all rows from this one on say who gains and who loses.
    pub fn tells_changes_from(&mut self, first: usize) {
        self.changes.extend(first..self.rows.len());
    }

    /// Notes that the next row stands for several things, of which this is the first.
    pub fn note_fold(&mut self, first: usize) {
        self.folds.push((self.rows.len(), first));
    }

    /// Returns the first of the things that a row stands for; none: it stands for itself.
    pub fn fold_at(&self, row: usize) -> Option<usize> {
        self.folds.iter().find(|(at, _)| *at == row).map(|(_, first)| *first)
    }

    /// The cells of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Returns how many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The page as plain text, for the clipboard and for files.
    pub fn text(&self) -> String {
        self.rows.iter().map(|row| row.plain_text() + "\n").collect()
    }

    /// The owner of the next rows.
    pub fn belongs_to(&mut self, owner: Option<usize>) {
        self.owner = owner;
    }

    /// Adds a row as it is.
    pub fn push_row(&mut self, row: PageRow) {
        self.rows.push(PageRow { owner: self.owner, ..row });
    }

    /// An empty row; none at the top, and never two.
    pub fn add_blank(&mut self) {
        if self.rows.last().is_some_and(|row| !row.parts.is_empty()) {
            self.push_row(PageRow::default());
        }
    }

    /// A text, wrapped at blanks.
    pub fn text_row(&mut self, ink: Ink, indent: usize, text: &str) {
        self.add_wrapped(None, ink, indent, text);
    }

    /// A text after a sign; further rows begin under the text.
    pub fn add_marked(&mut self, mark: Mark, ink: Ink, indent: usize, text: &str) {
        self.add_wrapped(Some(mark), ink, indent, text);
    }

    fn add_wrapped(&mut self, mark: Option<Mark>, ink: Ink, indent: usize, text: &str) {
        let hang = if mark.is_some() { 2 } else { 0 };
        let text = self.names.beside_ids(text).into_owned();
        let lines = wrap_named(&visible_lines(&text), self.width.saturating_sub(indent + hang));
        for (at, line) in lines.into_iter().enumerate() {
            let (mark, indent) =
                if at == 0 { (mark.map(|m| (m, m.default_ink())), indent) } else { (None, indent + hang) };
            self.push_row(PageRow { indent, mark, parts: vec![(ink, line)], owner: None });
        }
    }

    /// The cells of one row of a table, each wrapped within its column, with `gap` cells between two columns.
    pub fn add_cells(&mut self, cells: &[Cell<'_>], gap: usize) {
        let columns: Vec<Vec<String>> =
            cells.iter().map(|cell| wrap_lines(&visible_lines(cell.text), cell.width)).collect();
        let height = columns.iter().map(Vec::len).max().unwrap_or_default();
        for at in 0..height {
            let mut parts: Vec<(Ink, String)> = Vec::new();
            for (number, (cell, lines)) in cells.iter().zip(&columns).enumerate() {
                let line = lines.get(at).map(String::as_str).unwrap_or_default();
                let is_last = number + 1 == cells.len();
                let pad = if is_last { 0 } else { (cell.width + gap).saturating_sub(line.width()) };
                parts.push((cell.ink, format!("{line}{}", " ".repeat(pad))));
            }
            self.push_row(PageRow { indent: 0, mark: None, parts, owner: None });
        }
    }

    /// A text with a label before it in a column of `room` cells.
    pub fn add_labelled(&mut self, label: &str, room: usize, indent: usize, ink: Ink, text: &str) {
        let text = self.names.beside_ids(text).into_owned();
        let lines = wrap_lines(&visible_lines(&text), self.width.saturating_sub(indent + room));
        for (at, line) in lines.into_iter().enumerate() {
            let head = if at == 0 { label } else { "" };
            let pad = room.saturating_sub(head.width());
            let parts = vec![(Ink::Dim, format!("{head}{}", " ".repeat(pad))), (ink, line)];
            self.push_row(PageRow { indent, mark: None, parts, owner: None });
        }
    }

    /// A text with a label, and what it stands for after it, or below it where the row is too short.
    pub fn labelled_pair(&mut self, label: &str, room: usize, indent: usize, text: &str, meant: &str) {
        let (text, meant) = (visible_lines(&self.names.beside_ids(text)), visible_lines(meant));
        if meant.is_empty() || indent + room + text.width() + 3 + meant.width() > self.width {
            self.add_labelled(label, room, indent, Ink::Plain, &text);
            if !meant.is_empty() {
                self.add_labelled("", room, indent, Ink::Dim, &meant);
            }
            return;
        }
        let label = format!("{label}{}", " ".repeat(room.saturating_sub(label.width())));
        let parts = vec![(Ink::Dim, label), (Ink::Plain, text), (Ink::Dim, format!("   {meant}"))];
        self.push_row(PageRow { indent, mark: None, parts, owner: None });
    }

    /// Text whose line ends and blanks count, such as JSON or commands. Long lines go on under their own beginning.
    pub fn add_code(&mut self, ink: Ink, indent: usize, text: &str) {
        for line in text.trim_end_matches('\n').split('\n') {
            self.code_line(ink, indent, "", line);
        }
    }

    fn code_line(&mut self, ink: Ink, indent: usize, sign: &str, line: &str) {
        let line = visible_lines(line.trim_end_matches(['\n', '\r'])).replace('\u{2409}', "    ");
        let own = line.chars().take_while(|c| *c == ' ').count();
        let room = self.width.saturating_sub(indent + sign.width());
        // Where the line's own blanks leave no room to speak of, they go.
        let (own, body) = match line.get(own..) {
            Some(body) if own + 8 <= room => (own, body),
            _ => (0, line.trim_start()),
        };
        for (at, text) in wrap_lines(body, room.saturating_sub(own + 2).max(1)).into_iter().enumerate() {
            let more = if at == 0 { 0 } else { 2 };
            let sign = if at == 0 { sign.to_owned() } else { " ".repeat(sign.width()) };
            self.push_row(PageRow {
                indent,
                mark: None,
                parts: vec![(ink, format!("{sign}{}{text}", " ".repeat(own + more)))],
                owner: None,
            });
        }
    }

    /// Adds a failure: what happened, the next step, the command, and AWS's own words.
    pub fn add_failure(&mut self, indent: usize, failure: &Failure) {
        self.add_marked(Mark::Failed, Ink::Strong, indent, &failure.what);
        self.text_row(Ink::Plain, indent + 2, &failure.next);
        if let Some(command) = &failure.command {
            self.add_code(Ink::Accent, indent + 4, command);
        }
        if let Some(aws) = &failure.aws {
            self.text_row(Ink::Dim, indent + 2, &format!("AWS said: {}: {}", aws.code, aws.message));
        }
    }

    /// The differing lines of two texts with the lines around them. A text written without line ends is laid out
    /// first, and the page says so: as one long line nobody could read the difference.
    pub fn add_difference(&mut self, indent: usize, old: Option<&str>, new: Option<&str>) {
        let (old, new, laid_out) = readable_texts(old.unwrap_or_default(), new.unwrap_or_default());
        if laid_out {
            self.text_row(Ink::Dim, indent, "both texts are laid out in lines here; what is sent keeps its bytes");
        }
        let groups = line_groups(&old, &new, self.context);
        let mut left = LAID_OUT;
        let mut named = std::collections::BTreeSet::new();
        let mut shown = 0;
        for (at, group) in groups.iter().enumerate() {
            if at > 0 && left > 0 {
                self.text_row(Ink::Dim, indent, "  ...");
            }
            for (tag, line) in group {
                if left == 0 {
                    break;
                }
                shown += 1;
                let own = line.len() - line.trim_start().len();
                let end = line.char_indices().nth(own + left).map_or(line.len(), |(end, _)| end);
                let line = line.get(..end).unwrap_or(line);
                left = left.saturating_sub(line.trim().chars().count() + 1);
                let (ink, sign) = match tag {
                    ChangeTag::Equal => (Ink::Dim, "  "),
                    ChangeTag::Insert => (Ink::Added, "+ "),
                    ChangeTag::Delete => (Ink::Removed, "- "),
                };
                named.extend(self.names.ids_in(line).map(ToString::to_string));
                self.code_line(ink, indent, sign, line);
            }
        }
        // A policy's own text holds the bare ids: their names stand below it.
        if !named.is_empty() {
            let ids = named.into_iter().collect::<Vec<_>>().join(", ");
            self.text_row(Ink::Dim, indent, &format!("  named accounts: {ids}"));
        }
        let hidden = groups.iter().map(Vec::len).sum::<usize>() - shown;
        if left == 0 {
            let words = format!("  and {} more lines: ECR takes no text as long as this", with_commas(hidden));
            self.text_row(Ink::Dim, indent, &words);
        }
    }
}

/// The most characters that a difference shows, blanks aside and each line's end counted as one: all of any two texts that
/// ECR takes. To lay out more would hold the next key.
const LAID_OUT: usize = 4 * POLICY_LIMIT + 1_000;

/// The lines around a difference.
pub const CONTEXT_LINES: usize = 3;

/// The most lines of both texts, those aside that they begin and end with, of which the shortest difference is looked
/// for: its search may take the square of them. Of more, all old ones are shown as removed and all new ones as added.
const COMPARED: usize = 2_000;

/// A line with how it changed.
type ChangedLine<'t> = (ChangeTag, &'t str);

/// Returns the differing lines of two texts with so many lines around them.
fn line_groups<'t>(old: &'t str, new: &'t str, context: usize) -> Vec<Vec<ChangedLine<'t>>> {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let start = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let room = before.len().min(after.len()) - start;
    let end = before.iter().rev().zip(after.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    let (old_end, new_end) = (before.len() - end, after.len() - end);
    let tagged = |lines: &[&'t str], range: Range<usize>, tag| {
        lines.get(range).unwrap_or_default().iter().map(|line| (tag, *line)).collect::<Vec<_>>()
    };
    if old_end - start + new_end - start > COMPARED {
        let whole = [
            tagged(&before, start.saturating_sub(context)..start, ChangeTag::Equal),
            tagged(&before, start..old_end, ChangeTag::Delete),
            tagged(&after, start..new_end, ChangeTag::Insert),
            tagged(&before, old_end..before.len().min(old_end + context), ChangeTag::Equal),
        ];
        return vec![whole.concat()];
    }
    let of_op = |op: &DiffOp| match op.tag() {
        DiffTag::Equal => tagged(&before, op.old_range(), ChangeTag::Equal),
        DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
            let gone = tagged(&before, op.old_range(), ChangeTag::Delete);
            [gone, tagged(&after, op.new_range(), ChangeTag::Insert)].concat()
        }
    };
    let groups = group_diff_ops(capture_diff_slices(Algorithm::Myers, &before, &after), context);
    groups.iter().map(|group| group.iter().flat_map(of_op).collect()).collect()
}

/// Counts the lines that a text has more and less than another one.
pub fn changed_lines(old: Option<&str>, new: &str) -> (usize, usize) {
    let groups = line_groups(old.unwrap_or_default().trim_end(), new.trim_end(), CONTEXT_LINES);
    let count = |tag| groups.iter().flatten().filter(|(of, _)| *of == tag).count();
    (count(ChangeTag::Insert), count(ChangeTag::Delete))
}

/// The texts as people can compare them, and whether they were laid out for it.
fn readable_texts(old: &str, new: &str) -> (String, String, bool) {
    const LONG: usize = 200;
    let is_long = |text: &str| text.lines().any(|line| line.len() > LONG);
    let with_end = |text: &str| if text.is_empty() { String::new() } else { text.trim_end().to_owned() + "\n" };
    if is_long(old) || is_long(new) {
        let laid = |text: &str| if text.is_empty() { Some(String::new()) } else { format(text) };
        if let (Some(old), Some(new)) = (laid(old), laid(new)) {
            return (with_end(&old), with_end(&new), true);
        }
    }
    (with_end(old), with_end(new), false)
}

/// Every line of a text with its control characters visible; the line ends stay.
fn visible_lines(text: &str) -> String {
    text.split('\n').map(make_visible).collect::<Vec<_>>().join("\n")
}

/// Carries out a movement on the first shown row of `len` rows in a window of `height`; `false` for other actions.
pub fn scroll_rows(first: &mut usize, action: Action, len: usize, height: usize) -> bool {
    let page = height.saturating_sub(1).max(1);
    let last = len.saturating_sub(height);
    *first = match action {
        Action::Up => first.saturating_sub(1),
        Action::Down => first.saturating_add(1),
        Action::PageUp => first.saturating_sub(page),
        Action::PageDown => first.saturating_add(page),
        Action::First => 0,
        Action::Last => last,
        _ => return false,
    }
    .min(last);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(page: &TextPage) -> Vec<String> {
        page.all_rows().iter().map(PageRow::plain_text).collect()
    }

    #[test]
    fn further_rows_begin_under_the_text() {
        let mut page = TextPage::new(12);
        page.add_marked(Mark::Failed, Ink::Bad, 1, "one two three four");
        assert_eq!(texts(&page), [" x one two", "   three", "   four"]);
        let mut page = TextPage::new(14);
        page.add_labelled("Who", 5, 1, Ink::Plain, "account 111");
        assert_eq!(texts(&page), [" Who  account", "      111"]);
    }

    #[test]
    fn no_row_is_wider_than_the_page() {
        for width in [1, 5, 20, 60] {
            let mut page = TextPage::new(width);
            page.text_row(Ink::Plain, 0, "arn:aws:iam::111111111111:role/deploy and more");
            page.add_code(Ink::Plain, 0, "        \"AWS\" : \"arn:aws:iam::111111111111:root\"");
            page.add_difference(0, None, Some("{\n    \"Version\": \"2012-10-17\"\n}\n"));
            if width > 4 {
                assert!(
                    page.all_rows().iter().all(|row| row.plain_text().width() <= width),
                    "{width}: {:?}",
                    texts(&page)
                );
            }
        }
    }

    #[test]
    fn only_what_differs_is_shown_with_three_lines_around_it() {
        let old = (0..20).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n") + "\n";
        let new = old.replace("line 10\n", "line ten\n");
        let mut page = TextPage::new(40);
        page.add_difference(0, Some(&old), Some(&new));
        let shown = texts(&page);
        assert_eq!(shown.len(), 8);
        assert_eq!(shown[3..5], ["- line 10", "+ line ten"]);
    }

    #[test]
    fn the_accounts_of_a_difference_have_their_names_below_it() {
        let id = |text: &str| crate::ecr::AccountId::parse(text).unwrap();
        let given = [(id("111111111111"), "Release".to_owned()), (id("444444444444"), "Elsewhere".to_owned())];
        let names = AccountNames::new(given.into_iter().collect());
        let new = "{\n  \"AWS\" : \"arn:aws:iam::111111111111:root\",\n  \"x\" : \"333333333333\"\n}";
        let mut page = TextPage::new(80).with_names(&names);
        page.add_difference(0, Some("{\n}"), Some(new));
        assert!(page.text().trim_end().ends_with("named accounts: 111111111111 (Release)"), "{}", page.text());
        assert_eq!(page.text().matches("Release").count(), 1, "a policy's own text stays as it is");
        let mut bare = TextPage::new(80);
        bare.add_difference(0, Some("{\n}"), Some(new));
        assert!(!bare.text().contains("named accounts"), "{}", bare.text());
    }

    #[test]
    fn the_difference_of_texts_that_ecr_takes_is_whole_and_that_of_longer_ones_has_an_end() {
        let rows = |old: &str, new: &str| {
            let mut page = TextPage::new(80);
            page.add_difference(0, Some(old), Some(new));
            texts(&page)
        };
        let most = |line: &str| line.repeat(POLICY_LIMIT / line.len());
        for (old, new) in [("a\n", "b\n"), ("ab\n", "c\n"), ("名\n", "é\n")] {
            let (old, new) = (most(old), most(new));
            let shown = rows(&old, &new);
            let changed = |sign| shown.iter().filter(|row| row.starts_with(sign)).count();
            assert!(!shown.iter().any(|row| row.contains("more lines")), "{old:.4}");
            let lines = |text: &str| text.trim_end().lines().count();
            assert_eq!((changed('-'), changed('+')), (lines(&old), lines(&new)), "{old:.4} {new:.4}");
        }
        for new in ["b\n".repeat(300_000), "b".repeat(300_000), "\n".repeat(300_000) + "b", " ".repeat(300_000) + "b"] {
            let shown = rows("a\n", &new);
            assert!(shown.len() <= LAID_OUT + 10, "{} rows", shown.len());
        }
        let shown = rows("a\n", &"b\n".repeat(300_000));
        assert_eq!(shown.last().unwrap(), "  and 279,021 more lines: ECR takes no text as long as this");
    }

    #[test]
    fn nothing_from_outside_reaches_a_row_raw() {
        let mut page = TextPage::new(80);
        page.text_row(Ink::Plain, 0, "a\u{1b}[2Jb\nc");
        page.add_code(Ink::Plain, 0, "a\u{1b}\tb");
        assert!(page.all_rows().iter().all(|row| row.plain_text().chars().all(|c| !c.is_control())));
        assert_eq!(texts(&page), ["a␛[2Jb", "c", "a␛    b"]);
    }

    #[test]
    fn scrolling_ends_at_the_last_full_window() {
        let mut first = 0;
        for _ in 0..50 {
            scroll_rows(&mut first, Action::Down, 20, 5);
        }
        assert_eq!(first, 15);
        scroll_rows(&mut first, Action::Up, 20, 5);
        assert_eq!(first, 14);
        assert!(scroll_rows(&mut first, Action::Last, 3, 5));
        assert_eq!(first, 0);
        assert!(!scroll_rows(&mut first, Action::Yes, 3, 5));
    }
}
