//! The seal: what an account is after a write, all that later decisions go by, in one text.
//!
//! Left out is what nothing is decided by: the version, the place in the index `due`, and when scores are worked out next.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::kernel::canonical::{canonical_json, digest, first};
use crate::kernel::quantity::Points;
use crate::kernel::time::Period;
use crate::ledger::account::Account;
use crate::ledger::boost::Boost;
use crate::ledger::chain::fields::{Fields, instants, objects};
use crate::ledger::chain::standing::scores;
use crate::ledger::counter::{Counter, Run};
use crate::ledger::membership::Membership;
use crate::ledger::pockets::{Hold, Pockets};
use crate::ledger::seal::Seal;
use crate::planted;
use crate::standing::qualification::{Floor, Lost, Reached, Standing};
use crate::standing::scores::Score;
use crate::standing::tiers::{TierSpan, Tiers};

impl Account {
    /// All that later decisions go by, as JSON with sorted keys and no white space; what is empty is left out.
    #[must_use]
    pub fn canonical(&self) -> String {
        canonical_json(&state(self).done())
    }

    /// The seal of the account as it is now: SHA-256 over the form's name, the member, the sequence (eight bytes, the highest
    /// first), the head and the state, each preceded by its length.
    #[must_use]
    pub fn seal_of_state(&self) -> Seal {
        let (member, sequence, state) =
            (self.member.as_str().as_bytes(), self.sequence.to_be_bytes(), self.canonical());
        Seal(first(digest(&[Seal::FORM, member, &sequence, &self.head.0, state.as_bytes()])))
    }

    /// Is it what it was when it was sealed? Before the first entry there is nothing to seal.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        if self.sequence == 0 { *self == Self::new(self.member.clone()) } else { self.seal == self.seal_of_state() }
    }
}

fn state(account: &Account) -> Fields {
    let Account {
        member: _,
        sequence: _,
        head: _,
        seal: _,
        written_at: _, // the newest entry says so
        rescore: _,    // whoever works them out anew finds nothing
        membership,
        pockets: Pockets { active, pending, held, debt },
        tiers: Tiers { spans, standings, lost, floor, revoked },
        score,
        holds,
        qualifying,
        counters,
        streaks,
        boosts,
        grace,
        openings,
        cutovers,
        lifetime,
    } = account;
    let active = active.iter().map(|(at, points)| json!([at.to_string(), points.0]));
    let pending = pending
        .iter()
        .map(|((activates, expires), points)| json!([activates.to_string(), expires.to_string(), points.0]));
    let held = held.iter().map(|((hold, at), points)| json!([hold, at.to_string(), points.0]));
    let months = qualifying.iter().map(|(month, points)| (month.to_string(), *points)).collect();
    let counters = if planted!("bug-counters-unsealed") { Vec::new() } else { counters.iter().map(counter).collect() };
    let runs = |runs: &Vec<Run>| runs.iter().map(|run| json!([run.first, run.last])).collect();
    Fields::default()
        .maybe("membership", standing_of(membership).map(Fields::done))
        .list("lots", active.collect())
        .list("pending", pending.collect())
        .list("held", held.collect())
        .unless_zero("debt", debt.0)
        .list("holds", holds.iter().map(|(sequence, hold)| held_order(*sequence, hold).done()).collect())
        .list("spans", objects(spans, span))
        .list("standings", objects(standings, standing))
        .maybe("lost", lost.as_ref().map(|lost| self::lost(lost).done()))
        .maybe("floor", floor.as_ref().map(|lowest| self::floor(lowest).done()))
        .map("revoked", revoked, |until| until.to_string().into())
        .maybe("score", score.as_ref().map(|score| scored(score).done()))
        .map("months", &months, |points: &Points| points.0.into())
        .list("counters", counters)
        .map("streaks", streaks, runs)
        .list("boosts", objects(boosts, boost))
        .list("grace", instants(&grace.iter().copied().collect::<Vec<_>>()))
        .map("openings", openings, |entry| (*entry).into())
        .unless_zero("lifetime", lifetime.0)
        .map("cutovers", cutovers, |as_of| as_of.to_string().into())
}

/// Nothing of who is active.
fn standing_of(membership: &Membership) -> Option<Fields> {
    let state = Some(Fields::of("state", membership.name())).filter(|_| *membership != Membership::Active);
    let into = match membership {
        Membership::Merged { into } => Some(into.as_str()),
        _ => None,
    };
    state.map(|state| state.maybe("since", membership.since()).maybe("into", into))
}

fn held_order(sequence: u64, hold: &Hold) -> Fields {
    let Hold { order, value, until } = hold;
    Fields::default()
        .number("hold", sequence)
        .text("order", order)
        .number("value_minor", value.0)
        .instant("until", *until)
}

fn span(span: &TierSpan) -> Fields {
    let TierSpan { tier, since } = span;
    Fields::of("tier", tier).instant("since", *since)
}

pub(super) fn floor(floor: &Floor) -> Fields {
    let Floor { tier, until } = floor;
    ending(tier, *until)
}

fn ending(tier: &str, until: Timestamp) -> Fields {
    Fields::of("tier", tier).instant("until", until)
}

pub(super) fn standing(standing: &Standing) -> Fields {
    let Standing { tier, reached, reached_by, start, end, points, grace_points, in_grace } = standing;
    let reached_by = match reached_by {
        Reached::Points => "points",
        Reached::Segment => "segment",
        Reached::Kept => "kept",
    };
    Fields::of("tier", tier)
        .instant("reached", *reached)
        .text("reached_by", reached_by)
        .instant("start", *start)
        .instant("end", *end)
        .points("points", *points)
        .unless_zero("grace_points", grace_points.0)
        .if_so("in_grace", *in_grace)
}

fn lost(lost: &Lost) -> Fields {
    let Lost { standing, at, points } = lost;
    self::standing(standing).instant("lost_at", *at).points("points_since", *points)
}

fn scored(score: &Score) -> Fields {
    let Score { scores: given, segment, tags, turns: _, room: _ } = score;
    let tags: Vec<Value> = tags.iter().map(|tag| tag.as_str().into()).collect();
    Fields::of("segment", segment).put("scores", scores(*given).done()).list("tags", tags)
}

pub(super) fn counter((counter, count): (&Counter, &i64)) -> Value {
    let Counter { what, period, start } = counter;
    let period = match period {
        Period::CalendarDay => "calendar_day",
        Period::CalendarMonth => "calendar_month",
        Period::CalendarYear => "calendar_year",
        Period::Ever => "ever",
    };
    json!([what, period, start.to_string(), count])
}

pub(super) fn boost(boost: &Boost) -> Fields {
    let Boost { rule, multiplier, cap, from, until } = boost;
    Fields::of("rule", rule)
        .text("multiplier", &multiplier.to_string())
        .points("cap", *cap)
        .instant("from", *from)
        .instant("until", *until)
}
