//! Boards as earlier versions of the program have written them.

use std::path::Path;

/// Makes a board of the present schema one of the first.
pub fn to_first_schema(board: &Path) {
    let conn = rusqlite::Connection::open(board).expect("a board");
    conn.execute_batch(
        "DROP INDEX tasks_since; CREATE INDEX tasks_since ON tasks (lane, since) WHERE level = 'task' AND archived = 0;
         DROP INDEX tasks_milestone; ALTER TABLE tasks DROP COLUMN milestone; DROP INDEX tasks_stuck; DROP INDEX tasks_due; DROP INDEX escalations_board;
         CREATE INDEX tasks_deadline ON tasks (deadline) WHERE deadline IS NOT NULL; 
         DROP TABLE plans; DROP TABLE proposals; DROP TABLE baselines; DROP TABLE outcomes; PRAGMA user_version = 1;",
    )
    .expect("a board of the present schema");
    conn.close().expect("closed");
}
