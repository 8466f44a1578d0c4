//! Reads settings of the environment.

use aws_types::os_shim_internal::Env;

/// Returns a variable of the environment; an empty one counts as not set.
pub(super) fn get_variable(env: &Env, name: &str) -> Option<String> {
    env.get(name).ok().filter(|value| !value.trim().is_empty())
}

/// Tells whether a setting is `true`, in any case, as the SDK takes it.
pub(super) fn is_true(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("true")
}
