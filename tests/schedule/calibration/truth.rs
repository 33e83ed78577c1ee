//! What really happens. It shares nothing with the forecaster: its own chance, its own hands.

use std::collections::VecDeque;

/// Chance of its own.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0x1234_5678_9ABC_DEF1);
        for _ in 0..8 {
            dice.share();
        }
        dice
    }

    pub fn share(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.share() * count as f64) as usize
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.share().ln()).sqrt() * (std::f64::consts::TAU * self.share()).cos()
    }

    fn lognormal(&mut self, middle: f64, spread: f64) -> f64 {
        (middle + spread * self.normal()).exp()
    }
}

/// A team as it really is.
pub struct Team {
    middle: f64,
    spread: f64,
    sprint_spread: f64,
    /// By agent: what its tasks have in common.
    pub agents: Vec<f64>,
    sent_back: f64,
    redo: f64,
    asks: f64,
    answer: f64,
}

/// A task as it is planned.
pub struct Task {
    pub agent: usize,
    pub thought: f64,
    pub review: f64,
}

/// The tasks of a sprint, in order.
pub struct Sprint {
    pub tasks: Vec<Task>,
}

/// What a task goes through, in minutes.
#[derive(Clone, Copy, PartialEq)]
pub enum Step {
    Work(f64),
    Wait(f64),
    Review(f64),
}

/// The life of a task.
pub struct Life {
    steps: Vec<Step>,
    /// By step: begin and end.
    times: Vec<(f64, f64)>,
}

/// Where a task stands. Numbers: times sent back, then minutes of the present stage.
pub enum Point {
    New,
    Working(f64),
    Asking(f64),
    InLine(u32),
    Reviewed(u32, f64),
    SentBack(u32),
    Redoing(u32, f64),
    Over,
}

impl Team {
    pub fn of(dice: &mut Dice) -> Self {
        // A tenth of the variance is shared by sprint, a tenth by agent.
        let whole = dice.between(0.5, 0.85);
        let share = whole * 0.1_f64.sqrt();
        let count = 2 + dice.below(4);
        Self {
            middle: 0.1 + 0.25 * dice.normal(),
            spread: whole * 0.8_f64.sqrt(),
            sprint_spread: share,
            agents: (0..count).map(|_| share * dice.normal()).collect(),
            sent_back: dice.between(0.05, 0.4),
            redo: -1.1 + 0.3 * dice.normal(),
            asks: dice.between(0.05, 0.3),
            answer: 3.8 + 0.4 * dice.normal(),
        }
    }

    /// What really happens to the tasks of a sprint.
    pub fn luck(&self, sprint: &Sprint, dice: &mut Dice) -> Vec<Vec<Step>> {
        let shock = self.sprint_spread * dice.normal();
        sprint.tasks.iter().map(|task| self.steps(task, shock, dice)).collect()
    }

    fn steps(&self, task: &Task, shock: f64, dice: &mut Dice) -> Vec<Step> {
        let work = task.thought * dice.lognormal(self.middle + shock + self.agents[task.agent], self.spread);
        let mut cuts = Vec::new();
        let (limit, mut product) = ((-self.asks).exp(), dice.share());
        while product > limit {
            cuts.push(work * dice.share());
            product *= dice.share();
        }
        cuts.sort_by(f64::total_cmp);
        let (mut steps, mut done) = (Vec::new(), 0.0);
        for cut in cuts {
            steps.extend([Step::Work(cut - done), Step::Wait(dice.lognormal(self.answer, 1.0))]);
            done = cut;
        }
        let review = task.review * dice.lognormal(0.0, 0.4);
        steps.extend([Step::Work(work - done), Step::Review(review)]);
        for _ in 0..3 {
            if dice.share() >= self.sent_back {
                break;
            }
            let again = task.review * 0.5 * dice.lognormal(0.0, 0.4);
            steps.extend([Step::Work(work * dice.lognormal(self.redo, 0.6)), Step::Review(again)]);
        }
        steps
    }
}

impl Sprint {
    pub fn of(team: &Team, count: usize, dice: &mut Dice) -> Self {
        let mut load = vec![0.0_f64; team.agents.len()];
        let task = |_| {
            let thought = dice.lognormal(180.0_f64.ln(), 0.7).clamp(30.0, 960.0).round();
            let agent = (0..load.len()).min_by(|&a, &b| load[a].total_cmp(&load[b])).unwrap();
            load[agent] += thought;
            Task { agent, thought, review: (thought / 4.0).clamp(15.0, 240.0).round() }
        };
        Self { tasks: (0..count).map(task).collect() }
    }

    /// If everything went as it was thought to.
    pub fn as_thought(&self) -> Vec<Vec<Step>> {
        self.tasks.iter().map(|task| vec![Step::Work(task.thought), Step::Review(task.review)]).collect()
    }

    /// Everybody does their tasks in order, what has begun first; one person reviews in the order of arrival.
    pub fn play(&self, luck: &[Vec<Step>]) -> Vec<Life> {
        let mut hands = Hands::new(self, luck);
        hands.play();
        let life = |(steps, times): (&Vec<Step>, Vec<(f64, f64)>)| Life { steps: steps.clone(), times };
        luck.iter().zip(hands.times).map(life).collect()
    }
}

struct Hands<'a> {
    sprint: &'a Sprint,
    luck: &'a [Vec<Step>],
    times: Vec<Vec<(f64, f64)>>,
    /// By agent, the reviewer last: what waits, and what is in hand.
    lines: Vec<VecDeque<usize>>,
    fresh: Vec<VecDeque<usize>>,
    busy: Vec<bool>,
    /// End of a step, task.
    events: Vec<(f64, usize)>,
}

