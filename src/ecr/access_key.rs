//! The account id that a static access key id holds.

use super::AccountId;

/// Bits of the account id in the first 48 bits behind the prefix.
const MASK: u64 = 0x7fff_ffff_ff80;
/// Set in the key ids that hold an account id; older ones hold none.
const HAS_ACCOUNT: u64 = 0x8000_0000_0000;

/// Returns the account that an access key id names. It is a hint: nobody has verified the key. Key ids from before 2019 hold
/// none. Source: <https://awsteele.com/blog/2020/09/26/aws-access-key-format.html>.
pub fn account_of_key(key_id: &str) -> Option<AccountId> {
    let coded = key_id.strip_prefix("AKIA").or_else(|| key_id.strip_prefix("ASIA"))?;
    if coded.len() != 16 {
        return None;
    }
    // Ten letters of five bits are the first fifty bits; the last two are behind the 48.
    let values: Vec<u8> = coded.bytes().map(letter_value).collect::<Option<_>>()?;
    let bits = values.iter().take(10).fold(0_u64, |bits, value| bits << 5 | u64::from(*value)) >> 2;
    if bits & HAS_ACCOUNT == 0 {
        return None;
    }
    AccountId::parse(&format!("{:012}", (bits & MASK) >> 7)).ok()
}

/// Returns the value of a letter of base 32 (RFC 4648).
fn letter_value(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'2'..=b'7' => Some(letter - b'2' + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a key id of an account, as AWS does: the bit, forty bits of the account, and others.
    fn key_of(prefix: &str, account: u64, rest: u64) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits = (u128::from(HAS_ACCOUNT | account << 7) << 32) | u128::from(rest);
        let letters = (0..16).rev().map(|at| char::from(LETTERS[usize::try_from((bits >> (at * 5)) & 31).unwrap()]));
        prefix.to_owned() + &letters.collect::<String>()
    }

    #[test]
    fn a_published_key_id_names_its_account() {
        // The example of the page: ASIAQNZGKIQY56JQ7WML belongs to 029608264753.
        assert_eq!(account_of_key("ASIAQNZGKIQY56JQ7WML").unwrap().as_str(), "029608264753");
    }

    #[test]
    fn each_account_is_found_in_its_key_ids() {
        for account in [0, 1, 222_222_222_222, 123_456_789_012, 999_999_999_999] {
            for rest in [0, 1, 0xffff_ffff, 0x1234_5678] {
                for prefix in ["AKIA", "ASIA"] {
                    let found = account_of_key(&key_of(prefix, account, rest)).map(|id| id.to_string());
                    assert_eq!(found, Some(format!("{account:012}")), "{account} {rest}");
                }
            }
        }
    }

    #[test]
    fn old_key_ids_and_other_texts_tell_nothing() {
        let other = key_of("AROA", 222_222_222_222, 0);
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAJ4VGPZWEXAMPLE22",
            "222222222222",
            "",
            "AKIA",
            "AKIAQNZGKIQY56J",
            "AKIAQNZGKIQY56JQ7WM1",
            "AKIAQNZGKIQY56JQ7WML0",
            &other,
        ] {
            assert_eq!(account_of_key(text), None, "{text}");
        }
    }
}
