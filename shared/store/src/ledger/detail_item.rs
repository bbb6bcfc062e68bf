//! What an entry records, by kind, as attributes.
//!
//! | kind | attributes |
//! |---|---|
//! | `earn` | `a` activity, but of a paid order, `r` order, `x` points by rule (only the rule's name if all came from it), `q` status |
//! | | inputs: `fz` of an order of another programme: net, earned, when that expires; `n` net, `g` tier, `fn` `fm` lines and shipping returned before, `fr` netted, `fa` attributes, `fb` bases, `fo` boosts, `fh` headroom, `fs` streaks, |
//! | | `fu` undecided lines, `fp` pieces, `fl` net of lines, `fq` parts, `fx` the member was suspended |
//! | | `pp` what it says of points that paid: reported, captured, net, held for |
//! | `refund` | `r` order, `am` amount, `as` asked, `expired`, `expired_lot`, `shortfall`, `q` status, `sm` shipping, |
//! | | `wh` withheld, `ln` lines: place, pieces, amount, one after the other |
//! | both | `mv` of an order that was moved: the other member's entry, why |
//! | `redeem` | `rw` reward, `rk` its kind, `qt` quantity, `voucher_expires_at`, `grace`, `cause` |
//! | `reverse` | `rd` redemption, `pt` points asked, `ib` initiated by, `lost` |
//! | `hold` | `r` order, `vm` value, `until` |
//! | `capture` | `hold`, `r` order, `vm` value, `until`, `grace` |
//! | `release` | `hold` |
//! | `adjust` | `reason`, `request` |
//! | `adjustment_request` | `pt` points asked, `reason` |
//! | `settle` | |
//! | `evaluate` | `tiers`, `score` |
//! | `benefit` | `benefit`, `g` tier, `cause` |
//! | `benefit_reversal` | `used`, `benefit` |
//! | `voucher_use` | `rd` redemption, `rw` reward |
//! | `grant_refused` | `rw` reward or `benefit`, `code`, `cause` |
//! | `activity_reversal` | `earning`, `a` activity, `expired`, `expired_lot`, `shortfall`, `q` status, `reason`, `wh` withheld |
//! | `standing` | `st` state, `reason`, `po` what is posted: `e` entry, `x` points by rule, `q` status, `p` activates, `l` expires |
//! | `closed` | `because`, `released`, `expired`, `forgiven` |
//! | `opening`, `opening_withdrawn`, `transfer_out`, `transfer_in` | see `brought_item.rs` |
//! | `floor` | `g` tier, `until`, `reason`, `change` |
//!
//! What is empty is absent. Instants are text here.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::quantity::{Minor, Points};
use domain::ledger::brought::Past;
use domain::ledger::entry::{Detail, Initiator, Inputs};
use domain::ledger::granted::{GrantRefusal, Granted};
use domain::ledger::lines::Returned;
use domain::ledger::order_row::MovedOrder;
use domain::programme::activity::ORDER_PAID;
use domain::programme::condition::Scalar;
use domain::programme::reward::RewardKind;

use crate::attribute::{Item, as_instant, as_list, as_map, as_number, as_text, instant, number, text};
use crate::error::{Damage, damaged};
use crate::ledger::brought_item::{STATES, decode_brought, encode_brought};
use crate::ledger::fields::{Fields, Read};
use crate::ledger::flat::{Flat, list};
use crate::ledger::record_item::{
    decode_boost, decode_part, decode_places, decode_points_paid, decode_posted, decode_returned_line,
    decode_score_change, decode_streak_step, decode_tier_change, encode_boost, encode_part, encode_points_paid,
    encode_posted, encode_returned_line, encode_score_change, encode_streak_step, encode_tier_change,
};

const REWARD_KINDS: [(RewardKind, &str); 3] =
    [(RewardKind::Voucher, "voucher"), (RewardKind::Material, "material"), (RewardKind::Donation, "donation")];

const INITIATORS: [(Initiator, &str); 2] = [(Initiator::Member, "member"), (Initiator::Merchant, "merchant")];

