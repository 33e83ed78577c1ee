//! All that history says about one new task: how long, who would take how long, what it costs, whether it passes.

use serde::Serialize;

use super::pace::{Deed, Paces, Worker};
use super::pass::{Judged, Passing};
use super::said::{Kept, Said, Source, Sources};
use super::size::{Sizes, Words};
use super::spend::{Rate, Spent};
use super::spread::{BELIEF, Spread};
use super::survival::{Spell, shares};
use crate::domain::words::{self, count, work};
use crate::plan::capacity::USUAL_POINT;

/// Pieces of work that are learned from, the newest; more would say little and cost time.
const MOST: usize = 2_000;
/// Minutes that a task takes at the median before anything is known, and how widely it spreads (standard deviation of the
/// logarithm).
pub const TASK: (f64, f64) = (60.0, 1.0);
/// The same for one story point.
const POINT: (f64, f64) = (USUAL_POINT as f64, 0.8);

/// Work of the past, ended or not.
#[derive(Debug, Clone)]
pub struct Past<'a> {
    /// Its words.
    pub words: Words<'a>,
    /// What was said about it before it began, in active minutes, and by whom.
    pub said: Option<(Source, f64)>,
    /// Its story points.
    pub points: Option<f64>,
    /// Active minutes that it took or has taken.
    pub took: Spell,
    /// Who did it.
    pub worker: Option<Worker>,
    /// What it cost.
    pub cost: Option<f64>,
    /// Tokens that a language model read and wrote for it.
    pub tokens: Option<f64>,
    /// Whether its first review accepted it; none without a review.
    pub passed: Option<bool>,
}

/// Work to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Its words.
    pub words: Words<'a>,
    /// What was said about it, and by whom.
    pub said: Option<(&'a Source, Said)>,
    /// Its story points.
    pub points: Option<f64>,
    /// Who would do it.
    pub worker: Option<&'a Worker>,
}

/// What an answer is from, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// What somebody said, and what it turned out to mean before.
    Said,
    /// Story points, and what a point took.
    Points,
    /// Tasks with like words.
    Words,
    /// All tasks.
    History,
    /// Nothing but a belief held before anything was known.
    Belief,
}

/// What a task will take, with reasons.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// Active minutes: as likely more as less.
    pub p50: f64,
    /// Active minutes, not exceeded in four of five cases.
    pub p80: f64,
    /// The whole range as a distribution.
    #[serde(skip)]
    pub spread: Spread,
    /// What it is from.
    pub basis: Basis,
    /// Tasks of the past that it is learned from.
    pub count: usize,
    /// Why, in sentences.
    pub because: Vec<String>,
    /// Places in the past of the most alike, and how alike they are (0 to 1); only where words were listened to.
    pub like: Vec<(usize, f64)>,
    /// The chance (0 to 1) to pass the first review.
    pub passes: f64,
    /// What it costs at the median and in four of five cases at most; none: no estimate yet.
    pub cost: Option<(f64, f64)>,
    /// The same in tokens.
    pub tokens: Option<(f64, f64)>,
}

/// The same as whole minutes, for a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Guess {
    /// As likely more as less; 1 at least.
    pub p50: u32,
    /// Not exceeded in four of five cases.
    pub p80: u32,
    /// What it is from.
    pub basis: Basis,
    /// Tasks of the past that it is learned from.
    pub count: usize,
}

impl Answer {
    /// The size for a plan; none where nothing was measured.
    pub fn guess(&self) -> Option<Guess> {
        let whole = |minutes: f64| minutes.round().clamp(1.0, 1e7) as u32;
        let (p50, p80) = (whole(self.p50), whole(self.p80));
        (self.basis != Basis::Belief).then_some(Guess { p50, p80, basis: self.basis, count: self.count })
    }
}

