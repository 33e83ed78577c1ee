//! The dependency graph: readiness, circles, longest chain.

use std::collections::{BTreeMap, HashMap, HashSet};

use petgraph::Direction;
use petgraph::graphmap::DiGraphMap;

use super::id::TaskId;

/// Predecessor lists of the tasks in question.
pub type Edges = BTreeMap<TaskId, Vec<TaskId>>;

/// The circle that an edge `task` waits for `on` would close, from `task` back to `task`, or `None`.
/// Iterative, so that depth costs no stack.
pub fn cycle(edges: &Edges, task: TaskId, on: TaskId) -> Option<Vec<TaskId>> {
    let mut came_from: HashMap<TaskId, TaskId> = HashMap::new();
    let mut open = vec![on];
    let mut seen = HashSet::from([on]);
    while let Some(node) = open.pop() {
        if node == task {
            let mut path = vec![task];
            let mut step = task;
            while let Some(previous) = came_from.get(&step) {
                step = *previous;
                path.push(step);
            }
            path.push(task);
            path.reverse();
            return Some(path);
        }
        for next in edges.get(&node).into_iter().flatten() {
            if seen.insert(*next) {
                came_from.insert(*next, node);
                open.push(*next);
            }
        }
    }
    None
}

/// Topological order (predecessors first) and, for each task, the weight of the longest chain that ends with it,
/// its own weight included. `None` if the edges close a circle.
pub fn chains(edges: &Edges, weight: impl Fn(TaskId) -> u64) -> Option<Vec<(TaskId, u64)>> {
    let mut graph: DiGraphMap<TaskId, ()> = DiGraphMap::new();
    for (task, predecessors) in edges {
        graph.add_node(*task);
        for on in predecessors {
            graph.add_edge(*on, *task, ());
        }
    }
    let order = petgraph::algo::toposort(&graph, None).ok()?;
    let mut length: HashMap<TaskId, u64> = HashMap::new();
    Some(
        order
            .into_iter()
            .map(|task| {
                let before = graph
                    .neighbors_directed(task, Direction::Incoming)
                    .filter_map(|on| length.get(&on))
                    .max()
                    .copied()
                    .unwrap_or(0);
                length.insert(task, before + weight(task));
                (task, before + weight(task))
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> TaskId {
        TaskId(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn a_circle_is_named_in_waiting_order() {
        // 1 waits for 2, 2 waits for 3; now 3 shall wait for 1.
        let edges = Edges::from([(id(1), vec![id(2)]), (id(2), vec![id(3)])]);
        assert_eq!(cycle(&edges, id(3), id(1)), Some(vec![id(3), id(1), id(2), id(3)]));
        assert_eq!(cycle(&edges, id(1), id(3)), None);
        assert_eq!(cycle(&edges, id(5), id(5)), Some(vec![id(5), id(5)]));
    }

    #[test]
    fn the_longest_chain_counts_weights() {
        let edges = Edges::from([(id(1), vec![]), (id(2), vec![id(1)]), (id(3), vec![id(1), id(2)])]);
        let chains = chains(&edges, |_| 5).expect("no circle");
        assert_eq!(chains.last(), Some(&(id(3), 15)));
    }

    #[test]
    fn a_chain_of_ten_thousand_needs_no_stack() {
        let edges: Edges = (1..10_000).map(|n| (id(n), vec![id(n + 1)])).collect();
        assert_eq!(cycle(&edges, id(10_000), id(1)).map(|path| path.len()), Some(10_001));
    }
}
