-- Schema 1. Times are microseconds since 1970 UTC; ids are 16 bytes; `doc` is the record as JSON.
-- Columns beside `doc` exist to be searched and sorted by; save.rs derives them from the record.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE tasks (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    status TEXT NOT NULL,
    lane TEXT NOT NULL,
    level TEXT NOT NULL,
    type TEXT NOT NULL,
    priority INTEGER NOT NULL,
    parent BLOB,
    sprint BLOB,
    agent BLOB,
    points REAL,
    estimate INTEGER,
    progress INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    since INTEGER NOT NULL,
    queued_at INTEGER,
    deadline INTEGER,
    not_before INTEGER,
    retry_at INTEGER,
    retries INTEGER NOT NULL,
    admission_lane TEXT,
    admission_since INTEGER,
    expedite INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    claim_epoch INTEGER,
    ext_source TEXT,
    ext_key TEXT,
    needs TEXT,
    tags TEXT,
    blocker TEXT,
    step TEXT,
    title TEXT NOT NULL,
    doc TEXT NOT NULL,
    description TEXT NOT NULL
);
CREATE INDEX tasks_lane ON tasks (lane, priority, number) WHERE level = 'task' AND archived = 0;
CREATE INDEX tasks_since ON tasks (lane, since) WHERE level = 'task' AND archived = 0;
CREATE INDEX tasks_ready ON tasks (priority, queued_at) WHERE status = 'queued' AND level = 'task' AND archived = 0;
CREATE INDEX tasks_status ON tasks (status);
CREATE INDEX tasks_retry ON tasks (retry_at) WHERE retry_at IS NOT NULL;
CREATE INDEX tasks_agent ON tasks (agent, status) WHERE agent IS NOT NULL;
CREATE INDEX tasks_parent ON tasks (parent, status) WHERE parent IS NOT NULL;
CREATE INDEX tasks_sprint ON tasks (sprint, status) WHERE sprint IS NOT NULL;
CREATE INDEX tasks_waiting ON tasks (admission_lane, admission_since) WHERE admission_lane IS NOT NULL;
CREATE INDEX tasks_external ON tasks (ext_source, ext_key) WHERE ext_key IS NOT NULL;
CREATE INDEX tasks_deadline ON tasks (deadline) WHERE deadline IS NOT NULL;
CREATE INDEX tasks_claim ON tasks (claim_epoch) WHERE claim_epoch IS NOT NULL;
CREATE INDEX tasks_expedite ON tasks (expedite) WHERE expedite = 1;

-- Cards and points of each lane, kept in step by triggers, so that no screen counts the board.
CREATE TABLE lanes (lane TEXT PRIMARY KEY, cards INTEGER NOT NULL, points REAL NOT NULL) WITHOUT ROWID;
INSERT INTO lanes VALUES ('backlog', 0, 0), ('ready', 0, 0), ('in_progress', 0, 0), ('review', 0, 0), ('done', 0, 0);
CREATE TRIGGER tasks_added AFTER INSERT ON tasks WHEN new.level = 'task' AND new.archived = 0 BEGIN
    UPDATE lanes SET cards = cards + 1, points = points + coalesce(new.points, 0) WHERE lane = new.lane;
END;
CREATE TRIGGER tasks_removed AFTER DELETE ON tasks WHEN old.level = 'task' AND old.archived = 0 BEGIN
    UPDATE lanes SET cards = cards - 1, points = points - coalesce(old.points, 0) WHERE lane = old.lane;
END;
CREATE TRIGGER tasks_moved AFTER UPDATE OF lane, points, level, archived ON tasks
WHEN old.lane <> new.lane OR old.points IS NOT new.points OR old.level <> new.level OR old.archived <> new.archived BEGIN
    UPDATE lanes SET cards = cards - 1, points = points - coalesce(old.points, 0)
        WHERE lane = old.lane AND old.level = 'task' AND old.archived = 0;
    UPDATE lanes SET cards = cards + 1, points = points + coalesce(new.points, 0)
        WHERE lane = new.lane AND new.level = 'task' AND new.archived = 0;
