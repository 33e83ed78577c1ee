//! What is to be planned: activities of one or more stages, each with alternatives, and the resources that they share.
//!
//! One model carries projects with pools, teams with skills, job shops, single machines and plain assignment. It knows
//! indices only; names belong to whoever builds it.

use std::fmt;

/// Minutes (or whatever unit the caller counts in) from the plan's origin.
pub type Time = u32;

/// Everything that a plan is made of.
#[derive(Debug, Clone, Default)]
pub struct Problem {
    /// What can be used, by index.
    pub resources: Vec<Resource>,
    /// What is to be done, by index.
    pub activities: Vec<Activity>,
    /// What makes one plan better than another.
    pub objective: Objective,
    /// Nothing may end later. It should leave room for any sensible plan, as tables are laid out for it.
    pub horizon: Time,
}

/// Something that stages use up or take turns with.
#[derive(Debug, Clone)]
pub struct Resource {
    /// How it is shared.
    pub kind: Kind,
    /// When it is there.
    pub calendar: Calendar,
}

/// How a resource is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Units that come back when the stage ends. One unit is a person, an agent, a machine, a set of files.
    Pool {
        /// Units at any one time.
        capacity: u32,
    },
    /// An allowance per window of time, used up by the minute of work. A stage that meets its end waits for the next
    /// window, as it does for opening hours.
    Quota {
        /// Units per window.
        amount: u32,
        /// Length of a window; the first one begins at 0.
        every: Time,
    },
    /// An allowance in any window of that length, whenever it begins. A stage counts as a whole from its start until
    /// `length` after its end, which is on the safe side.
    Rolling {
        /// Units in any window.
        amount: u32,
        /// Length of the windows.
        length: Time,
    },
    /// Spent once and never regained: money, tokens, room.
    Budget {
        /// Units in all.
        amount: u64,
    },
}

/// Opening hours: the half-open spans in which a resource is there, in order and apart. None at all means always.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Spans `[from, to)`.
    pub open: Vec<(Time, Time)>,
}

/// One thing to do, as a chain of stages that follow each other.
#[derive(Debug, Clone, Default)]
pub struct Activity {
    /// At least one; each begins when the one before has ended, or later.
    pub stages: Vec<Stage>,
    /// What must have ended before the first stage begins.
    pub after: Vec<Link>,
    /// The first stage begins no earlier.
    pub release: Time,
    /// When it should end, and what a unit of lateness weighs.
    pub due: Option<Due>,
    /// What each unit of time until its end weighs, as if it were late from the beginning.
    pub urgency: u32,
    /// When it must have ended.
    pub deadline: Option<Time>,
    /// When the first stage begins, whatever the rest says.
    pub pin: Option<Time>,
    /// Room that it takes up beyond its stages, such as a place in a lane.
    pub holds: Vec<Hold>,
    /// What it is worth; an activity without a value must be planned, one with a value may be left out.
    pub value: Option<i64>,
    /// What an earlier plan gave it.
    pub earlier: Option<Earlier>,
    /// By stage, from the first on: what has begun. That is in the plan, and takes up its room, whatever the rest says:
    /// what comes before it, its release, its pin and the room of others.
    pub begun: Vec<Begun>,
}

/// What an earlier plan gave an activity. To depart from it has its price: see [`Objective::stability`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Earlier {
    /// By stage: which of its modes; none if that way is no longer there, so that any other is a change.
    pub modes: Vec<Option<usize>>,
    /// By stage: its begin.
    pub starts: Vec<Time>,
}

/// A stage that has begun: who does it since when is a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// Which of its modes.
    pub mode: usize,
    /// When it began.
    pub start: Time,
    /// When it ended, or from when on the rest of it is done.
    pub now: Time,
    /// Work that is left at `now`; 0 if it ended then.
    pub left: Time,
}

/// A part of an activity that one set of resources does without a break of its own.
#[derive(Debug, Clone, Default)]
pub struct Stage {
    /// The ways to do it. None at all means that nobody can.
    pub modes: Vec<Mode>,
}

/// One way to do a stage.
#[derive(Debug, Clone, Default)]
pub struct Mode {
    /// Length in time units of work; closed hours come on top.
    pub duration: Time,
    /// What it costs.
    pub cost: i64,
    /// What it uses. Quotas are used by the unit of work, everything else as a whole.
    pub uses: Vec<Use>,
    /// False if it must fit between two closed hours.
    pub resumes: bool,
}

/// An amount of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// Index of the resource.
    pub resource: usize,
    /// Units.
    pub amount: u32,
}

