//! How a command ends: done, nothing to do, or why not, each with its exit code.

use std::process::ExitCode;

use crate::domain::Rejection;
use crate::service::Error;
use crate::store::StoreError;

/// What became of a command that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// There was nothing to do.
    Nothing,
    /// Some of several items failed; the worst exit code of them.
    Partly(u8),
}

impl Outcome {
    /// The exit code: 0 done, 3 nothing to do, else the worst of several.
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Done => ExitCode::SUCCESS,
            Self::Nothing => ExitCode::from(3),
            Self::Partly(code) => ExitCode::from(code),
        }
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule said no, or the board failed.
    #[error(transparent)]
    Service(#[from] Error),
    /// The arguments do not make sense together.
    #[error("{0}")]
    Usage(String),
    /// Reading or writing elsewhere failed.
    #[error("{0}")]
    World(String),
    /// The claim that was shown does not stand any more.
    #[error("{0}")]
    Lost(String),
    /// The reader of our output is gone.
    #[error("nobody reads the output")]
    ClosedPipe,
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Service(rejection.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<crate::exchange::ReadError> for Failure {
    fn from(error: crate::exchange::ReadError) -> Self {
        Self::World(error.to_string())
    }
}

impl From<crate::exchange::WriteError> for Failure {
    fn from(error: crate::exchange::WriteError) -> Self {
        match error {
            crate::exchange::WriteError::Store(error) => error.into(),
            crate::exchange::WriteError::Io(error) => error.into(),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe { Self::ClosedPipe } else { Self::World(error.to_string()) }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(kind) => std::io::Error::from(kind).into(),
            None => Self::World(error.to_string()),
        }
    }
}

impl Failure {
    /// The exit code: 1 the world failed, 2 usage, 3 nothing to do, 4 a rule said no, 5 the claim was lost.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::ClosedPipe => 0,
            Self::World(_) | Self::Service(Error::Store(_)) => 1,
            Self::Usage(_) => 2,
            Self::Lost(_) => 5,
            Self::Service(Error::Rejected(rejection)) => match rejection {
                Rejection::NotFound { .. } => 1,
                Rejection::NothingReady { .. } | Rejection::NothingTo(_) => 3,
                Rejection::Fenced { .. } => 5,
                _ => 4,
            },
        }
    }
}
