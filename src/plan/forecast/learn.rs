//! What a history says of the next observation, and how sure that is: a normal model of logarithms with effects of
//! sprints and of agents, drawn from its posterior by Gibbs sampling (Gelfand and Smith 1990).
//!
//! What has not ended is drawn beyond where it stands, so that it counts as what it is: at least so long (data
//! augmentation, Tanner and Wong 1987). Few observations leave much to chance, which makes forecasts wider.

use super::chance::Chance;

/// Sprints and agents whose effects are learned; the first ones of more are all the same.
pub const MOST_GROUPS: usize = 40;
/// Rounds before the first draw is kept.
const WARM_UP: usize = 60;

/// One observation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seen {
    /// Logarithm of what it took, against what was thought.
    pub value: f64,
    /// False if it has not ended: it takes more than that.
    pub ended: bool,
    /// Which sprint.
    pub sprint: usize,
    /// Whose; none of nobody in particular.
    pub agent: Option<usize>,
}

/// What is believed without any observation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Logarithm of the median.
    pub middle: f64,
    /// Observations that the middle and the spread weigh as much as.
    pub weight: f64,
    /// Standard deviation of the logarithm within a sprint and an agent.
    pub spread: f64,
    /// Share of the variance that tasks of the same sprint have in common, and the same of those of an agent.
    pub shared: [f64; 2],
}

/// One state of the world that the history allows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draw {
    /// Logarithm of the median of a task.
    pub middle: f64,
    /// Standard deviation around it, beside the effects.
    pub spread: f64,
    /// Standard deviations of the effects of sprints and of agents.
    pub shared: [f64; 2],
    /// By sprint.
    pub sprints: Vec<f64>,
    /// By agent.
    pub agents: Vec<f64>,
}

/// Sums that do not change while draws are made: how often each pair of columns is seen together.
struct Design {
    columns: usize,
    sprints: usize,
    together: Vec<f64>,
}

impl Design {
    fn of(seen: &[Seen], sprints: usize, agents: usize) -> Self {
        let columns = 1 + sprints + agents;
        let mut design = Self { columns, sprints, together: vec![0.0; columns * columns] };
        for one in seen {
            let at = design.columns_of(one);
            for &row in at.iter().flatten() {
                for &column in at.iter().flatten() {
                    design.together[row * columns + column] += 1.0;
                }
            }
        }
        design
    }

    fn columns_of(&self, seen: &Seen) -> [Option<usize>; 3] {
        [Some(0), Some(1 + seen.sprint), seen.agent.map(|agent| 1 + self.sprints + agent)]
    }

    fn fitted(&self, seen: &Seen, effects: &[f64]) -> f64 {
        self.columns_of(seen).iter().flatten().map(|&column| effects[column]).sum()
    }

    /// How much the prior holds each effect to 0, or the middle to its prior, against one observation.
    fn holds(&self, prior: &Prior, ratios: [f64; 2]) -> Vec<f64> {
        let hold = |column| match column {
            0 => prior.weight,
            column if column <= self.sprints => 1.0 / ratios[0],
            _ => 1.0 / ratios[1],
        };
        (0..self.columns).map(hold).collect()
    }
}

/// So many draws from what the history leaves possible, for so many sprints and agents.
pub fn learn(seen: &[Seen], prior: &Prior, groups: [usize; 2], count: usize, chance: &mut Chance) -> Vec<Draw> {
    let design = Design::of(seen, groups[0], groups[1]);
    let own = 1.0 - prior.shared[0] - prior.shared[1];
    let mut state = State {
        values: seen.iter().map(|one| one.value - prior.middle).collect(),
        effects: vec![0.0; design.columns],
        variance: prior.spread * prior.spread,
        ratios: prior.shared.map(|share| share / own),
    };
    let mut draws = Vec::with_capacity(count);
    for round in 0..WARM_UP + count {
        state.step(seen, &design, prior, chance);
        if round >= WARM_UP {
            draws.push(state.draw(&design, prior));
        }
    }
    draws
}

/// Where the sampler stands.
struct State {
    /// Values less the prior's middle; of what has not ended, as drawn.
    values: Vec<f64>,
    /// The middle, then sprints, then agents.
    effects: Vec<f64>,
    /// Within sprints and agents.
    variance: f64,
    /// Variances of the effects of sprints and of agents, as shares of it.
    ratios: [f64; 2],
}

