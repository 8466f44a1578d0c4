//! The only writer: re-read, compare, back up, set, read back; home of read-only and dry-run.
