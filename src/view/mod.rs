//! Drawing of the wizard's model. Pure: one file per screen, its snapshots beside it.
