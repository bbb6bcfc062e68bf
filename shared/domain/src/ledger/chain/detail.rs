//! What an entry records, by kind, as it is hashed.

use serde_json::Value;

use crate::ledger::brought::Past;
use crate::ledger::chain::brought::brought;
use crate::ledger::chain::fields::{Fields, instants, objects, words};
use crate::ledger::chain::standing::{score_change, tier_change};
use crate::ledger::chain::state::boost;
use crate::ledger::entry::{Detail, Initiator, Inputs, Part, Posted, StreakStep};
use crate::ledger::granted::{GrantRefusal, Granted};
use crate::ledger::lines::ReturnedLine;
use crate::ledger::order_row::{MovedOrder, PointsPaid};
use crate::programme::condition::Scalar;
use crate::programme::reward::RewardKind;

pub(super) fn detail(detail: &Detail) -> Fields {
    let of = |kind| Fields::of("kind", kind);
    match detail {
        Detail::Earn { activity, order, inputs: read, trace, status, points_paid, moved } => of("earn")
            .text("activity", activity)
            .maybe("order", order.as_deref())
            .maybe("inputs", Some(inputs(read)).filter(|read| !read.is_empty()).map(Fields::done))
            .map("trace", trace, |points| points.0.into())
            .unless_zero("status", status.0)
            .maybe("points_paid", points_paid.map(|paid| points_paid_of(paid).done()))
            .maybe("moved", moved.as_deref().map(moved_order)),
        Detail::Refund { .. } => refund_of(detail),
        Detail::Redeem { reward, reward_kind: what, quantity, voucher_expires_at, grace, cause } => of("redeem")
            .text("reward", reward)
            .text("reward_kind", reward_kind(*what))
            .number("quantity", *quantity)
            .maybe("voucher_expires_at", voucher_expires_at.map(|at| at.to_string()))
            .list("grace", instants(grace))
            .maybe("cause", cause.as_deref()),
        Detail::Reverse { redemption, points, initiated_by, lost } => of("reverse")
            .number("redemption", *redemption)
            .points("asked_points", *points)
            .text("initiated_by", initiator(*initiated_by))
            .unless_zero("lost", lost.0),
        Detail::Hold { order, value_minor, until } => {
            of("hold").text("order", order).number("value_minor", value_minor.0).instant("until", *until)
        }
        Detail::Capture { hold, order, value_minor, until, grace } => of("capture")
            .number("hold", *hold)
            .text("order", order)
            .number("value_minor", value_minor.0)
            .instant("until", *until)
            .list("grace", instants(grace)),
        Detail::Release { hold } => of("release").number("hold", *hold),
        Detail::Adjust { reason, request } => of("adjust").text("reason", reason).maybe("request", *request),
        Detail::AdjustmentRequest { points, reason } => {
            of("adjustment_request").points("asked_points", *points).text("reason", reason)
        }
        Detail::Settle => of("settle"),
        Detail::Evaluate { tiers, score } => of("evaluate")
            .list("tiers", objects(tiers, tier_change))
            .maybe("score", score.as_ref().map(|score| score_change(score).done())),
        Detail::Benefit { .. } | Detail::BenefitReversal { .. } | Detail::VoucherUse { .. } => use_of(detail),
        Detail::GrantRefused { .. } | Detail::ActivityReversal { .. } => fact_of(detail),
        Detail::Standing { .. } | Detail::Closed { .. } => standing_of(detail),
        Detail::Opening { .. } | Detail::OpeningWithdrawn { .. } => brought(detail),
        Detail::TransferOut { .. } | Detail::TransferIn { .. } => brought(detail),
        Detail::Floor { tier, until, reason, change } => of("floor")
            .text("tier", tier)
            .instant("until", *until)
            .text("reason", reason)
            .maybe("change", change.as_ref().map(|change| tier_change(change).done())),
    }
}

fn points_paid_of(paid: PointsPaid) -> Fields {
    let PointsPaid { reported, captured, net, held_for } = paid;
    Fields::default()
        .number("reported_minor", reported.0)
        .number("captured_minor", captured.0)
        .number("net_minor", net.0)
        .number("held_for_minor", held_for.0)
}

/// What an order that came back took.
fn refund_of(detail: &Detail) -> Fields {
    let of = |kind| Fields::of("kind", kind);
    match detail {
        Detail::Refund {
            order,
            amount_minor,
            asked_minor,
            expired,
            expired_lot,
            shortfall,
            status,
            returned,
            withheld,
            moved,
        } => of("refund")
            .text("order", order)
            .number("amount_minor", amount_minor.0)
            .maybe("asked_minor", asked_minor.map(|asked| asked.0))
            .unless_zero("expired", expired.0)
            .maybe("expired_lot", expired_lot.map(|lot| lot.to_string()))
            .unless_zero("shortfall", shortfall.0)
            .unless_zero("status", status.0)
            .unless_zero("shipping_minor", returned.shipping.0)
            .list("lines", objects(&returned.lines, returned_line))
            .maybe("withheld", withheld.map(|points| points.0))
            .maybe("moved", moved.as_deref().map(moved_order)),
        _ => Fields::default(),
    }
}

/// That an order went to another member, or came from one.
fn moved_order(moved: &MovedOrder) -> Value {
    let MovedOrder { other, reason } = moved;
    Fields::default().text("other", &other.to_string()).text("reason", reason).done()
}