/// An activity that comes before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Index of the activity.
    pub activity: usize,
    /// Time between its end and the start that waits for it.
    pub lag: Time,
}

/// A date that should be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The date.
    pub at: Time,
    /// What each unit of lateness weighs.
    pub weight: u32,
}

/// Room that is taken up from one point of an activity to another, waiting included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Index of a pool.
    pub resource: usize,
    /// From the end of this stage; none means from the start of the activity.
    pub after: Option<usize>,
    /// Until the end of this stage.
    pub until: usize,
}

/// What is made small, by weight. Rules that are broken and value that is left out come before all of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Objective {
    /// The end of the last activity.
    pub finish: u32,
    /// Lateness by the weights of the due dates, and waiting by urgency.
    pub lateness: u32,
    /// Cost of the chosen modes.
    pub cost: u32,
    /// Busiest minus idlest resource among the pools of one unit, in time units of work.
    pub balance: u32,
    /// Departures from an earlier plan, in quarters of a move: an activity that is done in another way (by somebody
    /// else) counts four, one whose first stage begins at another time counts one, one with both counts five.
    pub stability: u32,
}

impl Objective {
    /// The end of the last activity, and nothing else.
    pub const FINISH: Self = Self { finish: 1, lateness: 0, cost: 0, balance: 0, stability: 0 };
    /// Weighted lateness, and nothing else.
    pub const LATENESS: Self = Self { finish: 0, lateness: 1, cost: 0, balance: 0, stability: 0 };
    /// Cost, and nothing else.
    pub const COST: Self = Self { finish: 0, lateness: 0, cost: 1, balance: 0, stability: 0 };
}

impl Resource {
    /// A pool that is always there.
    pub fn pool(capacity: u32) -> Self {
        Self { kind: Kind::Pool { capacity }, calendar: Calendar::default() }
    }

    /// An allowance that is spent once.
    pub fn budget(amount: u64) -> Self {
        Self { kind: Kind::Budget { amount }, calendar: Calendar::default() }
    }
}

impl Mode {
    /// So much time of one unit of a resource.
    pub fn of(resource: usize, duration: Time) -> Self {
        Self { duration, cost: 0, uses: vec![Use { resource, amount: 1 }], resumes: true }
    }
}

impl Activity {
    /// An activity of one stage that can be done in these ways, and must be.
    pub fn of(modes: Vec<Mode>) -> Self {
        Self { stages: vec![Stage { modes }], ..Self::default() }
    }
}

/// Why something is no problem that can be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// An activity names a resource that is not there.
    UnknownResource {
        /// Index of the activity.
        activity: usize,
        /// What it names.
        resource: usize,
    },
    /// An activity comes after one that is not there.
    UnknownActivity {
        /// Index of the activity.
        activity: usize,
        /// What it names.
        after: usize,
    },
    /// An activity has no stages, a hold that names a stage it does not have or something that is no pool, something
    /// that names a resource twice, or a past that does not fit its stages.
    BadStages {
        /// Index of the activity.
        activity: usize,
    },
    /// Opening hours that are empty, out of order or overlap, or a window without length.
    BadResource {
        /// Index of the resource.
        resource: usize,
    },
    /// Activities that wait for each other.
    Cycle {
        /// One of them.
        activity: usize,
    },
    /// Dates or lengths that together go beyond what can be counted.
    TooLong,
    /// Values, costs, weights or units that together go beyond what can be counted.
    TooMuch,
}

impl Fault {
    /// The activity that it is about, if it is about one.
    pub fn activity(&self) -> Option<usize> {
        match *self {
            Self::UnknownResource { activity, .. }
            | Self::UnknownActivity { activity, .. }
            | Self::BadStages { activity }
            | Self::Cycle { activity } => Some(activity),
            Self::BadResource { .. } | Self::TooLong | Self::TooMuch => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownResource { activity, resource } => {
                write!(f, "activity {activity} uses resource {resource}, which is not there")
            }
            Self::UnknownActivity { activity, after } => {
                write!(f, "activity {activity} comes after {after}, which is not there")
            }
            Self::BadStages { activity } => {
                write!(
                    f,
                    "activity {activity} needs a stage; holds name its stages and a pool that nothing else of it uses"
                )
            }
            Self::BadResource { resource } => {
                write!(f, "resource {resource}: opening hours must be in order and apart, windows need a length")
            }
            Self::Cycle { activity } => write!(f, "activity {activity} waits for itself"),
            Self::TooLong => write!(f, "dates and lengths must stay below {MOST_TIME} in all"),
            Self::TooMuch => {
                write!(f, "values, costs, weights or units are too large: together they go beyond what can be counted")
            }
        }
    }
}

