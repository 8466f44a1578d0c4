//! Words of a POSIX shell command.

/// The word as a shell reads it back, in single quotes where it needs them. A single quote inside ends the quotes, is
/// escaped, and begins them again.
pub fn quote(word: &str) -> String {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':' | ',' | '@' | '+' | '=');
    // A leading `=` or `~` means something to some shells; `~` is never plain.
    if !word.is_empty() && word.chars().all(is_plain) && !word.starts_with('=') {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A command with its arguments, each quoted as it needs.
pub fn command<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_they_were() {
        for (word, quoted) in [
            ("team/vendorapp", "team/vendorapp"),
            (
                "222222222222.dkr.ecr.eu-west-2.amazonaws.com/app:1@sha256",
                "222222222222.dkr.ecr.eu-west-2.amazonaws.com/app:1@sha256",
            ),
            ("", "''"),
            ("*", "'*'"),
            ("=x", "'=x'"),
            ("~", "'~'"),
            ("my profile", "'my profile'"),
            ("it's", r"'it'\''s'"),
            ("$(rm -rf ~)`x`\"\\!", "'$(rm -rf ~)`x`\"\\!'"),
            ("a\nb", "'a\nb'"),
        ] {
            assert_eq!(quote(word), quoted, "{word}");
        }
        assert_eq!(command(["a", "b c", "d'e"]), r"a 'b c' 'd'\''e'");
    }
}
