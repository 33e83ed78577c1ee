//! What sorts of tasks there are, how urgent and how hard they are, and what may become of them: a word for each.

use crate::domain::vocabulary::words;

words! {
    /// What sort of work a task is.
    pub enum TaskKind {
        /// Somebody asked for it.
        UserRequest = "user_request",
        /// Keeps things in order.
        Maintenance = "maintenance",
        /// Comes back by the calendar.
        Scheduled = "scheduled",
        /// Finds something out.
        Research = "research",
        /// Improves the team itself.
        Learning = "learning",
    }
}

words! {
    /// Level in the work breakdown, from coarse to fine; only a `task` is assigned, the others roll up.
    pub enum Level {
        /// What the work is for.
        Goal = "goal",
        /// A result that can be shown.
        Deliverable = "deliverable",
        /// A bundle of tasks.
        Package = "package",
        /// A piece of work for one assignment.
        Task = "task",
    }
}

words! {
    /// What the work does for the project.
    pub enum Category {
        /// Design, analysis, scheduling.
        Planning = "planning",
        /// Building, testing, deploying.
        Execution = "execution",
        /// Checking and reporting.
        Monitoring = "monitoring",
        /// Bringing others together.
        Coordination = "coordination",
    }
}

words! {
    /// Urgency, most urgent first (P0 to P3 on the board).
    pub enum Priority {
        /// P0
        Critical = "critical",
        /// P1
        High = "high",
        /// P2
        Normal = "normal",
        /// P3
        Low = "low",
    }
}

impl Priority {
    /// 0 for critical to 3 for low.
    pub const fn rank(self) -> u8 {
        self as u8
    }

    /// `P0` to `P3`.
    pub const fn label(self) -> &'static str {
        ["P0", "P1", "P2", "P3"][self as usize]
    }

    /// The priority of a rank; ranks above 3 are low.
    pub fn from_rank(rank: u8) -> Self {
        Self::ALL[usize::from(rank.min(3))]
    }
}

words! {
    /// How hard a task looks.
    pub enum Complexity {
        /// Known work.
        Simple = "simple",
        /// Some unknowns.
        Moderate = "moderate",
        /// Many unknowns.
        Complex = "complex",
    }
}

words! {
    /// How a task came to its agent.
    pub enum AssignmentMethod {
        /// The agent took it.
        Claimed = "claimed",
        /// The orchestrator or a person gave it.
        Assigned = "assigned",
        /// The agent offered itself.
        Volunteered = "volunteered",
        /// The agent won an auction.
        Auctioned = "auctioned",
    }
}

words! {
    /// How the members of a team work together.
    pub enum TeamPattern {
        /// One decides, others follow.
        LeaderFollower = "leader-follower",
        /// Equals.
        PeerToPeer = "peer-to-peer",
        /// One after the other.
        Pipeline = "pipeline",
        /// Everyone on everything.
        Swarm = "swarm",
    }
}

words! {
    /// What an edge means. Only a `completed` predecessor meets an edge; failed, cancelled and archived ones never do.
    pub enum DependencyKind {
        /// The predecessor must be completed first.
        Sequential = "sequential",
        /// The predecessor must be completed and the condition must be said to hold.
        Conditional = "conditional",
        /// The predecessor frees a resource when it completes.
        Resource = "resource",
    }
}

words! {
    /// Why a task cannot move, each kind routed in its own way.
    pub enum BlockerKind {
        /// Another task comes first.
        Dependency = "dependency",
        /// Somebody must say something.
        Input = "input",
        /// Nobody here can do it.
        Capability = "capability",
        /// It will pass by itself.
        Transient = "transient",
    }
}

words! {
    /// Who judges the work.
    pub enum ReviewKind {
        /// The author.
        SelfReview = "self",
        /// Another agent.
        Peer = "peer",
        /// The human.
        User = "user",
        /// A command.
        Automated = "automated",
    }
}

words! {
    /// State of a review.
    pub enum ReviewStatus {
        /// Not judged yet.
        Pending = "pending",
        /// Good.
        Passed = "passed",
        /// Not good enough.
        Failed = "failed",
    }
}