impl State {
    fn step(&mut self, seen: &[Seen], design: &Design, prior: &Prior, chance: &mut Chance) {
        let holds = design.holds(prior, self.ratios);
        self.draw_effects(seen, design, &holds, chance);
        self.draw_variance(seen, design, &holds, prior, chance);
        self.draw_ratios(design, prior, chance);
        self.draw_ends(seen, design, prior, chance);
    }

    /// All effects at once, as they depend on each other.
    fn draw_effects(&mut self, seen: &[Seen], design: &Design, holds: &[f64], chance: &mut Chance) {
        let n = design.columns;
        let mut root = design.together.clone();
        for (at, hold) in holds.iter().enumerate() {
            root[at * n + at] += hold;
        }
        cholesky(&mut root, n);
        let mut sums = vec![0.0; n];
        for (one, value) in seen.iter().zip(&self.values) {
            for &column in design.columns_of(one).iter().flatten() {
                sums[column] += value;
            }
        }
        down(&root, n, &mut sums);
        let deviation = self.variance.sqrt();
        for sum in &mut sums {
            *sum += deviation * chance.normal();
        }
        up(&root, n, &mut sums);
        self.effects = sums;
    }

    fn draw_variance(&mut self, seen: &[Seen], design: &Design, holds: &[f64], prior: &Prior, chance: &mut Chance) {
        let errors =
            seen.iter().zip(&self.values).map(|(one, value)| (value - design.fitted(one, &self.effects)).powi(2));
        let held = self.effects.iter().zip(holds).map(|(effect, hold)| effect * effect * hold);
        let sum = errors.sum::<f64>() + held.sum::<f64>() + prior.weight * prior.spread * prior.spread;
        let count = prior.weight + (seen.len() + design.columns) as f64;
        self.variance = sum / 2.0 / chance.gamma(count / 2.0);
    }

    fn draw_ratios(&mut self, design: &Design, prior: &Prior, chance: &mut Chance) {
        let own = 1.0 - prior.shared[0] - prior.shared[1];
        let (sprints, agents) = self.effects[1..].split_at(design.sprints);
        for (at, effects) in [sprints, agents].into_iter().enumerate() {
            let squares: f64 = effects.iter().map(|effect| effect * effect / self.variance).sum();
            let mean = prior.shared[at] / own;
            let scale = mean * (SURE - 1.0) + squares / 2.0;
            self.ratios[at] = scale / chance.gamma(SURE + effects.len() as f64 / 2.0);
        }
    }

    fn draw_ends(&mut self, seen: &[Seen], design: &Design, prior: &Prior, chance: &mut Chance) {
        let deviation = self.variance.sqrt();
        for (one, value) in seen.iter().zip(&mut self.values).filter(|(one, _)| !one.ended) {
            let fitted = design.fitted(one, &self.effects);
            let stands = one.value - prior.middle;
            *value = fitted + deviation * chance.normal_above((stands - fitted) / deviation);
        }
    }

    fn draw(&self, design: &Design, prior: &Prior) -> Draw {
        let (sprints, agents) = self.effects[1..].split_at(design.sprints);
        Draw {
            middle: prior.middle + self.effects[0],
            spread: self.variance.sqrt(),
            shared: self.ratios.map(|ratio| (ratio * self.variance).sqrt()),
            sprints: sprints.to_vec(),
            agents: agents.to_vec(),
        }
    }
}

/// How sure the prior is of the shares: the shape of an inverse gamma distribution.
const SURE: f64 = 4.0;

/// The lower triangle whose product with its transpose a positive matrix is, in its place.
fn cholesky(matrix: &mut [f64], n: usize) {
    for row in 0..n {
        for column in 0..=row {
            let dot: f64 = (0..column).map(|k| matrix[row * n + k] * matrix[column * n + k]).sum();
            let rest = matrix[row * n + column] - dot;
            matrix[row * n + column] =
                if row == column { rest.max(1e-12).sqrt() } else { rest / matrix[column * n + column] };
        }
    }
}

