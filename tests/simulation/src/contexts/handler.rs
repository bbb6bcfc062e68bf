//! Handlers that take part, and the stories that are told of them.

use std::sync::Arc;

use ::event_router::Router;
use ::import::Importer;
use ::reconciliation::Reconciler;
use fastrand::Rng;
use jiff::Timestamp;
use lambda::BoxFuture;
use lambda::{App, Broken, Private, Trigger};
use serde_json::Value;

use super::known::Known;
use super::wish::{CARE_TICK, CLOSE_DAYS, DESK_TICK, Wish};

/// Makes a wish, at the time of the world.
pub(crate) type Make = fn(&mut Known, &mut Rng, Timestamp) -> Wish;

/// What an environment of a function has loaded.
pub(crate) struct Loaded {
    pub(crate) app: App,
    pub(crate) member: Arc<Private>,
    pub(crate) importer: Importer,
    pub(crate) router: Router,
    pub(crate) reconciler: Reconciler,
    /// Care, messages and surveys, where they take part.
    pub(crate) care: Option<(::care_journey::Carer, ::message_dispatch::Dispatcher, ::survey_intake::Surveyor)>,
}

/// A handler that takes part in the simulation.
pub(crate) struct Handler {
    /// The binary that is deployed; its queues and schedules are those of the template.
    pub(crate) function: &'static str,
    /// What its bootstrap calls.
    pub(crate) handle: fn(Arc<Loaded>, Trigger) -> BoxFuture<'static, Result<Value, Broken>>,
    /// What is wanted of it, and how often in comparison.
    pub(crate) wishes: &'static [(u32, Make)],
    /// One story per route, queue, stream and schedule.
    pub(crate) stories: fn() -> Vec<Story>,
}

/// A story: what has happened, then what is watched.
pub(crate) struct Story {
    /// The route, queue, table with a stream, or schedule that it is about. A story about a stream or a queue that a stream feeds
    /// is told to the end of the chain.
    pub(crate) about: &'static str,
    /// What happens before, without faults.
    pub(crate) before: Vec<Wish>,
    /// What happens after that, also without faults, of those who have become known by it.
    pub(crate) then: Vec<fn(&Known) -> Wish>,
    /// How far the time moves then, in hours.
    pub(crate) hours: i64,
    /// What is watched; it may refer to what was answered before.
    pub(crate) watched: fn(&Known) -> Wish,
}

impl Story {
    /// Do care and messages take part in it?
    pub(crate) fn is_of_care(&self) -> bool {
        let tables = [
            "MembersTable",
            "CareTable",
            "MessagesTable",
            "CareQueue",
            "DeliverQueue",
            "SurveysTable",
            "VoiceQueue",
            "TicketsTable",
            "DeskTable",
            "DeskQueue",
        ];
        let words = [
            "/care",
            "/inbox",
            "/v1/messages/",
            "/a/{token}",
            "CareTick",
            "VoiceTick",
            "/s/{token}",
            "/surveys",
            "/forms/",
            "/v1/invitations",
            "/v1/responses/",
            "/v1/suggestions",
        ];
        tables.contains(&self.about) || words.iter().any(|word| self.about.contains(word))
    }

    /// The runs that do what is left when it is over.
    pub(crate) fn ticks(&self) -> Vec<(&'static str, &'static str)> {
        let of_the_desk = ["TicketsTable", "DeskTable", "DeskQueue", "DeskTick", "/tickets", "/desk/"];
        let desk = of_the_desk.iter().any(|word| self.about.contains(word));
        let care = self.is_of_care().then_some((CARE_TICK, "care-journey"));
        care.into_iter().chain(desk.then_some((DESK_TICK, "service-desk"))).collect()
    }

    /// Is it told to the end of the chain: until the stream is read and the queues are empty?
    pub(crate) fn is_of_the_chain(&self) -> bool {
        self.is_of_care()
            || matches!(
                self.about,
                "AccountsTable"
                    | "SignalsTable"
                    | "FactsTable"
                    | "TierQueue"
                    | "MembersQueue"
                    | "ImportsQueue"
                    | CLOSE_DAYS
            )
    }
}