END;

CREATE TABLE edges (task BLOB NOT NULL, on_task BLOB NOT NULL, PRIMARY KEY (task, on_task)) WITHOUT ROWID;
CREATE INDEX edges_on ON edges (on_task, task);

-- Words of title and text; rowid is the task's number. The text is capped at 64 KiB when it is indexed.
CREATE VIRTUAL TABLE words USING fts5 (title, description, content = '', contentless_delete = 1, prefix = '2 3');

CREATE TABLE agents (id BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE, doc TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE sprints (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT NOT NULL, state TEXT NOT NULL, doc TEXT NOT NULL);

CREATE TABLE escalations (
    number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, task BLOB, kind TEXT NOT NULL, state TEXT NOT NULL,
    raised_at INTEGER NOT NULL, snoozed_until INTEGER, doc TEXT NOT NULL
);
CREATE INDEX escalations_open ON escalations (raised_at) WHERE state = 'open';
CREATE INDEX escalations_task ON escalations (task, state) WHERE task IS NOT NULL;

CREATE TABLE attempts (
    id BLOB PRIMARY KEY, task BLOB NOT NULL, agent BLOB NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
    outcome TEXT, doc TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX attempts_open ON attempts (task) WHERE ended_at IS NULL;
CREATE INDEX attempts_task ON attempts (task, started_at);
CREATE INDEX attempts_agent ON attempts (agent, ended_at);

CREATE TABLE comments (id BLOB PRIMARY KEY, task BLOB NOT NULL, at INTEGER NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX comments_task ON comments (task, at);

-- The log: a change is one transaction, an event one fact of it.
CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor_kind TEXT NOT NULL, actor TEXT NOT NULL,
    command TEXT NOT NULL, events INTEGER NOT NULL, target INTEGER, undone_by INTEGER, request_key TEXT
);
CREATE UNIQUE INDEX changes_key ON changes (request_key) WHERE request_key IS NOT NULL;
CREATE INDEX changes_actor ON changes (actor, id);
CREATE TABLE events (seq INTEGER PRIMARY KEY, change INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE INDEX events_change ON events (change);

-- Which rows a change altered (fields: what to lay over the row to take it back; NULL with made = 1: remove the row)
-- or only mentioned (made = 0, fields NULL).
CREATE TABLE touches (
    record BLOB NOT NULL, change INTEGER NOT NULL, kind TEXT NOT NULL, made INTEGER NOT NULL, fields TEXT,
    PRIMARY KEY (record, change)
) WITHOUT ROWID;
CREATE INDEX touches_change ON touches (change);

-- Liveness: narrow rows without log, written with relaxed durability. Times are milliseconds since boot.
CREATE TABLE leases (
    task BLOB PRIMARY KEY, epoch INTEGER NOT NULL, token BLOB NOT NULL UNIQUE, boot_id TEXT NOT NULL,
    expires_ms INTEGER NOT NULL, lease_ms INTEGER NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE presence (
    agent BLOB PRIMARY KEY, boot_id TEXT NOT NULL, beat_ms INTEGER NOT NULL, at INTEGER NOT NULL, cpu REAL, memory REAL
) WITHOUT ROWID;
CREATE TABLE processes (
    task BLOB NOT NULL, epoch INTEGER NOT NULL, pid INTEGER NOT NULL, start_ticks INTEGER NOT NULL,
    boot_id TEXT NOT NULL, PRIMARY KEY (task, epoch)
) WITHOUT ROWID;
CREATE TABLE leader (
    one INTEGER PRIMARY KEY CHECK (one = 1), holder TEXT NOT NULL, epoch INTEGER NOT NULL, boot_id TEXT NOT NULL,
    expires_ms INTEGER NOT NULL
);
CREATE TABLE drafts (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