const GRANT_REFUSALS: [(GrantRefusal, &str); 6] = [
    (GrantRefusal::OutOfStock, "out_of_stock"),
    (GrantRefusal::UnknownReward, "unknown_reward"),
    (GrantRefusal::UnknownBenefit, "unknown_benefit"),
    (GrantRefusal::LimitReached, "limit_reached"),
    (GrantRefusal::TierTooLow, "tier_too_low"),
    (GrantRefusal::MemberNotActive, "member_not_active"),
];

/// An entry's kind, and what it records. `moved` is what its movements add up to.
pub(crate) fn encode_detail(detail: &Detail, moved: Points) -> (&'static str, Fields) {
    let fields = Fields::default();
    match detail {
        Detail::Earn { activity, order, inputs, trace, status, points_paid, moved: another } => {
            let usual = order.is_some() && activity == ORDER_PAID;
            let fields = encode_inputs(inputs).maybe("a", (!usual).then(|| text(activity)));
            let fields = fields.maybe("r", order.as_ref().map(text)).maybe("x", encode_trace(trace, moved));
            let paid = points_paid.as_ref().map(encode_points_paid).unwrap_or_default();
            let fields = fields.points_unless_zero("q", *status).list("pp", paid);
            ("earn", fields.maybe("mv", another.as_deref().map(encode_moved)))
        }
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
        } => {
            let fields = fields.text("r", order).number("am", amount_minor).maybe("as", asked_minor.map(number));
            let fields = fields.points_unless_zero("expired", *expired);
            let fields = fields.maybe_instant("expired_lot", *expired_lot);
            let fields = fields.points_unless_zero("shortfall", *shortfall).points_unless_zero("q", *status);
            let lines = returned.lines.iter().flat_map(encode_returned_line).collect();
            let fields = fields.maybe("wh", withheld.map(number));
            let fields = fields.maybe("mv", moved.as_deref().map(encode_moved));
            ("refund", fields.minor_unless_zero("sm", returned.shipping).list("ln", lines))
        }
        Detail::Redeem { reward, reward_kind, quantity, voucher_expires_at, grace, cause } => {
            let fields = fields.text("rw", reward).word("rk", &REWARD_KINDS, *reward_kind).number("qt", quantity);
            let fields = fields.maybe_instant("voucher_expires_at", *voucher_expires_at).instants("grace", grace);
            ("redeem", fields.maybe("cause", cause.as_ref().map(text)))
        }
        Detail::Reverse { redemption, points, initiated_by, lost } => {
            let fields = fields.number("rd", redemption).number("pt", points);
            ("reverse", fields.word("ib", &INITIATORS, *initiated_by).points_unless_zero("lost", *lost))
        }
        Detail::Hold { order, value_minor, until } => {
            ("hold", fields.text("r", order).number("vm", value_minor).instant("until", *until))
        }
        Detail::Capture { hold, order, value_minor, until, grace } => {
            let fields = fields.number("hold", hold).text("r", order).number("vm", value_minor);
            ("capture", fields.instant("until", *until).instants("grace", grace))
        }
        Detail::Release { hold } => ("release", fields.number("hold", hold)),
        Detail::Adjust { reason, request } => {
            ("adjust", fields.text("reason", reason).maybe("request", request.map(number)))
        }
        Detail::AdjustmentRequest { points, reason } => {
            ("adjustment_request", fields.number("pt", points).text("reason", reason))
        }
        Detail::Settle => ("settle", fields),
        Detail::Evaluate { tiers, score } => {
            let fields = fields.list("tiers", tiers.iter().map(encode_tier_change).collect());
            ("evaluate", fields.maybe("score", score.as_ref().map(encode_score_change)))
        }
        Detail::Benefit { .. } | Detail::BenefitReversal { .. } | Detail::VoucherUse { .. } => encode_use(detail),
        Detail::GrantRefused { .. } | Detail::ActivityReversal { .. } => encode_fact(detail),
        Detail::Standing { .. } | Detail::Closed { .. } => encode_membership(detail),
        Detail::Opening { .. } | Detail::OpeningWithdrawn { .. } => encode_brought(detail),
        Detail::TransferOut { .. } | Detail::TransferIn { .. } => encode_brought(detail),
        Detail::Floor { tier, until, reason, change } => {
            let fields = fields.text("g", tier).instant("until", *until).text("reason", reason);
            ("floor", fields.maybe("change", change.as_ref().map(encode_tier_change)))
        }
    }
}

