//! The reviewer is the bottleneck, and away for a day.

use vayu::plan::replan::{Facts, Kind, Options, Standing, replan};

use crate::checker::faults;
use crate::scenarios::{planned, reviewed};

#[test]
fn a_day_without_review_takes_four_tasks_out_and_changes_no_others() {
    let standing = Standing::of(&planned(&reviewed(6, 4, &[])).0);
    let problem = reviewed(6, 4, &[3]);
    let facts = Facts { now: 9 * 60, event: true, ..Facts::default() };
    let answer = replan(&problem, &standing, &facts, &Options::default()).unwrap();
    let best = answer.best();
    assert_eq!(faults(&problem, &best.plan), Vec::<String>::new());
    assert_eq!(best.kind, Kind::TasksLeave);
    assert_eq!(best.plan.places.iter().flatten().count(), 16);
    assert_eq!(best.leaves.len(), 4, "{:?}", best.leaves);
    assert!(best.moves.is_empty(), "{:?}", best.moves);
    let lost: i64 = best.leaves.iter().map(|(at, _)| problem.activities[*at].value.unwrap()).sum();
    assert_eq!(lost, 2 + 2 + 1 + 1, "the least valuable ones");
}
