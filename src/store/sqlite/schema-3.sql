-- Schema 3. What belongs to a sprint and is read apart from it: its plan, an open proposal to change that, the baseline
-- of its start and the outcome of its close.
CREATE TABLE plans (sprint BLOB NOT NULL PRIMARY KEY, doc TEXT NOT NULL);
CREATE TABLE proposals (sprint BLOB NOT NULL PRIMARY KEY, doc TEXT NOT NULL);
CREATE TABLE baselines (sprint BLOB NOT NULL PRIMARY KEY, doc TEXT NOT NULL);
CREATE TABLE outcomes (sprint BLOB NOT NULL PRIMARY KEY, doc TEXT NOT NULL);