/// Whether the member may earn and spend.
fn encode_membership(detail: &Detail) -> (&'static str, Fields) {
    let fields = Fields::default();
    match detail {
        Detail::Standing { state, reason, posted } => {
            let fields = fields.word("st", &STATES, *state).maybe("reason", reason.as_ref().map(text));
            ("standing", fields.list("po", posted.iter().map(encode_posted).collect()))
        }
        Detail::Closed { because, released, expired, forgiven } => {
            let fields = fields.text("because", because).points_unless_zero("released", *released);
            ("closed", fields.points_unless_zero("expired", *expired).points_unless_zero("forgiven", *forgiven))
        }
        _ => ("", fields),
    }
}

/// The use of what was had before.
fn encode_use(detail: &Detail) -> (&'static str, Fields) {
    let fields = Fields::default();
    match detail {
        Detail::Benefit { benefit, tier, cause } => {
            let fields = fields.text("benefit", benefit).text("g", tier);
            ("benefit", fields.maybe("cause", cause.as_ref().map(text)))
        }
        Detail::BenefitReversal { used, benefit } => {
            ("benefit_reversal", fields.number("used", used).text("benefit", benefit))
        }
        Detail::VoucherUse { redemption, reward } => {
            ("voucher_use", fields.number("rd", redemption).text("rw", reward))
        }
        _ => ("", fields),
    }
}

/// What came of the fact of another context.
fn encode_fact(detail: &Detail) -> (&'static str, Fields) {
    let fields = Fields::default();
    match detail {
        Detail::GrantRefused { what, code, cause } => {
            let fields = match what {
                Granted::Reward(reward) => fields.text("rw", reward),
                Granted::Benefit(benefit) => fields.text("benefit", benefit),
            };
            ("grant_refused", fields.word("code", &GRANT_REFUSALS, *code).text("cause", cause))
        }
        Detail::ActivityReversal { earning, activity, expired, expired_lot, shortfall, status, reason, withheld } => {
            let fields = fields.number("earning", earning).text("a", activity).points_unless_zero("expired", *expired);
            let fields = fields.maybe_instant("expired_lot", *expired_lot).points_unless_zero("shortfall", *shortfall);
            let fields = fields.points_unless_zero("q", *status).maybe("reason", reason.as_ref().map(text));
            ("activity_reversal", fields.maybe("wh", withheld.map(number)))
        }
        _ => ("", fields),
    }
}

/// The points of the only rule are what the entry moved, as a rule: its name says it all.
fn encode_trace(trace: &BTreeMap<String, Points>, moved: Points) -> Option<AttributeValue> {
    match trace.first_key_value() {
        None => None,
        Some((rule, points)) if trace.len() == 1 && *points == moved => Some(text(rule)),
        Some(_) => Some(AttributeValue::M(trace.iter().map(|(rule, points)| (rule.clone(), number(points))).collect())),
    }
}

fn encode_inputs(inputs: &Inputs) -> Fields {
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
        .map("fa", attributes, encode_scalar)
        .maybe("g", tier.as_ref().map(text))
        .maybe("n", net.map(number))
        .list("fn", returned.lines.iter().flat_map(encode_returned_line).collect())
        .minor_unless_zero("fm", returned.shipping)
        .minor_unless_zero("fr", *netted)
        .map("fb", bases, number)
        .list("fo", boosts.iter().map(encode_boost).collect())
        .map("fh", headroom, number)
        .map("fs", streaks, encode_streak_step)
        .map("fu", undecided, |lines| list(lines.iter().map(number).collect()))
        .map("fp", pieces, number)
        .map("fl", lines_net, number)
        .list("fq", parts.iter().map(encode_part).collect())
        .if_so("fx", *suspended)
        .maybe("fz", past.as_deref().copied().map(encode_past))
}

fn encode_past(Past { net, earned, expires_at }: Past) -> AttributeValue {
    let dates = expires_at.map(instant);
    AttributeValue::L([number(net.0), number(earned.0)].into_iter().chain(dates).collect())
}

fn decode_past(value: &AttributeValue) -> Result<Past, Damage> {
    let [net, earned, dates @ ..] = as_list(Some(value), "fz")? else { return Err(damaged("fz")) };
    let (net, earned) = (Minor(as_number(Some(net), "fz")?), Points(as_number(Some(earned), "fz")?));
    let expires_at = dates.first().map(|at| as_instant(Some(at), "fz")).transpose()?;
    Ok(Past { net, earned, expires_at })
}

