//! Lists of grantees in files: `accounts.csv` with an id and a label on each line.

use std::path::Path;

use super::output::Stop;
use crate::ecr::{Failure, FailureKind, Grantee};

/// The largest list that is read, in bytes.
const LONGEST: u64 = 4 * 1024 * 1024;

/// First fields of a line of headings.
const HEADINGS: [&str; 6] = ["id", "account", "account_id", "accountid", "grantee", "arn"];

/// Reads the grantees of a file, or of the standard input for `-`.
pub(super) fn read_grantee_file(path: &Path) -> Result<Vec<Grantee>, Stop> {
    let shown = if path.as_os_str() == "-" { "the standard input".to_owned() } else { path.display().to_string() };
    let text = read_text(path).map_err(|error| {
        Stop::Failure(Failure::new(
            FailureKind::File,
            format!("{shown} cannot be read: {error}"),
            "name a text file with a grantee on each line",
        ))
    })?;
    let grantees = parse_lines(&text).map_err(|(line, problem)| {
        Stop::wrong_usage(format!("{shown}, line {line}: {problem}"), "write a grantee on each line, or `id,label`")
    })?;
    if grantees.is_empty() {
        return Err(Stop::wrong_usage(
            format!("{shown} names no grantee"),
            "write a grantee on each line, or `id,label`",
        ));
    }
    Ok(grantees)
}

fn read_text(path: &Path) -> std::io::Result<String> {
    use std::io::Read as _;
    let mut text = String::new();
    let read = |source: &mut dyn std::io::Read, text: &mut String| source.take(LONGEST + 1).read_to_string(text);
    if path.as_os_str() == "-" {
        read(&mut std::io::stdin().lock(), &mut text)?;
    } else {
        read(&mut std::fs::File::open(path)?, &mut text)?;
    }
    if u64::try_from(text.len()).is_ok_and(|length| length > LONGEST) {
        return Err(std::io::Error::other("it is larger than 4 MiB"));
    }
    Ok(text)
}

/// Reads the first field of each line; a label behind a comma, semicolon or tab is left out. Blank lines, lines that
/// begin with `#` and a first line of headings are no grantees. An error comes with the number of its line.
fn parse_lines(text: &str) -> Result<Vec<Grantee>, (usize, String)> {
    let mut found: Vec<Grantee> = Vec::new();
    let mut is_first = true;
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let field = first_field(line);
        let is_heading = std::mem::take(&mut is_first) && HEADINGS.contains(&field.to_ascii_lowercase().as_str());
        if is_heading {
            continue;
        }
        let grantee = Grantee::parse(field).map_err(|problem| (at + 1, problem.to_string()))?;
        if !found.contains(&grantee) {
            found.push(grantee);
        }
    }
    Ok(found)
}

/// Returns the text before the first comma, semicolon or tab, or all that stands between double quotes.
fn first_field(line: &str) -> &str {
    if let Some((quoted, _)) = line.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        return quoted.trim();
    }
    line.split([',', ';', '\t']).next().unwrap_or(line).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(text: &str) -> Vec<String> {
        parse_lines(text).unwrap().iter().map(Grantee::words).collect()
    }

    #[test]
    fn a_list_has_ids_labels_headings_and_comments() {
        let text = "\u{feff}account_id,label\r\n# vendors\r\n111111111111,Release\r\n\r\n\"333333333333\",\"a, b\"\n\
                    arn:aws:iam::444444444444:role/deploy;deploys\n1111-1111-1111\to again\n";
        let read = words_of(text);
        assert_eq!(read.len(), 3, "{read:?}");
        assert!(read[0].contains("111111111111") && read[2].contains("role deploy"), "{read:?}");
    }

    #[test]
    fn a_line_that_is_no_grantee_is_told_by_its_number() {
        let (line, problem) = parse_lines("111111111111,one\n\n12345,short\n").unwrap_err();
        assert_eq!(line, 3);
        assert!(problem.contains("12345"), "{problem}");
        // A heading stands on the first line alone.
        assert_eq!(parse_lines("111111111111\naccount\n").unwrap_err().0, 2);
        assert!(parse_lines("# nothing\n").unwrap().is_empty());
    }
}
