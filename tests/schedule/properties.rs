//! What holds for every problem.

use proptest::collection::vec;
use proptest::prelude::*;
use vayu::plan::schedule::model::*;
use vayu::plan::schedule::{Budget, Found, bindings, left_out, solve};

use crate::checker::faults;

pub fn solved(problem: &Problem, seed: u64, steps: u64) -> Found {
    solve(problem, seed, &mut Budget { steps, stop: &mut || false }, &mut |_| {}).unwrap()
}

fn calendar() -> impl Strategy<Value = Calendar> {
    prop_oneof![
        3 => Just(Calendar::default()),
        1 => vec((1_u32..9, 4_u32..12), 4..8).prop_map(|gaps| {
            let mut now = 0;
            let open = gaps.into_iter().map(|(shut, open)| { let from = now + shut; now = from + open; (from, now) });
            Calendar { open: open.collect() }
        }),
    ]
}

fn resource() -> impl Strategy<Value = Resource> {
    let kind = prop_oneof![
        4 => (1_u32..4).prop_map(|capacity| Kind::Pool { capacity }),
        1 => (1_u32..6, 4_u32..12).prop_map(|(amount, every)| Kind::Quota { amount, every }),
        1 => (1_u32..4, 3_u32..9).prop_map(|(amount, length)| Kind::Rolling { amount, length }),
        1 => (1_u64..9).prop_map(|amount| Kind::Budget { amount }),
    ];
    (kind, calendar()).prop_map(|(kind, calendar)| Resource { kind, calendar })
}

fn mode(resources: usize) -> impl Strategy<Value = Mode> {
    (0_u32..7, 0_i64..5, vec(0..resources, 0..5), any::<bool>()).prop_map(|(duration, cost, mut uses, resumes)| {
        uses.sort_unstable();
        uses.dedup();
        let uses = uses.into_iter().map(|resource| Use { resource, amount: 1 }).collect();
        Mode { duration, cost, uses, resumes }
    })
}

fn activity(index: usize, resources: usize) -> impl Strategy<Value = Activity> {
    let stage = vec(mode(resources), 1..4).prop_map(|modes| Stage { modes });
    let dates = (0_u32..6, proptest::option::of(5_u32..50), proptest::option::of((2_u32..20, 1_u32..4)));
    let pin = proptest::option::weighted(0.1, 0_u32..30);
    let after = vec((0..index.max(1), 0_u32..3), 0..3);
    let hold = (any::<bool>(), 0..resources);
    (vec(stage, 1..4), dates, pin, after, hold, proptest::option::of(0_i64..9), 0_u32..3).prop_map(
        move |(stages, (release, deadline, due), pin, after, (holds, pool), value, urgency)| Activity {
            holds: if holds {
                vec![Hold { resource: pool, after: (stages.len() > 1).then_some(0), until: stages.len() - 1 }]
            } else {
                Vec::new()
            },
            stages,
            after: after.into_iter().filter(|_| index > 0).map(|(activity, lag)| Link { activity, lag }).collect(),
            release,
            due: due.map(|(at, weight)| Due { at, weight }),
            urgency,
            deadline,
            pin,
            value,
            ..Activity::default()
        },
    )
}

/// Some activities stood in an earlier plan, some have begun.
fn with_a_past(problem: Problem) -> impl Strategy<Value = Problem> {
    let rows = vec((0_usize..4, 0_u32..30, 0_u32..3, 0_u32..9, 0_usize..4), problem.activities.len());
    (Just(problem), rows, 0_u32..4).prop_map(|(mut problem, rows, stability)| {
        for (activity, (known, start, elapsed, left, begun)) in problem.activities.iter_mut().zip(rows) {
            let modes = activity.stages.iter().map(|stage| (known > 0).then_some(known % stage.modes.len())).collect();
            let starts = vec![start; activity.stages.len()];
            activity.earlier = (known < 3).then_some(Earlier { modes, starts });
            let stages = if begun == 0 { known.min(activity.stages.len()) } else { 0 };
            let now = |stage: usize| start + (stage as Time + 1) * elapsed;
            activity.begun = (0..stages)
                .map(|stage| Begun {
                    mode: 0,
                    start: now(stage) - elapsed,
                    now: now(stage),
                    left: if stage + 1 == stages { left } else { 0 },
                })
                .collect();
        }
        problem.objective.stability = stability;
        problem
    })
}

