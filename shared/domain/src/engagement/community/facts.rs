//! What is told of communities, content, cohorts and events: ids and states, no text and no address.

use jiff::civil::Date;

use crate::kernel::event::facts;

fn ugc() -> String {
    "0b7c5f1be1b94a5f".into()
}

fn event() -> String {
    "colour-lab-shanghai".into()
}

fn cohort() -> String {
    "experience-officers".into()
}

facts! { CommunityFact:
    /// A member joined a community.
    CommunityJoined = "perennial.eng.communityjoined.v1" {
        /// Which.
        community: String = "outdoor".into(),
    }
    /// A member left a community.
    CommunityLeft = "perennial.eng.communityleft.v1" {
        /// Which.
        community: String = "outdoor".into(),
    }
    /// A member is to be told of the digest of a week.
    CommunityDigestDue = "perennial.eng.communitydigestdue.v1" {
        /// Which week.
        week: String = "2026-W48".into(),
    }
    /// Content was handed in.
    UgcSubmitted = "perennial.eng.ugcsubmitted.v1" {
        /// Which.
        ugc: String = ugc(),
    }
    /// Content is shown.
    UgcApproved = "perennial.eng.ugcapproved.v1" {
        /// Which.
        ugc: String = ugc(),
    }
    /// Content was turned down.
    UgcRejected = "perennial.eng.ugcrejected.v1" {
        /// Which.
        ugc: String = ugc(),
        /// Why.
        reason: String = "off_topic".into(),
    }
    /// Content is shown to all.
    UgcFeatured = "perennial.eng.ugcfeatured.v1" {
        /// Which.
        ugc: String = ugc(),
    }
    /// Content is shown no more.
    UgcRemoved = "perennial.eng.ugcremoved.v1" {
        /// Which.
        ugc: String = ugc(),
    }
    /// A member has a seat in a cohort.
    CohortAppointed = "perennial.eng.cohortappointed.v1" {
        /// Which.
        cohort: String = cohort(),
        /// Which term of this member, from 1.
        term: u32 = 1,
        /// Its last date.
        last_date: Date = Date::constant(2027, 5, 31),
    }
    /// A member of a cohort has something to do.
    CohortTaskSet = "perennial.eng.cohorttaskset.v1" {
        /// In which cohort.
        cohort: String = cohort(),
        /// What.
        task: String = "first-review".into(),
        /// Until when.
        due_on: Date = Date::constant(2026, 12, 31),
    }
    /// A member of a cohort did something.
    CohortTaskDone = "perennial.eng.cohorttaskdone.v1" {
        /// In which cohort.
        cohort: String = cohort(),
        /// In which term of this member.
        term: u32 = 1,
        /// What.
        task: String = "first-review".into(),
        /// After its date?
        late: bool = false,
    }
    /// A member's seat in a cohort is free.
    CohortEnded = "perennial.eng.cohortended.v1" {
        /// Which.
        cohort: String = cohort(),
        /// `ended`, `resigned` or `removed`.
        state: String = "ended".into(),
    }
    /// A member asked for a seat at an event.
    EventRsvped = "perennial.eng.eventrsvped.v1" {
        /// Which.
        event: String = event(),
        /// `confirmed` or `waiting`.
        state: String = "confirmed".into(),
    }
    /// A member who waited has a seat.
    RsvpPromoted = "perennial.eng.rsvppromoted.v1" {
        /// At which event.
        event: String = event(),
    }
    /// A member does not come.
    RsvpCancelled = "perennial.eng.rsvpcancelled.v1" {
        /// To which event.
        event: String = event(),
    }
    /// A member came.
    EventAttended = "perennial.eng.eventattended.v1" {
        /// To which event.
        event: String = event(),
    }
    /// A member did not come.
    NoShow = "perennial.eng.noshow.v1" {
        /// To which event.
        event: String = event(),
    }
    /// A member's work is on a pack.
    WorkPrinted = "perennial.eng.workprinted.v1" {
        /// Made at which event.
        event: String = event(),
        /// On which article.
        sku: String = "TOY-1".into(),
    }
}
