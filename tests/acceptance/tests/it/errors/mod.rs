//! Wrong and hostile requests: each gets the right status, a stable code and the place of the mistake; none changes
//! anything, and nothing is ever answered with 5xx.

mod access;
mod fields;
mod gate;
mod mutations;
mod requests;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::tables;
use crate::world::{START, World, at};

/// A world with a member who has points, a redemption, a hold and an order.
pub(super) async fn lived_in() -> World {
    let world = World::new().await;
    for id in ["one", "two", "three", "four", "five"] {
        world.earns_100("m-1", id).await.ok();
    }
    world.redeems("m-1", "drink", "thirsty").await.ok();
    let checkout = json!({"member": "m-1", "order_id": "7", "order_net_minor": 100_000, "points": 100});
    world.member("m-1").keyed("checkout", "/v1/holds", &checkout).await.ok();
    world.pays("m-1", "1001", 19_990).await.ok();
    world
}

/// Who checks that nothing changes.
pub(super) struct Unchanged {
    world: World,
    before: (Vec<String>, Vec<String>),
}

impl Unchanged {
    pub(super) async fn of(world: &World) -> Self {
        Self { world: world.clone(), before: Self::everything(world).await }
    }

    async fn everything(world: &World) -> (Vec<String>, Vec<String>) {
        (tables::ledger(&world.platform).await, tables::shared(&world.platform).await)
    }

    pub(super) async fn check(&self, what: &str) {
        assert!(self.before == Self::everything(&self.world).await, "{what} changed something");
    }
}

/// What is wrong with a request, and what its sender is told.
pub(super) struct Mistake {
    place: String,
    /// `None`: the field is left out.
    instead: Option<Value>,
    code: &'static str,
    pointer: String,
}

/// A value that should not be there; the answer points to it.
pub(super) fn wrong(place: &str, instead: Value) -> Mistake {
    Mistake { place: place.to_owned(), instead: Some(instead), code: "invalid_field", pointer: place.to_owned() }
}

/// A field that is missing; the answer points to where it should be.
pub(super) fn left_out(place: &str) -> Mistake {
    let (parent, _) = place.rsplit_once('/').unwrap();
    Mistake { place: place.to_owned(), instead: None, code: "invalid_field", pointer: parent.to_owned() }
}

impl Mistake {
    pub(super) fn called(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    pub(super) fn at(self, pointer: &str) -> Self {
        Self { pointer: pointer.to_owned(), ..self }
    }
}

/// A good body with something else at a place.
pub(super) fn spoilt(good: &Value, place: &str, instead: Option<&Value>) -> Value {
    let mut body = good.clone();
    let (parent, name) = place.rsplit_once('/').unwrap_or(("", ""));
    match (body.pointer_mut(parent), instead) {
        (_, Some(instead)) if place.is_empty() => return instead.clone(),
        (Some(Value::Object(fields)), Some(instead)) => {
            fields.insert(name.to_owned(), instead.clone());
        }
        (Some(Value::Object(fields)), None) => {
            fields.remove(name).expect("a field to leave out");
        }
        (Some(Value::Array(items)), Some(instead)) => items[name.parse::<usize>().unwrap()] = instead.clone(),
        _ => panic!("there is no {place} in {good}"),
    }
    body
}

/// Makes each mistake once; none changes anything.
pub(super) async fn each_is_refused(path: &str, good: Value, mistakes: Vec<Mistake>) {
    let world = lived_in().await;
    let unchanged = Unchanged::of(&world).await;
    for Mistake { place, instead, code, pointer } in mistakes {
        let body = spoilt(&good, &place, instead.as_ref());
        let refused = world.admin("ada").keyed("key", path, &body).await;
        let told = format!("{path} with {place}: {instead:?} is answered {} {}", refused.status, refused.body);
        assert_eq!((refused.status, &refused.body["code"]), (422, &json!(code)), "{told}");
        assert_eq!(refused.body["pointer"], pointer, "{told}");
        assert_eq!(refused.content_type, "application/problem+json");
        unchanged.check(&told).await;
    }
}

/// When all of this happens.
pub(super) fn now() -> Timestamp {
    at(START)
}

pub(super) fn days_ago(days: i64) -> Value {
    json!(now() - SignedDuration::from_hours(24 * days))
}

pub(super) fn in_seconds(seconds: i64) -> Value {
    json!(now() + SignedDuration::from_secs(seconds))
}

pub(super) fn text(length: usize) -> Value {
    json!("x".repeat(length))
}
