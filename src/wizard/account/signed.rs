//! Takes who is signed in, and where.

use crate::wizard::policy::put_away;
use crate::wizard::{Model, Signed};

/// Takes an identity, account and Region, in which everything is read and written from now on. What was chosen elsewhere is
/// dropped, and the names of accounts are those beside this one.
pub(in crate::wizard) fn take_signed(model: &mut Model, signed: Signed) {
    if model.signed.as_ref().is_none_or(|before| before.registry_place() != signed.registry_place()) {
        model.chosen.clear();
        put_away(model);
    }
    model.account_names = model.account.names_beside(&model.settings.account_names, signed.owner_account());
    model.signed = Some(signed);
}
