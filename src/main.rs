//! The `ecr-grant` program: arguments to a command.

fn main() -> std::process::ExitCode {
    ecr_grant::cli::run()
}