impl<'a> Hands<'a> {
    fn new(sprint: &'a Sprint, luck: &'a [Vec<Step>]) -> Self {
        let people = sprint.tasks.iter().map(|task| task.agent).max().unwrap_or(0) + 2;
        let mut fresh = vec![VecDeque::new(); people];
        sprint.tasks.iter().enumerate().for_each(|(at, task)| fresh[task.agent].push_back(at));
        let times = vec![Vec::new(); luck.len()];
        let lines = vec![VecDeque::new(); people];
        Self { sprint, luck, times, lines, fresh, busy: vec![false; people], events: Vec::new() }
    }

    fn play(&mut self) {
        self.hand_out(0.0);
        while let Some(next) = (0..self.events.len()).min_by(|&a, &b| self.events[a].0.total_cmp(&self.events[b].0)) {
            let (now, at) = self.events.swap_remove(next);
            if let Some(who) = self.who(at, self.times[at].len() - 1) {
                self.busy[who] = false;
            }
            let step = self.times[at].len();
            match self.luck[at].get(step) {
                Some(Step::Wait(minutes)) => self.begin(at, now, *minutes),
                Some(_) => {
                    let who = self.who(at, step).unwrap();
                    self.lines[who].push_back(at);
                }
                None => {}
            }
            self.hand_out(now);
        }
    }

    fn who(&self, at: usize, step: usize) -> Option<usize> {
        match self.luck[at][step] {
            Step::Work(_) => Some(self.sprint.tasks[at].agent),
            Step::Review(_) => Some(self.busy.len() - 1),
            Step::Wait(_) => None,
        }
    }

    fn hand_out(&mut self, now: f64) {
        for who in 0..self.busy.len() {
            if self.busy[who] {
                continue;
            }
            let Some(at) = self.lines[who].pop_front().or_else(|| self.fresh[who].pop_front()) else { continue };
            let (Step::Work(minutes) | Step::Review(minutes) | Step::Wait(minutes)) =
                self.luck[at][self.times[at].len()];
            self.busy[who] = true;
            self.begin(at, now, minutes);
        }
    }

    fn begin(&mut self, at: usize, now: f64, minutes: f64) {
        self.times[at].push((now, now + minutes));
        self.events.push((now + minutes, at));
    }
}

impl Life {
    fn review_at(&self) -> usize {
        self.steps.iter().position(|step| matches!(step, Step::Review(_))).unwrap()
    }

    pub fn done(&self) -> f64 {
        self.times[self.times.len() - 1].1
    }

    pub fn handed_in(&self) -> f64 {
        self.times[self.review_at() - 1].1
    }

    /// Minutes of the first review, and when it ended.
    pub fn first_review(&self) -> (f64, f64) {
        let (start, end) = self.times[self.review_at()];
        (end - start, end)
    }

    fn steps_with_times(&self) -> impl Iterator<Item = (usize, &Step, f64, f64)> {
        self.steps.iter().zip(&self.times).enumerate().map(|(at, (step, &(from, to)))| (at, step, from, to))
    }

    /// Minutes of work in the first pass until then; none if it has not begun.
    pub fn first_pass(&self, now: f64) -> Option<f64> {
        let first = self.review_at();
        let parts = self
            .steps_with_times()
            .filter(|(at, step, from, _)| *at < first && matches!(step, Step::Work(_)) && *from < now);
        (self.times[0].0 < now).then(|| parts.map(|(_, _, from, to)| to.min(now) - from).sum())
    }

    /// How often it was sent back until then.
    pub fn rounds_until(&self, now: f64) -> u32 {
        let reviews = self.steps_with_times().filter(|(_, step, _, to)| matches!(step, Step::Review(_)) && *to <= now);
        let over = self.done() <= now;
        (reviews.count() - usize::from(over)) as u32
    }

    /// Minutes of work in all passes but the first until then.
    pub fn redone_until(&self, now: f64) -> f64 {
        let first = self.review_at();
        let parts = self
            .steps_with_times()
            .filter(|(at, step, from, _)| *at > first && matches!(step, Step::Work(_)) && *from < now);
        parts.map(|(_, _, from, to)| to.min(now) - from).sum()
    }

    /// Questions of the first pass until then.
    pub fn asked(&self, now: f64) -> u32 {
        self.steps_with_times().filter(|(_, step, from, _)| matches!(step, Step::Wait(_)) && *from < now).count() as u32
    }

    pub fn answers(&self, now: f64) -> impl Iterator<Item = f64> {
        self.steps_with_times()
            .filter(move |(_, step, _, to)| matches!(step, Step::Wait(_)) && *to <= now)
            .map(|(_, _, from, to)| to - from)
    }

    pub fn at(&self, now: f64) -> Point {
        let over = self.times.iter().take_while(|(_, end)| *end <= now).count();
        if over == self.steps.len() {
            return Point::Over;
        }
        let rounds = self.steps[..over].iter().filter(|step| matches!(step, Step::Review(_))).count() as u32;
        let begun = self.times[over].0 <= now;
        let gone = now - self.times[over].0;
        match self.steps[over] {
            Step::Review(_) if begun => Point::Reviewed(rounds, gone),
            Step::Review(_) => Point::InLine(rounds),
            Step::Wait(_) => Point::Asking(self.first_pass(now).unwrap_or(0.0)),
            Step::Work(_) if rounds > 0 && begun => Point::Redoing(rounds, gone),
            Step::Work(_) if rounds > 0 => Point::SentBack(rounds),
            Step::Work(_) if begun => Point::Working(self.first_pass(now).unwrap_or(0.0)),
            Step::Work(_) if over > 0 => Point::Asking(self.first_pass(now).unwrap_or(0.0)),
            Step::Work(_) => Point::New,
        }
    }
}
