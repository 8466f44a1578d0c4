//! What the other side needs: the puller's kit, command lines and snippets. Pure.
