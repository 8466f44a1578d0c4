//! Draws the details of the chosen repository.

use ratatui::text::Line;

use super::super::theme::{Role, Sign, Theme};
use super::super::widgets::{failure, line, span, wrap};
use super::access;
use crate::ecr::repository::Encryption;
use crate::ecr::text::{fit, fit_end, visible};
use crate::wizard::repository::reads::PullAccess;
use crate::wizard::repository::rows::RepositoryRow;
use crate::wizard::{Action, KeyScope, Model};

/// A day, `YYYY-MM-DD` in UTC, from seconds since 1970; nothing for a time that no calendar holds.
pub(super) fn date(seconds: i64) -> String {
    time::OffsetDateTime::from_unix_timestamp(seconds).map(|t| t.date().to_string()).unwrap_or_default()
}

/// Two or three lines, for under the list: where it is, its settings, who has access.
pub(super) fn short(
    row: &RepositoryRow,
    stopped: bool,
    width: usize,
    height: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let repository = &row.repository;
    let dot = format!(" {} ", theme.sign(Sign::Between));
    let kind = encryption(repository.encryption.as_ref());
    let facts: Vec<String> = [
        repository.created.map(|t| format!("created {}", date(t))),
        kind.map(|words| words.split(" arn:").next().unwrap_or_default().to_owned()),
        tags(repository.tag_mutability.as_deref()).map(|words| format!("tags {words}")),
        repository.scan_on_push.map(scan).map(|words| format!("scan {words}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (column, role) = access(&row.access, stopped, theme);
    let words = if matches!(row.access, PullAccess::Known { .. }) { row.access.words() } else { column };
    let uri = line(theme, Role::Plain, fit_end(&repository.reference.uri(), width, theme.ascii));
    let who = line(theme, role, fit(&visible(words), width, theme.ascii));
    if height < 3 {
        return vec![uri, who];
    }
    vec![uri, line(theme, Role::Dim, fit(&facts.join(&dot), width, theme.ascii)), who]
}

fn scan(on_push: bool) -> String {
    if on_push { "on push" } else { "not on push" }.to_owned()
}

/// Everything, for beside the list. Grantees that find no room are counted.
pub(super) fn long(
    row: &RepositoryRow,
    model: &Model,
    width: usize,
    height: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let stopped = model.repository.reads().stopped().is_some();
    let repository = &row.repository;
    let mut out = Vec::new();
    for text in wrap(repository.name().as_str(), width) {
        out.push(line(theme, Role::Strong, text));
    }
    for text in wrap(&repository.reference.uri(), width) {
        out.push(line(theme, Role::Plain, text));
    }
    out.push(Line::default());
    let facts = [
        ("Created", repository.created.map(date)),
        ("Encryption", encryption(repository.encryption.as_ref())),
        ("Tags", tags(repository.tag_mutability.as_deref())),
        ("Scan", repository.scan_on_push.map(scan)),
    ];
    for (name, value) in facts {
        let Some(value) = value else { continue };
        for (at, text) in wrap(&value, width.saturating_sub(12)).into_iter().enumerate() {
            let head = if at == 0 { name } else { "" };
            out.push(Line::from(vec![span(theme, Role::Dim, format!("{head:<12}")), span(theme, Role::Plain, text)]));
        }
    }
    out.push(Line::default());
    out.push(line(theme, Role::Strong, "Who has access"));
    match &row.access {
        PullAccess::Known { grantees, .. } if !grantees.is_empty() => {
            let room = height.saturating_sub(out.len());
            let mut rows: Vec<Line<'static>> = Vec::new();
            let mut told = 0;
            for grantee in grantees {
                let wrapped = wrap(&visible(grantee), width.saturating_sub(2));
                // A row is kept for the count of the rest.
                if told > 0 && rows.len() + wrapped.len() + usize::from(told + 1 < grantees.len()) > room {
                    break;
                }
                told += 1;
                for (at, text) in wrapped.into_iter().enumerate() {
                    let head = if at == 0 { theme.sign(Sign::Bullet) } else { " " };
                    let (_, role) = access(&row.access, stopped, theme);
                    let role = if role == Role::Dim { Role::Plain } else { role };
                    rows.push(Line::from(vec![span(theme, Role::Dim, format!("{head} ")), span(theme, role, text)]));
                }
            }
            if told < grantees.len() {
                let review = model.key(KeyScope::Repository, Action::Review);
                rows.push(line(theme, Role::Dim, format!("and {} more: {review} shows all", grantees.len() - told)));
            }
            out.extend(rows);
        }
        PullAccess::Failed(why) => out.extend(failure(why, width, theme)),
        _ => {
            let (words, role) = access(&row.access, stopped, theme);
            out.extend(wrap(&visible(words), width).into_iter().map(|text| line(theme, role, text)));
        }
    }
    out
}

fn encryption(encryption: Option<&Encryption>) -> Option<String> {
    Some(match encryption? {
        Encryption::Aes256 => "AES-256".to_owned(),
        Encryption::Kms(key) => key.as_ref().map_or("KMS".to_owned(), |key| format!("KMS {}", visible(key))),
        Encryption::KmsDsse(key) => {
            key.as_ref().map_or("KMS, two layers".to_owned(), |key| format!("KMS, two layers, {}", visible(key)))
        }
        Encryption::Other(words) => visible(words),
    })
}

fn tags(mutability: Option<&str>) -> Option<String> {
    Some(match mutability? {
        "MUTABLE" => "mutable".to_owned(),
        "IMMUTABLE" => "immutable".to_owned(),
        "MUTABLE_WITH_EXCLUSION" => "mutable, with exceptions".to_owned(),
        "IMMUTABLE_WITH_EXCLUSION" => "immutable, with exceptions".to_owned(),
        other => visible(other),
    })
}
