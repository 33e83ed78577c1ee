-- Schema 2. What the orchestrator looks for in its rounds is found without walking over what has nothing of it.
-- Newest first, and of one moment the lowest number: the order of the done lane, so that nothing is sorted.
DROP INDEX tasks_since;
CREATE INDEX tasks_since ON tasks (lane, since DESC) WHERE level = 'task' AND archived = 0;
CREATE INDEX tasks_stuck ON tasks (since) WHERE blocker IS NOT NULL;
CREATE INDEX tasks_due ON tasks (deadline) WHERE deadline IS NOT NULL AND status NOT IN ('completed', 'cancelled', 'reviewing');
DROP INDEX tasks_deadline;
CREATE INDEX escalations_board ON escalations (number) WHERE task IS NULL;
