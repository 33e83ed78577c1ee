//! Notice of a commit between processes: a byte to every listener's datagram socket, after the commit.
//! A notice may be lost; the store's version number is the truth and is polled, too.

use std::io;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::store::sqlite::private_folder;

/// Tells the listeners of a board.
#[derive(Debug, Clone)]
pub struct Notifier {
    folder: PathBuf,
}

fn folder_of(board: &Path) -> PathBuf {
    board.join("notices")
}

impl Notifier {
    /// For the board to which this folder belongs.
    pub fn at(board: &Path) -> Self {
        Self { folder: folder_of(board) }
    }

    /// Tells everyone who listens. Sockets that nobody listens on any more are removed.
    pub fn send(&self) {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        let Ok(socket) = UnixDatagram::unbound() else { return };
        if socket.set_nonblocking(true).is_err() {
            return;
        }
        // What is no socket was not put there by a listener: it is neither told nor removed.
        let sockets = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_socket()));
        for path in sockets.map(|entry| entry.path()) {
            let refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
            if socket.send_to(b"c", &path).is_err_and(refused) {
                let _gone_already = std::fs::remove_file(&path);
            }
        }
    }
}

/// Hears of commits by other processes.
#[derive(Debug)]
pub struct Listener {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Listener {
    /// Listens on the board to which this folder belongs.
    ///
    /// # Errors
    /// When no socket can be made there, for example because the path is too long; polling still works then.
    pub fn at(board: &Path) -> io::Result<Self> {
        let folder = folder_of(board);
        private_folder(&folder)?;
        let path = folder.join(format!("{}", uuid::Uuid::new_v4().simple()));
        let socket = UnixDatagram::bind(&path)?;
        Ok(Self { socket, path })
    }

    /// Waits for a notice; true if one came within `patience`. Takes all that are there.
    pub fn wait(&self, patience: Duration) -> bool {
        let mut buffer = [0; 8];
        let patience = patience.max(Duration::from_millis(1));
        if self.socket.set_read_timeout(Some(patience)).is_err() || self.socket.recv(&mut buffer).is_err() {
            return false;
        }
        if self.socket.set_nonblocking(true).is_ok() {
            while self.socket.recv(&mut buffer).is_ok() {}
            let _stays_deaf_until_the_next_wait = self.socket.set_nonblocking(false);
        }
        true
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_file(&self.path);
    }
}
