//! What came from elsewhere, as it is hashed.

use serde_json::{Value, json};

use crate::ledger::brought::{Carried, OpenedTier, Own};
use crate::ledger::chain::fields::{Fields, objects};
use crate::ledger::chain::state::{counter, floor, standing};
use crate::ledger::entry::Detail;

pub(super) fn brought(detail: &Detail) -> Fields {
    let of = |kind| Fields::of("kind", kind);
    match detail {
        Detail::Opening { source, name, part, rows, file, tier, status, replaces, elsewhere } => of("opening")
            .text("source", source)
            .text("name", name)
            .text("part", part.name())
            .number("rows", *rows)
            .text("file", &file.to_string())
            .maybe("tier", tier.as_ref().map(|tier| opened_tier(tier).done()))
            .list("status", status.iter().map(|(month, points)| json!([month.to_string(), points.0])).collect())
            .maybe("replaces", replaces.map(|replaced| replaced.entry))
            .maybe("took_back", replaces.map(|replaced| replaced.movements))
            .maybe("as_of", elsewhere.as_of.map(|as_of| as_of.to_string()))
            .maybe("lifetime", elsewhere.lifetime.map(|points| points.0))
            .maybe("joined_on", elsewhere.joined_on.map(|date| date.to_string())),
        Detail::OpeningWithdrawn { source, part, opening } => {
            of("opening_withdrawn").text("source", source).text("part", part.name()).number("opening", *opening)
        }
        Detail::TransferOut { to, merge, carried: list, state } => of("transfer_out")
            .text("to", &to.to_string())
            .text("merge", merge)
            .put("carried", carried(list).done())
            .maybe("state", state.map(|state| state.name())),
        Detail::TransferIn { from, merge, carried: list, met, own: had, state } => of("transfer_in")
            .text("from", &from.to_string())
            .text("merge", merge)
            .put("carried", carried(list).done())
            .list("met", met.iter().map(|(at, points)| json!([at.to_string(), points.0])).collect())
            .maybe("own", had.as_ref().map(|had| own(had).done()))
            .text("state", state.name()),
        _ => Fields::default(),
    }
}

fn opened_tier(tier: &OpenedTier) -> Fields {
    let OpenedTier { tier, since, until } = tier;
    Fields::of("tier", tier).text("since", &since.to_string()).text("until", &until.to_string())
}

fn own(own: &Own) -> Fields {
    let Own { standing: held, floor: lowest, debt, cutovers } = own;
    Fields::default()
        .maybe("standing", held.as_ref().map(|held| standing(held).done()))
        .maybe("floor", lowest.as_ref().map(|lowest| floor(lowest).done()))
        .unless_zero("debt", debt.0)
        .map("cutovers", cutovers, |as_of| as_of.to_string().into())
}

fn carried(carried: &Carried) -> Fields {
    let Carried { active, pending, debt, months, counters, standing: held, floor: lowest, cutovers, lifetime } =
        carried;
    let active = active.iter().map(|(at, points)| json!([at.to_string(), points.0]));
    let pending = pending
        .iter()
        .map(|((activates, expires), points)| json!([activates.to_string(), expires.to_string(), points.0]));
    let months: Vec<Value> = months.iter().map(|(month, points)| json!([month.to_string(), points.0])).collect();
    Fields::default()
        .list("active", active.collect())
        .list("pending", pending.collect())
        .unless_zero("debt", debt.0)
        .list("months", months)
        .list("counters", counters.iter().map(counter).collect())
        .list("standing", objects(held.as_slice(), standing))
        .list("floor", objects(lowest.as_slice(), floor))
        .unless_zero("lifetime", lifetime.0)
        .map("cutovers", cutovers, |as_of| as_of.to_string().into())
}
