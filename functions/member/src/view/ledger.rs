//! What the ledger knows of a member.

use std::collections::{BTreeMap, BTreeSet};

use domain::kernel::id::EntryId;
use domain::kernel::quantity::Minor;
use domain::ledger::account::Account;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::outlook::outlook;
use domain::programme::activity::ORDER_PAID;
use lambda::Failure;
use lambda::wire::{BalanceReply, LotsReply, SegmentReply, TierReply};
use serde_json::{Value, json};

use super::looking::{Shown, View};

/// Among so many of the newest entries orders and vouchers are looked for.
const ENTRIES: usize = 100;

/// The account as it stands; an empty one if nothing has happened yet.
async fn account(view: &View<'_>) -> Result<Account, Failure> {
    let account = view.app.store().account_at(&view.member, view.now, view.setting()).await?;
    Ok(account.unwrap_or_else(|| Account::new(view.member.clone())))
}

pub(super) async fn balance(view: &View<'_>) -> Result<Shown, Failure> {
    let (account, programme) = (account(view).await?, view.programmes.at(view.now));
    Ok(Shown::whole(json!(BalanceReply::new(&account, &view.member, programme, view.now))))
}

/// Those that can be spent, the first to expire first.
pub(super) async fn lots(view: &View<'_>) -> Result<Shown, Failure> {
    let lots = LotsReply::new(&account(view).await?);
    Ok(Shown::list(lots.active.iter().map(|lot| json!(lot)).collect(), || view.address("lots")))
}

async fn standing(view: &View<'_>) -> Result<TierReply, Failure> {
    Ok(TierReply::new(&view.member, outlook(&account(view).await?, view.setting())))
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

/// The scores as they are today; none if nothing has happened yet, or the programme scores nobody.
pub(super) async fn segment(view: &View<'_>) -> Result<Shown, Failure> {
    let scored = view.app.store().scored(&view.member, view.setting()).await?;
    let programme = view.programmes.at(view.now);
    let reply = scored.and_then(|(account, scored)| {
        Some(SegmentReply::new(&view.member, scored?, account.score.as_ref(), programme))
    });
    Ok(Shown::whole(json!(reply)))
}

/// The newest entries, oldest first.
async fn entries(view: &View<'_>) -> Result<Vec<Entry>, Failure> {
    let mut entries = view.app.store().entries(&view.member, None, ENTRIES).await?.entries;
    entries.reverse();
    Ok(entries)
}

fn id(view: &View<'_>, entry: &Entry) -> String {
    EntryId { member: view.member.clone(), sequence: entry.sequence }.to_string()
}

/// What was bought of late, with what came back of it.
pub(super) async fn orders(view: &View<'_>) -> Result<Shown, Failure> {
    let entries = entries(view).await?;
    let mut returned: BTreeMap<&str, Minor> = BTreeMap::new();
    for entry in &entries {
        if let Detail::Refund { order, amount_minor, .. } = &entry.detail {
            *returned.entry(order).or_default() += *amount_minor;
        }
    }
    let order = |entry: &Entry| match &entry.detail {
        Detail::Earn { activity, order: Some(order), inputs, .. } if activity == ORDER_PAID => Some(json!({
            "order": order, "time": entry.occurred_at, "net_minor": inputs.net.unwrap_or_default(),
            "returned_minor": inputs.netted + returned.get(order.as_str()).copied().unwrap_or_default(),
            "points": entry.points(), "entry": id(view, entry),
        })),
        _ => None,
    };
    let orders: Vec<Value> = entries.iter().rev().filter_map(order).collect();
    Ok(Shown::list(orders, || view.address("entries")))
}

/// Vouchers that were had of late, and what has become of them; never their codes.
pub(super) async fn vouchers(view: &View<'_>) -> Result<Shown, Failure> {
    let entries = entries(view).await?;
    let (mut used, mut void) = (BTreeSet::new(), BTreeSet::new());
    for entry in &entries {
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
            "redemption": id(view, entry), "reward": reward, "time": entry.occurred_at, "expires_at": until,
            "state": state(entry.sequence, *until),
        })),
        _ => None,
    };
    let vouchers: Vec<Value> = entries.iter().rev().filter_map(voucher).collect();
    Ok(Shown::list(vouchers, || view.address("vouchers")))
}