/// Solves with the triangle.
fn down(root: &[f64], n: usize, x: &mut [f64]) {
    for row in 0..n {
        let dot: f64 = (0..row).map(|k| root[row * n + k] * x[k]).sum();
        x[row] = (x[row] - dot) / root[row * n + row];
    }
}

/// Solves with its transpose.
fn up(root: &[f64], n: usize, x: &mut [f64]) {
    for row in (0..n).rev() {
        let dot: f64 = (row + 1..n).map(|k| root[k * n + row] * x[k]).sum();
        x[row] = (x[row] - dot) / root[row * n + row];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIOR: Prior = Prior { middle: 0.0, weight: 8.0, spread: 0.6, shared: [0.1, 0.1] };

    fn mean(draws: &[Draw], of: impl Fn(&Draw) -> f64) -> f64 {
        draws.iter().map(of).sum::<f64>() / draws.len() as f64
    }

    /// Tasks of one kind, cut off after a window each.
    fn windowed(count: usize, spread: f64, window: f64) -> Vec<Seen> {
        let mut chance = Chance::new(7);
        let seen = (0..count).map(|_| {
            // Begun at some time within the window, seen until its end.
            let left = chance.share() * window;
            let took = (spread * chance.normal()).exp();
            Seen { value: took.min(left).ln(), ended: took <= left, sprint: 0, agent: None }
        });
        seen.collect()
    }

    #[test]
    fn what_has_not_ended_counts_as_at_least_so_long() {
        let seen = windowed(2000, 0.8, 5.0);
        let draws = learn(&seen, &PRIOR, [1, 0], 200, &mut Chance::new(1));
        let high = mean(&draws, |draw| (draw.middle + draw.sprints[0] + 0.8416 * draw.spread).exp());
        let truth = (0.8416_f64 * 0.8).exp();
        assert!((high / truth - 1.0).abs() < 0.08, "{high}, not {truth}");
        let ended: Vec<Seen> = seen.into_iter().filter(|one| one.ended).collect();
        let draws = learn(&ended, &PRIOR, [1, 0], 200, &mut Chance::new(1));
        let low = mean(&draws, |draw| (draw.middle + draw.sprints[0] + 0.8416 * draw.spread).exp());
        assert!(low / truth < 0.85, "those that have ended alone say too little: {low}");
    }

    #[test]
    fn a_typical_task_is_believed_as_far_as_there_is_history() {
        let seen: Vec<Seen> = (0..8).map(|_| Seen { value: 1.0, ended: true, sprint: 0, agent: None }).collect();
        let prior = Prior { shared: [1e-9, 1e-9], ..PRIOR };
        let draws = learn(&seen, &prior, [1, 0], 4000, &mut Chance::new(1));
        assert!((mean(&draws, |draw| draw.middle) - 0.5).abs() < 0.02, "eight tasks weigh as much as the prior");
    }

    #[test]
    fn what_tasks_of_a_sprint_and_of_an_agent_share_is_learned() {
        let mut chance = Chance::new(3);
        let sprints: Vec<f64> = (0..30).map(|at| if at % 2 == 0 { 0.5 } else { -0.5 }).collect();
        let agents = [0.4, -0.4, 0.0];
        let mut seen = Vec::new();
        for (sprint, effect) in sprints.iter().enumerate() {
            for at in 0..20 {
                let value = 0.3 + effect + agents[at % 3] + 0.4 * chance.normal();
                seen.push(Seen { value, ended: true, sprint, agent: Some(at % 3) });
            }
        }
        let draws = learn(&seen, &PRIOR, [30, 4], 400, &mut Chance::new(1));
        assert!((mean(&draws, |draw| draw.shared[0]) - 0.5).abs() < 0.12);
        assert!((mean(&draws, |draw| draw.spread) - 0.4).abs() < 0.03);
        assert!(mean(&draws, |draw| draw.agents[0] - draw.agents[1]) > 0.7);
        let unknown = mean(&draws, |draw| draw.agents[3]);
        assert!(unknown.abs() < 0.1, "nothing is known of who has done nothing: {unknown}");
    }

    #[test]
    fn the_same_history_and_seed_give_the_same_draws() {
        let seen = windowed(20, 0.5, 4.0);
        let draws = || learn(&seen, &PRIOR, [2, 1], 5, &mut Chance::new(9));
        assert_eq!(draws(), draws());
    }
}