/// Anything that the model can say.
fn anything() -> impl Strategy<Value = Problem> {
    (vec(resource(), 1..7), 1_usize..9).prop_flat_map(|(resources, count)| {
        let activities: Vec<_> = (0..count).map(|index| activity(index, resources.len())).collect();
        (Just(resources), activities, (0_u32..3, 0_u32..3, 0_u32..3, 0_u32..2)).prop_map(
            |(resources, mut activities, weights)| {
                for activity in &mut activities {
                    let used: Vec<usize> =
                        activity.modes().flat_map(|mode| &mode.uses).map(|used| used.resource).collect();
                    let pool = |hold: &Hold| matches!(resources[hold.resource].kind, Kind::Pool { .. });
                    activity.holds.retain(|hold| pool(hold) && !used.contains(&hold.resource));
                }
                let (finish, lateness, cost, balance) = weights;
                Problem {
                    resources,
                    activities,
                    objective: Objective { finish, lateness, cost, balance, stability: 0 },
                    horizon: 80,
                }
            },
        )
    })
}

/// Pools and activities of one mode.
fn project() -> impl Strategy<Value = Problem> {
    (vec(1_u32..5, 1..7), 1_usize..15).prop_flat_map(|(capacities, count)| {
        let row = (0_u32..6, vec(0_u32..5, capacities.len()), vec(any::<proptest::sample::Index>(), 0..3));
        (Just(capacities), vec(row, count)).prop_map(|(capacities, rows)| {
            let activities = rows.iter().enumerate().map(|(at, (duration, amounts, before))| {
                let uses = amounts
                    .iter()
                    .zip(&capacities)
                    .enumerate()
                    .map(|(resource, (amount, capacity))| Use { resource, amount: *amount.min(capacity) });
                let mode = Mode {
                    duration: *duration,
                    cost: 0,
                    uses: uses.filter(|used| used.amount > 0).collect(),
                    resumes: true,
                };
                let before = before.iter().filter(|_| at > 0).map(|index| Link { activity: index.index(at), lag: 0 });
                Activity { after: before.collect(), ..Activity::of(vec![mode]) }
            });
            let resources = capacities.iter().map(|&capacity| Resource::pool(capacity)).collect();
            Problem { resources, activities: activities.collect(), objective: Objective::FINISH, horizon: 200 }
        })
    })
}

/// Stages that need one machine of several.
fn shop() -> impl Strategy<Value = Problem> {
    (1_usize..5, 1_usize..6).prop_flat_map(|(machines, count)| {
        let stage = vec((0..machines, 0_u32..7), 1..4).prop_map(|modes| Stage {
            modes: modes.into_iter().map(|(machine, length)| Mode::of(machine, length)).collect(),
        });
        let row = (vec(stage, 1..5), 0_u32..5, vec((any::<proptest::sample::Index>(), 0_u32..3), 0..2));
        vec(row, count).prop_map(move |rows| {
            let activities = rows.into_iter().enumerate().map(|(at, (stages, release, before))| {
                let after = before
                    .iter()
                    .filter(|_| at > 0)
                    .map(|(index, lag)| Link { activity: index.index(at), lag: *lag })
                    .collect();
                Activity { stages, release, after, ..Activity::default() }
            });
            Problem {
                resources: vec![Resource::pool(1); machines],
                activities: activities.collect(),
                objective: Objective::FINISH,
                horizon: 500,
            }
        })
    })
}

