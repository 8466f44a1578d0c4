//! The only room with a terminal: guard, event loop, effect executor.
