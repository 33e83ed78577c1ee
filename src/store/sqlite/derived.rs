//! What is derived from the rows, so that screens are fast: indexes, counts of lanes, edges, words for the search.
//! Whether it agrees with the rows, and how it is made anew.

use super::Db;
use crate::domain::Lane;
use crate::store::Result;

/// An edge for each dependency that a task's own document names.
const EDGES: &str = "SELECT tasks.id, unhex(replace(edge.value ->> '$.task_id', '-', ''))
    FROM tasks, json_each(tasks.doc, '$.dependencies.blocked_by') AS edge";

/// Tasks that are shown and found otherwise than their own documents say.
const OTHERWISE: &str = "SELECT number FROM tasks WHERE number IS NOT doc ->> '$.number' OR rev IS NOT doc ->> '$.rev'
    OR title IS NOT doc ->> '$.title' OR status IS NOT doc ->> '$.status' OR level IS NOT doc ->> '$.level'
    OR type IS NOT doc ->> '$.type' OR points IS NOT doc ->> '$.metadata.story_points'
    OR estimate IS NOT doc ->> '$.metadata.estimated_duration' OR milestone IS NOT doc ->> '$.milestone_id'
    OR parent IS NOT unhex(replace(doc ->> '$.parent_id', '-', ''))
    OR sprint IS NOT unhex(replace(doc ->> '$.sprint_id', '-', ''))";

const LANES: &str = "SELECT lane, count(*) AS cards, total(points) AS points
    FROM tasks WHERE level = 'task' AND archived = 0 GROUP BY lane";

/// A row for each lane that there is.
fn every_lane() -> String {
    let rows: Vec<String> = Lane::ALL.iter().map(|lane| format!("SELECT '{}' AS lane", lane.as_str())).collect();
    rows.join(" UNION ALL ")
}

impl Db {
    /// What does not agree with the rows, each in words; empty when all is well.
    pub(super) fn drift(&self) -> Result<Vec<String>> {
        let mut found: Vec<String> = Vec::new();
        let indexes = self.lines("PRAGMA integrity_check(20)")?;
        if !indexes.is_empty() {
            found.push(format!("indexes: {}", indexes.join("; ")));
        }
        let edges = format!(
            "SELECT (SELECT count(*) FROM ({EDGES} EXCEPT SELECT * FROM edges))
                + (SELECT count(*) FROM (SELECT * FROM edges EXCEPT {EDGES}))"
        );
        let lanes = format!(
            "SELECT count(*) FROM ({}) AS named LEFT JOIN lanes USING (lane) LEFT JOIN ({LANES}) AS counted USING (lane)
                WHERE lanes.cards IS NOT coalesce(counted.cards, 0)
                OR abs(lanes.points - coalesce(counted.points, 0)) > 0.01",
            every_lane()
        );
        let otherwise = format!("SELECT count(*) FROM ({OTHERWISE})");
        let words = "SELECT (SELECT count(*) FROM tasks WHERE number NOT IN (SELECT id FROM words_docsize))
                + (SELECT count(*) FROM words_docsize WHERE id NOT IN (SELECT number FROM tasks))";
        for (what, sql) in [
            ("dependencies that the board's arrows do not show, or the other way round", edges.as_str()),
            ("tasks that are shown otherwise than they are written down", &otherwise),
            ("lanes with wrong counts", &lanes),
            ("tasks that the search does not know, or that it should not", words),
        ] {
            let count: i64 = self.conn.query_row(sql, [], |row| row.get(0))?;
            if count > 0 {
                found.push(format!("{what}: {count}"));
            }
        }
        Ok(found)
    }

    /// Makes all of it anew from the rows, inside the transaction that is open.
    pub(super) fn derive(&self) -> Result<()> {
        self.conn.execute_batch(&format!(
            "REINDEX;
             UPDATE tasks SET rev = doc ->> '$.rev', title = doc ->> '$.title', status = doc ->> '$.status',
                level = doc ->> '$.level', type = doc ->> '$.type', points = doc ->> '$.metadata.story_points',
                estimate = doc ->> '$.metadata.estimated_duration', milestone = doc ->> '$.milestone_id',
                parent = unhex(replace(doc ->> '$.parent_id', '-', '')),
                sprint = unhex(replace(doc ->> '$.sprint_id', '-', ''))
                WHERE number IN ({OTHERWISE});
             DELETE FROM edges;
             INSERT OR IGNORE INTO edges {EDGES};
             DELETE FROM lanes;
             INSERT INTO lanes SELECT lane, coalesce(cards, 0), coalesce(points, 0)
                FROM ({}) AS named LEFT JOIN ({LANES}) AS counted USING (lane);
             INSERT INTO words (words) VALUES ('delete-all');",
            every_lane()
        ))?;
        let mut tasks = self.conn.prepare("SELECT number, title, description FROM tasks")?;
        let mut rows = tasks.query([])?;
        while let Some(row) = rows.next()? {
            let (title, description): (String, String) = (row.get(1)?, row.get(2)?);
            self.index_words(row.get(0)?, &title, &description)?;
        }
        Ok(())
    }

    /// The answer of a check that says `ok` when all is well.
    pub(super) fn lines(&self, check: &str) -> Result<Vec<String>> {
        let mut statement = self.conn.prepare(check)?;
        let lines: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }
}