/// Jobs of one machine.
fn line() -> impl Strategy<Value = Problem> {
    let urgency = (0_usize..15, 0_u32..3);
    (vec((0_u32..9, 0_u32..30, 0_u32..5), 1..12), urgency).prop_map(|(rows, (urgent, urgency))| {
        let job = |(at, (length, due, weight))| Activity {
            due: Some(Due { at: due, weight }),
            urgency: if at == urgent { urgency } else { 0 },
            ..Activity::of(vec![Mode::of(0, length)])
        };
        let activities = rows.into_iter().enumerate().map(job).collect();
        Problem { resources: vec![Resource::pool(1)], activities, objective: Objective::LATENESS, horizon: 200 }
    })
}

/// Tasks to share out.
fn sharing() -> impl Strategy<Value = Problem> {
    (1_usize..4, 1_usize..9).prop_flat_map(|(agents, tasks)| {
        (vec(vec((0_i64..20, 1_u32..9), agents), tasks), vec(5_u64..40, agents)).prop_map(|(rows, rooms)| {
            let mode = |(resource, (cost, amount))| Mode {
                duration: 0,
                cost,
                uses: vec![Use { resource, amount }],
                resumes: true,
            };
            let activities = rows.into_iter().map(|row| Activity::of(row.into_iter().enumerate().map(mode).collect()));
            let resources = rooms.into_iter().map(Resource::budget).collect();
            Problem { resources, activities: activities.collect(), objective: Objective::COST, horizon: 1 }
        })
    })
}

fn holds(problem: &Problem) -> Result<(), TestCaseError> {
    let found = solved(problem, 7, 150);
    let wrong = faults(problem, &found.plan);
    prop_assert!(wrong.is_empty(), "{wrong:?}\n{:?}", found.plan);
    prop_assert!(found.bound <= found.plan.score, "{:?} is above {:?}", found.bound, found.plan.score);
    prop_assert_eq!(found.plan.score.value, found.plan.terms(problem).weighted(problem), "the terms sum up");
    let again = solved(problem, 7, 150);
    prop_assert_eq!(&again.plan, &found.plan, "the same seed and steps give the same plan");
    let named = bindings(problem, &found.plan);
    prop_assert!(named.iter().zip(&found.plan.places).all(|(binding, place)| binding.is_some() == place.is_some()));
    let out = found.plan.places.iter().filter(|place| place.is_none()).count();
    prop_assert!(left_out(problem, &found.plan).unwrap().len() <= out);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plans_of_anything_hold(problem in anything()) {
        holds(&problem)?;
    }

    #[test]
    fn plans_of_anything_that_has_begun_hold(problem in anything().prop_flat_map(with_a_past)) {
        holds(&problem)?;
    }

    #[test]
    fn plans_of_projects_hold(problem in project()) {
        holds(&problem)?;
    }

    #[test]
    fn plans_of_shops_hold(problem in shop()) {
        holds(&problem)?;
    }

    #[test]
    fn plans_of_lines_hold(problem in line()) {
        holds(&problem)?;
    }

    #[test]
    fn plans_of_sharing_hold(problem in sharing()) {
        holds(&problem)?;
    }

    #[test]
    fn more_capacity_never_lowers_the_value_kept(mut problem in project(), values in vec(0_i64..9, 15), which in any::<proptest::sample::Index>()) {
        problem.activities.truncate(6);
        for (activity, value) in problem.activities.iter_mut().zip(values) {
            activity.value = Some(value);
        }
        problem.horizon = 8;
        let before = solved(&problem, 1, 1500).plan.score.lost;
        let resource = which.index(problem.resources.len());
        if let Kind::Pool { capacity } = &mut problem.resources[resource].kind {
            *capacity += 1;
        }
        prop_assert!(solved(&problem, 1, 1500).plan.score.lost <= before);
    }
}