/// The use of what was had before.
fn use_of(detail: &Detail) -> Fields {
    let of = |kind| Fields::of("kind", kind);
    match detail {
        Detail::Benefit { benefit, tier, cause } => {
            of("benefit").text("benefit", benefit).text("tier", tier).maybe("cause", cause.as_deref())
        }
        Detail::BenefitReversal { used, benefit } => {
            of("benefit_reversal").number("used", *used).text("benefit", benefit)
        }
        Detail::VoucherUse { redemption, reward } => {
            of("voucher_use").number("redemption", *redemption).text("reward", reward)
        }
        _ => Fields::default(),
    }
}

/// What came of the fact of another context.
fn fact_of(detail: &Detail) -> Fields {
    let of = |kind| Fields::of("kind", kind);
    match detail {
        Detail::GrantRefused { what, code, cause } => {
            let refused = of("grant_refused").text("code", grant_refusal(*code)).text("cause", cause);
            match what {
                Granted::Reward(reward) => refused.text("reward", reward),
                Granted::Benefit(benefit) => refused.text("benefit", benefit),
            }
        }
        Detail::ActivityReversal { earning, activity, expired, expired_lot, shortfall, status, reason, withheld } => {
            of("activity_reversal")
                .number("earning", *earning)
                .text("activity", activity)
                .unless_zero("expired", expired.0)
                .maybe("expired_lot", expired_lot.map(|lot| lot.to_string()))
                .unless_zero("shortfall", shortfall.0)
                .unless_zero("status", status.0)
                .maybe("reason", reason.as_deref())
                .maybe("withheld", withheld.map(|points| points.0))
        }
        _ => Fields::default(),
    }
}

/// Whether the member may earn and spend.
fn standing_of(detail: &Detail) -> Fields {
    let of = |kind| Fields::of("kind", kind);
    match detail {
        Detail::Standing { state, reason, posted: facts } => of("standing")
            .text("state", state.name())
            .maybe("reason", reason.as_deref())
            .list("posted", objects(facts, posted)),
        Detail::Closed { because, released, expired, forgiven } => of("closed")
            .text("because", because)
            .unless_zero("released", released.0)
            .unless_zero("expired", expired.0)
            .unless_zero("forgiven", forgiven.0),
        _ => Fields::default(),
    }
}

fn posted(posted: &Posted) -> Fields {
    let Posted { entry, trace, status, activates_at, expires_at } = posted;
    Fields::default()
        .number("entry", *entry)
        .map("trace", trace, |points| points.0.into())
        .unless_zero("status", status.0)
        .maybe("activates_at", activates_at.map(|at| at.to_string()))
        .instant("expires_at", *expires_at)
}

fn grant_refusal(code: GrantRefusal) -> &'static str {
    match code {
        GrantRefusal::OutOfStock => "out_of_stock",
        GrantRefusal::UnknownReward => "unknown_reward",
        GrantRefusal::UnknownBenefit => "unknown_benefit",
        GrantRefusal::LimitReached => "limit_reached",
        GrantRefusal::TierTooLow => "tier_too_low",
        GrantRefusal::MemberNotActive => "member_not_active",
    }
}

fn reward_kind(kind: RewardKind) -> &'static str {
    match kind {
        RewardKind::Voucher => "voucher",
        RewardKind::Material => "material",
        RewardKind::Donation => "donation",
    }
}

fn initiator(initiator: Initiator) -> &'static str {
    match initiator {
        Initiator::Member => "member",
        Initiator::Merchant => "merchant",
    }
}

fn inputs(inputs: &Inputs) -> Fields {
    let Inputs {
        attributes,
        tier,
        suspended,
        net,
        returned,
        netted,
        bases,
        boosts,
        headroom,
        streaks,
        undecided,
        pieces,
        lines_net,
        parts,
        past,
    } = inputs;
    Fields::default()
        .map("attributes", attributes, scalar)
        .maybe("tier", tier.as_deref())
        .if_so("suspended", *suspended)
        .maybe("net", net.map(|net| net.0))
        .list("returned", objects(&returned.lines, returned_line))
        .unless_zero("returned_shipping", returned.shipping.0)
        .unless_zero("netted", netted.0)
        .map("bases", bases, |basis| basis.0.into())
        .list("boosts", objects(boosts, boost))
        .map("headroom", headroom, |left| (*left).into())
        .map("streaks", streaks, |step| streak_step(*step).done())
        .map("undecided", undecided, |lines| lines.clone().into())
        .map("pieces", pieces, |pieces| (*pieces).into())
        .map("lines_net", lines_net, |net| net.0.into())
        .list("parts", objects(parts, part))
        .maybe("past", past.as_deref().map(|past| past_order(*past).done()))
}

fn past_order(past: Past) -> Fields {
    let Past { net, earned, expires_at } = past;
    Fields::default()
        .number("net", net.0)
        .unless_zero("earned", earned.0)
        .maybe("expires_at", expires_at.map(|at| at.to_string()))
}

fn part(part: &Part) -> Fields {
    let Part { rules, shipping, net, tax, gross } = part;
    Fields::default()
        .list("rules", words(rules))
        .if_so("shipping", *shipping)
        .unless_zero("net", net.0)
        .unless_zero("tax", tax.0)
        .unless_zero("gross", gross.0)
}

fn returned_line(returned: &ReturnedLine) -> Fields {
    let ReturnedLine { line, quantity, amount } = *returned;
    Fields::default().number("line", line).number("quantity", quantity).number("amount_minor", amount.0)
}

fn scalar(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Boolean(value) => (*value).into(),
        Scalar::Integer(value) => (*value).into(),
        Scalar::Text(value) => value.as_str().into(),
    }
}

fn streak_step(step: StreakStep) -> Fields {
    let StreakStep { days, bonuses, repeated } = step;
    Fields::default().number("days", days).number("bonuses", bonuses).if_so("repeated", repeated)
}