impl std::error::Error for Fault {}

/// Times stay below this, so that sums of a few of them cannot overflow.
pub const MOST_TIME: Time = 1 << 28;

/// What has begun ends before this, or never: it may go on behind the horizon.
pub(super) const FAR: Time = 4 * MOST_TIME;

impl Problem {
    /// Looks whether everything that is named is there and can be counted.
    pub fn check(&self) -> Result<(), Fault> {
        for (index, resource) in self.resources.iter().enumerate() {
            if !resource.is_sound() {
                return Err(Fault::BadResource { resource: index });
            }
        }
        for index in 0..self.activities.len() {
            self.check_activity(index)?;
        }
        let longest = self.activities.iter().map(Activity::longest).fold(0_u64, u64::saturating_add);
        let latest = self.activities.iter().map(Activity::latest_date).max().unwrap_or(0);
        if longest + u64::from(latest) + u64::from(self.horizon) > u64::from(MOST_TIME) {
            return Err(Fault::TooLong);
        }
        if !self.can_be_counted() {
            return Err(Fault::TooMuch);
        }
        super::net::order(self).map(|_| ())
    }

    /// Whether no sum of values, of weighted terms or of work overflows, nor the difference of two of them.
    fn can_be_counted(&self) -> bool {
        let all = || self.activities.iter();
        let value: u128 =
            all().filter_map(|activity| activity.value).map(|value| u128::from(value.unsigned_abs())).sum();
        let weight = &self.objective;
        let terms = [
            // Time, and how busy a resource is.
            u128::from(weight.finish) * u128::from(FAR),
            u128::from(weight.balance) * u128::from(FAR),
            u128::from(weight.lateness) * all().map(|activity| activity.latest_cost(self.horizon)).sum::<u128>(),
            u128::from(weight.cost) * all().map(Activity::dearest).sum::<u128>(),
            // A move counts five at most.
            u128::from(weight.stability) * 5 * self.activities.len() as u128,
        ];
        let work: u128 = all().map(Activity::most_work).sum();
        let units = self.resources.iter().filter_map(|resource| match resource.kind {
            Kind::Pool { capacity } => Some(u128::from(capacity)),
            _ => None,
        });
        let most = i64::MAX as u128 / 4;
        value <= most
            && terms.iter().sum::<u128>() <= most
            && work <= most
            && units.sum::<u128>() * u128::from(self.horizon) <= most
    }

    /// Whether everything one after another would end within the horizon.
    pub fn horizon_is_wide(&self) -> bool {
        let latest = self.activities.iter().map(|activity| activity.release).max().unwrap_or(0);
        let longest = self.activities.iter().map(Activity::longest).fold(0_u64, u64::saturating_add);
        longest + u64::from(latest) <= u64::from(self.horizon)
    }

    fn check_activity(&self, index: usize) -> Result<(), Fault> {
        let activity = &self.activities[index];
        if let Some(link) = activity.after.iter().find(|link| link.activity >= self.activities.len()) {
            return Err(Fault::UnknownActivity { activity: index, after: link.activity });
        }
        let of_modes = activity.modes().flat_map(|mode| &mode.uses).map(|used| used.resource);
        let of_holds = activity.holds.iter().map(|hold| hold.resource);
        if let Some(resource) = of_modes.chain(of_holds).find(|&resource| resource >= self.resources.len()) {
            return Err(Fault::UnknownResource { activity: index, resource });
        }
        let stages = activity.stages.len();
        let used_once = activity.modes().all(|mode| {
            let mut uses = mode.uses.iter().enumerate();
            uses.all(|(at, used)| mode.uses[..at].iter().all(|other| other.resource != used.resource))
        });
        let holds_fit = activity.holds.iter().enumerate().all(|(at, hold)| {
            let pool = matches!(self.resources[hold.resource].kind, Kind::Pool { .. });
            let alone = activity.modes().flat_map(|mode| &mode.uses).all(|used| used.resource != hold.resource)
                && activity.holds[..at].iter().all(|other| other.resource != hold.resource);
            pool && alone && hold.until < stages && hold.after.is_none_or(|after| after < hold.until)
        });
        if stages == 0 || !holds_fit || !used_once || !activity.has_a_sound_past() {
            Err(Fault::BadStages { activity: index })
        } else {
            Ok(())
        }
    }
}