/// What was learned from the past.
#[derive(Debug, Clone)]
pub struct Judge {
    sources: Sources,
    points: (Spread, usize),
    all: (Spread, usize),
    words: Option<Sizes>,
    /// Place in the past of each piece that words were learned from.
    places: Vec<usize>,
    paces: Paces,
    rate: Option<Rate>,
    tokens: Option<Rate>,
    passing: Passing,
}

impl Judge {
    /// Learns from the past, oldest first; nothing at all is fine.
    pub fn learn(past: &[Past]) -> Self {
        let begin = past.len().saturating_sub(MOST);
        let past: Vec<(usize, &Past)> = past.iter().enumerate().skip(begin).filter(|one| is_sound(one.1)).collect();
        let took: Vec<Spell> = past.iter().map(|one| one.1.took).collect();
        let all = (Spread::learn(&took, belief(TASK), BELIEF), ended(&took));
        let kept = past.iter().filter_map(|(_, one)| {
            let (source, said) = one.said.clone()?;
            Some(Kept { source, said, took: one.took })
        });
        let sources = Sources::learn(&kept.collect::<Vec<_>>());
        let (words, places) = words(&past, &took);
        let mut judge = Self {
            sources,
            points: points(&past),
            all,
            words,
            places,
            paces: Paces::learn(&[]),
            rate: rate(&past, |past| past.cost),
            tokens: rate(&past, |past| past.tokens),
            passing: Passing::learn(&past.iter().filter_map(|one| judged(one.1)).collect::<Vec<_>>()),
        };
        judge.paces = Paces::learn(&past.iter().filter_map(|one| judge.deed(one.1)).collect::<Vec<_>>());
        judge
    }

    /// What was done beside what was expected of anybody; words are not asked, as they know the answer.
    fn deed(&self, past: &Past) -> Option<Deed> {
        let said = past.said.as_ref().and_then(|(source, said)| self.sources.judge(source, Said::Minutes(*said)));
        let expected = said.or(past.points.and_then(|points| self.of_points(points))).unwrap_or(self.all.0);
        Some(Deed { worker: past.worker.clone()?, expected: expected.median(), took: past.took })
    }

    fn of_points(&self, points: f64) -> Option<Spread> {
        let of = |points: f64| Spread { middle: points.ln() + self.points.0.middle, ..self.points.0 };
        (points > 0.0).then(|| of(points))
    }

    /// What a task will take.
    pub fn estimate(&self, ask: &Ask) -> Answer {
        let mut answer = self.size(ask);
        if let Some(worker) = ask.worker {
            self.put_to(worker, &mut answer);
        }
        (answer.p50, answer.p80) = (answer.spread.median(), answer.spread.quantile(0.8));
        answer.passes = self.passing.chance(ask.worker.map(|worker| worker.profile.as_str()), answer.p50);
        let told = |rate: Rate| rate.cost(answer.spread);
        let [cost, tokens] = [self.rate, self.tokens].map(|rate| rate.map(told));
        [answer.cost, answer.tokens] = [cost, tokens].map(|cost| cost.map(|cost| (cost.median(), cost.quantile(0.8))));
        answer
    }

    /// Whoever does it.
    fn size(&self, ask: &Ask) -> Answer {
        let Ask { words, said, points, .. } = ask;
        if let Some((source, spread)) =
            said.and_then(|(source, said)| Some((source, self.sources.judge(source, said)?)))
        {
            return answer(spread, Basis::Said, self.sources.count(source), self.sources.told(source));
        }
        let said_points = said.and_then(|(_, said)| said.points());
        if let Some((points, spread)) =
            said_points.or(*points).and_then(|points| Some((points, self.of_points(points)?)))
        {
            let because = of_points(points, self.points);
            return answer(spread, Basis::Points, self.points.1, because);
        }
        self.by_words(words).unwrap_or_else(|| match self.all {
            (spread, 0) => answer(spread, Basis::Belief, 0, "nothing has been measured yet: a usual task".into()),
            (spread, count) => {
                answer(spread, Basis::History, count, format!("what {} took", words::count(count, "task")))
            }
        })
    }

