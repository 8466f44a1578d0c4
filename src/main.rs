//! The `ecr-grant` program: arguments to a command.

fn main() {}
