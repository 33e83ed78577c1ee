//! Who waits for whom: circles cut, and an order to bring tasks in.

use super::End;

/// Predecessors of each task, each with what else is known of the edge.
type Waits<T> = [Vec<(End, T)>];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    /// Put off until its whole is in.
    Waiting,
    Done,
}

/// An edge that closes a circle, and the circle.
pub struct Cut {
    /// Who waits.
    pub at: usize,
    /// For whom.
    pub on: usize,
    /// From `on` to `on` again; of a long circle only both ends.
    pub circle: Vec<usize>,
    /// Whether the middle of the circle is left out.
    pub shortened: bool,
}

/// Tasks of a circle that are kept to be printed, from its beginning and its end.
const SHOWN: (usize, usize) = (8, 3);

/// Drops the edge that closes each circle.
pub fn break_circles<T>(waits: &mut Waits<T>) -> Vec<Cut> {
    let mut mark = vec![Mark::New; waits.len()];
    let mut depth = vec![0; waits.len()];
    let mut cut: Vec<Cut> = Vec::new();
    for start in 0..waits.len() {
        let mut open = if mark[start] == Mark::New { vec![(start, 0)] } else { Vec::new() };
        while let Some((at, next)) = open.last_mut() {
            let at = *at;
            let end = waits[at].get(*next).map(|(end, _)| *end);
            *next += 1;
            mark[at] = Mark::Open;
            match end {
                Some(End::File(on)) if mark[on] == Mark::Open => cut.push(closing(at, on, &open[depth[on]..])),
                Some(End::File(on)) if mark[on] == Mark::New => {
                    depth[on] = open.len();
                    open.push((on, 0));
                }
                Some(_) => {}
                None => {
                    mark[at] = Mark::Done;
                    open.pop();
                }
            }
        }
    }
    let dropped: std::collections::HashSet<(usize, usize)> = cut.iter().map(|cut| (cut.at, cut.on)).collect();
    for (at, waits) in waits.iter_mut().enumerate().filter(|_| !dropped.is_empty()) {
        waits.retain(|(end, _)| !matches!(end, End::File(on) if dropped.contains(&(at, *on))));
    }
    cut
}

fn closing(at: usize, on: usize, path: &[(usize, usize)]) -> Cut {
    let (head, tail) = SHOWN;
    let shortened = path.len() > head + tail;
    let nodes = |part: &[(usize, usize)]| part.iter().map(|(node, _)| *node).collect::<Vec<_>>();
    let mut circle = if shortened { nodes(&path[..head]) } else { nodes(path) };
    if shortened {
        circle.extend(nodes(&path[path.len() - tail..]));
    }
    circle.push(on);
    Cut { at, on, circle, shortened }
}

/// Every task once: wholes before their parts, and predecessors first wherever that allows it, else in file order.
pub fn order<T>(parents: &[Option<End>], waits: &Waits<T>) -> Vec<usize> {
    let mut walk = Walk { parents, waits, mark: vec![Mark::New; waits.len()], order: Vec::with_capacity(waits.len()) };
    let mut left: Vec<usize> = (0..waits.len()).collect();
    while !left.is_empty() {
        for at in &left {
            walk.visit(*at);
        }
        left.retain(|at| walk.mark[*at] == Mark::Waiting);
        for at in &left {
            walk.mark[*at] = Mark::New;
        }
    }
    walk.order
}

struct Walk<'a, T> {
    parents: &'a [Option<End>],
    waits: &'a Waits<T>,
    mark: Vec<Mark>,
    order: Vec<usize>,
}

enum Needed {
    Task(usize),
    Nothing,
    NoMore,
}

impl<T> Walk<'_, T> {
    fn visit(&mut self, start: usize) {
        let mut open = if self.mark[start] == Mark::New { vec![(start, 0)] } else { Vec::new() };
        while let Some((at, next)) = open.last_mut() {
            let at = *at;
            let needed = self.needed(at, *next);
            *next += 1;
            self.mark[at] = Mark::Open;
            match needed {
                Needed::Task(on) if self.mark[on] == Mark::New => open.push((on, 0)),
                Needed::Task(_) | Needed::Nothing => {}
                Needed::NoMore => {
                    self.close(at);
                    open.pop();
                }
            }
        }
    }

    /// What comes before a task: its whole, then its predecessors.
    fn needed(&self, at: usize, nth: usize) -> Needed {
        let end = match nth.checked_sub(1) {
            None => self.parents[at],
            Some(nth) if nth < self.waits[at].len() => Some(self.waits[at][nth].0),
            Some(_) => return Needed::NoMore,
        };
        match end {
            Some(End::File(on)) => Needed::Task(on),
            _ => Needed::Nothing,
        }
    }

    /// A part whose whole is still open (because the whole waits for the part) is put off.
    fn close(&mut self, at: usize) {
        let whole_is_in = !matches!(self.parents[at], Some(End::File(whole)) if self.mark[whole] != Mark::Done);
        self.mark[at] = if whole_is_in { Mark::Done } else { Mark::Waiting };
        if whole_is_in {
            self.order.push(at);
        }
    }
}