    fn by_words(&self, words: &Words) -> Option<Answer> {
        let sizes = self.words.as_ref().filter(|sizes| sizes.listens())?;
        let told = sizes.estimate(words);
        let median = told.p50.max(1.0);
        let spread = Spread::around(median, (told.p80 / median).max(1.2));
        let mut answer = answer(spread, Basis::Words, self.places.len(), String::new());
        answer.like = told.like.iter().map(|&(at, near)| (self.places[at], near)).collect();
        answer.because = vec![format!("like words among {}", count(self.places.len(), "task"))];
        Some(answer)
    }

    /// Multiplies by the worker's pace, as far as it is known.
    fn put_to(&self, worker: &Worker, answer: &mut Answer) {
        let (pace, count) = self.paces.of(worker);
        let trust = count as f64 / (count as f64 + BELIEF);
        let own = answer.spread.deviation;
        let deviation = (trust * pace.deviation.powi(2) + (1.0 - trust) * own.powi(2)).sqrt();
        answer.spread = Spread { middle: answer.spread.middle + pace.middle, deviation };
        if count > 0 {
            let model = if worker.model.is_empty() { String::new() } else { format!(" with {}", worker.model) };
            let times = (pace.median() * 100.0).round() / 100.0;
            answer.because.push(format!("{}{model} takes {times} times as long, n = {count}", worker.profile));
        }
    }
}

fn answer(spread: Spread, basis: Basis, count: usize, because: String) -> Answer {
    let because = vec![because];
    Answer {
        p50: 0.0,
        p80: 0.0,
        spread,
        basis,
        count,
        because,
        like: Vec::new(),
        passes: 0.0,
        cost: None,
        tokens: None,
    }
}

fn belief((median, deviation): (f64, f64)) -> Spread {
    Spread { middle: median.ln(), deviation }
}

fn is_sound(past: &Past) -> bool {
    past.took.time > 0.0 && past.took.time.is_finite()
}

fn ended(spells: &[Spell]) -> usize {
    spells.iter().filter(|spell| spell.ended).count()
}

/// Minutes of a point.
fn points(past: &[(usize, &Past)]) -> (Spread, usize) {
    let of = |past: &Past| {
        let points = past.points.filter(|points| *points > 0.0)?;
        Some(Spell { time: past.took.time / points, ended: past.took.ended })
    };
    let rates: Vec<Spell> = past.iter().filter_map(|one| of(one.1)).collect();
    (Spread::learn(&rates, belief(POINT), BELIEF), ended(&rates))
}

/// Words of what ended; what has not ended gives its share to what took longer.
fn words(past: &[(usize, &Past)], took: &[Spell]) -> (Option<Sizes>, Vec<usize>) {
    let shares = shares(took);
    let ended = || past.iter().zip(&shares).filter(|(one, _)| one.1.took.ended);
    let texts: Vec<Words> = ended().map(|(one, _)| one.1.words).collect();
    let sizes: Vec<f64> = ended().map(|(one, _)| one.1.took.time).collect();
    let weights: Vec<f64> = ended().map(|(_, share)| share * past.len() as f64).collect();
    (Sizes::weighted(&texts, &sizes, &weights), ended().map(|(one, _)| one.0).collect())
}

/// What a minute takes of something.
fn rate(past: &[(usize, &Past)], of: impl Fn(&Past) -> Option<f64>) -> Option<Rate> {
    let spent = past.iter().filter_map(|(_, one)| Some(Spent { minutes: one.took.time, cost: of(one)? }));
    Rate::learn(&spent.collect::<Vec<_>>())
}

fn judged(past: &Past) -> Option<Judged> {
    let agent = past.worker.as_ref()?.profile.clone();
    Some(Judged { agent, minutes: past.took.time, passed: past.passed? })
}

