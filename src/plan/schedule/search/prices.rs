//! What a unit of each budget is worth: a bound on the cost of an assignment, and prices to begin with.

use super::super::model::Mode;

/// Rounds of the bound.
const ROUNDS: usize = 600;
/// Prices are rounded to so small a part of a unit of cost.
const PARTS: i128 = 1 << 20;

/// One way to do an activity.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// What it draws on.
    pub budget: usize,
    /// Units.
    pub amount: i64,
    /// What it costs.
    pub cost: i64,
}

impl Choice {
    /// A mode that draws on one budget.
    pub fn of(mode: &Mode) -> Self {
        Self { budget: mode.uses[0].resource, amount: i64::from(mode.uses[0].amount), cost: mode.cost }
    }
}

/// A bound by pricing budgets (Fisher 1981), and the prices that give it: steps along the overdraft, ever smaller.
pub fn prices(options: &[Vec<Choice>], room: &[i64]) -> (i64, Vec<f64>) {
    let mut price = vec![0.0; room.len()];
    let (mut best, mut best_price) = (f64::MIN, price.clone());
    let dearest = options.iter().flatten().map(|choice| choice.cost as f64).fold(0.0, f64::max);
    let mut step = dearest / room.iter().copied().max().unwrap_or(1).max(1) as f64 * (room.len() as f64).sqrt();
    for round in 0..ROUNDS {
        let (value, over) = relaxed(options, room, &price);
        if value > best {
            (best, best_price) = (value, price.clone());
        } else if round % 10 == 9 {
            step *= 0.9;
        }
        let length = over.iter().map(|over| over * over).sum::<f64>().sqrt().max(1e-9);
        for (price, over) in price.iter_mut().zip(&over) {
            *price = (*price + step * over / length).max(0.0);
        }
    }
    (exact(options, room, &best_price), best_price)
}

/// The bound that prices give, in whole numbers: any prices give one, and a sum of fractions could be off by a hair.
fn exact(options: &[Vec<Choice>], room: &[i64], price: &[f64]) -> i64 {
    let price: Vec<i128> = price.iter().map(|price| (price * PARTS as f64) as i128).collect();
    let priced = |choice: &Choice| i128::from(choice.cost) * PARTS + price[choice.budget] * i128::from(choice.amount);
    let spent: i128 = options.iter().filter_map(|options| options.iter().map(priced).min()).sum();
    let had: i128 = price.iter().zip(room).map(|(price, room)| price * i128::from(*room)).sum();
    -(had - spent).div_euclid(PARTS) as i64
}

/// Everybody takes the cheapest choice at these prices: what that costs, and by how much budgets are overdrawn.
fn relaxed(options: &[Vec<Choice>], room: &[i64], price: &[f64]) -> (f64, Vec<f64>) {
    let mut over: Vec<f64> = room.iter().map(|room| -(*room as f64)).collect();
    let mut value: f64 = price.iter().zip(&over).map(|(price, over)| price * over).sum();
    let priced = |choice: &Choice| choice.cost as f64 + price[choice.budget] * choice.amount as f64;
    for options in options {
        let cheapest = options.iter().min_by(|one, other| priced(one).total_cmp(&priced(other)));
        if let Some(choice) = cheapest {
            value += priced(choice);
            over[choice.budget] += choice.amount as f64;
        }
    }
    (value, over)
}
