//! Tags and digests of images, held to the rule of the OCI distribution specification.

use std::fmt;

/// A tag, such as `1.4.2`: up to 128 of letters, digits, `_`, `.` and `-`, of which `.` and `-` never come first.
/// Source: OCI distribution specification 1.1, pulling manifests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(String);

impl Tag {
    /// Reads a tag; `None`: the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let is_tag = !text.is_empty() && text.len() <= 128 && text.chars().all(is_legal);
        (is_tag && !text.starts_with(['.', '-'])).then(|| Self(text.to_owned()))
    }

    /// Returns the tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The tags that a registry gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tags {
    /// The tags by the rule, in the registry's order.
    pub legal: Vec<Tag>,
    /// The number of those that were none.
    pub dropped: usize,
}

impl Tags {
    /// Reads each text as a tag.
    pub fn read_tags<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut tags = Self::default();
        for text in texts {
            match Tag::parse(text) {
                Some(tag) => tags.legal.push(tag),
                None => tags.dropped += 1,
            }
        }
        tags
    }

    /// Adds those of another image.
    #[must_use]
    pub fn joined_with(mut self, more: Self) -> Self {
        self.legal.extend(more.legal);
        self.dropped += more.dropped;
        self
    }
}

/// A digest, such as `sha256:` with 64 hexadecimal digits. Source: OCI image specification 1.1, descriptors.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(String);

impl Digest {
    /// Reads `ALGORITHM:HEX`; `None`: the text is no digest. SHA-256 has 64 digits, SHA-512 has 128.
    pub fn parse(text: &str) -> Option<Self> {
        let (algorithm, hex) = text.split_once(':')?;
        let is_word =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let is_hex = hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_long = match algorithm {
            "sha256" => hex.len() == 64,
            "sha512" => hex.len() == 128,
            _ => (32..=256).contains(&hex.len()),
        };
        let is_digest =
            algorithm.len() <= 32 && algorithm.split(['+', '.', '_', '-']).all(is_word) && is_hex && is_long;
        is_digest.then(|| Self(text.to_owned()))
    }

    /// Returns the digest as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_by_the_rule_of_oci() {
        let longest = "a".repeat(128);
        for text in ["latest", "1.4.2", "_x", "V-1..2__", longest.as_str()] {
            assert_eq!(Tag::parse(text).as_ref().map(Tag::as_str), Some(text));
        }
        let long = "a".repeat(129);
        for text in
            ["", ".x", "-x", "a b", "a/b", "a:b", "a\nb", "a\u{202e}", "é", "x;id", "$(id)", "ａ", long.as_str()]
        {
            assert_eq!(Tag::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn digests_are_read_by_the_rule_of_oci() {
        let of = |algorithm: &str, length: usize| format!("{algorithm}:{}", "0a".repeat(length / 2));
        for text in [of("sha256", 64), of("sha512", 128), of("blake3", 64), of("multihash+base58", 46)] {
            assert_eq!(Digest::parse(&text).as_ref().map(Digest::as_str), Some(text.as_str()));
        }
        for text in [
            String::new(),
            "sha256:".to_owned(),
            "sha256:00".to_owned(),
            of("sha256", 66),
            of("SHA256", 64),
            of("", 64),
            of("a..b", 64),
            of("x y", 64),
            of("sha256", 64).to_uppercase(),
            of("sha256", 62) + "$(",
            of("sha256", 62) + "\u{202e}",
            of("sha256", 64) + "\n",
        ] {
            assert_eq!(Digest::parse(&text), None, "{text:?}");
        }
    }
}
