//! What is told of challenges, tasks, polls and badges.

use jiff::Timestamp;

use crate::kernel::event::facts;

fn challenge() -> String {
    "run-30".into()
}

fn soon() -> Timestamp {
    Timestamp::constant(1_772_416_800, 0)
}

facts! { EngagementFact:
    /// A member joined a challenge.
    ChallengeJoined = "perennial.eng.challengejoined.v1" {
        /// Which.
        challenge: String = challenge(),
        /// Which window of this member, from 1.
        window: u32 = 1,
        /// When it ends.
        ends_at: Timestamp = soon(),
    }
    /// A fact brought a challenge on.
    ChallengeProgressed = "perennial.eng.challengeprogressed.v1" {
        /// Which.
        challenge: String = challenge(),
        /// Which window of this member, from 1.
        window: u32 = 1,
        /// How much is done.
        done: i64 = 12,
        /// Of how much.
        goal: i64 = 30,
    }
    /// A member reached the goal of a challenge.
    ChallengeCompleted = "perennial.eng.challengecompleted.v1" {
        /// Which.
        challenge: String = challenge(),
        /// Which window of this member, from 1.
        window: u32 = 1,
        /// What is given for it, if there was a piece.
        #[serde(skip_serializing_if = "Option::is_none")]
        reward: Option<String> = Some("shoebox".into()),
        /// The badge.
        #[serde(skip_serializing_if = "Option::is_none")]
        badge: Option<String> = Some("run-30".into()),
        /// Does the member wait for a piece?
        waitlisted: bool = false,
    }
    /// A member reached the goal when no piece was left.
    ChallengeFallback = "perennial.eng.challengefallback.v1" {
        /// Which.
        challenge: String = challenge(),
        /// Which window of this member, from 1.
        window: u32 = 1,
    }
    /// A member who waited gets a piece.
    ChallengeServed = "perennial.eng.challengeserved.v1" {
        /// Which.
        challenge: String = challenge(),
        /// Which window of this member, from 1.
        window: u32 = 1,
        /// What is given.
        #[serde(skip_serializing_if = "Option::is_none")]
        reward: Option<String> = Some("shoebox".into()),
    }
    /// The window of a challenge is over, and its goal was not reached.
    ChallengeMissed = "perennial.eng.challengemissed.v1" {
        /// Which.
        challenge: String = challenge(),
        /// Which window of this member, from 1.
        window: u32 = 1,
    }
    /// A task was offered to a member.
    TaskOffered = "perennial.eng.taskoffered.v1" {
        /// Which.
        task: String = "watch_tutorial".into(),
        /// What the journey's step is known by.
        cause: String = "5d41402abc4b2a76b9719d911017c592".into(),
        /// Until when it is open.
        until: Timestamp = soon(),
    }
    /// A member did a task.
    TaskCompleted = "perennial.eng.taskcompleted.v1" {
        /// Which.
        task: String = "watch_tutorial".into(),
        /// The offer, or without one how often it was done.
        cause: String = "5d41402abc4b2a76b9719d911017c592".into(),
    }
    /// A member voted, for the first time in this poll.
    BallotCast = "perennial.eng.ballotcast.v1" {
        /// In which poll.
        poll: String = "next-flavour".into(),
    }
    /// The end of a poll was moved.
    PollExtended = "perennial.eng.pollextended.v1" {
        /// Which.
        poll: String = "next-flavour".into(),
        /// Its new end.
        closes_at: Timestamp = soon(),
    }
    /// A poll has a result.
    PollClosed = "perennial.eng.pollclosed.v1" {
        /// Which.
        poll: String = "next-flavour".into(),
    }
    /// Ballots and counts of a poll do not agree.
    PollDisputed = "perennial.eng.polldisputed.v1" {
        /// Which.
        poll: String = "next-flavour".into(),
    }
    /// A member has a badge.
    BadgeAwarded = "perennial.eng.badgeawarded.v1" {
        /// Which.
        badge: String = "run-30".into(),
        /// For what.
        cause: String = "challenge.completed".into(),
    }
    /// A badge was taken back.
    BadgeRevoked = "perennial.eng.badgerevoked.v1" {
        /// Which.
        badge: String = "run-30".into(),
        /// Why.
        reason: String = "fraud".into(),
    }
    /// A member stands on another stage.
    StageChanged = "perennial.eng.stagechanged.v1" {
        /// Which; none: on none.
        #[serde(skip_serializing_if = "Option::is_none")]
        stage: Option<String> = Some("fan".into()),
    }
}
