//! Who takes how long for what should take a given time: by profile and model version, each held to those around it.

use std::collections::BTreeMap;

use super::spread::{BELIEF, Spread};
use super::survival::Spell;

/// What is believed of anybody before anything is known: as long as expected, give or take.
const UNKNOWN: Spread = Spread { middle: 0.0, deviation: 0.6 };

/// Whose work it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Worker {
    /// Profile of an agent, or name of a person.
    pub profile: String,
    /// Model and its version, as in `large-4.1`; empty for people and where nobody knows.
    pub model: String,
    /// Kind of agent.
    pub kind: String,
    /// The skill that the work mainly wants; empty: none.
    pub skill: String,
}

/// Work that somebody did.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// Who.
    pub worker: Worker,
    /// How long it was expected to take whoever does it, above 0.
    pub expected: f64,
    /// How long it took, in the same unit.
    pub took: Spell,
}

/// A version of a model with its pace, and the number of tasks that ended.
type Version = (String, Spread, usize);

/// Actual over expected time, from all to one: everybody, skill, kind of agent, profile and model version. Each level is
/// held to the one above it; a new version of a model is held to the version before it, with twice its variance.
#[derive(Debug, Clone, PartialEq)]
pub struct Paces {
    all: Spread,
    skills: BTreeMap<String, Spread>,
    kinds: BTreeMap<(String, String), Spread>,
    /// The versions of each profile and skill in the order in which they came.
    versions: BTreeMap<(String, String), Vec<Version>>,
}

impl Paces {
    /// Learns from deeds, oldest first.
    pub fn learn(deeds: &[Deed]) -> Self {
        let all = Spread::learn(&ratios(deeds, |_| true), UNKNOWN, BELIEF);
        let mut paces = Self { all, skills: BTreeMap::new(), kinds: BTreeMap::new(), versions: BTreeMap::new() };
        for deed in deeds {
            paces.place(deeds, &deed.worker);
        }
        paces
    }

    /// Learns the levels of a worker, if they are not known yet.
    fn place(&mut self, deeds: &[Deed], worker: &Worker) {
        let Worker { profile, model, kind, skill } = worker;
        if !self.skills.contains_key(skill) {
            let own = ratios(deeds, |other| other.skill == *skill);
            self.skills.insert(skill.clone(), Spread::learn(&own, self.all, BELIEF));
        }
        let place = (kind.clone(), skill.clone());
        if !self.kinds.contains_key(&place) {
            let own = ratios(deeds, |other| other.kind == *kind && other.skill == *skill);
            self.kinds.insert(place, Spread::learn(&own, self.skills[skill], BELIEF));
        }
        let place = (profile.clone(), skill.clone());
        let known = self.versions.get(&place).map_or(&[][..], Vec::as_slice);
        if known.iter().all(|version| version.0 != *model) {
            let own = ratios(deeds, |other| other == worker);
            let ended = own.iter().filter(|spell| spell.ended).count();
            let learned = Spread::learn(&own, self.belief(worker), BELIEF);
            self.versions.entry(place).or_default().push((model.clone(), learned, ended));
        }
    }

    /// What is believed of a version that nothing is known of.
    fn belief(&self, worker: &Worker) -> Spread {
        let versions = self.versions.get(&(worker.profile.clone(), worker.skill.clone()));
        if let Some((_, before, _)) = versions.and_then(|versions| versions.last()) {
            return Spread { middle: before.middle, deviation: before.deviation * std::f64::consts::SQRT_2 };
        }
        let kind = self.kinds.get(&(worker.kind.clone(), worker.skill.clone()));
        *kind.or_else(|| self.skills.get(&worker.skill)).unwrap_or(&self.all)
    }

    /// What the expected time is to be multiplied with for this worker, and the number of its own tasks it is from.
    pub fn of(&self, worker: &Worker) -> (Spread, usize) {
        let versions = self.versions.get(&(worker.profile.clone(), worker.skill.clone()));
        let own = versions.and_then(|versions| versions.iter().find(|version| version.0 == worker.model));
        own.map_or_else(|| (self.belief(worker), 0), |(_, pace, count)| (*pace, *count))
    }
}

fn ratios(deeds: &[Deed], of: impl Fn(&Worker) -> bool) -> Vec<Spell> {
    let sound = deeds.iter().filter(|deed| of(&deed.worker) && deed.expected > 0.0 && deed.took.time > 0.0);
    sound.map(|deed| Spell { time: deed.took.time / deed.expected, ended: deed.took.ended }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worker(profile: &str, model: &str, kind: &str) -> Worker {
        let [profile, model, kind] = [profile, model, kind].map(str::to_owned);
        Worker { profile, model, kind, skill: "rust".into() }
    }

    fn deeds(worker: &Worker, times: f64, count: usize) -> Vec<Deed> {
        let one = |at| {
            let luck = if at % 2 == 0 { 1.2 } else { 1.0 / 1.2 };
            Deed { worker: worker.clone(), expected: 60.0, took: Spell { time: 60.0 * times * luck, ended: true } }
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn who_has_done_much_is_judged_by_it_and_who_has_done_little_by_the_others() {
        let (fast, slow) = (worker("fast", "", "ai"), worker("slow", "", "ai"));
        let mut known = deeds(&fast, 0.5, 60);
        known.extend(deeds(&slow, 2.0, 2));
        let paces = Paces::learn(&known);
        assert!((paces.of(&fast).0.median() - 0.5).abs() < 0.06);
        let few = paces.of(&slow).0.median();
        assert!(few > 0.55 && few < 1.2, "{few}");
        assert_eq!(paces.of(&worker("unknown", "", "ai")).1, 0);
        assert!((paces.of(&worker("unknown", "", "ai")).0.median() - 0.5).abs() < 0.1);
    }

    #[test]
    fn a_new_model_starts_where_its_predecessor_was_with_doubled_variance() {
        let (one, two) = (worker("builder", "model-1", "ai"), worker("builder", "model-2", "ai"));
        let mut known = deeds(&one, 0.5, 40);
        known.extend(deeds(&worker("other", "", "ai"), 3.0, 200));
        let before = Paces::learn(&known).of(&one).0;
        let new = Paces::learn(&known).of(&two);
        assert_eq!(new.1, 0);
        assert!((new.0.middle - before.middle).abs() < 1e-9);
        assert!((new.0.deviation.powi(2) / before.deviation.powi(2) - 2.0).abs() < 1e-9);
        known.extend(deeds(&two, 0.25, 30));
        let learned = Paces::learn(&known);
        assert!(learned.of(&two).0.median() < 0.33 && learned.of(&one).0.median() > 0.4);
    }

    #[test]
    fn nothing_known_is_as_long_as_expected() {
        let (pace, count) = Paces::learn(&[]).of(&worker("a", "b", "c"));
        assert_eq!((pace, count), (UNKNOWN, 0));
    }
}