fn encode_moved(moved: &MovedOrder) -> AttributeValue {
    AttributeValue::L(vec![text(moved.other.to_string()), text(&moved.reason)])
}

fn decode_moved(item: &Item) -> Result<Option<Box<MovedOrder>>, Damage> {
    let Some(value) = item.get("mv") else { return Ok(None) };
    let [other, reason] = as_list(Some(value), "mv")? else { return Err(damaged("mv")) };
    let other = as_text(Some(other), "mv")?.parse().map_err(|_not_an_id| damaged("mv"))?;
    Ok(Some(Box::new(MovedOrder { other, reason: as_text(Some(reason), "mv")?.to_owned() })))
}

pub(super) fn encode_scalar(scalar: &Scalar) -> AttributeValue {
    match scalar {
        Scalar::Boolean(value) => AttributeValue::Bool(*value),
        Scalar::Integer(value) => number(value),
        Scalar::Text(value) => text(value),
    }
}

/// What an entry of a kind records. `moved` is what its movements add up to.
pub(crate) fn decode_detail(item: &Item, kind: &str, moved: Points) -> Result<Detail, Damage> {
    let read = Read(item);
    Ok(match kind {
        "earn" => Detail::Earn {
            activity: read.maybe_text("a")?.unwrap_or_else(|| ORDER_PAID.to_owned()),
            order: read.maybe_text("r")?,
            inputs: decode_inputs(&read)?,
            trace: decode_trace(item.get("x"), moved)?,
            status: read.points_or_zero("q")?,
            points_paid: Flat::new(item.get("pp"), "pp")?.all(decode_points_paid)?.pop(),
            moved: decode_moved(item)?,
        },
        "refund" => Detail::Refund {
            order: read.text("r")?,
            amount_minor: Minor(read.number("am")?),
            asked_minor: read.maybe_number("as")?.map(Minor),
            expired: read.points_or_zero("expired")?,
            expired_lot: read.maybe_instant("expired_lot")?,
            shortfall: read.points_or_zero("shortfall")?,
            status: read.points_or_zero("q")?,
            returned: Returned {
                lines: Flat::new(item.get("ln"), "ln")?.all(decode_returned_line)?,
                shipping: read.minor_or_zero("sm")?,
            },
            withheld: read.maybe_number("wh")?.map(Points),
            moved: decode_moved(item)?,
        },
        "redeem" | "reverse" | "hold" | "capture" | "release" => decode_spending(&read, kind)?,
        "adjust" => Detail::Adjust { reason: read.text("reason")?, request: read.maybe_number("request")? },
        "adjustment_request" => Detail::AdjustmentRequest { points: read.points("pt")?, reason: read.text("reason")? },
        "settle" => Detail::Settle,
        "evaluate" => Detail::Evaluate {
            tiers: read.list("tiers", decode_tier_change)?,
            score: read.maybe("score", decode_score_change)?,
        },
        "benefit" => {
            Detail::Benefit { benefit: read.text("benefit")?, tier: read.text("g")?, cause: read.maybe_text("cause")? }
        }
        "benefit_reversal" => Detail::BenefitReversal { used: read.number("used")?, benefit: read.text("benefit")? },
        "voucher_use" => Detail::VoucherUse { redemption: read.number("rd")?, reward: read.text("rw")? },
        "grant_refused" => Detail::GrantRefused {
            what: match read.maybe_text("rw")? {
                Some(reward) => Granted::Reward(reward),
                None => Granted::Benefit(read.text("benefit")?),
            },
            code: read.word("code", &GRANT_REFUSALS)?,
            cause: read.text("cause")?,
        },
        "activity_reversal" => Detail::ActivityReversal {
            earning: read.number("earning")?,
            activity: read.text("a")?,
            expired: read.points_or_zero("expired")?,
            expired_lot: read.maybe_instant("expired_lot")?,
            shortfall: read.points_or_zero("shortfall")?,
            status: read.points_or_zero("q")?,
            reason: read.maybe_text("reason")?,
            withheld: read.maybe_number("wh")?.map(Points),
        },
        "standing" | "closed" => decode_membership(&read, kind)?,
        "opening" | "opening_withdrawn" | "transfer_out" | "transfer_in" => decode_brought(&read, kind)?,
        "floor" => Detail::Floor {
            tier: read.text("g")?,
            until: read.instant("until")?,
            reason: read.text("reason")?,
            change: read.maybe("change", decode_tier_change)?,
        },
        _ => return Err(damaged("k")),
    })
}

