//! What became of a row that was decided (rules: import 21, 22).

use domain::kernel::refusal::Refusal as _;
use domain::members::bringing::Stood;
use domain::members::enrolment::{Enrolled, Enrolling, Enrolment, Known};
use domain::members::import::Outcome;
use domain::members::resolution::Link;
use serde_json::Value;

use crate::bringing::STATE;
use crate::columns::EXTERNAL_ID;
use crate::fault::Fault;

/// What an enrolment came to: it is accepted if anything but a date is another now; and what is worth to be told of it.
#[must_use]
pub fn applied(enrolment: &Enrolment, known: &Known, decided: &Enrolled) -> (Outcome, Vec<Fault>) {
    let before = known.members.get(&decided.member.id);
    let moved = before.is_some_and(|before| {
        (&before.zone, &before.locale, &before.countries, before.joined_on)
            != (&decided.member.zone, &decided.member.locale, &decided.member.countries, decided.member.joined_on)
    });
    let linked = decided.links.iter().any(|link| matches!(link, Link::Linked | Link::Moved { .. }));
    // A tag that only ends later is a date.
    let tagged = before.is_some_and(|before| decided.tagged.keys().any(|tag| !before.tags.contains_key(tag)));
    let named = known.named.is_none() && decided.named;
    let said = decided.records.iter().any(|(_, record)| !record.superseded);
    let news = decided.new || linked || named || moved || tagged || said || !decided.written.changed.is_empty();
    let mut warnings = Vec::new();
    for (link, (identifier, _)) in decided.links.iter().zip(&enrolment.identifiers) {
        if matches!(link, Link::Stayed { .. }) {
            let words = "it is another member's and stays there; a person decides";
            warnings.push(Fault::new(&identifier.kind.to_string(), "identity_conflict", words).warned());
        }
    }
    for (_, record) in decided.records.iter().filter(|(_, record)| record.superseded) {
        let (purpose, channel) = &record.subject;
        let channel = channel.map(|channel| format!(".{}", channel.name())).unwrap_or_default();
        let words = "something newer is known; what was said before it changes nothing";
        warnings.push(Fault::new(&format!("consent.{purpose}{channel}"), "superseded", words).warned());
    }
    (if news { Outcome::Accepted } else { Outcome::Unchanged }, warnings)
}

/// Why an enrolment is refused, of its row.
#[must_use]
pub fn refused(refusal: &Enrolling) -> Fault {
    let data = refusal.data();
    let named = data.get("field").and_then(Value::as_str).or(refusal.field()).unwrap_or(EXTERNAL_ID);
    Fault::refused(named, refusal)
}

/// The same, of where a row says that the member stands.
pub fn stood((outcome, warnings): &mut (Outcome, Vec<Fault>), stood: &Stood) {
    match stood {
        Stood::Same => {}
        Stood::Stays => {
            let words = "a file lifts no suspension and opens no account again; a person does";
            warnings.push(Fault::new(STATE, "state_stays", words).warned());
        }
        Stood::There(..) => *outcome = Outcome::Accepted,
    }
}
