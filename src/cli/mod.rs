//! The command line: definitions, one file per command, output formats, exit codes.
