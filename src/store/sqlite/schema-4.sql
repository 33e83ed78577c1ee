-- Schema 4. What is open of each milestone is counted without walking over the rest of the board.
ALTER TABLE tasks ADD COLUMN milestone TEXT;
UPDATE tasks SET milestone = doc ->> '$.milestone_id' WHERE doc ->> '$.milestone_id' IS NOT NULL;
CREATE INDEX tasks_milestone ON tasks (milestone, deadline)
    WHERE milestone IS NOT NULL AND level = 'task' AND archived = 0 AND status NOT IN ('completed', 'cancelled');
