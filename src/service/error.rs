//! What a request can come to instead of success.

use crate::domain::Rejection;
use crate::store::StoreError;

/// A rule said no, or the world failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule said no.
    #[error(transparent)]
    Rejected(Rejection),
    /// The world failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Rejected(rejection) => Self::Rejected(rejection),
            other => Self::Store(other),
        }
    }
}

impl Error {
    /// The rule that said no, if it was one.
    pub fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Rejected(rejection) => Some(rejection),
            Self::Store(_) => None,
        }
    }
}