impl Resource {
    fn is_sound(&self) -> bool {
        let spans = &self.calendar.open;
        let ordered = spans.iter().all(|(from, to)| from < to) && spans.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        let bounded = spans.last().is_none_or(|&(_, to)| to < MOST_TIME);
        let windowed = match self.kind {
            Kind::Quota { every, .. } => every > 0 && every < MOST_TIME,
            Kind::Rolling { length, .. } => length > 0 && length < MOST_TIME,
            Kind::Pool { .. } | Kind::Budget { .. } => true,
        };
        ordered && bounded && windowed
    }
}

impl Activity {
    /// Every way of every stage.
    pub fn modes(&self) -> impl Iterator<Item = &Mode> {
        self.stages.iter().flat_map(|stage| &stage.modes)
    }

    /// What it still waits for: nothing once it has begun.
    pub fn waits_for(&self) -> &[Link] {
        if self.begun.is_empty() { &self.after } else { &[] }
    }

    /// The least time that is left of a stage; 0 if nobody can do it.
    pub fn least(&self, stage: usize) -> Time {
        self.begun.get(stage).map_or_else(|| self.stages[stage].shortest(), |begun| begun.left)
    }

    /// The least time that is left of all its stages one after another.
    pub fn shortest(&self) -> Time {
        (0..self.stages.len()).map(|stage| self.least(stage)).sum()
    }

    /// The first time at which what is left of it can go on, as far as its own dates say.
    pub fn earliest(&self) -> Time {
        self.begun.last().map_or(self.release, |begun| begun.now)
    }

    fn latest_date(&self) -> Time {
        let starts = self.earlier.iter().flat_map(|earlier| &earlier.starts).copied();
        starts.chain([self.release, self.earliest()]).max().unwrap_or(0)
    }

    /// What lateness may weigh at most.
    fn latest_cost(&self, horizon: Time) -> u128 {
        let end = if self.begun.is_empty() { horizon } else { FAR };
        let weight = self.due.map_or(0, |due| u64::from(due.weight)) + u64::from(self.urgency);
        u128::from(weight) * u128::from(end)
    }

    /// What it adds to the weighted lateness of a plan if it ends then.
    pub(super) fn lateness(&self, end: Time) -> i64 {
        let late = self.due.map_or(0, |due| i64::from(due.weight) * i64::from(end.saturating_sub(due.at)));
        late + i64::from(self.urgency) * i64::from(end)
    }

    /// The most that it may cost, or bring.
    fn dearest(&self) -> u128 {
        let dearest = |stage: &Stage| stage.modes.iter().map(|mode| mode.cost.unsigned_abs()).max().unwrap_or(0);
        self.stages.iter().map(|stage| u128::from(dearest(stage))).sum()
    }

    /// The most units of work that it may take.
    fn most_work(&self) -> u128 {
        let units = |mode: &Mode| mode.uses.iter().map(|used| u128::from(used.amount)).sum::<u128>();
        let work = |mode: &Mode| units(mode) * u128::from(mode.duration.max(1));
        self.stages.iter().map(|stage| stage.modes.iter().map(work).max().unwrap_or(0)).sum()
    }

    /// Whether what was planned earlier and what has begun are of its stages, in order.
    fn has_a_sound_past(&self) -> bool {
        let has = |stage: usize, mode: usize| mode < self.stages[stage].modes.len();
        let earlier = self.earlier.as_ref().is_none_or(|earlier| {
            // Stages may have come after those that were planned.
            let fits = earlier.modes.len() <= self.stages.len() && earlier.starts.len() == earlier.modes.len();
            fits && earlier.modes.iter().enumerate().all(|(stage, mode)| mode.is_none_or(|mode| has(stage, mode)))
        });
        let known = self.begun.len() <= self.stages.len()
            && self.begun.iter().enumerate().all(|(stage, begun)| has(stage, begun.mode) && begun.start <= begun.now);
        let counted = self.begun.iter().all(|begun| begun.now < MOST_TIME && begun.left < MOST_TIME);
        let ordered = self.begun.windows(2).all(|pair| pair[0].left == 0 && pair[0].now <= pair[1].start);
        earlier && known && counted && ordered
    }

    fn longest(&self) -> u64 {
        let lags: u64 = self.after.iter().map(|link| u64::from(link.lag)).sum();
        let longest = |stage: &Stage| stage.modes.iter().map(|mode| u64::from(mode.duration)).max().unwrap_or(0);
        let left: u64 = self.begun.iter().map(|begun| u64::from(begun.left)).sum();
        lags + left + self.stages.iter().map(longest).sum::<u64>()
    }
}

impl Stage {
    /// The least time that it takes; 0 if nobody can do it.
    pub fn shortest(&self) -> Time {
        self.modes.iter().map(|mode| mode.duration).min().unwrap_or(0)
    }
}