fn of_points(points: f64, (rate, known): (Spread, usize)) -> String {
    let size = format!("{} at {} each", words::points(points), work(rate.median().round() as u64));
    match known {
        0 => format!("{size}, as nothing has been measured yet"),
        known => format!("{size}, from {}", count(known, "task")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::schedule::random::Random;

    fn titles(count: usize) -> Vec<(String, f64)> {
        let mut random = Random::new(9);
        let one = |at| {
            let (title, middle) = if at % 2 == 0 { ("fix typo in label", 20.0) } else { ("migrate database", 300.0) };
            let luck = Spread { middle: 0.0, deviation: 0.4 }.quantile(random.share().clamp(1e-6, 1.0 - 1e-6));
            (title.to_owned(), middle * luck)
        };
        (0..count).map(one).collect()
    }

    fn past(title: &str, minutes: f64) -> Past<'_> {
        Past {
            words: Words { title, body: "" },
            said: None,
            points: None,
            took: Spell { time: minutes, ended: true },
            worker: None,
            cost: None,
            tokens: None,
            passed: None,
        }
    }

    fn ask(title: &str) -> Ask<'_> {
        Ask { words: Words { title, body: "" }, said: None, points: None, worker: None }
    }

    #[test]
    fn without_a_history_there_is_an_answer_that_says_so() {
        let answer = Judge::learn(&[]).estimate(&ask("anything"));
        assert_eq!((answer.basis, answer.count, answer.cost), (Basis::Belief, 0, None));
        assert!((answer.p50 - 60.0).abs() < 1e-6 && answer.p80 > 1.9 * answer.p50);
    }

    #[test]
    fn like_words_are_named_and_a_word_of_a_person_goes_before_them() {
        let done = titles(200);
        let mut known: Vec<Past> = done.iter().map(|(title, minutes)| past(title, *minutes)).collect();
        for one in &mut known {
            one.said = Some((Source::Person("Ana".into()), one.took.time / 1.5));
        }
        let judge = Judge::learn(&known);
        let large = judge.estimate(&ask("migrate the database"));
        assert_eq!(large.basis, Basis::Words);
        assert!(large.p50 > 150.0 && !large.like.is_empty());
        assert!(large.like.iter().all(|near| done[near.0].0 == "migrate database"));
        let ana = Source::Person("Ana".into());
        let said = judge.estimate(&Ask { said: Some((&ana, Said::Minutes(240.0))), ..ask("migrate the database") });
        assert_eq!(said.because, ["Ana's 4 h are 6 h at the median, n = 200"]);
        assert!((said.p50 / 360.0 - 1.0).abs() < 0.05);
    }

    #[test]
    fn points_cost_and_the_worker_count() {
        let builder = Worker { profile: "builder".into(), kind: "ai".into(), ..Worker::default() };
        let known: Vec<Past> = (0..60)
            .map(|at| Past {
                points: Some(2.0),
                cost: Some(30.0),
                passed: Some(at % 4 != 0),
                worker: Some(builder.clone()),
                ..past("anything", 60.0)
            })
            .collect();
        let judge = Judge::learn(&known);
        let answer = judge.estimate(&Ask { points: Some(4.0), worker: Some(&builder), ..ask("more") });
        assert_eq!(answer.basis, Basis::Points);
        assert!((answer.p50 / 120.0 - 1.0).abs() < 0.25, "{answer:?}");
        assert!((answer.cost.unwrap().0 / 60.0 - 1.0).abs() < 0.3, "{answer:?}");
        assert!((answer.passes - 0.75).abs() < 0.12, "{answer:?}");
    }

    #[test]
    fn running_work_makes_answers_longer() {
        let ended: Vec<Past> = (0..30).map(|at| past("work", 30.0 + f64::from(at))).collect();
        let mut with = ended.clone();
        with.extend((0..20).map(|_| Past { took: Spell { time: 200.0, ended: false }, ..past("work", 0.0) }));
        let [short, long] = [ended, with].map(|known| Judge::learn(&known).estimate(&ask("work")));
        assert!(long.p50 > 1.5 * short.p50 && long.p80 > 2.0 * short.p80, "{short:?} {long:?}");
    }
}
