//! The `vayu` program: arguments to a face, the kind of error to an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    vayu::cli::main()
}
