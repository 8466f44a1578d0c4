//! Backups and history: crash-safe files under the state folder.
