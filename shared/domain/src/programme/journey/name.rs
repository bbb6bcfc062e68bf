//! What a journey calls an event, and which event that is.

use super::BIRTHDAY;
use crate::programme::activity::ORDER_PAID;
use crate::programme::finding::Names;

/// A return, which is declared with the order.
const ORDER_REFUNDED: &str = "order.refunded";

/// The contexts whose events are named as they are, `voc.promoterdetected`.
const CONTEXTS: [&str; 12] = ["earn", "eng", "giv", "gov", "ins", "led", "mem", "red", "ref", "seg", "svc", "voc"];

/// Events of tiers that have a name without their context, `tier.upgraded`.
const OF_TIERS: [&str; 8] =
    ["downgraded", "downgradeupcoming", "floorset", "gracestarted", "reinstated", "renewed", "revoked", "upgraded"];

/// Events of points, `points.expiring`.
const OF_POINTS: [&str; 9] =
    ["activated", "adjusted", "earned", "expired", "expiring", "held", "redeemed", "restored", "reversed"];

/// Events of tickets, `ticket.opened`.
const OF_TICKETS: [&str; 7] = ["closed", "escalated", "merged", "opened", "reopened", "replied", "resolved"];

/// What is wrong with a name of an event, if anything.
pub(super) fn fault(name: &str, names: &Names<'_>) -> Option<String> {
    let Names { activities, signals, segments, .. } = names;
    let of = |prefix: &str, events: &[&str]| name.strip_prefix(prefix).is_some_and(|event| events.contains(&event));
    let declared = activities.contains(name) || signals.contains(name);
    let returned = name == ORDER_REFUNDED && activities.contains(ORDER_PAID);
    let short = of("tier.", &OF_TIERS) || of("points.", &OF_POINTS) || of("ticket.", &OF_TICKETS) || name == "reply";
    if declared || returned || short || name == BIRTHDAY {
        return None;
    }
    if name.starts_with("care.") {
        return Some(format!("`{name}` comes of journeys: one that it begins would feed itself"));
    }
    for entered in ["segment.entered:", "segment.left:"] {
        if let Some(segment) = name.strip_prefix(entered) {
            let known: Vec<&str> = segments.iter().copied().collect();
            let is_known = known.contains(&segment);
            return (!is_known).then(|| format!("there is no segment `{segment}`; known: {}", known.join(", ")));
        }
    }
    let literal = name.split_once('.').is_some_and(|(context, event)| {
        let letters = !event.is_empty() && event.bytes().all(|byte| byte.is_ascii_lowercase());
        letters && CONTEXTS.contains(&context)
    });
    let words = "is neither a declared activity or signal nor an event of the platform";
    (!literal).then(|| format!("`{name}` {words}"))
}