/// Whether the member may earn and spend.
fn decode_membership(read: &Read<'_>, kind: &str) -> Result<Detail, Damage> {
    Ok(match kind {
        "standing" => Detail::Standing {
            state: read.word("st", &STATES)?,
            reason: read.maybe_text("reason")?,
            posted: read.list("po", decode_posted)?,
        },
        _ => Detail::Closed {
            because: read.text("because")?,
            released: read.points_or_zero("released")?,
            expired: read.points_or_zero("expired")?,
            forgiven: read.points_or_zero("forgiven")?,
        },
    })
}

/// What became of points that were spent or held.
fn decode_spending(read: &Read<'_>, kind: &str) -> Result<Detail, Damage> {
    Ok(match kind {
        "redeem" => Detail::Redeem {
            reward: read.text("rw")?,
            reward_kind: read.word("rk", &REWARD_KINDS)?,
            quantity: read.number("qt")?,
            voucher_expires_at: read.maybe_instant("voucher_expires_at")?,
            grace: read.instants("grace")?,
            cause: read.maybe_text("cause")?,
        },
        "reverse" => Detail::Reverse {
            redemption: read.number("rd")?,
            points: read.points("pt")?,
            initiated_by: read.word("ib", &INITIATORS)?,
            lost: read.points_or_zero("lost")?,
        },
        "hold" => Detail::Hold {
            order: read.text("r")?,
            value_minor: Minor(read.number("vm")?),
            until: read.instant("until")?,
        },
        "capture" => Detail::Capture {
            hold: read.number("hold")?,
            order: read.text("r")?,
            value_minor: Minor(read.number("vm")?),
            until: read.instant("until")?,
            grace: read.instants("grace")?,
        },
        _ => Detail::Release { hold: read.number("hold")? },
    })
}

fn decode_trace(value: Option<&AttributeValue>, moved: Points) -> Result<BTreeMap<String, Points>, Damage> {
    if let Some(AttributeValue::S(rule)) = value {
        return Ok([(rule.clone(), moved)].into());
    }
    as_map(value, "x")?
        .into_iter()
        .map(|(rule, points)| Ok((rule.clone(), Points(as_number(Some(points), "x")?))))
        .collect()
}

fn decode_inputs(read: &Read<'_>) -> Result<Inputs, Damage> {
    Ok(Inputs {
        attributes: read.map("fa", decode_scalar)?,
        tier: read.maybe_text("g")?,
        suspended: read.if_so("fx")?,
        net: read.maybe_number("n")?.map(Minor),
        returned: Returned {
            lines: Flat::new(read.0.get("fn"), "fn")?.all(decode_returned_line)?,
            shipping: read.minor_or_zero("fm")?,
        },
        netted: read.minor_or_zero("fr")?,
        bases: read.map("fb", |basis| as_number(Some(basis), "fb").map(Minor))?,
        boosts: read.list("fo", decode_boost)?,
        headroom: read.map("fh", |left| as_number(Some(left), "fh"))?,
        streaks: read.map("fs", decode_streak_step)?,
        undecided: read.map("fu", decode_places)?,
        pieces: read.map("fp", |pieces| as_number(Some(pieces), "fp"))?,
        lines_net: read.map("fl", |net| as_number(Some(net), "fl").map(Minor))?,
        parts: read.list("fq", decode_part)?,
        past: read.0.get("fz").map(decode_past).transpose()?.map(Box::new),
    })
}

pub(super) fn decode_scalar(value: &AttributeValue) -> Result<Scalar, Damage> {
    Ok(match value {
        AttributeValue::Bool(value) => Scalar::Boolean(*value),
        AttributeValue::S(value) => Scalar::Text(value.clone()),
        AttributeValue::N(_) => Scalar::Integer(as_number(Some(value), "fa")?),
        _ => return Err(damaged("fa")),
    })
}
