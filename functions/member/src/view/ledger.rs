//! What the ledger knows of a member.

use std::collections::{BTreeMap, BTreeSet};

use domain::kernel::quantity::Minor;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::outlook::outlook;
use domain::programme::activity::ORDER_PAID;
use lambda::Failure;
use lambda::wire::{self, BalanceReply, LotsReply, RewardsReply, SegmentReply, TierReply};
use serde_json::{Value, json};

use super::looking::{Shown, View};

pub(super) async fn balance(view: &View<'_>) -> Result<Shown, Failure> {
    let (account, programme) = (view.account().await?, view.programmes.at(view.now));
    Ok(Shown::whole(json!(BalanceReply::new(account, &view.member, programme, view.now))))
}

/// Those that can be spent, the first to expire first.
pub(super) async fn lots(view: &View<'_>) -> Result<Shown, Failure> {
    let lots = LotsReply::new(view.account().await?);
    Ok(Shown::list(lots.active.iter().map(|lot| json!(lot)).collect(), || view.address("lots")))
}

async fn standing(view: &View<'_>) -> Result<TierReply, Failure> {
    Ok(TierReply::new(&view.member, outlook(view.account().await?, view.setting())))
}

pub(super) async fn tier(view: &View<'_>) -> Result<Shown, Failure> {
    let mut tier = json!(standing(view).await?);
    if let Some(tier) = tier.as_object_mut() {
        tier.remove("benefits");
    }
    Ok(Shown::whole(tier))
}

pub(super) async fn benefits(view: &View<'_>) -> Result<Shown, Failure> {
    let benefits = standing(view).await?.benefits;
    Ok(Shown::list(benefits.iter().map(|benefit| json!(benefit)).collect(), || view.address("tier")))
}

/// The catalogue, and why this member cannot have what it cannot.
pub(super) async fn rewards(view: &View<'_>) -> Result<Shown, Failure> {
    let (account, stock) = (view.account().await?, view.app.store().stock_levels(view.programmes, view.now).await?);
    let reply = RewardsReply::new(account, &stock, view.programmes.at(view.now), view.now);
    Ok(Shown::list(reply.rewards.iter().map(|reward| json!(reward)).collect(), || view.address("rewards")))
}

/// The scores as they are today; none if nothing has happened yet, or the programme scores nobody.
pub(super) async fn segment(view: &View<'_>) -> Result<Shown, Failure> {
    let scored = view.app.store().scored(&view.member, view.setting()).await?;
    let programme = view.programmes.at(view.now);
    let reply = scored.and_then(|(account, scored)| {
        Some(SegmentReply::new(&view.member, scored?, account.score.as_ref(), programme))
    });
    Ok(Shown::whole(json!(reply)))
}

/// What was bought of late, with what came back of it.
pub(super) async fn orders(view: &View<'_>) -> Result<Shown, Failure> {
    let entries = view.entries().await?;
    let mut returned: BTreeMap<&str, Minor> = BTreeMap::new();
    for entry in entries {
        if let Detail::Refund { order, amount_minor, .. } = &entry.detail {
            *returned.entry(order).or_default() += *amount_minor;
        }
    }
    let order = |entry: &Entry| match &entry.detail {
        Detail::Earn { activity, order: Some(order), inputs, .. } if activity == ORDER_PAID => Some(json!({
            "order": order, "time": entry.occurred_at, "net_minor": inputs.net.unwrap_or_default(),
            "returned_minor": inputs.netted + returned.get(order.as_str()).copied().unwrap_or_default(),
            "points": entry.points(), "entry": wire::id(&view.member, entry),
        })),
        _ => None,
    };
    let orders: Vec<Value> = entries.iter().rev().filter_map(order).collect();
    Ok(Shown::list(orders, || view.address("entries")))
}

/// Vouchers that were had of late, and what has become of them; never their codes.
pub(super) async fn vouchers(view: &View<'_>) -> Result<Shown, Failure> {
    let entries = view.entries().await?;
    let (mut used, mut void) = (BTreeSet::new(), BTreeSet::new());
    for entry in entries {
        match entry.detail {
            Detail::VoucherUse { redemption, .. } => drop(used.insert(redemption)),
            Detail::Reverse { redemption, .. } => drop(void.insert(redemption)),
            _ => {}
        }
    }
    let state = |sequence: u64, until| match sequence {
        _ if used.contains(&sequence) => "used",
        _ if void.contains(&sequence) => "void",
        _ if until <= view.now => "expired",
        _ => "issued",
    };
    let voucher = |entry: &Entry| match &entry.detail {
        Detail::Redeem { reward, voucher_expires_at: Some(until), .. } => Some(json!({
            "redemption": wire::id(&view.member, entry), "reward": reward, "time": entry.occurred_at, "expires_at": until,
            "state": state(entry.sequence, *until),
        })),
        _ => None,
    };
    let vouchers: Vec<Value> = entries.iter().rev().filter_map(voucher).collect();
    Ok(Shown::list(vouchers, || view.address("vouchers")))
}
