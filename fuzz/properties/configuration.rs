//! Any text of a configuration file is taken, or refused in words at lines that it has; what was taken is taken with a
//! comment behind it, and refused at that line with a setting before it that does not exist.

use ecr_grant::cli::config::find_problems;

use super::is_readable;

/// Holds the property for the text of a file.
pub fn check_bytes(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let found = find_problems(text);
    // LF, CR LF and CR end a line.
    let lines = text.replace("\r\n", "\n").split(['\n', '\r']).count();
    for (line, words) in &found {
        assert!((1..=lines).contains(line), "line {line} of {lines}: {words}");
        is_readable(words);
        // A name of the file may hold a line end; the words around it do not.
        let is_of_file =
            text.contains("\\n") || text.contains("\\u") || text.contains("\\U") || text.contains("\"\"\"");
        assert!(is_of_file || !words.contains('\n') || text.contains("'''"), "{words}");
    }
    assert!(found.is_sorted(), "{found:?}");
    if !found.is_empty() {
        return;
    }
    assert_eq!(find_problems(&format!("{text}\n# the end")), []);
    let (before, mark) = text.strip_prefix('\u{feff}').map_or((text, ""), |rest| (rest, "\u{feff}"));
    let more = find_problems(&format!("{mark}no-such-setting = 1\n{before}"));
    assert!(matches!(more.as_slice(), [(1, words)] if words.contains("`no-such-setting`")), "{more:?}");
}
